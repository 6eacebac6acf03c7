"""What is typed of organisations, their people and agreements: what of it can be stored, and what is wrong with it."""

from dataclasses import dataclass
from datetime import date

from hotline.rules import clear_words
from hotline.rules.entries import MAILBOX
from hotline.rules.free_text import TextFault
from hotline.rules.submissions import clean
from hotline.vocabulary import ContactConsent, OrganisationKind, Sector

SHORTEST_NAME, LONGEST_NAME = 2, 160
LONGEST_LINE, LONGEST_TEXT, LONGEST_RECORD = 200, 2_000, 20_000
MOST_PARTIES = 60
Faults = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OrganisationEntry:
    """An organisation as typed. `place` is its entry in the directory or among the services: a reference, or empty."""

    name: str
    name_km: str
    sector: Sector
    kind: OrganisationKind
    notes: str
    place: str


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """A person of an organisation as typed. Without `contact_by` they have not said that we may write to them."""

    name: str
    office: str
    mailbox: str
    phone: str
    contact_since: date | None
    contact_by: ContactConsent | None


@dataclass(frozen=True, slots=True)
class AgreementEntry:
    """An agreement as typed. `parties` are references of organisations; `expires_on` is None where it has no end."""

    title: str
    paper: str
    parties: tuple[str, ...]
    signed_on: date
    expires_on: date | None
    review_on: date | None


def one_line(typed: str) -> str:
    """Return a line as it can be stored."""
    return " ".join(clean(typed).text.split())


def text(typed: str) -> str:
    """Return a text of several lines as it can be stored."""
    return clean(typed).text.strip()


def fault_in(words: str, longest: int, *, required: bool = False) -> str | None:
    """Return what is wrong with words that must bear no address of any page: a code; None where nothing is."""
    fault = clear_words.judge(words, longest, needed=required)[1]
    return "required" if fault == TextFault.MISSING else fault


def judge_organisation(
    *, name: str, name_km: str, sector: str, kind: str, notes: str, place: str
) -> OrganisationEntry | Faults:
    """Return the organisation, or (field, code) for everything that is wrong with it."""
    name, name_km, notes = one_line(name), one_line(name_km), text(notes)
    wrong = {
        ("name", "length"): not SHORTEST_NAME <= len(name) <= LONGEST_NAME,
        ("name_km", "too_long"): len(name_km) > LONGEST_NAME,
        ("sector", "required"): sector not in set(Sector),
        ("kind", "required"): kind not in set(OrganisationKind),
    }
    faults = *(fault for fault, holds in wrong.items() if holds), *_of_words(notes=(notes, LONGEST_TEXT))
    if faults:
        return faults
    return OrganisationEntry(name, name_km, Sector(sector), OrganisationKind(kind), notes, place.strip())


def judge_person(
    *, name: str, office: str, mailbox: str, phone: str, contact_since: date | None, contact_by: str, today: date
) -> PersonEntry | Faults:
    """Return the person, or (field, code) for everything that is wrong. Who may be contacted has said so, on a day."""
    name, office, mailbox, phone = (one_line(typed) for typed in (name, office, mailbox, phone))
    has_said = contact_by in set(ContactConsent)
    wrong = {
        ("name", "length"): not SHORTEST_NAME <= len(name) <= LONGEST_NAME,
        ("mailbox", "form"): bool(mailbox) and not MAILBOX.fullmatch(mailbox),
        ("phone", "too_long"): len(phone) > LONGEST_LINE,
        ("contact_by", "required"): (bool(contact_by) and not has_said) or (contact_since is not None and not has_said),
        ("contact_since", "required"): has_said and contact_since is None,
        ("contact_since", "ahead"): contact_since is not None and contact_since > today,
    }
    faults = *(fault for fault, holds in wrong.items() if holds), *_of_words(office=(office, LONGEST_LINE))
    if faults:
        return faults
    return PersonEntry(name, office, mailbox, phone, contact_since, ContactConsent(contact_by) if has_said else None)


def judge_agreement(
    *,
    title: str,
    paper: str,
    parties: list[str],
    signed_on: date | None,
    expires_on: date | None,
    review_on: date | None,
    today: date,
) -> AgreementEntry | Faults:
    """Return the agreement, or (field, code) for everything that is wrong with it."""
    title, paper = one_line(title), one_line(paper)
    wrong = {
        ("title", "length"): not SHORTEST_NAME <= len(title) <= LONGEST_NAME,
        ("paper", "required"): not paper,
        ("parties", "required"): not parties or len(parties) > MOST_PARTIES,
        ("signed_on", "required"): signed_on is None,
        ("signed_on", "ahead"): signed_on is not None and signed_on > today,
        ("expires_on", "order"): bool(signed_on and expires_on and expires_on <= signed_on),
        ("review_on", "order"): bool(signed_on and review_on and review_on <= signed_on),
    }
    faults = (
        *(fault for fault, holds in wrong.items() if holds),
        *_of_words(title=(title, LONGEST_NAME), paper=(paper, LONGEST_LINE)),
    )
    if faults or signed_on is None:
        return faults
    return AgreementEntry(title, paper, tuple(dict.fromkeys(parties)), signed_on, expires_on, review_on)


def _of_words(**fields: tuple[str, int]) -> Faults:
    found = ((field, fault_in(words, longest)) for field, (words, longest) in fields.items())
    return tuple((field, code) for field, code in found if code)
