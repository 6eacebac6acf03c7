"""Messages between a reporter, who is known by a receipt only, and the hotline.

Each stands twice: at the desk, sealed to the team's key, and in the front store as a copy that only the receipt code
opens. A reporter's words come to the desk through the inbox, the hotline's go to the front store as a job.
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, tuple_, update
from sqlalchemy.orm import Session, selectinload

from hotline import clock, outbox, vault
from hotline.errors import KeyMissing, NotFound, Refused, Unreadable
from hotline.extensions import db
from hotline.models.message import Message
from hotline.models.report import Inbox, ReceiptRow, Report, UnreadReport
from hotline.models.staff import Staff
from hotline.rules import asking as rules_of_asking
from hotline.rules import messages as rules
from hotline.rules.anonymity import LeakKind
from hotline.services import audit, clocks, message_copies, secrecy
from hotline.services.message_copies import BODY, COPY, LOCKS
from hotline.transactions import front_engine
from hotline.vocabulary import Author, Concern, Language, Role, WayOut

DELIVER = "hotline.jobs.messages.deliver_answer"
ROWS = 50  # of one page of those who wait
WAYS_OUT = {Concern.REPORT: WayOut.REPORTER, Concern.HELP: WayOut.HELP}
NAMES_US = {LeakKind.OUR_MAILBOX: "mailbox_of_us", LeakKind.OUR_PHONE: "phone_of_us"}  # what a fault is called
READERS = {Concern.REPORT: (Role.ANALYST, Role.REVIEWER), Concern.HELP: (Role.VICTIM_SUPPORT,)}


@dataclass(frozen=True, slots=True)
class Opened:
    """One message at the desk. `text` is None when it does not open; `by` is who of us wrote it."""

    id: int
    author: Author
    text: str | None
    written_at: datetime
    by: Staff | None
    waits: bool
    """A reporter's: nobody has seen to it. An answer: it is on its way to the reporter."""


@dataclass(frozen=True, slots=True)
class Talk:
    """How many messages a receipt has both ways, and how many of its reporter's nobody has seen to."""

    count: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A report whose reporter wrote and got no answer yet: how many messages, and since when.

    `ref` is None where the report has not come, or could not be read: then `unread` is its inbox id in hex. `first` is
    the id of the first message that waits.
    """

    ref: str | None
    unread: str | None
    language: Language | None
    count: int
    since: datetime
    first: int


def arrive(row: Inbox) -> None:
    """Make one inbox row a message at the desk, once. It stays sealed, and may come before its report does."""
    if db.session.scalar(select(Message.id).where(Message.copy_id == row.id)) is None:
        message = Message(
            copy_id=row.id,
            receipt_tag=row.receipt_tag,
            number=row.number,
            concern=_concern_of(row.receipt_tag),
            author=Author.REPORTER,
            body=row.body,
            written_at=row.received_at,
        )
        db.session.add(message)
        clocks.written(message)


def list_waiting(*, by: Staff, most: int | None = None, after: int | None = None) -> list[Waiting]:
    """Return the reports whose reporters wait for an answer, longest first: `most` of them, or all.

    `after` is the `first` of the one that ended the page before. Raises NotFound for other roles, and for an `after`
    that is no message's.
    """
    _require(Concern.REPORT, by)
    since, first = func.min(Message.written_at), func.min(Message.id)
    of_reporters = select(
        Message.receipt_tag, func.count().label("count"), since.label("since"), first.label("first")
    ).where(*_open(Concern.REPORT))
    if after is not None:
        of_reporters = of_reporters.having(tuple_(since, first) > (_waited_since(after), after))
    waiting = of_reporters.group_by(Message.receipt_tag).order_by(since, first).limit(most).subquery()
    columns = (Report.ref, UnreadReport.inbox_id, Report.language, waiting.c.count, waiting.c.since, waiting.c.first)
    query = select(*columns).select_from(waiting)
    query = query.join(Report, Report.receipt_tag == waiting.c.receipt_tag, isouter=True)
    query = query.join(UnreadReport, UnreadReport.receipt_tag == waiting.c.receipt_tag, isouter=True)
    rows = db.session.execute(query.order_by(waiting.c.since, waiting.c.first)).all()
    return [Waiting(ref, unread.hex() if unread else None, *rest) for ref, unread, *rest in rows]


def talks(receipt_tags: Sequence[bytes]) -> dict[bytes, Talk]:
    """Return how much was written about each of several receipts, by its tag; nothing is opened."""
    waits = func.count().filter(Message.author == Author.REPORTER, Message.settled_at.is_(None))
    query = select(Message.receipt_tag, func.count(), waits).where(Message.receipt_tag.in_(receipt_tags))
    rows = db.session.execute(query.group_by(Message.receipt_tag)).all() if receipt_tags else ()
    return dict.fromkeys(receipt_tags, Talk()) | {tag: Talk(count, waiting) for tag, count, waiting in rows}


def count_waiting(*, by: Staff) -> int:
    """Return how many reporters wait for an answer of this person's roles."""
    mine = [concern for concern, roles in READERS.items() if by.has(*roles)]
    open_ones = select(func.count(Message.receipt_tag.distinct())).where(
        Message.concern.in_(mine), Message.author == Author.REPORTER, Message.settled_at.is_(None)
    )
    return db.session.scalar(open_ones) or 0


