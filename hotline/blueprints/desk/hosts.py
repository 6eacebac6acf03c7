"""Who hosts what: the record behind an item's card, and what people have settled about hosts."""

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import i18n
from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing, host_words
from hotline.blueprints.guards import needs, redraws
from hotline.errors import Refused
from hotline.models.recipient import Recipient
from hotline.rules import entries
from hotline.services import audit, directory, host_rules, hosting, items
from hotline.transactions import commits
from hotline.vocabulary import HostRuleKind, RecipientKind, Role

bp = Blueprint("hosts", __name__)
MAY_HOST = (RecipientKind.HOSTING_PROVIDER, RecipientKind.PLATFORM, RecipientKind.CDN)


@bp.get("/items/<ref>/hosting")
@needs(Role.ANALYST, Role.REVIEWER)
def show_hosting(ref: str) -> ResponseReturnValue:
    """Show what every look found and when, and a form for what a person found out. A part: the item's card alone."""
    person = guards.current_staff()
    item = items.get(ref, by=person)
    context = host_words.card(item, by=person)
    if not (htmx.wants_part() and context["hosting"].waiting):  # a part that still waits shows nothing new
        audit.record_read(person, "read", f"item {item.ref}")
    return htmx.page_or_partial(
        "desk/hosts/record.html",
        "desk/items/_hosting.html",
        item=item,
        asked=abs(request.args.get("asked", 0, type=int)),
        typed=request.form,
        say=host_words.say,
        countries=entries.countries(i18n.chosen()),
        **context,
    )


@bp.post("/items/<ref>/hosting/look-up")
@needs(Role.ANALYST, Role.REVIEWER)
@redraws(show_hosting)
@commits
def look_up_again(ref: str) -> ResponseReturnValue:
    """Look the item's host up now."""
    person = guards.current_staff()
    item = items.get(ref, by=person)
    hosting.ask_again(item, by=person)
    return htmx.partial_or_redirect(
        "desk/items/_hosting.html",
        url_for(".show_hosting", ref=ref),
        item=item,
        say=host_words.say,
        just_asked=True,
        **host_words.card(item, by=person),
    )


@bp.post("/items/<ref>/hosting")
@needs(Role.ANALYST, Role.REVIEWER)
@redraws(show_hosting)
@commits
def note_host(ref: str) -> ResponseReturnValue:
    """Keep what a person found out about the host."""
    person = guards.current_staff()
    typed = request.form
    hosting.note_by_hand(
        items.get(ref, by=person),
        typed.get("network", ""),
        typed.get("country", ""),
        typed.get("note", ""),
        proxy=bool(typed.get("proxy")),
        by=person,
    )
    flash(_("Saved. It stands on every open item of this host."))
    return htmx.go(url_for(".show_hosting", ref=ref))


@bp.get("/hosts")
@needs(Role.ANALYST, Role.REVIEWER)
def show_rules() -> ResponseReturnValue:
    """Show what is settled about hosts, what ends first on top, and what ended last."""
    person = guards.current_staff()
    return drawing.draw(
        "desk/hosts/list.html",
        rules=host_rules.list_in_force(by=person),
        over=host_rules.list_over(by=person),
        periods=host_rules.PERIODS,
        say=host_words.say,
    )


@bp.get("/hosts/new")
@needs(Role.ANALYST, Role.REVIEWER)
def new_rule() -> ResponseReturnValue:
    """Ask what is settled about which host."""
    return drawing.draw(
        "desk/hosts/new.html",
        typed=request.form or request.args,
        kinds=tuple(HostRuleKind),
        rule_hint=host_words.rule_hint,
        providers=directory.list_in_use(*MAY_HOST),
        periods=host_rules.PERIODS,
        longest=host_rules.LONGEST_NOTE,
        say=host_words.say,
    )


@bp.post("/hosts/new")
@needs(Role.ANALYST, Role.REVIEWER)
@redraws(new_rule)
@commits
def add_rule() -> ResponseReturnValue:
    """Settle something about a host."""
    typed = request.form
    if typed.get("kind") not in set(HostRuleKind):
        raise Refused(("kind", "required"))
    rule = host_rules.add(
        typed.get("host", ""),
        HostRuleKind(typed["kind"]),
        whole_domain=bool(typed.get("whole_domain")),
        recipient=_recipient(typed.get("recipient", "")),
        note=typed.get("note", ""),
        days=_days(),
        by=guards.current_staff(),
    )
    hosting.ask_after_rule(rule, by=guards.current_staff())
    flash(_("Settled. It is shown on every item of this host."))
    return htmx.go(url_for(".show_rules"))


@bp.post("/hosts/<ref>/extend")
@needs(Role.ANALYST, Role.REVIEWER)
@redraws(lambda ref: show_rules())
@commits
def extend_rule(ref: str) -> ResponseReturnValue:
    """Let a rule hold longer; whoever does owns it from now on."""
    person = guards.current_staff()
    host_rules.extend(host_rules.get(ref, by=person), days=_days(), by=person)
    flash(_("Extended. The rule is yours now."))
    return htmx.go(url_for(".show_rules"))


@bp.post("/hosts/<ref>/end")
@needs(Role.ANALYST, Role.REVIEWER)
@commits
def end_rule(ref: str) -> ResponseReturnValue:
    """End a rule."""
    person = guards.current_staff()
    rule = host_rules.get(ref, by=person)
    host_rules.end(rule, by=person)
    hosting.ask_after_rule(rule, by=person)
    flash(_("Ended. It is shown on no item any more."))
    return htmx.go(url_for(".show_rules"))


def _recipient(ref: str) -> Recipient | None:
    return next((one for one in directory.list_in_use(*MAY_HOST) if one.ref == ref), None)


def _days() -> int:
    typed = request.form.get("days", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 5 else 0
