"""Reports by mail: on a real Dovecot, and on a server that drops, lies and forges."""

import dataclasses
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import func, select

from hotline import vault
from hotline.errors import Refused
from hotline.extensions import db
from hotline.models import Item, MailArrival, Report
from hotline.services import entries, intake, mailbox
from hotline.transactions import writing
from hotline.vocabulary import MailResult, ReportSource
from tests.gateways import imap_server
from tests.gateways.imap_server import Box, Dovecot, letter
from tests.services import steps

BODY = "--x\nContent-Type: text/plain\n\nhttps://a.example/1\n--x\nContent-Type: image/png\n"
BODY += 'Content-Disposition: attachment; filename="a.png"\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--x--\n'
NESTED = "--b\n" + "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(2_000))
INJECTED = "mx.hotline.example; dmarc=fail header.from=partner.example; "
INJECTED += 'spf=pass smtp.mailfrom="x;dkim=pass/header.d=partner.example;"@evil.example'


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    if not imap_server.has_dovecot():
        pytest.fail(imap_server.MISSING, pytrace=False)  # as for PostgreSQL: nothing is passed over
    with imap_server.dovecot() as server:
        yield server


@pytest.fixture
def box() -> Iterator[tuple[str, Box]]:
    with imap_server.own_server() as found:
        yield found


def set_mailbox(office: Flask, url: str) -> None:
    old = office.extensions["hotline.settings"]
    new = dataclasses.replace(old, imap_url=url, imap_authserv="mx.hotline.example")
    office.extensions["hotline.settings"] = new
    with writing():
        mailbox.add_sender("Reports@Partner.example", "A partner", "partner", "csam", "Called back", by=steps.team()[0])


def results() -> list[MailResult]:
    db.session.rollback()
    return list(db.session.scalars(select(MailArrival.result).order_by(MailArrival.id)))


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_real_mailbox_is_worked_off_and_nothing_is_deleted(office: Flask, dovecot: Dovecot) -> None:
    folder = "日本語 & more"
    coded = "&ZeVnLIqe- &- more"
    dovecot.put(
        letter(),
        letter(sender="stranger@elsewhere.example"),
        letter(BODY, kind="multipart/mixed; boundary=x"),
        letter("x" * 6 * 1024 * 1024),
        folder=coded,
    )
    set_mailbox(office, dovecot.url(quote(folder)))

    assert mailbox.poll() == 2
    assert mailbox.poll() == 0

    assert mailbox.standing() == ""
    assert sorted(results()) == ["taken", "taken", "too_large", "unknown_sender"]
    assert (count(Report), count(Item)) == (2, 1)
    assert [dovecot.count(name) for name in (coded, "Taken", "Refused")] == [0, 2, 2]


def test_a_wrong_password_is_said_and_a_right_one_mends_it(office: Flask, dovecot: Dovecot) -> None:
    set_mailbox(office, dovecot.url(password="wrong"))

    assert mailbox.poll() == 0
    assert mailbox.standing() == "sign-in"

    office.extensions["hotline.settings"] = dataclasses.replace(
        office.extensions["hotline.settings"], imap_url=dovecot.url("no-such-folder")
    )
    mailbox.poll()
    assert mailbox.standing() == "folder"


def test_a_server_that_is_away_is_asked_again(office: Flask) -> None:
    set_mailbox(office, "imap://reports:x@127.0.0.1:9/")

    assert mailbox.poll() == 0
    assert mailbox.standing() == "away"


def test_a_letter_becomes_a_report_with_its_origin(office: Flask, box: tuple[str, Box]) -> None:
    url, held = box
    held.letters = {3: letter()}
    set_mailbox(office, url)

    assert mailbox.poll() == 1

    report = db.session.scalars(select(Report)).one()
    assert (report.origin.source, report.origin.taken_by_id) == (ReportSource.PARTNER, None)
    assert entries.read(report, by=steps.team()[0]).reference == "Case 7"
    assert list(held.folders) == ["Taken"]
    assert report.received_at.minute == report.received_at.second == 0


