"""What a new directory begins with: the lines of the jurisdiction's file, each with its doubt, none verified."""

from sqlalchemy import func, select

from hotline import jurisdiction
from hotline.extensions import db
from hotline.jurisdiction import Listed
from hotline.models.recipient import Recipient, RecipientChange, RecipientMark
from hotline.rules import marks
from hotline.rules.entries import Entry
from hotline.services import directory
from hotline.services.directory import Event
from hotline.vocabulary import Delivery, Language, Mark, RecipientKind, RecipientSource


def fill() -> list[Recipient]:
    """Add every line that was never added before, and return what was added.

    A line is known by its key in the history of entries, so what people changed or switched off stays as they left it.
    One whose name stands in the directory already, as an entry of the same kind, is theirs: it is left out too.
    """
    kept = set(db.session.scalars(select(RecipientChange.after).where(RecipientChange.field == Event.SEED)))
    return [_add(one) for one in jurisdiction.current().directory if one.key not in kept and not _is_there(one)]


def doubt_of(recipient: Recipient, language: Language) -> str:
    """Return what nobody has confirmed about an entry; in the reader's language while it says what the file says."""
    known = (one.doubts for one in jurisdiction.current().directory if one.name == recipient.name)
    return next(
        (doubts[language] for doubts in known if doubts[Language.EN] == recipient.doubt and language in doubts),
        recipient.doubt,
    )


def _is_there(one: Listed) -> bool:
    same = select(Recipient.id).where(func.lower(Recipient.name) == one.name.lower(), Recipient.kind == one.kind)
    return db.session.scalar(same.limit(1)) is not None


def _add(one: Listed) -> Recipient:
    entry = Entry(
        one.name,
        RecipientKind(one.kind),
        "",
        one.country,
        Language(one.language),
        Delivery(one.delivery),
        iccam_hotline=one.iccam_hotline,
        doubt=one.doubts[Language.EN],
    )
    added = directory.enter(entry, by=None, source=RecipientSource.SEED)
    added.marks = [RecipientMark(mark=Mark(mark), value=marks.tidy(Mark(mark), value)) for mark, value in one.marks]
    directory.note(added, Event.SEED, after=one.key, by=None)
    db.session.flush()
    return added
