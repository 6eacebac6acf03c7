"""Objections are decided by somebody who was not involved; a withdrawn verdict is told to everybody who was told."""

import json
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from hotline import clock
from hotline.config import settings
from hotline.errors import Forbidden, NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.gateways.mail import Handed, MailFault
from hotline.models import Item, Notice, Recipient, Staff
from hotline.models.clock import Clock
from hotline.models.reply import Appeal, Reply
from hotline.services import (
    appeal_cases,
    appeals,
    audit,
    directory,
    endings,
    exchange,
    iccam,
    notice_approval,
    notice_drafting,
    notice_grounds,
    notice_sending,
    notices,
    police,
    retractions,
    staff,
)
from hotline.services import replies as answers
from hotline.services.retractions import ByHand
from hotline.transactions import writing
from hotline.vocabulary import (
    Answer,
    AppealDecision,
    Channel,
    ClockEnd,
    Duty,
    ItemOutcome,
    ItemStatus,
    Language,
    NoticeKind,
    NoticeStatus,
    PoliceStatus,
    Role,
    Subject,
)
from tests.services import answer_steps, partner, police_steps, steps

WITHDRAWN, STANDS = AppealDecision.WITHDRAWN, AppealDecision.STANDS


@pytest.fixture
def item(office: Flask) -> Item:
    return steps.looked_at_twice()


def uninvolved() -> Staff:
    return steps.team()[2]


def opened(item: Item, *, notice: Notice | None = None, reply: Reply | None = None) -> Appeal:
    with writing():
        return appeal_cases.open_on(item, "It is a drawing.", by=steps.team()[0], notice=notice, reply=reply)


def decide(appeal: Appeal, decision: str, *, by: Staff | None = None, outside: str = "") -> None:
    with writing():
        appeal_cases.decide(appeal, decision, "Looked again.", outside=outside, by=by or uninvolved())


def running(appeal: Appeal) -> list[Clock]:
    query = select(Clock).where(Clock.subject == Subject.APPEAL, Clock.subject_id == appeal.id)
    return list(db.session.scalars(query))


def test_an_answer_opens_one_appeal_about_an_item(item: Item):
    notice = answer_steps.sent(item)
    answer_steps.answered(notice, Answer.APPEAL, words="You are wrong.")
    reply = db.session.scalars(select(Reply)).one()

    one, again = (opened(item, notice=notice, reply=reply) for _ in range(2))

    assert one.id == again.id
    assert appeals.of_reply(reply) == [one]
    assert appeals.is_open(item)
    assert [(clock_.duty, clock_.ended_at) for clock_ in running(one)] == [(Duty.APPEAL, None)]
    assert appeals.read(one, by=uninvolved()).words == "It is a drawing."


def test_an_appeal_is_about_something_the_letter_lists_and_says_what(item: Item):
    notice = answer_steps.sent(item)
    other = steps.looked_at_twice(url="https://img-board.example/t/2")

    with pytest.raises(NotFound):
        opened(other, notice=notice)
    with pytest.raises(Refused, match="words:missing"), writing():
        appeal_cases.open_on(item, " ", by=uninvolved())


@pytest.mark.parametrize("who", [0, 1])
def test_who_was_involved_does_not_decide(item: Item, who: int):
    answer_steps.sent(item)
    appeal = opened(item)

    with pytest.raises(Refused, match="decision:involved"):
        decide(appeal, STANDS, by=steps.team()[who])
    assert db.session.get_one(Appeal, appeal.id).decided_at is None


@pytest.mark.parametrize(
    ("deed", "counts"), [(appeals.REMINDED, True), (appeals.TYPED_IN, True), (appeals.BY_HAND, True), ("read", False)]
)
def test_who_had_a_reminder_go_or_took_a_letter_there_does_not_decide(item: Item, deed: str, *, counts: bool):
    letter, other = answer_steps.sent(item), answer_steps.sent(steps.looked_at_twice(url="https://img-board.example/2"))
    with writing():
        audit.record(uninvolved(), deed, f"notice {other.ref}")
    assert not appeals.was_involved(item, uninvolved())

    with writing():
        audit.record(uninvolved(), deed, f"notice {letter.ref}")

    assert appeals.was_involved(item, uninvolved()) is counts


