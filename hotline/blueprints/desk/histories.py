"""What happened to an item, in words: newest first, and never what somebody found."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _later

from hotline.blueprints.desk import words
from hotline.models.audit import AuditEntry
from hotline.services import (
    appeal_cases,
    appeals,
    assessments,
    audit,
    case_links,
    clocks,
    exchange,
    exchange_course,
    follow_ups,
    holds,
    iccam,
    items,
    mentions,
    merges,
    notes,
    notice_timeline,
    online,
    outside_decisions,
    police,
    reminders,
    retractions,
    watches,
)
from hotline.vocabulary import Answer, CheckResult, CorrectionReason, Duty, ItemOutcome, ReplyKind

READ, DRAFTED = "read", "drafted a notice"
TELLING = {DRAFTED, police.DRAFTED, police.HANDED_OVER, holds.PLACED, holds.KEPT, holds.FIRST, holds.RELEASED}
TELLING |= {appeal_cases.OPENED, appeal_cases.DECIDED, retractions.DRAFTED, retractions.NOT_DRAFTED}
TELLING |= {exchange.DRAFTED, exchange_course.OFFERED, exchange.ANSWERED, exchange.CONTRADICTED}
TELLING |= {iccam.BEGAN, iccam.ADDED, iccam.TYPED, iccam.SENDS, iccam.SENT, iccam.TRIES}
TELLING |= {*online.SAW.values(), online.HOST_SAYS, online.SAW_BACK, online.SAW_OTHER, watches.WENT, watches.CAME_BACK}
READS = (READ, mentions.READ_WORDS, outside_decisions.READ)  # folded away: they are many, and most are the reader's own
SENTENCES = {
    "claimed": _later("%(name)s took it"),
    "passed on": _later("%(name)s passed it on"),
    READ: _later("%(name)s read it"),
    mentions.READ_WORDS: _later("%(name)s read a reporter's words"),
    notes.WROTE: _later("%(name)s wrote a note"),
    merges.MERGED: _later("%(name)s merged it into another item"),
    merges.TOOK_IN: _later("%(name)s merged another item into it"),
    merges.UNDID: _later("%(name)s undid its merge: it is in the queue again"),
    merges.LET_GO: _later("%(name)s undid the merge of another item into it"),
    items.LIVE: _later("%(name)s was shown the live address"),
    "put back": _later("The first look is free again: the account of who had it was closed"),
    "put back second look": _later("The second look is free again: the account of who had it was closed"),
    "claim ran out": _later("The first look is free again: it was in hand for too long"),
    "second look ran out": _later("The second look is free again: it was in hand for too long"),
    "took over": _later("%(name)s took it over from %(holder)s"),
    "took second look over": _later("%(name)s took the second look over from %(holder)s"),
    assessments.FIRST: _later("%(name)s gave the first look"),
    assessments.WITHDREW: _later("%(name)s withdrew the first look"),
    "took second look": _later("%(name)s took the second look"),
    "passed second look on": _later("%(name)s passed the second look on"),
    assessments.SECOND: _later("%(name)s gave the second look"),
    assessments.AGAIN: _later("%(name)s looked again"),
    assessments.THIRD: _later("%(name)s gave a third look"),
    "asked for a third look": _later("%(name)s asked for a third look"),
    "third look fell due": _later("The time to talk is over: a third look is asked for"),
    "took third look": _later("%(name)s took the third look"),
    "took third look over": _later("%(name)s took the third look over from %(holder)s"),
    "passed third look on": _later("%(name)s passed the third look on"),
    "put back third look": _later("The third look is free again: the account of who had it was closed"),
    "third look ran out": _later("The third look is free again: it was in hand for too long"),
    "agreed": _later("Two people agree"),
    "adviser answered": _later("The legal adviser has answered, says %(name)s: people look anew"),
    outside_decisions.RECORDED: _later("%(name)s recorded what an outside adviser decided"),
    outside_decisions.CONFIRMED: _later("%(name)s confirmed the record of the outside decision"),
    outside_decisions.REFUSED: _later(
        "%(name)s did not confirm the record of the outside decision: it counts for nothing"
    ),
    outside_decisions.WITHDREW: _later("%(name)s withdrew the record of the outside decision: it counts for nothing"),
    outside_decisions.SET_ASIDE: _later(
        "%(name)s set the record of the outside decision aside, which nobody had confirmed: it counts for nothing"
    ),
    outside_decisions.READ: _later("%(name)s read what an outside adviser decided"),
    assessments.CORRECTED: _later("%(name)s began a correction"),
    "asked who hosts it": _later("%(name)s asked who hosts it"),
    "noted who hosts it": _later("%(name)s noted who hosts it"),
    DRAFTED: _later("%(name)s drafted a letter"),
    appeal_cases.OPENED: _later("%(name)s opened an appeal"),
    appeal_cases.DECIDED: _later("An appeal was decided, noted by %(name)s"),
    retractions.DRAFTED: _later("A letter was drafted that takes back an earlier one"),
    retractions.NOT_DRAFTED: _later("An earlier letter is left to a person: the appeal says what to do"),
    police.DRAFTED: _later("%(name)s drafted a police report"),
    police.HANDED_OVER: _later("%(name)s handed it over to the police"),
    holds.PLACED: _later("%(name)s held it for the police"),
    case_links.ON_ITEM: _later("%(name)s handed something to victim support"),
    holds.KEPT: _later("The police still ask to wait, says %(name)s"),
    holds.FIRST: _later("%(name)s agrees that its hold may end"),
    holds.RELEASED: _later("%(name)s agrees too: its hold has ended"),
    exchange.DRAFTED: _later("%(name)s drafted an offer to a partner hotline"),
    exchange_course.OFFERED: _later("It was offered to a partner hotline, by %(name)s"),
    exchange.ANSWERED: _later("A partner hotline answered, noted by %(name)s"),
    exchange.CONTRADICTED: _later(
        "A partner hotline said otherwise after its case had ended: what counted still counts"
    ),
    iccam.BEGAN: _later("%(name)s began the list of what ICCAM is told"),
    iccam.ADDED: _later("%(name)s added something that was done to ICCAM's list"),
    iccam.TYPED: _later("%(name)s typed a step into ICCAM"),
    iccam.SENDS: _later("%(name)s had ICCAM told what is due"),
    iccam.SENT: _later("A step was sent to ICCAM by %(name)s"),
    iccam.TRIES: _later("%(name)s had a step sent to ICCAM once more"),
    online.SAW[CheckResult.UP]: _later("%(name)s saw that it is still there"),
    online.SAW[CheckResult.GONE]: _later("%(name)s saw that it is gone"),
    online.SAW[CheckResult.UNSURE]: _later("%(name)s could not tell whether it is gone"),
    online.HOST_SAYS: _later("A host says that it is gone"),
    online.SAW_BACK: _later("%(name)s saw it again: it is open again"),
    online.SAW_OTHER: _later("%(name)s saw something else there: it is in the queue again"),
    watches.WENT: _later("A program found it gone, several times over a day"),
    watches.CAME_BACK: _later("It answers a program again: a person has to look"),
    "closed": _later("Closed by %(name)s"),
    "paused clock": _later("%(name)s let a limit stand still"),
    "resumed clock": _later("%(name)s let a limit run on"),
    "clock ran out": _later("A limit has run out"),
}

OF_LETTERS = {
    "approved": _later("%(name)s read and approved a letter"),
    "sent": _later("A letter was sent"),
    appeals.BY_HAND: _later("%(name)s sent a letter by hand"),
    appeals.TYPED_IN: _later("%(name)s typed a letter into the recipient’s form or portal"),
    appeals.REMINDED: _later("%(name)s let a reminder go"),
    "kept": _later("A letter was kept here: it has gone to nobody"),
    "failed": _later("A letter could not be sent"),
    "withdrew": _later("%(name)s withdrew a letter"),
    follow_ups.OUTDATED: _later("A letter was withdrawn: an address in it is gone"),
    follow_ups.NOT_NOW: _later("A reminder was withdrawn: nobody is to be reminded now"),
    reminders.KEPT_BACK: _later("No reminder went by itself: it needs a person’s eyes"),
    notice_timeline.CAME: _later("An answer to a letter came by mail"),
    "sorted an answer": _later("%(name)s said what a mail answers"),
}
CAME = {
    ReplyKind.BOUNCE: _later("A letter came back"),
    ReplyKind.OUT_OF_OFFICE: _later("A program answered a letter: nobody is there"),
    ReplyKind.FORM: _later("A recipient answered a letter"),
    ReplyKind.BY_HAND: _later("A recipient answered a letter, noted by hand"),
}
OF_REPORTS = {
    "approved": _later("%(name)s read and approved a police report"),
    "withdrew": _later("%(name)s withdrew a police report"),
    "acknowledged": _later("The police have it, says %(name)s"),
    "noted feedback": _later("%(name)s noted what the police said of the children"),
    "closed": _later("%(name)s closed a police report"),
}

FROM_OUTSIDE = {  # said instead, where what happened rests on an outside adviser or needs another to confirm it
    "agreed": _later("One person and an outside adviser agree"),
    outside_decisions.RECORDED: _later(
        "%(name)s, one of those whose looks differ, recorded what an outside adviser decided: another has to confirm it"
    ),
}


class Line(NamedTuple):
    """One line of a timeline. `times` is how often in a row it happened; `notice`, `item` and `police` (a report to
    them) what else it is about."""

    at: datetime
    text: str
    times: int = 1
    notice: str = ""
    item: str = ""
    police: str = ""


def tell(entries: Iterable[AuditEntry], names: Mapping[str, str], *, is_decided: bool) -> list[Line]:
    """Return the timeline of an item. `names` leads from staff numbers to the people's names.

    Until an item is decided the lines leave out how it ended before and which letters, holds and police reports there
    were: whoever looks anew would know what was found.
    """
    told = [entry for entry in entries if is_decided or not _tells(entry)]
    return list(_folded(told[::-1], names, with_outcome=is_decided))


def _tells(entry: AuditEntry) -> bool:
    """Whether a line lets on what was found."""
    return entry.action in TELLING or json.loads(entry.details or "{}").get("duty") in clocks.AFTER_VERDICT


def _folded(newest_first: list[AuditEntry], names: Mapping[str, str], *, with_outcome: bool) -> Iterator[Line]:
    """Make one line of one person's reads of one kind that follow each other."""
    line: Line | None = None
    reader = ("", "")
    for entry in newest_first:
        same = line is not None and entry.action in READS and reader == (entry.actor, entry.action)
        if line is not None and not same:
            yield line
        line = (
            line._replace(times=line.times + 1)
            if line is not None and same
            else _line(entry, names, with_outcome=with_outcome)
        )
        reader = (entry.actor, entry.action)
    if line is not None:
        yield line


