"""Whole submissions of the portal against the bare app: `python -m bench.submissions`.

Both are served by gunicorn under the same settings on this machine, take the same client in turn, and every
ratio is of two measurements that follow each other. A round counts when other processes stayed quiet.
"""

import argparse
import contextlib
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import client, processes, servers, tables
from bench.client import Measurement, Site
from bench.servers import Setting

SETTINGS = (Setting(workers=1, threads=8), Setting(workers=2, threads=4))
CLIENTS = (1, 8, 32)
QUIET = 0.25
"""The share of one core that other processes may use in a round that counts."""
TRIES = 2
HEADER = ("workers x threads", "clients", "what", "portal", "bare app", "ratio (range)", "goal", "")


@dataclass(frozen=True)
class Round:
    """The same load on both applications, one right after the other."""

    portal: Measurement
    bare: Measurement

    @property
    def noise(self) -> float:
        """The share of one core others used in the noisier half."""
        return max(self.portal.others_share, self.bare.others_share)


@dataclass(frozen=True)
class Measure:
    """One number of a round, and what its ratio to the bare app's should be."""

    what: str
    mode: str
    value: Callable[[Measurement], float]
    word: Callable[[float, float], str]
    goal: float
    at_clients: tuple[int, ...] = CLIENTS

    def row(self, setting: Setting, clients: int, rounds: list[Round]) -> list[str]:
        """Return the table's row: both medians, the median of the rounds' ratios, the goal and whether it is met."""
        ratios = [self.value(one.portal) / self.value(one.bare) for one in rounds]
        ours, bares = (
            median(map(self.value, side)) for side in zip(*((r.portal, r.bare) for r in rounds), strict=True)
        )
        goal, word = "-", ""
        if clients in self.at_clients:
            sign = "≥" if self.word is tables.at_least else "≤"
            goal, word = f"{sign} {self.goal}", self.word(median(ratios), self.goal)
        spread = f"{median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
        return [str(setting), str(clients), self.what, f"{ours:.4g}", f"{bares:.4g}", spread, goal, word]


MEASURES = (
    Measure("submissions per second", "submit", lambda m: m.per_second, tables.at_least, 0.5),
    Measure("CPU ms per form GET", "get", lambda m: m.cpu_ms, tables.at_most, 2.0),
    Measure("CPU ms per submission", "submit", lambda m: m.cpu_ms, tables.at_most, 2.5),
    Measure("p99 of a submission, ms", "submit", lambda m: m.percentile(99), tables.at_most, 2.5, at_clients=(32,)),
    Measure("p50 of a submission, ms", "submit", lambda m: m.percentile(50), tables.at_most, 2.5, at_clients=()),
)


@dataclass
class Comparison:
    """Rounds of both applications under one server setting, and what has to be said about them."""

    portal: Site
    bare: Site
    rounds: int
    seconds: float
    noisy: int = 0

    def __post_init__(self) -> None:
        self.errors: Counter[str] = Counter()

    def measure(self, mode: str, clients: int) -> list[Round]:
        """Return the rounds that count; where the machine was never quiet, the quietest tries."""
        done = [self._quiet_round(mode, clients, portal_first=number % 2 == 0) for number in range(self.rounds)]
        quiet = [one for one in done if one.noise <= QUIET]
        self.noisy += len(done) - len(quiet)
        return quiet if 2 * len(quiet) > len(done) else done

    def _quiet_round(self, mode: str, clients: int, *, portal_first: bool) -> Round:
        tries = []
        for _ in range(TRIES):
            tries.append(self._round(mode, clients, portal_first=portal_first))
            if tries[-1].noise <= QUIET:
                break
        return min(tries, key=lambda one: one.noise)

    def _round(self, mode: str, clients: int, *, portal_first: bool) -> Round:
        taken = {}
        for site in (self.portal, self.bare) if portal_first else (self.bare, self.portal):
            load = client.drive(site, mode, clients=clients, seconds=self.seconds, warm_up=self.seconds / 4)
            self.errors.update({f"{site.name}: {kind}": count for kind, count in load.errors.items()})
            taken[site.name] = load
        return Round(taken[self.portal.name], taken[self.bare.name])


@contextlib.contextmanager
def comparison(setting: Setting, rounds: int, seconds: float) -> Iterator[Comparison]:
    """Serve both applications under one setting on throw-away data."""
    with (
        tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder,
        servers.portal(setting, Path(folder)) as portal,
        servers.bare(setting, Path(folder)) as bare,
    ):
        yield Comparison(portal, bare, rounds, seconds)


def run(rounds: int = 5, seconds: float = 2.0) -> bool:
    """Measure everything, publish the table; return whether every submission went well."""
    table = tables.Table("Whole submissions: form, POST and receipt page, synchronous=FULL", HEADER)
    errors: Counter[str] = Counter()
    noisy = 0
    for setting in SETTINGS:
        with comparison(setting, rounds, seconds) as pair:
            for clients in CLIENTS:
                done = {mode: pair.measure(mode, clients) for mode in client.ACTIONS}
                table.rows += [measure.row(setting, clients, done[measure.mode]) for measure in MEASURES]
                print(f"{setting}, {clients} clients: done", file=sys.stderr, flush=True)
        errors += pair.errors
        noisy += pair.noisy
    table.remarks += [
        f"Median of {rounds} rounds of {seconds:g} s, applications in turn; a ratio is taken within one round.",
        f"Noisy rounds after {TRIES} tries (others used more than {QUIET:.0%} of a core): {noisy}.",
        "Errors: " + (", ".join(f"{count} x {kind}" for kind, count in errors.items()) or "none") + ".",
    ]
    tables.publish("submissions", table)
    return not errors


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.submissions", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="length of one measured stretch")
    options = parser.parse_args()
    processes.end_on_terminate()
    return 0 if run(options.rounds, options.seconds) else 1


if __name__ == "__main__":
    sys.exit(main())
