"""What partners send, moved from the front store to the desk: an offer is a report and an item, an answer is noted.

Moving is safe to repeat: the desk commits first, keyed by inbound id, and only then does the row in front go. What does
not open stays there, and the desk says so: it is never thrown away. What one partner sent is moved in the order in
which it came, so that of two answers about one case the first counts, and not the one that chance puts first.
"""

import json
import secrets
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hotline import clock, logs, vault
from hotline.errors import KeyMissing, NotFound, Refused, StorageFull, Unreadable
from hotline.extensions import db
from hotline.models.exchange import Exchange, ExchangeInbound, ExchangeMessage, ExchangePartner
from hotline.models.item import Item, Mention
from hotline.models.recipient import Recipient
from hotline.models.report import Origin, Report
from hotline.models.staff import Staff
from hotline.rules import addresses, progress, submissions
from hotline.rules import exchange as rule
from hotline.rules.addresses import Address
from hotline.services import (
    audit,
    directory,
    entries,
    exchange,
    exchange_outbox,
    exchange_partners,
    intake,
    merges,
    references,
)
from hotline.services.exchange_doors import PURPOSE
from hotline.services.submissions import Submission
from hotline.transactions import apart, front_engine, writing
from hotline.vault import Blind
from hotline.vocabulary import (
    Category,
    Danger,
    Direction,
    ExchangeKind,
    ExchangeMeans,
    ExchangeStatus,
    Language,
    RecipientKind,
    ReportSource,
    Role,
)

BATCH = 50
BY_A_PERSON = (ExchangeMeans.ENCRYPTED_MAIL, ExchangeMeans.ICCAM, ExchangeMeans.BY_HAND)


def open_inbound() -> int:
    """Move what waits of partners, each one's in the order in which it came. Returns how many.

    What meets a fault waits where it is, and so does whatever the same partner said of the same case after it. What
    comes meanwhile is for the next round: places begin anew once nothing waits at a door.
    """
    moved, held = 0, set[tuple[bytes, str]]()
    for row in _waiting():
        if held and _case(row) in held:
            continue
        if _moved(row):
            moved += 1
        elif case := _case(row):
            held.add(case)
    return moved


def move(row: ExchangeInbound) -> None:
    """Make of one row what it is, then take it out of the front store."""
    with writing():
        partner = exchange_partners.find_by_door(row.door_id)
        if partner is not None:
            ref, body = rule.uncarried(vault.keyring().open(PURPOSE, row.body))
            if row.kind is ExchangeKind.OFFER:
                _take_offer(row, rule.offer(body), partner)
            elif row.kind is ExchangeKind.STATUS:
                _take_answer(ref, rule.answer(body), partner)
    with apart(front_engine()) as session:
        session.execute(delete(ExchangeInbound).where(ExchangeInbound.id == row.id))


def list_hotlines() -> list[Recipient]:
    """Return the partner hotlines of the directory, by name."""
    query = select(Recipient).where(Recipient.active, Recipient.kind == RecipientKind.PARTNER_HOTLINE)
    return list(db.session.scalars(query.order_by(Recipient.name, Recipient.id)))


