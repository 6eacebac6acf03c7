"""Whether an address is gone: what looks say together, when the next one is due, how it ends, and what an answer means.

A person's look counts at once. A program's is a hint: it asks for the head of a page, or for a name, and reads nothing
else, so it cannot tell a page that says "not found" in friendly words from the page itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from hotline.vocabulary import CheckMeans, CheckResult, ItemOutcome

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CONFIRMED_AFTER = 6 * HOUR  # from the first person's look that found it gone to one that confirms it
APART, LEAST_SPAN, NEEDED = 6 * HOUR, DAY, 3  # a program's looks that find nothing: how far apart, over what, how many
SOON, WHILE_UP, WHILE_GONE = 12 * HOUR, (6 * HOUR, 7 * DAY), (DAY, 7 * DAY)
WATCHED_FOR, WATCHED_ON_FOR = 90 * DAY, 30 * DAY  # while it is up; and once it is gone, since it was first seen so
MOST_REASON = 400  # characters of why somebody closes an item before it was seen to be gone twice

MOVED = "moved"
NO_NAME, SLOW, PROXY_AWAY, NO_ANSWER, TLS, GARBLED = "no_name", "slow", "proxy", "no_answer", "tls", "garbled"
PRIVATE, ONION, NOT_WEB, SEALED = "private", "onion", "not_web", "sealed"
NEVER_ASKED = frozenset({PRIVATE, ONION, NOT_WEB, SEALED})  # a program cannot look there, so people do
GONE_CODES = frozenset({404, 410, 451})
ENDS = (ItemOutcome.REMOVED, ItemOutcome.UNAVAILABLE, ItemOutcome.MOVED)  # how something ends that was acted on


@dataclass(frozen=True, slots=True)
class Look:
    """One look at an address. `code` is such as `404`, `no_name` or `moved`, or empty."""

    means: CheckMeans
    result: CheckResult
    code: str
    at: datetime

    @property
    def by_person(self) -> bool:
        """Whether a person looked."""
        return self.means is CheckMeans.PERSON


class Watched(NamedTuple):
    """What a program knows of an address: since when it looks, and what it found in a row, far enough apart."""

    began_at: datetime
    gone_in_a_row: int = 0
    first_gone_at: datetime | None = None
    last_gone_at: datetime | None = None

    @property
    def is_gone(self) -> bool:
        """Whether so many looks over so long a time found nothing that it counts as gone."""
        first, last = self.first_gone_at, self.last_gone_at
        return self.gone_in_a_row >= NEEDED and first is not None and last is not None and last - first >= LEAST_SPAN


class Next(NamedTuple):
    """What follows from a program's look: what it knows now, when it looks next (None: no more), what has changed."""

    known: Watched
    next_at: datetime | None
    went: bool  # it counts as gone from now on
    came_back: bool  # it counted as gone, and answers again


def result_of(status: int) -> CheckResult:
    """Return what the status of an answer to a HEAD request says. Any other 2xx may be a page that says "gone"."""
    if status in GONE_CODES:
        return CheckResult.GONE
    return CheckResult.UP if 200 <= status < 300 else CheckResult.UNSURE


def after(known: Watched, result: CheckResult, code: str, now: datetime) -> Next:
    """Return what follows from a program's look. What it could not tell neither counts nor ends a row."""
    if code in NEVER_ASKED:
        return Next(known, None, went=False, came_back=False)
    if result is CheckResult.UP:
        came_back = known.is_gone
        fresh = Watched(now if came_back else known.began_at)
        return Next(fresh, _while_up(fresh, now), went=False, came_back=came_back)
    counted = known
    if result is CheckResult.GONE and (known.last_gone_at is None or now - known.last_gone_at >= APART):
        counted = known._replace(
            gone_in_a_row=known.gone_in_a_row + 1, first_gone_at=known.first_gone_at or now, last_gone_at=now
        )
    went = counted.is_gone and not known.is_gone
    return Next(counted, _while_gone(counted, now), went=went, came_back=False)


def wait_unheard(away: timedelta, times: int) -> timedelta:
    """Return how long an address waits that was to be asked of a proxy which did not answer, `times` times before.

    It may be its host that says what only a proxy says, so it waits twice as long each time, up to what a doubt waits.
    """
    return min(away * (1 << min(times, 16)), SOON)


def run(looks: Iterable[Look]) -> tuple[Look, ...]:
    """Return the looks that found it gone since it was last seen up, oldest first. `looks` are oldest first."""
    found: list[Look] = []
    for one in looks:
        if one.result is CheckResult.UP:
            found = []
        elif one.result is CheckResult.GONE:
            found.append(one)
    return tuple(found)


def is_confirmed(gone: Sequence[Look]) -> bool:
    """Whether a run of looks is enough to close: two by people some hours apart, or a program's, often enough."""
    by_people = [one.at for one in gone if one.by_person]
    if by_people and by_people[-1] - by_people[0] >= CONFIRMED_AFTER:
        return True
    by_program: list[datetime] = []
    for one in gone:
        if not one.by_person and (not by_program or one.at - by_program[-1] >= APART):
            by_program.append(one.at)
    return len(by_program) >= NEEDED and by_program[-1] - by_program[0] >= LEAST_SPAN


def suggested(gone: Sequence[Look]) -> ItemOutcome:
    """Return the outcome that a run of looks suggests: what the newest person said, else what a program met."""
    newest = next((one for one in reversed(gone) if one.by_person), None)
    if newest is not None and newest.code == MOVED:
        return ItemOutcome.MOVED
    only_by_name = bool(gone) and newest is None and all(one.code == NO_NAME for one in gone)
    return ItemOutcome.UNAVAILABLE if only_by_name else ItemOutcome.REMOVED


def end_faults(outcome: ItemOutcome | None, reason: str, *, confirmed: bool) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for everything that keeps an item from being closed as somebody asks."""
    wrong = {
        ("ending", "required"): outcome not in ENDS,
        ("ending_reason", "required"): not reason and not confirmed,
        ("ending_reason", "too_long"): len(reason) > MOST_REASON,
    }
    return tuple(fault for fault, is_wrong in wrong.items() if is_wrong)


def _while_up(known: Watched, now: datetime) -> datetime | None:
    age = now - known.began_at
    return None if age >= WATCHED_FOR else now + _within(age / 2, WHILE_UP)


def _while_gone(known: Watched, now: datetime) -> datetime | None:
    """Return when to look next at what answers as gone, or does not say: soon while nobody knows, then ever later."""
    if not known.is_gone or known.first_gone_at is None:
        return None if now - known.began_at >= WATCHED_FOR else now + SOON
    age = now - known.first_gone_at
    return None if age >= WATCHED_ON_FOR else now + _within(age / 2, WHILE_GONE)


def _within(span: timedelta, bounds: tuple[timedelta, timedelta]) -> timedelta:
    return min(max(span, bounds[0]), bounds[1])
