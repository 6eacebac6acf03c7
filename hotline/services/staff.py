"""People at the desk: accounts, passwords, and signing in without telling who exists."""

import hashlib
from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hotline import clock
from hotline.errors import NotFound, Refused, StorageFull, WrongState
from hotline.extensions import db
from hotline.models.second_factor import SecondFactor
from hotline.models.session import SignInCount
from hotline.models.staff import Staff, StaffRole
from hotline.rules import access_reviews, names, passwords
from hotline.services import audit, calendar_feeds, claims, contact_points, duties, help_requests, sessions
from hotline.transactions import apart, desk_engine
from hotline.vocabulary import Language, Role

SHORTEST_NAME, LONGEST_NAME = 2, 60
HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
FREE_TRIES = 5
LONGEST_BLOCK = timedelta(minutes=15)
NOBODY = b"nobody"  # under what failures with names that nobody has are counted together; no name has so short a marker
NOTED_EVERY = timedelta(hours=1)  # ... and how often the audit trail says so: anybody in the room can make up names
FORGOTTEN_AFTER = timedelta(days=1)


def add(
    name: str,
    password: str,
    roles: Collection[Role],
    *,
    language: Language,
    by: Staff | None,
    must_change: bool = True,
) -> Staff:
    """Add a person with the next free number. Raises Refused for roles that must not meet, or a weak password.

    `must_change` says that somebody else chose the password: the person takes another one at the first sign-in.
    """
    name = " ".join(name.split())
    if wrong := (*_name_faults(name), *_role_faults(frozenset(roles)), *_password_faults(name, password)):
        raise Refused(*wrong)
    added = Staff(
        name=name,
        name_key=names.key(name),
        number=f"A-{(db.session.scalar(select(func.max(Staff.id))) or 0) + 1:02d}",
        password_hash=HASHER.hash(password),
        must_change_password=must_change,
        language=language,
        active=True,
        created_at=clock.now(),
        role_rows=[StaffRole(role=role) for role in sorted(set(roles))],
    )
    db.session.add(added)
    db.session.flush()
    audit.record(by, "added", f"staff {added.number}", roles=_listed(roles))
    return added


def authenticate(name: str, password: str) -> Staff:
    """Return whose name and password these are. Raises Refused(name, wrong), or (name, wait) after many failures.

    What failed before still counts: it is forgotten once the person is in (`let_in`), which may take a code too.
    """
    if is_held(db.session(), name):
        raise Refused(("name", "wait"))
    nobody, found = _nobody(), find_by_name(name)
    known = found is not None and found.active
    if not _fits(found.password_hash if found and known else nobody, password) or not known or found is None:
        with apart(desk_engine()) as session:
            count_failure(session, name, found)
        raise Refused(("name", "wrong"))
    return found


def prove(person: Staff, password: str, *, field: str = "password") -> None:
    """Ask a person who is signed in for their password again: never within a transaction, since it counts wrong ones.

    Raises Refused(field, wrong), or (field, wait).
    """
    if is_held(db.session(), person.name):
        raise Refused((field, "wait"))
    if not _fits(person.password_hash, password):
        with apart(desk_engine()) as session:
            count_failure(session, person.name, person)
        raise Refused((field, "wrong"))


def let_in(session: Session, person: Staff, **how: str) -> None:
    """Note that a person has come in; what failed before counts no more. In a transaction begun with `apart()`."""
    session.execute(delete(SignInCount).where(SignInCount.name_hash == _marker(person.name)))
    audit.record_within(session, person, "signed in", f"staff {person.number}", **how)


def sign_out(person: Staff) -> None:
    """Note that a person has left."""
    audit.record_read(person, "signed out", f"staff {person.number}")


def note_refused(person: Staff, asked_for: str, *, why: str) -> None:
    """Note that a person was refused what is not open to them, under the view's name.

    `why` is `role`, `site` (a form from another one) or `not_there` (no such record, or not theirs).

    Who is refused learns of no store that cannot be written: the door is shut all the same.
    """
    with suppress(StorageFull):
        audit.record_read(person, "was refused", f"view {asked_for}", why=why)


def find_open(staff_id: int) -> Staff | None:
    """Return a person by id; None also for a closed account."""
    found = db.session.get(Staff, staff_id)
    return found if found and found.active else None


