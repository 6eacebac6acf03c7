"""What is held stays here, and no police report goes before two people agreed: plain SQL, no code of ours between."""

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from hotline import clock
from hotline.extensions import db
from hotline.models import Hold, Item, PoliceReport, PoliceReportItem, Verdict
from hotline.rules import police as rule
from hotline.transactions import writing
from hotline.vocabulary import HandedBy, ItemStatus, NoticeStatus, PoliceStatus
from tests.models.test_letters import again_agreed, drafted, move
from tests.services import police_steps, steps
from tests.stores import Stores

HELD = ItemStatus.HELD
DRAFT, APPROVED, HANDED_OVER, ACKNOWLEDGED, CLOSED, WITHDRAWN = PoliceStatus
WAYS = {
    DRAFT: (),
    APPROVED: (APPROVED,),
    HANDED_OVER: (APPROVED, HANDED_OVER),
    ACKNOWLEDGED: (APPROVED, HANDED_OVER, ACKNOWLEDGED),
    CLOSED: (APPROVED, HANDED_OVER, CLOSED),
    WITHDRAWN: (WITHDRAWN,),
}
ONCE_APPROVED = {"unit_id", "language", "package", "drafted_by_id", "drafted_at", "approved_by_id", "approved_at"}
UNDECIDED = (ItemStatus.NEW, ItemStatus.ASSESSING, ItemStatus.IN_REVIEW, ItemStatus.DISPUTED)


def write(statement) -> None:
    with writing():
        db.session.execute(statement)


def refused(statement, because: str) -> None:
    with pytest.raises(IntegrityError) as caught:
        write(statement)
    assert because in str(caught.value.orig)


def to(status: PoliceStatus):
    """Return the statement that moves every police report to a status, as the service does."""
    values: dict[str, object] = {"status": status}
    if status is APPROVED:
        values |= {"approved_by_id": steps.team()[1].id, "approved_at": clock.now()}
    if status is HANDED_OVER:
        handed = {"handed_by": HandedBy.PORTAL, "handed_to": b"sealed", "handed_over_at": clock.now()}
        values |= {**handed, "handed_over_by_id": steps.team()[0].id}
    return update(PoliceReport).values(values)


def brought_to(status: PoliceStatus) -> PoliceReport:
    report = police_steps.drafted(steps.looked_at_twice())
    for step in WAYS[status]:
        write(to(step))
    return report


# --- Holds


@pytest.mark.parametrize("status", sorted(set(ItemStatus) - {HELD}))
def test_an_item_stays_held_while_a_hold_stands(office: Flask, status: ItemStatus) -> None:
    item = steps.looked_at_twice()
    police_steps.held(item)

    refused(update(Item).where(Item.id == item.id).values(status=status), "is held")


def test_no_letter_about_a_held_item_is_queued(office: Flask) -> None:
    letter = drafted()
    police_steps.held(db.session.scalars(select(Item)).one())

    refused(move(letter, NoticeStatus.QUEUED), "may not go")


@pytest.mark.parametrize("status", sorted(set(ItemStatus) - {HELD}))
def test_a_hold_begins_at_what_is_held(office: Flask, status: ItemStatus) -> None:
    refused(another_hold(status), "is held")


def test_a_hold_is_placed_for_the_police(office: Flask) -> None:
    refused(another_hold(HELD, unit_id=steps.recipient().id), "is held")


def test_a_hold_begins_unreleased(office: Flask) -> None:
    refused(another_hold(HELD, released_first_by_id=1, released_first_at=clock.now()), "is held")


def test_a_second_item_is_held_beside_the_first(office: Flask) -> None:
    write(another_hold(HELD))


def another_hold(status: ItemStatus, **changes: object):
    """Return the statement that holds an item which is in a status."""
    item = steps.looked_at_twice()
    police_steps.held(steps.looked_at_twice(url="https://b.example/2"))
    write(update(Item).where(Item.id == item.id).values(status=status))
    table = Hold.__table__
    known = dict(db.session.execute(select(table)).one()._mapping)
    new = {**known, "item_id": item.id, **changes}
    return insert(table).values({name: value for name, value in new.items() if name != "id"})


