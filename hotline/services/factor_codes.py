"""Codes of the second factor: each opens once, and wrong ones are counted together with wrong passwords."""

import secrets
from typing import Any

from argon2 import PasswordHasher
from argon2.low_level import Type
from sqlalchemy import CursorResult, Update, delete, func, insert, select, update
from sqlalchemy.orm import Session

from hotline import clock, vault
from hotline.errors import Refused
from hotline.extensions import db
from hotline.models.second_factor import RecoveryCode, SecondFactor
from hotline.models.staff import Staff
from hotline.rules import second_factor as rules
from hotline.rules.second_factor import Proof
from hotline.services import staff
from hotline.transactions import apart, desk_engine
from hotline.vault import Lock

PURPOSE = "staff.factor"
SALT_BYTES = 16
# Printed codes are found by the whole of what this makes of them: with any other cost, length or kind none of them
# opens any more. So it is no passwords' hasher (`staff.HASHER`), whose cost may grow, and nothing is left to a default.
HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, hash_len=32, salt_len=SALT_BYTES, type=Type.ID)


def take(person: Staff, proof: Proof, *, at_door: bool = False) -> None:
    """Take a code of a person, so that nobody can use it again. Raises Refused: (its field, required | wrong | wait).

    Who is told to wait is so in the transaction that counts: many tries at once are no more tries.
    """
    field = proof.field
    if proof.is_empty:
        raise Refused((field, "required"))
    if staff.is_held(db.session(), person.name):  # before the hash, which costs as much as a password's
        raise Refused((field, "wait"))
    hashed = _hash_of(person, proof.recovery) if field == "recovery" else ""
    with apart(desk_engine()) as session:
        fault = "wait" if staff.is_held(session, person.name) else ""
        if not fault and not (_spent(session, person, hashed) if hashed else _stepped(session, person, proof.code)):
            fault = "wrong"
            staff.count_failure(session, person.name, person, at=field)
            if at_door:
                _count_miss(session, person)
    if fault:
        raise Refused((field, fault))


def step_of(sealed: bytes, code: str, *, after: int) -> int | None:
    """Return the step whose code was typed, of a sealed secret; None where it fits none now, or only up to `after`."""
    return rules.step_of(opened(sealed), code, at=clock.now(), after=after)


def opened(sealed: bytes) -> str:
    """Open the secret that a phone shares with us. Only the desk's own process can."""
    return vault.keyring().open(PURPOSE, sealed, lock=Lock.CARE)


def sealed(secret: str) -> bytes:
    """Seal the secret that a phone shares with us."""
    return vault.keyring().seal(PURPOSE, secret, lock=Lock.CARE)


def hashed_anew(codes: tuple[str, ...]) -> tuple[bytes, list[str]]:
    """Return a new salt, and the hash of each code for a lost phone. Takes a while: never inside a transaction."""
    salt = secrets.token_bytes(SALT_BYTES)
    return salt, [_hash(code, salt) for code in codes]


def put(session: Session, person: Staff, hashes: list[str]) -> None:
    """Let these codes for a lost phone open, and none from before."""
    drop(session, person)
    session.execute(insert(RecoveryCode), [{"staff_id": person.id, "code_hash": one} for one in hashes])


def drop(session: Session, person: Staff) -> None:
    """Let no code for a lost phone open any more."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == person.id))


def count_left(session: Session, person: Staff) -> int:
    """Return how many codes for a lost phone still open."""
    left = select(func.count()).where(RecoveryCode.staff_id == person.id, RecoveryCode.used_at.is_(None))
    return session.scalar(left) or 0


def _stepped(session: Session, person: Staff, code: str) -> bool:
    """Take a code of the phone: only a later step than any before counts, also for two who come at once."""
    factor = session.get(SecondFactor, person.id)
    if factor is None or factor.secret is None:
        return False
    step = step_of(factor.secret, code, after=factor.last_step)
    if step is None:
        return False
    same = (SecondFactor.staff_id == person.id, SecondFactor.secret == factor.secret)
    return _is_done(session, update(SecondFactor).where(*same, SecondFactor.last_step < step).values(last_step=step))


def _spent(session: Session, person: Staff, hashed: str) -> bool:
    own = (RecoveryCode.staff_id == person.id, RecoveryCode.code_hash == hashed, RecoveryCode.used_at.is_(None))
    return _is_done(session, update(RecoveryCode).where(*own).values(used_at=clock.now()))


def _count_miss(session: Session, person: Staff) -> None:
    misses = update(SecondFactor).where(SecondFactor.staff_id == person.id)
    session.execute(misses.values(misses=SecondFactor.misses + 1))


def _is_done(session: Session, change: Update) -> bool:
    done: CursorResult[Any] = session.execute(change)  # type: ignore[assignment]
    return done.rowcount == 1


def _hash_of(person: Staff, recovery: str) -> str:
    """Hash what was typed as the person's own codes are. Takes a while: never inside a transaction."""
    salt = db.session.scalar(select(SecondFactor.salt).where(SecondFactor.staff_id == person.id))
    return _hash(recovery, salt or bytes(SALT_BYTES))


def _hash(code: str, salt: bytes) -> str:
    return HASHER.hash(rules.tidy(code), salt=salt)
