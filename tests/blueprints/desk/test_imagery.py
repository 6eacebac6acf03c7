"""Pictures of events at the desk: noted, answered, published, taken down; blocked where somebody has not agreed."""

import io

import pytest

from hotline.services import demo_imagery, imagery, publications
from tests.blueprints.desk.desk_site import Browser, DeskSite

HOME = "/desk/practice/imagery"
EVENT = {
    "name_en": "Open day",
    "name_km": "ទិវាបើកទូលាយ",
    "held_on": "2026-01-10",
    "place": "Phnom Penh",
    "organiser": "The hotline",
    "host": "ours",
}
ANSWER = {
    "voice": "self",
    "answer": "agrees",
    "scopes": "website",
    "language": "Khmer",
    "asked_on": "2026-01-11",
    "evidence": "binder 3",
    "seen": 0,
}


@pytest.fixture
def lina(desk: DeskSite) -> Browser:
    lina = desk.sign_in("lina")
    lina.page(f"{HOME}/new")
    return lina


def landed(browser: Browser, path: str, **form: object) -> str:
    answer = browser.post(path, **form)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def number_of(desk: DeskSite) -> str:
    with desk.context():
        return desk.person("lina").number


def a_guest_on_a_picture(lina: Browser) -> tuple[str, str, str]:
    """Return where an event, its one photograph and the one person on it are shown."""
    event = landed(lina, f"{HOME}/new", **EVENT)
    person = landed(lina, f"{event}/people", name="A guest", reach="at the desk")
    picture = landed(lina, f"{event}/photographs", reference="DSC_1.jpg", description="group on the stairs")
    landed(lina, f"{picture}/shown", person=person.rpartition("/")[2])
    return event, picture, person


def test_a_picture_is_blocked_until_everybody_agreed_and_comes_down_when_somebody_does_no_more(
    desk: DeskSite, lina: Browser
) -> None:
    event, picture, person = a_guest_on_a_picture(lina)
    publish = {"scope": "website", "place": "https://hotline.example/news", "published_on": "2026-02-01"}

    blocked = lina.post(f"{picture}/publish", **publish)
    assert blocked.status_code == 409
    assert "not asked yet" in blocked.text
    assert "https://hotline.example/news" in blocked.text
    assert "1 to ask" in lina.page(HOME).text
    number = number_of(desk)
    landed(lina, f"{person}/answers", **ANSWER, asked_by=number)
    landed(lina, f"{picture}/publish", **publish)
    assert "Yes" in lina.page(HOME).text

    shown = lina.page(person)
    assert "A guest" in shown.all("h1")[0].text
    assert "A guest" not in shown.all("title")[0].text
    (withdraw,) = [form["action"] for form in shown.all("form") if form["action"].endswith("/withdraw")]
    landed(lina, withdraw)
    shown = lina.page(picture)
    assert "To take down" in shown.text
    (down,) = [form["action"] for form in shown.all("form") if form["action"].endswith("/down")]
    refused = lina.post(down, copies="at img-board.example", publication=down.split("/")[-2])
    assert refused.status_code == 422
    assert 'href="#copies"' in refused.text
    landed(lina, down, copies="a newspaper of that week")
    assert "a newspaper of that week" in lina.page(picture).text
    assert "Changed" not in lina.page(event).text


@pytest.mark.parametrize("field", sorted(EVENT))
def test_a_bad_event_comes_back_with_what_was_typed(lina: Browser, field: str) -> None:
    answer = lina.post(f"{HOME}/new", **EVENT | {"organiser": "The quiet office"} | {field: ""})

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert field == "organiser" or "The quiet office" in answer.text


def test_a_form_with_a_file_is_refused(desk: DeskSite, lina: Browser) -> None:
    event, _picture, person = a_guest_on_a_picture(lina)

    for path in (f"{event}/photographs", f"{event}/people", f"{person}/answers", person, f"{HOME}/new"):
        answer = lina.post(path, reference="2", description="x", picture=(io.BytesIO(b"\xff\xd8"), "a.jpg"))
        assert answer.status_code == 422, path
        assert "files are not taken here" in answer.text
    with desk.context():
        assert imagery.evidence().people == 1


