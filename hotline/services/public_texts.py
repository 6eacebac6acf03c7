"""Texts that staff write for public pages: the line above the first page, and what a follow-up says at each status."""

from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from hotline import clock
from hotline.cleaning import clean_text
from hotline.errors import Refused, StorageFull
from hotline.models.public_text import PublicText
from hotline.models.staff import Staff
from hotline.services import audit, secrecy
from hotline.transactions import apart, front_engine
from hotline.vocabulary import Language, TextKey, WayOut

LONGEST = 300


def find(key: TextKey, language: Language) -> str | None:
    """Return a text, cleaned; None when there is none. Raises StorageFull when it cannot be read."""
    try:
        with Session(front_engine()) as session:
            found = session.get(PublicText, (key, language))
            return clean_text(found.text) if found else None
    except SQLAlchemyError as exc:
        raise StorageFull("the front store cannot be read") from exc


def list_all() -> Mapping[tuple[TextKey, Language], str]:
    """Return every text as it was typed."""
    with Session(front_engine()) as session:
        rows = session.scalars(select(PublicText))
        return {(TextKey(row.key), row.language): row.text for row in rows}


def save(key: TextKey, texts: Mapping[Language, str], *, by: Staff | None) -> None:
    """Show a text in several languages at once; where it is left empty, ours stands again. Raises Refused by language.

    Nothing is written unless all of them are good. The audit lines come first, and then all languages at once.
    """
    wanted = {language: text.strip() for language, text in texts.items()}
    faults = [(str(language), _wrong_with(text)) for language, text in wanted.items() if text]
    wrong = [(field, code) for field, code in faults if code]
    if wrong:
        raise Refused(*wrong)
    known = list_all()
    for language, text in wanted.items():
        if text:
            audit.record(by, "changed", f"public text {key}", language=language, length=len(text))
        elif (key, language) in known:
            audit.record(by, "cleared", f"public text {key}", language=language)
    with apart(front_engine()) as session:
        for language, text in wanted.items():
            if text:
                session.merge(PublicText(key=key, language=language, text=text, changed_at=clock.now()))
            else:
                session.execute(delete(PublicText).where(PublicText.key == key, PublicText.language == language))


def write(key: TextKey, text: str, language: Language, *, by: Staff | None) -> None:
    """Show `text` in one language. Raises Refused when nothing of it would show, it is too long, or it names one of us.

    The audit line comes first, in the caller's transaction: where it cannot be written the page does not change.
    """
    text = text.strip()
    code = _wrong_with(text)
    if code:
        raise Refused(("text", code))
    audit.record(by, "changed", f"public text {key}", language=language, length=len(text))
    with apart(front_engine()) as session:
        session.merge(PublicText(key=key, language=language, text=text, changed_at=clock.now()))


def clear(key: TextKey, language: Language, *, by: Staff | None) -> None:
    """Take a text of one language away; nothing happens when there is none."""
    audit.record(by, "cleared", f"public text {key}", language=language)
    with apart(front_engine()) as session:
        session.execute(delete(PublicText).where(PublicText.key == key, PublicText.language == language))


def _wrong_with(text: str) -> str | None:
    if not clean_text(text).strip():
        return "required"
    if len(text) > LONGEST:
        return "too_long"
    return "names_us" if secrecy.check_names(WayOut.PUBLIC_TEXT, text) else None
