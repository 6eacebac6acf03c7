"""Where two looks differ: what the two see of it, asking a third person, and what that person sees."""

from datetime import timedelta

import pytest

from hotline import clock
from hotline.services import clock_rounds, disputes
from hotline.transactions import writing
from hotline.vocabulary import ItemStatus
from tests.blueprints.desk.desk_site import GONE, DeskSite
from tests.blueprints.desk.looking import ADDRESS, HIDDEN, NATIONAL, SECRET, filled


def item_url(ref: str, verb: str = "") -> str:
    return f"/desk/items/{ref}" + (f"/{verb}" if verb else "")


@pytest.fixture
def ref(desk: DeskSite) -> str:
    """Return an item that sophea found baseline and dara national."""
    found = desk.report(ADDRESS)[-1]
    desk.look(found, HIDDEN, by="sophea")
    assert not desk.look_again(found, NATIONAL, by="dara")
    return found


def test_what_differs_is_marked_question_by_question_with_a_word_and_a_sign(desk: DeskSite, ref: str) -> None:
    page = desk.sign_in("sophea").page(item_url(ref))

    assert "Two of you have to say the same on: INHOPE classification." in page.text
    marks = [one for one in page.all("span", class_="pill due") if one.text == "differs"]
    assert len(marks) >= 2
    assert len([one for one in page.all("use", href="#i-differs") if one.within("li")]) == len(marks)
    assert [one.text for one in page.all("h3") if "round" in one.text] == ["First round"]
    first, second = (one.text for one in page.all("li", class_="past"))
    assert first.startswith("First look: You")
    assert second.startswith("Second look: dara")


def test_one_of_the_two_asks_a_third_person_and_it_stands_on_their_pages(desk: DeskSite, ref: str) -> None:
    dara, vanna = desk.sign_in("dara"), desk.sign_in("vanna")
    assert ref not in vanna.page("/desk/reviews").text
    assert "a third person is asked automatically" in dara.page(item_url(ref)).text

    answer = dara.post(f"/desk/reviews/{ref}/ask-third")

    assert answer.location == item_url(ref)
    page = dara.page(item_url(ref))
    assert "dara asked for a third look at" in page.text
    assert "Nobody has taken the third look yet" in page.text
    assert dara.post(f"/desk/reviews/{ref}/ask-third").status_code == 409
    for path in ("/desk/", "/desk/reviews"):
        shown = vanna.page(path)
        assert shown.by_id("thirds-h").text.startswith("A third person is asked"), path
        assert shown.all("a", href=item_url(ref)), path
        assert SECRET not in shown.html
    for name in ("sophea", "dara"):
        assert not desk.sign_in(name).page("/desk/reviews").all("h2", id="thirds-h")


def test_a_list_of_third_looks_that_stops_says_so(desk: DeskSite, ref: str, monkeypatch: pytest.MonkeyPatch) -> None:
    other = desk.report("https://b.example/2")[-1]
    desk.look(other, HIDDEN, by="sophea")
    assert not desk.look_again(other, NATIONAL, by="dara")
    with desk.context(), writing():
        for one in (ref, other):
            disputes.ask(desk.item(one), by=desk.person("sophea"))
    vanna = desk.sign_in("vanna")
    assert "Only the" not in vanna.page("/desk/reviews").by_id("main").text

    monkeypatch.setattr(disputes, "MOST", 1)

    shown = vanna.page("/desk/reviews")
    assert "Only the 1 most urgent are shown" in shown.by_id("main").text
    assert [bool(shown.all("a", href=item_url(one))) for one in (ref, other)].count(True) == 1


def test_a_third_person_takes_the_look_blind_gives_it_and_is_named_as_the_third(desk: DeskSite, ref: str) -> None:
    sophea, vanna = desk.sign_in("sophea"), desk.sign_in("vanna")
    sophea.page(item_url(ref))
    sophea.post(f"/desk/reviews/{ref}/ask-third")
    before = vanna.page(item_url(ref))
    assert not before.all("textarea", name="note")
    assert "Take the third look" in before.text

    assert vanna.post(f"/desk/reviews/{ref}/take-third").location == item_url(ref)

    mine = vanna.page(item_url(ref))
    assert mine.all("textarea", name="note")
    for told in (SECRET, NATIONAL.note):
        assert told not in mine.html
    assert "vanna has the third look" in sophea.page(item_url(ref)).text
    vanna.post(item_url(ref, "look-again"), **filled(GONE))
    after = vanna.page(item_url(ref))
    assert "Third person" in [one.text for one in after.all("h3")]
    assert after.all("li", class_="past")[-1].text.startswith("Third look: You")
    assert "vanna gave a third look" in after.text
    assert "vanna looked again" not in after.text


def test_a_third_person_passes_the_look_on(desk: DeskSite, ref: str) -> None:
    desk.third_in_hand(ref, by="vanna")
    vanna = desk.sign_in("vanna")
    vanna.page(item_url(ref))

    assert vanna.post(f"/desk/reviews/{ref}/pass-third-on").location == "/desk/reviews"
    assert "Take" in vanna.page("/desk/reviews").by_id("main").text


def test_who_may_not_look_is_neither_offered_nor_given_the_third_look(desk: DeskSite, ref: str) -> None:
    rith, sophea = desk.sign_in("rith"), desk.sign_in("sophea")
    rith.page(item_url(ref))
    assert rith.post(f"/desk/reviews/{ref}/ask-third").status_code == 403
    sophea.page(item_url(ref))
    sophea.post(f"/desk/reviews/{ref}/ask-third")

    assert "Take the third look" not in rith.page(item_url(ref)).text
    assert rith.post(f"/desk/reviews/{ref}/take-third").status_code == 403
    assert sophea.post(f"/desk/reviews/{ref}/take-third").status_code == 403


def test_a_manager_who_was_in_neither_look_may_ask_too(desk: DeskSite, ref: str) -> None:
    vanna = desk.sign_in("vanna")
    assert "Ask a third person" in vanna.page(item_url(ref)).text

    assert vanna.post(f"/desk/reviews/{ref}/ask-third").location == item_url(ref)
    assert "Take the third look" in vanna.page(item_url(ref)).text


def test_the_clock_asks_when_nobody_does(desk: DeskSite, ref: str, monkeypatch: pytest.MonkeyPatch) -> None:
    later = clock.now() + timedelta(hours=5)
    monkeypatch.setattr(clock, "now", lambda: later)
    with desk.context():
        clock_rounds.sweep_due()
        assert disputes.ask_where_due() == 1

    page = desk.sign_in("sophea").page(item_url(ref))

    assert "The time to talk was over at" in page.text
    assert "Settle what differs" in page.text
    with desk.context():
        assert desk.item(ref).status is ItemStatus.DISPUTED
