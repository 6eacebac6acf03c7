"""The point of contact for INHOPE: who it is and was, notices from INHOPE and their answers, and the monthly test.

Beside them stands how often words that leave were checked for names of ours, in counts.
"""

from datetime import date
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import jurisdiction
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import case_forms, contact_words, days, drawing, notice_words, numbers
from hotline.blueprints.guards import needs, redraws, shows_newer
from hotline.errors import Refused
from hotline.rules.submissions import clean
from hotline.services import contact_points, duties, inhope_notices, secrecy
from hotline.services.contact_points import ContactEntry
from hotline.services.inhope_notices import Shown
from hotline.transactions import commits
from hotline.vocabulary import AnswerWay, ContactWay

bp = Blueprint("contact_point", __name__, url_prefix="/practice/contact")
READERS, KEEPERS, NAMERS = duties.READERS, duties.KEEPERS, contact_points.NAMERS
TESTS = 12  # shown: those of a year


@bp.get("")
@needs(*READERS)
def show_contact() -> ResponseReturnValue:
    """Show who is the point of contact, what waits for an answer, and how the tests went."""
    person, point = guards.current_staff(), contact_points.current()
    page = inhope_notices.list_page(Shown.OPEN, after=request.args.get("after", ""))
    return _draw(
        "desk/contact_point/page.html",
        point=point,
        reached=contact_points.reached(point) if point else None,
        history=contact_points.history(),
        notices=page.rows,
        next_page=url_for(".show_contact", after=page.next) if page.next else "",
        due=inhope_notices.due(page.rows),
        tests=contact_points.tests(most=TESTS, by=person),
        may_name=person.has(*NAMERS),
        typed=request.form,
        today=jurisdiction.today(),
    )


@bp.get("/change")
@needs(*NAMERS)
def show_change() -> ResponseReturnValue:
    """Ask who is the point of contact from a day on."""
    last = contact_points.last()
    held = last if last is not None and last.until_at is None else None
    return _draw(
        "desk/contact_point/change.html",
        held=held,
        version=last.id if last else 0,
        typed=request.form or _kept(),
        people=[(one.number, one.name) for one in contact_points.candidates()],
        overtaken=guards.overtaken(),
    )


@bp.post("/change")
@needs(*NAMERS)
@redraws(show_change)
@shows_newer(show_change)
@commits
def change_contact() -> ResponseReturnValue:
    """Say who is the point of contact."""
    form = request.form
    entry = ContactEntry(
        staff=form.get("staff", ""),
        stand_in=form.get("stand_in", ""),
        mailbox=form.get("mailbox", ""),
        phone=form.get("phone", ""),
        since_on=days.sent("since_on"),
        told_on=days.sent("told_on"),
    )
    contact_points.name(entry, version=case_forms.version(), by=guards.current_staff())
    flash(_("Saved. Whoever was the point of contact before stands in the history."))
    return htmx.go(url_for(".show_contact"))


@bp.post("/told")
@needs(*NAMERS)
@redraws(show_contact)
@shows_newer(show_contact)
@commits
def note_told() -> ResponseReturnValue:
    """Note the day on which INHOPE was told of the point of contact."""
    contact_points.note_told(days.sent("told_on"), version=case_forms.version(), by=guards.current_staff())
    flash(_("Noted."))
    return htmx.go(url_for(".show_contact"))


@bp.post("/test")
@needs(*KEEPERS)
@redraws(show_contact)
@commits
def note_test() -> ResponseReturnValue:
    """Note how the test of this month went."""
    result, minutes = request.form.get("result", ""), request.form.get("minutes", -1, type=numbers.read)
    if result not in contact_words.RESULTS:
        raise Refused(("result", "required"))
    worked = result == "answered"
    if worked and not 0 <= minutes <= contact_points.LONGEST_TEST:
        raise Refused(("minutes", "number"))
    words = contact_words.tested(result, minutes, " ".join(clean(request.form.get("note", "")).text.split()))
    contact_points.note_test(worked=worked, words=words, by=guards.current_staff())
    flash(_("Noted. The next test is due in a month.") if worked else _("Noted. The test is still due."))
    return htmx.go(url_for(".show_contact"))


@bp.get("/ended")
@needs(*READERS)
def show_ended() -> ResponseReturnValue:
    """Show the notices that were answered or needed no answer, the newest first."""
    page = inhope_notices.list_page(Shown.ENDED, after=request.args.get("after", ""))
    return _draw(
        "desk/contact_point/ended.html",
        notices=page.rows,
        next_page=url_for(".show_ended", after=page.next) if page.next else "",
    )


@bp.get("/checks")
@needs(*READERS)
def show_checks() -> ResponseReturnValue:
    """Show how often words that leave were checked for names, mailboxes and numbers of ours; no words of them."""
    today = jurisdiction.today()
    return _draw(
        "desk/contact_point/checks.html",
        rows=secrecy.tallies(_a_year_before(today), date.max),
        evidence=secrecy.evidence(),
    )


