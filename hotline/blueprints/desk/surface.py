"""The desk, put together."""

from flask import Blueprint, Flask, redirect, url_for
from flask.typing import ResponseReturnValue

from hotline.blueprints import guards
from hotline.blueprints.account import views as account
from hotline.blueprints.account.browser import DeskSessions
from hotline.blueprints.desk import (
    admin,
    directory,
    items,
    me,
    messages,
    notices,
    reports,
    reviews,
    texts,
    today,
    victims,
)
from hotline.vocabulary import Surface

front_door = Blueprint("front_door", __name__)
PARTS = (
    today.bp,
    items.bp,
    reviews.bp,
    notices.bp,
    messages.bp,
    victims.bp,
    reports.bp,
    directory.bp,
    texts.bp,
    admin.bp,
    me.bp,
)


def install(app: Flask) -> None:
    """Open the desk on `app`. Its sessions live in the database, and nothing opens that does not say to whom."""
    desk = Blueprint("desk", __name__, url_prefix="/desk")
    for part in PARTS:
        desk.register_blueprint(part)
    app.session_interface = DeskSessions()
    guards.install(app)
    app.register_blueprint(account.bp)
    app.register_blueprint(desk)
    if app.extensions["hotline.surface"] is Surface.DESK:
        app.register_blueprint(front_door)


@front_door.get("/")
@guards.open_to_all
def show_first_page() -> ResponseReturnValue:
    """Lead to the desk from its bare address."""
    return redirect(url_for("desk.today.show_today"), 303)
