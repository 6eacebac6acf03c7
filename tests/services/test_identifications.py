"""What the police are told of a victim: chosen, let go behind consent, handed over, answered, counted."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from hotline import clock, jurisdiction
from hotline.errors import GateClosed, NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models import AuditEntry, CasePerson, Clock, Identification, VictimCase
from hotline.models.victim_case import CaseTally
from hotline.rules.consents import Reason
from hotline.rules.identifications import Chosen
from hotline.services import case_people, identifications, overrides, police_have_it, recipient_keys
from hotline.services.identifications import Shown
from hotline.transactions import writing
from hotline.vocabulary import (
    Although,
    CaseFigure,
    ClockEnd,
    ConsentAnswer,
    Duty,
    Found,
    HandedBy,
    IdentificationStatus,
    KeyKind,
    Language,
    OverrideBasis,
    PersonPart,
    Share,
)
from tests.gateways import locksmith
from tests.gateways.locksmith import Gpg
from tests.services import case_steps, closing_steps, consent_steps, link_steps, police_steps, referral_steps, steps

IN_PERSON = HandedBy.IN_PERSON


@pytest.fixture(scope="module")
def gpg() -> Iterator[Gpg]:
    with locksmith.gpg() as found:
        yield found


def agreed(*, shares: tuple[Share, ...] = link_steps.SHARES) -> VictimCase:
    """Open a case whose child and guardian agree that the unit is told."""
    one = case_steps.a_case()
    link_steps.agreed(one, police_steps.unit(), shares=shares)
    return one


def suspect(one: VictimCase, name: str = "Sok Piseth") -> CasePerson:
    return case_steps.somebody(one, name, part=PersonPart.FAMILY, suspect=True)


def hand_over(made: Identification, means: str = IN_PERSON, to: str = "Officer at the desk") -> Identification:
    with writing():
        identifications.hand_over(made, means, to, clock.now(), version=made.version, by=made.case.officer)
    return made


def handed_over() -> Identification:
    return hand_over(link_steps.drafted(agreed()))


def today() -> date:
    return jurisdiction.today()


def test_only_what_was_chosen_and_agreed_to_is_told(support: Flask) -> None:
    one = agreed(shares=(Share.NAME, Share.STORY))

    package = identifications.package_of(link_steps.drafted(one, shares=(Share.NAME, Share.AGE)))

    assert dict(package.told) == {"name": "Chan Sreyneang"}
    assert package.words == link_steps.WORDS
    assert package.sender.person == one.officer.number


def test_a_possible_abuser_is_named_where_what_happened_may_be_told(support: Flask) -> None:
    one = agreed()
    blamed = suspect(one)

    package = identifications.package_of(link_steps.drafted(one, people=(blamed,)))

    assert [person.name for person in package.suspects] == ["Sok Piseth"]


@pytest.mark.parametrize("words", ["Sreyneang is alone tonight.", "Find Sreyneang Chan."])
def test_words_that_name_the_child_stay_here_where_the_name_is_not_to_be_told(support: Flask, words: str) -> None:
    one = agreed(shares=(Share.AGE, Share.NEED))
    made = link_steps.drafted(one, shares=(Share.AGE,), words=words)

    with pytest.raises(Refused) as refusal:
        hand_over(made)
    for person in referral_steps.asked(one):
        consent_steps.says(one, person, police_steps.unit(), shares=(Share.NAME, Share.AGE, Share.NEED))
    hand_over(made)

    assert refusal.value.faults == (("hand-over", "named"),)
    assert made.status is IdentificationStatus.HANDED_OVER


def test_nobody_is_named_whom_nobody_agreed_to_name(support: Flask) -> None:
    one = agreed(shares=(Share.NAME,))
    blamed, aunt = suspect(one), case_steps.somebody(one, "another aunt")

    package = identifications.package_of(link_steps.drafted(one, people=(blamed, aunt)))

    assert package.named == ()


def test_people_and_links_of_other_cases_are_left_out(support: Flask) -> None:
    one, other = agreed(), case_steps.a_case()
    stranger = case_steps.somebody(other, "stranger")
    link = link_steps.handed()
    link_steps.in_case(link)

    package = identifications.package_of(link_steps.drafted(one, people=(stranger,), links=(link.ref, "L-222222")))

    assert (package.named, package.links) == ((), ())


def test_links_of_the_case_go_along(support: Flask) -> None:
    link = link_steps.handed()
    one = link_steps.in_case(link)
    link_steps.agreed(one, police_steps.unit())

    made = link_steps.drafted(one, links=(link.ref,))

    assert identifications.package_of(made).links == (link.ref,)
    assert [row.link.ref for row in made.link_rows] == [link.ref]


def test_members_of_staff_stand_in_it_by_number_only(support: Flask) -> None:
    one = agreed()

    with pytest.raises(Refused) as refusal:
        link_steps.drafted(one, words="Ask for Kunthea at our desk.")

    assert refusal.value.faults == (("words", "staff"),)


def test_somebody_of_the_case_may_bear_the_name_of_one_of_us(support: Flask) -> None:
    one = agreed()
    blamed = suspect(one, "Kunthea")

    made = link_steps.drafted(one, people=(blamed,), words="It is said to be Kunthea, the uncle.")

    assert identifications.package_of(made).words == "It is said to be Kunthea, the uncle."


@pytest.mark.parametrize(
    ("unit", "language", "words", "field"),
    [(False, "en", "x", "unit"), (True, "fr", "x", "language"), (True, "en", " ", "words")],
)
def test_a_draft_says_what_is_wrong(support: Flask, unit: bool, language: str, words: str, field: str) -> None:
    one, to = agreed(), police_steps.unit()

    with pytest.raises(Refused) as refusal, writing():
        identifications.draft(
            one, to.ref if unit else "D-222222", Chosen(words=words), language=language, by=one.officer
        )

    assert [name for name, _code in refusal.value.faults] == [field]


def test_nothing_goes_without_consent(support: Flask) -> None:
    made = link_steps.drafted(case_steps.a_case())

    with pytest.raises(GateClosed):
        hand_over(made)
    with pytest.raises(GateClosed):
        identifications.printed(made, by=made.case.officer)


def test_the_database_refuses_too(support: Flask) -> None:
    made = link_steps.drafted(case_steps.a_case())
    values = {"status": "handed_over", "handed_by": IN_PERSON, "handed_to": b"x", "handed_over_at": clock.now()}

    told = update(Identification).where(Identification.id == made.id)

    with pytest.raises(IntegrityError, match="agreed"), writing():
        db.session.execute(told.values(**values, handed_over_by_id=made.drafted_by_id))


def test_it_goes_on_a_decision_where_danger_does_not_wait(support: Flask) -> None:
    one, unit = case_steps.a_case(), police_steps.unit()
    reason = Reason("It cannot wait until a guardian is found.", (Share.NAME, Share.STORY))
    with writing():
        decision = overrides.decide(one, unit, OverrideBasis.DANGER_NOW, reason, is_weighed=False, by=one.officer)

    made = hand_over(link_steps.drafted(one))

    assert (made.status, made.override_id) == (IdentificationStatus.HANDED_OVER, decision.id)
    assert dict(identifications.package_of(made).told)["name"] == "Chan Sreyneang"


def test_nothing_new_goes_on_a_decision_that_nobody_looked_at_in_time(support: Flask) -> None:
    one, unit = case_steps.a_case(), police_steps.unit()
    with writing():
        reason = Reason("It cannot wait.", (Share.NAME, Share.STORY))
        overrides.decide(one, unit, OverrideBasis.DANGER_NOW, reason, is_weighed=False, by=one.officer)
    before, after = hand_over(link_steps.drafted(one)), link_steps.drafted(one)
    consent_steps.second_person_is_late()

    for leave in (hand_over, lambda made: identifications.printed(made, by=one.officer)):
        with pytest.raises(Refused) as refused:
            leave(after)
        assert refused.value.faults == (("hand-over", "unreviewed"),)
    with pytest.raises(Refused, match="hand-over:unreviewed"), writing():
        identifications.encrypted(after, "words", by=one.officer)
    assert identifications.printed(before, by=one.officer).told["name"] == "Chan Sreyneang"


def test_consent_taken_back_between_drafting_and_handing_over_stops_it(support: Flask) -> None:
    one = agreed()
    made = link_steps.drafted(one)
    child = db.session.scalars(select(CasePerson).where(CasePerson.part == PersonPart.CHILD)).one()

    consent_steps.says(one, child, police_steps.unit(), ConsentAnswer.DECLINES, shares=())

    with pytest.raises(GateClosed):
        hand_over(made)
    assert made.status is IdentificationStatus.DRAFT


@pytest.mark.parametrize(("minutes", "although"), [(5, Although.ENDED_SINCE), (-5, Although.NOT_THEN)])
def test_what_the_police_have_is_noted_when_consent_has_ended(
    support: Flask, minutes: int, although: Although, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, began = agreed(), clock.now()
    made = link_steps.drafted(one)
    child = db.session.scalars(select(CasePerson).where(CasePerson.part == PersonPart.CHILD)).one()
    ended = began + timedelta(minutes=10)
    monkeypatch.setattr(clock, "now", lambda: ended)
    consent_steps.says(one, child, police_steps.unit(), ConsentAnswer.DECLINES, shares=())
    monkeypatch.setattr(clock, "now", lambda: ended + timedelta(hours=1))
    with pytest.raises(GateClosed):
        hand_over(made)

    with writing():
        at = ended - timedelta(minutes=minutes)
        police_have_it.note(made, IN_PERSON, "Officer", at, version=made.version, by=one.officer)

    assert (made.status, made.although, made.handed_over_at) == (IdentificationStatus.HANDED_OVER, although, at)
    assert list(police_have_it.list_open(by=closing_steps.boss())) == [made]
    with writing():
        identifications.note_found(made, Found.NO_ANSWER, today(), "", by=one.officer)
    with pytest.raises(Refused, match="close:settled"), writing():
        identifications.close(made, by=one.officer)
    with writing():
        police_have_it.settle(made, "The aunt, on her telephone: she understands.", by=one.officer)
    assert police_have_it.count_open(by=one.officer) == 0
    assert identifications.read(made, by=one.officer).settled == "The aunt, on her telephone: she understands."


def test_what_went_on_a_decision_is_noted_when_the_second_person_is_late(support: Flask) -> None:
    one, unit = case_steps.a_case(), police_steps.unit()
    with writing():
        reason = Reason("It cannot wait.", (Share.NAME, Share.STORY))
        decision = overrides.decide(one, unit, OverrideBasis.DANGER_NOW, reason, is_weighed=False, by=one.officer)
    made, at = link_steps.drafted(one), clock.now()
    with writing():  # it ran out after the handing-over
        db.session.execute(update(Clock).where(Clock.duty == Duty.REVIEW_OVERRIDE).values(due_at=at))
    with pytest.raises(Refused, match="unreviewed"):
        hand_over(made)

    with writing():
        police_have_it.note(made, IN_PERSON, "Officer", at, version=made.version, by=one.officer)

    assert (made.although, made.override_id) == (Although.ENDED_SINCE, decision.id)


def test_a_possible_abuser_who_took_it_is_noted_and_stands_out(support: Flask) -> None:
    one = agreed()
    suspect(one, "Sok Piseth")
    made = link_steps.drafted(one)
    with writing():  # it was withdrawn, and then it came out
        identifications.withdraw(made, by=one.officer)

    with writing():
        police_have_it.note(made, IN_PERSON, "Captain Sok Piseth", clock.now(), version=made.version, by=one.officer)

    assert made.although is Although.NOT_THEN


def test_what_has_not_happened_or_has_no_moment_is_not_noted(support: Flask) -> None:
    made = link_steps.drafted(case_steps.a_case())

    for at, code in ((clock.now() + timedelta(hours=1), "future"), (None, "missing")):
        with pytest.raises(Refused, match=f"at:{code}"), writing():
            police_have_it.note(made, IN_PERSON, "Officer", at, version=made.version, by=made.case.officer)


def test_what_was_written_from_another_file_is_written_anew_first(support: Flask) -> None:
    one = agreed()
    blamed = suspect(one)
    made = link_steps.drafted(one, people=(blamed,))
    with writing():
        case_people.clear_suspect(one, blamed, by=one.officer)

    with pytest.raises(Refused) as refusal:
        hand_over(made)
    assert refusal.value.faults == (("hand-over", "anew"),)
    with pytest.raises(Refused):
        identifications.printed(made, by=one.officer)

    with writing():
        chosen = identifications.package_of(made).chosen
        identifications.change(made, chosen, version=made.version, by=one.officer)
    assert hand_over(made).status is IdentificationStatus.HANDED_OVER


def test_two_who_write_at_once_do_not_overwrite_each_other(support: Flask) -> None:
    made = link_steps.drafted(agreed())
    with writing():
        identifications.change(made, Chosen(words="first"), version=1, by=made.case.officer)

    with pytest.raises(Overtaken), writing():
        identifications.change(made, Chosen(words="second"), version=1, by=made.case.officer)
    with pytest.raises(Overtaken), writing():
        identifications.hand_over(made, IN_PERSON, "Officer", clock.now(), version=1, by=made.case.officer)

    assert identifications.package_of(made).words == "first"


def test_it_is_not_handed_to_somebody_named_as_possible_abuser(support: Flask) -> None:
    one = agreed()
    suspect(one, "Sok Piseth")
    made = link_steps.drafted(one)

    with pytest.raises(Refused) as refusal:
        hand_over(made, to="Captain Sok Piseth")

    assert refusal.value.faults == (("handed_to", "suspect"),)


def test_handing_over_starts_the_clock_and_freezes_it(support: Flask) -> None:
    made = handed_over()

    assert [one.duty for one in db.session.scalars(select(Clock)) if one.subject == "identification"] == [Duty.IDENTIFY]
    with pytest.raises(WrongState), writing():
        identifications.change(made, Chosen(words="x"), version=made.version, by=made.case.officer)
    with pytest.raises(IntegrityError, match="frozen"), writing():
        db.session.execute(update(Identification).values(package=b"other"))


def test_the_file_is_encrypted_to_the_unit(support: Flask, gpg: Gpg) -> None:
    one = agreed()
    unit, analyst = police_steps.unit(), steps.team()[0]
    with writing():
        recipient_keys.add(unit, KeyKind.OPENPGP, gpg.public, by=analyst)
    made = link_steps.drafted(one)

    with writing():
        armored = identifications.encrypted(made, "for people", by=one.officer)

    inside = zipfile.ZipFile(io.BytesIO(gpg.open(armored.encode())))
    assert json.loads(inside.read("victim.json"))["words"] == link_steps.WORDS
    assert inside.read("victim.txt") == b"for people"
    assert hand_over(made, HandedBy.ENCRYPTED_MAIL).handed_by is HandedBy.ENCRYPTED_MAIL


def test_no_file_where_the_unit_has_no_key(support: Flask) -> None:
    made = link_steps.drafted(agreed())

    with pytest.raises(Refused) as refusal, writing():
        identifications.encrypted(made, "for people", by=made.case.officer)

    assert refusal.value.faults == (("download", "no_key"),)


def test_the_police_ask_to_wait_and_every_page_knows(support: Flask) -> None:
    made = handed_over()
    one, until = made.case, today() + timedelta(days=3)

    with writing():
        identifications.ask_to_wait(made, until, "they search first", "the captain", by=one.officer)

    wait = identifications.wait_of(one)
    assert wait is not None
    assert (wait.until, wait.ref) == (until, made.ref)
    assert identifications.read(made, by=one.officer).ask.by == "the captain"
    with writing():
        identifications.end_wait(made, by=one.officer)
    assert identifications.wait_of(one) is None


def test_a_wait_is_over_on_its_day(support: Flask) -> None:
    made = handed_over()
    with writing():
        made.hold_until = today()

    assert identifications.wait_of(made.case) is None


def test_what_came_back_is_noted_and_counted_when_it_is_closed(support: Flask) -> None:
    made = handed_over()
    by = made.case.officer
    with pytest.raises(Refused), writing():
        identifications.close(made, by=by)
    with writing():
        identifications.acknowledge(made, "B-17", by=by)
        identifications.note_found(made, Found.NOT_IDENTIFIED, today(), "", by=by)
        identifications.note_found(made, Found.SAFEGUARDED, today(), "she is with her aunt", by=by)
        identifications.close(made, by=by)

    opened = identifications.read(made, by=by)
    assert (opened.case_number, opened.feedback) == ("B-17", "she is with her aunt")
    tallies = {(one.figure, one.part): one.count for one in db.session.scalars(select(CaseTally))}
    assert tallies[CaseFigure.FOUND, "safeguarded"] == 1
    assert (CaseFigure.FOUND, "not_identified") not in tallies
    ending = db.session.scalars(select(Clock.ending).where(Clock.subject == "identification")).one()
    assert ending is ClockEnd.MET


def test_no_words_stand_in_clear_and_no_name_in_the_audit_trail(support: Flask) -> None:
    one = agreed()
    made = hand_over(link_steps.drafted(one, people=(suspect(one),)))
    with writing():
        identifications.note_found(made, Found.IDENTIFIED, today(), "quiet feedback", by=one.officer)

    columns = db.session.execute(text("SELECT * FROM identifications")).one()
    trail = json.dumps([*db.session.scalars(select(AuditEntry.details))])
    for word in ("Piseth", "Sreyneang", "Officer at the desk", "quiet feedback"):
        assert word not in trail
        assert all(word.encode() not in bytes(value) for value in columns if isinstance(value, bytes | memoryview))


def test_somebody_elses_is_not_there(support: Flask) -> None:
    made, other = handed_over(), case_steps.officer("chanthy")

    with pytest.raises(NotFound):
        identifications.get(made.ref, by=other)
    assert identifications.list_page(Shown.WAITING, by=other).rows == []
    assert identifications.count(Shown.WAITING, by=other) == 0


def test_lists_say_what_waits(support: Flask) -> None:
    made, by = handed_over(), case_steps.officer()
    draft = link_steps.drafted(made.case)
    with writing():
        db.session.execute(
            update(Clock).where(Clock.subject == "identification").values(due_at=clock.now() - timedelta(days=1))
        )

    found = {which: [row.one.ref for row in identifications.list_page(which, by=by).rows] for which in Shown}

    assert found == {
        Shown.DRAFTS: [draft.ref],
        Shown.WAITING: [made.ref],
        Shown.GOING_ON: [],
        Shown.LATE: [made.ref],
        Shown.CLOSED: [],
    }


def test_a_draft_is_withdrawn_and_never_goes(support: Flask) -> None:
    made = link_steps.drafted(agreed())
    with writing():
        identifications.withdraw(made, by=made.case.officer)

    with pytest.raises(WrongState):
        hand_over(made)


def test_it_is_written_in_the_language_that_was_chosen(support: Flask) -> None:
    one, unit = agreed(), police_steps.unit()

    with writing():
        made = identifications.draft(one, unit.ref, Chosen(words="x"), language=Language.KM, by=one.officer)

    assert made.language is Language.KM
