"""The page that says whether all is well: for whom, in both languages, and what is never on it."""

from pathlib import Path

import pytest
from flask_babel import force_locale

from hotline.blueprints.desk import checkup_words
from hotline.rules import checkup as rules
from hotline.rules.checkup import Check, Part, State
from hotline.services import checkup
from hotline.vocabulary import Language
from tests.blueprints.desk.desk_site import DeskSite

PAGE = "/desk/admin/health"


@pytest.mark.parametrize("name", ["admin", "vanna"])
def test_the_page_says_of_each_part_in_words_how_it_is(desk: DeskSite, name: str) -> None:
    desk.report("https://img-board.example/t/1", details="reporter words")

    shown = desk.sign_in(name).page(PAGE)

    rows = shown.all("tr")[1:]
    assert len(rows) == len(Part) - 1  # all but what is looked at only when asked
    pills = [pill.text for pill in shown.all("span") if "pill" in (pill.get("class") or "").split()]
    assert pills[0] == "Wrong"  # of the queue server
    told = " ".join(row.text for row in rows)
    assert "Queue server Wrong It does not answer." in told
    assert "Store of the desk Well It answers and can be written." in told
    for word in ("img-board", "reporter words", "sophea", "kunthea"):
        assert word not in shown.html


def test_it_is_linked_first_among_what_admins_have(desk: DeskSite) -> None:
    shown = desk.sign_in("admin").page("/desk/admin")

    links = [link["href"] for link in shown.all("a") if link.within("main") is not None]
    assert links[0] == PAGE


def test_a_key_that_is_gone_comes_first_with_what_to_do(desk: DeskSite, tmp_path: Path) -> None:
    browser = desk.sign_in("admin")
    for path in tmp_path.rglob("blind-host.key"):
        path.unlink()

    shown = browser.page(PAGE)

    wrong = [row.text for row in shown.all("tr") if "Wrong" in row.text]
    assert any("case/blind-host.key" in row and "flask keys check" in row for row in wrong)
    assert "Something is wrong." in shown.text


@pytest.mark.parametrize("language", list(Language))
def test_everything_that_can_be_found_has_words(desk: DeskSite, language: Language) -> None:
    told = {"at": "1", "newest": "1", "count": 1, "number": 1, "names": "x", "fault": "x", "zone": "x"}
    told |= {"free": 1, "percent": 1, "front": 1, "desk": 1, "silent": 1}
    with desk.app.test_request_context(), force_locale(str(language)):
        for part in Part:
            for code in checkup_words.FOUND[part]:
                well = checkup_words.tell(Check(part, State.WELL, code, told))
                assert (well.next, "%(" in well.found) == ("", False)
                if (part, code) in checkup_words.NEXT:
                    assert checkup_words.tell(Check(part, State.WRONG, code, told)).next
            for code in ("failed", "store"):
                assert checkup_words.tell(Check(part, State.WRONG, code, told)).next


def test_what_is_wrong_comes_first_and_the_worst_state_counts() -> None:
    states = (State.WELL, State.WRONG, State.LOOK)
    found = [Check(part, state, "room") for part, state in zip(Part, states, strict=False)]

    assert [one.state for one in rules.in_order(found)] == [State.WRONG, State.LOOK, State.WELL]
    assert rules.worst(found) is State.WRONG
    assert rules.worst([]) is State.WELL


def test_the_page_and_the_command_look_at_the_same(desk: DeskSite) -> None:
    with desk.context():
        parts = {one.part for one in checkup.run()}

    assert parts == set(Part) - {Part.INTEGRITY}
