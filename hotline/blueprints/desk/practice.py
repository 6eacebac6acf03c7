"""The code of practice on one page: every clause with its evidence, its owner, and what has to be done next."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock, jurisdiction
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import (
    clause_words,
    days,
    drawing,
    imagery_words,
    incident_words,
    stakeholder_words,
)
from hotline.blueprints.guards import needs, overtaken, redraws, shows_newer
from hotline.rules import incidents as incident_rules
from hotline.rules.clauses import MOST_REASON, MOST_WORDS
from hotline.services import clauses, consultations, duties, evidence_pack, imagery, incident_letters, incidents
from hotline.transactions import commits
from hotline.vocabulary import ClauseState, IncidentLetterState, OfficialPart

bp = Blueprint("practice", __name__, url_prefix="/practice")
MOST = 20  # times that somebody looked at a clause, in its history
A_YEAR = timedelta(days=365)
STYLE = "style.css"  # beside the page in the archive


@bp.get("")
@needs(*duties.READERS)
def show_clauses() -> ResponseReturnValue:
    """Show every clause with its evidence right now, its state, its owner and what is due next."""
    person = guards.current_staff()
    rows = clauses.list_rows(by=person)
    today = incidents.today(person)
    first = incidents.told_next(today.pressing)
    return drawing.draw(
        "desk/practice/clauses.html",
        rows=rows,
        states=[(state, sum(row.state is state for row in rows)) for state in ClauseState],
        evidence=clause_words.evidence,
        doubt=clause_words.doubt,
        hero=_hero(first) if first else None,
        incidents_today=replace(today, pressing=[row for row in today.pressing if row is not first]),
        sectors=consultations.sectors(),
        names_of=stakeholder_words.names,
        imagery=imagery.card(),
        cleared=imagery_words.cleared,
        cleared_tone=imagery_words.cleared_tone,
        name_in=imagery_words.name_in,
        may_change=person.has(*duties.KEEPERS),
    )


def _hero(row: incidents.Row) -> dict[str, Any]:
    """Return how far an incident is of which somebody must be told, and what is next."""
    one, letters, untold = row.incident, incident_letters.of(row.incident), incidents.untold(row.incident)
    return {
        "one": one,
        "due": row.clock,
        "is_troubled": row.is_troubled,
        "must": incident_rules.MUST_BE_TOLD[one.kind],
        "untold": untold,
        "told_at": {part: incidents.told_first(one, part) for part in OfficialPart},
        "duty_of": incident_rules.DUTIES,
        "letters": letters,
        "edited": incident_letters.EDITED,
        "has_letter": any(letter.part in untold and letter.status != IncidentLetterState.BOUNCED for letter in letters),
        "tell": incident_words.told,
        "left": incident_words.left,
    }


@bp.get("/clauses/<clause>")
@needs(*duties.READERS)
def show_clause(clause: str) -> ResponseReturnValue:
    """Show one clause: its words in both languages, its evidence, who looked at it, and how it was worded before."""
    person = guards.current_staff()
    row = clauses.get(clause, by=person)
    return drawing.draw(
        "desk/practice/clause.html",
        row=row,
        evidence=clause_words.evidence(row),
        doubt=clause_words.doubt,
        wordings=clauses.wordings(row.clause),
        looks=duties.history(row.standing, most=MOST),
        may_look=person.has(*duties.KEEPERS),
        may_word=person.has(*clauses.WRITERS),
        typed=request.form,
        overtaken=overtaken(),
        say=clause_words.say,
        longest=MOST_WORDS,
        longest_reason=MOST_REASON,
    )


@bp.post("/clauses/<clause>")
@needs(*clauses.WRITERS)
@shows_newer(show_clause)
@redraws(show_clause)
@commits
def reword_clause(clause: str) -> ResponseReturnValue:
    """Word a clause anew. What it said before stays on record."""
    row = clauses.get(clause, by=guards.current_staff())
    clauses.reword(
        row.clause,
        text_en=request.form.get("text_en", ""),
        text_km=request.form.get("text_km", ""),
        doubt=request.form.get("doubt", ""),
        reason=request.form.get("reason", ""),
        seen=request.form.get("seen", 0, type=int),
        by=guards.current_staff(),
    )
    flash(_("Saved. What the clause said before stays on record."))
    return htmx.go(url_for(".show_clause", clause=row.clause))


@bp.get("/evidence")
@needs(*duties.READERS)
def show_pack() -> ResponseReturnValue:
    """Ask for which period the evidence is wanted; nothing is made yet."""
    today = jurisdiction.today()
    return drawing.draw(
        "desk/practice/pack.html",
        typed=request.form or {"since": (today - A_YEAR).isoformat(), "until": today.isoformat()},
        say=clause_words.say,
    )


@bp.post("/evidence")
@needs(*duties.READERS)
@redraws(show_pack)
def download_pack() -> ResponseReturnValue:
    """Give the evidence of a period as one archive. That it was taken is on record."""
    person = guards.current_staff()
    first, last = days.read(request.form.get("since", "")), days.read(request.form.get("until", ""))
    since, until = evidence_pack.period(first, last)
    found = evidence_pack.rows(since, until, by=person)
    page = drawing.draw(
        "desk/practice/evidence.html", style_beside=STYLE, first=first, last=last, **_evidence_of(found)
    )
    name = f"evidence-{first}-{last}.zip"
    style = (drawing.STATIC / "police.css").read_text()
    bundle = evidence_pack.pack(found, {"index.html": page, STYLE: style}, by=person)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(bundle, mimetype="application/zip", headers=headers)


download_pack.__dict__["writes_nothing"] = True


def _evidence_of(found: dict[str, list[tuple[str, ...]]]) -> dict[str, Any]:
    return {
        "rows": clauses.list_rows(by=guards.current_staff()),
        "evidence": clause_words.evidence,
        "doubt": clause_words.doubt,
        "parts": found,
        "made_at": clock.now(),
    }
