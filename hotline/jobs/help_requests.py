"""Jobs about requests for help."""

from collections.abc import Sequence

from hotline.services import help_requests
from hotline.transactions import commits


@commits
def move_requests_on(request_ids: Sequence[int]) -> None:
    """Let people see how far their requests for help are."""
    help_requests.move_on(request_ids)
