"""What is typed of a look is kept: as one types, by a button without script, and over a session that ends."""

from datetime import timedelta

import pytest

from hotline import clock
from hotline.services import drafts
from tests.blueprints.desk.desk_site import PASSWORD, Browser, DeskSite
from tests.blueprints.desk.looking import ADDRESS, HIDDEN, NATIONAL, filled
from tests.page import Page, read_desk

TYPED = {"inhope_class": "baseline", "conduct": ["distributed", "produced"], "note": "half a sentence"}


def item_url(ref: str, verb: str = "") -> str:
    return f"/desk/items/{ref}" + (f"/{verb}" if verb else "")


@pytest.fixture
def ref(desk: DeskSite) -> str:
    return desk.report(ADDRESS)[-1]


@pytest.fixture
def sophea(desk: DeskSite, ref: str) -> Browser:
    """The browser of who has the item in hand."""
    browser = desk.sign_in("sophea")
    browser.page(item_url(ref))
    assert browser.post(item_url(ref, "claim")).status_code == 303
    return browser


def hidden(page: Page) -> dict[str, str]:
    """Return what the form says of itself: its window, and what it knows."""
    return {name: page.value(name) for name in ("window", "knew", "criteria", "drawn_for")}


def test_a_draft_is_saved_by_a_button_and_stands_in_the_form_again(sophea: Browser, ref: str) -> None:
    page = sophea.page(item_url(ref))

    answer = sophea.post(item_url(ref, "draft"), **hidden(page), **TYPED)

    assert (answer.status_code, answer.location) == (303, item_url(ref))
    page = sophea.page(item_url(ref))
    assert page.value("note") == "half a sentence"
    assert {box["value"] for box in page.all("input") if "checked" in box.attrs} == {
        "baseline",
        "distributed",
        "produced",
    }
    assert "Draft saved" in page.text
    assert page.value("knew") == "1"


def test_with_script_only_the_line_about_the_draft_comes_back(sophea: Browser, ref: str) -> None:
    page = sophea.page(item_url(ref))

    answer = sophea.post(item_url(ref, "draft"), htmx=True, **hidden(page), **TYPED)

    line = Page(answer.get_data(as_text=True))
    assert answer.status_code == 200
    assert "Draft saved" in line.one("p", role="status").text
    assert (line.value("knew"), line.value("window")) == ("1", page.value("window"))


def test_a_draft_is_its_own_person_s_alone(desk: DeskSite, sophea: Browser, ref: str) -> None:
    sophea.post(item_url(ref, "draft"), **hidden(sophea.page(item_url(ref))), **TYPED)

    dara = desk.sign_in("dara")
    assert "half a sentence" not in dara.get(item_url(ref)).get_data(as_text=True)
    assert dara.post(item_url(ref, "draft"), **TYPED).status_code == 409


@pytest.mark.parametrize("htmx", [True, False])
def test_an_older_window_is_told_and_both_drafts_stand(sophea: Browser, ref: str, htmx: bool) -> None:
    first, second = (hidden(sophea.page(item_url(ref))) for _window in range(2))
    sophea.post(item_url(ref, "draft"), **first, **TYPED)

    answer = sophea.post(item_url(ref, "draft"), htmx=htmx, **second, **TYPED | {"note": "another <b>end</b>"})

    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Nothing was overwritten" in text
    assert "Here: another &lt;b&gt;end&lt;/b&gt;" in text
    assert "Elsewhere: half a sentence" in text
    if not htmx:
        assert read_desk(answer).value("note") == "another <b>end</b>"
    assert sophea.page(item_url(ref)).value("note") == "half a sentence"
    sophea.post(item_url(ref, "draft"), **second, **TYPED | {"note": "another end"}, keep="1")
    assert sophea.page(item_url(ref)).value("note") == "another end"


