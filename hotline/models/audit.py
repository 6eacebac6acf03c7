"""The audit trail: a hash chain over salted commitments, so that details can be erased and the chain still holds."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from hotline.extensions import Model


class AuditEntry(Model):
    """Who did what to which record. `details` and `salt` may be erased; `commitment` and `hash` never change."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_record", "record", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]  # staff number, or `system`
    action: Mapped[str]
    record: Mapped[str]  # `item I-7GQ4M2`
    details: Mapped[str | None]  # JSON of codes, never an address or a person's words
    salt: Mapped[bytes | None]
    commitment: Mapped[bytes]
    hash: Mapped[bytes] = mapped_column(unique=True)
