"""Mail of duties: once a person and day, sealed until it has left, and without a word about anybody."""

import email
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import policy

import pytest
from flask import Flask
from sqlalchemy import func, select

from hotline import clock, outbox
from hotline.config import settings
from hotline.extensions import db
from hotline.gateways import mail
from hotline.gateways.mail import Handed, MailFault
from hotline.models import Digest
from hotline.rules import mail_answers
from hotline.rules.reach import Reach
from hotline.services import calendar_feeds, clock_rounds, duties, duty_digests, kept_letters, staff, staff_reach
from hotline.services.duties import Thing
from hotline.transactions import writing
from hotline.vocabulary import DigestKind, Duty, Language, Subject

THURSDAY = datetime(2026, 11, 26, 3, tzinfo=UTC)  # ten in the morning in Cambodia
MONDAY = datetime(2026, 11, 30, 3, tzinfo=UTC)
DUTIES, WEEK = DigestKind.DUTIES, DigestKind.WEEK


class Server:
    """A mail server that keeps what it is given, or answers with `fault`, or dies."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.got: list[tuple[str, bytes]] = []
        self.fault = fault

    def send(self, _sender: str, mailbox: str, message_id: str, message: bytes) -> Handed:
        self.got.append((message_id, message))
        assert mailbox.endswith("@mail.example")
        if self.fault:
            raise self.fault
        return Handed.ON


@pytest.fixture
def on(office: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the clock. Dara and Vanna want mail, and Dara has to tell the officer within the hour."""

    def move(moment: datetime) -> None:
        db.session.rollback()
        monkeypatch.setattr(clock, "now", lambda: moment)

    move(THURSDAY)
    with writing():
        for name in ("dara", "vanna"):
            reach = Reach(("Full Name",), (f"{name}@mail.example", "second@mail.example"), ("012 345 678",))
            staff_reach.enter(staff.get_by_name(name), reach, wants_mail=True)
        due = THURSDAY + timedelta(hours=1)
        duties.begin(Thing(Subject.INCIDENT, 7), Duty.TELL_DPO, owner_id=staff.get_by_name("dara").id, due=due)
    return move


def digests(kind: DigestKind = DUTIES) -> list[Digest]:
    db.session.rollback()
    return list(db.session.scalars(select(Digest).where(Digest.kind == kind).order_by(Digest.id)))


def waiting() -> int:
    return db.session.scalar(select(func.count()).where(outbox.Task.job == duty_digests.DELIVER))


def test_who_has_something_due_gets_one_mail_a_day_with_duty_and_day_alone(on) -> None:
    for _round in range(2):
        duty_digests.sweep()
    (digest,) = digests()
    assert digest.staff_id == staff.get_by_name("dara").id
    assert b"mail.example" not in digest.letter + digest.mailbox
    server = Server()
    duty_digests.deliver(digest.id, mailer=server)
    duty_digests.deliver(digest.id, mailer=server)

    ((message_id, raw),) = server.got
    read = email.message_from_bytes(raw, policy=policy.default)
    assert (str(read["To"]), message_id) == ("dara@mail.example", digest.message_id)
    assert "- Tell the data protection officer. Due on 26 November 2026." in read.get_content()
    assert not [word for word in ("Full", "012", "A-0", "dara,") if word in read.get_content()]
    (digest,) = digests()
    assert (digest.letter, digest.mailbox, digest.sent_at is not None, waiting()) == (None, None, True, 0)


@pytest.mark.parametrize(
    "moment", [THURSDAY.replace(hour=6), datetime(2026, 11, 28, 3, tzinfo=UTC), THURSDAY - timedelta(days=1)]
)
def test_none_is_written_at_other_times_or_when_nothing_presses(on, moment: datetime) -> None:
    if moment < THURSDAY:
        with writing():
            duties.fall_due(Thing(Subject.INCIDENT, 7), Duty.TELL_DPO, THURSDAY + timedelta(days=9))
    on(moment)
    clock_rounds.sweep_due()
    duty_digests.sweep()

    assert digests() == []


