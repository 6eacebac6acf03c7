"""The door for people who come back with a code: how far their report is, coarsely, and messages both ways."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from flask import Blueprint, Response, g, redirect
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit

from hotline import i18n, logs
from hotline.blueprints.public import brake, closing, drawing, limits, reading, tokens
from hotline.blueprints.public import followup_words as words
from hotline.blueprints.public.brake import Hold
from hotline.blueprints.public.followup_words import Trouble
from hotline.blueprints.public.forms import CodeForm
from hotline.blueprints.public.stencils import Stencil, gap
from hotline.errors import Refused, StorageFull
from hotline.rules import messages as rules
from hotline.services import contacts, message_copies, public_texts, receipts
from hotline.services.message_copies import Copy
from hotline.services.receipts import ReceiptStatus
from hotline.vocabulary import Author

bp = Blueprint("followup", __name__)


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody with a code that finds something: what was sent, and what it found."""

    code: str
    found: ReceiptStatus
    fields: Mapping[str, str]

    @property
    def token(self) -> str:
        """The form's token. It stays: the same code under it need not pay the brake twice."""
        return self.fields["csrf_token"]


@bp.get("/follow-up")
def show_code_form() -> Response:
    """Ask for the code."""
    page = drawing.stock("followup", lambda: Stencil(_draw({"csrf_token": gap("token")}), "token"))
    return page.answer(tokens.fresh())


def _too_often(limit: RequestLimit) -> Response:
    """Ask for patience, and keep what was typed. A change of language is always let through: it looks nothing up."""
    fields = _again(reading.sent().fields)
    if "switch" in fields:
        return Response(_draw(fields))
    wait = limits.seconds_left()
    return limits.not_now(_draw(fields, words.wait(wait)), wait)


@bp.post("/follow-up")
@limits.limited(limits.lookups, _too_often, share=limits.LOOKUPS)
def look_up() -> ResponseReturnValue:
    """Show how far the report of a code is, and do what its reporter asks."""
    fields = reading.sent().fields
    action = fields.get("action", "")
    if action == "close":
        return _close(fields)
    if "switch" in fields and not action:
        return _draw(_again(fields))
    visit = _checked(fields)
    if not isinstance(visit, Visit):
        return visit
    return _show(visit) if "switch" in fields else _ACTIONS.get(action, _show)(visit)


def _checked(fields: Mapping[str, str]) -> Visit | ResponseReturnValue:
    """Return who comes with a code that finds something, else what to answer. Wrong and expired codes look the same."""
    form = CodeForm(formdata=fields)
    if not form.validate():
        return _draw(_anew(fields), words.stale()), 422
    digits = form.digits()
    if digits is None:
        return _draw(_anew(fields), words.not_a_code()), 422
    if closing.views().has(digits, fields["csrf_token"]):
        return _draw({**_anew(fields), "code": ""}, words.closed()), 422
    held = brake.guesses().hold(
        fields, digits, pays=limits.pays()
    )  # before looking, so that it says nothing of the code
    if held:
        return limits.not_now(_draw({**fields, "csrf_token": held.token}, words.hold(), held), held.seconds)
    found = receipts.find(digits)
    if found is None:
        g.counts = True
        brake.guesses().count(pays=limits.pays())
        return _draw(_anew(fields), words.unknown()), 422
    return Visit(digits, found, fields)


def _close(fields: Mapping[str, str]) -> ResponseReturnValue:
    """Lead away, and open no more what the browser may keep of this view and send again."""
    digits = CodeForm(formdata=fields).digits()
    if digits is not None:
        closing.views().close(digits)
    return redirect(f"/{i18n.chosen()}/", 303)


def _show(visit: Visit) -> ResponseReturnValue:
    return _draw_status(visit)


def _send_message(visit: Visit) -> ResponseReturnValue:
    """Leave a message. The page is the answer: an address must not hold the code, and sent again it is one message."""
    text, fault = rules.judge(visit.fields.get("message", ""))
    if fault:
        return _draw_status(visit, words.message_trouble(fault)), 422
    brake.posts().count(visit.token)
    held = brake.posts().hold(visit.fields, f"{visit.code}\0{text}")
    if held:
        return limits.not_now(_draw_status(visit, words.message_held(), held=held), held.seconds)
    try:
        message_copies.write(visit.code, text, nonce=tokens.nonce_of(visit.token) or "")
    except Refused as refusal:
        return _draw_status(visit, words.message_trouble(refusal.faults[0][1])), 422
    except StorageFull as exc:
        logs.fault(exc, doing="storing a message")
        return _draw_status(visit, words.not_stored()), 503
    return _draw_status(visit, sent=True)


def _forget_contact(visit: Visit) -> ResponseReturnValue:
    """Ask the worker to delete the contact details."""
    brake.posts().count(visit.token)
    try:
        contacts.ask_to_forget(visit.code)
    except StorageFull as exc:
        logs.fault(exc, doing="storing a wish to be forgotten")
        return _draw_status(visit, words.not_stored()), 503
    return _draw_status(visit, forgotten=True)


_ACTIONS = {"message": _send_message, "forget_contact": _forget_contact}


def _again(fields: Mapping[str, str]) -> dict[str, str]:
    return {**fields, "csrf_token": tokens.again(fields.get("csrf_token", ""))}


def _anew(fields: Mapping[str, str]) -> dict[str, str]:
    return {**fields, "csrf_token": tokens.fresh()}


def _draw(fields: Mapping[str, str], fault: Trouble | None = None, held: Hold | None = None) -> str:
    """Draw the form for a code. A message that was typed travels along in it, so that one more press sends it."""
    return drawing.draw(
        "public/followup.html",
        token=fields["csrf_token"],
        typed=fields.get("code", ""),
        message=fields.get("message", "") if fields.get("action") == "message" else "",
        fault=fault,
        held=held,
    )


def _draw_status(
    visit: Visit,
    fault: Trouble | None = None,
    *,
    held: Hold | None = None,
    sent: bool = False,
    forgotten: bool = False,
) -> str:
    messages = message_copies.read(visit.code)
    return drawing.draw(
        "public/followup_status.html",
        code=visit.code,
        token=held.token if held else tokens.fresh() if sent else visit.token,  # the same words again are a new message
        ending=visit.code[-4:],
        concern=visit.found.concern,
        received_on=words.day(visit.found.received_on),
        now=words.now(visit.found, public_texts.find(words.text_key(visit.found), i18n.chosen())),
        steps=words.steps(visit.found),
        messages=messages,
        new_from_us=_new_from_us(messages),
        day=words.day,
        typed="" if sent else visit.fields.get("message", ""),
        fault=fault,
        held=held,
        sent=sent,
        forgetting=forgotten or contacts.are_being_forgotten(visit.code),
    )


def _new_from_us(messages: Sequence[Copy]) -> int:
    """Return how many messages of ours came since this person last wrote; who reads what is not kept."""
    return sum(1 for _ in takewhile(lambda one: one.author is Author.HOTLINE, reversed(messages)))
