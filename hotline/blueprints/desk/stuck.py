"""What is stuck, on one page: each line with why, since when, and the one thing to do next."""

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue

from hotline.blueprints import guards
from hotline.blueprints.desk import drawing, stuck_words
from hotline.blueprints.guards import needs
from hotline.services import items, stuck
from hotline.services.stuck import Part
from hotline.vocabulary import Role

bp = Blueprint("stuck", __name__, url_prefix="/stuck")


@bp.get("")
@needs(*stuck.READERS)
def show_stuck() -> ResponseReturnValue:
    """Show what is stuck: to who works on cases each line, to a manager counts alone. One part goes on page by page."""
    person = guards.current_staff()
    asked, after = request.args.get("part", ""), request.args.get("after", "")
    if asked and asked not in set(Part):
        abort(404)
    counts = stuck.counts()
    wanted = [Part(asked)] if asked else [part for part in Part if counts[part]]
    most = stuck.MOST_ALONE if asked else stuck.MOST
    sees_exchanges = person.has(Role.REVIEWER)
    parts = []
    for part in wanted:
        page = stuck.list_part(part, by=person, most=most, after=after if asked else "")
        told = [(line, stuck_words.tell(part, line, sees_exchanges=sees_exchanges)) for line in page.lines]
        parts.append((part, told, url_for(".show_stuck", part=part, after=page.next) if page.next else ""))
    return drawing.draw(
        "desk/stuck/page.html",
        counts=counts,
        most_counted=stuck.MOST_COUNTED,
        parts=parts,
        asked=asked,
        sees_lines=person.has(*items.CASE_ROLES),
        title_of=stuck_words.title,
        every=tuple(Part),
    )
