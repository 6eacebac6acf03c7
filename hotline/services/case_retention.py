"""Erasing the files of victims: when their day is over, or at a person's wish on two people's word.

The sweeper does it without the key to any file. First goes what the person's receipt finds at the public site, then
everything at the desk in one transaction: killed in between, it is begun again. What stays is figures, a certificate
that names nobody, and in the audit trail that something was done, without its details.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time

from flask import current_app
from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction
from hotline.config import settings
from hotline.errors import Forbidden, NotFound, WrongState
from hotline.extensions import Model, db
from hotline.gateways import mail
from hotline.models.audit import AuditEntry
from hotline.models.case_link import CaseLink, LinkErasure, LinkMessage
from hotline.models.case_note import CaseNote
from hotline.models.clock import Clock
from hotline.models.consent import Consent, Override
from hotline.models.help_request import HelpRequest
from hotline.models.identification import Identification, IdentificationLink
from hotline.models.message import Message
from hotline.models.needs_assessment import NeedFound, NeedsAssessment, PlanAction
from hotline.models.referral import Referral, ServiceGap
from hotline.models.staff import Staff
from hotline.models.victim_case import (
    CaseAccess,
    CaseClosure,
    CaseErasure,
    CaseName,
    CasePerson,
    CaseStepDone,
    VictimCase,
)
from hotline.rules import case_statistics as rules
from hotline.rules import retention
from hotline.services import (
    audit,
    case_figures,
    case_files,
    case_links,
    help_requests,
    identifications,
    needs_assessments,
    receipts,
    references,
    referrals,
    retention_policies,
)
from hotline.services.retention_policies import ENDED
from hotline.transactions import leave_no_trace, writing
from hotline.vocabulary import Author, CaseFigure, CaseStatus, Concern, Role, Subject

ASKED, APPROVED, DECLINED = "asked to erase the file", "approved erasing", "did not erase the file"
ERASED, ERASED_LINK = "erased the file", "erased the words"
MOST_AT_ONCE = 25  # files a round of the sweeper erases; each is a transaction of its own, so nobody waits long
MOST_LISTED = 100
READERS = (Role.VICTIM_SUPPORT, Role.MANAGER)
_RAN_ON = "hotline.retention.ran_on"


@dataclass(frozen=True, slots=True)
class Due:
    """A file whose day is over."""

    ref: str
    keep_until: date | None  # always set at the end of a case


@dataclass(frozen=True, slots=True)
class Certificate:
    """That a file was erased. `mark` is the hash of the audit entry that says so, in hex; `entry` its number."""

    erasure: CaseErasure
    years: int | None  # of the policy; None at a person's wish
    until_age: int | None
    counts: tuple[tuple[str, int], ...]
    entry: int
    mark: str


def list_due(*, most: int | None = None) -> list[Due]:
    """Return the files whose day is over, the longest first."""
    over = select(VictimCase.ref, VictimCase.keep_until).where(_is_over()).order_by(VictimCase.keep_until)
    found = db.session.execute(over.order_by(VictimCase.id).limit(most))
    return [Due(ref, day) for ref, day in found]


def list_wished() -> list[str]:
    """Return the references of files that two people said are to be erased, and that still lie here."""
    wished = select(VictimCase.ref).where(_is_wished()).order_by(VictimCase.id)
    return list(db.session.scalars(wished))


def run(*, most: int | None = None, stopped: Callable[[], bool] = lambda: False) -> list[str]:
    """Erase what is due or wished for, one transaction each. Returns the references. Safe to run twice.

    One whose person has written again, and nobody has seen to it, waits.
    """
    gone: list[str] = []
    for which in (_is_wished(), _is_over()):
        found = select(VictimCase.id).where(which).order_by(VictimCase.keep_until, VictimCase.id)
        for number in db.session.scalars(found).all():
            if stopped() or (most is not None and len(gone) >= most):
                break
            if (ref := _erase_one(number)) is not None:
                gone.append(ref)
    if gone:
        leave_no_trace()
    return gone


def sweep(stopped: Callable[[], bool] = lambda: False) -> None:
    """Erase what is wished for; and once a day of the country what is due, a few in a round."""
    known, today = current_app.extensions, jurisdiction.today()
    if known.get(_RAN_ON) == today and not list_wished():
        return
    done = len(run(most=MOST_AT_ONCE, stopped=stopped)) + erase_links(most=MOST_AT_ONCE, stopped=stopped)
    if done < MOST_AT_ONCE and not stopped():
        leave_no_trace()  # whoever erased something else meanwhile may have been killed before that, or had to wait
        known[_RAN_ON] = today


def erase_links(*, most: int, stopped: Callable[[], bool] = lambda: False) -> int:
    """Erase the words of links that became no case, once the policy in force keeps them no longer. Returns how many.

    They are kept from the day they were handed over; nobody knows how old the child is, so it counts as newborn. Each
    is a transaction of its own. That something was handed over stays with its item.
    """
    count = 0
    for number in db.session.scalars(_old_links().with_only_columns(CaseLink.id).limit(most)).all():
        if stopped():
            break
        with writing():
            link = db.session.scalar(_old_links().where(CaseLink.id == number))
            if link is not None:
                _erase_link(link)
                count += 1
    if count:
        leave_no_trace()
    return count


def count_links_erased() -> int:
    """Return of how many links that became no case the words were erased."""
    return db.session.scalar(select(func.count()).select_from(LinkErasure)) or 0


def _old_links() -> Select[CaseLink]:
    kept = retention_policies.term(retention_policies.in_force())
    last = retention.earlier(jurisdiction.today(), max(kept.years, kept.until_age or 0))
    before = datetime.combine(last, time.min, jurisdiction.current().zone)  # handed over on `last`: kept today as well
    open_links = select(CaseLink).where(CaseLink.case_id.is_(None), CaseLink.note != b"", CaseLink.made_at < before)
    return open_links.order_by(CaseLink.id)


def _erase_link(link: CaseLink) -> None:
    """Take away the words of a link. The certificate is written first: the database lets none go without it."""
    theirs = LinkMessage.link_id == link.id
    count = _count(LinkMessage, theirs)
    certificate = LinkErasure(
        link_id=link.id, policy_id=retention_policies.in_force().id, messages=count, erased_at=clock.now()
    )
    db.session.add(certificate)
    db.session.flush()
    link.note = b""
    db.session.execute(delete(LinkMessage).where(theirs).execution_options(synchronize_session=False))
    bare = update(AuditEntry).where(AuditEntry.record == case_links.subject(link)).values(details=None, salt=None)
    db.session.execute(bare.execution_options(synchronize_session=False))
    audit.record(None, ERASED_LINK, case_links.subject(link), policy=certificate.policy_id, messages=count)


def ask(one: VictimCase, *, by: Staff) -> CaseErasure:
    """Ask that the file of a case that has ended is erased now: the person it is about wishes so. A manager decides.

    Raises WrongState for an open case, or where it was asked already.
    """
    if one.status not in ENDED:
        raise WrongState(f"case {one.ref} has not ended")
    if _find(one) is not None:
        raise WrongState(f"the file of {one.ref} is to be erased already")
    made = CaseErasure(
        ref=references.draw(CaseErasure.ref, "EC"), case=one, asked_by=by, asked_at=clock.now(), records=""
    )
    db.session.add(made)
    db.session.flush()
    audit.record(by, ASKED, case_files.subject(one), erasure=made.ref)
    return made


def get_asked(ref: str, *, by: Staff) -> CaseErasure:
    """Return an erasure that was asked for and waits, for a manager. Raises NotFound."""
    found = db.session.scalar(select(CaseErasure).where(CaseErasure.ref == ref, CaseErasure.erased_at.is_(None)))
    if found is None or not by.has(Role.MANAGER):
        raise NotFound(f"no erasure {ref} waits")
    return found


def list_asked(*, by: Staff) -> list[CaseErasure]:
    """Return what people asked to have erased, in the order they asked."""
    if not by.has(*READERS):
        return []
    waiting = select(CaseErasure).where(CaseErasure.erased_at.is_(None)).order_by(CaseErasure.id).limit(MOST_LISTED)
    return list(db.session.scalars(waiting.options(joinedload(CaseErasure.case), joinedload(CaseErasure.asked_by))))


def list_erased(*, by: Staff) -> list[CaseErasure]:
    """Return the newest certificates, newest first."""
    if not by.has(*READERS):
        return []
    erased = select(CaseErasure).where(CaseErasure.erased_at.is_not(None)).order_by(CaseErasure.erased_at.desc())
    return list(db.session.scalars(erased.options(joinedload(CaseErasure.case)).limit(MOST_LISTED)))


def approve(erasure: CaseErasure, *, by: Staff) -> None:
    """Have the file erased that somebody asked to have erased: the sweeper does it in its next round.

    Raises Forbidden for whoever asked, WrongState where that was said already.
    """
    _require_decision(erasure, by)
    erasure.approved_by = by
    db.session.flush()
    audit.record(by, APPROVED, case_files.subject(erasure.case), erasure=erasure.ref)


def decline(erasure: CaseErasure, *, by: Staff) -> None:
    """Do not erase it before its day. Raises as `approve`."""
    _require_decision(erasure, by)
    subject = case_files.subject(erasure.case)
    db.session.delete(erasure)
    db.session.flush()
    audit.record(by, DECLINED, subject)


def certificate(ref: str, *, by: Staff) -> Certificate:
    """Return a certificate by its reference. Raises NotFound."""
    query = select(CaseErasure).where(CaseErasure.ref == ref, CaseErasure.erased_at.is_not(None))
    found = db.session.scalar(query.options(joinedload(CaseErasure.case)))
    if found is None or not by.has(*READERS):
        raise NotFound(f"no certificate {ref}")
    entry = audit.last_of(case_files.subject(found.case), ERASED)
    policy = next((one for one in retention_policies.list_all() if one.id == found.policy_id), None)
    return Certificate(
        found,
        policy.years if policy else None,
        policy.until_age if policy else None,
        tuple(retention.counted(found.records)),
        entry.id if entry else 0,
        entry.hash.hex() if entry else "",
    )


def _is_over() -> ColumnElement[bool]:
    """Whether a file's day is over. One whose day is of an earlier policy waits until it has its new one."""
    over = VictimCase.status.in_(ENDED) & (VictimCase.keep_until < jurisdiction.today())
    return over & (VictimCase.kept_by_id == retention_policies.newest())


