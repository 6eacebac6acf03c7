"""The directory of services for children and families. Nothing in it is about a child: victim support and managers."""

from dataclasses import dataclass

from sqlalchemy import func, select

from hotline import clock, jurisdiction
from hotline.errors import NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models.audit import AuditEntry
from hotline.models.service_provider import ProviderNeed, ServiceProvider
from hotline.models.staff import Staff
from hotline.rules import service_entries as rules
from hotline.rules.service_entries import ServiceEntry
from hotline.services import audit, given_keys, references
from hotline.vocabulary import Language, Need, RecipientSource, Role

READERS = (Role.VICTIM_SUPPORT, Role.MANAGER)
LINES = ("name", "name_km", "age_from", "age_to", "takes", "capacity", "language", "mailbox", "phone", "place", "doubt")
REACHED_BY = ("mailbox", "phone", "place")  # whoever is reached otherwise has to be verified anew
SEEDED = "taken from the seed"


@dataclass(frozen=True, slots=True)
class Fitting:
    """One service that fits a need, and whether what stands there was verified lately."""

    provider: ServiceProvider
    is_stale: bool


def get(ref: str, *, by: Staff) -> ServiceProvider:
    """Return the service `ref`. Raises NotFound, also for people who may not see the directory."""
    found = db.session.scalar(select(ServiceProvider).where(ServiceProvider.ref == ref))
    if found is None or not by.has(*READERS):
        raise NotFound(f"no service {ref}")
    return found


def list_all(*, by: Staff, need: Need | None = None, province: str = "") -> list[ServiceProvider]:
    """Return services by name, those in use first; with a need or a province only those that may fit it."""
    if not by.has(*READERS):
        raise NotFound("no directory of services")
    query = select(ServiceProvider).order_by(ServiceProvider.active.desc(), ServiceProvider.name, ServiceProvider.id)
    found = db.session.scalars(query).all()
    return [
        one
        for one in found
        if (need is None or need in one.needs) and (not province or not one.provinces or province in provinces_of(one))
    ]


def list_fitting(need: Need, province: str, age: int | None, *, by: Staff) -> list[Fitting]:
    """Return services in use that fit a need, those verified lately first, then by name."""
    fitting = [
        Fitting(one, rules.is_stale(one.verified_on, jurisdiction.today()))
        for one in list_all(by=by)
        if one.active
        and rules.fits(
            needs=one.needs,
            provinces=provinces_of(one),
            ages=(one.age_from, one.age_to),
            need=need,
            province=province,
            age=age,
        )
    ]
    return sorted(fitting, key=lambda one: one.is_stale)


def provinces_of(provider: ServiceProvider) -> tuple[str, ...]:
    """Return the codes of the provinces a service works in; none for all."""
    return tuple(provider.provinces.split())


def enter(
    entry: ServiceEntry, *, by: Staff | None, source: RecipientSource = RecipientSource.PERSON
) -> ServiceProvider:
    """Add a service, unverified. Raises Refused for a name that stands there already."""
    _require_new_name(entry, None)
    added = ServiceProvider(
        ref=references.draw(ServiceProvider.ref, "SV"),
        source=source,
        active=True,
        changed_at=clock.now(),
        changed_by_id=by.id if by else None,
    )
    _fill(added, entry)
    db.session.add(added)
    db.session.flush()
    audit.record(by, "added a service", subject(added))
    return added


def change(provider: ServiceProvider, entry: ServiceEntry, *, version: int, by: Staff) -> bool:
    """Change an entry, and return whether anything was different. Reached otherwise, it has to be verified anew.

    Raises Overtaken where somebody changed it since `version` was shown, Refused for another one's name.
    """
    if provider.version != version:
        raise Overtaken(f"{provider.ref} was changed meanwhile")
    _require_new_name(entry, provider)
    before = {name: getattr(provider, name) for name in (*LINES, "provinces")} | {"needs": provider.needs}
    _fill(provider, entry)
    after = {name: getattr(provider, name) for name in (*LINES, "provinces")} | {"needs": provider.needs}
    changed = sorted(name for name in before if before[name] != after[name])
    if not changed:
        return False
    if set(changed) & set(REACHED_BY):
        provider.verified_on = None
    _touched(provider, by)
    db.session.flush()
    audit.record(by, "changed a service", subject(provider), fields=" ".join(changed))
    return True


