"""Invented answers by mail to an invented letter: one by a program, and one whose sender nobody vouches for."""

import secrets

from sqlalchemy import select

from hotline import clock
from hotline.extensions import db
from hotline.models.intake import MailArrival
from hotline.models.notice import Notice
from hotline.services import replies
from hotline.transactions import writing
from hotline.vocabulary import MailMark, MailResult, ReplyKind

CAME = (
    (
        ReplyKind.OUT_OF_OFFICE,
        (),
        "From: Abuse desk <abuse@albums.example>\nSubject: Automatic reply: A notice\n\n"
        "We have received your message. Its number is 4411.",
    ),
    (
        ReplyKind.MAIL,
        (MailMark.ATTACHED, MailMark.UNCONFIRMED),
        "From: Night shift <nights@albums.example>\nSubject: Re: A notice\n\n"
        "The album was closed this morning. The log is attached.",
    ),
)


def fill() -> None:
    """Let them come once, on the newest letter that went."""
    known = select(MailArrival.id).where(MailArrival.result == MailResult.ANSWER).limit(1)
    newest = select(Notice).where(Notice.sent_at.is_not(None)).order_by(Notice.id.desc()).limit(1)
    notice = db.session.scalar(newest)
    if notice is None or db.session.scalar(known) is not None:
        return
    with writing():
        for kind, marks, words in CAME:
            now, code = clock.now(), " ".join(marks)
            reply = replies.record(notice, kind, key=secrets.token_bytes(16), came_at=now, words=words, code=code)
            assert reply is not None
            key = secrets.token_bytes(21)
            db.session.add(MailArrival(key=key, result=MailResult.ANSWER, reply_id=reply.id, seen_at=now))
