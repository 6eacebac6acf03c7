"""Restoring: what is refused before anything is written, and what must not simply go on afterwards."""

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select, text

from hotline import clock, create_app, vault
from hotline.config import settings
from hotline.errors import SettingsError
from hotline.extensions import db
from hotline.gateways import mail
from hotline.models import Notice
from hotline.models.incident import IncidentLetter
from hotline.models.referral import Referral
from hotline.models.victim_case import VictimCase
from hotline.sealed_stream import Sealer
from hotline.services import (
    audit,
    backups,
    case_retention,
    iccam,
    incident_letters,
    notice_sending,
    notices,
    referral_sending,
    restoring,
    schema,
    sessions,
)
from hotline.services.backup_files import About, Manifest, StoreSummary, Writer
from hotline.services.restoring import Backup
from hotline.transactions import desk_engine, writing
from hotline.vault import Lock
from hotline.vocabulary import CaseStatus, IccamState, IncidentLetterState, NoticeKind, NoticeStatus
from tests import stores as kinds
from tests.services import backup_steps, letter_steps, steps
from tests.services import test_follow_ups as follow_up_steps
from tests.services import test_incidents as incident_steps
from tests.services.backup_steps import Machine, run
from tests.services.letter_steps import Post
from tests.services.test_case_retention import due, whole
from tests.services.test_iccam import SETTLED, Told, begun, fields
from tests.services.test_referrals import Gpg, gpg, mailed

__all__ = ["due", "gpg", "whole"]
DAY = timedelta(days=1)
# what is asked here is the same on both databases; that everything comes back is asked of both (`test_backups.py`)
pytestmark = pytest.mark.parametrize("stores", ["sqlite"], indirect=True)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "elsewhere" / "one.backup"


@pytest.fixture
def second(office: Flask, stores: kinds.Stores, tmp_path: Path) -> Iterator[Machine]:
    with backup_steps.machine(stores, tmp_path / "second", tmp_path / "keys", tmp_path / "safe") as made:
        yield made


@pytest.fixture
def backed_up(office: Flask, place: Path) -> Path:
    letter_steps.approved()
    return made(office, place)


def made(office: Flask, place: Path) -> Path:
    said = run(office, "backup", str(place))
    assert said.exit_code == 0, said.output
    return place


def refused(said: Result, *words: str) -> bool:
    """Whether a command ended with exit code 1, and its last line, the only one of an error, has these words."""
    errors = [line for line in said.output.splitlines() if line.startswith("Error:")]
    assert said.exit_code == 1, said.output
    assert len(errors) == 1, said.output
    assert [word for word in words if word not in errors[0]] == [], errors[0]
    return True


def stores_of(machine: Machine) -> list[str]:
    return sorted(path.name for path in machine.folder.iterdir() if "sqlite3" in path.name)


def contents(machine: Machine) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in machine.folder.rglob("*") if path.is_file() and path.suffix != ".key"}


def test_a_check_reads_everything_and_writes_nothing(second: Machine, backed_up: Path) -> None:
    before = sorted(second.folder.rglob("*"))

    _, said = second.restore(backed_up, "--check")

    assert said.exit_code == 0, said.output
    assert "is whole" in said.output
    assert backups.digest_of(backed_up) in said.output
    assert "All 11 secret files" in said.output
    assert sorted(second.folder.rglob("*")) == before


def test_a_check_says_which_keys_are_missing_and_needs_none_of_them(second: Machine, backed_up: Path) -> None:
    shutil.rmtree(second.keys)

    _, said = second.restore(backed_up, "--check")

    assert said.exit_code == 0, said.output
    assert "public/pepper.key" in said.output
    assert "care/care-" in said.output


@pytest.mark.parametrize("words", [("--check",), ()])
@pytest.mark.parametrize("harm", ["cut", "changed", "swapped", "foreign", "empty"])
def test_a_file_that_is_not_what_was_written_is_refused_whole(
    second: Machine, backed_up: Path, harm: str, words: tuple[str, ...]
) -> None:
    raw = bytearray(backed_up.read_bytes())
    middle = len(raw) // 2
    if harm == "cut":
        del raw[-1:]
    elif harm == "changed":
        raw[middle] ^= 0x10
    elif harm == "swapped":
        raw[middle : middle + 2000], raw[-4000:-2000] = raw[-4000:-2000], raw[middle : middle + 2000]
    elif harm == "foreign":
        raw = bytearray(b"PGDMP" + b"\0" * 9000)
    else:
        raw = bytearray()
    backed_up.write_bytes(raw)

    _, said = second.restore(backed_up, *words)

    assert refused(said, "cannot be used")
    assert stores_of(second) == []


