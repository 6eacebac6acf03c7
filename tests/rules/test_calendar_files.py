"""Calendars: lines of 75 octets at most, ended by CRLF, and nothing in a title that becomes a line of its own."""

from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from hotline.rules import calendar_files
from hotline.rules.calendar_files import Event

STAMP = datetime(2026, 11, 26, 3, tzinfo=UTC)


def lines(*events: Event) -> list[str]:
    """Return the lines of a calendar as they are meant, unfolded."""
    written = calendar_files.write(events, name="Duties").decode()
    return written.replace("\r\n ", "").split("\r\n")


def test_a_moment_is_told_in_utc_and_a_day_as_all_of_it() -> None:
    zone = timezone(timedelta(hours=7))
    shown = lines(
        Event("duty-1@hotline.example", "IN-234567: Tell", datetime(2026, 11, 27, 9, 30, tzinfo=zone), STAMP),
        Event("duty-2@hotline.example", "Consult", date(2026, 12, 31), STAMP),
    )

    assert "DTSTART:20261127T023000Z" in shown
    assert [one for one in shown if "VALUE" in one] == ["DTSTART;VALUE=DATE:20261231", "DTEND;VALUE=DATE:20270101"]
    assert "UID:duty-2@hotline.example" in shown
    assert "DTSTAMP:20261126T030000Z" in shown
    assert not [one for one in shown if "ALARM" in one]
    assert (shown[0], shown[-2:]) == ("BEGIN:VCALENDAR", ["END:VCALENDAR", ""])


def test_signs_that_mean_something_are_escaped() -> None:
    assert "SUMMARY:a\\; b\\, c\\\\ d\\ne" in lines(Event("1", "a; b, c\\ d\ne", STAMP, STAMP))


@given(st.text(max_size=300))
def test_no_line_is_too_long_or_broken_within_a_character_and_none_is_smuggled_in(title: str) -> None:
    raw = calendar_files.write([Event("1", title, STAMP, STAMP)], name=title)

    parts = raw.split(b"\r\n")
    assert all(len(part) <= calendar_files.LONGEST_LINE for part in parts)
    assert [part for part in parts if part.decode() is None] == []
    unfolded = raw.replace(b"\r\n ", b"").decode()
    assert unfolded.count("BEGIN:VEVENT\r\n") == unfolded.count("\r\nEND:VEVENT") == 1
    assert "\n" not in unfolded.replace("\r\n", "")
