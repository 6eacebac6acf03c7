"""How long what reporters gave is kept after their report is closed. Pure; days in, moments out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LEAST_CONTACT, LEAST_REPORT, MOST = 7, 30, 7300  # days; the database holds the same
PAUSE = timedelta(days=3)  # from the second person's word until anything goes: a slip can be taken back


@dataclass(frozen=True, slots=True)
class Term:
    """Days after a report is closed: until its contact details go, and until its words do."""

    contact_days: int
    report_days: int


def contact_before(term: Term, now: datetime) -> datetime:
    """Return the moment before which a report has to be closed for its contact details to go now."""
    return now - timedelta(days=term.contact_days)


def report_before(term: Term, now: datetime) -> datetime:
    """Return the moment before which a report has to be closed for its words to go now."""
    return now - timedelta(days=term.report_days)


def faults(contact_days: int | None, report_days: int | None) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for what is wrong with the days that somebody wants."""
    wrong = []
    if contact_days is None or not LEAST_CONTACT <= contact_days <= MOST:
        wrong.append(("contact_days", "range"))
    if report_days is None or not LEAST_REPORT <= report_days <= MOST:
        wrong.append(("report_days", "range"))
    if not wrong and (contact_days or 0) > (report_days or 0):
        wrong.append(("contact_days", "longer"))  # whom to reach about words that are gone?
    return tuple(wrong)
