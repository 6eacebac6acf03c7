"""Reviews of who has access to what: every account laid open, and what was said of each."""

from datetime import datetime

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import access_review_words, drawing
from hotline.blueprints.guards import needs, redraws
from hotline.rules.access_reviews import LONGEST_REASON, UNUSED_AFTER
from hotline.services import access_reviews, duties
from hotline.services.access_reviews import Said
from hotline.transactions import commits
from hotline.vocabulary import AccessVerdict

bp = Blueprint("access_reviews", __name__, url_prefix="/practice/security/access")


@bp.get("")
@needs(*duties.READERS)
def show_access() -> ResponseReturnValue:
    """Show every open account with what it opens, and the reviews before."""
    person = guards.current_staff()
    return drawing.draw(
        "desk/security/access.html",
        accounts=access_reviews.list_accounts(by=person),
        found=access_reviews.evidence(),
        reviews=access_reviews.list_reviews(by=person),
        duty=duties.get(access_reviews.KEY, by=person),
        unused_days=UNUSED_AFTER.days,
        may_keep=person.has(*duties.KEEPERS),
    )


@bp.get("/new")
@needs(*duties.KEEPERS)
def new_review() -> ResponseReturnValue:
    """Ask of every open account whether it stays as it is."""
    return drawing.draw(
        "desk/security/review_form.html",
        accounts=access_reviews.list_accounts(by=guards.current_staff()),
        verdicts=tuple(AccessVerdict),
        unused_days=UNUSED_AFTER.days,
        longest=LONGEST_REASON,
        typed=request.form,
        say=access_review_words.say,
    )


@bp.post("/new")
@needs(*duties.KEEPERS)
@redraws(new_review)
def finish_review() -> ResponseReturnValue:
    """Keep a review."""
    review_id = _finish(access_reviews.last_sign_ins(by=guards.current_staff()))
    flash(_("Kept. The next review is due when its time has run out again."))
    return htmx.go(url_for(".show_review", review_id=review_id))


finish_review.__dict__["commits"] = True  # in `_finish`: nobody waits who wants to write while the audit trail is read


@commits
def _finish(signed_in: dict[str, datetime]) -> int:
    form = request.form
    said = {
        number: Said(*(form.get(f"{part}-{number}", "") for part in ("verdict", "reason", "seen")))
        for number in form.getlist("account")
    }
    by = guards.current_staff()
    return access_reviews.finish(said, signed_in=signed_in, note=form.get("note", ""), by=by).id


@bp.get("/<int(max=2147483647):review_id>")
@needs(*duties.READERS)
def show_review(review_id: int) -> ResponseReturnValue:
    """Show a review as it was kept."""
    return drawing.draw(
        "desk/security/review.html",
        review=access_reviews.get(review_id, by=guards.current_staff()),
        roles_of=access_reviews.roles_of,
        clashes_of=access_reviews.clashes_of,
    )
