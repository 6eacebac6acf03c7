"""Notices: drafted behind the gate, approved by a reviewer, sent in three short steps."""

import json
import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.orm import aliased, joinedload, selectinload

from hotline import clock, jurisdiction, outbox, vault
from hotline.config import settings
from hotline.errors import Forbidden, GateClosed, KeyMissing, NotFound, Refused, Unreadable, WrongState
from hotline.extensions import UtcTime, db
from hotline.gateways import mail
from hotline.gateways.mail import Handed, Mailer, MailFault
from hotline.models.assessment import Verdict
from hotline.models.clock import Clock
from hotline.models.hosting import HostLookup
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.practice import StaffReach
from hotline.models.recipient import Recipient, RecipientKey
from hotline.models.reply import Appeal
from hotline.models.staff import Staff
from hotline.outbox import Task
from hotline.rules import confidential, follow_up, gate, letters, web_forms
from hotline.rules.clocks import SLOW_CLOCK
from hotline.rules.letters import Letter
from hotline.services import (
    appeals,
    assessments,
    audit,
    clocks,
    figures,
    follow_ups,
    hosting,
    items,
    letter_writing,
    notice_checks,
    references,
    secrecy,
    telling,
)
from hotline.services.letter_writing import Listed
from hotline.services.mailing import LEASE
from hotline.transactions import writing
from hotline.vocabulary import (
    Answer,
    Channel,
    Duty,
    Figure,
    ItemStatus,
    KeyKind,
    Language,
    LetterKey,
    LookupState,
    NoticeKind,
    NoticeStatus,
    PauseReason,
    RecipientKind,
    Role,
    Subject,
)

__all__ = ["Letter"]

DELIVER = "hotline.jobs.notices.deliver_notice"
PURPOSE, PROOF = "notice.letter", "notice.proof"
COPIED = "was shown what to type in"
# How long a letter may be in somebody's hands, added up here and nowhere else. One sending takes 90 s until the letter
# is given, and 600 s to confirm it, at most (`mail.LONGEST`: 690 s), in the worker and in the sweeper alike. A round of
# the rows begins nothing more after 45 s (`rows.LONGEST`; in the sweeper 20 s, `sweep.BY_HAND`), so it ends within
# 735 s. The queue allows a job 780 s (`outbox.JOB_SECONDS`), which leaves 45 s for looking up names and recording. The
# lease outlives the sending and the job: nobody takes a letter that another may still be handing over.
MOST_SPENT = 57  # the patience with a letter: so many refusals that may pass, over four days (RFC 5321, 4.5.4.1), or
# three tries that may have arrived
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=2)
LOOK_PAUSE = timedelta(seconds=5)  # a letter waits so long, again and again, while its host is being looked up
DOUBLINGS = 7  # from the first pause to beyond the longest
MANY_ATTEMPTS = 8  # after two hours; what costs no patience is tried for ever, so people are told by then
NOT_GONE = (NoticeStatus.DRAFT, NoticeStatus.QUEUED, NoticeStatus.FAILED)
NOT_CALLED_SENT = (NoticeStatus.QUEUED, NoticeStatus.FAILED, NoticeStatus.WITHDRAWN)  # yet; a try may end late
STANDING = (
    NoticeStatus.DRAFT,
    NoticeStatus.APPROVED,
    NoticeStatus.QUEUED,
    NoticeStatus.SENT,
    NoticeStatus.ANSWERED,
    NoticeStatus.FAILED,
)  # a letter that is on its way, has arrived, or may be tried again
KEEPS_QUIET = (NoticeKind.REMINDER, NoticeKind.ESCALATION)
DOUBTED = "may have arrived"  # in a letter's trail
OBJECTED = "appeal"  # why one waits: somebody says that an item of it is no such thing
LETS_GO = (ItemStatus.DECIDED, ItemStatus.ACTING, ItemStatus.MONITORING)
OTHER_RECIPIENT, OTHER_VERDICT, OTHER_HOST, OTHER_KEY, NAMES_US = (
    "recipient",
    "verdict",
    "host",
    "key",
    "names_us",
)  # why a letter that was approved does not go any more
KINDS = {
    Channel.HOST: (
        RecipientKind.HOSTING_PROVIDER,
        RecipientKind.PLATFORM,
        RecipientKind.CDN,
        RecipientKind.REGISTRAR,
    ),
    Channel.PARTNER: (RecipientKind.PARTNER_HOTLINE,),
    Channel.POLICE: (RecipientKind.POLICE,),
}


@dataclass(frozen=True, slots=True)
class NoticePage:
    """Some notices, and the cursor of the next page (empty at the end)."""

    rows: list[Notice]
    next: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What a form or portal answered whoever typed a notice in: its reference, when, and that person's number."""

    reference: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Lease:
    """A notice in the hands of whoever sends it: which attempt this is, and what goes on the wire, still sealed.

    `mailbox` is what the directory says now; `named_at` when somebody of us last came, or entered what they are called.
    """

    attempt: int
    message_id: str
    letter: bytes
    dated: datetime
    mailbox: str
    named_at: datetime | None = None