@pytest.mark.parametrize(
    ("raw", "result"),
    [
        (letter("no address in here\n"), MailResult.NO_ADDRESS),
        (letter(sender="stranger@elsewhere.example"), MailResult.UNKNOWN_SENDER),
        (letter(sender="reports@partner.example, x@y.example"), MailResult.UNKNOWN_SENDER),
        (letter(more="From: reports@partner.example"), MailResult.UNKNOWN_SENDER),
        (letter(confirmed=""), MailResult.FORGED),
        (letter(confirmed="mx.hotline.example; dmarc=fail header.from=partner.example"), MailResult.FORGED),
        (letter(confirmed="mx.evil.example; dmarc=pass header.from=partner.example"), MailResult.FORGED),
        (letter(confirmed="mx.hotline.example; dmarc=pass header.from=evil.example"), MailResult.FORGED),
        (letter(kind="text/plain; charset*"), MailResult.UNREADABLE),  # the standard library raises an IndexError
        (letter(sender="stranger@elsewhere.example", kind="text/plain; charset*"), MailResult.UNREADABLE),
        (letter(NESTED, kind="multipart/mixed; boundary=b"), MailResult.UNREADABLE),
        (letter(confirmed=INJECTED), MailResult.FORGED),
        (letter(more="Auto-Submitted: auto-replied"), MailResult.AUTOMATIC),
        (letter(more="Return-Path: <>"), MailResult.AUTOMATIC),
        (letter(more="List-Id: <x.partner.example>"), MailResult.AUTOMATIC),
        (letter("words https://a.example/1 " + "words " * 20_000), MailResult.TOO_LARGE),
    ],
)
@pytest.mark.parametrize("stores", ["sqlite"], indirect=True)
def test_what_is_not_to_be_taken_is_put_aside(
    office: Flask, box: tuple[str, Box], raw: bytes, result: MailResult
) -> None:
    url, held = box
    held.letters = {1: raw}
    set_mailbox(office, url)

    assert mailbox.poll() == 0

    assert (results(), count(Report)) == ([result], 0)
    assert held.folders == {"Refused": [raw]}


def test_a_letter_of_fifty_megabytes_is_never_fetched(office: Flask, box: tuple[str, Box]) -> None:
    url, held = box
    held.letters, held.sizes = {1: letter()}, {1: 50 * 1024 * 1024}
    set_mailbox(office, url)

    mailbox.poll()

    assert results() == [MailResult.TOO_LARGE]
    assert not any("BODY.PEEK[])" in asked for asked in held.asked)


def test_a_server_that_lies_about_a_size_fills_no_memory(office: Flask, box: tuple[str, Box]) -> None:
    url, held = box
    held.letters, held.sizes = {1: letter()}, {1: 100, -1: 4 * 1024**3}
    set_mailbox(office, url)

    assert mailbox.poll() == 0
    assert (mailbox.standing(), results()) == ("broken", [])


@pytest.mark.parametrize("after", [0, 40, 300])
def test_a_drop_in_the_middle_of_a_letter_loses_and_doubles_nothing(
    office: Flask, box: tuple[str, Box], after: int
) -> None:
    url, held = box
    held.letters, held.drop_body_after = {1: letter()}, after
    set_mailbox(office, url)
    assert mailbox.poll() == 0
    assert (results(), count(Report)) == ([], 0)

    held.drop_body_after = None
    held.drop_before_move = True
    assert mailbox.poll() == 0
    held.drop_before_move = False
    mailbox.poll()

    assert (results(), count(Report)) == ([MailResult.TAKEN], 1)
    assert (held.letters, len(held.folders["Taken"])) == ({}, 1)


def test_new_numbers_for_the_same_letters_make_no_new_reports(office: Flask, box: tuple[str, Box]) -> None:
    url, held = box
    held.letters, held.drop_before_move = {1: letter()}, True
    set_mailbox(office, url)
    mailbox.poll()

    held.valid, held.drop_before_move = 8, False
    mailbox.poll()

    assert (count(Report), held.letters) == (1, {})
    assert [item.report_count for item in db.session.scalars(select(Item))] == [1]


def test_where_moving_is_not_known_letters_are_flagged(office: Flask, box: tuple[str, Box]) -> None:
    url, held = box
    held.letters, held.can_move = {1: letter(), 2: letter("nothing")}, False
    set_mailbox(office, url)

    mailbox.poll()
    mailbox.poll()

    assert held.flagged == {1, 2}
    assert results() == [MailResult.TAKEN, MailResult.NO_ADDRESS]
    assert len(held.letters) == 2


