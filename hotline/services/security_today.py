"""What the security protocol asks of a person today."""

from dataclasses import dataclass

from hotline.models.staff import Staff
from hotline.models.training import Training
from hotline.services import duties, protocols, room_entries, trainings


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many versions wait to be read, which of their trainings end, and who nobody noted leaving the room.

    Drafts and vettings of others that ran out are counted for those who keep the code of practice alone.
    """

    unread: int
    ending: list[Training]
    left_open: int
    drafts: int
    unvetted: int


def of(person: Staff) -> Waiting:
    """Return what waits for a person."""
    keeps = person.has(*duties.KEEPERS)
    return Waiting(
        protocols.count_mine(person),
        trainings.list_ending(person),
        room_entries.count_left_open(of=person),
        protocols.count_drafts(by=person),
        trainings.evidence().expired_vettings if keeps else 0,
    )
