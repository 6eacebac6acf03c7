"""An offer by encrypted mail at the desk: read before it is let go, followed at its page, mended at its letter."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from hotline import clock
from hotline.extensions import db
from hotline.models import Exchange, Notice, Recipient
from hotline.models.recipient import RecipientKey
from hotline.models.reply import Reply
from hotline.services import directory, notices, recipient_keys, replies
from hotline.transactions import writing
from hotline.vocabulary import KeyKind, Language, RecipientKind, ReplyKind
from tests import page
from tests.blueprints.desk.desk_site import Browser
from tests.blueprints.desk.letter_site import DEFANGED, LIVE, LetterSite, with_mail
from tests.gateways import locksmith
from tests.gateways.mail_server import MailServer

MAILBOX = "desk@partner.example"


@pytest.fixture
def server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    yield server
    server.close()


@pytest.fixture
def mailing(desk_dir: Path, server: MailServer) -> LetterSite:
    return with_mail(desk_dir, server.port)


@pytest.fixture
def ring(tmp_path: Path) -> locksmith.Openssl:
    return locksmith.openssl(tmp_path)


def partner(desk: LetterSite, ring: locksmith.Openssl | None) -> str:
    """Add a partner hotline to the directory, its mailbox verified, with a key where there is one; return its ref."""
    with desk.context(), writing():
        added = directory.add("Example Hotline", RecipientKind.PARTNER_HOTLINE, MAILBOX, "NL", Language.EN)
        directory.verify(added, by=desk.person("lina"))
        if ring is not None:
            recipient_keys.add(added, KeyKind.SMIME, ring.public, by=desk.person("lina"))
        return added.ref


def drafted(desk: LetterSite, ring: locksmith.Openssl) -> str:
    """Let sophea draft an offer by mail; return its reference."""
    to, item, sophea = partner(desk, ring), desk.decided(LIVE), desk.sign_in("sophea")
    sophea.page(f"/desk/exchange/offer/{item}")
    assert sophea.post(f"/desk/exchange/offer/{item}", partner=to, means="encrypted_mail").status_code == 303
    return only(desk, Exchange.ref)


def let_go(desk: LetterSite, ring: locksmith.Openssl) -> tuple[Browser, str, str]:
    """Let dara let an offer go; return dara's browser, and the references of the offer and its letter."""
    offer, dara = drafted(desk, ring), desk.sign_in("dara")
    dara.page(f"/desk/exchange/{offer}")
    assert dara.post(f"/desk/exchange/{offer}/approve").location == f"/desk/exchange/{offer}"
    return dara, offer, only(desk, Notice.ref)


def only(desk: LetterSite, what):
    with desk.context():
        return db.session.scalars(select(what)).one()


def test_the_form_says_to_whom_mail_goes_and_refuses_anybody_else(mailing: LetterSite) -> None:
    to, item, dara = partner(mailing, None), mailing.decided(LIVE), mailing.sign_in("dara")
    form = dara.page(f"/desk/exchange/offer/{item}").text
    assert "Encrypted mail is for partners whose key is in the directory: none yet" in form

    shown = page.read_desk(dara.post(f"/desk/exchange/offer/{item}", partner=to, means="encrypted_mail"))

    assert "no key of this partner" in shown.errors["means"]


def test_a_key_that_is_gone_is_said_before_it_is_let_go(mailing: LetterSite, ring: locksmith.Openssl) -> None:
    offer, dara = drafted(mailing, ring), mailing.sign_in("dara")
    with mailing.context(), writing():
        recipient = db.session.scalars(select(Recipient).where(Recipient.mailbox == MAILBOX)).one()
        recipient_keys.withdraw(recipient, recipient.keys[0].id, by=mailing.person("lina"))

    shown = dara.page(f"/desk/exchange/{offer}")

    assert "the directory has no key of this partner" in shown.by_id("approve").text
    refused = dara.post(f"/desk/exchange/{offer}/approve")
    assert "no key of this partner" in page.read_desk(refused).errors["approve"]


def test_a_reviewer_reads_it_lets_it_go_and_sees_it_handed_over(
    mailing: LetterSite, server: MailServer, ring: locksmith.Openssl
) -> None:
    offer, dara = drafted(mailing, ring), mailing.sign_in("dara")
    before = dara.page(f"/desk/exchange/{offer}")
    letter_text = before.one("div", role="document").raw_text
    assert DEFANGED in letter_text
    with mailing.context():
        assert db.session.scalars(select(RecipientKey.fingerprint)).one() in before.text
    assert LIVE not in dara.get(f"/desk/exchange/{offer}").get_data(as_text=True)
    dara.post(f"/desk/exchange/{offer}/approve")
    letter = only(mailing, Notice.ref)
    waiting = dara.page(f"/desk/exchange/{offer}")
    assert "Its letter goes encrypted in a moment." in waiting.text
    assert "The partner has nothing yet." in waiting.text
    assert "Write down that it was handed over" not in waiting.text

    mailing.deliver(letter)

    [taken] = server.letters
    assert taken.mailboxes == (MAILBOX,)
    assert LIVE.encode() in ring.open(taken.content)
    after = dara.page(f"/desk/exchange/{offer}")
    assert after.one("a", href=f"/desk/notices/{letter}")
    assert "Sent" in after.text
    assert "What the partner answered" in after.text
    at_letter = dara.page(f"/desk/notices/{letter}")
    assert "Letter to a partner hotline, encrypted to its key" in at_letter.text
    assert at_letter.one("a", href=f"/desk/exchange/{offer}")
    assert letter_text.replace("N-······", letter) == at_letter.one("div", role="document").raw_text


