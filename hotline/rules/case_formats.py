"""A victim case in the words of Primero and of OSCaR: their names of fields, their codes, and what is written in them.

Names and codes are as `docs/exchange-of-cases.md` says; what neither has a field for stands in notes under a heading of
ours, which `rules/case_imports.py` reads again. A number stands beside the rules for safe contact or not at all. Pure.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from hotline.rules import lists
from hotline.rules.referral_letters import REACH, VOICEMAIL
from hotline.rules.referrals import Sender
from hotline.rules.victim_files import CaseFile, Person
from hotline.vocabulary import Language, Need, PersonPart, Risk, Voice


class Format(StrEnum):
    """A way of writing a case down."""

    PRIMERO = "primero"  # JSON, as its API takes a case
    OSCAR = "oscar"  # JSON, as its API takes a referral from another system
    OSCAR_SHEET = "oscar_sheet"  # one line of a table, with the titles its import of clients reads


RISKS = {Risk.HIGH: "high", Risk.MEDIUM: "medium", Risk.LOW: "low"}
NO_RISK = {Format.PRIMERO: "no_action", Format.OSCAR: "no action", Format.OSCAR_SHEET: "no action"}
SERVICE_TYPES = {  # Primero's `lookup-service-type`
    Need.SAFETY: "child_protection_service",
    Need.HEALTH: "health_medical_service",
    Need.PSYCHOSOCIAL: "psychosocial_service",
    Need.LEGAL: "legal_assistance_service",
    Need.SHELTER: "safehouse_service",
    Need.EDUCATION: "education_service",
    Need.FAMILY: "family_mediation_service",
    Need.LIVELIHOOD: "livelihoods_service",
    Need.DOCUMENTS: "registration_service",
    Need.ONLINE: "other_service",
}
SERVICE_NAMES = {  # OSCaR's services
    Need.SAFETY: "Generalist social work / case work",
    Need.HEALTH: "Support to access care",
    Need.PSYCHOSOCIAL: "Generalist counselling",
    Need.LEGAL: "Support to access legal services",
    Need.SHELTER: "Transitional Accommodation",
    Need.EDUCATION: "School support",
    Need.FAMILY: "Family support",
    Need.LIVELIHOOD: "Direct material assistance",
    Need.DOCUMENTS: "Other Service",
    Need.ONLINE: "Other Service",
}
RELATIONS = frozenset(  # Primero's `lookup-family-relationship`
    {"mother", "father", "grandmother", "grandfather", "sister", "brother", "aunt", "uncle"}
    | {"husband", "wife", "partner"}
)
TITLES = {  # of the table that OSCaR's import reads; the last three it leaves alone, and people read them
    "given_name": "Given Name (English)",
    "family_name": "Family Name (English)",
    "local_given_name": "Given Name (Khmer)",
    "local_family_name": "Family Name (Khmer)",
    "gender": "* Gender",
    "date_of_birth": "Date of Birth",
    "initial_referral_date": "* Initial Referral Date",
    "referral_source": "* Referral Source",
    "name_of_referee": "* Name of Referee",
    "province": "Current Province",
    "code": "Custom ID Number 1",
    "level_of_risk": "level_of_risk",
    "services": "services",
    "reason_for_referral": "reason_for_referral",
}
CONTACT = "contact"
LINES: Mapping[str, Mapping[Language, str]] = {
    "safe_when": {Language.EN: "When", Language.KM: "ពេលណា"},
    "safe_number": {Language.EN: "Number", Language.KM: "លេខ"},
    "safe_answer": {Language.EN: "Who may answer", Language.KM: "អ្នកដែលអាចទទួល"},
    "safe_never": {Language.EN: "Never", Language.KM: "កុំធ្វើជាដាច់ខាត"},
}
HEADINGS: Mapping[str, Mapping[Language, str]] = {
    CONTACT: REACH,
    "other_names": {Language.EN: "Other names", Language.KM: "ឈ្មោះផ្សេងទៀត"},
    "age": {Language.EN: "Age", Language.KM: "អាយុ"},
    "place": {Language.EN: "Where they stay", Language.KM: "កន្លែងស្នាក់នៅ"},
    "languages": {Language.EN: "Languages", Language.KM: "ភាសា"},
    "story": {Language.EN: "What happened", Language.KM: "អ្វីដែលបានកើតឡើង"},
    "disability": {Language.EN: "Health, disability", Language.KM: "សុខភាព និងពិការភាព"},
    "family": {Language.EN: "Family", Language.KM: "គ្រួសារ"},
    "use": {Language.EN: "How to use this", Language.KM: "របៀបប្រើឯកសារនេះ"},
}
ONLY_THIS: Mapping[Language, str] = {
    Language.EN: "It was told to you alone. Ask child and guardian anew before you tell anybody else.",
    Language.KM: "រឿងនេះត្រូវបានប្រាប់តែអ្នកប៉ុណ្ណោះ។ សូមសួរកុមារ និងអាណាព្យាបាលម្តងទៀត មុនពេលអ្នកប្រាប់អ្នកផ្សេង។",
}
UNNAMED = ("contact", "languages", "story", "disability", "family", "use")  # what Primero has no field for
_KHMER = re.compile(r"[\u1780-\u17ff]")


@dataclass(frozen=True, slots=True)
class Relative:
    """Somebody around the child."""

    part: PersonPart
    person: Person


@dataclass(frozen=True, slots=True)
class Told:
    """All that is told of one case to one service. What may not be told is empty in `file`, and stands nowhere else."""

    ref: str
    service: str
    sender: Sender
    file: CaseFile
    province: str  # its English name, by which OSCaR's import finds it
    relatives: tuple[Relative, ...]
    risk: Risk | None
    needs: tuple[Need, ...]
    agreed: tuple[Voice, ...]  # whose consent it rests on; none: a decision without consent
    opened_on: date
    written_on: date
    language: Language


def written(told: Told, form: Format) -> str:
    """Return a case as text in a format. Whatever is not known is left out, or empty where the format asks for it."""
    if form is Format.OSCAR_SHEET:
        return _sheet(_oscar_row(told))
    facts = {"data": _primero(told)} if form is Format.PRIMERO else {"organization": _oscar(told)}
    return json.dumps(facts, ensure_ascii=False, indent=1)


def two_names(name: str) -> tuple[str, str]:
    """Return the given name and the family name, which stands first in Cambodia; a single word is a given name."""
    first, _gap, rest = " ".join(name.split()).partition(" ")
    return (rest, first) if rest else (first, "")


def one_name(given: str, family: str) -> str:
    """Return a whole name as it is written in Cambodia."""
    return " ".join(f"{family} {given}".split())


def is_khmer(text: str) -> bool:
    """Whether a text holds a letter of Khmer."""
    return _KHMER.search(text) is not None


def province_number(code: str) -> str:
    """Return the two digits by which both programs know a province; empty for none."""
    number = code.partition("-")[2]
    return f"{int(number):02d}" if number.isascii() and number.isdigit() else ""


def texts_of(told: Told) -> Iterable[str]:
    """Yield everything of a case that somebody typed, to be looked through before it leaves."""
    file = told.file
    yield from (getattr(file, name) for name in CaseFile.__slots__ if name != "outside_ids")
    for one in told.relatives:
        yield from (one.person.name, one.person.relation, one.person.phone, one.person.place)


def sections(told: Told, *, only: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Return what stands under headings: key of `HEADINGS` and text. `only` those, where any are named."""
    file, language = told.file, told.language
    lines = [f"{LINES[name][language]}: {value}" for name in LINES if (value := str(getattr(file, name)))]
    wanted = set(only)
    family = [
        ": ".join(filter(None, (one.person.name, one.person.relation)))
        for one in told.relatives
        if not wanted or one.person.relation not in RELATIONS | {""}  # where there are fields for the others
    ]
    found = {
        CONTACT: "\n".join([*lines, VOICEMAIL[language]]) if lines else "",
        **{name: str(getattr(file, name)) for name in ("other_names", "age", "place", "languages", "story")},
        "disability": file.disability,
        "family": "\n".join(family),
        "use": ONLY_THIS[language],
    }
    return [(key, text) for key, text in found.items() if text and (not wanted or key in wanted)]


