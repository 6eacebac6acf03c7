"""What goes between hotlines, both ways: the public process and the desk each with its own keys, the way it runs."""

import contextlib
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, update
from sqlalchemy.exc import IntegrityError

from hotline import clock, create_app, outbox
from hotline.errors import Forbidden, GateClosed, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.jobs import rows, sweep
from hotline.models import (
    Clock,
    Exchange,
    ExchangeInbound,
    ExchangeMessage,
    ExchangeOutbound,
    ExchangePartner,
    Item,
    Recipient,
    Report,
    Tally,
    Verdict,
)
from hotline.rules import exchange as rule
from hotline.rules.reach import Reach
from hotline.services import (
    assessments,
    audit,
    demo,
    exchange,
    exchange_arrivals,
    exchange_outbox,
    exchange_partners,
    exchange_rounds,
    items,
    merges,
    staff,
    staff_reach,
)
from hotline.transactions import apart, front_engine, writing
from hotline.vocabulary import (
    Channel,
    ClockEnd,
    CorrectionReason,
    Direction,
    Duty,
    ExchangeMeans,
    ExchangeStatus,
    Figure,
    ItemOutcome,
    ItemStatus,
    LawVerdict,
    ReportSource,
    TestAnswer,
)
from tests import stores as kinds
from tests.services import police_steps, steps
from tests.services.partner import Partner, confirmed, hotline
from tests.stores import Stores

URL = "https://img-board.example/t/1"
OTHER = "https://store-7.example/g/2"


@pytest.fixture
def client(office: Flask, stores: Stores):
    """The public process on the same stores: it holds no private key."""
    app = create_app("public", stores.environ)
    yield app.test_client()
    kinds.dispose(app)


@pytest.fixture
def partner(office: Flask) -> Partner:
    found = Partner()
    found.open_door()
    return found


def front(model: type) -> int:
    with apart(front_engine()) as session:
        return session.scalar(select(func.count()).select_from(model))


def go_round() -> None:
    db.session.rollback()
    exchange_rounds.go()
    rows.work_off()


def only_exchange() -> Exchange:
    db.session.rollback()
    return db.session.scalars(select(Exchange)).one()


def offered(item: Item, means: str = "interface") -> str:
    """Let two people offer an item; return the reference."""
    first, second, _ = steps.team()
    ref = hotline().ref
    with writing():
        drafted = exchange.draft(item, ref, means, by=first)
    with writing():
        exchange.approve(drafted, by=second)
    return drafted.ref


def test_an_offer_becomes_a_report_and_an_item(client: FlaskClient, partner: Partner) -> None:
    answer = partner.offer(client, URL, in_danger=True, note="Seen twice.", classification="baseline")

    go_round()

    assert answer.status_code == 202
    found = only_exchange()
    assert (found.direction, found.status, found.means) == (
        Direction.IN,
        ExchangeStatus.OFFERED,
        ExchangeMeans.INTERFACE,
    )
    assert items.address_of(found.item) == URL
    assert found.item.in_danger
    assert found.report.origin.source is ReportSource.PARTNER
    assert exchange.their_ref(found) == "NL-1"
    assert front(ExchangeInbound) == 0
    assert found.inbound_id.hex() == answer.json["id"]
    assert partner.fetch(client) == [
        {
            "schema": rule.SCHEMA,
            "kind": "received",
            "id": db.session.scalars(select(ExchangeMessage.front_id)).one().hex(),
            "made_at": partner_time(),
            "reference": found.ref,
            "your_reference": "NL-1",
            "known": False,
        }
    ]


def partner_time() -> str:
    return f"{db.session.scalars(select(ExchangeMessage.made_at)).one():%Y-%m-%dT%H:%M:%SZ}"


def test_a_known_address_is_not_worked_on_twice_and_its_state_is_told(client: FlaskClient, partner: Partner) -> None:
    item_id = steps.looked_at_twice(url=URL).id
    partner.offer(client, f"{URL}?utm_source=chat")

    go_round()

    db.session.rollback()
    assert db.session.scalars(select(Item.id)).all() == [item_id]
    assert db.session.get(Item, item_id).report_count == 2
    said = partner.fetch(client)[0]
    assert (said["known"], said["state"], said["reference"]) == (True, "checking", only_exchange().ref)


def test_what_is_sent_or_moved_twice_is_there_once(client: FlaskClient, partner: Partner) -> None:
    first = partner.offer(client, URL, key="a-key-of-this-offer")
    again = partner.offer(client, URL, key="a-key-of-this-offer")
    with apart(front_engine()) as session:
        session.expire_on_commit = False
        row = session.scalars(select(ExchangeInbound)).one()
        session.expunge(row)
    exchange_arrivals.move(row)
    exchange_arrivals.move(row)
    partner.offer(client, URL, key="another-key-for-it")
    go_round()

    assert first.json == again.json
    db.session.rollback()
    assert db.session.scalar(select(func.count(Exchange.id))) == 1
    assert db.session.scalar(select(func.count(Report.id))) == 1


