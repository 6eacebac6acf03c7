"""Between hotlines: what we offer, what is offered to us, and what became of it. Addresses are for reviewers alone."""

import secrets
from collections.abc import Iterable
from enum import Enum
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.blueprints import guards, htmx
from hotline.blueprints.desk import drawing, exchange_words, host_words, notice_words, words
from hotline.blueprints.guards import needs, redraws
from hotline.models.exchange import Exchange
from hotline.rules import exchange as rule
from hotline.rules.standing import UNDECIDED
from hotline.services import (
    exchange,
    exchange_arrivals,
    exchange_course,
    exchange_outbox,
    exchange_partners,
    items,
    replies,
    secrecy,
)
from hotline.transactions import commits
from hotline.vocabulary import DeclineReason, ExchangeMeans, ExchangeStatus, ItemOutcome, Role

bp = Blueprint("exchange", __name__, url_prefix="/exchange")


@bp.get("")
@needs(Role.REVIEWER, Role.LIAISON)
def show_exchange() -> ResponseReturnValue:
    """Show what goes between hotlines: to a reviewer each address, to a liaison counts alone."""
    person = guards.current_staff()
    sees_addresses = person.has(Role.REVIEWER)
    return drawing.draw(
        "desk/exchange/list.html",
        sees_addresses=sees_addresses,
        open_lines=exchange.list_open(by=person, after=request.args.get("open", "")),
        ended=exchange.list_ended(by=person, after=request.args.get("ended", "")),
        counts=exchange.counts(),
        partners=[
            (one, exchange_partners.fingerprint(one), exchange_partners.may_confirm(one, by=person))
            for one in exchange_partners.list_partners()
        ],
        stuck=exchange.count_stuck(),
    )


@bp.get("/new")
@needs(Role.REVIEWER)
def new_arrival() -> ResponseReturnValue:
    """Ask for an offer that came another way than through the interface."""
    return drawing.draw(
        "desk/exchange/new.html",
        typed=request.form,
        nonce=request.form.get("nonce") or secrets.token_hex(16),
        partners=[(one.ref, one.name) for one in exchange_arrivals.list_hotlines()],
        ways=_options(exchange_arrivals.BY_A_PERSON),
        say=exchange_words.say,
        longest_note=rule.LONGEST_NOTE,
    )


@bp.post("/new")
@needs(Role.REVIEWER)
@redraws(new_arrival)
@commits
def add_arrival() -> ResponseReturnValue:
    """Write down an offer that came another way. It becomes a report like any other."""
    typed = request.form
    filed = exchange_arrivals.enter(
        *(typed.get(name, "") for name in ("partner", "means", "reference", "address", "note")),
        in_danger=bool(typed.get("in_danger")),
        nonce=typed.get("nonce", ""),
        by=guards.current_staff(),
    )
    flash(_("Written down as %(ref)s. Its address is in the queue.", ref=filed.ref))
    return htmx.go(url_for(".show_exchange_of", ref=filed.ref))


@bp.get("/offer/<item_ref>")
@needs(Role.ANALYST, Role.REVIEWER)
def new_offer(item_ref: str) -> ResponseReturnValue:
    """Ask to which partner hotline an item is offered, and how."""
    item = items.get(item_ref, by=guards.current_staff())
    partners = exchange.list_hotlines(item)
    return drawing.draw(
        "desk/exchange/offer.html",
        item=item,
        may_offer=exchange.may_offer(item),
        partners=[(one.ref, f"{one.name} ({one.country})") for one in partners],
        with_door=[one.name for one in partners if exchange_partners.find(one)],
        with_mail=[one.name for one in partners if exchange.takes_mail(one)],
        ways=_options(ExchangeMeans),
        typed=request.form,
        say=exchange_words.say,
        host_country=host_words.country,
    )


@bp.post("/offer/<item_ref>")
@needs(Role.ANALYST, Role.REVIEWER)
@redraws(new_offer)
@commits
def draft_offer(item_ref: str) -> ResponseReturnValue:
    """Draft an offer; another person lets it go."""
    person = guards.current_staff()
    item = items.get(item_ref, by=person)
    drafted = exchange.draft(item, request.form.get("partner", ""), request.form.get("means", ""), by=person)
    flash(_("%(ref)s is drafted. Another reviewer lets it go.", ref=drafted.ref))
    return htmx.go(url_for("desk.items.show_item", ref=item_ref))


