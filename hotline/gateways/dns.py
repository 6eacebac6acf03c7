"""DNS: what a name leads to, asked of the resolvers of the settings and of nobody else.

No search domains, no resolver of this machine unless the settings leave it at that, and never a word to the name's own
servers. What resolvers answer is a stranger's word: chains are capped, loops are noticed, and an address that is
nobody's on the net is kept apart.
"""

import ipaddress
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.resolver

from hotline import clock
from hotline.rules import addresses
from hotline.rules.hosting import Resolved

PATIENCE = 3.0  # seconds for one question to one server
LONGEST = 12.0  # seconds for one name, all questions and servers together
QUICK = 2.0  # seconds for one question that only asks whether somebody is there
MOST_ASKED = 4
LONGEST_CHAIN = 8
MOST_ADDRESSES = 16
NO_NAME, NO_ADDRESS, LOOP, TOO_LONG, TIMEOUT, FAILED, BAD = (
    "no_name",
    "no_address",
    "loop",
    "chain",
    "timeout",
    "dns_failed",
    "dns_bad",
)


class Resolver(Protocol):
    """Whoever says what a name leads to."""

    def resolve(self, host: str) -> Resolved:
        """Return what `host` leads to (ASCII, no trailing dot). Never raises: `fault` says what went wrong."""
        ...


class DnsFault(Exception):
    """No usable answer. `code` is one of this module's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: the names passed on the way, and the addresses at the end."""

    chain: list[str]
    found: list[str]
    server: str
    exists: bool


class DnsResolver:
    """Asks real resolvers, in their order; without any named, those this machine is set up with."""

    def __init__(self, servers: Sequence[tuple[str, int]]) -> None:
        self._servers = tuple(servers)

    def resolve(self, host: str) -> Resolved:
        """Ask for A and AAAA, and follow where they lead."""
        at, ends = clock.now().isoformat(), time.monotonic() + LONGEST
        chain: list[str] = []
        found: list[str] = []
        server, faults, missing = "", [], 0
        for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
            try:
                answer = self._follow(host, kind, ends)
            except DnsFault as fault:
                faults.append(fault.code)
                continue
            server, missing = answer.server, missing + (not answer.exists)
            found += answer.found
            chain = max(chain, answer.chain, key=len)
        if not found and not faults:
            faults = [NO_NAME if missing else NO_ADDRESS]
        public, reserved = _sorted(found)
        return Resolved(
            at=at,
            server=server,
            chain=tuple(chain),
            addresses=public,
            reserved=reserved,
            fault="" if public else next(iter(faults), ""),
        )

    def _follow(self, host: str, kind: dns.rdatatype.RdataType, ends: float) -> Answer:
        """Go along the chain of names, asking anew where a resolver stopped half-way."""
        try:
            name = dns.name.from_text(host)
        except dns.exception.DNSException as exc:
            raise DnsFault(BAD) from exc
        passed = [name]
        while True:
            message, server = self._ask(name, kind, ends)
            before = len(passed)
            addresses_here, name = _walk(message, name, kind, passed)
            exists = message.rcode() != dns.rcode.NXDOMAIN
            if addresses_here or len(passed) == before or not exists:
                return Answer([_shown(one) for one in passed[1:]], addresses_here, server, exists)

    def _ask(self, name: dns.name.Name, kind: dns.rdatatype.RdataType, ends: float) -> tuple[dns.message.Message, str]:
        """Put one question to one resolver after the other. Raises DnsFault when none gives a usable answer."""
        question = dns.message.make_query(name, kind)
        code = TIMEOUT
        for address, port in self._servers or _of_this_machine():
            left = min(PATIENCE, ends - time.monotonic())
            if left <= 0:
                break
            try:
                answer, _ = dns.query.udp_with_fallback(question, address, timeout=left, port=port)
            except dns.exception.Timeout:
                code = TIMEOUT
            except (dns.exception.DNSException, ValueError, EOFError):
                code = BAD
            except OSError:
                code = FAILED
            else:
                if answer.rcode() in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN} and not answer.flags & dns.flags.TC:
                    return answer, f"{address}:{port}"
                code = FAILED
        raise DnsFault(code)


def count_silent(servers: Sequence[tuple[str, int]]) -> tuple[int, int]:
    """Ask each resolver (those of this machine, where none is named) who keeps the root of all names.

    No name of anybody's is told. Returns how many gave no usable answer, and how many were asked: `MOST_ASKED` at most.
    """
    question = dns.message.make_query(dns.name.root, dns.rdatatype.NS)
    asked = (tuple(servers) or _of_this_machine())[:MOST_ASKED]
    return sum(not _answers(question, address, port) for address, port in asked), len(asked)


def _answers(question: dns.message.Message, address: str, port: int) -> bool:
    try:
        answer, _ = dns.query.udp_with_fallback(question, address, timeout=QUICK, port=port)
    except (dns.exception.DNSException, ValueError, EOFError, OSError):
        return False
    return answer.rcode() in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}


def _of_this_machine() -> tuple[tuple[str, int], ...]:
    try:
        return tuple((str(one), 53) for one in dns.resolver.Resolver().nameservers)
    except dns.exception.DNSException:
        return ()


def _walk(
    message: dns.message.Message, name: dns.name.Name, kind: dns.rdatatype.RdataType, passed: list[dns.name.Name]
) -> tuple[list[str], dns.name.Name]:
    """Follow the names inside one answer, noting them in `passed`; return its addresses, and its last name."""
    while True:
        rows = [row for rows in message.answer if rows.name == name and rows.rdtype == kind for row in rows]
        if rows:
            return [row.to_text() for row in rows[:MOST_ADDRESSES]], name
        onward = [
            row.target
            for rows in message.answer
            if rows.name == name and rows.rdtype == dns.rdatatype.CNAME
            for row in rows
        ]
        if not onward:
            return [], name
        name = onward[0]
        if name in passed:
            raise DnsFault(LOOP)
        passed.append(name)
        if len(passed) > LONGEST_CHAIN:
            raise DnsFault(TOO_LONG)


def _shown(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()


def _sorted(found: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what is somebody's on the net and what is not, each in a fixed order: resolvers shuffle."""
    every = {ipaddress.ip_address(one) for one in found}
    in_order = sorted(every, key=lambda one: (one.version, int(one)))
    public = [str(one) for one in in_order if addresses.is_public(one)]
    return tuple(public[:MOST_ADDRESSES]), tuple(str(one) for one in in_order if not addresses.is_public(one))
