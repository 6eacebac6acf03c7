"""What pages about referrals say: faults of their forms, what went wrong on the way, what happened."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _later

from hotline import i18n, jurisdiction
from hotline.blueprints.desk import consent_words, victim_case_words, words
from hotline.models.audit import AuditEntry
from hotline.models.referral import Referral
from hotline.models.service_provider import ServiceProvider
from hotline.rules import referrals as rules
from hotline.rules.referrals import Line
from hotline.services import audit, consents, referral_answers, referral_sending, service_providers
from hotline.services.referrals import CHANGED, DRAFTED, Shown
from hotline.vocabulary import ReferralMeans, ReferralStatus

LONGEST = {
    "words": rules.MOST_WORDS,
    "handed_to": rules.MOST_LINE,
    "place": rules.MOST_LINE,
    "along": rules.MOST_LINE,
}
TOLD = "told:"  # stands before the field of the file that a fault is about
SENTENCES = {
    DRAFTED: _later("%(name)s drafted it"),
    CHANGED: _later("%(name)s wrote it anew"),
    referral_sending.LET_GO: _later("%(name)s let it go"),
    referral_sending.HELD_BACK: _later("%(name)s held it back"),
    referral_sending.SENT: _later("It was mailed"),
    referral_sending.SENT_ANYHOW: _later("It was being mailed when it was stopped, and has left"),
    referral_sending.FAILED: _later("It did not go"),
    referral_sending.CAME_BACK: _later("It came back"),
    referral_sending.PRINTED: _later("%(name)s opened it for paper"),
    referral_sending.TOOK_FILE: _later("%(name)s took its encrypted file"),
    referral_sending.HANDED_OVER: _later("%(name)s handed it over"),
    referral_answers.ANSWERED: _later("%(name)s noted what the service said"),
    referral_answers.APPOINTED: _later("%(name)s noted an appointment"),
    referral_answers.LOOKED: _later("%(name)s looked again"),
    referral_answers.FEEDBACK: _later("%(name)s noted how it went"),
    referral_answers.REVOKED: _later("%(name)s took it back"),
    referral_answers.TOOK: _later("%(name)s took the file that takes it back"),
    referral_answers.TOLD: _later("%(name)s told the service to destroy it"),
    consents.STOPPED: _later("It was stopped, noted by %(name)s"),
    consents.STOPPED_SENDING: _later("It was stopped while it was on its way, and may be gone; noted by %(name)s"),
}
READS = {"read"}


class Happened(NamedTuple):
    """One line of what happened to a referral."""

    at: datetime
    text: str


def name(provider: ServiceProvider) -> str:
    """Return a service's name in the reader's language."""
    return service_providers.name_of(provider, i18n.chosen())


def service(referral: Referral) -> str:
    """Return the name of a referral's service in the reader's language."""
    return name(referral.provider)


def shown(one: Shown) -> str:
    """Name a list of referrals."""
    return {
        Shown.DUE: _("To look at now"),
        Shown.DRAFTS: _("Not sent yet"),
        Shown.WAITING: _("No answer yet"),
        Shown.GOING_ON: _("Help goes on"),
        Shown.ENDED: _("Ended"),
    }[one]


def answer(status: ReferralStatus) -> str:
    """Say what a service answers, as an officer notes it."""
    return {
        ReferralStatus.ACCEPTED: _("They take it"),
        ReferralStatus.IN_PROGRESS: _("Help has begun"),
        ReferralStatus.DONE: _("Help was given"),
        ReferralStatus.REJECTED: _("They do not take it, or help is not given after all"),
    }[status]


def means(one: ReferralMeans) -> str:
    """Say what happens when a referral goes this way."""
    return {
        ReferralMeans.ENCRYPTED_MAIL: _("The portal mails it soon. Only the service opens it."),
        ReferralMeans.ENCRYPTED_FILE: _("You take an encrypted file along, or send it the way the service asks for."),
        ReferralMeans.PRINTED: _("You print it and give it to somebody in person. Never leave it lying open."),
    }[one]


def field(name: str) -> str:
    """Name a field of the file as a package tells it."""
    return {
        "words": _("What you write to the service"),
        "name": _("Name"),
        "other_names": _("Other names"),
        "age": _("Age"),
        "sex": _("Sex"),
        "province": _("Province"),
        "place": _("Where they stay"),
        "safe_when": _("When it is safe"),
        "safe_number": _("By which number or account"),
        "safe_answer": _("Who may answer"),
        "safe_never": _("What must never be done"),
        "story": _("What happened"),
        "disability": _("Health and disability"),
        "languages": _("Languages"),
    }[name]


def value(name: str, told: str) -> str:
    """Say the value of such a field: a province and a sex by their names, all else as it stands."""
    if name == "province":
        names = jurisdiction.current().provinces.get(told)
        return names[i18n.chosen()] if names else told
    if name == "sex":
        return str(victim_case_words.SEXES.get(told, told))
    return told


def went_wrong(code: str) -> str:
    """Say why a referral did not go, or that it came back, and what to do."""
    return {
        referral_sending.NO_CONSENT: _("It was not sent: consent was taken back, or a decision was not upheld."),
        referral_sending.NO_SERVER: _("It was not sent: this portal has no mail server. Take a file or paper along."),
        referral_sending.OTHER_ENTRY: _(
            "It was not sent: the entry of the service was changed meanwhile. Look at it, then let it go once more."
        ),
        referral_sending.NEW_NAMES: _(
            "It was not sent: somebody of us entered a name, a mailbox or a number meanwhile. Let it go once more, so"
            " that it is looked through again."
        ),
        referral_sending.BOUNCED: _("The mail came back. Call the service, and hand it over another way."),
        "unconfirmed": _("Nobody knows whether the mail server took it. Call the service and ask."),
        "connect": _("The mail server cannot be reached. It is tried again by itself."),
        "mailbox": _("The mailbox of the service is not usable. Correct its entry."),
    }.get(code) or _("The mail server did not take it (%(code)s).", code=code)


def happened(line: Line) -> str:
    """Say what a line of a referral is about."""
    if line.what in set(ReferralStatus):
        return words.of(ReferralStatus(line.what))
    return {
        rules.CALLED: _("Looked again"),
        rules.TOLD: _("Told to destroy it"),
        rules.SEEN: _("How it went"),
    }.get(line.what, line.what)


def tell(entries: Iterable[AuditEntry], names: Mapping[str, str]) -> list[Happened]:
    """Return what happened to a referral, newest first; reading it is recorded, but not told here."""
    return [_line(entry, names) for entry in list(entries)[::-1] if entry.action not in READS]


def say(field_name: str, code: str) -> str:
    """Return what to do about a fault of a form."""
    if code == "picture":
        return _("This holds a file. Write words and references only.")
    if code == "too_long":
        return _("This is too long: at most %(num)s characters fit.", num=LONGEST.get(field_name, rules.MOST_SAID))
    if field_name.startswith(TOLD):
        return _in_the_file(field(field_name.removeprefix(TOLD)), code)
    return {
        ("upload", "words_only"): _("Files are not taken here. Write words and references only."),
        ("need", "required"): _("Choose for which need."),
        ("provider", "required"): _("Choose a service that fits."),
        ("language", "required"): _("Choose in which language it is written."),
        ("words", "missing"): _("Write what the service has to know and do."),
        ("words", "suspect"): _(
            "This names somebody who is marked as possible abuser in this case. That name goes to the police only:"
            " write it without."
        ),
        ("words", "staff"): _("This names somebody of our team. Write the number instead."),
        ("use_until", "range"): _("Choose a day after today, at most %(num)s days ahead.", num=rules.LONGEST_USE.days),
        ("means", "required"): _("Choose how it goes."),
        ("means", "no_key"): _("The directory has no key of this service, or it has expired. Print it, or get a key."),
        ("means", "bad_key"): _("Nothing can be encrypted to the key of this service. Ask it for a new one."),
        ("means", "no_mailbox"): _("The directory has no mailbox of this service."),
        ("means", "no_server"): _("This portal has no mail server. Take a file or paper along."),
        ("meant", "required"): _("Tick this once you have looked at what was found."),
        ("handed_to", "missing"): _("Write who took it: the name or the post."),
        ("at", "unknown"): _("Write a day and a time, or leave it empty for now."),
        ("at", "future"): _("That lies ahead. Note it once it has happened."),
        ("at", "early"): _("That was before it was let go."),
        ("status", "required"): _("Choose what the service says."),
        ("reason", "required"): _("Choose why."),
        ("revoke_reason", "required"): _("Choose why it is taken back."),
        ("appointment_at", "unknown"): _("Write a day and a time, or leave it empty."),
        ("appointment_at", "range"): _("This day is too far away."),
        ("check_again_on", "range"): _("Choose today or a later day."),
        ("feedback", "missing"): _("Write how it went."),
        ("told", "missing"): _("Write whom you told, and what they said."),
    }.get((field_name, code)) or _not_now(field_name, code)


def hindrance(code: str) -> str:
    """Say what keeps a draft here, and what to do."""
    return {
        "suspect": _(
            "Somebody who stands in it was marked as possible abuser since. Hold it back, destroy what you took,"
            " and write it anew."
        ),
        referral_sending.OTHER_ENTRY: _(
            "The entry of the service was changed since this was let go. Hold it back, look at the entry, then let it"
            " go once more."
        ),
        "names_us": _(
            "It holds a name, mailbox or number of one of us that was not known when it was let go. Hold it back,"
            " destroy what you took, and write it anew."
        ),
        referral_sending.NAMED: consent_words.named(),
        "unsafe": _(
            "Somebody was named as possible abuser since it was asked how it is safe to reach them. Ask anew and note"
            " it in the file, or keep back how they are reached."
        ),
        "unreviewed": consent_words.unreviewed(),
        "ended": _("The case has ended. Take it up again first."),
        "inactive": _("The service is switched off in the directory."),
        "unverified": _("Nobody has checked how this service is reached. Call it, and mark its entry as checked."),
        "expired": _("The day until which it may be used is over. Choose another."),
        "anew": _(
            "The file, or what may be told of it, has changed since this was written. Write it anew, then read it."
        ),
    }[code]


def _not_now(field_name: str, code: str) -> str:
    if field_name != "handed_to":
        return hindrance(code)
    return {
        "suspect": _(
            "Somebody who stands in it was marked as possible abuser since. If the service has it already, choose “Take"
            " it back” on this page and tick that it has it; else hold it back and destroy what you took."
        ),
        "names_us": _(
            "It holds a name, mailbox or number of one of us that was not known when it was let go. If the service has"
            " it already, choose “Take it back” on this page and tick that it has it; else hold it back and write it"
            " anew."
        ),
        referral_sending.NAMED: consent_words.named(),
        "anew": _(
            "The file, or what may be told of it, has changed since. If the service has it already, choose “Take it"
            " back” on this page and tick that it has it; else hold it back and write it anew."
        ),
    }[code]


def _in_the_file(name: str, code: str) -> str:
    if code == "suspect":
        return _(
            "“%(field)s” names somebody who is marked as possible abuser in this case. Leave it out,"
            " or write it otherwise in the file.",
            field=name,
        )
    return _("“%(field)s” names somebody of our team. Write it otherwise in the file.", field=name)


def _line(entry: AuditEntry, names: Mapping[str, str]) -> Happened:
    name = _("the portal") if entry.actor == audit.SYSTEM else names.get(entry.actor, entry.actor)
    sentence = SENTENCES.get(entry.action)
    text = str(sentence) % {"name": name} if sentence else victim_case_words.pair(name, entry.action)
    if how := json.loads(entry.details or "{}").get("means"):
        text = victim_case_words.pair(text, words.of(ReferralMeans(how)))
    return Happened(entry.at, text)
