"""What came back on a letter, at the desk: seen, read on record, sorted, noted by hand, and where it leads."""

import secrets

import pytest
from flask import Flask

from hotline import clock
from hotline.extensions import db
from hotline.models import Notice
from hotline.models.reply import Reply
from hotline.rules.replies import Given
from hotline.services import assessments, audit, notice_sending, replies
from hotline.transactions import writing
from hotline.vocabulary import Answer, CorrectionReason, NoticeStatus, ReplyKind
from tests.blueprints.desk.letter_site import LetterSite
from tests.services.answer_steps import Post


@pytest.fixture
def site(desk_app: Flask) -> LetterSite:
    return LetterSite(desk_app)


def sent(site: LetterSite, url: str = "https://img-board.example/t/1") -> str:
    ref = site.approved(url)
    with site.context():
        notice_sending.deliver(site.notice(ref).id, mailer=Post())
    return ref


def arrive(site: LetterSite, ref: str, answer: Answer, words: str = "", whose: str = "") -> int:
    """Let an answer from the page be moved to the desk; return its number."""
    given = replies.worded(Given(answer, None, whose, words))
    return came(site, ref, ReplyKind.FORM, answer, given)


def came(site: LetterSite, ref: str, kind: ReplyKind, answer: Answer | None, words: str) -> int:
    with site.context(), writing():
        notice = site.notice(ref)
        key = secrets.token_bytes(16)
        reply = replies.record(notice, kind, key=key, came_at=clock.now(), answer=answer, words=words)
        assert reply is not None
        return reply.id


def test_an_answer_stands_at_its_letter_on_todays_page_and_in_the_list(site: LetterSite) -> None:
    ref = sent(site)
    number = arrive(site, ref, Answer.NOT_OURS, "narwhal words", "Example Cloud")
    sophea = site.sign_in("sophea")

    page = sophea.page(f"/desk/notices/{ref}")
    assert "It is not theirs" in page.by_id(f"notice-answers-{ref}").text
    assert "Unread" in page.by_id(f"notice-answers-{ref}").text
    assert "narwhal" not in page.html
    assert ref in sophea.page("/desk/").by_id("today-answers").text
    assert ref in sophea.page("/desk/notices?status=unread").by_id("notices-rows").text

    said = sophea.page(f"/desk/notices/{ref}/answers/{number}")
    assert "narwhal words" in said.text
    assert "Example Cloud" in said.text
    assert "Find out who hosts it" in said.text
    with site.context():
        assert audit.count(f"notice {ref}", "read an answer") == 1

    assert sophea.post(f"/desk/notices/{ref}/answers/{number}/read").status_code == 303
    assert "Unread" not in sophea.page(f"/desk/notices/{ref}").by_id(f"notice-answers-{ref}").text
    assert ref not in sophea.page("/desk/notices?status=unread").text
    assert not [one for one in sophea.page("/desk/").elements if one.get("id") == "today-answers"]


@pytest.mark.parametrize(
    ("answer", "leads"),
    [
        (Answer.REMOVED, "/desk/items/"),
        (Answer.NOT_OURS, "/desk/notices/new?item="),
        (Answer.REFUSED, "/desk/appeals/new?"),
        (Answer.APPEAL, "/desk/appeals/new?"),
    ],
)
def test_an_answer_says_what_to_do_next(site: LetterSite, answer: Answer, leads: str) -> None:
    ref = sent(site)
    number = arrive(site, ref, answer, "words")

    page = site.sign_in("sophea").page(f"/desk/notices/{ref}/answers/{number}")

    assert [link for link in page.all("a") if link["href"].startswith(leads) and "btn" in link.classes]


def test_a_mail_is_sorted_by_who_has_read_it(site: LetterSite) -> None:
    ref = sent(site)
    number = came(site, ref, ReplyKind.MAIL, None, "It is gone.")
    dara = site.sign_in("dara")
    path = f"/desk/notices/{ref}/answers/{number}"
    assert "It is gone." in dara.page(path).text

    assert dara.post(f"{path}/sort").status_code == 422
    assert dara.post(f"{path}/sort", sort="removed").status_code == 303

    with site.context():
        notice = site.notice(ref)
        assert (notice.status, notice.answer) == (NoticeStatus.ANSWERED, Answer.REMOVED)


def test_a_mail_that_was_sorted_wrongly_is_sorted_again(site: LetterSite) -> None:
    ref = sent(site)
    path = f"/desk/notices/{ref}/answers/{came(site, ref, ReplyKind.MAIL, None, 'Not ours.')}"
    dara = site.sign_in("dara")
    dara.post(f"{path}/sort", sort="removed")
    assert "Sorted wrongly? Say what it answers" in dara.page(path).text

    assert dara.post(f"{path}/sort", sort="not_ours").status_code == 303
    assert "are watched all the same" in dara.page(path).text

    with site.context():
        assert site.notice(ref).answer is Answer.NOT_OURS


