"""The words that looks are given by: read by all who judge, written by a manager, never changed in place."""

import pytest
from sqlalchemy import select

from hotline.extensions import db
from hotline.models.assessment import Assessment
from hotline.rules import criteria as rule
from hotline.services import criteria
from tests.blueprints.desk.desk_site import Browser, DeskSite
from tests.blueprints.desk.looking import ADDRESS, ILLEGAL, filled
from tests.page import Page, read_desk

CRITERIA = "/desk/criteria"
TABLE = "section,code,name,definition,version\ncategorisation,a1,First,What it is,3\ndemographic,b1,Second,Other,3\n"


def fields(page: Page) -> dict[str, str]:
    """Return the form of a new version as it stands."""
    return {box["name"]: page.value(box["name"]) for box in page.all("textarea")} | {"based_on": page.value("based_on")}


def publish(manager: Browser, **changes: str) -> None:
    form = fields(manager.page(f"{CRITERIA}/new")) | {"reason": "clearer"} | changes
    assert manager.post(f"{CRITERIA}/new", **form).status_code == 303


@pytest.mark.parametrize("path", ["", "/law", "/1"])
def test_who_judges_reads_them(desk: DeskSite, path: str) -> None:
    for name in ("rith", "vanna"):
        assert desk.sign_in(name).page(CRITERIA + path)
    for name in ("kunthea", "lina", "admin"):
        assert desk.sign_in(name).get(CRITERIA + path).status_code == 403


def test_only_a_manager_writes_them(desk: DeskSite) -> None:
    dara = desk.sign_in("dara")

    assert "Write a new version" not in dara.page(CRITERIA).text
    for path in ("/new", "/labels"):
        assert dara.get(CRITERIA + path).status_code == 403
        assert dara.post(CRITERIA + path).status_code == 403
    assert dara.post(f"{CRITERIA}/preview").status_code == 403


def test_the_articles_stand_with_their_doubts(desk: DeskSite) -> None:
    text = desk.sign_in("rith").page(f"{CRITERIA}/law").text

    assert "article 40" in text
    assert text.count("To confirm with the legal adviser") >= 3


def test_there_is_no_version_that_nobody_gave(desk: DeskSite) -> None:
    vanna = desk.sign_in("vanna")

    assert vanna.get(f"{CRITERIA}/99").status_code == 404
    assert vanna.get(f"{CRITERIA}/evil").status_code == 404


def test_a_preview_shows_what_differs_and_keeps_nothing(desk: DeskSite) -> None:
    vanna = desk.sign_in("vanna")
    form = fields(vanna.page(f"{CRITERIA}/new")) | {"age-help-en": "As the <b>oldest</b> child appears."}

    page = read_desk(vanna.post(f"{CRITERIA}/preview", **form))

    assert [one.text for one in page.all("ins")] == ["<b>oldest</b>"]
    assert [one.text for one in page.all("del")] == ["youngest"]
    assert page.value("age-help-en") == "As the <b>oldest</b> child appears."
    with desk.context():
        assert criteria.in_force().version == "1"


def test_a_new_version_stands_on_the_form_and_in_the_list(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]
    vanna = desk.sign_in("vanna")

    publish(vanna, **{"naked-question-en": "Naked figure, as the adviser says"})

    page = vanna.page(f"{CRITERIA}/2")
    assert "clearer" in page.text
    assert [one.text for one in page.all("ins")]
    vanna.page(f"/desk/items/{ref}")
    vanna.post(f"/desk/items/{ref}/claim")
    assert "Naked figure, as the adviser says" in vanna.page(f"/desk/items/{ref}").text


def test_a_look_keeps_the_version_that_its_form_showed(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]
    vanna, url = desk.sign_in("vanna"), f"/desk/items/{ref}"
    vanna.page(url)
    vanna.post(f"{url}/claim")
    shown = vanna.page(url).value("criteria")
    publish(vanna, **{"age-help-en": "New words."})

    vanna.post(f"{url}/assess", criteria=shown, **filled(ILLEGAL))

    with desk.context():
        look = db.session.scalars(select(Assessment)).one()
        assert criteria.judged_by([look]) == {look.id: "1"}


def test_who_goes_on_with_a_draft_is_told_that_the_criteria_changed(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]
    vanna, url = desk.sign_in("vanna"), f"/desk/items/{ref}"
    vanna.page(url)
    vanna.post(f"{url}/claim")
    page = vanna.page(url)
    vanna.post(f"{url}/draft", note="begun", window=page.value("window"), knew="0", criteria="1")
    publish(vanna, **{"age-help-en": "New words."})

    assert "The criteria have changed since you typed this" in vanna.page(url).text


