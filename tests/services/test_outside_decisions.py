"""The outside adviser as third person: recorded by a manager, confirmed where the manager is one of the two."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, update

from hotline import clock, jurisdiction
from hotline.errors import Forbidden, GateClosed, NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models import AuditEntry, Clock, Item, Notice, OutsideDecision, Staff, ThirdLook, Verdict
from hotline.rules.outside import Said, Waits
from hotline.services import (
    appeals,
    assessments,
    claims,
    clocks,
    demo,
    disputes,
    iccam,
    notice_checks,
    notice_drafting,
    notices,
    outside_decisions,
    police_packages,
    quality,
    staff,
)
from hotline.transactions import writing
from hotline.vocabulary import (
    Channel,
    CorrectionReason,
    Duty,
    InhopeClass,
    ItemStatus,
    Language,
    LawVerdict,
    Role,
)
from tests.services import steps


def said(found: object = demo.ILLEGAL, **more: object) -> Said:
    """Return what an adviser decided today, with the class and the law of `found`."""
    today = clock.now().astimezone(jurisdiction.current().zone).date()
    known = Said("Ms Chan, bar association", "L-9", "The text is clear.", found.inhope_class, found.law, today, True)
    return replace(known, **more)


def boss() -> Staff:
    """Return a manager who is nothing else; made at the first call."""
    found = db.session.scalar(select(Staff).where(Staff.name == "boss"))
    if found is None:
        with writing():
            found = staff.add("boss", "a long enough secret", (Role.MANAGER,), language=Language.EN, by=None)
    return found


def differ(first: Staff, second: Staff, *address: str) -> Item:
    """Let two people find different things, and one of them ask a third."""
    found = steps.new_item(*address, "other") if address else steps.new_item()
    with writing():
        claims.claim(found, by=first)
        assessments.first_look(found, demo.ILLEGAL, by=first)
    with writing():
        assessments.take_review(found, by=second)
        assert not assessments.second_look(found, demo.NATIONAL, by=second)
        disputes.ask(found, by=first)
    return found


@pytest.fixture
def item(office: Flask) -> Item:
    """Return a dispute of two people who lead nobody; a third person is asked."""
    first, second, _third = steps.team()
    return differ(first, second)


@pytest.fixture
def own(office: Flask) -> Item:
    """Return a dispute of the first of the team and the manager, who has looked second; a third person is asked."""
    first, _second, manager = steps.team()
    return differ(first, manager)


def deeds(item: Item) -> list[str]:
    query = select(AuditEntry.action).where(AuditEntry.record == f"item {item.ref}").order_by(AuditEntry.id)
    return list(db.session.scalars(query))


def record(item: Item, found: Said, by: Staff) -> bool:
    with writing():
        return outside_decisions.record(item, found, by=by)


def test_an_uninvolved_managers_record_settles_it_with_the_look_that_says_the_same(item: Item) -> None:
    first = steps.team()[0]

    assert record(item, said(), boss())

    verdict = db.session.scalars(select(Verdict)).one()
    assert (verdict.first_by, verdict.second_id, verdict.outside.recorded_by) == (first.id, None, boss())
    assert item.status is ItemStatus.DECIDED
    assert db.session.scalars(select(ThirdLook)).all() == []
    assert deeds(item)[-2:] == [outside_decisions.RECORDED, "agreed"]
    assert [one.duty for one in clocks.of(item) if one.ended_at is None] == [Duty.NOTIFY]


def test_the_words_are_sealed_and_open_again(item: Item) -> None:
    record(item, said(), boss())
    decision = db.session.scalars(select(OutsideDecision)).one()

    assert b"Chan" not in decision.words
    assert outside_decisions.read(decision, by=boss()) == ("Ms Chan, bar association", "L-9", "The text is clear.")
    db.session.rollback()  # the read is on record in a transaction of its own
    assert outside_decisions.READ in deeds(item)


def test_the_smallest_team_settles_it_once_the_other_has_confirmed(own: Item) -> None:
    first, _second, manager = steps.team()
    assert not record(own, said(), manager)
    assert (own.status, outside_decisions.waits(own)) == (ItemStatus.DISPUTED, Waits.CONFIRMATION)
    assert assessments.outside_of(own).by_one_of_them
    with pytest.raises(Forbidden), writing():
        outside_decisions.confirm(own, by=manager)

    with writing():
        assert outside_decisions.confirm(own, by=first)

    assert own.status is ItemStatus.DECIDED
    assert deeds(own)[-3:] == [outside_decisions.RECORDED, outside_decisions.CONFIRMED, "agreed"]


def test_nothing_is_drafted_while_the_record_is_not_confirmed(own: Item) -> None:
    manager = steps.team()[2]
    record(own, said(), manager)

    with pytest.raises(GateClosed), writing():
        notice_drafting.draft(own, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=manager)

    assert db.session.scalars(select(Notice)).all() == []
    assert assessments.verdict_of(own) is None


def test_only_another_of_those_who_looked_confirms(own: Item) -> None:
    _first, stranger, manager = steps.team()
    record(own, said(), manager)

    for deed in (outside_decisions.confirm, outside_decisions.refuse):
        with pytest.raises(Forbidden), writing():
            deed(own, by=stranger)


def test_a_record_that_is_not_confirmed_is_set_aside_and_a_third_person_is_asked_again(own: Item) -> None:
    first, _second, manager = steps.team()
    record(own, said(), manager)
    with writing():
        outside_decisions.refuse(own, by=first)

    assert assessments.outside_of(own) is None
    assert outside_decisions.waits(own) is Waits.THIRD
    with pytest.raises(WrongState), writing():
        outside_decisions.confirm(own, by=first)
    assert not record(own, said(demo.NATIONAL), manager)
    assert len(outside_decisions.of(own)) == 2


def test_whoever_recorded_it_withdraws_it_until_a_verdict_rests_on_it(item: Item) -> None:
    stranger = said(demo.GONE)
    assert not record(item, stranger, boss())
    with pytest.raises(Forbidden), writing():
        outside_decisions.withdraw(item, by=steps.team()[2])
    with writing():
        outside_decisions.withdraw(item, by=boss())
    assert record(item, said(), boss())

    with pytest.raises(WrongState), writing():
        outside_decisions.withdraw(item, by=boss())


def test_another_manager_sets_a_record_aside_that_nobody_confirms(own: Item) -> None:
    _first, second, manager = steps.team()
    record(own, said(), manager)
    assert outside_decisions.may_withdraw(own, by=boss())
    with pytest.raises(Forbidden), writing():
        outside_decisions.withdraw(own, by=second)
    with writing():
        outside_decisions.withdraw(own, by=boss())

    assert assessments.outside_of(own) is None
    assert outside_decisions.waits(own) is Waits.THIRD
    assert deeds(own)[-1] == outside_decisions.SET_ASIDE
    assert not record(own, said(demo.GONE), boss())


def test_no_third_person_is_asked_by_itself_while_a_record_waits_to_be_confirmed(own: Item) -> None:
    first, _second, manager = steps.team()
    record(own, said(demo.GONE), manager)
    assert disputes.of(own, by=first).due_at is None
    with writing():
        db.session.execute(update(Clock).where(Clock.duty == Duty.SETTLE).values(reminded_at=clock.now()))
    assert disputes.ask_where_due() == 0

    with writing():
        outside_decisions.confirm(own, by=first)
    assert disputes.of(own, by=first).due_at is not None
    with writing():
        db.session.execute(update(Clock).where(Clock.duty == Duty.SETTLE).values(reminded_at=clock.now()))
    assert disputes.ask_where_due() == 1


def test_a_decision_that_no_look_matches_settles_it_once_somebody_says_the_same(item: Item) -> None:
    first, second, _third = steps.team()
    assert not record(item, said(demo.GONE), boss())
    assert outside_decisions.waits(item) is Waits.PEOPLE

    with writing():
        assert assessments.reconsider(item, demo.GONE, by=second)

    verdict = db.session.scalars(select(Verdict)).one()
    assert (verdict.first_by, verdict.outside_id) == (second.id, outside_decisions.of(item)[0].id)
    assert item.status is ItemStatus.CLOSED
    assert first.id not in {verdict.first_by, verdict.second_by}


def test_two_people_who_agree_by_themselves_need_no_outside_decision(own: Item) -> None:
    first, _second, manager = steps.team()
    record(own, said(), manager)
    with writing():
        assert assessments.reconsider(own, demo.NATIONAL, by=first)

    verdict = db.session.scalars(select(Verdict)).one()
    assert (verdict.outside_id, verdict.inhope_class) == (None, InhopeClass.NATIONAL)
    with pytest.raises(WrongState), writing():
        outside_decisions.confirm(own, by=first)


def test_looks_of_a_settled_round_count_for_no_later_one(item: Item) -> None:
    first, second, third = steps.team()
    record(item, said(), boss())
    with writing():
        assessments.correct(item, CorrectionReason.MISTAKE, by=second)

    assert assessments.choosers(item) == set()
    assert assessments.outside_of(item) is None
    with writing():
        assessments.first_look(item, demo.NATIONAL, by=first)
        assessments.take_review(item, by=third)
        assert assessments.second_look(item, demo.NATIONAL, by=third)
    assert len(db.session.scalars(select(Verdict)).all()) == 2


def test_an_item_reopened_after_an_outside_decision_begins_anew(item: Item) -> None:
    record(item, said(), boss())
    verdict = assessments.verdict_of(item)

    assert assessments.round_begins_after(item) == verdict.looks_until
    assert verdict.looks_until > verdict.first_id


def test_only_a_manager_records_and_only_while_a_third_person_is_asked(item: Item) -> None:
    first, second, third = steps.team()
    with pytest.raises(Forbidden):
        record(item, said(), second)
    with writing():
        disputes.take(item, by=third)
    with pytest.raises(WrongState):
        record(item, said(), boss())
    with writing():
        disputes.pass_on(item, by=third)
        db.session.delete(db.session.get_one(ThirdLook, item.id))
    with pytest.raises(WrongState):
        record(item, said(), boss())
    assert first.id in assessments.choosers(item)


def test_two_records_at_once_leave_one(office: Flask, item: Item) -> None:
    number, manager = item.id, boss().id

    def deed() -> bool:
        with writing():
            return outside_decisions.record(
                db.session.get_one(Item, number),
                said(demo.GONE),
                by=db.session.get_one(Staff, manager),
            )

    found = steps.together(office, [deed, deed])

    assert sorted(type(one).__name__ for one in found) == ["WrongState", "bool"]
    assert len(db.session.scalars(select(OutsideDecision)).all()) == 1


def test_a_bad_record_says_all_that_is_wrong(item: Item) -> None:
    with pytest.raises(Refused) as caught:
        record(item, said(adviser="", law=LawVerdict.ADVISER, was_shown=False), boss())

    assert caught.value.faults == (("adviser", "missing"), ("law", "required"), ("was_shown", "required"))


def test_a_recorder_gives_no_third_look(item: Item) -> None:
    _first, _second, third = steps.team()
    record(item, said(demo.GONE), third)
    with writing():
        disputes.ask(item, by=steps.team()[0])

    assert disputes.list_for(by=third) == []
    assert not disputes.of(item, by=steps.team()[0]).has_others
    with pytest.raises(Forbidden), writing():
        disputes.take(item, by=third)


def test_who_may_still_look_does_not_read_it_before_it_is_settled(own: Item) -> None:
    first, stranger, manager = steps.team()
    record(own, said(), manager)
    decision = assessments.outside_of(own)

    assert [outside_decisions.may_read(decision, by=one) for one in (first, manager, boss(), stranger)] == [
        True,
        True,
        True,
        False,
    ]
    standing = disputes.of(own, by=stranger)
    assert (standing.sees_outside, standing.may_confirm) == (False, False)
    with writing():
        outside_decisions.confirm(own, by=first)
    assert outside_decisions.may_read(decision, by=stranger)


def test_managers_find_disputes_and_nothing_else(item: Item) -> None:
    assert [one.item for one in outside_decisions.list_waiting(by=boss())] == [item]
    assert outside_decisions.count_waiting() == 1
    assert outside_decisions.list_waiting(by=steps.team()[0]) == []
    assert outside_decisions.get_item(item.ref.lower(), by=boss()) == item
    other = steps.new_item("https://b.example/2", "two")
    with pytest.raises(NotFound):
        outside_decisions.get_item(other.ref, by=boss())
    with pytest.raises(NotFound):
        outside_decisions.get_item(item.ref, by=steps.team()[0])
    record(item, said(), boss())
    assert outside_decisions.count_waiting() == 0


def test_what_waits_beside_a_decision_that_stands_waits_for_no_manager(item: Item) -> None:
    first, second, _third = steps.team()
    other = differ(first, second, "https://b.example/2")
    record(item, said(demo.GONE), boss())
    with writing():
        disputes.ask(item, by=first)
        item.urgency, other.urgency = 1, 4

    assert outside_decisions.count_waiting() == 1
    assert [one.item for one in outside_decisions.list_waiting(by=boss())] == [other, item]


def test_a_decision_of_an_earlier_round_hides_no_dispute(item: Item) -> None:
    first, second, third = steps.team()
    record(item, said(), boss())
    with writing():
        assessments.correct(item, CorrectionReason.MISTAKE, by=second)
    with writing():
        assessments.first_look(item, demo.ILLEGAL, by=first)
        assessments.take_review(item, by=third)
        assert not assessments.second_look(item, demo.NATIONAL, by=third)
        disputes.ask(item, by=first)

    assert outside_decisions.count_waiting() == 1


def test_what_only_one_look_says_is_given_to_nobody(item: Item) -> None:
    record(item, said(), boss())
    verdict = assessments.verdict_of(item)

    one, other = assessments.agreed_by(verdict)[0]
    assert (other.inhope_class, other.law, other.age) == (one.inhope_class, one.law, None)
    codes = {line.field: line.code for line in iccam.rule.agreed(one, other)}
    assert [field for field, code in codes.items() if code is not None] == [iccam.rule.CLASSIFICATION]


def test_letters_and_police_reports_say_that_it_was_decided_outside(item: Item) -> None:
    first = steps.team()[0]
    record(item, said(), boss())
    with writing():
        notice = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)

    (agreement,) = notice_checks.of(notice, notices.letter_of(notice), by=first).agreements
    assert (agreement.first, agreement.second) == (first, None)
    looks = police_packages._listed(item, assessments.verdict_of(item), by=first).looks
    assert [one.person for one in looks] == [first.number, "outside"]


def test_the_recorder_was_involved_and_statistics_of_looks_count_no_outside_decision(item: Item) -> None:
    record(item, said(), boss())

    assert appeals.was_involved(item, boss())
    month = quality.months(by=boss())[0]
    assert {line.pairs for line in quality.over(month, month, by=boss())} <= {0, 1}
    assert quality.count_outside(month, month, by=boss()) == 1
