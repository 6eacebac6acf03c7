"""Notices from INHOPE: recorded by hand, answered on a clock, sealed like all that is said about the hotline.

An answer is written here first, so that it is checked before it goes; then somebody notes that it went, and how.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import joinedload

from hotline import clock, vault
from hotline.errors import Forbidden, KeyMissing, NotFound, Overtaken, Refused, Unreadable, WrongState
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.models.contact_point import InhopeNotice
from hotline.models.staff import Staff
from hotline.rules import addresses, free_text
from hotline.rules.anonymity import Leak
from hotline.rules.clocks import SLOW_CLOCK
from hotline.services import audit, contact_points, duties, references, secrecy
from hotline.services.duties import Thing
from hotline.vocabulary import AnswerWay, ContactWay, Duty, InhopeNoticeState, Subject, WayOut

NOTICE, ANSWER = "inhope.notice", "inhope.answer"
LET_GO = "let answer go"
LONGEST_SUBJECT, LONGEST_TEXT, LONGEST_REASON = 200, 20_000, 1_000
MOST_COUNTED = 500
COLUMNS = ("reference", "received_at", "came_by", "state", "ended_at", "answered_by_way", "ended_by", "in_time")


class Shown(StrEnum):
    """Which notices a list shows."""

    OPEN = "open"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class NoticePage:
    """Some notices, and the cursor of the next page (empty at the end)."""

    rows: list[InhopeNotice]
    next: str


@dataclass(frozen=True, slots=True)
class Said:
    """What a notice says."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A notice in clear; `said` is None where it does not open. `answer` may be why none is needed."""

    said: Said | None
    answer: str
    leaks: tuple[Leak, ...]  # in an answer that did not go yet


def get(ref: str, *, by: Staff) -> InhopeNotice:
    """Return the notice `ref`. Raises NotFound, also for people who may not see any."""
    found = db.session.scalar(select(InhopeNotice).where(InhopeNotice.ref == ref))
    if found is None or not by.has(*duties.READERS):
        raise NotFound(f"no notice {ref}")
    return found


def list_page(shown: Shown, *, after: str = "", limit: int = 50) -> NoticePage:
    """Return notices: open ones, the oldest first, or ended ones, the newest first. `after` is the page before's."""
    oldest_first = shown is Shown.OPEN
    query = select(InhopeNotice).where(_is_open() if oldest_first else ~_is_open())
    order = (InhopeNotice.received_at, InhopeNotice.id)
    if after:
        place = _place(after)
        query = query.where(tuple_(*order) > place if oldest_first else tuple_(*order) < place)
    query = query.order_by(*(order if oldest_first else (one.desc() for one in order))).limit(limit + 1)
    found = list(db.session.scalars(query.options(joinedload(InhopeNotice.ended_by))))
    return NoticePage(found[:limit], found[limit - 1].ref if len(found) > limit else "")


def due(notices: list[InhopeNotice]) -> dict[int, Clock]:
    """Return the running clock of each of some notices, by its id."""
    return duties.running(Subject.INHOPE_NOTICE, [one.id for one in notices])


def clock_of(notice: InhopeNotice) -> Clock | None:
    """Return the newest clock of a notice; it has one from the start."""
    found = duties.of(_thing(notice))
    return found[-1] if found else None


def count_waiting(*, by: Staff) -> int:
    """Return how many notices this person answers for, up to `MOST_COUNTED`."""
    mine = select(Clock.id).where(
        Clock.subject == Subject.INHOPE_NOTICE, Clock.ended_at.is_(None), Clock.owner_id == by.id
    )
    return db.session.scalar(select(func.count()).select_from(mine.limit(MOST_COUNTED).subquery())) or 0


def record(*, received_at: datetime | None, way: str, subject: str, text: str, by: Staff) -> InhopeNotice:
    """Record a notice as it came, and begin the clock to answer it. The point of contact answers for it.

    Raises Forbidden for people who keep no duty, Refused((field, code), ...) with all that is wrong: also for an
    address of reported material (`address`) and for a file (`picture`) in its words.
    """
    _require_keeper(by)
    subject, wrong = _judged("subject", " ".join(subject.split()), LONGEST_SUBJECT)
    text, more = _judged("text", text, LONGEST_TEXT)
    wrong = [*wrong, *more]
    now = clock.now()
    if received_at is None:
        wrong.append(("received_at", "required"))
    elif received_at > now + SLOW_CLOCK:
        wrong.append(("received_at", "ahead"))
    elif received_at < now - duties.OLDEST:
        wrong.append(("received_at", "too_old"))
    if way not in set(ContactWay):
        wrong.append(("way", "required"))
    if wrong or received_at is None:
        raise Refused(*wrong)
    body = json.dumps({"subject": subject, "text": text}, ensure_ascii=False)
    notice = InhopeNotice(
        ref=references.draw(InhopeNotice.ref, "IH"),
        state=InhopeNoticeState.WAITING,
        version=1,
        received_at=min(received_at, now),
        way=ContactWay(way),
        body=vault.keyring().seal(NOTICE, body),
        noted_at=now,
        noted_by_id=by.id,
    )
    db.session.add(notice)
    db.session.flush()
    duties.begin(_thing(notice), Duty.ANSWER_INHOPE, owner_id=contact_points.owner_id(), at=notice.received_at)
    audit.record(by, "recorded", _subject(notice), way=way)
    return notice


