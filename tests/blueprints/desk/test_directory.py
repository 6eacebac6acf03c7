"""The directory: who may get letters."""

from dataclasses import replace

import pysequoia
import pytest
from sqlalchemy import select

from hotline import clock, jurisdiction
from hotline.blueprints.desk import words
from hotline.extensions import db
from hotline.models import AuditEntry, Recipient
from hotline.rules.hosting import Account, NetworkFacts
from hotline.services import directory_seed, proposals
from hotline.transactions import writing
from hotline.vocabulary import Delivery, Language, RecipientKind
from tests import page
from tests.blueprints.desk.desk_site import Browser, DeskSite
from tests.page import Page

GOOD = {
    "name": "Example Platform",
    "kind": "platform",
    "mailbox": "abuse@platform.example",
    "country": "IE",
    "language": "en",
}


def entry(desk: DeskSite, mailbox: str = "abuse@hosting.example") -> Recipient:
    with desk.context():
        return db.session.scalars(select(Recipient).where(Recipient.mailbox == mailbox)).one()


def last_audit(desk: DeskSite) -> tuple[str, str, str, str | None]:
    with desk.context():
        last = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        return last.actor, last.action, last.record, last.details


@pytest.fixture
def lina(desk: DeskSite) -> Browser:
    """The browser of the liaison, on the directory."""
    browser = desk.sign_in("lina")
    browser.page("/desk/directory")
    return browser


def test_everybody_in_it_is_listed(lina: Browser) -> None:
    rows = [row.text for row in lina.page("/desk/directory").all("tr")][1:]

    assert len(rows) == 3
    assert rows[1].startswith(
        "Example Hosting B.V. Hosting provider Netherlands abuse@hosting.example English Never In use"
    )


def test_an_entry_is_added(desk: DeskSite, lina: Browser) -> None:
    lina.page("/desk/directory/new")

    answer = lina.post("/desk/directory/new", **GOOD)

    assert (answer.status_code, answer.location) == (303, "/desk/directory")
    assert "Example Platform is in the directory." in lina.page("/desk/directory").text
    added = entry(desk, "abuse@platform.example")
    assert (added.kind, added.country, added.language) == (RecipientKind.PLATFORM, "IE", Language.EN)
    assert last_audit(desk)[:3] == ("A-06", "added", f"recipient {added.ref}")


def test_everything_wrong_is_named_at_once_and_what_was_typed_stays(desk: DeskSite, lina: Browser) -> None:
    lina.page("/desk/directory/new")

    answer = lina.post("/desk/directory/new", name="x", kind="", mailbox="a@b.example, c@d.example", country="IE")

    shown = page.read_desk(answer)
    assert answer.status_code == 422
    assert shown.title.startswith("Error:")
    assert set(shown.errors) == {"name", "kind", "mailbox", "language"}
    assert shown.value("mailbox") == "a@b.example, c@d.example"
    assert chosen(shown, "country") == "IE"
    assert shown.by_id("mailbox")["aria-describedby"] == "mailbox-err mailbox-hint"


def chosen(shown: Page, name: str) -> str:
    options = [one for one in shown.all("option") if (box := one.within("select")) and box["name"] == name]
    return next((one["value"] for one in options if "selected" in one.attrs), "")


@pytest.mark.parametrize("mailbox", ["abuse@hosting.example", "ABUSE@Hosting.example"])
def test_a_mailbox_stands_in_it_once(lina: Browser, mailbox: str) -> None:
    lina.page("/desk/directory/new")

    answer = lina.post("/desk/directory/new", **GOOD | {"mailbox": mailbox})

    assert answer.status_code == 422
    assert "in the directory already" in page.read_desk(answer).errors["mailbox"]


