"""Web addresses as people type them: found in free text, made comparable, and shown so that nobody can click them.

Parsing is the browsers' own (WHATWG, by ada): what a reporter's browser opened is what an analyst reads. Before it
stand re-fanging (`hxxp`, `[.]`, a missing scheme) and the question where one address ends and the next one begins.
Whatever is no address is handed back as a leftover: apart from bare punctuation nothing typed is ever dropped.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ada_url import URL, idna_to_unicode

MAX_LENGTH = 8_192
"""The longest address that is read, in characters."""

TRACKING = frozenset(
    {"_ga", "_gl", "_hsenc", "_hsmi", "dclid", "fbclid", "gbraid", "gclid", "gclsrc", "igsh", "igshid", "mc_cid"}
    | {"mc_eid", "mibextid", "mkt_tok", "msclkid", "srsltid", "ttclid", "twclid", "wbraid", "yclid"}
)
"""Parameters that say who shared an address, never what it shows. `utm_…` goes too. Doubtful names stay: one kept too
many makes two items of one page, which people can see; one dropped too many makes one item of two pages, which nobody
sees, or leads nowhere."""

_TIKTOK = frozenset(
    {"_d", "_r", "_t", "checksum", "is_copy_url", "is_from_webapp", "sec_user_id", "sender_device", "sender_web_id"}
    | {"share_app_id", "share_app_name", "share_iid", "share_link_id", "timestamp", "tt_from", "u_code", "ugbiz_name"}
    | {"user_id", "web_id"}
)
TRACKING_AT = {
    "youtu.be": frozenset({"si", "pp"}),
    "youtube.com": frozenset({"si", "pp"}),
    "spotify.com": frozenset({"si"}),
    "facebook.com": frozenset(
        {"__cft__", "__tn__", "__xts__", "eav", "extid", "paipv", "rdid", "sfnsn", "share_url", "wtsid"}
    ),
    "instagram.com": frozenset({"ig_rid"}),
    "threads.com": frozenset({"slof", "xmt"}),
    "threads.net": frozenset({"slof", "xmt"}),
    "tiktok.com": _TIKTOK,
    "twitter.com": frozenset({"s", "t"}),
    "x.com": frozenset({"s", "t"}),
    "reddit.com": frozenset({"correlation_id", "rdt", "share_id"}),
    "linkedin.com": frozenset({"lipi", "rcm", "trackingid"}),
    "pinterest.com": frozenset({"invite_code", "sender", "sfo"}),
    "snapchat.com": frozenset({"share_id"}),
}
"""Parameters that mark the sharer at these sites and their subdomains only, and may mean anything elsewhere."""

SIGNATURES = frozenset({"hmac", "sig", "signature", "x-amz-signature", "x-goog-signature"})
"""Parameters that sign an address: with one of them no other may go, or it leads nowhere any more."""


class Problem(StrEnum):
    """Why a piece of text is not an address that can be reported."""

    NOT_AN_ADDRESS = "not_an_address"
    SCRIPT = "script"
    LOCAL_FILE = "local_file"
    PICTURE = "picture"
    PRIVATE = "private"
    TOO_LONG = "too_long"
    OTHER_SCHEME = "other_scheme"


class AddressKind(StrEnum):
    """What sort of host an address names: it decides who can be asked to act."""

    WEB = "web"
    IDN = "idn"
    IP = "ip"
    ONION = "onion"


@dataclass(frozen=True, slots=True)
class Address:
    """One web address."""

    raw: str
    """Exactly what was typed, its numbering, brackets and full stop included."""
    href: str
    """The address as a browser writes it, credentials cut off, query and fragment whole."""
    kept: str
    """What the desk keeps and a letter lists: `href` without what tells its host whose link it was. That is tracking
    parameters, also in a fragment, and a fragment's `:~:` directive (the words a reader had marked). All else stays to
    the letter, for it may be the way to the content: ports, empty parameters, fragments that hold a route or a key, and
    the whole query of a signed address."""
    credentials: str | None
    """`user:password` as a browser writes it, percent-encoded, or None."""
    canonical: str
    """For comparing only, never for visiting. The scheme is always `https`, since nearly every site answers both alike
    and reporters drop the difference; ports 80 and 443, the host's trailing dot, a root path, tracking parameters,
    empty parameters and fragments other than `#!…` and `#/…` routes are gone."""
    path_key: str
    """The canonical form without its query."""
    host: str
    """ASCII, lower case, no trailing dot; IPv6 in its square brackets."""
    host_display: str
    """The host with international labels in their own script."""
    kind: AddressKind
    line: int
    """The line it was typed on, from 1."""
    typed_again: tuple[str, ...] = ()
    """How the same address was typed further down in the same text."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """A piece of text that is no address, exactly as typed."""

    line: int
    text: str
    reason: Problem


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text held: its addresses, each once, and everything else."""

    found: tuple[Address, ...]
    leftovers: tuple[Leftover, ...]


