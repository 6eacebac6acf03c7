"""Partner hotlines that use the interface: their doors, tokens and keys. A token is told once and stored nowhere."""

import secrets

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from hotline import clock, outbox, vault
from hotline.errors import Forbidden, NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models.exchange import ExchangeDoor, ExchangePartner
from hotline.models.recipient import Recipient
from hotline.models.staff import Staff
from hotline.rules import exchange as rule
from hotline.services import audit, directory, exchange_outbox
from hotline.transactions import apart, front_engine, writing
from hotline.vocabulary import RecipientKind, Role

RENEW = "hotline.jobs.exchange.renew_door"
KEYS = {"verify_key": vault.is_verify_key, "box_key": vault.is_box_key}


def list_partners() -> list[ExchangePartner]:
    """Return every partner with a door, by name; those whose door is shut too."""
    query = select(ExchangePartner).join(ExchangePartner.recipient).options(joinedload(ExchangePartner.recipient))
    return list(db.session.scalars(query.order_by(Recipient.name, ExchangePartner.id)))


def list_without_door() -> list[Recipient]:
    """Return the partner hotlines of the directory that have no door yet, by name."""
    have = select(ExchangePartner.recipient_id)
    query = select(Recipient).where(
        Recipient.kind == RecipientKind.PARTNER_HOTLINE, Recipient.active, Recipient.id.not_in(have)
    )
    return list(db.session.scalars(query.order_by(Recipient.name, Recipient.id)))


def get(ref: str) -> ExchangePartner:
    """Return the partner that the directory calls `ref`. Raises NotFound."""
    found = db.session.scalar(select(ExchangePartner).join(ExchangePartner.recipient).where(Recipient.ref == ref))
    if found is None:
        raise NotFound(f"no door for {ref}")
    return found


def find(recipient: Recipient) -> ExchangePartner | None:
    """Return the partner that a recipient is, if its door is open."""
    query = select(ExchangePartner).where(ExchangePartner.recipient_id == recipient.id, ExchangePartner.active)
    return db.session.scalar(query)


def find_by_door(door_id: bytes) -> ExchangePartner | None:
    """Return whose door this is, open or not."""
    return db.session.scalar(select(ExchangePartner).where(ExchangePartner.door_id == door_id))


def set_up(recipient_ref: str, verify_key: str, box_key: str, *, by: Staff) -> tuple[ExchangePartner, str]:
    """Open a door for a partner hotline of the directory. Returns it and its token, which is told this once.

    Raises Refused for keys that are none and for who is no partner hotline, or has a door.
    """
    known = {one.ref for one in list_without_door()}
    wrong = () if recipient_ref in known else (("partner", "required"),)
    keys = _keys(verify_key, box_key, *wrong)
    now = clock.now()
    partner = ExchangePartner(
        recipient=directory.get(recipient_ref),
        door_id=secrets.token_bytes(16),
        verify_key=keys[0],
        box_key=keys[1],
        active=True,
        set_up_by_id=by.id,
        set_up_at=now,
        token_at=now,
        keys_at=now,
        keys_by_id=by.id,
    )
    db.session.add(partner)
    db.session.flush()
    audit.record(by, "opened door", _name(partner))
    return partner, _draw(partner)


def draw_token(partner: ExchangePartner, *, by: Staff) -> str:
    """Give a partner another token and open its door; the one before opens nothing any more. It is told this once."""
    partner.active, partner.token_at = True, clock.now()
    audit.record(by, "drew token", _name(partner))
    exchange_outbox.seal_anew(partner)
    return _draw(partner)


def change_keys(partner: ExchangePartner, verify_key: str, box_key: str, *, by: Staff) -> None:
    """Take a partner's new keys. What waits for it is sealed anew; offers wait until somebody else confirms the keys.

    Raises Refused for keys that are none.
    """
    partner.verify_key, partner.box_key = _keys(verify_key, box_key)
    partner.keys_at, partner.keys_by_id = clock.now(), by.id
    partner.confirmed_by_id = partner.confirmed_at = None
    audit.record(by, "changed keys", _name(partner))
    outbox.put(db.session(), RENEW, partner.id)