@bp.get("/new")
@needs(*KEEPERS)
def new_notice() -> ResponseReturnValue:
    """Ask for a notice from INHOPE as it came."""
    return _draw("desk/contact_point/new.html", typed=request.form, ways=tuple(ContactWay))


@bp.post("/new")
@needs(*KEEPERS)
@redraws(new_notice)
@commits
def record_notice() -> ResponseReturnValue:
    """Record a notice from INHOPE. Its clock begins."""
    case_forms.refuse_files()
    form = request.form
    notice = inhope_notices.record(
        received_at=case_forms.moment("received_at"),
        way=form.get("way", ""),
        subject=form.get("subject", ""),
        text=form.get("text", ""),
        by=guards.current_staff(),
    )
    flash(_("Recorded. The clock to answer it runs from when it came."))
    return htmx.go(url_for(".show_notice", ref=notice.ref))


@bp.get("/<ref>")
@needs(*READERS)
def show_notice(ref: str) -> ResponseReturnValue:
    """Show one notice and its answer. The read is on record."""
    person = guards.current_staff()
    notice = inhope_notices.get(ref, by=person)
    opened = inhope_notices.read(notice, by=person)
    return _draw(
        "desk/contact_point/notice.html",
        notice=notice,
        opened=opened,
        clock=inhope_notices.clock_of(notice),
        needs_another=inhope_notices.needs_another(notice, opened.leaks),
        tell_leak=notice_words.leak,
        ways=tuple(AnswerWay),
        typed=request.form or {"answer": opened.answer, "answer_way": notice.answer_way or ""},
        overtaken=guards.overtaken(),
        may_keep=person.has(*KEEPERS),
    )


@bp.post("/<ref>/answer")
@needs(*KEEPERS)
@redraws(show_notice)
@shows_newer(show_notice)
@commits
def draft_answer(ref: str) -> ResponseReturnValue:
    """Write the answer to a notice; it is checked before it goes."""
    case_forms.refuse_files()
    person, form = guards.current_staff(), request.form
    notice = inhope_notices.get(ref, by=person)
    found = inhope_notices.draft(
        notice, form.get("answer", ""), form.get("answer_way", ""), version=case_forms.version(), by=person
    )
    flash(
        _("Kept. Something of our staff was found in it: another person has to let it go.")
        if found
        else _("Kept and checked: no name, mailbox or number of our staff is in it. It may go.")
    )
    return htmx.go(url_for(".show_notice", ref=ref))


@bp.post("/<ref>/let-go")
@needs(*KEEPERS)
@redraws(show_notice)
@shows_newer(show_notice)
@commits
def let_answer_go(ref: str) -> ResponseReturnValue:
    """Let an answer go in which something was found."""
    person = guards.current_staff()
    inhope_notices.let_go(inhope_notices.get(ref, by=person), version=case_forms.version(), by=person)
    flash(_("It may go. That you let it go is on record."))
    return htmx.go(url_for(".show_notice", ref=ref))


@bp.post("/<ref>/sent")
@needs(*KEEPERS)
@redraws(show_notice)
@shows_newer(show_notice)
@commits
def note_sent(ref: str) -> ResponseReturnValue:
    """Note that an answer went, and when."""
    person = guards.current_staff()
    notice = inhope_notices.get(ref, by=person)
    inhope_notices.note_sent(notice, case_forms.moment("sent_at"), version=case_forms.version(), by=person)
    flash(_("Noted: INHOPE has its answer."))
    return htmx.go(url_for(".show_notice", ref=ref))


@bp.post("/<ref>/close")
@needs(*KEEPERS)
@redraws(show_notice)
@shows_newer(show_notice)
@commits
def close_notice(ref: str) -> ResponseReturnValue:
    """Note that a notice needs no answer."""
    person = guards.current_staff()
    notice = inhope_notices.get(ref, by=person)
    inhope_notices.close(notice, request.form.get("reason", ""), version=case_forms.version(), by=person)
    flash(_("Noted: it needs no answer."))
    return htmx.go(url_for(".show_notice", ref=ref))


def _draw(template: str, **context: Any) -> str:
    may_keep = guards.current_staff().has(*KEEPERS)
    return drawing.draw(template, say=contact_words.say, **({"may_keep": may_keep} | context))


def _kept() -> dict[str, str]:
    """Return what stands now, so that only what changes has to be typed; from today on, and INHOPE not told yet."""
    point = contact_points.current()
    kept = {"since_on": jurisdiction.today().isoformat()}
    if point is None:
        return kept
    reached = contact_points.reached(point)
    people = {"staff": point.staff.number, "stand_in": point.stand_in.number if point.stand_in else ""}
    return kept | people | {"mailbox": reached.mailbox, "phone": reached.phone}


def _a_year_before(today: date) -> date:
    """Return the first day of the month a year ago."""
    return today.replace(year=today.year - 1, day=1)
