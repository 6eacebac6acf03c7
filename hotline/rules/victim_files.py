"""What a victim's file holds: the child, the people around, notes; how each is written, read and judged. Pure.

Everything here is sealed to victim support before it is stored. Days are ISO text (`2011-05-30`), empty where unknown.
Where somebody typed words nothing is required but what work cannot begin without: a first call is often a first name.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import Any

from hotline.vocabulary import AgeBand, Share

MOST_WORDS, MOST_LINE = 8_000, 300
OLDEST = 120  # years
SAFE = frozenset({"safe_when", "safe_number", "safe_answer", "safe_never"})  # how it is safe to reach somebody
LONG = frozenset({"story", "safe_when", "safe_never", "safety_plan", "notes", "said", "people", "decisions"})


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What is known of one victim, and how they can be reached safely. Empty where nobody knows."""

    code_name: str = ""  # what the team says aloud, such as “Lotus”; never the child's own
    name: str = ""
    other_names: str = ""  # as written elsewhere, nicknames; with commas
    sex: str = ""  # `female`, `male`, `other`
    born_on: str = ""  # ISO day
    age: str = ""  # in years, where the day of birth is not known
    nationality: str = ""
    languages: str = ""
    province: str = ""  # code of the jurisdiction's file
    place: str = ""  # where the child lives or stays
    school: str = ""
    documents: str = ""
    disability: str = ""
    story: str = ""  # how it came to us and what happened, in the child's words where they are told
    safe_when: str = ""  # when somebody may call or write
    safe_number: str = ""  # which number or account
    safe_answer: str = ""  # who may answer
    safe_never: str = ""  # what must never be done; nothing is ever left on voicemail, whatever stands here
    safety_plan: str = ""
    outside_ids: Mapping[str, str] = field(default_factory=dict)  # by system: `primero`, `oscar`

    @property
    def has_safe_contact(self) -> bool:
        """Whether anybody has said when, by which number and with whom it is safe."""
        return bool(self.safe_when or self.safe_number or self.safe_answer)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a case."""

    name: str = ""
    relation: str = ""
    phone: str = ""
    place: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What was written down. `people` and `decisions` are a conference's: who met, what was agreed."""

    said: str = ""
    people: str = ""
    decisions: str = ""


def written(record: Any) -> str:
    """Return one of these records as the JSON that is sealed."""
    return json.dumps(asdict(record), ensure_ascii=False)


def read_file(text: str) -> CaseFile:
    """Read a file that `written` wrote, also an older one that had fewer fields."""
    return CaseFile(**_known(CaseFile, text))


def read_person(text: str) -> Person:
    """Read a person that `written` wrote."""
    return Person(**_known(Person, text))


def read_note(text: str) -> Note:
    """Read a note that `written` wrote."""
    return Note(**_known(Note, text))


def tidy(record: Any) -> Any:
    """Return a record without blanks around what was typed."""
    typed = {one.name: getattr(record, one.name) for one in fields(record)}
    return replace(record, **{name: value.strip() for name, value in typed.items() if isinstance(value, str)})


def file_faults(file: CaseFile, *, provinces: Iterable[str], today: date) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for everything that is wrong with a file somebody wants to keep."""
    born, told = born_on(file), _told_age(file)
    wrong = {
        ("code_name", "required"): not file.code_name,
        ("sex", "unknown"): file.sex not in {"", "female", "male", "other"},
        ("province", "unknown"): bool(file.province) and file.province not in set(provinces),
        ("born_on", "unknown"): bool(file.born_on) and (born is None or not 0 <= years(born, today) <= OLDEST),
        ("age", "number"): bool(file.age) and (told is None or told > OLDEST),
    }
    return (*(fault for fault, is_wrong in wrong.items() if is_wrong), *too_long(file))


def too_long(record: Any) -> tuple[tuple[str, str], ...]:
    """Return (field, `too_long`) for each field with more characters than fit."""
    typed = {one.name: getattr(record, one.name) for one in fields(record)}
    return tuple(
        (name, "too_long")
        for name, value in typed.items()
        if isinstance(value, str) and len(value) > (MOST_WORDS if name in LONG else MOST_LINE)
    )


def born_on(file: CaseFile) -> date | None:
    """Return the day of birth, or None where it is not known or no day."""
    try:
        return date.fromisoformat(file.born_on)
    except ValueError:
        return None


def age(file: CaseFile, today: date) -> int | None:
    """Return how old the victim is in years, from the day of birth or else as told; None where nobody knows."""
    if (born := born_on(file)) is not None:
        return years(born, today)
    return _told_age(file)


def years(since: date, today: date) -> int:
    """Return how many whole years lie between two days; below nothing where the first lies ahead."""
    return today.year - since.year - ((today.month, today.day) < (since.month, since.day))


def age_band(file: CaseFile, today: date) -> AgeBand:
    """Return how old the victim is, as coarse as statistics need it."""
    found = age(file, today)
    if found is None:
        return AgeBand.UNKNOWN
    upper = ((6, AgeBand.UNDER_6), (12, AgeBand.FROM_6), (15, AgeBand.FROM_12), (18, AgeBand.FROM_15))
    return next((band for limit, band in upper if found < limit), AgeBand.ADULT)


def shared(file: CaseFile, shares: Iterable[Share], today: date) -> dict[str, str]:
    """Return by field of the file what may be told where only `shares` may be; what is empty is left out.

    With a way to reach somebody go the rules for safe contact, always.
    """
    told = {
        Share.NAME: ("name", "other_names"),
        Share.AGE: ("age",),
        Share.SEX: ("sex",),
        Share.PLACE: ("province", "place"),
        Share.CONTACT: ("safe_when", "safe_number", "safe_answer", "safe_never"),
        Share.STORY: ("story",),
        Share.HEALTH: ("disability",),
        Share.FAMILY: (),
        Share.NEED: ("languages",),
    }
    wanted = [name for one in Share if one in set(shares) for name in told[one]]
    known = age(file, today)
    values = {name: getattr(file, name) for name in wanted} | (
        {"age": str(known)} if "age" in wanted and known is not None else {}
    )
    return {name: value for name, value in values.items() if value}


def _told_age(file: CaseFile) -> int | None:
    """Return the age that was told, in years; None for what is none: its length comes first, a long one is not read."""
    is_one = len(file.age) <= len(str(OLDEST)) and file.age.isascii() and file.age.isdigit()
    return int(file.age) if is_one else None


def _known(kind: type, text: str) -> dict[str, Any]:
    names = {one.name for one in fields(kind)}
    return {name: value for name, value in json.loads(text).items() if name in names}
