"""The audit trail, for auditors: read in parts, filtered by the address, and taken along as a file."""

import csv
import io
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards
from hotline.blueprints.desk import drawing
from hotline.blueprints.guards import needs
from hotline.errors import Refused
from hotline.rules.lists import neutral
from hotline.services import staff, trail
from hotline.services.trail import Asked, Line, Page

bp = Blueprint("trail", __name__, url_prefix="/audit")
FIELDS = ("actor", "record", "since", "until")
HEADER = ("number", "at", "actor", "action", "record", "details")
ERASED = "erased"
CUT = f"older entries are left out: a file holds {trail.MOST_IN_FILE}"


@bp.get("")
@needs(*trail.READERS)
def show_trail() -> ResponseReturnValue:
    """Show a part of the trail, newest first. What was typed wrongly is said, and nothing is shown for it."""
    faults: dict[str, str] = {}
    page = None
    try:
        page = trail.read(_asked(), by=guards.current_staff())
    except Refused as refused:
        faults = dict(refused.faults)
    return _drawn(page, faults), 422 if faults else 200


@bp.get("/trail.csv")
@needs(*trail.READERS)
def download_trail() -> ResponseReturnValue:
    """Give the same as a file, newest first."""
    try:
        page = trail.take(_asked(), by=guards.current_staff())
    except Refused:
        return redirect(url_for(".show_trail", **_typed()))
    written = io.StringIO()
    out = csv.writer(written, lineterminator="\r\n")
    out.writerow(HEADER)
    out.writerows([neutral(cell) for cell in _row(one)] for one in page.lines)
    if page.after:
        out.writerow(("", "", "", CUT, "", ""))
    headers = {"Content-Disposition": 'attachment; filename="audit-trail.csv"'}
    return Response(written.getvalue(), mimetype="text/csv", headers=headers)


def say(name: str, code: str) -> str:
    """Return what to do about a fault of the filter."""
    return {
        ("actor", "unknown"): _("Choose somebody from the list."),
        ("since", "day"): _("Write the day as YYYY-MM-DD, or choose it."),
        ("until", "day"): _("Write the day as YYYY-MM-DD, or choose it."),
        ("until", "early"): _("Choose a last day that is not before the first."),
        ("before", "unknown"): _("This part is not there. Begin again at the newest."),
    }[name, code]


def _drawn(page: Page | None, faults: dict[str, str]) -> str:
    people = staff.list_staff()
    return drawing.draw(
        "desk/trail/list.html",
        page=page,
        chain=trail.chain(),
        people=people,
        names={one.number: one.name for one in people},
        typed=_typed(),
        most=trail.MOST_IN_FILE,
        faults=faults,
        say=say,
    )


def _typed() -> dict[str, Any]:
    return {field: request.args.get(field, "") for field in FIELDS}


def _asked() -> Asked:
    return trail.asked(*(request.args.get(field, "") for field in (*FIELDS, "before")))


def _row(line: Line) -> tuple[str, ...]:
    entry = line.entry
    told = ERASED if line.is_erased else "; ".join(f"{name}={value}" for name, value in line.details or ())
    return str(entry.id), entry.at.isoformat(timespec="seconds"), entry.actor, entry.action, entry.record, told
