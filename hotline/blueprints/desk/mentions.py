"""The reports that name an item, and what their reporters wrote, one at a time."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import dossier, drawing, numbers
from hotline.blueprints.guards import needs
from hotline.services import items, mentions
from hotline.vocabulary import Role

bp = Blueprint("mentions", __name__, url_prefix="/items")
MOST = 50


@bp.get("/<ref>/reports")
@needs(Role.ANALYST, Role.REVIEWER)
def show_reports(ref: str) -> ResponseReturnValue:
    """Show more of the reports that name an item, without anybody's words."""
    item = items.get(ref, by=guards.current_staff())
    found = dossier.reports_of(item, most=MOST, before=request.args.get("before", type=numbers.read))
    return drawing.draw("desk/items/reports.html", item=item, **found)


@bp.get("/<ref>/words/<report>")
@needs(Role.ANALYST, Role.REVIEWER)
def show_words(ref: str, report: str) -> ResponseReturnValue:
    """Show what one reporter wrote, to somebody who asks for it. Each time is recorded."""
    item = items.get(ref, by=guards.current_staff())
    words = mentions.words(item, report, by=guards.current_staff())
    return htmx.page_or_partial("desk/items/words.html", "desk/items/_words.html", item=item, words=words)
