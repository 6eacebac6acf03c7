"""An invented point of contact: who it was and is, notices from INHOPE at every stage, and months of checks."""

import random
from datetime import timedelta

from sqlalchemy import insert, select

from hotline import clock, jurisdiction
from hotline.extensions import db
from hotline.models.contact_point import ContactPoint, SecrecyCheck
from hotline.models.staff import Staff
from hotline.services import contact_points, inhope_notices, staff
from hotline.services.contact_points import ContactEntry
from hotline.transactions import writing
from hotline.vocabulary import Role, SecrecyResult, WayOut

MAILBOX, PHONE = "contact@hotline.example", "+855 23 900 100"
SEED = 7
MONTHS = 120  # days with checks
USUAL = (WayOut.LETTER, WayOut.LETTER, WayOut.REPORTER, WayOut.PARTNER, WayOut.POLICE, WayOut.REFERRAL)
NOTICES = (  # days ago, subject, words, the answer or none
    (64, "Form for the yearly figures", "Please send the form by the end of the month.", "The form is on its way."),
    (20, "New mailbox of the secretariat", "From next month on we write from another mailbox.", None),
    (3, "Training in spring", "Which two of your analysts will take part? Numbers are enough.", ""),
    (1, "Contact details", "Please confirm that your point of contact is still the same.", ""),
)


def fill() -> None:
    """Name a contact with a history, record notices, and count checks. Done once."""
    people = [one for one in staff.list_staff() if one.active]
    liaison = next((one for one in people if one.has(Role.LIAISON)), None)
    manager = next((one for one in people if one.has(Role.MANAGER)), None)
    if liaison is None or manager is None or db.session.scalar(select(ContactPoint.id).limit(1)) is not None:
        return
    with writing():
        before = _named(manager, None, 400, version=0, by=manager)
    with writing():
        _named(liaison, manager, 150, version=before.id, by=manager)
        for days, subject, words, answer in NOTICES:
            _notice(days, subject, words, answer, by=liaison)
        _checks()


def _named(person: Staff, stand_in: Staff | None, days: int, *, version: int, by: Staff) -> ContactPoint:
    since = jurisdiction.today() - timedelta(days=days)
    number = stand_in.number if stand_in else ""
    entry = ContactEntry(person.number, number, MAILBOX, PHONE, since, since + timedelta(days=1))
    return contact_points.name(entry, version=version, by=by)


def _notice(days: int, subject: str, words: str, answer: str | None, *, by: Staff) -> None:
    came = clock.now() - timedelta(days=days)
    notice = inhope_notices.record(received_at=came, way="email", subject=subject, text=words, by=by)
    if answer is None:
        inhope_notices.close(notice, "It tells us something, and asks nothing.", version=notice.version, by=by)
    elif answer:
        inhope_notices.draft(notice, answer, "email", version=notice.version, by=by)
        inhope_notices.note_sent(notice, came + timedelta(days=2), version=notice.version, by=by)


def _checks() -> None:
    chance, today, rows = random.Random(SEED), jurisdiction.today(), []  # noqa: S311 -- invented
    for ago in range(1, MONTHS):
        for way in chance.sample(USUAL, chance.randrange(1, 4)):
            results = [SecrecyResult.CLEAN]
            if chance.random() < 0.04:
                results = [SecrecyResult.HIT, SecrecyResult.LET_GO] if way is WayOut.LETTER else [SecrecyResult.HIT]
            rows += [{"checked_on": today - timedelta(days=ago), "way": way, "result": one} for one in results]
    db.session.execute(insert(SecrecyCheck), rows)
