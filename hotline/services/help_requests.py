"""Requests for help without an address: sealed to victim support, moved unopened, answered by its people alone."""

from sqlalchemy import select

from hotline.extensions import db
from hotline.models.help_request import HelpRequest
from hotline.models.report import Inbox
from hotline.services import references
from hotline.vocabulary import HelpStatus


def arrive(row: Inbox) -> None:
    """Make one inbox row a request at the desk, once. Nothing of it is opened: only victim support has the key."""
    if db.session.scalar(select(HelpRequest.id).where(HelpRequest.inbox_id == row.id)) is None:
        db.session.add(
            HelpRequest(
                ref=references.draw(HelpRequest.ref, "H"),
                inbox_id=row.id,
                receipt_tag=row.receipt_tag,
                body=row.body,
                contact=row.contact,
                status=HelpStatus.NEW,
                received_at=row.received_at,
            )
        )
