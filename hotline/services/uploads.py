"""Lists of addresses that the team uploads: kept sealed line by line, and worked off in batches.

A list is stored in several short transactions, so that nobody waits behind a long one; it is worked off only once all
of it is there. Killed at any point, it goes on where it stopped: a file sent again continues the one that broke off,
and a batch is one transaction. Of each twenty lines or addresses one report is made, as much as the public form takes
(`docs/adr/0016-other-ways-in.md`), and a list names an item once, however often the address stands in it.
"""

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, BinaryIO, TypeVar, cast

from sqlalchemy import Table, func, insert, select
from sqlalchemy.exc import OperationalError

from hotline import clock, logs, outbox, vault
from hotline.errors import KeyMissing, NotFound, Refused, StorageFull, Unreadable, WrongState
from hotline.extensions import db
from hotline.models.intake import Upload, UploadLine
from hotline.models.item import Item, Mention
from hotline.models.report import Origin, Report
from hotline.models.staff import Staff
from hotline.rules import addresses, lists
from hotline.rules.addresses import Address
from hotline.rules.lists import Encoding, ListProblem, NoAddress, Understood
from hotline.services import audit, intake, merges, references
from hotline.services.submissions import Submission
from hotline.transactions import writing
from hotline.vault import Blind
from hotline.vocabulary import Category, Language, LineResult, ReportSource, UploadState

WORK_OFF = "hotline.jobs.uploads.work_off_list"
SOURCES = (ReportSource.PARTNER, ReportSource.POLICE, ReportSource.UPLOAD)
ORIGIN, TYPED, READING = "upload.origin", "upload.typed", "upload.reading"
LONGEST_ORIGIN = 200  # characters
BATCH = 200  # lines worked off in one transaction, and at most as many addresses
PER_REPORT = 20  # lines in one report, and at most as many addresses
MOST_IN_LINE = 20  # addresses; a line of more is not worked off
STORED = 500  # lines stored in one transaction
AT_A_TIME = 15.0  # seconds for one list before other work gets its turn
PAGE = 100  # lines on a page of results
NOT_WORKED_OFF = (LineResult.NO_ADDRESS, LineResult.TOO_MANY, LineResult.UNREADABLE)
T = TypeVar("T")
Named = dict[int, tuple[Address, ...]]  # what each line names, by its number
_ADD = insert(cast(Table, UploadLine.__table__))


