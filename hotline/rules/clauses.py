"""How each clause of the code of practice stands, by what the records say.

A clause has facts (counts, moments, numbers of versions: what `services/clauses.py` gathers) and checks over them. Each
check that holds is said in a sentence of its own and weighs on the state; what is to clarify about the clause's wording
weighs as well. The worst weighs most.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hotline.vocabulary import Clause, ClauseState, Duty

Facts = Mapping[str, Any]
Running = tuple[datetime, int, bool]  # when a clock runs out, minutes before it is soon, whether it stands still
WORST_FIRST = (
    ClauseState.MISSED,
    ClauseState.TO_CLARIFY,
    ClauseState.DUE_SOON,
    ClauseState.NOBODYS,
    ClauseState.IN_PLACE,
)
MOST_WORDS, MOST_REASON = 2_000, 400  # characters of a wording, and of why it changed
MINUTE = timedelta(minutes=1)

# the duties whose clocks say whether a clause is kept; each has `check_clause` beside them
DUTIES: dict[Clause, tuple[Duty, ...]] = {
    Clause.LAW: (),
    Clause.COOPERATION: (),
    Clause.CONTACT_POINT: (Duty.ANSWER_INHOPE, Duty.TEST_CONTACT),
    Clause.SECURITY_PROTOCOL: (Duty.READ_PROTOCOL, Duty.RESTORE_TEST, Duty.RENEW_KEY),
    Clause.SECURE_ROOM: (Duty.REVIEW_ACCESS,),
    Clause.EXPOSURE: (Duty.RENEW_TRAINING,),
    Clause.EXCHANGE_POLICY: (),
    Clause.INTERRUPTION: (Duty.TELL_SECRETARIAT,),
    Clause.OFFICER_TOLD: (Duty.TELL_DPO,),
    Clause.IMAGERY: (Duty.TAKE_DOWN_PICTURE,),
    Clause.CONFIDENTIALITY: (),
    Clause.CONSULTATION: (Duty.CONSULT, Duty.RENEW_AGREEMENT),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that may be found about a clause. `code` names its sentence."""

    code: str
    state: ClauseState
    holds: Callable[[Facts], bool]


@dataclass(frozen=True, slots=True)
class Pressed:
    """How the clocks of a clause stand: how many run, are late, will soon be, stand still; when the first runs out."""

    running: int = 0
    late: int = 0
    soon: int = 0
    paused: int = 0
    next_due: datetime | None = None


def _missed(code: str, holds: Callable[[Facts], bool]) -> Check:
    return Check(code, ClauseState.MISSED, holds)


def _soon(code: str, holds: Callable[[Facts], bool]) -> Check:
    return Check(code, ClauseState.DUE_SOON, holds)


