"""The code of practice: its clauses as they were worded, the duties that come round again, and who answers for them.

The database holds, by triggers (`migrations/desk/0029_code_of_practice.py`): what was worded, done or handed over is
never changed, and never deleted.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.staff import Staff
from hotline.vocabulary import Clause, Duty, KeyKind, OfficialPart, Sector

IN_OFFICE = text("until_at IS NULL")


class ClauseText(Model):
    """How a clause was worded from a day on. The newest counts. `doubt` says what has to be clarified about it."""

    __tablename__ = "clause_texts"
    __table_args__ = (Index("ix_clause_texts_clause", "clause", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    clause: Mapped[Clause] = mapped_column(word(Clause))
    text_en: Mapped[str]
    text_km: Mapped[str]
    doubt: Mapped[str] = mapped_column(default="", server_default=text("''"))
    reason: Mapped[str]  # why it was worded anew
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: it came with the portal

    made_by: Mapped[Staff | None] = relationship()


class StandingDuty(Model):
    """A duty that comes round again: for it one clock runs at any time, and is met each time it was done.

    `clause` or `sector` says what it is about, where there is more than one of its kind.
    """

    __tablename__ = "standing_duties"
    __table_args__ = (
        CheckConstraint("(duty = 'check_clause') = (clause IS NOT NULL)", name="about_clause"),
        CheckConstraint("(duty = 'consult') = (sector IS NOT NULL)", name="about_sector"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)  # such as `restore_test` or `consult.industry`
    duty: Mapped[Duty] = mapped_column(word(Duty))
    clause: Mapped[Clause | None] = mapped_column(word(Clause))
    sector: Mapped[Sector | None] = mapped_column(word(Sector))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: nobody answers for it

    owner: Mapped[Staff | None] = relationship()

    @property
    def degree(self) -> int | None:
        """Which rule is its own: the place of its sector, counted from 1."""
        return list(Sector).index(self.sector) + 1 if self.sector else None


class DutyMark(Model):
    """One time that a standing duty was done, or tried without success."""

    __tablename__ = "duty_marks"
    __table_args__ = (Index("ix_duty_marks_standing_id", "standing_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    standing_id: Mapped[int] = mapped_column(ForeignKey("standing_duties.id"))
    worked: Mapped[bool]
    note: Mapped[str]  # what was found, in words that may be shown to a reviewer of the hotline
    done_at: Mapped[datetime]
    noted_at: Mapped[datetime]
    noted_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))

    noted_by: Mapped[Staff] = relationship()


class DutyOwner(Model):
    """From when on somebody answers for a standing duty; `staff_id` is None where nobody does."""

    __tablename__ = "duty_owners"
    __table_args__ = (Index("ix_duty_owners_standing_id", "standing_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    standing_id: Mapped[int] = mapped_column(ForeignKey("standing_duties.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    since_at: Mapped[datetime]
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: the portal, as an account closed

    staff: Mapped[Staff | None] = relationship(foreign_keys=staff_id)
    given_by: Mapped[Staff | None] = relationship(foreign_keys=given_by_id)


class Official(Model):
    """An outsider whom the code of practice names, from when until when, and how they are reached.

    Without a key letters go to them as they are.
    """

    __tablename__ = "officials"
    __table_args__ = (
        CheckConstraint("(key_kind IS NULL) = (key_material IS NULL)", name="key"),
        Index("ix_officials_part", "part", unique=True, sqlite_where=IN_OFFICE, postgresql_where=IN_OFFICE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    part: Mapped[OfficialPart] = mapped_column(word(OfficialPart))
    name: Mapped[bytes]  # sealed to `case`, "official.name"
    mailbox: Mapped[bytes]  # sealed to `case`, "official.mailbox"; empty inside where there is none, like the next
    phone: Mapped[bytes]  # sealed to `case`, "official.phone"
    key_kind: Mapped[KeyKind | None] = mapped_column(word(KeyKind))
    key_material: Mapped[str | None]  # public: armored (OpenPGP), or PEM of the certificate (S/MIME)
    key_fingerprint: Mapped[str | None]
    key_expires_at: Mapped[datetime | None]
    checked_on: Mapped[date | None]  # when somebody last made sure that they are reached so
    since_at: Mapped[datetime]
    until_at: Mapped[datetime | None]  # None: in office
    noted_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))

    noted_by: Mapped[Staff] = relationship()


class StaffReach(Model):
    """How one of us is reached, and what they are called in full. Never leaves: letters are checked against it."""

    __tablename__ = "staff_reach"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    names: Mapped[bytes]  # sealed to `case`, "staff.names": a full name a line, in any script
    mailboxes: Mapped[bytes]  # sealed to `case`, "staff.mailboxes": an address a line; mail goes to the first
    phones: Mapped[bytes]  # sealed to `case`, "staff.phones": a number a line
    wants_mail: Mapped[bool]  # of what they answer for
    changed_at: Mapped[datetime]


class CalendarFeed(Model):
    """The secret address under which a person's calendar asks for their duties, in the secure room only."""

    __tablename__ = "calendar_feeds"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), unique=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)  # SHA-256
    made_at: Mapped[datetime]
