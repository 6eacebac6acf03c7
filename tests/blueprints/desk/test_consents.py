"""Consent at the desk: written down, taken back with one confirmation, decided without, looked at by another."""

import io
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from hotline import clock, jurisdiction
from hotline.extensions import db
from hotline.models import AuditEntry, Consent, Override, Referral, VictimCase
from hotline.models.care import ExposureDay
from hotline.services import consents, overrides, staff
from hotline.transactions import writing
from hotline.vocabulary import (
    ConsentAnswer,
    Language,
    OverrideBasis,
    ReferralMeans,
    ReferralStatus,
    Role,
)
from tests import page
from tests.blueprints.desk.desk_site import PASSWORD, Browser, DeskSite
from tests.services import consent_steps
from tests.services.consent_steps import Family

REASON = "It cannot wait until a guardian is found."


class CareSite(DeskSite):
    """A desk with a case of kunthea's, a child, a guardian and a service."""

    def open_case(self) -> None:
        with self.context():
            found = consent_steps.family()
            self.ref, self.to = found.one.ref, found.to.ref
            self.child, self.guardian = found.child.id, found.guardian.id
            self.ids = found.one.id, found.to.id

    def family(self) -> Family:
        """Return the family anew; only within `context()`."""
        one = db.session.get(VictimCase, self.ids[0])
        people = {row.id: row for row in db.session.scalars(select(consent_steps.CasePerson))}
        to = db.session.get(consent_steps.ServiceProvider, self.ids[1])
        return Family(one, people[self.child], people[self.guardian], to)

    @property
    def overview(self) -> str:
        return f"/desk/victims/cases/{self.ref}/consents"

    @property
    def about(self) -> str:
        return f"{self.overview}/{self.to}"

    def agree(self) -> None:
        with self.context():
            consent_steps.all_agree(self.family())

    def decide(self, basis: OverrideBasis = OverrideBasis.BEST_INTERESTS) -> int:
        with self.context(), writing():
            found = self.family()
            reason = overrides.Reason(REASON, consent_steps.SHARES)
            return overrides.decide(found.one, found.to, basis, reason, is_weighed=True, by=found.one.officer).id

    def letter(self, ref: str, **more: object) -> None:
        with self.context():
            consent_steps.letter(self.family(), ref, **more)

    def count(self, model: type) -> int:
        with self.context():
            return db.session.scalar(select(func.count()).select_from(model))

    def answers(self) -> list[ConsentAnswer]:
        with self.context():
            return list(
                db.session.scalars(select(Consent.answer).where(Consent.ended_at.is_(None)).order_by(Consent.id))
            )


@pytest.fixture
def desk(desk_app: Flask) -> CareSite:
    site = CareSite(desk_app)
    site.open_case()
    return site


@pytest.fixture
def kunthea(desk: CareSite) -> Browser:
    return desk.sign_in("kunthea")


@pytest.fixture
def boss(desk: CareSite) -> Browser:
    with desk.context(), writing():
        staff.add("boss", PASSWORD, (Role.MANAGER,), language=Language.EN, by=None, must_change=False)
    return desk.sign_in("boss")


def typed(desk: CareSite, **more: object) -> dict[str, object]:
    with desk.context():
        today = jurisdiction.today()
    known = {"person": desk.child, "answer": "agrees", "words": "I would like that", "language": "Khmer", "seen": 0}
    days = {"asked_on": today.isoformat(), "ask_again_on": (today + timedelta(days=30)).isoformat()}
    return {"shares": ["need", "name"], **known, **days, **more}


def test_a_number_that_no_record_has_is_not_found(desk: CareSite, kunthea: Browser, boss: Browser) -> None:
    huge, case = "9" * 20, f"/desk/victims/cases/{desk.ref}"
    kunthea.page(desk.about)
    boss.page("/desk/victims/overrides")

    assert boss.get(f"/desk/victims/overrides/{huge}").status_code == 404
    assert boss.post(f"/desk/victims/overrides/{huge}", decision="upheld").status_code == 405
    assert boss.get(f"/desk/victims/closures/{huge}").status_code == 404
    assert kunthea.post(f"{desk.about}/{huge}/withdraw").status_code == 404
    assert kunthea.post(f"{case}/refer/gap/{huge}/close").status_code == 404
    for field in ("person", "seen"):
        assert kunthea.post(desk.about, **typed(desk, **{field: huge})).status_code in {409, 422}


