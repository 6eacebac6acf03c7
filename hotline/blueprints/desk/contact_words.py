"""What pages about the point of contact, notices from INHOPE and the check of confidentiality say."""

from enum import Enum

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _later
from flask_babel import lazy_pgettext as _in
from flask_babel import ngettext

from hotline.services.inhope_notices import LONGEST_REASON, LONGEST_SUBJECT, LONGEST_TEXT
from hotline.vocabulary import AnswerWay, ContactWay, InhopeNoticeState, WayOut

WORDS: dict[type[Enum], dict[Enum, object]] = {
    ContactWay: {
        ContactWay.EMAIL: _in("way", "Email"),
        ContactWay.PHONE: _in("way", "Telephone"),
        ContactWay.LETTER: _in("way", "Letter on paper"),
        ContactWay.PORTAL: _in("way", "A portal of INHOPE"),
        ContactWay.IN_PERSON: _in("way", "In person"),
    },
    AnswerWay: {
        AnswerWay.EMAIL: _in("way", "Email"),
        AnswerWay.PHONE: _in("way", "Telephone"),
        AnswerWay.LETTER: _in("way", "Letter on paper"),
        AnswerWay.PORTAL: _in("way", "A portal of INHOPE"),
        AnswerWay.IN_PERSON: _in("way", "In person"),
    },
    InhopeNoticeState: {
        InhopeNoticeState.WAITING: _later("To answer"),
        InhopeNoticeState.DRAFTED: _later("Answer is written"),
        InhopeNoticeState.ANSWERED: _in("notice", "Answered"),
        InhopeNoticeState.NO_ANSWER: _later("Needs no answer"),
    },
    WayOut: {
        WayOut.LETTER: _later("Letters to hosts and platforms"),
        WayOut.PARTNER: _later("Partner hotlines"),
        WayOut.ICCAM: _in("way out", "ICCAM"),
        WayOut.POLICE: _later("Reports to the police"),
        WayOut.IDENTIFICATION: _later("What the police are told of a victim"),
        WayOut.REFERRAL: _later("Referrals to services"),
        WayOut.CASE_EXPORT: _later("Cases given to a service"),
        WayOut.REPORTER: _later("Messages to reporters"),
        WayOut.HELP: _later("Messages to people who ask for help"),
        WayOut.PUBLIC_TEXT: _later("Public texts"),
        WayOut.TEMPLATE: _later("What letters say"),
        WayOut.INHOPE: _later("Answers to INHOPE"),
        WayOut.INCIDENT: _later("Letters about incidents"),
        WayOut.MINUTES: _later("Minutes of consultations"),
        WayOut.PUBLICATION: _later("Reports and published words"),
        WayOut.EXPORT: _later("Tables and packs"),
    },
}
TONES: dict[Enum, str] = {InhopeNoticeState.DRAFTED: "info"}  # the others share the tones of letters of that state
LONGEST = {"subject": LONGEST_SUBJECT, "reason": LONGEST_REASON}
RESULTS = ("answered", "silent")


def say(field: str, code: str) -> str:
    """Return what to do about a fault of a form."""
    known = {
        ("staff", "required"): _("Choose somebody of the team who keeps the code of practice."),
        ("stand_in", "unknown"): _("Choose somebody of the team who keeps the code of practice, or nobody."),
        ("stand_in", "same"): _("Contact and stand-in are two people."),
        ("mailbox", "form"): _("Write one mailbox, such as contact@hotline.example."),
        ("phone", "form"): _("Write one telephone number, with at least 6 digits."),
        ("since_on", "required"): _("Write the day from which this holds."),
        ("since_on", "ahead"): _("That day lies ahead. Enter it once it has come."),
        ("since_on", "overlaps"): _("Somebody else was the point of contact then. Choose a later day."),
        ("told_on", "required"): _("Write the day on which INHOPE was told."),
        ("told_on", "ahead"): _("That day lies ahead. Enter it once it has come."),
        ("received_at", "required"): _("Write when it came: day and time."),
        ("received_at", "ahead"): _("That lies ahead. Write when it came."),
        ("received_at", "too_old"): _("That is more than a year ago. Check the day."),
        ("way", "required"): _("Choose how it came."),
        ("answer_way", "required"): _("Choose how the answer goes."),
        ("subject", "missing"): _("Write what it is about, in a few words."),
        ("text", "missing"): _("Write what the notice says."),
        ("answer", "missing"): _("Write the answer first."),
        ("reason", "missing"): _("Write why no answer is needed."),
        ("sent_at", "required"): _("Write when it went: day and time."),
        ("sent_at", "ahead"): _("That lies ahead. Note it once it has gone."),
        ("sent_at", "before"): _("That was before the notice came."),
        ("sent", "second_person"): _("Something of our staff was found in it. Another person has to let it go first."),
        ("let_go", "second_person"): _("You wrote this answer, so another person lets it go."),
        ("result", "required"): _("Choose whether the test was answered."),
        ("minutes", "number"): _("Write after how many minutes, as a whole number."),
        ("note", "too_long"): _("At most %(num)s characters fit.", num="1,000"),
        ("note", "required"): _("Write what was found."),
        ("upload", "words_only"): _("Files are not taken. Write down what it says."),
    }.get((field, code))
    return known or _of_code(field, code)


def _of_code(field: str, code: str) -> str:
    return {
        "too_long": _("At most %(num)s characters fit.", num=f"{LONGEST.get(field, LONGEST_TEXT):,}"),
        "picture": _("There is a file in it. Send words only."),
        "address": _("There is an address in it. Write of addresses by the reference of their item only."),
        "unknown": _("Write a day and a time."),
    }[code]


def tested(result: str, minutes: int, note: str) -> str:
    """Return what a test came to, as it is kept: in the words of whoever noted it."""
    said = (
        ngettext("Sent, and answered after %(num)s minute.", "Sent, and answered after %(num)s minutes.", minutes)
        if result == "answered"
        else _("Sent, and not answered.")
    )
    return f"{said} {note}".strip()
