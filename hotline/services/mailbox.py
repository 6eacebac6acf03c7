"""The mailbox: what answers a notice is noted there, letters of senders whom the team has verified become reports.

All others are put aside. A letter is settled in one transaction, keyed by mailbox, UIDVALIDITY and UID, and only then
moved to another folder. So a server that breaks off, or a kill, neither loses a letter nor makes two of it; what is in
a letter decides that even when the server numbers its letters anew. No letter is ever deleted. A letter of many
addresses is filed in portions, a transaction each, so that nobody waits behind it; what is not done in time goes on
next round.
"""

import json
import secrets
import time

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from hotline import clock, logs, vault
from hotline.config import settings
from hotline.errors import NotFound, Refused, StorageFull
from hotline.extensions import db
from hotline.gateways import imap
from hotline.gateways.imap import Mailbox, MailboxFault
from hotline.models.intake import MailArrival, MailSender
from hotline.models.notice import Notice
from hotline.models.reply import Reply
from hotline.models.report import Origin, Report
from hotline.models.staff import Staff
from hotline.rules import addresses, entries, mailbox
from hotline.rules.mailbox import Letter, UnreadableLetterError
from hotline.services import audit, intake, mail_answers
from hotline.services.entries import REFERENCE
from hotline.services.submissions import Submission
from hotline.transactions import writing
from hotline.vault import Blind
from hotline.vocabulary import Category, Language, MailResult, ReportSource

FIELDS = ("mailbox", "name", "source", "category", "verified")
SOURCES = (ReportSource.PARTNER, ReportSource.POLICE, ReportSource.MAILBOX)
REFUSED = "Refused"  # a folder beside the one that is read, as are these
FOLDERS = {MailResult.TAKEN: "Taken", MailResult.ANSWER: "Answers"}
MOST = 50  # letters a round
LONGEST = 20.0  # seconds after which a round begins no other letter or portion: the sweeper has more to do
PORTION = 20  # addresses of a letter in one report, and in one transaction
SHOWN = 100
NOTE = "mailbox-trouble"  # a file of the data folder, there while the mailbox cannot be read
OURS = "ours"  # what it says where the fault is not the mail server's


def poll() -> int:
    """Look through the mailbox once, where one is set. Returns how many letters became reports. Never raises for it."""
    if not settings().imap_url:
        return 0
    try:
        with imap.opened(settings().imap_url) as box:
            taken = _look_through(box)
    except MailboxFault as fault:
        logs.log.error("the mailbox for reports cannot be read: %s", fault.code)
        _note(fault.code)
        return 0
    except StorageFull:
        raise
    except Exception as exc:  # whatever it is, the sweep goes on, and the desk must not believe that no letter came
        db.session.rollback()
        logs.fault(exc, doing="reading the mailbox for reports")
        _note(OURS)
        return 0
    _note("")
    return taken


def standing() -> str:
    """Return why the mailbox could not be read at the last look (a code); empty when it could, or none is set."""
    if not settings().imap_url:
        return ""
    try:
        return (settings().data_dir / NOTE).read_text()
    except OSError:
        return ""


def list_arrivals() -> list[tuple[MailArrival, str | None, str | None]]:
    """Return the newest letters, newest first, with the references of their reports, or of the notices they answer."""
    newest = select(MailArrival, Report.ref, Notice.ref)
    newest = newest.join(Report, Report.id == MailArrival.report_id, isouter=True)
    newest = newest.join(Reply, Reply.id == MailArrival.reply_id, isouter=True)
    newest = newest.join(Notice, Notice.id == Reply.notice_id, isouter=True)
    rows = db.session.execute(newest.order_by(MailArrival.seen_at.desc(), MailArrival.id.desc()).limit(SHOWN))
    return [(arrival, report, notice) for arrival, report, notice in rows]


def list_senders() -> list[MailSender]:
    """Return everybody whose letters are taken, and then those whose are not any more."""
    return list(db.session.scalars(select(MailSender).order_by(MailSender.active.desc(), MailSender.name)))


