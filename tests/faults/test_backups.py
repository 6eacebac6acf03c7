"""Backups that are broken off: by a disk that is full, or by being killed. What is left looks like no backup."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from hotline.extensions import db
from hotline.models import Item
from hotline.services import items
from tests import ready_made
from tests.deploy.processes import wait_for
from tests.faults.portal import Portal
from tests.faults.reporter import Reporter
from tests.jobs.office import Office
from tests.small_disk import mounted
from tests.traces import search

pytestmark = pytest.mark.faults

ROOT = Path(__file__).parents[2]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    ready_made.copy(ready_made.people, folder)
    return folder


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    with mounted(tmp_path / "disk", megabytes=1) as place:
        yield place


def begin(data_dir: Path, *words: str) -> subprocess.Popen[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    return subprocess.Popen(
        ["env", "--default-signal=INT", sys.executable, "-m", "flask", *words],  # though ours may be deaf to it
        cwd=ROOT,
        env=inherited | {"HOTLINE_DATA_DIR": str(data_dir)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def flask(data_dir: Path, *words: str) -> tuple[int, str, str]:
    process = begin(data_dir, *words)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_a_full_disk_is_said_and_nothing_is_left_on_it(data_dir: Path, small_disk: Path) -> None:
    code, out, err = flask(data_dir, "backup", str(small_disk / "one.backup"))

    assert (code, out, len(err.splitlines())) == (1, "", 1)
    assert "disk is full" in err
    assert list(small_disk.iterdir()) == []
    assert "made a backup" not in flask(data_dir, "audit", "anchor")[1]
    assert flask(data_dir, "backup", str(data_dir.parent / "one.backup"))[0] == 0


def test_no_room_for_the_copies_is_said_too(tmp_path: Path, small_disk: Path) -> None:
    """The stores lie elsewhere, as on a server; their copies are made in the data folder."""
    stores = tmp_path / "stores"
    ready_made.copy(ready_made.people, stores)
    shutil.move(stores / "keys", small_disk / "keys")

    process = subprocess.run(
        [sys.executable, "-m", "flask", "backup", str(tmp_path / "one.backup")],
        cwd=ROOT,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")},
            "HOTLINE_DATA_DIR": str(small_disk),
            "HOTLINE_DATABASE_URL": f"sqlite:///{stores / 'desk.sqlite3'}",
            "HOTLINE_FRONT_DATABASE_URL": f"sqlite:///{stores / 'front.sqlite3'}",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert (process.returncode, len(process.stderr.splitlines())) == (1, 1)
    assert "disk full" in process.stderr
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == []
    assert [path.name for path in (small_disk / "backup-copies").iterdir()] == ["lock"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_one_that_is_stopped_in_the_middle_leaves_nothing_that_looks_like_a_backup(
    data_dir: Path, tmp_path: Path, number: signal.Signals
) -> None:
    place, unfinished = tmp_path / "one.backup", tmp_path / "one.backup.unfinished"
    (data_dir / "letters").mkdir()
    os.mkfifo(data_dir / "letters" / "n-1.aa.sealed")  # whoever reads it waits for ever: after the stores are written
    process = begin(data_dir, "backup", str(place))
    wait_for(lambda: unfinished.exists() and unfinished.stat().st_size > 1_000_000, "the stores to be written")
    wait_for(lambda: "wait_for_partner" in Path(f"/proc/{process.pid}/wchan").read_text() or _stands(unfinished), "it")

    second = flask(data_dir, "backup", str(tmp_path / "two.backup"))
    process.send_signal(number)
    process.communicate(timeout=60)

    assert (second[0], "Another backup is being made" in second[2]) == (1, True)
    assert not place.exists()
    if unfinished.exists():
        (key,) = (data_dir / "keys" / "escrow").glob("*.key")
        code, _, err = flask(data_dir, "restore", "--check", str(unfinished), "--key", str(key))
        assert (code, "cut off" in err) == (1, True)
    (data_dir / "letters" / "n-1.aa.sealed").unlink()
    assert flask(data_dir, "backup", str(place))[0] == 0
    assert flask(data_dir, "restore", "--check", str(place))[0] == 0
    assert not unfinished.exists()
    assert [path.name for path in (data_dir / "backup-copies").iterdir()] == ["lock"]


def test_a_receipt_given_before_opens_on_the_machine_that_was_restored(tmp_path: Path) -> None:
    """The real portal, sent reports all the while, backed up by command and started again elsewhere."""
    place, stop, meanwhile = tmp_path / "one.backup", threading.Event(), []
    first = Portal(tmp_path / "first")
    try:
        before = [report(first, f"https://img-board.example/t/{number}") for number in range(6)]

        def go_on() -> None:
            while not stop.is_set():
                meanwhile.append(report(first, f"https://img-board.example/t/{1000 + len(meanwhile)}"))

        others = threading.Thread(target=go_on)
        others.start()
        wait_for(lambda: len(meanwhile) > 1, "somebody else to report")
        said = first.flask("backup", str(place))
        stop.set()
        others.join()
    finally:
        stop.set()
        first.stop()
    assert all(before)
    assert all(meanwhile)
    assert "It holds no private key" in said
    assert search.find({"address": "img-board.example", "table": "receipts"}, place.read_bytes()) == []

    shutil.copytree(first.data_dir / "keys", tmp_path / "second" / "keys")
    (key,) = (tmp_path / "second" / "keys" / "escrow").glob("*.key")
    key = key.rename(tmp_path / key.name)
    code, _, err = flask(tmp_path / "second", "restore", str(place), "--key", str(key))
    assert (code, err) == (0, ""), err
    wanted = {f"https://img-board.example/t/{number}" for number in range(6)}
    second = Portal(tmp_path / "second")
    try:
        for one in before:
            assert status(second, str(one)) == 200
        assert status(second, "0000000000000000") == 422
        wait_for(lambda: wanted <= addresses(second), "the desk to have every report that got a receipt")
        second.flask("audit", "verify")
    finally:
        second.stop()


def test_a_restore_that_is_killed_in_the_middle_leaves_no_store_and_can_be_begun_again(
    data_dir: Path, tmp_path: Path
) -> None:
    place, second = tmp_path / "one.backup", tmp_path / "second"
    assert flask(data_dir, "backup", str(place))[0] == 0
    shutil.copytree(data_dir / "keys", second / "keys")
    os.mkfifo(
        second / "desk.sqlite3.restoring"
    )  # whoever writes to it waits for ever: after the front store is written
    process = begin(second, "restore", str(place))
    front = second / "front.sqlite3.restoring"
    wait_for(
        lambda: front.exists() and front.stat().st_size == (data_dir / "front.sqlite3").stat().st_size, "the front"
    )

    process.kill()
    process.communicate(timeout=60)

    assert [path.name for path in second.iterdir() if path.name.endswith(".sqlite3")] == []
    (second / "desk.sqlite3.restoring").unlink()
    code, out, err = flask(second, "restore", str(place))
    assert (code, err) == (0, ""), err
    assert "The audit trail holds" in out
    assert [path.name for path in second.iterdir() if "restoring" in path.name] == []


def addresses(portal: Portal) -> set[str]:
    with Office(portal.data_dir).here():
        return {items.address_of(item) for item in db.session.scalars(select(Item))}


def report(portal: Portal, url: str) -> str | None:
    reporter = Reporter(portal.port)
    return reporter.send(reporter.form("en"), url, lang="en").code


def status(portal: Portal, code: str) -> int:
    """Ask how far a report is, as its reporter would; return the status of the answer."""
    reporter = Reporter(portal.port)
    token = reporter.get("/en/follow-up").token
    return reporter.post("/en/follow-up", {"csrf_token": token, "code": code}).status


def _stands(path: Path) -> bool:
    """Whether nothing is written to a file any more."""
    before = path.stat().st_size
    time.sleep(0.5)
    return path.stat().st_size == before