# built once, since they are said for every letter; `of` is the notice
_OF, _NOW = Notice.id == bindparam("of"), bindparam("now", type_=UtcTime())
_FREE = or_(Notice.leased_until.is_(None), Notice.leased_until < _NOW)
_LINE = select(NoticeItem.id).where(NoticeItem.notice_id == Notice.id)
_SUPERSEDED = select(Verdict.id).where(Verdict.supersedes_id == NoticeItem.verdict_id)
_TAKES_BACK = Notice.kind == NoticeKind.RETRACTION  # lists nothing: it rests on no verdict
_SHUT = and_(*(Item.status != one for one in LETS_GO))  # a list would be spelt out anew for every letter
_FALLEN = _LINE.join(Item, Item.id == NoticeItem.item_id).where(or_(_SHUT, _SUPERSEDED.exists()))
_OBJECTED = _LINE.join(Appeal, Appeal.item_id == NoticeItem.item_id).where(Appeal.decided_at.is_(None))
_ITS_STATUS = select(Item.status).where(Item.id == NoticeItem.item_id).scalar_subquery()  # by id, not all that have it
_LISTS_GONE = _LINE.where(_ITS_STATUS == ItemStatus.MONITORING)
_REMINDED_OF = aliased(Notice)
_STANDS_STILL = select(Clock.id).where(
    Clock.subject == Subject.NOTICE,
    Clock.subject_id == Notice.follows_id,
    Clock.duty == Duty.REMOVE,
    Clock.ended_at.is_(None),
    Clock.paused_at > Notice.approved_at,
)
_SAID_GONE = select(_REMINDED_OF.id).where(
    _REMINDED_OF.id == Notice.follows_id,
    _REMINDED_OF.answer == Answer.REMOVED,
    _REMINDED_OF.answered_at > Notice.approved_at,
)
_LEFT_ALONE = and_(Notice.kind == NoticeKind.REMINDER, or_(_STANDS_STILL.exists(), _SAID_GONE.exists()))
_OUTDATED = or_(  # what follows a letter, and need not go any more; asked of the two kinds alone
    and_(or_(*(Notice.kind == one for one in KEEPS_QUIET)), _LISTS_GONE.exists()),
    _LEFT_ALONE,
)
_LOOKS = _LINE.join(Item, Item.id == NoticeItem.item_id).join(HostLookup, HostLookup.host_index == Item.host_index)
_MOVED = _LOOKS.where(HostLookup.changed, HostLookup.looked_at > Notice.drafted_at)
_LOOKED_UP_NOW = _LOOKS.where(
    HostLookup.state == LookupState.WAITING, HostLookup.asked_at > bindparam("asked_since", type_=UtcTime())
)
_MAILBOX = select(Recipient.mailbox).where(Recipient.id == Notice.recipient_id).scalar_subquery()
_NAMES_CAME = union_all(select(Staff.created_at.label("at")), select(StaffReach.changed_at)).subquery()
_NAMED_AT = select(func.max(_NAMES_CAME.c.at)).scalar_subquery()
_STILL_GETS_MAIL = select(Recipient.id).where(Recipient.id == Notice.recipient_id, Recipient.active)
_VERIFIED = Recipient.verified_on.is_not(None)  # a mailbox that was changed and changed back is not
_BY_MAIL = or_(*(Notice.delivery == one for one in sorted(confidential.BY_MAIL)))
_KEY_STANDS = select(RecipientKey.id).where(
    RecipientKey.id == Notice.key_id,
    RecipientKey.withdrawn_at.is_(None),
    or_(RecipientKey.expires_at.is_(None), RecipientKey.expires_at > _NOW),
)  # as `confidential.is_usable`
_LIES_HERE = text("notices.status = 'queued' AND notices.kept_at IS NOT NULL")  # in the words of the index over them
_NOT_HERE = or_(Notice.status != NoticeStatus.QUEUED, Notice.kept_at.is_(None))
_IN_TIME = Notice.not_before.is_(None)  # what waited for quiet hours to end is let out first (`_let_out`)
_WENT_BY_HAND = and_(Notice.status.in_([NoticeStatus.QUEUED, NoticeStatus.WITHDRAWN]), Notice.kept_at.is_not(None))
_TAKE = (
    update(Notice)
    .where(_OF, Notice.status == NoticeStatus.QUEUED, Notice.kept_at.is_(None), _FREE)
    .where(~outbox.put_off(DELIVER, Notice.id, _NOW), Notice.spent < MOST_SPENT)
    .where(_STILL_GETS_MAIL.where(_VERIFIED).exists(), or_(_TAKES_BACK, _LINE.exists()), ~_FALLEN.exists())
    .where(~_OBJECTED.exists(), ~_OUTDATED, ~_MOVED.exists(), ~_LOOKED_UP_NOW.exists(), _IN_TIME)
    .where(_BY_MAIL, or_(Notice.key_id.is_(None), _KEY_STANDS.exists()))
    .values(
        leased_until=bindparam("until", type_=UtcTime()),
        attempts=Notice.attempts + 1,
        spent=Notice.spent + mail.DOUBTFUL,
    )  # spent in advance: who is killed while sending cannot say what it cost
    .returning(
        Notice.attempts,
        Notice.message_id,
        Notice.letter,
        func.coalesce(Notice.approved_at, Notice.drafted_at),
        _MAILBOX,
        _NAMED_AT,
    )
)
_GONE = (
    update(Notice)
    .where(_OF, or_(*(Notice.status == one for one in NOT_CALLED_SENT)))
    .values(status=NoticeStatus.SENT, sent_at=_NOW, kept_at=None, leased_until=None, last_fault=None)
    .returning(Notice.ref, Notice.channel, Notice.kind, Notice.follows_id)
)
_KEPT = (
    update(Notice)
    .where(_OF, Notice.status == NoticeStatus.QUEUED, Notice.kept_at.is_(None))
    .values(kept_at=_NOW, leased_until=None, last_fault=None)
    .returning(Notice.ref)
)
_IS_DECIDED = text("items.status = 'decided'")  # in the very words of the indexes over what waits for a letter
_LISTED = select(NoticeItem.item_id).where(NoticeItem.notice_id == bindparam("of"))


def recipients(channel: Channel) -> list[Recipient]:
    """Return who may get letters through `channel`, by name."""
    in_use = (Recipient.active, Recipient.proposed_at.is_(None))
    query = select(Recipient).where(*in_use, Recipient.kind.in_(KINDS[channel]))
    return list(db.session.scalars(query.order_by(Recipient.name)))


def draft(
    item: Item, recipient: Recipient, *, channel: Channel, language: Language, by: Staff, also: Sequence[Item] = ()
) -> Notice:
    """Draft a letter about `item`, and about those `also` chosen that the same letter may be about.

    Raises GateClosed when two people have not agreed on what opens `channel` for each of them. Raises Refused for a
    recipient who gets no letters through `channel`, has one about one of the items already, or takes none this way; and
    (`also`, code) for an item that another letter has to be about.
    """
    template = _template(item, channel)
    if template is None:
        raise GateClosed(f"nothing about {item.ref} may leave through {channel}")
    for one in also:
        if _template(one, channel) is not template:
            raise Refused(("also", "other_letter"))
    about = list(dict.fromkeys([item, *also]))
    for one in about:
        _refuse_wrong_recipient(one, recipient, channel)
    return _draft(about, recipient, channel=channel, language=language, template=template, by=by, actor=by)


