"""Keeping and erasing files: policies, the day that follows, and that nothing is left but figures and a certificate."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from hotline import clock, jurisdiction, vault
from hotline.config import settings
from hotline.errors import Forbidden, NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.gateways import mail
from hotline.jobs import rows, sweep
from hotline.models import AuditEntry, CaseLink, Clock, HelpRequest, Message, NeedsAssessment, PlanAction, Referral
from hotline.models.case_link import LinkErasure, LinkMessage
from hotline.models.case_note import CaseNote
from hotline.models.consent import Consent
from hotline.models.message import MessageCopy
from hotline.models.referral import ServiceGap
from hotline.models.victim_case import (
    CaseAccess,
    CaseClosure,
    CaseErasure,
    CaseName,
    CasePerson,
    CaseStepDone,
    CaseTally,
    VictimCase,
)
from hotline.rules.plan_actions import Words
from hotline.rules.retention import Term
from hotline.rules.victim_files import Note
from hotline.services import (
    audit,
    case_closing,
    case_files,
    case_links,
    case_notes,
    case_retention,
    intake,
    message_copies,
    messages,
    plan_actions,
    receipts,
    retention_policies,
    service_gaps,
    victim_cases,
)
from hotline.transactions import front_engine, writing
from hotline.vault import Lock
from hotline.vocabulary import (
    CaseFigure,
    CaseSource,
    CaseStatus,
    Concern,
    Need,
    NoteKind,
    PersonPart,
    ReferralMeans,
    ReferralStatus,
    Role,
)
from tests.models.test_gate import refused
from tests.services import case_steps, consent_steps, link_steps, needs_steps, steps
from tests.services.closing_steps import boss, closed
from tests.services.test_help_requests import arrived
from tests.traces import search

NEEDLES = {
    "name": "Chan Sreyneang",
    "Khmer name": "ចាន់ ស្រីនាង",
    "code name": "Lotus Pond",
    "story": "narwhal in the meerkat garden",
    "aunt": "the quiet aunt",
    "note": "pangolin by the river",
    "gap": "no axolotl shelter",
    "message": "kinkajou wrote this",
    "answer": "wombat answers that",
    "handed over": link_steps.NOTE,
    "across the wall": "the okapi is hers",
}
LETTER = "<kept-letter@portal.example>"
OF_CASE = (
    *(CasePerson, CaseNote, CaseAccess, CaseStepDone, CaseClosure, CaseName, Consent, Referral, ServiceGap),
    *(PlanAction, NeedsAssessment, LinkMessage, HelpRequest, Message),
)


@pytest.fixture
def kept_letter(support: Flask) -> Path:
    folder = settings().data_dir / "letters"
    folder.mkdir(exist_ok=True)
    path = folder / f"{mail.kept_name(LETTER)}.sealed"
    path.write_bytes(b"sealed")
    return path


@pytest.fixture
def whole(support: Flask) -> VictimCase:
    """Return a closed case that holds something of everything; it came from a request for help."""
    code, request = arrived()
    message_copies.write(code, NEEDLES["message"], nonce="again")
    intake.open_inbox()
    tag, subject, kunthea = request.receipt_tag, f"request {request.ref}", case_steps.officer()
    with writing():
        seen = messages.last(tag)
        messages.answer(tag, Concern.HELP, subject, NEEDLES["answer"], checked=True, seen=seen, by=kunthea)
    rows.work_off(20.0)
    kunthea, request = case_steps.officer(), db.session.scalar(select(HelpRequest))
    file = case_steps.replace(
        case_steps.FILE,
        name=NEEDLES["name"],
        other_names=NEEDLES["Khmer name"],
        code_name=NEEDLES["code name"],
        story=NEEDLES["story"],
    )
    with writing():
        one = victim_cases.open_case(CaseSource.HELP_REQUEST, file, help_request=request, by=kunthea)
    child = case_steps.somebody(one, NEEDLES["name"], part=PersonPart.CHILD)
    family = consent_steps.Family(one, child, case_steps.somebody(one, NEEDLES["aunt"]), consent_steps.service())
    consent_steps.all_agree(family)
    letter = consent_steps.letter(family, message_id=LETTER, means=ReferralMeans.ENCRYPTED_MAIL, sent_at=clock.now())
    link = link_steps.handed(steps.new_item(nonce="two"))
    with writing():
        letter.status = ReferralStatus.DONE
        case_notes.write(one, NoteKind.CONTACT, Note(said=NEEDLES["note"]), by=kunthea)
        action = plan_actions.add(one, Need.HEALTH, Words(what="call"), owner=kunthea.number, due_on=None, by=kunthea)
        plan_actions.end(one, action, "done", "called", seen=action.version, by=kunthea)
        service_gaps.note(one, Need.SHELTER, NEEDLES["gap"], by=kunthea)
        case_links.put(link, one.ref, by=kunthea)
        case_links.write(link, NEEDLES["across the wall"], to_support=False, by=kunthea)
    needs_steps.approved(one)
    return closed(one)


def due(one: VictimCase) -> VictimCase:
    """Let the day of a case be over."""
    with writing():
        one.keep_until = jurisdiction.today() - timedelta(days=1)
    return one


def sealed() -> list[bytes]:
    """Return what stands sealed in the tables that a case fills, in both stores."""
    found = [one for one in db.session.scalars(select(VictimCase.file)) if one]
    for table in (*OF_CASE, CaseLink):
        columns = [column for column in table.__table__.columns if str(column.type) in {"BLOB", "BYTEA"}]
        for row in db.session.execute(select(*columns)) if columns else ():
            found += [value for value in row if value]
    with Session(front_engine()) as session:
        found += session.scalars(select(MessageCopy.body))
    return [value for value in found if len(value) >= 16]


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def tallies() -> dict[tuple[str, str], int]:
    rows_ = db.session.execute(select(CaseTally.figure, CaseTally.part, CaseTally.count))
    return {(str(figure), part): count for figure, part, count in rows_}


def count(table: type) -> int:
    return len(db.session.scalars(select(table)).all())


def test_nothing_of_a_file_is_left_anywhere(whole: VictimCase, tmp_path: Path, kept_letter: Path) -> None:
    before = sealed()
    names = [row.name_index for row in db.session.scalars(select(CaseName))]
    assert len(before) > 20
    assert names
    on_sqlite = db.engine.dialect.name == "sqlite"
    if on_sqlite:
        there = b"".join(files(tmp_path).values())
        assert all(value in there for value in (*before, *names))

    assert case_retention.run() == []
    due(whole)
    db.session.rollback()
    assert case_retention.run() == [whole.ref]

    assert not kept_letter.exists()
    db.session.rollback()
    if on_sqlite:
        left = files(tmp_path)
        assert [name for name, held in left.items() if any(value in held for value in (*before, *names))] == []
        assert {name: found for name, held in left.items() if (found := search.find(NEEDLES, held))} == {}
    assert {table.__name__: count(table) for table in OF_CASE} == {table.__name__: 0 for table in OF_CASE}
    with Session(front_engine()) as session:
        assert session.scalar(select(MessageCopy.body)) is None


def test_what_stays_is_the_reference_the_certificate_and_figures(whole: VictimCase) -> None:
    before = tallies()
    due(whole)

    case_retention.run()

    db.session.rollback()
    assert (whole.status, whole.file, whole.help_request_id) == (CaseStatus.ERASED, None, None)
    assert tallies() == before | {("erased", "policy"): 1}
    made = db.session.scalar(select(CaseErasure))
    shown = case_retention.certificate(made.ref, by=boss())
    counts = dict(shown.counts)
    assert (shown.years, shown.until_age) == (7, 25)
    assert (counts["case_people"], counts["consents"], counts["messages"], counts["help_requests"]) == (2, 2, 2, 1)
    entry = db.session.get(AuditEntry, shown.entry)
    assert (entry.action, entry.actor, entry.hash.hex()) == (case_retention.ERASED, audit.SYSTEM, shown.mark)
    assert audit.verify()[1] is None
    for subject in (f"case {whole.ref}", "referral RF-1"):
        assert [one.details for one in audit.history(subject) if one.details and one.id != entry.id] == []


def test_that_something_was_handed_over_stays_with_its_item(whole: VictimCase) -> None:
    link = db.session.scalar(select(CaseLink))
    ref = link.ref
    due(whole)

    case_retention.run()

    db.session.rollback()
    left = db.session.scalar(select(CaseLink))
    assert (left.ref, left.note, left.item_id is not None) == (ref, b"", True)
    refused(update(CaseLink).values(note=b"more"), "this record is frozen")


def test_the_database_lets_no_word_of_a_link_go_before(whole: VictimCase) -> None:
    refused(update(CaseLink).values(note=b""), "this record is frozen")


def test_the_receipt_finds_nothing_any_more(support: Flask) -> None:
    code, request = arrived()
    with writing():
        one = victim_cases.open_case(
            CaseSource.HELP_REQUEST, case_steps.FILE, help_request=request, by=case_steps.officer()
        )
    closed(one)
    due(one)

    case_retention.run()

    assert receipts.find(code) is None
    assert message_copies.read(code) == []


def test_the_sweeper_needs_no_key_to_any_file(office: Flask) -> None:
    keys = settings().keys_dir
    halves = office.extensions["hotline.keyring"].halves
    care = vault.load(keys, private=[Lock.CARE], public_secrets=False, blinds=False).halves
    office.extensions["hotline.keyring"].halves = halves | care
    one = due(closed(case_steps.a_case()))
    office.extensions["hotline.keyring"].halves = {lock: half for lock, half in halves.items() if lock not in care}

    case_retention.sweep()

    db.session.rollback()
    assert one.status is CaseStatus.ERASED


def test_the_sweeper_runs_once_a_day_and_at_once_for_a_wish(support: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    case_steps.a_case()
    assert [path for path in settings().data_dir.glob("*-wal") if path.stat().st_size] or db.engine.name != "sqlite"
    case_retention.sweep()
    assert [path for path in settings().data_dir.glob("*-wal") if path.stat().st_size] == []
    one = due(closed(case_steps.a_case()))
    case_retention.sweep()
    db.session.rollback()
    assert one.status is CaseStatus.CLOSED

    tomorrow = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    sweep.once()

    db.session.rollback()
    assert one.status is CaseStatus.ERASED


def test_whose_person_writes_again_waits(support: Flask) -> None:
    code, request = arrived()
    kunthea = case_steps.officer()
    with writing():
        one = victim_cases.open_case(CaseSource.HELP_REQUEST, case_steps.FILE, help_request=request, by=kunthea)
    due(closed(one))
    message_copies.write(code, "are you there?", nonce="again")

    assert case_retention.run() == []  # it stands at the public site still
    intake.open_inbox()
    assert case_retention.run() == []
    assert receipts.find(code) is not None

    with writing():
        messages.settle(
            request.receipt_tag, Concern.HELP, "request", seen=messages.last(request.receipt_tag), by=kunthea
        )
    assert case_retention.run() == [one.ref]


def test_a_run_that_is_killed_half_way_is_begun_again(whole: VictimCase, monkeypatch: pytest.MonkeyPatch) -> None:
    due(whole)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(audit, "record", killed)
        with pytest.raises(KeyboardInterrupt):
            case_retention.run()
    db.session.rollback()
    assert (whole.status, count(CasePerson), count(CaseErasure)) == (CaseStatus.CLOSED, 2, 0)

    assert case_retention.run() == [whole.ref]
    assert case_retention.run() == []


def test_each_batch_is_small(support: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [due(closed(case_steps.a_case())) for _ in range(3)]
    monkeypatch.setattr(case_retention, "MOST_AT_ONCE", 2)

    case_retention.sweep()
    db.session.rollback()
    assert [one.status for one in cases] == [CaseStatus.ERASED, CaseStatus.ERASED, CaseStatus.CLOSED]

    case_retention.sweep()
    db.session.rollback()
    assert cases[2].status is CaseStatus.ERASED


def test_the_command_lists_what_is_due_and_then_erases_it(support: Flask) -> None:
    one = due(closed(case_steps.a_case()))
    other = closed(case_steps.a_case())
    runner = support.test_cli_runner()

    dry = runner.invoke(args=["retention", "run", "--dry-run"])
    assert one.ref in dry.output
    assert one.keep_until.isoformat() in dry.output
    assert other.ref not in dry.output
    db.session.rollback()
    assert one.status is CaseStatus.CLOSED

    gone = runner.invoke(args=["retention", "run"]).output.splitlines()
    assert gone == [one.ref, "1 erased.", "0 contact details and 0 reports erased."]
    assert runner.invoke(args=["retention", "run"]).output.startswith("0 erased.\n")


def test_a_wish_needs_two_people(support: Flask) -> None:
    one, both = closed(case_steps.a_case()), boss("both", Role.VICTIM_SUPPORT)
    with writing():
        made = case_retention.ask(one, by=both)
    with pytest.raises(Forbidden), writing():
        case_retention.approve(made, by=both)
    with pytest.raises(Forbidden), writing():
        case_retention.approve(made, by=one.officer)
    with pytest.raises(WrongState), writing():
        case_closing.reopen(one, "after all", by=one.officer)
    assert case_retention.run() == []
    manager = boss()
    with writing():
        case_retention.approve(made, by=manager)

    case_retention.sweep()

    db.session.rollback()
    shown = case_retention.certificate(made.ref, by=one.officer)
    assert (one.status, shown.years, shown.erasure.approved_by.name) == (CaseStatus.ERASED, None, "boss")
    assert tallies()["erased", "wish"] == 1
    with pytest.raises(NotFound):
        case_files.get(one.ref, by=one.officer)


def test_a_wish_that_is_declined_leaves_the_file(support: Flask) -> None:
    one, manager = closed(case_steps.a_case()), boss()
    with writing():
        made = case_retention.ask(one, by=one.officer)
    with pytest.raises(WrongState), writing():
        case_retention.ask(one, by=one.officer)
    with writing():
        case_retention.decline(made, by=manager)

    assert (case_retention.run(), count(CaseErasure)) == ([], 0)


def test_no_open_case_is_erased(support: Flask) -> None:
    one = case_steps.a_case()

    with pytest.raises(WrongState), writing():
        case_retention.ask(one, by=one.officer)
    refused(
        update(VictimCase).where(VictimCase.id == one.id).values(file=None, status=CaseStatus.ERASED),
        "its case is not erased",
    )


def test_a_day_that_was_asked_for_and_comes_is_the_policys(support: Flask) -> None:
    one = closed(case_steps.a_case())
    with writing():
        case_retention.ask(one, by=one.officer)
    due(one)

    case_retention.run()

    made = db.session.scalar(select(CaseErasure))
    assert (made.policy_id is not None, made.approved_by_id) == (True, None)


def test_a_policy_moves_the_day_of_every_file_that_has_ended(support: Flask) -> None:
    child, unknown = closed(case_steps.a_case()), closed(case_steps.a_case(born_on="", age=""))
    at_work, manager = case_steps.a_case(), boss()
    last, today = retention_policies.in_force(), jurisdiction.today()

    found = retention_policies.preview(Term(0, None), by=manager)
    assert (found.ended, found.soon, found.soon_now, found.earlier, found.later) == (2, 2, 0, 2, 0)
    retention_policies.put_in_force(Term(1, 18), "the law", based_on=last.id, by=manager)

    db.session.rollback()
    assert child.keep_until.isoformat() == "2029-05-30"
    assert unknown.keep_until == today.replace(year=today.year + 18)
    assert at_work.keep_until is None
    assert [one.years for one in retention_policies.list_all()] == [1, 7]


def test_a_change_that_is_killed_half_way_erases_nothing_by_an_old_day_and_goes_on(
    support: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases, manager = [closed(case_steps.a_case()) for _ in range(3)], boss()
    for one in cases:
        due(one)
    monkeypatch.setattr(retention_policies, "MOVED_AT_ONCE", 1)
    whole, opened = retention_policies.day_of, []

    def die_at_the_second(one: VictimCase, kept: Term) -> date:
        opened.append(one.id)
        if len(opened) == 2:
            raise KeyboardInterrupt
        return whole(one, kept)

    monkeypatch.setattr(retention_policies, "day_of", die_at_the_second)
    last = retention_policies.in_force().id
    with pytest.raises(KeyboardInterrupt):
        retention_policies.put_in_force(Term(9, 30), "the law", based_on=last, by=manager)

    db.session.rollback()
    assert retention_policies.in_force().years == 9
    assert retention_policies.count_behind() == 2
    assert case_retention.run() == []  # the old days are over, but they count no more
    assert retention_policies.move_days(by=manager) == 2
    assert (retention_policies.count_behind(), case_retention.run()) == (0, [])


def test_the_words_of_a_link_that_became_no_case_go_with_a_certificate(
    support: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = link_steps.handed()
    with writing():
        case_links.write(link, "Is it the school by the river?", to_support=True, by=steps.team()[0])
    assert case_retention.erase_links(most=9) == 0
    refused(update(CaseLink).values(note=b""), "this record is frozen")
    last = jurisdiction.today().replace(month=1, day=1)
    monkeypatch.setattr(jurisdiction, "today", lambda: last.replace(year=last.year + 27))

    sealed_words = [link.note, *db.session.scalars(select(LinkMessage.body))]
    folder = settings().data_dir
    db.session.rollback()
    assert case_retention.erase_links(most=9) == 1

    assert not [name for name, held in files(folder).items() for words in sealed_words if words in held]
    db.session.expire_all()
    assert (link.note, count(LinkMessage), case_retention.count_links_erased()) == (b"", 0, 1)
    assert case_links.list_page(case_links.Shown.OPEN, by=case_steps.officer()).rows == []
    assert audit.history(f"link {link.ref}")[-1].action == case_retention.ERASED_LINK
    assert case_retention.erase_links(most=9) == 0
    refused(delete(LinkErasure), "this record is frozen")


def test_a_file_that_does_not_open_is_kept_the_longest(support: Flask) -> None:
    one = closed(case_steps.a_case())
    with writing():
        one.file = b"nobody's"
    today = jurisdiction.today()

    assert retention_policies.day_of(one, Term(1, 18)) == today.replace(year=today.year + 18)


def test_policies_follow_each_other_and_need_a_reason(support: Flask) -> None:
    manager, last = boss(), retention_policies.in_force().id

    for reason, wanted, fault in (("", Term(1, 18), "reason:missing"), ("same", Term(7, 25), "reason:nothing_new")):
        with pytest.raises(Refused, match=fault), writing():
            retention_policies.publish(wanted, reason, based_on=last, by=manager)
    with pytest.raises(Overtaken), writing():
        retention_policies.publish(Term(1, 18), "law", based_on=last + 1, by=manager)
    with pytest.raises(Forbidden), writing():
        retention_policies.publish(Term(1, 18), "law", based_on=last, by=case_steps.officer())


def test_no_clock_of_an_erased_case_is_left(whole: VictimCase) -> None:
    before = count(Clock)
    due(whole)

    case_retention.run()

    assert count(Clock) < before
    assert CaseFigure.ERASED in {CaseFigure(figure) for figure, _part in tallies()}
