"""A case for another organisation's program, and one taken in from there: who may, what leaves, what stays."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from hotline.errors import GateClosed, NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models import Staff
from hotline.models.service_provider import ServiceProvider
from hotline.models.victim_case import VictimCase
from hotline.rules.case_formats import Format
from hotline.rules.consents import Reason
from hotline.services import (
    audit,
    case_exports,
    case_files,
    case_imports,
    case_notes,
    case_people,
    overrides,
    staff,
    victim_cases,
)
from hotline.transactions import writing
from hotline.vocabulary import CaseSource, Language, OverrideBasis, PersonPart, Risk, Role, Share
from tests.gateways import locksmith
from tests.gateways.locksmith import Gpg
from tests.services import case_steps, consent_steps, referral_steps

KHMER = {"name": "ចាន់ ស្រី\u200bនាង", "other_names": "Chan Sreyneang", "story": "ពាក្យស្ងប់ស្ងាត់"}
FROM_PRIMERO = {"case_id": "5f6130b0-example", "case_id_display": "4d3b877", "name_first": "ស្រីនាង", "name_last": "ចាន់"}


@pytest.fixture(scope="module")
def gpg() -> Iterator[Gpg]:
    with locksmith.gpg() as found:
        yield found


def agreed(gpg: Gpg, *, shares: tuple[Share, ...] = tuple(Share), **known: str) -> tuple[VictimCase, ServiceProvider]:
    """Open a case in Khmer, and let those who decide agree that a service with a key is told."""
    one, to = case_steps.a_case(**KHMER | known), referral_steps.a_service(key=gpg.public, language=Language.KM)
    referral_steps.agreed(one, to, shares=shares)
    return one, to


def taken(gpg: Gpg, one: VictimCase, to: ServiceProvider, form: Format = Format.PRIMERO) -> str:
    """Export a case and open it with the service's own key."""
    with writing():
        file = case_exports.export(one, to, form, by=one.officer)
    return gpg.open(file.body).decode()


def test_the_service_alone_opens_it_and_takes_in_what_was_told(support: Flask, gpg: Gpg) -> None:
    one, to = agreed(gpg)

    text = taken(gpg, one, to)

    found = case_imports.read(text, by=one.officer)
    assert (found.file.name, found.file.story) == (KHMER["name"], KHMER["story"])
    assert found.file.safe_never == case_steps.FILE.safe_never
    assert (found.file.age, found.file.born_on) == ("15", "")  # consent to the age is none to the day
    assert found.file.outside_ids == {"elsewhere": one.ref}
    assert found.risk is Risk.HIGH


def test_what_nobody_agreed_to_does_not_leave(support: Flask, gpg: Gpg) -> None:
    one, to = agreed(gpg, shares=(Share.AGE, Share.NEED))

    for form in Format:
        text = taken(gpg, one, to, form)
        assert "ចាន់" not in text
        assert "Sreyneang" not in text
        assert "012 000" not in text
        assert "ពាក្យ" not in text


def test_a_number_of_family_leaves_only_if_they_may_be_called(support: Flask, gpg: Gpg) -> None:
    one, to = agreed(gpg, safe_number="012 000 999")
    assert "012 000 111" not in taken(gpg, one, to)
    aunt = referral_steps.asked(one)[1]

    with writing():
        case_people.choose_contact(one, aunt, by=one.officer)

    assert "012 000 111" in taken(gpg, one, to)


def test_who_is_named_as_possible_abuser_is_in_no_export(support: Flask, gpg: Gpg) -> None:
    one, to = agreed(gpg, story="quiet words about Sok Vichea")
    case_steps.somebody(one, "Sok Vichea", part=PersonPart.FAMILY, suspect=True)

    assert case_exports.show(one, to, Format.OSCAR, by=one.officer).faults == (("told", "suspect"),)
    with pytest.raises(Refused) as refused, writing():
        case_exports.export(one, to, Format.OSCAR, by=one.officer)

    assert refused.value.faults == (("told", "suspect"),)
    assert case_exports.list_taken(one) == []


