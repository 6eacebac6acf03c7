"""The help page, and the form at its end: a request for help that needs no link, for victim support alone."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, g
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit

from hotline import i18n, logs
from hotline.blueprints.public import (
    brake,
    cookies,
    drawing,
    hearing,
    help_words,
    limits,
    reading,
    receipt,
    tokens,
    words,
)
from hotline.blueprints.public.brake import Hold
from hotline.blueprints.public.cookies import Shown
from hotline.blueprints.public.forms import HelpForm
from hotline.blueprints.public.reading import Sent
from hotline.blueprints.public.stencils import Stencil, gap
from hotline.blueprints.public.words import Complaint, Notice
from hotline.errors import StorageFull
from hotline.rules import help_requests as rules
from hotline.rules.help_requests import HelpFaultCode, JudgedHelp
from hotline.rules.submissions import without_files
from hotline.services import help_requests
from hotline.services.help_requests import Asked

bp = Blueprint("help", __name__)

ANSWERS = ("for_whom", "what", "contact", "code_only", "safe_contact")
EMPTY = dict.fromkeys(ANSWERS, "")


@bp.get("/help")
def show_help() -> Response:
    """Show what to do now, whom to call and the empty form, and find out whether this browser keeps cookies."""
    page = drawing.stock("help", lambda: Stencil(_draw({}, token=gap("token")), "token"))
    answer = page.answer(tokens.fresh())
    cookies.set_probe(answer)
    return answer


def _too_often(limit: RequestLimit) -> Response:
    """Ask for patience. What only shows the form again is always let through: it stores nothing."""
    sent = reading.sent()
    shown = _only_shown(sent)
    if shown:
        return shown
    wait = limits.seconds_left()
    return limits.not_now(_draw(sent.typed(), notice=words.please_wait(wait)), wait)


@bp.post("/help")
@limits.limited(limits.reports, _too_often, share=limits.REPORTS)
def ask_for_help() -> ResponseReturnValue:
    """Take a request and hand over its receipt. `switch` and `to_help` only show the form; nothing is stored."""
    sent = reading.sent()
    shown = _only_shown(sent)
    if shown:
        return shown
    brake.posts().count(sent.fields.get("csrf_token", ""), pays=limits.pays())
    form = HelpForm(formdata=sent.fields)
    judged = rules.judge(**{name: sent.fields.get(name, "") for name in ANSWERS})
    complaints = _complaints(form, sent, judged)
    if complaints:
        pasted = {fault.field for fault in judged.faults if fault.code is HelpFaultCode.PICTURE}
        return _draw(hearing.without_files(sent.typed(), pasted), complaints), 422
    asked = Asked(judged.for_whom, judged.what, judged.code_only, judged.safe_contact, i18n.chosen())
    nonce = form.nonce_for("help", asked, judged.contact)
    held = brake.posts().hold(sent.fields, nonce, pays=limits.pays())
    if held:
        again = sent.typed() | {"csrf_token": held.token}
        return limits.not_now(_draw(again, notice=words.too_much_at_once(help_words.button()), held=held), held.seconds)
    try:
        code = help_requests.take(asked, judged.contact, nonce=nonce)
    except StorageFull as exc:
        logs.fault(exc, doing="storing a request for help")
        return _draw(sent.typed(), notice=words.cannot_store()), 503
    g.counts = True
    return receipt.hand_over(Shown(code, links=0, kept=False, mended=judged.replaced, for_help=True))


def _only_shown(sent: Sent) -> Response | None:
    """Answer whoever changes the language, or comes from a report without a link, with the form as it was filled."""
    if "switch" in sent.fields:
        return Response(_draw(sent.typed()))
    if "to_help" in sent.fields:
        typed = sent.typed()
        contact = without_files(typed.get("contact", ""))
        what = rules.carry_over(urls=typed.get("urls", ""), details=typed.get("details", ""))
        carried = {"what": what, "contact": contact, "csrf_token": typed.get("csrf_token", "")}
        answer = Response(_draw(carried, came_from_report=True))
        cookies.set_probe(answer)
        return answer
    return None


def _complaints(form: HelpForm, sent: Sent, judged: JudgedHelp) -> tuple[Complaint, ...]:
    found = [help_words.complain(fault) for fault in judged.faults]
    picture, once_more = help_words.with_picture("what"), words.once_more(help_words.button())
    return hearing.in_order(form, sent, found, picture=picture, once_more=once_more)


def _draw(
    typed: Mapping[str, str],
    complaints: Sequence[Complaint] = (),
    *,
    token: str | None = None,
    notice: Notice | None = None,
    held: Hold | None = None,
    came_from_report: bool = False,
) -> str:
    return drawing.draw(
        "public/help.html",
        typed=EMPTY | dict(typed),
        token=token or tokens.again(typed.get("csrf_token", "")),
        faults=complaints,
        notice=notice,
        held=held,
        came_from_report=came_from_report,
        for_whom=help_words.for_whom(),
    )
