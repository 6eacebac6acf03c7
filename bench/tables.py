"""Tables a person reads in a terminal and in Markdown alike."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bench.processes import ROOT

RESULTS = ROOT / "bench" / "results"


@dataclass
class Table:
    """A titled table with remarks under it."""

    title: str
    header: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        widths = [max(len(row[column]) for row in [self.header, *self.rows]) for column in range(len(self.header))]
        rule = ["-" * width for width in widths]
        lines = [
            "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
            for row in [self.header, rule, *self.rows]
        ]
        return "\n".join([f"## {self.title}", "", *lines, "", *(f"- {remark}" for remark in self.remarks)])


def at_least(value: float, goal: float) -> str:
    """Say in a word whether `value` reaches `goal`."""
    return "pass" if value >= goal else "miss"


def at_most(value: float, goal: float) -> str:
    """Say in a word whether `value` stays within `goal`."""
    return "pass" if value <= goal else "miss"


def publish(name: str, *tables: Table) -> None:
    """Print the tables and keep them as `bench/results/<name>.md`."""
    text = "\n\n".join(str(table) for table in tables)
    print(f"\n{text}\n", flush=True)
    RESULTS.mkdir(parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    (RESULTS / f"{name}.md").write_text(f"{text}\n\nMeasured {stamp}.\n")
