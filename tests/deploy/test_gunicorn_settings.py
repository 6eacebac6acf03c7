"""What the web server itself writes about visitors: nothing."""

import http.client
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
def public(environ, start_response):
    if environ["PATH_INFO"] == "/":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"here"]
    raise ValueError("what the reporter wrote")
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    (tmp_path / "app.py").write_text(APP)
    port, said = free_ports(), tmp_path / "said"
    argv = [sys.executable, "-m", "gunicorn", "-c", str(SETTINGS), "-b", f"127.0.0.1:{port}", "app:public"]
    with said.open("w") as both:
        process = subprocess.Popen(argv, cwd=tmp_path, stdout=both, stderr=both, env=os.environ | {"HOME": "/nowhere"})
    wait_for(lambda: _accepts(port), "the server to listen")
    yield port, said
    process.terminate()
    process.wait(timeout=60)


def test_neither_a_bad_request_nor_a_crash_leaves_a_trace_of_the_visitor(server):
    port, said = server

    with socket.create_connection(("127.0.0.1", port), timeout=60) as visitor:
        visitor.sendall(b"GET /km/secret-place HTTX\r\nUser-Agent: SecretPhone\r\n\r\n")
        assert visitor.recv(12) == b"HTTP/1.1 400"
    crashing = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    crashing.request("GET", "/reply/secret-place", headers={"User-Agent": "SecretPhone"})
    assert crashing.getresponse().status == 500

    wait_for(lambda: "ValueError at" in said.read_text(), "the crash to be told")
    text = said.read_text()
    assert "127.0.0.1" not in text.replace(f"127.0.0.1:{port}", "")
    assert "secret-place" not in text
    assert "SecretPhone" not in text
    assert "what the reporter wrote" not in text


def test_a_visitor_cannot_claim_https_or_another_address(server):
    port, _ = server
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    connection.request("GET", "/", headers={"X-Forwarded-Proto": "https"})

    assert connection.getresponse().status == 200


def _accepts(port: int) -> bool:
    with socket.socket() as visitor:
        return visitor.connect_ex(("127.0.0.1", port)) == 0
