"""What `flask prepare` leaves on the disk: files and folders for their owner, whatever the umask."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def flask(data_dir: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a server's administrator would: the umask lets others read."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    return subprocess.run(
        [sys.executable, "-m", "flask", *words],
        cwd=ROOT,
        env=inherited | {"HOTLINE_DATA_DIR": str(data_dir), "HOTLINE_DEMO": "off"},
        umask=0o022,
        capture_output=True,
        text=True,
        check=False,
    )


def open_to_others(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in (folder, *folder.rglob("*")) if path.stat().st_mode & 0o077)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared") / "new"
    said = flask(folder / "data", "prepare")
    assert said.returncode == 0, said.stderr
    return folder


@pytest.fixture
def data_dir(prepared: Path, tmp_path: Path) -> Path:
    """A copy with the modes of what was made."""
    return Path(shutil.copytree(prepared, tmp_path / "new")) / "data"


def test_what_prepare_makes_is_for_its_owner_alone(data_dir: Path) -> None:
    assert {path.name for path in data_dir.iterdir()} >= {"desk.sqlite3", "front.sqlite3", "keys"}
    assert open_to_others(data_dir.parent) == []


def test_a_store_that_anybody_could_read_is_shut_and_what_its_group_may_stays(data_dir: Path) -> None:
    (data_dir / "desk.sqlite3").chmod(0o644)
    (data_dir / "front.sqlite3").chmod(0o660)

    assert flask(data_dir, "prepare").returncode == 0

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in data_dir.glob("*.sqlite3")}
    assert modes == {"desk.sqlite3": 0o640, "front.sqlite3": 0o660}


def test_keys_are_good_also_once_the_escrow_key_has_left(data_dir: Path) -> None:
    shutil.rmtree(data_dir / "keys" / "escrow")

    said = flask(data_dir, "keys", "check")

    assert (said.returncode, said.stdout) == (0, "case: ok\ncare: ok\nescrow: away\nexchange: ok\n")


def test_a_folder_of_keys_that_others_can_enter_is_reported(data_dir: Path) -> None:
    (data_dir / "keys").chmod(0o755)

    said = flask(data_dir, "keys", "check")

    assert said.returncode == 1
    assert "keys: open to others: chmod 700" in said.stdout
