"""Police reports: drafted, approved by another person, handed over, answered."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock, jurisdiction
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing, host_words, notice_words, numbers, police_paper, police_words
from hotline.blueprints.guards import CASE_ROLES, needs, redraws
from hotline.errors import Refused
from hotline.models.recipient import Recipient
from hotline.rules import addresses
from hotline.rules import police as rule
from hotline.services import audit, holds, police, police_packages, staff
from hotline.services.police import Shown
from hotline.transactions import commits
from hotline.vocabulary import HandedBy, Language, Role

bp = Blueprint("police", __name__, url_prefix="/police")


@bp.get("")
@needs(*CASE_ROLES)
def show_reports() -> ResponseReturnValue:
    """Show police reports by what is waited for. Which, is in the address."""
    person, asked = guards.current_staff(), request.args.get("show", Shown.DRAFTS)
    if asked not in set(Shown):
        raise Refused(("show", "unknown"))
    found = police.list_page(Shown(asked), by=person, after=request.args.get("after", ""))
    return htmx.page_or_partial(
        "desk/police/list.html",
        "desk/police/_rows.html",
        rows=found.rows,
        asked=asked,
        tabs=[(one, police_words.shown(one), police.count(one, by=person)) for one in Shown],
        answer_due=police.answer_due,
        next_page=url_for(".show_reports", show=asked, after=found.next) if found.next else "",
    )


@bp.get("/new")
@needs(*CASE_ROLES)
def new_report() -> ResponseReturnValue:
    """Ask which items go to which unit of the police."""
    return drawing.draw(
        "desk/police/new.html",
        typed=request.form or request.args,
        units=holds.units(),
        **_lengths(),
        say=police_words.say,
    )


@bp.post("/new")
@needs(*CASE_ROLES)
@redraws(new_report)
@commits
def draft_report() -> ResponseReturnValue:
    """Draft a report, and go and read it."""
    typed = request.form
    report = police.draft(
        typed.get("items", ""),
        _unit(typed.get("unit", "")),
        added=typed.get("added", ""),
        named=typed.get("named", ""),
        by=guards.current_staff(),
    )
    return htmx.go(url_for(".show_report", ref=report.ref))


@bp.get("/<ref>")
@needs(*CASE_ROLES)
def show_report(ref: str) -> ResponseReturnValue:
    """Show a report as it is handed over, its addresses defanged, and what became of it."""
    person = guards.current_staff()
    report = police.get(ref, by=person)
    is_closed = police.is_closed(report)
    package = None if is_closed else police.read(report, by=person)
    names = {one.number: one.name for one in staff.list_staff()}
    return drawing.draw(
        "desk/police/page.html",
        report=report,
        package=package,
        is_closed=is_closed,
        safe=addresses.defang,
        leaks=police_packages.leaks_in(package) if package else (),
        tell_leak=notice_words.leak,
        hindrance=police.hindrance(report) if report.status in police.OPEN_STATUSES else None,
        was_told_wrong=police.was_told_wrong(report),
        version=police.version(report),
        told=police.told(report),
        answer_due=police.answer_due(report),
        has_key=police.has_key(report.unit),
        means=tuple(HandedBy),
        lines=police_words.tell(audit.history(police.subject(report)), names),
        country=host_words.country,
        how=police_words.means,
        typed=({"added": package.added, "named": package.person_named} if package else {}) | request.form.to_dict(),
        **police_words.of_paper(),
        **_lengths(),
        say=police_words.say,
    )


@bp.get("/<ref>/print")
@needs(*CASE_ROLES)
def print_report(ref: str) -> ResponseReturnValue:
    """Show an approved report for paper, with its exact addresses, in its own language or another; on record."""
    person = guards.current_staff()
    report = police.get(ref, by=person)
    asked = request.args.get("lang", report.language)
    if asked not in set(Language):
        raise Refused(("lang", "unknown"))
    package = police.printed(report, by=person)
    g.lang = Language(asked)
    return drawing.draw(
        "desk/police/print.html",
        report=report,
        package=package,
        languages=tuple(Language),
        now=clock.now(),
        country=host_words.country,
        **police_words.of_paper(),
    )


@bp.post("/<ref>/change")
@needs(*CASE_ROLES)
@redraws(show_report)
@commits
def change_report(ref: str) -> ResponseReturnValue:
    """Write a draft anew."""
    person, typed = guards.current_staff(), request.form
    report = police.get(ref, by=person)
    police.change(report, added=typed.get("added", ""), named=typed.get("named", ""), by=person)
    flash(_("Written anew, with what is known of its items now. Somebody else approves it."))
    return htmx.go(url_for(".show_report", ref=ref))


@bp.post("/<ref>/approve")
@needs(Role.REVIEWER)
@redraws(show_report)
@commits
def approve_report(ref: str) -> ResponseReturnValue:
    """Let a report be handed over."""
    person = guards.current_staff()
    police.approve(police.get(ref, by=person), seen=request.form.get("seen", ""), by=person)
    flash(_("Approved. Now it can be printed, taken along, and handed over."))
    return htmx.go(url_for(".show_report", ref=ref))


@bp.post("/<ref>/withdraw")
@needs(*CASE_ROLES)
@commits
def withdraw_report(ref: str) -> ResponseReturnValue:
    """Take back a report that was not handed over."""
    person = guards.current_staff()
    police.withdraw(police.get(ref, by=person), by=person)
    flash(_("Withdrawn. It does not go."))
    return htmx.go(url_for(".show_report", ref=ref))


@bp.post("/<ref>/download")
@needs(*CASE_ROLES)
@redraws(show_report)
@commits
def download_report(ref: str) -> ResponseReturnValue:
    """Hand over the files of a report: encrypted to its unit's key, or as they are, for a medium taken along."""
    person = guards.current_staff()
    report = police.get(ref, by=person)
    encrypted = request.form.get("form") == "encrypted"
    take = police.encrypted if encrypted else police.download
    body = take(report, police_paper.texts, by=person)
    answer = Response(body, mimetype="application/pgp-encrypted" if encrypted else "application/zip")
    name = f"{report.ref}.zip.asc" if encrypted else f"{report.ref}.zip"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@bp.post("/<ref>/hand-over")
