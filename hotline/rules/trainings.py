"""Trainings and vettings: what is wrong with one that was typed, and which of a person's hold. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol, TypeVar

from hotline.rules import clear_words
from hotline.vocabulary import TrainingKind

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Said:
    """A training or vetting as it was typed. `expires_on` is the last day it holds; None: it does not expire."""

    kind: TrainingKind | None
    name: str
    done_on: date | None
    expires_on: date | None


class Kept(Protocol):
    """What is known of a training that was noted."""

    id: int
    staff_id: int
    kind: TrainingKind
    name: str
    done_on: date
    expires_on: date | None


K = TypeVar("K", bound=Kept)


def judge(said: Said, *, today: date) -> tuple[Said, tuple[tuple[str, str], ...]]:
    """Return a training as it can be kept, and (field, code) for all that is wrong."""
    wrong: list[tuple[str, str]] = []
    if said.kind is None:
        wrong.append(("kind", "required"))
    name, fault = clear_words.judge(said.name, LONGEST_NAME)
    if fault:
        wrong.append(("name", fault))
    if said.done_on is None:
        wrong.append(("done_on", "required"))
    elif said.done_on > today:
        wrong.append(("done_on", "ahead"))
    elif said.expires_on is not None and said.expires_on < said.done_on:
        wrong.append(("expires_on", "order"))
    return replace(said, name=name), tuple(wrong)


def newest(found: Iterable[K]) -> list[K]:
    """Return of each kind the training done last, in the order of kinds; of others the last of each name."""
    last: dict[tuple[int, TrainingKind, str], K] = {}
    for one in sorted(found, key=lambda each: (each.done_on, each.id)):
        last[one.staff_id, one.kind, one.name.casefold() if one.kind is TrainingKind.OTHER else ""] = one
    order = list(TrainingKind)
    return sorted(last.values(), key=lambda one: (one.staff_id, order.index(one.kind), one.name))


def is_expired(one: Kept, today: date) -> bool:
    """Whether a training or vetting holds no more."""
    return one.expires_on is not None and one.expires_on < today
