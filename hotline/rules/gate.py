"""The gate: what may leave, to whom, once two people agree. The database holds the same table as a check."""

from collections.abc import Iterable

from hotline.vocabulary import Channel, CorrectionReason, InhopeClass, LawVerdict, LetterKey

INTERNATIONAL = {InhopeClass.BASELINE, InhopeClass.NATIONAL}
LETTERS = {
    (Channel.HOST, True): LetterKey.HOST,
    (Channel.HOST, False): LetterKey.HOST_NO_LAW,  # baseline, but not illegal in this country: no line about its law
    (Channel.PARTNER, True): LetterKey.PARTNER,
    (Channel.PARTNER, False): LetterKey.PARTNER,
}
DRAFTED = (Channel.HOST,)  # a partner's letter is written when an offer is let go; police get packages


def needs_two(inhope_class: InhopeClass, law: LawVerdict, *, in_danger: bool) -> bool:
    """Whether a first look with this result always goes to a second person. `in_danger`: a child may be, now."""
    return in_danger or inhope_class in INTERNATIONAL or law is not LawVerdict.NOT_ILLEGAL


def channels(inhope_class: InhopeClass, law: LawVerdict, *, in_danger: bool) -> tuple[Channel, ...]:
    """Return the channels that a verdict opens. With a child in danger the police's is open whatever the class."""
    illegal_here = law is LawVerdict.ILLEGAL
    opened = {
        Channel.HOST: illegal_here or inhope_class is InhopeClass.BASELINE,
        Channel.PARTNER: inhope_class in INTERNATIONAL,
        Channel.POLICE: in_danger or illegal_here or inhope_class in INTERNATIONAL,
    }
    return tuple(channel for channel, is_open in opened.items() if is_open)


def letter(channel: Channel, law: LawVerdict) -> LetterKey | None:
    """Return the name of the letter template for a channel, or None where no letter goes that way."""
    return LETTERS.get((channel, law is LawVerdict.ILLEGAL))


def is_closed(corrections: Iterable[CorrectionReason | None]) -> bool:
    """Whether the words of a letter stay closed: while people look anew at an item that it lists, to correct it.

    `corrections` says of each of its items why; None where nobody does. The words would tell what was found, and may be
    wrong: nobody reads, approves or hands over a letter until the correction is decided.
    """
    return any(reason is not None for reason in corrections)


def hindrance(
    *, needs_another: bool, mailbox_is_current: bool, mailbox_is_verified: bool, addresses_are_exact: bool
) -> str | None:
    """Return the code of what keeps a letter from going that verdicts let go; the first of several. None: it may go.

    A mailbox that nobody has verified may be anybody's: it would be told where the material is.
    """
    wrong = {
        "second_person": needs_another,
        "mailbox": not mailbox_is_current,
        "unverified": not mailbox_is_verified,
        "addresses": not addresses_are_exact,
    }
    return next((code for code, is_wrong in wrong.items() if is_wrong), None)
