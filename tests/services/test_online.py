"""Is it still there? Seen by people, said by hosts, closed with its times, and back again."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from hotline import clock
from hotline.errors import Forbidden, Refused, WrongState
from hotline.extensions import db
from hotline.models import Clock, Ending, Exchange, ExchangeMessage, Item, ItemNote, OnlineCheck, Tally, Watch
from hotline.services import assessments, clocks, endings, iccam, intake, notice_sending, online, staff
from hotline.transactions import writing
from hotline.vocabulary import (
    CheckResult,
    ClockEnd,
    CorrectionReason,
    Direction,
    Duty,
    ExchangeMeans,
    ExchangeStatus,
    Figure,
    IccamAction,
    ItemOutcome,
    ItemStatus,
    Language,
    NoticeStatus,
    Role,
)
from tests.services import online_steps, partner, police_steps, steps
from tests.services.online_steps import Wait
from tests.services.partner import Partner

UP, GONE, UNSURE = CheckResult.UP, CheckResult.GONE, CheckResult.UNSURE
DECIDED, HELD, ACTING = ItemStatus.DECIDED, ItemStatus.HELD, ItemStatus.ACTING
MONITORING, CLOSED = ItemStatus.MONITORING, ItemStatus.CLOSED


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Wait:
    return online_steps.waiting(monkeypatch)


def see(item: Item, result: CheckResult, *, moved: bool = False, by: int = 0) -> None:
    with writing():
        online.seen(item, result, moved=moved, by=steps.team()[by])


def close(item: Item, outcome: ItemOutcome = ItemOutcome.REMOVED, reason: str = "") -> Ending:
    with writing():
        return online.close(item, outcome, reason, by=steps.team()[0])


def gone_twice(wait: Wait, url: str = "https://img-board.example/t/1") -> Item:
    item = online_steps.acted_on(url)
    see(item, GONE)
    wait(hours=7)
    see(item, GONE)
    return item


def running(item: Item, duty: Duty = Duty.CHECK_ONLINE) -> list[Clock]:
    return [one for one in clocks.of(item) if one.duty is duty and one.ended_at is None]


def remove_clocks() -> list[ClockEnd | None]:
    return list(db.session.scalars(select(Clock.ending).where(Clock.duty == Duty.REMOVE).order_by(Clock.id)))


def test_gone_is_watched_and_somebody_looks_again(office: Flask, wait: Wait) -> None:
    item = online_steps.acted_on()
    assert (item.status, running(item)) == (ACTING, [])

    see(item, GONE)

    assert item.status is MONITORING
    assert len(running(item)) == 1
    assert remove_clocks() == [ClockEnd.MET]
    shown = online.card(item)
    assert (shown.confirmed, shown.suggested) == (False, ItemOutcome.REMOVED)


def test_a_second_look_confirms_it_hours_later_and_not_at_once(office: Flask, wait: Wait) -> None:
    item = online_steps.acted_on()
    see(item, GONE)
    wait(hours=1)
    see(item, GONE)
    assert not online.card(item).confirmed
    assert len(running(item)) == 1

    wait(hours=6)
    see(item, GONE, by=1)

    assert online.card(item).confirmed
    assert running(item) == []
    assert [row.item.id for row in online.to_look_at(by=steps.team()[0]).to_close] == [item.id]


def test_still_there_after_all_goes_back_to_acting_with_new_time(office: Flask, wait: Wait) -> None:
    item = online_steps.acted_on()
    see(item, GONE)

    see(item, UP)

    assert (item.status, running(item)) == (ACTING, [])
    assert remove_clocks()[-1] is None
    wait(hours=7)
    see(item, GONE)
    assert not online.card(item).confirmed  # the look from before does not count any more


def test_who_cannot_tell_is_asked_again(office: Flask, wait: Wait) -> None:
    item = online_steps.acted_on()
    see(item, GONE)
    wait(hours=7)
    see(item, UNSURE)

    assert (item.status, len(running(item))) == (MONITORING, 1)
    see(item, GONE)
    assert online.card(item).confirmed


def test_what_a_host_says_is_watched_and_looked_at(office: Flask, wait: Wait) -> None:
    item, other = steps.looked_at_twice(), steps.looked_at_twice(url="https://img-board.example/t/2")
    notice = online_steps.sent(item, other)

    with writing():
        online.host_says_gone(notice)

    assert {one.status for one in (item, other)} == {MONITORING}
    assert [len(running(one)) for one in (item, other)] == [1, 1]
    assert db.session.scalar(select(func.count(OnlineCheck.id))) == 0  # nobody has looked yet
    assert not online.card(item).confirmed
    rows = online.to_look_at(by=steps.team()[0])
    assert {row.item.id for row in rows.again} == {item.id, other.id}
    assert rows.again[0].opened.prefix == "hxxps://"


def test_closing_keeps_the_times(office: Flask, wait: Wait) -> None:
    item = steps.looked_at_twice()
    wait(hours=2)
    police_steps.handed_over(item)
    wait(hours=1)
    sent_at = online_steps.sent(item).sent_at
    wait(hours=20)
    see(item, UP)
    wait(hours=10)
    see(item, GONE)
    gone_at = db.session.scalars(select(OnlineCheck.checked_at).order_by(OnlineCheck.id.desc())).first()
    wait(hours=8)
    see(item, GONE, moved=True)

    ending = close(item, ItemOutcome.MOVED)

    assert (item.status, item.outcome, ending.outcome) == (CLOSED, ItemOutcome.MOVED, ItemOutcome.MOVED)
    assert ending.received_at == item.opened_at + timedelta(hours=1)
    assert ending.to_host_at == sent_at
    assert ending.removed_at == gone_at
    assert ending.to_police_at < ending.to_host_at < ending.removed_at < ending.ended_at
    assert ending.to_partner_at is None
    assert timedelta(hours=29) < online.card(item).times.takedown < timedelta(hours=31)
    assert db.session.scalar(select(func.count(Clock.id)).where(Clock.ended_at.is_(None))) == 1  # the police's answer
    assert db.session.get(Tally, (clock.now().strftime("%Y-%m"), Figure.CLOSED, "moved")) is not None


def test_closing_early_takes_a_reason_which_becomes_a_note(office: Flask, wait: Wait) -> None:
    item = online_steps.acted_on()

    with pytest.raises(Refused, match="ending_reason:required"):
        close(item)
    ending = close(item, reason="The host took the whole site down.")

    assert item.status is CLOSED
    assert ending.removed_at == ending.ended_at
    assert db.session.scalar(select(func.count(ItemNote.id))) == 1


@pytest.mark.parametrize("outcome", ["withdrawn", "not_illegal", "whatever", ""])
def test_only_gone_in_some_way_is_a_way_to_close_here(office: Flask, wait: Wait, outcome: str) -> None:
    item = gone_twice(wait)

    with pytest.raises(Refused, match="ending:required"), writing():
        online.close(item, outcome, "", by=steps.team()[0])


def test_two_who_close_at_once_close_it_once(office: Flask, wait: Wait) -> None:
    item_id, ids = gone_twice(wait).id, [one.id for one in steps.team()]

    def deed(place: int):
        def do() -> object:
            with writing():
                item = db.session.get_one(Item, item_id)
                return online.close(item, "removed", "", by=staff.find_open(ids[place])).id

        return do

    told = steps.together(office, [deed(0), deed(1)])

    assert sorted(type(one).__name__ for one in told) == ["WrongState", "int"]
    assert db.session.scalar(select(func.count(Ending.id))) == 1


def test_what_is_held_is_looked_at_and_neither_moves_nor_closes(office: Flask, wait: Wait) -> None:
    item = online_steps.acted_on()
    police_steps.held(item)

    see(item, GONE)

    assert item.status is HELD
    with pytest.raises(WrongState):
        close(item, reason="It is gone.")


def test_what_is_decided_and_not_acted_on_is_noted_only(office: Flask, wait: Wait) -> None:
    item = steps.looked_at_twice()

    see(item, GONE)

    assert (item.status, running(item)) == (DECIDED, [])
    assert close(item, ItemOutcome.UNAVAILABLE, "It was gone before we wrote.").to_host_at is None


@pytest.mark.parametrize("status", [ItemStatus.NEW, CLOSED])
def test_what_nobody_decided_or_is_closed_is_not_looked_at(office: Flask, wait: Wait, status: ItemStatus) -> None:
    item = steps.new_item() if status is ItemStatus.NEW else gone_twice(wait)
    if status is CLOSED:
        close(item)

    with pytest.raises(WrongState):
        see(item, UP)
    assert online.card(item) is None or status is CLOSED


def test_others_may_not_look_nor_close(office: Flask, wait: Wait) -> None:
    item = online_steps.acted_on()
    with writing():
        manager = staff.add("boss", "a long enough password", (Role.MANAGER,), language=Language.EN, by=None)

    with pytest.raises(Forbidden), writing():
        online.seen(item, GONE, by=manager)
    with pytest.raises(Forbidden), writing():
        online.close(item, "removed", "why", by=manager)
    assert online.to_look_at(by=manager).acted_on == []


def test_the_same_that_comes_back_is_acted_on_again(office: Flask, wait: Wait) -> None:
    item = gone_twice(wait)
    first = close(item)
    wait(days=3)

    with writing():
        online.is_back(item, same=True, by=steps.team()[1])

    assert (item.status, item.outcome) == (ACTING, None)
    assert first.undone_at is not None
    assert remove_clocks()[-1] is None
    assert endings.last(item) is None
    see(item, GONE)
    wait(hours=7)
    see(item, GONE)
    second = close(item)
    assert second.to_host_at == first.to_host_at
    assert second.removed_at > first.ended_at
    assert endings.last(item).id == second.id


def test_something_else_that_stands_there_is_looked_at_anew(office: Flask, wait: Wait) -> None:
    item = gone_twice(wait)
    ending = close(item)

    with writing():
        online.is_back(item, same=False, by=steps.team()[1])

    assert item.status is ItemStatus.NEW
    assert ending.undone_at is not None
    assert {one.duty for one in clocks.of(item) if one.ended_at is None} == {Duty.ACKNOWLEDGE, Duty.ASSESS}
    assert online.card(item) is None


def test_what_is_reported_again_has_not_ended(office: Flask, wait: Wait) -> None:
    item = gone_twice(wait)
    ending = close(item)
    wait(days=2)

    steps.report("https://img-board.example/t/1", "again")
    intake.open_inbox()

    db.session.refresh(item)
    db.session.refresh(ending)
    assert item.status is ItemStatus.NEW
    assert ending.undone_at == item.reopened_at  # to the hour, like the report


def test_letters_of_the_round_before_do_not_count(office: Flask, wait: Wait) -> None:
    item = gone_twice(wait)
    close(item)
    wait(days=2)
    steps.report("https://img-board.example/t/1", "again")
    intake.open_inbox()
    db.session.refresh(item)

    assert endings.times(item, ()).to_host_at is None


def test_looks_of_the_round_before_do_not_count(office: Flask, wait: Wait) -> None:
    item = gone_twice(wait)
    close(item)
    wait(days=2)
    steps.report("https://img-board.example/t/1", "again")
    intake.open_inbox()
    db.session.refresh(item)
    wait(hours=2)
    with writing():  # two people have decided again, and a host was told
        item.status = ACTING
    assert (endings.looks(item), online.card(item).confirmed) == ([], False)
    see(item, GONE)
    wait(hours=7)
    see(item, GONE)

    second = close(item)

    assert second.received_at < second.removed_at < second.ended_at
    assert second.removed_at == endings.looks(item)[-1].checked_at


def test_a_correction_ends_the_time_to_look_and_what_programs_found(office: Flask, wait: Wait) -> None:
    item = online_steps.acted_on()
    with writing():
        db.session.add(Watch(item_id=item.id, began_at=clock.now(), next_at=clock.now(), gone_in_a_row=3))
    see(item, GONE)
    assert len(running(item)) == 1

    with writing():
        assessments.correct(item, CorrectionReason.MISTAKE, by=steps.team()[1])

    assert running(item) == []
    assert db.session.get(Watch, item.id) is None


def test_what_is_corrected_has_not_ended(office: Flask, wait: Wait) -> None:
    item = gone_twice(wait)
    ending = close(item)

    with writing():
        assessments.correct(item, CorrectionReason.MISTAKE, by=steps.team()[1])

    db.session.refresh(ending)
    assert ending.undone_at is not None


def test_a_withdrawn_verdict_ends_what_was_closed_as_gone(office: Flask, wait: Wait) -> None:
    item = gone_twice(wait)
    before = close(item)

    with writing():
        after = online.end(item, ItemOutcome.WITHDRAWN, by=steps.team()[2])

    db.session.refresh(before)
    assert (item.outcome, after.removed_at) == (ItemOutcome.WITHDRAWN, None)
    assert before.undone_at is not None


def test_letters_that_have_not_gone_are_taken_back(office: Flask, wait: Wait) -> None:
    item, other = steps.looked_at_twice(), steps.looked_at_twice(url="https://img-board.example/t/2")
    letter = online_steps.letter(item, other)

    close(item, reason="Gone.")
    db.session.refresh(letter)
    assert letter.status is NoticeStatus.QUEUED  # it lists another; at its lease it fails, and a person sees why
    close(other, reason="Gone.")

    db.session.refresh(letter)
    assert letter.status is NoticeStatus.WITHDRAWN
    notice_sending.deliver(letter.id, mailer=online_steps.Sink())
    assert letter.status is NoticeStatus.WITHDRAWN


def test_iccam_list_says_how_it_ended_and_it_can_be_recorded(office: Flask, wait: Wait) -> None:
    item = online_steps.acted_on()
    first, second, _ = steps.team()
    with writing():
        iccam.begin(item, "", "", by=first)
    close(item, reason="Gone.")

    entry = next(one for one in iccam.get(item).entries if one.field == "Removed")

    assert IccamAction.REMOVED not in iccam.suggested(item)
    with writing():
        for one in iccam.get(item).entries:
            numbers = ("17", "18") if one.field == "report" else ("", "")
            iccam.record_typed(item, one, *numbers, by=second)
    assert entry.done_at is not None


def test_an_ending_is_frozen(office: Flask, wait: Wait) -> None:
    ending = close(gone_twice(wait))

    with pytest.raises(Exception, match="frozen"), writing():
        ending.country = "KH"


def test_lists_are_short_however_much_there_is(office: Flask, wait: Wait, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(online, "MOST", 2)
    made = [online_steps.acted_on(f"https://img-board.example/t/{number}") for number in range(3)]

    rows = online.to_look_at(by=steps.team()[0])

    assert [row.item.id for row in rows.acted_on] == [one.id for one in made[:2]]


def test_a_partner_whose_offer_we_took_is_told_what_became_of_it(office: Flask, wait: Wait) -> None:
    Partner().open_door()
    item = online_steps.acted_on()
    with writing():
        offered = Exchange(
            ref="E-234567",
            recipient=partner.hotline(),
            direction=Direction.IN,
            means=ExchangeMeans.INTERFACE,
            status=ExchangeStatus.ACCEPTED,
            item=item,
            message=b"sealed",
            begun_at=clock.now(),
        )
        db.session.add(offered)

    close(item, reason="Gone.")

    assert (offered.status, offered.outcome) == (ExchangeStatus.DONE, ItemOutcome.REMOVED)
    assert db.session.scalars(select(ExchangeMessage.exchange_id)).all() == [offered.id]
