"""What an entry of the directory of services must say, and which services fit a need. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from hotline.rules.entries import MAILBOX
from hotline.vocabulary import Language, Need

LONGEST_NAME, LONGEST_LINE, LONGEST_DOUBT = 160, 300, 1_000
OLDEST_AGE = 99
STALE = timedelta(days=180)  # after that somebody should ask again whether what stands there still holds


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """An entry as typed, checked by `judge`. What there is none of is empty; no province means all of them."""

    name: str
    name_km: str
    needs: tuple[Need, ...]
    provinces: tuple[str, ...]
    age_from: int | None
    age_to: int | None
    takes: str
    capacity: str
    language: Language
    mailbox: str
    phone: str
    place: str
    doubt: str


def judge(
    *, needs: Collection[str], provinces: Collection[str], known: Collection[str], **typed: str
) -> ServiceEntry | tuple[tuple[str, str], ...]:
    """Return the entry, or (field, code) for everything that is wrong with it. `known` are the country's provinces.

    `typed` holds the other fields of `ServiceEntry` as they came.
    """
    lines = {name: " ".join(value.split()) for name, value in typed.items() if name != "doubt"}
    doubt = typed.get("doubt", "").strip()
    ages = {name: lines.get(name, "") for name in ("age_from", "age_to")}
    numbers = {name: int(value) for name, value in ages.items() if value.isascii() and value.isdigit()}
    wrong = {
        ("name", "length"): not 2 <= len(lines.get("name", "")) <= LONGEST_NAME,
        ("name_km", "length"): len(lines.get("name_km", "")) > LONGEST_NAME,
        ("needs", "required"): not needs,
        ("needs", "unknown"): bool(set(needs) - set(Need)),
        ("provinces", "unknown"): bool(set(provinces) - set(known)),
        ("language", "unknown"): lines.get("language") not in set(Language),
        ("mailbox", "form"): bool(lines.get("mailbox")) and not MAILBOX.fullmatch(lines["mailbox"]),
        ("doubt", "too_long"): len(doubt) > LONGEST_DOUBT,
        **{
            (name, "number"): bool(value) and not numbers.get(name, OLDEST_AGE + 1) <= OLDEST_AGE
            for name, value in ages.items()
        },
        ("age_to", "order"): len(numbers) == len(ages) and numbers["age_from"] > numbers["age_to"],
        **{
            (name, "too_long"): len(lines.get(name, "")) > LONGEST_LINE
            for name in ("takes", "capacity", "phone", "place")
        },
    }
    if faults := tuple(fault for fault, is_wrong in wrong.items() if is_wrong):
        return faults
    return ServiceEntry(
        name=lines["name"],
        name_km=lines.get("name_km", ""),
        needs=tuple(one for one in Need if one in set(needs)),
        provinces=tuple(code for code in known if code in set(provinces)),
        age_from=numbers.get("age_from"),
        age_to=numbers.get("age_to"),
        takes=lines.get("takes", ""),
        capacity=lines.get("capacity", ""),
        language=Language(lines["language"]),
        mailbox=lines.get("mailbox", ""),
        phone=lines.get("phone", ""),
        place=lines.get("place", ""),
        doubt=doubt,
    )


def fits(
    *,
    needs: Iterable[Need],
    provinces: Collection[str],
    ages: tuple[int | None, int | None],
    need: Need,
    province: str,
    age: int | None,
) -> bool:
    """Whether a service helps with a need, there, at that age. What nobody knows of the child keeps nothing away."""
    youngest, oldest = ages
    is_there = not provinces or not province or province in provinces
    is_of_age = age is None or ((youngest is None or age >= youngest) and (oldest is None or age <= oldest))
    return need in set(needs) and is_there and is_of_age


def is_stale(verified_on: date | None, today: date) -> bool:
    """Whether somebody has to ask anew whether an entry still holds; also where nobody ever did."""
    return verified_on is None or today - verified_on > STALE
