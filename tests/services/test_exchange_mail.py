"""An offer that goes by encrypted mail: its letter, what the letter respects, and what becomes of both."""

from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from hotline import clock
from hotline.errors import Forbidden, GateClosed, Refused, WrongState
from hotline.extensions import db
from hotline.gateways import mail
from hotline.gateways.mail import Handed, MailFault
from hotline.jobs import rows
from hotline.models import Clock, Exchange, HostLookup, Item, Notice, Recipient, Tally
from hotline.models.recipient import RecipientKey
from hotline.outbox import Task
from hotline.rules.exchange import Answer
from hotline.rules.reach import Reach
from hotline.services import (
    appeal_cases,
    assessments,
    endings,
    exchange,
    exchange_course,
    exchange_rounds,
    kept_notices,
    notice_approval,
    notice_drafting,
    notice_grounds,
    notice_sending,
    notices,
    recipient_keys,
    replies,
    retractions,
    secrecy,
    staff,
    staff_reach,
    statistics_rollup,
)
from hotline.transactions import writing
from hotline.vocabulary import (
    Channel,
    CorrectionReason,
    Delivery,
    Duty,
    ExchangeStatus,
    Figure,
    ItemStatus,
    KeyKind,
    Language,
    LookupState,
    NoticeKind,
    NoticeStatus,
    ReplyKind,
    Work,
)
from tests.gateways import locksmith
from tests.services import police_steps, steps
from tests.services.letter_steps import AWAY, PUT_OFF, REFUSED
from tests.services.partner import hotline

URL = "https://img-board.example/t/1?page=2"
MAIL = "encrypted_mail"


class Post:
    """A mailer that keeps what it is given, and ends each try as the test says."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.end: Exception | None = None
        self.said = Handed.ON

    def send(self, _sender: str, _mailbox: str, _message_id: str, message: bytes) -> Handed:
        self.messages.append(message)
        if self.end:
            raise self.end
        return self.said


@pytest.fixture
def key(office: Flask, tmp_path: Path) -> locksmith.Openssl:
    """The partner's certificate: it stands in the directory, and its mailbox is verified."""
    made = locksmith.openssl(tmp_path)
    partner()
    with writing():
        recipient_keys.add(partner(), KeyKind.SMIME, made.public, by=steps.team()[0])
        partner().verified_on = clock.now().date()
    return made


@pytest.fixture
def post() -> Post:
    return Post()


def partner() -> Recipient:
    return db.session.get_one(Recipient, hotline().id)


def drafted(item: Item | None = None) -> Exchange:
    item, to = item or steps.looked_at_twice(url=URL), hotline().ref
    with writing():
        return exchange.draft(item, to, MAIL, by=steps.team()[0])


def let_go(offer: Exchange | None = None) -> tuple[int, int]:
    """Let two people offer an item by mail; return the ids of the offer and of its letter."""
    offer = offer or drafted()
    with writing():
        exchange.approve(offer, by=steps.team()[1])
    found = exchange_course.letter_of(offer)
    assert found is not None
    return offer.id, found.id


def the_offer(offer: int) -> Exchange:
    return db.session.get_one(Exchange, offer)


def the_letter(letter: int) -> Notice:
    return db.session.get_one(Notice, letter)


def deliver(letter_id: int, post: Post) -> None:
    """Try once, after every pause and every lease is over."""
    past = clock.now() - timedelta(hours=1)
    with writing():
        db.session.execute(update(Task).values(due_at=past))
        db.session.execute(update(Notice).where(Notice.leased_until.is_not(None)).values(leased_until=past))
    notice_sending.deliver(letter_id, mailer=post)
    db.session.remove()


def fates(offer_id: int, letter_id: int) -> tuple[ExchangeStatus, bool, NoticeStatus, str | None]:
    """Return where an offer and its letter stand, and whether the offer has reached its partner."""
    db.session.remove()
    offer, letter = db.session.get_one(Exchange, offer_id), db.session.get_one(Notice, letter_id)
    return offer.status, offer.offered_at is not None, letter.status, letter.last_fault


