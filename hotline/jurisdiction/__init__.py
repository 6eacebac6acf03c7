"""One country's facts, read from a file: law, helplines, names. Nothing here is code, so that a hotline can edit it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any, cast
from zoneinfo import ZoneInfo

import holidays
from flask import current_app
from holidays.registry import COUNTRIES

from hotline import clock
from hotline.errors import SettingsError

FOLDER = Path(__file__).parent
VISITORS_KEPT_DAYS, MOST_KEPT_DAYS = 365, 3650
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Helpline:
    """A telephone number and whose it is. Names and notes are by language."""

    number: str
    tel: str
    names: Mapping[str, str]
    notes: Mapping[str, str]

    @property
    def tel_href(self) -> str:
        """What a phone dials."""
        return f"tel:{self.tel}"

    @property
    def international(self) -> str:
        """How it is written for people in other countries, in groups: `+855 92 311 511`."""
        national = self.number.removeprefix("0")
        digits = national.replace(" ", "")
        return f"{self.tel.removesuffix(digits)} {national}" if self.tel.startswith("+") else self.tel

    def name(self, lang: str) -> str:
        """Whose number it is."""
        return self.names[lang]

    def note(self, lang: str) -> str:
        """What to know before calling; may be empty."""
        return self.notes.get(lang, "")


@dataclass(frozen=True, slots=True)
class Contact:
    """Ways to write to the hotline. What nobody has confirmed is left out of the pack, and the pages say so.

    `post` is a postal address by language; empty when there is none.
    """

    email: str | None
    post: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Office:
    """When the office works: weekdays (Monday is 0), hours of the country's own time, and its public holidays.

    `also_free` and `not_free` correct the holidays that the package `holidays` knows of `country`.
    """

    country: str
    days: frozenset[int]
    opens: time
    closes: time
    also_free: frozenset[date]
    not_free: frozenset[date]

    def is_holiday(self, day: date) -> bool:
        """Whether a day of the country's own calendar is a public holiday."""
        return day in self.also_free or (day in _holidays(self.country, day.year) and day not in self.not_free)

    def lists_holidays(self, year: int) -> bool:
        """Whether any public holiday of a year is known. Where none is, every working day of that year counts."""
        return bool(_holidays(self.country, year)) or any(day.year == year for day in self.also_free)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When nobody is reminded, by the country's own time: from an hour of the evening to one of the morning, and on
    some days of the week (Monday is 0)."""

    begins: time
    ends: time
    days: frozenset[int]


@dataclass(frozen=True, slots=True)
class Article:
    """What is known of one article of the law, by language: its place, its content, what is not settled about it."""

    places: Mapping[str, str]
    contents: Mapping[str, str]
    doubts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody a new directory begins with. `doubts` say, by language, what nobody has confirmed about them."""

    key: str
    name: str
    kind: str
    delivery: str
    country: str
    language: str
    iccam_hotline: int | None
    marks: tuple[tuple[str, str], ...]
    doubts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Helper:
    """A service that a new directory for children and families begins with. Names and `doubts` are by language."""

    key: str
    names: Mapping[str, str]
    needs: tuple[str, ...]
    phone: str
    doubts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """What the portal knows of one country. Texts are by language; `since` is the year the hotline began."""

    country: str
    country_names: Mapping[str, str]
    zone: ZoneInfo
    office: Office
    quiet: QuietHours | None  # None where the pack names none
    visitors_kept: timedelta  # names of visitors in the register of the secure room, and why they came
    organisation: str
    since: int
    contact: Contact
    brands: Mapping[str, str]
    hotline_phone: Helpline
    helplines: tuple[Helpline, ...]
    law_version: str
    law_titles: Mapping[str, str]
    law_notes: Mapping[str, str]
    articles: tuple[Article, ...]
    directory: tuple[Listed, ...]  # empty where the pack has no such file
    provinces: Mapping[str, Mapping[str, str]]  # names by code (ISO 3166-2), in the order of their English names
    helpers: tuple[Helper, ...]
    criteria: Mapping[str, Mapping[str, str]]  # the first version of what assessors judge by, by text and language
    questions: Mapping[str, tuple[Mapping[str, str], ...]]  # the first ones of a needs assessment, by domain
    question_notes: Mapping[str, str]  # what nobody has confirmed about them

    def brand(self, lang: str) -> str:
        """Name of the hotline."""
        return self.brands[lang]

    def country_name(self, lang: str) -> str:
        """Name of the country."""
        return self.country_names[lang]

    def law_title(self, lang: str) -> str:
        """Name of the law and article that the national test follows."""
        return self.law_titles[lang]

    def law_note(self, lang: str) -> str:
        """What is not settled about that test."""
        return self.law_notes[lang]


