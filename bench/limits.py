"""What limits and brake cost, and what they do to a flood and to people: `python -m bench.limits`.

First, whole submissions of the portal against the portal without limits and brake, in turn. Then two floods, each
against a fresh portal with the default brake, with people among it: some whose page solves the proof of work, and some
without script who press again when the page says so. A person whose report is not taken in the end is a lost report.
"""

import argparse
import asyncio
import itertools
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench import client, processes, servers, tables
from bench.client import Answer, Connection, Site, Visitor
from bench.servers import Setting
from bench.submissions import Comparison, Measure
from hotline.rules import proof

SETTING = Setting(workers=1, threads=8)
CLIENTS = (1, 8)
COST = ("workers x threads", "clients", "what", "with", "without", "ratio (range)", "goal", "")
FLOOD = ("flood from", "who", "reports", "taken at once", "taken later", "told to wait", "never taken", "longest, s")
BRAKE = 300  # the default
FLOODERS = 6
PEOPLE = 10  # of each kind
TRIES = 4
ONE_NETWORK = "203.0.113.7"
MEASURES = (
    Measure("submissions per second", "submit", lambda m: m.per_second, tables.at_least, 0.9),
    Measure("CPU ms per submission", "submit", lambda m: m.cpu_ms, tables.at_most, 1.1, at_clients=()),
)


@dataclass
class Tally:
    """What became of the reports of one kind of sender."""

    at_once: int = 0
    later: int = 0
    never: int = 0
    waits: int = 0
    longest: float = 0.0
    other: Counter[int] = field(default_factory=Counter)

    def note(self, statuses: list[int], seconds: float) -> None:
        """Take down the answers that one report got, in order."""
        self.waits += statuses.count(429)
        self.other.update(status for status in statuses if status not in {303, 429})
        self.longest = max(self.longest, seconds)
        if statuses[-1] != 303:
            self.never += 1
        elif len(statuses) == 1:
            self.at_once += 1
        else:
            self.later += 1

    def row(self, flood: str, who: str) -> list[str]:
        """Return the table's row."""
        counts = (self.at_once + self.later + self.never, self.at_once, self.later, self.waits, self.never)
        return [flood, who, *map(str, counts), f"{self.longest:.1f}"]


@dataclass
class Report:
    """One report of a new visitor, sent as often as need be."""

    site: Site
    connection: Connection
    address: str = ""

    async def open(self) -> None:
        """Fetch the form."""
        self._visitor = Visitor(self.site, self.connection, self.address)
        form = await self._visitor.get(self.site.form_path)
        number = str(self._visitor.number)
        typed = {name: value.replace("{n}", number) for name, value in self.site.fields.items()}
        self._fields = client.hidden_fields(form.text, typed) | typed

    async def send(self, **more: str) -> Answer:
        """Send the form as it stands."""
        return await self._visitor.post(self.site.form_path, self._fields | more)

    @property
    def token(self) -> str:
        """Return the form's token."""
        return self._fields["csrf_token"]


async def with_script(report: Report) -> list[int]:
    """Send a report from a page that solves what it is asked, and return the statuses."""
    await report.open()
    statuses = [(await report.send()).status]
    if statuses == [429]:
        report.connection.close()  # the server does not hold it open for that long
        statuses.append((await report.send(proof=await asyncio.to_thread(solve, report.token))).status)
    return statuses


async def without_script(report: Report) -> list[int]:
    """Send a report and press again whenever the page says so; return the statuses."""
    await report.open()
    statuses = []
    for _ in range(TRIES):
        answer = await report.send()
        statuses.append(answer.status)
        if answer.status != 429:
            break
        report.connection.close()
        await asyncio.sleep(int(answer.headers["retry-after"]) + 0.5)
    return statuses


async def by_program(report: Report) -> list[int]:
    """Send a good report once."""
    await report.open()
    return [(await report.send()).status]


def solve(token: str) -> str:
    """Return a proof for that token."""
    return next(word for word in map(str, itertools.count()) if proof.is_solved(token, word))


