"""Requests for help without an address: sealed to victim support, moved unopened, answered by its people alone."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, and_, case, exists, func, not_, or_, select, tuple_, update
from sqlalchemy.orm import selectinload

from hotline import clock, outbox, vault
from hotline.errors import KeyMissing, NotFound, Refused, Unreadable, WrongState
from hotline.extensions import db
from hotline.models.help_request import HelpRequest
from hotline.models.message import Message
from hotline.models.report import Inbox
from hotline.models.staff import Staff
from hotline.models.victim_case import VictimCase
from hotline.rules import progress
from hotline.services import audit, case_files, figures, inbox, receipts, references
from hotline.vault import Lock
from hotline.vocabulary import Author, Concern, Figure, ForWhom, HelpStatus, InboxKind, Language, Role

BODY = "help.body"
CONTACT = "help.contact"
MOVE_ON = "hotline.jobs.help_requests.move_requests_on"

_WAITS = and_(
    Message.receipt_tag == HelpRequest.receipt_tag,
    Message.concern == Concern.HELP,
    Message.author == Author.REPORTER,
    Message.settled_at.is_(None),
)
_WRITTEN = select(func.count()).select_from(Message).where(_WAITS).correlate(HelpRequest).scalar_subquery()
# Somebody who writes after the end is not finished: a message brings a closed request back among the open ones.
_IS_OPEN: ColumnElement[bool] = or_(HelpRequest.status != HelpStatus.CLOSED, _WRITTEN > 0)
# Nobody has seen the new ones; then comes where somebody waits for an answer.
_TURN = case((HelpRequest.status == HelpStatus.NEW, 0), (_WRITTEN > 0, 1), else_=2)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked for, checked and clean. How to reach them is sealed apart, so that it can be forgotten."""

    for_whom: ForWhom | None
    what: str
    code_only: bool
    safe_contact: str
    language: Language


FIELDS = tuple(field.name for field in fields(Asked))


class Reach(StrEnum):
    """Whether and how a person can be reached."""

    CONTACT = "contact"
    CODE_ONLY = "code_only"  # they come back with their code, and want nothing else
    FORGOTTEN = "forgotten"  # they gave something, and asked to forget it
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Opened:
    """A request, opened. `asked` is None when it does not open; `contact` is empty unless `reach` is CONTACT."""

    asked: Asked | None
    reach: Reach
    contact: str


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One line of the list: the request, its language (None when it does not open), and messages without an answer.

    `officer` is who has the case it is in, where whoever looks may not open that.
    """

    request: HelpRequest
    language: Language | None
    waiting: int
    officer: str | None = None

    @property
    def is_back(self) -> bool:
        """Whether it was closed, and its person wrote again."""
        return self.request.status is HelpStatus.CLOSED and self.waiting > 0


@dataclass(frozen=True, slots=True)
class RequestPage:
    """Some rows, and the reference after which the next page begins (empty at the end)."""

    rows: list[RequestRow]
    next: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many requests are new, in this person's hands, with messages nobody answered, and new or with messages.

    Those in cases that they may not open are left out.
    """

    new: int
    mine: int
    written: int
    waiting: int


# --- At the public site -----------------------------------------------------------------------------------------------


def take(asked: Asked, contact: str, *, nonce: str) -> str:
    """Store a request and return its receipt code (16 digits). The same nonce gives the same code and one row.

    Raises StorageFull when nothing can be written: then there is no receipt.
    """
    reach = vault.keyring().seal(CONTACT, contact, lock=Lock.CARE) if contact else None
    return inbox.take(InboxKind.HELP, sealed(asked), nonce=nonce, contact=reach)


def sealed(asked: Asked) -> bytes:
    """Seal what somebody asked for, so that only victim support opens it."""
    text = json.dumps({name: getattr(asked, name) for name in FIELDS}, ensure_ascii=False)
    return vault.keyring().seal(BODY, text, lock=Lock.CARE)


def asked_in(body: str) -> Asked:
    """Read back what `sealed` held. Raises ValueError, KeyError or TypeError when it is not a request."""
    facts = json.loads(body)
    return Asked(
        for_whom=ForWhom(facts["for_whom"]) if facts["for_whom"] else None,
        what=str(facts["what"]),
        code_only=bool(facts["code_only"]),
        safe_contact=str(facts["safe_contact"]),
        language=Language(facts["language"]),
    )


