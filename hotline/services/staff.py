"""People at the desk: accounts, passwords, and signing in without telling who exists."""

import hashlib
from collections.abc import Collection
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import delete, func, select

from hotline import clock
from hotline.errors import NotFound, Refused
from hotline.extensions import db
from hotline.models.session import DeskSession, SignInCount
from hotline.models.staff import Staff, StaffRole
from hotline.services import audit
from hotline.transactions import apart, desk_engine
from hotline.vocabulary import Language, Role

SHORTEST = 12
HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
NOBODY = HASHER.hash("nobody's password")  # checked for unknown names, so that they take as long as known ones
FREE_TRIES = 5
LONGEST_BLOCK = timedelta(minutes=15)
CASE_ROLES = {Role.ANALYST, Role.REVIEWER}


def add(name: str, password: str, roles: Collection[Role], *, language: Language, by: Staff | None) -> Staff:
    """Add a person with the next free number. Raises Refused for roles that must not meet, or a weak password."""
    _check_roles(frozenset(roles))
    _check_password(name, password)
    if find_by_name(name) is not None:
        raise Refused(("name", "taken"))
    added = Staff(
        name=name,
        number=f"A-{(db.session.scalar(select(func.max(Staff.id))) or 0) + 1:02d}",
        password_hash=HASHER.hash(password),
        language=language,
        active=True,
        created_at=clock.now(),
        role_rows=[StaffRole(role=role) for role in sorted(set(roles))],
    )
    db.session.add(added)
    db.session.flush()
    audit.record(by, "added", f"staff {added.number}", roles=",".join(sorted(roles)))
    return added


def authenticate(name: str, password: str) -> Staff:
    """Return whose name and password these are. Raises Refused(name, wrong), or (name, wait) after many failures."""
    marker = hashlib.blake2b(name.casefold().encode(), digest_size=16).digest()
    if _blocked(marker):
        raise Refused(("name", "wait"))
    found = find_by_name(name)
    known = found is not None and found.active
    if not _fits(found.password_hash if found and known else NOBODY, password) or not known or found is None:
        _count_failure(marker)
        raise Refused(("name", "wrong"))
    with apart(desk_engine()) as session:
        session.execute(delete(SignInCount).where(SignInCount.name_hash == marker))
    return found


def get(staff_id: int) -> Staff:
    """Return a person by id. Raises NotFound, also for a closed account."""
    found = db.session.get(Staff, staff_id)
    if found is None or not found.active:
        raise NotFound("no such account")
    return found


def find_by_name(name: str) -> Staff | None:
    """Return a person by name, whatever its case."""
    return db.session.scalar(select(Staff).where(func.lower(Staff.name) == name.lower()))


def get_by_name(name: str) -> Staff:
    """Return a person by name. Raises NotFound."""
    found = find_by_name(name)
    if found is None:
        raise NotFound(f"no account named {name}")
    return found


def list_staff() -> list[Staff]:
    """Return everybody, by number."""
    return list(db.session.scalars(select(Staff).order_by(Staff.id)))


def anybody() -> bool:
    """Whether there is any account yet."""
    return db.session.scalar(select(Staff.id).limit(1)) is not None


def disable(person: Staff, *, by: Staff | None) -> None:
    """Close an account; its sessions end with it."""
    person.active = False
    end_sessions(person)
    audit.record(by, "disabled", f"staff {person.number}")


def reset_password(person: Staff, password: str, *, by: Staff | None) -> None:
    """Set a new password and end every session of the person."""
    _check_password(person.name, password)
    person.password_hash = HASHER.hash(password)
    end_sessions(person)
    audit.record(by, "reset password", f"staff {person.number}")


def end_sessions(person: Staff) -> None:
    """End every session of a person."""
    db.session.execute(delete(DeskSession).where(DeskSession.staff_id == person.id))


def _check_roles(roles: frozenset[Role]) -> None:
    """Hold the separation of duties: who sees addresses sees no victim file; admins see neither."""
    sees_cases = bool(roles & CASE_ROLES)
    if sees_cases and Role.VICTIM_SUPPORT in roles:
        raise Refused(("roles", "analyst_and_victim_support"))
    if Role.ADMIN in roles and (sees_cases or Role.VICTIM_SUPPORT in roles):
        raise Refused(("roles", "admin_and_cases"))
    if not roles:
        raise Refused(("roles", "required"))


def _check_password(name: str, password: str) -> None:
    if len(password) < SHORTEST:
        raise Refused(("password", "too_short"))
    if password.casefold() == name.casefold():
        raise Refused(("password", "is_name"))


def _fits(hashed: str, password: str) -> bool:
    try:
        return HASHER.verify(hashed, password)
    except VerificationError:
        return False


def _blocked(marker: bytes) -> bool:
    count = db.session.get(SignInCount, marker)
    return count is not None and count.blocked_until > clock.now()


def _count_failure(marker: bytes) -> None:
    """Count one failure; from the fifth on, each doubles the pause, up to a quarter of an hour."""
    with apart(desk_engine()) as session:
        count = session.get(SignInCount, marker)
        if count is None:
            count = SignInCount(name_hash=marker, failures=0, blocked_until=clock.now())
            session.add(count)
        count.failures += 1
        if count.failures >= FREE_TRIES:
            pause = timedelta(seconds=2 ** min(count.failures - FREE_TRIES + 1, 12))
            count.blocked_until = clock.now() + min(pause, LONGEST_BLOCK)
