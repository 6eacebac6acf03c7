"""Only `clock.py` asks for the time, so that what is kept to the hour cannot come from elsewhere."""

import ast
from pathlib import Path

from tests.structure.markup import HOTLINE

ASKS = {"now", "utcnow", "today", "fromtimestamp"}
MAY = {
    "clock.py": "the place itself",
    "blueprints/public/counters.py": "ends of the limits' windows, in this process's memory only",
    "blueprints/public/cookies.py": "the end of a receipt cookie's ten minutes, inside the sealed cookie",
}


def asks_for_the_time(source: str) -> list[int]:
    """Return the lines that ask the machine for the time of day."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [call.lineno for call in calls if isinstance(call.func, ast.Attribute) and _is_clock(call.func)]


def _is_clock(asked: ast.Attribute) -> bool:
    of = asked.value.attr if isinstance(asked.value, ast.Attribute) else getattr(asked.value, "id", "")
    return (of in {"datetime", "date"} and asked.attr in ASKS) or (of == "time" and asked.attr in {"time", "time_ns"})


def found() -> dict[str, list[int]]:
    sources: list[Path] = sorted(HOTLINE.rglob("*.py"))
    lines = {path.relative_to(HOTLINE).as_posix(): asks_for_the_time(path.read_text("utf-8")) for path in sources}
    return {name: numbers for name, numbers in lines.items() if numbers}


def test_nobody_but_the_clock_asks_for_the_time() -> None:
    assert {name: lines for name, lines in found().items() if name not in MAY} == {}


def test_who_may_still_does() -> None:
    assert set(MAY) == set(found())


def test_the_search_finds_every_way_of_asking() -> None:
    ways = ("datetime.now(UTC)", "datetime.datetime.utcnow()", "date.today()", "time.time()", "datetime.date.today()")

    assert [asks_for_the_time(way) for way in ways] == [[1]] * len(ways)
    assert asks_for_the_time("clock.now(); time.monotonic()") == []
