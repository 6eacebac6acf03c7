"""A recipient that asks for more is told more in a letter: two people stand for it, and its time runs anew."""

import secrets
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from hotline import clock
from hotline.errors import Refused
from hotline.extensions import db
from hotline.models import Item, Notice, Recipient
from hotline.models.clock import Clock
from hotline.models.figure import Tally
from hotline.models.recipient import RecipientKey
from hotline.models.reply import Reply
from hotline.rules.follow_up import Next, Step, Why
from hotline.rules.letter_texts import BEGIN
from hotline.services import (
    appeal_cases,
    follow_ups,
    items,
    notice_approval,
    notice_grounds,
    notices,
    online,
    police_first,
    reminders,
    replies,
    secrecy,
    supplements,
)
from hotline.transactions import writing
from hotline.vocabulary import (
    Answer,
    Channel,
    CheckResult,
    Delivery,
    Duty,
    Figure,
    ItemOutcome,
    ItemStatus,
    KeyKind,
    NoticeKind,
    NoticeStatus,
    ReplyKind,
)
from tests.gateways import locksmith
from tests.services import steps
from tests.services.letter_steps import FORM
from tests.services.test_follow_ups import (
    DAY,
    HOUR,
    NOON,
    URLS,
    Post,
    Set,
    at,
    chain,
    deliver,
    last,
    post,
    sent,
    settled,
    sweep,
)

__all__ = ["at", "post"]
FIRST, REMINDER, SUPPLEMENT = NoticeKind.FIRST, NoticeKind.REMINDER, NoticeKind.SUPPLEMENT
SENT, ANSWERED, DRAFT, QUEUED = NoticeStatus.SENT, NoticeStatus.ANSWERED, NoticeStatus.DRAFT, NoticeStatus.QUEUED
FAILED, WITHDRAWN = NoticeStatus.FAILED, NoticeStatus.WITHDRAWN
WORDS = "The page shows it only at night. Choose the third picture."


def came(
    notice: Notice, answer: Answer | None, *, kind: ReplyKind = ReplyKind.FORM, words: str = "Which one?"
) -> Reply:
    """Let an answer come back now."""
    with writing():
        reply = replies.record(
            notice, kind, key=secrets.token_bytes(16), came_at=clock.now(), answer=answer, words="Which one?"
        )
    assert reply is not None
    return reply


def tell(reply: Reply, words: str = WORDS) -> Notice:
    with writing():
        return supplements.draft(reply, words, by=steps.team()[0])


def approve(notice: Notice) -> None:
    with writing():
        notice_approval.approve(notice, by=steps.team()[1])


def refused(reply: Reply, words: str = WORDS) -> str:
    """Return the code with which a letter is refused; nothing of it stays."""
    before = len(chain())
    with pytest.raises(Refused) as refusal:
        tell(reply, words)
    db.session.rollback()
    assert len(chain()) == before
    return ":".join(refusal.value.faults[0])


def running() -> list[tuple[int, datetime]]:
    """Return of which letters time runs, and until when."""
    query = select(Clock).where(Clock.duty == Duty.REMOVE, Clock.ended_at.is_(None), Clock.paused_at.is_(None))
    return [(one.subject_id, one.due_at) for one in db.session.scalars(query)]


@pytest.fixture
def asked(at: Set, post: Post) -> Reply:
    """A letter about three addresses went, and an hour later its recipient asks for more."""
    notice = sent(post, *URLS)
    at(NOON + HOUR)
    return came(db.session.get_one(Notice, notice.id), Answer.NEED_MORE)


