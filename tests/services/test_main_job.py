"""The main job without its screens: a sealed report becomes an item, two people agree, and one letter goes."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from hotline import create_app, vault
from hotline.errors import GateClosed
from hotline.extensions import db
from hotline.gateways import mail
from hotline.jobs import sweep
from hotline.models import Item, Notice, Recipient, Staff
from hotline.services import assessments, audit, demo, intake, items, notices, schema, submissions
from hotline.transactions import writing
from hotline.vocabulary import Category, Channel, ItemStatus, Language, NoticeStatus


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Flask]:
    vault.create_keys(tmp_path / "keys")
    app = create_app("office", {"HOTLINE_DATA_DIR": str(tmp_path), "HOTLINE_INBOX_DELAY": "0"})
    app.extensions["hotline.keyring"].public = vault.PublicKeys(b"p" * 32, b"f" * 32, b"r" * 32)
    with app.app_context():
        schema.upgrade()
        list(demo.people())
        yield app


def report(urls: str, nonce: str = "one") -> str:
    sent = submissions.Submission(Category.CSAM, urls, None, "quiet words", None, "", Language.EN)
    return submissions.take(sent, nonce=nonce)


def looked_at_twice() -> Item:
    report("https://img-board.example/t/1")
    intake.open_inbox()
    first, second = db.session.scalars(select(Staff).order_by(Staff.id).limit(2))
    item = db.session.scalars(select(Item)).one()
    with writing():
        items.claim(item, by=first)
        assessments.first_look(item, demo.ILLEGAL, by=first)
    with writing():
        assessments.take_review(item, by=second)
        assert assessments.second_look(item, demo.ILLEGAL, by=second)
    return item


def test_the_same_form_sent_twice_is_one_report_with_one_code(office: Flask) -> None:
    assert report("https://a.example/x") == report("https://a.example/x")

    assert intake.open_inbox() == 1


def test_a_second_report_of_an_address_joins_its_item(office: Flask) -> None:
    report("https://a.example/x?utm_source=y", "one")
    report("hxxp://A[.]example/x", "two")

    intake.open_inbox()

    assert [item.report_count for item in db.session.scalars(select(Item))] == [2]


def test_nothing_is_drafted_before_two_people_agree(office: Flask) -> None:
    report("https://a.example/x")
    intake.open_inbox()
    item = db.session.scalars(select(Item)).one()
    to, by = db.session.scalars(select(Recipient)).first(), db.session.scalars(select(Staff)).first()

    with pytest.raises(GateClosed), writing():
        notices.draft(item, to, channel=Channel.HOST, language=Language.EN, by=by)


def test_the_database_refuses_a_verdict_by_one_person(office: Flask) -> None:
    looked_at_twice()

    with pytest.raises(IntegrityError), writing():
        db.session.execute(text("UPDATE verdicts SET second_by = first_by"))


def test_the_database_refuses_to_change_a_finding(office: Flask) -> None:
    looked_at_twice()

    with pytest.raises(DatabaseError, match="frozen"), writing():
        db.session.execute(text("UPDATE assessments SET law = 'not_illegal'"))


def test_an_approved_notice_goes_once_though_the_queue_server_is_away(office: Flask, tmp_path: Path) -> None:
    item = looked_at_twice()
    to, (drafter, approver) = (
        db.session.scalars(select(Recipient)).first(),
        db.session.scalars(select(Staff).order_by(Staff.id).limit(2)).all(),
    )
    with writing():
        notice = notices.draft(item, to, channel=Channel.HOST, language=Language.EN, by=drafter)
        notices.approve(notice, by=approver)

    sweep.once()
    sweep.once()

    letters = mail.kept_letters(tmp_path / "letters", vault.keyring())
    assert len(letters) == 1
    assert "hxxps://img-board[.]example/t/1" in next(iter(letters.values()))
    assert db.session.scalars(select(Notice.status)).one() is NoticeStatus.SENT
    assert db.session.scalars(select(Item.status)).one() is ItemStatus.ACTING
    assert audit.verify()[1] is None


def test_nothing_of_a_report_stands_in_clear_in_the_stores(office: Flask, tmp_path: Path) -> None:
    looked_at_twice()

    stored = b"".join(path.read_bytes() for path in tmp_path.glob("*.sqlite3*"))
    assert sqlite3.connect(tmp_path / "desk.sqlite3").execute("SELECT count(*) FROM items").fetchone() == (1,)
    assert b"img-board" not in stored
    assert b"quiet words" not in stored
