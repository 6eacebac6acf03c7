"""Finding what somebody pastes: a reference, an address or a host. It is looked up by blind index, and kept nowhere."""

import re

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from hotline import vault
from hotline.extensions import db
from hotline.models.item import Item
from hotline.models.report import Report
from hotline.rules import addresses, refs
from hotline.rules.filters import Filter
from hotline.services import items
from hotline.vault import Blind

REFERENCE = re.compile(f"([IR])-[{refs.LETTERS}]{{{refs.LENGTH}}}")
Found = Item | Filter | None


def find(text: str) -> Found:
    """Return the item that `text` names, a filter for those on its path or host, or None.

    An address leads to its own item; else to those of the same path with another query, else to those on its host. A
    host by itself leads to all items on it.
    """
    typed = text.strip()
    if REFERENCE.fullmatch(typed.upper()):
        return _of_reference(typed.upper())
    found = addresses.read(typed).found
    if not found:
        return None
    address, ring = found[0], vault.keyring()
    host = _newest(Item.host_index, ring.blind(Blind.HOST, address.host))
    of_host = Filter(host_of=host.ref) if host else None
    if address.path_key.removesuffix("/") == f"https://{address.host}" and "/" not in typed.partition("://")[2]:
        return of_host
    exact = _newest(Item.address_index, ring.blind(Blind.ADDRESS, address.canonical))
    if exact:
        return exact
    path = _newest(Item.path_index, ring.blind(Blind.PATH, address.path_key))
    return Filter(path_of=path.ref) if path else of_host


def _of_reference(ref: str) -> Found:
    """Return the item of that reference, or of a report the most urgent item it names."""
    if ref.startswith("I"):
        return db.session.scalar(select(Item).where(Item.ref == ref))
    report = db.session.scalar(select(Report).where(Report.ref == ref))
    return next(iter(items.of_report(report)), None) if report else None


def _newest(column: InstrumentedAttribute[bytes], index: bytes) -> Item | None:
    return db.session.scalar(select(Item).where(column == index).order_by(Item.id.desc()).limit(1))
