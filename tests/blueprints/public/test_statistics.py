"""The figures on the public site: the page, the file, and the line on the first page."""

import csv
import io
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, insert, text

from hotline.blueprints.public import boards, statistics
from hotline.blueprints.public.statistics import Board
from hotline.errors import StorageFull
from hotline.extensions import FRONT, db
from hotline.models import PublishedFigure
from hotline.rules import figures
from hotline.rules.figures import Cell
from hotline.transactions import front_engine
from hotline.vocabulary import Band, Figure
from tests.blueprints.public.site import LANGUAGES
from tests.page import Page, read_public

FIRST_VIEW_BYTES = 9_000
CODES = re.compile(r"[a-z0-9_-]*")
MONTHS = figures.months("2025-10", "2026-11")


class Watch:
    """A clock that goes on when it is told to."""

    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch(public_app: Flask) -> Iterator[Watch]:
    """Give the site an empty board under a clock of our own; take every figure away again at the end."""
    watch = Watch()
    usual = public_app.extensions[statistics.BOARD]
    public_app.extensions[statistics.BOARD] = Board(now=watch)
    public_app.extensions["hotline.public_pages"]._drawn.clear()  # readings are numbered by board
    yield watch
    public_app.extensions[statistics.BOARD] = usual
    public_app.extensions["hotline.public_pages"]._drawn.clear()
    with public_app.app_context():
        db.create_all(FRONT)
        with front_engine().execution_options(writes=True).begin() as connection:
            connection.execute(delete(PublishedFigure))


def publish(app: Flask, months: list[str] = MONTHS, **few: int) -> None:
    """Publish invented figures the way the sweeper does, from another process. `few` sets one figure's parts."""
    plenty = [(figure, part) for figure, parts in figures.PARTS.items() for part in parts]
    tallies = {
        (month, figure, part): few.get(figure, 20 + number + len(part))
        for number, month in enumerate(months)
        for figure, part in plenty
    }
    rows = [
        {"month": cell.period, "figure": cell.figure, "part": cell.part, "count": cell.count}
        for cell in figures.publish(tallies, last=months[-1], frozen={months[0][:4]: dict.fromkeys(Band, 9)})
    ]
    with app.app_context(), front_engine().execution_options(writes=True).begin() as connection:
        connection.execute(delete(PublishedFigure))
        connection.execute(insert(PublishedFigure), rows)


def take_away(app: Flask) -> None:
    with app.app_context(), front_engine().execution_options(writes=True).begin() as connection:
        connection.execute(text("DROP TABLE figures"))


def lines_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text)))


def row_of(page: Page, label: str) -> list[str]:
    """Return the numbers of the first row of that name."""
    row = next(head.within("tr") for head in page.all("th", scope="row") if head.text == label)
    return [cell.text for cell in page.all("td") if cell.within("tr") is row]


def has_table(page: Page) -> bool:
    return page.all("table") != []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_new_hotline_says_when_figures_will_come(public_client: FlaskClient, watch: Watch, lang: str):
    page = read_public(public_client.get(f"/{lang}/statistics"))

    assert len(page.all("p", class_="panel")) == 1
    assert not has_table(page)
    assert {heading.get("id") for heading in page.all("h2")} >= set(Figure)  # what is counted is said all the same


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_figure_stands_beside_its_meaning(public_app: Flask, public_client: FlaskClient, watch: Watch, lang: str):
    publish(public_app)

    page = read_public(public_client.get(f"/{lang}/statistics"))

    for figure in Figure:
        place = page.elements.index(page.by_id(figure))
        after = page.elements[place + 1]
        assert (after.tag, len(after.text) > 40) == ("p", True), figure
        following = next(one.tag for one in page.elements[place + 1 :] if one.tag in {"table", "h2"})
        assert following == "table", figure


def test_tables_say_what_each_number_belongs_to(public_app: Flask, public_client: FlaskClient, watch: Watch):
    publish(public_app)

    page = read_public(public_client.get("/en/statistics"))

    assert len(page.all("caption")) == len(page.all("table")) > 10
    assert len({caption.within("table") is not None and caption.text for caption in page.all("caption")}) >= 7
    assert {head.get("scope") for head in page.all("th")} == {"row", "col"}
    assert all(head.text for head in page.all("th"))