def arrive(row: Inbox) -> None:
    """Make one inbox row a request at the desk, once. Nothing of it is opened: only victim support has the key."""
    if db.session.scalar(select(HelpRequest.id).where(HelpRequest.inbox_id == row.id)) is None:
        db.session.add(
            HelpRequest(
                ref=references.draw(HelpRequest.ref, "H"),
                inbox_id=row.id,
                receipt_tag=row.receipt_tag,
                body=row.body,
                contact=row.contact,
                status=HelpStatus.NEW,
                received_at=row.received_at,
            )
        )
        figures.count(Figure.HELP)


# --- At the desk ------------------------------------------------------------------------------------------------------


def get(ref: str, *, by: Staff) -> HelpRequest:
    """Return the request `ref`. Raises NotFound, also for people who are not victim support.

    Once a case was opened from it, it is there for those alone who may open the case.
    """
    _require(by)
    request = db.session.scalar(select(HelpRequest).where(HelpRequest.ref == ref, _is_theirs(by)))
    if request is None:
        raise NotFound(f"no request for help {ref}")
    return request


def case_of_others(ref: str, *, by: Staff) -> VictimCase | None:
    """Return the case that was opened from the request `ref` and that `by` may not open; None where there is none."""
    _require(by)
    query = select(VictimCase).join(HelpRequest, HelpRequest.id == VictimCase.help_request_id)
    return db.session.scalar(query.where(HelpRequest.ref == ref, not_(case_files.may_open(by, clock.now()))))


def list_requests(*, by: Staff, closed: bool = False, after: str = "", limit: int = 50) -> RequestPage:
    """Return open requests (new ones, then those with a message nobody answered, then the others), or closed ones.

    Open ones stand in the order in which they came, closed ones the latest first. One that was closed and is written
    to again is open, and stands in that list alone. Of one in a case of somebody else no more is shown than whose case
    it is. `after` is the reference that ended the page before. Raises Refused
    for one that nobody knows.
    """
    _require(by)
    query = select(HelpRequest, _WRITTEN).options(selectinload(HelpRequest.taken_by)).limit(limit + 1)
    query = query.where(not_(_IS_OPEN) if closed else _IS_OPEN)
    last = _place(after)
    if closed:
        query = query.order_by(HelpRequest.id.desc())
        query = query.where(HelpRequest.id < last[1]) if last else query
    else:
        query = query.order_by(_TURN, HelpRequest.id)
        query = query.where(tuple_(_TURN, HelpRequest.id) > last) if last else query
    found = db.session.execute(query).all()
    of_others = _officers_of([request.id for request, _waiting in found[:limit]], by)
    rows = [
        RequestRow(request, None if request.id in of_others else _language(request), waiting, of_others.get(request.id))
        for request, waiting in found[:limit]
    ]
    return RequestPage(rows, rows[-1].request.ref if len(found) > limit else "")


def counts(*, by: Staff) -> Counts:
    """Return how much waits for victim support."""
    _require(by)
    new, written = HelpRequest.status == HelpStatus.NEW, _WRITTEN > 0
    mine = and_(HelpRequest.status == HelpStatus.TAKEN, HelpRequest.taken_by_id == by.id)
    return Counts(*(_count(and_(one, _is_theirs(by))) for one in (new, mine, written, or_(new, written))))


def read(request: HelpRequest, *, by: Staff) -> Opened:
    """Open a request and how to reach whoever sent it. The read goes into the audit trail, whether or not it opens.

    Raises NotFound as `get`.
    """
    get(request.ref, by=by)
    audit.record_read(by, "read", subject(request))
    asked = _asked(request)
    contact = _open(CONTACT, request.contact) if request.contact else None
    if contact is not None:
        return Opened(asked, Reach.CONTACT, contact)
    if request.contact or asked is None:
        return Opened(asked, Reach.UNREADABLE, "")
    return Opened(asked, Reach.CODE_ONLY if asked.code_only else Reach.FORGOTTEN, "")


def claim(request: HelpRequest, *, by: Staff) -> None:
    """Give `request` to `by`. Raises WrongState when somebody else has it, or it is closed."""
    _require(by)
    free = update(HelpRequest).where(HelpRequest.id == request.id, HelpRequest.status == HelpStatus.NEW)
    taken: CursorResult[Any] = db.session.execute(  # type: ignore[assignment]
        free.values(status=HelpStatus.TAKEN, taken_by_id=by.id)
    )
    if taken.rowcount == 0:
        raise WrongState(f"request {request.ref} is not free")
    db.session.refresh(request)
    _moved(request, "claimed", by)


def hand_back(request: HelpRequest, *, by: Staff) -> None:
    """Put `request` back for others, no reason asked. Raises WrongState when it is not in this person's hands."""
    _require_in_hand(request, by)
    request.status, request.taken_by_id = HelpStatus.NEW, None
    audit.record(by, "passed on", subject(request))


