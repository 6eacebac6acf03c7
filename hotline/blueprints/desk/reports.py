"""Reports that could not be opened or read."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing
from hotline.blueprints.guards import needs
from hotline.services import intake
from hotline.transactions import commits
from hotline.vocabulary import Role

bp = Blueprint("reports", __name__, url_prefix="/reports")


@bp.get("/unread")
@needs(Role.ANALYST, Role.REVIEWER)
def show_unread() -> ResponseReturnValue:
    """Show the reports that nobody could open or read: none is ever dropped."""
    still = request.args.get("still", "")
    return drawing.draw("desk/reports/unread.html", unread=intake.list_unread(), still=still, why=_why, advice=_advice)


@bp.post("/unread/<ref>/again")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def read_again(ref: str) -> ResponseReturnValue:
    """Try once more to open a report; once it opens, its items stand in the queue."""
    worked = intake.read_again(intake.get_unread(ref), by=guards.current_staff())
    if worked:
        flash(_("It opened: its items are in the queue."))
    return htmx.go(url_for(".show_unread", still=None if worked else ref))


def _why(fault: str) -> str:
    """Say what stood in the way, by the class of the error."""
    return {
        "KeyMissing": _("The key it is sealed to is not on this computer."),
        "Unreadable": _("It does not open: it is damaged, or was changed after it was sealed."),
    }.get(fault) or _("It opens, but what is inside cannot be read (%(fault)s).", fault=fault)


def _advice(fault: str) -> str:
    """Say what to do about it."""
    return {
        "KeyMissing": _("Ask the admin to put the key file back and start the desk anew. Then try again."),
        "Unreadable": _("Ask the admin whether a backup holds it. It is kept as it came."),
    }.get(fault) or _("Tell the admin: the program has to be mended. Then try again.")