def told() -> int:
    """Return how many letters to partners were counted."""
    counted = db.session.scalars(select(Tally).where(Tally.figure == Figure.NOTICES, Tally.part == Channel.PARTNER))
    return sum(one.count for one in counted)


def runs(offer_id: int) -> list[Clock]:
    query = select(Clock).where(Clock.duty == Duty.PARTNER_ANSWER, Clock.subject_id == offer_id)
    return list(db.session.scalars(query.where(Clock.ended_at.is_(None))))


# --- What is written


def test_the_partner_alone_opens_the_letter_and_finds_the_exact_address(key, post: Post) -> None:
    offer, letter = let_go()

    deliver(letter, post)

    [wire] = post.messages
    outside = message_from_bytes(wire, policy=policy.default)
    inside = message_from_bytes(key.open(wire), policy=policy.default)
    assert isinstance(inside, EmailMessage)
    text, attached = inside.get_body(("plain",)), next(inside.iter_attachments())
    notice = the_letter(letter)
    assert outside["To"] == partner().mailbox
    assert outside["Subject"] == f"Confidential message [{notice.ref}]"
    assert b"img-board" not in wire
    assert attached.get_filename() == "addresses.txt"
    assert attached.get_content().split() == [URL]
    assert f"Addresses for your hotline [{notice.ref}]" in inside["Subject"].replace("\n", "")
    assert "hxxps://img-board[.]example/t/1?page=2" in text.get_content()
    assert "Hotline analyst A-" in text.get_content()
    first, second, _ = steps.team()
    assert (notice.drafted_by_id, notice.approved_by_id) == (first.id, second.id)
    assert (notice.channel, notice.kind, notice.template) == (Channel.PARTNER, NoticeKind.FIRST, "notice_partner")
    assert exchange_course.offer_of(notice).id == offer


def test_gpg_opens_it_too_and_it_is_in_the_partners_language(office: Flask, post: Post) -> None:
    partner()
    with locksmith.gpg() as ring:
        with writing():
            recipient_keys.add(partner(), KeyKind.OPENPGP, ring.public, by=steps.team()[0])
            partner().verified_on = clock.now().date()
            partner().language = Language.KM
        _offer, letter = let_go()

        deliver(letter, post)

        parsed = message_from_bytes(post.messages[0], policy=policy.default)
        sealed = next(part for part in parsed.walk() if part.get_content_type() == "application/octet-stream")
        opened = ring.open(sealed.get_payload(decode=True))
    inside = message_from_bytes(opened, policy=policy.default)
    assert "សូមគោរពជូនសហការី" in inside.get_body(("plain",)).get_content()
    assert next(inside.iter_attachments()).get_content().split() == [URL]


def test_what_the_approver_reads_before_is_what_goes(key) -> None:
    offer = drafted()
    shown = exchange.preview_letter(offer).letter

    _offer, letter = let_go(offer)

    said = notices.letter_of(the_letter(letter))
    assert shown.text.replace(notice_drafting.NO_NUMBER_YET, the_letter(letter).ref) == said.text
    assert (shown.mailbox, shown.addresses) == (said.mailbox, said.addresses)
    assert exchange.preview_letter(offer) is None


# --- That it has gone is noted at the offer, once


def test_that_the_mail_server_took_it_hands_the_offer_over(key, post: Post) -> None:
    offer, letter = let_go()
    assert fates(offer, letter) == (ExchangeStatus.OFFERED, False, NoticeStatus.QUEUED, None)
    assert (told(), runs(offer)) == (0, [])

    deliver(letter, post)
    deliver(letter, post)

    assert len(post.messages) == 1
    assert fates(offer, letter) == (ExchangeStatus.OFFERED, True, NoticeStatus.SENT, None)
    assert told() == 1
    assert len(runs(offer)) == 1
    assert the_offer(offer).item.status is ItemStatus.ACTING
    assert the_offer(offer).offered_at == the_letter(letter).sent_at
    with pytest.raises(WrongState), writing():
        exchange.record_handed(the_offer(offer), "letter 7", by=steps.team()[1])


