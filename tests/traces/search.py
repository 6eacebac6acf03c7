"""Finding a text in raw bytes, whatever dress it wears: plain, percent, base64, quoted-printable, UTF-16, hex …"""

import base64
import html
import json
import quopri
import zlib
from contextlib import suppress
from functools import cache
from urllib.parse import quote, quote_plus

SHORTEST = 6  # bytes; anything shorter turns up by chance
ALIGNMENTS = 3
LINE_BREAKS = (b"=\r\n", b"=\n", b"\r", b"\n")  # soft ones of quoted-printable first


def find(needles: dict[str, str], haystack: bytes) -> list[str]:
    """Return which needle was found in which dress, in words."""
    joined = haystack
    for line_break in LINE_BREAKS:
        joined = joined.replace(line_break, b"")
    hay = (haystack, joined)
    small = tuple(one.lower() for one in hay)
    found = []
    for name, needle in needles.items():
        for dress, forms in dresses(needle).items():
            in_these = hay if dress.startswith("base64") else small
            if any(form in one for form in forms for one in in_these):
                found.append(f"{name}: {dress}")
    return found


@cache
def dresses(needle: str) -> dict[str, list[bytes]]:
    """Return every form of `needle` that is searched for, lower case but for base64, which knows no case."""
    raw, low = needle.encode(), needle.lower()
    assert len(raw) >= SHORTEST, needle
    forms = {
        "plain": [low.encode()],
        "UTF-16": [low.encode("utf-16-le"), low.encode("utf-16-be")],
        "percent-encoded": [quote(low, safe="").lower().encode(), quote(low).lower().encode()],
        "form-encoded": [quote_plus(low).lower().encode()],
        "every byte percent-encoded": ["".join(f"%{byte:02x}" for byte in low.encode()).encode()],
        "quoted-printable": [_unfolded(quopri.encodestring(low.encode())).lower()],
        "hex": [low.encode().hex().encode(), raw.hex().encode()],
        "JSON": [json.dumps(low)[1:-1].lower().encode()],
        "HTML": [html.escape(low).lower().encode(), "".join(f"&#{ord(sign)};" for sign in low).encode()],
        "punycode": [low.encode("idna")] if _is_label(low) else [],
    }
    for alignment in range(ALIGNMENTS):
        forms[f"base64, alignment {alignment}"] = [
            core
            for text in {raw, low.encode()}
            for core in (_base64(text, alignment), _base64(text, alignment).translate(bytes.maketrans(b"+/", b"-_")))
        ]
    return forms


def unpacked(value: bytes) -> bytes:
    """What is packed into a value (zlib, in base64 or not); empty when nothing is."""
    with suppress(ValueError, zlib.error):
        return zlib.decompress(base64.b64decode(value, validate=True))
    with suppress(zlib.error):
        return zlib.decompress(value)
    return b""


def _base64(text: bytes, alignment: int) -> bytes:
    """Return what base64 makes of `text` behind `alignment` other bytes, without the signs its neighbours share."""
    first = -(-alignment * 8 // 6)
    whole = (alignment + len(text)) * 8 // 6
    return base64.b64encode(b"\0" * alignment + text)[first:whole]


def _unfolded(text: bytes) -> bytes:
    return text.replace(b"=\n", b"")


def _is_label(text: str) -> bool:
    if text.isascii():
        return False
    with suppress(UnicodeError):
        return bool(text.encode("idna"))
    return False
