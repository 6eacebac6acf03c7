"""Nothing that leaves bears the name, mailbox or number of one of us: what is asked before words leave the team.

`docs/threat-model.md` lists the ways out, and where each asks here. How often was asked and what was found is counted,
without any words.
"""

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, exists, func, insert, select
from sqlalchemy.orm import Session

from hotline import jurisdiction
from hotline.config import settings
from hotline.extensions import db
from hotline.models.contact_point import SecrecyCheck
from hotline.models.practice import StaffReach
from hotline.models.staff import Staff
from hotline.rules import addresses, anonymity
from hotline.rules.anonymity import House, Leak, Watch
from hotline.rules.letters import Letter
from hotline.rules.reach import Reach
from hotline.services import staff_reach
from hotline.services.staff_reach import Everybody
from hotline.transactions import afterwards, apart, desk_engine
from hotline.vocabulary import Channel, SecrecyResult, WayOut

LONGEST_KEPT = 60.0  # seconds that what people entered about themselves stays open in memory for the next check
PERIOD = timedelta(days=90)
MOST_ROUNDS = 5  # a name that our numbers themselves bear ends here
COLUMNS = ("month", "way", "checked", "found", "let_go")
BY_CHANNEL = {Channel.HOST: WayOut.LETTER, Channel.PARTNER: WayOut.PARTNER, Channel.POLICE: WayOut.POLICE}


