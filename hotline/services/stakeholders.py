"""Stakeholders: organisations by sector, and the people there whom we know. What is known of people is sealed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select

from hotline import clock, jurisdiction, vault
from hotline.errors import Forbidden, NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models.recipient import Recipient
from hotline.models.service_provider import ServiceProvider
from hotline.models.staff import Staff
from hotline.models.stakeholder import Organisation, OrganisationPerson
from hotline.rules.stakeholders import OrganisationEntry, PersonEntry
from hotline.services import audit, duties, items, references
from hotline.transactions import erases
from hotline.vocabulary import ContactConsent, Language, Sector

READERS = duties.READERS
KEEPERS = duties.KEEPERS
LINES = ("name", "name_km", "sector", "kind", "notes")
SEALED = ("name", "office", "mailbox", "phone")
PURPOSE = "stakeholder.{field}"
READ = "read who is there"


@dataclass(frozen=True, slots=True)
class Known:
    """A person of an organisation, opened. Everything of one who was forgotten is empty."""

    id: int
    name: str
    office: str
    mailbox: str
    phone: str
    contact_since: date | None
    contact_by: ContactConsent | None
    left_on: date | None
    is_forgotten: bool
    version: int

    @property
    def may_be_contacted(self) -> bool:
        """Whether we may write to them: they said so, and are still there."""
        return self.contact_since is not None and self.left_on is None and not self.is_forgotten


def get(ref: str, *, by: Staff) -> Organisation:
    """Return the organisation `ref`. Raises NotFound, also for people who may not see any."""
    found = db.session.scalar(select(Organisation).where(Organisation.ref == ref.strip().upper()))
    if found is None or not by.has(*READERS):
        raise NotFound(f"no organisation {ref}")
    return found


def list_all(*, by: Staff, sector: Sector | None = None, like: str = "") -> list[Organisation]:
    """Return organisations by name, those in use first. `like` is a part of a name in either language."""
    if not by.has(*READERS):
        raise NotFound("no organisations")
    query = select(Organisation).order_by(Organisation.active.desc(), func.lower(Organisation.name), Organisation.id)
    if sector:
        query = query.where(Organisation.sector == sector)
    if like:
        names = (Organisation.name, Organisation.name_km)
        query = query.where(or_(*(one.icontains(like, autoescape=True) for one in names)))
    return list(db.session.scalars(query))


def chosen(refs: tuple[str, ...], field: str) -> list[Organisation]:
    """Return organisations in use by their references, in that order. Raises Refused (`field`, `unknown`)."""
    query = select(Organisation).where(Organisation.ref.in_(refs), Organisation.active)
    found = {one.ref: one for one in db.session.scalars(query)}
    if len(found) != len(set(refs)):
        raise Refused((field, "unknown"))
    return [found[ref] for ref in refs]


def name_of(organisation: Organisation, language: Language) -> str:
    """Return an organisation's name as people of a language know it."""
    return organisation.name_km if language is Language.KM and organisation.name_km else organisation.name


def places() -> list[tuple[str, str]]:
    """Return what an organisation may be as well: references of the directory and of services, each with its name."""
    entries = select(Recipient.ref, Recipient.name).where(Recipient.active, Recipient.proposed_at.is_(None))
    services = select(ServiceProvider.ref, ServiceProvider.name).where(ServiceProvider.active)
    found = [(ref, name) for query in (entries, services) for ref, name in db.session.execute(query)]
    return sorted(found, key=lambda one: one[1].lower())


def place_of(organisation: Organisation) -> str:
    """Return the reference under which an organisation stands in the directory or among the services; or nothing."""
    place = organisation.recipient or organisation.service
    return place.ref if place else ""


