"""Opening what is sealed of victim cases, and who may: the one door to a child's file. Every read is on record.

Only the desk holds the key. A case is its officer's, and whoever's it was shared with or who opened it for a reason;
for everybody else it is not there. Other services ask here and nowhere else.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_, select

from hotline import clock, vault
from hotline.errors import NotFound, WrongState
from hotline.extensions import db
from hotline.models.staff import Staff
from hotline.models.victim_case import CaseAccess, CasePerson, VictimCase
from hotline.rules import victim_files
from hotline.rules.victim_files import CaseFile, Person
from hotline.services import audit
from hotline.vault import Lock
from hotline.vocabulary import CaseStatus, Role

FILE, PERSON = "case.file", "case.person"


def require(by: Staff) -> None:
    """Raise NotFound for everybody who is not victim support: to them not even that there are cases is told."""
    if not by.has(Role.VICTIM_SUPPORT):
        raise NotFound("no such case")


def get(ref: str, *, by: Staff) -> VictimCase:
    """Return the case `ref` that `by` may open. Raises NotFound, also for a case of somebody else."""
    require(by)
    found = db.session.scalar(select(VictimCase).where(VictimCase.ref == ref, may_open(by, clock.now())))
    if found is None or found.status is CaseStatus.ERASED:
        raise NotFound(f"no case {ref}")
    return found


def get_open(ref: str, *, by: Staff) -> VictimCase:
    """Return a case of theirs that is worked on. Raises NotFound as `get`, WrongState for one that has ended."""
    found = get(ref, by=by)
    require_open(found)
    return found


def require_open(one: VictimCase) -> None:
    """Raise WrongState for a case that has ended: nothing is done in it any more."""
    if one.status is not CaseStatus.OPEN:
        raise WrongState(f"case {one.ref} has ended")


def may_open(by: Staff, at: datetime) -> ColumnElement[bool]:
    """Return the condition that a case may be opened by `by` at a moment."""
    given = exists().where(
        CaseAccess.case_id == VictimCase.id,
        CaseAccess.staff_id == by.id,
        or_(CaseAccess.until_at.is_(None), CaseAccess.until_at > at),
    )
    return or_(VictimCase.officer_id == by.id, given)


def read(one: VictimCase, *, by: Staff) -> CaseFile:
    """Open the file of a case that `get` returned; the read goes into the audit trail first.

    Raises KeyMissing or Unreadable where it does not open, NotFound where it was erased.
    """
    audit.record_read(by, "read", subject(one))
    return opened(one)


def opened(one: VictimCase) -> CaseFile:
    """Open a file without a word to the audit trail: for a deed that is itself on record. Raises as `read`."""
    if one.file is None:
        raise NotFound(f"the file of {one.ref} was erased")
    return victim_files.read_file(unseal(FILE, one.file))


def people(one: VictimCase) -> list[tuple[CasePerson, Person]]:
    """Open the people of a case, in the order they were added. Whoever calls has the read of the case on record."""
    found = db.session.scalars(select(CasePerson).where(CasePerson.case_id == one.id).order_by(CasePerson.id))
    return [(row, victim_files.read_person(unseal(PERSON, row.body))) for row in found]


def seal(purpose: str, text: str) -> bytes:
    """Seal words of a case so that victim support alone opens them."""
    return vault.keyring().seal(purpose, text, lock=Lock.CARE)


def unseal(purpose: str, sealed: bytes) -> str:
    """Open what `seal` sealed for the same purpose. Raises KeyMissing or Unreadable."""
    return vault.keyring().open(purpose, sealed, lock=Lock.CARE)


def subject(one: VictimCase) -> str:
    """Return the name of a case in the audit trail."""
    return f"case {one.ref}"
