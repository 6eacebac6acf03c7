"""Whether all is well: each part of the portal when it is, and when it is not, on real stores, files and servers."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text, update

from hotline import clock, create_app, i18n, vault
from hotline.config import settings
from hotline.extensions import FRONT, db
from hotline.models import Inbox
from hotline.models.audit import AuditEntry
from hotline.models.incident import Heartbeat
from hotline.models.report import UnreadReport
from hotline.outbox import Task
from hotline.rules.checkup import Check, Part, State
from hotline.services import (
    anchors,
    audit,
    backups,
    checkup,
    checkup_machine,
    disks,
    health,
    heartbeats,
    schema,
    unsettled,
)
from hotline.transactions import apart, desk_engine, front_engine, writing
from hotline.vocabulary import Language, Pulse, Surface
from tests.gateways import mail_server
from tests.gateways.dns_server import dns_server
from tests.gateways.imap_server import own_server
from tests.small_disk import mounted
from tests.stores import Stores, dispose

STORES = (Part.FRONT_STORE, Part.DESK_STORE)
SCHEMAS = (Part.FRONT_SCHEMA, Part.DESK_SCHEMA)


def found(**how: bool) -> dict[Part, Check]:
    db.session.rollback()
    return {one.part: one for one in checkup.run(**how)}


def said(part: Part, **how: bool) -> tuple[State, str]:
    one = found(**how)[part]
    return one.state, one.code


def with_settings(monkeypatch: pytest.MonkeyPatch, app: Flask, **changed: object) -> None:
    monkeypatch.setitem(app.extensions, "hotline.settings", replace(settings(), **changed))


def test_every_part_is_looked_at_once_and_in_order(office: Flask) -> None:
    everything = [one.part for one in checkup.run(deep=True)]

    assert everything == list(Part)
    assert [one.part for one in checkup.run()] == [part for part in Part if part is not Part.INTEGRITY]


def test_a_new_office_has_nothing_wrong_but_the_queue_server_that_is_not_there(office: Flask) -> None:
    seen = found(deep=True)

    assert [part for part, one in seen.items() if one.state is State.WRONG and part is not Part.DISK] == [Part.QUEUE]
    for part in (
        *STORES,
        *SCHEMAS,
        Part.SIZE,
        Part.INTEGRITY,
        Part.FILES,
        Part.KEYS,
        Part.INBOX,
        Part.AUDIT,
        Part.ZONE,
    ):
        assert seen[part].state is State.WELL, seen[part]


def test_looking_leaves_no_trace(office: Flask, tmp_path: Path) -> None:
    found(deep=True)
    before = _names(tmp_path), audit.anchor(), db.session.scalar(text("SELECT count(*) FROM outbox"))

    found(deep=True, mail=True)

    assert before == (_names(tmp_path), audit.anchor(), db.session.scalar(text("SELECT count(*) FROM outbox")))


def test_a_store_of_an_older_version_is_wrong_and_nothing_is_read_from_it(bare_office: Flask) -> None:
    schema.upgrade()
    schema.run("desk", "downgrade", "0036")

    seen = found()

    assert (seen[Part.DESK_SCHEMA].state, seen[Part.DESK_SCHEMA].code) == (State.WRONG, "older")
    assert seen[Part.DESK_SCHEMA].told == {"at": "0036", "newest": schema.newest("desk")}
    assert seen[Part.FRONT_SCHEMA].code == "current"
    assert (seen[Part.OUTBOX].state, seen[Part.OUTBOX].code) == (State.LOOK, "store")


def test_a_restore_that_broke_off_is_wrong(office: Flask) -> None:
    assert said(Part.RESTORE) == (State.WELL, "none")
    (settings().data_dir / unsettled.NAME).write_text("2026-11-26T03:00:00+00:00 1 abc\n")

    assert said(Part.RESTORE) == (State.WRONG, "unsettled")


def test_a_store_of_a_newer_version_and_one_without_tables_are_wrong(bare_office: Flask, tmp_path: Path) -> None:
    (tmp_path / "desk.sqlite3").touch()
    assert said(Part.DESK_SCHEMA) == (State.WRONG, "none")
    schema.upgrade()
    with apart(desk_engine()) as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    assert said(Part.DESK_SCHEMA) == (State.WRONG, "newer")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("case/blind-host.key", "case/blind-host.key"),
        ("public/pepper.key", "public/pepper.key"),
        ("public/form.key", "public/form.key"),
        ("public/reply-links.key", "public/reply-links.key"),
        ("public/case.current", "public/case.current"),
        ("case/case-*.key", "case"),
        ("care/care-*.key", "care"),
    ],
)
def test_a_key_that_is_gone_is_named(office: Flask, tmp_path: Path, name: str, shown: str) -> None:
    for path in (tmp_path / "keys").glob(name):
        path.unlink()

    one = found()[Part.KEYS]

    assert (one.state, one.code) == (State.WRONG, "wrong")
    assert shown in str(one.told["names"])


def test_a_private_half_that_does_not_fit_or_is_cut_off_is_wrong(office: Flask, tmp_path: Path) -> None:
    half = next((tmp_path / "keys" / "case").glob("case-*.key"))
    kept = half.read_bytes()

    half.write_bytes(secrets.token_bytes(32))
    assert said(Part.KEYS) == (State.WRONG, "wrong")
    half.write_bytes(kept[:7])
    assert said(Part.KEYS) == (State.WRONG, "wrong")
    half.write_bytes(kept)
    assert said(Part.KEYS)[0] is State.WELL


def test_a_key_that_others_may_read_is_wrong_and_a_new_one_asks_for_a_restart(office: Flask, tmp_path: Path) -> None:
    vault.rotate(tmp_path / "keys", vault.Lock.CASE)
    assert said(Part.KEYS) == (State.LOOK, "stale")

    (tmp_path / "keys" / "public" / "pepper.key").chmod(0o644)
    assert said(Part.KEYS) == (State.WRONG, "wrong")
    shutil.rmtree(tmp_path / "keys")
    assert said(Part.KEYS) == (State.WRONG, "no_folder")


def test_the_escrow_key_belongs_elsewhere_once_a_site_can_be_reached(
    office: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_settings(monkeypatch, office, public_url="https://portal.example", desk_url="https://desk.portal.example")
    assert said(Part.KEYS) == (State.LOOK, "escrow")

    shutil.rmtree(tmp_path / "keys" / "escrow")
    assert said(Part.KEYS) == (State.WELL, "good")


def test_a_file_that_anybody_may_open_is_named(office: Flask, tmp_path: Path) -> None:
    assert said(Part.FILES)[0] is State.WELL

    (tmp_path / "letters").mkdir(mode=0o700)
    kept = tmp_path / "letters" / "one.sealed"
    kept.touch(mode=0o600)
    kept.chmod(0o604)

    one = found()[Part.FILES]
    assert (one.state, one.told) == (State.WRONG, {"names": "one.sealed"})


@pytest.mark.parametrize(
    ("minutes", "state", "code"), [(1, State.WELL, "beats"), (6, State.LOOK, "stopped"), (16, State.WRONG, "stopped")]
)
def test_rounds_that_stop_are_told_by_their_age(office: Flask, minutes: int, state: State, code: str) -> None:
    assert said(Part.SWEEPER) == (State.LOOK, "never")
    for pulse in Pulse:
        heartbeats.beat(pulse)
    with writing():
        db.session.execute(update(Heartbeat).values(beat_at=clock.now() - timedelta(minutes=minutes)))

    assert said(Part.SWEEPER) == said(Part.DELIVERY) == (state, code)


@pytest.mark.parametrize(("hours", "state"), [(0, State.WELL), (3, State.LOOK), (5, State.WRONG)])
def test_what_came_and_waits_is_counted_with_its_oldest(office: Flask, hours: int, state: State) -> None:
    with apart(front_engine()) as session:
        for back in (0, hours):
            at = clock.this_hour() - timedelta(hours=back)
            session.add(Inbox(id=secrets.token_bytes(16), receipt_tag=b"t" * 32, body=b"sealed", received_at=at))

    one = found()[Part.INBOX]

    assert (one.state, one.told["count"]) == (state, 2)


@pytest.mark.parametrize(("minutes", "state"), [(1, State.WELL), (15, State.LOOK), (90, State.WRONG)])
def test_work_that_nobody_does_is_told_by_its_age(office: Flask, minutes: int, state: State) -> None:
    with writing():
        db.session.add(Task(job="hotline.jobs.none", record_id=1, due_at=clock.now() - timedelta(minutes=minutes)))

    assert said(Part.OUTBOX)[0] is state


def test_work_that_is_taken_in_vain_is_to_look_at(office: Flask) -> None:
    with writing():
        db.session.add(Task(job="hotline.jobs.none", record_id=1, due_at=clock.in_(60), hinted=10))

    assert said(Part.OUTBOX) == (State.LOOK, "in_vain")


def test_what_does_not_open_is_counted(office: Flask) -> None:
    assert said(Part.UNREAD) == (State.WELL, "none")
    with writing():
        one = {"receipt_tag": b"t" * 32, "body": b"sealed", "fault": "KeyMissing", "received_at": clock.this_hour()}
        db.session.add(UnreadReport(inbox_id=secrets.token_bytes(16), **one))

    assert found()[Part.UNREAD].told == {"count": 1}
    assert said(Part.UNREAD) == (State.LOOK, "some")


def test_an_audit_trail_that_was_changed_is_wrong(office: Flask) -> None:
    for number in range(3):
        with writing():
            audit.record(None, "tried", f"test {number}")
    assert said(Part.AUDIT) == (State.WELL, "head")
    assert said(Part.AUDIT, deep=True) == (State.WELL, "whole")

    number, _ = audit.anchor()
    _rewrite(number - 1)  # not the newest: only reading it whole finds that
    assert said(Part.AUDIT, deep=True) == (State.WRONG, "broken")
    _rewrite(number)
    assert said(Part.AUDIT) == (State.WRONG, "broken")


def test_an_anchor_is_told_by_its_age_and_held_against_the_trail(
    office: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said(Part.ANCHOR) == (State.LOOK, "never")
    number, mark = anchors.take()

    assert (number, mark) == audit.anchor()
    assert said(Part.ANCHOR) == (State.WELL, "taken")
    now = clock.now()
    with monkeypatch.context() as later:
        later.setattr(clock, "now", lambda: now + timedelta(days=9))
        assert said(Part.ANCHOR) == (State.LOOK, "old")
    with writing():  # the trail is written anew from its beginning: each line of it holds
        _unlock()
        db.session.execute(text("DELETE FROM audit_entries"))
    assert said(Part.ANCHOR) == (State.WRONG, "differs")


def test_a_backup_is_told_by_its_age(office: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(Part.BACKUP) == (State.LOOK, "never")
    (tmp_path / "elsewhere").mkdir()
    backups.make(tmp_path / "elsewhere" / "one.backup")
    assert said(Part.BACKUP) == (State.WELL, "made")

    now = clock.now()
    for days, state in ((3, State.LOOK), (5, State.WRONG)):
        moment = now + timedelta(days=days)
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        assert said(Part.BACKUP) == (state, "old")


@pytest.mark.parametrize(
    ("days", "is_open", "state"), [(3, True, State.LOOK), (5, True, State.WRONG), (5, False, State.LOOK)]
)
def test_no_backup_is_wrong_once_an_open_portal_has_something_to_lose(
    office: Flask, monkeypatch: pytest.MonkeyPatch, days: int, is_open: bool, state: State
) -> None:
    if is_open:
        with_settings(monkeypatch, office, public_url="https://hotline.example", desk_url="https://desk.example")
    with writing():
        audit.record(None, "tried", "test")
    moment = clock.now() + timedelta(days=days)
    monkeypatch.setattr(clock, "now", lambda: moment)

    assert said(Part.BACKUP) == (state, "never")


def test_a_clock_before_the_newest_line_of_the_trail_is_wrong(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with writing():
        audit.record(None, "tried", "test")
    assert said(Part.CLOCK)[0] is not State.WRONG

    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now - timedelta(hours=1))
    assert said(Part.CLOCK) == (State.WRONG, "behind")


def test_a_clock_that_nobody_sets_is_to_look_at(office: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(checkup_machine, "TIMESYNC", tmp_path / "timesync")
    assert said(Part.CLOCK) == (State.WELL, "unknown")
    (tmp_path / "timesync").mkdir()
    assert said(Part.CLOCK) == (State.LOOK, "alone")
    (tmp_path / "timesync" / "synchronized").touch()
    assert said(Part.CLOCK) == (State.WELL, "kept")


def test_texts_that_are_not_compiled_are_wrong(office: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for language in Language:
        place = tmp_path / "translations" / language / "LC_MESSAGES"
        place.mkdir(parents=True)
        shutil.copy(i18n.CATALOGUES / "en" / "LC_MESSAGES" / "messages.mo", place)
    monkeypatch.setattr(i18n, "CATALOGUES", tmp_path / "translations")
    assert said(Part.LANGUAGES) == (State.WELL, "compiled")

    (place / "messages.mo").write_bytes(b"none")
    assert said(Part.LANGUAGES) == (State.WRONG, "gone")


@pytest.mark.parametrize(
    ("changed", "state", "code"),
    [
        ({}, State.WELL, "loopback"),
        ({"desk_url": "https://desk.portal.example"}, State.LOOK, "no_public"),
        (
            {"public_url": "http://portal.example", "reply_url": "http://portal.example"},
            State.LOOK,
            "plain",
        ),
        ({"public_url": "https://portal.example", "reply_url": "https://portal.example"}, State.WELL, "set"),
        ({"onion_url": "http://portal.example"}, State.LOOK, "onion"),
    ],
)
def test_addresses_of_our_own_sites_are_judged(
    office: Flask, monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], state: State, code: str
) -> None:
    with_settings(monkeypatch, office, **changed)

    assert said(Part.ADDRESSES) == (state, code)


def test_a_mail_server_is_asked_only_on_request_and_is_sent_nothing(
    office: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said(Part.MAIL) == (State.LOOK, "none")
    with mail_server.listening() as server:
        with_settings(monkeypatch, office, smtp_url=f"smtp://127.0.0.1:{server.port}")
        assert said(Part.MAIL) == (State.WELL, "set")
        assert said(Part.MAIL, mail=True) == (State.WELL, "answers")
        assert (server.connections > 0, server.letters) == (True, [])
    assert said(Part.MAIL) == (State.WELL, "set")
    assert said(Part.MAIL, mail=True) == (State.WRONG, "fails")


def test_a_mailbox_is_told_by_the_last_look_into_it_and_tried_on_request(
    office: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert said(Part.MAILBOX) == (State.WELL, "none")
    with own_server() as (url, _box):
        with_settings(monkeypatch, office, imap_url=url)
        assert said(Part.MAILBOX, mail=True) == (State.WELL, "read")
    assert said(Part.MAILBOX, mail=True) == (State.WRONG, "fails")
    assert said(Part.MAILBOX) == (State.WELL, "read")
    (tmp_path / "mailbox-trouble").write_text("sign-in")
    assert said(Part.MAILBOX) == (State.WRONG, "fails")


def test_resolvers_are_asked_where_look_ups_are_on(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(Part.NAMES) == (State.WELL, "off")
    with dns_server() as server:
        with_settings(monkeypatch, office, lookups=True, dns_servers=(server.place,))
        assert said(Part.NAMES) == (State.WELL, "answer")
        with_settings(monkeypatch, office, lookups=True, dns_servers=(server.place, ("127.0.0.1", 1)))
        assert said(Part.NAMES) == (State.LOOK, "silent")
    with_settings(monkeypatch, office, lookups=True, dns_servers=(("127.0.0.1", 1),))
    assert said(Part.NAMES) == (State.WRONG, "silent")


def test_a_check_that_fails_tells_its_error_by_its_name_alone_and_the_others_go_on(
    office: Flask, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fails() -> Check:
        raise ValueError("https://img-board.example/t/1")

    monkeypatch.setitem(checkup.OF_WORK, Part.UNREAD, fails)

    seen = found()

    assert (seen[Part.UNREAD].state, seen[Part.UNREAD].told) == (State.WRONG, {"fault": "ValueError"})
    assert seen[Part.BACKUP].code == "never"
    assert "img-board" not in "".join(capfd.readouterr())


# --- on files -------------------------------------------------------------------------------------------------------


@pytest.fixture
def on_files(stores: Stores) -> None:
    if stores.engine != "sqlite":
        pytest.skip("a server keeps its own files")


@pytest.mark.usefixtures("on_files")
def test_a_store_whose_file_is_not_there_is_wrong_and_is_not_made(bare_office: Flask, tmp_path: Path) -> None:
    seen = found()

    assert [(seen[part].state, seen[part].code) for part in STORES] == [(State.WRONG, "missing")] * 2
    assert not list(tmp_path.glob("*.sqlite3*"))


@pytest.mark.usefixtures("on_files")
def test_rows_that_point_nowhere_are_found_when_asked_for(office: Flask) -> None:
    raw = db.engine.raw_connection()
    raw.driver_connection.execute("PRAGMA foreign_keys=OFF")
    raw.driver_connection.execute("INSERT INTO staff_roles (staff_id, role) VALUES (9999, 'analyst')")
    raw.driver_connection.execute("PRAGMA foreign_keys=ON")
    raw.close()

    assert said(Part.INTEGRITY, deep=True) == (State.WRONG, "nowhere")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of sixteen megabytes."""
    with mounted(tmp_path / "disk", megabytes=16) as place:
        yield place


