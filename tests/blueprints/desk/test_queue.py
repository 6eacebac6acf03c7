"""The queue, and the day that begins with it."""

import base64

import pytest
from sqlalchemy import update

from hotline.extensions import db
from hotline.models import Item
from hotline.services import items, queue
from hotline.transactions import writing
from hotline.vocabulary import Category, Danger, ItemOutcome, ItemStatus
from tests import page
from tests.blueprints.desk.desk_site import DeskSite
from tests.page import Page


def refs(shown: Page) -> list[str]:
    return [link.text for link in shown.all("a") if link.text and link.get("href").startswith("/desk/items/I-")]


def test_the_most_urgent_comes_first(desk: DeskSite) -> None:
    desk.report("https://a.example/1", category=Category.OTHER, hours_ago=9)
    desk.report("https://b.example/1", category=Category.CSAM)
    desk.report("https://c.example/1", category=Category.OTHER, in_danger=Danger.YES)
    every = desk.report("https://d.example/1", category=Category.SEXTORTION)

    shown = desk.sign_in("sophea").page("/desk/items")

    assert refs(shown) == [every[2], every[3], every[1], every[0]]


def test_an_empty_queue_says_what_to_do(desk: DeskSite) -> None:
    shown = desk.sign_in("sophea").page("/desk/items")

    assert "Nothing matches" in shown.text


def test_addresses_stay_out_of_the_list(desk: DeskSite) -> None:
    desk.report("https://img-board.example/very/own/path?id=7", details="reporter words")

    html = desk.sign_in("sophea").get("/desk/items").get_data(as_text=True)

    assert "img-board[.]example" in html
    assert "very/own/path" not in html
    assert "reporter words" not in html


def test_claiming_answers_with_the_row_alone(desk: DeskSite) -> None:
    ref = desk.report("https://a.example/1")[0]
    sophea = desk.sign_in("sophea")

    answer = sophea.post(f"/desk/items/{ref}/claim", htmx=True)

    part = Page(answer.get_data(as_text=True))
    assert answer.status_code == 200
    assert part.elements[0].tag == "tr"
    assert part.by_id(f"item-row-{ref}").text.endswith("You")


def test_claiming_without_htmx_leads_to_the_item(desk: DeskSite) -> None:
    ref = desk.report("https://a.example/1")[0]

    answer = desk.sign_in("sophea").post(f"/desk/items/{ref}/claim")

    assert (answer.status_code, answer.location) == (303, f"/desk/items/{ref}")


def test_what_somebody_holds_cannot_be_claimed(desk: DeskSite) -> None:
    ref = desk.report("https://a.example/1")[0]
    sophea, dara = desk.sign_in("sophea"), desk.sign_in("dara")
    sophea.post(f"/desk/items/{ref}/claim")

    with_page, with_htmx = dara.post(f"/desk/items/{ref}/claim"), dara.post(f"/desk/items/{ref}/claim", htmx=True)

    assert (with_page.status_code, with_htmx.status_code) == (409, 409)
    assert "Somebody was quicker" in page.read_desk(with_page).text
    with desk.context():
        assert desk.item(ref).assessor.name == "sophea"


def test_taking_the_next_item_opens_the_most_urgent_that_nobody_has(desk: DeskSite) -> None:
    desk.report("https://a.example/1", category=Category.OTHER)
    every = desk.report("https://b.example/1", category=Category.SEXTORTION)
    sophea, dara = desk.sign_in("sophea"), desk.sign_in("dara")

    first, second, third = (who.post("/desk/items/next") for who in (sophea, dara, sophea))

    assert first.location == f"/desk/items/{every[1]}"
    assert second.location == f"/desk/items/{every[0]}"
    assert third.location == "/desk/items?whose=nobody"


def test_filters_stand_in_the_address(desk: DeskSite) -> None:
    desk.report("https://a.example/1", category=Category.GROOMING)
    every = desk.report("https://b.example/1", category=Category.CSAM)
    sophea = desk.sign_in("sophea")
    sophea.post(f"/desk/items/{every[1]}/claim")

    assert refs(sophea.page("/desk/items?category=grooming")) == [every[0]]
    assert refs(sophea.page("/desk/items?whose=me")) == [every[1]]
    assert refs(sophea.page("/desk/items?whose=nobody")) == [every[0]]
    assert refs(sophea.page(f"/desk/items?status={ItemStatus.ASSESSING}")) == [every[1]]


