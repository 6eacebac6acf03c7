"""A person's calendar of duties: its secret address, made and ended at /desk/me, and what a calendar reads there."""

from flask import Blueprint, Response, abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing
from hotline.blueprints.guards import needs
from hotline.config import settings
from hotline.services import calendar_feeds
from hotline.transactions import commits
from hotline.vocabulary import Role

bp = Blueprint("calendar_feeds", __name__)


@bp.get("/calendar/<token>.ics")
@guards.open_to_all
def show_calendar(token: str) -> ResponseReturnValue:
    """Answer a calendar that asks, in the secure room. No session: who knows the address may read."""
    person = calendar_feeds.find_person(token) or abort(404)
    answer = Response(calendar_feeds.written(person), mimetype="text/calendar")
    answer.add_etag()
    return answer.make_conditional(request)


@bp.post("/me/calendar")
@needs(*Role)
@commits
def make_feed() -> ResponseReturnValue:
    """Make a new address for one's calendar, and show it this once; the one before ends."""
    token = calendar_feeds.renew(guards.current_staff())
    where = settings().desk_url.rstrip("/") + url_for(".show_calendar", token=token)
    return drawing.draw("desk/me/calendar.html", where=where)


@bp.post("/me/calendar/end")
@needs(*Role)
@commits
def end_feed() -> ResponseReturnValue:
    """Let nobody ask for one's calendar any more."""
    calendar_feeds.end(guards.current_staff())
    flash(_("The address of your calendar is gone."))
    return htmx.go(url_for("desk.me.show_me"))
