"""Words to whoever comes next: sealed, for a day, and not twice to who has read them."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from hotline import clock
from hotline.errors import NotFound, Refused
from hotline.extensions import db
from hotline.models import Handover, HandoverRead
from hotline.services import handovers, staff
from hotline.transactions import writing
from tests.services.steps import team

NINE = datetime(2026, 11, 10, 2, tzinfo=UTC)


def test_a_word_is_sealed_and_others_see_it_until_they_have_read_it(office: Flask) -> None:
    first, second, third = team()
    with writing():
        handovers.write("  Read the host's decisions first. ", by=first)
    assert b"decisions" not in db.session.scalars(select(Handover.body)).one()
    (found,) = handovers.list_unread(by=second)
    assert (found.text, found.person.id) == ("Read the host's decisions first.", first.id)

    with writing():
        handovers.mark_read(found.id, by=second)
        handovers.mark_read(found.id, by=second)

    assert handovers.list_unread(by=second) == handovers.list_unread(by=first) == []
    assert len(handovers.list_unread(by=third)) == 1


def test_a_word_is_shown_for_a_day_and_then_removed(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = team()
    monkeypatch.setattr(clock, "now", lambda: NINE)
    with writing():
        handovers.write("A word.", by=first)
        handovers.mark_read(handovers.list_unread(by=second)[0].id, by=second)

    monkeypatch.setattr(clock, "now", lambda: NINE + timedelta(hours=23))
    handovers.forget_old()
    assert len(handovers.list_unread(by=third)) == 1

    monkeypatch.setattr(clock, "now", lambda: NINE + timedelta(hours=25))
    assert handovers.list_unread(by=third) == []
    handovers.forget_old()
    left = [db.session.scalar(select(func.count()).select_from(table)) for table in (Handover, HandoverRead)]
    assert left == [0, 0]


@pytest.mark.parametrize(("text", "code"), [(" ", "required"), ("a" * 1001, "length")])
def test_no_word_and_a_long_one_are_refused(office: Flask, text: str, code: str) -> None:
    with pytest.raises(Refused) as refused, writing():
        handovers.write(text, by=team()[0])

    assert refused.value.faults == (("text", code),)


def test_who_sees_no_cases_sees_no_word(office: Flask) -> None:
    helper = staff.get_by_name("kunthea")
    with writing():
        handovers.write("A word.", by=team()[0])

    assert handovers.list_unread(by=helper) == []
    with pytest.raises(NotFound), writing():
        handovers.mark_read(1, by=helper)
