"""Statistics at the desk: each figure beside its definition, filters in the address, files, and frozen years."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from hotline import clock
from hotline.extensions import db
from hotline.models import AgreementTally, AuditEntry, StatisticCell, StatisticMark
from hotline.rules.statistics import Cell
from hotline.transactions import writing
from hotline.vocabulary import Band, Statistic, Way
from tests.blueprints.desk.desk_site import DeskSite

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
YEAR = "/desk/statistics/years/2025"


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def lay(desk: DeskSite) -> None:
    """Lay figures of three months, two of them of last year."""
    rows = [
        (Cell("2025-03", Way.PUBLIC, "baseline", Statistic.SETTLED, "baseline"), 7),
        (Cell("2025-03", Way.PUBLIC, "baseline", Statistic.REMOVAL, Band.ONE_DAY), 4),
        (Cell("2025-04", Way.PARTNER, "open", Statistic.SETTLED, "open"), 9),
        (Cell("2026-10", Way.PUBLIC, "baseline", Statistic.RECEIVED, "new"), 12),
        (Cell("2026-10", Way.PUBLIC, "baseline", Statistic.SETTLED, "baseline"), 12),
        (Cell("2026-10", Way.PUBLIC, "national", Statistic.SETTLED, "national"), 20),
        (Cell("2026-10", Way.PUBLIC, "baseline", Statistic.COUNTRY, "NL"), 8),
        (Cell("2026-10", Way.PUBLIC, "baseline", Statistic.COUNTRY, ""), 4),
        (Cell("2026-10", Way.PUBLIC, "baseline", Statistic.REMOVAL, Band.ONE_DAY), 9),
        (Cell("2026-10", Way.PUBLIC, "baseline", Statistic.REMOVAL, Band.OPEN), 3),
    ]
    with desk.context(), writing():
        db.session.execute(insert(StatisticCell), [cell._asdict() | {"count": count} for cell, count in rows])


def test_each_figure_has_its_chart_its_table_and_its_definition(desk: DeskSite) -> None:
    lay(desk)

    shown = desk.sign_in("vanna").page("/desk/statistics")

    assert "12 links reported, 32 illegal addresses." in shown.text
    assert "75 in 100 were gone within three days." in shown.text
    pictures = {one["aria-label"] for one in shown.all("div", role="img")}
    assert "Netherlands: 8, Not known: 4" in pictures
    assert any(one.startswith("Bars by month. December 2025: 0 links") for one in pictures)
    for figure in Statistic:
        if figure is not Statistic.RECEIVED:
            assert shown.by_id(f"{figure}-h")
    assert "is to be confirmed with INHOPE" in shown.text
    assert shown.text.count("What counts:") == len(Statistic)


def test_filters_stand_in_the_address(desk: DeskSite) -> None:
    lay(desk)
    browser = desk.sign_in("audit")

    shown = browser.page("/desk/statistics?period=2025&source=partner&class=open")

    assert "From January 2025 to December 2025: 0 links reported, 0 illegal addresses." in shown.text
    chosen = [one["value"] for one in shown.all("option") if "selected" in one.attrs]
    assert chosen == ["2025", "partner", "open"]
    links = [one.get("href") for one in shown.all("a")]
    assert "/desk/statistics.csv?period=2025&source=partner&class=open" in links


def test_the_file_leaves_small_counts_out(desk: DeskSite) -> None:
    lay(desk)

    answer = desk.sign_in("audit").get("/desk/statistics.csv?period=2026-10")

    rows = {(row["figure"], row["part"]): row["count"] for row in csv.DictReader(io.StringIO(answer.text))}
    assert rows["country", ""] == rows["country", "NL"] == "left out"  # or the whole would tell the other
    assert (rows["settled", "baseline"], rows["settled", "national"]) == ("left out", "20")


def test_an_empty_portal_and_what_is_no_filter(desk: DeskSite) -> None:
    browser = desk.sign_in("sophea")

    for asked in ("", "?period=x&source=%00&class=9", "?period=2026-13..2099-01", "?period=2019-Q1"):
        assert browser.get(f"/desk/statistics{asked}").status_code == 200
    assert browser.get("/desk/statistics.csv").status_code == 200


def test_a_year_is_frozen_shown_and_taken_along(desk: DeskSite) -> None:
    lay(desk)
    manager = desk.sign_in("vanna")

    answer = manager.post(YEAR)

    assert (answer.status_code, answer.headers["Location"]) == (303, YEAR)
    with desk.context(), writing():
        db.session.execute(
            insert(StatisticCell),
            [Cell("2025-03", Way.PUBLIC, "baseline", Statistic.REMOVAL, Band.OPEN)._asdict() | {"count": 2}],
        )
        db.session.execute(
            insert(AgreementTally).values(month="2025-03", question="age", first="infant", second="infant", count=3)
        )
    shown = manager.page(YEAR)
    assert "How far looks agree" in shown.text
    assert "How far looks agree" not in desk.sign_in("rith").page(YEAR).text
    assert "it has the hash that stands in the audit trail" in shown.text
    assert "Still up" in shown.text
    assert "+2" in shown.text
    taken = json.loads(manager.get(f"{YEAR}/figures.json").text)
    assert taken["figures"]["removal"][Band.ONE_DAY] == 4  # exact: it is for INHOPE
    assert taken["figures"]["removal"][Band.OPEN] == 0
    assert taken["frozen"]["sha256"] in shown.text
    assert "INHOPE" in taken["definitions"]["removal"]["to_confirm"]
    assert "2025,settled,open,9," in manager.get(f"{YEAR}/figures.csv").text
    with desk.context():
        took = db.session.query(AuditEntry).filter_by(record="year 2025", action="took figures").count()
    assert took == 2


def test_what_cannot_be_frozen_says_why(desk: DeskSite) -> None:
    lay(desk)
    manager = desk.sign_in("vanna")
    with desk.context(), writing():
        db.session.execute(insert(StatisticMark).values(item_id=1))

    for year, words in (("2025", "Try again in a minute"), ("2026", "not over yet"), ("99999999999", "not over yet")):
        answer = manager.post(f"/desk/statistics/years/{year}")
        assert answer.status_code == 422
        assert words in answer.text


def test_others_see_and_do_nothing(desk: DeskSite) -> None:
    lay(desk)
    for name in ("kunthea", "admin"):
        browser = desk.sign_in(name)
        for door in ("/desk/statistics", "/desk/statistics.csv", "/desk/statistics/years", YEAR):
            assert browser.get(door).status_code == 403
    analyst = desk.sign_in("sophea")
    assert analyst.get(YEAR).status_code == 404
    assert analyst.get("/desk/statistics/years/99999999999").status_code == 404
    assert analyst.get(f"{YEAR}/figures.json").status_code == 403
    assert analyst.post(YEAR).status_code == 403
    shown = analyst.page("/desk/statistics").text
    assert "Referrals of victim support" not in shown
