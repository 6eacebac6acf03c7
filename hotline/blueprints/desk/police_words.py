"""What pages and papers for the police say."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import format_datetime
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _later

from hotline.blueprints.desk import words
from hotline.models.audit import AuditEntry
from hotline.rules import police
from hotline.services import audit
from hotline.services.police import Shown
from hotline.vocabulary import Category, Delivery, ExchangeMeans, HandedBy, InhopeClass, LawVerdict

READS = {"read"}
SENTENCES = {
    "drafted": _later("%(name)s drafted it"),
    "changed": _later("%(name)s wrote it anew"),
    "approved": _later("%(name)s approved it"),
    "withdrew": _later("%(name)s withdrew it"),
    "printed": _later("%(name)s opened it for paper"),
    "downloaded": _later("%(name)s took its files"),
    "downloaded encrypted": _later("%(name)s took its encrypted file"),
    "handed over": _later("%(name)s handed it over"),
    "noted late": _later("What it rests on had changed by then, noted by %(name)s"),
    "acknowledged": _later("The unit has it, says %(name)s"),
    "noted feedback": _later("%(name)s noted what the unit said of the children"),
    "closed": _later("Closed by %(name)s"),
}


class Line(NamedTuple):
    """One line of what happened to a report."""

    at: datetime
    text: str


def shown(one: Shown) -> str:
    """Name a list of police reports."""
    return {
        Shown.DRAFTS: _("Drafts and approved"),
        Shown.WAITING: _("Waiting for an answer"),
        Shown.LATE: _("Answer is late"),
        Shown.GOING_ON: _("With the police"),
        Shown.CLOSED: _("Closed or withdrawn"),
    }[one]


def tell(entries: Iterable[AuditEntry], names: Mapping[str, str]) -> list[Line]:
    """Return what happened to a report, newest first; reading it is recorded, but not told here."""
    return [_line(entry, names) for entry in list(entries)[::-1] if entry.action not in READS]


def of_paper() -> dict[str, Any]:
    """Return how the paper says the codes and moments of a package."""
    return {
        "when": lambda at: format_datetime(datetime.fromisoformat(at), "d MMM y, HH:mm ZZZZ"),
        "category": lambda code: words.of(Category(code)),
        "classification": lambda code: words.of(InhopeClass(code)),
        "law_verdict": lambda code: words.of(LawVerdict(code)),
        "how_told": how_told,
    }


def how_told(code: str) -> str:
    """Say how somebody else was told of an address."""
    return next((words.of(kind(code)) for kind in (Delivery, ExchangeMeans, HandedBy) if code in set(kind)), code)


def say(field: str, code: str) -> str:
    """Return what to do about a fault of a form."""
    return {
        ("item", "unknown"): _("Write the reference of one item, such as I-234567."),
        ("items", "required"): _("Write the reference of at least one item, such as I-234567."),
        ("items", "unknown"): _("One of these is no item. Write references such as I-234567."),
        ("items", "too_many"): _("At most %(num)s items fit into one report.", num=police.MOST_ITEMS),
        ("items", "gate"): _("Two people have not agreed on one of these, or nothing lets it go to the police."),
        ("unit", "required"): _("Choose a unit of the police."),
        ("reason", "required"): _("Choose why it is held."),
        ("reference", "too_long"): _("At most %(num)s characters fit.", num=police.MOST_REFERENCE),
        ("review_on", "range"): _(
            "Choose a day after today, at most %(num)s days ahead.", num=police.LONGEST_HOLD.days
        ),
        ("words", "length"): _("Write why it may end, in at most %(num)s characters.", num=police.MOST_WORDS),
        ("release", "same_person"): _("You have agreed already. Another person has to agree too."),
        ("added", "too_long"): _("At most %(num)s characters fit.", num=police.MOST_ADDED),
        ("named", "too_long"): _("At most %(num)s characters fit.", num=police.MOST_NAMED),
        ("handed_by", "required"): _("Choose how it was handed over."),
        ("handed_by", "no_key"): _("The directory has no key of this unit, so nothing can be encrypted to it."),
        ("handed_to", "required"): _("Write who took it: the name or the post."),
        ("handed_to", "too_long"): _("At most %(num)s characters fit.", num=police.MOST_TO),
        ("though", "fallen"): _("Tick this only if it was handed over all the same."),
        ("at", "unknown"): _("Write a day and a time, or leave it empty for now."),
        ("at", "future"): _("That lies ahead. Note it once it has happened."),
        ("at", "early"): _("That was before it was approved."),
        ("case_number", "too_long"): _("At most %(num)s characters fit.", num=police.MOST_CASE),
        ("identified", "number"): _("Write how many, as a whole number; 0 for none."),
        ("safeguarded", "number"): _("Write how many, as a whole number; 0 for none."),
        ("note", "too_long"): _("At most %(num)s characters fit.", num=police.MOST_FEEDBACK),
        ("download", "no_key"): _("The directory has no key of this unit, so nothing can be encrypted to it."),
        ("download", "bad_key"): _("Nothing can be encrypted to this unit's key. Ask it for a new one."),
        ("approve", "second_person"): _("You wrote it last, so another reviewer approves it."),
    }.get((field, code)) or hindrance(code)


def hindrance(code: str) -> str:
    """Say what keeps a report here."""
    return {
        "letter": _("The report does not open with the keys on this computer. Tell the admin."),
        "unit": _("The unit's entry in the directory is switched off, or is no unit of the police any more."),
        "superseded": _("People look anew at one of its items, or decided otherwise. Withdraw it and draft it anew."),
        "danger": _("Whether a child is in danger has changed since it was written. Write it anew."),
        "withdrawn": _(
            "The verdict on one of its items was withdrawn. Withdraw it, and draft it anew without that one."
        ),
        "names_us": _(
            "It holds a name, mailbox or number of one of us that was not known when it was approved. Withdraw it and "
            "draft it anew: another reviewer reads it then."
        ),
    }[code]


def means(one: HandedBy) -> str:
    """Say how to hand a report over in this way."""
    return {
        HandedBy.ENCRYPTED_MAIL: _("Mail the encrypted file."),
        HandedBy.IN_PERSON: _("On paper, or on a medium that you take along."),
        HandedBy.PORTAL: _("Through the unit's own portal."),
    }[one]


def _line(entry: AuditEntry, names: Mapping[str, str]) -> Line:
    name = _("the portal") if entry.actor == audit.SYSTEM else names.get(entry.actor, entry.actor)
    sentence = SENTENCES.get(entry.action)
    text = str(sentence) % {"name": name} if sentence else f"{name}: {entry.action}"
    if how := json.loads(entry.details or "{}").get("means"):
        text = f"{text}: {words.of(HandedBy(how))}"
    return Line(entry.at, text)