def draft_retraction(follows: Notice, *, which: str, by: Staff) -> Notice:
    """Draft a letter that takes back one that went; `which` of its addresses, in words, where it is not all of them.

    Raises Refused where its recipient cannot be reached any more.
    """
    return _draft(
        (),
        follows.recipient,
        channel=follows.channel,
        language=follows.language,
        template=LetterKey.RETRACTION,
        by=by,
        kind=NoticeKind.RETRACTION,
        follows=follows,
        which=which,
        actor=by,
    )


def draft_reminder(root: Notice, about: Sequence[Item], *, by: Staff) -> Notice:
    """Draft a reminder of a letter about some of its items, for a reviewer to approve. Raises as `draft`."""
    return _draft_reminder(root, about, by=by, actor=by)


def remind(root: Notice, about: Sequence[Item], *, by: Staff | None) -> Notice:
    """Let a reminder go with the approval that the letter itself has: its drafter and approver stand at both.

    `by` is who had it go now; None: the portal, by its rule. Whoever calls has found that nothing has changed since
    (`reminders`). Raises as `approve`, and Refused where the letter as it was written now needs a person's eyes.
    """
    approver = root.approved_by
    assert approver is not None
    notice = _draft_reminder(root, about, by=root.drafted_by, actor=by)
    if notice_checks.of(notice, letter_of(notice), by=approver).leaks:
        raise Refused(("approve", "second_person"))
    _check("approve", notice, by=approver)
    _queue(notice, approver)
    audit.record(by, appeals.REMINDED, f"notice {notice.ref}")
    return notice


def draft_escalation(root: Notice, recipient: Recipient, about: Sequence[Item], *, by: Staff) -> Notice:
    """Draft a letter to somebody who stands above the recipient of another that nothing came of. Raises as `draft`."""
    for one in about:
        if _template(one, Channel.HOST) is None:
            raise GateClosed(f"nothing about {one.ref} may leave")
        _refuse_wrong_recipient(one, recipient, Channel.HOST)
    return _draft(
        about,
        recipient,
        channel=Channel.HOST,
        language=recipient.language,
        template=LetterKey.ESCALATION,
        by=by,
        kind=NoticeKind.ESCALATION,
        follows=root,
        actor=by,
    )


def _draft_reminder(root: Notice, about: Sequence[Item], *, by: Staff, actor: Staff | None) -> Notice:
    letters_of_it = follow_ups.chain(root)
    if any(one.kind is NoticeKind.REMINDER for one in letters_of_it):
        raise Refused(("remind", "has_one"))
    for one in about:
        if _template(one, root.channel) is None:
            raise GateClosed(f"nothing about {one.ref} may leave")
        _refuse_wrong_recipient(one, root.recipient, root.channel, but=[letter.id for letter in letters_of_it])
    return _draft(
        about,
        root.recipient,
        channel=root.channel,
        language=root.language,
        template=LetterKey.REMINDER,
        by=by,
        kind=NoticeKind.REMINDER,
        follows=root,
        actor=actor,
    )


def candidates(item: Item, *, channel: Channel, by: Staff, most: int = 100) -> list[Item]:
    """Return other items that a letter about `item` may list too, oldest first: agreed on, and in no such letter yet.

    Those on the same host come first, then those in the same network. What does not fit is left out.
    """
    template = _template(item, channel)
    if template is None:
        return []
    written = select(NoticeItem.id).join(Notice).where(NoticeItem.item_id == Item.id, Notice.channel == channel)
    free = select(Item).where(_IS_DECIDED, Item.id != item.id, ~written.where(Notice.status.in_(STANDING)).exists())
    found = list(db.session.scalars(free.where(Item.host_index == item.host_index).order_by(Item.id).limit(most)))
    if item.network and len(found) < most:
        near = free.where(Item.network == item.network, Item.host_index != item.host_index)
        found += db.session.scalars(near.order_by(Item.id).limit(most - len(found)))
    return [one for one in found if _template(one, channel) is template]


def _draft(
    about: Sequence[Item],
    recipient: Recipient,
    *,
    channel: Channel,
    language: Language,
    template: LetterKey,
    by: Staff,
    kind: NoticeKind = NoticeKind.FIRST,
    follows: Notice | None = None,
    actor: Staff | None,
    which: str = "",
) -> Notice:
    """Write a letter, and list each address with the verdict that lets it go.

    The trail names `actor`, who may be another than its drafter; None is the portal itself.
    """
    ref = references.draw(Notice.ref, "N")
    message_id = f"<{ref.lower()}.{secrets.token_hex(8)}@{settings().mail_from.partition('@')[2]}>"
    listed = [Listed(one, _agreed(one)) for one in about]
    written = letter_writing.write(
        template,
        listed,
        recipient,
        channel=channel,
        language=language,
        ref=ref,
        message_id=message_id,
        by=by,
        follows=follows,
        which=which,
    )
    notice = Notice(
        ref=ref,
        recipient=recipient,
        channel=channel,
        kind=kind,
        follows=follows,
        delivery=written.delivery,
        language=language,
        template=template,
        template_id=written.template_id,
        key=written.key,
        letter=_seal(written.letter),
        message_id=message_id,
        status=NoticeStatus.DRAFT,
        drafted_by=by,
        drafted_at=clock.now(),
    )
    db.session.add(notice)
    db.session.flush()
    for one in listed:
        hosting.ask_before_letter(one.item, by=by)
        db.session.add(
            NoticeItem(
                notice_id=notice.id,
                item_id=one.item.id,
                verdict_id=one.verdict.id,
                inhope_class=one.verdict.inhope_class,
                law=one.verdict.law,
                channel=channel,
                in_danger=one.item.in_danger,
            )
        )
        audit.record(actor, "drafted a notice", f"item {one.item.ref}", notice=ref)
    audit.record(actor, "drafted", f"notice {ref}")
    secrecy.check_letter(secrecy.BY_CHANNEL[channel], written.letter)
    return notice


