"""One item as its own page and its second look draw it: the same facts, and what it asks of a person."""

from typing import Any

from babel import Locale
from flask import Response, request
from flask_babel import gettext as _

from hotline import i18n, jurisdiction
from hotline.blueprints import htmx
from hotline.blueprints.desk import findings_form, histories
from hotline.models.item import Item
from hotline.models.staff import Staff
from hotline.rules import gate
from hotline.rules.findings import MOST_NOTE, Findings
from hotline.services import assessments, items, staff


def draw(page: str, partial: str, item: Item, *, by: Staff, **context: Any) -> Response:
    """Draw the page of an item, or only its part. Opening it goes into the audit trail."""
    form = _form(assessments.earlier(item, by=by))
    return htmx.page_or_partial(page, partial, item=item, **_facts(item, by=by), **form, **context)


def looks(item: Item, *, by: Staff) -> dict[str, Any]:
    """Return what people found, as far as this person may see it, and the agreed verdict with what it opens."""
    verdict = assessments.verdict_of(item)
    shown = assessments.shown(item, by=by)
    return {
        "looks": [(look, assessments.findings_of(look)) for look in shown],
        "verdict": verdict,
        "channels": gate.channels(verdict.inhope_class, verdict.law, in_danger=item.in_danger) if verdict else (),
        "letters": assessments.letters_about(item),
        "is_anew": assessments.is_anew(item),
    }


def _facts(item: Item, *, by: Staff) -> dict[str, Any]:
    opened = items.read(item, by=by)
    entries = items.timeline(item)
    related = items.related(item)
    return {
        "opened": opened,
        "related": related,
        "verdicts": assessments.verdicts_of(related),
        "lines": histories.tell(entries, {one.number: one.name for one in staff.list_staff()}),
        "times_live": histories.times_shown_live(entries),
        "withdrawn": assessments.withdrawn(entries),
    }


def _form(earlier: Findings | None) -> dict[str, Any]:
    """Return what the form of a finding needs: filled in as it was sent, or else with one's own earlier answers."""
    kept = findings_form.written(earlier) if earlier and request.method == "GET" else request.form
    return {
        "typed": kept,
        "is_prefilled": kept is not request.form,
        "choices": findings_form.CHOICES,
        "class_hints": findings_form.HINTS,
        "say": findings_form.say,
        "most_note": MOST_NOTE,
        "law_name": _law_name(),
    }


def _law_name() -> str:
    country = Locale.parse(i18n.chosen()).territories[jurisdiction.current().country]
    return _("Law of %(country)s", country=country)
