"""Needs assessments of a case: written domain by domain, handed in, approved by another person; what waits for that."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import case_forms, days, drawing, exposure, needs_words, numbers, words
from hotline.blueprints.guards import needs, redraws, shows_newer
from hotline.errors import NotFound, Overtaken, WrongState
from hotline.models.needs_assessment import NeedsAssessment
from hotline.models.victim_case import VictimCase
from hotline.rules import needs as rule
from hotline.rules.needs import Finding
from hotline.services import case_files, case_people, needs_assessments, question_sets
from hotline.transactions import commits
from hotline.vocabulary import AssessmentState, CaseStatus, Need, NeedLevel, Role

bp = Blueprint("needs", __name__, url_prefix="/victims")
CASE = "/cases/<ref>/needs"
ONE = f"{CASE}/<int(max={numbers.HIGHEST}):number>"
APPROVAL = f"/approvals/<int(max={numbers.HIGHEST}):number>"


@bp.get(CASE)
@needs(Role.VICTIM_SUPPORT)
def show_needs(ref: str) -> ResponseReturnValue:
    """Show the newest approved assessment of a case, the one in hand, and those before. The read is on record."""
    person = guards.current_staff()
    one = case_files.get(ref, by=person)
    file = case_files.read(one, by=person)
    exposure.looking()
    return drawing.draw(
        "desk/needs/page.html",
        one=one,
        file=file,
        contact=case_people.contact(one),
        card=needs_assessments.card(one),
        earlier=needs_assessments.list_approved(one)[1:],
        may_begin=one.status is CaseStatus.OPEN,
    )


@bp.post(CASE)
@needs(Role.VICTIM_SUPPORT)
@commits
def begin_assessment(ref: str) -> ResponseReturnValue:
    """Begin an assessment, and go to it."""
    person = guards.current_staff()
    row = needs_assessments.begin(case_files.get_open(ref, by=person), by=person)
    return htmx.go(url_for(".show_assessment", ref=ref, number=row.id))


@bp.get(ONE)
@needs(Role.VICTIM_SUPPORT)
def show_assessment(ref: str, number: int) -> ResponseReturnValue:
    """Show one assessment: to be written while it is in hand, else as it was handed in. The read is on record."""
    person = guards.current_staff()
    one, row = _case_and_row(ref, number)
    file = case_files.read(one, by=person)
    exposure.looking()
    is_open = one.status is CaseStatus.OPEN
    return drawing.draw(
        "desk/needs/assessment.html",
        one=one,
        file=file,
        contact=case_people.contact(one),
        shown=needs_assessments.opened(row),
        questions=question_sets.get(row.questions_version),
        domains=tuple(Need),
        is_in_hand=is_open and row.state in needs_assessments.IN_HAND,
        is_again=bool(needs_assessments.last_levels(one)),
        may_discard=needs_assessments.may_discard(row),
        may_decide=needs_assessments.may_decide(row, by=person),
        may_take_back=is_open and row.state is AssessmentState.SUBMITTED,
        typed=request.form,
        overtaken=guards.overtaken(),
        say=needs_words.say,
    )


@bp.post(f"{ONE}/about")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_assessment)
@shows_newer(show_assessment)
@commits
def save_about(ref: str, number: int) -> ResponseReturnValue:
    """Keep with whom and on which day it is made."""
    person = guards.current_staff()
    case_forms.refuse_files()
    _one, row = _case_and_row(ref, number)
    needs_assessments.save_about(
        row, request.form.get("with_whom", ""), days.read(request.form.get("assessed_on", "")), seen=_seen(), by=person
    )
    flash(_("Saved."))
    return htmx.go(url_for(".show_assessment", ref=ref, number=number))


@bp.post(f"{ONE}/submit")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_assessment)
@commits
def submit_assessment(ref: str, number: int) -> ResponseReturnValue:
    """Hand an assessment in, for another person to approve."""
    _one, row = _case_and_row(ref, number)
    needs_assessments.submit(row, by=guards.current_staff())
    flash(_("Handed in. Another person looks at it."))
    return htmx.go(url_for(".show_assessment", ref=ref, number=number))


@bp.post(f"{ONE}/take-back")
@needs(Role.VICTIM_SUPPORT)
@commits
def take_assessment_back(ref: str, number: int) -> ResponseReturnValue:
    """Take back what waits, to write on."""
    _one, row = _case_and_row(ref, number)
    needs_assessments.take_back(row, by=guards.current_staff())
    return htmx.go(url_for(".show_assessment", ref=ref, number=number))


@bp.post(f"{ONE}/discard")
@needs(Role.VICTIM_SUPPORT)
@commits
def discard_assessment(ref: str, number: int) -> ResponseReturnValue:
    """Drop a draft that was begun by mistake."""
    _one, row = _case_and_row(ref, number)
    needs_assessments.discard(row, by=guards.current_staff())
    flash(_("The draft is gone."))
    return htmx.go(url_for(".show_needs", ref=ref))


@bp.post(f"{ONE}/approve")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_assessment)
@shows_newer(show_assessment)
@commits
def approve_assessment(ref: str, number: int) -> ResponseReturnValue:
    """Approve an assessment that was read whole."""
    _one, row = _case_and_row(ref, number)
    needs_assessments.approve(row, seen=_seen(), by=guards.current_staff())
    flash(_("Approved. Nobody changes it from now on."))
    return htmx.go(url_for(".show_assessment", ref=ref, number=number))


@bp.post(f"{ONE}/give-back")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_assessment)
@shows_newer(show_assessment)
@commits
def give_assessment_back(ref: str, number: int) -> ResponseReturnValue:
    """Give an assessment back with a question."""
    case_forms.refuse_files()
    _one, row = _case_and_row(ref, number)
    needs_assessments.give_back(row, request.form.get("question", ""), seen=_seen(), by=guards.current_staff())
    flash(_("Given back with your question."))
    return htmx.go(url_for(".show_assessment", ref=ref, number=number))


@bp.get(f"{ONE}/<domain>")
@needs(Role.VICTIM_SUPPORT)
def show_domain(ref: str, number: int, domain: str) -> ResponseReturnValue:
    """Show the form of one domain, with its questions. The read is on record."""
    person, need = guards.current_staff(), _need(domain)
    one, row = _case_and_row(ref, number)
    if row.state not in needs_assessments.IN_HAND:
        raise WrongState(f"assessment {number} is handed in")
    file, shown = case_files.read(one, by=person), needs_assessments.opened(row)
    exposure.looking()
    stored, level = shown.written.of(need), shown.levels.get(need)
    was_sent = request.method == "POST"
    return drawing.draw(
        "desk/needs/domain.html",
        one=one,
        file=file,
        contact=case_people.contact(one),
        row=row,
        need=need,
        stored=stored,
        stored_level=level,
        written=_sent() if was_sent else stored,
        level=request.form.get("level", "") if was_sent else level or "",
        seen=_seen() if was_sent and not guards.overtaken() else stored.version,
        asked=question_sets.get(row.questions_version).questions.get(need, ()),
        levels=tuple(NeedLevel),
        nth=list(Need).index(need) + 1,
        most=len(Need),
        next=_next(need),
        overtaken=guards.overtaken(),
        say=needs_words.say,
    )


@bp.post(f"{ONE}/<domain>")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_domain)
@shows_newer(show_domain)
@commits
def save_domain(ref: str, number: int, domain: str) -> ResponseReturnValue:
    """Keep what is written about one domain, and go on: to the next one, or to all of them."""
    person, need = guards.current_staff(), _need(domain)
    case_forms.refuse_files()
    _one, row = _case_and_row(ref, number)
    needs_assessments.save(row, need, request.form.get("level", ""), _sent(), seen=_seen(), by=person)
    flash(_("Saved: %(need)s.", need=words.of(need)))
    if request.form.get("then") == "next" and (following := _next(need)):
        return htmx.go(url_for(".show_domain", ref=ref, number=number, domain=following))
    return htmx.go(url_for(".show_assessment", ref=ref, number=number))


@bp.get("/approvals")
@needs(*needs_assessments.APPROVERS)
def show_approvals() -> ResponseReturnValue:
    """Show which assessments wait for another person, overdue first. No word of a file is on this page."""
    return drawing.draw("desk/needs/approvals.html", waiting=needs_assessments.list_waiting(by=guards.current_staff()))


@bp.get(APPROVAL)
@needs(Role.MANAGER)
def show_approval(number: int) -> ResponseReturnValue:
    """Show a manager an assessment that waits: its domains and levels, and never a word of it."""
    person = guards.current_staff()
    row = needs_assessments.get_waiting(number, by=person)
    levels, before = needs_assessments.levels_of(row), needs_assessments.levels_before(row)
    return drawing.draw(
        "desk/needs/approval.html",
        row=row,
        one=row.case,
        lines=[(need, levels[need], rule.trend(before.get(need), levels[need]), before.get(need)) for need in levels],
        is_first=not before,
        proposal=rule.proposal(levels),
        may_decide=needs_assessments.may_decide(row, by=person),
        typed=request.form,
        overtaken=guards.overtaken(),
        say=needs_words.say,
    )


@bp.post(f"{APPROVAL}/approve")
@needs(Role.MANAGER)
@redraws(show_approval)
@shows_newer(show_approval)
@commits
def approve_by_levels(number: int) -> ResponseReturnValue:
    """Approve an assessment by its levels."""
    person = guards.current_staff()
    needs_assessments.approve(_waiting(number), seen=_seen(), by=person)
    flash(_("Approved. Nobody changes it from now on."))
    return htmx.go(url_for(".show_approvals"))


@bp.post(f"{APPROVAL}/give-back")
@needs(Role.MANAGER)
@redraws(show_approval)
@shows_newer(show_approval)
@commits
def give_back_by_levels(number: int) -> ResponseReturnValue:
    """Give an assessment back with a question about its levels."""
    person = guards.current_staff()
    case_forms.refuse_files()
    needs_assessments.give_back(_waiting(number), request.form.get("question", ""), seen=_seen(), by=person)
    flash(_("Given back with your question."))
    return htmx.go(url_for(".show_approvals"))


def _waiting(number: int) -> NeedsAssessment:
    """Return the assessment a manager decides about. Raises Overtaken where the form was shown for another case."""
    row = needs_assessments.get_waiting(number, by=guards.current_staff())
    if request.form.get("case") != row.case.ref:
        raise Overtaken(f"assessment {number} is of another case")
    return row


def _case_and_row(ref: str, number: int) -> tuple[VictimCase, NeedsAssessment]:
    one = case_files.get(ref, by=guards.current_staff())
    return one, needs_assessments.get(one, number)


def _need(domain: str) -> Need:
    if domain not in set(Need):
        raise NotFound(f"no domain {domain}")
    return Need(domain)


def _next(need: Need) -> Need | None:
    later = list(Need)[list(Need).index(need) + 1 :]
    return later[0] if later else None


def _sent() -> Finding:
    typed = request.form
    answers = tuple(typed.get(f"answer-{place}", "") for place in range(rule.MOST_QUESTIONS))
    return Finding(typed.get("known", ""), typed.get("next", ""), typed.get("why", ""), answers)


def _seen() -> int:
    """Return the version that the form showed; one that nothing has where it names none."""
    return request.form.get("version", -1, type=numbers.read)
