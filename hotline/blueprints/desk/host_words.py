"""What is said of hosts at the desk: kinds, what a look-up could not find and why, and what people may settle."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from hotline import i18n
from hotline.models.item import Item
from hotline.models.staff import Staff
from hotline.rules import entries
from hotline.services import hosting
from hotline.vocabulary import HostKind, HostRuleKind, Proxy

MOST_ASKED = 40  # times a card that waits asks by itself, every 3 seconds: a page left open must end its session


def card(item: Item, *, by: Staff) -> dict[str, Any]:
    """Return everything that `desk/items/_hosting.html` needs beside the item."""
    return {
        "hosting": hosting.card(item, by=by),
        "host_fault": fault,
        "host_hint": hint,
        "host_proxy": proxy,
        "host_country": country,
        "host_moment": datetime.fromisoformat,
        "host_most_asked": MOST_ASKED,
    }


def country(code: str | None) -> str:
    """Return a country's name in the reader's language; empty for none."""
    return entries.countries(i18n.chosen()).get(code, code) if code else ""


def hint(kind: HostKind) -> str:
    """Return what a kind of host means for who can act; empty for a plain one."""
    return {
        HostKind.IP_LITERAL: _("The address names a machine, not a site: only its network can be looked up."),
        HostKind.ONION: _("An onion service hides where it is. There is nobody to look up."),
        HostKind.IDN: _("The name is written in another script. It is looked up as it is written for machines."),
        HostKind.SHORT_LINK: _("A short link only leads elsewhere: who hosts it does not host what it leads to."),
    }.get(kind, "")


def proxy(found: Proxy) -> str:
    """Say whether what answers only stands before the host."""
    return {Proxy.NONE: _("No"), Proxy.CDN: _("Yes"), Proxy.UNKNOWN: _("Not known")}[found]


def fault(code: str | None) -> str:
    """Say why something was not found."""
    return {
        "no_name": _("There is no such name any more."),
        "no_address": _("The name is there, but leads to no address."),
        "loop": _("The names lead back to each other."),
        "chain": _("The names lead on and on."),
        "timeout": _("The resolvers did not answer in time."),
        "dns_failed": _("The resolvers could not say."),
        "dns_bad": _("The resolvers gave an answer that cannot be used."),
        "no_server": _("No registry is known for it."),
        "unknown": _("The registry knows nothing of it."),
        "busy": _("The registry asked us to wait. Look again later."),
        "slow": _("The registry did not answer in time."),
        "huge": _("The registry's answer was too long."),
        "not_json": _("The registry's answer cannot be read."),
        "elsewhere": _("The registry led elsewhere, to where nobody is asked."),
        "away": _("The registry could not be reached."),
        "refused": _("The registry refused to say."),
        "off": _("Look-ups are off: nobody is asked who hosts it."),
        "onion": _("An onion service hides where it is. There is nobody to look up."),
        "sealed": _("The host does not open here. Ask whoever runs the portal to check its keys."),
    }.get(code or "", _("It could not be found out."))


def rule_hint(kind: HostRuleKind) -> str:
    """Say what a rule of this kind does."""
    return {
        HostRuleKind.PROVIDER: _(
            "A letter goes to whoever is named below: they are chosen already when one is written."
        ),
        HostRuleKind.PROXY: _("Who runs it does not host what is shown."),
        HostRuleKind.NOT_OURS: _(
            "Reports of it belong elsewhere: the form suggests “Outside our remit”."
            " Each one is still looked at by a person."
        ),
        HostRuleKind.NOT_PROXY: _("It looks as if it stood before others, but hosts what it shows."),
    }[kind]


def say(field: str, code: str) -> str:
    """Return what to do about a fault of a form."""
    return {
        ("lookup", "off"): _("Look-ups are off in this portal. Note by hand who hosts it."),
        ("lookup", "onion"): _("An onion service hides where it is. There is nobody to look up."),
        ("lookup", "waiting"): _("It is being looked up already."),
        ("lookup", "too_soon"): _("It was looked up less than a minute ago. Wait a moment, then look again."),
        ("network", "length"): _("Write who hosts it, in 2 to 120 characters."),
        ("country", "required"): _("Choose a country, or leave it open."),
        ("note", "length"): _("Write why, in 3 to 1,000 characters."),
        ("host", "no_host"): _("Write one host, such as img-board.example."),
        ("host", "settled"): _("There is such a rule about this host already. Extend or end that one."),
        ("kind", "required"): _("Choose what is settled."),
        ("kind", "against"): _("The opposite is settled about this host. End that rule first."),
        ("recipient", "required"): _("Choose who hosts it, from the directory."),
        ("days", "unknown"): _("Choose for how long it holds."),
    }[field, code]
