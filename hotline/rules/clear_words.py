"""Words that stand in clear where the code of practice is kept: short, without a file and without an address. Pure."""

from hotline.rules import addresses, free_text

ADDRESS = "address"


def judge(typed: str, longest: int, *, needed: bool = True) -> tuple[str, str | None]:
    """Return the words as they can be kept, and what is wrong with them: a `free_text.TextFault`, or `address`.

    `longest` is in characters. Empty is no fault where nothing is `needed`.
    """
    words, fault = free_text.judge(typed, longest)
    if fault is free_text.TextFault.MISSING and not needed:
        return "", None
    if fault is None and addresses.read(words).found:
        return words, ADDRESS
    return words, str(fault) if fault else None