def test_two_managers_see_both(desk: DeskSite) -> None:
    vanna = desk.sign_in("vanna")
    form = fields(vanna.page(f"{CRITERIA}/new"))
    publish(vanna, **{"age-help-en": "The first."})

    answer = vanna.post(f"{CRITERIA}/new", **form | {"age-help-en": "The second.", "reason": "late"})

    page = read_desk(answer)
    assert answer.status_code == 409
    assert (page.value("age-help-en"), page.value("based_on")) == ("The second.", "2")
    assert {"first. "[:6], "second."} & {one.text for one in page.all("ins") + page.all("del")}


def test_what_is_wrong_is_said_by_field(desk: DeskSite) -> None:
    vanna = desk.sign_in("vanna")
    form = fields(vanna.page(f"{CRITERIA}/new")) | {"visible-question-km": " ", "age-help-en": "x" * 2000}

    page = read_desk(vanna.post(f"{CRITERIA}/new", **form))

    assert "Say why there is a new version" in page.text
    assert "The form cannot ask without it" in page.text
    assert page.value("age-help-en") == "x" * 2000


# --- Labels -----------------------------------------------------------------------------------------------------------


def test_there_are_no_labels_until_a_table_is_loaded(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]
    vanna, url = desk.sign_in("vanna"), f"/desk/items/{ref}"
    vanna.page(url)
    vanna.post(f"{url}/claim")
    assert not vanna.page(url).all("input", name="labels")
    vanna.page(f"{CRITERIA}/labels")

    assert vanna.post(f"{CRITERIA}/labels", labels=TABLE).status_code == 303

    marks = [box["value"] for box in vanna.page(url).all("input", name="labels")]
    assert marks == ["3|categorisation|a1", "3|demographic|b1"]
    assert vanna.post(f"{url}/assess", **filled(ILLEGAL) | {"labels": ["3|categorisation|nobody"]}).status_code == 422
    assert vanna.post(f"{url}/assess", **filled(ILLEGAL) | {"labels": marks[:1]}).status_code == 303
    assert "3 categorisation a1" in vanna.page(url).text


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "The first line names the columns"),
        ("a,b\n1,2", "The first line names the columns"),
        ("section,code,name,definition,version\n", "There is no label in it"),
        (TABLE.replace("demographic", "colour"), "Some section is none of these"),
        (TABLE.replace("b1", "b|1"), "without the sign"),
        (TABLE + "categorisation,a1,Again,x,3\n", "stands twice"),
        (TABLE + "categorisation,a2,Again,x,4\n", "the same version"),
        (TABLE + "categorisation,a2\n", "more or fewer cells"),
        (TABLE + 'categorisation,"a2,x,y,3', "no CSV table"),
    ],
)
def test_a_table_that_is_wrong_is_taken_in_no_part(desk: DeskSite, table: str, said: str) -> None:
    vanna = desk.sign_in("vanna")
    vanna.page(f"{CRITERIA}/labels")

    answer = vanna.post(f"{CRITERIA}/labels", labels=table)

    assert answer.status_code == 422
    assert said in read_desk(answer).text
    assert "None are loaded" in vanna.page(CRITERIA).text


def test_a_version_of_labels_is_loaded_once(desk: DeskSite) -> None:
    vanna = desk.sign_in("vanna")
    vanna.page(f"{CRITERIA}/labels")
    vanna.post(f"{CRITERIA}/labels", labels=TABLE)

    assert vanna.post(f"{CRITERIA}/labels", labels=TABLE).status_code == 422


def test_the_texts_stand_in_groups_with_an_index_and_open_where_something_is_wrong(desk: DeskSite) -> None:
    vanna = desk.sign_in("vanna")
    page = vanna.page("/desk/criteria/new")
    assert {name for names in rule.GROUPS.values() for name in names} == set(rule.PARTS)
    assert {link["href"] for link in page.all("a") if link.within("nav") and link["href"].startswith("#part-")} == {
        f"#part-{name}" for name in rule.PARTS
    }
    folds = [fold for fold in page.all("details") if fold.within("form")]
    assert len(folds) == 4
    assert not [fold for fold in folds if "open" in fold.attrs]
    sent = {box["name"]: box.raw_text for box in page.all("textarea")}

    answer = vanna.post("/desk/criteria/new", based_on="1", **(sent | {"age-help-en": "x" * 1300, "reason": "longer"}))

    folds = [fold for fold in read_desk(answer).all("details") if "open" in fold.attrs]
    assert [fold.within("form") is not None for fold in folds] == [True]
    assert "What is shown, and where" in folds[0].text
