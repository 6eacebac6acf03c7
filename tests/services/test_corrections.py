"""What was settled is looked at anew: by two people again, with everything that stood before on record."""

import pytest
from flask import Flask
from sqlalchemy import event, select

from hotline import clock
from hotline.errors import Forbidden, WrongState
from hotline.extensions import db
from hotline.gateways.mail import Handed
from hotline.models.assessment import Assessment
from hotline.models.audit import AuditEntry
from hotline.models.criteria import Draft
from hotline.models.item import Item
from hotline.models.notice import Notice
from hotline.services import (
    assessments,
    claims,
    demo,
    drafts,
    items,
    notice_approval,
    notice_drafting,
    notice_sending,
    notices,
    staff,
)
from hotline.transactions import writing
from hotline.vocabulary import Channel, CorrectionReason, ItemStatus, Language, NoticeStatus, Role
from tests.services import steps

MISTAKE = CorrectionReason.MISTAKE


class Post:
    """A mail server that takes every letter."""

    def send(self, *_: object) -> Handed:
        return Handed.ON


@pytest.fixture
def item(office: Flask) -> Item:
    """An item that two people found illegal."""
    return steps.looked_at_twice()


def correct(item: Item) -> None:
    with writing():
        assessments.correct(item, MISTAKE, by=steps.team()[2])


def letter(item: Item) -> Notice:
    with writing():
        return notice_drafting.draft(
            item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=steps.team()[0]
        )


def look_anew(item: Item, found: assessments.Findings) -> None:
    first, second, _third = steps.team()
    with writing():
        assessments.first_look(item, found, by=first)
        assessments.take_review(item, by=second)
        assert assessments.second_look(item, found, by=second)


def test_a_correction_is_a_new_assessment_and_the_old_stays(item: Item) -> None:
    before = assessments.verdict_of(item)

    correct(item)

    assert item.status is ItemStatus.ASSESSING
    assert assessments.verdict_of(item) is None
    assert assessments.correction_of(item) is MISTAKE
    assert not assessments.is_anew(item)  # that is said of the adviser's answer
    assert assessments.shown(item, by=steps.team()[0]) == []
    look_anew(item, demo.NATIONAL)
    after = assessments.verdict_of(item)
    assert after.supersedes_id == before.id
    assert assessments.correction_of(item) is None
    assert len(db.session.scalars(select(Assessment)).all()) == 4


def test_drafts_of_letters_are_withdrawn(item: Item) -> None:
    drafted = letter(item)

    correct(item)

    assert drafted.status is NoticeStatus.WITHDRAWN


def test_nothing_is_corrected_while_a_letter_is_on_its_way(item: Item) -> None:
    drafted = letter(item)
    with writing():
        notice_approval.approve(drafted, by=steps.team()[1])

    assert assessments.standing_letters(item) == [drafted]
    with pytest.raises(WrongState):
        correct(item)


def test_letters_that_went_are_named_once_the_verdict_is_another(item: Item) -> None:
    drafted = letter(item)
    with writing():
        notice_approval.approve(drafted, by=steps.team()[1])
    notice_sending.deliver(drafted.id, mailer=Post())
    db.session.expire_all()
    assert (item.status, drafted.status) == (ItemStatus.ACTING, NoticeStatus.SENT)
    assert notices.changed_since(drafted) == notices.list_on_changed(item) == []

    correct(item)
    look_anew(item, demo.GONE)

    assert item.status is ItemStatus.CLOSED
    assert notices.list_on_changed(item) == [drafted]
    assert notices.changed_since(drafted) == [item]


@pytest.mark.parametrize(("fault", "named"), [("unconfirmed", True), ("550", False)])
def test_a_letter_that_may_have_arrived_is_named_too_although_it_was_withdrawn(
    item: Item, fault: str, named: bool
) -> None:
    drafted = letter(item)
    with writing():
        notice_approval.approve(drafted, by=steps.team()[1])
        drafted.status, drafted.last_fault = NoticeStatus.FAILED, fault

    correct(item)
    look_anew(item, demo.GONE)

    assert drafted.status is NoticeStatus.WITHDRAWN
    assert notices.list_on_changed(item) == ([drafted] if named else [])
    assert notices.changed_since(drafted) == ([item] if named else [])


def test_what_one_person_closed_is_corrected_too_and_then_takes_two(
    office: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assessments.secrets, "randbelow", lambda _: 1)  # not in the sample
    item, first = steps.new_item(), steps.team()[0]
    with writing():
        claims.claim(item, by=first)
        assessments.first_look(item, demo.GONE, by=first)
    assert item.status is ItemStatus.CLOSED

    correct(item)
    with writing():
        assessments.first_look(item, demo.GONE, by=first)

    assert (item.status, item.outcome) == (ItemStatus.IN_REVIEW, None)


def test_a_long_trail_of_reads_is_not_loaded_to_tell_why(item: Item) -> None:
    correct(item)
    for _ in range(5):
        items.read(item, by=steps.team()[0])
    db.session.expire_all()
    loaded: list[AuditEntry] = []

    def note(entry: AuditEntry, _: object) -> None:
        loaded.append(entry)

    event.listen(AuditEntry, "load", note)
    try:
        assert assessments.correction_of(item) is MISTAKE
        assert assessments.earlier(item, by=steps.team()[0]) is None
    finally:
        event.remove(AuditEntry, "load", note)
    assert {one.action for one in loaded} <= {assessments.CORRECTED}


def test_drafts_end_with_a_close_by_one_look_and_with_a_correction(
    office: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assessments.secrets, "randbelow", lambda _: 1)  # not in the sample
    found, (first, second, _third) = steps.new_item(), steps.team()
    typed, window = [("note", "half a sen")], drafts.Window("one", 0, "1")
    with writing():
        claims.claim(found, by=first)
        drafts.save(found, typed, window=window, by=first)
        claims.take_over(found, held_by=first.number, by=second)
        assessments.first_look(found, demo.GONE, by=second)

    assert found.status is ItemStatus.CLOSED
    assert db.session.scalars(select(Draft)).all() == []
    with writing():
        db.session.add(Draft(item_id=found.id, staff_id=first.id, revision=1, body=b"x", saved_at=clock.now()))
    correct(found)
    assert db.session.scalars(select(Draft)).all() == []


def test_only_a_reviewer_begins_a_correction_and_only_of_what_is_settled(item: Item) -> None:
    with writing():
        analyst = staff.add("rith", "a long enough secret", [Role.ANALYST], language=Language.EN, by=None)
    with pytest.raises(Forbidden), writing():
        assessments.correct(item, MISTAKE, by=analyst)

    correct(item)
    with pytest.raises(WrongState):
        correct(item)
