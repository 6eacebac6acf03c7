"""What a police report holds: gathered when it is drafted, sealed, and opened again as it was."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import func, select

from hotline import jurisdiction, vault
from hotline.config import settings
from hotline.extensions import db
from hotline.models.assessment import Assessment, Verdict
from hotline.models.exchange import Exchange
from hotline.models.iccam import IccamEntry
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.police_report import PoliceReport, PoliceReportItem
from hotline.models.recipient import Recipient
from hotline.models.staff import Staff
from hotline.rules import police
from hotline.rules.anonymity import Leak
from hotline.rules.hosting import PERSON, Account
from hotline.rules.police import Contact, Evidence, Listed, Look, Package, Told
from hotline.services import case_links, hosting, items, secrecy
from hotline.vocabulary import Delivery, Direction, Language, NoticeStatus

PURPOSE = "police.package"
ICCAM = "ICCAM"
WENT = (NoticeStatus.SENT, NoticeStatus.ANSWERED, NoticeStatus.BOUNCED)


def gather(
    ref: str,
    listed: Sequence[tuple[Item, Verdict]],
    unit: Recipient,
    language: Language,
    *,
    added: str,
    named: str,
    by: Staff,
) -> Package:
    """Return the package about items and the verdicts that let them leave. `by` is who drafts it."""
    place = jurisdiction.current()
    return Package(
        reference=ref,
        unit=unit.name,
        sender=Contact(
            name=place.brand(language),
            country=place.country,
            phone=place.hotline_phone.international,
            mailbox=settings().mail_from,
        ),
        law={"title": dict(place.law_titles), "doubt": dict(place.law_notes), "version": place.law_version},
        listed=police.in_order([_listed(item, verdict, by=by) for item, verdict in listed]),
        added=added,
        person_named=named,
    )


def seal(package: Package) -> bytes:
    """Seal a package. Nothing else of a police report says what is in it."""
    return vault.keyring().seal(PURPOSE, police.written(package))


def unseal(sealed: bytes) -> Package:
    """Open a package as it was written. Raises KeyMissing or Unreadable."""
    return police.read(vault.keyring().open(PURPOSE, sealed))


def leaks_in(package: Package) -> tuple[Leak, ...]:
    """Return what of a member of staff stands in the words that a person added."""
    return secrecy.leaks_in_words("\n".join((package.added, package.person_named)))


def leaks_since(approved_at: datetime, package: Package) -> tuple[Leak, ...]:
    """Return what in those words points at one of us of whom it was not known when the report was approved."""
    return secrecy.come_since(approved_at, package.added, package.person_named)


def _listed(item: Item, verdict: Verdict, *, by: Staff) -> Listed:
    return Listed(
        reference=item.ref,
        address=items.address_of(item),
        child_in_danger=item.in_danger,
        category=item.category,
        reported_in=item.opened_at.isoformat(),
        decided_at=verdict.agreed_at.isoformat(),
        classification=verdict.inhope_class,
        law=verdict.law,
        looks=(*(_look(one) for one in _looks(verdict)), *_from_outside(verdict)),
        hosting=_evidence(item, by=by),
        told=_told(item),
        links=case_links.refs_of_item(item),
    )


def _looks(verdict: Verdict) -> Sequence[Assessment]:
    both = select(Assessment).where(Assessment.id.in_(verdict.look_ids))
    return db.session.scalars(both.order_by(Assessment.id)).all()


def _from_outside(verdict: Verdict) -> Iterator[Look]:
    if decision := verdict.outside:
        yield Look(police.OUTSIDE, decision.recorded_at.isoformat(), decision.inhope_class, decision.law)


def _look(one: Assessment) -> Look:
    return Look(one.assessor.number, one.made_at.isoformat(), one.inhope_class, one.law)


def _told(item: Item) -> tuple[Told, ...]:
    """Return who was told of an item already, when and how: by letter or form, as a partner, in ICCAM, as police."""
    letters = select(Recipient.name, Notice.sent_at, Notice.delivery).join(Notice.recipient).join(NoticeItem)
    offers = select(Recipient.name, Exchange.offered_at, Exchange.means).join(Exchange.recipient)
    units = (
        select(Recipient.name, PoliceReport.handed_over_at, PoliceReport.handed_by)
        .join(PoliceReport.unit)
        .join(PoliceReportItem)
    )
    iccam = select(func.min(IccamEntry.done_at)).where(IccamEntry.item_id == item.id)
    rows: list[tuple[str, datetime | None, str]] = [
        *db.session.execute(letters.where(NoticeItem.item_id == item.id, Notice.status.in_(WENT))),
        *db.session.execute(
            offers.where(
                Exchange.item_id == item.id, Exchange.direction == Direction.OUT, Exchange.offered_at.is_not(None)
            )
        ),
        *db.session.execute(units.where(PoliceReportItem.item_id == item.id, PoliceReport.handed_over_at.is_not(None))),
    ]
    if (first := db.session.scalar(iccam)) is not None:
        rows.append((ICCAM, first, Delivery.ICCAM))
    told = [Told(name, at.isoformat() if at else "", str(how)) for name, at, how in rows]
    return tuple(sorted(told, key=lambda one: (one.at, one.name)))


def _evidence(item: Item, *, by: Staff) -> Evidence | None:
    look = hosting.card(item, by=by).now
    if look is None or look.lookup.looked_at is None:
        return None
    account = look.account or Account()
    first = account.first
    return Evidence(
        looked_at=look.lookup.looked_at.isoformat(),
        source=account.source,
        addresses=account.dns.addresses if account.dns else (),
        network=look.lookup.network or "",
        range=f"{first.first} - {first.last}" if first and first.first else "",
        country=look.lookup.country or "",
        registry=first.server if first else "",
        abuse=first.abuse if first and account.source != PERSON else (),
        registrar=account.domain.registrar if account.domain else "",
        proxy=account.proxy_name or account.proxy,
    )
