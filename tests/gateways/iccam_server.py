"""A stand-in for ICCAM on loopback: mutual TLS, bearers that end, steps in order, each once. Not the real one."""

import json
import re
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

USER, PASSWORD = "hotline-api", "p@ss word"
FIELDS = {"commerciality", "site-type", "payment-methods"}


def certificates(folder: Path) -> None:
    """Make an authority, and with it a certificate for the server and one for us."""

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    (folder / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    new = ("req", "-newkey", "rsa:2048", "-nodes", "-days", "30")
    openssl(*new, "-x509", "-subj", "/CN=authority.example", "-keyout", "ca.key", "-out", "ca.pem")
    for name in ("server", "client"):
        openssl(*new, "-subj", f"/CN={name}.example", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-extfile", "names")
        openssl("x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.pem", *signing)


class IccamServer:
    """`told` holds what was accepted, in order; `lives` is a bearer's time; `next_answers` are given once each."""

    def __init__(self, folder: Path) -> None:
        self.told: list[tuple[str, str, Any]] = []
        self.refused: list[str] = []
        self.signed_in = self.refreshed = 0
        self.lives: Any = 1800
        self.next_answers: list[str] = []
        self.bearers: set[str] = set()
        self.reports: dict[int, dict[str, Any]] = {}
        self.contents: dict[int, dict[str, Any]] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer._answer(self, "GET")

            def do_POST(self) -> None:
                outer._answer(self, "POST")

            def do_PUT(self) -> None:
                outer._answer(self, "PUT")

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(folder / "server.pem", folder / "server.key")
        tls.load_verify_locations(folder / "ca.pem")
        tls.verify_mode = ssl.CERT_REQUIRED
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self._server.server_port
        self.url = f"https://{USER}:p%40ss%20word@127.0.0.1:{self.port}/api"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler, method: str) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        facts = json.loads(body) if body else None
        path = handler.path.removeprefix("/api/")
        bearer = handler.headers.get("Authorization", "").removeprefix("Bearer ")
        doing = self.next_answers.pop(0) if self.next_answers and not path.startswith("Authentication") else ""
        if doing in {"500", "404"}:
            return self._say(handler, int(doing), None)
        if path.startswith("Authentication"):
            status, said = self._authenticate(path, facts)
        elif bearer not in self.bearers:
            status, said = 401, None
        else:
            status, said = self._work(method, path, facts)
        match doing:
            case "lost":  # it was done, and nobody hears of it
                handler.connection.close()
            case "hangs":
                time.sleep(3)
            case "huge":
                self._say(handler, 200, "x" * (2 * 1024 * 1024))
            case "no json":
                self._raw(handler, 200, b"<html>")
            case _:
                self._say(handler, status, said)
        return None

    def _say(self, handler: BaseHTTPRequestHandler, status: int, said: Any) -> None:
        if status >= 400:
            self.refused.append(f"{status} {handler.path}")
        self._raw(handler, status, b"" if said is None else json.dumps(said).encode())

    def _raw(self, handler: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
        try:
            handler.send_response(status)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
        except OSError:
            return

    def _authenticate(self, path: str, facts: Any) -> tuple[int, Any]:
        if path.endswith("/refresh"):
            if facts != {"refreshToken": "again"}:
                return 401, None
            self.refreshed += 1
        elif facts != {"username": USER, "password": PASSWORD}:
            return 401, None
        else:
            self.signed_in += 1
        bearer = f"bearer-{self.signed_in}-{self.refreshed}"
        self.bearers = {bearer}
        return 200, {"bearerToken": bearer, "refreshToken": "again", "bearerTokenExpiresIn": self.lives}

    def _work(self, method: str, path: str, facts: Any) -> tuple[int, Any]:
        if (method, path) == ("POST", "rest/reports"):
            return self._report(facts)
        if found := re.fullmatch(r"rest/Reports/(\d+)(/source-url/([a-z-]+))?", path):
            report = self.reports.get(int(found[1]))
            if report is None:
                return 404, None
            return (200, report) if method == "GET" else self._field(report, found[3], facts)
        if found := re.match(r"rest/Content/(\d+)/(assessment|actions|url/hosting|assigned-country)", path):
            content = self.contents.get(int(found[1]))
            return (404, None) if content is None else self._content(content, found[2], path, facts)
        return 404, None

    def _report(self, facts: Any) -> tuple[int, Any]:
        wanted = {"reportingAnalystName", "hotlineReceivedDate", "hotlineReference", "urls"}
        if set(facts) != wanted or any(
            one["hotlineReference"] == facts["hotlineReference"] for one in self.reports.values()
        ):
            return 409, None
        number = 4000 + len(self.reports)
        url = facts["urls"][0]["urlString"]
        self.contents[number * 10] = {"assessed": False, "actions": [], "fields": set()}
        self.reports[number] = {
            "hotlineReference": facts["hotlineReference"],
            "reportContents": [{"contentId": number * 10, "urlString": url}],
            "fields": set(),
        }
        self.told.append(("report", "", facts))
        self.reports[number]["fields"] = []
        return 200, {"reportId": number}

    def _field(self, report: dict[str, Any], field: str, facts: Any) -> tuple[int, Any]:
        content = self.contents[report["reportContents"][0]["contentId"]]
        if field not in FIELDS or not content["assessed"] or content["actions"]:
            return 409, None
        self.told.append(("field", field, facts))
        return 204, None

    def _content(self, content: dict[str, Any], what: str, path: str, facts: Any) -> tuple[int, Any]:
        if what == "assessment":
            if content["assessed"] or content["actions"] or "classification" not in facts:
                return 409, None
            content["assessed"] = True
        elif what == "actions":
            if not content["assessed"] or facts["actionType"] in content["actions"]:
                return 409, None
            if (facts["actionType"] in {4, 6}) != ("reasonId" in facts):
                return 400, None
            content["actions"].append(facts["actionType"])
        self.told.append((what, path.partition("?")[2], facts))
        return 204, None


@contextmanager
def iccam_server(folder: Path) -> Iterator[IccamServer]:
    """Run one for as long as a test needs it, with the certificates that lie in `folder`."""
    server = IccamServer(folder)
    try:
        yield server
    finally:
        server.stop()
