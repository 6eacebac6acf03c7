"""Who may get a letter."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from hotline.extensions import Model, word
from hotline.vocabulary import Language, RecipientKind


class Recipient(Model):
    """An organisation in the directory. `verified_on` says when a person last checked the mailbox."""

    __tablename__ = "recipients"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[RecipientKind] = mapped_column(word(RecipientKind))
    mailbox: Mapped[str]
    country: Mapped[str]  # ISO 3166-1 alpha-2
    language: Mapped[Language] = mapped_column(word(Language))
    verified_on: Mapped[date | None]
    active: Mapped[bool] = mapped_column(default=True)
