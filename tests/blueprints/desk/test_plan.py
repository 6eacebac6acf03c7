"""A case's plan at the desk."""

import io
from datetime import timedelta

import pytest

from hotline import clock
from hotline.vocabulary import NeedLevel
from tests.blueprints.desk import needs_site
from tests.blueprints.desk.desk_site import Browser, DeskSite
from tests.blueprints.desk.needs_site import OTHER, STRANGER, CaseSite
from tests.page import read_desk
from tests.services import case_steps


@pytest.fixture
def case(desk: DeskSite) -> CaseSite:
    return needs_site.lay(desk)


def number_of(case: CaseSite, name: str = "kunthea") -> str:
    with case.desk.context():
        return case_steps.officer(name).number


def add(case: CaseSite, kunthea: Browser, *, htmx: bool = False, **more: str):
    kunthea.page(f"{case.plan}/new")
    typed = {"need": "legal", "what": "Name a lawyer", "outside": "legal aid", "owner": number_of(case), "due_on": ""}
    return kunthea.post(f"{case.plan}/new", htmx=htmx, **typed | more)


def first_action(case: CaseSite, kunthea: Browser) -> str:
    links = [link["href"] for link in kunthea.page(case.plan).all("a") if link.get("href").startswith(f"{case.plan}/")]
    return next(link for link in links if not link.endswith("/new"))


@pytest.mark.parametrize("htmx", [False, True])
def test_an_action_is_added_changed_and_ended(case: CaseSite, htmx: bool) -> None:
    kunthea = case.sign_in()
    assert add(case, kunthea, htmx=htmx).status_code == (204 if htmx else 303)
    where = first_action(case, kunthea)
    form = kunthea.page(where)
    assert (form.value("what"), form.value("outside")) == ("Name a lawyer", "legal aid")
    changed = {"need": "legal", "what": "Call the lawyer", "outside": "", "owner": number_of(case, OTHER)}
    far = kunthea.post(where, version=form.value("version"), due_on="9999-12-31", **changed)
    assert list(read_desk(far).errors) == ["due_on"]
    soon = (clock.now() + timedelta(days=9)).date().isoformat()
    saved = kunthea.post(where, htmx=htmx, version=form.value("version"), due_on=soon, **changed)
    assert saved.status_code == (204 if htmx else 303)
    page = kunthea.page(case.plan)
    assert "Call the lawyer" in page.text
    assert "bopha" in page.text
    ends = kunthea.page(where)
    done = kunthea.post(f"{where}/end", version=ends.value("version"), state="done", ended="She is ours now.")
    assert done.status_code == 303
    assert "She is ours now." in kunthea.page(case.plan).text
    again = kunthea.page(where)
    assert kunthea.post(f"{where}/take-up", version=again.value("version")).status_code == 303
    assert kunthea.page(where).value("what") == "Call the lawyer"


def test_what_is_wrong_is_said_and_what_was_typed_stays(case: CaseSite) -> None:
    kunthea = case.sign_in()

    answer = add(case, kunthea, need="", what="", owner="", due_on="2001-01-01", outside="somebody")

    assert answer.status_code == 422
    page = read_desk(answer)
    assert set(page.errors) == {"need", "what", "owner", "due_on"}
    assert page.value("outside") == "somebody"
    assert add(case, kunthea, due_on="someday").status_code == 422


def test_a_possible_abuser_is_named_in_no_action(case: CaseSite) -> None:
    kunthea = case.sign_in()
    with case.desk.context():
        case_steps.somebody(case._case(), "Sok Vuthy", suspect=True)

    answer = add(case, kunthea, outside="uncle Sok Vuthy")

    assert answer.status_code == 422
    assert "They have no part in the plan" in read_desk(answer).errors["outside"]


def test_two_who_change_one_action_see_both(case: CaseSite) -> None:
    kunthea, bopha = case.sign_in(), case.sign_in(OTHER)
    add(case, kunthea)
    where = first_action(case, kunthea)
    seen = kunthea.page(where).value("version")
    typed = {"need": "legal", "owner": number_of(case), "version": seen}
    bopha.page(where)
    assert bopha.post(where, what="hers", **typed).status_code == 303

    answer = kunthea.post(where, what="mine", **typed)

    assert answer.status_code == 409
    page = read_desk(answer)
    assert "hers" in page.text
    assert page.value("what") == "mine"
    assert kunthea.post(where, **typed | {"version": page.value("version"), "what": "both"}).status_code == 303


def test_it_is_complete_when_no_pressing_need_is_forgotten(case: CaseSite) -> None:
    kunthea = case.sign_in()
    case.approved(legal=NeedLevel.HIGH)
    kunthea.page(case.plan)
    empty = kunthea.post(f"{case.plan}/complete")
    assert (empty.status_code, set(read_desk(empty).errors)) == (422, {"plan"})
    add(case, kunthea, need="health")
    kunthea.page(case.plan)
    missing = kunthea.post(f"{case.plan}/complete")
    assert set(read_desk(missing).errors) == {"need-legal"}
    add(case, kunthea)
    kunthea.page(case.plan)

    assert kunthea.post(f"{case.plan}/complete").status_code == 303

    assert "kunthea said on" in kunthea.page(case.plan).text


def test_a_review_is_noted_with_the_day_of_the_next(case: CaseSite) -> None:
    kunthea = case.sign_in()
    proposed = kunthea.page(case.plan).value("next_on")
    late = kunthea.post(f"{case.plan}/review", said="The school helps.", next_on="2999-01-01")
    assert (late.status_code, set(read_desk(late).errors)) == (422, {"next_on"})
    assert kunthea.post(f"{case.plan}/review", said="", next_on="someday").status_code == 422

    assert kunthea.post(f"{case.plan}/review", said="The school helps.", next_on=proposed).status_code == 303

    assert "Next review by" in kunthea.page(case.plan).text
    assert proposed > clock.now().date().isoformat()
    assert proposed <= (clock.now() + timedelta(days=8)).date().isoformat()


def test_a_file_is_refused(case: CaseSite) -> None:
    kunthea = case.sign_in()
    kunthea.page(f"{case.plan}/new")

    answer = kunthea.post(f"{case.plan}/new", what="x", upload=(io.BytesIO(b"x"), "x.png"))

    assert answer.status_code == 422
    assert "Files are not taken here" in read_desk(answer).text


def test_the_doors_are_shut_to_others(case: CaseSite) -> None:
    kunthea = case.sign_in()
    add(case, kunthea)
    where = first_action(case, kunthea)

    for name in ("vanna", "rith", "lina", "admin", "audit"):
        browser = case.sign_in(name)
        assert {browser.get(path).status_code for path in (case.plan, where, f"{case.plan}/new")} == {403}
        assert browser.post(f"{case.plan}/complete").status_code == 403
    stranger = case.sign_in(STRANGER)
    assert {stranger.get(path).status_code for path in (case.plan, where, f"{case.plan}/new")} == {404}
    assert stranger.post(f"{case.plan}/complete").status_code == 404
    assert kunthea.get(f"{case.plan}/999").status_code == 404
    assert case.desk.browser().get(case.plan).status_code in {303, 401}