def test_an_answer_by_telephone_is_noted(site: LetterSite) -> None:
    ref = sent(site)
    rith = site.sign_in("rith")
    link = rith.page(f"/desk/notices/{ref}").by_id(f"notice-answers-{ref}")
    assert "Note an answer that came by telephone" in link.text
    path = f"/desk/notices/{ref}/answers/new"
    rith.page(path)

    bad = rith.post(path, words="They say <no>.")
    assert bad.status_code == 422
    assert "They say &lt;no&gt;." in bad.get_data(as_text=True)
    assert rith.post(path, answer="refused", words="x" * 4001).status_code == 422
    assert rith.post(path, answer="refused", words="They say <no>.").status_code == 303

    with site.context():
        reply = db.session.query(Reply).one()
        assert (reply.kind, reply.answer) == (ReplyKind.BY_HAND, Answer.REFUSED)


def test_what_came_back_is_for_those_who_see_notices(site: LetterSite) -> None:
    ref = sent(site)
    number = arrive(site, ref, Answer.REMOVED)
    path = f"/desk/notices/{ref}/answers/{number}"

    assert site.browser().get(path).status_code == 303
    for name in ("kunthea", "lina", "admin", "audit"):
        browser = site.sign_in(name)
        found = [browser.get(path), browser.post(f"{path}/read"), browser.post(f"{path}/sort", sort="removed")]
        assert {one.status_code for one in found} == {403}
    sophea = site.sign_in("sophea")
    assert sophea.get(f"/desk/notices/{ref}/answers/999999").status_code == 404
    assert sophea.get("/desk/notices/N-222222/answers/1").status_code == 404
    assert sophea.get("/desk/notices?status=unread&after=x").status_code == 422


def test_what_does_not_open_says_so(site: LetterSite) -> None:
    ref = sent(site)
    number = arrive(site, ref, Answer.OTHER, "words")
    with site.context(), writing():
        db.session.get_one(Reply, number).words = b"\x01damaged"

    assert "does not open with the keys" in site.sign_in("sophea").page(f"/desk/notices/{ref}/answers/{number}").text
    with site.context():
        assert db.session.query(Notice).count() == 1


def test_what_is_in_doubt_about_an_answer_by_mail_is_said_in_words(site: LetterSite) -> None:
    ref = sent(site)
    with site.context(), writing():
        facts = {"key": b"one", "came_at": clock.now(), "words": "From: x", "code": "encrypted unconfirmed"}
        reply = replies.record(site.notice(ref), ReplyKind.MAIL, **facts)
        number = reply.id
        bounce = replies.record(site.notice(ref), ReplyKind.BOUNCE, key=b"two", came_at=clock.now(), code="5.1.1").id
    sophea = site.sign_in("sophea")

    said = sophea.page(f"/desk/notices/{ref}/answers/{number}").text

    assert "Encrypted, cannot be read here" in said
    assert "Sender not confirmed by our mail server" in said
    assert "encrypted unconfirmed" not in said
    assert "folder “Answers”" in said
    assert "5.1.1" in sophea.page(f"/desk/notices/{ref}/answers/{bounce}").text
    assert "5.1.1" in sophea.page(f"/desk/notices/{ref}").by_id(f"notice-answers-{ref}").text


def item_of(site: LetterSite, ref: str) -> str:
    with site.context():
        return site.notice(ref).lines[0].item.ref


def told_of(site: LetterSite, item: str) -> list[str]:
    page = site.sign_in("rith").page(f"/desk/items/{item}")
    return [line.text for line in page.all("span") if line.within("ol") and line.within("li")]


def test_the_timeline_of_an_item_tells_what_happened_to_its_letters(site: LetterSite) -> None:
    ref = sent(site)
    item = item_of(site, ref)
    number = came(site, ref, ReplyKind.MAIL, None, "narwhal words")
    site.sign_in("dara").post(f"/desk/notices/{ref}/answers/{number}/sort", sort="need_more")
    came(site, ref, ReplyKind.FORM, Answer.REFUSED, "")
    came(site, ref, ReplyKind.OUT_OF_OFFICE, None, "")

    told = told_of(site, item)

    deeds = [line for line in told if line.endswith(ref)]
    assert deeds == [
        f"A program answered a letter: nobody is there {ref}",
        f"A recipient answered a letter: They do not remove it {ref}",
        f"dara said what a mail answers: They need more from us {ref}",
        f"An answer to a letter came by mail {ref}",
        f"A letter was sent {ref}",
        f"dara read and approved a letter {ref}",
        f"sophea drafted a letter {ref}",
    ]
    assert not [line for line in told if "narwhal" in line]


def test_a_letter_that_came_back_stands_in_the_timeline_of_its_item(site: LetterSite) -> None:
    ref = sent(site)
    came(site, ref, ReplyKind.BOUNCE, None, "")

    assert f"A letter came back {ref}" in told_of(site, item_of(site, ref))


def test_whoever_looks_anew_is_told_of_no_letter(site: LetterSite) -> None:
    ref = sent(site)
    item = item_of(site, ref)
    with site.context(), writing():
        assessments.correct(site.item(item), CorrectionReason.MISTAKE, by=site.person("vanna"))

    assert not [line for line in told_of(site, item) if ref in line or "letter" in line]
