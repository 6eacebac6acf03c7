"""Keys that expire: each that letters or packages are encrypted to, and that says until when, has a clock until then.

Whoever owns the look at who has access answers for asking for a new one, until it is given to somebody else. The clock
ends when another key follows, the key is withdrawn or taken away, the entry is switched off, or the official is no more
in office.
"""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.models.practice import Official, StandingDuty
from hotline.models.recipient import Recipient, RecipientKey
from hotline.models.service_provider import ServiceProvider
from hotline.services import duties
from hotline.services.duties import Thing
from hotline.transactions import writing
from hotline.vocabulary import Duty, Subject

OWNED_WITH = "review_access"  # the standing duty whose owner answers for keys


def sweep() -> None:
    """Begin the clocks of keys that expire, and end those of keys that are used no more. Safe to run at any time."""
    if _wanted() == _running():
        return  # nearly always: nobody has to wait for a round that writes nothing
    with writing():
        wanted, running = _wanted(), _running()
        for thing in running.keys() - wanted.keys():
            _end(thing)
        changed = {thing for thing in wanted.keys() & running.keys() if wanted[thing] != running[thing]}
        for thing in changed:  # of a service or an official: another key took the place of one
            duties.met(thing, Duty.RENEW_KEY)
        db.session.flush()
        owner_id = _owner_id()
        for thing in (wanted.keys() - running.keys()) | changed:
            duties.begin(thing, Duty.RENEW_KEY, owner_id=owner_id, due=wanted[thing])


def _wanted() -> dict[Thing, datetime]:
    """Return every key that is used and expires, with when."""
    of_services = select(ServiceProvider.id, ServiceProvider.key_expires_at).where(
        ServiceProvider.active, ServiceProvider.key_expires_at.is_not(None)
    )
    of_officials = select(Official.id, Official.key_expires_at).where(
        Official.until_at.is_(None), Official.key_expires_at.is_not(None)
    )
    found = {Thing(Subject.RECIPIENT_KEY, one): at for one, at in db.session.execute(_used()) if at}
    found |= {Thing(Subject.SERVICE_KEY, one): at for one, at in db.session.execute(of_services) if at}
    return found | {Thing(Subject.OFFICIAL_KEY, one): at for one, at in db.session.execute(of_officials) if at}


def _used() -> Select[int, datetime | None]:
    """Return the query for the newest key of each recipient in use that is not withdrawn."""
    newer = aliased(RecipientKey)
    followed = select(newer.id).where(
        newer.recipient_id == RecipientKey.recipient_id, newer.id > RecipientKey.id, newer.withdrawn_at.is_(None)
    )
    used = select(RecipientKey.id, RecipientKey.expires_at).join(Recipient, Recipient.id == RecipientKey.recipient_id)
    return used.where(
        Recipient.active,
        RecipientKey.withdrawn_at.is_(None),
        RecipientKey.expires_at.is_not(None),
        ~followed.exists(),
    )


def _running() -> dict[Thing, datetime]:
    # `ending` says the same as no end, and leads SQLite to the index by duty
    query = select(Clock.subject, Clock.subject_id, Clock.due_at).where(
        Clock.duty == Duty.RENEW_KEY, Clock.ending.is_(None), Clock.ended_at.is_(None)
    )
    return {Thing(subject, subject_id): due_at for subject, subject_id, due_at in db.session.execute(query)}


def _end(thing: Thing) -> None:
    """End a clock: met where another key stands in the place of its own, else nothing is left to do."""
    if thing.subject is Subject.SERVICE_KEY:
        provider = db.session.get_one(ServiceProvider, thing.id)
        is_followed = provider.active and provider.key_kind is not None
    elif thing.subject is Subject.OFFICIAL_KEY:
        official = db.session.get_one(Official, thing.id)
        is_followed = official.until_at is None and official.key_kind is not None
    else:
        key = db.session.get_one(RecipientKey, thing.id)
        others = select(RecipientKey.id).where(
            RecipientKey.recipient_id == key.recipient_id,
            RecipientKey.id > key.id,
            RecipientKey.withdrawn_at.is_(None),
        )
        in_use = db.session.get_one(Recipient, key.recipient_id).active
        is_followed = in_use and db.session.scalar(others.limit(1)) is not None
    if is_followed:
        duties.met(thing, Duty.RENEW_KEY)
    else:
        duties.void(thing, Duty.RENEW_KEY)


def _owner_id() -> int | None:
    return db.session.scalar(select(StandingDuty.owner_id).where(StandingDuty.key == OWNED_WITH))