def enter(entry: OrganisationEntry, *, by: Staff) -> Organisation:
    """Add an organisation. Raises Refused for a name that stands there already, and for a place that does not."""
    _require(by)
    _require_new_name(entry, None)
    added = Organisation(
        ref=references.draw(Organisation.ref, "OR"), active=True, changed_at=clock.now(), changed_by_id=by.id
    )
    _fill(added, entry)
    db.session.add(added)
    db.session.flush()
    audit.record(by, "added an organisation", subject(added), sector=entry.sector)
    return added


def change(organisation: Organisation, entry: OrganisationEntry, *, version: int, by: Staff) -> bool:
    """Change an organisation, and return whether anything was different.

    Raises Overtaken where somebody changed it since `version` was shown, Refused as `enter` does.
    """
    _require(by)
    if organisation.version != version:
        raise Overtaken(f"{organisation.ref} was changed meanwhile")
    _require_new_name(entry, organisation)
    before = _state(organisation)
    _fill(organisation, entry)
    db.session.flush()
    changed = sorted(name for name, value in _state(organisation).items() if before[name] != value)
    if changed:
        _touch(organisation, by)
        audit.record(by, "changed an organisation", subject(organisation), fields=" ".join(changed))
    return bool(changed)


def switch(organisation: Organisation, *, on: bool, by: Staff) -> None:
    """Let an organisation be invited, or no longer. Its record stays. Raises WrongState where it is so already."""
    _require(by)
    if organisation.active == on:
        raise WrongState(f"{organisation.ref} is that already")
    organisation.active = on
    _touch(organisation, by)
    audit.record(by, "switched an organisation " + ("on" if on else "off"), subject(organisation))


def people_of(organisation: Organisation, *, by: Staff) -> list[Known]:
    """Return the people of an organisation, opened, those still there first. Nobody for people who only read.

    That it was read is recorded, so never inside `writing()`.
    """
    return people_of_each([organisation], about=subject(organisation), by=by)[organisation.id]


def people_of_each(organisations: Iterable[Organisation], *, about: str, by: Staff) -> dict[int, list[Known]]:
    """Return the people of some organisations by the organisation's id, as `people_of` does; recorded `about` what."""
    found: dict[int, list[Known]] = {one.id: [] for one in organisations}
    if not by.has(*KEEPERS):
        return found
    query = select(OrganisationPerson).where(OrganisationPerson.organisation_id.in_(found))
    for row in db.session.scalars(query.order_by(OrganisationPerson.left_on.is_not(None), OrganisationPerson.id)):
        found[row.organisation_id].append(opened(row))
    if read := sum(not one.is_forgotten for known in found.values() for one in known):
        audit.record_read(by, READ, about, people=read)
    return found


def ids_of(organisation: Organisation) -> list[int]:
    """Return the ids of the people of an organisation, none of them opened."""
    query = select(OrganisationPerson.id).where(OrganisationPerson.organisation_id == organisation.id)
    return list(db.session.scalars(query.order_by(OrganisationPerson.id)))


def read_person(person: OrganisationPerson, *, by: Staff) -> Known:
    """Return a person opened, for whom it is shown to; that is recorded, so never inside `writing()`."""
    if person.forgotten_at is None:
        audit.record_read(by, READ, subject(person.organisation), person=person.id)
    return opened(person)


def opened(person: OrganisationPerson) -> Known:
    """Return a person with what is sealed of them opened; empty where it does not open, or was erased."""
    words = {field: _open(field, getattr(person, field)) for field in SEALED}
    return Known(
        id=person.id,
        **words,
        contact_since=person.contact_since,
        contact_by=person.contact_by,
        left_on=person.left_on,
        is_forgotten=person.forgotten_at is not None,
        version=person.version,
    )


def get_person(organisation: Organisation, number: int, *, by: Staff) -> OrganisationPerson:
    """Return a person of an organisation by id. Raises NotFound, also for people who only read."""
    found = db.session.get(OrganisationPerson, number)
    if found is None or found.organisation_id != organisation.id or not by.has(*KEEPERS):
        raise NotFound(f"no person {number} of {organisation.ref}")
    return found


