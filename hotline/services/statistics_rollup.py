"""The roll-up: items that changed are counted again, and the cells take the difference in the same transaction.

Triggers leave a mark in the transaction of whatever changes what counts (`models/statistic.py`). A batch reads marks
and then what they are about, without holding the writer; then it writes, in one short transaction, the difference
between what each item added before and adds now, and strikes the marks it has read. A process that is killed leaves
the marks, and the next one begins where it was. Two at once add nothing twice: the number of a part says whether
somebody else has counted that item meanwhile, and then it is left alone with its mark.

What does not open stops nothing. Findings that do not are counted as what nobody could tell. Where a part does not,
nobody knows what its item added: all cells go back to nothing, and every item is marked to be counted anew.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, bindparam, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hotline import jurisdiction, logs, vault
from hotline.errors import KeyMissing, Unreadable
from hotline.extensions import db
from hotline.models.assessment import Assessment, Verdict
from hotline.models.exchange import Exchange
from hotline.models.item import Item, Mention, Merge
from hotline.models.notice import Notice, NoticeItem
from hotline.models.online import Ending
from hotline.models.police_report import PoliceReport, PoliceReportItem
from hotline.models.report import Origin, Report
from hotline.models.statistic import StatisticCell, StatisticMark, StatisticPart
from hotline.rules import statistics
from hotline.rules.findings import Findings
from hotline.rules.progress import HOUR
from hotline.rules.standing import UNDECIDED
from hotline.rules.statistics import Arrival, Cell, Facts
from hotline.services import assessments, exchange_course, police_first
from hotline.services.endings import REACHED, WITH_PARTNER
from hotline.transactions import writing
from hotline.vocabulary import (
    Channel,
    Direction,
    InhopeClass,
    ItemOutcome,
    ItemStatus,
    LawVerdict,
    Statistic,
    Way,
    Work,
)

BATCH = 200  # marks: some tenths of a second of reading, some hundredths of writing
PURPOSE = "statistic.part"
KEY = ["month", "way", "inhope_class", "figure", "part"]
LETTERS = {Channel.HOST: Work.TOLD_HOST, Channel.POLICE: Work.TOLD_POLICE}

Deeds = dict[int, list[tuple[Work, datetime]]]


class Settled(NamedTuple):
    """What people found of an item, and what those whose looks agree say of it."""

    inhope_class: InhopeClass
    law: LawVerdict
    described: tuple[Findings, ...] = ()


class Ended(NamedTuple):
    """How an item ended, while it stays so."""

    outcome: ItemOutcome
    removed_at: datetime | None
    country: str | None


def is_waiting() -> bool:
    """Whether something changed that no cell tells yet."""
    return db.session.scalar(select(StatisticMark.id).limit(1)) is not None


def roll(most: int = BATCH) -> int:
    """Count anew what the oldest marks are about. Returns how many marks it read; 0 when nothing waits.

    Opens its own transactions: never inside `writing()`. Raises KeyMissing in a process that opens nothing at all.
    """
    db.session.rollback()  # what was read before is older than the marks
    marks = db.session.execute(select(StatisticMark.id, StatisticMark.item_id).order_by(StatisticMark.id).limit(most))
    of_item: dict[int, list[int]] = defaultdict(list)
    for mark, item_id in marks:
        of_item[item_id].append(mark)
    if not of_item:
        return 0
    _require_key()
    try:
        before = _parts(of_item)
    except (KeyMissing, Unreadable):
        _begin_anew()
    else:
        after = count(of_item)
        with writing():
            _write(of_item, before, after)
    return sum(len(ids) for ids in of_item.values())


def count(ids: Iterable[int]) -> dict[int, Counter[Cell]]:
    """Count from the records what each of some items adds. Items that are not there add nothing."""
    zone, wanted = jurisdiction.current().zone, list(ids)
    known = _facts(wanted)
    return {one: statistics.cells(known[one], zone) if one in known else Counter() for one in wanted}


def apply(changes: Mapping[Cell, int]) -> None:
    """Let cells count so many more or fewer, in the caller's transaction."""
    more = [cell._asdict() | {"count": by} for cell, by in sorted(changes.items()) if by > 0]
    less = [
        {f"at_{name}": value for name, value in cell._asdict().items()} | {"by": -by}
        for cell, by in sorted(changes.items())
        if by < 0
    ]
    table = cast(Table, StatisticCell.__table__)
    if more:
        _upsert(StatisticCell, KEY, ("count",), more)
    if less:
        at = [table.c[name] == bindparam(f"at_{name}") for name in KEY]
        db.session.connection().execute(update(table).where(*at).values(count=table.c.count - bindparam("by")), less)


