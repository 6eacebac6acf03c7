"""Mail: by SMTP, or kept as sealed files where no mail server is set. Both keep the same promises to their caller."""

import io
import os
import re
import smtplib
import ssl
import time
from enum import Enum, auto
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from hotline.vault import Keyring

TIMEOUT = 30.0  # seconds of silence after which a mail server counts as gone
GIVING = (
    90.0  # seconds for everything until the letter is given: a stale connection, a fresh one, and all their answers
)
CONFIRMING = (
    600.0  # seconds for saying that it is taken; RFC 5321, 4.5.3.2.6: less makes copies of letters that arrived
)
TRYING = 15.0  # seconds for each half of a test, which a person waits for
LONGEST = GIVING + CONFIRMING  # no sending takes longer
OK, GIVE, REFUSES, FOR_GOOD = 250, 354, 400, 500
TOO_LARGE = 552  # said to the size that is announced with the sender (RFC 1870): about the letter, and for good
NO_ROOM = 552  # the same number, said to a recipient: their mailbox is full (RFC 5321, 4.2.3), which passes
TURNED_DOWN = 554  # said to a recipient or a letter: mostly by policy; said to us, a server takes no mail at all
FULL, CERTIFICATE, UNWANTED = "full", "certificate", "unwanted"
UNCONFIRMED = "unconfirmed"  # given, and nobody knows whether it was taken
DOUBTFUL = 19  # what a try that may have arrived spends of the patience with a letter; one that was answered spends 1
DOT = re.compile(rb"^\.", re.MULTILINE)
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
PLAIN = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?", re.ASCII)
KEPT_PURPOSE = "letter.kept"


class Handed(Enum):
    """What a mailer did with a letter that it took."""

    ON = auto()  # to a mail server: it has gone
    KEPT = auto()  # here, and it has gone to nobody


class MailFault(Exception):
    """A letter was not taken, or nobody knows. `permanent` says whether trying again makes sense.

    `code` is safe to store and log. `spends` says how much of the patience with this letter the try uses up: nothing
    where the fault says nothing about the letter, such as a server that is away.
    """

    def __init__(self, code: str, *, permanent: bool, spends: int = 1) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.spends = spends


def in_doubt() -> MailFault:
    """Return the fault of a try that broke off where the letter may have been taken."""
    return MailFault(UNCONFIRMED, permanent=False, spends=DOUBTFUL)


class Mailer(Protocol):
    """Takes one whole message for one mailbox."""

    def send(self, sender: str, mailbox: str, message_id: str, message: bytes) -> Handed:
        """Take `message` (ASCII, lines end in CRLF) and say what was done with it.

        Raises MailFault when it was not taken, or nobody knows.
        """


