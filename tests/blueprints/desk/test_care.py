"""Care in the frame: what the rail says, breaks, light work, one's own figures, and the counsellor's page."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from hotline import clock
from hotline.extensions import db
from hotline.models import ExposureDay
from hotline.services import assessments, care, claims, disputes, staff
from hotline.transactions import writing
from hotline.vocabulary import Category, Danger, Language, Role
from tests import page
from tests.blueprints.desk.desk_site import GONE, ILLEGAL, PASSWORD, Browser, DeskSite

NINE = datetime(2026, 11, 10, 2, tzinfo=UTC)  # 09:00 in Phnom Penh
At = Callable[[float], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """Set the clock to so many minutes after nine."""

    def set_to(minutes: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: NINE + timedelta(minutes=minutes))

    set_to(0)
    return set_to


@pytest.fixture
def sophea(desk: DeskSite, at: At) -> Browser:
    return desk.sign_in("sophea")


@pytest.fixture
def counsellor(desk: DeskSite, at: At) -> Browser:
    with desk.context(), writing():
        staff.add("chan", PASSWORD, [Role.COUNSELLOR], language=Language.EN, by=None, must_change=False)
    return desk.sign_in("chan")


def in_hand(desk: DeskSite, name: str = "sophea", url: str = "https://img-board.example/t/1") -> str:
    """Return the address of an assessment that somebody has in hand."""
    ref = desk.report(url)[-1]
    with desk.context(), writing():
        claims.claim(desk.item(ref), by=desk.person(name))
    return f"/desk/items/{ref}"


def worked(desk: DeskSite, name: str, minutes: int) -> None:
    with desk.context(), writing():
        day = ExposureDay(staff_id=desk.person(name).id, day=care.today(), seconds=minutes * 60)
        day.since_break, day.seen_at = minutes * 60, clock.now()
        db.session.add(day)


def seconds(desk: DeskSite, name: str = "sophea") -> int:
    with desk.context():
        return care.day_of(desk.person(name)).exposure.seconds


def box(browser: Browser, path: str = "/desk/me") -> str:
    return browser.page(path).by_id("care-box").text


def test_an_open_assessment_counts_until_another_page_is_opened(desk: DeskSite, sophea: Browser, at: At) -> None:
    item = in_hand(desk)
    sophea.page(item)
    at(12)
    sophea.page("/desk/items")
    at(60)

    assert "12 min of 4 h. Break due after 48 min more." in box(sophea)


def test_the_notes_of_an_item_and_a_draft_go_on_with_it(desk: DeskSite, sophea: Browser, at: At) -> None:
    item = in_hand(desk)
    sophea.page(item)
    at(10)
    sophea.page(f"{item}/notes")
    at(20)
    assert sophea.post(f"{item}/assess", htmx=True).status_code == 422
    at(30)

    assert seconds(desk) == 1800


def test_the_rail_says_when_a_break_is_due_if_one_goes_on(desk: DeskSite, sophea: Browser, at: At) -> None:
    worked(desk, "sophea", 50)

    assert "50 min of 4 h. Break due at 09:10." in box(sophea, in_hand(desk))


def test_what_nobody_assesses_counts_nothing(desk: DeskSite, sophea: Browser, at: At) -> None:
    ref = desk.report("https://img-board.example/t/1")[-1]
    sophea.page(f"/desk/items/{ref}")
    at(10)

    assert seconds(desk) == 0
    assert sophea.page("/desk/items").by_id("care-box").text.startswith("Your exposure today 0 min of 4 h.")


@pytest.mark.parametrize("deed", ["pass-on", "sign-out"])
def test_passing_on_and_signing_out_end_it(desk: DeskSite, sophea: Browser, at: At, deed: str) -> None:
    item = in_hand(desk)
    sophea.page(item)
    at(5)
    sophea.post("/desk/sign-out" if deed == "sign-out" else f"{item}/pass-on")
    at(50)

    assert seconds(desk) == 300


def test_a_second_look_counts_once_it_is_taken(desk: DeskSite, at: At) -> None:
    ref = desk.report("https://img-board.example/t/1")[-1]
    desk.look(ref, ILLEGAL, by="sophea")
    dara = desk.sign_in("dara")
    dara.page(f"/desk/reviews/{ref}")
    at(5)
    dara.post(f"/desk/reviews/{ref}/take")
    dara.page(f"/desk/reviews/{ref}")
    at(15)

    assert seconds(desk, "dara") == 600


@pytest.mark.parametrize("name", ["lina", "admin", "audit"])
def test_who_sees_no_hard_material_has_no_box_and_no_breaks(desk: DeskSite, at: At, name: str) -> None:
    browser = desk.sign_in(name)

    assert "care-box" not in browser.page("/desk/me").html
    assert [browser.get(path).status_code for path in ("/desk/break", "/desk/light-work")] == [403, 403]


def test_a_break_is_prompted_between_items_and_never_on_one(desk: DeskSite, sophea: Browser, at: At) -> None:
    item = in_hand(desk)
    worked(desk, "sophea", 61)

    assert "care-prompt" not in sophea.page(item).html
    assert "since the last one" in sophea.page("/desk/items").by_id("care-prompt").text


@pytest.mark.parametrize("htmx", [False, True])
def test_a_break_is_begun_and_ended_by_a_button(desk: DeskSite, sophea: Browser, at: At, htmx: bool) -> None:
    worked(desk, "sophea", 61)
    answer = sophea.post("/desk/break", htmx=htmx)
    assert answer.headers["HX-Redirect" if htmx else "Location"] == "/desk/break"
    shown = sophea.page("/desk/break")
    assert "09:10" in shown.text
    assert "Stand up" in shown.text

    at(10)
    answer = sophea.post("/desk/break/end", htmx=htmx)

    assert answer.headers["HX-Redirect" if htmx else "Location"] == "/desk/"
    shown = sophea.page("/desk/")
    assert "care-prompt" not in shown.html
    assert "Breaks today: 09:00–09:10" in shown.text


def test_one_can_come_back_to_light_work(desk: DeskSite, sophea: Browser, at: At) -> None:
    sophea.post("/desk/break")
    at(3)
    answer = sophea.post("/desk/break/end", light="yes")
    shown = sophea.page(answer.location)

    assert answer.location == "/desk/light-work"
    assert "You were away for 3 minutes" in shown.text
    assert "You want only light work today." in shown.text


def test_only_light_work_is_one_click_and_takes_no_next_item(desk: DeskSite, sophea: Browser, at: At) -> None:
    desk.report("https://img-board.example/t/1")
    sophea.page("/desk/")
    sophea.post("/desk/light-work", wanted="yes")
    shown = sophea.page("/desk/")
    assert "Take next item" not in shown.by_id("main").text

    answer = sophea.post("/desk/items/next")
    assert (answer.status_code, answer.location) == (303, "/desk/light-work")
    assert "Messages" in sophea.page("/desk/light-work").by_id("main").text

    sophea.post("/desk/light-work", wanted="no")
    assert sophea.post("/desk/items/next").location.startswith("/desk/items/I-")


@pytest.mark.parametrize("htmx", [False, True])
def test_at_the_limit_an_item_is_not_claimed_but_what_is_in_hand_opens(
    desk: DeskSite, sophea: Browser, at: At, htmx: bool
) -> None:
    mine = in_hand(desk)
    ref = desk.report("https://img-board.example/t/2")[-1]
    worked(desk, "sophea", 240)
    assert "4 h of 4 h" in box(sophea)

    answer = sophea.post(f"/desk/items/{ref}/claim", htmx=htmx)

    assert answer.headers["HX-Redirect" if htmx else "Location"] == "/desk/light-work"
    assert "It was enough for today." in sophea.page("/desk/light-work").text
    assert sophea.get(mine).status_code == 200


def test_my_own_figures_and_limits_are_on_my_page(desk: DeskSite, sophea: Browser, at: At) -> None:
    worked(desk, "sophea", 72)
    assert "1 h 12" in sophea.page("/desk/me").by_id("care-mine").text

    answer = sophea.post("/desk/me/limits", minutes="120", break_after="30", late_from="15")

    assert (answer.status_code, answer.location) == (303, "/desk/me")
    assert "1 h 12 of 2 h." in box(sophea)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"minutes": "many", "break_after": "60"}, "Write whole minutes, such as 120."),
        ({"minutes": "241", "break_after": "60"}, "To raise them again, talk to the counsellor."),
        ({"minutes": "5", "break_after": "60"}, "A limit is 15 minutes or more."),
        ({"minutes": "60", "break_after": "60", "late_from": "99"}, "Choose one of the hours shown here."),
    ],
)
def test_limits_that_cannot_be_are_refused_and_stay_typed(sophea: Browser, typed: dict[str, str], says: str) -> None:
    sophea.page("/desk/me")
    answer = sophea.post("/desk/me/limits", **typed)

    shown = page.read_desk(answer)
    assert answer.status_code == 422
    assert says in shown.text
    assert shown.value("minutes") == typed["minutes"]


def test_the_counsellor_sees_figures_and_talks_and_nothing_else(desk: DeskSite, counsellor: Browser) -> None:
    ref = desk.decided()
    worked(desk, "sophea", 72)

    shown = counsellor.page("/desk/care")
    row = next(one.text for one in shown.all("tr") if "sophea" in one.text)
    assert row.startswith("A-01 sophea ––––––1 h 12")
    shut = ("/desk/items", f"/desk/items/{ref}", "/desk/reviews", "/desk/notices", "/desk/messages", "/desk/victims")
    shut += ("/desk/reports/unread", "/desk/directory", "/desk/texts", "/desk/admin", "/desk/break")
    assert {counsellor.get(path).status_code for path in shut} == {403}
    links = [link["href"] for link in counsellor.page("/desk/").all("a") if link.within("nav")]
    assert links == ["/desk/", "/desk/practice/incidents/new", "/desk/care"]


def test_the_counsellor_goes_back_by_weeks(desk: DeskSite, counsellor: Browser) -> None:
    worked(desk, "sophea", 72)

    shown = counsellor.page("/desk/care?until=2026-11-09")

    assert "1 h 12" not in shown.text
    assert "?until=2026-11-16" in shown.html
    assert counsellor.get("/desk/care?until=yesterday").status_code == 422


def test_a_talk_is_noted_and_the_person_told(desk: DeskSite, counsellor: Browser, sophea: Browser) -> None:
    counsellor.page("/desk/care")
    assert counsellor.post("/desk/care/talks", person="A-01", due_on="2026-11-12").status_code == 303
    assert "Your next talk is due on 12 Nov" in sophea.page("/desk/support").text
    assert "chan, counsellor" in sophea.page("/desk/support").text

    assert "12 Nov" in counsellor.page("/desk/").text
    counsellor.page("/desk/care")
    assert counsellor.post("/desk/care/talks/1/held").status_code == 303
    assert counsellor.post("/desk/care/talks/99/held").status_code == 404
    assert "No talk is due." in counsellor.page("/desk/care").text


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({}, {"person": "Choose a person.", "due_on": "Choose a day."}),
        ({"person": "A-01", "due_on": "soon"}, {"due_on": "Choose a day."}),
        ({"person": "A-01", "due_on": "2026-11-09"}, {"due_on": "Choose a day from today on, within a year."}),
    ],
)
def test_a_talk_without_person_or_day_is_refused(
    counsellor: Browser, typed: dict[str, str], errors: dict[str, str]
) -> None:
    counsellor.page("/desk/care")
    answer = counsellor.post("/desk/care/talks", **typed)

    assert answer.status_code == 422
    assert page.read_desk(answer).errors == errors


def test_the_counsellor_puts_the_limits_of_the_house_back(desk: DeskSite, counsellor: Browser, sophea: Browser) -> None:
    sophea.page("/desk/me")
    sophea.post("/desk/me/limits", minutes="120", break_after="60")
    assert "Own: 2 h a day" in counsellor.page("/desk/care").text

    assert counsellor.post("/desk/care/limits/A-01/restore").status_code == 303
    assert counsellor.post("/desk/care/limits/A-06/restore").status_code == 404  # nobody who sees hard material
    assert "Own: 2 h a day" not in counsellor.page("/desk/care").text


@pytest.mark.parametrize("name", ["dara", "vanna", "kunthea", "lina", "admin", "audit"])
def test_no_page_that_opens_to_others_has_a_persons_figures(desk: DeskSite, at: At, name: str) -> None:
    """3 h 47 with hard material stands nowhere but on that person's own pages and the counsellor's."""
    worked(desk, "sophea", 227)
    desk.decided()
    browser = desk.sign_in(name)
    assert browser.get("/desk/care").status_code == 403

    seen = 0
    for rule in desk.app.url_map.iter_rules():
        if "GET" in rule.methods and not rule.arguments and rule.rule.startswith("/desk"):
            answer = browser.client.get(rule.rule)
            text = answer.get_data(as_text=True)
            seen += answer.status_code == 200
            assert "3 h 47" not in text, rule.rule

    assert seen >= 3


def test_no_third_look_begins_at_the_limit_and_one_that_is_in_hand_is_finished(desk: DeskSite, at: At) -> None:
    ref = desk.report("https://img-board.example/t/1")[-1]
    desk.look(ref, ILLEGAL, by="sophea")
    assert not desk.look_again(ref, GONE, by="dara")
    at(-10)
    second = desk.report("https://img-board.example/t/2")[-1]
    desk.look(second, ILLEGAL, by="sophea")
    assert not desk.look_again(second, GONE, by="dara")
    with desk.context(), writing():
        for one in (ref, second):
            disputes.ask(desk.item(one), by=desk.person("dara"))
        disputes.take(desk.item(ref), by=desk.person("vanna"))
    at(0)
    worked(desk, "vanna", 240)
    worked(desk, "dara", 240)
    vanna = desk.sign_in("vanna")

    assert "It was enough for today." in vanna.page(f"/desk/items/{second}").by_id("care-kept-from").text
    assert vanna.post(f"/desk/reviews/{second}/take-third").location == "/desk/light-work"
    assert desk.sign_in("dara").get(f"/desk/items/{ref}").status_code == 200
    assert vanna.page(f"/desk/items/{ref}").all("textarea", name="note")
    with desk.context(), writing():
        assert assessments.reconsider(desk.item(ref), ILLEGAL, by=desk.person("vanna"))


def light(browser: Browser) -> None:
    browser.page("/desk/")
    browser.post("/desk/light-work", wanted="yes")


def test_who_wants_light_work_is_given_no_hard_item_from_anywhere(desk: DeskSite, sophea: Browser, at: At) -> None:
    hard = desk.report("https://a.example/1")[-1]
    words = desk.report("https://a.example/2", category=Category.GROOMING)[-1]
    second = desk.report("https://a.example/3")[-1]
    desk.look(second, ILLEGAL, by="dara")
    light(sophea)

    for path in (f"/desk/items/{hard}/claim", f"/desk/reviews/{second}/take"):
        assert sophea.post(path).location == "/desk/light-work", path
    assert "Nothing was taken: that is hard material." in sophea.page("/desk/light-work").text
    sophea.post("/desk/items/several", deed="claim", item=hard)
    assert "only light work is for you now" in sophea.page("/desk/items").text
    for path in (f"/desk/items/{hard}", f"/desk/reviews/{second}", "/desk/reviews"):
        assert "Come back from light work" in sophea.page(path).by_id("care-kept-from").text, path
    assert sophea.post(f"/desk/items/{words}/claim").location == f"/desk/items/{words}"

    sophea.post("/desk/light-work", wanted="no")
    assert sophea.post(f"/desk/items/{hard}/claim").location == f"/desk/items/{hard}"


def test_who_wants_light_work_may_still_take_what_is_about_a_child_in_danger(
    desk: DeskSite, sophea: Browser, at: At
) -> None:
    ref = desk.report("https://a.example/1", in_danger=Danger.YES)[-1]
    light(sophea)

    assert sophea.post(f"/desk/items/{ref}/claim").location == f"/desk/items/{ref}"


def test_hard_items_in_hand_are_folded_away_while_only_light_work_is_wanted(
    desk: DeskSite, sophea: Browser, at: At
) -> None:
    hard = in_hand(desk)
    assert sophea.page("/desk/").all("a", href=hard)
    light(sophea)

    today = sophea.page("/desk/")

    assert "1 hard item is in your hands" in today.text
    links = today.all("a", href=hard)
    assert links
    assert all(one.within("details") for one in links)


def test_time_on_a_light_item_is_not_counted_as_hard(desk: DeskSite, sophea: Browser, at: At) -> None:
    ref = desk.report("https://a.example/2", category=Category.GROOMING)[-1]
    with desk.context(), writing():
        claims.claim(desk.item(ref), by=desk.person("sophea"))
    sophea.page(f"/desk/items/{ref}")
    at(12)
    sophea.page("/desk/items")

    assert seconds(desk) == 0
