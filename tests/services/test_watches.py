"""Looks by program: only where a proxy is set and the switch is on, claimed once, and what follows from them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from hotline import clock, outbox
from hotline.errors import Forbidden, WrongState
from hotline.extensions import db
from hotline.gateways.probe import Answered, HttpProbe, ProbeFault
from hotline.jobs import sweep
from hotline.models import AuditEntry, Clock, Item, OnlineCheck, Watch
from hotline.outbox import Task
from hotline.rules import online as rules
from hotline.rules.hosting import Resolved
from hotline.services import assessments, clocks, endings, online, staff, watch_rows, watches
from hotline.transactions import writing
from hotline.vocabulary import CheckMeans, CheckResult, CorrectionReason, Duty, ItemOutcome, ItemStatus, Language, Role
from tests.gateways import proxy_server
from tests.services import online_steps, police_steps, steps
from tests.services.online_steps import Wait

ACTING, MONITORING, CLOSED = ItemStatus.ACTING, ItemStatus.MONITORING, ItemStatus.CLOSED
UP, GONE, UNSURE = CheckResult.UP, CheckResult.GONE, CheckResult.UNSURE


class Twin:
    """Answers for the proxy and the resolvers: a status, a fault's code, or what a name leads to."""

    def __init__(self) -> None:
        self.status: int | str = 404
        self.named = Resolved(at="2026-11-26T00:00:00+00:00", addresses=("198.51.100.1",))
        self.asked: list[str] = []
        self.looked_up: list[str] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def head(self, href: str) -> Answered:
        """Answer with what is set."""
        assert not db.session.info.get("hotline.transactions.open"), "asked inside a write transaction"
        self.asked.append(href)
        self.meanwhile()
        if isinstance(self.status, str):
            raise ProbeFault(self.status)
        return Answered(self.status, 0)

    def resolve(self, host: str) -> Resolved:
        """Lead to what is set."""
        self.looked_up.append(host)
        return self.named


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Wait:
    return online_steps.waiting(monkeypatch)


@pytest.fixture
def twin(office: Flask) -> Twin:
    """A portal with a proxy, whose looks by program a reviewer has switched on."""
    known = office.extensions
    known["hotline.settings"] = replace(known["hotline.settings"], check_proxy="http://127.0.0.1:9")
    with writing():
        watches.switch(is_on=True, by=steps.team()[0])
    return Twin()


def look(twin: Twin) -> None:
    watches.sweep()
    watches.look_at_due(resolver=twin, probe=twin)


def results() -> list[CheckResult]:
    return list(db.session.scalars(select(OnlineCheck.result).order_by(OnlineCheck.id)))


def watch_of(item: Item) -> Watch:
    db.session.expire_all()
    return db.session.get_one(Watch, item.id)


def until_gone(twin: Twin, wait: Wait, office: Flask) -> Item:
    item = online_steps.acted_on()
    for _ in range(3):
        look(twin)
        wait(hours=12, minutes=1)
    db.session.expire_all()
    return item


def test_nothing_is_asked_without_a_proxy(office: Flask) -> None:
    online_steps.acted_on()
    twin = Twin()

    look(twin)

    assert twin.asked == []
    assert db.session.scalar(select(func.count(Watch.item_id))) == 0
    with pytest.raises(WrongState), writing():
        watches.switch(is_on=True, by=steps.team()[0])


def test_nothing_is_asked_while_the_switch_is_off(office: Flask, twin: Twin) -> None:
    online_steps.acted_on()
    watches.sweep()
    with writing():
        watches.switch(is_on=False, by=steps.team()[0])

    look(twin)

    assert twin.asked == []


def test_an_item_is_watched_from_the_moment_it_is_acted_on(office: Flask, twin: Twin) -> None:
    item = online_steps.acted_on()

    assert watch_of(item).next_at is not None
    assert watch_of(item).gone_in_a_row == 0


def test_nothing_is_written_of_what_is_acted_on_while_nobody_watches(office: Flask, twin: Twin) -> None:
    with writing():
        watches.switch(is_on=False, by=steps.team()[0])

    online_steps.acted_on()

    assert db.session.scalar(select(func.count(Watch.item_id))) == 0


