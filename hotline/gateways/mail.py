"""Mail: by SMTP, or kept as sealed files where no mail server is set. Both keep the same promises to their caller."""

import os
import re
import smtplib
import ssl
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from hotline.vault import Keyring

TIMEOUT = 30  # seconds of silence after which a mail server counts as gone
OK, WILL_FORWARD, FOR_GOOD = 250, 251, 500
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
PLAIN = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?", re.ASCII)
KEPT_PURPOSE = "letter.kept"


class MailFault(Exception):
    """A letter was not taken. `permanent` says whether trying again makes sense; `code` is safe to store and log."""

    def __init__(self, code: str, *, permanent: bool) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent


class Mailer(Protocol):
    """Takes one whole message for one mailbox."""

    def send(self, sender: str, mailbox: str, message_id: str, message: bytes) -> None:
        """Hand over `message` (ASCII, lines end in CRLF). Raises MailFault when it was not taken, or nobody knows."""


class SmtpMailer:
    """Sends by SMTP over one connection that is kept for the next letter."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._server: smtplib.SMTP | None = None

    def send(self, sender: str, mailbox: str, message_id: str, message: bytes) -> None:
        """Send one message. What the server may have taken is never offered again here: that is the caller's choice."""
        _refuse_unless_plain(mailbox)
        taken = False
        try:
            self._begin(sender, len(message))
            self._hand_over(mailbox, message)
            taken = True
        except smtplib.SMTPAuthenticationError as exc:
            raise MailFault("sign-in", permanent=False) from exc
        except smtplib.SMTPNotSupportedError as exc:
            raise MailFault("no encryption", permanent=False) from exc
        except smtplib.SMTPResponseException as exc:
            raise MailFault(str(exc.smtp_code), permanent=False) from exc
        except (smtplib.SMTPException, OSError) as exc:
            raise MailFault("connect", permanent=False) from exc
        finally:
            if not taken:  # whatever broke it off: the server's next words would answer the wrong question
                self._forget()

    def _begin(self, sender: str, size: int) -> None:
        """Bring a connection to where it waits for a recipient; a kept one may have gone stale and is opened anew."""
        if self._server is not None and not _takes_mail(self._server, sender, size):
            self._forget()
        if self._server is None:
            self._server = _connect(self._url, us=sender.partition("@")[2])
            code, words = _mail_from(self._server, sender, size)
            if code != OK:
                raise smtplib.SMTPResponseException(code, words)

    def _hand_over(self, mailbox: str, message: bytes) -> None:
        """Name the recipient and give the letter; only what the server says here is about the letter itself."""
        assert self._server is not None
        code, _ = self._server.rcpt(mailbox)
        if code not in {OK, WILL_FORWARD}:
            raise MailFault(str(code), permanent=code >= FOR_GOOD)
        try:
            code, _ = self._server.data(message)
        except smtplib.SMTPDataError as exc:
            code = exc.smtp_code
        if code != OK:
            raise MailFault(str(code), permanent=code >= FOR_GOOD)

    def _forget(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None


class KeptMailer:
    """Keeps each letter as a sealed file that the desk or `flask letters show` opens. The same letter is kept once."""

    def __init__(self, folder: Path, keyring: Keyring) -> None:
        self._folder = folder
        self._keyring = keyring

    def send(self, sender: str, mailbox: str, message_id: str, message: bytes) -> None:
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
            raise MailFault("disk", permanent=False) from exc


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


def make_mailer(smtp_url: str, *, letters: Path, keyring: Keyring) -> Mailer:
    """Return the mailer that the settings ask for."""
    return SmtpMailer(smtp_url) if smtp_url else KeptMailer(letters, keyring)


def _connect(url: SplitResult, *, us: str) -> smtplib.SMTP:
    """Open a connection. With a user name, or anywhere but loopback, it must be encrypted.

    `us` is how we greet: left alone, the library would look up and tell this computer's own name.
    """
    host, context = url.hostname or "localhost", ssl.create_default_context()
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, us, timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(host, url.port or 25, us, timeout=TIMEOUT)
    try:
        if url.scheme == "smtp" and (url.username or host not in LOOPBACK):
            server.starttls(context=context)
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
        return _mail_from(server, sender, size)[0] == OK
    except (smtplib.SMTPException, OSError):
        return False


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
