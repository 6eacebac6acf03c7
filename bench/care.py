"""Victim support with 100 and with 10,000 cases: does a page cost the same, and is a full file on paper at once?

Each desk is filled by `care_fill.py` and asked by one officer (`sizes.py`). Pages are full at either size.
"""

import math
import sys
from collections.abc import Sequence

from bench import care_fill, processes, sizes
from bench.desk_fill import PASSWORD
from bench.sizes import ENGINES, Comparison, Desk, Question
from bench.visitor import Answer, Visitor

SIZES = (100, 10_000)
ROUNDS = 60
MOST_PRINT = 2000.0  # ms, any full file
HOME = "/desk/victims/cases"


def known(desk: Desk) -> str:
    """Return the reference of the full file."""
    return (desk.folder / care_fill.KNOWN).read_text()


def find(who: Visitor, words: str) -> Answer:
    """Look for a case."""
    return who.post(f"{HOME}/find", {"q": words})


QUESTIONS = [
    Question("my cases", lambda who, _: who.get(HOME)),
    Question("all cases", lambda who, _: who.get(f"{HOME}?show=all")),
    Question("high risk", lambda who, _: who.get(f"{HOME}?risk=1")),
    Question("find by reference", lambda who, desk: find(who, known(desk)), shows=known),
    Question("find by name", lambda who, _: find(who, "វណ្ណនី ស៊ិន"), shows=known),
    Question("find by a name in Latin letters", lambda who, _: find(who, "sin vanny"), shows=known),
    Question("find by a name that many bear", lambda who, _: find(who, care_fill.MANY)),
    Question("find nobody", lambda who, _: find(who, "ឥតមាន")),
    Question("open a full file", lambda who, desk: who.get(f"{HOME}/{known(desk)}"), shows=known, kilobytes=math.inf),
    Question(
        "print it",
        lambda who, desk: who.get(f"{HOME}/{known(desk)}/print"),
        shows=known,
        slowest=MOST_PRINT,
        kilobytes=math.inf,
    ),
]


def comparison(rounds: int) -> Comparison:
    """Return what is asked, and of whom."""
    return Comparison(
        title="Victim support",
        fill="bench.care_fill",
        holds="cases are stored",
        name=care_fill.PEOPLE[0],
        password=PASSWORD,
        questions=QUESTIONS,
        rounds=rounds,
        remarks=[
            "Three in five cases are the officer's who asks.",
            "The name is stored with a zero-width space and looked for without, given name first; nobody is found by"
            " part of a word.",
            "The full file: 6 people beside child and guardian, 40 notes, an assessment, 4 consents of two people, 4"
            " referrals.",
        ],
    )


def run(of: Sequence[int] = SIZES, engines: Sequence[str] = ENGINES, rounds: int = ROUNDS) -> bool:
    """Measure and publish; return whether everything was answered as it should be."""
    return sizes.run("care", comparison(rounds), of, engines)


def main() -> int:
    """Read the command line and measure."""
    options = sizes.asked_for("bench.care", __doc__.splitlines()[0], SIZES, ROUNDS)
    processes.end_on_terminate()
    return 0 if run(options.sizes, options.engines, options.rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
