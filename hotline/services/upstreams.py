"""Who stands above a recipient's network, as people noted it: gives it addresses, or connects it to the net.

Registries say only who gave a network its addresses. Who carries its traffic is nothing that a registry knows, so a
person notes it in the directory, and can take it away again.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from hotline import clock
from hotline.errors import NotFound, Refused
from hotline.extensions import db
from hotline.models.recipient import Recipient, RecipientUpstream
from hotline.models.staff import Staff
from hotline.services import audit, directory
from hotline.vocabulary import RecipientKind

ABOVE = RecipientKind.HOSTING_PROVIDER  # whoever runs a network
BELOW = (RecipientKind.HOSTING_PROVIDER, RecipientKind.PLATFORM)
MOST = 20
FURTHEST = 5  # steps up that are offered: further up nobody knows the host any more


def of(recipient: Recipient) -> list[RecipientUpstream]:
    """Return who is noted above an entry, in use or not, in the order they were noted."""
    query = select(RecipientUpstream).where(RecipientUpstream.recipient_id == recipient.id)
    return list(db.session.scalars(query.order_by(RecipientUpstream.id)))


def list_choices(recipient: Recipient) -> list[Recipient]:
    """Return who may be noted above an entry: those that run networks, are in use, and are not noted yet."""
    if recipient.kind not in BELOW or recipient.proposed_at is not None:
        return []
    noted = {one.above_id for one in of(recipient)}
    return [one for one in directory.list_in_use(ABOVE) if one.id not in noted and one.id != recipient.id]


def list_above(recipients: Iterable[Recipient]) -> list[Recipient]:
    """Return everybody in use who stands above some entries, nearest first, each once."""
    start = [one.id for one in recipients]
    found: dict[int, Recipient] = {}
    level: Sequence[int] = start
    for _ in range(FURTHEST):
        nearest = [one for one in _next(level) if one.id not in found and one.id not in start] if level else []
        found |= {one.id: one for one in nearest}
        level = [one.id for one in nearest]
    return list(found.values())


def add(recipient: Recipient, ref: str, *, by: Staff) -> RecipientUpstream:
    """Note who stands above an entry. Raises Refused (`above`, code)."""
    above = next((one for one in directory.list_in_use(ABOVE) if one.ref == ref and one.id != recipient.id), None)
    if above is None or recipient.kind not in BELOW or recipient.proposed_at is not None:
        raise Refused(("above", "required"))
    noted = of(recipient)
    if any(one.above_id == above.id for one in noted):
        raise Refused(("above", "taken"))
    if len(noted) >= MOST:
        raise Refused(("above", "many"))
    if recipient.id in _all_above(above.id):
        raise Refused(("above", "circle"))
    added = RecipientUpstream(
        recipient_id=recipient.id, above_id=above.id, added_by_id=by.id, added_at=clock.now(), above=above
    )
    db.session.add(added)
    db.session.flush()
    directory.note(recipient, directory.Event.ABOVE, after=above.name, by=by)
    audit.record(by, "noted who stands above it", f"recipient {recipient.ref}", above=above.ref)
    return added


def remove(recipient: Recipient, upstream_id: int, *, by: Staff) -> None:
    """Take away who stands above an entry. Raises NotFound when nobody of that number does."""
    found = next((one for one in of(recipient) if one.id == upstream_id), None)
    if found is None:
        raise NotFound(f"nobody {upstream_id} above {recipient.ref}")
    directory.note(recipient, directory.Event.ABOVE, found.above.name, by=by)
    audit.record(by, "took away who stands above it", f"recipient {recipient.ref}", above=found.above.ref)
    db.session.delete(found)


def _all_above(recipient_id: int) -> set[int]:
    """Return everybody above an entry, in use or not, however far up."""
    direct: dict[int, set[int]] = {}
    rows = db.session.execute(select(RecipientUpstream.recipient_id, RecipientUpstream.above_id))
    for low, high in rows:  # few: people note them one by one
        direct.setdefault(low, set()).add(high)
    found: set[int] = set()
    level = {recipient_id}
    while level := set().union(*(direct.get(one, set()) for one in level)) - found:
        found |= level
    return found


def _next(ids: Sequence[int]) -> list[Recipient]:
    query = select(Recipient).join(RecipientUpstream, RecipientUpstream.above_id == Recipient.id)
    query = query.where(RecipientUpstream.recipient_id.in_(ids), Recipient.active, Recipient.proposed_at.is_(None))
    return list(db.session.scalars(query.order_by(RecipientUpstream.id)).unique())
