"""What an analyst who is no reviewer sees: nothing that asks for a reviewer, and no link that is shut."""

import pytest

from hotline.services import assessments
from hotline.transactions import writing
from tests import page
from tests.blueprints.desk.desk_site import GONE, ILLEGAL, Browser, DeskSite
from tests.page import Page


@pytest.fixture
def rith(desk: DeskSite) -> Browser:
    return desk.sign_in("rith")


def leads(shown: Page) -> set[str]:
    return {link["href"] for link in shown.all("a") if link.get("href").startswith("/desk/")}


def test_the_day_asks_for_nothing_that_is_a_reviewers(rith: Browser) -> None:
    shown = rith.page("/desk/")

    assert "Letters to approve" not in shown.text
    assert "second look" not in shown.text.lower()
    assert not [link for link in shown.all("a", href="/desk/notices") if any(char.isdigit() for char in link.text)]


def test_an_empty_queue_sends_nobody_to_a_second_look(rith: Browser) -> None:
    shown = rith.page("/desk/items?whose=me")

    assert "A good time for a break." in shown.text
    assert not [link for link in leads(shown) if link.startswith("/desk/reviews")]


def test_no_link_is_shut(desk: DeskSite, rith: Browser) -> None:
    refs = desk.report(*(f"https://host-{number}.example/1" for number in range(5)))
    desk.look(refs[0], ILLEGAL, by="sophea")
    for ref, second in ((refs[1], ILLEGAL), (refs[2], GONE)):
        desk.look(ref, ILLEGAL, by="sophea")
        desk.look_again(ref, second, by="dara")
    desk.look(refs[3], ILLEGAL, by="rith")
    desk.look(refs[4], ILLEGAL, by="sophea")
    with desk.context(), writing():
        assessments.take_review(desk.item(refs[4]), by=desk.person("dara"))
    pages = ["/desk/", "/desk/items", "/desk/notices", *(f"/desk/items/{ref}" for ref in refs)]

    links = set().union(*(leads(page.read_desk(rith.get(one))) for one in pages))

    assert {link for link in links if rith.get(link).status_code == 403} == set()
