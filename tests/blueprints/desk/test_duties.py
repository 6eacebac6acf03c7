"""The duties of the code of practice at the desk: lists, done, given away, officials, one's own reach and calendar."""

import pytest

from hotline.models import Clock
from hotline.services import duties, duty_names, expiring_keys, officials, staff_reach
from hotline.transactions import writing
from hotline.vocabulary import OfficialPart, Subject
from tests import page
from tests.blueprints.desk.desk_site import Browser, DeskSite
from tests.gateways import locksmith

HOME = "/desk/practice/duties"
DEEDS = (f"{HOME}/check_clause.law/mark", f"{HOME}/give", f"{HOME}/clocks/1/owner", f"{HOME}/clocks/1/pause")
OFFICIAL = {"name": "Example Office", "mailbox": "dpo@office.example", "phone": "", "version": 0}
REACH = {"names": "Lina Sok\nលីណា", "mailboxes": "lina@mail.example", "phones": "012 345 678", "wants_mail": "yes"}


@pytest.fixture
def lina(desk: DeskSite) -> Browser:
    """The liaison's browser; the standing duties have begun."""
    with desk.context():
        duties.sweep()
    return desk.sign_in("lina")


def owner_of(desk: DeskSite, key: str) -> str:
    with desk.context():
        owner = duties.get(key, by=desk.person("lina")).owner
        return owner.name if owner else ""


def clock_of(desk: DeskSite, key: str) -> int:
    with desk.context():
        return duties.clock_of(duties.get(key, by=desk.person("lina"))).id


def test_the_page_shows_what_nobody_owns_and_filters_stand_in_the_address(desk: DeskSite, lina: Browser) -> None:
    whole = lina.page(HOME)
    assert "Nobody answers for these" in whole.text
    assert "Consult a sector: Internet industry" in whole.text
    assert "First look" in whole.text  # of the others, in numbers

    sectors = lina.page(f"{HOME}?whose=nobody&duty=consult&show=running")
    assert "Consult a sector: Internet industry" in sectors.text
    assert "Restore a backup as a test" not in [cell.text for cell in sectors.all("th")]
    assert "Nothing here" in lina.page(f"{HOME}?show=missed").text
    assert lina.get(f"{HOME}?after=1.x").status_code == lina.get(f"{HOME}?whose=A-99").status_code == 422


def test_everything_that_has_a_clock_of_the_code_of_practice_has_a_name_and_a_page(desk: DeskSite) -> None:
    subjects = list(Subject)

    assert set(duty_names.NAMES) == set(subjects[subjects.index(Subject.INCIDENT) :])
    assert {one.endpoint for one in duty_names.NAMES.values()} <= set(desk.app.view_functions)
    with desk.context():
        every = [Clock(subject=one, subject_id=1) for one in duty_names.NAMES]
        assert duty_names.named(every).keys() == {(Subject.STANDING_DUTY, 1)}


def test_a_duty_is_done_and_given_to_somebody_else(desk: DeskSite, lina: Browser) -> None:
    one = f"{HOME}/check_clause.law"
    lina.page(one)
    assert lina.post(f"{one}/mark", note="All came back.", done_at="", worked="yes").status_code == 303
    shown = lina.page(one)
    assert "All came back." in shown.text
    with desk.context():
        number = desk.person("admin").number
    there = f"{HOME}/clocks/{clock_of(desk, 'check_clause.law')}"
    assert lina.post(f"{there}/owner", owner=number).headers["Location"] == there
    assert owner_of(desk, "check_clause.law") == "admin"
    assert lina.post(f"{there}/pause", htmx=True, reason="other").headers["HX-Redirect"] == there
    assert "Stands still" in lina.page(one).text
    assert lina.post(f"{there}/resume").status_code == 303


def test_what_has_a_record_of_its_own_is_only_said_here_not_to_have_worked(desk: DeskSite, lina: Browser) -> None:
    for key in ("restore_test", "test_contact", "review_access", "consult.industry"):
        shown = lina.page(f"{HOME}/{key}")
        assert "It was done" not in shown.text
        assert [lina.get(one["href"]).status_code for one in shown.all("a") if one.text == "Put it on record"] == [200]
    assert lina.post(f"{HOME}/restore_test/mark", worked="no", note="The disk was full.").status_code == 303


def test_all_of_nobodys_duties_are_given_away_in_one_form(desk: DeskSite, lina: Browser) -> None:
    with desk.context():
        number = desk.person("vanna").number
    lina.page(f"{HOME}/give")
    assert lina.post(f"{HOME}/give", before="nobody", owner=number).status_code == 303

    assert owner_of(desk, "consult.industry") == "vanna"
    assert "Nobody answers for these" not in lina.page(HOME).text


@pytest.mark.parametrize(
    ("deed", "fields", "field"),
    [
        ("restore_test/mark", {"worked": "no", "note": ""}, "note"),
        ("restore_test/mark", {"worked": "yes"}, "note"),
        ("check_clause.law/mark", {"note": "https://img-board.example/1"}, "note"),
        ("check_clause.law/mark", {"done_at": "2999-01-01"}, "done_at"),
        ("check_clause.law/mark", {"done_at": "0001-01-01"}, "done_at"),
        ("check_clause.law/mark", {"done_at": "soon"}, "done_at"),
        ("clocks/{}/owner", {"owner": "A-01"}, "owner"),
        ("clocks/{}/pause", {"reason": "tired"}, "reason"),
        ("give", {"before": "A-99", "owner": "A-01"}, "before"),
        ("give", {"before": "nobody", "owner": ""}, "owner"),
    ],
)
def test_a_bad_form_says_what_is_wrong(desk: DeskSite, lina: Browser, deed: str, fields: dict, field: str) -> None:
    lina.page(f"{HOME}/restore_test")

    answer = lina.post(f"{HOME}/{deed.format(clock_of(desk, 'restore_test'))}", **fields)

    assert answer.status_code == 422
    assert field in page.read_desk(answer).errors


