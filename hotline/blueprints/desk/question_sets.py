"""What is asked in a needs assessment, version by version: read by victim support, written by a manager."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing, numbers, question_set_words
from hotline.blueprints.guards import needs, redraws, shows_newer
from hotline.errors import Refused
from hotline.rules import needs as rule
from hotline.services import question_sets
from hotline.transactions import commits
from hotline.vocabulary import Language, Need, Role

bp = Blueprint("question_sets", __name__, url_prefix="/victims/questions")
READERS = (Role.VICTIM_SUPPORT, Role.MANAGER)


@bp.get("")
@needs(*READERS)
def show_questions() -> ResponseReturnValue:
    """Show the version in force, and which there were."""
    versions = question_sets.list_all()
    return drawing.draw("desk/question_sets/page.html", shown=versions[0], versions=versions, domains=tuple(Need))


@bp.get("/new")
@needs(Role.MANAGER)
def show_form() -> ResponseReturnValue:
    """Show the questions in force, to be written anew as the next version."""
    return _draw_form()


@bp.post("/preview")
@needs(Role.MANAGER)
@redraws(show_form)
def preview_questions() -> ResponseReturnValue:
    """Show what would differ. Nothing is kept."""
    _questions()
    return _draw_form(is_preview=True)


preview_questions.__dict__["writes_nothing"] = True


@bp.post("/new")
@needs(Role.MANAGER)
@redraws(show_form)
@shows_newer(show_form)
@commits
def publish_questions() -> ResponseReturnValue:
    """Put a new version in force. Assessments that were begun keep the version they began with."""
    published = question_sets.publish(
        _questions(),
        request.form.get("reason", ""),
        based_on=request.form.get("based_on", type=numbers.read),
        by=guards.current_staff(),
    )
    flash(
        _(
            "Version %(version)s is in force. Assessments begun before keep the version they began with.",
            version=published.version,
        )
    )
    return htmx.go(url_for(".show_questions"))


@bp.get(f"/<int(max={numbers.HIGHEST}):version>")
@needs(*READERS)
def show_version(version: int) -> ResponseReturnValue:
    """Show one version, and what it changed."""
    shown = question_sets.get(version)
    older = question_sets.get(version - 1) if version > question_sets.FIRST else None
    changes = rule.changes(older.questions, shown.questions) if older else ()
    return drawing.draw("desk/question_sets/version.html", shown=shown, changes=changes, domains=tuple(Need))


def _draw_form(*, is_preview: bool = False) -> str:
    in_force, was_sent = question_sets.in_force(), request.method == "POST"
    typed, _faults = rule.typed_questions(request.form)
    fields = {
        rule.field_of(need, one): "\n".join(rule.in_language(in_force.questions, need, one))
        for need in Need
        for one in Language
    }
    return drawing.draw(
        "desk/question_sets/form.html",
        shown=in_force,
        texts=request.form if was_sent else fields,
        typed=request.form,
        changes=rule.changes(in_force.questions, typed) if was_sent else (),
        is_preview=is_preview,
        is_overtaken=guards.overtaken(),
        domains=tuple(Need),
        languages=tuple(Language),
        field_of=rule.field_of,
        most=rule.MOST_QUESTIONS,
        say=question_set_words.say,
    )


def _questions() -> rule.Questions:
    questions, wrong = rule.typed_questions(request.form)
    if wrong:
        raise Refused(*wrong)
    return questions
