"""Around the rows of the queue: tabs, finding, opening in place, doing several at once, and keeping filters."""

import pytest

from hotline import clock
from hotline.blueprints.desk import queue, queue_words
from hotline.extensions import db
from hotline.models.saved_filter import SavedFilter
from hotline.rules.filters import Filter
from hotline.services import saved_filters
from hotline.services.several import Outcome, Result
from hotline.transactions import writing
from hotline.vocabulary import Category, Danger, ItemStatus, Role
from tests import page
from tests.blueprints.desk.desk_site import PEOPLE, DeskSite
from tests.page import Page

ADDRESS = "https://img-board.example/t/1?page=2"
CASE_ROLES = {Role.ANALYST, Role.REVIEWER}


def refs(shown: Page) -> list[str]:
    return [link.text for link in shown.all("a") if link.text and link.get("href").startswith("/desk/items/I-")]


def tabs(shown: Page) -> dict[str, str]:
    """Return how much stands behind each tab."""
    links = [link for link in shown.all("a") if link.within("nav") and link.within("nav").classes == ["tabs"]]
    return {link.text.rpartition(" ")[0]: link.text.rpartition(" ")[2] for link in links}


def test_tabs_count_what_stands_behind_them(desk: DeskSite) -> None:
    desk.report("https://a.example/1", category=Category.OTHER)
    desk.report("https://b.example/1", in_danger=Danger.YES)
    sophea = desk.sign_in("sophea")

    shown = sophea.page("/desk/items?priority=1")

    assert tabs(shown) == {
        "Everything open": "2",
        "Child in danger": "1",
        "Unclaimed": "2",
        "Hosted in Cambodia": "0",
        "Due today": tabs(shown)["Due today"],
        "Second look": "0",
        "Light work": "1",
    }
    assert [link.text for link in shown.all("a", aria_current="page")][-1] == "Child in danger 1"
    assert len(refs(shown)) == 1


def test_a_row_says_why_it_is_urgent(desk: DeskSite) -> None:
    (ref,) = desk.report(ADDRESS, category=Category.SEXTORTION, in_danger=Danger.YES)

    row = desk.sign_in("sophea").page("/desk/items").by_id(f"item-row-{ref}")

    assert "Child in danger · New host" in row.text


def test_every_filter_draws_a_page_and_keeps_itself_in_the_next(desk: DeskSite) -> None:
    desk.report(*(f"https://a.example/{number}" for number in range(51)))
    sophea = desk.sign_in("sophea")
    asked = "priority=3&country=unknown&whose=nobody&age=today&sort=oldest&status=new&category=csam"

    shown = sophea.page(f"/desk/items?{asked}")

    onward = [link["href"] for link in shown.all("a") if link.text == "Next page"]
    assert all(one in onward[0] for one in asked.split("&")) if onward else len(refs(shown)) <= 50
    chosen = {field.within("select")["name"] for field in shown.all("option") if "selected" in field.attrs}
    assert chosen == {one.partition("=")[0] for one in asked.split("&")}


@pytest.mark.parametrize(
    "asked", ["country=kh", "priority=9", "host_of=img-board.example", "sort=x", "clock=y", "work=z"]
)
def test_a_filter_nobody_knows_is_refused(desk: DeskSite, asked: str) -> None:
    assert desk.sign_in("sophea").get(f"/desk/items?{asked}").status_code == 422


def test_finding_leads_on_and_no_address_stands_in_one(desk: DeskSite) -> None:
    (ref,) = desk.report(ADDRESS)
    sophea = desk.sign_in("sophea")
    sophea.page("/desk/items")

    def find(pasted: str) -> str:
        answer = sophea.post("/desk/items/find", q=pasted)
        assert answer.status_code == 303
        return answer.location

    assert find(ADDRESS.replace("https", "hxxps")) == f"/desk/items/{ref}"
    assert find(ref) == f"/desk/items/{ref}"
    assert find("https://img-board.example/t/1") == f"/desk/items?path_of={ref}"
    assert find("img-board[.]example") == f"/desk/items?host_of={ref}"
    assert refs(sophea.page(f"/desk/items?host_of={ref}")) == [ref]
    assert find("https://nowhere.example/") == "/desk/items"
    assert "Nothing here has that" in sophea.page("/desk/items").text
    assert sophea.get("/desk/items?host_of=I-222222").status_code == 404


