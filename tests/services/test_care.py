"""Care on both stores: what is noted of time with hard material, what it holds back, and who sees it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from hotline import clock
from hotline.errors import LightWorkOnly, NotFound, Refused
from hotline.extensions import db
from hotline.models import AuditEntry, Break, CareSettings, CounsellingSession, ExposureDay, Item, Staff
from hotline.rules.care import Limits, Why
from hotline.services import assessments, care, claims, demo, several, staff
from hotline.services.several import Outcome
from hotline.transactions import writing
from hotline.vocabulary import Category, Language, Role
from tests.services.steps import new_item, team

NINE = datetime(2026, 11, 10, 2, tzinfo=UTC)  # 09:00 in Phnom Penh
TODAY = date(2026, 11, 10)
At = Callable[[float], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """Set the clock to so many minutes after nine."""

    def set_to(minutes: float) -> None:
        db.session.rollback()
        monkeypatch.setattr(clock, "now", lambda: NINE + timedelta(minutes=minutes))

    return set_to


@pytest.fixture
def sophea(office: Flask, at: At) -> Staff:
    at(0)
    return team()[0]


@pytest.fixture
def counsellor(office: Flask) -> Staff:
    with writing():
        return staff.add("chan", "a long enough password", [Role.COUNSELLOR], language=Language.EN, by=None)


def worked(person: Staff, minutes: int, at: At, *, begin: float = 0) -> None:
    """Let a person look for so many minutes without a stop, from minute `begin` on."""
    for minute in range(0, minutes, 10):
        at(begin + minute)
        care.look(person.id)
    at(begin + minutes)
    care.leave(person.id)


def minutes(person: Staff) -> int:
    db.session.rollback()
    return care.day_of(person).exposure.seconds // 60


def test_a_look_is_counted_until_the_person_leaves(sophea: Staff, at: At) -> None:
    care.look(sophea.id)
    at(7)
    care.leave(sophea.id)
    at(30)

    assert minutes(sophea) == 7


def test_what_nobody_has_written_down_yet_shows(sophea: Staff, at: At) -> None:
    care.look(sophea.id)
    at(7)

    assert minutes(sophea) == 7
    at(400)
    assert minutes(sophea) == 15


def test_reading_on_writes_once_a_minute_at_most_and_loses_nothing(sophea: Staff, at: At) -> None:
    care.look(sophea.id)
    for second in range(1, 60):
        at(second / 60)
        care.look(sophea.id)
    db.session.rollback()
    assert db.session.get(ExposureDay, (sophea.id, TODAY)).seen_at == NINE

    at(1)
    care.look(sophea.id)
    at(2)
    assert minutes(sophea) == 2


def test_what_is_sent_from_an_assessment_goes_on_with_it_and_begins_none(sophea: Staff, at: At) -> None:
    care.look_on(sophea.id)
    at(5)
    assert minutes(sophea) == 0

    care.look(sophea.id)
    at(15)
    care.look_on(sophea.id)
    at(25)
    assert minutes(sophea) == 20


def test_nobody_else_is_counted_along(sophea: Staff, at: At) -> None:
    worked(sophea, 30, at)

    assert [minutes(one) for one in team()] == [30, 0, 0]


def test_a_break_of_ten_minutes_starts_the_hour_anew(sophea: Staff, at: At) -> None:
    worked(sophea, 60, at)
    assert care.day_of(sophea).break_is_due

    with writing():
        care.begin_break(sophea)
    assert not care.day_of(sophea).break_is_due
    at(70)
    with writing():
        assert care.end_break(sophea) == timedelta(minutes=10)

    day = care.day_of(sophea)
    assert (day.until_break, day.exposure.seconds) == (timedelta(hours=1), 3600)
    assert [one.started_at for one in care.list_breaks(sophea)] == [NINE + timedelta(hours=1)]


def test_a_break_that_was_too_short_leaves_the_next_one_due(sophea: Staff, at: At) -> None:
    worked(sophea, 60, at)
    with writing():
        care.begin_break(sophea)
    at(64)
    with writing():
        care.end_break(sophea)

    assert care.day_of(sophea).break_is_due
    assert care.list_breaks(sophea) == []


def test_going_back_to_an_assessment_ends_a_break(sophea: Staff, at: At) -> None:
    with writing():
        care.begin_break(sophea)
        care.begin_break(sophea)
    at(12)
    care.look(sophea.id)
    db.session.rollback()

    assert db.session.scalars(select(Break.ended_at)).all() == [NINE + timedelta(minutes=12)]


def test_a_break_begun_from_an_assessment_ends_the_look(sophea: Staff, at: At) -> None:
    care.look(sophea.id)
    at(5)
    with writing():
        care.begin_break(sophea)
    at(60)

    assert minutes(sophea) == 5


def test_near_the_limit_the_next_item_is_not_given_but_one_may_pick_one(sophea: Staff, at: At) -> None:
    item = new_item()
    worked(sophea, 180, at)

    with writing(), pytest.raises(LightWorkOnly) as refused:
        claims.claim_next(by=sophea)

    assert refused.value.why == Why.NEARLY
    with writing():
        claims.claim(db.session.get(Item, item.id), by=sophea)


def test_at_the_limit_nothing_hard_is_given_and_what_is_in_hand_stays(sophea: Staff, at: At) -> None:
    mine, other = new_item(), new_item("https://img-board.example/t/2", "two")
    with writing():
        claims.claim(mine, by=sophea)
    worked(sophea, 240, at)

    for deed in (lambda: claims.claim(other, by=sophea), lambda: claims.claim_next(by=sophea)):
        with pytest.raises(LightWorkOnly), writing():
            deed()

    with writing():
        assessments.first_look(db.session.get(Item, mine.id), demo.GONE, by=sophea)


def test_at_the_limit_no_second_look_is_given(sophea: Staff, at: At) -> None:
    item = new_item()
    _, second, _ = team()
    with writing():
        claims.claim(item, by=sophea)
        assessments.first_look(item, demo.ILLEGAL, by=sophea)
    worked(second, 240, at)

    with pytest.raises(LightWorkOnly), writing():
        assessments.take_review(db.session.get(Item, item.id), by=second)


def test_at_the_limit_several_are_claimed_as_far_as_they_are_light_work(sophea: Staff, at: At) -> None:
    talk, hard = new_item(), new_item("https://img-board.example/t/2", "two")
    with writing():
        talk.category = Category.GROOMING
    worked(sophea, 240, at)

    with writing():
        results = several.claim([hard.ref, talk.ref], by=sophea)

    assert [one.outcome for one in results] == [Outcome.LIGHT_ONLY, Outcome.DONE]
    assert db.session.get(Item, talk.id).assessor_id == sophea.id


@pytest.mark.parametrize("category", [Category.GROOMING, Category.OTHER])
def test_at_the_limit_a_second_look_that_is_light_work_is_given(sophea: Staff, at: At, category: Category) -> None:
    item, (_, second, _) = new_item(), team()
    with writing():
        item.category = category
        claims.claim(item, by=sophea)
        assessments.first_look(item, demo.ILLEGAL, by=sophea)
    worked(second, 240, at)

    with writing():
        assessments.take_review(db.session.get(Item, item.id), by=second)


def test_a_child_in_danger_does_not_wait_for_tomorrow(sophea: Staff, at: At) -> None:
    item = new_item()
    with writing():
        item.in_danger = True
    worked(sophea, 240, at)

    with writing():
        claims.claim(db.session.get(Item, item.id), by=sophea)


def test_only_light_work_holds_for_the_rest_of_the_day(sophea: Staff, at: At) -> None:
    with writing():
        care.want_light(sophea, True)
    assert care.day_of(sophea).why_light is Why.CHOSEN
    at(14 * 60 + 59)
    assert care.day_of(sophea).why_light is Why.CHOSEN
    at(15 * 60)
    assert care.day_of(sophea).why_light is None


def test_a_new_day_begins_at_midnight_of_the_country(sophea: Staff, at: At) -> None:
    worked(sophea, 240, at)
    at(15 * 60)

    assert minutes(sophea) == 0
    assert care.list_days(sophea)[:2] == [(date(2026, 11, 11), 0), (TODAY, 4 * 3600)]


def test_a_person_lowers_their_limits_and_the_counsellor_alone_puts_them_back(sophea: Staff, counsellor: Staff) -> None:
    with writing():
        care.lower_limits(sophea, Limits(120, 45, 15))
    assert care.day_of(sophea).limits == Limits(120, 45, 15)

    with pytest.raises(Refused), writing():
        care.lower_limits(sophea, Limits(121, 45, 15))
    with pytest.raises(Refused), writing():
        care.lower_limits(sophea, Limits(14, 45, 15))
    with pytest.raises(NotFound), writing():
        care.restore_limits(sophea, by=team()[2])
    with writing():
        care.restore_limits(sophea, by=counsellor)

    assert care.day_of(sophea).limits == care.house_limits() == Limits(240, 60)


def test_the_counsellor_sees_a_week_by_person_and_day(sophea: Staff, counsellor: Staff, at: At) -> None:
    worked(sophea, 30, at)

    week = care.list_week(TODAY, by=counsellor)

    assert [row.person.number for row in week] == [*(one.number for one in team()), "A-04"]  # who supports victims too
    assert week[0].seconds == (0, 0, 0, 0, 0, 0, 1800)
    assert not any(row.has_own_limits for row in week)


def test_nobody_else_sees_a_week_or_a_talk(office: Flask, counsellor: Staff) -> None:
    for person in staff.list_staff():
        if not person.has(Role.COUNSELLOR):
            for deed in (
                lambda by=person: care.list_week(TODAY, by=by),
                lambda by=person: care.list_talks(by=by),
                lambda by=person: care.get_exposed("A-01", by=by),
                lambda by=person: care.get_talk(1, by=by),
            ):
                with pytest.raises(NotFound):
                    deed()


def test_talks_are_noted_held_and_called_off(sophea: Staff, counsellor: Staff) -> None:
    with writing():
        care.plan_talk(sophea, TODAY + timedelta(days=3), by=counsellor)
        care.plan_talk(sophea, TODAY, by=counsellor)
    soonest, later = care.list_talks(by=counsellor)
    assert care.next_talk(sophea) == TODAY

    with writing():
        care.hold_talk(soonest)
        care.call_talk_off(later)

    assert care.list_talks(by=counsellor) == []
    assert db.session.scalars(select(CounsellingSession.held_on)).all() == [TODAY]


@pytest.mark.parametrize("days", [-1, 367])
def test_a_talk_is_due_on_a_day_to_come(sophea: Staff, counsellor: Staff, days: int) -> None:
    with pytest.raises(Refused), writing():
        care.plan_talk(sophea, TODAY + timedelta(days=days), by=counsellor)


def test_nothing_of_care_stands_in_the_audit_trail(sophea: Staff, counsellor: Staff, at: At) -> None:
    before = db.session.scalar(select(func.count()).select_from(AuditEntry))
    worked(sophea, 60, at)
    with writing():
        care.begin_break(sophea)
        care.end_break(sophea)
        care.want_light(sophea, True)
        care.lower_limits(sophea, Limits(120, 45))
        care.plan_talk(sophea, TODAY, by=counsellor)
        care.restore_limits(sophea, by=counsellor)

    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == before


def test_old_figures_are_forgotten_and_the_rest_is_kept(sophea: Staff, counsellor: Staff, at: At) -> None:
    worked(sophea, 30, at)
    with writing():
        care.begin_break(sophea)
        care.plan_talk(sophea, TODAY, by=counsellor)
        care.hold_talk(care.list_talks(by=counsellor)[0])
        care.lower_limits(sophea, Limits(120, 45))
    day = 24 * 60

    def left() -> list[int]:
        care.forget_old()
        db.session.rollback()
        tables = (ExposureDay, Break, CounsellingSession, CareSettings)
        return [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]

    at(1 * day)
    assert left() == [1, 1, 1, 1]
    at(3 * day)
    assert left() == [1, 0, 1, 1]
    at(91 * day)
    assert left() == [0, 0, 1, 1]
    at(401 * day)
    assert left() == [0, 0, 0, 1]


@pytest.mark.parametrize("other", [Role.ANALYST, Role.REVIEWER, Role.MANAGER, Role.ADMIN])
def test_a_counsellor_is_nobody_the_team_works_with_or_for(office: Flask, other: Role) -> None:
    with pytest.raises(Refused) as refused, writing():
        staff.add("chan", "a long enough password", [Role.COUNSELLOR, other], language=Language.EN, by=None)

    assert refused.value.faults == (("roles", "counsellor_and_others"),)
