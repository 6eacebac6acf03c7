"""The page of what is stuck: lines to who works on cases, counts to a manager, and one thing to do next."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline import clock
from hotline.blueprints.desk import stuck_words
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.services import staff
from hotline.services.stuck import OTHERS, POLICE, Line, Part, Place
from hotline.transactions import writing
from hotline.vocabulary import Duty, Language, Role
from tests.blueprints.desk.desk_site import PASSWORD, DeskSite

DAY = timedelta(days=1)


def undone(desk: DeskSite, *numbers: int) -> list[str]:
    """Let two people agree on addresses, and nobody write to anybody for more than a day."""
    refs = [desk.decided(f"https://img-board.example/t/{number}") for number in numbers]
    with desk.context(), writing():
        for one in db.session.scalars(select(Clock).where(Clock.duty == Duty.NOTIFY).order_by(Clock.id)):
            one.due_at = one.breached_at = clock.now() - DAY
            one.next_at = None
    return refs


def test_each_line_says_why_and_what_to_do_next(desk: DeskSite) -> None:
    (ref,) = undone(desk, 1)

    shown = desk.sign_in("rith").page("/desk/stuck")

    assert "Decided, and not everybody was told" in shown.text
    assert "The directory names nobody to send it to." in shown.text
    assert f"/desk/items/{ref}" in {link.get("href") for link in shown.all("a")}
    assert "img-board" not in shown.text


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("", "Two people agree, and nobody has been told."),
        (OTHERS, "Others were told, and nobody has told the host."),
        (POLICE, "The police have it, and nobody has told the host."),
    ],
)
def test_a_line_says_who_was_told_already(desk: DeskSite, told: str, why: str) -> None:
    line = Line(clock.now(), Place("item", "I-7GQ4M2"), told=told)

    with desk.app.test_request_context():
        assert stuck_words.tell(Part.UNWRITTEN, line, sees_exchanges=True).why == why


def test_a_part_goes_on_page_by_page(desk: DeskSite, monkeypatch: pytest.MonkeyPatch) -> None:
    refs = undone(desk, 1, 2, 3)
    monkeypatch.setattr("hotline.services.stuck.MOST", 2)
    monkeypatch.setattr("hotline.services.stuck.MOST_ALONE", 2)
    browser = desk.sign_in("rith")

    more = next(one["href"] for one in browser.page("/desk/stuck").all("a") if "after=" in one.get("href"))
    shown = browser.page(more)

    assert refs[2] in shown.text
    assert refs[0] not in shown.text


def test_a_manager_sees_counts_and_no_line(desk: DeskSite) -> None:
    (ref,) = undone(desk, 1)
    with desk.context(), writing():
        staff.add("boss", PASSWORD, [Role.MANAGER], language=Language.EN, by=None, must_change=False)

    shown = desk.sign_in("boss").page("/desk/stuck")

    assert "Decided, and not everybody was told 1" in " ".join(shown.text.split())
    assert ref not in shown.text


def test_nothing_stuck_is_said(desk: DeskSite) -> None:
    assert "Nothing is stuck." in desk.sign_in("rith").page("/desk/stuck").text


def test_each_part_says_that_nothing_of_it_waits(desk: DeskSite) -> None:
    browser = desk.sign_in("rith")

    for part in Part:
        shown = browser.page(f"/desk/stuck?part={part}")
        assert "Nothing here waits for a person now." in shown.text
        assert shown.heading == f"{stuck_title(desk, part)}"


def stuck_title(desk: DeskSite, part: Part) -> str:
    with desk.app.test_request_context():
        return stuck_words.title(part)


def test_a_manager_is_told_how_little_is_stuck(desk: DeskSite) -> None:
    with desk.context(), writing():
        staff.add("boss", PASSWORD, [Role.MANAGER], language=Language.EN, by=None, must_change=False)

    shown = " ".join(desk.sign_in("boss").page("/desk/stuck").text.split())

    assert "How much is stuck" in shown
    assert "Decided, and not everybody was told 0" in shown


def test_who_has_no_part_in_cases_is_turned_away(desk: DeskSite) -> None:
    assert desk.sign_in("kunthea").get("/desk/stuck").status_code == 403
    assert desk.browser().get("/desk/stuck").status_code in {302, 303, 401}


def test_bad_addresses_are_answered_as_such(desk: DeskSite) -> None:
    browser = desk.sign_in("rith")

    assert browser.get("/desk/stuck?part=none").status_code == 404
    assert browser.get("/desk/stuck?part=letters&after=x").status_code == 422
