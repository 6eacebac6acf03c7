"""Texts that staff write for public pages."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.extensions import FRONT, Model, word
from hotline.vocabulary import Language


class PublicText(Model):
    """One text in one language, as typed; it is cleaned where it is shown."""

    __bind_key__ = FRONT
    __tablename__ = "public_texts"
    __table_args__ = (CheckConstraint("length(text) <= 300", name="short"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[Language] = mapped_column(word(Language), primary_key=True)
    text: Mapped[str]
    changed_at: Mapped[datetime]
