"""What assessors judge by, version by version: read by those who judge, written by a manager; and the law beside it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from flask import Blueprint, flash, g, make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import criteria_words, drawing
from hotline.blueprints.guards import CASE_ROLES, needs, redraws
from hotline.errors import Overtaken
from hotline.rules import criteria as rule
from hotline.services import criteria, labels
from hotline.transactions import commits
from hotline.vocabulary import Language, Role

bp = Blueprint("criteria", __name__, url_prefix="/criteria")
READERS = (*CASE_ROLES, Role.MANAGER)
P = ParamSpec("P")


def shows_newer(view: Callable[P, Any]) -> Callable[P, Any]:
    """Answer a version that was written beside a newer one with both: what was typed, and what differs by now."""

    @wraps(view)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> Any:
        try:
            return view(*args, **kwargs)
        except Overtaken as late:
            g.overtaken = True
            return make_response(_draw_form()), late.status

    return wrapper


@bp.get("")
@needs(*READERS)
def show_criteria() -> ResponseReturnValue:
    """Show the version in force, and which there were."""
    versions = criteria.list_all()
    return drawing.draw(
        "desk/criteria/page.html", shown=versions[0], versions=versions, label_set=labels.current(), **_words()
    )


@bp.get("/law")
@needs(*READERS)
def show_law() -> ResponseReturnValue:
    """Show what is known of the articles, with what is not settled about each."""
    return drawing.draw("desk/criteria/law.html")


@bp.get("/new")
@needs(Role.MANAGER)
def show_form() -> ResponseReturnValue:
    """Show the texts in force, to be written anew as the next version."""
    return _draw_form()


@bp.post("/preview")
@needs(Role.MANAGER)
def preview_version() -> ResponseReturnValue:
    """Show what would differ. Nothing is kept."""
    return _draw_form(is_preview=True)


preview_version.__dict__["writes_nothing"] = True


@bp.post("/new")
@needs(Role.MANAGER)
@redraws(show_form)
@shows_newer
@commits
def publish_version() -> ResponseReturnValue:
    """Put a new version in force. Forms that are open keep the version they were drawn with."""
    published = criteria.publish(
        _sent(), request.form.get("reason", ""), based_on=request.form.get("based_on", ""), by=guards.current_staff()
    )
    flash(
        _(
            "Version %(version)s is in force. Looks begun before keep the version they began with.",
            version=published.version,
        )
    )
    return htmx.go(url_for(".show_criteria"))


@bp.get("/labels")
@needs(Role.MANAGER)
def show_labels() -> ResponseReturnValue:
    """Ask for a table of labels."""
    return drawing.draw("desk/criteria/labels.html", typed=request.form, say=criteria_words.say_labels)


@bp.post("/labels")
@needs(Role.MANAGER)
@redraws(show_labels)
@commits
def load_labels() -> ResponseReturnValue:
    """Load a table of labels, all of it or none."""
    count = labels.load(request.form.get("labels", ""), by=guards.current_staff())
    flash(ngettext("%(num)s label is loaded.", "%(num)s labels are loaded.", count))
    return htmx.go(url_for(".show_criteria"))


@bp.get("/<version>")
@needs(*READERS)
def show_version(version: str) -> ResponseReturnValue:
    """Show one version, and what it changed."""
    shown = criteria.get(version)
    older = [one for one in criteria.list_all() if int(one.version) < int(shown.version)]
    changes = rule.changes(older[0].texts, shown.texts) if older else ()
    return drawing.draw("desk/criteria/version.html", shown=shown, changes=changes, **_words())


def _draw_form(*, is_preview: bool = False) -> str:
    in_force = criteria.in_force()
    texts = _sent() if request.method == "POST" else in_force.texts
    return drawing.draw(
        "desk/criteria/form.html",
        shown=in_force,
        texts=texts,
        typed=request.form,
        changes=rule.changes(in_force.texts, texts) if request.method == "POST" else (),
        is_preview=is_preview,
        is_overtaken=bool(g.get("overtaken")),
        languages=tuple(Language),
        field_of=rule.field_of,
        text_of=rule.text_of,
        longest=rule.LONGEST,
        **_words(),
    )


def _sent() -> dict[str, dict[str, str]]:
    sent = request.form
    return {
        key: {
            language: sent.get(rule.field_of(key, language), "").replace("\r\n", "\n").strip() for language in Language
        }
        for key in rule.KEYS
    }


def _words() -> dict[str, Any]:
    return {
        "groups": rule.GROUPS,
        "parts": rule.PARTS,
        "group_name": criteria_words.group,
        "part_name": criteria_words.part,
        "key_name": criteria_words.key,
        "say": criteria_words.say,
    }
