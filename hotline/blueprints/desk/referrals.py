"""Referrals to services: drafted, read as they leave, let go behind consent, answered, taken back."""

from datetime import datetime
from typing import ParamSpec

from flask import Blueprint, Response, flash, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock, jurisdiction
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import case_forms, days, drawing, notice_words, referral_words
from hotline.blueprints.guards import needs, redraws, says_what_is_missing, shows_newer
from hotline.errors import NotFound, Refused
from hotline.models.referral import Referral
from hotline.rules import referrals as rules
from hotline.rules.referral_letters import File
from hotline.services import (
    audit,
    case_files,
    referral_answers,
    referral_packages,
    referral_sending,
    referrals,
    service_gaps,
    staff,
)
from hotline.services.referrals import Shown
from hotline.transactions import commits
from hotline.vocabulary import Language, Need, ReferralStatus, RejectReason, RevokeReason, Role, Share

bp = Blueprint("referrals", __name__, url_prefix="/victims")
P = ParamSpec("P")
LOCAL_MINUTE = "%Y-%m-%dT%H:%M"


@bp.get("/referrals")
@needs(Role.VICTIM_SUPPORT)
def show_referrals() -> ResponseReturnValue:
    """Show referrals by what is waited for, those first that somebody has to look at. Which, is in the address."""
    person, asked = guards.current_staff(), request.args.get("show", Shown.DUE)
    if asked not in set(Shown):
        raise Refused(("show", "unknown"))
    found = referrals.list_page(Shown(asked), by=person, after=request.args.get("after", ""))
    return htmx.page_or_partial(
        "desk/referrals/list.html",
        "desk/referrals/_rows.html",
        rows=found.rows,
        asked=asked,
        tabs=[(one, referral_words.shown(one), referrals.count(one, by=person)) for one in Shown],
        service=referral_words.service,
        next_page=url_for(".show_referrals", show=asked, after=found.next) if found.next else "",
    )


@bp.get("/cases/<case>/refer")
@needs(Role.VICTIM_SUPPORT)
def new_referral(case: str) -> ResponseReturnValue:
    """Ask for which need, show the services that fit it, and ask what they are told."""
    person, typed = guards.current_staff(), request.form
    one = case_files.get_open(case, by=person)
    about = case_forms.about_case(one)
    need = case_forms.one_of(Need, typed.get("need", "") or request.args.get("need", ""))
    offers = referrals.offers(one, need, by=person) if need else []
    chosen = request.args.get("to", "")
    return drawing.draw(
        "desk/referrals/new.html",
        need=need,
        needs=tuple(Need),
        offers=offers,
        chosen=typed.get("provider", chosen),
        name=referral_words.name,
        languages=tuple(Language),
        shares=tuple(share for share in Share if share is not Share.NEED),
        left_out=typed.getlist("left_out"),
        gaps=referrals.card(one).gaps,
        typed=typed,
        until=(jurisdiction.today() + rules.USABLE).isoformat(),
        say=referral_words.say,
        **about,
    )


@bp.post("/cases/<case>/refer")
@needs(Role.VICTIM_SUPPORT)
@redraws(new_referral)
@commits
def draft_referral(case: str) -> ResponseReturnValue:
    """Draft a referral, and go and read it as it would leave."""
    case_forms.refuse_files()
    person, typed = guards.current_staff(), request.form
    referral = referrals.draft(
        case_files.get_open(case, by=person),
        typed.get("need", ""),
        typed.get("provider", ""),
        words=typed.get("words", ""),
        use_until=days.read(typed.get("use_until", "")),
        language=typed.get("language", ""),
        left_out=_left_out(),
        by=person,
    )
    flash(_("Drafted. Nothing goes yet: read it as the service would."))
    return htmx.go(url_for(".show_referral", ref=referral.ref))


