"""The secure room: who may enter, who did, and what was corrected about that.

The database holds, by triggers: what was noted of an entry is never changed but for when somebody left and for a
visitor's name, which goes after a while with all that was said of the visit; nothing is deleted.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model
from hotline.models.staff import Staff

INSIDE = text("left_at IS NULL")
GIVEN = text("ended_at IS NULL")


class RoomPermit(Model):
    """That one of us may enter the room without company, since when, until when, and who said so."""

    __tablename__ = "room_permits"
    __table_args__ = (
        CheckConstraint("ended_at IS NULL OR ended_at >= since_at", name="ended"),
        Index("ix_room_permits_staff_id", "staff_id", unique=True, sqlite_where=GIVEN, postgresql_where=GIVEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    since_at: Mapped[datetime]
    until_on: Mapped[date | None]  # the last day it holds; None: until somebody ends it
    given_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: the portal, as the account closed

    staff: Mapped[Staff] = relationship(foreign_keys=staff_id)
    given_by: Mapped[Staff] = relationship(foreign_keys=given_by_id)
    ended_by: Mapped[Staff | None] = relationship(foreign_keys=ended_by_id)


class RoomEntry(Model):
    """One time that somebody was in the room. A visitor is one of whom we have no account: always with company."""

    __tablename__ = "room_entries"
    __table_args__ = (
        CheckConstraint("left_at IS NULL OR left_at >= came_at", name="left"),
        CheckConstraint("is_visitor = (staff_id IS NULL)", name="who"),
        CheckConstraint("NOT is_visitor OR escort_id IS NOT NULL", name="visitor_with_company"),
        CheckConstraint("is_visitor OR visitor IS NULL", name="visitor"),
        Index("ix_room_entries_came_at", "came_at"),
        Index("ix_room_entries_inside", "came_at", sqlite_where=INSIDE, postgresql_where=INSIDE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    is_visitor: Mapped[bool]
    visitor: Mapped[bytes | None]  # sealed to `case`, "room.visitor": a name; None once it was erased
    escort_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[bytes | None]  # sealed to `case`, "room.reason"; goes with a visitor's name
    on_list: Mapped[bool]  # whether the person, or who escorted them, was on the list then
    came_at: Mapped[datetime]
    noted_at: Mapped[datetime]
    noted_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    left_at: Mapped[datetime | None]  # None: still inside
    left_noted_at: Mapped[datetime | None]
    left_noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    staff: Mapped[Staff | None] = relationship(foreign_keys=staff_id)
    escort: Mapped[Staff | None] = relationship(foreign_keys=escort_id)
    noted_by: Mapped[Staff] = relationship(foreign_keys=noted_by_id)
    left_noted_by: Mapped[Staff | None] = relationship(foreign_keys=left_noted_by_id)
    corrections: Mapped[list["RoomCorrection"]] = relationship(order_by="RoomCorrection.id", lazy="selectin")


class RoomCorrection(Model):
    """What was wrong about an entry. The newest counts; the entry stays as it was written."""

    __tablename__ = "room_corrections"
    __table_args__ = (
        CheckConstraint("left_at IS NULL OR left_at >= came_at", name="left"),
        Index("ix_room_corrections_entry_id", "entry_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("room_entries.id"))
    came_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    happened: Mapped[bool]  # False: nobody came in, the entry was a mistake
    visitor: Mapped[bytes | None]  # sealed as that of an entry: the name as it is right; None: as it was, or erased
    reason: Mapped[bytes | None]  # sealed to `case`, "room.correction"; of a visitor's it goes with the name
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))

    made_by: Mapped[Staff] = relationship()
