"""Mail: by SMTP, or kept as sealed files where no mail server is set. Both keep the same promises to their caller."""

import os
import smtplib
import ssl
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from hotline.vault import Keyring

TIMEOUT = 30
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
        """Hand over `message`. Raises MailFault when it was not taken."""


class SmtpMailer:
    """Sends by SMTP over one connection that is kept for the next letter."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._server: smtplib.SMTP | None = None

    def send(self, sender: str, mailbox: str, message_id: str, message: bytes) -> None:
        """Send one message; a connection that has gone stale is opened once more before that counts as a fault."""
        try:
            try:
                self._connected().sendmail(sender, [mailbox], message)
            except smtplib.SMTPServerDisconnected:
                self._forget()
                self._connected().sendmail(sender, [mailbox], message)
        except smtplib.SMTPException as exc:
            self._forget()
            raise _fault(exc) from exc
        except (OSError, ssl.SSLError) as exc:
            self._forget()
            raise MailFault("connect", permanent=False) from exc

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            self._server = _connect(self._url)
        return self._server

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
        name = message_id.strip("<>").partition("@")[0]
        path = self._folder / f"{name}.sealed"
        fresh = path.with_suffix(".new")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(self._keyring.seal(KEPT_PURPOSE, message.decode("ascii")))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        except OSError as exc:
            raise MailFault("disk", permanent=False) from exc


def kept_letters(folder: Path, keyring: Keyring) -> dict[str, str]:
    """Open every kept letter: name to whole message, oldest first."""
    paths = sorted(folder.glob("*.sealed"), key=lambda path: path.stat().st_mtime)
    return {path.stem: keyring.open(KEPT_PURPOSE, path.read_bytes()) for path in paths}


def make_mailer(smtp_url: str, *, letters: Path, keyring: Keyring) -> Mailer:
    """Return the mailer that the settings ask for."""
    return SmtpMailer(smtp_url) if smtp_url else KeptMailer(letters, keyring)


def _connect(url: SplitResult) -> smtplib.SMTP:
    """Open a connection. With a user name, or anywhere but loopback, it must be encrypted."""
    host, context = url.hostname or "localhost", ssl.create_default_context()
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(host, url.port or 25, timeout=TIMEOUT)
        if url.username or host not in {"localhost", "127.0.0.1", "::1"}:
            server.starttls(context=context)
    if url.username:
        server.login(unquote(url.username), unquote(url.password or ""))
    return server


def _fault(exc: smtplib.SMTPException) -> MailFault:
    if isinstance(exc, smtplib.SMTPRecipientsRefused):
        code = next(iter(exc.recipients.values()))[0]
        return MailFault(str(code), permanent=code >= 500)
    if isinstance(exc, smtplib.SMTPAuthenticationError):
        return MailFault("sign-in", permanent=False)
    if isinstance(exc, smtplib.SMTPResponseException):
        return MailFault(str(exc.smtp_code), permanent=exc.smtp_code >= 500)
    if isinstance(exc, smtplib.SMTPNotSupportedError):
        return MailFault("no encryption", permanent=False)
    return MailFault("connect", permanent=False)
