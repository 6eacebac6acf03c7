"""Action points: what somebody agreed to do after a consultation. Everybody sees their own."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import consultation_words, drawing, stakeholder_words
from hotline.blueprints.guards import needs, redraws
from hotline.services import action_points, consultations, duties, stakeholders
from hotline.services.action_points import Point
from hotline.transactions import commits
from hotline.vocabulary import PointState, Role

bp = Blueprint("action_points", __name__, url_prefix="/practice/points")
POINT = "/<int(max=2147483647):number>"
ENDS = (PointState.DONE, PointState.DROPPED)


@bp.get("")
@needs(*Role)
def show_points() -> ResponseReturnValue:
    """Show a person what they have to do, soonest first."""
    person = guards.current_staff()
    return drawing.draw("desk/consultations/points.html", points=action_points.mine(by=person), most=action_points.MOST)


@bp.get(POINT)
@needs(*Role)
def show_point(number: int) -> ResponseReturnValue:
    """Show one action point to its owner, or to who keeps consultations."""
    person = guards.current_staff()
    point = _point(number)
    keeps = person.has(*duties.KEEPERS)
    those = stakeholders.list_all(by=person) if keeps else []
    organisations = [(each.ref, stakeholder_words.name(each)) for each in those if each.active]
    return drawing.draw(
        "desk/consultations/point.html",
        point=point,
        clock=action_points.clock_of(point.row),
        keeps=keeps,
        ends=ENDS,
        owners=stakeholder_words.people(action_points.owners()) + organisations,
        typed=request.form,
        name_of=stakeholder_words.name,
        say=consultation_words.say,
    )


@bp.post(f"{POINT}/end")
@needs(*Role)
@redraws(show_point)
@commits
def end_point(number: int) -> ResponseReturnValue:
    """Note that it was done, or dropped."""
    person = guards.current_staff()
    point = action_points.get(number, by=person)
    action_points.end(point, request.form.get("state", ""), request.form.get("note", ""), by=person)
    flash(_("Noted."))
    return htmx.go(url_for(".show_point", number=number))


@bp.post(f"{POINT}/owner")
@needs(*consultations.KEEPERS)
@redraws(show_point)
@commits
def hand_point(number: int) -> ResponseReturnValue:
    """Let somebody else do it."""
    person = guards.current_staff()
    action_points.hand(action_points.get(number, by=person), request.form.get("owner", ""), by=person)
    flash(_("Handed over."))
    return htmx.go(url_for(".show_point", number=number))


def _point(number: int) -> Point:
    return action_points.opened(action_points.get(number, by=guards.current_staff()))
