"""A real DNS server on loopback, UDP and TCP on one port, that answers what a test wants, or lies."""

import errno
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from tests.deploy.processes import free_ports

TTL = 60


def _both() -> tuple[int, socket.socket, socket.socket]:
    """Listen over UDP and TCP on one port; another one where somebody else took it meanwhile."""
    while True:
        port, udp = free_ports(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            udp.bind(("127.0.0.1", port))
            return port, udp, socket.create_server(("127.0.0.1", port))
        except OSError as exc:
            udp.close()
            if exc.errno != errno.EADDRINUSE:
                raise


class DnsServer:
    """`zone` maps (name, type) to values; what is not in it does not exist. The sets say how names are treated."""

    def __init__(self) -> None:
        self.zone: dict[tuple[str, str], list[str]] = {}
        self.silent: set[str] = set()  # never answered
        self.broken: set[str] = set()  # server failure
        self.lying: set[str] = set()  # answered for another name
        self.garbled: set[str] = set()  # answered with no DNS message
        self.truncated: set[str] = set()  # cut short over UDP, whole over TCP
        self.cut: set[str] = set()  # cut short over both
        self.flat = False  # give each step of a chain by itself, as some resolvers do
        self.asked: list[str] = []
        self.over_tcp = 0
        self.port, self.udp, self.tcp = _both()
        for serve in (self._serve_udp, self._serve_tcp):
            threading.Thread(target=serve, daemon=True).start()

    @property
    def place(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def stop(self) -> None:
        self.udp.close()
        self.tcp.close()

    def _serve_udp(self) -> None:
        while True:
            try:
                wire, sender = self.udp.recvfrom(4096)
            except OSError:
                return
            answer = self._answer(wire, tcp=False)
            if answer is not None:
                self.udp.sendto(answer, sender)

    def _serve_tcp(self) -> None:
        while True:
            try:
                connection, _ = self.tcp.accept()
            except OSError:
                return
            with connection:
                self.over_tcp += 1
                wire = connection.recv(4096)[2:]
                answer = self._answer(wire, tcp=True)
                if answer is not None:
                    connection.sendall(struct.pack("!H", len(answer)) + answer)
                    time.sleep(0.01)

    def _answer(self, wire: bytes, *, tcp: bool) -> bytes | None:
        query = dns.message.from_wire(wire)
        asked = query.question[0]
        name, kind = asked.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(asked.rdtype)
        self.asked.append(f"{name} {kind}")
        if name in self.silent:
            return None
        if name in self.garbled:
            return b"\xff" * 20
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if name in self.broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
            return answer.to_wire()
        if name in self.lying:
            other = dns.message.make_query("somewhere-else.example", asked.rdtype)
            other.id = query.id
            lie = dns.message.make_response(other)
            lie.answer.append(dns.rrset.from_text("somewhere-else.example.", TTL, "IN", "A", "203.0.113.66"))
            return lie.to_wire()
        if name in self.cut or (name in self.truncated and not tcp):
            answer.flags |= dns.flags.TC
            return answer.to_wire()
        self._fill(answer, name, kind)
        return answer.to_wire()

    def _fill(self, answer: dns.message.Message, name: str, kind: str) -> None:
        for _ in range(40):
            if values := self.zone.get((name, kind)):
                answer.answer.append(dns.rrset.from_text(f"{name}.", TTL, "IN", kind, *values))
                return
            onward = self.zone.get((name, "CNAME"))
            if not onward:
                break
            row = dns.rrset.from_text(f"{name}.", TTL, "IN", "CNAME", f"{onward[0]}.")
            if row in answer.answer:
                return
            answer.answer.append(row)
            name = onward[0]
            if self.flat:
                return
        if not any(known == name for known, _ in self.zone) and not answer.answer:
            answer.set_rcode(dns.rcode.NXDOMAIN)


@contextmanager
def dns_server() -> Iterator[DnsServer]:
    """Run one for as long as a test needs it."""
    server = DnsServer()
    try:
        yield server
    finally:
        server.stop()
