"""Nothing that leaves bears a staff member's name: the check every letter goes through before it is approved."""

from hotline import jurisdiction
from hotline.config import settings
from hotline.rules import addresses, anonymity
from hotline.rules.anonymity import House, Leak, LeakKind
from hotline.rules.letters import Letter
from hotline.services import staff


def leaks_in(letter: Letter) -> tuple[Leak, ...]:
    """Return what in a letter points at a member of staff: such a letter needs one more person to approve it."""
    shown = [*(addresses.defang(address) for address in letter.addresses), *letter.filled]
    return anonymity.leaks(f"{letter.subject}\n{letter.text}", quoted=shown, house=_house(letter.mailbox))


def leaks_in_words(text: str) -> tuple[Leak, ...]:
    """Return what in a message to a reporter points at a member of staff, or is no mailbox or number of the house."""
    return anonymity.leaks(text, quoted=(), house=_house())


def names_one_of_us(text: str) -> bool:
    """Whether a text bears the name of a member of staff."""
    return any(leak.kind is LeakKind.NAME for leak in leaks_in_words(text))


def _house(*mailboxes: str) -> House:
    place = jurisdiction.current()
    return House(
        names=tuple(one.name for one in staff.list_staff()),
        mailboxes=(settings().mail_from, *mailboxes),
        phones=tuple(number for line in (place.hotline_phone, *place.helplines) for number in (line.number, line.tel)),
    )
