"""Invented recipients beside the first three, and the marks by which the demo's hosts lead to each of them."""

from typing import NamedTuple

from sqlalchemy import select

from hotline.extensions import db
from hotline.models.recipient import Recipient
from hotline.models.staff import Staff
from hotline.rules.entries import Entry
from hotline.services import directory, staff, upstreams
from hotline.transactions import writing
from hotline.vocabulary import Delivery, Language, Mark, RecipientKind, Role

NAMES = {  # mailbox of one of `demo.RECIPIENTS`: its network's name
    "abuse@hosting.example": "Example Hosting B.V.",
    "abuse@cloud.example": "Example Cloud UAB",
    "abuse@telecom.example": "Example Telecom Cambodia",
}


class Invented(NamedTuple):
    """One more recipient, and its marks."""

    entry: Entry
    marks: tuple[tuple[Mark, str], ...] = ()


MORE = (
    Invented(
        Entry(
            "Example Social",
            RecipientKind.PLATFORM,
            "",
            "IE",
            Language.EN,
            Delivery.WEB_FORM,
            form_url="https://help.social.example/child-safety",
            doubt="To confirm: whether its form takes groups that are not open to everybody.",
        ),
        ((Mark.DOMAIN, "social.example"),),
    ),
    Invented(
        Entry("Example Names Ltd", RecipientKind.REGISTRAR, "abuse@names.example", "GB", Language.EN),
        ((Mark.NETWORK, "example names ltd"),),
    ),
    Invented(
        Entry("Example Transit", RecipientKind.HOSTING_PROVIDER, "abuse@transit.example", "NL", Language.EN),
        ((Mark.ASN, "as64511"),),
    ),
)
CARRIED = ("abuse@hosting.example", "abuse@transit.example")  # who stands above whom: mailboxes, the lower one first


def fill() -> None:
    """Add them once, and let the hosts of the demo be recognised. Nothing where nobody may."""
    by = next((one for one in staff.list_staff() if one.active and one.has(Role.LIAISON)), None)
    if by is None:
        return
    with writing():
        if directory.list_entries(like=MORE[0].entry.name):
            return
        for mailbox, name in NAMES.items():
            found = db.session.scalar(select(Recipient).where(Recipient.mailbox == mailbox))
            if found is not None:
                _mark(found, ((Mark.NETWORK, name), (Mark.MAILBOX, mailbox)), by=by)
        for one in MORE:
            added = directory.enter(one.entry, by=by)
            _mark(added, one.marks, by=by)
            directory.verify(added, by=by)
        low, high = (db.session.scalar(select(Recipient).where(Recipient.mailbox == one)) for one in CARRIED)
        if low is not None and high is not None:
            upstreams.add(low, high.ref, by=by)


def _mark(recipient: Recipient, marks: tuple[tuple[Mark, str], ...], *, by: Staff) -> None:
    for mark, value in marks:
        directory.add_mark(recipient, mark, value, by=by)
