"""The people, the notes and the access of a case: who is never contacted, what is written, who may open it."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from hotline import clock
from hotline.errors import NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.models.victim_case import CaseAccess, CaseTally
from hotline.rules.victim_files import Note, Person
from hotline.services import audit, case_access, case_files, case_notes, case_people, consents, handovers, victim_cases
from hotline.transactions import writing
from hotline.vocabulary import CaseFigure, ClockEnd, Duty, NoteKind, PersonPart, ReferralStatus, Role
from tests.services import case_steps, consent_steps, referral_steps, steps


def test_somebody_is_kept_sealed_and_read_again(support: Flask) -> None:
    one = case_steps.a_case()
    aunt = case_steps.somebody(one)

    assert case_people.read(aunt).name == "the aunt"
    assert "the aunt" not in str(db.session.execute(text("SELECT * FROM case_people")).all())
    assert [(row.id, known.phone) for row, known in case_files.people(one)] == [(aunt.id, "012 000 111")]


@pytest.mark.parametrize(
    ("known", "fault"),
    [(Person(phone="012"), ("name", "required")), (Person(name="x" * 301), ("name", "too_long"))],
)
def test_somebody_has_a_name_or_is_something_to_the_child(
    support: Flask, known: Person, fault: tuple[str, str]
) -> None:
    one = case_steps.a_case()

    with pytest.raises(Refused) as refused, writing():
        case_people.add(one, PersonPart.FAMILY, known, by=one.officer)

    assert refused.value.faults == (fault,)


def test_one_person_at_most_may_be_called(support: Flask) -> None:
    one = case_steps.a_case()
    aunt, teacher = case_steps.somebody(one), case_steps.somebody(one, "the teacher", part=PersonPart.TRUSTED)
    for chosen in (aunt, teacher):
        with writing():
            case_people.choose_contact(one, chosen, by=one.officer)
    assert case_people.contact(one) == Person(name="the teacher", phone="012 000 111")

    with writing():
        case_people.choose_contact(one, None, by=one.officer)

    assert case_people.contact(one) is None


def test_a_possible_abuser_is_nobody_to_call(support: Flask) -> None:
    one = case_steps.a_case()
    uncle = case_steps.somebody(one, "the uncle")
    with writing():
        case_people.choose_contact(one, uncle, by=one.officer)

    with writing():
        case_people.name_suspect(one, uncle, by=one.officer)

    assert (uncle.is_suspect, uncle.is_contact, case_people.contact(one)) == (True, False, None)
    with pytest.raises(WrongState), writing():
        case_people.choose_contact(one, uncle, by=one.officer)
    with pytest.raises(DBAPIError), writing():
        db.session.execute(text("UPDATE case_people SET is_contact = TRUE"))


def test_what_waits_to_leave_is_looked_through_anew_when_somebody_is_named(support: Flask) -> None:
    one = case_steps.a_case()
    uncle, to = case_steps.somebody(one, "the uncle", part=PersonPart.FAMILY), referral_steps.a_service()
    referral_steps.agreed(one, to)
    waiting = referral_steps.let_go(referral_steps.drafted(one, to))

    with writing():
        effects = case_people.name_suspect(one, uncle, by=one.officer)

    assert (waiting.status, waiting.queued_at) == (ReferralStatus.DRAFT, None)
    assert effects.stopped == (waiting,)
    assert consents.towards(one, to).maybe_gone == (waiting,)


def test_a_suspect_by_another_name_is_looked_for_anew(support: Flask) -> None:
    one, to = case_steps.a_case(), referral_steps.a_service()
    uncle = case_steps.somebody(one, "the uncle", part=PersonPart.FAMILY, suspect=True)
    with writing():
        one.ask_safe_anew = False
    referral_steps.agreed(one, to)
    waiting = referral_steps.let_go(referral_steps.drafted(one, to))

    with writing():
        known = Person(name="Sok Vuthy")
        effects = case_people.change(one, uncle, PersonPart.FAMILY, known, version=uncle.version, by=one.officer)

    assert effects.stopped == (waiting,)
    assert waiting.queued_at is None


def test_the_victim_is_never_named_as_possible_abuser(support: Flask) -> None:
    one = case_steps.a_case()
    child = case_steps.somebody(one, "the child", part=PersonPart.CHILD)
    uncle = case_steps.somebody(one, "the uncle", part=PersonPart.FAMILY, suspect=True)

    with pytest.raises(Refused, match="mark:child"):
        case_people.name_suspect(one, child, by=one.officer)
    with pytest.raises(Refused, match="suspect:child"):
        case_people.add(one, PersonPart.CHILD, Person(name="the child"), is_suspect=True, by=one.officer)
    with pytest.raises(Refused, match="part:suspect"):
        case_people.change(one, uncle, PersonPart.CHILD, Person(name="the uncle"), version=1, by=one.officer)
    with pytest.raises(DBAPIError), writing():
        db.session.execute(text("UPDATE case_people SET is_suspect = TRUE WHERE part = 'child'"))


def test_who_has_answered_stays_who_they_are(support: Flask) -> None:
    one, _child, aunt, to = consent_steps.family()
    consent_steps.says(one, aunt, to)

    with pytest.raises(Refused) as refused, writing():
        case_people.change(one, aunt, PersonPart.TRUSTED, Person(name="the aunt"), version=1, by=one.officer)

    assert refused.value.faults == (("part", "answered"),)
    assert aunt.part is PersonPart.GUARDIAN


def test_of_two_who_change_a_person_the_second_is_told(support: Flask) -> None:
    one = case_steps.a_case()
    aunt = case_steps.somebody(one)
    with writing():
        case_people.change(one, aunt, PersonPart.GUARDIAN, Person(name="first"), version=1, by=one.officer)

    with pytest.raises(Overtaken), writing():
        case_people.change(one, aunt, PersonPart.GUARDIAN, Person(name="second"), version=1, by=one.officer)

    assert case_people.read(aunt).name == "first"


def test_somebody_of_another_case_is_not_there(support: Flask) -> None:
    one, other = case_steps.a_case(), case_steps.a_case()

    with pytest.raises(NotFound):
        case_people.get(one, case_steps.somebody(other).id)


# --- Notes


def test_the_first_contact_ends_its_clock_and_is_counted_once(support: Flask) -> None:
    one = case_steps.a_case()
    for said in ("spoke with the aunt", "spoke with the child"):
        with writing():
            case_notes.write(one, NoteKind.CONTACT, Note(said=said), by=one.officer)

    assert one.contacted_at is not None
    assert db.session.scalars(select(Clock.ending).where(Clock.duty == Duty.FIRST_CONTACT)).all() == [ClockEnd.MET]
    tallies = select(CaseTally.part, CaseTally.count).where(CaseTally.figure == CaseFigure.FIRST_CONTACT)
    assert db.session.execute(tallies).all() == [("hours_3", 1)]
    assert [each.note.said for each in case_notes.list_notes(one)] == ["spoke with the child", "spoke with the aunt"]


@pytest.mark.parametrize(
    ("kind", "note", "fields"),
    [
        (NoteKind.NOTE, Note(), {"said"}),
        (NoteKind.CONFERENCE, Note(said="we met"), {"people", "decisions"}),
        (NoteKind.SAFETY, Note(said="x" * 8_001), {"said"}),
        (NoteKind.NOTE, Note(said="data:image/png;base64,AAAA"), {"said"}),
    ],
)
def test_a_note_with_a_fault_is_not_kept(support: Flask, kind: NoteKind, note: Note, fields: set[str]) -> None:
    one = case_steps.a_case()

    with pytest.raises(Refused) as refused, writing():
        case_notes.write(one, kind, note, by=one.officer)

    assert {field for field, _code in refused.value.faults} == fields
    assert case_notes.list_notes(one) == []


def test_nothing_is_noted_that_lies_ahead(support: Flask) -> None:
    one, at = case_steps.a_case(), clock.now() + timedelta(minutes=5)

    with pytest.raises(Refused, match="happened_at"), writing():
        case_notes.write(one, NoteKind.NOTE, Note(said="said"), happened_at=at, by=one.officer)


def test_a_note_is_never_changed(support: Flask) -> None:
    one = case_steps.a_case()
    with writing():
        case_notes.write(one, NoteKind.NOTE, Note(said="said"), by=one.officer)

    with pytest.raises(DBAPIError), writing():
        db.session.execute(text("UPDATE case_notes SET kind = 'safety'"))


# --- Access


def test_a_shared_case_opens_to_one_person_until_it_is_taken_back(support: Flask) -> None:
    one, bopha, third = case_steps.a_case(), case_steps.officer("bopha"), case_steps.officer("theary")
    with writing():
        case_access.share(one, bopha.number, "I am on leave", until=None, by=one.officer)

    assert case_files.get(one.ref, by=bopha) is one
    assert case_access.count_people(one) == 2
    with pytest.raises(NotFound):
        case_files.get(one.ref, by=third)
    [given] = case_access.list_given(one)
    assert (given.reason, given.is_own_doing, given.stands) == ("I am on leave", False, True)

    with writing():
        case_access.take_back(one, given.row.id, by=one.officer)

    with pytest.raises(NotFound):
        case_files.get(one.ref, by=bopha)
    assert case_access.count_people(one) == 1


def test_a_share_ends_by_itself(support: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    one, bopha = case_steps.a_case(), case_steps.officer("bopha")
    with writing():
        until = clock.now() + timedelta(days=2)
        case_access.share(one, bopha.number, "for two days", until=until, by=one.officer)

    monkeypatch.setattr(clock, "now", lambda: until + timedelta(seconds=1))

    assert not case_access.may_open(one, by=bopha)


def test_only_the_officer_shares_and_only_with_victim_support(support: Flask) -> None:
    one, bopha = case_steps.a_case(), case_steps.officer("bopha")
    analyst = steps.team()[0]

    with pytest.raises(WrongState), writing():
        case_access.share(one, bopha.number, "why", until=None, by=bopha)
    for number, reason, until, field in (
        (analyst.number, "why", None, "person"),
        (one.officer.number, "why", None, "person"),
        (bopha.number, " ", None, "reason"),
        (bopha.number, "why", clock.now() - timedelta(days=1), "until"),
        (bopha.number, "why", clock.now() + timedelta(days=400), "until"),
    ):
        with pytest.raises(Refused, match=field), writing():
            case_access.share(one, number, reason, until=until, by=one.officer)


def test_a_case_that_is_opened_for_a_reason_closes_after_a_day(support: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    one, bopha = case_steps.a_case(), case_steps.officer("bopha")
    with writing():
        case_access.open_for_reason(one.ref, "the aunt called at night", by=bopha)

    assert case_files.get(one.ref, by=bopha) is one
    [told] = case_access.list_opened_by_others(by=one.officer)
    assert (told.person.name, told.case.ref) == ("bopha", one.ref)
    assert audit.history(case_files.subject(one))[-1].details == '{"hours": 24}'
    assert "aunt" not in str(db.session.execute(text("SELECT * FROM case_access")).all())

    later = clock.now() + timedelta(hours=24, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert not case_access.may_open(one, by=bopha)
    assert case_access.list_opened_by_others(by=one.officer) == []


def test_a_case_is_opened_for_a_reason_by_victim_support_alone(support: Flask) -> None:
    one, bopha = case_steps.a_case(), case_steps.officer("bopha")

    with pytest.raises(NotFound), writing():
        case_access.open_for_reason(one.ref, "why", by=steps.team()[2])
    with pytest.raises(Refused, match="reason"), writing():
        case_access.open_for_reason(one.ref, "", by=bopha)
    with pytest.raises(WrongState), writing():
        case_access.open_for_reason(one.ref, "why", by=one.officer)
    assert db.session.scalar(select(CaseAccess.id)) is None


def test_who_hands_a_case_over_can_open_it_no_more(support: Flask) -> None:
    one, kunthea, bopha = case_steps.a_case(), case_steps.officer(), case_steps.officer("bopha")
    with writing():
        case_access.share(one, bopha.number, "why", until=None, by=kunthea)

    with writing():
        case_access.hand_over(one, bopha.number, by=kunthea)

    assert (one.officer.name, case_access.may_open(one, by=kunthea), case_access.count_people(one)) == (
        "bopha",
        False,
        1,
    )


def test_a_manager_hands_a_case_over_by_its_reference_and_opens_nothing(support: Flask) -> None:
    one, bopha, manager = case_steps.a_case(), case_steps.officer("bopha"), steps.team()[2]
    assert manager.has(Role.MANAGER)

    with writing():
        case_access.hand_over(victim_cases.get_managed(one.ref, by=manager), bopha.number, by=manager)

    assert one.officer_id == bopha.id
    assert audit.history(case_files.subject(one))[-1].details == f'{{"by_manager": true, "person": "{bopha.number}"}}'
    with pytest.raises(NotFound):
        case_files.get(one.ref, by=manager)


def test_nobody_else_hands_a_case_over(support: Flask) -> None:
    one, bopha = case_steps.a_case(), case_steps.officer("bopha")

    with pytest.raises(NotFound):
        victim_cases.get_managed(one.ref, by=bopha)
    with pytest.raises(WrongState), writing():
        case_access.hand_over(one, bopha.number, by=bopha)
    with pytest.raises(Refused, match="officer"), writing():
        case_access.hand_over(one, steps.team()[0].number, by=one.officer)


# --- Words to whoever comes next


def test_a_word_of_victim_support_stays_on_its_side_of_the_wall(support: Flask) -> None:
    kunthea, bopha, analyst = case_steps.officer(), case_steps.officer("bopha"), steps.team()[0]
    with writing():
        handovers.write("call the aunt of VC-234567", by=kunthea)
        handovers.write("read the host's decisions", by=analyst)

    assert [one.text for one in handovers.list_unread(by=bopha)] == ["call the aunt of VC-234567"]
    [other] = handovers.list_unread(by=steps.team()[1])
    assert other.text == "read the host's decisions"
    with pytest.raises(NotFound), writing():
        handovers.mark_read(other.id, by=bopha)
