"""Messages both ways: kept twice, opened by the code or at the desk alone, and none lost or doubled."""

from contextlib import nullcontext
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from hotline import vault
from hotline.errors import NotFound, Refused, Unreadable
from hotline.extensions import db
from hotline.jobs import rows
from hotline.models import Contact, Inbox, Message, MessageCopy, ReceiptRow, Report, UnreadReport
from hotline.rules.messages import MOST_OF_A_RECEIPT
from hotline.services import contacts, inbox, intake, message_copies, messages, staff
from hotline.services.message_copies import COPY
from hotline.transactions import apart, front_engine, writing
from hotline.vault import Lock
from hotline.vocabulary import Author, Concern, InboxKind, Language, Role
from tests.services import steps

WORDS = "It was a group with “school 2” in its name."


@pytest.fixture
def code(office: Flask) -> str:
    return steps.report("https://a.example/x")


def tag_of(code: str) -> bytes:
    return vault.receipt_of(vault.keyring().public, code).tag


def texts(code: str) -> list[tuple[Author, str | None]]:
    return [(copy.author, copy.text) for copy in message_copies.read(code)]


def answer(code: str, text: str = "Thank you. That helps.", *, checked: bool = False) -> None:
    first, *_ = steps.team()
    with writing():
        tag = tag_of(code)
        messages.answer(tag, Concern.REPORT, "report R", text, checked=checked, seen=messages.last(tag), by=first)


def read(code: str) -> list[messages.Opened]:
    return messages.read(tag_of(code), Concern.REPORT, "report R", by=steps.team()[0])


def test_a_message_reaches_the_desk_and_its_writer_reads_it_again(code: str) -> None:
    message_copies.write(code, WORDS, nonce="one")
    intake.open_inbox()

    assert texts(code) == [(Author.REPORTER, WORDS)]
    assert [(one.author, one.text, one.waits) for one in read(code)] == [(Author.REPORTER, WORDS, True)]


def test_the_same_form_sent_again_is_one_message_also_after_it_has_arrived(code: str) -> None:
    message_copies.write(code, WORDS, nonce="one")
    message_copies.write(code, WORDS, nonce="one")
    intake.open_inbox()
    message_copies.write(code, WORDS, nonce="one")
    intake.open_inbox()

    assert len(texts(code)) == len(read(code)) == 1


def test_messages_sent_at_once_are_all_kept_and_numbered(office: Flask, code: str) -> None:
    deeds = [lambda n=n: message_copies.write(code, f"message {n}", nonce=str(n)) for n in range(6)]

    assert steps.together(office, deeds) == [None] * 6
    intake.open_inbox()

    with apart(front_engine()) as session:
        assert session.scalars(select(MessageCopy.number).order_by(MessageCopy.number)).all() == [1, 2, 3, 4, 5, 6]
    assert {one.text for one in read(code)} == {f"message {n}" for n in range(6)}


class NoTurns(nullcontext):
    """Instead of the lock that a process's threads share: each of them is like a process of its own."""

    def acquire(self, timeout: float) -> bool:
        return True

    def release(self) -> None:
        pass


