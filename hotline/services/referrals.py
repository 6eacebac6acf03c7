"""Referrals: drafted for a need to a service that fits, with what consent lets be told; found again, and listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction
from hotline.errors import NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.models.referral import Referral
from hotline.models.service_provider import ServiceProvider
from hotline.models.staff import Staff
from hotline.models.victim_case import VictimCase
from hotline.rules import referrals as rules
from hotline.rules import victim_files
from hotline.rules.consents import Standing
from hotline.rules.referrals import Package, Words
from hotline.services import audit, case_files, consents, references, referral_packages, service_gaps, service_providers
from hotline.services.service_gaps import Missing
from hotline.services.service_providers import Fitting
from hotline.vocabulary import CaseStatus, Duty, Language, Need, ReferralMeans, ReferralStatus, Share, Subject

MOST_COUNTED = 100
DRAFTED, CHANGED = "drafted a referral", "changed"
BY_HAND = (ReferralMeans.ENCRYPTED_FILE, ReferralMeans.PRINTED)


class Shown(StrEnum):
    """Which referrals a list shows."""

    DUE = "due"  # somebody has to look: no answer in time, a day has come, something went wrong, a paper lies here
    DRAFTS = "drafts"  # not with their service yet
    WAITING = "waiting"  # no answer yet
    GOING_ON = "going_on"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Card:
    """What a case's page says of its referrals, newest first, and of needs for which no service was there."""

    rows: list[Referral]
    gaps: list[Missing]
    may_refer: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One referral of a list, and the clock of its service's answer while that runs."""

    referral: Referral
    answer_due: Clock | None


@dataclass(frozen=True, slots=True)
class ReferralPage:
    """Some referrals, and the cursor of the next page (empty at the end)."""

    rows: list[Row]
    next: str


@dataclass(frozen=True, slots=True)
class Offer:
    """One service that fits: how it stands with those who have to agree, and whether its entry was checked lately."""

    fitting: Fitting
    standing: Standing

    @property
    def provider(self) -> ServiceProvider:
        """The service."""
        return self.fitting.provider


@dataclass(frozen=True, slots=True)
class Opened:
    """A referral, opened: what is told, and what is known since it went."""

    package: Package
    words: Words


def card(one: VictimCase) -> Card:
    """Return what a case's page says of its referrals. Nothing is opened."""
    mine = select(Referral).where(Referral.case_id == one.id).options(joinedload(Referral.provider))
    return Card(
        rows=list(db.session.scalars(mine.order_by(Referral.id.desc()))),
        gaps=service_gaps.list_open(one),
        may_refer=one.status is CaseStatus.OPEN,
    )


def offers(one: VictimCase, need: Need, *, by: Staff) -> list[Offer]:
    """Return the services that fit a need of a case, by province and age of its file; those checked lately first.

    Whoever calls has the read of the case on record.
    """
    file = case_files.opened(one)
    age = victim_files.age(file, jurisdiction.today())
    found = service_providers.list_fitting(need, file.province, age, by=by)
    return [Offer(fitting, consents.standing(one, fitting.provider)) for fitting in found]


def draft(
    one: VictimCase,
    need: str,
    provider_ref: str,
    *,
    words: str,
    use_until: date | None,
    language: str,
    left_out: Sequence[Share] = (),
    by: Staff,
) -> Referral:
    """Draft a referral with what may be told today; what nobody has agreed to is not in it.

    Raises Refused with all that is wrong, also where a suspect of the case or one of us is named in it.
    """
    kept, wrong = rules.judge_draft(words, use_until, jurisdiction.today())
    faults = list(wrong)
    if need not in set(Need):
        faults.append(("need", "required"))
    if language not in set(Language):
        faults.append(("language", "required"))
    provider = _provider(provider_ref, by=by)
    if provider is None or (need in set(Need) and Need(need) not in provider.needs):
        faults.append(("provider", "required"))
    if faults or provider is None or use_until is None:
        raise Refused(*faults)
    ref = references.draw(Referral.ref, "RF")
    package = _gathered(
        one,
        provider,
        ref=ref,
        need=Need(need),
        words=kept,
        use_until=use_until,
        language=Language(language),
        left_out=left_out,
        by=by,
    )
    referral_packages.require_clean(package, one)
    referral = Referral(
        ref=ref,
        case=one,
        provider=provider,
        need=Need(need),
        status=ReferralStatus.DRAFT,
        language=Language(language),
        package=referral_packages.seal(package),
        version=1,
        drafted_by=by,
        drafted_at=clock.now(),
    )
    db.session.add(referral)
    db.session.flush()
    audit.record(by, DRAFTED, subject(referral), need=need)
    audit.record(by, DRAFTED, case_files.subject(one), referral=ref)
    return referral


def change(
    referral: Referral,
    *,
    words: str,
    use_until: date | None,
    left_out: Sequence[Share],
    version: int,
    by: Staff,
) -> None:
    """Write a draft anew, with what may be told of the file now. Raises as `draft`, and Overtaken."""
    kept, wrong = rules.judge_draft(words, use_until, jurisdiction.today())
    require_draft(referral, version)
    if wrong or use_until is None:
        raise Refused(*wrong)
    package = _gathered(
        referral.case,
        referral.provider,
        ref=referral.ref,
        need=referral.need,
        words=kept,
        use_until=use_until,
        language=referral.language,
        left_out=left_out,
        by=by,
    )
    referral_packages.require_clean(package, referral.case)
    referral.package, referral.version = referral_packages.seal(package), referral.version + 1
    referral.last_fault = None
    db.session.flush()
    audit.record(by, CHANGED, subject(referral))


