"""The report form: take what was typed, or say kindly what is missing and keep every word of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, g, request
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit

from hotline import i18n, logs
from hotline.blueprints.public import brake, cookies, drawing, hearing, limits, reading, receipt, tokens, words
from hotline.blueprints.public.brake import Hold
from hotline.blueprints.public.cookies import Shown
from hotline.blueprints.public.forms import ReportForm
from hotline.blueprints.public.hearing import ANSWERS
from hotline.blueprints.public.stencils import Stencil, gap
from hotline.blueprints.public.words import Complaint, Notice
from hotline.errors import StorageFull
from hotline.services import submissions
from hotline.vocabulary import Category, Danger

bp = Blueprint("report", __name__)

EMPTY = dict.fromkeys(ANSWERS, "")


@bp.get("/report")
def show_form() -> Response:
    """Show the empty form, and find out whether this browser keeps cookies.

    `category` may answer the first question, for people who come from a page about it.
    """
    category = _category_asked_for()
    page = drawing.stock(
        ("report", category), lambda: Stencil(_draw({"category": category}, token=gap("token")), "token")
    )
    answer = page.answer(tokens.fresh())
    cookies.set_probe(answer)
    return answer


def show_filled(typed: Mapping[str, str]) -> Response:
    """Show the form with what another app put into it."""
    answer = Response(_draw(typed, twin=f"/{i18n.other(i18n.chosen())}/report"))
    cookies.set_probe(answer)
    return answer


def _too_often(limit: RequestLimit) -> Response:
    """Ask for patience. A change of language is always let through: it stores nothing."""
    sent = reading.sent()
    if "switch" in sent.fields:
        return Response(_draw(sent.typed()))
    wait = limits.seconds_left()
    return limits.not_now(_draw(sent.typed(), notice=words.please_wait(wait)), wait)


@bp.post("/report")
@limits.limited(limits.reports, _too_often, share=limits.REPORTS)
def send_report() -> ResponseReturnValue:
    """Take a report and hand over its receipt. `switch` asks for the same form in this language; nothing is stored."""
    sent = reading.sent()
    if "switch" in sent.fields:
        return _draw(sent.typed())
    brake.posts().count(sent.fields.get("csrf_token", ""), pays=limits.pays())
    form = ReportForm(formdata=sent.fields)
    heard = hearing.hear(form, sent, i18n.chosen())
    if heard.submission is None:
        return _draw(heard.typed, heard.complaints, no_link=heard.no_link), 422
    nonce = hearing.nonce(form, heard.submission)
    held = brake.posts().hold(sent.fields, nonce, pays=limits.pays())
    if held:
        again = sent.typed() | {"csrf_token": held.token}
        return limits.not_now(_draw(again, notice=words.too_much_at_once(words.button()), held=held), held.seconds)
    try:
        code = submissions.take(heard.submission, nonce=nonce)
    except StorageFull as exc:
        logs.fault(exc, doing="storing a report")
        return _draw(sent.typed(), notice=words.cannot_store()), 503
    g.counts = True
    said = heard.submission
    of_it = {"danger": said.in_danger is Danger.YES, "sextortion": said.category is Category.SEXTORTION}
    return receipt.hand_over(Shown(code, heard.links, heard.kept, heard.mended, **of_it))


def _category_asked_for() -> str:
    """Return the category that the address names; empty when it names none that we know."""
    if not request.query_string:
        return ""  # nearly everybody
    asked = request.args.get("category", "")
    return asked if asked in set(Category) else ""


def _draw(
    typed: Mapping[str, str],
    complaints: Sequence[Complaint] = (),
    *,
    token: str | None = None,
    notice: Notice | None = None,
    held: Hold | None = None,
    no_link: bool = False,
    **more: Any,
) -> str:
    return drawing.draw(
        "public/report.html",
        typed=EMPTY | dict(typed),
        token=token or tokens.again(typed.get("csrf_token", "")),
        faults=complaints,
        notice=notice,
        held=held,
        no_link=no_link,
        words=words.choices(),
        **more,
    )
