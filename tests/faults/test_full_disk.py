"""A disk that is full: an honest no with a telephone number, no receipt, and everything works again afterwards."""

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import select

from hotline.extensions import db
from hotline.models import Item
from hotline.services import items
from tests.deploy.processes import wait_for
from tests.faults.portal import Portal
from tests.faults.reporter import Answer, Reporter
from tests.jobs.office import Office
from tests.small_disk import mounted

pytestmark = pytest.mark.faults

ADDRESS = "https://img-board.example/t/{}"
DETAILS = "What I saw, in my own words."


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[Path], Portal]]:
    portals: list[Portal] = []

    def start(data_dir: Path) -> Portal:
        portals.append(Portal(data_dir))
        return portals[-1]

    yield start
    for portal in portals:
        portal.stop()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of eight megabytes."""
    with mounted(tmp_path / "disk", megabytes=8) as place:
        yield place


def test_a_public_site_that_can_write_no_byte_says_so_and_recovers(start, tmp_path: Path):
    portal = start(tmp_path / "data")
    assert send(portal, 1).code
    writers = portal.living()["hotline-public"]
    for pid in writers:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    reporter = Reporter(portal.port)
    token = reporter.form("en")
    refused = reporter.send(token, ADDRESS.format(2), lang="en", details=DETAILS)

    assert_honest(refused)
    for pid in writers:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert reporter.send(token, ADDRESS.format(2), lang="en", details=DETAILS).code
    assert_reported(portal, 1, 2)


def test_a_full_disk_takes_nothing_loses_nothing_and_works_on_once_there_is_room(start, small_disk: Path):
    portal = start(small_disk / "data")
    assert send(portal, 1).code
    fill(small_disk / "filler")
    reporter = Reporter(portal.port)

    # what the write-ahead log has reserved may still take a report or two; then there is no more
    answers = []
    for number in range(2, 200):
        token = reporter.form("en")
        answers.append(Reporter(portal.port).send(token, ADDRESS.format(number), lang="en", details=DETAILS))
        if not answers[-1].code:
            break
    assert_honest(answers[-1])
    number = len(answers) + 1
    (small_disk / "filler").unlink()

    assert reporter.send(token, ADDRESS.format(number), lang="en", details=DETAILS).code
    assert_reported(portal, *range(1, number + 1))


def send(portal: Portal, number: int) -> Answer:
    reporter = Reporter(portal.port)
    return reporter.send(reporter.form("en"), ADDRESS.format(number), lang="en")


def fill(path: Path) -> None:
    """Write until there is no room for another byte."""
    with path.open("wb", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            with suppress(OSError):
                while True:
                    file.write(b"\0" * size)
    assert os.statvfs(path).f_bavail == 0


def assert_honest(answer: Answer) -> None:
    """Hold a refusal to its promise: a number to call, no receipt, and what was typed still there."""
    assert answer.status == 503
    assert answer.code is None
    assert "receipt-code" not in answer.text
    assert 'href="tel:' in answer.text
    assert DETAILS in answer.text


def assert_reported(portal: Portal, *numbers: int) -> None:
    """Wait until the desk has exactly these reports."""
    office = Office(portal.data_dir)
    wanted = sorted(ADDRESS.format(number) for number in numbers)

    def arrived() -> bool:
        with office.here():
            return sorted(items.address_of(item) for item in db.session.scalars(select(Item))) == wanted

    wait_for(arrived, "the desk to have every report that got a receipt, and no other")
