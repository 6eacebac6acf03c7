"""Consent: whom the victim and the guardians agree to tell, what stands, and taking it back."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import jurisdiction
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import case_forms, consent_words, days, drawing, numbers
from hotline.blueprints.guards import needs, redraws, shows_newer
from hotline.rules.consents import MOST_LINE, Said, Withheld
from hotline.services import case_exports, case_files, consents
from hotline.services.consents import Typed
from hotline.transactions import commits
from hotline.vocabulary import CaseStatus, ConsentAnswer, Role, Share

bp = Blueprint("consents", __name__, url_prefix="/victims/cases/<ref>/consents")


@bp.get("")
@needs(Role.VICTIM_SUPPORT)
def show_consents(ref: str) -> ResponseReturnValue:
    """Show what stands towards each recipient anybody was asked about."""
    person = guards.current_staff()
    one = case_files.get(ref, by=person)
    about = case_forms.about_case(one)
    card = consents.card(one)
    known = {towards.to.ref for towards in card.towards}
    return drawing.draw(
        "desk/consents/list.html",
        consents=card,
        recipients=[to for to in consents.recipients(by=person) if to.ref not in known],
        name=consent_words.name,
        may_ask=one.status is CaseStatus.OPEN,
        taken=case_exports.list_taken(one),
        **about,
    )


@bp.get("/choose")
@needs(Role.VICTIM_SUPPORT)
def choose_recipient(ref: str) -> ResponseReturnValue:
    """Lead to the recipient that was chosen."""
    person = guards.current_staff()
    one = case_files.get(ref, by=person)
    to = consents.get_recipient(request.args.get("to", ""), by=person)
    return htmx.go(url_for(".show_recipient", ref=one.ref, to=to.ref))


@bp.get("/<to>")
@needs(Role.VICTIM_SUPPORT)
def show_recipient(ref: str, to: str, taking: int | None = None) -> ResponseReturnValue:
    """Show what everybody answered about one recipient, and the form for another answer.

    `taking`: which agreement somebody was taking back, where that form comes back.
    """
    person, typed = guards.current_staff(), request.form
    one = case_files.get(ref, by=person)
    whom = consents.get_recipient(to, by=person)
    about = case_forms.about_case(one)
    towards = consents.towards(one, whom)
    is_open = one.status is CaseStatus.OPEN
    return drawing.draw(
        "desk/consents/page.html",
        towards=towards,
        asked=consents.list_asked(one),
        shares=tuple(Share),
        answers=tuple(ConsentAnswer),
        reasons=tuple(Withheld),
        first_ask_again=consents.first_ask_again().isoformat(),
        today=jurisdiction.today().isoformat(),
        longest_line=MOST_LINE,
        seen=consents.newest(one, whom),
        taking=taking,
        taken=[each for each in case_exports.list_taken(one) if each.to is whom],
        is_newer=guards.overtaken(),
        may_ask=is_open,
        may_decide=is_open and not towards.standing.by_consent,
        typed=typed,
        picked=typed.getlist("shares"),
        say=consent_words.say,
        **about,
    )


@bp.post("/<to>")
@needs(Role.VICTIM_SUPPORT)
@shows_newer(show_recipient)
@redraws(show_recipient)
@commits
def note_answer(ref: str, to: str) -> ResponseReturnValue:
    """Write down what somebody answered about a recipient."""
    case_forms.refuse_files()
    person, typed = guards.current_staff(), request.form
    one = case_files.get_open(ref, by=person)
    stopped = consents.record(
        one,
        consents.get_recipient(to, by=person),
        Typed(
            person_id=typed.get("person", -1, type=numbers.read),
            answer=case_forms.one_of(ConsentAnswer, typed.get("answer", "")),
            said=_said(),
            asked_on=days.read(typed.get("asked_on", "")),
            ask_again_on=days.read(typed.get("ask_again_on", "")),
        ),
        seen=typed.get("seen", -1, type=numbers.read),
        by=person,
    )
    flash(_("Written down."))
    case_forms.say_what_stopped(stopped)
    return htmx.go(url_for(".show_recipient", ref=ref, to=to))


def _show_again(ref: str, to: str, number: int) -> ResponseReturnValue:
    return show_recipient(ref, to, taking=number)


@bp.post("/<to>/<int(max=2147483647):number>/withdraw")
@needs(Role.VICTIM_SUPPORT)
@redraws(_show_again)
@commits
def withdraw_answer(ref: str, to: str, number: int) -> ResponseReturnValue:
    """Take an agreement back, at once."""
    case_forms.refuse_files()
    person = guards.current_staff()
    one = case_files.get(ref, by=person)
    consent = consents.find(one, number)
    stopped = consents.withdraw(consent, request.form.get("taken_back", ""), by=person)
    flash(_("Taken back. Nothing more leaves."))
    case_forms.say_what_stopped(stopped)
    return htmx.go(url_for(".show_recipient", ref=ref, to=consents.recipient_of(consent).ref))


def _said() -> Said:
    typed = request.form
    return Said(
        words=typed.get("words", ""),
        capacity=typed.get("capacity", ""),
        language=typed.get("language", ""),
        interpreter=typed.get("interpreter", ""),
        shares=case_forms.chosen_shares(),
        withheld_from=typed.get("withheld_from", ""),
        withheld_why=typed.get("withheld_why", ""),
    )
