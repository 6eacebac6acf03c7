"""Answering a recipient that asks for more, at the desk: the way there, the form, and what keeps it back."""

import pytest
from flask import Flask
from sqlalchemy import select

from hotline.extensions import db
from hotline.models import Notice
from hotline.rules.letter_texts import BEGIN
from hotline.services import audit, notices
from hotline.vocabulary import Answer, NoticeKind, ReplyKind
from tests import page
from tests.blueprints.desk.letter_site import LetterSite
from tests.blueprints.desk.test_replies import arrive, came, sent
from tests.page import Page

WORDS = "It stands on the second page.\nOnly at night."


@pytest.fixture
def site(desk_app: Flask) -> LetterSite:
    return LetterSite(desk_app)


@pytest.fixture
def asked(site: LetterSite) -> tuple[str, str]:
    """A letter went and its recipient asks for more: its reference, and the address of the form."""
    ref = sent(site)
    number = arrive(site, ref, Answer.NEED_MORE, "narwhal: which page?")
    return ref, f"/desk/notices/{ref}/answers/{number}/more"


def supplement(site: LetterSite) -> tuple[str, str] | None:
    """Return reference and text of the letter that tells more; None where there is none."""
    with site.context():
        found = db.session.scalar(select(Notice).where(Notice.kind == NoticeKind.SUPPLEMENT).order_by(Notice.id.desc()))
        return (found.ref, notices.letter_of(found).text) if found else None


def test_from_the_letter_and_from_the_answer_leads_a_way_to_the_form(site: LetterSite, asked: tuple[str, str]) -> None:
    ref, form = asked
    rith = site.sign_in("rith")

    letter = rith.page(f"/desk/notices/{ref}")
    assert "They ask for more. Tell them" in letter.by_id(f"notice-next-{ref}").text
    assert letter.by_id("tell-more")["href"] == form
    answer = rith.page(form.removesuffix("/more"))
    assert [one for one in answer.all("a") if one.get("href") == form]

    shown = rith.page(form)
    assert "narwhal: which page?" in shown.text
    assert shown.value("words") == ""
    with site.context():
        assert audit.count(f"notice {ref}", "read an answer") == 2


def test_an_analyst_drafts_it_and_a_reviewer_approves_it(site: LetterSite, asked: tuple[str, str]) -> None:
    ref, form = asked
    drafted = site.sign_in("rith").post(form, words=WORDS)

    found = supplement(site)
    assert found is not None
    assert drafted.location.endswith(f"/desk/notices/{found[0]}")
    assert "It stands on the second page.\nOnly at night.\n" in found[1]
    dara = site.sign_in("dara")
    shown = dara.page(f"/desk/notices/{found[0]}")
    assert "Tells them more" in shown.by_id(f"notice-next-{found[0]}").text
    assert dara.post(f"/desk/notices/{found[0]}/approve", compared="yes").status_code == 303
    assert "A letter that follows this one is written" in dara.page(f"/desk/notices/{ref}").text
    with site.context():
        item = site.notice(ref).lines[0].item.ref
    assert found[0] in dara.page(f"/desk/items/{item}/timeline").text


def test_a_reviewer_does_not_approve_words_of_their_own(site: LetterSite, asked: tuple[str, str]) -> None:
    dara = site.sign_in("dara")
    dara.post(asked[1], words=WORDS)
    found = supplement(site)
    assert found is not None

    shown = dara.page(f"/desk/notices/{found[0]}")

    assert "You wrote the words of this letter." in shown.text
    assert "You drafted it, so another reviewer approves it." in shown.by_id("approve").text
    refused = dara.post(f"/desk/notices/{found[0]}/approve", compared="yes")
    assert "Somebody who did not draft it has to approve it." in page.read_desk(refused).errors["approve"]


@pytest.mark.parametrize(
    ("words", "says"), [("  ", "Write what you tell them."), ("x" * 3001, "at most 3000 characters fit")]
)
def test_words_that_cannot_be_taken_are_said_beside_the_field_and_stay_there(
    site: LetterSite, asked: tuple[str, str], words: str, says: str
) -> None:
    answer = site.sign_in("rith").post(asked[1], words=words)

    shown = Page(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert says in shown.errors["words"]
    assert shown.value("words").strip() == words.strip()
    assert supplement(site) is None


LINKED = "See https://img-board.example/t/1?a=b&c=d first,\nthen 192.0.2.7."


def test_a_form_to_be_edited_again_holds_the_words_as_typed_and_a_page_shows_no_link(
    site: LetterSite, asked: tuple[str, str]
) -> None:
    rith = site.sign_in("rith")
    again = Page(rith.post(asked[1], words=f"{LINKED}\n{BEGIN}").get_data(as_text=True))
    rith.post(asked[1], words=LINKED)
    found = supplement(site)
    assert found is not None
    letter = rith.page(f"/desk/notices/{found[0]}")

    assert rith.post(f"/desk/notices/{found[0]}/withdraw").status_code == 303
    anew = rith.page(asked[1])

    assert again.errors.keys() == {"words"}
    assert again.value("words") == f"{LINKED}\n{BEGIN}"
    assert anew.value("words") == LINKED
    assert "hxxps://img-board[.]example/t/1?a=b&c=d" in letter.text
    assert "https://img-board.example" not in letter.text
    assert "https://img-board.example" not in rith.page(f"/desk/notices/{found[0]}").text


def test_an_answer_that_was_overtaken_meanwhile_says_so_and_loses_no_word(
    site: LetterSite, asked: tuple[str, str]
) -> None:
    ref, form = asked
    came(site, ref, ReplyKind.BY_HAND, Answer.NOT_OURS, "No.")
    rith = site.sign_in("rith")

    answer = rith.post(form, words=WORDS)

    shown = Page(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert "They have answered anew since." in shown.errors["words"]
    assert shown.value("words") == WORDS
    later = rith.page(form)
    assert "They have answered anew since." in later.text
    assert later.all("textarea") == []


def test_who_has_no_cases_gets_no_form_and_what_is_not_there_is_not_found(
    site: LetterSite, asked: tuple[str, str]
) -> None:
    ref, form = asked

    for name in ("kunthea", "lina", "admin"):
        assert site.sign_in(name).get(form).status_code == 403
        assert site.sign_in(name).post(form, words=WORDS).status_code == 403
    assert site.sign_in("rith").get(f"/desk/notices/{ref}/answers/999/more").status_code == 404
    assert supplement(site) is None
