"""What pages and papers say of what the police are told of a victim."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _later

from hotline import i18n, jurisdiction
from hotline.blueprints.desk import consent_words, victim_case_words, words
from hotline.blueprints.desk.victim_case_words import pair
from hotline.models.audit import AuditEntry
from hotline.rules import identifications as rules
from hotline.rules.identifications import Named, Package
from hotline.rules.police import LONGEST_HOLD
from hotline.services import audit, identifications, police_have_it
from hotline.services.identifications import Shown
from hotline.vocabulary import Although, Found, HandedBy, Language

READS = {"read"}
SENTENCES = {
    identifications.DRAFTED: _later("%(name)s drafted it"),
    identifications.CHANGED: _later("%(name)s wrote it anew"),
    identifications.WITHDREW: _later("%(name)s withdrew it"),
    identifications.PRINTED: _later("%(name)s opened it for paper"),
    identifications.TOOK_FILE: _later("%(name)s took its encrypted file"),
    identifications.HANDED_OVER: _later("%(name)s handed it over"),
    police_have_it.SEEN_TO: _later("%(name)s noted who was told of it"),
    identifications.ACKNOWLEDGED: _later("The unit has it, says %(name)s"),
    identifications.ASKED_TO_WAIT: _later("The police ask to wait, noted by %(name)s"),
    identifications.WAIT_ENDED: _later("The wait is over, noted by %(name)s"),
    identifications.FOUND: _later("%(name)s noted what the police found out"),
    identifications.CLOSED: _later("Closed by %(name)s"),
}
LONGEST = dict.fromkeys(("words", "hold_words", "feedback", "settled"), rules.MOST_WORDS)
TOLD, PERSON = "told:", "person:"


class Line(NamedTuple):
    """One line of what happened."""

    at: datetime
    text: str


def shown(one: Shown) -> str:
    """Name a list."""
    return {
        Shown.DRAFTS: _("Drafts"),
        Shown.WAITING: _("Handed over"),
        Shown.GOING_ON: _("With the police"),
        Shown.LATE: _("Word is late"),
        Shown.CLOSED: _("Closed or withdrawn"),
    }[one]


def means(one: HandedBy) -> str:
    """Say how to hand it over in this way."""
    return {
        HandedBy.ENCRYPTED_MAIL: _("Mail the encrypted file."),
        HandedBy.IN_PERSON: _("On paper, given to a person of the unit."),
        HandedBy.PORTAL: _("Through the unit's own portal."),
    }[one]


def value(field: str, held: str, language: Language | None = None) -> str:
    """Return what a field of a package holds, as people read it in a language (the page's, unless said otherwise)."""
    if field == "sex":
        return str(victim_case_words.SEXES.get(held, held))
    if field == "province":
        names = jurisdiction.current().provinces.get(held)
        return names[str(language or i18n.chosen())] if names else held
    return held


def about(one: Named) -> list[tuple[str, str]]:
    """Return what is told of somebody beside the name: what it is, and in which words."""
    facts = (
        (_("To the child"), one.relation),
        (_("Telephone"), one.phone),
        (_("Place"), one.place),
        (_("What we know"), one.notes),
    )
    return [(label, held) for label, held in facts if held]


def as_text(package: Package, language: Language) -> str:
    """Return a package as plain text for people. Only while gettext speaks that language."""
    lines = [
        _("Information about a victim, for the police"),
        "",
        pair(_("Our reference"), package.reference),
        pair(_("To the unit"), package.unit),
        pair(_("From"), f"{package.sender.name}, {package.sender.country}"),
        pair(_("Call us"), f"{package.sender.phone}, {_('ask for number %(number)s', number=package.sender.person)}"),
        pair(_("Written"), words.day(date.fromisoformat(package.written_on))),
    ]
    if package.links:
        lines.append(pair(_("Belongs to these references in our police reports"), ", ".join(package.links)))
    lines += ["", _("What we tell you"), package.words]
    if package.told:
        lines += ["", _("About the victim")]
        lines += [
            pair(victim_case_words.label(name), value(name, held, language)) for name, held in package.told.items()
        ]
    for heading, people in (
        (_("Named as possible abuser"), package.suspects),
        (_("Other people"), package.others),
    ):
        if people:
            lines += ["", heading]
            for one in people:
                lines.append(one.name or words.of(one.part))
                lines += [f"  {pair(label, held)}" for label, held in about(one)]
    lines += ["", *asks(package)]
    return "\n".join(lines) + "\n"


def asks(package: Package) -> list[str]:
    """Return what we ask the police, in the language of the page."""
    return [
        _("Tell us that you have this, with your case number."),
        _("Tell us if we should not contact the family before a day."),
        _("Call us before you speak with the child or the family: we know how it is safe."),
        _("Name our reference %(ref)s in every answer.", ref=package.reference),
    ]


def tell(entries: Iterable[AuditEntry], names: Mapping[str, str]) -> list[Line]:
    """Return what happened to one, newest first; reading it is recorded, but not told here."""
    return [_line(entry, names) for entry in list(entries)[::-1] if entry.action not in READS]


def say(field: str, code: str) -> str:
    """Return what to do about a fault of a form."""
    if code == "picture":
        return _("This holds a file. Write words and references only.")
    if code == "too_long":
        return _("This is too long: at most %(num)s characters fit.", num=LONGEST.get(field, rules.MOST_LINE))
    if code == "staff" and field != "words":
        return _("Something that was chosen names somebody of our team. Write it otherwise in the file.")
    return {
        ("upload", "words_only"): _("Files are not taken here. Write words and references only."),
        ("unit", "required"): _("Choose a unit of the police."),
        ("language", "required"): _("Choose in which language it is written."),
        ("words", "missing"): _("Write what the police have to know to find the child and make it safe."),
        ("words", "staff"): _("This names somebody of our team. Write the number instead."),
        ("handed_by", "required"): _("Choose how it was handed over."),
        ("handed_by", "no_key"): _("The directory has no key of this unit, so nothing can be encrypted to it."),
        ("handed_to", "missing"): _("Write who took it: the name or the post."),
        ("handed_to", "suspect"): _(
            "This names somebody who is marked as possible abuser in this case. Do not hand it to them: talk with"
            " whoever leads victim support first."
        ),
        ("at", "unknown"): _("Write a day and a time, or leave it empty for now."),
        ("at", "missing"): _("Write the day and the time at which it was handed over."),
        ("at", "future"): _("That lies ahead. Note it once it has happened."),
        ("at", "early"): _("That was before it was written."),
        ("download", "no_key"): _("The directory has no key of this unit, so nothing can be encrypted to it."),
        ("download", "bad_key"): _("Nothing can be encrypted to this unit's key. Ask it for a new one."),
        ("hold_until", "range"): _("Choose a day after today, at most %(num)s days ahead.", num=LONGEST_HOLD.days),
        ("hold_by", "missing"): _("Write who asked: the name or the post."),
        ("found", "required"): _("Choose what the police say."),
        ("found_on", "range"): _("Choose a day between the handing over and today."),
        ("close", "found"): _("Note first what the police found out, also if no answer came."),
        ("close", "settled"): _("Note first whom you told that the police have it."),
        ("settled", "missing"): _("Write whom you told, and what they said."),
    }.get((field, code)) or hindrance(code)


def hindrance(code: str) -> str:
    """Say what keeps a draft here, and what to do."""
    return {
        "ended": _("The case has ended. Take it up again first."),
        "unreviewed": consent_words.unreviewed(),
        "named": consent_words.named(),
        "unit": _("The unit's entry in the directory is switched off, or is no unit of the police any more."),
        "anew": _(
            "The file, or what may be told of it, has changed since this was written. Write it anew, then read it."
        ),
    }[code]


def _line(entry: AuditEntry, names: Mapping[str, str]) -> Line:
    name = _("the portal") if entry.actor == audit.SYSTEM else names.get(entry.actor, entry.actor)
    sentence = SENTENCES.get(entry.action)
    text = str(sentence) % {"name": name} if sentence else pair(name, entry.action)
    details = json.loads(entry.details or "{}")
    if how := details.get("means"):
        text = pair(text, words.of(HandedBy(how)))
    if although := details.get("although"):
        text = pair(text, words.of(Although(although)))
    if found := details.get("found"):
        text = pair(text, words.of(Found(found)))
    return Line(entry.at, text)