def get(number: str) -> Staff:
    """Return a person by number such as `A-03`. Raises NotFound."""
    found = db.session.scalar(select(Staff).where(Staff.number == number))
    if found is None:
        raise NotFound(f"no account {number}")
    return found


def find_by_name(name: str) -> Staff | None:
    """Return a person by name, however it is typed: in capitals, with spaces around it, on a Khmer keyboard."""
    return db.session.scalar(select(Staff).where(Staff.name_key == names.key(name)))


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


def disable(person: Staff, *, by: Staff | None) -> int:
    """Close an account: its sessions end, and what was in the person's hands is free again.

    Returns how many duties of the code of practice have no owner now.

    Raises Refused for one's own account and for the last open one of an admin, WrongState for one that is closed.
    """
    if not person.active:
        raise WrongState(f"{person.number} is closed already")
    if by is not None and by.id == person.id:
        raise Refused(("close", "yourself"))
    if person.has(Role.ADMIN) and not _another_admin(person):
        raise Refused(("close", "last_admin"))
    person.active = False
    end_sessions(person)
    claims.let_go(person, by=by)
    help_requests.let_go(person, by=by)
    calendar_feeds.let_go(person)
    ownerless = duties.let_go(person, by=by)
    contact_points.let_go(person, by=by)
    audit.record(by, "disabled", f"staff {person.number}")
    return ownerless


def change_roles(person: Staff, roles: Collection[Role], *, by: Staff | None) -> int:
    """Give an open account other roles: its sessions end, and what these do not open any more leaves its hands.

    Returns how many duties of the code of practice have no owner now. Raises Refused for roles that must not meet, for
    those it has, and where nobody open would be an admin any more; WrongState for a closed account.
    """
    wanted, before = frozenset(roles), person.roles
    if not person.active:
        raise WrongState(f"{person.number} is closed")
    if wrong := _role_faults(wanted):
        raise Refused(*wrong)
    if wanted == before:
        raise Refused(("roles", "same"))
    if Role.ADMIN in before - wanted and not _another_admin(person):
        raise Refused(("roles", "last_admin"))
    stay = [row for row in person.role_rows if row.role in wanted]
    person.role_rows = [*stay, *(StaffRole(role=role) for role in sorted(wanted - before))]
    db.session.flush()
    end_sessions(person)
    audit.record(by, "changed roles", f"staff {person.number}", before=_listed(before), roles=_listed(wanted))
    return _leave_hands(person, lost=before - wanted, by=by)


def _leave_hands(person: Staff, *, lost: frozenset[Role], by: Staff | None) -> int:
    if lost & access_reviews.SEES_ITEMS:
        claims.let_go(person, by=by)
    if Role.VICTIM_SUPPORT in lost:
        help_requests.let_go(person, by=by)
    if not person.has(*duties.KEEPERS):
        contact_points.let_go(person, by=by)
    return duties.let_go_of_others(person, by=by)


def _listed(roles: Collection[Role]) -> str:
    return ",".join(sorted(roles))


def reopen(person: Staff, password: str, *, by: Staff) -> None:
    """Open a closed account again, with a new password: the old one counts no more."""
    if person.active:
        raise WrongState(f"{person.number} is open")
    person.active = True
    reset_password(person, password, by=by)
    audit.record(by, "reopened", f"staff {person.number}")


def reset_password(person: Staff, password: str, *, by: Staff | None, must_change: bool = True) -> None:
    """Set a new password and end every session of the person. `must_change` as in `add`.

    Who had to wait after wrong tries need not wait with it: nobody has guessed at it yet.
    """
    if wrong := _password_faults(person.name, password):
        raise Refused(*wrong)
    db.session.execute(delete(SignInCount).where(SignInCount.name_hash == _marker(person.name)))
    person.password_hash, person.must_change_password = HASHER.hash(password), must_change
    end_sessions(person)
    audit.record(by, "reset password", f"staff {person.number}")


def change_password(person: Staff, old: str, new: str) -> None:
    """Let a person change their own password; every session of theirs ends. Raises Refused."""
    if not _fits(person.password_hash, old):
        raise Refused(("old", "wrong"))
    if new == old:
        raise Refused(("password", "same"))
    reset_password(person, new, by=person, must_change=False)


