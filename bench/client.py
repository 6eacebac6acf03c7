"""A load client that does what a browser without script does, and measures how that goes.

Closed loop: each of N clients holds one kept-alive connection and starts anew as soon as its last answer is in.
Every submission has a cookie jar of its own and an address of its own in `X-Forwarded-For`.
Only servers on the loopback interface are ever contacted.
"""

import asyncio
import html
import itertools
import os
import re
import time
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

from bench import processes

PATIENCE = 30.0
"""Seconds an iteration may take before it counts as failed."""

FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
HIDDEN_INPUT = re.compile(r"<input\b[^>]*\btype=[\"']?hidden\b[^>]*>")
ATTRIBUTE = re.compile(r"\b(name|value)=(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))")

_numbers = itertools.count(int(time.time()) % 100_000 * 100_000)


class UnexpectedAnswerError(Exception):
    """An answer that is not what a person would call success; its text is the kind that is counted."""


@dataclass(frozen=True)
class Site:
    """What a client needs to know about one application: where its form is and what success looks like."""

    name: str
    origin: str
    form_path: str
    fields: Mapping[str, str]
    success: str
    pid: int = 0

    def __post_init__(self) -> None:
        if urlsplit(self.origin).hostname not in {"127.0.0.1", "::1", "localhost"}:
            raise ValueError(f"{self.origin} is not a loopback address")


@dataclass(frozen=True)
class Answer:
    """One HTTP answer, its body decoded."""

    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    text: str


@dataclass
class Measurement:
    """What one measured stretch of load gave."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    server_cpu: float = 0.0
    other_cpu: float = 0.0
    """CPU seconds that neither this client nor the measured server used."""

    @property
    def per_second(self) -> float:
        """Successful iterations per second."""
        return len(self.latencies) / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of the server's CPU, user and system, per successful iteration."""
        return self.server_cpu * 1000 / max(1, len(self.latencies))

    @property
    def others_share(self) -> float:
        """The share of one core that other processes took meanwhile."""
        return self.other_cpu / self.seconds

    def percentile(self, percent: float) -> float:
        """Return the latency in milliseconds that `percent` of the iterations kept below."""
        if not self.latencies:
            return float("nan")
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1000


