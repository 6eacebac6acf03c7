"""Letters: drafted, read, approved, and what became of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock, jurisdiction
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing, follow_up_words, notice_words, route_words
from hotline.blueprints.guards import needs, redraws
from hotline.config import settings
from hotline.errors import GateClosed, Refused
from hotline.models.item import Item
from hotline.models.notice import Notice
from hotline.models.recipient import Recipient
from hotline.rules import addresses, letters
from hotline.services import (
    assessments,
    exchange_course,
    host_rules,
    items,
    kept_letters,
    kept_notices,
    letter_writing,
    notice_approval,
    notice_checks,
    notice_drafting,
    notice_grounds,
    notice_grouping,
    notices,
    queue,
    replies,
    staff,
)
from hotline.transactions import commits
from hotline.vocabulary import Channel, Language, NoticeStatus, Role

bp = Blueprint("notices", __name__, url_prefix="/notices")
LOCAL_MINUTE = "%Y-%m-%dT%H:%M"
UNREAD = "unread"  # likewise: something came back that nobody has seen to
KEPT = "kept"  # in the address of the list: no status, since what is kept is still to be sent
MOST_ALSO = 250  # addresses that one letter may list beside the first
MOST_LOOKS = 60  # times a page looks by itself how a letter fares: an open page must not ask for ever


@bp.get("")
@needs(Role.ANALYST, Role.REVIEWER)
def show_notices() -> ResponseReturnValue:
    """Show the letters, drafts first. The filter is in the address."""
    asked = request.args.get("status", "")
    if asked and asked not in {*NoticeStatus, KEPT, UNREAD}:
        raise Refused(("status", "unknown"))
    if asked == UNREAD:
        return _unread(request.args.get("after", ""))
    status, after = NoticeStatus(asked) if asked and asked != KEPT else None, request.args.get("after", "")
    found = notices.list_page(by=guards.current_staff(), status=status, kept=asked == KEPT, after=after)
    return htmx.page_or_partial(
        "desk/notices/list.html",
        "desk/notices/_rows.html",
        rows=found.rows,
        asked=asked,
        statuses=tuple(one for one in NoticeStatus if one is not NoticeStatus.APPROVED),
        next_page=url_for(".show_notices", status=asked or None, after=found.next) if found.next else "",
    )


def _unread(after: str) -> ResponseReturnValue:
    """Show the letters to which something came back that nobody has seen to."""
    found = replies.list_unread_notices(by=guards.current_staff(), after=after)
    return htmx.page_or_partial(
        "desk/notices/list.html",
        "desk/notices/_rows.html",
        rows=found.rows,
        asked=UNREAD,
        statuses=tuple(one for one in NoticeStatus if one is not NoticeStatus.APPROVED),
        next_page=url_for(".show_notices", status=UNREAD, after=found.next) if found.next else "",
    )


@bp.get("/kept")
@needs(Role.ANALYST, Role.REVIEWER)
def show_kept() -> ResponseReturnValue:
    """Show the letters that are kept because no mail server is set."""
    return drawing.draw("desk/notices/kept.html", kept=kept_letters.list_newest())


@bp.get("/kept/<name>")
@needs(Role.ANALYST, Role.REVIEWER)
def show_kept_letter(name: str) -> ResponseReturnValue:
    """Show one kept letter as it would have gone, its attachment defanged."""
    return drawing.draw("desk/notices/kept_letter.html", letter=kept_letters.read(name, by=guards.current_staff()))


@bp.get("/new")
@needs(Role.ANALYST, Role.REVIEWER)
def new_notice() -> ResponseReturnValue:
    """Ask to whom a letter about an item goes; say why it cannot where the gate is closed."""
    item = items.get(request.values.get("item", ""), by=guards.current_staff())
    facts: dict[str, Any] = {"row": queue.row_of(item), "letters": assessments.letters_about(item)}
    ways = [(channel, notice_drafting.recipients(channel)) for channel in notice_grounds.ways(item)]
    if not ways:
        return drawing.draw("desk/notices/closed.html", why=notice_words.why_closed(item), **facts), 409
    route = route_words.card(item)
    may = {channel: {one.ref for one in found} for channel, found in ways}
    settled = host_rules.provider_of(item)  # leads the hosts of the route, but goes before no police
    offered = route["guide"].first(may) if route["guide"] else ""
    typed = request.form or {"recipient": offered}
    others = [
        queue.row_of(one) for one in notice_grouping.candidates(item, channel=ways[0][0], by=guards.current_staff())
    ]
    facts |= {"others": others, "chosen": request.form.getlist("also")}
    facts |= {"settled": settled, "typed": typed}
    return drawing.draw("desk/notices/new.html", ways=ways, item=item, **_form() | facts, **route)


@bp.post("/new")
@needs(Role.ANALYST, Role.REVIEWER)
@redraws(new_notice)
@commits
def draft_notice() -> ResponseReturnValue:
    """Draft a letter about an item, and go and read it."""
    person = guards.current_staff()
    item = items.get(request.form.get("item", ""), by=person)
    channel, recipient = _chosen(item, request.form)
    language = _language(request.form) or recipient.language
    also = [items.get(ref, by=person) for ref in request.form.getlist("also")[:MOST_ALSO]]
    notice = notice_drafting.draft(item, recipient, channel=channel, language=language, by=person, also=also)
    return htmx.go(url_for(".show_notice", ref=notice.ref))


@bp.get("/<ref>")
@needs(Role.ANALYST, Role.REVIEWER)
def show_notice(ref: str) -> ResponseReturnValue:
    """Show a letter as it will be sent, what must be true before it goes, and what became of it."""
    notice = notices.get(ref, by=guards.current_staff())
    facts = {} if htmx.wants_part() else _letter(notice)
    return htmx.page_or_partial("desk/notices/page.html", "desk/notices/_status.html", **{**_status(notice), **facts})


@bp.post("/<ref>/approve")
@needs(Role.REVIEWER)
@redraws(show_notice)
@commits
def approve_notice(ref: str) -> ResponseReturnValue:
    """Let a letter go, once a person says that host and recipient belong together."""
    notice = notices.get(ref, by=guards.current_staff())
    if request.form.get("compared") != "yes":
        raise Refused(("compared", "required"))
    notice_approval.approve(notice, by=guards.current_staff())
    flash(notice_words.approved(notice))
    return htmx.go(url_for(".show_notice", ref=ref))


@bp.post("/<ref>/withdraw")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def withdraw_notice(ref: str) -> ResponseReturnValue:
    """Take back a letter that has not gone."""
    notice_approval.withdraw(notices.get(ref, by=guards.current_staff()), by=guards.current_staff())
    flash(_("Withdrawn. It does not go."))
    return htmx.go(url_for(".show_notice", ref=ref))


@bp.post("/<ref>/try-again")
@needs(Role.ANALYST, Role.REVIEWER)
@redraws(show_notice)
@commits
def try_notice_again(ref: str) -> ResponseReturnValue:
    """Send a letter that failed once more, after the cause was mended."""
    notice_approval.try_again(notices.get(ref, by=guards.current_staff()), by=guards.current_staff())
    flash(_("It is on its way again."))
    return htmx.go(url_for(".show_notice", ref=ref))


@bp.post("/<ref>/download")
@needs(Role.ANALYST, Role.REVIEWER)
@redraws(show_notice)
@commits
def download_notice(ref: str) -> ResponseReturnValue:
    """Hand over a kept letter as a file, to be sent by hand; that is logged."""
    notice = notices.get(ref, by=guards.current_staff())
    answer = Response(kept_letters.download(notice, by=guards.current_staff()), mimetype="message/rfc822")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{notice.ref}.eml")
    return answer


@bp.post("/<ref>/by-hand")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def record_by_hand(ref: str) -> ResponseReturnValue:
    """Note that a kept letter was sent by hand."""
    kept_notices.record_by_hand(notices.get(ref, by=guards.current_staff()), by=guards.current_staff())
    flash(_("Noted. The letter counts as sent, and reporters hear that something was done."))
    return htmx.go(url_for(".show_notice", ref=ref))


def _show_status(ref: str) -> ResponseReturnValue:
    """Draw a notice again; by htmx its status is put in the place of itself, not of what was asked for inside it."""
    answer = make_response(show_notice(ref))
    if htmx.wants_part():
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = f"#notice-status-{ref}", "outerHTML"
    return answer


@bp.post("/<ref>/fields")
@needs(Role.ANALYST, Role.REVIEWER)
@redraws(_show_status)
@commits
def show_fields(ref: str) -> ResponseReturnValue:
    """Show what goes into which field of a recipient's form, as plain text; that is logged and counted."""
    notice = notices.get(ref, by=guards.current_staff())
    fields = kept_notices.show_fields(notice, by=guards.current_staff())
    return htmx.page_or_partial(
        "desk/notices/fields.html",
        "desk/notices/_fields.html",
        fields=fields,
        name_of=notice_words.field,
        **_form_of(notice),
    )