def test_one_hold_stands_at_an_item(office: Flask) -> None:
    police_steps.held(steps.looked_at_twice())
    known = dict(db.session.execute(select(Hold.__table__)).one()._mapping)
    again = insert(Hold.__table__).values({name: value for name, value in known.items() if name != "id"})

    with pytest.raises(IntegrityError):
        write(again)


def test_one_person_does_not_release_alone(office: Flask) -> None:
    police_steps.held(steps.looked_at_twice())
    one, now = steps.team()[0].id, clock.now()
    first = {"released_first_by_id": one, "released_first_at": now}

    refused(update(Hold).values(released_second_by_id=one, released_second_at=now), "released")
    refused(update(Hold).values(**first, released_second_by_id=one, released_second_at=now), "two_people")
    refused(update(Hold).values(**first, released_second_at=now), "released")


def test_what_was_released_is_not_changed_and_lets_its_item_go(office: Flask) -> None:
    item = steps.looked_at_twice()
    police_steps.held(item)
    first, second, _ = steps.team()
    refused(delete(Hold), "frozen")
    write(update(Hold).values(released_first_by_id=first.id, released_first_at=clock.now()))
    write(update(Hold).values(released_second_by_id=second.id, released_second_at=clock.now()))

    for column in Hold.__table__.columns:
        refused(update(Hold.__table__).values({column: text(column.name)}), "frozen")
    write(update(Item).where(Item.id == item.id).values(status=ItemStatus.ACTING))


@pytest.mark.parametrize("column", ["item_id", "unit_id", "reason", "was", "placed_by_id", "placed_at"])
def test_how_a_hold_was_placed_stays(office: Flask, column: str) -> None:
    police_steps.held(steps.looked_at_twice())

    refused(update(Hold.__table__).values({column: text(column)}), "frozen")


# --- Police reports


@pytest.mark.parametrize("status", PoliceStatus)
def test_a_report_moves_only_as_the_rule_says(office: Flask, status: PoliceStatus) -> None:
    brought_to(status)

    for other in set(PoliceStatus) - rule.MOVES[status] - {status}:
        with pytest.raises(IntegrityError):
            write(to(other))


@pytest.mark.parametrize(("status", "other"), [(old, new) for old, many in rule.MOVES.items() for new in sorted(many)])
def test_a_report_moves_as_reports_do(office: Flask, status: PoliceStatus, other: PoliceStatus) -> None:
    brought_to(status)

    write(to(other))

    assert db.session.scalars(select(PoliceReport.status)).one() is other


def test_who_wrote_it_does_not_approve_it(office: Flask) -> None:
    brought_to(DRAFT)
    own = {"approved_by_id": steps.team()[0].id, "approved_at": clock.now()}

    refused(update(PoliceReport).values(status=APPROVED), "approved")
    refused(update(PoliceReport).values(status=APPROVED, **own), "two_people")


def test_nothing_is_called_handed_over_without_how_and_to_whom(office: Flask) -> None:
    brought_to(APPROVED)

    refused(update(PoliceReport).values(status=HANDED_OVER), "handed_over")


@pytest.mark.parametrize("step", [APPROVED, HANDED_OVER])
@pytest.mark.parametrize("status", UNDECIDED)
def test_what_people_look_at_anew_does_not_go(office: Flask, step: PoliceStatus, status: ItemStatus) -> None:
    brought_to(DRAFT if step is APPROVED else APPROVED)
    write(update(Item).values(status=status))

    refused(to(step), "may not go")


@pytest.mark.parametrize("step", [APPROVED, HANDED_OVER])
def test_what_was_decided_otherwise_does_not_go(office: Flask, step: PoliceStatus) -> None:
    brought_to(DRAFT if step is APPROVED else APPROVED)
    write(again_agreed())

    refused(to(step), "may not go")


def test_what_was_handed_over_before_it_fell_can_be_said(office: Flask) -> None:
    brought_to(APPROVED)
    write(again_agreed())

    refused(to(HANDED_OVER), "may not go")
    write(to(HANDED_OVER).values(noted_late=True))
    refused(update(PoliceReport).values(noted_late=False), "frozen")


