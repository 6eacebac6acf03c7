"""What pages say that give a case to another organisation's program, or take one in from it."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _later

from hotline.blueprints.desk import consent_words, referral_words, victim_case_words
from hotline.rules.case_formats import Format
from hotline.rules.case_imports import ImportFault

FORMATS = {
    Format.PRIMERO: _later("Primero, as its API takes a case (JSON)"),
    Format.OSCAR: _later("OSCaR, as its API takes a referral (JSON)"),
    Format.OSCAR_SHEET: _later("OSCaR, as a line for its table of clients (CSV)"),
}
FIELDS = {
    "outside_ids": _later("Number in the other program"),
    "risk": _later("How great the risk is"),
    "needs": _later("Which help is needed"),
    "people": _later("People"),
}


def name(form: Format) -> str:
    """Name a format."""
    return str(FORMATS[form])


def field(ours: str) -> str:
    """Name what a field was read as."""
    return str(FIELDS[ours]) if ours in FIELDS else victim_case_words.label(ours)


def say_export(field_name: str, code: str) -> str:
    """Return what to do about what keeps a case here."""
    if field_name == "means":
        return referral_words.say(field_name, code)
    return {
        ("format", "required"): _("Choose for which program."),
        ("to", "required"): _("Choose a service that may be told."),
        ("told", "suspect"): _(
            "What would leave names somebody who is marked as possible abuser in this case. That name goes to the"
            " police only: write it otherwise in the file."
        ),
        ("told", "named"): _(
            "What would leave holds the child's name, which is not to be told. Write it otherwise in the file, or ask"
            " whether the name may be told."
        ),
        ("told", "staff"): _("What would leave names somebody of our team. Write it otherwise in the file."),
        ("told", "unreviewed"): consent_words.unreviewed(),
        ("upload", "words_only"): _("Files are not taken here. Write words and references only."),
    }[field_name, code]


def say_import(field_name: str, code: str) -> str:
    """Return what to do about a fault of what was pasted."""
    if field_name != "text":
        return victim_case_words.say(field_name, code)
    return {
        ImportFault.MISSING: _("Paste the text first."),
        ImportFault.TOO_LONG: _("This is too long: one case fits into 64 KB."),
        ImportFault.PICTURE: _("There is a picture or another file in it. Ask for words only."),
        ImportFault.MALFORMED: _("This is neither JSON nor a table with titles. Copy it once more, from end to end."),
        ImportFault.TOO_MUCH: _("There is more in it than in one case. Ask for the case alone."),
        ImportFault.MANY: _("There is more than one child in it. Paste one at a time."),
        ImportFault.UNKNOWN: _("None of the fields is known from Primero or OSCaR. Open the case by hand."),
        "known": _("This case is here already: go on with it."),
    }[code]