def test_what_is_agreed_to_counts_as_hard_material(desk: CareSite, kunthea: Browser) -> None:
    for path in (desk.overview, f"/desk/victims/cases/{desk.ref}/people/{desk.child}"):
        kunthea.get("/desk/")
        with desk.context():
            assert db.session.scalars(select(ExposureDay.looking_since)).one_or_none() is None
        kunthea.page(path)
        with desk.context():
            assert db.session.scalars(select(ExposureDay.looking_since)).one() is not None


def test_an_answer_is_written_down_from_its_form(desk: CareSite, kunthea: Browser) -> None:
    shown = kunthea.page(desk.overview)
    assert "Nobody was asked yet" in shown.text
    assert kunthea.get(f"{desk.overview}/choose?to={desk.to}").headers["Location"].endswith(desk.about)
    kunthea.page(desk.about)

    answer = kunthea.post(desk.about, **typed(desk))

    assert (answer.status_code, answer.headers["Location"]) == (303, desk.about)
    shown = kunthea.page(desk.about)
    assert "I would like that" in shown.text
    assert "No guardian was asked yet. Ask one who is safe, and write down the answer." in shown.text
    assert "Quiet House" in kunthea.page(desk.overview).text
    assert "after 16:00" in shown.text


def test_it_works_with_htmx_too(desk: CareSite, kunthea: Browser) -> None:
    kunthea.page(desk.about)

    answer = kunthea.post(desk.about, htmx=True, **typed(desk))

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, desk.about)


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("person", "999"),
        ("person", ""),
        ("answer", "maybe"),
        ("language", ""),
        ("shares", []),
        ("shares", ["name"]),
        ("withheld_from", "w" * 201),
        ("withheld_why", "other"),
        ("words", "data:image/png;base64,iVBORw0KGgo"),
        ("asked_on", "yesterday"),
        ("ask_again_on", ""),
    ],
)
def test_a_bad_form_comes_back_with_what_was_typed(desk: CareSite, kunthea: Browser, field: str, bad: object) -> None:
    kunthea.page(desk.about)

    answer = kunthea.post(desk.about, **typed(desk, **{"capacity": "said it back", field: bad}))

    assert answer.status_code == 422
    shown = page.read_desk(answer)
    assert shown.errors
    assert "said it back" in answer.get_data(as_text=True)
    assert desk.count(Consent) == 0


def test_a_form_with_a_file_is_refused(desk: CareSite, kunthea: Browser) -> None:
    kunthea.page(desk.about)
    files = {"upload": (io.BytesIO(b"text"), "note.txt")}

    answer = kunthea.client.post(desk.about, data={"csrf_token": kunthea.token, **typed(desk), **files})

    assert answer.status_code == 422
    assert "Files are not taken here" in answer.get_data(as_text=True)
    assert desk.count(Consent) == 0


def test_what_somebody_else_wrote_meanwhile_is_shown_beside_what_was_typed(desk: CareSite, kunthea: Browser) -> None:
    kunthea.page(desk.about)
    with desk.context():
        found = desk.family()
        consent_steps.says(found.one, found.guardian, found.to, words="the aunt agrees")

    answer = kunthea.post(desk.about, **typed(desk))

    assert answer.status_code == 409
    text = answer.get_data(as_text=True)
    assert "Somebody else wrote an answer down while you were writing" in text
    assert "the aunt agrees" in text
    assert "I would like that" in text
    assert desk.count(Consent) == 1
    seen = page.read_desk(answer).all("input", name="seen")[0]["value"]
    assert kunthea.post(desk.about, **typed(desk, seen=seen)).status_code == 303


def test_an_agreement_is_taken_back_with_one_confirmation_and_acts_at_once(desk: CareSite, kunthea: Browser) -> None:
    desk.agree()
    desk.letter("RF-1", letter=b"sealed", queued_at=clock.now())
    desk.letter("RF-2", means=ReferralMeans.PRINTED, sent_at=clock.now(), status=ReferralStatus.PENDING)
    shown = kunthea.page(desk.about)
    forms = [form["action"] for form in shown.all("form") if form["action"].endswith("/withdraw")]
    assert len(forms) == 2

    answer = kunthea.post(forms[0], taken_back="not any more")

    assert (answer.status_code, answer.headers["Location"]) == (303, desk.about)
    shown = kunthea.page(desk.about)
    assert "Stopped: RF-1 does not leave." in shown.text
    assert "Tell the service." in shown.text
    assert "The child says no." in shown.text
    assert "not any more" in shown.text
    links = [link["href"] for link in shown.all("a")]
    assert "/desk/victims/referrals/RF-2" in links
    with desk.context():
        assert db.session.scalars(select(Referral.queued_at).where(Referral.ref == "RF-1")).one() is None
    assert sorted(desk.answers()) == [ConsentAnswer.AGREES, ConsentAnswer.DECLINES]
    assert kunthea.post(forms[0]).status_code == 409
    assert kunthea.post(f"{desk.about}/999/withdraw").status_code == 404


