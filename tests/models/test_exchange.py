"""What left for partners and ICCAM stays on record: plain SQL, no code of ours between."""

import pytest
from flask import Flask
from sqlalchemy import Table, delete, insert, select, text
from sqlalchemy.exc import IntegrityError

from hotline.extensions import db
from hotline.models import Exchange, ExchangeMessage, IccamEntry
from hotline.services import exchange, iccam
from hotline.transactions import writing
from tests.services import steps
from tests.services.partner import Partner, hotline
from tests.stores import Stores


@pytest.fixture
def _gone_out(office: Flask) -> None:
    """Offer an item through the interface, and type its report into ICCAM."""
    Partner().open_door()
    first, second, _ = steps.team()
    item, ref = steps.looked_at_twice(), hotline().ref
    with writing():
        drafted = exchange.draft(item, ref, "interface", by=first)
    with writing():
        exchange.approve(drafted, by=second)
    with writing():
        iccam.begin(item, "4711", "47110", by=first)
    with writing():
        iccam.record_typed(item, iccam.get(item).entries[0], "", "", by=first)


@pytest.mark.usefixtures("_gone_out")
@pytest.mark.parametrize("model", [Exchange, ExchangeMessage, IccamEntry])
def test_what_left_is_not_deleted(model: type) -> None:
    with pytest.raises(IntegrityError, match="frozen"), writing():
        db.session.execute(delete(model.__table__))


@pytest.mark.usefixtures("_gone_out")
@pytest.mark.parametrize("model", [Exchange, ExchangeMessage, IccamEntry])
def test_nothing_is_put_in_the_place_of_what_left(stores: Stores, model: type) -> None:
    table: Table = model.__table__
    again = insert(table).from_select(table.columns.keys(), select(table)).prefix_with("OR REPLACE")
    replace = {"sqlite": again, "postgresql": text(f"TRUNCATE {table.name} CASCADE")}

    with pytest.raises(Exception, match=r"frozen|may not leave|is there already"), writing():
        db.session.execute(replace[stores.engine])


@pytest.mark.usefixtures("_gone_out")
@pytest.mark.parametrize(
    ("model", "other"), [(Exchange, {"ref": "X-ZZZZZZ"}), (ExchangeMessage, {"id": 99}), (IccamEntry, {"id": 99})]
)
def test_nor_under_another_name(stores: Stores, model: type, other: dict[str, object]) -> None:
    if stores.engine != "sqlite":
        pytest.skip("only SQLite knows REPLACE")
    table: Table = model.__table__
    known = dict(db.session.execute(select(table).order_by(table.c.id)).first()._mapping)
    draft = {"status": "draft", "approved_by_id": None} if model is Exchange else {}
    due = {"state": "due", "done_at": None, "done_by_id": None} if model is IccamEntry else {}
    new = known | {"id": 99} | other | draft | due

    with pytest.raises(IntegrityError, match="frozen"), writing():
        db.session.execute(insert(table).values(new).prefix_with("OR REPLACE"))


def test_a_draft_that_left_nowhere_may_go(office: Flask) -> None:
    item, ref = steps.looked_at_twice(), hotline().ref
    with writing():
        exchange.draft(item, ref, "by_hand", by=steps.team()[0])
    with writing():
        db.session.execute(delete(Exchange))

    assert db.session.scalars(select(Exchange)).all() == []