def test_a_bad_answer_comes_back_and_an_overtaken_one_shows_both(desk: DeskSite, lina: Browser) -> None:
    _event, _picture, person = a_guest_on_a_picture(lina)
    form = ANSWER | {"asked_by": number_of(desk)}

    bad = lina.post(f"{person}/answers", **form | {"evidence": "", "language": "French"})
    assert bad.status_code == 422
    assert 'href="#evidence"' in bad.text
    assert "French" in bad.text
    landed(lina, f"{person}/answers", **form)
    late = lina.post(f"{person}/answers", **form | {"language": "French"})

    assert late.status_code == 409
    assert "French" in late.text
    assert "binder 3" in late.text
    landed(lina, f"{person}/forget")
    assert "A guest" not in lina.page(person).text


def test_who_was_overtaken_at_an_event_sees_both(lina: Browser) -> None:
    event, _picture, person = a_guest_on_a_picture(lina)
    landed(lina, event, **EVENT | {"version": 1, "place": "Siem Reap"})

    answer = lina.post(event, **EVENT | {"version": 1, "place": "Kampot"})

    assert answer.status_code == 409
    assert "Siem Reap" in answer.text
    assert "Kampot" in answer.text
    assert lina.post(person, name="B", reach="x", version=9).status_code == 409


def test_an_auditor_reads_without_names_and_changes_nothing(desk: DeskSite, lina: Browser) -> None:
    event, picture, person = a_guest_on_a_picture(lina)
    audit, admin = desk.sign_in("audit"), desk.sign_in("admin")

    for path in (HOME, event, picture, person):
        assert "A guest" not in audit.page(path).text
        assert "A guest" not in admin.page(path).text
    assert admin.post(f"{person}/forget").status_code == 403
    for path in (
        f"{HOME}/new",
        event,
        f"{event}/people",
        f"{picture}/publish",
        f"{picture}/nobody",
        f"{person}/forget",
    ):
        assert audit.post(path, **EVENT).status_code == 403


@pytest.mark.parametrize("name", ["sophea", "kunthea"])
def test_a_wrong_role_learns_nothing_about_what_exists(desk: DeskSite, lina: Browser, name: str) -> None:
    event, _picture, _person = a_guest_on_a_picture(lina)
    stranger = desk.sign_in(name)

    there, nowhere = stranger.get(event), stranger.get(f"{HOME}/EV-222222")

    assert (there.status_code, nowhere.status_code) == (403, 403)
    assert "Open day" not in there.text


def test_what_is_not_there_is_not_found(lina: Browser) -> None:
    event, picture, _person = a_guest_on_a_picture(lina)

    for path in (f"{HOME}/EV-222222", f"{event}/people/99", f"{event}/photographs/99"):
        assert lina.get(path).status_code == 404, path
    for path in (
        f"{picture}/shown/99/strike",
        f"{picture}/publications/PU-2/down",
        f"{event}/people/1/answers/99/withdraw",
    ):
        assert lina.post(path).status_code == 404, path


def test_with_htmx_a_change_leads_to_the_whole_page(lina: Browser) -> None:
    answer = lina.post(f"{HOME}/new", htmx=True, **EVENT)

    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].startswith(HOME)


def test_the_demo_shows_what_waits(desk: DeskSite) -> None:
    with desk.context():
        demo_imagery.fill()
        keeper = next(one for one in ("vanna", "lina") if publications.count_owned(by=desk.person(one)))
    browser = desk.sign_in(keeper)

    assert "Not yet, 1 to ask" in browser.page(HOME).text
    counts = [link.text for link in browser.page("/desk/").all("a") if link["href"] == HOME]
    assert any("1" in text for text in counts)
