"""What letters say: read by those who draft them, written anew by a reviewer or a manager, agreed to by another."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, abort, flash, g, make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing, letter_template_words
from hotline.blueprints.guards import CASE_ROLES, needs, redraws
from hotline.config import settings
from hotline.errors import Overtaken
from hotline.gateways import mail
from hotline.rules import letter_texts
from hotline.rules.letter_texts import Text
from hotline.services import letter_templates
from hotline.services.letter_templates import Preview
from hotline.transactions import commits
from hotline.vocabulary import Language, LetterKey, Role

bp = Blueprint("letter_templates", __name__, url_prefix="/notices/templates")
READERS = (*CASE_ROLES, Role.MANAGER)


def shows_newer(view: Callable[[str, str], Any]) -> Callable[[str, str], Any]:
    """Answer a version that was written beside a newer one with what was typed, and a word about it."""

    @wraps(view)
    def wrapper(letter: str, language: str) -> Any:
        try:
            return view(letter, language)
        except Overtaken as late:
            g.overtaken = True
            return make_response(_draw(letter, language)), late.status

    return wrapper


@bp.get("")
@needs(*READERS)
def show_letters() -> ResponseReturnValue:
    """Show every letter in every language, with the version that is in force and those that wait."""
    waiting = {(one.letter, one.language): one.version for one in letter_templates.list_waiting()}
    return drawing.draw("desk/letter_templates/list.html", versions=letter_templates.list_in_force(), waiting=waiting)


@bp.get("/<letter>/<language>")
@needs(*READERS)
def show_letter(letter: str, language: str) -> ResponseReturnValue:
    """Show one letter, to be written anew, with its places and its history."""
    return _draw(letter, language)


@bp.get("/<letter>/<language>/<int(max=2147483647):version>")
@needs(*READERS)
def show_version(letter: str, language: str, version: int) -> ResponseReturnValue:
    """Show one version of a letter."""
    found = letter_templates.get(_letter(letter), _language(language), version)
    return drawing.draw(
        "desk/letter_templates/version.html",
        shown=found,
        in_force=letter_templates.in_force(found.letter, found.language),
        may_agree=letter_templates.may_agree(found, by=guards.current_staff()),
        say=letter_template_words.say,
    )


@bp.post("/<letter>/<language>/<int(max=2147483647):version>/agree")
@needs(*letter_templates.WRITERS)
@redraws(show_version)
@commits
def agree_to_version(letter: str, language: str, version: int) -> ResponseReturnValue:
    """Put a version in force that somebody else wrote. Letters that are drafted keep what they say."""
    found = letter_templates.get(_letter(letter), _language(language), version)
    letter_templates.agree(found, by=guards.current_staff())
    flash(_("Version %(version)s is in force. Letters that are drafted already keep what they say.", version=version))
    return htmx.go(url_for(".show_letters"))


@bp.post("/<letter>/<language>/preview")
@needs(*letter_templates.WRITERS)
@redraws(show_letter)
def preview_letter(letter: str, language: str) -> ResponseReturnValue:
    """Show what a letter would say about invented addresses. Nothing is kept."""
    shown = letter_templates.preview(_letter(letter), _language(language), _sent(), by=guards.current_staff())
    return _draw(letter, language, previews=shown)


@bp.post("/<letter>/<language>/test")
@needs(*letter_templates.WRITERS)
@redraws(show_letter)
def send_test(letter: str, language: str) -> ResponseReturnValue:
    """Send a letter about invented addresses to the mailbox that was typed in."""
    letter_templates.send_test(
        _letter(letter),
        _language(language),
        _sent(),
        mailbox=request.form.get("mailbox", ""),
        by=guards.current_staff(),
        mailer=mail.make_test_mailer(settings().smtp_url),
    )
    flash(_("A test is on its way. Nothing was changed."))
    return _draw(letter, language)


preview_letter.__dict__["writes_nothing"] = True
send_test.__dict__["writes_nothing"] = True


@bp.post("/<letter>/<language>")
@needs(*letter_templates.WRITERS)
@redraws(show_letter)
@shows_newer
@commits
def publish_letter(letter: str, language: str) -> ResponseReturnValue:
    """Hand in a new version, for somebody else to agree to."""
    published = letter_templates.publish(
        _letter(letter),
        _language(language),
        _sent(),
        request.form.get("reason", ""),
        based_on=request.form.get("based_on", 0, type=int),
        by=guards.current_staff(),
    )
    flash(
        _(
            "Version %(version)s is handed in. It counts once another reviewer or manager has agreed to it.",
            version=published.version,
        )
    )
    return htmx.go(url_for(".show_letters"))


def _draw(letter: str, language: str, *, previews: tuple[Preview, ...] = ()) -> str:
    key, tongue = _letter(letter), _language(language)
    in_force, newest = letter_templates.in_force(key, tongue), letter_templates.newest(key, tongue)
    allowed, needed = letter_texts.ALLOWED[key], letter_texts.NEEDED[key]
    return drawing.draw(
        "desk/letter_templates/form.html",
        shown=in_force,
        newest=newest,
        text=_sent() if request.method == "POST" else newest.text,
        typed=request.form,
        previews=previews,
        to_whom=letter_template_words.to_whom,
        versions=letter_templates.history(key, tongue),
        places=[(place, place in needed, letter_template_words.place(place)) for place in sorted(allowed)],
        marks=(letter_texts.BEGIN, letter_texts.END) if letter_texts.ADDRESSES in needed else (),
        may_write=guards.current_staff().has(*letter_templates.WRITERS),
        is_overtaken=bool(g.get("overtaken")),
        say=letter_template_words.say,
    )


def _sent() -> Text:
    return Text(request.form.get("subject", ""), request.form.get("body", "").replace("\r\n", "\n"))


def _letter(key: str) -> LetterKey:
    return LetterKey(key) if key in letter_texts.WRITTEN else abort(404)


def _language(language: str) -> Language:
    return Language(language) if language in set(Language) else abort(404)
