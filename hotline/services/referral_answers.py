"""What becomes of a referral that is with its service: answers, an appointment, a look again, and taking it back."""

from dataclasses import replace
from datetime import date, datetime

from hotline import clock, jurisdiction
from hotline.errors import Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models.referral import Referral
from hotline.models.staff import Staff
from hotline.rules import referrals as rules
from hotline.rules.letter_texts import Text
from hotline.rules.referral_letters import File
from hotline.services import (
    audit,
    case_figures,
    clocks,
    consents,
    referral_packages,
    referral_sending,
    referrals,
)
from hotline.services.referrals import subject
from hotline.vocabulary import CaseFigure, Duty, ReferralStatus, RejectReason, RevokeReason

ANSWERED, APPOINTED, LOOKED = "noted an answer", "noted an appointment", "looked again"
REVOKED, TOLD, FEEDBACK, TOOK = "took back", "told to destroy", "noted feedback", "took the letter that takes it back"


def answer(referral: Referral, status: str, reason: str, words: str, *, version: int, by: Staff) -> None:
    """Note what the service says. Its clock ends. Raises Refused with all that is wrong, and Overtaken."""
    _require_version(referral, version)
    kept, wrong = rules.judge_text("said", words, rules.MOST_SAID, required=False)
    if faults := (*rules.answer_faults(status, reason, referral.status), *wrong):
        raise Refused(*faults)
    now, to = clock.now(), ReferralStatus(status)
    referral.status, referral.last_fault = to, None
    referral.answered_at = referral.answered_at or now
    referral.reject_reason = RejectReason(reason) if to is ReferralStatus.REJECTED else None
    if to in rules.ENDS:
        referral.ended_at, referral.check_again_on = now, None
    _touched(referral, to, kept, by=by)
    clocks.met(referral, Duty.SERVICE_ANSWER)
    case_figures.count(CaseFigure.ANSWERED, to)
    audit.record(by, ANSWERED, subject(referral), status=to)


def appoint(referral: Referral, at: datetime | None, place: str, along: str, *, version: int, by: Staff) -> None:
    """Note when and where child or family go, and who goes with them; without a moment there is no appointment.

    Raises Refused with all that is wrong, Overtaken, and WrongState for what is not going on.
    """
    _require_going_on(referral)
    _require_version(referral, version)
    where, wrong_place = rules.judge_text("place", place, rules.MOST_LINE, required=False)
    who, wrong_along = rules.judge_text("along", along, rules.MOST_LINE, required=False)
    wrong = (*rules.appointment_faults(at, now=clock.now()), *wrong_place, *wrong_along)
    if wrong:
        raise Refused(*wrong)
    referral.appointment_at, referral.version = at, referral.version + 1
    words = referral_packages.words_of(referral)
    referral_packages.keep_words(referral, replace(words, place=where, along=who))
    db.session.flush()
    audit.record(by, APPOINTED, subject(referral), is_set=at is not None)


def look_again(referral: Referral, day: date | None, words: str, *, by: Staff) -> None:
    """Note that somebody looked, in words or none, and on which day they look again. Raises Refused, WrongState."""
    _require_going_on(referral)
    kept, wrong = rules.judge_text("called", words, rules.MOST_SAID, required=False)
    if faults := (*rules.check_faults(day, jurisdiction.today()), *wrong):
        raise Refused(*faults)
    referral.check_again_on, referral.last_fault = day, None
    _touched(referral, rules.CALLED, kept, by=by)
    audit.record(by, LOOKED, subject(referral))


def note_feedback(referral: Referral, words: str, *, by: Staff) -> None:
    """Note what child, family or service say of the help. Raises Refused, and WrongState where nothing was sent."""
    if referral.sent_at is None:
        raise WrongState(f"{referral.ref} was never sent")
    kept, wrong = rules.judge_text("feedback", words, rules.MOST_SAID)
    if wrong:
        raise Refused(*wrong)
    _touched(referral, rules.SEEN, kept, by=by)
    audit.record(by, FEEDBACK, subject(referral))