def test_who_asks_for_more_is_told_more_and_has_its_whole_time_anew(asked: Reply, at: Set, post: Post) -> None:
    with writing():
        items.close(item(1), ItemOutcome.REMOVED, by=None)
    root = asked.notice
    assert (running(), reminders.course(root).next.why) == ([], Why.NEEDS_MORE)
    at(NOON + 2 * HOUR)

    letter = tell(asked)
    assert reminders.course(root).next == Next(Step.SEND, Why.WRITTEN)
    approve(letter)
    deliver(letter, post)

    letter = last()
    assert chain() == [(FIRST, ANSWERED), (SUPPLEMENT, SENT)]
    assert (letter.follows_id, letter.recipient_id, letter.language) == (root.id, root.recipient_id, root.language)
    assert [line.item_id for line in letter.lines] == [item(0).id, item(2).id]
    assert running() == [(letter.id, NOON + 2 * HOUR + DAY)]
    assert asked.read_at is not None
    found = reminders.course(root)
    assert (found.head, found.next.step, found.then.step) == (letter, Step.WAIT, Step.REMIND)
    assert letters_counted() == 2


def letters_counted() -> int:
    counted = select(func.sum(Tally.count)).where(Tally.figure == Figure.NOTICES, Tally.part == Channel.HOST)
    return db.session.scalar(counted) or 0


def item(place: int) -> Item:
    return db.session.scalars(select(Item).order_by(Item.id)).all()[place]


def test_the_letter_stands_below_the_one_that_was_answered_and_bears_the_persons_words(
    asked: Reply, post: Post
) -> None:
    letter = tell(asked, f"{WORDS}\n\nSee https://img-board.example/t/1 {{ref}}.")
    approve(letter)
    deliver(letter, post)

    mail = message_from_bytes(post.messages[-1], policy=policy.default)
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert mail["In-Reply-To"] == mail["References"] == asked.notice.message_id
    assert mail["Message-ID"] == letter.message_id
    assert mail["Subject"] == f"Your question about our notice {asked.notice.ref} [{letter.ref}]"
    assert f"\n{WORDS}\n\nSee hxxps://img-board[.]example/t/1 {{ref}}.\n" in text
    assert "https://img-board" not in text
    assert text.index(WORDS) < text.index(BEGIN)
    assert [part.get_filename() for part in mail.iter_attachments()] == ["addresses.txt"]


def test_a_recipient_of_reports_for_programs_gets_words_for_people(asked: Reply) -> None:
    with writing():
        db.session.execute(update(Recipient).values(delivery=Delivery.XARF))
    db.session.expire_all()

    letter = tell(asked)

    assert (letter.delivery, notices.letter_of(letter).reports) == (Delivery.EMAIL, ())


def test_it_is_encrypted_to_the_recipients_key_under_a_subject_that_tells_nothing(
    asked: Reply, post: Post, tmp_path: Path
) -> None:
    openssl = locksmith.openssl(tmp_path)
    key(openssl.public)

    letter = tell(asked)
    approve(letter)
    deliver(letter, post)

    mail = message_from_bytes(post.messages[-1], policy=policy.default)
    assert mail["Subject"] == f"Confidential message [{letter.ref}]"
    assert mail["In-Reply-To"] == asked.notice.message_id
    assert WORDS.encode() not in post.messages[-1]


def key(public: str, **facts: object) -> None:
    with writing():
        facts |= {"kind": KeyKind.SMIME, "material": public, "fingerprint": "ab" * 20, "added_at": clock.now()}
        db.session.add(RecipientKey(recipient_id=steps.recipient().id, **facts))
    db.session.expire_all()


def test_where_the_key_has_expired_nothing_is_written(asked: Reply, tmp_path: Path) -> None:
    key(locksmith.openssl(tmp_path).public, expires_at=NOON)

    assert refused(asked) == "words:key"


def test_who_takes_only_a_form_is_told_the_words_alone(asked: Reply) -> None:
    with writing():
        db.session.execute(update(Recipient).values(delivery=Delivery.WEB_FORM, form_url=FORM))
    db.session.expire_all()

    said = notices.letter_of(tell(asked)).text

    assert WORDS in said
    assert "Two trained analysts" not in said


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("  \n ", "missing"),
        ("x" * (supplements.MOST_WORDS + 1), "too_long"),
        (f"Look:\n{BEGIN}", "marks"),
        ("data:image/png;base64," + "iVBORw0KGgo" * 200, "picture"),
    ],
)
def test_words_that_cannot_be_taken_are_refused(asked: Reply, words: str, code: str) -> None:
    assert refused(asked, words) == f"words:{code}"