@dataclass(frozen=True, slots=True)
class Taken:
    """A list that was sent. `is_new` says whether it was not here already."""

    upload: Upload
    is_new: bool
    encoding: Encoding


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one line. `address` is what the item has, `typed` what was no address; neither if not kept.

    `why` says of a line without address why it has none.
    """

    number: int
    result: LineResult | None
    item_ref: str | None
    address: str | None
    typed: str | None
    why: NoAddress | None


def take(file: BinaryIO, source: str, category: str, origin: str, *, by: Staff, name: str = "") -> Taken:
    """Store a list. Raises Refused with everything that is wrong with it. Of the file's `name` only the ending counts.

    The same file is taken once; one that broke off half way goes on where it stopped. Ends transactions of its own.
    """
    found = lists.look_at(file, name)
    origin = " ".join(origin.split())
    wrong = {
        ("file", found.value if isinstance(found, ListProblem) else ""): isinstance(found, ListProblem),
        ("source", "required"): source not in SOURCES,
        ("category", "required"): category not in set(Category),
        ("origin", "length"): not 2 <= len(origin) <= LONGEST_ORIGIN,
    }
    if any(wrong.values()) or isinstance(found, ListProblem):
        raise Refused(*(fault for fault, is_wrong in wrong.items() if is_wrong))
    form, understood = found
    digest = _digest(file)
    with writing():
        upload = db.session.scalar(select(Upload).where(Upload.digest == digest))
        is_new = upload is None
        if upload is None:
            upload = Upload(
                ref=references.draw(Upload.ref, "L"),
                source=ReportSource(source),
                category=Category(category),
                origin=vault.keyring().seal(ORIGIN, origin),
                digest=digest,
                uploaded_by_id=by.id,
                uploaded_at=clock.now(),
                reading=vault.keyring().seal(READING, json.dumps(asdict(understood))),
            )
            db.session.add(upload)
            db.session.flush()
            audit.record(by, "list uploaded", f"list {upload.ref}", lines=understood.lines, source=source)
        upload_id, arriving = upload.id, upload.state is UploadState.ARRIVING
    if arriving:
        _store(upload_id, lists.lines(file, form))
    return Taken(cast(Upload, db.session.get(Upload, upload_id)), is_new, form.encoding)


def work_off(upload_id: int, seconds: float = AT_A_TIME) -> None:
    """Work off what waits of a list, batch by batch; after `seconds` the rest waits behind other work."""
    ends = time.monotonic() + seconds
    while _work_off_batch(upload_id):
        if time.monotonic() > ends:
            with writing():
                outbox.put(db.session(), WORK_OFF, upload_id)
            return


def stop(upload: Upload, *, by: Staff) -> None:
    """Work no more of a list off; what stands already stays. Raises WrongState."""
    if upload.state is not UploadState.WAITING:
        raise WrongState("only a list that is being worked off can be stopped")
    upload.state = UploadState.STOPPED
    outbox.done(db.session(), WORK_OFF, upload.id)
    audit.record(by, "list stopped", f"list {upload.ref}", done=upload.done)


def go_on(upload: Upload, *, by: Staff) -> None:
    """Go on with a list that was stopped. Raises WrongState."""
    if upload.state is not UploadState.STOPPED:
        raise WrongState("only a list that was stopped can go on")
    upload.state = UploadState.WAITING
    outbox.put(db.session(), WORK_OFF, upload.id)
    audit.record(by, "list goes on", f"list {upload.ref}", done=upload.done)


def get(ref: str) -> Upload:
    """Return a list. Raises NotFound."""
    upload = db.session.scalar(select(Upload).where(Upload.ref == ref))
    if upload is None:
        raise NotFound("no such list")
    return upload


def list_recent(limit: int = 50) -> list[Upload]:
    """Return the newest lists, newest first."""
    return list(db.session.scalars(select(Upload).order_by(Upload.id.desc()).limit(limit)))


def origin_of(upload: Upload) -> str | None:
    """Return whom a list is from, in words; None where that does not open."""
    return _opened(ORIGIN, upload.origin)


def reading_of(upload: Upload) -> Understood | None:
    """Return how the file of a list was read; None where that was not kept, or does not open."""
    told = _opened(READING, upload.reading) if upload.reading is not None else None
    if told is None:
        return None
    kept = json.loads(told)
    return Understood(**kept | {"encoding": Encoding(kept["encoding"]), "names": tuple(kept["names"])})


def count_results(upload: Upload) -> dict[LineResult, int]:
    """Return how many lines became what."""
    counted = select(UploadLine.result, func.count()).where(UploadLine.upload_id == upload.id)
    rows = db.session.execute(counted.group_by(UploadLine.result)).all()
    found = {result: count for result, count in rows if result is not None}
    return {result: found[result] for result in LineResult if result in found}


def list_outcomes(upload: Upload, result: LineResult | None, *, after: int, by: Staff) -> tuple[list[Outcome], bool]:
    """Return a page of lines after the number `after`, and whether there are more. The read is recorded."""
    rows = _rows(upload.id, after=after, most=PAGE + 1, result=result)
    outcomes = [_outcome(line, item) for line, item in rows[:PAGE]]
    audit.record_read(by, "list read", f"list {upload.ref}")
    return outcomes, len(rows) > PAGE


def all_outcomes(upload: Upload, *, by: Staff) -> Iterator[Outcome]:
    """Yield every line, a few at a time. The read is recorded before the first."""
    audit.record_read(by, "list downloaded", f"list {upload.ref}")
    return _every_outcome(upload.id)


def _every_outcome(upload_id: int) -> Iterator[Outcome]:
    after = 0
    while rows := _rows(upload_id, after=after, most=STORED):
        yield from (_outcome(line, item) for line, item in rows)
        after = rows[-1][0].number
        db.session.rollback()  # a long download must not hold on to an old view of the store


def _rows(
    upload_id: int, *, after: int, most: int, result: LineResult | None = None
) -> list[tuple[UploadLine, Item | None]]:
    query = select(UploadLine, Item).join(Item, Item.id == UploadLine.item_id, isouter=True)
    query = query.where(UploadLine.upload_id == upload_id, UploadLine.number > after)
    if result is not None:
        query = query.where(UploadLine.result == result)
    return [(line, item) for line, item in db.session.execute(query.order_by(UploadLine.number).limit(most))]


def _outcome(line: UploadLine, item: Item | None) -> Outcome:
    typed = _opened(TYPED, line.typed) if line.typed and line.result in NOT_WORKED_OFF else None
    opens = line.typed is None or typed is not None
    return Outcome(
        number=line.number,
        result=line.result,
        item_ref=item.ref if item else None,
        address=_opened("item.address", item.address) if item else None,
        typed=typed,
        why=lists.why_not(typed) if line.result is LineResult.NO_ADDRESS and opens else None,
    )


def _digest(file: BinaryIO) -> bytes:
    """Return the keyed hash of a file. What is hashed begins as no address does."""
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(65_536):
        digest.update(piece)
    return vault.keyring().blind(Blind.ADDRESS, f"list:{digest.hexdigest()}")


def _store(upload_id: int, read: Iterator[lists.Line]) -> None:
    """Store the lines that are not stored yet, then let the list be worked off."""
    seal = vault.keyring().seal
    stored = db.session.scalar(select(func.max(UploadLine.number)).where(UploadLine.upload_id == upload_id)) or 0
    for some in _portions((line for line in read if line.number > stored), STORED):
        rows = [
            {
                "upload_id": upload_id,
                "number": line.number,
                "typed": seal(TYPED, line.typed) if line.typed is not None else None,
                "result": line.result,
                "item_id": None,
            }
            for line in some
        ]
        with writing():
            _add_missing(upload_id, rows)
    with writing():
        upload = db.session.get(Upload, upload_id)
        if upload is not None and upload.state is UploadState.ARRIVING:
            lines = select(func.count(), func.count(UploadLine.result)).where(UploadLine.upload_id == upload_id)
            upload.total, upload.done = db.session.execute(lines).one()
            upload.state = UploadState.WAITING
            outbox.put(db.session(), WORK_OFF, upload_id)


def _add_missing(upload_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Add rows, but none that somebody has added who sends the same file at the same time."""
    last = db.session.scalar(select(func.max(UploadLine.number)).where(UploadLine.upload_id == upload_id)) or 0
    fresh = [row for row in rows if row["number"] > last]
    if fresh:
        db.session.execute(_ADD, fresh)