def test_another_key_is_refused_and_the_right_one_named(second: Machine, backed_up: Path, tmp_path: Path) -> None:
    vault.create_keys(tmp_path / "other")
    (other,) = (tmp_path / "other" / "escrow").glob("*.key")
    app = second.app()

    assert refused(run(app, "restore", str(backed_up), "--key", str(other)), second.escrow.name)
    assert refused(run(app, "restore", str(backed_up)), second.escrow.name)
    assert refused(run(app, "restore", str(backed_up), "--key", str(backed_up)), "32 bytes")
    assert stores_of(second) == []


def test_a_key_that_was_rotated_opens_what_was_sealed_to_it(office: Flask, second: Machine, place: Path) -> None:
    vault.rotate(settings().keys_dir, Lock.ESCROW)
    made(office, place)

    assert refused(second.restore(place, "--check")[1], "another key")


@pytest.mark.parametrize("there", ["stores", "letters", "an engine of another kind", "running"])
def test_nothing_is_overwritten(second: Machine, backed_up: Path, there: str) -> None:
    environ: dict[str, str] = {}
    held = None
    if there == "stores":
        assert second.restore(backed_up)[1].exit_code == 0
    elif there == "letters":
        (second.folder / "letters").mkdir()
        (second.folder / "letters" / "n-1.aa.sealed").write_bytes(b"mine")
    elif there == "running":
        held = (second.folder / "supervisor.lock").open("wb")
        fcntl.flock(held, fcntl.LOCK_EX)
    else:
        environ = {
            "HOTLINE_DATABASE_URL": "postgresql+psycopg://nobody@/desk",
            "HOTLINE_FRONT_DATABASE_URL": "postgresql+psycopg://nobody@/front",
        }
    before = contents(second)

    _, said = second.restore(backed_up, **environ)

    assert refused(said)
    assert contents(second) == before
    if held:
        held.close()


def test_keys_that_are_missing_or_others_stop_it_before_anything_is_written(second: Machine, backed_up: Path) -> None:
    pepper = second.keys / "public" / "pepper.key"
    kept = pepper.read_bytes()
    pepper.unlink()
    assert refused(second.restore(backed_up)[1], "has no public/pepper.key")

    pepper.write_bytes(b"q" * 32)
    assert refused(second.restore(backed_up)[1], "other keys", "public/pepper.key")
    assert stores_of(second) == []

    pepper.write_bytes(kept)
    assert second.restore(backed_up)[1].exit_code == 0


def test_public_halves_come_back_and_what_can_be_made_anew_is(second: Machine, backed_up: Path) -> None:
    for path in second.keys.rglob("*"):
        if path.suffix in {".pub", ".current"} or path.name in {"form.key", "desk-forms.key"}:
            path.unlink()

    app, said = second.restore(backed_up)

    assert said.exit_code == 0, said.output
    with app.app_context():
        assert set(vault.check(second.keys).values()) == {"ok", "away"}
        assert vault.list_halves(second.keys) == vault.list_halves(Path(str(second.keys).replace("second/", "")))


def test_a_backup_of_a_newer_version_is_refused(office: Flask, second: Machine, place: Path) -> None:
    with desk_engine().connect() as connection:
        connection.execution_options(writes=True)
        connection.execute(text("UPDATE alembic_version SET version_num = '9000'"))
        connection.commit()
    made(office, place)

    assert refused(second.restore(place)[1], "newer version", "9000")
    assert stores_of(second) == []


def forged(machine: Machine, place: Path, *parts: tuple[About, bytes], **more: object) -> None:
    """Write a file as whoever has the public half of the escrow key could."""
    ring = vault.load(settings().keys_dir, private=(), public_secrets=False, blinds=False)
    key_id = ring.current[Lock.ESCROW]
    with place.open("wb") as file:
        writer = Writer(Sealer(file, key_id, ring.boxes[Lock.ESCROW, key_id]))
        for about, content in parts:
            writer.part(about, iter((content,)))
        stores = {name: StoreSummary("sqlite", "0001", {}) for name in ("front", "desk")}
        facts = {"stores": stores, "anchor": (0, ""), "keys": {}, "version": "x"} | more
        writer.end(Manifest(made_at=clock.now().isoformat(), **facts))


