"""Entries of the directory."""

from sqlalchemy import select

from hotline.extensions import db
from hotline.models.recipient import Recipient
from hotline.rules import refs
from hotline.vocabulary import Language, RecipientKind


def add(name: str, kind: RecipientKind, mailbox: str, country: str, language: Language) -> Recipient:
    """Add one entry to the directory unless the mailbox is in it already."""
    found = db.session.scalar(select(Recipient).where(Recipient.mailbox == mailbox))
    if found is None:
        found = Recipient(ref=refs.draw("D"), name=name, kind=kind, mailbox=mailbox, country=country, language=language)
        db.session.add(found)
        db.session.flush()
    return found
