"""A mailbox by IMAP: what lies in one folder, asked for piece by piece, and put aside. Nothing is ever deleted there.

Every answer is short or is refused: a server may lie about sizes, go silent, break off in the middle of a letter, or
send it letter by letter; so everything together has its time, and then the connection is cut.
"""

import base64
import contextlib
import imaplib
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

TIMEOUT = 10.0  # seconds of silence after which the server counts as gone
LONGEST = 60.0  # seconds from connecting to the end
LONGEST_ANSWER = 8 * 1024 * 1024  # bytes; more is never read, whatever is announced
TLS_PORT, PLAIN_PORT = 993, 143
DEFAULT_FOLDER = "INBOX"
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_PLAIN = re.compile("[\x20-\x25\x27-\x7e]+")


class MailboxFault(Exception):
    """The mailbox cannot be read now. `code` (away, sign-in, folder, broken) is safe to store, show and log."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Mailbox:
    """An open folder. `name` says which, in a way that stays the same."""

    def __init__(self, server: "_Server", name: str, valid: int) -> None:
        self._server = server
        self.name = name
        self.valid = valid  # UIDVALIDITY: when it changes, old numbers mean other letters

    def list_uids(self, most: int) -> list[int]:
        """Return the numbers of letters that nobody has put aside yet, lowest first."""
        found = _data(self._server.uid("SEARCH", "UNFLAGGED UNDELETED"))
        numbers = found[0].split() if found and isinstance(found[0], bytes) else []
        return sorted(int(number) for number in numbers if number.isdigit())[:most]

    def size(self, uid: int) -> int | None:
        """Return a letter's size in bytes as the server says; None when it is gone."""
        for part in _data(self._server.uid("FETCH", str(uid), "(RFC822.SIZE)")):
            found = _SIZE.search(part if isinstance(part, bytes) else part[0]) if part else None
            if found:
                return int(found[1])
        return None

    def header(self, uid: int, most: int) -> bytes:
        """Return a letter's header, at most its first `most` bytes."""
        return self._section(uid, f"BODY.PEEK[HEADER]<0.{most}>")

    def beginning(self, uid: int, most: int) -> bytes:
        """Return a letter, at most its first `most` bytes."""
        return self._section(uid, f"BODY.PEEK[]<0.{most}>")

    def letter(self, uid: int) -> bytes:
        """Return a whole letter. Ask for its size first."""
        return self._section(uid, "BODY.PEEK[]")

    def put_aside(self, uid: int, folder: str) -> None:
        """Move a letter to `folder`, which is made if it is missing; where moving is not known it is flagged."""
        if "MOVE" in self._server.capabilities:
            name = _quoted(folder)
            if self._server.uid("MOVE", str(uid), name)[0] == "OK":
                return
            self._server.create(name)
            if self._server.uid("MOVE", str(uid), name)[0] == "OK":
                return
        _data(self._server.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen \Flagged)"))

    def _section(self, uid: int, section: str) -> bytes:
        for part in _data(self._server.uid("FETCH", str(uid), f"({section})")):
            if isinstance(part, tuple):
                return bytes(part[1])
        return b""


@contextlib.contextmanager
def opened(url: str) -> Iterator[Mailbox]:
    """Open the folder that `url` names (imaps://user:password@host:port/folder). Raises MailboxFault, also later on."""
    parts = urlsplit(url)
    folder = unquote(parts.path.strip("/")) or DEFAULT_FOLDER
    server: _Server | None = None
    try:
        server = _connect(parts.scheme, parts.hostname or "", parts.port)
        _sign_in(server, unquote(parts.username or ""), unquote(parts.password or ""))
        yield _select(server, folder, f"{parts.username}@{parts.hostname}/{folder}")
    except (imaplib.IMAP4.error, OSError, ValueError) as exc:
        raise MailboxFault("broken") from exc
    finally:
        if server is not None:
            _leave(server)


def utf7(folder: str) -> str:
    """Return a folder's name as IMAP writes it (RFC 3501, 5.1.3)."""
    written, waiting = [], ""
    for sign in [*folder, ""]:
        if sign and not _PLAIN.fullmatch(sign) and sign != "&":
            waiting += sign
            continue
        if waiting:
            coded = base64.b64encode(waiting.encode("utf-16-be")).rstrip(b"=").replace(b"/", b",").decode()
            written.append(f"&{coded}-")
            waiting = ""
        written.append("&-" if sign == "&" else sign)
    return "".join(written)


class _Limited:
    """Reads no answer that is longer than any should be, and nothing at all once the time is over."""

    sock: socket.socket
    watch: threading.Timer | None = None

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Connect. From here on the time runs: what the server says first may take for ever already."""
        super().open(*args, **kwargs)  # type: ignore[misc]
        self.watch = threading.Timer(LONGEST, _cut, [self.sock])
        self.watch.daemon = True
        self.watch.start()

    def shutdown(self) -> None:
        """Hang up."""
        if self.watch is not None:
            self.watch.cancel()
        super().shutdown()  # type: ignore[misc]

    def read(self, size: int) -> bytes:
        """Read a literal of the size that the server announces."""
        if size > LONGEST_ANSWER:
            raise imaplib.IMAP4.abort("the server announces more than was asked for")
        data: bytes = super().read(size)  # type: ignore[misc]
        if len(data) < size:
            raise imaplib.IMAP4.abort("the server broke off in the middle of a letter")
        return data


class _Plain(_Limited, imaplib.IMAP4):
    pass


class _Tls(_Limited, imaplib.IMAP4_SSL):
    pass


_Server = _Plain | _Tls


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it ended by itself
        connection.shutdown(socket.SHUT_RDWR)


def _connect(scheme: str, host: str, port: int | None) -> _Server:
    try:
        if scheme == "imaps":
            context = ssl.create_default_context()
            return _Tls(host, port or TLS_PORT, ssl_context=context, timeout=TIMEOUT)
        return _Plain(host, port or PLAIN_PORT, timeout=TIMEOUT)
    except (imaplib.IMAP4.error, OSError) as exc:
        raise MailboxFault("away") from exc


def _sign_in(server: _Server, user: str, password: str) -> None:
    try:
        server.login(user, password)
    except imaplib.IMAP4.abort as exc:
        raise MailboxFault("broken") from exc
    except (imaplib.IMAP4.error, UnicodeError) as exc:
        raise MailboxFault("sign-in") from exc
    server._get_capabilities()  # some servers say only now what they can


def _select(server: _Server, folder: str, name: str) -> Mailbox:
    if server.select(_quoted(folder))[0] != "OK":
        raise MailboxFault("folder")
    valid = server.response("UIDVALIDITY")[1]
    first = valid[0] if valid else None
    if not isinstance(first, bytes) or not first.isdigit():
        raise MailboxFault("folder")  # without it nothing could be told apart
    return Mailbox(server, name, int(first))


def _quoted(folder: str) -> str:
    escaped = utf7(folder).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _data(answer: tuple[str, Any]) -> list[Any]:
    kind, data = answer
    if kind != "OK":
        raise MailboxFault("broken")
    return list(data)


def _leave(server: _Server) -> None:
    """Say goodbye, or hang up."""
    try:
        server.logout()
    except (imaplib.IMAP4.error, OSError):
        server.shutdown()
