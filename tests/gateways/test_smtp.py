"""What only a mail server can do to a letter: refuse it, put it off, hang, hang up, or not be who it says."""

import contextlib
import signal
import smtplib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from hotline.gateways import mail
from hotline.gateways.mail import MailFault, SmtpMailer
from tests.gateways.mail_server import (
    HANG,
    HANG_UP,
    PASSWORD,
    USER,
    MailServer,
    check_password,
    listening,
    make_certificate,
)
from tests.gateways.test_mail import MAILBOX, SENDER, letter, message_id

ELSEWHERE = "mail.example"

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")


@pytest.fixture
def server() -> Iterator[MailServer]:
    with listening() as server:
        yield server


@pytest.fixture
def mailer(server: MailServer) -> SmtpMailer:
    return SmtpMailer(f"smtp://127.0.0.1:{server.port}")


def send(mailer: SmtpMailer, number: int = 1) -> None:
    mailer.send(SENDER, MAILBOX, message_id(number), letter(number))


def fault_of(mailer: SmtpMailer) -> tuple[str, bool]:
    with pytest.raises(MailFault) as failed:
        send(mailer)
    return failed.value.code, failed.value.permanent


@pytest.mark.parametrize(
    ("step", "reply", "permanent"),
    [
        ("RCPT", "550 no such mailbox here", True),
        ("RCPT", "450 mailbox busy", False),
        ("RCPT", "451 greylisted, come back later", False),
        ("RCPT", "421 too busy", False),
        ("DATA", "555 we do not want this", True),
        ("DATA", "452 our disk is full", False),
        ("DATA", "421 going down", False),
        # about us, not about the letter: an admin can mend it, and the letter must still be there then
        ("MAIL", "550 you may not send as this", False),
        ("MAIL", "530 sign in first", False),
        ("MAIL", "451 not now", False),
    ],
)
def test_a_refusal_says_whether_to_try_again_and_the_next_letter_still_goes(server, mailer, step, reply, permanent):
    server.replies[step] = reply

    assert fault_of(mailer) == (reply[:3], permanent)
    assert server.letters == []
    server.replies.clear()
    send(mailer, 2)
    assert server.message_ids() == [message_id(2)]


@pytest.mark.parametrize(
    ("step", "told"), [("RCPT", ("unwanted", True)), ("DATA", ("unwanted", True)), ("MAIL", ("554", False))]
)
def test_who_turns_a_letter_down_is_told_from_a_server_that_takes_none_of_ours(server, mailer, step, told):
    server.replies[step] = "554 not from you"

    assert fault_of(mailer) == told


def test_a_full_mailbox_may_have_room_again_and_a_letter_that_is_too_large_is_never_smaller(server, mailer):
    server.replies["RCPT"] = "552 5.2.2 mailbox full"
    assert fault_of(mailer) == ("full", False)
    server.replies = {"DATA": "552 5.3.4 too big"}
    assert fault_of(mailer) == ("552", True)
    assert server.letters == []


@pytest.mark.parametrize("reply", ["251 gone on", "252 perhaps"])
def test_any_yes_to_the_whole_letter_is_a_yes(server, mailer, reply):
    server.replies["DATA"] = reply

    send(mailer)

    assert server.message_ids() == [message_id(1)]


@pytest.mark.parametrize("reply", ["354 go on", "what", "199 wait"])
def test_what_is_no_answer_to_a_whole_letter_leaves_it_in_doubt(server, mailer, reply):
    server.replies["DATA"] = reply

    assert fault_of(mailer) == ("unconfirmed", False)


@pytest.mark.parametrize("answer", [b"250 OK", b"251 yes"])
def test_a_server_that_says_yes_before_it_was_given_anything_has_taken_nothing(answer):
    with socket.create_server(("127.0.0.1", 0)) as hasty:
        thread = _answer_each(hasty, [b"220 hi", b"250 hello", b"250 OK", b"250 OK", answer])

        assert fault_of(SmtpMailer(f"smtp://127.0.0.1:{hasty.getsockname()[1]}")) == (answer[:3].decode(), False)
        thread.join()


@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
def test_a_connection_dropped_before_the_letter_was_given_asks_for_another_try(server, mailer, step):
    server.replies[step] = HANG_UP

    assert fault_of(mailer) == ("connect", False)
    assert server.letters == []


def test_a_letter_whose_answer_got_lost_is_not_sent_again_behind_its_callers_back(server, mailer):
    server.replies["DATA"] = HANG_UP

    assert fault_of(mailer) == ("unconfirmed", False)
    assert server.message_ids() == [message_id(1)]


