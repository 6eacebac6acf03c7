"""The security protocol: its documents and who has read them, networks, tests of backups; and each person's reading."""

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock, i18n, jurisdiction
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import case_forms, days, drawing, numbers, protocol_words
from hotline.blueprints.guards import needs, redraws, shows_newer
from hotline.errors import WrongState
from hotline.models.protocol import ProtocolVersion
from hotline.rules import protocols as rules
from hotline.rules.protocols import Draft
from hotline.services import access_reviews, duties, networks, protocols, restore_tests, room_entries, trainings
from hotline.services.protocols import Standing
from hotline.transactions import commits
from hotline.vocabulary import Role

bp = Blueprint("protocols", __name__)
READERS, KEEPERS = duties.READERS, duties.KEEPERS
MOST = 20


@bp.get("/practice/security")
@needs(*READERS)
def show_security() -> ResponseReturnValue:
    """Show how the security protocol stands: documents, room, access, trainings, networks, backups."""
    person = guards.current_staff()
    return drawing.draw(
        "desk/security/page.html",
        documents=protocols.list_documents(by=person),
        title=_title,
        may_keep=person.has(*KEEPERS),
        mine=protocols.count_mine(person),
        room=room_entries.evidence(),
        access=access_reviews.evidence(),
        trained=trainings.evidence(),
        restored=restore_tests.evidence(),
        periods=networks.list_periods(by=person, most=MOST),
    )


@bp.get("/practice/security/documents/new")
@needs(*KEEPERS)
def new_document() -> ResponseReturnValue:
    """Ask for a new document."""
    return _draw_draft(None, {})


@bp.post("/practice/security/documents/new")
@needs(*KEEPERS)
@redraws(new_document)
@commits
def start_document() -> ResponseReturnValue:
    """Begin a document with the draft of its first version."""
    added = protocols.start(_typed(), by=guards.current_staff())
    flash(_("Drafted. A second person has to approve it."))
    return htmx.go(url_for(".show_document", ref=added.document.ref))


@bp.get("/practice/security/documents/<ref>")
@needs(*READERS)
def show_document(ref: str) -> ResponseReturnValue:
    """Show a document: its draft, who has read what is in force, and its versions."""
    person = guards.current_staff()
    standing = protocols.get(ref, by=person)
    return drawing.draw(
        "desk/security/document.html",
        standing=standing,
        readings=protocols.list_readings(standing.in_force) if standing.in_force else [],
        versions=protocols.versions(standing.document),
        title=_title,
        changes=_changes,
        may_keep=person.has(*KEEPERS),
        may_approve=standing.draft is not None and protocols.may_approve(standing.draft, by=person),
        overtaken=guards.overtaken(),
    )


@bp.get("/practice/security/documents/<ref>/draft")
@needs(*KEEPERS)
def show_draft(ref: str) -> ResponseReturnValue:
    """Show the draft of a document's next version, to be changed; where none is, what is in force to begin from."""
    standing = protocols.get(ref, by=guards.current_staff())
    return _draw_draft(standing, _kept(standing.draft or standing.newest, is_new=standing.draft is None))


@bp.post("/practice/security/documents/<ref>/draft")
@needs(*KEEPERS)
@redraws(show_draft)
@shows_newer(show_draft)
@commits
def save_draft(ref: str) -> ResponseReturnValue:
    """Keep what was typed as the draft of the next version."""
    person = guards.current_staff()
    standing = protocols.get(ref, by=person)
    if standing.draft is None:
        protocols.propose(standing, _typed(), by=person)
    else:
        protocols.change(standing.draft, _typed(), version=_version(), by=person)
    flash(_("Drafted. A second person has to approve it."))
    return htmx.go(url_for(".show_document", ref=ref))


@bp.post("/practice/security/documents/<ref>/approve")
@needs(*KEEPERS)
@shows_newer(show_document)
@commits
def approve_draft(ref: str) -> ResponseReturnValue:
    """Stand behind the draft as its second person."""
    person = guards.current_staff()
    standing = protocols.get(ref, by=person)
    if standing.draft is None:
        raise WrongState(f"{ref} has no draft")
    protocols.approve(standing.draft, version=_version(), by=person)
    flash(_("Approved. Whoever has to read it is asked from the day it is in force."))
    return htmx.go(url_for(".show_document", ref=ref))


@bp.post("/practice/security/documents/<ref>/end")
@needs(*KEEPERS)
@commits
def end_document(ref: str) -> ResponseReturnValue:
    """Let a document hold no more."""
    person = guards.current_staff()
    protocols.retire(protocols.get(ref, by=person), by=person)
    flash(_("It holds no more. What was read of it stays on record."))
    return htmx.go(url_for(".show_document", ref=ref))


