"""Incidents: whom each kind has to be told to, what may be written, and when one may be closed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from hotline.rules import addresses, free_text
from hotline.rules.clocks import SLOW_CLOCK
from hotline.vocabulary import Duty, IncidentEntryKind, IncidentKind, Language, OfficialPart, Pulse

MUST_BE_TOLD: Mapping[IncidentKind, tuple[OfficialPart, ...]] = {  # as the code of practice names them
    IncidentKind.BREACH: (OfficialPart.DPO,),
    IncidentKind.LOGIN: (OfficialPart.DPO,),
    IncidentKind.IRREGULARITY: (OfficialPart.DPO,),
    IncidentKind.INTERRUPTION: (OfficialPart.SECRETARIAT,),
    IncidentKind.OTHER: (),
}
DUTIES: Mapping[OfficialPart, Duty] = {
    OfficialPart.DPO: Duty.TELL_DPO,
    OfficialPart.SECRETARIAT: Duty.TELL_SECRETARIAT,
}
TYPED = (  # what people write into the timeline; the rest the portal writes by itself
    IncidentEntryKind.NOTE,
    IncidentEntryKind.CONTAINMENT,
    IncidentEntryKind.CAUSE,
    IncidentEntryKind.LESSON,
)
LONGEST = 4_000  # characters of what happened, and of a line in the timeline
LONGEST_ACTION = 400
LONGEST_LINE = 120  # of whom somebody spoke with
LONGEST_SUBJECT, LONGEST_LETTER = 200, 8_000
LATE_AFTER = timedelta(hours=1)  # an incident that is written down later than this after it was noticed says so
OLDEST = timedelta(days=366)  # what was noticed earlier is no incident to be told now
MOST_DAYS = 366  # until an action has to be done

KIND_NAMES: Mapping[Language, Mapping[IncidentKind, str]] = {  # as a letter says them
    Language.EN: {
        IncidentKind.BREACH: "a breach of data security is suspected",
        IncidentKind.LOGIN: "login data for ICCAM is lost, stolen, or known to others",
        IncidentKind.IRREGULARITY: "an irregularity in processing URLs within ICCAM",
        IncidentKind.INTERRUPTION: "a serious interruption of operations",
        IncidentKind.OTHER: "another incident",
    },
    Language.KM: {
        IncidentKind.BREACH: "សង្ស័យថាមានការបំពានសុវត្ថិភាពទិន្នន័យ",
        IncidentKind.LOGIN: "ព័ត៌មានចូល ICCAM បាត់ ត្រូវគេលួច ឬអ្នកដទៃដឹង",
        IncidentKind.IRREGULARITY: "ភាពមិនប្រក្រតីក្នុងការចាត់ការ URL ក្នុង ICCAM",
        IncidentKind.INTERRUPTION: "ប្រតិបត្តិការត្រូវរំខានធ្ងន់ធ្ងរ",
        IncidentKind.OTHER: "ឧប្បត្តិហេតុផ្សេងទៀត",
    },
}
TO_WHOM: Mapping[Language, Mapping[OfficialPart, str]] = {
    Language.EN: {
        OfficialPart.DPO: "You get it as the data protection officer.",
        OfficialPart.SECRETARIAT: "You get it as the INHOPE secretariat.",
    },
    Language.KM: {
        OfficialPart.DPO: "យើងផ្ញើជូនលោកអ្នកក្នុងនាមជាមន្ត្រីការពារទិន្នន័យ។",
        OfficialPart.SECRETARIAT: "យើងផ្ញើជូនក្នុងនាមជាលេខាធិការដ្ឋាន INHOPE។",
    },
}
STOPPED: Mapping[Language, Mapping[Pulse, str]] = {
    Language.EN: {
        Pulse.INTAKE: "Reports of the public were not moved on.",
        Pulse.DELIVERY: "What had to leave was not handed out.",
    },
    Language.KM: {
        Pulse.INTAKE: "របាយការណ៍ពីសាធារណជនមិនបានបញ្ជូនបន្តទេ។",
        Pulse.DELIVERY: "អ្វីដែលត្រូវផ្ញើចេញ មិនបានផ្ញើទេ។",
    },
}
NOTHING_YET: Mapping[Language, str] = {
    Language.EN: "Nothing is noted yet.",
    Language.KM: "មិនទាន់មានអ្វីត្រូវបានកត់ត្រានៅឡើយទេ។",
}

Faults = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether an incident may be closed."""

    is_contained: bool
    untold: tuple[OfficialPart, ...]
    entries: Collection[IncidentEntryKind]
    is_writing: bool = False  # a letter about it is on its way


def judge_words(field: str, typed: str, longest: int) -> tuple[str, Faults]:
    """Return a text as it can be kept, and what is wrong with it: nothing here may hold an address."""
    text, fault = free_text.judge(typed, longest)
    if fault is not None:
        return text, ((field, str(fault)),)
    return text, ((field, "address"),) if holds_address(text) else ()


def holds_address(text: str) -> bool:
    """Whether a web address stands in a text, however it is written."""
    return bool(addresses.read(text).found)


def moment_faults(field: str, at: datetime | None, *, now: datetime, since: datetime | None = None) -> Faults:
    """Return what is wrong with when something was: it lies ahead, before `since`, or too far back."""
    if at is None:
        return ((field, "required"),)
    wrong = {
        "ahead": at > now + SLOW_CLOCK,
        "early": since is not None and at < since,
        "too_old": at < now - OLDEST,
    }
    return tuple((field, code) for code, applies in wrong.items() if applies)[:1]


def is_late(noticed_at: datetime, recorded_at: datetime) -> bool:
    """Whether an incident was recorded long after it was noticed."""
    return recorded_at - noticed_at > LATE_AFTER


def close_faults(standing: Standing) -> Faults:
    """Return (`close`, code) for what is missing before an incident may be closed."""
    wrong = {
        "contained": not standing.is_contained,
        "untold": bool(standing.untold),
        "queued": standing.is_writing,
        "lesson": IncidentEntryKind.LESSON not in standing.entries,
    }
    return tuple(("close", code) for code, applies in wrong.items() if applies)[:1]


def has_stopped(beat_at: datetime, now: datetime, limit: timedelta) -> bool:
    """Whether the last round that went through is longer ago than `limit`. A clock that was set back is no stop."""
    return now - beat_at > limit
