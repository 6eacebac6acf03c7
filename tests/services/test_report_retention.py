"""Erasing what reporters gave: nothing before its day or against somebody's need, and afterwards not a word of it."""

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hotline import clock, vault
from hotline.config import settings
from hotline.errors import NotFound, Refused
from hotline.extensions import db
from hotline.jobs import rows, sweep
from hotline.models import (
    CaseLink,
    Clock,
    Item,
    Mention,
    Message,
    MessageCopy,
    Origin,
    PoliceReport,
    ReceiptRow,
    Report,
)
from hotline.rules.report_retention import Term
from hotline.services import (
    appeal_cases,
    audit,
    intake,
    items,
    mentions,
    message_copies,
    messages,
    police,
    receipts,
    report_retention,
    report_terms,
    staff,
)
from hotline.services.report_retention import Counts
from hotline.transactions import front_engine, writing
from hotline.vocabulary import Concern, ItemOutcome, ItemStatus, Language, ReportSource, ReportStatus, Role
from tests.services import online_steps, police_steps, steps
from tests.services.online_steps import Wait

TERM = Term(contact_days=30, report_days=90)
URL = "https://img-board.example/t/1"
SAID = {
    "contact": "reach-me.example",
    "details": "words about a blue door",
    "typed": "img-board.example/typed-so",
    "message": "my second thought about it",
    "answer": "thank you for your second thought",
}


@pytest.fixture
def wait(office: Flask, monkeypatch: pytest.MonkeyPatch) -> Wait:
    return online_steps.waiting(monkeypatch)


@pytest.fixture
def term(office: Flask) -> None:
    with writing():
        boss = staff.add("boss", "a long enough password", (Role.MANAGER,), language=Language.EN, by=None)
        row = report_terms.want(TERM, "as the law asks", by=boss)
    with writing():
        report_terms.agree(row.id, by=steps.team()[0])


def tag_of(code: str) -> bytes:
    return vault.receipt_of(vault.keyring().public, code).tag


def reported(url: str = URL, nonce: str = "one") -> tuple[str, int]:
    """Have somebody report an address with all they may give. Returns the code, and the report's id."""
    code = steps.report(
        f"https://{SAID['typed']}-{nonce}\n{url}", nonce, details=SAID["details"], contact=SAID["contact"]
    )
    intake.open_inbox()
    return code, db.session.scalar(select(Report.id).where(Report.receipt_tag == tag_of(code)))


def it(number: int) -> Report:
    """Return a report as it stands now: whatever works on rows puts the session away."""
    db.session.rollback()
    return db.session.get_one(Report, number)


def items_of(number: int) -> list[Item]:
    return items.of_report(it(number))


def close_all(wait: Wait) -> None:
    """Close every item, and let its reporters hear of it."""
    with writing():
        for item in db.session.scalars(select(Item).where(Item.status != ItemStatus.CLOSED)):
            items.close(item, ItemOutcome.REMOVED, by=None)
    wait(hours=2)
    rows.work_off()


def talked(code: str) -> None:
    """Have the reporter write, and the hotline answer."""
    message_copies.write(code, SAID["message"], nonce="two")
    intake.open_inbox()
    tag = tag_of(code)
    with writing():
        messages.answer(
            tag,
            Concern.REPORT,
            "report R",
            SAID["answer"],
            checked=False,
            seen=messages.last(tag),
            by=steps.team()[0],
        )
    rows.work_off()


def test_nothing_goes_while_nobody_has_decided(wait: Wait) -> None:
    code, report = reported()
    close_all(wait)
    wait(days=4000)

    assert report_retention.due() == report_retention.run() == Counts(0, 0)
    sweep.once()
    assert it(report).contact is not None
    assert receipts.find(code) is not None


def test_the_contact_goes_first_and_the_words_after_it(term: None, wait: Wait) -> None:
    code, report = reported()
    talked(code)
    close_all(wait)
    assert it(report).closed_at is not None
    wait(days=29)
    assert report_retention.run() == Counts(0, 0)
    wait(days=2)
    assert report_retention.due() == Counts(1, 0)

    assert report_retention.run() == Counts(1, 0)

    assert it(report).contact is None
    assert mentions.words(items_of(report)[0], it(report).ref, by=steps.team()[0]).details == SAID["details"]
    assert receipts.find(code).status is ReportStatus.CLOSED
    wait(days=60)
    assert report_retention.run() == Counts(0, 1)
    assert report_retention.run() == report_retention.due() == Counts(0, 0)


