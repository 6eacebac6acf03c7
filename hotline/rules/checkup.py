"""Whether all is well: the parts that are looked at, and from when on each needs somebody. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

Told = str | int | datetime


class State(StrEnum):
    """How a part is."""

    WELL = "well"
    LOOK = "look"  # it works, or nobody can tell, and somebody should look at it
    WRONG = "wrong"  # it does not work, or will soon not


class Part(StrEnum):
    """What is looked at, in the order in which it is told: what others stand on comes first."""

    FRONT_STORE = "front_store"
    DESK_STORE = "desk_store"
    FRONT_SCHEMA = "front_schema"
    DESK_SCHEMA = "desk_schema"
    SIZE = "size"
    INTEGRITY = "integrity"  # only when asked
    DISK = "disk"
    FILES = "files"
    KEYS = "keys"
    SWEEPER = "sweeper"
    DELIVERY = "delivery"
    QUEUE = "queue"
    WORKER = "worker"
    INBOX = "inbox"
    OUTBOX = "outbox"
    UNREAD = "unread"
    FAILED_LETTERS = "failed_letters"
    KEPT_LETTERS = "kept_letters"
    MAIL = "mail"
    MAILBOX = "mailbox"
    NAMES = "names"  # resolvers
    AUDIT = "audit"
    ANCHOR = "anchor"
    BACKUP = "backup"
    RESTORE = "restore"
    CLOCK = "clock"
    ZONE = "zone"
    LANGUAGES = "languages"
    ADDRESSES = "addresses"  # of our own sites


@dataclass(frozen=True, slots=True)
class Check:
    """What was found of one part. `code` says what, with the numbers and moments of `told`; never a case's content."""

    part: Part
    state: State
    code: str
    told: Mapping[str, Told] = field(default_factory=dict)


ROOM = (0.15, 1_000_000_000)  # less than either is to be looked at, of bytes
SCARCE = (0.05, 200_000_000)  # less than the bytes is wrong, and less than the share, unless there is
AMPLE = 10_000_000_000  # so much: five in a hundred of a large disk last for years
ROUND = (timedelta(minutes=5), timedelta(minutes=15))  # without a round that went through
IN_INBOX = (timedelta(hours=2), timedelta(hours=4))  # times of what came are kept to the hour
IN_OUTBOX = (timedelta(minutes=10), timedelta(hours=1))
WORKER_SILENT = timedelta(minutes=15)  # it waits for work for up to seven minutes, and works for up to thirteen
TAKEN_OFTEN = 10  # so often work was taken, and was not done
ANCHORED = timedelta(days=8)
BACKED_UP = (timedelta(days=2), timedelta(days=4))  # one a night is meant
AHEAD = timedelta(minutes=2)  # so far the clock of this machine may be set back by who keeps it


def worst(found: Iterable[Check]) -> State:
    """Return the worst state among some checks."""
    states = {one.state for one in found}
    return next((state for state in (State.WRONG, State.LOOK) if state in states), State.WELL)


def in_order(found: Iterable[Check]) -> list[Check]:
    """Return checks with what is wrong first and what is well last, each in the order they came in."""
    order = [State.WRONG, State.LOOK, State.WELL]
    return sorted(found, key=lambda one: order.index(one.state))


def of_age(age: timedelta, limits: tuple[timedelta, timedelta]) -> State:
    """Judge how long something has lasted: to look at from the first limit on, wrong from the second."""
    look, wrong = limits
    return State.WRONG if age >= wrong else State.LOOK if age >= look else State.WELL


def of_no_backup(age: timedelta, *, is_open: bool) -> State:
    """Judge that no backup is on record, by how long there has been anything to lose, and whether others reach us."""
    return State.WRONG if is_open and age >= BACKED_UP[1] else State.LOOK


def of_room(free: int, total: int) -> State:
    """Judge the bytes that are free on a disk."""
    if free < SCARCE[1] or free < min(SCARCE[0] * total, AMPLE):
        return State.WRONG
    return State.LOOK if free < ROOM[1] or free < ROOM[0] * total else State.WELL


def of_files(free: int, total: int) -> State:
    """Judge the files that a disk can still take; one that counts none (0 of 0) takes any."""
    if free < SCARCE[0] * total:
        return State.WRONG
    return State.LOOK if free < ROOM[0] * total else State.WELL


def of_schema(standing: str, newest: str) -> tuple[State, str]:
    """Judge the migration a store is at, and say what is found: current, older, newer or none."""
    if not standing:
        return State.WRONG, "none"
    if standing == newest:
        return State.WELL, "current"
    return State.WRONG, "older" if standing < newest else "newer"