def get(ref: str, *, by: Staff) -> Notice:
    """Return the notice `ref`. Raises NotFound, also for people who may not see notices."""
    notice = db.session.scalar(select(Notice).where(Notice.ref == ref))
    if notice is None or not by.has(*items.CASE_ROLES):
        raise NotFound(f"no notice {ref}")
    return notice


def is_closed(notice: Notice) -> bool:
    """Whether a letter's words are closed to everybody, since an item it lists is being corrected."""
    return gate.is_closed(assessments.correction_of(line.item) for line in notice.lines)


def read(notice: Notice, *, by: Staff) -> Letter | None:
    """Open a notice's letter for a person; the read goes into the audit trail. None where no key here opens it.

    Raises GateClosed while an item it lists is being corrected.
    """
    _refuse_closed(notice)
    audit.record_read(by, "read", f"notice {notice.ref}")
    try:
        return letter_of(notice)
    except (KeyMissing, Unreadable):
        return None


def list_page(
    *, by: Staff, status: NoticeStatus | None = None, kept: bool = False, after: str = "", limit: int = 50
) -> NoticePage:
    """Return notices: drafts first, the oldest on top, then all others, newest first. `after` is the page before's.

    `kept` asks for those alone that lie here; they are not among those that are queued.
    """
    part, last = _position(after) if after else ("d", 0)
    found: list[Notice] = []
    if part == "d" and not kept and status in {None, NoticeStatus.DRAFT}:
        drafts = _listed(limit + 1).where(Notice.status == NoticeStatus.DRAFT, Notice.id > last)
        found += db.session.scalars(drafts.order_by(Notice.id))
    if len(found) <= limit and status is not NoticeStatus.DRAFT:
        query = _listed(limit + 1 - len(found)).where(Notice.status != NoticeStatus.DRAFT).order_by(Notice.id.desc())
        if status:
            query = query.where(Notice.status == status, _NOT_HERE)
        if kept:
            query = query.where(_LIES_HERE)
        if part == "s":
            query = query.where(Notice.id < last)
        found += db.session.scalars(query)
    return NoticePage(found[:limit], _cursor(found[limit - 1]) if len(found) > limit else "")


def ways(item: Item) -> tuple[Channel, ...]:
    """Return the channels a letter about `item` may take: none before two people agreed, none while it is held."""
    verdict = assessments.verdict_of(item)
    if verdict is None or item.status not in LETS_GO:
        return ()
    opened = gate.channels(verdict.inhope_class, verdict.law, in_danger=item.in_danger)
    return tuple(one for one in opened if gate.letter(one, verdict.law))


def prepare(item: Item, *, by: Staff) -> None:
    """Have the host of an item looked up that two people have just agreed on, before anybody drafts a letter about it.

    A letter names an IP address only where a look has just found it.
    """
    if ways(item):
        hosting.ask_before_letter(item, by=by)


def is_being_sent(notice: Notice) -> bool:
    """Whether the letter is in somebody's hands right now."""
    until = notice.leased_until
    return notice.status is NoticeStatus.QUEUED and until is not None and until > clock.now()


def may_withdraw(notice: Notice) -> bool:
    """Whether a letter can still be taken back."""
    return notice.status in NOT_GONE and not is_being_sent(notice)


def next_try_at(notice: Notice) -> datetime | None:
    """Return when a letter that is on its way is tried next; None when it is not on its way."""
    return db.session.scalar(select(Task.due_at).where(Task.job == DELIVER, Task.record_id == notice.id))


def list_waiting(*, by: Staff, most: int) -> list[Notice]:
    """Return the `most` oldest drafts that wait for a reviewer, oldest first."""
    drafts = select(Notice).where(Notice.status == NoticeStatus.DRAFT).order_by(Notice.id).limit(most)
    return list(db.session.scalars(drafts))


def count_kept(*, by: Staff) -> int:
    """Return how many letters lie here and have gone to nobody."""
    return db.session.scalar(select(func.count()).select_from(Notice).where(_LIES_HERE)) or 0


def list_troubled(*, by: Staff, most: int, after: int = 0) -> list[Notice]:
    """Return letters that did not get through and need a person, oldest first; with those that are tried in vain.

    At most `most` with a higher id than `after`: the oldest of each state, each read off the index by state.
    """
    in_vain = and_(Notice.status == NoticeStatus.QUEUED, Notice.attempts >= MANY_ATTEMPTS, Notice.kept_at.is_(None))
    kinds = (Notice.status == NoticeStatus.FAILED, Notice.status == NoticeStatus.BOUNCED, in_vain)
    each = [
        select(Notice.id).where(kind, Notice.id > after).order_by(Notice.id).limit(most).subquery() for kind in kinds
    ]
    ids = union_all(*(select(one.c.id) for one in each)).subquery()
    return list(db.session.scalars(select(Notice).join(ids, ids.c.id == Notice.id).order_by(Notice.id).limit(most)))


def letter_of(notice: Notice) -> Letter:
    """Open the letter exactly as it is sent."""
    return _opened(notice.letter)


def approve(notice: Notice, *, by: Staff) -> None:
    """Let a draft go: it is queued in this transaction and sent soon after. Only a reviewer may.

    Raises Refused for what the reviewer's checks found wrong (`approve`, code), and GateClosed when what was agreed no
    longer stands: the item was taken up again, held or closed after the letter was drafted.
    """
    if not by.has(Role.REVIEWER):
        raise Forbidden("only a reviewer approves a notice")
    if notice.status is not NoticeStatus.DRAFT:
        raise WrongState(f"{notice.ref} is not a draft")
    _check("approve", notice, by=by)
    for line in notice.lines:
        hosting.ask_before_letter(line.item, by=by)
    if notice.drafted_by_id != by.id and secrecy.leaks_in(letter_of(notice)):
        secrecy.let_go(secrecy.BY_CHANNEL[notice.channel])
    _queue(notice, by)
    audit.record(by, "approved", f"notice {notice.ref}")