@needs(*CASE_ROLES)
@redraws(show_report)
@commits
def hand_report_over(ref: str) -> ResponseReturnValue:
    """Note that a report is with its unit."""
    person, typed = guards.current_staff(), request.form
    report = police.get(ref, by=person)
    police.hand_over(
        report,
        typed.get("handed_by", ""),
        typed.get("handed_to", ""),
        _moment(),
        though=typed.get("though") == "yes",
        by=person,
    )
    if report.noted_late:
        flash(_("Noted. Call the unit and tell it what has changed."))
    else:
        flash(_("Noted. The unit's answer is waited for from now on."))
    return htmx.go(url_for(".show_report", ref=ref))


@bp.post("/<ref>/acknowledge")
@needs(*CASE_ROLES)
@redraws(show_report)
@commits
def acknowledge_report(ref: str) -> ResponseReturnValue:
    """Note that the unit has it, and its case number."""
    person = guards.current_staff()
    police.acknowledge(police.get(ref, by=person), request.form.get("case_number", ""), by=person)
    flash(_("Noted. The unit has it."))
    return htmx.go(url_for(".show_report", ref=ref))


@bp.post("/<ref>/feedback")
@needs(*CASE_ROLES)
@redraws(show_report)
@commits
def note_feedback(ref: str) -> ResponseReturnValue:
    """Note what the unit says became of the children."""
    person = guards.current_staff()
    identified, safeguarded = (request.form.get(name, type=numbers.read) for name in ("identified", "safeguarded"))
    police.note_feedback(
        police.get(ref, by=person),
        identified=identified,
        safeguarded=safeguarded,
        note=request.form.get("note", ""),
        by=person,
    )
    flash(_("Noted. Thank you for asking."))
    return htmx.go(url_for(".show_report", ref=ref))


@bp.post("/<ref>/close")
@needs(*CASE_ROLES)
@commits
def close_report(ref: str) -> ResponseReturnValue:
    """Put a report away."""
    person = guards.current_staff()
    police.close(police.get(ref, by=person), by=person)
    flash(_("Closed. Nothing is waited for any more."))
    return htmx.go(url_for(".show_report", ref=ref))


def _lengths() -> dict[str, Any]:
    return {
        "most_items": rule.MOST_ITEMS,
        "most_added": rule.MOST_ADDED,
        "most_named": rule.MOST_NAMED,
        "most_to": rule.MOST_TO,
        "most_case": rule.MOST_CASE,
        "most_feedback": rule.MOST_FEEDBACK,
    }


def _unit(ref: str) -> Recipient | None:
    return next((one for one in holds.units() if one.ref == ref), None)


def _moment() -> datetime | None:
    """Return the moment that was typed, by the time of this country: now where nothing was, None for what is none."""
    typed = request.form.get("at", "").strip()
    if not typed:
        return clock.now()
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=jurisdiction.current().zone)
    except ValueError:
        return None
