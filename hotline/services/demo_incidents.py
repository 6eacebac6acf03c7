"""Invented incidents: one whose day runs, two that were told in time and closed, and a drill."""

from datetime import datetime, timedelta

from sqlalchemy import select

from hotline import clock, jurisdiction, vault
from hotline.extensions import db
from hotline.models.incident import Incident, IncidentEntry
from hotline.models.staff import Staff
from hotline.rules import incidents as rules
from hotline.services import duties, incident_letters, incidents, references
from hotline.transactions import writing
from hotline.vocabulary import IncidentEntryKind, IncidentKind, OfficialPart, Role

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def fill() -> None:
    """Record incidents, where there are none and two people keep the code of practice."""
    with writing():
        people = incidents.leads()
        analysts = [one for one in people if one.has(Role.ANALYST)] or people
        if len(people) < 2 or db.session.scalar(select(Incident.id).limit(1)) is not None:
            return
        first, second, now = people[0], people[1], clock.now()
        _closed(
            IncidentKind.LOGIN,
            "A laptop with a saved login was left in a taxi, and came back an hour later.",
            "The login was changed at once.",
            "Logins are kept in the safe alone.",
            noticed_at=now - 47 * DAY,
            told_after=2 * HOUR,
            by=first,
        )
        _closed(
            IncidentKind.INTERRUPTION,
            "The power was cut in the whole quarter.",
            "The desk ran on the generator from then on.",
            "The generator is tried out every month.",
            noticed_at=now - 130 * DAY,
            told_after=35 * MINUTE,
            by=second,
        )
        _running(first, analysts[0], now)
        incidents.record(
            IncidentKind.BREACH,
            "Drill: a memory stick is missing.",
            now - 3 * HOUR,
            is_drill=True,
            lead=second,
            by=second,
        )


def _running(by: Staff, analyst: Staff, now: datetime) -> None:
    """Record what was noticed yesterday and is contained; the letter is drafted."""
    words = "One record was sent to the wrong partner hotline. No login is involved."
    one = _recorded(IncidentKind.IRREGULARITY, words, now - 18 * HOUR, by=by)
    done = "The partner hotline deleted it, and said so by telephone."
    incidents.write(one, IncidentEntryKind.CONTAINMENT, done, now - 16 * HOUR, contains=True, by=by)
    day = jurisdiction.today() + timedelta(days=7)
    incidents.add_action(one, "Have the list of partner hotlines read by a second person.", analyst, day, by=by)
    incident_letters.draft(one, OfficialPart.DPO, "en", by=by)


def _closed(
    kind: IncidentKind, words: str, done: str, lesson: str, *, noticed_at: datetime, told_after: timedelta, by: Staff
) -> None:
    """Record an incident of long ago as it would stand now: contained, told by telephone, learnt from, closed."""
    one = _recorded(kind, words, noticed_at, by=by)
    at = noticed_at + told_after
    for what, text in ((IncidentEntryKind.CONTAINMENT, done), (IncidentEntryKind.LESSON, lesson)):
        body = vault.keyring().seal(incidents.ENTRY, text)
        db.session.add(
            IncidentEntry(incident_id=one.id, kind=what, body=body, happened_at=at, written_at=at, written_by_id=by.id)
        )
    one.contained_at = at
    incident_letters.call(one, rules.MUST_BE_TOLD[kind][0], "The person on duty", "", at, by=by)
    incidents.close(one, by=by)


def _recorded(kind: IncidentKind, words: str, noticed_at: datetime, *, by: Staff) -> Incident:
    """Record an incident some minutes after it was noticed, whenever that was."""
    one = Incident(
        ref=references.draw(Incident.ref, "IN"),
        kind=kind,
        body=vault.keyring().seal(incidents.BODY, words),
        noticed_at=noticed_at,
        recorded_at=noticed_at + 12 * MINUTE,
        recorded_by_id=by.id,
        lead_id=by.id,
    )
    db.session.add(one)
    db.session.flush()
    for part in rules.MUST_BE_TOLD[kind]:
        duties.begin(incidents.thing(one), rules.DUTIES[part], owner_id=by.id, at=noticed_at)
    return one