def withdraw(notice: Notice, *, by: Staff) -> None:
    """Take back a letter that has not gone."""
    untouched = update(Notice).where(
        Notice.id == notice.id,
        Notice.status.in_(NOT_GONE),
        or_(Notice.leased_until.is_(None), Notice.leased_until < clock.now()),
    )
    done: CursorResult[Any] = db.session.execute(untouched.values(status=NoticeStatus.WITHDRAWN))  # type: ignore[assignment]
    if done.rowcount == 0:
        raise WrongState(f"{notice.ref} has gone, or is going now")
    outbox.done(db.session(), DELIVER, notice.id)
    db.session.refresh(notice)
    audit.record(by, "withdrew", f"notice {notice.ref}")
    if notice.kind is NoticeKind.REMINDER and notice.follows is not None:  # no other goes by itself in its place
        clocks.stand_still(notice.follows, Duty.REMOVE, PauseReason.OTHER, by=by)


def stop(item: Item) -> None:
    """Leave letters about `item` that wait to be sent to people, since somebody objects.

    What is going now, goes; where that comes to nothing it is not tried again (`_TAKE`).
    """
    waiting = select(Notice).join(NoticeItem).where(NoticeItem.item_id == item.id, Notice.status == NoticeStatus.QUEUED)
    for notice in db.session.scalars(waiting.where(Notice.kept_at.is_(None)).order_by(Notice.id)).all():
        if not is_being_sent(notice):
            _fail(notice, OBJECTED)


def try_again(notice: Notice, *, by: Staff) -> None:
    """Queue a letter that failed for good, once the cause is mended. Checked like a draft that is approved.

    Raises Refused (`try-again`, code) and GateClosed as `approve` does.
    """
    if notice.status is not NoticeStatus.FAILED:
        raise WrongState(f"{notice.ref} has not failed")
    _check("try-again", notice, by=by)
    _keep_doubt(notice)
    _count_let_go(notice)
    notice.status, notice.attempts, notice.spent, notice.last_fault = NoticeStatus.QUEUED, 0, 0, None
    audit.record(by, notice_checks.QUEUED_AGAIN, f"notice {notice.ref}")
    _put(notice)


def was_in_doubt(notice: Notice) -> bool:
    """Whether it is on record that a try of a letter may have reached its recipient; that no other try undoes."""
    return audit.count(f"notice {notice.ref}", DOUBTED) > 0


def may_have_arrived(notice: Notice) -> bool:
    """Whether a try of a letter that is not called sent may have reached its recipient, as far as anybody can tell."""
    return _is_in_doubt(notice) or was_in_doubt(notice)


def _is_in_doubt(notice: Notice) -> bool:
    return notice.last_fault == mail.UNCONFIRMED or notice.spent >= mail.DOUBTFUL


def _keep_doubt(notice: Notice) -> None:
    """Keep on record, once, that a letter may have arrived: its tries may be counted anew, and another fault follow."""
    if _is_in_doubt(notice) and not was_in_doubt(notice):
        audit.record(None, DOUBTED, f"notice {notice.ref}")


def release(notice: Notice, *, by: Staff) -> None:
    """Let a kept letter go by mail, since there is a mail server now. Checked like a draft that is approved.

    Raises Refused (`release`, code) and GateClosed as `approve` does.
    """
    if not settings().smtp_url:
        raise Refused(("release", "no_server"))
    _refuse_unless_kept(notice)
    _refuse_typed_in(notice)
    _check("release", notice, by=by)
    _keep_doubt(notice)
    _count_let_go(notice)
    _take_from_here(notice, ~_NOT_HERE, kept_at=None, attempts=0, spent=0, last_fault=None)
    audit.record(by, notice_checks.RELEASED, f"notice {notice.ref}")
    _put(notice)


def record_by_hand(notice: Notice, *, by: Staff) -> None:
    """Note that `by` has sent a kept letter by hand: from now on it counts as sent. Once.

    That it went is the truth, whatever may have become of its item or recipient since, or of the letter itself:
    somebody may have withdrawn it while another was mailing it.
    """
    _refuse_typed_in(notice)
    _take_from_here(notice, _WENT_BY_HAND, status=NoticeStatus.SENT, sent_at=clock.now())
    audit.record(by, appeals.BY_HAND, f"notice {notice.ref}")
    _act(notice.id, notice.channel, notice.kind, notice.follows_id, at=clock.now())


def check_kept(notice: Notice, *, by: Staff) -> None:
    """Raise Refused (`download`, code) or GateClosed unless a kept letter may still be taken to its recipient."""
    _refuse_unless_kept(notice)
    _refuse_typed_in(notice)
    _check("download", notice, by=by)


def show_fields(notice: Notice, *, by: Staff) -> tuple[web_forms.Field, ...]:
    """Return what a person copies into a recipient's form, with live addresses: the trail tells each time.

    Raises WrongState unless it is approved and waits for it; Refused (`copy`, code) and GateClosed where it may not go.
    """
    _refuse_unless_kept(notice)
    if not notice.is_typed_in:
        raise WrongState(f"{notice.ref} goes by mail")
    _check("copy", notice, by=by)
    audit.record(by, COPIED, f"notice {notice.ref}")
    for line in notice.lines:
        items.live_address(line.item, by=by)
    place = jurisdiction.current()
    letter = letter_of(notice)
    contact = web_forms.Contact(place.brand(Language.EN), settings().mail_from, place.country)
    return web_forms.fields(
        letter.mailbox, addresses=letter.addresses, text=letter.text, contact=contact, ref=notice.ref
    )


def times_copied(notice: Notice) -> int:
    """Return how often somebody was shown what goes into the form."""
    return audit.count(f"notice {notice.ref}", COPIED)


def record_proof(notice: Notice, reference: str, at: datetime | None, *, by: Staff) -> None:
    """Note that `by` has typed a notice into a form or portal, with what it answered. From now on it counts as sent.

    That it went is the truth, whatever may have become of it since. Raises Refused by field.
    """
    if not notice.is_typed_in:
        raise WrongState(f"{notice.ref} goes by mail")
    now, reference = clock.now(), reference.strip()
    if wrong := _proof_faults(notice, reference, at, now=now):
        raise Refused(*wrong)
    assert at is not None
    proof = json.dumps({"reference": reference, "at": at.isoformat(), "by": by.number}, ensure_ascii=False)
    sealed = vault.keyring().seal(PROOF, proof)
    _take_from_here(notice, _WENT_BY_HAND, status=NoticeStatus.SENT, sent_at=at, proof=sealed)
    audit.record(by, appeals.TYPED_IN, f"notice {notice.ref}")
    _act(notice.id, notice.channel, notice.kind, notice.follows_id, at=at)


