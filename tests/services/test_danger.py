"""A child in danger: two people look, whatever the first one finds, and the police's way opens once they agree."""

import pytest
from flask import Flask

from hotline.models import Item
from hotline.rules.findings import Findings
from hotline.services import assessments, claims, demo, notice_drafting, notice_grounds
from hotline.transactions import writing
from hotline.vocabulary import Channel, ItemStatus, Language
from tests.services import steps


@pytest.fixture
def never_in_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotline.services.assessments.secrets.randbelow", lambda _: 1)


def looked_at_once(*, in_danger: bool, found: Findings = demo.GONE) -> Item:
    item, (first, _, _) = steps.new_item(), steps.team()
    with writing():
        item.in_danger = in_danger
        claims.claim(item, by=first)
        assessments.first_look(item, found, by=first)
    return item


@pytest.mark.usefixtures("never_in_the_sample")
@pytest.mark.parametrize(("in_danger", "status"), [(True, ItemStatus.IN_REVIEW), (False, ItemStatus.CLOSED)])
def test_nobody_closes_an_item_alone_while_a_child_is_in_danger(office: Flask, in_danger, status) -> None:
    assert looked_at_once(in_danger=in_danger).status is status


@pytest.mark.usefixtures("never_in_the_sample")
def test_two_who_find_nothing_leave_the_item_open_for_the_police(office: Flask) -> None:
    item, (_, second, _) = looked_at_once(in_danger=True), steps.team()

    with writing():
        assessments.take_review(item, by=second)
        assert assessments.second_look(item, demo.GONE, by=second)

    assert item.status is ItemStatus.DECIDED
    assert notice_grounds.ways(item) == ()  # no letter goes to the police yet


def test_a_letter_says_of_each_address_whether_a_child_is_in_danger(office: Flask) -> None:
    item, (first, second, _) = looked_at_once(in_danger=True, found=demo.ILLEGAL), steps.team()
    with writing():
        assessments.take_review(item, by=second)
        assessments.second_look(item, demo.ILLEGAL, by=second)
        notice = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)

    assert [line.in_danger for line in notice.lines] == [True]