def _is_wished() -> ColumnElement[bool]:
    said = select(CaseErasure.case_id).where(CaseErasure.approved_by_id.is_not(None), CaseErasure.erased_at.is_(None))
    return VictimCase.status.in_(ENDED) & VictimCase.id.in_(said)


def _erase_one(number: int) -> str | None:
    """Erase one file; None where it is to go no more, or its person has written again."""
    tag = _tag(number)
    if tag is not None and (_waits(tag) or not receipts.forget(tag)):
        return None
    _forget_letters(number)
    with writing():
        one = db.session.scalar(select(VictimCase).where(VictimCase.id == number, or_(_is_over(), _is_wished())))
        if one is None:
            return None
        erasure = _find(one)
        if erasure is None or erasure.approved_by_id is None:
            erasure = erasure or CaseErasure(
                ref=references.draw(CaseErasure.ref, "EC"), case=one, asked_at=clock.now(), records=""
            )
            erasure.policy_id = retention_policies.in_force().id
            db.session.add(erasure)
        _erase(erasure)
        return one.ref


def _erase(erasure: CaseErasure) -> None:
    """Take away all that a case holds. The certificate is written first: the database lets nothing go without it."""
    db.session.flush()
    one = erasure.case
    request_id, subjects = one.help_request_id, _subjects(one)
    about, asked = _rows(one), _of_request(request_id)
    counts = {table.__tablename__: _count(table, which) for table, which in (*about, *asked)}
    erasure.records, erasure.erased_at = retention.records(counts), clock.now()
    db.session.flush()
    one.file, one.status, one.help_request_id = None, CaseStatus.ERASED, None
    one.version += 1
    db.session.flush()
    for table, which in (*about, *asked):
        if table is CaseLink:  # that something was handed over stays with its item; what was said of a child goes
            db.session.execute(update(CaseLink).where(which).values(note=b""))
        else:
            db.session.execute(delete(table).where(which).execution_options(synchronize_session=False))
    db.session.expire_all()
    bare = update(AuditEntry).where(AuditEntry.record.in_(subjects)).values(details=None, salt=None)
    db.session.execute(bare.execution_options(synchronize_session=False))
    case_figures.count(CaseFigure.ERASED, rules.WISH if erasure.policy_id is None else rules.POLICY)
    audit.record(None, ERASED, case_files.subject(one), erasure=erasure.ref, rows=sum(counts.values()))


