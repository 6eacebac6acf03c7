"""A report: first a sealed row in the front store, then a record at the desk."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import FRONT, Model, word
from hotline.models.staff import Staff
from hotline.vocabulary import Category, Concern, Danger, InboxKind, Language, ReportSource, ReportStatus, Seen

TO_BE_ERASED = text("closed_at IS NOT NULL AND erased_at IS NULL")
UNORDERED = {"sqlite_with_rowid": False}  # a hidden row number would tell in which order reports came


class Inbox(Model):
    """What the public process wrote: sealed, and gone as soon as its items stand. `id` is random, 16 bytes."""

    __bind_key__ = FRONT
    __tablename__ = "inbox"
    __table_args__ = UNORDERED

    id: Mapped[bytes] = mapped_column(primary_key=True)
    receipt_tag: Mapped[bytes]
    kind: Mapped[InboxKind] = mapped_column(word(InboxKind), server_default=InboxKind.REPORT)
    body: Mapped[bytes]  # sealed to `case`, or to `care` for a request for help and what is written about one
    contact: Mapped[bytes | None]  # sealed to `care`: of a request for help, so that it can be forgotten apart
    number: Mapped[int | None]  # of a message: which of its receipt's it is
    received_at: Mapped[datetime]  # to the hour


class ReceiptRow(Model):
    """What a receipt code finds: how far the report or request is, and the key that answers are sealed to."""

    __bind_key__ = FRONT
    __tablename__ = "receipts"
    __table_args__ = UNORDERED

    tag: Mapped[bytes] = mapped_column(primary_key=True)
    public_key: Mapped[bytes]
    concern: Mapped[Concern] = mapped_column(word(Concern), server_default=Concern.REPORT)
    status: Mapped[ReportStatus] = mapped_column(word(ReportStatus), default=ReportStatus.RECEIVED)
    received_at: Mapped[datetime]  # to the hour
    changed_at: Mapped[datetime]  # to the hour


class Report(Model):
    """One submission at the desk. `inbox_id` makes moving it here safe to repeat."""

    __tablename__ = "reports"
    __table_args__ = (
        Index("ix_reports_to_be_erased", "closed_at", sqlite_where=TO_BE_ERASED, postgresql_where=TO_BE_ERASED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    inbox_id: Mapped[bytes] = mapped_column(unique=True)
    receipt_tag: Mapped[bytes] = mapped_column(index=True)
    category: Mapped[Category] = mapped_column(word(Category))
    seen: Mapped[Seen | None] = mapped_column(word(Seen))
    in_danger: Mapped[Danger | None] = mapped_column(word(Danger))
    language: Mapped[Language] = mapped_column(word(Language))
    details: Mapped[bytes | None]  # sealed, "report.details"
    leftovers: Mapped[bytes | None]  # sealed, "report.leftovers": lines that hold no address
    status: Mapped[ReportStatus] = mapped_column(word(ReportStatus), default=ReportStatus.RECEIVED)
    received_at: Mapped[datetime]  # to the hour
    closed_at: Mapped[datetime | None]  # to the hour: its reporter could hear of it; or an item was, again
    erased_at: Mapped[datetime | None]  # to the hour: its words went, and its code finds it no more

    contact: Mapped["Contact | None"] = relationship(cascade="all, delete-orphan")
    origin: Mapped["Origin | None"] = relationship(cascade="all, delete-orphan")  # None: through the public form


class Contact(Model):
    """How to reach a reporter, in a row of its own so that it can be forgotten."""

    __tablename__ = "report_contacts"

    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    contact: Mapped[bytes]  # sealed, "report.contact"


class Origin(Model):
    """How a report came that did not come through the form. Its receipt tag is random: no code finds it."""

    __tablename__ = "report_origins"
    __table_args__ = (Index("ix_report_origins_source", "source", "report_id"),)

    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    source: Mapped[ReportSource] = mapped_column(word(ReportSource))
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # who of the team wrote it down
    reference: Mapped[bytes | None]  # sealed, "report.reference": how the sender calls it

    taken_by: Mapped[Staff | None] = relationship()


class UnreadReport(Model):
    """A report that could not be opened or read: kept as it came, for a person, never dropped."""

    __tablename__ = "unread_reports"
    __table_args__ = (Index("ix_unread_reports_received_at", "received_at", "inbox_id"),)

    inbox_id: Mapped[bytes] = mapped_column(primary_key=True)
    receipt_tag: Mapped[bytes]
    body: Mapped[bytes]
    fault: Mapped[str]  # the class of the error, never its text
    received_at: Mapped[datetime]  # to the hour
