"""Who may get a letter."""

from collections.abc import Mapping

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import i18n
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing
from hotline.blueprints.guards import needs, redraws
from hotline.errors import Refused
from hotline.models.recipient import Recipient
from hotline.rules import entries
from hotline.rules.entries import Entry
from hotline.services import directory
from hotline.transactions import commits
from hotline.vocabulary import Language, RecipientKind, Role

bp = Blueprint("directory", __name__, url_prefix="/directory")
PEOPLE = (Role.ANALYST, Role.REVIEWER, Role.LIAISON)


@bp.get("")
@needs(*PEOPLE)
def show_directory() -> ResponseReturnValue:
    """Show everybody who may get letters, and who gets none any more."""
    return drawing.draw("desk/directory/list.html", rows=directory.list_entries(), countries=_countries())


@bp.get("/new")
@needs(*PEOPLE)
def new_entry() -> ResponseReturnValue:
    """Ask for a new entry."""
    return _form(request.form)


@bp.post("/new")
@needs(*PEOPLE)
@redraws(new_entry)
@commits
def add_entry() -> ResponseReturnValue:
    """Add an entry."""
    typed = _typed()
    directory.add(typed.name, typed.kind, typed.mailbox, typed.country, typed.language, by=guards.current_staff())
    flash(_("%(name)s is in the directory. Verify the mailbox before the first letter.", name=typed.name))
    return htmx.go(url_for(".show_directory"))


@bp.get("/<ref>")
@needs(*PEOPLE)
def show_entry(ref: str) -> ResponseReturnValue:
    """Show one entry, to be changed."""
    recipient = directory.get(ref)
    kept = {field: str(getattr(recipient, field)) for field in directory.FIELDS}
    return _form(request.form or kept, recipient)


@bp.post("/<ref>")
@needs(*PEOPLE)
@redraws(show_entry)
@commits
def change_entry(ref: str) -> ResponseReturnValue:
    """Change an entry. A new mailbox has to be verified anew."""
    changed = directory.change(directory.get(ref), _typed(), by=guards.current_staff())
    flash(_("Saved.") if changed else _("Nothing was changed."))
    return htmx.go(url_for(".show_directory"))


@bp.post("/<ref>/verify")
@needs(*PEOPLE)
@commits
def verify_entry(ref: str) -> ResponseReturnValue:
    """Note that the mailbox was checked today."""
    recipient = directory.get(ref)
    directory.verify(recipient, by=guards.current_staff())
    return _row(recipient)


@bp.post("/<ref>/off")
@needs(*PEOPLE)
@commits
def switch_entry_off(ref: str) -> ResponseReturnValue:
    """Let an entry get no more letters."""
    recipient = directory.get(ref)
    directory.switch(recipient, on=False, by=guards.current_staff())
    return _row(recipient)


@bp.post("/<ref>/on")
@needs(*PEOPLE)
@commits
def switch_entry_on(ref: str) -> ResponseReturnValue:
    """Let an entry get letters again."""
    recipient = directory.get(ref)
    directory.switch(recipient, on=True, by=guards.current_staff())
    return _row(recipient)


def _row(recipient: Recipient) -> ResponseReturnValue:
    return htmx.partial_or_redirect(
        "desk/directory/_row.html", url_for(".show_directory"), row=recipient, countries=_countries()
    )


def _form(typed: Mapping[str, str], recipient: Recipient | None = None) -> str:
    return drawing.draw(
        "desk/directory/form.html",
        recipient=recipient,
        typed=typed,
        kinds=tuple(RecipientKind),
        languages=tuple(Language),
        countries=_countries(),
        say=_say,
    )


def _typed() -> Entry:
    """Return the entry that was sent. Raises Refused with everything that is wrong with it."""
    sent = [request.form.get(field, "") for field in directory.FIELDS]
    found = entries.judge(**dict(zip(directory.FIELDS, sent, strict=True)))
    if isinstance(found, Entry):
        return found
    raise Refused(*found)


def _countries() -> dict[str, str]:
    return entries.countries(i18n.chosen())


def _say(field: str, code: str) -> str:
    return {
        ("name", "length"): _("Write a name of 2 to 120 characters."),
        ("kind", "required"): _("Choose what kind of organisation it is."),
        ("mailbox", "not_plain"): _("Write one plain e-mail address, such as abuse@hosting.example."),
        ("mailbox", "taken"): _("This mailbox is in the directory already, perhaps switched off. Look it up there."),
        ("country", "required"): _("Choose a country."),
        ("language", "required"): _("Choose a language for its letters."),
    }[field, code]