def test_who_offered_an_item_to_a_partner_does_not_decide(item: Item):
    third, to = uninvolved(), partner.hotline()
    with writing():
        exchange.draft(item, to.ref, "by_hand", by=third)
    appeal = opened(item)

    with pytest.raises(Refused, match="decision:involved"):
        decide(appeal, STANDS, by=third)


def test_the_database_says_no_to_who_was_involved_and_keeps_a_decision(item: Item):
    appeal, (first, *_) = opened(item), steps.team()
    put = text(
        "UPDATE appeals SET decision = 'stands', decided_at = opened_at, decided_by_id = :by, reason = words"
        " WHERE id = :id"
    )
    with pytest.raises((IntegrityError, DBAPIError), match="involved"), writing():
        db.session.execute(put, {"by": first.id, "id": appeal.id})

    decide(appeal, STANDS)
    for deed in ("UPDATE appeals SET decision = 'withdrawn' WHERE id = :id", "DELETE FROM appeals WHERE id = :id"):
        with pytest.raises((IntegrityError, DBAPIError), match="frozen"), writing():
            db.session.execute(text(deed), {"id": appeal.id})


def test_no_row_is_put_in_the_place_of_an_appeal(item: Item):
    notice = answer_steps.sent(item)
    answer_steps.answered(notice, Answer.APPEAL, words="You are wrong.")
    reply = db.session.scalars(select(Reply)).one()
    appeal = opened(item, notice=notice, reply=reply)
    columns = "item_id, notice_id, reply_id, words, opened_at, opened_by_id"
    again = f"INTO appeals (id, {columns}) SELECT :id, {columns} FROM appeals WHERE id = :of"  # noqa: S608 -- from above
    deeds = [f"INSERT {again}"]
    deeds += [f"INSERT OR REPLACE {again}"] if db.engine.dialect.name == "sqlite" else ["TRUNCATE appeals"]
    for deed in deeds:
        for number in (appeal.id, appeal.id + 1):  # the same number, and the same answer about the same item
            with pytest.raises(DBAPIError), writing():
                db.session.execute(text(deed), {"id": number, "of": appeal.id})

    db.session.expire_all()
    assert [one.id for one in db.session.scalars(select(Appeal))] == [appeal.id]


def test_an_appeal_is_not_written_down_decided(item: Item):
    appeal = opened(item)
    decided = (
        "INSERT INTO appeals (item_id, words, opened_at, opened_by_id, decision, decided_at, decided_by_id, reason)"
        " SELECT item_id, words, opened_at, opened_by_id, 'stands', opened_at, :by, words FROM appeals WHERE id = :of"
    )

    with pytest.raises(DBAPIError, match="frozen"), writing():
        db.session.execute(text(decided), {"of": appeal.id, "by": uninvolved().id})


def test_of_two_who_decide_at_the_same_moment_one_does(office: Flask, item: Item):
    answer_steps.sent(item)
    number, third = opened(item).id, uninvolved().id
    with writing():
        manager = staff.add("boss", "a long enough password", (Role.MANAGER,), language=Language.EN, by=None).id

    def as_person(who: int, decision: AppealDecision):
        def go() -> str:
            with writing():
                appeal, person = db.session.get_one(Appeal, number), db.session.get_one(Staff, who)
                appeal_cases.decide(appeal, decision, "Looked again.", by=person)
            return decision

        return go

    told = steps.together(office, [as_person(third, STANDS), as_person(manager, WITHDRAWN)])

    won = [one for one in told if isinstance(one, str)]
    assert len(won) == 1, told
    assert [type(one) for one in told if not isinstance(one, str)] == [WrongState]
    db.session.expire_all()
    assert db.session.get_one(Appeal, number).decision == won[0]
    assert len(retractions.of_item(item).letters) == (won[0] == WITHDRAWN)
    assert audit.count(f"appeal {number}", "decided") == 1