def test_processes_that_write_and_answer_at_once_take_each_number_once(
    office: Flask, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = steps.report("https://b.example/x", "two")
    monkeypatch.setattr(inbox, "_turn", NoTurns())
    written = [lambda n=n: message_copies.write(code, f"message {n}", nonce=str(n)) for n in range(10)]
    again = [lambda: message_copies.write(code, "message 0", nonce="0")] * 2
    answers = [lambda n=n: message_copies.deliver(tag_of(code), bytes([n]) * 16, b"sealed") for n in (1, 1, 2, 3)]
    of_another = [lambda n=n: message_copies.write(other, f"message {n}", nonce=str(n)) for n in range(4)]

    outcomes = steps.together(office, [*written, *answers, *of_another, *again])

    assert outcomes == [None] * 20
    assert numbers_of(code) == list(range(1, 14))
    assert numbers_of(other) == [1, 2, 3, 4]
    with apart(front_engine()) as session:
        left = session.execute(select(Inbox.id, Inbox.number).where(Inbox.kind == InboxKind.MESSAGE)).all()
        copies = select(MessageCopy.id, MessageCopy.number).where(MessageCopy.author == Author.REPORTER)
        assert sorted(left) == sorted(session.execute(copies).all())


def numbers_of(code: str) -> list[int]:
    numbers = select(MessageCopy.number).where(MessageCopy.receipt_tag == tag_of(code)).order_by(MessageCopy.number)
    with apart(front_engine()) as session:
        return list(session.scalars(numbers))


def test_a_code_that_finds_nothing_takes_no_message(office: Flask) -> None:
    with pytest.raises(NotFound):
        message_copies.write("0" * 16, WORDS, nonce="one")

    assert steps.waiting() == []


def test_a_message_may_come_before_its_report(code: str) -> None:
    message_copies.write(code, WORDS, nonce="one")
    (message,) = [row for row in steps.waiting() if row.kind == "message"]

    assert intake.move(message)
    first, *_ = steps.team()
    assert [(one.ref, one.count) for one in messages.list_waiting(by=first)] == [(None, 1)]

    intake.open_inbox()
    (waiting,) = messages.list_waiting(by=first)
    assert waiting.ref == db.session.scalar(select(Report.ref))
    assert waiting.language is Language.EN


def test_messages_about_a_report_that_cannot_be_read_are_found_by_it_and_answered(code: str) -> None:
    message_copies.write(code, WORDS, nonce="one")
    with apart(front_engine()) as session:
        row = session.scalars(select(Inbox).where(Inbox.kind == InboxKind.REPORT)).one()
        row.body, inbox_id = b"damaged", row.id
    intake.open_inbox()
    first, *_ = steps.team()

    (waiting,) = messages.list_waiting(by=first)
    assert (waiting.ref, waiting.unread, waiting.language, waiting.count) == (None, inbox_id.hex(), None, 1)
    kept = intake.get_kept(waiting.unread)
    assert isinstance(kept, UnreadReport)
    assert kept.receipt_tag == tag_of(code)

    answer(code)
    rows.work_off()

    assert texts(code) == [(Author.REPORTER, WORDS), (Author.HOTLINE, "Thank you. That helps.")]
    assert messages.list_waiting(by=steps.team()[0]) == []


def test_an_answer_is_read_with_the_code_and_settles_what_waited(code: str) -> None:
    message_copies.write(code, WORDS, nonce="one")
    intake.open_inbox()
    first, *_ = steps.team()
    assert messages.count_waiting(by=first) == 1

    answer(code)
    assert [one.waits for one in read(code)] == [False, True]
    rows.work_off()

    assert texts(code) == [(Author.REPORTER, WORDS), (Author.HOTLINE, "Thank you. That helps.")]
    assert messages.count_waiting(by=steps.team()[0]) == 0
    assert [one.waits for one in read(code)] == [False, False]
    assert read(code)[1].by.id == steps.team()[0].id


def test_an_answer_delivered_twice_is_one(code: str) -> None:
    intake.open_inbox()
    answer(code)
    rows.work_off()
    message = db.session.scalars(select(Message)).one()
    with writing():
        message.settled_at = None

    with writing():
        messages.deliver(message.id)

    assert len(texts(code)) == 1


def test_nothing_of_a_conversation_stands_in_clear_and_only_its_code_opens_the_copies(code: str) -> None:
    other = steps.report("https://b.example/x", "two")
    message_copies.write(code, WORDS, nonce="one")
    with apart(front_engine()) as session:
        (body,) = session.scalars(select(MessageCopy.body)).all()
    (sealed,) = [row.body for row in steps.waiting() if row.kind == "message"]

    assert b"school" not in body + sealed
    assert vault.open_with_code(vault.keyring().public, code, COPY, body) == WORDS
    with pytest.raises(Unreadable):
        vault.open_with_code(vault.keyring().public, code, "message.body", body)
    assert texts(other) == []


@pytest.mark.parametrize(
    ("text", "checked", "fault"),
    [
        ("", False, ("text", "missing")),
        ("x" * 2001, False, ("text", "too_long")),
        ("Sophea will call you.", False, ("text", "names_us")),
        ("Sophea will call you.", True, ("text", "names_us")),
        ("Call 023 111 222.", False, ("checked", "not_ours")),
    ],
)
def test_what_must_not_leave_is_refused(code: str, text: str, checked: bool, fault: tuple[str, str]) -> None:
    intake.open_inbox()

    with pytest.raises(Refused) as refused:
        answer(code, text, checked=checked)

    assert refused.value.faults == (fault,)
    assert read(code) == []


def test_a_number_that_was_checked_may_leave(code: str) -> None:
    intake.open_inbox()

    answer(code, "Call the clinic on 023 111 222, or us on 092 311 511.", checked=True)

    assert len(read(code)) == 1


def test_an_answer_to_an_expired_receipt_is_refused(code: str) -> None:
    intake.open_inbox()
    with apart(front_engine()) as session:
        session.delete(session.scalars(select(ReceiptRow)).one())

    with pytest.raises(Refused, match="gone"):
        answer(code)


def test_a_receipt_that_expires_meanwhile_gets_no_copy_and_no_error(code: str) -> None:
    intake.open_inbox()
    answer(code)
    with apart(front_engine()) as session:
        session.delete(session.scalars(select(ReceiptRow)).one())

    rows.work_off()

    assert texts(code) == []


def test_messages_are_not_without_end(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_copies.rules, "MOST_OF_A_RECEIPT", 2)
    assert MOST_OF_A_RECEIPT > 20
    message_copies.write(code, "one", nonce="1")
    message_copies.write(code, "two", nonce="2")

    with pytest.raises(Refused, match="too_many"):
        message_copies.write(code, "three", nonce="3")

    assert len(texts(code)) == 2


def test_people_without_the_role_read_no_messages(code: str) -> None:
    intake.open_inbox()
    helper = staff.get_by_name("kunthea")
    assert helper.has(Role.VICTIM_SUPPORT)

    with pytest.raises(NotFound):
        messages.read(tag_of(code), Concern.REPORT, "report R", by=helper)
    with pytest.raises(NotFound):
        messages.read(tag_of(code), Concern.HELP, "help H", by=steps.team()[0])
    assert messages.count_waiting(by=helper) == 0


def test_a_message_that_does_not_open_is_shown_as_such(code: str) -> None:
    message_copies.write(code, WORDS, nonce="one")
    intake.open_inbox()
    with writing():
        db.session.scalars(select(Message)).one().body = vault.keyring().seal("other", "x", lock=Lock.CASE)

    assert [one.text for one in read(code)] == [None]


def contacts_stored() -> int:
    return db.session.scalar(select(func.count()).select_from(Contact))


def test_contact_details_are_forgotten_at_a_word_whichever_arrives_first(office: Flask) -> None:
    code = steps.report("https://a.example/x", contact="012 000 000")
    contacts.ask_to_forget(code)
    wish, report = sorted(steps.waiting(), key=lambda row: row.kind)
    assert wish.kind == "forget_contact"

    assert not intake.move(wish)
    assert intake.move(report)
    assert contacts_stored() == 1
    assert intake.move(wish)

    assert contacts_stored() == 0
    assert steps.waiting() == []


def test_contact_details_of_others_stay(office: Flask) -> None:
    steps.report("https://a.example/x", "one", contact="012 000 000")
    code = steps.report("https://a.example/x", "two", contact="012 000 001")
    contacts.ask_to_forget(code)

    intake.open_inbox()
    intake.open_inbox()

    report = db.session.scalars(select(Report).where(Report.receipt_tag != tag_of(code))).one()
    assert contacts_stored() == 1
    assert contacts.read(report, by=steps.team()[0]) == "012 000 000"


def test_what_came_after_the_page_was_read_still_waits(code: str) -> None:
    first, *_ = steps.team()
    message_copies.write(code, WORDS, nonce="one")
    intake.open_inbox()
    seen = messages.last(tag_of(code))
    message_copies.write(code, "The child is in danger now.", nonce="two")
    intake.open_inbox()

    with writing():
        messages.settle(tag_of(code), Concern.REPORT, "report R", seen=seen, by=first)

    assert messages.count_waiting(by=steps.team()[0]) == 1
    assert [(one.text, one.waits) for one in read(code)] == [(WORDS, False), ("The child is in danger now.", True)]


def test_one_form_used_with_two_codes_is_two_messages(code: str) -> None:
    other = steps.report("https://b.example/x", "two")
    message_copies.write(code, WORDS, nonce="one")
    message_copies.write(other, WORDS, nonce="one")

    intake.open_inbox()

    assert len(read(code)) == len(read(other)) == 1


def test_messages_that_wait_together_stand_in_the_order_in_which_they_were_written(code: str) -> None:
    said = [f"sentence {number}" for number in range(8)]
    for number, text in enumerate(said):
        message_copies.write(code, text, nonce=str(number))

    intake.open_inbox()

    assert [one.text for one in read(code)] == said


def test_a_wish_to_be_forgotten_is_left_once(office: Flask) -> None:
    code = steps.report("https://a.example/x", contact="012 000 000")

    contacts.ask_to_forget(code)
    contacts.ask_to_forget(code)

    assert [row.kind for row in steps.waiting()].count("forget_contact") == 1


def test_those_who_wait_are_listed_page_by_page_longest_first(office: Flask) -> None:
    codes = [steps.report(f"https://img-board.example/{number}", str(number)) for number in range(5)]
    for number in (3, 0, 4, 1, 2):
        message_copies.write(codes[number], WORDS, nonce=f"m{number}")
        message_copies.write(codes[number], "more", nonce=f"n{number}")
    intake.open_inbox()
    first, *_ = steps.team()
    with writing():
        for message in db.session.scalars(select(Message)).all():
            message.written_at -= timedelta(hours=message.id % 3)

    every = messages.list_waiting(by=first)
    found, after = [], None
    while page := messages.list_waiting(by=first, most=2, after=after):
        found.append(page)
        after = page[-1].first

    assert [len(page) for page in found] == [2, 2, 1]
    assert [one for page in found for one in page] == every
    assert [one.count for one in every] == [2] * 5
    assert sorted(every, key=lambda one: (one.since, one.first)) == every
    with pytest.raises(NotFound):
        messages.list_waiting(by=first, after=10**6)
