"""A victim case: the file of one child or adult, for victim support alone, and who may open it.

What is in clear tells nothing of anybody: references, steps, risk, days, who of us works on it. Beside the constraints
below the database holds, by triggers (`migrations/desk/0027_victim_cases.py`): a case is closed only on a closure that
another person approved; somebody named as possible abuser is nobody to contact; nothing of a case is deleted but
after its erasure was decided, and then the file is gone for good.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.help_request import HelpRequest
from hotline.models.staff import Staff
from hotline.vocabulary import (
    AgeBand,
    CaseFigure,
    CaseOutcome,
    CaseSource,
    CaseStatus,
    CaseStep,
    PersonPart,
    Risk,
)

UNDECIDED, IS_CONTACT = text("decided_at IS NULL"), text("is_contact")


class VictimCase(Model):
    """One case. `version` grows with every change of its file, so that two people never overwrite each other."""

    __tablename__ = "victim_cases"
    __table_args__ = (
        CheckConstraint("(file IS NULL) = (status = 'erased')", name="file"),
        CheckConstraint("risk BETWEEN 1 AND 4", name="risk"),
        CheckConstraint("(status = 'open') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("(status <> 'duplicate') OR (duplicate_of_id IS NOT NULL)", name="duplicate"),
        Index("ix_victim_cases_list", "status", "risk", "id"),
        Index("ix_victim_cases_officer_id", "officer_id", "status", "risk", "id"),
        Index("ix_victim_cases_keep_until", "keep_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    source: Mapped[CaseSource] = mapped_column(word(CaseSource))
    help_request_id: Mapped[int | None] = mapped_column(ForeignKey("help_requests.id"), unique=True)
    status: Mapped[CaseStatus] = mapped_column(word(CaseStatus), default=CaseStatus.OPEN)
    step: Mapped[CaseStep] = mapped_column(word(CaseStep), default=CaseStep.REGISTRATION)
    risk: Mapped[int] = mapped_column(default=Risk.HIGH)  # a `Risk`; high until somebody has looked
    officer_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    file: Mapped[bytes | None]  # sealed to `care`, "case.file": JSON, as `rules/victim_files.py` says
    version: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    contacted_at: Mapped[datetime | None]  # when child or family were first spoken with
    ended_at: Mapped[datetime | None]
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("victim_cases.id"))
    keep_until: Mapped[date | None]  # set at the end, by the policy in force then; the file goes after that day
    kept_by_id: Mapped[int | None]  # the policy that day was worked out by; by its day no file goes on another's
    ask_safe_anew: Mapped[bool] = mapped_column(  # somebody was named since the file last said how it is safe
        default=False, server_default=false()
    )

    officer: Mapped[Staff] = relationship(foreign_keys=[officer_id])
    opened_by: Mapped[Staff] = relationship(foreign_keys=[opened_by_id])
    help_request: Mapped[HelpRequest | None] = relationship()
    duplicate_of: Mapped["VictimCase | None"] = relationship(remote_side=[id])


class CaseName(Model):
    """A name by which a case is found again: a blind index, as `rules/person_names.py` spells it."""

    __tablename__ = "case_names"
    __table_args__ = (Index("ix_case_names_name_index", "name_index", "case_id"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("victim_cases.id"), primary_key=True)
    name_index: Mapped[bytes] = mapped_column(primary_key=True)


class CasePerson(Model):
    """Somebody in a case. Who is named as possible abuser is never contacted, never asked, and gets nothing.

    At most one of a case is whom to call or write to; where none is, nobody may be.
    """

    __tablename__ = "case_people"
    __table_args__ = (
        CheckConstraint("NOT (is_contact AND is_suspect)", name="contact"),
        CheckConstraint("NOT (is_suspect AND part = 'child')", name="victim"),
        Index("ix_case_people_case_id", "case_id", "id"),
        Index("ix_case_people_contact", "case_id", unique=True, sqlite_where=IS_CONTACT, postgresql_where=IS_CONTACT),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("victim_cases.id"))
    part: Mapped[PersonPart] = mapped_column(word(PersonPart))
    is_suspect: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_contact: Mapped[bool] = mapped_column(default=False, server_default=false())  # whom to call or write to
    body: Mapped[bytes]  # sealed to `care`, "case.person": JSON (`rules/victim_files.py`)
    version: Mapped[int] = mapped_column(default=1)
    added_at: Mapped[datetime]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))


class CaseAccess(Model):
    """Somebody beside its officer may open a case, until a moment: it was shared, or opened for a reason."""

    __tablename__ = "case_access"
    __table_args__ = (
        Index("ix_case_access_case_id", "case_id", "staff_id", "until_at"),
        Index("ix_case_access_staff_id", "staff_id", "until_at", "case_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("victim_cases.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[bytes]  # sealed to `care`, "case.access"
    given_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))  # the same person: they opened it for a reason
    given_at: Mapped[datetime]
    until_at: Mapped[datetime | None]  # None: until it is taken back

    case: Mapped[VictimCase] = relationship()
    person: Mapped[Staff] = relationship(foreign_keys=[staff_id])


class CaseStepDone(Model):
    """One step of a case: since when, and by whom and when it was done. Beginning it anew makes another row."""

    __tablename__ = "case_steps"
    __table_args__ = (Index("ix_case_steps_case_id", "case_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("victim_cases.id"))
    step: Mapped[CaseStep] = mapped_column(word(CaseStep))
    begun_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    done_by: Mapped[Staff | None] = relationship()


class CaseClosure(Model):
    """Somebody asks to close a case; a manager answers from the checklist, without the file."""

    __tablename__ = "case_closures"
    __table_args__ = (
        CheckConstraint("decided_by_id <> asked_by_id", name="two_people"),
        CheckConstraint(
            "(approved IS NULL) = (decided_at IS NULL) AND (approved IS NULL) = (decided_by_id IS NULL)",
            name="decided",
        ),
        Index(
            "ix_case_closures_open",
            "case_id",
            unique=True,
            sqlite_where=UNDECIDED,
            postgresql_where=UNDECIDED,
        ),
        Index("ix_case_closures_case_id", "case_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("victim_cases.id"))
    outcome: Mapped[CaseOutcome] = mapped_column(word(CaseOutcome))
    checklist: Mapped[str]  # codes of `rules/case_closing.py` that were ticked, with spaces between; nobody's words
    age_band: Mapped[AgeBand] = mapped_column(word(AgeBand))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]
    approved: Mapped[bool | None]
    question: Mapped[bytes | None]  # sealed to `care`, "case.closure": what the manager asks, where not approved
    undone_at: Mapped[datetime | None]  # the case was taken up again

    case: Mapped[VictimCase] = relationship()
    asked_by: Mapped[Staff] = relationship(foreign_keys=[asked_by_id])
    decided_by: Mapped[Staff | None] = relationship(foreign_keys=[decided_by_id])


class CaseErasure(Model):
    """The certificate that a case's file was erased: when, by which policy or whose decision, and how much it was."""

    __tablename__ = "case_erasures"
    __table_args__ = (
        CheckConstraint("approved_by_id <> asked_by_id", name="two_people"),
        CheckConstraint("policy_id IS NOT NULL OR asked_by_id IS NOT NULL", name="why"),
        CheckConstraint("erased_at IS NULL OR policy_id IS NOT NULL OR approved_by_id IS NOT NULL", name="approved"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("victim_cases.id"), unique=True)
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("retention_policies.id"))  # None: at somebody's wish
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    erased_at: Mapped[datetime | None]
    records: Mapped[str]  # how many rows went, by table: `case_notes 12 referrals 3`; empty until erased

    case: Mapped[VictimCase] = relationship()
    asked_by: Mapped[Staff | None] = relationship(foreign_keys=[asked_by_id])
    approved_by: Mapped[Staff | None] = relationship(foreign_keys=[approved_by_id])


class RetentionPolicy(Model):
    """How long files are kept after their end. Never changed: another follows it. `until_age`: at least to that age."""

    __tablename__ = "retention_policies"
    __table_args__ = (
        CheckConstraint("years >= 0", name="years"),
        CheckConstraint("until_age IS NULL OR until_age BETWEEN 0 AND 99", name="until_age"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    years: Mapped[int]  # after the end
    until_age: Mapped[int | None]
    valid_from: Mapped[datetime]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: it came with the portal
    reason: Mapped[str]

    made_by: Mapped[Staff | None] = relationship()


class CaseTally(Model):
    """One figure of one quarter, counted as things happen. Nothing in it leads back to a case."""

    __tablename__ = "case_tallies"
    __table_args__ = (
        UniqueConstraint("period", "figure", "part"),
        CheckConstraint("count >= 0", name="count"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    period: Mapped[str]  # `2026-Q4`
    figure: Mapped[CaseFigure] = mapped_column(word(CaseFigure))
    part: Mapped[str]
    count: Mapped[int] = mapped_column(default=0)
