"""Consultations: when each sector was last met, and planning, moving, cancelling and holding one."""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock, jurisdiction
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import consultation_words, days, drawing, numbers, stakeholder_words
from hotline.blueprints.guards import needs, redraws, shows_newer
from hotline.errors import Refused
from hotline.models.consultation import Consultation
from hotline.rules import consultations as rules
from hotline.rules.consultations import Plan, Present
from hotline.rules.lists import neutral
from hotline.services import action_points, consultations, stakeholders
from hotline.transactions import commits
from hotline.vocabulary import ConsultationState, ConsultationWay, Language

bp = Blueprint("consultations", __name__, url_prefix="/practice/consultations")
READERS, KEEPERS = consultations.READERS, consultations.KEEPERS
ALSO = ("also_1", "also_2")  # organisations that came without being invited, in the form
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


@bp.get("")
@needs(*READERS)
def show_consultations() -> ResponseReturnValue:
    """Show how every sector stands, what is to be done, and the consultations; one state of them in the address."""
    person, typed = guards.current_staff(), request.args.get("state", "")
    state = ConsultationState(typed) if typed in set(ConsultationState) else None
    return drawing.draw(
        "desk/consultations/list.html",
        sectors=consultations.sectors(),
        rows=consultations.list_all(by=person, state=state),
        most=consultations.MOST,
        state=state,
        states=tuple(ConsultationState),
        points=action_points.open_ones(by=person),
        this_year=jurisdiction.today().year,
        names_of=stakeholder_words.names,
        name_of=stakeholder_words.name,
    )


@bp.get("/all.csv")
@needs(*READERS)
def download_consultations() -> ResponseReturnValue:
    """Give every consultation as a file: references, days, states and organisations; no words of anybody."""
    written = io.StringIO()
    out = csv.writer(written, lineterminator="\r\n")
    out.writerow(consultations.COLUMNS)
    for row in consultations.records(FIRST, LAST, by=guards.current_staff()):
        out.writerow([neutral(cell) for cell in row])
    headers = {"Content-Disposition": 'attachment; filename="consultations.csv"'}
    return Response(written.getvalue(), mimetype="text/csv", headers=headers)


@bp.get("/new")
@needs(*KEEPERS)
def new_consultation() -> ResponseReturnValue:
    """Ask what is planned, with whom."""
    return _plan_form("desk/consultations/new.html", request.form, _ticked())


@bp.post("/new")
@needs(*KEEPERS)
@redraws(new_consultation)
@commits
def plan_consultation() -> ResponseReturnValue:
    """Plan a consultation."""
    wanted = _plan(_moment("starts"))
    added = consultations.plan(wanted, lead=request.form.get("lead", ""), by=guards.current_staff())
    flash(_("Planned. Nothing was mailed: copy the invitation from this page."))
    return htmx.go(url_for("desk.consultation_records.show_consultation", ref=added.ref))


@bp.get("/<ref>/plan")
@needs(*KEEPERS)
def show_plan(ref: str) -> ResponseReturnValue:
    """Show a plan, to be changed."""
    one = consultations.get(ref, by=guards.current_staff())
    ticked = _ticked() if request.form else [each.ref for each in one.invited]
    return _plan_form("desk/consultations/plan.html", request.form or _kept(one), ticked, one)


@bp.post("/<ref>/plan")
@needs(*KEEPERS)
@redraws(show_plan)
@shows_newer(show_plan)
@commits
def change_plan(ref: str) -> ResponseReturnValue:
    """Change a plan, all but its day."""
    person = guards.current_staff()
    one = consultations.get(ref, by=person)
    version = request.form.get("version", 0, type=numbers.read)
    consultations.change(one, _plan(one.starts_at), lead=request.form.get("lead", ""), version=version, by=person)
    flash(_("Saved."))
    return _back(ref)


@bp.get("/<ref>/move")
@needs(*KEEPERS)
def show_move(ref: str) -> ResponseReturnValue:
    """Ask to which day a consultation is moved, and why."""
    one = consultations.get(ref, by=guards.current_staff())
    return drawing.draw("desk/consultations/move.html", one=one, typed=request.form, say=consultation_words.say)


@bp.post("/<ref>/move")
@needs(*KEEPERS)
@redraws(show_move)
@commits
def move_consultation(ref: str) -> ResponseReturnValue:
    """Move a consultation to another moment."""
    person = guards.current_staff()
    one = consultations.get(ref, by=person)
    consultations.move(one, _moment("starts"), request.form.get("why", ""), by=person)
    flash(_("Moved. Tell those who are invited: the invitation on this page says the new day."))
    return _back(ref)


@bp.get("/<ref>/cancel")
@needs(*KEEPERS)
def show_cancel(ref: str) -> ResponseReturnValue:
    """Ask why a consultation is cancelled."""
    one = consultations.get(ref, by=guards.current_staff())
    return drawing.draw("desk/consultations/cancel.html", one=one, typed=request.form, say=consultation_words.say)


@bp.post("/<ref>/cancel")
@needs(*KEEPERS)
@redraws(show_cancel)
@commits
def cancel_consultation(ref: str) -> ResponseReturnValue:
    """Cancel a consultation."""
    person = guards.current_staff()
    consultations.cancel(consultations.get(ref, by=person), request.form.get("why", ""), by=person)
    flash(_("Cancelled. The sectors stay due."))
    return _back(ref)


