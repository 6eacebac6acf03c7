"""Around the rows of the queue: tabs, finding, opening in place, doing several at once, and keeping filters."""

from urllib.parse import parse_qs, urlsplit

import pytest

from hotline import clock
from hotline.blueprints.desk import queue, queue_words
from hotline.extensions import db
from hotline.models.saved_filter import SavedFilter
from hotline.rules.filters import Filter
from hotline.services import assessments, saved_filters
from hotline.services import queue as service
from hotline.services.several import Outcome, Result
from hotline.transactions import writing
from hotline.vocabulary import Category, Danger, ItemStatus, Role
from tests import page
from tests.blueprints.desk.desk_site import GONE, ILLEGAL, PEOPLE, DeskSite
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
    assert sophea.get("/desk/items?host_of=I-222222").status_code == 404


def test_what_is_looked_for_in_vain_stays_in_its_field_beside_the_filter(desk: DeskSite) -> None:
    (ref,) = desk.report(ADDRESS)
    sophea = desk.sign_in("sophea")
    shown = sophea.page("/desk/items?category=csam")
    (find,) = [form["action"] for form in shown.all("form") if "/find" in form["action"]]

    answer = sophea.post(find, q="https://nowhere.example/x")

    again = page.read_desk(answer)
    assert answer.status_code == 422
    assert "Nothing here has that address, path, host or reference." in again.text
    assert again.by_id("find")["value"] == "https://nowhere.example/x"
    assert refs(again) == [ref]
    assert [link.text for link in again.all("option") if "selected" in link.attrs] == ["Abuse material"]


def test_heads_lead_to_the_orders_that_an_index_has_and_say_which_one_it_is(desk: DeskSite) -> None:
    desk.report(ADDRESS)
    sophea = desk.sign_in("sophea")

    def ways(shown: Page) -> dict[str, str | None]:
        return {head.text: head.get("aria-sort") for head in shown.all("th") if head.get("scope") == "col"}

    first = sophea.page("/desk/items?category=csam")
    leads = {link.text: link["href"] for link in first.all("a") if link.get("id", "").startswith("by-")}
    assert {text: way for text, way in ways(first).items() if way} == {"Urgency": "descending"}
    assert leads == {
        "Urgency": "/desk/items?category=csam",
        "Reports": "/desk/items?category=csam&sort=reports",
        "Waiting": "/desk/items?category=csam&sort=oldest",
        "Clock": "/desk/items?category=csam&sort=due",
    }
    by_clock = ways(sophea.page(leads["Clock"]))
    assert {text: way for text, way in by_clock.items() if way} == {"Clock": "ascending"}
    (ref,) = refs(first)
    of_host = sophea.page(f"/desk/items?host_of={ref}")
    assert not any(ways(of_host).values())
    assert not [link for link in of_host.all("a") if link.get("id", "").startswith("by-")]


def test_a_row_s_clock_has_its_bar(desk: DeskSite) -> None:
    (ref,) = desk.report(ADDRESS)

    shown = desk.sign_in("sophea").page("/desk/items")

    (bar,) = [one for one in shown.all("progress") if one.within("tr")]
    assert bar.within("tr")["id"] == f"item-row-{ref}"
    assert int(bar["max"]) > 0


def test_next_on_an_item_keeps_to_the_filter_it_was_opened_from(desk: DeskSite) -> None:
    every = desk.report("https://a.example/1", "https://b.example/1", "https://c.example/1")
    desk.report("https://d.example/1", category=Category.OTHER)
    with desk.context(), writing():
        for number, ref in enumerate(every):
            desk.item(ref).country = "NL" if number != 1 else "KH"
    sophea = desk.sign_in("sophea")
    asked = "category=csam&country=NL&sort=oldest"

    rows = sophea.page(f"/desk/items?{asked}")
    opened = [link["href"] for link in rows.all("a") if link.text == every[0]]
    first = sophea.page(opened[0])
    leads = {
        link.get("rel", link.text): link["href"] for link in first.all("a") if link.get("rel") or asked in link["href"]
    }

    assert opened == [f"/desk/items/{every[0]}?{asked}"]
    assert leads == {"Queue, as filtered": f"/desk/items?{asked}", "next": f"/desk/items/{every[2]}?{asked}"}
    answer = sophea.post(f"/desk/items/{every[0]}/claim?{asked}")
    assert answer.location == f"/desk/items/{every[0]}?{asked}"
    again = f"/desk/items/{every[2]}/claim"
    assert sophea.post(again, **{"from": asked}).location == f"/desk/items/{every[2]}?{asked}"
    claimed = sophea.page(answer.location)
    assert asked in next(form["action"] for form in claimed.all("form") if "/assess" in form["action"])
    assert sophea.post(f"/desk/items/{every[0]}/pass-on?{asked}").location == f"/desk/items?{asked}"


def test_who_signs_in_again_is_back_in_the_filter(desk: DeskSite) -> None:
    (ref,) = desk.report(ADDRESS)
    sophea = desk.sign_in("sophea")
    sophea.page(f"/desk/items/{ref}?category=csam")
    sophea.client.delete_cookie("desk")

    answer = sophea.post(f"/desk/items/{ref}/claim?category=csam&_external=1&_scheme=javascript")

    assert parse_qs(urlsplit(answer.location).query)["next"] == [f"/desk/items/{ref}?category=csam"]


