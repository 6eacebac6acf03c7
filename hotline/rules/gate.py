"""The gate: what may leave, to whom, once two people agree. The database holds the same table as a check."""

from hotline.vocabulary import Channel, InhopeClass, LawVerdict

INTERNATIONAL = {InhopeClass.BASELINE, InhopeClass.NATIONAL}
LETTERS = {
    (Channel.HOST, True): "notice_host",
    (Channel.HOST, False): "notice_host_no_law",  # baseline, but not illegal in this country: no line about its law
}


def needs_two(inhope_class: InhopeClass, law: LawVerdict) -> bool:
    """Whether a first look with this result always goes to a second person."""
    return inhope_class in INTERNATIONAL or law is not LawVerdict.NOT_ILLEGAL


def channels(inhope_class: InhopeClass, law: LawVerdict) -> tuple[Channel, ...]:
    """Return the channels that a verdict opens."""
    illegal_here = law is LawVerdict.ILLEGAL
    opened = {
        Channel.HOST: illegal_here or inhope_class is InhopeClass.BASELINE,
        Channel.PARTNER: inhope_class in INTERNATIONAL,
        Channel.POLICE: illegal_here or inhope_class in INTERNATIONAL,
    }
    return tuple(channel for channel, is_open in opened.items() if is_open)


def letter(channel: Channel, law: LawVerdict) -> str | None:
    """Return the name of the letter template for a channel, or None where no letter goes that way."""
    return LETTERS.get((channel, law is LawVerdict.ILLEGAL))
