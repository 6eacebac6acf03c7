"""What happened to an item, in words: newest first, and never what somebody found."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _later

from hotline.blueprints.desk import words
from hotline.models.audit import AuditEntry
from hotline.services import assessments, audit
from hotline.vocabulary import ItemOutcome

READ = "read"
LIVE = "copied live address"
SENTENCES = {
    "claimed": _later("%(name)s took it"),
    "passed on": _later("%(name)s passed it on"),
    READ: _later("%(name)s read it"),
    LIVE: _later("%(name)s was shown the live address"),
    "put back": _later("The first look is free again: the account of who had it was closed"),
    "put back second look": _later("The second look is free again: the account of who had it was closed"),
    "claim ran out": _later("The first look is free again: it was in hand for too long"),
    "second look ran out": _later("The second look is free again: it was in hand for too long"),
    "took over": _later("%(name)s took it over from %(holder)s"),
    "took second look over": _later("%(name)s took the second look over from %(holder)s"),
    "first look": _later("%(name)s gave the first look"),
    assessments.WITHDREW: _later("%(name)s withdrew the first look"),
    "took second look": _later("%(name)s took the second look"),
    "passed second look on": _later("%(name)s passed the second look on"),
    "second look": _later("%(name)s gave the second look"),
    "looked again": _later("%(name)s looked again"),
    "agreed": _later("Two people agree"),
    "adviser answered": _later("The legal adviser has answered, says %(name)s: people look anew"),
    "drafted a notice": _later("%(name)s drafted a letter"),
    "closed": _later("Closed by %(name)s"),
}


class Line(NamedTuple):
    """One line of a timeline. `times` is how often in a row it happened, `notice` the letter it is about."""

    at: datetime
    text: str
    times: int = 1
    notice: str = ""


def tell(entries: Iterable[AuditEntry], names: Mapping[str, str]) -> list[Line]:
    """Return the timeline of an item. `names` leads from staff numbers to the people's names."""
    return list(_folded(list(entries)[::-1], names))


def times_shown_live(entries: Iterable[AuditEntry]) -> int:
    """Return how often somebody was shown the live address."""
    return sum(entry.action == LIVE for entry in entries)


def _folded(newest_first: list[AuditEntry], names: Mapping[str, str]) -> Iterator[Line]:
    """Make one line of one person's reads that follow each other."""
    line: Line | None = None
    reader = ""
    for entry in newest_first:
        same = line is not None and entry.action == READ and reader == entry.actor
        if line is not None and not same:
            yield line
        line = line._replace(times=line.times + 1) if line is not None and same else _line(entry, names)
        reader = entry.actor if entry.action == READ else ""
    if line is not None:
        yield line


def _line(entry: AuditEntry, names: Mapping[str, str]) -> Line:
    name = _("the portal") if entry.actor == audit.SYSTEM else names.get(entry.actor, entry.actor)
    details = json.loads(entry.details or "{}")
    sentence = SENTENCES.get(entry.action)
    holder = details.get("holder", "")
    told = {"name": name, "holder": names.get(holder, holder)}
    text = str(sentence) % told if sentence else f"{name}: {entry.action}"
    if outcome := details.get("outcome"):
        text = f"{text}: {words.of(ItemOutcome(outcome))}"
    return Line(entry.at, text, notice=details.get("notice", ""))
