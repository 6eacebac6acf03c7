"""Referrals at the desk: drafted from a case, read as they leave, let go behind consent, answered, taken back."""

import io

import pytest
from flask import Flask
from sqlalchemy import select

from hotline.extensions import db
from hotline.models.audit import AuditEntry
from hotline.models.referral import Referral, ServiceGap
from hotline.models.service_provider import ServiceProvider
from hotline.models.victim_case import VictimCase
from hotline.services import service_providers
from hotline.transactions import writing
from hotline.vocabulary import KeyKind, PersonPart, ReferralMeans, ReferralStatus, Share
from tests import page
from tests.blueprints.desk.desk_site import Browser, DeskSite
from tests.gateways import locksmith
from tests.services import case_steps, referral_steps

LIST = "/desk/victims/referrals"
UNTIL = "2026-12-24"
DEEDS = ("change", "go", "hold", "file", "hand-over", "answer", "appointment", "look", "feedback", "revoke", "told")


class ReferralSite(DeskSite):
    """A desk with one case of kunthea's, and a service that fits one of its needs."""

    def lay(self) -> None:
        with self.context():
            one, to = case_steps.a_case(), referral_steps.a_service()
            self.case, self.to = one.ref, to.ref
            case_steps.officer("bopha")

    @property
    def new(self) -> str:
        return f"/desk/victims/cases/{self.case}/refer"

    def agree(self) -> None:
        with self.context():
            referral_steps.agreed(self._case(), self._service())

    def take_back(self) -> None:
        with self.context():
            referral_steps.taken_back(self._case(), referral_steps.asked(self._case())[0])

    def give_key(self, armored: str) -> None:
        with self.context(), writing():
            service_providers.put_key(self._service(), KeyKind.OPENPGP, armored, by=self.person("kunthea"))

    def drafted(self, words: str = referral_steps.WORDS) -> str:
        """Draft a referral; return its reference."""
        with self.context():
            return referral_steps.drafted(self._case(), self._service(), words=words).ref

    def let_go(self, means: ReferralMeans = ReferralMeans.PRINTED) -> str:
        self.agree()
        ref = self.drafted()
        with self.context():
            referral_steps.let_go(self.referral(ref), means)
        return ref

    def handed_over(self) -> str:
        ref, kunthea = self.let_go(), self.sign_in("kunthea")
        kunthea.page(f"{LIST}/{ref}")
        assert kunthea.post(f"{LIST}/{ref}/hand-over", handed_to="the lawyer", at="").status_code == 303
        return ref

    def referral(self, ref: str) -> Referral:
        """Return a referral; only within `context()`."""
        return db.session.scalars(select(Referral).where(Referral.ref == ref)).one()

    def status(self, ref: str) -> ReferralStatus:
        with self.context():
            return self.referral(ref).status

    def actions(self, ref: str) -> list[str]:
        with self.context():
            return list(db.session.scalars(select(AuditEntry.action).where(AuditEntry.record == f"referral {ref}")))

    def _case(self) -> VictimCase:
        return db.session.scalars(select(VictimCase).where(VictimCase.ref == self.case)).one()

    def _service(self) -> ServiceProvider:
        return db.session.scalars(select(ServiceProvider).where(ServiceProvider.ref == self.to)).one()


@pytest.fixture
def desk(desk_app: Flask) -> ReferralSite:
    site = ReferralSite(desk_app)
    site.lay()
    return site


def send_draft(desk: ReferralSite, browser: Browser, **typed: object):  # type: ignore[no-untyped-def]
    browser.page(f"{desk.new}?need=legal")
    good = {"need": "legal", "provider": desk.to, "words": "Please see her.", "use_until": UNTIL, "language": "en"}
    return browser.post(desk.new, **{**good, **typed})


# --- Drafting


def test_a_referral_is_drafted_for_a_need_to_a_service_that_fits(desk: ReferralSite) -> None:
    desk.agree()
    kunthea = desk.sign_in("kunthea")
    shown = kunthea.page(f"{desk.new}?need=legal")
    assert "Example Legal Aid" in shown.text
    assert "after 16:00" in shown.text  # how to reach them safely stands on every page of a case

    answer = send_draft(desk, kunthea)

    assert answer.status_code == 303
    text = kunthea.page(answer.headers["Location"]).text
    assert "Chan Sreyneang" in text
    assert "Please see her." in text
    assert "quiet words" not in text


