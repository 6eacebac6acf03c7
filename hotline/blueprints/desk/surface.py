"""The desk, put together."""

from flask import Blueprint, Flask, redirect, url_for
from flask.typing import ResponseReturnValue

from hotline.blueprints import guards
from hotline.blueprints.account import views as account
from hotline.blueprints.account.browser import DeskSessions
from hotline.blueprints.desk import (
    admin,
    appeals,
    care,
    clocks,
    corrections,
    criteria,
    directory,
    drafts,
    exchange,
    exchange_partners,
    exposure,
    files,
    follow_ups,
    holds,
    hosts,
    iccam,
    intake,
    items,
    letter_templates,
    me,
    mentions,
    merges,
    messages,
    notes,
    notices,
    online,
    police,
    quality,
    queue,
    replies,
    reports,
    reviews,
    statistics,
    stuck,
    texts,
    today,
    victims,
)
from hotline.vocabulary import Surface

front_door = Blueprint("front_door", __name__)
PARTS = (
    today.bp,
    queue.bp,
    items.bp,
    mentions.bp,
    notes.bp,
    merges.bp,
    reviews.bp,
    letter_templates.bp,
    notices.bp,
    follow_ups.bp,
    stuck.bp,
    replies.bp,
    appeals.bp,
    police.bp,
    holds.bp,
    online.bp,
    messages.bp,
    victims.bp,
    intake.bp,
    reports.bp,
    directory.bp,
    exchange.bp,
    exchange_partners.bp,
    iccam.bp,
    hosts.bp,
    drafts.bp,
    corrections.bp,
    criteria.bp,
    quality.bp,
    statistics.bp,
    clocks.bp,
    texts.bp,
    admin.bp,
    care.bp,
    me.bp,
)


def install(app: Flask) -> None:
    """Open the desk on `app`. Its sessions live in the database, and nothing opens that does not say to whom."""
    desk = Blueprint("desk", __name__, url_prefix="/desk")
    for part in PARTS:
        desk.register_blueprint(part)
    app.session_interface = DeskSessions()
    files.install(app)
    guards.install(app)
    exposure.install(app)
    app.register_blueprint(account.bp)
    app.register_blueprint(desk)
    if app.extensions["hotline.surface"] is Surface.DESK:
        app.register_blueprint(front_door)


@front_door.get("/")
@guards.open_to_all
def show_first_page() -> ResponseReturnValue:
    """Lead to the desk from its bare address."""
    return redirect(url_for("desk.today.show_today"), 303)
