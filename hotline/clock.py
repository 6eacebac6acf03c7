"""The only place that asks for the time."""

from datetime import UTC, datetime, timedelta


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def this_hour() -> datetime:
    """Return the present hour: the finest time kept of anything that stems from a public report."""
    return now().replace(minute=0, second=0, microsecond=0)


def in_(seconds: float) -> datetime:
    """Return the moment `seconds` from now."""
    return now() + timedelta(seconds=seconds)
