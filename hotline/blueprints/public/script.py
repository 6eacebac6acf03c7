"""The scripts of the public site: small files that every page works without."""

import re
from functools import cache
from pathlib import Path

from flask import Blueprint, Response

from hotline.blueprints.public.stencils import Stencil

bp = Blueprint("script", __name__)

FOLDER = Path(__file__).parents[2] / "static"
# name to what it is made of: the page with more to do gets all of it in one file, so that it asks once like the others
FILES = {
    "site": ("public.js",),
    "proof": ("public-proof.js",),
    "phone": ("public.js", "public-phone.js"),
    "site-worker": ("public-worker.js",),
}
_NAMES = ", ".join(f'"{name}"' for name in FILES)
_COMMENT = re.compile(r"(?:^|[ \t]+)// .*$", re.M)
_LAYOUT = re.compile(r"^\s+", re.M)


@bp.get(f"/<any({_NAMES}):name>.js")
def show_script(name: str) -> Response:
    """Answer with a script. Like everything else it is not to be stored: a kept file tells where somebody was."""
    answer = _script(name).answer()
    answer.mimetype = "text/javascript"
    return answer


def trim(source: str) -> str:
    """Take comments and indentation out of `source`. Strings in it must not hold ` // ` or line breaks."""
    return _LAYOUT.sub("", _COMMENT.sub("", source))


@cache
def _script(name: str) -> Stencil:
    return Stencil("".join(trim((FOLDER / file).read_text(encoding="utf-8")) for file in FILES[name]))
