"""A real mail server on loopback that does at each step what a test wants: take, refuse, hang, or hang up."""

import asyncio
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HANG_UP = "hang up"
HANG = "hang"
USER, PASSWORD = "hotline", "pass word/with:signs"


@dataclass(frozen=True)
class Taken:
    """A letter that came in: how the client greeted, who it is for, and what was sent."""

    greeting: str
    encrypted: bool
    mailboxes: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The letter, parsed."""
        return cast(EmailMessage, message_from_bytes(self.content, policy=policy.default))

    @property
    def message_id(self) -> str:
        """What tells a copy from another letter."""
        return str(self.message["Message-ID"])


class MailServer:
    """A server in a thread of its own. `replies` sets what it says to MAIL, RCPT and DATA."""

    def __init__(self, host: str = "127.0.0.1", **options: Any) -> None:
        self.replies: dict[str, str] = {}
        self.letters: list[Taken] = []
        self.connections = 0
        self.pause = 0.0  # seconds it thinks before it says that it took a letter
        self.port = 0
        self._host = host
        self._tls_from_the_start = options.pop("tls_from_the_start", None)
        self._options = options
        self._open: list[SMTP] = []
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def start(self) -> None:
        """Listen; on the same port as before when it listened already."""
        self._do(self._start())

    def stop(self) -> None:
        """Stop listening and drop every connection."""
        self._do(self._stop())

    def hang_up(self) -> None:
        """Drop every connection and go on listening."""
        self._do(self._hang_up())

    def close(self) -> None:
        """Stop for good."""
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def message_ids(self) -> list[str]:
        """The Message-ID of every letter, in the order they came."""
        return [taken.message_id for taken in list(self.letters)]

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer the sender."""
        envelope.mail_from = address
        return await self._answer("MAIL", server)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer a recipient."""
        answer = await self._answer("RCPT", server)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take the letter first; the answer may still get lost."""
        if not self.replies.get("DATA", "250").startswith(("4", "5")):
            assert isinstance(envelope.content, bytes)
            encrypted = session.ssl is not None or self._tls_from_the_start is not None
            boxes = tuple(envelope.rcpt_tos)
            self.letters.append(Taken(session.host_name or "", encrypted, boxes, envelope.content))
            await asyncio.sleep(self.pause)
        return await self._answer("DATA", server)

    async def _answer(self, step: str, server: SMTP) -> str:
        reply = self.replies.get(step, "250 OK")
        if reply == HANG_UP:
            assert server.transport is not None
            cast(asyncio.Transport, server.transport).abort()
        if reply in {HANG, HANG_UP}:
            await asyncio.Event().wait()  # until the connection is gone
        return reply

    async def _start(self) -> None:
        self._server = await self._loop.create_server(self._greet, self._host, self.port, ssl=self._tls_from_the_start)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._hang_up()

    async def _hang_up(self) -> None:
        while self._open:
            transport = self._open.pop().transport
            if transport is not None:
                cast(asyncio.Transport, transport).abort()
        await asyncio.sleep(0)

    def _greet(self) -> SMTP:
        self.connections += 1
        self._open.append(SMTP(self, hostname="sink.example", loop=self._loop, **self._options))
        return self._open[-1]

    def _do(self, what: Any) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(timeout=60)


@contextmanager
def listening(**options: Any) -> Iterator[MailServer]:
    """Run a mail server for the length of the block."""
    server = MailServer(**options)
    server.start()
    try:
        yield server
    finally:
        server.close()


def check_password(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    """Let in whoever knows the one user's password."""
    assert isinstance(data, LoginPassword)
    known = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)  # not handled: the server still has to say no


def make_certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """Make a certificate nobody knows for `name`; return it, and what a server needs to show it."""
    certificate, key = folder / "server.pem", folder / "server.key"
    argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    argv += ["-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    subprocess.run([*argv, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context
