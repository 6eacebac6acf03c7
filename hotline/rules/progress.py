"""How far a report is, as its reporter sees it: coarse, and never backwards."""

from collections.abc import Iterable

from hotline.vocabulary import ItemStatus, ReportStatus

ORDER = tuple(ReportStatus)
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


def before(status: ReportStatus) -> tuple[ReportStatus, ...]:
    """Return the statuses from which a report may move on to `status`."""
    return ORDER[: ORDER.index(status)]


def of_report(items: Iterable[ItemStatus], so_far: ReportStatus) -> ReportStatus:
    """Return how far a report is: its least advanced item counts, and it never moves back from `so_far`."""
    least = min((ORDER.index(OF_ITEM[item]) for item in items), default=0)
    return ORDER[max(least, ORDER.index(so_far))]
