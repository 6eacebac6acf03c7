"""How confidential a letter is: who gets it encrypted or not at all, and what goes by no mail."""

from datetime import datetime

from hotline.vocabulary import Channel, Delivery

BY_MAIL = {Delivery.EMAIL, Delivery.XARF}
BY_A_PERSON = {Delivery.WEB_FORM, Delivery.PORTAL}
ENCRYPTED = {Channel.PARTNER, Channel.POLICE}


def must_be_encrypted(channel: Channel, delivery: Delivery) -> bool:
    """Whether a letter goes encrypted or not at all: so does the database hold it."""
    return channel in ENCRYPTED and delivery in BY_MAIL


def is_usable(*, expires_at: datetime | None, withdrawn_at: datetime | None, now: datetime) -> bool:
    """Whether a key may still be encrypted to, and a letter that was encrypted to it may still go."""
    return withdrawn_at is None and (expires_at is None or expires_at > now)
