"""What comes after a letter to a host: wait, remind, go to somebody else, look, or leave it to people; and why.

A reminder goes by itself where nothing has changed since a reviewer approved the first letter. Nothing else does:
whom a letter has not been approved for is chosen, written to and approved by people.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from hotline.vocabulary import Answer, Channel, ItemOutcome, NoticeKind, NoticeStatus

FOLLOWED = (NoticeKind.FIRST, NoticeKind.REMINDER, NoticeKind.ESCALATION, NoticeKind.SUPPLEMENT)
HAS_GONE = (NoticeStatus.SENT, NoticeStatus.ANSWERED, NoticeStatus.BOUNCED)
OF_THE_HOST = (ItemOutcome.REMOVED, ItemOutcome.UNAVAILABLE, ItemOutcome.MOVED)  # what a host's time is for
ONE_DAY = timedelta(days=1)


class Step(StrEnum):
    """What comes next."""

    NOTHING = "nothing"
    WAIT = "wait"
    REMIND = "remind"  # by itself
    SEND = "send"  # a letter that follows is written already
    ESCALATE = "escalate"  # a person writes to somebody who stands above the recipient
    LOOK = "look"  # somebody looks whether it is gone
    PEOPLE = "people"


class Why(StrEnum):
    """Why that is next."""

    NOT_FOLLOWED = "not_followed"  # no letter to a host, or one that takes another back
    NOT_GONE = "not_gone"  # the letter itself has not gone
    NOTHING_LEFT = "nothing_left"  # every address is gone, or what was agreed of it no longer stands
    HAS_TIME = "has_time"  # the recipient's time is not over
    NO_ANSWER = "no_answer"  # it is over, and nothing has happened
    AGAIN_NO_ANSWER = "again_no_answer"  # after a reminder, too
    STUCK = "stuck"  # after somebody else was written to, too
    WRITTEN = "written"
    BOUNCED = "bounced"
    SAYS_GONE = "says_gone"
    NOT_THEIRS = "not_theirs"
    NEEDS_MORE = "needs_more"
    REFUSES = "refuses"
    OBJECTS = "objects"
    ANSWERED = "answered"  # with something that is none of these
    UNREAD = "unread"  # something came back that nobody has read: it may be the answer
    PAUSED = "paused"
    KEPT_BACK = "kept_back"  # a reminder does not go by itself; `Hindrance` says why


class Hindrance(StrEnum):
    """Why a reminder does not go by itself."""

    STOPPED = "stopped"  # an item of the letter is held for the police, or being corrected
    OBJECTS = "objects"  # somebody objects to letters about an item of it
    BY_HAND = "by_hand"  # the letter went by a person's hand
    NO_SERVER = "no_server"
    RECIPIENT = "recipient"  # the entry has changed, is switched off, or is not verified
    KEY = "key"
    MOVED = "moved"  # somebody else hosts an address now
    WORDS = "words"  # what a reminder says was written anew after the letter was approved
    APPROVER = "approver"  # whoever approved the letter is no reviewer any more
    MAILBOX = "mailbox"  # the mailbox for answers cannot be read, and a reminder says that none has come
    UNFIT = "unfit"  # the reminder as it would be written may not go without a person's eyes


class Above(StrEnum):
    """Who stands above a recipient, or beside it, and why a letter to them may help."""

    SETTLED = "settled"
    PLATFORM = "platform"
    NETWORK = "network"  # the abuse contact of the network it stands in
    UPSTREAM = "upstream"  # who gave that network its addresses, or carries what it sends
    PROXY = "proxy"
    REGISTRAR = "registrar"
    PARTNER = "partner"  # the hotline of that country, through the exchange


@dataclass(frozen=True, slots=True)
class Facts:
    """What the next step hangs on: of the newest letter of a chain that has gone, and of the chain as a whole.

    `kind` is never a supplement: that stands for the letter before it to the same recipient (`stands_for`).
    `answer` is the newest of this recipient since its time began, `left` how many addresses a letter would still list,
    `reminder` whether one was written, `waiting` whether a letter that follows is written and has not gone, `unread`
    whether something of this recipient's came back that nobody has read, `objected` whether somebody objects to letters
    about an item of it and nobody has decided yet. `hindrance` is None where a reminder may go by itself.
    """

    channel: Channel
    kind: NoticeKind
    status: NoticeStatus
    answer: Answer | None = None
    left: int = 1
    is_over: bool = False
    is_paused: bool = False
    waiting: bool = False
    reminder: bool = False
    unread: bool = False
    objected: bool = False
    hindrance: Hindrance | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """What comes next, and why. `hindrance` is what keeps a reminder from going by itself."""

    step: Step
    why: Why
    hindrance: Hindrance | None = None


@dataclass(frozen=True, slots=True)
class Quiet:
    """When nobody is reminded: from an hour of the evening to one of the morning, and on some days of the week.

    Hours are of `zone`; Monday is 0. The same hour twice: no hours are quiet.
    """

    zone: ZoneInfo
    begins: time
    ends: time
    days: frozenset[int]

    def is_quiet(self, at: datetime) -> bool:
        """Whether a moment lies in it."""
        here = at.astimezone(self.zone)
        now = here.time()
        if here.weekday() in self.days:
            return True
        if self.begins <= self.ends:
            return self.begins <= now < self.ends
        return now >= self.begins or now < self.ends


@dataclass(frozen=True, slots=True)
class Rise:
    """One who may be written to next, by reference, and why."""

    ref: str
    why: Above


def of(facts: Facts) -> Next:
    """Return what comes next after a letter."""
    first = (
        (facts.channel is not Channel.HOST or facts.kind not in FOLLOWED, Step.NOTHING, Why.NOT_FOLLOWED),
        (facts.status not in HAS_GONE, Step.NOTHING, Why.NOT_GONE),
        (not facts.left, Step.NOTHING, Why.NOTHING_LEFT),
        (facts.waiting, Step.SEND, Why.WRITTEN),
        (facts.answer is not None, *_AFTER.get(facts.answer, (Step.PEOPLE, Why.ANSWERED))),
        (facts.status is NoticeStatus.BOUNCED, Step.PEOPLE, Why.BOUNCED),
        (facts.is_paused, Step.PEOPLE, Why.PAUSED),
    )
    found = next(((step, why) for holds, step, why in first if holds), None)
    return Next(*found) if found else _in_time(facts)


def stands_for(kinds: Iterable[NoticeKind]) -> NoticeKind:
    """Return as what the newest of some letters to one recipient counts: what tells more is no step of its own.

    `kinds` are those of all letters of a chain to that recipient that have gone, oldest first.
    """
    steps = [one for one in kinds if one is not NoticeKind.SUPPLEMENT]
    return steps[-1] if steps else NoticeKind.FIRST


def ends_time(answer: Answer) -> bool:
    """Whether an answer ends a recipient's time; any other lets it stand still until people have seen to it."""
    return answer is Answer.REMOVED


