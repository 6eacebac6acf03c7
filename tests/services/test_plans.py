"""What is said for every letter and every report is planned once: SQLite plans nothing anew that it has planned."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import Connection, event, select

from hotline.extensions import db, spelt
from hotline.models import Item
from hotline.services import notice_approval, notice_drafting, notice_sending
from hotline.transactions import writing
from hotline.vocabulary import Channel, ItemStatus, Language
from tests.services import steps
from tests.services.letter_steps import Post


@pytest.fixture(autouse=True)
def on_sqlite(office: Flask) -> None:
    """PostgreSQL keeps what it has planned, or does not, as it likes."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("SQLite alone says what it plans")


@contextmanager
def planned() -> Iterator[list[str]]:
    """List the desk's statements that are planned meanwhile. SQLite asks for leave when it plans, and only then."""
    found: list[str] = []
    asked: list[object] = []
    raws: list[sqlite3.Connection] = []

    def allow(*what: object) -> int:
        asked.append(what)
        return sqlite3.SQLITE_OK

    def listen(connection: Connection, *_: object) -> None:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        if raw not in raws:
            raws.append(raw)
            raw.set_authorizer(allow)
        asked.clear()

    def note(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if asked:
            found.append(statement)

    event.listen(db.engine, "before_cursor_execute", listen)
    event.listen(db.engine, "after_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)
        event.remove(db.engine, "after_cursor_execute", note)
        for raw in raws:
            raw.set_authorizer(None)


def approved(number: int) -> int:
    """Bring a letter about an address of its own to where it waits to be sent; return its id."""
    item, (first, second, _) = steps.looked_at_twice(url=f"https://img-board.example/t/{number}"), steps.team()
    with writing():
        notice = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)
        notice_approval.approve(notice, by=second)
    return notice.id


def test_a_word_that_an_index_is_chosen_by_is_planned_once_only_where_it_is_spelt(office: Flask) -> None:
    """So there is something to find for the tests below."""
    of_host = select(Item.id).where(Item.host_index == b"none")
    bound, written = (of_host.where(Item.status == one) for one in (ItemStatus.DECIDED, spelt(ItemStatus.DECIDED)))
    with planned() as found:
        for query in (bound, written):
            db.session.execute(query).all()
        found.clear()
        for query in (bound, written):
            db.session.execute(query).all()

    assert len(found) == 1
    assert found[0].endswith("items.status = ?")


def test_a_letter_is_sent_without_planning_anything_anew(office: Flask, post: Post) -> None:
    letters = [approved(number) for number in range(3)]
    with planned() as found:
        notice_sending.deliver_in_turn(letters[:2], mailer=post)
        assert found  # the first one has to be planned
        found.clear()
        notice_sending.deliver_in_turn(letters[2:], mailer=post)

    assert post.tries == 3
    assert found == []


def test_a_report_is_taken_in_without_planning_anything_anew(office: Flask) -> None:
    with planned() as found:
        for number in range(2):
            steps.new_item(f"https://img-board.example/t/{number}", nonce=f"new {number}")
            steps.new_item("https://img-board.example/t/0", nonce=f"known {number}")
        assert found
        found.clear()
        item = steps.new_item("https://img-board.example/t/2", nonce="new 2")
        steps.new_item("https://img-board.example/t/0", nonce="known 2")

    assert item.id == 3
    assert found == []
