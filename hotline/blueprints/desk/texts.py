"""Texts that the manager writes for public pages."""

from flask import Blueprint, abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing, words
from hotline.blueprints.guards import needs, redraws
from hotline.blueprints.public import followup_words
from hotline.services import public_texts
from hotline.transactions import commits
from hotline.vocabulary import Language, Role, TextKey

bp = Blueprint("texts", __name__, url_prefix="/texts")


@bp.get("")
@needs(Role.MANAGER)
def show_texts() -> ResponseReturnValue:
    """Show every text as the public reads it now: in the team's words, or else in the built-in ones."""
    return _page()


@bp.get("/<key>")
@needs(Role.MANAGER)
def show_text(key: str) -> ResponseReturnValue:
    """Show one text in every language, to be changed."""
    return _page(_key(key))


@bp.post("/<key>")
@needs(Role.MANAGER)
@redraws(show_text)
@commits
def change_text(key: str) -> ResponseReturnValue:
    """Change one text in every language. What is left empty is said in the built-in words again."""
    typed = {language: request.form.get(language, "") for language in Language}
    public_texts.save(_key(key), typed, by=guards.current_staff())
    flash(_("Saved. The public site shows it within half a minute."))
    return htmx.go(url_for(".show_texts"))


def _key(key: str) -> TextKey:
    return TextKey(key) if key in set(TextKey) else abort(404)


def _page(open_key: TextKey | None = None) -> str:
    return drawing.draw(
        "desk/texts/page.html",
        keys=tuple(TextKey),
        languages=tuple(Language),
        texts=public_texts.list_all(),
        built_in=_built_in(),
        open_key=open_key,
        typed=request.form,
        place_of=words.text_place,
        say=_say,
        longest=public_texts.LONGEST,
    )


def _built_in() -> dict[tuple[TextKey, Language], followup_words.Step]:
    """Return heading and words that stand where nobody wrote any, in every language. The notice line has none."""
    found: dict[tuple[TextKey, Language], followup_words.Step] = {}
    for language in Language:
        with force_locale(language):
            found |= {(key, language): step for key, step in followup_words.built_in().items()}
    return found


def _say(field: str, code: str) -> str:
    return {
        "required": _("Nothing of this text would show: it is only markup. Write words, or leave it empty."),
        "too_long": _("This text is too long: at most %(num)s characters fit.", num=public_texts.LONGEST),
        "names_us": _("This text names one of us. Names of the team never leave it: take the name out."),
    }[code]
