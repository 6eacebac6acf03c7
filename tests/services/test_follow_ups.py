"""Followed until it is gone: what starts, ends and restarts a host's time, and the one reminder that goes by itself."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from hotline import clock, outbox
from hotline.config import settings
from hotline.errors import KeyMissing, Refused, Unreadable
from hotline.extensions import db
from hotline.gateways.mail import Handed, MailFault
from hotline.models import Item, Notice, Recipient, Staff
from hotline.models.clock import Clock
from hotline.models.hosting import HostLookup
from hotline.models.reply import Reply
from hotline.outbox import Task
from hotline.rules.entries import Entry
from hotline.rules.follow_up import Above, Hindrance, Next, Step, Why
from hotline.rules.hosting import Account, NetworkFacts
from hotline.rules.letter_texts import Text
from hotline.services import (
    assessments,
    clock_rounds,
    clocks,
    directory,
    exchange,
    follow_ups,
    holds,
    host_rules,
    hosting,
    items,
    kept_notices,
    letter_templates,
    mailbox,
    notice_approval,
    notice_drafting,
    notice_grounds,
    notice_sending,
    notices,
    online,
    reminders,
    replies,
    stuck,
    upstreams,
)
from hotline.services.stuck import Part
from hotline.transactions import writing
from hotline.vocabulary import (
    Answer,
    Channel,
    CheckResult,
    ClockEnd,
    CorrectionReason,
    Delivery,
    Duty,
    HostRuleKind,
    ItemOutcome,
    ItemStatus,
    Language,
    LetterKey,
    LookupState,
    NoticeKind,
    NoticeStatus,
    PauseReason,
    RecipientKind,
    ReplyKind,
)
from tests.services import partner, steps

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)  # in Phnom Penh, on a Monday
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
URLS = tuple(f"https://img-board.example/t/{number}" for number in (1, 2, 3))
SENT, QUEUED, DRAFT, FAILED = NoticeStatus.SENT, NoticeStatus.QUEUED, NoticeStatus.DRAFT, NoticeStatus.FAILED
FIRST, REMINDER, ESCALATION = NoticeKind.FIRST, NoticeKind.REMINDER, NoticeKind.ESCALATION
OUT, ANSWERED = ReplyKind.OUT_OF_OFFICE, NoticeStatus.ANSWERED
Set = Callable[[datetime], None]


class Post:
    """A mailer that takes everything."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    def send(self, _sender: str, _mailbox: str, _message_id: str, message: bytes) -> Handed:
        self.messages.append(message)
        return Handed.ON


@pytest.fixture
def at(office: Flask, monkeypatch: pytest.MonkeyPatch) -> Set:
    """Set the clock; a mail server is set."""
    office.extensions["hotline.settings"] = replace(settings(), smtp_url="smtp://127.0.0.1:9")

    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)
        db.session.rollback()
        db.session.expire_all()

    set_clock(NOON)
    return set_clock


@pytest.fixture
def post() -> Post:
    return Post()


def sent(post: Post, *urls: str) -> Notice:
    """Draft, approve and send a letter about addresses that two people agreed on."""
    about = [steps.looked_at_twice(url=url) for url in urls or URLS[:1]]
    first, second, _ = steps.team()
    with writing():
        notice = notice_drafting.draft(
            about[0], steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first, also=about[1:]
        )
        notice_approval.approve(notice, by=second)
    deliver(notice, post)
    return notice


def deliver(notice: Notice, post: Post) -> None:
    notice_sending.deliver(notice.id, mailer=post)
    db.session.rollback()
    db.session.expire_all()


def sweep() -> None:
    """Do what is due: mark clocks, and what follows by itself."""
    clock_rounds.sweep_due()
    due = select(Task.record_id).where(Task.job == follow_ups.FOLLOW_UP, Task.due_at <= clock.now())
    for notice_id in db.session.scalars(due).all():
        reminders.follow(notice_id)
    db.session.rollback()
    db.session.expire_all()


def chain() -> list[tuple[NoticeKind, NoticeStatus]]:
    return [(one.kind, one.status) for one in db.session.scalars(select(Notice).order_by(Notice.id))]


def time_of(notice: Notice) -> Clock:
    found = clocks.newest_of(notice, Duty.REMOVE)
    assert found is not None
    return found


def last() -> Notice:
    return db.session.scalars(select(Notice).order_by(Notice.id.desc())).first()


def answer(notice: Notice, said: Answer) -> None:
    with writing():
        notice.answer, notice.answered_at, notice.status = said, clock.now(), NoticeStatus.ANSWERED
        follow_ups.answered(notice)
    db.session.expire_all()


# --- What two people agreed on leaves


def notify_of(item: Item) -> Clock:
    return [one for one in clocks.of(item) if one.duty is Duty.NOTIFY][-1]