def test_an_answer_that_does_not_ask_any_more_is_not_answered(asked: Reply, at: Set) -> None:
    at(NOON + 2 * HOUR)
    came(asked.notice, Answer.NOT_OURS)

    assert refused(asked) == "words:overtaken"


def test_a_mail_that_was_sorted_anew_is_not_answered(at: Set, post: Post) -> None:
    reply = came(sent(post), None, kind=ReplyKind.MAIL)
    with writing():
        replies.sort(reply, Answer.NEED_MORE, by=steps.team()[0])
    assert supplements.asked(reply).hindrance is None
    with writing():
        replies.sort(reply, Answer.OTHER, by=steps.team()[0])

    assert refused(reply) == "words:not_asked"


def test_what_nobody_has_read_is_read_first(asked: Reply) -> None:
    came(asked.notice, None, kind=ReplyKind.MAIL)

    assert refused(asked) == "words:unread"


def test_one_letter_at_a_time_tells_more(asked: Reply) -> None:
    tell(asked)

    assert refused(asked) == "words:has_one"


def test_what_was_typed_of_a_letter_that_was_taken_back_is_there_for_the_next(asked: Reply) -> None:
    assert supplements.words_before(asked) == ""
    letter = tell(asked)
    assert supplements.words_before(asked) == ""
    with writing():
        notice_approval.withdraw(letter, by=steps.team()[0])

    assert supplements.words_before(asked) == WORDS
    assert reminders.course(asked.notice).next.why is Why.NEEDS_MORE
    assert tell(asked).status is DRAFT


# --- Who stands for it


def test_who_typed_the_words_does_not_approve_them_alone(asked: Reply) -> None:
    letter = tell(asked)

    with pytest.raises(Refused, match="approve:second_person"), writing():
        notice_approval.approve(letter, by=steps.team()[0])
    db.session.rollback()
    approve(last())
    assert last().status is QUEUED


def test_a_name_of_ours_in_the_words_is_found(asked: Reply) -> None:
    letter = tell(asked, f"Ask {steps.team()[2].name} about it.")

    assert [one.found for one in secrecy.leaks_in(notices.letter_of(letter))] == [steps.team()[2].name]


# --- What stops it: said alike to people, and by the database


def lease(letter: Notice, post: Post) -> tuple[NoticeStatus, str | None]:
    """Let the worker take a letter up; return what became of it. Nothing goes."""
    before = len(post.messages)
    deliver(letter, post)
    assert len(post.messages) == before
    found = db.session.get_one(Notice, letter.id)
    return found.status, found.last_fault


@pytest.mark.parametrize("status", [ItemStatus.HELD, ItemStatus.ASSESSING])
def test_a_hold_and_a_correction_stop_it(asked: Reply, post: Post, status: ItemStatus) -> None:
    letter = tell(asked)
    approve(letter)
    with writing():
        db.session.execute(update(Item).where(Item.id == item(2).id).values(status=status))
    db.session.expire_all()

    assert notice_grounds.fallen(last()) == "verdict"
    assert lease(letter, post) == (FAILED, "verdict")


def test_while_an_address_is_held_nobody_is_told_more(asked: Reply) -> None:
    with writing():
        db.session.execute(update(Item).where(Item.id == item(2).id).values(status=ItemStatus.HELD))
    db.session.expire_all()

    assert refused(asked) == "words:stopped"


def test_the_police_come_first(asked: Reply, post: Post) -> None:
    letter = tell(asked)
    approve(letter)
    with writing():
        db.session.execute(update(Item).where(Item.id == item(0).id).values(country="KH"))
    db.session.expire_all()

    assert police_first.letter_waits(last())
    assert notice_grounds.fallen(last()) == "police_first"
    assert notice_grounds.hindrance("approve", last(), by=steps.team()[1]) == "police_first"
    assert lease(letter, post) == (FAILED, "police_first")


