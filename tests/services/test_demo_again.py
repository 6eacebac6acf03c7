"""The demo added once more to a desk that has it already, as `flask demo` does after `make run`."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from hotline import clock
from hotline.extensions import db
from hotline.models import Item
from hotline.models.clock import Clock
from hotline.services import demo, demo_clocks, duties, schema, staff
from hotline.transactions import writing
from hotline.vocabulary import Subject
from tests.services import steps


def test_the_demo_can_be_added_again_and_again(office: Flask) -> None:
    demo.reports(40)
    before = _count()

    for count in (1, 3):
        demo.reports(count)

    assert _count() > before


def test_only_limits_of_items_are_moved_and_none_that_has_no_room(office: Flask) -> None:
    duties.sweep()
    for number in range(8):
        steps.new_item(f"https://img-board.example/t/{number}", nonce=str(number))
    now = clock.now()
    with writing():
        for one in db.session.scalars(select(Clock).order_by(Clock.id)):
            minutes = 5 if one.id % 2 else 60
            one.started_at, one.due_at = now - timedelta(days=1, minutes=minutes), now - timedelta(days=1)
        db.session.flush()
        others = dict(db.session.execute(select(Clock.id, Clock.due_at).where(Clock.subject != Subject.ITEM)).all())

        demo_clocks.spread()

    db.session.expire_all()
    assert others
    found = {one.id: one for one in db.session.scalars(select(Clock))}
    assert {number: found[number].due_at for number in others} == others
    moved = [one for one in found.values() if one.due_at > now]
    assert moved
    assert all(one.subject is Subject.ITEM and one.due_at - one.started_at == timedelta(hours=1) for one in moved)


def _count() -> int:
    return db.session.scalar(select(func.count()).select_from(Item)) or 0


def test_a_desk_without_anybody_gets_what_needs_nobody(bare_office: Flask) -> None:
    schema.upgrade()
    assert staff.list_staff() == []

    demo.reports(12)

    assert db.session.scalar(select(func.count()).select_from(Item)) == 12