@pytest.fixture
def on_small_disk(small_disk: Path) -> Iterator[Callable[[Surface], Flask]]:
    """What makes apps whose data lie on the small disk."""
    environ = {"HOTLINE_DATA_DIR": str(small_disk / "data"), "HOTLINE_INBOX_DELAY": "0"}
    apps = [create_app(Surface.OFFICE, environ)]
    with apps[0].app_context():
        vault.create_keys(small_disk / "data" / "keys")
        schema.upgrade()

    def make(surface: Surface) -> Flask:
        apps.append(create_app(surface, environ))
        return apps[-1]

    yield make
    for app in apps:
        dispose(app)


@pytest.mark.parametrize("surface", [Surface.PUBLIC, Surface.DESK])
def test_a_full_disk_is_said_by_both_sites_and_by_the_checkup_and_leaves_no_trace(
    on_small_disk: Callable[[Surface], Flask], small_disk: Path, surface: Surface
) -> None:
    browser = on_small_disk(surface).test_client()
    assert browser.get("/readyz").status_code == 200
    before = _names(small_disk / "data")
    _fill(small_disk / "filler")

    refused = browser.get("/readyz")

    assert (refused.status_code, refused.text) == (503, "not ready\n")
    assert browser.get("/healthz").status_code == 200
    with on_small_disk(Surface.OFFICE).app_context():
        seen = found()
        assert [(seen[part].state, seen[part].code) for part in STORES] == [(State.WRONG, "unwritten")] * 2
        assert (seen[Part.DISK].state, seen[Part.DISK].told["percent"]) == (State.WRONG, 0)
        assert seen[Part.DESK_SCHEMA].code == "current"  # what is there is read all the same
    assert _names(small_disk / "data") == before
    (small_disk / "filler").unlink()
    assert browser.get("/readyz").status_code == 200


