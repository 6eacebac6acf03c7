"""A victim case that another organisation wrote in Primero or OSCaR, read from the text somebody pasted. Pure.

What was understood stands in a file. Every other field is named and kept word for word, so that nothing is lost, but
for what holds or leads to a picture, sound or document: that is left behind. A number from elsewhere is never taken for
a safe one, and an agreement given elsewhere is none of ours: both stand among what was kept.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from hotline.errors import Refused
from hotline.rules import case_formats, refs
from hotline.rules.case_formats import HEADINGS, LINES, RISKS, SERVICE_NAMES, SERVICE_TYPES, TITLES, Format, Relative
from hotline.rules.referral_letters import VOICEMAIL
from hotline.rules.submissions import carries_file, clean
from hotline.rules.victim_files import LONG, MOST_LINE, MOST_WORDS, OLDEST, CaseFile, Person
from hotline.vocabulary import Language, Need, PersonPart, Risk

MOST = 64 * 1024  # bytes of the text
MOST_FIELDS, DEEPEST, MOST_RELATIVES = 400, 8, 30
SYSTEMS = {Format.PRIMERO: "primero", Format.OSCAR: "oscar", Format.OSCAR_SHEET: "oscar"}
ELSEWHERE = "elsewhere"  # the number of an organisation that is neither
Provinces = Mapping[str, Mapping[str, str]]  # names by code


class ImportFault(StrEnum):
    """Why a text cannot be taken in."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    PICTURE = "picture"
    MALFORMED = "malformed"  # neither JSON nor a table, or one that names a field twice
    TOO_MUCH = "too_much"  # more fields, or more within each other, than a case has
    MANY = "many"  # more than one child
    UNKNOWN = "unknown"  # neither Primero's names nor OSCaR's


@dataclass(frozen=True, slots=True)
class Arrived:
    """A case as it was read. `understood`: a field of theirs and what it is in our file; `kept`: a field and its words.

    `left_behind` are fields with pictures, sound or documents. `risk` is None where nobody said.
    """

    format: Format
    file: CaseFile
    risk: Risk | None
    relatives: tuple[Relative, ...]
    needs: tuple[Need, ...]
    understood: tuple[tuple[str, str], ...]
    kept: tuple[tuple[str, str], ...]
    left_behind: tuple[str, ...]


KNOWN: Mapping[Format, frozenset[str]] = {  # by which a format is known
    Format.PRIMERO: frozenset(
        {"name_first", "name_last", "sex", "case_id", "case_id_display", "short_id", "registration_date", "risk_level"}
        | {"module_id", "services_section", "family_details_section", "notes_section", "consent_for_services"}
    ),
    Format.OSCAR: frozenset(
        {"given_name", "family_name", "local_given_name", "local_family_name", "gender", "global_id", "slug"}
        | {"external_id", "level_of_risk", "reason_for_referral", "mosvy_number", "initial_referral_date"}
    ),
}
BEHIND = re.compile(r"photo|audio|video|image|picture|document|attachment|file|signature|_form$")
DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%d-%b-%Y", "%d/%m/%Y")
YES = frozenset({"true", "yes", "1"})


def read(text: str, provinces: Provinces) -> Arrived:
    """Return the case that was pasted, JSON or a table. Raises Refused (`text`, an `ImportFault`)."""
    if len(text.encode("utf-8", "replace")) > MOST:
        raise _no(ImportFault.TOO_LONG)
    plain = clean(text).text.strip(" \t\n\ufeff")
    if not plain:
        raise _no(ImportFault.MISSING)
    if carries_file(plain):
        raise _no(ImportFault.PICTURE)
    if plain[0] in "{[":
        facts = _record(_json(plain))
        form = _format(facts)
    else:
        facts, form = _line(plain), Format.OSCAR_SHEET
        if _format(facts) is not Format.OSCAR:
            raise _no(ImportFault.UNKNOWN)
    if _size(facts) > MOST_FIELDS:
        raise _no(ImportFault.TOO_MUCH)
    facts = _cleaned(facts)
    if carries_file(json.dumps(facts, ensure_ascii=False)):  # it may have been written in escapes
        raise _no(ImportFault.PICTURE)
    reading = _Reading(facts, provinces)
    (_read_primero if form is Format.PRIMERO else _read_oscar)(reading)
    return reading.arrived(form)


