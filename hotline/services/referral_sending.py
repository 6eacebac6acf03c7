"""Referrals on their way: let go behind consent, mailed by a worker, taken along as a file or on paper, taken over.

A letter is encrypted in the desk process; the worker holds nothing that opens it. The database asks for consent when
a referral is let go, whenever a worker takes it up, and when it counts as sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import and_, select
from sqlalchemy.exc import IntegrityError

from hotline import clock, jurisdiction, outbox
from hotline.config import settings
from hotline.errors import GateClosed, Refused, Unreadable, WrongState
from hotline.extensions import db
from hotline.gateways.mail import UNCONFIRMED, Handed, Mailer, MailFault
from hotline.models.referral import Referral
from hotline.models.service_provider import ServiceProvider
from hotline.models.staff import Staff
from hotline.models.victim_case import VictimCase
from hotline.rules import referral_letters, service_entries
from hotline.rules import referrals as rules
from hotline.rules.anonymity import Leak
from hotline.rules.consents import Standing
from hotline.rules.referral_letters import File
from hotline.rules.referrals import Package
from hotline.services import (
    audit,
    case_figures,
    case_files,
    clocks,
    consents,
    mailing,
    referral_packages,
    referrals,
    secrecy,
)
from hotline.services.mailing import Lease
from hotline.services.referrals import subject
from hotline.transactions import writing
from hotline.vocabulary import CaseFigure, CaseStatus, Duty, ReferralMeans, ReferralStatus, RevokeReason

DELIVER = "hotline.jobs.referrals.deliver_referral"
LET_GO, HELD_BACK, SENT, SENT_ANYHOW = "let go", "held back", "sent", "sent though stopped"
PRINTED, TOOK_FILE, HANDED_OVER, FAILED, CAME_BACK = "printed", "took the file", "handed over", "failed", "came back"
LONGEST_PAUSE = timedelta(hours=2)
MOST_TRIES = 20  # over more than a day; people are shown the first fault already
NO_CONSENT, NO_SERVER, OTHER_ENTRY, BOUNCED = "consent", "no_server", "entry", "bounced"
NAMED = "named"  # the child, whose name is not to be told
NEW_NAMES = "new_names"  # somebody of us came, or entered what they are called: it is let go anew, and looked through


@dataclass(frozen=True, slots=True)
class Checks:
    """What a page says before a referral goes: whether it may, what stands in the way, by which means it could."""

    standing: Standing
    fresh: Package  # what it would hold if it were written now
    faults: referral_packages.Faults
    hindrances: tuple[str, ...]
    means: tuple[ReferralMeans, ...]
    is_stale: bool  # nobody has checked the service's entry for long, or ever
    ask_again_by: date | None  # somebody who agrees was to be asked again by this day, and it has gone by

    @property
    def unsure(self) -> tuple[Leak, ...]:
        """People of the case in the officer's words, and numbers and mailboxes that are not ours."""
        return self.faults.unsure


@dataclass(frozen=True, slots=True)
class Effects:
    """What follows from a change of a case: what stopped, and what is with services that have to be called.

    The services of `to_call` were told how to reach child or family, and that is not how it is safe now.
    """

    stopped: tuple[Referral, ...] = ()
    to_call: tuple[Referral, ...] = ()


def checks_of(referral: Referral, package: Package, *, by: Staff) -> Checks:
    """Return what keeps a draft from being let go, and by which means it could go. Whoever calls is on record."""
    standing = consents.standing(referral.case, referral.provider)
    fresh = referrals.fresh(referral, package, standing, by=by)
    found = referral_packages.faults_of(package, referral.case)
    named = (NAMED,) if found.unagreed else ()
    return Checks(
        standing=standing,
        fresh=fresh,
        faults=found,
        hindrances=(*_hindrances(referral, package, fresh, standing), *named),
        means=_means(referral.provider),
        is_stale=service_entries.is_stale(referral.provider.verified_on, jurisdiction.today()),
        ask_again_by=consents.asked_anew_by(referral.case, referral.provider) if standing.by_consent else None,
    )