def read(notice: InhopeNotice, *, by: Staff) -> Opened:
    """Open a notice and its answer; the read goes into the audit trail."""
    audit.record_read(by, "read", _subject(notice))
    said, answer = _said(notice), _answer(notice)
    waits = notice.state is InhopeNoticeState.DRAFTED
    return Opened(said, answer, _leaks(answer) if waits else ())


def needs_another(notice: InhopeNotice, found: tuple[Leak, ...]) -> bool:
    """Whether an answer in which something was found waits for a second person: also for one of us named since."""
    return bool(found) and not _is_let_go(notice)


def draft(notice: InhopeNotice, text: str, way: str, *, version: int, by: Staff) -> tuple[Leak, ...]:
    """Write the answer to a notice, or write it anew. Returns what of ours stands in it: then it waits for another.

    Raises Forbidden, WrongState where the notice has ended, Overtaken, Refused((field, code), ...).
    """
    _require_open(notice, version, by)
    text, wrong = _judged("answer", text, LONGEST_TEXT)
    if way not in set(AnswerWay):
        wrong.append(("answer_way", "required"))
    if wrong:
        raise Refused(*wrong)
    found = secrecy.count(WayOut.INHOPE, _leaks(text))
    notice.answer, notice.answer_way = vault.keyring().seal(ANSWER, text), AnswerWay(way)
    notice.state, notice.drafted_at, notice.drafted_by_id = InhopeNoticeState.DRAFTED, clock.now(), by.id
    notice.let_go_by_id = None
    notice.version += 1
    db.session.flush()
    audit.record(by, "drafted answer", _subject(notice), found=len(found))
    return found


def let_go(notice: InhopeNotice, *, version: int, by: Staff) -> None:
    """Let an answer go in which something was found. Somebody who did not write it does.

    Raises Forbidden, WrongState where nothing waits for that, Overtaken, Refused (`let_go`, `second_person`).
    """
    _require_open(notice, version, by)
    if notice.state is not InhopeNoticeState.DRAFTED or _is_let_go(notice):
        raise WrongState(f"{notice.ref} waits for nobody else")
    if notice.drafted_by_id == by.id:
        raise Refused(("let_go", "second_person"))
    if not _leaks(_answer(notice)):
        raise WrongState(f"nothing was found in the answer to {notice.ref}")
    notice.let_go_by_id = by.id
    notice.version += 1
    db.session.flush()
    secrecy.let_go(WayOut.INHOPE)
    audit.record(by, LET_GO, _subject(notice))


def note_sent(notice: InhopeNotice, at: datetime | None, *, version: int, by: Staff) -> None:
    """Note that an answer went, and when. Its clock ends.

    Raises Forbidden, WrongState where no answer is written, Overtaken, Refused (`sent`, `second_person`) for one that
    another has to let go first, and (`sent_at`, code) for a moment that cannot be.
    """
    _require_open(notice, version, by)
    if notice.state is not InhopeNoticeState.DRAFTED:
        raise WrongState(f"no answer to {notice.ref} is written")
    now = clock.now()
    wrong = []
    if at is None:
        wrong.append(("sent_at", "required"))
    elif at > now + SLOW_CLOCK:
        wrong.append(("sent_at", "ahead"))
    elif at < notice.received_at - SLOW_CLOCK:
        wrong.append(("sent_at", "before"))
    if needs_another(notice, _leaks(_answer(notice))):
        wrong.append(("sent", "second_person"))
    if wrong or at is None:
        raise Refused(*wrong)
    sent_at = min(at, now)
    _end(notice, InhopeNoticeState.ANSWERED, at=sent_at, by=by)
    duties.met(_thing(notice), Duty.ANSWER_INHOPE, at=sent_at)
    audit.record(by, "answered", _subject(notice), way=str(notice.answer_way))


