"""What a child or family needs: questions in versions, assessments that a second person approves, the plan.

The database keeps an approved assessment as it is (`migrations/desk/0027_victim_cases.py`).
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.staff import Staff
from hotline.models.victim_case import VictimCase
from hotline.vocabulary import ActionState, AssessmentState, Need, NeedLevel


class QuestionSet(Model):
    """One version of the questions. Never changed: another follows it. Version 0 stands in the jurisdiction's file."""

    __tablename__ = "question_sets"

    version: Mapped[int] = mapped_column(primary_key=True)  # from 1
    body: Mapped[str]  # JSON: by domain, questions in both languages (`rules/needs.py`)
    reason: Mapped[str]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime]

    made_by: Mapped[Staff] = relationship()


class NeedsAssessment(Model):
    """One assessment of all domains. Who approves it is not who made it."""

    __tablename__ = "needs_assessments"
    __table_args__ = (
        CheckConstraint("approved_by_id <> made_by_id", name="two_people"),
        CheckConstraint("(state = 'approved') = (approved_by_id IS NOT NULL)", name="approved"),
        Index("ix_needs_assessments_case_id", "case_id", "id"),
        Index("ix_needs_assessments_state", "state", "id"),
        {"sqlite_autoincrement": True},  # no number comes again: it stands in the audit trail, and in open pages
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("victim_cases.id"))
    questions_version: Mapped[int]
    state: Mapped[AssessmentState] = mapped_column(word(AssessmentState), default=AssessmentState.DRAFT)
    body: Mapped[bytes]  # sealed to `care`, "case.assessment": JSON, answers by domain (`rules/needs.py`)
    version: Mapped[int] = mapped_column(default=1)
    assessed_on: Mapped[date]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]  # last handed in; stands also where it was taken back
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approved_at: Mapped[datetime | None]
    question: Mapped[bytes | None]  # sealed to `care`, "case.assessment.question": what is asked, where returned

    case: Mapped[VictimCase] = relationship()
    made_by: Mapped[Staff] = relationship(foreign_keys=[made_by_id])
    approved_by: Mapped[Staff | None] = relationship(foreign_keys=[approved_by_id])
    levels: Mapped[list["NeedFound"]] = relationship(order_by="NeedFound.id", cascade="all, delete-orphan")


class NeedFound(Model):
    """How great the need is in one domain, as one assessment says."""

    __tablename__ = "needs_found"
    __table_args__ = (UniqueConstraint("assessment_id", "need"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("needs_assessments.id"))
    need: Mapped[Need] = mapped_column(word(Need))
    level: Mapped[NeedLevel] = mapped_column(word(NeedLevel))


class PlanAction(Model):
    """One action of a case's plan: for which need, by when, whose."""

    __tablename__ = "plan_actions"
    __table_args__ = (
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
        Index("ix_plan_actions_case_id", "case_id", "id"),
        Index("ix_plan_actions_owner_id", "owner_id", "state", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("victim_cases.id"))
    need: Mapped[Need] = mapped_column(word(Need))
    body: Mapped[bytes]  # sealed to `care`, "case.action": JSON: what, who outside does it, how it ended
    version: Mapped[int] = mapped_column(default=1)
    owner_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))  # who of us sees to it
    due_on: Mapped[date | None]
    state: Mapped[ActionState] = mapped_column(word(ActionState), default=ActionState.OPEN)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    ended_at: Mapped[datetime | None]

    owner: Mapped[Staff] = relationship(foreign_keys=[owner_id])
