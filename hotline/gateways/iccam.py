"""ICCAM, version 3 of its interface, as far as public sources tell it. **Unverified against the real service.**

There is no public specification. Addresses, fields and codes are those that another hotline's published connector uses;
what it does not tell (the names of the two fields of signing in, how a new report is answered) is marked below. It is
off unless all three `HOTLINE_ICCAM_…` settings are there. A connection is made to that one address alone, with our
certificate, follows no redirect, and is capped in time and size.
"""

import contextlib
import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from hotline import clock

PATIENCE = 20.0  # seconds without a byte
LONGEST = 60.0  # seconds for one call
MOST_BYTES = 1024 * 1024
BEARER_LIVES = 1800  # seconds, where the service does not say
EARLY = timedelta(seconds=60)  # a bearer is changed so long before it ends
AWAY, SLOW, HUGE, NOT_JSON, REFUSED, NO_ENTRY, UNCERTAIN = (
    "away",
    "slow",
    "huge",
    "not_json",
    "refused",
    "no_entry",
    "uncertain",
)


class IccamFault(Exception):
    """A call that did not do its work. `permanent`: a retry would not either, or might do the same a second time."""

    def __init__(self, code: str, *, permanent: bool) -> None:
        super().__init__(code)
        self.code, self.permanent = code, permanent


class Iccam(Protocol):
    """Whoever tells ICCAM."""

    def report(self, body: Mapping[str, Any], address: str) -> tuple[int, int]:
        """Make a report; return its number and that of the content at `address`. Raises IccamFault."""
        ...

    def assess(self, content_no: int, body: Mapping[str, Any]) -> None:
        """Set the assessment of a content. Raises IccamFault."""
        ...

    def set_field(self, report_no: int, field: str, code: Any) -> None:
        """Set one field of a report. Raises IccamFault."""
        ...

    def act(self, content_no: int, body: Mapping[str, Any]) -> None:
        """Add an action to a content. Raises IccamFault."""
        ...

    def move(self, content_no: int, country: str) -> None:
        """Change where a content is hosted and which country it is assigned to. Raises IccamFault."""
        ...


FIELDS = {
    "sourceUrlCommerciality": "commerciality",
    "sourceUrlSiteType": "site-type",
    "sourceUrlPaymentMethods": "payment-methods",
}


