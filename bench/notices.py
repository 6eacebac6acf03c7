"""Very many notices: `python -m bench.notices [--notices 10000] [--recipients 200]`.

Approved notices to many recipients, sent and recorded by one worker and by two, beside a bare RQ worker of the same
kind whose jobs open a connection for each mail and record nothing. Parts: `letters.py`. Two workers are measured at a
mail server that answers at once, which needs a core for each of them and some for the rest, and at one that takes its
time, as those across a network do: there a second worker sends while the first one waits.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import processes, servers, tables
from bench.letters import Drain, Post, WrongCountError

NOTICES = 10_000
RECIPIENTS = 200
ROUNDS = 2
GOAL, GOAL_TWO = 1.0, 1.6
PATIENT = 0.025
"""Seconds after which a mail server across a network has taken a letter."""
MOST_PATIENT = 1_000  # notices of a round at such a one


@dataclass(frozen=True)
class Round:
    """How one round was drained: by one worker, by two, and by the bare one."""

    one: Drain
    two: Drain
    bare: Drain
    patient_one: Drain
    patient_two: Drain


def measure(rounds: int, notices: int, recipients: int) -> list[Round]:
    """Drain `notices` in all: each round a part by one worker and as many by two, in turn; then some more, slowly."""
    share, quick, patient = notices // (2 * rounds), [], []
    few = min(share, MOST_PATIENT)
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        post = Post(Path(folder))
        with post.open():
            servers.flask(post.environ, "prepare")
            post.at_desk("draft", 2 * rounds * (share + few), recipients)
            print(f"{2 * rounds * (share + few):,} notices are drafted", file=sys.stderr, flush=True)
            for number in range(rounds):
                quick.append((*_by_one_and_two(post, share, number), post.drain_bare(share, "send_anew")))
                print(f"notices, round {number + 1} of {rounds}: done", file=sys.stderr, flush=True)
        with post.open(PATIENT):
            patient = [_by_one_and_two(post, few, number) for number in range(rounds)]
    return [Round(*drains, *slow) for drains, slow in zip(quick, patient, strict=True)]


def _by_one_and_two(post: Post, share: int, number: int) -> tuple[Drain, Drain]:
    drains = {count: post.drain_portal(share, workers=count) for count in ((1, 2), (2, 1))[number % 2]}
    return drains[1], drains[2]


def table_of(done: list[Round], notices: int, recipients: int) -> tables.Table:
    """Return the rounds as a table."""
    header = ("what", "portal", "beside it", "ratio (range)", "goal", "")
    table = tables.Table(f"{notices:,} approved notices to {recipients} recipients, from the first letter", header)
    bare = [(each.one.running_per_second, each.bare.running_per_second) for each in done]
    two = [(each.two.running_per_second, each.one.running_per_second) for each in done]
    slow = [(each.patient_two.running_per_second, each.patient_one.running_per_second) for each in done]
    at = f"at a mail server that takes {PATIENT * 1000:g} ms for each"
    for what, pairs, goal in (
        ("letters a second, one worker, beside a bare one that connects for each", bare, GOAL),
        ("letters a second, two workers, beside one", two, GOAL_TWO),
        (f"the same, {at}", slow, GOAL_TWO),
    ):
        ratios = [ours / theirs for ours, theirs in pairs]
        spread = f"{median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
        sides = (f"{median(side):.4g}" for side in zip(*pairs, strict=True))
        table.rows.append([what, *sides, spread, f"≥ {goal}", tables.at_least(median(ratios), goal)])
    noise = max(each.two.others_share for each in done)
    table.remarks += [
        f"Median of {len(done)} rounds; a ratio is taken within one round.",
        f"Beside two workers all other processes (sink, queue server, sweeper) used up to {noise:.0%} of a core.",
        "Every letter arrived exactly once.",
    ]
    return table


def run(rounds: int = ROUNDS, notices: int = NOTICES, recipients: int = RECIPIENTS) -> bool:
    """Measure and publish; return whether every letter arrived exactly once."""
    try:
        done = measure(rounds, notices, recipients)
    except WrongCountError as wrong:
        print(f"notices: {wrong}", file=sys.stderr)
        return False
    tables.publish("notices", table_of(done, notices, recipients))
    return True


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.notices", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--notices", type=int, default=NOTICES)
    parser.add_argument("--recipients", type=int, default=RECIPIENTS)
    options = parser.parse_args()
    processes.end_on_terminate()
    return 0 if run(options.rounds, options.notices, options.recipients) else 1


if __name__ == "__main__":
    sys.exit(main())
