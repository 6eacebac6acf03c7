"""A letter that no mail server took lies here: it counts as sent once a person says so, or once it has gone by mail.

So does one that its recipient wants typed in: what goes into the form is shown, and what it answered is the proof.
"""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from hotline import clock, vault
from hotline.config import settings
from hotline.errors import GateClosed, Refused, WrongState
from hotline.extensions import db
from hotline.gateways.mail import Handed, KeptMailer
from hotline.jobs import sweep
from hotline.models import AuditEntry, Item, Notice, Recipient
from hotline.outbox import Task
from hotline.services import (
    audit,
    items,
    kept_letters,
    kept_notices,
    notice_approval,
    notice_drafting,
    notice_sending,
    notices,
    receipts,
)
from hotline.transactions import writing
from hotline.vocabulary import Channel, ItemStatus, Language, NoticeStatus, ReportStatus
from tests.services import steps
from tests.services.letter_steps import approve, approved, reached, typed_in

ADDRESS = "https://img-board.example/t/1"


class Sink:
    """A mail server that takes everything, and notes under which Message-ID."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def send(self, sender: str, mailbox: str, message_id: str, message: bytes) -> Handed:
        self.taken.append(message_id)
        return Handed.ON


def kept() -> Notice:
    """Bring a letter to where it lies here."""
    item, (first, second, _) = steps.looked_at_twice(), steps.team()
    with writing():
        notice = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)
        notice_approval.approve(notice, by=second)
    sweep.once()
    assert letter().is_kept
    return letter()


def letter() -> Notice:
    """Return the letter as it stands now."""
    db.session.rollback()
    return db.session.scalars(select(Notice)).one()


@pytest.fixture
def with_server(office: Flask) -> Flask:
    """The same office, once a mail server is set."""
    office.extensions["hotline.settings"] = replace(settings(), smtp_url="smtp://127.0.0.1:9")
    return office


def actions(notice: Notice) -> list[str]:
    query = select(AuditEntry.action).where(AuditEntry.record == f"notice {notice.ref}").order_by(AuditEntry.id)
    return list(db.session.scalars(query))


def tasks() -> list[int]:
    return list(db.session.scalars(select(Task.record_id).where(Task.job == notices.DELIVER)))


def test_a_kept_letter_is_not_sent_and_nobody_is_told_that_something_was_done(office: Flask) -> None:
    code = steps.report(ADDRESS, nonce=ADDRESS)

    kept()
    sweep.once()

    notice = letter()
    assert (notice.status, notice.sent_at, notice.lines[0].item.status) == (
        NoticeStatus.QUEUED,
        None,
        ItemStatus.DECIDED,
    )
    assert receipts.find(code).status is ReportStatus.CHECKING
    assert actions(notice) == ["drafted", "approved", "kept"]
    assert tasks() == []
    assert notices.count_kept(by=steps.team()[0]) == 1


def test_a_kept_letter_is_not_taken_again(office: Flask) -> None:
    notice, sink = kept(), Sink()

    notice_sending.deliver(notice.id, mailer=sink)

    assert sink.taken == []
    assert letter().is_kept


def test_lists_tell_kept_letters_from_those_on_their_way(office: Flask) -> None:
    notice, by = kept(), steps.team()[0]

    assert notices.list_page(by=by, status=NoticeStatus.QUEUED).rows == []
    assert notices.list_page(by=by, kept=True).rows == [notice]
    assert notices.list_page(by=by).rows == [notice]


def test_who_sent_it_by_hand_says_so_once_and_then_it_counts(office: Flask) -> None:
    code = steps.report(ADDRESS, nonce=ADDRESS)
    notice, by = kept(), steps.team()[2]

    with writing():
        kept_notices.record_by_hand(notice, by=by)
    with pytest.raises(WrongState), writing():
        kept_notices.record_by_hand(notice, by=by)
    sweep.once()

    notice = letter()
    assert (notice.status, notice.went_by_hand) == (NoticeStatus.SENT, True)
    assert notice.lines[0].item.status is ItemStatus.ACTING
    assert receipts.find(code).status is ReportStatus.ACTION_TAKEN
    last = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "sent by hand")).one()
    assert (last.actor, last.record) == (steps.team()[2].number, f"notice {notice.ref}")
    assert last.at <= clock.now()


def test_two_people_who_say_so_at_once_are_one(office: Flask) -> None:
    kept()

    def say_so() -> None:
        with writing():
            kept_notices.record_by_hand(db.session.scalars(select(Notice)).one(), by=steps.team()[0])

    outcomes = steps.together(office, [say_so] * 3)

    assert [type(one) for one in outcomes].count(WrongState) == 2
    assert db.session.scalars(select(AuditEntry.id).where(AuditEntry.action == "sent by hand")).one()


def test_what_was_sent_by_hand_is_told_although_its_item_is_held_by_now(office: Flask) -> None:
    notice = kept()
    with writing():
        db.session.execute(update(Item).values(status=ItemStatus.HELD))

    with writing():
        kept_notices.record_by_hand(notice, by=steps.team()[0])

    assert notice.status is NoticeStatus.SENT
    assert db.session.scalars(select(Item.status)).one() is ItemStatus.HELD


@pytest.mark.parametrize("deed", ["withdraw", "by hand", "release"])
def test_a_letter_that_is_not_kept_cannot_be_let_go_or_said_to_be_sent(with_server: Flask, deed: str) -> None:
    notice, by = kept(), steps.team()[0]
    with writing():
        {"withdraw": notice_approval.withdraw, "by hand": kept_notices.record_by_hand, "release": kept_notices.release}[
            deed
        ](notice, by=by)

    refused = (kept_notices.release, kept_letters.download) + (
        () if deed == "withdraw" else (kept_notices.record_by_hand,)
    )
    for other in refused:
        with pytest.raises(WrongState), writing():
            other(notice, by=by)


def test_what_was_sent_by_hand_is_told_although_somebody_withdrew_it_meanwhile(office: Flask) -> None:
    notice, by = kept(), steps.team()[0]
    with writing():
        notice_approval.withdraw(notice, by=by)

    with writing():
        kept_notices.record_by_hand(notice, by=by)

    assert notice.status is NoticeStatus.SENT
    assert db.session.scalars(select(Item.status)).one() is ItemStatus.ACTING


def test_once_there_is_a_mail_server_it_can_go_under_the_same_message_id(with_server: Flask) -> None:
    notice, sink = kept(), Sink()
    written = notice.message_id

    with writing():
        kept_notices.release(notice, by=steps.team()[0])
    assert tasks() == [notice.id]
    notice_sending.deliver(notice.id, mailer=sink)
    notice_sending.deliver(notice.id, mailer=sink)

    notice = letter()
    assert sink.taken == [written]
    assert (notice.status, notice.kept_at, notice.went_by_hand) == (NoticeStatus.SENT, None, False)
    assert notice.lines[0].item.status is ItemStatus.ACTING
    assert actions(notice)[-2:] == ["released", "sent"]


def test_without_a_mail_server_it_cannot_go_by_mail(office: Flask) -> None:
    notice = kept()

    with pytest.raises(Refused, match="release:no_server"), writing():
        kept_notices.release(notice, by=steps.team()[0])


def test_let_go_where_the_worker_still_has_no_mail_server_it_is_kept_again(with_server: Flask, tmp_path: Path) -> None:
    notice = kept()
    with writing():
        kept_notices.release(notice, by=steps.team()[0])

    notice_sending.deliver(notice.id, mailer=KeptMailer(tmp_path / "letters", vault.keyring()))

    assert letter().is_kept


@pytest.mark.parametrize(
    ("model", "change", "refusal"),
    [
        (Recipient, {"active": False}, Refused),
        (Recipient, {"verified_on": None}, Refused),
        (Recipient, {"mailbox": "elsewhere@hosting.example"}, Refused),
        (Item, {"status": ItemStatus.HELD}, GateClosed),
    ],
)
def test_neither_by_mail_nor_by_hand_it_goes_once_what_it_rests_on_has_fallen(
    with_server: Flask, model: type, change: dict[str, object], refusal: type[Exception]
) -> None:
    notice, by = kept(), steps.team()[0]
    with writing():
        db.session.execute(update(model).values(**change))

    for deed in (kept_notices.release, kept_letters.download):
        with pytest.raises(refusal), writing():
            deed(notice, by=by)

    assert notice.is_kept
    assert "downloaded" not in actions(notice)


def test_it_is_handed_over_whole_with_the_exact_addresses_and_that_is_logged(office: Flask) -> None:
    notice, by = kept(), steps.team()[1]

    with writing():
        whole = kept_letters.download(notice, by=by)

    message = message_from_bytes(whole, policy=policy.default)
    attached, _report = message.iter_attachments()
    assert message["Message-ID"] == notice.message_id
    assert (attached.get_filename(), attached.get_content().strip()) == ("addresses.txt", ADDRESS)
    assert actions(notice)[-1] == "downloaded"


@pytest.mark.parametrize(("damage", "code"), [("gone", "gone"), ("rubbish", "letter")])
def test_a_kept_file_that_is_gone_or_damaged_is_said(office: Flask, tmp_path: Path, damage: str, code: str) -> None:
    notice = kept()
    [path] = (tmp_path / "letters").iterdir()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(b"rubbish")

    with pytest.raises(Refused, match=f"download:{code}"), writing():
        kept_letters.download(notice, by=steps.team()[0])


# --- Typed into a form or portal


def test_what_is_typed_in_is_never_mailed(office: Flask) -> None:
    notice = approve(typed_in())

    assert (notice.status, notice.is_kept) == (NoticeStatus.QUEUED, True)
    assert db.session.query(Task).filter_by(job=notices.DELIVER, record_id=notice.id).count() == 0
    sink = Sink()
    notice_sending.deliver(notice.id, mailer=sink)
    assert sink.taken == []
    notice = letter()
    for deed in (kept_notices.record_by_hand, kept_notices.check):
        with pytest.raises(WrongState), writing():
            deed(notice, by=steps.team()[0])


def test_the_database_lets_nobody_mail_it(office: Flask) -> None:
    notice = approve(typed_in())

    with pytest.raises(IntegrityError, match="by_mail"), writing():
        db.session.execute(update(Notice).where(Notice.id == notice.id).values(leased_until=clock.now()))


def test_what_goes_into_the_form_is_shown_once_approved_and_each_time_is_told(office: Flask) -> None:
    notice, by = typed_in(), steps.team()[0]
    with pytest.raises(WrongState), writing():
        kept_notices.show_fields(notice, by=by)
    approve(notice)

    with writing():
        fields = kept_notices.show_fields(notice, by=by)

    assert fields[0].value == ADDRESS
    assert notice.ref in fields[1].value
    assert by.number in fields[1].value
    assert kept_notices.times_copied(notice) == 1
    assert items.times_shown_live(notice.lines[0].item) == 1


def test_what_no_longer_stands_is_not_shown_to_be_typed_in(office: Flask) -> None:
    notice = approve(typed_in())
    with writing():
        db.session.execute(update(Item).values(status=ItemStatus.HELD))
    db.session.expire_all()

    with pytest.raises(GateClosed), writing():
        kept_notices.show_fields(notice, by=steps.team()[0])


def test_a_form_that_has_moved_is_noticed(office: Flask) -> None:
    notice = approve(typed_in())
    reached(form_url="https://forms.example/elsewhere")

    with pytest.raises(Refused, match="copy:mailbox"), writing():
        kept_notices.show_fields(db.session.get_one(Notice, notice.id), by=steps.team()[0])


def test_the_proof_marks_it_sent_sealed_and_once(office: Flask) -> None:
    notice, by, at = approve(typed_in()), steps.team()[0], clock.now()

    with writing():
        kept_notices.record_proof(notice, " AB-991 ", at, by=by)

    assert (notice.status, notice.sent_at, notice.lines[0].item.status) == (NoticeStatus.SENT, at, ItemStatus.ACTING)
    assert kept_notices.proof_of(notice) == kept_notices.Proof("AB-991", at, by.number)
    assert b"AB-991" not in notice.proof
    assert audit.history(f"notice {notice.ref}")[-1].action == "typed in"
    with pytest.raises(WrongState), writing():
        kept_notices.record_proof(notice, "AB-992", at, by=by)


@pytest.mark.parametrize(
    ("reference", "shift", "fault"),
    [
        ("", timedelta(0), "reference:required"),
        ("x" * 201, timedelta(0), "reference:too_long"),
        ("AB", None, "at:required"),
        ("AB", timedelta(hours=1), "at:later"),
        ("AB", timedelta(hours=-1), "at:earlier"),
    ],
)
def test_a_proof_that_says_too_little_or_cannot_be_is_refused(office: Flask, reference, shift, fault) -> None:
    notice = approve(typed_in())
    at = None if shift is None else clock.now() + shift

    with pytest.raises(Refused, match=fault), writing():
        kept_notices.record_proof(notice, reference, at, by=steps.team()[0])


def test_proof_is_for_what_is_typed_in_alone(office: Flask) -> None:
    letter_id = approved()
    notice = db.session.get_one(Notice, letter_id)

    with pytest.raises(WrongState), writing():
        kept_notices.record_proof(notice, "AB", clock.now(), by=steps.team()[0])