def renew_door(partner_id: int) -> None:
    """Bring a partner's keys to its door, right after the commit that took them. Safe to run twice.

    The front store is no part of the desk's transaction: what waits at the door goes only once the keys are changed.
    """
    partner = db.session.get_one(ExchangePartner, partner_id)
    changed = update(ExchangeDoor).where(ExchangeDoor.id == partner.door_id).values(verify_key=partner.verify_key)
    with apart(front_engine()) as session:
        session.execute(changed)
    exchange_outbox.take_away(partner)  # sealed to the keys before: whoever has the new ones cannot open it
    with writing():
        exchange_outbox.seal_anew(db.session.get_one(ExchangePartner, partner_id))
        outbox.done(db.session(), RENEW, partner_id)


def may_confirm(partner: ExchangePartner, *, by: Staff) -> bool:
    """Whether this person may confirm a partner's keys: a reviewer who did not enter them, and nobody has yet."""
    return partner.confirmed_by_id is None and by.has(Role.REVIEWER) and partner.keys_by_id != by.id


def confirm_keys(partner: ExchangePartner, read_out: str, *, by: Staff) -> None:
    """Confirm that the partner has read out the fingerprints that were shown (`read_out`); offers go from then on.

    Raises Forbidden for whoever entered the keys or is no reviewer, WrongState where they are confirmed, Overtaken
    where they were changed since they were shown.
    """
    if partner.confirmed_by_id is not None:
        raise WrongState("the keys are confirmed already")
    if not may_confirm(partner, by=by):
        raise Forbidden("a reviewer who did not enter the keys confirms them")
    if read_out != " ".join(fingerprint(partner)):
        raise Overtaken("the keys were changed since they were shown")
    partner.confirmed_by_id, partner.confirmed_at = by.id, clock.now()
    audit.record(by, "confirmed keys", _name(partner))
    exchange_outbox.seal_anew(partner)


def revoke(partner: ExchangePartner, *, by: Staff) -> None:
    """Shut a partner's door at once, and take away what waits behind it. Raises WrongState where it is shut."""
    if not partner.active:
        raise WrongState("the door is shut already")
    partner.active = False
    with apart(front_engine()) as session:
        session.execute(update(ExchangeDoor).where(ExchangeDoor.id == partner.door_id).values(active=False))
    exchange_outbox.take_away(partner)
    audit.record(by, "shut door", _name(partner))


def fingerprint(partner: ExchangePartner) -> tuple[str, str]:
    """Return what two people read to each other to compare keys: of what it signs with, of what we seal to."""
    return rule.fingerprint(partner.verify_key), rule.fingerprint(partner.box_key)


def _draw(partner: ExchangePartner) -> str:
    token = secrets.token_urlsafe(32)
    door = ExchangeDoor(
        id=partner.door_id,
        token_tag=vault.keyring().door_tag(token),
        partner_ref=partner.recipient.ref,
        verify_key=partner.verify_key,
        active=True,
    )
    with apart(front_engine()) as session:
        session.merge(door)
    return token


def _keys(verify_key: str, box_key: str, *wrong: tuple[str, str]) -> tuple[bytes, bytes]:
    """Return both keys. Raises Refused with everything that is wrong with them, and with `wrong`."""
    typed = {"verify_key": verify_key, "box_key": box_key}
    read = {field: rule.read_key(text) for field, text in typed.items()}
    faults = [*wrong]
    for field, is_good in KEYS.items():
        key = read[field]
        if key is None:
            faults.append((field, "no_key"))
        elif not is_good(key):
            faults.append((field, "weak"))
    if read["verify_key"] and read["verify_key"] == read["box_key"]:
        faults.append(("box_key", "same"))
    first, second = read["verify_key"], read["box_key"]
    if faults or first is None or second is None:
        raise Refused(*faults)
    return first, second


def _name(partner: ExchangePartner) -> str:
    return f"recipient {partner.recipient.ref}"
