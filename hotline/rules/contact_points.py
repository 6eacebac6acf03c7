"""Terms of INHOPE's point of contact: one follows another, none overlap, and gaps between them are told. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Term:
    """Who was the point of contact from when until when; `id` is None while nobody was, `until` None until now."""

    id: int | None
    since: datetime
    until: datetime | None


def history(terms: Iterable[Term]) -> list[Term]:
    """Return terms, newest first, with a term of nobody wherever one ended before the next began, or none followed."""
    return list(_with_gaps(terms))[::-1]


def begins(on: date, *, now: datetime, zone: ZoneInfo) -> datetime:
    """Return from which moment a term that begins on a day runs: today's from now, another's from its midnight."""
    if on == now.astimezone(zone).date():
        return now
    return datetime.combine(on, time(), tzinfo=zone)


def fault(since: datetime, *, last: Term | None, now: datetime) -> str | None:
    """Return what is wrong with when a term is to begin: `ahead`, or `overlaps` what stands before it; None: nothing.

    It may begin within a term that runs, which then ends there, but not before that began, and not in one that ended.
    """
    if since > now:
        return "ahead"
    if last is not None and since < (last.until or last.since):
        return "overlaps"
    return None


def _with_gaps(terms: Iterable[Term]) -> Iterator[Term]:
    ended: datetime | None = None
    for one in sorted(terms, key=lambda term: term.since):
        if ended is not None and ended < one.since:
            yield Term(None, ended, one.since)
        yield one
        ended = one.until
    if ended is not None:
        yield Term(None, ended, None)
