"""Keys of the keyboard at the desk: whether a person wants them."""

from hotline.extensions import db
from hotline.models.care import CareSettings
from hotline.models.staff import Staff


def wanted(person: Staff) -> bool:
    """Whether single keys do something for this person; so it is until they say otherwise."""
    found = db.session.get(CareSettings, person.id)
    return found is None or found.shortcuts


def want(person: Staff, wanted: bool) -> None:
    """Set whether single keys do something for this person."""
    found = db.session.get(CareSettings, person.id)
    if found is None:
        found = CareSettings(staff_id=person.id)
        db.session.add(found)
    found.shortcuts = wanted
