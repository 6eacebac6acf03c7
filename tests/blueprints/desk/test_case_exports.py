"""Giving a case to another program at the desk, and taking one in: the pages, who they open to, what is refused."""

import json
from collections.abc import Iterator

import pytest

from hotline.extensions import db
from hotline.models.victim_case import VictimCase
from hotline.transactions import writing
from hotline.vocabulary import Share
from tests.blueprints.desk.desk_site import DeskSite
from tests.gateways import locksmith
from tests.gateways.locksmith import Gpg
from tests.services import case_steps, referral_steps

IMPORT = "/desk/victims/cases/import"
TEXT = json.dumps(
    {
        "data": {
            "case_id": "5f6130b0-example",
            "name_first": "ស្រីនាង",
            "name_last": "ចាន់",
            "risk_level": "medium",
            "telephone_current": "012 000 333",
            "current_photos": [{"url": "https://elsewhere.example/1"}],
        }
    }
)


@pytest.fixture(scope="module")
def gpg() -> Iterator[Gpg]:
    with locksmith.gpg() as found:
        yield found


@pytest.fixture
def place(desk: DeskSite, gpg: Gpg) -> tuple[str, str]:
    """Return where a case is exported, and the service that may be told of it."""
    with desk.context():
        one = case_steps.a_case()
        to = referral_steps.a_service(key=gpg.public)
        referral_steps.agreed(one, to, shares=tuple(Share))
        return f"/desk/victims/cases/{one.ref}/export", to.ref


def test_the_officer_reads_what_leaves_and_takes_a_file_that_only_the_service_opens(
    desk: DeskSite, gpg: Gpg, place: tuple[str, str]
) -> None:
    where, to = place
    kunthea = desk.sign_in("kunthea")
    assert "Show what would leave" in kunthea.page(where).text

    shown = kunthea.page(f"{where}?to={to}&format=primero").text
    answer = kunthea.post(where, to=to, format="primero")

    assert "name_first" in shown
    assert "Before you call or write" in shown
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].endswith(".primero.json.asc")
    assert b"Sreyneang" not in answer.data
    assert json.loads(gpg.open(answer.data))["data"]["name_first"] == "Sreyneang"
    assert "Example Legal Aid" in kunthea.page(where).text.partition("Taken along before")[2]
    consents = kunthea.page(where.replace("/export", "/consents")).text
    assert "Example Legal Aid" in consents.partition("Files that services have")[2]


def test_once_consent_is_taken_back_it_is_said_that_the_service_has_a_file(
    desk: DeskSite, place: tuple[str, str]
) -> None:
    where, to = place
    kunthea, about = desk.sign_in("kunthea"), f"{where.replace('/export', '/consents')}/{to}"
    kunthea.page(f"{where}?to={to}&format=oscar")
    assert kunthea.post(where, to=to, format="oscar").status_code == 200
    assert "A file of the case was taken along" not in kunthea.page(about).text

    with desk.context():
        one = db.session.query(VictimCase).one()
        referral_steps.taken_back(one, referral_steps.asked(one)[0])

    assert "A file of the case was taken along for this service" in kunthea.page(about).text


@pytest.mark.parametrize("field", ["to", "format"])
def test_without_a_choice_it_says_what_to_choose(desk: DeskSite, place: tuple[str, str], field: str) -> None:
    where, to = place
    kunthea = desk.sign_in("kunthea")
    kunthea.page(where)

    answer = kunthea.post(where, **{"to": to, "format": "oscar"} | {field: ""})

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text


def test_consent_taken_back_meanwhile_shuts_the_gate(desk: DeskSite, place: tuple[str, str]) -> None:
    where, to = place
    kunthea = desk.sign_in("kunthea")
    kunthea.page(f"{where}?to={to}&format=oscar")
    with desk.context():
        one = db.session.query(VictimCase).one()
        referral_steps.taken_back(one, referral_steps.asked(one)[0])

    answer = kunthea.post(where, to=to, format="oscar")

    assert answer.status_code == 409
    assert "Nobody may be told yet" in answer.text
    assert "Content-Disposition" not in answer.headers


def test_a_suspect_named_in_it_keeps_it_here(desk: DeskSite, place: tuple[str, str]) -> None:
    where, to = place
    with desk.context():
        case_steps.somebody(db.session.query(VictimCase).one(), "quiet words", suspect=True)
    kunthea = desk.sign_in("kunthea")
    assert "Take the encrypted file" not in kunthea.page(f"{where}?to={to}&format=oscar").text

    answer = kunthea.post(where, to=to, format="oscar")

    assert answer.status_code == 422
    assert 'href="#told"' in answer.text


