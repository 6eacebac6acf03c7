"""A link in a letter opens its own notice until it expires, and nothing that was changed opens any."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from hotline import clock, create_app, vault
from hotline.services import reply_links
from hotline.vocabulary import Language, Surface

REF = "N-7GQ4M2"
SIGNS = "0123456789abcdefABCDEFGHIJKLMNOPQRSTUVWXYZ.-_~ \n\0០"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("links")
    vault.create_keys(folder / "keys")
    site = "https://hotline.example"
    app = create_app(Surface.PUBLIC, {"HOTLINE_DATA_DIR": str(folder), "HOTLINE_PUBLIC_URL": site})
    with app.app_context():
        yield app


def test_a_link_opens_its_notice(app: Flask) -> None:
    link = reply_links.make(REF, Language.EN)

    assert re.fullmatch(r"https://hotline\.example/reply/N-7GQ4M2\.\d{8}\.[0-9a-f]{32}", link)
    assert reply_links.opened(link.rpartition("/")[2]) == REF


def test_a_link_in_a_khmer_letter_leads_to_the_page_in_khmer(app: Flask) -> None:
    assert reply_links.make(REF, Language.KM).endswith("?lang=km")


def test_where_nobody_said_how_the_site_is_reached_there_is_no_link(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("no-site")
    vault.create_keys(folder / "keys")

    with create_app(Surface.PUBLIC, {"HOTLINE_DATA_DIR": str(folder)}).app_context():
        assert reply_links.make(REF, Language.EN) == ""


def test_a_link_works_for_sixty_days(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    token, now = reply_links.token_of(REF), clock.now()

    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=60))
    assert reply_links.opened(token) == REF
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=61))
    assert reply_links.opened(token) is None


def test_the_mark_of_one_notice_does_not_open_another(app: Flask) -> None:
    _ref, day, mark = reply_links.token_of(REF).split(".")

    assert reply_links.opened(f"N-7GQ4M3.{day}.{mark}") is None
    assert reply_links.opened(f"{REF}.99991231.{mark}") is None


def test_another_key_makes_other_links(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> None:
    token, folder = reply_links.token_of(REF), tmp_path_factory.mktemp("other")
    vault.create_keys(folder / "keys")

    with create_app(Surface.PUBLIC, {"HOTLINE_DATA_DIR": str(folder)}).app_context():
        assert reply_links.opened(token) is None


@given(at=st.integers(0, 60), sign=st.sampled_from(SIGNS), how=st.sampled_from(["put", "insert", "cut"]))
@examples(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=500, deadline=None)
def test_no_token_that_was_changed_anywhere_opens_anything(app: Flask, at: int, sign: str, how: str) -> None:
    token = reply_links.token_of(REF)
    at = min(at, len(token) - 1)
    rest = {"put": sign + token[at + 1 :], "insert": sign + token[at:], "cut": token[at + 1 :]}[how]
    changed = token[:at] + rest

    assert changed == token or reply_links.opened(changed) is None


@given(token=st.text())
@examples(max_examples=300, deadline=None)
def test_whatever_is_tried_as_a_token_opens_nothing(app: Flask, token: str) -> None:
    assert reply_links.opened(token) is None