@dataclass(slots=True)
class _Reading:
    """A record as it is read: what is taken leaves `facts`, what stays is kept word for word."""

    facts: dict[str, Any]
    provinces: Provinces
    ours: dict[str, Any] = field(default_factory=dict)  # fields of our file
    risk: Risk | None = None
    relatives: list[Relative] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    understood: list[tuple[str, str]] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)

    def has(self, name: str) -> bool:
        """Whether a field says anything."""
        return self.facts.get(name) not in (None, "", [], {})

    def text(self, name: str) -> str:
        """Return what a field holds as one text; empty where it is none."""
        return _text(self.facts.get(name))

    def take(self, name: str, ours: str, reads: Callable[[str], str] = str.strip) -> None:
        """Take a field into one of ours that is empty still, where it can be read and fits."""
        value = reads(self.text(name))
        if value and ours not in self.ours and len(value) <= _most(ours):
            self.ours[ours] = value
            self.seen(name, ours)

    def put(self, ours: str, value: str, *names: str) -> None:
        """Put a value made of several fields into one of ours, where it fits."""
        if value and len(value) <= _most(ours):
            self.ours[ours] = value
            for name in names:
                self.seen(name, ours)

    def seen(self, name: str, ours: str) -> None:
        """Note that a field was understood."""
        if self.has(name):
            self.understood.append((name, ours))
        self.facts.pop(name, None)

    def number(self, system: str, *names: str) -> None:
        """Take the first of these as the number of the case there."""
        known = self.ours.setdefault("outside_ids", {})
        for name in names:
            if (value := self.text(name)) and len(value) <= MOST_LINE and system not in known:
                known[system] = value
                self.seen(name, "outside_ids")

    def sections(self, name: str, found: list[tuple[str, str]]) -> None:
        """Take texts that stand under headings; those under a heading nobody knows are kept."""
        for heading, text in found:
            ours = next((key for key, names in HEADINGS.items() if heading in names.values()), "")
            if ours == case_formats.CONTACT:
                self.ours |= _contact(text)
                self.understood.append((name, "safe_when"))
            elif ours in CaseFile.__slots__ and ours not in self.ours and len(text) <= _most(ours):
                self.ours[ours] = text
                self.understood.append((name, ours))
            else:
                self.kept.append((heading or name, text))
        self.facts.pop(name, None)

    def arrived(self, form: Format) -> Arrived:
        """Return what was read; whatever is left is kept, but for what is no words."""
        rest = {name: value for name, value in self.facts.items() if self.has(name)}
        behind = tuple(sorted(name for name in rest if BEHIND.search(name.lower())))
        kept = [(name, _text(value)) for name, value in rest.items() if name not in behind]
        return Arrived(
            form,
            CaseFile(**self.ours),
            self.risk,
            tuple(self.relatives),
            tuple(one for one in Need if one in self.needs),
            tuple(dict.fromkeys(self.understood)),
            (*self.kept, *kept),
            behind,
        )


def _read_primero(one: _Reading) -> None:
    one.number("primero", "case_id", "id", "case_id_display", "short_id")
    one.number("oscar", "oscar_number")
    one.number(ELSEWHERE, "other_agency_id")
    given, family = " ".join((one.text("name_first"), one.text("name_middle"))), one.text("name_last")
    if name := case_formats.one_name(given, family):
        one.put("name", name, "name_first", "name_middle", "name_last", "name")
    one.take("name", "name")
    others = [text for name in ("name_other", "name_nickname") if (text := one.text(name).strip())]
    one.put("other_names", ", ".join(others), "name_other", "name_nickname")
    one.take("sex", "sex", _sex)
    if one.text("estimated").lower() not in YES:  # an estimated day is one that Primero made up
        one.take("date_of_birth", "born_on", _day)
    one.take("age", "age", _age)
    one.take("nationality", "nationality", _spaced)
    one.take("language", "languages", _spaced)
    one.take("location_current", "province", lambda text: _province(text, one.provinces))
    one.take("address_current", "place")
    one.take("national_id_no", "documents")
    one.take("disability_type", "disability", _spaced)
    _read_risk(one, "risk_level")
    _read_each(one, "services_section", _service)
    _read_each(one, "family_details_section", _relative)
    notes = one.facts.get("notes_section")
    if isinstance(notes, list) and all(isinstance(note, dict) for note in notes):
        found = [(_text(note.get("note_subject")), _text(note.get("note_text"))) for note in notes]
        one.sections("notes_section", found)


def _read_oscar(one: _Reading) -> None:
    one.number("oscar", "global_id", "slug")
    external = one.text("external_id")
    one.number(ELSEWHERE if refs.is_one(external, "VC") else "primero", "external_id")
    one.number(ELSEWHERE, "code")
    latin = case_formats.one_name(one.text("given_name"), one.text("family_name"))
    khmer = case_formats.one_name(one.text("local_given_name"), one.text("local_family_name"))
    one.put("name", khmer or latin, "given_name", "family_name", "local_given_name", "local_family_name")
    one.sections("reason_for_referral", _headed(one.text("reason_for_referral")))
    others = str(one.ours.get("other_names", ""))
    if khmer and latin and latin not in others:
        one.put("other_names", ", ".join(filter(None, (latin, others))))
    one.take("gender", "sex", _sex)
    one.take("date_of_birth", "born_on", _day)
    for name in ("location_current_village_code", "address_current_village_code", "province", "current_province"):
        one.take(name, "province", lambda text: _province(text, one.provinces))
    one.take("current_address", "place")
    one.take("school_name", "school")
    _read_risk(one, "level_of_risk")
    _read_services(one)
    _read_worker(one)


