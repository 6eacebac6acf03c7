"""What the pages about pictures of events say: words of their records, how people stand, and faults of their forms."""

from enum import Enum

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from hotline.models.imagery import ImageryEvent
from hotline.rules.imagery import LONGEST_LANGUAGE, LONGEST_LINE, LONGEST_NAME, LONGEST_WORDS, Cleared, Lacks, Summary
from hotline.vocabulary import AnswerEnd, EventHost, PictureAnswer, PictureScope, ShownEnd, Voice

WORDS: dict[type[Enum], dict[Enum, object]] = {
    EventHost: {
        EventHost.OURS: _("An event of ours"),
        EventHost.INHOPE: _("An event of INHOPE"),
    },
    PictureScope: {
        PictureScope.INTERNAL: _("Inside the team and its partners"),
        PictureScope.WEBSITE: _("Our website"),
        PictureScope.SOCIAL_MEDIA: _("Social media"),
        PictureScope.PRINT: _("Printed matter of ours"),
        PictureScope.PRESS: _("Press"),
    },
    PictureAnswer: {
        PictureAnswer.AGREES: _("Agrees"),
        PictureAnswer.DECLINES: _("Does not agree"),
    },
    AnswerEnd: {
        AnswerEnd.REPLACED: _("Followed by a newer answer"),
        AnswerEnd.WITHDRAWN: _("Taken back"),
        AnswerEnd.EXPIRED: _("Its last day is over"),
    },
    ShownEnd: {
        ShownEnd.MISTAKE: _("It is somebody else"),
        ShownEnd.UNRECOGNISABLE: _("The picture was changed: nobody can recognise them"),
    },
    Lacks: {
        Lacks.NOT_ASKED: _("not asked yet, or the answer is over its day"),
        Lacks.DECLINES: _("does not agree"),
        Lacks.OTHER_USE: _("agrees, but not to this use"),
        Lacks.EXPIRED: _("the agreement is over its day"),
        Lacks.LATER: _("was asked only after that day"),
        Lacks.FORGOTTEN: _("was forgotten at their wish"),
    },
}
TONES: dict[Enum, str] = {PictureAnswer.AGREES: "done", PictureAnswer.DECLINES: "alert"}
VOICES: dict[Voice, object] = {
    Voice.SELF: _("They answer for themselves"),
    Voice.CHILD: _("The child"),
    Voice.GUARDIAN: _("A parent or guardian"),
}
LENGTHS = {
    "place": LONGEST_LINE,
    "language": LONGEST_LANGUAGE,
    "copies": LONGEST_WORDS,
    "evidence": LONGEST_LINE,
    "reference": LONGEST_LINE,
    "description": LONGEST_LINE,
    "reach": LONGEST_LINE,
    "guardian": LONGEST_LINE,
}


def say(field: str, code: str) -> str:
    """Say what is wrong with a field of a form about pictures."""
    if code == "required":
        return _missing(field)
    return {
        "too_long": gettext("That is too long: at most %(num)s characters fit.", num=LENGTHS.get(field, LONGEST_NAME)),
        "picture": gettext("A file stands in the text. Write words only: no picture is kept here."),
        "words_only": gettext("Nothing was kept: files are not taken here. Note the name of the file instead."),
        "address": gettext("An address stands in the text. Write it without."),
        "unknown": gettext("Write a day, such as 2026-11-26."),
        "ahead": gettext("That day is still to come. Choose today or a day before."),
        "past": gettext("That day is over already. Choose a later one, or leave it empty."),
        "before": gettext("That is before the event. Choose a later day."),
        "taken": gettext("A photograph of this event has this name or number already."),
        "published": gettext("It was published under this name, so it keeps it. Note another photograph instead."),
    }[code]


def voice(one: Voice) -> str:
    """Return who answers in a voice."""
    return str(VOICES[one])


def cleared(summary: Summary) -> str:
    """Say whether pictures of an event may be published."""
    if summary.cleared is Cleared.YES:
        return gettext("Yes")
    if summary.cleared is Cleared.TO_ASK:
        return ngettext("Not yet, %(num)s to ask", "Not yet, %(num)s to ask", summary.to_ask)
    if summary.cleared is Cleared.DECLINED:
        return ngettext("Not all, %(num)s said no", "Not all, %(num)s said no", summary.declined)
    if summary.cleared is Cleared.APART:
        return gettext("Picture by picture: they agree to different uses")
    return gettext("Nobody is noted yet")


def cleared_tone(summary: Summary) -> str:
    """Return the tone of that pill."""
    return {Cleared.YES: "done", Cleared.NOBODY: ""}.get(summary.cleared, "held")


def come_down(refs: list[str]) -> str:
    """Say which publications have to come down now."""
    return ngettext(
        "%(refs)s has to be taken down now. Its clock runs.",
        "%(refs)s have to be taken down now. Their clocks run.",
        len(refs),
        refs=", ".join(refs),
    )


def _missing(field: str) -> str:
    return {
        "name_en": gettext("Write what the event is called in English."),
        "name_km": gettext("Write what the event is called in Khmer."),
        "held_on": gettext("Write on which day it was, or will be."),
        "place": gettext("Write where."),
        "organiser": gettext("Write who organised it."),
        "host": gettext("Say whose event it was."),
        "reference": gettext("Write the name of the file, or its number in the album."),
        "description": gettext("Write in neutral words what is on it."),
        "name": gettext("Write the name."),
        "reach": gettext("Write how they are reached, to ask them again."),
        "guardian": gettext("A child is shown: write who the parent or guardian is, and how they are reached."),
        "person": gettext("Choose who it is."),
        "voice": gettext("Say who answers."),
        "answer": gettext("Say what they answered."),
        "scopes": gettext("Tick at least one use they agree to."),
        "language": gettext("Write in which language they were asked."),
        "asked_by": gettext("Say who of us asked."),
        "asked_on": gettext("Write on which day they were asked."),
        "evidence": gettext("Write where the signed paper is kept."),
        "scope": gettext("Say for which use it was published."),
        "published_on": gettext("Write on which day it was published."),
        "why": gettext("Say why."),
    }[field]


def name_in(event: ImageryEvent, lang: str) -> str:
    """Return what an event is called in a language."""
    return event.name_km if lang == "km" else event.name_en
