"""Reading a table of labels: CSV with the columns section, code, name, definition, version."""

import csv
import io
from typing import NamedTuple

from hotline.errors import Refused
from hotline.vocabulary import LabelSection

COLUMNS = ("section", "code", "name", "definition", "version")
MOST = 2000  # labels
LONGEST = 2000  # characters of a cell


class Row(NamedTuple):
    """One label."""

    section: str
    code: str
    name: str
    definition: str
    version: str


def read(text: str) -> list[Row]:
    """Return the labels of a table. Raises Refused (`labels`, code) for the first thing that is wrong."""
    table = csv.reader(io.StringIO(text.lstrip("\ufeff")), strict=True)
    try:
        lines = [[cell.strip() for cell in line] for line in table if any(cell.strip() for cell in line)]
    except csv.Error as exc:
        raise Refused(("labels", "no_table")) from exc
    if not lines or sorted(cell.lower() for cell in lines[0]) != sorted(COLUMNS):
        raise Refused(("labels", "columns"))
    heads, lines = [cell.lower() for cell in lines[0]], lines[1:]
    if code := _fault(heads, lines):
        raise Refused(("labels", code))
    rows = [Row(**dict(zip(heads, line, strict=True))) for line in lines]
    rows = [row._replace(section=row.section.lower()) for row in rows]
    if code := _row_fault(rows):
        raise Refused(("labels", code))
    return rows


def _fault(heads: list[str], lines: list[list[str]]) -> str:
    if not lines:
        return "empty"
    if len(lines) > MOST:
        return "too_many"
    if any(len(line) != len(heads) for line in lines):
        return "cells"
    return "too_long" if any(len(cell) > LONGEST for line in lines for cell in line) else ""


def _row_fault(rows: list[Row]) -> str:
    if any(row.section not in set(LabelSection) for row in rows):
        return "section"
    if any(not (row.code and row.name and row.version) or "|" in row.code + row.version for row in rows):
        return "code"
    if len({row.version for row in rows}) > 1:
        return "versions"
    return "twice" if len({(row.section, row.code) for row in rows}) < len(rows) else ""
