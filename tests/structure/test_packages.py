"""Every package that runs is named, fixed to one version, and known by its hashes; what tests need does not run."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[\w,-]+\])?(==[^ ;\\]+)?", re.M)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def packages(name: str) -> dict[str, str]:
    """Return the text that stands for each package of a list."""
    text = re.sub(r"(?m)^\s*#.*\n", "", (ROOT / name).read_text("utf-8"))
    parts = re.split(r"(?m)^(?=[a-z0-9])", text)
    return {PINNED.match(part)[1]: part for part in parts if part.strip()}  # type: ignore[index]


def wanted(lines: list[str]) -> set[str]:
    return {re.split(r"[\[<>=~!; ]", line)[0].lower() for line in lines}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_one_version_known_by_its_hashes(name: str) -> None:
    loose = [
        one for one, text in packages(name).items() if not re.match(r"\S+==\S+", text) or "--hash=sha256:" not in text
    ]

    assert len(packages(name)) > 30
    assert loose == []
    assert "--index-url" not in (ROOT / name).read_text("utf-8")
    assert "git+" not in (ROOT / name).read_text("utf-8")


def test_what_is_asked_for_is_there_and_what_only_tests_need_is_not() -> None:
    running = set(packages("requirements.txt"))

    assert wanted(PROJECT["dependencies"]) <= running
    assert not wanted(PROJECT["optional-dependencies"]["dev"]) & running


def test_the_environment_takes_nothing_whose_hash_it_does_not_know() -> None:
    assert "--require-hashes" in (ROOT / "deploy/environment.sh").read_text("utf-8")
