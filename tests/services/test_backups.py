"""Backups: one file while everything runs, which only the escrow key opens, and which gives everything back."""

import stat
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError

from hotline import clock, sealed_stream, vault
from hotline.config import settings
from hotline.errors import StorageFull
from hotline.extensions import db
from hotline.gateways import mail
from hotline.models import AuditEntry, Item, Report
from hotline.services import audit, backups, demo, intake, items, receipts, restoring, schema, store_copies
from hotline.services.backup_files import CHUNK
from hotline.services.restoring import Backup
from hotline.transactions import desk_engine, writing
from tests.deploy.processes import wait_for
from tests.services import backup_steps, letter_steps, steps
from tests.services.backup_steps import Machine, run
from tests.stores import Stores
from tests.traces import search

URL = "https://img-board.example/t/{}"
ON_POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgresql)
WORDS = "Kinkajou told me in the meerkat group."


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "elsewhere" / "one.backup"


@pytest.fixture
def second(office: Flask, stores: Stores, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machine]:
    """A machine to restore to, with empty stores of the same kind."""
    with ExitStack() as stack:
        environ = dict(stores.environ)
        if stores.engine == "postgresql":
            server = request.getfixturevalue("postgresql_server")
            for name, setting in (
                ("hotline_front", "HOTLINE_FRONT_DATABASE_URL"),
                ("hotline_desk", "HOTLINE_DATABASE_URL"),
            ):
                server.as_superuser(f"CREATE DATABASE restored_{name} OWNER {name} ENCODING 'UTF8' TEMPLATE template0")
                stack.callback(server.as_superuser, f"DROP DATABASE restored_{name} WITH (FORCE)")
                environ[setting] = stores.environ[setting].replace(f"/{name}?", f"/restored_{name}?")
        made = backup_steps.machine(
            Stores(stores.engine, environ), tmp_path / "second", tmp_path / "keys", tmp_path / "safe"
        )
        yield stack.enter_context(made)


def made(office: Flask, place: Path) -> str:
    """Make a backup; return what the command said."""
    said = run(office, "backup", str(place))
    assert said.exit_code == 0, said.output
    return said.output


def restored(second: Machine, place: Path, **environ: str) -> Flask:
    """Restore it on the second machine; return the program there."""
    app, said = second.restore(place, **environ)
    assert said.exit_code == 0, said.output
    return app


class Busy:
    """Somebody who does one thing again and again in a thread of their own, until told to stop."""

    def __init__(self, app: Flask, deed: Callable[[int], object]) -> None:
        self._app, self._deed, self._stop = app, deed, threading.Event()
        self.done: list[object] = []
        self.fault: BaseException | None = None
        self._thread = threading.Thread(target=self._go)
        self._thread.start()

    def _go(self) -> None:
        try:
            with self._app.app_context():
                while not self._stop.is_set():
                    self.done.append(self._deed(len(self.done)))
                    db.session.remove()
        except BaseException as fault:  # it is the test's to say
            self.fault = fault

    def stop(self) -> list[object]:
        self._stop.set()
        self._thread.join()
        assert self.fault is None, repr(self.fault)
        return self.done


def test_what_was_acknowledged_before_is_there_though_people_report_and_work_meanwhile(
    office: Flask, second: Machine, place: Path
) -> None:
    demo.reports(6)
    moved = [steps.report(URL.format(number), f"moved {number}", details=WORDS) for number in range(4)]
    intake.open_inbox()
    waiting = [steps.report(URL.format(number), f"waits {number}", details=WORDS) for number in range(4, 12)]

    def note(number: int) -> None:
        with writing():
            audit.record(None, "did something", f"thing {number}")

    busy = [
        Busy(office, lambda number: steps.report(URL.format(1000 + number), f"meanwhile {number}")),
        Busy(office, note),
        Busy(office, lambda _: intake.open_inbox()),
    ]
    try:
        made(office, place)
    finally:
        worked = [one.stop() for one in busy]

    assert all(worked)
    app = restored(second, place)
    with backup_steps.on(app, office.extensions["hotline.keyring"].public):
        assert [code for code in (*moved, *waiting) if receipts.find(code) is None] == []
        intake.open_inbox()
        tags = {vault.receipt_of(vault.keyring().public, code).tag for code in (*moved, *waiting)}
        found = set(db.session.scalars(select(Report.receipt_tag).where(Report.receipt_tag.in_(tags))))
        assert found == tags
        addresses = {items.address_of(item) for item in db.session.scalars(select(Item))}
        assert {URL.format(number) for number in range(12)} <= addresses
        assert audit.verify()[1] is None