def _rows(one: VictimCase) -> list[tuple[type[Model], ColumnElement[bool]]]:
    """Return which rows of which tables go with a case, those that others lean on last."""
    links = select(CaseLink.id).where(CaseLink.case_id == one.id)
    packages = select(Identification.id).where(Identification.case_id == one.id)
    assessments = select(NeedsAssessment.id).where(NeedsAssessment.case_id == one.id)
    things = {
        Subject.REFERRAL: select(Referral.id).where(Referral.case_id == one.id),
        Subject.CONSENT: select(Consent.id).where(Consent.case_id == one.id),
        Subject.OVERRIDE: select(Override.id).where(Override.case_id == one.id),
        Subject.IDENTIFICATION: packages,
        Subject.VICTIM_CASE: select(VictimCase.id).where(VictimCase.id == one.id),
    }
    clocks = or_(*((Clock.subject == subject) & Clock.subject_id.in_(ids) for subject, ids in things.items()))
    of_case: tuple[type[Model], ...] = (Identification, Referral, Consent, Override, ServiceGap, PlanAction)
    last: tuple[type[Model], ...] = (CaseNote, CaseAccess, CaseStepDone, CaseClosure, CaseName, CasePerson)
    return [
        (Clock, clocks),
        (IdentificationLink, IdentificationLink.identification_id.in_(packages)),
        *((table, table.case_id == one.id) for table in of_case),  # type: ignore[attr-defined]
        (NeedFound, NeedFound.assessment_id.in_(assessments)),
        (NeedsAssessment, NeedsAssessment.case_id == one.id),
        *((table, table.case_id == one.id) for table in last),  # type: ignore[attr-defined]
        (LinkMessage, LinkMessage.link_id.in_(links)),
        (CaseLink, CaseLink.case_id == one.id),
    ]


