"""A case's plan: its actions, saying that it is complete, and reviewing it."""

from collections.abc import Mapping

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import case_forms, days, drawing, exposure, numbers, plan_words
from hotline.blueprints.guards import needs, redraws, shows_newer
from hotline.rules.plan_actions import Words
from hotline.services import case_files, case_people, plan_actions
from hotline.services.plan_actions import Shown
from hotline.transactions import commits
from hotline.vocabulary import ActionState, CaseStatus, Need, Role

bp = Blueprint("plan", __name__, url_prefix="/victims/cases/<ref>/plan")
ACTION = f"/<int(max={numbers.HIGHEST}):number>"


@bp.get("")
@needs(Role.VICTIM_SUPPORT)
def show_plan(ref: str) -> ResponseReturnValue:
    """Show the whole plan of a case, what has ended too. The read is on record."""
    person = guards.current_staff()
    one = case_files.get(ref, by=person)
    file = case_files.read(one, by=person)
    exposure.looking()
    actions = plan_actions.list_all(one)
    return drawing.draw(
        "desk/plan/page.html",
        one=one,
        file=file,
        contact=case_people.contact(one),
        card=plan_actions.card(one),
        ended=[shown for shown in actions if shown.row.state is not ActionState.OPEN],
        is_open=one.status is CaseStatus.OPEN,
        latest_review=plan_actions.latest_review(one),
        typed=request.form,
        say=plan_words.say,
    )


@bp.get("/new")
@needs(Role.VICTIM_SUPPORT)
def new_action(ref: str) -> ResponseReturnValue:
    """Ask what is to be done, for which need, by whom and until when."""
    return _draw_form(ref, None)


@bp.post("/new")
@needs(Role.VICTIM_SUPPORT)
@redraws(new_action)
@commits
def add_action(ref: str) -> ResponseReturnValue:
    """Add an action to the plan."""
    person, typed = guards.current_staff(), request.form
    one = case_files.get_open(ref, by=person)
    case_forms.refuse_files()
    plan_actions.add(
        one, typed.get("need", ""), _sent(), owner=typed.get("owner", ""), due_on=days.sent("due_on"), by=person
    )
    flash(_("Added to the plan."))
    return htmx.go(url_for(".show_plan", ref=ref))


@bp.get(ACTION)
@needs(Role.VICTIM_SUPPORT)
def show_action(ref: str, number: int) -> ResponseReturnValue:
    """Show one action: to be changed or ended while it is open. The read is on record."""
    return _draw_form(ref, number)


@bp.post(ACTION)
@needs(Role.VICTIM_SUPPORT)
@redraws(show_action)
@shows_newer(show_action)
@commits
def change_action(ref: str, number: int) -> ResponseReturnValue:
    """Change an open action."""
    person, typed = guards.current_staff(), request.form
    one = case_files.get_open(ref, by=person)
    case_forms.refuse_files()
    plan_actions.change(
        one,
        plan_actions.get(one, number),
        typed.get("need", ""),
        _sent(),
        owner=typed.get("owner", ""),
        due_on=days.sent("due_on"),
        seen=case_forms.version(),
        by=person,
    )
    flash(_("Saved."))
    return htmx.go(url_for(".show_plan", ref=ref))


@bp.post(f"{ACTION}/end")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_action)
@shows_newer(show_action)
@commits
def end_action(ref: str, number: int) -> ResponseReturnValue:
    """Note that an action is done, or dropped."""
    person, typed = guards.current_staff(), request.form
    one = case_files.get_open(ref, by=person)
    case_forms.refuse_files()
    row = plan_actions.get(one, number)
    state, words = typed.get("state", ""), typed.get("ended", "")
    plan_actions.end(one, row, state, words, seen=case_forms.version(), by=person)
    flash(_("Noted."))
    return htmx.go(url_for(".show_plan", ref=ref))


@bp.post(f"{ACTION}/take-up")
@needs(Role.VICTIM_SUPPORT)
@shows_newer(show_action)
@commits
def take_action_up(ref: str, number: int) -> ResponseReturnValue:
    """Take an action up again that had ended."""
    person = guards.current_staff()
    one = case_files.get_open(ref, by=person)
    plan_actions.take_up(one, plan_actions.get(one, number), seen=case_forms.version(), by=person)
    return htmx.go(url_for(".show_action", ref=ref, number=number))


@bp.post("/complete")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_plan)
@commits
def complete_plan(ref: str) -> ResponseReturnValue:
    """Say that the plan is complete."""
    person = guards.current_staff()
    plan_actions.complete(case_files.get_open(ref, by=person), by=person)
    flash(_("Noted: the plan is complete."))
    return htmx.go(url_for(".show_plan", ref=ref))


@bp.post("/review")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_plan)
@commits
def review_plan(ref: str) -> ResponseReturnValue:
    """Note what a review found, and when the next one is."""
    person = guards.current_staff()
    one = case_files.get_open(ref, by=person)
    case_forms.refuse_files()
    plan_actions.review(one, request.form.get("said", ""), days.read(request.form.get("next_on", "")), by=person)
    flash(_("Noted. The review stands among the notes of the case."))
    return htmx.go(url_for(".show_plan", ref=ref))


def _draw_form(ref: str, number: int | None) -> str:
    person = guards.current_staff()
    one = case_files.get(ref, by=person)
    row = plan_actions.get(one, number) if number is not None else None
    file = case_files.read(one, by=person)
    exposure.looking()
    shown = plan_actions.opened(row) if row else None
    return drawing.draw(
        "desk/plan/action.html",
        one=one,
        file=file,
        contact=case_people.contact(one),
        shown=shown,
        written=_typed(shown),
        typed=request.form,
        domains=tuple(Need),
        owners=plan_actions.list_owners(one),
        ends=plan_actions.ENDS,
        is_open=one.status is CaseStatus.OPEN,
        overtaken=guards.overtaken(),
        longest=plan_words.LONGEST,
        say=plan_words.say,
    )


def _typed(shown: Shown | None) -> Mapping[str, str]:
    """Return what the form of an action holds: what was typed into it, or else what is stored."""
    if "what" in request.form:
        return request.form.to_dict()
    if shown is None:
        return {"need": request.args.get("need", ""), "owner": guards.current_staff().number}
    row, words = shown.row, shown.words
    due_on = row.due_on.isoformat() if row.due_on else ""
    return {
        "need": row.need,
        "what": words.what,
        "outside": words.outside,
        "owner": row.owner.number,
        "due_on": due_on,
        "version": str(row.version),
    }


def _sent() -> Words:
    return Words(request.form.get("what", ""), request.form.get("outside", ""))
