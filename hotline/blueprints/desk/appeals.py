"""Objections to our letters: which wait, opening one, deciding, and telling everybody who was told."""

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import appeal_words, drawing, numbers
from hotline.blueprints.guards import needs, redraws, shows_newer
from hotline.errors import NotFound, Refused
from hotline.models.item import Item
from hotline.models.notice import Notice
from hotline.models.reply import Appeal, Reply
from hotline.rules.replies import MOST_WORDS
from hotline.services import appeal_cases, appeals, audit, clocks, notices, replies, retractions, staff
from hotline.transactions import commits
from hotline.vocabulary import AppealDecision, NoticeStatus, Role

bp = Blueprint("appeals", __name__, url_prefix="/appeals")
NUMBER = "<int(max=2147483647):ref>"


@bp.get("")
@needs(*appeals.ROLES)
def show_appeals() -> ResponseReturnValue:
    """Show the appeals that wait, then those decided, newest first. No address is on this page."""
    person = guards.current_staff()
    found = appeals.list_decided(by=person, before=request.args.get("before", type=numbers.read))
    rows = found[: appeals.MOST]
    waiting = appeals.list_open(by=person)
    return drawing.draw(
        "desk/appeals/list.html",
        waiting=waiting,
        due={one.id: clocks.of(one) for one in waiting},
        rows=rows,
        undone={one.id: retractions.count_undone(one) for one in rows},
        next_page=url_for(".show_appeals", before=rows[-1].id) if len(found) > len(rows) else "",
    )


@bp.get("/new")
@needs(*appeals.ROLES)
def new_appeal() -> ResponseReturnValue:
    """Ask what somebody objects to: on an answer that came, or because somebody called about an item."""
    notice, reply = _came_on()
    typed = request.form.to_dict() or _begin_with(reply)
    return drawing.draw(
        "desk/appeals/new.html",
        notice=notice,
        reply=reply,
        listed=replies.of_items(notice) if notice else [],
        typed=typed,
        longest=MOST_WORDS,
        say=appeal_words.say,
    )


@bp.post("/new")
@needs(*appeals.ROLES)
@redraws(new_appeal)
@commits
def open_appeal() -> ResponseReturnValue:
    """Open an appeal, and go to it."""
    person, typed = guards.current_staff(), request.form
    notice, reply = _came_on()
    item = _chosen(notice, typed.get("item", ""))
    appeal = appeal_cases.open_on(item, typed.get("words", ""), by=person, notice=notice, reply=reply)
    if reply is not None:
        replies.mark_read(reply, by=person)
    flash(_("Opened. Until it is decided nothing new about the item leaves."))
    return htmx.go(url_for(".show_appeal", ref=appeal.id))


@bp.get(f"/{NUMBER}")
@needs(*appeals.ROLES)
def show_appeal(ref: int) -> ResponseReturnValue:
    """Show what somebody objects to, who may decide, what was decided, and who has to be told. Opening is on record."""
    person = guards.current_staff()
    appeal = appeals.get(ref, by=person)
    withdrawn = appeal.decision is AppealDecision.WITHDRAWN
    to_tell = retractions.of_item(appeal.item) if withdrawn else None
    names = {one.number: one.name for one in staff.list_staff()}
    return drawing.draw(
        "desk/appeals/page.html",
        appeal=appeal,
        opened=appeals.read(appeal, by=person),
        clocks=clocks.of(appeal),
        was_involved=appeals.was_involved(appeal.item, person),
        may_decide=person.has(*appeals.DECIDERS) and not appeal_cases.waits_for_second(appeal),
        may_confirm=appeal_cases.may_confirm(appeal, by=person),
        may_set_aside=appeal_cases.may_set_aside(appeal, by=person),
        record=appeal_cases.record_of(appeal),
        overtaken=guards.overtaken(),
        decisions=tuple(AppealDecision),
        to_tell=to_tell,
        drafts=[one for one in to_tell.letters if one.status is NoticeStatus.DRAFT] if to_tell else [],
        answer=appeal_words.answer(appeal),
        is_told=appeals.is_told(appeal),
        letter_to_do=appeal_words.letter_to_do,
        report_to_do=appeal_words.report_to_do,
        offer_to_do=appeal_words.offer_to_do,
        errand=retractions.errand,
        names=names,
        lines=appeal_words.tell(audit.history(appeals.subject(appeal)), names),
        typed=request.form,
        longest=MOST_WORDS,
        longest_outside=appeal_cases.MOST_OUTSIDE,
        say=appeal_words.say,
    )


