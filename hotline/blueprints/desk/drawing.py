"""Drawing the desk's pages: what every one of them needs."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from hotline import i18n, jurisdiction
from hotline.blueprints import guards
from hotline.blueprints.desk import care_words, clock_words, exposure, menu, words
from hotline.config import settings
from hotline.rules.standing import MOST_IN_HAND
from hotline.services import case_people, claims, identifications, mailbox

STATIC = Path(__file__).parents[2] / "static"
HTMX = "vendor/htmx-2.0.11.min.js"


def draw(template: str, **context: Any) -> str:
    """Draw `template` in the language of this request, with the rail of whoever is signed in."""
    lang = i18n.chosen()
    staff, confined = guards.signed_in(), guards.is_confined()
    context.setdefault("faults", guards.faults())
    return render_template(
        template,
        lang=lang,
        endonyms=i18n.ENDONYMS,
        place=jurisdiction.current(),
        staff=staff,
        menu=menu.of(staff, request.path) if staff and not confined else (),
        confined=confined,
        letters_are_kept=not settings().smtp_url,
        mailbox_is_shut=bool(mailbox.standing()),
        word=words.of,
        law_word=words.law,
        tone=words.tone,
        moment=words.moment,
        hour=words.hour,
        full_moment=words.full_moment,
        day=words.day,
        short_day=words.short_day,
        brief_day=words.brief_day,
        day_and_place=words.day_and_place,
        clock_time=words.clock_time,
        ago=words.ago,
        capped=words.capped,
        clock_cell=clock_words.cell,
        span=care_words.span,
        care=exposure.box(staff),
        wait_of=identifications.wait_of,
        safe_in_doubt=case_people.is_safe_in_doubt,
        asset=asset,
        htmx_file=HTMX,
        **context,
    )


def say_if_above_limit() -> None:
    """Say, after a look was taken, that the person's hands hold more than they should, and why that is allowed."""
    if claims.is_above_limit(by=guards.current_staff()):
        flash(
            _(
                "You have more than %(num)s first looks in hand: that is only because a child may be in danger.",
                num=MOST_IN_HAND,
            ),
            "due",
        )


def asset(name: str) -> str:
    """Return the address of a static file, with its content's hash, so that browsers may keep it."""
    return url_for("static", filename=name, v=_fingerprint(name))


@cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
