"""Who agreed that one service, or the police, is told of a child; and what was decided without it.

The newest answer of a person for a recipient stands until it is ended. Beside the constraints below the database holds,
by triggers (`migrations/desk/0027_victim_cases.py`): nobody named as possible abuser answers, nor is named so while an
answer of theirs stands; an answer is never changed, only ended.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.recipient import Recipient
from hotline.models.service_provider import ServiceProvider
from hotline.models.staff import Staff
from hotline.models.victim_case import CasePerson, VictimCase
from hotline.vocabulary import ConsentAnswer, OverrideBasis, OverrideDecision, Voice

STANDS = text("ended_at IS NULL")
ONE_RECIPIENT = "(provider_id IS NULL) <> (unit_id IS NULL)"


class Consent(Model):
    """What one person answered about one recipient: a service (`provider_id`) or a unit of the police (`unit_id`)."""

    __tablename__ = "consents"
    __table_args__ = (
        CheckConstraint(ONE_RECIPIENT, name="one_recipient"),
        CheckConstraint("answer <> 'unable' OR voice = 'child'", name="unable"),
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended"),
        Index(
            "ix_consents_provider",
            "case_id",
            "provider_id",
            "person_id",
            unique=True,
            sqlite_where=STANDS,
            postgresql_where=STANDS,
        ),
        Index(
            "ix_consents_unit",
            "case_id",
            "unit_id",
            "person_id",
            unique=True,
            sqlite_where=STANDS,
            postgresql_where=STANDS,
        ),
        Index("ix_consents_case_id", "case_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("victim_cases.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("case_people.id"))
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("service_providers.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("recipients.id"))
    voice: Mapped[Voice] = mapped_column(word(Voice))
    answer: Mapped[ConsentAnswer] = mapped_column(word(ConsentAnswer))
    body: Mapped[bytes]  # sealed to `care`, "case.consent": JSON, as `rules/consents.py` says
    asked_on: Mapped[date]
    ask_again_on: Mapped[date | None]
    noted_at: Mapped[datetime]
    noted_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    withdrawn: Mapped[bool | None]  # how it ended: taken back by the person, or followed by another answer
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    case: Mapped[VictimCase] = relationship()
    person: Mapped[CasePerson] = relationship()
    provider: Mapped[ServiceProvider | None] = relationship()
    unit: Mapped[Recipient | None] = relationship()
    noted_by: Mapped[Staff] = relationship(foreign_keys=[noted_by_id])


class Override(Model):
    """Somebody decided, by name, to tell a recipient although consent is missing; a second person looks at it."""

    __tablename__ = "overrides"
    __table_args__ = (
        CheckConstraint(ONE_RECIPIENT, name="one_recipient"),
        CheckConstraint("reviewed_by_id <> decided_by_id", name="two_people"),
        CheckConstraint(
            "(decision IS NULL) = (reviewed_at IS NULL) AND (decision IS NULL) = (reviewed_by_id IS NULL)",
            name="reviewed",
        ),
        Index("ix_overrides_case_id", "case_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("victim_cases.id"))
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("service_providers.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("recipients.id"))
    basis: Mapped[OverrideBasis] = mapped_column(word(OverrideBasis))
    body: Mapped[bytes]  # sealed to `care`, "case.override": JSON: reason (without names, a manager reads it), shares
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime]
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reviewed_at: Mapped[datetime | None]
    decision: Mapped[OverrideDecision | None] = mapped_column(word(OverrideDecision))

    case: Mapped[VictimCase] = relationship()
    provider: Mapped[ServiceProvider | None] = relationship()
    unit: Mapped[Recipient | None] = relationship()
    decided_by: Mapped[Staff] = relationship(foreign_keys=[decided_by_id])
    reviewed_by: Mapped[Staff | None] = relationship(foreign_keys=[reviewed_by_id])