@bp.post("/cases/<case>/refer/gap")
@needs(Role.VICTIM_SUPPORT)
@redraws(new_referral)
@commits
def note_gap(case: str) -> ResponseReturnValue:
    """Note that no service fits a need."""
    case_forms.refuse_files()
    person, typed = guards.current_staff(), request.form
    one = case_files.get_open(case, by=person)
    service_gaps.note(one, typed.get("need", ""), typed.get("gap", ""), by=person)
    flash(_("Noted. It is counted, without anything of this case."))
    return htmx.go(url_for("desk.victim_cases.show_case", ref=case))


def _new_again(case: str, number: int) -> ResponseReturnValue:
    return new_referral(case)


@bp.post("/cases/<case>/refer/gap/<int(max=2147483647):number>/close")
@needs(Role.VICTIM_SUPPORT)
@redraws(_new_again)
@commits
def close_gap(case: str, number: int) -> ResponseReturnValue:
    """Note that a service was found after all."""
    person = guards.current_staff()
    service_gaps.close(case_files.get_open(case, by=person), number, by=person)
    flash(_("Noted."))
    return htmx.go(url_for(".new_referral", case=case))


@bp.get("/referrals/<ref>")
@needs(Role.VICTIM_SUPPORT)
def show_referral(ref: str) -> ResponseReturnValue:
    """Show a referral exactly as it leaves, what is kept back, and what became of it."""
    person, typed = guards.current_staff(), request.form
    referral = referrals.get(ref, by=person)
    about = case_forms.about_case(referral.case)
    opened = referrals.read(referral, by=person)
    package, is_draft = opened.package, _is_draft(referral)
    checks = referral_sending.checks_of(referral, package, by=person) if is_draft else None
    must_tell = referral_answers.must_be_told(referral)
    names = {one.number: one.name for one in staff.list_staff()}
    return drawing.draw(
        "desk/referrals/page.html",
        referral=referral,
        package=package,
        words=opened.words,
        text=referral_packages.text_of(package, referral.language),
        withheld=rules.withheld(package),
        is_draft=is_draft,
        is_let_go=referrals.is_let_go(referral),
        is_being_sent=referrals.is_being_sent(referral),
        was_stopped=is_draft and referral.means is not None,
        checks=checks,
        is_gate_shut=guards.gate_shut(),
        is_newer=guards.overtaken(),
        unsure=[notice_words.leak(leak) for leak in checks.unsure] if checks else [],
        has_key=referral_packages.has_key(referral.provider),
        answer_due=referrals.answer_due(referral),
        answers=rules.next_answers(referral.status),
        may_revoke=bool(rules.MOVES[referral.status]),
        rests_on_nothing=referral_answers.rests_on_nothing(referral),
        must_tell=must_tell,
        destroy=referral_answers.revoked_text(referral) if must_tell else None,
        lines=referral_words.tell(audit.history(referrals.subject(referral)), names),
        names=names,
        service=referral_words.service(referral),
        field=referral_words.field,
        went_wrong=referral_words.went_wrong,
        how=referral_words.means,
        answer_word=referral_words.answer,
        happened=referral_words.happened,
        at_of=datetime.fromisoformat,
        hindrance=referral_words.hindrance,
        reject_reasons=tuple(RejectReason),
        revoke_reasons=tuple(RevokeReason),
        shares=tuple(share for share in Share if share is not Share.NEED),
        left_out=typed.getlist("left_out") if "use_until" in typed else package.left_out,
        typed=_as_stored(referral, opened) | typed.to_dict(),
        next_look=(jurisdiction.today() + rules.CHECK_AFTER).isoformat(),
        most_line=rules.MOST_LINE,
        say=referral_words.say,
        **about,
    )


@bp.post("/referrals/<ref>/change")
@needs(Role.VICTIM_SUPPORT)
@shows_newer(show_referral)
@redraws(show_referral)
@commits
def change_referral(ref: str) -> ResponseReturnValue:
    """Write a draft anew."""
    case_forms.refuse_files()
    person, typed = guards.current_staff(), request.form
    referrals.change(
        referrals.get(ref, by=person),
        words=typed.get("words", ""),
        use_until=days.read(typed.get("use_until", "")),
        left_out=_left_out(),
        version=case_forms.version(),
        by=person,
    )
    flash(_("Written anew, with what may be told now. Read it once more."))
    return htmx.go(url_for(".show_referral", ref=ref))


