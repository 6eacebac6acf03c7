"""What is said of entries of the directory: their ways, their history, and what is wrong with a form."""

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from hotline import i18n
from hotline.blueprints.desk import words
from hotline.models.recipient import Recipient, RecipientChange
from hotline.rules import entries
from hotline.services import directory, directory_seed
from hotline.services.directory import Event
from hotline.services.responses import Record
from hotline.vocabulary import Delivery, Language, RecipientKind


def doubt(recipient: Recipient) -> str:
    """Return what nobody has confirmed about an entry, in the reader's language where that is known."""
    return directory_seed.doubt_of(recipient, i18n.chosen())


def reached(recipient: Recipient) -> str:
    """Return where to turn to in the way an entry likes best; empty where that is not written down."""
    places = {Delivery.WEB_FORM: recipient.form_url, Delivery.PORTAL: recipient.portal_url, Delivery.NONE: ""}
    return places.get(recipient.delivery, recipient.mailbox)


def median(record: Record) -> str:
    """Return how long a recipient takes to answer, in whole minutes, hours or days."""
    if record.median is None:
        return ""
    minutes = max(1, round(record.median.total_seconds() / 60))
    if minutes < 120:
        return str(ngettext("%(num)s minute", "%(num)s minutes", minutes))
    if minutes < 48 * 60:
        return str(ngettext("%(num)s hour", "%(num)s hours", round(minutes / 60)))
    return str(ngettext("%(num)s day", "%(num)s days", round(minutes / 60 / 24)))


def field(change: RecipientChange) -> str:
    """Return the name of what was changed."""
    return {
        Event.ADDED: _("Added"),
        Event.VERIFIED: _("Verified"),
        Event.ACTIVE: _("In use"),
        Event.PROPOSED: _("Proposal"),
        Event.MARK: _("Mark"),
        Event.KEY: _("Key"),
        Event.ABOVE: _("Stands above it"),
        Event.SEED: _("Line of the file"),
        "name": _("Name of the organisation"),
        "kind": _("Kind"),
        "delivery": _("Way it likes best"),
        "mailbox": _("Mailbox"),
        "form_url": _("Address of its form"),
        "portal_url": _("Address of its portal"),
        "phone": _("Telephone"),
        "country": _("Country"),
        "language": _("Language of its letters"),
        "iccam_hotline": _("Number in ICCAM"),
        "doubt": _("What nobody has confirmed"),
    }.get(change.field, change.field)


def value(change: RecipientChange, said: str) -> str:
    """Return one side of a change as people read it; empty for nothing."""
    told = {
        ("active", "True"): _("In use now"),
        ("active", "False"): _("Not in use now"),
        ("proposed", "proposed"): _("Proposed"),
        ("proposed", "approved"): _("Approved by a person"),
        ("proposed", "dismissed"): _("Dismissed by a person"),
        ("added", "person"): _("A person added it"),
        ("added", "rdap"): _("A registry named it"),
        ("added", "seed"): _("It came with the portal"),
    }
    enums = {"kind": RecipientKind, "delivery": Delivery, "language": Language}
    if said and change.field in enums:
        return words.of(enums[change.field](said))
    if said and change.field == "country":
        return entries.countries(i18n.chosen()).get(said, said)
    if said and change.field == Event.VERIFIED:
        return words.day(date.fromisoformat(said))
    return told.get((change.field, said), said)


def differing(recipient: Recipient, typed: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what of an entry stands otherwise than it was typed: the name of each field, and its value."""
    stands = {name: getattr(recipient, name) for name in directory.FIELDS}
    told = {name: "" if one is None else str(one) for name, one in stands.items()}
    changes = [RecipientChange(field=name, after=one) for name, one in told.items() if typed.get(name, one) != one]
    return [(field(one), value(one, one.after)) for one in changes]


def say(name: str, code: str) -> str:
    """Return what to do about a fault of a form."""
    return {
        ("name", "length"): _("Write a name of 2 to 120 characters."),
        ("kind", "required"): _("Choose what kind of organisation it is."),
        ("delivery", "required"): _("Choose how it is reached."),
        ("delivery", "not_partner"): _("Only a partner hotline is reached by ICCAM. Choose another way."),
        ("mailbox", "not_plain"): _("Write one plain e-mail address, such as abuse@hosting.example."),
        ("mailbox", "taken"): _("This mailbox is in the directory already, perhaps switched off. Look it up there."),
        ("form_url", "not_https"): _("Write the whole address of its form, beginning with https://."),
        ("portal_url", "not_https"): _("Write the whole address of its portal, beginning with https://."),
        ("phone", "form"): _(
            "Write one number in international form, such as +855 00 000 000, with digits and spaces alone, or a short "
            "number of 3 to 5 digits."
        ),
        ("country", "required"): _("Choose a country."),
        ("language", "required"): _("Choose a language for its letters."),
        ("iccam_hotline", "number"): _("Write its number in ICCAM in digits, or leave it open."),
        ("doubt", "length"): _("Write at most 1,000 characters."),
        ("verify", "no_way"): _("Write first how it is reached: the mailbox, form or portal is missing."),
        ("approve", "incomplete"): _("Something is missing. Fill in what stands below, save, and approve then."),
        ("into", "required"): _("Choose the entry that it belongs to."),
        ("mark", "required"): _("Choose what kind of mark it is."),
        ("value", "asn"): _("Write the number of a network, such as AS64511."),
        ("value", "network"): _("Write the network's name as the registry has it, in 2 to 120 characters."),
        ("value", "domain"): _("Write a domain, such as platform.example."),
        ("value", "mailbox"): _("Write one plain e-mail address, such as abuse@hosting.example."),
        ("value", "taken"): _("The entry has this mark already."),
        ("value", "many"): _("The entry has as many marks as there may be. Remove one first."),
        ("above", "required"): _("Choose who stands above it."),
        ("above", "taken"): _("This one is noted already."),
        ("above", "circle"): _("It stands below this entry already. Look which of the two is right."),
        ("above", "many"): _("As many stand above it as there may be. Remove one first."),
        ("key_kind", "required"): _("Choose what kind of key it is."),
        ("material", "length"): _("Paste the whole key as text, at most 40,000 characters."),
        ("material", "secret"): _(
            "This is a private key. Only its owner may have it: tell them, and ask for the public one."
        ),
        ("material", "unreadable"): _(
            "This cannot be read as a public key of that kind. Paste it whole, from BEGIN to END."
        ),
        ("material", "several"): _("There is more than one key in it. Paste one."),
        ("material", "revoked"): _("This key is revoked. Ask for a new one."),
        ("material", "expired"): _("This key has expired. Ask for a new one."),
        ("material", "early"): _("This certificate is not valid yet. Add it when it is."),
        ("material", "weak"): _("This key is too short to be safe. Ask for a new one."),
        ("material", "unusable"): _("Nothing can be encrypted to this key. Ask for one that is meant for encryption."),
        ("material", "taken"): _("The entry has this key already."),
        ("material", "withdrawn"): _("This key was withdrawn here. Ask for a new one."),
    }[name, code]
