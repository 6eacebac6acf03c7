"""What comes next after a letter to a host: a reminder by itself, a letter to somebody else, or people's turn.

When a host's time has run out, the sweeper leaves word (`clock_rounds.RUN_OUT`) and the worker comes here, once for
each letter: safe to run twice, and what is killed in between is done again. No letter has two reminders; the database
holds that.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select

from hotline import clock, outbox
from hotline.config import settings
from hotline.errors import Forbidden, GateClosed, KeyMissing, Refused, Unreadable, WrongState
from hotline.extensions import db
from hotline.models.assessment import Verdict
from hotline.models.clock import Clock
from hotline.models.exchange import Exchange
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.recipient import Recipient
from hotline.models.staff import Staff
from hotline.rules import clocks as rules
from hotline.rules import confidential, follow_up
from hotline.rules.follow_up import Above, Facts, Hindrance, Next, Rise, Step, Why
from hotline.services import (
    appeals,
    assessments,
    audit,
    clocks,
    exchange,
    follow_ups,
    hosting,
    letter_templates,
    letter_writing,
    mailbox,
    notice_approval,
    notice_drafting,
    notice_grounds,
    notice_sending,
    notices,
    replies,
    routing,
)
from hotline.services.routing import Guide
from hotline.transactions import writing
from hotline.vocabulary import Answer, Duty, ItemStatus, LetterKey, NoticeKind, NoticeStatus, PauseReason, Role, Subject

KEPT_BACK = "kept a reminder back"
PAUSED, WENT_ON = "let nobody be reminded", "let it be followed again"
ON_ITS_WAY = (NoticeStatus.DRAFT, NoticeStatus.APPROVED, NoticeStatus.QUEUED, NoticeStatus.FAILED)
MAILBOX_PAUSE = timedelta(minutes=10)  # between two looks whether the mailbox for answers can be read again
MOST_HOSTS = 10  # of one letter, for which is asked who stands above its recipient


@dataclass(frozen=True, slots=True)
class Course:
    """How a letter's chain stands, and what comes next.

    `head` is the letter whose recipient has time now, or else the newest that has gone, or the first while none has;
    `clock` is that one's time. `left` are the items a letter would still list. `at` is when the time runs out, or the
    next step is taken: None where it waits for people. `then` is what follows a time that still runs.
    """

    root: Notice
    head: Notice
    letters: Sequence[Notice]
    clock: Clock | None
    left: Sequence[Item]
    next: Next
    then: Next | None
    at: datetime | None
    hindrance: Hindrance | None

    @property
    def has_reminder(self) -> bool:
        """Whether a reminder was written, gone or not."""
        return any(one.kind is NoticeKind.REMINDER for one in self.letters)

    @property
    def is_with_first(self) -> bool:
        """Whether it is the turn of whom the first letter went to, and nobody has reminded them."""
        return not self.has_reminder and self.head.recipient_id == self.root.recipient_id

    @property
    def not_raised(self) -> list[Item]:
        """What is left of which nobody above was told, where somebody above was told of some: hosts may differ."""
        raised = [one for one in self.letters if one.kind is NoticeKind.ESCALATION]
        told = {line.item_id for one in raised for line in one.lines}
        return [one for one in self.left if one.id not in told] if raised else []

    @property
    def to_raise(self) -> Sequence[Item]:
        """What somebody above may be told of, once people may write to them."""
        return self.left if self.next.step in {Step.ESCALATE, Step.PEOPLE} else self.not_raised


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be written to next, why, and about which of the items."""

    recipient: Recipient
    why: Above
    items: tuple[Item, ...]


def course(notice: Notice) -> Course:
    """Return how the chain of a letter stands, and what comes next."""
    letters = follow_ups.chain(notice) or [notice]
    gone = [one for one in letters if one.status in follow_up.HAS_GONE]
    has_time = follow_ups.of_whom_time_runs(letters)
    root, head = letters[0], has_time or follow_ups.whose_time_was_last(gone) or (gone[-1] if gone else letters[0])
    running = clocks.newest_of(head, Duty.REMOVE)
    left = follow_ups.left(root)
    has_reminder = any(one.kind is NoticeKind.REMINDER for one in letters)
    may_remind = head.recipient_id == root.recipient_id and bool(gone) and not has_reminder
    hindrance = _hindrance(root, left) if may_remind else None
    facts = Facts(
        channel=head.channel,
        kind=follow_up.stands_for(one.kind for one in gone or [head] if one.recipient_id == head.recipient_id),
        status=head.status,
        answer=_answer(head, letters, running),
        left=len(left),
        is_over=_is_over(running),
        is_paused=running is not None and running.ended_at is None and running.paused_at is not None,
        waiting=any(one.status in ON_ITS_WAY for one in letters if one is not head and _goes_on(one, head)),
        reminder=has_reminder,
        unread=replies.are_unread(one for one in letters if one.recipient_id == head.recipient_id),
        objected=notice_grounds.is_objected_to(root),
        hindrance=hindrance,
    )
    found = follow_up.of(facts)
    waits = found.step is Step.WAIT
    then = follow_up.of(replace(facts, is_over=True)) if waits else None
    return Course(root, head, letters, running, left, found, then, _at(found, running, left), hindrance)


