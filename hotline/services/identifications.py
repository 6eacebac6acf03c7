"""Telling one unit of the police of a victim, so that the child is found and made safe; and what came back.

Drafted by an officer of the case, handed over on consent or a named decision (the database asks too), followed until it
is closed. Only the desk opens any of it, and nothing of it lies anywhere unsealed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Select, delete, exists, func, select, update
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction
from hotline.errors import GateClosed, NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.gateways import encryption
from hotline.gateways.encryption import CannotEncrypt
from hotline.models.case_link import CaseLink
from hotline.models.clock import Clock
from hotline.models.identification import Identification, IdentificationLink
from hotline.models.recipient import Recipient
from hotline.models.staff import Staff
from hotline.models.victim_case import VictimCase
from hotline.rules import identifications as rules
from hotline.rules import referrals as rules_of_names
from hotline.rules import victim_files
from hotline.rules.anonymity import Leak, LeakKind
from hotline.rules.consents import Standing
from hotline.rules.identifications import Ask, Chosen, Named, Package, Sender
from hotline.rules.victim_files import Person
from hotline.services import (
    audit,
    case_figures,
    case_files,
    case_links,
    clocks,
    consents,
    holds,
    police,
    references,
    secrecy,
)
from hotline.vocabulary import (
    CaseFigure,
    CaseStatus,
    Duty,
    Found,
    HandedBy,
    IdentificationStatus,
    KeyKind,
    Language,
    PersonPart,
    Share,
    Subject,
    WayOut,
)

PACKAGE, HANDED_TO, CASE_NUMBER = "identification.package", "identification.handed_to", "identification.case_number"
HOLD, FEEDBACK, SETTLED = "identification.hold", "identification.feedback", "identification.settled"
DRAFTED, CHANGED, WITHDREW, PRINTED, TOOK_FILE = "drafted", "changed", "withdrew", "printed", "took the encrypted file"
HANDED_OVER, ACKNOWLEDGED, FOUND, CLOSED = "handed over", "acknowledged", "noted what was found", "closed"
ASKED_TO_WAIT, WAIT_ENDED = "noted that the police ask to wait", "noted that the wait is over"
TOLD_POLICE = "told the police"
MOST_COUNTED, MOST_LISTED = 100, 50
FORM = ("handed_by", "handed_to", "at")  # what is wrong is named as the form asks


class Shown(StrEnum):
    """Which of what was told to the police a list shows."""

    DRAFTS = "drafts"
    WAITING = "waiting"  # handed over, and not acknowledged
    GOING_ON = "going_on"  # acknowledged
    LATE = "late"  # the police have not said in time what they found out
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Wait:
    """The police ask not to contact the family before a day. Nothing of it is opened."""

    until: date
    unit: str
    phone: str
    ref: str


@dataclass(frozen=True, slots=True)
class Card:
    """What a case's page says of the police, the newest first."""

    rows: list[Identification]
    wait: Wait | None
    may_tell: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list, and the clock of the police's word while it runs."""

    one: Identification
    due: Clock | None


@dataclass(frozen=True, slots=True)
class RowPage:
    """Some lines, and the cursor of the next page (empty at the end)."""

    rows: list[Row]
    next: str


@dataclass(frozen=True, slots=True)
class Opened:
    """All that is known of one, opened. What is not known yet is empty."""

    package: Package
    handed_to: str
    case_number: str
    ask: Ask
    feedback: str
    settled: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What may be told to a unit: how consent stands, and who of the case may be named."""

    standing: Standing
    people: tuple[tuple[Named, bool], ...]  # and whether they may be named now
    links: tuple[CaseLink, ...]


@dataclass(frozen=True, slots=True)
class Checks:
    """What keeps a draft here, and what a person has to look at before it goes."""

    standing: Standing
    hindrances: tuple[str, ...]
    unsure: tuple[Leak, ...]  # mailboxes and numbers in the officer's words that are not the house's: may be meant


def card(one: VictimCase) -> Card:
    """Return what a case's page says of the police. Nothing is opened."""
    mine = select(Identification).where(Identification.case_id == one.id).options(joinedload(Identification.unit))
    rows = list(db.session.scalars(mine.order_by(Identification.id.desc())))
    return Card(rows, wait_of(one), one.status is CaseStatus.OPEN)


