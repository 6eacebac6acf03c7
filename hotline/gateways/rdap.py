"""RDAP: what the registries say of a network or a registered name. Only registries are ever asked.

Which registry answers for what stands in IANA's bootstrap files (RFC 9224). Their hosts are the only ones a connection
is made to, also after a redirect; over TLS, in one go, capped in size and time. The reported host is never among them:
the connection goes to the address that was checked, so a name that is pointed elsewhere meanwhile leads nowhere.
"""

import contextlib
import hashlib
import http.client
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from hotline.errors import SettingsError
from hotline.rules import addresses

PATIENCE = 5.0  # seconds without a byte
LONGEST = 12.0  # seconds for one answer, its redirects included
MOST_BYTES = 512 * 1024
MOST_REDIRECTS = 2
PACE = 1.0  # seconds between two questions to one server
LONGEST_WAIT = 4.0  # seconds to wait for one's turn at a server; rather later than in a crowd
OWN_BOOTSTRAP = Path(__file__).parent / "bootstrap"
TYPES = {"application/rdap+json", "application/json"}
REDIRECTS = {301, 302, 303, 307, 308}
NO_SERVER, UNKNOWN, BUSY, SLOW, HUGE, NOT_JSON, ELSEWHERE, AWAY, REFUSED = (
    "no_server",
    "unknown",
    "busy",
    "slow",
    "huge",
    "not_json",
    "elsewhere",
    "away",
    "refused",
)
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class RdapFault(Exception):
    """No usable answer. `code` is one of this module's; the text never bears what was asked for."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Said:
    """A registry's answer, with the server that gave it and the SHA-256 of its bytes."""

    facts: Mapping[str, Any]
    server: str
    digest: str


