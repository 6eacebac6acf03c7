"""Outside decisions at the desk: a manager records one without an address, another of those who looked confirms it."""

from zoneinfo import ZoneInfo

import pytest

from hotline import clock
from hotline.services import disputes, staff
from hotline.transactions import writing
from hotline.vocabulary import ItemStatus, Language, Role
from tests import page
from tests.blueprints.desk.desk_site import PASSWORD, Browser, DeskSite
from tests.blueprints.desk.looking import ADDRESS, HIDDEN, NATIONAL, SECRET

DEEDS = ("", "/withdraw", "/confirm", "/refuse")


def url(ref: str, verb: str = "") -> str:
    return f"/desk/outside-decisions/{ref}{verb}"


def typed(**more: str) -> dict[str, str]:
    """Return the form's fields for a decision of today that says what HIDDEN says."""
    today = clock.now().astimezone(ZoneInfo("Asia/Phnom_Penh")).date()
    decided = {"inhope_class": "baseline", "law": "illegal", "decided_on": today.isoformat(), "was_shown": "yes"}
    return {"adviser": "Ms Chan, bar", "reference": "L-9", "reasons": "The text is clear."} | decided | more


def differ(desk: DeskSite, second: str) -> str:
    """Let sophea find baseline and `second` national, and sophea ask a third person."""
    found = desk.report(ADDRESS)[-1]
    desk.look(found, HIDDEN, by="sophea")
    assert not desk.look_again(found, NATIONAL, by=second)
    with desk.context(), writing():
        disputes.ask(desk.item(found), by=desk.person("sophea"))
    return found


@pytest.fixture
def ref(desk: DeskSite) -> str:
    """Return a dispute of two people who lead nobody."""
    return differ(desk, "dara")


@pytest.fixture
def own(desk: DeskSite) -> str:
    """Return a dispute of sophea and vanna, who is the manager: the smallest team."""
    return differ(desk, "vanna")


@pytest.fixture
def boss(desk: DeskSite) -> Browser:
    """The browser of somebody who is a manager and nothing else."""
    with desk.context(), writing():
        staff.add("boss", PASSWORD, (Role.MANAGER,), language=Language.EN, by=None, must_change=False)
    return desk.sign_in("boss")


def status(desk: DeskSite, ref: str) -> ItemStatus:
    with desk.context():
        return desk.item(ref).status


def test_a_manager_finds_disputes_without_an_address_and_records_one(desk: DeskSite, ref: str, boss: Browser) -> None:
    assert "1 dispute waits for a third person" in boss.page("/desk/").text
    listed = boss.page("/desk/outside-decisions")
    assert [link.text for link in listed.all("a", href=url(ref))] == [ref, f"Record a decision {ref}"]
    shown = boss.page(url(ref))
    assert "Never an address, a picture, or the words of a report." in shown.text

    answer = boss.post(url(ref), **typed())

    assert (answer.status_code, answer.location) == (303, url(ref))
    assert status(desk, ref) is ItemStatus.DECIDED
    after = boss.page(url(ref))
    assert "Ms Chan, bar" in after.text
    for one in (listed, shown, after):
        assert "img-board" not in one.html
        assert SECRET not in one.html
    assert "waits for a third person" not in boss.page("/desk/").text


def test_it_works_without_a_full_page_too(desk: DeskSite, ref: str, boss: Browser) -> None:
    boss.page(url(ref))

    answer = boss.post(url(ref), htmx=True, **typed())

    assert answer.headers["HX-Redirect"] == url(ref)


def test_the_item_says_that_it_was_decided_outside(desk: DeskSite, ref: str, boss: Browser) -> None:
    boss.page(url(ref))
    boss.post(url(ref), **typed())

    shown = desk.sign_in("dara").page(f"/desk/items/{ref}").text

    assert "Decided by one person and an outside adviser" in shown
    assert "boss recorded what an outside adviser decided" in shown
    assert "One person and an outside adviser agree" in shown
    assert "The text is clear." in shown


def test_where_the_manager_is_one_of_the_two_the_other_confirms(desk: DeskSite, own: str) -> None:
    vanna, sophea = desk.sign_in("vanna"), desk.sign_in("sophea")
    assert "You are one of those whose looks differ." in vanna.page(url(own)).text
    vanna.post(url(own), **typed())
    assert status(desk, own) is ItemStatus.DISPUTED
    assert "Waits to be confirmed" in vanna.page(url(own)).text
    assert not vanna.page(f"/desk/items/{own}").all("form", action=url(own, "/confirm"))
    seen = sophea.page(f"/desk/items/{own}")
    assert "vanna, one of those whose looks differ, recorded what an outside adviser decided" in seen.text
    assert "Such a record counts only when another of them confirms it." in seen.text

    answer = sophea.post(url(own, "/confirm"))

    assert (answer.status_code, answer.location) == (303, f"/desk/items/{own}")
    assert status(desk, own) is ItemStatus.DECIDED
    assert sophea.post(url(own, "/confirm")).status_code == 409


