"""Notes on an item, and merging it into another that shows the same, at the desk."""

import json

import pytest
from sqlalchemy import select

from hotline.extensions import db
from hotline.models import AuditEntry, ItemNote, Merge
from hotline.services import audit, items, merges
from hotline.transactions import writing
from hotline.vocabulary import ItemOutcome, ItemStatus
from tests.blueprints.desk.desk_site import ILLEGAL, Browser, DeskSite
from tests.page import Page, read_desk

FIRST, SECOND = "https://img-board.example/t/1?page=1", "https://img-board.example/t/1?page=2"
SHOWN = ("hxxps://img-board[.]example/t/1?page=2", "hxxps://img-board[.]example/t/1?page=1")


@pytest.fixture
def refs(desk: DeskSite) -> tuple[str, str]:
    """The later of two items on one path, and the earlier."""
    into = desk.report(FIRST, hours_ago=9)[-1]
    return desk.report(SECOND)[-1], into


def at(desk: DeskSite, name: str, path: str) -> Browser:
    browser = desk.sign_in(name)
    browser.page(path)
    return browser


def merged(desk: DeskSite, refs: tuple[str, str]) -> None:
    with desk.context(), writing():
        merges.merge(desk.item(refs[0]), refs[1], by=desk.person("sophea"))


def test_what_may_be_the_same_is_suggested_and_compared_before_it_is_merged(
    desk: DeskSite, refs: tuple[str, str]
) -> None:
    ref, into = refs
    browser = desk.sign_in("rith")
    page = browser.page(f"/desk/items/{ref}")
    assert "The same page, another query behind it" in page.text

    asked = browser.page(page.one("a", href=f"/desk/items/{ref}/merge?into={into}")["href"])

    assert asked.value("into") == into
    assert "hxxps://img-board[.]example/t/1?page=1" in asked.text
    assert "hxxps://img-board[.]example/t/1?page=2" in asked.text
    with desk.context():
        assert db.session.scalars(select(Merge)).all() == []


@pytest.mark.parametrize("htmx", [False, True])
def test_merged_one_goes_on_at_the_other_item(desk: DeskSite, refs: tuple[str, str], htmx: bool) -> None:
    ref, into = refs
    browser = at(desk, "rith", f"/desk/items/{ref}/merge?into={into}")

    answer = browser.post(f"/desk/items/{ref}/merge", htmx=htmx, into=f" {into.lower()} ")

    assert (answer.headers["HX-Redirect"] if htmx else answer.location) == f"/desk/items/{into}"
    page = browser.page(f"/desk/items/{into}")
    assert "Merged into this item" in page.text
    assert f"rith merged another item into it {ref}" in page.text
    assert len(page.all("tr", class_="peek")) == 2
    assert not [form for form in page.all("form") if form["action"].endswith("undo-merge")]
    assert f"It names {ref}, which is merged into this item: {SHOWN[0]}" in page.text
    assert "Why: The same page, another query behind it" in page.text
    own = browser.page(f"/desk/items/{ref}")
    assert "Merged into another item" in own.text
    assert f"{into} {SHOWN[1]}" in own.text
    assert "Why: The same page, another query behind it" in own.text
    assert "Closed after one look" not in own.text
    assert f"rith merged it into another item {into}" in own.text


@pytest.mark.parametrize(
    ("into", "said"),
    [
        ("", "no item with this reference"),
        ("I-222222", "no item with this reference"),
        ("x" * 9000, "no item"),
        (None, "same item"),
    ],
)
def test_a_wrong_reference_is_named_and_kept(
    desk: DeskSite, refs: tuple[str, str], into: str | None, said: str
) -> None:
    ref, _ = refs
    browser = at(desk, "rith", f"/desk/items/{ref}/merge")

    answer = browser.post(f"/desk/items/{ref}/merge", into=ref if into is None else into)

    page = read_desk(answer)
    assert answer.status_code == 422
    assert page.title.startswith("Error:")
    assert said in page.errors["into"]
    assert page.value("into") == (ref if into is None else into)


def test_what_has_looks_is_not_merged_away(desk: DeskSite, refs: tuple[str, str]) -> None:
    ref, into = refs
    desk.look(ref, ILLEGAL, by="sophea")
    browser = at(desk, "dara", f"/desk/items/{into}/merge")

    answer = browser.post(f"/desk/items/{ref}/merge", into=into)

    assert answer.status_code == 422
    assert "which would be lost" in answer.text
    assert browser.post(f"/desk/items/{into}/merge", into=ref).status_code == 303


