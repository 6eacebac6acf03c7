"""Jobs about reports."""

from hotline.services import items
from hotline.transactions import commits


@commits
def move_report_on(report_id: int) -> None:
    """Let a reporter see how far the report is."""
    items.move_report_on(report_id)