def test_the_time_to_write_begins_with_the_verdict_and_ends_when_the_first_thing_leaves(at: Set, post: Post) -> None:
    item = steps.looked_at_twice()
    assert (notify_of(item).due_at, item.due_at) == (NOON + DAY, NOON + DAY)

    at(NOON + HOUR)
    with writing():
        by = steps.team()[0]
        notice = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=by)
        notice_approval.approve(notice, by=steps.team()[1])
    deliver(notice, post)

    assert (notify_of(item).ending, item.due_at, item.status) == (ClockEnd.MET, None, ItemStatus.ACTING)


def test_what_leaves_after_its_time_was_late(at: Set, post: Post) -> None:
    item = steps.looked_at_twice()
    at(NOON + DAY + HOUR)
    with writing():
        by = steps.team()[0]
        notice = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=by)
        notice_approval.approve(notice, by=steps.team()[1])
    deliver(notice, post)

    assert notify_of(item).ending is ClockEnd.MISSED
    assert notify_of(item).breached_at == NOON + DAY


def test_while_the_police_ask_to_wait_no_time_runs(at: Set) -> None:
    item, (first, second, _) = steps.looked_at_twice(), steps.team()
    unit = police_unit()
    with writing():
        hold = holds.place(item, unit, "police_ask", reference="", review_on=(NOON + 3 * DAY).date(), by=first)
    assert (notify_of(item).pause_reason, item.due_at) == (PauseReason.POLICE, None)

    at(NOON + 2 * DAY)
    with writing():
        holds.release(hold, "They have what they need.", by=first)
        holds.release(hold, "", by=second)

    assert (notify_of(item).paused_at, notify_of(item).due_at) == (None, NOON + 3 * DAY)


def police_unit() -> Recipient:
    with writing():
        entry = Entry("A unit", RecipientKind.POLICE, "unit@police.example", "KH", Language.EN)
        return directory.enter(entry, by=steps.team()[0])


def test_a_correction_ends_the_time_to_write(at: Set) -> None:
    item = steps.looked_at_twice()
    with writing():
        assessments.correct(item, CorrectionReason.MISTAKE, by=steps.team()[1])

    assert notify_of(item).ending is ClockEnd.VOID


# --- A host's time


def test_a_hosts_time_begins_when_the_letter_has_gone(at: Set, post: Post) -> None:
    notice = sent(post)

    assert (time_of(notice).started_at, time_of(notice).due_at) == (NOON, NOON + DAY)
    assert reminders.course(notice).next.step is Step.WAIT
    assert reminders.course(notice).then.step is Step.REMIND


def test_a_reminder_goes_by_itself_with_the_approval_of_the_letter(at: Set, post: Post) -> None:
    notice = sent(post, *URLS)
    with writing():
        items.close(item_at(1), ItemOutcome.REMOVED, by=None)

    at(NOON + DAY + HOUR)
    sweep()
    reminder = last()
    deliver(reminder, post)

    assert chain() == [(FIRST, SENT), (REMINDER, SENT)]
    assert (reminder.follows_id, reminder.drafted_by_id) == (notice.id, notice.drafted_by_id)
    assert reminder.approved_by_id == notice.approved_by_id
    assert [line.item_id for line in reminder.lines] == [item_at(0).id, item_at(2).id]
    assert notice.ref in notices.letter_of(reminder).subject
    assert (time_of(notice).ending, time_of(reminder).due_at) == (ClockEnd.MISSED, NOON + 2 * DAY + HOUR)


def item_at(place: int) -> Item:
    return db.session.scalars(select(Item).order_by(Item.id)).all()[place]


def test_a_reminder_says_when_somebody_last_saw_it_there(at: Set, post: Post) -> None:
    sent(post)
    at(NOON + 20 * HOUR)
    with writing():
        online.seen(item_at(0), CheckResult.UP, by=steps.team()[0])
    at(NOON + DAY + HOUR)
    sweep()

    assert last().kind is REMINDER
    assert "Looked at    2026-03-03 01:00 UTC" in notices.letter_of(last()).text


def test_one_reminder_goes_however_often_the_sweeper_looks(at: Set, post: Post) -> None:
    notice = sent(post)
    at(NOON + DAY + HOUR)
    for _ in range(3):
        sweep()
        reminders.follow(notice.id)

    assert chain() == [(FIRST, SENT), (REMINDER, QUEUED)]


def test_nobody_is_reminded_while_the_mailbox_for_answers_cannot_be_read(office: Flask, at: Set, post: Post) -> None:
    sent(post)
    office.extensions["hotline.settings"] = replace(settings(), imap_url="imap://127.0.0.1:9")
    note = settings().data_dir / mailbox.NOTE
    note.write_text("away")
    late = NOON + 3 * DAY
    at(late)
    sweep()
    assert chain() == [(FIRST, SENT)]
    assert len(stuck.list_part(Part.UNHEARD, by=steps.team()[0]).lines) == 1  # somebody has to see to it
    note.unlink()
    assert len(stuck.list_part(Part.UNHEARD, by=steps.team()[0]).lines) == 0
    sweep()
    assert chain() == [(FIRST, SENT)]  # it is not looked at every second
    at(late + reminders.MAILBOX_PAUSE)
    sweep()

    assert chain() == [(FIRST, SENT), (REMINDER, QUEUED)]


