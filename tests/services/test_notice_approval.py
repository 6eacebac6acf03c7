"""A letter that failed is tried again once the cause is mended: checked like a draft, and alone."""

import pytest
from flask import Flask
from sqlalchemy import select

from hotline.errors import GateClosed, Refused
from hotline.extensions import db
from hotline.models import Item, Notice
from hotline.services import directory, items, notice_approval, notice_drafting, notice_sending
from hotline.transactions import writing
from hotline.vocabulary import Channel, ItemOutcome, Language
from tests.services import steps
from tests.services.letter_steps import FAILED, PUT_OFF, QUEUED, Post, deliver, failed, fate


def test_while_a_letter_that_failed_may_be_tried_again_there_is_no_second_one(office: Flask, post: Post) -> None:
    letter = failed(post)
    item = db.session.get_one(Notice, letter).lines[0].item

    with pytest.raises(Refused, match="recipient:has_one"), writing():
        notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=steps.team()[0])

    with writing():
        notice_approval.withdraw(db.session.get_one(Notice, letter), by=steps.team()[0])
        notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=steps.team()[0])


def test_a_letter_that_failed_is_checked_like_a_draft_before_it_goes_again(office: Flask, post: Post) -> None:
    letter = failed(post)
    by = steps.team()[0]

    with writing():
        directory.switch(steps.recipient(), on=False, by=by)
    with pytest.raises(Refused, match="try-again:mailbox"), writing():
        notice_approval.try_again(db.session.get_one(Notice, letter), by=by)
    with writing():
        directory.switch(steps.recipient(), on=True, by=by)
        items.close(db.session.scalars(select(Item)).one(), ItemOutcome.REMOVED, by=by)
    with pytest.raises(GateClosed), writing():
        notice_approval.try_again(db.session.get_one(Notice, letter), by=by)

    assert fate(letter) == (FAILED, "550")


def test_who_lets_a_letter_be_tried_again_has_patience_with_it_anew(office: Flask, post: Post) -> None:
    letter = failed(post)
    with writing():
        notice_approval.try_again(db.session.get_one(Notice, letter), by=steps.team()[0])
    post.end = PUT_OFF

    deliver(letter, post, times=notice_sending.MOST_SPENT - 1)

    assert fate(letter) == (QUEUED, "451")
