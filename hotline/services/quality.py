"""How far first and second looks agree: counted by month and question as the second is handed in, of nobody by name."""

from collections import defaultdict
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

from hotline import clock, jurisdiction
from hotline.errors import Forbidden
from hotline.extensions import db
from hotline.models.assessment import Verdict
from hotline.models.criteria import AgreementTally
from hotline.models.staff import Staff
from hotline.rules import agreement, figures
from hotline.rules.findings import Findings
from hotline.vocabulary import Agreement, Role

KEY = ["month", "question", "first", "second"]


class Line(NamedTuple):
    """One question: how many pairs of looks answered it, how many the same, Cohen's kappa, and its meaning."""

    question: str
    pairs: int
    same: int
    kappa: float | None
    meaning: Agreement


def note(first: Findings, second: Findings) -> None:
    """Count what two looks say to each question that both answer, in the caller's transaction."""
    now = clock.now().astimezone(jurisdiction.current().zone)
    both = ((name, getattr(first, name), getattr(second, name)) for name in agreement.QUESTIONS)
    rows = [
        {"month": figures.month_of(now), "question": name, "first": one, "second": other, "count": 1}
        for name, one, other in both
        if one is not None and other is not None
    ]
    session = db.session()
    for row in rows:
        session.execute(_COUNT[session.get_bind(AgreementTally).dialect.name], row)


def months(*, by: Staff) -> list[str]:
    """Return the months in which second looks were given, newest first."""
    _require_reader(by)
    return list(db.session.scalars(select(AgreementTally.month).distinct().order_by(AgreementTally.month.desc())))


def over(since: str, until: str, *, by: Staff) -> list[Line]:
    """Return how far looks agree, question by question, from one month to another (`2026-11`), both whole."""
    _require_reader(by)
    counted: dict[str, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    query = select(AgreementTally).where(AgreementTally.month >= since, AgreementTally.month <= until)
    for row in db.session.scalars(query):
        counted[row.question][row.first, row.second] += row.count
    return [_line(name, counted.get(name, {})) for name in agreement.QUESTIONS]


def count_outside(since: str, until: str, *, by: Staff) -> int:
    """Return how many verdicts of these months rest on an outside decision. No pair of looks is counted for them."""
    _require_reader(by)
    if not since:
        return 0
    zone = jurisdiction.current().zone
    begin = datetime(int(since[:4]), int(since[5:]), 1, tzinfo=zone)
    end = datetime(int(until[:4]) + int(until[5:]) // 12, int(until[5:]) % 12 + 1, 1, tzinfo=zone)
    within = Verdict.outside_id.is_not(None), Verdict.agreed_at >= begin, Verdict.agreed_at < end
    return db.session.scalar(select(func.count()).select_from(Verdict).where(*within)) or 0


def _line(question: str, counts: dict[tuple[str, str], int]) -> Line:
    pairs, value = sum(counts.values()), agreement.kappa(counts)
    same = sum(count for (one, other), count in counts.items() if one == other)
    return Line(question, pairs, same, value, agreement.meaning(pairs, value))


def _require_reader(by: Staff) -> None:
    if not by.has(Role.REVIEWER, Role.MANAGER):
        raise Forbidden("reviewers and managers look at quality")


def _one_more(insert_into: Any) -> Any:
    table = cast(Table, AgreementTally.__table__)
    return insert_into.on_conflict_do_update(index_elements=KEY, set_={"count": table.c.count + 1})


_COUNT = {
    one.__module__.split(".")[2]: _one_more(one(cast(Table, AgreementTally.__table__)))
    for one in (sqlite.insert, postgresql.insert)
}
