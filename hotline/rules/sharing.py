"""What another app shares with the report form: the addresses in it, and the words around them."""

from dataclasses import dataclass

from hotline.rules import addresses
from hotline.rules.submissions import carries_file, clean


@dataclass(frozen=True, slots=True)
class Shared:
    """How a shared link fills the report form: addresses one on each line, and everything else that was shared."""

    urls: str
    details: str


def split(*, title: str = "", text: str = "", url: str = "") -> Shared:
    """Tell addresses from words in what was shared, each once. A file pasted into it is left out altogether.

    Apps put the address into any of the three, many into `text`, with their own words around it.
    """
    parts = [clean(part).text for part in (url, text, title) if not carries_file(part)]
    reading = addresses.read("\n".join(parts))
    words = dict.fromkeys(leftover.text for leftover in reading.leftovers)
    return Shared(urls="\n".join(address.raw for address in reading.found), details="\n".join(words))