def _primero(told: Told) -> dict[str, Any]:
    file = told.file
    given, family = two_names(file.name)
    notes = [
        {"note_date": told.written_on.isoformat(), "note_subject": HEADINGS[key][told.language], "note_text": text}
        for key, text in sections(told, only=UNNAMED)
    ]
    number = province_number(file.province)
    facts: dict[str, Any] = {
        "module_id": "primeromodule-cp",
        "status": "open",
        "registration_date": told.opened_on.isoformat(),
        "name": file.name,
        "name_first": given,
        "name_last": family,
        "name_other": file.other_names,
        "sex": file.sex,
        "age": int(file.age) if file.age else None,
        "date_of_birth": file.born_on,
        "location_current": number.lstrip("0"),
        "address_current": file.place,
        "other_agency_id": told.ref,
        "other_agency_name": told.sender.name,
        "risk_level": _risk(told, Format.PRIMERO),
        "interview_subject": _consent_from(told),
        "consent_for_services": bool(told.agreed),
        "disclosure_other_orgs": False,  # everybody agreed to this one service
        "services_section": [
            {
                "service_response_type": "service_provision",
                "service_type": SERVICE_TYPES[need],
                "service_provider": told.service,
            }
            for need in told.needs
        ],
        "family_details_section": [_primero_relative(one) for one in told.relatives],
        "notes_section": notes,
    }
    return {name: value for name, value in facts.items() if value not in ("", None, [])}


