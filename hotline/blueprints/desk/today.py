"""The first page of the desk: what is in my hands, what runs out, what waits, and what others left word of."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import care_words, day_bar, drawing, victim_case_words
from hotline.blueprints.guards import needs, redraws
from hotline.models.staff import Staff
from hotline.rules import standing
from hotline.rules.care import LONGEST_HANDOVER
from hotline.rules.filters import ClockFilter, Filter
from hotline.services import (
    care,
    case_access,
    case_lists,
    claims,
    clock_lists,
    clock_tallies,
    contact_points,
    disputes,
    duties,
    duty_lists,
    handovers,
    help_requests,
    incidents,
    messages,
    notices,
    outside_decisions,
    overrides,
    plan_actions,
    police,
    police_have_it,
    queue,
    replies,
    retention_policies,
    security_today,
    today,
)
from hotline.services.clock_lists import Line
from hotline.transactions import commits
from hotline.vocabulary import Role, Subject

bp = Blueprint("today", __name__)
MOST = 6  # lines of each list; the page behind it has them all
MOST_LOOKED_AT = 50  # of those, where hard ones may have to be left out


@bp.get("/")
@needs(*Role)
def show_today() -> ResponseReturnValue:
    """Show a person their day; who sees no addresses gets a page that says what they can do here."""
    person = guards.current_staff()
    pressing = clock_tallies.pressing() if person.has(Role.MANAGER) else None
    disputed = outside_decisions.count_waiting() if person.has(Role.MANAGER) else 0
    behind = retention_policies.count_behind() if person.has(Role.MANAGER) else 0
    had = police_have_it.count_open(by=person) if person.has(*overrides.ROLES) else 0
    nobodys = duty_lists.count_nobodys() if person.has(Role.MANAGER, Role.LIAISON) else 0
    if not person.has(*guards.CASE_ROLES):
        return drawing.draw(
            "desk/today/other_roles.html",
            now=clock.now(),
            support=_support(person) if person.has(Role.VICTIM_SUPPORT) else None,
            longest=LONGEST_HANDOVER,
            typed=request.form,
            say=care_words.say,
            asked=help_requests.counts(by=person) if person.has(Role.VICTIM_SUPPORT) else None,
            talks=care.list_talks(by=person) if person.has(Role.COUNSELLOR) else None,
            today=care.today(),
            pressing=pressing,
            most_pressing=clock_tallies.MOST_COUNTED,
            disputed=disputed,
            incidents_today=incidents.today(person),
            security=security_today.of(person),
            contact_is_empty=person.has(*duties.KEEPERS) and contact_points.is_empty(),
            nobodys=nobodys,
            had=had,
            behind=behind,
        )
    day, mine = care.day_of(person), claims.list_mine(by=person)
    waiting_looks = today.list_second_looks(by=person, most=MOST_LOOKED_AT)
    looks = [one for one in waiting_looks if not day.keeps_from(one)]
    thirds = [one for one in disputes.list_for(by=person) if not day.keeps_from(one.item)]
    drafts, troubled = notices.list_waiting(by=person, most=MOST + 1), notices.list_troubled(by=person, most=MOST + 1)
    unread = replies.list_unread(by=person, most=MOST + 1)
    lines = clock_lists.list_running(by=person, most=2 * MOST if not day.why_light else MOST_LOOKED_AT)
    deadlines = _first_of_each(one for one in lines if not (one.item and day.keeps_from(one.item)))
    return drawing.draw(
        "desk/today/page.html",
        now=clock.now(),
        bar=day_bar.drawn(care.list_breaks(person), deadlines),
        pressing=pressing,
        most_pressing=clock_tallies.MOST_COUNTED,
        disputed=disputed,
        security=security_today.of(person),
        incidents_today=incidents.today(person),
        contact_is_empty=person.has(*duties.KEEPERS) and contact_points.is_empty(),
        nobodys=nobodys,
        had=had,
        behind=behind,
        why=care_words.why,
        deadlines=deadlines[:MOST],
        due_today=queue.count_of([Filter(clock=ClockFilter.TODAY)], by=person)[0],
        mine=queue.rows_of([item for item in mine if not day.keeps_from(item)]),
        set_aside=queue.rows_of([item for item in mine if day.keeps_from(item)]),
        first_looks=claims.count_first_looks(by=person),
        most_first_looks=standing.MOST_IN_HAND,
        looks=queue.rows_of(looks[:MOST]),
        looked_at=today.looked_at(looks[:MOST]),
        has_more_looks=len(looks) > MOST,
        hard_looks_wait=len(looks) < len(waiting_looks),
        thirds=[(one, queue.row_of(one.item)) for one in thirds[:MOST]],
        waiting=messages.list_waiting(by=person, most=MOST),
        drafts=drafts[:MOST],
        has_more_drafts=len(drafts) > MOST,
        troubled=troubled[:MOST],
        has_more_troubled=len(troubled) > MOST,
        kept=notices.count_kept(by=person),
        police=police.waiting(by=person),
        unread=unread[:MOST],
        has_more_unread=len(unread) > MOST,
        stuck_answers=replies.count_stuck(),
        changes=today.changes(),
        most_counted=today.MOST_COUNTED,
        words=handovers.list_unread(by=person),
        longest=LONGEST_HANDOVER,
        typed=request.form,
        say=care_words.say,
    )


def _support(person: Staff) -> dict[str, Any]:
    """Return the day of somebody who supports victims. By references alone: nothing of a file is opened."""
    return {
        "mine": case_lists.list_mine(by=person, most=MOST),
        "count": case_lists.count_mine(by=person),
        "due": case_lists.list_due(by=person, most=MOST),
        "actions": plan_actions.list_due(person, MOST),
        "opened": case_access.list_opened_by_others(by=person),
        "words": handovers.list_unread(by=person),
        "risk": victim_case_words.risk,
    }


def _first_of_each(lines: Iterable[Line]) -> list[Line]:
    """Return of each thing the clock that runs out first: whoever sees to that one sees to the next as well."""
    found: dict[tuple[Subject, int], Line] = {}
    for line in lines:
        found.setdefault((line.clock.subject, line.clock.subject_id), line)
    return list(found.values())


@bp.post("/")
@needs(*handovers.READERS)
@redraws(show_today)
@commits
def leave_word() -> ResponseReturnValue:
    """Leave a word for whoever comes next."""
    handovers.write(request.form.get("text", ""), by=guards.current_staff())
    flash(_("Left for whoever comes next. The others see it for a day."))
    return htmx.go(url_for(".show_today"))


@bp.post("/handovers/<int(max=2147483647):handover_id>/read")
@needs(*handovers.READERS)
@commits
def mark_word_read(handover_id: int) -> ResponseReturnValue:
    """Show a word to this person no more."""
    handovers.mark_read(handover_id, by=guards.current_staff())
    return htmx.go(url_for(".show_today"))