def get_report(ref: str, *, by: Staff) -> Report:
    """Return the report whose messages this person may read. Raises NotFound."""
    _require(Concern.REPORT, by)
    report = db.session.scalar(select(Report).where(Report.ref == ref))
    if report is None:
        raise NotFound(f"no report {ref}")
    return report


def read(receipt_tag: bytes, concern: Concern, subject: str, *, by: Staff) -> list[Opened]:
    """Return the messages of a receipt, oldest first, opened. The read goes into the audit trail, about `subject`.

    Raises NotFound for people who may not read them.
    """
    _require(concern, by)
    audit.record_read(by, "read messages", subject)
    query = select(Message).where(Message.receipt_tag == receipt_tag, Message.concern == concern)
    found = db.session.scalars(query.order_by(Message.id).options(selectinload(Message.staff))).all()
    return [_opened(message) for message in _in_order(found)]


def last(receipt_tag: bytes) -> int:
    """Return the id of the newest message of a receipt; 0 when there is none."""
    return db.session.scalar(select(func.max(Message.id)).where(Message.receipt_tag == receipt_tag)) or 0


def answer(
    receipt_tag: bytes,
    concern: Concern,
    subject: str,
    text: str,
    *,
    checked: bool,
    seen: int,
    by: Staff,
    asking: Collection[str] = (),
) -> Message:
    """Write to a reporter, which settles what waited up to the message `seen` (its id); what came later still waits.

    `subject` names the record in the audit trail.

    Raises Refused when the text is none, or bears a name, mailbox or number of one of us (`text`, what); mailboxes and
    numbers that are nobody's here pass when somebody has `checked` them. What seems to ask a reporter who they are, or
    for pictures, passes when somebody was shown it and has said that it is meant (`asking`, their marks), which is
    recorded; anything else does not. Whoever asks for help is asked how to reach them.
    """
    _require(concern, by)
    text, fault = rules.judge(text)
    if fault:
        raise Refused(("text", fault))
    _refuse_leaks(concern, text, checked=checked)
    asks = rules_of_asking.find(text) if concern is Concern.REPORT else ()
    if not rules_of_asking.are_meant(asks, asking):
        raise Refused(("asking", "identifying"))
    _settle(receipt_tag, concern, seen=seen, answered=True)
    message = Message(
        copy_id=secrets.token_bytes(16),
        receipt_tag=receipt_tag,
        concern=concern,
        author=Author.HOTLINE,
        staff_id=by.id,
        body=vault.keyring().seal(BODY, text, lock=LOCKS[concern]),
        copy=vault.seal_to_receipt(_public_key(receipt_tag), COPY, text),
        written_at=clock.now(),
    )
    db.session.add(message)
    db.session.flush()
    outbox.put(db.session(), DELIVER, message.id)
    audit.record(by, "answered reporter", subject)
    if asks:
        audit.record(by, "asked all the same", subject, **{str(one.kind): True for one in asks})
    return message