def test_afterwards_nothing_is_left_of_it_but_that_it_was(term: None, wait: Wait) -> None:
    code, report = reported()
    talked(code)
    tag, copies = it(report).receipt_tag, set(db.session.scalars(select(Message.copy_id)))
    close_all(wait)
    clocks = len(db.session.scalars(select(Clock)).all())
    wait(days=100)

    assert report_retention.run() == Counts(1, 1)

    assert (it(report).details, it(report).leftovers, it(report).contact) == (None, None, None)
    assert it(report).erased_at is not None
    assert it(report).receipt_tag != tag
    found = db.session.scalars(select(Message)).all()
    assert len(found) == 2
    assert {one.body for one in found} | {one.copy for one in found} <= {b"", None}
    assert not copies & {one.copy_id for one in found}
    assert {one.receipt_tag for one in found} == {it(report).receipt_tag}
    assert {one.typed for one in db.session.scalars(select(Mention))} == {b""}
    assert receipts.find(code) is None
    with Session(front_engine()) as session:
        assert session.scalars(select(MessageCopy)).all() == session.scalars(select(ReceiptRow)).all() == []
    assert len(db.session.scalars(select(Clock)).all()) == clocks  # figures of how long things took
    for item in items_of(report):
        said = mentions.words(item, it(report).ref, by=steps.team()[0])
        assert (said.typed, said.details, said.leftovers, said.whole) == ("", "", "", True)
        assert items.opened(item)
    with pytest.raises(Refused), writing():
        messages.answer(
            it(report).receipt_tag,
            Concern.REPORT,
            "report R",
            "Hello again.",
            checked=False,
            seen=0,
            by=steps.team()[0],
        )


def test_no_sealed_word_is_left_in_any_file(term: None, wait: Wait) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("files of a server are its own")
    code, report = reported()
    talked(code)
    sealed = {
        "details": it(report).details,
        "contact": it(report).contact.contact,
        "typed": db.session.scalar(select(Mention.typed)),
        "message": db.session.scalar(select(Message.body).where(Message.number.is_not(None))),
    }
    with Session(front_engine()) as session:
        sealed["copy"] = session.scalar(select(MessageCopy.body))
    close_all(wait)

    def left() -> set[str]:
        held = b"".join(path.read_bytes() for path in settings().data_dir.glob("*.sqlite3*"))
        return {name for name, value in sealed.items() if value[-40:] in held}

    assert left() == set(sealed)
    wait(days=100)
    report_retention.run()
    db.session.rollback()
    assert left() == set()


def test_one_waits_while_its_address_is_open_again_and_goes_once_it_is_not(term: None, wait: Wait) -> None:
    code, report = reported()
    close_all(wait)
    wait(days=95)
    with writing():
        items.reopen(items_of(report)[0], at=clock.this_hour())

    assert report_retention.due() == report_retention.run() == Counts(0, 0)
    close_all(wait)
    assert report_retention.run() == Counts(0, 0)  # the police may ask about what was found now, as about any other
    wait(days=29)
    assert report_retention.run() == Counts(0, 0)
    wait(days=2)
    assert report_retention.run() == Counts(1, 0)
    wait(days=60)
    assert report_retention.run() == Counts(0, 1)
    assert receipts.find(code) is None


def test_nothing_goes_in_the_days_after_two_people_agreed_nor_by_what_held_before(term: None, wait: Wait) -> None:
    code, _report = reported()
    close_all(wait)
    wait(days=100)
    boss = staff.get_by_name("boss")
    with writing():
        row = report_terms.want(Term(7, 30), "a slip", by=boss)
    with writing():
        report_terms.agree(row.id, by=steps.team()[0])

    wait(days=2)
    assert report_retention.run() == Counts(0, 0)
    assert receipts.find(code) is not None
    wait(days=2)
    assert report_retention.run() == Counts(1, 1)


def test_one_waits_while_its_police_report_has_not_gone(term: None, wait: Wait) -> None:
    item = steps.looked_at_twice(url=URL)
    number = police_steps.drafted(item).id
    close_all(wait)
    wait(days=100)

    assert report_retention.run() == Counts(0, 0)
    with writing():
        police.withdraw(db.session.get_one(PoliceReport, number), by=steps.team()[0])
    assert report_retention.run() == Counts(0, 1)


def test_one_waits_until_victim_support_has_read_what_it_was_handed(term: None, wait: Wait) -> None:
    _code, report = reported()
    close_all(wait)
    wait(days=95)
    link = CaseLink(
        ref="L-TEST23",
        report_id=report,
        note=b"sealed",
        in_danger=True,
        made_at=clock.now(),
        made_by_id=steps.team()[0].id,
    )
    with writing():
        db.session.add(link)

    assert report_retention.run() == Counts(0, 0)
    with writing():
        taken = {"taken_at": clock.now(), "taken_by_id": steps.team()[1].id}
        db.session.execute(update(CaseLink).where(CaseLink.report_id == report).values(**taken))
    assert report_retention.run() == Counts(1, 1)


def test_one_waits_while_somebody_objects(term: None, wait: Wait) -> None:
    code, report = reported()
    close_all(wait)
    wait(days=95)
    item = items_of(report)[0]
    with writing():
        appeal_cases.open_on(item, "It shows nothing of the kind.", by=steps.team()[0])

    assert report_retention.due() == report_retention.run() == Counts(0, 0)
    assert receipts.find(code) is not None


