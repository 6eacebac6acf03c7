"""What is said about the second factor: what to do about a fault, and what happened since somebody last came in."""

from collections.abc import Iterator

from flask_babel import gettext as _
from flask_babel import ngettext

from hotline.blueprints.desk import words
from hotline.services.sign_ins import News

WORTH_TELLING = 3  # wrong codes: fewer are a person's own slips
FEW = 3  # recovery codes


def say(field: str, code: str) -> str:
    """Return what to do about a fault."""
    return {
        ("password", "required"): _("Write your password."),
        ("password", "wrong"): _("This is not your present password."),
        ("password", "wait"): _wait(),
        ("password", "over"): _("The picture is older than half an hour and opens nothing. Ask for a new one."),
        ("code", "required"): _("Write the six digits that your phone shows."),
        ("code", "wrong"): _(
            "This code does not fit, or it was used already. "
            "Wait for the next one, and check that the phone sets its clock by itself."
        ),
        ("code", "wait"): _wait(),
        ("code", "unlike"): _(
            "The phone makes another code. Write the one it shows now, of the entry that you have just added, "
            "and check that the phone sets its clock by itself."
        ),
        ("recovery", "required"): _("Write one of your recovery codes."),
        ("recovery", "wrong"): _("This recovery code does not fit, or it was used already. Take another one."),
        ("recovery", "wait"): _wait(),
        ("deed", "required"): _("Choose what you want to do."),
        ("deed", "needed"): _("Everybody needs a second factor, so it stays on. You can move it to another phone."),
    }[field, code]


def news(told: News) -> Iterator[str]:
    """Tell somebody who has just come in what they should know of their second factor."""
    if told.taken_away_at:
        yield _(
            "An admin took your second factor away: %(when)s. If you did not ask for that, tell your manager at once.",
            when=words.moment(told.taken_away_at),
        )
    if told.misses >= WORTH_TELLING:
        yield _(
            "Since you last came in, %(num)s wrong codes were entered after your password. "
            "If that was not you, somebody knows it: take a new password now.",
            num=told.misses,
        )
    if told.codes_left is not None and told.codes_left <= FEW:
        yield ngettext(
            "%(num)s recovery code is left. Make new ones on your page.",
            "%(num)s recovery codes are left. Make new ones on your page.",
            told.codes_left,
        )


def _wait() -> str:
    return _("Too many wrong tries. Wait a few minutes, and try again.")
