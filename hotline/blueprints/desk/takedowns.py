"""Takedowns in detail: what was closed, and how long it took until it was gone. Nobody is named, no address is here."""

import csv
import io
from typing import NamedTuple

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from hotline.blueprints import guards
from hotline.blueprints.desk import drawing, online_words, statistics_words
from hotline.blueprints.guards import needs
from hotline.rules import charts, figures
from hotline.rules.online import ENDS
from hotline.rules.takedowns import LIMITS, Digest, Spread
from hotline.services import takedowns
from hotline.vocabulary import ItemOutcome

bp = Blueprint("takedowns", __name__, url_prefix="/statistics")
HEADER = ("since", "until", "table", "part", "count", "hours_half", "hours_nine_in_ten")
LEFT_OUT = "fewer than 5"
NEWEST = "newest only"  # where more ended than is read


class Chosen(NamedTuple):
    """The months somebody chose, and those there are, newest first."""

    since: str
    until: str
    months: list[str]


@bp.get("/takedowns")
@needs(*takedowns.ROLES)
def show_takedowns() -> ResponseReturnValue:
    """Show takedowns over the chosen months; over the last twelve where none are chosen, or what is no month."""
    chosen = _chosen()
    report = takedowns.over(chosen.since, chosen.until, by=guards.current_staff())
    return drawing.draw(
        "desk/statistics/takedowns.html",
        chosen=chosen,
        report=report,
        digest=report.digest,
        outcomes=tuple(ItemOutcome),
        ends=ENDS,
        shares=[(limit, report.digest.share(limit)) for limit in LIMITS],
        hundred=charts.share,
        took=online_words.took,
        within=statistics_words.within,
        apart=statistics_words.apart,
        told_first=statistics_words.told_first,
        country=statistics_words.country,
        most_read=takedowns.MOST_READ,
    )


@bp.get("/takedowns.csv")
@needs(*takedowns.ROLES)
def download_takedowns() -> ResponseReturnValue:
    """Give the same as a file for others: counts below five are left out, and so is what would tell them."""
    chosen = _chosen()
    report = takedowns.over(chosen.since, chosen.until, by=guards.current_staff())
    written = io.StringIO()
    out = csv.writer(written, lineterminator="\r\n")
    out.writerow(HEADER)
    for row in _rows(report.digest):
        out.writerow((chosen.since, chosen.until, *row))
    if not report.whole:
        out.writerow((chosen.since, chosen.until, "read", NEWEST, takedowns.MOST_READ, "", ""))
    name = f"takedowns-{chosen.since}-{chosen.until}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(written.getvalue(), mimetype="text/csv", headers=headers)


def _rows(digest: Digest) -> list[tuple[str, str, str, str, str]]:
    tables: dict[str, dict[str, int]] = {
        "outcome": {one.value: count for one, count in digest.outcomes.items()},
        "month": {month: sum(counts.values()) for month, counts in digest.by_month.items()},
        "gone_within": {one.value: count for one, count in digest.within.items()},
        "first_told": {one.value: group.closed for one, group in digest.by_first.items()},
        "country": {country or "unknown": group.closed for country, group in digest.by_country.items()},
    }
    rows = [
        (table, part, LEFT_OUT if shown is None else str(shown), "", "")
        for table, counts in tables.items()
        for part, shown in zip(counts, figures.year_parts(list(counts.values())), strict=True)
    ]
    spreads = {"to_police": digest.to_police, "to_host": digest.to_host, "until_gone": digest.until_gone}
    return rows + [("time", name, "", *_in_hours(one)) for name, one in spreads.items()]


def _in_hours(one: Spread) -> tuple[str, str]:
    """Return a spread as hours; nothing of fewer than five."""
    if one.half is None or one.most is None or one.size < figures.LEAST:
        return "", ""
    return f"{one.half.total_seconds() / 3600:.1f}", f"{one.most.total_seconds() / 3600:.1f}"


def _chosen() -> Chosen:
    months = takedowns.months()
    since, until = (request.args.get(name, "") for name in ("since", "until"))
    since = since if since in months else months[: takedowns.MONTHS][-1]
    until = until if until in months else months[0]
    return Chosen(min(since, until), max(since, until), months)
