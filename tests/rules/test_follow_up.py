"""What comes after a letter, and when nobody is reminded."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.rules import follow_up
from hotline.rules.follow_up import Above, Facts, Hindrance, Next, Quiet, Step, Why
from hotline.vocabulary import Answer, Channel, NoticeKind, NoticeStatus

FIRST, REMINDER, ESCALATION, RETRACTION, SUPPLEMENT = NoticeKind
ZONE = ZoneInfo("Asia/Phnom_Penh")
NIGHT = Quiet(ZONE, time(21), time(6), frozenset())
WITH_SUNDAY = Quiet(ZONE, time(21), time(6), frozenset({6}))
MONDAY_NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)  # 12:00 there


def facts(**told: object) -> Facts:
    told = {"channel": Channel.HOST, "kind": FIRST, "status": NoticeStatus.SENT} | told
    return Facts(**told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "step", "why"),
    [
        ({}, Step.WAIT, Why.HAS_TIME),
        ({"is_over": True}, Step.REMIND, Why.NO_ANSWER),
        ({"is_over": True, "hindrance": Hindrance.MOVED}, Step.PEOPLE, Why.KEPT_BACK),
        ({"is_over": True, "waiting": True}, Step.SEND, Why.WRITTEN),
        ({"is_over": True, "is_paused": True}, Step.PEOPLE, Why.PAUSED),
        ({"is_over": True, "reminder": True}, Step.ESCALATE, Why.AGAIN_NO_ANSWER),
        ({"is_over": True, "kind": REMINDER}, Step.ESCALATE, Why.AGAIN_NO_ANSWER),
        ({"is_over": True, "kind": ESCALATION}, Step.PEOPLE, Why.STUCK),
        ({"is_over": True, "kind": ESCALATION, "objected": True}, Step.PEOPLE, Why.OBJECTS),
        ({"is_over": True, "kind": REMINDER, "objected": True}, Step.PEOPLE, Why.OBJECTS),
        ({"objected": True}, Step.WAIT, Why.HAS_TIME),
        ({"is_over": True, "left": 0}, Step.NOTHING, Why.NOTHING_LEFT),
        ({"is_over": True, "kind": RETRACTION}, Step.NOTHING, Why.NOT_FOLLOWED),
        ({"is_over": True, "channel": Channel.POLICE}, Step.NOTHING, Why.NOT_FOLLOWED),
        ({"is_over": True, "status": NoticeStatus.QUEUED}, Step.NOTHING, Why.NOT_GONE),
        ({"status": NoticeStatus.BOUNCED}, Step.PEOPLE, Why.BOUNCED),
        ({"answer": Answer.REMOVED}, Step.LOOK, Why.SAYS_GONE),
        ({"answer": Answer.NOT_OURS}, Step.ESCALATE, Why.NOT_THEIRS),
        ({"answer": Answer.NEED_MORE}, Step.PEOPLE, Why.NEEDS_MORE),
        ({"answer": Answer.REFUSED, "is_over": True}, Step.PEOPLE, Why.REFUSES),
        ({"answer": Answer.APPEAL}, Step.PEOPLE, Why.OBJECTS),
        ({"answer": Answer.OTHER}, Step.PEOPLE, Why.ANSWERED),
    ],
)
def test_what_comes_next_and_why(told: dict[str, object], step: Step, why: Why) -> None:
    found = follow_up.of(facts(**told))

    assert (found.step, found.why) == (step, why)


@given(
    st.builds(
        Facts,
        channel=st.sampled_from(Channel),
        kind=st.sampled_from(NoticeKind),
        status=st.sampled_from(NoticeStatus),
        answer=st.none() | st.sampled_from(Answer),
        left=st.integers(0, 3),
        is_over=st.booleans(),
        is_paused=st.booleans(),
        waiting=st.booleans(),
        reminder=st.booleans(),
        unread=st.booleans(),
        objected=st.booleans(),
        hindrance=st.none() | st.sampled_from(Hindrance),
    )
)
def test_nothing_goes_by_itself_but_one_reminder_of_a_first_letter_that_nobody_answered(told: Facts) -> None:
    found = follow_up.of(told)

    if found.step is Step.REMIND:
        assert found == Next(Step.REMIND, Why.NO_ANSWER)
        assert (told.channel, told.kind, told.answer, told.hindrance) == (Channel.HOST, FIRST, None, None)
        assert told.is_over
        assert told.left
        assert not told.reminder
        assert not told.unread
        assert not told.is_paused


@pytest.mark.parametrize(
    ("at", "quiet", "until"),
    [
        (MONDAY_NOON, NIGHT, MONDAY_NOON),
        (MONDAY_NOON + timedelta(hours=9), NIGHT, MONDAY_NOON + timedelta(hours=18)),  # 21:00: until 6:00
        (MONDAY_NOON + timedelta(hours=8, minutes=59), NIGHT, MONDAY_NOON + timedelta(hours=8, minutes=59)),
        (MONDAY_NOON + timedelta(hours=14), NIGHT, MONDAY_NOON + timedelta(hours=18)),  # 2:00 at night
        (MONDAY_NOON + timedelta(hours=18), NIGHT, MONDAY_NOON + timedelta(hours=18)),
        (MONDAY_NOON + timedelta(days=6), WITH_SUNDAY, MONDAY_NOON + timedelta(days=6, hours=18)),  # Monday, 6:00
        (MONDAY_NOON + timedelta(days=5, hours=10), WITH_SUNDAY, MONDAY_NOON + timedelta(days=6, hours=18)),
        (MONDAY_NOON + timedelta(hours=14), None, MONDAY_NOON + timedelta(hours=14)),
    ],
)
def test_a_reminder_waits_for_the_end_of_quiet_hours(at: datetime, quiet: Quiet | None, until: datetime) -> None:
    assert follow_up.may_go_at(at, quiet, in_danger=False) == until


def test_with_a_child_in_danger_no_hour_is_quiet() -> None:
    at = MONDAY_NOON + timedelta(hours=14)

    assert follow_up.may_go_at(at, WITH_SUNDAY, in_danger=True) == at


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    st.times(),
    st.times(),
    st.frozensets(st.integers(0, 6), max_size=6),
)
def test_quiet_hours_end_and_never_begin_earlier_than_now(
    at: datetime, begins: time, ends: time, days: frozenset[int]
) -> None:
    quiet = Quiet(ZONE, begins, ends, days)

    until = follow_up.may_go_at(at, quiet, in_danger=False)

    assert until >= at
    assert not quiet.is_quiet(until)
    assert until - at <= timedelta(days=len(days) + 2)


def test_who_stands_above_is_named_once_and_never_who_was_written_to() -> None:
    found = follow_up.rises(
        settled=("D-1",),
        platforms=(),
        networks=("D-1", "D-2"),
        upstreams=("D-6", "D-1"),
        proxies=("D-3",),
        registrars=("D-4", "D-2"),
        partners=("D-5",),
        written={"D-3"},
    )

    assert [(one.ref, one.why) for one in found] == [
        ("D-1", Above.SETTLED),
        ("D-2", Above.NETWORK),
        ("D-6", Above.UPSTREAM),
        ("D-5", Above.PARTNER),
        ("D-4", Above.REGISTRAR),
    ]


def test_what_tells_more_counts_as_the_letter_before_it() -> None:
    assert follow_up.stands_for([FIRST, SUPPLEMENT]) is FIRST
    assert follow_up.stands_for([FIRST, REMINDER, SUPPLEMENT, SUPPLEMENT]) is REMINDER
    assert follow_up.stands_for([ESCALATION, SUPPLEMENT]) is ESCALATION
    assert follow_up.stands_for([SUPPLEMENT]) is FIRST