@bp.post("/referrals/<ref>/go")
@needs(Role.VICTIM_SUPPORT)
@says_what_is_missing(show_referral)
@shows_newer(show_referral)
@redraws(show_referral)
@commits
def let_referral_go(ref: str) -> ResponseReturnValue:
    """Let a referral go as it was read."""
    person, typed = guards.current_staff(), request.form
    referral = referrals.get(ref, by=person)
    referral_sending.let_go(
        referral, typed.get("means", ""), version=case_forms.version(), meant="meant" in typed, by=person
    )
    if referral.message_id:
        flash(_("It is on its way. This page says when it has gone."))
    else:
        flash(_("It is ready to be taken along. Note here when it was handed over."))
    return htmx.go(url_for(".show_referral", ref=ref))


@bp.post("/referrals/<ref>/hold")
@needs(Role.VICTIM_SUPPORT)
@commits
def hold_referral(ref: str) -> ResponseReturnValue:
    """Make a draft again of what has not left."""
    person = guards.current_staff()
    referral_sending.hold_back(referrals.get(ref, by=person), by=person)
    flash(_("Held back. It is a draft again."))
    return htmx.go(url_for(".show_referral", ref=ref))


@bp.post("/referrals/<ref>/file")
@needs(Role.VICTIM_SUPPORT)
@says_what_is_missing(show_referral)
@redraws(show_referral)
@commits
def take_file(ref: str) -> ResponseReturnValue:
    """Hand out the encrypted file of a referral."""
    person = guards.current_staff()
    return _handed_out(referral_sending.take_file(referrals.get(ref, by=person), by=person))


@bp.get("/referrals/<ref>/print")
@needs(Role.VICTIM_SUPPORT)
@says_what_is_missing(show_referral)
@redraws(show_referral)
def print_referral(ref: str) -> ResponseReturnValue:
    """Show a referral for paper, in its own language or another; that is on record."""
    person = guards.current_staff()
    referral = referrals.get(ref, by=person)
    asked = case_forms.one_of(Language, request.args.get("lang", referral.language))
    if asked is None:
        raise NotFound("there is no paper in that language")
    package = referral_sending.printed(referral, by=person)
    g.lang = asked
    return drawing.draw(
        "desk/referrals/print.html",
        referral=referral,
        package=package,
        field=referral_words.field,
        value=referral_words.value,
        day_of=days.read,
        languages=tuple(Language),
        now=clock.now(),
        number=person.number,
    )


@bp.post("/referrals/<ref>/hand-over")
@needs(Role.VICTIM_SUPPORT)
@says_what_is_missing(show_referral)
@redraws(show_referral)
@commits
def hand_referral_over(ref: str) -> ResponseReturnValue:
    """Note that file or paper is with the service."""
    case_forms.refuse_files()
    person, typed = guards.current_staff(), request.form
    at = case_forms.moment("at") or clock.now()
    referral_sending.hand_over(referrals.get(ref, by=person), typed.get("handed_to", ""), at, by=person)
    flash(_("Noted. The answer of the service is waited for from now on."))
    return htmx.go(url_for(".show_referral", ref=ref))


@bp.post("/referrals/<ref>/answer")
@needs(Role.VICTIM_SUPPORT)
@shows_newer(show_referral)
@redraws(show_referral)
@commits
def note_answer(ref: str) -> ResponseReturnValue:
    """Note what the service says."""
    case_forms.refuse_files()
    person, typed = guards.current_staff(), request.form
    referral_answers.answer(
        referrals.get(ref, by=person),
        typed.get("status", ""),
        typed.get("reason", ""),
        typed.get("said", ""),
        version=case_forms.version(),
        by=person,
    )
    flash(_("Noted."))
    return htmx.go(url_for(".show_referral", ref=ref))


