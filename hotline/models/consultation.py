"""Consultations: planned, held and put on record; who came, what was said, and what has to be done.

The database holds, by triggers (`migrations/desk/0032_stakeholders.py`): once a consultation is closed or cancelled its
record is never changed, only added to.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import FRONT, Model, word
from hotline.models.staff import Staff
from hotline.models.stakeholder import Organisation, OrganisationPerson
from hotline.vocabulary import (
    ConsultationPart,
    ConsultationState,
    ConsultationWay,
    Language,
    PointState,
    Sector,
)


class Consultation(Model):
    """One meeting, call or exchange of letters with stakeholders."""

    __tablename__ = "consultations"
    __table_args__ = (
        CheckConstraint("(state IN ('held', 'closed')) = (held_at IS NOT NULL)", name="held"),
        CheckConstraint("(state = 'cancelled') = (cancelled_why <> '')", name="cancelled"),
        CheckConstraint("(state IN ('closed', 'cancelled')) = (ended_at IS NOT NULL)", name="ended"),
        Index("ix_consultations_state", "state", "starts_at"),
        Index("ix_consultations_held_at", "held_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    starts_at: Mapped[datetime]
    way: Mapped[ConsultationWay] = mapped_column(word(ConsultationWay))
    place: Mapped[str] = mapped_column(default="", server_default=text("''"))
    agenda: Mapped[str] = mapped_column(default="", server_default=text("''"))
    language: Mapped[Language] = mapped_column(word(Language))
    lead_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[ConsultationState] = mapped_column(word(ConsultationState), default=ConsultationState.PLANNED)
    invited_at: Mapped[datetime | None]  # when a person noted that the invitation had gone
    held_at: Mapped[datetime | None]  # when it really began
    noted_at: Mapped[datetime | None]  # when somebody noted that it was held
    cancelled_why: Mapped[str] = mapped_column(default="", server_default=text("''"))
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))

    lead: Mapped[Staff] = relationship(foreign_keys=lead_id)
    ended_by: Mapped[Staff | None] = relationship(foreign_keys=ended_by_id)
    invitations: Mapped[list["Invitation"]] = relationship(
        lazy="selectin", order_by="Invitation.id", cascade="all, delete-orphan"
    )

    @property
    def invited(self) -> tuple[Organisation, ...]:
        """Who was invited."""
        return tuple(row.organisation for row in self.invitations)


class Invitation(Model):
    """One organisation that was invited to a consultation."""

    __tablename__ = "invitations"
    __table_args__ = (UniqueConstraint("consultation_id", "organisation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultations.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)

    organisation: Mapped[Organisation] = relationship(lazy="joined")


class ConsultationMove(Model):
    """That a planned consultation was put off, or moved forward, and why."""

    __tablename__ = "consultation_moves"
    __table_args__ = (Index("ix_consultation_moves_consultation_id", "consultation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultations.id"))
    was_at: Mapped[datetime]
    now_at: Mapped[datetime]
    why: Mapped[str]
    moved_at: Mapped[datetime]
    moved_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))

    moved_by: Mapped[Staff] = relationship()


class Attendance(Model):
    """Who of an organisation took part: a person we know by name, or how many others."""

    __tablename__ = "attendances"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) = (others > 0)", name="who"),
        CheckConstraint("others BETWEEN 0 AND 999", name="others"),
        Index("ix_attendances_consultation_id", "consultation_id"),
        Index("ix_attendances_organisation_id", "organisation_id"),
        UniqueConstraint("consultation_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultations.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("organisation_people.id"))
    others: Mapped[int] = mapped_column(default=0, server_default=text("0"))

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    person: Mapped[OrganisationPerson | None] = relationship(lazy="joined")


class ConsultationWords(Model):
    """A view, a decision, minutes, or what was added later. Sealed: who said what is nobody else's."""

    __tablename__ = "consultation_words"
    __table_args__ = (
        CheckConstraint("(part = 'view') = (organisation_id IS NOT NULL)", name="whose"),
        Index("ix_consultation_words_consultation_id", "consultation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultations.id"))
    part: Mapped[ConsultationPart] = mapped_column(word(ConsultationPart))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    body: Mapped[bytes]  # sealed to `case`, "consultation.words"
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    written_at: Mapped[datetime]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))

    organisation: Mapped[Organisation | None] = relationship(lazy="joined")
    written_by: Mapped[Staff] = relationship()


class ActionPoint(Model):
    """What somebody has to do after a consultation by a day: one of us, or an organisation, which one of us asks."""

    __tablename__ = "action_points"
    __table_args__ = (
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("(ended_at IS NULL) = (note IS NULL)", name="noted"),
        Index("ix_action_points_consultation_id", "consultation_id"),
        Index("ix_action_points_owner_id", "owner_id", "state"),
        Index("ix_action_points_state", "state", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultations.id"))
    body: Mapped[bytes]  # sealed to `case`, "consultation.point"
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: nobody of us, as an account closed
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisations.id")
    )  # whose it is to do, if not ours
    due_on: Mapped[date]
    state: Mapped[PointState] = mapped_column(word(PointState), default=PointState.OPEN)
    note: Mapped[bytes | None]  # sealed to `case`, "consultation.point_note"
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))

    consultation: Mapped[Consultation] = relationship()
    owner: Mapped[Staff | None] = relationship(foreign_keys=owner_id)
    organisation: Mapped[Organisation | None] = relationship()


class ConsultationFeedback(Model):
    """What a sector said in a year and what we did about it, for the public: neutral, and read by two people."""

    __tablename__ = "consultation_feedback"
    __table_args__ = (
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> written_by_id", name="two_people"),
        CheckConstraint("(approved_at IS NULL) = (approved_by_id IS NULL)", name="approved"),
        CheckConstraint("published_at IS NULL OR approved_at IS NOT NULL", name="published"),
        CheckConstraint("withdrawn_at IS NULL OR approved_at IS NOT NULL", name="withdrawn"),
        Index("ix_consultation_feedback_year", "year", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    sector: Mapped[Sector] = mapped_column(word(Sector))
    said_en: Mapped[str]
    said_km: Mapped[str]
    did_en: Mapped[str]
    did_km: Mapped[str]
    written_at: Mapped[datetime]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    published_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))

    written_by: Mapped[Staff] = relationship(foreign_keys=written_by_id)
    approved_by: Mapped[Staff | None] = relationship(foreign_keys=approved_by_id)


class PublishedFeedback(Model):
    """What the public reads of a year's consultations, in both languages."""

    __bind_key__ = FRONT
    __tablename__ = "published_feedback"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # in its year, from 1
    sector: Mapped[Sector] = mapped_column(word(Sector))
    said_en: Mapped[str]
    said_km: Mapped[str]
    did_en: Mapped[str]
    did_km: Mapped[str]
