"""The letter a provider gets, as it comes off the wire of a real mail server."""

import itertools
import json
import quopri
import re
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime

import pytest

from hotline.errors import DomainError
from hotline.extensions import db
from hotline.gateways.mail import SmtpMailer
from hotline.models import Notice, Recipient
from hotline.rules import letters
from hotline.rules.letters import Letter
from hotline.services import notice_sending
from hotline.transactions import writing
from hotline.vocabulary import Language, NoticeStatus
from tests.gateways.mail_server import MailServer, Taken, listening
from tests.jobs.office import FIRST, MAILBOX, SECOND, SENDER, Office

LONG = "https://img-board.example/" + "very-long-path/" * 120 + "?q=%E1%9E%80&x=1#part"
ADDRESSES = ("https://img-board.example/t/1?a=b&c=%20d#e", LONG)
LINE = 998  # octets without CRLF, RFC 5322 2.1.1
CR_OR_LF_ALONE = re.compile(rb"\r(?!\n)|(?<!\r)\n")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = Office(tmp_path_factory.mktemp("office"))
    office.settle_in()
    return office


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    with listening() as server:
        yield server


@pytest.fixture(scope="module")
def post(office: Office, server: MailServer) -> Callable[..., Taken]:
    mailer = SmtpMailer(f"smtp://127.0.0.1:{server.port}")
    numbers = itertools.count()

    def post(language: Language, address: str = ADDRESSES[0]) -> Taken:
        office.report(address.replace("#", f"&n={next(numbers)}#"))
        office.open_inbox()
        [ref] = office.decide_new()
        notice_id = office.draft(ref, language=language)
        office.approve(notice_id)
        with office.here():
            notice_sending.deliver(notice_id, mailer=mailer)
        assert office.has(notice_id, NoticeStatus.SENT)
        return server.letters[-1]

    return post


@pytest.fixture(scope="module", params=[(lang, address) for lang in Language for address in ADDRESSES])
def taken(request: pytest.FixtureRequest, post: Callable[..., Taken]) -> tuple[Taken, str]:
    taken = post(*request.param)
    return taken, request.param[1]


def test_every_line_is_short_enough_ascii_and_ends_as_the_standard_says(taken):
    wire = taken[0].content

    assert wire.isascii()
    assert not CR_OR_LF_ALONE.search(wire)
    assert max(map(len, wire.split(b"\r\n"))) <= LINE


def test_the_head_has_what_the_standard_asks_for_each_once_and_nothing_else(taken):
    message = taken[0].message

    assert not message.defects
    assert sorted(message.keys()) == sorted(
        ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
    )
    assert [str(address.addr_spec) for address in message["From"].addresses] == [SENDER]
    assert [str(address) for address in message["To"].addresses] == [MAILBOX]
    assert re.fullmatch(r"<n-[a-z0-9]{6}\.[0-9a-f]{16}@hotline\.example>", taken[0].message_id)
    assert parsedate_to_datetime(message["Date"]).tzinfo is not None
    assert taken[0].mailboxes == (MAILBOX,)


def test_addresses_txt_holds_the_exact_address_and_the_text_a_harmless_one(taken):
    message, address = taken[0].message, taken[1]

    attached, report = message.iter_attachments()
    body = message.get_body(("plain",)).get_content()

    assert attached.get_filename() == "addresses.txt"
    assert attached.get_content_type() == "text/plain"
    [exact, end] = attached.get_content().split("\r\n")
    assert re.sub("&n=[0-9]+#", "#", exact) == address
    assert end == ""
    assert exact.replace("https://", "hxxps://").replace("img-board.", "img-board[.]") in body
    assert "https://img-board" not in body
    assert (report.get_filename(), report.get_content_type()) == ("xarf.json", "application/json")
    assert json.loads(report.get_content())["classification"] == "baseline"


def test_no_member_of_staff_by_name_and_nobodys_words_are_in_it_however_encoded(taken):
    raw = taken[0].content
    decoded = [part.get_payload(decode=True) or b"" for part in taken[0].message.walk()]
    everything = b"\n".join([raw, quopri.decodestring(raw), *decoded]).decode("utf-8", "replace")

    for name in (FIRST, SECOND, *FIRST.split(), *SECOND.split(), "A-02"):
        assert name not in everything
    assert "A-01" in everything  # whoever drafted it, as a number


def test_a_khmer_letter_speaks_khmer_in_subject_and_text(post):
    message = post(Language.KM).message

    assert "បន្ទាន់" in message["Subject"]
    assert "សូមគោរព" in message.get_body(("plain",)).get_content()


