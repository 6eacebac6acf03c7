"""Limits and clocks: how every duty stands, the rules with their dates, and letting one clock stand still."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from babel.dates import get_day_names
from flask import Blueprint, abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import i18n, jurisdiction
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import clock_words, drawing, words
from hotline.blueprints.guards import CASE_ROLES, needs, redraws
from hotline.models.clock import Clock
from hotline.rules import clocks as rule
from hotline.rules.clocks import BY_RISK, BY_SECTOR, BY_URGENCY, Limit
from hotline.services import clock_lists, clock_pauses, clock_rules, clock_tallies, clocks, items
from hotline.transactions import commits
from hotline.vocabulary import Duty, Pace, PauseReason, Risk, Role, Sector, Urgency

bp = Blueprint("clocks", __name__)
READERS = tuple(role for role in Role if role is not Role.COUNSELLOR)
MOST = 20  # lines of a list
REST = "rest"  # in an address: whatever has no rule of its own
PLACES = {
    "item": "desk.items.show_item",
    "report": "desk.messages.show_conversation",
    "unread": "desk.reports.show_unread_report",
    "help": "desk.victims.show_request",
    "police": "desk.police.show_report",
    "hold": "desk.holds.show_hold",
    "exchange": "desk.exchange.show_exchange_of",
    "notice": "desk.notices.show_notice",
    "appeal": "desk.appeals.show_appeal",
    "case": "desk.victim_cases.show_case",
    "referral": "desk.referrals.show_referral",
    "identification": "desk.identifications.show_identification",
}


@bp.get("/clocks")
@needs(*READERS)
def show_clocks() -> ResponseReturnValue:
    """Show how every duty stands; to who may see what it is about also which, soonest first; and the rules."""
    person = guards.current_staff()
    sees_refs = person.has(*CASE_ROLES, Role.VICTIM_SUPPORT)
    return drawing.draw(
        "desk/clocks/page.html",
        tallies=clock_tallies.tallies(by=person),
        most_counted=clock_tallies.MOST_COUNTED,
        sees_refs=sees_refs,
        running=clock_lists.list_running(by=person, most=MOST) if sees_refs else [],
        paused=clock_lists.list_paused(by=person, most=MOST) if sees_refs else [],
        most=MOST,
        rules=clock_rules.list_in_force(by=person),
        urgencies=tuple(Urgency),
        risks=tuple(Risk),
        by_urgency=BY_URGENCY,
        by_risk=BY_RISK,
        by_sector=BY_SECTOR,
        sectors=tuple(Sector),
        rest=REST,
        places=PLACES,
        **_said(),
    )


@bp.get("/clocks/rules/<duty>/<urgency>")
@needs(Role.MANAGER)
def show_rule(duty: str, urgency: str) -> ResponseReturnValue:
    """Show a rule, to be followed by another one, and those it has followed."""
    return _rule_page(duty, urgency)


@bp.post("/clocks/rules/<duty>/<urgency>/preview")
@needs(Role.MANAGER)
@redraws(show_rule)
def preview_rule(duty: str, urgency: str) -> ResponseReturnValue:
    """Show what a rule would mean. Nothing is kept."""
    limit, reason = _limit(request.form), request.form.get("reason", "").strip()
    clock_rules.check_rule(limit, valid_from=_valid_from(), reason=reason or "-")
    return _rule_page(duty, urgency, preview=limit)


preview_rule.__dict__["writes_nothing"] = True


@bp.post("/clocks/rules/<duty>/<urgency>")
@needs(Role.MANAGER)
@redraws(show_rule)
@commits
def change_rule(duty: str, urgency: str) -> ResponseReturnValue:
    """Let another rule follow from a day on. What runs keeps its own."""
    clock_rules.change_rule(
        *_which(duty, urgency),
        _limit(request.form),
        valid_from=_valid_from(),
        reason=request.form.get("reason", ""),
        by=guards.current_staff(),
    )
    flash(_("Saved. Clocks that run already keep the limit they began with."))
    return htmx.go(url_for(".show_clocks", _anchor="rules-h"))


@bp.get("/items/<ref>/clocks/<int(max=2147483647):clock_id>")
@needs(*CASE_ROLES)
def show_clock(ref: str, clock_id: int) -> ResponseReturnValue:
    """Show one clock of an item, to let it stand still or go on."""
    one = _clock(ref, clock_id)
    person = guards.current_staff()
    return drawing.draw(
        "desk/clocks/clock.html",
        ref=ref,
        one=one,
        reason=clock_pauses.reason_of(one, by=person),
        may_pause=clock_pauses.may_pause(one, by=person),
        typed=request.form,
        **_said(),
    )


@bp.post("/items/<ref>/clocks/<int(max=2147483647):clock_id>/pause")
@needs(*CASE_ROLES)
@redraws(show_clock)
@commits
def pause_clock(ref: str, clock_id: int) -> ResponseReturnValue:
    """Let a clock stand still, with a reason."""
    clock_pauses.pause(_clock(ref, clock_id), request.form.get("reason", ""), by=guards.current_staff())
    flash(_("The clock stands still. What was left of its time is left when it goes on."))
    return htmx.go(url_for("desk.items.show_item", ref=ref))


@bp.post("/items/<ref>/clocks/<int(max=2147483647):clock_id>/resume")
@needs(*CASE_ROLES)
@commits
def resume_clock(ref: str, clock_id: int) -> ResponseReturnValue:
    """Let a clock go on."""
    one = clock_pauses.resume(_clock(ref, clock_id), by=guards.current_staff())
    flash(_("The clock goes on. The new limit is %(when)s.", when=words.moment(one.due_at)))
    return htmx.go(url_for("desk.items.show_item", ref=ref))


def _clock(ref: str, clock_id: int) -> Clock:
    person = guards.current_staff()
    one, item = clocks.get(clock_id, by=person), items.get(ref, by=person)
    return one if one.subject_id == item.id else abort(404)


def _which(duty: str, urgency: str) -> tuple[Duty, int | None]:
    """Return which rule an address means."""
    if duty not in set(Duty):
        abort(404)
    kinds = {BY_URGENCY: Urgency, BY_RISK: Risk, BY_SECTOR: Sector}
    most = next((len(kind) for duties, kind in kinds.items() if duty in duties), 0)
    named: dict[str, int | None] = {f"p{place}": place for place in range(1, most + 1)} | {REST: None}
    return (Duty(duty), named[urgency]) if urgency in named else abort(404)


def _rule_page(duty: str, urgency: str, preview: Limit | None = None) -> str:
    which = _which(duty, urgency)
    held = clock_rules.rule_for(*which)
    return drawing.draw(
        "desk/clocks/rule.html",
        duty=which[0],
        urgency=which[1],
        risk=Risk(which[1]) if which[1] and which[0] in BY_RISK else None,
        sector=tuple(Sector)[which[1] - 1] if which[1] and which[0] in BY_SECTOR else None,
        held=held.limit,
        held_due=clock_rules.would_end(held.limit),
        preview=preview,
        preview_due=clock_rules.would_end(preview) if preview else None,
        history=clock_rules.history(*which),
        here={"duty": duty, "urgency": urgency},
        typed=request.form or _written(held.limit),
        units=tuple(clock_words.UNITS),
        unit_word=clock_words.unit,
        paces=tuple(Pace),
        longest_reason=rule.MOST_REASON,
        **_said(),
    )


def _said() -> dict[str, Any]:
    """Return the words that every page of limits and clocks needs."""
    office = jurisdiction.current().office
    names = get_day_names("wide", locale=i18n.chosen())
    return {
        "limit_word": lambda limit: clock_words.length(limit.length, limit.pace, clock_rules.day_of(Pace.WORKING)),
        "reminder_word": lambda limit: clock_words.length(limit.reminder, limit.pace, clock_rules.day_of(Pace.WORKING)),
        "limit_of": clock_rules.limit_of,
        "say": clock_words.say,
        "reasons": tuple(PauseReason),
        "office_days": ", ".join(str(names[day]) for day in sorted(office.days)),
        "office_hours": f"{office.opens:%H:%M}–{office.closes:%H:%M}",
    }


def _limit(form: Mapping[str, str]) -> Limit:
    """Read a limit as it was typed; what is no number is nothing, which the rules refuse."""
    pace = Pace(form["pace"]) if form.get("pace") in set(Pace) else Pace.WALL
    return Limit(_time(form, "length", pace), _time(form, "reminder", pace), pace)


def _time(form: Mapping[str, str], field: str, pace: Pace) -> timedelta:
    units = clock_words.UNITS | {"days": clock_rules.day_of(pace)}
    number, unit = form.get(field, "").strip(), form.get(f"{field}_unit", "")
    return (
        int(number) * units[unit]
        if number.isascii() and number.isdigit() and len(number) < 7 and unit in units
        else timedelta()
    )


def _written(limit: Limit) -> dict[str, str]:
    """Return a limit as the form has it: in the unit it is said in."""
    typed: dict[str, str] = {"pace": limit.pace}
    for field, time in (("length", limit.length), ("reminder", limit.reminder)):
        unit, number = rule.in_units(time, limit.pace, clock_rules.day_of(Pace.WORKING))
        typed |= {field: str(number), f"{field}_unit": unit}
    return typed


def _valid_from() -> datetime | None:
    """Return the beginning of the day that was typed; None for at once, and the first of all days for no day."""
    typed = request.form.get("valid_from", "").strip()
    zone = jurisdiction.current().zone
    try:
        return datetime.combine(date.fromisoformat(typed), datetime.min.time(), zone) if typed else None
    except ValueError:
        return datetime(1970, 1, 1, tzinfo=zone)
