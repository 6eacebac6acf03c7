"""What is said about reports that come another way than through the public form."""

from flask_babel import gettext as _
from flask_babel import ngettext

from hotline.blueprints.public import words as public_words
from hotline.rules.lists import MAX_FILE, MAX_LINES, Encoding, ListProblem
from hotline.rules.submissions import Judged
from hotline.services.entries import LONGEST_REFERENCE
from hotline.services.uploads import LONGEST_ORIGIN, Taken
from hotline.vocabulary import UploadState


def say_entry(field: str, code: str, judged: Judged) -> str:
    """Say what is wrong with a field of a report that somebody writes down, in the words of the public form."""
    own = {
        ("source", "required"): _("Choose how it came."),
        ("reference", "length"): _("At most %(num)s characters fit here.", num=LONGEST_REFERENCE),
        ("language", "required"): _("Choose a language."),
        ("urls", "file"): _("No file can be taken here. Write the addresses down as text."),
    }
    if (field, code) in own:
        return own[field, code]
    fault = next(one for one in judged.faults if (one.field, one.code.value) == (field, code))
    return public_words.complain(fault).long


def say_list(field: str, code: str) -> str:
    """Say what is wrong with a list that was sent."""
    return {
        ("file", ListProblem.EMPTY): _("Choose a file. It has to hold at least one line."),
        ("file", ListProblem.TOO_LARGE): _(
            "The file is too large: at most %(num)s MB fit. Nothing was taken; send it in parts.",
            num=MAX_FILE // 1024 // 1024,
        ),
        ("file", ListProblem.TOO_MANY): _(
            "The list is too long: at most %(num)s lines fit. Nothing was taken; send it in parts.", num=MAX_LINES
        ),
        ("file", ListProblem.NOT_TEXT): _(
            "This is not a text file. Save the sheet as CSV (UTF-8) and send that. No other files are taken."
        ),
        ("file", ListProblem.UTF_16): _(
            "This file is written in UTF-16 without the mark that says so. Save it as CSV (UTF-8) and send that."
        ),
        ("file", ListProblem.UNNAMED): _(
            "Commas or semicolons stand behind the addresses, and no column is named. Nothing was taken. Write “url” "
            "above the addresses in a first line; where the commas belong to the addresses, let that line hold “url” "
            "alone."
        ),
        ("source", "required"): _("Choose whom it is from."),
        ("category", "required"): _("Choose what the list is about."),
        ("origin", "length"): _("Say in 2 to %(num)s characters whom the list is from.", num=LONGEST_ORIGIN),
    }[field, code]


def taken(taken: Taken) -> list[str]:
    """Say what was done with a list that was sent."""
    upload, said = taken.upload, []
    if taken.is_new:
        lines = ngettext("The list is taken: %(num)s line.", "The list is taken: %(num)s lines.", upload.total)
        said.append(lines)
    elif upload.state is UploadState.WAITING and not upload.done:
        said.append(_("The list is here already, and all of it is stored now."))
    else:
        said.append(_("This very file was taken before, so it was not taken again. Here is what became of it."))
    if taken.encoding is Encoding.WINDOWS_1252:
        said.append(_("The file is not UTF-8. It was read as Windows-1252; accents and Khmer letters may be wrong."))
    return said


def say_sender(field: str, code: str) -> str:
    """Say what is wrong with a new sender."""
    return {
        ("mailbox", "not_plain"): _("Write one plain e-mail address, such as reports@partner.example."),
        ("mailbox", "taken"): _("This mailbox is in the list already, perhaps switched off."),
        ("name", "length"): _("Write a name of 2 to 120 characters."),
        ("source", "required"): _("Choose what kind of sender it is."),
        ("category", "required"): _("Choose what its reports are about."),
        ("verified", "length"): _("Say in 2 to 200 characters how you made sure whose mailbox it is."),
    }[field, code]


def mailbox_trouble(code: str) -> str:
    """Say why the mailbox could not be read."""
    return {
        "away": _("The mail server does not answer. Nothing is lost: it is asked again every minute."),
        "sign-in": _("The mail server refuses our sign-in. Ask the admin to check the mailbox's name and password."),
        "folder": _("The folder for reports cannot be opened. Ask the admin to check its name."),
        "ours": _(
            "A fault of ours stopped the reading of the mailbox. Nothing is lost. Ask the admin to look at the log."
        ),
    }.get(code) or _("The mail server broke off. Nothing is lost: it is asked again every minute.")
