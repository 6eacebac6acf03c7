"""Needs assessments at the desk: written domain by domain, approved by another person; a manager sees no word."""

import io

import pytest
from sqlalchemy import select

from hotline.extensions import db
from hotline.models import AuditEntry
from hotline.vocabulary import Need, NeedLevel
from tests.blueprints.desk import needs_site
from tests.blueprints.desk.desk_site import DeskSite
from tests.blueprints.desk.needs_site import OTHER, STRANGER, CaseSite
from tests.page import read_desk

APPROVALS = "/desk/victims/approvals"


@pytest.fixture
def case(desk: DeskSite) -> CaseSite:
    return needs_site.lay(desk)


def reads(case: CaseSite) -> int:
    with case.desk.context():
        query = select(AuditEntry).where(AuditEntry.record == f"case {case.ref}", AuditEntry.action == "read")
        return len(db.session.scalars(query).all())


@pytest.mark.parametrize("htmx", [False, True])
def test_an_assessment_is_written_domain_by_domain(case: CaseSite, htmx: bool) -> None:
    kunthea = case.sign_in()
    kunthea.page(case.needs)

    begun = kunthea.post(case.needs, htmx=htmx)
    where = begun.headers["HX-Redirect" if htmx else "Location"]
    assert begun.status_code == (204 if htmx else 303)
    assert where.startswith(f"{case.needs}/")
    form = kunthea.page(f"{where}/safety")
    assert "Where do you feel safe" in form.text
    assert form.by_id("case-safe")
    saved = kunthea.post(
        f"{where}/safety",
        htmx=htmx,
        version=form.value("version"),
        level="high",
        known="The aunt's door is locked.",
        next="Call her",
        then="next",
        **{"answer-0": "at the aunt's"},
    )

    assert saved.headers["HX-Redirect" if htmx else "Location"] == f"{where}/health"
    again = kunthea.page(f"{where}/safety")
    assert (again.value("known"), again.value("answer-0"), again.value("level")) == (
        "The aunt's door is locked.",
        "at the aunt's",
        "high",
    )
    assert "The aunt's door is locked." in kunthea.page(where).text


def test_it_is_handed_in_approved_and_read_again(case: CaseSite) -> None:
    number = case.filled(safety=NeedLevel.HIGH)
    one = f"{case.needs}/{number}"
    kunthea = case.sign_in()
    kunthea.page(one)
    assert kunthea.post(f"{one}/submit").status_code == 303
    assert "It waits for another person" in kunthea.page(one).text
    assert "Approve it" not in kunthea.page(one).text

    bopha = case.sign_in(OTHER)
    assert case.ref in bopha.page(APPROVALS).text
    page = bopha.page(one)
    assert "quiet words of safety" in page.text
    assert bopha.post(f"{one}/approve", version=page.value("version")).status_code == 303

    assert case.state(number) == "approved"
    assert "Nothing waits" in bopha.page(APPROVALS).text
    whole = kunthea.page(case.needs)
    assert "quiet words of safety" in whole.text
    assert "Assess again" in whole.text


def test_what_is_missing_is_said_where_it_is_missing(case: CaseSite) -> None:
    number = case.begun()
    kunthea = case.sign_in()
    kunthea.page(f"{case.needs}/{number}")

    answer = kunthea.post(f"{case.needs}/{number}/submit")

    assert answer.status_code == 422
    errors = read_desk(answer).errors
    assert set(errors) == {"with_whom", *(f"need-{need}" for need in Need)}
    assert errors["need-health"] == "Choose a level for: Health."


def test_what_cannot_be_saved_is_kept_on_the_form(case: CaseSite) -> None:
    number = case.begun()
    kunthea = case.sign_in()
    form = kunthea.page(f"{case.needs}/{number}/health")

    answer = kunthea.post(
        f"{case.needs}/{number}/health", version=form.value("version"), level="high", known="x" * 4001, next="call"
    )

    assert answer.status_code == 422
    page = read_desk(answer)
    assert (page.value("next"), page.value("level"), set(page.errors)) == ("call", "high", {"known"})


