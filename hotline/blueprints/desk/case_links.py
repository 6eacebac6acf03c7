"""Words across the wall: what analysts hand to victim support, its inbox there, and questions and answers both ways."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import case_forms, case_link_words, drawing, exposure
from hotline.blueprints.guards import CASE_ROLES, needs, redraws
from hotline.errors import NotFound, Refused
from hotline.models.item import Item
from hotline.models.report import Report
from hotline.rules import victim_files
from hotline.services import case_links, items, messages
from hotline.services.case_links import Shown
from hotline.transactions import commits
from hotline.vocabulary import Risk, Role

bp = Blueprint("case_links", __name__)
SUPPORT = Role.VICTIM_SUPPORT


@bp.get("/support/new")
@needs(*CASE_ROLES)
def new_link() -> ResponseReturnValue:
    """Ask an analyst what they know of a child."""
    thing = _thing()
    return drawing.draw(
        "desk/case_links/new.html",
        thing=thing,
        back=_page_of(thing),
        is_item=isinstance(thing, Item),
        typed=request.form,
        say=case_link_words.say,
    )


@bp.post("/support/new")
@needs(*CASE_ROLES)
@redraws(new_link)
@commits
def hand_over() -> ResponseReturnValue:
    """Hand what an analyst knows of a child to victim support."""
    case_forms.refuse_files()
    thing, typed = _thing(), request.form
    link = case_links.hand_over(thing, typed.get("note", ""), in_danger="in_danger" in typed, by=guards.current_staff())
    flash(
        _(
            "Handed to victim support as %(ref)s. You cannot read it any more. Ask and answer by this reference.",
            ref=link.ref,
        )
    )
    return htmx.go(_page_of(thing))


@bp.get("/support/<ref>")
@needs(*CASE_ROLES)
def show_handed(ref: str) -> ResponseReturnValue:
    """Show an analyst what victim support asks about something that was handed over."""
    person = guards.current_staff()
    link = case_links.get_handed(ref, by=person)
    return drawing.draw(
        "desk/case_links/handed.html",
        handed=case_links.read_handed(link, by=person),
        back=_page_of(link.item or link.report),
        typed=request.form,
        say=case_link_words.say,
    )


@bp.post("/support/<ref>/write")
@needs(*CASE_ROLES)
@redraws(show_handed)
@commits
def write_to_support(ref: str) -> ResponseReturnValue:
    """Ask victim support, or answer."""
    case_forms.refuse_files()
    person = guards.current_staff()
    link = case_links.get_handed(ref, by=person)
    case_links.write(link, request.form.get("text", ""), to_support=True, by=person)
    flash(_("Victim support has it. You cannot read it any more."))
    return htmx.go(url_for(".show_handed", ref=ref))


@bp.post("/support/<ref>/read")
@needs(*CASE_ROLES)
@commits
def mark_read_by_analysts(ref: str) -> ResponseReturnValue:
    """Note that what victim support wrote was read."""
    person = guards.current_staff()
    case_links.mark_read(case_links.get_handed(ref, by=person), to_support=False, by=person)
    flash(_("Marked as read."))
    return htmx.go(url_for(".show_handed", ref=ref))


@bp.get("/victims/links")
@needs(SUPPORT)
def show_inbox() -> ResponseReturnValue:
    """Show victim support what analysts handed over. Which, is in the address."""
    person, asked = guards.current_staff(), request.args.get("show", Shown.OPEN)
    if asked not in set(Shown):
        raise Refused(("show", "unknown"))
    found = case_links.list_page(Shown(asked), by=person, after=request.args.get("after", ""))
    return drawing.draw(
        "desk/case_links/inbox.html",
        rows=found.rows,
        asked=asked,
        tabs=[(one, case_link_words.shown(one)) for one in Shown],
        next_page=url_for(".show_inbox", show=asked, after=found.next) if found.next else "",
    )


@bp.get("/victims/links/<ref>")
@needs(SUPPORT)
def show_link(ref: str) -> ResponseReturnValue:
    """Show victim support what an analyst knows of a child, how far the thing is, and what was said since."""
    person = guards.current_staff()
    link = case_links.get(ref, by=person)
    note = case_links.read(link, by=person)
    exposure.looking()
    return drawing.draw(
        "desk/case_links/page.html",
        link=link,
        note=note,
        row=case_links.opened(link),
        risks=tuple(Risk),
        typed=request.form,
        longest_line=victim_files.MOST_LINE,
        say=case_link_words.say,
    )


@bp.post("/victims/links/<ref>/open")
@needs(SUPPORT)
@redraws(show_link)
@commits
def open_case(ref: str) -> ResponseReturnValue:
    """Open a case from a link, and go on to its file."""
    case_forms.refuse_files()
    person, typed = guards.current_staff(), request.form
    link = case_links.get(ref, by=person)
    risk = typed.get("risk", "")
    if risk not in {str(int(one)) for one in Risk}:
        raise Refused(("risk", "required"))
    one = case_links.open_case(link, typed.get("code_name", ""), Risk(int(risk)), by=person)
    flash(_("The case is open. Only you can open it, until you share it."))
    return htmx.go(url_for("desk.victim_cases.show_case", ref=one.ref))


@bp.post("/victims/links/<ref>/put")
@needs(SUPPORT)
@redraws(show_link)
@commits
def put_to_case(ref: str) -> ResponseReturnValue:
    """Put a link to a case of theirs."""
    person = guards.current_staff()
    one = case_links.put(case_links.get(ref, by=person), request.form.get("case", ""), by=person)
    flash(_("Put to the case."))
    return htmx.go(url_for("desk.victim_cases.show_case", ref=one.ref))


@bp.post("/victims/links/<ref>/write")
@needs(SUPPORT)
@redraws(show_link)
@commits
def write_to_analysts(ref: str) -> ResponseReturnValue:
    """Ask the analysts, or answer."""
    case_forms.refuse_files()
    person = guards.current_staff()
    link = case_links.get(ref, by=person)
    case_links.write(link, request.form.get("text", ""), to_support=False, by=person)
    flash(_("The analysts have it. You cannot read it any more."))
    return htmx.go(url_for(".show_link", ref=ref))


@bp.post("/victims/links/<ref>/read")
@needs(SUPPORT)
@commits
def mark_read_by_support(ref: str) -> ResponseReturnValue:
    """Note that what the analysts wrote was read."""
    person = guards.current_staff()
    case_links.mark_read(case_links.get(ref, by=person), to_support=True, by=person)
    flash(_("Marked as read."))
    return htmx.go(url_for(".show_link", ref=ref))


def _thing() -> Item | Report:
    """Return the item or the report that is spoken of. Raises NotFound."""
    person = guards.current_staff()
    if item := request.values.get("item", ""):
        return items.get(item, by=person)
    return messages.get_report(request.values.get("report", ""), by=person)


def _page_of(thing: Item | Report | None) -> str:
    if thing is None:
        raise NotFound("no such thing")
    if isinstance(thing, Item):
        return url_for("desk.items.show_item", ref=thing.ref)
    return url_for("desk.messages.show_conversation", ref=thing.ref)
