"""Lists of addresses in files: encodings, columns, formulas, and files that are no lists."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.rules import lists
from hotline.rules.lists import Encoding, Form, Line, ListProblem, NoAddress, Understood
from hotline.vocabulary import LineResult


def looked(data: bytes) -> tuple[Form, list[Line]]:
    file = io.BytesIO(data)
    found = lists.look_at(file)
    assert not isinstance(found, ListProblem), found
    form, understood = found
    read = list(lists.lines(file, form))
    assert len(read) == understood.lines
    assert not file.closed
    return form, read


def typed(data: bytes) -> list[str | None]:
    return [line.typed for line in looked(data)[1]]


@pytest.mark.parametrize(
    ("encoded", "encoding"),
    [
        ("https://a.example/é\nhttps://b.example/\n".encode(), Encoding.UTF_8),
        ("https://a.example/é\nhttps://b.example/\n".encode("utf-8-sig"), Encoding.UTF_8),
        ("https://a.example/é\nhttps://b.example/\n".encode("utf-16"), Encoding.UTF_16),
        (b"\xfe\xff" + "https://a.example/é\r\nhttps://b.example/".encode("utf-16-be"), Encoding.UTF_16),
        ("https://a.example/é\rhttps://b.example/\r".encode("cp1252"), Encoding.WINDOWS_1252),
    ],
)
def test_a_list_is_read_in_the_characters_it_is_written_in(encoded: bytes, encoding: Encoding) -> None:
    form, read = looked(encoded)

    assert form.encoding is encoding
    assert [(line.number, line.typed) for line in read] == [(1, "https://a.example/é"), (2, "https://b.example/")]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_column_with_the_addresses_is_found_by_its_name(separator: str) -> None:
    rows = (("Seen", "URL", "note"), ("today", "https://a.example/x", "one"), ("", '"https://b.example/y,z;w"', ""))
    data = "\r\n".join(separator.join(row) for row in rows)

    assert typed(data.encode()) == ["https://a.example/x", "https://b.example/y,z;w"]


@pytest.mark.parametrize("above", ["", "\n", "\r\n \r\n", "sep=;\r\n", '"sep=;"\r\n\r\n'])
def test_empty_lines_and_one_that_tells_the_separator_hide_no_names_of_columns(above: str) -> None:
    _, read = looked(f"{above}seen;url\r\nmonday;https://a.example/p,q\r\n".encode())

    assert [(line.number, line.typed) for line in read] == [(above.count("\n") + 2, "https://a.example/p,q")]
    assert typed(f"{above}https://a.example/p\n".encode()) == ["https://a.example/p"]


def test_a_line_that_names_one_column_alone_leaves_commas_to_the_addresses() -> None:
    assert typed(b'url\nhttps://a.example/p,q;r\n"https://b.example/"\n') == [
        "https://a.example/p,q;r",
        "https://b.example/",
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"https://a.example/1, https://b.example/2\n",
        b"https://a.example/1\tseen\tmonday\n",
        b"Dear team, here they are\nhttps://a.example/1,2\nhttps://a.example/3\n",
        b"monday, seen at https://a.example/1\n",
        b'"https://a.example/1","seen"\n',
    ],
)
def test_commas_that_change_no_address_refuse_no_list(data: bytes) -> None:
    assert looked(data)[0].column is None


def test_without_such_a_column_each_line_is_one_address_commas_and_all() -> None:
    assert typed(b"https://a.example/x,y;z\n\n  \nhxxp://b.example\n") == [
        "https://a.example/x,y;z",
        "hxxp://b.example",
    ]


def test_a_row_without_an_address_is_kept_as_one_and_an_empty_row_is_none() -> None:
    _, read = looked(b"note,url\nsomething,\n,\n\nshort\n")

    assert [(line.number, line.typed) for line in read] == [(2, " "), (5, " ")]


def test_a_note_may_run_over_lines_and_numbers_stay_those_of_the_file() -> None:
    _, read = looked(b'note,url\n"two\nlines",https://a.example/1\nplain,https://a.example/2\n')

    assert [(line.number, line.typed) for line in read] == [(2, "https://a.example/1"), (4, "https://a.example/2")]


def test_a_stray_quotation_mark_swallows_no_other_line() -> None:
    rows = [f"https://a.example/{number},x" for number in range(200)]
    rows[3] = 'https://a.example/3,"open'

    found = typed("\n".join(["url,note", *rows]).encode())

    assert found == [f"https://a.example/{number}" for number in range(200)]


def test_a_formula_is_data_and_is_marked_when_it_is_written_out() -> None:
    assert typed(b'url\n"=HYPERLINK(""https://a.example/x"")"\n') == ['=HYPERLINK("https://a.example/x")']
    assert [lists.neutral(cell) for cell in ("=1", "+1", "-1", "@x", "\t=1", "a=1", "")] == [
        "'=1",
        "'+1",
        "'-1",
        "'@x",
        "'\t'=1",
        "a=1",
        "",
    ]


def test_a_line_longer_than_any_address_is_counted_and_not_kept() -> None:
    for long in (b"https://a.example/" + b"x" * 9_000, b"https://a.example/" + b"x y" * 200_000):
        _, read = looked(long + b"\nhttps://b.example/\n")

        assert read == [Line(1, None, LineResult.TOO_LONG), Line(2, "https://b.example/", None)]
        assert looked(b"url,note\n" + long + b",x\nhttps://b.example/,y\n")[1][1].typed == "https://b.example/"


def test_a_picture_in_letters_is_not_kept() -> None:
    assert looked(b"data:image/png;base64," + b"QUJD" * 400)[1] == [Line(1, None, LineResult.NO_ADDRESS)]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", ListProblem.EMPTY),
        (b" \n\r\n\t\n", ListProblem.EMPTY),
        (b"url,note\n", ListProblem.EMPTY),
        (b"PK\x03\x04\x14\x00\x06\x00binary", ListProblem.NOT_TEXT),
        (b"\x89PNG\r\n\x1a\n\x00\x00", ListProblem.NOT_TEXT),
        ("https://a.example/".encode("utf-16-le"), ListProblem.UTF_16),  # without its mark
        ("https://a.example/".encode("utf-16-be"), ListProblem.UTF_16),
        (b"https://a.example/p,seen,monday\n", ListProblem.UNNAMED),
        (b"https://a.example/p;seen\nhttps://b.example/q;\n", ListProblem.UNNAMED),
        (b"https://a.example/p,,\nhttps://b.example/q,seen,\n", ListProblem.UNNAMED),
        (b"Website,Seen\nhttps://a.example/p,monday\nhttps://b.example/q,monday\n", ListProblem.UNNAMED),
        (b"monday,https://a.example/p,seen\n", ListProblem.UNNAMED),
        (b"a.example\n" * 100_001, ListProblem.TOO_MANY),
        (b"x" * (20 * 1024 * 1024 + 1), ListProblem.TOO_LARGE),
    ],
)
def test_a_file_that_is_no_list_is_refused(data: bytes, problem: ListProblem) -> None:
    assert lists.look_at(io.BytesIO(data)) is problem


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_and_numbers_only_grow(data: bytes) -> None:
    file = io.BytesIO(data)
    found = lists.look_at(file)
    if not isinstance(found, ListProblem):
        numbers = [line.number for line in lists.lines(file, found[0])]
        assert numbers == sorted(set(numbers))


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30)))
def test_every_line_that_says_something_is_there(rows: list[str]) -> None:
    rows = [row for row in rows if row.strip().strip('"').strip() and len(row.splitlines()) == 1]
    found = lists.look_at(io.BytesIO(("https://first.example/\n" + "\n".join(rows)).encode()))

    assert not isinstance(found, ListProblem)
    assert found[1].lines == len(rows) + 1


def test_it_is_told_which_columns_there_are_and_which_one_is_read() -> None:
    data = b'Category,URL,"Note, long"\ncsam,https://a.example/1,x\nother,=2+2,y\n'
    found = lists.look_at(io.BytesIO(data))

    assert not isinstance(found, ListProblem)
    assert found[1] == Understood(2, Encoding.UTF_8, ("Category", "URL", "Note, long"), 1, formulas=1)


def test_a_list_without_columns_names_none() -> None:
    found = lists.look_at(io.BytesIO(b"https://a.example/1\n"))

    assert not isinstance(found, ListProblem)
    assert (found[1].names, found[1].column) == ((), None)


@pytest.mark.parametrize(
    ("stands", "why"),
    [
        (None, NoAddress.FILE),
        (" ", NoAddress.NOTHING),
        ("=2+2", NoAddress.FORMULA),
        ("a name", NoAddress.NOT_AN_ADDRESS),
        ("a name http://localhost/x", NoAddress.PRIVATE),
        ("javascript:alert(1)", NoAddress.SCRIPT),
        ("C:\\photos\\1", NoAddress.LOCAL_FILE),
        ("mailto:someone@a.example", NoAddress.OTHER_SCHEME),
    ],
)
def test_a_line_that_is_no_address_says_why(stands: str | None, why: NoAddress) -> None:
    assert lists.why_not(stands) is why


@pytest.mark.parametrize(
    "cell", ["=1", "+1", "-1", "@a", "\t=1", "\r1", " =1", "\uff1d1", "a;=1", "a; @b", "a\t-1", "a\n=1"]
)
def test_no_cell_of_ours_begins_as_a_formula_however_a_spreadsheet_cuts_it(cell: str) -> None:
    pieces = re.split(r"[;\t\r\n]", lists.neutral(cell))

    assert not any(re.match(r"\s*[=+@\uff1d-]", piece) for piece in pieces)
    assert lists.neutral(cell) != cell


@pytest.mark.parametrize("run", ["\t", "\n"])
def test_a_long_cell_of_breaks_is_marked_as_a_short_one(run: str) -> None:
    assert (
        lists.neutral("a" + run * 8_000 + " =1") == "a" + ("\t'" * 8_000 if run == "\t" else run * 8_000 + "'") + " =1"
    )
    assert lists.neutral("a" + run * 8_000 + "b") == "a" + ("\t'" * 7_999 + "\t" if run == "\t" else run * 8_000) + "b"


@pytest.mark.parametrize("cell", ["", "12", "hxxps://a[.]example/1-2=3", "New", "a = b"])
def test_a_cell_that_begins_as_text_stays_as_it_is(cell: str) -> None:
    assert lists.neutral(cell) == cell