def test_a_letter_whose_answer_got_lost_on_a_kept_connection_is_not_sent_again_either(server, mailer):
    send(mailer, 2)
    server.replies["DATA"] = HANG_UP

    assert fault_of(mailer) == ("unconfirmed", False)
    assert server.message_ids() == [message_id(2), message_id(1)]


@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
def test_a_server_that_hangs_is_given_up(server, mailer, step, monkeypatch):
    monkeypatch.setattr(mail, "TIMEOUT", 0.3)
    server.replies[step] = HANG

    assert fault_of(mailer) == ("connect", False)
    assert server.letters == []


def test_a_server_that_takes_its_time_to_confirm_is_waited_for(server, monkeypatch):
    monkeypatch.setattr(mail, "TIMEOUT", 0.2)
    server.pause = 0.8

    send(SmtpMailer(f"smtp://127.0.0.1:{server.port}", giving=0.4))

    assert server.message_ids() == [message_id(1)]


def test_a_server_that_never_confirms_is_given_up_and_nobody_knows_whether_the_letter_arrived(server):
    server.replies["DATA"] = HANG

    assert fault_of(SmtpMailer(f"smtp://127.0.0.1:{server.port}", confirming=0.3)) == ("unconfirmed", False)
    assert server.message_ids() == [message_id(1)]


@pytest.mark.parametrize("answers", [1, 5])
def test_a_server_that_always_says_a_little_more_does_not_stretch_the_time(answers):
    with socket.create_server(("127.0.0.1", 0)) as dripping:
        visitor = _drip_after(dripping, answers)
        began = time.monotonic()

        mailer = SmtpMailer(f"smtp://127.0.0.1:{dripping.getsockname()[1]}", giving=0.6, confirming=0.6)
        assert fault_of(mailer) == (("connect", False) if answers < 5 else ("unconfirmed", False))
        assert time.monotonic() - began < 2
        visitor.join()


@pytest.mark.parametrize(
    ("step", "reply", "spends"),
    [
        ("MAIL", "550 you may not send as this", 0),
        ("MAIL", HANG_UP, 0),
        ("RCPT", HANG_UP, 0),
        ("RCPT", "451 greylisted, come back later", 1),
        ("DATA", "452 our disk is full", 1),
        ("DATA", HANG_UP, mail.DOUBTFUL),
    ],
)
def test_only_what_says_something_about_the_letter_spends_patience_with_it(server, mailer, step, reply, spends):
    server.replies[step] = reply

    with pytest.raises(MailFault) as failed:
        send(mailer)

    assert failed.value.spends == spends