def _read_risk(one: _Reading, name: str) -> None:
    said = one.text(name).strip().lower().replace("_", " ")
    codes = {code: risk for risk, code in RISKS.items()} | {"no action": Risk.NO_ACTION}
    if said in codes:
        one.risk = codes[said]
        one.seen(name, "risk")


def _read_each(one: _Reading, name: str, reads: Callable[[_Reading, dict[str, Any]], None]) -> None:
    """Read each line of a part that repeats; what a line has besides is kept."""
    lines = one.facts.get(name)
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines) or len(lines) > MOST_RELATIVES:
        return
    for line in lines:
        reads(one, line)
        line.pop("unique_id", None)
        one.kept += [
            (f"{name}.{key}", _text(value))
            for key, value in line.items()
            if value not in (None, "", [], {}) and not BEHIND.search(key.lower())
        ]
    one.facts.pop(name)


def _service(one: _Reading, line: dict[str, Any]) -> None:
    codes = {code: need for need, code in SERVICE_TYPES.items()}
    if (need := codes.get(_text(line.get("service_type")))) is not None:
        one.needs.append(need)
        one.understood.append(("services_section.service_type", "needs"))
        line.pop("service_type")


def _relative(one: _Reading, line: dict[str, Any]) -> None:
    is_carer = _text(line.pop("relation_is_caregiver", "")).lower() in YES
    relation = _text(line.pop("relation", "")).replace("_", " ")
    person = Person(
        name=_text(line.pop("relation_name", ""))[:MOST_LINE],
        relation="" if relation.startswith("other ") else relation[:MOST_LINE],
        phone=_text(line.pop("relation_telephone", ""))[:MOST_LINE],
        place=_text(line.pop("relation_address_current", ""))[:MOST_LINE],
    )
    if person.name or person.relation:
        part = PersonPart.GUARDIAN if is_carer else PersonPart.FAMILY
        one.relatives.append(Relative(PersonPart.TRUSTED if relation == "other nonfamily" else part, person))
        one.understood.append(("family_details_section", "people"))


def _read_services(one: _Reading) -> None:
    held = one.facts.get("services")
    if isinstance(held, str):
        named = [name.strip() for name in held.split(";")]
    elif isinstance(held, list):
        named = [_text(line.get("name")) if isinstance(line, dict) else _text(line) for line in held]
    else:
        return
    codes: dict[str, Need] = {}
    for need, name in SERVICE_NAMES.items():
        codes.setdefault(name, need)
    found = [codes[name] for name in named if name in codes and list(SERVICE_NAMES.values()).count(name) == 1]
    one.needs += found
    if rest := [name for name in named if name and (name not in codes or codes[name] not in found)]:
        one.kept.append(("services", "; ".join(rest)))
    if found:
        one.seen("services", "needs")
    one.facts.pop("services", None)


def _read_worker(one: _Reading) -> None:
    """Take whoever refers the child as a professional around it."""
    for kind in ("external_case_worker", "case_worker"):
        name, phone = one.text(f"{kind}_name")[:MOST_LINE], one.text(f"{kind}_mobile")[:MOST_LINE]
        if name:
            one.relatives.append(Relative(PersonPart.PROFESSIONAL, Person(name=name, phone=phone)))
            one.seen(f"{kind}_name", "people")
            one.seen(f"{kind}_mobile", "people")


def _json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
    except (ValueError, RecursionError) as exc:
        raise _no(ImportFault.MALFORMED) from exc


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field stands there twice")
    return found


def _no_number(_text: str) -> None:
    raise ValueError("no number of JSON")


def _record(facts: Any) -> dict[str, Any]:
    """Return the one record in what was pasted, whichever envelope is around it."""
    for name in ("data", "organization", "client"):
        if isinstance(facts, dict) and isinstance(facts.get(name), dict | list):
            facts = facts[name]
    if isinstance(facts, list):
        if len(facts) > 1:
            raise _no(ImportFault.MANY)
        facts = facts[0] if facts else None
    if not isinstance(facts, dict) or not facts:
        raise _no(ImportFault.MALFORMED)
    return facts