def test_what_does_not_open_stays_and_is_said(client: FlaskClient, partner: Partner) -> None:
    partner.offer(client, URL)
    with apart(front_engine()) as session:
        session.execute(
            update(ExchangeInbound).values(body=b"\x01" + b"x" * 60, received_at=clock.this_hour().replace(year=2025))
        )

    go_round()

    assert front(ExchangeInbound) == 1
    assert exchange.count_stuck() == 1
    assert db.session.scalar(select(func.count(Exchange.id))) == 0


def test_an_offer_of_ours_goes_signed_and_sealed_and_comes_to_its_end(client: FlaskClient, partner: Partner) -> None:
    item = steps.looked_at_twice(url=URL)
    item_id, sent = item.id, offered(item)
    go_round()

    said = partner.fetch(client)[0]
    assert (said["kind"], said["reference"], said["address"]) == ("offer", sent, URL)
    assert (said["classification"], said["category"]) == ("baseline", "csam")
    assert said.keys() <= {
        "schema",
        "kind",
        "id",
        "made_at",
        "reference",
        "address",
        "category",
        "classification",
        "in_danger",
    }
    assert partner.fetch(client) == []
    db.session.rollback()
    assert db.session.get(Item, item_id).status is ItemStatus.ACTING
    counted = select(Tally.count).where(Tally.figure == Figure.NOTICES, Tally.part == Channel.PARTNER)
    assert db.session.scalars(counted).all() == [1]
    go_round()
    assert front(ExchangeOutbound) == 0
    assert db.session.scalars(select(ExchangeMessage.receipted_at)).one() is not None

    assert partner.status(client, sent, status="accepted", reference="NL-77").status_code == 202
    assert partner.status(client, sent, status="done", outcome="removed", note="Gone.").status_code == 202
    go_round()

    found = only_exchange()
    assert (found.status, found.outcome) == (ExchangeStatus.DONE, ItemOutcome.REMOVED)
    ran = db.session.scalars(select(Clock).where(Clock.duty == Duty.PARTNER_ANSWER)).one()
    assert (ran.subject_id, ran.ending) == (found.id, ClockEnd.MET)


def test_a_decline_says_why(client: FlaskClient, partner: Partner) -> None:
    sent = offered(steps.looked_at_twice(url=URL))
    go_round()

    partner.status(client, sent, status="declined", reason="hosted_elsewhere", reference="NL-5", note="Now in DE.")
    go_round()

    found = only_exchange()
    assert (found.status, found.reason) == (ExchangeStatus.DECLINED, "hosted_elsewhere")
    opened = exchange.read(found, by=steps.team()[0])
    assert (opened.their_ref, opened.words) == ("NL-5", "Now in DE.")


def test_an_answer_that_fits_nothing_is_answered_so(client: FlaskClient, partner: Partner) -> None:
    stranger = Partner()
    stranger.open_door("Example Hotline DE")
    sent = offered(steps.looked_at_twice(url=URL))
    go_round()
    stranger.status(client, sent, status="accepted")  # it was offered to another
    partner.status(client, "X-222222", status="accepted")

    go_round()

    assert only_exchange().status is ExchangeStatus.OFFERED
    assert [one["code"] for one in stranger.fetch(client)] == ["unknown_reference"]
    assert {one["kind"]: one.get("code") for one in partner.fetch(client)} == {
        "offer": None,
        "problem": "unknown_reference",
    }


def test_only_what_two_people_found_illegal_is_offered(partner: Partner) -> None:
    first = steps.team()[0]
    fresh = steps.new_item(OTHER, nonce="two")
    with pytest.raises(GateClosed), writing():
        exchange.draft(fresh, hotline().ref, "interface", by=first)


def test_whoever_drafted_it_does_not_let_it_go(partner: Partner) -> None:
    first, second, _ = steps.team()
    item = steps.looked_at_twice(url=URL)
    with writing():
        drafted = exchange.draft(item, hotline().ref, "interface", by=first)

    with pytest.raises(Refused, match="second_person"), writing():
        exchange.approve(drafted, by=first)
    with writing():
        exchange.approve(drafted, by=second)
    with pytest.raises(WrongState), writing():
        exchange.approve(drafted, by=second)


