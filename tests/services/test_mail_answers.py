"""Answers by mail: filed at their notice once, whoever breaks off; on a server that drops, lies and renumbers."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from hotline import vault
from hotline.extensions import db
from hotline.gateways.mail import Handed
from hotline.models import MailArrival, Notice, Recipient, Reply, Report
from hotline.models.recipient import RecipientChange
from hotline.services import audit, mail_answers, mailbox, notice_approval, notice_drafting, notice_sending, replies
from hotline.transactions import writing
from hotline.vocabulary import Channel, Language, MailResult, NoticeStatus, ReplyKind
from tests.gateways import imap_server
from tests.gateways.imap_server import Box
from tests.services import steps
from tests.services.test_mailbox import count, letter, results, set_mailbox

MAIL, BOUNCE, AWAY = ReplyKind.MAIL, ReplyKind.BOUNCE, ReplyKind.OUT_OF_OFFICE


@pytest.fixture
def box() -> Iterator[tuple[str, Box]]:
    with imap_server.own_server() as found:
        yield found


@pytest.fixture
def notice(office: Flask, box: tuple[str, Box]) -> Notice:
    """A notice that has gone, and a mailbox for what comes back on it."""
    set_mailbox(office, box[0])
    return sent()


def sent(url: str = "https://img-board.example/t/1") -> Notice:
    """Bring a letter to where a mail server took it."""

    class Post:
        def send(self, *_: object) -> Handed:
            return Handed.ON

    item, (first, second, _) = steps.looked_at_twice(url=url), steps.team()
    with writing():
        notice = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)
        notice_approval.approve(notice, by=second)
    notice_sending.deliver(notice.id, mailer=Post())
    return db.session.get_one(Notice, notice.id)


def answer(notice: Notice, body: str = "Gone since noon.\n", *, more: str = "", **fields: str) -> bytes:
    """Return an answer to a notice, confirmed by our server and from its recipient unless told otherwise."""
    domain = notice.recipient.mailbox.partition("@")[2]
    sender = fields.pop("sender", f"Abuse <{notice.recipient.mailbox}>")
    confirmed = fields.pop("confirmed", f"mx.hotline.example; dmarc=pass header.from={domain}")
    threads = f"In-Reply-To: {notice.message_id}\n{more}"
    return letter(body, sender=sender, confirmed=confirmed, more=threads, **fields)


def bounce(notice: Notice, status: str = "5.1.1", *, action: str = "failed", mailbox: str = "") -> bytes:
    """Return what a mail server writes that could not deliver a notice."""
    named = mailbox or notice.recipient.mailbox
    body = "--b\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.host.example\n\n"
    body += f"Final-Recipient: rfc822; {named}\nAction: {action}\nStatus: {status}\n--b\n"
    body += f"Content-Type: message/rfc822\n\nMessage-ID: {notice.message_id}\nSubject: x\n\nwords\n--b--\n"
    kind = 'multipart/report; report-type=delivery-status; boundary="b"'
    return letter(body, sender="MAILER-DAEMON@mx.host.example", confirmed="", more="Return-Path: <>", kind=kind)


def filed() -> list[tuple[ReplyKind, str, str]]:
    """Return what was filed: its kind, code and words."""
    db.session.rollback()
    rows = db.session.scalars(select(Reply).order_by(Reply.id))
    ring = vault.keyring()
    return [(one.kind, one.code, ring.open(replies.PURPOSE, one.words) if one.words else "") for one in rows]


def status_of(notice: Notice) -> NoticeStatus:
    db.session.rollback()
    return db.session.get_one(Notice, notice.id).status


def test_an_answer_is_filed_sealed_at_its_notice_and_read_by_people(notice: Notice, box: tuple[str, Box]) -> None:
    _url, held = box
    raw = answer(notice)
    held.letters = {4: raw}

    assert mailbox.poll() == 0

    mailbox_of = notice.recipient.mailbox
    assert filed() == [(MAIL, "", f"From: Abuse <{mailbox_of}>\nSubject: Case 7\n\nGone since noon.")]
    assert held.folders == {"Answers": [raw]}
    assert results() == [MailResult.ANSWER]
    assert status_of(notice) is NoticeStatus.SENT  # what it says, a person has to read first
    reply = db.session.scalars(select(Reply)).one()
    assert (reply.notice_id, reply.answer, reply.read_at) == (notice.id, None, None)
    assert b"Gone" not in reply.words
    assert [found for _one, *found in mailbox.list_arrivals()] == [[None, notice.ref]]


def test_an_answer_of_a_sender_of_reports_is_an_answer_and_no_report(notice: Notice, box: tuple[str, Box]) -> None:
    _url, held = box
    held.letters = {1: answer(notice, "See https://a.example/1\n", sender="reports@partner.example")}

    mailbox.poll()

    assert ([kind for kind, *_ in filed()], count(Report)) == ([MAIL], 1)  # the one report is the notice's own


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"confirmed": ""}, "unconfirmed"),
        (
            {
                "sender": "x@elsewhere.example",
                "confirmed": "mx.hotline.example; dmarc=pass header.from=elsewhere.example",
            },
            "stranger",
        ),
        ({"more": "Precedence: bulk"}, "program"),
        ({"kind": "text/plain; charset*"}, "stranger unconfirmed"),  # the standard library raises an IndexError
        ({"kind": "application/pkcs7-mime; smime-type=enveloped-data"}, "encrypted"),
    ],
)
@pytest.mark.parametrize("stores", ["sqlite"], indirect=True)
def test_whoever_reads_an_answer_is_told_what_is_in_doubt(notice: Notice, box, how: dict[str, str], code: str) -> None:
    _url, held = box
    held.letters = {1: answer(notice, **how)}

    mailbox.poll()

    assert [(kind, said) for kind, said, _words in filed()] == [(MAIL, code)]


def test_a_reference_in_the_subject_is_enough_and_says_when_the_sender_is_not_known(notice: Notice, box) -> None:
    _url, held = box
    subject = f"Subject: Re: {notice.ref}"
    known = answer(notice).replace(b"Subject: Case 7", subject.encode()).replace(b"In-Reply-To", b"X-Nothing")
    held.letters = {
        1: known,
        2: letter(sender="x@elsewhere.example", confirmed="", more="").replace(b"Subject: Case 7", subject.encode()),
    }

    mailbox.poll()

    assert [(kind, code) for kind, code, _words in filed()] == [(MAIL, ""), (MAIL, "stranger unconfirmed")]


def test_a_recipient_whose_ticket_system_writes_anew_is_known_by_our_number_in_its_words(notice: Notice, box) -> None:
    _url, held = box
    domain = notice.recipient.mailbox.partition("@")[2]
    words = f"Ticket 4711 was closed.\n\nREMOVED {notice.ref}\n"
    held.letters = {1: letter(words, sender=f"desk@{domain}", confirmed="")}

    mailbox.poll()

    assert [(kind, code) for kind, code, _ in filed()] == [(MAIL, "unconfirmed")]
    assert results() == [MailResult.ANSWER]


def test_of_a_stranger_no_words_are_read_to_find_our_number(notice: Notice, box: tuple[str, Box]) -> None:
    _url, held = box
    held.letters = {1: letter(f"REMOVED {notice.ref}\n", sender="x@elsewhere.example", confirmed="")}

    mailbox.poll()

    assert (filed(), results()) == ([], [MailResult.UNKNOWN_SENDER])


def test_a_reporter_who_names_a_notice_by_its_reference_reports_too(notice: Notice, box: tuple[str, Box]) -> None:
    _url, held = box
    subject = f"Subject: Re: {notice.ref}".encode()
    held.letters = {
        1: letter("See https://a.example/1\n").replace(b"Subject: Case 7", subject),
        2: letter("Thank you.\n").replace(b"Subject: Case 7", subject),
    }

    assert mailbox.poll() == 1

    assert ([kind for kind, *_ in filed()], count(Report)) == ([MAIL, MAIL], 2)
    assert results() == [MailResult.TAKEN, MailResult.ANSWER]


def test_a_full_notice_still_takes_bounces_and_what_names_its_message_id(notice: Notice, box, monkeypatch) -> None:
    monkeypatch.setattr(mail_answers, "MOST_AT_A_NOTICE", 0)
    _url, held = box
    by_ref = letter(sender="x@elsewhere.example", confirmed="")
    held.letters = {
        1: by_ref.replace(b"Subject: Case 7", f"Subject: Re: {notice.ref}".encode()),
        2: answer(notice),
        3: bounce(notice),
    }

    mailbox.poll()

    assert [kind for kind, *_ in filed()] == [MAIL, BOUNCE]


def test_what_names_no_notice_of_ours_goes_the_way_of_reports(office: Flask, notice: Notice, box) -> None:
    _url, held = box
    other = notice.message_id.replace(notice.message_id[10:20], "0123456789")
    held.letters = {
        1: letter(more=f"In-Reply-To: {other}"),
        2: letter(more=f"In-Reply-To: {other}", sender="x@elsewhere.example"),
        3: bounce(notice).replace(notice.message_id.encode(), b"<x@y>"),
    }

    assert mailbox.poll() == 1

    assert (results(), filed()) == ([MailResult.TAKEN, MailResult.UNKNOWN_SENDER, MailResult.AUTOMATIC], [])


def test_a_draft_cannot_be_answered(office: Flask, box: tuple[str, Box]) -> None:
    url, held = box
    set_mailbox(office, url)
    item, (first, *_) = steps.looked_at_twice(), steps.team()
    with writing():
        draft = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)
    held.letters = {1: answer(draft, sender="x@elsewhere.example")}

    mailbox.poll()

    assert (results(), filed()) == ([MailResult.UNKNOWN_SENDER], [])


def test_a_bounce_leaves_the_letter_to_people_and_its_mailbox_to_be_verified_anew(notice: Notice, box) -> None:
    _url, held = box
    held.letters = {1: bounce(notice)}

    mailbox.poll()

    assert filed() == [(BOUNCE, "5.1.1", "")]
    assert status_of(notice) is NoticeStatus.BOUNCED
    recipient = db.session.get_one(Recipient, notice.recipient_id)
    assert recipient.verified_on is None
    change = db.session.scalars(select(RecipientChange).order_by(RecipientChange.id.desc())).first()
    assert (change.field, change.after, change.staff_id) == ("verified_on", "", None)


@pytest.mark.parametrize(("code", "elsewhere"), [("5.2.2", ""), ("4.4.7", ""), ("5.1.1", "somebody@hosting.example")])
@pytest.mark.parametrize("stores", ["sqlite"], indirect=True)
def test_a_bounce_that_says_nothing_about_the_mailbox_leaves_it_verified(
    notice, box, code: str, elsewhere: str
) -> None:
    _url, held = box
    held.letters = {1: bounce(notice, code, mailbox=elsewhere)}

    mailbox.poll()

    assert [(kind, said) for kind, said, _words in filed()] == [(BOUNCE, code)]
    assert db.session.get_one(Recipient, notice.recipient_id).verified_on is not None


def test_a_delay_is_no_bounce(notice: Notice, box: tuple[str, Box]) -> None:
    _url, held = box
    held.letters = {1: bounce(notice, "4.4.1", action="delayed")}

    mailbox.poll()

    assert (filed(), results(), list(held.folders)) == ([], [MailResult.AUTOMATIC], ["Refused"])
    assert status_of(notice) is NoticeStatus.SENT


def test_somebody_out_of_office_has_not_answered(notice: Notice, box: tuple[str, Box]) -> None:
    _url, held = box
    held.letters = {1: answer(notice, "Back on Monday.\n", more="Auto-Submitted: auto-replied\nReturn-Path: <>")}

    mailbox.poll()

    assert [(kind, code) for kind, code, _words in filed()] == [(AWAY, "")]
    assert status_of(notice) is NoticeStatus.SENT


@pytest.mark.parametrize("after", [0, 40, 300])
def test_a_drop_in_the_middle_of_an_answer_loses_and_doubles_nothing(notice: Notice, box, after: int) -> None:
    _url, held = box
    held.letters, held.drop_body_after = {1: answer(notice)}, after
    mailbox.poll()
    assert (filed(), results(), mailbox.standing()) == ([], [], "broken")

    held.drop_body_after, held.drop_before_move = None, True
    mailbox.poll()
    held.drop_before_move = False
    mailbox.poll()

    assert (len(filed()), results()) == (1, [MailResult.ANSWER])
    assert (held.letters, len(held.folders["Answers"])) == ({}, 1)


def test_new_numbers_for_the_same_answers_file_nothing_twice(notice: Notice, box: tuple[str, Box]) -> None:
    _url, held = box
    held.letters, held.drop_before_move = {1: answer(notice), 2: bounce(notice)}, True
    mailbox.poll()
    mailbox.poll()

    held.valid, held.drop_before_move = 8, False
    mailbox.poll()

    assert ([kind for kind, *_ in filed()], held.letters) == ([MAIL, BOUNCE], {})
    assert len(held.folders["Answers"]) == 2


def test_of_an_answer_of_fifty_megabytes_only_the_beginning_is_fetched(notice: Notice, box: tuple[str, Box]) -> None:
    _url, held = box
    held.letters = {1: answer(notice, "Gone.\n" + "x" * 70 + "\n" * 400_000)}
    held.sizes = {1: 50 * 1024 * 1024}

    mailbox.poll()

    assert [(kind, code) for kind, code, _words in filed()] == [(MAIL, "cut")]
    assert not any("BODY.PEEK[])" in asked for asked in held.asked)
    assert any("BODY.PEEK[]<0.262144>" in asked for asked in held.asked)


def test_whoever_writes_for_ever_fills_no_store(notice: Notice, box: tuple[str, Box], monkeypatch) -> None:
    monkeypatch.setattr(mail_answers, "MOST_AT_A_NOTICE", 2)
    _url, held = box
    subject = f"Subject: Re: {notice.ref}".encode()
    held.letters = {
        number: answer(notice, f"words {number}\n")
        .replace(b"Subject: Case 7", subject)
        .replace(b"In-Reply-To", b"X-Nothing")
        for number in range(1, 5)
    }

    mailbox.poll()

    assert len(filed()) == 2
    assert (results(), len(held.folders["Answers"])) == ([MailResult.ANSWER] * 4, 4)


@pytest.mark.parametrize(
    ("limit", "kind"), [("MOST_BY_ITS_ID", MAIL), ("MOST_BOUNCES", BOUNCE)], ids=["by its Message-ID", "bounces"]
)
def test_what_names_the_message_id_is_noted_up_to_a_limit_and_the_rest_is_told_once(
    notice: Notice, box: tuple[str, Box], monkeypatch: pytest.MonkeyPatch, limit: str, kind: ReplyKind
) -> None:
    monkeypatch.setattr(mail_answers, limit, 2)
    _url, held = box
    for number in range(1, 6):
        held.letters[number] = answer(notice, f"words {number}\n") if kind is MAIL else bounce(notice, f"5.2.{number}")

    mailbox.poll()

    assert [one for one, *_ in filed()] == [kind] * 2
    assert (results(), len(held.folders["Answers"])) == ([MailResult.ANSWER] * 5, 5)
    assert audit.count(f"notice {notice.ref}", mail_answers.HELD) == 1


def test_an_attachment_of_an_answer_is_kept_nowhere(notice: Notice, box: tuple[str, Box], tmp_path) -> None:
    _url, held = box
    body = "--x\n\nSee the picture.\n--x\nContent-Type: image/png; name=a.png\n"
    body += "Content-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--x--\n"
    held.letters = {1: answer(notice, body, kind="multipart/mixed; boundary=x")}

    mailbox.poll()

    ((_kind, code, words),) = filed()
    assert code == "attached"
    assert "iVBOR" not in words
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"iVBORw0KGgo" in path.read_bytes()]


def test_answers_come_in_from_a_real_mailbox_and_lie_in_a_folder_of_their_own(office: Flask) -> None:
    if not imap_server.has_dovecot():
        pytest.fail(imap_server.MISSING, pytrace=False)
    with imap_server.dovecot() as server:
        set_mailbox(office, server.url())
        notice = sent()
        server.put(answer(notice), bounce(notice), letter())

        assert mailbox.poll() == 1
        mailbox.poll()

        assert sorted(kind for kind, *_ in filed()) == [BOUNCE, MAIL]
        assert [server.count(folder) for folder in ("", "Answers", "Taken", "Refused")] == [0, 2, 1, 0]
        assert db.session.scalars(select(MailArrival.reply_id).where(MailArrival.reply_id.is_not(None))).all() != []