class IccamClient:
    """Tells the real one. `url` bears the user and password of the interface; `cert` and `key` are files (PEM)."""

    def __init__(
        self, url: str, cert: str, key: str, *, authority: str | None = None, longest: float = LONGEST
    ) -> None:
        self._parts = urlsplit(url)
        self._files, self._authority, self._longest = (cert, key), authority, longest
        self._bearer, self._refresh, self._ends = "", "", clock.now()
        self._tls: ssl.SSLContext | None = None
        self._turn = threading.Lock()

    def report(self, body: Mapping[str, Any], address: str) -> tuple[int, int]:
        """Make a report, and read back how its content is called."""
        answer = self._call("POST", "rest/reports", body, makes=True)
        report_no = _number(answer, "reportId", "id")
        try:
            facts = self._call("GET", f"rest/Reports/{report_no}", None)
            contents = facts.get("reportContents", []) if isinstance(facts, dict) else []
            found = next(one for one in contents if isinstance(one, dict) and one.get("urlString") == address)
            return report_no, _number(found, "contentId")
        except (IccamFault, StopIteration, TypeError) as exc:
            raise IccamFault(UNCERTAIN, permanent=True) from exc  # the report is there: it must not be made again

    def assess(self, content_no: int, body: Mapping[str, Any]) -> None:
        """Set the assessment of a content."""
        self._call("PUT", f"rest/Content/{content_no}/assessment", body, makes=True)

    def set_field(self, report_no: int, field: str, code: Any) -> None:
        """Set one field of a report. How the code is carried is not public: by the field's own name."""
        self._call("PUT", f"rest/Reports/{report_no}/source-url/{FIELDS[field]}", {field: code})

    def act(self, content_no: int, body: Mapping[str, Any]) -> None:
        """Add an action to a content."""
        self._call("POST", f"rest/Content/{content_no}/actions", body, makes=True)

    def move(self, content_no: int, country: str) -> None:
        """Change hosting and assigned country: what ICCAM has in place of an action for what has moved."""
        self._call("PUT", f"rest/Content/{content_no}/url/hosting?newCountryCode={country}", None)
        self._call("PUT", f"rest/Content/{content_no}/assigned-country?newCountryCode={country}", None)

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None, *, makes: bool = False) -> Any:
        """Ask with a bearer that is good. `makes`: done twice it is there twice, so a lost answer is uncertain."""
        with self._turn:
            self._sign_in()
            try:
                return self._ask(method, path, body, {"Authorization": f"Bearer {self._bearer}"})
            except IccamFault as fault:
                if fault.code == NO_ENTRY:
                    self._bearer = ""  # ended sooner than it was said to: the next try signs in anew
                    raise IccamFault(NO_ENTRY, permanent=False) from fault
                if makes and fault.code in {AWAY, SLOW, NOT_JSON, HUGE}:
                    raise IccamFault(UNCERTAIN, permanent=True) from fault
                raise

    def _sign_in(self) -> None:
        """Get a bearer, or another one where it ends soon. The names of user and password are not public."""
        if self._bearer and clock.now() < self._ends - EARLY:
            return
        if self._bearer and self._refresh:
            with contextlib.suppress(IccamFault):
                self._keep(self._ask("POST", "Authentication/refresh", {"refreshToken": self._refresh}, {}))
                return
        who = {"username": unquote(self._parts.username or ""), "password": unquote(self._parts.password or "")}
        self._keep(self._ask("POST", "Authentication", who, {}))

    def _keep(self, facts: Any) -> None:
        if not isinstance(facts, dict) or not isinstance(facts.get("bearerToken"), str) or not facts["bearerToken"]:
            raise IccamFault(NO_ENTRY, permanent=True)
        lives = facts.get("bearerTokenExpiresIn")
        seconds = lives if type(lives) is int and 0 < lives <= 86_400 else BEARER_LIVES
        refresh = facts.get("refreshToken")
        if not (facts["bearerToken"].isascii() and facts["bearerToken"].isprintable()):
            raise IccamFault(NO_ENTRY, permanent=True)
        self._bearer, self._refresh = facts["bearerToken"], refresh if isinstance(refresh, str) else ""
        self._ends = clock.now() + timedelta(seconds=seconds)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]) -> Any:
        """Say one thing and return the answer as JSON, None where it is empty. The connection is cut when time is over.

        What was never sent is `away` before the request, so nothing is uncertain about it.
        """
        ends = time.monotonic() + self._longest
        place = (self._parts.hostname or "", self._parts.port or 443)
        connection = http.client.HTTPConnection(*place, timeout=PATIENCE)
        try:
            connection.sock = self._connected(place)
        except (OSError, ValueError) as exc:
            raise IccamFault("unreached", permanent=False) from exc
        watch = threading.Timer(max(ends - time.monotonic(), 0.01), _cut, [connection.sock])
        watch.daemon = True
        watch.start()
        try:
            return self._answer(connection, method, path, body, headers)
        except TimeoutError as exc:
            raise IccamFault(SLOW, permanent=False) from exc
        except (OSError, http.client.HTTPException, ValueError) as exc:
            raise IccamFault(SLOW if time.monotonic() >= ends else AWAY, permanent=False) from exc
        finally:
            watch.cancel()
            connection.close()

    def _connected(self, place: tuple[str, int]) -> socket.socket:
        """Connect with our certificate; the one that stands there has to be good."""
        if self._tls is None:
            tls = ssl.create_default_context(cafile=self._authority)
            tls.minimum_version = ssl.TLSVersion.TLSv1_2
            tls.load_cert_chain(*self._files)
            self._tls = tls
        plain = socket.create_connection(place, timeout=PATIENCE)
        return self._tls.wrap_socket(plain, server_hostname=place[0])

    def _answer(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str],
    ) -> Any:
        said = b"" if body is None else json.dumps(body).encode()
        common = {"Accept": "application/json", "Connection": "close", "Content-Type": "application/json"}
        connection.request(method, f"{_base(self._parts)}/{path}", said, {**common, **headers})
        answer = connection.getresponse()
        if answer.status in {401, 403}:
            raise IccamFault(NO_ENTRY, permanent=False)
        if answer.status == 429 or answer.status >= 500:
            raise IccamFault(AWAY, permanent=False)
        if not 200 <= answer.status < 300:
            raise IccamFault(REFUSED, permanent=True)
        read = answer.read(MOST_BYTES + 1)
        if len(read) > MOST_BYTES:
            raise IccamFault(HUGE, permanent=False)
        if not read.strip():
            return None
        try:
            return json.loads(read)
        except (ValueError, RecursionError) as exc:
            raise IccamFault(NOT_JSON, permanent=False) from exc


def _base(parts: SplitResult) -> str:
    return parts.path.rstrip("/")


def _number(facts: Any, *names: str) -> int:
    """Return a number of ICCAM, alone or under one of `names`. Raises IccamFault: what was made is not known."""
    given = facts if type(facts) is int else None
    if isinstance(facts, dict):
        given = next((facts[name] for name in names if type(facts.get(name)) is int), None)
    if given is None or not 0 < given <= 2_147_483_647:
        raise IccamFault(UNCERTAIN, permanent=True)
    return given


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it ended by itself
        connection.shutdown(socket.SHUT_RDWR)
