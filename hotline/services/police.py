"""Police reports: drafted behind the gate, approved by a second person, handed over, followed until they are closed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import joinedload, selectinload

from hotline import clock, jurisdiction, vault
from hotline.errors import Forbidden, GateClosed, KeyMissing, NotFound, Overtaken, Refused, Unreadable, WrongState
from hotline.extensions import db
from hotline.gateways import encryption
from hotline.gateways.encryption import CannotEncrypt
from hotline.models.assessment import Verdict
from hotline.models.clock import Clock
from hotline.models.hold import Hold
from hotline.models.item import Item
from hotline.models.police_report import PoliceReport, PoliceReportItem
from hotline.models.recipient import Recipient, RecipientKey
from hotline.models.staff import Staff
from hotline.rules import confidential, gate, police
from hotline.rules.police import Package
from hotline.rules.standing import UNDECIDED
from hotline.services import (
    assessments,
    audit,
    clocks,
    figures,
    holds,
    items,
    police_first,
    police_packages,
    references,
    secrecy,
    telling,
)
from hotline.vocabulary import (
    Channel,
    Duty,
    Figure,
    HandedBy,
    ItemOutcome,
    KeyKind,
    PoliceStatus,
    RecipientKind,
    Role,
    Subject,
    WayOut,
)

HANDED_TO, CASE_NUMBER, FEEDBACK = "police.handed_to", "police.case_number", "police.feedback"
KIND = "police report"  # in the audit trail
DRAFTED, HANDED_OVER = "drafted a police report", "handed to the police"
Write = Callable[[PoliceReport, Package], Mapping[str, str]]  # the report in words, by the name of the file
OPEN_STATUSES = (PoliceStatus.DRAFT, PoliceStatus.APPROVED)
GOT_IT = (PoliceStatus.HANDED_OVER, PoliceStatus.ACKNOWLEDGED, PoliceStatus.CLOSED)
PUT_AWAY = (PoliceStatus.CLOSED, PoliceStatus.WITHDRAWN)
MOST_COUNTED = 100


class Shown(StrEnum):
    """Which police reports a list shows."""

    DRAFTS = "drafts"  # also those that are approved and not handed over
    WAITING = "waiting"  # handed over, and not acknowledged
    LATE = "late"  # likewise, and the limit has run out
    GOING_ON = "going_on"  # acknowledged
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ReportPage:
    """Some police reports, and the cursor of the next page (empty at the end)."""

    rows: list[PoliceReport]
    next: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many drafts a person may approve, and how many answers of the police are late; up to `MOST_COUNTED`."""

    to_approve: int
    late: int


@dataclass(frozen=True, slots=True)
class Card:
    """What an item's page says of the police: the hold that stands, and the reports that list it."""

    hold: Hold | None
    is_proposed: bool
    may_place: bool
    may_report: bool
    reports: list[PoliceReport]


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a report since it was handed over, opened."""

    handed_to: str
    case_number: str
    feedback: str


def card(item: Item) -> Card:
    """Return what an item's page says of the police; nothing while people look, or it would tell what was found."""
    if item.status in UNDECIDED:
        return Card(None, is_proposed=False, may_place=False, may_report=False, reports=[])
    return Card(
        holds.standing(item),
        is_proposed=holds.is_proposed(item),
        may_place=holds.may_place(item),
        may_report=may_report(item),
        reports=of_item(item),
    )


def may_report(item: Item) -> bool:
    """Whether what two people agreed on lets `item` go to the police; also while it is held, never once withdrawn."""
    verdict = assessments.verdict_of(item)
    return verdict is not None and _opens(verdict, item) and item.outcome is not ItemOutcome.WITHDRAWN


