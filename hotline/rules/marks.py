"""By what a recipient is recognised in what look-ups found of a host. Values are in lower case, as they are kept."""

import re

from hotline.rules import domains
from hotline.rules.entries import MAILBOX
from hotline.rules.hosting import LONGEST, Account
from hotline.vocabulary import Mark

_SYSTEM = re.compile(r"(?:as)?\s*(\d{1,10})")
_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
MOST_SYSTEM = 4_294_967_294


def judge(mark: str, typed: str) -> tuple[Mark, str] | tuple[tuple[str, str], ...]:
    """Return a mark as it is kept, or (field, code) for everything that is wrong with it."""
    if mark not in set(Mark):
        return (("mark", "required"),)
    value = tidy(Mark(mark), typed)
    return (Mark(mark), value) if value else (("value", mark),)


def tidy(mark: Mark, typed: str) -> str:
    """Return the value of a mark as it is kept; empty for what cannot be one."""
    text = " ".join(typed.split()).lower()
    if mark is Mark.ASN:
        number = _SYSTEM.fullmatch(text)
        return f"as{int(number[1])}" if number and 0 < int(number[1]) <= MOST_SYSTEM else ""
    if mark is Mark.DOMAIN:
        return text if len(text) <= 253 and _NAME.fullmatch(text) and domains.registrable(text) else ""
    if mark is Mark.MAILBOX:
        return text if MAILBOX.fullmatch(text) else ""
    return text if 2 <= len(text) <= LONGEST else ""


def of_host(host: str) -> frozenset[tuple[Mark, str]]:
    """Return the marks that a host's own name bears: itself and each name above it, down to the registered one."""
    if not _NAME.fullmatch(host):
        return frozenset()
    parts, least = host.split("."), len(domains.registrable(host).split("."))
    return frozenset((Mark.DOMAIN, ".".join(parts[cut:])) for cut in range(len(parts) - least + 1))


def of_network(account: Account) -> frozenset[tuple[Mark, str]]:
    """Return the marks of the networks that an account names, with what stands before the host as one of them."""
    named = [(Mark.NETWORK, name) for one in account.known for name in (one.name, one.org)]
    named += [(Mark.NETWORK, account.provider), (Mark.NETWORK, account.proxy_name)]
    named += [(Mark.MAILBOX, mailbox) for one in account.known for mailbox in one.abuse]
    named += [(Mark.ASN, str(number)) for one in account.known for number in one.systems]
    return _kept(named)


def of_giver(account: Account) -> frozenset[tuple[Mark, str]]:
    """Return the marks of whoever gave the host's network its addresses."""
    giver = account.giver
    if giver is None:
        return frozenset()
    named = [*((Mark.NETWORK, name) for name in (giver.name, giver.org)), *((Mark.MAILBOX, one) for one in giver.abuse)]
    return _kept([*named, *((Mark.ASN, str(number)) for number in giver.systems)])


def of_registrar(account: Account) -> frozenset[tuple[Mark, str]]:
    """Return the marks of whoever the host's name is registered with."""
    if account.domain is None:
        return frozenset()
    mailboxes = [(Mark.MAILBOX, mailbox) for mailbox in account.domain.abuse]
    return _kept([(Mark.NETWORK, account.domain.registrar), *mailboxes])


def _kept(named: list[tuple[Mark, str]]) -> frozenset[tuple[Mark, str]]:
    return frozenset((mark, value) for mark, said in named if (value := tidy(mark, said)))