# --- Reading a text ---------------------------------------------------------------------------------------------------


def read(text: str) -> Reading:
    """Find every web address in `text`, whatever stands around it; takes any text and never raises."""
    pile = _Pile()
    for number, typed in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        if typed:
            _read_line(_line(number, typed), pile)
    found = (
        replace(address, typed_again=tuple(pile.again[key])) if key in pile.again else address
        for key, address in pile.found.items()
    )
    return Reading(found=tuple(found), leftovers=tuple(pile.leftovers))


def parse(href: str) -> Address | Problem:
    """Read one whole address as a browser would: nothing is trimmed, re-fanged or guessed."""
    return Problem.TOO_LONG if len(href) > MAX_LENGTH else _address(href, raw=href, line=1)


@dataclass(slots=True)
class _Pile:
    """What has been read so far."""

    found: dict[str, Address] = field(default_factory=dict)
    again: dict[str, list[str]] = field(default_factory=dict)
    leftovers: list[Leftover] = field(default_factory=list)

    def keep(self, address: Address) -> None:
        first = self.found.setdefault(address.canonical, address)
        if first is not address:
            self.again.setdefault(address.canonical, []).append(address.raw)

    def leave(self, line: "_Line", start: int, end: int, reason: Problem = Problem.NOT_AN_ADDRESS) -> None:
        text = line.raw(start, end).strip()
        if _says_something(text):
            self.leftovers.append(Leftover(line.number, text, reason))


@dataclass(frozen=True, slots=True)
class _Line:
    """One typed line in two forms of equal length, and the way back to what was typed."""

    number: int
    typed: str
    visible: str  # without characters that nobody can see
    plain: str  # and with full-width forms of ASCII made ASCII; only used where hosts and schemes are read
    places: Sequence[int]  # where each visible character stood in the typed line

    def raw(self, start: int, end: int) -> str:
        return self.typed[self.places[start] : self.places[end - 1] + 1] if end > start else ""


_INVISIBLE = (
    "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
_HAS_INVISIBLE = re.compile(f"[{_INVISIBLE}]")
# Khmer writes no spaces, people separate words with a zero-width one: between Latin and Khmer it ends the address.
_UNSEEN_EDGE = re.compile(
    rf"(?:(?<=[A-Za-z0-9])|(?<=[A-Za-z0-9]/))[{_INVISIBLE}]+(?=[\u1780-\u17ff])"
    rf"|(?<=[\u1780-\u17ff])[{_INVISIBLE}]+(?=[A-Za-z0-9])"
)
_FULL_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3002: ".", 0xFF61: "."}


def _line(number: int, typed: str) -> _Line:
    if typed.isascii():
        return _Line(number, typed, typed, typed, range(len(typed)))
    visible, places = typed, range(len(typed))  # type: str, Sequence[int]
    if _HAS_INVISIBLE.search(typed):
        spaced = _UNSEEN_EDGE.sub(lambda edge: " " * len(edge[0]), typed)
        places = [place for place, letter in enumerate(spaced) if letter not in _INVISIBLE]
        visible = "".join(letter for letter in spaced if letter not in _INVISIBLE)
    return _Line(number, typed, visible, visible.translate(_FULL_WIDTH), places)


