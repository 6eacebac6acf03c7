"""The units of systemd: they run what the Procfile runs, each as the user that may, and may write to little."""

import configparser
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy/systemd").glob("hotline-*.service"))
NAMES = {"queue", "public", "desk", "worker", "sweeper"}


def read(unit: Path, section: str = "Service") -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(unit)
    return parser[section]


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


@pytest.mark.parametrize("unit", UNITS, ids=name)
def test_a_service_is_started_again_however_often_it_ends(unit: Path) -> None:
    assert read(unit)["Restart"] == "always"
    assert read(unit, "Unit")["StartLimitIntervalSec"] == "0"


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_command_as_the_desk_has_every_setting_as_systemd_reads_them(tmp_path: Path, end: str) -> None:
    lines = [
        "# HOTLINE_NO=1",
        "HOTLINE_FIRST=a=b $HOME",
        "  \tHOTLINE_SECOND= c d \t",
        "HOTLINE_NONE=",
        "OTHER=no",
        "HOTLINE_LAST=$(id)",
    ]
    (tmp_path / "desk.env").write_text("\n".join(lines) + end)
    stand_in = tmp_path / "runuser"
    stand_in.write_text('#!/bin/sh\nenv\necho "said: $*"\n')
    stand_in.chmod(0o700)
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "HOTLINE_SETTINGS": str(tmp_path / "desk.env")}

    said = subprocess.run(
        [ROOT / "deploy/as-desk.sh", "staff", "list"], capture_output=True, text=True, check=True, env=environ
    )

    found = [
        line for line in said.stdout.splitlines() if line.startswith(("HOTLINE_", "OTHER")) and "SETTINGS" not in line
    ]
    assert sorted(found) == ["HOTLINE_FIRST=a=b $HOME", "HOTLINE_LAST=$(id)", "HOTLINE_NONE=", "HOTLINE_SECOND=c d"]
    assert "said: -u hotline -- .venv/bin/flask staff list" in said.stdout


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_every_line(tmp_path: Path) -> None:
    for unit in (ROOT / "deploy/systemd").iterdir():
        text = unit.read_text().replace("/opt/hotline/.venv/bin/", "/bin/true ")
        (tmp_path / unit.name).write_text(text)

    units = [str(path) for path in tmp_path.iterdir()]
    said = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)

    assert (said.returncode, [line for line in said.stderr.splitlines() if str(tmp_path) in line]) == (0, [])
