"""Rules of clocks: a manager adds one, and it holds for what begins after it."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from hotline.errors import Forbidden, NotFound, Refused
from hotline.extensions import db
from hotline.models.clock import ClockRule
from hotline.rules.clocks import Limit
from hotline.services import clock_rules, staff
from hotline.transactions import writing
from hotline.vocabulary import Duty, Pace
from tests.services.clock_steps import ACKNOWLEDGE, ASSESS, HOUR, SECOND_LOOK, At, filed, running


def test_a_change_of_a_rule_is_a_new_row_for_what_begins_after_it(at: At) -> None:
    now = at(3)
    item = filed()
    due, kept = running(item)[ACKNOWLEDGE].due_at, clock_rules.rule_for(ACKNOWLEDGE, 3)
    limit = Limit(8 * HOUR, HOUR, Pace.WALL)
    manager = staff.get_by_name("vanna")

    with writing():
        clock_rules.change_rule(ACKNOWLEDGE, None, limit, valid_from=now + HOUR, reason=" a  trial ", by=manager)

    assert clock_rules.rule_for(ACKNOWLEDGE, 3) == kept
    at(4, 30)
    assert clock_rules.rule_for(ACKNOWLEDGE, 3).limit == limit
    assert clock_rules.rule_for(ACKNOWLEDGE, 1).limit.length == HOUR
    assert running(item)[ACKNOWLEDGE].due_at == due
    newer = filed("https://other.example/1")
    assert running(newer)[ACKNOWLEDGE].due_at == datetime(2026, 3, 2, 13, tzinfo=UTC)
    history = clock_rules.history(ACKNOWLEDGE, None)
    assert [(one.reason, one.made_by) for one in history] == [("a trial", manager), ("came with the portal", None)]


@pytest.mark.parametrize(
    ("limit", "reason", "back", "wrong"),
    [
        (Limit(timedelta(), timedelta(), Pace.WALL), "trial", 0, "length"),
        (Limit(HOUR, HOUR, Pace.WALL), "trial", 0, "reminder"),
        (Limit(HOUR, timedelta(), Pace.WALL), "  ", 0, "reason"),
        (Limit(HOUR, timedelta(), Pace.WALL), "trial", 1, "valid_from"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(at: At, limit: Limit, reason: str, back: int, wrong: str) -> None:
    now = at(3)
    count = db.session.scalar(select(func.count(ClockRule.id)))

    since = now - back * HOUR if back else None
    manager = staff.get_by_name("vanna")

    with pytest.raises(Refused) as refused, writing():
        clock_rules.change_rule(ASSESS, 1, limit, valid_from=since, reason=reason, by=manager)

    assert [field for field, _code in refused.value.faults] == [wrong]
    assert db.session.scalar(select(func.count(ClockRule.id))) == count


def test_only_a_manager_changes_a_rule(at: At) -> None:
    at(3)
    limit = Limit(HOUR, timedelta(), Pace.WALL)
    analyst = staff.get_by_name("sophea")

    with pytest.raises(Forbidden), writing():
        clock_rules.change_rule(ASSESS, 1, limit, valid_from=None, reason="trial", by=analyst)


def test_each_duty_and_urgency_has_a_rule_from_the_beginning(office: Flask) -> None:
    urgencies = (None, 1, 2, 3, 4)

    found = {
        (duty, urgency): clock_rules.rule_for(duty, urgency).limit.length for duty in Duty for urgency in urgencies
    }

    assert found[ACKNOWLEDGE, 1] == found[ASSESS, 1] == found[SECOND_LOOK, 1] == HOUR
    assert (found[ASSESS, 3], found[ASSESS, 4]) == (27 * HOUR, 90 * HOUR)
    assert found[Duty.ANSWER_REPORTER, None] == 9 * HOUR


def test_people_without_a_rule_for_it_are_told(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    at(3)
    monkeypatch.setattr(clock_rules, "in_force", lambda _at=None: [])

    with pytest.raises(NotFound):
        clock_rules.rule_for(ASSESS, 1)
