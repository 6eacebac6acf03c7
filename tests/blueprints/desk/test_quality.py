"""How far looks agree: for reviewers and managers, and of nobody in particular."""

from hotline.services import quality
from hotline.transactions import writing
from tests.blueprints.desk.desk_site import DeskSite
from tests.blueprints.desk.looking import ILLEGAL, NATIONAL

QUALITY = "/desk/quality"


def looked(desk: DeskSite, times: int) -> None:
    with desk.context(), writing():
        for number in range(times):
            quality.note(ILLEGAL, NATIONAL if number % 4 == 0 else ILLEGAL)


def test_reviewers_and_managers_read_it_and_nobody_else(desk: DeskSite) -> None:
    assert desk.sign_in("dara").page(QUALITY)
    for name in ("rith", "kunthea", "lina", "admin"):
        assert desk.sign_in(name).get(QUALITY).status_code == 403


def test_without_second_looks_it_says_why_it_is_empty(desk: DeskSite) -> None:
    assert "No second look was given yet" in desk.sign_in("dara").page(QUALITY).text


def test_below_twenty_pairs_nothing_is_said(desk: DeskSite) -> None:
    looked(desk, 19)

    page = desk.sign_in("dara").page(QUALITY)

    row = next(row for row in page.all("tr") if "INHOPE classification" in row.text)
    assert "Too few to say" in row.text
    assert "%" not in row.text


def test_numbers_stand_with_their_meaning_and_without_names(desk: DeskSite) -> None:
    looked(desk, 20)

    page = desk.sign_in("dara").page(f"{QUALITY}?since=evil&until=2026-99")

    row = next(row for row in page.all("tr") if "INHOPE classification" in row.text)
    assert "75 %" in row.text
    assert "0.00" in row.text
    assert "No better than chance" in row.text
    main = page.one("main").text
    assert not [name for name in ("sophea", "vanna", "rith") if name in main]
