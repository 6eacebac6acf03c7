"""A real HTTP proxy and a real web server on loopback, both counting what passes. Any name leads to that server."""

import socket
import ssl
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = bytes | Callable[[socket.socket], None]
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
END = b"\r\n\r\n"


class Server(ABC):
    """Accepts connections on loopback, each in a thread."""

    def __init__(self) -> None:
        self.connections = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._guarded, args=(line,), daemon=True).start()

    def _guarded(self, line: socket.socket) -> None:
        with line, suppress(OSError):
            line.settimeout(10)
            self.serve(line)

    @abstractmethod
    def serve(self, line: socket.socket) -> None:
        """Answer one connection."""


class WebServer(Server):
    """Answers every request with `answer`, bytes or whoever writes them; `asked` holds the heads of all requests."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.answer: Answer = NOT_FOUND
        self.asked: list[str] = []
        self._tls = tls
        super().__init__()

    def serve(self, line: socket.socket) -> None:
        if self._tls is not None:
            line = self._tls.wrap_socket(line, server_side=True)
        self.asked.append(head_of(line).decode())
        if callable(self.answer):
            self.answer(line)
        else:
            line.sendall(self.answer)


class Proxy(Server):
    """Leads to `origin`, whatever host is named. `relayed` counts the bytes it could pass back.

    `refuses` is answered instead of leading anywhere; with `silent` it says nothing at all.
    """

    def __init__(self, origin: WebServer) -> None:
        self.origin = origin
        self.named: list[str] = []
        self.heads: list[str] = []
        self.relayed = 0
        self.refuses = b""
        self.silent = False
        self.over = threading.Event()
        super().__init__()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve(self, line: socket.socket) -> None:
        if self.silent:
            self.over.wait(5)
            return
        head = head_of(line)
        self.heads.append(head.decode())
        method, target, _version = head.split(b"\r\n", 1)[0].split(b" ")
        self.named.append(target.decode())
        if self.refuses:
            line.sendall(self.refuses)
            return
        with socket.create_connection(("127.0.0.1", self.origin.port)) as onward:
            if method == b"CONNECT":
                line.sendall(b"HTTP/1.1 200 Connection established\r\nVia: 1.1 here\r\n\r\n")
                threading.Thread(target=_pipe, args=(line, onward), daemon=True).start()
            else:
                path = b"/" + target.split(b"/", 3)[3]
                onward.sendall(head.replace(target, path, 1))
            self._back(onward, line)

    def _back(self, onward: socket.socket, line: socket.socket) -> None:
        try:
            while part := onward.recv(16_384):
                line.sendall(part)
                self.relayed += len(part)
        finally:
            self.over.set()


@contextmanager
def web_and_proxy(tls: ssl.SSLContext | None = None) -> Iterator[tuple[WebServer, Proxy]]:
    """Run both."""
    web = WebServer(tls)
    proxy = Proxy(web)
    try:
        yield web, proxy
    finally:
        proxy.stop()
        web.stop()


def head_of(line: socket.socket) -> bytes:
    """Read one head."""
    found = b""
    while not found.endswith(END):
        byte = line.recv(1)
        if not byte:
            raise OSError("it hung up")
        found += byte
    return found


def _pipe(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(16_384):
            sink.sendall(part)
