"""From which networks the desk was reached, from when until when: noted when the setting differs from what stood."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from hotline import clock
from hotline.config import settings
from hotline.errors import NotFound
from hotline.extensions import db
from hotline.models.protocol import NetworkPeriod
from hotline.models.staff import Staff
from hotline.services import audit, duties
from hotline.transactions import writing

COLUMNS = ("since", "until", "networks")


@dataclass(frozen=True, slots=True)
class Evidence:
    """From which networks the desk is reached now, and since when; None while nobody has noted it yet."""

    networks: tuple[str, ...]
    since_at: datetime | None


def note() -> None:
    """Note that the desk is reached from other networks than before, where that is so."""
    found = ",".join(sorted(str(one) for one in settings().desk_networks))
    current = in_force()
    if current is not None and current.networks == found:
        return  # nearly always: nobody has to wait for a round that writes nothing
    with writing():
        now, current = clock.now(), in_force()
        if current is not None:
            current.until_at = now
        db.session.add(NetworkPeriod(networks=found, since_at=now))
        audit.record(None, "noted networks", "networks", count=found.count(",") + 1)


def in_force() -> NetworkPeriod | None:
    """Return from where the desk is reached now, as it was noted last."""
    query = select(NetworkPeriod).where(NetworkPeriod.until_at.is_(None)).order_by(NetworkPeriod.id.desc())
    return db.session.scalar(query.limit(1))


def list_periods(*, by: Staff, most: int) -> list[NetworkPeriod]:
    """Return the networks in force from when until when, newest first. Raises NotFound for other people."""
    if not by.has(*duties.READERS):
        raise NotFound("no networks")
    return list(db.session.scalars(select(NetworkPeriod).order_by(NetworkPeriod.id.desc()).limit(most)))


def evidence() -> Evidence:
    """Return from where the desk can be reached now."""
    found = in_force()
    return Evidence(tuple(found.networks.split(",")), found.since_at) if found else Evidence((), None)


def records(since: datetime, until: datetime, *, by: Staff) -> Iterator[tuple[str, ...]]:
    """Yield the networks that were in force in a period, in the order of time. See `COLUMNS`."""
    if not by.has(*duties.READERS):
        raise NotFound("no networks")
    still = or_(NetworkPeriod.until_at.is_(None), NetworkPeriod.until_at >= since)
    query = select(NetworkPeriod).where(NetworkPeriod.since_at < until, still).order_by(NetworkPeriod.id)
    for one in db.session.scalars(query):
        ended = one.until_at.isoformat(timespec="seconds") if one.until_at else ""
        yield one.since_at.isoformat(timespec="seconds"), ended, one.networks
