"""The point of contact at the desk: named, told, tested; a notice from INHOPE recorded, answered, let go by another."""

import io

import pytest

from hotline.services import demo_contact
from tests.blueprints.desk.desk_site import Browser, DeskSite

HOME = "/desk/practice/contact"
NOTICE = {"received_at": "2026-01-10T09:30", "way": "email", "subject": "Yearly form", "text": "Please send it."}
READ_ONLY = 403


@pytest.fixture
def lina(desk: DeskSite) -> Browser:
    lina = desk.sign_in("lina")
    lina.page(f"{HOME}/new")
    return lina


def landed(browser: Browser, path: str, **form: object) -> str:
    answer = browser.post(path, **form)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def entry(desk: DeskSite, name: str, **more: object) -> dict[str, object]:
    with desk.context():
        number = desk.person(name).number
    kept = {"mailbox": "contact@hotline.example", "phone": "+855 23 900 100", "since_on": "2026-01-01"}
    return {"staff": number, "stand_in": "", "version": 0, **kept, **more}


def test_a_contact_is_named_told_and_tested(desk: DeskSite, lina: Browser) -> None:
    assert "Nobody is the point of contact" in lina.page("/desk/").text
    landed(lina, f"{HOME}/change", **entry(desk, "lina"))
    shown = lina.page(HOME)
    assert "contact@hotline.example" in shown.text
    assert "Not yet" in shown.text
    assert "Nobody is the point of contact" not in lina.page("/desk/").text

    (version,) = {field["value"] for field in lina.page(HOME).all("input", name="version")}
    landed(lina, f"{HOME}/told", told_on="2026-01-02", version=version)
    landed(lina, f"{HOME}/test", result="answered", minutes="34")
    assert "Sent, and answered after 34 minutes." in lina.page(HOME).text

    overtaken = lina.post(f"{HOME}/change", **entry(desk, "vanna", phone="+855 23 900 200"))
    assert overtaken.status_code == 409
    assert "+855 23 900 200" in overtaken.text


@pytest.mark.parametrize(
    ("path", "form", "field"),
    [
        ("/change", {"staff": ""}, "staff"),
        ("/change", {"mailbox": "nobody"}, "mailbox"),
        ("/change", {"since_on": "2999-01-01"}, "since_on"),
        ("/test", {"result": ""}, "result"),
        ("/test", {"result": "answered", "minutes": "soon"}, "minutes"),
        ("/test", {"result": "silent", "note": "x" * 1_100}, "note"),
        ("/new", {**NOTICE, "received_at": ""}, "received_at"),
        ("/new", {**NOTICE, "text": "see https://img-board.example/t/1"}, "text"),
        ("/new", {**NOTICE, "way": "pigeon", "subject": "Kept"}, "way"),
    ],
)
def test_a_bad_form_comes_back(desk: DeskSite, lina: Browser, path: str, form: dict[str, object], field: str) -> None:
    answer = lina.post(HOME + path, **(entry(desk, "lina", **form) if path == "/change" else form))

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert str(form.get("subject", "")) in answer.text


def test_an_answer_with_a_name_in_it_waits_for_another_person(desk: DeskSite, lina: Browser) -> None:
    notice = landed(lina, f"{HOME}/new", **NOTICE)
    assert "Please send it." in lina.page(notice).text
    landed(lina, f"{notice}/answer", answer="Yours, Vanna", answer_way="email", version=1)
    held = lina.post(f"{notice}/sent", sent_at="2026-01-10T10:00", version=2)
    assert held.status_code == 422
    assert 'href="#sent"' in held.text
    assert lina.post(f"{notice}/let-go", version=2).status_code == 422
    assert lina.post(f"{notice}/answer", answer="Mine", answer_way="email", version=1).status_code == 409

    admin = desk.sign_in("admin")
    assert "the name of vanna" in admin.page(notice).text
    landed(admin, f"{notice}/let-go", version=2)
    landed(lina, f"{notice}/sent", sent_at="2026-01-10T10:00", version=3)

    assert "Answered" in lina.page(notice).text
    assert notice.rpartition("/")[2] in lina.page(f"{HOME}/ended").text
    assert "Answers to INHOPE" in lina.page(f"{HOME}/checks").text


def test_a_file_is_refused(lina: Browser) -> None:
    file = (io.BytesIO(b"picture"), "a.jpg")

    assert lina.post(f"{HOME}/new", **NOTICE, picture=file).status_code in {413, 415, 422}


def test_who_only_reads_changes_nothing_and_others_see_nothing(desk: DeskSite, lina: Browser) -> None:
    notice = landed(lina, f"{HOME}/new", **NOTICE)
    audit, analyst = desk.sign_in("audit"), desk.sign_in("sophea")

    assert "Please send it." in audit.page(notice).text
    assert audit.get(f"{HOME}/IH-999999").status_code == 404
    assert analyst.get(notice).status_code == READ_ONLY
    deeds = ("/change", "/told", "/test", "/new", "/IH-1/answer", "/IH-1/let-go", "/IH-1/sent", "/IH-1/close")
    assert {audit.post(HOME + deed).status_code for deed in deeds} == {READ_ONLY}
    assert desk.sign_in("admin").get(f"{HOME}/change").status_code == READ_ONLY


def test_the_invented_one_is_filled_once(desk: DeskSite, lina: Browser) -> None:
    with desk.context():
        demo_contact.fill()
        demo_contact.fill()

    shown = [link.text for link in lina.page(HOME).all("a") if link.text.startswith("IH-")]
    ended = [link.text for link in lina.page(f"{HOME}/ended").all("a") if link.text.startswith("IH-")]
    assert (len(shown), len(ended)) == (2, 2)
