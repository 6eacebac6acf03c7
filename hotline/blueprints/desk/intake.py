"""Reports that come another way than through the public form: written down here, in lists, in a mailbox."""

import csv
import io
import secrets
from collections.abc import Iterator, Mapping
from typing import cast

from flask import Blueprint, Response, abort, flash, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import i18n
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing, intake_words, numbers, words
from hotline.blueprints.guards import commits_apart, needs, redraws
from hotline.config import settings
from hotline.errors import Refused
from hotline.models.intake import MailSender, Upload
from hotline.rules import addresses, lists, submissions
from hotline.rules.submissions import Judged
from hotline.services import case_links, entries, mailbox, uploads
from hotline.services.submissions import Submission
from hotline.transactions import commits
from hotline.vocabulary import Category, Danger, Language, LineResult, ReportSource, Role, Seen, UploadState

bp = Blueprint("intake", __name__, url_prefix="/intake")
PEOPLE = (Role.ANALYST, Role.REVIEWER)
ANSWERS = ("category", "urls", "seen", "details", "in_danger", "contact")


@bp.get("")
@needs(*PEOPLE)
def show_ways_in() -> ResponseReturnValue:
    """Show the other ways in, and what came by them lately."""
    return drawing.draw(
        "desk/intake/ways.html",
        entered=entries.list_recent(),
        lists=uploads.list_recent(5),
        mailbox_is_set=bool(settings().imap_url),
    )


# --- Written down by hand -----------------------------------------------------------------------------------------


@bp.get("/new")
@needs(*PEOPLE)
def new_entry() -> ResponseReturnValue:
    """Ask what somebody was told."""
    typed = request.form
    return drawing.draw(
        "desk/intake/new.html",
        typed=typed,
        nonce=typed.get("nonce") or secrets.token_hex(16),
        sources=entries.SOURCES,
        categories=tuple(Category),
        when=tuple(Seen),
        dangers=tuple(Danger),
        languages=tuple(Language),
        chosen_language=typed.get("language") or i18n.chosen(),
        say=_say_entry,
        longest=submissions.MAX_DETAILS,
        most=submissions.MAX_ADDRESSES,
    )


@bp.post("/new")
@needs(*PEOPLE)
@redraws(new_entry)
@commits
def add_entry() -> ResponseReturnValue:
    """File what somebody was told."""
    judged, reference = _judged(), submissions.clean(request.form.get("reference", "")).text.strip()
    source, language = request.form.get("source", ""), request.form.get("language", "")
    wrong = {
        ("source", "required"): source not in entries.SOURCES,
        ("reference", "length"): len(reference) > entries.LONGEST_REFERENCE,
        ("language", "required"): language not in set(Language),
        ("urls", "file"): any(file.filename for file in request.files.values()),
    }
    faults = [fault for fault, is_wrong in wrong.items() if is_wrong]
    faults += [(fault.field, fault.code.value) for fault in judged.faults]
    if faults:
        raise Refused(*faults)
    report = entries.enter(
        ReportSource(source),
        Submission(
            category=cast(Category, judged.category),
            urls=judged.urls,
            seen=judged.seen,
            details=judged.details,
            in_danger=judged.in_danger,
            contact=judged.contact,
            language=Language(language),
        ),
        reference,
        nonce=request.form.get("nonce", ""),
        by=guards.current_staff(),
    )
    flash(_("Report %(ref)s is filed.", ref=report.ref))
    if judged.replaced:
        flash(_("Some characters could not be read. They are marked with “\ufffd”."))
    return htmx.go(url_for(".show_entry", ref=report.ref))


@bp.get("/reports/<ref>")
@needs(*PEOPLE)
def show_entry(ref: str) -> ResponseReturnValue:
    """Show what became of each line of a report that came another way."""
    report, person = entries.get(ref), guards.current_staff()
    outcome = entries.read(report, by=person)
    return drawing.draw(
        "desk/intake/entry.html",
        report=report,
        outcome=outcome,
        support=case_links.of_report(report, by=person),
        why_left=intake_words.why_left,
        defang=addresses.defang,
        defang_text=addresses.defang_text,
    )


# --- Lists --------------------------------------------------------------------------------------------------------


@bp.get("/lists")
@needs(*PEOPLE)
def show_lists() -> ResponseReturnValue:
    """Show the lists that came, and ask for another."""
    return drawing.draw(
        "desk/intake/lists.html",
        rows=[(one, uploads.origin_of(one)) for one in uploads.list_recent()],
        typed=request.form,
        sources=uploads.SOURCES,
        categories=tuple(Category),
        say=intake_words.say_list,
        most=lists.MAX_LINES,
    )


@bp.post("/lists/new")
@needs(*PEOPLE)
@redraws(show_lists)
@commits_apart
def take_list() -> ResponseReturnValue:
    """Take a list of addresses."""
    file = request.files.get("file")
    source, category, origin = (request.form.get(name, "") for name in ("source", "category", "origin"))
    stream = file.stream if file is not None else io.BytesIO()
    name = (file.filename or "") if file is not None else ""
    taken = uploads.take(cast(io.BytesIO, stream), source, category, origin, by=guards.current_staff(), name=name)
    for said in intake_words.taken(taken):
        flash(said)
    return htmx.go(url_for(".show_list", ref=taken.upload.ref))


