"""What a letter to a host says to whom: a registrar, a CDN or a platform has no pages on a network of its own.

Each of these is a value for a place of a letter's text (`letter_texts`); whoever edits the text may do without them.
"""

import textwrap
from datetime import timedelta
from enum import StrEnum

from hotline.rules import clocks
from hotline.vocabulary import Language, LetterKey, Pace, RecipientKind

EN, KM = Language.EN, Language.KM
PLACES = frozenset({"where", "please", "ask", "others"})  # what differs from one recipient to the next
WIDTH = 72  # of a value, beside what it is indented by; Khmer breaks nowhere by itself
_KHMER_DIGITS = str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩")


class Addressed(StrEnum):
    """As what a recipient is written to."""

    HOST = "host"  # the material stands on its network
    PLATFORM = "platform"
    CDN = "cdn"
    REGISTRAR = "registrar"
    UPSTREAM = "upstream"  # connects the network it stands in, or gave that its addresses


_BY_KIND = {
    RecipientKind.PLATFORM: Addressed.PLATFORM,
    RecipientKind.CDN: Addressed.CDN,
    RecipientKind.REGISTRAR: Addressed.REGISTRAR,
}
_WHERE = {
    (EN, Addressed.HOST): "on your network",
    (EN, Addressed.PLATFORM): "on your service",
    (EN, Addressed.CDN): "reached through your service",
    (EN, Addressed.REGISTRAR): "under names registered through you",
    (EN, Addressed.UPSTREAM): "in a network that you connect or gave addresses to",
    (KM, Addressed.HOST): "នៅលើបណ្តាញរបស់លោកអ្នក",
    (KM, Addressed.PLATFORM): "នៅលើសេវារបស់លោកអ្នក",
    (KM, Addressed.CDN): "នៅពីក្រោយសេវារបស់លោកអ្នក",
    (KM, Addressed.REGISTRAR): "នៅក្រោមឈ្មោះដែនដែលបានចុះបញ្ជីតាមរយៈលោកអ្នក",
    (KM, Addressed.UPSTREAM): "នៅក្នុងបណ្តាញដែលលោកអ្នកភ្ជាប់ ឬបានផ្តល់អាសយដ្ឋានឱ្យ",
}
_PLEASE = {
    (EN, Addressed.HOST): "Please remove them, or make them unreachable, now.",
    (EN, Addressed.PLATFORM): "Please remove them, or make them unreachable, now.",
    (EN, Addressed.CDN): "Please tell us who hosts them, and pass this notice on to that host, now.",
    (EN, Addressed.REGISTRAR): "Please have them removed, or take these names out of service, now.",
    (EN, Addressed.UPSTREAM): "Please see to it that they are removed, or made unreachable, now.",
    (KM, Addressed.HOST): "សូមលុបវាចេញ ឬធ្វើឱ្យគេចូលមើលមិនបាន ជាបន្ទាន់។",
    (KM, Addressed.PLATFORM): "សូមលុបវាចេញ ឬធ្វើឱ្យគេចូលមើលមិនបាន ជាបន្ទាន់។",
    (KM, Addressed.CDN): "សូមប្រាប់យើងថាអ្នកណាបង្ហោះវា ហើយបញ្ជូនលិខិតនេះទៅពួកគេ ជាបន្ទាន់។",
    (KM, Addressed.REGISTRAR): "សូមធ្វើឱ្យវាត្រូវបានលុបចេញ ឬផ្អាកឈ្មោះដែនទាំងនេះ ជាបន្ទាន់។",
    (KM, Addressed.UPSTREAM): "សូមជួយឱ្យវាត្រូវបានលុបចេញ ឬធ្វើឱ្យគេចូលមើលមិនបាន ជាបន្ទាន់។",
}
_ASK = {
    (EN, Addressed.HOST): "Remove the material, or block access to it, within {time}.",
    (EN, Addressed.PLATFORM): "Remove the material, or block access to it, within {time}.",
    (EN, Addressed.CDN): (
        "Tell us within {time} who hosts these addresses, and pass this notice on to that host. Stop delivering them "
        "if you can."
    ),
    (EN, Addressed.REGISTRAR): "Have the material removed, or take the names out of service, within {time}.",
    (EN, Addressed.UPSTREAM): "Have the material removed, or block access to it, within {time}.",
    (KM, Addressed.HOST): "លុបសម្ភារៈនេះ ឬបិទការចូលមើល ក្នុងរយៈពេល {time}។",
    (KM, Addressed.PLATFORM): "លុបសម្ភារៈនេះ ឬបិទការចូលមើល ក្នុងរយៈពេល {time}។",
    (KM, Addressed.CDN): ("ប្រាប់យើងក្នុងរយៈពេល {time} ថាអ្នកណាបង្ហោះវា ហើយបញ្ជូនលិខិតនេះទៅពួកគេ។ បើអាច សូមឈប់បញ្ជូនទំព័រទាំងនេះ។"),
    (KM, Addressed.REGISTRAR): "ធ្វើឱ្យសម្ភារៈនេះត្រូវបានលុបចេញ ឬផ្អាកឈ្មោះដែន ក្នុងរយៈពេល {time}។",
    (KM, Addressed.UPSTREAM): "ធ្វើឱ្យសម្ភារៈនេះត្រូវបានលុបចេញ ឬបិទការចូលមើល ក្នុងរយៈពេល {time}។",
}
_TURN_TO = {
    EN: "If they are still there, we may turn to others who can act: {others}.",
    KM: "បើវានៅតែមាន យើងអាចទាក់ទងអ្នកផ្សេងដែលអាចជួយបាន៖ {others}។",
}
_NEARER = {  # who can act too, wherever the addresses are hosted
    (EN, Addressed.HOST): ("whoever connects your network", "the registrar of the name"),
    (EN, Addressed.PLATFORM): ("whoever hosts your service", "the registrar of the name"),
    (EN, Addressed.CDN): ("whoever hosts them", "the registrar of the name"),
    (EN, Addressed.REGISTRAR): ("whoever hosts them",),
    (EN, Addressed.UPSTREAM): ("the registrar of the name",),
    (KM, Addressed.HOST): ("អ្នកដែលភ្ជាប់បណ្តាញរបស់លោកអ្នក", "ក្រុមហ៊ុនចុះបញ្ជីឈ្មោះដែន"),
    (KM, Addressed.PLATFORM): ("អ្នកដែលបង្ហោះសេវារបស់លោកអ្នក", "ក្រុមហ៊ុនចុះបញ្ជីឈ្មោះដែន"),
    (KM, Addressed.CDN): ("អ្នកដែលបង្ហោះវា", "ក្រុមហ៊ុនចុះបញ្ជីឈ្មោះដែន"),
    (KM, Addressed.REGISTRAR): ("អ្នកដែលបង្ហោះវា",),
    (KM, Addressed.UPSTREAM): ("ក្រុមហ៊ុនចុះបញ្ជីឈ្មោះដែន",),
}
_HOTLINE_THERE = {
    EN: "the hotline of the country that hosts them",
    KM: "ហតឡាយនៃប្រទេសដែលបង្ហោះវា",
}
_REMIND = {
    EN: "If we do not know after {time} that they are gone, we remind you once.",
    KM: "បើក្រោយ {time} យើងនៅមិនទាន់ដឹងថាវាបាត់ហើយ យើងនឹងរំលឹកលោកអ្នកម្តង។",
}
_TIMES = {  # of one and of several, by unit; Khmer does not tell them apart
    (EN, Pace.WALL): {
        "days": ("1 day", "{num} days"),
        "hours": ("1 hour", "{num} hours"),
        "minutes": ("1 minute", "{num} minutes"),
    },
    (EN, Pace.WORKING): {
        "days": ("1 working day", "{num} working days"),
        "hours": ("1 working hour", "{num} working hours"),
        "minutes": ("1 minute of working time", "{num} minutes of working time"),
    },
    (KM, Pace.WALL): {
        "days": ("{num} ថ្ងៃ", "{num} ថ្ងៃ"),
        "hours": ("{num} ម៉ោង", "{num} ម៉ោង"),
        "minutes": ("{num} នាទី", "{num} នាទី"),
    },
    (KM, Pace.WORKING): {
        "days": ("{num} ថ្ងៃធ្វើការ", "{num} ថ្ងៃធ្វើការ"),
        "hours": ("{num} ម៉ោងធ្វើការ", "{num} ម៉ោងធ្វើការ"),
        "minutes": ("{num} នាទីនៃម៉ោងធ្វើការ", "{num} នាទីនៃម៉ោងធ្វើការ"),
    },
}


