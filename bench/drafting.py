"""Drafting one letter about 100 addresses, each with its XARF report: `python -m bench.drafting`.

Seconds from the call to the commit, in a store with nothing else in it, plain and encrypted by S/MIME.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from flask import Flask
from sqlalchemy import select

from bench import desk_letters, processes, servers, tables
from hotline import clock, create_app
from hotline.extensions import db
from hotline.models import Item, Recipient
from hotline.models.recipient import RecipientKey
from hotline.services import assessments, claims, demo, notice_approval, notice_drafting, notices, staff
from hotline.transactions import writing
from hotline.vocabulary import Channel, ItemStatus, KeyKind, Language, Surface

ADDRESSES = 100
ROUNDS = 5
GOAL = 1.0  # seconds


def measure(rounds: int, addresses: int) -> dict[str, list[float]]:
    """Return the seconds each draft took: without and with a key."""
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder, _desk(Path(folder), addresses) as about:
        plain = [_draft(about) for _ in range(rounds)]
        _add_key()
        return {"plain": plain, "encrypted": [_draft(about) for _ in range(rounds)]}


@contextmanager
def _desk(folder: Path, addresses: int) -> Iterator[list[int]]:
    """Make a desk with so many addresses that two people agree on; yield the ids of their items."""
    environ = servers.portal_environment(folder / "data", processes.free_port(following=1))
    servers.flask(environ, "prepare")
    app: Flask = create_app(Surface.OFFICE, environ)
    with app.app_context():
        list(demo.people())
        with writing():
            for number in range(addresses):
                desk_letters.file_report(number)
        first, second, _ = desk_letters.reviewers()
        with writing():
            for item in db.session.scalars(select(Item).where(Item.status == ItemStatus.NEW)).all():
                claims.claim(item, by=first)
                assessments.first_look(item, demo.ILLEGAL, by=first)
                assessments.take_review(item, by=second)
                assessments.second_look(item, demo.ILLEGAL, by=second)
        yield list(db.session.scalars(select(Item.id).order_by(Item.id)))


def _draft(about: list[int]) -> float:
    """Draft one letter about all of them and withdraw it again; return the seconds that drafting took."""
    by = staff.get_by_name("sophea")
    began = time.perf_counter()
    with writing():
        first, *also = db.session.scalars(select(Item).where(Item.id.in_(about)).order_by(Item.id)).all()
        to = db.session.scalars(select(Recipient).order_by(Recipient.id).limit(1)).one()
        notice = notice_drafting.draft(first, to, channel=Channel.HOST, language=Language.EN, by=by, also=also)
    took = time.perf_counter() - began
    if len(notices.letter_of(notice).reports) != len(about):
        raise processes.DidNotStartError("a letter without all its reports")
    with writing():
        notice_approval.withdraw(notice, by=by)
    return took


def _add_key() -> None:
    """Give the recipient a certificate of its own."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Bench")]), clock.now()
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9))
    pem = made.sign(private, hashes.SHA256()).public_bytes(Encoding.PEM).decode()
    with writing():
        to = db.session.scalars(select(Recipient.id).order_by(Recipient.id).limit(1)).one()
        key = RecipientKey(recipient_id=to, kind=KeyKind.SMIME, material=pem, fingerprint="00", added_at=now)
        db.session.add(key)
    db.session.expire_all()


def run(rounds: int = ROUNDS, addresses: int = ADDRESSES) -> bool:
    """Measure and publish."""
    done = measure(rounds, addresses)
    table = tables.Table(
        f"Drafting: one letter, {addresses} addresses with XARF", ("what", "seconds (range)", "goal", "")
    )
    for what, seconds in done.items():
        spread = f"{median(seconds):.3f} ({min(seconds):.3f}-{max(seconds):.3f})"
        table.rows.append([what, spread, f"≤ {GOAL:g}", "met" if median(seconds) <= GOAL else "missed"])
    table.remarks.append(f"Median of {rounds} drafts each, to the commit; SQLite.")
    tables.publish("drafting", table)
    return True


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.drafting", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--addresses", type=int, default=ADDRESSES)
    options = parser.parse_args()
    return 0 if run(options.rounds, options.addresses) else 1


if __name__ == "__main__":
    sys.exit(main())