class SmtpMailer:
    """Sends by SMTP over one connection that is kept for the next letter."""

    def __init__(self, url: str, *, giving: float = GIVING, confirming: float = CONFIRMING) -> None:
        self._url = urlsplit(url)
        self._giving, self._confirming = giving, confirming
        self._server: Punctual | None = None

    def send(self, sender: str, mailbox: str, message_id: str, message: bytes) -> Handed:
        """Send one message, in `LONGEST` seconds at most.

        What the server may have taken is never offered again here: that is the caller's choice.
        """
        _refuse_unless_plain(mailbox)
        taken = False
        try:
            self._begin(sender, len(message), until=time.monotonic() + self._giving)
            self._hand_over(mailbox, message)
            taken = True
        except smtplib.SMTPAuthenticationError as exc:
            raise MailFault("sign-in", permanent=False, spends=0) from exc
        except smtplib.SMTPNotSupportedError as exc:
            raise MailFault("no encryption", permanent=False, spends=0) from exc
        except smtplib.SMTPResponseException as exc:
            raise MailFault(str(exc.smtp_code), permanent=False, spends=0) from exc
        except ssl.SSLCertVerificationError as exc:
            raise MailFault(CERTIFICATE, permanent=False, spends=0) from exc
        except (smtplib.SMTPException, OSError) as exc:
            raise MailFault("connect", permanent=False, spends=0) from exc
        finally:
            if not taken:  # whatever broke it off: the server's next words would answer the wrong question
                self._forget()
        return Handed.ON

    def _begin(self, sender: str, size: int, *, until: float) -> None:
        """Bring a connection to where it waits for a recipient; a kept one may have gone stale and is opened anew."""
        if self._server is not None:
            self._server.allow(until, silence=TIMEOUT)
            if not _takes_mail(self._server, sender, size):
                self._forget()
        if self._server is None:
            self._server = _connect(self._url, us=sender.partition("@")[2], until=until)
            code, words = _mail_from(self._server, sender, size)
            if code == TOO_LARGE:
                raise MailFault(str(code), permanent=True)
            if not _is_taken(code):
                raise smtplib.SMTPResponseException(code, words)

    def _hand_over(self, mailbox: str, message: bytes) -> None:
        """Name the recipient and give the letter; only what the server says here is about the letter itself."""
        assert self._server is not None
        code, _ = self._server.rcpt(mailbox)
        if code == NO_ROOM:
            raise MailFault(FULL, permanent=False)
        if not _is_taken(code):
            raise _refused(code)
        code, _ = self._server.docmd("DATA")
        if code != GIVE:
            raise _refused(code)
        self._server.send(DOT.sub(b"..", message) + b".\r\n")  # raises where not all of it has left
        code = self._confirmed()
        if not _is_taken(code):
            raise _refused(code) if code >= REFUSES else in_doubt()  # anything else is no answer to a letter

    def _confirmed(self) -> int:
        """Wait for what the server says to the whole letter. From here on it may have taken it."""
        assert self._server is not None
        self._server.allow(time.monotonic() + self._confirming, silence=self._confirming)
        try:
            return self._server.getreply()[0]
        except (smtplib.SMTPException, OSError) as exc:
            raise in_doubt() from exc

    def _forget(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None


class Punctual(smtplib.SMTP):
    """A connection whose exchanges end in time, however slowly the other side speaks.

    The library's own timeout begins anew with every few bytes that come.
    """

    def __init__(self, *where: Any, until: float, **how: Any) -> None:
        self.allow(until, silence=TIMEOUT)
        how["timeout"] = self.left()
        super().__init__(*where, **how)

    def allow(self, until: float, *, silence: float) -> None:
        """Let what comes take until that moment (`time.monotonic`), with no silence longer than that."""
        self._until, self._silence = until, silence

    def left(self) -> float:
        """Return how many seconds the next step may take. Raises TimeoutError when the time is over."""
        seconds = min(self._until - time.monotonic(), self._silence)
        if seconds <= 0:
            raise TimeoutError("the time for this letter is over")
        return seconds

    def send(self, s: Any) -> None:
        """Send in time."""
        if self.sock is not None:
            self.sock.settimeout(self.left())
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        """Read an answer in time."""
        if self.file is None:
            self.file = io.BufferedReader(_Answers(self))
        return super().getreply()


class _PunctualTls(Punctual, smtplib.SMTP_SSL):
    """The same, encrypted from the start."""


class _Answers(io.RawIOBase):
    """What a mail server says."""

    def __init__(self, server: Punctual) -> None:
        self._server = server

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, room: Any) -> int:
        """Take what has come, or wait for more as long as there is time."""
        sock = self._server.sock
        if sock is None:
            return 0
        sock.settimeout(self._server.left())
        return sock.recv_into(room)


class KeptMailer:
    """Keeps each letter as a sealed file that the desk or `flask letters show` opens. The same letter is kept once."""

    def __init__(self, folder: Path, keyring: Keyring) -> None:
        self._folder = folder
        self._keyring = keyring

    def send(self, sender: str, mailbox: str, message_id: str, message: bytes) -> Handed:
        """Write one sealed file, whole or not at all."""
        _refuse_unless_plain(mailbox)
        path = self._folder / f"{kept_name(message_id)}.sealed"
        fresh = path.with_suffix(".new")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(self._keyring.seal(KEPT_PURPOSE, message.decode("ascii")))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
            _keep_entries(self._folder)
        except OSError as exc:
            raise MailFault("disk", permanent=False, spends=0) from exc
        return Handed.KEPT


def kept_letters(folder: Path, keyring: Keyring) -> dict[str, str]:
    """Open every kept letter: name to whole message, oldest first."""
    paths = sorted(folder.glob("*.sealed"), key=lambda path: path.stat().st_mtime)
    return {path.stem: keyring.open(KEPT_PURPOSE, path.read_bytes()) for path in paths}