def let_go(referral: Referral, means: str, *, version: int, meant: bool = False, by: Staff) -> None:
    """Let a draft go by `means`: a worker mails it, or a person takes file or paper along. It is not changed any more.

    `meant`: people and numbers in the words were looked at. Raises GateClosed where consent is missing, Refused
    (`means`, `send`, `meant`, `words` or `told:…`, code) for all else that is wrong, and Overtaken.
    """
    referrals.require_draft(referral, version)
    package = referral_packages.unseal(referral)
    found = checks_of(referral, package, by=by)
    if not found.standing.may_go:
        raise GateClosed(f"consent is missing for {referral.ref}")
    wrong = [("send", code) for code in found.hindrances]
    if means not in set(found.means):
        wrong.append(("means", _why_not(referral.provider, means)))
    if found.unsure and not meant:
        wrong.append(("meant", "required"))
    if wrong:
        raise Refused(*wrong)
    referral_packages.require_clean(package, referral.case)
    way = ReferralMeans(means)
    file = _encrypted(referral, package) if way in rules.ENCRYPTED else None
    now = clock.now()
    if way is ReferralMeans.ENCRYPTED_MAIL and file is not None:
        referral.message_id = mailing.message_id(referral.ref)
        referral.letter = referral_letters.mail(
            referral_packages.cover(package, referral.language),
            file,
            message_id=referral.message_id,
            sender=settings().mail_from,
            mailbox=referral.provider.mailbox,
            at=now,
        )
    else:
        referral.letter, referral.message_id = (file.body if file else None), None
    without = found.standing.without
    referral.override_id = None if found.standing.by_consent or without is None else without.id
    referral.means, referral.queued_at, referral.tries, referral.last_fault = way, now, 0, None
    db.session.flush()
    audit.record(
        by, LET_GO, subject(referral), means=way, key=(referral.provider.key_fingerprint or "") if file else ""
    )
    if way is ReferralMeans.ENCRYPTED_MAIL:
        outbox.put(db.session(), DELIVER, referral.id)


def hold_back(referral: Referral, *, by: Staff) -> None:
    """Make a draft again of what was let go and has not left. Raises WrongState where it has, or is leaving now."""
    _require_let_go(referral)
    if referrals.is_being_sent(referral):
        raise WrongState(f"{referral.ref} is being sent")
    if referral.means not in referrals.BY_HAND:  # file or paper may be with the service, whoever holds it back
        referral.means = None
    referral.queued_at = referral.leased_until = referral.letter = referral.message_id = None
    referral.last_fault = referral.last_fault if referral.last_fault == UNCONFIRMED else None  # nothing is tried again
    referral.version += 1
    db.session.flush()
    outbox.done(db.session(), DELIVER, referral.id)
    audit.record(by, HELD_BACK, subject(referral))


def after_naming(one: VictimCase, stopped: Sequence[Referral] = (), *, by: Staff) -> Effects:
    """Stop all that waits to leave of a case in which somebody is seen otherwise now: it is looked through anew.

    `stopped` has stopped already.
    """
    return Effects((*stopped, *consents.stop_all(one, "suspect", by=by)), _to_call(one))


def after_change(one: VictimCase, *, is_safe_changed: bool, by: Staff) -> Effects:
    """Stop what waits to leave and may not go by the file as it is now, or tells something else than it would now.

    `is_safe_changed`: the file says otherwise how child and family are reached.
    """
    query = select(Referral).where(Referral.case_id == one.id, Referral.queued_at.is_not(None))
    waiting = db.session.scalars(query.where(Referral.status == ReferralStatus.DRAFT).order_by(Referral.id)).all()
    stopped = [consents.stop(referral, "file", by=by) for referral in waiting if not _is_current(referral, by=by)]
    return Effects(tuple(stopped), _to_call(one) if is_safe_changed else ())


def take_file(referral: Referral, *, by: Staff) -> File:
    """Return the encrypted file of a referral that goes as one; that is on record. Raises as `printed`."""
    _require_let_go(referral, ReferralMeans.ENCRYPTED_FILE)
    _require_consent(referral)
    kind = referral.provider.key_kind
    if referral.letter is None or kind is None:
        raise WrongState(f"{referral.ref} has no file")
    _require_same_entry(referral)
    _require_fit("send", referral, by=by)
    audit.record(by, TOOK_FILE, subject(referral))
    return referral_letters.named(referral.letter, kind, ref=referral.ref)


