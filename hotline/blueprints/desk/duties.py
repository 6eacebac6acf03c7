"""The duties of the code of practice: what runs, stands still or was missed, by owner; and the manager's week."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from flask import Blueprint, current_app, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from hotline import clock, jurisdiction
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import days, drawing, duty_words
from hotline.blueprints.guards import needs, redraws
from hotline.errors import Refused
from hotline.models.clock import Clock
from hotline.models.practice import StandingDuty
from hotline.models.staff import Staff
from hotline.rules.clocks import OF_PRACTICE
from hotline.services import duties, duty_digests, duty_lists, duty_names, duty_week, incidents, staff
from hotline.services.duty_lists import NOBODY, Shown, Wanted
from hotline.services.duty_names import Named
from hotline.transactions import commits
from hotline.vocabulary import Duty, PauseReason, Subject

bp = Blueprint("duties", __name__, url_prefix="/practice")
MOST_TOLD = 50  # times a duty was done, and owners it had
ORDER = tuple(duty for duty in Duty if duty in OF_PRACTICE)


@bp.get("/duties")
@needs(*duties.READERS)
def show_duties() -> ResponseReturnValue:
    """Show the duties of the code of practice by owner, nobody's first; and in numbers all others of the desk."""
    person, wanted = guards.current_staff(), _wanted()
    try:
        found, faults = duty_lists.page(wanted, by=person), {}
    except Refused as refusal:
        found, faults = duty_lists.page(Wanted(), by=person), dict(refusal.faults)
    answer = drawing.draw(
        "desk/practice/duties.html",
        found=found,
        faults=faults,
        wanted=wanted,
        lists=tuple(Shown),
        next_page=url_for(".show_duties", **_address(wanted), after=found.next) if found.next else "",
        counts=duty_lists.counts(),
        owners=duty_lists.owners(),
        kinds=ORDER,
        nobody=NOBODY,
        others=duty_lists.tallies_of_others(by=person),
        troubled=duty_digests.list_troubled(),
        untold=incidents.list_troubled(),
        unlisted=jurisdiction.years_without_holidays(),
        **_said(found.rows),
    )
    return (answer, Refused.status) if faults else answer


@bp.get("/duties/<key>")
@needs(*duties.READERS)
def show_duty(key: str) -> ResponseReturnValue:
    """Show a duty that comes round again: its clock, who answers for it, and the times it was done."""
    one = duties.get(key, by=guards.current_staff())
    return _duty_page(one, duties.clock_of(one))


@bp.post("/duties/<key>/mark")
@needs(*duties.KEEPERS)
@redraws(show_duty)
@commits
def mark_duty(key: str) -> ResponseReturnValue:
    """Note that a standing duty was done, or did not work."""
    person, form = guards.current_staff(), request.form
    worked = form.get("worked", "yes") != "no"
    at = _moment_of(days.sent("done_at"))
    duties.note(duties.get(key, by=person), worked=worked, words=form.get("note", ""), done_at=at, by=person)
    flash(
        _("Noted as done. The next time counts from that day.")
        if worked
        else _("Noted that it did not work. Its clock goes on.")
    )
    return htmx.go(url_for(".show_duty", key=key))


@bp.get("/duties/clocks/<int(max=2147483647):clock_id>")
@needs(*duties.READERS)
def show_clock(clock_id: int) -> ResponseReturnValue:
    """Show one duty that runs, to be given to somebody else, or to stand still."""
    one = duties.get_clock(clock_id, by=guards.current_staff())
    if one.subject is Subject.STANDING_DUTY:
        about = duty_names.named([one])[one.subject, one.subject_id]
        return _duty_page(duties.get(about.ref, by=guards.current_staff()), one)
    return _duty_page(None, one)


@bp.post("/duties/clocks/<int(max=2147483647):clock_id>/owner")
@needs(*duties.GIVERS)
@redraws(show_clock)
@commits
def give_duty(clock_id: int) -> ResponseReturnValue:
    """Let somebody else answer for a duty."""
    person = guards.current_staff()
    one, owner = duties.get_clock(clock_id, by=person), _owner(request.form.get("owner", ""))
    duties.hand_over(one, owner, by=person)
    flash(_("%(name)s answers for it now.", name=owner.name))
    return htmx.go(url_for(".show_clock", clock_id=one.id))


@bp.post("/duties/clocks/<int(max=2147483647):clock_id>/pause")
@needs(*duties.KEEPERS)
@redraws(show_clock)
@commits
def pause_duty(clock_id: int) -> ResponseReturnValue:
    """Let a duty's clock stand still, with a reason."""
    person = guards.current_staff()
    duties.pause(duties.get_clock(clock_id, by=person), request.form.get("reason", ""), by=person)
    flash(_("The clock stands still. What was left of its time is left when it goes on."))
    return htmx.go(url_for(".show_clock", clock_id=clock_id))


