"""Texts that staff write for public pages. So far one: the notice line above the home page."""

from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from hotline import clock
from hotline.cleaning import clean_text
from hotline.errors import Refused, StorageFull
from hotline.models.public_text import PublicText
from hotline.models.staff import Staff
from hotline.services import audit
from hotline.transactions import apart, front_engine
from hotline.vocabulary import Language

NOTICE = "notice"
SUBJECT = f"public text {NOTICE}"
LONGEST = 300


def find(language: Language) -> str | None:
    """Return the notice line, cleaned; None when there is none. Raises StorageFull when it cannot be read."""
    try:
        with Session(front_engine()) as session:
            found = session.get(PublicText, (NOTICE, language))
            return clean_text(found.text) if found else None
    except SQLAlchemyError as exc:
        raise StorageFull("the front store cannot be read") from exc


def set(text: str, language: Language, *, by: Staff | None) -> None:
    """Show `text` as the notice line of one language. Raises Refused when nothing of it would show, or it is too long.

    The audit line comes first, in the caller's transaction: where it cannot be written the page does not change.
    """
    text = text.strip()
    if not clean_text(text).strip():
        raise Refused(("text", "required"))
    if len(text) > LONGEST:
        raise Refused(("text", "too_long"))
    audit.record(by, "changed", SUBJECT, language=language, length=len(text))
    with apart(front_engine()) as session:
        session.merge(PublicText(key=NOTICE, language=language, text=text, changed_at=clock.now()))


def clear(language: Language, *, by: Staff | None) -> None:
    """Take the notice line of one language away; nothing happens when there is none."""
    audit.record(by, "cleared", SUBJECT, language=language)
    with apart(front_engine()) as session:
        session.execute(delete(PublicText).where(PublicText.key == NOTICE, PublicText.language == language))