def get_sender(sender_id: int) -> MailSender:
    """Return a sender. Raises NotFound."""
    sender = db.session.get(MailSender, sender_id)
    if sender is None:
        raise NotFound("no such sender")
    return sender


def add_sender(address: str, name: str, source: str, category: str, verified: str, *, by: Staff) -> MailSender:
    """Take reports from a mailbox from now on. Raises Refused with everything that is wrong."""
    address, name, verified = address.strip().lower(), " ".join(name.split()), " ".join(verified.split())
    taken = db.session.scalar(select(MailSender.id).where(MailSender.mailbox == address)) is not None
    wrong = {
        ("mailbox", "not_plain"): not entries.MAILBOX.fullmatch(address),
        ("mailbox", "taken"): taken,
        ("name", "length"): not entries.SHORTEST_NAME <= len(name) <= entries.LONGEST_NAME,
        ("source", "required"): source not in SOURCES,
        ("category", "required"): category not in set(Category),
        ("verified", "length"): not 2 <= len(verified) <= 200,
    }
    if any(wrong.values()):
        raise Refused(*(fault for fault, is_wrong in wrong.items() if is_wrong))
    sender = MailSender(
        mailbox=address,
        name=name,
        source=ReportSource(source),
        category=Category(category),
        verified=verified,
        added_by_id=by.id,
        added_at=clock.now(),
    )
    db.session.add(sender)
    db.session.flush()
    audit.record(by, "mail sender added", f"mail sender {sender.id}")
    return sender


def switch(sender: MailSender, *, on: bool, by: Staff) -> None:
    """Take a sender's letters, or take them no more."""
    if sender.active is not on:
        sender.active = on
        audit.record(by, "mail sender switched on" if on else "mail sender switched off", f"mail sender {sender.id}")


def _look_through(box: Mailbox) -> int:
    taken, ends = 0, time.monotonic() + LONGEST
    for uid in box.list_uids(MOST):
        if time.monotonic() > ends:
            break
        result, is_new = _settle(box, uid, ends)
        if result is None:
            continue
        box.put_aside(uid, FOLDERS.get(result, REFUSED))
        taken += is_new and result is MailResult.TAKEN
    return taken


def _settle(box: Mailbox, uid: int, ends: float) -> tuple[MailResult | None, bool]:
    """Say what becomes of a letter and whether that is new; None when it was taken away, or is not all filed yet."""
    key = vault.keyring().blind(Blind.ADDRESS, f"mail:{box.name}:{box.valid}:{uid}")
    known = db.session.scalar(select(MailArrival.result).where(MailArrival.key == key))
    if known is not None:
        return known, False
    size = box.size(uid)
    if size is None:
        return None, False
    raw = box.header(uid, mailbox.MAX_HEADER)
    header = _header(raw)
    found = mail_answers.find(box, uid, raw, header)
    letter, report_id = None, None  # type: Letter | None, int | None
    sender: MailSender | None = None
    fault: MailResult | None = MailResult.UNREADABLE
    if header is not None:
        sender = db.session.scalar(select(MailSender).where(MailSender.mailbox == header.sender, MailSender.active))
        fault = _hindrance(header, sender, size)
    sender_id = sender.id if sender else None
    db.session.rollback()  # a slow server must not keep an old view of the store open
    if found is not None and (found.by_message_id or fault is not None):
        return _settle_answer(key, found)
    if fault is None:  # of somebody who reports to us by mail it is a report, also where it names a notice
        fault, letter = _read(box, uid)
    if letter is not None and fault is None:
        for portion in _portions(letter.text):
            if report_id is not None and time.monotonic() > ends:
                return None, False
            with writing():
                fault, filed = _file(letter, portion, db.session.get_one(MailSender, sender_id))
            report_id = report_id or filed
            if fault is not None:
                break
    attachments = letter.attachments if letter else 0
    with writing():
        known = db.session.scalar(select(MailArrival.result).where(MailArrival.key == key))
        if known is not None:
            return known, False
        reply = mail_answers.file(found) if found else None
        result = MailResult.ANSWER if found and fault else fault or MailResult.TAKEN
        reply_id = reply.id if reply else None
        _arrived(key, result, sender_id=sender_id, report_id=report_id, reply_id=reply_id, attachments=attachments)
    return result, True