def test_every_receipt_that_is_in_a_backup_has_its_report_in_it_too(
    office: Flask, second: Machine, place: Path
) -> None:
    """Whatever moves between the two stores while they are frozen is in one of them."""
    busy = [
        Busy(office, lambda number: steps.report(URL.format(number), f"number {number}")),
        Busy(office, lambda _: intake.open_inbox()),
    ]
    try:
        made(office, place)
    finally:
        codes = busy[0].stop()
        busy[1].stop()

    app = restored(second, place)
    with backup_steps.on(app, office.extensions["hotline.keyring"].public):
        known = {str(code) for code in codes if receipts.find(str(code)) is not None}
        intake.open_inbox()
        tags = {vault.receipt_of(vault.keyring().public, code).tag for code in known}
        assert set(db.session.scalars(select(Report.receipt_tag).where(Report.receipt_tag.in_(tags)))) == tags


def test_what_the_desk_says_is_done_at_the_public_site_is_done_there(
    office: Flask, second: Machine, place: Path
) -> None:
    """The other way round: what is written to the front store first, and noted at the desk afterwards."""

    def tell(number: int) -> None:
        code = steps.report(URL.format(number), f"number {number}")
        with writing():
            audit.record(None, "told", f"code {code}")

    busy = Busy(office, tell)
    try:
        wait_for(lambda: len(busy.done) > 5, "some to be told")
        made(office, place)
    finally:
        busy.stop()

    app = restored(second, place)
    with backup_steps.on(app, office.extensions["hotline.keyring"].public):
        told = db.session.scalars(select(AuditEntry.record).where(AuditEntry.action == "told")).all()
        assert len(told) > 5
        assert [one for one in told if receipts.find(one.removeprefix("code ")) is None] == []


def test_each_row_comes_back_as_it_was(office: Flask, second: Machine, place: Path) -> None:
    demo.reports(6)
    made(office, place)
    before = backup_steps.rows()
    last = before["desk.audit_entries"]

    app = second.app()
    with app.app_context():
        backup = Backup(place, second.escrow)
        restoring.fill(backup, restoring.check(backup)[0])
        after = backup_steps.rows()

    assert after.keys() == before.keys()
    told = [row for row in last if "made a backup" in row]
    assert len(told) == 1
    before["desk.audit_entries"] = [row for row in last if row not in told]  # it was written when the file stood
    assert {name for name in before if before[name] != after[name]} == set()


def test_what_was_restored_is_guarded_as_before_and_goes_on_counting(
    office: Flask, second: Machine, place: Path
) -> None:
    letter_steps.approved()
    made(office, place)
    highest = db.session.scalar(select(func.max(Item.id)))

    app = restored(second, place)

    with backup_steps.on(app, office.extensions["hotline.keyring"].public):
        for engine, statement in (
            (desk_engine(), "DELETE FROM verdicts"),
            (desk_engine(), "INSERT INTO item_notes (item_id) VALUES (987654)"),
            (desk_engine(), "UPDATE notices SET ref = 'N-OTHER'"),
        ):
            with engine.connect() as connection, pytest.raises(DBAPIError):
                connection.execute(text(statement))
        added = steps.new_item("https://img-board.example/t/77", nonce="after")
        assert added.id > highest


def test_the_file_tells_nobody_anything(office: Flask, place: Path) -> None:
    steps.report(URL.format("pangolin-page"), "one", details=WORDS, contact="capybara@mail.example")
    intake.open_inbox()
    steps.report(URL.format("gecko-page"), "two", details=WORDS)
    said = made(office, place)

    needles = {
        "waiting": "gecko-page",
        "moved": "pangolin-page",
        "words": "Kinkajou",
        "contact": "capybara",
        "a recipient": "abuse@hosting.example",
        "somebody of us": "sophea",
        "a table": "audit_entries",
        "a database": "SQLite format",
    }
    assert search.find(needles, place.read_bytes()) == []
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert "It holds no private key" in said


