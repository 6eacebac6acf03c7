"""What the sweeper does about partner hotlines: move what they sent, note what they have, take back what fell."""

from hotline.services import exchange, exchange_arrivals, exchange_doors, exchange_outbox


def go() -> None:
    """Go round once. Every part may be run at any time, and twice."""
    exchange_arrivals.open_inbound()
    exchange_outbox.collect()
    exchange.take_back_fallen()
    exchange_doors.forget_old()
