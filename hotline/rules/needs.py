"""A needs assessment: what is written by domain, when it is complete, what changed since, which risk it proposes. Pure.

Also the questions, in versions: by domain, each in every language of the desk. An assessment keeps the version that
its form showed, and answers stand in the order of its questions.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from hotline.rules.free_text import TextFault, judge
from hotline.vocabulary import Language, Need, NeedLevel, Risk

MOST_WORDS, MOST_LINE = 4_000, 300
MOST_QUESTIONS = 6  # of one domain: more is an examination, and no talk with a child
MOST_REASON = 500
ORDER = (NeedLevel.NONE, NeedLevel.LOW, NeedLevel.MEDIUM, NeedLevel.HIGH)
PRESSING = frozenset({NeedLevel.HIGH, NeedLevel.MEDIUM})  # what a plan has to see to
RISKS = {
    NeedLevel.HIGH: Risk.HIGH,
    NeedLevel.MEDIUM: Risk.MEDIUM,
    NeedLevel.LOW: Risk.LOW,
    NeedLevel.UNKNOWN: Risk.LOW,
    NeedLevel.NONE: Risk.NO_ACTION,
}

Question = Mapping[str, str]  # language to text
Questions = Mapping[Need, tuple[Question, ...]]
Levels = Mapping[Need, NeedLevel]
Faults = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is written about one domain. `version` grows with every change of it."""

    known: str = ""  # what we know
    next: str = ""  # the next step, in words
    why: str = ""  # why the level is not known
    answers: tuple[str, ...] = ()  # in the order of the questions
    version: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nobody has written anything here."""
        return not (self.known or self.next or self.why or any(self.answers))


@dataclass(frozen=True, slots=True)
class Written:
    """All that is sealed of one assessment."""

    with_whom: str = ""  # with whom it was made, and who helped them to speak
    findings: Mapping[Need, Finding] = field(default_factory=dict)
    version: int = 0  # of `with_whom` and the day

    def of(self, need: Need) -> Finding:
        """Return what is written about one domain; an empty finding where nothing is."""
        return self.findings.get(need, Finding())


class Trend(StrEnum):
    """How the need in one domain stands beside the assessment before."""

    UP = "up"
    DOWN = "down"
    SAME = "same"
    OPEN = "open"  # one of the two levels is not known


class Proposal(NamedTuple):
    """The risk that an assessment proposes for its case, and the domains it is taken from."""

    risk: Risk
    because: tuple[Need, ...]
    is_unasked: bool  # nobody has asked about safety: high until somebody has


class Change(NamedTuple):
    """The questions of one domain that read otherwise than in the version before, each as the form holds them."""

    need: Need
    language: Language
    before: tuple[str, ...]
    after: tuple[str, ...]


def written(one: Written) -> str:
    """Return an assessment as the JSON that is sealed."""
    return json.dumps(asdict(one), ensure_ascii=False)


def read(text: str) -> Written:
    """Read an assessment that `written` wrote."""
    kept = json.loads(text)
    found = {Need(need): Finding(**{**one, "answers": tuple(one["answers"])}) for need, one in kept["findings"].items()}
    return Written(kept["with_whom"], found, kept["version"])


def judged(typed: Finding) -> tuple[Finding, Faults]:
    """Return what somebody typed about a domain as it can be stored, and what is wrong: (field, code).

    The n-th answer's field is `answer-n`, from 0.
    """
    known, next_step, why = kept(typed.known), kept(typed.next), kept(typed.why)
    answers = tuple(kept(one) for one in typed.answers)
    fields = {"known": known, "next": next_step, "why": why}
    fields |= {f"answer-{place}": one for place, one in enumerate(answers)}
    clean = Finding(known[0], next_step[0], why[0], tuple(text for text, _code in answers), typed.version)
    return clean, tuple((name, code) for name, (_text, code) in fields.items() if code)


def kept(typed: str, longest: int = MOST_WORDS) -> tuple[str, str]:
    """Return a text that may be empty as it can be stored, and the code of what is wrong with it; empty if nothing."""
    text, fault = judge(typed, longest)
    return text, "" if fault in {None, TextFault.MISSING} else str(fault)


def missing(one: Written, levels: Levels, assessed_on: date, today: date) -> Faults:
    """Return what keeps an assessment from being handed in, as (field, code): `need-<domain>`, `with_whom`, …"""
    found = [("with_whom", "required")] if not one.with_whom else []
    found += [("assessed_on", "ahead")] if assessed_on > today else []
    for need in Need:
        level = levels.get(need)
        if level is None:
            found.append((f"need-{need}", "required"))
        elif level is NeedLevel.UNKNOWN and not one.of(need).why:
            found.append((f"need-{need}", "why"))
        elif level in PRESSING and not one.of(need).known:
            found.append((f"need-{need}", "known"))
    return tuple(found)


def trend(before: NeedLevel | None, after: NeedLevel | None) -> Trend:
    """Return how a need went from one assessment to the next."""
    if before not in ORDER or after not in ORDER:
        return Trend.OPEN
    return {-1: Trend.UP, 0: Trend.SAME, 1: Trend.DOWN}[_sign(ORDER.index(before) - ORDER.index(after))]


def proposal(levels: Levels) -> Proposal:
    """Return the risk that levels propose: that of the highest one found, and high while nobody asked about safety.

    What is not known elsewhere is at least low: somebody has to ask. A person sets the risk, never this rule.
    """
    if levels.get(Need.SAFETY, NeedLevel.UNKNOWN) is NeedLevel.UNKNOWN:
        return Proposal(Risk.HIGH, (Need.SAFETY,), is_unasked=True)
    by_need = {need: RISKS[levels.get(need, NeedLevel.UNKNOWN)] for need in Need}
    highest = min(by_need.values())
    because = tuple(need for need, risk in by_need.items() if risk is highest) if highest < Risk.NO_ACTION else ()
    return Proposal(highest, because, is_unasked=False)


def pressing(levels: Levels) -> tuple[Need, ...]:
    """Return the domains that a plan has to see to, those of a high need first."""
    found = [need for need in Need if levels.get(need) in PRESSING]
    return tuple(sorted(found, key=lambda need: levels[need] is not NeedLevel.HIGH))


def asked(body: str) -> Questions:
    """Read the questions that `kept_questions` wrote."""
    return {Need(need): tuple(found) for need, found in json.loads(body).items()}


def kept_questions(questions: Questions) -> str:
    """Return questions as the JSON that is stored."""
    return json.dumps({need: list(questions.get(need, ())) for need in Need}, ensure_ascii=False)


def field_of(need: Need, language: Language) -> str:
    """Return the name of the form's field for the questions of one domain in one language."""
    return f"{need}-{language}"