def test_no_private_key_and_no_secret_lies_in_it(office: Flask, second: Machine, place: Path) -> None:
    made(office, place)
    held: list[bytes] = []

    app = second.app()
    with app.app_context():
        Backup(place, second.escrow).read(lambda _, blocks: held.extend(blocks))

    everything = b"".join(held)
    secret = list((settings().keys_dir).rglob("*.key"))
    assert len(secret) > 10
    assert [
        path.name
        for path in secret
        if path.read_bytes() in everything or path.read_bytes().hex().encode() in everything
    ] == []


def test_the_command_names_the_keys_that_belong_elsewhere(office: Flask, place: Path) -> None:
    said = made(office, place)

    for path in settings().keys_dir.rglob("*.key"):
        name = path.relative_to(settings().keys_dir).as_posix()
        replaced_at_will = name in {"public/form.key", "public/receipt-cookie.key", "case/desk-forms.key"}
        assert (name in said) is not replaced_at_will, name
    assert "The escrow key still lies in" in said


def test_nothing_is_overwritten(office: Flask, place: Path) -> None:
    place.write_text("mine")

    said = run(office, "backup", str(place))

    assert (said.exit_code, len(said.output.splitlines())) == (1, 1)
    assert place.read_text() == "mine"
    assert [path.name for path in place.parent.iterdir()] == [place.name]


@pytest.mark.parametrize("wrong", ["folder", "key"])
def test_what_is_missing_is_said_in_one_line(office: Flask, place: Path, wrong: str) -> None:
    if wrong == "folder":
        place = place.parent / "nowhere" / "one.backup"
    else:
        (settings().keys_dir / "public" / "escrow.current").unlink()

    said = run(office, "backup", str(place))

    assert (said.exit_code, len(said.output.splitlines())) == (1, 1)
    assert ("nowhere" if wrong == "folder" else "escrow.current") in said.output
    assert not place.exists()


def test_a_store_that_is_not_there_is_said_in_one_line(bare_office: Flask, place: Path) -> None:
    said = run(bare_office, "backup", str(place))

    assert (said.exit_code, len(said.output.splitlines())) == (1, 1)
    assert "flask prepare" in said.output
    assert list(place.parent.iterdir()) == []


def test_the_newest_backup_is_on_record(office: Flask, place: Path) -> None:
    assert backups.last() is None
    said = made(office, place)
    db.session.rollback()

    found = backups.last()

    assert found is not None
    assert (found.size, found.digest) == (place.stat().st_size, backups.digest_of(place))
    assert found.digest in said
    assert clock.now() - found.at < timedelta(minutes=10)
    assert audit.verify()[1] is None


