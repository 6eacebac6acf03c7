"""Outside decisions: what the database itself refuses, whatever our code may do."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, text, update

from hotline import clock
from hotline.extensions import db
from hotline.models import Appeal, Assessment, Item, OutsideDecision, Verdict
from hotline.vocabulary import AppealDecision, ItemStatus
from tests.models.test_gate import ILLEGAL, NATIONAL, broken_key, finding, refused, verdict, write
from tests.services import steps
from tests.stores import Stores

UNCOUNTED = "this outside decision does not count"


@pytest.fixture
def item(office: Flask) -> Item:
    """Return an item that the first two of the team found different things of; the third has not looked."""
    found = steps.new_item()
    one, two, _ = people()
    finding(found, one, ILLEGAL)
    finding(found, two, NATIONAL)
    write(update(Item).where(Item.id == found.id).values(status=ItemStatus.DISPUTED))
    return found


def people() -> tuple[int, ...]:
    return tuple(person.id for person in steps.team())


def decision(item: Item, by: int, said: dict[str, object] = ILLEGAL, *, own: bool = False, **more: object):
    known = {"words": b"sealed", "decided_on": date(2026, 11, 20), "recorded_at": clock.now(), "looks_after": 0}
    return insert(OutsideDecision).values(item_id=item.id, recorded_by_id=by, by_one_of_them=own, **known | said | more)


def confirmed(decision_id: int, by: int):
    row = update(OutsideDecision).where(OutsideDecision.id == decision_id)
    return row.values(confirmed_by_id=by, confirmed_at=clock.now())


def ended(decision_id: int, by: int):
    return update(OutsideDecision).where(OutsideDecision.id == decision_id).values(ended_by_id=by, ended_at=clock.now())


def look_of(item: Item, person: int) -> int:
    query = select(Assessment.id).where(Assessment.item_id == item.id, Assessment.assessor_id == person)
    return db.session.scalars(query).one()


def rests_on(item: Item, person: int, decision_id: int | None, found: dict[str, object] = ILLEGAL, **more: object):
    sides = {"first_id": more.get("first_id") or look_of(item, person), "first_by": person, "outside_id": decision_id}
    last = max(db.session.scalars(select(Assessment.id).where(Assessment.item_id == item.id)))
    known = {"item_id": item.id, "agreed_at": clock.now(), "looks_until": last}
    return insert(Verdict).values(known | sides | found | more)


def test_one_look_and_a_decision_by_who_has_not_looked_make_a_verdict(item: Item) -> None:
    one, _two, three = people()
    said = write(decision(item, three))

    write(rests_on(item, one, said))

    assert db.session.scalars(select(Verdict.outside_id)).one() == said


def test_one_look_alone_is_no_verdict(item: Item) -> None:
    one, two, three = people()
    said = write(decision(item, three))

    refused(rests_on(item, one, None), "two_sides")
    refused(rests_on(item, one, said, second_id=look_of(item, two), second_by=two), "two_sides")


def test_the_look_and_the_decision_say_the_same(item: Item) -> None:
    _one, two, three = people()
    said = write(decision(item, three))

    refused(rests_on(item, two, said, NATIONAL), broken_key("fk_verdicts_outside"))
    refused(rests_on(item, two, said, ILLEGAL), broken_key("fk_verdicts_first"))


@pytest.mark.parametrize("recorder", [0, 1])
def test_the_record_of_one_who_looked_counts_only_when_another_confirms_it(item: Item, recorder: int) -> None:
    one, two, three = people()
    by, other = (one, two)[recorder], (two, one)[recorder]
    said = write(decision(item, by, own=True))

    refused(rests_on(item, one, said), UNCOUNTED)
    refused(confirmed(said, by), "two_people")
    refused(confirmed(said, three), UNCOUNTED)
    write(confirmed(said, other))
    write(rests_on(item, one, said))


def test_a_record_says_whether_its_writer_has_looked(item: Item) -> None:
    one, _two, three = people()

    refused(decision(item, one, own=False), UNCOUNTED)
    refused(decision(item, three, own=True), UNCOUNTED)


def test_who_looks_after_recording_needs_somebody_to_confirm_it(item: Item) -> None:
    one, _two, three = people()
    said = write(decision(item, three))
    finding(item, three, ILLEGAL)

    refused(rests_on(item, one, said), UNCOUNTED)


def test_nothing_is_recorded_as_confirmed_or_about_what_is_not_disputed(item: Item) -> None:
    one, two, three = people()
    refused(decision(item, one, own=True, confirmed_by_id=two, confirmed_at=clock.now()), UNCOUNTED)
    said = write(decision(item, one, own=True))
    write(update(Item).values(status=ItemStatus.DECIDED))

    refused(decision(item, three, looks_after=1), UNCOUNTED)
    refused(confirmed(said, two), UNCOUNTED)


def test_whoever_is_asked_does_not_answer_that_somebody_is_to_be_asked(item: Item) -> None:
    refused(decision(item, people()[2], ILLEGAL | {"law": "adviser"}), "answers")


def test_a_decision_counts_beside_no_look_of_an_earlier_round_and_not_once_it_was_set_aside(item: Item) -> None:
    one, _two, three = people()
    said = write(decision(item, three, looks_after=look_of(item, one)))
    refused(rests_on(item, one, said), UNCOUNTED)

    other = write(decision(item, three))
    write(ended(other, three))
    refused(rests_on(item, one, other), UNCOUNTED)
    refused(confirmed(other, one), UNCOUNTED)


def test_a_decision_of_an_earlier_round_counts_beside_no_later_look(item: Item) -> None:
    one, two, three = people()
    said = write(decision(item, three))
    write(update(Item).where(Item.id == item.id).values(looks_after=look_of(item, two)))
    later = finding(item, one, ILLEGAL)

    refused(rests_on(item, one, said, first_id=later), UNCOUNTED)


def test_a_decision_from_before_a_verdict_counts_for_no_later_one(item: Item) -> None:
    one, two, three = people()
    said = write(decision(item, three))
    again = (finding(item, two, ILLEGAL), two)
    before = write(verdict(item, (look_of(item, one), one), again, ILLEGAL))
    later = finding(item, one, ILLEGAL)

    refused(rests_on(item, one, said, first_id=later, supersedes_id=before), UNCOUNTED)


def test_one_decision_stands_in_a_round(item: Item) -> None:
    three = people()[2]
    said = write(decision(item, three))
    refused(decision(item, three), "frozen" if db.engine.dialect.name == "sqlite" else "ix_outside_decisions_stands")
    write(ended(said, three))

    write(decision(item, three))


def test_a_decision_is_frozen_and_one_that_a_verdict_rests_on_stays(item: Item) -> None:
    one, two, three = people()
    said = write(decision(item, three))
    later = {"inhope_class": "national", "law": "not_illegal", "words": b"other", "decided_on": date(2026, 11, 21)}
    placed = {"id": said + 1, "looks_after": 1, "recorded_by_id": two, "by_one_of_them": True}
    for column, value in {**later, **placed, "recorded_at": clock.now(), "item_id": item.id + 1}.items():
        with pytest.raises(Exception, match="frozen"):
            write(update(OutsideDecision).values({column: value}))
    write(confirmed(said, two))
    refused(confirmed(said, one), UNCOUNTED)
    write(rests_on(item, one, said))

    with pytest.raises(Exception, match="frozen"):
        write(ended(said, three))
    refused(delete(OutsideDecision), broken_key("fk_verdicts_outside"))


def test_every_column_of_a_decision_is_frozen_or_written_once() -> None:
    once = {"confirmed_by_id", "confirmed_at", "ended_by_id", "ended_at"}
    frozen = {"id", "item_id", "looks_after", "inhope_class", "law", "words", "decided_on", "recorded_by_id"}

    columns = {column.name for column in OutsideDecision.__table__.columns}
    assert columns == once | frozen | {"recorded_at", "by_one_of_them"}


def test_what_a_verdict_rests_on_and_how_far_people_had_looked_is_frozen(item: Item) -> None:
    one, _two, three = people()
    write(rests_on(item, one, write(decision(item, three))))

    for column in ("outside_id", "looks_until", "second_id", "second_by"):
        with pytest.raises(Exception, match="frozen"):
            write(update(Verdict).values({column: 1}))


def test_a_verdict_ends_no_earlier_than_the_looks_it_rests_on(item: Item) -> None:
    one, two, _three = people()
    first, second = (look_of(item, one), one), (finding(item, two, ILLEGAL), two)

    refused(verdict(item, first, second, ILLEGAL).values(looks_until=first[0]), "until")


def test_no_decision_is_put_in_the_place_of_another(item: Item, stores: Stores) -> None:
    write(decision(item, people()[2]))
    table = OutsideDecision.__table__
    again = insert(table).from_select(table.columns.keys(), select(table)).prefix_with("OR REPLACE")
    replace = {"sqlite": again, "postgresql": text("TRUNCATE outside_decisions CASCADE")}

    with pytest.raises(Exception, match="frozen"):
        write(replace[stores.engine])


def test_whoever_recorded_it_decides_no_appeal_about_it(item: Item) -> None:
    three = people()[2]
    said = write(decision(item, three))
    known = {"item_id": item.id, "words": b"sealed", "opened_at": clock.now(), "opened_by_id": three}
    appeal = write(insert(Appeal).values(known))
    decided = {"decision": AppealDecision.STANDS, "decided_at": clock.now(), "reason": b"sealed"}
    settled = update(Appeal).where(Appeal.id == appeal).values(decided_by_id=three, **decided)

    refused(settled, "involved")
    write(ended(said, three))
    write(settled)
