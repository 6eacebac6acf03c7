"""How soon an item needs a person."""

from hotline.vocabulary import Category, Urgency


def of_item(category: Category, *, in_danger: bool, report_count: int) -> Urgency:
    """Return the urgency: a child in danger first, then abuse going on now, then what many report."""
    if in_danger:
        return Urgency.P1
    if category in {Category.LIVE_STREAM, Category.SEXTORTION} or report_count >= 3:
        return Urgency.P2
    return Urgency.P4 if category is Category.OTHER else Urgency.P3
