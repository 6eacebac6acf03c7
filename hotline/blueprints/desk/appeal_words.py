"""Appeals in words: what happened to one, what whoever objected is told, and what is said about a form."""

import json
from collections.abc import Iterable, Mapping

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _later

from hotline import jurisdiction
from hotline.blueprints.desk import notice_words
from hotline.blueprints.desk.histories import Line
from hotline.models.audit import AuditEntry
from hotline.models.exchange import Exchange
from hotline.models.police_report import PoliceReport
from hotline.models.reply import Appeal
from hotline.rules.replies import MOST_WORDS
from hotline.services import appeal_cases, appeals, audit, police, retractions
from hotline.services.retractions import ByHand
from hotline.vocabulary import AppealDecision, ExchangeStatus, Language

SENTENCES = {
    "opened": _later("%(name)s opened it"),
    "decided": _later("Decided by %(name)s"),
    appeal_cases.NOTED: _later("%(name)s put on record what an outside decider said"),
    appeal_cases.SET_ASIDE: _later("%(name)s set that record aside"),
    appeals.TOLD: _later("%(name)s noted that whoever objected was told"),
    retractions.DONE: _later("%(name)s noted that %(errand)s is done"),
}


def decided() -> str:
    """Return what is said once an appeal is decided."""
    return _("Decided. Now tell whoever objected.")


def answer(appeal: Appeal) -> str:
    """Return what whoever objected is told, ready to copy, in the language of the letter; empty before a decision."""
    if appeal.decision is None:
        return ""
    language = appeal.notice.language if appeal.notice else Language.EN
    place = jurisdiction.current()
    with force_locale(language):
        about = (
            _("You objected to our notice %(ref)s.", ref=appeal.notice.ref)
            if appeal.notice
            else _("You objected to something that we reported.")
        )
        decided = {
            AppealDecision.STANDS: _(
                "Somebody who was not involved has looked again. What we said stands: please do what we asked for."
            ),
            AppealDecision.WITHDRAWN: _(
                "Somebody who was not involved has looked again. You were right: we take it back, and tell everybody "
                "whom we had told. We are sorry."
            ),
        }[appeal.decision]
        thanks = _("Thank you for telling us.")
        return f"{about} {decided} {thanks}\n\n{place.brand(language)}\n{place.hotline_phone.international}"


def letter_to_do(why: ByHand) -> str:
    """Return what a person does about a letter that the portal takes nothing back of."""
    return {
        ByHand.NO_WAY: _("The directory has no way to them any more. Tell them by telephone."),
        ByHand.BOUNCED: _("It came back. If they got it another way, tell them."),
        ByHand.DOUBTFUL: _("It was withdrawn, but it may have arrived. Ask them, and tell them if it did."),
        ByHand.KEPT: _("It lay here and was withdrawn. If somebody sent it by hand, tell them."),
        ByHand.ANEW: _("It was withdrawn and listed other addresses too. Write it anew for those."),
    }[why]


def report_to_do(report: PoliceReport) -> str:
    """Return what a person does about a police report that lists the item."""
    if report.status in police.OPEN_STATUSES:
        return _("It has not gone and lists other addresses too. Withdraw it, and draft it anew without this one.")
    return _("The police have a report about it. Tell the unit.")


def offer_to_do(offer: Exchange) -> str:
    """Return what a person does about an offer of the item to a partner."""
    return {
        ExchangeStatus.DONE: _("The partner is done with it. Tell them."),
        ExchangeStatus.DECLINED: _("The partner declined it, but knows the address. Tell them."),
    }.get(offer.status) or _("It went by mail, by hand or through ICCAM. Tell the partner that it is taken back.")


def tell(entries: Iterable[AuditEntry], names: Mapping[str, str]) -> list[Line]:
    """Return what happened to an appeal, newest first; reading it is recorded, but not told here."""
    return [_line(one, names) for one in list(entries)[::-1] if one.action in SENTENCES]


def say(field: str, code: str) -> str:
    """Return what to do about a fault of a form, or about what keeps a letter that takes something back from going."""
    if field == "approve":
        return notice_words.say(field, code)
    too_long = _("This is too long: at most %(num)s characters fit.", num=MOST_WORDS)
    holds_file = _("This holds a file. Write words only.")
    return {
        ("item", "required"): _("Choose which address they object to."),
        ("item", "letter"): _("That is the number of a letter. Its page says which item it is about: write that one."),
        ("item", "unknown"): _("There is no such item. Its reference looks like I-234567."),
        ("words", "missing"): _("Write what they object to, in a few words."),
        ("words", "too_long"): too_long,
        ("words", "picture"): holds_file,
        ("reason", "missing"): _("Say why. Whoever asks later reads it here."),
        ("reason", "too_long"): too_long,
        ("reason", "picture"): holds_file,
        ("outside", "too_long"): _("This is too long: at most %(num)s characters fit.", num=appeal_cases.MOST_OUTSIDE),
        ("outside", "picture"): holds_file,
        ("decision", "required"): _("Choose what was decided."),
        ("decision", "involved"): _(
            "You had a part in this item: you looked at it, you recorded what an outside adviser decided, or a letter "
            "or an offer about it went through your hands. Ask a colleague who had none, or name the outside decider."
        ),
        ("decision", "held"): _("The police hold this item. Let the hold end first, then decide."),
        ("decision", "undecided"): _("People look at this item anew. What they find decides; then decide here."),
    }[field, code]


def _line(entry: AuditEntry, names: Mapping[str, str]) -> Line:
    name = _("the portal") if entry.actor == audit.SYSTEM else names.get(entry.actor, entry.actor)
    details = json.loads(entry.details or "{}")
    by_outside = entry.action == "decided" and details.get("outside")
    sentence = _later("%(name)s confirmed the record: decided") if by_outside else SENTENCES[entry.action]
    return Line(entry.at, str(sentence) % {"name": name, "errand": details.get("errand", "").partition(" ")[0]})
