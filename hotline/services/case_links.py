"""Words across the wall: an analyst hands on what they know of a child, and both sides ask and answer by reference.

Analysts see that a reference was handed over and what victim support asks; never whether a case exists, who read it or
when. Victim support sees how far the thing is, in one of four words; never its address. Each text is sealed to the lock
of the side that reads it, and whoever wrote it reads it no more.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, update
from sqlalchemy.orm import joinedload

from hotline import clock, vault
from hotline.errors import KeyMissing, NotFound, Refused, Unreadable, WrongState
from hotline.extensions import db
from hotline.models.case_link import CaseLink, LinkMessage
from hotline.models.item import Item, Mention, Merge
from hotline.models.report import Report
from hotline.models.staff import Staff
from hotline.models.victim_case import VictimCase
from hotline.rules import case_links as rules
from hotline.rules.case_links import Far
from hotline.rules.victim_files import CaseFile
from hotline.services import audit, case_files, items, references, victim_cases
from hotline.transactions import apart, desk_engine
from hotline.vault import Lock
from hotline.vocabulary import CaseSource, CaseStatus, Risk

NOTE, MESSAGE = "link.note", "link.message"
HANDED, ON_ITEM, READ = "handed over", "handed to victim support", "read"
WROTE, SEEN, PUT, PUT_TO_IT = "wrote", "marked as read", "put to a case", "put a link to it"
MOST_COUNTED = 100
MOST_LISTED = 50


class Shown(StrEnum):
    """Which links victim support's inbox shows."""

    OPEN = "open"  # in no case yet
    IN_CASES = "in_cases"  # of cases that the person may open


@dataclass(frozen=True, slots=True)
class Said:
    """One question or answer. `text` is None where it is for the other side, or does not open (`is_ours` tells)."""

    id: int
    is_ours: bool
    text: str | None
    by: Staff
    at: datetime
    is_unread: bool  # of what is for this side


@dataclass(frozen=True, slots=True)
class Handed:
    """A link as analysts see it: nothing here depends on what victim support does with it, but what they write."""

    ref: str
    about: str  # the reference of its item, or of its report
    in_danger: bool
    made_at: datetime
    made_by: Staff
    talk: tuple[Said, ...]

    @property
    def unread(self) -> int:
        """How many of victim support's words nobody has marked as read."""
        return sum(one.is_unread for one in self.talk)


@dataclass(frozen=True, slots=True)
class Support:
    """What an item's or a report's page says of victim support: what was handed over, the newest first."""

    item: Item | None
    report: Report | None
    handed: tuple[Handed, ...]


@dataclass(frozen=True, slots=True)
class InCase:
    """A link as victim support sees it."""

    link: CaseLink
    far: Far
    talk: tuple[Said, ...]

    @property
    def unread(self) -> int:
        """How many of the analysts' words nobody has marked as read."""
        return sum(one.is_unread for one in self.talk)


