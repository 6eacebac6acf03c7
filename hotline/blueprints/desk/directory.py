"""Who may get something from us: the directory, what registries propose for it, marks and keys."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from flask import Blueprint, flash, g, make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock, i18n
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import directory_words, drawing
from hotline.blueprints.guards import needs, redraws
from hotline.errors import Overtaken, Refused
from hotline.models.recipient import Recipient
from hotline.rules import entries
from hotline.rules.entries import Entry
from hotline.services import directory, proposals, recipient_keys, responses, upstreams
from hotline.transactions import commits
from hotline.vocabulary import Delivery, KeyKind, Language, Mark, RecipientKind, Role

bp = Blueprint("directory", __name__, url_prefix="/directory")
PEOPLE = (Role.ANALYST, Role.REVIEWER, Role.LIAISON)
LONGEST_SEARCH = 100


def shows_newer(view: Callable[[str], Any]) -> Callable[[str], Any]:
    """Answer what was typed beside a newer entry with both. In a row of the list there is room for the word alone."""

    @wraps(view)
    def wrapper(ref: str) -> Any:
        try:
            return view(ref)
        except Overtaken as late:
            if htmx.wants_part():
                raise
            g.overtaken = True
            return make_response(show_entry(ref)), late.status

    return wrapper


@bp.get("")
@needs(*PEOPLE)
def show_directory() -> ResponseReturnValue:
    """Show what registries propose, and everybody who may get letters or gets none any more. Filters in the address."""
    kind, like = request.args.get("kind", ""), " ".join(request.args.get("name", "").split())[:LONGEST_SEARCH]
    chosen = RecipientKind(kind) if kind in set(RecipientKind) else None
    after = request.args.get("dismissed", "")
    dismissed, more = proposals.list_dismissed(like=like, after=after)
    return drawing.draw(
        "desk/directory/list.html",
        rows=directory.list_entries(kind=chosen, like=like),
        proposed=proposals.list_open(),
        dismissed=dismissed,
        more_dismissed=more,
        shows_dismissed=bool(like or after),
        kinds=tuple(RecipientKind),
        kind=chosen,
        like=like,
        reached=directory_words.reached,
        has_way=directory.has_way,
        version=directory.version,
        say=directory_words.say,
        countries=_countries(),
    )


@bp.get("/new")
@needs(*PEOPLE)
def new_entry() -> ResponseReturnValue:
    """Ask for a new entry."""
    return _form("desk/directory/new.html", request.form)


@bp.post("/new")
@needs(*PEOPLE)
@redraws(new_entry)
@commits
def add_entry() -> ResponseReturnValue:
    """Add an entry."""
    added = directory.enter(_typed(), by=guards.current_staff())
    flash(_("%(name)s is in the directory. Verify the mailbox before the first letter.", name=added.name))
    return htmx.go(url_for(".show_directory"))


@bp.get("/<ref>")
@needs(*PEOPLE)
def show_entry(ref: str) -> ResponseReturnValue:
    """Show all that is known of one entry, to be changed."""
    recipient = directory.get(ref)
    kept = {field: _told(getattr(recipient, field)) for field in directory.FIELDS}
    return _form(
        "desk/directory/page.html",
        request.form if "name" in request.form else kept,
        recipient,
        sent=request.form,
        record=responses.of(recipient),
        changes=directory.list_changes(recipient),
        marks=tuple(Mark),
        key_kinds=tuple(KeyKind),
        key_names=recipient_keys.names_of,
        now=clock.now(),
        others=directory.list_entries() if recipient.proposed_at else [],
        doubt=directory_words.doubt(recipient),
        median=directory_words.median,
        stand_above=upstreams.of(recipient),
        may_stand_above=upstreams.list_choices(recipient),
        field_name=directory_words.field,
        field_value=directory_words.value,
        reached=directory_words.reached,
        has_way=directory.has_way(recipient),
        version=directory.version(recipient),
        overtaken=g.get("overtaken", False),
        stands_now=directory_words.differing(recipient, request.form),
    )


@bp.post("/<ref>")
@needs(*PEOPLE)
@redraws(show_entry)
@shows_newer
@commits
def change_entry(ref: str) -> ResponseReturnValue:
    """Change an entry. Who is reached otherwise has to be verified anew."""
    seen = request.form.get("seen")
    changed = directory.change(directory.get(ref), _typed(), seen=seen, by=guards.current_staff())
    flash(_("Saved.") if changed else _("Nothing was changed."))
    return htmx.go(url_for(".show_entry", ref=ref))


@bp.post("/<ref>/verify")
@needs(*PEOPLE)
@redraws(show_entry)
@shows_newer
@commits
def verify_entry(ref: str) -> ResponseReturnValue:
    """Note that somebody checked today how an entry is reached."""
    recipient = directory.get(ref)
    directory.verify(recipient, seen=request.form.get("seen"), by=guards.current_staff())
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


@bp.post("/<ref>/approve")
@needs(*PEOPLE)
@redraws(show_entry)
@commits
def approve_proposal(ref: str) -> ResponseReturnValue:
    """Make a registry's proposal an entry."""
    recipient = directory.get(ref)
    proposals.approve(recipient, by=guards.current_staff())
    flash(_("%(name)s is in the directory. Verify the mailbox before the first letter.", name=recipient.name))
    return htmx.go(url_for(".show_entry", ref=ref))


