"""Who agreed that one service, or the police, is told of a child; and what stops when somebody no longer does.

An answer is never changed: the next one of the same person ends it. Taking an agreement back ends it too, and from then
on the person declines, so that nothing leaves on anybody else's word. What waits to leave stops in the same moment.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction
from hotline.errors import NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.gateways.mail import UNCONFIRMED
from hotline.models.consent import Consent, Override
from hotline.models.identification import Identification
from hotline.models.recipient import Recipient
from hotline.models.referral import Referral
from hotline.models.service_provider import ServiceProvider
from hotline.models.staff import Staff
from hotline.models.victim_case import CasePerson, VictimCase
from hotline.rules import consents as rules
from hotline.rules import victim_files
from hotline.rules.consents import Heard, Reason, Said, Standing, Withheld, Without
from hotline.rules.victim_files import Person
from hotline.services import audit, case_files, clock_rules, clocks, holds, service_providers
from hotline.vocabulary import (
    ConsentAnswer,
    Duty,
    IdentificationStatus,
    Language,
    OverrideDecision,
    PersonPart,
    RecipientKind,
    ReferralMeans,
    ReferralStatus,
    Share,
    Voice,
)

BODY, REASON = "case.consent", "case.override"
RECORDED, WITHDRAWN, ENDED = "noted an answer", "took an answer back", "ended answers"
STOPPED, STOPPED_SENDING = "stopped", "stopped while it was on its way"
TAKEN_ALONG = (ReferralMeans.ENCRYPTED_FILE, ReferralMeans.PRINTED)
GOING = (ReferralStatus.PENDING, ReferralStatus.ACCEPTED, ReferralStatus.IN_PROGRESS)
WITH_POLICE = (IdentificationStatus.HANDED_OVER, IdentificationStatus.ACKNOWLEDGED)
VICTIM = 0  # stands for the victim where nobody has added them to the people of the case
FIRST = {Voice.SELF: 0, Voice.CHILD: 0, Voice.GUARDIAN: 1}  # the victim's own voice is read first
To = ServiceProvider | Recipient


@dataclass(frozen=True, slots=True)
class Typed:
    """An answer as it was typed. `answer` and days are None where they are none."""

    person_id: int
    answer: ConsentAnswer | None
    said: Said
    asked_on: date | None
    ask_again_on: date | None


@dataclass(frozen=True, slots=True)
class Opened:
    """One answer, opened; `name` is whose, empty where nobody has noted one."""

    row: Consent
    name: str
    said: Said

    @property
    def withheld_why(self) -> Withheld:
        """Why something is kept from somebody. Only where it is."""
        return Withheld(self.said.withheld_why)


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision without consent, opened. `is_unweighed`: the victim said no after it was made."""

    row: Override
    reason: Reason
    is_unweighed: bool


@dataclass(frozen=True, slots=True)
class Towards:
    """What stands towards one recipient.

    `answers` stand, the victim's own first. `earlier` ended, newest first: only where one recipient is asked for.
    `stopped` are drafts of letters that may not go; `maybe_gone` are drafts that were on their way when they stopped;
    `left` and `handed_over` are with the recipient, and what they were sent on stands no more. `drafts` for the police
    may not go now; nobody knows whether paper was given to them.
    """

    to: To
    standing: Standing
    answers: tuple[Opened, ...]
    earlier: tuple[Opened, ...]
    decisions: tuple[Decided, ...]
    stopped: tuple[Referral, ...]
    maybe_gone: tuple[Referral, ...]
    left: tuple[Referral, ...]
    handed_over: tuple[Identification, ...]
    drafts: tuple[Identification, ...]

    def name_in(self, language: str) -> str:
        """Return the recipient's name as people of a language know it."""
        if isinstance(self.to, Recipient):
            return self.to.name
        return service_providers.name_of(self.to, Language(language))

    @property
    def told(self) -> tuple[Share, ...]:
        """What may be told now, in the order in which it is always named."""
        return tuple(one for one in Share if one in self.standing.shares)

    @property
    def not_upheld(self) -> tuple[Decided, ...]:
        """The decisions that a second person did not uphold after something had left on them, and still lies there."""
        resting = {letter.override_id for letter in self.left} | {package.override_id for package in self.handed_over}
        return tuple(
            one for one in self.decisions if one.row.decision is OverrideDecision.ENDED and one.row.id in resting
        )

    @property
    def refusals(self) -> tuple[Opened, ...]:
        """The answers of the victim that say no."""
        return tuple(one for one in self.answers if _is_refusal(one.row))