def test_the_database_holds_that_no_letter_has_two_reminders(at: Set, post: Post) -> None:
    sent(post)
    at(NOON + DAY + HOUR)
    sweep()
    known = dict(db.session.execute(select(Notice.__table__).where(Notice.id == last().id)).one()._mapping)
    new = known | {"ref": "N-ZZZZZZ", "message_id": "<z@hotline.example>", "status": DRAFT}

    with pytest.raises(IntegrityError), writing():
        db.session.execute(insert(Notice).values({name: value for name, value in new.items() if name != "id"}))


def test_a_reminder_stands_below_its_letter_and_a_letter_to_somebody_else_does_not(at: Set, post: Post) -> None:
    notice = sent(post)
    at(NOON + DAY + HOUR)
    sweep()
    deliver(last(), post)
    above = settled("Example Upstream", "abuse@upstream.example")
    at(NOON + 3 * DAY)
    sweep()
    with writing():
        raised = reminders.escalate(notice, above.ref, by=steps.team()[0])

    reminder = message_from_bytes(post.messages[-1])
    assert (reminder["In-Reply-To"], reminder["References"]) == (notice.message_id, notice.message_id)
    assert notices.letter_of(raised).answers == ""


def test_after_the_reminder_people_write_to_somebody_else_and_after_that_it_is_stuck(at: Set, post: Post) -> None:
    notice = sent(post)
    at(NOON + DAY + HOUR)
    sweep()
    deliver(last(), post)
    at(NOON + 3 * DAY)
    sweep()
    letters = db.session.scalars(select(Notice).order_by(Notice.id))
    assert [one.kind for one in letters] == [FIRST, REMINDER]  # nothing more by itself
    found = reminders.course(notice)
    assert (found.next.step, found.next.why) == (Step.ESCALATE, Why.AGAIN_NO_ANSWER)

    upstream = settled("Example Upstream", "abuse@upstream.example")
    assert [(one.recipient.ref, one.why) for one in reminders.above(found)] == [(upstream.ref, Above.SETTLED)]
    with writing():
        raised = reminders.escalate(notice, upstream.ref, by=steps.team()[0])
        notice_approval.approve(raised, by=steps.team()[1])
    assert reminders.course(notice).next.step is Step.SEND
    deliver(raised, post)
    at(NOON + 6 * DAY)
    sweep()

    assert (raised.kind, raised.follows_id) == (ESCALATION, notice.id)
    assert "Example Hosting" in notices.letter_of(raised).text
    found = reminders.course(raised)
    assert (found.next.step, found.next.why) == (Step.PEOPLE, Why.STUCK)


def test_above_the_network_that_was_written_to_stands_who_carries_it(at: Set, post: Post) -> None:
    notice = sent(post)
    at(NOON + DAY + HOUR)
    sweep()
    deliver(last(), post)
    at(NOON + 3 * DAY)
    sweep()
    assert reminders.above(reminders.course(notice)) == []
    by = steps.team()[0]
    with writing():
        network = directory.list_in_use(RecipientKind.HOSTING_PROVIDER)
        host = next(one for one in network if one.id == notice.recipient_id)
        settle(host, by=by)
        carrier, further, off = (
            directory.enter(
                Entry(name, RecipientKind.HOSTING_PROVIDER, f"abuse@{name}.example", "NL", Language.EN), by=by
            )
            for name in ("carrier", "further", "switched-off")
        )
        for low, high in ((host, carrier), (carrier, further), (host, off)):
            upstreams.add(low, high.ref, by=by)
        directory.verify(carrier, by=by)
        directory.switch(off, on=False, by=by)

    offered = reminders.above(reminders.course(notice))

    assert [(one.recipient.ref, one.why) for one in offered] == [
        (carrier.ref, Above.UPSTREAM),
        (further.ref, Above.UPSTREAM),
    ]
    with writing():
        raised = reminders.escalate(notice, carrier.ref, by=by)
        notice_approval.approve(raised, by=steps.team()[1])
    deliver(raised, post)
    assert (raised.kind, raised.status) == (ESCALATION, SENT)


