"""How far a report is, as its reporter sees it: coarse, never backwards, and at the pace of a new address."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from hotline.vocabulary import HelpStatus, ItemStatus, ReportStatus

ORDER = tuple(ReportStatus)
HOUR = timedelta(hours=1)
OF_ITEM = {
    ItemStatus.NEW: ReportStatus.RECEIVED,
    ItemStatus.ASSESSING: ReportStatus.CHECKING,
    ItemStatus.IN_REVIEW: ReportStatus.CHECKING,
    ItemStatus.DISPUTED: ReportStatus.CHECKING,
    ItemStatus.DECIDED: ReportStatus.CHECKING,
    ItemStatus.HELD: ReportStatus.CHECKING,
    ItemStatus.ACTING: ReportStatus.ACTION_TAKEN,
    ItemStatus.MONITORING: ReportStatus.ACTION_TAKEN,
    ItemStatus.CLOSED: ReportStatus.CLOSED,
}
OF_HELP = {
    HelpStatus.NEW: ReportStatus.RECEIVED,
    HelpStatus.TAKEN: ReportStatus.CHECKING,
    HelpStatus.CLOSED: ReportStatus.CLOSED,
}


def before(status: ReportStatus) -> tuple[ReportStatus, ...]:
    """Return the statuses from which a report may move on to `status`."""
    return ORDER[: ORDER.index(status)]


def hours_behind(opened_at: datetime, received_at: datetime) -> int:
    """Return how many hours after the report that opened an item one that joins it hears of each step.

    Both times are known to the hour only, so the later one counts from its hour's end: who reports a known address
    never hears anything sooner after reporting than who reported it first.
    """
    return max(0, (received_at - opened_at) // HOUR) + 1


def of_item(reached: Mapping[ReportStatus, datetime], *, behind: int, now: datetime) -> ReportStatus:
    """Return how far an item is to a reporter who hears of its steps `behind` hours after they were `reached`."""
    heard = [status for status, at in reached.items() if at + behind * HOUR <= now]
    return max(heard, key=ORDER.index, default=ReportStatus.RECEIVED)


def next_step(reached: Mapping[ReportStatus, datetime], *, behind: int, now: datetime) -> datetime | None:
    """Return when that reporter hears of the next step that was `reached` already; None when there is none."""
    return min((at + behind * HOUR for at in reached.values() if at + behind * HOUR > now), default=None)


def of_report(items: Iterable[ReportStatus], so_far: ReportStatus) -> ReportStatus:
    """Return how far a report is: its least advanced item counts, and it never moves back from `so_far`."""
    least = min(map(ORDER.index, items), default=0)
    return ORDER[max(least, ORDER.index(so_far))]
