"""A partner hotline for tests: keys, a door, and a program that signs, sends and opens as `docs/exchange.md` says."""

import base64
import hashlib
import json
import secrets
from typing import Any

from flask.testing import FlaskClient
from nacl.public import PrivateKey, SealedBox
from nacl.signing import SigningKey, VerifyKey
from sqlalchemy import select
from werkzeug.test import TestResponse

from hotline import clock, vault
from hotline.extensions import db
from hotline.models import ExchangePartner, Recipient
from hotline.services import directory, exchange_partners
from hotline.transactions import writing
from hotline.vocabulary import Language, RecipientKind
from tests.services import steps

SCHEMA = "hotline-exchange/1"


def hotline(name: str = "Example Hotline NL", country: str = "NL") -> Recipient:
    """Return a partner hotline of the directory, added where it is not there."""
    mailbox = f"{name.replace(' ', '-').lower()}@partner.example"
    found = db.session.scalar(select(Recipient).where(Recipient.mailbox == mailbox))
    if found is None:
        with writing():
            found = directory.add(name, RecipientKind.PARTNER_HOTLINE, mailbox, country, Language.EN)
    return found


def confirmed(partner: ExchangePartner) -> None:
    """Let the first of the team confirm a partner's keys, which the second has entered."""
    read_out = " ".join(exchange_partners.fingerprint(partner))
    exchange_partners.confirm_keys(partner, read_out, by=steps.team()[0])


class Partner:
    """What a partner holds: a token, two private keys, and our public one."""

    def __init__(self) -> None:
        self.signing, self.box = SigningKey.generate(), PrivateKey.generate()
        self.token, self.ours = "", b""

    @property
    def verify_key(self) -> str:
        return base64.b64encode(bytes(self.signing.verify_key)).decode()

    @property
    def box_key(self) -> str:
        return bytes(self.box.public_key).hex()

    def open_door(self, name: str = "Example Hotline NL") -> ExchangePartner:
        """Have the desk open a door; only within an app context."""
        ref = hotline(name).ref
        with writing():
            partner, self.token = exchange_partners.set_up(ref, self.verify_key, self.box_key, by=steps.team()[1])
            confirmed(partner)
        self.ours = vault.keyring().signs_with[1]
        return partner

    def headers(self, method: str, path: str, body: bytes, **other: str) -> dict[str, str]:
        """Return the headers of a signed request; `other` replaces facts before they are signed."""
        facts = {
            "timestamp": f"{clock.now():%Y-%m-%dT%H:%M:%SZ}",
            "nonce": secrets.token_hex(16),
            "key": secrets.token_hex(8) if body else "",
        } | other
        lines = (SCHEMA, method, path, *(facts[one] for one in ("timestamp", "nonce", "key")))
        signed = "\n".join((*lines, hashlib.sha256(body).hexdigest())).encode()
        signature = base64.b64encode(self.signing.sign(signed).signature).decode()
        return {
            "Authorization": f"Bearer {self.token}",
            "Hotline-Timestamp": facts["timestamp"],
            "Hotline-Nonce": facts["nonce"],
            "Hotline-Signature": signature,
        } | ({"Idempotency-Key": facts["key"]} if facts["key"] else {})

    def send(self, client: FlaskClient, path: str, facts: Any, **other: str) -> TestResponse:
        """Send signed JSON, or bytes as they are."""
        body = facts if isinstance(facts, bytes) else json.dumps(facts).encode()
        path = f"/exchange/v1/{path}"
        headers = self.headers("POST", path, body, **other)
        return client.post(path, data=body, headers=headers, content_type="application/json")

    def offer(self, client: FlaskClient, address: str, reference: str = "NL-1", **more: Any) -> TestResponse:
        other = {name: more.pop(name) for name in ("timestamp", "nonce", "key") if name in more}
        return self.send(
            client, "referrals", {"schema": SCHEMA, "reference": reference, "address": address} | more, **other
        )

    def status(self, client: FlaskClient, ref: str, **facts: str) -> TestResponse:
        return self.send(client, f"referrals/{ref}/status", {"schema": SCHEMA, **facts})

    def fetch(self, client: FlaskClient) -> list[dict[str, Any]]:
        """Fetch and open what waits, hold every signature to our key, and say that it is here."""
        path = "/exchange/v1/outbox"
        answer = client.get(path, headers=self.headers("GET", path, b""))
        assert answer.status_code == 200, answer.text
        opened = [self.opened(one["sealed"]) for one in answer.json["messages"]]
        for one in answer.json["messages"]:
            there = f"{path}/{one['id']}/receipt"
            assert client.post(there, headers=self.headers("POST", there, b"")).status_code == 204
        return opened

    def opened(self, sealed: str) -> dict[str, Any]:
        """Open one message and hold its signature to our key."""
        said = json.loads(SealedBox(self.box).decrypt(base64.b64decode(sealed)))
        message, signature = (base64.b64decode(said[name]) for name in ("message", "signature"))
        VerifyKey(self.ours).verify(SCHEMA.encode() + b"\nmessage\n" + message, signature)
        return json.loads(message)