def _work_off_batch(upload_id: int) -> bool:
    """Work off the next lines in one transaction. Returns whether there may be more."""
    with writing():
        upload = db.session.get(Upload, upload_id)
        if upload is None or upload.state is not UploadState.WAITING:
            outbox.done(db.session(), WORK_OFF, upload_id)
            return False
        waiting = select(UploadLine).where(UploadLine.upload_id == upload_id, UploadLine.result.is_(None))
        lines = db.session.scalars(waiting.order_by(UploadLine.number).limit(BATCH)).all()
        named = _read_some(lines)
        upload.done += len(named)
        readable = [line for line in lines if line.number in named and line.result is None]
        for some in _by_addresses(readable, named):
            _settle(upload, some, named)
        if lines:
            return True
        upload.state, upload.finished_at = UploadState.DONE, clock.now()
        outbox.done(db.session(), WORK_OFF, upload_id)
        audit.record(None, "list worked off", f"list {upload.ref}", lines=upload.total)
        return False


def _read_some(lines: Sequence[UploadLine]) -> Named:
    """Read lines up to as many addresses as one transaction takes. What cannot be worked off gets its result here."""
    named: Named = {}
    count = 0
    for line in lines:
        found = _read(line)
        if len(found) > MOST_IN_LINE:
            line.result, found = LineResult.TOO_MANY, ()
        count += len(found)
        if named and count > BATCH:
            break
        named[line.number] = found
    return named


def _by_addresses(lines: Iterable[UploadLine], named: Named) -> Iterator[list[UploadLine]]:
    """Yield lines in portions that one report takes, by lines and by addresses."""
    some: list[UploadLine] = []
    count = 0
    for line in lines:
        count += len(named[line.number])
        if some and (len(some) == PER_REPORT or count > PER_REPORT):
            yield some
            some, count = [], len(named[line.number])
        some.append(line)
    if some:
        yield some


