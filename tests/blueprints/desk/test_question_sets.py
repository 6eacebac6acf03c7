"""What is asked about needs: read by victim support, written by a manager, never changed in place."""

import pytest

from hotline.services import question_sets
from hotline.vocabulary import Need
from tests.blueprints.desk.desk_site import Browser, DeskSite
from tests.page import Page, read_desk

QUESTIONS = "/desk/victims/questions"


def fields(page: Page) -> dict[str, str]:
    """Return the form of a new version as it stands."""
    return {box["name"]: page.value(box["name"]) for box in page.all("textarea")} | {"based_on": page.value("based_on")}


def sent(manager: Browser, path: str = "/new", **changes: str):
    form = fields(manager.page(f"{QUESTIONS}/new")) | {"reason": "clearer"} | changes
    return manager.post(QUESTIONS + path, **form)


NEW = {"health-en": "How do you feel?", "health-km": "តើអ្នកយ៉ាងណាដែរ?"}


@pytest.mark.parametrize("path", ["", "/0"])
def test_who_works_with_them_reads_them(desk: DeskSite, path: str) -> None:
    for name in ("kunthea", "vanna"):
        text = desk.sign_in(name).page(QUESTIONS + path).text
        assert "Where do you feel safe" in text
        assert "To confirm with the hotline" in text
    for name in ("rith", "lina", "admin", "audit"):
        assert desk.sign_in(name).get(QUESTIONS + path).status_code == 403


def test_only_a_manager_writes_them(desk: DeskSite) -> None:
    kunthea = desk.sign_in("kunthea")

    assert "Write a new version" not in kunthea.page(QUESTIONS).text
    for path in ("/new", "/preview"):
        assert kunthea.post(QUESTIONS + path).status_code == 403
    assert kunthea.get(f"{QUESTIONS}/new").status_code == 403


def test_a_preview_keeps_nothing(desk: DeskSite) -> None:
    vanna = desk.sign_in("vanna")

    page = read_desk(sent(vanna, "/preview", **NEW))

    assert "How yours differs" in page.text
    assert page.value("health-en") == "How do you feel?"
    with desk.context():
        assert question_sets.in_force().version == 0


def test_a_new_version_is_in_force_and_the_old_one_stays(desk: DeskSite) -> None:
    vanna = desk.sign_in("vanna")

    assert sent(vanna, **NEW).status_code == 303

    assert "In force: version 1" in vanna.page(QUESTIONS).text
    changed = vanna.page(f"{QUESTIONS}/1")
    assert "What it changed" in changed.text
    assert {one.text for one in changed.all("ins")} == set(NEW.values())
    with desk.context():
        assert question_sets.get(0).asks(Need.HEALTH) == 3


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"health-en": "One?"}, "health-en"),
        ({"health-km": ""}, "health-km"),
        ({"health-en": "?\n" * 7, "health-km": "?\n" * 7}, "health-en"),
        ({"reason": "", **NEW}, "reason"),
        ({}, "reason"),
    ],
)
def test_what_cannot_be_put_in_force_is_said(desk: DeskSite, changes: dict[str, str], field: str) -> None:
    answer = sent(desk.sign_in("vanna"), **changes)

    assert answer.status_code == 422
    assert field in read_desk(answer).errors


def test_two_managers_see_both(desk: DeskSite) -> None:
    vanna = desk.sign_in("vanna")
    form = fields(vanna.page(f"{QUESTIONS}/new")) | NEW | {"reason": "mine"}
    sent(vanna, **{"legal-en": "One?", "legal-km": "មួយ?"})

    late = vanna.post(f"{QUESTIONS}/new", **form)

    assert late.status_code == 409
    page = read_desk(late)
    assert page.value("health-en") == "How do you feel?"
    assert "Version 1 came into force meanwhile" in page.text
    assert vanna.post(f"{QUESTIONS}/new", **fields(page)).status_code == 303


def test_there_is_no_version_that_nobody_gave(desk: DeskSite) -> None:
    kunthea = desk.sign_in("kunthea")

    assert kunthea.get(f"{QUESTIONS}/99").status_code == 404
    assert kunthea.get(f"{QUESTIONS}/evil").status_code == 404