def addressed(kind: RecipientKind, *, is_upstream: bool = False) -> Addressed:
    """Return as what an entry of the directory is written to. `is_upstream`: it connects the network, and hosts none
    of it."""
    return Addressed.UPSTREAM if is_upstream else _BY_KIND.get(kind, Addressed.HOST)


def of(letter: LetterKey) -> tuple[Addressed, ...]:
    """Return to which sorts of recipient a letter may go: who connects a network hears after others, never first."""
    rises = letter in {LetterKey.ESCALATION, LetterKey.SUPPLEMENT}
    return tuple(one for one in Addressed if rises or one is not Addressed.UPSTREAM)


def values(language: Language, to: Addressed, *, time: str, at_home: bool = False) -> dict[str, str]:
    """Return what a letter says to one sort of recipient, by the place it fills. `time` is how long they have.

    `at_home`: all addresses are hosted in our own country, whose hotline is the one that writes.
    """
    return {
        "time": time,
        "where": _WHERE[language, to],
        "please": _PLEASE[language, to],
        "ask": _lines(language, _ASK[language, to].replace("{time}", time)),
        "others": _lines(language, _TURN_TO[language].replace("{others}", _others(language, to, at_home))),
    }


def remind(language: Language, *, time: str) -> str:
    """Return that a reminder follows once a recipient's time is over."""
    return _lines(language, _REMIND[language].replace("{time}", time))


def time(language: Language, length: timedelta, pace: Pace, working_day: timedelta) -> str:
    """Return how long a recipient has, in a letter's language."""
    unit, number = clocks.in_units(length, pace, working_day)
    one, several = _TIMES[language, pace][unit]
    words = (one if number == 1 else several).replace("{num}", str(number))
    return words.translate(_KHMER_DIGITS) if language is KM else words


def _others(language: Language, to: Addressed, at_home: bool) -> str:
    """Say to whom else we may turn: never to the hotline of our own country, which is ourselves."""
    there = [] if at_home else [_HOTLINE_THERE[language]]
    *before, last = [*_NEARER[language, to], *there]
    if language is KM:
        return " ".join((*before, f"ឬ{last}" if before else last))
    return ", ".join((*before, f"or {last}" if before else last))


def _lines(language: Language, words: str) -> str:
    return words if language is KM else "\n".join(textwrap.wrap(words, WIDTH))