def _primero_relative(one: Relative) -> dict[str, Any]:
    person, other = one.person, "other_family" if one.part is not PersonPart.TRUSTED else "other_nonfamily"
    facts = {
        "relation_name": person.name,
        "relation": person.relation if person.relation in RELATIONS else other,
        "relation_is_caregiver": one.part is PersonPart.GUARDIAN,
        "relation_telephone": person.phone,
        "relation_address_current": person.place,
    }
    return {name: value for name, value in facts.items() if value != ""}


def _consent_from(told: Told) -> str:
    if Voice.SELF in told.agreed:
        return "individual"
    return "caregiver" if Voice.GUARDIAN in told.agreed else ""


def _risk(told: Told, form: Format) -> str:
    return "" if told.risk is None else RISKS.get(told.risk, NO_RISK[form])


def _oscar(told: Told) -> dict[str, Any]:
    given, family = two_names(told.file.name)
    number = province_number(told.file.province)
    return {
        "external_id": told.ref,
        "external_id_display": told.ref,
        "global_id": "",
        "mosvy_number": "",
        "given_name": given,
        "family_name": family,
        "gender": told.file.sex,
        "date_of_birth": told.file.born_on,
        "location_current_village_code": number,
        "address_current_village_code": number,
        "level_of_risk": _risk(told, Format.OSCAR),
        "reason_for_referral": _reason(told),
        "external_case_worker_name": told.sender.name,  # of us nobody is named
        "external_case_worker_id": told.sender.person,
        "external_case_worker_mobile": told.sender.phone,
        "organization_name": "",  # how OSCaR calls the service: whoever takes it in knows
        "is_referred": True,
        "services": [{"uuid": "", "name": name} for name in dict.fromkeys(SERVICE_NAMES[need] for need in told.needs)],
    }


def _oscar_row(told: Told) -> dict[str, str]:
    names = [told.file.name, *(name.strip() for name in told.file.other_names.split(","))]
    latin = two_names(next((name for name in names if not is_khmer(name)), ""))
    khmer = two_names(next((name for name in names if is_khmer(name)), ""))
    return {
        "given_name": latin[0],
        "family_name": latin[1],
        "local_given_name": khmer[0],
        "local_family_name": khmer[1],
        "gender": told.file.sex,
        "date_of_birth": told.file.born_on,
        "initial_referral_date": told.written_on.isoformat(),
        "referral_source": told.sender.name,
        "name_of_referee": told.sender.name,
        "province": told.province,
        "code": told.ref,
        "level_of_risk": _risk(told, Format.OSCAR_SHEET),
        "services": "; ".join(dict.fromkeys(SERVICE_NAMES[need] for need in told.needs)),
        "reason_for_referral": _reason(told),
    }


def _reason(told: Told) -> str:
    return "\n\n".join(f"[{HEADINGS[key][told.language]}]\n{text}" for key, text in sections(told))


def _sheet(row: Mapping[str, str]) -> str:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(TITLES[name] for name in row)
    table.writerow(lists.neutral(cell) for cell in row.values())
    return out.getvalue()