def test_a_changed_mailbox_has_to_be_verified_anew(desk: DeskSite, lina: Browser) -> None:
    found = entry(desk)
    lina.post(f"/desk/directory/{found.ref}/verify")
    form = lina.page(f"/desk/directory/{found.ref}")
    assert (form.value("name"), form.value("mailbox")) == ("Example Hosting B.V.", "abuse@hosting.example")
    assert (chosen(form, "country"), chosen(form, "kind"), chosen(form, "language")) == ("NL", "hosting_provider", "en")

    lina.post(f"/desk/directory/{found.ref}", **GOOD | {"mailbox": "new@hosting.example", "kind": "hosting_provider"})

    changed = entry(desk, "new@hosting.example")
    assert (changed.ref, changed.name, changed.verified_on) == (found.ref, "Example Platform", None)
    assert last_audit(desk) == (
        "A-06",
        "changed",
        f"recipient {found.ref}",
        '{"fields": "name,mailbox,country"}',
    )


def test_saving_what_stands_changes_nothing(desk: DeskSite, lina: Browser) -> None:
    found, before = entry(desk), last_audit(desk)
    lina.page(f"/desk/directory/{found.ref}")
    same = {"kind": "hosting_provider", "mailbox": "abuse@hosting.example", "country": "NL", "language": "en"}

    answer = lina.post(f"/desk/directory/{found.ref}", name="Example Hosting B.V.", **same)

    assert "Nothing was changed." in lina.page(answer.location).text
    assert last_audit(desk) == before


def test_a_wrong_change_is_drawn_again(desk: DeskSite, lina: Browser) -> None:
    found = entry(desk)
    lina.page(f"/desk/directory/{found.ref}")

    answer = lina.post(f"/desk/directory/{found.ref}", **GOOD | {"mailbox": "abuse@cloud.example"})

    shown = page.read_desk(answer)
    assert answer.status_code == 422
    assert list(shown.errors) == ["mailbox"]
    assert shown.value("name") == "Example Platform"
    assert entry(desk).name == "Example Hosting B.V."


def test_a_mailbox_is_verified_on_this_countrys_day(desk: DeskSite, lina: Browser) -> None:
    found = entry(desk)

    answer = lina.post(f"/desk/directory/{found.ref}/verify", htmx=True)

    part = Page(answer.get_data(as_text=True))
    assert part.elements[0]["id"] == f"directory-row-{found.ref}"
    with desk.app.test_request_context():
        today = clock.now().astimezone(jurisdiction.current().zone).date()
        assert words.day(today) in part.elements[0].text
    assert entry(desk).verified_on == today
    assert last_audit(desk)[1] == "verified"


def test_without_htmx_a_deed_leads_back_to_the_list(desk: DeskSite, lina: Browser) -> None:
    answer = lina.post(f"/desk/directory/{entry(desk).ref}/verify")

    assert (answer.status_code, answer.location) == (303, "/desk/directory")


def test_an_entry_is_switched_off_and_on(desk: DeskSite, lina: Browser) -> None:
    ref = entry(desk).ref

    off = Page(lina.post(f"/desk/directory/{ref}/off", htmx=True).get_data(as_text=True))
    assert "Switched off" in off.elements[0].text
    assert not entry(desk).active
    assert last_audit(desk)[1] == "switched off"
    assert lina.post(f"/desk/directory/{ref}/off").status_code == 409

    lina.post(f"/desk/directory/{ref}/on")
    assert entry(desk).active
    assert last_audit(desk)[1] == "switched on"


def test_switching_an_entry_off_is_asked_about_first(desk: DeskSite, lina: Browser) -> None:
    ref = entry(desk).ref

    shown = lina.page("/desk/directory")

    form = shown.one("form", action=f"/desk/directory/{ref}/off")
    asked = form.within("details")
    assert asked is not None
    assert "open" not in asked.attrs
    assert "Yes, switch off Example Hosting B.V." in form.text
    assert shown.one("form", action=f"/desk/directory/{ref}/verify").within("details") is None


