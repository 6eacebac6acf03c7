"""The audit trail: written in the transaction of the deed, checked by recomputing the chain."""

import hashlib
import json
import secrets
from collections.abc import Collection
from datetime import datetime
from typing import cast

from sqlalchemy import Table, func, insert, select
from sqlalchemy.orm import Session

from hotline import clock
from hotline.extensions import db
from hotline.models.audit import AuditEntry
from hotline.models.staff import Staff
from hotline.transactions import apart, desk_engine

SYSTEM = "system"
_ADD = insert(cast(Table, AuditEntry.__table__))  # a plain insert; entries are not held as objects when they are made
_LAST = select(AuditEntry.hash).where(AuditEntry.id == select(func.max(AuditEntry.id)).scalar_subquery())
BEGINNING = b"\0" * 32


def record(actor: Staff | None, action: str, subject: str, **details: str | int | bool) -> None:
    """Add one entry to the caller's transaction. `details` are codes and counts, never an address or words."""
    _append(db.session(), actor, action, subject, details)


def record_read(actor: Staff, action: str, subject: str, **details: str | int | bool) -> None:
    """Add an entry about a read in a short transaction of its own, since the request itself writes nothing."""
    with apart(desk_engine()) as session:
        _append(session, actor, action, subject, details)


def record_within(
    session: Session, actor: Staff | None, action: str, subject: str, **details: str | int | bool
) -> None:
    """Add an entry to a short transaction that somebody else has begun with `apart()`."""
    _append(session, actor, action, subject, details)


def history(subject: str) -> list[AuditEntry]:
    """Return the entries about one record, oldest first."""
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.record == subject).order_by(AuditEntry.id)))


def newest(
    subject: str, *, most: int, before: int | None = None, only: Collection[str] = (), without: Collection[str] = ()
) -> list[AuditEntry]:
    """Return the `most` newest entries about one record, newest first; only those with a lower id than `before`.

    `only` and `without` are actions: where any are named, `only` those are returned, or all but those `without`.
    """
    query = select(AuditEntry).where(AuditEntry.record == subject)
    if only:
        query = query.where(AuditEntry.action.in_(only))
    if without:
        query = query.where(AuditEntry.action.not_in(without))
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return list(db.session.scalars(query.order_by(AuditEntry.id.desc()).limit(most)))


def newest_among(
    subjects: Collection[str], *, most: int, before: int | None = None, only: Collection[str]
) -> list[AuditEntry]:
    """Return the `most` newest entries that say one of the actions `only` was done to one of a few records."""
    query = select(AuditEntry).where(AuditEntry.record.in_(subjects), AuditEntry.action.in_(only))
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return list(db.session.scalars(query.order_by(AuditEntry.id.desc()).limit(most))) if subjects else []


def of_action(subject: str, *actions: str) -> list[AuditEntry]:
    """Return the entries that say one of `actions` was done to one record, oldest first."""
    query = select(AuditEntry).where(AuditEntry.record == subject, AuditEntry.action.in_(actions))
    return list(db.session.scalars(query.order_by(AuditEntry.id)))


def last_of(subject: str, *actions: str) -> AuditEntry | None:
    """Return the newest entry that says one of `actions` was done to one record; None where there is none."""
    query = select(AuditEntry).where(AuditEntry.record == subject, AuditEntry.action.in_(actions))
    return db.session.scalar(query.order_by(AuditEntry.id.desc()).limit(1))


def done_by(person: Staff, action: str, subjects: Collection[str]) -> set[str]:
    """Return to which of these records a person has done something."""
    if not subjects:
        return set()
    query = select(AuditEntry.record).where(AuditEntry.record.in_(subjects), AuditEntry.action == action)
    return set(db.session.scalars(query.where(AuditEntry.actor == person.number)))


def done_to(subjects: Collection[str], action: str) -> set[str]:
    """Return to which of these records somebody has done something."""
    if not subjects:
        return set()
    query = select(AuditEntry.record).where(AuditEntry.record.in_(subjects), AuditEntry.action == action)
    return set(db.session.scalars(query))


