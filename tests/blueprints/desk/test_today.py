"""Today: what is in my hands, what runs out, what changed, who waits, and what others left word of."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from hotline import clock
from hotline.extensions import db
from hotline.models import Clock, Item
from hotline.services import claims, staff
from hotline.transactions import writing
from hotline.vocabulary import Duty, Language, Role
from tests import page
from tests.blueprints.desk.desk_site import ILLEGAL, PASSWORD, DeskSite


def _at(monkeypatch: pytest.MonkeyPatch, hour: int) -> None:
    """Let it be a full hour of today, in Phnom Penh."""
    now = clock.now().astimezone(ZoneInfo("Asia/Phnom_Penh")).replace(hour=hour, minute=0, second=0, microsecond=0)
    monkeypatch.setattr(clock, "now", lambda: now.astimezone(UTC))


def test_the_page_says_what_changed_since_yesterday(desk: DeskSite) -> None:
    desk.decided()
    desk.report("https://pics.example/i/1.html", hours_ago=30)

    lines = [line.text for line in desk.sign_in("sophea").page("/desk/").all("li")]

    told = ["New items 1", "Decided by two people 1", "Letters sent 0", "Messages answered 0"]
    assert [line for line in lines if line in told] == told


def test_what_is_due_leads_to_where_it_stands_and_no_number_to_a_list_that_has_another(
    desk: DeskSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.report("https://img-board.example/t/1")
    _at(monkeypatch, 9)
    with desk.context(), writing():
        first = db.session.scalars(select(Clock).order_by(Clock.due_at)).all()
        for one in first:
            one.due_at = clock.now() + timedelta(hours=1)
        for item in db.session.scalars(select(Item)):
            item.due_at = clock.now() + timedelta(hours=1)

    shown = desk.sign_in("sophea").page("/desk/")

    links = {link.text: link["href"] for link in shown.all("a")}
    assert links["All items due today (1)"] == "/desk/items?clock=today"
    assert not {"New items", "Decided by two people", "Letters sent", "Messages answered"} & {*links}


def test_the_bar_has_hours_now_and_what_runs_out_today(desk: DeskSite, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = desk.report("https://img-board.example/t/1")[-1]
    _at(monkeypatch, 9)
    with desk.context(), writing():
        for one in db.session.scalars(select(Clock)):
            one.due_at = clock.now() + timedelta(hours=5, minutes=30)

    shown = desk.sign_in("sophea").page("/desk/")

    bar = shown.one("svg", role="img")
    assert bar["aria-label"] == f"Now it is 09:00. Runs out today: {ref} 14:30."
    written = [one.text for one in shown.all("text")]
    assert [one for one in written if one in {"08:00", "12:00", "17:00"}] == ["08:00", "12:00", "17:00"]
    assert written[-2:] == [f"{ref}, 14:30", "Now"]


def test_a_second_look_says_who_looked_first_and_when_but_not_what_was_found(desk: DeskSite) -> None:
    desk.look(desk.report("https://img-board.example/t/1")[-1], ILLEGAL, by="dara")

    shown = desk.sign_in("sophea").page("/desk/")

    (said,) = [one.text for one in shown.all("small") if "First look by" in one.text]
    assert re.fullmatch(r"First look by dara, .*\d\d:\d\d", said)


def test_it_says_when_the_first_look_was_given_not_when_the_clock_began(
    desk: DeskSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = desk.report("https://img-board.example/t/1")[-1]
    _at(monkeypatch, 9)
    desk.look(ref, ILLEGAL, by="dara")
    with desk.context(), writing():
        for one in db.session.scalars(select(Clock)):
            one.started_at = clock.now() - timedelta(hours=3)

    shown = desk.sign_in("sophea").page("/desk/")

    assert [one.text[-5:] for one in shown.all("small") if "First look by" in one.text] == ["09:00"]


def test_a_manager_sees_what_is_late_and_due_today_by_duty_and_nobody_else_without_cases(desk: DeskSite) -> None:
    desk.report("https://img-board.example/t/1")
    with desk.context(), writing():
        for one in db.session.scalars(select(Clock).where(Clock.duty == Duty.ASSESS)):
            one.due_at = clock.now() - timedelta(minutes=1)

    with desk.context(), writing():
        staff.add("sovan", PASSWORD, [Role.MANAGER], language=Language.EN, by=None, must_change=False)

    for manager in ("sovan", "vanna"):
        shown = desk.sign_in(manager).page("/desk/")
        card = shown.by_id("today-pressing")
        assert "First look 1 0" in card.text
        assert [row.text for row in shown.all("tr") if row.text.endswith(" 0 0")] == []
        folded = [line.text for line in shown.all("li") if line.within("details")]
        assert "Decide an objection" in folded
        assert "First look" not in folded
        assert not any(name in card.text for name in ("sophea", "dara", "rith", "I-"))
    for other in ("audit", "sophea"):
        assert "Limits of the whole team" not in desk.sign_in(other).page("/desk/").text


@pytest.mark.parametrize("name", ["sophea", "audit"])
def test_the_day_stands_with_its_weekday_and_its_place(
    desk: DeskSite, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    now = datetime(2026, 11, 26, 3, 30, tzinfo=UTC)
    browser = desk.sign_in(name)
    monkeypatch.setattr(clock, "now", lambda: now)

    assert "Thursday 26 November 2026, 10:30 in Phnom Penh" in browser.page("/desk/").text


def test_the_first_page_repeats_no_link_of_the_rail(desk: DeskSite) -> None:
    shown = desk.sign_in("audit").page("/desk/")

    statistics = [link for link in shown.all("a") if link["href"] == "/desk/statistics"]
    assert len(statistics) == 1


def test_a_deadline_stands_once_for_each_item(desk: DeskSite) -> None:
    ref = desk.report("https://img-board.example/t/1")[-1]

    shown = desk.sign_in("sophea").page("/desk/")

    lines = [row.text for row in shown.all("tr") if ref in row.text]
    assert len(lines) == 1
    assert "Nobody has it" in lines[0]


def test_what_i_have_and_what_waits_for_a_second_look_stand_apart(desk: DeskSite) -> None:
    mine, theirs = desk.report("https://img-board.example/t/1", "https://pics.example/i/1.html")
    with desk.context(), writing():
        claims.claim(desk.item(mine), by=desk.person("sophea"))
    desk.look(theirs, ILLEGAL, by="dara")

    shown = desk.sign_in("sophea").page("/desk/")

    links = [link["href"] for link in shown.all("a")]
    assert f"/desk/reviews/{theirs}" in links
    assert any(mine in row.text and "Assessing" in row.text for row in shown.all("tr"))


def test_who_cannot_review_is_offered_no_second_look(desk: DeskSite) -> None:
    desk.look(desk.report("https://img-board.example/t/1")[-1], ILLEGAL, by="sophea")

    assert "Second looks you can do" not in desk.sign_in("rith").page("/desk/").text


@pytest.mark.parametrize("htmx", [False, True])
def test_a_word_is_left_read_and_gone(desk: DeskSite, htmx: bool) -> None:
    dara, sophea = desk.sign_in("dara"), desk.sign_in("sophea")
    answer = dara.post("/desk/", htmx=htmx, text="Read the earlier decisions first.")
    assert answer.headers["HX-Redirect" if htmx else "Location"] == "/desk/"
    assert "Read the earlier decisions first." not in dara.page("/desk/").text
    assert "Handed over by dara" in sophea.page("/desk/").text

    sophea.post("/desk/handovers/1/read", htmx=htmx)

    assert "Read the earlier decisions first." not in sophea.page("/desk/").text
    assert sophea.post("/desk/handovers/99/read").status_code == 404


def test_no_word_is_refused_and_a_long_one_stays_typed(desk: DeskSite) -> None:
    sophea = desk.sign_in("sophea")
    assert page.read_desk(sophea.post("/desk/", text=" ")).errors == {"text": "Write what the next person should know."}

    answer = sophea.post("/desk/", text="a" * 1001)

    assert answer.status_code == 422
    assert "a" * 1001 in answer.get_data(as_text=True)


@pytest.mark.parametrize("name", ["lina", "admin", "audit"])
def test_who_sees_no_cases_leaves_no_word(desk: DeskSite, name: str) -> None:
    assert desk.sign_in(name).post("/desk/", text="A word.").status_code == 403


def test_whoever_leaves_a_word_is_told_to_leave_no_verdict(desk: DeskSite) -> None:
    assert "no verdicts" in desk.sign_in("sophea").page("/desk/").one("p", id="text-hint").text


def test_a_word_is_gone_after_a_day(desk: DeskSite, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.sign_in("dara").post("/desk/", text="A word for today.")
    later = clock.now() + timedelta(hours=25)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert "A word for today." not in desk.sign_in("sophea").page("/desk/").text