def test_what_is_far_too_long_is_refused_and_nothing_typed_is_lost(sophea: Browser, ref: str) -> None:
    page, long = sophea.page(item_url(ref)), "x" * (drafts.MOST + 1)

    answer = sophea.post(item_url(ref, "draft"), **hidden(page), note=long)

    assert answer.status_code == 422
    assert read_desk(answer).value("note") == long


def test_unknown_words_are_kept_nowhere_but_in_the_draft(sophea: Browser, ref: str) -> None:
    page = sophea.page(item_url(ref))
    sophea.post(item_url(ref, "draft"), **hidden(page), inhope_class="evil", note="n", knew2="x")

    page = sophea.page(item_url(ref))
    assert not [box for box in page.all("input") if "checked" in box.attrs]
    assert sophea.post(item_url(ref, "assess"), **hidden(page), inhope_class="evil").status_code == 422


def test_handing_the_look_in_ends_the_draft(sophea: Browser, desk: DeskSite, ref: str) -> None:
    page = sophea.page(item_url(ref))
    sophea.post(item_url(ref, "draft"), **hidden(page), **TYPED)
    assert sophea.post(item_url(ref, "assess"), **hidden(page), **filled(HIDDEN)).status_code == 303

    with desk.context():
        assert drafts.find(desk.item(ref), by=desk.person("sophea")) is None


def test_the_second_person_s_draft_comes_back_in_the_second_look(desk: DeskSite, ref: str) -> None:
    desk.look(ref, HIDDEN, by="sophea")
    dara, url = desk.sign_in("dara"), f"/desk/reviews/{ref}"
    dara.page(url)
    dara.post(f"{url}/take")
    page = dara.page(url)

    answer = dara.post(item_url(ref, "draft"), **hidden(page), **filled(NATIONAL))

    assert answer.location == url
    assert dara.page(url).value("note") == NATIONAL.note


# --- The session ends in the middle of it -----------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["draft", "assess"])
@pytest.mark.parametrize("htmx", [True, False])
def test_what_was_sent_too_late_stands_in_the_form_after_signing_in(
    sophea: Browser, ref: str, monkeypatch: pytest.MonkeyPatch, verb: str, htmx: bool
) -> None:
    page = sophea.page(item_url(ref))
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)

    answer = sophea.post(item_url(ref, verb), htmx=htmx, **hidden(page), **TYPED)

    to = answer.headers["HX-Redirect"] if htmx else answer.location
    door = sophea.page(to)
    assert "Your answers are kept" in door.one("p", role="status").text
    after = sophea.post("/desk/sign-in", name="sophea", password=PASSWORD, next=door.value("next"))
    assert after.location == item_url(ref)
    assert sophea.page(item_url(ref)).value("note") == "half a sentence"


def test_nothing_is_carried_for_a_browser_that_has_never_been_here(desk: DeskSite, sophea: Browser, ref: str) -> None:
    page = sophea.page(item_url(ref))
    stranger = desk.app.test_client()

    answer = stranger.post(item_url(ref, "draft"), data={**hidden(page), **TYPED})

    assert answer.status_code == 303
    assert "why=carried" not in answer.location
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("keep", ["9" * 30, "9" * 5000, "-1", "x"])
def test_a_revision_that_somebody_made_up_is_passed_over(sophea: Browser, ref: str, keep: str) -> None:
    page = sophea.page(item_url(ref))

    assert sophea.post(item_url(ref, "draft"), **hidden(page), **TYPED, keep=keep).status_code == 303

    assert sophea.page(item_url(ref)).value("note") == "half a sentence"


def test_whoever_else_signs_in_there_is_given_nothing(
    sophea: Browser, desk: DeskSite, ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = sophea.page(item_url(ref))
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    sophea.post(item_url(ref, "assess"), **hidden(page), **TYPED)

    sophea.get("/desk/sign-in")
    sophea.post("/desk/sign-in", name="dara", password=PASSWORD)

    with desk.context():
        for name in ("dara", "sophea"):
            assert drafts.find(desk.item(ref), by=desk.person(name)) is None
