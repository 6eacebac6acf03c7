"""Requests for help: victim support's inbox, which nobody else at the desk sees anything of."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing, message_words, numbers
from hotline.blueprints.guards import needs, redraws
from hotline.rules.messages import MAX_LENGTH
from hotline.services import case_access, help_requests, messages, victim_cases
from hotline.transactions import commits
from hotline.vocabulary import Concern, Role

bp = Blueprint("victims", __name__, url_prefix="/victims")


@bp.get("")
@needs(Role.VICTIM_SUPPORT)
def show_requests() -> ResponseReturnValue:
    """Show requests that are open, or those that are closed. The filter is in the address."""
    closed, after = request.args.get("show") == "closed", request.args.get("after", "")
    found = help_requests.list_requests(by=guards.current_staff(), closed=closed, after=after)
    return drawing.draw("desk/victims/list.html", found=found, closed=closed)


@bp.get("/<ref>")
@needs(Role.VICTIM_SUPPORT)
def show_request(ref: str) -> ResponseReturnValue:
    """Show what somebody asked for, how they can be reached safely, and what was written since.

    In a case of somebody else it opens with the case, for a reason.
    """
    person = guards.current_staff()
    if (closed := help_requests.case_of_others(ref, by=person)) is not None:
        return htmx.go(url_for("desk.case_access.ask_reason", ref=closed.ref))
    asked = help_requests.get(ref, by=person)
    case = victim_cases.of_request(asked, by=person)
    return drawing.draw(
        "desk/victims/page.html",
        help_request=asked,
        case=case,
        may_open_case=case is not None and case_access.may_open(case, by=person),
        opened=help_requests.read(asked, by=person),
        talk=messages.read(asked.receipt_tag, Concern.HELP, help_requests.subject(asked), by=person),
        typed=request.form,
        say=message_words.say,
        longest=MAX_LENGTH,
    )


@bp.post("/<ref>/claim")
@needs(Role.VICTIM_SUPPORT)
@commits
def claim_request(ref: str) -> ResponseReturnValue:
    """Take a request, so that two people do not answer it."""
    person = guards.current_staff()
    help_requests.claim(help_requests.get(ref, by=person), by=person)
    flash(_("%(ref)s is in your hands now: answer, or open a case.", ref=ref))
    return htmx.go(url_for(".show_request", ref=ref))


@bp.post("/<ref>/hand-back")
@needs(Role.VICTIM_SUPPORT)
@commits
def hand_request_back(ref: str) -> ResponseReturnValue:
    """Put a request back for somebody else. Nobody asks why."""
    person = guards.current_staff()
    help_requests.hand_back(help_requests.get(ref, by=person), by=person)
    flash(_("%(ref)s is free again for somebody else.", ref=ref))
    return htmx.go(url_for(".show_requests"))


@bp.post("/<ref>/close")
@needs(Role.VICTIM_SUPPORT)
@commits
def close_request(ref: str) -> ResponseReturnValue:
    """End a request."""
    person = guards.current_staff()
    help_requests.close(help_requests.get(ref, by=person), by=person)
    flash(_("%(ref)s is closed. If the person writes again, it comes back to the open ones.", ref=ref))
    return htmx.go(url_for(".show_requests"))


@bp.post("/<ref>/reopen")
@needs(Role.VICTIM_SUPPORT)
@commits
def reopen_request(ref: str) -> ResponseReturnValue:
    """Take up a closed request again."""
    person = guards.current_staff()
    help_requests.reopen(help_requests.get(ref, by=person), by=person)
    flash(_("%(ref)s is open again.", ref=ref))
    return htmx.go(url_for(".show_request", ref=ref))


@bp.post("/<ref>/answer")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_request)
@commits
def answer_request(ref: str) -> ResponseReturnValue:
    """Write to whoever sent a request."""
    person = guards.current_staff()
    asked = help_requests.get(ref, by=person)
    messages.answer(
        asked.receipt_tag,
        Concern.HELP,
        help_requests.subject(asked),
        request.form.get("text", ""),
        checked="checked" in request.form,
        seen=request.form.get("seen", 0, type=numbers.read),
        by=person,
    )
    flash(_("Your answer is on its way. The person reads it with the receipt code."))
    return htmx.go(url_for(".show_request", ref=ref))


@bp.post("/<ref>/settle")
@needs(Role.VICTIM_SUPPORT)
@commits
def settle_messages(ref: str) -> ResponseReturnValue:
    """Note that what somebody wrote needs no answer."""
    person = guards.current_staff()
    asked = help_requests.get(ref, by=person)
    seen = request.form.get("seen", 0, type=numbers.read)
    messages.settle(asked.receipt_tag, Concern.HELP, help_requests.subject(asked), seen=seen, by=person)
    flash(_("Marked as read. No answer is owed."))
    return htmx.go(url_for(".show_request", ref=ref))
