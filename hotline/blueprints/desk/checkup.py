"""Whether all is well, on one page: the same lines as `flask doctor`. Nothing here opens a report or an address."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from hotline import clock
from hotline.blueprints.desk import checkup_words, drawing
from hotline.blueprints.guards import needs
from hotline.rules import checkup as rules
from hotline.services import checkup
from hotline.vocabulary import Role

bp = Blueprint("checkup", __name__, url_prefix="/admin/health")

READERS = (Role.ADMIN, Role.MANAGER)


@bp.get("")
@needs(*READERS)
def show_health() -> ResponseReturnValue:
    """Look at every part now, and show what was found, what is wrong first."""
    found = checkup.run()
    return drawing.draw(
        "desk/checkup/page.html",
        worst=rules.worst(found),
        lines=[checkup_words.tell(one) for one in rules.in_order(found)],
        at=clock.now(),
    )