def test_nothing_falls_before_it_was_approved(office: Flask) -> None:
    brought_to(DRAFT)

    refused(update(PoliceReport).values(noted_late=True), "frozen")
    write(again_agreed())
    refused(to(APPROVED), "may not go")


def test_a_held_item_goes_to_the_police(office: Flask) -> None:
    item = steps.looked_at_twice()
    police_steps.held(item)

    assert police_steps.handed_over(item).status is HANDED_OVER
    assert item.status is HELD


def test_a_report_lists_something(office: Flask) -> None:
    brought_to(DRAFT)
    write(delete(PoliceReportItem))

    refused(to(APPROVED), "may not go")


@pytest.mark.parametrize("status", sorted(set(PoliceStatus) - {DRAFT}))
def test_what_was_approved_stays_as_it_was(office: Flask, status: PoliceStatus) -> None:
    brought_to(status)

    for column in ONCE_APPROVED | {"ref", "id"}:
        refused(update(PoliceReport.__table__).values({column: text(column)}), "frozen")


@pytest.mark.parametrize("status", [HANDED_OVER, ACKNOWLEDGED, CLOSED])
def test_how_it_was_handed_over_stays(office: Flask, status: PoliceStatus) -> None:
    brought_to(status)

    for column in ("handed_by", "handed_to", "handed_over_by_id", "handed_over_at"):
        refused(update(PoliceReport.__table__).values({column: text(column)}), "frozen")


@pytest.mark.parametrize("status", PoliceStatus)
def test_lines_stay_as_they_were_and_with_what_may_go(office: Flask, status: PoliceStatus) -> None:
    brought_to(status)

    for column in PoliceReportItem.__table__.columns:
        refused(update(PoliceReportItem.__table__).values({column.name: text(column.name)}), "frozen")
    if status in {DRAFT, WITHDRAWN}:
        write(delete(PoliceReportItem))
    else:
        refused(delete(PoliceReportItem), "frozen")


def test_a_report_goes_to_a_unit_of_the_police_and_begins_as_a_draft(office: Flask) -> None:
    brought_to(DRAFT)
    known = dict(db.session.execute(select(PoliceReport.__table__)).one()._mapping)
    new = {name: value for name, value in known.items() if name != "id"} | {"ref": "P-ZZZZZZ"}

    refused(insert(PoliceReport.__table__).values({**new, "unit_id": steps.recipient().id}), "may not go")
    approved = {"status": APPROVED, "approved_by_id": steps.team()[1].id, "approved_at": clock.now()}
    refused(insert(PoliceReport.__table__).values({**new, **approved}), "may not go")
    write(insert(PoliceReport.__table__).values(new))


@pytest.mark.parametrize("change", ["inhope_class", "law", "in_danger", "verdict_id"])
def test_an_address_is_listed_only_behind_the_gate(office: Flask, change: str) -> None:
    report = brought_to(DRAFT)
    other = steps.looked_at_twice(url="https://b.example/2")
    said = db.session.scalars(select(Verdict).where(Verdict.item_id == other.id)).one()
    true = {"verdict_id": said.id, "inhope_class": said.inhope_class, "law": said.law, "in_danger": False}
    false = {"inhope_class": "outside_remit", "law": "not_illegal", "in_danger": True, "verdict_id": said.id - 1}
    listing = {"report_id": report.id, "item_id": other.id}

    with pytest.raises(IntegrityError):
        write(insert(PoliceReportItem).values({**listing, **true, change: false[change]}))
    write(insert(PoliceReportItem).values({**listing, **true}))


@pytest.mark.parametrize("model", [Hold, PoliceReport, PoliceReportItem])
def test_nothing_is_put_in_the_place_of_another(office: Flask, stores: Stores, model: type) -> None:
    item = steps.looked_at_twice()
    police_steps.held(item)
    police_steps.handed_over(item)
    table = model.__table__
    again = insert(table).from_select(table.columns.keys(), select(table)).prefix_with("OR REPLACE")
    replace = {"sqlite": again, "postgresql": text(f"TRUNCATE {table.name} CASCADE")}

    with pytest.raises(Exception, match=r"frozen|may not go|is held"):
        write(replace[stores.engine])
