"""What comes back on a notice is noted once, read by people, and closes nothing by itself."""

import json
import secrets
from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from hotline import clock, vault
from hotline.errors import NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models import AuditEntry, Notice
from hotline.models.reply import Reply, ReplyInbound
from hotline.rules.follow_up import Step, Why
from hotline.rules.replies import MOST_UNMOVED, MOST_WORDS, Given
from hotline.services import appeal_cases, audit, items, notice_drafting, online, reminders, replies, reply_box
from hotline.services.replies import Said
from hotline.transactions import apart, front_engine, writing
from hotline.vocabulary import Answer, Channel, CheckResult, ItemStatus, Language, NoticeStatus, ReplyKind
from tests.services import answer_steps, steps

GIVEN = Given(Answer.NOT_OURS, None, "Example Cloud", "ask them")


def all_replies() -> list[Reply]:
    return list(db.session.scalars(select(Reply).order_by(Reply.id)))


def waiting() -> int:
    with apart(front_engine()) as session:
        return len(session.scalars(select(ReplyInbound.id)).all())


def test_an_answer_from_the_page_arrives_once_however_often_it_is_moved(office: Flask):
    notice = answer_steps.sent(steps.looked_at_twice())
    reply_box.take(notice.ref, GIVEN, nonce="one")
    with apart(front_engine()) as session:
        session.expire_on_commit = False
        row = session.scalars(select(ReplyInbound)).one()

    assert replies.open_inbound() == 1
    replies.move(row)
    reply_box.take(notice.ref, GIVEN, nonce="one")
    replies.open_inbound()

    (reply,) = all_replies()
    assert (reply.kind, reply.answer, reply.key) == (ReplyKind.FORM, Answer.NOT_OURS, row.id)
    assert replies.said(reply) == Said("ask them", None, "Example Cloud")
    assert waiting() == 0
    notice = db.session.get_one(Notice, notice.id)
    assert (notice.status, notice.answer) == (NoticeStatus.ANSWERED, Answer.NOT_OURS)
    assert notice.answered_at is not None


def test_each_answer_by_the_same_link_is_one_of_its_own_and_the_newest_stands(office: Flask):
    notice = answer_steps.sent(steps.looked_at_twice())

    answer_steps.answered(notice, Answer.NEED_MORE, words="which page?")
    answer_steps.answered(notice, Answer.REFUSED, words="no")

    assert [one.answer for one in all_replies()] == [Answer.NEED_MORE, Answer.REFUSED]
    assert db.session.get_one(Notice, notice.id).answer is Answer.REFUSED


def test_what_was_said_earlier_and_is_moved_later_changes_nothing(office: Flask):
    item = steps.looked_at_twice()
    notice = answer_steps.sent(item)
    answer_steps.answered(notice, Answer.APPEAL, words="you are wrong")

    with writing():
        earlier = clock.in_(-3600)
        replies.record(notice, ReplyKind.FORM, key=b"e" * 16, came_at=earlier, answer=Answer.REMOVED)

    assert len(all_replies()) == 2
    assert notice.answer is Answer.APPEAL
    assert item.status is ItemStatus.ACTING


def test_a_host_that_says_removed_closes_nothing(office: Flask):
    item = steps.looked_at_twice()
    notice = answer_steps.sent(item)

    answer_steps.answered(notice, Answer.REMOVED)

    assert item.status is ItemStatus.MONITORING
    assert item.outcome is None


def test_an_answer_to_a_letter_that_has_not_gone_moves_nothing(office: Flask):
    item, (first, *_) = steps.looked_at_twice(), steps.team()
    with writing():
        draft = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)

    answer_steps.answered(draft, Answer.REMOVED)

    assert draft.status is NoticeStatus.DRAFT
    assert item.status is ItemStatus.DECIDED
    assert len(all_replies()) == 1


def test_an_answer_to_no_notice_is_put_aside_and_one_that_does_not_open_stays(office: Flask):
    notice = answer_steps.sent(steps.looked_at_twice())
    reply_box.take("N-222222", GIVEN, nonce="nobody")
    reply_box.take(notice.ref, GIVEN, nonce="damaged")
    with apart(front_engine()) as session:
        row = session.scalars(select(ReplyInbound).where(ReplyInbound.notice_ref == notice.ref)).one()
        row.body, row.received_at = row.body[:-1] + b"x", clock.in_(-7200)

    assert replies.open_inbound() == 1

    assert all_replies() == []
    assert (waiting(), replies.count_stuck()) == (1, 1)


def test_so_many_wait_for_one_notice_and_then_room_is_made_by_moving(office: Flask):
    notice = answer_steps.sent(steps.looked_at_twice())
    for number in range(MOST_UNMOVED):
        reply_box.take(notice.ref, GIVEN, nonce=str(number))

    with pytest.raises(Refused, match="too_many"):
        reply_box.take(notice.ref, GIVEN, nonce="one more")
    reply_box.take(notice.ref, GIVEN, nonce="0")
    db.session.rollback()
    replies.open_inbound()
    reply_box.take(notice.ref, GIVEN, nonce="one more")

    assert (len(all_replies()), waiting()) == (MOST_UNMOVED, 1)