def test_a_partner_hotline_that_has_the_address_is_offered_it_no_more(at: Set, post: Post) -> None:
    notice, (first, second, _) = sent(post), steps.team()
    at(NOON + DAY + HOUR)
    sweep()
    deliver(last(), post)
    at(NOON + 3 * DAY)
    sweep()
    facts = NetworkFacts(NOON.isoformat(), "198.51.100.9", name="Fresh Hosting", country="NL")
    with writing():
        hosting.keep(notice.lines[0].item, Account(networks=(facts,)))
    to = partner.hotline()
    assert [(one.recipient.ref, one.why) for one in reminders.above(reminders.course(notice))] == [
        (to.ref, Above.PARTNER)
    ]
    assert not reminders.has_nobody_above(reminders.course(notice))

    with writing():
        offer = exchange.draft(notice.lines[0].item, to.ref, "by_hand", by=first)
    assert reminders.above(reminders.course(notice)) == []
    assert reminders.has_nobody_above(reminders.course(notice))

    with writing():
        exchange.withdraw(offer, by=second)
    assert not reminders.has_nobody_above(reminders.course(notice))


def settled(name: str, mailbox: str) -> Recipient:
    """Let the team settle that somebody hosts the host of all addresses here."""
    by = steps.team()[0]
    with writing():
        entry = directory.enter(Entry(name, RecipientKind.HOSTING_PROVIDER, mailbox, "NL", Language.EN), by=by)
        directory.verify(entry, by=by)
        settle(entry, by=by)
    return entry


def settle(entry: Recipient, *, by: Staff) -> None:
    host_rules.add(
        "img-board.example",
        HostRuleKind.PROVIDER,
        whole_domain=False,
        recipient=entry,
        note="They said so.",
        days=90,
        by=by,
    )


@pytest.mark.parametrize(
    ("model", "change", "why"),
    [
        (Recipient, {"verified_on": None}, Hindrance.RECIPIENT),
        (Recipient, {"active": False}, Hindrance.RECIPIENT),
        (Recipient, {"mailbox": "other@hosting.example"}, Hindrance.RECIPIENT),
        (Recipient, {"delivery": Delivery.WEB_FORM}, Hindrance.RECIPIENT),
        (Item, {"status": ItemStatus.HELD}, Hindrance.STOPPED),
    ],
)
def test_where_something_has_changed_the_reminder_is_left_to_people(
    at: Set, post: Post, model: type, change: dict[str, object], why: Hindrance
) -> None:
    notice = sent(post)
    with writing():
        db.session.execute(update(model).values(**change))
    at(NOON + DAY + HOUR)
    sweep()

    found = reminders.course(notice)
    assert (found.next.step, found.next.hindrance) == (Step.PEOPLE, why)
    assert len(chain()) == 1


def test_new_words_of_the_reminder_are_read_before_they_go(at: Set, post: Post) -> None:
    notice = sent(post)
    at(NOON + HOUR)
    kept = letter_templates.in_force(LetterKey.REMINDER, Language.EN)
    with writing():
        words = Text(kept.text.subject, kept.text.body.replace("Dear abuse team", "Dear colleagues"))
        written = letter_templates.publish(
            LetterKey.REMINDER, Language.EN, words, "Warmer.", based_on=kept.version, by=steps.team()[0]
        )
        letter_templates.agree(written, by=steps.team()[1])
    at(NOON + DAY + HOUR)
    sweep()

    assert reminders.course(notice).next.hindrance is Hindrance.WORDS
    with writing():
        drafted = reminders.remind_now(notice, by=steps.team()[0])
    assert (drafted.kind, drafted.status) == (REMINDER, DRAFT)
    with writing():
        notice_approval.approve(drafted, by=steps.team()[1])
    assert drafted.status is QUEUED


def test_a_letter_that_a_person_took_there_is_reminded_of_by_people(at: Set) -> None:
    item, (first, second, _) = steps.looked_at_twice(), steps.team()
    with writing():
        facts = {"delivery": Delivery.WEB_FORM, "form_url": "https://forms.example/report"}
        db.session.execute(update(Recipient).where(Recipient.id == steps.recipient().id).values(**facts))
    db.session.expire_all()
    with writing():
        notice = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)
        notice_approval.approve(notice, by=second)
        kept_notices.record_proof(notice, "case 7", NOON, by=first)

    at(NOON + DAY + HOUR)
    sweep()

    assert reminders.course(notice).next.hindrance is Hindrance.BY_HAND
    assert len(chain()) == 1


def test_nobody_is_reminded_at_night_unless_a_child_is_in_danger(at: Set, post: Post) -> None:
    sent(post, URLS[0])
    at(NOON + DAY + 10 * HOUR)  # 22:00 in Phnom Penh
    sweep()
    assert len(chain()) == 1
    at(NOON + DAY + 18 * HOUR)  # 6:00
    sweep()
    assert len(chain()) == 2


def test_with_a_child_in_danger_the_reminder_goes_at_night(at: Set, post: Post) -> None:
    sent(post, URLS[0])
    with writing():
        db.session.execute(update(Item).values(in_danger=True, urgency=1))
    at(NOON + DAY + 10 * HOUR)
    sweep()

    assert len(chain()) == 2


