"""What a letter rests on: what two people agreed on, its recipient, its key, its hosts, and that nobody objects.

People are told which part has fallen (`check`, `fallen`); the database is asked the same of every letter that is taken
up to be sent (`STANDS`, `WAY_STANDS`). What is said in one form has to be said in the other.
"""

from collections.abc import Callable, Collection

from sqlalchemy import ColumnElement, Exists, and_, bindparam, or_, select
from sqlalchemy.orm import aliased

from hotline.errors import GateClosed, KeyMissing, Refused, Unreadable
from hotline.extensions import UtcTime, db, spelt
from hotline.models.assessment import Verdict
from hotline.models.clock import Clock
from hotline.models.hosting import HostLookup
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.recipient import Recipient, RecipientKey
from hotline.models.reply import Appeal, Reply
from hotline.models.staff import Staff
from hotline.rules import confidential, follow_up, gate
from hotline.services import (
    appeals,
    assessments,
    follow_ups,
    hosting,
    letter_writing,
    notice_checks,
    notices,
    police_first,
)
from hotline.vocabulary import (
    Answer,
    Channel,
    Duty,
    ItemStatus,
    LetterKey,
    LookupState,
    NoticeKind,
    NoticeStatus,
    ReplyKind,
    Subject,
)

STANDING = (
    NoticeStatus.DRAFT,
    NoticeStatus.APPROVED,
    NoticeStatus.QUEUED,
    NoticeStatus.SENT,
    NoticeStatus.ANSWERED,
    NoticeStatus.FAILED,
)  # a letter that is on its way, has arrived, or may be tried again
LETS_GO = (ItemStatus.DECIDED, ItemStatus.ACTING, ItemStatus.MONITORING)
KEEPS_QUIET = (NoticeKind.REMINDER, NoticeKind.ESCALATION)
GOES_NO_MORE = (*KEEPS_QUIET, NoticeKind.SUPPLEMENT)  # once an address that it lists is gone
OBJECTED = "appeal"  # why one waits: somebody says that an item of it is no such thing
# why a letter that was approved does not go any more
OTHER_RECIPIENT, OTHER_VERDICT, OTHER_HOST, OTHER_KEY = "recipient", "verdict", "host", "key"
POLICE_FIRST, OVERTAKEN = "police_first", "overtaken"
NOW = bindparam("now", type_=UtcTime())
_LINE = select(NoticeItem.id).where(NoticeItem.notice_id == Notice.id)
_SUPERSEDED = select(Verdict.id).where(Verdict.supersedes_id == NoticeItem.verdict_id)
_TAKES_BACK = Notice.kind == NoticeKind.RETRACTION  # lists nothing: it rests on no verdict
_SHUT = and_(*(Item.status != one for one in LETS_GO))  # a list would be written out anew for every letter
_AFTER_POLICE = and_(or_(*(Notice.kind == one for one in police_first.TELLS_MORE)), police_first.A_LETTER_WAITS)
_ITEM_OF_LINE = _LINE.join(Item, Item.id == NoticeItem.item_id)  # each item is read once for all that is asked of it
_FALLEN = _ITEM_OF_LINE.where(or_(_SHUT, _AFTER_POLICE, _SUPERSEDED.exists()))
_OBJECTED = _LINE.join(Appeal, Appeal.item_id == NoticeItem.item_id).where(Appeal.decided_at.is_(None))
_ITS_STATUS = select(Item.status).where(Item.id == NoticeItem.item_id).scalar_subquery()  # by id, not all that have it
_LISTS_GONE = _LINE.where(_ITS_STATUS == ItemStatus.MONITORING)


def _of_theirs(one: type[Notice], *holds: ColumnElement[bool]) -> Exists:
    """Say of a letter that follows another: some other letter `one` of its chain went to the same recipient, and
    `holds`. What counts is what `follow_ups.chain` returns.
    """
    in_chain = or_(one.id == Notice.follows_id, one.follows_id == Notice.follows_id)
    is_followed = or_(*(one.kind == spelt(kind) for kind in follow_up.FOLLOWED))
    counts = and_(is_followed, one.status != spelt(NoticeStatus.WITHDRAWN))
    same = one.recipient_id + 0 == Notice.recipient_id  # a chain is short, and a recipient may have thousands
    return select(one.id).where(in_chain, same, counts, one.id != Notice.id, *holds).correlate(Notice, _BEFORE).exists()