@dataclass(frozen=True, slots=True)
class Card:
    """What a case's page says of its links, in the order they were made."""

    rows: tuple[InCase, ...]

    @property
    def has_gone(self) -> bool:
        """Whether something of the case is gone from the internet."""
        return any(row.far is Far.GONE for row in self.rows)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of the inbox."""

    link: CaseLink
    is_new: bool
    unread: int


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """Some lines of the inbox, and the cursor of the next page (empty at the end)."""

    rows: list[Waiting]
    next: str


def hand_over(thing: Item | Report, note: str, *, in_danger: bool, by: Staff) -> CaseLink:
    """Hand what an analyst knows of a child to victim support; they read it no more. Raises Refused (`note`, code)."""
    if not by.has(*items.CASE_ROLES):
        raise NotFound("no such thing")
    kept, fault = rules.judge(note, rules.MOST_NOTE, to_support=True)
    if fault:
        raise Refused(("note", fault))
    is_item = isinstance(thing, Item)
    link = CaseLink(
        ref=references.draw(CaseLink.ref, "L"),
        item_id=thing.id if is_item else None,
        report_id=None if is_item else thing.id,
        note=_seal(NOTE, kept, to_support=True),
        in_danger=in_danger,
        made_at=clock.now(),
        made_by_id=by.id,
    )
    db.session.add(link)
    db.session.flush()
    audit.record(by, HANDED, subject(link), in_danger=in_danger)
    audit.record(by, ON_ITEM, f"{'item' if is_item else 'report'} {thing.ref}", link=link.ref)
    return link


def of_item(item: Item, *, by: Staff) -> Support:
    """Return what was handed over of an item, as far as it is for analysts. The read of the item is on record."""
    return Support(item, None, _handed(CaseLink.item_id == item.id, by=by))


def of_report(report: Report, *, by: Staff) -> Support:
    """Return what was handed over of a report, as `of_item`."""
    return Support(None, report, _handed(CaseLink.report_id == report.id, by=by))


def get_handed(ref: str, *, by: Staff) -> CaseLink:
    """Return a link for an analyst. Raises NotFound."""
    found = db.session.scalar(select(CaseLink).where(CaseLink.ref == ref))
    if found is None or not by.has(*items.CASE_ROLES):
        raise NotFound(f"no link {ref}")
    return found


def read_handed(link: CaseLink, *, by: Staff) -> Handed:
    """Open what victim support wrote about a link, for an analyst; the read goes into the audit trail first."""
    audit.record_read(by, READ, subject(link))
    return _handed(CaseLink.id == link.id, by=by)[0]


def list_unread(*, by: Staff, most: int = MOST_LISTED) -> list[tuple[CaseLink, int]]:
    """Return links about which victim support wrote what no analyst has marked as read, the longest first."""
    if not by.has(*items.CASE_ROLES):
        return []
    waits = (~LinkMessage.to_support, LinkMessage.read_at.is_(None))
    query = select(LinkMessage.link_id, func.count()).where(*waits).group_by(LinkMessage.link_id)
    counts = dict(db.session.execute(query.order_by(func.min(LinkMessage.id)).limit(most)).all())
    links = _with_things(select(CaseLink).where(CaseLink.id.in_(counts)))
    found = {link.id: link for link in db.session.scalars(links)}
    return [(found[number], count) for number, count in counts.items()]


def count_unread(*, by: Staff) -> int:
    """Return about how many links analysts have something to read, up to `MOST_LISTED`."""
    return len(list_unread(by=by))


def get(ref: str, *, by: Staff) -> CaseLink:
    """Return a link for victim support: in no case, or in one that `by` may open. Raises NotFound."""
    case_files.require(by)
    found = db.session.scalar(_with_things(select(CaseLink).where(CaseLink.ref == ref, _may_see(by))))
    if found is None:
        raise NotFound(f"no link {ref}")
    return found


def read(link: CaseLink, *, by: Staff) -> str:
    """Open what an analyst knows of a child; the read goes into the audit trail first. The first read takes it.

    Raises KeyMissing or Unreadable where it does not open.
    """
    audit.record_read(by, READ, subject(link))
    note = case_files.unseal(NOTE, link.note)
    if link.taken_at is None:
        with apart(desk_engine()) as session:
            first = update(CaseLink).where(CaseLink.id == link.id, CaseLink.taken_at.is_(None))
            session.execute(first.values(taken_at=clock.now(), taken_by_id=by.id))
    return note


def open_case(link: CaseLink, code_name: str, risk: Risk, *, by: Staff) -> VictimCase:
    """Open a case from a link: what the analyst wrote goes into its file as what happened.

    Raises as `victim_cases.open_case`.
    """
    source = CaseSource.ITEM if link.item_id else CaseSource.REPORT
    file = CaseFile(code_name=code_name, story=case_files.unseal(NOTE, link.note))
    one = victim_cases.open_case(source, file, risk=risk, link=link, by=by)
    audit.record(by, PUT, subject(link))
    return one


def put(link: CaseLink, case_ref: str, *, by: Staff) -> VictimCase:
    """Put a link to a case of theirs. Raises Refused (`case`, code), WrongState where it is in one already."""
    try:
        one = case_files.get_open(case_ref.strip().upper(), by=by)
    except (NotFound, WrongState) as fault:
        raise Refused(("case", "unknown")) from fault
    free = update(CaseLink).where(CaseLink.id == link.id, _waits())
    taken = {"taken_at": link.taken_at or clock.now(), "taken_by_id": link.taken_by_id or by.id}
    if db.session.scalar(free.values(case_id=one.id, **taken).returning(CaseLink.id)) is None:
        raise WrongState(f"link {link.ref} has a case already")
    db.session.refresh(link)
    audit.record(by, PUT, subject(link))
    audit.record(by, PUT_TO_IT, case_files.subject(one), link=link.ref)
    return one


def list_page(shown: Shown, *, by: Staff, after: str = "", limit: int = MOST_LISTED) -> WaitingPage:
    """Return links for victim support: nobody has read them first, danger before that, then as they came.

    Of links in cases the newest come first. Nothing is opened.
    """
    case_files.require(by)
    start = _position(after)
    query = _with_things(select(CaseLink).where(_which(shown, by)))
    if shown is Shown.OPEN:
        query = query.order_by(CaseLink.taken_at.is_not(None), CaseLink.in_danger.desc(), CaseLink.id)
    else:
        query = query.order_by(CaseLink.id.desc())
    found = list(db.session.scalars(query.offset(start).limit(limit + 1)))
    unread = _unread([one.id for one in found], to_support=True)
    rows = [Waiting(one, one.taken_at is None, unread[one.id]) for one in found[:limit]]
    return WaitingPage(rows, str(start + limit) if len(found) > limit else "")


def count_waiting(*, by: Staff) -> int:
    """Return how many links wait for victim support: nobody has read them, or analysts wrote since.

    Stops at `MOST_COUNTED`.
    """
    case_files.require(by)
    asked = exists().where(LinkMessage.link_id == CaseLink.id, LinkMessage.to_support, LinkMessage.read_at.is_(None))
    some = select(CaseLink.id).where(_may_see(by), or_(CaseLink.taken_at.is_(None), asked)).limit(MOST_COUNTED)
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def card(one: VictimCase) -> Card:
    """Return a case's links, with how far each is now and what was said. The read of the case is on record."""
    query = _with_things(select(CaseLink).where(CaseLink.case_id == one.id).order_by(CaseLink.id))
    return Card(tuple(_seen_by_support(db.session.scalars(query).all())))


