"""Every view says whose it is: the public ones stand on a list, the desk's declare roles, and each change commits."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from hotline import create_app, vault
from hotline.blueprints import guards
from hotline.vocabulary import Role, Surface

PUBLIC = {
    "exchange_api.show_description",
    "exchange_api.show_outbox",
    "exchange_api.take_offer",
    "exchange_api.take_receipt",
    "exchange_api.take_status",
    "icons.show_icon",
    "health.alive",
    "health.ready",
    "public.choices.choose_cookies",
    "public.choices.choose_text_size",
    "public.choices.show_cookies",
    "public.followup.look_up",
    "public.followup.show_code_form",
    "public.help.ask_for_help",
    "public.help.show_help",
    "public.home.show_home",
    "public.pages.show_about",
    "public.pages.show_accessibility",
    "public.pages.show_code_of_practice",
    "public.pages.show_contact",
    "public.pages.show_find_link",
    "public.pages.show_how_we_work",
    "public.pages.show_privacy",
    "public.pages.show_safety",
    "public.phone.forget",
    "public.phone.show_manifest",
    "public.phone.show_phone",
    "public.receipt.confirm_receipt",
    "public.receipt.show_receipt",
    "public.report.send_report",
    "public.report.show_form",
    "public.share.fill_form",
    "public.share.show_form",
    "public.statistics.download_statistics",
    "public.statistics.show_statistics",
    "reply.show_form",
    "reply.take_answer",
    "root.choose_figures",
    "root.choose_language",
    "script.show_script",
    "wellknown.show_no_icon",
    "wellknown.show_robots",
    "wellknown.show_security_contact",
}
BEFORE_OWN_PASSWORD = {"account.sign_out", "desk.me.change_password", "desk.me.show_password"}
BEFORE_FACTOR = {
    "account.sign_out",
    "desk.second_factor.confirm_factor",
    "desk.second_factor.drop_offer",
    "desk.second_factor.offer_factor",
    "desk.second_factor.show_factor",
}
OPEN_AT_THE_DESK = {
    "account.enter_code",  # half-way: the password fits
    "account.show_code",
    "account.show_sign_in",
    "account.sign_in",
    "desk.calendar_feeds.show_calendar",  # whoever has its address reads it, in the secure room
    "front_door.show_first_page",
}
HEALTH = {"health.alive", "health.ready"}
BESIDE_THE_DESK = HEALTH | {"static"}  # tell nothing, and need nobody
CHANGES = {"POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    vault.create_keys(folder / "keys")
    return folder


def is_desk(rule: Rule) -> bool:
    return rule.rule == "/desk" or rule.rule.startswith("/desk/")


def built(keys: Path, surface: Surface) -> Flask:
    return create_app(surface, {"HOTLINE_DATA_DIR": str(keys)})


def desk_rules(app: Flask) -> Iterator[tuple[Rule, object]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in BESIDE_THE_DESK:
            yield rule, app.view_functions[rule.endpoint]


def test_every_view_of_the_public_site_stands_on_the_list(keys: Path) -> None:
    assert {rule.endpoint for rule in built(keys, Surface.PUBLIC).url_map.iter_rules()} == PUBLIC


def test_the_public_site_has_no_desk_and_the_desk_no_public_page(keys: Path) -> None:
    public, desk = built(keys, Surface.PUBLIC), built(keys, Surface.DESK)

    assert not [rule.rule for rule in public.url_map.iter_rules() if is_desk(rule)]
    shared = {rule.endpoint for rule in desk.url_map.iter_rules()} & PUBLIC
    assert shared == HEALTH


def test_every_view_of_the_desk_declares_whose_it_is(keys: Path) -> None:
    rules = list(desk_rules(built(keys, Surface.DESK)))
    assert len(rules) > 10

    undeclared = [rule.rule for rule, view in rules if not isinstance(getattr(view, "roles", None), frozenset)]
    strangers = [rule.rule for rule, view in rules if not getattr(view, "roles", frozenset()) <= set(Role)]

    assert undeclared == strangers == []


def test_only_signing_in_is_open_to_all(keys: Path) -> None:
    found = {rule.endpoint for rule, view in desk_rules(built(keys, Surface.DESK)) if view.roles == guards.OPEN}

    assert found == OPEN_AT_THE_DESK


def test_little_opens_before_a_password_is_ones_own(keys: Path) -> None:
    rules = desk_rules(built(keys, Surface.DESK))

    assert {rule.endpoint for rule, view in rules if hasattr(view, "before_own_password")} == BEFORE_OWN_PASSWORD


def test_little_opens_before_a_second_factor_that_everybody_needs(keys: Path) -> None:
    rules = desk_rules(built(keys, Surface.DESK))

    assert {rule.endpoint for rule, view in rules if hasattr(view, "before_factor")} == BEFORE_FACTOR


def test_both_surfaces_in_one_keep_what_each_declares(keys: Path) -> None:
    app = built(keys, Surface.ALL)

    undeclared = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if is_desk(rule) and not isinstance(getattr(app.view_functions[rule.endpoint], "roles", None), frozenset)
    ]

    assert undeclared == []


def test_every_change_at_the_desk_commits_or_says_that_it_writes_nothing(keys: Path) -> None:
    changes = [(rule, view) for rule, view in desk_rules(built(keys, Surface.DESK)) if rule.methods & CHANGES]
    assert len(changes) > 5

    silent = [
        rule.rule
        for rule, view in changes
        if not (getattr(view, "commits", False) is True or getattr(view, "writes_nothing", False) is True)
    ]

    assert silent == []


def test_no_view_of_the_desk_both_shows_and_changes(keys: Path) -> None:
    """A GET never takes the write lock, so a view that changes something answers to nothing else."""
    rules = desk_rules(built(keys, Surface.DESK))

    assert [rule.rule for rule, view in rules if "GET" in rule.methods and getattr(view, "commits", False)] == []


def test_the_office_opens_no_door(keys: Path) -> None:
    found = {rule.endpoint for rule in built(keys, Surface.OFFICE).url_map.iter_rules()}

    assert found == {"static"}
