"""Settings from the environment: frozen, typed, and refused in one line when wrong."""

import ipaddress
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app

from hotline.errors import SettingsError
from hotline.vocabulary import Surface

PRIVATE_NETWORKS = "127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_PAGE = re.compile(r"https://(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}(?::\d{1,5})?(?:/[\x21-\x7e]*)?")
_FINGERPRINT = re.compile(r"(?:[0-9A-F]{40}|[0-9A-F]{64})")
_PLACE = re.compile(
    r"(?:\[(?P<six>[0-9a-f:]+)\]|(?P<four>[0-9.]+))(?::(?P<port>[0-9]{1,5}))?|(?P<bare>[0-9a-f:]*:[0-9a-f:.]*:[0-9a-f:.]*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the environment decides. Times are seconds."""

    data_dir: Path
    keys_dir: Path
    database_url: str
    front_database_url: str
    redis_url: str
    smtp_url: str
    mail_from: str
    imap_url: str
    imap_authserv: str
    iccam_url: str
    iccam_cert: str
    iccam_key: str
    check_proxy: str
    public_url: str
    reply_url: str  # what letters name of the public site; empty where nobody said how it is reached
    openpgp_fingerprint: str  # of our own key, as letters name it; empty where we have none
    openpgp_url: str  # where recipients of letters get it
    desk_url: str
    onion_url: str
    exit_url: str
    desk_networks: tuple[Network, ...]
    trusted_proxies: int
    jurisdiction: str
    inbox_delay: tuple[float, float]
    second_look_sample: int
    exposure_limit: int  # minutes a day
    break_after: int  # minutes
    cutoff_hour: int  # of the country's own time; 24 is never
    interruption_after: int  # minutes without a round that went through, of intake or of delivery
    brake: int
    lookups: bool
    dns_servers: tuple[tuple[str, int], ...]
    rdap_bootstrap: Path | None
    demo: bool
    log_level: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], surface: Surface) -> "Settings":
        """Read and check every setting. Raises SettingsError naming the first that is wrong."""
        read = _Reader(environ)
        data_dir = Path(read.text("HOTLINE_DATA_DIR", "var")).absolute()
        port = read.whole("PORT", 8000, low=1, high=65534)
        dns_servers = read.servers("HOTLINE_DNS_SERVERS")
        desk_store = read.database("HOTLINE_DATABASE_URL", f"sqlite:///{data_dir / 'desk.sqlite3'}")
        settings = cls(
            data_dir=data_dir,
            keys_dir=Path(read.text("HOTLINE_KEYS_DIR", str(data_dir / "keys"))).absolute(),
            database_url=desk_store,
            front_database_url=read.database("HOTLINE_FRONT_DATABASE_URL", _front_beside(desk_store, data_dir)),
            redis_url=read.url("HOTLINE_REDIS_URL", f"unix://{data_dir / 'queue.sock'}", ("unix", "redis", "rediss")),
            smtp_url=read.url("HOTLINE_SMTP_URL", "", ("smtp", "smtps")),
            mail_from=read.mailbox("HOTLINE_MAIL_FROM", "notices@hotline.example"),
            imap_url=read.url("HOTLINE_IMAP_URL", "", ("imap", "imaps")),
            imap_authserv=read.text("HOTLINE_IMAP_AUTHSERV", ""),
            iccam_url=read.url("HOTLINE_ICCAM_URL", "", ("https",)),
            iccam_cert=read.file("HOTLINE_ICCAM_CERT"),
            iccam_key=read.file("HOTLINE_ICCAM_KEY"),
            check_proxy=read.proxy("HOTLINE_CHECK_PROXY"),
            public_url=read.url("HOTLINE_PUBLIC_URL", f"http://127.0.0.1:{port}", ("http", "https")),
            reply_url=read.url("HOTLINE_PUBLIC_URL", "", ("http", "https")),
            openpgp_fingerprint=read.fingerprint("HOTLINE_OPENPGP_FINGERPRINT"),
            openpgp_url=read.page("HOTLINE_OPENPGP_URL"),
            desk_url=read.url("HOTLINE_DESK_URL", f"http://127.0.0.1:{port + 1}", ("http", "https")),
            onion_url=read.url("HOTLINE_ONION_URL", "", ("http", "https")),
            exit_url=read.url("HOTLINE_EXIT_URL", "https://www.google.com/search?q=weather", ("https",)),
            desk_networks=read.networks("HOTLINE_DESK_NETWORKS", PRIVATE_NETWORKS),
            trusted_proxies=read.whole("HOTLINE_TRUSTED_PROXIES", 0, low=0, high=5),
            jurisdiction=read.text("HOTLINE_JURISDICTION", "kh"),
            inbox_delay=read.span("HOTLINE_INBOX_DELAY", "30-90"),
            second_look_sample=read.whole("HOTLINE_SECOND_LOOK_SAMPLE", 5, low=1, high=1000),
            exposure_limit=read.whole("HOTLINE_EXPOSURE_LIMIT", 240, low=15, high=480),
            break_after=read.whole("HOTLINE_BREAK_AFTER", 60, low=15, high=240),
            cutoff_hour=read.whole("HOTLINE_CUTOFF_HOUR", 24, low=0, high=24),
            interruption_after=read.whole("HOTLINE_INTERRUPTION_AFTER", 60, low=5, high=1440),
            brake=read.whole("HOTLINE_BRAKE", 300, low=0, high=1_000_000),
            lookups=read.choice("HOTLINE_LOOKUPS", "on" if dns_servers else "off", ("on", "off")) == "on",
            dns_servers=dns_servers,
            rdap_bootstrap=read.folder("HOTLINE_RDAP_BOOTSTRAP"),
            demo=read.choice("HOTLINE_DEMO", "on", ("on", "off")) == "on",
            log_level=read.choice("HOTLINE_LOG_LEVEL", "WARNING", ("DEBUG", "INFO", "WARNING", "ERROR")),
        )
        settings._check(surface)
        return settings

    @property
    def on_loopback(self) -> bool:
        """Whether both sites are reached on this machine only."""
        return _is_loopback(self.public_url) and _is_loopback(self.desk_url)

    def next_inbox_delay(self) -> float:
        """Draw the pause before the inbox is opened again, so that arrival times cannot be read off it."""
        low, high = self.inbox_delay
        return random.SystemRandom().uniform(low, high)

    def _check(self, surface: Surface) -> None:
        if surface is Surface.ALL and not _is_loopback(self.public_url):
            raise SettingsError(
                "HOTLINE_PUBLIC_URL is not a loopback address, so the public site and the desk must not share a "
                "process: serve app:public and app:desk as two users instead of app:app."
            )
        if not _is_loopback(self.desk_url) and not self.desk_url.startswith("https://"):
            raise SettingsError("HOTLINE_DESK_URL must begin with https:// unless the desk is on loopback.")
        if self.imap_url.startswith("imap:") and not _is_loopback(self.imap_url):
            raise SettingsError("HOTLINE_IMAP_URL must begin with imaps:// unless the mail server is on loopback.")
        if self.imap_url and not self.imap_authserv:
            raise SettingsError(
                "HOTLINE_IMAP_AUTHSERV must say how the mail server names itself in Authentication-Results, such as "
                "mx.hotline.example: without it nobody can tell a forged sender from a true one."
            )
        if len({bool(self.iccam_url), bool(self.iccam_cert), bool(self.iccam_key)}) > 1:
            raise SettingsError(
                "HOTLINE_ICCAM_URL, HOTLINE_ICCAM_CERT and HOTLINE_ICCAM_KEY belong together: set all three or none."
            )
        if bool(self.openpgp_fingerprint) != bool(self.openpgp_url):
            raise SettingsError(
                "HOTLINE_OPENPGP_FINGERPRINT and HOTLINE_OPENPGP_URL belong together: letters name both or neither."
            )
        if self.database_url == self.front_database_url:
            raise SettingsError("HOTLINE_DATABASE_URL and HOTLINE_FRONT_DATABASE_URL must be two different stores.")


