"""A clock of an item that a person lets stand still, says why, and lets go on with the time that was left."""

from hotline import clock
from hotline.errors import Forbidden, Refused, WrongState
from hotline.models.clock import Clock
from hotline.models.item import Item
from hotline.models.staff import Staff
from hotline.rules import clocks as rules
from hotline.rules.standing import UNDECIDED
from hotline.services import audit, clock_rules, clocks
from hotline.vocabulary import Duty, PauseReason


def pause(one: Clock, reason: str, *, by: Staff) -> Item:
    """Let a clock stand still, and return its item. The time that is left is left when it goes on.

    Raises Refused when `reason` is none of `PauseReason`, WrongState when it stands still already or has run out, and
    Forbidden for the second look at what `by` looked at first: it is not theirs to hold up, nor to tell anything of.
    """
    if reason not in set(PauseReason):
        raise Refused(("reason", "required"))
    if not may_pause(one, by=by):
        raise Forbidden("the second look belongs to another")
    if one.paused_at or rules.is_over(clock.now(), one.due_at):
        raise WrongState(f"clock {one.id} stands still, or has run out")
    clocks.halt(one, PauseReason(reason), by=by)
    item = clocks.item_of(one)
    audit.record(by, "paused clock", f"item {item.ref}", duty=one.duty, reason=reason)
    clocks.keep_due(item)
    return item


def may_pause(one: Clock, *, by: Staff) -> bool:
    """Whether this person may let an item's clock stand still, be it not over: not the second look at their own."""
    return one.duty is not Duty.SECOND_LOOK or clocks.item_of(one).assessor_id != by.id


def reason_of(one: Clock, *, by: Staff) -> PauseReason | None:
    """Return why an item's clock stands still. None while it is not to be told: it may tell what somebody found."""
    may_read = one.paused_by_id == by.id or clocks.item_of(one).status not in UNDECIDED
    return one.pause_reason if may_read else None


def resume(one: Clock, *, by: Staff) -> Clock:
    """Let a clock go on with the time that was left. Raises WrongState when it does not pause.

    Returns the clock that runs now: another one where the item became more urgent meanwhile, and its limit stricter.
    """
    if one.paused_at is None:
        raise WrongState(f"clock {one.id} runs")
    clocks.carry_on(one)
    item = clocks.item_of(one)
    audit.record(by, "resumed clock", f"item {item.ref}", duty=one.duty)
    if clock_rules.rule_for(one.duty, item.urgency).urgency != one.rule.urgency:
        clocks.urgency_rose(item)
    clocks.keep_due(item)
    return next(running for running in clocks.running_of(item) if running.duty is one.duty)
