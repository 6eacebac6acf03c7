"""Whose hands an item is in: how much one person may have, who takes it over, and what is withdrawn."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from hotline.errors import Forbidden, HandsFull, WrongState
from hotline.extensions import db
from hotline.models import Assessment, Item, Staff
from hotline.rules.filters import Filter, Sort, Whose
from hotline.rules.standing import MOST_IN_HAND
from hotline.services import assessments, audit, claims, demo, intake, queue, staff
from hotline.transactions import writing
from hotline.vocabulary import ItemStatus, Language, LawVerdict, Role, Urgency
from tests.services import steps

HOUR = timedelta(hours=1)
TO_ASK = replace(demo.ILLEGAL, law=LawVerdict.ADVISER, note="is it clear?")


def full_hands(person: Staff) -> list[Item]:
    """Give somebody as many items as one may have; one more is left in the queue."""
    steps.report("\n".join(f"https://a.example/{number}" for number in range(MOST_IN_HAND + 1)), "many")
    intake.open_inbox()
    found = list(db.session.scalars(select(Item).where(Item.status == ItemStatus.NEW).order_by(Item.id)))
    with writing():
        for item in found[:MOST_IN_HAND]:
            claims.claim(item, by=person)
    return found


def looked_at(by: Staff, found: assessments.Findings = demo.ILLEGAL) -> Item:
    item = steps.new_item()
    with writing():
        claims.claim(item, by=by)
        assessments.first_look(item, found, by=by)
    return item


def last_line(item: Item) -> tuple[str, str, str | None]:
    entry = audit.history(f"item {item.ref}")[-1]
    return entry.actor, entry.action, entry.details


# ---- how much


def test_nobody_has_more_first_looks_than_one_may(office: Flask) -> None:
    first, second, _ = steps.team()
    *_mine, free = full_hands(first)

    with pytest.raises(HandsFull), writing():
        claims.claim(free, by=first)
    with pytest.raises(HandsFull), writing():
        claims.claim_next(by=first)

    assert claims.count_first_looks(by=first) == MOST_IN_HAND
    with writing():
        assert claims.claim_next(by=second) is free


def test_full_hands_get_a_child_in_danger_from_behind_what_is_more_urgent(office: Flask) -> None:
    first, _, _ = steps.team()
    *_mine, free = full_hands(first)
    danger = steps.new_item("https://danger.example/1", "danger")
    with writing():
        free.urgency, free.due_at = Urgency.P1, danger.due_at - timedelta(hours=1)
        danger.urgency, danger.in_danger = Urgency.P1, True

    with writing():
        assert claims.claim_next(by=first) is danger
    with pytest.raises(HandsFull), writing():
        claims.claim_next(by=first)


def test_full_hands_take_nothing_over_but_give_second_looks(office: Flask) -> None:
    first, second, third = steps.team()
    looked = looked_at(second)
    *_mine, theirs = full_hands(first)
    with writing():
        claims.claim(theirs, by=third)

    with pytest.raises(HandsFull), writing():
        claims.take_over(theirs, held_by=third.number, by=first)
    with writing():
        assessments.take_review(looked, by=first)


def test_what_is_handed_in_or_passed_on_makes_room(office: Flask) -> None:
    first, _, _ = steps.team()
    one, two, *_more, free = full_hands(first)

    with writing():
        claims.pass_on(one, by=first)
        assessments.first_look(two, demo.ILLEGAL, by=first)
        claims.claim(free, by=first)

    assert claims.count_first_looks(by=first) == MOST_IN_HAND - 1


def test_in_my_hands_is_the_same_in_the_queue_and_on_the_first_page(office: Flask) -> None:
    first, second, third = steps.team()
    differing, waiting, again = (steps.new_item(f"https://a.example/{number}", str(number)) for number in range(3))
    with writing():
        for item in (differing, waiting):
            claims.claim(item, by=first)
            assessments.first_look(item, demo.ILLEGAL, by=first)
        assessments.take_review(differing, by=second)
        assessments.second_look(differing, demo.NATIONAL, by=second)
        claims.claim(again, by=second)
        assessments.first_look(again, demo.ILLEGAL, by=second)
        assessments.take_review(again, by=first)

    for person, expected in ((first, [differing, again]), (second, [differing]), (third, [])):
        assert claims.list_mine(by=person) == expected
        assert [row.item for row in queue.list_queue(Filter(whose=Whose.ME), by=person).rows] == expected


# ---- taking over


def test_a_reviewer_takes_over_a_first_look_and_the_line_says_from_whom(office: Flask) -> None:
    first, second, _ = steps.team()
    item = steps.new_item()
    with writing():
        claims.claim(item, by=first)

    with writing():
        claims.take_over(item, held_by=first.number, by=second)

    assert (item.assessor, item.status) == (second, ItemStatus.ASSESSING)
    assert last_line(item) == (second.number, "took over", f'{{"holder": "{first.number}"}}')
    with pytest.raises(WrongState), writing():
        assessments.first_look(item, demo.ILLEGAL, by=first)
    with writing():
        assessments.first_look(item, demo.ILLEGAL, by=second)


@pytest.mark.parametrize(("roles", "may"), [([Role.ANALYST], False), ([Role.ANALYST, Role.MANAGER], True)])
def test_an_analyst_takes_nothing_over_unless_a_manager_too(office: Flask, roles: list[Role], may: bool) -> None:
    first, _, _ = steps.team()
    item = steps.new_item()
    with writing():
        rith = staff.add("rith", "a long enough secret", roles, language=Language.EN, by=None)
        claims.claim(item, by=first)

    if not may:
        with pytest.raises(Forbidden), writing():
            claims.take_over(item, held_by=first.number, by=rith)
        return
    with writing():
        claims.take_over(item, held_by=first.number, by=rith)
    assert item.assessor is rith


def test_nothing_is_taken_over_that_has_moved_on_since_it_was_seen(office: Flask) -> None:
    first, second, third = steps.team()
    item = steps.new_item()

    def refused(held_by: str, by: Staff) -> None:
        with pytest.raises(WrongState), writing():
            claims.take_over(item, held_by=held_by, by=by)

    refused("", second)  # nobody has it
    with writing():
        claims.claim(item, by=first)
    refused(third.number, second)  # somebody else has it
    refused(first.number, first)  # one's own
    with writing():
        assessments.first_look(item, demo.ILLEGAL, by=first)
    refused(first.number, second)  # it was handed in


def test_a_second_look_is_taken_over_by_neither_of_the_two_and_no_analyst(office: Flask) -> None:
    first, second, third = steps.team()
    item = looked_at(first)
    with writing():
        rith = staff.add("rith", "a long enough secret", [Role.ANALYST, Role.MANAGER], language=Language.EN, by=None)
        assessments.take_review(item, by=second)

    for person in (first, rith):
        with pytest.raises(Forbidden), writing():
            assessments.take_review_over(item, held_by=second.number, by=person)
    for held_by, person in ((second.number, second), (first.number, third), ("", third)):
        with pytest.raises(WrongState), writing():
            assessments.take_review_over(item, held_by=held_by, by=person)
    with writing():
        assessments.take_review_over(item, held_by=second.number, by=third)

    assert item.reviewer is third
    assert last_line(item) == (third.number, "took second look over", f'{{"holder": "{second.number}"}}')
    with pytest.raises(WrongState), writing():
        assessments.second_look(item, demo.ILLEGAL, by=second)
    with writing():
        assert assessments.second_look(item, demo.ILLEGAL, by=third)


# ---- withdrawing


def test_a_look_that_is_withdrawn_stays_on_record_and_counts_for_nothing(office: Flask) -> None:
    first, second, _ = steps.team()
    item = looked_at(first)

    with writing():
        assert assessments.withdraw_first_look(item, by=first)

    look = db.session.scalars(select(Assessment)).one()
    assert (item.status, item.assessor) == (ItemStatus.ASSESSING, first)
    assert last_line(item) == (first.number, "withdrew first look", f'{{"look": {look.id}}}')
    assert assessments.withdrawn(audit.history(f"item {item.ref}")) == {look.id}
    assert assessments.shown(item, by=first) == []
    assert assessments.earlier(item, by=first) == demo.ILLEGAL
    assert assessments.earlier(item, by=second) is None
    with writing():
        assessments.first_look(item, demo.NATIONAL, by=first)
        assessments.take_review(item, by=second)
        assert not assessments.second_look(item, demo.ILLEGAL, by=second)  # it agrees with what was withdrawn
    assert item.status is ItemStatus.DISPUTED
    assert audit.verify()[1] is None


def test_what_was_withdrawn_cannot_be_altered_in_the_database_either(office: Flask) -> None:
    item = looked_at(steps.team()[0])
    with writing():
        assessments.withdraw_first_look(item, by=steps.team()[0])

    with pytest.raises(DatabaseError, match="frozen"), writing():
        db.session.execute(text("UPDATE assessments SET law = 'not_illegal'"))


def test_nobody_withdraws_once_the_second_look_has_begun_nor_what_is_not_theirs(office: Flask) -> None:
    first, second, third = steps.team()
    item = looked_at(first)
    with pytest.raises(WrongState), writing():
        assessments.withdraw_first_look(item, by=third)
    with writing():
        assessments.take_review(item, by=second)

    with pytest.raises(WrongState), writing():
        assessments.withdraw_first_look(item, by=first)
    with writing():
        assessments.pass_review_on(item, by=second)
        assert assessments.withdraw_first_look(item, by=first)
    with pytest.raises(WrongState), writing():
        assessments.withdraw_first_look(item, by=first)


def test_what_was_withdrawn_is_never_closed_by_one_person(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    first = steps.team()[0]
    item = looked_at(first)
    with writing():
        assessments.withdraw_first_look(item, by=first)
    monkeypatch.setattr(assessments.secrets, "randbelow", lambda _: 1)  # not in the sample

    with writing():
        assessments.first_look(item, demo.GONE, by=first)

    assert item.status is ItemStatus.IN_REVIEW


def test_full_hands_that_withdraw_leave_the_item_to_somebody_else(office: Flask) -> None:
    first, second, _ = steps.team()
    item = looked_at(first)
    full_hands(first)

    with writing():
        assert not assessments.withdraw_first_look(item, by=first)

    assert (item.status, item.assessor_id) == (ItemStatus.NEW, None)
    with writing():
        claims.claim(item, by=second)
    assert assessments.earlier(item, by=second) is None


def test_a_look_withdrawn_after_the_advisers_answer_leaves_it_looked_at_anew(office: Flask) -> None:
    item = steps.looked_at_twice(TO_ASK)
    first, second, _ = steps.team()
    with writing():
        assessments.adviser_answered(item, by=second)
        assessments.first_look(item, TO_ASK, by=first)
        assessments.withdraw_first_look(item, by=first)

    assert assessments.is_anew(item)
    with writing():
        assessments.first_look(item, demo.ILLEGAL, by=first)
        assessments.take_review(item, by=second)
        assert assessments.second_look(item, demo.ILLEGAL, by=second)
    assert assessments.verdict_of(item).law is LawVerdict.ILLEGAL


def test_the_adviser_gives_nobody_more_than_they_may_have(office: Flask) -> None:
    item = steps.looked_at_twice(TO_ASK)
    first, second, _ = steps.team()
    full_hands(first)

    with writing():
        assessments.adviser_answered(item, by=second)

    assert (item.status, item.assessor_id) == (ItemStatus.NEW, None)


# ---- order


def test_the_oldest_first_is_the_order_of_what_the_queue_says_of_waiting(office: Flask) -> None:
    person = steps.team()[0]
    full_hands(person)
    with writing():
        found = db.session.scalars(select(Item).order_by(Item.id)).all()
        for hours, item in zip((5, 1, 9, 3, 7, 2, 4), found, strict=True):
            item.created_at -= hours * HOUR
            item.opened_at = item.created_at
        found[2].reopened_at = found[2].created_at + 8 * HOUR + HOUR / 2  # the oldest came back not long ago
        found[2].opened_at = found[2].reopened_at

    one, after = [], ""
    while not one or after:
        page = queue.list_queue(Filter(sort=Sort.OLDEST), by=person, after=after, limit=3)
        one, after = [*one, *(row.item for row in page.rows)], page.next

    assert [item.opened_at for item in one] == sorted(item.opened_at for item in found)
    assert one[-1] is found[2]