@cache
def load(name: str) -> Jurisdiction:
    """Read the pack `name`. Raises SettingsError when there is none or a fact is missing."""
    path = FOLDER / f"{name}.toml"
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
        return Jurisdiction(
            country=facts["country"],
            country_names=facts["country_name"],
            zone=ZoneInfo(facts["time_zone"]),
            office=_office(facts["country"], facts["office"]),
            quiet=_quiet(facts["quiet"]) if "quiet" in facts else None,
            visitors_kept=_visitors_kept(facts.get("room", {})),
            organisation=facts["organisation"],
            since=facts["since"],
            contact=_contact(facts.get("contact", {})),
            brands=facts["brand"],
            hotline_phone=_helpline(facts["hotline_phone"]),
            helplines=tuple(_helpline(line) for line in facts["helplines"]),
            law_version=facts["law"]["version"],
            law_titles=facts["law"]["title"],
            law_notes=facts["law"]["note"],
            articles=tuple(_article(one) for one in facts["law"]["articles"]),
            directory=_directory(name),
            provinces={one["code"]: one["name"] for one in _services(name)["provinces"]},
            helpers=tuple(_helper(one) for one in _services(name)["services"]),
            criteria=tomllib.loads((FOLDER / f"{name}_criteria.toml").read_text(encoding="utf-8")),
            **_questions(name),
        )
    except FileNotFoundError as exc:
        raise SettingsError(f"HOTLINE_JURISDICTION: there is no pack named {name!r}.") from exc
    except KeyError as exc:
        raise SettingsError(f"HOTLINE_JURISDICTION: the pack {name!r} lacks {exc}.") from exc


def current() -> Jurisdiction:
    """Return the running app's jurisdiction."""
    found = current_app.extensions["hotline.jurisdiction"]
    assert isinstance(found, Jurisdiction)
    return found


def today() -> date:
    """Return the day by the calendar of the country."""
    return clock.now().astimezone(current().zone).date()


def years_without_holidays() -> list[int]:
    """Return which of this year and the next has no list of public holidays: limits in working time run short there."""
    year = today().year
    return [one for one in (year, year + 1) if not current().office.lists_holidays(one)]


def _contact(facts: Mapping[str, Any]) -> Contact:
    return Contact(facts.get("email"), facts.get("post", {}))


def _helpline(facts: Mapping[str, Any]) -> Helpline:
    return Helpline(facts["number"], facts["tel"], facts["name"], facts.get("note", {}))


def _directory(name: str) -> tuple[Listed, ...]:
    path = FOLDER / f"{name}_directory.toml"
    facts = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {"recipients": []}
    return tuple(
        Listed(
            key=one["key"],
            name=one["name"],
            kind=one["kind"],
            delivery=one["delivery"],
            country=one.get("country", ""),
            language=one.get("language", "en"),
            iccam_hotline=one.get("iccam_hotline"),
            marks=tuple((mark, value) for mark, value in one.get("marks", ())),
            doubts=one["doubt"],
        )
        for one in facts["recipients"]
    )


def _services(name: str) -> Mapping[str, Any]:
    """Return the pack's file of provinces and services; nothing of either where it has none."""
    path = FOLDER / f"{name}_services.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {"provinces": (), "services": ()}


def _helper(facts: Mapping[str, Any]) -> Helper:
    return Helper(facts["key"], facts["name"], tuple(facts["needs"]), facts.get("phone", ""), facts["doubt"])


def _questions(name: str) -> dict[str, Any]:
    facts = tomllib.loads((FOLDER / f"{name}_needs.toml").read_text(encoding="utf-8"))
    return {
        "questions": {need: tuple(asked) for need, asked in facts["questions"].items()},
        "question_notes": facts["note"],
    }


def _office(country: str, facts: Mapping[str, Any]) -> Office:
    days = frozenset(WEEK.index(day) for day in facts["days"] if day in WEEK)
    opens, closes = facts["opens"], facts["closes"]
    if len(days) != len(facts["days"]) or not days or not opens < closes:
        raise SettingsError("HOTLINE_JURISDICTION: the pack's [office] names no working day, or no hours of it.")
    free = (frozenset(facts.get(name, ())) for name in ("also_free", "not_free"))
    return Office(country, days, opens, closes, *free)


def _quiet(facts: Mapping[str, Any]) -> QuietHours:
    days = frozenset(WEEK.index(day) for day in facts["days"] if day in WEEK)
    begins, ends = facts["begins"], facts["ends"]
    are_times = isinstance(begins, time) and isinstance(ends, time)
    if len(days) != len(facts["days"]) or len(days) == len(WEEK) or not are_times:
        raise SettingsError("HOTLINE_JURISDICTION: the pack's [quiet] names no hours, no days of the week, or all.")
    return QuietHours(begins, ends, days)


def _visitors_kept(facts: Mapping[str, Any]) -> timedelta:
    found = facts.get("visitors_kept_days", VISITORS_KEPT_DAYS)
    if type(found) is not int or not 0 < found <= MOST_KEPT_DAYS:
        raise SettingsError(
            f"HOTLINE_JURISDICTION: the pack's [room] visitors_kept_days is no number of 1 to {MOST_KEPT_DAYS} days."
        )
    return timedelta(days=found)


@cache
def _holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(_calendar(country)(years=year))


def _calendar(country: str) -> type[holidays.HolidayBase]:
    """Return how the package `holidays` reckons those of one country, and load no other.

    Asked in its own way, it loads 250 countries: 8 MB in each process that reckons with working days.
    """
    found = next((one for one in COUNTRIES.items() if country in one[1]), None)
    if found is None:
        raise SettingsError(f"HOTLINE_JURISDICTION: the package holidays knows no country {country}.")
    module, (name, *_) = found
    place = Path(holidays.__file__).parent / "countries" / f"{module}.py"
    loaded = ModuleType(f"holidays.countries.{module}")
    SourceFileLoader(loaded.__name__, str(place)).exec_module(loaded)
    return cast(type[holidays.HolidayBase], getattr(loaded, name))


def _article(facts: Mapping[str, Any]) -> Article:
    return Article(facts["place"], facts["content"], facts["doubt"])