def may_go_at(at: datetime, quiet: Quiet | None, *, in_danger: bool) -> datetime:
    """Return the first moment from `at` on at which a reminder may go. With a child in danger that is at once."""
    if quiet is None or in_danger:
        return at
    for _day in range(2 * len(quiet.days) + 3):
        if not quiet.is_quiet(at):
            return at
        here = at.astimezone(quiet.zone)
        morning = datetime.combine(here.date(), quiet.ends, quiet.zone)
        midnight = datetime.combine(here.date() + ONE_DAY, time(), quiet.zone)
        on_a_quiet_day = here.weekday() in quiet.days
        at = midnight if on_a_quiet_day or morning <= here else morning
    return at  # every day is quiet: then none is


def rises(
    *,
    settled: Iterable[str],
    platforms: Iterable[str],
    networks: Iterable[str],
    upstreams: Iterable[str],
    proxies: Iterable[str],
    registrars: Iterable[str],
    partners: Iterable[str],
    written: Iterable[str],
) -> tuple[Rise, ...]:
    """Return who may be written to next about one address, nearest to the material first; nobody who was already."""
    offered = (
        (settled, Above.SETTLED),
        (platforms, Above.PLATFORM),
        (networks, Above.NETWORK),
        (upstreams, Above.UPSTREAM),
        (proxies, Above.PROXY),
        (partners, Above.PARTNER),
        (registrars, Above.REGISTRAR),
    )
    seen, found = set(written), []
    for refs, why in offered:
        for ref in refs:
            if ref not in seen:
                seen.add(ref)
                found.append(Rise(ref, why))
    return tuple(found)


def _in_time(facts: Facts) -> Next:
    if not facts.is_over:
        return Next(Step.WAIT, Why.HAS_TIME)
    if facts.unread:
        return Next(Step.PEOPLE, Why.UNREAD)
    if facts.kind is not NoticeKind.FIRST or facts.reminder:
        return _once_reminded(facts)
    if facts.hindrance is not None:
        return Next(Step.PEOPLE, Why.KEPT_BACK, facts.hindrance)
    return Next(Step.REMIND, Why.NO_ANSWER)


def _once_reminded(facts: Facts) -> Next:
    """Return what comes next once nobody is reminded any more; before, an objection is a hindrance."""
    if facts.objected:
        return Next(Step.PEOPLE, Why.OBJECTS)
    if facts.kind is NoticeKind.ESCALATION:
        return Next(Step.PEOPLE, Why.STUCK)
    return Next(Step.ESCALATE, Why.AGAIN_NO_ANSWER)


_AFTER: dict[Answer | None, tuple[Step, Why]] = {
    Answer.REMOVED: (Step.LOOK, Why.SAYS_GONE),
    Answer.NOT_OURS: (Step.ESCALATE, Why.NOT_THEIRS),
    Answer.NEED_MORE: (Step.PEOPLE, Why.NEEDS_MORE),
    Answer.REFUSED: (Step.PEOPLE, Why.REFUSES),
    Answer.APPEAL: (Step.PEOPLE, Why.OBJECTS),
    Answer.OTHER: (Step.PEOPLE, Why.ANSWERED),
}