def settle(receipt_tag: bytes, concern: Concern, subject: str, *, seen: int, by: Staff) -> None:
    """Note that what a reporter wrote up to the message `seen` (its id) needs no answer."""
    _require(concern, by)
    _settle(receipt_tag, concern, seen=seen, answered=False)
    audit.record(by, "settled messages", subject)


def deliver(message_id: int) -> None:
    """Put the copy of an answer into the front store, where its reporter finds it. Safe to run twice."""
    message = db.session.get(Message, message_id)
    if message is not None and message.copy is not None and message.settled_at is None:
        message_copies.deliver(message.receipt_tag, message.copy_id, message.copy)
        message.settled_at = clock.now()
    outbox.done(db.session(), DELIVER, message_id)


def _waited_since(first: int) -> datetime:
    """Return since when the reporter waits, or waited, whose first message that did is `first`."""
    tag = select(Message.receipt_tag).where(Message.id == first).scalar_subquery()
    theirs = (Message.receipt_tag == tag, Message.id >= first, Message.author == Author.REPORTER)
    since = db.session.scalar(select(func.min(Message.written_at)).where(*theirs))
    if since is None:
        raise NotFound(f"no message {first}")
    return since


def _public_key(receipt_tag: bytes) -> bytes:
    with Session(front_engine()) as session:
        found = session.scalar(select(ReceiptRow.public_key).where(ReceiptRow.tag == receipt_tag))
    if found is None:
        raise Refused(("text", "gone"))
    return found


def _refuse_leaks(concern: Concern, text: str, *, checked: bool) -> None:
    found = secrecy.check(WAYS_OUT[concern], text)
    if ours := next((leak for leak in found if leak.is_ours), None):
        raise Refused(("text", NAMES_US.get(ours.kind, "names_us")))
    if found and not checked:
        raise Refused(("checked", "not_ours"))


def _settle(receipt_tag: bytes, concern: Concern, *, seen: int, answered: bool) -> None:
    waiting = update(Message).where(Message.receipt_tag == receipt_tag, Message.id <= seen, *_open(concern))
    settled = db.session.scalars(waiting.values(settled_at=clock.now()).returning(Message.id)).all()
    clocks.messages_seen_to(settled, answered=answered)


def _open(concern: Concern) -> Sequence[ColumnElement[bool]]:
    return (Message.concern == concern, Message.author == Author.REPORTER, Message.settled_at.is_(None))


def _in_order(found: Sequence[Message]) -> list[Message]:
    """Return messages as they were written: what came at once through the inbox came in no order."""
    theirs = [message for message in found if message.author is Author.REPORTER]
    theirs_in_order = iter(sorted(theirs, key=lambda message: (message.number or 0, message.id)))
    return [next(theirs_in_order) if message.author is Author.REPORTER else message for message in found]


def _opened(message: Message) -> Opened:
    try:
        text = vault.keyring().open(BODY, message.body, lock=LOCKS[message.concern])
    except (KeyMissing, Unreadable):
        text = None
    waits = message.settled_at is None
    return Opened(message.id, message.author, text, message.written_at, message.staff, waits=waits)


def _require(concern: Concern, by: Staff) -> None:
    if not by.has(*READERS[concern]):
        raise NotFound("no such messages")


def _concern_of(receipt_tag: bytes) -> Concern:
    with Session(front_engine()) as session:
        found = session.scalar(select(ReceiptRow.concern).where(ReceiptRow.tag == receipt_tag))
    return found or Concern.REPORT
