"""Somebody signed in at a desk, as a browser would be: one kept connection, cookies, the token of the last page."""

import http.client
import re
from dataclasses import dataclass
from urllib.parse import urlencode

from bench import processes

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """One answer of the desk: its status, where it leads, and its page as it was sent."""

    status: int
    location: str
    body: bytes


class Visitor:
    """A person at the desk behind `port` of this machine. Raises `DidNotStartError` when the name may not sign in."""

    def __init__(self, port: int, name: str, password: str) -> None:
        self._origin = f"http://127.0.0.1:{port}"
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies: dict[str, str] = {}
        self.token = ""
        self.get("/desk/sign-in")
        signed_in = self.post("/desk/sign-in", {"name": name, "password": password})
        if signed_in.status != 303:
            raise processes.DidNotStartError(f"{name} could not sign in: {signed_in.status}")
        self.get("/desk/items")

    def get(self, path: str, *, part: bool = False) -> Answer:
        """Open a page, or a part of one."""
        return self._ask("GET", path, None, {"HX-Request": "true"} if part else {})

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        """Send a form with the token of the last page."""
        form = urlencode(fields | {"csrf_token": self.token}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self._origin}
        return self._ask("POST", path, form, headers)

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers |= {"Accept-Language": "en", "Cookie": cookie}
        try:
            answer, page = self._send(method, path, body, headers)
        except (ConnectionError, http.client.HTTPException):  # left alone for a while, it was closed
            self._connection.close()
            answer, page = self._send(method, path, body, headers)
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        if found := TOKEN.search(page.decode()):
            self.token = found[1]
        return Answer(answer.status, answer.headers.get("Location", ""), page)

    def _send(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        return answer, answer.read()