def printed(referral: Referral, *, by: Staff) -> Package:
    """Open a referral that goes on paper, to be printed; that is on record.

    Raises WrongState for what does not go on paper, GateClosed where consent is missing by now, Refused (`send`, code)
    where it is not what would be let go now: the service's entry or the file was changed since, or a possible abuser,
    one of us or a child whose name is not told stands in it.
    """
    if referral.means is not ReferralMeans.PRINTED or referral.status in rules.ENDS:
        raise WrongState(f"{referral.ref} does not go on paper")
    if referral.status is ReferralStatus.DRAFT:
        _require_let_go(referral, ReferralMeans.PRINTED)
        _require_consent(referral)
        _require_same_entry(referral)
        _require_fit("send", referral, by=by)
    package = referral_packages.unseal(referral)
    audit.record_read(by, PRINTED, subject(referral))
    return package


def hand_over(referral: Referral, handed_to: str, at: datetime, *, by: Staff) -> None:
    """Note that file or paper is with the service: to whom, when. From then on its answer is waited for.

    Raises Refused with all that is wrong, and (`handed_to`, code) where it is not what would be let go now, GateClosed
    where consent is missing by now (`referral_answers.revoke` notes what was handed over all the same).
    """
    _require_let_go(referral, *referrals.BY_HAND)
    to, wrong = rules.judge_text("handed_to", handed_to, rules.MOST_LINE)
    assert referral.queued_at is not None
    if faults := [*wrong, *rules.hand_over_faults(at, now=clock.now(), since=referral.queued_at)]:
        raise Refused(*faults)
    _require_consent(referral)
    _require_fit("handed_to", referral, by=by)
    referral_packages.keep_words(referral, replace(referral_packages.words_of(referral), handed_to=to))
    referral.status, referral.sent_at, referral.sent_by_id = ReferralStatus.PENDING, at, by.id
    referral.queued_at = referral.letter = None
    db.session.flush()
    _gone(referral, at)
    audit.record(by, HANDED_OVER, subject(referral), means=referral.means or "")


def deliver(referral_id: int, *, mailer: Mailer) -> None:
    """Mail one referral: claim and commit, send outside any transaction, record and commit. Safe to run twice."""
    try:
        with writing():
            lease = _lease(referral_id)
    except IntegrityError:  # the database holds that nobody agrees to it any more
        with writing():
            _fail(referral_id, NO_CONSENT)
        return
    if lease is None:
        return
    handed = mailing.send(lease, mailer=mailer, record_fault=partial(_record_fault, referral_id, lease))
    if handed is None:
        return
    if handed is Handed.KEPT:  # there is no mail server, and nothing has gone
        with writing():
            _fail(referral_id, NO_SERVER)
        return
    try:
        with writing():
            _record_sent(referral_id, lease)
    except IntegrityError:  # it left while the last agreement ended
        with writing():
            _record_sent_though_stopped(referral_id)


def note_bounce(message_ids: Sequence[str], code: str) -> bool:
    """Note that a letter came back, by the part of its Message-ID before the @. Returns whether it is one of ours."""
    for one in message_ids:
        ref = one.partition(".")[0].upper()
        referral = db.session.scalar(select(Referral).where(Referral.ref == ref, Referral.message_id.is_not(None)))
        if referral is None or not (referral.message_id or "").lower().startswith(f"<{one}@"):
            continue
        if referral.status is ReferralStatus.PENDING and referral.last_fault is None:
            referral.last_fault, referral.check_again_on = BOUNCED, jurisdiction.today()
            audit.record(None, CAME_BACK, subject(referral), code=code)
        return True
    return False


def leave_to_people() -> int:
    """Make drafts again of letters that wait to be mailed, as ones that may have arrived: after a restore nobody knows.

    Returns how many.
    """
    waiting = select(Referral.id).where(Referral.status == ReferralStatus.DRAFT, Referral.queued_at.is_not(None))
    by_mail = waiting.where(Referral.means == ReferralMeans.ENCRYPTED_MAIL).order_by(Referral.id)
    found = db.session.scalars(by_mail).all()
    for referral_id in found:
        _fail(referral_id, UNCONFIRMED)
    return len(found)


def withdraw_letter(referral: Referral) -> None:
    """Let nothing leave of a draft that is taken back."""
    referral.queued_at = referral.leased_until = referral.letter = None
    outbox.done(db.session(), DELIVER, referral.id)


