"""Nothing that leaves bears a staff member's name: the check every letter goes through before it is approved."""

from hotline import jurisdiction
from hotline.config import settings
from hotline.rules import addresses, anonymity
from hotline.rules.anonymity import House, Leak
from hotline.rules.letters import Letter
from hotline.services import staff


def leaks_in(letter: Letter) -> tuple[Leak, ...]:
    """Return what in a letter points at a member of staff: such a letter needs one more person to approve it."""
    place = jurisdiction.current()
    lines = (place.hotline_phone, *place.helplines)
    house = House(
        names=tuple(one.name for one in staff.list_staff()),
        mailboxes=(settings().mail_from, letter.mailbox),
        phones=tuple(number for line in lines for number in (line.number, line.tel)),
    )
    shown = [addresses.defang(address) for address in letter.addresses]
    return anonymity.leaks(f"{letter.subject}\n{letter.text}", quoted=shown, house=house)
