"""Calendars as programs read them (iCalendar, RFC 5545): days and moments with a title, without alarms. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

LONGEST_LINE = 75  # octets, the line break not counted (RFC 5545, 3.1)
PRODUCT = "-//Hotline portal//Duties//EN"
ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": ""})


@dataclass(frozen=True, slots=True)
class Event:
    """One entry: `uid` never changes and is nobody else's; `at` is a moment, or a day for all of it.

    `stamp` is when it came to be.
    """

    uid: str
    title: str
    at: datetime | date
    stamp: datetime


def write(events: Iterable[Event], *, name: str) -> bytes:
    """Return a whole calendar in UTF-8: lines end in CRLF and none is longer than 75 octets."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{_escaped(name)}",
        *(line for one in events for line in _event(one)),
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line.encode()) + b"\r\n" for line in lines)


def _event(one: Event) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{_escaped(one.uid)}",
        f"DTSTAMP:{_moment(one.stamp)}",
        *_when(one.at),
        f"SUMMARY:{_escaped(one.title)}",
        "CLASS:PRIVATE",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _when(at: datetime | date) -> list[str]:
    if isinstance(at, datetime):
        return [f"DTSTART:{_moment(at)}"]
    return [f"DTSTART;VALUE=DATE:{at:%Y%m%d}", f"DTEND;VALUE=DATE:{at + timedelta(days=1):%Y%m%d}"]


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """Return a text as a value; signs that no line may hold are left out."""
    return "".join(sign for sign in text.translate(ESCAPED) if sign.isprintable() or sign == "\u200b")


def _folded(line: bytes) -> bytes:
    """Break a long line; what goes on begins with a space. No character is broken in two."""
    parts, room = [], LONGEST_LINE
    while len(line) > room:
        cut = room
        while line[cut] & 0xC0 == 0x80:  # the middle of a character
            cut -= 1
        parts.append(line[:cut])
        line, room = line[cut:], LONGEST_LINE - 1
    return b"\r\n ".join([*parts, line])