def test_what_a_person_lets_go_at_night_waits_for_the_morning(at: Set, post: Post) -> None:
    notice = sent(post)
    at(NOON + 10 * HOUR)
    with writing():
        reminder = reminders.remind_now(notice, by=steps.team()[2])
        assert reminder.status is DRAFT  # within the host's time the letter's own approval does not cover it
        notice_approval.approve(reminder, by=steps.team()[1])
    deliver(reminder, post)
    assert (reminder.status, reminder.not_before) == (QUEUED, NOON + 18 * HOUR)

    at(NOON + 18 * HOUR)
    for _ in range(2):  # it is let out, and goes
        with writing():
            db.session.execute(update(Task).values(hinted=1))
        deliver(reminder, post)

    assert reminder.status is SENT


@pytest.mark.parametrize("has_moved", [False, True])
def test_what_waited_for_the_morning_goes_only_once_its_host_was_looked_up_again(
    office: Flask, at: Set, post: Post, *, has_moved: bool
) -> None:
    notice = sent(post)
    at(NOON + 10 * HOUR)
    with writing():
        reminder = reminders.remind_now(notice, by=steps.team()[2])
        notice_approval.approve(reminder, by=steps.team()[1])
    deliver(reminder, post)
    office.extensions["hotline.settings"] = replace(settings(), lookups=True)
    at(NOON + 18 * HOUR)
    with writing():
        db.session.execute(update(Task).values(hinted=1))
    for _ in range(2):  # it is let out, and waits for the look
        deliver(reminder, post)

    assert (reminder.status, reminder.not_before) == (QUEUED, None)
    (look,) = db.session.scalars(select(HostLookup).where(HostLookup.state == LookupState.WAITING))
    assert look.asked_at == NOON + 18 * HOUR
    with writing():
        look.state, look.changed, look.looked_at = LookupState.FOUND, has_moved, clock.now()
        db.session.execute(update(Task).values(hinted=1))
    deliver(reminder, post)

    assert (reminder.status, reminder.last_fault) == (
        (FAILED, notice_grounds.OTHER_HOST) if has_moved else (SENT, None)
    )


