"""What is counted of victim cases, by quarter: in the transaction of what happens, with nobody in it; and read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

from hotline import jurisdiction
from hotline.errors import NotFound
from hotline.extensions import db
from hotline.models.staff import Staff
from hotline.models.victim_case import CaseTally
from hotline.rules import case_statistics, case_work
from hotline.rules.case_statistics import Line
from hotline.vocabulary import CaseFigure, Role

KEY = ["period", "figure", "part"]
ROLES = (Role.VICTIM_SUPPORT, Role.MANAGER, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class Shown:
    """Every figure over some quarters, the newest quarter first, as it may be seen."""

    quarters: tuple[str, ...]
    figures: dict[CaseFigure, tuple[Line, ...]]


def count(figure: CaseFigure, part: str) -> None:
    """Count once more in this quarter of the country, in the caller's transaction. `part` is a code, never words."""
    session, table = db.session(), cast(Table, CaseTally.__table__)
    period = this_quarter()
    row = {"period": period, "figure": figure, "part": part, "count": 1}
    is_sqlite = session.get_bind(CaseTally).dialect.name == "sqlite"
    new = sqlite.insert(table) if is_sqlite else postgresql.insert(table)
    session.execute(new.on_conflict_do_update(index_elements=KEY, set_={"count": table.c.count + 1}), row)


def this_quarter() -> str:
    """Return the quarter of the country that runs now."""
    return case_work.quarter(jurisdiction.today())


def list_quarters() -> list[str]:
    """Return every quarter since anything was counted, the newest first; the one that runs now where nothing was."""
    first, last = db.session.scalar(select(func.min(CaseTally.period))), this_quarter()
    return case_statistics.quarters(min(first or last, last), last)


def over(quarters: Sequence[str], *, by: Staff) -> Shown:
    """Return every figure over some quarters, small counts left out. Raises NotFound for other roles."""
    if not by.has(*ROLES):
        raise NotFound("no such figures")
    found = select(CaseTally.period, CaseTally.figure, CaseTally.part, CaseTally.count)
    rows = db.session.execute(found.where(CaseTally.period.in_(quarters)))
    tallies = {(period, figure, part): number for period, figure, part, number in rows}
    shown = {figure: case_statistics.lines(tallies, figure, quarters) for figure in case_statistics.PARTS}
    return Shown(tuple(quarters), shown)
