"""What letters say, at the desk: read by case people, written by reviewers and managers, previewed before it counts."""

import pytest

from hotline.services import letter_templates
from hotline.vocabulary import Language, LetterKey
from tests import page
from tests.blueprints.desk.desk_site import DeskSite
from tests.page import Page

TEMPLATES = "/desk/notices/templates"
HOST = f"{TEMPLATES}/notice_host/en"


def fields(page: Page) -> dict[str, str]:
    """Return the form as it stands."""
    return {name: page.value(name) for name in ("subject", "body", "based_on")}


def version(desk: DeskSite) -> int:
    with desk.context():
        return letter_templates.in_force(LetterKey.HOST, Language.EN).version


def test_case_people_and_managers_read_them_and_nobody_else(desk: DeskSite) -> None:
    for name in ("rith", "vanna"):
        for path in (TEMPLATES, HOST, f"{HOST}/1"):
            assert desk.sign_in(name).page(path)
    for name in ("kunthea", "lina", "admin"):
        assert desk.sign_in(name).get(HOST).status_code == 403
        assert desk.sign_in(name).post(HOST).status_code == 403


def test_an_analyst_reads_and_does_not_write(desk: DeskSite) -> None:
    rith = desk.sign_in("rith")

    assert rith.page(HOST).all("textarea") == []
    for path in ("", "/preview", "/test", "/2/agree"):
        assert rith.post(HOST + path).status_code == 403


@pytest.mark.parametrize(
    "path", ["/nonsense/en", "/police_report/en", "/notice_host/fr", "/notice_host/en/9", "/notice_host/en/x"]
)
def test_there_is_no_letter_that_nobody_wrote(desk: DeskSite, path: str) -> None:
    assert desk.sign_in("vanna").get(TEMPLATES + path).status_code == 404


def test_a_letter_that_nothing_is_written_from_is_not_listed(desk: DeskSite) -> None:
    shown = desk.sign_in("vanna").page(TEMPLATES)

    assert [one for one in shown.all("a") if "notice_partner" in one.get("href")]
    assert not [one for one in shown.all("a") if "police_report" in one.get("href")]


def test_a_text_without_the_lines_that_programs_look_for_is_refused(desk: DeskSite) -> None:
    dara = desk.sign_in("dara")
    form = fields(dara.page(HOST))
    assert "----- BEGIN ADDRESSES -----" in dara.page(HOST).text
    form |= {"body": form["body"].replace("----- END ADDRESSES -----", ""), "reason": "shorter"}

    answer = dara.post(HOST, **form)

    assert answer.status_code == 422
    assert (
        "Programs of recipients find the addresses by two lines." in Page(answer.get_data(as_text=True)).errors["body"]
    )
    assert version(desk) == 1


def test_a_new_version_counts_and_the_old_one_stays_to_be_read(desk: DeskSite) -> None:
    dara = desk.sign_in("dara")
    form = fields(dara.page(HOST)) | {"subject": "Please act [{ref}]", "reason": "shorter"}

    assert dara.post(HOST, **form).status_code == 303
    assert version(desk) == 1
    assert "Version 2 waits" in dara.page(TEMPLATES).text
    assert dara.page(f"{HOST}/2").all("button", id="agree") == []
    assert page.read_desk(dara.post(f"{HOST}/2/agree")).errors["agree"].startswith("You wrote it yourself.")
    vanna = desk.sign_in("vanna")
    vanna.page(f"{HOST}/2")
    assert vanna.post(f"{HOST}/2/agree").status_code == 303

    assert version(desk) == 2
    assert "Please act [{ref}]" in dara.page(TEMPLATES).text
    assert "shorter" in dara.page(HOST).text
    assert "URGENT" in dara.page(f"{HOST}/1").text


def test_a_bad_text_is_said_beside_its_field_and_nothing_typed_is_lost(desk: DeskSite) -> None:
    dara = desk.sign_in("dara")
    form = fields(dara.page(HOST)) | {"body": "Only words {nonsense}", "reason": ""}

    answer = dara.post(HOST, **form)

    shown = Page(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert "There is no place {nonsense} in this text." in shown.text
    assert shown.value("body") == "Only words {nonsense}"
    assert version(desk) == 1


def test_a_preview_is_about_invented_addresses_and_keeps_nothing(desk: DeskSite) -> None:
    vanna = desk.sign_in("vanna")

    answer = vanna.post(f"{HOST}/preview", **fields(vanna.page(HOST)))

    assert answer.status_code == 200
    assert "hxxps://img-board[.]example/t/1?page=2" in Page(answer.get_data(as_text=True)).text
    assert version(desk) == 1


def test_whoever_wrote_beside_a_newer_version_sees_both(desk: DeskSite) -> None:
    dara, vanna = desk.sign_in("dara"), desk.sign_in("vanna")
    form = fields(dara.page(HOST))
    vanna.post(HOST, **form | {"subject": "First [{ref}]", "reason": "one"})

    answer = dara.post(HOST, **form | {"subject": "Second [{ref}]", "reason": "two"})

    assert answer.status_code == 409
    assert "was handed in meanwhile" in Page(answer.get_data(as_text=True)).text
    assert version(desk) == 1


def test_a_test_without_a_mail_server_says_so(desk: DeskSite) -> None:
    dara = desk.sign_in("dara")

    answer = dara.post(f"{HOST}/test", **fields(dara.page(HOST)), mailbox="me@hotline.example")

    assert answer.status_code == 422
    assert "No mail server is set" in Page(answer.get_data(as_text=True)).text
