"""Stakeholders: organisations by sector, the people there whom we know, and what we agreed with them in writing.

The database holds, by triggers (`migrations/desk/0032_stakeholders.py`): a person who was forgotten stays so, and what
is over of an agreement is never changed.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.recipient import Recipient
from hotline.models.service_provider import ServiceProvider
from hotline.models.staff import Staff
from hotline.vocabulary import AgreementState, ContactConsent, OrganisationKind, Sector


class Organisation(Model):
    """One stakeholder. It may be an entry of the directory, or a service for children, as well."""

    __tablename__ = "organisations"
    __table_args__ = (CheckConstraint("recipient_id IS NULL OR service_id IS NULL", name="one_place"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_km: Mapped[str] = mapped_column(default="", server_default=text("''"))
    sector: Mapped[Sector] = mapped_column(word(Sector), index=True)
    kind: Mapped[OrganisationKind] = mapped_column(word(OrganisationKind))
    notes: Mapped[str] = mapped_column(default="", server_default=text("''"))
    recipient_id: Mapped[int | None] = mapped_column(ForeignKey("recipients.id"))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service_providers.id"))
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))

    recipient: Mapped[Recipient | None] = relationship()
    service: Mapped[ServiceProvider | None] = relationship()


class OrganisationPerson(Model):
    """One person of an organisation. What is sealed is None once they asked to be forgotten."""

    __tablename__ = "organisation_people"
    __table_args__ = (
        CheckConstraint("(forgotten_at IS NULL) = (name IS NOT NULL)", name="forgotten"),
        CheckConstraint(
            "forgotten_at IS NULL OR (office IS NULL AND mailbox IS NULL AND phone IS NULL)", name="erased"
        ),
        CheckConstraint("(contact_since IS NULL) = (contact_by IS NULL)", name="consent"),
        Index("ix_organisation_people_organisation_id", "organisation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    name: Mapped[bytes | None]  # sealed to `case`, "stakeholder.name"; the same below
    office: Mapped[bytes | None]
    mailbox: Mapped[bytes | None]
    phone: Mapped[bytes | None]
    contact_since: Mapped[date | None]  # None: they have not said that we may write to them
    contact_by: Mapped[ContactConsent | None] = mapped_column(word(ContactConsent))
    left_on: Mapped[date | None]
    forgotten_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))

    organisation: Mapped[Organisation] = relationship()


class Agreement(Model):
    """What we agreed with others in writing, such as a memorandum of understanding, from when until when."""

    __tablename__ = "agreements"
    __table_args__ = (
        CheckConstraint("expires_on IS NULL OR expires_on > signed_on", name="days"),
        CheckConstraint("(state = 'in_force') = (ended_on IS NULL)", name="ended"),
        Index("ix_agreements_state", "state", "expires_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    paper: Mapped[str]  # where the signed paper lies: our own reference of it
    signed_on: Mapped[date]
    expires_on: Mapped[date | None]  # None: it has no end
    review_on: Mapped[date | None]
    state: Mapped[AgreementState] = mapped_column(word(AgreementState), default=AgreementState.IN_FORCE)
    ended_on: Mapped[date | None]
    ended_why: Mapped[str] = mapped_column(default="", server_default=text("''"))
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("agreements.id"), unique=True)  # which one it renews
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))

    owner: Mapped[Staff | None] = relationship(foreign_keys=owner_id)
    party_rows: Mapped[list["AgreementParty"]] = relationship(lazy="selectin", order_by="AgreementParty.id")

    @property
    def parties(self) -> tuple[Organisation, ...]:
        """With whom it was made."""
        return tuple(row.organisation for row in self.party_rows)


class AgreementParty(Model):
    """One organisation that signed an agreement."""

    __tablename__ = "agreement_parties"
    __table_args__ = (UniqueConstraint("agreement_id", "organisation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)

    organisation: Mapped[Organisation] = relationship(lazy="joined")