def test_where_noting_it_fails_neither_is_noted(key, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    offer, letter = let_go()
    with monkeypatch.context() as patch:
        patch.setattr(exchange_course, "reached", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            deliver(letter, post)
    db.session.remove()
    assert fates(offer, letter)[1:3] == (False, NoticeStatus.QUEUED)

    deliver(letter, post)

    assert fates(offer, letter)[1:3] == (True, NoticeStatus.SENT)
    assert told() == 1


def test_a_letter_that_is_only_kept_hands_nothing_over_until_a_person_sends_it(key, post: Post) -> None:
    offer, letter = let_go()
    post.said = Handed.KEPT

    deliver(letter, post)

    assert fates(offer, letter)[:3] == (ExchangeStatus.OFFERED, False, NoticeStatus.QUEUED)
    assert the_letter(letter).is_kept
    assert told() == 0
    with writing():
        kept_notices.record_by_hand(the_letter(letter), by=steps.team()[1])
    assert fates(offer, letter)[:3] == (ExchangeStatus.OFFERED, True, NoticeStatus.SENT)
    assert told() == 1


# --- What goes wrong


@pytest.mark.parametrize("fault", [AWAY, PUT_OFF], ids=["away", "put off"])
def test_a_server_that_does_not_take_it_now_is_tried_again(key, post: Post, fault: MailFault) -> None:
    offer, letter = let_go()
    post.end = fault

    deliver(letter, post)
    assert fates(offer, letter) == (ExchangeStatus.OFFERED, False, NoticeStatus.QUEUED, fault.code)
    post.end = None
    deliver(letter, post)

    assert post.messages[0] == post.messages[1]
    assert fates(offer, letter) == (ExchangeStatus.OFFERED, True, NoticeStatus.SENT, None)


def test_one_that_was_refused_for_good_waits_for_a_person_who_tries_again(key, post: Post) -> None:
    offer, letter = let_go()
    post.end = REFUSED
    deliver(letter, post)
    assert fates(offer, letter) == (ExchangeStatus.OFFERED, False, NoticeStatus.FAILED, "550")

    post.end = None
    with writing():
        notice_approval.try_again(the_letter(letter), by=steps.team()[1])
    deliver(letter, post)

    assert fates(offer, letter) == (ExchangeStatus.OFFERED, True, NoticeStatus.SENT, None)


def test_what_comes_back_stands_at_the_letter_and_reaches_no_figure_twice(key, post: Post) -> None:
    offer, letter = let_go()
    deliver(letter, post)

    with writing():
        notice = the_letter(letter)
        replies.record(notice, ReplyKind.BOUNCE, key=b"k" * 16, came_at=clock.now(), code="5.1.1")

    assert fates(offer, letter)[2] is NoticeStatus.BOUNCED
    came_back = select(Exchange.id).where(exchange_course.CAME_BACK)
    assert db.session.scalars(came_back).all() == [offer]


def test_a_letter_may_be_lost_and_the_address_offered_again(key, post: Post) -> None:
    offer, letter = let_go()
    deliver(letter, post)
    with writing():
        exchange.withdraw(the_offer(offer), by=steps.team()[1])

    again, its_letter = let_go(drafted(the_offer(offer).item))

    assert its_letter != letter
    assert exchange_course.letter_of(the_offer(offer)).id == letter
    deliver(its_letter, post)
    assert fates(again, its_letter)[1:3] == (True, NoticeStatus.SENT)


def test_what_was_let_go_before_offers_had_letters_is_handed_over_by_a_person(key) -> None:
    offer, second = drafted(), steps.team()[1]
    with writing():
        offer.approved_by_id, offer.approved_at, offer.status = second.id, clock.now(), ExchangeStatus.OFFERED
    assert exchange_course.letter_of(offer) is None

    with writing():
        exchange.record_handed(offer, "letter 7", by=second)

    assert offer.offered_at is not None
    assert told() == 1


# --- What falls before it goes takes the other with it


def test_an_offer_taken_back_takes_its_letter_along_and_the_other_way_round(key, post: Post) -> None:
    offer, letter = let_go()
    with writing():
        exchange.withdraw(the_offer(offer), by=steps.team()[1])
    deliver(letter, post)
    assert fates(offer, letter)[:3] == (ExchangeStatus.WITHDRAWN, False, NoticeStatus.WITHDRAWN)

    second, other = let_go(drafted(the_offer(offer).item))
    with writing():
        notice_approval.withdraw(the_letter(other), by=steps.team()[1])
    deliver(other, post)

    assert fates(second, other)[:3] == (ExchangeStatus.WITHDRAWN, False, NoticeStatus.WITHDRAWN)
    assert post.messages == []


def test_an_offer_is_not_taken_back_while_its_letter_is_being_sent(key, post: Post) -> None:
    offer, letter = let_go()

    def taken_back_meanwhile(*_: object) -> Handed:
        with pytest.raises(WrongState), writing():
            exchange.withdraw(the_offer(offer), by=steps.team()[1])
        with writing():
            db.session.execute(update(Item).values(status=ItemStatus.HELD))
        exchange.take_back_fallen()
        return Handed.ON

    post.send = taken_back_meanwhile  # type: ignore[method-assign]
    deliver(letter, post)

    assert fates(offer, letter)[:3] == (ExchangeStatus.OFFERED, True, NoticeStatus.SENT)
    assert exchange.has_fallen(the_offer(offer))


def hold(offer: Exchange) -> None:
    db.session.execute(update(Item).where(Item.id == offer.item_id).values(status=ItemStatus.HELD))


def take_up_anew(offer: Exchange) -> None:
    db.session.execute(update(Item).where(Item.id == offer.item_id).values(status=ItemStatus.ASSESSING))


def switch_off(_offer: Exchange) -> None:
    partner().active = False


@pytest.mark.parametrize("fall", [hold, take_up_anew, switch_off])
def test_what_falls_is_not_sent_and_taken_back(key, post: Post, fall: Callable[[Exchange], None]) -> None:
    offer, letter = let_go()
    with writing():
        fall(the_offer(offer))

    deliver(letter, post)
    exchange_rounds.go()

    assert post.messages == []
    assert fates(offer, letter)[:3] == (ExchangeStatus.WITHDRAWN, False, NoticeStatus.WITHDRAWN)


def test_what_falls_is_taken_back_right_after_that(key, post: Post) -> None:
    offer, letter = let_go()
    police_steps.held(the_offer(offer).item)

    rows.work_off()

    assert fates(offer, letter)[:3] == (ExchangeStatus.WITHDRAWN, False, NoticeStatus.WITHDRAWN)


def test_a_correction_takes_the_offer_back_whose_letter_failed(key, post: Post) -> None:
    offer, letter = let_go()
    post.end = REFUSED
    deliver(letter, post)
    assert fates(offer, letter)[:3] == (ExchangeStatus.OFFERED, False, NoticeStatus.FAILED)
    with writing():
        assessments.correct(the_offer(offer).item, CorrectionReason.MISTAKE, by=steps.team()[1])

    rows.work_off()

    assert fates(offer, letter)[:3] == (ExchangeStatus.WITHDRAWN, False, NoticeStatus.WITHDRAWN)


ACCEPTED = Answer(ExchangeStatus.ACCEPTED, "NL-1", None, None, "")


def test_an_answer_says_that_a_letter_arrived_of_which_nobody_knew(key, post: Post) -> None:
    offer, letter = let_go()
    post.end = mail.in_doubt()
    deliver(letter, post)
    assert fates(offer, letter)[:3] == (ExchangeStatus.OFFERED, False, NoticeStatus.QUEUED)
    with writing():
        exchange.record_answer(the_offer(offer), ACCEPTED, by=steps.team()[1])

    post.end = None
    deliver(letter, post)

    assert fates(offer, letter)[:3] == (ExchangeStatus.ACCEPTED, True, NoticeStatus.WITHDRAWN)
    assert len(post.messages) == 1
    assert told() == 1
    assert runs(offer) == []


@pytest.mark.parametrize("end", [None, AWAY, REFUSED], ids=["untried", "away", "refused"])
def test_no_answer_is_noted_to_a_letter_that_cannot_have_arrived(key, post: Post, end: MailFault | None) -> None:
    offer, letter = let_go()
    if end:
        post.end = end
        deliver(letter, post)

    with pytest.raises(WrongState), writing():
        exchange.record_answer(the_offer(offer), ACCEPTED, by=steps.team()[1])

    assert fates(offer, letter)[1] is False


def test_no_answer_is_noted_while_the_letter_is_being_sent(key, post: Post) -> None:
    offer, letter = let_go()

    def answered_meanwhile(*_: object) -> Handed:
        with pytest.raises(WrongState), writing():
            exchange.record_answer(the_offer(offer), ACCEPTED, by=steps.team()[1])
        return Handed.ON

    post.send = answered_meanwhile  # type: ignore[method-assign]
    deliver(letter, post)

    assert fates(offer, letter)[:3] == (ExchangeStatus.OFFERED, True, NoticeStatus.SENT)


# --- What the letter respects, before and after it is let go


def withdraw_key() -> None:
    db.session.execute(update(RecipientKey).values(withdrawn_at=clock.now()))


def expire_key() -> None:
    db.session.execute(update(RecipientKey).values(expires_at=clock.now() - timedelta(days=1)))


def take_form() -> None:
    partner().delivery, partner().form_url = Delivery.WEB_FORM, "https://forms.example/report"


def unverify() -> None:
    partner().verified_on = None


def host_here() -> None:
    db.session.execute(update(Item).values(country="KH"))


def object_to_it() -> None:
    item = db.session.scalars(select(Item)).one()
    appeal_cases.open_on(item, "It is a drawing.", by=steps.team()[0], notice=None, reply=None)


def move() -> None:
    item = db.session.scalars(select(Item)).one()
    db.session.add(
        HostLookup(
            host_index=item.host_index,
            host=b"sealed",
            state=LookupState.FOUND,
            changed=True,
            asked_at=clock.now(),
            looked_at=clock.now(),
        )
    )


def switch_off_partner() -> None:
    partner().active = False


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (withdraw_key, "no_key"),
        (expire_key, "key"),
        (take_form, "no_way"),
        (unverify, "unverified"),
        (host_here, "police_first"),
        (object_to_it, "appeal"),
        (move, "fallen"),
        (switch_off_partner, "switched_off"),
    ],
)
def test_what_is_in_the_way_is_said_before_it_is_let_go(key, change: Callable[[], None], code: str) -> None:
    offer = drafted()
    assert exchange.hindrance(offer, by=steps.team()[1]) is None
    with writing():
        change()

    with pytest.raises(Refused, match=f"approve:{code}"), writing():
        exchange.approve(the_offer(offer.id), by=steps.team()[1])

    assert db.session.scalars(select(Notice)).all() == []
    assert the_offer(offer.id).status is ExchangeStatus.DRAFT


