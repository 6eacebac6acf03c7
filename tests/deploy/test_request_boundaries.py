"""Where one request ends and the next begins: the web server refuses what two readers could cut differently."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.processes import free_ports, wait_for

SETTINGS = Path(__file__).parents[2] / "deploy" / "gunicorn_settings.py"
APP = """
asked = []

def public(environ, start_response):
    asked.append(environ["PATH_INFO"])
    environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [" ".join(asked).encode()]
"""
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: page.example\r\n\r\n"
DOUBTFUL = {
    "both ways of saying a length": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 0\r\nContent-Length: 48\r\n\r\n",
    "two lengths in one": b"Content-Length: 0, 48\r\n\r\n",
    "a length with a sign": b"Content-Length: +0\r\n\r\n",
    "an unknown coding": b"Transfer-Encoding: xchunked\r\n\r\n",
    "a coding that is hidden": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a chunk that is no number": b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n",
}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("server")
    (folder / "app.py").write_text(APP)
    port = free_ports()
    argv = [sys.executable, "-m", "gunicorn", "-c", str(SETTINGS), "-b", f"127.0.0.1:{port}", "app:public"]
    with (folder / "said").open("w") as both:
        process = subprocess.Popen(argv, cwd=folder, stdout=both, stderr=both, env=os.environ | {"HOME": "/nowhere"})
    wait_for(lambda: _accepts(port), "the server to listen")
    yield port
    process.terminate()
    process.wait(timeout=60)


@pytest.mark.parametrize("heads", DOUBTFUL.values(), ids=DOUBTFUL)
def test_a_request_of_doubtful_length_brings_no_second_one_along(port: int, heads: bytes) -> None:
    said = ask(port, b"POST /first HTTP/1.1\r\nHost: page.example\r\n" + heads + SMUGGLED)

    assert b"smuggled" not in said
    assert said.count(b"HTTP/1.1 ") <= 1
    assert b"/smuggled" not in ask(port, b"GET /last HTTP/1.1\r\nHost: page.example\r\nConnection: close\r\n\r\n")


def test_two_good_requests_on_one_connection_are_two(port: int) -> None:
    good = b"POST /good HTTP/1.1\r\nHost: page.example\r\nContent-Length: 4\r\n\r\nbody"

    said = ask(port, good + b"GET /next HTTP/1.1\r\nHost: page.example\r\nConnection: close\r\n\r\n")

    assert said.count(b"HTTP/1.1 200") == 2
    assert b"/next" in said


def ask(port: int, sent: bytes) -> bytes:
    """Send some bytes and return all that comes back until the server hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as visitor:
        visitor.sendall(sent)
        visitor.shutdown(socket.SHUT_WR)
        pieces = []
        try:
            while piece := visitor.recv(4096):
                pieces.append(piece)
        except ConnectionResetError:
            pass
    return b"".join(pieces)


def _accepts(port: int) -> bool:
    with socket.socket() as visitor:
        return visitor.connect_ex(("127.0.0.1", port)) == 0
