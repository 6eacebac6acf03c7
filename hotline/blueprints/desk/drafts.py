"""Keeping what is typed of a look before it is handed in: as one types with script, by a button without."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from flask import Blueprint, flash, g, make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing, findings_form, numbers, reviews
from hotline.blueprints.desk import items as item_pages
from hotline.blueprints.guards import carries, needs
from hotline.errors import Overtaken, Refused
from hotline.models.item import Item
from hotline.services import drafts, items
from hotline.transactions import commits
from hotline.vocabulary import ItemStatus, Role

bp = Blueprint("drafts", __name__, url_prefix="/items")
P = ParamSpec("P")


def loses_nothing(view: Callable[P, Any]) -> Callable[P, Any]:
    """Answer a draft that cannot be kept with everything that was typed, and with what stands in its place."""

    @wraps(view)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> Any:
        try:
            return view(*args, **kwargs)
        except Overtaken as late:
            g.overtaken = True
            return _both(str(request.view_args and request.view_args["ref"])), late.status, _into_its_place()
        except Refused as refusal:
            g.faults = dict(refusal.faults)
            return _both(str(request.view_args and request.view_args["ref"])), refusal.status, _into_its_place()

    return wrapper


@bp.post("/<ref>/draft")
@needs(Role.ANALYST, Role.REVIEWER)
@carries
@loses_nothing
@commits
def save_draft(ref: str) -> ResponseReturnValue:
    """Keep what is typed of a look that is in this person's hands."""
    person = guards.current_staff()
    item = items.get(ref, by=person)
    chosen = "keep" in request.form
    drafts.save(item, findings_form.fields(), window=_window(item, chosen=chosen), by=person, chosen=chosen)
    if htmx.wants_part():
        return _line(item)
    flash(_("Draft saved."))
    return htmx.go(_page_of(item))


def _window(item: Item, *, chosen: bool) -> drafts.Window:
    """Return the window a draft comes from. Who has seen both drafts knows of the stored one."""
    window = findings_form.window()
    seen = request.form.get("keep", type=numbers.read)
    return drafts.Window(window.mark, seen, window.criteria) if chosen and seen is not None else window


def _both(ref: str) -> ResponseReturnValue:
    item = items.get(ref, by=guards.current_staff())
    if htmx.wants_part():
        return _line(item)
    second = item.status is ItemStatus.IN_REVIEW
    return make_response(reviews.show_review(ref) if second else item_pages.show_item(ref))


def _line(item: Item) -> str:
    """Draw the line about the draft alone."""
    kept = drafts.find(item, by=guards.current_staff())
    told = findings_form.draft_context(kept, request.form)
    window = findings_form.window()
    if kept and not told["came_too_late"] and not guards.faults():
        window = drafts.Window(window.mark, kept.revision, window.criteria)
    return drawing.draw("desk/items/_draft.html", item=item, window=window, say=findings_form.say, **told)


def _into_its_place() -> dict[str, str]:
    """Lead htmx to the line about the draft, which other faults do not go to."""
    return {"HX-Retarget": "[data-draft]", "HX-Reswap": "innerHTML"} if htmx.wants_part() else {}


def _page_of(item: Item) -> str:
    if item.status is ItemStatus.IN_REVIEW:
        return url_for("desk.reviews.show_review", ref=item.ref)
    return url_for("desk.items.show_item", ref=item.ref)
