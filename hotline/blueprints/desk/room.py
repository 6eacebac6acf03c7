"""The secure room: who is inside and who was, who may enter; and each person's own coming and leaving."""

import csv
import io
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock, jurisdiction
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import case_forms, days, drawing, room_words
from hotline.blueprints.guards import needs, redraws
from hotline.errors import NotFound
from hotline.models.staff import Staff
from hotline.rules.lists import neutral
from hotline.rules.room import LONGEST_NAME, LONGEST_REASON
from hotline.services import duties, room_entries, staff
from hotline.services.room_entries import Coming, Shown
from hotline.transactions import commits
from hotline.vocabulary import Role

bp = Blueprint("room", __name__)
READERS, KEEPERS = duties.READERS, duties.KEEPERS
MOST_OWN = 10
LONGEST_PERIOD = timedelta(days=366)
HEADER = ("came_at", "left_at", "who", "visitor", "escorted_by", "why", "on_the_list", "noted_by", "corrected")


@bp.get("/practice/security/room")
@needs(*READERS)
def show_register() -> ResponseReturnValue:
    """Show who is inside, and the entries of a period; the last week unless the address says otherwise."""
    person = guards.current_staff()
    since, until = _period()
    return drawing.draw(
        "desk/security/room.html",
        inside=room_entries.list_inside(by=person),
        entries=room_entries.list_between(since, until, by=person),
        most=room_entries.MOST,
        since=since,
        until=until,
        may_keep=room_entries.may_keep(person),
        people=_people(),
        **_said(),
    )


@bp.post("/practice/security/room")
@needs(*KEEPERS)
@redraws(show_register)
@commits
def note_entry() -> ResponseReturnValue:
    """Note that somebody came in."""
    form = request.form
    room_entries.come_in(
        _coming(_find(form.get("who", "")), _find(form.get("escort", "")), form.get("visitor", "")),
        by=guards.current_staff(),
    )
    flash(_("Noted. Note as well when they leave."))
    return htmx.go(url_for(".show_register"))


@bp.get("/practice/security/room/print")
@needs(*READERS)
def print_register() -> ResponseReturnValue:
    """Show the entries of a period for paper. That somebody read them is on record."""
    since, until = _period()
    return drawing.draw(
        "desk/security/room_print.html",
        entries=room_entries.read_between(since, until, by=guards.current_staff()),
        since=since,
        until=until,
        now=clock.now(),
    )


@bp.get("/practice/security/room.csv")
@needs(*READERS)
def download_register() -> ResponseReturnValue:
    """Give the entries of a period as a table. That somebody read them is on record."""
    since, until = _period()
    written = io.StringIO()
    out = csv.writer(written, lineterminator="\r\n")
    out.writerow(HEADER)
    out.writerows(_row(one) for one in room_entries.read_between(since, until, by=guards.current_staff()))
    headers = {"Content-Disposition": f'attachment; filename="secure-room-{since}-{until}.csv"'}
    return Response(written.getvalue(), mimetype="text/csv", headers=headers)


@bp.get("/practice/security/room/list")
@needs(*READERS)
def show_list() -> ResponseReturnValue:
    """Show who may enter without company, since when, until when, and who said so."""
    person = guards.current_staff()
    return drawing.draw(
        "desk/security/permits.html",
        permits=room_entries.list_permits(by=person),
        holders=room_entries.holders(),
        may_keep=room_entries.may_keep(person),
        people=_people(),
        **_said(),
    )


@bp.post("/practice/security/room/list")
@needs(*KEEPERS)
@redraws(show_list)
@commits
def permit_person() -> ResponseReturnValue:
    """Put somebody on the list."""
    room_entries.permit(_find(request.form.get("person", "")), days.sent("until_on"), by=guards.current_staff())
    flash(_("They may enter from now on."))
    return htmx.go(url_for(".show_list"))


@bp.post("/practice/security/room/list/<int(max=2147483647):permit_id>/end")
@needs(*KEEPERS)
@commits
def end_permit(permit_id: int) -> ResponseReturnValue:
    """Take somebody off the list."""
    room_entries.end_permit(permit_id, by=guards.current_staff())
    flash(_("They are off the list."))
    return htmx.go(url_for(".show_list"))


