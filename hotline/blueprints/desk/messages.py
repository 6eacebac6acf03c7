"""What reporters write, and the answers they get."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing, message_words, numbers
from hotline.blueprints.guards import needs, redraws
from hotline.rules import asking
from hotline.rules.messages import MAX_LENGTH
from hotline.services import case_links, contacts, items, messages
from hotline.transactions import commits
from hotline.vocabulary import Concern, Role

bp = Blueprint("messages", __name__, url_prefix="/messages")


@bp.get("")
@needs(Role.ANALYST, Role.REVIEWER)
def show_waiting() -> ResponseReturnValue:
    """Show the reports whose reporters wait for an answer, page by page."""
    after = request.args.get("after", type=numbers.read)
    found = messages.list_waiting(by=guards.current_staff(), most=messages.ROWS + 1, after=after)
    page = found[: messages.ROWS]
    next_page = url_for(".show_waiting", after=page[-1].first) if len(found) > len(page) else ""
    asked = case_links.list_unread(by=guards.current_staff())
    return drawing.draw("desk/messages/list.html", waiting=page, next_page=next_page, asked=asked)


@bp.get("/<ref>")
@needs(Role.ANALYST, Role.REVIEWER)
def show_conversation(ref: str) -> ResponseReturnValue:
    """Show what a reporter wrote and what was answered."""
    return _page(ref)


@bp.post("/<ref>/contact")
@needs(Role.ANALYST, Role.REVIEWER)
@guards.commits_apart
def show_contact(ref: str) -> ResponseReturnValue:
    """Show how to reach the reporter, to somebody who asks for it."""
    report = messages.get_report(ref, by=guards.current_staff())
    return _page(ref, contact=contacts.read(report, by=guards.current_staff()))


@bp.post("/<ref>/answer")
@needs(Role.ANALYST, Role.REVIEWER)
@redraws(show_conversation)
@commits
def answer_reporter(ref: str) -> ResponseReturnValue:
    """Write to the reporter of a report."""
    report = messages.get_report(ref, by=guards.current_staff())
    messages.answer(
        report.receipt_tag,
        Concern.REPORT,
        f"report {ref}",
        request.form.get("text", ""),
        checked="checked" in request.form,
        seen=request.form.get("seen", 0, type=numbers.read),
        by=guards.current_staff(),
        asking=message_words.meant(request.form),
    )
    flash(_("Your answer is on its way. The reporter reads it with the receipt code."))
    return htmx.go(url_for(".show_conversation", ref=ref, item=request.args.get("item") or None))


@bp.post("/<ref>/settle")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def settle_messages(ref: str) -> ResponseReturnValue:
    """Note that a reporter's messages need no answer."""
    report = messages.get_report(ref, by=guards.current_staff())
    seen = request.form.get("seen", 0, type=numbers.read)
    messages.settle(report.receipt_tag, Concern.REPORT, f"report {ref}", seen=seen, by=guards.current_staff())
    flash(_("Marked as read. No answer is owed."))
    return htmx.go(url_for(".show_waiting"))


def _page(ref: str, contact: str | None = None) -> str:
    person = guards.current_staff()
    report = messages.get_report(ref, by=person)
    return drawing.draw(
        "desk/messages/page.html",
        report=report,
        contact=contact,
        items=items.of_report(report),
        talk=messages.read(report.receipt_tag, Concern.REPORT, f"report {ref}", by=person),
        support=case_links.of_report(report, by=person),
        typed=request.form,
        say=message_words.say,
        longest=MAX_LENGTH,
        asks=asking.find(request.form.get("text", "")),
        asks_for=message_words.asks_for,
        meant=message_words.meant(request.form),
        from_item=items.find(request.args.get("item", ""), by=person),
    )
