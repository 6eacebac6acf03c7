"""Invented reports that came another way: one told on the telephone, a list, letters, and who may send them."""

import io
import secrets

from sqlalchemy import select

from hotline import clock
from hotline.extensions import db
from hotline.models.intake import MailArrival, MailSender
from hotline.models.staff import Staff
from hotline.services import entries, mailbox, uploads
from hotline.services.submissions import Submission
from hotline.transactions import writing
from hotline.vocabulary import Category, Danger, Language, MailResult, ReportSource, Role, Seen

SENDER = ("reports@partner-hotline.example", "Partner hotline", "partner", "csam", "Called back on the agreed number")
LIST = "url,note\n" + "\n".join(
    (
        "https://img-board.example/t/90001,seen twice",
        "https://files.host.example/d/90002,",
        "hxxps://img-board[.]example/t/90001,once more",
        "see the letter,",
        "https://chat-rooms.example/r/90004,",
    )
)


def fill() -> None:
    """Add them once. Nothing where nobody may."""
    people = db.session.scalars(select(Staff).order_by(Staff.id))
    who = next((one for one in people if one.active and one.has(Role.REVIEWER)), None)
    if who is None or mailbox.list_senders():
        return
    with writing():
        told = Submission(
            Category.GROOMING,
            "https://chat-rooms.example/r/90003",
            Seen.TODAY,
            "Told on the telephone, calm.",
            Danger.UNSURE,
            "",
            Language.KM,
        )
        entries.enter(ReportSource.TELEPHONE, told, "", nonce=secrets.token_hex(16), by=who)
        sender = mailbox.add_sender(*SENDER, by=who)
        _letters(sender)
    taken = uploads.take(io.BytesIO(LIST.encode()), "partner", "csam", "Partner hotline, letter 7", by=who)
    uploads.work_off(taken.upload.id)


def _letters(sender: MailSender) -> None:
    for result, known in ((MailResult.NO_ADDRESS, True), (MailResult.UNKNOWN_SENDER, False)):
        arrival = MailArrival(key=secrets.token_bytes(21), result=result, seen_at=clock.now())
        arrival.sender_id = sender.id if known else None
        db.session.add(arrival)
