"""A mail taken apart, in time that grows with its length alone: no header, boundary or nesting makes it slower.

The standard library reads every kind of mail there is, and for some of them needs time that grows with the square of
their length, or all of the stack. This reads what answers are made of, from anybody; whatever it does not know is
passed over. Never raises.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.header import decode_header, make_header

MAX_HEAD = 65_536
"""Bytes of a header, of the mail's own or of a part's."""
MAX_FIELD = 2_000
MAX_FIELDS = 1_000
MAX_PARTS = 60
MAX_DEPTH = 6

_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_NAME = re.compile(rb"[!-9;-~]{1,60}")
_KIND = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,120}", re.ASCII)
_NO_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_CHARSET = re.compile(
    r"utf-8|iso-8859-\d{1,2}|windows-\d{3,4}|cp\d{3,4}|koi8-[ru]|gb2312|gbk|gb18030|big5|shift_jis|euc-jp|euc-kr"
)
"""What text is read in. Others are rare, and some that Python knows are no alphabets at all."""

Fields = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a mail, or the whole: its header's fields by their names in lower case, and what stands below them."""

    fields: Fields
    body: bytes

    @property
    def kind(self) -> str:
        """Return its content type, such as `text/plain`."""
        found = _KIND.match(first(self.fields, "content-type").strip().lower())
        return found[0] if found else "text/plain"

    @property
    def is_attached(self) -> bool:
        """Whether it is a file beside the text."""
        shown = first(self.fields, "content-disposition").strip().lower()
        named = parameter(self.fields, "content-type", "name") or parameter(
            self.fields, "content-disposition", "filename"
        )
        return shown.startswith("attachment") or bool(named)

    @property
    def content(self) -> bytes:
        """Return what it holds, out of the letters that it travelled as."""
        match first(self.fields, "content-transfer-encoding").strip().lower():
            case "base64":
                letters = _NO_BASE64.sub(b"", self.body)
                over = len(letters) % 4
                return binascii.a2b_base64(letters[:-1] if over == 1 else letters + b"=" * (-over % 4))
            case "quoted-printable":
                return binascii.a2b_qp(self.body)
        return self.body

    @property
    def text(self) -> str:
        """Return what it says; what cannot be read in its alphabet is marked."""
        named = parameter(self.fields, "content-type", "charset").lower()
        known = _CHARSET.fullmatch(named)
        try:
            return self.content.decode(known[0] if known else "utf-8", "replace")
        except LookupError:  # a number of an alphabet that there is not
            return self.content.decode("utf-8", "replace")


def whole(raw: bytes) -> Part:
    """Return a mail, or the beginning of one, as one part."""
    if raw.startswith((b"\n", b"\r\n")):
        return Part({}, raw.lstrip(b"\r\n"))
    end = _EMPTY_LINE.search(raw, 0, MAX_HEAD)
    return Part(fields_of(raw[: end.start()] if end else raw), raw[end.end() :] if end else b"")


def leaves(part: Part) -> Iterator[Part]:
    """Yield the parts that hold no further ones, in their order: `MAX_PARTS` at most, from `MAX_DEPTH` levels."""
    waiting, seen = [(part, 0)], 0
    while waiting and seen < MAX_PARTS:
        one, depth = waiting.pop()
        seen += 1
        inside = list(_inside(one)) if depth < MAX_DEPTH else []
        if inside:
            waiting += [(found, depth + 1) for found in reversed(inside)]
        else:
            yield one


def fields_of(head: bytes) -> Fields:
    """Read a header, the fields of a name in their order. What is no field, or too much, is passed over."""
    found: dict[str, list[str]] = {}
    for line in _FOLD.sub(b" ", head[:MAX_HEAD]).split(b"\n", MAX_FIELDS)[:MAX_FIELDS]:
        name, colon, value = line.partition(b":")
        if colon and _NAME.fullmatch(name.rstrip()):
            said = value.strip()[:MAX_FIELD].decode("utf-8", "replace")
            found.setdefault(name.rstrip().decode("ascii").lower(), []).append(said)
    return {name: tuple(values) for name, values in found.items()}


def first(fields: Fields, name: str) -> str:
    """Return the first field of a name; empty where there is none."""
    return fields.get(name, ("",))[0]


def parameter(fields: Fields, field: str, name: str) -> str:
    """Return what a field says of something, such as the `charset` of a `content-type`."""
    found = re.search(
        rf"""(?:^|[;\s]){re.escape(name)}\s?=\s?(?:"([^"]{{1,200}})"|([^\s;"]{{1,200}}))""", first(fields, field), re.I
    )
    return (found[1] or found[2]) if found else ""


def readable(value: str) -> str:
    """Return a field as people read it, out of the letters that it travelled as (RFC 2047)."""
    try:
        return str(make_header(decode_header(value[:MAX_FIELD])))
    except Exception:  # the standard library raises anything at what strangers write
        return value[:MAX_FIELD]


def _inside(part: Part) -> Iterator[Part]:
    """Yield the parts that a part is made of."""
    if not part.kind.startswith("multipart/"):
        return
    mark = parameter(part.fields, "content-type", "boundary").encode()
    if not mark:
        return
    line = re.compile(rb"^--" + re.escape(mark) + rb"(?:--)?[ \t]*\r?$", re.MULTILINE)
    cut = line.split(part.body, MAX_PARTS)
    for one in cut[1 : MAX_PARTS + 1]:
        if one.strip():
            yield whole(one[1:] if one.startswith(b"\n") else one)
