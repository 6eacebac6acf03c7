"""The second look: blind, and by somebody else; and asking and taking a third. No page here draws what others found."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import care_words, dossier, drawing, exposure, findings_form
from hotline.blueprints.guards import carries, needs, redraws
from hotline.rules.care import LIGHT
from hotline.services import assessments, disputes, items, notice_drafting, queue
from hotline.transactions import commits
from hotline.vocabulary import ItemStatus, Role

bp = Blueprint("reviews", __name__, url_prefix="/reviews")


@bp.get("")
@needs(Role.REVIEWER)
def show_reviews() -> ResponseReturnValue:
    """Show what waits for a second look by this person, page by page, and where a third person is asked."""
    person = guards.current_staff()
    found = queue.list_reviews(by=person, after=request.args.get("after", ""))
    asked = disputes.list_for(by=person, most=disputes.MOST + 1)
    thirds = asked[: disputes.MOST]
    return drawing.draw(
        "desk/reviews/list.html",
        rows=found.rows,
        next_page=url_for(".show_reviews", after=found.next) if found.next else "",
        thirds=list(zip(thirds, queue.rows_of([one.item for one in thirds]), strict=True)),
        has_more_thirds=len(asked) > disputes.MOST,
        why=care_words.why,
    )


@bp.get("/<ref>")
@needs(Role.REVIEWER)
def show_review(ref: str) -> ResponseReturnValue:
    """Show the facts of an item and, once it is taken, the empty form. What is past the second look has moved on."""
    person = guards.current_staff()
    item = assessments.get_review(ref, by=person)
    if item.status is not ItemStatus.IN_REVIEW:
        return redirect(url_for("desk.items.show_item", ref=ref), 303)
    if item.reviewer_id == person.id and item.category not in LIGHT:
        exposure.looking()
    return dossier.draw("desk/reviews/page.html", "desk/reviews/_work.html", item, by=person, why=care_words.why)


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


@bp.post("/<ref>/ask-third")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def ask_third(ref: str) -> ResponseReturnValue:
    """Ask a third person where looks differ. Every reviewer who has not looked sees it."""
    disputes.ask(items.get(ref, by=guards.current_staff()), by=guards.current_staff())
    flash(_("A third person is asked. Every reviewer who has not looked sees it under “Today” and “Second looks”."))
    return htmx.go(url_for("desk.items.show_item", ref=ref))


@bp.post("/<ref>/take-third")
@needs(Role.REVIEWER)
@commits
def take_third(ref: str) -> ResponseReturnValue:
    """Take the third look, so that nobody else gives it."""
    disputes.take(items.get(ref, by=guards.current_staff()), by=guards.current_staff())
    return htmx.go(url_for("desk.items.show_item", ref=ref))


@bp.post("/<ref>/take-third-over")
@needs(Role.REVIEWER)
@commits
def take_third_over(ref: str) -> ResponseReturnValue:
    """Take a third look out of another reviewer's hands. Nobody asks why; the timeline says from whom."""
    item = items.get(ref, by=guards.current_staff())
    disputes.take_over(item, held_by=request.form.get("held_by", ""), by=guards.current_staff())
    flash(_("The third look at %(ref)s is in your hands now.", ref=ref))
    return htmx.go(url_for("desk.items.show_item", ref=ref))


@bp.post("/<ref>/pass-third-on")
@needs(Role.REVIEWER)
@commits
def pass_third_on(ref: str) -> ResponseReturnValue:
    """Leave the third look to another reviewer. Nobody asks why."""
    disputes.pass_on(items.get(ref, by=guards.current_staff()), by=guards.current_staff())
    flash(_("%(ref)s waits for another third person now.", ref=ref))
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
    if agreed:
        notice_drafting.prepare(item, by=guards.current_staff())
    flash(_("Second look done. You both found the same.") if agreed else _("Second look done. The two looks differ."))
    return htmx.go(url_for("desk.items.show_item", ref=ref))