def test_sums_and_years_are_those_of_what_was_published(public_app: Flask, public_client: FlaskClient, watch: Watch):
    publish(public_app)

    page = read_public(public_client.get("/en/statistics"))

    assert "Counted from October 2025 to November 2026." in page.text
    new = sum(20 + number + len("new") for number in range(2, 14))
    assert row_of(page, "New links") == [str(new), str(23 + 24 + 25)]
    assert row_of(page, "Grooming") == [str(28 + 29 + 30)]  # of the three months of 2025


@pytest.mark.parametrize(("first", "said"), [("2025-10", {"2025, from Oct"}), ("2025-01", {"2025"})])
def test_a_year_that_was_not_counted_whole_says_from_when(
    public_app: Flask, public_client: FlaskClient, watch: Watch, first: str, said: set[str]
):
    publish(public_app, figures.months(first, "2026-11"))

    page = read_public(public_client.get("/en/statistics"))

    heads = [head for head in page.all("th") if head.text.startswith("2025")]
    assert {head.text for head in heads} == said
    assert {head.get("scope") for head in heads} == {"col", "row"}


def test_a_small_number_is_said_in_words_and_left_out_of_the_sum(
    public_app: Flask, public_client: FlaskClient, watch: Watch
):
    publish(public_app, ["2026-01", "2026-02"], help=4)

    page = read_public(public_client.get("/en/statistics"))

    cells = [cell.text for cell in page.all("td")]
    assert cells.count("fewer than 5") == 2
    assert "left out" in cells
    assert "4" not in cells
    assert "A very small number could tell something about one person." in page.text


def test_what_was_left_out_is_told_from_what_happened_never(
    public_app: Flask, public_client: FlaskClient, watch: Watch
):
    """None at all and four look the same."""
    publish(public_app, help=4)
    four = public_client.get("/en/statistics").text
    publish(public_app, help=0)
    watch.seconds += boards.READ_AGAIN

    assert public_client.get("/en/statistics").text == four


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_stands_while_the_store_cannot_be_read(
    public_app: Flask, public_client: FlaskClient, watch: Watch, lang: str
):
    take_away(public_app)

    answer = public_client.get(f"/{lang}/statistics")

    assert answer.status_code == 200
    page = read_public(answer)
    assert len(page.all("p", class_="panel")) == 1
    assert not has_table(page)
    assert page.all("a", href=f"/{lang}/statistics.csv") == []
    assert public_client.get(f"/{lang}/").status_code == 200


def test_figures_stay_on_the_page_while_the_store_is_away(public_app: Flask, public_client: FlaskClient, watch: Watch):
    publish(public_app)
    shown = public_client.get("/en/statistics").text
    take_away(public_app)
    watch.seconds += boards.READ_AGAIN

    assert public_client.get("/en/statistics").text == shown
    assert public_client.get("/en/statistics.csv").status_code == 200


def test_a_new_month_appears_a_little_later(public_app: Flask, public_client: FlaskClient, watch: Watch):
    publish(public_app, MONTHS[:-1])
    assert "November 2026" not in public_client.get("/en/statistics").text
    publish(public_app)

    assert "November 2026" not in public_client.get("/en/statistics").text
    watch.seconds += boards.READ_AGAIN
    assert "November 2026" in public_client.get("/en/statistics").text


def test_the_file_has_a_line_for_every_number(public_app: Flask, public_client: FlaskClient, watch: Watch):
    publish(public_app, help=3)

    answer = public_client.get("/en/statistics.csv")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == "attachment; filename=statistics.csv"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.text.partition("\r\n")[0] == "period,figure,part,count,note,counted_from"
    rows = lines_of(answer)
    assert len(rows) == 14 * 14 + (14 + 5 + 5 + 8)
    january = {"period": "2026-01", "counted_from": ""}
    assert january | {"figure": "law", "part": "illegal", "count": "30", "note": ""} in rows
    assert january | {"figure": "help", "part": "", "count": "", "note": "left_out"} in rows
    assert all((row["count"] == "") == (row["note"] == "left_out") for row in rows)


@pytest.mark.parametrize(("first", "said"), [("2025-10", "2025-10"), ("2025-01", "")])
def test_the_file_says_from_when_a_year_was_counted_that_was_not_counted_whole(
    public_app: Flask, public_client: FlaskClient, watch: Watch, first: str, said: str
):
    publish(public_app, figures.months(first, "2026-11"))

    rows = lines_of(public_client.get("/en/statistics.csv"))

    assert {row["counted_from"] for row in rows if row["period"] == "2025"} == {said}
    assert {row["counted_from"] for row in rows if row["period"] != "2025"} == {""}


