"""What stakeholders said in a year and what we did about it: written, read by a second person, and published."""

from collections.abc import Mapping
from functools import partial

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from hotline import jurisdiction
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import consultation_words, drawing, numbers, stakeholder_words
from hotline.blueprints.guards import needs, redraws, shows_newer
from hotline.models.consultation import ConsultationFeedback
from hotline.services import consultation_feedback
from hotline.transactions import commits
from hotline.vocabulary import Sector

bp = Blueprint("consultation_feedback", __name__, url_prefix="/practice/consultations/feedback")
READERS, KEEPERS = consultation_feedback.READERS, consultation_feedback.KEEPERS
PUBLISHERS = consultation_feedback.PUBLISHERS
YEAR = "/<int(min=2000,max=9999):year>"
TEXT = f"{YEAR}/<int(max=2147483647):number>"


@bp.get(YEAR)
@needs(*READERS)
def show_year(year: int) -> ResponseReturnValue:
    """Show what was written for a year, and a form for more."""
    person = guards.current_staff()
    rows = consultation_feedback.list_year(year, by=person)
    return drawing.draw(
        "desk/consultations/feedback.html",
        year=year,
        rows=rows,
        this_year=jurisdiction.today().year,
        may_keep=person.has(*KEEPERS),
        may_publish=person.has(*PUBLISHERS),
        sectors=stakeholder_words.choices(Sector),
        typed=request.form,
        longest=consultation_feedback.LONGEST,
        say=partial(consultation_words.say_of_year, {f"text-{one.id}": one for one in rows}),
    )


@bp.post(YEAR)
@needs(*KEEPERS)
@redraws(show_year)
@commits
def write_feedback(year: int) -> ResponseReturnValue:
    """Write a text."""
    consultation_feedback.write(year, request.form.get("sector", ""), _texts(), by=guards.current_staff())
    flash(_("Written. A second person has to read it before it can be published."))
    return htmx.go(url_for(".show_year", year=year))


@bp.post(f"{YEAR}/publish")
@needs(*PUBLISHERS)
@redraws(show_year)
@commits
def publish_year(year: int) -> ResponseReturnValue:
    """Publish what two people have read."""
    count = consultation_feedback.publish(year, by=guards.current_staff())
    flash(
        ngettext(
            "Published. The public reads %(num)s text of this year now.",
            "Published. The public reads %(num)s texts of this year now.",
            count,
        )
    )
    return htmx.go(url_for(".show_year", year=year))


@bp.get(TEXT)
@needs(*KEEPERS)
def show_text(year: int, number: int) -> ResponseReturnValue:
    """Show a text that nobody has approved, to be changed, approved or thrown away."""
    person = guards.current_staff()
    one = consultation_feedback.get(year, number, by=person)
    return drawing.draw(
        "desk/consultations/feedback_text.html",
        one=one,
        typed=request.form if "said_en" in request.form else _kept(one),
        sectors=stakeholder_words.choices(Sector),
        longest=consultation_feedback.LONGEST,
        overtaken=guards.overtaken(),
        may_publish=person.has(*PUBLISHERS),
        say=consultation_words.say,
    )


@bp.post(TEXT)
@needs(*KEEPERS)
@redraws(show_text)
@shows_newer(show_text)
@commits
def change_text(year: int, number: int) -> ResponseReturnValue:
    """Change a text."""
    person = guards.current_staff()
    one = consultation_feedback.get(year, number, by=person)
    sector = request.form.get("sector", "")
    consultation_feedback.change(one, sector, _texts(), version=_version(), by=person)
    flash(_("Saved. A second person has to read it before it can be published."))
    return htmx.go(url_for(".show_year", year=year))


@bp.post(f"{TEXT}/approve")
@needs(*KEEPERS)
@redraws(show_text)
@shows_newer(show_text)
@commits
def approve_text(year: int, number: int) -> ResponseReturnValue:
    """Approve a text as the second person."""
    person = guards.current_staff()
    one = consultation_feedback.get(year, number, by=person)
    consultation_feedback.approve(one, version=_version(), by=person)
    flash(_("Approved. It is published with the others of its year."))
    return htmx.go(url_for(".show_year", year=year))


@bp.post(f"{TEXT}/discard")
@needs(*KEEPERS)
@commits
def discard_text(year: int, number: int) -> ResponseReturnValue:
    """Throw away a text that nobody has approved."""
    person = guards.current_staff()
    consultation_feedback.discard(consultation_feedback.get(year, number, by=person), by=person)
    flash(_("Thrown away."))
    return htmx.go(url_for(".show_year", year=year))


@bp.post(f"{TEXT}/withdraw")
@needs(*PUBLISHERS)
@commits
def withdraw_text(year: int, number: int) -> ResponseReturnValue:
    """Take an approved text back, also from the public page."""
    person = guards.current_staff()
    consultation_feedback.withdraw(consultation_feedback.get(year, number, by=person), by=person)
    flash(_("Taken back."))
    return htmx.go(url_for(".show_year", year=year))


def _texts() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in consultation_feedback.TEXTS}


def _kept(one: ConsultationFeedback) -> Mapping[str, str]:
    return {name: getattr(one, name) for name in consultation_feedback.TEXTS} | {"sector": str(one.sector)}


def _version() -> int:
    return request.form.get("version", 0, type=numbers.read)