def above(found: Course) -> list[Candidate]:
    """Return who may be written to next about what is left, each with the items that it is about."""
    about: dict[tuple[str, Above], list[Item]] = {}
    named: dict[str, Recipient] = {}
    for items_of_host, guide, rises in _rises(found):
        named |= guide.recipients
        for one in rises:
            about.setdefault((one.ref, one.why), []).extend(items_of_host)
    return [Candidate(named[ref], why, tuple(listed)) for (ref, why), listed in about.items()]


def has_nobody_above(found: Course) -> bool:
    """Whether the directory names nobody else who could be told of what is left: everybody was already."""
    return not any(rises for _items, _guide, rises in _rises(found))


def _rises(found: Course) -> Iterator[tuple[list[Item], Guide, tuple[Rise, ...]]]:
    """Tell, for the items of each host, who stands above and has not been told."""
    for items_of_host in list(_by_host(found.to_raise).values())[:MOST_HOSTS]:
        guide = routing.guide(items_of_host[0])
        if guide is None:
            continue
        facts = guide.facts
        yield (
            items_of_host,
            guide,
            follow_up.rises(
                settled=facts.settled,
                platforms=facts.platforms,
                networks=facts.hosts,
                upstreams=facts.upstreams,
                proxies=facts.proxies,
                registrars=facts.registrars,
                partners=facts.partners,
                written={found.root.recipient.ref} | _written(items_of_host) | _offered(items_of_host),
            ),
        )


def follow(notice_id: int) -> None:
    """Do for a letter whose recipient's time has run out what is done by itself, if anything is. Safe to run twice."""
    try:
        with writing():
            _follow(notice_id)
    except (Refused, GateClosed, Forbidden, KeyMissing, Unreadable) as fault:
        with writing():
            outbox.done(db.session(), follow_ups.FOLLOW_UP, notice_id)
            notice = db.session.get_one(Notice, notice_id)
            audit.record(None, KEPT_BACK, f"notice {notice.ref}", refused=type(fault).__name__)


def remind_now(notice: Notice, *, by: Staff) -> Notice:
    """Write the reminder of a letter now. It goes with the letter's own approval where its recipient's time is over and
    nothing has changed since.

    Else it is a draft, and a reviewer approves it: sooner than it was promised, nobody has. Raises Refused (`remind`,
    code).
    """
    found = course(notice)
    if found.next.step in {Step.NOTHING, Step.LOOK}:
        raise Refused(("remind", found.next.why))
    if not found.is_with_first:
        raise Refused(("remind", "has_one"))
    if found.hindrance is Hindrance.STOPPED:
        raise Refused(("remind", "stopped"))
    if goes_at_once(found):
        return notice_approval.remind(found.root, found.left, by=by)
    return notice_drafting.draft_reminder(found.root, found.left, by=by, actor=by)


def goes_at_once(found: Course) -> bool:
    """Whether a reminder that a person lets go now needs no approval of its own."""
    return found.hindrance is None and found.next.step is Step.REMIND


def escalate(notice: Notice, recipient_ref: str, *, by: Staff) -> Notice:
    """Draft a letter to somebody who stands above a letter's recipient. Raises Refused (`above`, code)."""
    found = course(notice)
    if not may_escalate(found):
        raise Refused(("above", "not_now"))
    chosen = next((one for one in above(found) if one.recipient.ref == recipient_ref), None)
    if chosen is None or chosen.why is Above.PARTNER:
        raise Refused(("above", "unknown"))
    is_upstream = chosen.why is Above.UPSTREAM
    return notice_drafting.draft_escalation(found.root, chosen.recipient, chosen.items, by=by, is_upstream=is_upstream)


def may_escalate(found: Course) -> bool:
    """Whether people may write to somebody else now: the recipient's time is over, or its answer leads on.

    Also while somebody above has time for some of the addresses, and nobody was told of the others.
    """
    if found.next.step in {Step.ESCALATE, Step.PEOPLE}:
        return found.next.hindrance is not Hindrance.STOPPED
    return found.next.step in {Step.SEND, Step.WAIT} and bool(found.not_raised)