def test_the_file_is_the_same_in_both_languages(public_app: Flask, public_client: FlaskClient, watch: Watch):
    publish(public_app)

    assert public_client.get("/km/statistics.csv").data == public_client.get("/en/statistics.csv").data


def test_nothing_in_the_file_can_be_taken_for_a_formula(public_app: Flask, public_client: FlaskClient, watch: Watch):
    """Codes and digits only, also when somebody who took over the front store wrote something else into it."""
    publish(public_app)
    evil = [
        {"month": "=1+1", "figure": Figure.HELP, "part": "", "count": 9},
        {"month": "2026-11", "figure": Figure.LAW, "part": '=HYPERLINK("https://evil.example")', "count": 9},
        {"month": "2026-11", "figure": Figure.LAW, "part": "@x\r\n-1", "count": None},
    ]
    with public_app.app_context(), front_engine().execution_options(writes=True).begin() as connection:
        connection.execute(insert(PublishedFigure), evil)

    rows = lines_of(public_client.get("/en/statistics.csv"))

    assert len(rows) == 14 * 14 + (14 + 5 + 5 + 8)
    assert [value for row in rows for value in row.values() if not CODES.fullmatch(value)] == []
    assert "evil" not in public_client.get("/en/statistics").text


def test_the_page_explains_every_word_of_the_file(public_app: Flask, public_client: FlaskClient, watch: Watch):
    publish(public_app, help=3)
    page = read_public(public_client.get("/en/statistics"))
    rows = lines_of(public_client.get("/en/statistics.csv"))

    explained = {code.text for code in page.all("code")}

    assert {row["figure"] for row in rows} | {row["part"] for row in rows if row["part"]} <= explained
    assert page.one("a", href="/en/statistics.csv").get("rel") == ""


def test_a_file_of_a_new_hotline_has_its_head(public_client: FlaskClient, watch: Watch):
    assert public_client.get("/en/statistics.csv").text == "period,figure,part,count,note,counted_from\r\n"


def test_without_the_store_there_is_no_file_for_now(public_app: Flask, public_client: FlaskClient, watch: Watch):
    take_away(public_app)

    answer = public_client.get("/en/statistics.csv")

    assert (answer.status_code, answer.mimetype) == (503, "text/plain")
    assert answer.text == "We cannot show the figures just now. Please come back later.\n"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_first_page_says_what_the_last_year_brought(
    public_app: Flask, public_client: FlaskClient, watch: Watch, lang: str
):
    publish(public_app)
    links, illegal = 12 * (20 + 20) + 2 * sum(range(2, 14)) + 12 * (3 + 5), 12 * 20 + sum(range(2, 14)) + 12 * 7

    answer = public_client.get(f"/{lang}/", headers={"Accept-Encoding": "gzip"})
    page = read_public(public_client.get(f"/{lang}/"))

    (line,) = [one.text for one in page.all("p", class_="hint") if f"{links:,}" in one.text]
    assert f"{illegal:,}" in line
    head = sum(len(name) + len(value) + 4 for name, value in answer.headers)
    assert len(answer.data) + head < FIRST_VIEW_BYTES


@pytest.mark.parametrize(("months", "few"), [(MONTHS[-11:], {}), (MONTHS, {"law": 4}), ([], {})])
def test_without_a_full_year_of_figures_the_first_page_says_nothing(
    public_app: Flask, public_client: FlaskClient, watch: Watch, months: list[str], few: dict[str, int]
):
    if months:
        publish(public_app, months, **few)

    assert "In the last 12 months" not in public_client.get("/en/").text


def test_many_visits_ask_the_store_once():
    asked = []

    def read() -> tuple[Cell, ...]:
        asked.append(1)
        return ()

    board = Board(read, now=Watch())
    for _ in range(5):
        board.reading()

    assert asked == [1]


def test_an_unchanged_store_draws_no_page_anew():
    watch = Watch()
    board = Board(lambda: (Cell("2026-11", Figure.HELP, "", 9), Cell("2026-11", Figure.HELP, "x", 9)), now=watch)
    first = board.reading()
    watch.seconds += boards.READ_AGAIN

    assert board.reading() is first


def test_a_store_that_comes_back_is_read_again():
    watch = Watch()
    answers = iter((None, (Cell("2026-11", Figure.HELP, "", 9),)))

    def read() -> tuple[Cell, ...]:
        cells = next(answers)
        if cells is None:
            raise StorageFull("the front store cannot be read")
        return cells

    board = Board(read, now=watch)
    assert board.reading().digest is None
    watch.seconds += boards.READ_AGAIN

    assert board.reading().digest.months == ["2026-11"]