def test_two_who_write_in_one_domain_see_both(case: CaseSite) -> None:
    number = case.begun()
    where = f"{case.needs}/{number}/health"
    kunthea, bopha = case.sign_in(), case.sign_in(OTHER)
    seen = kunthea.page(where).value("version")
    bopha.page(where)
    assert bopha.post(where, version=seen, level="low", known="hers").status_code == 303

    answer = kunthea.post(where, version=seen, level="high", known="mine")

    assert answer.status_code == 409
    page = read_desk(answer)
    assert "hers" in page.text
    assert (page.value("known"), page.value("level")) == ("mine", "high")
    assert kunthea.post(where, version=page.value("version"), level="high", known="both").status_code == 303


def test_two_who_say_with_whom_see_both(case: CaseSite) -> None:
    number = case.begun()
    one = f"{case.needs}/{number}"
    kunthea, bopha = case.sign_in(), case.sign_in(OTHER)
    seen = kunthea.page(one).value("version")
    bopha.page(one)
    assert bopha.post(f"{one}/about", version=seen, with_whom="the mother", assessed_on="2026-01-02").status_code == 303

    answer = kunthea.post(f"{one}/about", version=seen, with_whom="the aunt", assessed_on="2026-01-03")

    assert answer.status_code == 409
    page = read_desk(answer)
    assert "the mother" in page.text
    assert page.value("with_whom") == "the aunt"
    wrong = kunthea.post(f"{one}/about", version=page.value("version"), with_whom="x", assessed_on="someday")
    assert (wrong.status_code, set(read_desk(wrong).errors)) == (422, {"assessed_on"})


def test_it_is_given_back_with_a_question(case: CaseSite) -> None:
    number = case.submitted()
    one = f"{case.needs}/{number}"
    bopha = case.sign_in(OTHER)
    seen = bopha.page(one).value("version")
    asked_nothing = bopha.post(f"{one}/give-back", version=seen, question=" ")
    assert (asked_nothing.status_code, set(read_desk(asked_nothing).errors)) == (422, {"question"})

    assert bopha.post(f"{one}/give-back", version=seen, question="Why is health none?").status_code == 303

    kunthea = case.sign_in()
    assert "Why is health none?" in kunthea.page(one).text
    assert case.state(number) == "returned"
    kunthea.page(f"{one}/health")


def test_what_was_handed_in_is_taken_back_and_stays(case: CaseSite) -> None:
    number = case.submitted()
    one = f"{case.needs}/{number}"
    kunthea = case.sign_in()
    assert kunthea.get(f"{one}/health").status_code == 409
    kunthea.page(one)

    assert kunthea.post(f"{one}/take-back").status_code == 303

    assert "Drop this draft" not in kunthea.page(one).text
    assert kunthea.post(f"{one}/discard").status_code == 409
    assert case.state(number) == "draft"


def test_a_draft_is_dropped(case: CaseSite) -> None:
    one, kunthea = f"{case.needs}/{case.begun()}", case.sign_in()
    assert "Drop this draft" in kunthea.page(one).text

    assert kunthea.post(f"{one}/discard").status_code == 303

    assert kunthea.get(one).status_code == 404


def test_a_manager_sees_levels_and_never_a_word(case: CaseSite) -> None:
    number = case.submitted(legal=NeedLevel.HIGH)
    vanna = case.sign_in("vanna")

    listed, page = vanna.page(APPROVALS), vanna.page(f"{APPROVALS}/{number}")

    assert case.ref in listed.text
    assert "Legal protection" in page.text
    for shown in (listed, page):
        for word in ("quiet words", "aunt", "Lotus", "Chan Sreyneang", "asleep", "012 000 111"):
            assert word not in shown.html
    for path in (case.needs, f"{case.needs}/{number}", f"{case.needs}/{number}/health", case.plan):
        assert vanna.get(path).status_code == 403
    assert reads(case) == 0