def test_a_story_that_names_the_child_stays_here_where_the_name_is_not_told(support: Flask, gpg: Gpg) -> None:
    shares = (Share.STORY, Share.NEED)
    one, to = agreed(gpg, shares=shares, story="Sreyneang said quiet words")

    assert case_exports.show(one, to, Format.OSCAR, by=one.officer).faults == (("told", "named"),)
    with pytest.raises(Refused) as refused, writing():
        case_exports.export(one, to, Format.OSCAR, by=one.officer)

    assert refused.value.faults == (("told", "named"),)
    assert case_exports.list_taken(one) == []


def test_none_of_us_is_named(support: Flask, gpg: Gpg) -> None:
    one, to = agreed(gpg, story="ask kunthea")

    with pytest.raises(Refused) as refused, writing():
        case_exports.export(one, to, Format.PRIMERO, by=one.officer)

    assert refused.value.faults == (("told", "staff"),)


def test_nothing_leaves_without_consent_or_after_it_was_taken_back(support: Flask, gpg: Gpg) -> None:
    one, to = agreed(gpg)
    other = referral_steps.a_service("Another House", key=gpg.public)
    with pytest.raises(GateClosed), writing():
        case_exports.export(one, other, Format.PRIMERO, by=one.officer)
    assert [each.to for each in case_exports.list_services(one)] == [to]

    referral_steps.taken_back(one, referral_steps.asked(one)[0])

    with pytest.raises(GateClosed), writing():
        case_exports.export(one, to, Format.PRIMERO, by=one.officer)
    assert case_exports.list_services(one) == []


def test_nothing_leaves_on_a_decision_that_nobody_looked_at_in_time(support: Flask, gpg: Gpg) -> None:
    one, to = case_steps.a_case(), referral_steps.a_service(key=gpg.public)
    with writing():
        reason = Reason("It cannot wait.", (Share.NAME, Share.NEED))
        overrides.decide(one, to, OverrideBasis.DANGER_NOW, reason, is_weighed=False, by=one.officer)
    assert "Chan Sreyneang" in taken(gpg, one, to)
    consent_steps.second_person_is_late()

    with pytest.raises(Refused) as refused, writing():
        case_exports.export(one, to, Format.PRIMERO, by=one.officer)

    assert refused.value.faults == (("told", "unreviewed"),)


def test_without_a_key_nothing_is_made(support: Flask) -> None:
    one, to = case_steps.a_case(), referral_steps.a_service()
    referral_steps.agreed(one, to)

    with pytest.raises(Refused) as refused, writing():
        case_exports.export(one, to, Format.PRIMERO, by=one.officer)

    assert refused.value.faults == (("means", "no_key"),)


def test_only_the_officer_gives_a_case_to_others(support: Flask, gpg: Gpg) -> None:
    one, to = agreed(gpg)
    chea = case_steps.officer("chea")

    with pytest.raises(WrongState), writing():
        case_exports.export(one, to, Format.PRIMERO, by=chea)
    with pytest.raises(WrongState):
        case_exports.show(one, to, Format.PRIMERO, by=chea)


def test_that_it_was_taken_is_on_record_without_a_word_of_it(support: Flask, gpg: Gpg) -> None:
    one, to = agreed(gpg)
    taken(gpg, one, to)

    (entry,) = audit.of_action(case_files.subject(one), case_exports.EXPORTED)

    assert json.loads(entry.details or "") == {
        "to": to.ref,
        "format": "primero",
        "key": to.key_fingerprint,
        "fields": 10,
    }
    assert [(each.by, each.to) for each in case_exports.list_taken(one)] == [(one.officer.number, to)]


def test_no_clear_text_touches_the_disk(support: Flask, gpg: Gpg, tmp_path: Path) -> None:
    one, to = agreed(gpg)

    with writing():
        file = case_exports.export(one, to, Format.OSCAR_SHEET, by=one.officer)

    words = [text.encode() for text in (KHMER["name"], KHMER["other_names"], KHMER["story"], "012 000 111")]
    assert not any(word in file.body for word in words)
    assert file.name == f"{one.ref}.oscar.csv.asc"
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept
    assert not any(word in path.read_bytes() for path in kept for word in words)