def test_an_analyst_reads_the_letter_and_is_led_to_no_offer(mailing: LetterSite, ring: locksmith.Openssl) -> None:
    _dara, offer, letter = let_go(mailing, ring)

    shown = mailing.sign_in("rith").page(f"/desk/notices/{letter}")

    assert offer in shown.text
    assert not [one for one in shown.all("a") if one.get("href") == f"/desk/exchange/{offer}"]


def test_what_failed_is_said_and_tried_again(mailing: LetterSite, server: MailServer, ring: locksmith.Openssl) -> None:
    dara, offer, letter = let_go(mailing, ring)
    server.replies["RCPT"] = "550 no such mailbox"
    mailing.deliver(letter)
    shown = dara.page(f"/desk/exchange/{offer}").text
    assert "Not sent: the mail server said 550." in shown
    assert "What can be done about it stands at the letter." in shown

    server.replies.clear()
    dara.page(f"/desk/notices/{letter}")
    assert dara.post(f"/desk/notices/{letter}/try-again").status_code == 303
    mailing.deliver(letter)

    assert len(server.letters) == 1
    assert "What the partner answered" in dara.page(f"/desk/exchange/{offer}").text


def test_a_letter_taken_back_says_that_the_offer_goes_with_it(mailing: LetterSite, ring: locksmith.Openssl) -> None:
    dara, offer, letter = let_go(mailing, ring)
    assert "its offer is taken back" in dara.page(f"/desk/notices/{letter}").text

    dara.post(f"/desk/notices/{letter}/withdraw")

    assert "Taken back" in dara.page(f"/desk/exchange/{offer}").one("h1").text


def test_without_a_mail_server_it_is_kept_until_somebody_sends_it(desk_app: Flask, ring: locksmith.Openssl) -> None:
    desk = LetterSite(desk_app)
    dara, offer, letter = let_go(desk, ring)
    assert "No mail server is set, so its letter is kept here" in dara.page(f"/desk/exchange/{offer}").text
    desk.deliver(letter)
    assert "It has gone to nobody." in dara.page(f"/desk/exchange/{offer}").text

    dara.page(f"/desk/notices/{letter}")
    dara.post(f"/desk/notices/{letter}/by-hand")

    assert "What the partner answered" in dara.page(f"/desk/exchange/{offer}").text


def test_what_came_back_leads_to_the_letter(mailing: LetterSite, ring: locksmith.Openssl) -> None:
    dara, offer, letter = let_go(mailing, ring)
    mailing.deliver(letter)
    with mailing.context(), writing():
        notice = mailing.notice(letter)
        replies.record(notice, ReplyKind.MAIL, key=b"k" * 16, came_at=clock.now(), words="We take it.")

    shown = dara.page(f"/desk/exchange/{offer}")

    assert shown.one("a", href=f"/desk/notices/{letter}#answers-h")
    assert "Unread" in shown.text
    assert "We take it." not in shown.text


def test_the_answer_leads_to_the_offer_at_which_it_has_to_be_noted_too(
    mailing: LetterSite, ring: locksmith.Openssl
) -> None:
    dara, offer, letter = let_go(mailing, ring)
    mailing.deliver(letter)
    with mailing.context(), writing():
        notice = mailing.notice(letter)
        replies.record(notice, ReplyKind.MAIL, key=b"k" * 16, came_at=clock.now(), words="We take it.")
    path = f"/desk/notices/{letter}/answers/{only(mailing, Reply.id)}"

    assert dara.page(path).one("a", href=f"/desk/exchange/{offer}")
    shown = mailing.sign_in("rith").page(path)
    assert f"{offer} A reviewer does that." in " ".join(shown.text.split())
    assert not [one for one in shown.all("a") if one.get("href") == f"/desk/exchange/{offer}"]

    dara.page(f"/desk/exchange/{offer}")
    dara.post(f"/desk/exchange/{offer}/answer", status="declined", reason="other")
    assert "Note at the offer too" not in dara.page(path).text


def test_what_may_have_arrived_can_be_answered_and_does_not_go_again(
    mailing: LetterSite, server: MailServer, ring: locksmith.Openssl
) -> None:
    dara, offer, letter = let_go(mailing, ring)
    with mailing.context(), writing():
        notices.put_in_doubt(mailing.notice(letter))
    shown = dara.page(f"/desk/exchange/{offer}").text
    assert "The partner may have it." in shown
    assert "The partner has nothing yet." not in shown

    assert dara.post(f"/desk/exchange/{offer}/answer", status="accepted", reference="NL-1").status_code == 303
    mailing.deliver(letter)

    assert server.letters == []
    assert "Accepted" in dara.page(f"/desk/exchange/{offer}").one("h1").text


def test_no_letter_to_a_partner_is_drafted_at_the_letters_own_door(
    mailing: LetterSite, ring: locksmith.Openssl
) -> None:
    to, item, dara = partner(mailing, ring), mailing.decided(LIVE), mailing.sign_in("dara")
    assert to not in [one.get("value") for one in dara.page(f"/desk/notices/new?item={item}").all("input")]

    assert dara.post("/desk/notices/new", item=item, recipient=to).status_code == 422
