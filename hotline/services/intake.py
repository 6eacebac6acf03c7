"""Opening the inbox: a sealed row of the front store becomes a report and its items, a message or a request for help.

Moving is safe to repeat: the desk commits first, keyed by inbox id, and only then does the inbox row go.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import bindparam, delete, literal, select, tuple_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from hotline import logs, vault
from hotline.errors import NotFound, Refused, StorageFull
from hotline.extensions import db
from hotline.models.item import Item, Mention
from hotline.models.report import Contact, Inbox, Origin, Report, UnreadReport
from hotline.models.staff import Staff
from hotline.rules import addresses, domains, merging, progress
from hotline.rules.addresses import Address, Leftover
from hotline.rules.figures import KNOWN, NEW
from hotline.rules.hosting import kind_of
from hotline.services import (
    audit,
    clocks,
    contacts,
    figures,
    help_requests,
    hosting,
    items,
    merges,
    messages,
    priorities,
    references,
    submissions,
    telling,
)
from hotline.services.submissions import Submission
from hotline.transactions import apart, front_engine, writing
from hotline.vault import Blind
from hotline.vocabulary import Danger, Figure, InboxKind, ItemStatus, ReportStatus

BATCH = 50
ROWS = 50  # of one page of the reports that nobody could read
TYPED = "mention.typed"
# built once: what is asked for every report must not be put together anew for each
_BY_INDEX = select(Item).where(Item.address_index == bindparam("sought"))
_NAMED = select(Mention).where(Mention.item_id == bindparam("item"), Mention.report_id == bindparam("report"))
_ON_HOST = select(Item.id).where(Item.host_index == bindparam("host")).limit(1)


@dataclass(frozen=True, slots=True)
class UnreadPage:
    """Some reports that nobody could read, and the cursor of the next page (empty at the end)."""

    rows: list[UnreadReport]
    next: str


def open_inbox() -> int:
    """Open what waits, in batches. Returns how many rows were moved; a row that meets a fault waits for the next round.

    Ids are random, so the order of the inbox is, and so is the order of what stands at the desk afterwards.
    """
    moved, last = 0, b""
    while rows := _waiting(after=last):
        moved += _moved_together([row for row in rows if row.kind is InboxKind.REPORT])
        moved += sum(_moved(row) for row in rows if row.kind is not InboxKind.REPORT)
        last = rows[-1].id
    return moved


def move(row: Inbox) -> bool:
    """Make of one inbox row what it is, then take it out of the inbox. Returns False when it has to wait there."""
    with writing():
        arrived = _arrive(row)
    if arrived:
        with apart(front_engine()) as session:
            session.execute(delete(Inbox).where(Inbox.id == row.id))
    return arrived


def _arrive(row: Inbox) -> bool:
    match row.kind:
        case InboxKind.REPORT:
            if not _stands(row):
                _file_or_keep(row)
        case InboxKind.HELP:
            help_requests.arrive(row)
        case InboxKind.MESSAGE:
            messages.arrive(row)
        case InboxKind.FORGET_CONTACT:
            return not _is_on_its_way(row.receipt_tag) and contacts.forget(row.receipt_tag)
    return True


def _is_on_its_way(receipt_tag: bytes) -> bool:
    """Whether what the receipt stands for waits in the inbox still: its contact details would come after all."""
    waiting = select(Inbox.id).where(
        Inbox.receipt_tag == receipt_tag, Inbox.kind.in_([InboxKind.REPORT, InboxKind.HELP])
    )
    with Session(front_engine()) as session:
        return session.scalar(waiting.limit(1)) is not None


def list_unread(*, after: str = "", limit: int = ROWS) -> UnreadPage:
    """Return the reports that nobody could open or read, oldest first. `after` is the cursor of the page before.

    Raises Refused for a cursor that nobody has given.
    """
    order = (UnreadReport.received_at, UnreadReport.inbox_id)
    query = select(UnreadReport).order_by(*order).limit(limit + 1)
    if after:
        bound = (literal(value, column.type) for value, column in zip(_unread_place(after), order, strict=True))
        query = query.where(tuple_(*order) > tuple_(*bound))
    found = list(db.session.scalars(query))
    last = found[limit - 1] if len(found) > limit else None
    return UnreadPage(found[:limit], f"{last.received_at.isoformat()} {last.inbox_id.hex()}" if last else "")


def _unread_place(cursor: str) -> tuple[datetime, bytes]:
    try:
        moment, inbox_id = cursor.split(" ")
        received_at = datetime.fromisoformat(moment)
        if received_at.tzinfo is None:
            raise ValueError("a moment without a zone")
        return received_at.astimezone(UTC), bytes.fromhex(inbox_id)
    except (ValueError, OverflowError) as exc:
        raise Refused(("after", "unknown")) from exc


def get_unread(ref: str) -> UnreadReport:
    """Return one of them by its inbox id in hex. Raises NotFound."""
    found = db.session.get(UnreadReport, _inbox_id(ref))
    if found is None:
        raise NotFound("no such unread report")
    return found


def get_kept(ref: str) -> UnreadReport | Report:
    """Return an unread report by its inbox id in hex, or the report that was made of it since. Raises NotFound."""
    try:
        return get_unread(ref)
    except NotFound:
        filed = select(Report).where(Report.inbox_id == _inbox_id(ref))
        report = db.session.scalar(filed)
        if report is None:
            raise
        return report


def subject(kept: UnreadReport | Report) -> str:
    """Return the name of an unread report, or of the report it became, in the audit trail."""
    return f"report {kept.ref}" if isinstance(kept, Report) else f"unread report {kept.inbox_id.hex()}"


def read_again(unread: UnreadReport, *, by: Staff) -> bool:
    """Try once more to make a report of it, after a key was put back or a fault mended. Returns whether it worked."""
    about = subject(unread)
    fault = _file(unread.inbox_id, unread.receipt_tag, unread.body, unread.received_at)
    if fault is None:
        db.session.delete(unread)
    else:
        unread.fault = type(fault).__name__
    audit.record(by, "read again", about, worked=fault is None)
    return fault is None


def file_report(
    submission: Submission, *, inbox_id: bytes, receipt_tag: bytes, received_at: datetime, origin: Origin | None = None
) -> Report:
    """Write the report, its contact in a row of its own, and one item an address. `origin`: not through the form."""
    reading = addresses.read(submission.urls)
    seal = vault.keyring().seal
    report = Report(
        ref=references.draw(Report.ref, "R"),
        inbox_id=inbox_id,
        receipt_tag=receipt_tag,
        category=submission.category,
        seen=submission.seen,
        in_danger=submission.in_danger,
        language=submission.language,
        details=seal("report.details", submission.details) if submission.details else None,
        leftovers=seal("report.leftovers", _as_text(reading.leftovers)) if reading.leftovers else None,
        status=ReportStatus.RECEIVED,
        received_at=received_at,
        origin=origin,
    )
    if submission.contact:
        report.contact = Contact(contact=seal("report.contact", submission.contact))
    db.session.add(report)
    behind = [_mention(address, report) for address in reading.found]
    db.session.flush()
    if any(behind):
        telling.follow(report)
    figures.count(Figure.REPORTS, report.category)
    return report


def _inbox_id(ref: str) -> bytes:
    """Return the inbox id that is written in hex; none is empty, so what is no hex finds nothing."""
    try:
        return bytes.fromhex(ref)
    except ValueError:
        return b""


def find_filed(inbox_id: bytes) -> Report | None:
    """Return the report that was made of what has this id already, if any."""
    return db.session.scalar(select(Report).where(Report.inbox_id == inbox_id))


def index_of(address: Address) -> bytes:
    """Return what finds the item of an address."""
    return vault.keyring().blind(Blind.ADDRESS, address.canonical)


def _moved_together(rows: Sequence[Inbox]) -> int:
    """Move reports in one transaction, which is what makes many of them quick. Returns how many were moved.

    What does not open goes its own way; where one of the others meets a fault, each is moved by itself, behind a
    savepoint: none must hold up the rest.
    """
    read = [(row, _opened(row)) for row in rows]
    opened = [(row, said) for row, said in read if said is not None]
    closed = [row for row, said in read if said is None]
    if not opened:
        return sum(_moved(row) for row in closed)
    try:
        with writing():
            standing = _standing([row.id for row, _said in opened])
            for row, said in opened:
                if row.id not in standing:
                    tag, hour = row.receipt_tag, row.received_at
                    file_report(said, inbox_id=row.id, receipt_tag=tag, received_at=hour)
    except StorageFull:
        raise
    except Exception:  # whichever it is, it is found and logged where each is moved by itself
        return sum(_moved(row) for row in rows)
    with apart(front_engine()) as session:
        session.execute(delete(Inbox).where(Inbox.id.in_([row.id for row, _said in opened])))
    return len(opened) + sum(_moved(row) for row in closed)


def _opened(row: Inbox) -> Submission | None:
    """Return what a row holds; None where it does not open, for whatever reason."""
    try:
        return submissions.opened(vault.keyring().open(submissions.PURPOSE, row.body))
    except Exception:  # the reason is kept with the row, where it is moved by itself
        return None


def _moved(row: Inbox) -> bool:
    """Move one row. A fault of the database with this row (not a store that is away) must not hold up the others."""
    try:
        return move(row)
    except SQLAlchemyError as exc:
        logs.fault(exc, doing="moving a report")
        return False


def _file_or_keep(row: Inbox) -> None:
    """File the report; whatever in it stands in the way, a person gets to see it as it came."""
    fault = _file(row.id, row.receipt_tag, row.body, row.received_at)
    if fault is not None:
        _keep_unread(row, fault)


def _file(inbox_id: bytes, receipt_tag: bytes, body: bytes, received_at: datetime) -> Exception | None:
    """Make a report of what is sealed in `body`. Returns what stands in the way, and has then written nothing."""
    try:
        with db.session.begin_nested():
            submission = submissions.opened(vault.keyring().open(submissions.PURPOSE, body))
            file_report(submission, inbox_id=inbox_id, receipt_tag=receipt_tag, received_at=received_at)
    except (SQLAlchemyError, StorageFull):
        raise  # it stays where it was
    except Exception as exc:  # a text nobody foresaw must neither be lost nor come back for ever
        logs.fault(exc, doing="reading a report")
        return exc
    return None


def _mention(address: Address, report: Report) -> int:
    """Write that the report names an address. Returns how many hours behind the address's first report it is."""
    index = index_of(address)
    with db.session.no_autoflush:  # the report is written with what it names, in one go
        known = db.session.scalar(_BY_INDEX, {"sought": index})
        item = merges.counted_at(known) if known else None
        new = None if item else _new_item(address, index, report)
    figures.count(Figure.ADDRESSES, NEW if item is None else KNOWN)
    typed = [address.raw, *address.typed_again]
    named = _named_already(item, report) if item and report.id is not None else None
    if named:  # another of its addresses counts at the same item, since a person has merged the two
        named.typed = _sealed_as_typed([*json.loads(vault.keyring().open(TYPED, named.typed)), *typed])
        return named.behind
    before = item.urgency if item else None
    if item is None:
        assert new is not None
        item, behind = new, 0
        with db.session.no_autoflush:
            hosting.ask_for(item)
        db.session.add(item)
    else:
        behind = _join(item, report)
    item.in_danger = item.in_danger or report.in_danger is Danger.YES
    item.category = merging.gravest((item.category, report.category))
    priorities.weigh(item)
    mention = Mention(item=item, report=report, typed=_sealed_as_typed(typed), behind=behind)
    db.session.add(mention)
    clocks.reported(item, report.received_at, before=before)
    db.session.flush()
    if known is not None and known is not item:
        merges.joined(mention, known, report.received_at)
    return behind