def test_one_that_cannot_be_put_on_record_is_whole_and_says_so(
    office: Flask, second: Machine, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StorageFull("a store cannot be used")

    monkeypatch.setattr(audit, "record", full)
    said = run(office, "backup", str(place))

    assert (said.exit_code, len(said.output.splitlines())) == (1, 1)
    assert "is whole" in said.output
    assert second.restore(place, "--check")[1].exit_code == 0


@pytest.mark.parametrize("stores", [ON_POSTGRESQL], indirect=True)
def test_a_store_that_gives_fewer_rows_than_it_counted_makes_no_backup(
    office: Flask, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = store_copies._rows
    monkeypatch.setattr(
        store_copies,
        "_rows",
        lambda connection, table, columns: iter(()) if table == "staff" else rows(connection, table, columns),
    )

    said = run(office, "backup", str(place))

    assert (said.exit_code, len(said.output.splitlines())) == (1, 1)
    assert "other rows" in said.output
    assert list(place.parent.iterdir()) == []


@pytest.mark.parametrize("stores", [ON_POSTGRESQL], indirect=True)
def test_a_server_that_is_in_a_hurry_does_not_end_a_backup(office: Flask) -> None:
    settings = "SELECT name, setting FROM pg_settings WHERE name LIKE '%statement_timeout' OR name LIKE 'idle_in_tr%'"
    db.session.remove()
    engine = desk_engine()

    def hurry(connection: psycopg.Connection[object], _record: object) -> None:
        connection.execute("SET statement_timeout = '30s'")
        connection.execute("SET idle_in_transaction_session_timeout = '30s'")
        connection.commit()

    event.listen(engine, "connect", hurry)
    engine.dispose()
    try:
        with engine.connect() as connection:
            outside = dict(connection.execute(text(settings)).all())
        with store_copies.frozen() as (_, desk):
            inside = dict(desk.connection.execute(text(settings)).all())
    finally:
        event.remove(engine, "connect", hurry)
        engine.dispose()

    assert outside == {"statement_timeout": "30000", "idle_in_transaction_session_timeout": "30000"}
    assert inside == {"statement_timeout": "0", "idle_in_transaction_session_timeout": "0"}


def test_a_file_of_any_size_goes_through_in_small_pieces(office: Flask, second: Machine, place: Path) -> None:
    """Most of what is held at once are messages; a letter here is forty times as large as what may be held."""
    folder = backups.kept_letters()
    folder.mkdir(exist_ok=True)
    size = 40_000_000
    with (folder / "n-1.aaaa.sealed").open("wb") as file:
        for number in range(size // 1000):
            file.write(number.to_bytes(4) * 250)
    backups.make(place.with_name("warm.backup"))  # what is read and compiled once

    tracemalloc.start()
    backups.make(place)
    written = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    app = second.app()
    with app.app_context():
        restoring.check(Backup(place, second.escrow))
    read = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert size < place.stat().st_size
    assert max(written, read) < size / 4
    assert max(sizes_of(place)) <= CHUNK + 1 + sealed_stream.MORE


def sizes_of(place: Path) -> list[int]:
    """Return how long each message of a file is."""
    found = []
    with place.open("rb") as file:
        file.seek(sealed_stream.HEAD_BYTES)
        while length := file.read(4):
            found.append(int.from_bytes(length))
            file.seek(found[-1], 1)
    assert len(found) > 100
    return found[:-1]  # but for the manifest


def test_kept_letters_come_back_in_their_order(office: Flask, second: Machine, place: Path) -> None:
    folder = backups.kept_letters()
    for number in (2, 1, 3):
        mail.KeptMailer(folder, vault.keyring()).send(
            "us@hotline.example", "them@page.example", f"<n-{number}.aa@x.example>", b"Subject: x\r\n\r\nwords\r\n"
        )
    made(office, place)

    app = restored(second, place)

    assert mail.kept_names(second.folder / "letters") == mail.kept_names(folder)
    with app.app_context():
        assert "words" in mail.kept_letter(second.folder / "letters", "n-1.aa", vault.keyring())
        assert {stat.S_IMODE(path.stat().st_mode) for path in (second.folder / "letters").iterdir()} == {0o600}


def test_a_restore_that_broke_off_goes_on_on_either_kind_of_store(
    office: Flask, second: Machine, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter_steps.approved()
    made(office, place)

    def dies() -> None:
        raise SystemExit(9)

    with monkeypatch.context() as patch:
        patch.setattr(schema, "upgrade", dies)
        assert second.restore(place)[1].exit_code == 9
    stopped = run(second.app(), "prepare")
    app, said = second.restore(place)

    assert (stopped.exit_code, "broke off" in stopped.output) == (1, True)
    assert said.exit_code == 0, said.output
    assert "1 × letter was on its way" in said.output
    assert run(app, "prepare").exit_code == 0
    assert "is not empty" in second.restore(place)[1].output


def test_an_older_backup_is_brought_to_the_newest_migration(
    bare_office: Flask, stores: Stores, request: pytest.FixtureRequest, tmp_path: Path, place: Path
) -> None:
    schema.upgrade()
    schema.run("desk", "downgrade", "0036")
    ring = vault.load(settings().keys_dir, private=(), public_secrets=False, blinds=False)
    assert ring.current
    made_by = run(bare_office, "backup", str(place))

    assert made_by.exit_code == 0, made_by.output
    assert "migration 0036" in made_by.output
    if stores.engine == "sqlite":
        with backup_steps.machine(stores, tmp_path / "second", tmp_path / "keys", tmp_path / "safe") as second:
            app = restored(second, place)
            with app.app_context(), desk_engine().connect() as connection:
                assert int(connection.scalar(text("SELECT version_num FROM alembic_version"))) > 36
