"""Today: what is in my hands, what runs out, what changed, who waits, and what others left word of."""

from datetime import timedelta

import pytest

from hotline import clock
from hotline.services import claims
from hotline.transactions import writing
from tests import page
from tests.blueprints.desk.desk_site import ILLEGAL, DeskSite


def test_the_page_says_what_changed_since_yesterday(desk: DeskSite) -> None:
    desk.decided()
    desk.report("https://pics.example/i/1.html", hours_ago=30)

    lines = [line.text for line in desk.sign_in("sophea").page("/desk/").all("li")]

    told = ["New items 1", "Decided by two people 1", "Letters sent 0", "Messages answered 0"]
    assert [line for line in lines if line in told] == told


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


@pytest.mark.parametrize("name", ["kunthea", "lina", "admin", "audit"])
def test_who_sees_no_cases_leaves_no_word(desk: DeskSite, name: str) -> None:
    assert desk.sign_in(name).post("/desk/", text="A word.").status_code == 403


def test_whoever_leaves_a_word_is_told_to_leave_no_verdict(desk: DeskSite) -> None:
    assert "no verdicts" in desk.sign_in("sophea").page("/desk/").one("p", id="text-hint").text


def test_a_word_is_gone_after_a_day(desk: DeskSite, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.sign_in("dara").post("/desk/", text="A word for today.")
    later = clock.now() + timedelta(hours=25)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert "A word for today." not in desk.sign_in("sophea").page("/desk/").text
