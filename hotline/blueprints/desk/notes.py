"""Notes of the team on an item."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import dossier
from hotline.blueprints.guards import needs, redraws
from hotline.models.item import Item
from hotline.services import items, notes
from hotline.transactions import commits
from hotline.vocabulary import ItemStatus, Role

bp = Blueprint("notes", __name__, url_prefix="/items")
MOST = 200


@bp.get("/<ref>/notes")
@needs(Role.ANALYST, Role.REVIEWER)
def show_notes(ref: str) -> ResponseReturnValue:
    """Show all notes on an item that this person may read. It is recorded as a read."""
    item = items.get(ref, by=guards.current_staff())
    items.read(item, by=guards.current_staff())
    return _draw(item, most=MOST)


@bp.post("/<ref>/notes")
@needs(Role.ANALYST, Role.REVIEWER)
@redraws(show_notes)
@commits
def add_note(ref: str) -> ResponseReturnValue:
    """Write a note on an item."""
    item = items.get(ref, by=guards.current_staff())
    notes.add(item, request.form.get("text", ""), by=guards.current_staff())
    if htmx.wants_part():
        return _draw(item, most=dossier.NOTES)
    flash(_("The note is saved."))
    is_second = item.status is ItemStatus.IN_REVIEW and item.reviewer_id == guards.current_staff().id
    return htmx.go(url_for("desk.reviews.show_review" if is_second else "desk.items.show_item", ref=ref))


def _draw(item: Item, *, most: int) -> ResponseReturnValue:
    context = dossier.notes_on(item, by=guards.current_staff(), most=most)
    return htmx.page_or_partial("desk/items/notes.html", "desk/items/_notes.html", item=item, **context)
