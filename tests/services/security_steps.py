"""Steps of the security protocol that several tests take."""

from datetime import date

from hotline import clock, jurisdiction
from hotline.models import ProtocolVersion, Staff
from hotline.rules.protocols import Draft
from hotline.services import protocols, staff
from hotline.services.room_entries import Coming
from hotline.transactions import writing
from hotline.vocabulary import Role


def keepers() -> tuple[Staff, Staff]:
    """Return the demo's admin and manager."""
    return staff.get_by_name("admin"), staff.get_by_name("vanna")


def draft(number: str = "1.0", *, roles: tuple[Role, ...] = (Role.ANALYST,), on: date | None = None) -> Draft:
    return Draft(
        number,
        "Handling of data",
        "ការប្រើប្រាស់ទិន្នន័យ",
        "# Rules\n\nLock the screen.",
        "# វិធាន\n\nចាក់សោអេក្រង់។",
        "First version",
        "កំណែដំបូង",
        roles,
        on or jurisdiction.today(),
    )


def in_force(number: str = "1.0", *, roles: tuple[Role, ...] = (Role.ANALYST,)) -> ProtocolVersion:
    """Put a version of a new document in force."""
    admin, manager = keepers()
    with writing():
        version = protocols.start(draft(number, roles=roles), by=admin)
        protocols.approve(version, version=version.version, by=manager)
    return version


def coming(who: Staff | None = None, *, visitor: str = "", escort: Staff | None = None, reason: str = "work") -> Coming:
    return Coming(who, visitor, escort, reason, clock.now())
