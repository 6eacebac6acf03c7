"""The page of clauses, one clause, and the evidence pack."""

import io
import zipfile

import pytest
from sqlalchemy import select

from hotline.extensions import db
from hotline.models.practice import ClauseText
from hotline.services import duties
from hotline.vocabulary import Clause
from tests.blueprints.desk.desk_site import Browser, DeskSite

CLAUSES = "/desk/practice"


@pytest.fixture
def lina(desk: DeskSite) -> Browser:
    with desk.context():
        duties.sweep()
    return desk.sign_in("lina")


def test_every_clause_is_on_one_page_with_its_evidence_and_state(lina: Browser) -> None:
    page = lina.page(CLAUSES)

    rows = [row for row in page.all("tr") if (row.get("id") or "").startswith("c")]
    assert len(rows) == len(Clause)
    for sentence in (
        "Nobody is named",
        "No document is in force",
        "of 5 sectors met in their time",
        "How the officer is reached is not entered",
        "Nobody answers for this clause",
        "The published clause stops in mid-sentence",
        "Stakeholders consulted",
        "Event pictures and consent",
    ):
        assert sentence in page.text


@pytest.mark.parametrize("clause", list(Clause))
def test_each_clause_has_a_page_with_its_words(lina: Browser, clause: Clause) -> None:
    page = lina.page(f"{CLAUSES}/clauses/{clause}")

    assert "What it says" in page.text
    assert [one.get("lang") for one in page.all("p") if one.get("lang")] == ["km", "en"]


def test_a_clause_is_worded_anew_and_what_is_missing_is_said(desk: DeskSite, lina: Browser) -> None:
    where = f"{CLAUSES}/clauses/law"
    seen = next(field["value"] for field in lina.page(where).all("input", name="seen"))
    refused = lina.post(where, text_en="Act within the law.", text_km="", doubt="", reason="", seen=seen)
    assert refused.status_code == 422
    said = refused.get_data(as_text=True)
    assert "Write the clause in Khmer." in said
    assert "Say why the clause is worded anew." in said
    assert "Act within the law." in said

    typed = {"text_en": "Act within the law.", "text_km": "ធ្វើតាមច្បាប់។", "doubt": "", "reason": "shorter", "seen": seen}
    assert lina.post(where, **typed).status_code == 303
    assert "What it said before" in lina.page(where).text
    assert lina.post(where, **typed).status_code == 409
    with desk.context():
        assert len(db.session.scalars(select(ClauseText).where(ClauseText.clause == Clause.LAW)).all()) == 2


def test_the_pack_comes_as_an_archive_without_anybodys_name(lina: Browser) -> None:
    lina.page(f"{CLAUSES}/evidence")

    answer = lina.post(f"{CLAUSES}/evidence", since="2026-01-01", until="2026-12-31")

    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as archive:
        page = archive.read("index.html").decode()
        assert {"SHA256SUMS", "style.css", "incidents.csv", "duties.csv"} <= set(archive.namelist())
    assert "12. Consult the stakeholders regularly" in page
    assert "lina" not in page
    assert "http" not in page.replace("http://www.w3.org", "")


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("", "2026-01-01", "Choose the first day of the period."),
        ("2026-02-01", "2026-01-01", "The last day lies before the first."),
        ("2019-02-01", "2026-01-01", "Choose a period of at most three years."),
    ],
)
def test_a_period_that_cannot_be_is_refused(lina: Browser, since: str, until: str, said: str) -> None:
    lina.page(f"{CLAUSES}/evidence")

    answer = lina.post(f"{CLAUSES}/evidence", since=since, until=until)

    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)


def test_who_sees_it_and_who_does_not(desk: DeskSite) -> None:
    for name, expected in (("audit", 200), ("admin", 200), ("sophea", 403), ("kunthea", 403)):
        browser = desk.sign_in(name)
        for path in (CLAUSES, f"{CLAUSES}/clauses/law", f"{CLAUSES}/evidence"):
            assert browser.get(path).status_code == expected, (name, path)
    audit = desk.sign_in("audit")
    audit.page("/desk/me")
    assert audit.post(f"{CLAUSES}/clauses/law", text_en="a").status_code == 403
    assert audit.get(f"{CLAUSES}/clauses/nothing").status_code == 404
    assert desk.browser().get(CLAUSES).status_code == 303
