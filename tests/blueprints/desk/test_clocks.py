"""Limits and clocks at the desk: who sees what of them, rules with a preview, and a clock that stands still."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline import clock
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.services import clock_rounds, clock_rules
from hotline.vocabulary import Danger, Duty, Pace, PauseReason
from tests.blueprints.desk.desk_site import DeskSite

PAGE = "/desk/clocks"
RULE = "/desk/clocks/rules/acknowledge/rest"
GOOD = {
    "length": "2",
    "length_unit": "days",
    "reminder": "3",
    "reminder_unit": "hours",
    "pace": "working",
    "valid_from": "",
    "reason": "Agreed with the team",
}


def only_clock(desk: DeskSite, duty: Duty = Duty.ASSESS) -> Clock:
    with desk.context():
        return db.session.scalars(select(Clock).where(Clock.duty == duty)).one()


def only_ref(desk: DeskSite, **more: object) -> str:
    return desk.report("https://img-board.example/t/1", **more)[-1]


def of_item(desk: DeskSite, ref: str) -> str:
    return f"/desk/items/{ref}/clocks/{only_clock(desk).id}"


def test_case_roles_see_what_is_due_first_and_how_late_it_is(desk: DeskSite) -> None:
    only_ref(desk, hours_ago=30)
    pressing = desk.report("https://other.example/1", in_danger=Danger.YES, hours_ago=3)[-1]

    page = desk.sign_in("rith").page(PAGE)

    rows = [row.text for row in page.all("tr")]
    first = next(row for row in rows if pressing in row)
    assert "over" in first
    assert "Take it up" in first
    assert rows.index(first) < min(place for place, row in enumerate(rows) if "left" in row and "I-" in row)
    assert "to confirm with APLE" in page.text
    assert "Monday, Tuesday, Wednesday, Thursday, Friday, 08:00–17:00" in page.text
    assert "3 working days" in page.text


@pytest.mark.parametrize("name", ["kunthea", "lina", "admin", "audit"])
def test_others_see_counts_alone(desk: DeskSite, name: str) -> None:
    ref = only_ref(desk)

    page = desk.sign_in(name).page(PAGE)

    assert "How every duty stands" in page.text
    assert ref not in page.text
    assert "img-board" not in page.text


def test_the_counsellor_and_strangers_see_nothing(desk: DeskSite) -> None:
    assert desk.browser().client.get(PAGE).status_code in {302, 303, 401}


@pytest.mark.parametrize("name", ["sophea", "kunthea", "admin", "audit", "lina"])
def test_only_a_manager_opens_a_rule(desk: DeskSite, name: str) -> None:
    browser = desk.sign_in(name)

    assert browser.get(RULE).status_code == 403
    assert browser.post(RULE, **GOOD).status_code == 403
    assert browser.post(f"{RULE}/preview", **GOOD).status_code == 403
    assert "/desk/clocks/rules/" not in browser.get(PAGE).get_data(as_text=True)


def test_a_manager_previews_a_rule_and_puts_it_in_force(desk: DeskSite) -> None:
    browser = desk.sign_in("vanna")
    page = browser.page(RULE)
    assert page.one("input", id="length")["value"] == "24"
    assert page.one("input", id="reminder")["value"] == "4"

    shown = browser.post(f"{RULE}/preview", **GOOD | {"reason": ""})
    assert shown.status_code == 200
    assert "2 working days" in shown.get_data(as_text=True)
    with desk.context():
        assert clock_rules.rule_for(Duty.ACKNOWLEDGE, None).limit.pace is Pace.WALL

    answer = browser.post(RULE, **GOOD)

    assert answer.status_code == 303
    page = browser.page(PAGE)
    assert "2 working days" in page.text
    assert "Agreed with the team" in page.text
    assert "Agreed with the team" in browser.page(RULE).text
    with desk.context():
        limit = clock_rules.rule_for(Duty.ACKNOWLEDGE, 3).limit
    assert (limit.length, limit.reminder, limit.pace) == (timedelta(hours=18), timedelta(hours=3), Pace.WORKING)


def test_a_rule_may_begin_on_a_later_day(desk: DeskSite) -> None:
    browser = desk.sign_in("vanna")
    browser.page(RULE)

    answer = browser.post(RULE, **GOOD | {"valid_from": str((clock.now() + timedelta(days=3)).date())})

    assert answer.status_code == 303
    assert "Agreed with the team" not in browser.page(PAGE).text
    assert "Agreed with the team" in browser.page(RULE).text


@pytest.mark.parametrize(
    ("field", "bad", "said"),
    [
        ("length", "", "as a whole number"),
        ("length", "-4", "as a whole number"),
        ("length", "²", "as a whole number"),
        ("length", "9999999", "as a whole number"),
        ("length", "999999", "as a whole number"),
        ("length_unit", "years", "as a whole number"),
        ("reminder", "20", "less than the limit"),
        ("reason", "  ", "it stays on record"),
        ("reason", "x" * 401, "at most 400"),
        ("valid_from", "2020-01-01", "has begun already"),
        ("valid_from", "soon", "has begun already"),
        ("valid_from", "9999-99-99", "has begun already"),
    ],
)
def test_a_rule_that_makes_no_sense_comes_back_as_it_was_typed(desk: DeskSite, field: str, bad: str, said: str) -> None:
    browser = desk.sign_in("vanna")
    browser.page(RULE)

    answer = browser.post(RULE, **GOOD | {field: bad})

    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert said in text
    assert "The limit was not saved" in text
    if field in {"length", "reminder", "reason", "valid_from"}:
        assert f'value="{bad}"' in text


@pytest.mark.parametrize(
    "path", ["acknowledge/p5", "acknowledge/all", "sleep/rest", "answer_reporter/p1", "acknowledge/P1"]
)
def test_a_rule_that_cannot_be_is_not_there(desk: DeskSite, path: str) -> None:
    assert desk.sign_in("vanna").get(f"/desk/clocks/rules/{path}").status_code == 404


@pytest.mark.parametrize("htmx", [False, True])
def test_a_clock_stands_still_with_a_reason_and_goes_on(desk: DeskSite, htmx: bool) -> None:
    ref = only_ref(desk)
    browser, here = desk.sign_in("rith"), of_item(desk, ref)
    page = browser.page(f"/desk/items/{ref}")
    assert "Let it stand still" in page.text

    assert browser.post(f"{here}/pause", htmx=htmx, reason="partner").status_code == (204 if htmx else 303)

    page = browser.page(f"/desk/items/{ref}")
    assert "A partner was asked" in page.text
    assert "A partner was asked" in browser.page(PAGE).text
    assert only_clock(desk).pause_reason is PauseReason.PARTNER
    browser.page(here)
    assert browser.post(f"{here}/resume", htmx=htmx).status_code == (204 if htmx else 303)
    assert only_clock(desk).paused_at is None


def test_why_a_clock_stands_still_is_not_told_to_others_before_two_have_chosen(desk: DeskSite) -> None:
    ref = only_ref(desk)
    here = of_item(desk, ref)
    rith, dara = desk.sign_in("rith"), desk.sign_in("dara")
    rith.page(here)
    rith.post(f"{here}/pause", reason="police")

    for path in (here, f"/desk/items/{ref}", PAGE):
        shown = dara.page(path).text
        assert "shows once two people have decided" in shown
        assert ": The police asked us to wait" not in shown  # the item's other clocks offer it as a choice
    assert "The police asked us to wait" not in dara.page(PAGE).text


@pytest.mark.parametrize("reason", ["", "lunch"])
def test_a_pause_without_a_reason_is_asked_for_one(desk: DeskSite, reason: str) -> None:
    ref = only_ref(desk)
    browser, here = desk.sign_in("rith"), of_item(desk, ref)
    browser.page(here)

    answer = browser.post(f"{here}/pause", reason=reason)

    assert answer.status_code == 422
    assert "it stays on record" in answer.get_data(as_text=True)
    assert only_clock(desk).paused_at is None


def test_a_clock_is_found_at_its_own_item_only_and_by_case_roles(desk: DeskSite) -> None:
    ref = only_ref(desk)
    here = of_item(desk, ref)
    other = desk.report("https://other.example/1")[-1]
    browser = desk.sign_in("rith")

    assert browser.get(here).status_code == 200
    assert browser.get(here.replace(ref, other)).status_code == 404
    assert browser.get(f"/desk/items/{ref}/clocks/{2**30}").status_code == 404
    assert browser.get(f"/desk/items/{ref}/clocks/{2**80}").status_code == 404
    assert desk.sign_in("admin").get(here).status_code == 403


def test_what_has_run_out_does_not_stand_still(desk: DeskSite) -> None:
    ref = only_ref(desk, in_danger=Danger.YES, hours_ago=5)
    with desk.context():
        clock_rounds.sweep_due()
    browser, here = desk.sign_in("rith"), of_item(desk, ref)
    assert "It has run out" in browser.page(here).text
    browser.page(f"/desk/items/{ref}")

    assert browser.post(f"{here}/pause", reason="police").status_code == 409


def test_the_clocks_of_an_item_show_how_they_ended(desk: DeskSite) -> None:
    ref = only_ref(desk, in_danger=Danger.YES, hours_ago=5)
    browser = desk.sign_in("rith")
    browser.page(f"/desk/items/{ref}")
    browser.post(f"/desk/items/{ref}/claim")

    page = browser.page(f"/desk/items/{ref}")

    assert "Done too late" in page.text