def revoke(referral: Referral, reason: str, words: str, *, was_given: bool = False, by: Staff) -> None:
    """Take a referral back. Where it is with its service, somebody has to tell the service to destroy it.

    `was_given`: file or paper was handed over although nobody noted it. Raises Refused, and WrongState where it has
    ended, or is being sent now.
    """
    if not rules.may_move(referral.status, ReferralStatus.REVOKED):
        raise WrongState(f"{referral.ref} has ended")
    if referrals.is_being_sent(referral):
        raise WrongState(f"{referral.ref} is being sent")
    kept, wrong = rules.judge_text("revoke_words", words, rules.MOST_SAID, required=False)
    if faults := (*rules.revoke_faults(reason), *wrong):
        raise Refused(*faults)
    now = clock.now()
    if referral.status is ReferralStatus.DRAFT:
        referral_sending.withdraw_letter(referral)
        if was_given and referral.means is not None:
            referral.sent_at, referral.sent_by_id = now, by.id
    referral.status, referral.revoke_reason, referral.ended_at = ReferralStatus.REVOKED, RevokeReason(reason), now
    referral.check_again_on = jurisdiction.today() if referral.sent_at else None
    _touched(referral, ReferralStatus.REVOKED, kept, by=by)
    if referral.sent_at:
        clocks.void(referral, Duty.SERVICE_ANSWER)
        case_figures.count(CaseFigure.ANSWERED, ReferralStatus.REVOKED)
    audit.record(by, REVOKED, subject(referral), reason=reason)


def must_be_told(referral: Referral) -> bool:
    """Whether the service of a referral that was taken back has not been told yet to destroy it."""
    return referral.status is ReferralStatus.REVOKED and referral.sent_at is not None and bool(referral.check_again_on)


def rests_on_nothing(referral: Referral) -> bool:
    """Whether a service was told on what stands no more: consent that was taken back, a decision that was ended.

    Opens answers; whoever calls is on record.
    """
    if referral.status not in rules.GOING_ON:
        return False
    return referral in consents.towards(referral.case, referral.provider).left


def revoked_text(referral: Referral) -> Text:
    """Return what is read out to the service of a referral that was taken back. Whoever calls is on record."""
    return referral_packages.revoked_text(referral_packages.unseal(referral), referral.language)


def take_revoked_file(referral: Referral, *, by: Staff) -> File:
    """Return the same, encrypted to the service's key; that is on record. Raises Refused (`means`, code)."""
    _require_revoked(referral)
    file = referral_packages.encrypted(revoked_text(referral), referral.provider, ref=referral.ref)
    audit.record(by, TOOK, subject(referral))
    return file


def note_told(referral: Referral, words: str, *, by: Staff) -> None:
    """Note that the service was told to destroy what it has, and what it said. Raises Refused, WrongState."""
    _require_revoked(referral)
    kept, wrong = rules.judge_text("told", words, rules.MOST_SAID)
    if wrong:
        raise Refused(*wrong)
    referral.check_again_on = None
    _touched(referral, rules.TOLD, kept, by=by)
    audit.record(by, TOLD, subject(referral))


def _require_going_on(referral: Referral) -> None:
    if referral.status not in rules.GOING_ON:
        raise WrongState(f"{referral.ref} is not going on")


def _require_revoked(referral: Referral) -> None:
    if referral.status is not ReferralStatus.REVOKED or referral.sent_at is None:
        raise WrongState(f"{referral.ref} was not taken back from a service")


def _require_version(referral: Referral, version: int) -> None:
    if referral.version != version:
        raise Overtaken(f"{referral.ref} was changed meanwhile")


def _touched(referral: Referral, what: str, words: str, *, by: Staff) -> None:
    referral.version += 1
    referral_packages.add_line(referral, what, words, by=by)
    db.session.flush()
