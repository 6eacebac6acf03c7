"""The directory of services that help children and families: who, for which need, where, from which age."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.staff import Staff
from hotline.vocabulary import KeyKind, Language, Need, RecipientSource


class ServiceProvider(Model):
    """One service. `verified_on` says when a person last checked how it is reached and whom it takes.

    `mailbox`, `phone` and `place` are empty where nobody has confirmed any. Without a key it gets printed packages.
    """

    __tablename__ = "service_providers"
    __table_args__ = (
        CheckConstraint("age_from IS NULL OR age_to IS NULL OR age_from <= age_to", name="ages"),
        CheckConstraint("(key_kind IS NULL) = (key_material IS NULL)", name="key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_km: Mapped[str] = mapped_column(default="", server_default=text("''"))
    provinces: Mapped[str] = mapped_column(default="", server_default=text("''"))  # codes with spaces; empty: all
    age_from: Mapped[int | None]
    age_to: Mapped[int | None]
    takes: Mapped[str] = mapped_column(
        default="", server_default=text("''")
    )  # whom it takes, in words: girls, families
    capacity: Mapped[str] = mapped_column(default="", server_default=text("''"))  # in words, with its day
    language: Mapped[Language] = mapped_column(word(Language), default=Language.KM)
    mailbox: Mapped[str] = mapped_column(default="", server_default=text("''"))
    phone: Mapped[str] = mapped_column(default="", server_default=text("''"))
    place: Mapped[str] = mapped_column(default="", server_default=text("''"))
    key_kind: Mapped[KeyKind | None] = mapped_column(word(KeyKind))
    key_material: Mapped[str | None]  # public: armored (OpenPGP), or PEM of the certificate (S/MIME)
    key_fingerprint: Mapped[str | None]
    key_expires_at: Mapped[datetime | None]
    source: Mapped[RecipientSource] = mapped_column(
        word(RecipientSource), default=RecipientSource.PERSON, server_default=RecipientSource.PERSON
    )
    doubt: Mapped[str] = mapped_column(default="", server_default=text("''"))  # what nobody has confirmed about it
    verified_on: Mapped[date | None]
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: it came with the portal

    changed_by: Mapped[Staff | None] = relationship()
    need_rows: Mapped[list["ProviderNeed"]] = relationship(
        lazy="selectin", order_by="ProviderNeed.id", cascade="all, delete-orphan"
    )

    @property
    def needs(self) -> tuple[Need, ...]:
        """What it helps with."""
        return tuple(row.need for row in self.need_rows)


class ProviderNeed(Model):
    """One need that a service helps with."""

    __tablename__ = "provider_needs"
    __table_args__ = (UniqueConstraint("provider_id", "need"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("service_providers.id"))
    need: Mapped[Need] = mapped_column(word(Need))