def test_what_was_acted_on_before_is_found_once_the_looks_are_on_stretch_by_stretch(
    office: Flask, twin: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watches, "STRETCH", 1)
    watches.sweep()  # this process has gone through everything there was before
    with writing():
        watches.switch(is_on=False, by=steps.team()[0])
    for number in (1, 2):
        online_steps.acted_on(f"https://img-board.example/t/{number}")
    steps.new_item("https://img-board.example/t/3", "three")
    with writing():
        watches.switch(is_on=True, by=steps.team()[0])

    found = []
    for _ in range(4):
        watches.sweep()
        found.append(db.session.scalar(select(func.count(Watch.item_id))))

    assert found == [1, 2, 2, 2]
    assert office.extensions["hotline.watches.walk"].last is None


def test_a_walk_that_is_over_reads_no_items_before_the_next_day(
    office: Flask, twin: Twin, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    watches.sweep()
    item = online_steps.acted_on()
    with writing():
        db.session.delete(watch_of(item))

    watches.sweep()
    assert db.session.get(Watch, item.id) is None
    wait(days=1, minutes=1)
    watches.sweep()

    assert db.session.get(Watch, item.id) is not None


def test_two_who_begin_at_the_same_moment_begin_once(office: Flask, twin: Twin) -> None:
    item_id = online_steps.acted_on().id
    with writing():
        db.session.delete(db.session.get_one(Watch, item_id))

    def begin() -> None:
        with writing():
            watch_rows.begin([item_id])

    assert steps.together(office, [begin, begin, begin]) == [None] * 3
    assert db.session.scalar(select(func.count(Watch.item_id))) == 1


def test_what_was_closed_while_nobody_watched_and_is_back_is_watched(office: Flask, twin: Twin) -> None:
    with writing():
        watches.switch(is_on=False, by=steps.team()[0])
    item = online_steps.acted_on()
    with writing():
        online.close(item, "removed", "It says in words that it is gone.", by=steps.team()[0])
        watches.switch(is_on=True, by=steps.team()[0])
    with writing():
        online.is_back(item, same=True, by=steps.team()[0])

    assert watch_of(item).next_at > clock.now()


def test_only_reviewers_and_managers_switch(office: Flask, twin: Twin) -> None:
    with writing():
        rith = staff.add("rith", "a long enough password", (Role.ANALYST,), language=Language.EN, by=None)

    with pytest.raises(Forbidden), writing():
        watches.switch(is_on=False, by=rith)
    assert [one.is_on for one in watches.list_switches()] == [True]


def test_three_negatives_over_a_day_let_it_be_watched_and_a_person_closes(
    office: Flask, twin: Twin, wait: Wait
) -> None:
    item = online_steps.acted_on()
    assert watch_rows.state().is_on

    look(twin)
    look(twin)  # not due again

    assert (len(twin.asked), item.status) == (1, ACTING)
    for _ in range(2):
        wait(hours=12, minutes=1)
        look(twin)
    db.session.expire_all()
    assert results() == [GONE] * 3
    assert item.status is MONITORING
    shown = online.card(item)
    assert (shown.confirmed, shown.suggested) == (True, ItemOutcome.REMOVED)
    with writing():
        ending = online.close(item, "removed", "", by=steps.team()[0])
    assert ending.removed_at == endings.looks(item)[-1].checked_at
    assert db.session.scalar(select(func.count(Clock.id)).where(Clock.duty == Duty.CHECK_ONLINE)) == 0


def test_a_name_that_does_not_exist_is_gone_and_the_proxy_is_not_asked(office: Flask, twin: Twin) -> None:
    known = office.extensions
    known["hotline.settings"] = replace(known["hotline.settings"], dns_servers=(("192.0.2.53", 53),))
    online_steps.acted_on()
    twin.named = Resolved(at="2026-11-26T00:00:00+00:00", fault="no_name")

    look(twin)

    check = db.session.scalars(select(OnlineCheck)).one()
    assert (check.means, check.result, check.code) == (CheckMeans.DNS, GONE, "no_name")
    assert (twin.looked_up, twin.asked) == (["img-board.example"], [])


def test_a_name_that_leads_inside_is_left_to_people(office: Flask, twin: Twin) -> None:
    known = office.extensions
    known["hotline.settings"] = replace(known["hotline.settings"], dns_servers=(("192.0.2.53", 53),))
    item = online_steps.acted_on()
    twin.named = Resolved(at="2026-11-26T00:00:00+00:00", reserved=("10.0.0.7",))

    look(twin)

    assert (results(), twin.asked) == ([UNSURE], [])
    assert watch_of(item).next_at is None


def test_a_name_that_leads_inside_as_well_as_outside_is_left_to_people(office: Flask, twin: Twin) -> None:
    known = office.extensions
    known["hotline.settings"] = replace(known["hotline.settings"], dns_servers=(("192.0.2.53", 53),))
    online_steps.acted_on()
    twin.named = replace(twin.named, reserved=("10.0.0.7",))

    look(twin)

    assert (results(), twin.asked) == ([UNSURE], [])


def test_a_look_that_ends_while_its_item_is_held_moves_nothing_and_is_put_off(office: Flask, twin: Twin) -> None:
    item = online_steps.acted_on()
    watches.sweep()
    twin.meanwhile = lambda: police_steps.held(item)

    watches.look_at_due(resolver=twin, probe=twin)

    watch = watch_of(item)
    assert (len(twin.asked), watch.gone_in_a_row, watch.leased_until) == (1, 0, None)
    assert watch.next_at > clock.now() + timedelta(hours=23)


def test_a_look_that_ends_after_a_correction_began_counts_nowhere(office: Flask, twin: Twin) -> None:
    item = online_steps.acted_on()
    watches.sweep()

    def correct() -> None:
        with writing():
            assessments.correct(item, CorrectionReason.MISTAKE, by=steps.team()[1])

    twin.meanwhile = correct
    watches.look_at_due(resolver=twin, probe=twin)

    assert results() == []
    assert db.session.get(Watch, item.id) is None


def test_without_resolvers_of_our_own_no_name_is_looked_up(office: Flask, twin: Twin) -> None:
    online_steps.acted_on()

    look(twin)

    assert (twin.looked_up, len(twin.asked)) == ([], 1)


@pytest.mark.parametrize(
    ("status", "result"),
    [(200, UP), (404, GONE), (403, UNSURE), (302, UNSURE), (503, UNSURE), ("slow", UNSURE), ("no_answer", UNSURE)],
)
def test_what_comes_back_is_kept_as_a_code(office: Flask, twin: Twin, status: int | str, result: CheckResult) -> None:
    item = online_steps.acted_on()
    twin.status = status

    look(twin)

    check = db.session.scalars(select(OnlineCheck)).one()
    assert (check.result, check.code, check.checked_by_id) == (result, str(status), None)
    assert item.status is ACTING
    assert watch_of(item).next_at > clock.now()


def test_a_proxy_that_is_away_costs_no_look_and_is_asked_again_later(office: Flask, twin: Twin, wait: Wait) -> None:
    made = [online_steps.acted_on(f"https://img-board.example/t/{number}") for number in range(5)]
    twin.status = rules.PROXY_AWAY

    look(twin)
    watches.sweep()

    assert (len(twin.asked), results()) == (3, [])
    assert {watch_of(one).gone_in_a_row for one in made} == {0}
    assert watches.is_proxy_away()
    task = db.session.scalars(select(Task).where(Task.job == watches.LOOK)).one()
    assert task.due_at > clock.now() + timedelta(minutes=14)

    wait(minutes=16)
    twin.status, twin.asked = 404, []
    look(twin)

    assert (len(twin.asked), results()) == (5, [GONE] * 5)
    assert not watches.is_proxy_away()


def test_one_address_alone_that_answers_so_is_asked_ever_later(office: Flask, twin: Twin, wait: Wait) -> None:
    made, waits = online_steps.acted_on(), []
    twin.status = rules.PROXY_AWAY
    for hours in (0.25, 0.5, 1, 2, 4, 8, 12, 12):
        look(twin)
        waits.append((watch_of(made).next_at - clock.now()).total_seconds() / 3_600)
        wait(hours=hours, minutes=1)
    assert [round(one, 1) for one in waits] == [0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 12.0]

    twin.status = 404
    look(twin)
    wait(hours=12, minutes=1)
    twin.status = rules.PROXY_AWAY
    look(twin)

    assert watch_of(made).next_at < clock.now() + timedelta(minutes=16)


def test_two_hosts_that_answer_so_wait_ever_longer_each_for_itself_and_are_forgotten_with_their_watch(
    office: Flask, twin: Twin, wait: Wait
) -> None:
    made = [online_steps.acted_on(f"https://img-board.example/t/{number}") for number in range(2)]
    twin.status = rules.PROXY_AWAY
    for minutes in (15, 30, 60):
        look(twin)
        assert {round((watch_of(one).next_at - clock.now()).total_seconds() / 60) for one in made} == {minutes}
        wait(minutes=minutes + 1)

    with writing():
        watch_of(made[0]).next_at = None
    look(twin)

    assert list(office.extensions["hotline.watches.unheard"]) == [made[1].id]


def test_one_host_that_answers_as_only_a_proxy_does_holds_up_no_other(office: Flask, twin: Twin) -> None:
    for number in range(3):
        online_steps.acted_on(f"https://img-board.example/t/{number}")
    twin.status = rules.PROXY_AWAY

    def answer_after_the_first() -> None:
        twin.status = rules.PROXY_AWAY if len(twin.asked) == 1 else 404

    twin.meanwhile = answer_after_the_first
    look(twin)

    assert (len(twin.asked), results()) == (3, [GONE, GONE, UNSURE])
    assert not watches.is_proxy_away()


def test_one_host_that_answers_so_as_the_last_of_a_round_holds_up_nothing(office: Flask, twin: Twin) -> None:
    made = [online_steps.acted_on(f"https://img-board.example/t/{number}") for number in range(3)]

    def answer_until_the_last() -> None:
        twin.status = rules.PROXY_AWAY if len(twin.asked) == 3 else 404

    twin.meanwhile = answer_until_the_last
    look(twin)

    assert results() == [GONE, GONE, UNSURE]
    assert not watches.is_proxy_away()
    assert min(watch_of(one).next_at for one in made) > clock.now() + timedelta(hours=1)


def test_a_proxy_that_goes_away_in_the_midst_of_a_round_costs_no_look(office: Flask, twin: Twin) -> None:
    for number in range(5):
        online_steps.acted_on(f"https://img-board.example/t/{number}")

    def go_away_after_the_first() -> None:
        twin.status = 404 if len(twin.asked) == 1 else rules.PROXY_AWAY

    twin.meanwhile = go_away_after_the_first
    look(twin)

    assert (len(twin.asked), results()) == (4, [GONE])
    assert watches.is_proxy_away()


def test_what_is_found_without_the_proxy_does_not_say_that_it_is_there(office: Flask, twin: Twin) -> None:
    online_steps.acted_on("https://img-board.example/t/1")
    online_steps.told("http://" + "a" * 56 + ".onion/t/1")
    twin.status = rules.PROXY_AWAY

    look(twin)

    assert (len(twin.asked), results()) == (1, [UNSURE])
    assert watches.is_proxy_away()


def test_onion_addresses_are_never_asked(office: Flask, twin: Twin) -> None:
    item = online_steps.told("http://" + "a" * 56 + ".onion/t/1")

    look(twin)

    assert (twin.asked, results()) == ([], [UNSURE])
    assert watch_of(item).next_at is None
    look(twin)
    assert results() == [UNSURE]


def test_what_is_held_is_not_asked(office: Flask, twin: Twin) -> None:
    item = online_steps.acted_on()
    watches.sweep()
    police_steps.held(item)

    watches.look_at_due(resolver=twin, probe=twin)

    assert twin.asked == []
    assert watch_of(item).next_at > clock.now() + timedelta(hours=23)


def test_two_workers_ask_once(office: Flask, twin: Twin) -> None:
    online_steps.acted_on()
    watches.sweep()

    def work() -> None:
        watches.look_at_due(resolver=twin, probe=twin)

    told = steps.together(office, [work, work, work])

    assert told == [None] * 3
    assert len(twin.asked) == 1
    assert len(results()) == 1


def test_who_was_overtaken_has_no_say(office: Flask, twin: Twin, wait: Wait) -> None:
    item = online_steps.acted_on()
    watches.sweep()

    def overtake() -> None:
        twin.meanwhile = lambda: None
        wait(minutes=5)
        watches.look_at_due(resolver=twin, probe=twin)  # the lease is over: somebody else looks

    twin.meanwhile = overtake
    watches.look_at_due(resolver=twin, probe=twin)

    assert (len(twin.asked), results()) == (2, [GONE])
    assert watch_of(item).gone_in_a_row == 1


def test_a_killed_look_is_taken_up_again_once_its_lease_is_over(office: Flask, twin: Twin, wait: Wait) -> None:
    online_steps.acted_on()
    watches.sweep()
    with writing():
        assert watches._take() is not None

    look(twin)
    assert twin.asked == []
    wait(minutes=2)
    look(twin)

    assert len(twin.asked) == 1


def test_what_answers_again_after_it_was_closed_is_looked_at_by_people(office: Flask, twin: Twin, wait: Wait) -> None:
    item = until_gone(twin, wait, office)
    with writing():
        ending = online.close(item, "removed", "", by=steps.team()[0])
    twin.status = 200
    wait(days=3)

    look(twin)

    db.session.expire_all()
    assert (item.status, item.outcome) == (MONITORING, None)
    assert ending.undone_at is not None
    assert [one.duty for one in clocks.of(item) if one.ended_at is None] == [Duty.CHECK_ONLINE]
    assert not online.card(item).confirmed
    assert watches.CAME_BACK in db.session.scalars(select(AuditEntry.action)).all()
    with writing():
        online.seen(item, UP, by=steps.team()[1])
    assert item.status is ACTING


def test_what_a_person_closed_is_not_opened_by_a_page_that_answers(office: Flask, twin: Twin, wait: Wait) -> None:
    item = online_steps.acted_on()
    twin.status = 200
    look(twin)
    with writing():
        online.close(item, "removed", "It says in words that it is gone.", by=steps.team()[0])
    wait(days=2)

    look(twin)

    db.session.expire_all()
    assert (item.status, results()) == (CLOSED, [UP, UP])


def test_what_is_gone_is_watched_on_for_a_month(office: Flask, twin: Twin, wait: Wait) -> None:
    item = until_gone(twin, wait, office)
    with writing():
        online.close(item, "removed", "", by=steps.team()[0])
    for _ in range(40):
        wait(days=1)
        look(twin)

    assert watch_of(item).next_at is None
    assert 6 <= len(twin.asked) <= 30


def test_a_host_at_its_word_is_looked_at_soon(office: Flask, twin: Twin, wait: Wait) -> None:
    item = steps.looked_at_twice()
    notice = online_steps.sent(item)
    twin.status = 200
    look(twin)
    wait(minutes=10)
    with writing():
        online.host_says_gone(notice)

    look(twin)

    assert len(twin.asked) == 2


def test_when_the_switch_goes_off_the_row_goes_too(office: Flask, twin: Twin) -> None:
    online_steps.acted_on()
    watches.sweep()
    assert db.session.scalar(select(func.count(Task.id)).where(Task.job == watches.LOOK)) == 1
    with writing():
        watches.switch(is_on=False, by=steps.team()[0])

    watches.look_at_due(resolver=twin, probe=twin)

    assert db.session.scalar(select(func.count(Task.id)).where(Task.job == watches.LOOK)) == 0


def test_the_sweeper_and_the_job_do_it_with_a_real_proxy_and_a_real_server(office: Flask, twin: Twin) -> None:
    item_id = online_steps.acted_on("http://img-board.example/t/1").id
    with proxy_server.web_and_proxy() as (web, proxy):
        web.answer = b"HTTP/1.1 404 Not Found\r\n\r\n" + b"x" * 100_000
        office.extensions["hotline.probe"] = HttpProbe(proxy.url)

        sweep.once()

        assert [one.split(" ")[0] for one in web.asked] == ["HEAD"]
        assert proxy.named == ["http://img-board.example/t/1"]
    check = db.session.scalars(select(OnlineCheck)).one()
    assert (check.item_id, check.result, check.code) == (item_id, GONE, "404")


def test_what_is_due_is_found_by_the_index(office: Flask, twin: Twin) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by what the table holds, which is little here")
    query = str(watches._due().compile(db.engine, compile_kwargs={"literal_binds": True}))

    plan = " ".join(row[3] for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {query}")))

    assert "ix_watches_next_at" in plan
    assert "TEMP B-TREE" not in plan


def test_no_address_stands_in_clear_in_what_is_kept_of_looks(office: Flask, twin: Twin) -> None:
    online_steps.acted_on()
    look(twin)

    kept = str(db.session.execute(text("SELECT * FROM online_checks")).all())
    kept += str(db.session.execute(text("SELECT * FROM watches")).all())
    kept += str(db.session.execute(text("SELECT * FROM outbox")).all())

    assert "img-board" not in kept
    assert outbox.HINT not in kept
    assert rules.NO_NAME not in kept