@bp.get("/practice/security/room/<int(max=2147483647):entry_id>")
@needs(*KEEPERS)
def show_entry(entry_id: int) -> ResponseReturnValue:
    """Show one entry with what was corrected about it, and ask what was wrong."""
    entry = room_entries.get(entry_id, by=guards.current_staff())
    return drawing.draw("desk/security/entry.html", shown=room_entries.shown(entry), **_said())


@bp.post("/practice/security/room/<int(max=2147483647):entry_id>")
@needs(*KEEPERS)
@redraws(show_entry)
@commits
def correct_entry(entry_id: int) -> ResponseReturnValue:
    """Add what was wrong about an entry."""
    person = guards.current_staff()
    room_entries.correct(
        room_entries.get(entry_id, by=person),
        came_at=case_forms.moment("came_at"),
        left_at=case_forms.moment("left_at"),
        happened=request.form.get("happened") != "no",
        visitor=request.form.get("visitor", ""),
        reason=request.form.get("reason", ""),
        by=person,
    )
    flash(_("Added. The entry stays as it was written, and counts as you said."))
    return htmx.go(url_for(".show_entry", entry_id=entry_id))


@bp.get("/me/room")
@needs(*Role)
def show_own() -> ResponseReturnValue:
    """Show a person when they were in the room, and let them note that they come, leave, or bring somebody along."""
    person = guards.current_staff()
    entries = room_entries.list_own(person, most=MOST_OWN)
    return drawing.draw(
        "desk/security/own_room.html",
        entries=entries,
        is_inside=any(one.entry.left_at is None and one.entry.staff_id == person.id for one in entries),
        may_enter=person.id in room_entries.holders(),
        **_said(),
    )


@bp.post("/me/room")
@needs(*Role)
@redraws(show_own)
@commits
def note_own() -> ResponseReturnValue:
    """Note that a person came in, or somebody whom they brought along."""
    person, visitor = guards.current_staff(), request.form.get("visitor", "")
    brings = request.form.get("brings") == "yes"
    coming = _coming(None, person, visitor) if brings else _coming(person, None, "")
    room_entries.come_in(coming, by=person)
    flash(_("Noted. Note as well when you leave."))
    return htmx.go(url_for(".show_own"))


@bp.post("/me/room/<int(max=2147483647):entry_id>/left")
@needs(*Role)
@commits
def note_leaving(entry_id: int) -> ResponseReturnValue:
    """Note that somebody leaves now: oneself, somebody one brought along, or anybody for who keeps the register."""
    person = guards.current_staff()
    room_entries.leave(room_entries.get(entry_id, by=person), None, by=person)
    flash(_("Noted that they left."))
    to_register = request.form.get("from") == "register" and person.has(*READERS)
    return htmx.go(url_for(".show_register" if to_register else ".show_own"))


def _said() -> dict[str, Any]:
    """Return what every page of the room needs."""
    return {
        "typed": request.form,
        "say": room_words.say,
        "longest_name": LONGEST_NAME,
        "longest_reason": LONGEST_REASON,
        "kept_days": jurisdiction.current().visitors_kept.days,
    }


def _people() -> list[Staff]:
    return [one for one in staff.list_staff() if one.active]


def _find(number: str) -> Staff | None:
    """Return whom a form chose; None where it chose nobody."""
    try:
        return staff.get(number) if number else None
    except NotFound:
        return None


def _coming(who: Staff | None, escort: Staff | None, visitor: str) -> Coming:
    case_forms.refuse_files()
    return Coming(who, visitor, escort, request.form.get("reason", ""), case_forms.moment("came_at"))


def _period() -> tuple[date, date]:
    """Return the days that the address names, both included; at most a year, and the last week where it names none."""
    today = jurisdiction.today()
    until = days.read(request.args.get("until", "")) or today
    since = days.read(request.args.get("since", "")) or until - room_entries.WEEK
    return (max(since, until - LONGEST_PERIOD), until) if since <= until else (until, until)


def _row(one: Shown) -> tuple[str, ...]:
    entry, stay = one.entry, one.stay
    corrected = "" if not entry.corrections else "yes" if stay.happened else "did not happen"
    cells = (
        stay.came_at.isoformat(timespec="minutes"),
        stay.left_at.isoformat(timespec="minutes") if stay.left_at else "",
        entry.staff.number if entry.staff else "visitor",
        one.visitor or "",
        entry.escort.number if entry.escort else "",
        one.reason or "",
        "yes" if entry.on_list else "no",
        entry.noted_by.number,
        corrected,
    )
    return tuple(neutral(cell) for cell in cells)