def test_a_filter_nobody_knows_is_refused(desk: DeskSite) -> None:
    sophea = desk.sign_in("sophea")

    for asked in ("category=none", "status=gone", "whose=somebody", "after=rubbish", "after=W10="):
        assert sophea.get(f"/desk/items?{asked}").status_code == 422, asked


def test_filtering_with_htmx_answers_with_the_rows_alone(desk: DeskSite) -> None:
    desk.report("https://a.example/1")

    answer = desk.sign_in("sophea").get("/desk/items?category=csam", htmx=True)

    assert answer.get_data(as_text=True).count("<tr id=") == 1
    assert "<html" not in answer.get_data(as_text=True)
    assert "HX-Request" in answer.headers["Vary"]


def test_pages_follow_each_other_without_gap_or_repetition(desk: DeskSite) -> None:
    every = desk.report(*(f"https://a.example/{number}" for number in range(60)))
    sophea = desk.sign_in("sophea")

    first = sophea.page("/desk/items?category=csam")
    onward = next(link["href"] for link in first.all("a") if link.text == "Next page")
    second = sophea.page(onward)

    assert "category=csam" in onward
    assert len(refs(first)) == queue.ROWS
    assert sorted(refs(first) + refs(second)) == sorted(every)


@pytest.mark.parametrize("place", ["1 2026-03-02T10:00:00 7", f"{10**30} 2026-03-02T10:00:00+00:00 7", "[" * 900])
def test_a_place_in_the_queue_that_somebody_made_up_is_refused(desk: DeskSite, place: str) -> None:
    after = base64.urlsafe_b64encode(place.encode()).decode()

    assert desk.sign_in("sophea").get(f"/desk/items?after={after}").status_code == 422


def test_a_host_that_does_not_open_says_so_and_hides_no_other(desk: DeskSite) -> None:
    damaged, whole = desk.report("https://a.example/1", "https://b.example/1")
    sophea = desk.sign_in("sophea")
    for ref in (damaged, whole):
        sophea.post(f"/desk/items/{ref}/claim")
    with desk.context(), writing():
        db.session.execute(update(Item).where(Item.ref == damaged).values(host=b"\x01damaged"))

    for path in ("/desk/items", "/desk/"):
        shown = sophea.page(path)
        assert "Does not open" in shown.text
        assert "b[.]example" in shown.text


def test_what_was_reported_again_says_so_and_waits_since_then(desk: DeskSite) -> None:
    (ref,) = desk.report("https://a.example/1", hours_ago=200)
    with desk.context(), writing():
        items.close(desk.item(ref), ItemOutcome.REMOVED, by=None)
    sophea = desk.sign_in("sophea")
    assert refs(sophea.page("/desk/items")) == []
    desk.report("https://a.example/1", hours_ago=1)

    row = sophea.page("/desk/items").by_id(f"item-row-{ref}")

    assert "Reported again" in row.text
    assert "hour" in row.text
    assert "day" not in row.text


@pytest.mark.parametrize(
    ("hours_ago", "words"),
    [(0, "under 1 hour"), (1, "under 1 hour"), (2, "1 hour"), (24, "23 hours"), (25, "1 day"), (73, "3 days")],
)
def test_waiting_is_said_in_hours_that_have_passed_for_sure_then_in_days(
    desk: DeskSite, hours_ago: int, words: str
) -> None:
    ref = desk.report("https://a.example/1", hours_ago=hours_ago)[-1]

    row = desk.sign_in("sophea").page("/desk/items").by_id(f"item-row-{ref}")

    assert words in row.text.rpartition("New")[2]


def test_the_day_shows_what_is_in_my_hands_and_who_waits_for_me(desk: DeskSite) -> None:
    refs_of_all = desk.report("https://a.example/1", "https://b.example/1")
    sophea = desk.sign_in("sophea")
    sophea.post(f"/desk/items/{refs_of_all[0]}/claim")

    shown = sophea.page("/desk/")

    assert refs_of_all[0] in refs(shown)
    assert "Nobody waits for a second look" in shown.text


def test_people_without_addresses_are_told_why_they_see_none(desk: DeskSite) -> None:
    shown = desk.sign_in("kunthea").page("/desk/")

    assert "Victim support" in shown.text
    assert "You see no reported address" in shown.text
