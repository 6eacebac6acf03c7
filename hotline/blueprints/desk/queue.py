"""The queue: what is open, filtered; looking into a row, and taking from it."""

from typing import Any, NamedTuple

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from hotline import jurisdiction
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing, queue_words
from hotline.blueprints.guards import needs, redraws
from hotline.errors import Refused
from hotline.models.item import Item
from hotline.rules import filters
from hotline.rules.filters import Age, ClockFilter, Filter, Sort, Whose, Work
from hotline.services import claims, finding, items, queue, saved_filters, several, shortcuts
from hotline.services.several import Outcome
from hotline.transactions import commits
from hotline.vocabulary import Category, ItemStatus, Role, Urgency

bp = Blueprint("queue", __name__, url_prefix="/items")
OPEN_STATES = tuple(status for status in ItemStatus if status is not ItemStatus.CLOSED)
MOST_LOOKS = 30  # times a page looks by itself for what is new: an open page must not keep a session alive for ever
DEEDS = {"claim": several.claim, "pass_on": several.pass_on}


class Tab(NamedTuple):
    """A filter that stands above the queue. `number` is of one that the person keeps, else None.

    `waiting` is None where the place it is about is no item's: it can only be forgotten.
    """

    label: str
    args: dict[str, Any]
    is_here: bool
    waiting: int | None
    number: int | None = None


@bp.get("")
@needs(Role.ANALYST, Role.REVIEWER)
def show_queue() -> ResponseReturnValue:
    """Show open items, most urgent first. The filter is in the address."""
    person = guards.current_staff()
    asked = filters.read(request.args)
    found = queue.list_queue(asked, by=person, after=request.args.get("after", ""))
    shown = {
        "queue": found,
        "asked": asked,
        "args": asked.as_args,
        "next_page": url_for(".show_queue", **asked.as_args, after=found.next) if found.next else "",
        "fresh": {"since": queue.newest(), "newer": 0, "had": 0, "looks": 0, "looks_by_itself": True},
        **_words(),
    }
    if not htmx.wants_part():
        shown |= _around(asked)
    return htmx.page_or_partial("desk/items/queue.html", "desk/items/_rows.html", **shown)


@bp.get("/fresh")
@needs(Role.ANALYST, Role.REVIEWER)
def show_fresh() -> ResponseReturnValue:
    """Say how many items came since a page was drawn; they wait until somebody wants to see them."""
    asked = filters.read(request.args)
    numbers = {name: request.args.get(name, 0, type=int) for name in ("since", "had", "looks")}
    newer = queue.count_newer(asked, numbers["since"], by=guards.current_staff())
    if not htmx.wants_part():
        return redirect(url_for(".show_queue", **asked.as_args), 303)
    fresh = numbers | {"newer": newer, "looks_by_itself": 0 <= numbers["looks"] < MOST_LOOKS}
    return drawing.draw("desk/items/_fresh.html", args=asked.as_args, fresh=fresh)


@bp.post("/find")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def find() -> ResponseReturnValue:
    """Lead to what somebody pasted. What it was never stands in an address bar."""
    match finding.find(request.form.get("q", "")):
        case Item() as item:
            return redirect(url_for("desk.items.show_item", ref=item.ref), 303)
        case Filter() as asked:
            return redirect(url_for(".show_queue", **asked.as_args), 303)
    flash(_("Nothing here has that address, path, host or reference."), "due")
    return redirect(url_for(".show_queue"), 303)


@bp.post("/next")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def take_next() -> ResponseReturnValue:
    """Take the most urgent item that nobody has, and open it."""
    item = claims.claim_next(by=guards.current_staff())
    to = url_for("desk.items.show_item", ref=item.ref) if item else url_for(".show_queue", whose="nobody")
    return redirect(to, 303)


@bp.post("/several")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def do_several() -> ResponseReturnValue:
    """Claim the chosen items or pass them on, and say item by item what could not be done."""
    deed = request.form.get("deed", "")
    if not deed:  # the key that sends a form, pressed on a row's box
        return redirect(url_for(".show_queue", **filters.read(request.args).as_args), 303)
    if deed not in DEEDS:
        raise Refused(("deed", "unknown"))
    results = DEEDS[deed](request.form.getlist("item"), by=guards.current_staff())
    done = sum(one.outcome is Outcome.DONE for one in results)
    if not results:
        flash(_("No item was chosen."), "due")
    elif done and deed == "claim":
        flash(ngettext("%(num)s item is in your hands now.", "%(num)s items are in your hands now.", done))
    elif done:
        flash(ngettext("%(num)s item is back in the queue.", "%(num)s items are back in the queue.", done))
    for one in results:
        if one.outcome is not Outcome.DONE:
            flash(queue_words.outcome(one), "due")
    return redirect(url_for(".show_queue", **filters.read(request.args).as_args), 303)