def test_who_was_involved_may_note_what_an_outside_decider_says_and_another_confirms_it(item: Item):
    appeal, (first, second, *_) = opened(item), steps.team()

    decide(appeal, STANDS, by=first, outside="Judge Example, Youth Court")

    assert (appeal.decision, appeals.is_open(item)) == (None, True)
    assert b"Judge" not in appeal.outside
    with pytest.raises(WrongState):
        decide(appeal, WITHDRAWN)
    with pytest.raises(Forbidden), writing():
        appeal_cases.confirm(appeal, seen=appeal_cases.record_of(appeal), by=first)
    with writing():
        appeal_cases.confirm(appeal, seen=appeal_cases.record_of(appeal), by=second)
    assert (appeal.decision, appeal.noted_by_id, appeal.decided_by_id) == (STANDS, first.id, second.id)
    assert appeals.read(appeal, by=first).outside == "Judge Example, Youth Court"
    assert not appeals.is_open(item)


def test_a_record_of_an_outside_decision_is_set_aside_and_leaves_no_words(item: Item):
    appeal, (first, second, *_) = opened(item), steps.team()
    decide(appeal, WITHDRAWN, by=first, outside="Judge Example, Youth Court")
    sealed = appeal.outside

    with writing():
        appeal_cases.set_aside(appeal, seen=appeal_cases.record_of(appeal), by=second)

    assert (appeal.outside, appeal.reason, appeal.noted_by_id) == (None, None, None)
    assert not [path for path in settings().data_dir.rglob("*") if path.is_file() and sealed in path.read_bytes()]
    assert audit.history(appeals.subject(appeal))[-1].action == appeal_cases.SET_ASIDE
    for deed in (appeal_cases.confirm, appeal_cases.set_aside):
        with pytest.raises(WrongState), writing():
            deed(appeal, seen="", by=second)
    decide(appeal, STANDS)
    assert appeal.decision is STANDS


def test_what_waits_to_be_confirmed_is_held_up_by_a_hold(item: Item):
    appeal, (first, second, *_) = opened(item), steps.team()
    decide(appeal, WITHDRAWN, by=first, outside="Judge Example, Youth Court")
    with writing():
        item.status = ItemStatus.HELD

    with pytest.raises(Refused, match="decision:held"), writing():
        appeal_cases.confirm(appeal, seen=appeal_cases.record_of(appeal), by=second)
    assert item.status is ItemStatus.HELD


@pytest.mark.parametrize("deed", [appeal_cases.confirm, appeal_cases.set_aside])
def test_nobody_answers_for_a_record_that_was_written_while_they_read_another(
    item: Item, deed: Callable[..., None]
) -> None:
    appeal, (first, second, *_) = opened(item), steps.team()
    decide(appeal, STANDS, by=first, outside="Judge Example, Youth Court")
    seen = appeal_cases.record_of(appeal)
    with writing():
        appeal_cases.set_aside(appeal, seen=seen, by=first)
    decide(appeal, WITHDRAWN, by=first, outside="Judge Example, Youth Court")

    with pytest.raises(Overtaken), writing():
        deed(appeal, seen=seen, by=second)
    assert (appeal.decision, appeal.noted_decision) == (None, WITHDRAWN)


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE appeals SET decision = noted_decision, decided_at = noted_at, decided_by_id = noted_by_id",
        "UPDATE appeals SET decision = 'withdrawn', decided_at = noted_at, decided_by_id = opened_by_id",
        "UPDATE appeals SET noted_decision = 'withdrawn'",
        "UPDATE appeals SET outside = NULL, decision = 'stands', decided_at = noted_at, decided_by_id = opened_by_id",
    ],
)
def test_the_database_asks_two_people_for_an_outside_decision(item: Item, deed: str):
    appeal, (_, second, *_) = opened(item), steps.team()
    decide(appeal, STANDS, by=second, outside="Judge Example, Youth Court")

    with pytest.raises((IntegrityError, DBAPIError)), writing():
        db.session.execute(text(deed))