def test_an_attachment_is_counted_and_kept_nowhere(office: Flask, box: tuple[str, Box], tmp_path) -> None:
    url, held = box
    held.letters = {1: letter(BODY, kind="multipart/mixed; boundary=x")}
    set_mailbox(office, url)

    assert mailbox.poll() == 1

    arrival = db.session.scalars(select(MailArrival)).one()
    assert arrival.attachments == 1
    ring = vault.keyring()
    report = db.session.scalars(select(Report)).one()
    kept = [report.details, report.leftovers, report.origin.reference]
    assert not any("iVBOR" in ring.open(purpose, blob) for purpose, blob in _opened(kept) if blob)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"iVBORw0KGgo" in path.read_bytes()]


def _opened(kept: list[bytes | None]) -> list[tuple[str, bytes | None]]:
    return list(zip(("report.details", "report.leftovers", "report.reference"), kept, strict=True))


def test_a_letter_that_breaks_a_rule_of_ours_does_not_come_back(office: Flask, box, monkeypatch) -> None:
    def stumble(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    url, held = box
    held.letters = {1: letter(), 2: letter("nothing")}
    set_mailbox(office, url)
    monkeypatch.setattr(intake, "file_report", stumble)

    mailbox.poll()

    assert results() == [MailResult.UNREADABLE, MailResult.NO_ADDRESS]


def test_one_letter_that_cannot_be_parsed_holds_up_no_other(office: Flask, box: tuple[str, Box]) -> None:
    url, held = box
    held.letters = {1: letter(kind="text/plain; charset*"), 2: letter()}
    set_mailbox(office, url)

    assert mailbox.poll() == 1

    assert results() == [MailResult.UNREADABLE, MailResult.TAKEN]
    assert mailbox.standing() == ""


def test_a_fault_of_ours_is_told_to_the_desk_and_ends_no_sweep(office: Flask, box, monkeypatch) -> None:
    def stumble(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    url, held = box
    held.letters = {1: letter()}
    set_mailbox(office, url)
    with monkeypatch.context() as broken:
        broken.setattr(mailbox, "_hindrance", stumble)
        assert mailbox.poll() == 0

    assert (mailbox.standing(), results()) == ("ours", [])
    assert mailbox.poll() == 1
    assert mailbox.standing() == ""


def test_a_letter_of_many_addresses_is_filed_in_portions_and_goes_on_where_it_stopped(
    office: Flask, box, monkeypatch
) -> None:
    url, held = box
    urls = [f"https://a.example/{number}" for number in range(45)]
    held.letters = {1: letter("Dear team,\n" + " ".join(urls) + "\n" + urls[0] + "\n")}
    set_mailbox(office, url)
    commits, writing_of_ours = [], mailbox.writing

    def counted():
        commits.append(count(Report))
        return writing_of_ours()

    monkeypatch.setattr(mailbox, "writing", counted)
    with monkeypatch.context() as slow:
        slow.setattr(mailbox, "LONGEST", -1)
        slow.setattr(mailbox.time, "monotonic", iter([0.0, -2.0, *[5.0] * 50]).__next__)
        assert mailbox.poll() == 0
    assert (results(), count(Report), list(held.letters)) == ([], 1, [1])

    assert mailbox.poll() == 1

    assert (results(), held.letters) == ([MailResult.TAKEN], {})
    assert (count(Report), count(Item)) == (3, 45)
    assert set(db.session.scalars(select(Item.report_count))) == {1}
    assert commits == [0, 1, 1, 2, 3]  # each portion ended its transaction before the next began
    first = db.session.get(Report, db.session.scalar(select(MailArrival.report_id)))
    assert "Dear team," in entries.read(first, by=steps.team()[0]).leftovers


def test_what_tells_a_letter_again_takes_a_key(office: Flask, box: tuple[str, Box]) -> None:
    url, held = box
    held.letters = {1: letter()}
    set_mailbox(office, url)
    mailbox.poll()

    ring = vault.keyring()
    key_id = ring.blinds[vault.Blind.ADDRESS][0]
    assert db.session.scalar(select(Report.inbox_id)).startswith(vault.VERSION + key_id)


def test_a_sender_is_added_once_and_can_be_switched_off(office: Flask, box: tuple[str, Box]) -> None:
    url, held = box
    set_mailbox(office, url)
    first = steps.team()[0]
    with pytest.raises(Refused) as refusal, writing():
        mailbox.add_sender("reports@partner.example", "x", "telephone", "", "", by=first)
    assert [field for field, _code in refusal.value.faults] == ["mailbox", "name", "source", "category", "verified"]

    with writing():
        mailbox.switch(mailbox.list_senders()[0], on=False, by=first)
    held.letters = {1: letter()}
    mailbox.poll()

    assert results() == [MailResult.UNKNOWN_SENDER]
