"""Invented dealings with partner hotlines: one with a door, one offer of ours, one of theirs, and a list for ICCAM."""

import secrets

from nacl.public import PrivateKey
from nacl.signing import SigningKey
from sqlalchemy import select

from hotline.extensions import db
from hotline.models.exchange import Exchange
from hotline.models.item import Item
from hotline.models.staff import Staff
from hotline.rules.entries import Entry
from hotline.services import directory, exchange, exchange_arrivals, exchange_partners, iccam
from hotline.transactions import writing
from hotline.vocabulary import ItemStatus, Language, RecipientKind, Role

HOTLINE = Entry(
    "Example Hotline",
    RecipientKind.PARTNER_HOTLINE,
    "desk@partner-hotline.example",
    "NL",
    Language.EN,
    phone="+31 00 000 0001",
)


def fill() -> None:
    """Add them once. The partner's private keys are thrown away: nobody can speak for it."""
    if db.session.scalar(select(Exchange.id).limit(1)) is not None:
        return
    people = [one for one in db.session.scalars(select(Staff).order_by(Staff.id)) if one.has(Role.REVIEWER)]
    if len(people) < 2:
        return
    first, second = people[:2]
    keys = (bytes(SigningKey.generate().verify_key).hex(), bytes(PrivateKey.generate().public_key).hex())
    with writing():
        partner = directory.enter(HOTLINE, by=None)
        door, _token = exchange_partners.set_up(partner.ref, *keys, by=second)
        exchange_partners.confirm_keys(door, " ".join(exchange_partners.fingerprint(door)), by=first)
        told = ("by_hand", "NL-2026-114", "https://forum.example/t/41003", "Told on the telephone.")
        exchange_arrivals.enter(partner.ref, *told, in_danger=False, nonce=secrets.token_hex(16), by=first)
        decided = select(Item).where(Item.status.in_([ItemStatus.DECIDED, ItemStatus.ACTING])).order_by(Item.id.desc())
        ready = [one for one in db.session.scalars(decided.limit(4)) if exchange.may_offer(one)]
        for item in ready[:1]:
            exchange.draft(item, partner.ref, "interface", by=first)
            iccam.begin(item, "", "", by=first)
