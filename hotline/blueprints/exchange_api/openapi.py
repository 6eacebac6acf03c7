"""The interface described for programs: OpenAPI 3.1, drawn from the same words and sizes that the rules hold."""

from collections.abc import Iterable, Mapping
from typing import Any

from hotline.blueprints.exchange_api.problems import KIND, PROBLEMS
from hotline.rules import exchange as rule
from hotline.rules import submissions
from hotline.vocabulary import Category, DeclineReason, ItemOutcome

Json = Mapping[str, Any]
COMMON = ("malformed", "headers", "unknown_token", "bad_signature", "untimely", "too_large", "too_often")
BROKEN = ("broken", "full")  # whatever is asked: ours to mend


def description(server: str) -> Json:
    """Return the whole description. `server` is the public site's address."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Exchange between hotlines",
            "version": "1",
            "summary": "Addresses are offered, answered and followed up; nothing is fetched and no image is carried.",
            "description": (
                "Every request bears a token and an Ed25519 signature over seven lines, joined by a line feed: "
                f"`{rule.SCHEMA}`, method, path, timestamp, nonce, idempotency key (empty where there is none), and "
                "the SHA-256 of the body in hex. Sign each try anew; what is tried again keeps its idempotency key. "
                "Messages in the outbox are sealed boxes (X25519) to your key; opened they are a JSON object of "
                "`key`, `message` and `signature` (base64), the signature being ours over "
                f"`{rule.SCHEMA}`, a line feed, `message`, a line feed, and the message."
            ),
        },
        "servers": [{"url": server}],
        "security": [{"token": []}],
        "paths": {
            "/exchange/v1/referrals": {
                "post": _operation(
                    "offerReferral",
                    "Offer us an address",
                    _KEYED,
                    body=_body("Offer"),
                    good=_taken(),
                    more=_CONTENT_FAULTS,
                )
            },
            "/exchange/v1/referrals/{ref}/status": {
                "post": _operation(
                    "tellStatus",
                    "Tell us what became of what we offered",
                    (_path("ref", rule.REF.pattern), *_KEYED),
                    body=_body("Status"),
                    good=_taken(),
                    more=(*_CONTENT_FAULTS, "not_found"),
                )
            },
            "/exchange/v1/outbox": {
                "get": _operation("listOutbox", "Fetch what waits for you", _SIGNED, body=None, good=_outbox(), more=())
            },
            "/exchange/v1/outbox/{message_id}/receipt": {
                "post": _operation(
                    "receiptMessage",
                    "Say that you have a message",
                    (_path("message_id", rule.MESSAGE_ID.pattern), *_SIGNED),
                    body=None,
                    good={"204": {"description": "It is not given again."}},
                    more=("not_found",),
                )
            },
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Offer": _OFFER,
                "Status": _STATUS,
                "Taken": _TAKEN,
                "Outbox": _OUTBOX,
                "Message": _MESSAGE,
                "Problem": _PROBLEM,
            },
        },
    }


def _reference(*, is_needed: bool) -> Json:
    one = r"(?:(?!\ufffd)[ \p{L}\p{M}\p{N}\p{P}\p{S}])"  # ECMA-262 with its flag "u", as JSON Schema asks
    return {
        "type": "string",
        "minLength": int(is_needed),
        "maxLength": rule.LONGEST_REFERENCE,
        "pattern": f"^(?=.*[^ ]){one}+$" if is_needed else f"^{one}*$",
        "description": "One line of characters that can be seen; no pasted file.",
    }


def _note() -> Json:
    return {
        "type": "string",
        "maxLength": rule.LONGEST_NOTE,
        "pattern": r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ud800-\udfff\ufffd]*$",
        "description": "No pasted file.",
    }


def _only_with(answer: str, field: str) -> Json:
    """Return that a field has to stand beside one answer, and beside no other."""
    said = {"properties": {"status": {"const": answer}}, "required": ["status"]}
    return {"if": said, "then": {"required": [field]}, "else": {"not": {"required": [field]}}}


def _words(words: Iterable[str]) -> Json:
    return {"type": "string", "enum": [str(one) for one in words]}


def _object(needs: Iterable[str], **fields: Json) -> Json:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["schema", *needs],
        "properties": {"schema": {"const": rule.SCHEMA}, **fields},
    }


_KEY = {"type": "string", "pattern": f"^{rule.KEY.pattern}$"}
_HEADERS = {
    "Hotline-Timestamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
    "Hotline-Nonce": _KEY,
    "Hotline-Signature": {"type": "string", "description": "Ed25519 over the seven lines, base64"},
}
_SIGNED = tuple({"name": name, "in": "header", "required": True, "schema": schema} for name, schema in _HEADERS.items())
_KEYED = (*_SIGNED, {"name": "Idempotency-Key", "in": "header", "required": True, "schema": _KEY})
_CONTENT_FAULTS = ("no_object", "replayed", "key_reused", "not_json", "unknown_schema", "invalid")
_OFFER = _object(
    ("reference", "address"),
    reference=_reference(is_needed=True),
    address={
        "type": "string",
        "maxLength": submissions.MAX_ADDRESS,
        "pattern": f"^{rule.ADDRESS.pattern}$",
        "description": "One web address with a public host, http or https.",
    },
    category=_words(Category),
    classification=_words(rule.CLASSES),
    hosting_country={"type": "string", "pattern": f"^{rule.COUNTRY.pattern}$"},
    in_danger={"type": "boolean"},
    note=_note(),
)
_STATUS = {
    **_object(
        ("status",),
        status=_words(rule.ANSWERS),
        reference=_reference(is_needed=False),
        reason={**_words(DeclineReason), "description": "with declined, and only there"},
        outcome={**_words(ItemOutcome), "description": "with done, and only there"},
        note=_note(),
    ),
    "allOf": [_only_with(answer, field) for answer, field in rule.NEEDS.items()],
}
_ID = {"type": "string", "pattern": f"^{rule.MESSAGE_ID.pattern}$"}
_TAKEN = _object(("id",), id=_ID)
_OUTBOX = _object(
    ("messages", "more"),
    messages={
        "type": "array",
        "items": {
            "type": "object",
            "required": ["id", "sealed"],
            "properties": {"id": _ID, "sealed": {"type": "string", "contentEncoding": "base64"}},
        },
    },
    more={"type": "boolean"},
)
_MESSAGE = {
    "type": "object",
    "description": "What a sealed message says once it is opened and its signature checked.",
    "required": ["schema", "kind", "id", "made_at"],
    "properties": {
        "schema": {"const": rule.SCHEMA},
        "kind": _words(("offer", "received", "status", "withdrawn", "problem")),
        "id": _ID,
        "made_at": _HEADERS["Hotline-Timestamp"],
        "reference": {"type": "string", "description": "How we call it"},
        "your_reference": {"type": "string"},
        "address": {"type": "string", "description": "Of an offer: not to be opened by accident"},
        "category": _words(Category),
        "classification": _words(rule.CLASSES),
        "hosting_country": {"type": "string"},
        "in_danger": {"type": "boolean"},
        "known": {"type": "boolean", "description": "Of what you offered: whether we had the address before"},
        "state": _words(("received", "checking", "action_taken", "closed")),
        "status": _words(rule.ANSWERS),
        "reason": _words(DeclineReason),
        "outcome": _words(ItemOutcome),
        "note": {"type": "string"},
        "code": _words(("unknown_reference", "wrong_state")),
    },
}
_FIELDS = dict.fromkeys((*_OFFER["properties"], *_STATUS["properties"]))  # of both bodies, each once
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "enum": [f"urn:hotline-exchange:{code}" for code in PROBLEMS]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code"],
                "properties": {"field": _words(("", *_FIELDS)), "code": _words(rule.FAULTS)},
            },
        },
    },
}


def _path(name: str, pattern: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": f"^{pattern}$"}}


def _body(schema: str) -> Json:
    return {"required": True, "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def _answer(schema: str, words: str, kind: str = "application/json") -> Json:
    return {"description": words, "content": {kind: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def _taken() -> Json:
    return {"202": _answer("Taken", "Stored, sealed. What it leads to comes through the outbox.")}


def _outbox() -> Json:
    return {"200": _answer("Outbox", "At most fifty, oldest first; say of each that you have it.")}


def _operation(
    name: str, summary: str, parameters: Iterable[Json], *, body: Json | None, good: Json, more: Iterable[str]
) -> Json:
    faults: dict[str, list[str]] = {}
    for code in (*COMMON, *more, *BROKEN):
        status, title = PROBLEMS[code]
        faults.setdefault(str(status), []).append(title)
    wrong = {status: _answer("Problem", " ".join(titles), KIND) for status, titles in sorted(faults.items())}
    responses = {**good, **wrong}
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": summary,
        "parameters": list(parameters),
        "responses": responses,
    }
    if body is not None:
        operation["requestBody"] = body
    return operation
