"""The desk, put together."""

from flask import Blueprint, Flask, redirect, url_for
from flask.typing import ResponseReturnValue

from hotline.blueprints import guards
from hotline.blueprints.account import views as account
from hotline.blueprints.account.browser import DeskSessions
from hotline.blueprints.desk import (
    access_reviews,
    action_points,
    admin,
    agreements,
    appeals,
    calendar_feeds,
    care,
    case_access,
    case_closing,
    case_exports,
    case_imports,
    case_links,
    case_notes,
    case_people,
    case_retention,
    case_statistics,
    checkup,
    clocks,
    consents,
    consultation_feedback,
    consultation_records,
    consultations,
    contact_point,
    corrections,
    criteria,
    directory,
    drafts,
    duties,
    exchange,
    exchange_partners,
    exposure,
    files,
    follow_ups,
    heartbeats,
    holds,
    hosts,
    iccam,
    identifications,
    imagery,
    incidents,
    intake,
    items,
    letter_templates,
    me,
    mentions,
    merges,
    messages,
    needs,
    notes,
    notices,
    officials,
    online,
    outside_decisions,
    overrides,
    plan,
    police,
    practice,
    protocols,
    quality,
    question_sets,
    queue,
    referrals,
    replies,
    reports,
    reviews,
    room,
    second_factor,
    service_providers,
    stakeholders,
    statistics,
    stuck,
    supplements,
    takedowns,
    texts,
    today,
    trail,
    trainings,
    victim_cases,
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
    outside_decisions.bp,
    letter_templates.bp,
    notices.bp,
    follow_ups.bp,
    stuck.bp,
    replies.bp,
    supplements.bp,
    appeals.bp,
    police.bp,
    holds.bp,
    online.bp,
    messages.bp,
    victims.bp,
    case_links.bp,
    identifications.bp,
    victim_cases.bp,
    case_people.bp,
    case_notes.bp,
    case_access.bp,
    case_closing.bp,
    case_retention.bp,
    case_statistics.bp,
    case_exports.bp,
    case_imports.bp,
    needs.bp,
    plan.bp,
    question_sets.bp,
    consents.bp,
    overrides.bp,
    referrals.bp,
    service_providers.bp,
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
    trail.bp,
    takedowns.bp,
    stakeholders.bp,
    consultations.bp,
    consultation_records.bp,
    consultation_feedback.bp,
    action_points.bp,
    agreements.bp,
    clocks.bp,
    practice.bp,
    imagery.bp,
    incidents.bp,
    protocols.bp,
    room.bp,
    access_reviews.bp,
    trainings.bp,
    texts.bp,
    admin.bp,
    checkup.bp,
    care.bp,
    me.bp,
    second_factor.bp,
    duties.bp,
    officials.bp,
    contact_point.bp,
    calendar_feeds.bp,
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
    heartbeats.install(app)
    app.register_blueprint(account.bp)
    app.register_blueprint(desk)
    if app.extensions["hotline.surface"] is Surface.DESK:
        app.register_blueprint(front_door)


@front_door.get("/")
@guards.open_to_all
def show_first_page() -> ResponseReturnValue:
    """Lead to the desk from its bare address."""
    return redirect(url_for("desk.today.show_today"), 303)
