"""What `flask` commands do with stores and keys that are new, older, away or not theirs, and how they say it."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def flask(data_dir: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a server's administrator would: the umask lets others read."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    return subprocess.run(
        [sys.executable, "-m", "flask", *words],
        cwd=ROOT,
        env=inherited | {"HOTLINE_DATA_DIR": str(data_dir), "HOTLINE_DEMO": "off"} | more,
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


def test_an_upgrade_makes_the_keys_that_are_new_and_says_which(data_dir: Path) -> None:
    add_somebody(data_dir)
    older = (data_dir / "keys/public/pepper.key").read_bytes()
    (data_dir / "keys/public/reply-links.key").unlink()

    refused = flask(data_dir, "sweep", "--once")
    prepared = flask(data_dir, "prepare")

    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert "reply-links.key (No such file or directory)" in refused.stderr
    assert "flask prepare" in refused.stderr
    assert prepared.returncode == 0, prepared.stderr
    assert prepared.stdout.startswith("Keys made: public/reply-links.key.")
    assert (data_dir / "keys/public/pepper.key").read_bytes() == older
    assert flask(data_dir, "sweep", "--once").returncode == 0


@pytest.mark.parametrize("gone", ["", "public/pepper.key", "public/case.current", "case/blind-host.key"])
def test_prepare_makes_no_key_in_the_place_of_one_that_a_store_in_use_needs(data_dir: Path, gone: str) -> None:
    add_somebody(data_dir)
    if gone:
        (data_dir / "keys" / gone).unlink()
    else:
        shutil.rmtree(data_dir / "keys")
    left = sorted(data_dir.rglob("keys/*/*"))

    said = flask(data_dir, "prepare")

    assert said.returncode == 1
    assert gone in said.stderr
    assert "backup of the keys" in said.stderr
    assert sorted(data_dir.rglob("keys/*/*")) == left
    assert flask(data_dir, "keys", "create").stdout == "Keys made.\n"


@pytest.mark.parametrize("name", ["public/pepper.key", "case/blind-name.key"])
def test_a_key_that_is_gone_is_reported_by_name(data_dir: Path, name: str) -> None:
    (data_dir / "keys" / name).unlink()

    said = flask(data_dir, "keys", "check")

    assert said.returncode == 1
    assert f"{name}: not there" in said.stdout


def test_an_older_private_half_that_is_gone_is_reported(data_dir: Path) -> None:
    [older] = (data_dir / "keys/case").glob("case-*.key")
    assert flask(data_dir, "keys", "rotate", "case").returncode == 0
    assert flask(data_dir, "keys", "check").returncode == 0
    older.unlink()

    said = flask(data_dir, "keys", "check")

    assert (said.returncode, f"case/{older.name}: not there" in said.stdout) == (1, True)


@pytest.mark.parametrize(
    ("password", "roles", "words"),
    [
        ("short", ["analyst"], "Take at least 12 characters."),
        ("a sentence for tests", ["analyst", "admin"], "An admin sees no case"),
        ("a sentence for tests", ["counsellor", "admin"], "A counsellor is somebody people can talk to"),
    ],
)
def test_an_account_that_is_refused_is_explained(data_dir: Path, password: str, roles: list[str], words: str) -> None:
    chosen = [word for role in roles for word in ("--role", role)]

    said = flask(data_dir, "staff", "add", "Dara", *chosen, "--password", password)

    assert (said.returncode, said.stderr.count("\n")) == (1, 1)
    assert words in said.stderr


@pytest.mark.parametrize("is_there", [False, True])
def test_a_command_without_the_services_settings_says_so_in_one_line(tmp_path: Path, is_there: bool) -> None:
    if is_there:
        (tmp_path / "other").mkdir()

    said = flask(tmp_path / "other", "staff", "list")

    assert (said.returncode, said.stderr.count("\n")) == (1, 1)
    assert f"HOTLINE_DATA_DIR is {tmp_path / 'other'}" in said.stderr


def test_nobody_adds_invented_reports_to_a_site_that_is_open(data_dir: Path) -> None:
    said = flask(data_dir, "demo", "--items", "1", HOTLINE_PUBLIC_URL="https://hotline.example")

    assert said.returncode == 1
    assert "Invented reports would stand among real ones" in said.stderr


def test_closing_an_account_says_what_is_left_to_do(data_dir: Path) -> None:
    add_somebody(data_dir)
    words = ("staff", "add", "Vanna", "--role", "manager", "--password", "a sentence for tests")
    assert flask(data_dir, *words).returncode == 0

    closed, again = (flask(data_dir, "staff", "disable", "Vanna") for _ in range(2))

    assert (closed.returncode, closed.stdout) == (0, "A-02 is closed. Duties without an owner now: 0.\n")
    assert (again.returncode, again.stderr) == (1, "Error: A-02 is closed already\n")


def add_somebody(data_dir: Path) -> None:
    words = ("staff", "add", "Sokha", "--role", "admin", "--password", "a sentence for tests")
    assert flask(data_dir, *words).returncode == 0