def test_the_directory_has_its_doors(desk: DeskSite, lina: Browser) -> None:
    ref = entry(desk).ref
    admin, stranger = desk.sign_in("admin"), desk.browser()

    for path in ("", "/new", f"/{ref}"):
        assert admin.get(f"/desk/directory{path}").status_code == 403
        assert stranger.get(f"/desk/directory{path}").status_code == 303
        assert stranger.get(f"/desk/directory{path}", htmx=True).status_code == 401
    for path in ("/new", f"/{ref}", f"/{ref}/verify", f"/{ref}/off", f"/{ref}/on"):
        assert admin.post(f"/desk/directory{path}").status_code == 403
        assert stranger.post(f"/desk/directory{path}").status_code == 303
    assert lina.get("/desk/directory/D-222222").status_code == 404
    for deed in ("", "/verify", "/off", "/on"):
        assert lina.post(f"/desk/directory/D-222222{deed}").status_code == 404


def test_an_entry_may_be_reached_by_a_form_alone(desk: DeskSite, lina: Browser) -> None:
    lina.page("/desk/directory/new")
    sent = GOOD | {"mailbox": "", "delivery": "web_form", "form_url": "https://help.platform.example/report"}

    assert lina.post("/desk/directory/new", **sent).status_code == 303

    added = entry(desk, "")
    assert (added.delivery, added.form_url) == (Delivery.WEB_FORM, sent["form_url"])
    assert sent["form_url"] in lina.page("/desk/directory").text
    assert lina.page(f"/desk/directory/{added.ref}").value("form_url") == sent["form_url"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("form_url", "http://help.platform.example"),
        ("portal_url", "javascript:alert(1)"),
        ("delivery", "pigeon"),
        ("delivery", "iccam"),
        ("iccam_hotline", "-1"),
        ("doubt", "x" * 1001),
    ],
)
def test_each_wrong_way_is_named(lina: Browser, field: str, value: str) -> None:
    lina.page("/desk/directory/new")

    shown = page.read_desk(lina.post("/desk/directory/new", **GOOD | {field: value}))

    assert list(shown.errors) == [field]


def test_the_list_is_filtered_by_the_address(lina: Browser) -> None:
    assert len(lina.page("/desk/directory?kind=hosting_provider&name=cloud").all("tr")) == 2
    assert "No entry is like that" in lina.page("/desk/directory?kind=police").text
    assert len(lina.page("/desk/directory?kind=neighbour").all("tr")) == 4


def test_marks_are_added_and_removed(desk: DeskSite, lina: Browser) -> None:
    ref = entry(desk).ref
    lina.page(f"/desk/directory/{ref}")

    refused = page.read_desk(lina.post(f"/desk/directory/{ref}/marks", mark="asn", value="many"))
    assert list(refused.errors) == ["value"]
    assert (refused.value("value"), refused.value("name")) == ("many", "Example Hosting B.V.")
    lina.post(f"/desk/directory/{ref}/marks", mark="asn", value="64511")

    shown = lina.page(f"/desk/directory/{ref}")
    remove = next(one["action"] for one in shown.all("form") if one.get("action").endswith("/remove"))
    assert "as64511" in shown.text
    assert lina.post(remove).status_code == 303
    assert lina.post(remove).status_code == 404


def test_who_stands_above_is_noted_and_taken_away(desk: DeskSite, lina: Browser) -> None:
    ref = entry(desk).ref
    begins = lina.page(f"/desk/directory/{ref}")
    assert "Nobody noted it." in begins.text
    above = next(one["value"] for one in begins.all("option") if one.text == "Example Cloud UAB")

    refused = page.read_desk(lina.post(f"/desk/directory/{ref}/above", above=""))
    assert list(refused.errors) == ["above"]
    lina.post(f"/desk/directory/{ref}/above", above=above)

    shown = lina.page(f"/desk/directory/{ref}")
    assert "Stands above it: Example Cloud UAB" in " ".join(shown.text.split())
    circle = page.read_desk(lina.post(f"/desk/directory/{above}/above", above=ref))
    assert circle.errors == {"above": "It stands below this entry already. Look which of the two is right."}
    remove = next(one["action"] for one in shown.all("form") if "/above/" in one.get("action"))
    assert lina.post(remove).status_code == 303
    assert lina.post(remove).status_code == 404
    assert "no longer Example Cloud UAB" in lina.page(f"/desk/directory/{ref}").text


