"""Statistics: what is rolled up, by month and way in, and the years that were frozen.

The database holds, by triggers (`migrations/desk/0035_statistics.py`): whatever changes what counts of an item marks it
in its own transaction, and a frozen year is never changed and never deleted.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.staff import Staff
from hotline.vocabulary import Statistic, Way


class StatisticMark(Model):
    """Something changed what counts of an item. The row goes once the cells say so, in the same transaction."""

    __tablename__ = "statistic_marks"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int]  # no foreign key: also of an item that is gone


class StatisticPart(Model):
    """What one item adds to the cells as they stand. Sealed, since it tells what its findings say."""

    __tablename__ = "statistic_parts"

    item_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[bytes]  # sealed, "statistic.part": JSON of cells and how often
    number: Mapped[int]  # counts up each time it is looked at again, so that two at once add nothing twice


class StatisticCell(Model):
    """How often one part of a figure was counted in a month (`2026-11`), for one way in and one class.

    `inhope_class` is a class or `open`.
    """

    __tablename__ = "statistic_cells"
    __table_args__ = (CheckConstraint("count >= 0", name="whole"), {"sqlite_with_rowid": False})

    month: Mapped[str] = mapped_column(primary_key=True)
    way: Mapped[Way] = mapped_column(word(Way), primary_key=True)
    inhope_class: Mapped[str] = mapped_column(primary_key=True)
    figure: Mapped[Statistic] = mapped_column(word(Statistic), primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]


class YearFreeze(Model):
    """The figures of a year as they were frozen. `body` is canonical JSON, `digest` its SHA-256, in hexadecimal."""

    __tablename__ = "year_freezes"
    __table_args__ = (CheckConstraint("length(digest) = 64", name="digest"),)

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[str]
    digest: Mapped[str]
    frozen_at: Mapped[datetime]
    frozen_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))

    frozen_by: Mapped[Staff] = relationship()
