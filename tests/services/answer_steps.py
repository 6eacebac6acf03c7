"""Steps that tests of answers and appeals take: a letter that went, and an answer that arrives through the page."""

import secrets

from hotline.extensions import db
from hotline.gateways.mail import Handed
from hotline.models import Item, Notice, Recipient
from hotline.rules.replies import Given
from hotline.services import notice_approval, notice_drafting, notice_sending, replies, reply_box
from hotline.transactions import writing
from hotline.vocabulary import Answer, Channel, Language
from tests.services import steps

URL = "https://img-board.example/t/1"


class Post:
    """A mail server that takes everything, and remembers Message-IDs."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, _sender: str, _to: str, message_id: str, _message: bytes) -> Handed:
        self.sent.append(message_id)
        return Handed.ON


def sent(*items: Item, to: Recipient | None = None) -> Notice:
    """Let a letter about `items` go, and return it."""
    first, second, _ = steps.team()
    with writing():
        notice = notice_drafting.draft(
            items[0], to or steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first, also=items[1:]
        )
        notice_approval.approve(notice, by=second)
    notice_sending.deliver(notice.id, mailer=Post())
    return db.session.get_one(Notice, notice.id)


def answered(notice: Notice, answer: Answer, *, words: str = "", whose: str = "", nonce: str = "") -> None:
    """Let an answer arrive through the page, and be moved to the desk."""
    reply_box.take(notice.ref, Given(answer, None, whose, words), nonce=nonce or secrets.token_hex(8))
    db.session.rollback()
    replies.open_inbound()