def pause(notice: Notice, reason: str, *, by: Staff) -> None:
    """Let nobody be reminded of a letter until a person lets it go on. Raises Refused by field, WrongState."""
    if reason not in set(PauseReason):
        raise Refused(("reason", "required"))
    found = course(notice)
    if found.clock is None or found.clock.ended_at is not None or found.clock.paused_at is not None:
        raise WrongState(f"no time of {notice.ref} runs")
    clocks.stand_still(found.head, Duty.REMOVE, PauseReason(reason), by=by)
    follow_ups.take_back_reminders(found.letters)
    audit.record(by, PAUSED, f"notice {found.root.ref}", reason=reason)


def go_on(notice: Notice, *, by: Staff) -> None:
    """Let a recipient's time go on: what was left of it where a person let it stand still, else its whole time anew."""
    found = course(notice)
    if found.clock is None or found.clock.ended_at is not None or found.clock.paused_at is None:
        raise WrongState(f"the time of {notice.ref} does not stand still")
    if found.clock.paused_by_id is not None:
        clocks.go_on(found.head, Duty.REMOVE, *PauseReason)
    else:
        clocks.void(found.head, Duty.REMOVE)
        clocks.start(found.head, Duty.REMOVE)
    audit.record(by, WENT_ON, f"notice {found.root.ref}")
    outbox.put(db.session(), follow_ups.FOLLOW_UP, found.head.id)


def leave_to_people() -> int:
    """Let nobody be reminded whose time is over, until a person lets it go on. Returns of how many letters.

    After a restore nobody knows who was reminded since the backup. Also where something has to be read first: else the
    reminder would go once it is.
    """
    over = select(Notice).join(Clock, Clock.subject_id == Notice.id)
    over = over.where(Clock.subject == Subject.NOTICE, Clock.duty == Duty.REMOVE, Clock.due_at <= clock.now())
    over = over.where(Clock.ended_at.is_(None), Clock.paused_at.is_(None)).order_by(Notice.id)
    found = [one for one in db.session.scalars(over).all() if _would_be_reminded(course(one))]
    for notice in found:
        clocks.stand_still(notice, Duty.REMOVE, PauseReason.OTHER)
        audit.record(None, PAUSED, f"notice {notice.ref}", reason=PauseReason.OTHER)
    return len(found)


def _would_be_reminded(found: Course) -> bool:
    waits = found.next.why is Why.UNREAD or found.next.hindrance is Hindrance.MAILBOX
    return found.next.step is Step.REMIND or waits


def _follow(notice_id: int) -> None:
    outbox.done(db.session(), follow_ups.FOLLOW_UP, notice_id)
    notice = db.session.get(Notice, notice_id)
    if notice is None:
        return
    found = course(notice)
    if found.next.hindrance is Hindrance.MAILBOX:  # it mends itself, or somebody mends it
        outbox.put(db.session(), follow_ups.FOLLOW_UP, notice_id, due_at=clock.now() + MAILBOX_PAUSE)
        return
    if found.next.step is not Step.REMIND:
        return
    if (later := _waits_until(found)) is not None:
        outbox.put(db.session(), follow_ups.FOLLOW_UP, notice_id, due_at=later)
        return
    notice_approval.remind(found.root, found.left, by=None)


def _waits_until(found: Course) -> datetime | None:
    """Return until when a reminder is not written yet: quiet hours, or looks at its hosts; None where it may be."""
    now = clock.now()
    at = _after_quiet_hours(now, found.left)
    if at > now:
        return at
    approver = found.root.approved_by
    assert approver is not None
    looked = [hosting.is_looked_at_for_letter(one, by=approver) for one in found.left]
    return None if all(looked) else now + notice_sending.LOOK_PAUSE


def _after_quiet_hours(at: datetime, left: Iterable[Item]) -> datetime:
    return follow_up.may_go_at(at, follow_ups.quiet(), in_danger=any(one.in_danger for one in left))


def _at(found: Next, running: Clock | None, left: Iterable[Item]) -> datetime | None:
    if found.step is Step.WAIT:
        return running.due_at if running is not None and running.ended_at is None else None
    return _after_quiet_hours(clock.now(), left) if found.step is Step.REMIND else None


def _is_over(running: Clock | None) -> bool:
    return running is not None and running.ended_at is None and rules.is_over(clock.now(), running.due_at)


def _goes_on(one: Notice, head: Notice) -> bool:
    """Whether a letter carries a chain on: one that tells somebody more does where that one has the time."""
    if one.follows_id is None:
        return False
    return one.kind is not NoticeKind.SUPPLEMENT or one.recipient_id == head.recipient_id


