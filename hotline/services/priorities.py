"""How soon an item needs a person: worked out anew whenever something it hangs on has changed."""

from hotline import jurisdiction
from hotline.models.item import Item
from hotline.rules import urgency
from hotline.rules.urgency import Priority


def of(item: Item) -> Priority:
    """Return how soon an item needs a person, and why, by what is known of it now."""
    return urgency.weigh(
        item.category,
        in_danger=item.in_danger,
        report_count=item.report_count,
        at_home=item.country == jurisdiction.current().country,
        new_host=item.new_host,
    )


def weigh(item: Item) -> None:
    """Set an item's urgency anew: after another report, a look-up of its host, or a change of what it is about."""
    item.urgency = of(item).urgency