def test_a_killed_worker_writes_no_second_reminder(at: Set, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    notice = sent(post)
    at(NOON + DAY + HOUR)
    monkeypatch.setattr(notice_approval, "_queue", killed)
    with pytest.raises(KeyboardInterrupt):
        sweep()
    monkeypatch.undo()
    at(NOON + DAY + 2 * HOUR)
    monkeypatch.setattr(clock, "now", lambda: NOON + DAY + 2 * HOUR)
    assert len(chain()) == 1

    sweep()
    reminders.follow(notice.id)

    assert chain() == [(FIRST, SENT), (REMINDER, QUEUED)]


def killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_reminder_before_its_time_says_nothing_of_whether_the_host_acted_in_time(at: Set, post: Post) -> None:
    notice = sent(post)
    at(NOON + HOUR)
    with writing():
        reminder = reminders.remind_now(notice, by=steps.team()[0])
        notice_approval.approve(reminder, by=steps.team()[1])
    deliver(reminder, post)

    assert (reminder.status, time_of(notice).ending) == (SENT, ClockEnd.VOID)


@pytest.mark.parametrize("fault", [KeyMissing("case"), Unreadable("damaged")])
def test_a_letter_that_does_not_open_keeps_its_reminder_back(
    at: Set, post: Post, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def does_not_open(*_: object, **__: object) -> None:
        raise fault

    notice = sent(post)
    at(NOON + DAY + HOUR)
    monkeypatch.setattr(notice_approval, "remind", does_not_open)
    sweep()

    assert db.session.scalar(select(func.count(Task.id)).where(Task.job == follow_ups.FOLLOW_UP)) == 0
    assert reminders.course(notice).next.hindrance is Hindrance.UNFIT


# --- Answers


def test_who_says_it_is_gone_has_done_it_and_somebody_looks(at: Set, post: Post) -> None:
    notice = sent(post)
    answer(notice, Answer.REMOVED)
    at(NOON + 2 * DAY)
    sweep()

    assert (time_of(notice).ending, reminders.course(notice).next.step) == (ClockEnd.MET, Step.LOOK)
    assert len(chain()) == 1


@pytest.mark.parametrize("said", [Answer.NOT_OURS, Answer.NEED_MORE, Answer.REFUSED, Answer.APPEAL, Answer.OTHER])
def test_who_answers_something_else_is_not_reminded_and_people_see_to_it(at: Set, post: Post, said: Answer) -> None:
    notice = sent(post)
    answer(notice, said)
    at(NOON + 2 * DAY)
    sweep()

    assert time_of(notice).paused_at == NOON
    assert reminders.course(notice).next.step is (Step.ESCALATE if said is Answer.NOT_OURS else Step.PEOPLE)
    assert len(chain()) == 1


def came_by_mail(notice: Notice, kind: ReplyKind = ReplyKind.MAIL) -> Reply:
    with writing():
        reply = replies.record(notice, kind, key=secrets.token_bytes(16), came_at=clock.now(), words="APPEAL")
    db.session.expire_all()
    assert reply is not None
    return reply


def test_while_a_mail_is_unread_no_reminder_goes_by_itself(at: Set, post: Post) -> None:
    notice = sent(post)
    at(NOON + HOUR)
    came_by_mail(notice)

    at(NOON + DAY + HOUR)
    sweep()

    assert chain() == [(FIRST, SENT)]
    assert reminders.course(notice).next == Next(Step.PEOPLE, Why.UNREAD)


def test_once_a_mail_was_read_that_answers_nothing_the_reminder_goes(at: Set, post: Post) -> None:
    notice = sent(post)
    mail = came_by_mail(notice)
    at(NOON + DAY + HOUR)
    sweep()

    with writing():
        replies.mark_read(mail, by=steps.team()[0])
    sweep()

    assert chain() == [(FIRST, SENT), (REMINDER, QUEUED)]


def test_a_mail_that_was_sorted_as_an_objection_keeps_the_reminder_back(at: Set, post: Post) -> None:
    notice = sent(post)
    mail = came_by_mail(notice)
    at(NOON + DAY + HOUR)

    with writing():
        replies.sort(mail, "appeal", by=steps.team()[0])
    sweep()

    assert chain() == [(FIRST, ANSWERED)]
    assert reminders.course(notice).next.why is Why.OBJECTS


@pytest.mark.parametrize("kind", replies.NOBODY_WROTE)
def test_what_a_program_writes_keeps_no_reminder_back(at: Set, post: Post, kind: ReplyKind) -> None:
    came_by_mail(sent(post), kind)
    at(NOON + DAY + HOUR)
    sweep()

    assert [one for one in chain() if one[0] is REMINDER] == ([(REMINDER, QUEUED)] if kind is OUT else [])


def test_a_reminder_that_waits_for_the_morning_does_not_go_over_a_mail_that_came_at_night(at: Set, post: Post) -> None:
    notice = sent(post)
    at(NOON + DAY + HOUR)
    sweep()
    reminder = last()
    at(NOON + DAY + 2 * HOUR)
    came_by_mail(notice)

    deliver(reminder, post)

    assert (reminder.status, len(post.messages)) == (NoticeStatus.WITHDRAWN, 1)
    sweep()
    assert reminders.course(notice).next.why is Why.UNREAD
    assert len(chain()) == 2


def test_a_reminder_that_a_reviewer_approved_over_an_unread_mail_goes(at: Set, post: Post) -> None:
    notice = sent(post)
    came_by_mail(notice)
    at(NOON + DAY + HOUR)
    with writing():
        reminder = reminders.remind_now(notice, by=steps.team()[0])
    assert reminder.status is DRAFT
    with writing():
        notice_approval.approve(reminder, by=steps.team()[1])

    deliver(reminder, post)

    assert reminder.status is SENT


def test_after_a_restore_nobody_is_reminded_once_a_mail_was_read(at: Set, post: Post) -> None:
    mail = came_by_mail(sent(post))
    at(NOON + DAY + HOUR)
    with writing():
        assert reminders.leave_to_people() == 1

    with writing():
        replies.mark_read(mail, by=steps.team()[0])
    sweep()

    assert chain() == [(FIRST, SENT)]


def test_once_people_have_answered_its_question_the_host_has_its_time_anew(at: Set, post: Post) -> None:
    notice = sent(post)
    answer(notice, Answer.NEED_MORE)
    at(NOON + 2 * DAY)
    with writing():
        reminders.go_on(notice, by=steps.team()[0])

    assert time_of(notice).due_at == NOON + 3 * DAY
    assert reminders.course(notice).next.step is Step.WAIT


def test_an_address_that_came_back_gives_the_chain_its_time_anew(at: Set, post: Post) -> None:
    notice = sent(post)
    answer(notice, Answer.REMOVED)
    with writing():
        item_at(0).status = ItemStatus.MONITORING
        follow_ups.gone(item_at(0))
    at(NOON + 2 * DAY)
    with writing():
        item_at(0).status = ItemStatus.ACTING
        follow_ups.came_back(item_at(0))

    assert time_of(notice).due_at == NOON + 3 * DAY
    assert reminders.course(notice).next.step is Step.WAIT


def test_when_all_is_gone_the_time_ends_and_nobody_is_reminded(at: Set, post: Post) -> None:
    notice = sent(post, *URLS[:2])
    with writing():
        items.close(item_at(0), ItemOutcome.REMOVED, by=None)
    assert time_of(notice).ended_at is None
    with writing():
        items.close(item_at(1), ItemOutcome.REMOVED, by=None)
    assert time_of(notice).ending is ClockEnd.MET


def test_a_reminder_that_waits_for_the_morning_is_written_anew_without_what_went_at_night(at: Set, post: Post) -> None:
    notice = sent(post, *URLS[:2])
    at(NOON + 10 * HOUR)
    with writing():
        reminders.remind_now(notice, by=steps.team()[2])
    with writing():
        items.close(item_at(0), ItemOutcome.REMOVED, by=None)
    db.session.expire_all()

    assert chain() == [(FIRST, SENT), (REMINDER, NoticeStatus.WITHDRAWN)]
    at(NOON + DAY + HOUR)
    sweep()
    assert [line.item_id for line in last().lines] == [item_at(1).id]


# --- What was in somebody's hands meanwhile


class Failing:
    """A mail server that cannot be reached; `meanwhile` happens while it is tried."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        self.meanwhile = meanwhile

    def send(self, *_letter: object) -> Handed:
        with writing():
            self.meanwhile()
        raise MailFault("connect", permanent=False)


def pause_it() -> None:
    reminders.pause(db.session.get_one(Notice, 1), PauseReason.POLICE, by=steps.team()[0])


def answer_it() -> None:
    first = db.session.get_one(Notice, 1)
    first.answer, first.answered_at, first.status = Answer.NEED_MORE, clock.now(), NoticeStatus.ANSWERED
    follow_ups.answered(first)


def see_it_gone() -> None:
    item_at(0).status = ItemStatus.MONITORING
    follow_ups.gone(item_at(0))


MEANWHILE = [pause_it, answer_it, see_it_gone]


@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_a_reminder_in_somebodys_hands_is_not_tried_again(
    at: Set, post: Post, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], None]
) -> None:
    sent(post, *URLS[:2])
    at(NOON + DAY + HOUR)
    sweep()
    reminder = last()

    def later() -> None:
        monkeypatch.setattr(clock, "now", lambda: NOON + DAY + HOUR + timedelta(seconds=30))
        meanwhile()

    notice_sending.deliver(reminder.id, mailer=Failing(later))
    db.session.rollback()
    at(NOON + DAY + 3 * HOUR)
    deliver(reminder, post)

    assert (reminder.status, len(post.messages)) == (NoticeStatus.WITHDRAWN, 1)


@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_a_reminder_whose_sender_was_killed_is_not_taken_again(
    at: Set, post: Post, meanwhile: Callable[[], None]
) -> None:
    sent(post, *URLS[:2])
    at(NOON + DAY + HOUR)
    sweep()
    reminder = last()
    with writing():
        assert notice_sending._lease(reminder.id) is not None
    at(NOON + DAY + HOUR + timedelta(minutes=1))
    with writing():
        meanwhile()
    assert reminder.status is QUEUED
    at(NOON + DAY + 3 * HOUR)
    deliver(reminder, post)
    deliver(reminder, post)

    assert (reminder.status, len(post.messages)) == (NoticeStatus.WITHDRAWN, 1)


@pytest.mark.parametrize("meanwhile", [pause_it, answer_it])
def test_a_reminder_that_waits_is_withdrawn_at_once_when_nobody_is_to_be_reminded(
    at: Set, post: Post, meanwhile: Callable[[], None]
) -> None:
    sent(post)
    at(NOON + DAY + HOUR)
    sweep()
    with writing():
        meanwhile()

    assert chain()[-1] == (REMINDER, NoticeStatus.WITHDRAWN)


def test_a_reminder_that_a_reviewer_approved_of_a_paused_letter_goes(at: Set, post: Post) -> None:
    notice = sent(post)
    answer(notice, Answer.NEED_MORE)
    at(NOON + HOUR)
    with writing():
        reminder = reminders.remind_now(notice, by=steps.team()[0])
        notice_approval.approve(reminder, by=steps.team()[1])
    deliver(reminder, post)

    assert reminder.status is SENT


# --- People


def test_a_person_lets_nobody_be_reminded_and_lets_it_go_on(at: Set, post: Post) -> None:
    notice = sent(post)
    with pytest.raises(Refused), writing():
        reminders.pause(notice, "whim", by=steps.team()[0])
    with writing():
        reminders.pause(notice, PauseReason.POLICE, by=steps.team()[0])
    at(NOON + 2 * DAY)
    sweep()
    assert (len(chain()), reminders.course(notice).next.why) == (1, Why.PAUSED)

    with writing():
        reminders.go_on(notice, by=steps.team()[0])
    assert time_of(notice).due_at == NOON + 3 * DAY
    at(NOON + 3 * DAY + HOUR)
    sweep()
    assert len(chain()) == 2


def test_a_reminder_that_a_person_withdrew_is_not_written_again_by_itself(at: Set, post: Post) -> None:
    notice = sent(post)
    at(NOON + DAY + HOUR)
    sweep()
    with writing():
        notice_approval.withdraw(last(), by=steps.team()[0])
    at(NOON + DAY + 2 * HOUR)
    reminders.follow(notice.id)

    assert chain() == [(FIRST, SENT), (REMINDER, NoticeStatus.WITHDRAWN)]
    assert reminders.course(notice).next.why is Why.PAUSED


def test_nobody_is_reminded_twice_by_hand(at: Set, post: Post) -> None:
    notice = sent(post)
    with writing():
        reminders.remind_now(notice, by=steps.team()[0])

    with pytest.raises(Refused, match="has_one"), writing():
        reminders.remind_now(notice, by=steps.team()[0])


def test_a_letter_to_the_same_recipient_outside_the_chain_is_still_refused(at: Set, post: Post) -> None:
    sent(post)

    by = steps.team()[0]
    with pytest.raises(Refused, match="has_one"), writing():
        notice_drafting.draft(item_at(0), steps.recipient(), channel=Channel.HOST, language=Language.EN, by=by)


def test_a_run_out_time_leaves_word_once(at: Set, post: Post) -> None:
    sent(post)
    at(NOON + DAY + HOUR)
    clock_rounds.sweep_due()

    rows = select(func.count()).select_from(Task).where(Task.job == follow_ups.FOLLOW_UP)
    assert db.session.scalar(rows) == 1
    assert outbox.waiting_since(db.session()) is not None


def test_whom_a_letter_above_does_not_concern_is_followed_further(at: Set, post: Post) -> None:
    elsewhere = "https://store-7.example/g/5521"
    notice = sent(post, URLS[0], elsewhere)
    at(NOON + DAY + HOUR)
    sweep()
    deliver(last(), post)
    at(NOON + 3 * DAY)
    sweep()
    upstream = settled("Example Upstream", "abuse@upstream.example")  # of the first host alone
    with writing():
        raised = reminders.escalate(notice, upstream.ref, by=steps.team()[0])
        notice_approval.approve(raised, by=steps.team()[1])
    deliver(raised, post)
    found = reminders.course(notice)
    assert ([line.item_id for line in raised.lines], found.not_raised) == ([item_at(0).id], [item_at(1)])
    assert reminders.may_escalate(found)

    with writing():
        items.close(item_at(0), ItemOutcome.REMOVED, by=None)
    assert (time_of(raised).ending, time_of(notice).due_at) == (ClockEnd.MET, NOON + 4 * DAY)
    at(NOON + 5 * DAY)
    sweep()

    assert reminders.course(notice).next.step is Step.ESCALATE


# --- Who hosts it


def looked_up(item: Item, address: str = "198.51.100.9", name: str = "Fresh Hosting") -> None:
    facts = NetworkFacts(clock.now().isoformat(), address, name=name, country="NL", systems=(64511,))
    with writing():
        hosting.keep(item, Account(networks=(facts,)))
    db.session.expire_all()


@pytest.mark.parametrize(("minutes", "is_named"), [(5, True), (15, False)])
def test_a_letter_names_an_ip_address_only_where_a_look_has_just_found_it(
    at: Set, minutes: int, is_named: bool
) -> None:
    item = steps.looked_at_twice()
    looked_up(item)
    at(NOON + timedelta(minutes=minutes))

    with writing():
        by = steps.team()[0]
        notice = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=by)

    letter = notices.letter_of(notice)
    assert ("198.51.100.9" in letter.text) is is_named
    assert ("198.51.100.9" in letter.reports[0]) is is_named
    assert "Fresh Hosting" in letter.text


def test_a_reminder_is_written_once_its_host_was_looked_up_again(at: Set, post: Post, office: Flask) -> None:
    notice = sent(post)
    office.extensions["hotline.settings"] = replace(settings(), lookups=True)
    at(NOON + DAY + HOUR)
    sweep()
    assert (len(chain()), hosting.is_being_looked_up(item_at(0))) == (1, True)

    with writing():
        db.session.execute(update(HostLookup).values(state=LookupState.FAILED, fault="slow", looked_at=clock.now()))
    at(NOON + DAY + HOUR + timedelta(seconds=10))
    sweep()

    assert chain() == [(FIRST, SENT), (REMINDER, QUEUED)]
    assert reminders.course(notice).next.step is Step.SEND


def test_where_the_look_finds_another_host_people_write_anew(at: Set, post: Post) -> None:
    notice = sent(post)
    looked_up(item_at(0))
    at(NOON + DAY + HOUR)
    looked_up(item_at(0), "203.0.113.9", "Other Hosting")
    sweep()

    assert reminders.course(notice).next.hindrance is Hindrance.MOVED
    assert len(chain()) == 1


def test_once_two_people_agree_the_host_is_looked_up_before_anybody_writes(at: Set, office: Flask) -> None:
    item = steps.looked_at_twice()
    office.extensions["hotline.settings"] = replace(settings(), lookups=True)
    with writing():
        notice_drafting.prepare(item, by=steps.team()[1])

    assert hosting.is_being_looked_up(item)
