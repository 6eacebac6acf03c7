"""Police reports: drafted behind the gate, approved by another person, handed over, followed to their end."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from hotline import clock
from hotline.blueprints.desk import police_paper
from hotline.errors import Forbidden, NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models import AuditEntry, Clock, Item, Notice, PoliceReport, Staff, Tally
from hotline.rules import police as rule
from hotline.services import (
    assessments,
    audit,
    clock_lists,
    clocks,
    demo,
    exchange,
    iccam,
    police,
    recipient_keys,
    staff,
)
from hotline.services.police import Shown
from hotline.transactions import writing
from hotline.vocabulary import (
    Channel,
    ClockEnd,
    CorrectionReason,
    Duty,
    Figure,
    HandedBy,
    ItemStatus,
    KeyKind,
    Language,
    NoticeStatus,
    PoliceStatus,
    Role,
    Subject,
)
from tests.gateways import locksmith
from tests.models import test_letters as letters
from tests.services import police_steps, steps
from tests.services.partner import hotline

URL = "https://img-board.example/t/1"


def test_a_package_says_all_the_police_need_and_nothing_of_reporters(office: Flask) -> None:
    steps.report(URL, "first", details="quiet words", contact="someone@mail.example")
    item = steps.looked_at_twice(url=URL)
    report = police_steps.drafted(item)

    package = police.read(report, by=steps.team()[1])

    (listed,) = package.listed
    assert (listed.address, listed.reference) == (URL, item.ref)
    assert [look.person for look in listed.looks] == [one.number for one in steps.team()[:2]]
    assert "article 40" in package.law["title"]["en"]
    assert "legal adviser" in package.law["doubt"]["en"]
    everything = rule.written(package)
    names = [one.name for one in db.session.scalars(select(Staff))]
    assert not [word for word in ("quiet words", "someone@mail", *names) if word in everything]


def test_a_package_says_who_else_was_told_and_how(office: Flask) -> None:
    first, second, _ = steps.team()
    letter, ref = letters.drafted(URL), hotline().ref
    for status in (NoticeStatus.QUEUED, NoticeStatus.SENT):
        letters.write(letters.move(letter, status))
    letters.write(update(Notice).values(sent_at=clock.now()))
    item = db.session.scalars(select(Item)).one()
    with writing():
        offer = exchange.draft(item, ref, "by_hand", by=first)
    with writing():
        exchange.approve(offer, by=second)
    with writing():
        exchange.record_handed(offer, "letter 7", by=first)
    with writing():
        iccam.begin(item, "4711", "47110", by=first)
    with writing():
        iccam.record_typed(item, iccam.get(item).entries[0], "", "", by=first)

    report = police_steps.drafted(item)

    [listed] = police.read(report, by=first).listed
    assert [(one.name, one.how) for one in listed.told] == [
        (steps.recipient().name, "email"),
        ("Example Hotline NL", "by_hand"),
        ("ICCAM", "iccam"),
    ]


def test_a_child_in_danger_comes_first(office: Flask) -> None:
    calm, pressing = steps.looked_at_twice(), steps.looked_at_twice(url="https://b.example/2")
    with writing():
        pressing.in_danger = True

    report = police_steps.drafted(calm, pressing)

    package = police.read(report, by=steps.team()[1])
    assert [one.reference for one in package.listed] == [pressing.ref, calm.ref]
    assert [line.item_id for line in report.lines] == [pressing.id, calm.id]


def test_words_and_a_name_go_only_where_a_person_writes_them(office: Flask) -> None:
    report = police_steps.drafted(steps.looked_at_twice(), added="The account moved.", named="Somebody Named")

    package = police.read(report, by=steps.team()[1])

    assert (package.added, package.person_named) == ("The account moved.", "Somebody Named")
    assert "Somebody Named" not in str(db.session.execute(text("SELECT * FROM police_reports")).all())
    assert "Somebody Named" not in str(db.session.execute(text("SELECT * FROM audit_entries")).all())


def test_nothing_goes_to_the_police_before_two_people_agree(office: Flask) -> None:
    with pytest.raises(Refused, match="gate"):
        police_steps.drafted(steps.new_item())


def test_a_child_in_danger_opens_the_way_whatever_the_class(office: Flask) -> None:
    item = steps.new_item()
    with writing():
        item.in_danger = True
    first, second, _ = steps.team()
    with writing():
        steps.claims.claim(item, by=first)
        assessments.first_look(item, demo.GONE, by=first)
    with writing():
        assessments.take_review(item, by=second)
        assessments.second_look(item, demo.GONE, by=second)

    assert police_steps.drafted(item).lines[0].in_danger


@pytest.mark.parametrize(
    ("field", "typed"),
    [("items", ""), ("items", "I-AAAAAA"), ("items", "nonsense"), ("items", " ".join(f"I-{n:06}" for n in range(51)))],
)
def test_a_draft_names_items_that_exist(office: Flask, field: str, typed: str) -> None:
    unit = police_steps.unit()

    with pytest.raises(Refused, match=field), writing():
        police.draft(typed, unit, added="", named="", by=steps.team()[0])


def test_a_draft_goes_to_a_unit_of_the_police(office: Flask) -> None:
    item = steps.looked_at_twice()

    with pytest.raises(Refused, match="unit"), writing():
        police.draft(item.ref, steps.recipient(), added="", named="", by=steps.team()[0])


def test_who_wrote_it_does_not_approve_it(office: Flask) -> None:
    report = police_steps.drafted(steps.looked_at_twice())
    first, second, _ = steps.team()

    with pytest.raises(Refused, match="second_person"), writing():
        police.approve(report, seen=police.version(report), by=first)
    with writing():
        police.change(report, added="One more line.", named="", by=second)
    with pytest.raises(Refused, match="second_person"), writing():
        police.approve(report, seen=police.version(report), by=second)


def test_a_reviewer_approves(office: Flask) -> None:
    report = police_steps.drafted(steps.looked_at_twice())
    with writing():
        analyst = staff.add("rith", "a long enough password", (Role.ANALYST,), language=Language.EN, by=None)

    with pytest.raises(Forbidden), writing():
        police.approve(report, seen=police.version(report), by=analyst)


def test_what_was_changed_since_it_was_read_is_read_anew(office: Flask) -> None:
    report = police_steps.drafted(steps.looked_at_twice())
    seen = police.version(report)
    first, second, _ = steps.team()
    with writing():
        police.change(report, added="One more line.", named="", by=first)

    with pytest.raises(Overtaken), writing():
        police.approve(report, seen=seen, by=second)


def test_two_who_approve_at_once_approve_once(office: Flask) -> None:
    report = police_steps.drafted(steps.looked_at_twice())
    report_id, ids, seen = report.id, [one.id for one in steps.team()], police.version(report)

    def approve(number: int):
        def deed() -> None:
            with writing():
                police.approve(db.session.get_one(PoliceReport, report_id), seen=seen, by=staff.find_open(ids[number]))

        return deed

    told = steps.together(office, [approve(1), approve(2)])

    assert sorted(type(one).__name__ for one in told) == ["NoneType", "WrongState"]


def test_what_people_look_at_anew_is_not_approved(office: Flask) -> None:
    item = steps.looked_at_twice()
    report = police_steps.drafted(item)
    first, second, _ = steps.team()
    with writing():
        assessments.correct(item, CorrectionReason.MISTAKE, by=first)

    with pytest.raises(Refused, match="superseded"), writing():
        police.approve(report, seen=police.version(report), by=second)


def test_danger_that_came_up_since_is_written_in_first(office: Flask) -> None:
    item = steps.looked_at_twice()
    report = police_steps.drafted(item)
    first, second, _ = steps.team()
    with writing():
        item.in_danger = True

    with pytest.raises(Refused, match="danger"), writing():
        police.approve(report, seen=police.version(report), by=second)
    with writing():
        police.change(report, added="", named="", by=first)
    with writing():
        police.approve(report, seen=police.version(report), by=second)

    assert police.read(report, by=second).in_danger


def test_nothing_is_printed_or_taken_along_before_it_is_approved(office: Flask) -> None:
    report = police_steps.drafted(steps.looked_at_twice())

    with pytest.raises(WrongState), writing():
        police.printed(report, by=steps.team()[0])
    with pytest.raises(WrongState), writing():
        police.download(report, police_paper.texts, by=steps.team()[0])


def test_handing_over_is_counted_told_and_waited_for(office: Flask) -> None:
    item = steps.looked_at_twice()
    report = police_steps.handed_over(item)

    assert (report.status, item.status) == (PoliceStatus.HANDED_OVER, ItemStatus.ACTING)
    assert police.told(report).handed_to == "Officer at the desk"
    counted = select(Tally.count).where(Tally.figure == Figure.NOTICES, Tally.part == Channel.POLICE)
    assert db.session.scalars(counted).one() == 1
    running = db.session.scalars(select(Clock).where(Clock.subject == Subject.POLICE_REPORT)).one()
    assert (running.duty, running.started_at) == (Duty.POLICE_ANSWER, report.handed_over_at)
    line = next(one for one in clock_lists.list_running(by=steps.team()[0]) if one.clock.duty is Duty.POLICE_ANSWER)
    assert (line.kind, line.ref) == ("police", report.ref)
    actions = select(AuditEntry.action).where(AuditEntry.record == f"item {item.ref}")
    assert police.HANDED_OVER in db.session.scalars(actions).all()


@pytest.mark.parametrize(
    ("field", "means", "to", "minutes"),
    [
        ("handed_to", HandedBy.IN_PERSON, " ", 0),
        ("handed_by", "pigeon", "Officer", 0),
        ("handed_by", HandedBy.ENCRYPTED_MAIL, "Officer", 0),
        ("at", HandedBy.PORTAL, "Officer", 10),
        ("at", HandedBy.PORTAL, "Officer", -600),
        ("at", HandedBy.PORTAL, "Officer", None),
    ],
)
def test_a_handing_over_says_how_to_whom_and_when(office: Flask, field, means, to, minutes) -> None:
    report = police_steps.approved(steps.looked_at_twice())
    at = None if minutes is None else clock.now() + timedelta(minutes=minutes)

    with pytest.raises(Refused, match=field), writing():
        police.hand_over(report, means, to, at, by=steps.team()[0])

    assert report.status is PoliceStatus.APPROVED


def test_what_was_handed_over_before_it_fell_is_noted(office: Flask) -> None:
    item_id = steps.looked_at_twice().id
    ref = police_steps.approved(db.session.get(Item, item_id)).ref
    with writing():
        db.session.execute(update(Item).values(in_danger=True))
    first = steps.team()[0]
    said = (HandedBy.IN_PERSON, "Officer", clock.now())

    report = police.get(ref, by=first)
    with pytest.raises(Refused, match="though"), writing():
        police.hand_over(report, *said, by=first)
    with writing():
        police.hand_over(police.get(ref, by=first), *said, though=True, by=first)

    found = police.get(ref, by=first)
    assert (found.status, found.noted_late) == (PoliceStatus.HANDED_OVER, True)
    assert "noted late" in [one.action for one in audit.history(police.subject(found))]
    assert db.session.get(Item, item_id).status is ItemStatus.ACTING


def test_it_is_handed_over_once(office: Flask) -> None:
    report = police_steps.handed_over(steps.looked_at_twice())

    with pytest.raises(WrongState), writing():
        police.hand_over(report, HandedBy.PORTAL, "Officer", clock.now(), by=steps.team()[0])
    with pytest.raises(WrongState), writing():
        police.withdraw(report, by=steps.team()[0])


def test_the_archive_holds_the_report_its_addresses_and_their_sums(office: Flask) -> None:
    report = police_steps.approved(steps.looked_at_twice(url=URL))

    with writing():
        body = police.download(report, police_paper.texts, by=steps.team()[0])

    with zipfile.ZipFile(io.BytesIO(body)) as file:
        texts = sorted(f"report.{one}.txt" for one in Language if one is not report.language)
        texts.insert(0, f"report.{report.language}.txt")
        assert file.namelist() == [*texts, "report.json", "addresses.txt", "SHA256SUMS"]
        english, khmer = (file.read(f"report.{one}.txt").decode() for one in ("en", "km"))
        assert file.read("addresses.txt").decode() == f"{URL}\n"
        facts = json.loads(file.read("report.json"))
        assert len(file.read("SHA256SUMS").splitlines()) == 4
    for paper in (english, khmer):
        assert URL in paper
        assert report.ref in paper
    assert "Report to the police" in english
    assert "Report to the police" not in khmer
    assert (facts["format"], facts["reference"]) == ("hotline-police-report", report.ref)


def test_its_unit_alone_opens_the_encrypted_file(office: Flask) -> None:
    unit = police_steps.unit()
    report = police_steps.approved(steps.looked_at_twice(url=URL))
    with locksmith.gpg() as theirs:
        with writing():
            recipient_keys.add(unit, KeyKind.OPENPGP, theirs.public, by=steps.team()[0])
        with writing():
            armored = police.encrypted(report, police_paper.texts, by=steps.team()[0])
        with zipfile.ZipFile(io.BytesIO(theirs.open(armored.encode()))) as file:
            assert file.read("addresses.txt").decode() == f"{URL}\n"
    with writing():
        police.hand_over(report, HandedBy.ENCRYPTED_MAIL, "Their mailbox", clock.now(), by=steps.team()[0])

    assert report.handed_by is HandedBy.ENCRYPTED_MAIL


def test_a_key_that_was_withdrawn_is_not_used(office: Flask) -> None:
    unit = police_steps.unit()
    report = police_steps.approved(steps.looked_at_twice())
    with locksmith.gpg() as theirs, writing():
        key = recipient_keys.add(unit, KeyKind.OPENPGP, theirs.public, by=steps.team()[0])
        recipient_keys.withdraw(unit, key.id, by=steps.team()[0])

    with pytest.raises(Refused, match="no_key"), writing():
        police.encrypted(report, police_paper.texts, by=steps.team()[0])


def test_an_acknowledgement_ends_the_waiting(office: Flask) -> None:
    report = police_steps.handed_over(steps.looked_at_twice())

    with writing():
        police.acknowledge(report, "B-2026-17", by=steps.team()[0])

    assert (report.status, police.told(report).case_number) == (PoliceStatus.ACKNOWLEDGED, "B-2026-17")
    assert [one.ending for one in clocks.of(report)] == [ClockEnd.MET]
    assert "B-2026-17" not in str(db.session.execute(text("SELECT * FROM police_reports")).all())


def test_feedback_says_how_many_children(office: Flask) -> None:
    report = police_steps.handed_over(steps.looked_at_twice())

    with writing():
        police.note_feedback(report, identified=2, safeguarded=1, note="Both in care.", by=steps.team()[0])

    assert (report.victims_identified, report.victims_safeguarded) == (2, 1)
    assert police.told(report).feedback == "Both in care."
    with pytest.raises(Refused, match="identified"), writing():
        police.note_feedback(report, identified=None, safeguarded=0, note="", by=steps.team()[0])


def test_closing_waits_for_nothing_more(office: Flask) -> None:
    report = police_steps.handed_over(steps.looked_at_twice())

    with writing():
        police.close(report, by=steps.team()[0])

    assert report.status is PoliceStatus.CLOSED
    assert [one.ending for one in clocks.of(report)] == [ClockEnd.VOID]


def test_lists_by_what_is_waited_for(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    items = [steps.looked_at_twice(url=f"https://a.example/{number}") for number in range(4)]
    draft, approved = police_steps.drafted(items[0]), police_steps.approved(items[1])
    waiting, closed = police_steps.handed_over(items[2]), police_steps.handed_over(items[3])
    with writing():
        police.close(closed, by=steps.team()[0])
    person = steps.team()[1]

    def refs(shown: Shown) -> list[str]:
        return [one.ref for one in police.list_page(shown, by=person).rows]

    assert refs(Shown.DRAFTS) == [draft.ref, approved.ref]
    assert (refs(Shown.WAITING), refs(Shown.LATE), refs(Shown.CLOSED)) == ([waiting.ref], [], [closed.ref])
    assert police.count(Shown.DRAFTS, by=person, to_approve=True) == 1
    assert police.count(Shown.DRAFTS, by=steps.team()[0], to_approve=True) == 0
    later = clock.now() + timedelta(days=4)
    monkeypatch.setattr("hotline.clock.now", lambda: later)
    assert refs(Shown.LATE) == [waiting.ref]


def test_pages_follow_each_other(office: Flask) -> None:
    reports = [police_steps.drafted(steps.looked_at_twice(url=f"https://a.example/{n}")).ref for n in range(3)]
    person = steps.team()[0]

    first = police.list_page(Shown.DRAFTS, by=person, limit=2)
    rest = police.list_page(Shown.DRAFTS, by=person, after=first.next, limit=2)

    assert [one.ref for one in (*first.rows, *rest.rows)] == reports
    assert rest.next == ""


def test_who_sees_no_cases_sees_no_police_reports(office: Flask) -> None:
    report = police_steps.drafted(steps.looked_at_twice())
    kunthea = db.session.scalars(select(Staff).where(Staff.name == "kunthea")).one()

    with pytest.raises(NotFound):
        police.get(report.ref, by=kunthea)
    assert police.list_page(Shown.DRAFTS, by=kunthea).rows == []


def test_every_item_knows_its_reports(office: Flask) -> None:
    item = steps.looked_at_twice()
    kept, gone = police_steps.drafted(item), police_steps.drafted(item)
    with writing():
        police.withdraw(gone, by=steps.team()[0])

    assert [one.ref for one in police.of_item(db.session.get_one(Item, item.id))] == [kept.ref]