def add_person(organisation: Organisation, entry: PersonEntry, *, by: Staff) -> OrganisationPerson:
    """Add a person of an organisation."""
    _require(by)
    added = OrganisationPerson(organisation_id=organisation.id, changed_at=clock.now(), changed_by_id=by.id)
    _fill_person(added, entry)
    db.session.add(added)
    db.session.flush()
    audit.record(by, "added a person", subject(organisation), person=added.id)
    return added


def change_person(person: OrganisationPerson, entry: PersonEntry, *, version: int, by: Staff) -> None:
    """Change what is known of a person. Raises Overtaken, and WrongState for one who was forgotten."""
    _require(by)
    _require_known(person)
    if person.version != version:
        raise Overtaken("the person was changed meanwhile")
    _fill_person(person, entry)
    _touch(person, by)
    audit.record(by, "changed a person", subject(person.organisation), person=person.id)


def leave(person: OrganisationPerson, *, by: Staff) -> None:
    """Note that a person left the organisation today. Raises WrongState where that is noted already."""
    _require(by)
    _require_known(person)
    if person.left_on is not None:
        raise WrongState("that is noted already")
    person.left_on = jurisdiction.today()
    _touch(person, by)
    audit.record(by, "noted that a person left", subject(person.organisation), person=person.id)


def forget(person: OrganisationPerson, *, by: Staff) -> None:
    """Erase all that is known of a person, as they asked. That somebody of the organisation came to a meeting stays."""
    _require(by)
    _require_known(person)
    for field in SEALED:
        setattr(person, field, None)
    person.contact_since = person.contact_by = None
    person.forgotten_at = clock.now()
    erases()
    _touch(person, by)
    audit.record(by, "forgot a person", subject(person.organisation), person=person.id)


def subject(organisation: Organisation) -> str:
    """Return the name of an organisation in the audit trail."""
    return f"organisation {organisation.ref}"


def _open(field: str, sealed: bytes | None) -> str:
    return items.opened_or_empty(PURPOSE.format(field=field), sealed) if sealed else ""


def _fill_person(person: OrganisationPerson, entry: PersonEntry) -> None:
    keyring = vault.keyring()
    for field in SEALED:
        words: str = getattr(entry, field)
        setattr(person, field, keyring.seal(PURPOSE.format(field=field), words) if words else None)
    person.contact_since, person.contact_by = entry.contact_since, entry.contact_by


def _fill(organisation: Organisation, entry: OrganisationEntry) -> None:
    for name in LINES:
        setattr(organisation, name, getattr(entry, name))
    recipient = db.session.scalar(select(Recipient).where(Recipient.ref == entry.place)) if entry.place else None
    service = (
        db.session.scalar(select(ServiceProvider).where(ServiceProvider.ref == entry.place)) if entry.place else None
    )
    if entry.place and recipient is None and service is None:
        raise Refused(("place", "unknown"))
    organisation.recipient, organisation.service = recipient, None if recipient else service


def _state(organisation: Organisation) -> dict[str, object]:
    return {name: getattr(organisation, name) for name in LINES} | {"place": place_of(organisation)}


def _touch(record: Organisation | OrganisationPerson, by: Staff) -> None:
    record.version += 1
    record.changed_at, record.changed_by_id = clock.now(), by.id
    db.session.flush()


def _require_new_name(entry: OrganisationEntry, own: Organisation | None) -> None:
    named = select(Organisation.id).where(func.lower(Organisation.name) == entry.name.lower()).limit(1)
    found = db.session.scalar(named)
    if found is not None and (own is None or found != own.id):
        raise Refused(("name", "taken"))


def _require_known(person: OrganisationPerson) -> None:
    if person.forgotten_at is not None:
        raise WrongState("the person was forgotten")


def _require(by: Staff) -> None:
    if not by.has(*KEEPERS):
        raise Forbidden("stakeholders are kept by others")