@bp.post("/duties/clocks/<int(max=2147483647):clock_id>/resume")
@needs(*duties.KEEPERS)
@commits
def resume_duty(clock_id: int) -> ResponseReturnValue:
    """Let a duty's clock go on."""
    person = guards.current_staff()
    duties.resume(duties.get_clock(clock_id, by=person), by=person)
    flash(_("The clock goes on."))
    return htmx.go(url_for(".show_clock", clock_id=clock_id))


@bp.get("/duties/give")
@needs(*duties.GIVERS)
def show_giving() -> ResponseReturnValue:
    """Ask who takes over all that one person answers for, or nobody does."""
    return drawing.draw(
        "desk/practice/duties_give.html",
        owners=duty_lists.owners(),
        nobodys=duty_lists.count_nobodys(),
        nobody=NOBODY,
        keepers=_keepers(),
        typed=request.form,
        say=duty_words.say,
    )


@bp.post("/duties/give")
@needs(*duties.GIVERS)
@redraws(show_giving)
@commits
def give_all() -> ResponseReturnValue:
    """Let one person answer for all that another did."""
    before = request.form.get("before", "")
    giver = None if before == NOBODY else _known(before)
    owner = _owner(request.form.get("owner", ""))
    moved = duties.hand_over_all(giver, owner, by=guards.current_staff())
    flash(
        ngettext(
            "%(num)s duty was given to %(name)s.", "%(num)s duties were given to %(name)s.", moved, name=owner.name
        )
    )
    return htmx.go(url_for(".show_duties"))


@bp.get("/week")
@needs(*duty_week.ROLES)
def show_week() -> ResponseReturnValue:
    """Show a manager the last week and the next."""
    week = duty_week.of(by=guards.current_staff())
    return drawing.draw("desk/practice/week.html", week=week, most=duty_week.MOST, **_said([*week.missed, *week.due]))


def _duty_page(standing: StandingDuty | None, one: Clock | None) -> str:
    person = guards.current_staff()
    return drawing.draw(
        "desk/practice/duty.html",
        standing=standing,
        one=one,
        heading=duty_words.standing_title(standing) if standing else "",
        marks=duties.history(standing, most=MOST_TOLD) if standing else [],
        recorded=duty_names.RECORDED.get(standing.duty) if standing else None,
        had=duties.owners(standing)[:MOST_TOLD] if standing else [],
        keepers=_keepers(one) if one else [],
        never_still=one is not None and one.duty in duties.NEVER_STILL,
        is_personal=one is not None and duties.is_personal(one),
        may_keep=person.has(*duties.KEEPERS),
        may_give=person.has(*duties.GIVERS),
        reasons=tuple(PauseReason),
        longest_note=duties.LONGEST_NOTE,
        today=jurisdiction.today(),
        typed=request.form,
        **_said([one] if one else []),
    )


def _said(those: Iterable[Clock]) -> dict[str, Any]:
    """Return the words that every page of duties needs, with what some clocks are about."""
    rows = list(those)
    named = duty_names.named(rows)

    def about(one: Clock) -> Named | None:
        return named.get((one.subject, one.subject_id))

    return {
        "about": about,
        "title": lambda one: duty_words.title(one, about(one)),
        "what": duty_words.what,
        "place_of": lambda one: _open_to_me(about(one)),
        "shown_word": duty_words.shown,
        "say": duty_words.say,
        "now": clock.now(),
    }


def _open_to_me(about: Named | None) -> Named | None:
    """Return what a clock is about where this person may open its page; else None."""
    roles: Any = getattr(current_app.view_functions.get(about.endpoint), "roles", None) if about else None
    return about if isinstance(roles, frozenset) and guards.current_staff().has(*roles) else None


def _wanted() -> Wanted:
    args = request.args
    show, duty = args.get("show", ""), args.get("duty", "")
    return Wanted(
        shown=Shown(show) if show in set(Shown) else Shown.OPEN,
        whose=args.get("whose", ""),
        duty=Duty(duty) if duty in set(ORDER) else None,
        after=args.get("after", ""),
    )


def _address(wanted: Wanted) -> dict[str, Any]:
    """Return what a filter is in an address."""
    kept = {
        "show": str(wanted.shown) if wanted.shown is not Shown.OPEN else "",
        "whose": wanted.whose,
        "duty": str(wanted.duty or ""),
    }
    return {name: value for name, value in kept.items() if value}


def _keepers(one: Clock | None = None) -> list[Staff]:
    """Return who may answer for a duty."""
    return [
        person
        for person in staff.list_staff()
        if (duties.may_own(one, person) if one else person.active and person.has(*duties.KEEPERS))
    ]


def _owner(number: str) -> Staff:
    if not number:
        raise Refused(("owner", "required"))
    found = next((one for one in staff.list_staff() if one.number == number), None)
    if found is None:
        raise Refused(("owner", "unknown"))
    return found


def _known(number: str) -> Staff:
    found = next((one for one in staff.list_staff() if one.number == number), None)
    if found is None:
        raise Refused(("before", "unknown"))
    return found


def _moment_of(day: date | None) -> datetime | None:
    """Return the moment that a day stands for: now for today or none, noon for one before."""
    if day is None or day == jurisdiction.today():
        return None
    return datetime.combine(day, time(12), jurisdiction.current().zone)