def enter(
    partner_ref: str, means: str, reference: str, address: str, note: str, *, in_danger: bool, nonce: str, by: Staff
) -> Exchange:
    """Write down an offer that came another way than through the interface. The same form sent twice is one offer.

    Raises Refused with everything that is wrong with the form.
    """
    if not by.has(Role.REVIEWER):
        raise NotFound("no exchange for this person")
    recipient = _hotline(partner_ref)
    read = addresses.read(address.strip()).found
    reference = " ".join(reference.split())
    faults = [
        (("partner", "required"), recipient is None),
        (("means", "required"), means not in BY_A_PERSON),
        (("reference", "required"), not reference),
        (("reference", "too_long"), len(reference) > rule.LONGEST_REFERENCE),
        (("address", "no_address"), len(read) != 1),
        (("note", "too_long"), len(note) > rule.LONGEST_NOTE),
        (("note", "file"), submissions.carries_file(note)),
    ]
    wrong = [fault for fault, is_wrong in faults if is_wrong]
    if wrong or recipient is None:
        raise Refused(*wrong)
    facts = json.dumps([by.number, nonce, partner_ref, reference, address])
    inbound_id = vault.keyring().blind(Blind.ADDRESS, f"exchange entered:{facts}")
    known = db.session.scalar(select(Exchange).where(Exchange.inbound_id == inbound_id))
    if known is not None:
        return known
    if _known(recipient, reference, read[0]) is not None:
        raise Refused(("reference", "taken"))
    clean_note = submissions.clean(note).text
    said = rule.Offer(reference, read[0], Category.CSAM, None, None, in_danger, clean_note)
    return _file(said, recipient, ExchangeMeans(means), inbound_id, clock.this_hour(), by=by)


def _take_offer(row: ExchangeInbound, said: rule.Offer, partner: ExchangePartner) -> None:
    if db.session.scalar(select(Exchange.id).where(Exchange.inbound_id == row.id)) is not None:
        return
    filed = _known(partner.recipient, said.reference, said.address)
    before = _item_at(said.address)
    state = progress.OF_ITEM[before.status] if before is not None else None
    outcome = before.outcome if before is not None else None
    if filed is None:
        filed = _file(said, partner.recipient, ExchangeMeans.INTERFACE, row.id, row.received_at, by=None)
    facts = {
        "reference": filed.ref,
        "your_reference": said.reference,
        "known": before is not None,
        "state": state,
        "outcome": outcome,
    }
    exchange_outbox.say(partner, ExchangeKind.RECEIVED, facts, about=filed)


def _file(
    said: rule.Offer,
    recipient: Recipient,
    means: ExchangeMeans,
    inbound_id: bytes,
    received_at: datetime,
    *,
    by: Staff | None,
) -> Exchange:
    """Make a report, its item and the exchange of what was offered, in the caller's transaction."""
    seal = vault.keyring().seal
    report = intake.file_report(
        Submission(
            category=said.category,
            urls=said.address.href,
            seen=None,
            details=said.note,
            in_danger=Danger.YES if said.in_danger else None,
            contact="",
            language=Language.EN,
        ),
        inbox_id=inbound_id,
        receipt_tag=secrets.token_bytes(32),
        received_at=received_at,
        origin=Origin(
            source=ReportSource.PARTNER,
            taken_by_id=by.id if by else None,
            reference=seal(entries.REFERENCE, said.reference),
        ),
    )
    item = _item_of(report)
    offered = {
        "address": said.address.href,
        "category": said.category,
        "classification": said.classification,
        "hosting_country": said.hosting_country,
        "in_danger": said.in_danger,
        "note": said.note,
    }
    filed = Exchange(
        ref=references.draw(Exchange.ref, "X"),
        recipient_id=recipient.id,
        direction=Direction.IN,
        means=means,
        status=ExchangeStatus.OFFERED,
        item_id=item.id if item else None,
        report_id=report.id,
        country=said.hosting_country,
        message=seal(exchange.PURPOSE, json.dumps(offered, ensure_ascii=False)),
        inbound_id=inbound_id,
        their_index=_index(said.reference, said.address),
        their_ref=seal(exchange.THEIR_REF, said.reference),
        handed_by_id=by.id if by else None,
        begun_at=clock.now(),
        offered_at=clock.now(),
    )
    db.session.add(filed)
    db.session.flush()
    audit.record(by, "offered to us", f"exchange {filed.ref}")
    return filed