_LAYOUT = re.compile(r"[\W_]*(?:(?:\d{1,3}|[A-Za-z])[.):\]][\W_]*)?")


def _read_line(line: _Line, pile: _Pile) -> None:
    words: tuple[int, int] | None = None  # the run of plain words being passed
    for start, end, whole in _whole_pieces(line):
        outcome = _judge(line, start, end) if whole else Problem.NOT_AN_ADDRESS
        if outcome is Problem.NOT_AN_ADDRESS:
            words = (words[0] if words else start, end)
            continue
        if words and isinstance(outcome, Address) and _LAYOUT.fullmatch(line.plain, 0, words[1]):
            outcome = replace(outcome, raw=line.raw(words[0], end))  # a bullet or a number belongs to its address
        elif words:
            pile.leave(line, *words)
        words = None
        if isinstance(outcome, Address):
            pile.keep(outcome)
        else:
            pile.leave(line, start, end, outcome)
    if words:
        pile.leave(line, *words)


_LETTER_OR_DIGIT = re.compile(r"[^\W_]")


def _says_something(text: str) -> bool:
    """Whether `text` is more than punctuation; a sad face says something too."""
    return bool(_LETTER_OR_DIGIT.search(text)) or any(
        not letter.isascii() and letter not in _INVISIBLE and unicodedata.category(letter)[0] in "LMNSC"
        for letter in text
    )


# --- Where one address ends and the next begins -----------------------------------------------------------------------

_COLON = r"(?::|\[:\]|\(:\)|\{:\})"
_SLASH = r"(?:[/\\]{1,4}|\[//?\]|\(//?\)|\{//?\})"
_SCHEME = rf"(?:h[tx*_]{{2}}p|ttp)(s?)(?:\[://\]|{_COLON}{_SLASH}{{0,3}}|[/\\]{{2,4}})"
_HTTP = re.compile(_SCHEME, re.IGNORECASE)
_HTTP_WITHIN = re.compile(
    rf"(?:h[tx*_]{{2}}|(?<![A-Za-z])tt)ps?(?:\[://\]|{_COLON}{_SLASH})|(?<=[,;|])www\.", re.IGNORECASE
)
# Most lines: one address and nothing that could begin or end another one.
_SIMPLE = re.compile(r"https?://[A-Za-z0-9.-]+(?:[/?#][A-Za-z0-9/._~%?&=#+-]*)?(?<=[A-Za-z0-9/])")
_FOREIGN = re.compile(
    r"(?P<script>(?:java|vb|live)script:)"
    r"|(?P<picture>data:(?=[a-z]{1,40}/|[;,]))"
    r"|(?P<local_file>(?:file|content):|[a-z]:[\\/]|\\\\|/(?:storage|sdcard|emulated|users|home|mnt|tmp)/)"
    r"|(?P<other_scheme>[a-z][a-z0-9+.-]{0,40}://"
    r"|(?:mailto|tel|sms|mms|tg|whatsapp|viber|line|fb|skype|magnet|intent|about|chrome|geo|xmpp|sip):\S)"
    r"|(?P<private>localhost(?=[:/?#]|$))",
    re.IGNORECASE,
)
_OPENING = re.escape("\"'([{<*-–—•·‣▪.,:;=>|!~_‘’‚「『【《（")
_LEAD = re.compile(rf"[{_OPENING}]*+(?:\d{{1,3}}\)[{_OPENING}]*+)?")
_CHUNK = re.compile(r"\S+")
_CHUNK_WITH_DOTS = re.compile(r"(?:\s?[\[({]\s?(?:\.|dot)\s?[\])}]\s?|\S)++", re.IGNORECASE)
# Characters that stand in no address as browsers copy it, and that people put around one.
_PART = re.compile(r"[^\"<>`“”„«»‹›…។៕៖\s]+")
_SPACED_PART = re.compile(r"[^\"<>`“”„«»‹›…។៕៖]+")


