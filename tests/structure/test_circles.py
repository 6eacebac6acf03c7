"""No module needs itself, by however many others: not at the top of a file, and not inside a function either."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.structure.markup import HOTLINE


def modules() -> dict[str, Path]:
    """Return the files of the portal by the name they are imported under."""
    parts = {path: path.relative_to(HOTLINE.parent).with_suffix("").parts for path in HOTLINE.rglob("*.py")}
    return {".".join(names).removesuffix(".__init__"): path for path, names in parts.items()}


def needed(source: str, known: set[str]) -> set[str]:
    """Return which of the `known` modules a source imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            full = {f"{node.module}.{one.name}" for one in node.names}
            found |= full if full <= known else {*full, node.module}  # a package that names one of its own is not asked
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            found |= {one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return found & known


def circle(needs: dict[str, set[str]]) -> list[str] | None:
    """Return a circle among modules; None where there is none."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as fault:
        return list(fault.args[1])
    return None


def test_no_module_needs_itself_by_way_of_others() -> None:
    known = modules()

    assert circle({name: needed(path.read_text("utf-8"), {*known}) for name, path in known.items()}) is None


@pytest.mark.parametrize("way", ["import b", "def f():\n    import b", "def f():\n    import_module('b')"])
def test_a_circle_is_seen_however_it_is_imported(way: str) -> None:
    needs = {"a": needed(way, {"a", "b"}), "b": needed("from a import x", {"a", "b"})}

    assert circle(needs) is not None