def wait_of(one: VictimCase) -> Wait | None:
    """Return until when the police ask not to contact the family; the latest day, where several do."""
    query = select(Identification).where(
        Identification.case_id == one.id, Identification.hold_until > jurisdiction.today()
    )
    query = query.order_by(Identification.hold_until.desc()).limit(1).options(joinedload(Identification.unit))
    found = db.session.scalar(query)
    return Wait(found.hold_until, found.unit.name, found.unit.phone, found.ref) if found and found.hold_until else None


def choice(one: VictimCase, unit: Recipient) -> Choice:
    """Return what may be told to a unit now, and who may be named. Whoever calls has the read on record."""
    standing = consents.standing(one, unit)
    people = tuple(
        (named, standing.may_go and rules.may_name(standing.shares, is_suspect=named.is_suspect))
        for named in people_of(one)
    )
    return Choice(standing, people, tuple(case_links.list_of(one)))


def draft(one: VictimCase, unit_ref: str, chosen: Chosen, *, language: str, by: Staff) -> Identification:
    """Draft what one unit is told, with what may be told today; what nobody has agreed to is not in it.

    Raises Refused with all that is wrong, also where one of us is named in it.
    """
    words, wrong = rules.judge_words(chosen.words)
    unit = next((each for each in holds.units() if each.ref == unit_ref), None)
    faults = list(wrong)
    if unit is None:
        faults.append(("unit", "required"))
    if language not in set(Language):
        faults.append(("language", "required"))
    if faults or unit is None:
        raise Refused(*faults)
    kept = _known_only(one, chosen, words)
    ref = references.draw(Identification.ref, "VP")
    package = _gather(one, unit, ref, kept, Language(language), person=by.number)
    _check_clean(package)
    made = Identification(
        ref=ref,
        case=one,
        unit=unit,
        status=IdentificationStatus.DRAFT,
        language=Language(language),
        package=case_files.seal(PACKAGE, rules.written(package)),
        version=1,
        drafted_by=by,
        drafted_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()
    _tie(made, kept.links)
    audit.record(by, DRAFTED, subject(made), people=len(package.named), links=len(package.links))
    audit.record(by, DRAFTED, case_files.subject(one), identification=ref)
    return made


def change(made: Identification, chosen: Chosen, *, version: int, by: Staff) -> None:
    """Write a draft anew, with what may be told of the file now. Raises as `draft`, WrongState, and Overtaken."""
    words, wrong = rules.judge_words(chosen.words)
    require_draft(made, version)
    if wrong:
        raise Refused(*wrong)
    kept = _known_only(made.case, chosen, words)
    package = _gather(made.case, made.unit, made.ref, kept, made.language, person=by.number)
    _check_clean(package)
    made.package, made.version = case_files.seal(PACKAGE, rules.written(package)), made.version + 1
    made.drafted_by, made.drafted_at = by, clock.now()
    db.session.flush()
    _tie(made, kept.links)
    audit.record(by, CHANGED, subject(made), people=len(package.named), links=len(package.links))


def get(ref: str, *, by: Staff) -> Identification:
    """Return one of a case that `by` may open. Raises NotFound, also for one of somebody else's."""
    case_files.require(by)
    found = db.session.scalar(_mine(by).where(Identification.ref == ref))
    if found is None:
        raise NotFound(f"nothing told to the police is {ref}")
    return found


def read(made: Identification, *, by: Staff) -> Opened:
    """Open one; the read goes into the audit trail first. Raises KeyMissing or Unreadable."""
    audit.record_read(by, "read", subject(made))
    return Opened(
        package=package_of(made),
        handed_to=case_files.unseal(HANDED_TO, made.handed_to) if made.handed_to else "",
        case_number=case_files.unseal(CASE_NUMBER, made.case_number) if made.case_number else "",
        ask=rules.read_ask(case_files.unseal(HOLD, made.hold)) if made.hold else Ask(),
        feedback=case_files.unseal(FEEDBACK, made.feedback) if made.feedback else "",
        settled=case_files.unseal(SETTLED, made.settled) if made.settled else "",
    )


def package_of(made: Identification) -> Package:
    """Open what is told. Whoever calls is on record. Raises KeyMissing or Unreadable."""
    return rules.read(case_files.unseal(PACKAGE, made.package))


def checks_of(made: Identification, package: Package) -> Checks:
    """Return what keeps a draft from being handed over. Whoever calls is on record."""
    standing = consents.standing(made.case, made.unit)
    leaks = secrecy.leaks_in_words(package.words)
    unsure = tuple(leak for leak in leaks if not leak.is_ours)
    return Checks(standing, tuple(_hindrances(made, package, standing)), unsure)


def printed(made: Identification, *, by: Staff) -> Package:
    """Open one for paper; that is on record. Raises GateClosed where it may not go, WrongState where it does not."""
    package = _to_hand_over(made)
    audit.record_read(by, PRINTED, subject(made), version=made.version)
    return package


def encrypted(made: Identification, text: str, *, by: Staff) -> str:
    """Return it as a ZIP file encrypted to its unit's own key, armored; `text` is for people. That is on record.

    Raises as `printed`, and Refused (`download`, code) where the unit has no key, or none that takes anything.
    """
    file, key = rules.archive(_to_hand_over(made), text), police.key_of(made.unit)
    if key is None:
        raise Refused(("download", "no_key"))
    try:
        armored = encryption.encrypt(KeyKind.OPENPGP, key.material, file)
    except CannotEncrypt as fault:
        raise Refused(("download", "bad_key")) from fault
    audit.record(by, TOOK_FILE, subject(made), key=key.fingerprint, version=made.version)
    return armored


def hand_over(made: Identification, means: str, to: str, at: datetime | None, *, version: int, by: Staff) -> None:
    """Note that one is with its unit: how, to whom, when. From then on its word is waited for.

    Raises GateClosed where consent is missing, Refused with all that is wrong (also where a possible abuser of the
    case took it), WrongState, and Overtaken where it was changed since `version`.
    """
    require_draft(made, version)
    package = package_of(made)
    checks = checks_of(made, package)
    if not checks.standing.may_go:
        raise GateClosed(f"consent is missing for {made.ref}")
    kept, of_whom = rules.judge_text("handed_to", to, rules.MOST_LINE)
    of_how = rules.hand_over_faults(
        means, at, has_key=police.has_key(made.unit), now=clock.now(), since=made.drafted_at
    )
    faults = sorted([*of_how, *of_whom], key=lambda fault: FORM.index(fault[0]))
    if is_suspect_of(made.case, kept):
        faults.append(("handed_to", "suspect"))
    faults += [("hand-over", code) for code in checks.hindrances]
    if faults or at is None:
        raise Refused(*faults)
    _check_clean(package)
    without = checks.standing.without
    move(
        made,
        IdentificationStatus.HANDED_OVER,
        override_id=None if checks.standing.by_consent or without is None else without.id,
        handed_by=HandedBy(means),
        handed_to=case_files.seal(HANDED_TO, kept),
        handed_over_by_id=by.id,
        handed_over_at=at,
    )
    audit.record(by, HANDED_OVER, subject(made), means=means, without_consent=not checks.standing.by_consent)
    audit.record(by, TOLD_POLICE, case_files.subject(made.case), identification=made.ref)
    clocks.start(made, Duty.IDENTIFY, at=at)


def withdraw(made: Identification, *, by: Staff) -> None:
    """Take back a draft."""
    move(made, IdentificationStatus.WITHDRAWN)
    audit.record(by, WITHDREW, subject(made))


def acknowledge(made: Identification, case_number: str, *, by: Staff) -> None:
    """Note that the unit says it has it, with its case number where it gave one."""
    kept, wrong = rules.judge_text("case_number", case_number, rules.MOST_LINE, required=False)
    if wrong:
        raise Refused(*wrong)
    move(
        made,
        IdentificationStatus.ACKNOWLEDGED,
        acknowledged_at=clock.now(),
        case_number=case_files.seal(CASE_NUMBER, kept),
    )
    audit.record(by, ACKNOWLEDGED, subject(made))


def ask_to_wait(made: Identification, until: date | None, words: str, who: str, *, by: Staff) -> None:
    """Note that the unit asks not to contact the family before a day. Raises Refused, and WrongState for a draft."""
    said, of_words = rules.judge_text("hold_words", words, rules.MOST_WORDS, required=False)
    asked_by, of_who = rules.judge_text("hold_by", who, rules.MOST_LINE)
    wrong = [*rules.hold_faults(until, jurisdiction.today()), *of_words, *of_who]
    _require_handed_over(made)
    if wrong or until is None:
        raise Refused(*wrong)
    made.hold_until = until
    made.hold = case_files.seal(HOLD, rules.written_ask(Ask(said, asked_by)))
    db.session.flush()
    audit.record(by, ASKED_TO_WAIT, subject(made), until=until.isoformat())
    audit.record(by, ASKED_TO_WAIT, case_files.subject(made.case), until=until.isoformat())


def end_wait(made: Identification, *, by: Staff) -> None:
    """Note that the unit lets the family be contacted again. Raises WrongState where it asks nothing."""
    if made.hold_until is None:
        raise WrongState(f"nobody asks to wait in {made.ref}")
    made.hold_until = None
    db.session.flush()
    audit.record(by, WAIT_ENDED, subject(made))
    audit.record(by, WAIT_ENDED, case_files.subject(made.case))


def note_found(made: Identification, found: str, on: date | None, words: str, *, by: Staff) -> None:
    """Note what the police say they found out, and when. What was noted before is written over, and stays on record.

    Raises Refused, WrongState for what is not with the police.
    """
    if made.status not in rules.WITH_POLICE or made.handed_over_at is None:
        raise WrongState(f"{made.ref} is not with the police")
    said, of_words = rules.judge_text("feedback", words, rules.MOST_WORDS, required=False)
    zone = jurisdiction.current().zone
    since = made.handed_over_at.astimezone(zone).date()
    wrong = [*rules.found_faults(found, on, today=jurisdiction.today(), since=since), *of_words]
    if wrong:
        raise Refused(*wrong)
    made.found, made.found_on = Found(found), on
    made.feedback = case_files.seal(FEEDBACK, said)
    db.session.flush()
    clocks.met(made, Duty.IDENTIFY)
    audit.record(by, FOUND, subject(made), found=found)


def close(made: Identification, *, by: Staff) -> None:
    """Put one away; what the police found out is counted now.

    Raises Refused (`close`; `found`, or `settled` where it stands out that they were told and nobody has seen to it).
    """
    if made.status in rules.WITH_POLICE and made.found is None:
        raise Refused(("close", "found"))
    if made.although is not None and made.settled_at is None:
        raise Refused(("close", "settled"))
    move(made, IdentificationStatus.CLOSED, closed_at=clock.now())
    clocks.void(made)
    assert made.found is not None
    case_figures.count(CaseFigure.FOUND, made.found)
    audit.record(by, CLOSED, subject(made), found=made.found)


def list_page(shown: Shown, *, by: Staff, after: str = "", limit: int = MOST_LISTED) -> RowPage:
    """Return what was told of cases that `by` may open: what waits longest first, what ended newest first."""
    case_files.require(by)
    newest_first = shown is Shown.CLOSED
    query = _mine(by).where(_which(shown))
    if after:
        place = _position(after)
        query = query.where(Identification.id < place if newest_first else Identification.id > place)
    query = query.order_by(Identification.id.desc() if newest_first else Identification.id).limit(limit + 1)
    found = list(db.session.scalars(query))
    running = _running([one.id for one in found[:limit]])
    rows = [Row(one, running.get(one.id)) for one in found[:limit]]
    return RowPage(rows, str(found[limit - 1].id) if len(found) > limit else "")


def count(shown: Shown, *, by: Staff) -> int:
    """Return how many a list shows, up to `MOST_COUNTED`."""
    case_files.require(by)
    some = _mine(by).with_only_columns(Identification.id).where(_which(shown)).limit(MOST_COUNTED).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def due_of(made: Identification) -> Clock | None:
    """Return the clock of the police's word while it runs."""
    return _running([made.id]).get(made.id)


def subject(made: Identification) -> str:
    """Return the name of one in the audit trail."""
    return f"identification {made.ref}"


def _gather(one: VictimCase, unit: Recipient, ref: str, chosen: Chosen, language: Language, *, person: str) -> Package:
    """Return what is told today: of what was chosen, only what consent or a decision lets be told."""
    place, today = jurisdiction.current(), jurisdiction.today()
    standing = consents.standing(one, unit)
    allowed = standing.shares if standing.may_go else frozenset()
    shares = [share for share in Share if share in chosen.shares and share in allowed]
    named = (each for each in people_of(one) if each.number in chosen.people)
    return Package(
        reference=ref,
        unit=unit.name,
        sender=Sender(
            name=place.brand(language),
            country=place.country_name(language),
            phone=place.hotline_phone.international,
            person=person,
        ),
        told=victim_files.shared(case_files.opened(one), shares, today),
        named=tuple(each for each in named if rules.may_name(allowed, is_suspect=each.is_suspect)),
        words=chosen.words,
        links=chosen.links,
        written_on=today.isoformat(),
        shares=chosen.shares,
        people_chosen=chosen.people,
    )


def people_of(one: VictimCase) -> list[Named]:
    """Return everybody of a case as the police would be told, who is named as possible abuser first."""
    found = [_named(row.id, row.part, row.is_suspect, person) for row, person in case_files.people(one)]
    return sorted(found, key=lambda each: (not each.is_suspect, each.number))


def _named(number: int, part: Any, is_suspect: bool, person: Person) -> Named:
    return Named(number, part, is_suspect, person.name, person.relation, person.phone, person.place, person.notes)


def _known_only(one: VictimCase, chosen: Chosen, words: str) -> Chosen:
    """Return what was chosen without people and links that are not of this case."""
    people = {each.number for each in people_of(one)}
    links = {link.ref for link in case_links.list_of(one)}
    return Chosen(
        shares=tuple(share for share in Share if share in chosen.shares),
        people=tuple(number for number in chosen.people if number in people),
        links=tuple(ref for ref in chosen.links if ref in links),
        words=words,
    )


def _tie(made: Identification, refs: Sequence[str]) -> None:
    db.session.execute(delete(IdentificationLink).where(IdentificationLink.identification_id == made.id))
    found = db.session.scalars(select(CaseLink.id).where(CaseLink.ref.in_(refs), CaseLink.case_id == made.case_id))
    for link_id in found.all():
        db.session.add(IdentificationLink(identification_id=made.id, link_id=link_id))
    db.session.flush()
    db.session.expire(made, ["link_rows"])


def _check_clean(package: Package) -> None:
    """Raise as `_require_clean`, and count the check."""
    secrecy.note(WayOut.IDENTIFICATION, is_hit=bool(_naming_us(package)))
    _require_clean(package)


def _require_clean(package: Package) -> None:
    """Raise Refused (field, `staff`) where one of us is named, or their mailbox or number stands."""
    if ours := _naming_us(package):
        raise Refused(*((name, "staff") for name in ours))


def _naming_us(package: Package) -> list[str]:
    """Return the fields that point at one of us; somebody of the case may bear the same name."""
    names = [one.name for one in package.named]
    texts = {"words": package.words, **{f"told:{name}": text for name, text in package.told.items()}}
    texts |= {f"person:{one.number}": one.notes for one in package.named}
    return [name for name, text in texts.items() if any(_is_ours(leak, names) for leak in secrecy.leaks_in_words(text))]


def _is_ours(leak: Leak, names: Sequence[str]) -> bool:
    if leak.kind is not LeakKind.NAME:
        return leak.is_ours
    return not any(rules_of_names.names(name, leak.found) for name in names)


def _hindrances(made: Identification, package: Package, standing: Standing) -> list[str]:
    """Return codes of what keeps a draft here beside consent."""
    fresh = _gather(made.case, made.unit, made.ref, package.chosen, made.language, person=package.sender.person)
    same = (dict(package.told), package.named, package.unit) == (dict(fresh.told), fresh.named, fresh.unit)
    unit = made.unit
    found = {
        "ended": made.case.status is not CaseStatus.OPEN,
        "unit": not unit.active or unit.proposed_at is not None,
        "anew": standing.may_go and not same,
        "named": standing.may_go and Share.NAME not in standing.shares and _names_child(made.case, package),
        "unreviewed": standing.waits_for_second,
    }
    return [code for code, applies in found.items() if applies]


def _names_child(one: VictimCase, package: Package) -> bool:
    """Whether the child is named in words, in what is taken from the file, or among the people."""
    file, people = case_files.opened(one), people_of(one)
    around = [each.name for each in people if not each.is_suspect and each.part is not PersonPart.CHILD]
    told = (text for each in package.named for text in (each.name, each.notes))
    texts = (package.words, *package.told.values(), *told)
    childs = [file.name, *file.other_names.split(",")]
    return any(rules_of_names.names_child(text, childs, around) for text in texts)


def _to_hand_over(made: Identification) -> Package:
    """Open what may be handed over now, or was and may still be told. Raises WrongState or GateClosed."""
    if made.status not in {IdentificationStatus.DRAFT, *rules.WITH_POLICE}:
        raise WrongState(f"{made.ref} is not to be handed over")
    package = package_of(made)
    checks = checks_of(made, package)
    if not checks.standing.may_go:
        raise GateClosed(f"consent is missing for {made.ref}")
    if made.status is IdentificationStatus.DRAFT:
        if checks.hindrances:
            raise Refused(*(("hand-over", code) for code in checks.hindrances))
        _require_clean(package)
    return package


def require_draft(made: Identification, version: int) -> None:
    """Raise WrongState for what is no draft any more, Overtaken where it was changed since `version`."""
    if made.status is not IdentificationStatus.DRAFT:
        raise WrongState(f"{made.ref} is no draft any more")
    if made.version != version:
        raise Overtaken(f"{made.ref} was changed meanwhile")


def _require_handed_over(made: Identification) -> None:
    if made.status not in rules.WITH_POLICE:
        raise WrongState(f"{made.ref} is not with the police")


def is_suspect_of(one: VictimCase, who: str) -> bool:
    """Whether whoever took something is named as possible abuser of the case. Whoever calls is on record."""
    return any(rules_of_names.names(who, person.name) for person in people_of(one) if person.is_suspect and person.name)


def move(made: Identification, to: IdentificationStatus, **values: object) -> None:
    """Move one on, if nobody was faster. Raises WrongState where it may not go there from where it is."""
    before = [made.status] if to in rules.MOVES[made.status] else []
    still = update(Identification).where(Identification.id == made.id, Identification.status.in_(before))
    done: CursorResult[Any] = db.session.execute(still.values(status=to, **values))  # type: ignore[assignment]
    if done.rowcount == 0:
        raise WrongState(f"{made.ref} is not as it was shown")
    db.session.refresh(made)


def _mine(by: Staff) -> Select[Identification]:
    both = (joinedload(Identification.unit), joinedload(Identification.case))
    found = select(Identification).join(Identification.case).where(case_files.may_open(by, clock.now()))
    return found.where(VictimCase.status != CaseStatus.ERASED).options(*both)


def _which(shown: Shown) -> ColumnElement[bool]:
    late = exists().where(
        Clock.subject == Subject.IDENTIFICATION,
        Clock.subject_id == Identification.id,
        Clock.ended_at.is_(None),
        Clock.due_at < clock.now(),
    )
    ended = (IdentificationStatus.CLOSED, IdentificationStatus.WITHDRAWN)
    return {
        Shown.DRAFTS: Identification.status == IdentificationStatus.DRAFT,
        Shown.WAITING: Identification.status == IdentificationStatus.HANDED_OVER,
        Shown.GOING_ON: Identification.status == IdentificationStatus.ACKNOWLEDGED,
        Shown.LATE: late,
        Shown.CLOSED: Identification.status.in_(ended),
    }[shown]


def _running(ids: Sequence[int]) -> dict[int, Clock]:
    query = select(Clock).where(Clock.subject == Subject.IDENTIFICATION, Clock.subject_id.in_(ids))
    words = query.where(Clock.duty == Duty.IDENTIFY, Clock.ended_at.is_(None))
    return {one.subject_id: one for one in db.session.scalars(words)} if ids else {}


def _position(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 19):
        raise Refused(("after", "unknown"))
    return int(cursor)
