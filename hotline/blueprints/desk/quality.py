"""How far people agree, question by question, over months that one chooses. Nobody is named, and nobody is compared."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from hotline.blueprints import guards
from hotline.blueprints.desk import drawing, findings_form
from hotline.blueprints.guards import needs
from hotline.rules import charts
from hotline.rules.agreement import FEWEST
from hotline.services import quality
from hotline.vocabulary import Role

bp = Blueprint("quality", __name__, url_prefix="/quality")


@bp.get("")
@needs(Role.REVIEWER, Role.MANAGER)
def show_agreement() -> ResponseReturnValue:
    """Show agreement over the chosen months; over all there are where none are chosen, or what is no month."""
    person = guards.current_staff()
    months = quality.months(by=person)
    since, until = (request.args.get(name, "") for name in ("since", "until"))
    since = since if since in months else months[-1] if months else ""
    until = until if until in months else months[0] if months else ""
    return drawing.draw(
        "desk/quality/page.html",
        months=months,
        since=min(since, until),
        until=max(since, until),
        lines=quality.over(min(since, until), max(since, until), by=person),
        outside=quality.count_outside(min(since, until), max(since, until), by=person),
        question=findings_form.question,
        fewest=FEWEST,
        hundred=charts.share,
    )
