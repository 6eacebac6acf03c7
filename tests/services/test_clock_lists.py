"""Who may see which clocks, in which order."""

from flask import Flask

from hotline.extensions import db
from hotline.models import HelpRequest, Message
from hotline.services import claims, clock_lists, clock_pauses, clocks, staff
from hotline.transactions import writing
from hotline.vocabulary import Author, Concern, Danger
from tests.services import steps
from tests.services.clock_steps import ACKNOWLEDGE, ASSESS, HOURLY, At, filed, in_transaction, running


def test_what_stands_still_of_the_most_urgent_is_shown_first(at: At) -> None:
    at(3)
    calm, pressing = filed("https://a.example/1"), filed("https://b.example/1", danger=Danger.YES)
    by = steps.team()[0]
    for minute, item in enumerate((calm, pressing)):
        at(4, minute)
        one = running(item)[ASSESS]
        in_transaction(lambda one=one: clock_pauses.pause(clocks.get(one.id, by=by), "police", by=by))

    assert [line.ref for line in clock_lists.list_paused(by=by, most=1)] == [pressing.ref]


def test_lists_show_what_a_person_may_see_soonest_first(at: At) -> None:
    at(3)
    calm, pressing = filed("https://a.example/1"), filed("https://b.example/1", danger=Danger.YES)
    first = steps.team()[0]
    in_transaction(lambda: claims.claim(calm, by=first))

    seen = [(line.ref, line.clock.duty) for line in clock_lists.list_running(by=first)]
    assert seen[:2] == [(pressing.ref, ACKNOWLEDGE), (pressing.ref, ASSESS)]
    assert seen[2:] == [(calm.ref, ASSESS)]
    assert [line.ref for line in clock_lists.list_running(by=first, mine=True)] == [calm.ref]
    assert clock_lists.list_running(by=first, most=1)[0].item == pressing
    for name in ("kunthea", "admin"):
        assert clock_lists.list_running(by=staff.get_by_name(name)) == []


def test_what_people_who_asked_for_help_write_is_in_the_list_of_victim_support_alone(office: Flask) -> None:
    with writing():
        request = HelpRequest(ref="H-234567", inbox_id=b"i" * 16, receipt_tag=b"t" * 32, body=b"", received_at=HOURLY)
        db.session.add(request)
        message = Message(
            copy_id=b"c" * 16,
            receipt_tag=b"t" * 32,
            concern=Concern.HELP,
            author=Author.REPORTER,
            body=b"",
            written_at=HOURLY,
        )
        db.session.add(message)
        clocks.written(message)

    lists = {name: clock_lists.list_running(by=staff.get_by_name(name)) for name in ("kunthea", "sophea", "admin")}

    assert [(line.kind, line.ref) for line in lists["kunthea"]] == [("help", "H-234567")]
    assert lists["sophea"] == lists["admin"] == []