def test_a_mail_that_cannot_be_written_holds_up_nobody_elses(on, monkeypatch: pytest.MonkeyPatch) -> None:
    vanna, real = staff.get_by_name("vanna").id, duty_digests.pressing
    with writing():
        due = THURSDAY + timedelta(hours=1)
        duties.begin(Thing(Subject.INCIDENT, 8), Duty.TELL_DPO, owner_id=vanna, due=due)

    def pressing(person):
        if person.id != vanna:
            raise ValueError
        return real(person)

    monkeypatch.setattr(duty_digests, "pressing", pressing)
    duty_digests.sweep()
    assert [one.staff_id for one in digests()] == [vanna]
    monkeypatch.setattr(duty_digests, "pressing", real)
    duty_digests.sweep()

    assert len(digests()) == 2


def test_a_worker_that_dies_leaves_the_same_letter_to_the_next(on) -> None:
    duty_digests.sweep()
    number = digests()[0].id
    dying = Server(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        duty_digests.deliver(number, mailer=dying)
    early = Server()
    duty_digests.deliver(number, mailer=early)
    on(THURSDAY + timedelta(hours=1))
    server = Server()
    duty_digests.deliver(number, mailer=server)

    assert early.got == []  # it may still be on its way in other hands
    assert server.got == dying.got  # the same bytes, with the same Message-ID


@pytest.mark.parametrize(
    ("fault", "goes_on"),
    [(MailFault("451", permanent=False), True), (MailFault("550", permanent=True), False), (mail.in_doubt(), False)],
)
def test_a_fault_is_shown_and_only_what_cannot_have_arrived_is_tried_again(on, fault: MailFault, goes_on: bool) -> None:
    duty_digests.sweep()
    duty_digests.deliver(digests()[0].id, mailer=Server(fault))

    (digest,) = digests()
    assert (digest.last_fault, digest.failed_at is None, waiting()) == (fault.code, goes_on, int(goes_on))
    assert duty_digests.list_troubled() == [digest] == [duty_digests.last_of(staff.get_by_name("dara"))]


def test_a_mail_that_comes_back_is_shown(on) -> None:
    duty_digests.sweep()
    digest = digests()[0]
    duty_digests.deliver(digest.id, mailer=Server())
    bounce = f"Auto-Submitted: auto-replied\r\nIn-Reply-To: {digest.message_id}\r\n\r\n".encode()
    with writing():
        noted = duty_digests.note_bounce(mail_answers.read(bounce).ids, "5.1.1")

    assert noted
    assert [one.last_fault for one in duty_digests.list_troubled()] == ["5.1.1"]


def test_without_a_mail_server_it_is_kept_sealed_and_no_list_of_letters_shows_it(on, office: Flask) -> None:
    duty_digests.sweep()
    digest = digests()[0]
    duty_digests.deliver(digest.id, mailer=office.extensions["hotline.mailer"])

    names = mail.kept_names(settings().data_dir / "letters")
    assert (digests()[0].is_kept, names) == (True, [mail.kept_name(digest.message_id)])
    assert kept_letters.list_newest() == []


def test_on_monday_a_manager_gets_the_week_in_numbers(on) -> None:
    on(MONDAY)
    duty_digests.sweep()
    server = Server()
    (digest,) = digests(WEEK)
    duty_digests.deliver(digest.id, mailer=server)

    text = email.message_from_bytes(server.got[0][1], policy=policy.default).get_content()
    assert digest.staff_id == staff.get_by_name("vanna").id
    assert "- Duties late now: 1" in text.splitlines()
    assert "officer" not in text


def test_an_account_that_closed_gets_nothing_more(on) -> None:
    duty_digests.sweep()
    with writing():
        staff.disable(staff.get_by_name("dara"), by=staff.get_by_name("admin"))
    server = Server()
    duty_digests.deliver(digests()[0].id, mailer=server)

    assert (server.got, digests()[0].last_fault, waiting()) == ([], "closed", 0)


def test_a_calendar_has_what_its_person_answers_for_under_names_that_stay(on) -> None:
    dara = staff.get_by_name("dara")
    with writing():
        old, token = calendar_feeds.renew(dara), calendar_feeds.renew(dara)
    first, again = calendar_feeds.written(dara), calendar_feeds.written(dara)

    assert first == again
    assert b"SUMMARY:Tell the data protection officer\r\n" in first
    assert b"DTSTART:20261126T040000Z\r\n" in first
    assert [calendar_feeds.find_person(one) for one in (old, "", token)] == [None, None, dara]
    with writing():
        staff.speak(dara, Language.KM)
    assert "SUMMARY:ជូនដំណឹងមន្ត្រីការពារទិន្នន័យ" in calendar_feeds.written(dara).decode().replace("\r\n ", "")