def _settle_answer(key: bytes, found: mail_answers.Found) -> tuple[MailResult, bool]:
    """Note an answer and that it came, in one transaction."""
    result = MailResult.AUTOMATIC if found.answer.kind is None else MailResult.ANSWER
    with writing():
        known = db.session.scalar(select(MailArrival.result).where(MailArrival.key == key))
        if known is not None:
            return known, False
        reply = mail_answers.file(found)
        _arrived(key, result, reply_id=reply.id if reply else None)
    return result, True


def _arrived(key: bytes, result: MailResult, **facts: int | None) -> None:
    db.session.add(MailArrival(key=key, result=result, seen_at=clock.now(), **facts))


def _header(raw: bytes) -> mailbox.Header | None:
    try:
        return mailbox.read_header(raw, our_server=settings().imap_authserv)
    except UnreadableLetterError:
        return None


def _hindrance(header: mailbox.Header, sender: MailSender | None, size: int) -> MailResult | None:
    """Return why a letter is not even fetched, if so."""
    if header.automatic:
        return MailResult.AUTOMATIC
    if sender is None:
        return MailResult.UNKNOWN_SENDER
    if not header.confirmed:
        return MailResult.FORGED
    return MailResult.TOO_LARGE if size > mailbox.MAX_LETTER else None


def _read(box: Mailbox, uid: int) -> tuple[MailResult | None, Letter | None]:
    raw = box.letter(uid)
    try:
        letter = mailbox.read_letter(raw)
    except UnreadableLetterError:
        return MailResult.UNREADABLE, None
    if len(letter.text) > mailbox.MAX_TEXT:
        return MailResult.TOO_LARGE, letter
    return None if addresses.read(letter.text).found else MailResult.NO_ADDRESS, letter


def _portions(text: str) -> list[str]:
    """Cut what a letter says into texts of a few addresses each. Whatever is no address stands in the first."""
    reading = addresses.read(text)
    if len(reading.found) <= PORTION:
        return [text]
    typed = ["\n".join((address.raw, *address.typed_again)) for address in reading.found]
    cut = ["\n".join(typed[start : start + PORTION]) for start in range(0, len(typed), PORTION)]
    cut[0] = "\n".join((cut[0], *(leftover.text for leftover in reading.leftovers)))
    return cut


def _file(letter: Letter, text: str, sender: MailSender) -> tuple[MailResult | None, int | None]:
    """Make a report of a letter's text, unless one was made of it already. Returns what is in the way, or its id."""
    inbox_id = _id_of(letter, text, sender)
    known = intake.find_filed(inbox_id)
    if known is not None:
        return None, known.id
    khmer = any("\u1780" <= sign <= "\u17ff" for sign in letter.text)
    said = Submission(sender.category, text, None, "", None, "", Language.KM if khmer else Language.EN)
    origin = Origin(source=sender.source)
    if letter.subject:
        origin.reference = vault.keyring().seal(REFERENCE, letter.subject)
    try:
        with db.session.begin_nested():
            tag = secrets.token_bytes(32)
            report = intake.file_report(
                said, inbox_id=inbox_id, receipt_tag=tag, received_at=clock.this_hour(), origin=origin
            )
    except (SQLAlchemyError, StorageFull):
        raise  # it stays where it was, and is looked at again
    except Exception as exc:  # a text nobody foresaw must not come back for ever
        logs.fault(exc, doing="reading a letter")
        return MailResult.UNREADABLE, None
    return None, report.id


def _id_of(letter: Letter, text: str, sender: MailSender) -> bytes:
    """Return what tells that this text of this letter was filed. By key: else anybody could try words against it."""
    facts = json.dumps([sender.mailbox, letter.message_id, letter.subject, text])
    return vault.keyring().blind(Blind.ADDRESS, f"report by mail:{facts}")


def _note(code: str) -> None:
    """Leave word for the desk how the mailbox stands."""
    place = settings().data_dir / NOTE
    if code:
        place.write_text(code)
    else:
        place.unlink(missing_ok=True)