def test_the_page_says_what_is_not_told(desk: ReferralSite) -> None:
    desk.agree()
    kunthea = desk.sign_in("kunthea")

    answer = send_draft(desk, kunthea, left_out="contact")

    shown = kunthea.page(answer.headers["Location"])
    [kept] = [section.text for section in shown.all("section") if section.get("aria-labelledby") == "kept-h"]
    assert [
        word for word in ("What happened", "Sex", "kept back by choice", "How to reach them safely") if word not in kept
    ] == []


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("words", ""),
        ("words", "x" * 4_001),
        ("use_until", "never"),
        ("use_until", "2020-01-01"),
        ("language", "xx"),
        ("provider", "SV-222222"),
    ],
)
def test_a_bad_draft_comes_back_with_what_was_typed(desk: ReferralSite, field: str, typed: str) -> None:
    answer = send_draft(desk, desk.sign_in("kunthea"), **{"words": "kept words", field: typed})

    assert answer.status_code == 422
    shown = page.read_desk(answer)
    assert list(shown.errors) == [field]
    assert field == "words" or "kept words" in shown.text


def test_no_file_is_taken(desk: ReferralSite) -> None:
    kunthea = desk.sign_in("kunthea")

    answer = send_draft(desk, kunthea, upload=(io.BytesIO(b"x"), "x.jpg"))

    assert answer.status_code == 422


def test_a_suspects_name_is_refused_in_a_clear_sentence(desk: ReferralSite) -> None:
    with desk.context():
        case_steps.somebody(desk._case(), "Sok Vuthy", suspect=True)

    answer = send_draft(desk, desk.sign_in("kunthea"), words="Keep Vuthy away.")

    assert answer.status_code == 422
    assert "goes to the police only" in page.read_desk(answer).errors["words"]


def test_a_suspect_in_the_file_is_said_by_the_name_of_its_field(desk: ReferralSite) -> None:
    desk.agree()
    with desk.context():
        case_steps.somebody(desk._case(), "The Aunt", suspect=True)
    kunthea = desk.sign_in("kunthea")

    drafting = send_draft(desk, kunthea)

    assert drafting.status_code == 422
    assert "“Who may answer” names somebody" in page.read_desk(drafting).text


def test_a_draft_that_names_somebody_suspected_since_says_where(desk: ReferralSite) -> None:
    desk.agree()
    ref, kunthea = desk.drafted(), desk.sign_in("kunthea")
    with desk.context():
        case_steps.somebody(desk._case(), "The Aunt", suspect=True)
    version = kunthea.page(f"{LIST}/{ref}").value("version")

    answer = kunthea.post(f"{LIST}/{ref}/go", means="printed", version=version)

    assert answer.status_code == 422
    assert "“Who may answer” names somebody" in page.read_desk(answer).text


def test_paper_that_names_somebody_suspected_since_does_not_open(desk: ReferralSite) -> None:
    ref, kunthea = desk.let_go(), desk.sign_in("kunthea")
    with desk.context():
        aunt = case_steps.somebody(desk._case(), "The Aunt", part=PersonPart.FAMILY)
        with writing():  # as if whoever did had forgotten to stop letters
            aunt.is_suspect = True

    answer = kunthea.get(f"{LIST}/{ref}/print")
    handed = kunthea.post(f"{LIST}/{ref}/hand-over", handed_to="the lawyer", at="")

    assert (answer.status_code, handed.status_code) == (422, 422)
    assert "Hold it back" in page.read_desk(answer).text
    assert "Take it back” on this page" in page.read_desk(handed).errors["handed_to"]


