"""The words of a victim case's pages: its fields, faults, and what happened to it."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _later
from flask_babel import lazy_pgettext as _in

from hotline import i18n, jurisdiction
from hotline.blueprints.desk import words
from hotline.models.audit import AuditEntry
from hotline.models.victim_case import CaseStepDone, VictimCase
from hotline.rules import free_text, victim_files
from hotline.rules.case_work import MOST_REASON
from hotline.rules.victim_files import LONG, MOST_LINE, MOST_WORDS, CaseFile
from hotline.services import victim_cases
from hotline.services.case_access import Given
from hotline.services.case_notes import OpenedNote
from hotline.vocabulary import Risk

LABELS = {
    "code_name": _later("What we call the case"),
    "name": _in("child", "Name"),
    "other_names": _later("Other names and nicknames"),
    "sex": _later("Sex"),
    "born_on": _later("Born on"),
    "age": _later("Age in years"),
    "nationality": _later("Nationality"),
    "languages": _later("Languages"),
    "province": _later("Province"),
    "place": _later("Lives or stays at"),
    "school": _later("School or work"),
    "documents": _later("Papers, such as a birth certificate"),
    "disability": _later("Disability, and what helps"),
    "story": _later("What happened"),
    "safe_when": _later("When it is safe"),
    "safe_number": _later("By which number or account"),
    "safe_answer": _later("Who may answer"),
    "safe_never": _later("What must never be done"),
    "safety_plan": _later("Safety plan"),
}
SEXES = {"female": _in("sex", "Female"), "male": _in("sex", "Male"), "other": _in("sex", "Other")}
NOT_FACTS = {"code_name", "story", "safe_when", "safe_number", "safe_answer", "safe_never", "safety_plan"}
FACTS = tuple(field for field in LABELS if field not in NOT_FACTS)  # what is told in a line
NEWEST = 8  # lines of the card
READS = ("read", victim_cases.PRINTED)


class Line(NamedTuple):
    """One line of what happened."""

    at: datetime
    text: str


def label(field: str) -> str:
    """Return what a field of a file is called."""
    return str(LABELS[field])


def pair(word: str, meaning: str) -> str:
    """Return what something is called and what it holds, in one line, with the language's own colon."""
    return _("%(word)s: %(meaning)s", word=word, meaning=meaning)


def value(file: CaseFile, field: str) -> str:
    """Return what a field of a file holds, as people read it; empty where nobody knows."""
    held: str = getattr(file, field)
    if field == "sex":
        return str(SEXES.get(held, held))
    if field == "province":
        names = jurisdiction.current().provinces.get(held)
        return names[_lang()] if names else held
    if field == "born_on" and (born := victim_files.born_on(file)):
        return words.day(born)
    return held


def provinces() -> list[tuple[str, str]]:
    """Return the provinces to choose from: code and name."""
    return [(code, names[_lang()]) for code, names in jurisdiction.current().provinces.items()]


def risk(one: VictimCase) -> Risk:
    """Return the risk of a case as a word of the domain."""
    return Risk(one.risk)


