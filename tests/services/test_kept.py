"""A letter that no mail server took lies here: it counts as sent once a person says so, or once it has gone by mail."""

from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from hotline import clock, vault
from hotline.config import settings
from hotline.errors import GateClosed, Refused, WrongState
from hotline.extensions import db
from hotline.gateways.mail import Handed, KeptMailer
from hotline.jobs import sweep
from hotline.models import AuditEntry, Item, Notice, Recipient
from hotline.outbox import Task
from hotline.services import kept_letters, notices, receipts
from hotline.transactions import writing
from hotline.vocabulary import Channel, ItemStatus, Language, NoticeStatus, ReportStatus
from tests.services import steps

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
        notice = notices.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)
        notices.approve(notice, by=second)
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

    notices.deliver(notice.id, mailer=sink)

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
        notices.record_by_hand(notice, by=by)
    with pytest.raises(WrongState), writing():
        notices.record_by_hand(notice, by=by)
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
            notices.record_by_hand(db.session.scalars(select(Notice)).one(), by=steps.team()[0])

    outcomes = steps.together(office, [say_so] * 3)

    assert [type(one) for one in outcomes].count(WrongState) == 2
    assert db.session.scalars(select(AuditEntry.id).where(AuditEntry.action == "sent by hand")).one()


def test_what_was_sent_by_hand_is_told_although_its_item_is_held_by_now(office: Flask) -> None:
    notice = kept()
    with writing():
        db.session.execute(update(Item).values(status=ItemStatus.HELD))

    with writing():
        notices.record_by_hand(notice, by=steps.team()[0])

    assert notice.status is NoticeStatus.SENT
    assert db.session.scalars(select(Item.status)).one() is ItemStatus.HELD


@pytest.mark.parametrize("deed", ["withdraw", "by hand", "release"])
def test_a_letter_that_is_not_kept_cannot_be_let_go_or_said_to_be_sent(with_server: Flask, deed: str) -> None:
    notice, by = kept(), steps.team()[0]
    with writing():
        {"withdraw": notices.withdraw, "by hand": notices.record_by_hand, "release": notices.release}[deed](
            notice, by=by
        )

    refused = (notices.release, kept_letters.download) + (() if deed == "withdraw" else (notices.record_by_hand,))
    for other in refused:
        with pytest.raises(WrongState), writing():
            other(notice, by=by)


def test_what_was_sent_by_hand_is_told_although_somebody_withdrew_it_meanwhile(office: Flask) -> None:
    notice, by = kept(), steps.team()[0]
    with writing():
        notices.withdraw(notice, by=by)

    with writing():
        notices.record_by_hand(notice, by=by)

    assert notice.status is NoticeStatus.SENT
    assert db.session.scalars(select(Item.status)).one() is ItemStatus.ACTING


def test_once_there_is_a_mail_server_it_can_go_under_the_same_message_id(with_server: Flask) -> None:
    notice, sink = kept(), Sink()
    written = notice.message_id

    with writing():
        notices.release(notice, by=steps.team()[0])
    assert tasks() == [notice.id]
    notices.deliver(notice.id, mailer=sink)
    notices.deliver(notice.id, mailer=sink)

    notice = letter()
    assert sink.taken == [written]
    assert (notice.status, notice.kept_at, notice.went_by_hand) == (NoticeStatus.SENT, None, False)
    assert notice.lines[0].item.status is ItemStatus.ACTING
    assert actions(notice)[-2:] == ["released", "sent"]


def test_without_a_mail_server_it_cannot_go_by_mail(office: Flask) -> None:
    notice = kept()

    with pytest.raises(Refused, match="release:no_server"), writing():
        notices.release(notice, by=steps.team()[0])


def test_let_go_where_the_worker_still_has_no_mail_server_it_is_kept_again(with_server: Flask, tmp_path: Path) -> None:
    notice = kept()
    with writing():
        notices.release(notice, by=steps.team()[0])

    notices.deliver(notice.id, mailer=KeptMailer(tmp_path / "letters", vault.keyring()))

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

    for deed in (notices.release, kept_letters.download):
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