def test_while_it_is_open_nothing_new_about_the_item_leaves(item: Item):
    first, second, _ = steps.team()
    other = db.session.scalars(select(Recipient).order_by(Recipient.id)).all()
    hosts = [one for one in notice_drafting.recipients(Channel.HOST) if one in other]
    with writing():
        queued = notice_drafting.draft(item, hosts[0], channel=Channel.HOST, language=Language.EN, by=first)
        drafted = notice_drafting.draft(item, hosts[1], channel=Channel.HOST, language=Language.EN, by=first)
        notice_approval.approve(queued, by=second)
    appeal = opened(item)

    assert (queued.status, queued.last_fault) == (NoticeStatus.FAILED, "appeal")
    post = answer_steps.Post()
    notice_sending.deliver(queued.id, mailer=post)
    assert post.sent == []
    with pytest.raises(Refused, match="approve:appeal"), writing():
        notice_approval.approve(drafted, by=second)

    decide(appeal, STANDS)
    with writing():
        notice_approval.try_again(db.session.get_one(Notice, queued.id), by=second)
    notice_sending.deliver(queued.id, mailer=post)
    assert len(post.sent) == 1


def test_a_letter_in_somebodys_hands_when_it_is_opened_is_not_tried_again(item: Item):
    first, second, _ = steps.team()
    with writing():
        letter = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)
        notice_approval.approve(letter, by=second)
    with writing():
        assert notice_sending._lease(letter.id) is not None
    opened(item)
    assert letter.status is NoticeStatus.QUEUED
    with writing():  # whoever had it was killed, and its lease is over
        letter.leased_until = clock.in_(-1)

    post = answer_steps.Post()
    notice_sending.deliver(letter.id, mailer=post)

    db.session.rollback()
    assert (letter.status, letter.last_fault, post.sent) == (NoticeStatus.FAILED, notice_grounds.OBJECTED, [])


def test_a_letter_that_comes_back_into_an_objection_waits_for_people(item: Item):
    first, second, _ = steps.team()
    with writing():
        letter = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)
        notice_approval.approve(letter, by=second)

    class Away:
        def send(self, *_letter: object) -> Handed:
            opened(item)
            raise MailFault("connect", permanent=False)

    notice_sending.deliver(letter.id, mailer=Away())

    db.session.rollback()
    assert (letter.status, letter.last_fault) == (NoticeStatus.FAILED, notice_grounds.OBJECTED)


def test_where_it_stands_its_time_ends_and_nothing_is_taken_back(item: Item):
    answer_steps.sent(item)
    appeal = opened(item)

    decide(appeal, STANDS)

    assert not appeals.is_open(item)
    assert [one.ending for one in running(appeal)] == [ClockEnd.MET]
    assert item.status is ItemStatus.ACTING
    assert retractions.of_item(item).letters == []
    with pytest.raises(WrongState):
        decide(appeal, WITHDRAWN)


def test_a_withdrawn_verdict_is_told_to_everybody_who_got_a_letter_and_closes_the_item(item: Item):
    first, second, third = steps.team()
    letter, appeal = answer_steps.sent(item), opened(item)
    with writing():
        hosts = [one for one in notice_drafting.recipients(Channel.HOST) if one != letter.recipient]
        unsent = notice_drafting.draft(item, hosts[0], channel=Channel.HOST, language=Language.EN, by=first)

    decide(appeal, WITHDRAWN)

    assert (item.status, item.outcome) == (ItemStatus.CLOSED, ItemOutcome.WITHDRAWN)
    assert endings.last(item).outcome is ItemOutcome.WITHDRAWN
    assert db.session.get_one(Notice, unsent.id).status is NoticeStatus.WITHDRAWN
    (drafted,) = retractions.of_item(item).letters
    assert (drafted.kind, drafted.follows_id, drafted.lines) == (NoticeKind.RETRACTION, letter.id, [])
    written = notices.letter_of(drafted)
    assert letter.ref in written.text
    assert "img-board" not in written.text
    assert written.addresses == ()

    with writing():
        assert retractions.approve_all(item, by=second).num == 1
    post = answer_steps.Post()
    notice_sending.deliver(drafted.id, mailer=post)
    assert post.sent == [drafted.message_id]
    assert db.session.get_one(Notice, drafted.id).status is NoticeStatus.SENT
    assert third.id == appeal.decided_by_id


