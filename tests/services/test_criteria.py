"""Versions of the criteria: one follows the other, and each look keeps the one that its form showed."""

import pytest
from flask import Flask
from sqlalchemy import select

from hotline.errors import Forbidden, NotFound, Overtaken, Refused
from hotline.extensions import db
from hotline.models.assessment import Assessment
from hotline.models.criteria import Criteria
from hotline.models.staff import Staff
from hotline.services import assessments, claims, criteria, demo, staff
from hotline.transactions import writing
from hotline.vocabulary import Role
from tests.services import steps

TEXTS = dict(criteria.jurisdiction.load("kh").criteria)
NEXT = TEXTS | {"age.help": {"en": "As the youngest child seems.", "km": "ថ្មី"}}


@pytest.fixture
def manager(office: Flask) -> Staff:
    return next(one for one in staff.list_staff() if one.has(Role.MANAGER))


def publish(manager: Staff, texts: object = NEXT, *, based_on: str = "1", reason: str = "clearer") -> criteria.Version:
    with writing():
        return criteria.publish(texts, reason, based_on=based_on, by=manager)


def test_the_built_in_version_holds_until_there_is_another(manager: Staff) -> None:
    assert criteria.in_force().version == "1"
    assert [one.version for one in criteria.list_all()] == ["1"]
    assert db.session.scalars(select(Criteria)).all() == []

    publish(manager)

    assert [one.version for one in criteria.list_all()] == ["2", "1"]
    assert criteria.in_force().text("age.help", "en") == "As the youngest child seems."
    assert criteria.get("1").text("age.help", "en") == TEXTS["age.help"]["en"]


def test_a_look_keeps_the_version_that_its_form_showed(manager: Staff) -> None:
    item, (first, second, _third) = steps.new_item(), steps.team()
    with writing():
        claims.claim(item, by=first)
        assessments.first_look(item, demo.ILLEGAL, by=first, judged_by="1")
        assessments.take_review(item, by=second)
    publish(manager)
    with writing():
        assessments.second_look(item, demo.ILLEGAL, by=second, judged_by="1")  # the form was open all the time

    looks = db.session.scalars(select(Assessment)).all()
    assert set(criteria.judged_by(looks).values()) == {"1"}


def test_without_a_word_a_look_is_made_by_the_version_in_force(manager: Staff) -> None:
    publish(manager)
    steps.looked_at_twice()

    assert set(criteria.judged_by(db.session.scalars(select(Assessment)).all()).values()) == {"2"}


def test_a_version_nobody_gave_is_refused(manager: Staff) -> None:
    item, first = steps.new_item(), steps.team()[0]
    with writing():
        claims.claim(item, by=first)

    with pytest.raises(Refused), writing():
        assessments.first_look(item, demo.ILLEGAL, by=first, judged_by="99")
    with pytest.raises(NotFound):
        criteria.get("99")


def test_two_managers_do_not_overwrite_each_other(manager: Staff) -> None:
    publish(manager)

    with pytest.raises(Overtaken):
        publish(manager, TEXTS)


@pytest.mark.parametrize(
    ("texts", "reason", "fault"),
    [
        (NEXT, " ", ("reason", "required")),
        (TEXTS, "none", ("reason", "nothing_new")),
        (NEXT | {"visible.question": {"en": "", "km": "ok"}}, "why", ("visible-question-en", "required")),
        (NEXT | {"age.help": {"en": "x" * 5000, "km": ""}}, "why", ("age-help-en", "too_long")),
    ],
)
def test_a_version_needs_a_reason_a_change_and_its_questions(
    manager: Staff, texts: object, reason: str, fault: tuple[str, str]
) -> None:
    with pytest.raises(Refused) as refusal:
        publish(manager, texts, reason=reason)

    assert refusal.value.faults == (fault,)


def test_only_a_manager_writes_them(office: Flask) -> None:
    with pytest.raises(Forbidden):
        publish(steps.team()[0])
