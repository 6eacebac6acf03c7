"""Labels of the INHOPE Universal Classification Schema. There are none until the hotline loads its table."""

from dataclasses import dataclass

from sqlalchemy import func, insert, select

from hotline.errors import Refused
from hotline.extensions import db
from hotline.models.criteria import UcsLabel
from hotline.models.staff import Staff
from hotline.rules import labels
from hotline.services import audit
from hotline.vocabulary import LabelSection

PARTING = "|"  # between version, section and code of a ticked label; none of the three may hold it


@dataclass(frozen=True, slots=True)
class LabelSet:
    """The labels that can be ticked: those of the version that was loaded last, by section; its version, or nothing."""

    version: str
    sections: dict[LabelSection, list[UcsLabel]]

    @property
    def count(self) -> int:
        """How many labels there are."""
        return sum(len(found) for found in self.sections.values())


def current() -> LabelSet:
    """Return the labels that can be ticked now."""
    last = db.session.scalar(select(UcsLabel.version).order_by(UcsLabel.id.desc()).limit(1))
    found = db.session.scalars(select(UcsLabel).where(UcsLabel.version == last).order_by(UcsLabel.id)).all()
    sections = {one: [label for label in found if label.section == one] for one in LabelSection}
    return LabelSet(last or "", {one: inside for one, inside in sections.items() if inside})


def mark(label: UcsLabel) -> str:
    """Return what a finding keeps of a label."""
    return PARTING.join((label.version, label.section, label.code))


def load(text: str, *, by: Staff | None) -> int:
    """Load a table of labels; return how many. What was loaded before stays for the findings that name it.

    Raises Refused (`labels`, code) where any line is wrong, or its version is loaded already.
    """
    rows = labels.read(text)
    versions = {row.version for row in rows}
    known = select(func.count()).select_from(UcsLabel).where(UcsLabel.version.in_(versions))
    if db.session.scalar(known):
        raise Refused(("labels", "loaded_already"))
    db.session.execute(insert(UcsLabel), [row._asdict() for row in rows])
    audit.record(by, "loaded labels", "criteria", count=len(rows))
    return len(rows)


def require_known(marks: tuple[str, ...]) -> None:
    """Raise Refused for a label that is in no table here."""
    if not marks:
        return
    asked = [tuple(one.split(PARTING)) for one in marks]
    if any(len(parts) != 3 for parts in asked):
        raise Refused(("labels", "unknown"))
    versions = {version for version, _section, _code in asked}
    rows = db.session.execute(
        select(UcsLabel.version, UcsLabel.section, UcsLabel.code).where(UcsLabel.version.in_(versions))
    )
    if not set(asked) <= {(version, section, code) for version, section, code in rows}:
        raise Refused(("labels", "unknown"))
