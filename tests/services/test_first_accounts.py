"""What a portal begins with: no account and no password but those that somebody made, and hashes of today's cost."""

import dataclasses
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from hotline import create_app, vault
from hotline.config import Settings
from hotline.extensions import db
from hotline.models import Staff
from hotline.vocabulary import Surface
from tests import stores

SERVED = {"HOTLINE_PUBLIC_URL": "https://hotline.example", "HOTLINE_DESK_URL": "https://desk.hotline.example"}


@pytest.mark.parametrize(("more", "some"), [(SERVED, False), ({"HOTLINE_DEMO": "off"}, False), ({}, True)])
def test_a_server_begins_without_anybody(tmp_path: Path, more: dict[str, str], some: bool) -> None:
    """Only a portal that this machine alone reaches has invented people, whose passwords are drawn."""
    office = create_app(Surface.OFFICE, {"HOTLINE_DATA_DIR": str(tmp_path), **more})

    with office.app_context():
        said = office.test_cli_runner().invoke(args=["prepare"])
        assert said.exit_code == 0, said.output
        count = db.session.scalar(select(func.count()).select_from(Staff))
    stores.dispose(office)
    assert bool(count) is some
    assert bool(re.search(r"(?:\w{4}-){3}\w{4}|A-01", said.output)) is some


def test_passwords_are_kept_by_argon2id_of_todays_cost() -> None:
    asks = "from hotline.services import staff; print(staff.HASHER.hash('a long enough password'))"

    kept = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True).stdout

    found = re.match(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$", kept)
    assert found
    assert int(found[1]) >= 19456
    assert int(found[2]) >= 2


@pytest.mark.parametrize("surface", [Surface.PUBLIC, Surface.DESK, Surface.OFFICE])
def test_no_setting_comes_with_a_password(surface: Surface) -> None:
    found = dataclasses.asdict(Settings.from_environ({}, surface))

    with_password = [name for name, value in found.items() if isinstance(value, str) and urlsplit(value).password]
    assert with_password == []


def test_keys_are_made_anew_for_each_portal(tmp_path: Path) -> None:
    for name in ("one", "other"):
        vault.create_keys(tmp_path / name)

    made = {path.read_bytes() for path in tmp_path.rglob("*.key")}

    assert len(made) == len(list(tmp_path.rglob("*.key")))