@bp.get("/<ref>")
@needs(Role.REVIEWER)
def show_exchange_of(ref: str) -> ResponseReturnValue:
    """Show one address that is handed over, with what may be done about it."""
    person = guards.current_staff()
    found = exchange.get(ref, by=person)
    partner, item = exchange_partners.find(found.recipient), exchange.counted_at(found)
    return drawing.draw(
        "desk/exchange/page.html",
        exchange=found,
        opened=exchange.read(found, by=person),
        tells=item is None or item.status not in UNDECIDED,
        hindrance=exchange.hindrance(found, by=person) if found.status is ExchangeStatus.DRAFT else None,
        hindrance_word=exchange_words.hindrance,
        has_fallen=exchange.has_fallen(found),
        messages=exchange_outbox.of(found),
        contradictions=exchange.contradictions(found),
        fingerprints=exchange_partners.fingerprint(partner) if partner else None,
        may_withdraw=rule.may_move(found.status, ExchangeStatus.WITHDRAWN),
        answers=_options(one for one in rule.ANSWERS if rule.may_move(found.status, one)),
        reasons=_options(DeclineReason),
        outcomes=_options(ItemOutcome),
        item_outcome=exchange.outcome_of(found),
        typed=request.form,
        say=exchange_words.say,
        host_country=host_words.country,
        longest_note=rule.LONGEST_NOTE,
        **_letter(found),
    )


@bp.post("/<ref>/approve")
@needs(Role.REVIEWER)
@redraws(show_exchange_of)
@commits
def approve_offer(ref: str) -> ResponseReturnValue:
    """Let a draft go."""
    person = guards.current_staff()
    found = exchange.get(ref, by=person)
    exchange.approve(found, by=person)
    flash(exchange_words.let_go(found))
    return htmx.go(url_for(".show_exchange_of", ref=ref))


@bp.post("/<ref>/handed")
@needs(Role.REVIEWER)
@redraws(show_exchange_of)
@commits
def record_handed(ref: str) -> ResponseReturnValue:
    """Note that somebody has handed it over."""
    person = guards.current_staff()
    exchange.record_handed(
        exchange.get(ref, by=person),
        request.form.get("reference", ""),
        though=request.form.get("though") == "yes",
        by=person,
    )
    flash(_("Saved. The partner's time to answer runs."))
    return htmx.go(url_for(".show_exchange_of", ref=ref))


@bp.post("/<ref>/answer")
@needs(Role.REVIEWER)
@redraws(show_exchange_of)
@commits
def record_answer(ref: str) -> ResponseReturnValue:
    """Note what a partner answered, or answer a partner."""
    person = guards.current_staff()
    found = exchange.get(ref, by=person)
    said = exchange.said(*(request.form.get(name, "") for name in ("status", "reference", "reason", "outcome", "note")))
    if found.direction == "out":
        exchange.record_answer(found, said, by=person)
    else:
        exchange.answer(found, said, by=person)
    flash(_("Saved."))
    return htmx.go(url_for(".show_exchange_of", ref=ref))


@bp.post("/<ref>/withdraw")
@needs(Role.REVIEWER)
@commits
def withdraw_offer(ref: str) -> ResponseReturnValue:
    """Take an offer back."""
    person = guards.current_staff()
    exchange.withdraw(exchange.get(ref, by=person), by=person)
    flash(_("Taken back."))
    return htmx.go(url_for(".show_exchange_of", ref=ref))


def _letter(found: Exchange) -> dict[str, Any]:
    """Return what is shown of the letter of an offer by mail: as it will go, and what became of it."""
    letter, preview = exchange_course.letter_of(found), exchange.preview_letter(found)
    return {
        "letter": letter,
        "fate": notice_words.fate(letter) if letter else None,
        "came_back": replies.list_of(letter) if letter else [],
        "has_perhaps": found.offered_at is None and exchange.has_perhaps(found),
        "preview": preview.letter if preview else None,
        "key": preview.key if preview else None,
        "leaks": secrecy.leaks_in(preview.letter) if preview else (),
        "tell_leak": notice_words.leak,
    }


def _options(found: Iterable[Enum]) -> list[tuple[str, str]]:
    """Return words of the vocabulary as a form offers them: what is sent, and how people read it."""
    return [(str(one), words.of(one)) for one in found]
