"""Holds: nothing about an item leaves until two different people say that it may."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from hotline import jurisdiction
from hotline.errors import Forbidden, GateClosed, Refused, WrongState
from hotline.extensions import db
from hotline.gateways.mail import Handed
from hotline.models import Clock, Hold, Item, Report
from hotline.services import (
    clock_lists,
    clocks,
    holds,
    notice_approval,
    notice_drafting,
    notice_sending,
    staff,
    telling,
)
from hotline.transactions import writing
from hotline.vocabulary import (
    Channel,
    ClockEnd,
    Duty,
    HoldReason,
    ItemStatus,
    Language,
    NoticeStatus,
    ReportStatus,
    Role,
    Subject,
)
from tests.services import police_steps, steps

HELD, DECIDED, ACTING = ItemStatus.HELD, ItemStatus.DECIDED, ItemStatus.ACTING


class Sink:
    """A mailer that counts what it is given."""

    def __init__(self) -> None:
        self.sent = 0

    def send(self, *_letter: object) -> Handed:
        self.sent += 1
        return Handed.ON


def letter(item: Item):
    with writing():
        by = steps.team()[0]
        drafted = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=by)
    with writing():
        notice_approval.approve(drafted, by=steps.team()[1])
    return drafted


def test_a_letter_that_is_on_its_way_stops(office: Flask) -> None:
    item = steps.looked_at_twice()
    notice, sink = letter(item), Sink()

    police_steps.held(item)
    notice_sending.deliver(notice.id, mailer=sink)

    assert (sink.sent, item.status) == (0, HELD)
    db.session.refresh(notice)
    assert notice.status is NoticeStatus.FAILED


def test_a_held_item_opens_no_way_for_letters(office: Flask) -> None:
    item = steps.looked_at_twice()
    police_steps.held(item)

    with pytest.raises(GateClosed), writing():
        notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=steps.team()[0])


def test_two_people_let_an_item_go_on_where_it_was(office: Flask) -> None:
    item = steps.looked_at_twice()
    hold = police_steps.held(item)
    first, second, _ = steps.team()

    with writing():
        assert not holds.release(hold, "The unit said by telephone that it may go.", by=first)
    assert item.status is HELD
    with writing():
        assert holds.release(hold, "", by=second)

    assert (item.status, hold.stands) == (DECIDED, False)
    assert holds.words_of(hold) == "The unit said by telephone that it may go."
    assert holds.reference_of(hold) == "B-17"


def test_the_same_person_is_not_both(office: Flask) -> None:
    hold = police_steps.held(steps.looked_at_twice())
    first = steps.team()[0]
    with writing():
        holds.release(hold, "They said so.", by=first)

    with pytest.raises(Refused, match="same_person"), writing():
        holds.release(hold, "They said so.", by=first)

    assert hold.stands


def test_the_first_says_why(office: Flask) -> None:
    hold = police_steps.held(steps.looked_at_twice())

    with pytest.raises(Refused, match="words"), writing():
        holds.release(hold, "  ", by=steps.team()[0])


def test_three_who_release_at_once_end_it_once(office: Flask) -> None:
    item = steps.looked_at_twice()
    hold_id, ids = police_steps.held(item).id, [one.id for one in steps.team()]

    def agree(place: int):
        def deed() -> object:
            with writing():
                person = staff.find_open(ids[place])
                return holds.release(db.session.get_one(Hold, hold_id), "They said so.", by=person)

        return deed

    told = steps.together(office, [agree(place) for place in range(3)])

    assert sorted(str(one) for one in told if isinstance(one, bool)) == ["False", "True"]
    assert [type(one) for one in told if isinstance(one, Exception)] == [WrongState]


def test_two_who_place_at_once_place_one(office: Flask) -> None:
    item, unit = steps.looked_at_twice(), police_steps.unit()
    ids, item_id, unit_id = [one.id for one in steps.team()], item.id, unit.id

    def place(number: int):
        def deed() -> object:
            with writing():
                person, day = staff.find_open(ids[number]), holds.first_review()
                to = db.session.get_one(type(unit), unit_id)
                about = db.session.get_one(Item, item_id)
                holds.place(about, to, HoldReason.POLICE_ASK, reference="", review_on=day, by=person)

        return deed

    told = steps.together(office, [place(0), place(1)])

    assert sorted(type(one).__name__ for one in told) == ["NoneType", "WrongState"]


def test_the_review_runs_on_the_clock_engine_until_the_day_that_was_chosen(office: Flask) -> None:
    hold = police_steps.held(steps.looked_at_twice())
    running = db.session.scalars(select(Clock).where(Clock.subject == Subject.HOLD)).one()
    assert running.due_at == holds.end_of(hold.review_on)

    later = hold.review_on + timedelta(days=7)
    with writing():
        holds.release(hold, "They said so.", by=steps.team()[1])
    with writing():
        holds.keep(hold, later, by=steps.team()[0])

    ended, running = clocks.of(hold)
    assert (ended.ending, running.due_at) == (ClockEnd.MET, holds.end_of(later))
    assert hold.released_first_by_id is None  # whoever agreed to end it has to agree anew
    line = next(one for one in clock_lists.list_running(by=steps.team()[0]) if one.clock.duty is Duty.REVIEW_HOLD)
    assert (line.kind, line.ref) == ("hold", hold.item.ref)


def test_the_reporter_sees_that_it_is_checked(office: Flask) -> None:
    item = steps.looked_at_twice()
    police_steps.held(item)

    with writing():
        telling.move_reports_on(db.session.scalars(select(Report.id)).all())

    assert db.session.scalars(select(Report.status)).one() is ReportStatus.CHECKING


def test_what_went_to_the_police_while_it_was_held_has_had_something_done(office: Flask) -> None:
    item = steps.looked_at_twice()
    hold = police_steps.held(item)
    police_steps.handed_over(item)
    assert item.status is HELD

    with writing():
        holds.release(hold, "They have all of it.", by=steps.team()[0])
    with writing():
        holds.release(hold, "", by=steps.team()[1])

    assert item.status is ACTING


def test_only_what_two_people_decided_is_held(office: Flask) -> None:
    item = steps.new_item()

    with pytest.raises(WrongState):
        police_steps.held(item)


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("unit", {"unit": None}),
        ("reason", {"reason": "because"}),
        ("review_on", {"days": 0}),
        ("review_on", {"days": 400}),
        ("reference", {"reference": "x" * 101}),
    ],
)
def test_a_hold_says_for_whom_why_and_until_when(office: Flask, field: str, changed: dict[str, object]) -> None:
    item, unit = steps.looked_at_twice(), police_steps.unit()
    said = {"unit": unit, "reason": HoldReason.POLICE_ASK, "reference": "", "days": 7} | changed

    with pytest.raises(Refused, match=field), writing():
        holds.place(
            item,
            said["unit"],
            said["reason"],
            reference=said["reference"],
            review_on=jurisdiction.today() + timedelta(days=said["days"]),
            by=steps.team()[0],
        )


def test_a_manager_alone_may_place_and_release(office: Flask) -> None:
    item, unit = steps.looked_at_twice(), police_steps.unit()
    with writing():
        manager = staff.add("boss", "a long enough password", (Role.MANAGER,), language=Language.EN, by=None)
        liaison = staff.add("linh", "a long enough password", (Role.LIAISON,), language=Language.EN, by=None)
    with writing():
        day = holds.first_review()
        hold = holds.place(item, unit, HoldReason.POLICE_ASK, reference="", review_on=day, by=manager)

    with pytest.raises(Forbidden), writing():
        holds.release(hold, "They said so.", by=liaison)
    assert [one.id for one in holds.list_standing(by=manager)] == [hold.id]
    assert holds.list_standing(by=liaison) == []


def test_what_is_hosted_here_is_proposed_once_it_is_decided(office: Flask) -> None:
    item, abroad = steps.looked_at_twice(), steps.looked_at_twice(url="https://b.example/1")
    with writing():
        item.country, abroad.country = "KH", "NL"
    person = steps.team()[0]

    assert [one.id for one in holds.list_proposed(by=person)] == [item.id]
    assert (holds.is_proposed(item), holds.is_proposed(abroad)) == (True, False)

    police_steps.held(item)
    assert list(holds.list_proposed(by=person)) == []


def test_what_is_sealed_of_a_hold_shows_nowhere(office: Flask) -> None:
    hold = police_steps.held(steps.looked_at_twice())
    with writing():
        holds.release(hold, "whispered words", by=steps.team()[0])

    row = str(db.session.execute(text("SELECT * FROM holds")).all())

    assert "B-17" not in row
    assert "whispered" not in row