@bp.get("/practice/security/documents/<ref>/versions/<number>")
@needs(*READERS)
def show_version(ref: str, number: str) -> ResponseReturnValue:
    """Show what one version says, in both languages; old ones too."""
    standing = protocols.get(ref, by=guards.current_staff())
    return drawing.draw(
        "desk/security/version.html",
        standing=standing,
        version=protocols.version(standing.document, number),
        blocks=rules.blocks,
        title=_title,
    )


@bp.get("/practice/security/restore")
@needs(*READERS)
def show_restoring() -> ResponseReturnValue:
    """Show the tests in which a backup was restored, and ask for the next."""
    person = guards.current_staff()
    return drawing.draw(
        "desk/security/restore.html",
        tests=restore_tests.history(by=person, most=MOST),
        duty=restore_tests.duty(by=person),
        may_keep=person.has(*KEEPERS),
        typed=request.form,
        say=protocol_words.say,
    )


@bp.post("/practice/security/restore")
@needs(*KEEPERS)
@redraws(show_restoring)
@commits
def note_restoring() -> ResponseReturnValue:
    """Note that a backup was restored as a test."""
    restore_tests.record(
        what=request.form.get("what", ""),
        minutes=request.form.get("minutes", type=numbers.read),
        worked=request.form.get("worked") == "yes",
        done_at=case_forms.moment("done_at"),
        by=guards.current_staff(),
    )
    flash(_("Noted. If it did not work, the time to do it goes on."))
    return htmx.go(url_for(".show_restoring"))


@bp.get("/me/protocols")
@needs(*Role)
def show_mine() -> ResponseReturnValue:
    """Show a person what they are asked to read, and what they have read."""
    person = guards.current_staff()
    found = protocols.list_mine(person)
    return drawing.draw(
        "desk/security/mine.html",
        readings=found,
        clocks=duties.running(protocols.SUBJECT, [one.id for one in found if one.read_at is None]),
        title=_title,
    )


@bp.get("/me/protocols/<int(max=2147483647):reading_id>")
@needs(*Role)
def show_reading(reading_id: int) -> ResponseReturnValue:
    """Show a person a version that they are asked to read, in their language."""
    reading = protocols.get_mine(reading_id, guards.current_staff())
    lang = i18n.chosen()
    return drawing.draw(
        "desk/security/reading.html",
        reading=reading,
        title=_title,
        changes=_changes,
        blocks=list(rules.blocks(protocols.body(reading.version, lang))),
    )


@bp.post("/me/protocols/<int(max=2147483647):reading_id>")
@needs(*Role)
@commits
def confirm_reading(reading_id: int) -> ResponseReturnValue:
    """Note that a person has read a version."""
    person = guards.current_staff()
    protocols.confirm(protocols.get_mine(reading_id, person), by=person)
    flash(_("Thank you. It is noted that you have read it."))
    return htmx.go(url_for(".show_mine"))


def _draw_draft(standing: Standing | None, kept: dict[str, Any]) -> str:
    typed = request.form if "number" in request.form else kept
    chosen = typed.getlist("roles") if hasattr(typed, "getlist") else typed.get("roles", [])
    return drawing.draw(
        "desk/security/draft.html",
        standing=standing,
        title=_title,
        typed=typed,
        chosen=chosen,
        roles=tuple(Role),
        version=standing.draft.version if standing and standing.draft else 0,
        newer=standing.draft if standing and guards.overtaken() else None,
        today=jurisdiction.today(),
        longest=rules.LONGEST_BODY,
        now=clock.now(),
        say=protocol_words.say,
    )


def _typed() -> Draft:
    case_forms.refuse_files()
    form, ticked = request.form, request.form.getlist("roles")
    return Draft(
        **{name: form.get(name, "") for name in protocols.FIELDS},
        roles=tuple(one for one in Role if one in ticked),
        in_force_on=days.sent("in_force_on"),
    )


def _kept(version: ProtocolVersion, *, is_new: bool) -> dict[str, Any]:
    """Return a version as its form shows it; of one that is only begun from, number and changes are new."""
    kept: dict[str, Any] = {name: getattr(version, name) for name in protocols.FIELDS}
    if is_new:
        kept |= {"number": "", "changes_en": "", "changes_km": ""}
    day = jurisdiction.today() if is_new else version.in_force_on
    return kept | {"roles": version.roles.split(), "in_force_on": day.isoformat()}


def _version() -> int:
    return request.form.get("version", 0, type=numbers.read) or 0


def _title(version: ProtocolVersion) -> str:
    return protocols.title(version, i18n.chosen())


def _changes(version: ProtocolVersion) -> str:
    return protocols.changes(version, i18n.chosen())