@pytest.mark.parametrize("gone", ["category=unheard", "host_of=I-222222", "country=kh"])
def test_an_item_opens_also_from_a_filter_that_is_gone(desk: DeskSite, gone: str) -> None:
    (ref,) = desk.report(ADDRESS)

    shown = desk.sign_in("sophea").page(f"/desk/items/{ref}?{gone}")

    assert "Queue, as filtered" not in shown.text


def test_a_page_that_looked_through_a_part_of_a_host_leads_further(
    desk: DeskSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = desk.report(*(f"https://a.example/{number}" for number in range(5)))
    monkeypatch.setattr(service, "MOST_LOOKED_THROUGH", 4)
    with desk.context(), writing():
        desk.item(every[0]).category = Category.GROOMING
        newest = max(every, key=lambda ref: desk.item(ref).id)
        desk.item(every[0]).category, desk.item(newest).category = Category.CSAM, Category.CSAM
        oldest = min(every, key=lambda ref: desk.item(ref).id)
        desk.item(oldest).category = Category.GROOMING
    sophea = desk.sign_in("sophea")

    first = sophea.page(f"/desk/items?host_of={newest}&category=grooming")
    (onward,) = [link["href"] for link in first.all("a") if link.text == "Look further"]

    assert "Nothing among these 4 fits." in first.text
    assert refs(sophea.page(onward)) == [oldest]


def test_what_is_done_with_a_row_is_said_and_can_be_taken_back(desk: DeskSite) -> None:
    (ref,) = desk.report(ADDRESS)
    sophea = desk.sign_in("sophea")
    sophea.page("/desk/items?category=csam")

    claimed = Page(sophea.post(f"/desk/items/{ref}/claim?category=csam", htmx=True).get_data(as_text=True))
    note = claimed.by_id("items-said")
    (undo,) = [button for button in claimed.all("button") if button.get("formaction")]
    headers = {"HX-Request": "true", "HX-Target": f"item-row-{ref}"}
    back = sophea.client.post(undo["formaction"], data={"csrf_token": sophea.token}, headers=headers)
    again = Page(back.get_data(as_text=True))

    assert note["hx-swap-oob"] == "true"
    assert f"{ref} is in your hands now." in note.text
    assert undo["data-claim"] == f"#item-row-{ref}"
    assert again.elements[0]["id"] == f"item-row-{ref}"
    assert f"{ref} is back in the queue for somebody else." in again.by_id("items-said").text
    with desk.context():
        assert desk.item(ref).status is ItemStatus.NEW


def test_without_script_too_a_note_takes_back_what_was_done(desk: DeskSite) -> None:
    every = desk.report("https://a.example/1", "https://b.example/1")
    sophea = desk.sign_in("sophea")
    sophea.page("/desk/items")

    said = sophea.page(sophea.post("/desk/items/several", deed="claim", item=every).location)
    (button,) = [one for one in said.all("button") if one.text == "Undo"]
    undo = button.within("form")
    chosen = [field["value"] for field in said.all("input", name="item") if field.within("form") is undo]
    after = sophea.page(sophea.post(undo["action"], deed=button["value"], item=chosen).location)

    assert sorted(chosen) == sorted(every)
    assert button["value"] == "pass_on"
    assert "2 items are back in the queue." in after.text
    with desk.context():
        assert {desk.item(ref).status for ref in every} == {ItemStatus.NEW}


def test_second_looks_are_passed_on_together_and_differing_looks_say_what_keeps_them(desk: DeskSite) -> None:
    every = desk.report("https://a.example/1", "https://b.example/1")
    for ref in every:
        desk.look(ref, ILLEGAL, by="sophea")
    desk.look_again(every[0], GONE, by="dara")
    with desk.context(), writing():
        assessments.take_review(desk.item(every[1]), by=desk.person("dara"))
    dara = desk.sign_in("dara")
    dara.page("/desk/items")

    said = dara.page(dara.post("/desk/items/several", deed="pass_on", item=every).location)

    assert f"{every[0]}: the looks differ. It stays with both of you until two people agree." in said.text
    assert "1 look waits for another reviewer now." in said.text
    assert "somebody was quicker" not in said.text


def test_a_link_leads_past_the_filters_to_the_items(desk: DeskSite) -> None:
    sophea = desk.sign_in("sophea")
    for _ in range(2):
        shown = sophea.page("/desk/items")
        links = [link for link in shown.all("a") if link.classes == ["skip"]]
        assert [link["href"] for link in links] == ["#main", "#list"]
        assert shown.by_id("list")["tabindex"] == "-1"
        desk.report(ADDRESS)


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
    assert f"{every[7]}: it is not in your hands, so there is nothing to pass on." in said.text
    assert sophea.post("/desk/items/several", deed="claim").status_code == 303
    assert "No item was chosen." in sophea.page("/desk/items").text
    assert sophea.post("/desk/items/several", deed="close", item=every).status_code == 422


def test_whatever_keeps_one_of_several_back_is_said(desk: DeskSite) -> None:
    with desk.app.test_request_context("/desk/items"):
        for one in set(Outcome) - {Outcome.DONE, Outcome.LEFT}:
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


@pytest.mark.parametrize("query", ["host_of=I-222222", "status=unheard", "country=Atlantis"])
def test_a_kept_filter_of_what_is_gone_shuts_nobody_out_and_can_be_forgotten(desk: DeskSite, query: str) -> None:
    with desk.context(), writing():
        person = desk.person("sophea")
        kept = (("Gone", query), ("New ones", Filter(status=ItemStatus.NEW).query))
        for name, one in kept:
            db.session.add(SavedFilter(staff_id=person.id, name=name, query=one, saved_at=clock.now()))
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
