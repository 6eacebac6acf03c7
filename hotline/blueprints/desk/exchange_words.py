"""What is said of what goes between hotlines, and of what ICCAM is told."""

from typing import Any

from flask_babel import gettext as _

from hotline.config import settings
from hotline.models.exchange import Exchange
from hotline.models.item import Item
from hotline.models.staff import Staff
from hotline.rules import exchange as rule
from hotline.rules.standing import UNDECIDED
from hotline.services import exchange, iccam
from hotline.vocabulary import Direction, ExchangeMeans


def card(item: Item, *, by: Staff) -> dict[str, Any]:
    """Return everything that `desk/exchange/_item.html` needs beside the item. Nothing of ours before it is decided."""
    is_decided = item.status not in UNDECIDED
    held = iccam.find(item) if is_decided else None
    return {
        "exchanges": [one for one in exchange.of_item(item) if is_decided or one.direction is Direction.IN],
        "exchange_tells": is_decided,
        "may_offer": is_decided and exchange.may_offer(item),
        "may_tell_iccam": is_decided and iccam.may_begin(item),
        "iccam_held": held,
        "iccam_due": sum(one.state in {"due", "failed"} for one in held.entries) if held else 0,
    }


def hindrance(code: str) -> str:
    """Say why an offer may not go."""
    return {
        "second_person": _("You drafted it yourself. Another reviewer lets it go."),
        "police_first": _(
            "It is hosted in this country, so the police come first. Hand them a report and note that, or place a hold "
            "and let two people end it."
        ),
        "fallen": _(
            "What two people agreed on does not stand any more, the item is held, or it has moved to another host."
        ),
        "switched_off": _("The partner is switched off in the directory."),
        "unverified": _("Nobody has verified the partner's mailbox."),
        "no_door": _("The partner does not use the interface, or its door is shut."),
        "no_key": _(
            "What a partner hotline gets by mail goes encrypted only, and the directory has no key of this partner. "
            "Add its key to its entry, or take the offer back and choose another way."
        ),
        "key": _(
            "The partner’s key in the directory has expired or does not work. Ask the partner for a new one, and add "
            "it to its entry."
        ),
        "no_way": _(
            "The directory does not say that this partner takes mail. Correct its entry, or take the offer back and "
            "choose another way."
        ),
        "appeal": _("Somebody objects to what was found. Until that is decided nothing new about it leaves."),
        "letter": _("The letter does not open with the keys on this computer. Tell the admin."),
    }.get(code) or _("Something about the partner or the address has changed just now. Load the page again, and look.")


def let_go(exchange: Exchange) -> str:
    """Say what happens to an offer that was just let go."""
    if exchange.means is ExchangeMeans.INTERFACE:
        return _("It goes to the partner now.")
    if exchange.means is not ExchangeMeans.ENCRYPTED_MAIL:
        return _("It may go. Hand it over, and write down that you did.")
    if settings().smtp_url:
        return _("Let go. Its letter goes encrypted in a moment.")
    return _("Let go. No mail server is set, so its letter is kept here until somebody sends it by hand.")


def iccam_fault(code: str) -> str:
    """Say why a step was not told to ICCAM."""
    return {
        "uncertain": _("The answer was lost: it may be in ICCAM already. Look there before you try again."),
        "unsettled": _("A person has to settle the code of a field: type this step in yourself."),
        "no_country": _("Nobody knows the country it moved to."),
        "refused": _("ICCAM did not take it."),
        "no_entry": _("ICCAM did not let us in."),
    }.get(code, _("ICCAM could not be reached."))


def say(field: str, code: str) -> str:
    """Say what is wrong with a field of a form."""
    if field == "approve":
        return hindrance(code)
    return {
        ("partner", "required"): _("Choose a partner hotline that does not have it yet."),
        ("means", "required"): _("Choose how it is handed over."),
        ("means", "no_door"): _("This partner does not use the interface: choose another way."),
        ("means", "no_key"): _(
            "The directory has no key of this partner, and nothing goes to it by mail unencrypted: add its key first, "
            "or choose another way."
        ),
        ("means", "key"): _(
            "This partner’s key has expired or does not work: ask for a new one first, or choose another way."
        ),
        ("means", "no_way"): _("The directory does not say that this partner takes mail: choose another way."),
        ("status", "required"): _("Choose an answer."),
        ("reason", "required"): _("Choose a reason."),
        ("outcome", "required"): _("Choose what became of it."),
        ("outcome", "not_closed"): _("The item has not ended like that: close it first, then tell what became of it."),
        ("reference", "required"): _("Write how the partner calls it."),
        ("reference", "too_long"): _(
            "The reference is too long: at most %(num)s characters fit.", num=rule.LONGEST_REFERENCE
        ),
        ("reference", "taken"): _("This partner has offered this address under this reference already."),
        ("address", "no_address"): _("Write one web address."),
        ("note", "too_long"): _("The note is too long: at most %(num)s characters fit.", num=rule.LONGEST_NOTE),
        ("note", "name"): _("The note names somebody of the team, or a mailbox or number that is not the hotline's."),
        ("note", "address"): _("The note holds a web address. Notes carry none."),
        ("status", "held"): _("The item is held for the police: nothing about it leaves."),
        ("reason", "no_verdict"): _("Two people have not found that it is lawful here: choose another reason."),
        ("though", "fallen"): _("It may not leave any more. Tick this only if it was handed over all the same."),
        ("note", "file"): _("The note holds a pasted file. No pictures here."),
        ("verify_key", "no_key"): _("This is no public key: 32 bytes, in base64 or in hex."),
        ("verify_key", "weak"): _("Anybody could sign for this key. Ask the partner for another one."),
        ("box_key", "no_key"): _("This is no public key: 32 bytes, in base64 or in hex."),
        ("box_key", "weak"): _("Anybody could read what is sealed to this key. Ask the partner for another one."),
        ("box_key", "same"): _("The two keys are for different things and cannot be the same."),
        ("report_no", "number"): _("Write the number as ICCAM shows it, digits only."),
        ("content_no", "number"): _("Write the number as ICCAM shows it, digits only."),
        ("action", "required"): _("Choose what was done."),
        ("action", "police"): _("The police were not told yet: hand a police report over first."),
        ("action", "taken"): _("This is on the list already: ICCAM is told each action once."),
    }[field, code]
