"""Reports that could not be opened or read, and what their reporters wrote since."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing, message_words, numbers
from hotline.blueprints.guards import needs, redraws
from hotline.models.report import Report
from hotline.rules import asking
from hotline.rules.messages import MAX_LENGTH
from hotline.services import intake, messages
from hotline.transactions import commits
from hotline.vocabulary import Concern, Role

bp = Blueprint("reports", __name__, url_prefix="/reports")


@bp.get("/unread")
@needs(Role.ANALYST, Role.REVIEWER)
def show_unread() -> ResponseReturnValue:
    """Show the reports that nobody could open or read, page by page: none is ever dropped."""
    found = intake.list_unread(after=request.args.get("after", ""))
    talks = messages.talks([one.receipt_tag for one in found.rows])
    return drawing.draw(
        "desk/reports/unread.html",
        unread=found.rows,
        next_page=url_for(".show_unread", after=found.next) if found.next else "",
        written={one.inbox_id.hex(): talks[one.receipt_tag].waiting for one in found.rows},
        still=request.args.get("still", ""),
        why=_why,
        advice=_advice,
    )


@bp.get("/unread/<ref>")
@needs(Role.ANALYST, Role.REVIEWER)
def show_unread_report(ref: str) -> ResponseReturnValue:
    """Show what the reporter of an unread report wrote. Opened since, it still shows: an answer may be half typed."""
    kept = intake.get_kept(ref)
    return drawing.draw(
        "desk/reports/page.html",
        ref=ref,
        kept=kept,
        report=kept if isinstance(kept, Report) else None,
        why=_why,
        advice=_advice,
        talk=messages.read(kept.receipt_tag, Concern.REPORT, intake.subject(kept), by=guards.current_staff()),
        typed=request.form,
        say=message_words.say,
        longest=MAX_LENGTH,
        asks=asking.find(request.form.get("text", "")),
        asks_for=message_words.asks_for,
        meant=message_words.meant(request.form),
    )


@bp.post("/unread/<ref>/again")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def read_again(ref: str) -> ResponseReturnValue:
    """Try once more to open a report; once it opens, its items stand in the queue."""
    worked = intake.read_again(intake.get_unread(ref), by=guards.current_staff())
    if worked:
        flash(_("It opened: its items are in the queue."))
    return htmx.go(url_for(".show_unread", still=None if worked else ref))


@bp.post("/unread/<ref>/answer")
@needs(Role.ANALYST, Role.REVIEWER)
@redraws(show_unread_report)
@commits
def answer_reporter(ref: str) -> ResponseReturnValue:
    """Write to the reporter of a report that nobody could read."""
    kept = intake.get_kept(ref)
    messages.answer(
        kept.receipt_tag,
        Concern.REPORT,
        intake.subject(kept),
        request.form.get("text", ""),
        checked="checked" in request.form,
        seen=request.form.get("seen", 0, type=numbers.read),
        by=guards.current_staff(),
        asking=message_words.meant(request.form),
    )
    flash(_("Your answer is on its way. The reporter reads it with the receipt code."))
    return htmx.go(url_for(".show_unread_report", ref=ref))


@bp.post("/unread/<ref>/settle")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def settle_messages(ref: str) -> ResponseReturnValue:
    """Note that the messages about a report that nobody could read need no answer."""
    kept = intake.get_kept(ref)
    seen = request.form.get("seen", 0, type=numbers.read)
    messages.settle(kept.receipt_tag, Concern.REPORT, intake.subject(kept), seen=seen, by=guards.current_staff())
    flash(_("Marked as read. No answer is owed."))
    return htmx.go(url_for("desk.messages.show_waiting"))


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
