"""Cases in the words of Primero and OSCaR: written, read again, and what is no such case."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from hotline.errors import Refused
from hotline.rules import case_formats, case_imports
from hotline.rules.case_formats import Format, Relative, Told
from hotline.rules.case_imports import Arrived
from hotline.rules.referrals import Sender
from hotline.rules.victim_files import CaseFile, Person
from hotline.vocabulary import Language, Need, PersonPart, Risk, Voice

PROVINCES = {
    "KH-1": {"en": "Banteay Meanchey", "km": "បន្ទាយមានជ័យ"},
    "KH-12": {"en": "Phnom Penh", "km": "ភ្នំពេញ"},
}
KHMER = CaseFile(
    name="ចាន់ ស្រី\u200bនាង",
    other_names="Chan Sreyneang, នាង",
    sex="female",
    born_on="2011-05-30",
    age="15",
    province="KH-12",
    place="ផ្ទះលេខ ១២",
    languages="ខ្មែរ",
    disability="ស្តាប់មិនឮច្បាស់",
    story="ពាក្យស្ងប់ស្ងាត់\nអំពីអ្វីដែលបានកើតឡើង",
    safe_when="ក្រោយម៉ោង ១៦",
    safe_number="012 000 111",
    safe_answer="ម្តាយមីង",
    safe_never="ទូរសព្ទរបស់កុមារ\nនិងសាលា",
)
TOLD = Told(
    ref="VC-234567",
    service="Example House",
    sender=Sender("Example Hotline", "Cambodia", "+855 23 000 000", "A-04"),
    file=KHMER,
    province="Phnom Penh",
    relatives=(
        Relative(PersonPart.GUARDIAN, Person("ចាន់ ដារ៉ា", "mother", "012 000 222", "ភូមិ")),
        Relative(PersonPart.FAMILY, Person("Chan Sok", "cousin of the mother")),
    ),
    risk=Risk.MEDIUM,
    needs=(Need.LEGAL, Need.SHELTER),
    agreed=(Voice.CHILD, Voice.GUARDIAN),
    opened_on=date(2026, 11, 2),
    written_on=date(2026, 11, 26),
    language=Language.KM,
)


def arrived(told: Told, form: Format) -> Arrived:
    return case_imports.read(case_formats.written(told, form), PROVINCES)


def primero(**facts: Any) -> Arrived:
    return case_imports.read(json.dumps({"data": {"name_first": "Dara"} | facts}), PROVINCES)


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize("language", Language)
def test_what_was_written_is_read_again_word_for_word(form: Format, language: Language) -> None:
    found = arrived(replace(TOLD, language=language), form)

    assert replace(found.file, outside_ids={}) == KHMER
    assert found.risk is Risk.MEDIUM
    assert found.needs == (Need.LEGAL, Need.SHELTER)
    assert found.file.outside_ids == {"elsewhere": "VC-234567"}
    assert found.left_behind == ()


def test_primero_is_told_of_the_family_and_reads_it_again() -> None:
    guardian, cousin = arrived(TOLD, Format.PRIMERO).relatives

    assert guardian == TOLD.relatives[0]
    assert cousin.person.name == "Chan Sok"
    assert ("គ្រួសារ", "Chan Sok: cousin of the mother") in arrived(TOLD, Format.PRIMERO).kept


def test_oscar_has_no_fields_for_the_family_and_is_told_in_words() -> None:
    kept = dict(arrived(TOLD, Format.OSCAR).kept)

    assert kept["គ្រួសារ"] == "ចាន់ ដារ៉ា: mother\nChan Sok: cousin of the mother"


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize("risk", Risk)
def test_every_level_of_risk_comes_back(form: Format, risk: Risk) -> None:
    assert arrived(replace(TOLD, risk=risk), form).risk is risk


def test_a_number_never_leaves_without_its_rules() -> None:
    facts = json.loads(case_formats.written(TOLD, Format.PRIMERO))["data"]

    bearing = {name for name, value in facts.items() if "012 000 111" in json.dumps(value)}

    assert bearing == {"notes_section"}
    (note,) = [one for one in facts["notes_section"] if "012 000 111" in one["note_text"]]
    assert KHMER.safe_never in note["note_text"]


@pytest.mark.parametrize(
    ("agreed", "source", "is_consent"),
    [
        ((Voice.SELF,), "individual", True),
        ((Voice.CHILD, Voice.GUARDIAN), "caregiver", True),
        ((), None, False),
    ],
)
def test_consent_to_one_service_is_no_consent_to_others(
    agreed: tuple[Voice, ...], source: str | None, is_consent: bool
) -> None:
    facts = json.loads(case_formats.written(replace(TOLD, agreed=agreed), Format.PRIMERO))["data"]

    assert facts.get("interview_subject") == source
    assert facts["consent_for_services"] is is_consent
    assert facts["disclosure_other_orgs"] is False


def test_what_may_not_be_told_leaves_no_trace() -> None:
    bare = replace(TOLD, file=CaseFile(age="15"), province="", relatives=(), risk=None, needs=())

    for form in Format:
        text = case_formats.written(bare, form)
        assert "ចាន់" not in text
        assert "012" not in text
        assert "Phnom Penh" not in text


@pytest.mark.parametrize("sign", ["=", "\uff1d"])
def test_a_cell_that_a_program_would_run_is_only_text(sign: str) -> None:
    told = replace(TOLD, file=replace(KHMER, name=f"{sign}1+1 Chan", other_names="+855 names"))

    text = case_formats.written(told, Format.OSCAR_SHEET)

    assert f",{sign}1" not in text
    assert f"'{sign}1+1" in text
    assert case_imports.read(text, PROVINCES).file.name == f"{sign}1+1 Chan"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Chan Sok Dara", ("Sok Dara", "Chan")),
        ("Dara", ("Dara", "")),
        ("ស្រី\u200bនាង", ("ស្រី\u200bនាង", "")),
        ("", ("", "")),
    ],
)
def test_a_name_is_parted_as_it_is_written_in_cambodia(name: str, parts: tuple[str, str]) -> None:
    assert case_formats.two_names(name) == parts
    assert case_formats.one_name(*parts) == name


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("12", "KH-12"),
        ("120101", "KH-12"),
        ("12010101", "KH-12"),
        ("1", "KH-1"),
        ("1020101", "KH-1"),
        ("01", "KH-1"),
        ("Phnom Penh", "KH-12"),
        ("ភ្នំពេញ / Phnom Penh", "KH-12"),
        ("phnom penh", "KH-12"),
        ("99", ""),
        ("somewhere", ""),
        ("120101010101", ""),
    ],
)
def test_a_place_is_known_by_its_number_or_name(place: str, code: str) -> None:
    found = primero(location_current=place)

    assert found.file.province == code
    assert (("location_current", place) in found.kept) is (code == "")


@pytest.mark.parametrize(
    ("day", "iso"),
    [
        ("2011-05-30", "2011-05-30"),
        ("2011/05/30", "2011-05-30"),
        ("30-May-2011", "2011-05-30"),
        ("2011-05-30T00:00:00.000Z", "2011-05-30"),
        ("2011-13-30", ""),
        ("soon", ""),
    ],
)
def test_a_day_is_read_however_it_is_written(day: str, iso: str) -> None:
    found = primero(date_of_birth=day)

    assert found.file.born_on == iso
    assert (("date_of_birth", day) in found.kept) is (iso == "")


def test_a_day_of_birth_that_primero_made_up_is_none() -> None:
    found = primero(estimated=True, date_of_birth="2011-01-01", age=15)

    assert (found.file.born_on, found.file.age) == ("", "15")
    assert ("date_of_birth", "2011-01-01") in found.kept


def test_nothing_is_lost_but_pictures_sound_and_documents() -> None:
    found = primero(
        telephone_current="012 000 333",
        consent_for_services=True,
        protection_concerns=["migrant", "other"],
        current_photos=[{"url": "https://elsewhere.example/1"}],
        other_documents=[{"name": "paper"}],
        empty=None,
        services_section=[{"service_type": "food_service", "service_referral_notes": "rice"}],
        family_details_section=[{"relation_name": "Sok", "relation_is_caregiver": True, "relation_age": 40}],
    )

    assert dict(found.kept) == {
        "telephone_current": "012 000 333",
        "consent_for_services": "true",
        "protection_concerns": "migrant, other",
        "services_section.service_type": "food_service",
        "services_section.service_referral_notes": "rice",
        "family_details_section.relation_age": "40",
    }
    assert found.left_behind == ("current_photos", "other_documents")
    assert found.file.safe_number == ""
    assert found.relatives == (Relative(PersonPart.GUARDIAN, Person("Sok")),)


def test_oscars_own_list_of_clients_is_read() -> None:
    client = {
        "slug": "abcd-12",
        "global_id": "01EXAMPLE",
        "external_id": "",
        "given_name": "Sreyneang",
        "family_name": "Chan",
        "local_given_name": "ស្រីនាង",
        "local_family_name": "ចាន់",
        "gender": "prefer_not_to_say",
        "location_current_village_code": "12010101",
        "case_worker_name": "Somebody There",
        "case_worker_mobile": "012 000 444",
        "services": [
            {"uuid": "u-1", "name": "Support to access legal services"},
            {"uuid": "u-2", "name": "Life skills"},
        ],
        "reason_for_referral": "quiet words",
    }

    found = case_imports.read(json.dumps({"data": [client]}), PROVINCES)

    assert found.format is Format.OSCAR
    assert (found.file.name, found.file.other_names) == ("ចាន់ ស្រីនាង", "Chan Sreyneang")
    assert (found.file.sex, found.file.province, found.file.story) == ("", "KH-12", "quiet words")
    assert found.file.outside_ids == {"oscar": "01EXAMPLE"}
    assert found.needs == (Need.LEGAL,)
    assert ("services", "Life skills") in found.kept
    assert ("gender", "prefer_not_to_say") in found.kept
    assert found.relatives[0] == Relative(PersonPart.PROFESSIONAL, Person("Somebody There", phone="012 000 444"))


def test_what_is_too_long_for_its_field_is_kept_instead() -> None:
    found = primero(name_other="x" * 301, address_current="y" * 300)

    assert found.file.other_names == ""
    assert ("name_other", "x" * 301) in found.kept
    assert found.file.place == "y" * 300


DEEP = '{"name_first": ' + "[" * 60_000 + "]" * 4_000
BROKEN = {
    "": "missing",
    " \n\ufeff ": "missing",
    "not a case": "malformed",
    "{": "malformed",
    "[]": "malformed",
    "[1]": "malformed",
    "{}": "malformed",
    '{"data": []}': "malformed",
    '{"data": "name_first"}': "unknown",
    '{"name_first": NaN}': "malformed",
    '{"name_first": Infinity}': "malformed",
    '{"name_first": "a", "name_first": "b"}': "malformed",
    '{"name_first": ' + "9" * 5_000 + "}": "picture",
    DEEP: "malformed",
    '{"name_first": ' + "[" * 20 + "]" * 20 + "}": "too_much",
    '{"name_first": [' + ",".join(["1"] * 500) + "]}": "too_much",
    '{"data": [{"name_first": "a"}, {"name_first": "b"}]}': "many",
    '{"title": "a"}': "unknown",
    "title,other\n1,2": "unknown",
    "given_name,gender": "malformed",
    "given_name,gender\na,female\nb,male": "many",
    "given_name,gender\na,female,more": "malformed",
    "given_name,given_name\na,b": "malformed",
    'given_name,gender\n"a,female': "malformed",
    "x" * (64 * 1024 + 1): "too_long",
    "\u1780" * (64 * 1024 // 3 + 1): "too_long",
    '{"name_first": "data:image/png;base64,AAAA"}': "picture",
    '{"name_first": "' + "Ab1" * 500 + '"}': "picture",
    '{"name_first": "\\u0064ata:image\\/png;base64,AAAA"}': "picture",
    '{"name_first": "' + "Ab1\\u0041" * 500 + '"}': "picture",
}


@pytest.mark.parametrize("text", BROKEN, ids=[f"{one[:24]!r} {len(one)}" for one in BROKEN])
def test_what_is_no_case_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(Refused) as refused:
        case_imports.read(text, PROVINCES)

    assert refused.value.faults == (("text", BROKEN[text]),)


@pytest.mark.parametrize("value", [None, 1, 1.5, True, "", [], {}, [1], {"a": 1}, [None], [[]], [{}], "x", ["x"]])
def test_no_value_of_another_kind_breaks_the_reader(value: object) -> None:
    for form in (Format.PRIMERO, Format.OSCAR):
        facts = json.loads(case_formats.written(TOLD, form))
        envelope = next(iter(facts))
        for name in facts[envelope]:
            text = json.dumps({envelope: {**facts[envelope], name: value}})
            assert case_imports.read(text, PROVINCES).format is form


def test_half_an_unreadable_letter_is_replaced() -> None:
    assert case_imports.read('{"name_first": "a\\ud800"}', PROVINCES).file.name == "a\ufffd"
