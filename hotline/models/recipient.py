"""The directory: who may get something from us, how it reaches them, and how they are recognised."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.staff import Staff
from hotline.vocabulary import Delivery, KeyKind, Language, Mark, RecipientKind, RecipientSource


class Recipient(Model):
    """An organisation in the directory. `verified_on` says when a person last checked how it is reached.

    `mailbox`, `form_url`, `portal_url` and `phone` are empty where there is none. One with `proposed_at` was found by a
    program and gets nothing before a person approves it.
    """

    __tablename__ = "recipients"
    __table_args__ = (CheckConstraint("proposed_at IS NULL OR verified_on IS NULL", name="proposed"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[RecipientKind] = mapped_column(word(RecipientKind))
    delivery: Mapped[Delivery] = mapped_column(
        word(Delivery), default=Delivery.EMAIL, server_default=Delivery.EMAIL
    )  # the way it likes best
    mailbox: Mapped[str]
    form_url: Mapped[str] = mapped_column(default="", server_default=text("''"))
    portal_url: Mapped[str] = mapped_column(default="", server_default=text("''"))
    phone: Mapped[str] = mapped_column(default="", server_default=text("''"))  # in international form, as typed
    country: Mapped[str]  # ISO 3166-1 alpha-2
    language: Mapped[Language] = mapped_column(word(Language))
    iccam_hotline: Mapped[int | None]  # a partner hotline's number in ICCAM
    source: Mapped[RecipientSource] = mapped_column(
        word(RecipientSource), default=RecipientSource.PERSON, server_default=RecipientSource.PERSON
    )
    doubt: Mapped[str] = mapped_column(default="", server_default=text("''"))  # what nobody has confirmed about it
    proposed_at: Mapped[datetime | None]
    verified_on: Mapped[date | None]
    active: Mapped[bool] = mapped_column(default=True)

    keys: Mapped[list["RecipientKey"]] = relationship(order_by="RecipientKey.id")
    marks: Mapped[list["RecipientMark"]] = relationship(order_by="RecipientMark.id", cascade="all, delete-orphan")


class RecipientKey(Model):
    """A public key that letters to a recipient are encrypted to. Never changed: another follows it."""

    __tablename__ = "recipient_keys"
    __table_args__ = (Index("ix_recipient_keys_recipient_id", "recipient_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipients.id"))
    kind: Mapped[KeyKind] = mapped_column(word(KeyKind))
    material: Mapped[str]  # public: armored (OpenPGP), or PEM of the certificate (S/MIME)
    fingerprint: Mapped[str]
    expires_at: Mapped[datetime | None]
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    added_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class RecipientMark(Model):
    """By what a recipient is recognised in what look-ups find, in lower case: `as64511`, `cloud.example`."""

    __tablename__ = "recipient_marks"
    __table_args__ = (UniqueConstraint("mark", "value", "recipient_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipients.id"))
    mark: Mapped[Mark] = mapped_column(word(Mark))
    value: Mapped[str]


class RecipientUpstream(Model):
    """Who stands above a recipient's network, as people found out: gives it addresses, or connects it to the rest."""

    __tablename__ = "recipient_upstreams"
    __table_args__ = (
        UniqueConstraint("recipient_id", "above_id"),
        CheckConstraint("recipient_id <> above_id", name="another"),
        Index("ix_recipient_upstreams_above_id", "above_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipients.id"))
    above_id: Mapped[int] = mapped_column(ForeignKey("recipients.id"))
    added_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    added_at: Mapped[datetime]

    above: Mapped[Recipient] = relationship(foreign_keys=[above_id])


class RecipientChange(Model):
    """One field of an entry that somebody (None: the portal itself) changed."""

    __tablename__ = "recipient_changes"
    __table_args__ = (Index("ix_recipient_changes_recipient_id", "recipient_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipients.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    field: Mapped[str]
    before: Mapped[str]
    after: Mapped[str]

    staff: Mapped[Staff | None] = relationship()