def test_the_name_of_the_hotline_stands_before_its_mailbox(post):
    assert post(Language.EN).message["From"].addresses[0].display_name == "Internet Hotline"


def test_a_letter_written_again_is_the_same_to_the_byte(office: Office, server: MailServer, post):
    first = post(Language.KM)
    with office.here():
        notice = db.session.query(Notice).filter_by(message_id=first.message_id).one()
        at = notice.approved_at or notice.drafted_at
        again = notice_sending._on_the_wire(notice_sending.Lease(2, notice.message_id, notice.letter, at, MAILBOX))[3]

    assert again == first.content


def test_a_hotline_whose_name_has_commas_and_khmer_is_still_one_sender():
    wire = _wire(sender_name='ហតឡាយ "Hotline", Cambodia <x@y.example>')

    [sender] = message_from_bytes(wire, policy=policy.default)["From"].addresses
    assert sender.addr_spec == SENDER


@pytest.mark.parametrize("breaks", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("field", ["subject", "mailbox"])
def test_a_line_break_in_a_head_line_is_refused(field: str, breaks: str):
    with pytest.raises(ValueError, match=r"linefeed|carriage|line"):
        _wire(**{field: f"abuse@hosting.example{breaks}Bcc: second@other.example"})


def test_text_that_looks_like_mail_stays_text():
    text = "From: x\r\nBcc: second@other.example\r\n.\r\nRCPT TO:<second@other.example>\r\n"

    message = message_from_bytes(_wire(text=text), policy=policy.default)

    assert message["Bcc"] is None
    assert message.get_body(("plain",)).get_content().split() == text.split()


@pytest.mark.parametrize("text", ["é", "ខ្មែរ\n" * 3, "x" * 5000, "ខ" * 5000, "\u2028 \x0b\x1c", "", "=\n.\n..\nFrom x"])
def test_whatever_the_text_the_wire_stays_ascii_in_short_lines(text: str):
    wire = _wire(text=text, addresses=(text.replace("\n", ""),))

    assert wire.isascii()
    assert not CR_OR_LF_ALONE.search(wire)
    assert max(map(len, wire.split(b"\r\n"))) <= LINE


def test_a_notice_to_more_than_one_mailbox_fails_for_good_and_says_why(office: Office, server: MailServer):
    with office.here(), writing():
        to = db.session.query(Recipient).filter_by(mailbox=MAILBOX).one()
        to.mailbox = "abuse@hosting.example, second@other.example"
    before = len(server.letters)
    try:
        office.report("https://files.example/two-mailboxes")
        office.open_inbox()
        [ref] = office.decide_new()
        notice_id = office.draft(ref, mailbox="abuse@hosting.example, second@other.example")
        office.approve(notice_id)
        with office.here():
            notice_sending.deliver(notice_id, mailer=SmtpMailer(f"smtp://127.0.0.1:{server.port}"))
    finally:
        with office.here(), writing():
            db.session.query(Recipient).filter_by(name="Example Hosting B.V.").one().mailbox = MAILBOX

    assert office.notice(notice_id).last_fault == "mailbox"
    assert office.has(notice_id, NoticeStatus.FAILED)
    assert len(server.letters) == before


def test_a_letter_that_does_not_open_is_counted_as_an_attempt_and_not_tried_every_minute(office: Office):
    office.report("https://files.example/locked")
    office.open_inbox()
    [ref] = office.decide_new()
    notice_id = office.draft(ref)
    office.approve(notice_id)
    ring = office.app.extensions["hotline.keyring"]
    halves, ring.halves = ring.halves, {}
    try:
        with office.here():
            notice_sending.deliver(notice_id, mailer=SmtpMailer("smtp://127.0.0.1:9"))
    except DomainError as exc:
        pytest.fail(f"delivering raised {type(exc).__name__}")
    finally:
        ring.halves = halves

    found = office.notice(notice_id)
    assert (found.status, found.last_fault, found.attempts, found.leased_until) == (
        NoticeStatus.QUEUED,
        "letter",
        1,
        None,
    )


def _wire(**changes: object) -> bytes:
    sender_name = str(changes.pop("sender_name", "Internet Hotline"))
    facts = {"mailbox": MAILBOX, "subject": "No. 1", "text": "A line.\n", "addresses": ADDRESSES} | changes
    at = parsedate_to_datetime("Tue, 24 Nov 2026 10:00:00 +0000")
    message_id = "<n-1.0123456789abcdef@hotline.example>"
    return letters.message(Letter(**facts), message_id=message_id, sender=SENDER, sender_name=sender_name, at=at)