@bp.post("/<ref>/invited")
@needs(*KEEPERS)
@commits
def note_invited(ref: str) -> ResponseReturnValue:
    """Note that the invitation has gone."""
    person = guards.current_staff()
    consultations.note_invited(consultations.get(ref, by=person), by=person)
    flash(_("Noted that it was sent."))
    return _back(ref)


@bp.get("/<ref>/held")
@needs(*KEEPERS)
def show_held(ref: str) -> ResponseReturnValue:
    """Ask when a consultation was held and who came; of one that is on record, who else came."""
    person = guards.current_staff()
    one = consultations.get(ref, by=person)
    every = stakeholders.list_all(by=person)
    invited = one.invited
    people = stakeholders.people_of_each(invited, about=consultations.subject(one), by=person)
    return drawing.draw(
        "desk/consultations/held.html",
        one=one,
        typed=request.form or _kept_moment("held", min(one.starts_at, clock.now())),
        ticked=request.form.getlist("person"),
        invited=[(each, people[each.id]) for each in invited],
        others=[(each.ref, stakeholder_words.name(each)) for each in every if each.active and each not in invited],
        also=ALSO,
        most_others=rules.MOST_OTHERS,
        came=consultations.attendance_of(one, by=person) if one.held_at else [],
        overtaken=guards.overtaken(),
        who=consultation_words.who,
        name_of=stakeholder_words.name,
        names_of=stakeholder_words.names,
        say=consultation_words.say,
    )


@bp.post("/<ref>/held")
@needs(*KEEPERS)
@redraws(show_held)
@shows_newer(show_held)
@commits
def note_held(ref: str) -> ResponseReturnValue:
    """Note that a consultation was held, and who came; or who else came."""
    person = guards.current_staff()
    one = consultations.get(ref, by=person)
    present, version = _present(one), request.form.get("version", 0, type=numbers.read)
    if one.state is ConsultationState.HELD:
        met = consultations.add_present(one, present, version=version, by=person)
    else:
        met = consultations.hold(one, _moment("held"), present, version=version, by=person)
    flash(consultation_words.marked(met))
    return _back(ref)


def _plan_form(template: str, typed: Any, ticked: list[str], one: Consultation | None = None) -> str:
    every = stakeholders.list_all(by=guards.current_staff())
    return drawing.draw(
        template,
        one=one,
        typed=typed,
        ticked=ticked,
        groups=stakeholder_words.by_sector(each for each in every if each.active),
        name_of=stakeholder_words.name,
        names_of=stakeholder_words.names,
        ways=stakeholder_words.choices(ConsultationWay),
        languages=stakeholder_words.choices(Language),
        leads=stakeholder_words.people(consultations.leads()),
        say=consultation_words.say,
        overtaken=guards.overtaken(),
    )


def _plan(starts_at: datetime | None) -> Plan:
    fields = ("title", "way", "place", "agenda", "language")
    wanted = rules.judge_plan(
        **{name: request.form.get(name, "") for name in fields},
        starts_at=starts_at,
        invited=_ticked(),
        now=clock.now(),
    )
    if not isinstance(wanted, Plan):
        raise Refused(*wanted)
    return wanted


def _present(one: Consultation) -> list[Present]:
    """Return who came, as the form says it: people that are ticked, and how many others of each organisation."""
    ticked = {numbers.read(typed) for typed in request.form.getlist("person") if typed.isdecimal() and len(typed) < 10}
    found = []
    for each in one.invited:
        known = ticked.intersection(stakeholders.ids_of(each))
        found.append(Present(each.ref, tuple(sorted(known)), _how_many(f"others-{each.ref}")))
    for field in ALSO:
        if ref := request.form.get(field, ""):
            found.append(Present(ref, (), _how_many(f"{field}_others")))
    return found


def _how_many(field: str) -> int:
    """Return a number of people; -1, which the rules refuse, for what is none."""
    typed = request.form.get(field, "").strip()
    if not typed:
        return 0
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 5 else -1


def _ticked() -> list[str]:
    return request.form.getlist("invited")


def _moment(field: str) -> datetime | None:
    """Return the moment typed in two fields, in this country's time; None for what is none."""
    on = days.read(request.form.get(f"{field}_on", ""))
    try:
        at = time.fromisoformat(request.form.get(f"{field}_time", "").strip())
    except ValueError:
        return None
    return datetime.combine(on, at.replace(tzinfo=None), jurisdiction.current().zone) if on else None


def _kept(one: Consultation) -> Mapping[str, str]:
    kept = {name: str(getattr(one, name)) for name in ("title", "way", "place", "agenda", "language")}
    return kept | {"lead": one.lead.number}


def _kept_moment(field: str, at: datetime) -> Mapping[str, str]:
    here = at.astimezone(jurisdiction.current().zone)
    return {f"{field}_on": here.date().isoformat(), f"{field}_time": f"{here:%H:%M}"}


def _back(ref: str) -> Response:
    return htmx.go(url_for("desk.consultation_records.show_consultation", ref=ref))
