"""The one command that starts the portal: real gunicorn, real queue server, a small stand-in for the application."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from tests.deploy.processes import child_named, descendants, free_ports, is_running, name_of, wait_for

ROOT = Path(__file__).parents[2]
START = [sys.executable, "-m", "deploy.supervise"]

APP = """
import os, sys, time
import flask

app = flask.Flask(__name__)
public = desk = app

@app.get("/healthz")
def healthz():
    return str(os.getpid())

@app.cli.command()
def prepare():
    if os.environ.get("WRONG"):
        sys.exit("HOTLINE_WRONG is wrong.")
    with open("queue-address", "w") as address:
        address.write(os.environ["HOTLINE_REDIS_URL"])
    print("prepared")

@app.cli.command()
def worker():
    time.sleep(3600)

@app.cli.command()
def sweep():
    time.sleep(3600)
"""


class Portal:
    """A portal started on a folder of its own."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "app.py").write_text(APP)
        self.port = free_ports()
        self.data_dir = Path(environ.get("HOTLINE_DATA_DIR", folder / "data"))
        self.out, self.err = folder / "out", folder / "err"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
        own = {"PYTHONPATH": str(ROOT), "PORT": str(self.port), "HOTLINE_DATA_DIR": str(self.data_dir)}
        with self.out.open("w") as out, self.err.open("w") as err:
            self.process = subprocess.Popen(
                START, cwd=folder, env=inherited | own | environ, stdout=out, stderr=err, start_new_session=True
            )

    def is_up(self) -> bool:
        """Whether the addresses have been printed."""
        assert self.process.poll() is None, self.err.read_text()
        return "Ctrl-C" in self.out.read_text()

    def child(self, name: str, other_than: int = 0) -> int:
        """The process id of one part, once it runs."""
        found = wait_for(lambda: self._child(name, other_than), f"{name} to run")
        assert found is not None
        return found

    def _child(self, name: str, other_than: int) -> int | None:
        pid = child_named(self.process.pid, name)
        return pid if pid != other_than else None

    def queue(self) -> redis.Redis:
        """A client of the queue server, as the portal's processes make theirs."""
        return redis.Redis.from_url((self.folder / "queue-address").read_text())

    def get(self, port: int) -> str:
        """Ask one of the sites."""
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=60) as answer:
            return str(answer.read().decode())

    def stop(self) -> int:
        """Stop it as a service manager would; return the exit code."""
        self.process.terminate()
        return self.process.wait(timeout=60)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Portal]]:
    portals: list[Portal] = []

    def start(folder: str = "a folder", *, up: bool = True, **environ: str) -> Portal:
        portals.append(Portal(tmp_path / folder, **environ))
        if up:
            wait_for(portals[-1].is_up, "both sites to answer")
        return portals[-1]

    yield start
    for portal in portals:
        portal.process.terminate()
        portal.process.wait(timeout=60)


def test_both_sites_answer_and_their_addresses_are_printed(start):
    portal = start()

    assert portal.get(portal.port) != portal.get(portal.port + 1)
    lines = portal.out.read_text().splitlines()
    assert lines[0] == "prepared"
    assert lines[1] == f"Public site  http://127.0.0.1:{portal.port}/"
    assert lines[2] == f"Desk         http://127.0.0.1:{portal.port + 1}/desk/"
    assert portal.err.read_text() == ""


def test_five_parts_run_and_all_are_gone_after_a_stop(start):
    portal = start()
    parts = {name_of(pid) for pid in descendants(portal.process.pid)}
    family = descendants(portal.process.pid)

    code = portal.stop()

    assert parts == {"hotline-public", "hotline-desk", "hotline-worker", "hotline-sweeper", "valkey-server"}
    assert code == 0
    assert not any(is_running(pid) for pid in family)
    assert [path.name for path in portal.data_dir.iterdir()] == ["supervisor.lock"]
    assert portal.err.read_text() == ""


def test_nothing_outlives_a_supervisor_that_was_killed_and_the_next_start_works(start):
    portal = start()
    family = descendants(portal.process.pid)

    portal.process.kill()

    wait_for(lambda: not any(is_running(pid) for pid in family), "the orphans to go")
    start(HOTLINE_DATA_DIR=str(portal.data_dir))


