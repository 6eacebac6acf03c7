"""Figures of victim cases: small counts are left out, and cannot be worked out."""

from hotline.rules import case_statistics
from hotline.vocabulary import AgeBand, CaseFigure, CaseOutcome, CaseSource

Q4, Q3 = "2026-Q4", "2026-Q3"


def shown(figure: CaseFigure, **counts: int) -> dict[str, int | None]:
    tallies = {(Q4, figure, part): count for part, count in counts.items()}
    return {line.part: line.counts[0] for line in case_statistics.lines(tallies, figure, [Q4]) if line.part in counts}


def test_a_count_below_five_is_never_shown() -> None:
    assert shown(CaseFigure.OPENED, telephone=5, item=4, report=0) == {"telephone": 5, "item": None, "report": None}


def test_what_is_too_small_of_two_figures_that_count_the_same_cannot_be_worked_out() -> None:
    ages = dict.fromkeys(AgeBand, 9) | {AgeBand.UNDER_6: 2, AgeBand.ADULT: 7}
    assert shown(CaseFigure.AGE, **ages) == dict.fromkeys(AgeBand, 9) | {AgeBand.UNDER_6: None, AgeBand.ADULT: None}
    outcomes = dict.fromkeys(CaseOutcome, 9)
    assert shown(CaseFigure.OUTCOME, **outcomes) == outcomes


def test_every_part_has_its_line_in_every_quarter() -> None:
    found = case_statistics.lines({(Q3, CaseFigure.OPENED, "item"): 6}, CaseFigure.OPENED, [Q4, Q3])

    assert [line.part for line in found] == list(CaseSource)
    assert next(line.counts for line in found if line.part == "item") == (None, 6)


def test_quarters_run_over_years() -> None:
    assert case_statistics.quarters("2025-Q3", "2026-Q2") == ["2026-Q2", "2026-Q1", "2025-Q4", "2025-Q3"]
    assert case_statistics.quarters(Q4, Q4) == [Q4]
    assert set(case_statistics.PARTS) == set(CaseFigure)
