"""An incident: what happened, what was done about it, and who was told; and the rounds whose stopping is one by itself.

The database holds, by triggers (`migrations/desk/0030_incidents.py`): what was recorded, written in the timeline, told
by telephone or sent is never changed, nothing is deleted, a closed incident stays as it is, and no letter of a drill
ever leaves.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.staff import Staff
from hotline.vocabulary import (
    IncidentEntryKind,
    IncidentKind,
    IncidentLetterState,
    Language,
    OfficialPart,
    Pulse,
)

OPEN = text("closed_at IS NULL")
BEATS_NO_MORE = text("closed_at IS NULL AND pulse IS NOT NULL AND kind = 'interruption'")
TO_DO = text("done_at IS NULL")
OF_INTERRUPTIONS = text("kind = 'interruption'")


class Incident(Model):
    """One incident. Time to tell others counts from `noticed_at`, whenever it was recorded."""

    __tablename__ = "incidents"
    __table_args__ = (
        CheckConstraint("noticed_at <= recorded_at", name="noticed"),
        CheckConstraint("(body IS NULL) = (recorded_by_id IS NULL)", name="recorded"),
        CheckConstraint("(pulse IS NULL) = (recorded_by_id IS NOT NULL)", name="by_itself"),
        CheckConstraint("closed_at IS NULL OR contained_at IS NOT NULL", name="contained"),
        CheckConstraint("(closed_at IS NULL) = (closed_by_id IS NULL)", name="closed"),
        Index("ix_incidents_open", "id", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_incidents_noticed_at", "noticed_at", "id"),
        Index(
            "ix_incidents_interruption",
            "noticed_at",
            "id",
            sqlite_where=OF_INTERRUPTIONS,
            postgresql_where=OF_INTERRUPTIONS,
        ),
        Index("ix_incidents_pulse", "pulse", unique=True, sqlite_where=BEATS_NO_MORE, postgresql_where=BEATS_NO_MORE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[IncidentKind] = mapped_column(word(IncidentKind))
    is_drill: Mapped[bool] = mapped_column(default=False)
    body: Mapped[bytes | None]  # sealed, "incident.body": what happened; None where the portal recorded it by itself
    noticed_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: the portal
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: nobody answers for it
    pulse: Mapped[Pulse | None] = mapped_column(word(Pulse))  # whose stopping this is, where the portal noticed
    stopped_at: Mapped[datetime | None]  # the last round that went through before it stopped last
    back_at: Mapped[datetime | None]  # the first that did again; None while it stands still
    contained_at: Mapped[datetime | None]
    dpo_told_at: Mapped[datetime | None]
    secretariat_told_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    recorded_by: Mapped[Staff | None] = relationship(foreign_keys=[recorded_by_id])
    lead: Mapped[Staff | None] = relationship(foreign_keys=[lead_id])
    closed_by: Mapped[Staff | None] = relationship(foreign_keys=[closed_by_id])

    def told_at(self, part: OfficialPart) -> datetime | None:
        """When an official was told; None: not yet, or what told them came back."""
        return self.dpo_told_at if part is OfficialPart.DPO else self.secretariat_told_at


class IncidentEntry(Model):
    """One line of the timeline. Never changed."""

    __tablename__ = "incident_entries"
    __table_args__ = (
        CheckConstraint("(body IS NULL) = (written_by_id IS NULL)", name="written"),
        Index("ix_incident_entries_incident_id", "incident_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    kind: Mapped[IncidentEntryKind] = mapped_column(word(IncidentEntryKind))
    body: Mapped[bytes | None]  # sealed, "incident.entry"; None where the portal wrote it
    happened_at: Mapped[datetime]
    written_at: Mapped[datetime]
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: the portal

    written_by: Mapped[Staff | None] = relationship()


class IncidentCall(Model):
    """An official was told by telephone: whom, when, by whom. Never changed."""

    __tablename__ = "incident_calls"
    __table_args__ = (
        CheckConstraint("called_at <= noted_at", name="called"),
        Index("ix_incident_calls_incident_id", "incident_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    part: Mapped[OfficialPart] = mapped_column(word(OfficialPart))
    body: Mapped[bytes]  # sealed, "incident.call": JSON {whom, words}
    called_at: Mapped[datetime]
    noted_at: Mapped[datetime]
    called_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))

    called_by: Mapped[Staff] = relationship()


class IncidentLetter(Model):
    """A letter to an official. `proof` is kept once a mail server has taken it."""

    __tablename__ = "incident_letters"
    __table_args__ = (
        CheckConstraint(
            "status NOT IN ('sent', 'bounced') OR (sent_at IS NOT NULL AND proof IS NOT NULL"
            " AND message_id IS NOT NULL)",
            name="sent",
        ),
        CheckConstraint("status <> 'queued' OR (queued_at IS NOT NULL AND message_id IS NOT NULL)", name="queued"),
        CheckConstraint("second_id IS NULL OR second_id <> asked_by_id", name="two_people"),
        Index("ix_incident_letters_incident_id", "incident_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    part: Mapped[OfficialPart] = mapped_column(word(OfficialPart))
    language: Mapped[Language] = mapped_column(word(Language))
    status: Mapped[IncidentLetterState] = mapped_column(word(IncidentLetterState), default=IncidentLetterState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    body: Mapped[bytes]  # sealed, "incident.letter": JSON {mailbox, subject, text}; the mailbox is empty until it goes
    written_at: Mapped[datetime]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))  # who drafted it, or changed it last
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # wanted to send what points at one of us
    second_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # let that go all the same
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # who read it and sent it
    queued_at: Mapped[datetime | None]
    message_id: Mapped[str | None]
    leased_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    last_fault: Mapped[str | None]  # why it did not go, or came back; a code
    sent_at: Mapped[datetime | None]
    proof: Mapped[bytes | None]  # sealed, "incident.proof": JSON {answer, message}: what the server said, and the copy

    incident: Mapped[Incident] = relationship()
    written_by: Mapped[Staff] = relationship(foreign_keys=[written_by_id])
    asked_by: Mapped[Staff | None] = relationship(foreign_keys=[asked_by_id])
    second: Mapped[Staff | None] = relationship(foreign_keys=[second_id])
    sent_by: Mapped[Staff | None] = relationship(foreign_keys=[sent_by_id])


class IncidentAction(Model):
    """Something to be done after an incident, by whom and until when."""

    __tablename__ = "incident_actions"
    __table_args__ = (
        CheckConstraint("(done_at IS NULL) = (done_by_id IS NULL)", name="done"),
        Index("ix_incident_actions_incident_id", "incident_id", "id"),
        Index("ix_incident_actions_owner_id", "owner_id", "due_on", sqlite_where=TO_DO, postgresql_where=TO_DO),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    body: Mapped[bytes]  # sealed, "incident.action"
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    due_on: Mapped[date]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    incident: Mapped[Incident] = relationship()
    owner: Mapped[Staff | None] = relationship(foreign_keys=[owner_id])
    made_by: Mapped[Staff] = relationship(foreign_keys=[made_by_id])
    done_by: Mapped[Staff | None] = relationship(foreign_keys=[done_by_id])


class Heartbeat(Model):
    """When a round of one kind last went through."""

    __tablename__ = "heartbeats"

    pulse: Mapped[Pulse] = mapped_column(word(Pulse), primary_key=True)
    beat_at: Mapped[datetime]
