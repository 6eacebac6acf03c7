"""Looking anew at what was settled: a reviewer says why, and two people look as if for the first time."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk.items import show_item
from hotline.blueprints.guards import needs, redraws
from hotline.errors import Refused
from hotline.services import assessments, items
from hotline.transactions import commits
from hotline.vocabulary import CorrectionReason, ItemStatus, Role

bp = Blueprint("corrections", __name__, url_prefix="/items")


@bp.post("/<ref>/correct")
@needs(Role.REVIEWER)
@redraws(show_item)
@commits
def begin_correction(ref: str) -> ResponseReturnValue:
    """Begin a correction. What was found stays on record."""
    item = items.get(ref, by=guards.current_staff())
    reason = request.form.get("why", "")
    if reason not in set(CorrectionReason):
        raise Refused(("why", "required"))
    assessments.correct(item, CorrectionReason(reason), by=guards.current_staff())
    has_it = item.status is ItemStatus.ASSESSING
    flash(
        _("The correction has begun. Whoever gave the first look has it again.")
        if has_it
        else _("The correction has begun. The item is in the queue for a first look.")
    )
    return htmx.go(url_for("desk.items.show_item", ref=ref))
