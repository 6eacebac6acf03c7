"""The second factor of a person: offered, confirmed, renewed, turned off, taken away, and required of everybody.

What a person does for themselves begins with their password, and with a code where they have a factor already. It
stands in short transactions of its own, since hashing takes a while, and ends every session of the person: the view
renews the one in use.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from hotline import clock
from hotline.errors import Refused, WrongState
from hotline.extensions import db
from hotline.models.second_factor import FactorRule, SecondFactor
from hotline.models.staff import Staff
from hotline.rules import second_factor as rules
from hotline.rules.second_factor import Proof
from hotline.services import audit, factor_codes, sessions, staff
from hotline.transactions import apart, desk_engine

OFFER_LIVES = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a phone takes to make codes: typed (`secret`, in groups), or scanned as a picture of `address`."""

    secret: str
    address: str


@dataclass(frozen=True, slots=True)
class State:
    """How a person's factor stands: since when it is on, how many recovery codes still open, what is offered now."""

    since: datetime | None
    codes_left: int
    offer: Offer | None


def of(person: Staff) -> State:
    """Return how a person's factor stands. Opens what is offered: for the person's own eyes."""
    found = _find(person)
    secret = factor_codes.opened(found.offered) if found and found.offered and _is_fresh(found) else ""
    offer = Offer(rules.in_groups(secret), rules.address(secret, number=person.number)) if secret else None
    return State(found.confirmed_at if found else None, factor_codes.count_left(db.session(), person), offer)


def since(person: Staff) -> datetime | None:
    """Return since when a person's factor is on; None where it is not."""
    return db.session.scalar(select(SecondFactor.confirmed_at).where(SecondFactor.staff_id == person.id))


def holders() -> set[int]:
    """Return the ids of everybody whose factor is on."""
    return set(db.session.scalars(select(SecondFactor.staff_id).where(SecondFactor.secret.is_not(None))))


def rule() -> FactorRule | None:
    """Return what an admin said last of whether everybody needs a factor; None where nobody ever did."""
    return db.session.scalar(select(FactorRule).order_by(FactorRule.id.desc()).limit(1))


def is_required() -> bool:
    """Whether everybody needs a factor."""
    return bool(db.session.scalar(select(FactorRule.is_required).order_by(FactorRule.id.desc()).limit(1)))


def is_wanting(person: Staff) -> bool:
    """Whether a person needs a factor and has none: nothing else opens to them."""
    return is_required() and not staff.has_factor(person)


def offer(person: Staff, password: str, proof: Proof) -> None:
    """Offer a person a new secret, for half an hour. One that is on stays on until a code confirms the new one."""
    _prove(person, password, proof)
    sealed = factor_codes.sealed(rules.draw_secret())
    with apart(desk_engine()) as session:
        found = session.get(SecondFactor, person.id)
        if found is None:
            found = SecondFactor(staff_id=person.id, last_step=0, salt=b"", misses=0)
            session.add(found)
        found.offered, found.offered_at = sealed, clock.now()
        audit.record_within(session, person, "was offered a second factor", f"staff {person.number}")


def confirm(person: Staff, code: str) -> tuple[str, ...]:
    """Turn on what was offered, by a code of the phone. Returns the recovery codes: nobody can read them again.

    Raises Refused(code, unlike) for a code that the offered secret does not make, (password, over) after half an hour.
    """
    found = _find(person)
    offered = found.offered if found and _is_fresh(found) else None
    if offered is None:
        raise Refused(("password", "over"))
    step = factor_codes.step_of(offered, code, after=0)
    if step is None:
        raise Refused(("code", "unlike"))
    codes = rules.draw_codes()
    salt, hashes = factor_codes.hashed_anew(codes)
    fresh = {"secret": offered, "confirmed_at": clock.now(), "last_step": step, "salt": salt}
    empty = {"offered": None, "offered_at": None, "misses": 0, "taken_away_at": None}
    with apart(desk_engine()) as session:
        still = update(SecondFactor).where(SecondFactor.staff_id == person.id, SecondFactor.offered == offered)
        done: CursorResult[Any] = session.execute(still.values(**fresh, **empty))  # type: ignore[assignment]
        if done.rowcount == 0:
            raise Refused(("password", "over"))
        factor_codes.put(session, person, hashes)
        _end(session, person, "turned on a second factor")
    return codes


