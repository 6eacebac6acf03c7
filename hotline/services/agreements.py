"""Agreements with stakeholders, such as memoranda of understanding: with whom, until when, renewed or ended."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction
from hotline.errors import Forbidden, NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models.audit import AuditEntry
from hotline.models.clock import Clock
from hotline.models.staff import Staff
from hotline.models.stakeholder import Agreement, AgreementParty, Organisation
from hotline.rules import stakeholders as rules
from hotline.rules.stakeholders import AgreementEntry
from hotline.services import audit, consultations, duties, holds, references, stakeholders
from hotline.services.duties import Thing
from hotline.vocabulary import AgreementState, Duty, Subject

READERS, KEEPERS = duties.READERS, duties.KEEPERS
MOST = 200
REVIEWED = "reviewed an agreement"


def get(ref: str, *, by: Staff) -> Agreement:
    """Return the agreement `ref`. Raises NotFound, also for people who may not see any."""
    found = db.session.scalar(select(Agreement).where(Agreement.ref == ref.strip().upper()))
    if found is None or not by.has(*READERS):
        raise NotFound(f"no agreement {ref}")
    return found


def list_all(*, by: Staff, most: int = MOST) -> list[Agreement]:
    """Return agreements: those in force first, each part by when it expires, those without an end last."""
    if not by.has(*READERS):
        raise NotFound("no agreements")
    in_force = Agreement.state == AgreementState.IN_FORCE
    order = (in_force.desc(), Agreement.expires_on.is_(None), Agreement.expires_on, Agreement.id)
    return list(db.session.scalars(select(Agreement).order_by(*order).limit(most).options(joinedload(Agreement.owner))))


def with_organisation(organisation: Organisation, *, by: Staff) -> list[Agreement]:
    """Return the agreements an organisation is party to, newest first."""
    if not by.has(*READERS):
        return []
    query = select(Agreement).join(AgreementParty).where(AgreementParty.organisation_id == organisation.id)
    return list(db.session.scalars(query.order_by(Agreement.id.desc())))


def follower(agreement: Agreement) -> Agreement | None:
    """Return the agreement that renewed this one, if any did."""
    return db.session.scalar(select(Agreement).where(Agreement.follows_id == agreement.id))


def earlier(agreement: Agreement) -> Agreement | None:
    """Return the agreement that this one renewed, if any."""
    return db.session.get(Agreement, agreement.follows_id) if agreement.follows_id else None


def clocks_of(those: Sequence[Agreement]) -> dict[int, Clock]:
    """Return the clock that runs for each of some agreements, by its id; none for those without an end."""
    return duties.running(Subject.AGREEMENT, [one.id for one in those])


def reviews_of(agreement: Agreement) -> list[AuditEntry]:
    """Return when somebody read an agreement again and found that it fits, newest first."""
    return audit.newest(subject(agreement), most=MOST, only=(REVIEWED,))


def enter(entry: AgreementEntry, *, owner: str, by: Staff, follows: Agreement | None = None) -> Agreement:
    """Add an agreement. Its clock runs out as its last day is over. `owner` is the number of who answers for it.

    Raises Refused for organisations that are not there and for an owner who keeps no duty.
    """
    _require(by)
    parties = stakeholders.chosen(entry.parties, "parties")
    answers = next((one for one in consultations.leads() if one.number == owner.strip()), None)
    if answers is None:
        raise Refused(("owner", "required"))
    added = Agreement(
        ref=references.draw(Agreement.ref, "AG"),
        title=entry.title,
        paper=entry.paper,
        signed_on=entry.signed_on,
        expires_on=entry.expires_on,
        review_on=entry.review_on,
        state=AgreementState.IN_FORCE,
        follows_id=follows.id if follows else None,
        owner_id=answers.id,
        made_at=clock.now(),
        made_by_id=by.id,
    )
    added.party_rows = [AgreementParty(organisation_id=one.id) for one in parties]
    db.session.add(added)
    db.session.flush()
    if entry.expires_on is not None:
        due = holds.end_of(entry.expires_on)
        duties.begin(_thing(added), Duty.RENEW_AGREEMENT, owner_id=answers.id, due=due)
    audit.record(by, "added an agreement", subject(added), parties=len(parties))
    return added


def renew(agreement: Agreement, entry: AgreementEntry, *, owner: str, by: Staff) -> Agreement:
    """Let another agreement follow one in force; the earlier stays on record. That is in time, or late."""
    _require(by)
    _require_in_force(agreement)
    duties.met(_thing(agreement), Duty.RENEW_AGREEMENT)
    agreement.state, agreement.ended_on = AgreementState.RENEWED, jurisdiction.today()
    db.session.flush()
    added = enter(entry, owner=owner, by=by, follows=agreement)
    audit.record(by, "renewed an agreement", subject(agreement), by_which=added.ref)
    return added


def end(agreement: Agreement, why: str, *, by: Staff) -> None:
    """End an agreement today without another one, with a reason."""
    _require(by)
    _require_in_force(agreement)
    why = rules.one_line(why)
    if fault := rules.fault_in(why, rules.LONGEST_LINE, required=True):
        raise Refused(("why", fault))
    agreement.state, agreement.ended_on, agreement.ended_why = AgreementState.ENDED, jurisdiction.today(), why
    duties.void(_thing(agreement))
    db.session.flush()
    audit.record(by, "ended an agreement", subject(agreement))


def review(agreement: Agreement, next_on: date | None, *, by: Staff) -> None:
    """Note that somebody read an agreement again today and it still fits, and when it is read next (None: never)."""
    _require(by)
    _require_in_force(agreement)
    if next_on is not None and next_on <= jurisdiction.today():
        raise Refused(("review_on", "past"))
    agreement.review_on = next_on
    db.session.flush()
    audit.record(by, REVIEWED, subject(agreement))


def hand(agreement: Agreement, owner: str, *, by: Staff) -> None:
    """Let somebody else answer for an agreement. Raises Refused for who keeps no duty."""
    _require(by)
    _require_in_force(agreement)
    answers = next((one for one in consultations.leads() if one.number == owner.strip()), None)
    if answers is None:
        raise Refused(("owner", "required"))
    agreement.owner_id = answers.id
    duties.hand(_thing(agreement), answers.id)
    db.session.flush()
    audit.record(by, "handed an agreement over", subject(agreement), to=answers.number)


def subject(agreement: Agreement) -> str:
    """Return the name of an agreement in the audit trail."""
    return f"agreement {agreement.ref}"


def _thing(agreement: Agreement) -> Thing:
    return Thing(Subject.AGREEMENT, agreement.id)


def _require_in_force(agreement: Agreement) -> None:
    if agreement.state is not AgreementState.IN_FORCE:
        raise WrongState(f"{agreement.ref} is over")


def _require(by: Staff) -> None:
    if not by.has(*KEEPERS):
        raise Forbidden("agreements are kept by others")