def test_a_record_that_is_wrong_is_not_confirmed(desk: DeskSite, own: str) -> None:
    vanna, sophea = desk.sign_in("vanna"), desk.sign_in("sophea")
    vanna.page(url(own))
    vanna.post(url(own), **typed())
    sophea.page(f"/desk/items/{own}")

    assert sophea.post(url(own, "/refuse")).status_code == 303
    assert status(desk, own) is ItemStatus.DISPUTED
    shown = vanna.page(url(own))
    assert "Not confirmed" in shown.text
    assert shown.all("input", id="adviser")


def test_ones_own_record_can_be_withdrawn_until_it_is_settled(desk: DeskSite, ref: str, boss: Browser) -> None:
    boss.page(url(ref))
    boss.post(url(ref), **typed(inhope_class="not_illegal", law="not_illegal"))
    assert boss.page(url(ref)).all("form", action=url(ref, "/withdraw"))

    assert boss.post(url(ref, "/withdraw")).status_code == 303
    boss.post(url(ref), **typed())
    assert status(desk, ref) is ItemStatus.DECIDED
    assert boss.post(url(ref, "/withdraw")).status_code == 409


def test_another_manager_sets_a_record_aside_that_nobody_confirms(desk: DeskSite, own: str, boss: Browser) -> None:
    vanna = desk.sign_in("vanna")
    vanna.page(url(own))
    vanna.post(url(own), **typed())
    shown = boss.page(url(own))
    assert "Set the record aside" in shown.text
    assert "Withdraw my record" in vanna.page(url(own)).text

    assert boss.post(url(own, "/withdraw")).status_code == 303
    after = boss.page(url(own))
    assert after.all("input", id="adviser")
    assert not after.all("form", action=url(own, "/withdraw"))
    told = desk.sign_in("sophea").page(f"/desk/items/{own}")
    assert "boss set the record of the outside decision aside, which nobody had confirmed" in told.text


def test_no_third_person_is_announced_while_a_record_waits_to_be_confirmed(desk: DeskSite, own: str) -> None:
    vanna, sophea = desk.sign_in("vanna"), desk.sign_in("sophea")
    vanna.page(url(own))
    vanna.post(url(own), **typed())
    assert "a third person is asked automatically" not in sophea.page(f"/desk/items/{own}").text


def test_who_may_still_look_sees_that_there_is_one_and_not_what(desk: DeskSite, own: str) -> None:
    vanna = desk.sign_in("vanna")
    vanna.page(url(own))
    vanna.post(url(own), **typed())

    shown = desk.sign_in("dara").page(f"/desk/items/{own}")

    assert "What an outside adviser decided is recorded. It stays hidden until this is settled." in shown.text
    assert "The text is clear." not in shown.html


@pytest.mark.parametrize(
    "bad",
    [
        {"adviser": ""},
        {"adviser": "n" * 201},
        {"reference": "n" * 201},
        {"reasons": " "},
        {"inhope_class": "x"},
        {"law": "adviser"},
        {"decided_on": "2999-01-01"},
        {"decided_on": "2001-01-01"},
        {"decided_on": "soon"},
        {"was_shown": None},
    ],
)
def test_a_bad_form_comes_back_with_what_was_typed(desk: DeskSite, ref: str, boss: Browser, bad: dict) -> None:
    boss.page(url(ref))
    fields = {name: value for name, value in (typed() | bad).items() if value is not None}

    answer = boss.post(url(ref), **fields)

    assert answer.status_code == 422
    shown = page.read_desk(answer)
    assert next(iter(bad)) in shown.errors
    assert fields["reasons"].strip() in shown.text
    assert status(desk, ref) is ItemStatus.DISPUTED


def test_what_is_not_disputed_or_not_there_is_not_found(desk: DeskSite, boss: Browser) -> None:
    other = desk.report("https://b.example/2")[-1]
    boss.page("/desk/outside-decisions")

    for ref in (other, "I-222222"):
        assert boss.get(url(ref)).status_code == 404
        assert boss.post(url(ref), **typed()).status_code == 404
        assert boss.post(url(ref, "/withdraw")).status_code == 404


@pytest.mark.parametrize("name", ["rith", "kunthea", "lina", "admin", "audit"])
def test_strangers_are_refused(desk: DeskSite, ref: str, name: str) -> None:
    browser = desk.sign_in(name)
    browser.page("/desk/")

    assert browser.get(url(ref)).status_code == 403
    found = [browser.post(url(ref, deed), **typed()).status_code for deed in DEEDS]
    nothing_there = 409 if name == "rith" else 403  # an analyst may confirm, where something is to be confirmed
    assert found == [403, 403, nothing_there, nothing_there]
    assert status(desk, ref) is ItemStatus.DISPUTED


def test_who_has_looked_at_nothing_confirms_nothing(desk: DeskSite, own: str) -> None:
    vanna, dara = desk.sign_in("vanna"), desk.sign_in("dara")
    vanna.page(url(own))
    vanna.post(url(own), **typed())
    dara.page("/desk/")

    assert [dara.post(url(own, deed)).status_code for deed in ("/confirm", "/refuse")] == [403, 403]
    assert status(desk, own) is ItemStatus.DISPUTED


def test_signed_out_leads_to_the_door(desk: DeskSite, ref: str) -> None:
    assert desk.browser().get(url(ref)).status_code in {302, 303, 401}


def test_an_empty_list_says_so(desk: DeskSite, boss: Browser) -> None:
    assert "No looks differ now." in boss.page("/desk/outside-decisions").text