def test_what_an_answer_says_is_sealed_and_its_reading_on_record(office: Flask):
    notice = answer_steps.sent(steps.looked_at_twice())
    given = Given(Answer.REMOVED, date(2026, 11, 24), "", "narwhal words")
    reply_box.take(notice.ref, given, nonce="one")
    db.session.rollback()
    replies.open_inbound()
    (reply,), (first, *_) = all_replies(), steps.team()

    assert b"narwhal" not in (reply.words or b"")
    assert replies.read(reply, by=first) == Said("narwhal words", date(2026, 11, 24))
    db.session.rollback()
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.action, entry.record, entry.actor) == ("read an answer", f"notice {notice.ref}", first.number)
    assert "narwhal" not in (entry.details or "")


def test_bounces_and_answers_move_a_notice_to_and_fro(office: Flask):
    notice = answer_steps.sent(steps.looked_at_twice())
    key = secrets.token_bytes(16)

    with writing():
        bounce = replies.record(notice, ReplyKind.BOUNCE, key=key, came_at=clock.now(), code="5.1.1")
        assert replies.record(notice, ReplyKind.BOUNCE, key=key, came_at=clock.now(), code="5.1.1") is None
    assert (notice.status, bounce.code) == (NoticeStatus.BOUNCED, "5.1.1")

    with writing():
        replies.record(notice, ReplyKind.OUT_OF_OFFICE, key=b"o" * 16, came_at=clock.now(), words="away")
    assert notice.status is NoticeStatus.BOUNCED
    answer_steps.answered(notice, Answer.OTHER, words="we are here")
    assert db.session.get_one(Notice, notice.id).status is NoticeStatus.ANSWERED


def test_a_bounce_after_an_answer_leaves_the_notice_answered(office: Flask):
    notice = answer_steps.sent(steps.looked_at_twice())
    answer_steps.answered(notice, Answer.REFUSED, words="no")

    with writing():
        assert replies.record(notice, ReplyKind.BOUNCE, key=b"b" * 16, came_at=clock.now(), code="5.1.1") is not None

    assert db.session.get_one(Notice, notice.id).status is NoticeStatus.ANSWERED


def put(ref: str, facts: dict[str, str], *, row_id: bytes, at: datetime) -> None:
    """Put a row into the front store as a public process could that was taken over."""
    body = vault.keyring().seal(reply_box.PURPOSE, json.dumps(facts))
    with apart(front_engine()) as session:
        session.add(ReplyInbound(id=row_id, notice_ref=ref, body=body, received_at=at))


def test_what_a_process_sealed_that_was_taken_over_is_judged_anew(office: Flask):
    notice = answer_steps.sent(steps.looked_at_twice())
    good = {"answer": "other", "when": "", "whose": "", "words": "words"}
    put(notice.ref, {**good, "words": "x" * (MOST_WORDS + 1)}, row_id=b"1", at=clock.now())
    put(notice.ref, {**good, "answer": "removed", "when": "1999-01-01"}, row_id=b"2", at=clock.now())
    put("a name of somebody", good, row_id=b"3", at=clock.now())
    put(notice.ref, good, row_id=b"4", at=clock.in_(90_000))

    replies.open_inbound()

    (reply,) = all_replies()
    assert (reply.key, reply.came_at <= clock.now(), waiting()) == (b"4", True, 2)
    records = db.session.scalars(select(AuditEntry.record).where(AuditEntry.action == "answer fits nothing"))
    assert list(records) == ["notice ?"]


