"""Pictures taken at events, by reference only: who is shown on them, who agreed, and where they were published.

No picture is kept, nor can one be. The database holds, by triggers (`migrations/desk/0034_imagery.py`): a picture is
put down as published only where everybody shown on it agreed to that before, a guardian too where a child is shown;
answers and publications are never changed and never deleted.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.staff import Staff
from hotline.vocabulary import AnswerEnd, EventHost, PictureAnswer, PictureScope, ShownEnd, Voice

IS_SHOWN, STANDS, IS_OUT = text("struck_at IS NULL"), text("ended_at IS NULL"), text("taken_down_at IS NULL")
MAY_EXPIRE = text("ended_at IS NULL AND expires_on IS NOT NULL")


class ImageryEvent(Model):
    """One event at which pictures were taken. `version` grows with every change."""

    __tablename__ = "imagery_events"
    __table_args__ = (Index("ix_imagery_events_held_on", "held_on", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    name_en: Mapped[str]
    name_km: Mapped[str]
    held_on: Mapped[date]
    place: Mapped[str]
    organiser: Mapped[str]
    host: Mapped[EventHost] = mapped_column(word(EventHost))
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))

    made_by: Mapped[Staff] = relationship()


class Photograph(Model):
    """One photograph, by the name of its file or its number in an album. Frozen once it was published."""

    __tablename__ = "photographs"
    __table_args__ = (UniqueConstraint("event_id", "reference"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("imagery_events.id"))
    reference: Mapped[str]
    description: Mapped[str]
    nobody_shown: Mapped[bool] = mapped_column(  # somebody looked: nobody on it can be recognised
        default=False, server_default=false()
    )
    noted_at: Mapped[datetime]
    noted_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))

    event: Mapped[ImageryEvent] = relationship()
    noted_by: Mapped[Staff] = relationship()


class PersonShown(Model):
    """Somebody shown on pictures of one event. Without `body` they were forgotten: their answers stay as counts."""

    __tablename__ = "people_shown"
    __table_args__ = (
        CheckConstraint("(body IS NULL) = (forgotten_at IS NOT NULL)", name="forgotten"),
        Index("ix_people_shown_event_id", "event_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("imagery_events.id"))
    is_child: Mapped[bool]
    body: Mapped[bytes | None]  # sealed to `case`, "imagery.person": JSON (`rules/imagery.py`)
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    noted_at: Mapped[datetime]
    noted_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    forgotten_at: Mapped[datetime | None]

    event: Mapped[ImageryEvent] = relationship()


class Showing(Model):
    """That somebody is shown on a photograph, until it is struck out with its reason."""

    __tablename__ = "showings"
    __table_args__ = (
        CheckConstraint("(struck_at IS NULL) = (struck_why IS NULL)", name="struck"),
        CheckConstraint("(struck_at IS NULL) = (struck_by_id IS NULL)", name="struck_by"),
        Index(
            "ix_showings_photograph_id",
            "photograph_id",
            "person_id",
            unique=True,
            sqlite_where=IS_SHOWN,
            postgresql_where=IS_SHOWN,
        ),
        Index("ix_showings_person_id", "person_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    photograph_id: Mapped[int] = mapped_column(ForeignKey("photographs.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people_shown.id"))
    noted_at: Mapped[datetime]
    noted_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    struck_at: Mapped[datetime | None]
    struck_why: Mapped[ShownEnd | None] = mapped_column(word(ShownEnd))
    struck_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    photograph: Mapped[Photograph] = relationship()
    person: Mapped[PersonShown] = relationship()


class PictureConsent(Model):
    """What somebody answered, in one voice: where pictures that show them may be published. The next one ends it."""

    __tablename__ = "picture_consents"
    __table_args__ = (
        CheckConstraint("(answer = 'agrees') = (scopes <> '')", name="scopes"),
        CheckConstraint("expires_on IS NULL OR (answer = 'agrees' AND expires_on >= asked_on)", name="expires"),
        CheckConstraint("(ended_at IS NULL) = (ended_how IS NULL)", name="ended"),
        Index(
            "ix_picture_consents_person_id",
            "person_id",
            "voice",
            unique=True,
            sqlite_where=STANDS,
            postgresql_where=STANDS,
        ),
        Index("ix_picture_consents_expires_on", "expires_on", sqlite_where=MAY_EXPIRE, postgresql_where=MAY_EXPIRE),
        Index("ix_picture_consents_noted_at", "noted_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people_shown.id"))
    voice: Mapped[Voice] = mapped_column(word(Voice))
    answer: Mapped[PictureAnswer] = mapped_column(word(PictureAnswer))
    scopes: Mapped[str]  # `PictureScope`s with spaces between; empty where they decline
    language: Mapped[str]  # in which they were asked
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_on: Mapped[date]
    expires_on: Mapped[date | None]  # the last day on which it holds; None: until it is withdrawn
    evidence: Mapped[bytes | None]  # sealed to `case`, "imagery.evidence": where the paper lies; None: forgotten
    noted_at: Mapped[datetime]
    noted_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    ended_at: Mapped[datetime | None]
    ended_how: Mapped[AnswerEnd | None] = mapped_column(word(AnswerEnd))
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: the portal, as its day was over

    person: Mapped[PersonShown] = relationship()
    asked_by: Mapped[Staff] = relationship(foreign_keys=asked_by_id)


class Publication(Model):
    """That a photograph was published somewhere, and taken down. `place` is a page of our own, or words."""

    __tablename__ = "publications"
    __table_args__ = (
        CheckConstraint("(taken_down_at IS NULL) = (taken_down_by_id IS NULL)", name="taken_down"),
        Index("ix_publications_photograph_id", "photograph_id", "id"),
        Index("ix_publications_noted_at", "noted_at", "id"),
        Index("ix_publications_out", "id", sqlite_where=IS_OUT, postgresql_where=IS_OUT),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    photograph_id: Mapped[int] = mapped_column(ForeignKey("photographs.id"))
    scope: Mapped[PictureScope] = mapped_column(word(PictureScope))
    place: Mapped[str]
    published_on: Mapped[date]
    noted_at: Mapped[datetime]
    noted_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    taken_down_at: Mapped[datetime | None]
    taken_down_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    copies: Mapped[str] = mapped_column(default="", server_default=text("''"))  # where else it may still be

    photograph: Mapped[Photograph] = relationship()
    noted_by: Mapped[Staff] = relationship(foreign_keys=noted_by_id)
    taken_down_by: Mapped[Staff | None] = relationship(foreign_keys=taken_down_by_id)