def speak(person: Staff, language: Language) -> None:
    """Show the desk to a person in `language`."""
    person.language = language


def sign_out_everywhere(person: Staff) -> None:
    """Let a person end every session of theirs, on whatever computer it was left."""
    end_sessions(person)
    audit.record(person, "signed out everywhere", f"staff {person.number}")


def end_sessions(person: Staff) -> None:
    """End every session of a person."""
    sessions.end_of(db.session(), person.id)


def has_factor(person: Staff) -> bool:
    """Whether a person signs in with a code beside the password."""
    on = select(SecondFactor.staff_id).where(SecondFactor.staff_id == person.id, SecondFactor.secret.is_not(None))
    return db.session.scalar(on) is not None


def is_held(session: Session, name: str) -> bool:
    """Whether who tries to be the person of a name has to wait, whatever they type."""
    count = session.get(SignInCount, _marker(name))
    return count is not None and count.blocked_until > clock.now()


def count_failure(session: Session, name: str, tried: Staff | None, **at: str) -> None:
    """Count one failure; from the fifth on, each doubles the pause, up to a quarter of an hour.

    It stands in the audit trail with the account that was tried; what was typed for a name that nobody has does not,
    and there are few entries of such names. In a transaction begun with `apart()`.
    """
    count = _count_of(session, _marker(name))
    count.failures += 1
    count.blocked_until = clock.now() + _pause(count.failures)
    if tried is None:
        _note_nobody(session)
    else:
        audit.record_within(session, None, "sign-in failed", f"staff {tried.number}", failures=count.failures, **at)


def forget_failures() -> None:
    """Remove what failed a day ago, of names that somebody has and of those that nobody has."""
    old = (SignInCount.name_hash != NOBODY, SignInCount.blocked_until < clock.now() - FORGOTTEN_AFTER)
    with apart(desk_engine()) as session:
        session.execute(delete(SignInCount).where(*old))


def _note_nobody(session: Session) -> None:
    """Note, once an hour at most, how many names that nobody has were tried since the last note."""
    count = _count_of(session, NOBODY)
    count.failures += 1
    if count.blocked_until <= clock.now():
        audit.record_within(session, None, "sign-in failed", "staff unknown", failures=count.failures)
        count.failures, count.blocked_until = 0, clock.now() + NOTED_EVERY


def _count_of(session: Session, marker: bytes) -> SignInCount:
    count = session.get(SignInCount, marker)
    if count is None:
        count = SignInCount(name_hash=marker, failures=0, blocked_until=clock.now())
        session.add(count)
    return count


def _pause(failures: int) -> timedelta:
    """Return how long a name waits after its last failure."""
    if failures < FREE_TRIES:
        return timedelta()
    return min(timedelta(seconds=2 ** min(failures - FREE_TRIES + 1, 12)), LONGEST_BLOCK)


def _name_faults(name: str) -> tuple[tuple[str, str], ...]:
    if len(names.key(name)) < SHORTEST_NAME or len(name) > LONGEST_NAME:
        return (("name", "length"),)
    return (("name", "taken"),) if find_by_name(name) else ()


def _role_faults(roles: frozenset[Role]) -> tuple[tuple[str, str], ...]:
    """Hold the separation of duties."""
    if not roles:
        return (("roles", "required"),)
    return tuple(("roles", str(clash)) for clash in access_reviews.clashes(roles))[:1]


def _password_faults(name: str, password: str) -> tuple[tuple[str, str], ...]:
    code = passwords.fault(password, name=name)
    return (("password", code),) if code else ()


def _another_admin(person: Staff) -> bool:
    others = select(Staff.id).join(StaffRole).where(StaffRole.role == Role.ADMIN, Staff.active, Staff.id != person.id)
    return db.session.scalar(others.limit(1)) is not None


@cache
def _nobody() -> str:
    """Return what is checked for unknown names, so that they take as long as known ones. Made at the first sign-in."""
    return HASHER.hash("nobody's password")


def _fits(hashed: str, password: str) -> bool:
    try:
        return HASHER.verify(hashed, password)
    except VerificationError:
        return False


def _marker(name: str) -> bytes:
    """Return under what tries at a name are counted, whether anybody bears it or not."""
    return hashlib.blake2b(names.key(name).encode("utf-8", "replace"), digest_size=16).digest()