def test_a_case_is_for_its_officer_alone(desk: DeskSite, place: tuple[str, str]) -> None:
    where, to = place
    with desk.context():
        case_steps.officer("chea")
    chea, rith = desk.sign_in("chea"), desk.sign_in("rith")

    assert chea.get(where).status_code == 404
    assert chea.post(where, to=to, format="oscar").status_code == 404
    assert rith.get(where).status_code == 403
    assert desk.browser().get(where).status_code in {302, 303, 401}


def test_a_case_is_looked_at_before_it_is_opened(desk: DeskSite) -> None:
    kunthea = desk.sign_in("kunthea")
    kunthea.page(IMPORT)

    looked = kunthea.post(IMPORT, text=TEXT)

    assert looked.status_code == 200
    assert "name_first" in looked.text.partition("Understood")[2]
    assert "telephone_current" in looked.text.partition("Not understood")[2]
    assert "current_photos" in looked.text.partition("Left behind")[2]
    assert TEXT.partition("risk_level")[0][-20:] in looked.text.replace("&#34;", '"')
    with desk.context():
        assert db.session.query(VictimCase).count() == 0


def test_it_is_opened_and_not_opened_twice(desk: DeskSite) -> None:
    kunthea = desk.sign_in("kunthea")
    kunthea.page(IMPORT)
    opened = kunthea.post(f"{IMPORT}/open", text=TEXT, code_name="Lotus")
    assert opened.status_code == 303
    ref = opened.headers["Location"].rpartition("/")[2]
    assert "telephone_current: 012 000 333" in kunthea.page(f"/desk/victims/cases/{ref}/notes").text

    again = kunthea.post(f"{IMPORT}/open", text=TEXT, code_name="Rose")

    assert again.status_code == 422
    assert f"/desk/victims/cases/{ref}" in again.text
    assert "Rose" not in again.text  # there is nothing to call any more
    with desk.context():
        case_steps.officer("chea")
        assert db.session.query(VictimCase).count() == 1
    chea = desk.sign_in("chea")
    chea.page(IMPORT)
    theirs = chea.post(IMPORT, text=TEXT)
    assert theirs.status_code == 200
    assert ref not in theirs.text
    assert "Somebody else of victim support works on it" in theirs.text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Paste the text first"),
        ("no case", "neither JSON nor a table"),
        ('{"title": 1}', "None of the fields is known"),
        ('{"name_first": "data:image/png;base64,AAAA"}', "picture or another file"),
        ('{"data": [{"sex": "male"}, {"sex": "male"}]}', "more than one child"),
    ],
)
@pytest.mark.parametrize("deed", ["", "/open"])
def test_what_is_no_case_comes_back_as_it_was_typed(desk: DeskSite, deed: str, text: str, said: str) -> None:
    kunthea = desk.sign_in("kunthea")
    kunthea.page(IMPORT)

    answer = kunthea.post(f"{IMPORT}{deed}", text=text, code_name="Lotus")

    assert answer.status_code == 422
    assert said in answer.text
    assert text in answer.text.replace("&#34;", '"')


def test_what_the_file_needs_is_asked_for_with_the_text_kept(desk: DeskSite) -> None:
    kunthea = desk.sign_in("kunthea")
    kunthea.page(IMPORT)

    answer = kunthea.post(f"{IMPORT}/open", text=TEXT, code_name="")

    assert answer.status_code == 422
    assert 'href="#code_name"' in answer.text
    assert 'id="code_name"' in answer.text
    assert "5f6130b0-example" in answer.text


def test_too_much_is_refused_before_it_is_read(desk: DeskSite) -> None:
    kunthea = desk.sign_in("kunthea")
    kunthea.page(IMPORT)

    assert kunthea.post(IMPORT, text="x" * 600_000).status_code == 413


def test_a_text_that_is_too_long_to_take_in_comes_back_whole(desk: DeskSite) -> None:
    kunthea = desk.sign_in("kunthea")
    kunthea.page(IMPORT)
    text = "ក" * 22_000

    answer = kunthea.post(IMPORT, text=text)

    assert answer.status_code == 422
    assert text in answer.text


@pytest.mark.parametrize("name", ["rith", "vanna", "lina", "admin", "audit"])
def test_to_other_roles_it_is_shut(desk: DeskSite, name: str) -> None:
    browser = desk.sign_in(name)

    assert browser.get(IMPORT).status_code == 403
    assert browser.post(IMPORT, text=TEXT).status_code == 403
    assert browser.post(f"{IMPORT}/open", text=TEXT, code_name="Lotus").status_code == 403


def test_an_import_is_opened_in_one_transaction(desk: DeskSite) -> None:
    kunthea = desk.sign_in("kunthea")
    kunthea.page(IMPORT)
    long = json.dumps({"data": {"name_first": "x", "family_details_section": [{"relation_name": "y" * 300}] * 3}})

    assert kunthea.post(f"{IMPORT}/open", text=long, code_name="Lotus").status_code == 303
    with desk.context(), writing():
        assert db.session.query(VictimCase).count() == 1
