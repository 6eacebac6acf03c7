"""What victim support tells the police so that a victim is identified and made safe, and what came back.

The only thing that bears the name of somebody named as possible abuser. The database lets it be handed over on consent
or a named decision, as a referral (`migrations/desk/0028_consent_and_referrals.py`), and keeps it as it was handed
over. What the police have already is never refused: it is marked (`although`), and the mark stays.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.case_link import CaseLink
from hotline.models.consent import Override
from hotline.models.recipient import Recipient
from hotline.models.staff import Staff
from hotline.models.victim_case import VictimCase
from hotline.vocabulary import Although, Found, HandedBy, IdentificationStatus, Language


class Identification(Model):
    """One handing-over to one unit of the police."""

    __tablename__ = "identifications"
    __table_args__ = (
        CheckConstraint(
            "status IN ('draft', 'withdrawn') OR (handed_by IS NOT NULL AND handed_to IS NOT NULL"
            " AND handed_over_by_id IS NOT NULL AND handed_over_at IS NOT NULL)",
            name="handed_over",
        ),
        CheckConstraint("although IS NULL OR status NOT IN ('draft', 'withdrawn')", name="marked"),
        CheckConstraint("(settled IS NULL) = (settled_at IS NULL)", name="settled"),
        CheckConstraint("settled_at IS NULL OR although IS NOT NULL", name="settled_marked"),
        Index("ix_identifications_case_id", "case_id", "id"),
        Index("ix_identifications_status", "status", "id"),
        Index(
            "ix_identifications_although",
            "settled_at",
            "id",
            sqlite_where=text("although IS NOT NULL"),
            postgresql_where=text("although IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("victim_cases.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("recipients.id"))
    status: Mapped[IdentificationStatus] = mapped_column(word(IdentificationStatus), default=IdentificationStatus.DRAFT)
    language: Mapped[Language] = mapped_column(word(Language))
    package: Mapped[bytes]  # sealed to `care`, "identification.package": JSON (`rules/identifications.py`)
    version: Mapped[int] = mapped_column(default=1)
    override_id: Mapped[int | None] = mapped_column(ForeignKey("overrides.id"))  # None: consent
    drafted_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    drafted_at: Mapped[datetime]
    handed_by: Mapped[HandedBy | None] = mapped_column(word(HandedBy))
    handed_to: Mapped[bytes | None]  # sealed to `care`, "identification.handed_to"
    handed_over_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    handed_over_at: Mapped[datetime | None]
    although: Mapped[Although | None] = mapped_column(word(Although))  # noted as a fact where it may not go
    settled: Mapped[bytes | None]  # sealed to `care`, "identification.settled": whom somebody told of that, in words
    settled_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    case_number: Mapped[bytes | None]  # sealed to `care`, "identification.case_number"
    hold_until: Mapped[date | None]  # the police ask us not to contact the family before this day
    hold: Mapped[bytes | None]  # sealed to `care`, "identification.hold": what they ask, and who asked
    found: Mapped[Found | None] = mapped_column(word(Found))
    found_on: Mapped[date | None]
    feedback: Mapped[bytes | None]  # sealed to `care`, "identification.feedback"
    closed_at: Mapped[datetime | None]

    case: Mapped[VictimCase] = relationship()
    unit: Mapped[Recipient] = relationship()
    override: Mapped[Override | None] = relationship()
    drafted_by: Mapped[Staff] = relationship(foreign_keys=[drafted_by_id])
    handed_over_by: Mapped[Staff | None] = relationship(foreign_keys=[handed_over_by_id])
    link_rows: Mapped[list["IdentificationLink"]] = relationship(
        order_by="IdentificationLink.link_id", cascade="all, delete-orphan"
    )


class IdentificationLink(Model):
    """By which references the police can put this together with a report of the analysts."""

    __tablename__ = "identification_links"

    identification_id: Mapped[int] = mapped_column(ForeignKey("identifications.id"), primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("case_links.id"), primary_key=True)

    link: Mapped[CaseLink] = relationship()