@dataclass(frozen=True, slots=True)
class Card:
    """What stands of one case: each recipient that anybody was asked about, those first whom the victim says no to."""

    towards: tuple[Towards, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who can be asked, in which voice they answer, and their name; `number` is 0 for a victim whom nobody has
    added to the people of the case.
    """

    number: int
    part: PersonPart
    name: str
    voice: Voice


@dataclass(frozen=True, slots=True)
class _Kept:
    """The sealed rows of one case that the state of consent is read from."""

    consents: Sequence[Consent]
    overrides: Sequence[Override]
    referrals: Sequence[Referral]
    identifications: Sequence[Identification]


def recipients(*, by: Staff) -> list[To]:
    """Return whom something may be told: services in use, and units of the police."""
    return [*(one for one in service_providers.list_all(by=by) if one.active), *holds.units()]


def get_recipient(ref: str, *, by: Staff) -> To:
    """Return a service or a unit of the police by its reference, in use or not. Raises NotFound."""
    case_files.require(by)
    provider = db.session.scalar(select(ServiceProvider).where(ServiceProvider.ref == ref))
    unit = select(Recipient).where(Recipient.ref == ref, Recipient.kind == RecipientKind.POLICE)
    found = provider or db.session.scalar(unit.where(Recipient.proposed_at.is_(None)))
    if found is None:
        raise NotFound(f"no service and no unit {ref}")
    return found


def find(one: VictimCase, consent_id: int) -> Consent:
    """Return an answer of this case. Raises NotFound."""
    found = db.session.get(Consent, consent_id)
    if found is None or found.case_id != one.id:
        raise NotFound(f"no such answer in {one.ref}")
    return found


def newest(one: VictimCase, to: To) -> int:
    """Return the number of the newest answer about a recipient, 0 where there is none: what a form has shown."""
    query = select(func.max(Consent.id)).where(Consent.case_id == one.id, _about(Consent, to))
    return db.session.scalar(query) or 0


def list_asked(one: VictimCase) -> list[Asked]:
    """Return who of a case can be asked: the victim, and guardians while the victim is not known to be of age.

    Nobody who is named as possible abuser. Whoever calls has the read of the case on record.
    """
    file, age, people = case_files.opened(one), age_of(one), case_files.people(one)
    found = [
        Asked(row.id, row.part, person.name, voice)
        for row, person in people
        if not row.is_suspect and (voice := rules.voice_of(row.part, age)) is not None
    ]
    if not any(row.part is PersonPart.CHILD for row, _person in people):
        found.append(Asked(VICTIM, PersonPart.CHILD, file.name, Voice.SELF if rules.is_of_age(age) else Voice.CHILD))
    return sorted(found, key=lambda asked: (FIRST[asked.voice], asked.number))


def age_of(one: VictimCase) -> int | None:
    """Return how old the victim is in years; None where nobody knows. Whoever calls is on record."""
    return victim_files.age(case_files.opened(one), jurisdiction.today())


def first_ask_again() -> date:
    """Return the day that the rule in force proposes for asking again."""
    limit = clock_rules.rule_for(Duty.ASK_AGAIN, None).limit
    return clock_rules.would_end(limit).astimezone(jurisdiction.current().zone).date()


def record(one: VictimCase, to: To, typed: Typed, *, seen: int | None = None, by: Staff) -> list[Referral]:
    """Note what somebody answered about a recipient; their earlier answer ends. Returns the letters that stop.

    The victim who is of age decides alone: guardians' answers end then. `seen` is what `newest` was when the form was
    drawn. Raises Overtaken where somebody else has noted one since, Refused by field.
    """
    try:
        person, voice = _asked(one, typed.person_id, by)
    except Refused as fault:  # whatever else is wrong is said in one go
        raise Refused(*fault.faults, *_judged(typed, Voice.CHILD, to)[1]) from fault
    said, wrong = _judged(typed, voice, to)
    if seen is not None and newest(one, to) != seen:
        raise Overtaken(f"another answer was noted in {one.ref} meanwhile")
    if wrong or typed.answer is None or typed.asked_on is None:
        raise Refused(*wrong)
    before = standing(one, to)
    for row in _standing_rows(one, to):
        if row.person_id == person.id or (voice is Voice.SELF and row.voice is Voice.GUARDIAN):
            _end(row, withdrawn=False, by=by)
    fresh = Consent(
        case_id=one.id,
        person_id=person.id,
        voice=voice,
        answer=typed.answer,
        body=case_files.seal(BODY, rules.written(said)),
        asked_on=typed.asked_on,
        ask_again_on=typed.ask_again_on,
        noted_at=clock.now(),
        noted_by_id=by.id,
        **_column(to),
    )
    _add(fresh)
    audit.record(by, RECORDED, case_files.subject(one), to=to.ref, voice=voice, answer=typed.answer)
    return _stop_what_may_not_go(one, to, before, by=by)


def withdraw(consent: Consent, words: str, *, by: Staff) -> list[Referral]:
    """Take an agreement back at a person's wish: from now on they decline. Returns the letters that stop.

    `words` are their own, or empty. Raises WrongState for what is no agreement that stands, and Refused
    (`taken_back`, code).
    """
    one, to = consent.case, recipient_of(consent)
    if consent.ended_at is not None or consent.answer is not ConsentAnswer.AGREES:
        raise WrongState("there is no agreement to take back")
    before, was = standing(one, to), _said(consent)
    said, wrong = rules.judge(
        Said(words=words, language=was.language, interpreter=was.interpreter),
        voice=consent.voice,
        answer=ConsentAnswer.DECLINES,
        asked_on=jurisdiction.today(),
        ask_again_on=None,
        today=jurisdiction.today(),
        to_police=is_police(to),
    )
    if wrong:
        raise Refused(*(("taken_back", code) for _field, code in wrong))
    _end(consent, withdrawn=True, by=by)
    _add(
        Consent(
            case_id=one.id,
            person_id=consent.person_id,
            provider_id=consent.provider_id,
            unit_id=consent.unit_id,
            voice=consent.voice,
            answer=ConsentAnswer.DECLINES,
            body=case_files.seal(BODY, rules.written(said)),
            asked_on=jurisdiction.today(),
            noted_at=clock.now(),
            noted_by_id=by.id,
        )
    )
    audit.record(by, WITHDRAWN, case_files.subject(one), to=to.ref, voice=consent.voice)
    return _stop_what_may_not_go(one, to, before, by=by)


def stop_for_person(person: CasePerson, *, by: Staff) -> list[Referral]:
    """End every answer of somebody who is named as possible abuser, before they are marked. Returns what stops.

    Whatever waits to leave on consent stops, since it may name them as whom to ask.
    """
    query = select(Consent).where(Consent.person_id == person.id, Consent.ended_at.is_(None)).order_by(Consent.id)
    rows = db.session.scalars(query).all()
    for row in rows:
        _end(row, withdrawn=False, by=by)
    if not rows:
        return []
    one = rows[0].case
    audit.record(by, ENDED, case_files.subject(one), answers=len(rows))
    for row in rows:
        _look_today(one, recipient_of(row))
    found = chain.from_iterable(_waiting(one, recipient_of(row)) for row in rows)
    return [stop(letter, "suspect", by=by) for letter in found if letter.override_id is None]


def stop_all(one: VictimCase, why: str, *, by: Staff) -> list[Referral]:
    """Stop all letters of a case that wait to leave, whatever they rest on; return them. `why` is a code."""
    query = select(Referral).where(Referral.case_id == one.id, Referral.status == ReferralStatus.DRAFT)
    waiting = query.where(or_(Referral.queued_at.is_not(None), Referral.letter.is_not(None))).order_by(Referral.id)
    return [stop(letter, why, by=by) for letter in db.session.scalars(waiting).all()]


def stop(letter: Referral, why: str, *, by: Staff) -> Referral:
    """Let a letter that waits to leave be a draft again, and return it. `why` is a code.

    What a worker has in hand may leave in this very moment, and what was let go for a person to take along may be gone
    already: that is noted, and by which means it was going stays, so that it can be taken back from the service.
    """
    is_in_hand = letter.leased_until is not None and letter.leased_until > clock.now()
    is_taken_along = letter.queued_at is not None and letter.means in TAKEN_ALONG
    letter.queued_at = letter.leased_until = letter.letter = letter.message_id = None
    letter.last_fault = letter.last_fault if letter.last_fault == UNCONFIRMED else None  # nothing is tried again
    db.session.flush()
    audit.record(by, STOPPED_SENDING if is_in_hand or is_taken_along else STOPPED, f"referral {letter.ref}", why=why)
    return letter


def has_answered(person: CasePerson) -> bool:
    """Whether an answer of a person stands."""
    query = select(Consent.id).where(Consent.person_id == person.id, Consent.ended_at.is_(None)).limit(1)
    return db.session.scalar(query) is not None


def asked_anew_by(one: VictimCase, to: To) -> date | None:
    """Return the day by which somebody who agrees was to be asked again, where it has gone by; the earliest of them."""
    gone_by = [
        row.ask_again_on
        for row in _standing_rows(one, to)
        if row.ask_again_on is not None and row.ask_again_on < jurisdiction.today()
    ]
    return min(gone_by, default=None)


def standing(one: VictimCase, to: To) -> Standing:
    """Return whether a recipient may be told of the victim now, of what, and what is missing.

    Opens answers and file without a word to the audit trail: whoever calls is on record.
    """
    return _standing(
        _standing_rows(one, to),
        db.session.scalars(select(Override).where(Override.case_id == one.id, _about(Override, to))).all(),
        age=age_of(one),
        to_police=is_police(to),
    )


def stood(one: VictimCase, to: To, at: datetime) -> Standing:
    """Return whether a recipient might be told of the victim at a moment, by what was noted until then.

    Whoever says when something was handed over says it to the minute, so that what let it go counts from the beginning
    of its minute. Whoever calls is on record.
    """
    minute = at + timedelta(minutes=1)
    said = select(Consent).where(Consent.case_id == one.id, _about(Consent, to))
    said = said.where(or_(Consent.ended_at.is_(None), Consent.ended_at > at)).order_by(Consent.id)
    rows = [
        row
        for row in db.session.scalars(said).all()
        if row.noted_at <= at or (row.noted_at < minute and row.answer is not ConsentAnswer.DECLINES)
    ]
    made = select(Override).where(Override.case_id == one.id, _about(Override, to), Override.decided_at < minute)
    decisions = [_without_then(row, at) for row in db.session.scalars(made).all()]
    return rules.standing(map(_heard, rows), decisions, age=age_of(one), to_police=is_police(to))


def card(one: VictimCase) -> Card:
    """Open what stands of one case, by recipient. Whoever calls has the read of the case on record."""
    return Card(tuple(_gather(one, None, ended=False)))


def towards(one: VictimCase, to: To) -> Towards:
    """Open what stands towards one recipient, and what stood. Whoever calls has the read of the case on record."""
    found = _gather(one, to, ended=True)
    return found[0] if found else Towards(to, standing(one, to), (), (), (), (), (), (), (), ())


def may_tell(without: Override, heard: Iterable[Heard]) -> bool:
    """Whether something may leave on a decision: it acts, and no later refusal of the victim waits to be weighed."""
    known = _without(without)
    return rules.acts(known.basis, known.decision) and not rules.is_unweighed(known, heard)


def stop_resting_on(override: Override, *, by: Staff) -> list[Referral]:
    """Stop the letters that wait to leave on a decision that was not upheld; return them."""
    waiting = _waiting(override.case, recipient_of(override))
    _look_today(override.case, recipient_of(override))
    return [stop(letter, "not_upheld", by=by) for letter in waiting if letter.override_id == override.id]


def sent_on(override: Override) -> list[str]:
    """Return the references of what has left on a decision."""
    letters = select(Referral.ref).where(Referral.override_id == override.id, Referral.sent_at.is_not(None))
    packages = select(Identification.ref).where(
        Identification.override_id == override.id, Identification.handed_over_at.is_not(None)
    )
    return [*db.session.scalars(letters.order_by(Referral.id)), *db.session.scalars(packages)]


def recipient_of(row: Consent | Override) -> To:
    """Return whom an answer or a decision is about."""
    found = row.provider or row.unit
    assert found is not None  # the database holds that there is one
    return found


def is_police(to: To) -> bool:
    """Whether a recipient is a unit of the police."""
    return isinstance(to, Recipient)


def heard(one: VictimCase, to: To) -> list[Heard]:
    """Open the answers about a recipient that stand. Whoever calls is on record."""
    return [_heard(row) for row in _standing_rows(one, to)]


def _judged(typed: Typed, voice: Voice, to: To) -> tuple[Said, list[tuple[str, str]]]:
    return rules.judge(
        typed.said,
        voice=voice,
        answer=typed.answer,
        asked_on=typed.asked_on,
        ask_again_on=typed.ask_again_on,
        today=jurisdiction.today(),
        to_police=is_police(to),
    )


def _asked(one: VictimCase, person_id: int, by: Staff) -> tuple[CasePerson, Voice]:
    """Return who answers, and in which voice. Raises Refused for nobody of this case, a suspect, or no voice."""
    person = _victim(one, by) if person_id == VICTIM else db.session.get(CasePerson, person_id)
    if person is None or person.case_id != one.id:
        raise Refused(("person", "required"))
    if person.is_suspect:
        raise Refused(("person", "suspect"))
    voice = rules.voice_of(person.part, age_of(one))
    if voice is None:
        raise Refused(("person", "not_asked"))
    return person, voice


def _victim(one: VictimCase, by: Staff) -> CasePerson | None:
    """Add the victim to the people of a case, by the name in its file; None where somebody is the child already."""
    if any(row.part is PersonPart.CHILD for row, _person in case_files.people(one)):
        return None
    added = CasePerson(
        case_id=one.id,
        part=PersonPart.CHILD,
        body=case_files.seal(case_files.PERSON, victim_files.written(Person(name=case_files.opened(one).name))),
        added_at=clock.now(),
        added_by_id=by.id,
    )
    db.session.add(added)
    db.session.flush()
    return added


def _end(row: Consent, *, withdrawn: bool, by: Staff) -> None:
    row.ended_at, row.ended_by_id, row.withdrawn = clock.now(), by.id, withdrawn
    db.session.flush()  # before another of the same person is written
    if withdrawn:
        clocks.void(row, Duty.ASK_AGAIN)
    else:
        clocks.met(row, Duty.ASK_AGAIN)


def _add(row: Consent) -> None:
    db.session.add(row)
    db.session.flush()
    if row.ask_again_on is not None:
        clocks.start(row, Duty.ASK_AGAIN)
        clocks.fall_due(row, Duty.ASK_AGAIN, holds.end_of(row.ask_again_on))


def _stop_what_may_not_go(one: VictimCase, to: To, before: Standing, *, by: Staff) -> list[Referral]:
    """Stop what waits to leave and rests on nothing any more, or holds more than everybody still agrees to."""
    now, answers = standing(one, to), heard(one, to)
    goes_on = now.by_consent and before.shares <= now.shares
    found = []
    for letter in _waiting(one, to):
        rests = goes_on if letter.override is None else may_tell(letter.override, answers)
        if not rests:
            found.append(stop(letter, "consent", by=by))
    _look_today(one, to)
    return found


def _look_today(one: VictimCase, to: To) -> None:
    """Let what is with a service and rests on nothing any more be looked at today: the service has to be told."""
    now, answers = standing(one, to), heard(one, to)
    for letter in _with(one, to):
        if not (now.by_consent if letter.override is None else may_tell(letter.override, answers)):
            letter.check_again_on = jurisdiction.today()
    db.session.flush()


def _with(one: VictimCase, to: To) -> Sequence[Referral]:
    if is_police(to):
        return []
    query = select(Referral).where(Referral.case_id == one.id, Referral.provider_id == to.id)
    return db.session.scalars(query.where(Referral.status.in_(GOING)).order_by(Referral.id)).all()


def _waiting(one: VictimCase, to: To) -> Sequence[Referral]:
    """Return the letters to a service that wait to leave, or are prepared to."""
    if is_police(to):
        return []
    query = select(Referral).where(Referral.case_id == one.id, Referral.provider_id == to.id)
    query = query.where(or_(Referral.queued_at.is_not(None), Referral.letter.is_not(None)))
    return db.session.scalars(query.where(Referral.status == ReferralStatus.DRAFT).order_by(Referral.id)).all()


def _gather(one: VictimCase, only: To | None, *, ended: bool) -> list[Towards]:
    kept, age = _kept(one, only, ended=ended), age_of(one)
    names = {row.id: person.name for row, person in case_files.people(one)}
    about = [*map(recipient_of, kept.consents), *map(recipient_of, kept.overrides)]
    found = {(type(to), to.id): to for to in about}
    those = [_towards(to, kept, age, names) for to in found.values()]
    return sorted(those, key=lambda each: (not each.refusals, is_police(each.to), each.to.name, each.to.id))


def _kept(one: VictimCase, only: To | None, *, ended: bool) -> _Kept:
    answers = select(Consent).where(Consent.case_id == one.id).order_by(Consent.id.desc())
    decisions = select(Override).where(Override.case_id == one.id).order_by(Override.id.desc())
    if only is not None:
        answers, decisions = answers.where(_about(Consent, only)), decisions.where(_about(Override, only))
    if not ended:
        answers = answers.where(Consent.ended_at.is_(None))
    whom = joinedload(Consent.provider), joinedload(Consent.unit), joinedload(Consent.noted_by)
    letters = select(Referral).where(Referral.case_id == one.id).order_by(Referral.id)
    packages = select(Identification).where(Identification.case_id == one.id).order_by(Identification.id)
    return _Kept(
        db.session.scalars(answers.options(*whom)).all(),
        db.session.scalars(decisions.options(joinedload(Override.provider), joinedload(Override.unit))).all(),
        db.session.scalars(letters.where(Referral.status.in_((ReferralStatus.DRAFT, *GOING)))).all(),
        db.session.scalars(packages.where(Identification.status.in_((IdentificationStatus.DRAFT, *WITH_POLICE)))).all(),
    )


def _towards(to: To, kept: _Kept, age: int | None, names: dict[int, str]) -> Towards:
    rows = [row for row in kept.consents if recipient_of(row) is to]
    current = [row for row in rows if row.ended_at is None]
    decisions = [row for row in kept.overrides if recipient_of(row) is to]
    stands = _standing(current, decisions, age=age, to_police=is_police(to))
    answers = [_heard(row) for row in current]

    def rests(thing: Referral | Identification) -> bool:
        return stands.by_consent if thing.override is None else may_tell(thing.override, answers)

    letters = [row for row in kept.referrals if row.provider is to]
    drafts = [row for row in letters if row.status is ReferralStatus.DRAFT and row.queued_at is None]
    packages = [row for row in kept.identifications if row.unit is to]
    lets_go = stands.may_go and not stands.waits_for_second
    maybe_gone = tuple(row for row in drafts if _may_have_left(row))
    return Towards(
        to,
        stands,
        tuple(_opened(row, names) for row in sorted(current, key=lambda row: (FIRST[row.voice], row.id))),
        tuple(_opened(row, names) for row in rows if row.ended_at is not None),
        tuple(_decided(row, answers) for row in decisions),
        tuple(row for row in drafts if not stands.may_go and row not in maybe_gone),
        maybe_gone,
        tuple(row for row in letters if row.status is not ReferralStatus.DRAFT and not rests(row)),
        tuple(row for row in packages if row.status is not IdentificationStatus.DRAFT and not rests(row)),
        tuple(row for row in packages if row.status is IdentificationStatus.DRAFT and not lets_go),
    )


def _may_have_left(letter: Referral) -> bool:
    """Whether a draft was stopped while it was on its way."""
    return audit.count(f"referral {letter.ref}", STOPPED_SENDING) > 0


def _standing(rows: Iterable[Consent], decisions: Iterable[Override], *, age: int | None, to_police: bool) -> Standing:
    return rules.standing(map(_heard, rows), map(_without, decisions), age=age, to_police=to_police)


def _standing_rows(one: VictimCase, to: To) -> Sequence[Consent]:
    query = select(Consent).where(Consent.case_id == one.id, _about(Consent, to), Consent.ended_at.is_(None))
    return db.session.scalars(query.order_by(Consent.id)).all()


def _opened(row: Consent, names: dict[int, str]) -> Opened:
    return Opened(row, names.get(row.person_id, ""), _said(row))


def _decided(row: Override, answers: Iterable[Heard]) -> Decided:
    is_ended = row.decision is OverrideDecision.ENDED
    return Decided(row, _reason(row), not is_ended and rules.is_unweighed(_without(row), answers))


def _heard(row: Consent) -> Heard:
    return Heard(row.voice, row.answer, frozenset(_said(row).shares), row.noted_at)


def _without(row: Override) -> Without:
    return _without_then(row, clock.now())


def _without_then(row: Override, at: datetime) -> Without:
    decision = row.decision if row.reviewed_at is not None and row.reviewed_at <= at else None
    waits = clocks.newest_of(row, Duty.REVIEW_OVERRIDE) if decision is None else None
    is_late = rules.is_late(decision, waits.due_at if waits else None, at)
    return Without(row.id, row.basis, decision, frozenset(_reason(row).shares), row.decided_at, is_late)


def _said(row: Consent) -> Said:
    return rules.read_said(case_files.unseal(BODY, row.body))


def _reason(row: Override) -> Reason:
    return rules.read_reason(case_files.unseal(REASON, row.body))


def _is_refusal(row: Consent) -> bool:
    return row.voice in rules.OWN_VOICES and row.answer is ConsentAnswer.DECLINES


def _about(model: type[Consent | Override], to: To) -> ColumnElement[bool]:
    return model.unit_id == to.id if is_police(to) else model.provider_id == to.id


def _column(to: To) -> dict[str, int]:
    return {"unit_id" if is_police(to) else "provider_id": to.id}
