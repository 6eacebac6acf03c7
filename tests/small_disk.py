"""A disk of a few megabytes in memory, for tests of what becomes of a full one."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def mounted(place: Path, *, megabytes: int) -> Iterator[Path]:
    """Mount a disk of its own at `place` for the length of the block. Skips where only root of a real machine may."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small disk cannot be mounted here (run as root on a machine that allows it)")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