def draft(text: str, unit: Recipient | None, *, added: str, named: str, by: Staff) -> PoliceReport:
    """Draft a report about the items whose references stand in `text`, to a unit of the police.

    Raises Refused with all that is wrong, also where nothing lets one of the items go to the police (`items`, `gate`).
    """
    added, named = added.strip(), named.strip()
    refs = police.refs_in(text)
    wrong = list(police.draft_faults(refs, added=added, named=named))
    if unit is None or not _is_unit(unit):
        wrong.append(("unit", "required"))
    if wrong or unit is None:
        raise Refused(*wrong)
    listed = [_with_verdict(ref, by=by) for ref in refs]
    ref = references.draw(PoliceReport.ref, "P")
    package = police_packages.gather(ref, listed, unit, unit.language, added=added, named=named, by=by)
    report = PoliceReport(
        ref=ref,
        unit=unit,
        language=unit.language,
        status=PoliceStatus.DRAFT,
        package=police_packages.seal(package),
        drafted_by=by,
        drafted_at=clock.now(),
    )
    db.session.add(report)
    db.session.flush()
    for item, verdict in listed:
        db.session.add(_line(report, item, verdict))
        audit.record(by, DRAFTED, f"item {item.ref}", police=ref)
    db.session.flush()
    secrecy.count(WayOut.POLICE, police_packages.leaks_in(package))
    audit.record(by, "drafted", subject(report), items=len(listed))
    return report


def change(report: PoliceReport, *, added: str, named: str, by: Staff) -> None:
    """Write a draft anew, with other words of a person and with what is known of its items now. Another approves it."""
    added, named = added.strip(), named.strip()
    if report.status is not PoliceStatus.DRAFT:
        raise WrongState(f"{report.ref} is not a draft")
    refs = tuple(line.item.ref for line in report.lines)
    if wrong := police.draft_faults(refs, added=added, named=named):
        raise Refused(*wrong)
    listed = [_with_verdict(ref, by=by) for ref in refs]
    db.session.execute(delete(PoliceReportItem).where(PoliceReportItem.report_id == report.id))
    db.session.expire(report, ["lines"])
    for item, verdict in listed:
        db.session.add(_line(report, item, verdict))
    package = police_packages.gather(report.ref, listed, report.unit, report.language, added=added, named=named, by=by)
    report.package, report.drafted_by, report.drafted_at = police_packages.seal(package), by, clock.now()
    db.session.flush()
    secrecy.count(WayOut.POLICE, police_packages.leaks_in(package))
    audit.record(by, "changed", subject(report))


def get(ref: str, *, by: Staff) -> PoliceReport:
    """Return the police report `ref`. Raises NotFound, also for people who may not see them."""
    found = db.session.scalar(select(PoliceReport).where(PoliceReport.ref == ref))
    if found is None or not by.has(*items.CASE_ROLES):
        raise NotFound(f"no police report {ref}")
    return found


def is_closed(report: PoliceReport) -> bool:
    """Whether nobody reads a report: people look anew at an item of it, to correct it."""
    return gate.is_closed(assessments.correction_of(line.item) for line in report.lines)


def read(report: PoliceReport, *, by: Staff) -> Package | None:
    """Open a report's package for a person; the read goes into the audit trail. None where no key here opens it."""
    audit.record_read(by, "read", subject(report))
    return _package(report)


def printed(report: PoliceReport, *, by: Staff) -> Package:
    """Open a report that was approved, to be printed with its exact addresses; that is on record.

    Raises WrongState for what was not approved, GateClosed for what may not go any more.
    """
    package = _to_hand_over(report)
    audit.record_read(by, "printed", subject(report))
    return package


def download(report: PoliceReport, write: Write, *, by: Staff) -> bytes:
    """Return a report that was approved as a ZIP file; that is on record. `write` says it in words for officers.

    Raises as `printed`.
    """
    package = _to_hand_over(report)
    file = police.archive(package, write(report, package))
    audit.record(by, "downloaded", subject(report))
    return file


def encrypted(report: PoliceReport, write: Write, *, by: Staff) -> str:
    """Return the same file encrypted to its unit's own key, armored; that is on record. Raises as `printed`.

    Raises Refused (`download`, code) where the unit has no key, or none that takes anything.
    """
    package, key = _to_hand_over(report), key_of(report.unit)
    file = police.archive(package, write(report, package))
    if key is None:
        raise Refused(("download", "no_key"))
    try:
        armored = encryption.encrypt(KeyKind.OPENPGP, key.material, file)
    except CannotEncrypt as fault:
        raise Refused(("download", "bad_key")) from fault
    audit.record(by, "downloaded encrypted", subject(report), key=key.fingerprint)
    return armored


