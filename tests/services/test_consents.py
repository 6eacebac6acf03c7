"""Consent: written down per recipient, taken back at once, gone with whoever is named as possible abuser."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from hotline import clock
from hotline.errors import NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models import AuditEntry, CasePerson, Consent, Referral
from hotline.rules.consents import Missing, Said
from hotline.services import case_files, case_people, clocks, consents, holds, victim_cases
from hotline.services.consents import VICTIM, Typed
from hotline.transactions import writing
from hotline.vocabulary import (
    ClockEnd,
    ConsentAnswer,
    Duty,
    PersonPart,
    ReferralMeans,
    ReferralStatus,
    Share,
    Voice,
)
from tests.services import case_steps, consent_steps, police_steps, steps
from tests.services.consent_steps import Family, all_agree, letter, says, typed

NO = ConsentAnswer.DECLINES


@pytest.fixture
def found(support: Flask) -> Family:
    return consent_steps.family()


def answer_of(person: CasePerson) -> Consent:
    """Return the answer of somebody that stands."""
    return db.session.scalars(select(Consent).where(Consent.person_id == person.id, Consent.ended_at.is_(None))).one()


def take_back(person: CasePerson, words: str = "") -> list[Referral]:
    with writing():
        row = answer_of(person)
        return consents.withdraw(row, words, by=row.case.officer)


def deeds(subject: str) -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.record == subject).order_by(AuditEntry.id)))


def waiting(found: Family, ref: str = "RF-1", **more: object) -> Referral:
    """Queue a letter; a worker has it in hand where `leased_until` is given."""
    return letter(found, ref, letter=b"sealed", message_id="<m@hotline.example>", queued_at=clock.now(), **more)


def gone(found: Family, ref: str = "RF-9", status: ReferralStatus = ReferralStatus.PENDING) -> Referral:
    return letter(found, ref, means=ReferralMeans.PRINTED, sent_at=clock.now(), status=status)


def towards(found: Family) -> consents.Towards:
    return consents.towards(found.one, found.to)


def test_child_and_guardian_are_heard_apart_and_only_what_both_agree_to_is_told(found: Family) -> None:
    says(found.one, found.child, found.to, shares=(Share.NEED, Share.AGE))
    assert consents.standing(found.one, found.to).missing == (Missing.GUARDIAN_NOT_ASKED,)
    says(found.one, found.guardian, found.to)

    stands = consents.standing(found.one, found.to)

    assert (stands.may_go, stands.without, stands.shares) == (True, None, {Share.NEED, Share.AGE})
    assert [(one.name, one.row.voice) for one in towards(found).answers] == [
        ("Chan Sreyneang", Voice.CHILD),
        ("the aunt", Voice.GUARDIAN),
    ]


def test_what_was_said_is_sealed_and_no_word_of_it_is_in_the_audit_trail(found: Family) -> None:
    says(found.one, found.child, found.to, words="I am afraid", withheld_from="the mother", withheld_why="other")
    row = answer_of(found.child)

    assert b"afraid" not in row.body
    assert b"mother" not in row.body
    opened = towards(found).answers[0].said
    assert (opened.words, opened.withheld_from, opened.language) == ("I am afraid", "the mother", "Khmer")
    trail = deeds(case_files.subject(found.one))
    assert trail[-1].action == consents.RECORDED
    assert not any(word in (one.details or "") for one in trail for word in ("afraid", "mother", "Sreyneang", "aunt"))


def test_a_new_answer_ends_the_earlier_one_of_the_same_person_and_recipient_alone(found: Family) -> None:
    other = consent_steps.service("Calm House")
    all_agree(found)
    says(found.one, found.child, other)
    first = db.session.scalars(select(Consent).order_by(Consent.id)).first()

    says(found.one, found.child, found.to, NO)

    db.session.refresh(first)
    assert (first.ended_at is not None, first.withdrawn) == (True, False)
    assert consents.standing(found.one, found.to).missing == (Missing.CHILD_DECLINES,)
    assert [len(one.answers) for one in consents.card(found.one).towards] == [2, 1]
    assert [one.row.id for one in towards(found).earlier] == [first.id]


def test_a_refusal_of_the_child_comes_first(found: Family) -> None:
    says(found.one, found.guardian, found.to)
    says(found.one, found.child, found.to, NO, words="not them")

    shown = towards(found)

    assert [one.said.words for one in shown.refusals] == ["not them"]
    assert shown.answers[0].row.voice is Voice.CHILD


@pytest.mark.parametrize("who", ["child", "guardian"])
def test_taking_it_back_acts_at_once(found: Family, who: str) -> None:
    all_agree(found)
    queued, draft = waiting(found), letter(found, "RF-2")
    left = gone(found)

    stopped = take_back(getattr(found, who), "I changed my mind")

    db.session.refresh(queued)
    assert [one.ref for one in stopped] == ["RF-1"]
    assert (queued.status, queued.queued_at, queued.letter, queued.leased_until, queued.message_id) == (
        ReferralStatus.DRAFT,
        None,
        None,
        None,
        None,
    )
    shown = towards(found)
    assert not shown.standing.may_go
    assert [one.ref for one in shown.stopped] == [queued.ref, draft.ref]
    assert [one.ref for one in shown.left] == [left.ref]
    assert [one.row.withdrawn for one in shown.earlier] == [True]
    assert deeds("referral RF-1")[-1].action == consents.STOPPED


def test_taking_it_back_stands_also_where_another_guardian_agrees(found: Family) -> None:
    all_agree(found)
    says(found.one, case_steps.somebody(found.one, "the uncle"), found.to)

    take_back(found.guardian)

    assert consents.standing(found.one, found.to).missing == (Missing.GUARDIAN_DECLINES,)


@pytest.mark.parametrize("how", ["leased_until", "means"])
def test_what_is_on_its_way_stops_and_may_have_left(found: Family, how: str) -> None:
    all_agree(found)
    waiting(found, **{how: {"leased_until": clock.now() + timedelta(minutes=5), "means": ReferralMeans.PRINTED}[how]})

    take_back(found.child)

    shown = towards(found)
    assert ([one.ref for one in shown.maybe_gone], shown.stopped) == (["RF-1"], ())


def test_only_an_agreement_that_stands_is_taken_back_and_only_once(found: Family) -> None:
    all_agree(found)
    row = answer_of(found.child)
    take_back(found.child)

    for one in (row, answer_of(found.child)):
        with pytest.raises(WrongState), writing():
            consents.withdraw(db.session.merge(one), "", by=case_steps.officer())


def test_agreeing_to_less_stops_what_would_have_told_more(found: Family) -> None:
    all_agree(found)
    waiting(found)

    assert [one.ref for one in says(found.one, found.child, found.to, shares=(Share.NEED,))] == ["RF-1"]
    assert consents.standing(found.one, found.to).may_go
    waiting(found, "RF-2")
    assert says(found.one, found.child, found.to) == []


def test_whoever_is_named_as_possible_abuser_answers_no_more(found: Family) -> None:
    all_agree(found)
    queued, left = waiting(found), gone(found)

    with writing():
        case_people.name_suspect(found.one, found.guardian, by=found.one.officer)

    db.session.refresh(queued)
    assert (queued.queued_at, queued.letter) == (None, None)
    shown = towards(found)
    assert shown.standing.missing == (Missing.GUARDIAN_NOT_ASKED,)
    assert [one.ref for one in shown.left] == [left.ref]
    assert [one.name for one in consents.list_asked(found.one)] == ["Chan Sreyneang"]
    with pytest.raises(Refused, match="person:suspect"):
        says(found.one, found.guardian, found.to)


def test_naming_somebody_who_was_never_asked_ends_nothing(found: Family) -> None:
    says(found.one, found.child, found.to)
    with writing():
        assert consents.stop_for_person(found.guardian, by=found.one.officer) == []

    assert len(towards(found).answers) == 1


def test_another_safe_guardian_agrees_instead_of_one_who_was_named(found: Family) -> None:
    all_agree(found)
    says(found.one, found.guardian, found.to, NO)
    with writing():
        consents.stop_for_person(found.guardian, by=found.one.officer)

    says(found.one, case_steps.somebody(found.one, "the uncle"), found.to)

    assert consents.standing(found.one, found.to).may_go


@pytest.mark.parametrize("part", [one for one in PersonPart if one not in {PersonPart.CHILD, PersonPart.GUARDIAN}])
def test_only_the_child_and_guardians_are_asked(found: Family, part: PersonPart) -> None:
    with pytest.raises(Refused, match="person:not_asked"):
        says(found.one, case_steps.somebody(found.one, part=part), found.to)


def test_nobody_of_another_case_is_asked(found: Family) -> None:
    stranger = case_steps.somebody(case_steps.a_case())

    with pytest.raises(Refused, match="person:required"):
        says(found.one, stranger, found.to)


def test_the_victim_is_asked_also_where_nobody_has_added_them_to_the_people(support: Flask) -> None:
    one, to = case_steps.a_case(), consent_steps.service()
    assert [(asked.number, asked.name) for asked in consents.list_asked(one)] == [(VICTIM, "Chan Sreyneang")]

    with writing():
        consents.record(one, to, typed(VICTIM), by=one.officer)

    assert [person.name for _row, person in case_files.people(one)] == ["Chan Sreyneang"]
    with pytest.raises(Refused, match="person:required"), writing():
        consents.record(one, to, typed(VICTIM), by=one.officer)


def test_a_victim_who_is_of_age_decides_alone(support: Flask) -> None:
    grown = consent_steps.family(born_on="2011-05-30")
    all_agree(grown)
    with writing():
        file = case_files.opened(grown.one)
        older = type(file)(**{name: getattr(file, name) for name in file.__slots__} | {"born_on": "2001-05-30"})
        victim_cases.change_file(grown.one, older, version=grown.one.version, by=grown.one.officer)
    assert consents.standing(grown.one, grown.to).missing == (Missing.SELF_NOT_ASKED,)

    says(grown.one, grown.child, grown.to)

    assert [one.row.voice for one in towards(grown).answers] == [Voice.SELF]
    assert consents.standing(grown.one, grown.to).may_go
    with pytest.raises(Refused, match="person:not_asked"):
        says(grown.one, grown.guardian, grown.to)


def test_a_form_that_was_overtaken_writes_nothing(found: Family) -> None:
    seen = consents.newest(found.one, found.to)
    says(found.one, found.child, found.to, NO)

    with pytest.raises(Overtaken), writing():
        consents.record(found.one, found.to, typed(found.child), seen=seen, by=found.one.officer)

    assert answer_of(found.child).answer is NO


def test_a_bad_form_names_every_fault(found: Family) -> None:
    for number, nobody in ((found.child.id, set()), (999, {"person"})):
        bad = Typed(number, None, Said(), None, None)

        with pytest.raises(Refused) as caught, writing():
            consents.record(found.one, found.to, bad, by=found.one.officer)

        assert {field for field, _code in caught.value.faults} == {"answer", "language", "asked_on"} | nobody


def test_asking_again_has_a_clock_for_the_day_that_was_chosen(found: Family) -> None:
    says(found.one, found.child, found.to)
    row = answer_of(found.child)
    running = clocks.newest_of(row, Duty.ASK_AGAIN)
    assert running.due_at == holds.end_of(row.ask_again_on)

    says(found.one, found.child, found.to)
    assert (running.ending, clocks.newest_of(answer_of(found.child), Duty.ASK_AGAIN).ended_at) == (ClockEnd.MET, None)

    again = clocks.newest_of(answer_of(found.child), Duty.ASK_AGAIN)
    take_back(found.child)
    assert again.ending is ClockEnd.VOID
    assert clocks.newest_of(answer_of(found.child), Duty.ASK_AGAIN) is None


def test_the_police_are_a_recipient_of_their_own(found: Family) -> None:
    all_agree(found)
    unit = police_steps.unit()
    assert consents.standing(found.one, unit).missing == (Missing.CHILD_NOT_ASKED, Missing.GUARDIAN_NOT_ASKED)

    says(found.one, found.child, unit, shares=(Share.NAME,))
    says(found.one, found.guardian, unit, shares=(Share.NAME, Share.STORY))

    assert consents.standing(found.one, unit).shares == {Share.NAME}
    assert [one.to for one in consents.card(found.one).towards] == [found.to, unit]
    with writing():
        assert consents.stop_for_person(found.guardian, by=found.one.officer) == []


def test_recipients_are_services_in_use_and_units_of_the_police(found: Family) -> None:
    unit, by = police_steps.unit(), found.one.officer
    found.to.active = False

    refs = [one.ref for one in consents.recipients(by=by)]

    assert (found.to.ref in refs, unit.ref in refs) == (False, True)
    assert consents.get_recipient(found.to.ref, by=by) is found.to
    assert consents.get_recipient(unit.ref, by=by) is unit
    for ref in (steps.recipient().ref, "SV-000000", ""):
        with pytest.raises(NotFound):
            consents.get_recipient(ref, by=by)
    with pytest.raises(NotFound):
        consents.get_recipient(found.to.ref, by=steps.team()[0])


def test_an_answer_of_another_case_is_not_found(found: Family) -> None:
    says(found.one, found.child, found.to)
    other = case_steps.a_case()

    with pytest.raises(NotFound):
        consents.find(other, answer_of(found.child).id)