@dataclass(frozen=True, slots=True)
class SecrecyEvidence:
    """How the confidentiality of staff was kept in the last 90 days, in counts.

    `checked`: checks of words that were about to leave; `hits`: those that found one of us, or a mailbox or number that
    is not the house's; `let_go`: hits that a second person let go. `entered` of `people` with an open account have
    entered a full name to look for.
    """

    since: date
    checked: int
    hits: int
    let_go: int
    people: int
    entered: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How often words that were about to leave by one way were checked in a month (`2026-11`)."""

    month: str
    way: WayOut
    checked: int
    hits: int
    let_go: int


@dataclass(frozen=True, slots=True)
class Stood:
    """Something that stood in a text and points at one of us, as it was written, and whose number stands there now."""

    found: str
    number: str


@dataclass(frozen=True, slots=True)
class _Kept:
    stamp: tuple[object, ...]
    watch: Watch
    until: float


_kept: WeakKeyDictionary[Engine, _Kept] = WeakKeyDictionary()


def leaks_in(letter: Letter) -> tuple[Leak, ...]:
    """Return what in a letter points at a member of staff: such a letter needs one more person to approve it."""
    shown = [*(addresses.defang(address) for address in letter.addresses), *letter.filled]
    known = _also_ours(_watch(), (letter.mailbox,))
    words = f"{letter.subject}\n{letter.text}\n{letter.told}"  # told: a number may be cut where a line ends
    return anonymity.leaks(words, quoted=shown, house=known)


def leaks_in_words(text: str, *, mailboxes: Collection[str] = ()) -> tuple[Leak, ...]:
    """Return what in a text points at a member of staff, or is no mailbox or number of the house.

    `mailboxes` may stand in it beside the house's.
    """
    return anonymity.leaks(text, quoted=(), house=_also_ours(_watch(), mailboxes))


def names_one_of_us(text: str) -> bool:
    """Whether a text bears the name, a mailbox or a telephone number of a member of staff."""
    return any(leak.is_ours for leak in leaks_in_words(text))


def with_numbers(text: str) -> tuple[str, tuple[Stood, ...]]:
    """Return a text with our numbers wherever it points at one of us, and what stood there, by whose it is."""
    stood: list[Stood] = []
    for _ in range(MOST_ROUNDS):  # again: what stood between two words of a name may be gone
        if not names_one_of_us(text):
            break
        for person in db.session.scalars(select(Staff).order_by(Staff.id)):
            house = _house((person.name,), staff_reach.of(person))
            text, found = anonymity.replaced(text, person.number, house)
            stood += (Stood(one, person.number) for one in found)
    return text, tuple(stood)


def come_since(looked_through_at: datetime, *texts: str) -> tuple[Leak, ...]:
    """Return what in some texts points at one of us of whom it was entered after they were last looked through.

    Asked of words that lie here between that moment and the one at which they leave. What was found then is not found
    again, unless that person has entered something since.
    """
    names = tuple(db.session.scalars(select(Staff.name).where(Staff.created_at > looked_through_at)))
    entered = staff_reach.entered_after(looked_through_at)
    if not (names or entered.names or entered.mailboxes or entered.phones):
        return ()
    found = anonymity.leaks("\n".join(texts), quoted=(), house=_house(names, entered))
    return tuple(leak for leak in found if leak.is_ours)


def came_since(looked_through_at: datetime) -> bool:
    """Whether anybody of us came, or entered something, after a moment: for words that cannot be opened any more."""
    came = exists().where(Staff.created_at > looked_through_at)
    return bool(db.session.scalar(select(came | exists().where(StaffReach.changed_at > looked_through_at))))


def check_letter(way: WayOut, letter: Letter) -> tuple[Leak, ...]:
    """Return what `leaks_in` does, and count the check. Only inside `writing()`."""
    return count(way, leaks_in(letter))


def check(way: WayOut, *texts: str, mailboxes: Collection[str] = ()) -> tuple[Leak, ...]:
    """Return what `leaks_in_words` does of some texts, and count that as one check. Only inside `writing()`."""
    return count(way, leaks_in_words("\n".join(texts), mailboxes=mailboxes))


def check_names(way: WayOut, *texts: str) -> bool:
    """Return what `names_one_of_us` does of some texts, and count that as one check. Only inside `writing()`."""
    found = leaks_in_words("\n".join(texts))
    return bool(count(way, tuple(leak for leak in found if leak.is_ours)))


def count(way: WayOut, found: tuple[Leak, ...]) -> tuple[Leak, ...]:
    """Count a check of words that are about to leave, and return what it found. Only inside `writing()`."""
    note(way, is_hit=bool(found))
    return found


def note(way: WayOut, *, is_hit: bool) -> None:
    """Count a check that was made elsewhere, since it knows more. Only inside `writing()`.

    A hit counts also where the words are refused and nothing else of it is kept.
    """
    _put(way, SecrecyResult.HIT if is_hit else SecrecyResult.CLEAN)


def count_read(way: WayOut, *results: SecrecyResult) -> None:
    """Count a check of words that somebody reads, to take them along, in a short transaction of its own."""
    with apart(desk_engine()) as session:
        session.execute(insert(SecrecyCheck), [_row(way, result) for result in results])


def let_go(way: WayOut) -> None:
    """Count that a second person let words go in which something was found. Only inside `writing()`."""
    _put(way, SecrecyResult.LET_GO)


def evidence() -> SecrecyEvidence:
    """Return how the confidentiality of staff was kept in the last 90 days."""
    since = jurisdiction.today() - PERIOD
    query = select(SecrecyCheck.result, func.count()).where(SecrecyCheck.checked_on >= since)
    found: dict[SecrecyResult, int] = dict(db.session.execute(query.group_by(SecrecyCheck.result)).all())
    people = set(db.session.scalars(select(Staff.id).where(Staff.active)))
    return SecrecyEvidence(
        since=since,
        checked=found.get(SecrecyResult.CLEAN, 0) + found.get(SecrecyResult.HIT, 0),
        hits=found.get(SecrecyResult.HIT, 0),
        let_go=found.get(SecrecyResult.LET_GO, 0),
        people=len(people),
        entered=len(people & staff_reach.filled()),
    )


def tallies(since: date, until: date) -> list[Tally]:
    """Return how often was checked from a day on, before another, by month and way, the newest month first."""
    query = select(SecrecyCheck.checked_on, SecrecyCheck.way, SecrecyCheck.result, func.count())
    query = query.where(SecrecyCheck.checked_on >= since, SecrecyCheck.checked_on < until)
    query = query.group_by(SecrecyCheck.checked_on, SecrecyCheck.way, SecrecyCheck.result)
    counted: dict[tuple[str, WayOut], dict[SecrecyResult, int]] = {}
    for on, way, result, number in db.session.execute(query):
        cell = counted.setdefault((f"{on:%Y-%m}", way), dict.fromkeys(SecrecyResult, 0))
        cell[result] += number
    ways = list(WayOut)
    found = [
        Tally(
            month,
            way,
            checked=cell[SecrecyResult.CLEAN] + cell[SecrecyResult.HIT],
            hits=cell[SecrecyResult.HIT],
            let_go=cell[SecrecyResult.LET_GO],
        )
        for (month, way), cell in sorted(counted.items(), key=lambda one: ways.index(one[0][1]))
    ]
    return sorted(found, key=lambda one: one.month, reverse=True)


def records(since: datetime, until: datetime, *, by: Staff) -> Iterator[tuple[str, ...]]:
    """Yield the checks of a period by month and way: what `COLUMNS` name. There are no words in it."""
    zone = jurisdiction.current().zone
    for one in tallies(since.astimezone(zone).date(), until.astimezone(zone).date()):
        yield one.month, str(one.way), str(one.checked), str(one.hits), str(one.let_go)


def _put(way: WayOut, result: SecrecyResult) -> None:
    row = _row(way, result)

    def put(session: Session) -> None:
        session.execute(insert(SecrecyCheck), row)

    if result is SecrecyResult.HIT:
        afterwards(put)
    else:
        put(db.session())


def _row(way: WayOut, result: SecrecyResult) -> dict[str, object]:
    return {"checked_on": jurisdiction.today(), "way": way, "result": result}


def _also_ours(known: Watch, mailboxes: Collection[str]) -> Watch:
    """Let some mailboxes stand in a text, also where one of us entered it as their own."""
    more = frozenset(mailbox.strip().casefold() for mailbox in mailboxes) - {""}
    if not more:
        return known
    own = tuple(mailbox for mailbox in known.own_mailboxes if mailbox not in more)
    return replace(known, house_mailboxes=known.house_mailboxes | more, own_mailboxes=own)


def _watch() -> Watch:
    """Return what is looked for. What people entered about themselves is opened anew when it was changed."""
    names = tuple(db.session.scalars(select(Staff.name).order_by(Staff.id)))
    changed = db.session.execute(select(func.count(), func.max(StaffReach.changed_at))).one()
    stamp = (names, *changed, settings().mail_from)
    now, kept = time.monotonic(), _kept.get(db.engine)
    if kept is None or kept.stamp != stamp or kept.until < now:
        kept = _kept[db.engine] = _Kept(
            stamp, anonymity.watch(_house(names, staff_reach.everybody())), now + LONGEST_KEPT
        )
    return kept.watch


def _house(names: tuple[str, ...], entered: Everybody | Reach) -> House:
    place = jurisdiction.current()
    return House(
        names=names,
        mailboxes=(settings().mail_from,),
        phones=tuple(number for line in (place.hotline_phone, *place.helplines) for number in (line.number, line.tel)),
        full_names=entered.names,
        own_mailboxes=entered.mailboxes,
        own_phones=entered.phones,
    )
