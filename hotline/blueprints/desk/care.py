"""Care: breaks, light work, somebody to talk to; and for the counsellor how long people were with hard material."""

from datetime import date, timedelta

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import care_words, days, drawing, menu
from hotline.blueprints.guards import needs, redraws
from hotline.errors import Refused
from hotline.rules.care import BREAK
from hotline.services import care, staff
from hotline.transactions import commits
from hotline.vocabulary import Role

bp = Blueprint("care", __name__)


@bp.get("/break")
@needs(*care.EXPOSED)
def show_break() -> ResponseReturnValue:
    """Show a break that goes on: until when, and what one can do. Where none does, offer one."""
    since = care.day_of(guards.current_staff()).resting_since
    return drawing.draw("desk/care/break.html", since=since, ends=since + BREAK if since else None)


@bp.post("/break")
@needs(*care.EXPOSED)
@commits
def begin_break() -> ResponseReturnValue:
    """Begin a break. Nobody asks why."""
    care.begin_break(guards.current_staff())
    return htmx.go(url_for(".show_break"))


@bp.post("/break/end")
@needs(*care.EXPOSED)
@commits
def end_break() -> ResponseReturnValue:
    """End a break, and go on with light work if the person wants that."""
    person = guards.current_staff()
    lasted = care.end_break(person)
    if lasted and lasted < BREAK:
        minutes = lasted // timedelta(minutes=1)
        flash(
            ngettext(
                "Welcome back. You were away for %(num)s minute; a break counts from ten minutes on.",
                "Welcome back. You were away for %(num)s minutes; a break counts from ten minutes on.",
                minutes,
            )
        )
    if "light" in request.form and person.has(*guards.CASE_ROLES):
        care.want_light(person, True)
        return htmx.go(url_for(".show_light_work"))
    return htmx.go(url_for("desk.today.show_today"))


@bp.get("/light-work")
@needs(Role.ANALYST, Role.REVIEWER)
def show_light_work() -> ResponseReturnValue:
    """Show what light work waits, and why no hard work is offered where that is so."""
    person = guards.current_staff()
    day = care.day_of(person)
    places = ("desk.messages.show_waiting", "desk.notices.show_notices", "desk.reports.show_unread")
    light = {url_for(one) for one in (*places, "desk.directory.show_directory")}
    return drawing.draw(
        "desk/care/light_work.html",
        why=care_words.why(day.why_light) if day.why_light else "",
        entries=[one for group in menu.of(person, request.path) for one in group.entries if one.href in light],
    )


@bp.post("/light-work")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def want_light_work() -> ResponseReturnValue:
    """Offer a person only light work for the rest of the day, or hard work again. Nobody asks why."""
    wanted = request.form.get("wanted") != "no"
    care.want_light(guards.current_staff(), wanted)
    return htmx.go(url_for(".show_light_work" if wanted else "desk.today.show_today"))


@bp.get("/support")
@needs(*Role)
def show_support() -> ResponseReturnValue:
    """Show whom one can talk to."""
    person = guards.current_staff()
    counsellors = [one for one in staff.list_staff() if one.active and one.has(Role.COUNSELLOR)]
    return drawing.draw("desk/care/support.html", counsellors=counsellors, next_talk=care.next_talk(person))


@bp.get("/care")
@needs(Role.COUNSELLOR)
def show_week() -> ResponseReturnValue:
    """Show the counsellor one week: time with hard material by person and day, and the talks that are due."""
    person, today = guards.current_staff(), care.today()
    last = min(today, _day("until") or today)
    return drawing.draw(
        "desk/care/week.html",
        days=[last - timedelta(days=back) for back in reversed(range(care.WEEK))],
        people=care.list_week(last, by=person),
        talks=care.list_talks(by=person),
        house=care.house_limits(),
        today=today,
        before=(last - timedelta(days=care.WEEK)).isoformat(),
        after=(last + timedelta(days=care.WEEK)).isoformat() if last < today else "",
        typed=request.form,
        say=care_words.say,
    )


@bp.post("/care/talks")
@needs(Role.COUNSELLOR)
@redraws(show_week)
@commits
def plan_talk() -> ResponseReturnValue:
    """Note that a talk is due."""
    number, due_on = request.form.get("person", ""), _typed_day(request.form.get("due_on", ""))
    missing = [fault for fault, is_missing in _missing(number, due_on) if is_missing]
    if missing or due_on is None:
        raise Refused(*missing)
    person = guards.current_staff()
    care.plan_talk(care.get_exposed(number, by=person), due_on, by=person)
    return htmx.go(url_for(".show_week"))


@bp.post("/care/talks/<int(max=2147483647):talk_id>/held")
@needs(Role.COUNSELLOR)
@commits
def hold_talk(talk_id: int) -> ResponseReturnValue:
    """Note that a talk was held."""
    care.hold_talk(care.get_talk(talk_id, by=guards.current_staff()))
    return htmx.go(url_for(".show_week"))


@bp.post("/care/talks/<int(max=2147483647):talk_id>/call-off")
@needs(Role.COUNSELLOR)
@commits
def call_talk_off(talk_id: int) -> ResponseReturnValue:
    """Take a talk off the list."""
    care.call_talk_off(care.get_talk(talk_id, by=guards.current_staff()))
    return htmx.go(url_for(".show_week"))


@bp.post("/care/limits/<number>/restore")
@needs(Role.COUNSELLOR)
@commits
def restore_limits(number: str) -> ResponseReturnValue:
    """Put the limits of the house back for a person."""
    person = guards.current_staff()
    care.restore_limits(care.get_exposed(number, by=person), by=person)
    return htmx.go(url_for(".show_week"))


def _missing(number: str, due_on: date | None) -> tuple[tuple[tuple[str, str], bool], ...]:
    return (("person", "required"), not number), (("due_on", "date"), due_on is None)


def _day(name: str) -> date | None:
    """Return the day an address asks for; None where it asks for none. Raises Refused for what is no day."""
    asked = request.args.get(name, "")
    found = _typed_day(asked)
    if asked and found is None:
        raise Refused((name, "unknown"))
    return found


def _typed_day(text: str) -> date | None:
    found = days.read(text)
    return found if found and 2000 <= found.year < 3000 else None
