"""Words across the wall: what each side sees, and what neither does."""

import json

import pytest
from flask import Flask
from sqlalchemy import select, update

from hotline import vault
from hotline.errors import KeyMissing, NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models import AuditEntry, CaseLink, Item, LinkMessage, Report, Staff
from hotline.rules.case_links import Far
from hotline.services import audit, case_files, case_links, demo, police_packages, staff
from hotline.services.case_links import Shown
from hotline.transactions import writing
from hotline.vocabulary import CaseSource, ItemOutcome, ItemStatus, Language, Risk, Role
from tests.services import case_steps, link_steps, police_steps, steps


def write(link: CaseLink, text: str, *, to_support: bool, by: Staff) -> None:
    with writing():
        case_links.write(link, text, to_support=to_support, by=by)


def again(link: CaseLink) -> CaseLink:
    db.session.rollback()
    return db.session.get_one(CaseLink, link.id)


def test_what_an_analyst_knows_reaches_victim_support_and_the_analyst_no_more(support: Flask) -> None:
    link, by = link_steps.handed(in_danger=True), case_steps.officer()

    assert case_links.read(case_links.get(link.ref, by=by), by=by) == link_steps.NOTE
    assert again(link).taken_by_id == by.id
    with pytest.raises(KeyMissing):
        vault.keyring().open(case_links.NOTE, link.note)
    assert link_steps.NOTE.encode() not in link.note


def test_a_read_is_on_record_before_it_is_shown(support: Flask) -> None:
    link, by = link_steps.handed(), case_steps.officer()

    case_links.read(case_links.get(link.ref, by=by), by=by)
    db.session.rollback()

    entry = audit.history(f"link {link.ref}")[-1]
    assert (entry.actor, entry.action) == (by.number, case_links.READ)


def test_no_words_stand_in_the_audit_trail(support: Flask) -> None:
    link, by = link_steps.handed(), case_steps.officer()
    write(link, "quiet question", to_support=False, by=by)

    trail = " ".join(db.session.scalars(select(AuditEntry.details)))

    assert "river" not in trail
    assert "quiet question" not in trail


def test_an_address_is_refused(support: Flask) -> None:
    with pytest.raises(Refused) as refusal:
        link_steps.handed(note="It is on https://img-board.example/t/1")

    assert refusal.value.faults == (("note", "address"),)
    assert db.session.scalars(select(CaseLink)).all() == []


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR, Role.MANAGER, Role.LIAISON])
def test_neither_side_is_open_to_others(support: Flask, role: Role) -> None:
    link = link_steps.handed()
    with writing():
        other = staff.add("other", case_steps.PASSWORD, (role,), language=Language.EN, by=None)

    with pytest.raises(NotFound):
        case_links.get(link.ref, by=other)
    with pytest.raises(NotFound):
        case_links.get_handed(link.ref, by=other)
    with pytest.raises(NotFound):
        case_links.list_page(Shown.OPEN, by=other)


def test_an_analyst_does_not_open_the_side_of_victim_support(support: Flask) -> None:
    link, analyst = link_steps.handed(), steps.team()[0]

    with pytest.raises(NotFound):
        case_links.get(link.ref, by=analyst)


def test_new_ones_come_first_and_danger_before_the_others(support: Flask) -> None:
    by = case_steps.officer()
    old, calm, pressing = (
        link_steps.handed(steps.new_item(f"https://img-board.example/t/{number}", nonce=str(number)), in_danger=danger)
        for number, danger in ((1, True), (2, False), (3, True))
    )
    case_links.read(case_links.get(old.ref, by=by), by=by)
    db.session.rollback()

    rows = case_links.list_page(Shown.OPEN, by=by).rows

    assert [(row.link.ref, row.is_new) for row in rows] == [(pressing.ref, True), (calm.ref, True), (old.ref, False)]
    assert case_links.count_waiting(by=by) == 2


def test_the_inbox_comes_in_pages(support: Flask) -> None:
    by, item = case_steps.officer(), steps.new_item()
    refs = [link_steps.handed(item).ref for _ in range(5)]

    first = case_links.list_page(Shown.OPEN, by=by, limit=3)
    second = case_links.list_page(Shown.OPEN, by=by, after=first.next, limit=3)

    assert [row.link.ref for row in (*first.rows, *second.rows)] == refs
    assert second.next == ""


def test_a_case_is_opened_from_it_once(support: Flask) -> None:
    link, by = link_steps.handed(), case_steps.officer()

    one = link_steps.in_case(link)

    assert (one.source, case_files.opened(one).story) == (CaseSource.ITEM, link_steps.NOTE)
    assert [row.link.ref for row in case_links.card(one).rows] == [link.ref]
    with pytest.raises(WrongState):
        link_steps.in_case(link)
    assert case_links.list_page(Shown.OPEN, by=by).rows == []
    assert [row.link.ref for row in case_links.list_page(Shown.IN_CASES, by=by).rows] == [link.ref]


def test_a_link_of_a_report_opens_a_case_from_a_report(support: Flask) -> None:
    steps.new_item()
    link = link_steps.handed(db.session.scalars(select(Report)).one())

    assert link_steps.in_case(link).source is CaseSource.REPORT


def test_it_is_put_to_a_case_of_theirs_only(support: Flask) -> None:
    link, mine, others = link_steps.handed(), case_steps.a_case(), case_steps.a_case(by=case_steps.officer("chanthy"))
    by = case_steps.officer()

    for typed in (others.ref, "VC-222222", ""):
        with pytest.raises(Refused), writing():
            case_links.put(link, typed, by=by)
    with writing():
        case_links.put(link, f" {mine.ref.lower()} ", by=by)

    assert again(link).case_id == mine.id
    with pytest.raises(WrongState), writing():
        case_links.put(link, mine.ref, by=by)


