"""The first page of the desk: what is in my hands, what runs out, what waits, and what others left word of."""

from collections.abc import Iterable

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import care_words, drawing
from hotline.blueprints.guards import needs, redraws
from hotline.rules import standing
from hotline.rules.care import LONGEST_HANDOVER
from hotline.services import care, claims, clocks, handovers, help_requests, messages, notices, police, queue, today
from hotline.services.clocks import Line
from hotline.transactions import commits
from hotline.vocabulary import Role, Subject

bp = Blueprint("today", __name__)
MOST = 6  # lines of each list; the page behind it has them all


@bp.get("/")
@needs(*Role)
def show_today() -> ResponseReturnValue:
    """Show a person their day; who sees no addresses gets a page that says what they can do here."""
    person = guards.current_staff()
    if not person.has(*guards.CASE_ROLES):
        return drawing.draw(
            "desk/today/other_roles.html",
            now=clock.now(),
            asked=help_requests.counts(by=person) if person.has(Role.VICTIM_SUPPORT) else None,
            talks=care.list_talks(by=person) if person.has(Role.COUNSELLOR) else None,
            today=care.today(),
        )
    looks = today.list_second_looks(by=person, most=MOST + 1)
    return drawing.draw(
        "desk/today/page.html",
        now=clock.now(),
        breaks=", ".join(care_words.break_times(one) for one in care.list_breaks(person)),
        why=care_words.why,
        deadlines=_first_of_each(clocks.list_running(by=person, most=2 * MOST))[:MOST],
        mine=[queue.row_of(item) for item in claims.list_mine(by=person)],
        first_looks=claims.count_first_looks(by=person),
        most_first_looks=standing.MOST_IN_HAND,
        looks=[queue.row_of(item) for item in looks[:MOST]],
        has_more_looks=len(looks) > MOST,
        waiting=messages.list_waiting(by=person, most=MOST),
        drafts=notices.list_waiting(by=person),
        troubled=notices.list_troubled(by=person),
        kept=notices.count_kept(by=person),
        police=police.waiting(by=person),
        changes=today.changes(),
        most_counted=today.MOST_COUNTED,
        words=handovers.list_unread(by=person),
        longest=LONGEST_HANDOVER,
        typed=request.form,
        say=care_words.say,
    )


def _first_of_each(lines: Iterable[Line]) -> list[Line]:
    """Return of each thing the clock that runs out first: whoever sees to that one sees to the next as well."""
    found: dict[tuple[Subject, int], Line] = {}
    for line in lines:
        found.setdefault((line.clock.subject, line.clock.subject_id), line)
    return list(found.values())


@bp.post("/")
@needs(Role.ANALYST, Role.REVIEWER)
@redraws(show_today)
@commits
def leave_word() -> ResponseReturnValue:
    """Leave a word for whoever comes next."""
    handovers.write(request.form.get("text", ""), by=guards.current_staff())
    flash(_("Left for whoever comes next. The others see it for a day."))
    return htmx.go(url_for(".show_today"))


@bp.post("/handovers/<int(max=2147483647):handover_id>/read")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def mark_word_read(handover_id: int) -> ResponseReturnValue:
    """Show a word to this person no more."""
    handovers.mark_read(handover_id, by=guards.current_staff())
    return htmx.go(url_for(".show_today"))