def list_page(shown: Shown, *, by: Staff, after: str = "", limit: int = 50) -> ReportPage:
    """Return police reports, the newest first; those that wait, the longest first. `after` is the page before's."""
    if not by.has(*items.CASE_ROLES):
        return ReportPage([], "")
    oldest_first = shown in {Shown.DRAFTS, Shown.WAITING, Shown.LATE}
    query = select(PoliceReport).where(*_which(shown))
    if after:
        place = _position(after)
        query = query.where(PoliceReport.id > place if oldest_first else PoliceReport.id < place)
    query = query.order_by(PoliceReport.id if oldest_first else PoliceReport.id.desc()).limit(limit + 1)
    lines = selectinload(PoliceReport.lines).joinedload(PoliceReportItem.item)
    found = list(db.session.scalars(query.options(joinedload(PoliceReport.unit), lines)))
    return ReportPage(found[:limit], str(found[limit - 1].id) if len(found) > limit else "")


def count(shown: Shown, *, by: Staff, to_approve: bool = False) -> int:
    """Return how many reports a list shows, up to `MOST_COUNTED`; with `to_approve` drafts that `by` may approve."""
    if not by.has(*items.CASE_ROLES):
        return 0
    which = _which(shown)
    if to_approve:
        which = (PoliceReport.status == PoliceStatus.DRAFT, PoliceReport.drafted_by_id != by.id)
    some = select(PoliceReport.id).where(*which).limit(MOST_COUNTED).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def waiting(*, by: Staff) -> Waiting:
    """Return what of the police waits for this person today."""
    to_approve = count(Shown.DRAFTS, by=by, to_approve=True) if by.has(Role.REVIEWER) else 0
    return Waiting(to_approve=to_approve, late=count(Shown.LATE, by=by))


def of_item(item: Item) -> list[PoliceReport]:
    """Return the reports that list `item`, the oldest first; withdrawn ones left out."""
    query = select(PoliceReport).join(PoliceReportItem).where(PoliceReportItem.item_id == item.id)
    return list(
        db.session.scalars(query.where(PoliceReport.status != PoliceStatus.WITHDRAWN).order_by(PoliceReport.id))
    )


def hindrance(report: PoliceReport) -> str | None:
    """Return the code of what keeps a report from being approved or handed over; None: nothing does."""
    package = _package(report)
    if package is None:
        return "letter"
    since = report.approved_at
    found = {
        "unit": not _is_unit(report.unit),
        "superseded": not report.lines or any(not _stands(line) for line in report.lines),
        "danger": any(line.item.in_danger is not line.in_danger for line in report.lines),
        "withdrawn": _lists_withdrawn(report),
        "names_us": since is not None and bool(police_packages.leaks_since(since, package)),
    }
    return next((code for code, applies in found.items() if applies), None)


def approve(report: PoliceReport, *, seen: str, by: Staff) -> None:
    """Let a draft be handed over. A reviewer who did not write it does, having read what stands there now (`seen`).

    Raises Refused (`approve`, code) for what keeps it here, and Overtaken where it was changed since it was read.
    """
    if not by.has(Role.REVIEWER):
        raise Forbidden("a reviewer approves a police report")
    if report.status is not PoliceStatus.DRAFT:
        raise WrongState(f"{report.ref} is not a draft")
    if report.drafted_by_id == by.id:
        raise Refused(("approve", "second_person"))
    if seen != version(report):
        raise Overtaken(f"{report.ref} was changed since it was read")
    if code := hindrance(report):
        raise Refused(("approve", code))
    package = _package(report)
    if package is not None and police_packages.leaks_in(package):
        secrecy.let_go(WayOut.POLICE)
    _move(report, PoliceStatus.APPROVED, approved_by_id=by.id, approved_at=clock.now())
    audit.record(by, "approved", subject(report))


def withdraw(report: PoliceReport, *, by: Staff) -> None:
    """Take back a report that was not handed over."""
    _move(report, PoliceStatus.WITHDRAWN)
    audit.record(by, "withdrew", subject(report))


