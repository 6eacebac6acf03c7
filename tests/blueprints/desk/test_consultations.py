"""Consultations at the desk: plan, hold, record, close, print; stakeholders, agreements, feedback; who sees what."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline import clock, jurisdiction
from hotline.extensions import db
from hotline.models.consultation import ActionPoint, Consultation, ConsultationFeedback
from hotline.models.stakeholder import Agreement, OrganisationPerson
from hotline.rules.reach import Reach
from hotline.services import audit, duties, staff_reach
from hotline.transactions import writing
from tests.blueprints.desk.desk_site import Browser, DeskSite

HOME, ORGANISATIONS = "/desk/practice/consultations", "/desk/practice/stakeholders"
COUNCIL = {"name": "Example Council", "name_km": "ក្រុមប្រឹក្សា", "sector": "government", "kind": "authority"}
SOK = {"name": "Sok Example", "office": "Secretary", "mailbox": "sok@council.example"}


@pytest.fixture
def lina(desk: DeskSite) -> Browser:
    with desk.context():
        duties.sweep()
    return desk.sign_in("lina")


@pytest.fixture
def council(lina: Browser) -> str:
    lina.page(f"{ORGANISATIONS}/new")
    return lina.post(f"{ORGANISATIONS}/new", **COUNCIL).headers["Location"].rpartition("/")[2]


@pytest.fixture
def plan(desk: DeskSite, council: str) -> dict[str, object]:
    with desk.context():
        number, day = desk.person("lina").number, jurisdiction.today() + timedelta(days=3)
    return {
        "title": "Talk about reports",
        "starts_on": day.isoformat(),
        "starts_time": "09:30",
        "way": "meeting",
        "place": "Room 2",
        "language": "en",
        "lead": number,
        "invited": [council],
    }


@pytest.fixture
def ref(lina: Browser, plan: dict[str, object]) -> str:
    lina.page(f"{HOME}/new")
    return lina.post(f"{HOME}/new", **plan).headers["Location"].rpartition("/")[2]


@pytest.fixture
def held(desk: DeskSite, lina: Browser, ref: str, council: str) -> str:
    lina.page(f"{ORGANISATIONS}/{council}/people/new")
    lina.post(f"{ORGANISATIONS}/{council}/people/new", **SOK, contact_by="mail", contact_since="2026-01-05")
    with desk.context():
        number = db.session.scalars(select(OrganisationPerson.id)).one()
        at = (clock.now() - timedelta(hours=2)).astimezone(jurisdiction.current().zone)
    form = {"held_on": at.date().isoformat(), "held_time": f"{at:%H:%M}", f"others-{council}": "2", "person": [number]}
    form["version"] = 1
    lina.page(f"{HOME}/{ref}/held")
    assert lina.post(f"{HOME}/{ref}/held", **form).status_code == 303
    return ref


def test_a_consultation_goes_from_plan_to_a_closed_record(lina: Browser, held: str, council: str) -> None:
    shown = lina.page(f"{HOME}/{held}").text
    assert "Sok Example, 2 others" in shown
    assert lina.post(f"{HOME}/{held}/close").status_code == 422
    for form in (
        {"part": "view", "view": "They want one form.", "organisation": council},
        {"part": "decision", "decision": "lina sends a draft."},
    ):
        assert lina.post(f"{HOME}/{held}/words", **form).status_code == 303
    assert lina.post(f"{HOME}/{held}/close").status_code == 303
    shown = lina.page(f"{HOME}/{held}").text
    assert "They want one form." in shown
    assert "Added later" in shown
    assert lina.post(f"{HOME}/{held}/words", part="minutes", minutes="Too late.").status_code == 409
    assert "Example Council" in lina.page(HOME).text


def test_who_came_is_asked_again_where_the_form_comes_twice(lina: Browser, held: str, council: str) -> None:
    assert 'name="version" value="2"' in lina.get(f"{HOME}/{held}/held").get_data(as_text=True)

    answer = lina.post(f"{HOME}/{held}/held", **{f"others-{council}": "2", "version": 1})

    assert answer.status_code == 409
    assert "perhaps your own form came twice" in answer.text
    assert "Sok Example, 2 others" in answer.text
    assert "Sok Example, 2 others" in lina.page(f"{HOME}/{held}").text


def test_who_reads_names_is_on_record_and_no_title_bears_one(
    desk: DeskSite, lina: Browser, held: str, council: str
) -> None:
    with desk.context():
        number = db.session.scalars(select(OrganisationPerson.id)).one()
    here = f"{ORGANISATIONS}/{council}"

    shown = lina.get(f"{here}/people/{number}").get_data(as_text=True)
    lina.page(here)
    lina.get(f"{HOME}/all.csv")
    lina.get(f"{HOME}/{held}/minutes?for=partners&lang=en")

    assert "Sok" not in shown.partition("</title>")[0]
    assert "Sok Example</h1>" in shown
    with desk.context():
        assert audit.count(f"organisation {council}", "read who is there") == 2
        assert audit.count(f"consultation {held}", "read who came") == 0


def test_paper_for_partners_names_nobody_and_is_on_record(desk: DeskSite, lina: Browser, held: str) -> None:
    lina.page(f"{HOME}/{held}")
    lina.post(f"{HOME}/{held}/words", part="minutes", minutes="Lina spoke first.")

    ours = lina.get(f"{HOME}/{held}/minutes?for=file&lang=en").get_data(as_text=True)
    theirs = lina.get(f"{HOME}/{held}/minutes?for=partners&lang=en").get_data(as_text=True)

    assert "Sok Example" in ours
    assert "Lina spoke first." in ours
    assert "Sok" not in theirs
    assert "lina" not in theirs.lower()
    assert "3 people of Example Council" in theirs
    assert 'lang="km"' in lina.get(f"{HOME}/{held}/minutes?for=file&lang=km").get_data(as_text=True)
    assert lina.get(f"{HOME}/{held}/minutes?for=anybody").status_code == 422
    with desk.context():
        assert audit.count(f"consultation {held}", "printed minutes") == 3


def test_paper_bears_our_number_for_a_name_that_came_since_and_says_so(
    desk: DeskSite, lina: Browser, held: str
) -> None:
    lina.page(f"{HOME}/{held}")
    lina.post(f"{HOME}/{held}/words", part="minutes", minutes="Bopha Rath spoke first.")
    with desk.context(), writing():
        person = desk.person("sophea")
        staff_reach.enter(person, Reach(("Bopha Rath",), (), ()), wants_mail=False)
        number = person.number

    screen, _, paper = (
        lina.get(f"{HOME}/{held}/minutes?for=partners&lang=en").get_data(as_text=True).partition("</nav>")
    )

    assert f"Bopha Rath ({number})" in screen
    assert f"{number} spoke first." in paper
    assert "Rath" not in paper
    assert "Bopha Rath spoke first." in lina.get(f"{HOME}/{held}/minutes?for=file&lang=en").get_data(as_text=True)


@pytest.mark.parametrize("field", ["title", "starts_on", "way", "language", "lead", "invited"])
def test_a_bad_plan_comes_back_with_what_was_typed(
    desk: DeskSite, lina: Browser, plan: dict[str, object], field: str
) -> None:
    lina.page(f"{HOME}/new")

    answer = lina.post(f"{HOME}/new", **plan | {"agenda": "The quiet river"} | {field: "?"})

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert "The quiet river" in answer.text
    with desk.context():
        assert db.session.scalars(select(Consultation)).all() == []


def test_an_address_is_refused_wherever_words_are_typed(lina: Browser, held: str, council: str) -> None:
    words = "see https://img-board.example/t/1"
    lina.page(f"{HOME}/{held}")

    for path, form, field in (
        (f"{HOME}/{held}/words", {"part": "minutes", "minutes": words}, "minutes"),
        (f"{HOME}/{held}/points", {"point": words}, "point"),
        (f"{ORGANISATIONS}/{council}", COUNCIL | {"notes": words, "version": 1}, "notes"),
    ):
        answer = lina.post(path, **form)
        assert answer.status_code == 422
        assert f'href="#{field}"' in answer.text
        assert "A web address stands in it" in answer.text


def test_who_was_overtaken_sees_both(lina: Browser, ref: str, plan: dict[str, object], council: str) -> None:
    lina.page(f"{HOME}/{ref}/plan")
    assert lina.post(f"{HOME}/{ref}/plan", **plan | {"version": 1, "title": "The first title"}).status_code == 303

    answer = lina.post(f"{HOME}/{ref}/plan", **plan | {"version": 1, "title": "The second title"})

    assert answer.status_code == 409
    assert "The first title" in answer.text
    assert "The second title" in answer.text
    lina.page(f"{ORGANISATIONS}/{council}")
    assert lina.post(f"{ORGANISATIONS}/{council}", **COUNCIL | {"version": 7, "name": "Mine"}).status_code == 409


def test_a_plan_is_moved_invited_to_and_cancelled(lina: Browser, ref: str) -> None:
    assert "We invite you to a consultation: Talk about reports" in lina.page(f"{HOME}/{ref}").text
    assert lina.post(f"{HOME}/{ref}/invited").status_code == 303
    lina.page(f"{HOME}/{ref}/move")
    assert lina.post(f"{HOME}/{ref}/move", starts_on="", why="").status_code == 422
    with_day = {"starts_on": (clock.now() + timedelta(days=20)).date().isoformat(), "starts_time": "10:00"}
    assert lina.post(f"{HOME}/{ref}/move", **with_day, why="The room is taken").status_code == 303
    assert "The room is taken" in lina.page(f"{HOME}/{ref}").text
    lina.page(f"{HOME}/{ref}/cancel")
    assert lina.post(f"{HOME}/{ref}/cancel", why="").status_code == 422
    assert lina.post(f"{HOME}/{ref}/cancel", why="Nobody has time").status_code == 303
    assert "Cancelled" in lina.page(f"{HOME}?state=cancelled").text


def test_a_person_is_changed_leaves_and_is_forgotten(desk: DeskSite, lina: Browser, held: str, council: str) -> None:
    with desk.context():
        number = db.session.scalars(select(OrganisationPerson.id)).one()
    here = f"{ORGANISATIONS}/{council}/people/{number}"
    lina.page(here)
    assert lina.post(here, **SOK | {"version": 1, "contact_by": "mail", "mailbox": "no"}).status_code == 422
    assert lina.post(here, **SOK | {"version": 1, "office": "Head"}).status_code == 303
    assert "Has not agreed to be contacted" in lina.page(f"{ORGANISATIONS}/{council}").text
    assert lina.post(f"{here}/left").status_code == 303
    assert lina.post(f"{here}/forget").status_code == 303
    assert lina.post(f"{here}/forget").status_code == 409
    assert "Sok" not in lina.page(f"{ORGANISATIONS}/{council}").text
    shown = lina.page(f"{HOME}/{held}").text
    assert "a person, 2 others" in shown


def test_an_analyst_sees_and_ends_their_own_action_alone(desk: DeskSite, lina: Browser, held: str) -> None:
    with desk.context():
        owner, day = desk.person("rith").number, jurisdiction.today().isoformat()
    lina.page(f"{HOME}/{held}")
    assert lina.post(f"{HOME}/{held}/points", point="Send the form", owner=owner, due_on=day).status_code == 303
    with desk.context():
        number = db.session.scalars(select(ActionPoint.id)).one()
    here, rith = f"/desk/practice/points/{number}", desk.sign_in("rith")

    assert "Send the form" in rith.page("/desk/practice/points").text
    rith.page(here)
    assert rith.post(f"{here}/end", state="dropped", note="").status_code == 422
    assert rith.post(f"{here}/owner", owner=owner).status_code == 403
    assert desk.sign_in("sophea").get(here).status_code == 404
    assert rith.post(f"{here}/end", state="done").status_code == 303
    assert rith.post(f"{here}/end", state="done").status_code == 409


def test_an_agreement_is_added_renewed_read_and_ended(desk: DeskSite, lina: Browser, council: str) -> None:
    home = "/desk/practice/agreements"
    with desk.context():
        owner, today = desk.person("lina").number, jurisdiction.today()
    form = {"title": "MoU", "paper": "Shelf 3", "parties": [council], "owner": owner, "signed_on": today.isoformat()}
    lina.page(f"{home}/new")
    assert lina.post(f"{home}/new", **form | {"expires_on": "2020-01-01"}).status_code == 422
    first = lina.post(f"{home}/new", **form | {"expires_on": (today + timedelta(days=9)).isoformat()})
    ref = first.headers["Location"].rpartition("/")[2]
    lina.page(f"{home}/{ref}/renew")
    second = lina.post(f"{home}/{ref}/renew", **form).headers["Location"].rpartition("/")[2]
    assert lina.post(f"{home}/{ref}/end", why="Late").status_code == 409
    lina.page(f"{home}/{second}")
    assert lina.post(f"{home}/{second}/review", review_on="2020-01-01").status_code == 422
    assert lina.post(f"{home}/{second}/review", review_on="").status_code == 303
    assert lina.post(f"{home}/{second}/owner", owner="nobody").status_code == 422
    assert lina.post(f"{home}/{second}/end", why="They closed").status_code == 303
    shown = lina.page(home).text
    assert "Renewed" in shown
    with desk.context():
        assert len(db.session.scalars(select(Agreement)).all()) == 2


def test_feedback_is_approved_by_another_and_published(desk: DeskSite, lina: Browser) -> None:
    year = f"{HOME}/feedback/{clock.now().year}"
    texts = {"said_en": "Less paper.", "said_km": "ក្រដាសតិច។", "did_en": "One form.", "did_km": "ទម្រង់មួយ។"}
    lina.page(year)
    assert lina.post(year, **texts | {"did_km": ""}, sector="industry").status_code == 422
    assert lina.post(year, **texts, sector="industry").status_code == 303
    with desk.context():
        number = db.session.scalars(select(ConsultationFeedback.id)).one()
    lina.page(f"{year}/{number}")
    assert lina.post(f"{year}/{number}/approve", version=1).status_code == 422
    vanna = desk.sign_in("vanna")
    vanna.page(f"{year}/{number}")
    assert vanna.post(f"{year}/{number}/approve", version=1).status_code == 303
    assert vanna.post(f"{year}/{number}/discard").status_code == 409
    with desk.context(), writing():
        staff_reach.enter(desk.person("sophea"), Reach(("Less Paper",)), wants_mail=False)
    refused = vanna.post(f"{year}/publish")
    assert refused.status_code == 422
    told = refused.get_data(as_text=True).partition(f'<a href="#text-{number}">')[2]
    assert f", text {number}: it names one of us by now" in told.partition("</a>")[0]
    with desk.context(), writing():
        staff_reach.enter(desk.person("sophea"), Reach(), wants_mail=False)
    assert vanna.post(f"{year}/publish").status_code == 303
    assert "Published" in vanna.page(year).text
    assert vanna.post(f"{year}/{number}/withdraw").status_code == 303
    assert lina.get(f"{HOME}/feedback/2099").status_code == 404


def test_an_auditor_reads_counts_and_no_words(desk: DeskSite, lina: Browser, held: str, council: str) -> None:
    lina.page(f"{HOME}/{held}")
    lina.post(f"{HOME}/{held}/words", part="minutes", minutes="Quiet words.")
    audit_browser = desk.sign_in("audit")

    for path in (HOME, f"{HOME}/{held}", f"{ORGANISATIONS}/{council}"):
        shown = audit_browser.page(path).text
        assert "Quiet words." not in shown
        assert "Sok" not in shown
    assert held in audit_browser.get(f"{HOME}/all.csv").get_data(as_text=True)
    for path in (f"{HOME}/{held}/minutes", f"{HOME}/new", f"{ORGANISATIONS}/new", f"{HOME}/{held}/held"):
        assert audit_browser.get(path).status_code == 403


def test_a_wrong_role_learns_nothing_about_what_exists(desk: DeskSite, ref: str) -> None:
    stranger = desk.sign_in("kunthea")

    there, nowhere = stranger.get(f"{HOME}/{ref}"), stranger.get(f"{HOME}/CS-222222")

    assert (there.status_code, nowhere.status_code) == (403, 403)
    assert "Talk about reports" not in there.text
    assert desk.sign_in("vanna").get(f"{HOME}/CS-222222").status_code == 404


def test_a_sector_has_a_limit_of_its_own(desk: DeskSite) -> None:
    vanna = desk.sign_in("vanna")
    here = "/desk/clocks/rules/consult/p3"
    assert "Internet industry" in vanna.page(here).text
    form = {"length": "30", "length_unit": "days", "reminder": "2", "reminder_unit": "days", "pace": "wall"}
    assert vanna.post(here, **form, reason="They ask often").status_code == 303
    shown = vanna.page("/desk/clocks").text
    assert "They ask often" in shown
    assert vanna.get("/desk/clocks/rules/consult/p6").status_code == 404
    assert vanna.get("/desk/clocks/rules/tell_dpo/p1").status_code == 404