_BEFORE, _NEWER = aliased(Notice), aliased(Notice)  # the other letters of a chain to the same recipient
_STANDS_STILL = select(Clock.id).where(
    Clock.subject == Subject.NOTICE,
    Clock.subject_id == _BEFORE.id,
    Clock.duty == Duty.REMOVE,
    Clock.ended_at.is_(None),
    Clock.paused_at > Notice.approved_at,
)
_UNREAD = select(Reply.id).where(
    Reply.notice_id == _BEFORE.id,
    Reply.read_at.is_(None),
    or_(Reply.kind == ReplyKind.MAIL, Reply.kind == ReplyKind.FORM),
)  # it may be the answer: as `follow_up.Why.UNREAD`
_UNREAD_SINCE = _UNREAD.where(Reply.came_at > Notice.approved_at)
_LEFT_ALONE = and_(
    Notice.kind == NoticeKind.REMINDER,
    or_(
        _of_theirs(_BEFORE, _STANDS_STILL.correlate(Notice, _BEFORE).exists()),
        _of_theirs(_BEFORE, _BEFORE.answer == Answer.REMOVED, _BEFORE.answered_at > Notice.approved_at),
        _of_theirs(_BEFORE, _UNREAD_SINCE.correlate(Notice, _BEFORE).exists()),
    ),
)
_OUTDATED = or_(  # what follows a letter, and need not go any more; asked of these kinds alone
    and_(or_(*(Notice.kind == one for one in GOES_NO_MORE)), _LISTS_GONE.exists()),
    _LEFT_ALONE,
)
_ASKS = _NEWER.answer == Answer.NEED_MORE
_OVERTAKEN = and_(  # what was asked was said otherwise since, or something came that nobody has read
    Notice.kind == NoticeKind.SUPPLEMENT,
    or_(
        ~_of_theirs(_NEWER, _ASKS),
        _of_theirs(
            _BEFORE,
            _BEFORE.answer != Answer.NEED_MORE,
            ~_of_theirs(_NEWER, _ASKS, _NEWER.answered_at >= _BEFORE.answered_at),
        ),
        _of_theirs(_BEFORE, _UNREAD.correlate(_BEFORE).exists()),
    ),
)
_LOOKS = _LINE.join(Item, Item.id == NoticeItem.item_id).join(HostLookup, HostLookup.host_index == Item.host_index)
_MOVED = _LOOKS.where(HostLookup.changed, HostLookup.looked_at > Notice.drafted_at)
_LOOKED_UP_NOW = _LOOKS.where(
    HostLookup.state == spelt(LookupState.WAITING), HostLookup.asked_at > bindparam("asked_since", type_=UtcTime())
)
_STILL_GETS_MAIL = select(Recipient.id).where(Recipient.id == Notice.recipient_id, Recipient.active)
_VERIFIED = Recipient.verified_on.is_not(None)  # a mailbox that was changed and changed back is not
_BY_MAIL = or_(*(Notice.delivery == one for one in sorted(confidential.BY_MAIL)))
_KEY_STANDS = select(RecipientKey.id).where(
    RecipientKey.id == Notice.key_id,
    RecipientKey.withdrawn_at.is_(None),
    or_(RecipientKey.expires_at.is_(None), RecipientKey.expires_at > NOW),
)  # as `confidential.is_usable`
# What has to hold of a letter that is taken up to be sent: told `now`, `asked_since`, before which nobody waits for a
# look-up, and what `police_first` has to be told. First what it rests on, then the way it was drafted for.
STANDS: tuple[ColumnElement[bool], ...] = (
    _STILL_GETS_MAIL.where(_VERIFIED).exists(),
    or_(_TAKES_BACK, _LINE.exists()),
    ~_FALLEN.exists(),
    ~_OBJECTED.exists(),
    ~_OUTDATED,
    ~_OVERTAKEN,
    ~_MOVED.exists(),
    ~_LOOKED_UP_NOW.exists(),
)
WAY_STANDS: tuple[ColumnElement[bool], ...] = (_BY_MAIL, or_(Notice.key_id.is_(None), _KEY_STANDS.exists()))


def opened(item: Item) -> tuple[Channel, ...]:
    """Return the channels something about `item` may take: none before two people agreed, none while it is held."""
    verdict = assessments.verdict_of(item)
    if verdict is None or item.status not in LETS_GO:
        return ()
    return gate.channels(verdict.inhope_class, verdict.law, in_danger=item.in_danger)


def ways(item: Item) -> tuple[Channel, ...]:
    """Return through which of the channels that are open to `item` somebody drafts a letter.

    One to a partner hotline is written when an offer is let go, and by nobody else.
    """
    return tuple(one for one in opened(item) if one in gate.DRAFTED)


def letter_about(item: Item, channel: Channel) -> LetterKey | None:
    """Return which letter about `item` goes through `channel`; None where none may."""
    verdict = assessments.verdict_of(item)
    return gate.letter(channel, verdict.law) if verdict and channel in opened(item) else None