def test_what_stops_since_somebody_is_named_is_said_and_can_be_taken_back(desk: ReferralSite) -> None:
    ref, kunthea = desk.let_go(), desk.sign_in("kunthea")
    with desk.context():
        uncle = case_steps.somebody(desk._case(), "The Uncle", part=PersonPart.FAMILY).id
    person = f"/desk/victims/cases/{desk.case}/people/{uncle}"
    kunthea.page(person)

    kunthea.post(f"{person}/mark", suspect="yes")

    shown = kunthea.page(f"/desk/victims/cases/{desk.case}").text
    assert f"Stopped: {ref} does not leave." in shown
    assert "so it may have left" in shown
    assert "The service has it already, or may have it." in kunthea.page(f"{LIST}/{ref}").text


def test_where_no_service_fits_the_gap_is_noted(desk: ReferralSite) -> None:
    kunthea = desk.sign_in("kunthea")
    assert "No service fits" in kunthea.page(f"{desk.new}?need=livelihood").text

    assert kunthea.post(f"{desk.new}/gap", need="livelihood", gap="nobody pays for transport").status_code == 303

    assert "Livelihood" in kunthea.page(desk.new).text
    with desk.context():
        number = db.session.scalars(select(ServiceGap.id)).one()
    assert kunthea.post(f"{desk.new}/gap/{number}/close").status_code == 303
    with desk.context():
        assert db.session.scalars(select(ServiceGap.closed_at)).one() is not None


# --- Letting it go


def test_without_consent_the_page_says_what_is_missing(desk: ReferralSite) -> None:
    ref, kunthea = desk.drafted(), desk.sign_in("kunthea")

    shown = kunthea.page(f"{LIST}/{ref}")

    assert "It may not go yet" in shown.text
    assert f"/desk/victims/cases/{desk.case}/consents/{desk.to}" in [link.get("href") for link in shown.all("a")]


def test_the_page_says_that_the_childs_name_is_not_to_be_told(desk: ReferralSite) -> None:
    with desk.context():
        one = db.session.scalars(select(VictimCase).where(VictimCase.ref == desk.case)).one()
        to = db.session.scalars(select(ServiceProvider).where(ServiceProvider.ref == desk.to)).one()
        referral_steps.agreed(one, to, shares=(Share.AGE, Share.NEED))
    ref, kunthea = desk.drafted("Sreyneang likes to draw."), desk.sign_in("kunthea")

    shown = kunthea.page(f"{LIST}/{ref}")
    answer = kunthea.post(f"{LIST}/{ref}/go", means="printed", version=shown.value("version"))

    assert "holds the child's name" in shown.text
    assert answer.status_code == 422
    assert list(page.read_desk(answer).errors) == ["send"]
    assert desk.status(ref) is ReferralStatus.DRAFT


def test_consent_taken_back_after_the_page_was_drawn_shuts_the_gate(desk: ReferralSite) -> None:
    desk.agree()
    ref, kunthea = desk.drafted(), desk.sign_in("kunthea")
    version = kunthea.page(f"{LIST}/{ref}").value("version")
    desk.take_back()

    answer = kunthea.post(f"{LIST}/{ref}/go", means="printed", version=version)

    assert answer.status_code == 409
    assert "It does not go" in page.read_desk(answer).text
    assert desk.status(ref) is ReferralStatus.DRAFT


@pytest.mark.parametrize("htmx", [True, False])
def test_a_referral_goes_on_paper_and_is_handed_over(desk: ReferralSite, htmx: bool) -> None:
    desk.agree()
    ref, kunthea = desk.drafted(), desk.sign_in("kunthea")
    shown = kunthea.page(f"{LIST}/{ref}")
    assert "no key of this service" in shown.text

    went = kunthea.post(f"{LIST}/{ref}/go", htmx=htmx, means="printed", version=shown.value("version"))
    paper = kunthea.get(f"{LIST}/{ref}/print?lang=km")
    kunthea.page(f"{LIST}/{ref}")
    over = kunthea.post(f"{LIST}/{ref}/hand-over", htmx=htmx, handed_to="the lawyer", at="")

    assert (went.status_code, over.status_code) == ((204, 204) if htmx else (303, 303))
    assert 'lang="km"' in paper.get_data(as_text=True)
    assert "Chan Sreyneang" in paper.get_data(as_text=True)
    assert desk.status(ref) is ReferralStatus.PENDING
    assert "the lawyer" in kunthea.page(f"{LIST}/{ref}").text
    assert {"let go", "printed", "handed over"} <= set(desk.actions(ref))


