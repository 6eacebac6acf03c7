"""Every benchmark, or one: `python -m bench [name]`.

    submissions  the report form, its POST and the receipt page under 1, 8 and 32 clients, against a bare Flask app
                 that inserts one row into SQLite, both durable (`synchronous=FULL`), under the same gunicorn settings
    inbox        opening 20,000 reports (BENCH_REPORTS) as the sweeper does: how many a second, is memory flat
    limits       whole submissions with limits and brake counting, against the portal without either; then what a flood
                 from one network and one from many get, and what becomes of the people who report meanwhile
    letters      1,000 approved notices mailed by one worker, against a bare RQ worker of the same kind
    notices      10,000 approved notices to 200 recipients, by one worker and by two, against a bare RQ worker that
                 opens a connection for each mail
    drafting     one letter about 100 addresses, each with its XARF report: seconds to the commit, plain and encrypted
    clocks       the clock engine with up to a million open deadlines, on SQLite and PostgreSQL
    stack        the whole portal as `make run` starts it: seconds to the first page, memory when idle
    lighthouse   every public page in both languages as a phone on slow 3G finds it: Lighthouse's scores, and what the
                 first view weighs (needs Node.js with npm, and Chromium; fetches Lighthouse once)
    desk         the analyst's desk with 10,000 to 1,000,000 items on both databases: every page of the queue, an item,
                 finding, a day; submissions beside it; fifty people who take at once (long: see its own --sizes)
    care         victim support with 100 and 10,000 cases on both databases: lists, finding by reference and by name, a
                 full file opened and printed
    practice     the code of practice with 10,000 and 1,000,000 duties that are over on both databases: lists, the week
    statistics   the page of all statistics over a year of a million items (BENCH_ITEMS) on both databases: the page,
                 one filter, the file; and how fast items are rolled up
    worst_text   the readers of what people type, on text made to slow them down, against an eighth of that text

How to read the tables: each row is one number, ours and the yardstick's (medians over the rounds), their ratio with
its range, the goal for the ratio and whether the median meets it. Only ratios travel: the numbers beside them belong
to this machine and this hour. The remarks say how many rounds other processes disturbed; measure again on a quiet
machine when that is more than a few. Tables also go to `bench/results/`. The exit code is 1 when something failed
(a lost letter or report, a refused submission, a process that did not start), and 0 for a goal that was missed.
"""

import argparse
import sys

from bench import (
    care,
    clocks,
    desk,
    drafting,
    inbox,
    letters,
    lighthouse,
    limits,
    notices,
    practice,
    processes,
    stack,
    statistics,
    submissions,
    worst_text,
)

BENCHMARKS = {
    "submissions": submissions.run,
    "inbox": inbox.run,
    "limits": limits.run,
    "letters": letters.run,
    "notices": notices.run,
    "drafting": drafting.run,
    "clocks": clocks.run,
    "stack": stack.run,
    "lighthouse": lighthouse.run,
    "desk": desk.run,
    "care": care.run,
    "statistics": statistics.run,
    "practice": practice.run,
    "worst_text": worst_text.run,
}


def main() -> int:
    """Run what was asked for, one after the other, and say whether all of it worked."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0])
    parser.add_argument("which", nargs="?", choices=BENCHMARKS, help="all of them unless named")
    which = parser.parse_args().which
    processes.end_on_terminate()
    worked = [_worked(name) for name in BENCHMARKS if which in {None, name}]
    return 0 if all(worked) else 1


def _worked(name: str) -> bool:
    try:
        return BENCHMARKS[name]()
    except processes.DidNotStartError as failure:
        print(f"{name}: {failure}", file=sys.stderr)
        return False


if __name__ == "__main__":
    sys.exit(main())