def agreed(item: Item) -> Verdict:
    """Return what two people agreed on about `item`. Raises GateClosed where they have not."""
    verdict = assessments.verdict_of(item)
    if verdict is None:
        raise GateClosed(f"nothing about {item.ref} may leave")
    return verdict


def fallen(notice: Notice) -> str | None:
    """Return which part of what an approved letter rests on no longer stands; None where all of it does."""
    recipient, key = notice.recipient, notice.key
    parts: tuple[tuple[str, Callable[[], bool]], ...] = (
        (OTHER_RECIPIENT, lambda: not recipient.active or recipient.verified_on is None),
        (OTHER_KEY, lambda: key is not None and not letter_writing.may_use(key)),
        (OTHER_VERDICT, lambda: not _all_stand(notice)),
        (OBJECTED, lambda: is_objected_to(notice)),
        (POLICE_FIRST, lambda: police_first.letter_waits(notice)),
        (OVERTAKEN, lambda: is_overtaken(notice)),
        (OTHER_HOST, lambda: _has_moved(notice)),
    )
    return next((part for part, has_fallen in parts if has_fallen()), None)


def check(deed: str, notice: Notice, *, by: Staff) -> None:
    """Raise Refused (`deed`, code) or GateClosed unless everything a letter needs to go is there."""
    notices.refuse_closed(notice)
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
    if is_objected_to(notice):
        raise Refused((deed, OBJECTED))
    if police_first.letter_waits(notice):
        raise Refused((deed, POLICE_FIRST))
    if is_overtaken(notice):
        raise Refused((deed, OVERTAKEN))
    its_own = [notice.id, *(one.id for one in follow_ups.chain(notice))] if notice.follows_id else [notice.id]
    if any(has_letter(line.item, notice.recipient, notice.channel, but=its_own) for line in notice.lines):
        raise Refused((deed, "has_one"))


def hindrance(deed: str, notice: Notice, *, by: Staff) -> str | None:
    """Return the code of what `check` would refuse, so that nobody is offered it; None where it would not."""
    try:
        check(deed, notice, by=by)
    except Refused as fault:
        return fault.faults[0][1]
    except GateClosed:
        return OTHER_VERDICT
    return None


def is_objected_to(notice: Notice) -> bool:
    """Whether somebody says, undecided yet, that an item a letter lists is no such thing."""
    return any(appeals.is_open(line.item) for line in notice.lines)


def is_outdated(notice: Notice) -> bool:
    """Whether a letter that follows another need not go any more: an address it lists is gone, or its recipient has
    answered or written something unread, or nobody is to be reminded, since the letter was approved."""
    if notice.kind not in GOES_NO_MORE:
        return False
    if any(line.item.status in follow_ups.GONE for line in notice.lines):
        return True
    return db.session.scalar(select(Notice.id).where(Notice.id == notice.id, _LEFT_ALONE)) is not None


def is_overtaken(notice: Notice) -> bool:
    """Whether a letter tells more to somebody who asks for it no longer, or from whom something came that is unread."""
    if notice.kind is not NoticeKind.SUPPLEMENT:
        return False
    return db.session.scalar(select(Notice.id).where(Notice.id == notice.id, _OVERTAKEN)) is not None


def has_letter(item: Item, recipient: Recipient, channel: Channel, *, but: Collection[int] = ()) -> bool:
    """Whether a letter on the newest verdict about `item` stands for `recipient`, apart from those with an id of `but`.

    A reminder goes beside the letters of its chain, and beside no other. A partner hotline may have an address offered
    again once it has declined it, or it was taken back: that one offer stands at a time is held by offers themselves.
    """
    if channel is Channel.PARTNER:
        return False
    same = select(Notice.id).join(NoticeItem).where(NoticeItem.item_id == item.id, Notice.status.in_(STANDING))
    same = same.where(~_SUPERSEDED.exists())
    found = db.session.scalars(same.where(Notice.recipient_id == recipient.id)).all()
    return any(one not in but for one in found)


def _wrong_with(notice: Notice, *, by: Staff) -> str | None:
    try:
        checks = notice_checks.of(notice, notices.letter_of(notice), by=by)
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


def _all_stand(notice: Notice) -> bool:
    """Whether a letter lists addresses, and every verdict that let one in is still in force and opens the way.

    One that takes another back lists none, and rests on none.
    """
    if notice.kind is NoticeKind.RETRACTION:
        return not notice.lines
    return bool(notice.lines) and all(_stands(line, notice.channel) for line in notice.lines)


def _stands(line: NoticeItem, channel: Channel) -> bool:
    verdict = assessments.verdict_of(line.item)
    return verdict is not None and verdict.id == line.verdict_id and channel in opened(line.item)
