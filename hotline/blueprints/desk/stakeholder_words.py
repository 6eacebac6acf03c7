"""What the pages of stakeholders and agreements say: faults, names in the reader's language, and choices."""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any

from flask_babel import gettext as _

from hotline import i18n
from hotline.blueprints.desk import words
from hotline.models.stakeholder import Organisation
from hotline.rules.stakeholders import LONGEST_LINE, LONGEST_NAME, LONGEST_TEXT
from hotline.services import stakeholders
from hotline.vocabulary import Sector

LONGEST = {"notes": LONGEST_TEXT, "name_km": LONGEST_NAME, "title": LONGEST_NAME}


def say(field: str, code: str) -> str:
    """Say what is wrong with a field of an organisation, a person or an agreement."""
    return {
        "length": _("Write a name: 2 to %(num)s characters.", num=LONGEST_NAME),
        "taken": _("An organisation of this name stands here already."),
        "required": _required(field),
        "unknown": _("Choose from the list."),
        "form": _("Write one e-mail address, such as name@ministry.example, or leave it empty."),
        "too_long": _("That is too long: at most %(num)s characters fit.", num=LONGEST.get(field, LONGEST_LINE)),
        "picture": no_picture(),
        "address": no_address(),
        "ahead": _("That day has not come yet."),
        "order": _("That day is not after the day it was signed."),
        "past": _("Choose a day that lies ahead."),
    }[code]


def no_address() -> str:
    """Say that no address of a page may stand in a field."""
    return _("A web address stands in it. Take it out: addresses, and names of children, never stand here.")


def no_picture() -> str:
    """Say that no file may stand in a field."""
    return _("Something in it looks like a file. Write words only.")


def name(organisation: Organisation) -> str:
    """Return an organisation's name in the reader's language, where it has one."""
    return stakeholders.name_of(organisation, i18n.chosen())


def names(organisations: Iterable[Organisation]) -> str:
    """Return the names of several organisations."""
    return ", ".join(name(one) for one in organisations)


def by_sector(organisations: Iterable[Organisation]) -> list[tuple[Sector, list[Organisation]]]:
    """Return organisations under their sectors; no sector without any."""
    those = list(organisations)
    groups = [(sector, [one for one in those if one.sector is sector]) for sector in Sector]
    return [(sector, found) for sector, found in groups if found]


def choices(those: Iterable[Enum]) -> list[tuple[str, str]]:
    """Return words of the domain for a choice: what is sent, and what is read."""
    return [(str(one.value), words.of(one)) for one in those]


def people(those: Sequence[Any]) -> list[tuple[str, str]]:
    """Return members of staff for a choice: their numbers, and their names."""
    return [(one.number, one.name) for one in those]


def _required(field: str) -> str:
    return {
        "sector": _("Choose the sector."),
        "kind": _("Choose what sort of organisation it is."),
        "contact_by": _("Say how they agreed that we may contact them."),
        "contact_since": _("Say since which day they agree."),
        "paper": _("Write where the signed paper lies."),
        "parties": _("Choose at least one organisation."),
        "signed_on": _("Say on which day it was signed."),
        "owner": _("Choose who answers for it."),
        "why": _("Write why."),
    }.get(field, _("Write something first."))