def say(field: str, code: str) -> str:
    """Return what to do about a fault of a case's forms."""
    if code == "picture":
        return _("There is a file in it. Write words only: a case keeps no picture and no document.")
    if code == "too_long":
        return _("At most %(num)s characters fit.", num=f"{_most(field):,}")
    return {
        ("upload", "words_only"): _(
            "A case keeps words and references only. The file was not taken and is not stored."
        ),
        ("source", "required"): _("Choose where the case came from."),
        ("request", "unknown"): _("Open it from the page of the request."),
        ("risk", "required"): _("Choose how great the risk is."),
        ("risk", "same"): _("That is how it stands already."),
        ("code_name", "required"): _(
            "Write what the team calls the case, such as “Lotus”. Never the child's own name."
        ),
        ("sex", "unknown"): _("Choose one of these, or leave it open."),
        ("province", "unknown"): _("Choose one of these, or leave it open."),
        ("born_on", "unknown"): _("Write a day that lies behind us, or leave it empty."),
        ("age", "number"): _("Write a whole number of years, or leave it empty."),
        ("step", "required"): _("Choose a step."),
        ("name", "required"): _("Write a name, or who it is to the child."),
        ("part", "required"): _("Choose who it is."),
        ("part", "answered"): _(
            "An answer of theirs stands, given as who they are now. End it on the page about consent first."
        ),
        ("part", "suspect"): _("A possible abuser cannot be the child of the case. Take that back first."),
        ("suspect", "child"): _(
            "The child of the case is never named as possible abuser. If this is somebody else, correct who it is"
            " first."
        ),
        ("mark", "child"): _(
            "The child of the case is never named as possible abuser. If this is somebody else, correct who it is"
            " first."
        ),
        ("contact", "unknown"): _("Choose somebody of this case."),
        ("kind", "required"): _("Choose what the note is about."),
        ("said", "required"): _("Write a note first."),
        ("people", "required"): _("Write who met."),
        ("decisions", "required"): _("Write what was agreed."),
        ("happened_at", "unknown"): _("Write a day and a time, or leave it empty for now."),
        ("happened_at", "future"): _("That lies ahead. Note it once it has happened."),
        ("happened_at", "too_early"): _("That is more than a year before the case was opened. Look at the year."),
        ("person", "required"): _("Choose somebody else of victim support."),
        ("officer", "required"): _("Choose somebody else of victim support."),
        ("reason", "missing"): _("Write why. It is kept with the case."),
        ("until", "unknown"): _("Choose a day, or leave it empty until it is taken back."),
        ("until", "range"): _("Choose a day from today on, at most a year ahead."),
        ("ref", "unknown"): _("Write the reference of an open case, such as VC-234567."),
        ("q", "required"): _("Write a reference such as VC-234567, or a name."),
    }[field, code]


def log(
    one: VictimCase, notes: Iterable[OpenedNote], given: Iterable[Given], steps: Iterable[CaseStepDone]
) -> list[Line]:
    """Return the newest of what happened to a case, newest first: notes, who may open it, and its steps."""
    first, *later = steps
    opened = _("Case opened. It came from: %(source)s.", source=words.of(one.source))
    lines = [Line(first.begun_at, opened)]
    lines += [Line(row.begun_at, _("Step begun: %(step)s.", step=words.of(row.step))) for row in later]
    lines += [Line(note.row.happened_at, note_line(note)) for note in notes]
    lines += [Line(each.row.given_at, given_line(each)) for each in given]
    return sorted(lines, key=lambda line: line.at, reverse=True)[:NEWEST]


def note_line(note: OpenedNote) -> str:
    """Return one note in one line, a long one cut."""
    said = note.note.said or note.note.decisions
    cut = said if len(said) <= 160 else free_text.beginning(said, 160) + "…"
    return _("%(name)s, %(kind)s: %(said)s", name=note.row.written_by.name, kind=words.of(note.row.kind), said=cut)


def given_line(each: Given) -> str:
    """Return in one line to whom a case was opened, and why."""
    name = each.row.person.name
    if each.is_own_doing:
        return _("%(name)s opened the case for a reason: %(reason)s", name=name, reason=each.reason)
    return _("Shared with %(name)s: %(reason)s", name=name, reason=each.reason)


def reads(entries: Iterable[AuditEntry], names: Mapping[str, str]) -> list[Line]:
    """Return who opened or printed a file, as the audit trail has it."""
    return [
        Line(
            entry.at,
            _("%(name)s printed the file", name=names.get(entry.actor, entry.actor))
            if entry.action == victim_cases.PRINTED
            else _("%(name)s opened the file", name=names.get(entry.actor, entry.actor)),
        )
        for entry in entries
    ]


def handed(entries: Iterable[AuditEntry], names: Mapping[str, str]) -> list[Line]:
    """Return into whose hands a case went, as the audit trail has it."""
    found = []
    for entry in entries:
        by, to = entry.actor, json.loads(entry.details or "{}").get("person", "")
        text = _("%(name)s handed the case to %(to)s", name=names.get(by, by), to=names.get(to, to))
        found.append(Line(entry.at, text))
    return found


def _most(field: str) -> int:
    if field == "reason":
        return MOST_REASON
    return MOST_WORDS if field in LONG else MOST_LINE


def _lang() -> str:
    return str(i18n.chosen())