def test_a_row_opens_in_place_and_that_is_recorded(desk: DeskSite) -> None:
    (ref,) = desk.report(ADDRESS)
    sophea = desk.sign_in("sophea")

    part = Page(sophea.get(f"/desk/items/{ref}/peek", htmx=True).get_data(as_text=True))
    without_htmx = sophea.get(f"/desk/items/{ref}/peek")

    assert part.elements[0].get("id") == f"item-peek-{ref}"
    assert "hxxps://img-board[.]example/t/1?page=2" in part.elements[0].text
    assert "img-board.example" not in part.html
    assert (without_htmx.status_code, without_htmx.location) == (303, f"/desk/items/{ref}")
    assert "sophea read it" in sophea.page(f"/desk/items/{ref}").text
    assert sophea.get("/desk/items/I-222222/peek", htmx=True).status_code == 404


def test_several_are_claimed_at_once_and_passed_on(desk: DeskSite) -> None:
    every = desk.report(*(f"https://a.example/{number}" for number in range(8)))
    sophea = desk.sign_in("sophea")
    sophea.page("/desk/items")

    answer = sophea.post("/desk/items/several?category=csam", deed="claim", item=every)
    said = sophea.page(answer.location)

    assert answer.location == "/desk/items?category=csam"
    assert "6 items are in your hands now." in said.text
    assert f"{every[7]}: your hands are full." in said.text
    sophea.post("/desk/items/several", deed="pass_on", item=[every[0], every[7]])
    said = sophea.page("/desk/items")
    assert "1 item is back in the queue." in said.text
    assert f"{every[7]}: somebody was quicker, or it has moved on." in said.text
    assert sophea.post("/desk/items/several", deed="claim").status_code == 303
    assert "No item was chosen." in sophea.page("/desk/items").text
    assert sophea.post("/desk/items/several", deed="close", item=every).status_code == 422


def test_whatever_keeps_one_of_several_back_is_said(desk: DeskSite) -> None:
    with desk.app.test_request_context("/desk/items"):
        for one in set(Outcome) - {Outcome.DONE}:
            assert queue_words.outcome(Result("I-222222", one)).startswith("I-222222: ")


def test_a_filter_is_kept_shown_as_a_tab_and_forgotten(desk: DeskSite) -> None:
    sophea = desk.sign_in("sophea")
    sophea.page("/desk/items?category=grooming&sort=oldest")

    answer = sophea.post("/desk/items/filters?category=grooming&sort=oldest", name="Old talk")
    shown = sophea.page(answer.location)

    assert answer.location == "/desk/items?category=grooming&sort=oldest"
    assert tabs(shown)["Old talk"] == "0"
    assert tabs(desk.sign_in("dara").page("/desk/items")).keys() == tabs(shown).keys() - {"Old talk"}
    forget = next(form["action"] for form in shown.all("form") if form["action"].endswith("/forget"))
    again = sophea.post("/desk/items/filters?category=other", name="Old talk")
    assert again.status_code == 422
    assert "You keep a filter of that name already." in page.read_desk(again).text
    assert desk.sign_in("dara").post(forget).status_code in {400, 404}
    sophea.page("/desk/items")
    assert sophea.post(forget).status_code == 303
    assert "Old talk" not in tabs(sophea.page("/desk/items"))


def test_a_filter_of_a_place_that_is_no_item_s_is_not_kept(desk: DeskSite) -> None:
    sophea = desk.sign_in("sophea")
    sophea.page("/desk/items")

    for place in ("host_of", "path_of"):
        assert sophea.post(f"/desk/items/filters?{place}=I-222222", name=place).status_code == 404

    assert "host_of" not in sophea.page("/desk/items").text


