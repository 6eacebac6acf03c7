"""Who has access to what, laid open for somebody to look through; what they said is kept with how it stood then."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from hotline import clock
from hotline.errors import Forbidden, NotFound, Refused
from hotline.extensions import db
from hotline.models.staff import Staff
from hotline.models.training import AccessReview, AccessReviewLine
from hotline.rules import access_reviews as rules
from hotline.services import audit, duties, room_entries, trainings
from hotline.services.trainings import Person
from hotline.vocabulary import AccessVerdict, Role, RoleClash

KEY = "review_access"
SIGNED_IN = "signed in"
MOST = 50
COLUMNS = ("done_at", "done_by", "person", "roles", "vetted", "expired", "on_list", "verdict", "reason")


@dataclass(frozen=True, slots=True)
class Evidence:
    """When access was last reviewed, how many accounts are open now, and what keeps others from hotline material.

    `others` are open accounts that should open no item: those without such a role, and those whose other role forbids
    it; `others_open_items` of them can. As a sentence: "0 of 11 other accounts can open items". `to_change` is what
    the last review wanted changed.
    """

    done_at: datetime | None
    accounts: int
    others: int
    others_open_items: int
    clashes: int
    to_change: int


@dataclass(frozen=True, slots=True)
class Account:
    """One open account as it stands. `seen_at` is the last sign-in; None where none is on record."""

    person: Staff
    clashes: tuple[RoleClash, ...]
    seen_at: datetime | None
    is_unused: bool
    trained: Person
    may_enter: bool
    asked: AccessReviewLine | None
    """What the last review wanted changed of it."""

    @property
    def seen(self) -> str:
        """What a reviewer vouches for, as a form keeps it: roles, clashes, and whether they may enter the room."""
        return rules.seen(self.person.roles, self.clashes, may_enter=self.may_enter)


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of one account, as it was typed. `seen` is what the form showed of it: `Account.seen`."""

    verdict: str = ""
    reason: str = ""
    seen: str = ""


def list_accounts(*, by: Staff) -> list[Account]:
    """Return every open account, by number. Raises NotFound for other people."""
    return _accounts(last_sign_ins(by=by), by=by)


def last_sign_ins(*, by: Staff) -> dict[str, datetime]:
    """Return when whoever has an open account last signed in, by number. To be read before anything is written.

    Raises NotFound for other people.
    """
    people = trainings.list_people(by=by)
    found = ((one.staff.number, audit.last_of(f"staff {one.staff.number}", SIGNED_IN)) for one in people)
    return {number: entry.at for number, entry in found if entry is not None}


def finish(
    said: Mapping[str, Said], *, signed_in: Mapping[str, datetime] | None = None, note: str, by: Staff
) -> AccessReview:
    """Keep a review: `said` holds, by number, what was said of every open account. It is the duty's newest mark.

    `signed_in` is from `last_sign_ins`, so that nobody waits who wants to write; read here where None. Raises
    Refused((field, code), ...), where a field is `verdict-A-03` or `reason-A-03`, also for an account that was opened
    meanwhile or is not as the form showed it (`changed`); Forbidden for people who keep no duty.
    """
    if not by.has(*duties.KEEPERS):
        raise Forbidden("others review who has access")
    seen = last_sign_ins(by=by) if signed_in is None else signed_in
    wrong, lines = [], []
    for one in _accounts(seen, by=by):
        of_it = said.get(one.person.number, Said())
        verdict, reason, fault = rules.judge(of_it.verdict, of_it.reason)
        if verdict is not None and of_it.seen != one.seen:
            fault = ("verdict", "changed")
        if fault or verdict is None:
            part, code = fault or ("verdict", "required")
            wrong.append((f"{part}-{one.person.number}", code))
            continue
        lines.append(_line(one, verdict, reason))
    if wrong:
        raise Refused(*wrong)
    now = clock.now()
    mark = duties.mark(duties.get(KEY, by=by), worked=True, note=note, done_at=now, by=by)
    db.session.flush()
    review = AccessReview(mark_id=mark.id, done_at=now, done_by_id=by.id, lines=lines)
    db.session.add(review)
    db.session.flush()
    audit.record(by, "reviewed access", f"access review {review.id}", accounts=len(lines))
    return review


