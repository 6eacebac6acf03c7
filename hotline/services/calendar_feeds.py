"""Calendars of duties: each person may have one secret address, under which their calendar asks, in the secure room.

The address is shown once. What stands under it are names of duties, references and days, and nothing else.
"""

import hashlib
import secrets
from datetime import date, datetime

from sqlalchemy import delete, select

from hotline import clock, jurisdiction
from hotline.config import settings
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.models.practice import CalendarFeed
from hotline.models.staff import Staff
from hotline.rules import calendar_files, duty_letters
from hotline.rules.calendar_files import Event
from hotline.services import audit, duties, duty_names
from hotline.vocabulary import Duty, Language

TOKEN_BYTES = 24
MOST = 500  # entries
TIMED = frozenset({Duty.TELL_DPO, Duty.TELL_SECRETARIAT, Duty.HOLD_MEETING})  # of all others the day counts
NAMES = {Language.EN: "Duties", Language.KM: "កាតព្វកិច្ច"}


def renew(person: Staff) -> str:
    """Return the token of a person's new address; the one before ends. A hash is kept, so it is told this once."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    _take_away(person)
    db.session.add(CalendarFeed(staff_id=person.id, token_hash=_hash(token), made_at=clock.now()))
    audit.record(person, "made a calendar", f"staff {person.number}")
    return token


def end(person: Staff) -> None:
    """Let nobody ask for a person's calendar any more."""
    if since(person) is not None:
        _take_away(person)
        audit.record(person, "ended a calendar", f"staff {person.number}")


def let_go(person: Staff) -> None:
    """Take away the calendar of an account that closes."""
    _take_away(person)


def since(person: Staff) -> datetime | None:
    """Return since when a person has an address; None where they have none."""
    return db.session.scalar(select(CalendarFeed.made_at).where(CalendarFeed.staff_id == person.id))


def find_person(token: str) -> Staff | None:
    """Return whose calendar a token opens; None for one that nobody has, or whose account is closed."""
    query = select(Staff).join(CalendarFeed, CalendarFeed.staff_id == Staff.id)
    return db.session.scalar(query.where(CalendarFeed.token_hash == _hash(token), Staff.active))


def written(person: Staff) -> bytes:
    """Return a person's calendar: what they answer for and runs, soonest first."""
    found = [one for one in duties.list_owned(person, most=MOST) if one.duty in duty_letters.NAMES[person.language]]
    named = duty_names.named(found)
    events = (
        Event(
            uid=f"duty-{one.id}@{settings().mail_from.partition('@')[2]}",
            title=duty_letters.title(
                one.duty, about.ref if (about := named.get((one.subject, one.subject_id))) else "", person.language
            ),
            at=_when(one),
            stamp=one.started_at,
        )
        for one in found
    )
    return calendar_files.write(events, name=NAMES[person.language])


def _when(one: Clock) -> datetime | date:
    return one.due_at if one.duty in TIMED else one.due_at.astimezone(jurisdiction.current().zone).date()


def _take_away(person: Staff) -> None:
    db.session.execute(delete(CalendarFeed).where(CalendarFeed.staff_id == person.id))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
