"""A letter goes once, as it was approved, on verdicts that stand: plain SQL, without any code of ours between."""

import itertools

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from hotline import clock
from hotline.extensions import db
from hotline.models import Item, Notice, NoticeItem, Verdict
from hotline.services import demo, notice_drafting
from hotline.transactions import writing
from hotline.vocabulary import Channel, ItemStatus, Language, NoticeStatus
from tests.services import steps
from tests.stores import Stores

DRAFT, APPROVED, QUEUED, SENT, ANSWERED, BOUNCED, FAILED, WITHDRAWN = NoticeStatus
MOVES = {
    DRAFT: {APPROVED, QUEUED, WITHDRAWN},
    APPROVED: {QUEUED, WITHDRAWN},
    QUEUED: {SENT, FAILED, WITHDRAWN},
    FAILED: {QUEUED, SENT, WITHDRAWN},
    WITHDRAWN: {SENT},
    SENT: {ANSWERED, BOUNCED},
    ANSWERED: {BOUNCED},
    BOUNCED: {ANSWERED},
}
WAYS = {
    DRAFT: (),
    APPROVED: (APPROVED,),
    QUEUED: (QUEUED,),
    SENT: (QUEUED, SENT),
    ANSWERED: (QUEUED, SENT, ANSWERED),
    BOUNCED: (QUEUED, SENT, BOUNCED),
    FAILED: (QUEUED, FAILED),
    WITHDRAWN: (QUEUED, WITHDRAWN),
}
ALWAYS = {"id", "ref", "message_id", "drafted_by_id", "drafted_at", "kind", "follows_id"}
ONCE_APPROVED = {"recipient_id", "channel", "language", "template", "letter", "approved_by_id", "approved_at"}
ONCE_APPROVED |= {"delivery", "template_id", "key_id"}
MAY_CHANGE = {"status", "sent_at", "kept_at", "leased_until", "attempts", "spent", "last_fault"}
MAY_CHANGE |= {"not_before", "proof", "answered_at", "answer"}
OPEN = (ItemStatus.DECIDED, ItemStatus.ACTING, ItemStatus.MONITORING)


def write(statement) -> None:
    with writing():
        db.session.execute(statement)


def refused(statement, because: str) -> None:
    """Hold that the database refuses a statement, for the reason that is meant."""
    with pytest.raises(IntegrityError) as caught:
        write(statement)
    assert because in str(caught.value.orig)


def drafted(url: str = "https://img-board.example/t/1") -> int:
    """Draft a letter about an address that two people found illegal; return its id."""
    item = steps.looked_at_twice(url=url)
    with writing():
        by = steps.team()[0]
        return notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=by).id


def brought_to(status: NoticeStatus) -> int:
    """Bring a letter to a status the way letters come there; return its id."""
    letter = drafted()
    for step in WAYS[status]:
        write(move(letter, step))
    return letter


def move(letter: int, status: NoticeStatus):
    approver = {"approved_by_id": steps.team()[1].id, "approved_at": clock.now()}
    in_draft = db.session.scalar(select(Notice.status).where(Notice.id == letter)) is DRAFT
    return update(Notice).where(Notice.id == letter).values(status=status, **(approver if in_draft else {}))


def bare(letter: int, **changes: object):
    """Return the statement that writes a letter without lines, everything else as in `letter`."""
    known = dict(db.session.execute(select(Notice.__table__).where(Notice.id == letter)).one()._mapping)
    new = {"ref": "N-ZZZZZZ", "message_id": "<z@hotline.example>"} | changes
    return insert(Notice).values({name: value for name, value in (known | new).items() if name != "id"})


@pytest.mark.parametrize("status", NoticeStatus)
def test_a_letter_moves_only_as_the_table_says(office: Flask, status: NoticeStatus) -> None:
    letter = brought_to(status)

    for other in set(NoticeStatus) - MOVES[status] - {status}:
        refused(move(letter, other), "may not go")


@pytest.mark.parametrize(("status", "other"), [(old, new) for old, many in MOVES.items() for new in sorted(many)])
def test_a_letter_moves_as_letters_do(office: Flask, status: NoticeStatus, other: NoticeStatus) -> None:
    letter = brought_to(status)

    write(move(letter, other))

    assert db.session.scalar(select(Notice.status).where(Notice.id == letter)) is other


@pytest.mark.parametrize("status", [APPROVED, QUEUED])
def test_no_letter_moves_on_without_approval(office: Flask, status: NoticeStatus) -> None:
    letter = drafted()

    refused(update(Notice).where(Notice.id == letter).values(status=status), "approved")


def test_a_letter_that_was_withdrawn_as_a_draft_is_never_called_sent(office: Flask) -> None:
    letter = drafted()
    write(update(Notice).where(Notice.id == letter).values(status=WITHDRAWN))

    refused(update(Notice).where(Notice.id == letter).values(status=SENT), "approved")
    refused(update(Notice).where(Notice.id == letter).values(status=SENT, approved_by_id=1), "frozen")


@pytest.mark.parametrize("status", sorted(set(NoticeStatus) - {DRAFT}))
def test_a_letter_begins_as_a_draft(office: Flask, status: NoticeStatus) -> None:
    letter = drafted()

    refused(bare(letter, status=status, approved_by_id=steps.team()[1].id), "may not go")


def test_a_letter_without_addresses_is_never_queued(office: Flask) -> None:
    letter, _ = one_to_list()

    refused(move(letter, QUEUED), "may not go")


