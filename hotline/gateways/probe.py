"""Whether an address still answers: one HEAD request through the hotline's proxy, of which one line is read.

Never from our own address, never a second request, no redirect followed, no cookie, no body. Of the answer the status
line is read, byte by byte, and nothing behind it: what else a host sends stays unread, whatever it is.
"""

import base64
import re
import socket
import ssl
import time
from typing import NamedTuple, Protocol
from urllib.parse import quote, unquote, urlsplit

from hotline.rules import addresses, online
from hotline.rules.addresses import AddressKind, Problem

CONNECTING = 10.0  # seconds
LONGEST = 20.0  # seconds for all of it
MOST_READ = 8_192  # bytes of an answer: its status line, and those of interim answers with what belongs to them
AGENT = "Mozilla/5.0 (compatible)"
ASKS_WHO_WE_ARE = 407  # said by the proxy, not by the host
PORTS = {"http": 80, "https": 443}
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)(?: [^\r\n]*)?\r?\n")
_KEPT = "/%:@!$&'()*+,;=-._~?[]|"  # of a path and a query; all else is percent-encoded


class Answered(NamedTuple):
    """The status a host answered with, and how many bytes of its answer were read."""

    status: int
    read: int


class ProbeFault(Exception):
    """No status. `code` is one of `rules/online`, never an address."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Probe(Protocol):
    """Whoever asks whether an address still answers."""

    def head(self, href: str) -> Answered:
        """Ask for the head of a page. Raises ProbeFault."""
        ...


class HttpProbe:
    """Asks through an HTTP proxy: by CONNECT for https, with the whole address in its request for http."""

    def __init__(self, proxy: str, *, longest: float = LONGEST, tls: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(proxy)
        self._proxy = (parts.hostname or "", parts.port or 0)
        self._entry = _entry(parts.username, parts.password)
        self._longest = longest
        self._tls = tls or ssl.create_default_context()

    def head(self, href: str) -> Answered:
        """Ask for the head of a page. Raises ProbeFault, also before asking for what no program may look at."""
        parsed = addresses.parse(href)
        if isinstance(parsed, Problem):
            raise ProbeFault(online.PRIVATE if parsed is Problem.PRIVATE else online.NOT_WEB)
        if parsed.kind is AddressKind.ONION:
            raise ProbeFault(online.ONION)
        parts = urlsplit(parsed.href)
        if parts.scheme not in PORTS:
            raise ProbeFault(online.NOT_WEB)
        port = parts.port or PORTS[parts.scheme]
        target = quote(parts.path or "/", safe=_KEPT) + (f"?{quote(parts.query, safe=_KEPT)}" if parts.query else "")
        ends = time.monotonic() + self._longest
        with self._connect(ends) as line:
            if parts.scheme == "https":
                with self._tunnel(line, parsed.host, port, ends) as inner:
                    return _ask(inner, target, _place(parsed.host, parts.port), "", ends)
            place = _place(parsed.host, parts.port)
            found = _ask(line, f"http://{place}{target}", place, self._entry, ends)
            if found.status == ASKS_WHO_WE_ARE:
                raise ProbeFault(online.PROXY_AWAY)
            return found

    def _connect(self, ends: float) -> socket.socket:
        try:
            return socket.create_connection(self._proxy, timeout=min(CONNECTING, _left(ends)))
        except OSError as exc:
            raise ProbeFault(online.PROXY_AWAY) from exc

    def _tunnel(self, line: socket.socket, host: str, port: int, ends: float) -> ssl.SSLSocket:
        """Have the proxy lead to the host, and speak TLS with it; its certificate has to be right."""
        place = f"{host}:{port}"
        _send(line, f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n{self._entry}\r\n", ends)
        reader = _Reader(line, ends)
        status = reader.status()
        reader.skip_head()
        if status == ASKS_WHO_WE_ARE:
            raise ProbeFault(online.PROXY_AWAY)
        if not 200 <= status < 300:
            raise ProbeFault(online.NO_ANSWER)
        try:
            line.settimeout(_left(ends))
            return self._tls.wrap_socket(line, server_hostname=host.strip("[]"))
        except TimeoutError as exc:
            raise ProbeFault(online.SLOW) from exc
        except ssl.SSLError as exc:
            raise ProbeFault(online.TLS) from exc
        except OSError as exc:
            raise ProbeFault(online.NO_ANSWER) from exc


class _Reader:
    """Reads the beginning of an answer, and not one byte more than it is asked for."""

    def __init__(self, line: socket.socket, ends: float) -> None:
        self._line, self._ends = line, ends
        self.read = 0

    def status(self) -> int:
        """Return the status of the answer that begins here."""
        found = _STATUS.fullmatch(self._next_line())
        if found is None:
            raise ProbeFault(online.GARBLED)
        return int(found[1])

    def skip_head(self) -> None:
        """Pass over the rest of the head of an interim answer, or of the proxy's own."""
        while self._next_line().strip():
            pass

    def _next_line(self) -> bytes:
        found = b""
        while not found.endswith(b"\n"):
            if self.read >= MOST_READ:
                raise ProbeFault(online.GARBLED)
            found += self._byte()
        return found

    def _byte(self) -> bytes:
        try:
            self._line.settimeout(_left(self._ends))
            byte = self._line.recv(1)
        except TimeoutError as exc:
            raise ProbeFault(online.SLOW) from exc
        except OSError as exc:
            raise ProbeFault(online.NO_ANSWER) from exc
        if not byte:
            raise ProbeFault(online.NO_ANSWER)
        self.read += 1
        return byte


def _ask(line: socket.socket, target: str, place: str, entry: str, ends: float) -> Answered:
    head = f"HEAD {target} HTTP/1.1\r\nHost: {place}\r\nUser-Agent: {AGENT}\r\nAccept: */*\r\n{entry}"
    _send(line, f"{head}Connection: close\r\n\r\n", ends)
    reader = _Reader(line, ends)
    status = reader.status()
    while status < 200:
        reader.skip_head()
        status = reader.status()
    return Answered(status, reader.read)


def _send(line: socket.socket, text: str, ends: float) -> None:
    try:
        line.settimeout(_left(ends))
        line.sendall(text.encode("ascii"))
    except TimeoutError as exc:
        raise ProbeFault(online.SLOW) from exc
    except OSError as exc:
        raise ProbeFault(online.NO_ANSWER) from exc


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise ProbeFault(online.SLOW)
    return left


def _place(host: str, port: int | None) -> str:
    return f"{host}:{port}" if port else host


def _entry(name: str | None, password: str | None) -> str:
    """Return the header that lets us into the proxy; empty where it asks for none."""
    if not name:
        return ""
    pair = f"{unquote(name)}:{unquote(password or '')}".encode()
    return f"Proxy-Authorization: Basic {base64.b64encode(pair).decode('ascii')}\r\n"