def test_paper_in_no_language_of_ours_is_not_there(desk: ReferralSite) -> None:
    ref, kunthea = desk.let_go(), desk.sign_in("kunthea")

    assert kunthea.get(f"{LIST}/{ref}/print?lang=xx").status_code == 404


def test_paper_names_nobody_of_us_and_nothing_that_was_not_agreed(desk: ReferralSite) -> None:
    ref, kunthea = desk.let_go(), desk.sign_in("kunthea")

    paper = kunthea.get(f"{LIST}/{ref}/print?lang=en").get_data(as_text=True)

    assert [word for word in ("kunthea", "quiet words", "Female", "Lotus") if word in paper] == []
    with desk.context():
        assert desk.person("kunthea").number in paper


def test_an_encrypted_file_is_taken_along(desk: ReferralSite) -> None:
    with locksmith.gpg() as gpg:
        desk.give_key(gpg.public)
        ref, kunthea = desk.let_go(ReferralMeans.ENCRYPTED_FILE), desk.sign_in("kunthea")
        kunthea.page(f"{LIST}/{ref}")

        answer = kunthea.post(f"{LIST}/{ref}/file")

        assert answer.headers["Content-Disposition"] == f"attachment; filename={ref}.txt.asc"
        assert "Chan Sreyneang" in gpg.open(answer.get_data()).decode()
    assert "took the file" in desk.actions(ref)


def test_what_is_held_back_is_a_draft_again(desk: ReferralSite) -> None:
    ref, kunthea = desk.let_go(), desk.sign_in("kunthea")
    kunthea.page(f"{LIST}/{ref}")

    assert kunthea.post(f"{LIST}/{ref}/hold").status_code == 303

    assert kunthea.get(f"{LIST}/{ref}/print").status_code == 409


def test_two_who_write_it_anew_see_both(desk: ReferralSite) -> None:
    desk.agree()
    ref, kunthea = desk.drafted(), desk.sign_in("kunthea")
    version = kunthea.page(f"{LIST}/{ref}").value("version")
    assert (
        kunthea.post(f"{LIST}/{ref}/change", words="Stored words.", use_until=UNTIL, version=version).status_code == 303
    )
    kunthea.page(f"{LIST}/{ref}")

    answer = kunthea.post(f"{LIST}/{ref}/change", words="Typed words.", use_until=UNTIL, version=version)

    assert answer.status_code == 409
    text = page.read_desk(answer).text
    assert "Stored words." in text
    assert "Typed words." in text


# --- What becomes of it


def test_what_the_service_says_is_noted(desk: ReferralSite) -> None:
    ref, kunthea = desk.handed_over(), desk.sign_in("kunthea")
    version = kunthea.page(f"{LIST}/{ref}").value("version")

    bad = kunthea.post(f"{LIST}/{ref}/answer", status="rejected", reason="", said="kept words", version=version)
    good = kunthea.post(f"{LIST}/{ref}/answer", status="accepted", reason="", said="on Monday", version=version)

    assert bad.status_code == 422
    assert list(page.read_desk(bad).errors) == ["reason"]
    assert "kept words" in page.read_desk(bad).text
    assert good.status_code == 303
    assert "on Monday" in kunthea.page(f"{LIST}/{ref}").text


def test_an_appointment_and_a_day_to_look_again_are_noted(desk: ReferralSite) -> None:
    ref, kunthea = desk.handed_over(), desk.sign_in("kunthea")
    version = kunthea.page(f"{LIST}/{ref}").value("version")

    bad = kunthea.post(
        f"{LIST}/{ref}/appointment", appointment_at="soon", place="kept place", along="", version=version
    )
    good = kunthea.post(
        f"{LIST}/{ref}/appointment",
        appointment_at="2026-12-01T09:30",
        place="the office",
        along="the aunt",
        version=version,
    )
    look = kunthea.post(f"{LIST}/{ref}/look", called="rang twice", check_again_on="2026-12-02")
    said = kunthea.post(f"{LIST}/{ref}/feedback", feedback="she felt heard")

    assert (bad.status_code, good.status_code, look.status_code, said.status_code) == (422, 303, 303, 303)
    shown = kunthea.page(f"{LIST}/{ref}")
    words = ("the office", "the aunt", "09:30", "rang twice", "she felt heard", "2 December 2026")
    assert [word for word in words if word not in shown.text] == []
    assert shown.value("appointment_at") == "2026-12-01T09:30"