def test_the_database_holds_the_gate_too(partner: Partner) -> None:
    first, second, _ = steps.team()
    item = steps.looked_at_twice(url=URL)
    with writing():
        drafted = exchange.draft(item, hotline().ref, "interface", by=first)
    change = update(Exchange).where(Exchange.id == drafted.id)
    for values in (
        {"status": ExchangeStatus.OFFERED},
        {"status": ExchangeStatus.OFFERED, "approved_by_id": first.id},
        {"status": ExchangeStatus.ACCEPTED, "approved_by_id": second.id},
        {"inhope_class": "not_illegal"},
        {"direction": Direction.IN},
        {"recipient_id": 1},
    ):
        with pytest.raises(IntegrityError), writing():
            db.session.execute(change.values(**values))
    with writing():
        db.session.execute(update(Item).values(status=ItemStatus.HELD))
    with pytest.raises(IntegrityError), writing():
        db.session.execute(change.values(status=ExchangeStatus.OFFERED, approved_by_id=second.id))
    message = {"partner_id": 1, "exchange_id": drafted.id, "kind": "offer", "front_id": b"x" * 16, "body": b"x"}
    with pytest.raises(IntegrityError), writing():
        db.session.add(ExchangeMessage(**message, made_at=clock.now()))


def test_what_is_offered_is_frozen(partner: Partner) -> None:
    sent = offered(steps.looked_at_twice(url=URL))
    for values in ({"message": b"x"}, {"means": ExchangeMeans.BY_HAND}, {"status": ExchangeStatus.DRAFT}):
        with pytest.raises(IntegrityError), writing():
            db.session.execute(update(Exchange).where(Exchange.ref == sent).values(**values))


def test_an_offer_that_falls_before_it_is_fetched_is_taken_back(client: FlaskClient, partner: Partner) -> None:
    sent = offered(steps.looked_at_twice(url=URL))
    go_round()
    assert front(ExchangeOutbound) == 1
    with writing():
        db.session.execute(update(Item).values(status=ItemStatus.HELD))

    go_round()

    assert only_exchange().status is ExchangeStatus.WITHDRAWN
    assert [(one["kind"], one["reference"]) for one in partner.fetch(client)] == [("withdrawn", sent)]


def test_an_offer_that_falls_before_it_is_put_is_never_put(client: FlaskClient, partner: Partner) -> None:
    item = steps.looked_at_twice(url=URL)
    offered(item)
    with writing():
        assessments.correct(db.session.get(Item, item.id), CorrectionReason.MISTAKE, by=steps.team()[2])

    rows.work_off()

    assert db.session.scalars(select(Verdict.id)).all()
    go_round()
    assert [one["kind"] for one in partner.fetch(client)] == ["withdrawn"]


def test_nobody_is_offered_the_same_twice_nor_what_it_offered(client: FlaskClient, partner: Partner) -> None:
    partner.offer(client, URL)
    go_round()
    item = steps.looked_at_twice(url=OTHER)
    offered(item)

    with pytest.raises(Refused, match="partner"), writing():
        exchange.draft(item, hotline().ref, "interface", by=steps.team()[0])
    theirs = only_item(URL)
    assert hotline().ref not in {one.ref for one in exchange.list_hotlines(theirs)}


def only_item(url: str) -> Item:
    return next(one for one in db.session.scalars(select(Item)) if items.address_of(one) == url)


def test_by_hand_means_written_down(office: Flask) -> None:
    item_id = steps.looked_at_twice(url=URL).id
    hotline()
    offered(db.session.get(Item, item_id), "by_hand")
    rows.work_off()
    assert front(ExchangeOutbound) == 0
    first, sent = steps.team()[0], only_exchange()
    with pytest.raises(WrongState), writing():
        exchange.record_answer(sent, exchange.said("accepted", "", "", "", ""), by=first)

    with writing():
        exchange.record_handed(sent, "letter 7 of 26 November", by=first)
    with writing():
        exchange.record_answer(sent, exchange.said("accepted", "NL-9", "", "", ""), by=first)

    found = only_exchange()
    assert (found.status, found.handed_by_id, found.answered_by_id) == (ExchangeStatus.ACCEPTED, first.id, first.id)
    assert exchange.read(found, by=first).handed == "letter 7 of 26 November"
    assert db.session.get(Item, item_id).status is ItemStatus.ACTING


def test_an_offer_that_came_by_hand_is_written_down_once(office: Flask) -> None:
    ref, first = hotline().ref, steps.team()[0]
    form = (ref, "by_hand", "NL-3", "img-board[.]example/t/9", "By telephone.")
    with writing():
        one = exchange_arrivals.enter(*form, in_danger=False, nonce="n", by=first)
    with writing():
        assert exchange_arrivals.enter(*form, in_danger=False, nonce="n", by=first).id == one.id

    assert items.address_of(only_exchange().item) == "https://img-board.example/t/9"
    with pytest.raises(Refused, match="taken"), writing():
        exchange_arrivals.enter(*form, in_danger=False, nonce="another", by=first)
    with pytest.raises(Refused) as refused, writing():
        exchange_arrivals.enter("D-222222", "interface", "", "no address", "", in_danger=False, nonce="n", by=first)
    assert dict(refused.value.faults).keys() == {"partner", "means", "reference", "address"}