def drop_offer(person: Staff) -> None:
    """Forget what was offered and not confirmed."""
    own = update(SecondFactor).where(SecondFactor.staff_id == person.id)
    db.session.execute(own.values(offered=None, offered_at=None))


def renew_codes(person: Staff, password: str, proof: Proof) -> tuple[str, ...]:
    """Return new recovery codes; those from before open nothing any more."""
    _prove(person, password, proof)
    codes = rules.draw_codes()
    salt, hashes = factor_codes.hashed_anew(codes)
    with apart(desk_engine()) as session:
        session.execute(update(SecondFactor).where(SecondFactor.staff_id == person.id).values(salt=salt))
        factor_codes.put(session, person, hashes)
        _end(session, person, "made new recovery codes")
    return codes


def turn_off(person: Staff, password: str, proof: Proof) -> None:
    """Let a person sign in with their password alone again. Raises Refused(deed, needed) where everybody needs one."""
    if is_required():
        raise Refused(("deed", "needed"))
    _prove(person, password, proof)
    with apart(desk_engine()) as session:
        _forget(session, person)
        _end(session, person, "turned off a second factor")


def take_away(person: Staff, *, by: Staff | None) -> None:
    """Take away a factor whose phone is lost: the person's sessions end, and they are told when they come in.

    Raises Refused(factor, yourself): one's own takes a code, or somebody else.
    """
    if not staff.has_factor(person):
        raise WrongState(f"{person.number} has no second factor")
    if by is not None and by.id == person.id:
        raise Refused(("factor", "yourself"))
    _forget(db.session(), person, taken_away_at=clock.now())
    staff.end_sessions(person)
    audit.record(by, "took away a second factor", f"staff {person.number}")


def require(wanted: bool, *, by: Staff) -> None:
    """Say whether everybody needs a factor. Raises Refused(factor, own_first) for an admin who has none."""
    if wanted and not staff.has_factor(by):
        raise Refused(("factor", "own_first"))
    if wanted is is_required():
        return
    db.session.add(FactorRule(is_required=wanted, set_by_id=by.id, set_at=clock.now()))
    audit.record(by, "required second factors", "second factors", on=wanted)


def _prove(person: Staff, password: str, proof: Proof) -> None:
    """Ask for the password, and for a code where there is a factor."""
    has_one = staff.has_factor(person)
    empty = {"password": not password, proof.field: has_one and proof.is_empty}
    if any(empty.values()):
        raise Refused(*((field, "required") for field, is_empty in empty.items() if is_empty))
    staff.prove(person, password)
    if has_one:
        factor_codes.take(person, proof)


def _forget(session: Session, person: Staff, *, taken_away_at: datetime | None = None) -> None:
    none = {"secret": None, "confirmed_at": None, "offered": None, "offered_at": None, "misses": 0}
    own = update(SecondFactor).where(SecondFactor.staff_id == person.id)
    session.execute(own.values(**none, taken_away_at=taken_away_at))
    factor_codes.drop(session, person)


def _end(session: Session, person: Staff, deed: str) -> None:
    sessions.end_of(session, person.id)
    audit.record_within(session, person, deed, f"staff {person.number}")


def _find(person: Staff) -> SecondFactor | None:
    return db.session.scalar(select(SecondFactor).where(SecondFactor.staff_id == person.id))


def _is_fresh(found: SecondFactor) -> bool:
    return found.offered_at is not None and clock.now() - found.offered_at <= OFFER_LIVES
