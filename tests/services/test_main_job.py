"""The main job without its screens: a sealed report becomes an item, two people agree, and one letter goes."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from hotline import vault
from hotline.errors import GateClosed
from hotline.extensions import db
from hotline.gateways import mail
from hotline.jobs import sweep
from hotline.models import Item, Notice
from hotline.outbox import Task
from hotline.services import audit, intake, kept_notices, notice_approval, notice_drafting, receipts
from hotline.transactions import writing
from hotline.vocabulary import Channel, ItemStatus, Language, NoticeStatus, ReportStatus
from tests.services import steps
from tests.stores import Stores


def test_the_same_form_sent_twice_is_one_report_with_one_code(office: Flask) -> None:
    assert steps.report("https://a.example/x") == steps.report("https://a.example/x")

    assert intake.open_inbox() == 1


def test_a_second_report_of_an_address_joins_its_item(office: Flask) -> None:
    steps.report("https://a.example/x?utm_source=y", "one")
    steps.report("hxxp://A[.]example/x", "two")

    intake.open_inbox()

    assert [item.report_count for item in db.session.scalars(select(Item))] == [2]


def test_nothing_is_drafted_before_two_people_agree(office: Flask) -> None:
    item = steps.new_item()

    with pytest.raises(GateClosed), writing():
        notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=steps.team()[0])


def test_the_sweeper_alone_does_everything_while_the_queue_server_is_away(office: Flask, tmp_path: Path) -> None:
    code = steps.report("https://img-board.example/t/1", nonce="https://img-board.example/t/1")
    item = steps.looked_at_twice()
    drafter, approver, _ = steps.team()
    with writing():
        notice = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=drafter)
        notice_approval.approve(notice, by=approver)

    sweep.once()
    sweep.once()

    letters = mail.kept_letters(tmp_path / "letters", vault.keyring())
    assert len(letters) == 1
    assert "hxxps://img-board[.]example/t/1" in next(iter(letters.values()))
    kept = db.session.scalars(select(Notice)).one()
    assert (kept.is_kept, kept.lines[0].item.status) == (True, ItemStatus.DECIDED)
    assert receipts.find(code).status is ReportStatus.CHECKING

    with writing():
        kept_notices.record_by_hand(kept, by=steps.team()[0])
    sweep.once()

    assert db.session.scalars(select(Notice.status)).one() is NoticeStatus.SENT
    assert db.session.scalars(select(Item.status)).one() is ItemStatus.ACTING
    assert receipts.find(code).status is ReportStatus.ACTION_TAKEN
    assert db.session.scalars(select(Task)).all() == []
    assert audit.verify()[1] is None


def test_nothing_of_a_report_stands_in_clear_in_the_stores(office: Flask, stores: Stores, request) -> None:
    steps.report("https://found-nowhere.example/t/1", details="said nowhere else")  # by no other test either
    item = steps.looked_at_twice(url="https://found-nowhere.example/t/1")

    stored = _bytes_on_disk(stores, request)

    assert item.ref.encode() in stored  # what is kept in clear is found this way
    assert b"found-nowhere" not in stored
    assert b"said nowhere else" not in stored


def _bytes_on_disk(stores: Stores, request: pytest.FixtureRequest) -> bytes:
    if stores.engine == "sqlite":
        files = Path(stores.environ["HOTLINE_DATA_DIR"]).glob("*.sqlite3*")
    else:
        server = request.getfixturevalue("postgresql_server")
        server.as_superuser("CHECKPOINT")
        files = (server.folder / "data").rglob("*")  # tables, write-ahead log and all
    return b"".join(path.read_bytes() for path in files if path.is_file())
