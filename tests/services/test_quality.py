"""How far looks agree is counted as the second is handed in, and tells of nobody."""

import pytest
from flask import Flask
from sqlalchemy import select

from hotline.errors import Forbidden
from hotline.extensions import db
from hotline.models.criteria import AgreementTally
from hotline.models.item import Item
from hotline.services import assessments, claims, demo, quality, staff
from hotline.transactions import writing
from hotline.vocabulary import Agreement, Language, Role
from tests.services import steps


def looked_at(url: str, second: assessments.Findings) -> None:
    item, (one, other, _third) = steps.new_item(url, nonce=url), steps.team()
    with writing():
        claims.claim(item, by=one)
        assessments.first_look(item, demo.ILLEGAL, by=one)
        assessments.take_review(item, by=other)
        assessments.second_look(item, second, by=other)


def test_both_answers_are_counted_by_question_and_nothing_of_who_gave_them(office: Flask) -> None:
    looked_at("https://a.example/1", demo.ILLEGAL)
    looked_at("https://a.example/2", demo.NATIONAL)

    reader = steps.team()[0]
    month = quality.months(by=reader)[0]
    lines = {line.question: line for line in quality.over(month, month, by=reader)}
    assert (lines["inhope_class"].pairs, lines["inhope_class"].same) == (2, 1)
    assert lines["age"].meaning is Agreement.TOO_FEW
    assert lines["ai"].pairs == 0  # nobody answered it
    kept = {column.name for column in AgreementTally.__table__.columns}
    assert kept == {"month", "question", "first", "second", "count"}


def test_a_look_again_is_not_counted(office: Flask) -> None:
    looked_at("https://a.example/2", demo.NATIONAL)
    before = db.session.scalars(select(AgreementTally.count)).all()
    item = db.session.scalars(select(Item)).one()
    with writing():
        assessments.reconsider(item, demo.ILLEGAL, by=steps.team()[1])

    assert db.session.scalars(select(AgreementTally.count)).all() == before


def test_analysts_do_not_look_at_it(office: Flask) -> None:
    with writing():
        analyst = staff.add("rith", "a long enough secret", [Role.ANALYST], language=Language.EN, by=None)

    with pytest.raises(Forbidden):
        quality.months(by=analyst)
