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


@pytest.mark.parametrize("path", ["/desk/texts", PAGE])
def test_the_built_in_words_are_shown_in_both_languages_where_nothing_is_written(desk: DeskSite, path: str) -> None:
    page = desk.sign_in("vanna").page(path)

    for said in ("Now: we have acted", "A trained person checked your report and we acted on it."):
        assert said in page.text
    assert "ឥឡូវនេះ៖ យើងបានចាត់វិធានការហើយ" in [one.text for one in page.all("b")]


def test_a_text_of_ones_own_takes_the_place_of_the_built_in_words(desk: DeskSite) -> None:
    browser = desk.sign_in("vanna")
    browser.page(PAGE)

    browser.post(PAGE, en="We asked the host to remove it.", km="")

    page = browser.page("/desk/texts")
    assert "Now: we have acted We asked the host to remove it." in page.text
    assert "A trained person checked your report" not in page.text
    assert "បានពិនិត្យរបាយការណ៍របស់អ្នក" in page.text


def test_a_field_is_described_by_the_built_in_words_and_the_notice_line_has_none(desk: DeskSite) -> None:
    browser = desk.sign_in("vanna")

    page, notice = browser.page(PAGE), browser.page("/desk/texts/notice")

    assert page.one("textarea", id="km")["aria-describedby"] == "km-ours text-hint"
    assert notice.one("textarea", id="km")["aria-describedby"] == "text-hint"
    assert "Left empty, no line is shown." in notice.text


@pytest.mark.parametrize("key", ["help_received", "help_checking", "help_closed"])
def test_each_state_of_a_request_for_help_has_a_text(desk: DeskSite, key: str) -> None:
    browser = desk.sign_in("vanna")
    browser.page(f"/desk/texts/{key}")

    answer = browser.post(f"/desk/texts/{key}", en="We write to you here.", km="យើងសរសេរមកអ្នកនៅទីនេះ។")

    assert answer.status_code == 303
    with desk.context():
        assert public_texts.find(TextKey(key), Language.EN) == "We write to you here."


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
