"""A case's plan: actions with owner and day, said to be complete when no pressing need is forgotten, and reviewed."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from hotline import clock, jurisdiction
from hotline.errors import NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models import Staff
from hotline.models.needs_assessment import PlanAction
from hotline.models.victim_case import CaseAccess, VictimCase
from hotline.rules.plan_actions import Words
from hotline.services import case_notes, clocks, plan_actions, staff
from hotline.transactions import writing
from hotline.vocabulary import ActionState, CaseStatus, ClockEnd, Duty, Need, NeedLevel, Risk, Role
from tests.services import case_steps, needs_steps

pytestmark = pytest.mark.usefixtures("support")


def today() -> date:
    return clock.now().astimezone(jurisdiction.current().zone).date()


def manager() -> Staff:
    return next(one for one in staff.list_staff() if one.has(Role.MANAGER))


def planned(
    one: VictimCase,
    what: str = "call the aunt",
    need: Need = Need.SAFETY,
    *,
    outside: str = "",
    owner: Staff | None = None,
    days: int | None = 1,
) -> PlanAction:
    due_on = today() + timedelta(days=days) if days is not None else None
    number = (owner or one.officer).number
    with writing():
        return plan_actions.add(one, need, Words(what, outside), owner=number, due_on=due_on, by=one.officer)


def late(row: PlanAction) -> None:
    with writing():
        row.due_on = today() - timedelta(days=1)


def ended(one: VictimCase, row: PlanAction, state: ActionState = ActionState.DONE) -> None:
    with writing():
        plan_actions.end(one, row, state, "she is calm", seen=row.version, by=one.officer)


def clock_of(one: VictimCase, duty: Duty) -> ClockEnd | None:
    found = clocks.newest_of(one, duty)
    assert found is not None
    return found.ending


def test_what_is_planned_is_sealed_and_shown_due_first() -> None:
    one = case_steps.a_case()
    planned(one, "someday", days=None)
    planned(one, "later", days=5)
    late(planned(one, "call the aunt", outside="the aunt"))

    todo = plan_actions.card(one).todo

    assert [shown.words.what for shown in todo] == ["call the aunt", "later", "someday"]
    assert [shown.is_overdue for shown in todo] == [True, False, False]
    stored = str(db.session.execute(text("SELECT * FROM plan_actions")).all())
    assert "aunt" not in stored + str(db.session.execute(text("SELECT * FROM audit_entries")).all())


def test_what_ended_stands_below_with_its_word() -> None:
    one = case_steps.a_case()
    done = planned(one)
    planned(one, "later")
    ended(one, done)

    first, second = plan_actions.list_all(one)

    assert (first.words.what, second.words.ended) == ("later", "she is calm")
    assert plan_actions.card(one).ended == 1
    with pytest.raises(WrongState):
        ended(one, done)


def test_an_action_that_ended_can_be_taken_up() -> None:
    one = case_steps.a_case()
    row = planned(one)
    ended(one, row, ActionState.DROPPED)
    seen = row.version

    with writing():
        plan_actions.take_up(one, row, seen=seen, by=one.officer)

    assert (row.state, row.ended_at) == (ActionState.OPEN, None)
    with pytest.raises(WrongState), writing():
        plan_actions.take_up(one, row, seen=row.version, by=one.officer)


@pytest.mark.parametrize(
    ("state", "words", "faults"),
    [
        ("done", " ", (("ended", "required"),)),
        ("open", "ok", (("state", "required"),)),
        ("", "x" * 1001, (("state", "required"), ("ended", "too_long"))),
    ],
)
def test_it_ends_in_one_of_two_ways_with_a_word(state: str, words: str, faults: object) -> None:
    one = case_steps.a_case()
    row = planned(one)

    with pytest.raises(Refused) as refusal, writing():
        plan_actions.end(one, row, state, words, seen=row.version, by=one.officer)

    assert refusal.value.faults == faults


def test_two_who_change_one_action_do_not_overwrite_each_other() -> None:
    one = case_steps.a_case()
    row, other = planned(one), needs_steps.colleague(one)
    seen, number = row.version, one.officer.number
    with writing():
        words = Words("call her school")
        plan_actions.change(one, row, Need.EDUCATION, words, owner=number, due_on=None, seen=seen, by=other)

    words = Words("call the doctor")
    with pytest.raises(Overtaken), writing():
        plan_actions.change(one, row, Need.HEALTH, words, owner=number, due_on=None, seen=seen, by=one.officer)
    with pytest.raises(Overtaken), writing():
        plan_actions.end(one, row, ActionState.DONE, "ok", seen=seen, by=one.officer)

    assert plan_actions.opened(row).words.what == "call her school"
    assert row.need is Need.EDUCATION


def test_an_action_has_a_need_and_an_owner_who_may_open_the_case() -> None:
    one, stranger = case_steps.a_case(), case_steps.officer("chenda")

    gone = today() - timedelta(days=1)
    with pytest.raises(Refused) as refusal, writing():
        plan_actions.add(one, "fun", Words(), owner=stranger.number, due_on=gone, by=one.officer)

    assert set(refusal.value.faults) == {
        ("need", "required"),
        ("what", "required"),
        ("owner", "required"),
        ("due_on", "past"),
    }


def test_a_possible_abuser_has_no_part_in_the_plan() -> None:
    one = case_steps.a_case()
    case_steps.somebody(one, "Sok Vuthy", suspect=True)

    with pytest.raises(Refused) as refusal:
        planned(one, outside="Vuthy SOK")

    assert refusal.value.faults == (("outside", "suspect"),)
    planned(one, outside="aunt Sok Dara")


def test_owners_are_the_officer_and_whom_it_is_shared_with() -> None:
    one = case_steps.a_case()
    other, gone = needs_steps.colleague(one), needs_steps.colleague(one, "chenda")
    with writing():
        access = db.session.scalars(select(CaseAccess).where(CaseAccess.staff_id == gone.id)).one()
        access.until_at = clock.now()

    assert plan_actions.list_owners(one) == [one.officer, other]


def test_my_actions_come_due_first_without_a_word_of_them() -> None:
    one, second = case_steps.a_case(), case_steps.a_case(risk=Risk.LOW)
    other = needs_steps.colleague(one)
    planned(second, days=None, need=Need.HEALTH)
    planned(one, days=3)
    late(planned(second, need=Need.LEGAL))
    planned(one, owner=other)
    ended(one, planned(one))

    due = plan_actions.list_due(one.officer, 10)

    assert [(found.ref, found.need, found.is_overdue) for found in due] == [
        (second.ref, Need.LEGAL, True),
        (one.ref, Need.SAFETY, False),
        (second.ref, Need.HEALTH, False),
    ]
    assert (due[0].risk, due[1].due_on) == (Risk.LOW, today() + timedelta(days=3))
    assert len(plan_actions.list_due(one.officer, 1)) == 1
    assert [found.ref for found in plan_actions.list_due(other, 10)] == [one.ref]


def test_what_may_not_be_opened_any_more_is_nobodys_work() -> None:
    one = case_steps.a_case()
    other = needs_steps.colleague(one)
    planned(one, owner=other)
    with writing():
        db.session.scalars(select(CaseAccess)).one().until_at = clock.now()

    assert plan_actions.list_due(other, 10) == []
    assert plan_actions.list_due(manager(), 10) == []


def test_when_a_share_ends_its_open_actions_are_the_officers() -> None:
    one = case_steps.a_case()
    other = needs_steps.colleague(one)
    row, done, kept = planned(one, owner=other), planned(one, owner=other), planned(one)
    ended(one, done)
    plan_actions.leave_all_to_officers()
    assert row.owner_id == other.id
    with writing():
        db.session.scalars(select(CaseAccess)).one().until_at = clock.now()

    plan_actions.leave_all_to_officers()

    db.session.expire_all()
    assert [each.owner_id for each in (row, done, kept)] == [one.officer_id, other.id, one.officer_id]
    assert plan_actions.list_due(one.officer, 10)[0].ref == one.ref


@pytest.mark.parametrize(("days", "is_far"), [(731, False), (732, True), (2_900_000, True)])
def test_an_action_is_due_within_two_years(days: int, is_far: bool) -> None:
    one = case_steps.a_case()
    if not is_far:
        assert planned(one, days=days).due_on == today() + timedelta(days=days)
        return
    with pytest.raises(Refused) as refused:
        planned(one, days=days)
    assert refused.value.faults == (("due_on", "too_far"),)


def test_nothing_is_planned_in_a_case_that_ended() -> None:
    one, other = case_steps.a_case(), case_steps.a_case()
    row = planned(one)
    with writing():
        one.status, one.ended_at, one.duplicate_of = CaseStatus.DUPLICATE, clock.now(), other

    with pytest.raises(WrongState):
        planned(one)
    with pytest.raises(WrongState):
        ended(one, row)
    with pytest.raises(WrongState), writing():
        plan_actions.complete(one, by=one.officer)
    assert plan_actions.list_due(one.officer, 10) == []


def test_a_plan_is_complete_when_no_pressing_need_is_forgotten() -> None:
    one = case_steps.a_case()
    with writing():
        clocks.start(one, Duty.PLAN_HELP)

    def refusal() -> object:
        with pytest.raises(Refused) as caught, writing():
            plan_actions.complete(one, by=one.officer)
        return caught.value.faults

    assert refusal() == (("plan", "unassessed"),)
    needs_steps.approved(one, by=manager(), health=NeedLevel.HIGH, legal=NeedLevel.MEDIUM)
    assert refusal() == (("plan", "empty"),)
    ended(one, planned(one, need=Need.HEALTH), ActionState.DROPPED)
    planned(one, need=Need.LEGAL)
    assert refusal() == (("need-health", "uncovered"),)
    assert plan_actions.card(one).uncovered == (Need.HEALTH,)
    planned(one, need=Need.HEALTH)
    assert clock_of(one, Duty.PLAN_HELP) is None

    with writing():
        plan_actions.complete(one, by=one.officer)

    assert clock_of(one, Duty.PLAN_HELP) is ClockEnd.MET
    said = plan_actions.completed(one)
    assert said is not None
    assert (said.by, said.holds) == (one.officer.name, True)
    needs_steps.approved(one, by=manager(), health=NeedLevel.HIGH)
    again = plan_actions.completed(one)
    assert again is not None
    assert not again.holds


def test_a_review_leaves_a_note_and_falls_due_when_it_is_said() -> None:
    one = case_steps.a_case()  # of high risk: seven days, by the rule that came with the portal
    with writing():
        clocks.start(one, Duty.REVIEW_CASE)
    first = clocks.newest_of(one, Duty.REVIEW_CASE)
    next_on = today() + timedelta(days=3)

    with writing():
        plan_actions.review(one, "The school helps.", next_on, by=one.officer)

    assert first is not None
    assert first.ending is ClockEnd.MET
    running = plan_actions.card(one).review
    assert running is not None
    assert running.id != first.id
    ends = running.due_at.astimezone(jurisdiction.current().zone)
    assert (ends - timedelta(seconds=1)).date() == next_on
    assert [found.note.said for found in case_notes.list_notes(one)] == ["The school helps."]


@pytest.mark.parametrize(
    ("said", "days", "faults"),
    [
        ("", 3, (("said", "required"),)),
        ("ok", 0, (("next_on", "past"),)),
        ("ok", 30, (("next_on", "too_late"),)),
        ("x" * 4001, None, (("said", "too_long"), ("next_on", "required"))),
    ],
)
def test_a_review_says_something_and_when_the_next_one_is(said: str, days: int | None, faults: object) -> None:
    one = case_steps.a_case()
    next_on = today() + timedelta(days=days) if days is not None else None

    with pytest.raises(Refused) as refusal, writing():
        plan_actions.review(one, said, next_on, by=one.officer)

    assert refusal.value.faults == faults
    assert case_notes.list_notes(one) == []


def test_an_action_is_found_in_its_own_case_only() -> None:
    one, other = case_steps.a_case(), case_steps.a_case()
    row = planned(one)

    assert plan_actions.get(one, row.id) == row
    with pytest.raises(NotFound):
        plan_actions.get(other, row.id)