def _answer(head: Notice, letters: Sequence[Notice], running: Clock | None) -> Answer | None:
    """Return the newest answer of whoever the chain stands with. One that came before its time began anew counts no
    more: then the time runs, or stands still because a person said so."""
    runs = running is not None and running.ended_at is None
    if runs and running is not None and (running.paused_at is None or running.paused_by_id is not None):
        return None
    theirs = [one for one in letters if one.recipient_id == head.recipient_id and one.answered_at is not None]
    newest = max(theirs, key=lambda one: (one.answered_at, one.id), default=None)
    return newest.answer if newest is not None else None


def _hindrance(root: Notice, left: Sequence[Item]) -> Hindrance | None:
    """Return what keeps the reminder of a letter from going by itself; the first of several."""
    wrong: tuple[tuple[Hindrance, Callable[[], bool]], ...] = (
        (Hindrance.STOPPED, lambda: not _all_may_leave(root, left)),
        (Hindrance.OBJECTS, lambda: any(appeals.is_open(line.item) for line in root.lines)),
        (Hindrance.BY_HAND, lambda: root.delivery not in confidential.BY_MAIL or root.went_by_hand),
        (Hindrance.NO_SERVER, lambda: not settings().smtp_url),
        (Hindrance.RECIPIENT, lambda: not _is_reached_alike(root)),
        (Hindrance.KEY, lambda: not _has_same_key(root)),
        (Hindrance.MOVED, lambda: any(hosting.has_moved(one, since=root.drafted_at) for one in left)),
        (Hindrance.WORDS, lambda: _words_are_newer(root)),
        (Hindrance.APPROVER, lambda: not _still_approves(root.approved_by)),
        (Hindrance.UNFIT, lambda: _was_kept_back(root)),
        (Hindrance.MAILBOX, lambda: bool(mailbox.standing())),
    )
    return next((which for which, is_so in wrong if is_so()), None)


def _all_may_leave(root: Notice, left: Sequence[Item]) -> bool:
    """Whether none of the items is held or looked at anew: not even one that the reminder would leave out."""
    if any(line.item.status is ItemStatus.HELD or assessments.correction_of(line.item) for line in root.lines):
        return False
    return all(root.channel in notice_grounds.ways(one) for one in left)


def _is_reached_alike(root: Notice) -> bool:
    """Whether the directory still says of the recipient what it said when the letter was approved."""
    recipient = root.recipient
    if not recipient.active or recipient.verified_on is None or recipient.delivery not in confidential.BY_MAIL:
        return False
    try:
        return notices.letter_of(root).mailbox == recipient.mailbox
    except (KeyMissing, Unreadable):
        return False


def _has_same_key(root: Notice) -> bool:
    try:
        usable = letter_writing.usable_key(root.recipient)
    except Refused:
        return False
    return (usable.id if usable else None) == root.key_id


def _words_are_newer(root: Notice) -> bool:
    """Whether new words of reminders came into force after the letter was approved: its approver has not read them."""
    since = letter_templates.in_force(LetterKey.REMINDER, root.language).counts_from
    return since is not None and (root.approved_at is None or since >= root.approved_at)


def _still_approves(approver: Staff | None) -> bool:
    return approver is not None and approver.active and approver.has(Role.REVIEWER)


def _was_kept_back(root: Notice) -> bool:
    entry = audit.last_of(f"notice {root.ref}", KEPT_BACK, WENT_ON)
    return entry is not None and entry.action == KEPT_BACK


def _by_host(found: Iterable[Item]) -> Mapping[bytes, list[Item]]:
    hosts: dict[bytes, list[Item]] = {}
    for one in found:
        hosts.setdefault(one.host_index, []).append(one)
    return hosts


def _written(about: Sequence[Item]) -> set[str]:
    """Return the references of those who have a letter, on what holds now, about any of these items."""
    superseded = select(Verdict.id).where(Verdict.supersedes_id == NoticeItem.verdict_id)
    have = select(Recipient.ref).join(Notice, Notice.recipient_id == Recipient.id).join(NoticeItem)
    have = have.where(NoticeItem.item_id.in_([one.id for one in about]), ~superseded.exists())
    return set(db.session.scalars(have.where(Notice.status.in_(notice_grounds.STANDING)).distinct()))


def _offered(about: Sequence[Item]) -> set[str]:
    """Return the references of the partner hotlines that have all of these items: from us, or from themselves."""
    have = select(Recipient.ref).join(Exchange, Exchange.recipient_id == Recipient.id)
    have = have.where(Exchange.item_id.in_([one.id for one in about]), Exchange.status.in_(exchange.STANDING))
    have = have.group_by(Recipient.ref).having(func.count(Exchange.item_id.distinct()) == len(about))
    return set(db.session.scalars(have))