def count(subject: str, *actions: str) -> int:
    """Return how often any of `actions` was done to one record."""
    query = select(func.count()).select_from(AuditEntry)
    return db.session.scalar(query.where(AuditEntry.record == subject, AuditEntry.action.in_(actions))) or 0


def details_of(subject: str, action: str) -> list[dict[str, object]]:
    """Return what was noted beside an action each time it was done to one record, oldest first."""
    query = select(AuditEntry.details).where(AuditEntry.record == subject, AuditEntry.action == action)
    return [json.loads(details or "{}") for details in db.session.scalars(query.order_by(AuditEntry.id))]


def verify() -> tuple[int, int | None]:
    """Recompute the chain. Returns how many entries hold, and the id of the first that does not (None when all do)."""
    previous, count = BEGINNING, 0
    for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=1000)):
        if not _follows(entry, previous):
            return count, entry.id
        previous, count = entry.hash, count + 1
    return count, None


def count_erased() -> int:
    """Return of how many entries the details were erased, as when files of victims are: the chain holds without."""
    return db.session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.details.is_(None))) or 0


def verify_head() -> tuple[int, int | None]:
    """Recompute the newest entry alone, from the one before it. Returns as `verify` does, at any size of the trail."""
    newest_two = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(2)
    found = list(db.session.scalars(newest_two))
    if not found:
        return 0, None
    previous = found[1].hash if len(found) > 1 else BEGINNING
    return (1, None) if _follows(found[0], previous) else (0, found[0].id)


def oldest_at() -> datetime | None:
    """Return when the first entry was written; None where there is none."""
    return db.session.scalar(select(AuditEntry.at).order_by(AuditEntry.id).limit(1))


def newest_at() -> datetime | None:
    """Return when the newest entry was written; None where there is none."""
    return db.session.scalar(select(AuditEntry.at).order_by(AuditEntry.id.desc()).limit(1))


def anchor() -> tuple[int, str]:
    """Return the number of the last entry and its hash in hex: print it, and the past cannot be rewritten."""
    last = db.session.scalar(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))
    return (last.id, last.hash.hex()) if last else (0, BEGINNING.hex())


def mark_of(number: int) -> str | None:
    """Return the hash of an entry in hex, to compare with an anchor that was kept; None where there is none."""
    found = db.session.scalar(select(AuditEntry.hash).where(AuditEntry.id == number))
    return found.hex() if found is not None else None


def _append(
    session: Session, actor: Staff | None, action: str, subject: str, details: dict[str, str | int | bool]
) -> None:
    if not session.connection().get_execution_options().get("writes"):
        raise RuntimeError("an audit entry belongs inside writing() or apart(): only there is nobody else adding one")
    session.flush()
    previous = session.scalar(_LAST) or BEGINNING
    salt, told = secrets.token_bytes(16), json.dumps(details, sort_keys=True)
    at, by, commitment = clock.now(), actor.number if actor else SYSTEM, _commitment(salt, told)
    link = _link(previous, at, (by, action, subject), commitment)
    entry = {"at": at, "actor": by, "action": action, "record": subject, "commitment": commitment, "hash": link}
    session.execute(_ADD, entry | {"details": told, "salt": salt})


def _follows(entry: AuditEntry, previous: bytes) -> bool:
    """Whether an entry is what was written after the one with the hash `previous`."""
    kept = entry.salt is not None and entry.details is not None
    if kept and _commitment(entry.salt or b"", entry.details or "") != entry.commitment:
        return False
    return _link(previous, entry.at, (entry.actor, entry.action, entry.record), entry.commitment) == entry.hash


def _commitment(salt: bytes, details: str) -> bytes:
    return hashlib.sha256(salt + details.encode()).digest()


def _link(previous: bytes, at: datetime, deed: tuple[str, str, str], commitment: bytes) -> bytes:
    """Return the hash that ties an entry to the one before. `deed` is who did what to which record."""
    facts = json.dumps([at.isoformat(), *deed, commitment.hex()])
    return hashlib.sha256(previous + facts.encode()).digest()