def test_words_of_who_takes_it_back_are_kept_where_they_do_not_fit(desk: CareSite, kunthea: Browser) -> None:
    desk.agree()
    shown = kunthea.page(desk.about)
    [first, second] = [form["action"] for form in shown.all("form") if form["action"].endswith("/withdraw")]
    long = "ក" * 4_001

    answer = kunthea.post(second, taken_back=long)

    assert answer.status_code == 422
    shown = page.read_desk(answer)
    assert list(shown.errors) == ["taken_back"]
    [kept] = [form for form in shown.all("form") if long in form.text]
    assert (kept["action"], shown.value("words")) == (second, "")
    assert sorted(desk.answers()) == [ConsentAnswer.AGREES, ConsentAnswer.AGREES]
    assert kunthea.post(first, taken_back="").status_code == 303


def test_a_refusal_of_the_child_stands_before_everything_else(desk: CareSite, kunthea: Browser) -> None:
    with desk.context():
        found = desk.family()
        consent_steps.says(found.one, found.guardian, found.to)
        consent_steps.says(found.one, found.child, found.to, ConsentAnswer.DECLINES, words="not that house")

    for path in (desk.about, f"{desk.about}/without"):
        text = kunthea.page(path).text
        main = text[text.index("Quiet House") :]
        assert main.index("not that house") < main.index("Before you call or write")


def test_telling_without_consent_asks_that_the_childs_words_were_weighed(desk: CareSite, kunthea: Browser) -> None:
    with desk.context():
        found = desk.family()
        consent_steps.says(found.one, found.child, found.to, ConsentAnswer.DECLINES)
    form = {"basis": "danger_now", "reason": REASON, "shares": ["need"]}
    kunthea.page(f"{desk.about}/without")

    answer = kunthea.post(f"{desk.about}/without", **form)

    assert answer.status_code == 422
    assert page.read_desk(answer).errors == {
        "weighed": "The child says no. Tick this only if you have weighed these words."
    }
    assert kunthea.post(f"{desk.about}/without", **form, weighed="yes").status_code == 303
    shown = kunthea.page(desk.about)
    assert "May be told without consent" in shown.text
    assert "A second person looks at it." in shown.text


@pytest.mark.parametrize(
    ("field", "bad"),
    [("basis", "whim"), ("reason", ""), ("reason", "Sreyneang is not safe"), ("shares", []), ("shares", ["name"])],
)
def test_a_bad_decision_comes_back(desk: CareSite, kunthea: Browser, field: str, bad: object) -> None:
    kunthea.page(f"{desk.about}/without")
    form = {"basis": "danger_now", "reason": REASON, "shares": ["need"], field: bad}

    answer = kunthea.post(f"{desk.about}/without", **form)

    assert answer.status_code == 422
    assert field in page.read_desk(answer).errors
    assert desk.count(Override) == 0


def test_where_everybody_agrees_there_is_nothing_to_decide(desk: CareSite, kunthea: Browser) -> None:
    desk.agree()

    assert "Nothing is to be decided without them." in kunthea.page(f"{desk.about}/without").text
    assert kunthea.post(f"{desk.about}/without", basis="danger_now", reason=REASON, shares="need").status_code == 409


def test_a_manager_upholds_it_and_sees_no_file(desk: CareSite, kunthea: Browser, boss: Browser) -> None:
    number = desk.decide()
    listed = boss.page("/desk/victims/overrides")
    assert desk.ref in listed.text
    assert REASON not in listed.text

    shown = boss.page(f"/desk/victims/overrides/{number}")

    assert REASON in shown.text
    assert not [word for word in ("Sreyneang", "Lotus", "the aunt", "012 000 111", "quiet words") if word in shown.text]
    assert not [link["href"] for link in shown.all("a") if "/cases/" in link["href"]]
    with desk.context():
        read = db.session.scalars(select(AuditEntry.action).where(AuditEntry.record == f"case {desk.ref}")).all()
    assert overrides.READ in read
    assert boss.post(f"/desk/victims/overrides/{number}", decision="").status_code == 422
    assert boss.post(f"/desk/victims/overrides/{number}", decision="upheld").status_code == 303
    assert boss.post(f"/desk/victims/overrides/{number}", decision="ended").status_code == 409
    with desk.context():
        found = desk.family()
        assert consents.standing(found.one, found.to).may_go