def _line(entry: AuditEntry, names: Mapping[str, str], *, with_outcome: bool) -> Line:
    name = _("the portal") if entry.actor == audit.SYSTEM else names.get(entry.actor, entry.actor)
    details = json.loads(entry.details or "{}")
    kind, _space, ref = entry.record.rpartition(" ")
    if kind == "notice":
        return Line(entry.at, _of_letter(entry.action, details, name), notice=ref)
    if kind == police.KIND:
        return Line(entry.at, str(OF_REPORTS[entry.action]) % {"name": name}, police=ref)
    is_special = details.get("outside") or details.get("one_of_them")
    sentence = FROM_OUTSIDE.get(entry.action) if is_special else None
    sentence = sentence or SENTENCES.get(entry.action)
    holder = details.get("holder", "")
    told = {"name": name, "holder": names.get(holder, holder)}
    text = str(sentence) % told if sentence else f"{name}: {entry.action}"
    if entry.action == assessments.CORRECTED:
        text = f"{text}: {words.of(CorrectionReason(details['reason']))}"
    if duty := details.get("duty"):
        text = f"{text}: {words.of(Duty(duty))}"
    if with_outcome and (outcome := details.get("outcome")):
        text = f"{text}: {words.of(ItemOutcome(outcome))}"
    return Line(entry.at, text, notice=details.get("notice", ""), item=details.get("into") or details.get("item", ""))


def _of_letter(action: str, details: Mapping[str, str], name: str) -> str:
    """Say what happened to a letter that lists the item; what somebody wrote stays closed."""
    sentence = CAME.get(ReplyKind(details["kind"])) if action == notice_timeline.CAME else None
    text = str(sentence or OF_LETTERS[action]) % {"name": name}
    answer = details.get("answer")
    return f"{text}: {words.of(Answer(answer))}" if answer else text