def _named_already(item: Item, report: Report) -> Mention | None:
    return db.session.scalar(_NAMED, {"item": item.id, "report": report.id})


def _sealed_as_typed(typed: Sequence[str]) -> bytes:
    return vault.keyring().seal(TYPED, json.dumps(typed, ensure_ascii=False))


def _join(item: Item, report: Report) -> int:
    """Count one more report of a known item; one that was closed opens again. Returns how many hours behind it is."""
    item.report_count += 1
    if item.status is ItemStatus.CLOSED:
        items.reopen(item, at=report.received_at)
        hosting.ask_for(item)
        return 0
    return progress.hours_behind(item.opened_at, report.received_at)


def _new_item(address: Address, index: bytes, report: Report) -> Item:
    ring = vault.keyring()
    host_index = ring.blind(Blind.HOST, address.host)
    return Item(
        ref=references.draw(Item.ref, "I"),
        address=ring.seal("item.address", address.kept),
        host=ring.seal("item.host", address.host),
        address_index=index,
        path_index=ring.blind(Blind.PATH, address.path_key),
        host_index=host_index,
        host_kind=kind_of(address.host),
        new_host=not _knows_host(host_index),
        domain_index=ring.blind(Blind.DOMAIN, domains.registrable(address.host)),
        category=report.category,
        in_danger=False,
        report_count=1,
        status=ItemStatus.NEW,
        created_at=report.received_at,
        opened_at=report.received_at,
    )


def _knows_host(host_index: bytes) -> bool:
    return db.session.scalar(_ON_HOST, {"host": host_index}) is not None


def _as_text(leftovers: tuple[Leftover, ...]) -> str:
    return "\n".join(leftover.text for leftover in leftovers)


def _waiting(*, after: bytes) -> list[Inbox]:
    with Session(front_engine(), expire_on_commit=False) as session:
        return list(session.scalars(select(Inbox).where(Inbox.id > after).order_by(Inbox.id).limit(BATCH)))


def _stands(row: Inbox) -> bool:
    return bool(_standing([row.id]))


def _standing(inbox_ids: Sequence[bytes]) -> set[bytes]:
    """Return which of these rows stand at the desk already."""
    known = select(Report.inbox_id).where(Report.inbox_id.in_(inbox_ids))
    unread = select(UnreadReport.inbox_id).where(UnreadReport.inbox_id.in_(inbox_ids))
    return {*db.session.scalars(known), *db.session.scalars(unread)}


def _keep_unread(row: Inbox, exc: Exception) -> None:
    db.session.add(
        UnreadReport(
            inbox_id=row.id,
            receipt_tag=row.receipt_tag,
            body=row.body,
            fault=type(exc).__name__,
            received_at=row.received_at,
        )
    )
