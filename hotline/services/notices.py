"""Notices, the letters about items: looked up and listed, their words opened, and where each of them stands.

What else there is about them has rooms of its own: what a letter rests on (`notice_grounds`), drafting it
(`notice_drafting`), a person's word on it (`notice_approval`), its way by mail (`notice_sending`), and what lies here
until a person takes it along (`kept_notices`).
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, or_, select, text, union_all
from sqlalchemy.orm import joinedload, selectinload

from hotline import clock, vault
from hotline.errors import GateClosed, KeyMissing, NotFound, Refused, Unreadable
from hotline.extensions import db
from hotline.gateways import mail
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.staff import Staff
from hotline.outbox import Task
from hotline.rules import follow_up, gate
from hotline.rules.letters import Letter
from hotline.services import assessments, audit, items
from hotline.vocabulary import KeyKind, NoticeStatus

DELIVER = "hotline.jobs.notices.deliver_notice"
PURPOSE = "notice.letter"
MANY_ATTEMPTS = 8  # after two hours; what costs no patience is tried for ever, so people are told by then
NOT_GONE = (NoticeStatus.DRAFT, NoticeStatus.QUEUED, NoticeStatus.FAILED)
NOT_CALLED_SENT = (NoticeStatus.QUEUED, NoticeStatus.FAILED, NoticeStatus.WITHDRAWN)  # yet; a try may end late
DOUBTED = "may have arrived"  # in a letter's trail
LIES_HERE = text("notices.status = 'queued' AND notices.kept_at IS NOT NULL")  # in the words of the index over them
NOT_HERE = or_(Notice.status != NoticeStatus.QUEUED, Notice.kept_at.is_(None))


@dataclass(frozen=True, slots=True)
class NoticePage:
    """Some notices, and the cursor of the next page (empty at the end)."""

    rows: list[Notice]
    next: str


def get(ref: str, *, by: Staff) -> Notice:
    """Return the notice `ref`. Raises NotFound, also for people who may not see notices."""
    notice = db.session.scalar(select(Notice).where(Notice.ref == ref))
    if notice is None or not by.has(*items.CASE_ROLES):
        raise NotFound(f"no notice {ref}")
    return notice


def is_closed(notice: Notice) -> bool:
    """Whether a letter's words are closed to everybody, since an item it lists is being corrected."""
    return gate.is_closed(assessments.correction_of(line.item) for line in notice.lines)


def refuse_closed(notice: Notice) -> None:
    """Raise GateClosed while a letter's words are closed to everybody."""
    if is_closed(notice):
        raise GateClosed(f"an item of {notice.ref} is being corrected")


def read(notice: Notice, *, by: Staff) -> Letter | None:
    """Open a notice's letter for a person; the read goes into the audit trail. None where no key here opens it.

    Raises GateClosed while an item it lists is being corrected.
    """
    refuse_closed(notice)
    audit.record_read(by, "read", f"notice {notice.ref}")
    try:
        return letter_of(notice)
    except (KeyMissing, Unreadable):
        return None


def letter_of(notice: Notice) -> Letter:
    """Open the letter exactly as it is sent."""
    return open_sealed(notice.letter)


def seal(letter: Letter) -> bytes:
    """Seal a letter as its notice keeps it."""
    return vault.keyring().seal(PURPOSE, json.dumps(asdict(letter), ensure_ascii=False))


def open_sealed(sealed: bytes) -> Letter:
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
        answers=facts.get("answers", ""),
        typed=facts.get("typed", ""),
        is_upstream=facts.get("is_upstream", False),
    )


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
            query = query.where(Notice.status == status, NOT_HERE)
        if kept:
            query = query.where(LIES_HERE)
        if part == "s":
            query = query.where(Notice.id < last)
        found += db.session.scalars(query)
    return NoticePage(found[:limit], _cursor(found[limit - 1]) if len(found) > limit else "")


def list_waiting(*, by: Staff, most: int) -> list[Notice]:
    """Return the `most` oldest drafts that wait for a reviewer, oldest first."""
    drafts = select(Notice).where(Notice.status == NoticeStatus.DRAFT).order_by(Notice.id).limit(most)
    return list(db.session.scalars(drafts))


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


def count_kept(*, by: Staff) -> int:
    """Return how many letters lie here and have gone to nobody."""
    return db.session.scalar(select(func.count()).select_from(Notice).where(LIES_HERE)) or 0


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


def was_in_doubt(notice: Notice) -> bool:
    """Whether it is on record that a try of a letter may have reached its recipient; that no other try undoes."""
    return audit.count(f"notice {notice.ref}", DOUBTED) > 0


def may_have_arrived(notice: Notice) -> bool:
    """Whether a try of a letter that is not called sent may have reached its recipient, as far as anybody can tell."""
    return _is_in_doubt(notice) or was_in_doubt(notice)


def list_on_changed(item: Item) -> list[Notice]:
    """Return the letters that went, or may have, on a verdict which says something else than the one that holds now."""
    verdict = assessments.verdict_of(item)
    if verdict is None:
        return []
    changed = or_(NoticeItem.inhope_class != verdict.inhope_class, NoticeItem.law != verdict.law)
    query = select(Notice).join(NoticeItem).where(NoticeItem.item_id == item.id, changed)
    return [one for one in db.session.scalars(query.order_by(Notice.id)) if _is_out(one)]


def changed_since(notice: Notice) -> list[Item]:
    """Return the items of a letter that went, or may have, of which something else holds now than what it went on."""
    if not _is_out(notice):
        return []
    now = assessments.verdicts_of(line.item for line in notice.lines)
    return [
        line.item
        for line in notice.lines
        if (held := now.get(line.item_id)) and (held.inhope_class, held.law) != (line.inhope_class, line.law)
    ]


def keep_doubt(notice: Notice) -> None:
    """Keep on record, once, that a letter may have arrived: its tries may be counted anew, and another fault follow."""
    if _is_in_doubt(notice):
        put_in_doubt(notice)


def put_in_doubt(notice: Notice) -> None:
    """Put on record, once, that a letter may have arrived."""
    if not was_in_doubt(notice):
        audit.record(None, DOUBTED, f"notice {notice.ref}")


def _is_out(notice: Notice) -> bool:
    """Whether a recipient has a letter, or may have it although it does not go any more."""
    is_in_doubt = notice.status in {NoticeStatus.FAILED, NoticeStatus.WITHDRAWN} and may_have_arrived(notice)
    return notice.status in follow_up.HAS_GONE or is_in_doubt


def _is_in_doubt(notice: Notice) -> bool:
    """Whether a try ended without anybody knowing, or was broken off: its lease is over and nobody gave it back.

    A try that was answered spends one at most, so who has spent more than there were tries had such a one.
    """
    broke_off = notice.leased_until is not None and not is_being_sent(notice)
    return broke_off or notice.last_fault == mail.UNCONFIRMED or notice.spent > notice.attempts


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