def _write(
    of_item: Mapping[int, list[int]],
    before: Mapping[int, tuple[int, Counter[Cell]]],
    after: Mapping[int, Counter[Cell]],
) -> None:
    numbers = dict(
        db.session.execute(
            select(StatisticPart.item_id, StatisticPart.number).where(StatisticPart.item_id.in_(of_item))
        ).all()
    )
    ours = [one for one in of_item if numbers.get(one, 0) == before.get(one, (0, None))[0]]
    changes: Counter[Cell] = Counter()
    ring = vault.keyring()
    rows = []
    for one in ours:
        number, added = before.get(one, (0, Counter()))
        for cell, by in statistics.difference(added, after[one]).items():
            changes[cell] += by
        body = ring.seal(PURPOSE, _written(after[one]))
        rows.append({"item_id": one, "body": body, "number": number + 1})
    if rows:
        _upsert(StatisticPart, ["item_id"], ("body", "number"), rows)
    apply(changes)
    done = [mark for one in ours for mark in of_item[one]]
    db.session.execute(delete(StatisticMark).where(StatisticMark.id.in_(done)))


def _upsert(model: Any, key: list[str], columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    """Insert rows; where one is there, cells add to it and parts take its place."""
    table, session = cast(Table, model.__table__), db.session()
    is_sqlite = session.get_bind(model).dialect.name == "sqlite"
    new: Any = sqlite.insert(table) if is_sqlite else postgresql.insert(table)
    values = {
        name: table.c[name] + new.excluded[name] if model is StatisticCell else new.excluded[name] for name in columns
    }
    session.execute(new.on_conflict_do_update(index_elements=key, set_=values), rows)


def _require_key() -> None:
    """Raise where this process opens nothing: then what does not open is whole, and nothing may be made of it."""
    ring = vault.keyring()
    ring.open(PURPOSE, ring.seal(PURPOSE, ""))


def _begin_anew() -> None:
    """Have everything counted anew. Numbers go on, so whoever counts at this moment is overtaken."""
    logs.log.error("what an item adds to the statistics does not open: everything is counted anew")
    nothing = vault.keyring().seal(PURPOSE, _written(Counter()))
    with writing():
        db.session.execute(delete(StatisticCell))
        db.session.execute(update(StatisticPart).values(body=nothing, number=StatisticPart.number + 1))
        db.session.execute(insert(StatisticMark).from_select(["item_id"], select(Item.id)))


def _parts(ids: Iterable[int]) -> dict[int, tuple[int, Counter[Cell]]]:
    query = select(StatisticPart.item_id, StatisticPart.number, StatisticPart.body)
    rows = db.session.execute(query.where(StatisticPart.item_id.in_(list(ids))))
    ring = vault.keyring()
    return {item_id: (number, _read(ring.open(PURPOSE, body))) for item_id, number, body in rows}


def _written(cells: Counter[Cell]) -> str:
    return json.dumps([[*cell, times] for cell, times in sorted(cells.items())])


def _read(body: str) -> Counter[Cell]:
    return Counter(
        {
            Cell(month, Way(way), group, Statistic(figure), part): times
            for month, way, group, figure, part, times in json.loads(body)
        }
    )


def _facts(ids: Sequence[int]) -> dict[int, Facts]:
    columns = Item.id, Item.opened_at, Item.country, Item.status, Item.looks_after
    rows = db.session.execute(select(*columns).where(Item.id.in_(ids))).all()
    merged = set(db.session.scalars(select(Merge.item_id).where(Merge.item_id.in_(ids))))
    arrivals, told, ended, looks = _arrivals(ids), _told(ids), _ended(ids), _looks(ids)
    closed = _closed(ids)
    settled = _settled(rows, looks, merged)
    found = {}
    for item_id, opened_at, country, _status, _after in rows:
        ending, said = ended.get(item_id), settled.get(item_id)
        done = told.get(item_id, [])
        seen = [(Work.LOOK, one.made_at) for one in looks.get(item_id, ())]
        found[item_id] = Facts(
            since=opened_at + HOUR,
            arrivals=tuple(arrivals.get(item_id, ())),
            is_merged=item_id in merged,
            inhope_class=said.inhope_class if said else None,
            law=said.law if said else None,
            described=said.described if said else (),
            country=(ending.country if ending else None) or country,
            to_police_at=_first(done, Work.TOLD_POLICE, opened_at),
            to_host_at=_first(done, Work.TOLD_HOST, opened_at),
            outcome=ending.outcome if ending else None,
            removed_at=ending.removed_at if ending else None,
            work=(*seen, *done, *closed.get(item_id, ())),
        )
    return found


def _arrivals(ids: Sequence[int]) -> dict[int, list[Arrival]]:
    query = select(Mention.item_id, Report.received_at, Origin.source).join(Report, Report.id == Mention.report_id)
    query = query.outerjoin(Origin, Origin.report_id == Report.id).where(Mention.item_id.in_(ids))
    found: dict[int, list[Arrival]] = defaultdict(list)
    for item_id, at, source in db.session.execute(query.order_by(Report.received_at, Mention.id)):
        found[item_id].append(Arrival(at, statistics.way_of(source)))
    return found


def _looks(ids: Sequence[int]) -> dict[int, list[Any]]:
    columns = Assessment.item_id, Assessment.id, Assessment.inhope_class, Assessment.law, Assessment.made_at
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(select(*columns).where(Assessment.item_id.in_(ids)).order_by(Assessment.id)):
        found[row.item_id].append(row)
    return found


def _settled(rows: Sequence[Any], looks: Mapping[int, Sequence[Any]], merged: set[int]) -> dict[int, Settled]:
    """Return what is settled of items: by the verdict that holds, or by one look where that was enough to close it."""
    decided = [row.id for row in rows if row.status not in UNDECIDED]
    verdicts = {
        one.item_id: one
        for one in db.session.scalars(select(Verdict).where(Verdict.item_id.in_(decided)).order_by(Verdict.id))
    }
    illegal = {item_id: one for item_id, one in verdicts.items() if one.inhope_class in statistics.ILLEGAL}
    described = _described(illegal)
    found = {
        item_id: Settled(one.inhope_class, one.law, described.get(item_id, ())) for item_id, one in verdicts.items()
    }
    for row in rows:
        if row.id in found or row.id in merged or row.status is not ItemStatus.CLOSED:
            continue
        last = next((one for one in reversed(looks.get(row.id, ())) if one.id > row.looks_after), None)
        if last is not None and last.inhope_class not in statistics.ILLEGAL:
            found[row.id] = Settled(last.inhope_class, last.law)
    return found


def _described(verdicts: Mapping[int, Verdict]) -> dict[int, tuple[Findings, ...]]:
    ids = [look for one in verdicts.values() for look in one.look_ids]
    query = select(Assessment).where(Assessment.id.in_(ids))
    said, closed = dict[int, Findings](), 0
    for look in db.session.scalars(query):
        try:
            said[look.id] = assessments.findings_of(look)
        except (KeyMissing, Unreadable):
            closed += 1
    if closed:
        logs.log.error("%s looks do not open: the statistics count them as what nobody could tell", closed)
    return {
        item_id: tuple(said[look] for look in one.look_ids) if said.keys() >= {*one.look_ids} else ()
        for item_id, one in verdicts.items()
    }


def _told(ids: Sequence[int]) -> Deeds:
    """Return who was told of items, and when: letters that did not come back, police reports, partner hotlines.

    A partner's letter is that of an offer, and counts with it.
    """
    letters = select(NoticeItem.item_id, Notice.channel, Notice.sent_at).join(Notice, Notice.id == NoticeItem.notice_id)
    letters = letters.where(NoticeItem.item_id.in_(ids), Notice.status.in_(REACHED))
    letters = letters.where(or_(*(Notice.channel == one for one in LETTERS)))
    found: Deeds = defaultdict(list)
    for item_id, channel, at in db.session.execute(letters):
        if at is not None:
            found[item_id].append((LETTERS[channel], at))
    reports = select(PoliceReportItem.item_id, PoliceReport.handed_over_at)
    reports = reports.join(PoliceReport, PoliceReport.id == PoliceReportItem.report_id)
    went = PoliceReport.status.in_(police_first.GONE_TO_POLICE)
    for item_id, at in db.session.execute(reports.where(PoliceReportItem.item_id.in_(ids), went)):
        if at is not None:
            found[item_id].append((Work.TOLD_POLICE, at))
    offers = select(Exchange.item_id, Exchange.offered_at).where(
        Exchange.item_id.in_(ids),
        Exchange.direction == Direction.OUT,
        Exchange.status.in_(WITH_PARTNER),
        ~exchange_course.CAME_BACK,
    )
    for offered_id, at in db.session.execute(offers):
        if offered_id is not None and at is not None:
            found[offered_id].append((Work.TOLD_PARTNER, at))
    return found


def _ended(ids: Sequence[int]) -> dict[int, Ended]:
    """Return how items ended, of those that are not open again."""
    columns = Ending.item_id, Ending.outcome, Ending.removed_at, Ending.country
    stands = select(*columns).where(Ending.item_id.in_(ids), Ending.undone_at.is_(None)).order_by(Ending.id)
    return {item_id: Ended(outcome, at, country) for item_id, outcome, at, country in db.session.execute(stands)}


def _closed(ids: Sequence[int]) -> Deeds:
    """Return each time something that was acted on was closed."""
    found: Deeds = defaultdict(list)
    for item_id, at in db.session.execute(select(Ending.item_id, Ending.ended_at).where(Ending.item_id.in_(ids))):
        found[item_id].append((Work.CLOSED, at))
    return found


def _first(done: Iterable[tuple[Work, datetime]], deed: Work, since: datetime) -> datetime | None:
    return min((at for one, at in done if one is deed and at >= since), default=None)
