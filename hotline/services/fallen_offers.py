"""Offers to partner hotlines that fall because their item is held or taken up again: fetched back as soon as can be.

A room of its own, because looking twice (`assessments`) and holding (`holds`) stand below what goes between hotlines.
"""

from hotline import outbox
from hotline.extensions import db
from hotline.models.item import Item

TAKE_BACK = "hotline.jobs.exchange.take_back_offers"


def take_back(item: Item) -> None:
    """Have the offers of `item` taken back that no partner has fetched, right after the caller's commit.

    The front store is no part of the desk's transaction: an offer that is taken away there must not come back.
    """
    outbox.put(db.session(), TAKE_BACK, item.id)
