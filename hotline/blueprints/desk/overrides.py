"""Decisions without consent: made by name, and looked at by a second person, who sees no file."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import case_forms, consent_words, drawing
from hotline.blueprints.guards import needs, redraws
from hotline.errors import Refused
from hotline.rules.consents import Reason
from hotline.services import case_files, overrides, police_have_it
from hotline.services import consents as answers
from hotline.transactions import commits
from hotline.vocabulary import OverrideBasis, OverrideDecision, Role, Share

bp = Blueprint("overrides", __name__, url_prefix="/victims")


@bp.get("/cases/<ref>/consents/<to>/without")
@needs(Role.VICTIM_SUPPORT)
def new_decision(ref: str, to: str) -> ResponseReturnValue:
    """Ask why a recipient has to be told without consent. What the victim says is shown first."""
    person = guards.current_staff()
    one = case_files.get_open(ref, by=person)
    whom = answers.get_recipient(to, by=person)
    about = case_forms.about_case(one)
    return drawing.draw(
        "desk/overrides/new.html",
        towards=answers.towards(one, whom),
        bases=overrides.proposes(answers.age_of(one)),
        shares=tuple(Share),
        typed=request.form,
        picked=request.form.getlist("shares"),
        say=consent_words.say,
        **about,
    )


@bp.post("/cases/<ref>/consents/<to>/without")
@needs(Role.VICTIM_SUPPORT)
@redraws(new_decision)
@commits
def decide(ref: str, to: str) -> ResponseReturnValue:
    """Decide, by name, to tell a recipient although consent is missing."""
    case_forms.refuse_files()
    person, typed = guards.current_staff(), request.form
    made = overrides.decide(
        case_files.get_open(ref, by=person),
        answers.get_recipient(to, by=person),
        case_forms.one_of(OverrideBasis, typed.get("basis", "")),
        Reason(typed.get("reason", ""), case_forms.chosen_shares()),
        is_weighed=typed.get("weighed") == "yes",
        by=person,
    )
    if made.basis is OverrideBasis.DANGER_NOW:
        flash(_("Decided. It acts at once; a second person looks at it afterwards."))
    else:
        flash(_("Decided. Nothing leaves on it before a second person has upheld it."))
    return htmx.go(url_for("desk.consents.show_recipient", ref=ref, to=to))


@bp.get("/overrides")
@needs(*overrides.ROLES)
def show_decisions() -> ResponseReturnValue:
    """Show the decisions that wait for a second person, and those looked at. No name and no word of a file is here."""
    person = guards.current_staff()
    return drawing.draw(
        "desk/overrides/list.html",
        waiting=overrides.list_waiting(by=person),
        reviewed=overrides.list_reviewed(by=person),
        had=police_have_it.list_open(by=person),
        recipient_of=answers.recipient_of,
        name=consent_words.name,
        most=overrides.MOST,
    )


@bp.get("/overrides/<int(max=2147483647):number>")
@needs(*overrides.ROLES)
def show_decision(number: int) -> ResponseReturnValue:
    """Show one decision: the case's reference, the recipient, the ground, the reason. The read is on record."""
    person = guards.current_staff()
    decision = overrides.get(number, by=person)
    return drawing.draw(
        "desk/overrides/page.html",
        decision=decision,
        reason=overrides.read(decision, by=person),
        recipient=consent_words.name(answers.recipient_of(decision)),
        sent=answers.sent_on(decision),
        may_open=overrides.may_open(decision, by=person),
        typed=request.form,
        say=consent_words.say,
    )


@bp.post("/overrides/<int(max=2147483647):number>")
@needs(*overrides.ROLES)
@redraws(show_decision)
@commits
def review_decision(number: int) -> ResponseReturnValue:
    """Uphold a decision of somebody else, or end it."""
    person = guards.current_staff()
    said = case_forms.one_of(OverrideDecision, request.form.get("decision", ""))
    if said is None:
        raise Refused(("decision", "required"))
    decision = overrides.get(number, by=person)
    stopped = overrides.review(decision, upheld=said is OverrideDecision.UPHELD, by=person)
    if said is OverrideDecision.UPHELD:
        flash(_("Upheld. Thank you for looking."))
    elif answers.sent_on(decision):
        flash(
            _("Not upheld. Something has left on it already: the page of the case says what, and whom to tell."), "due"
        )
    else:
        flash(_("Not upheld. Nothing leaves on it."))
    case_forms.say_what_stopped(stopped)
    return htmx.go(url_for(".show_decision", number=number))
