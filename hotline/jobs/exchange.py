"""Jobs about what goes between hotlines."""

from hotline.services import exchange, exchange_partners


def put_message(message_id: int) -> None:
    """Leave one message at its partner's door. It ends transactions of its own."""
    exchange.deliver(message_id)


def take_back_offers(item_id: int) -> None:
    """Take back the offers of one item that may not leave any more. It ends transactions of its own."""
    exchange.take_back_of_item(item_id)


def renew_door(partner_id: int) -> None:
    """Bring a partner's new keys to its door. It ends transactions of its own."""
    exchange_partners.renew_door(partner_id)