def _pieces(plain: str) -> Iterator[tuple[int, int]]:
    """Cut a line into pieces that hold at most one address each."""
    dotted = "[" in plain or "(" in plain or "{" in plain
    for chunk in (_CHUNK_WITH_DOTS if dotted else _CHUNK).finditer(plain):
        if _SIMPLE.fullmatch(plain, *chunk.span()):
            yield chunk.span()
            continue
        foreign = _FOREIGN.match(plain, _lead_end(plain, *chunk.span()))
        if foreign and foreign.lastgroup in (Problem.SCRIPT, Problem.PICTURE):
            yield chunk.span()
            continue
        for part in (_SPACED_PART if dotted else _PART).finditer(plain, *chunk.span()):
            yield from _split_stuck(plain, *part.span())


def _lead_end(plain: str, start: int, end: int) -> int:
    lead = _LEAD.match(plain, start, end)
    return lead.end() if lead else start


_PUT_ASIDE = re.compile(r"[,;|)\]}>\"'”’»។]\s")


def _whole_pieces(line: _Line) -> Iterator[tuple[int, int, bool]]:
    """Give the pieces of a line, and whether each is whole.

    A host that is broken behind its scheme (`https://exa mple.example/a`) takes along what follows without a scheme of
    its own, as far as the address may have gone on: else its remains would make the address of somebody else.
    """
    open_at, ended_at, whole = -1, -1, True  # the broken host that may go on
    for start, end in _pieces(line.plain):
        if open_at >= 0 and _goes_on(line.plain, ended_at, start, end):
            ended_at, whole = end, False
            if _AUTHORITY_END.search(line.plain, start, end):
                yield open_at, ended_at, whole
                open_at = -1
            continue
        if open_at >= 0:
            yield open_at, ended_at, whole
            open_at = -1
        if _breaks_off(line, start, end):
            open_at, ended_at, whole = start, end, True
        else:
            yield start, end, True
    if open_at >= 0:
        yield open_at, ended_at, whole


def _breaks_off(line: _Line, piece_start: int, piece_end: int) -> bool:
    """Whether a piece is a scheme and a host that is none, and nothing says that the host ends there."""
    start, end = _trim(line.plain, piece_start, piece_end)
    http = _HTTP.match(line.plain, start, end)
    if not http or http.end() == end or _AUTHORITY_END.search(line.plain, http.end(), end):
        return False
    host = line.plain[http.end() : end].lower()
    if host.partition(":")[0] == "localhost" or host.startswith("["):
        return False
    outcome = _judge(line, piece_start, piece_end)
    return outcome is Problem.NOT_AN_ADDRESS or (outcome is Problem.PRIVATE and "." not in host)


def _goes_on(plain: str, broken_end: int, start: int, end: int) -> bool:
    """Whether a piece may belong to the broken host that ended at `broken_end`."""
    begins = _lead_end(plain, start, end)
    if _HTTP.match(plain, begins, end) or _FOREIGN.match(plain, begins, end):
        return False
    return bool(_LETTER_OR_DIGIT.search(plain, start, end)) and not _PUT_ASIDE.search(plain, broken_end - 1, begins)


