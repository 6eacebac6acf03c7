"""Mail to our own people of what they answer for: on the mornings of Monday to Friday, to who asked for it.

It is written once a person and day, with a Message-ID of its own, and kept sealed until it has left: whatever breaks
off, the same letter goes again, and who has it already knows it by its Message-ID. Claim, send and record are three
short steps; nothing is sent inside a transaction.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

from babel.dates import format_date
from sqlalchemy import delete, select

from hotline import clock, jurisdiction, logs, outbox, vault
from hotline.config import settings
from hotline.extensions import db
from hotline.gateways.mail import UNCONFIRMED, Handed, Mailer, MailFault
from hotline.models.clock import Clock
from hotline.models.digest import Digest
from hotline.models.practice import StaffReach
from hotline.models.staff import Staff
from hotline.rules import clocks as rules
from hotline.rules import duty_letters
from hotline.rules.duty_letters import Line
from hotline.services import audit, clock_rules, duties, duty_names, duty_week, mailing, staff_reach
from hotline.services.clock_tallies import MOST_COUNTED
from hotline.services.mailing import Lease
from hotline.transactions import writing
from hotline.vocabulary import DigestKind, Language, Role

DELIVER = "hotline.jobs.digests.deliver_digest"
LETTER, MAILBOX = "digest.letter", "digest.mailbox"
MOST_LINES = 50
MOST_TRIES = 12
CAME_BACK = "bounced"
LONGEST_PAUSE = timedelta(hours=1)  # between two tries
KEPT_FOR = timedelta(days=60)  # the row of a mail, which holds no word of it
SHOWN_FOR = timedelta(days=7)  # a fault


def sweep() -> None:
    """Write the mails of this morning that are not written yet. Safe to run at any time.

    What goes wrong with one person's is logged, and is tried again in the next round.
    """
    now = clock.now().astimezone(jurisdiction.current().zone)
    if not duty_letters.is_morning(now):
        return
    kinds = [DigestKind.DUTIES, *([DigestKind.WEEK] if duty_letters.is_monday(now) else [])]
    for kind in kinds:
        for person in _without(kind, now.date()):
            try:
                _write_one(person, kind, now.date())
            except Exception as exc:  # whatever it is, it holds up nobody else's
                logs.fault(exc, doing="writing a mail of duties")
                db.session.rollback()


def pressing(person: Staff) -> list[Clock]:
    """Return what a person answers for that is late, or within its reminder, soonest first."""
    now, calendar = clock.now(), clock_rules.calendar()
    return [
        one
        for one in duties.list_owned(person, most=MOST_LINES)
        if one.paused_at is None
        and one.duty in duty_letters.NAMES[Language.EN]
        and (
            one.reminded_at is not None
            or rules.left(now, one.due_at, one.rule.pace, calendar) <= clock_rules.limit_of(one.rule).reminder
        )
    ]


def deliver(digest_id: int, *, mailer: Mailer) -> None:
    """Mail one digest: claim and commit, send outside any transaction, record and commit. Safe to run twice."""
    with writing():
        lease = _lease(digest_id)
    if lease is None:
        return
    handed = mailing.send(lease, mailer=mailer, record_fault=partial(_record_fault, digest_id, lease))
    if handed is None:
        return
    with writing():
        _record_sent(digest_id, is_kept=handed is Handed.KEPT)


def forget_unsent() -> int:
    """Send no mail that was written before: after a restore it may have gone, and tells of another day.

    Returns how many.
    """
    found = db.session.scalars(select(Digest).where(Digest.letter.is_not(None)).order_by(Digest.id)).all()
    for digest in found:
        _give_up(digest, UNCONFIRMED)
    return len(found)


def note_bounce(message_ids: Sequence[str], code: str) -> bool:
    """Note that a mail came back, by the part of its Message-ID before the @. Returns whether it is one of ours."""
    domain = settings().mail_from.partition("@")[2]
    ours = [f"<{one}@{domain}>" for one in message_ids]
    digest = db.session.scalar(select(Digest).where(Digest.message_id.in_(ours)).limit(1))
    if digest is None:
        return False
    if digest.last_fault is None:
        digest.last_fault = code or CAME_BACK
        audit.record(None, "mail of duties came back", f"staff {digest.staff.number}", code=code)
    return True


def last_of(person: Staff) -> Digest | None:
    """Return the newest mail of duties to a person; None where none was written."""
    query = select(Digest).where(Digest.staff_id == person.id, Digest.kind == DigestKind.DUTIES)
    return db.session.scalar(query.order_by(Digest.id.desc()).limit(1))


def list_troubled() -> list[Digest]:
    """Return the mails of the last days that have not left, or came back with a fault, newest first."""
    since = clock.now() - SHOWN_FOR
    query = select(Digest).where(Digest.written_at >= since, Digest.last_fault.is_not(None))
    return list(db.session.scalars(query.order_by(Digest.id.desc()).limit(MOST_LINES)))


def _without(kind: DigestKind, day: date) -> list[Staff]:
    """Return who wants such a mail and has none of this day."""
    written = select(Digest.id).where(Digest.staff_id == Staff.id, Digest.kind == kind, Digest.day == day)
    query = select(Staff).join(StaffReach, StaffReach.staff_id == Staff.id)
    found = db.session.scalars(query.where(Staff.active, StaffReach.wants_mail, ~written.exists()).order_by(Staff.id))
    return [one for one in found if kind is DigestKind.DUTIES or one.has(Role.MANAGER)]


def _write_one(person: Staff, kind: DigestKind, day: date) -> None:
    said = _duties_of(person, day) if kind is DigestKind.DUTIES else _week_of(person, day)
    if said is not None:
        with writing():
            _write(person.id, kind, day, said)


def _duties_of(person: Staff, day: date) -> tuple[str, str] | None:
    """Return subject and text of a person's mail; None where nothing presses."""
    found = pressing(person)
    if not found:
        return None
    named, now = duty_names.named(found), clock.now()
    zone = jurisdiction.current().zone
    lines = [
        Line(
            duty_letters.title(
                one.duty, about.ref if (about := named.get((one.subject, one.subject_id))) else "", person.language
            ),
            _said(one.due_at.astimezone(zone).date(), person.language),
            rules.is_over(now, one.due_at),
        )
        for one in found
    ]
    return duty_letters.duties_text(lines, person.language, day=_said(day, person.language))


