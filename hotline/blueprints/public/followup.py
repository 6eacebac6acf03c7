"""The door for people who come back with a code: how far their report is, coarsely, and never anything else."""

from datetime import date
from typing import NamedTuple

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from flask_limiter import RequestLimit

from hotline.blueprints.public import drawing, limits, reading, tokens
from hotline.blueprints.public.forms import CodeForm
from hotline.blueprints.public.stencils import Stencil, gap
from hotline.extensions import limiter
from hotline.services import receipts
from hotline.vocabulary import ReportStatus

bp = Blueprint("followup", __name__)


class CodeFault(NamedTuple):
    """Why a code was not taken: the heading and line of the summary, and the message beside the field."""

    heading: str
    short: str
    long: str
    anchor: str = "code"


class Step(NamedTuple):
    """One state on the way of a report."""

    label: str
    note: str
    state: str = ""


@bp.get("/follow-up")
def show_code_form() -> Response:
    """Ask for the code."""
    page = drawing.stock("followup", lambda: Stencil(_draw(gap("token"), "", None), "token"))
    return page.answer(tokens.fresh())


def _too_often(limit: RequestLimit) -> Response:
    """Ask for patience, and keep what was typed."""
    typed = reading.sent().fields.get("code", "")
    wait = limits.seconds_left()
    answer = Response(_draw(tokens.fresh(), typed, _wait(wait)), 429)
    answer.headers["Retry-After"] = str(wait)
    return answer


@bp.post("/follow-up")
@limiter.limit(limits.lookups, key_func=limits.network, on_breach=_too_often)
def look_up() -> ResponseReturnValue:
    """Show how far the report of a code is. A wrong code and an expired one look the same."""
    sent = reading.sent()
    typed = sent.fields.get("code", "")
    if "switch" in sent.fields:
        return _draw(tokens.fresh(), typed, None)
    form = CodeForm(formdata=sent.fields)
    if not form.validate():
        return _draw(tokens.fresh(), typed, _stale()), 422
    digits = form.digits()
    if digits is None:
        return _draw(tokens.fresh(), typed, _not_a_code()), 422
    found = receipts.find(digits)
    return _draw_status(digits, found) if found else (_draw(tokens.fresh(), typed, _unknown()), 422)


def _draw(token: str, typed: str, fault: CodeFault | None) -> str:
    return drawing.draw("public/followup.html", token=token, typed=typed, fault=fault)


def _draw_status(code: str, found: receipts.ReceiptStatus) -> str:
    return drawing.draw(
        "public/followup_status.html",
        code=code,
        token=tokens.fresh(),
        ending=code[-4:],
        received_on=_day(found.received_on),
        now=_now(found.status),
        steps=_steps(found),
    )


def _steps(found: receipts.ReceiptStatus) -> list[Step]:
    """Return the way of a report up to its end. A closed one does not say whether there was anything to act on."""
    here = found.status
    way = [
        status for status in ReportStatus if here is not ReportStatus.CLOSED or status is not ReportStatus.ACTION_TAKEN
    ]
    reached = way.index(here)
    days = {way[0]: _day(found.received_on)} | ({here: _day(found.changed_on)} if reached else {})
    return [
        Step(_step_name(status, here), days.get(status, ""), "past" if at < reached else "now" if at == reached else "")
        for at, status in enumerate(way)
    ]


def _step_name(status: ReportStatus, here: ReportStatus) -> str:
    return {
        ReportStatus.RECEIVED: _("Received"),
        ReportStatus.CHECKING: _("Being checked") if status is here else _("Checked"),
        ReportStatus.ACTION_TAKEN: _("Action taken"),
        ReportStatus.CLOSED: _("Closed"),
    }[status]


def _now(status: ReportStatus) -> Step:
    more = _("To protect children and the work of the police we cannot always say more.")
    return {
        ReportStatus.RECEIVED: Step(_("Now: your report is with us"), _("A trained person will read it.")),
        ReportStatus.CHECKING: Step(_("Now: we are checking"), _("A trained person is looking at it.") + " " + more),
        ReportStatus.ACTION_TAKEN: Step(
            _("Now: we have acted"), _("A trained person checked your report and we acted on it.") + " " + more
        ),
        ReportStatus.CLOSED: Step(
            _("Now: closed"),
            _("Our work on this report is done. If you see it again, please report it again.") + " " + more,
        ),
    }[status]


def _day(day: date) -> str:
    return str(format_date(day, "d MMMM y"))


def _stale() -> CodeFault:
    again = _("Please press the button once more")
    return CodeFault(again, again, _("This page had been open for a long time. What you typed is still here."))


def _not_a_code() -> CodeFault:
    return CodeFault(
        _("Please check your code"),
        _("A code has 16 digits"),
        _("A code has 16 digits. Please compare it with what you wrote down."),
    )


def _unknown() -> CodeFault:
    return CodeFault(
        _("Please check your code"),
        _("We found nothing under this code"),
        _("We found nothing under this code. Please compare each digit. Old codes stop working after a time."),
    )


def _wait(seconds: int) -> CodeFault:
    minutes = -(-seconds // 60)
    again = ngettext("Please wait one minute, then try again", "Please wait %(num)s minutes, then try again", minutes)
    return CodeFault(again, again, _("Many codes were tried from your network just now. You can also call us."))