def settings() -> Settings:
    """Return the running app's settings."""
    found = current_app.extensions["hotline.settings"]
    assert isinstance(found, Settings)
    return found


def _front_beside(desk_store: str, data_dir: Path) -> str:
    """Return where the front store is when nobody says: beside the desk's. Only an own setting gives it an own role."""
    if desk_store.startswith("sqlite:"):
        return f"sqlite:///{data_dir / 'front.sqlite3'}"
    place, mark, options = desk_store.partition("?")
    return f"{place.removesuffix('_desk')}_front{mark}{options}"


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Reader:
    """Reads one setting at a time and names it when it is wrong."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str, default: str) -> str:
        return self._environ.get(name, "").strip() or default

    def whole(self, name: str, default: int, *, low: int, high: int) -> int:
        raw = self.text(name, str(default))
        if not raw.isdecimal() or not low <= int(raw) <= high:
            raise SettingsError(f"{name} must be a whole number from {low} to {high}, not {raw!r}.")
        return int(raw)

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        raw = self.text(name, default)
        for word in allowed:
            if raw.casefold() == word.casefold():
                return word
        raise SettingsError(f"{name} must be one of {', '.join(allowed)}, not {raw!r}.")

    def url(self, name: str, default: str, schemes: tuple[str, ...]) -> str:
        raw = self.text(name, default)
        if not raw:
            return raw
        parts = urlsplit(raw)
        if parts.scheme not in schemes or not (parts.netloc or parts.path.startswith("/")):
            raise SettingsError(f"{name} must begin with {' or '.join(s + '://' for s in schemes)}.")
        return raw if parts.query else raw.rstrip("/")

    def page(self, name: str) -> str:
        """Return the address of a page that letters name: nothing in it may break a line, or tell a password."""
        raw = self.url(name, "", ("https",))
        if raw and not _PAGE.fullmatch(raw):
            raise SettingsError(f"{name} must be the plain address of a page, such as https://hotline.example/key.asc.")
        return raw

    def proxy(self, name: str) -> str:
        raw = self.url(name, "", ("http",))
        try:
            parts = urlsplit(raw)
            is_one = bool(parts.hostname and parts.port) and not (parts.path or parts.query or parts.fragment)
        except ValueError:
            is_one = False
        if raw and not is_one:
            raise SettingsError(f"{name} must be an HTTP proxy with its port, such as http://proxy.example:3128.")
        return raw

    def database(self, name: str, default: str) -> str:
        raw = self.text(name, default)
        if not raw.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise SettingsError(f"{name} must begin with sqlite:/// or postgresql+psycopg://.")
        return raw

    def mailbox(self, name: str, default: str) -> str:
        raw = self.text(name, default)
        if raw.count("@") != 1 or any(c in raw for c in " \r\n<>,;"):
            raise SettingsError(f"{name} must be one plain e-mail address, such as notices@hotline.example.")
        return raw

    def fingerprint(self, name: str) -> str:
        """Read a fingerprint with or without its spaces; give it back in groups of four."""
        raw = "".join(self.text(name, "").split()).upper()
        if raw and not _FINGERPRINT.fullmatch(raw):
            raise SettingsError(f"{name} must be the fingerprint of an OpenPGP key: 40 or 64 digits from 0 to F.")
        return " ".join(raw[start : start + 4] for start in range(0, len(raw), 4))

    def networks(self, name: str, default: str) -> tuple[Network, ...]:
        raw = self.text(name, default)
        try:
            return tuple(ipaddress.ip_network(part.strip()) for part in raw.split(",") if part.strip())
        except ValueError as exc:
            raise SettingsError(f"{name} must be a list of networks such as 192.0.2.0/24: {exc}.") from exc

    def servers(self, name: str) -> tuple[tuple[str, int], ...]:
        return tuple(self._server(name, part.strip()) for part in self.text(name, "").split(",") if part.strip())

    def _server(self, name: str, raw: str) -> tuple[str, int]:
        """Read one address with or without a port; IPv6 with a port stands in square brackets."""
        wrong = SettingsError(
            f"{name} must be a list of addresses such as 192.0.2.53 or [2001:db8::53]:53, not {raw!r}."
        )
        found = _PLACE.fullmatch(raw)
        if found is None:
            raise wrong
        try:
            address = ipaddress.ip_address(found["six"] or found["bare"] or found["four"])
        except ValueError as exc:
            raise wrong from exc
        port = int(found["port"] or 53)
        if not 0 < port < 65536:
            raise wrong
        return str(address), port

    def folder(self, name: str) -> Path | None:
        raw = self.text(name, "")
        if raw and not Path(raw).is_dir():
            raise SettingsError(f"{name} must be a folder that holds ipv4.json, ipv6.json and dns.json, not {raw!r}.")
        return Path(raw).absolute() if raw else None

    def file(self, name: str) -> str:
        raw = self.text(name, "")
        try:
            is_there = not raw or Path(raw).is_file()
        except OSError:
            is_there = False
        if not is_there:
            raise SettingsError(f"{name} must be a file that can be read, not {raw!r}.")
        return str(Path(raw).absolute()) if raw else ""

    def span(self, name: str, default: str) -> tuple[float, float]:
        raw = self.text(name, default)
        low, _, high = raw.partition("-")
        try:
            pair = (float(low), float(high or low))
        except ValueError as exc:
            raise SettingsError(f"{name} must be seconds such as 30-90 or 0, not {raw!r}.") from exc
        if not 0 <= pair[0] <= pair[1] <= 3600:
            raise SettingsError(f"{name} must run from the shorter to the longer, between 0 and 3600 seconds.")
        return pair
