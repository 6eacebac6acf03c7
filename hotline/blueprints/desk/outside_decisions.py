"""What an outside adviser decided, recorded by a manager and confirmed by another of those who looked.

No address, and no word of a report, is on a manager's page here.
"""

from enum import StrEnum
from typing import TypeVar

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import days, drawing, findings_form, outside_words
from hotline.blueprints.guards import needs, redraws
from hotline.rules.outside import ANSWERS, MOST_NAME, MOST_REASONS, MOST_REFERENCE, Said, Waits
from hotline.services import items, outside_decisions
from hotline.transactions import commits
from hotline.vocabulary import InhopeClass, ItemStatus, LawVerdict, Role

bp = Blueprint("outside_decisions", __name__, url_prefix="/outside-decisions")
W = TypeVar("W", bound=StrEnum)


@bp.get("")
@needs(Role.MANAGER)
def show_disputes() -> ResponseReturnValue:
    """Show the disputes by their reference, and what each waits for."""
    return drawing.draw(
        "desk/outside_decisions/list.html",
        disputes=outside_decisions.list_waiting(by=guards.current_staff()),
        most=outside_decisions.MOST,
        third=Waits.THIRD,
        waiting=outside_words.waiting,
    )


@bp.get("/<ref>")
@needs(Role.MANAGER)
def show_dispute(ref: str) -> ResponseReturnValue:
    """Show what was recorded of one dispute, and the form for what an adviser decided."""
    person = guards.current_staff()
    item = outside_decisions.get_item(ref, by=person)
    found = outside_decisions.of(item)
    return drawing.draw(
        "desk/outside_decisions/page.html",
        item=item,
        decisions=[
            (one, outside_decisions.read(one, by=person) if outside_decisions.may_read(one, by=person) else None)
            for one in found
        ],
        may_record=outside_decisions.may_record(item, by=person),
        has_looked=outside_decisions.has_looked(item, person),
        may_withdraw=outside_decisions.may_withdraw(item, by=person),
        is_own=bool(found) and found[0].recorded_by_id == person.id,
        waits=outside_words.waiting(outside_decisions.waits(item)) if item.status is ItemStatus.DISPUTED else "",
        classes=tuple(InhopeClass),
        answers=ANSWERS,
        law_name=findings_form.law_name(),
        standing=outside_words.standing,
        longest_name=MOST_NAME,
        longest_reference=MOST_REFERENCE,
        longest_reasons=MOST_REASONS,
        typed=request.form,
        say=outside_words.say,
    )


@bp.post("/<ref>")
@needs(Role.MANAGER)
@redraws(show_dispute)
@commits
def record_decision(ref: str) -> ResponseReturnValue:
    """Record what an outside adviser decided."""
    person, typed = guards.current_staff(), request.form
    item = outside_decisions.get_item(ref, by=person)
    said = Said(
        adviser=typed.get("adviser", ""),
        reference=typed.get("reference", ""),
        reasons=typed.get("reasons", ""),
        inhope_class=_one_of(InhopeClass, typed.get("inhope_class", "")),
        law=_one_of(LawVerdict, typed.get("law", "")),
        decided_on=days.read(typed.get("decided_on", "")),
        was_shown="was_shown" in typed,
    )
    if outside_decisions.record(item, said, by=person):
        flash(_("Recorded, and the dispute is settled: one of the looks says the same."))
    elif outside_decisions.has_looked(item, person):
        flash(_("Recorded. It counts once another of those who looked confirms the record."))
    else:
        flash(_("Recorded. None of the looks says the same, so people look again."))
    return htmx.go(url_for(".show_dispute", ref=item.ref))


@bp.post("/<ref>/withdraw")
@needs(Role.MANAGER)
@commits
def withdraw_decision(ref: str) -> ResponseReturnValue:
    """Set a record aside: one's own, or another's that nobody has confirmed. It stays on record."""
    item = outside_decisions.get_item(ref, by=guards.current_staff())
    outside_decisions.withdraw(item, by=guards.current_staff())
    flash(_("Set aside. A third person is asked as before."))
    return htmx.go(url_for(".show_dispute", ref=item.ref))


@bp.post("/<ref>/confirm")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def confirm_decision(ref: str) -> ResponseReturnValue:
    """Confirm that the record is what the adviser decided."""
    item = items.get(ref, by=guards.current_staff())
    is_settled = outside_decisions.confirm(item, by=guards.current_staff())
    flash(
        _("Confirmed, and the dispute is settled: one of the looks says the same.")
        if is_settled
        else _("Confirmed. None of the looks says the same, so people look again.")
    )
    return htmx.go(url_for("desk.items.show_item", ref=item.ref))


@bp.post("/<ref>/refuse")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def refuse_decision(ref: str) -> ResponseReturnValue:
    """Say that the record is not what the adviser decided."""
    item = items.get(ref, by=guards.current_staff())
    outside_decisions.refuse(item, by=guards.current_staff())
    flash(_("Noted: the record does not count. A third person is asked as before."))
    return htmx.go(url_for("desk.items.show_item", ref=item.ref))


def _one_of(words: type[W], typed: str) -> W | None:
    """Return the word that was chosen; None for what is none."""
    return next((one for one in words if one == typed), None)