@pytest.mark.parametrize("name", ["../../evil.sealed", "/tmp/evil.sealed", ".hidden.sealed", "letter.sh", "a\0.sealed"])
def test_a_forged_file_writes_nothing_outside_its_folder(second: Machine, place: Path, name: str) -> None:
    stores = ((About("store", store), b"x") for store in ("front", "desk"))
    forged(second, place, *stores, (About("letter", name), b"x"), letters=1)

    assert refused(second.restore(place)[1], "none of ours")
    assert stores_of(second) == []


def test_a_forged_file_makes_us_seal_to_no_key_of_theirs(office: Flask, tmp_path: Path) -> None:
    theirs, ours = tmp_path / "theirs", settings().keys_dir
    vault.create_keys(theirs)
    escrow = bytes.fromhex((ours / "public" / "escrow.current").read_text())
    for name, content in vault.list_halves(ours).items():
        (ours / "public" / name).unlink()
        vault.put_half(ours, name, vault.list_halves(theirs).get(name, content), escrow=escrow)
    for name, content in vault.list_halves(theirs).items():
        vault.put_half(ours, name, content, escrow=escrow)

    known = {path.stem for folder in ("case", "care", "escrow") for path in (ours / folder).glob("*-????????.key")}
    assert {path.stem for path in (ours / "public").glob("*.pub")} == known
    assert list((ours / "public").glob("*.current")) == []


def test_a_store_that_is_damaged_inside_is_not_put_in_place(second: Machine, place: Path) -> None:
    forged(second, place, (About("store", "front"), b"no store"), (About("store", "desk"), b"no store either"))

    assert refused(second.restore(place)[1], "damaged")
    assert stores_of(second) == []


def test_counts_that_do_not_fit_are_noticed(second: Machine, backed_up: Path, place: Path) -> None:
    """The file's own counts against what is in the stores: a fault of ours, since nobody can change the file."""
    app = second.app()
    with app.app_context():
        backup = Backup(backed_up, second.escrow)
        manifest, _ = restoring.check(backup)
        rows = manifest.stores["desk"].rows
        rows["staff"] += 1
        with pytest.raises(backups.Failed, match="does not hold what the backup says"):
            restoring.fill(backup, manifest)
    assert stores_of(second) == []


# --- afterwards ------------------------------------------------------------------------------------------------------


@pytest.fixture
def restored(office: Flask, second: Machine, place: Path) -> Callable[..., Flask]:
    """Back up as things stand, restore on the second machine and go on there."""

    def restored(**environ: str) -> Flask:
        db.session.rollback()
        app, said = second.restore(made(office, place), **environ)
        assert said.exit_code == 0, said.output
        restored.said = said.output
        return app

    return restored


def test_a_letter_that_was_on_its_way_waits_for_a_person_who_is_told(restored, post: Post) -> None:
    letter = letter_steps.approved()

    app = restored()

    with app.app_context():
        letter_steps.deliver(letter, post, times=3)
        assert post.tries == 0
        notice = db.session.get_one(Notice, letter)
        assert (notice.status, notice.last_fault) == (NoticeStatus.FAILED, mail.UNCONFIRMED)
        assert notices.may_have_arrived(notice)
        assert letter_steps.no_rows_of(letter)
    assert "1 × letter was on its way" in restored.said


@pytest.mark.parametrize("how", ["failed", "typed in", "kept"])
def test_a_letter_that_waited_for_a_person_says_that_it_may_have_gone(restored, post: Post, how: str) -> None:
    if how == "failed":
        letter = letter_steps.failed(post)
    elif how == "typed in":
        letter = letter_steps.approve(letter_steps.typed_in()).id
    else:
        letter = letter_steps.approved()
        notice_sending.deliver(letter, mailer=mail.KeptMailer(backups.kept_letters(), vault.keyring()))
    db.session.rollback()
    before = letter_steps.fate(letter)
    assert not notices.was_in_doubt(db.session.get_one(Notice, letter))

    app = restored()

    with app.app_context():
        assert letter_steps.fate(letter) == before
        assert notices.was_in_doubt(db.session.get_one(Notice, letter))
    assert "1 × letter waits for a person's hand" in restored.said


