"""The first page of the desk: what is in my hands, and what waits."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from hotline import clock
from hotline.blueprints import guards
from hotline.blueprints.desk import drawing
from hotline.blueprints.guards import needs
from hotline.rules import standing
from hotline.services import assessments, claims, help_requests, notices, queue
from hotline.vocabulary import Role

bp = Blueprint("today", __name__)
MOST_LOOKS = 6


@bp.get("/")
@needs(*Role)
def show_today() -> ResponseReturnValue:
    """Show a person their day; who sees no addresses gets a page that says what they can do here."""
    person = guards.current_staff()
    if not person.has(*guards.CASE_ROLES):
        asked = help_requests.counts(by=person) if person.has(Role.VICTIM_SUPPORT) else None
        return drawing.draw("desk/today/other_roles.html", now=clock.now(), asked=asked)
    looks = [one for one in assessments.list_reviews(by=person) if one.reviewer_id is None]  # the others are in hand
    return drawing.draw(
        "desk/today/page.html",
        now=clock.now(),
        mine=[queue.row_of(item) for item in claims.list_mine(by=person)],
        first_looks=claims.count_first_looks(by=person),
        most_first_looks=standing.MOST_IN_HAND,
        looks=[queue.row_of(item) for item in looks[:MOST_LOOKS]],
        looks_count=len(looks),
        drafts=notices.list_waiting(by=person),
        troubled=notices.list_troubled(by=person),
        kept=notices.count_kept(by=person),
    )
