"""The audit trail: written in the transaction of the deed, checked by recomputing the chain."""

import hashlib
import json
import secrets

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from hotline import clock
from hotline.extensions import db
from hotline.models.audit import AuditEntry
from hotline.models.staff import Staff
from hotline.transactions import apart, desk_engine

SYSTEM = "system"
BEGINNING = b"\0" * 32
CHAIN_LOCK = 0x686F746C  # PostgreSQL advisory lock: one writer at a time; SQLite has only one anyway


def record(actor: Staff | None, action: str, subject: str, **details: str | int | bool) -> None:
    """Add one entry to the caller's transaction. `details` are codes and counts, never an address or words."""
    _append(db.session(), actor, action, subject, details)


def record_read(actor: Staff, action: str, subject: str, **details: str | int | bool) -> None:
    """Add an entry about a read in a short transaction of its own, since the request itself writes nothing."""
    with apart(desk_engine()) as session:
        _append(session, actor, action, subject, details)


def history(subject: str) -> list[AuditEntry]:
    """Return the entries about one record, oldest first."""
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.record == subject).order_by(AuditEntry.id)))


def verify() -> tuple[int, int | None]:
    """Recompute the chain. Returns how many entries hold, and the id of the first that does not (None when all do)."""
    previous, count = BEGINNING, 0
    for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=1000)):
        kept = entry.salt is not None and entry.details is not None
        if kept and _commitment(entry.salt or b"", entry.details or "") != entry.commitment:
            return count, entry.id
        if _link(previous, entry) != entry.hash:
            return count, entry.id
        previous, count = entry.hash, count + 1
    return count, None


def anchor() -> tuple[int, str]:
    """Return the number of the last entry and its hash in hex: print it, and the past cannot be rewritten."""
    last = db.session.scalar(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))
    return (last.id, last.hash.hex()) if last else (0, BEGINNING.hex())


def _append(
    session: Session, actor: Staff | None, action: str, subject: str, details: dict[str, str | int | bool]
) -> None:
    if session.get_bind(AuditEntry).dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})
    session.flush()
    newest = select(func.max(AuditEntry.id)).scalar_subquery()
    previous = session.scalar(select(AuditEntry.hash).where(AuditEntry.id == newest)) or BEGINNING
    salt, told = secrets.token_bytes(16), json.dumps(details, sort_keys=True)
    entry = AuditEntry(
        at=clock.now(),
        actor=actor.number if actor else SYSTEM,
        action=action,
        record=subject,
        details=told,
        salt=salt,
        commitment=_commitment(salt, told),
    )
    entry.hash = _link(previous, entry)
    session.add(entry)
    session.flush()


def _commitment(salt: bytes, details: str) -> bytes:
    return hashlib.sha256(salt + details.encode()).digest()


def _link(previous: bytes, entry: AuditEntry) -> bytes:
    facts = json.dumps([entry.at.isoformat(), entry.actor, entry.action, entry.record, entry.commitment.hex()])
    return hashlib.sha256(previous + facts.encode()).digest()
