"""How to reach a reporter: kept in rows of its own, and forgotten as soon as the reporter says so."""

from sqlalchemy import delete, select, update

from hotline.extensions import db
from hotline.models.help_request import HelpRequest
from hotline.models.report import Contact, Report, UnreadReport

# What cannot be opened cannot be taken apart: until somebody could read it, the wish to be forgotten waits with it.
_UNREAD = select(UnreadReport.inbox_id)


def forget(receipt_tag: bytes) -> bool:
    """Forget the contact details given with a receipt. Returns False while they lie in a report nobody could read."""
    if db.session.scalar(_UNREAD.where(UnreadReport.receipt_tag == receipt_tag).limit(1)) is not None:
        return False
    of_tag = select(Report.id).where(Report.receipt_tag == receipt_tag)
    db.session.execute(delete(Contact).where(Contact.report_id.in_(of_tag)))
    db.session.execute(update(HelpRequest).where(HelpRequest.receipt_tag == receipt_tag).values(contact=None))
    return True
