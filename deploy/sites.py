"""The two sites' doors: sockets that are taken before anything starts, and asked until both answer.

The supervisor holds the listening sockets, so a site that dies and comes back refuses nobody meanwhile.
"""

import errno
import socket
import time
from dataclasses import dataclass

from deploy.errors import CannotStartError

PATIENCE = 5.0  # seconds before a question is put again


@dataclass
class Site:
    """One listening socket and the question whether somebody answers behind it."""

    title: str
    address: str
    listener: int  # its file descriptor
    reached_at: tuple[str, int]
    answers: bool = False
    _question: socket.socket | None = None
    _asked_at: float = 0.0

    def ask(self) -> bool:
        """Return whether the site has answered a request; never waits."""
        if not self.answers:
            try:
                self.answers = self._listen_for_answer()
            except OSError:
                self._hang_up()
        return self.answers

    def _listen_for_answer(self) -> bool:
        if self._question is None or time.monotonic() - self._asked_at > PATIENCE:
            self._hang_up()
            self._question, self._asked_at = self._put_question(), time.monotonic()
        try:
            answered = self._question.recv(12).startswith(b"HTTP/")
        except BlockingIOError:
            return False
        self._hang_up()
        return answered

    def _put_question(self) -> socket.socket:
        question = socket.create_connection(self.reached_at, timeout=1)
        question.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        question.setblocking(False)
        return question

    def _hang_up(self) -> None:
        if self._question is not None:
            self._question.close()
            self._question = None


def open_site(title: str, host: str, port: int, path: str) -> Site:
    """Take the address of a site. Raises CannotStartError when something else has it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotStartError(
                f"Port {port}, wanted for the {title.lower()}, is already taken. Choose another with PORT= "
                f"(the desk takes the one after it): make run PORT={port + 10}"
            ) from error
        raise CannotStartError(
            f"Cannot listen on {host}, port {port}: {error.strerror}. Choose with HOST= and PORT=."
        ) from error
    reached_at = _reachable(listener)
    return Site(title, f"{web_address(host, port)}{path}", listener.detach(), reached_at)


def web_address(host: str, port: int) -> str:
    """Return the address as a browser takes it."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _reachable(listener: socket.socket) -> tuple[str, int]:
    host, port = listener.getsockname()[:2]
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port  # noqa: S104 - compared, not bound