def _hindrances(referral: Referral, package: Package, fresh: Package, standing: Standing) -> list[str]:
    """Return codes of what keeps a draft here beside consent, suspects' names and means."""
    today = jurisdiction.today()
    found = {
        "ended": referral.case.status is not CaseStatus.OPEN,
        "inactive": not referral.provider.active,
        "unverified": referral.provider.verified_on is None,
        "expired": date.fromisoformat(package.use_until) <= today,
        "anew": standing.may_go and rules.differs(package, fresh),
        "unsafe": referral.case.ask_safe_anew and bool(rules.tells_how_to_reach(package)),
        "unreviewed": standing.waits_for_second,
    }
    return [code for code, applies in found.items() if applies]


def _means(provider: ServiceProvider) -> tuple[ReferralMeans, ...]:
    return tuple(one for one in ReferralMeans if _why_not(provider, one) == "")


def _why_not(provider: ServiceProvider, means: str) -> str:
    """Return why nothing goes to a service this way; empty where it does."""
    if means not in set(ReferralMeans):
        return "required"
    if means in rules.ENCRYPTED and not referral_packages.has_key(provider):
        return "no_key"
    if means == ReferralMeans.ENCRYPTED_MAIL and not provider.mailbox:
        return "no_mailbox"
    if means == ReferralMeans.ENCRYPTED_MAIL and not settings().smtp_url:
        return NO_SERVER
    return ""


def _encrypted(referral: Referral, package: Package) -> File:
    text = referral_packages.text_of(package, referral.language)
    return referral_packages.encrypted(text, referral.provider, ref=referral.ref)


def _require_let_go(referral: Referral, *means: ReferralMeans) -> None:
    if not referrals.is_let_go(referral) or (means and referral.means not in means):
        raise WrongState(f"{referral.ref} does not lie here to be taken along")


def _require_consent(referral: Referral) -> None:
    if not consents.standing(referral.case, referral.provider).may_go:
        raise GateClosed(f"consent is missing for {referral.ref}")


def _require_same_entry(referral: Referral) -> None:
    """Raise Refused where the service's entry is not as it was when the referral was let go, as `_lease` asks it."""
    if not referral.provider.active:
        raise Refused(("send", "inactive"))
    if referral.queued_at is None or referral.provider.changed_at > referral.queued_at:
        raise Refused(("send", OTHER_ENTRY))


def _require_fit(field: str, referral: Referral, *, by: Staff) -> None:
    """Raise Refused (field, code) where a possible abuser, one of us or a child whose name is not told stands in what
    was let go by now, or the file has changed since."""
    found = referral_packages.faults_of(referral_packages.unseal(referral), referral.case)
    if found.suspects:
        raise Refused((field, "suspect"))
    if found.ours:
        raise Refused((field, "names_us"))
    if found.unagreed:
        raise Refused((field, NAMED))
    if not _is_current(referral, by=by):
        raise Refused((field, "anew"))


def _is_current(referral: Referral, *, by: Staff) -> bool:
    """Whether what was let go may go, and is what would be told now."""
    try:
        package = referral_packages.unseal(referral)
    except Unreadable:
        return False
    standing = consents.standing(referral.case, referral.provider)
    if not standing.may_go or referral_packages.faults_of(package, referral.case).unagreed:
        return False
    return not rules.differs(package, referrals.fresh(referral, package, standing, by=by))


def _to_call(one: VictimCase) -> tuple[Referral, ...]:
    """Return what is with services that know another way to reach child or family than is known to be safe now."""
    with_them = select(Referral).where(Referral.case_id == one.id, Referral.status.in_(rules.GOING_ON))
    file = case_files.opened(one)

    def is_old(referral: Referral) -> bool:
        try:
            told = rules.tells_how_to_reach(referral_packages.unseal(referral))
        except Unreadable:  # nobody can say what they were told, and naming somebody must not fail on it
            return True
        return bool(told) and (one.ask_safe_anew or any(getattr(file, name) != text for name, text in told.items()))

    return tuple(filter(is_old, db.session.scalars(with_them.order_by(Referral.id)).all()))


