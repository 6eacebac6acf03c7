"""Erasing what reporters gave, once it was kept as long as people agreed: first how to reach them, then their words.

A report waits while one of its addresses is open again or somebody objects, undecided yet; while a report to the police
about it has not gone, or victim support has not read what it was handed of it; and while its reporter wrote and nobody
has seen to it. Time counts from the last word between them, and anew whenever one of its addresses is closed again.
What goes: contact details, details, lines as typed, how a sender calls it, all messages, and what the receipt code
finds. What stays: that there was a report, its kind, its hours, and the items. The sweeper does it without any key.
Killed in between, it is begun again.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import ColumnElement, delete, func, or_, select, update

from hotline import clock
from hotline.extensions import db, spelt
from hotline.models.audit import AuditEntry
from hotline.models.case_link import CaseLink
from hotline.models.item import Item, Mention
from hotline.models.message import Message
from hotline.models.police_report import PoliceReport, PoliceReportItem
from hotline.models.reply import Appeal
from hotline.models.report import Contact, Origin, Report
from hotline.rules import report_retention as rules
from hotline.rules.report_retention import Term
from hotline.services import audit, receipts, report_terms
from hotline.transactions import leave_no_trace, writing
from hotline.vocabulary import ItemStatus, PoliceStatus, ReportStatus

ERASED = "erased what reporters gave"
SUBJECT = "reports"  # in the audit trail: a round tells how many, and never which
MOST_AT_ONCE = 50  # reports of one round of the sweeper, a transaction each: nobody waits for long
MOST_RUNS = 20
NOT_GONE = (PoliceStatus.DRAFT, PoliceStatus.APPROVED)  # a police report that its unit does not have yet
_SWEPT_IN = "hotline.report_retention.swept_in"


@dataclass(frozen=True, slots=True)
class Counts:
    """How much goes, or went: contact details, and whole reports."""

    contacts: int
    reports: int


@dataclass(frozen=True, slots=True)
class Round:
    """What one round erased, by which term, and when."""

    at: datetime
    counts: Counts


def preview(wanted: Term) -> Counts:
    """Return how much would go at once by a term."""
    now = clock.now()
    contacts = select(func.count()).select_from(Contact).join(Report, Report.id == Contact.report_id)
    reports = select(func.count()).select_from(Report)
    return Counts(
        db.session.scalar(contacts.where(*_over(rules.contact_before(wanted, now)))) or 0,
        db.session.scalar(reports.where(*_over(rules.report_before(wanted, now)))) or 0,
    )


def due() -> Counts:
    """Return how much goes now by the term in force; nothing where nobody has decided."""
    row = report_terms.in_force()
    return preview(report_terms.of(row)) if row is not None else Counts(0, 0)


def list_rounds() -> list[Round]:
    """Return what was erased in the newest rounds that erased anything."""
    entries = audit.newest(SUBJECT, most=MOST_RUNS, only=(ERASED,))
    return [Round(entry.at, _counts_of(entry)) for entry in entries]


def sweep(stopped: Callable[[], bool] = lambda: False) -> None:
    """Erase what is due, some of it in a round, and no more often than once an hour once nothing is left."""
    known, hour = current_app.extensions, clock.this_hour()
    if known.get(_SWEPT_IN) == hour:
        return
    done = run(most=MOST_AT_ONCE, stopped=stopped)
    if done.reports < MOST_AT_ONCE and done.contacts < MOST_AT_ONCE and not stopped():
        known[_SWEPT_IN] = hour


def run(*, most: int | None = None, stopped: Callable[[], bool] = lambda: False) -> Counts:
    """Erase what is due, at most so many contacts and so many reports. Safe to run twice, also at once."""
    row = report_terms.in_force()
    if row is None or clock.now() < report_terms.begins_at(row):
        return Counts(0, 0)
    term, now = report_terms.of(row), clock.now()
    contacts = _forget_contacts(rules.contact_before(term, now), most)
    reports, before = 0, rules.report_before(term, now)
    found = select(Report.id).where(*_over(before)).order_by(Report.closed_at, Report.id).limit(most)
    for number in db.session.scalars(found).all():
        if stopped():
            break
        reports += _erase_one(number, before)
    counts = Counts(contacts, reports)
    if contacts or reports:
        with writing():
            audit.record(None, ERASED, SUBJECT, contacts=contacts, reports=reports, term=row.id)
        leave_no_trace()
    return counts


def _over(before: datetime) -> tuple[ColumnElement[bool], ...]:
    """Say of a report: it was closed before a moment, nobody wrote since, and nothing is left to do about it."""
    is_open = select(Mention.id).join(Item, Item.id == Mention.item_id)
    is_open = is_open.where(Mention.report_id == Report.id, Item.status != spelt(ItemStatus.CLOSED))
    objected = select(Mention.id).join(Appeal, Appeal.item_id == Mention.item_id)
    objected = objected.where(Mention.report_id == Report.id, Appeal.decided_at.is_(None))
    talks = select(Message.id).where(
        Message.receipt_tag == Report.receipt_tag, or_(Message.settled_at.is_(None), Message.written_at >= before)
    )
    closed = (Report.status == ReportStatus.CLOSED, Report.closed_at < before, Report.erased_at.is_(None))
    mine = select(Mention.item_id).where(Mention.report_id == Report.id)
    to_police = select(PoliceReportItem.id).join(PoliceReport).where(PoliceReportItem.item_id.in_(mine))
    to_police = to_police.where(or_(*(PoliceReport.status == one for one in NOT_GONE)))
    unread = select(CaseLink.id).where(CaseLink.taken_at.is_(None))
    unread = unread.where(or_(CaseLink.report_id == Report.id, CaseLink.item_id.in_(mine)))
    waits = (is_open, objected, talks, to_police, unread)
    return (*closed, *(~one.exists() for one in waits))


def _forget_contacts(before: datetime, most: int | None) -> int:
    with writing():
        found = select(Contact.report_id).join(Report, Report.id == Contact.report_id).where(*_over(before))
        ids = db.session.scalars(found.order_by(Contact.report_id).limit(most)).all()
        if ids:
            gone = delete(Contact).where(Contact.report_id.in_(ids))
            db.session.execute(gone.execution_options(synchronize_session=False))
    return len(ids)


def _erase_one(number: int, before: datetime) -> bool:
    """Erase one report; False where it is to go no more, or its reporter is writing just now."""
    with writing():
        report = db.session.scalar(select(Report).where(Report.id == number, *_over(before)))
        # first: afterwards nobody knows what it was found by
        if report is None or not receipts.forget(report.receipt_tag):
            return False
        _erase(report)
    return True


def _erase(report: Report) -> None:
    """Take away the words at the desk. Nothing leads from the code to the report any more, whoever has both."""
    nobodys = secrets.token_bytes(len(report.receipt_tag))
    for message in db.session.scalars(select(Message).where(Message.receipt_tag == report.receipt_tag)):
        message.receipt_tag, message.copy_id = nobodys, secrets.token_bytes(len(message.copy_id))
        message.body, message.copy = b"", b"" if message.copy is not None else None
    db.session.execute(update(Mention).where(Mention.report_id == report.id).values(typed=b""))
    db.session.execute(update(Origin).where(Origin.report_id == report.id).values(reference=None))
    report.receipt_tag, report.details, report.leftovers, report.contact = nobodys, None, None, None
    report.erased_at = clock.this_hour()
    db.session.flush()


def _counts_of(entry: AuditEntry) -> Counts:
    said = json.loads(entry.details or "{}")
    return Counts(said.get("contacts", 0), said.get("reports", 0))