@bp.post("/<ref>/proof")
@needs(Role.ANALYST, Role.REVIEWER)
@redraws(show_notice)
@commits
def record_proof(ref: str) -> ResponseReturnValue:
    """Note that a notice was typed in, and what the form or portal answered."""
    notice = notices.get(ref, by=guards.current_staff())
    at = _moment(request.form.get("at", ""))
    kept_notices.record_proof(notice, request.form.get("reference", ""), at, by=guards.current_staff())
    flash(_("Noted. The letter counts as sent, and reporters hear that something was done."))
    return htmx.go(url_for(".show_notice", ref=ref))


@bp.post("/<ref>/send-now")
@needs(Role.ANALYST, Role.REVIEWER)
@redraws(show_notice)
@commits
def release_notice(ref: str) -> ResponseReturnValue:
    """Let a kept letter go by mail, now that there is a mail server."""
    kept_notices.release(notices.get(ref, by=guards.current_staff()), by=guards.current_staff())
    flash(_("It is on its way."))
    return htmx.go(url_for(".show_notice", ref=ref))


def _form() -> dict[str, Any]:
    return {"typed": request.form, "languages": tuple(Language), "say": notice_words.say}


def _status(notice: Notice) -> dict[str, Any]:
    looks = request.args.get("looks", 0, type=int)
    fate, names = notice_words.fate(notice), notice_words.names(staff.list_staff())
    is_on_its_way = notice.status is NoticeStatus.QUEUED and not notice.is_kept
    return {
        "notice": notice,
        "fate": fate,
        "offer": exchange_course.offer_of(notice),
        **follow_up_words.card(notice, names),
        "may_withdraw": notices.may_withdraw(notice),
        "looks": looks,
        **_form_of(notice),
        "is_on_its_way": is_on_its_way,
        "looks_by_itself": is_on_its_way and 0 <= looks < MOST_LOOKS,
    }