def test_a_key_is_shown_with_its_fingerprint_and_withdrawn(desk: DeskSite, lina: Browser) -> None:
    ref = entry(desk).ref
    found = pysequoia.Tsk.generate("desk@hosting.example").extract_certificate()
    lina.page(f"/desk/directory/{ref}")

    refused = page.read_desk(lina.post(f"/desk/directory/{ref}/keys", key_kind="openpgp", material="quiet words"))
    assert list(refused.errors) == ["material"]
    lina.post(f"/desk/directory/{ref}/keys", key_kind="openpgp", material=str(found))

    shown = lina.page(f"/desk/directory/{ref}")
    assert found.fingerprint.lower() in shown.text.replace(" ", "")
    assert "Does not expire" in shown.text
    withdraw = next(one["action"] for one in shown.all("form") if one.get("action").endswith("/withdraw"))
    assert lina.post(withdraw).status_code == 303
    assert "Withdrawn" in lina.page(f"/desk/directory/{ref}").text


def test_a_private_key_is_refused_and_not_shown_again(desk: DeskSite, lina: Browser) -> None:
    ref = entry(desk).ref
    lina.page(f"/desk/directory/{ref}")
    secret = "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nquietwords\n-----END PGP PRIVATE KEY BLOCK-----"

    answer = lina.post(f"/desk/directory/{ref}/keys", key_kind="openpgp", material=secret)

    assert "private key" in page.read_desk(answer).errors["material"]
    assert "quietwords" not in answer.get_data(as_text=True)


@pytest.fixture
def proposed(desk: DeskSite) -> str:
    """A contact that a registry named."""
    facts = NetworkFacts(clock.now().isoformat(), "198.51.100.9", org="Fresh Hosting", country="NL")
    with desk.context(), writing():
        proposals.take_up(Account(networks=(replace(facts, abuse=("a@fresh.example",)),)), at=clock.this_hour())
    return entry(desk, "a@fresh.example").ref


def test_proposals_stand_apart_and_are_counted_in_the_rail(lina: Browser, proposed: str) -> None:
    shown = lina.page("/desk/directory")

    assert "Named by registries, for you to decide" in shown.text
    assert "Directory 1" in shown.one("a", href="/desk/directory").text.replace("\n", " ")
    assert lina.post(f"/desk/directory/{proposed}/verify").status_code == 409
    assert lina.post(f"/desk/directory/{proposed}/off").status_code == 409


def test_a_proposal_is_approved(desk: DeskSite, lina: Browser, proposed: str) -> None:
    lina.page(f"/desk/directory/{proposed}")

    answer = lina.post(f"/desk/directory/{proposed}/approve")

    assert (answer.status_code, entry(desk, "a@fresh.example").proposed_at) == (303, None)
    assert "Not verified yet" in lina.page(f"/desk/directory/{proposed}").text
    assert lina.post(f"/desk/directory/{proposed}/approve").status_code == 409


def test_a_proposal_is_dismissed(desk: DeskSite, lina: Browser, proposed: str) -> None:
    lina.page("/desk/directory")

    lina.post(f"/desk/directory/{proposed}/dismiss")

    shown = lina.page("/desk/directory")
    assert "Proposals that were dismissed" in shown.text
    assert not entry(desk, "a@fresh.example").active


