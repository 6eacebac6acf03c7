"""Texts that the manager writes for public pages."""

import pytest

from hotline.services import public_texts
from hotline.vocabulary import Language, TextKey
from tests.blueprints.desk.desk_site import DeskSite

PAGE = "/desk/texts/action_taken"


def shown(desk: DeskSite, language: Language = Language.EN) -> str | None:
    with desk.context():
        return public_texts.find(TextKey.ACTION_TAKEN, language)


def test_a_text_is_changed_in_both_languages_and_taken_away_again(desk: DeskSite) -> None:
    browser = desk.sign_in("vanna")
    browser.page(PAGE)

    answer = browser.post(PAGE, en="We asked the host to remove it.", km="យើងបានស្នើឱ្យលុប។")

    assert (answer.status_code, answer.location) == (303, "/desk/texts")
    assert (shown(desk), shown(desk, Language.KM)) == ("We asked the host to remove it.", "យើងបានស្នើឱ្យលុប។")
    assert "We asked the host to remove it." in browser.page("/desk/texts").text
    browser.page(PAGE)
    browser.post(PAGE, en="", km="យើងបានស្នើឱ្យលុប។")
    assert (shown(desk), shown(desk, Language.KM)) == (None, "យើងបានស្នើឱ្យលុប។")


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("<br>", "only markup"),
        ("x" * 301, "at most 300"),
        ("Sophea checked it.", "names one of us"),
    ],
)
def test_a_bad_text_changes_neither_language_and_is_kept(desk: DeskSite, bad: str, said: str) -> None:
    browser = desk.sign_in("vanna")
    browser.page(PAGE)

    answer = browser.post(PAGE, km="យើងបានស្នើឱ្យលុប។", en=bad)

    assert answer.status_code == 422
    assert said in answer.text
    assert 'href="#en"' in answer.text
    assert (shown(desk), shown(desk, Language.KM)) == (None, None)


def test_a_text_that_does_not_exist_is_missing(desk: DeskSite) -> None:
    browser = desk.sign_in("vanna")

    assert browser.get("/desk/texts/nothing").status_code == 404
    assert browser.post("/desk/texts/nothing", en="x").status_code == 404


@pytest.mark.parametrize("name", ["rith", "kunthea", "lina", "admin"])
def test_only_the_manager_writes_them(desk: DeskSite, name: str) -> None:
    browser = desk.sign_in(name)

    assert browser.get("/desk/texts").status_code == 403
    assert browser.post(PAGE, en="x").status_code == 403


def test_signed_out_they_lead_to_the_door(desk: DeskSite) -> None:
    assert desk.browser().get("/desk/texts").status_code == 303
