"""What came back on a notice: read, sorted, seen to, and noted where it came by telephone."""

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing, reply_words
from hotline.blueprints.guards import CASE_ROLES, needs, redraws
from hotline.models.notice import Notice
from hotline.models.reply import Reply
from hotline.rules.replies import MOST_WORDS
from hotline.services import appeals, exchange_course, notices, replies
from hotline.transactions import commits
from hotline.vocabulary import Answer

bp = Blueprint("replies", __name__, url_prefix="/notices/<ref>/answers")


@bp.get("/<int(max=2147483647):number>")
@needs(*CASE_ROLES)
def show_reply(ref: str, number: int) -> ResponseReturnValue:
    """Show what an answer says; opening it is on record."""
    notice, reply = _of(ref, number)
    return drawing.draw(
        "desk/replies/page.html",
        notice=notice,
        reply=reply,
        said=replies.read(reply, by=guards.current_staff()),
        advice=reply_words.advice(reply, notice),
        opened=appeals.of_reply(reply),
        may_sort=replies.may_sort(reply),
        offer=exchange_course.offer_of(notice),
        **_form(),
    )


@bp.post("/<int(max=2147483647):number>/read")
@needs(*CASE_ROLES)
@commits
def mark_read(ref: str, number: int) -> ResponseReturnValue:
    """Note that somebody has seen to an answer."""
    _notice, reply = _of(ref, number)
    replies.mark_read(reply, by=guards.current_staff())
    flash(_("Noted. Nobody is asked to read it any more."))
    return htmx.go(url_for("desk.notices.show_notice", ref=ref))


@bp.post("/<int(max=2147483647):number>/sort")
@needs(*CASE_ROLES)
@redraws(show_reply)
@commits
def sort_reply(ref: str, number: int) -> ResponseReturnValue:
    """Say what a mail answers."""
    _notice, reply = _of(ref, number)
    was = reply.answer
    replies.sort(reply, request.form.get("sort", ""), by=guards.current_staff())
    flash(_said(reply, was))
    return htmx.go(url_for(".show_reply", ref=ref, number=number))


@bp.get("/new")
@needs(*CASE_ROLES)
def new_reply(ref: str) -> ResponseReturnValue:
    """Ask what somebody answered who called, or wrote elsewhere."""
    notice = notices.get(ref, by=guards.current_staff())
    return drawing.draw("desk/replies/new.html", notice=notice, typed=request.form, **_form())


@bp.post("/new")
@needs(*CASE_ROLES)
@redraws(new_reply)
@commits
def note_reply(ref: str) -> ResponseReturnValue:
    """Note an answer that somebody of the team was told."""
    person, typed = guards.current_staff(), request.form
    notice = notices.get(ref, by=person)
    reply = replies.note(notice, typed.get("answer", ""), typed.get("words", ""), by=person)
    flash(_("Noted. The notice says so now."))
    return htmx.go(url_for(".show_reply", ref=ref, number=reply.id))


def _of(ref: str, number: int) -> tuple[Notice, Reply]:
    person = guards.current_staff()
    notice = notices.get(ref, by=person)
    return notice, replies.get(notice, number, by=person)


def _said(reply: Reply, was: Answer | None) -> str:
    """Say what a sorted answer changes: nothing where a newer one stands at the notice already."""
    if was is Answer.REMOVED and reply.answer is not Answer.REMOVED:
        return _("Noted. Its addresses are watched all the same, until somebody has looked whether they are gone.")
    newest = reply.notice.answered_at
    if newest is not None and newest > reply.came_at:
        return _("Noted. A newer answer stands at the notice.")
    return _("Noted. The notice says so now.")


def _form() -> dict[str, Any]:
    return {"answers": tuple(Answer), "longest": MOST_WORDS, "say": reply_words.say}