def test_a_referral_that_was_on_its_way_is_a_draft_again_and_may_have_gone(support: Flask, gpg: Gpg, restored) -> None:
    referral = mailed(support, gpg).id

    app = restored()

    with app.app_context():
        found = db.session.get_one(Referral, referral)
        assert (found.queued_at, found.letter, found.last_fault) == (None, None, mail.UNCONFIRMED)
        referral_sending.deliver(referral, mailer=Post())
        assert db.session.get_one(Referral, referral).sent_at is None
    assert "1 × referral was on its way" in restored.said


def test_a_letter_about_an_incident_that_was_on_its_way_may_have_gone(restored) -> None:
    one = incident_steps.recorded()
    letter = incident_steps.sent(one).id

    app = restored()

    with app.app_context():
        found = db.session.get_one(IncidentLetter, letter)
        assert (found.status, found.last_fault) == (IncidentLetterState.FAILED, mail.UNCONFIRMED)
        assert letter in incident_letters.in_doubt(found.incident)
    assert "1 × letter about an incident" in restored.said


def test_a_letter_that_had_gone_stays_so(restored, post: Post) -> None:
    letter = letter_steps.approved()
    letter_steps.deliver(letter, post)

    app = restored()

    with app.app_context():
        notice = db.session.get_one(Notice, letter)
        assert notice.status is NoticeStatus.SENT
        assert not notices.was_in_doubt(notice)