def test_who_writes_while_it_is_being_erased_is_heard(term: None, wait: Wait, monkeypatch: pytest.MonkeyPatch) -> None:
    code, report = reported()
    close_all(wait)
    wait(days=100)
    forget = receipts.forget

    def after_a_word(tag: bytes) -> bool:
        message_copies.write(code, SAID["message"], nonce="two")
        return forget(tag)

    with monkeypatch.context() as patched:
        patched.setattr(receipts, "forget", after_a_word)
        assert report_retention.run().reports == 0

    intake.open_inbox()
    (waiting,) = messages.list_waiting(by=steps.team()[0])
    assert waiting.ref == it(report).ref
    assert receipts.find(code) is not None


def test_one_waits_for_an_answer_and_its_time_begins_anew_with_the_last_word(term: None, wait: Wait) -> None:
    code, report = reported()
    close_all(wait)
    wait(days=95)
    message_copies.write(code, SAID["message"], nonce="two")
    assert report_retention.run().reports == 0  # what was written lies in the inbox still
    assert receipts.find(code) is not None
    intake.open_inbox()
    wait(days=400)
    assert report_retention.run() == Counts(0, 0)  # nobody has answered

    ref, seen = it(report).ref, messages.last(tag_of(code))
    with writing():
        messages.settle(tag_of(code), Concern.REPORT, f"report {ref}", seen=seen, by=steps.team()[0])
    assert report_retention.run().reports == 1  # its last word is longer ago than the term


def test_a_late_word_keeps_it_for_another_term(term: None, wait: Wait) -> None:
    code, _report = reported()
    close_all(wait)
    wait(days=80)
    talked(code)
    wait(days=20)
    assert report_retention.run() == Counts(0, 0)

    wait(days=75)
    assert report_retention.run() == Counts(1, 1)


def test_how_a_sender_calls_it_goes_too(term: None, wait: Wait) -> None:
    _code, report = reported()
    with writing():
        reference = vault.keyring().seal("report.reference", "their case 7")
        db.session.add(
            Origin(
                report_id=it(report).id,
                source=ReportSource.TELEPHONE,
                taken_by_id=steps.team()[0].id,
                reference=reference,
            )
        )
    close_all(wait)
    wait(days=100)
    report_retention.run()

    assert it(report).origin is not None
    assert it(report).origin.reference is None


def test_reports_of_other_people_stay_as_they_are(term: None, wait: Wait) -> None:
    _gone, first = reported()
    close_all(wait)
    wait(days=95)
    code, second = reported("https://other.example/1", nonce="late")
    db.session.execute(update(Item).where(Item.status != ItemStatus.CLOSED).values(status=ItemStatus.CLOSED))
    db.session.commit()
    report_retention.run()

    assert it(first).erased_at is not None
    assert it(second).contact is not None
    assert it(second).details is not None
    assert receipts.find(code) is not None


def test_the_trail_tells_how_many_and_by_which_term_and_never_which(term: None, wait: Wait) -> None:
    _code, report = reported()
    close_all(wait)
    wait(days=100)
    report_retention.run()

    (entry,) = audit.history(report_retention.SUBJECT)
    assert (entry.actor, entry.action) == (audit.SYSTEM, report_retention.ERASED)
    assert it(report).ref not in (entry.details or "")
    (told,) = report_retention.list_rounds()
    assert told.counts == Counts(1, 1)
    assert audit.verify()[1] is None


def test_killed_between_the_stores_it_is_begun_again(term: None, wait: Wait, monkeypatch: pytest.MonkeyPatch) -> None:
    code, report = reported()
    close_all(wait)
    wait(days=100)

    def die(_report: Report) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(report_retention, "_erase", die)
        with pytest.raises(KeyboardInterrupt):
            report_retention.run()
    assert it(report).erased_at is None
    assert it(report).details is not None

    assert report_retention.run() == Counts(0, 1)
    assert receipts.find(code) is None


def test_two_who_erase_at_once_erase_once(office: Flask, term: None, wait: Wait) -> None:
    for number in range(4):
        reported(f"https://a{number}.example/1", nonce=str(number))
    close_all(wait)
    wait(days=100)

    done = steps.together(office, [report_retention.run, report_retention.run])

    assert (sum(one.contacts for one in done), sum(one.reports for one in done)) == (4, 4)


def test_the_sweeper_does_it_a_few_in_a_round_and_looks_again_within_the_hour(
    office: Flask, term: None, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_retention, "MOST_AT_ONCE", 2)
    for number in range(3):
        reported(f"https://a{number}.example/1", nonce=str(number))
    close_all(wait)
    wait(days=100)

    left = []
    for _ in range(3):
        report_retention.sweep()
        left.append(report_retention.due().reports)
    assert left == [1, 0, 0]

    reported("https://late.example/1", nonce="late")
    close_all(wait)
    wait(days=100)
    report_retention.sweep()
    assert report_retention.due() == Counts(0, 0)


def test_a_wrong_code_and_an_erased_one_are_told_the_same(term: None, wait: Wait) -> None:
    code, _report = reported()
    close_all(wait)
    wait(days=100)
    report_retention.run()

    with pytest.raises(NotFound):
        message_copies.write(code, "are you there?", nonce="late")
    assert message_copies.read(code) == []
