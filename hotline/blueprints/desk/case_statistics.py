"""Statistics of victim cases by quarter. Nobody is in them, small counts are left out, and they outlive every file."""

import csv
import io

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from hotline.blueprints import guards
from hotline.blueprints.desk import case_statistics_words, drawing
from hotline.blueprints.guards import needs
from hotline.rules.case_statistics import SHOWN
from hotline.services import case_figures

bp = Blueprint("case_statistics", __name__, url_prefix="/victims")
HEADER = ("quarter", "figure", "part", "count")
LEFT_OUT = "fewer than 5, or left out beside one"


@bp.get("/statistics")
@needs(*case_figures.ROLES)
def show_statistics() -> ResponseReturnValue:
    """Show every figure over four quarters: the newest, or those that end with the one in the address."""
    every = case_figures.list_quarters()
    until = request.args.get("until", "")
    start = every.index(until) if until in every else 0
    return drawing.draw(
        "desk/case_statistics/page.html",
        shown=case_figures.over(every[start : start + SHOWN], by=guards.current_staff()),
        every=every,
        until=every[start],
        running=case_figures.this_quarter(),
        name=case_statistics_words.name,
        definition=case_statistics_words.definition,
        part=case_statistics_words.part,
    )


@bp.get("/statistics.csv")
@needs(*case_figures.ROLES)
def download_statistics() -> ResponseReturnValue:
    """Give every figure of every quarter as a file, with the same counts left out."""
    shown = case_figures.over(case_figures.list_quarters(), by=guards.current_staff())
    written = io.StringIO()
    out = csv.writer(written, lineterminator="\r\n")
    out.writerow(HEADER)
    for place, quarter in enumerate(shown.quarters):
        for figure, lines in shown.figures.items():
            for line in lines:
                count = line.counts[place]
                out.writerow((quarter, figure.value, str(line.part), LEFT_OUT if count is None else count))
    headers = {"Content-Disposition": 'attachment; filename="victim-support.csv"'}
    return Response(written.getvalue(), mimetype="text/csv", headers=headers)
