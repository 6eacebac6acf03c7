"""The work: what goes round, what waits, what people have to see to, and what proves that nothing was changed."""

from datetime import datetime, timedelta

from redis.exceptions import RedisError, ResponseError
from rq import Worker
from sqlalchemy import func, select

from hotline import clock, outbox
from hotline.config import settings
from hotline.extensions import db
from hotline.gateways import dns, imap, mail
from hotline.gateways.imap import MailboxFault
from hotline.gateways.mail import MailFault
from hotline.models.exchange import ExchangeInbound
from hotline.models.incident import Heartbeat, IncidentLetter
from hotline.models.notice import Notice
from hotline.models.reply import ReplyInbound
from hotline.models.report import Inbox, UnreadReport
from hotline.outbox import Task
from hotline.rules import checkup as rules
from hotline.rules.checkup import Check, Part, State
from hotline.services import anchors, audit, backups, mailbox, notices, stuck
from hotline.vocabulary import IncidentLetterState, Pulse

FAILED = (IncidentLetterState.FAILED, IncidentLetterState.BOUNCED)


def sweeper() -> Check:
    """Tell when a round of intake last went through."""
    return _beaten(Part.SWEEPER, Pulse.INTAKE)


def delivery() -> Check:
    """Tell when a round of what hands out last went through, by the worker or by the sweeper."""
    return _beaten(Part.DELIVERY, Pulse.DELIVERY)


def _beaten(part: Part, pulse: Pulse) -> Check:
    row = db.session.get(Heartbeat, pulse, populate_existing=True)
    if row is None:
        return Check(part, State.LOOK, "never")
    state = rules.of_age(clock.now() - row.beat_at, rules.ROUND)
    return Check(part, state, "beats" if state is State.WELL else "stopped", {"at": row.beat_at})


def queue() -> Check:
    """Ask the queue server whether it is there, and whether it writes its memory to a disk."""
    connection = outbox.queue().connection
    try:
        connection.ping()
        kept = connection.config_get("save", "appendonly")
    except ResponseError:
        return Check(Part.QUEUE, State.LOOK, "unasked")
    except (RedisError, OSError):
        return Check(Part.QUEUE, State.WRONG, "away")
    if kept.get("save") or kept.get("appendonly") != "no":
        return Check(Part.QUEUE, State.LOOK, "persists")
    return Check(Part.QUEUE, State.WELL, "answers")


def worker() -> Check:
    """Count the workers that the queue server knows. Without one the sweeper does their work, minutes later."""
    try:
        found = Worker.all(queue=outbox.queue())
    except (RedisError, OSError):
        return Check(Part.WORKER, State.LOOK, "unknown")
    seen = [_aware(one.last_heartbeat) for one in found if one.last_heartbeat]
    living = [at for at in seen if clock.now() - at < rules.WORKER_SILENT]
    if not living:
        return Check(Part.WORKER, State.LOOK, "none")
    return Check(Part.WORKER, State.WELL, "works", {"count": len(living), "at": max(living)})


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=clock.now().tzinfo)


def inbox() -> Check:
    """Tell how much came that nobody has opened, and since when. Times of what came are kept to the hour."""
    count, oldest = 0, None
    for table in (Inbox, ReplyInbound, ExchangeInbound):
        query = select(func.count(), func.min(table.received_at)).select_from(table)
        number, first = db.session.execute(query).one()
        count, oldest = count + number, min(filter(None, (oldest, first)), default=None)
    if oldest is None:
        return Check(Part.INBOX, State.WELL, "empty")
    state = rules.of_age(clock.now() - oldest, rules.IN_INBOX)
    return Check(Part.INBOX, state, "waits" if state is State.WELL else "late", {"count": count, "at": oldest})


def outbox_rows() -> Check:
    """Tell how much is due and was not done, since when, and how much was taken often in vain."""
    due = select(func.count(), func.min(Task.due_at)).where(Task.due_at <= clock.now())
    count, oldest = db.session.execute(due).one()
    often = db.session.scalar(select(func.count()).select_from(Task).where(Task.hinted >= rules.TAKEN_OFTEN)) or 0
    state = rules.of_age(clock.now() - oldest, rules.IN_OUTBOX) if oldest else State.WELL
    if state is not State.WELL:
        return Check(Part.OUTBOX, state, "late", {"count": count, "at": oldest})
    if often:
        return Check(Part.OUTBOX, State.LOOK, "in_vain", {"count": often})
    return Check(Part.OUTBOX, State.WELL, "goes", {"count": count})


