"""Reading the forms of victim cases: words and references only, no file; and what every page about one case opens."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, time
from enum import StrEnum
from typing import Any, TypeVar

from flask import flash, request
from flask_babel import ngettext

from hotline import jurisdiction
from hotline.blueprints import guards
from hotline.blueprints.desk import days, exposure, numbers
from hotline.errors import Refused
from hotline.models.referral import Referral
from hotline.models.victim_case import VictimCase
from hotline.rules.submissions import clean
from hotline.services import case_files, case_people
from hotline.services.referral_sending import Effects
from hotline.vocabulary import Share

R = TypeVar("R")
E = TypeVar("E", bound=StrEnum)


def about_case(one: VictimCase) -> dict[str, Any]:
    """Open what every page about one case shows; the read is on record first."""
    file = case_files.read(one, by=guards.current_staff())
    exposure.looking()
    return {"one": one, "file": file, "contact": case_people.contact(one)}


def words(kind: type[R]) -> R:
    """Return what was typed as one of the records of `rules/victim_files.py`. Raises Refused where a file was sent."""
    refuse_files()
    names = [one.name for one in fields(kind) if one.name != "outside_ids"]  # type: ignore[arg-type]
    return kind(**{name: clean(request.form.get(name, "")).text for name in names})


def refuse_files() -> None:
    """Raise Refused where a file was sent: a case keeps words and references, nothing that could be a picture."""
    if request.files:
        raise Refused(("upload", "words_only"))


def one_of(words: type[E], typed: str) -> E | None:
    """Return the word that was chosen; None for what is none."""
    return next((one for one in words if one == typed), None)


def chosen_shares() -> tuple[Share, ...]:
    """Return what was ticked of what may be told."""
    ticked = request.form.getlist("shares")
    return tuple(one for one in Share if one in ticked)


def choice(kind: type[E], name: str) -> E:
    """Return what was chosen. Raises Refused where nothing was, or something that is none of these."""
    chosen = request.form.get(name, "")
    if chosen not in set(kind):
        raise Refused((name, "required"))
    return kind(chosen)


def version() -> int:
    """Return the version that the form showed; 0, which none has, where it names none."""
    return request.form.get("version", 0, type=numbers.read) or 0


def moment(name: str) -> datetime | None:
    """Return a moment by the time of the country; None where nothing was typed. Raises Refused for what is none."""
    typed = request.form.get(name, "").strip()
    if not typed:
        return None
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=jurisdiction.current().zone)
    except ValueError:
        raise Refused((name, "unknown")) from None


def end_of_day(name: str) -> datetime | None:
    """Return the last moment of a day that was typed; None where none was. Raises Refused for what is no day."""
    day = days.sent(name)
    return datetime.combine(day, time(23, 59, 59), jurisdiction.current().zone) if day else None


def say_what_follows(effects: Effects) -> None:
    """Name the letters that do not leave, and those whose services have to be called, after a case was changed."""
    say_what_stopped(effects.stopped)
    if effects.to_call:
        flash(
            ngettext(
                "The service that has %(refs)s knows the old way to reach them. Call it now and say how it is safe.",
                "The services that have %(refs)s know the old way to reach them. Call them now and say how it is safe.",
                len(effects.to_call),
                refs=", ".join(letter.ref for letter in effects.to_call),
            ),
            "due",
        )


def say_what_stopped(stopped: Sequence[Referral]) -> None:
    """Name the letters that were about to leave and do not."""
    if stopped:
        flash(
            ngettext(
                "Stopped: %(refs)s does not leave.",
                "Stopped: %(refs)s do not leave.",
                len(stopped),
                refs=", ".join(letter.ref for letter in stopped),
            ),
            "due",
        )