def test_of_a_letter_about_several_addresses_only_the_one_is_taken_back(item: Item):
    other = steps.looked_at_twice(url="https://img-board.example/t/2")
    answer_steps.sent(item, other)
    appeal = opened(other)

    decide(appeal, WITHDRAWN)

    (drafted,) = retractions.of_item(other).letters
    assert "number 2 of 2 in its list" in notices.letter_of(drafted).text
    assert item.status is ItemStatus.ACTING
    assert retractions.of_item(item).letters == []


def test_taking_back_twice_writes_no_second_letter(item: Item):
    answer_steps.sent(item)
    decide(opened(item), WITHDRAWN)
    decide(opened(item), WITHDRAWN)

    assert len(retractions.of_item(item).letters) == 1


def test_a_host_that_got_a_letter_and_its_reminder_gets_one_retraction_for_both(item: Item):
    letter = answer_steps.sent(item)
    first, second, _ = steps.team()
    with writing():
        reminder = notice_drafting.draft_reminder(letter, [item], by=first, actor=first)
        notice_approval.approve(reminder, by=second)
    with writing():
        notice_sending._record_sent(reminder.id)
    db.session.expire_all()
    decide(opened(item), WITHDRAWN)
    decide(opened(item), WITHDRAWN)

    assert reminder.status is NoticeStatus.SENT
    assert [one.follows_id for one in retractions.of_item(item).letters] == [letter.id]


def test_where_the_reminder_came_back_people_are_told_beside_the_retraction(item: Item):
    letter = answer_steps.sent(item)
    with writing():
        first, second, _ = steps.team()
        reminder = notice_drafting.draft_reminder(letter, [item], by=first, actor=first)
        notice_approval.approve(reminder, by=second)
    with writing():
        notice_sending._record_sent(reminder.id)
    db.session.expire_all()
    with writing():
        reminder.status = NoticeStatus.BOUNCED
    decide(opened(item), WITHDRAWN)

    found = retractions.of_item(item)
    assert ([one.follows_id for one in found.letters], found.by_hand) == ([letter.id], [(reminder, ByHand.BOUNCED)])


def test_a_recipient_who_cannot_be_written_to_any_more_is_told_by_hand(item: Item):
    letter = answer_steps.sent(item)
    with writing():
        letter.recipient.mailbox = ""

    decide(opened(item), WITHDRAWN)

    found = retractions.of_item(item)
    assert (found.letters, found.by_hand) == ([], [(letter, ByHand.NO_WAY)])


def test_a_letter_being_sent_right_now_is_waited_for(item: Item):
    first, second, _ = steps.team()
    with writing():
        letter = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)
        notice_approval.approve(letter, by=second)
    with writing():
        letter.leased_until = clock.in_(300)
    appeal = opened(item)

    with pytest.raises(WrongState):
        decide(appeal, WITHDRAWN)
    assert db.session.get_one(Appeal, appeal.id).decision is None


@pytest.mark.parametrize(("status", "code"), [(ItemStatus.HELD, "held"), (ItemStatus.ASSESSING, "undecided")])
def test_what_is_held_or_looked_at_anew_is_not_withdrawn(item: Item, status: ItemStatus, code: str):
    appeal = opened(item)
    with writing():
        item.status = status

    with pytest.raises(Refused, match=f"decision:{code}"):
        decide(appeal, WITHDRAWN)


def test_only_reviewers_and_managers_decide_and_say_why(item: Item):
    appeal = opened(item)
    rith = db.session.scalars(select(Staff).order_by(Staff.id)).all()[-1]

    assert not rith.has(*appeals.DECIDERS) or rith in steps.team()
    with pytest.raises(Refused, match="decision:required, reason:missing"), writing():
        appeal_cases.decide(appeal, "maybe", "", by=uninvolved())
    if not rith.has(*appeals.DECIDERS):
        with pytest.raises(Forbidden):
            decide(appeal, STANDS, by=rith)


