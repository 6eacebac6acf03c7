"""The style sheet that stands inside every public page, and the hash the policy header allows it by."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "static" / "public.css"
_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_SPACE = re.compile(r"\s+")
_AROUND = re.compile(r" ?([{};,>]) ?|: (?=[^{}]*})")


def minify(css: str) -> str:
    """Take comments and needless white space out of `css`. Strings in it must not hold comments or braces."""
    plain = _SPACE.sub(" ", _COMMENT.sub("", css)).strip()
    return _AROUND.sub(lambda found: found[1] or ":", plain).replace(";}", "}")


@cache
def sheet() -> str:
    """Return the minified style sheet, exactly as it stands between the style tags."""
    return minify(SOURCE.read_text(encoding="utf-8"))


@cache
def source() -> str:
    """Return the policy source (`'sha256-…'`) under which browsers accept the sheet."""
    digest = hashlib.sha256(sheet().encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
