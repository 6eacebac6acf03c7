"""Figures: counted at the desk as things happen, and published for the public site with small numbers left out."""

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.extensions import FRONT, Model, word
from hotline.vocabulary import Figure


class Tally(Model):
    """How often something happened in one month (`2026-11`). `part` is what it is broken down by, or empty."""

    __tablename__ = "tallies"
    __table_args__ = (CheckConstraint("count >= 0", name="whole"),)

    month: Mapped[str] = mapped_column(primary_key=True)
    figure: Mapped[Figure] = mapped_column(word(Figure), primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]


class PublishedFigure(Model):
    """A figure as the public may see it: what was left out is None, and stands nowhere in this store.

    `month` is a month, or the four digits of a whole year.
    """

    __bind_key__ = FRONT
    __tablename__ = "figures"
    __table_args__ = (CheckConstraint("count IS NULL OR count >= 5", name="not_small"),)

    month: Mapped[str] = mapped_column(primary_key=True)
    figure: Mapped[Figure] = mapped_column(word(Figure), primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int | None]