def test_what_is_taken_back_is_read_out_and_noted(desk: ReferralSite) -> None:
    ref, kunthea = desk.handed_over(), desk.sign_in("kunthea")
    kunthea.page(f"{LIST}/{ref}")
    assert kunthea.post(f"{LIST}/{ref}/revoke", revoke_reason="", revoke_words="").status_code == 422

    assert kunthea.post(f"{LIST}/{ref}/revoke", revoke_reason="not_safe", revoke_words="").status_code == 303

    shown = kunthea.page(f"{LIST}/{ref}")
    assert "We take back the referral" in shown.text
    assert ref in kunthea.page(LIST).text
    assert kunthea.post(f"{LIST}/{ref}/told", told="").status_code == 422
    assert kunthea.post(f"{LIST}/{ref}/told", told="the lawyer shredded it").status_code == 303
    assert ref not in kunthea.page(LIST).text


# --- The list, the card, and who sees them


def test_the_list_shows_what_is_due_first(desk: ReferralSite) -> None:
    ref, kunthea = desk.let_go(), desk.sign_in("kunthea")

    shown = kunthea.page(LIST)

    assert ref in shown.text
    assert "To be handed over" in shown.text
    assert ref not in kunthea.page(f"{LIST}?show=ended").text
    assert kunthea.get(f"{LIST}?show=nothing").status_code == 422
    assert "<html" not in kunthea.get(LIST, htmx=True).get_data(as_text=True)


def test_the_case_shows_its_referrals(desk: ReferralSite) -> None:
    ref = desk.handed_over()

    shown = desk.sign_in("kunthea").page(f"/desk/victims/cases/{desk.case}")

    assert ref in shown.text
    assert desk.new in [link.get("href") for link in shown.all("a")]


@pytest.mark.parametrize("name", ["sophea", "rith", "vanna", "lina", "admin", "audit"])
def test_other_roles_learn_nothing(desk: ReferralSite, name: str) -> None:
    ref, browser = desk.drafted(), desk.sign_in(name)

    there = [browser.get(path).status_code for path in (LIST, f"{LIST}/{ref}", desk.new, f"{LIST}/{ref}/print")]
    done = {deed: browser.post(f"{LIST}/{ref}/{deed}").status_code for deed in DEEDS}

    assert there == [403] * 4
    assert set(done.values()) == {403}
    assert browser.get(f"{LIST}/RF-222222").status_code == 403


def test_a_case_that_is_not_theirs_is_not_there(desk: ReferralSite) -> None:
    ref = desk.drafted()
    bopha = Browser(desk.app.test_client())
    bopha.get("/desk/sign-in")
    bopha.post("/desk/sign-in", name="bopha", password=case_steps.PASSWORD)
    bopha.get("/desk/")

    found = [bopha.get(path).status_code for path in (f"{LIST}/{ref}", desk.new, f"{LIST}/RF-222222")]
    done = {deed: bopha.post(f"{LIST}/{ref}/{deed}", version=1).status_code for deed in DEEDS}

    assert found == [404] * 3
    assert set(done.values()) == {404}
    assert ref not in bopha.page(f"{LIST}?show=drafts").text


def test_who_is_not_signed_in_is_led_to_the_door(desk: ReferralSite) -> None:
    ref, nobody = desk.drafted(), desk.browser()

    assert nobody.get(f"{LIST}/{ref}").status_code in {303, 401}
    assert nobody.post(f"{LIST}/{ref}/go").status_code in {303, 400, 401}
    assert desk.status(ref) is ReferralStatus.DRAFT


def test_every_read_is_on_record(desk: ReferralSite) -> None:
    ref, kunthea = desk.drafted(), desk.sign_in("kunthea")

    kunthea.page(f"{LIST}/{ref}")

    assert desk.actions(ref).count("read") == 1
