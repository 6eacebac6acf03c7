"""Invented officials, and duties of the code of practice some weeks into their work: done, given away, late, paused."""

from datetime import date, timedelta

from sqlalchemy import select

from hotline import clock, jurisdiction
from hotline.extensions import db
from hotline.models.practice import StandingDuty
from hotline.models.staff import Staff
from hotline.rules.reach import Reach
from hotline.services import clock_rounds, duties, expiring_keys, officials, staff, staff_reach
from hotline.services.officials import OfficialEntry
from hotline.transactions import writing
from hotline.vocabulary import OfficialPart, PauseReason, Role

DAY = timedelta(days=1)
WHOSE = {  # by the role of who answers for it; the rest is nobody's yet
    Role.LIAISON: ("test_contact", "consult.government", "consult.law_enforcement", "consult.child_welfare"),
    Role.MANAGER: ("review_access", "check_clause.law", "check_clause.imagery", "check_clause.confidentiality"),
    Role.ADMIN: ("restore_test", "check_clause.secure_room", "check_clause.security_protocol"),
}
DONE = (  # which, how many days ago, whether it worked, and what was found
    ("restore_test", 84, True, "All tables came back; it took 26 minutes."),
    ("test_contact", 40, False, "No answer within a day: the mailbox was full."),
    ("test_contact", 36, True, "Answered after 22 minutes."),
    ("check_clause.law", 120, True, "Read with the legal adviser; nothing to change."),
    ("consult.government", 61, True, "Quarterly meeting held."),
    ("review_access", 88, True, "One account was closed."),
)


def fill() -> None:
    """Let the duties look as they would after some weeks. Does nothing where anybody is an official already."""
    keepers = {role: _who(role) for role in WHOSE}
    if None in keepers.values() or officials.current(OfficialPart.DPO) is not None:
        return
    duties.sweep()
    with writing():
        boss = staff.get_by_name("vanna")
        _officials(jurisdiction.today(), boss)
        for role, keys in WHOSE.items():
            for key in keys:
                duties.give(duties.get(key, by=boss), keepers[role], by=boss)
        for key, days, worked, note in DONE:
            at = clock.now() - days * DAY
            duties.mark(duties.get(key, by=boss), worked=worked, note=note, done_at=at, by=boss)
        if still := duties.clock_of(_standing("consult.child_welfare")):
            duties.pause(still, PauseReason.PARTNER, by=boss)
        staff_reach.enter(
            boss, Reach(("Vanna Example",), ("vanna@team.example",), ("+855 00 000 001",)), wants_mail=True
        )
    expiring_keys.sweep()
    clock_rounds.sweep_due()


def _officials(today: date, by: Staff) -> None:
    before = OfficialEntry("Example Data Office", "dpo@office.example", "", today - 200 * DAY)
    first = officials.enter(OfficialPart.DPO, before, version=0, by=by)
    now = OfficialEntry("Example Data Office", "dpo@office.example", "+855 00 000 002", today - 12 * DAY)
    officials.enter(OfficialPart.DPO, now, version=first.id, by=by)
    secretariat = OfficialEntry("Example Secretariat", "secretariat@inhope.example", "", None)
    officials.enter(OfficialPart.SECRETARIAT, secretariat, version=0, by=by)


def _standing(key: str) -> StandingDuty:
    return db.session.scalars(select(StandingDuty).where(StandingDuty.key == key)).one()


def _who(role: Role) -> Staff | None:
    return next((one for one in staff.list_staff() if one.active and one.has(role)), None)
