"""The whole portal as `make run` starts it, on a data folder of its own; its parts come back quickly."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.deploy.processes import child_named, descendants, free_ports, is_running, wait_for

ROOT = Path(__file__).parents[2]
START = "import sys; from deploy.children import Pace; from deploy.supervise import main; sys.exit(main({pace}))"
PARTS = ("hotline-public", "hotline-desk", "hotline-worker", "hotline-sweeper", "valkey-server")


class Portal:
    """A running portal: its ports, its parts, what it says."""

    def __init__(self, data_dir: Path, *, pace: str = "Pace(first=0.05, longest=0.4)", **environ: str) -> None:
        self.data_dir = data_dir
        self.port = free_ports()
        self.log = data_dir.with_name(f"{data_dir.name}.log")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
        own = {
            "PORT": str(self.port),
            "HOTLINE_DATA_DIR": str(data_dir),
            "HOTLINE_INBOX_DELAY": "0",
            "HOTLINE_DEMO": "off",
            "HOTLINE_BRAKE": "0",
        }
        self.environ = inherited | own | environ
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", START.format(pace=pace)],
                cwd=ROOT,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_for(self._is_up, "both sites to answer")

    def flask(self, *argv: str, feed: str = "") -> str:
        """Run a `flask` command on the portal's data; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", *argv],
            cwd=ROOT,
            env=self.environ,
            input=feed,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def living(self) -> dict[str, list[int]]:
        """The processes of each part that runs now; the web servers have two each."""
        found = {}
        for part in PARTS:
            pid = child_named(self.process.pid, part)
            if pid is not None:
                found[part] = [pid, *(child for child in descendants(pid) if is_running(child))]
        return found

    def is_whole(self) -> bool:
        """Whether every part runs."""
        return len(self.living()) == len(PARTS)

    def said(self) -> str:
        """What all of them have written to stdout and stderr."""
        return self.log.read_text()

    def stop(self) -> int:
        """Stop it as Ctrl-C does; return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)

    def _is_up(self) -> bool:
        assert self.process.poll() is None, self.said()
        return "Ctrl-C" in self.said()