@bp.post("/<ref>/dismiss")
@needs(*PEOPLE)
@commits
def dismiss_proposal(ref: str) -> ResponseReturnValue:
    """Let a registry's proposal get nothing."""
    proposals.dismiss(directory.get(ref), by=guards.current_staff())
    flash(_("Dismissed. This mailbox is not proposed again."))
    return htmx.go(url_for(".show_directory"))


@bp.post("/<ref>/join")
@needs(*PEOPLE)
@redraws(show_entry)
@commits
def join_proposal(ref: str) -> ResponseReturnValue:
    """Say which entry a registry's proposal is."""
    entry = proposals.join(directory.get(ref), request.form.get("into", ""), by=guards.current_staff())
    flash(_("%(name)s is recognised by it from now on. Its own mailbox stays as it is.", name=entry.name))
    return htmx.go(url_for(".show_entry", ref=entry.ref))


@bp.post("/<ref>/marks")
@needs(*PEOPLE)
@redraws(show_entry)
@commits
def add_mark(ref: str) -> ResponseReturnValue:
    """Note by what an entry is recognised."""
    typed = request.form
    directory.add_mark(directory.get(ref), typed.get("mark", ""), typed.get("value", ""), by=guards.current_staff())
    flash(_("Saved."))
    return htmx.go(url_for(".show_entry", ref=ref))


@bp.post("/<ref>/marks/<int(max=2147483647):mark_id>/remove")
@needs(*PEOPLE)
@commits
def remove_mark(ref: str, mark_id: int) -> ResponseReturnValue:
    """Take a mark away."""
    directory.remove_mark(directory.get(ref), mark_id, by=guards.current_staff())
    flash(_("Removed."))
    return htmx.go(url_for(".show_entry", ref=ref))


@bp.post("/<ref>/above")
@needs(*PEOPLE)
@redraws(show_entry)
@commits
def add_above(ref: str) -> ResponseReturnValue:
    """Note who stands above an entry's network."""
    upstreams.add(directory.get(ref), request.form.get("above", ""), by=guards.current_staff())
    flash(_("Saved."))
    return htmx.go(url_for(".show_entry", ref=ref))


@bp.post("/<ref>/above/<int(max=2147483647):upstream_id>/remove")
@needs(*PEOPLE)
@commits
def remove_above(ref: str, upstream_id: int) -> ResponseReturnValue:
    """Take away who stands above an entry's network."""
    upstreams.remove(directory.get(ref), upstream_id, by=guards.current_staff())
    flash(_("Removed."))
    return htmx.go(url_for(".show_entry", ref=ref))


@bp.post("/<ref>/keys")
@needs(*PEOPLE)
@redraws(show_entry)
@commits
def add_key(ref: str) -> ResponseReturnValue:
    """Add a public key that letters are encrypted to."""
    typed = request.form
    recipient_keys.add(
        directory.get(ref), typed.get("key_kind", ""), typed.get("material", ""), by=guards.current_staff()
    )
    flash(_("Saved. Compare the fingerprint with its owner, by telephone or in person."))
    return htmx.go(url_for(".show_entry", ref=ref))


@bp.post("/<ref>/keys/<int(max=2147483647):key_id>/withdraw")
@needs(*PEOPLE)
@commits
def withdraw_key(ref: str, key_id: int) -> ResponseReturnValue:
    """Encrypt nothing to a key any more."""
    recipient_keys.withdraw(directory.get(ref), key_id, by=guards.current_staff())
    flash(_("Withdrawn. Nothing is encrypted to it any more."))
    return htmx.go(url_for(".show_entry", ref=ref))


def _row(recipient: Recipient) -> ResponseReturnValue:
    return htmx.partial_or_redirect(
        "desk/directory/_row.html",
        url_for(".show_directory"),
        row=recipient,
        countries=_countries(),
        reached=directory_words.reached,
        has_way=directory.has_way,
        version=directory.version,
    )


def _form(page: str, typed: Mapping[str, str], recipient: Recipient | None = None, **more: Any) -> str:
    return drawing.draw(
        page,
        recipient=recipient,
        typed=typed,
        kinds=tuple(RecipientKind),
        ways=tuple(Delivery),
        languages=tuple(Language),
        countries=_countries(),
        longest_doubt=entries.LONGEST_DOUBT,
        say=directory_words.say,
        **more,
    )


def _told(value: object) -> str:
    return "" if value is None else str(value)


def _typed() -> Entry:
    """Return the entry that was sent. Raises Refused with everything that is wrong with it."""
    found = entries.judge(**{field: request.form.get(field, "") for field in directory.FIELDS})
    if isinstance(found, Entry):
        return found
    raise Refused(*found)


def _countries() -> dict[str, str]:
    return entries.countries(i18n.chosen())