def test_a_kept_filter_whose_place_is_gone_shuts_nobody_out_and_can_be_forgotten(desk: DeskSite) -> None:
    with desk.context(), writing():
        person = desk.person("sophea")
        gone, open_ones = Filter(host_of="I-222222"), Filter(status=ItemStatus.NEW)
        for name, one in (("Gone", gone), ("New ones", open_ones)):
            db.session.add(SavedFilter(staff_id=person.id, name=name, query=one.query, saved_at=clock.now()))
    desk.report(ADDRESS)
    sophea = desk.sign_in("sophea")

    shown = sophea.page("/desk/items")

    assert "Gone" not in tabs(shown)
    assert tabs(shown)["New ones"] == "1"
    assert "Forget “Gone”" in shown.text
    (forget,) = [form["action"] for form in shown.all("form") if form["action"].endswith("/forget")]
    assert sophea.post(forget).status_code == 303
    assert "Gone" not in sophea.page("/desk/items").text


def test_the_key_that_sends_a_form_claims_nothing_from_a_row_s_box(desk: DeskSite) -> None:
    (ref,) = desk.report(ADDRESS)
    sophea = desk.sign_in("sophea")
    shown = sophea.page("/desk/items?category=csam")

    buttons = [one for one in shown.all("button") if one.get("form") == "several" or one.get("name") == "deed"]
    assert not buttons[0].get("formaction")
    assert not buttons[0].get("name")
    answer = sophea.post("/desk/items/several?category=csam", item=ref)
    assert (answer.status_code, answer.location) == (303, "/desk/items?category=csam")
    with desk.context():
        assert desk.item(ref).status is ItemStatus.NEW


def test_no_more_filters_are_offered_than_fit(desk: DeskSite) -> None:
    sophea = desk.sign_in("sophea")
    sophea.page("/desk/items")
    for number in range(saved_filters.MOST):
        sophea.post("/desk/items/filters", name=f"Number {number}")

    assert "Save this filter" not in sophea.page("/desk/items").text


def test_new_rows_wait_until_they_are_asked_for(desk: DeskSite) -> None:
    desk.report("https://a.example/1")
    sophea = desk.sign_in("sophea")
    looks = sophea.page("/desk/items").by_id("items-fresh")["hx-get"]
    desk.report("https://b.example/1")

    part = Page(sophea.get(looks, htmx=True).get_data(as_text=True))

    assert "1 new item came in." in part.elements[0].text
    assert [link["href"] for link in part.all("a")] == ["/desk/items"]
    assert sophea.get(looks).location == "/desk/items"
    last = sophea.get(f"/desk/items/fresh?since=1&looks={queue.MOST_LOOKS}", htmx=True).get_data(as_text=True)
    assert "every 60s" not in last
    assert sophea.get("/desk/items/fresh?since=-1", htmx=True).status_code == 422


def test_keys_can_be_turned_off_and_on(desk: DeskSite) -> None:
    sophea = desk.sign_in("sophea")
    assert "data-keys" in sophea.page("/desk/items").html

    sophea.page("/desk/me")
    sophea.post("/desk/me/keys", keys="off")

    assert "data-keys" not in sophea.page("/desk/items").html
    sophea.page("/desk/me")
    sophea.post("/desk/me/keys", keys="on")
    assert "data-keys" in sophea.page("/desk/items").html


@pytest.mark.parametrize("name", [name for name, roles in PEOPLE.items() if not CASE_ROLES & set(roles)])
def test_who_sees_no_addresses_opens_none_of_it(desk: DeskSite, name: str) -> None:
    (ref,) = desk.report(ADDRESS)
    person = desk.sign_in(name)
    person.get("/desk/me")

    gets = [person.get(path).status_code for path in ("/desk/items", "/desk/items/fresh", f"/desk/items/{ref}/peek")]
    posts = [
        person.post(path).status_code
        for path in ("/desk/items/find", "/desk/items/several", "/desk/items/filters", "/desk/me/keys")
    ]

    assert set(gets) | set(posts) == {403}