def _split_stuck(plain: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Split addresses pasted without a space, but none that another address carries in its path or query."""
    for inner in _HTTP_WITHIN.finditer(plain, start, end):
        here = inner.start()
        if here > start and not _carries(plain, start, here):
            yield from _split_authority(plain, start, here)
            start = here
    yield from _split_authority(plain, start, end)


_BARE_HOST_THEN_PATH = re.compile(r"(?:[^\s.:@/\\?#\[\](){}<>\"',;]++\.)+[^\W\d_]{2,}(?::\d+)?[/?#]")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_CARRIERS = frozenset("/\\?=&#:+@!~*$")


def _carries(plain: str, start: int, inner: int) -> bool:
    """Whether the address that begins at `start` legitimately carries the one at `inner`.

    An archive's or a proxy's path and a `?u=` parameter set a delimiter before the inner address. After a letter, a
    digit, a comma or a closing bracket a new one begins.
    """
    if plain[inner - 1] not in _CARRIERS and not _PERCENT.match(plain, max(start, inner - 3), inner):
        return False
    begins = _lead_end(plain, start, inner)
    return any(opening.match(plain, begins, inner) for opening in (_HTTP, _BARE_HOST_THEN_PATH, _FOREIGN))


_AUTHORITY_STOP = re.compile(r"[/\\?#@,;|]")
_LABEL_BEFORE_HOST = re.compile(r"[^\W\d_]{1,30}[:=](?=(?:[A-Za-z0-9_-]+\.)+[A-Za-z]{2,})")
_HOST_BEFORE_KHMER = re.compile(
    rf"(?:{_SCHEME})?(?:[A-Za-z0-9_-]+\.)+[A-Za-z]{{2,}}(?=[\u1780-\u17dd])(?![^/?#.]*\.)", re.IGNORECASE
)
_KHMER_BEFORE_HOST = re.compile(r"[\u1780-\u17ff]*[\u1780-\u17dd](?=[A-Za-z0-9-]+\.[A-Za-z0-9])")


def _split_authority(plain: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Split lists of bare hosts at their commas, and words that stick to a host."""
    while True:
        http = _HTTP.match(plain, start, end)
        stop = _AUTHORITY_STOP.search(plain, http.end() if http else start, end)
        if not stop or stop[0] not in ",;|":
            break
        yield from _split_words(plain, start, stop.end())
        start = stop.end()
    if start < end:
        yield from _split_words(plain, start, end)


def _split_words(plain: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    before = _KHMER_BEFORE_HOST.match(plain, start, end)
    if not before and not _HTTP.match(plain, start, end) and not _FOREIGN.match(plain, start, end):
        before = _LABEL_BEFORE_HOST.match(plain, start, end)
    if before:
        yield before.span()
        start = before.end()
    if after := _HOST_BEFORE_KHMER.match(plain, start, end):
        yield after.span()
        start = after.end()
    if start < end:
        yield start, end


# --- One piece --------------------------------------------------------------------------------------------------------

_TRAILING = frozenset(".,;:!?'’‘*~|」』】》、，")
_CLOSED_BY = {"(": ")", "[": "]", "{": "}"}


def _trim(plain: str, start: int, end: int) -> tuple[int, int]:
    """Leave off the punctuation around an address; a closing bracket stays where the address itself opened it."""
    if plain[start].isalpha() and (plain[end - 1] == "/" or plain[end - 1].isalnum()):
        return start, end
    start = _lead_end(plain, start, end)
    spare = {close: plain.count(close, start, end) - plain.count(o, start, end) for o, close in _CLOSED_BY.items()}
    while end > start:
        last = plain[end - 1]
        if last in _CLOSED_BY:
            spare[_CLOSED_BY[last]] += 1
        elif spare.get(last, 0) > 0:
            spare[last] -= 1
        elif last not in _TRAILING:
            break
        end -= 1
    return start, end


def _judge(line: _Line, piece_start: int, piece_end: int) -> Address | Problem:
    start, end = _trim(line.plain, piece_start, piece_end)
    candidate = _refang(line.visible[start:end], line.plain[start:end])
    if isinstance(candidate, Problem):
        return candidate
    if end - start > MAX_LENGTH:
        return Problem.TOO_LONG
    return _address(candidate, raw=line.raw(piece_start, piece_end).strip(), line=line.number)


_AUTHORITY_END = re.compile(r"\[/\]|[/\\?#]")
_FANGLESS_DOT = re.compile(r"\s?[\[({]\s?(?:\.|dot)\s?[\])}]\s?|\[\.|\.\]", re.IGNORECASE)
_FANGLESS_PATH_DOT = re.compile(r"\[(?:\.|dot)\]", re.IGNORECASE)
_FANGLESS_SCHEME = re.compile(r"h(?:xx|\*\*)(ps?:)", re.IGNORECASE)


def _refang(visible: str, plain: str) -> str | Problem:
    """Undo what made an address harmless, in its scheme and host; further on only when those were changed."""
    http = _HTTP.match(plain)
    if not http and (foreign := _FOREIGN.match(plain)):
        return Problem(str(foreign.lastgroup))
    start = http.end() if http else 2 * plain.startswith("//")
    stop = _AUTHORITY_END.search(plain, start)
    typed_host = plain[start : stop.start()] if stop else plain[start:]
    host = _refang_host(typed_host)
    rest = ""
    if stop:  # a full-width slash was typed on a full-width keyboard, and so was what follows
        rest = stop[0].strip("[]") + (visible if visible[stop.start()] == plain[stop.start()] else plain)[stop.end() :]
    if not http and not _reads_as_host(host, rest):
        return Problem.NOT_AN_ADDRESS
    if host != typed_host or (http and http[0].lower() not in ("https://", "http://")):
        rest = _FANGLESS_SCHEME.sub(r"htt\1", _FANGLESS_PATH_DOT.sub(".", rest))
    return f"{'http' if http and not http[1] else 'https'}://{host}{rest}"


_KHMER_LETTER = re.compile(r"[\u1780-\u17d3]")
_KHMER_DIGITS = {0x17E0 + digit: str(digit) for digit in range(10)}


def _refang_host(host: str) -> str:
    """Put back dots, and digits typed on a Khmer keyboard.

    Digits only where no Khmer letter stands in the same label: `ខ្មែរ១` is a name, `site១` a slip of the keyboard. In a
    path they stay, since a server tells them apart from 0-9.
    """
    if "[" in host or "(" in host or "{" in host or "]" in host:
        host = _FANGLESS_DOT.sub(".", host).replace("[:]", ":")
    if host.isascii():
        return host
    labels = re.split("([.:])", host)
    return "".join(label if _KHMER_LETTER.search(label) else label.translate(_KHMER_DIGITS) for label in labels)


_LABEL = r"[^\s.:@/\\?#\[\](){}<>\"',;!*&=+$%^|~`]++"
_BARE_HOST = re.compile(
    rf"(?:{_LABEL}\.)+(?:xn--[a-z0-9-]+|[a-z]{{2,63}}|(?=[^\W\d_])[^\x00-\x7f]{{2,63}})\.?(?::\d{{1,5}})?",
    re.IGNORECASE,
)
_BARE_IP = re.compile(r"(?:(?:\d{1,3}\.){3}\d{1,3}|0x[0-9a-f]+(?:\.(?:0x)?[0-9a-f]+){1,3})(?::\d{1,5})?", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[^A-Z.][^.]*\.[A-Z][a-z]+")  # "…they said.Then…"
_FILE_ENDINGS = frozenset(
    {"3gp", "avi", "m4a", "m4v", "mkv", "mov", "mp3", "mp4", "mpeg", "mpg", "ogg", "wav", "webm", "wmv"}
    | {"bmp", "gif", "heic", "heif", "jpeg", "jpg", "png", "svg", "tif", "tiff", "webp"}
    | {"csv", "doc", "docx", "htm", "html", "odt", "pdf", "ppt", "pptx", "txt", "xls", "xlsx", "xml"}
    | {"7z", "apk", "exe", "js", "json", "php", "rar", "zip"}
)


def _reads_as_host(host: str, rest: str) -> bool:
    """Whether text without a scheme may be taken for a host: a dot, a plausible last label, no file, no sentence."""
    if not _BARE_HOST.fullmatch(host):
        return bool(_BARE_IP.fullmatch(host))
    if rest or host[:4].lower() == "www.":
        return True
    return host.rpartition(".")[2].lower() not in _FILE_ENDINGS and not _SENTENCE_END.fullmatch(host)


# --- What a browser makes of it ---------------------------------------------------------------------------------------

_SURROGATE = re.compile("[\ud800-\udfff]")
_HREF = re.compile(
    r"https?://(?:(?P<credentials>[^/?#@]*)@)?(?P<host>\[[^\]]*\]|[^/?#:]+)(?::(?P<port>\d+))?"
    r"(?P<path>/[^?#]*)(?P<query>\?[^#]*)?(?P<fragment>#.*)?",
    re.DOTALL,
)
_IPV4 = re.compile(r"[0-9.]+")


def _address(candidate: str, *, raw: str, line: int) -> Address | Problem:
    if not candidate.isascii():
        candidate = _SURROGATE.sub("\ufffd", candidate)  # as browsers do before they parse
    try:
        href = URL(candidate).href
    except ValueError:
        return Problem.NOT_AN_ADDRESS
    parts = _HREF.fullmatch(href)
    if not parts:
        return Problem.NOT_AN_ADDRESS
    credentials, typed_host, port, path, query, fragment = parts.groups(default="")
    host = typed_host.removesuffix(".")
    if problem := _host_problem(host):
        return problem
    if parts["credentials"] is not None:
        href = href.replace(f"{credentials}@", "", 1)
    route = _unmarked_fragment(host, fragment)
    kept = href[: len(href) - len(query) - len(fragment)] + (query if _is_signed(query) else _unmarked(host, query))
    canonical, path_key = _canonical(host, port, path, query, route)
    kind = kind_of_host(host)
    display = idna_to_unicode(host) if kind is AddressKind.IDN else host
    return Address(raw, href, kept + route, credentials or None, canonical, path_key, host, display, kind, line)


def _canonical(host: str, port: str, path: str, query: str, fragment: str) -> tuple[str, str]:
    # Both default ports go, because the scheme is folded: http on 443 and https on 443 must stay equal when read again.
    site = f"https://{host}" if port in ("", "80", "443") else f"https://{host}:{port}"
    if path != "/":
        site += path
    route = fragment if fragment.startswith(("#!", "#/")) else ""
    kept = "&".join(filter(None, _unmarked(host, query)[1:].split("&")))
    return (f"{site}?{kept}{route}" if kept else site + route), site + route


def _unmarked(host: str, part: str) -> str:
    """Leave out the pairs of a query, or of a fragment, that mark the sharer; what stays is not touched."""
    pairs = part[1:].split("&")
    rest = [pair for pair in pairs if not _tracks(host, pair)]
    if len(rest) == len(pairs):
        return part
    return part[0] + "&".join(rest) if any(rest) else ""


def _unmarked_fragment(host: str, fragment: str) -> str:
    plain = fragment.partition(":~:")[0]
    route, mark, query = plain.partition("?")  # a route inside a page may have a query: `#/photo/1?lang=km`
    rest = (_unmarked(host, route) or "#" if route else "") + (_unmarked(host, mark + query) if mark else "")
    return "" if rest == "#" else rest


def _tracks(host: str, pair: str) -> bool:
    name = _name(pair)
    return name in TRACKING or name.startswith("utm_") or name in TRACKING_AT.get(".".join(host.split(".")[-2:]), ())


def _is_signed(query: str) -> bool:
    return any(_name(pair) in SIGNATURES for pair in query[1:].split("&"))


def _name(pair: str) -> str:
    """Return the name of a parameter, without the index of a list: `__cft__` of `__cft__[0]=…`."""
    return pair.partition("=")[0].lower().partition("[")[0].partition("%5b")[0]


def kind_of_host(host: str) -> AddressKind:
    """Return what sort of host this is, as `Address.kind` says it. `host` is ASCII, IPv6 in its square brackets."""
    if _is_ip(host):
        return AddressKind.IP
    if host.endswith(".onion"):
        return AddressKind.ONION
    return AddressKind.IDN if host.startswith("xn--") or ".xn--" in host else AddressKind.WEB


def _is_ip(host: str) -> bool:
    # In a browser's own writing only an IPv4 address consists of digits and dots.
    return host.startswith("[") or bool(_IPV4.fullmatch(host))


_LAN_SUFFIXES = (".local", ".localhost", ".internal", ".lan", ".localdomain", ".home.arpa")
# Reserved for documentation: ipaddress calls them private, but no network uses them, and demonstrations need them.
_DOCUMENTATION = tuple(
    ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)


def _host_problem(host: str) -> Problem | None:
    if not host or host.startswith(".") or host.endswith(".") or ".." in host:  # browsers take `http://..` for a host
        return Problem.NOT_AN_ADDRESS
    if _is_ip(host):
        return None if is_public(ipaddress.ip_address(host.strip("[]"))) else Problem.PRIVATE
    return Problem.PRIVATE if "." not in host or host.endswith(_LAN_SUFFIXES) else None


_GIVEN_OUT = ipaddress.IPv6Network("2000::/3")  # of all IPv6; Python calls more of it global
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: a resolver with DNS64 answers so for any IPv4 host


def is_public(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address may be a machine of somebody else's; those reserved for documentation count as such."""
    if isinstance(ip, ipaddress.IPv6Address):
        if (within := _ipv4_within(ip)) is not None:
            return is_public(within)
        if ip not in _GIVEN_OUT:
            return False
    return any(ip in net for net in _DOCUMENTATION) or (ip.is_global and not ip.is_multicast)


def _ipv4_within(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 one leads to: a gateway on the way hands on what is sent to it."""
    if ip in _TRANSLATED:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


# --- Shown harmlessly -------------------------------------------------------------------------------------------------

_SHOWN = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?:[^/?#]*@)?(?P<host>\[[^\]]*\]|[^/?#:]*)", re.IGNORECASE)
_LIVE_SCHEME = re.compile(r"h(?:tt)(ps?:)", re.IGNORECASE)
_LIVE_DOT = re.compile(
    r"(?P<number>(?<![^\s(<>=~+-])[0-9]+\.[0-9]+(?=[,;!?)%]?(?:\s|\Z)|[.:](?:\s|\Z)))"  # 3.5 is no host
    r"|(?<=[^\W_])[.\u3002](?=[^\W_])"
)
_OTHER_LIVE_SCHEME = re.compile(r"(?<![^\W_])(?!hxxps?:)([a-z][a-z0-9+.-]{1,40}):(?=\S)", re.IGNORECASE)


def defang_host(host: str) -> str:
    """Write a host so that no program makes a link of it: `img-board[.]example`."""
    return host.replace(".", "[.]")


def split_defanged(href: str) -> tuple[str, str, str]:
    """Defang `href` in three parts, so that a page can set the host in bold: `hxxps://`, `host[.]tld`, `:8080/path`.

    Credentials are left out. An address carried in the path or query is made harmless too.
    """
    shown = _SHOWN.match(href)
    if not shown:
        return "", "", defang_host(href).replace(":", "[:]")
    scheme = shown["scheme"].lower().replace("tt", "xx", 1)
    return f"{scheme}://", defang_host(shown["host"]), _LIVE_SCHEME.sub(r"hxx\1", href[shown.end() :])


def defang(href: str) -> str:
    """Write an address so that no program makes a link of it: `hxxps://host[.]tld/path?query`."""
    return "".join(split_defanged(href))


def defang_text(text: str) -> str:
    """Write any text so that no program makes a link of anything in it; all else stays as it was typed."""
    text = _OTHER_LIVE_SCHEME.sub(r"\1[:]", _LIVE_SCHEME.sub(r"hxx\1", text))
    return _LIVE_DOT.sub(lambda found: found["number"] or "[.]", text)