def proof_of(notice: Notice) -> Proof | None:
    """Open what a form or portal answered; None where there is none, or no key here opens it."""
    if notice.proof is None:
        return None
    try:
        facts = json.loads(vault.keyring().open(PROOF, notice.proof))
    except (KeyMissing, Unreadable):
        return None
    return Proof(facts["reference"], datetime.fromisoformat(facts["at"]), facts["by"])


def fallen(notice: Notice) -> str | None:
    """Return which part of what an approved letter rests on no longer stands; None where all of it does."""
    if not notice.recipient.active or notice.recipient.verified_on is None:
        return OTHER_RECIPIENT
    if notice.key is not None and not letter_writing.may_use(notice.key):
        return OTHER_KEY
    if not _all_stand(notice):
        return OTHER_VERDICT
    if _is_objected_to(notice):
        return OBJECTED
    return OTHER_HOST if _has_moved(notice) else None


def deliver(notice_id: int, *, mailer: Mailer) -> None:
    """Send one queued notice: claim and commit, send outside any transaction, record and commit. Safe to run twice.

    Whatever ends the sending is recorded as an attempt; what is no fault of the mail is raised again. A letter that the
    mailer only kept has not gone: it waits for people.
    """
    deliver_in_turn([notice_id], mailer=mailer)


def deliver_in_turn(notice_ids: Iterable[int], *, mailer: Mailer) -> None:
    """Send queued notices as `deliver` does, one after the other; each is recorded when the next is claimed.

    So a letter takes one transaction, not two: others wait for the store half as often. A number is drawn only once
    the letter before it is out of our hands; what raises leaves the rest undrawn, and what became of the last letter is
    recorded all the same: the queue's word that the time is over may come while a number is drawn.
    """
    record: Callable[[], None] | None = None
    try:
        for notice_id in notice_ids:
            before, record = record, None
            lease = _record_and_lease(before, notice_id)
            record = _send(notice_id, lease, mailer) if lease is not None else None
    finally:
        if record is not None:
            with writing():
                record()


def _record_and_lease(record: Callable[[], None] | None, notice_id: int) -> Lease | None:
    """Record how the letter before went, and take the next. What is wrong with the next does not undo the record."""
    try:
        with writing():
            if record is not None:
                record()
            return _lease(notice_id)
    except Exception:  # whatever it is goes on, once it is written alone that the letter before has gone
        if record is not None:
            with writing():
                record()
        raise


def _send(notice_id: int, lease: Lease, mailer: Mailer) -> Callable[[], None]:
    """Send a letter outside any transaction. Returns what there is to record, for the transaction that comes next."""
    try:
        handed = mailer.send(*_on_the_wire(lease))
    except MailFault as fault:
        return partial(_record_fault, notice_id, lease.attempt, fault)
    except Exception:  # such as the queue's word that the job has had its time
        with writing():
            _record_fault(notice_id, lease.attempt, mail.in_doubt())
        raise
    return partial(_record_kept if handed is Handed.KEPT else _record_sent, notice_id)


def _lease(notice_id: int) -> Lease | None:
    """Take the notice for `LEASE`.

    None when it is not queued, is kept here, waits for its next try, may not go any more, or somebody else is sending
    it. Whoever is killed while sending leaves the lease behind: the notice waits until it ends, since nobody can know
    whether the letter has gone.
    """
    now = clock.now()
    when = {"of": notice_id, "now": now, "until": now + LEASE, "asked_since": now - hosting.LETTER_WAITS}
    row = db.session.execute(_TAKE, when, execution_options=outbox.UNSEEN).one_or_none()
    if row is None:
        _settle_row(notice_id)
        return None
    lease = Lease(*row)
    if lease.named_at is not None and lease.named_at > lease.dated and _names_us_by_now(notice_id):
        return None
    return lease


def _names_us_by_now(notice_id: int) -> bool:
    """Leave a letter to people in which somebody of us stands who was not known when people last looked through it."""
    notice = db.session.get_one(Notice, notice_id, populate_existing=True)
    try:
        found = notice_checks.found_late(notice, letter_of(notice))
    except (KeyMissing, Unreadable):
        return False  # it does not go anyhow (`_on_the_wire`)
    if found:
        secrecy.count(secrecy.BY_CHANNEL[notice.channel], found)
        notice.spent -= mail.DOUBTFUL  # nothing was tried
        _fail(notice, NAMES_US)
    return bool(found)


def _settle_row(notice_id: int) -> None:
    """Take away the row of a notice that needs no sending, or put it off until whoever sends it has had the time.

    A letter that may not go any more fails here; what follows another, and need not go any more, is taken back.
    """
    notice = db.session.get(Notice, notice_id)
    if notice is None or notice.status is not NoticeStatus.QUEUED or notice.is_kept:
        outbox.done(db.session(), DELIVER, notice_id)
    elif is_being_sent(notice):
        outbox.later(db.session(), DELIVER, notice_id, due_at=notice.leased_until or clock.now())
    elif _is_outdated(notice):
        follow_ups.take_back(notice)
    elif code := _hindrance(notice):
        _fail(notice, code)
    elif notice.not_before is not None and notice.not_before > clock.now():
        outbox.later(db.session(), DELIVER, notice_id, due_at=notice.not_before)
    elif notice.not_before is not None:
        _let_out(notice)
    elif any(hosting.is_being_looked_up(line.item) for line in notice.lines):
        outbox.later(db.session(), DELIVER, notice_id, due_at=clock.now() + LOOK_PAUSE)


def _let_out(notice: Notice) -> None:
    """Let go what waited for quiet hours to end, once its hosts were looked up again: they may have moved overnight."""
    approver = notice.approved_by
    assert approver is not None
    for line in notice.lines:
        hosting.ask_before_letter(line.item, by=approver)
    notice.not_before = None
    outbox.put(db.session(), DELIVER, notice.id)


