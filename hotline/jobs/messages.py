"""Jobs about messages."""

from hotline.services import messages
from hotline.transactions import commits


@commits
def deliver_answer(message_id: int) -> None:
    """Let a reporter read an answer."""
    messages.deliver(message_id)
