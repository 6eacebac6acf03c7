"""Verdicts in a chain: people look anew after the adviser's answer, and what stood before stays."""

import json
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.exc import DatabaseError, IntegrityError

from hotline import clock, vault
from hotline.errors import Forbidden, WrongState
from hotline.extensions import db
from hotline.models.assessment import Assessment, Verdict
from hotline.models.item import Item
from hotline.rules.findings import Findings
from hotline.services import assessments, claims, demo, staff
from hotline.transactions import writing
from hotline.vocabulary import AgeGroup, Conduct, InhopeClass, ItemStatus, Language, LawVerdict, Role
from tests.services import steps

TO_ASK = replace(demo.ILLEGAL, law=LawVerdict.ADVISER, note="is it clear?")


@pytest.fixture
def asked(office: Flask) -> Item:
    """An item of which two people found that the adviser is to be asked."""
    return steps.looked_at_twice(TO_ASK)


def look_anew(item: Item) -> None:
    first, second, _third = steps.team()
    with writing():
        assessments.adviser_answered(item, by=second)
        assessments.first_look(item, demo.ILLEGAL, by=first)
        assessments.take_review(item, by=second)
        assert assessments.second_look(item, demo.ILLEGAL, by=second)


def test_the_next_verdict_supersedes_the_last_and_holds_instead(asked: Item) -> None:
    before = assessments.verdict_of(asked)

    look_anew(asked)

    after = assessments.verdict_of(asked)
    assert (before.law, after.law) == (LawVerdict.ADVISER, LawVerdict.ILLEGAL)
    assert after.supersedes_id == before.id
    assert assessments.verdicts_of([asked]) == {asked.id: after}


def test_no_verdict_holds_while_people_look_anew(asked: Item) -> None:
    with writing():
        assessments.adviser_answered(asked, by=steps.team()[1])

    assert asked.status is ItemStatus.ASSESSING
    assert asked.reviewer_id is None
    assert assessments.verdict_of(asked) is None
    assert assessments.verdicts_of([asked]) == {}
    assert assessments.is_anew(asked)


def test_one_person_alone_does_not_undo_what_two_agreed(asked: Item, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assessments.secrets, "randbelow", lambda _: 1)  # not in the sample
    first, second, _ = steps.team()

    with writing():
        assessments.adviser_answered(asked, by=first)
        assessments.first_look(asked, demo.GONE, by=first)

    assert asked.status is ItemStatus.IN_REVIEW
    assert asked in assessments.list_reviews(by=second, most=9)


def test_the_adviser_has_answered_for_whoever_takes_it_when_the_first_person_is_gone(asked: Item) -> None:
    first, second, third = steps.team()
    with writing():
        staff.disable(first, by=None)

    with writing():
        assessments.adviser_answered(asked, by=second)

    assert (asked.status, asked.assessor_id, asked.claimed_at) == (ItemStatus.NEW, None, None)
    with writing():
        claims.claim(asked, by=third)
        assessments.first_look(asked, demo.ILLEGAL, by=third)
    assert assessments.is_anew(asked)


def test_only_a_reviewer_says_that_the_adviser_has_answered(asked: Item) -> None:
    with writing():
        analyst = staff.add("rith", "a long enough secret", [Role.ANALYST], language=Language.EN, by=None)

    with pytest.raises(Forbidden), writing():
        assessments.adviser_answered(asked, by=analyst)


def test_the_adviser_is_not_said_to_have_answered_twice(asked: Item) -> None:
    with writing():
        assessments.adviser_answered(asked, by=steps.team()[1])

    with pytest.raises(WrongState), writing():
        assessments.adviser_answered(asked, by=steps.team()[1])


def test_a_chain_of_verdicts_neither_forks_nor_begins_twice(asked: Item) -> None:
    look_anew(asked)
    first, second = db.session.scalars(select(Verdict).order_by(Verdict.id))
    again = {column.name: getattr(second, column.name) for column in Verdict.__table__.columns if column.name != "id"}
    other = steps.looked_at_twice(TO_ASK, "https://elsewhere.example/t/1")

    for superseded in (None, first.id, assessments.verdict_of(other).id):
        with pytest.raises(DatabaseError), writing():
            db.session.execute(insert(Verdict).values(again | {"supersedes_id": superseded}))


def test_what_a_verdict_supersedes_is_frozen_too(asked: Item) -> None:
    look_anew(asked)

    with pytest.raises((DatabaseError, IntegrityError), match="frozen"), writing():
        db.session.execute(Verdict.__table__.update().values(supersedes_id=None))


def test_a_second_look_can_be_given_back(office: Flask) -> None:
    item = steps.new_item()
    first, second, third = steps.team()
    with writing():
        claims.claim(item, by=first)
        assessments.first_look(item, demo.ILLEGAL, by=first)
        assessments.take_review(item, by=second)
        assessments.pass_review_on(item, by=second)

    assert item in assessments.list_reviews(by=third, most=9)
    with pytest.raises(WrongState), writing():
        assessments.pass_review_on(item, by=second)


def test_what_was_found_before_is_not_shown_as_chosen_in_the_next_round(asked: Item) -> None:
    first, second, third = steps.team()
    with writing():
        assessments.adviser_answered(asked, by=second)
        assessments.first_look(asked, demo.ILLEGAL, by=first)
        assessments.take_review(asked, by=third)
        assert not assessments.second_look(asked, TO_ASK, by=third)

    assert asked.status is ItemStatus.DISPUTED
    assert assessments.shown(asked, by=second) == []
    assert len(assessments.shown(asked, by=first)) == 2
    assert len(db.session.scalars(select(Assessment)).all()) == 4


def test_a_look_from_before_there_were_these_questions_still_opens(office: Flask) -> None:
    item, first = steps.new_item(), steps.team()[0]
    said = {"inhope_class": "national", "law": "illegal", "conduct": ["produced"], "age": "pubescent", "note": "old"}
    sealed = vault.keyring().seal(assessments.PURPOSE, json.dumps(said))
    facts = {"inhope_class": InhopeClass.NATIONAL, "law": LawVerdict.ILLEGAL, "findings": sealed}
    with writing():
        db.session.add(Assessment(item_id=item.id, assessor_id=first.id, made_at=clock.now(), **facts))

    opened = assessments.findings_of(db.session.scalars(select(Assessment)).one())
    assert opened == Findings(
        InhopeClass.NATIONAL, LawVerdict.ILLEGAL, conduct=(Conduct.PRODUCED,), age=AgeGroup.PUBESCENT, note="old"
    )
