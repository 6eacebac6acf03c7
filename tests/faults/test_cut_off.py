"""A file that is printed and cut off half-way: whoever goes away and whatever is killed, no clear text is on disk."""

import http.client
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest

from hotline import create_app
from hotline.rules.victim_files import Note
from hotline.services import case_notes, staff
from hotline.transactions import writing
from hotline.vocabulary import Language, NoteKind, Role, Surface
from tests import stores
from tests.faults.portal import Portal
from tests.faults.reporter import Answer
from tests.services import case_steps
from tests.traces import search

pytestmark = pytest.mark.faults

NEEDLES = {"name": "Chan Sreyneang", "story": "narwhal in the meerkat garden", "note": "pangolin by the river"}
NOTES = 900  # of a length that fills whatever lies between the desk and a reader who does not read


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    (tmp_path / "tmp").mkdir()
    running = Portal(tmp_path / "data", TMPDIR=str(tmp_path / "tmp"))
    yield running
    running.stop()


def full_case(portal: Portal) -> str:
    """Fill a case of somebody's; return its reference."""
    app = create_app(Surface.DESK, {"HOTLINE_DATA_DIR": str(portal.data_dir), "HOTLINE_INBOX_DELAY": "0"})
    with app.app_context():
        with writing():
            roles = (Role.VICTIM_SUPPORT,)
            staff.add("kunthea", case_steps.PASSWORD, roles, language=Language.EN, by=None, must_change=False)
        one = case_steps.a_case(story=NEEDLES["story"])
        with writing():
            for _ in range(NOTES):
                said = Note(said=f"{NEEDLES['note']} " * 300)
                case_notes.write(one, NoteKind.NOTE, said, by=one.officer)
        ref = one.ref
    stores.dispose(app)
    return ref


def signed_in(portal: Portal) -> str:
    """Sign in at the desk; return the cookies that say so."""
    first = ask(portal, "GET", "/desk/sign-in")
    form = {"csrf_token": Answer(200, first[1]).token, "name": "kunthea", "password": case_steps.PASSWORD}
    return ask(portal, "POST", "/desk/sign-in", form, first[0])[0]


def ask(portal: Portal, method: str, path: str, form: dict[str, str] | None = None, cookies: str = "") -> tuple:
    connection = http.client.HTTPConnection("127.0.0.1", portal.port + 1, timeout=20)
    headers = {"Cookie": cookies} | ({"Content-Type": "application/x-www-form-urlencoded"} if form else {})
    try:
        connection.request(method, path, urlencode(form) if form else None, headers)
        answer = connection.getresponse()
        found = SimpleCookie()
        for line in answer.headers.get_all("Set-Cookie") or []:
            found.load(line)
        return "; ".join(f"{one.key}={one.value}" for one in found.values()) or cookies, answer.read().decode()
    finally:
        connection.close()


def begun(portal: Portal, path: str, cookies: str) -> socket.socket:
    """Ask for a page, and stop reading once its words come."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.settimeout(30)
    reader.connect(("127.0.0.1", portal.port + 1))
    reader.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{portal.port + 1}\r\nCookie: {cookies}\r\n\r\n".encode())
    read = b""
    while NEEDLES["story"].encode() not in read:
        more = reader.recv(4096)
        assert more, read[-300:]
        read += more
    return reader


def found_in(folder: Path) -> dict[str, list[str]]:
    """Return in which files of a folder which words stand."""
    held = {}
    for path in folder.rglob("*"):
        with suppress(OSError):
            if path.is_file() and (found := search.find(NEEDLES, path.read_bytes())):
                held[path.name] = found
    return held


@pytest.mark.parametrize("how", ["killed", "gone"])
def test_a_print_that_is_cut_off_leaves_no_word_on_disk(portal: Portal, tmp_path: Path, how: str) -> None:
    ref = full_case(portal)
    cookies = signed_in(portal)
    reader = begun(portal, f"/desk/victims/cases/{ref}/print", cookies)

    if how == "killed":
        for pid in portal.living()["hotline-desk"]:
            os.kill(pid, signal.SIGKILL)
    reader.close()

    assert found_in(tmp_path) == {}
    assert NEEDLES["note"] not in portal.said()
