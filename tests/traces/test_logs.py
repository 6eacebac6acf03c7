"""Whatever writes a log line about an error, a library or we, the line has its shape and none of its words."""

import logging
import subprocess
import sys

import pytest

from hotline import logs

SAY = """
import logging, sys
from hotline import logs
logs.set_up("DEBUG")
for name in sys.argv[1:]:
    try:
        raise ValueError("narwhal-board")
    except ValueError:
        try:
            raise KeyError("capybara.contact")
        except KeyError:
            logging.getLogger(name).exception("about %s", "ibex-path")
"""
NAMES = ("hotline", "rq.worker", "rq.job", "sqlalchemy.pool", "some.library", "root")


@pytest.fixture(scope="module")
def said() -> subprocess.CompletedProcess[str]:
    """What a process says of an error by each name; it begins with the logging of a server, not of these tests."""
    return subprocess.run([sys.executable, "-c", SAY, *NAMES], capture_output=True, text=True, check=True)


@pytest.mark.parametrize("name", NAMES)
def test_a_line_about_an_error_has_neither_its_text_nor_what_led_to_it(
    said: subprocess.CompletedProcess[str], name: str
):
    lines = said.stderr.splitlines()

    assert said.stdout == ""
    assert lines[NAMES.index(name)].endswith(f"ERROR {name} failed: KeyError at outside the house")
    assert len(lines) == len(NAMES)
    for value in ("narwhal", "capybara", "ibex", "Traceback"):
        assert value not in said.stderr


def test_a_line_without_an_error_stays_as_it_is():
    record = logging.LogRecord("hotline", logging.ERROR, "", 0, "%s at %d", ("here", 3), None)

    assert logs.Shapes("%(message)s").format(record) == "here at 3"
