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


FULL = """
import sys
from hotline import logs

class Full:
    told = ""

    def write(self, text):
        self.told, fails = self.told + text, not self.told
        if fails:
            raise OSError("no space left")

    def flush(self):
        pass

logs.set_up("DEBUG")
sys.stderr = Full()
try:
    raise ValueError("narwhal-board")
except ValueError:
    logs.log.exception("about %s", "ibex-path")
print(sys.stderr.told)
"""


def test_a_line_that_cannot_be_written_is_lost_and_nothing_else_is_told():
    told = subprocess.run([sys.executable, "-c", FULL], capture_output=True, text=True, check=True)

    assert told.stdout.strip().endswith("ERROR hotline failed: ValueError at outside the house")
    assert "narwhal" not in told.stdout + told.stderr