def _week_of(person: Staff, day: date) -> tuple[str, str]:
    return duty_letters.week_text(
        duty_week.numbers(), person.language, day=_said(day, person.language), most=MOST_COUNTED
    )


def _write(staff_id: int, kind: DigestKind, day: date, said: tuple[str, str]) -> None:
    """Keep a mail sealed, to be sent by a worker. One that another wrote meanwhile stands."""
    person = db.session.get_one(Staff, staff_id)
    reach = staff_reach.of(person)
    there = select(Digest.id).where(Digest.staff_id == staff_id, Digest.kind == kind, Digest.day == day)
    if not (person.active and reach.mailboxes) or db.session.scalar(there) is not None:
        return
    now, sender, ring = clock.now(), settings().mail_from, vault.keyring()
    message_id = f"<{kind}.{person.number.lower()}.{day:%Y%m%d}@{sender.partition('@')[2]}>"
    letter = duty_letters.mail(*said, message_id=message_id, sender=sender, mailbox=reach.mailboxes[0], at=now)
    db.session.execute(delete(Digest).where(Digest.staff_id == staff_id, Digest.day < day - KEPT_FOR))
    added = Digest(
        staff_id=staff_id,
        kind=kind,
        day=day,
        message_id=message_id,
        letter=ring.seal(LETTER, letter.decode("ascii")),
        mailbox=ring.seal(MAILBOX, reach.mailboxes[0]),
        written_at=now,
        tries=0,
        is_kept=False,
    )
    db.session.add(added)
    db.session.flush()
    outbox.put(db.session(), DELIVER, added.id)


def _lease(digest_id: int) -> Lease | None:
    """Take a mail for `LEASE`; None where it does not wait, or another has it."""
    its_own = select(Staff.id).where(Staff.id == Digest.staff_id, Staff.active)
    digest, is_taken = mailing.claim(Digest, digest_id, DELIVER, Digest.letter.is_not(None), its_own.exists())
    if digest is None or not is_taken or digest.letter is None or digest.mailbox is None:
        _settle(digest_id, digest)
        return None
    ring = vault.keyring()
    letter, mailbox = ring.open(LETTER, digest.letter), ring.open(MAILBOX, digest.mailbox)
    return Lease(digest.tries, digest.message_id, mailbox, letter.encode("ascii"))


def _settle(digest_id: int, digest: Digest | None) -> None:
    """Take away the row of a mail that needs no sending, or put it off while another sends it."""
    if digest is None or digest.letter is None:
        outbox.done(db.session(), DELIVER, digest_id)
    elif not digest.staff.active:
        _give_up(digest, "closed")
    elif digest.leased_until is not None and digest.leased_until > clock.now():
        outbox.later(db.session(), DELIVER, digest_id, due_at=digest.leased_until)


def _record_sent(digest_id: int, *, is_kept: bool) -> None:
    outbox.done(db.session(), DELIVER, digest_id)
    digest = db.session.get_one(Digest, digest_id, populate_existing=True)
    digest.sent_at, digest.is_kept = clock.now(), is_kept
    digest.letter = digest.mailbox = digest.leased_until = digest.last_fault = None


def _record_fault(digest_id: int, lease: Lease, fault: MailFault) -> None:
    """Note why a mail did not leave, and when to try again."""
    digest = db.session.get_one(Digest, digest_id, populate_existing=True)
    if digest.letter is None or digest.tries != lease.attempt:
        return
    digest.last_fault, digest.leased_until = fault.code, None
    if fault.permanent or fault.code == UNCONFIRMED or digest.tries >= MOST_TRIES:  # what may have arrived goes once
        _give_up(digest, fault.code)
        return
    mailing.put_off(DELIVER, digest_id, tries=digest.tries, longest=LONGEST_PAUSE)


def _give_up(digest: Digest, code: str) -> None:
    outbox.done(db.session(), DELIVER, digest.id)
    digest.last_fault, digest.failed_at = code, clock.now()
    digest.letter = digest.mailbox = digest.leased_until = None
    audit.record(None, "mail of duties failed", f"staff {digest.staff.number}", fault=code)


def _said(day: date, language: Language) -> str:
    return format_date(day, "d MMMM y", locale=language)