@pytest.mark.parametrize(
    ("change", "code"),
    [(withdraw_key, "key"), (expire_key, "key"), (unverify, "recipient"), (host_here, "police_first"),
     (object_to_it, "appeal"), (move, "host")],
)  # fmt: skip
def test_what_comes_into_the_way_afterwards_stops_the_letter(
    key, post: Post, change: Callable[[], None], code: str
) -> None:
    offer, letter = let_go()
    with writing():
        change()

    deliver(letter, post)

    assert post.messages == []
    assert fates(offer, letter) == (ExchangeStatus.OFFERED, False, NoticeStatus.FAILED, code)
    with pytest.raises(Refused, match="try-again"), writing():
        notice_approval.try_again(the_letter(letter), by=steps.team()[1])


def test_a_partner_without_a_key_is_offered_nothing_by_mail(office: Flask) -> None:
    with pytest.raises(Refused, match="means:no_key"):
        drafted()


def test_who_drafted_it_does_not_let_it_go_and_nobody_but_a_reviewer(key) -> None:
    offer = drafted()

    for person in (steps.team()[0], staff.get_by_name("kunthea")):
        with pytest.raises((Refused, Forbidden)), writing():
            exchange.approve(offer, by=person)

    assert db.session.scalars(select(Notice)).all() == []