def test_what_was_not_upheld_after_it_acted_is_said_on_every_page(
    desk: CareSite, kunthea: Browser, boss: Browser
) -> None:
    number = desk.decide(OverrideBasis.DANGER_NOW)
    gone = {"means": ReferralMeans.PRINTED, "sent_at": clock.now(), "status": ReferralStatus.PENDING}
    desk.letter("RF-2", override_id=number, **gone)
    boss.page(f"/desk/victims/overrides/{number}")

    assert boss.post(f"/desk/victims/overrides/{number}", decision="ended").status_code == 303

    assert "after it had acted" in boss.page(f"/desk/victims/overrides/{number}").text
    shown = kunthea.page(desk.overview)
    assert "was not upheld, after it had acted" in shown.text
    assert "/desk/victims/referrals/RF-2" in [link["href"] for link in shown.all("a")]


def test_nobody_looks_at_their_own_decision(desk: CareSite, kunthea: Browser) -> None:
    number = desk.decide()

    shown = kunthea.page(f"/desk/victims/overrides/{number}")

    assert "You decided this yourself" in shown.text
    assert kunthea.post(f"/desk/victims/overrides/{number}", decision="upheld").status_code == 422


@pytest.mark.parametrize("name", ["sophea", "rith", "vanna", "lina", "admin", "audit"])
def test_a_wrong_role_learns_nothing(desk: CareSite, name: str) -> None:
    browser, here = desk.sign_in(name), f"/desk/victims/cases/VC-222222/consents/{desk.to}"

    for there, nowhere in (
        (desk.overview, here[: here.rindex("/")]),
        (desk.about, here),
        (f"{desk.about}/without", f"{here}/without"),
    ):
        answers = browser.get(there), browser.get(nowhere)
        assert [one.status_code for one in answers] == [403, 403]
        assert page.read_desk(answers[0]).text == page.read_desk(answers[1]).text
    assert browser.post(desk.about, **typed(desk)).status_code == 403
    assert desk.count(Consent) == 0


def test_the_right_role_sees_nothing_of_a_case_that_is_not_theirs(desk: CareSite) -> None:
    number = desk.decide()
    desk.agree()
    with desk.context(), writing():
        staff.add("bopha", PASSWORD, (Role.VICTIM_SUPPORT,), language=Language.EN, by=None, must_change=False)
    bopha = desk.sign_in("bopha")

    paths = (
        desk.overview,
        desk.about,
        f"{desk.about}/without",
        f"/desk/victims/overrides/{number}",
        f"{desk.overview}/choose",
    )
    assert {bopha.get(path).status_code for path in paths} == {404}
    assert bopha.post(desk.about, **typed(desk)).status_code == 404
    assert bopha.post(f"{desk.about}/1/withdraw").status_code == 404
    assert desk.ref not in bopha.page("/desk/victims/overrides").text


def test_signed_out_nothing_opens(desk: CareSite) -> None:
    browser = desk.browser()

    for path in (desk.overview, desk.about, f"{desk.about}/without", "/desk/victims/overrides"):
        answer = browser.get(path)
        assert answer.status_code == 303
        assert "/desk/sign-in" in answer.headers["Location"]


def test_what_is_missing_is_not_there(desk: CareSite, kunthea: Browser) -> None:
    for path in (f"{desk.overview}/SV-000000", f"{desk.overview}/choose?to=x", "/desk/victims/overrides/999"):
        assert kunthea.get(path).status_code == 404


def test_every_read_is_on_record_before_it_is_shown(desk: CareSite, kunthea: Browser) -> None:
    for path in (desk.overview, desk.about, f"{desk.about}/without"):
        with desk.context():
            before = db.session.scalar(select(func.count()).where(AuditEntry.action == "read"))
        kunthea.page(path)
        with desk.context():
            assert db.session.scalar(select(func.count()).where(AuditEntry.action == "read")) == before + 1