def test_an_objection_stops_it(asked: Reply, post: Post) -> None:
    letter = tell(asked)
    approve(letter)
    with writing():
        appeal_cases.open_on(item(0), "It is no such thing.", by=steps.team()[2])
    db.session.expire_all()

    assert (last().status, last().last_fault) == (FAILED, "appeal")
    with writing():
        notice_approval.withdraw(last(), by=steps.team()[0])
    assert refused(asked) == "words:appeal"


def test_links_come_back_as_they_were_typed_and_leave_so_that_nothing_opens_them(asked: Reply) -> None:
    words = "It is https://img-board.example/t/1?a=b at night,\n  or ftp://192.0.2.7/x; ask desk@img-board.example."
    letter = tell(asked, words)

    opened = notices.letter_of(letter)
    assert opened.typed == words
    for told in (opened.told, " ".join(opened.text.split())):
        assert "hxxps://img-board[.]example/t/1?a=b" in told
        assert "https://img-board" not in told
        assert "ftp://192" not in told
    leaks = {one.found for one in secrecy.leaks_in(opened)}
    assert leaks == {one.found for one in secrecy.leaks_in(replace(opened, typed=opened.told))}
    with writing():
        notice_approval.withdraw(letter, by=steps.team()[0])
    assert supplements.words_before(asked) == words


def test_an_address_that_is_gone_takes_it_back_and_leaves_its_words(asked: Reply, post: Post) -> None:
    letter = tell(asked)
    approve(letter)
    with writing():
        online.seen(item(0), CheckResult.GONE, by=steps.team()[0])
    db.session.expire_all()

    assert last().status is WITHDRAWN
    assert supplements.words_before(asked) == WORDS
    assert [one.id for one in supplements.asked(asked).left] == [item(1).id, item(2).id]


def test_who_says_that_it_is_gone_is_told_no_more(asked: Reply, at: Set) -> None:
    letter = tell(asked)
    approve(letter)
    at(NOON + 2 * HOUR)

    came(asked.notice, Answer.REMOVED, kind=ReplyKind.BY_HAND)

    assert last().status is WITHDRAWN
    assert refused(asked) == "words:overtaken"


def test_once_all_is_gone_there_is_nothing_more_to_tell(asked: Reply) -> None:
    for place in range(3):
        with writing():
            online.seen(item(place), CheckResult.GONE, by=steps.team()[0])
    db.session.expire_all()

    assert refused(asked) == "words:nothing_left"


@pytest.mark.parametrize(
    ("said", "becomes"),
    [
        ((Answer.NOT_OURS, ReplyKind.BY_HAND), FAILED),
        ((Answer.NEED_MORE, ReplyKind.BY_HAND), SENT),
        ((Answer.NEED_MORE, ReplyKind.FORM), FAILED),  # nobody has read it
        ((None, ReplyKind.MAIL), FAILED),
        ((None, ReplyKind.OUT_OF_OFFICE), SENT),
    ],
)
def test_what_they_say_since_stops_it_before_and_after_it_is_approved(
    asked: Reply, at: Set, post: Post, said: tuple[Answer | None, ReplyKind], becomes: NoticeStatus
) -> None:
    letter, code = tell(asked), None if becomes is SENT else "overtaken"
    at(NOON + 2 * HOUR)
    came(asked.notice, said[0], kind=said[1])
    other = sent(post, "https://img-board.example/t/9")
    at(NOON + 3 * HOUR)
    tell(came(db.session.get_one(Notice, other.id), Answer.NEED_MORE, kind=ReplyKind.BY_HAND))  # about another letter
    letter = db.session.get_one(Notice, letter.id)
    assert notice_grounds.hindrance("approve", letter, by=steps.team()[1]) == code
    with writing():
        queued = update(Notice).where(Notice.id == letter.id)
        db.session.execute(queued.values(status=QUEUED, approved_by_id=steps.team()[1].id, approved_at=clock.now()))
    db.session.expire_all()

    assert notice_grounds.fallen(letter) == code
    deliver(letter, post)

    assert (letter.status, letter.last_fault) == (becomes, code if becomes is FAILED else None)


