"""A referral of a child or family to a service, what became of it, and services that were missing.

The database lets none leave without consent (`migrations/desk/0027_victim_cases.py`): a guardian and the child agree,
or a victim who is of age, and nobody's refusal stands; or a named decision without consent stands, that a second person
upheld, or that a danger now does not let wait. It is asked again whenever a worker takes the letter up to send it. What
has left is never changed.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.consent import Override
from hotline.models.service_provider import ServiceProvider
from hotline.models.staff import Staff
from hotline.models.victim_case import VictimCase
from hotline.vocabulary import Language, Need, ReferralMeans, ReferralStatus, RejectReason, RevokeReason


class Referral(Model):
    """One referral. `letter` is what a worker may send: nobody but the service opens it."""

    __tablename__ = "referrals"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'revoked') OR (means IS NOT NULL AND sent_at IS NOT NULL)", name="sent"),
        CheckConstraint("status <> 'rejected' OR reject_reason IS NOT NULL", name="rejected"),
        CheckConstraint("status <> 'revoked' OR revoke_reason IS NOT NULL", name="revoked"),
        Index("ix_referrals_case_id", "case_id", "id"),
        Index("ix_referrals_status", "status", "id"),
        Index("ix_referrals_provider_id", "provider_id", "status", "id"),
        Index("ix_referrals_queued_at", "queued_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("victim_cases.id"))
    provider_id: Mapped[int] = mapped_column(ForeignKey("service_providers.id"))
    need: Mapped[Need] = mapped_column(word(Need))
    status: Mapped[ReferralStatus] = mapped_column(word(ReferralStatus), default=ReferralStatus.DRAFT)
    language: Mapped[Language] = mapped_column(word(Language))
    package: Mapped[bytes]  # sealed to `care`, "referral.package": JSON of all that is told (`rules/referrals.py`)
    version: Mapped[int] = mapped_column(default=1)
    override_id: Mapped[int | None] = mapped_column(ForeignKey("overrides.id"))  # None: consent
    means: Mapped[ReferralMeans | None] = mapped_column(word(ReferralMeans))
    letter: Mapped[
        bytes | None
    ]  # the whole encrypted mail, or the encrypted file; gone once it was sent or handed over
    message_id: Mapped[str | None]
    queued_at: Mapped[datetime | None]  # let go: a worker is to send the letter, or a person takes file or paper along
    leased_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    last_fault: Mapped[str | None]  # why it did not go, came back, or was stopped; a code
    drafted_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    drafted_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]  # mailed, or noted as handed over
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    answered_at: Mapped[datetime | None]
    reject_reason: Mapped[RejectReason | None] = mapped_column(word(RejectReason))
    revoke_reason: Mapped[RevokeReason | None] = mapped_column(word(RevokeReason))
    appointment_at: Mapped[datetime | None]
    check_again_on: Mapped[date | None]
    words: Mapped[bytes | None]  # sealed to `care`, "referral.words": JSON: what the service says back, place, notes
    ended_at: Mapped[datetime | None]

    case: Mapped[VictimCase] = relationship()
    provider: Mapped[ServiceProvider] = relationship()
    override: Mapped[Override | None] = relationship()
    drafted_by: Mapped[Staff] = relationship(foreign_keys=[drafted_by_id])
    sent_by: Mapped[Staff | None] = relationship(foreign_keys=[sent_by_id])


class ServiceGap(Model):
    """A need for which there was no service. What it says in words goes with the case; the figure stays."""

    __tablename__ = "service_gaps"
    __table_args__ = (Index("ix_service_gaps_case_id", "case_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("victim_cases.id"))
    need: Mapped[Need] = mapped_column(word(Need))
    province: Mapped[str]  # code, or empty
    body: Mapped[bytes]  # sealed to `care`, "case.gap"
    noted_at: Mapped[datetime]
    noted_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    closed_at: Mapped[datetime | None]  # a service was found after all