def test_a_manager_approves_or_asks(case: CaseSite) -> None:
    number = case.submitted()
    one, vanna = f"{APPROVALS}/{number}", case.sign_in("vanna")
    seen = vanna.page(one).value("version")
    about = {"version": seen, "case": case.ref}
    assert vanna.post(f"{one}/give-back", **about, question="").status_code == 422
    assert vanna.post(f"{one}/approve", version="1", case=case.ref).status_code == 409
    assert vanna.post(f"{one}/approve", version=seen, case="VC-222222").status_code == 409  # shown for another child
    assert vanna.post(f"{one}/give-back", **about, question="Why?").status_code == 303
    assert vanna.get(one).status_code == 404
    kunthea = case.sign_in()
    kunthea.page(f"{case.needs}/{number}")
    assert kunthea.post(f"{case.needs}/{number}/submit").status_code == 303

    shown = vanna.page(one)
    about = {"version": shown.value("version"), "case": shown.value("case")}
    assert vanna.post(f"{one}/approve", **about).status_code == 303

    assert case.state(number) == "approved"


@pytest.mark.parametrize("name", ["sophea", "rith", "lina", "admin", "audit"])
def test_other_roles_learn_nothing(case: CaseSite, name: str) -> None:
    number, browser = case.submitted(), case.sign_in(name)

    for path in (case.needs, f"{case.needs}/{number}", f"{case.needs}/999", APPROVALS, f"{APPROVALS}/{number}"):
        assert browser.get(path).status_code == 403
    assert browser.post(f"{case.needs}/{number}/approve").status_code == 403


def test_who_may_not_open_the_case_finds_nothing(case: CaseSite) -> None:
    number, stranger = case.submitted(), case.sign_in(STRANGER)

    for path in (case.needs, f"{case.needs}/{number}", f"{case.needs}/{number}/health"):
        assert stranger.get(path).status_code == 404
    assert case.ref not in stranger.page(APPROVALS).text
    assert stranger.get(f"{APPROVALS}/{number}").status_code == 403
    assert stranger.post(f"{case.needs}/{number}/approve", version="1").status_code == 404
    assert reads(case) == 0


def test_what_is_not_there_is_not_found(case: CaseSite) -> None:
    number, kunthea = case.begun(), case.sign_in()

    for path in (f"{case.needs}/999", f"{case.needs}/{number}/weather", "/desk/victims/cases/VC-999999/needs"):
        assert kunthea.get(path).status_code == 404


def test_signed_out_nothing_opens(case: CaseSite) -> None:
    number, nobody = case.begun(), case.desk.browser()

    for path in (case.needs, f"{case.needs}/{number}", APPROVALS):
        assert nobody.get(path).status_code in {303, 401}


def test_every_look_at_words_is_on_record(case: CaseSite) -> None:
    number, kunthea = case.begun(), case.sign_in()

    for count, path in enumerate((case.needs, f"{case.needs}/{number}", f"{case.needs}/{number}/health"), 1):
        kunthea.page(path)
        assert reads(case) == count


def test_a_file_is_refused(case: CaseSite) -> None:
    number, kunthea = case.begun(), case.sign_in()
    where = f"{case.needs}/{number}/health"
    seen = kunthea.page(where).value("version")

    answer = kunthea.post(where, version=seen, known="x", upload=(io.BytesIO(b"x"), "x.png"))

    assert answer.status_code == 422
    assert "Files are not taken here" in read_desk(answer).text


def test_a_greater_need_than_the_risk_is_said(case: CaseSite) -> None:
    case.approved(legal=NeedLevel.MEDIUM)

    assert (
        "This proposes the risk Medium. The greatest need is in: Legal protection."
        in case.sign_in().page(case.needs).text
    )
