"""Invented answers to invented letters: one that names another host, one by telephone, one that objects."""

import secrets
from datetime import timedelta

from sqlalchemy import select

from hotline import clock
from hotline.extensions import db
from hotline.models.item import Item
from hotline.models.notice import Notice
from hotline.models.reply import Reply
from hotline.models.staff import Staff
from hotline.rules.entries import Entry
from hotline.rules.findings import Findings
from hotline.rules.replies import Given
from hotline.services import (
    appeal_cases,
    assessments,
    care,
    claims,
    directory,
    intake,
    kept_notices,
    notice_approval,
    notice_drafting,
    replies,
    staff,
)
from hotline.services.submissions import Submission
from hotline.transactions import writing
from hotline.vocabulary import (
    Answer,
    Category,
    Channel,
    Delivery,
    Language,
    RecipientKind,
    ReplyKind,
    Role,
)

HOST = Entry(
    "Example Albums Ltd.",
    RecipientKind.PLATFORM,
    "",
    "SG",
    Language.EN,
    delivery=Delivery.WEB_FORM,
    form_url="https://forms.example/albums",
)
PLACES = ("https://albums.example/a/4101", "https://albums.example/a/4102", "https://albums.example/a/4103")


def fill(found: Findings) -> None:
    """Let letters about a few addresses go, on which two people agree as `found` says, and answers come back."""
    with writing():
        people = [one for one in staff.list_staff() if one.active and one.has(Role.REVIEWER)]
        known = directory.list_entries(like=HOST.name)  # a demo before has done it
        if known or len(people) < 3 or any(care.day_of(one).why_light for one in people[:2]):
            return
        looker, second = people[:2]  # a third person was not involved, and may decide
        items = [_decided(url, found, looker, second) for url in PLACES]
        host = directory.enter(HOST, by=looker)
        directory.verify(host, by=second)
        one, other = (_sent(listed, host.ref, drafter=looker, approver=second) for listed in (items[:1], items[1:]))
        _came(one, Given(Answer.NOT_OURS, whose="Example Cloud UAB", words="Please write to them."))
        replies.note(one, Answer.NEED_MORE, "Their desk called: which of the two pages is meant?", by=looker)
        objection = "The people shown are adults. We can send the records of the studio."
        reply = _came(other, Given(Answer.APPEAL, words=objection))
        appeal_cases.open_on(items[1], objection, by=looker, notice=other, reply=reply)


def _decided(url: str, found: Findings, first: Staff, second: Staff) -> Item:
    said = Submission(Category.CSAM, url, None, "", None, "", Language.EN)
    intake.file_report(
        said,
        inbox_id=secrets.token_bytes(16),
        receipt_tag=secrets.token_bytes(32),
        received_at=clock.this_hour() - timedelta(hours=30),
    )
    db.session.flush()
    item = db.session.scalars(select(Item).order_by(Item.id.desc()).limit(1)).one()
    claims.claim(item, by=first)
    assessments.first_look(item, found, by=first)
    assessments.take_review(item, by=second)
    assessments.second_look(item, found, by=second)
    return item


def _sent(listed: list[Item], recipient_ref: str, *, drafter: Staff, approver: Staff) -> Notice:
    recipient = directory.get(recipient_ref)
    notice = notice_drafting.draft(
        listed[0], recipient, channel=Channel.HOST, language=Language.EN, by=drafter, also=listed[1:]
    )
    notice_approval.approve(notice, by=approver)
    kept_notices.record_proof(notice, f"ALB-{notice.id:05d}", clock.now(), by=drafter)
    return notice


def _came(notice: Notice, given: Given) -> Reply:
    words, key = replies.worded(given), secrets.token_bytes(16)
    reply = replies.record(notice, ReplyKind.FORM, key=key, came_at=clock.now(), answer=given.answer, words=words)
    assert reply is not None
    return reply