def test_a_link_in_somebody_elses_case_is_not_there(support: Flask) -> None:
    link, other = link_steps.handed(), case_steps.officer("chanthy")
    link_steps.in_case(link)

    with pytest.raises(NotFound):
        case_links.get(link.ref, by=other)
    assert case_links.list_page(Shown.IN_CASES, by=other).rows == []
    assert case_links.count_waiting(by=other) == 0


def test_each_side_reads_what_the_other_wrote_and_not_its_own(support: Flask) -> None:
    link, analyst, officer = link_steps.handed(), steps.team()[0], case_steps.officer()

    write(link, "How old is she?", to_support=False, by=officer)
    write(link, "About twelve.", to_support=True, by=analyst)
    mine, theirs = case_links.opened(link), case_links.read_handed(link, by=analyst)

    assert [(one.is_ours, one.text) for one in mine.talk] == [(True, None), (False, "About twelve.")]
    assert [(one.is_ours, one.text) for one in theirs.talk] == [(False, "How old is she?"), (True, None)]
    assert (mine.unread, theirs.unread) == (1, 0)  # who answers has read what was asked


def test_each_word_is_sealed_to_the_side_that_reads_it(support: Flask) -> None:
    link, analyst, officer = link_steps.handed(), steps.team()[0], case_steps.officer()
    write(link, "How old is she?", to_support=False, by=officer)
    write(link, "About twelve.", to_support=True, by=analyst)
    question, answer = db.session.scalars(select(LinkMessage).order_by(LinkMessage.id))
    keys = vault.keyring()

    assert keys.open(case_links.MESSAGE, question.body, lock=vault.Lock.CASE) == "How old is she?"
    with pytest.raises(KeyMissing):
        keys.open(case_links.MESSAGE, answer.body, lock=vault.Lock.CASE)


def test_what_was_read_counts_no_more(support: Flask) -> None:
    link, analyst, officer = link_steps.handed(), steps.team()[0], case_steps.officer()
    write(link, "How old is she?", to_support=False, by=officer)
    assert [(one.ref, unread) for one, unread in case_links.list_unread(by=analyst)] == [(link.ref, 1)]

    with writing():
        case_links.mark_read(link, to_support=False, by=analyst)

    assert case_links.list_unread(by=analyst) == []


@pytest.mark.parametrize(("text", "code"), [("see img-board.example", "address"), ("of VC-234567", "case_ref")])
def test_nothing_of_either_side_crosses_in_a_question(support: Flask, text: str, code: str) -> None:
    link, officer = link_steps.handed(), case_steps.officer()

    with pytest.raises(Refused) as refusal:
        write(link, text, to_support=False, by=officer)

    assert refusal.value.faults == (("text", code),)


def test_what_was_written_is_never_changed(support: Flask) -> None:
    link = link_steps.handed()

    with pytest.raises(Exception, match="frozen"), writing():
        db.session.execute(update(CaseLink).where(CaseLink.id == link.id).values(note=b"other"))


def test_analysts_see_the_same_whatever_victim_support_does(support: Flask) -> None:
    item, analyst, officer = steps.new_item(), steps.team()[0], case_steps.officer()
    link = link_steps.handed(item)
    before = case_links.of_item(item, by=analyst)

    case_links.read(case_links.get(link.ref, by=officer), by=officer)
    db.session.rollback()
    link_steps.in_case(link)

    assert case_links.of_item(db.session.get_one(Item, item.id), by=analyst).handed == before.handed


def test_the_case_says_when_its_item_is_gone(support: Flask) -> None:
    item = steps.new_item()
    one = link_steps.in_case(link_steps.handed(item))
    assert (case_links.card(one).rows[0].far, case_links.card(one).has_gone) == (Far.CHECKED, False)

    with writing():
        gone = {"status": ItemStatus.CLOSED, "outcome": ItemOutcome.REMOVED}
        db.session.execute(update(Item).where(Item.id == item.id).values(**gone))

    assert (case_links.card(one).rows[0].far, case_links.card(one).has_gone) == (Far.GONE, True)


def test_a_police_report_names_the_link_of_its_item(support: Flask) -> None:
    item = steps.looked_at_twice(demo.ILLEGAL)
    link = link_steps.handed(item)

    report = police_steps.drafted(item)

    assert police_packages.unseal(report.package).listed[0].links == (link.ref,)


def test_a_report_that_names_one_item_alone_lends_it_its_link(support: Flask) -> None:
    steps.new_item("https://img-board.example/t/1\nhttps://img-board.example/t/2", nonce="two")
    alone = steps.new_item("https://img-board.example/t/3", nonce="three")
    reports = list(db.session.scalars(select(Report).order_by(Report.id)))
    of_two, of_one = (link_steps.handed(report) for report in reports)
    items = list(db.session.scalars(select(Item).order_by(Item.id)))

    assert case_links.refs_of_item(alone) == (of_one.ref,)
    assert of_two.ref not in [ref for item in items for ref in case_links.refs_of_item(item)]


def test_an_older_police_package_is_still_read(support: Flask) -> None:
    item = steps.looked_at_twice(demo.ILLEGAL)
    report = police_steps.drafted(item)
    facts = json.loads(vault.keyring().open(police_packages.PURPOSE, report.package))
    del facts["listed"][0]["links"]

    read = police_packages.unseal(vault.keyring().seal(police_packages.PURPOSE, json.dumps(facts)))

    assert read.listed[0].links == ()


def test_a_risk_is_kept_with_the_case(support: Flask) -> None:
    link, by = link_steps.handed(), case_steps.officer()

    with writing():
        one = case_links.open_case(link, "Lotus", Risk.LOW, by=by)

    assert one.risk == Risk.LOW