def close(request: HelpRequest, *, by: Staff) -> None:
    """End `request`. Raises WrongState when it is not in this person's hands."""
    _require_in_hand(request, by)
    request.status, request.closed_at = HelpStatus.CLOSED, clock.now()
    _moved(request, "closed", by)


def reopen(request: HelpRequest, *, by: Staff) -> None:
    """Take up a closed `request` again. Whoever sent it goes on seeing it closed. Raises WrongState for an open one."""
    _require(by)
    if request.status is not HelpStatus.CLOSED:
        raise WrongState(f"request {request.ref} is open")
    request.status, request.closed_at, request.taken_by_id = HelpStatus.TAKEN, None, by.id
    audit.record(by, "reopened", subject(request))


def go_with_case(request: HelpRequest, officer: Staff, *, by: Staff) -> None:
    """Put a request that is not closed into the hands of whoever has its case now."""
    if request.status is not HelpStatus.CLOSED:
        request.status, request.taken_by_id = HelpStatus.TAKEN, officer.id
        db.session.flush()
        audit.record(by, "handed over with its case", subject(request), person=officer.number)


def let_go(person: Staff, *, by: Staff | None) -> None:
    """Put back what is in a person's hands, so that others can take it."""
    in_hand = select(HelpRequest).where(HelpRequest.taken_by_id == person.id, HelpRequest.status == HelpStatus.TAKEN)
    for request in db.session.scalars(in_hand).all():
        request.status, request.taken_by_id = HelpStatus.NEW, None
        audit.record(by, "put back", subject(request))


def move_on(request_ids: Sequence[int]) -> None:
    """Let people see how far their requests are. Safe to run twice: nothing ever moves backwards."""
    outbox.done(db.session(), MOVE_ON, *request_ids)  # first, so that whoever moves one now leaves word anew
    named = select(HelpRequest.receipt_tag, HelpRequest.status).where(HelpRequest.id.in_(request_ids))
    receipts.move_on({tag: progress.OF_HELP[status] for tag, status in db.session.execute(named)})


def subject(request: HelpRequest) -> str:
    """Return the name of a request in the audit trail."""
    return f"request {request.ref}"


def _is_theirs(by: Staff) -> ColumnElement[bool]:
    """Return the condition that no case was opened from a request, or one that `by` may open."""
    cases = exists().where(VictimCase.help_request_id == HelpRequest.id)
    return or_(not_(cases), cases.where(case_files.may_open(by, clock.now())))


def _officers_of(ids: Sequence[int], by: Staff) -> dict[int, str]:
    """Return by request the officer's name of the case it is in, where `by` may not open that."""
    query = select(VictimCase.help_request_id, Staff.name).join(Staff, Staff.id == VictimCase.officer_id)
    closed = query.where(VictimCase.help_request_id.in_(ids), not_(case_files.may_open(by, clock.now())))
    return {request_id: name for request_id, name in db.session.execute(closed) if request_id is not None}


def _moved(request: HelpRequest, action: str, by: Staff) -> None:
    db.session.flush()
    audit.record(by, action, subject(request))
    outbox.put(db.session(), MOVE_ON, request.id)


def _require(by: Staff) -> None:
    if not by.has(Role.VICTIM_SUPPORT):
        raise NotFound("no such request for help")


def _require_in_hand(request: HelpRequest, by: Staff) -> None:
    _require(by)
    if request.taken_by_id != by.id or request.status is not HelpStatus.TAKEN:
        raise WrongState(f"request {request.ref} is not in these hands")


def _place(ref: str) -> tuple[int, int] | None:
    """Return the turn and the id of a request: where in the list a page ended. None for no reference."""
    if not ref:
        return None
    found = db.session.execute(select(_TURN, HelpRequest.id).where(HelpRequest.ref == ref)).one_or_none()
    if found is None:
        raise Refused(("after", "unknown"))
    return found[0], found[1]


def _count(condition: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(HelpRequest).where(condition)) or 0


def _language(request: HelpRequest) -> Language | None:
    asked = _asked(request)
    return asked.language if asked else None


def _asked(request: HelpRequest) -> Asked | None:
    """Open what was asked; None when the key is not here, or what is inside is no request."""
    try:
        return asked_in(_open(BODY, request.body) or "")
    except (ValueError, KeyError, TypeError):
        return None


def _open(purpose: str, sealed: bytes) -> str | None:
    try:
        return vault.keyring().open(purpose, sealed, lock=Lock.CARE)
    except (KeyMissing, Unreadable):
        return None
