"""The documents say what is there: files they name exist, and settings and commands are all told, and no others."""

import re
from pathlib import Path

import click
import pytest

from hotline import cli

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(path for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")) if path.name != "CHANGELOG.md")
ROOMS = ("hotline/", "tests/", "deploy/", "migrations/", "docs/", "bench/")
LINK = re.compile(r"\]\(([^)#:]+)\)")
QUOTED = re.compile(r"`([\w./-]+)`")
SETTING = re.compile(r"\b(?:HOTLINE_[A-Z_]+)\b")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_a_document_names_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")

    linked = [document.parent / target for target in LINK.findall(text)]
    quoted = [ROOT / name for name in QUOTED.findall(text) if name.startswith(ROOMS)]

    assert [str(path) for path in (*linked, *quoted) if not path.exists()] == []


def test_operations_tell_every_setting_and_no_other() -> None:
    readers = ("hotline/config.py", "deploy/supervise.py", "deploy/as-desk.sh")
    read = {name for path in readers for name in _settings(path)}

    assert set(_settings("docs/operations.md")) == read


def test_operations_tell_every_command() -> None:
    told = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    loose = [cli.prepare, cli.work, cli.sweeper, cli.run_demo, cli.backup, cli.restore]
    commands = [str(one.name) for one in loose] + [f"{group.name} {one}" for group in cli.GROUPS for one in _in(group)]

    assert [name for name in commands if f"`{name}" not in told] == []


def test_the_index_lists_every_decision() -> None:
    index = (ROOT / "docs/adr/README.md").read_text(encoding="utf-8")

    assert set(LINK.findall(index)) == {path.name for path in ROOT.glob("docs/adr/0*.md")}


def test_the_licence_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert text.split()[:7] == ["GNU", "AFFERO", "GENERAL", "PUBLIC", "LICENSE", "Version", "3,"]
    assert len(text.splitlines()) == 661
    assert text.endswith("<https://www.gnu.org/licenses/>.\n")


def _settings(path: str) -> list[str]:
    return SETTING.findall((ROOT / path).read_text(encoding="utf-8"))


def _in(group: click.Group) -> list[str]:
    return sorted(group.commands)