async def _note(tally: Tally, way: Callable[[Report], Awaitable[list[int]]], report: Report) -> None:
    clock = asyncio.get_running_loop().time
    began = clock()
    try:
        tally.note(await way(report), clock() - began)
    finally:
        report.connection.close()


async def _flood(site: Site, tally: Tally, address: str) -> None:
    """Send reports without pause until cancelled."""
    connection = Connection(site.origin)
    with suppress(asyncio.CancelledError):
        while True:
            tally.note(await by_program(Report(site, connection, address)), 0)
    connection.close()


async def _attack(site: Site, address: str) -> dict[str, Tally]:
    """Flood the site until everybody who reports meanwhile has got somewhere."""
    tallies = {who: Tally() for who in ("programs", "people with script", "people without script")}
    programs, scripted, plain = tallies.values()
    flood = [asyncio.create_task(_flood(site, programs, address)) for _ in range(FLOODERS)]
    await asyncio.sleep(3)  # long enough for the brake to go on, if this flood turns it on
    people = []
    for _ in range(PEOPLE):
        people += [
            asyncio.create_task(_note(tally, way, Report(site, Connection(site.origin))))
            for tally, way in ((scripted, with_script), (plain, without_script))
        ]
        await asyncio.sleep(0.3)
    await asyncio.gather(*people)
    for task in flood:
        task.cancel()
    await asyncio.gather(*flood)
    return tallies


def floods() -> tuple[tables.Table, bool]:
    """Let both floods come; return the table, and whether everybody's report was taken and nothing went wrong."""
    table = tables.Table(f"Floods of good reports, brake at {BRAKE} in ten minutes", FLOOD)
    well = True
    for name, address in (("one network", ONE_NETWORK), ("many networks", "")):
        with (
            tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder,
            servers.portal(SETTING, Path(folder), brake=BRAKE) as site,
        ):
            tallies = asyncio.run(_attack(site, address))
        table.rows += [tally.row(name, who) for who, tally in tallies.items()]
        people = [tally for who, tally in tallies.items() if who != "programs"]
        well &= not any(tally.never for tally in people) and not any(tally.other for tally in tallies.values())
        print(f"flood from {name}: done", file=sys.stderr, flush=True)
    table.remarks.append(f"Reports of people that were lost: {'none' if well else 'see above'}.")
    table.remarks.append("Programs neither solve nor wait; what those achieve that do stands in docs/threat-model.md.")
    return table, well


def cost(rounds: int, seconds: float) -> tuple[tables.Table, bool]:
    """Measure the portal with and without; return the table, and whether every submission went well."""
    table = tables.Table("Whole submissions with limits and brake counting, against none", COST)
    with (
        tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder,
        servers.portal(SETTING, Path(folder), name="with") as limited,
        servers.portal(
            SETTING, Path(folder), name="without", application="bench.unlimited_app:app", brake=0
        ) as unlimited,
    ):
        pair = Comparison(limited, unlimited, rounds, seconds)
        for clients in CLIENTS:
            done = pair.measure("submit", clients)
            table.rows += [measure.row(SETTING, clients, done) for measure in MEASURES]
            print(f"cost, {clients} clients: done", file=sys.stderr, flush=True)
    table.remarks.append(f"Median of {rounds} rounds of {seconds:g} s in turn; noisy rounds: {pair.noisy}.")
    errors = ", ".join(f"{count} x {kind}" for kind, count in pair.errors.items())
    table.remarks.append(f"Errors: {errors or 'none'}.")
    return table, not pair.errors


def run(rounds: int = 5, seconds: float = 2.0) -> bool:
    """Measure everything, publish the tables; return whether nobody's report was lost."""
    costs, measured = cost(rounds, seconds)
    flooded, well = floods()
    tables.publish("limits", costs, flooded)
    return measured and well


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.limits", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="length of one measured stretch")
    options = parser.parse_args()
    processes.end_on_terminate()
    return 0 if run(options.rounds, options.seconds) else 1


if __name__ == "__main__":
    sys.exit(main())