def hand_over(
    report: PoliceReport, means: str, handed_to: str, at: datetime | None, *, though: bool = False, by: Staff
) -> None:
    """Note that a report is with its unit: how, to whom, when. From then on the unit's answer is waited for.

    What happened can be noted also once what it rests on has changed; whoever does says so by `though`.
    Raises Refused with all that is wrong, WrongState where it was not approved, or is handed over already.
    """
    handed_to = handed_to.strip()
    if report.status is not PoliceStatus.APPROVED:
        raise WrongState(f"{report.ref} is not approved, or was handed over")
    wrong = list(police.hand_over_faults(handed_to, at, now=clock.now(), approved_at=report.approved_at))
    if means not in set(HandedBy):
        wrong.append(("handed_by", "required"))
    elif means == HandedBy.ENCRYPTED_MAIL and not has_key(report.unit):
        wrong.append(("handed_by", "no_key"))
    code = hindrance(report)
    if code and not though:
        wrong += [("hand-over", code), ("though", "fallen")]
    if wrong or at is None:
        raise Refused(*wrong)
    _move(
        report,
        PoliceStatus.HANDED_OVER,
        handed_by=HandedBy(means),
        handed_to=vault.keyring().seal(HANDED_TO, handed_to),
        handed_over_by_id=by.id,
        handed_over_at=at,
        noted_late=code is not None,
    )
    audit.record(by, "handed over", subject(report), means=means)
    if code:
        audit.record(by, "noted late", subject(report), code=code)
    for line in report.lines:
        audit.record(by, HANDED_OVER, f"item {line.item.ref}", police=report.ref)
    figures.count(Figure.NOTICES, Channel.POLICE)
    telling.act_on([line.item_id for line in report.lines])
    for line in report.lines:
        db.session.refresh(line.item)
        police_first.go_on_to_host(line.item)
    clocks.start(report, Duty.POLICE_ANSWER, at=at)


def acknowledge(report: PoliceReport, case_number: str, *, by: Staff) -> None:
    """Note that the unit says it has a report, with its case number where it gave one."""
    case_number = case_number.strip()
    if len(case_number) > police.MOST_CASE:
        raise Refused(("case_number", "too_long"))
    _move(
        report,
        PoliceStatus.ACKNOWLEDGED,
        acknowledged_at=clock.now(),
        case_number=vault.keyring().seal(CASE_NUMBER, case_number),
    )
    clocks.met(report, Duty.POLICE_ANSWER)
    audit.record(by, "acknowledged", subject(report))


def note_feedback(
    report: PoliceReport, *, identified: int | None, safeguarded: int | None, note: str, by: Staff
) -> None:
    """Note what the unit says became of the children. What was noted before is written over, and stays on record."""
    note = note.strip()
    if wrong := police.feedback_faults(identified, safeguarded, note):
        raise Refused(*wrong)
    if report.status not in {PoliceStatus.HANDED_OVER, PoliceStatus.ACKNOWLEDGED, PoliceStatus.CLOSED}:
        raise WrongState(f"{report.ref} was not handed over")
    report.victims_identified, report.victims_safeguarded = identified, safeguarded
    report.feedback = vault.keyring().seal(FEEDBACK, note)
    report.feedback_on = jurisdiction.today()
    audit.record(by, "noted feedback", subject(report), identified=identified or 0, safeguarded=safeguarded or 0)


def close(report: PoliceReport, *, by: Staff) -> None:
    """Put a report away, since nothing is waited for any more."""
    _move(report, PoliceStatus.CLOSED, closed_at=clock.now())
    clocks.void(report)
    audit.record(by, "closed", subject(report))


def told(report: PoliceReport) -> Told:
    """Open what is known since a report was handed over; what does not open is empty."""
    return Told(
        handed_to=items.opened_or_empty(HANDED_TO, report.handed_to) if report.handed_to else "",
        case_number=items.opened_or_empty(CASE_NUMBER, report.case_number) if report.case_number else "",
        feedback=items.opened_or_empty(FEEDBACK, report.feedback) if report.feedback else "",
    )


def was_told_wrong(report: PoliceReport) -> bool:
    """Whether a unit has a report on what was found wrong since: a person tells it, since nothing else does."""
    return report.status in GOT_IT and _lists_withdrawn(report)


def has_key(unit: Recipient) -> bool:
    """Whether something can be encrypted to a unit now."""
    return key_of(unit) is not None


def answer_due(report: PoliceReport) -> Clock | None:
    """Return the clock of the unit's answer while it runs."""
    return next((one for one in clocks.of(report) if one.ended_at is None), None)


def version(report: PoliceReport) -> str:
    """Return what tells one state of a draft from the next."""
    return report.drafted_at.isoformat()