def close(notice: InhopeNotice, reason: str, *, version: int, by: Staff) -> None:
    """Note why a notice needs no answer. Raises Forbidden, WrongState, Overtaken, Refused (`reason`, code)."""
    _require_open(notice, version, by)
    reason, wrong = _judged("reason", reason, LONGEST_REASON)
    if wrong:
        raise Refused(*wrong)
    notice.answer, notice.answer_way, notice.let_go_by_id = vault.keyring().seal(ANSWER, reason), None, None
    _end(notice, InhopeNoticeState.NO_ANSWER, at=clock.now(), by=by)
    duties.void(_thing(notice), Duty.ANSWER_INHOPE)
    audit.record(by, "needs no answer", _subject(notice))


def records(since: datetime, until: datetime, *, by: Staff) -> Iterator[tuple[str, ...]]:
    """Yield the notices received in a period, the oldest first: what `COLUMNS` name, people by number, no words."""
    query = select(InhopeNotice).where(InhopeNotice.received_at >= since, InhopeNotice.received_at < until)
    query = query.order_by(InhopeNotice.received_at, InhopeNotice.id).options(joinedload(InhopeNotice.ended_by))
    for one in db.session.scalars(query):
        last = clock_of(one)
        yield (
            one.ref,
            one.received_at.isoformat(),
            str(one.way),
            str(one.state),
            one.ended_at.isoformat() if one.ended_at else "",
            str(one.answer_way or ""),
            one.ended_by.number if one.ended_by else "",
            _in_time(one, last),
        )


def _in_time(notice: InhopeNotice, last: Clock | None) -> str:
    """Say whether an answer went in time: when it went counts, not when somebody noted it. Empty where none did."""
    if notice.state is not InhopeNoticeState.ANSWERED or notice.ended_at is None or last is None:
        return ""
    return "yes" if notice.ended_at <= last.due_at else "no"


def _place(ref: str) -> tuple[datetime, int]:
    """Return where a page ended. Raises Refused for what is no notice."""
    row = db.session.execute(select(InhopeNotice.received_at, InhopeNotice.id).where(InhopeNotice.ref == ref)).first()
    if row is None:
        raise Refused(("after", "unknown"))
    return row.received_at, row.id


def _end(notice: InhopeNotice, state: InhopeNoticeState, *, at: datetime, by: Staff) -> None:
    notice.state, notice.ended_at, notice.ended_by_id = state, at, by.id
    notice.version += 1
    db.session.flush()


def _judged(field: str, typed: str, longest: int) -> tuple[str, list[tuple[str, str]]]:
    """Return a text as it can be kept, and what is wrong with it: also an address of reported material."""
    text, fault = free_text.judge(typed, longest)
    if fault:
        return text, [(field, str(fault))]
    return text, [(field, "address")] if addresses.read(text).found else []


def _leaks(text: str) -> tuple[Leak, ...]:
    """Return what of our staff stands in an answer. The mailbox that INHOPE was given may: it knows it."""
    point = contact_points.current()
    known = contact_points.reached(point).mailbox if point else ""
    return secrecy.leaks_in_words(text, mailboxes=(known,))


def _is_let_go(notice: InhopeNotice) -> bool:
    """Whether a second person let the answer go, and nobody stands in it who was not known then."""
    last = audit.last_of(_subject(notice), LET_GO) if notice.let_go_by_id is not None else None
    return last is not None and not secrecy.come_since(last.at, _answer(notice))


def _said(notice: InhopeNotice) -> Said | None:
    try:
        return Said(**json.loads(vault.keyring().open(NOTICE, notice.body)))
    except (KeyMissing, Unreadable):
        return None


def _answer(notice: InhopeNotice) -> str:
    if notice.answer is None:
        return ""
    try:
        return vault.keyring().open(ANSWER, notice.answer)
    except (KeyMissing, Unreadable):
        return ""


def _require_keeper(by: Staff) -> None:
    if not by.has(*duties.KEEPERS):
        raise Forbidden("notices from INHOPE are kept by others")


def _require_open(notice: InhopeNotice, version: int, by: Staff) -> None:
    _require_keeper(by)
    if notice.ended_at is not None:
        raise WrongState(f"{notice.ref} has ended")
    if notice.version != version:
        raise Overtaken(f"{notice.ref} was changed meanwhile")


def _thing(notice: InhopeNotice) -> Thing:
    return Thing(Subject.INHOPE_NOTICE, notice.id)


def _subject(notice: InhopeNotice) -> str:
    return f"INHOPE notice {notice.ref}"


def _is_open() -> ColumnElement[bool]:
    return InhopeNotice.state.in_(contact_points.OPEN)