def _settle(upload: Upload, lines: Sequence[UploadLine], named: Named) -> None:
    """File a portion. Where that meets a fault, each line is filed by itself: one must not hold up the list."""
    try:
        with db.session.begin_nested():
            _file(upload, lines, named)
    except (StorageFull, KeyMissing, OperationalError):
        raise  # the lines wait
    except Exception as exc:
        if len(lines) > 1:
            for line in lines:
                _settle(upload, [line], named)
            return
        logs.fault(exc, doing="reading a line of a list")
        lines[0].result = LineResult.UNREADABLE


def _file(upload: Upload, lines: Sequence[UploadLine], named: Named) -> None:
    """Make one report of what a few lines name for the first time, and note what became of each."""
    indexes = {intake.index_of(one) for line in lines for one in named[line.number]}
    before = _items(indexes)
    settled = _named_by(upload, [item.id for item in before.values()])
    fresh: list[UploadLine] = []
    seen: set[bytes] = set()
    for line in lines:
        wanted = {intake.index_of(one) for one in named[line.number]}
        if not wanted:
            line.result = LineResult.NO_ADDRESS
            continue
        added = {index for index in wanted - seen if index not in before or before[index].id not in settled}
        seen |= wanted
        if added:
            line.result = LineResult.NEW if added - before.keys() else LineResult.KNOWN
            fresh.append(line)
        else:
            line.result = LineResult.REPEATED
    if fresh:
        _report(upload, fresh, settled, named, before)
    items = _items(indexes)
    for line in lines:
        if named[line.number]:
            line.item_id = items[intake.index_of(named[line.number][0])].id
            line.typed = None


def _report(
    upload: Upload,
    lines: Sequence[UploadLine],
    settled: set[int],
    named: Named,
    before: dict[bytes, Item],
) -> None:
    """File one report of these lines. What the list has named further up is not named again."""
    texts = []
    for line in lines:
        new_here = [one.raw for one in named[line.number] if not _is_settled(one, before, settled)]
        whole = len(new_here) == len(named[line.number])
        texts.append(_typed(line) if whole else "\n".join(new_here))
    intake.file_report(
        Submission(upload.category, "\n".join(texts), None, "", None, "", Language.EN),
        inbox_id=hashlib.blake2b(upload.digest + str(lines[0].number).encode(), digest_size=16).digest(),
        receipt_tag=upload.digest,  # one for the whole list, and no code's: it finds what the list has named
        received_at=clock.this_hour(),
        origin=Origin(source=upload.source, taken_by_id=upload.uploaded_by_id, reference=_reference(upload)),
    )


def _is_settled(address: Address, before: dict[bytes, Item], settled: set[int]) -> bool:
    item = before.get(intake.index_of(address))
    return item is not None and item.id in settled


def _reference(upload: Upload) -> bytes:
    return vault.keyring().seal("report.reference", f"{vault.keyring().open(ORIGIN, upload.origin)} ({upload.ref})")


def _read(line: UploadLine) -> tuple[Address, ...]:
    return addresses.read(_typed(line)).found


def _typed(line: UploadLine) -> str:
    """Return what was typed; nothing where it is damaged. A key that is missing ends the batch: the line waits."""
    try:
        return vault.keyring().open(TYPED, line.typed) if line.typed is not None else ""
    except Unreadable:
        return ""


def _items(indexes: set[bytes]) -> dict[bytes, Item]:
    """Return the items that these addresses count at, merged ones where a person has merged them."""
    found = db.session.scalars(select(Item).where(Item.address_index.in_(indexes))).all()
    return {item.address_index: merges.counted_at(item) for item in found}


def _named_by(upload: Upload, item_ids: Sequence[int]) -> set[int]:
    """Return which of the items the list has named already."""
    mentions = select(Mention.item_id).join(Report).where(Mention.item_id.in_(item_ids))
    return set(db.session.scalars(mentions.where(Report.receipt_tag == upload.digest)))


def _portions(many: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    left = iter(many)
    while some := tuple(islice(left, size)):
        yield some


def _opened(purpose: str, blob: bytes) -> str | None:
    try:
        return vault.keyring().open(purpose, blob)
    except (KeyMissing, Unreadable):
        return None
