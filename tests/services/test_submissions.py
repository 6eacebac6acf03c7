"""Taking a report: stored and answered with a code, or refused aloud; never a code without a report."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from hotline import create_app, vault
from hotline.errors import StorageFull
from hotline.models import ReceiptRow
from hotline.services import inbox, receipts
from hotline.transactions import apart, front_engine
from hotline.vocabulary import ReportStatus
from tests import stores as kinds
from tests.services import steps
from tests.stores import Server, Stores

LONG = "words " * 4000  # more than the pages that the store has


def receipts_stored() -> int:
    with apart(front_engine()) as session:
        return session.scalar(select(func.count()).select_from(ReceiptRow))


def in_front(statement: str) -> None:
    with front_engine().execution_options(writes=True).begin() as connection:
        connection.execute(text(statement))


def test_the_same_form_sent_by_four_at_once_is_one_report_with_one_code(office: Flask) -> None:
    codes = steps.together(office, [lambda: steps.report("https://a.example/x", "same")] * 4)

    assert len(set(codes)) == 1
    assert len(steps.waiting()) == receipts_stored() == 1


def test_forms_sent_at_once_are_all_stored(office: Flask) -> None:
    deeds = [lambda nonce=str(number): steps.report("https://a.example/x", nonce) for number in range(8)]

    codes = steps.together(office, deeds)

    assert len(set(codes)) == 8
    assert all(receipts.find(code).status is ReportStatus.RECEIVED for code in codes)
    assert len(steps.waiting()) == 8


def test_a_clash_that_is_not_the_same_form_gives_no_receipt(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox.secrets, "token_bytes", lambda size: b"i" * size)
    steps.report("https://a.example/x", "one")

    with pytest.raises(IntegrityError):
        steps.report("https://b.example/x", "two")

    assert len(steps.waiting()) == receipts_stored() == 1


def test_a_missing_table_is_not_called_a_full_disk(office: Flask) -> None:
    in_front("DROP TABLE inbox")

    with pytest.raises(DBAPIError):
        steps.report("https://a.example/x")

    assert receipts_stored() == 0


def test_a_full_store_gives_no_receipt_and_takes_the_same_form_once_there_is_room(
    office: Flask, stores: Stores
) -> None:
    fill, empty = FULL[stores.engine]
    with front_engine().connect() as connection:
        fill(connection)
        connection.commit()
    with pytest.raises(StorageFull):
        steps.report("https://a.example/x", details=LONG)
    assert receipts_stored() == 0

    with front_engine().connect() as connection:
        empty(connection)
        connection.commit()
    code = steps.report("https://a.example/x", details=LONG)

    assert receipts.find(code).status is ReportStatus.RECEIVED
    assert len(steps.waiting()) == 1


def test_a_postgresql_server_that_was_started_anew_costs_no_report(office: Flask, stores: Stores, request) -> None:
    if stores.engine == "sqlite":
        pytest.skip("SQLite has no connection to lose")
    server: Server = request.getfixturevalue("postgresql_server")
    steps.report("https://a.example/x", "before")

    server.cut_connections()

    steps.report("https://a.example/x", "after")
    assert len(steps.waiting()) == 2


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_store_that_is_not_there_gives_no_receipt(tmp_path: Path, kind: str) -> None:
    nowhere = {
        "sqlite": f"sqlite:///{tmp_path}/nowhere/front.sqlite3",
        "postgresql": f"postgresql+psycopg://hotline_front@/hotline_front?host={tmp_path}/nowhere",
    }[kind]
    vault.create_keys(tmp_path / "keys")
    app = create_app("public", {"HOTLINE_DATA_DIR": str(tmp_path), "HOTLINE_FRONT_DATABASE_URL": nowhere})

    with app.app_context(), pytest.raises(StorageFull):
        steps.report("https://a.example/x")
    with app.app_context(), pytest.raises(StorageFull):
        receipts.find("1234567890123456")
    kinds.dispose(app)


def _no_more_pages(connection) -> None:
    connection.execute(text("PRAGMA max_page_count = 1"))


def _pages_again(connection) -> None:
    connection.execute(text("PRAGMA max_page_count = 1073741823"))


def _disk_full(connection) -> None:
    """Answer as the server does when its disk is full (SQLSTATE 53100); a full disk is not to be had for a test."""
    connection.execute(
        text(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
        )
    )
    connection.execute(
        text("CREATE TRIGGER full_disk BEFORE INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION full_disk()")
    )


def _disk_free(connection) -> None:
    connection.execute(text("DROP TRIGGER full_disk ON inbox"))


FULL = {"sqlite": (_no_more_pages, _pages_again), "postgresql": (_disk_full, _disk_free)}
