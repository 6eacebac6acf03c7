"""What somebody may put on a phone of their own: a copy of the help page, and a place in the share menu.

Nothing of it is there before it is asked for on its own page, and all of it can be taken away again.
"""

import json
import struct
import zlib
from functools import cache
from typing import Any

from flask import Blueprint, Response, abort
from flask_babel import gettext as _

from hotline import i18n
from hotline.blueprints.public import drawing, tokens
from hotline.blueprints.public.stencils import Stencil
from hotline.vocabulary import Language

bp = Blueprint("phone", __name__)
icons = Blueprint("icons", __name__)

SIZES = (192, 512)
_GROUND, _INK = (0x5B, 0x6B, 0x73), (0xFF, 0xFF, 0xFF)
_LINES = {10, 11, 15, 16, 20, 21}  # of 32 rows


@bp.get("/phone")
def show_phone() -> Response:
    """Show what can be kept on a phone, who should not do that, and how it goes away again."""
    return drawing.stock("phone", lambda: Stencil(_draw(gone=False))).answer()


@bp.post("/phone/forget")
def forget() -> Response:
    """Have the browser throw away everything it keeps of this site, for those without script too."""
    if tokens.is_foreign():
        abort(403)
    answer = drawing.stock("phone forgotten", lambda: Stencil(_draw(gone=True))).answer()
    answer.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return answer


@bp.get("/site.webmanifest")
def show_manifest() -> Response:
    """Describe the entry of the share menu. Its name and picture say nothing about what it is for."""
    return Response(json.dumps(_manifest(i18n.chosen()), ensure_ascii=False), mimetype="application/manifest+json")


@icons.get("/icon-<int:size>.png")
def show_icon(size: int) -> Response:
    """Answer with the picture of that entry: three plain lines."""
    if size not in SIZES:
        abort(404)
    return Response(_icon(size), mimetype="image/png")


def _draw(*, gone: bool) -> str:
    lang = i18n.chosen()
    return drawing.draw(
        "public/phone.html",
        twin=f"/{i18n.other(lang)}/phone",
        back=f"/{lang}/phone",
        scopes=" ".join(f"/{one}/help" for one in Language),
        gone=gone,
    )


def _manifest(lang: Language) -> dict[str, Any]:
    pictures = [(size, purpose) for size in SIZES for purpose in ("any", "maskable")]
    return {
        "id": "/share",
        "name": _("Links"),
        "short_name": _("Links"),
        "lang": lang,
        "start_url": f"/{lang}/share",
        "scope": "/",
        "display": "minimal-ui",
        "background_color": "#ffffff",
        "theme_color": "#5b6b73",
        "icons": [
            {"src": f"/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
            for size, purpose in pictures
        ],
        "share_target": {
            "action": f"/{lang}/share",
            "method": "POST",
            "enctype": "application/x-www-form-urlencoded",
            "params": {"title": "title", "text": "text", "url": "url"},
        },
    }


@cache
def _icon(size: int) -> bytes:
    """Return a square PNG of `size` pixels, the same each time: three light lines on grey, clear of every mask."""
    side, unit = size // 4, size // 32
    blank = b"\0" + b"\0" * size
    line = b"\0" + b"\0" * side + b"\1" * (size - 2 * side) + b"\0" * side
    rows = (line if row // unit in _LINES else blank for row in range(size))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 3, 0, 0, 0)),
        (b"PLTE", bytes((*_GROUND, *_INK))),
        (b"IDAT", zlib.compress(b"".join(rows), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