def _hindrance(notice: Notice) -> str | None:
    """Return why an approved letter may not go any more, as `_TAKE` sees it; None when it only waits."""
    if notice.spent >= MOST_SPENT:
        return notice.last_fault or mail.UNCONFIRMED
    return fallen(notice)


def _on_the_wire(lease: Lease) -> tuple[str, str, str, bytes]:
    """Return (sender, mailbox, Message-ID, message). The date is the approval's, so a second copy is the same.

    Raises MailFault when the letter cannot be opened or written (its key may come back), and when the directory has
    another mailbox by now.
    """
    sender = settings().mail_from
    try:
        letter = _opened(lease.letter)
        wire = letters.message(
            letter,
            message_id=lease.message_id,
            sender=sender,
            sender_name=jurisdiction.current().brand(Language.EN),
            at=lease.dated,
        )
    except (KeyMissing, Unreadable, ValueError) as exc:
        raise MailFault("letter", permanent=False) from exc
    if letter.mailbox != lease.mailbox:
        raise MailFault(OTHER_RECIPIENT, permanent=True)
    return sender, letter.mailbox, lease.message_id, wire


def _record_sent(notice_id: int) -> None:
    """Note that the letter has gone, once, even if two were sending it because one took longer than its lease."""
    outbox.done(db.session(), DELIVER, notice_id)
    now = clock.now()
    gone = db.session.execute(_GONE, {"of": notice_id, "now": now}, execution_options=outbox.UNSEEN).one_or_none()
    if gone is not None:
        audit.record(None, "sent", f"notice {gone.ref}")
        _act(notice_id, gone.channel, gone.kind, gone.follows_id, at=now)


def _record_kept(notice_id: int) -> None:
    """Note that the letter lies here, once. Nothing was done yet: nobody is told that it was."""
    outbox.done(db.session(), DELIVER, notice_id)
    when = {"of": notice_id, "now": clock.now()}
    kept = db.session.execute(_KEPT, when, execution_options=outbox.UNSEEN).one_or_none()
    if kept is not None:
        audit.record(None, "kept", f"notice {kept.ref}")


def _act(notice_id: int, channel: Channel, kind: NoticeKind, follows_id: int | None, *, at: datetime) -> None:
    """Count a letter that has gone, note what was done about the addresses it lists, and begin its recipient's time."""
    figures.count(Figure.NOTICES, channel)
    telling.act_on(db.session.scalars(_LISTED, {"of": notice_id}).all())
    follow_ups.sent(notice_id, follows_id, channel=channel, kind=kind, at=at)


def _queue(notice: Notice, approver: Staff) -> None:
    """Let a checked draft go, with somebody's approval."""
    notice.approved_by, notice.approved_at, notice.status = approver, clock.now(), NoticeStatus.QUEUED
    if notice.is_typed_in:
        notice.kept_at = clock.now()  # it lies here until a person has typed it in
        db.session.flush()
    else:
        _put(notice)


def _put(notice: Notice) -> None:
    """Have a queued letter sent, once quiet hours are over where it has to keep them."""
    at = clock.now()
    if notice.kind in KEEPS_QUIET and notice.channel is Channel.HOST:
        in_danger = any(line.item.in_danger for line in notice.lines)
        at = follow_up.may_go_at(at, follow_ups.quiet(), in_danger=in_danger)
    notice.not_before = at if at > clock.now() else None
    db.session.flush()
    outbox.put(db.session(), DELIVER, notice.id, due_at=at)


def _refuse_unless_kept(notice: Notice) -> None:
    if not notice.is_kept:
        raise WrongState(f"{notice.ref} is not kept here")


def _refuse_typed_in(notice: Notice) -> None:
    if notice.is_typed_in:
        raise WrongState(f"{notice.ref} goes by no mail")


def _proof_faults(notice: Notice, reference: str, at: datetime | None, *, now: datetime) -> tuple[tuple[str, str], ...]:
    found = []
    if not reference:
        found.append(("reference", "required"))
    elif len(reference) > web_forms.LONGEST_REFERENCE:
        found.append(("reference", "too_long"))
    if at is None:
        found.append(("at", "required"))
    elif at > now + SLOW_CLOCK:
        found.append(("at", "later"))
    elif notice.approved_at is not None and at < notice.approved_at - SLOW_CLOCK:
        found.append(("at", "earlier"))
    return tuple(found)


def _take_from_here(notice: Notice, where: ColumnElement[bool], **values: object) -> None:
    """Write `values` into a kept letter, if it still is one. Raises WrongState when somebody was faster."""
    still = update(Notice).where(Notice.id == notice.id, where)
    done: CursorResult[Any] = db.session.execute(still.values(**values))  # type: ignore[assignment]
    if done.rowcount == 0:
        raise WrongState(f"{notice.ref} is not kept here any more")
    db.session.refresh(notice)


def _record_fault(notice_id: int, attempt: int, fault: MailFault) -> None:
    """Note why the letter did not go and when to try again, once. An attempt that was overtaken has no say any more."""
    notice = db.session.get_one(Notice, notice_id)
    if notice.status is not NoticeStatus.QUEUED or notice.attempts != attempt or notice.leased_until is None:
        return
    notice.leased_until, notice.last_fault = None, fault.code
    notice.spent += fault.spends - mail.DOUBTFUL  # that was spent in advance
    if fault.code == mail.UNCONFIRMED:
        _keep_doubt(notice)
    if _is_outdated(notice):
        follow_ups.take_back(notice)
        return
    if _is_objected_to(notice):
        _fail(notice, OBJECTED)
        return
    if fault.permanent or notice.spent >= MOST_SPENT:
        _fail(notice, fault.code)
        return
    pause = min(FIRST_PAUSE * 2 ** min(notice.attempts - 1, DOUBLINGS), LONGEST_PAUSE)
    outbox.later(db.session(), DELIVER, notice_id, due_at=clock.now() + pause)


def _fail(notice: Notice, code: str) -> None:
    """Leave a letter to people."""
    notice.status, notice.leased_until, notice.last_fault = NoticeStatus.FAILED, None, code
    outbox.done(db.session(), DELIVER, notice.id)
    audit.record(None, "failed", f"notice {notice.ref}", fault=code)


