"""What no script of ours does in a browser: keep things, listen to other pages, or make markup and objects of data."""

import re

import pytest

from tests.structure.markup import HOTLINE

SCRIPTS = sorted(HOTLINE.glob("static/*.js"))
NEVER = (
    r"localStorage|sessionStorage|indexedDB|document\.cookie",  # what stays in the browser
    r"postMessage|\"message\"|onmessage|window\.opener",  # what other pages say
    r"\.(?:inner|outer)HTML\s*=|insertAdjacentHTML|document\.write|DOMParser",  # markup out of texts
    r"\beval\b|new Function|setTimeout\(\s*[\"']|javascript:",  # texts that are run
    r"JSON\.parse|__proto__|\.prototype(\.\w+)?\s*=[^=]|setPrototypeOf",  # objects out of data
    r"https?://|//[a-z]+\.|importScripts|createElement\(\"script",  # anything from elsewhere
)


def code(source: str) -> str:
    """Return a script without its comments."""
    return re.sub(r"(?m)(^|\s)//.*$", "", re.sub(r"(?s)/\*.*?\*/", "", source))


def test_there_are_scripts_to_look_at() -> None:
    assert len(SCRIPTS) >= 5


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
@pytest.mark.parametrize("pattern", NEVER)
def test_no_script_does_what_none_should(path: object, pattern: str) -> None:
    assert re.search(pattern, code(path.read_text("utf-8"))) is None  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_what_stands_in_square_brackets_when_something_is_set_is_a_number(path: object) -> None:
    """A key that comes from a page could name what all objects share; only lists are written to by a counter."""
    keys = re.findall(r"\w\[([^\]]+)\]\s*=[^=>]", code(path.read_text("utf-8")))  # type: ignore[attr-defined]

    assert [key for key in keys if not re.fullmatch(r"[ij]( >> \d)?|\d+", key)] == []


def test_the_library_runs_no_text_and_keeps_no_page() -> None:
    frame = (HOTLINE / "templates/desk/frame.html").read_text("utf-8")

    assert '"allowEval":false' in frame
    assert '"historyCacheSize":0' in frame