def test_another_address_under_a_reference_used_before_is_another_offer(client: FlaskClient, partner: Partner) -> None:
    partner.offer(client, URL)
    partner.offer(client, OTHER)
    go_round()
    partner.offer(client, f"{OTHER}?utm_source=chat")
    go_round()

    db.session.rollback()
    filed = db.session.scalars(select(Exchange).order_by(Exchange.id)).all()
    assert {items.address_of(one.item) for one in filed} == {URL, OTHER}
    assert len(filed) == 2
    said = {one["reference"] for one in partner.fetch(client) if one["kind"] == "received"}
    assert said == {one.ref for one in filed}


def test_another_address_written_down_under_a_reference_used_before(office: Flask) -> None:
    ref, first = hotline().ref, steps.team()[0]
    for address in (URL, OTHER):
        with writing():
            exchange_arrivals.enter(ref, "by_hand", "NL-3", address, "", in_danger=False, nonce=address, by=first)

    assert {items.address_of(one) for one in db.session.scalars(select(Item))} == {URL, OTHER}


@pytest.mark.parametrize("stop", ["hold", "correct"])
def test_an_offer_is_taken_back_at_once_when_its_item_stops(client: FlaskClient, partner: Partner, stop: str) -> None:
    item_id = steps.looked_at_twice(url=URL).id
    offered(db.session.get(Item, item_id))
    go_round()
    assert front(ExchangeOutbound) == 1
    item = db.session.get(Item, item_id)
    if stop == "hold":
        police_steps.held(item)
    else:
        with writing():
            assessments.correct(item, CorrectionReason.MISTAKE, by=steps.team()[2])

    rows.work_off()  # no round of the sweeper

    assert only_exchange().status is ExchangeStatus.WITHDRAWN
    assert [one["kind"] for one in partner.fetch(client)] == ["withdrawn"]
    assert outbox.waiting_since(db.session()) is None  # its own row is gone too


def test_our_answer_holds_no_address_and_says_nothing_that_no_verdict_bears_out(
    client: FlaskClient, partner: Partner
) -> None:
    partner.offer(client, URL)
    go_round()
    found, first = only_exchange(), steps.team()[0]
    for answer, fault in (
        (("accepted", "", "", "", f"It is at {OTHER} too."), "note:address"),
        (("accepted", "", "", "", "It is at store-7[.]example/g/2 too."), "note:address"),
        (("declined", "", "not_illegal_here", "", ""), "reason:no_verdict"),
    ):
        with pytest.raises(Refused, match=fault), writing():
            exchange.answer(found, exchange.said(*answer), by=first)
    with writing():
        db.session.execute(update(Item).values(status=ItemStatus.HELD))
    with pytest.raises(Refused, match="status:held"), writing():
        exchange.answer(found, exchange.said("accepted", "", "", "", ""), by=first)


def test_words_beside_our_answer_stay_where_one_of_us_is_named_by_now(client: FlaskClient, partner: Partner) -> None:
    partner.offer(client, URL)
    go_round()
    found, first = only_exchange(), steps.team()[0]
    partner.fetch(client)
    with writing():
        exchange.answer(found, exchange.said("accepted", "", "", "", "Ask Bopha Rath."), by=first)
    with writing():
        staff_reach.enter(first, Reach(("Bopha Rath",), (), ()), wants_mail=False)
    rows.work_off()

    (told,) = [one for one in partner.fetch(client) if one["kind"] == "status"]
    assert (told["status"], "note" in told) == ("accepted", False)
    assert audit.count(f"exchange {only_exchange().ref}", exchange_outbox.LEFT_OUT) == 1


