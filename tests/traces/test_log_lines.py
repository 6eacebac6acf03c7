"""One event, one line, in UTC: also where a machine keeps another time, and where words hold line breaks."""

import os
import re
import subprocess
import sys

SAY = """
import logging, time
from hotline import logs
logs.set_up("DEBUG")
logs.log.error("the mailbox cannot be read: %s", "away")
print(time.strftime("%Y-%m-%dT%H:%M", time.gmtime()))
logs.log.error("the mailbox cannot be read: %s", "a\\n2020-01-01T00:00:00Z ERROR forged\\x1b[2J\\r\\u2028b")
"""


def test_lines_tell_their_time_in_utc_and_in_one_form() -> None:
    said = run()

    first = said.stderr.splitlines()[0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ERROR the mailbox cannot be read: away", first)
    told, now = first[:15], said.stdout.strip()[:15]
    assert told == now or run().stderr[:15] >= now  # the ten minutes may just have ended


def test_no_value_forges_a_line_or_speaks_to_a_terminal() -> None:
    said = run().stderr

    assert len(said.splitlines()) == 2
    assert said.splitlines()[1].endswith("read: a\ufffd2020-01-01T00:00:00Z ERROR forged\ufffd[2J\ufffd\ufffdb")


def run() -> subprocess.CompletedProcess[str]:
    there = os.environ | {"TZ": "Asia/Phnom_Penh"}
    return subprocess.run([sys.executable, "-c", SAY], capture_output=True, text=True, check=True, env=there)
