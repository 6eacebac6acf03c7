"""Public keys of recipients: added once they can be read, never changed, withdrawn with a date."""

from hotline import clock
from hotline.errors import NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.gateways import keys
from hotline.gateways.keys import KeyFault
from hotline.models.recipient import Recipient, RecipientKey
from hotline.models.staff import Staff
from hotline.services import audit, directory, given_keys

SHORT = 16  # signs of a fingerprint in the history


def add(recipient: Recipient, kind: str, material: str, *, by: Staff) -> RecipientKey:
    """Add a key that letters are encrypted to from now on. Raises Refused with what is wrong with it.

    A key that was withdrawn does not come back: somebody may have had a reason.
    """
    found = given_keys.read(kind, material)
    for one in recipient.keys:
        if one.fingerprint == found.fingerprint:
            raise Refused(("material", "withdrawn" if one.withdrawn_at else "taken"))
    added = RecipientKey(
        recipient_id=recipient.id,
        kind=found.kind,
        material=found.material,
        fingerprint=found.fingerprint,
        expires_at=found.expires_at,
        added_by_id=by.id,
        added_at=clock.now(),
    )
    recipient.keys.append(added)
    db.session.flush()
    directory.note(recipient, directory.Event.KEY, after=found.fingerprint[:SHORT], by=by)
    audit.record(by, "added a key", f"recipient {recipient.ref}", kind=found.kind)
    return added


def withdraw(recipient: Recipient, key_id: int, *, by: Staff) -> None:
    """Encrypt nothing to a key any more. Raises NotFound, and WrongState when it is withdrawn already."""
    found = next((one for one in recipient.keys if one.id == key_id), None)
    if found is None:
        raise NotFound(f"no key {key_id} at {recipient.ref}")
    if found.withdrawn_at is not None:
        raise WrongState(f"key {key_id} is withdrawn already")
    found.withdrawn_at = clock.now()
    directory.note(recipient, directory.Event.KEY, found.fingerprint[:SHORT], by=by)
    audit.record(by, "withdrew a key", f"recipient {recipient.ref}", kind=found.kind)


def names_of(key: RecipientKey) -> tuple[str, ...]:
    """Return the names that a key says of itself; none where it cannot be read any more."""
    try:
        return keys.read(key.kind, key.material).names
    except KeyFault:
        return ()
