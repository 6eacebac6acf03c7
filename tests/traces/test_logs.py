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
try:
    raise ValueError("narwhal-board")
except ValueError:
    try:
        raise KeyError("capybara.contact")
    except KeyError:
        logging.getLogger(sys.argv[1]).exception("about %s", "ibex-path")
"""


@pytest.mark.parametrize("name", ["hotline", "rq.worker", "rq.job", "sqlalchemy.pool", "some.library", "root"])
def test_a_line_about_an_error_has_neither_its_text_nor_what_led_to_it(name: str):
    said = subprocess.run([sys.executable, "-c", SAY, name], capture_output=True, text=True, check=True)

    assert said.stdout == ""
    assert said.stderr.endswith(f"ERROR {name} failed: KeyError at outside the house\n")
    for value in ("narwhal", "capybara", "ibex", "Traceback"):
        assert value not in said.stderr


def test_a_line_without_an_error_stays_as_it_is():
    record = logging.LogRecord("hotline", logging.ERROR, "", 0, "%s at %d", ("here", 3), None)

    assert logs.Shapes("%(message)s").format(record) == "here at 3"
