"""A case's plan: what one action says, what is wrong with it, which needs no action sees to. Pure."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta

from hotline.rules import person_names
from hotline.rules.needs import Faults, kept
from hotline.vocabulary import ActionState, Need

MOST_WORDS, MOST_OUTSIDE = 1_000, 200
LONGEST_AHEAD = timedelta(days=731)  # two years: a plan is reviewed long before


@dataclass(frozen=True, slots=True)
class Words:
    """What is sealed of one action."""

    what: str = ""
    outside: str = ""  # who outside the team does it
    ended: str = ""  # how it ended: what came of it, or why it was dropped


def written(words: Words) -> str:
    """Return an action's words as the JSON that is sealed."""
    return json.dumps(asdict(words), ensure_ascii=False)


def read(text: str) -> Words:
    """Read words that `written` wrote."""
    return Words(**json.loads(text))


def judged(typed: Words, suspects: Iterable[str]) -> tuple[Words, Faults]:
    """Return what somebody typed as it can be stored, and what is wrong with it: (field, code).

    `suspects` are the names of who is named as possible abuser in this case: none of them has a part in the plan.
    """
    what, of_what = kept(typed.what, MOST_WORDS)
    outside, of_outside = kept(typed.outside, MOST_OUTSIDE)
    if not of_outside and any(names(outside, one) for one in suspects):
        of_outside = "suspect"
    wrong = (("what", of_what or ("" if what else "required")), ("outside", of_outside))
    return replace(typed, what=what, outside=outside), tuple((name, code) for name, code in wrong if code)


def names(text: str, name: str) -> bool:
    """Whether a line names a person: every word of the name stands in it, in whatever order and spelling."""
    whole = {person_names.asked(name)}
    words = person_names.spellings(name) - whole or person_names.spellings(name)
    return bool(words) and words <= person_names.spellings(text)


def due_faults(due_on: date | None, today: date, *, was: date | None = None) -> Faults:
    """Return what is wrong with a day an action is due: gone by, or far ahead, and not the day that stood there."""
    if due_on is None or due_on == was:
        return ()
    if due_on < today:
        return (("due_on", "past"),)
    return (("due_on", "too_far"),) if due_on > today + LONGEST_AHEAD else ()


def review_faults(next_on: date | None, today: date, latest: date) -> Faults:
    """Return what is wrong with the day of the next review; `latest` is what the limit of the risk allows."""
    if next_on is None:
        return (("next_on", "required"),)
    if next_on <= today:
        return (("next_on", "past"),)
    return (("next_on", "too_late"),) if next_on > latest else ()


def is_overdue(state: ActionState, due_on: date | None, today: date) -> bool:
    """Whether an action should have been done: its day counts whole."""
    return state is ActionState.OPEN and due_on is not None and due_on < today


def uncovered(pressing: Iterable[Need], actions: Iterable[tuple[Need, ActionState]]) -> tuple[Need, ...]:
    """Return the pressing needs that no action sees to. One that was dropped sees to nothing."""
    covered = {need for need, state in actions if state is not ActionState.DROPPED}
    return tuple(need for need in pressing if need not in covered)