def test_one_of_us_who_stands_in_it_is_found_before_and_after(key, post: Post) -> None:
    draft = drafted(steps.looked_at_twice(url="https://store-7.example/g/5521"))
    draft_id = draft.id
    assert secrecy.leaks_in(exchange.preview_letter(draft).letter) == ()
    offer, letter = let_go()
    with writing():
        staff_reach.enter(steps.team()[0], Reach(("Dear Colleagues",), (), ()), wants_mail=False)

    deliver(letter, post)

    assert post.messages == []
    assert fates(offer, letter)[2:] == (NoticeStatus.FAILED, "names_us")
    shown = exchange.preview_letter(the_offer(draft_id)).letter
    assert [one.found.lower() for one in secrecy.leaks_in(shown)] == ["dear colleagues"]


def test_offers_are_the_only_door_to_a_partners_letter(key) -> None:
    item = steps.looked_at_twice(url=URL)

    assert notice_grounds.ways(item) == (Channel.HOST,)
    with pytest.raises(GateClosed), writing():
        notice_drafting.draft(item, partner(), channel=Channel.PARTNER, language=Language.EN, by=steps.team()[0])


# --- Two at once


def test_two_who_let_it_go_at_once_write_one_letter(office: Flask, key) -> None:
    offer = drafted().id

    def approve() -> None:
        with writing():
            exchange.approve(the_offer(offer), by=steps.team()[1])

    said = steps.together(office, [approve, approve])

    assert sorted(type(one).__name__ for one in said) == ["NoneType", "WrongState"]
    assert len(db.session.scalars(select(Notice)).all()) == 1


