"""The code of practice with 10,000 and with 1,000,000 duties that are over: does a page cost the same?

Each desk is filled by `practice_fill.py` and asked by one manager (`sizes.py`).
"""

import sys
from collections.abc import Sequence

from bench import practice_fill, processes, sizes
from bench.desk_fill import PASSWORD
from bench.sizes import ENGINES, Comparison, Question

SIZES = (10_000, 1_000_000)
ROUNDS = 40
MOST = 100.0  # ms, the 95th percentile with the most
HOME = "/desk/practice/duties"
PAGES = {
    "all duties": HOME,
    "nobody's": f"{HOME}?whose=nobody",
    "one person's": f"{HOME}?whose=A-02",
    "late": f"{HOME}?show=late",
    "one duty, missed": f"{HOME}?show=missed&duty=consult",
    "missed": f"{HOME}?show=missed",
    "one person's, missed": f"{HOME}?show=missed&whose=A-02",
    "the week": "/desk/practice/week",
}


def comparison(rounds: int) -> Comparison:
    """Return what is asked, and of whom."""
    return Comparison(
        title="Duties",
        fill="bench.practice_fill",
        holds="are over",
        name=practice_fill.BOSS,
        password=PASSWORD,
        questions=[Question(name, lambda who, _, path=path: who.get(path), most=MOST) for name, path in PAGES.items()],
        rounds=rounds,
        remarks=[
            f"{practice_fill.RUNNING} duties run at either size.",
            "Half of what is over was done too late; a third of all is the person's who is asked for.",
        ],
    )


def run(of: Sequence[int] = SIZES, engines: Sequence[str] = ENGINES, rounds: int = ROUNDS) -> bool:
    """Measure and publish; return whether everything was answered as it should be."""
    return sizes.run("practice", comparison(rounds), of, engines)


def main() -> int:
    """Read the command line and measure."""
    options = sizes.asked_for("bench.practice", __doc__.splitlines()[0], SIZES, ROUNDS)
    processes.end_on_terminate()
    return 0 if run(options.sizes, options.engines, options.rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