def _line(text: str) -> dict[str, Any]:
    """Return the one line of a table by the names that its titles stand for."""
    first = text.partition("\n")[0]
    separator = max(",\t;", key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator, strict=True) if any(row)]
    except csv.Error as exc:
        raise _no(ImportFault.MALFORMED) from exc
    if len(rows) < 2 or len(set(rows[0])) < len(rows[0]):  # titles and a line
        raise _no(ImportFault.MALFORMED)
    if len(rows) > 2:
        raise _no(ImportFault.MANY)
    if len(rows[1]) > len(rows[0]):
        raise _no(ImportFault.MALFORMED)
    named = {_plain(title): name for name, title in TITLES.items()}
    titles = [named.get(_plain(title), title.strip()) for title in rows[0]]
    return {title: cell.removeprefix("'") for title, cell in zip(titles, rows[1], strict=False)}


def _format(facts: Mapping[str, Any]) -> Format:
    hits = {form: len(names & facts.keys()) for form, names in KNOWN.items()}
    best = max(hits, key=lambda form: hits[form])
    if not hits[best]:
        raise _no(ImportFault.UNKNOWN)
    return best


def _size(held: Any, deep: int = 0) -> int:
    """Return how many values stand within each other. Raises Refused for what lies deeper than any case."""
    if deep > DEEPEST:
        raise _no(ImportFault.TOO_MUCH)
    if isinstance(held, dict):
        return sum(_size(value, deep + 1) for value in held.values())
    return sum(_size(value, deep + 1) for value in held) if isinstance(held, list) else 1


def _cleaned(held: Any) -> Any:
    """Return the same with each text as it can be stored: escapes may stand for what nobody can read."""
    if isinstance(held, dict):
        return {clean(name).text: _cleaned(value) for name, value in held.items()}
    if isinstance(held, list):
        return [_cleaned(value) for value in held]
    return clean(held).text if isinstance(held, str) else held


def _text(held: Any) -> str:
    if isinstance(held, str):
        return held.strip()
    if held is None:
        return ""
    if isinstance(held, list) and all(isinstance(one, str) for one in held):
        return ", ".join(held)
    return json.dumps(held, ensure_ascii=False)


def _headed(text: str) -> list[tuple[str, str]]:
    """Return the parts of a text by their headings, `[heading]` alone on a line. What stands above is the story."""
    known = {f"[{name}]": name for names in HEADINGS.values() for name in names.values()}
    found: list[tuple[str, str]] = []
    heading = HEADINGS["story"][Language.EN]
    lines: list[str] = []
    for line in [*text.split("\n"), None]:
        if line is None or line.strip() in known:
            if said := "\n".join(lines).strip():
                found.append((heading, said))
            heading, lines = known.get((line or "").strip(), ""), []
        else:
            lines.append(line)
    return found


def _contact(text: str) -> dict[str, str]:
    """Return the rules for safe contact by field, as `case_formats.sections` writes them."""
    labels = {f"{name}:": field_name for field_name, names in LINES.items() for name in names.values()}
    found: dict[str, list[str]] = {}
    now = "safe_when"
    for line in text.split("\n"):
        if line in VOICEMAIL.values():
            continue
        label = next((one for one in labels if line.startswith(one)), "")
        now = labels.get(label, now)
        found.setdefault(now, []).append(line.removeprefix(label).strip())
    return {name: "\n".join(lines)[: _most(name)] for name, lines in found.items()}


def _most(ours: str) -> int:
    return MOST_WORDS if ours in LONG else MOST_LINE


def _plain(title: str) -> str:
    return " ".join(title.replace("*", " ").split()).casefold()


def _sex(text: str) -> str:
    said = text.strip().lower()
    return said if said in {"female", "male", "other"} else ""


def _age(text: str) -> str:
    said = text.strip()
    return said if said.isascii() and said.isdigit() and int(said[:4]) <= OLDEST else ""


def _spaced(text: str) -> str:
    return text.replace("_", " ").strip()


def _day(text: str) -> str:
    """Return a day as ISO writes it; empty for what is none."""
    said = text.strip().partition("T")[0]
    for form in DAYS:
        try:
            return datetime.strptime(said, form).date().isoformat()
        except ValueError:
            continue
    return ""


def _province(text: str, provinces: Provinces) -> str:
    """Return the code of a province by its name, its number, or the number of a place in it; empty for none."""
    said = text.strip()
    if said.isascii() and said.isdigit() and len(said) <= 8:  # that of a village
        digits = said.zfill(len(said) + len(said) % 2)
        return next((code for code in provinces if case_formats.province_number(code) == digits[:2]), "")
    names = {part.strip().casefold() for part in said.split("/")}
    return next(
        (code for code, known in provinces.items() if names & {name.casefold() for name in (code, *known.values())}), ""
    )


def _no(fault: ImportFault) -> Refused:
    return Refused(("text", fault))
