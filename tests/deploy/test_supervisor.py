"""The supervisor with small stand-ins for the portal's processes."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.deploy.processes import descendants, is_running, wait_for

ROOT = Path(__file__).parents[2]

WATCH = """
import sys
from pathlib import Path
from deploy.children import Command, Nursery, Pace
from deploy.supervisor import Supervisor

grace, *scripts = sys.argv[1:]
supervisor = Supervisor(Nursery(), pace=Pace(first=0.05, longest=0.4), grace=float(grace))
for script in scripts:
    supervisor.start(Command(Path(script).stem, (sys.executable, script)))
supervisor.watch(lambda: True)
supervisor.stop()
"""

LIVES = """
import os, time
with open(__file__ + ".pids", "a") as pids:
    pids.write(f"{os.getpid()}\\n")
time.sleep(3600)
"""
DIES = "raise SystemExit(3)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n{LIVES}"
PARENT = f"import subprocess; subprocess.Popen(['sleep', '3600'])\n{LIVES}"


class Stack:
    """A running supervisor and what it says."""

    def __init__(self, folder: Path, grace: float, **scripts: str) -> None:
        self.folder = folder
        self.said = folder / "said"
        for name, text in scripts.items():
            (folder / f"{name}.py").write_text(text)
        argv = [sys.executable, "-c", WATCH, str(grace), *(str(folder / f"{name}.py") for name in scripts)]
        with self.said.open("w") as said:
            self.process = subprocess.Popen(argv, cwd=ROOT, stderr=said, start_new_session=True)

    def pids(self, name: str, at_least: int = 1) -> list[int]:
        """Every process id that `name` has had, once it has had so many."""
        return wait_for(lambda: self._pids(name, at_least), f"{name} to start {at_least} times")

    def _pids(self, name: str, at_least: int) -> list[int]:
        with suppress(FileNotFoundError):
            pids = [int(pid) for pid in (self.folder / f"{name}.py.pids").read_text().split()]
            return pids if len(pids) >= at_least else []
        return []


@pytest.fixture
def start(tmp_path: Path) -> Iterator[type[Stack]]:
    stacks: list[Stack] = []

    def start(grace: float = 30, **scripts: str) -> Stack:
        stacks.append(Stack(tmp_path, grace, **scripts))
        return stacks[-1]

    yield start  # type: ignore[misc]
    for stack in stacks:
        family = descendants(stack.process.pid)
        stack.process.kill()
        stack.process.wait()
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def test_what_is_killed_starts_again_and_a_line_says_so(start):
    stack = start(worker=LIVES, desk=LIVES)
    [first] = stack.pids("worker")
    [desk] = stack.pids("desk")

    os.kill(first, signal.SIGKILL)

    assert stack.pids("worker", at_least=2)[1] != first
    assert "worker was killed by SIGKILL; starting it again in 0.05 s." in stack.said.read_text()
    assert is_running(desk)


def test_the_pause_grows_for_what_dies_again_and_again(start):
    stack = start(worker=DIES)

    lines = wait_for(lambda: (found := stack.said.read_text().splitlines())[5:] and found, "six deaths")

    assert "ended with exit code 3" in lines[0]
    pauses = [re.search(r"in ([\d.]+) s", line)[1] for line in lines]
    assert pauses[:6] == ["0.05", "0.1", "0.2", "0.4", "0.4", "0.4"]


def test_stopping_ends_every_process_and_exits_with_0(start):
    stack = start(worker=PARENT, desk=LIVES)
    stack.pids("worker")
    stack.pids("desk")
    family = descendants(stack.process.pid)

    stack.process.send_signal(signal.SIGINT)

    assert stack.process.wait(timeout=60) == 0
    assert len(family) == 3
    assert not any(is_running(pid) for pid in family)
    assert stack.said.read_text() == ""


def test_stopping_kills_what_will_not_go(start):
    stack = start(grace=0.5, worker=STUBBORN)
    [worker] = stack.pids("worker")

    stack.process.terminate()

    assert stack.process.wait(timeout=60) == 0
    assert not is_running(worker)
    assert stack.said.read_text() == "worker did not stop within 0.5 s and was killed.\n"


def test_stopping_does_not_wait_for_what_is_about_to_start_again(start):
    stack = start(worker=DIES)
    wait_for(stack.said.read_text, "a death")

    stack.process.terminate()

    assert stack.process.wait(timeout=60) == 0


def test_what_a_dead_process_leaves_behind_goes_too(start):
    stack = start(worker=PARENT)
    [worker] = stack.pids("worker")
    [sleeper] = wait_for(lambda: descendants(worker), "the worker's own child")

    os.kill(worker, signal.SIGKILL)

    wait_for(lambda: not is_running(sleeper), "the worker's own child to go")
    stack.pids("worker", at_least=2)


def test_nothing_outlives_a_supervisor_that_was_killed(start):
    stack = start(worker=LIVES, desk=LIVES)
    family = stack.pids("worker") + stack.pids("desk")

    stack.process.kill()

    wait_for(lambda: not any(is_running(pid) for pid in family), "the orphans to go")
