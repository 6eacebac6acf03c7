"""What people found, and whom they ask where it differs.

Two assessments that agree, by two people, make a verdict, or one and an outside decision; the database checks it.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.item import Item
from hotline.models.outside_decision import OutsideDecision
from hotline.models.staff import Staff
from hotline.vocabulary import InhopeClass, LawVerdict

BEGINNING = text("supersedes_id IS NULL")
AGREED = ("id", "item_id", "assessor_id", "inhope_class", "law")


class Assessment(Model):
    """One person's finding on both axes. Never changed afterwards: who thinks again adds another."""

    __tablename__ = "assessments"
    __table_args__ = (UniqueConstraint(*AGREED),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), index=True)
    assessor_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    inhope_class: Mapped[InhopeClass] = mapped_column(word(InhopeClass))
    law: Mapped[LawVerdict] = mapped_column(word(LawVerdict))
    findings: Mapped[bytes]  # sealed, "assessment.findings": JSON of the law test and the description
    made_at: Mapped[datetime]

    assessor: Mapped[Staff] = relationship()


class Verdict(Model):
    """The agreed result of two people: a third record beside their two.

    Both foreign keys carry item, person, class and law, so a row can only stand when two existing assessments of the
    same item say the same; the check says that they are two people. Or it rests on one assessment and an outside
    decision that counts and says the same: then there is no second. When people have looked anew, the next verdict
    supersedes the last: an item has one chain of verdicts, which never forks.
    """

    __tablename__ = "verdicts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["first_id", "item_id", "first_by", "inhope_class", "law"],
            [f"assessments.{column}" for column in AGREED],
            name="fk_verdicts_first",
        ),
        ForeignKeyConstraint(
            ["second_id", "item_id", "second_by", "inhope_class", "law"],
            [f"assessments.{column}" for column in AGREED],
            name="fk_verdicts_second",
        ),
        ForeignKeyConstraint(
            ["supersedes_id", "item_id"], ["verdicts.id", "verdicts.item_id"], name="fk_verdicts_supersedes"
        ),
        ForeignKeyConstraint(
            ["outside_id", "item_id", "inhope_class", "law"],
            [f"outside_decisions.{column}" for column in ("id", "item_id", "inhope_class", "law")],
            name="fk_verdicts_outside",
        ),
        CheckConstraint("first_by <> second_by", name="two_people"),
        CheckConstraint(
            "(second_id IS NULL) = (second_by IS NULL) AND (second_id IS NULL) = (outside_id IS NOT NULL)",
            name="two_sides",
        ),
        CheckConstraint("looks_until >= first_id AND (second_id IS NULL OR looks_until >= second_id)", name="until"),
        CheckConstraint("supersedes_id < id", name="backwards"),
        UniqueConstraint("id", "item_id", "inhope_class", "law"),
        UniqueConstraint("id", "item_id"),
        UniqueConstraint("supersedes_id"),
        Index("ix_verdicts_outside_id", "outside_id"),
        Index("ix_verdicts_beginning", "item_id", unique=True, sqlite_where=BEGINNING, postgresql_where=BEGINNING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), index=True)
    first_id: Mapped[int]
    first_by: Mapped[int]
    second_id: Mapped[int | None]
    second_by: Mapped[int | None]
    inhope_class: Mapped[InhopeClass] = mapped_column(word(InhopeClass))
    law: Mapped[LawVerdict] = mapped_column(word(LawVerdict))
    agreed_at: Mapped[datetime]
    supersedes_id: Mapped[int | None]
    outside_id: Mapped[int | None]
    looks_until: Mapped[int]  # findings up to this id led to it

    outside: Mapped[OutsideDecision | None] = relationship(
        primaryjoin=lambda: foreign(Verdict.outside_id) == OutsideDecision.id, viewonly=True
    )

    @property
    def look_ids(self) -> tuple[int, ...]:
        """The findings that it rests on: two, or one beside an outside decision."""
        return (self.first_id,) if self.second_id is None else (self.first_id, self.second_id)


class ThirdLook(Model):
    """A third person is asked to look where two differ. The row goes once that look is given, or it is settled."""

    __tablename__ = "third_looks"
    __table_args__ = (
        CheckConstraint("(taken_by_id IS NULL) = (taken_at IS NULL)", name="taken"),
        Index("ix_third_looks_taken_by_id", "taken_by_id"),
    )

    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # None: the time to talk was over
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    taken_at: Mapped[datetime | None]

    item: Mapped[Item] = relationship()
    asked_by: Mapped[Staff | None] = relationship(foreign_keys=[asked_by_id])
    taken_by: Mapped[Staff | None] = relationship(foreign_keys=[taken_by_id])