@bp.post("/referrals/<ref>/appointment")
@needs(Role.VICTIM_SUPPORT)
@shows_newer(show_referral)
@redraws(show_referral)
@commits
def note_appointment(ref: str) -> ResponseReturnValue:
    """Note when and where child or family go, and who goes with them."""
    case_forms.refuse_files()
    person, typed = guards.current_staff(), request.form
    at = case_forms.moment("appointment_at")
    referral_answers.appoint(
        referrals.get(ref, by=person),
        at,
        typed.get("place", ""),
        typed.get("along", ""),
        version=case_forms.version(),
        by=person,
    )
    flash(_("Noted."))
    return htmx.go(url_for(".show_referral", ref=ref))


@bp.post("/referrals/<ref>/look")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_referral)
@commits
def look_again(ref: str) -> ResponseReturnValue:
    """Note that somebody looked, and when they look again."""
    case_forms.refuse_files()
    person, typed = guards.current_staff(), request.form
    day = days.read(typed.get("check_again_on", ""))
    referral_answers.look_again(referrals.get(ref, by=person), day, typed.get("called", ""), by=person)
    flash(_("Noted."))
    return htmx.go(url_for(".show_referral", ref=ref))


@bp.post("/referrals/<ref>/feedback")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_referral)
@commits
def note_feedback(ref: str) -> ResponseReturnValue:
    """Note how it went, in words."""
    case_forms.refuse_files()
    person = guards.current_staff()
    referral_answers.note_feedback(referrals.get(ref, by=person), request.form.get("feedback", ""), by=person)
    flash(_("Noted. Thank you for asking."))
    return htmx.go(url_for(".show_referral", ref=ref))


@bp.post("/referrals/<ref>/revoke")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_referral)
@commits
def revoke_referral(ref: str) -> ResponseReturnValue:
    """Take a referral back."""
    case_forms.refuse_files()
    person, typed = guards.current_staff(), request.form
    referral = referrals.get(ref, by=person)
    referral_answers.revoke(
        referral,
        typed.get("revoke_reason", ""),
        typed.get("revoke_words", ""),
        was_given="was_given" in typed,
        by=person,
    )
    if referral.sent_at:
        flash(_("Taken back. Tell the service now to destroy what it has: this page says in which words."), "due")
    else:
        flash(_("Taken back. Nothing of it has left."))
    return htmx.go(url_for(".show_referral", ref=ref))


@bp.post("/referrals/<ref>/revoked-file")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_referral)
@commits
def take_revoked_file(ref: str) -> ResponseReturnValue:
    """Hand out what takes a referral back, encrypted to the service."""
    person = guards.current_staff()
    return _handed_out(referral_answers.take_revoked_file(referrals.get(ref, by=person), by=person))


@bp.post("/referrals/<ref>/told")
@needs(Role.VICTIM_SUPPORT)
@redraws(show_referral)
@commits
def note_told(ref: str) -> ResponseReturnValue:
    """Note that the service was told to destroy what it has."""
    case_forms.refuse_files()
    person = guards.current_staff()
    referral_answers.note_told(referrals.get(ref, by=person), request.form.get("told", ""), by=person)
    flash(_("Noted."))
    return htmx.go(url_for(".show_referral", ref=ref))


def _is_draft(referral: Referral) -> bool:
    return referral.status is ReferralStatus.DRAFT and not referrals.is_let_go(referral)


def _left_out() -> tuple[Share, ...]:
    ticked = request.form.getlist("left_out")
    return tuple(one for one in Share if one in ticked)


def _as_stored(referral: Referral, opened: referrals.Opened) -> dict[str, str]:
    """Return what forms of the page begin with."""
    at = referral.appointment_at
    return {
        "words": opened.package.words,
        "use_until": opened.package.use_until,
        "appointment_at": at.astimezone(jurisdiction.current().zone).strftime(LOCAL_MINUTE) if at else "",
        "place": opened.words.place,
        "along": opened.words.along,
    }


def _handed_out(file: File) -> Response:
    answer = Response(file.body, mimetype=file.kind)
    answer.headers.set("Content-Disposition", "attachment", filename=file.name)
    return answer