@bp.post(f"/{NUMBER}/decide")
@needs(*appeals.DECIDERS)
@redraws(show_appeal)
@commits
def decide_appeal(ref: int) -> ResponseReturnValue:
    """Decide an appeal."""
    person, typed = guards.current_staff(), request.form
    appeal = appeals.get(ref, by=person)
    is_decided = appeal_cases.decide(
        appeal, typed.get("decision", ""), typed.get("reason", ""), outside=typed.get("outside", ""), by=person
    )
    flash(appeal_words.decided() if is_decided else _("On record. It counts once somebody else has confirmed it."))
    return htmx.go(url_for(".show_appeal", ref=ref))


@bp.post(f"/{NUMBER}/confirm")
@needs(*appeals.ROLES)
@redraws(show_appeal)
@shows_newer(show_appeal)
@commits
def confirm_appeal(ref: int) -> ResponseReturnValue:
    """Confirm what a colleague put on record of an outside decision."""
    person = guards.current_staff()
    appeal_cases.confirm(appeals.get(ref, by=person), seen=request.form.get("seen", ""), by=person)
    flash(appeal_words.decided())
    return htmx.go(url_for(".show_appeal", ref=ref))


@bp.post(f"/{NUMBER}/set-aside")
@needs(*appeals.ROLES)
@shows_newer(show_appeal)
@commits
def set_aside_appeal(ref: int) -> ResponseReturnValue:
    """Set aside what was put on record of an outside decision."""
    person = guards.current_staff()
    appeal_cases.set_aside(appeals.get(ref, by=person), seen=request.form.get("seen", ""), by=person)
    flash(_("Set aside. The appeal waits for a decision as before."))
    return htmx.go(url_for(".show_appeal", ref=ref))


@bp.post(f"/{NUMBER}/told")
@needs(*appeals.ROLES)
@commits
def record_told(ref: int) -> ResponseReturnValue:
    """Note that whoever objected was told."""
    person = guards.current_staff()
    appeals.record_told(appeals.get(ref, by=person), by=person)
    flash(_("Noted. Whoever objected knows."))
    return htmx.go(url_for(".show_appeal", ref=ref))


@bp.post(f"/{NUMBER}/done")
@needs(*appeals.ROLES)
@commits
def record_done(ref: int) -> ResponseReturnValue:
    """Note that a person has told whom the portal could not tell."""
    person = guards.current_staff()
    retractions.record_done(appeals.get(ref, by=person), request.form.get("errand", ""), by=person)
    flash(_("Noted: it is done."))
    return htmx.go(url_for(".show_appeal", ref=ref))


@bp.post(f"/{NUMBER}/approve")
@needs(Role.REVIEWER)
@redraws(show_appeal)
@commits
def approve_retractions(ref: int) -> ResponseReturnValue:
    """Let the letters go that take back what was said."""
    person = guards.current_staff()
    appeal = appeals.get(ref, by=person)
    done = retractions.approve_all(_withdrawn(appeal).item, by=person)
    if done.num or not done.left:
        flash(ngettext("%(num)s letter goes.", "%(num)s letters go.", done.num))
    for letter, code in done.left:
        flash(_("%(ref)s does not go yet. %(why)s", ref=letter.ref, why=appeal_words.say("approve", code)), "due")
    return htmx.go(url_for(".show_appeal", ref=ref))


def _came_on() -> tuple[Notice | None, Reply | None]:
    """Return the letter and the answer that an appeal is opened on: neither where somebody called."""
    person, number = guards.current_staff(), request.values.get("reply", type=numbers.read)
    if not request.values.get("notice"):
        return None, None
    notice = notices.get(request.values["notice"], by=person)
    return notice, replies.get(notice, number, by=person) if number else None


def _begin_with(reply: Reply | None) -> dict[str, Any]:
    """Return what a fresh form holds: the words of the answer it is opened on, whose reading is on record."""
    words = replies.read(reply, by=guards.current_staff()).words if reply else ""
    return {"words": words, "item": request.args.get("item", "")}


def _chosen(notice: Notice | None, ref: str) -> Item:
    if notice is None:
        return appeals.find_item(ref)
    found = next((one for one in replies.of_items(notice) if one.ref == ref), None)
    if found is None:
        raise Refused(("item", "required"))
    return found


def _withdrawn(appeal: Appeal) -> Appeal:
    if appeal.decision is not AppealDecision.WITHDRAWN:
        raise NotFound(f"appeal {appeal.id} takes nothing back")
    return appeal
