"""One item: read it, look at it, pass it on."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import care_words, dossier, drawing, exposure, findings_form, numbers, queue, undoing
from hotline.blueprints.guards import carries, needs, redraws
from hotline.rules import care, standing
from hotline.services import assessments, claims, disputes, items, neighbours, notice_drafting
from hotline.transactions import commits
from hotline.vocabulary import ItemStatus, Role

bp = Blueprint("items", __name__, url_prefix="/items")
MORE_LINES = 100


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
        third=disputes.third_for(item, by=person) if item.status is ItemStatus.DISPUTED else standing.Third.NOT_ASKED,
    )
    if care.is_hard(task, item.category):
        exposure.looking()
    return dossier.draw(
        "desk/items/page.html",
        "desk/items/_work.html",
        item,
        by=person,
        task=task,
        may_take_over=standing.may_take_over(person.roles),
        has_room=standing.has_room(claims.count_first_looks(by=person)),
        most_first_looks=standing.MOST_IN_HAND,
        why=care_words.why,
        beside=neighbours.of(item, queue.came_with(), by=person),
        from_queue=queue.came_with().as_args,
        **shown,
    )


@bp.get("/<ref>/timeline")
@needs(Role.ANALYST, Role.REVIEWER)
def show_timeline(ref: str) -> ResponseReturnValue:
    """Show more of what happened to an item; with `reads` more of who has read it."""
    item = items.get(ref, by=guards.current_staff())
    tell = dossier.reads_of if request.args.get("reads") else dossier.timeline_of
    lines = tell(item, most=MORE_LINES, before=request.args.get("before", type=numbers.read))
    return drawing.draw("desk/items/timeline.html", item=item, **lines)


@bp.post("/<ref>/assess")
@needs(Role.ANALYST, Role.REVIEWER)
@redraws(show_item)
@carries
@commits
def assess_item(ref: str) -> ResponseReturnValue:
    """Take the first look at an item that is in this person's hands."""
    item = items.get(ref, by=guards.current_staff())
    assessments.require_first_look(item, by=guards.current_staff())
    assessments.first_look(
        item, findings_form.read(request.form), by=guards.current_staff(), judged_by=findings_form.version()
    )
    waits = item.status is ItemStatus.IN_REVIEW
    flash(_("Saved. Now it waits for a second look.") if waits else _("Saved. Nothing can leave, so it is closed."))
    return htmx.go(url_for(".show_item", ref=ref, **queue.came_with().as_args))


@bp.post("/<ref>/look-again")
@needs(Role.ANALYST, Role.REVIEWER)
@redraws(show_item)
@carries
@commits
def look_again(ref: str) -> ResponseReturnValue:
    """Add a finding where the looks differ: one's own anew, or a third person's."""
    item = items.get(ref, by=guards.current_staff())
    assessments.require_dispute(item, by=guards.current_staff())
    agreed = assessments.reconsider(
        item, findings_form.read(request.form), by=guards.current_staff(), judged_by=findings_form.version()
    )
    if agreed:
        notice_drafting.prepare(item, by=guards.current_staff())
    flash(_("Saved. Two people agree now.") if agreed else _("Saved. The looks still differ."))
    return htmx.go(url_for(".show_item", ref=ref, **queue.came_with().as_args))


@bp.post("/<ref>/pass-on")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def pass_item_on(ref: str) -> ResponseReturnValue:
    """Put an item back into the queue. Nobody asks why."""
    item = items.get(ref, by=guards.current_staff())
    claims.pass_on(item, by=guards.current_staff())
    said = _("%(ref)s is back in the queue for somebody else.", ref=ref)
    if request.headers.get("HX-Target") == f"item-row-{ref}":
        return queue.draw_row(item, said, "pass_on")
    undoing.say(said, "pass_on", [ref])
    return htmx.go(url_for("desk.queue.show_queue", **queue.came_with().as_args))


@bp.post("/<ref>/take-over")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def take_item_over(ref: str) -> ResponseReturnValue:
    """Take a first look out of somebody else's hands. Nobody asks why; the timeline says from whom."""
    item = items.get(ref, by=guards.current_staff())
    claims.take_over(item, held_by=request.form.get("held_by", ""), by=guards.current_staff())
    flash(_("%(ref)s is in your hands now.", ref=ref))
    drawing.say_if_above_limit()
    return htmx.go(url_for(".show_item", ref=ref, **queue.came_with().as_args))


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
    return htmx.go(url_for(".show_item", ref=ref, **queue.came_with().as_args))


@bp.post("/<ref>/live-address")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def show_live_address(ref: str) -> ResponseReturnValue:
    """Show the address as it is, as plain text; that is logged and counted."""
    item = items.get(ref, by=guards.current_staff())
    address = items.live_address(item, by=guards.current_staff())
    times = items.times_shown_live(item)
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
    return htmx.go(url_for(".show_item", ref=ref, **queue.came_with().as_args))