def test_that_whoever_objected_was_told_is_noted_once(item: Item):
    appeal = opened(item)
    with pytest.raises(WrongState), writing():
        appeals.record_told(appeal, by=uninvolved())
    decide(appeal, STANDS)

    for _ in range(2):
        with writing():
            appeals.record_told(appeal, by=uninvolved())

    assert appeals.is_told(appeal)
    assert audit.count(appeals.subject(appeal), appeals.TOLD) == 1


def test_open_ones_come_oldest_first_and_decided_ones_newest_first(item: Item):
    one, two, three = opened(item), opened(item), opened(item)
    decide(one, STANDS)
    decide(two, STANDS)

    assert appeals.list_open(by=uninvolved()) == [three]
    assert appeals.list_decided(by=uninvolved()) == [two, one]
    assert appeals.list_decided(by=uninvolved(), before=two.id) == [one]
    assert appeals.count_open() == 1


def test_what_is_recorded_names_no_address_and_no_words(item: Item):
    answer_steps.sent(item)
    decide(opened(item), WITHDRAWN)

    for entry in audit.history(f"item {item.ref}"):
        assert "drawing" not in (entry.details or "")
        assert "img-board" not in json.dumps(entry.details or "")
    assert police.of_item(item) == []
    assert answers.count_stuck() == 0
    assert directory.get(steps.recipient().ref)


def test_a_letter_that_came_back_is_taken_back_where_it_was_answered_and_else_left_to_people(item: Item):
    letter = answer_steps.sent(item)
    with writing():
        letter.status = NoticeStatus.BOUNCED
    decide(opened(item), WITHDRAWN)

    found = retractions.of_item(item)
    assert (found.letters, found.by_hand) == ([], [(letter, ByHand.BOUNCED)])


def test_an_answered_letter_that_came_back_later_is_taken_back(item: Item):
    letter = answer_steps.sent(item)
    answer_steps.answered(letter, Answer.REFUSED, words="no")
    with writing():
        letter.status = NoticeStatus.BOUNCED
    decide(opened(item), WITHDRAWN)

    found = retractions.of_item(item)
    assert ([one.follows_id for one in found.letters], found.by_hand) == ([letter.id], [])


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"status": NoticeStatus.FAILED, "last_fault": "unconfirmed"}, [ByHand.DOUBTFUL]),
        ({"spent": 19}, [ByHand.DOUBTFUL]),
        ({"kept_at": clock.now()}, [ByHand.KEPT]),
        ({"status": NoticeStatus.FAILED, "last_fault": "550"}, []),
        ({"status": NoticeStatus.WITHDRAWN, "last_fault": "unconfirmed"}, [ByHand.DOUBTFUL]),
        ({"status": NoticeStatus.WITHDRAWN, "last_fault": "550"}, []),
    ],
)
@pytest.mark.parametrize("stores", ["sqlite"], indirect=True)
def test_a_letter_that_may_have_arrived_is_withdrawn_and_left_to_people(item: Item, facts: dict, why: list[ByHand]):
    first, second, _ = steps.team()
    with writing():
        letter = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)
        notice_approval.approve(letter, by=second)
    appeal = opened(item)
    with writing():
        letter.status = NoticeStatus.QUEUED
        for name, value in facts.items():
            setattr(letter, name, value)
    decide(appeal, WITHDRAWN)

    assert letter.status is NoticeStatus.WITHDRAWN
    assert [code for _, code in retractions.of_item(item).by_hand] == why


@pytest.mark.parametrize("stores", ["sqlite"], indirect=True)
def test_what_lists_other_items_is_not_lost_in_silence(item: Item):
    first, *_ = steps.team()
    other = steps.looked_at_twice(url="https://img-board.example/t/2")
    both, alone = police_steps.drafted(item, other), police_steps.drafted(item)
    with writing():
        letter = notice_drafting.draft(
            item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first, also=[other]
        )
    decide(opened(item), WITHDRAWN)

    found = retractions.of_item(item)
    assert found.by_hand == [(letter, ByHand.ANEW)]
    assert (found.police, both.status, alone.status) == ([both], PoliceStatus.DRAFT, PoliceStatus.WITHDRAWN)
    with pytest.raises(Refused, match="approve:withdrawn"), writing():
        police.approve(both, seen=police.version(both), by=steps.team()[1])


