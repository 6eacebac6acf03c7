"""A case for another organisation's own program, Primero or OSCaR: cut to what consent lets be told, and encrypted.

It leaves as a file that only the service opens, made in memory; the clear text touches no disk, and only the officer
sees it before. A service without a key gets a printed referral instead.
"""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select

from hotline import jurisdiction
from hotline.errors import GateClosed, NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models.service_provider import ServiceProvider
from hotline.models.staff import Staff
from hotline.models.victim_case import VictimCase
from hotline.rules import case_formats, person_names, referrals, victim_files
from hotline.rules.case_formats import Format, Relative, Told
from hotline.rules.letter_texts import Text
from hotline.rules.referral_letters import File
from hotline.rules.referrals import Sender
from hotline.rules.victim_files import CaseFile, Person
from hotline.services import (
    audit,
    case_files,
    consents,
    needs_assessments,
    referral_packages,
    secrecy,
    service_providers,
)
from hotline.vocabulary import CaseStatus, ConsentAnswer, Need, NeedLevel, PersonPart, Risk, Share, WayOut

EXPORTED = "exported"
LOOKED = "looked at an export"
STANDS = frozenset({CaseStatus.OPEN, CaseStatus.TRANSFERRED})
AROUND = frozenset({PersonPart.GUARDIAN, PersonPart.FAMILY, PersonPart.TRUSTED})
ENDINGS = {Format.PRIMERO: "primero.json", Format.OSCAR: "oscar.json", Format.OSCAR_SHEET: "oscar.csv"}


@dataclass(frozen=True, slots=True)
class MayBeTold:
    """A service that may be told now, of what, and whether something can be encrypted to it."""

    to: ServiceProvider
    told: tuple[Share, ...]
    has_key: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What would leave, in clear, for the officer's eyes; `faults` are what keeps it here, as `export` refuses it."""

    text: str
    faults: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """One time that a case was taken along: when, by whom of us (a number), and for which service."""

    at: datetime
    by: str
    to: ServiceProvider | None


def require_officer(one: VictimCase, *, by: Staff) -> None:
    """Raise WrongState for whoever is not the officer of a case, or a case that has ended otherwise than by moving on.

    A case that is not theirs to open at all was not found before.
    """
    if one.officer_id != by.id:
        raise WrongState(f"only the officer of {one.ref} gives it to others")
    if one.status not in STANDS:
        raise WrongState(f"case {one.ref} has ended")


def list_services(one: VictimCase) -> list[MayBeTold]:
    """Return the services that may be told of a case now. Whoever calls has the read of the case on record."""
    return [
        MayBeTold(each.to, each.told, referral_packages.has_key(each.to))
        for each in consents.card(one).towards
        if isinstance(each.to, ServiceProvider) and each.to.active and each.standing.may_go
    ]


def show(one: VictimCase, provider: ServiceProvider, form: Format, *, by: Staff) -> Shown:
    """Return what would leave to a service; that it was looked at goes into the audit trail first.

    Raises as `export` does where nothing may leave at all.
    """
    require_officer(one, by=by)
    audit.record_read(by, LOOKED, case_files.subject(one), to=provider.ref, format=form)
    told = _gathered(one, provider, by=by)
    return Shown(case_formats.written(told, form), _faults(told, one, provider))


def export(one: VictimCase, provider: ServiceProvider, form: Format, *, by: Staff) -> File:
    """Return a case as a file that a service alone can open; that is on record.

    Raises WrongState for whoever is not its officer, GateClosed where consent is missing, Refused (`told`, `suspect`,
    `named` or `staff`) where somebody is named who must not be, (`told`, `unreviewed`) where it would rest on a
    decision that no second person looked at in time, and (`means`, `no_key` or `bad_key`).
    """
    require_officer(one, by=by)
    told = _gathered(one, provider, by=by)
    wrong = _faults(told, one, provider)
    secrecy.note(WayOut.CASE_EXPORT, is_hit=("told", "staff") in wrong)
    if wrong:
        raise Refused(*wrong)
    text = Text(one.ref, case_formats.written(told, form))
    file = referral_packages.encrypted(text, provider, ref=one.ref)
    audit.record(
        by,
        EXPORTED,
        case_files.subject(one),
        to=provider.ref,
        format=form,
        key=provider.key_fingerprint or "",
        fields=sum(bool(getattr(told.file, name)) for name in CaseFile.__slots__),
    )
    return replace(file, name=file.name.replace(".txt.", f".{ENDINGS[form]}."))


