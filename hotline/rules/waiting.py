"""How long something that came with a public report has waited, as far as anybody can know."""

from datetime import datetime, timedelta

HOUR = timedelta(hours=1)


def hours(since: datetime, now: datetime) -> int:
    """Return how many whole hours have passed for sure. `since` is kept to the hour, so its clock starts at its end."""
    return max(0, (now - since - HOUR) // HOUR)