def test_a_site_that_is_killed_comes_back_and_refuses_nobody_meanwhile(start):
    portal = start()
    before = portal.get(portal.port)

    os.kill(portal.child("hotline-public"), signal.SIGKILL)
    os.kill(int(before), signal.SIGKILL)

    assert portal.get(portal.port) != before


def test_the_queue_server_is_ours_alone_persists_nothing_and_comes_back(start):
    portal = start()
    queue = portal.queue()
    queue.set("id", 42)
    first = portal.child("valkey-server")

    os.kill(first, signal.SIGKILL)
    portal.child("valkey-server", other_than=first)
    wait_for(lambda: _answers(queue), "the queue server to answer again")

    assert queue.get("id") is None
    socket_path = Path(queue.connection_pool.connection_kwargs["path"])
    assert socket_path.stat().st_mode & 0o777 == 0o700
    assert queue.config_get("port") == {"port": "0"}
    assert queue.config_get("save") == {"save": ""}
    assert queue.config_get("appendonly") == {"appendonly": "no"}
    with pytest.raises(redis.ResponseError, match="unknown command"):
        queue.save()
    assert [found.name for found in socket_path.parent.iterdir() if found.name != "supervisor.lock"] == ["queue.sock"]


def test_clients_can_ask_the_queue_server_who_they_are_whatever_the_folder(start):
    portal = start("a = %20 ?#")

    assert "addr" in portal.queue().client_info()


def test_a_path_too_long_for_a_socket_is_said_and_got_round(start, tmp_path):
    portal = start(HOTLINE_DATA_DIR=str(tmp_path / ("long" * 25)))

    said = portal.err.read_text()
    assert "too long for a socket" in said
    folder = Path(said.split(" is ")[-1].strip().removesuffix(".")).parent
    assert folder.stat().st_mode & 0o777 == 0o700
    portal.stop()
    assert not folder.exists()


def test_no_queue_server_is_started_when_another_is_named(start):
    portal = start(HOTLINE_REDIS_URL="redis://127.0.0.1:9/0")

    assert child_named(portal.process.pid, "valkey-server") is None


def test_a_second_start_on_the_same_data_is_refused_in_one_line(start):
    portal = start()

    second = start("another", up=False, HOTLINE_DATA_DIR=str(portal.data_dir))

    assert second.process.wait(timeout=60) == 1
    [line] = second.err.read_text().splitlines()
    assert line.startswith("Another copy of the portal already runs on the data folder")
    assert portal.get(portal.port)


@pytest.mark.parametrize(("offset", "site"), [(0, "public site"), (1, "desk")])
def test_a_taken_port_is_named_and_nothing_is_started(start, offset, site):
    port = free_ports()
    with socket.create_server(("127.0.0.1", port + offset)):
        portal = start(up=False, PORT=str(port))
        assert portal.process.wait(timeout=60) == 1

    [line] = portal.err.read_text().splitlines()
    assert line.startswith(f"Port {port + offset}, wanted for the {site}, is already taken. Choose another with PORT=")
    assert not portal.data_dir.exists()


@pytest.mark.parametrize("port", ["http", "0", "65535", "-1", "٣"])
def test_a_port_that_is_none_is_refused_in_one_line(start, port):
    portal = start(up=False, PORT=port)

    assert portal.process.wait(timeout=60) == 1
    assert portal.err.read_text() == f"PORT must be a whole number from 1 to 65534, not {port!r}.\n"


def test_a_data_folder_that_cannot_be_is_refused_in_one_line(start, tmp_path):
    (tmp_path / "file").write_text("")

    portal = start(up=False, HOTLINE_DATA_DIR=str(tmp_path / "file"))

    assert portal.process.wait(timeout=60) == 1
    [line] = portal.err.read_text().splitlines()
    assert line.startswith("HOTLINE_DATA_DIR: the folder")


def test_wrong_settings_stop_the_start_with_the_line_that_names_them(start):
    portal = start(up=False, WRONG="yes")

    assert portal.process.wait(timeout=60) == 1
    assert portal.err.read_text() == "HOTLINE_WRONG is wrong.\n"
    assert "Public site" not in portal.out.read_text()


def _answers(queue: redis.Redis) -> bool:
    try:
        return bool(queue.ping())
    except redis.ConnectionError:
        return False
