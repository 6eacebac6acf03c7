"""Statistics: all figures over the months one chooses, and frozen years. Nobody is named, and no address is here."""

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards
from hotline.blueprints.desk import drawing, statistics_files, statistics_panels
from hotline.blueprints.desk import statistics_words as say
from hotline.blueprints.guards import needs, redraws
from hotline.errors import NotFound
from hotline.rules import charts
from hotline.rules import statistics as rule
from hotline.rules.agreement import FEWEST
from hotline.services import inhope_export, statistics, year_freezes
from hotline.services.statistics import ROLES, Choice
from hotline.transactions import commits
from hotline.vocabulary import Band, Statistic, Way

bp = Blueprint("statistics", __name__)
FORMS = {"csv": ("text/csv", statistics_files.year_as_csv), "json": ("application/json", statistics_files.year_as_json)}


@bp.get("/statistics")
@needs(*ROLES)
def show_statistics() -> ResponseReturnValue:
    """Show every figure over the chosen months; over the last twelve where none are chosen, or what is no period."""
    choice = _chosen()
    report = statistics.over(choice, by=guards.current_staff())
    return drawing.draw(
        "desk/statistics/page.html",
        choice=choice,
        chosen=_as_query(choice),
        periods=rule.periods(*statistics.span()),
        ways=tuple(Way),
        groups=("illegal", *rule.CLASSES),
        report=report,
        trend=statistics_panels.trend(report),
        left=statistics_panels.of(statistics_panels.LEFT_FIGURES, report.totals),
        right=statistics_panels.of(statistics_panels.RIGHT_FIGURES, report.totals),
        told=rule.within(Band.THREE_DAYS, report.totals),
        reported=rule.all_of(Statistic.RECEIVED, report.totals),
        fewest=FEWEST,
        hundred=charts.share,
        say=say,
    )


@bp.get("/statistics.csv")
@needs(*ROLES)
def download_statistics() -> ResponseReturnValue:
    """Give the same as a file for others: counts below five are left out, and so is what would tell them."""
    report = statistics.over(_chosen(), by=guards.current_staff())
    period = report.choice.period
    return _file(statistics_files.shown(report), f"statistics-{period.since}-{period.until}.csv", "text/csv")


@bp.get("/statistics/years")
@needs(*ROLES)
def show_years() -> ResponseReturnValue:
    """Show which years are frozen."""
    person = guards.current_staff()
    years = year_freezes.list_years(by=person)
    may_freeze = person.has(*year_freezes.FREEZERS)
    return drawing.draw("desk/statistics/years.html", years=years, may_freeze=may_freeze, say=say)


def _years_again(year: int) -> ResponseReturnValue:
    return show_years()


@bp.post("/statistics/years/<int:year>")
@needs(*year_freezes.FREEZERS)
@redraws(_years_again)
@commits
def freeze_year(year: int) -> ResponseReturnValue:
    """Freeze a year that is over."""
    year_freezes.freeze(year, by=guards.current_staff())
    flash(_("The figures of %(year)s are frozen.", year=year))
    return redirect(url_for(".show_year", year=year), 303)


@bp.get("/statistics/years/<int:year>")
@needs(*ROLES)
def show_year(year: int) -> ResponseReturnValue:
    """Show a frozen year: what was frozen, what has changed since, and its hash. It prints."""
    person = guards.current_staff()
    kept = year_freezes.get(year, by=person)
    frozen = year_freezes.seen(year_freezes.read(kept.body), by=person)
    return drawing.draw(
        "desk/statistics/year.html",
        kept=kept,
        is_whole=year_freezes.is_whole(kept),
        changes=statistics_panels.moved(year_freezes.seen(year_freezes.changed(kept), by=person)),
        panels_of=statistics_panels.of(tuple(Statistic), frozen.totals),
        frozen=frozen,
        may_take=person.has(*year_freezes.FREEZERS),
        say=say,
    )


@bp.get("/statistics/years/<int:year>/figures.<form>")
@needs(*year_freezes.FREEZERS)
def take_year(year: int, form: str) -> ResponseReturnValue:
    """Give the exact figures of a frozen year as a file. That somebody took them along is recorded."""
    if form not in FORMS:
        raise NotFound("no such form")
    person = guards.current_staff()
    year_freezes.get(year, by=person)
    kind, write = FORMS[form]
    body = write(inhope_export.of_year(year))
    year_freezes.note_taken(year, form=form, by=person)
    return _file(body, f"inhope-{year}.{form}", kind)


def _chosen() -> Choice:
    return statistics.choose(*(request.args.get(name, "") for name in ("period", "source", "class")))


def _as_query(choice: Choice) -> dict[str, str]:
    """Return a choice as it stands in the address bar."""
    asked = {"period": choice.period.code, "source": choice.way.value if choice.way else "", "class": choice.group}
    return {name: value for name, value in asked.items() if value}


def _file(body: str, name: str, kind: str) -> Response:
    return Response(body, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
