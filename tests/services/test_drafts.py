"""What is typed of a look is kept: sealed, for its own person alone, and never over something newer."""

import pytest
from flask import Flask
from sqlalchemy import select

from hotline.errors import Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models.criteria import Draft
from hotline.models.item import Item
from hotline.rules import findings
from hotline.services import assessments, claims, demo, disputes, drafts
from hotline.services.drafts import Window
from hotline.transactions import writing
from tests.services import steps

NEW = Window("one", 0, "1")
TYPED = (("inhope_class", "baseline"), ("conduct", "produced"), ("conduct", "distributed"), ("note", "half a sen"))


@pytest.fixture
def item(office: Flask) -> Item:
    """An item that the first person has in hand."""
    found = steps.new_item()
    with writing():
        claims.claim(found, by=steps.team()[0])
    return found


def save(item: Item, typed: object = TYPED, window: Window = NEW, *, by: int = 0, chosen: bool = False) -> drafts.Kept:
    with writing():
        return drafts.save(item, typed, window=window, by=steps.team()[by], chosen=chosen)


def test_a_draft_comes_back_as_it_was_typed(item: Item) -> None:
    saved = save(item)

    found = drafts.find(item, by=steps.team()[0])
    assert found == saved
    assert (found.fields, found.revision, found.criteria) == (TYPED, 1, "1")
    assert drafts.find(item, by=steps.team()[1]) is None


def test_a_draft_is_sealed(item: Item) -> None:
    save(item)

    row = db.session.scalars(select(Draft)).one()
    assert b"half" not in row.body
    assert b"baseline" not in row.body


def test_only_fields_of_the_form_are_kept_and_only_where_they_say_something(item: Item) -> None:
    kept = save(item, [("csrf_token", "secret"), ("note", "  "), ("age", "infant"), ("evil", "x"), ("note", "a\r\nb")])

    assert kept.fields == (("age", "infant"), ("note", "a\nb"))


def test_a_window_goes_on_from_its_own_draft(item: Item) -> None:
    first = save(item)
    second = save(item, [("note", "more")], Window("one", first.revision, "1"))
    late = save(item, [("note", "more still")], NEW)  # its answer was lost, so it does not know of its own last one

    assert (second.revision, late.revision) == (2, 3)


def test_an_older_window_never_overwrites_a_newer_draft(item: Item) -> None:
    save(item, [("note", "the newer")], Window("other", 0, "1"))

    with pytest.raises(Overtaken):
        save(item)

    assert drafts.find(item, by=steps.team()[0]).fields == (("note", "the newer"),)


def test_two_windows_that_say_the_same_do_not_differ(item: Item) -> None:
    save(item)

    assert save(item, TYPED, Window("other", 0, "1")).revision == 1


def test_whoever_has_seen_both_chooses(item: Item) -> None:
    newer = save(item, [("note", "the newer")], Window("other", 0, "1"))

    chosen = save(item, TYPED, Window("one", newer.revision, "1"), chosen=True)

    assert (chosen.fields, chosen.other) == (TYPED, ())


def test_two_people_have_a_draft_each(item: Item) -> None:
    first, second, third = steps.team()
    with writing():
        assessments.first_look(item, demo.ILLEGAL, by=first)
        assessments.take_review(item, by=second)
        assessments.second_look(item, demo.NATIONAL, by=second)
        disputes.ask(item, by=first)
        disputes.take(item, by=third)
    for number, note in enumerate(("mine", "yours", "theirs")):
        save(item, [("note", note)], by=number)

    assert [drafts.find(item, by=one).fields[0][1] for one in (first, second, third)] == ["mine", "yours", "theirs"]


def test_a_look_that_is_not_in_hand_has_no_draft(item: Item) -> None:
    with pytest.raises(WrongState):
        save(item, by=1)


def test_far_too_much_is_refused_and_what_stood_stays(item: Item) -> None:
    save(item)

    with pytest.raises(Refused):
        save(item, [("note", "x" * (drafts.MOST + 1))], Window("one", 1, "1"))

    assert drafts.find(item, by=steps.team()[0]).fields == TYPED


def test_a_note_longer_than_a_look_may_have_is_kept_nevertheless(item: Item) -> None:
    long = "x" * (findings.MOST_NOTE + 1)

    assert save(item, [("note", long)]).fields == (("note", long),)


def test_the_draft_goes_when_the_look_is_handed_in(item: Item) -> None:
    save(item)
    with writing():
        assessments.first_look(item, demo.ILLEGAL, by=steps.team()[0])

    assert db.session.scalars(select(Draft)).all() == []


def test_what_was_passed_on_by_mistake_is_taken_back_with_its_draft(item: Item) -> None:
    first = steps.team()[0]
    save(item)
    with writing():
        claims.pass_on(item, by=first)
    with pytest.raises(WrongState):
        save(item)
    with writing():
        claims.claim(item, by=first)

    assert drafts.find(item, by=first).fields == TYPED


def test_a_draft_of_a_look_that_somebody_else_gave_is_gone(item: Item) -> None:
    first, second, _ = steps.team()
    save(item)
    with writing():
        claims.pass_on(item, by=first)
        claims.claim(item, by=second)
    assert drafts.find(item, by=second) is None
    with writing():
        assessments.first_look(item, demo.ILLEGAL, by=second)

    assert db.session.scalars(select(Draft)).all() == []


def test_once_two_people_agree_nobody_s_draft_is_left(item: Item) -> None:
    first, second, third = steps.team()
    with writing():
        assessments.first_look(item, demo.ILLEGAL, by=first)
        assessments.take_review(item, by=second)
        assessments.second_look(item, demo.NATIONAL, by=second)
        disputes.ask(item, by=first)
        disputes.take(item, by=third)
    save(item, by=2)
    with writing():
        assessments.reconsider(item, demo.ILLEGAL, by=second)

    assert db.session.scalars(select(Draft)).all() == []


# --- Sent too late ----------------------------------------------------------------------------------------------------


def carried(item: Item, number: str, window: Window = NEW) -> str:
    return drafts.carry(item.ref, TYPED, drawn_for=number, window=window)


def test_what_was_sent_too_late_becomes_a_draft_after_signing_in(item: Item) -> None:
    person = steps.team()[0]

    assert drafts.take_in(carried(item, person.number), by=person)

    assert drafts.find(item, by=person).fields == TYPED


def test_it_is_given_to_nobody_else(item: Item) -> None:
    first, second, _third = steps.team()

    assert not drafts.take_in(carried(item, first.number), by=second)
    assert not drafts.take_in(carried(item, second.number), by=second)  # not in their hands
    assert not drafts.take_in("no base 64!", by=first)
    assert db.session.scalars(select(Draft)).all() == []


def test_what_was_sent_too_late_stands_beside_what_another_window_kept(item: Item) -> None:
    person = steps.team()[0]
    newer = save(item, [("note", "the newer")], Window("other", 0, "1"))

    assert drafts.take_in(carried(item, person.number), by=person)

    found = drafts.find(item, by=person)
    assert (found.fields, found.other) == (newer.fields, TYPED)
    goes_on = save(item, [("note", "on")], Window("third", found.revision, "1"))
    assert goes_on.other == TYPED  # until the person has chosen
    assert save(item, TYPED, Window("third", goes_on.revision, "1"), chosen=True).other == ()