@bp.post("/filters")
@needs(Role.ANALYST, Role.REVIEWER)
@redraws(show_queue)
@commits
def keep_filter() -> ResponseReturnValue:
    """Keep the filter in the address under a name."""
    asked = filters.read(request.args)
    saved_filters.keep(asked, request.form.get("name", ""), by=guards.current_staff())
    return redirect(url_for(".show_queue", **asked.as_args), 303)


@bp.post("/filters/<int(max=2147483647):number>/forget")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def forget_filter(number: int) -> ResponseReturnValue:
    """Forget a filter of one's own."""
    saved_filters.forget(number, by=guards.current_staff())
    return redirect(url_for(".show_queue"), 303)


@bp.get("/<ref>/peek")
@needs(Role.ANALYST, Role.REVIEWER)
def show_peek(ref: str) -> ResponseReturnValue:
    """Show what a row holds, in place; without htmx the item's own page does. Opening it is recorded as a read."""
    person = guards.current_staff()
    item = items.get(ref, by=person)
    if not htmx.wants_part():
        return redirect(url_for("desk.items.show_item", ref=ref), 303)
    return drawing.draw("desk/items/_peek.html", item=item, peek=queue.peek(item, by=person), **_words())


@bp.post("/<ref>/claim")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def claim_item(ref: str) -> ResponseReturnValue:
    """Take an item, so that nobody else opens it."""
    item = items.get(ref, by=guards.current_staff())
    claims.claim(item, by=guards.current_staff())
    to = url_for("desk.items.show_item", ref=ref)
    return htmx.partial_or_redirect("desk/items/_row.html", to, row=queue.row_of(item), **_words())


def _words() -> dict[str, Any]:
    """Return what a row needs to say what it says."""
    return {
        "reasons": queue_words.reasons,
        "country": queue_words.country,
    }


def _around(asked: Filter) -> dict[str, Any]:
    """Return what stands around the rows: tabs with their counts, and what the filter can be."""
    return {
        "tabs": _tabs(asked),
        "options": {
            "priority": [(str(one.value), f"P{one.value}") for one in Urgency],
            "whose": [(one, queue_words.of(one)) for one in Whose],
            "age": [(one, queue_words.of(one)) for one in Age],
            "clock": [(one, queue_words.of(one)) for one in ClockFilter],
            "work": [(one, queue_words.of(one)) for one in Work],
            "sort": [(one, queue_words.of(one)) for one in Sort],
            "country": _countries(asked),
        },
        "categories": tuple(Category),
        "statuses": OPEN_STATES,
        "kept_at_most": saved_filters.MOST,
        "say": queue_words.say,
        "with_keys": shortcuts.wanted(guards.current_staff()),
    }


def _countries(asked: Filter) -> list[tuple[str, str]]:
    """Return our own country, what nobody knows, and each other that occurs, by its name."""
    home = jurisdiction.current().country
    others = {*queue.countries(), asked.country} - {"", home, filters.UNKNOWN}
    named = sorted(((code, queue_words.country(code)) for code in others), key=lambda pair: pair[1])
    return [(home, queue_words.country(home)), (filters.UNKNOWN, _("Not known")), *named]


def _tabs(asked: Filter) -> list[Tab]:
    """Return the filters above the queue: those of the house, then the person's own."""
    person = guards.current_staff()
    kept = saved_filters.list_of(person)
    every = [*_of_the_house(), *((saved.name, one) for saved, one in kept)]
    numbers = [*(None for _one in _of_the_house()), *(saved.id for saved, _one in kept)]
    counts = queue.count_of([one for _label, one in every], by=person)
    return [
        Tab(label, one.as_args, one == asked, count, number)
        for (label, one), count, number in zip(every, counts, numbers, strict=True)
    ]


def _of_the_house() -> list[tuple[str, Filter]]:
    return [
        (_("Everything open"), Filter()),
        (_("Child in danger"), Filter(priority=Urgency.P1)),
        (_("Unclaimed"), Filter(whose=Whose.NOBODY)),
        (queue_words.hosted_at_home(), Filter(country=jurisdiction.current().country)),
        (_("Due today"), Filter(clock=ClockFilter.TODAY)),
        (_("Second look"), Filter(status=ItemStatus.IN_REVIEW)),
        (_("Light work"), Filter(work=Work.LIGHT)),
    ]
