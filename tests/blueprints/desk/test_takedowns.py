"""Takedowns at the desk: with known times, by roles, and as a file that tells no small count."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from hotline import clock
from hotline.extensions import db
from hotline.models import Ending
from hotline.services import figures, takedowns
from hotline.transactions import writing
from hotline.vocabulary import Figure, ItemOutcome
from tests.blueprints.desk.desk_site import DeskSite
from tests.page import Page

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
REMOVED, MOVED = ItemOutcome.REMOVED, ItemOutcome.MOVED


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def lay(desk: DeskSite) -> None:
    item = desk.report("https://img-board.example/t/1")
    assert item
    with desk.context(), writing():
        number = desk.item(item[0]).id
        reported = datetime(2026, 11, 1, 8, tzinfo=UTC)
        for place, hours in enumerate((10, 20, 60, 160, 400, 10, 20)):
            outcome = MOVED if place == 6 else REMOVED
            db.session.add(
                Ending(
                    item_id=number,
                    outcome=outcome,
                    received_at=reported,
                    to_police_at=reported + timedelta(hours=1),
                    to_host_at=reported + timedelta(hours=2),
                    removed_at=reported + timedelta(hours=2 + hours),
                    country="NL" if place < 6 else None,
                    ended_at=datetime(2026, 11, 15, tzinfo=UTC),
                    undone_at=NOW if place == 5 else None,
                )
            )
            figures.count(Figure.CLOSED, outcome)
        figures.count(Figure.CLOSED, ItemOutcome.NOT_ILLEGAL)


def test_known_times_come_out(desk: DeskSite) -> None:
    lay(desk)

    shown = desk.sign_in("audit").page("/desk/statistics/takedowns?since=2026-11&until=2026-11")

    assert [one.text for one in shown.all("dd")] == [
        "1 hour nine in ten within 1 hour; of 6",
        "2 hours nine in ten within 2 hours; of 6",
        "40 hours nine in ten within 16 days; of 6",  # 10, 20, 20, 60, 160, 400
    ]
    assert "Within 1 day: 50 %" in shown.text
    assert "1 more was closed and is open again" in shown.text


def test_outcomes_add_up_to_what_was_closed(desk: DeskSite) -> None:
    lay(desk)

    rows = rows_of(desk.sign_in("vanna").page("/desk/statistics/takedowns"))

    assert rows["All that was closed"] == ["6"]
    assert rows["Removed"] == ["5 83 %"]
    assert rows["Moved elsewhere"] == ["1 17 %"]
    assert rows["Within 1 day"] == ["3 50 %"]
    assert rows["After 1 day, within 3 days"] == ["1 17 %"]  # none stands in two rows, and below stands the sum
    assert rows["After 3 days, within 7 days"] == ["1 17 %"]
    assert rows["After more than 7 days"] == ["1 17 %"]
    assert rows["All that is gone"] == ["6"]
    assert rows["2026-11"][-1] == "6"
    assert rows["All"] == ["8"]  # with what came back, and what was not illegal


def rows_of(shown: Page) -> dict[str, list[str]]:
    """Return the cells of each row by its heading; of rows with the same heading those of the first."""
    rows: dict[str, list[str]] = {}
    taken = set()
    for heading in shown.all("th"):
        row = heading.within("tr")
        cells = [cell.text for cell in shown.all("td") if cell.within("tr") is row]
        if cells and heading.text not in taken:
            taken.add(heading.text)
            rows[heading.text] = cells
    return rows


def test_the_file_leaves_small_counts_out_and_what_would_tell_them(desk: DeskSite) -> None:
    lay(desk)

    answer = desk.sign_in("audit").get("/desk/statistics/takedowns.csv?since=2026-11&until=2026-11")

    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    counts = {(row["table"], row["part"]): row["count"] for row in rows}
    assert counts["outcome", "moved"] == "fewer than 5"
    assert counts["outcome", "removed"] == "fewer than 5"  # or the difference to all would tell the other
    assert counts["month", "2026-11"] == "6"
    assert counts["time", "until_gone"] == ""
    spread = next(row for row in rows if row["part"] == "until_gone")
    assert (spread["hours_half"], spread["hours_nine_in_ten"]) == ("40.0", "400.0")


def test_an_empty_portal_has_statistics_too(desk: DeskSite) -> None:
    audit = desk.sign_in("audit")

    assert "Nothing was closed in these months" in audit.page("/desk/statistics/takedowns").text
    assert audit.get("/desk/statistics/takedowns.csv").status_code == 200


@pytest.mark.parametrize("asked", ["since=x&until=y", "since=2026-13&until=2099-01", "since=%00", "until=2020-01"])
def test_what_is_no_month_is_passed_over(desk: DeskSite, asked: str) -> None:
    assert desk.sign_in("audit").get(f"/desk/statistics/takedowns?{asked}").status_code == 200


@pytest.mark.parametrize("name", ["kunthea", "admin"])
def test_others_do_not_see_them(desk: DeskSite, name: str) -> None:
    browser = desk.sign_in(name)

    assert browser.get("/desk/statistics/takedowns").status_code == 403
    assert browser.get("/desk/statistics/takedowns.csv").status_code == 403


def test_the_file_says_where_it_tells_of_the_newest_only(desk: DeskSite, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(desk)
    audit = desk.sign_in("audit")
    url = "/desk/statistics/takedowns.csv?since=2026-11&until=2026-11"
    assert "newest only" not in audit.get(url).get_data(as_text=True)
    monkeypatch.setattr(takedowns, "MOST_READ", 3)

    assert audit.get(url).get_data(as_text=True).splitlines()[-1] == "2026-11,2026-11,read,newest only,3,,"
