"""Versions of the questions: one follows the other, a manager writes them, nobody overwrites anybody's."""

import pytest
from flask import Flask
from sqlalchemy import select

from hotline.errors import Forbidden, NotFound, Overtaken, Refused
from hotline.extensions import db
from hotline.models import Staff
from hotline.models.needs_assessment import QuestionSet
from hotline.services import question_sets, staff
from hotline.services.question_sets import Version
from hotline.transactions import writing
from hotline.vocabulary import Language, Need, Role

NEW = ({"en": "How do you feel?", "km": "តើអ្នកយ៉ាងណាដែរ?"},)


@pytest.fixture
def manager(office: Flask) -> Staff:
    return next(one for one in staff.list_staff() if one.has(Role.MANAGER))


def publish(manager: Staff, *, based_on: int = 0, reason: str = "clearer", health: object = NEW) -> Version:
    asked = dict(question_sets.in_force().questions) | {Need.HEALTH: health}
    with writing():
        return question_sets.publish(asked, reason, based_on=based_on, by=manager)


def test_the_first_version_asks_about_every_domain_in_both_languages(manager: Staff) -> None:
    first = question_sets.in_force()

    assert (first.version, first.made_at) == (0, None)
    for need in Need:
        assert 2 <= first.asks(need) <= 4
        assert all(asked[language] for asked in first.questions[need] for language in Language)
    assert db.session.scalars(select(QuestionSet)).all() == []


def test_the_next_version_follows_and_the_first_stays(manager: Staff) -> None:
    publish(manager)

    assert [one.version for one in question_sets.list_all()] == [1, 0]
    assert question_sets.in_force().questions[Need.HEALTH] == NEW
    assert question_sets.get(0).asks(Need.HEALTH) == 3
    assert question_sets.get(1).made_by == manager.name


def test_a_manager_does_not_overwrite_another(manager: Staff) -> None:
    publish(manager)

    with pytest.raises(Overtaken):
        publish(manager, health=())


@pytest.mark.parametrize(("reason", "code"), [(" ", "required"), ("x" * 501, "too_long")])
def test_a_version_needs_a_reason(manager: Staff, reason: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        publish(manager, reason=reason)

    assert refusal.value.faults == (("reason", code),)


def test_what_differs_in_nothing_is_no_version(manager: Staff) -> None:
    with pytest.raises(Refused, match="nothing_new"):
        publish(manager, health=question_sets.in_force().questions[Need.HEALTH])


def test_only_a_manager_writes_them(office: Flask) -> None:
    with pytest.raises(Forbidden):
        publish(staff.get_by_name("kunthea"))


def test_there_is_no_version_that_nobody_gave(office: Flask) -> None:
    with pytest.raises(NotFound):
        question_sets.get(99)
