"""Pages drawn once, with gaps for the few words that differ: a form's token, a receipt's code.

Drawing a template costs more than all the rest of answering. A stencil keeps what stands between the gaps, plain and
deflated. A gap is filled into the compressed page as a stored (not compressed) block, so a secret is never compressed
together with anything else and its length tells nothing.
"""

import struct
import zlib
from collections.abc import Callable, Hashable

from flask import Response, request
from markupsafe import escape

_GZIP_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
_LAST_BLOCK = b"\x01\0\0\xff\xff"


def gap(name: str) -> str:
    """Return the mark that stands for `name` while the page is drawn."""
    return f"%gap:{name}%"


class Stencil:
    """One drawn page. `names` are its gaps, in the order in which they stand on the page, each once."""

    def __init__(self, html: str, *names: str) -> None:
        parts: list[bytes] = []
        rest = html
        for name in names:
            part, mark, rest = rest.partition(gap(name))
            if not mark:
                raise ValueError(f"the page has no gap for {name}")
            parts.append(part.encode())
        parts.append(rest.encode())
        self._parts = parts
        self._deflated = [_deflate(part) for part in parts]

    def plain(self, *values: str) -> bytes:
        """Return the page with its gaps filled, escaped."""
        return b"".join(_laced(self._parts, [escape(value).encode() for value in values]))

    def gzipped(self, *values: str) -> bytes:
        """Return the same page as one gzip member."""
        filled = [escape(value).encode() for value in values]
        whole = b"".join(_laced(self._parts, filled))
        blocks = _laced(self._deflated, [_stored(value) for value in filled])
        tail = _LAST_BLOCK + struct.pack("<II", zlib.crc32(whole), len(whole))
        return b"".join((_GZIP_HEAD, *blocks, tail))

    def answer(self, *values: str, status: int = 200) -> Response:
        """Answer the present request with the page, compressed if the browser can take it."""
        if _takes_gzip():
            headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            return Response(self.gzipped(*values), status, headers)
        return Response(self.plain(*values), status, {"Vary": "Accept-Encoding"})


class Stock:
    """The stencils of one app, each drawn when it is first asked for."""

    def __init__(self) -> None:
        self._drawn: dict[Hashable, Stencil] = {}

    def get(self, key: Hashable, draw: Callable[[], Stencil]) -> Stencil:
        """Return the stencil kept under `key`. Two threads may draw it at once; both draw the same."""
        found = self._drawn.get(key)
        if found is None:
            found = self._drawn[key] = draw()
        return found


def _takes_gzip() -> bool:
    accepted = request.headers.get("Accept-Encoding", "")
    if "gzip" not in accepted:
        return False
    return ";" not in accepted or request.accept_encodings.quality("gzip") > 0


def _deflate(part: bytes) -> bytes:
    """Return `part` as raw deflate blocks that end on a whole byte and refer to nothing before them."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return squeeze.compress(part) + squeeze.flush(zlib.Z_FULL_FLUSH)


def _stored(value: bytes) -> bytes:
    length = len(value)
    return struct.pack("<BHH", 0, length, length ^ 0xFFFF) + value


def _laced(parts: list[bytes], values: list[bytes]) -> list[bytes]:
    laced = [parts[0]]
    for value, part in zip(values, parts[1:], strict=True):
        laced += (value, part)
    return laced