def _lease(referral_id: int) -> Lease | None:
    """Take a letter for `LEASE`; None where it does not wait, or another has it. The database asks for consent."""
    same = select(ServiceProvider.id).where(
        ServiceProvider.id == Referral.provider_id,
        ServiceProvider.active,
        ServiceProvider.changed_at <= Referral.queued_at,  # mailbox and key are those it was written to
    )
    waits = and_(Referral.status == ReferralStatus.DRAFT, Referral.queued_at.is_not(None), Referral.letter.is_not(None))
    by_mail = Referral.means == ReferralMeans.ENCRYPTED_MAIL
    referral, is_taken = mailing.claim(Referral, referral_id, DELIVER, waits, by_mail, same.exists())
    if referral is None or not is_taken:
        _settle(referral_id, referral)
        return None
    assert referral.letter is not None
    assert referral.message_id is not None
    assert referral.queued_at is not None
    if secrecy.came_since(referral.queued_at):  # what is encrypted cannot be looked through here
        _fail(referral_id, NEW_NAMES)
        return None
    return Lease(referral.tries, referral.message_id, referral.provider.mailbox, referral.letter)


def _settle(referral_id: int, referral: Referral | None) -> None:
    """Take away the row of a letter that needs no sending, or put it off while another sends it."""
    if referral is None or not referrals.is_let_go(referral) or referral.letter is None:
        outbox.done(db.session(), DELIVER, referral_id)
    elif referral.leased_until is not None and referral.leased_until > clock.now():
        outbox.later(db.session(), DELIVER, referral_id, due_at=referral.leased_until)
    elif referral.queued_at is not None and (
        not referral.provider.active or referral.provider.changed_at > referral.queued_at
    ):
        _fail(referral_id, OTHER_ENTRY)


def _record_sent(referral_id: int, lease: Lease) -> None:
    """Note that a letter has left, once. One that was stopped meanwhile is taken back: people tell the service."""
    outbox.done(db.session(), DELIVER, referral_id)
    referral = db.session.get_one(Referral, referral_id, populate_existing=True)
    if referral.status is not ReferralStatus.DRAFT:
        return
    if referral.queued_at is None or referral.message_id != lease.message_id:
        _take_back(referral)
        return
    now = clock.now()
    referral.status, referral.sent_at, referral.sent_by_id = ReferralStatus.PENDING, now, None
    referral.queued_at = referral.leased_until = referral.letter = referral.last_fault = None
    db.session.flush()
    _gone(referral, now)
    audit.record(None, SENT, subject(referral))


def _record_sent_though_stopped(referral_id: int) -> None:
    outbox.done(db.session(), DELIVER, referral_id)
    referral = db.session.get_one(Referral, referral_id, populate_existing=True)
    if referral.status is ReferralStatus.DRAFT:
        _take_back(referral)


def _take_back(referral: Referral) -> None:
    now = clock.now()
    referral.status, referral.revoke_reason = ReferralStatus.REVOKED, RevokeReason.CONSENT_WITHDRAWN
    referral.sent_at = referral.ended_at = now
    referral.queued_at = referral.leased_until = referral.letter = None
    referral.check_again_on = jurisdiction.today()
    db.session.flush()
    audit.record(None, SENT_ANYHOW, subject(referral))


def _record_fault(referral_id: int, lease: Lease, fault: MailFault) -> None:
    """Note why a letter did not leave, and when to try again."""
    referral = db.session.get_one(Referral, referral_id, populate_existing=True)
    if not referrals.is_let_go(referral) or referral.message_id != lease.message_id:
        if fault.code == UNCONFIRMED and referral.status is ReferralStatus.DRAFT:
            referral.last_fault = fault.code  # stopped meanwhile, and it may have arrived
        return
    if referral.tries != lease.attempt:
        return
    if fault.permanent or referral.tries >= MOST_TRIES:
        _fail(referral_id, fault.code)
        return
    referral.leased_until, referral.last_fault = None, fault.code
    mailing.put_off(DELIVER, referral_id, tries=referral.tries, longest=LONGEST_PAUSE)


def _fail(referral_id: int, code: str) -> None:
    """Make a draft again of a letter that does not go, and say why."""
    outbox.done(db.session(), DELIVER, referral_id)
    referral = db.session.get(Referral, referral_id, populate_existing=True)
    if referral is None or not referrals.is_let_go(referral):
        return
    referral.queued_at = referral.leased_until = referral.letter = None
    referral.last_fault, referral.version = code, referral.version + 1
    db.session.flush()
    audit.record(None, FAILED, subject(referral), fault=code)


def _gone(referral: Referral, at: datetime) -> None:
    """Begin what follows a referral that is with its service."""
    clocks.start(referral, Duty.SERVICE_ANSWER, at=at)
    case_figures.count(CaseFigure.REFERRED, referral.need)
    if referral.check_again_on is None:
        referral.check_again_on = jurisdiction.today() + rules.CHECK_AFTER
