"""A real HTTP server on loopback that answers like a registry, or as badly as a test wants."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Answer = Callable[[BaseHTTPRequestHandler], None]


def says(facts: Any, *, status: int = 200, kind: str = "application/rdap+json") -> Answer:
    """Answer with JSON."""
    body = facts if isinstance(facts, bytes) else json.dumps(facts).encode()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def leads_to(url: str) -> Answer:
    """Redirect."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", url)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def drips(handler: BaseHTTPRequestHandler) -> None:
    """Give one byte of a header now and then, for ever."""
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while True:
            handler.wfile.write(b"a")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        return


def floods(handler: BaseHTTPRequestHandler) -> None:
    """Give more bytes than anybody wants."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/rdap+json")
    handler.end_headers()
    try:
        for _ in range(2_000):
            handler.wfile.write(b'{"name":"' + b"x" * 1_024)
    except OSError:
        return


class RdapServer:
    """`pages` maps a path to its answer; everything else is 404."""

    def __init__(self) -> None:
        self.pages: dict[str, Answer] = {}
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                outer.pages.get(self.path, says({"errorCode": 404}, status=404))(self)

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def bootstrap(self, folder: Path) -> Path:
        """Write bootstrap files that name this server for every address and for `.example`, and return their folder."""
        folder.mkdir(exist_ok=True)
        for name, keys in (("ipv4", ["0.0.0.0/0"]), ("ipv6", ["::/0"]), ("dns", ["example"])):
            (folder / f"{name}.json").write_text(json.dumps({"services": [[keys, [self.url]]]}))
        return folder


@contextmanager
def rdap_server() -> Iterator[RdapServer]:
    """Run one for as long as a test needs it."""
    server = RdapServer()
    try:
        yield server
    finally:
        server.stop()


def person(role: str, name: str, mailbox: str = "", *, within: tuple[Any, ...] = ()) -> dict[str, Any]:
    """Return somebody as registries write them."""
    lines = [["version", {}, "text", "4.0"], ["fn", {}, "text", name]]
    if mailbox:
        lines.append(["email", {}, "text", mailbox])
    return {"objectClassName": "entity", "roles": [role], "vcardArray": ["vcard", lines], "entities": list(within)}


def network(name: str = "EXAMPLE-NET", country: str = "NL", *people: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a network as registries write it."""
    return {
        "objectClassName": "ip network",
        "name": name,
        "country": country,
        "startAddress": "198.51.100.0",
        "endAddress": "198.51.100.255",
        "entities": list(people),
        **more,
    }
