"""Time with hard material, noted from what a person's browser asks for: nobody has to start or stop anything.

A view that puts an assessment, or the file of a child, before a person says so by `looking()`. Whatever page they open
next ends it, but those of the same thing, such as its notes; what is sent from its own page, such as a draft, goes on.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from flask import Flask, Response, g, request

from hotline import clock, security
from hotline.blueprints import guards
from hotline.errors import StorageFull
from hotline.models.staff import Staff
from hotline.rules.care import NEARLY
from hotline.services import care
from hotline.services.care import Day

MOVED_ON = range(300, 400)
OF_THE_SAME = ("/desk/items/<ref>/", "/desk/victims/cases/<ref>/")  # where notes and more of an item or a case stand


class Box(NamedTuple):
    """What the rail says of a person's day, in minutes. `break_at` is when a break is due if they go on looking."""

    day: Day
    minutes: int
    most: int
    light_from: int
    is_nearly: bool
    break_in: int
    break_at: datetime | None
    prompts: bool


def install(app: Flask) -> None:
    """Note, after each answer of the desk on `app`, whether an assessment is before whoever asked."""
    app.before_request(_remember)
    app.after_request(_note)


def looking() -> None:
    """Say that this answer puts an assessment before the person."""
    g.hard_material = True


def box(person: Staff | None) -> Box | None:
    """Return what the rail says to somebody who may see hard material; None for everybody else."""
    if person is None or guards.is_confined() or not person.has(*care.EXPOSED):
        return None
    day, is_looking = care.day_of(person), bool(g.get("hard_material"))
    minutes, most = day.exposure.seconds // 60, day.limits.minutes
    return Box(
        day,
        minutes,
        most,
        int(most * NEARLY),
        minutes >= most * NEARLY,
        -(-day.until_break // timedelta(minutes=1)),
        clock.now() + day.until_break if is_looking else None,
        day.break_is_due and not is_looking,
    )


def _remember() -> None:
    """Keep who asks: signing out forgets them before the answer is there."""
    if security.is_desk(request.path) and request.endpoint != "static":
        person = guards.signed_in()
        if person and person.has(*care.EXPOSED):
            g.exposed_id = person.id


def _note(answer: Response) -> Response:
    staff_id: int | None = g.get("exposed_id")
    if staff_id is None or (answer.status_code >= 400 and not g.get("hard_material")):
        return answer
    has_moved = answer.status_code in MOVED_ON or "HX-Redirect" in answer.headers
    is_of_same = request.url_rule is not None and request.url_rule.rule.startswith(OF_THE_SAME)
    is_page = request.method == "GET" and answer.mimetype == "text/html" and "HX-Request" not in request.headers
    with suppress(StorageFull):  # what was asked for is answered already
        if g.get("hard_material"):
            care.look(staff_id)
        elif has_moved or (is_page and not is_of_same):
            care.leave(staff_id)
        elif is_page or request.method == "POST":
            care.look_on(staff_id)
    return answer