def get_service(ref: str, *, by: Staff) -> ServiceProvider:
    """Return a service in use. Raises NotFound."""
    found = service_providers.get(ref, by=by)
    if not found.active:
        raise NotFound(f"{ref} is not in use")
    return found


def list_taken(one: VictimCase) -> list[Taken]:
    """Return when a case was given to whom, newest first, as the audit trail has it."""
    entries = audit.of_action(case_files.subject(one), EXPORTED)
    found = [(entry, json.loads(entry.details or "{}").get("to", "")) for entry in entries[::-1]]
    query = select(ServiceProvider).where(ServiceProvider.ref.in_({ref for _entry, ref in found}))
    by_ref = {each.ref: each for each in db.session.scalars(query)} if found else {}
    return [Taken(entry.at, entry.actor, by_ref.get(ref)) for entry, ref in found]


def _gathered(one: VictimCase, provider: ServiceProvider, *, by: Staff) -> Told:
    """Return what may be told today. Raises GateClosed where nothing may."""
    standing = consents.standing(one, provider)
    if not standing.may_go:
        raise GateClosed(f"consent is missing for {one.ref}")
    place, today = jurisdiction.current(), jurisdiction.today()
    whole, shares = case_files.opened(one), standing.shares
    file = CaseFile(**victim_files.shared(whole, shares, today))  # type: ignore[arg-type]
    agreed = consents.heard(one, provider) if standing.by_consent else []
    return Told(
        ref=one.ref,
        service=service_providers.name_of(provider, provider.language),
        sender=Sender(
            place.brand(provider.language),
            place.country_name(provider.language),
            place.hotline_phone.international,
            by.number,
        ),
        file=file,
        province=place.provinces.get(file.province, {}).get("en", ""),
        relatives=tuple(_relatives(one, shares)) if Share.FAMILY in shares else (),
        risk=Risk(one.risk) if Share.NEED in shares else None,
        needs=tuple(_needs(one)) if Share.NEED in shares else (),
        agreed=tuple(each.voice for each in agreed if each.answer is ConsentAnswer.AGREES),
        opened_on=_day(one),
        written_on=today,
        language=provider.language,
    )


def _relatives(one: VictimCase, shares: frozenset[Share]) -> list[Relative]:
    """Return family and guardians, nobody named as possible abuser; a number only of who may be called."""
    return [
        Relative(row.part, replace(person, notes="", phone=_phone(person, row.is_contact, shares), place=""))
        for row, person in case_files.people(one)
        if row.part in AROUND and not row.is_suspect
    ]


def _phone(person: Person, is_contact: bool, shares: frozenset[Share]) -> str:
    return person.phone if is_contact and Share.CONTACT in shares else ""


def _needs(one: VictimCase) -> list[Need]:
    levels = needs_assessments.last_levels(one)
    return [need for need in Need if levels.get(need) in {NeedLevel.HIGH, NeedLevel.MEDIUM}]


def _faults(told: Told, one: VictimCase, provider: ServiceProvider) -> tuple[tuple[str, str], ...]:
    """Return what keeps a text here: somebody in it who must not be, a decision nobody looked at in time, or no key."""
    people = case_files.people(one)
    file = case_files.opened(one)
    suspects = [person.name for row, person in people if row.is_suspect]
    others = [file.name, *file.other_names.split(","), *(person.name for row, person in people if not row.is_suspect)]
    is_named = bool(told.file.name or told.file.other_names)
    childs = [] if is_named else [file.name, *file.other_names.split(",")]
    around = [person.name for row, person in people if not row.is_suspect and row.part is not PersonPart.CHILD]
    own = {word for name in others for word in person_names.spellings(name)}
    texts = [text for text in case_formats.texts_of(told) if text]
    wrong = {
        ("told", "suspect"): any(referrals.names(text, name, own) for text in texts for name in suspects),
        ("told", "named"): any(referrals.names_child(text, childs, around) for text in texts),
        ("told", "staff"): any(secrecy.names_one_of_us(text) for text in texts),
        ("told", "unreviewed"): consents.standing(one, provider).waits_for_second,
        ("means", "no_key"): not referral_packages.has_key(provider),
    }
    return tuple(fault for fault, is_wrong in wrong.items() if is_wrong)


def _day(one: VictimCase) -> date:
    return one.opened_at.astimezone(jurisdiction.current().zone).date()
