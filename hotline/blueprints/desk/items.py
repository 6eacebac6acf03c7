"""The queue, and one item: take it, read it, look at it, pass it on."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import dossier, findings_form, histories
from hotline.blueprints.guards import needs, redraws
from hotline.errors import Refused
from hotline.rules import standing
from hotline.services import assessments, claims, items, queue
from hotline.transactions import commits
from hotline.vocabulary import Category, ItemStatus, Role

bp = Blueprint("items", __name__, url_prefix="/items")
W = TypeVar("W", bound=StrEnum)
FILTERS = ("status", "category", "whose")


@bp.get("")
@needs(Role.ANALYST, Role.REVIEWER)
def show_queue() -> ResponseReturnValue:
    """Show open items, most urgent first. The filter is in the address."""
    asked = request.args
    found = queue.list_queue(
        by=guards.current_staff(),
        status=_word(ItemStatus, "status"),
        category=_word(Category, "category"),
        whose=asked.get("whose", ""),
        after=asked.get("after", ""),
    )
    return htmx.page_or_partial(
        "desk/items/queue.html",
        "desk/items/_rows.html",
        queue=found,
        asked=asked,
        next_page=_address(asked, after=found.next) if found.next else "",
        categories=tuple(Category),
        statuses=tuple(status for status in ItemStatus if status is not ItemStatus.CLOSED),
    )


@bp.post("/next")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def take_next() -> ResponseReturnValue:
    """Take the most urgent item that nobody has, and open it."""
    item = claims.claim_next(by=guards.current_staff())
    return redirect(url_for(".show_item", ref=item.ref) if item else url_for(".show_queue", whose="nobody"), 303)


@bp.post("/<ref>/claim")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def claim_item(ref: str) -> ResponseReturnValue:
    """Take an item, so that nobody else opens it."""
    item = items.get(ref, by=guards.current_staff())
    claims.claim(item, by=guards.current_staff())
    return htmx.partial_or_redirect("desk/items/_row.html", url_for(".show_item", ref=ref), row=queue.row_of(item))


@bp.get("/<ref>")
@needs(Role.ANALYST, Role.REVIEWER)
def show_item(ref: str) -> ResponseReturnValue:
    """Show an item: what is known of it, and what it asks of this person."""
    person = guards.current_staff()
    item = items.get(ref, by=person)
    shown = dossier.looks(item, by=person)
    task = standing.task(
        item.status,
        is_first=item.assessor_id == person.id,
        has_chosen=bool(shown["looks"]),
        may_review=person.has(Role.REVIEWER),
        is_taken=item.reviewer_id not in {None, person.id},
    )
    return dossier.draw(
        "desk/items/page.html",
        "desk/items/_work.html",
        item,
        by=person,
        task=task,
        may_take_over=standing.may_take_over(person.roles),
        **shown,
    )


@bp.post("/<ref>/assess")
@needs(Role.ANALYST, Role.REVIEWER)
@redraws(show_item)
@commits
def assess_item(ref: str) -> ResponseReturnValue:
    """Take the first look at an item that is in this person's hands."""
    item = items.get(ref, by=guards.current_staff())
    assessments.require_first_look(item, by=guards.current_staff())
    assessments.first_look(item, findings_form.read(request.form), by=guards.current_staff())
    waits = item.status is ItemStatus.IN_REVIEW
    flash(_("Saved. Now it waits for a second look.") if waits else _("Saved. Nothing can leave, so it is closed."))
    return htmx.go(url_for(".show_item", ref=ref))


@bp.post("/<ref>/look-again")
@needs(Role.ANALYST, Role.REVIEWER)
@redraws(show_item)
@commits
def look_again(ref: str) -> ResponseReturnValue:
    """Add a finding where the looks differ: one's own anew, or a third person's."""
    item = items.get(ref, by=guards.current_staff())
    assessments.require_dispute(item, by=guards.current_staff())
    agreed = assessments.reconsider(item, findings_form.read(request.form), by=guards.current_staff())
    flash(_("Saved. Two people agree now.") if agreed else _("Saved. The looks still differ."))
    return htmx.go(url_for(".show_item", ref=ref))


@bp.post("/<ref>/pass-on")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def pass_item_on(ref: str) -> ResponseReturnValue:
    """Put an item back into the queue. Nobody asks why."""
    claims.pass_on(items.get(ref, by=guards.current_staff()), by=guards.current_staff())
    flash(_("%(ref)s is back in the queue for somebody else.", ref=ref))
    return htmx.go(url_for(".show_queue"))


@bp.post("/<ref>/take-over")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def take_item_over(ref: str) -> ResponseReturnValue:
    """Take a first look out of somebody else's hands. Nobody asks why; the timeline says from whom."""
    item = items.get(ref, by=guards.current_staff())
    claims.take_over(item, held_by=request.form.get("held_by", ""), by=guards.current_staff())
    flash(_("%(ref)s is in your hands now.", ref=ref))
    return htmx.go(url_for(".show_item", ref=ref))


@bp.post("/<ref>/withdraw")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def withdraw_look(ref: str) -> ResponseReturnValue:
    """Withdraw one's own first look while nobody has begun the second."""
    item = items.get(ref, by=guards.current_staff())
    has_it = assessments.withdraw_first_look(item, by=guards.current_staff())
    flash(
        _("Withdrawn. You have it again, with your answers as they were.")
        if has_it
        else _("Withdrawn. Your hands are full, so it is in the queue for somebody else.")
    )
    return htmx.go(url_for(".show_item", ref=ref))


@bp.post("/<ref>/live-address")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def show_live_address(ref: str) -> ResponseReturnValue:
    """Show the address as it is, as plain text; that is logged and counted."""
    item = items.get(ref, by=guards.current_staff())
    address = items.live_address(item, by=guards.current_staff())
    times = histories.times_shown_live(items.timeline(item))
    return htmx.page_or_partial(
        "desk/items/live.html", "desk/items/_live.html", item=item, address=address, times_live=times
    )


@bp.post("/<ref>/adviser-answered")
@needs(Role.REVIEWER)
@commits
def record_answer(ref: str) -> ResponseReturnValue:
    """Let people look anew, because the legal adviser has answered."""
    item = items.get(ref, by=guards.current_staff())
    assessments.adviser_answered(item, by=guards.current_staff())
    has_it = item.status is ItemStatus.ASSESSING
    flash(
        _("Recorded. Whoever gave the first look has it again.")
        if has_it
        else _("Recorded. Whoever gave the first look is no longer here or has enough in hand, so it is in the queue.")
    )
    return htmx.go(url_for(".show_item", ref=ref))


def _address(asked: Mapping[str, str], *, after: str) -> str:
    """Return where the next page of the filtered queue is."""
    status, category, whose = (asked.get(name) or None for name in FILTERS)
    return url_for(".show_queue", status=status, category=category, whose=whose, after=after)


def _word(words: type[W], name: str) -> W | None:
    """Return the word a filter asks for; None where it asks for none. Raises Refused for a word nobody knows."""
    asked = request.args.get(name, "")
    if asked and asked not in set(words):
        raise Refused((name, "unknown"))
    return words(asked) if asked else None
