"""Answering a recipient that asked for more, in a letter of its own."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing, supplement_words
from hotline.blueprints.guards import CASE_ROLES, needs, redraws
from hotline.models.reply import Reply
from hotline.services import notices, replies, supplements
from hotline.transactions import commits

bp = Blueprint("supplements", __name__, url_prefix="/notices/<ref>/answers/<int(max=2147483647):number>/more")


@bp.get("")
@needs(*CASE_ROLES)
def new_supplement(ref: str, number: int) -> ResponseReturnValue:
    """Ask what a recipient is told that asked for more, beside its question; opening that is on record."""
    reply = _of(ref, number)
    return drawing.draw(
        "desk/supplements/new.html",
        notice=reply.notice,
        reply=reply,
        said=replies.read(reply, by=guards.current_staff()),
        asked=supplements.asked(reply),
        words=request.form.get("words", supplements.words_before(reply)),
        longest=supplements.MOST_WORDS,
        say=supplement_words.say,
    )


@bp.post("")
@needs(*CASE_ROLES)
@redraws(new_supplement)
@commits
def draft_supplement(ref: str, number: int) -> ResponseReturnValue:
    """Draft the letter, and go and read it."""
    drafted = supplements.draft(_of(ref, number), request.form.get("words", ""), by=guards.current_staff())
    flash(_("Drafted. A reviewer reads and approves it."))
    return htmx.go(url_for("desk.notices.show_notice", ref=drafted.ref))


def _of(ref: str, number: int) -> Reply:
    person = guards.current_staff()
    return replies.get(notices.get(ref, by=person), number, by=person)