def opened(link: CaseLink) -> InCase:
    """Return one link as victim support sees it. Whoever calls has the read of the link on record."""
    return _seen_by_support([link])[0]


def list_of(one: VictimCase) -> list[CaseLink]:
    """Return the links of a case, in the order they were made."""
    return list(db.session.scalars(select(CaseLink).where(CaseLink.case_id == one.id).order_by(CaseLink.id)))


def refs_of_item(item: Item) -> tuple[str, ...]:
    """Return by which references the police can put an item together with what victim support tells them.

    Those of a report count only where it names nothing else: two items must not be tied together by one.
    """
    other = select(Mention.id).where(Mention.report_id == CaseLink.report_id, Mention.item_id != item.id)
    named = select(Mention.id).where(Mention.report_id == CaseLink.report_id, Mention.item_id == item.id)
    alone = and_(CaseLink.report_id.is_not(None), named.exists(), ~other.exists())
    merged = CaseLink.item_id.in_(select(Merge.item_id).where(Merge.into_id == item.id))
    query = select(CaseLink.ref).where(or_(CaseLink.item_id == item.id, merged, alone)).order_by(CaseLink.id)
    return tuple(db.session.scalars(query))


def write(link: CaseLink, text: str, *, to_support: bool, by: Staff) -> None:
    """Write to the other side about a link; what it wrote before is read by that. Raises Refused (`text`, code)."""
    kept, fault = rules.judge(text, rules.MOST_MESSAGE, to_support=to_support)
    if fault:
        raise Refused(("text", fault))
    message = LinkMessage(
        link_id=link.id,
        to_support=to_support,
        body=_seal(MESSAGE, kept, to_support=to_support),
        written_at=clock.now(),
        written_by_id=by.id,
    )
    db.session.add(message)
    _mark(link, to_support=not to_support)
    db.session.flush()
    audit.record(by, WROTE, subject(link), to_support=to_support)


def mark_read(link: CaseLink, *, to_support: bool, by: Staff) -> None:
    """Note that what the other side wrote was read, and needs no answer. `to_support`: victim support has read it."""
    _mark(link, to_support=to_support)
    audit.record(by, SEEN, subject(link))


def subject(link: CaseLink) -> str:
    """Return the name of a link in the audit trail."""
    return f"link {link.ref}"


def _handed(which: ColumnElement[bool], *, by: Staff) -> tuple[Handed, ...]:
    if not by.has(*items.CASE_ROLES):
        return ()
    links = db.session.scalars(_with_things(select(CaseLink).where(which).order_by(CaseLink.id.desc()))).all()
    talks = _talks(links, to_support=False)
    return tuple(
        Handed(one.ref, _about(one), one.in_danger, one.made_at, one.made_by, tuple(talks[one.id])) for one in links
    )