def list_reviews(*, by: Staff) -> list[AccessReview]:
    """Return the reviews, newest first. Raises NotFound for other people."""
    if not by.has(*duties.READERS):
        raise NotFound("no review of access")
    query = select(AccessReview).order_by(AccessReview.id.desc()).limit(MOST)
    return list(db.session.scalars(query.options(joinedload(AccessReview.done_by))))


def get(review_id: int, *, by: Staff) -> AccessReview:
    """Return one review with its lines. Raises NotFound, also for other people."""
    found = db.session.get(AccessReview, review_id)
    if found is None or not by.has(*duties.READERS):
        raise NotFound(f"no review {review_id}")
    return found


def evidence() -> Evidence:
    """Return what shows that nobody has access who should not."""
    people = db.session.scalars(select(Staff).where(Staff.active)).all()
    clashing = [one for one in people if rules.clashes(one.roles)]
    others = [one for one in people if not one.has(*rules.SEES_ITEMS) or one in clashing]
    last = _last()
    return Evidence(
        last.done_at if last else None,
        len(people),
        len(others),
        sum(one.has(*rules.SEES_ITEMS) for one in others),
        len(clashing),
        sum(one.verdict is AccessVerdict.CHANGE for one in last.lines) if last else 0,
    )


def records(since: datetime, until: datetime, *, by: Staff) -> Iterator[tuple[str, ...]]:
    """Yield what the reviews of a period say of each account, in the order of time. See `COLUMNS`."""
    if not by.has(*duties.READERS):
        raise NotFound("no review of access")
    query = select(AccessReview).where(AccessReview.done_at >= since, AccessReview.done_at < until)
    whole = selectinload(AccessReview.lines).joinedload(AccessReviewLine.staff)
    for review in db.session.scalars(query.order_by(AccessReview.id).options(whole)):
        at = review.done_at.astimezone(UTC).isoformat(timespec="seconds")
        for line in review.lines:
            marks = ("yes" if line.is_vetted else "no", str(line.expired), "yes" if line.may_enter else "no")
            yield at, review.done_by.number, line.staff.number, line.roles, *marks, line.verdict, line.reason


def roles_of(line: AccessReviewLine) -> list[Role]:
    """Return the roles an account had at a review."""
    return [Role(one) for one in line.roles.split()]


def clashes_of(line: AccessReviewLine) -> list[RoleClash]:
    """Return which roles of an account did not go together at a review."""
    return [RoleClash(one) for one in line.clashes.split()]


def _line(account: Account, verdict: AccessVerdict, reason: str) -> AccessReviewLine:
    return AccessReviewLine(
        staff_id=account.person.id,
        roles=" ".join(sorted(account.person.roles)),
        clashes=" ".join(account.clashes),
        seen_at=account.seen_at,
        is_unused=account.is_unused,
        is_vetted=account.trained.is_vetted,
        expired=len(account.trained.expired),
        may_enter=account.may_enter,
        verdict=verdict,
        reason=reason,
    )


def _last() -> AccessReview | None:
    return db.session.scalar(select(AccessReview).order_by(AccessReview.id.desc()).limit(1))


def _accounts(seen: Mapping[str, datetime], *, by: Staff) -> list[Account]:
    if not by.has(*duties.READERS):
        raise NotFound("no review of access")
    now, inside = clock.now(), room_entries.holders()
    people = trainings.list_people(by=by)
    last = _last()
    asked = {one.staff_id: one for one in last.lines if one.verdict is AccessVerdict.CHANGE} if last else {}
    return [
        Account(
            one.staff,
            rules.clashes(one.staff.roles),
            seen.get(one.staff.number),
            rules.is_unused(seen.get(one.staff.number), one.staff.created_at, now),
            one,
            one.staff.id in inside,
            asked.get(one.staff.id),
        )
        for one in people
    ]