class Connection:
    """One HTTP/1.1 connection, kept alive as long as the server keeps it."""

    def __init__(self, origin: str) -> None:
        self._address = urlsplit(origin)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    def close(self) -> None:
        """Drop the connection; the next request opens another."""
        if self._streams:
            self._streams[1].close()
        self._streams = None

    async def request(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """Send one request and return its whole answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._address.hostname, self._address.port)
        reader, writer = self._streams
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._address.netloc}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        writer.write("\r\n".join([*lines, "\r\n"]).encode() + body)
        answer = await _read_answer(reader)
        if answer.headers.get("connection", "").lower() == "close":
            self.close()
        return answer


async def _read_answer(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status_line, *lines = head[:-4].split("\r\n")
    headers: dict[str, str] = {}
    cookies = []
    for line in lines:
        name, _, value = line.partition(":")
        if name.lower() == "set-cookie":
            cookies.append(value.strip())
        else:
            headers[name.lower()] = value.strip()
    body = await _read_body(reader, headers)
    if headers.get("content-encoding") == "gzip":
        body = zlib.decompress(body, wbits=31)
    return Answer(int(status_line.split(" ", 2)[1]), headers, tuple(cookies), body.decode())


async def _read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    chunks = []
    while size := int(await reader.readuntil(b"\r\n"), 16):
        chunks.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readexactly(2)
    return b"".join(chunks)


class Visitor:
    """One person's visit: one network address, one cookie jar, requests that follow each other."""

    def __init__(self, site: Site, connection: Connection, address: str = "") -> None:
        self.number = next(_numbers)
        self._address = address or network_address(self.number)
        self._site = site
        self._connection = connection
        self._cookies: dict[str, str] = {}

    async def get(self, path: str) -> Answer:
        """Fetch one page."""
        return self._keep(await self._connection.request("GET", path, self._headers()))

    async def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Send one form."""
        headers = self._headers() | {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": self._site.origin,
            "Referer": self._site.origin + path,
            "Sec-Fetch-Site": "same-origin",
        }
        return self._keep(await self._connection.request("POST", path, headers, urlencode(fields).encode()))

    def _headers(self) -> dict[str, str]:
        headers = {
            "User-Agent": "Mozilla/5.0 (bench)",
            "Accept": "text/html",
            "Accept-Language": "km,en;q=0.5",
            "Accept-Encoding": "gzip",
            "X-Forwarded-For": self._address,
        }
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        return headers

    def _keep(self, answer: Answer) -> Answer:
        # a Secure cookie goes back over plain HTTP here, as browsers allow on loopback
        for line in answer.cookies:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0" or morsel["expires"].startswith("Thu, 01 Jan 1970"):
                    self._cookies.pop(name, None)
                else:
                    self._cookies[name] = morsel.coded_value
        return answer


def network_address(number: int) -> str:
    """Return a documentation address whose /48 differs for 65,536 numbers in a row, so that nobody shares a limit."""
    return f"2001:db8:{number & 0xFFFF:x}:{number >> 16 & 0xFFFF:x}::1"


def hidden_fields(page: str, typed: Mapping[str, str]) -> dict[str, str]:
    """Return the hidden fields of the form that asks for most of what is `typed`."""
    forms = FORM.findall(page)
    if not forms:
        raise UnexpectedAnswerError("GET form: no form on the page")
    form = max(forms, key=lambda candidate: sum(f'name="{name}"' in candidate for name in typed))
    pairs = [
        {name: html.unescape("".join(values)) for name, *values in ATTRIBUTE.findall(tag)}
        for tag in HIDDEN_INPUT.findall(form)
    ]
    return {pair["name"]: pair.get("value", "") for pair in pairs}


async def view_form(site: Site, connection: Connection) -> None:
    """Fetch the form once, as a new visitor."""
    answer = await Visitor(site, connection).get(site.form_path)
    if answer.status != 200 or "<form" not in answer.text:
        raise UnexpectedAnswerError(f"GET form: {answer.status}")


async def submit_form(site: Site, connection: Connection) -> None:
    """Do one whole submission as a new visitor: form, POST, receipt page."""
    visitor = Visitor(site, connection)
    form = await visitor.get(site.form_path)
    if form.status != 200:
        raise UnexpectedAnswerError(f"GET form: {form.status}")
    typed = {name: value.replace("{n}", str(visitor.number)) for name, value in site.fields.items()}
    answer = await visitor.post(site.form_path, hidden_fields(form.text, typed) | typed)
    if answer.status != 303:
        raise UnexpectedAnswerError(f"POST: {answer.status}")
    receipt = await visitor.get(urlsplit(urljoin(site.form_path, answer.headers["location"])).path)
    if receipt.status != 200 or not re.search(site.success, receipt.text):
        raise UnexpectedAnswerError(f"receipt page: {receipt.status} without a receipt")


ACTIONS = {"get": view_form, "submit": submit_form}
FAILURES = (UnexpectedAnswerError, OSError, asyncio.IncompleteReadError, TimeoutError)


async def _one_client(site: Site, mode: str, until: float, result: Measurement) -> None:
    connection = Connection(site.origin)
    while (started := time.perf_counter()) < until:
        try:
            async with asyncio.timeout(PATIENCE):
                await ACTIONS[mode](site, connection)
        except FAILURES as failure:
            result.errors[str(failure) if isinstance(failure, UnexpectedAnswerError) else type(failure).__name__] += 1
            connection.close()
        else:
            result.latencies.append(time.perf_counter() - started)
    connection.close()


async def _all_clients(site: Site, mode: str, clients: int, seconds: float) -> Measurement:
    result = Measurement()
    started = time.perf_counter()
    await asyncio.gather(*(_one_client(site, mode, started + seconds, result) for _ in range(clients)))
    result.seconds = time.perf_counter() - started
    return result


def drive(site: Site, mode: str, *, clients: int, seconds: float, warm_up: float = 0.0) -> Measurement:
    """Put `clients` on `site` for a while and return what the measured stretch after the warm-up gave.

    `mode` is `get` (the form's page alone) or `submit` (form, POST and receipt page).
    """
    if warm_up:
        asyncio.run(_all_clients(site, mode, clients, warm_up))
    server, busy, own = (
        processes.tree_cpu_seconds(site.pid),
        processes.busy_seconds(),
        processes.cpu_seconds(os.getpid()),
    )
    result = asyncio.run(_all_clients(site, mode, clients, seconds))
    result.server_cpu = processes.tree_cpu_seconds(site.pid) - server
    client_cpu = processes.cpu_seconds(os.getpid()) - own
    result.other_cpu = max(0.0, processes.busy_seconds() - busy - client_cpu - result.server_cpu)
    return result
