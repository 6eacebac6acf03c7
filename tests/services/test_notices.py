"""Letters are listed as far as they are shown, and whether one may have arrived stays on record."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from hotline import clock
from hotline.extensions import db
from hotline.gateways import mail
from hotline.models import Notice
from hotline.services import audit, notice_approval, notice_drafting, notices
from hotline.transactions import writing
from hotline.vocabulary import Channel, Language, NoticeStatus
from tests.services import steps
from tests.services.letter_steps import FAILED, PUT_OFF, QUEUED, Post, approved, deliver, failed, put


def test_of_letters_in_trouble_and_of_drafts_no_more_are_read_than_are_shown(office: Flask, post: Post) -> None:
    by = steps.team()[0]
    letters = []
    for number in range(3):
        item = steps.looked_at_twice(url=f"https://host-{number}.example/")
        with writing():
            letters.append(
                notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=by).id
            )
    assert [one.id for one in notices.list_waiting(by=by, most=2)] == letters[:2]
    put(Notice, approved_by_id=by.id, approved_at=clock.now(), status=QUEUED)
    put(Notice, status=FAILED)

    assert [one.id for one in notices.list_troubled(by=by, most=2)] == letters[:2]
    assert [one.id for one in notices.list_troubled(by=by, most=9)] == letters
    assert notices.list_waiting(by=by, most=9) == []


def test_that_a_letter_may_have_arrived_stays_on_record_when_it_is_tried_again(office: Flask, post: Post) -> None:
    letter = approved()
    post.end = mail.in_doubt()
    deliver(letter, post, times=10)
    notice = db.session.get_one(Notice, letter)
    with writing():
        notice_approval.try_again(notice, by=steps.team()[0])
    post.end = PUT_OFF
    deliver(letter, post)

    notice = db.session.get_one(Notice, letter)
    assert (notice.last_fault, notice.spent) == ("451", 1)
    assert notices.was_in_doubt(notice)
    assert notices.may_have_arrived(notice)
    assert audit.count(f"notice {notice.ref}", notices.DOUBTED) == 1


def test_of_a_letter_that_was_refused_nobody_says_that_it_may_have_arrived(office: Flask, post: Post) -> None:
    letter = failed(post)
    with writing():
        notice_approval.try_again(db.session.get_one(Notice, letter), by=steps.team()[0])

    assert not notices.may_have_arrived(db.session.get_one(Notice, letter))


@pytest.mark.parametrize(
    ("facts", "doubtful"),
    [
        ({"attempts": 25, "spent": 25, "last_fault": "full"}, False),  # each was answered
        ({"attempts": 1, "spent": 19}, True),
        ({"attempts": 40, "spent": 19, "leased_until": clock.now() - timedelta(hours=1)}, True),  # it was broken off
        ({"attempts": 3, "spent": 0, "last_fault": "unconfirmed"}, True),
    ],
)
def test_only_a_try_that_nobody_answered_leaves_a_letter_in_doubt(
    office: Flask, facts: dict[str, Any], doubtful: bool
) -> None:
    letter = Notice(ref="N-ZZZZZZ", status=NoticeStatus.QUEUED, **({"leased_until": None, "last_fault": None} | facts))

    assert notices.may_have_arrived(letter) is doubtful