@pytest.mark.usefixtures("on_files")
def test_a_store_that_another_is_writing_to_takes_work(office: Flask) -> None:
    with writing():
        assert health.stores_take_work()


@pytest.mark.usefixtures("on_files")
def test_what_was_tried_is_not_written(office: Flask, tmp_path: Path) -> None:
    assert health.stores_take_work()  # opens both, so that their journals are there
    sizes = {path.name: path.stat().st_size for path in tmp_path.glob("*.sqlite3*")}

    disks.require_writable(db.engines[FRONT])
    disks.require_writable(db.engine)

    assert {path.name: path.stat().st_size for path in tmp_path.glob("*.sqlite3*")} == sizes


def _names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            with suppress(OSError):
                while True:
                    file.write(b"\0" * size)
    assert os.statvfs(path).f_bavail == 0


def _unlock() -> None:
    """Take the trail's triggers away, as whoever owns the database can."""
    if db.engine.dialect.name == "sqlite":
        names = db.session.scalars(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entries'")
        )
        for name in names.all():
            db.session.execute(text(f"DROP TRIGGER {name}"))
    else:
        db.session.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))


def _rewrite(number: int) -> None:
    with writing():
        _unlock()
        db.session.execute(update(AuditEntry).where(AuditEntry.id == number).values(action="did nothing"))
