"""Start the whole portal with one command: `python -m deploy.supervise`, run from the project's folder.

Takes the two ports and the data folder, starts the embedded queue server, lets `flask prepare` make keys and
databases, then starts public site, desk, worker and sweeper and watches over them until Ctrl-C or SIGTERM.
"""

import fcntl
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL

from deploy import queue_server
from deploy.children import Command, Nursery, Pace
from deploy.errors import CannotStartError
from deploy.sites import Site, open_site, web_address
from deploy.supervisor import Supervisor, how_it_ended, say

# What the forks share. The order is that of first use; the app itself is made in each fork.
ENTRANCES = {"flask": "deploy.commands:main", "gunicorn": "gunicorn.app.wsgiapp:run"}
# ... the last three because each would load them itself, by their names
SHARED_CODE = ("app", "gunicorn.workers.gthread", "gunicorn.glogging", "flask_sqlalchemy.cli", "jinja2.ext")
SERVER_SETTINGS = str(Path(__file__).with_name("gunicorn_settings.py"))


@dataclass(frozen=True)
class Place:
    """Where the portal lives on this machine."""

    host: str
    port: int
    data_dir: Path

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Place":
        """Read PORT, HOST and HOTLINE_DATA_DIR. Raises CannotStartError when the port is none."""
        raw = environ.get("PORT", "").strip() or "8000"
        if not (raw.isascii() and raw.isdecimal() and 1 <= int(raw) <= 65534):
            raise CannotStartError(f"PORT must be a whole number from 1 to 65534, not {raw!r}.")
        data_dir = Path(environ.get("HOTLINE_DATA_DIR", "").strip() or "var").absolute()
        return cls(environ.get("HOST", "").strip() or "127.0.0.1", int(raw), data_dir)


def main(pace: Pace = Pace()) -> int:  # noqa: B008 - frozen
    """Run the portal, at `pace` when its processes die; return the exit code."""
    nursery = Nursery(ENTRANCES)
    supervisor = Supervisor(nursery, pace=pace)
    try:
        place = Place.from_environ(os.environ)
        sites = open_sites(place)
        lock = take_data_dir(place.data_dir)
        nursery.private += [lock, *(site.listener for site in sites)]
        return run(supervisor, nursery, place, sites)
    except CannotStartError as refusal:
        say(str(refusal))
        return 1


def run(supervisor: Supervisor, nursery: Nursery, place: Place, sites: list[Site]) -> int:
    """Start everything on a place that is ours, and stop everything at the end, whatever the end is."""
    os.environ.update(
        {
            "HOTLINE_DATA_DIR": str(place.data_dir),
            "HOTLINE_PUBLIC_URL": os.environ.get("HOTLINE_PUBLIC_URL") or web_address(place.host, place.port),
            "HOTLINE_DESK_URL": os.environ.get("HOTLINE_DESK_URL") or web_address(place.host, place.port + 1),
        }
    )
    socket = None if os.environ.get("HOTLINE_REDIS_URL") else queue_server.choose_socket(place.data_dir)
    try:
        if socket:
            start_queue_server(supervisor, socket, place.data_dir)
        nursery.load(SHARED_CODE)
        code = supervisor.finish(Command("hotline-prepare", ("flask", "prepare"), is_brief=True))
        if code == 0:
            for command in portal(sites):
                supervisor.start(command)
            supervisor.watch(lambda: greet(sites))
        elif code < 0 and not supervisor.stop_asked:
            say(f"The preparation {how_it_ended(code)}; nothing was started.")
        return 0 if supervisor.stop_asked else 1
    finally:
        supervisor.stop()
        if socket:
            queue_server.clear(socket, place.data_dir)


def open_sites(place: Place) -> list[Site]:
    """Take both ports, the public site's first."""
    return [
        open_site("Public site", place.host, place.port, "/"),
        open_site("Desk", place.host, place.port + 1, "/desk/"),
    ]


def take_data_dir(data_dir: Path) -> int:
    """Make the data folder and lock it; return the lock. Raises CannotStartError when another copy runs on it."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(data_dir / "supervisor.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CannotStartError(f"HOTLINE_DATA_DIR: the folder {data_dir} cannot be used: {error.strerror}.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise CannotStartError(
            f"Another copy of the portal already runs on the data folder {data_dir}. "
            "Stop it first, or choose another folder with HOTLINE_DATA_DIR=."
        ) from error
    return lock


def start_queue_server(supervisor: Supervisor, socket: Path, data_dir: Path) -> None:
    """Start the embedded queue server and tell the others where it is."""
    if socket.parent != data_dir:
        say(f"The data folder's path is too long for a socket; the queue server's is {socket}.")
    os.environ["HOTLINE_REDIS_URL"] = queue_server.address_of(socket)
    # killed outright when orphaned: it has nothing to save, and must not remove its successor's socket on its way out
    supervisor.start(
        Command("hotline-queue", queue_server.command_line(socket), serves_others=True, orphan_signal=SIGKILL)
    )


def portal(sites: list[Site]) -> list[Command]:
    """Return the portal's own processes, the public site first."""
    public, desk = (site.listener for site in sites)
    return [
        Command("hotline-public", _gunicorn(public, "app:public"), sockets=(public,)),
        Command("hotline-desk", _gunicorn(desk, "app:desk"), sockets=(desk,)),
        Command("hotline-worker", ("flask", "worker")),
        Command("hotline-sweeper", ("flask", "sweep")),
    ]


def greet(sites: list[Site]) -> bool:
    """Print the addresses once both sites answer; return whether they do."""
    answers = [site.ask() for site in sites]
    if not all(answers):
        return False
    for site in sites:
        print(f"{site.title:<12} {site.address}", flush=True)
    print("Ctrl-C stops everything.", flush=True)
    return True


def _gunicorn(socket: int, app: str) -> tuple[str, ...]:
    return ("gunicorn", "-c", SERVER_SETTINGS, "-b", f"fd://{socket}", app)


if __name__ == "__main__":
    sys.exit(main())
