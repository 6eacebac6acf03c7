"""The police have it already: noted as the fact it is where it may not be handed over any more, and seen to.

Consent ended, or a second person was late, before somebody noted what had happened; or it should never have gone. The
note is marked by what held at the moment of the handing-over, a manager sees it by references alone, and it is open
until somebody has asked the unit and told the family.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import joinedload

from hotline import clock
from hotline.errors import Refused, WrongState
from hotline.extensions import db
from hotline.models.identification import Identification
from hotline.models.staff import Staff
from hotline.rules import identifications as rules
from hotline.services import audit, case_files, clocks, consents, identifications
from hotline.services.identifications import FORM, HANDED_OVER, HANDED_TO, SETTLED, TOLD_POLICE
from hotline.vocabulary import Duty, HandedBy, IdentificationStatus, Role

SEEN_TO = "noted who was told of it"
MOST = 100


def note(made: Identification, means: str, to: str, at: datetime | None, *, version: int, by: Staff) -> None:
    """Note that a draft, or one that was withdrawn, is with its unit already: how, to whom, when.

    It is marked where it may not go now, or might not go then. Nothing that keeps it here keeps a fact away. Raises
    Refused with what is wrong with the form, WrongState, and Overtaken where it was changed since `version`.
    """
    if made.status is not IdentificationStatus.WITHDRAWN:
        identifications.require_draft(made, version)
    kept, of_whom = rules.judge_text("handed_to", to, rules.MOST_LINE)
    of_how = rules.hand_over_faults(means, at, has_key=True, now=clock.now(), since=made.drafted_at)
    faults = sorted([*of_how, *of_whom], key=lambda fault: FORM.index(fault[0]))
    if at is None:  # what has happened has its moment
        faults = [fault for fault in faults if fault[0] != "at"] + [("at", "missing")]
    if faults or at is None:
        raise Refused(*faults)
    now, then = consents.standing(made.case, made.unit), consents.stood(made.case, made.unit, at)
    although = rules.although(now=now, then=then, to_suspect=identifications.is_suspect_of(made.case, kept))
    rests_on = None if then.by_consent or then.without is None else then.without.id
    identifications.move(
        made,
        IdentificationStatus.HANDED_OVER,
        override_id=rests_on,
        handed_by=HandedBy(means),
        handed_to=case_files.seal(HANDED_TO, kept),
        handed_over_by_id=by.id,
        handed_over_at=at,
        although=although,
    )
    mark = {"although": str(although)} if although else {}
    audit.record(by, HANDED_OVER, identifications.subject(made), means=means, noted_late=True, **mark)
    audit.record(by, TOLD_POLICE, case_files.subject(made.case), identification=made.ref, **mark)
    clocks.start(made, Duty.IDENTIFY, at=at)


def settle(made: Identification, words: str, *, by: Staff) -> None:
    """Note whom somebody told that the police have it, and what they said. Raises Refused (`settled`), WrongState."""
    if not is_open(made):
        raise WrongState(f"nobody has to be told of {made.ref}")
    kept, wrong = rules.judge_text("settled", words, rules.MOST_WORDS)
    if wrong:
        raise Refused(*wrong)
    made.settled, made.settled_at = case_files.seal(SETTLED, kept), clock.now()
    db.session.flush()
    audit.record(by, SEEN_TO, identifications.subject(made))
    audit.record(by, SEEN_TO, case_files.subject(made.case), identification=made.ref)


def is_open(made: Identification) -> bool:
    """Whether it stands out that the police have it, and nobody has noted yet who was told."""
    return made.although is not None and made.settled_at is None


def list_open(*, by: Staff) -> Sequence[Identification]:
    """Return what nobody has seen to yet, noted first first: to managers all, to victim support of cases they open."""
    query = select(Identification).join(Identification.case).where(*_open(by)).order_by(Identification.id).limit(MOST)
    whom = (joinedload(Identification.case), joinedload(Identification.unit), joinedload(Identification.handed_over_by))
    return db.session.scalars(query.options(*whom)).all()


def count_open(*, by: Staff) -> int:
    """Return how many `list_open` has, without its limit."""
    query = select(func.count()).select_from(Identification).join(Identification.case).where(*_open(by))
    return db.session.scalar(query) or 0


def _open(by: Staff) -> tuple[ColumnElement[bool], ...]:
    if not by.has(Role.MANAGER):
        case_files.require(by)
    seen = true() if by.has(Role.MANAGER) else case_files.may_open(by, clock.now())
    return Identification.although.is_not(None), Identification.settled_at.is_(None), seen
