"""How long files of victims are kept, erasing one at a person's wish, and the certificates of what was erased."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import case_retention_words, drawing, numbers
from hotline.blueprints.guards import commits_apart, needs, redraws, shows_newer
from hotline.errors import Refused
from hotline.rules import retention
from hotline.rules.retention import Term
from hotline.services import case_files, case_retention, retention_policies
from hotline.services.retention_policies import Preview
from hotline.transactions import commits
from hotline.vocabulary import Role

bp = Blueprint("case_retention", __name__, url_prefix="/victims")
MOST_DUE = 50


@bp.get("/retention")
@needs(*case_retention.READERS)
def show_retention() -> ResponseReturnValue:
    """Show the policy in force, what is due, what is asked for, and what was erased."""
    person = guards.current_staff()
    return drawing.draw(
        "desk/case_retention/page.html",
        policies=retention_policies.list_all(),
        due=case_retention.list_due(most=MOST_DUE),
        asked=case_retention.list_asked(by=person),
        erased=case_retention.list_erased(by=person),
        kept=case_retention_words.kept,
        behind=retention_policies.count_behind(),
        links_erased=case_retention.count_links_erased(),
    )


@bp.get("/retention/new")
@needs(Role.MANAGER)
def show_form() -> ResponseReturnValue:
    """Show the policy in force, to be changed."""
    return _draw_form()


@bp.post("/retention/preview")
@needs(Role.MANAGER)
@redraws(show_form)
def preview_policy() -> ResponseReturnValue:
    """Show what a policy would mean. Nothing is kept."""
    return _draw_form(retention_policies.preview(_term(), by=guards.current_staff()))


preview_policy.__dict__["writes_nothing"] = True


@bp.post("/retention/new")
@needs(Role.MANAGER)
@redraws(show_form)
@shows_newer(show_form)
@commits_apart
def publish_policy() -> ResponseReturnValue:
    """Put a policy in force. The days of all files move after it."""
    retention_policies.put_in_force(
        _term(),
        request.form.get("reason", ""),
        based_on=request.form.get("based_on", type=numbers.read),
        by=guards.current_staff(),
    )
    _say_how_far(_("The policy is in force. Every file has its new day."))
    return htmx.go(url_for(".show_retention"))


@bp.post("/retention/move")
@needs(Role.MANAGER)
@commits_apart
def move_days() -> ResponseReturnValue:
    """Go on with giving files their day by the policy in force, where that was cut off."""
    retention_policies.move_days(by=guards.current_staff())
    _say_how_far(_("Every file has its new day."))
    return htmx.go(url_for(".show_retention"))


@bp.post("/cases/<ref>/erase")
@needs(Role.VICTIM_SUPPORT)
@commits
def ask_to_erase(ref: str) -> ResponseReturnValue:
    """Ask that a file is erased before its day, since its person wishes so."""
    person = guards.current_staff()
    case_retention.ask(case_files.get(ref, by=person), by=person)
    flash(_("Asked. A manager decides; then the file is erased for good."))
    return htmx.go(url_for("desk.case_closing.show_closing", ref=ref))


@bp.post("/retention/<ref>/approve")
@needs(Role.MANAGER)
@commits
def approve(ref: str) -> ResponseReturnValue:
    """Have a file erased at its person's wish."""
    person = guards.current_staff()
    case_retention.approve(case_retention.get_asked(ref, by=person), by=person)
    flash(_("It is erased within a few minutes. The certificate stands here then."))
    return htmx.go(url_for(".show_retention"))


@bp.post("/retention/<ref>/decline")
@needs(Role.MANAGER)
@commits
def decline(ref: str) -> ResponseReturnValue:
    """Keep a file until its day."""
    person = guards.current_staff()
    case_retention.decline(case_retention.get_asked(ref, by=person), by=person)
    flash(_("The file is kept until its day. Tell the officer why."))
    return htmx.go(url_for(".show_retention"))


@bp.get("/retention/<ref>")
@needs(*case_retention.READERS)
def show_certificate(ref: str) -> ResponseReturnValue:
    """Show a certificate for paper."""
    person = guards.current_staff()
    return drawing.draw(
        "desk/case_retention/certificate.html",
        made=case_retention.certificate(ref, by=person),
        table=case_retention_words.table,
        kept=case_retention_words.kept,
        now=clock.now(),
    )


def _say_how_far(done: str) -> None:
    if retention_policies.count_behind():
        flash(_("Not every file has its new day yet. Go on until none waits."), "due")
    else:
        flash(done)


def _term() -> Term:
    """Return what was typed. Raises Refused for what is no number in its range."""
    years = request.form.get("years", type=numbers.read)
    until_age = request.form.get("until_age", type=numbers.read)
    says_age = bool(request.form.get("until_age", ""))
    wrong = retention.faults(years, until_age, age_is_number=not says_age or until_age is not None)
    if wrong or years is None:
        raise Refused(*wrong)
    return Term(years, until_age)


def _draw_form(preview: Preview | None = None) -> str:
    in_force = retention_policies.in_force()
    held = {"years": in_force.years, "until_age": "" if in_force.until_age is None else in_force.until_age}
    return drawing.draw(
        "desk/case_retention/form.html",
        policy=in_force,
        typed=request.form or held,
        preview=preview,
        is_overtaken=guards.overtaken(),
        kept=case_retention_words.kept,
        say=case_retention_words.say,
    )
