"""Lists of addresses in files that people send: which bytes are which characters, and which line is which address.

A list is read line by line, so that a long one takes no more room than a short one. Whatever stands in it is data: what
a spreadsheet would take for a formula is never one here, and is marked where we write it out again.
"""

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import TextIOWrapper
from itertools import islice
from typing import BinaryIO

from hotline.rules import addresses, submissions
from hotline.rules.addresses import MAX_LENGTH, Problem
from hotline.vocabulary import LineResult

MAX_LINES = 100_000
MAX_FILE = 20 * 1024 * 1024
"""Bytes of a whole file."""

ENDINGS = (".csv", ".tsv", ".txt")
"""How the name of a list ends. Whatever it is called, its bytes have to be text as well."""

COLUMNS = ("url", "address", "urls", "addresses", "uri", "link", "web address", "អាសយដ្ឋាន", "តំណ")
"""Names of the column that holds the addresses; the first of these that a list has."""

LONGEST_NAME = 80
"""Characters of a column's name that are kept."""
MOST_NAMES = 40
"""Columns whose names are kept."""

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SEPARATORS = ",;\t"
_NO_SEPARATOR = "\x01"  # stands in no text
_TELLS_SEPARATOR = re.compile(r"\s*\"?sep=.\"?\s*", re.IGNORECASE | re.DOTALL)
_TRIED = 20  # lines
_PIECE = 65_536  # bytes, or characters, that are looked at in one go
_LONGEST_ROW = 20  # lines that an open quotation mark may run over; beyond that it was none
_MAY_BEGIN_FORMULA = re.compile(r"(^|[;\t\r\n])(?=[^\S\t\r\n]*[=+@\uff1d\uff0b\uff20-]|[\t\r])")
_BINARY = frozenset("\0\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19")


class Encoding(StrEnum):
    """How the characters of a file are written."""

    UTF_8 = "utf-8-sig"  # with or without a mark at its beginning
    UTF_16 = "utf-16"
    WINDOWS_1252 = "cp1252"  # a guess: any bytes can be read so, and accents may then be wrong


class ListProblem(StrEnum):
    """Why a file is no list that can be taken."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    NOT_TEXT = "not_text"
    UTF_16 = "utf_16"  # without the mark that would say so
    UNNAMED = "unnamed"  # there are columns, and none is named so that it says where the addresses are


class NoAddress(StrEnum):
    """Why a line is no address that can be reported. Beyond the first three these are the problems of any address."""

    NOTHING = "nothing"  # its address cell is empty
    FORMULA = "formula"
    FILE = "file"  # a file or a picture in letters, which is not kept
    NOT_AN_ADDRESS = Problem.NOT_AN_ADDRESS.value
    SCRIPT = Problem.SCRIPT.value
    LOCAL_FILE = Problem.LOCAL_FILE.value
    PICTURE = Problem.PICTURE.value
    PRIVATE = Problem.PRIVATE.value
    TOO_LONG = Problem.TOO_LONG.value
    OTHER_SCHEME = Problem.OTHER_SCHEME.value


@dataclass(frozen=True, slots=True)
class Line:
    """One line that says something. `number` is where it begins in the file, from 1."""

    number: int
    typed: str | None
    """What stands where the address should; None where that is not kept."""
    result: LineResult | None
    """Set where nothing has to be looked for."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written. `column` is where the addresses stand; None: each line is one. `begins`: at which line."""

    encoding: Encoding
    separator: str
    column: int | None
    begins: int = 1
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Understood:
    """What a file was taken for. `names` are those of its columns, as typed; of these only `column` is read.

    `formulas` counts the address cells that begin as a spreadsheet's formula does: they are text like all others.
    """

    lines: int
    encoding: Encoding
    names: tuple[str, ...]
    column: int | None
    formulas: int


def look_at(file: BinaryIO, name: str = "") -> tuple[Form, Understood] | ListProblem:
    """Return how a file is written and what it is taken for, or why it cannot be taken. `name` is empty for none."""
    if file.seek(0, 2) > MAX_FILE:
        return ListProblem.TOO_LARGE
    if name and not name.strip().casefold().endswith(ENDINGS):
        return ListProblem.NOT_TEXT
    encoding = _encoding(file)
    if encoding is None:
        return _not_text(file)
    form = _form(file, encoding)
    if form is None:
        return ListProblem.UNNAMED
    count = formulas = 0
    for line in lines(file, form):
        count += 1
        formulas += _is_formula(line.typed)
        if count > MAX_LINES:
            return ListProblem.TOO_MANY
    names = tuple(name[:LONGEST_NAME] for name in form.names[:MOST_NAMES])
    return (form, Understood(count, form.encoding, names, form.column, formulas)) if count else ListProblem.EMPTY


def lines(file: BinaryIO, form: Form) -> Iterator[Line]:
    """Yield every line that says something, in order."""
    for number, cell in _cells(file, form):
        if number >= form.begins and cell != "":
            yield _line(number, cell)


def why_not(typed: str | None) -> NoAddress:
    """Return why a line that is no address is none, by what stands in it (None: it was not kept)."""
    if typed is None:
        return NoAddress.FILE
    if not typed.strip():
        return NoAddress.NOTHING
    if _is_formula(typed):
        return NoAddress.FORMULA
    reasons = [leftover.reason for leftover in addresses.read(typed).leftovers]
    telling = next((one for one in reasons if one is not Problem.NOT_AN_ADDRESS), Problem.NOT_AN_ADDRESS)
    return NoAddress(telling.value)


def neutral(cell: str) -> str:
    """Return a cell as it may stand in a file that a spreadsheet opens: never a formula, however it is cut up."""
    return _MAY_BEGIN_FORMULA.sub(r"\1'", cell)


