"""Jobs about what goes between hotlines."""

from hotline.services import exchange


def put_message(message_id: int) -> None:
    """Leave one message at its partner's door. It ends transactions of its own."""
    exchange.deliver(message_id)