def test_a_proposal_belongs_to_an_entry_that_is_there(desk: DeskSite, lina: Browser, proposed: str) -> None:
    lina.page(f"/desk/directory/{proposed}")
    refused = page.read_desk(lina.post(f"/desk/directory/{proposed}/join", into=""))
    assert list(refused.errors) == ["into"]

    answer = lina.post(f"/desk/directory/{proposed}/join", into=entry(desk).ref)

    assert answer.location == f"/desk/directory/{entry(desk).ref}"
    assert "a@fresh.example" in lina.page(answer.location).text


def test_its_history_says_who_changed_what(desk: DeskSite, lina: Browser) -> None:
    found = entry(desk)
    lina.page(f"/desk/directory/{found.ref}")
    lina.post(f"/desk/directory/{found.ref}", **GOOD | {"kind": "hosting_provider", "mailbox": found.mailbox})

    told = lina.page(f"/desk/directory/{found.ref}").text

    assert "Example Hosting B.V., now Example Platform" in told
    assert "Netherlands, now Ireland" in told
    assert "lina" in told


def test_what_nobody_has_confirmed_stands_first_on_its_page(desk: DeskSite, lina: Browser) -> None:
    with desk.context(), writing():
        ref = next(one.ref for one in directory_seed.fill() if one.name == "ThaiHotline")

    shown = lina.page(f"/desk/directory/{ref}")

    assert "Nobody has confirmed this" in shown.text
    assert "To confirm with INHOPE" in shown.text


def test_new_doors_of_the_directory(desk: DeskSite, lina: Browser) -> None:
    ref = entry(desk).ref
    admin, stranger = desk.sign_in("admin"), desk.browser()

    deeds = ("/approve", "/dismiss", "/join", "/marks", "/keys", "/marks/1/remove", "/keys/1/withdraw")
    deeds += ("/above", "/above/1/remove")
    for deed in deeds:
        assert admin.post(f"/desk/directory/{ref}{deed}").status_code == 403
        assert stranger.post(f"/desk/directory/{ref}{deed}").status_code == 303
        assert lina.post(f"/desk/directory/D-222222{deed}").status_code == 404
    for deed in ("/approve", "/dismiss", "/join"):
        assert lina.post(f"/desk/directory/{ref}{deed}").status_code == 409
    for deed in ("/marks/9/remove", "/keys/9/withdraw", "/above/9/remove"):
        assert lina.post(f"/desk/directory/{ref}{deed}").status_code == 404


def test_what_somebody_else_changed_meanwhile_is_not_written_over(desk: DeskSite, lina: Browser) -> None:
    found = entry(desk)
    seen = lina.page(f"/desk/directory/{found.ref}").value("seen")
    other = desk.sign_in("dara")
    other.page(f"/desk/directory/{found.ref}")
    other.post(f"/desk/directory/{found.ref}", seen=seen, **GOOD | {"mailbox": "new@hosting.example"})

    answer = lina.post(
        f"/desk/directory/{found.ref}", seen=seen, **GOOD | {"name": "My Name", "mailbox": "my@b.example"}
    )

    assert answer.status_code == 409
    shown = page.read_desk(answer)
    assert "Somebody else changed this entry meanwhile" in shown.text
    assert (shown.value("name"), shown.value("mailbox")) == ("My Name", "my@b.example")
    assert "new@hosting.example" in {one.text for one in shown.all("dd")}
    assert entry(desk, "new@hosting.example").name == "Example Platform"
    lina.post(f"/desk/directory/{found.ref}", seen=shown.value("seen"), **GOOD | {"mailbox": "my@b.example"})
    assert entry(desk, "my@b.example").ref == found.ref