@bp.get("/lists/<ref>")
@needs(*PEOPLE)
def show_list(ref: str) -> ResponseReturnValue:
    """Show how far a list is, and what became of its lines."""
    upload = uploads.get(ref)
    chosen = request.args.get("result", "")
    if chosen and chosen not in set(LineResult):
        abort(404)
    result, after = LineResult(chosen) if chosen else None, request.args.get("after", 0, type=numbers.read)
    reading = uploads.reading_of(upload)
    outcomes, more = uploads.list_outcomes(upload, result, after=after, by=guards.current_staff())
    return drawing.draw(
        "desk/intake/list.html",
        **_progress(upload),
        origin=uploads.origin_of(upload),
        outcomes=outcomes,
        after=outcomes[-1].number if more else None,
        chosen=chosen,
        results=tuple(LineResult),
        reading=reading,
        columns=intake_words.columns(upload, reading) if reading else [],
        why_not=intake_words.why_not,
        defang=addresses.defang,
        defang_text=addresses.defang_text,
    )


@bp.get("/lists/<ref>/progress")
@needs(*PEOPLE)
def show_progress(ref: str) -> ResponseReturnValue:
    """Show how far a list is: the part of its page that looks again by itself."""
    upload = uploads.get(ref)
    if not htmx.wants_part():
        return htmx.go(url_for(".show_list", ref=ref))
    if request.args.get("was") == UploadState.WAITING and upload.state is not UploadState.WAITING:
        return htmx.go(url_for(".show_list", ref=ref))  # done meanwhile: the results below are worth a look
    return drawing.draw("desk/intake/_progress.html", **_progress(upload))


@bp.post("/lists/<ref>/stop")
@needs(*PEOPLE)
@commits
def stop_list(ref: str) -> ResponseReturnValue:
    """Work no more of a list off."""
    uploads.stop(uploads.get(ref), by=guards.current_staff())
    flash(_("Stopped. What was worked off so far stays."))
    return htmx.go(url_for(".show_list", ref=ref))


@bp.post("/lists/<ref>/go-on")
@needs(*PEOPLE)
@commits
def go_on_with_list(ref: str) -> ResponseReturnValue:
    """Go on with a list that was stopped."""
    uploads.go_on(uploads.get(ref), by=guards.current_staff())
    flash(_("The list goes on where it stopped."))
    return htmx.go(url_for(".show_list", ref=ref))


@bp.get("/lists/<ref>/results.csv")
@needs(*PEOPLE)
def download_results(ref: str) -> ResponseReturnValue:
    """Hand out what became of each line and why, for a spreadsheet: nothing in it is a link, or reckoned."""
    upload = uploads.get(ref)
    outcomes = uploads.all_outcomes(upload, by=guards.current_staff())
    answer = Response(stream_with_context(_as_csv(outcomes)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename={upload.ref}.csv"
    return answer


# --- The mailbox --------------------------------------------------------------------------------------------------


@bp.get("/mailbox")
@needs(*PEOPLE)
def show_mailbox() -> ResponseReturnValue:
    """Show what came by mail, and who may send reports that way. Never a word of any letter."""
    return drawing.draw(
        "desk/intake/mailbox.html",
        arrivals=mailbox.list_arrivals(),
        senders=mailbox.list_senders(),
        standing=mailbox.standing(),
        is_set=bool(settings().imap_url),
        may_change=guards.current_staff().has(Role.REVIEWER),
        typed=request.form,
        sources=mailbox.SOURCES,
        categories=tuple(Category),
        say=intake_words.say_sender,
        trouble=intake_words.mailbox_trouble,
    )


@bp.post("/mailbox/senders/new")
@needs(Role.REVIEWER)
@redraws(show_mailbox)
@commits
def add_sender() -> ResponseReturnValue:
    """Let somebody send reports by mail."""
    sent = [request.form.get(field, "") for field in mailbox.FIELDS]
    sender = mailbox.add_sender(*sent, by=guards.current_staff())
    flash(_("Reports are taken from %(name)s from now on.", name=sender.name))
    return htmx.go(url_for(".show_mailbox"))


@bp.post("/mailbox/senders/<int(max=2147483647):sender_id>/off")
@needs(Role.REVIEWER)
@commits
def switch_sender_off(sender_id: int) -> ResponseReturnValue:
    """Take no more reports from a mailbox."""
    return _switch(mailbox.get_sender(sender_id), on=False)


@bp.post("/mailbox/senders/<int(max=2147483647):sender_id>/on")
@needs(Role.REVIEWER)
@commits
def switch_sender_on(sender_id: int) -> ResponseReturnValue:
    """Take reports from a mailbox again."""
    return _switch(mailbox.get_sender(sender_id), on=True)


def _switch(sender: MailSender, *, on: bool) -> Response:
    mailbox.switch(sender, on=on, by=guards.current_staff())
    flash(_("Saved."))
    return htmx.go(url_for(".show_mailbox"))


def _judged() -> Judged:
    return submissions.judge(**{name: request.form.get(name, "") for name in ANSWERS})


def _say_entry(field: str, code: str) -> str:
    return intake_words.say_entry(field, code, _judged())


def _progress(upload: Upload) -> Mapping[str, object]:
    return {"upload": upload, "counts": uploads.count_results(upload)}


def _as_csv(outcomes: Iterator[uploads.Outcome]) -> Iterator[str]:
    text = io.StringIO()
    sheet = csv.writer(text)
    yield "\ufeff"  # so that a spreadsheet reads Khmer
    sheet.writerow([_("Line"), _("Result"), _("Why"), _("Item"), _("Address, or what stands there")])
    for one in outcomes:
        address = addresses.defang(one.address) if one.address else addresses.defang_text(one.typed or "")
        result = words.of(one.result) if one.result else _("Waits")
        cells = (str(one.number), result, intake_words.why_not(one), one.item_ref or "", address)
        sheet.writerow([lists.neutral(cell) for cell in cells])
        yield text.getvalue()
        text.seek(0)
        text.truncate()
