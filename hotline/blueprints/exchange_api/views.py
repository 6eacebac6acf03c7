"""The interface of partner hotlines, version 1. What it takes is sealed at once; what it gives was sealed elsewhere."""

import base64

from flask import Blueprint, Flask, Response, jsonify
from flask.typing import ResponseReturnValue

from hotline.blueprints.exchange_api import openapi, problems
from hotline.blueprints.exchange_api.knocking import Knock, answered
from hotline.blueprints.exchange_api.problems import Problem
from hotline.config import settings
from hotline.rules import exchange as rule
from hotline.services import exchange_doors
from hotline.services.exchange_doors import KeyReused, Replayed
from hotline.vocabulary import ExchangeKind

bp = Blueprint("exchange_api", __name__, url_prefix="/exchange/v1")
bp.register_error_handler(Problem, problems.on_problem)


def install(app: Flask) -> None:
    """Open the interface on `app`."""
    app.register_blueprint(bp)


@bp.get("/openapi.json")
def show_description() -> ResponseReturnValue:
    """Show what the interface takes and gives, for programs (OpenAPI 3.1)."""
    return jsonify(openapi.description(settings().public_url))


@bp.post("/referrals")
@answered(reads_body=True)
def take_offer(knock: Knock) -> ResponseReturnValue:
    """Take an address that a partner offers to us."""
    try:
        rule.offer(knock.body)
    except rule.Malformed as exc:
        raise _problem(exc) from exc
    return _taken(knock, ExchangeKind.OFFER, "")


@bp.post("/referrals/<ref>/status")
@answered(reads_body=True)
def take_status(knock: Knock, ref: str) -> ResponseReturnValue:
    """Take what a partner says of something that we offered under the reference `ref`."""
    if not rule.REF.fullmatch(ref):
        raise Problem("not_found")
    try:
        rule.answer(knock.body)
    except rule.Malformed as exc:
        raise _problem(exc) from exc
    return _taken(knock, ExchangeKind.STATUS, ref)


@bp.get("/outbox")
@answered(reads_body=False)
def show_outbox(knock: Knock) -> ResponseReturnValue:
    """Give what waits for a partner, sealed to its own key, oldest first."""
    found = exchange_doors.waiting(knock.door)
    messages = [{"id": one.hex(), "sealed": base64.b64encode(body).decode()} for one, body in found.messages]
    return jsonify({"schema": rule.SCHEMA, "messages": messages, "more": found.has_more})


@bp.post("/outbox/<message_id>/receipt")
@answered(reads_body=False)
def take_receipt(knock: Knock, message_id: str) -> ResponseReturnValue:
    """Note that a partner has opened a message. Once or often is the same."""
    if not rule.MESSAGE_ID.fullmatch(message_id) or not exchange_doors.receipt(knock.door, bytes.fromhex(message_id)):
        raise Problem("not_found")
    return Response(status=204)


def _taken(knock: Knock, kind: ExchangeKind, ref: str) -> ResponseReturnValue:
    try:
        taken = exchange_doors.take(
            knock.door,
            kind,
            rule.carried(ref, knock.body),
            about=ref,
            key=knock.key,
            nonce=knock.nonce,
            at=knock.at,
        )
    except Replayed as exc:
        raise Problem("replayed") from exc
    except KeyReused as exc:
        raise Problem("key_reused") from exc
    answer = jsonify({"schema": rule.SCHEMA, "id": taken.hex()})
    answer.status_code = 202
    return answer


def _problem(exc: rule.Malformed) -> Problem:
    code = exc.faults[0][1]
    return Problem(code) if code in {rule.NO_OBJECT, rule.UNKNOWN_SCHEMA} else Problem("invalid", exc.faults)