def test_what_was_changed_meanwhile_is_not_noted_as_verified(desk: DeskSite, lina: Browser) -> None:
    ref = entry(desk).ref
    seen = lina.page(f"/desk/directory/{ref}").value("seen")
    assert seen in {one["value"] for one in lina.page("/desk/directory").all("input", name="seen")}
    other = desk.sign_in("dara")
    other.page(f"/desk/directory/{ref}")
    other.post(f"/desk/directory/{ref}", **GOOD | {"mailbox": "new@hosting.example"})

    in_a_row = lina.post(f"/desk/directory/{ref}/verify", htmx=True, seen=seen)
    on_a_page = lina.post(f"/desk/directory/{ref}/verify", seen=seen)

    assert (in_a_row.status_code, on_a_page.status_code) == (409, 409)
    assert "It was not noted as verified" in page.read_desk(on_a_page).text
    assert entry(desk, "new@hosting.example").verified_on is None


def test_dismissed_proposals_are_found_however_many_there_are(
    desk: DeskSite, lina: Browser, proposed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lina.post(f"/desk/directory/{proposed}/dismiss")
    monkeypatch.setattr(proposals, "SHOWN_DISMISSED", 1)
    facts = NetworkFacts(clock.now().isoformat(), "198.51.100.9", org="Newer Hosting", country="NL")
    with desk.context(), writing():
        proposals.take_up(Account(networks=(replace(facts, abuse=("a@newer.example",)),)), at=clock.this_hour())
    lina.post(f"/desk/directory/{entry(desk, 'a@newer.example').ref}/dismiss")

    first = lina.page("/desk/directory")
    assert "a@newer.example" in first.text
    assert "a@fresh.example" not in first.text
    assert "a@fresh.example" in lina.page(next(one["href"] for one in first.all("a") if one.text == "Next page")).text
    assert "a@fresh.example" in lina.page("/desk/directory?name=fresh").text
    assert lina.get("/desk/directory?dismissed=x").status_code == 422


def test_no_way_that_is_not_written_down_is_verified(desk: DeskSite, lina: Browser) -> None:
    ref = entry(desk).ref
    lina.page(f"/desk/directory/{ref}")
    for delivery, mailbox, code in (
        ("none", "", 422),
        ("none", "a@b.example", 422),
        ("api", "", 422),
        ("api", "a@b.example", 303),
    ):
        lina.post(f"/desk/directory/{ref}", **GOOD | {"delivery": delivery, "mailbox": mailbox})
        assert lina.post(f"/desk/directory/{ref}/verify").status_code == code, (delivery, mailbox)


def calls(shown: Page) -> list[tuple[str, str]]:
    """Return the telephone numbers of a page: what is dialled, and what is read and copied."""
    return [(link["href"], link.text) for link in shown.all("a") if link.get("href").startswith("tel:")]


def test_a_telephone_number_is_added_shown_and_kept_in_the_history(desk: DeskSite, lina: Browser) -> None:
    found = entry(desk)
    here = f"/desk/directory/{found.ref}"
    lina.post(f"{here}/verify")
    known = GOOD | {"name": found.name, "kind": "hosting_provider", "mailbox": found.mailbox, "country": "NL"}

    assert lina.post(here, **known, phone=" +855  00 000 011 ").status_code == 303

    shown = lina.page(here)
    assert calls(shown) == [("tel:+85500000011", "+855 00 000 011")]
    assert shown.value("phone") == "+855 00 000 011"
    assert "Telephone: +855 00 000 011" in " ".join(shown.by_id("main").text.split())
    assert "Not verified yet" in shown.text
    assert calls(lina.page("/desk/directory")) == [("tel:+85500000011", "+855 00 000 011")]
    lina.post(here, **known, phone="")
    shown = lina.page(here)
    assert "no longer +855 00 000 011" in shown.text
    assert calls(shown) == []


def test_what_is_no_number_is_said_beside_its_field_and_stays_there(lina: Browser) -> None:
    answer = lina.post("/desk/directory/new", **GOOD | {"phone": "call 023"})

    shown = page.read_desk(answer)
    assert answer.status_code == 422
    assert "Write one number in international form" in shown.errors["phone"]
    assert shown.value("phone") == "call 023"