def test_where_nobody_reads_answers_from_the_page_stay_where_they_are(office: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(replies, "MOST_UNREAD", 1)
    notice = answer_steps.sent(steps.looked_at_twice())
    for words in ("one", "two"):
        answer_steps.answered(notice, Answer.OTHER, words=words)
    assert (len(all_replies()), waiting()) == (1, 1)

    with writing():
        replies.mark_read(all_replies()[0], by=steps.team()[0])
    replies.open_inbound()
    assert (len(all_replies()), waiting()) == (2, 0)


def test_a_mail_answers_nothing_until_a_person_has_sorted_it(office: Flask):
    notice, (first, *_) = answer_steps.sent(steps.looked_at_twice()), steps.team()
    with writing():
        mail = replies.record(notice, ReplyKind.MAIL, key=b"m" * 16, came_at=clock.now(), words="It is gone.")
    assert (notice.status, notice.answer) == (NoticeStatus.SENT, None)

    with pytest.raises(Refused, match="sort:required"), writing():
        replies.sort(mail, "gone", by=first)
    with writing():
        replies.sort(mail, "removed", by=first)

    assert (notice.status, notice.answer) == (NoticeStatus.ANSWERED, Answer.REMOVED)
    assert mail.read_by_id == first.id


def test_a_mail_that_was_sorted_wrongly_is_sorted_again(office: Flask):
    notice, (first, *_) = answer_steps.sent(steps.looked_at_twice()), steps.team()
    with writing():
        mail = replies.record(notice, ReplyKind.MAIL, key=b"m" * 16, came_at=clock.now(), words="Not ours.")
    with writing():
        replies.sort(mail, "refused", by=first)

    with writing():
        replies.sort(mail, "not_ours", by=first)

    assert (mail.answer, notice.answer) == (Answer.NOT_OURS, Answer.NOT_OURS)
    assert reminders.course(notice).next.why is Why.NOT_THEIRS
    assert audit.count(f"notice {notice.ref}", "sorted an answer") == 2


def test_what_was_said_to_be_gone_by_mistake_is_looked_at_all_the_same(office: Flask):
    item, (first, *_) = steps.looked_at_twice(), steps.team()
    notice = answer_steps.sent(item)
    with writing():
        mail = replies.record(notice, ReplyKind.MAIL, key=b"m" * 16, came_at=clock.now(), words="Not ours.")
    with writing():
        replies.sort(mail, "removed", by=first)

    with writing():
        replies.sort(mail, "not_ours", by=first)

    assert (notice.answer, item.status) == (Answer.NOT_OURS, ItemStatus.MONITORING)
    with writing():
        online.seen(item, CheckResult.UP, by=first)
    assert item.status is ItemStatus.ACTING
    assert reminders.course(notice).next.step is Step.WAIT


def test_a_mail_of_which_an_objection_was_opened_is_not_sorted_again(office: Flask):
    item, (first, *_) = steps.looked_at_twice(), steps.team()
    notice = answer_steps.sent(item)
    with writing():
        mail = replies.record(notice, ReplyKind.MAIL, key=b"m" * 16, came_at=clock.now(), words="It is a drawing.")
    with writing():
        replies.sort(mail, "appeal", by=first)
        appeal_cases.open_on(item, "It is a drawing.", notice=notice, reply=mail, by=first)

    with pytest.raises(WrongState), writing():
        replies.sort(mail, "removed", by=first)


def test_what_the_page_or_a_program_said_is_not_sorted(office: Flask):
    notice, (first, *_) = answer_steps.sent(steps.looked_at_twice()), steps.team()
    answer_steps.answered(notice, Answer.OTHER, words="We look into it.")
    with writing():
        replies.record(notice, ReplyKind.OUT_OF_OFFICE, key=b"o" * 16, came_at=clock.now())

    for one in all_replies():
        with pytest.raises(WrongState), writing():
            replies.sort(one, "removed", by=first)


def test_an_answer_by_telephone_is_noted_by_who_heard_it(office: Flask):
    item, (first, *_) = steps.looked_at_twice(), steps.team()
    notice = answer_steps.sent(item)

    with pytest.raises(Refused, match="answer:required, words:missing"), writing():
        replies.note(notice, "", " ", by=first)
    with writing():
        reply = replies.note(notice, "refused", "They say no.", by=first)

    assert (reply.kind, reply.read_by_id, notice.answer) == (ReplyKind.BY_HAND, first.id, Answer.REFUSED)


def test_nothing_is_noted_on_a_letter_that_has_not_gone(office: Flask):
    item, (first, *_) = steps.looked_at_twice(), steps.team()
    with writing():
        draft = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)

    with pytest.raises(WrongState), writing():
        replies.note(draft, "removed", "words", by=first)


def test_what_nobody_has_seen_to_waits_oldest_first(office: Flask):
    one = answer_steps.sent(steps.looked_at_twice())
    other = answer_steps.sent(steps.looked_at_twice(url="https://img-board.example/t/2"))
    (first, *_) = steps.team()
    for notice in (one, other, one):
        answer_steps.answered(notice, Answer.OTHER, words="words")

    assert [reply.notice.ref for reply in replies.list_unread(by=first, most=9)] == [one.ref, other.ref, one.ref]
    page = replies.list_unread_notices(by=first, limit=2)
    assert [notice.ref for notice in page.rows] == [one.ref, other.ref]
    rest = replies.list_unread_notices(by=first, after=page.next, limit=2)
    assert ([notice.ref for notice in rest.rows], rest.next) == ([one.ref], "")
    with pytest.raises(Refused, match="after:unknown"):
        replies.list_unread_notices(by=first, after="x")

    for reply in all_replies():
        with writing():
            replies.mark_read(reply, by=first)
    assert replies.list_unread(by=first, most=9) == []


def test_an_answer_is_found_at_its_own_notice_only(office: Flask):
    one = answer_steps.sent(steps.looked_at_twice())
    other = answer_steps.sent(steps.looked_at_twice(url="https://img-board.example/t/2"))
    answer_steps.answered(one, Answer.REMOVED)
    (reply,), (first, *_) = all_replies(), steps.team()

    assert replies.get(one, reply.id, by=first) == reply
    with pytest.raises(NotFound):
        replies.get(other, reply.id, by=first)
    assert replies.of_items(one) == [items.get(one.lines[0].item.ref, by=first)]