def test_words_that_went_are_noted_as_left_out_only_when_it_is_sealed_without_them(
    client: FlaskClient, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner.offer(client, URL)
    go_round()
    found, first = only_exchange(), steps.team()[0]
    partner.fetch(client)
    with writing():
        exchange.answer(found, exchange.said("accepted", "", "", "", "Ask Bopha Rath."), by=first)
    put = exchange_outbox.put

    def put_and_enter(message_id: int) -> exchange_outbox.Put | None:
        done = put(message_id)
        with writing():
            staff_reach.enter(first, Reach(("Bopha Rath",), (), ()), wants_mail=False)
        return done

    def noted() -> int:
        return audit.count(f"exchange {only_exchange().ref}", exchange_outbox.LEFT_OUT)

    monkeypatch.setattr(exchange_outbox, "put", put_and_enter)
    rows.work_off()
    monkeypatch.undo()
    assert noted() == 0

    for _ in range(2):
        with writing():
            exchange_outbox.seal_anew(db.session.scalars(select(ExchangePartner)).one())
        rows.work_off()
    assert noted() == 1


def test_what_two_people_found_lawful_here_may_be_declined_so(client: FlaskClient, partner: Partner) -> None:
    lawful = replace(demo.ILLEGAL, law=LawVerdict.NOT_ILLEGAL, sexual=TestAnswer.NO, doubt="A drawing.")
    steps.looked_at_twice(lawful, url=URL)
    partner.offer(client, URL)
    go_round()

    found = only_exchange()
    with writing():
        exchange.answer(found, exchange.said("declined", "", "not_illegal_here", "", ""), by=steps.team()[0])

    assert only_exchange().status is ExchangeStatus.DECLINED


def test_our_answer_reaches_the_partner_and_bears_no_name(client: FlaskClient, partner: Partner) -> None:
    partner.offer(client, URL)
    go_round()
    found, first = only_exchange(), steps.team()[0]

    with pytest.raises(Refused, match="name"), writing():
        exchange.answer(found, exchange.said("accepted", "", "", "", f"Ask {first.name}."), by=first)
    with pytest.raises(Refused, match="not_closed"), writing():
        exchange.answer(found, exchange.said("done", "", "", "removed", ""), by=first)
    with writing():
        exchange.answer(found, exchange.said("accepted", "", "", "", "With us now."), by=first)
    with writing():
        items.close(found.item, ItemOutcome.REMOVED, by=first)
    with writing():
        exchange.answer(found, exchange.said("done", "", "", "removed", ""), by=first)
    go_round()

    said = [one for one in partner.fetch(client) if one["kind"] == "status"]
    assert sorted((one["status"], one.get("outcome")) for one in said) == [("accepted", None), ("done", "removed")]
    assert {one["your_reference"] for one in said} == {"NL-1"}


def test_a_shut_door_lets_nothing_in_or_out(client: FlaskClient, partner: Partner) -> None:
    sent = offered(steps.looked_at_twice(url=URL))
    go_round()
    door = exchange_partners.list_partners()[0]
    with writing():
        exchange_partners.revoke(door, by=steps.team()[1])

    assert partner.offer(client, OTHER).status_code == 401
    assert front(ExchangeOutbound) == 0
    with pytest.raises(WrongState), writing():
        exchange_partners.revoke(door, by=steps.team()[1])
    old = partner.token
    with writing():
        partner.token = exchange_partners.draw_token(door, by=steps.team()[1])
    assert partner.offer(client, OTHER).status_code == 202
    partner.token = old
    assert partner.offer(client, OTHER).status_code == 401
    assert sent


def test_new_keys_open_what_waited_under_the_old_ones(client: FlaskClient, partner: Partner) -> None:
    sent = offered(steps.looked_at_twice(url=URL))
    go_round()
    fresh = Partner()
    fresh.token, fresh.ours = partner.token, partner.ours
    with writing():
        exchange_partners.change_keys(
            exchange_partners.list_partners()[0], fresh.verify_key, fresh.box_key, by=steps.team()[1]
        )
    go_round()
    assert front(ExchangeOutbound) == 0  # nobody has confirmed them
    with writing():
        confirmed(exchange_partners.list_partners()[0])
    go_round()

    assert [one["reference"] for one in fresh.fetch(client)] == [sent]
    assert partner.offer(client, OTHER).status_code == 401


def test_offers_wait_until_another_reviewer_has_confirmed_the_keys(client: FlaskClient, partner: Partner) -> None:
    keys = (partner.verify_key, partner.box_key)
    with writing():
        exchange_partners.change_keys(exchange_partners.list_partners()[0], *keys, by=steps.team()[1])
    sent = offered(steps.looked_at_twice(url=URL))
    partner.offer(client, OTHER)
    go_round()
    assert [one["kind"] for one in partner.fetch(client)] == ["received"]  # what holds no address goes

    first, second, _ = steps.team()
    read_out = " ".join(exchange_partners.fingerprint(exchange_partners.list_partners()[0]))
    for said, by, fault in (
        (read_out, second, Forbidden),
        (read_out, staff.get_by_name("kunthea"), Forbidden),
        ("something else", first, Overtaken),
    ):
        with pytest.raises(fault), writing():
            exchange_partners.confirm_keys(exchange_partners.list_partners()[0], said, by=by)
    with writing():
        partner.token = exchange_partners.draw_token(exchange_partners.list_partners()[0], by=second)
    go_round()
    assert partner.fetch(client) == []
    first = steps.team()[0]
    with writing():
        exchange_partners.confirm_keys(exchange_partners.list_partners()[0], read_out, by=first)
    with pytest.raises(WrongState), writing():
        exchange_partners.confirm_keys(exchange_partners.list_partners()[0], read_out, by=first)
    go_round()

    assert [one["reference"] for one in partner.fetch(client)] == [sent]


@pytest.mark.parametrize(
    ("verify_key", "box_key", "faults"),
    [
        ("", "", {"verify_key": "no_key", "box_key": "no_key"}),
        ("00" * 32, "00" * 32, {"verify_key": "weak", "box_key": "same"}),
        ("ab" * 31, "zz" * 32, {"verify_key": "no_key", "box_key": "no_key"}),
    ],
)
def test_keys_that_are_none_are_refused(office: Flask, verify_key: str, box_key: str, faults: dict[str, str]) -> None:
    ref, by = hotline().ref, steps.team()[1]
    with pytest.raises(Refused) as refused, writing():
        exchange_partners.set_up(ref, verify_key, box_key, by=by)

    assert dict(refused.value.faults) == faults


def test_only_a_reviewer_lets_an_offer_go(office: Flask, partner: Partner) -> None:
    item = steps.looked_at_twice(url=URL)
    with writing():
        drafted = exchange.draft(item, hotline().ref, "interface", by=steps.team()[0])
    support = staff.get_by_name("kunthea")
    with pytest.raises(Forbidden), writing():
        exchange.approve(drafted, by=support)


def test_a_round_of_the_sweeper_does_it_all(client: FlaskClient, partner: Partner) -> None:
    partner.offer(client, URL)
    sweep.once()
    rows.work_off()

    assert [one["kind"] for one in partner.fetch(client)] == ["received"]
    assert exchange_outbox.collect() == 1
    assert exchange_outbox.collect() == 0


def test_a_door_that_opens_again_has_what_waited_before_it(client: FlaskClient, partner: Partner) -> None:
    sent = offered(steps.looked_at_twice(url=URL))
    go_round()
    door = exchange_partners.list_partners()[0]
    with writing():
        exchange_partners.revoke(door, by=steps.team()[1])
    go_round()
    assert front(ExchangeOutbound) == 0

    with writing():
        partner.token = exchange_partners.draw_token(exchange_partners.list_partners()[0], by=steps.team()[1])
    go_round()

    assert [one["reference"] for one in partner.fetch(client)] == [sent]


def turn_ids_round() -> None:
    """Give what waits other ids, so that what came last has the lowest."""
    with apart(front_engine()) as session:
        ids = session.scalars(select(ExchangeInbound.id).order_by(ExchangeInbound.place)).all()
        for number, one in enumerate(reversed(ids)):
            changed = update(ExchangeInbound).where(ExchangeInbound.id == one)
            session.execute(changed.values(id=bytes(15) + bytes([number])))


@pytest.mark.parametrize(
    ("first", "then", "counts"),
    [
        ({"status": "done", "outcome": "removed"}, {"status": "declined", "reason": "other"}, ("done", "removed")),
        ({"status": "declined", "reason": "other"}, {"status": "done", "outcome": "removed"}, ("declined", None)),
        ({"status": "done", "outcome": "removed"}, {"status": "done", "outcome": "moved"}, ("done", "removed")),
        ({"status": "done", "outcome": "removed"}, {"status": "accepted"}, ("done", "removed")),
    ],
)
def test_of_answers_that_wait_together_the_first_counts_and_the_other_is_shown(
    client: FlaskClient, partner: Partner, first: dict[str, str], then: dict[str, str], counts: tuple[str, str | None]
) -> None:
    sent = offered(steps.looked_at_twice(url=URL))
    go_round()
    partner.fetch(client)
    partner.status(client, sent, **first, note="One.")
    partner.status(client, sent, **then, note="Two.")
    partner.status(client, sent, **then)  # what is repeated is shown once
    turn_ids_round()

    go_round()

    found = only_exchange()
    assert (found.status, found.outcome) == counts
    (said,) = exchange.contradictions(found)
    assert (said.status, said.reason, said.outcome) == (then["status"], then.get("reason"), then.get("outcome"))
    assert audit.count(f"item {found.item.ref}", exchange.CONTRADICTED) == 1
    assert exchange.read(found, by=steps.team()[0]).words == f"One.\n\n{then['status']}: Two."
    assert [line.is_contradicted for line in exchange.list_ended(by=steps.team()[0]).lines] == [True]
    assert {one["code"] for one in partner.fetch(client)} == {"wrong_state"}


def test_answers_are_worked_off_in_the_order_in_which_they_came(client: FlaskClient, partner: Partner) -> None:
    sent = offered(steps.looked_at_twice(url=URL))
    go_round()
    partner.fetch(client)
    partner.status(client, sent, status="accepted", reference="NL-7")
    partner.status(client, sent, status="accepted", reference="NL-7")
    partner.status(client, sent, status="declined", reason="with_police")
    turn_ids_round()

    go_round()

    found = only_exchange()
    assert (found.status, exchange.their_ref(found)) == (ExchangeStatus.DECLINED, "NL-7")
    assert exchange.contradictions(found) == []
    assert partner.fetch(client) == []


def test_what_comes_after_an_answer_that_met_a_fault_waits_with_it(
    client: FlaskClient, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = offered(steps.looked_at_twice(url=URL))
    go_round()
    partner.fetch(client)
    partner.status(client, sent, status="accepted")
    partner.status(client, sent, status="done", outcome="removed")
    partner.status(client, "X-222222", status="accepted")  # another case, which waits for nobody
    record = exchange.record_answer

    def breaks_once(found: Exchange, said: rule.Answer, *, by: None) -> None:
        monkeypatch.setattr(exchange, "record_answer", record)
        raise WrongState("its letter is being sent")

    monkeypatch.setattr(exchange, "record_answer", breaks_once)
    go_round()
    assert (only_exchange().status, front(ExchangeInbound)) == (ExchangeStatus.OFFERED, 2)
    assert [one["code"] for one in partner.fetch(client)] == ["unknown_reference"]

    go_round()

    found = only_exchange()
    assert (found.status, front(ExchangeInbound)) == (ExchangeStatus.DONE, 0)
    assert exchange.contradictions(found) == []


def test_an_answer_to_what_we_took_back_changes_nothing_and_is_shown(client: FlaskClient, partner: Partner) -> None:
    sent = offered(steps.looked_at_twice(url=URL))
    go_round()
    with writing():
        exchange.withdraw(db.session.scalars(select(Exchange)).one(), by=steps.team()[1])
    partner.status(client, sent, status="accepted")

    go_round()

    found = only_exchange()
    assert found.status is ExchangeStatus.WITHDRAWN
    assert [one.status for one in exchange.contradictions(found)] == [ExchangeStatus.ACCEPTED]


def test_more_than_a_batch_of_answers_is_moved_in_one_round(client: FlaskClient, partner: Partner) -> None:
    sent = offered(steps.looked_at_twice(url=URL))
    go_round()
    for _ in range(exchange_arrivals.BATCH + 1):
        partner.status(client, sent, status="accepted")
    partner.status(client, sent, status="done", outcome="removed")
    turn_ids_round()

    assert exchange_arrivals.open_inbound() == exchange_arrivals.BATCH + 2

    found = only_exchange()
    assert (found.status, exchange.contradictions(found)) == (ExchangeStatus.DONE, [])


def test_an_offer_withdrawn_on_its_way_to_the_door_is_not_left_there(
    client: FlaskClient, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered(steps.looked_at_twice(url=URL))
    message_id = db.session.scalars(select(ExchangeMessage.id)).one()
    put = exchange_outbox.put

    def put_while_it_is_withdrawn(one: int) -> ExchangeMessage | None:
        done = put(one)
        with writing():
            exchange.withdraw(db.session.scalars(select(Exchange)).one(), by=steps.team()[1])
        with apart(front_engine()) as session:  # as if it had come before what was put
            session.add(ExchangeOutbound(id=front_id, door_id=door, body=b"late", put_at=clock.this_hour()))
        return done

    front_id = db.session.scalars(select(ExchangeMessage.front_id)).one()
    door = exchange_partners.list_partners()[0].door_id
    monkeypatch.setattr(exchange_outbox, "put", put_while_it_is_withdrawn)
    exchange.deliver(message_id)
    monkeypatch.undo()

    assert front(ExchangeOutbound) == 0
    assert only_exchange().offered_at is None
    go_round()
    assert [one["kind"] for one in partner.fetch(client)] == ["withdrawn"]


def test_an_answer_to_what_nobody_noted_as_offered_counts(client: FlaskClient, partner: Partner) -> None:
    sent = offered(steps.looked_at_twice(url=URL))
    exchange_outbox.put(db.session.scalars(select(ExchangeMessage.id)).one())  # and then the worker was killed
    partner.status(client, sent, status="accepted")

    exchange_rounds.go()

    found = only_exchange()
    assert (found.status, found.offered_at is not None) == (ExchangeStatus.ACCEPTED, True)
    rows.work_off()
    assert only_exchange().status is ExchangeStatus.ACCEPTED


def test_a_partner_switched_off_after_approval_gets_no_offer(client: FlaskClient, partner: Partner) -> None:
    offered(steps.looked_at_twice(url=URL))
    with writing():
        db.session.execute(update(Recipient).values(active=False))

    go_round()

    assert only_exchange().status is ExchangeStatus.WITHDRAWN
    assert [one["kind"] for one in partner.fetch(client)] == ["withdrawn"]


def test_what_was_merged_is_told_as_the_item_it_was_merged_into(client: FlaskClient, partner: Partner) -> None:
    partner.offer(client, URL)
    go_round()
    into, first = steps.new_item(OTHER, nonce="two").ref, steps.team()[0]
    with writing():
        merges.merge(db.session.scalars(select(Exchange)).one().item, into, by=first)
    assert exchange.outcome_of(only_exchange()) is None

    partner.offer(client, URL, "NL-2")
    go_round()
    told = {one["your_reference"]: one for one in partner.fetch(client)}["NL-2"]
    assert (told["known"], told["state"]) == (True, "received")

    with writing():
        closed = {"status": ItemStatus.CLOSED, "outcome": ItemOutcome.REMOVED}
        db.session.execute(update(Item).where(Item.ref == into).values(**closed))
    first, said = steps.team()[0], exchange.said("done", "", "", "removed", "")
    with writing():
        exchange.answer(db.session.scalars(select(Exchange)).first(), said, by=first)
    go_round()
    assert [(one["status"], one["outcome"]) for one in partner.fetch(client)] == [("done", "removed")]


def test_what_was_handed_over_before_it_fell_is_noted(office: Flask) -> None:
    item_id = steps.looked_at_twice(url=URL).id
    offered(db.session.get(Item, item_id), "by_hand")
    with writing():
        assessments.correct(db.session.get(Item, item_id), CorrectionReason.MISTAKE, by=steps.team()[2])
    first, sent = steps.team()[0], only_exchange()

    assert exchange.has_fallen(sent)
    with pytest.raises(Refused, match="though"), writing():
        exchange.record_handed(sent, "letter 7", by=first)
    with writing():
        exchange.record_handed(sent, "letter 7", though=True, by=first)

    found = only_exchange()
    assert (found.handed_by_id, exchange.read(found, by=first).handed) == (first.id, "letter 7")
    told = [one.action for one in audit.history(f"exchange {found.ref}") if one.action != "read"]
    assert told[-3:] == ["approved", "noted late", "offered"]
    assert db.session.get(Item, item_id).status is ItemStatus.ASSESSING  # nothing was done about what is looked at anew


def test_lists_go_on_to_their_ends_and_counts_stop(partner: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
    second = steps.team()[1]
    refs = [offered(steps.looked_at_twice(url=f"https://a.example/{number}")) for number in range(3)]
    page = exchange.list_open(by=second, limit=2)
    rest = exchange.list_open(by=second, after=page.next, limit=2)
    assert [line.exchange.ref for line in (*page.lines, *rest.lines)] == refs
    assert rest.next == ""
    with pytest.raises(Refused, match="after"):
        exchange.list_open(by=second, after="x")
    for one in db.session.scalars(select(Exchange)).all():
        with writing():
            exchange.withdraw(db.session.get(Exchange, one.id), by=second)
    page = exchange.list_ended(by=second, limit=2)
    rest = exchange.list_ended(by=second, after=page.next, limit=2)
    assert [line.exchange.ref for line in (*page.lines, *rest.lines)] == refs[::-1]

    monkeypatch.setattr(exchange, "MOST_COUNTED", 1)
    assert exchange.counts() == [
        exchange.Count("Example Hotline NL", Direction.OUT, ExchangeStatus.WITHDRAWN, 2)  # of three: more than one
    ]


def test_lists_and_counts_read_indexes_alone(office: Flask, stores: Stores) -> None:
    if stores.engine != "sqlite":
        pytest.skip("PostgreSQL plans by the size of a table, which is small here")
    second = steps.team()[1]
    asked: list[tuple[str, object]] = []

    def note(_connection, _cursor, statement, parameters, *_rest):
        asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    exchange.list_open(by=second)
    exchange.list_ended(by=second)
    exchange.counts()
    exchange_outbox.list_fallen()
    event.remove(db.engine, "before_cursor_execute", note)

    explain = db.session.connection().exec_driver_sql
    plans = [
        (row[-1], statement)
        for statement, parameters in asked
        if "exchange" in statement
        for row in explain(f"EXPLAIN QUERY PLAN {statement}", parameters)
    ]
    lines = {line for line, _statement in plans}
    assert {"SCAN exchanges USING INDEX ix_exchanges_open", "SCAN exchanges USING INDEX ix_exchanges_ended"} <= lines
    assert not lines & {"SCAN exchanges", "SCAN exchange_messages"}
    assert any("ix_exchange_messages_waiting" in line for line in lines)
    assert not [one for one in plans if "TEMP B-TREE" in one[0] and "count(" not in one[1]]  # partners are few


def test_nobody_looks_after_an_offer_that_is_over(client: FlaskClient, partner: Partner) -> None:
    offered(steps.looked_at_twice(url=URL))
    second = steps.team()[1]
    with writing():
        exchange.withdraw(db.session.scalars(select(Exchange)).one(), by=second)

    assert all(one.over_at for one in db.session.scalars(select(ExchangeMessage)) if one.kind == "offer")


def test_counting_what_is_stuck_takes_no_lock(client: FlaskClient, partner: Partner) -> None:
    with apart(front_engine()):  # somebody is writing
        assert exchange.count_stuck() == 0


def test_keys_that_were_not_taken_leave_the_door_as_it_was(client: FlaskClient, partner: Partner) -> None:
    sent = offered(steps.looked_at_twice(url=URL))
    go_round()
    fresh, second = Partner(), steps.team()[1]
    with contextlib.suppress(OSError), writing():
        exchange_partners.change_keys(exchange_partners.list_partners()[0], fresh.verify_key, fresh.box_key, by=second)
        raise OSError("the desk's disk is full")

    go_round()

    assert [one["reference"] for one in partner.fetch(client)] == [sent]