# --- Taking in ------------------------------------------------------------------------------------------------------


def taken_in(facts: dict[str, object], *, by: Staff | None = None) -> VictimCase:
    with writing():
        return case_imports.open_case(json.dumps({"data": facts}), "Lotus", by=by or case_steps.officer())


def test_a_case_is_opened_with_its_people_and_what_was_not_understood(support: Flask) -> None:
    one = taken_in(
        FROM_PRIMERO
        | {
            "risk_level": "low",
            "telephone_current": "012 000 333",
            "services_section": [{"service_type": "legal_assistance_service"}],
            "family_details_section": [{"relation_name": "Sok", "relation": "mother", "relation_is_caregiver": True}],
            "long": "x" * 20_000,
        }
    )

    file = case_files.opened(one)
    assert (one.source, one.risk, one.officer.name) == (CaseSource.REFERRAL_IN, Risk.LOW, "kunthea")
    assert (file.code_name, file.name) == ("Lotus", "ចាន់ ស្រីនាង")
    assert file.outside_ids == {"primero": "5f6130b0-example"}
    assert file.safe_number == ""
    ((row, person),) = case_files.people(one)
    assert (row.part, row.is_contact, person.name, person.relation) == (PersonPart.GUARDIAN, False, "Sok", "mother")
    notes = [note.note.said for note in case_notes.list_all(one)]
    assert notes[0].startswith("needs: legal\n")
    assert "telephone_current: 012 000 333" in notes[0]
    assert sum(note.count("x" * 100) for note in notes) >= 199


@pytest.mark.parametrize("again", [FROM_PRIMERO, {"case_id": "5f6130b0-example", "name_first": "other"}])
def test_the_same_case_is_not_opened_twice(support: Flask, again: dict[str, object]) -> None:
    one = taken_in(FROM_PRIMERO)

    with pytest.raises(Refused) as refused:
        taken_in(again, by=case_steps.officer("chea"))

    assert refused.value.faults == (("text", "known"),)
    assert case_imports.find_known(case_imports.read(json.dumps(again), by=one.officer)) == one
    assert db.session.scalar(select(func.count()).select_from(VictimCase)) == 1


def test_a_changed_file_keeps_the_number_elsewhere(support: Flask) -> None:
    one = taken_in(FROM_PRIMERO)
    with writing():
        victim_cases.change_file(
            one, replace(case_files.opened(one), name="Chan", outside_ids={}), version=1, by=one.officer
        )

    with pytest.raises(Refused):
        taken_in(FROM_PRIMERO)


def test_a_case_of_ours_that_comes_back_is_known_by_its_reference(support: Flask) -> None:
    one = case_steps.a_case()

    with pytest.raises(Refused) as refused, writing():
        case_imports.open_case(_own(one), "Rose", by=one.officer)

    assert refused.value.faults == (("text", "known"),)


def _own(one: VictimCase) -> str:
    return json.dumps({"data": {"name_first": "x", "other_agency_id": one.ref}})


def test_a_case_without_a_number_is_opened(support: Flask) -> None:
    assert taken_in({"name_first": "Dara"}).ref != taken_in({"name_first": "Dara"}).ref


def test_what_the_file_refuses_is_refused_here_too(support: Flask) -> None:
    with pytest.raises(Refused) as refused, writing():
        case_imports.open_case(json.dumps({"data": FROM_PRIMERO}), " ", by=case_steps.officer())

    assert refused.value.faults == (("code_name", "required"),)


def test_nobody_else_takes_cases_in(support: Flask) -> None:
    with writing():
        rith = staff.add("rith", case_steps.PASSWORD, (Role.ANALYST,), language=Language.EN, by=None, must_change=False)

    with pytest.raises(NotFound):
        case_imports.read("{", by=rith)
