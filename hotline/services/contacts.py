"""How to reach a reporter: kept in rows of its own, and forgotten as soon as the reporter says so."""

import hashlib

from sqlalchemy import Connection, delete, select, update

from hotline import vault
from hotline.extensions import db
from hotline.models.help_request import HelpRequest
from hotline.models.report import Contact, Inbox, Report, UnreadReport
from hotline.models.staff import Staff
from hotline.services import audit, inbox
from hotline.transactions import front_engine
from hotline.vocabulary import InboxKind

# What cannot be opened cannot be taken apart: until somebody could read it, the wish to be forgotten waits with it.
_UNREAD = select(UnreadReport.inbox_id)


def ask_to_forget(code: str) -> None:
    """Leave word for the worker that the contact details given with a receipt are to go. Raises StorageFull."""
    keys = vault.keyring().public
    assert keys is not None
    tag = vault.receipt_of(keys, code).tag
    with inbox.in_turn() as connection:
        if not _waits(connection, tag):
            body = vault.keyring().seal("forget", "")
            inbox.put(connection, InboxKind.FORGET_CONTACT, body, receipt_tag=tag, row_id=_wish_of(tag))


def are_being_forgotten(code: str) -> bool:
    """Whether a wish to forget the contact details given with a receipt waits still. Afterwards nothing tells of it."""
    keys = vault.keyring().public
    assert keys is not None
    with front_engine().connect() as connection:
        return _waits(connection, vault.receipt_of(keys, code).tag)


def _waits(connection: Connection, tag: bytes) -> bool:
    return connection.scalar(select(Inbox.id).where(Inbox.id == _wish_of(tag))) is not None


def _wish_of(tag: bytes) -> bytes:
    """Return the id of the row that asks to forget: made from the tag, so that asked twice it is one row."""
    return hashlib.blake2b(tag, digest_size=16, person=b"forget contact").digest()


def forget(receipt_tag: bytes) -> bool:
    """Forget the contact details given with a receipt. Returns False while they lie in a report nobody could read."""
    if db.session.scalar(_UNREAD.where(UnreadReport.receipt_tag == receipt_tag).limit(1)) is not None:
        return False
    of_tag = select(Report.id).where(Report.receipt_tag == receipt_tag)
    db.session.execute(delete(Contact).where(Contact.report_id.in_(of_tag)))
    db.session.execute(update(HelpRequest).where(HelpRequest.receipt_tag == receipt_tag).values(contact=None))
    return True


def read(report: Report, *, by: Staff) -> str | None:
    """Open how to reach the reporter of `report`; None when nothing was given, or it was forgotten. It is recorded."""
    if report.contact is None:
        return None
    audit.record_read(by, "read contact", f"report {report.ref}")
    return vault.keyring().open("report.contact", report.contact.contact)
