"""Reports that somebody of the team writes down: from the telephone, a letter, a visit, a partner, the police."""

import json
import secrets
from dataclasses import astuple, dataclass

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.orm import aliased

from hotline import clock, vault
from hotline.errors import KeyMissing, NotFound, Unreadable
from hotline.extensions import db
from hotline.models.item import Item, Mention
from hotline.models.report import Origin, Report
from hotline.models.staff import Staff
from hotline.services import audit, intake
from hotline.services.submissions import Submission
from hotline.vault import Blind
from hotline.vocabulary import ReportSource

SOURCES = (
    ReportSource.TELEPHONE,
    ReportSource.EMAIL,
    ReportSource.IN_PERSON,
    ReportSource.PARTNER,
    ReportSource.POLICE,
)
REFERENCE = "report.reference"
LONGEST_REFERENCE = 200  # characters


@dataclass(frozen=True, slots=True)
class Named:
    """An address of a report and the item it belongs to. `address` is None where it does not open."""

    item_ref: str
    address: str | None
    is_new: bool
    """Whether this report was the first to name it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of each line of a report."""

    named: tuple[Named, ...]
    leftovers: tuple[str, ...]
    reference: str


def enter(source: ReportSource, said: Submission, reference: str, *, nonce: str, by: Staff) -> Report:
    """File what somebody was told. The same form sent twice is one report.

    The receipt's tag is drawn at random, so that no code finds the report: the caller has none.
    """
    inbox_id = _id_of(source, said, reference, nonce, by)
    known = intake.find_filed(inbox_id)
    if known is not None:
        return known
    origin = Origin(source=source, taken_by_id=by.id)
    if reference:
        origin.reference = vault.keyring().seal(REFERENCE, reference)
    report = intake.file_report(
        said,
        inbox_id=inbox_id,
        receipt_tag=secrets.token_bytes(32),
        received_at=clock.this_hour(),
        origin=origin,
    )
    audit.record(by, "report entered", f"report {report.ref}", source=source)
    return report


def get(ref: str) -> Report:
    """Return a report that did not come through the public form. Raises NotFound."""
    report = db.session.scalar(select(Report).join(Origin).where(Report.ref == ref))
    if report is None:
        raise NotFound("no such report")
    return report


def read(report: Report, *, by: Staff) -> Outcome:
    """Open what became of a report's lines. The read is recorded."""
    other = aliased(Mention)
    first = select(func.min(other.id)).where(other.item_id == Item.id).correlate(Item).scalar_subquery()
    rows = db.session.execute(
        select(Item.ref, Item.address, Mention.id == first)
        .join(Mention, Mention.item_id == Item.id)
        .where(Mention.report_id == report.id)
        .order_by(Mention.id)
    ).all()
    named = tuple(Named(ref, _opened("item.address", address), bool(is_new)) for ref, address, is_new in rows)
    rest = _opened("report.leftovers", report.leftovers) if report.leftovers else ""
    reference = report.origin.reference if report.origin else None
    told = _opened(REFERENCE, reference) if reference else ""
    audit.record_read(by, "report read", f"report {report.ref}")
    return Outcome(named, tuple((rest or "").split("\n")) if rest else (), told or "")


def list_recent(limit: int = 20) -> list[Report]:
    """Return the newest reports that somebody of the team wrote down."""
    ids = db.session.scalars(union_all(*(_newest(source, limit) for source in SOURCES)))
    newest = select(Report).where(Report.id.in_(ids.all())).order_by(Report.id.desc())
    return list(db.session.scalars(newest.limit(limit)))


def _newest(source: ReportSource, limit: int) -> Select[tuple[int]]:
    """Return the newest of one source: source by source an index hands them out in order, however many there are."""
    of_source = select(Origin.report_id).where(Origin.source == source, Origin.taken_by_id.is_not(None))
    return select(of_source.order_by(Origin.report_id.desc()).limit(limit).subquery().c.report_id)


def _id_of(source: ReportSource, said: Submission, reference: str, nonce: str, by: Staff) -> bytes:
    """Return what tells that this form was filed. By key: a form without a nonce could be guessed at otherwise."""
    facts = json.dumps([by.number, nonce, source, reference, *astuple(said)])
    return vault.keyring().blind(Blind.ADDRESS, f"report entered:{facts}")


def _opened(purpose: str, blob: bytes) -> str | None:
    try:
        return vault.keyring().open(purpose, blob)
    except (KeyMissing, Unreadable):
        return None
