"""One item as its own page and its second look draw it: the same facts, and what it asks of a person."""

import functools
from typing import Any

from flask import Response, request

from hotline.blueprints import htmx
from hotline.blueprints.desk import (
    exchange_words,
    findings_form,
    histories,
    host_words,
    iccam_words,
    look_words,
    note_words,
    online_words,
    outside_words,
    route_words,
)
from hotline.models.audit import AuditEntry
from hotline.models.item import Item
from hotline.models.staff import Staff
from hotline.rules import gate, iccam
from hotline.rules.notes import MAX_LENGTH
from hotline.rules.standing import UNDECIDED
from hotline.services import (
    appeals,
    assessments,
    audit,
    case_links,
    clock_pauses,
    clocks,
    criteria,
    decisions,
    disputes,
    item_timeline,
    items,
    mentions,
    merges,
    notes,
    notices,
    outside_decisions,
    police,
    staff,
)
from hotline.services import looks as looks_at
from hotline.vocabulary import CorrectionReason, ItemStatus, PauseReason, Role

REPORTS, NOTES, LINES = 10, 5, 30  # shown on the page itself; the rest has pages of its own


def draw(page: str, partial: str, item: Item, *, by: Staff, **context: Any) -> Response:
    """Draw the page of an item, or only its part. Opening it goes into the audit trail."""
    form = findings_form.context(item, by=by)
    return htmx.page_or_partial(page, partial, item=item, **facts_about(item, by=by), **form, **context)


def looks(item: Item, *, by: Staff) -> dict[str, Any]:
    """Return what people found, as far as this person may see it, and the agreed verdict with what it opens."""
    verdict = assessments.verdict_of(item)
    shown = assessments.shown(item, by=by)
    dispute = disputes.of(item, by=by) if item.status is ItemStatus.DISPUTED else None
    decided = verdict.outside if verdict else dispute.outside if dispute and dispute.sees_outside else None
    rounds = looks_at.rounds(item, shown)
    return {
        "looks": shown,
        "rounds": rounds,
        "apart": looks_at.apart(rounds),
        "dispute": dispute,
        "outside_said": outside_decisions.words_of(decided) if decided else None,
        "standing_of": outside_words.standing,
        "look_given": look_words.given,
        "round_heading": look_words.heading,
        "named_questions": look_words.questions,
        "versions": criteria.judged_by(shown),
        "verdict": verdict,
        "channels": gate.channels(verdict.inhope_class, verdict.law, in_danger=item.in_danger) if verdict else (),
        "iccam": iccam.agreed(*assessments.agreed_by(verdict)[0]) if verdict else (),
        "iccam_code": iccam_words.code,
        "iccam_refused": iccam_words.refused,
        "letters": assessments.letters_about(item),
        "is_anew": assessments.is_anew(item),
        "correction": _correction(item, by=by),
    }


def _correction(item: Item, *, by: Staff) -> dict[str, Any]:
    """Return what is said of corrections: why one is under way, whether one may begin, and letters in its way."""
    return {
        "reason": assessments.correction_of(item),
        "may_begin": by.has(Role.REVIEWER) and assessments.may_correct(item),
        "reasons": tuple(CorrectionReason),
        "standing": assessments.standing_letters(item),
        "changed": notices.list_on_changed(item),
    }


def facts_about(item: Item, *, by: Staff) -> dict[str, Any]:
    """Return what is known of an item, each part short however much there is. Reading it goes into the audit trail."""
    earlier, related = decisions.earlier(item), decisions.related(item)
    alike, merged, merge = merges.suggested(item), merges.into(item), merges.of(item)
    others = [*earlier, *alike, *merged, *([merge] if merge else [])]  # whose addresses are opened too
    opened = items.read(item, by=by, beside=len(others))
    is_decided = item.status not in UNDECIDED
    return {
        "opened": opened,
        "earlier": earlier,
        "on_host": decisions.count_on_host(item),
        "most_on_host": decisions.MOST_COUNTED,
        "related": related,
        "agreed": assessments.verdicts_of(related),
        "alike": alike,
        "merge": merge,
        "merged": merged,
        "may_merge": item.status in {ItemStatus.NEW, ItemStatus.ASSESSING},
        "may_undo": merges.may_undo(by=by),
        "clocks": [one for one in clocks.of(item) if is_decided or one.duty not in clocks.AFTER_VERDICT],
        "pause_reasons": tuple(PauseReason),
        "clock_reason": functools.partial(clock_pauses.reason_of, by=by),
        "may_pause": functools.partial(clock_pauses.may_pause, by=by),
        **reports_of(item),
        **notes_on(item, by=by),
        **timeline_of(item),
        "police": police.card(item),
        "support": case_links.of_item(item, by=by),
        "objections": appeals.of_item(item) if is_decided else [],
        **online_words.card(item),
        **reads_of(item),
        "times_live": items.times_shown_live(item),
        **host_words.card(item, by=by),
        **route_words.card(item),
        **exchange_words.card(item, by=by),
        "withdrawn": assessments.withdrawn(audit.of_action(f"item {item.ref}", assessments.WITHDREW)),
    }


def reports_of(item: Item, *, most: int = REPORTS, before: int | None = None) -> dict[str, Any]:
    """Return the newest reports that name an item, and where the next ones begin (None at the end)."""
    found = mentions.of(item, most=most + 1, before=before)
    return {"named": found[:most], "more_reports": found[most - 1].report.id if len(found) > most else None}


def notes_on(item: Item, *, by: Staff, most: int = NOTES) -> dict[str, Any]:
    """Return the newest notes on an item that this person may read, and the words of the form for another."""
    return {
        "notes": notes.on(item, by=by, most=most),
        "note_say": note_words.say,
        "longest_note": MAX_LENGTH,
        "note_typed": request.form.get("text", ""),
    }


def timeline_of(item: Item, *, most: int = LINES, before: int | None = None) -> dict[str, Any]:
    """Return the newest lines of what happened to an item, and where the next ones begin (None at the end)."""
    is_decided = item.status not in UNDECIDED
    found = item_timeline.newest(item, most=most + 1, before=before, without=histories.READS, with_letters=is_decided)
    return {"lines": _told(item, found[:most]), "more_lines": found[most - 1].id if len(found) > most else None}


def reads_of(item: Item, *, most: int = LINES, before: int | None = None) -> dict[str, Any]:
    """Return how often an item was read, the newest lines of who did, and where the next ones begin."""
    found = audit.newest(f"item {item.ref}", most=most + 1, before=before, only=histories.READS)
    return {
        "reads": audit.count(f"item {item.ref}", *histories.READS),
        "read_lines": _told(item, found[:most]),
        "more_reads": found[most - 1].id if len(found) > most else None,
    }


def _told(item: Item, newest_first: list[AuditEntry]) -> list[histories.Line]:
    names = {one.number: one.name for one in staff.list_staff()}
    return histories.tell(newest_first[::-1], names, is_decided=item.status not in UNDECIDED)