def test_a_reminder_that_may_have_gone_is_not_written_by_itself(
    office: Flask, restored, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.extensions["hotline.settings"] = replace(settings(), smtp_url="smtp://127.0.0.1:9")
    post, noon = follow_up_steps.Post(), follow_up_steps.NOON
    monkeypatch.setattr(clock, "now", lambda: noon)
    letter = follow_up_steps.sent(post).id
    monkeypatch.setattr(clock, "now", lambda: noon + 30 * DAY)

    app = restored(HOTLINE_SMTP_URL="smtp://127.0.0.1:9")

    with app.app_context():
        follow_up_steps.sweep()
        assert [kind for kind, _ in follow_up_steps.chain()] == [NoticeKind.FIRST]
        assert follow_up_steps.time_of(db.session.get_one(Notice, letter)).paused_at is not None
    assert "1 × reminder" in restored.said
    db.session.rollback()
    follow_up_steps.sweep()
    assert [kind for kind, _ in follow_up_steps.chain()] == [NoticeKind.FIRST, NoticeKind.REMINDER]  # as it would have


@pytest.mark.parametrize("is_on", [True, False])
def test_steps_for_iccam_that_were_due_wait_for_a_person_where_the_connector_tells_them(
    office: Flask, is_on: bool
) -> None:
    office.extensions["hotline.settings"] = replace(settings(), iccam_url="https://iccam.example" if is_on else "")
    item = steps.looked_at_twice(SETTLED)
    begun(item)

    with writing():
        count = iccam.leave_to_people()
    told = Told()
    iccam.send_steps(item.id, client=told)

    states = {state for _, _, state in fields(item)}
    assert (count, states) == ((4, {IccamState.FAILED}) if is_on else (0, {IccamState.SENT}))
    assert bool(told.said) is not is_on


def test_what_is_to_be_erased_by_now_is_erased_again(support: Flask, restored, whole: VictimCase) -> None:
    ref = due(whole).ref

    app = restored()

    assert db.session.scalar(select(VictimCase.status).where(VictimCase.ref == ref)) is not CaseStatus.ERASED
    with app.app_context():
        one = db.session.scalar(select(VictimCase).where(VictimCase.ref == ref))
        assert (one.status, one.file) == (CaseStatus.ERASED, None)
        assert case_retention.list_due() == []
    assert "file or note was due to be erased" in restored.said


def test_everybody_is_signed_out(office: Flask, restored) -> None:
    token = sessions.begin({"a": 1}, staff_id=steps.team()[0].id)
    assert sessions.find(token)

    app = restored()

    with app.app_context():
        assert sessions.find(token) is None


def test_the_restore_is_on_record_behind_a_chain_that_holds(office: Flask, restored) -> None:
    letter_steps.approved()
    number, mark = audit.anchor()

    app = restored()

    with app.app_context():
        entry = audit.last_of(backups.SUBJECT, backups.RESTORED)
        told = json.loads(entry.details)
        assert (told["entries"], told["mark"], told["letters"]) == (number, mark, 1)
        assert audit.verify()[1] is None
    assert mark in restored.said
    assert "note it at /desk/practice/security/restore" in restored.said


def test_a_chain_that_was_broken_before_is_restored_and_said(office: Flask, second: Machine, place: Path) -> None:
    letter_steps.approved()
    with desk_engine().connect() as connection:
        connection.execution_options(writes=True)
        guards = text("SELECT name FROM sqlite_master WHERE tbl_name = 'audit_entries' AND type = 'trigger'")
        for name in connection.scalars(guards).all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.execute(text("UPDATE audit_entries SET actor = 'A-99' WHERE id = 2"))
        connection.commit()
    made(office, place)

    _, said = second.restore(place)

    assert refused(said, "restored", "does not hold")
    assert "The audit trail breaks at entry 2." in said.output


def test_values_that_do_not_open_are_said(office: Flask, second: Machine, place: Path) -> None:
    steps.new_item()
    with desk_engine().connect() as connection:
        connection.execution_options(writes=True)
        connection.execute(text("UPDATE items SET host = CAST(substr(host, 1, 20) || X'0000' AS BLOB)"))
        connection.commit()
    made(office, place)

    _, said = second.restore(place)

    assert refused(said, "does not hold")
    assert "do NOT" in said.output


# --- broken off between filled and settled ---------------------------------------------------------------------------


@pytest.fixture
def broken_off(second: Machine, backed_up: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let a restore die when both stores are in place, and nothing is left to people yet."""

    def dies() -> None:
        raise SystemExit(9)

    with monkeypatch.context() as patch:
        patch.setattr(schema, "upgrade", dies)
        assert second.restore(backed_up)[1].exit_code == 9
    assert stores_of(second) == ["desk.sqlite3", "front.sqlite3"]
    return backed_up


@pytest.mark.parametrize("words", ["prepare", "worker", "sweep", "sweep --once", "db upgrade"])
def test_nothing_runs_after_a_restore_that_was_not_settled(second: Machine, broken_off: Path, words: str) -> None:
    before = contents(second)

    assert refused(run(second.app(), *words.split()), "broke off", "restore.unsettled", "flask restore once more")
    assert contents(second) == before


@pytest.mark.parametrize("surface", ["public", "desk", "all"])
def test_no_site_starts_after_a_restore_that_was_not_settled(second: Machine, broken_off: Path, surface: str) -> None:
    with pytest.raises(SettingsError, match="broke off"):
        create_app(surface, environ_of(second))

    assert second.restore(broken_off)[1].exit_code == 0
    create_app(surface, environ_of(second))


def test_the_public_site_sees_it_beside_the_front_store_from_a_folder_of_its_own(
    second: Machine, broken_off: Path, tmp_path: Path
) -> None:
    shutil.copytree(second.keys, tmp_path / "own" / "keys")
    own = environ_of(second) | {
        "HOTLINE_DATA_DIR": str(tmp_path / "own"),
        "HOTLINE_FRONT_DATABASE_URL": f"sqlite:///{second.folder / 'front.sqlite3'}",
    }

    with pytest.raises(SettingsError, match="broke off"):
        create_app("public", own)


def test_a_restore_that_broke_off_goes_on_when_it_is_run_again(second: Machine, broken_off: Path, post: Post) -> None:
    app, said = second.restore(broken_off)

    assert said.exit_code == 0, said.output
    assert "1 × letter was on its way" in said.output
    with app.app_context():
        (letter,) = db.session.scalars(select(Notice.id)).all()
        letter_steps.deliver(letter, post, times=3)
    assert post.tries == 0
    assert list(second.folder.rglob("restore.unsettled")) == []
    assert run(second.app(), "prepare").exit_code == 0


def test_another_backup_does_not_go_on_where_one_broke_off(office: Flask, second: Machine, broken_off: Path) -> None:
    other = made(office, broken_off.with_name("other.backup"))

    assert refused(second.restore(other)[1], "another backup", "first")
    assert refused(run(second.app(), "prepare"), "broke off")


def test_half_of_what_was_to_be_put_in_place_is_said_and_can_be_taken_away(second: Machine, broken_off: Path) -> None:
    (second.folder / "desk.sqlite3").unlink()

    assert refused(second.restore(broken_off)[1], "front store alone", "by hand")

    (second.folder / "front.sqlite3").unlink()
    assert second.restore(broken_off)[1].exit_code == 0


def environ_of(machine: Machine) -> dict[str, str]:
    return machine.stores.environ | {"HOTLINE_DATA_DIR": str(machine.folder)}
