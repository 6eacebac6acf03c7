"""The two applications of a comparison, served alike for the length of a block."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import processes
from bench.client import Site

FIELDS = {
    "category": "other",
    "urls": "https://bench-{n}.example/gallery/{n}?page=2",
    "seen": "week",
    "details": "Found through a link in a group chat. It asks for money before it shows more.",
    "in_danger": "unsure",
    "contact": "",
    "website": "",
}
"""What a person types, the same for both; the last is the trap that people leave empty."""

NEVER_REACHED = 1_000_000
"""Forms in ten minutes: the brake counts as ever, and stays off."""

OURS = ("HOTLINE_", "BARE_", "GUNICORN_", "FLASK_", "PORT")


@dataclass(frozen=True)
class Setting:
    """How gunicorn serves an application."""

    workers: int
    threads: int

    def __str__(self) -> str:
        return f"{self.workers} x {self.threads}"


def environment(**ours: str) -> dict[str, str]:
    """Return the environment of a measured process: this one's, without what would configure it, and `ours`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {**inherited, **ours}


def portal_environment(folder: Path, port: int, **ours: str) -> dict[str, str]:
    """Return the portal's settings for a data directory of its own on loopback."""
    return environment(
        HOTLINE_DATA_DIR=str(folder),
        HOTLINE_DEMO="off",
        HOTLINE_TRUSTED_PROXIES="1",
        PORT=str(port),
        **ours,
    )


def flask(environ: dict[str, str], *command: str) -> str:
    """Run one of the portal's own commands and return what it printed. Raises DidNotStartError when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", *command],
        cwd=processes.ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise processes.DidNotStartError(f"flask {' '.join(command)} failed; it printed:\n{done.stdout}{done.stderr}")
    return done.stdout


@contextlib.contextmanager
def bare(setting: Setting, folder: Path) -> Iterator[Site]:
    """Serve the bare app."""
    port = processes.free_port()
    environ = environment(BARE_DATABASE=str(folder / "bare.sqlite3"))
    log = folder / "bare.log"
    with processes.running(gunicorn("bench.bare_app:app", setting, port), environ, log) as process:
        processes.wait_for_page(process, port, "/report", log)
        success = r'<output id="receipt-code">[0-9a-f]{16}</output>'
        yield Site("bare app", f"http://127.0.0.1:{port}", "/report", FIELDS, success, process.pid)


@contextlib.contextmanager
def portal(
    setting: Setting, folder: Path, *, name: str = "portal", application: str = "app:public", brake: int = NEVER_REACHED
) -> Iterator[Site]:
    """Serve the portal's public surface on a fresh data directory, limits, brake and sealing on."""
    port = processes.free_port(following=1)
    environ = portal_environment(folder / name, port, HOTLINE_BRAKE=str(brake))
    flask(environ, "prepare")
    log = folder / f"{name}.log"
    with processes.running(gunicorn(application, setting, port), environ, log) as process:
        processes.wait_for_page(process, port, "/en/report", log)
        success = r'<output id="receipt-code"[^>]*>\d{4} \d{4} \d{4} \d{4}</output>'
        yield Site(name, f"http://127.0.0.1:{port}", "/en/report", FIELDS, success, process.pid)


def gunicorn(application: str, setting: Setting, port: int) -> list[str]:
    """Return the command that serves one application as the portal is served, but for the setting under test."""
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn_settings.py"]
    command += ["--workers", str(setting.workers), "--threads", str(setting.threads)]
    return [*command, "--bind", f"127.0.0.1:{port}", application]
