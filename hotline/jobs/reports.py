"""Jobs about reports."""

from collections.abc import Sequence

from hotline.services import items
from hotline.transactions import commits


@commits
def move_reports_on(report_ids: Sequence[int]) -> None:
    """Let reporters see how far their reports are."""
    items.move_reports_on(report_ids)