@pytest.mark.parametrize("answer", ["", "declined"])
@pytest.mark.parametrize("stores", ["sqlite"], indirect=True)
def test_partners_told_by_people_and_iccam_are_left_to_people(item: Item, answer: str):
    first, second, _ = steps.team()
    to = partner.hotline()
    with writing():
        offer = exchange.draft(item, to.ref, "by_hand", by=first)
    with writing():
        exchange.approve(offer, by=second)
    with writing():
        exchange.record_handed(offer, "X-1", by=second)
        iccam.begin(item, "", "", by=first)
        if answer:
            exchange.record_answer(offer, exchange.said(answer, "", "other", "", ""), by=second)
    decide(opened(item), WITHDRAWN)

    found = retractions.of_item(item)
    assert found.partners == [offer]
    assert found.iccam is not None


def test_one_retraction_that_may_not_go_holds_up_no_other(item: Item):
    second = steps.team()[1]
    letter, other = (
        answer_steps.sent(item),
        next(one for one in notice_drafting.recipients(Channel.HOST) if one != steps.recipient()),
    )
    answer_steps.sent(item, to=other)
    decide(opened(item), WITHDRAWN)
    with writing():
        letter.recipient.verified_on = None

    with writing():
        done = retractions.approve_all(item, by=second)

    assert (done.num, [(one.follows_id, code) for one, code in done.left]) == (1, [(letter.id, "unverified")])
    assert sorted(one.status for one in retractions.of_item(item).letters) == ["draft", "queued"]


# --- What people see to


@pytest.mark.parametrize("stores", ["sqlite", "postgresql"], indirect=True)
def test_what_people_saw_to_is_noted_once_with_who_and_when(item: Item):
    first, second, _ = steps.team()
    letter = answer_steps.sent(item)
    with writing():
        letter.recipient.mailbox = ""
        iccam.begin(item, "", "", by=first)
    report = police_steps.handed_over(item)
    appeal = opened(item)
    decide(appeal, WITHDRAWN)

    found = retractions.of_item(item)
    names = [retractions.errand(letter, ByHand.NO_WAY), retractions.errand(report), "ICCAM"]
    assert (found.errands, found.undone, dict(found.done)) == (names, 3, {})

    for name in names:
        for by in (second, first):  # whoever comes second changes nothing
            with writing():
                retractions.record_done(appeal, name, by=by)

    found = retractions.of_item(item)
    assert found.undone == 0
    assert {name: entry.actor for name, entry in found.done.items()} == dict.fromkeys(names, second.number)
    assert audit.count(appeals.subject(appeal), retractions.DONE) == 3
    assert audit.verify()[1] is None


def test_what_is_left_to_nobody_is_not_noted_as_done(item: Item):
    letter = answer_steps.sent(item)
    appeal = opened(item)
    with pytest.raises(WrongState), writing():
        retractions.record_done(appeal, "ICCAM", by=uninvolved())
    decide(appeal, WITHDRAWN)

    for name in ("", "ICCAM", letter.ref, retractions.errand(letter, ByHand.NO_WAY)):
        with pytest.raises(NotFound), writing():
            retractions.record_done(appeal, name, by=uninvolved())
    assert audit.count(appeals.subject(appeal), retractions.DONE) == 0


def test_withdrawn_again_after_it_was_decided_anew_units_are_told_again_and_letters_not(item: Item):
    letter = answer_steps.sent(item)
    with writing():
        letter.recipient.mailbox = ""
    report = police_steps.handed_over(item)
    one = opened(item)
    decide(one, WITHDRAWN)
    for name in retractions.of_item(item).errands:
        with writing():
            retractions.record_done(one, name, by=uninvolved())
    assert retractions.of_item(item).undone == 0

    two = opened(item)
    decide(two, WITHDRAWN)

    found = retractions.of_item(item)
    assert set(found.done) == {retractions.errand(letter, ByHand.NO_WAY)}
    with writing():
        retractions.record_done(two, retractions.errand(report), by=uninvolved())
    assert retractions.of_item(item).undone == 0
