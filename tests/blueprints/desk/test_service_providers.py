"""The directory of services at the desk: add, change with both versions shown, verify, keys; who sees what."""

import re

import pytest
from werkzeug.test import TestResponse

from hotline.services import service_providers
from hotline.transactions import writing
from tests.blueprints.desk.desk_site import DeskSite

FORM = {"name": "Quiet House", "needs": ["shelter"], "provinces": ["KH-12"], "language": "km", "age_from": "6"}
HOME = "/desk/victims/services"


@pytest.fixture
def ref(desk: DeskSite) -> str:
    kunthea = desk.sign_in("kunthea")
    kunthea.page(f"{HOME}/new")
    return kunthea.post(f"{HOME}/new", **FORM).headers["Location"].rpartition("/")[2]


def without_token(answer: TestResponse) -> str:
    """Return a page without what differs from one second to the next."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", answer.get_data(as_text=True))


def test_a_service_is_added_and_stands_in_the_list(desk: DeskSite, ref: str) -> None:
    shown = desk.sign_in("kunthea").page(f"{HOME}?need=shelter&province=KH-12")

    assert "Quiet House" in shown.text
    assert "From 6 years" in shown.text
    assert "Phnom Penh" in shown.text
    assert "No service is like that" in desk.sign_in("kunthea").page(f"{HOME}?need=legal").text


@pytest.mark.parametrize("field", ["name", "needs", "provinces", "language", "age_from"])
def test_a_bad_form_comes_back_with_what_was_typed(desk: DeskSite, field: str) -> None:
    kunthea = desk.sign_in("kunthea")
    kunthea.page(f"{HOME}/new")

    answer = kunthea.post(f"{HOME}/new", **FORM | {"place": "by the quiet river"} | {field: "?"})

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert "by the quiet river" in answer.text
    with desk.context():
        assert service_providers.list_all(by=desk.person("kunthea")) == []


def test_who_was_overtaken_sees_both_and_loses_nothing(desk: DeskSite, ref: str) -> None:
    kunthea = desk.sign_in("kunthea")
    kunthea.page(f"{HOME}/{ref}")
    assert kunthea.post(f"{HOME}/{ref}", **FORM | {"version": 1, "takes": "girls only"}).status_code == 303

    answer = kunthea.post(f"{HOME}/{ref}", **FORM | {"version": 1, "takes": "mothers with children"})

    assert answer.status_code == 409
    assert "girls only" in answer.text
    assert "mothers with children" in answer.text
    assert 'name="version" value="2"' in answer.text


def test_it_is_verified_switched_off_and_on(desk: DeskSite, ref: str) -> None:
    kunthea = desk.sign_in("kunthea")
    assert "Never" in kunthea.page(f"{HOME}/{ref}").text
    for deed in ("verify", "off"):
        assert kunthea.post(f"{HOME}/{ref}/{deed}").status_code == 303
    shown = kunthea.page(f"{HOME}/{ref}")
    assert "Never" not in shown.text
    assert "Gets no referrals now" in shown.text
    assert kunthea.post(f"{HOME}/{ref}/off").status_code == 409
    assert kunthea.post(f"{HOME}/{ref}/on").status_code == 303


def test_what_is_no_key_is_refused_where_it_was_typed(desk: DeskSite, ref: str) -> None:
    kunthea = desk.sign_in("kunthea")
    kunthea.page(f"{HOME}/{ref}")

    answer = kunthea.post(f"{HOME}/{ref}/key", key_kind="openpgp", material="not a key at all")

    assert answer.status_code == 422
    assert "not a key at all" in answer.text
    assert kunthea.post(f"{HOME}/{ref}/key/away").status_code == 409


def test_a_manager_reads_and_changes_nothing(desk: DeskSite, ref: str) -> None:
    vanna = desk.sign_in("vanna")
    assert "Quiet House" in vanna.page(f"{HOME}/{ref}").text

    for path in (f"{HOME}/new", f"{HOME}/{ref}", f"{HOME}/{ref}/verify", f"{HOME}/{ref}/off", f"{HOME}/{ref}/key"):
        assert vanna.post(path, **FORM).status_code == 403


@pytest.mark.parametrize("name", ["sophea", "lina", "admin", "audit"])
def test_a_wrong_role_learns_nothing_about_what_exists(desk: DeskSite, ref: str, name: str) -> None:
    stranger = desk.sign_in(name)

    there, nowhere = stranger.get(f"{HOME}/{ref}"), stranger.get(f"{HOME}/SV-222222")

    assert (there.status_code, nowhere.status_code) == (403, 403)
    assert without_token(there) == without_token(nowhere)


def test_what_is_not_there_is_not_found_and_the_empty_list_says_what_to_do(desk: DeskSite) -> None:
    kunthea = desk.sign_in("kunthea")

    assert kunthea.get(f"{HOME}/SV-222222").status_code == 404
    assert "flask seed" in kunthea.page(HOME).text
    with desk.context(), writing():
        service_providers.seed()
    assert "Child Helpline Cambodia" in kunthea.page(HOME).text
