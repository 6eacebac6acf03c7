"""Whose hands an item is in, at the desk: full hands, taking over, withdrawing, looking again at one's own answers."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from hotline.rules.standing import MOST_IN_HAND
from hotline.services import assessments
from hotline.transactions import writing
from hotline.vocabulary import AgeGroup, Danger, InhopeClass, ItemStatus, LawVerdict, Reason
from tests.blueprints.desk.desk_site import GONE, ILLEGAL, Browser, DeskSite
from tests.blueprints.desk.looking import ADDRESS, HIDDEN, NATIONAL, SECRET, filled
from tests.page import Page, read_desk

ODD = replace(ILLEGAL, age=AgeGroup.PUBESCENT)
LONG = "https://img-board.example/" + "x" * 8000


def item_url(ref: str, verb: str = "") -> str:
    return f"/desk/items/{ref}" + (f"/{verb}" if verb else "")


def review_url(ref: str, verb: str = "") -> str:
    return f"/desk/reviews/{ref}" + (f"/{verb}" if verb else "")


def in_hand(desk: DeskSite, name: str = "sophea") -> tuple[Browser, str]:
    ref = desk.report(ADDRESS)[-1]
    browser = desk.sign_in(name)
    browser.post(item_url(ref, "claim"))
    browser.page(item_url(ref))
    return browser, ref


def second_look_in_hand(desk: DeskSite, name: str = "dara") -> str:
    ref = desk.report(ADDRESS)[-1]
    desk.look(ref, HIDDEN, by="sophea")
    with desk.context(), writing():
        assessments.take_review(desk.item(ref), by=desk.person(name))
    return ref


def number(desk: DeskSite, name: str) -> str:
    with desk.context():
        return desk.person(name).number


def status_of(desk: DeskSite, ref: str) -> ItemStatus:
    with desk.context():
        return desk.item(ref).status


def offers(page: Page, path: str) -> Sequence[object]:
    return [form for form in page.all("form") if form["action"] == path]


def chosen(page: Page) -> dict[str, str]:
    found = {box["name"]: box["value"] for box in page.all("input", type="radio") if "checked" in box.attrs}
    return found | {one.within("select")["name"]: one["value"] for one in page.all("option") if "selected" in one.attrs}


# ---- full hands


def full_hands(desk: DeskSite) -> tuple[Browser, str]:
    """Return the browser of somebody who has as much as one may have, and an item that is free."""
    *mine, free = desk.report(*(f"https://a.example/{one}" for one in range(MOST_IN_HAND + 1)))
    browser = desk.sign_in("sophea")
    for ref in mine:
        browser.post(item_url(ref, "claim"))
    return browser, free


def test_full_hands_are_told_so_with_a_way_out(desk: DeskSite) -> None:
    browser, free = full_hands(desk)

    for path in (item_url(free, "claim"), "/desk/items/next"):
        answer = browser.post(path)
        page = read_desk(answer)
        assert answer.status_code == 409
        assert "Your hands are full" in page.text
        assert "Hand one in or pass one on" in page.text
        assert page.all("a", href="/desk/items?whose=me")
    assert status_of(desk, free) is ItemStatus.NEW


def test_full_hands_may_take_what_is_about_a_child_in_danger_and_read_why(desk: DeskSite) -> None:
    browser, free = full_hands(desk)
    urgent = desk.report("https://a.example/urgent", in_danger=Danger.YES)[-1]

    assert "no more fit" in browser.page(item_url(free)).text
    assert "A child may be in danger here, so you can claim it all the same" in browser.page(item_url(urgent)).text
    assert browser.post("/desk/items/next").location == item_url(urgent)
    assert "only because a child may be in danger" in browser.page(item_url(urgent)).text
    assert f"more than {MOST_IN_HAND} only since a child may be in danger" in browser.page("/desk/").text
    assert browser.post(item_url(free, "claim")).status_code == 409


def test_full_hands_are_told_so_in_place_with_htmx(desk: DeskSite) -> None:
    browser, free = full_hands(desk)

    answer = browser.post(item_url(free, "claim"), htmx=True)

    part = Page(answer.get_data(as_text=True))
    assert answer.status_code == 409
    assert part.elements[0]["id"] == "trouble-note"
    assert part.all("a", href="/desk/items?whose=me")


def test_the_first_page_says_how_much_of_what_one_may_have_is_in_hand(desk: DeskSite) -> None:
    browser, _ref = in_hand(desk)

    assert f"1 of {MOST_IN_HAND} first looks at most" in browser.page("/desk/").text


def test_a_second_look_in_hand_stands_on_the_first_page_and_in_the_queues_tab(desk: DeskSite) -> None:
    ref = second_look_in_hand(desk)
    dara = desk.sign_in("dara")

    today, tab = dara.page("/desk/"), dara.page("/desk/items?whose=me")

    assert today.all("a", href=review_url(ref))
    assert tab.by_id(f"item-row-{ref}").text.endswith("You")
    assert ref not in desk.sign_in("sophea").page("/desk/items?whose=me").text


# ---- taking over


def test_a_reviewer_takes_over_a_first_look_after_being_asked(desk: DeskSite) -> None:
    _sophea, ref = in_hand(desk)
    dara = desk.sign_in("dara")
    (form,) = offers(dara.page(item_url(ref)), item_url(ref, "take-over"))
    assert form.within("details")

    answer = dara.post(item_url(ref, "take-over"), held_by=number(desk, "sophea"))

    assert (answer.status_code, answer.location) == (303, item_url(ref))
    page = dara.page(item_url(ref))
    assert page.all("textarea", name="note")
    assert "dara took it over from sophea" in page.text


def test_taking_over_with_htmx_moves_on_to_the_whole_page(desk: DeskSite) -> None:
    _sophea, ref = in_hand(desk)
    dara = desk.sign_in("dara")
    dara.page(item_url(ref))

    answer = dara.post(item_url(ref, "take-over"), htmx=True, held_by=number(desk, "sophea"))

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, item_url(ref))


def test_an_analyst_is_neither_offered_nor_given_what_another_has(desk: DeskSite) -> None:
    _sophea, ref = in_hand(desk)
    rith = desk.sign_in("rith")

    assert not offers(rith.page(item_url(ref)), item_url(ref, "take-over"))
    assert rith.post(item_url(ref, "take-over"), held_by=number(desk, "sophea")).status_code == 403


def test_what_is_no_more_in_those_hands_is_not_taken_over(desk: DeskSite) -> None:
    _sophea, ref = in_hand(desk)
    dara = desk.sign_in("dara")
    dara.page(item_url(ref))

    for held_by in ("", number(desk, "vanna")):
        assert dara.post(item_url(ref, "take-over"), held_by=held_by).status_code == 409
    assert dara.post(item_url(ref, "take-over")).status_code == 409


@pytest.mark.parametrize("page", [item_url, review_url])
def test_a_reviewer_takes_over_a_second_look_after_being_asked(desk: DeskSite, page: object) -> None:
    ref = second_look_in_hand(desk)
    vanna = desk.sign_in("vanna")
    shown = vanna.page(page(ref))
    (form,) = offers(shown, review_url(ref, "take-over"))
    assert form.within("details")
    assert SECRET not in shown.html

    answer = vanna.post(review_url(ref, "take-over"), held_by=number(desk, "dara"))

    assert (answer.status_code, answer.location) == (303, review_url(ref))
    shown = vanna.page(review_url(ref))
    assert shown.all("textarea", name="note")
    assert chosen(shown) == {}
    assert "vanna took the second look over from dara" in shown.text


def test_who_gave_the_first_look_takes_no_second_look_over(desk: DeskSite) -> None:
    ref = second_look_in_hand(desk)
    sophea = desk.sign_in("sophea")

    assert not offers(sophea.page(item_url(ref)), review_url(ref, "take-over"))
    assert sophea.post(review_url(ref, "take-over"), held_by=number(desk, "dara")).status_code == 404


def test_a_second_look_nobody_has_or_another_has_now_is_not_taken_over(desk: DeskSite) -> None:
    ref = second_look_in_hand(desk)
    vanna = desk.sign_in("vanna")
    vanna.page(review_url(ref))

    assert vanna.post(review_url(ref, "take-over"), held_by=number(desk, "sophea")).status_code == 409
    assert vanna.post(review_url(ref, "take-over")).status_code == 409


# ---- withdrawing


def test_one_withdraws_ones_own_look_and_finds_ones_answers_again(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]
    desk.look(ref, HIDDEN, by="sophea")
    sophea = desk.sign_in("sophea")
    (form,) = offers(sophea.page(item_url(ref)), item_url(ref, "withdraw"))
    assert form.within("details")

    answer = sophea.post(item_url(ref, "withdraw"))

    assert (answer.status_code, answer.location) == (303, item_url(ref))
    page = sophea.page(item_url(ref))
    assert status_of(desk, ref) is ItemStatus.ASSESSING
    assert "sophea withdrew the first look" in page.text
    assert page.value("note") == SECRET
    assert chosen(page)["inhope_class"] == "baseline"
    sophea.post(item_url(ref, "assess"), **filled(NATIONAL))
    assert desk.look_again(ref, NATIONAL, by="dara")
    decided = sophea.page(item_url(ref))
    assert "withdrawn, counts for nothing" in decided.text
    assert len(decided.all("li", class_="past")) == 3


def test_a_withdrawn_look_is_shown_to_nobody_else_who_has_yet_to_choose(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]
    desk.look(ref, HIDDEN, by="sophea")
    with desk.context(), writing():
        assessments.withdraw_first_look(desk.item(ref), by=desk.person("sophea"))
    dara = desk.sign_in("dara")
    dara.page(item_url(ref))
    dara.post(item_url(ref, "take-over"), held_by=number(desk, "sophea"))

    page = dara.page(item_url(ref))

    assert chosen(page) == {}
    assert SECRET not in page.html


def test_withdrawing_is_neither_offered_nor_done_once_the_second_look_has_begun(desk: DeskSite) -> None:
    ref = second_look_in_hand(desk)
    sophea = desk.sign_in("sophea")

    assert not offers(sophea.page(item_url(ref)), item_url(ref, "withdraw"))
    assert sophea.post(item_url(ref, "withdraw")).status_code == 409
    assert status_of(desk, ref) is ItemStatus.IN_REVIEW


def test_nobody_withdraws_what_another_found(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]
    desk.look(ref, HIDDEN, by="sophea")
    dara = desk.sign_in("dara")

    assert not offers(dara.page(item_url(ref)), item_url(ref, "withdraw"))
    assert dara.post(item_url(ref, "withdraw")).status_code == 409


# ---- looking again


def test_look_again_begins_with_ones_own_answers_and_never_with_anothers(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]
    desk.look(ref, HIDDEN, by="sophea")
    desk.look_again(ref, NATIONAL, by="dara")
    desk.third_in_hand(ref, by="vanna")

    mine, theirs, third = (desk.sign_in(name).page(item_url(ref)) for name in ("sophea", "dara", "vanna"))

    assert (chosen(mine)["inhope_class"], mine.value("note")) == ("baseline", SECRET)
    assert (chosen(theirs)["inhope_class"], theirs.value("note")) == ("national", NATIONAL.note)
    assert chosen(theirs)["site_type"] == "image_board"
    assert [box["value"] for box in mine.all("input", name="conduct") if "checked" in box.attrs] == ["distributed"]
    assert (chosen(third), third.value("note")) == ({}, "")


def test_a_form_of_look_again_with_a_fault_keeps_what_was_sent_not_what_was_found_before(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]
    desk.look(ref, HIDDEN, by="sophea")
    desk.look_again(ref, NATIONAL, by="dara")
    sophea = desk.sign_in("sophea")
    sophea.page(item_url(ref))

    page = read_desk(sophea.post(item_url(ref, "look-again"), **(filled(NATIONAL) | {"gender": ""})))

    assert chosen(page)["inhope_class"] == "national"
    assert "gender" not in chosen(page)


# ---- answers that contradict each other


def test_a_contradiction_is_named_once_and_taken_with_a_reason(desk: DeskSite) -> None:
    browser, ref = in_hand(desk)
    assert not browser.page(item_url(ref)).all("textarea", name="doubt")

    answer = browser.post(item_url(ref, "assess"), **filled(ODD))

    page = read_desk(answer)
    assert answer.status_code == 422
    assert set(page.errors) == {"age", "doubt"}
    assert "appears under 13" in page.errors["age"]
    assert page.all("textarea", name="doubt")
    assert status_of(desk, ref) is ItemStatus.ASSESSING
    browser.post(item_url(ref, "assess"), **filled(replace(ODD, doubt="The page says twelve.")))
    assert status_of(desk, ref) is ItemStatus.IN_REVIEW
    assert "The page says twelve." in browser.page(item_url(ref)).text


def test_a_second_look_that_contradicts_itself_needs_a_reason_too(desk: DeskSite) -> None:
    ref = second_look_in_hand(desk)
    dara = desk.sign_in("dara")
    dara.page(review_url(ref))

    answer = dara.post(review_url(ref), **filled(ODD))

    page = read_desk(answer)
    assert (answer.status_code, set(page.errors)) == (422, {"age", "doubt"})
    assert SECRET not in page.html
    dara.post(review_url(ref), **filled(replace(ODD, doubt="The page says twelve.")))
    assert status_of(desk, ref) is ItemStatus.DECIDED


def test_what_cannot_be_reached_needs_no_answer_of_the_law(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]
    desk.look(ref, HIDDEN, by="sophea")
    with desk.context(), writing():
        assessments.take_review(desk.item(ref), by=desk.person("dara"))
    dara = desk.sign_in("dara")
    dara.page(review_url(ref))

    dara.post(review_url(ref), inhope_class="inaccessible", reason="site_down")

    with desk.context():
        last = assessments.shown(desk.item(ref), by=desk.person("dara"))[-1]
        assert (last.inhope_class, last.law) == (InhopeClass.INACCESSIBLE, LawVerdict.NOT_ILLEGAL)
        assert assessments.findings_of(last) == replace(GONE, reason=Reason.SITE_DOWN)
    assert "Nothing seen, so nothing found" in dara.page(item_url(ref)).text


# ---- addresses of any length


@pytest.mark.parametrize("page", [item_url, review_url])
def test_a_very_long_address_is_folded_behind_its_beginning(desk: DeskSite, page: object) -> None:
    ref = desk.report(LONG)[-1]
    desk.look(ref, HIDDEN, by="sophea")

    shown = desk.sign_in("dara").page(page(ref))

    whole = shown.by_id("safe-address")
    assert len(whole.text) > 8000
    assert whole.within("details")
    beginning = shown.all("p", class_="url")[0]
    assert beginning.text.startswith("hxxps://img-board[.]example/xxx")
    assert len(beginning.text) < 300


def test_a_very_long_live_address_is_folded_too(desk: DeskSite) -> None:
    ref = desk.report(LONG)[-1]
    browser = desk.sign_in("rith")
    browser.page(item_url(ref))

    part = Page(browser.post(item_url(ref, "live-address"), htmx=True).get_data(as_text=True))

    assert part.by_id("live-address").text == LONG
    assert part.by_id("live-address").within("details")


def test_a_very_long_host_shows_its_end_in_the_lists(desk: DeskSite) -> None:
    ref = desk.report(f"https://{'a' * 60}.{'b' * 60}.img-board.example/x")[-1]
    dara = desk.sign_in("dara")

    row = dara.page("/desk/items").by_id(f"item-row-{ref}")

    assert "img-board[.]example" in row.text
    assert "a" * 20 not in row.text
