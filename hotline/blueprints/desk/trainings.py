"""Trainings and vettings: of everybody for those who keep them, and each person's own."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import jurisdiction
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import case_forms, days, drawing, training_words
from hotline.blueprints.guards import needs, redraws
from hotline.rules import trainings as rules
from hotline.rules.trainings import Said
from hotline.services import duties, staff, trainings
from hotline.transactions import commits
from hotline.vocabulary import Role, TrainingKind

bp = Blueprint("trainings", __name__)


@bp.get("/practice/security/trainings")
@needs(*duties.READERS)
def show_people() -> ResponseReturnValue:
    """Show of everybody what they were trained in, and until when it holds."""
    return drawing.draw(
        "desk/security/trainings.html",
        people=trainings.list_people(by=guards.current_staff()),
        kinds=tuple(TrainingKind),
    )


@bp.get("/practice/security/trainings/<number>")
@needs(*duties.READERS)
def show_person(number: str) -> ResponseReturnValue:
    """Show all that was noted of one person, and ask for more."""
    person = staff.get(number)
    return drawing.draw(
        "desk/security/training.html",
        person=person,
        found=trainings.of(person),
        history=trainings.history(person),
        kinds=tuple(TrainingKind),
        may_keep=guards.current_staff().has(*duties.KEEPERS),
        is_expired=lambda one: rules.is_expired(one, jurisdiction.today()),
        typed=request.form,
        longest=rules.LONGEST_NAME,
        say=training_words.say,
    )


@bp.post("/practice/security/trainings/<number>")
@needs(*duties.KEEPERS)
@redraws(show_person)
@commits
def note_training(number: str) -> ResponseReturnValue:
    """Note a training or vetting."""
    said = Said(
        case_forms.one_of(TrainingKind, request.form.get("kind", "")),
        request.form.get("name", ""),
        days.sent("done_on"),
        days.sent("expires_on"),
    )
    trainings.enter(staff.get(number), said, by=guards.current_staff())
    flash(_("Noted. The person is reminded before it runs out."))
    return htmx.go(url_for(".show_person", number=number))


@bp.post("/practice/security/trainings/<number>/<int(max=2147483647):training_id>/strike")
@needs(*duties.KEEPERS)
@commits
def strike_training(number: str, training_id: int) -> ResponseReturnValue:
    """Say that a training was noted by mistake."""
    person = guards.current_staff()
    trainings.strike(trainings.get(training_id, of=staff.get(number), by=person), by=person)
    flash(_("Struck. It stays to be seen, and counts no more."))
    return htmx.go(url_for(".show_person", number=number))


@bp.get("/me/trainings")
@needs(*Role)
def show_own() -> ResponseReturnValue:
    """Show a person their own trainings and vetting."""
    person = guards.current_staff()
    return drawing.draw("desk/security/own_trainings.html", found=trainings.of(person))
