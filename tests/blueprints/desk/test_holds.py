"""Holds at the desk: placed, kept, and released by two people; a manager sees no address."""

from datetime import timedelta

import pytest
from flask import Flask

from hotline import clock
from hotline.services import staff
from hotline.transactions import writing
from hotline.vocabulary import ItemStatus, Language, Role
from tests import page
from tests.blueprints.desk.desk_site import PASSWORD, Browser
from tests.blueprints.desk.police_site import PoliceSite

DEEDS = ("/new", "/I-222222/keep", "/I-222222/release")


@pytest.fixture
def desk(desk_app: Flask) -> PoliceSite:
    return PoliceSite(desk_app)


@pytest.fixture
def boss(desk: PoliceSite):
    """The browser of somebody who is a manager and nothing else."""
    with desk.context(), writing():
        staff.add("boss", PASSWORD, (Role.MANAGER,), language=Language.EN, by=None, must_change=False)
    return desk.sign_in("boss")


def item_status(desk: PoliceSite, ref: str) -> ItemStatus:
    with desk.context():
        return desk.item(ref).status


def soon(days: int = 5) -> str:
    return (clock.now().date() + timedelta(days=days)).isoformat()


def test_a_hold_is_placed_from_its_form(desk: PoliceSite) -> None:
    item, unit, rith = desk.decided(), desk.unit(), desk.sign_in("rith")
    shown = rith.page(f"/desk/items/{item}")
    assert [link.text for link in shown.all("a") if link.get("href").startswith("/desk/holds/new")] == ["Place a hold"]
    rith.page(f"/desk/holds/new?item={item}")

    answer = rith.post(
        "/desk/holds/new", item=item.lower(), unit=unit, reason="police_ask", reference="B-17", review_on=soon()
    )

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/desk/holds/{item}")
    assert item_status(desk, item) is ItemStatus.HELD
    shown = rith.page(f"/desk/holds/{item}")
    assert "Example Cyber Unit" in shown.text
    assert "B-17" in shown.text
    assert "Held for Example Cyber Unit" in rith.page(f"/desk/items/{item}").text


def test_a_hold_shows_the_number_of_its_unit(desk: PoliceSite, boss: Browser) -> None:
    ref = desk.held()
    assert [link for link in boss.page(f"/desk/holds/{ref}").all("a") if link.get("href").startswith("tel:")] == []

    desk.give_number("+855 00 000 011")

    assert boss.page(f"/desk/holds/{ref}").by_id("call")["href"] == "tel:+85500000011"


@pytest.mark.parametrize("field", ["item", "unit", "reason", "review_on", "reference"])
def test_a_bad_form_comes_back_with_what_was_typed(desk: PoliceSite, field: str) -> None:
    item, unit, rith = desk.decided(), desk.unit(), desk.sign_in("rith")
    bad = {"item": "I-222222", "unit": "", "reason": "x", "review_on": "tomorrow", "reference": "r" * 101}
    good = {"item": item, "unit": unit, "reason": "police_ask", "review_on": soon(), "reference": "B-17"}
    rith.page("/desk/holds/new")

    answer = rith.post("/desk/holds/new", **{**good, field: bad[field]})

    assert answer.status_code == 422
    shown = page.read_desk(answer)
    assert field in shown.errors
    assert item_status(desk, item) is ItemStatus.DECIDED


def test_what_is_not_decided_is_not_held(desk: PoliceSite) -> None:
    item, unit = desk.report("https://a.example/1")[-1], desk.unit()
    rith = desk.sign_in("rith")
    rith.page("/desk/holds/new")

    answer = rith.post("/desk/holds/new", item=item, unit=unit, reason="police_ask", review_on=soon())

    assert answer.status_code == 409


def test_two_people_release_and_the_same_one_cannot(desk: PoliceSite) -> None:
    item = desk.held()
    sophea, dara = desk.sign_in("sophea"), desk.sign_in("dara")
    sophea.page(f"/desk/holds/{item}")
    assert sophea.post(f"/desk/holds/{item}/release", words="").status_code == 422
    assert sophea.post(f"/desk/holds/{item}/release", words="They have what they need.").status_code == 303

    sophea.page(f"/desk/holds/{item}")
    again = sophea.post(f"/desk/holds/{item}/release", words="They have what they need.")
    assert again.status_code == 422
    assert item_status(desk, item) is ItemStatus.HELD
    assert "They have what they need." in dara.page(f"/desk/holds/{item}").text

    assert dara.post(f"/desk/holds/{item}/release").status_code == 303
    assert item_status(desk, item) is ItemStatus.DECIDED
    assert dara.post(f"/desk/holds/{item}/release").status_code == 409


def test_a_hold_is_kept_for_another_while(desk: PoliceSite) -> None:
    item, rith = desk.held(), desk.sign_in("rith")
    rith.page(f"/desk/holds/{item}")

    assert rith.post(f"/desk/holds/{item}/keep", review_on="").status_code == 422
    assert rith.post(f"/desk/holds/{item}/keep", review_on=soon(20)).status_code == 303


def test_a_manager_places_and_releases_and_sees_no_address(desk: PoliceSite, boss) -> None:
    item = desk.held()
    for path in ("/desk/holds", f"/desk/holds/{item}"):
        assert "img-board" not in boss.get(path).get_data(as_text=True)

    assert boss.post(f"/desk/holds/{item}/release", words="They said so.").status_code == 303
    assert boss.get(f"/desk/items/{item}").status_code == 403


def test_what_is_hosted_here_stands_among_the_proposed(desk: PoliceSite, boss) -> None:
    item = desk.decided()
    with desk.context(), writing():
        desk.item(item).country = "KH"

    shown = boss.page("/desk/holds")

    assert [link for link in shown.all("a") if link.get("href") == f"/desk/holds/new?item={item}&reason=police_first"]
    assert "by rule the police come first" in desk.sign_in("rith").page(f"/desk/items/{item}").text


def test_the_timeline_tells_of_a_hold_once_it_is_decided(desk: PoliceSite) -> None:
    item = desk.held()

    assert "sophea held it for the police" in desk.sign_in("rith").page(f"/desk/items/{item}").text


def test_a_letter_is_not_written_while_it_is_held(desk: PoliceSite) -> None:
    item, rith = desk.held(), desk.sign_in("rith")

    answer = rith.get(f"/desk/notices/new?item={item}")

    assert answer.status_code == 409
    assert "The police have asked to wait" in page.read_desk(answer).text


def test_a_missing_item_has_no_hold(desk: PoliceSite) -> None:
    rith = desk.sign_in("rith")

    assert rith.get("/desk/holds/I-222222").status_code == 404
    assert [rith.post(f"/desk/holds{deed}").status_code for deed in DEEDS] == [422, 404, 404]


@pytest.mark.parametrize("name", ["kunthea", "lina", "admin", "audit"])
def test_holds_are_for_those_who_may_place_them(desk: PoliceSite, name: str) -> None:
    stranger = desk.sign_in(name)

    assert stranger.get("/desk/holds").status_code == 403
    assert {stranger.post(f"/desk/holds{deed}").status_code for deed in DEEDS} == {403}


def test_signed_out_leads_to_sign_in(desk: PoliceSite) -> None:
    nobody = desk.browser()

    assert nobody.get("/desk/holds").status_code == 303
    assert nobody.get("/desk/holds", htmx=True).status_code == 401
