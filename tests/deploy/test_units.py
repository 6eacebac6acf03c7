"""The units of systemd: they run what the Procfile runs, each as the user that may, and may write to little."""

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy/systemd").glob("hotline-*.service"))
NAMES = {"queue", "public", "desk", "worker", "sweeper"}


def read(unit: Path) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(unit)
    return parser["Service"]


def name(unit: Path) -> str:
    return unit.stem.removeprefix("hotline-")


def test_there_is_a_unit_for_each_process_and_it_runs_the_same() -> None:
    lines = [line for line in (ROOT / "Procfile").read_text().splitlines() if not line.startswith("#")]
    meant = dict(line.split(": ", 1) for line in lines)
    places = {
        '"${HOST:-127.0.0.1}:${PORT:-8000}"': "127.0.0.1:8000",
        '"${HOST:-127.0.0.1}:${DESK_PORT:-8001}"': "127.0.0.1:8001",
    }
    for there, here in places.items():
        meant = {one: command.replace(there, here) for one, command in meant.items()}

    run = {name(unit): read(unit)["ExecStart"].removeprefix("/opt/hotline/.venv/bin/") for unit in UNITS}

    assert run == meant
    assert set(run) == NAMES


@pytest.mark.parametrize("unit", UNITS, ids=name)
def test_the_public_site_has_a_user_and_settings_of_its_own_and_reaches_no_desk(unit: Path) -> None:
    found = read(unit)

    is_public = name(unit) == "public"
    assert found["User"] == ("hotline-public" if is_public else "hotline")
    assert found["EnvironmentFile"] == f"/etc/hotline/{'public' if is_public else 'desk'}.env"
    assert ("/var/lib/hotline" in found["ReadWritePaths"].split()) is not is_public
    assert (found["ProtectSystem"], found["NoNewPrivileges"], found["UMask"]) == ("strict", "yes", "0007")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_every_line(tmp_path: Path) -> None:
    for unit in (ROOT / "deploy/systemd").iterdir():
        text = unit.read_text().replace("/opt/hotline/.venv/bin/", "/bin/true ")
        (tmp_path / unit.name).write_text(text)

    units = [str(path) for path in tmp_path.iterdir()]
    said = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)

    assert (said.returncode, [line for line in said.stderr.splitlines() if str(tmp_path) in line]) == (0, [])
