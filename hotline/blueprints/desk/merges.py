"""Merging an item into another that shows the same: asked about first, and undone by a reviewer."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing, merge_words
from hotline.blueprints.guards import needs, redraws
from hotline.services import items, merges
from hotline.transactions import commits
from hotline.vocabulary import Role

bp = Blueprint("merges", __name__, url_prefix="/items")


@bp.get("/<ref>/merge")
@needs(Role.ANALYST, Role.REVIEWER)
def ask_merge(ref: str) -> ResponseReturnValue:
    """Show an item beside the one it may be merged into. Both addresses are read on record."""
    person = guards.current_staff()
    item = items.get(ref, by=person)
    typed = request.values.get("into", "").strip()
    other = items.find(typed.upper(), by=person)
    return drawing.draw(
        "desk/items/merge.html",
        item=item,
        opened=items.read(item, by=person),
        into=other,
        into_opened=items.read(other, by=person) if other else None,
        typed=typed,
        say=merge_words.say,
    )


@bp.post("/<ref>/merge")
@needs(Role.ANALYST, Role.REVIEWER)
@redraws(ask_merge)
@commits
def merge_item(ref: str) -> ResponseReturnValue:
    """Merge an item into another, and go on there."""
    person = guards.current_staff()
    into = merges.merge(items.get(ref, by=person), request.form.get("into", ""), by=person)
    flash(_("%(ref)s is merged: its reports count here now.", ref=ref))
    return htmx.go(url_for("desk.items.show_item", ref=into.ref))


@bp.post("/<ref>/undo-merge")
@needs(Role.REVIEWER)
@commits
def undo_merge(ref: str) -> ResponseReturnValue:
    """Undo the merge of an item; it is in the queue again."""
    person = guards.current_staff()
    into = merges.undo(items.get(ref, by=person), by=person)
    flash(_("%(ref)s stands by itself again and is in the queue. It was merged into %(into)s.", ref=ref, into=into.ref))
    return htmx.go(url_for("desk.items.show_item", ref=ref))
