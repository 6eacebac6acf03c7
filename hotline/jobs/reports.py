"""Jobs about reports."""

from collections.abc import Sequence

from hotline.services import telling
from hotline.transactions import commits


@commits
def move_reports_on(report_ids: Sequence[int]) -> None:
    """Let reporters see how far their reports are."""
    telling.move_reports_on(report_ids)