def _seen_by_support(links: Sequence[CaseLink]) -> list[InCase]:
    talks, fars = _talks(links, to_support=True), _fars(links)
    return [InCase(link, fars[link.id], tuple(talks[link.id])) for link in links]


def _talks(links: Sequence[CaseLink], *, to_support: bool) -> dict[int, list[Said]]:
    """Return by link what was said, the oldest first, opened where it is for the side that asks."""
    found: dict[int, list[Said]] = defaultdict(list)
    query = select(LinkMessage).where(LinkMessage.link_id.in_([one.id for one in links])).order_by(LinkMessage.id)
    for row in db.session.scalars(query.options(joinedload(LinkMessage.written_by))) if links else ():
        is_ours = row.to_support is not to_support
        text = None if is_ours else _opened(row)
        is_unread = not is_ours and row.read_at is None
        found[row.link_id].append(Said(row.id, is_ours, text, row.written_by, row.written_at, is_unread))
    return found


def _opened(row: LinkMessage) -> str | None:
    try:
        return vault.keyring().open(MESSAGE, row.body, lock=_lock(to_support=row.to_support))
    except (KeyMissing, Unreadable):
        return None


def _fars(links: Iterable[CaseLink]) -> dict[int, Far]:
    return {one.id: _far_of(one) for one in links}


def _far_of(link: CaseLink) -> Far:
    """Return how far what a link is about is, now; merged items are as far as what they were merged into."""
    if link.item_id is not None:
        here = Item.id == link.item_id
    else:
        here = Item.id.in_(select(Mention.item_id).where(Mention.report_id == link.report_id))
    into = select(Merge.into_id).where(Merge.item_id.in_(select(Item.id).where(here)))
    is_merged = exists().where(Merge.item_id == Item.id)
    rows = select(Item.status, Item.outcome).where(or_(and_(here, ~is_merged), Item.id.in_(into)))
    return rules.farthest_behind(rules.far(status, outcome) for status, outcome in db.session.execute(rows))


def _unread(link_ids: Sequence[int], *, to_support: bool) -> dict[int, int]:
    waits = (LinkMessage.to_support == to_support, LinkMessage.read_at.is_(None))
    query = select(LinkMessage.link_id, func.count()).where(LinkMessage.link_id.in_(link_ids), *waits)
    rows = db.session.execute(query.group_by(LinkMessage.link_id)).all() if link_ids else ()
    return dict.fromkeys(link_ids, 0) | dict(rows)


def _mark(link: CaseLink, *, to_support: bool) -> None:
    waits = update(LinkMessage).where(LinkMessage.link_id == link.id, LinkMessage.to_support == to_support)
    db.session.execute(waits.where(LinkMessage.read_at.is_(None)).values(read_at=clock.now()))


def _may_see(by: Staff) -> ColumnElement[bool]:
    theirs = VictimCase.id == CaseLink.case_id, VictimCase.status != CaseStatus.ERASED  # looked up, not listed
    return or_(_waits(), exists().where(*theirs, case_files.may_open(by, clock.now())))


def _waits() -> ColumnElement[bool]:
    """Whether a link is in no case yet, and its words were not erased meanwhile."""
    return and_(CaseLink.case_id.is_(None), CaseLink.note != b"")


def _which(shown: Shown, by: Staff) -> ColumnElement[bool]:
    if shown is Shown.OPEN:
        return _waits()
    return and_(CaseLink.case_id.is_not(None), _may_see(by))


def _with_things(query: Select[CaseLink]) -> Select[CaseLink]:
    things = (joinedload(CaseLink.item), joinedload(CaseLink.report), joinedload(CaseLink.case))
    return query.options(*things, joinedload(CaseLink.made_by))


def _about(link: CaseLink) -> str:
    thing = link.item or link.report
    return thing.ref if thing else ""


def _seal(purpose: str, text: str, *, to_support: bool) -> bytes:
    return vault.keyring().seal(purpose, text, lock=_lock(to_support=to_support))


def _lock(*, to_support: bool) -> Lock:
    return Lock.CARE if to_support else Lock.CASE


def _position(cursor: str) -> int:
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 10):
        raise Refused(("after", "unknown"))
    return int(cursor)