def typed_questions(sent: Mapping[str, str]) -> tuple[Questions, Faults]:
    """Return the questions of a form whose fields hold one question a line, and what is wrong: (field, code)."""
    lines = {(need, one): _lines(sent.get(field_of(need, one), "")) for need in Need for one in Language}
    wrong = [(field_of(need, one), code) for (need, one), found in lines.items() if (code := _line_fault(found))]
    for need in Need:
        counts = [len(lines[need, one]) for one in Language]
        if min(counts) < max(counts):
            wrong.append((field_of(need, list(Language)[counts.index(min(counts))]), "unequal"))
    most = {need: max(len(lines[need, one]) for one in Language) for need in Need}
    found = {
        need: tuple({str(one): _at(lines[need, one], place) for one in Language} for place in range(most[need]))
        for need in Need
    }
    return found, tuple(dict(wrong).items())


def reason_faults(reason: str) -> Faults:
    """Return what is wrong with the reason for a new version of the questions."""
    if not reason.strip():
        return (("reason", "required"),)
    return (("reason", "too_long"),) if len(reason) > MOST_REASON else ()


def changes(before: Questions, after: Questions) -> tuple[Change, ...]:
    """Return what reads otherwise in `after`, by domain and language."""
    pairs = [
        (need, one, in_language(before, need, one), in_language(after, need, one)) for need in Need for one in Language
    ]
    return tuple(Change(*pair) for pair in pairs if pair[2] != pair[3])


def in_language(questions: Questions, need: Need, language: str) -> tuple[str, ...]:
    """Return the questions of a domain in one language."""
    return tuple(one.get(language, "") for one in questions.get(need, ()))


def newly_found(levels: Levels, before: Iterable[Levels]) -> tuple[Need, ...]:
    """Return the domains found high or medium now, and in none of the assessments before."""
    known = {need for one in before for need, level in one.items() if level in PRESSING}
    return tuple(need for need in Need if levels.get(need) in PRESSING and need not in known)


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _line_fault(lines: tuple[str, ...]) -> str:
    if len(lines) > MOST_QUESTIONS:
        return "too_many"
    return "too_long" if any(len(line) > MOST_LINE for line in lines) else ""


def _at(lines: tuple[str, ...], place: int) -> str:
    return lines[place] if place < len(lines) else ""
