"""Letters' texts in words: what each place stands for, and what is said about a text that cannot be taken."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _later

from hotline.rules import letter_texts
from hotline.rules.letter_recipients import Addressed

PLACES = {
    "ref": _later("our number of this notice"),
    "recipient": _later("the recipient’s name"),
    "brand": _later("the hotline’s name"),
    "country": _later("the hotline’s country"),
    "phone": _later("the hotline’s telephone number"),
    "staff": _later("the number of whoever drafted it, never the name"),
    "addresses": _later("the addresses, written so that nothing opens them; alone on its line"),
    "count": _later("how many addresses there are"),
    "finding": _later("what two people found"),
    "law": _later("that it is illegal here, and by which law"),
    "seen": _later("when somebody last looked at it"),
    "network": _later("where it is hosted, as far as it is known"),
    "reply_link": _later("where the recipient answers on our page; nothing where the site’s address is not set"),
    "time": _later("how long its recipient has until somebody reminds it, as the limits say"),
    "where": _later("where the addresses are, in words that fit the recipient, such as “on your network”"),
    "please": _later("what the recipient is asked to do, in a sentence that fits it"),
    "ask": _later("the first thing that is asked, with the time there is, in words that fit the recipient"),
    "remind": _later("that a reminder follows after that time; nothing where the portal sends none by itself"),
    "others": _later("to whom else we may turn, in a sentence that fits the recipient"),
    "key_link": _later("where our OpenPGP key is to be had; nothing where none is set"),
    "fingerprint": _later("the fingerprint of our OpenPGP key; nothing where none is set"),
    "words": _later("what a person wrote for this recipient"),
    "which": _later("which address of the earlier notice is meant, where it listed several"),
    "earlier": _later("our number of the earlier notice"),
    "earlier_sent": _later("the day the earlier notice was sent"),
    "earlier_recipient": _later("who got the earlier notice"),
}


def place(name: str) -> str:
    """Say what stands for a place in a letter."""
    return str(PLACES[name])


def to_whom(to: Addressed) -> str:
    """Say to which sort of recipient a letter is shown."""
    return {
        Addressed.HOST: _("To a hosting provider"),
        Addressed.PLATFORM: _("To a platform"),
        Addressed.CDN: _("To a CDN"),
        Addressed.REGISTRAR: _("To a registrar"),
        Addressed.UPSTREAM: _("To who connects a network"),
    }[to]


def say(field: str, code: str) -> str:
    """Return what to do about a fault of the form."""
    kind, _colon, name = code.partition(":")
    if kind == "unknown":
        return _("There is no place {%(name)s} in this text. Use those listed below only.", name=name)
    if kind == "missing":
        return _("The place {%(name)s} has to stand in this text.", name=name)
    return {
        ("subject", "required"): _("Write the subject."),
        ("subject", "too_long"): _(
            "The subject is too long: at most %(num)s characters fit.", num=letter_texts.LONGEST_SUBJECT
        ),
        ("subject", "brace"): _("A brace stands there that belongs to no place. Take it out, or complete the place."),
        ("subject", "names_us"): _("It names one of us. Names of the team never leave it: take the name out."),
        ("body", "required"): _("Write the letter."),
        ("body", "too_long"): _(
            "The letter is too long: at most %(num)s characters fit.", num=letter_texts.LONGEST_BODY
        ),
        ("body", "brace"): _("A brace stands there that belongs to no place. Take it out, or complete the place."),
        ("body", "alone"): _("The place {addresses} has to stand alone on its line."),
        ("body", "marks"): _(
            "Programs of recipients find the addresses by two lines. The place {addresses} has to stand between them, "
            "and nothing else: %(begin)s and %(end)s",
            begin=letter_texts.BEGIN,
            end=letter_texts.END,
        ),
        ("body", "names_us"): _("It names one of us. Names of the team never leave it: take the name out."),
        ("body", "nothing_new"): _("Nothing differs from the version in force."),
        ("reason", "required"): _("Say why there is a new version."),
        ("reason", "too_long"): _("This is too long: at most %(num)s characters fit.", num=letter_texts.LONGEST_REASON),
        ("agree", "second_person"): _("You wrote it yourself. Another reviewer or a manager agrees to it."),
        ("agree", "names_us"): _("It names one of us by now. Hand in words without the name."),
        ("mailbox", "wrong"): _("Write one plain mailbox, such as name@hotline.example."),
        ("mailbox", "not_ours"): _("Write a mailbox of the team, with the host of the sender’s own address."),
        ("mailbox", "no_server"): _("No mail server is set, so nothing can be sent. The preview shows the same."),
        ("mailbox", "not_taken"): _("The mail server did not take it. Try again later, or tell the admin."),
    }[field, code]
