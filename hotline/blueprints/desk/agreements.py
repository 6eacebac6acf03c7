"""Agreements with stakeholders: entered, read again, renewed or ended."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import jurisdiction
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import days, drawing, stakeholder_words
from hotline.blueprints.guards import needs, redraws
from hotline.errors import Refused
from hotline.models.stakeholder import Agreement
from hotline.rules import stakeholders as rules
from hotline.rules.stakeholders import AgreementEntry
from hotline.services import agreements, consultations, stakeholders
from hotline.transactions import commits

bp = Blueprint("agreements", __name__, url_prefix="/practice/agreements")
READERS, KEEPERS = agreements.READERS, agreements.KEEPERS


@bp.get("")
@needs(*READERS)
def show_agreements() -> ResponseReturnValue:
    """Show the agreements: those in force first, the next to expire before the others."""
    rows = agreements.list_all(by=guards.current_staff())
    return drawing.draw(
        "desk/agreements/list.html",
        rows=rows,
        clocks=agreements.clocks_of(rows),
        most=agreements.MOST,
        names_of=stakeholder_words.names,
    )


@bp.get("/new")
@needs(*KEEPERS)
def new_agreement() -> ResponseReturnValue:
    """Ask for a new agreement."""
    return _form("desk/agreements/new.html", request.form, request.form.getlist("parties"))


@bp.post("/new")
@needs(*KEEPERS)
@redraws(new_agreement)
@commits
def add_agreement() -> ResponseReturnValue:
    """Add an agreement."""
    added = agreements.enter(_typed(), owner=request.form.get("owner", ""), by=guards.current_staff())
    flash(_("Saved. Before it expires its owner is reminded."))
    return htmx.go(url_for(".show_agreement", ref=added.ref))


@bp.get("/<ref>")
@needs(*READERS)
def show_agreement(ref: str) -> ResponseReturnValue:
    """Show one agreement, what it followed and what followed it."""
    person = guards.current_staff()
    one = agreements.get(ref, by=person)
    return drawing.draw(
        "desk/agreements/page.html",
        one=one,
        clock=agreements.clocks_of([one]).get(one.id),
        earlier=agreements.earlier(one),
        follower=agreements.follower(one),
        reviews=agreements.reviews_of(one),
        owners=stakeholder_words.people(consultations.leads()),
        may_keep=person.has(*KEEPERS),
        typed=request.form,
        name_of=stakeholder_words.name,
        say=stakeholder_words.say,
    )


@bp.get("/<ref>/renew")
@needs(*KEEPERS)
def show_renewal(ref: str) -> ResponseReturnValue:
    """Ask for the agreement that follows one."""
    one = agreements.get(ref, by=guards.current_staff())
    ticked = request.form.getlist("parties") if request.form else [each.ref for each in one.parties]
    return _form("desk/agreements/new.html", request.form or _kept(one), ticked, one)


@bp.post("/<ref>/renew")
@needs(*KEEPERS)
@redraws(show_renewal)
@commits
def renew_agreement(ref: str) -> ResponseReturnValue:
    """Let another agreement follow one."""
    person = guards.current_staff()
    one = agreements.get(ref, by=person)
    added = agreements.renew(one, _typed(), owner=request.form.get("owner", ""), by=person)
    flash(_("Renewed. The earlier one stays on record."))
    return htmx.go(url_for(".show_agreement", ref=added.ref))


@bp.post("/<ref>/review")
@needs(*KEEPERS)
@redraws(show_agreement)
@commits
def review_agreement(ref: str) -> ResponseReturnValue:
    """Note that an agreement was read again and fits."""
    person = guards.current_staff()
    agreements.review(agreements.get(ref, by=person), days.sent("review_on"), by=person)
    flash(_("Noted."))
    return htmx.go(url_for(".show_agreement", ref=ref))


@bp.post("/<ref>/owner")
@needs(*KEEPERS)
@redraws(show_agreement)
@commits
def hand_agreement(ref: str) -> ResponseReturnValue:
    """Let somebody else answer for an agreement."""
    person = guards.current_staff()
    agreements.hand(agreements.get(ref, by=person), request.form.get("owner", ""), by=person)
    flash(_("Handed over."))
    return htmx.go(url_for(".show_agreement", ref=ref))


@bp.post("/<ref>/end")
@needs(*KEEPERS)
@redraws(show_agreement)
@commits
def end_agreement(ref: str) -> ResponseReturnValue:
    """End an agreement."""
    person = guards.current_staff()
    agreements.end(agreements.get(ref, by=person), request.form.get("why", ""), by=person)
    flash(_("Ended. It stays on record."))
    return htmx.go(url_for(".show_agreement", ref=ref))


def _form(template: str, typed: Any, ticked: list[str], one: Agreement | None = None) -> str:
    every = stakeholders.list_all(by=guards.current_staff())
    return drawing.draw(
        template,
        one=one,
        typed=typed,
        ticked=ticked,
        groups=stakeholder_words.by_sector(each for each in every if each.active),
        owners=stakeholder_words.people(consultations.leads()),
        name_of=stakeholder_words.name,
        say=stakeholder_words.say,
    )


def _kept(one: Agreement) -> Mapping[str, str]:
    return {"title": one.title, "owner": one.owner.number if one.owner else ""}


def _typed() -> AgreementEntry:
    form = request.form
    entry = rules.judge_agreement(
        title=form.get("title", ""),
        paper=form.get("paper", ""),
        parties=form.getlist("parties"),
        signed_on=days.sent("signed_on"),
        expires_on=days.sent("expires_on"),
        review_on=days.sent("review_on"),
        today=jurisdiction.today(),
    )
    if not isinstance(entry, AgreementEntry):
        raise Refused(*entry)
    return entry
