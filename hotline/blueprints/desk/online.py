"""Is it still there? What waits for a person's eyes, what they saw, and closing what is gone. No address opens here."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug import Response

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing, online_words
from hotline.blueprints.desk.items import show_item
from hotline.blueprints.guards import needs, redraws
from hotline.errors import Refused
from hotline.services import items, online, watch_rows, watches
from hotline.transactions import commits
from hotline.vocabulary import CheckResult, ItemStatus, Role

bp = Blueprint("online", __name__)
PEOPLE = (Role.ANALYST, Role.REVIEWER)
MOVED, LIST = "moved", "list"


@bp.get("/online")
@needs(*PEOPLE)
def show_list() -> ResponseReturnValue:
    """Show which addresses wait for somebody to look whether they are gone."""
    return drawing.draw(
        "desk/online/list.html",
        found=online.to_look_at(by=guards.current_staff()),
        most=online.MOST,
        saw=online_words.saw,
        watch=watch_rows.state(),
    )


@bp.post("/items/<ref>/online/look")
@needs(*PEOPLE)
@redraws(show_item)
@commits
def note_look(ref: str) -> ResponseReturnValue:
    """Note what a person has seen of an address, outside the portal."""
    item, result = items.get(ref, by=guards.current_staff()), request.form.get("result", "")
    if result != MOVED and result not in set(CheckResult):
        raise Refused(("result", "required"))
    moved = result == MOVED
    seen = CheckResult.GONE if moved else CheckResult(result)
    online.seen(item, seen, moved=moved, by=guards.current_staff())
    flash(_said(seen, item.status))
    return _back(ref)


@bp.post("/items/<ref>/online/close")
@needs(*PEOPLE)
@redraws(show_item)
@commits
def close_item(ref: str) -> ResponseReturnValue:
    """Close an item as gone."""
    item = items.get(ref, by=guards.current_staff())
    online.close(item, request.form.get("ending", ""), request.form.get("ending_reason", ""), by=guards.current_staff())
    flash(_("Closed. Who waits for it is told."))
    return _back(ref)


@bp.post("/items/<ref>/online/back")
@needs(*PEOPLE)
@commits
def open_again(ref: str) -> ResponseReturnValue:
    """Open an item again that was closed as gone and is there again."""
    item, same = items.get(ref, by=guards.current_staff()), request.form.get("what") == "same"
    online.is_back(item, same=same, by=guards.current_staff())
    flash(
        _("It is open again, and its hosts have their time anew.")
        if same
        else _("It is in the queue: people look as at something new.")
    )
    return _back(ref)


@bp.get("/online/watch")
@needs(*watches.ROLES)
def show_watch() -> ResponseReturnValue:
    """Show whether a program may look too, and what it does. No address is on this page."""
    return drawing.draw(
        "desk/online/watch.html",
        watch=watch_rows.state(),
        is_proxy_away=watches.is_proxy_away(),
        switches=watches.list_switches(),
    )


@bp.post("/online/watch")
@needs(*watches.ROLES)
@commits
def switch_watch() -> ResponseReturnValue:
    """Switch the looks by program on or off."""
    is_on = request.form.get("on") == "yes"
    watches.switch(is_on=is_on, by=guards.current_staff())
    flash(_("Switched on. The first looks come within minutes.") if is_on else _("Switched off."))
    return htmx.go(url_for(".show_watch"))


def _back(ref: str) -> Response:
    there = url_for(".show_list") if request.form.get("from") == LIST else url_for("desk.items.show_item", ref=ref)
    return htmx.go(there)


def _said(seen: CheckResult, status: ItemStatus) -> str:
    if seen is CheckResult.UP:
        return _("Noted: it is still there.")
    if seen is CheckResult.UNSURE:
        return _("Noted. Somebody looks again.") if status is ItemStatus.MONITORING else _("Noted.")
    return _("Noted: it is gone. Once that was seen twice, some hours apart, it can be closed.")