def test_a_reviewer_undoes_it_from_either_side(desk: DeskSite, refs: tuple[str, str]) -> None:
    ref, into = refs
    for path in (into, ref):
        merged(desk, refs)
        browser = desk.sign_in("dara")
        page = browser.page(f"/desk/items/{path}")
        form = next(one for one in page.all("form") if one["action"] == f"/desk/items/{ref}/undo-merge")
        assert form.within("details")

        assert browser.post(f"/desk/items/{ref}/undo-merge").location == f"/desk/items/{ref}"

        assert "Nobody has this item" in browser.page(f"/desk/items/{ref}").text
    assert browser.post(f"/desk/items/{ref}/undo-merge").status_code == 409


def test_an_analyst_undoes_nothing_and_a_reviewer_also_once_the_other_is_decided(
    desk: DeskSite, refs: tuple[str, str]
) -> None:
    merged(desk, refs)
    assert at(desk, "rith", f"/desk/items/{refs[0]}").post(f"/desk/items/{refs[0]}/undo-merge").status_code == 403
    with desk.context(), writing():
        items.close(desk.item(refs[1]), ItemOutcome.REMOVED, by=desk.person("dara"))

    browser = at(desk, "dara", f"/desk/items/{refs[0]}")

    assert browser.post(f"/desk/items/{refs[0]}/undo-merge").status_code == 303
    with desk.context():
        assert (desk.item(refs[0]).status, desk.item(refs[1]).status) == (ItemStatus.NEW, ItemStatus.CLOSED)


def test_addresses_of_merged_items_are_counted_as_read(desk: DeskSite, refs: tuple[str, str]) -> None:
    merged(desk, refs)

    for ref in refs:
        at(desk, "dara", f"/desk/items/{ref}")
        with desk.context():
            (read,) = audit.of_action(f"item {ref}", "read")
            assert json.loads(read.details) == {"beside": 1}


# ---- notes


def test_a_note_is_saved_and_only_ones_own_shows_while_people_look(desk: DeskSite, refs: tuple[str, str]) -> None:
    ref = refs[0]
    browser = at(desk, "sophea", f"/desk/items/{ref}")

    answer = browser.post(f"/desk/items/{ref}/notes", text="The mirror is elsewhere.")

    assert answer.location == f"/desk/items/{ref}"
    page = browser.page(f"/desk/items/{ref}")
    assert "The mirror is elsewhere." in page.text
    assert "sophea wrote a note" in page.text
    desk.look(ref, ILLEGAL, by="sophea")
    dara = desk.sign_in("dara")
    for path in (f"/desk/items/{ref}", f"/desk/reviews/{ref}", f"/desk/items/{ref}/notes"):
        assert "mirror" not in dara.page(path).html
    assert desk.look_again(ref, ILLEGAL, by="dara")
    assert "The mirror is elsewhere." in dara.page(f"/desk/items/{ref}").text


def test_a_note_comes_in_place_with_htmx(desk: DeskSite, refs: tuple[str, str]) -> None:
    browser = at(desk, "sophea", f"/desk/items/{refs[0]}")

    part = Page(browser.post(f"/desk/items/{refs[0]}/notes", htmx=True, text="Short.").get_data(as_text=True))

    assert part.elements[0]["id"] == f"item-notes-{refs[0]}"
    assert "Short." in part.elements[0].text
    assert part.value("text") == ""


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(("text", "said"), [("", "Write a note first."), ("x" * 5000, "too long")])
def test_a_note_that_is_none_or_huge_comes_back_as_typed(
    desk: DeskSite, refs: tuple[str, str], text: str, said: str, htmx: bool
) -> None:
    browser = at(desk, "sophea", f"/desk/items/{refs[0]}")

    answer = browser.post(f"/desk/items/{refs[0]}/notes", htmx=htmx, text=text)

    page = Page(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert said in page.by_id("text-err").text
    assert page.value("text") == text
    with desk.context():
        assert db.session.scalars(select(ItemNote)).all() == []
        assert "wrote a note" not in set(db.session.scalars(select(AuditEntry.action)))