def _of_request(request_id: int | None) -> list[tuple[type[Model], ColumnElement[bool]]]:
    """Return the rows of the request for help that a case came from, and of what was written about it."""
    if request_id is None:
        return []
    tag = select(HelpRequest.receipt_tag).where(HelpRequest.id == request_id).scalar_subquery()
    of_tag = (Message.receipt_tag == tag) & (Message.concern == Concern.HELP)
    written = select(Message.id).where(of_tag)
    return [
        (Clock, (Clock.subject == Subject.MESSAGE) & Clock.subject_id.in_(written)),
        (Message, of_tag),
        (HelpRequest, HelpRequest.id == request_id),
    ]


def _subjects(one: VictimCase) -> list[str]:
    """Return by which names the audit trail knows a case and what is its own."""

    def found(table: type[Model]) -> list:  # type: ignore[type-arg]
        return list(db.session.scalars(select(table).where(table.case_id == one.id)))  # type: ignore[attr-defined]

    asked = [help_requests.subject(one.help_request)] if one.help_request else []
    return [
        case_files.subject(one),
        *asked,
        *(referrals.subject(row) for row in found(Referral)),
        *(identifications.subject(row) for row in found(Identification)),
        *(needs_assessments.subject(row) for row in found(NeedsAssessment)),
        *(case_links.subject(row) for row in found(CaseLink)),
    ]


def _tag(case_id: int) -> bytes | None:
    """Return by what the public site knows whoever asked for help; None where no request led to the case."""
    query = select(HelpRequest.receipt_tag).join(VictimCase, VictimCase.help_request_id == HelpRequest.id)
    return db.session.scalar(query.where(VictimCase.id == case_id))


def _waits(tag: bytes) -> bool:
    """Whether words of the person wait at the desk: then nothing is erased over them."""
    waits = (Message.receipt_tag == tag, Message.author == Author.REPORTER, Message.settled_at.is_(None))
    return bool(_count(Message, *waits))


def _forget_letters(case_id: int) -> None:
    """Take away the letters of its referrals that lie here because no mail server is set."""
    sent = select(Referral.message_id).where(Referral.case_id == case_id, Referral.message_id.is_not(None))
    for message_id in db.session.scalars(sent):
        mail.forget_kept(settings().data_dir / "letters", message_id or "")


def _require_decision(erasure: CaseErasure, by: Staff) -> None:
    if not by.has(Role.MANAGER) or erasure.asked_by_id == by.id:
        raise Forbidden("a manager who did not ask decides")
    if erasure.approved_by_id is not None:
        raise WrongState(f"{erasure.ref} is decided")


def _find(one: VictimCase) -> CaseErasure | None:
    return db.session.scalar(select(CaseErasure).where(CaseErasure.case_id == one.id))


def _count(table: type[Model], *which: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(table).where(*which)) or 0
