"""What is said about reports that come another way than through the public form."""

from flask_babel import gettext as _
from flask_babel import ngettext

from hotline.blueprints.desk import words
from hotline.blueprints.public import words as public_words
from hotline.models.intake import Upload
from hotline.rules import lists
from hotline.rules.addresses import MAX_LENGTH, defang_text
from hotline.rules.lists import MAX_FILE, MAX_LINES, Encoding, ListProblem, NoAddress, Understood
from hotline.rules.submissions import Judged
from hotline.services.entries import LONGEST_REFERENCE
from hotline.services.uploads import LONGEST_ORIGIN, MOST_IN_LINE, Outcome, Taken
from hotline.vocabulary import LineResult, UploadState

# Names of columns that people may expect to be read
OF_CATEGORY = {"category", "categories", "kind", "type", "class", "ប្រភេទ"}


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


def columns(upload: Upload, reading: Understood) -> list[tuple[str, str]]:
    """Return each column of a list's file and what was done with it; nothing where every line is one address."""
    category = _("Not read. Every line has the category chosen for the list: %(word)s.", word=words.of(upload.category))
    said = []
    for number, name in enumerate(reading.names):
        told = category if name.casefold() in OF_CATEGORY else _("Not read, and not kept.")
        shown = defang_text(name) or _("Column %(num)s, without a name", num=number + 1)
        said.append((shown, _("The addresses: this column was read.") if number == reading.column else told))
    return said


def why_not(outcome: Outcome) -> str:
    """Return why nothing, or nothing more, was taken from a line; nothing where its result says all."""
    if outcome.result is LineResult.NO_ADDRESS:
        return _no_address(outcome.why) if outcome.why else _("What stands here does not open.")
    said = {
        LineResult.REPEATED: _("Nothing more to do: it counts once."),
        LineResult.TOO_LONG: _("It has more than %(num)s characters and was not kept.", num=MAX_LENGTH),
        LineResult.TOO_MANY: _(
            "More than %(num)s addresses in one line. None was taken: write each on a line of its own.",
            num=MOST_IN_LINE,
        ),
        LineResult.UNREADABLE: _("A fault of ours stopped this line. Write it down by hand, and tell the admin."),
    }
    return said.get(outcome.result, "") if outcome.result else ""


def why_left(text: str) -> str:
    """Return why a piece of a report that somebody wrote down is no address."""
    return _no_address(lists.why_not(text))


def _no_address(why: NoAddress) -> str:
    return {
        NoAddress.NOTHING: _("The cell for the address is empty."),
        NoAddress.FORMULA: _("A spreadsheet formula, which is never calculated here, and no address stands in it."),
        NoAddress.FILE: _("A file in letters stood here. Files and pictures are never taken, and it was not kept."),
        NoAddress.PICTURE: _("A picture in letters. Files and pictures are never taken."),
        NoAddress.SCRIPT: _("A piece of a program, not a web address."),
        NoAddress.OTHER_SCHEME: _("It does not lead to a web page."),
        NoAddress.LOCAL_FILE: _("A file on a phone or computer. Only its owner can open it."),
        NoAddress.PRIVATE: _("It leads into a private network. Nobody outside can open it."),
        NoAddress.TOO_LONG: _("Too long for a web address."),
        NoAddress.NOT_AN_ADDRESS: _("No web address can be found in these words."),
    }[why]


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
