"""The second look: blind, and by somebody else. No page here draws what the first person found."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import dossier, drawing, exposure, findings_form
from hotline.blueprints.guards import carries, needs, redraws
from hotline.services import assessments, queue
from hotline.transactions import commits
from hotline.vocabulary import ItemStatus, Role

bp = Blueprint("reviews", __name__, url_prefix="/reviews")


@bp.get("")
@needs(Role.REVIEWER)
def show_reviews() -> ResponseReturnValue:
    """Show what waits for a second look by this person, most urgent first, page by page."""
    found = queue.list_reviews(by=guards.current_staff(), after=request.args.get("after", ""))
    next_page = url_for(".show_reviews", after=found.next) if found.next else ""
    return drawing.draw("desk/reviews/list.html", rows=found.rows, next_page=next_page)


@bp.get("/<ref>")
@needs(Role.REVIEWER)
def show_review(ref: str) -> ResponseReturnValue:
    """Show the facts of an item and, once it is taken, the empty form. What is past the second look has moved on."""
    person = guards.current_staff()
    item = assessments.get_review(ref, by=person)
    if item.status is not ItemStatus.IN_REVIEW:
        return redirect(url_for("desk.items.show_item", ref=ref), 303)
    if item.reviewer_id == person.id:
        exposure.looking()
    return dossier.draw("desk/reviews/page.html", "desk/reviews/_work.html", item, by=person)


@bp.post("/<ref>/take")
@needs(Role.REVIEWER)
@commits
def take_review(ref: str) -> ResponseReturnValue:
    """Take the second look, so that nobody else gives it."""
    item = assessments.get_review(ref, by=guards.current_staff())
    assessments.take_review(item, by=guards.current_staff())
    return htmx.go(url_for(".show_review", ref=ref))


@bp.post("/<ref>/take-over")
@needs(Role.REVIEWER)
@commits
def take_review_over(ref: str) -> ResponseReturnValue:
    """Take a second look out of another reviewer's hands. Nobody asks why; the timeline says from whom."""
    item = assessments.get_review(ref, by=guards.current_staff())
    assessments.take_review_over(item, held_by=request.form.get("held_by", ""), by=guards.current_staff())
    flash(_("The second look at %(ref)s is in your hands now.", ref=ref))
    return htmx.go(url_for(".show_review", ref=ref))


@bp.post("/<ref>/pass-on")
@needs(Role.REVIEWER)
@commits
def pass_review_on(ref: str) -> ResponseReturnValue:
    """Leave the second look to another reviewer. Nobody asks why."""
    item = assessments.get_review(ref, by=guards.current_staff())
    assessments.pass_review_on(item, by=guards.current_staff())
    flash(_("%(ref)s waits for another reviewer now.", ref=ref))
    return htmx.go(url_for(".show_reviews"))


@bp.post("/<ref>")
@needs(Role.REVIEWER)
@redraws(show_review)
@carries
@commits
def give_review(ref: str) -> ResponseReturnValue:
    """Take down the second finding, and lead to what the two come to."""
    item = assessments.get_review(ref, by=guards.current_staff())
    assessments.require_second_look(item, by=guards.current_staff())
    agreed = assessments.second_look(
        item, findings_form.read(request.form), by=guards.current_staff(), judged_by=findings_form.version()
    )
    flash(_("Second look done. You both found the same.") if agreed else _("Second look done. The two looks differ."))
    return htmx.go(url_for("desk.items.show_item", ref=ref))
