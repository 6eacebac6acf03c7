"""What may come in through the form that asks for help: sizes, characters, pasted files, and each field's faults."""

from dataclasses import dataclass
from enum import StrEnum

from hotline.rules.submissions import MAX_CONTACT, MAX_DETAILS, carries_file, clean, without_files
from hotline.vocabulary import ForWhom

MAX_WHAT = MAX_DETAILS
MAX_SAFE_CONTACT = 300
LIMITS = {"what": MAX_WHAT, "contact": MAX_CONTACT, "safe_contact": MAX_SAFE_CONTACT}

_BLANK = " \t\n\u00a0\u200b\ufeff"  # zero-width spaces tell Khmer words apart, but alone they say nothing


class HelpFaultCode(StrEnum):
    """What is wrong with a field; the page has a sentence for each."""

    FOR_WHOM_UNKNOWN = "for_whom_unknown"
    WHAT_MISSING = "what_missing"
    CONTACT_MISSING = "contact_missing"  # neither a way to reach the person nor the wish not to be reached
    CONTACT_OR_CODE = "contact_or_code"  # both: to guess which was meant could put somebody in danger
    TOO_LONG = "too_long"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class HelpFault:
    """One thing to put right. `count` is how many characters there are, `limit` how many fit, where that is wrong."""

    field: str
    code: HelpFaultCode
    count: int = 0
    limit: int = 0


@dataclass(frozen=True, slots=True)
class JudgedHelp:
    """A form that was read: without faults it can be taken in."""

    faults: tuple[HelpFault, ...]
    for_whom: ForWhom | None
    what: str
    contact: str
    code_only: bool
    safe_contact: str
    replaced: bool
    """Whether unreadable characters were marked somewhere."""


def judge(
    *, for_whom: str = "", what: str = "", contact: str = "", code_only: str = "", safe_contact: str = ""
) -> JudgedHelp:
    """Read every field as it was sent; faults stand in the order of the form. `code_only` is a box: ticked or empty."""
    typed = {"what": clean(what), "contact": clean(contact), "safe_contact": clean(safe_contact)}
    texts = {name: cleaned.text.strip(_BLANK) for name, cleaned in typed.items()}
    ticked, sent = bool(code_only.strip()), for_whom.strip()
    is_known = sent in ForWhom.__members__.values()
    return JudgedHelp(
        faults=(
            *(() if is_known or not sent else (HelpFault("for_whom", HelpFaultCode.FOR_WHOM_UNKNOWN),)),
            *_text_faults("what", texts["what"], needed=True),
            *(_text_faults("contact", texts["contact"]) or _reach_faults(texts["contact"], ticked)),
            *_text_faults("safe_contact", texts["safe_contact"]),
        ),
        for_whom=ForWhom(sent) if is_known else None,
        code_only=ticked,
        replaced=any(cleaned.replaced for cleaned in typed.values()),
        **texts,
    )


def carry_over(*, urls: str, details: str) -> str:
    """Return what a report without an address becomes in a request for help: the words, then the lines of links."""
    parts = (without_files(clean(part).text.strip(_BLANK)) for part in (details, urls))
    return "\n\n".join(part for part in parts if part)


def _text_faults(field: str, text: str, *, needed: bool = False) -> tuple[HelpFault, ...]:
    if carries_file(text):
        return (HelpFault(field, HelpFaultCode.PICTURE),)
    if len(text) > LIMITS[field]:
        return (HelpFault(field, HelpFaultCode.TOO_LONG, len(text), LIMITS[field]),)
    return (HelpFault(field, HelpFaultCode.WHAT_MISSING),) if needed and not text else ()


def _reach_faults(contact: str, code_only: bool) -> tuple[HelpFault, ...]:
    if contact and code_only:
        return (HelpFault("contact", HelpFaultCode.CONTACT_OR_CODE),)
    return () if contact or code_only else (HelpFault("contact", HelpFaultCode.CONTACT_MISSING),)
