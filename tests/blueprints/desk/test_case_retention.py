"""Keeping and erasing files at the desk: the policy, a person's wish, certificates, and figures that stay."""

import pytest

from hotline.rules.retention import Term
from hotline.services import case_retention, retention_policies, staff
from hotline.transactions import writing
from hotline.vocabulary import CaseStatus
from tests.blueprints.desk import closing_site
from tests.blueprints.desk.closing_site import CASES, RETENTION, ClosingSite
from tests.blueprints.desk.desk_site import DeskSite
from tests.page import read_desk

STATISTICS = "/desk/victims/statistics"


@pytest.fixture
def site(desk: DeskSite) -> ClosingSite:
    return closing_site.lay(desk)


def test_a_policy_is_previewed_and_put_in_force(site: ClosingSite) -> None:
    site.closed()
    vanna = site.sign_in("vanna")
    form = vanna.page(f"{RETENTION}/new")
    assert (form.value("years"), form.value("until_age")) == ("7", "25")
    typed = {"based_on": form.value("based_on"), "years": "0", "until_age": "", "reason": "the law"}

    page = read_desk(vanna.post(f"{RETENTION}/preview", **typed))
    counts = {name.text: told.text for name, told in zip(page.all("dt"), page.all("dd"), strict=True)}
    assert counts["Erased within 30 days"] == "1 by the policy in force: 0"
    assert (page.value("years"), page.value("reason")) == ("0", "the law")
    assert vanna.post(f"{RETENTION}/new", **typed).status_code == 303

    text = vanna.page(RETENTION).text
    assert "0 years after the case has ended." in text
    assert "the law" in text
    late = vanna.post(f"{RETENTION}/new", **typed | {"years": "3"})
    assert late.status_code == 409
    assert read_desk(late).value("years") == "3"


def test_managers_see_on_their_first_page_that_files_wait_for_their_day(site: ClosingSite) -> None:
    site.closed()
    with site.desk.context():
        last, manager = retention_policies.in_force().id, staff.get_by_name("vanna")
        with writing():
            retention_policies.publish(Term(9, 30), "the law", based_on=last, by=manager)  # and cut off before it moves

    page = site.sign_in("vanna").page("/desk/")

    assert "1 file still waits for its day" in page.text
    assert RETENTION in [link["href"] for link in page.all("a") if link.text == "Keeping and erasing files"]
    assert "still waits for its day" not in site.sign_in("sophea").page("/desk/").text


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"years": "many"}, "years"), ({"until_age": "old"}, "until_age"), ({"reason": ""}, "reason")],
)
def test_what_is_wrong_with_a_policy_is_said(site: ClosingSite, changes: dict[str, str], field: str) -> None:
    vanna = site.sign_in("vanna")
    typed = {"based_on": vanna.page(f"{RETENTION}/new").value("based_on"), "years": "3", "reason": "law"} | changes

    answer = vanna.post(f"{RETENTION}/new", **typed)

    assert answer.status_code == 422
    assert read_desk(answer).by_id(field)["aria-invalid"] == "true"


def test_a_wish_goes_from_the_officer_to_a_manager_to_a_certificate(site: ClosingSite) -> None:
    site.closed()
    kunthea, vanna = site.sign_in(), site.sign_in("vanna")
    kunthea.page(site.path)
    assert kunthea.post(f"{CASES}/{site.ref}/erase").status_code == 303
    assert "A manager decides" in kunthea.page(site.path).text
    listed = vanna.page(RETENTION)
    approve = next(form["action"] for form in listed.all("form") if form["action"].endswith("/approve"))
    assert vanna.post(approve).status_code == 303

    with site.desk.context():
        case_retention.run()

    page = kunthea.page(RETENTION)
    certificate = next(link["href"] for link in page.all("a") if link.text.startswith("EC-"))
    text = kunthea.page(certificate).text
    assert "wished so" in text
    assert site.ref in text
    assert "Lotus" not in text
    assert site.status() == CaseStatus.ERASED
    assert kunthea.get(f"{CASES}/{site.ref}").status_code == 404


def test_a_wish_can_be_declined(site: ClosingSite) -> None:
    site.closed()
    kunthea, vanna = site.sign_in(), site.sign_in("vanna")
    kunthea.page(site.path)
    kunthea.post(f"{CASES}/{site.ref}/erase")
    listed = vanna.page(RETENTION)
    decline = next(form["action"] for form in listed.all("form") if form["action"].endswith("/decline"))

    assert vanna.post(decline).status_code == 303

    assert "Erase the file before its day" in kunthea.page(site.path).text
    assert vanna.post(decline).status_code == 404


def test_statistics_are_the_same_before_and_after(site: ClosingSite) -> None:
    site.closed()
    audit = site.sign_in("audit")

    def seen() -> tuple[str, list[str]]:
        page = audit.page(STATISTICS)
        rows = audit.get(f"{STATISTICS}.csv").get_data(as_text=True).splitlines()
        return page.one("main").text, rows

    before = seen()
    site.over()
    with site.desk.context():
        assert case_retention.run() == [site.ref]

    assert seen() == before
    assert before[1][0] == "quarter,figure,part,count"
    assert {row.rpartition(",")[2] for row in before[1][1:]} == {' or left out beside one"'}


def test_nobody_else_reads_certificates_or_figures(site: ClosingSite) -> None:
    for name in ("rith", "lina", "admin", "audit"):
        browser = site.sign_in(name)
        assert browser.get(f"{RETENTION}/EC-222222").status_code == 403
        assert browser.get(f"{RETENTION}/new").status_code == 403
    for name in ("rith", "lina", "admin"):
        assert site.sign_in(name).get(f"{STATISTICS}.csv").status_code == 403
    assert site.sign_in().get(f"{RETENTION}/EC-222222").status_code == 404
    assert site.sign_in().get(f"{RETENTION}/new").status_code == 403
