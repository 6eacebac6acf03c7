"""`flask doctor`: what it prints, and how it ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hotline.rules.checkup import Part
from tests import ready_made
from tests.deploy.processes import wait_for
from tests.jobs.stack import Stack

ROOT = Path(__file__).parents[1]


def doctor(data_dir: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    return subprocess.run(
        [sys.executable, "-m", "flask", "doctor", *words],
        cwd=ROOT,
        env=inherited | {"HOTLINE_DATA_DIR": str(data_dir)} | more,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    ready_made.copy(ready_made.people, tmp_path / "data")
    (tmp_path / "data").chmod(0o700)
    return tmp_path / "data"


def test_nothing_at_all_is_wrong_and_said_without_making_anything(tmp_path: Path) -> None:
    said = doctor(tmp_path / "data")

    assert (said.returncode, said.stderr) == (1, "")
    assert "wrong  Store of the desk: There is no such file." in said.stdout
    assert "wrong  Keys: The folder of the keys is not there." in said.stdout
    assert not (tmp_path / "data").exists()


def test_each_part_has_a_line_and_the_last_counts_them(data_dir: Path) -> None:
    said = doctor(data_dir, "--deep")

    lines = said.stdout.splitlines()
    assert (said.returncode, said.stderr) == (1, "")  # no queue server runs here
    assert len(lines) == len(Part) + 1
    assert all(line.split()[0] in {"well", "look", "wrong"} for line in lines[:-1])
    assert lines[-1].endswith(" well.")
    assert "well   Stores, read whole: Both are whole, and no row points nowhere." in lines


def test_with_everything_running_what_is_only_to_look_at_ends_well(data_dir: Path) -> None:
    stack = Stack(data_dir)
    try:
        stack.start("queue")
        said = doctor(data_dir)
        assert "well   Queue server: It answers, and writes nothing to a disk." in said.stdout
        assert "look   Worker: The queue server knows of none that runs." in said.stdout
        stack.queue().config_set("appendonly", "yes")
        assert "look   Queue server: It answers, and writes its memory to a disk." in doctor(data_dir).stdout
        stack.queue().config_set("appendonly", "no")
        if "wrong  Room on the disk" not in said.stdout:
            assert said.returncode == 0
        stack.start("worker", "sweeper")
        wait_for(stack.has_worker, "the worker to wait for work")
        wait_for(
            lambda: "well   Rounds that open what came" in doctor(data_dir).stdout, "the first round of the sweeper"
        )
        assert "well   Worker: Running: 1." in doctor(data_dir).stdout
    finally:
        stack.end()


def test_an_anchor_that_was_printed_is_remembered(data_dir: Path) -> None:
    assert "look   Anchor of the audit trail" in doctor(data_dir).stdout
    environ = os.environ | {"HOTLINE_DATA_DIR": str(data_dir)}
    anchored = [sys.executable, "-m", "flask", "audit", "anchor"]
    subprocess.run(anchored, cwd=ROOT, env=environ, capture_output=True, check=True)

    assert "well   Anchor of the audit trail: Last printed at " in doctor(data_dir).stdout