def _check(deed: str, notice: Notice, *, by: Staff) -> None:
    """Raise Refused (`deed`, code) or GateClosed unless everything a letter needs to go is there."""
    _refuse_closed(notice)
    if wrong := _wrong_with(notice, by=by):
        raise Refused((deed, wrong))
    if _has_moved(notice):
        raise Refused((deed, OTHER_HOST))
    if notice.key is not None and not letter_writing.may_use(notice.key):
        raise Refused((deed, OTHER_KEY))
    if notice.key is None and confidential.must_be_encrypted(notice.channel, notice.delivery):
        raise Refused((deed, "no_key"))
    if not _all_stand(notice):
        raise GateClosed(f"what {notice.ref} rests on no longer stands")
    if _is_objected_to(notice):
        raise Refused((deed, OBJECTED))
    its_own = [notice.id, *(one.id for one in follow_ups.chain(notice))] if notice.follows_id else [notice.id]
    if any(_has_letter(line.item, notice.recipient, but=its_own) for line in notice.lines):
        raise Refused((deed, "has_one"))


def _count_let_go(notice: Notice) -> None:
    """Count that somebody let a letter go in which one of us was found since it was last looked through."""
    if notice_checks.found_late(notice, letter_of(notice)):
        secrecy.let_go(secrecy.BY_CHANNEL[notice.channel])


def _refuse_closed(notice: Notice) -> None:
    if is_closed(notice):
        raise GateClosed(f"an item of {notice.ref} is being corrected")


def _wrong_with(notice: Notice, *, by: Staff) -> str | None:
    try:
        checks = notice_checks.of(notice, letter_of(notice), by=by)
    except (KeyMissing, Unreadable):
        return "letter"
    return gate.hindrance(
        needs_another=checks.needs_another,
        mailbox_is_current=checks.mailbox_is_current,
        mailbox_is_verified=checks.mailbox_is_verified,
        addresses_are_exact=checks.addresses_are_exact,
    )


def _has_moved(notice: Notice) -> bool:
    """Whether a look since the letter was drafted found that somebody else hosts an address it lists."""
    return any(hosting.has_moved(line.item, since=notice.drafted_at) for line in notice.lines)


def _is_objected_to(notice: Notice) -> bool:
    return any(appeals.is_open(line.item) for line in notice.lines)


def _is_outdated(notice: Notice) -> bool:
    """Whether a letter that follows another need not go any more: an address it lists is gone, or its recipient has
    answered, or nobody is to be reminded, since the letter was approved."""
    if notice.kind not in KEEPS_QUIET:
        return False
    if any(line.item.status in follow_ups.GONE for line in notice.lines):
        return True
    return db.session.scalar(select(Notice.id).where(Notice.id == notice.id, _LEFT_ALONE)) is not None


def _all_stand(notice: Notice) -> bool:
    """Whether a letter lists addresses, and every verdict that let one in is still in force and opens the way.

    One that takes another back lists none, and rests on none.
    """
    if notice.kind is NoticeKind.RETRACTION:
        return not notice.lines
    return bool(notice.lines) and all(_stands(line, notice.channel) for line in notice.lines)


def _stands(line: NoticeItem, channel: Channel) -> bool:
    verdict = assessments.verdict_of(line.item)
    return verdict is not None and verdict.id == line.verdict_id and channel in ways(line.item)


def _refuse_wrong_recipient(item: Item, recipient: Recipient, channel: Channel, *, but: Collection[int] = ()) -> None:
    if not recipient.active or recipient.proposed_at is not None or recipient.kind not in KINDS[channel]:
        raise Refused(("recipient", "wrong"))
    if _has_letter(item, recipient, but=but):
        raise Refused(("recipient", "has_one"))


def _has_letter(item: Item, recipient: Recipient, *, but: Collection[int] = ()) -> bool:
    """Whether a letter on the newest verdict about `item` stands for `recipient`, apart from those with an id of `but`.

    A reminder goes beside the letters of its chain, and beside no other.
    """
    same = select(Notice.id).join(NoticeItem).where(NoticeItem.item_id == item.id, Notice.status.in_(STANDING))
    same = same.where(~_SUPERSEDED.exists())
    found = db.session.scalars(same.where(Notice.recipient_id == recipient.id)).all()
    return any(one not in but for one in found)


def _cursor(notice: Notice) -> str:
    return f"{'d' if notice.status is NoticeStatus.DRAFT else 's'}{notice.id}"


def _position(cursor: str) -> tuple[str, int]:
    """Return which part of the list a page ended in, drafts (`d`) or the rest (`s`), and the id of its last letter."""
    kind, number = cursor[:1], cursor[1:]
    if kind not in {"d", "s"} or not (number.isascii() and number.isdecimal() and len(number) < 19):
        raise Refused(("after", "unknown"))
    return kind, int(number)


def _listed(most: int) -> Select[Notice]:
    with_items = selectinload(Notice.lines).joinedload(NoticeItem.item)
    return select(Notice).options(joinedload(Notice.recipient), with_items).limit(most)


def _template(item: Item, channel: Channel) -> LetterKey | None:
    """Return which letter about `item` goes through `channel`; None where none may."""
    verdict = assessments.verdict_of(item)
    return gate.letter(channel, verdict.law) if verdict and channel in ways(item) else None


def _agreed(item: Item) -> Verdict:
    verdict = assessments.verdict_of(item)
    if verdict is None:
        raise GateClosed(f"nothing about {item.ref} may leave")
    return verdict


def _opened(sealed: bytes) -> Letter:
    """Open a letter; one from before there were reports and keys has none."""
    facts = json.loads(vault.keyring().open(PURPOSE, sealed))
    lists = {name: tuple(facts.get(name, ())) for name in ("addresses", "reports", "filled")}
    kind = KeyKind(facts["kind"]) if facts.get("kind") else None
    return Letter(
        facts["mailbox"],
        facts["subject"],
        facts["text"],
        **lists,
        for_programs=facts.get("for_programs", False),
        kind=kind,
        encrypted=facts.get("encrypted", ""),
        outside=facts.get("outside", ""),
    )


def _seal(letter: Letter) -> bytes:
    return vault.keyring().seal(PURPOSE, json.dumps(asdict(letter), ensure_ascii=False))