def test_a_server_that_accepts_and_says_nothing_is_given_up(monkeypatch):
    monkeypatch.setattr(mail, "TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert fault_of(SmtpMailer(f"smtp://127.0.0.1:{silent.getsockname()[1]}")) == ("connect", False)


def test_a_server_that_closes_its_door_says_nothing_about_the_letter():
    with socket.create_server(("127.0.0.1", 0)) as busy:
        busy.listen()
        mailer = SmtpMailer(f"smtp://127.0.0.1:{busy.getsockname()[1]}")
        visitor = _answer_once(busy, b"554 no service for you\r\n")

        assert fault_of(mailer) == ("554", False)
        visitor.join()


def test_letters_go_over_one_connection(server, mailer):
    for number in (1, 2, 3):
        send(mailer, number)

    assert server.message_ids() == [message_id(number) for number in (1, 2, 3)]
    assert server.connections == 1


def test_a_kept_connection_that_has_gone_stale_is_opened_anew_and_the_letter_goes_once(server, mailer):
    send(mailer, 1)
    server.hang_up()

    send(mailer, 2)

    assert server.message_ids() == [message_id(1), message_id(2)]
    assert server.connections == 2


def test_a_kept_connection_the_server_is_tired_of_is_opened_anew(server, mailer):
    send(mailer, 1)
    refused = iter(["421 enough on this connection", "250 OK"])

    async def handle(*_: object) -> str:
        return next(refused)

    server.handle_MAIL = handle
    send(mailer, 2)

    assert server.message_ids() == [message_id(1), message_id(2)]


def test_a_sending_that_is_interrupted_leaves_no_connection_in_the_middle_of_a_letter(server, mailer):
    """RQ ends a job that takes too long by an exception. The next letter must not take this one's answer for its."""
    server.replies["DATA"] = HANG

    def give_up(*_: object) -> None:
        raise RuntimeError("time is up")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(RuntimeError, match="time is up"):
            send(mailer, 1)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    server.replies["DATA"] = "550 not this one"

    assert fault_of(mailer) == ("550", True)
    assert server.connections == 2


def test_the_greeting_bears_the_mail_domain_and_never_this_computers_name(server, mailer, monkeypatch):
    monkeypatch.setattr(socket, "getfqdn", lambda *_: pytest.fail("the computer's name was looked up"))

    send(mailer)

    assert server.letters[0].greeting == "hotline.example"


# --- Encryption -------------------------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a name that is not loopback lead to the server of the test."""
    connect = socket.create_connection

    def lead_home(address, *rest, **more):
        assert address[0] == ELSEWHERE
        return connect(("127.0.0.1", address[1]), *rest, **more)

    monkeypatch.setattr(smtplib.socket, "create_connection", lead_home)


@pytest.fixture(params=["smtp", "smtps"])
def guarded(request: pytest.FixtureRequest, tmp_path: Path, elsewhere: None) -> Iterator[tuple[MailServer, str, Path]]:
    """A server that wants encryption and a password, its address, and its certificate."""
    certificate, context = make_certificate(tmp_path, ELSEWHERE)
    options = {"auth_required": True, "authenticator": check_password}
    if request.param == "smtp":
        options |= {"tls_context": context, "require_starttls": True}
    else:
        options |= {"tls_from_the_start": context, "auth_require_tls": False}  # aiosmtpd cannot see that it is inside
    with listening(**options) as server:
        yield server, f"{request.param}://{USER}:{quote(PASSWORD, safe='')}@{ELSEWHERE}:{server.port}", certificate


def test_a_server_whose_certificate_is_trusted_gets_user_password_and_letter_encrypted(guarded, monkeypatch):
    server, url, certificate = guarded
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    send(SmtpMailer(url))

    assert [taken.encrypted for taken in server.letters] == [True]


def test_a_certificate_nobody_vouches_for_is_refused(guarded):
    server, url, _ = guarded

    assert fault_of(SmtpMailer(url)) == ("certificate", False)
    assert server.letters == []


def test_a_certificate_of_another_name_is_refused(guarded, monkeypatch):
    server, url, certificate = guarded
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    connect = smtplib.socket.create_connection
    monkeypatch.setattr(
        smtplib.socket, "create_connection", lambda address, *more: connect((ELSEWHERE, address[1]), *more)
    )

    assert fault_of(SmtpMailer(url.replace(ELSEWHERE, "other.example"))) == ("certificate", False)
    assert server.letters == []


def test_a_wrong_password_can_be_mended_and_is_not_told(guarded, monkeypatch):
    server, url, certificate = guarded
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    assert fault_of(SmtpMailer(url.replace("pass", "past"))) == ("sign-in", False)
    assert server.letters == []


def test_nothing_is_sent_in_clear_to_a_server_elsewhere(server, elsewhere):
    assert fault_of(SmtpMailer(f"smtp://{ELSEWHERE}:{server.port}")) == ("no encryption", False)
    assert server.letters == []


def test_no_password_is_sent_in_clear_not_even_on_loopback():
    seen = []

    def note(*who: object) -> object:
        seen.append(who)
        return check_password(*who)

    with listening(auth_require_tls=False, authenticator=note) as server:
        assert fault_of(SmtpMailer(f"smtp://{USER}:x@127.0.0.1:{server.port}")) == ("no encryption", False)

    assert seen == []


def _answer_once(listener: socket.socket, words: bytes) -> threading.Thread:
    def answer() -> None:
        visitor, _ = listener.accept()
        visitor.sendall(words)
        visitor.close()

    thread = threading.Thread(target=answer)
    thread.start()
    return thread


def _answer_each(listener: socket.socket, answers: list[bytes]) -> threading.Thread:
    """Answer one command after the other, whatever it is, and hang up."""

    def answer() -> None:
        visitor, _ = listener.accept()
        with visitor, visitor.makefile("rb") as commands:
            for words in answers:
                visitor.sendall(words + b"\r\n")
                commands.readline()

    thread = threading.Thread(target=answer)
    thread.start()
    return thread


def _drip_after(listener: socket.socket, answers: int) -> threading.Thread:
    """Answer so many times as a mail server does, then go on saying the next answer without ever ending it."""

    def talk() -> None:
        visitor, _ = listener.accept()
        with visitor, visitor.makefile("rb") as said, contextlib.suppress(OSError):
            visitor.sendall(b"220 sink.example\r\n")
            for _ in range(answers - 1):
                visitor.sendall(b"354 go on\r\n" if said.readline().startswith(b"DATA") else b"250 yes\r\n")
            while True:
                visitor.sendall(b"2")
                time.sleep(0.1)

    thread = threading.Thread(target=talk)
    thread.start()
    return thread