CHECKS: dict[Clause, tuple[Check, ...]] = {
    Clause.LAW: (_soon("never_looked_at", lambda f: f["looked_at"] is None),),
    Clause.COOPERATION: (
        _soon("nobody_to_exchange_with", lambda f: not f["partners"]),
        _soon("partners_silent", lambda f: f["silent"] > 0),
    ),
    Clause.CONTACT_POINT: (
        _missed("no_contact", lambda f: f["contact"] is None),
        _soon("no_stand_in", lambda f: f["contact"] is not None and f["stand_in"] is None),
        _soon("inhope_not_told", lambda f: f["contact"] is not None and f["told_on"] is None),
        _missed("test_failed", lambda f: f["test_worked"] is False),
        _soon("never_tested", lambda f: f["tested_at"] is None),
    ),
    Clause.SECURITY_PROTOCOL: (
        _missed("no_document", lambda f: not f["documents"]),
        _missed("read_too_late", lambda f: f["late_readers"] > 0),
        _missed("restore_failed", lambda f: f["restore_worked"] is False),
        _soon("never_restored", lambda f: f["restored_at"] is None),
    ),
    Clause.SECURE_ROOM: (
        _missed("not_on_the_list", lambda f: f["on_list"] < f["entries"]),
        _soon("left_open", lambda f: f["left_open"] > 0),
        _soon("no_networks", lambda f: not f["networks"]),
        _soon("never_reviewed", lambda f: f["reviewed_at"] is None),
    ),
    Clause.EXPOSURE: (
        _missed("others_open_items", lambda f: f["others_open_items"] > 0),
        _missed("roles_clash", lambda f: f["clashes"] > 0),
        _soon("not_vetted", lambda f: f["vetted"] < f["people"]),
        _soon("vetting_expired", lambda f: f["expired_vettings"] > 0),
    ),
    Clause.EXCHANGE_POLICY: (),
    Clause.INTERRUPTION: (
        _soon("no_secretariat", lambda f: not f["secretariat"]),
        _missed("intake_or_delivery_stands_still", lambda f: f["stands_still"]),
        _soon("never_beaten", lambda f: not f["beats"]),
        _missed("secretariat_told_late", lambda f: f["told_late"] > 0),
        _soon("to_tell", lambda f: f["waiting"] > 0),
    ),
    Clause.OFFICER_TOLD: (
        _missed("no_officer", lambda f: not f["officer"]),
        _missed("officer_told_late", lambda f: f["told_late"] > 0),
        _soon("to_tell", lambda f: f["waiting"] > 0),
    ),
    Clause.IMAGERY: (
        _missed("taken_down_too_late", lambda f: f["late"] > 0),
        _soon("to_take_down", lambda f: f["to_take_down"] > 0),
    ),
    Clause.CONFIDENTIALITY: (
        _missed("nobody_entered", lambda f: f["people"] > 0 and f["entered"] == 0),
        _soon("some_not_entered", lambda f: 0 < f["entered"] < f["people"]),
    ),
    Clause.CONSULTATION: (
        _missed("sectors_overdue", lambda f: bool(f["overdue"])),
        _soon("sectors_never_met", lambda f: bool(f["never"])),
        _soon("agreements_expired", lambda f: f["agreements_expired"] > 0),
        _soon("points_overdue", lambda f: f["points_overdue"] > 0),
    ),
}


def found(clause: Clause, facts: Facts) -> list[Check]:
    """Return the checks of a clause that hold, the worst first."""
    holding = [one for one in CHECKS[clause] if one.holds(facts)]
    return sorted(holding, key=lambda one: WORST_FIRST.index(one.state))


def state_of(checks: Iterable[Check], clocks: Pressed, *, in_doubt: bool, owned: bool) -> ClauseState:
    """Return how a clause stands: as the worst of what was found says; one that nobody owns is nobody's at best."""
    states = [one.state for one in checks]
    if clocks.late:
        states.append(ClauseState.MISSED)
    if clocks.soon or clocks.paused:
        states.append(ClauseState.DUE_SOON)
    if not owned:
        states.append(ClauseState.NOBODYS)
    if in_doubt:
        states.append(ClauseState.TO_CLARIFY)
    return min(states, key=WORST_FIRST.index, default=ClauseState.IN_PLACE)


def pressed(clocks: Iterable[Running], now: datetime) -> Pressed:
    """Return how the clocks of a clause stand."""
    those = list(clocks)
    rows = sorted((due, remind) for due, remind, is_paused in those if not is_paused)
    late = sum(due < now for due, _remind in rows)
    soon = sum(due >= now >= due - remind * MINUTE for due, remind in rows)
    return Pressed(len(rows), late, soon, len(those) - len(rows), rows[0][0] if rows else None)


def faults(text_en: str, text_km: str, doubt: str, reason: str) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for everything that is wrong with a clause that is worded anew."""
    wrong = {
        ("text_en", "required"): not text_en,
        ("text_km", "required"): not text_km,
        ("text_en", "too_long"): len(text_en) > MOST_WORDS,
        ("text_km", "too_long"): len(text_km) > MOST_WORDS,
        ("doubt", "too_long"): len(doubt) > MOST_REASON,
        ("reason", "required"): not reason,
        ("reason", "too_long"): len(reason) > MOST_REASON,
    }
    return tuple(fault for fault, is_wrong in wrong.items() if is_wrong)