@pytest.mark.parametrize("before", [DRAFT, FAILED])
@pytest.mark.parametrize("status", sorted(set(ItemStatus) - set(OPEN)))
def test_a_letter_whose_item_is_not_open_to_letters_is_not_queued(
    office: Flask, before: NoticeStatus, status: ItemStatus
) -> None:
    letter = brought_to(before)
    write(update(Item).values(status=status))

    refused(move(letter, QUEUED), "may not go")


@pytest.mark.parametrize("before", [DRAFT, FAILED])
def test_a_letter_on_a_verdict_that_was_superseded_is_not_queued(office: Flask, before: NoticeStatus) -> None:
    letter = brought_to(before)
    write(again_agreed())

    refused(move(letter, QUEUED), "may not go")


def again_agreed():
    """Return the statement that writes a next verdict like the last."""
    last = dict(db.session.execute(select(Verdict.__table__)).one()._mapping)
    return insert(Verdict).values({**last, "id": last["id"] + 1, "supersedes_id": last["id"]})


def test_every_column_of_a_letter_is_frozen_or_may_change() -> None:
    assert {column.name for column in Notice.__table__.columns} == ALWAYS | ONCE_APPROVED | MAY_CHANGE


@pytest.mark.parametrize("status", sorted(set(NoticeStatus)))
def test_what_was_approved_stays_as_it_was(office: Flask, status: NoticeStatus) -> None:
    letter = brought_to(status)

    for column in ALWAYS | (ONCE_APPROVED if status is not DRAFT else set()):
        refused(update(Notice.__table__).where(Notice.id == letter).values({column: text(column)}), "frozen")


def test_a_draft_may_still_be_written_anew(office: Flask) -> None:
    letter = drafted()

    write(update(Notice).where(Notice.id == letter).values(letter=b"sealed anew"))


def listed(letter: int, item: Item, **changes: object):
    """Return the statement that lists an item in a letter, on the newest verdict."""
    said = db.session.scalars(select(Verdict).where(Verdict.item_id == item.id).order_by(Verdict.id.desc())).first()
    facts = {"inhope_class": said.inhope_class, "law": said.law, "channel": Channel.HOST, "in_danger": False}
    return insert(NoticeItem).values({"notice_id": letter, "item_id": item.id, "verdict_id": said.id} | facts | changes)


def one_to_list() -> tuple[int, Item]:
    """Return a draft without lines, and an item that two people found illegal."""
    write(bare(drafted()))
    letter = db.session.scalars(select(Notice.id).where(Notice.ref == "N-ZZZZZZ")).one()
    return letter, db.session.scalars(select(Item)).one()


@pytest.mark.parametrize("status", ItemStatus)
def test_an_address_is_listed_only_while_its_item_is_open_to_letters(office: Flask, status: ItemStatus) -> None:
    letter, item = one_to_list()
    write(update(Item).values(status=status))

    if status in OPEN:
        write(listed(letter, item))
    else:
        refused(listed(letter, item), "may not go")


def test_an_address_is_listed_only_on_its_newest_verdict(office: Flask) -> None:
    letter, item = one_to_list()
    write(again_agreed())
    first = db.session.scalars(select(Verdict.id).order_by(Verdict.id)).first()

    refused(listed(letter, item, verdict_id=first), "may not go")
    write(listed(letter, item))


@pytest.mark.parametrize("status", sorted(set(NoticeStatus) - {DRAFT}))
def test_addresses_are_listed_in_drafts_only(office: Flask, status: NoticeStatus) -> None:
    letter = brought_to(status)
    other = steps.looked_at_twice(url="https://b.example/2")

    refused(listed(letter, other), "may not go")


@pytest.mark.parametrize("status", NoticeStatus)
def test_what_a_letter_lists_is_not_changed_and_not_taken_away_while_it_may_go(
    office: Flask, status: NoticeStatus
) -> None:
    brought_to(status)

    for column in NoticeItem.__table__.columns:
        refused(update(NoticeItem.__table__).values({column.name: text(column.name)}), "frozen")
    if status in {APPROVED, QUEUED, FAILED}:
        refused(delete(NoticeItem), "frozen")
    else:
        write(delete(NoticeItem))


@pytest.mark.parametrize("model", [Notice, NoticeItem])
def test_no_letter_and_no_line_is_put_in_the_place_of_another(office: Flask, stores: Stores, model: type) -> None:
    brought_to(SENT)
    table = model.__table__
    again = insert(table).from_select(table.columns.keys(), select(table)).prefix_with("OR REPLACE")
    replace = {"sqlite": again, "postgresql": text(f"TRUNCATE {table.name} CASCADE")}

    with pytest.raises(Exception, match=r"frozen|may not go"):
        write(replace[stores.engine])

    assert db.session.scalars(select(Notice.status)).one() is SENT
    assert db.session.scalars(select(NoticeItem.id)).all() != []


def test_no_verdict_stands_in_front_of_itself_or_before_its_time(office: Flask) -> None:
    steps.looked_at_twice(demo.DOUBTFUL)
    last = dict(db.session.execute(select(Verdict.__table__)).one()._mapping)

    for own, superseded in itertools.product((last["id"] + 1,), (last["id"] + 1, last["id"] + 2)):
        refused(insert(Verdict).values({**last, "id": own, "supersedes_id": superseded}), "backwards")
