"""What ICCAM is told of an item: the ledger, the block to copy from, and what somebody has typed in there."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing, exchange_words
from hotline.blueprints.guards import needs, redraws
from hotline.rules import iccam as rule
from hotline.services import iccam, items
from hotline.transactions import commits
from hotline.vocabulary import IccamAction, Role

bp = Blueprint("iccam", __name__, url_prefix="/items/<ref>/iccam")
PEOPLE = (Role.ANALYST, Role.REVIEWER)


@bp.get("")
@needs(*PEOPLE)
def show_ledger(ref: str, entry_id: int = 0) -> ResponseReturnValue:
    """Show what ICCAM is to be told of an item, in its order, and what it has been told.

    `entry_id` is the step that could not be saved, when the page is drawn again.
    """
    return _page(ref)


@bp.post("")
@needs(*PEOPLE)
@redraws(show_ledger)
@commits
def begin_ledger(ref: str) -> ResponseReturnValue:
    """Begin a ledger from what two people agreed on."""
    item = items.get(ref, by=guards.current_staff())
    iccam.begin(item, *_numbers(), by=guards.current_staff())
    return htmx.go(url_for(".show_ledger", ref=ref))


@bp.post("/block")
@needs(*PEOPLE)
@commits
def show_block(ref: str) -> ResponseReturnValue:
    """Show the block to copy, with the address as it is; that is logged and counted."""
    person = guards.current_staff()
    return _page(ref, block=iccam.companion(items.get(ref, by=person), by=person))


@bp.post("/actions")
@needs(*PEOPLE)
@redraws(show_ledger)
@commits
def add_action(ref: str) -> ResponseReturnValue:
    """Add something that was done."""
    word, _sep, reason = request.form.get("action", "").partition(":")
    item = items.get(ref, by=guards.current_staff())
    iccam.add_action(item, word, reason, by=guards.current_staff())
    return htmx.go(url_for(".show_ledger", ref=ref))


@bp.post("/steps/<int(max=2147483647):entry_id>")
@needs(*PEOPLE)
@redraws(show_ledger)
@commits
def record_step(ref: str, entry_id: int) -> ResponseReturnValue:
    """Note that a step was typed into ICCAM."""
    item = items.get(ref, by=guards.current_staff())
    iccam.record_typed(item, iccam.get_entry(item, entry_id), *_numbers(), by=guards.current_staff())
    flash(_("Saved."))
    return htmx.go(url_for(".show_ledger", ref=ref))


@bp.post("/steps/<int(max=2147483647):entry_id>/again")
@needs(Role.REVIEWER)
@commits
def try_again(ref: str, entry_id: int) -> ResponseReturnValue:
    """Let a step that failed be sent once more."""
    item = items.get(ref, by=guards.current_staff())
    iccam.try_again(item, iccam.get_entry(item, entry_id), by=guards.current_staff())
    return htmx.go(url_for(".show_ledger", ref=ref))


@bp.post("/send")
@needs(Role.REVIEWER)
@commits
def send_steps(ref: str) -> ResponseReturnValue:
    """Have the connector tell ICCAM what is due."""
    iccam.send(items.get(ref, by=guards.current_staff()), by=guards.current_staff())
    flash(_("It is sent now, one step after the other."))
    return htmx.go(url_for(".show_ledger", ref=ref))


def _page(ref: str, block: str = "") -> str:
    item = items.get(ref, by=guards.current_staff())
    held = iccam.find(item)
    is_closed = iccam.is_closed(item)
    steps = (
        [(one, {} if is_closed else iccam.code_of(one), iccam.may_record(one, held)) for one in held.entries]
        if held
        else []
    )
    return drawing.draw(
        "desk/exchange/iccam.html",
        item=item,
        held=held,
        steps=steps,
        may_begin=iccam.may_begin(item),
        is_on=iccam.is_on(),
        is_closed=is_closed,
        may_show_block=iccam.may_show_block(item),
        suggested=iccam.suggested(item) if held else [],
        actions=[(one, rule.reasons(one)) for one in IccamAction if iccam.may_add(item, one)],
        reason_names=rule.REASON_NAMES,
        reason_codes=rule.CODES[rule.REASON_ID],
        block=block,
        typed=request.form,
        say=exchange_words.say,
        fault_word=exchange_words.iccam_fault,
    )


def _numbers() -> tuple[str, str]:
    return request.form.get("report_no", ""), request.form.get("content_no", "")