def get(ref: str, *, by: Staff) -> Referral:
    """Return the referral `ref` of a case that `by` may open. Raises NotFound, also for one of somebody else's."""
    case_files.require(by)
    query = _mine(by).where(Referral.ref == ref, VictimCase.status != CaseStatus.ERASED)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(f"no referral {ref}")
    return found


def read(referral: Referral, *, by: Staff) -> Opened:
    """Open a referral; the read goes into the audit trail first. Raises KeyMissing or Unreadable."""
    audit.record_read(by, "read", subject(referral))
    return Opened(referral_packages.unseal(referral), referral_packages.words_of(referral))


def list_page(shown: Shown, *, by: Staff, after: str = "", limit: int = 50) -> ReferralPage:
    """Return referrals of cases that `by` may open: the oldest first, those that ended newest first."""
    case_files.require(by)
    newest_first = shown is Shown.ENDED
    query = _mine(by).where(_which(shown))
    if after:
        place = _position(after)
        query = query.where(Referral.id < place if newest_first else Referral.id > place)
    query = query.order_by(Referral.id.desc() if newest_first else Referral.id).limit(limit + 1)
    found = list(db.session.scalars(query))
    running = _running([one.id for one in found[:limit]])
    rows = [Row(one, running.get(one.id)) for one in found[:limit]]
    return ReferralPage(rows, str(found[limit - 1].id) if len(found) > limit else "")


def count(shown: Shown, *, by: Staff) -> int:
    """Return how many referrals a list shows, up to `MOST_COUNTED`."""
    case_files.require(by)
    some = _mine(by).with_only_columns(Referral.id).where(_which(shown)).limit(MOST_COUNTED).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def answer_due(referral: Referral) -> Clock | None:
    """Return the clock of the service's answer while it runs."""
    return _running([referral.id]).get(referral.id)


def is_let_go(referral: Referral) -> bool:
    """Whether a draft may not be changed any more: a worker sends it, or a person takes it along."""
    return referral.status is ReferralStatus.DRAFT and referral.queued_at is not None


def is_being_sent(referral: Referral) -> bool:
    """Whether the letter is in somebody's hands right now."""
    return is_let_go(referral) and referral.leased_until is not None and referral.leased_until > clock.now()


def require_draft(referral: Referral, version: int) -> None:
    """Raise WrongState for what is no draft any more, and Overtaken where it was changed since `version`."""
    if referral.status is not ReferralStatus.DRAFT or referral.queued_at is not None:
        raise WrongState(f"{referral.ref} is no draft any more")
    if referral.version != version:
        raise Overtaken(f"{referral.ref} was changed meanwhile")


def fresh(referral: Referral, package: Package, standing: Standing, *, by: Staff) -> Package:
    """Return what the package would hold if it were written now, by the same words."""
    return referral_packages.gather(
        referral.case,
        referral.provider,
        ref=referral.ref,
        need=referral.need,
        allowed=standing.shares,
        left_out=package.left_out,
        words=package.words,
        use_until=date.fromisoformat(package.use_until),
        language=referral.language,
        person=referral.drafted_by.number,
    )


def subject(referral: Referral) -> str:
    """Return the name of a referral in the audit trail."""
    return f"referral {referral.ref}"


def _gathered(one: VictimCase, provider: ServiceProvider, *, by: Staff, **how: Any) -> Package:
    allowed = consents.standing(one, provider).shares
    return referral_packages.gather(one, provider, allowed=allowed, person=by.number, **how)


def _provider(ref: str, *, by: Staff) -> ServiceProvider | None:
    try:
        found = service_providers.get(ref, by=by)
    except NotFound:
        return None
    return found if found.active else None


def _mine(by: Staff) -> Select[Referral]:
    with_both = (joinedload(Referral.provider), joinedload(Referral.case))
    return select(Referral).join(Referral.case).where(case_files.may_open(by, clock.now())).options(*with_both)


def _which(shown: Shown) -> ColumnElement[bool]:
    going_on = (ReferralStatus.ACCEPTED, ReferralStatus.IN_PROGRESS)
    return {
        Shown.DUE: _is_due(),
        Shown.DRAFTS: Referral.status == ReferralStatus.DRAFT,
        Shown.WAITING: Referral.status == ReferralStatus.PENDING,
        Shown.GOING_ON: Referral.status.in_(going_on),
        Shown.ENDED: Referral.status.in_(sorted(rules.ENDS)),
    }[shown]


def _is_due() -> ColumnElement[bool]:
    now = clock.now()
    late = exists().where(
        Clock.subject == Subject.REFERRAL,
        Clock.subject_id == Referral.id,
        Clock.duty == Duty.SERVICE_ANSWER,
        Clock.ended_at.is_(None),
        Clock.due_at < now,
    )
    open_ones = Referral.status.in_([ReferralStatus.DRAFT, *rules.GOING_ON])
    return or_(
        and_(Referral.check_again_on <= jurisdiction.today(), Referral.status != ReferralStatus.DRAFT),
        and_(Referral.last_fault.is_not(None), open_ones),
        and_(Referral.status == ReferralStatus.DRAFT, Referral.queued_at.is_not(None), Referral.means.in_(BY_HAND)),
        and_(Referral.status == ReferralStatus.PENDING, late),
    )


def _running(ids: Sequence[int]) -> dict[int, Clock]:
    query = select(Clock).where(Clock.subject == Subject.REFERRAL, Clock.subject_id.in_(ids))
    answers = query.where(Clock.duty == Duty.SERVICE_ANSWER, Clock.ended_at.is_(None))
    return {one.subject_id: one for one in db.session.scalars(answers)} if ids else {}


def _position(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 19):
        raise Refused(("after", "unknown"))
    return int(cursor)
