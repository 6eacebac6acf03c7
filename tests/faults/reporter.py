"""Somebody with an old phone: no cookies, no script, a bad connection, and the patience to press the button again."""

import html
import http.client
import itertools
import re
from dataclasses import dataclass
from urllib.parse import urlencode

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
CODE = re.compile(r'<output id="receipt-code"[^>]*>([\d ]+)</output>')
TROUBLE = (OSError, http.client.HTTPException)

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    text: str

    @property
    def code(self) -> str | None:
        """The receipt that is shown, if one is."""
        found = CODE.search(self.text)
        return found[1].replace(" ", "") if found else None

    @property
    def token(self) -> str:
        """The token of the form on this page."""
        return html.unescape(TOKEN.findall(self.text)[0])


class Reporter:
    """One visitor with a network address of their own, so that no limit stands in the way."""

    def __init__(self, port: int, *, address: str = "", headers: dict[str, str] | None = None) -> None:
        number = next(_numbers)
        self.address = address or f"127.{1 + number // 62500 % 100}.{number // 250 % 250}.{1 + number % 250}"
        self._port = port
        self._headers = headers or {}

    def get(self, path: str) -> Answer:
        """Fetch a page."""
        return self._ask("GET", path)

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        """Send a form."""
        return self._ask("POST", path, urlencode(fields))

    def form(self, lang: str = "km") -> str:
        """Open the report form; return its token."""
        return self.get(f"/{lang}/report").token

    def send(self, token: str, urls: str, *, lang: str = "km", **fields: str) -> Answer:
        """Send the report form."""
        said = {"csrf_token": token, "category": "csam", "urls": urls, "website": ""} | fields
        return self.post(f"/{lang}/report", said)

    def _ask(self, method: str, path: str, body: str | None = None) -> Answer:
        headers = dict(self._headers)
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        source = (self.address, 0)
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20, source_address=source)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.read().decode())
        finally:
            connection.close()
