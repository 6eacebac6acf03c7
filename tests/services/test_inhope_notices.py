"""Whom INHOPE reaches, what it told us, and that its answers bear nobody's name without a second person."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hotline import clock, jurisdiction
from hotline.errors import Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models import ContactPoint, InhopeNotice, Staff
from hotline.services import contact_points, duties, inhope_notices, secrecy, staff
from hotline.services.contact_points import ContactEntry
from hotline.transactions import writing
from hotline.vocabulary import ClockEnd, Duty
from tests.services import steps

MAILBOX = "contact@hotline.example"


def keepers() -> tuple[Staff, Staff]:
    """Return the demo's liaison and manager."""
    _, liaison, manager = steps.team()
    return liaison, manager


def named(person: Staff, stand_in: Staff | None = None, *, version: int = 0, days_ago: int = 0) -> ContactPoint:
    since = jurisdiction.today() - timedelta(days=days_ago)
    number = stand_in.number if stand_in else ""
    with writing():
        entry = ContactEntry(person.number, number, MAILBOX, "+855 23 900 100", since, None)
        return contact_points.name(entry, version=version, by=keepers()[1])


def recorded(words: str = "Please send the new contact form.") -> InhopeNotice:
    with writing():
        return inhope_notices.record(
            received_at=clock.now(), way="email", subject="Yearly form", text=words, by=keepers()[0]
        )


def test_whoever_follows_begins_where_the_one_before_ends_and_takes_over_what_is_open(office: Flask) -> None:
    liaison, manager = keepers()
    first = named(liaison, manager, days_ago=9)
    notice = recorded()
    second = named(manager, version=first.id)

    assert first.until_at == second.since_at
    assert [line.point for line in contact_points.history()] == [second, first]
    assert inhope_notices.clock_of(notice).owner_id == manager.id
    with pytest.raises(Overtaken):
        named(liaison, version=first.id)
    with pytest.raises(Refused) as refused:
        named(liaison, version=second.id, days_ago=3)
    assert refused.value.faults == (("since_on", "overlaps"),)


def test_a_closed_account_leaves_the_place_and_its_notices_to_nobody(office: Flask) -> None:
    liaison, _ = keepers()
    named(liaison, days_ago=2)
    notice = recorded()
    with writing():
        staff.disable(liaison, by=None)

    assert contact_points.is_empty()
    assert [line.point is None for line in contact_points.history()] == [True, False]
    assert inhope_notices.clock_of(notice).owner_id is None
    found = contact_points.evidence()
    assert (found.contact, found.empty_since is not None) == (None, True)


def test_an_answer_that_names_one_of_us_waits_for_a_second_person(office: Flask) -> None:
    liaison, manager = keepers()
    named(liaison)
    notice = recorded()
    words = f"Call {liaison.name} or write to {MAILBOX}."
    with writing():
        found = inhope_notices.draft(notice, words, "email", version=1, by=liaison)
    assert [leak.found for leak in found] == [liaison.name]  # the mailbox INHOPE has is no leak
    with pytest.raises(Refused) as refused, writing():
        inhope_notices.note_sent(notice, clock.now(), version=2, by=manager)
    assert refused.value.faults == (("sent", "second_person"),)
    with pytest.raises(Refused), writing():
        inhope_notices.let_go(notice, version=2, by=liaison)

    with writing():
        inhope_notices.let_go(notice, version=2, by=manager)
        inhope_notices.note_sent(notice, clock.now(), version=3, by=liaison)

    assert inhope_notices.clock_of(notice).ending is ClockEnd.MET
    counted = secrecy.evidence()
    assert (counted.checked, counted.hits, counted.let_go) == (1, 1, 1)
    (row,) = inhope_notices.records(clock.now() - timedelta(days=1), clock.now() + timedelta(days=1), by=manager)
    assert (row[0], row[-1], len(row)) == (notice.ref, "yes", len(inhope_notices.COLUMNS))
    with pytest.raises(WrongState), writing():
        inhope_notices.close(notice, "no", version=4, by=liaison)


def test_an_answer_that_went_in_time_and_was_noted_late_is_met(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    liaison, _ = keepers()
    notice = recorded()
    due = inhope_notices.clock_of(notice).due_at
    monkeypatch.setattr(clock, "now", lambda: due + timedelta(days=1))
    with writing():
        inhope_notices.draft(notice, "It is filled in.", "email", version=1, by=liaison)
        inhope_notices.note_sent(notice, due - timedelta(hours=1), version=2, by=liaison)

    ended = inhope_notices.clock_of(notice)
    assert (ended.ending, ended.ended_at, ended.breached_at) == (ClockEnd.MET, due - timedelta(hours=1), None)


def test_a_day_that_lies_years_back_is_said_to_be_mistyped(office: Flask) -> None:
    liaison, _ = keepers()
    long_ago = clock.now() - timedelta(days=3_000)
    with pytest.raises(Refused) as refused, writing():
        inhope_notices.record(received_at=long_ago, way="email", subject="Form", text="Please send it.", by=liaison)
    one = duties.get("check_clause.law", by=liaison)
    with pytest.raises(Refused) as duty, writing():
        duties.note(one, worked=True, words="", done_at=long_ago, by=liaison)

    assert refused.value.faults == (("received_at", "too_old"),)
    assert duty.value.faults == (("done_at", "too_old"),)


def test_a_notice_holds_no_address_and_what_ended_stays(office: Flask) -> None:
    liaison, _ = keepers()
    with pytest.raises(Refused) as refused:
        recorded("look at https://img-board.example/t/1")
    assert refused.value.faults == (("text", "address"),)
    notice = recorded()
    with writing():
        inhope_notices.close(notice, "It was sent to all members.", version=1, by=liaison)

    assert inhope_notices.clock_of(notice).ending is ClockEnd.VOID
    assert b"contact form" not in notice.body
    for change in ("UPDATE inhope_notices SET version = 9", "DELETE FROM inhope_notices"):
        with pytest.raises(DBAPIError), writing():
            db.session.execute(text(change))


def test_terms_neither_overlap_nor_change(office: Flask) -> None:
    named(keepers()[0])
    changes = (
        "UPDATE contact_points SET staff_id = 1",
        "DELETE FROM contact_points",
        "INSERT INTO contact_points (staff_id, mailbox, phone, since_at, noted_at, noted_by_id)"
        " SELECT staff_id, mailbox, phone, since_at, noted_at, noted_by_id FROM contact_points",
    )
    for change in changes:
        with pytest.raises(DBAPIError), writing():
            db.session.execute(text(change))


def test_a_test_that_nobody_answered_is_still_due(office: Flask) -> None:
    liaison, _ = keepers()
    duties.sweep()
    with writing():
        contact_points.note_test(worked=False, words="Sent, and not answered.", by=liaison)
    standing = duties.get(contact_points.TEST, by=liaison)
    running = duties.of(duties.Thing(duties.Subject.STANDING_DUTY, standing.id))
    assert [one.ending for one in running if one.duty is Duty.TEST_CONTACT] == [None]

    assert contact_points.evidence().test_worked is False
