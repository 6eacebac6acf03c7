"""The security protocol: its documents in versions, and who has read which.

The database holds, by triggers (`migrations/desk/0033_security_protocol.py`): a version that two people stand behind,
and that somebody read it, are never changed, and never deleted.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model
from hotline.models.staff import Staff
from hotline.vocabulary import Role

DRAFT = text("approved_at IS NULL")
UNREAD = text("read_at IS NULL AND ended_at IS NULL")


class ProtocolDocument(Model):
    """One document of the protocol. What it says stands in its versions."""

    __tablename__ = "protocol_documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    ended_at: Mapped[datetime | None]  # from then on it holds no more
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    ended_by: Mapped[Staff | None] = relationship(foreign_keys=ended_by_id)


class ProtocolVersion(Model):
    """What a document says from a day on. A draft until a second person approves it; there is one draft at a time.

    Its text is plain: an empty line ends a paragraph, a line that begins with `# ` is a heading.
    """

    __tablename__ = "protocol_versions"
    __table_args__ = (
        CheckConstraint("(approved_at IS NULL) = (approved_by_id IS NULL)", name="approved"),
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> written_by_id", name="two_people"),
        UniqueConstraint("document_id", "number"),
        Index("ix_protocol_versions_draft", "document_id", unique=True, sqlite_where=DRAFT, postgresql_where=DRAFT),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("protocol_documents.id"))
    number: Mapped[str]  # such as `3.1`
    title_en: Mapped[str]
    title_km: Mapped[str]
    body_en: Mapped[str]
    body_km: Mapped[str]
    changes_en: Mapped[str]  # what is new in it
    changes_km: Mapped[str]
    roles: Mapped[str]  # who has to read it, with spaces between
    in_force_on: Mapped[date]
    written_at: Mapped[datetime]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))  # who changed the draft last
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))  # of the draft, as it is edited

    document: Mapped[ProtocolDocument] = relationship()
    written_by: Mapped[Staff] = relationship(foreign_keys=written_by_id)
    approved_by: Mapped[Staff | None] = relationship(foreign_keys=approved_by_id)

    @property
    def for_roles(self) -> frozenset[Role]:
        """Who has to read it."""
        return frozenset(Role(one) for one in self.roles.split())


class Reading(Model):
    """One person's reading of one version. Until `read_at` it is asked for; `ended_at`: nobody asks any more."""

    __tablename__ = "readings"
    __table_args__ = (
        UniqueConstraint("version_id", "staff_id"),
        Index("ix_readings_staff_id", "staff_id", sqlite_where=UNREAD, postgresql_where=UNREAD),
        Index("ix_readings_asked_at", "asked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("protocol_versions.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    version: Mapped[ProtocolVersion] = relationship()
    staff: Mapped[Staff] = relationship()


class NetworkPeriod(Model):
    """From which networks the desk was reached, from when until when; `until_at` is None for what holds now."""

    __tablename__ = "network_periods"

    id: Mapped[int] = mapped_column(primary_key=True)
    networks: Mapped[str]  # as in the setting, sorted, with commas between
    since_at: Mapped[datetime]
    until_at: Mapped[datetime | None]


class RestoreTest(Model):
    """How long a backup took to be restored, beside what is noted at its duty (`models/practice.py`)."""

    __tablename__ = "restore_tests"
    __table_args__ = (CheckConstraint("minutes > 0", name="minutes"),)

    mark_id: Mapped[int] = mapped_column(ForeignKey("duty_marks.id"), primary_key=True)
    minutes: Mapped[int]
