"""Consultations: what may be done in which state, what is typed of one, and which sectors were really met."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hotline.rules import stakeholders
from hotline.rules.stakeholders import LONGEST_LINE, LONGEST_NAME, LONGEST_TEXT, MOST_PARTIES, SHORTEST_NAME, Faults
from hotline.vocabulary import ConsultationPart, ConsultationState, ConsultationWay, Language, Sector

PLANNED, HELD, CLOSED = ConsultationState.PLANNED, ConsultationState.HELD, ConsultationState.CLOSED
MOST_OTHERS = 999
FARTHEST = timedelta(days=730)  # ahead; further than that a day is a slip of the finger
OLDEST = timedelta(days=366)  # back: one may be put on record late


@dataclass(frozen=True, slots=True)
class Plan:
    """A consultation as typed. `invited` are references of organisations."""

    title: str
    starts_at: datetime
    way: ConsultationWay
    place: str
    agenda: str
    language: Language
    invited: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Present:
    """Who came from one organisation: people by their ids, and how many others."""

    organisation: str
    people: tuple[int, ...]
    others: int

    @property
    def is_anybody(self) -> bool:
        """Whether anybody came."""
        return bool(self.people or self.others)


def parts_open(state: ConsultationState) -> tuple[ConsultationPart, ...]:
    """Return what may be written to a record: all of it while it is open, additions alone once it is closed."""
    if state is HELD:
        return (ConsultationPart.VIEW, ConsultationPart.DECISION, ConsultationPart.MINUTES)
    return (ConsultationPart.ADDITION,) if state is CLOSED else ()


def judge_plan(
    *,
    title: str,
    starts_at: datetime | None,
    way: str,
    place: str,
    agenda: str,
    language: str,
    invited: Sequence[str],
    now: datetime,
) -> Plan | Faults:
    """Return the plan, or (field, code) for everything that is wrong with it."""
    title, place, agenda = stakeholders.one_line(title), stakeholders.one_line(place), stakeholders.text(agenda)
    wrong = {
        ("title", "length"): not SHORTEST_NAME <= len(title) <= LONGEST_NAME,
        ("way", "required"): way not in set(ConsultationWay),
        ("language", "required"): language not in set(Language),
        ("invited", "required"): not invited or len(invited) > MOST_PARTIES,
    }
    texts = {"title": (title, LONGEST_NAME), "place": (place, LONGEST_LINE), "agenda": (agenda, LONGEST_TEXT)}
    said = ((field, stakeholders.fault_in(words, longest)) for field, (words, longest) in texts.items())
    faults = (
        *(fault for fault, holds in wrong.items() if holds),
        *((field, code) for field, code in said if code),
        *moment_faults("starts_on", starts_at, now),
    )
    if faults or starts_at is None:
        return faults
    asked = tuple(dict.fromkeys(invited))
    return Plan(title, starts_at, ConsultationWay(way), place, agenda, Language(language), asked)


def moment_faults(field: str, at: datetime | None, now: datetime) -> Faults:
    """Return what is wrong with the moment of a consultation: none was typed, or it is too far away to be meant."""
    if at is None:
        return ((field, "required"),)
    return () if now - OLDEST <= at <= now + FARTHEST else ((field, "far"),)


def held_faults(held_at: datetime | None, present: Iterable[Present], now: datetime) -> Faults:
    """Return what is wrong with how a consultation was held: it lies ahead or far back, or nobody came."""
    those = list(present)
    faults = list(moment_faults("held_on", held_at, now))
    if held_at is not None and held_at > now:
        faults.append(("held_on", "ahead"))
    if not any(one.is_anybody for one in those):
        faults.append(("present", "required"))
    if any(not 0 <= one.others <= MOST_OTHERS for one in those):
        faults.append(("present", "number"))
    return tuple(faults)


def newly_met(attended: Iterable[Sector], last_met: Mapping[Sector, datetime], held_at: datetime) -> tuple[Sector, ...]:
    """Return the sectors whose duty a consultation meets, in their order.

    Only those of whom somebody really came; and none that was met later already: what is put on record late must not
    shorten the time that runs.
    """
    came = set(attended)
    return tuple(one for one in Sector if one in came and (one not in last_met or last_met[one] < held_at))