# --- What comes after it


def test_when_its_time_is_over_the_one_reminder_goes_and_lists_the_first_letter(
    asked: Reply, at: Set, post: Post
) -> None:
    letter = tell(asked)
    approve(letter)
    deliver(letter, post)

    at(NOON + DAY + 2 * HOUR)
    sweep()
    deliver(last(), post)

    assert [one[0] for one in chain()] == [FIRST, SUPPLEMENT, REMINDER]
    assert last().status is SENT
    at(NOON + 4 * DAY)
    sweep()
    assert reminders.course(asked.notice).next.why is Why.AGAIN_NO_ANSWER


def test_an_answer_to_it_keeps_the_reminder_back(asked: Reply, at: Set, post: Post) -> None:
    letter = tell(asked)
    approve(letter)
    deliver(letter, post)
    at(NOON + DAY + 2 * HOUR)
    sweep()
    reminder = last()
    assert (reminder.kind, reminder.status) == (REMINDER, QUEUED)
    at(NOON + DAY + 3 * HOUR)

    came(db.session.get_one(Notice, letter.id), None, kind=ReplyKind.MAIL)

    assert notice_grounds.is_outdated(reminder)
    assert lease(reminder, post)[0] is WITHDRAWN


def test_a_reminder_that_a_person_takes_back_lets_the_time_stand_still(asked: Reply, at: Set, post: Post) -> None:
    letter = tell(asked)
    approve(letter)
    deliver(letter, post)
    at(NOON + DAY + 2 * HOUR)
    sweep()
    with writing():
        notice_approval.withdraw(last(), by=steps.team()[0])
    sweep()

    assert (running(), reminders.course(asked.notice).next.why) == ([], Why.PAUSED)


def test_who_asks_after_somebody_above_was_written_to_takes_no_time_away(asked: Reply, at: Set, post: Post) -> None:
    """The chain stands with somebody else by then: their time goes on."""
    above = settled("Example Carrier", "abuse@carrier.example")
    with writing():
        raised = reminders.escalate(asked.notice, above.ref, by=steps.team()[0])
        notice_approval.approve(raised, by=steps.team()[1])
    deliver(raised, post)
    assert running() == [(raised.id, NOON + HOUR + DAY)]

    letter = tell(asked)
    approve(letter)
    at(NOON + 2 * HOUR)
    deliver(letter, post)

    assert letter.status is SENT
    assert running() == [(raised.id, NOON + HOUR + DAY)]


def test_whoever_above_had_the_time_has_it_again_when_an_address_comes_back(asked: Reply, at: Set, post: Post) -> None:
    above = settled("Example Carrier", "abuse@carrier.example")
    with writing():
        raised = reminders.escalate(asked.notice, above.ref, by=steps.team()[0])
        notice_approval.approve(raised, by=steps.team()[1])
    deliver(raised, post)
    letter = tell(asked)
    assert reminders.course(asked.notice).next.step is Step.WAIT  # a draft to the one below holds nobody up
    approve(letter)
    deliver(letter, post)
    at(NOON + 3 * HOUR)

    with writing():
        follow_ups.came_back(asked.notice.lines[0].item)

    assert running() == [(raised.id, NOON + 3 * HOUR + DAY)]
    assert reminders.course(asked.notice).head.id == raised.id


def test_what_was_withdrawn_and_what_answers_a_retraction_overtakes_nothing(asked: Reply, at: Set, post: Post) -> None:
    first = tell(asked)
    with writing():
        notice_approval.withdraw(first, by=steps.team()[0])
    came(db.session.get_one(Notice, first.id), None, kind=ReplyKind.MAIL)

    second = tell(asked)
    approve(second)

    assert notice_grounds.fallen(second) is None
    deliver(second, post)
    assert second.status is SENT
