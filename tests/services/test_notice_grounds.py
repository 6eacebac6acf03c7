"""A letter goes while what it rests on stands, and not once any of it has fallen."""

import pytest
from flask import Flask

from hotline.extensions import db
from hotline.models import Item, Notice, Recipient
from hotline.services import notice_approval
from hotline.transactions import writing
from hotline.vocabulary import ItemStatus
from tests.services import steps
from tests.services.letter_steps import FAILED, SENT, Post, approved, deliver, fate, no_rows_of, put


@pytest.mark.parametrize(
    ("model", "change", "code"),
    [
        (Recipient, {"active": False}, "recipient"),
        (Recipient, {"verified_on": None}, "recipient"),
        (Recipient, {"mailbox": "elsewhere@hosting.example"}, "recipient"),
        (Item, {"status": ItemStatus.HELD}, "verdict"),
        (Item, {"status": ItemStatus.ASSESSING}, "verdict"),
        (Item, {"status": ItemStatus.CLOSED}, "verdict"),
    ],
)
def test_an_approved_letter_does_not_go_once_what_it_rests_on_has_fallen(office: Flask, post, model, change, code):
    letter = approved()
    put(model, **change)

    deliver(letter, post, times=2)

    assert post.tries == 0
    assert fate(letter) == (FAILED, code)
    assert no_rows_of(letter)


@pytest.mark.parametrize("status", [ItemStatus.ACTING, ItemStatus.MONITORING])
def test_a_letter_about_an_item_that_is_acted_on_goes(office: Flask, post: Post, status: ItemStatus) -> None:
    letter = approved()
    put(Item, status=status)

    deliver(letter, post)

    assert fate(letter) == (SENT, None)


def test_a_letter_whose_item_stands_again_may_be_tried_again(office: Flask, post: Post) -> None:
    letter = approved()
    put(Item, status=ItemStatus.HELD)
    deliver(letter, post)
    put(Item, status=ItemStatus.DECIDED)

    with writing():
        notice_approval.try_again(db.session.get_one(Notice, letter), by=steps.team()[0])
    deliver(letter, post)

    assert fate(letter) == (SENT, None)