def _is_formula(typed: str | None) -> bool:
    return bool(typed) and str(typed).lstrip().startswith(("=", "\uff1d"))


def _line(number: int, cell: str | None) -> Line:
    if cell is None or len(cell) > MAX_LENGTH:
        return Line(number, None, LineResult.TOO_LONG)
    typed = submissions.clean(cell).text
    if submissions.carries_file(typed):
        return Line(number, None, LineResult.NO_ADDRESS)  # a picture in letters is not kept either
    return Line(number, typed, None)


def _encoding(file: BinaryIO) -> Encoding | None:
    file.seek(0)
    beginning = file.read(4)
    for mark, name in _MARKS:
        if beginning.startswith(mark):
            return Encoding(name) if _reads(file, name, errors="replace") else None
    if _reads(file, Encoding.UTF_8):
        return Encoding.UTF_8
    return Encoding.WINDOWS_1252 if _reads(file, Encoding.WINDOWS_1252, errors="replace") else None


def _reads(file: BinaryIO, encoding: str, *, errors: str = "strict") -> bool:
    """Whether the whole file is text in this encoding."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    try:
        while piece := file.read(_PIECE):
            if not _BINARY.isdisjoint(decoder.decode(piece)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _not_text(file: BinaryIO) -> ListProblem:
    file.seek(0)
    beginning = file.read(64)
    halves = (beginning[::2], beginning[1::2])
    every_other = any(set(one) == {0} and 0 not in other for one, other in (halves, halves[::-1]))
    return ListProblem.UTF_16 if every_other else ListProblem.NOT_TEXT


def _form(file: BinaryIO, encoding: Encoding) -> Form | None:
    """Return how the file is written, by its first line: it names columns, or is an address like the others.

    Empty lines may stand above it, and one that tells a spreadsheet the separator. None where there are columns of
    which none is named: what stands beside an address would become part of it.
    """
    begins = 1
    for number, line in _physical_lines(file, encoding):
        if line is not None and (not line.strip() or _TELLS_SEPARATOR.fullmatch(line)):
            begins = number + 1
            continue
        for separator in _SEPARATORS:
            typed = tuple(name.strip() for name in next(csv.reader([line or ""], delimiter=separator), []))
            names = [name.casefold() for name in typed]
            for wanted in COLUMNS:
                if wanted in names:
                    alone = len(names) == 1  # then a separator further down belongs to an address
                    parted = _NO_SEPARATOR if alone else separator
                    return Form(encoding, parted, names.index(wanted), number + 1, typed)
        break
    return None if _has_columns(file, encoding) else Form(encoding, "", None, begins)


def _has_columns(file: BinaryIO, encoding: Encoding) -> bool:
    """Whether the first lines with an address all hold a separator, and read otherwise when they are split there."""
    tried = [(line, _named(line)) for _number, line in islice(_physical_lines(file, encoding), _TRIED) if line]
    held = [(line, named) for line, named in tried if named]
    return any(
        all(separator in line for line, _named_there in held)
        and any(named != {one for cell in line.split(separator) for one in _named(cell)} for line, named in held)
        for separator in _SEPARATORS
        if held
    )


def _named(text: str) -> set[str]:
    return {one.canonical for one in addresses.read(text).found} if len(text) <= MAX_LENGTH else set()


def _cells(file: BinaryIO, form: Form) -> Iterator[tuple[int, str | None]]:
    """Yield where each row begins and what stands in its address column: "" for nothing, None for too much."""
    if form.column is None:
        for number, line in _physical_lines(file, form.encoding):
            yield number, line if line is None else line.strip().strip('"').strip()
        return
    for number, group in _rows(file, form.encoding):
        if group is None:
            yield number, None
            continue
        reader = csv.reader(group, delimiter=form.separator)
        begins = number
        try:
            for row in reader:
                yield begins, _cell(row, form.column)
                begins = number + reader.line_num
        except csv.Error:  # a field beyond the module's own limit
            yield begins, None


def _cell(row: Sequence[str], column: int) -> str:
    """Return what stands in a column. A row without it that says something else is one without an address."""
    if not any(cell.strip() for cell in row):
        return ""
    return (row[column].strip() if len(row) > column else "") or " "


def _rows(file: BinaryIO, encoding: Encoding) -> Iterator[tuple[int, list[str] | None]]:
    """Yield lines that belong together: a quoted cell may hold breaks, but a stray mark must not swallow a list."""
    waiting: list[tuple[int, str]] = []
    for number, line in _physical_lines(file, encoding):
        if line is None:
            yield from _each(waiting)
            waiting = []
            yield number, None
            continue
        waiting.append((number, line))
        if sum(text.count('"') for _number, text in waiting) % 2 == 0:
            yield waiting[0][0], [text for _number, text in waiting]
            waiting = []
        elif len(waiting) >= _LONGEST_ROW:
            yield from _each(waiting)
            waiting = []
    yield from _each(waiting)


def _each(waiting: Sequence[tuple[int, str]]) -> Iterator[tuple[int, list[str]]]:
    for number, text in waiting:
        yield number, [text]


def _physical_lines(file: BinaryIO, encoding: Encoding) -> Iterator[tuple[int, str | None]]:
    """Yield every line with its number and without its break; None for one that is longer than any address."""
    file.seek(0)
    reader = TextIOWrapper(file, encoding=encoding, errors="replace", newline=None)
    number, whole = 1, True
    try:
        while piece := reader.readline(_PIECE):
            ended = piece.endswith("\n")
            if whole:
                yield number, piece.rstrip("\n") if ended or len(piece) < _PIECE else None
            number, whole = number + ended, ended
    finally:
        reader.detach()  # or it would close a file that is not ours
