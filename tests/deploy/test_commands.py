"""The supervisor's way into the app's commands: they do what they do under `flask`, and load nothing beside."""

import os
import subprocess
import sys
from pathlib import Path

RUN = """
import atexit, sys
from deploy import commands

atexit.register(lambda: print("rich" in sys.modules))  # what one package's own command would load
sys.argv[:] = ["flask", *sys.argv[1:]]
commands.main()
"""


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run one command on a data folder of its own."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    environ |= {"HOTLINE_DATA_DIR": str(folder), "HOTLINE_REDIS_URL": f"unix://{folder}/queue.sock"}
    return subprocess.run([sys.executable, "-c", RUN, *words], env=environ, capture_output=True, text=True, check=False)


def test_a_command_runs_and_loads_no_command_of_a_package(tmp_path: Path) -> None:
    done = run(tmp_path, "keys", "create")

    assert (done.returncode, done.stdout) == (0, "Keys made.\nFalse\n"), done.stderr
    assert (tmp_path / "keys" / "public").exists()


def test_a_command_that_is_none_ends_as_it_does_under_flask(tmp_path: Path) -> None:
    done = run(tmp_path, "nothing")

    assert done.returncode == 2
    assert "No such command 'nothing'" in done.stderr