def verify(provider: ServiceProvider, *, by: Staff) -> None:
    """Note that somebody asked the service today, and what stands there holds."""
    provider.verified_on = jurisdiction.today()
    _touched(provider, by)
    audit.record(by, "verified a service", subject(provider))


def switch(provider: ServiceProvider, *, on: bool, by: Staff) -> None:
    """Let a service get referrals, or none any more. Those it has stay as they are."""
    if provider.active == on:
        raise WrongState(f"{provider.ref} is that already")
    provider.active = on
    _touched(provider, by)
    audit.record(by, "switched a service on" if on else "switched a service off", subject(provider))


def put_key(provider: ServiceProvider, kind: str, material: str, *, by: Staff) -> None:
    """Let packages for a service be encrypted to a key from now on. Raises Refused with what is wrong with it."""
    found = given_keys.read(kind, material)
    provider.key_kind, provider.key_material = found.kind, found.material
    provider.key_fingerprint, provider.key_expires_at = found.fingerprint, found.expires_at
    _touched(provider, by)
    audit.record(by, "put a key", subject(provider), kind=found.kind)


def take_key(provider: ServiceProvider, *, by: Staff) -> None:
    """Encrypt nothing to a service's key any more. Raises WrongState where it has none."""
    if provider.key_kind is None:
        raise WrongState(f"{provider.ref} has no key")
    provider.key_kind = provider.key_material = provider.key_fingerprint = provider.key_expires_at = None
    _touched(provider, by)
    audit.record(by, "took a key away", subject(provider))


def seed() -> list[ServiceProvider]:
    """Add every line of the jurisdiction's file that was never taken before, and return what was added.

    One whose name stands in the directory already is people's own: it is left as it is.
    """
    taken = set(db.session.scalars(select(AuditEntry.record).where(AuditEntry.action == SEEDED)))
    fresh = [one for one in jurisdiction.current().helpers if _seed_subject(one.key) not in taken]
    for one in fresh:
        audit.record(None, SEEDED, _seed_subject(one.key))
    return [_seeded(one) for one in fresh if _named(one.names[Language.EN]) is None]


def doubt_of(provider: ServiceProvider, language: Language) -> str:
    """Return what nobody has confirmed; in the reader's language while it says what the jurisdiction's file says."""
    known = (one.doubts for one in jurisdiction.current().helpers)
    return next((doubts[language] for doubts in known if doubts[Language.EN] == provider.doubt), provider.doubt)


def name_of(provider: ServiceProvider, language: Language) -> str:
    """Return a service's name as people of a language know it."""
    return provider.name_km if language is Language.KM and provider.name_km else provider.name


def subject(provider: ServiceProvider) -> str:
    """Return the name of a service in the audit trail."""
    return f"service {provider.ref}"


def _seed_subject(key: str) -> str:
    return f"seed {key}"


def _seeded(one: jurisdiction.Helper) -> ServiceProvider:
    entry = ServiceEntry(
        name=one.names[Language.EN],
        name_km=one.names[Language.KM],
        needs=tuple(Need(need) for need in one.needs),
        provinces=(),
        age_from=None,
        age_to=None,
        takes="",
        capacity="",
        language=Language.KM,
        mailbox="",
        phone=one.phone,
        place="",
        doubt=one.doubts[Language.EN],
    )
    return enter(entry, by=None, source=RecipientSource.SEED)


def _require_new_name(entry: ServiceEntry, own: ServiceProvider | None) -> None:
    found = _named(entry.name)
    if found is not None and (own is None or found != own.id):
        raise Refused(("name", "taken"))


def _named(name: str) -> int | None:
    """Return the id of the service of a name, however its letters are written; None where there is none."""
    return db.session.scalar(
        select(ServiceProvider.id).where(func.lower(ServiceProvider.name) == name.lower()).limit(1)
    )


def _fill(provider: ServiceProvider, entry: ServiceEntry) -> None:
    for name in LINES:
        setattr(provider, name, getattr(entry, name))
    provider.provinces = " ".join(entry.provinces)
    kept = {row.need: row for row in provider.need_rows}
    provider.need_rows = [kept.get(need) or ProviderNeed(need=need) for need in entry.needs]


def _touched(provider: ServiceProvider, by: Staff) -> None:
    provider.version += 1
    provider.changed_at, provider.changed_by_id = clock.now(), by.id
