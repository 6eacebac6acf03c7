"""Statistics as files: what is shown, with small counts left out; and the exact figures of a year, for INHOPE."""

import csv
import io
import json
from collections.abc import Iterable

from hotline.blueprints.desk import statistics_words as say
from hotline.rules import figures, statistics
from hotline.services.inhope_export import YearFigures
from hotline.services.statistics import Report
from hotline.vocabulary import Statistic

HEADER = ("month", "source", "class", "figure", "part", "count")
YEAR_HEADER = ("year", "figure", "part", "count", "what", "definition", "to_confirm")
LEFT_OUT = "left out"
ALL = "all"


def shown(report: Report) -> str:
    """Write every cell of a choice as CSV, month by month. Counts below five are left out, and what would tell them."""
    choice = report.choice
    way, group = choice.way.value if choice.way else ALL, choice.group or ALL
    lines = [HEADER]
    for month in report.months:
        counts = report.by_month[month]
        for figure in Statistic:
            parts = statistics.parts_of(figure, counts)
            seen = figures.year_parts([count for _part, count in parts])
            lines += [
                (month, way, group, figure.value, part, LEFT_OUT if count is None else str(count))
                for (part, _count), count in zip(parts, seen, strict=True)
            ]
    return _csv(lines)


def year_as_csv(found: YearFigures) -> str:
    """Write the exact figures of a year as CSV, each with its definition in the language that is chosen."""
    lines = [YEAR_HEADER]
    year = str(found.year)
    for figure in Statistic:
        words = say.name(figure), say.definition(figure), say.doubt(figure)
        lines += [(year, figure.value, part, str(count), *words) for part, count in found.parts(figure)]
    for one in found.agreement:
        lines.append((year, "agreement_pairs", one.question, str(one.pairs), "", "", ""))
        lines.append((year, "agreement_same", one.question, str(one.same), "", "", ""))
    for told in found.referrals:
        count = LEFT_OUT if told.times is None else str(told.times)
        lines.append((told.quarter, told.figure.value, told.part, count, "", "", ""))
    lines.append((year, "frozen_sha256", "", found.digest or "not frozen", "", "", ""))
    return _csv(lines)


def year_as_json(found: YearFigures) -> str:
    """Write the same as JSON, for people and programs: keys in their order, two spaces a level."""
    kept = {
        "year": found.year,
        "frozen": {"at": found.frozen_at.isoformat(), "sha256": found.digest} if found.frozen_at else None,
        "figures": {one.value: dict(found.parts(one)) for one in Statistic},
        "agreement": {one.question: {"pairs": one.pairs, "same": one.same} for one in found.agreement},
        "referrals": [
            {"quarter": one.quarter, "figure": one.figure.value, "part": one.part, "count": one.times}
            for one in found.referrals
        ],
        "definitions": {
            code: {"name": name, "what_counts": definition, "to_confirm": doubt}
            for code, name, definition, doubt in say.definitions(found)
        },
    }
    return json.dumps(kept, ensure_ascii=False, indent=2) + "\n"


def _csv(lines: Iterable[tuple[str, ...]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(lines)
    return written.getvalue()
