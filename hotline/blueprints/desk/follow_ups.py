"""Following a letter: reminding now, letting nobody be reminded, and writing to somebody who stands above."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk.notices import show_notice
from hotline.blueprints.guards import CASE_ROLES, needs, redraws
from hotline.services import notices, reminders
from hotline.transactions import commits
from hotline.vocabulary import NoticeStatus

bp = Blueprint("follow_ups", __name__, url_prefix="/notices/<ref>")


@bp.post("/remind")
@needs(*CASE_ROLES)
@redraws(show_notice)
@commits
def remind_now(ref: str) -> ResponseReturnValue:
    """Write the reminder of a letter now, and go and read it."""
    person = guards.current_staff()
    reminder = reminders.remind_now(notices.get(ref, by=person), by=person)
    if reminder.status is NoticeStatus.DRAFT:
        flash(_("The reminder is a draft: a reviewer reads and approves it."))
    elif reminder.not_before is not None:
        flash(_("The reminder is written. It goes after quiet hours."))
    else:
        flash(_("The reminder is on its way."))
    return htmx.go(url_for("desk.notices.show_notice", ref=reminder.ref))


@bp.post("/escalate")
@needs(*CASE_ROLES)
@redraws(show_notice)
@commits
def escalate(ref: str) -> ResponseReturnValue:
    """Draft a letter to somebody who stands above the recipient, and go and read it."""
    person = guards.current_staff()
    drafted = reminders.escalate(notices.get(ref, by=person), request.form.get("above", ""), by=person)
    flash(_("Drafted. A reviewer reads and approves it."))
    return htmx.go(url_for("desk.notices.show_notice", ref=drafted.ref))


@bp.post("/pause")
@needs(*CASE_ROLES)
@redraws(show_notice)
@commits
def pause(ref: str) -> ResponseReturnValue:
    """Let nobody be reminded of a letter, with a reason."""
    person = guards.current_staff()
    reminders.pause(notices.get(ref, by=person), request.form.get("reason", ""), by=person)
    flash(_("Nobody is reminded of it until somebody lets it go on."))
    return htmx.go(url_for("desk.notices.show_notice", ref=ref))


@bp.post("/go-on")
@needs(*CASE_ROLES)
@redraws(show_notice)
@commits
def go_on(ref: str) -> ResponseReturnValue:
    """Let a recipient's time go on."""
    person = guards.current_staff()
    reminders.go_on(notices.get(ref, by=person), by=person)
    flash(_("Their time goes on."))
    return htmx.go(url_for("desk.notices.show_notice", ref=ref))