def subject(report: PoliceReport) -> str:
    """Return what a report is called in the audit trail."""
    return f"{KIND} {report.ref}"


def _with_verdict(ref: str, *, by: Staff) -> tuple[Item, Verdict]:
    """Return an item with the verdict that lets it go to the police. Raises Refused (`items`, code)."""
    item = items.find(ref, by=by)
    if item is None:
        raise Refused(("items", "unknown"))
    verdict = assessments.verdict_of(item)
    if verdict is None or not _opens(verdict, item) or item.outcome is ItemOutcome.WITHDRAWN:
        raise Refused(("items", "gate"))
    return item, verdict


def _opens(verdict: Verdict, item: Item) -> bool:
    return Channel.POLICE in gate.channels(verdict.inhope_class, verdict.law, in_danger=item.in_danger)


def _line(report: PoliceReport, item: Item, verdict: Verdict) -> PoliceReportItem:
    return PoliceReportItem(
        report_id=report.id,
        item_id=item.id,
        verdict_id=verdict.id,
        inhope_class=verdict.inhope_class,
        law=verdict.law,
        in_danger=item.in_danger,
    )


def _lists_withdrawn(report: PoliceReport) -> bool:
    return any(line.item.outcome is ItemOutcome.WITHDRAWN for line in report.lines)


def _stands(line: PoliceReportItem) -> bool:
    verdict = assessments.verdict_of(line.item)
    return verdict is not None and verdict.id == line.verdict_id and _opens(verdict, line.item)


def _is_unit(recipient: Recipient) -> bool:
    return recipient.active and recipient.proposed_at is None and recipient.kind is RecipientKind.POLICE


def key_of(unit: Recipient) -> RecipientKey | None:
    """Return the newest OpenPGP key of a unit that may still be encrypted to."""
    now = clock.now()
    return next(
        (
            one
            for one in unit.keys[::-1]
            if one.kind is KeyKind.OPENPGP
            and confidential.is_usable(expires_at=one.expires_at, withdrawn_at=one.withdrawn_at, now=now)
        ),
        None,
    )


def _package(report: PoliceReport) -> Package | None:
    try:
        return police_packages.unseal(report.package)
    except (KeyMissing, Unreadable):
        return None


def _to_hand_over(report: PoliceReport) -> Package:
    """Open a report that may be handed over, or was. Raises WrongState or GateClosed."""
    package = _package(report)
    if report.status in {PoliceStatus.DRAFT, PoliceStatus.WITHDRAWN} or package is None:
        raise WrongState(f"{report.ref} is not to be handed over")
    if is_closed(report) or (report.status is PoliceStatus.APPROVED and hindrance(report)):
        raise GateClosed(f"what {report.ref} rests on no longer stands")
    return package


def _move(report: PoliceReport, to: PoliceStatus, **values: object) -> None:
    """Move a report on, if nobody was faster. Raises WrongState where it may not go there from where it is."""
    before = [one for one in PoliceStatus if to in police.MOVES[one]]
    still = update(PoliceReport).where(PoliceReport.id == report.id, PoliceReport.status.in_(before))
    done: CursorResult[Any] = db.session.execute(still.values(status=to, **values))  # type: ignore[assignment]
    if done.rowcount == 0:
        raise WrongState(f"{report.ref} is not as it was shown")
    db.session.refresh(report)


def _which(shown: Shown) -> Sequence[Any]:
    if shown is Shown.DRAFTS:
        return (PoliceReport.status.in_(OPEN_STATUSES),)
    if shown is Shown.CLOSED:
        return (PoliceReport.status.in_(PUT_AWAY),)
    if shown is Shown.GOING_ON:
        return (PoliceReport.status == PoliceStatus.ACKNOWLEDGED,)
    waiting = PoliceReport.status == PoliceStatus.HANDED_OVER
    if shown is Shown.WAITING:
        return (waiting,)
    over = select(Clock.subject_id).where(
        Clock.ended_at.is_(None), Clock.paused_at.is_(None), Clock.due_at < clock.now()
    )
    return (waiting, PoliceReport.id.in_(over.where(Clock.subject == Subject.POLICE_REPORT)))


def _position(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 19):
        raise Refused(("after", "unknown"))
    return int(cursor)
