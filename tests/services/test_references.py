"""References that no other record has."""

import pytest
from flask import Flask
from sqlalchemy import select

from hotline.extensions import db
from hotline.models import Item
from hotline.rules import refs
from hotline.services import intake
from tests.services import steps


def test_a_reference_that_is_taken_is_drawn_again(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    lots = iter(["R-1", "I-TAKEN", "R-2", "I-TAKEN", "I-FREE"])
    monkeypatch.setattr(refs, "draw", lambda prefix: next(lots))

    steps.report("https://a.example/1\n", nonce="one")
    intake.open_inbox()
    steps.report("https://b.example/1\n", nonce="two")
    intake.open_inbox()

    assert db.session.scalars(select(Item.ref).order_by(Item.id)).all() == ["I-TAKEN", "I-FREE"]
