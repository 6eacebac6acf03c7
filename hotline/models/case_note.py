"""What is written down in a victim case: notes, who was spoken with, the safety plan, conferences, supervision."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.extensions import Model, word
from hotline.models.staff import Staff
from hotline.vocabulary import NoteKind


class CaseNote(Model):
    """One note. Never changed: another follows it."""

    __tablename__ = "case_notes"
    __table_args__ = (Index("ix_case_notes_case_id", "case_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("victim_cases.id"))
    kind: Mapped[NoteKind] = mapped_column(word(NoteKind))
    body: Mapped[bytes]  # sealed to `care`, "case.note": JSON, by kind (`rules/victim_files.py`)
    happened_at: Mapped[datetime]
    written_at: Mapped[datetime]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))

    written_by: Mapped[Staff] = relationship()