def kept_name(message_id: str) -> str:
    """Return the name a kept letter has: what its Message-ID says before the @."""
    return message_id.strip("<>").partition("@")[0]


def kept_names(folder: Path) -> list[str]:
    """Return the names of all kept letters, newest first."""
    found = sorted(folder.glob("*.sealed"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [path.stem for path in found]


def kept_letter(folder: Path, name: str, keyring: Keyring) -> str:
    """Open one kept letter, by a name from `kept_names`. Raises KeyMissing or Unreadable."""
    return keyring.open(KEPT_PURPOSE, (folder / f"{name}.sealed").read_bytes())


def forget_kept(folder: Path, message_id: str) -> None:
    """Take a kept letter away, where there is one."""
    (folder / f"{kept_name(message_id)}.sealed").unlink(missing_ok=True)


def make_mailer(smtp_url: str, *, letters: Path, keyring: Keyring) -> Mailer:
    """Return the mailer that the settings ask for."""
    return SmtpMailer(smtp_url) if smtp_url else KeptMailer(letters, keyring)


def make_test_mailer(smtp_url: str) -> Mailer | None:
    """Return a mailer for a letter that somebody waits for before a screen; None where no mail server is set.

    It gives up after seconds: a copy of a test does no harm.
    """
    return SmtpMailer(smtp_url, giving=TRYING, confirming=TRYING) if smtp_url else None


def greet(url: str, sender: str) -> None:
    """Connect to the mail server as for a letter, sign in, and leave. Nothing is sent. Raises MailFault."""
    try:
        server = _connect(urlsplit(url), us=sender.partition("@")[2], until=time.monotonic() + TRYING)
        server.noop()
        server.close()
    except smtplib.SMTPAuthenticationError as exc:
        raise MailFault("sign-in", permanent=False) from exc
    except smtplib.SMTPNotSupportedError as exc:
        raise MailFault("no encryption", permanent=False) from exc
    except ssl.SSLCertVerificationError as exc:
        raise MailFault(CERTIFICATE, permanent=False) from exc
    except (smtplib.SMTPException, OSError) as exc:
        raise MailFault("connect", permanent=False) from exc


def _connect(url: SplitResult, *, us: str, until: float) -> Punctual:
    """Open a connection. With a user name, or anywhere but loopback, it must be encrypted.

    `us` is how we greet: left alone, the library would look up and tell this computer's own name.
    """
    host = url.hostname or "localhost"
    if url.scheme == "smtps":
        server: Punctual = _PunctualTls(host, url.port or 465, us, until=until, context=ssl.create_default_context())
    else:
        server = Punctual(host, url.port or 25, us, until=until)
    try:
        if url.scheme == "smtp" and (url.username or host not in LOOPBACK):
            server.starttls(context=ssl.create_default_context())
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.ehlo_or_helo_if_needed()
    except BaseException:
        server.close()
        raise
    return server


def _mail_from(server: smtplib.SMTP, sender: str, size: int) -> tuple[int, bytes]:
    return server.mail(sender, [f"size={size}"] if server.has_extn("size") else [])


def _takes_mail(server: smtplib.SMTP, sender: str, size: int) -> bool:
    """Whether a kept connection still works. Nothing has been handed over yet, so asking again on another is safe."""
    try:
        return _is_taken(_mail_from(server, sender, size)[0])
    except (smtplib.SMTPException, OSError):
        return False


def _is_taken(code: int) -> bool:
    """Whether an answer says yes: by its first digit (RFC 5321, 4.2.1)."""
    return code // 100 == OK // 100


def _refused(code: int) -> MailFault:
    """Return the fault of a refusal that is about the letter or its recipient."""
    return MailFault(UNWANTED if code == TURNED_DOWN else str(code), permanent=code >= FOR_GOOD)


def _refuse_unless_plain(mailbox: str) -> None:
    """Refuse anything but one plain address: no second recipient and no line of its own can hide in it."""
    if not PLAIN.fullmatch(mailbox):
        raise MailFault("mailbox", permanent=True)


def _keep_entries(folder: Path) -> None:
    """Make the names in a folder outlast a power cut, as fsync does for a file's content."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