def test_who_reads_only_changes_nothing_and_others_find_no_page(desk: DeskSite, lina: Browser) -> None:
    auditor, analyst = desk.sign_in("audit"), desk.sign_in("rith")
    auditor.page(f"{HOME}/restore_test")

    assert {auditor.post(deed).status_code for deed in DEEDS} == {403}
    assert {analyst.get(f"{HOME}{end}").status_code for end in ("", "/restore_test", "/nothing", "/give")} == {403}
    assert {lina.get(f"{HOME}{end}").status_code for end in ("/nothing", "/clocks/2147483647")} == {404}
    assert lina.get("/desk/practice/week").status_code == 403
    assert "The last seven days" in desk.sign_in("vanna").page("/desk/practice/week").text


def test_officials_are_entered_followed_and_shown_with_those_before(desk: DeskSite, lina: Browser) -> None:
    there = "/desk/practice/officials"
    assert "Nobody is entered" in lina.page(there).text
    lina.page(f"{there}/dpo")
    assert lina.post(f"{there}/dpo", **OFFICIAL | {"name": ""}).status_code == 422
    assert lina.post(f"{there}/dpo", **OFFICIAL).status_code == 303
    newer = lina.post(f"{there}/dpo", **OFFICIAL | {"name": "Another"})
    assert newer.status_code == 409
    assert "Another" in newer.text
    assert "Example Office" in newer.text
    of = lina.page(f"{there}/dpo").all("input", name="version")[-1]["value"]
    bad = lina.post(f"{there}/dpo/key", key_kind="openpgp", material="no key", version=of)
    assert bad.status_code == 422
    assert "Example Office" in bad.text
    stale = lina.post(f"{there}/dpo/key", key_kind="openpgp", material="kept", version=int(of) + 1)
    assert stale.status_code == 409
    assert "kept" in stale.text
    with locksmith.gpg() as gpg:
        assert lina.post(f"{there}/dpo/key", key_kind="openpgp", material=gpg.public, version=of).status_code == 303
    with desk.context():
        expiring_keys.sweep()
        fingerprint = officials.current(OfficialPart.DPO).key_fingerprint
    told = [row.text for row in lina.page(f"{HOME}?duty=renew_key").all("td")]
    assert "Data protection officer" in told
    assert lina.post(f"{there}/dpo/key/away", fingerprint="0123").status_code == 409
    assert lina.post(f"{there}/dpo/key/away", fingerprint=fingerprint).status_code == 303
    assert lina.post(f"{there}/dpo/key/away").status_code == 409
    assert lina.post(f"{there}/dpo/check").status_code == lina.post(f"{there}/dpo/end").status_code == 303
    assert lina.post(f"{there}/dpo/end").status_code == lina.get(f"{there}/king").status_code == 404
    assert "Example Office" in lina.page(there).text
    with desk.context():
        assert officials.current(OfficialPart.DPO) is None


def test_people_enter_their_own_reach_and_an_admin_sees_only_that_they_did(desk: DeskSite, lina: Browser) -> None:
    lina.page("/desk/me")
    bad = lina.post("/desk/me/reach", **REACH | {"mailboxes": "Lina <lina>"})
    assert bad.status_code == 422
    assert "លីណា" in bad.text
    assert lina.post("/desk/me/reach", **REACH).status_code == 303
    assert "lina@mail.example" in lina.page("/desk/me").text

    accounts = desk.sign_in("admin").page("/desk/admin")
    assert "Entered" in accounts.text
    assert "lina@mail.example" not in accounts.text
    with desk.context():
        assert staff_reach.everybody().names == ("Lina Sok", "លីណា")


def test_a_calendar_opens_by_its_address_alone_in_the_room_alone(desk: DeskSite, lina: Browser) -> None:
    with desk.context(), writing():
        duties.give(duties.get("consult.industry", by=desk.person("lina")), desk.person("lina"), by=desk.person("lina"))
    lina.page("/desk/me")
    shown = page.read_desk(lina.post("/desk/me/calendar")).text
    address = next(word for word in shown.split() if word.endswith(".ics"))
    path, anybody = address[address.index("/desk/") :], desk.app.test_client()
    answer = anybody.get(path)

    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert "SUMMARY:Consult a sector: internet industry" in answer.text
    assert (answer.headers["Cache-Control"], "Set-Cookie" in answer.headers) == ("no-store", False)
    assert anybody.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert anybody.get(path, environ_base={"REMOTE_ADDR": "198.51.100.1"}).status_code == 403
    assert anybody.get("/desk/calendar/wrong.ics").status_code == 404
    assert lina.post("/desk/me/calendar/end").status_code == 303
    assert anybody.get(path).status_code == 404


def test_closing_an_account_says_how_many_duties_have_no_owner_now(desk: DeskSite, lina: Browser) -> None:
    with desk.context(), writing():
        person = desk.person("lina")
        duties.give(duties.get("consult.industry", by=person), person, by=person)
        number = person.number
    admin = desk.sign_in("admin")
    admin.page("/desk/admin")
    admin.post(f"/desk/admin/{number}/close")

    assert "1 duty of the code of practice has no owner now" in admin.page("/desk/admin").text
    assert "Duties without an owner" in desk.sign_in("vanna").page("/desk/").text