class Registries(Protocol):
    """Whoever knows what the registries say."""

    def of_address(self, address: str) -> Said:
        """Return what is said of the network of an IP address. Raises RdapFault."""
        ...

    def of_range(self, cidr: str) -> Said:
        """Return what is said of the smallest network that holds a whole range. Raises RdapFault."""
        ...

    def of_domain(self, name: str) -> Said:
        """Return what is said of a registered name. Raises RdapFault."""
        ...


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Which server answers for what: networks, the most exact first, and top-level names."""

    networks: tuple[tuple[Network, str], ...]
    names: Mapping[str, str]

    @classmethod
    def from_folder(cls, folder: Path) -> "Bootstrap":
        """Read `ipv4.json`, `ipv6.json` and `dns.json` as IANA publishes them. Raises SettingsError."""
        try:
            nets = [
                (ipaddress.ip_network(one), url)
                for file in ("ipv4.json", "ipv6.json")
                for one, url in _services(folder / file)
            ]
            names = {one.lower(): url for one, url in _services(folder / "dns.json")}
        except (OSError, ValueError, TypeError, KeyError, IndexError) as exc:
            raise SettingsError(
                f"HOTLINE_RDAP_BOOTSTRAP: {folder} must hold ipv4.json, ipv6.json and dns.json as IANA publishes them."
            ) from exc
        return cls(tuple(sorted(nets, key=lambda one: -one[0].prefixlen)), names)

    @property
    def hosts(self) -> frozenset[tuple[str, str, int]]:
        """Return where a connection may go: scheme, host and port."""
        urls = (*(url for _, url in self.networks), *self.names.values())
        return frozenset(_place(urlsplit(url)) for url in urls)

    def server_of(self, wanted: Network) -> str | None:
        """Return which server answers for a network; None where none answers for all of it."""
        first, last = wanted.network_address, wanted.broadcast_address
        return next(
            (url for net, url in self.networks if net.version == wanted.version and first in net and last in net), None
        )


class RdapClient:
    """Asks real registries."""

    def __init__(self, bootstrap: Bootstrap, *, pace: float = PACE, longest: float = LONGEST) -> None:
        self._bootstrap, self._pace, self._longest = bootstrap, pace, longest
        self._hosts = bootstrap.hosts
        self._free_at: dict[str, float] = {}

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """The certificates to trust: 9 MB that only a process that asks shall hold."""
        return ssl.create_default_context()

    def of_address(self, address: str) -> Said:
        """Ask the registry of the network that `address` belongs to."""
        ip = ipaddress.ip_address(address)
        return self._ask(self._bootstrap.server_of(ipaddress.ip_network(ip)), f"ip/{ip}")

    def of_range(self, cidr: str) -> Said:
        """Ask the registry of the range which network holds all of it (RFC 9082, 3.1.1)."""
        wanted = ipaddress.ip_network(cidr)
        return self._ask(self._bootstrap.server_of(wanted), f"ip/{wanted}")

    def of_domain(self, name: str) -> Said:
        """Ask the registry of the name's last label."""
        base = self._bootstrap.names.get(name.rpartition(".")[2])
        return self._ask(base, f"domain/{quote(name, safe='.-')}")

    def _ask(self, base: str | None, path: str) -> Said:
        if base is None:
            raise RdapFault(NO_SERVER)
        url, ends = base.rstrip("/") + "/" + path, time.monotonic() + self._longest
        for _ in range(1 + MOST_REDIRECTS):
            parts = urlsplit(url)
            if not self._may_go(parts):
                raise RdapFault(ELSEWHERE)
            self._take_turn(parts.netloc)
            onward, body = self._get(parts, ends)
            if onward is None:
                return Said(_as_json(body), parts.hostname or "", hashlib.sha256(body).hexdigest())
            url = _joined(url, onward)
        raise RdapFault(ELSEWHERE)

    def _may_go(self, parts: SplitResult) -> bool:
        try:
            return _place(parts) in self._hosts and not parts.username
        except ValueError:
            return False

    def _take_turn(self, server: str) -> None:
        """Wait until this server may be asked again. Raises RdapFault when that takes too long."""
        now = time.monotonic()
        turn = max(now, self._free_at.get(server, now))
        if turn - now > LONGEST_WAIT:
            raise RdapFault(BUSY)
        self._free_at[server] = turn + self._pace
        time.sleep(turn - now)

    def _get(self, parts: SplitResult, ends: float) -> tuple[str | None, bytes]:
        """Return where it leads, or None and the body. The connection is cut when the time is over."""
        left = ends - time.monotonic()
        if left <= 0:
            raise RdapFault(SLOW)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 443, timeout=PATIENCE)
        try:
            connection.sock = self._connected(parts, min(PATIENCE, left))
            watch = threading.Timer(max(ends - time.monotonic(), 0.01), _cut, [connection.sock])
            watch.daemon = True
            watch.start()
            try:
                found = self._answer(connection, parts)
            finally:
                watch.cancel()
            if time.monotonic() >= ends:  # it was cut: what came of it is not all
                raise RdapFault(SLOW)
            return found
        except TimeoutError as exc:
            raise RdapFault(SLOW) from exc
        except (RdapFault, OSError, http.client.HTTPException, ValueError) as exc:
            code = exc.code if isinstance(exc, RdapFault) else AWAY
            raise RdapFault(SLOW if time.monotonic() >= ends else code) from exc
        finally:
            connection.close()

    def _connected(self, parts: SplitResult, patience: float) -> socket.socket:
        """Connect to an address of the registry's host that was checked, and to no other."""
        host, port = parts.hostname or "", _place(parts)[2]
        for *_, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            if addresses.is_public(ipaddress.ip_address(str(place[0]).partition("%")[0])) or _is_literal(host):
                plain = socket.create_connection((str(place[0]), port), timeout=patience)
                return self._tls.wrap_socket(plain, server_hostname=host) if parts.scheme == "https" else plain
        raise RdapFault(ELSEWHERE)

    def _answer(self, connection: http.client.HTTPConnection, parts: SplitResult) -> tuple[str | None, bytes]:
        connection.putrequest("GET", parts.path, skip_host=True, skip_accept_encoding=True)
        for name, value in (("Host", parts.netloc), ("Accept", ", ".join(sorted(TYPES))), ("Connection", "close")):
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        if answer.status in REDIRECTS:
            return answer.getheader("Location", ""), b""
        if answer.status != 200:
            raise RdapFault(_code(answer.status))
        if answer.headers.get_content_type() not in TYPES or answer.getheader("Content-Encoding"):
            raise RdapFault(NOT_JSON)
        body = answer.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise RdapFault(HUGE)
        return None, body


def _joined(url: str, onward: str) -> str:
    try:
        return urljoin(url, onward)
    except ValueError as exc:  # no address at all
        raise RdapFault(ELSEWHERE) from exc


def _services(file: Path) -> Iterator[tuple[str, str]]:
    """Yield (network or name, server) of one bootstrap file; plain HTTP only for an address of this machine."""
    for keys, urls in json.loads(file.read_text())["services"]:
        url = next((one for one in urls if one.startswith("https://") or _is_here(one)), None)
        if url is not None:
            yield from ((key, url) for key in keys)


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return _is_literal(host) and ipaddress.ip_address(host).is_loopback


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _place(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it ended by itself
        connection.shutdown(socket.SHUT_RDWR)


def _code(status: int) -> str:
    return {404: UNKNOWN, 429: BUSY}.get(status, REFUSED if status < 500 else AWAY)


def _as_json(body: bytes) -> Mapping[str, Any]:
    try:
        facts = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise RdapFault(NOT_JSON) from exc
    if not isinstance(facts, dict):
        raise RdapFault(NOT_JSON)
    return facts