def _take_answer(ref: str, said: rule.Answer, partner: ExchangePartner) -> None:
    """Note a partner's answer; what fits nothing is answered by a message that says so, and people see it."""
    found = db.session.scalar(
        select(Exchange).where(
            Exchange.ref == ref,
            Exchange.recipient_id == partner.recipient_id,
            Exchange.direction == Direction.OUT,
            Exchange.status != ExchangeStatus.DRAFT,
        )
    )
    if found is not None:
        judged = rule.fit(found.status, found.reason, found.outcome, said)
        if judged is rule.Fit.SAID_BEFORE:
            return  # also where it was moved before
        if judged is rule.Fit.MOVES:
            exchange.record_answer(found, said, by=None)
            return
        exchange.record_contradiction(found, said)
    facts = {"reference": ref, "code": "unknown_reference" if found is None else "wrong_state"}
    if not _has_said(partner):
        message = exchange_outbox.say(partner, ExchangeKind.PROBLEM, facts, about=None)
        audit.record(None, "answer fits nothing", f"recipient {partner.recipient.ref}", message=message.id)


def _has_said(partner: ExchangePartner) -> bool:
    """Whether too much that means nothing came from a partner already: its door is no place to fill."""
    waits = select(ExchangeMessage.id).where(
        ExchangeMessage.partner_id == partner.id,
        ExchangeMessage.kind == ExchangeKind.PROBLEM,
        ExchangeMessage.receipted_at.is_(None),
    )
    return len(db.session.scalars(waits.limit(BATCH)).all()) >= BATCH


def _moved(row: ExchangeInbound) -> bool:
    try:
        move(row)
    except StorageFull:
        raise
    except Exception as exc:  # whatever it is, it holds up no other; the row stays, and the desk says that it does
        logs.fault(exc, doing="reading what a partner sent")
        return False
    return True


def _waiting() -> Iterator[ExchangeInbound]:
    """Give what waits now, each door's in its order; of a batch at a time the bodies are held."""
    order = (ExchangeInbound.door_id, ExchangeInbound.place, ExchangeInbound.received_at, ExchangeInbound.id)
    with Session(front_engine()) as session:
        ids = session.scalars(select(ExchangeInbound.id).order_by(*order)).all()
    for start in range(0, len(ids), BATCH):
        some = select(ExchangeInbound).where(ExchangeInbound.id.in_(ids[start : start + BATCH])).order_by(*order)
        with Session(front_engine(), expire_on_commit=False) as session:
            rows = session.scalars(some).all()
        yield from rows


def _case(row: ExchangeInbound) -> tuple[bytes, str] | None:
    """Return which door's case an answer is about; None where it is no answer, or does not open."""
    if row.kind is not ExchangeKind.STATUS:
        return None
    try:
        return row.door_id, rule.uncarried(vault.keyring().open(PURPOSE, row.body))[0]
    except (KeyMissing, Unreadable, ValueError, KeyError, TypeError):
        return None


def _known(recipient: Recipient, reference: str, address: Address) -> Exchange | None:
    """Return the offer of the same address that this partner made under the same reference before."""
    query = select(Exchange).where(
        Exchange.direction == Direction.IN,
        Exchange.recipient_id == recipient.id,
        Exchange.their_index == _index(reference, address),
    )
    return db.session.scalar(query)


def _index(reference: str, address: Address) -> bytes:
    """Return what one offer is known by: another address under a reference used before is another offer."""
    return vault.keyring().blind(Blind.ADDRESS, f"exchange reference:{address.canonical} {reference}")


def _item_at(address: Address) -> Item | None:
    """Return the item of an address: where that was merged, the one that goes on for it."""
    found = db.session.scalar(select(Item).where(Item.address_index == intake.index_of(address)))
    return merges.counted_at(found) if found is not None else None


def _item_of(report: Report) -> Item | None:
    query = select(Item).join(Mention, Mention.item_id == Item.id).where(Mention.report_id == report.id)
    return db.session.scalar(query.limit(1))


def _hotline(ref: str) -> Recipient | None:
    try:
        found = directory.get(ref)
    except NotFound:
        return None
    return found if found.kind is RecipientKind.PARTNER_HOTLINE else None
