"""The queue: what is open, filtered; looking into a row, and taking from it."""

from dataclasses import replace
from typing import Any, NamedTuple

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from hotline import jurisdiction
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing, queue_words, undoing
from hotline.blueprints.guards import needs, redraws
from hotline.errors import NotFound, Refused
from hotline.models.item import Item
from hotline.rules import filters
from hotline.rules.filters import Age, ClockFilter, Filter, Sort, Whose, Work
from hotline.services import claims, finding, items, queue, saved_filters, several, shortcuts
from hotline.services.several import Outcome
from hotline.transactions import commits
from hotline.vocabulary import Category, ItemStatus, Role, Urgency

bp = Blueprint("queue", __name__, url_prefix="/items")
OPEN_STATES = tuple(status for status in ItemStatus if status is not ItemStatus.CLOSED)
MOST_LOOKS = 30  # times a page looks by itself for what is new: an open page must not ask for ever
DEEDS = {"claim": several.claim, "pass_on": several.pass_on}
HEADS = {  # of the columns that the queue can be ordered by: the order each stands for, and which way it goes
    "urgency": (None, "descending"),
    "reports": (Sort.REPORTS, "descending"),
    "waiting": (Sort.OLDEST, "descending"),
    "clock": (Sort.DUE, "ascending"),
}


class Tab(NamedTuple):
    """A filter that stands above the queue. `number` is of one that the person keeps, else None.

    `waiting` is None where its words or the place it is about are gone: it can only be forgotten.
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
        "heads": _heads(asked),
        "after": request.args.get("after", ""),
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
@redraws(show_queue)
@commits
def find() -> ResponseReturnValue:
    """Lead to what somebody pasted. What it was never stands in an address bar, nor in a session: without a hit the
    queue is drawn in answer, with it in its field."""
    match finding.find(request.form.get("q", "")):
        case Item() as item:
            return redirect(url_for("desk.items.show_item", ref=item.ref), 303)
        case Filter() as asked:
            return redirect(url_for(".show_queue", **asked.as_args), 303)
    raise Refused(("find", "nothing"))


@bp.post("/next")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def take_next() -> ResponseReturnValue:
    """Take the most urgent item that nobody has, and open it."""
    item = claims.claim_next(by=guards.current_staff())
    drawing.say_if_above_limit()
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
    done = [one.ref for one in results if one.outcome is Outcome.DONE]
    left = sum(one.outcome is Outcome.LEFT for one in results)
    if not results:
        flash(_("No item was chosen."), "due")
    elif done and deed == "claim":
        said = ngettext("%(num)s item is in your hands now.", "%(num)s items are in your hands now.", len(done))
        undoing.say(said, deed, done)
    elif done:
        said = ngettext("%(num)s item is back in the queue.", "%(num)s items are back in the queue.", len(done))
        undoing.say(said, deed, done)
    if left:
        flash(
            ngettext(
                "%(num)s look waits for another reviewer now.",
                "%(num)s looks wait for another reviewer now.",
                left,
            )
        )
    for one in results:
        if one.outcome not in {Outcome.DONE, Outcome.LEFT}:
            flash(queue_words.outcome(one), "due")
    if any(one.outcome is Outcome.LIGHT_ONLY for one in results):
        flash(_("Hard items are not for you now. The page “Light work” says why, and how to come back."), "due")
    drawing.say_if_above_limit()
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
    return drawing.draw(
        "desk/items/_peek.html", item=item, peek=queue.peek(item, by=person), args=came_with().as_args, **_words()
    )


@bp.post("/<ref>/claim")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def claim_item(ref: str) -> ResponseReturnValue:
    """Take an item, so that nobody else opens it."""
    item = items.get(ref, by=guards.current_staff())
    claims.claim(item, by=guards.current_staff())
    drawing.say_if_above_limit()
    said = _("%(ref)s is in your hands now.", ref=ref)
    if htmx.wants_part():
        return draw_row(item, said, "claim")
    undoing.say(said, "claim", [ref])
    return redirect(url_for("desk.items.show_item", ref=ref, **came_with().as_args), 303)


def draw_row(item: Item, said: str, deed: str) -> str:
    """Draw one row anew after a deed, and a note beside the rows that says so and takes it back."""
    undo = undoing.of(said, deed, [item.ref])
    row = drawing.draw("desk/items/_row.html", row=queue.row_of(item), args=came_with().as_args, **_words())
    return row + drawing.draw("desk/items/_said.html", undo=undo)


def came_with() -> Filter:
    """Return the filter of the queue that a page or a form of its rows goes on with; of what is gone by now, none."""
    try:
        asked = filters.from_query(request.form["from"]) if "from" in request.form else filters.read(request.args)
        queue.require_place(asked)
    except (Refused, NotFound):
        return Filter()
    return asked


def _words() -> dict[str, Any]:
    """Return what a row needs to say what it says."""
    return {
        "reasons": queue_words.reasons,
        "country": queue_words.country,
    }


def _heads(asked: Filter) -> dict[str, dict[str, Any]]:
    """Return of each column that the queue can be ordered by the filter it leads to, and which way the rows go by it.

    None of one place: what is there stands in one order.
    """
    if asked.is_of_a_place:
        return {}
    return {
        name: {
            "args": replace(asked, sort=sort).as_args,
            "way": way if asked.sort is sort else "",
        }
        for name, (sort, way) in HEADS.items()
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
        "typed": request.form.get("q", ""),
        "typed_name": request.form.get("name", ""),
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
    every = [*_of_the_house(), *((saved.name, one) for saved, one in kept if one is not None)]
    numbers = [*(None for _one in _of_the_house()), *(saved.id for saved, one in kept if one is not None)]
    counts = queue.count_of([one for _label, one in every], by=person)
    tabs = [
        Tab(label, one.as_args, one == asked, count, number)
        for (label, one), count, number in zip(every, counts, numbers, strict=True)
    ]
    return tabs + [Tab(saved.name, {}, False, None, saved.id) for saved, one in kept if one is None]


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
