"""How each duty stands is counted off the indexes, and no further than is shown."""

import pytest
from sqlalchemy import select, text

from hotline.extensions import db
from hotline.models import Item
from hotline.services import claims, clock_pauses, clock_tallies
from hotline.vocabulary import Danger
from tests.services import steps
from tests.services.clock_steps import ACKNOWLEDGE, ASSESS, At, filed, in_transaction, running


def test_clocks_are_found_and_counted_by_their_indexes(at: At) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by what the table holds, which is little here")
    late = "SELECT id FROM clocks WHERE duty = 'assess' AND ended_at >= '2026' AND ending = 'missed' LIMIT 1000"
    runs = "SELECT id FROM clocks WHERE duty = 'assess' AND ending IS NULL AND ended_at IS NULL LIMIT 1000"
    of_one = "SELECT id FROM clocks WHERE subject = 'item' AND subject_id = 1"
    plans = [str(db.session.execute(text(f"EXPLAIN QUERY PLAN {one}")).all()) for one in (late, runs, of_one)]

    assert "ix_clocks_duty (duty=? AND ending=? AND ended_at>?)" in plans[0]
    assert "ix_clocks_duty (duty=? AND ending=? AND ended_at=?)" in plans[1]
    assert "ix_clocks_subject (subject=? AND subject_id=?)" in plans[2]


def test_tallies_count_by_duty_and_stop_counting(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    at(3)
    for number in range(3):
        filed(f"https://img-board.example/t/{number}", danger=Danger.YES if number else None)
    by = steps.team()[0]
    pressing = db.session.scalars(select(Item).where(Item.in_danger).order_by(Item.id)).first()
    at(4, 10)
    one = running(pressing)[ASSESS]
    in_transaction(lambda: clock_pauses.pause(one, "partner", by=by))
    at(6)
    in_transaction(lambda: claims.claim(pressing, by=by))

    told = {one.duty: one for one in clock_tallies.tallies(by=by)}

    assert told[ACKNOWLEDGE] == clock_tallies.Tally(ACKNOWLEDGE, running=2, over=1, paused=0, met=0, missed=1)
    assert told[ASSESS] == clock_tallies.Tally(ASSESS, running=2, over=1, paused=1, met=0, missed=0)
    monkeypatch.setattr(clock_tallies, "MOST_COUNTED", 1)
    assert clock_tallies.tallies(by=by)[0].running == 2