def test_two_who_send_it_at_once_send_one_letter_and_count_one_offer(office: Flask, key, post: Post) -> None:
    offer, letter = let_go()

    steps.together(office, [lambda: notice_sending.deliver(letter, mailer=post)] * 2)

    assert len(post.messages) == 1
    assert fates(offer, letter)[1:3] == (True, NoticeStatus.SENT)
    assert told() == 1


# --- What is told of it afterwards


def test_it_is_counted_as_one_thing_that_was_done(key, post: Post) -> None:
    offer, letter = let_go()
    deliver(letter, post)
    item_id = the_offer(offer).item_id
    its_times = endings.times(the_offer(offer).item, ())

    done = [cell.part for cell in statistics_rollup.count([item_id])[item_id] if cell.part == Work.TOLD_PARTNER]

    assert len(done) == 1
    assert its_times.to_partner_at == the_offer(offer).offered_at
    with writing():
        replies.record(the_letter(letter), ReplyKind.BOUNCE, key=b"k" * 16, came_at=clock.now(), code="5.1.1")
    assert endings.times(the_offer(offer).item, ()).to_partner_at is None
    cells = statistics_rollup.count([item_id])[item_id]
    assert Work.TOLD_PARTNER not in {cell.part for cell in cells}


def test_a_verdict_that_is_withdrawn_is_taken_back_by_a_letter_and_by_nobody_in_person(key, post: Post) -> None:
    offer, letter = let_go()
    deliver(letter, post)
    item = the_offer(offer).item

    with writing():
        retractions.take_back(item, by=steps.team()[1])
    told_to = retractions.of_item(item)
    [drafted_one] = told_to.letters
    with writing():
        notice_approval.approve(drafted_one, by=steps.team()[1])
    deliver(drafted_one.id, post)

    assert (told_to.partners, told_to.by_hand) == ([], [])
    inside = message_from_bytes(key.open(post.messages[-1]), policy=policy.default)
    assert the_letter(letter).ref in inside.get_body(("plain",)).get_content()
    assert fates(offer, letter)[0] is ExchangeStatus.WITHDRAWN
