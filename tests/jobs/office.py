"""The people at the desk, for tests: they open the inbox, look twice, draft and approve, on stores others use too."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update

from hotline import clock, create_app, vault
from hotline.extensions import db
from hotline.models import Item, Notice, Recipient, Staff
from hotline.outbox import Task
from hotline.services import (
    assessments,
    claims,
    demo,
    directory,
    intake,
    notice_approval,
    notice_drafting,
    police,
    schema,
    staff,
    submissions,
)
from hotline.transactions import writing
from hotline.vocabulary import Category, Channel, HandedBy, ItemStatus, Language, NoticeStatus, RecipientKind, Role
from tests import ready_made

FIRST, SECOND = "Sokha Chan", "Dara Pich"
MAILBOX = "abuse@hosting.example"
SENDER = "notices@hotline.example"
PASSWORD = "seven quiet lamps on a shelf"


@dataclass(frozen=True)
class Sent:
    """What the desk's store knows of a notice."""

    id: int
    ref: str
    status: NoticeStatus
    message_id: str
    attempts: int
    last_fault: str | None
    leased_until: datetime | None


class Office:
    """An app with the office's surface on a data folder, which another stack may be running on."""

    def __init__(self, data_dir: Path, **environ: str) -> None:
        settings = {"HOTLINE_DATA_DIR": str(data_dir), "HOTLINE_INBOX_DELAY": "0", "HOTLINE_MAIL_FROM": SENDER}
        if not (data_dir / "keys").exists():
            ready_made.copy(ready_made.tables, data_dir)
        self.app = create_app("office", settings | environ)
        public = vault.load(data_dir / "keys", private=(), public_secrets=True, blinds=False).public
        self.app.extensions["hotline.keyring"].public = public  # reports come in here too
        with self.here():
            schema.upgrade()  # for stores that are no files there

    @contextmanager
    def here(self) -> Iterator[None]:
        """Work inside the app."""
        with self.app.app_context():
            yield

    def settle_in(self) -> None:
        """Take two reviewers on, and note one provider in the directory."""
        with self.here(), writing():
            for name in (FIRST, SECOND):
                staff.add(name, PASSWORD, [Role.ANALYST, Role.REVIEWER], language=Language.EN, by=None)
        self.add_provider()

    def add_provider(self) -> None:
        """Put one provider into the directory."""
        with self.here(), writing():
            added = directory.add("Example Hosting B.V.", RecipientKind.HOSTING_PROVIDER, MAILBOX, "NL", Language.EN)
            directory.verify(added, by=staff.get_by_name(FIRST))

    def report(self, urls: str, *, nonce: str = "", details: str = "") -> str:
        """Take a report as the public site does; return its receipt code."""
        sent = submissions.Submission(Category.CSAM, urls, None, details, None, "", Language.EN)
        with self.here():
            return submissions.take(sent, nonce=nonce or urls)

    def open_inbox(self) -> None:
        """Make items of all reports."""
        with self.here():
            intake.open_inbox()

    def decide_new(self, most: int = 1000) -> list[str]:
        """Let two people look at new items and agree; return the items' references."""
        decided = []
        with self.here():
            refs = db.session.scalars(select(Item.ref).where(Item.status == ItemStatus.NEW).limit(most)).all()
            for ref in refs:
                with writing():
                    self._look_twice(ref)
                decided.append(ref)
        return decided

    def draft(self, ref: str, *, language: Language = Language.EN, mailbox: str = MAILBOX) -> int:
        """Draft a notice about a decided item; return its id."""
        with self.here(), writing():
            item = db.session.scalars(select(Item).where(Item.ref == ref)).one()
            to = db.session.scalars(select(Recipient).where(Recipient.mailbox == mailbox)).one()
            by = staff.get_by_name(FIRST)
            return notice_drafting.draft(item, to, channel=Channel.HOST, language=language, by=by).id

    def hand_to_police(self, *refs: str) -> None:
        """Hand a report about decided items to a unit of the police, which comes first for a child in danger."""
        with self.here(), writing():
            first, second = staff.get_by_name(FIRST), staff.get_by_name(SECOND)
            unit = directory.add("Example Cyber Unit", RecipientKind.POLICE, "desk@police.example", "KH", Language.EN)
            report = police.draft(" ".join(refs), unit, added="", named="", by=first)
            police.approve(report, seen=police.version(report), by=second)
            police.hand_over(report, HandedBy.IN_PERSON, "Officer on duty", clock.now(), by=first)

    def approve(self, notice_id: int) -> None:
        """Let a draft go."""
        with self.here(), writing():
            notice_approval.approve(db.session.get_one(Notice, notice_id), by=staff.get_by_name(SECOND))

    def approved_notice(self, urls: str, *, language: Language = Language.EN) -> int:
        """Go the whole way from a report to an approved notice; return its id."""
        self.report(urls)
        self.open_inbox()
        [ref] = self.decide_new()
        notice_id = self.draft(ref, language=language)
        self.approve(notice_id)
        return notice_id

    def notice(self, notice_id: int) -> Sent:
        """Look a notice up."""
        with self.here():
            row = db.session.get_one(Notice, notice_id)
            return Sent(row.id, row.ref, row.status, row.message_id, row.attempts, row.last_fault, row.leased_until)

    def has(self, notice_id: int, status: NoticeStatus) -> bool:
        """Whether a notice has come that far."""
        return self.notice(notice_id).status is status

    def is_kept(self, notice_id: int) -> bool:
        """Whether a notice lies here, because no mail server is set."""
        with self.here():
            return db.session.get_one(Notice, notice_id).is_kept

    def tasks(self) -> list[tuple[str, int, datetime]]:
        """What stands in the outbox."""
        with self.here():
            return [(task.job, task.record_id, task.due_at) for task in db.session.scalars(select(Task))]

    def let_others_take_rows(self) -> None:
        """Let the minute be over for which a row is in somebody's hands; leases stay."""
        with self.here(), writing():
            db.session.execute(update(Task).values(due_at=clock.now() - timedelta(seconds=1)))

    def let_time_pass(self) -> None:
        """Let every pause and every lease be over."""
        past = clock.now() - timedelta(minutes=10)
        with self.here(), writing():
            db.session.execute(update(Task).values(due_at=past))
            db.session.execute(update(Notice).where(Notice.leased_until.is_not(None)).values(leased_until=past))

    def _look_twice(self, ref: str) -> None:
        item = db.session.scalars(select(Item).where(Item.ref == ref)).one()
        first, second = (db.session.scalars(select(Staff).where(Staff.name == name)).one() for name in (FIRST, SECOND))
        claims.claim(item, by=first)
        assessments.first_look(item, demo.ILLEGAL, by=first)
        assessments.take_review(item, by=second)
        assert assessments.second_look(item, demo.ILLEGAL, by=second)