def _form_of(notice: Notice) -> dict[str, Any]:
    """Return what is shown of a recipient's form or portal: nothing where the letter goes by mail."""
    if not notice.is_typed_in:
        return {"proof": None}
    return {
        "notice": notice,
        "goes_to": letter_writing.place_of(notice.recipient, notice.delivery),
        "times_copied": kept_notices.times_copied(notice),
        "proof": kept_notices.proof_of(notice),
        "typed": request.form,
        "this_minute": clock.now().astimezone(jurisdiction.current().zone).strftime(LOCAL_MINUTE),
        "say": follow_up_words.say,
    }


def _moment(typed: str) -> datetime | None:
    """Read what a field for day and time holds, by the country's own clock; None for anything else."""
    try:
        at = datetime.strptime(typed.strip(), LOCAL_MINUTE)
    except ValueError:
        return None
    return at.replace(tzinfo=jurisdiction.current().zone)


def _letter(notice: Notice) -> dict[str, Any]:
    person = guards.current_staff()
    is_closed = notices.is_closed(notice)
    letter = None if is_closed else notices.read(notice, by=person)
    is_draft = notice.status is NoticeStatus.DRAFT
    checks = notice_checks.of if notice.status in notices.NOT_GONE else notice_checks.when_approved
    return {
        "answers": replies.list_of(notice),
        "letter": letter,
        "is_closed": is_closed,
        "attached": [addresses.defang(address) for address in letter.addresses] if letter else [],
        "reports": letters.shown_reports(letter) if letter else (),
        "promise": follow_up_words.promise(notice) if is_draft else "",
        "checks": checks(notice, letter, by=person) if letter else None,
        "off_route": notice_checks.off_route(notice) if is_draft else None,
        "hinders": notice_grounds.hindrance("approve", notice, by=person) if is_draft and letter else None,
        "hosts": [queue.row_of(line.item).host for line in notice.lines],
        "changed": notices.changed_since(notice),
        "sender": f"{jurisdiction.current().brand(Language.EN)} <{settings().mail_from}>",
        "tell_leak": notice_words.leak,
        "say": follow_up_words.say,
    }


def _chosen(item: Item, sent: Mapping[str, str]) -> tuple[Channel, Recipient]:
    """Return the recipient that was chosen, and through which channel the letter goes."""
    ways = notice_grounds.ways(item)
    if not ways:
        raise GateClosed(f"nothing about {item.ref} may leave")
    for channel in ways:
        for recipient in notice_drafting.recipients(channel):
            if recipient.ref == sent.get("recipient"):
                return channel, recipient
    raise Refused(("recipient", "required"))


def _language(sent: Mapping[str, str]) -> Language | None:
    """Return the language that was chosen for the letter; None for the one the directory names."""
    asked = sent.get("language", "")
    if asked and asked not in set(Language):
        raise Refused(("language", "unknown"))
    return Language(asked) if asked else None