def unread() -> Check:
    """Count what came and does not open."""
    count = db.session.scalar(select(func.count()).select_from(UnreadReport)) or 0
    return Check(Part.UNREAD, State.LOOK if count else State.WELL, "some" if count else "none", {"count": count})


def failed_letters() -> Check:
    """Count letters that do not get through, and wait for people."""
    failed = select(func.count()).select_from(IncidentLetter).where(IncidentLetter.status.in_(FAILED))
    count = stuck.counts()[stuck.Part.LETTERS] + (db.session.scalar(failed) or 0)
    state = State.LOOK if count else State.WELL
    return Check(Part.FAILED_LETTERS, state, "some" if count else "none", {"count": count})


def kept_letters() -> Check:
    """Count letters that lie here and have gone to nobody."""
    kept = select(func.count()).select_from(Notice).where(notices.LIES_HERE)
    count = db.session.scalar(kept) or 0
    return Check(Part.KEPT_LETTERS, State.LOOK if count else State.WELL, "some" if count else "none", {"count": count})


def mail_set() -> Check:
    """Tell whether a mail server is set. It is not asked for anything."""
    return Check(Part.MAIL, State.WELL, "set") if settings().smtp_url else Check(Part.MAIL, State.LOOK, "none")


def mail_tried() -> Check:
    """Connect to the mail server, sign in, and leave: nothing is sent."""
    if not settings().smtp_url:
        return mail_set()
    try:
        mail.greet(settings().smtp_url, settings().mail_from)
    except MailFault as fault:
        return Check(Part.MAIL, State.WRONG, "fails", {"fault": fault.code})
    return Check(Part.MAIL, State.WELL, "answers")


def mailbox_set() -> Check:
    """Tell how the last look into the mailbox ended. Nobody looks into it now."""
    if not settings().imap_url:
        return Check(Part.MAILBOX, State.WELL, "none")
    fault = mailbox.standing()
    return Check(Part.MAILBOX, State.WRONG, "fails", {"fault": fault}) if fault else _read()


def mailbox_tried() -> Check:
    """Sign in to the mailbox and leave: nothing is read."""
    if not settings().imap_url:
        return mailbox_set()
    try:
        with imap.opened(settings().imap_url):
            return _read()
    except MailboxFault as fault:
        return Check(Part.MAILBOX, State.WRONG, "fails", {"fault": fault.code})


def _read() -> Check:
    return Check(Part.MAILBOX, State.WELL, "read")


def names() -> Check:
    """Ask each resolver for nobody's name, where look-ups are on."""
    if not settings().lookups:
        return Check(Part.NAMES, State.WELL, "off")
    silent, asked = dns.count_silent(settings().dns_servers)
    state = State.WRONG if silent == asked else State.LOOK if silent else State.WELL
    return Check(Part.NAMES, state, "silent" if silent else "answer", {"silent": silent, "count": asked})


def trail() -> Check:
    """Recompute the newest entry of the audit trail."""
    return _of_trail(*audit.verify_head(), code="head")


def whole_trail() -> Check:
    """Recompute all of the audit trail."""
    return _of_trail(*audit.verify(), code="whole")


def _of_trail(count: int, broken: int | None, *, code: str) -> Check:
    if broken is not None:
        return Check(Part.AUDIT, State.WRONG, "broken", {"number": broken})
    return Check(Part.AUDIT, State.WELL, code, {"count": count})


def anchor() -> Check:
    """Tell when the end of the trail was last printed to be kept elsewhere, and whether it still holds that entry."""
    last = anchors.last()
    if last is None:
        return Check(Part.ANCHOR, State.LOOK, "never")
    if not anchors.holds(last):
        return Check(Part.ANCHOR, State.WRONG, "differs", {"at": last.at, "number": last.number})
    is_old = clock.now() - last.at > rules.ANCHORED
    return Check(Part.ANCHOR, State.LOOK if is_old else State.WELL, "old" if is_old else "taken", {"at": last.at})


def backup() -> Check:
    """Tell when a backup was last made, as the audit trail says."""
    last = backups.last()
    if last is None:
        age = clock.now() - (audit.oldest_at() or clock.now())
        return Check(Part.BACKUP, rules.of_no_backup(age, is_open=not settings().on_loopback), "never")
    state = rules.of_age(max(clock.now() - last.at, timedelta()), rules.BACKED_UP)
    return Check(Part.BACKUP, state, "made" if state is State.WELL else "old", {"at": last.at})
