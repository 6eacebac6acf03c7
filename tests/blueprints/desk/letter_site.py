"""A desk with letters: drafted, approved, and carried to a mail server that a test stands in for."""

from pathlib import Path

from flask import Flask
from sqlalchemy import select

from hotline import create_app
from hotline.extensions import db
from hotline.jobs.notices import deliver_notices
from hotline.models import Notice, Recipient
from hotline.services import directory, notice_approval, notice_drafting
from hotline.transactions import writing
from hotline.vocabulary import Channel, Language, Surface
from tests.blueprints.desk.desk_site import DeskSite, environ

LIVE = "https://img-board.example/t/1"
DEFANGED = "hxxps://img-board[.]example/t/1"


class LetterSite(DeskSite):
    """A desk whose people write letters."""

    def draft(
        self, url: str = LIVE, *, by: str = "sophea", to: str = "abuse@hosting.example", verified: bool = True
    ) -> str:
        """Draft a letter about an address that two people found illegal; return its reference."""
        item = self.decided(url)
        with self.context(), writing():
            recipient = db.session.scalars(select(Recipient).where(Recipient.mailbox == to)).one()
            if verified:
                directory.verify(recipient, by=self.person("lina"))
            drafted = notice_drafting.draft(
                self.item(item), recipient, channel=Channel.HOST, language=Language.EN, by=self.person(by)
            )
            return drafted.ref

    def approved(self, url: str = LIVE) -> str:
        """Draft a letter and let it go."""
        ref = self.draft(url)
        with self.context(), writing():
            notice_approval.approve(self.notice(ref), by=self.person("dara"))
        return ref

    def deliver(self, ref: str) -> None:
        """Do the worker's job for one letter."""
        with self.context():
            deliver_notices([self.notice(ref).id])

    def notice(self, ref: str) -> Notice:
        """Return a notice; only within `context()`."""
        return db.session.scalars(select(Notice).where(Notice.ref == ref)).one()

    def recipient(self, mailbox: str = "abuse@hosting.example") -> str:
        """Return the reference of an entry of the directory."""
        with self.context():
            return db.session.scalars(select(Recipient.ref).where(Recipient.mailbox == mailbox)).one()


def with_mail(desk_dir: Path, port: int) -> LetterSite:
    """Return a desk that sends its letters to a mail server on loopback."""
    app: Flask = create_app(Surface.DESK, environ(desk_dir, HOTLINE_SMTP_URL=f"smtp://127.0.0.1:{port}"))
    return LetterSite(app)
