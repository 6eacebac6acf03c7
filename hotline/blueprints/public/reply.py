"""The page on which a recipient of our letter answers it, by the link that the letter names.

Whoever holds a link can answer, and sees our reference: no address, no word of the letter. A link that is forged, cut,
meant for another notice or expired leads to one page that says the same of them all.
"""

from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_limiter import RequestLimit

from hotline import clock, i18n, logs
from hotline.blueprints.public import brake, drawing, hearing, limits, reading, reply_words, tokens, words
from hotline.blueprints.public.brake import Hold
from hotline.blueprints.public.forms import ReplyForm
from hotline.blueprints.public.reading import Sent
from hotline.blueprints.public.words import Complaint, Notice
from hotline.config import settings
from hotline.errors import Refused, StorageFull
from hotline.rules import replies as rules
from hotline.rules.replies import Given, JudgedReply, ReplyFaultCode
from hotline.services import reply_box, reply_links
from hotline.vocabulary import Language

bp = Blueprint("reply", __name__, url_prefix="/reply")

ANSWERS = ("answer", "when", "whose", "words")
EMPTY = dict.fromkeys(ANSWERS, "")
SENT = "sent"  # in the address of the page that says that an answer has arrived


@bp.before_request
def choose_language() -> None:
    """Answer in the language of the letter, which its link names; in English where it names none."""
    g.lang = Language.KM if request.args.get("lang") == Language.KM else Language.EN


@bp.after_request
def keep_out_of_indexes(response: Response) -> Response:
    """Tell search engines, should a link ever reach one, that there is nothing for them."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _guessed_too_often(limit: RequestLimit) -> Response:
    """Ask whoever tries links that are none for patience; whether this one is good is not said."""
    return limits.not_now(drawing.draw("public/reply_wait.html", **_frame()), limits.seconds_left())


@bp.get("/<token>")
@limits.guarded(_guessed_too_often)
def show_form(token: str) -> ResponseReturnValue:
    """Show the form, or that an answer has arrived."""
    ref = reply_links.opened(token)
    if ref is None:
        return _no_such_link()
    if SENT in request.args:
        return drawing.draw("public/reply_thanks.html", ref=ref, **_frame())
    return _draw(ref, {"csrf_token": tokens.fresh()})


def _too_often(limit: RequestLimit) -> Response:
    """Ask for patience, with everything that was typed."""
    ref = reply_links.opened(str((request.view_args or {}).get("token", "")))
    if ref is None:
        return _no_such_link()
    sent, wait = reading.sent(), limits.seconds_left()
    if "switch" in sent.fields:
        return Response(_draw(ref, sent.typed()))
    return limits.not_now(_draw(ref, sent.typed(), notice=words.please_wait(wait)), wait)


@bp.post("/<token>")
@limits.limited(limits.answers, _too_often, share=limits.ANSWERS)
def take_answer(token: str) -> ResponseReturnValue:
    """Take an answer and say that it has arrived. `switch` asks for the same form in this language."""
    ref = reply_links.opened(token)
    if ref is None:
        return _no_such_link()
    sent = reading.sent()
    if "switch" in sent.fields:
        return _draw(ref, sent.typed())
    brake.posts().count(sent.fields.get("csrf_token", ""), pays=limits.pays())
    form = ReplyForm(formdata=sent.fields)
    judged = rules.judge(**{name: sent.fields.get(name, "") for name in ANSWERS}, today=clock.now().date())
    found = [reply_words.complain(fault) for fault in judged.faults]
    complaints = hearing.in_order(
        form, sent, found, picture=reply_words.with_picture("words"), once_more=words.once_more(reply_words.button())
    )
    if complaints or judged.given is None:
        return _draw(ref, hearing.without_files(sent.typed(), _pasted(judged)), complaints), 422
    nonce = form.nonce_for("reply", ref, judged.given)
    held = brake.posts().hold(sent.fields, nonce, pays=limits.pays())
    if held:
        return _hold_back(ref, sent, held)
    return _store(ref, judged.given, sent, nonce=nonce)


def _hold_back(ref: str, sent: Sent, held: Hold) -> Response:
    again, notice = sent.typed() | {"csrf_token": held.token}, words.too_much_at_once(reply_words.button())
    return limits.not_now(_draw(ref, again, notice=notice, held=held), held.seconds)


def _store(ref: str, given: Given, sent: Sent, *, nonce: str) -> ResponseReturnValue:
    try:
        reply_box.take(ref, given, nonce=nonce)
    except Refused:
        return _draw(ref, sent.typed(), notice=reply_words.too_many_wait()), 429
    except StorageFull as exc:
        logs.fault(exc, doing="storing an answer to a notice")
        return _draw(ref, sent.typed(), notice=words.cannot_store()), 503
    g.counts = True
    return redirect(_here(sent=True), 303)


def _no_such_link() -> Response:
    """Say that a link does not work, and how to answer all the same. One page for whatever is wrong with it."""
    g.counts = True
    page = drawing.draw("public/reply_gone.html", mailbox=settings().mail_from, **_frame())
    return Response(page, 404)


def _pasted(judged: JudgedReply) -> set[str]:
    return {fault.field for fault in judged.faults if fault.code is ReplyFaultCode.PICTURE}


def _here(*, lang: Language | None = None, sent: bool = False) -> str:
    """Return the address of this page, in this language or another."""
    asked = ["lang=km"] if (lang or i18n.chosen()) is Language.KM else []
    asked += [f"{SENT}=yes"] if sent else []
    return request.path + ("?" + "&".join(asked) if asked else "")


def _frame() -> dict[str, str]:
    """Return what every page here needs: its twin in the other language; no choice of cookies leads back to it."""
    other = i18n.other(i18n.chosen())
    return {"twin": _here(lang=other, sent=SENT in request.args), "back": f"/{i18n.chosen()}/", "here": _here()}


def _draw(
    ref: str,
    typed: Mapping[str, str],
    complaints: Sequence[Complaint] = (),
    *,
    notice: Notice | None = None,
    held: Hold | None = None,
) -> str:
    return drawing.draw(
        "public/reply.html",
        ref=ref,
        typed=EMPTY | dict(typed),
        token=tokens.again(typed.get("csrf_token", "")),
        faults=complaints,
        notice=notice,
        held=held,
        answers=reply_words.answers(),
        mailbox=settings().mail_from,
        **_frame(),
    )
