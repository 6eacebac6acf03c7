"""Reading what a browser sent, without keeping a file, and without losing a report to a broken byte."""

import io
from dataclasses import dataclass
from typing import IO, Any, cast
from urllib.parse import unquote_to_bytes

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from hotline.blueprints.bodies import BROKEN_OFF
from hotline.rules.submissions import MAX_BODY, clean

MAX_FIELDS = 40
_FILES = ("image/", "video/", "audio/", "application/octet-stream")


@dataclass(frozen=True, slots=True)
class Sent:
    """The fields of a form as text, and whether a file came with them."""

    fields: MultiDict[str, str]
    with_file: bool = False

    def typed(self) -> dict[str, str]:
        """Return every field's first value, as it can be shown again."""
        return {name: clean(value).text for name, value in self.fields.items()}


class _Nowhere(io.RawIOBase):
    """Where uploads go: it counts their bytes and keeps none."""

    size = 0

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Count and forget."""
        self.size += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Stay: there is nothing to go back to."""
        return 0


def sent() -> Sent:
    """Read the present request's form. Raises RequestEntityTooLarge beyond 64 KiB or 40 fields.

    Raises BadRequest for a body in chunks that are none: that is no fault of ours, so no line of the log tells when.
    """
    request.max_content_length = MAX_BODY
    try:
        return _read(request.mimetype)
    except BROKEN_OFF as exc:
        raise BadRequest() from exc


def _read(mimetype: str) -> Sent:
    if mimetype == "multipart/form-data":
        return _multipart()
    if mimetype.startswith(_FILES):
        return Sent(MultiDict(), with_file=True)
    return _urlencoded(request.get_data(cache=False))


def _urlencoded(body: bytes) -> Sent:
    pairs = body.split(b"&")
    if len(pairs) > MAX_FIELDS:
        raise RequestEntityTooLarge()
    split = (pair.replace(b"+", b" ").partition(b"=") for pair in pairs if pair)
    return Sent(MultiDict((_text(name), _text(value)) for name, _, value in split))


def _multipart() -> Sent:
    pits: list[_Nowhere] = []

    def dig(*_: Any, **__: Any) -> IO[bytes]:
        pits.append(_Nowhere())
        return cast(IO[bytes], pits[-1])

    parser = FormDataParser(dig, max_form_memory_size=MAX_BODY, max_form_parts=MAX_FIELDS)
    length, options = request.content_length, request.mimetype_params
    _, fields, files = parser.parse(request.stream, "multipart/form-data", length, options)
    with_file = any(file.filename for file in files.values()) or any(pit.size for pit in pits)
    return Sent(fields, with_file)


def _text(raw: bytes) -> str:
    return unquote_to_bytes(raw).decode("utf-8", "replace")
