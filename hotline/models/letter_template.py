"""What letters say, in versions. The first of each comes with the portal, as a file; a row takes its place."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.staff import Staff
from hotline.vocabulary import Language, LetterKey


class LetterTemplate(Model):
    """One version of one letter in one language. Never changed: the newest that two people stand for counts."""

    __tablename__ = "letter_templates"
    __table_args__ = (UniqueConstraint("letter", "language", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    letter: Mapped[LetterKey] = mapped_column(word(LetterKey))
    language: Mapped[Language] = mapped_column(word(Language))
    version: Mapped[int]  # 2 and up: 1 came with the portal
    subject: Mapped[str]
    body: Mapped[str]
    reason: Mapped[str]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime]

    made_by: Mapped[Staff] = relationship()
