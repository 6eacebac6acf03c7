"""Letters for a measurement, made the way the desk makes them: `python -m bench.desk_letters draft|approve COUNT [TO]`.

`draft` fills the store with reports, two looks at each address and one drafted letter, to TO recipients in turn (1
unless said), and lets a real worker do what that leaves to do. `approve` lets COUNT drafts go, each in a transaction of
its own, so that they wait in the queue. Every host is a reserved name.
"""

import secrets
import sys
from collections.abc import Sequence

from sqlalchemy import select

from hotline import clock, create_app
from hotline.extensions import db
from hotline.jobs import worker
from hotline.models import Item, Recipient, Staff
from hotline.services import (
    assessments,
    claims,
    demo,
    intake,
    notice_approval,
    notice_drafting,
    notices,
    references,
    staff,
)
from hotline.services.submissions import Submission
from hotline.transactions import writing
from hotline.vocabulary import Category, Channel, ItemStatus, Language, RecipientKind, Role, Surface

BATCH = 50


def draft(count: int, recipients: int = 1) -> None:
    """Draft `count` letters about as many addresses, to `recipients` in turn."""
    if not staff.anybody():
        list(demo.people())
    with writing():
        to = [_recipient(number).id for number in range(recipients)]
    for begin in range(0, count, BATCH):
        with writing():
            for number in range(begin, min(begin + BATCH, count)):
                file_report(number)
        with writing():
            _look_and_draft(to)
    worker.work(burst=True)


def _recipient(number: int) -> Recipient:
    """Return one who gets letters: a hosting provider that a person has verified, added once."""
    mailbox = f"abuse@provider-{number}.example"
    known = db.session.scalar(select(Recipient).where(Recipient.mailbox == mailbox))
    if known is not None:
        return known
    one = Recipient(
        ref=references.draw(Recipient.ref, "D"),
        name=f"Provider {number}",
        kind=RecipientKind.HOSTING_PROVIDER,
        mailbox=mailbox,
        country="NL",
        language=Language.EN,
        verified_on=clock.now().date(),
    )
    db.session.add(one)
    db.session.flush()
    return one


def approve(count: int) -> None:
    """Let the oldest `count` drafts go."""
    _, second, _ = reviewers()
    for notice in notices.list_waiting(by=second, most=count):
        with writing():
            notice_approval.approve(notices.get(notice.ref, by=second), by=second)


def file_report(number: int) -> None:
    """File a report of one address of its own."""
    sent = Submission(
        category=Category.CSAM,
        urls=f"https://bench-{number}.example/gallery/{secrets.token_hex(4)}",
        seen=None,
        details="The same link came twice.",
        in_danger=None,
        contact="",
        language=Language.EN,
    )
    ids = {"inbox_id": secrets.token_bytes(16), "receipt_tag": secrets.token_bytes(32)}
    intake.file_report(sent, **ids, received_at=clock.this_hour())


def _look_and_draft(to: Sequence[int]) -> None:
    first, second, _ = reviewers()
    for item in db.session.scalars(select(Item).where(Item.status == ItemStatus.NEW)).all():
        claims.claim(item, by=first)
        assessments.first_look(item, demo.ILLEGAL, by=first)
        assessments.take_review(item, by=second)
        assessments.second_look(item, demo.ILLEGAL, by=second)
        recipient = db.session.get_one(Recipient, to[item.id % len(to)])
        notice_drafting.draft(item, recipient, channel=Channel.HOST, language=Language.EN, by=first)


def reviewers() -> list[Staff]:
    """Return three people who may look and approve."""
    return [one for one in staff.list_staff() if one.has(Role.REVIEWER)][:3]


if __name__ == "__main__":
    with create_app(Surface.OFFICE).app_context():
        {"draft": draft, "approve": approve}[sys.argv[1]](*map(int, sys.argv[2:]))
