"""An item's hosting, its record, and what people have settled about hosts."""

from pathlib import Path

import pytest
from sqlalchemy import select

from hotline import clock, create_app
from hotline.extensions import db
from hotline.models import Item
from hotline.models.hosting import HostLookup, HostRule
from hotline.rules.hosting import Account, NetworkFacts
from hotline.services import claims, directory, hosting, staff
from hotline.transactions import writing
from hotline.vocabulary import Language, LookupState, Proxy, RecipientKind, Surface
from tests import page
from tests.blueprints.desk.desk_site import Browser, DeskSite, environ

URL = "https://img-board.example/t/1"


@pytest.fixture
def item(desk: DeskSite) -> str:
    return desk.report(URL)[0]


@pytest.fixture
def sophea(desk: DeskSite) -> Browser:
    return desk.sign_in("sophea")


@pytest.fixture
def asking(desk_dir: Path) -> DeskSite:
    """A desk whose look-ups are on; nobody answers, since no worker runs."""
    app = create_app(Surface.DESK, environ(desk_dir, HOTLINE_DNS_SERVERS="192.0.2.53, [2001:db8::53]:5353"))
    return DeskSite(app)


def rule(desk: DeskSite) -> HostRule:
    with desk.context():
        found = db.session.scalars(select(HostRule).order_by(HostRule.id.desc())).first()
        assert found is not None
        return found


def settle(browser: Browser, **fields: str) -> object:
    browser.page("/desk/hosts/new")
    good = {"host": "hxxps://img-board[.]example/a", "kind": "proxy", "note": "their page says so", "days": "30"}
    return browser.post("/desk/hosts/new", **good | fields)


def test_with_lookups_off_the_card_says_so_and_how_to_note_it(sophea: Browser, item: str) -> None:
    shown = sophea.page(f"/desk/items/{item}")

    card = shown.one("section", id=f"item-hosting-{item}")
    assert "Look-ups are off" in card.text
    assert f"/desk/items/{item}/hosting#note-h" in [link["href"] for link in shown.all("a")]
    assert "Look up" not in card.text.replace("Look-ups", "")


def test_a_rule_that_it_is_no_proxy_contradicts_one_that_it_is(desk: DeskSite, sophea: Browser, item: str) -> None:
    settle(sophea)

    answer = settle(sophea, kind="not_proxy")

    assert answer.status_code == 422
    assert "The opposite is settled about this host" in answer.text


def test_the_card_shows_the_network_with_its_numbers(desk: DeskSite, sophea: Browser, item: str) -> None:
    facts = NetworkFacts(
        at=clock.now().isoformat(),
        address="198.51.100.42",
        name="EX-NET",
        org="Example Hosting",
        country="NL",
        systems=(64500,),
    )
    with desk.context(), writing():
        hosting.keep(desk.item(item), Account(networks=(facts,), proxy=Proxy.NONE))
        directory.add("Dutch hotline", RecipientKind.PARTNER_HOTLINE, "desk@hotline.example", "NL", Language.EN)

    card = sophea.page(f"/desk/items/{item}").one("section", id=f"item-hosting-{item}")

    assert "AS64500 Example Hosting EX-NET" in card.text
    assert "Partner hotlineDutch hotline" in card.text


def test_what_a_person_notes_stands_on_every_open_item_of_the_host(desk: DeskSite, sophea: Browser, item: str) -> None:
    other = desk.report("https://img-board.example/t/2")[0]
    sophea.page(f"/desk/items/{item}/hosting")

    answer = sophea.post(
        f"/desk/items/{item}/hosting", network="Example Hosting B.V.", country="NL", note="they answered a letter"
    )

    assert (answer.status_code, answer.location) == (303, f"/desk/items/{item}/hosting")
    assert "they answered a letter" in sophea.page(f"/desk/items/{item}/hosting").text
    card = sophea.page(f"/desk/items/{other}").one("section", id=f"item-hosting-{other}")
    assert "Example Hosting B.V." in card.text
    assert "Netherlands" in card.text
    assert "Noted by sophea" in card.text
    with desk.context():
        assert set(db.session.scalars(select(Item.country))) == {"NL"}


def test_others_do_not_read_who_noted_a_host_and_how_before_two_have_chosen(
    desk: DeskSite, sophea: Browser, item: str
) -> None:
    with desk.context(), writing():
        found = db.session.scalars(select(Item)).one()
        claims.claim(found, by=staff.get_by_name("sophea"))
    sophea.page(f"/desk/items/{item}/hosting")
    sophea.post(f"/desk/items/{item}/hosting", network="Example Hosting", country="NL", note="quiet words")
    settle(sophea)
    dara = desk.sign_in("dara")

    shown = dara.page(f"/desk/items/{item}/hosting").text

    assert "Example Hosting" in shown
    assert "quiet words" not in shown
    assert "Noted by sophea" not in shown
    assert "their page says so" not in dara.page("/desk/hosts").text
    assert "their page says so" in sophea.page("/desk/hosts").text


def test_what_is_wrong_with_a_note_is_named_and_what_was_typed_stays(sophea: Browser, item: str) -> None:
    sophea.page(f"/desk/items/{item}/hosting")

    answer = sophea.post(f"/desk/items/{item}/hosting", network="x", country="ZZZ", note="kept words")

    shown = page.read_desk(answer)
    assert answer.status_code == 422
    assert shown.one("div", role="alert").text.count("Write who hosts it") == 1
    assert "kept words" in shown.text


def test_a_look_is_asked_for_without_htmx_and_with_it(asking: DeskSite) -> None:
    item = asking.report(URL)[0]
    with asking.context(), writing():
        db.session.delete(db.session.scalars(select(HostLookup)).one())
    sophea = asking.sign_in("sophea")
    sophea.page(f"/desk/items/{item}")

    answer = sophea.post(f"/desk/items/{item}/hosting/look-up")

    assert (answer.status_code, answer.location) == (303, f"/desk/items/{item}/hosting")
    shown = sophea.page(f"/desk/items/{item}/hosting")
    assert "Looking up, about 10 seconds" in shown.text
    part = sophea.get(f"/desk/items/{item}/hosting", htmx=True)
    assert 'hx-trigger="every 3s"' in part.text
    assert "<html" not in part.text


def test_a_card_that_waits_asks_by_itself_for_two_minutes_at_most(asking: DeskSite) -> None:
    item = asking.report(URL)[0]
    sophea = asking.sign_in("sophea")
    sophea.page(f"/desk/items/{item}")

    parts = {times: sophea.get(f"/desk/items/{item}/hosting?asked={times}", htmx=True).text for times in ("1", "40")}

    assert f"/desk/items/{item}/hosting?asked=2" in parts["1"]
    assert "hx-trigger" not in parts["40"]
    assert "See what has come" in parts["40"]
    for odd in ("-3", "9" * 5_000, "x"):
        assert sophea.get(f"/desk/items/{item}/hosting?asked={odd}", htmx=True).status_code == 200


def test_asking_twice_is_refused_in_words(asking: DeskSite) -> None:
    item = asking.report(URL)[0]
    sophea = asking.sign_in("sophea")
    sophea.page(f"/desk/items/{item}")

    answer = sophea.post(f"/desk/items/{item}/hosting/look-up", htmx=True)

    assert answer.status_code == 422
    assert "It is being looked up already." in answer.text


def test_a_look_that_failed_says_why(asking: DeskSite) -> None:
    item = asking.report(URL)[0]
    with asking.context():
        taken = hosting._take()
        assert taken is not None
        hosting._record(taken.lookup_id, hosting.Account(faults=("timeout",)))
    sophea = asking.sign_in("sophea")

    card = sophea.page(f"/desk/items/{item}").one("section", id=f"item-hosting-{item}")

    assert "Nothing was found. The resolvers did not answer in time." in card.text


def test_an_onion_host_is_said_to_be_hidden(desk: DeskSite, sophea: Browser) -> None:
    item = desk.report(f"http://{'a' * 56}.onion/x")[0]

    card = sophea.page(f"/desk/items/{item}").one("section", id=f"item-hosting-{item}")

    assert "There is nobody to look up" in card.text


def test_a_rule_is_settled_extended_and_ended(desk: DeskSite, sophea: Browser, item: str) -> None:
    answer = settle(sophea)

    assert (answer.status_code, answer.location) == (303, "/desk/hosts")
    shown = sophea.page("/desk/hosts")
    assert "img-board[.]example" in shown.text
    assert "their page says so" in shown.text
    card = sophea.page(f"/desk/items/{item}").one("section", id=f"item-hosting-{item}")
    assert "It stands before others" in card.text
    dara = desk.sign_in("dara")
    dara.page("/desk/hosts")
    assert dara.post(f"/desk/hosts/{rule(desk).ref}/extend", days="365").status_code == 303
    with desk.context():
        assert rule(desk).owner_id == staff.get_by_name("dara").id
    dara.page("/desk/hosts")
    assert dara.post(f"/desk/hosts/{rule(desk).ref}/end").status_code == 303
    assert "Nothing is settled" in dara.page("/desk/hosts").text
    assert dara.post(f"/desk/hosts/{rule(desk).ref}/end").status_code == 409


def test_a_host_is_looked_up_again_once_a_rule_about_its_standing_ends(asking: DeskSite) -> None:
    asking.report(URL)
    sophea = asking.sign_in("sophea")
    settle(sophea)
    with asking.context():
        taken = hosting._take()
        assert taken is not None
        hosting._record(taken.lookup_id, hosting.Account(faults=("timeout",)))
    sophea.page("/desk/hosts")

    sophea.post(f"/desk/hosts/{rule(asking).ref}/end")

    with asking.context():
        assert [one.state for one in db.session.scalars(select(HostLookup).order_by(HostLookup.id))] == [
            LookupState.FAILED,
            LookupState.WAITING,
        ]


def test_a_rule_about_a_provider_needs_one(desk: DeskSite, sophea: Browser) -> None:
    answer = settle(sophea, kind="provider", host="two.example three.example", note="")

    shown = page.read_desk(answer)
    assert answer.status_code == 422
    assert {"#host", "#recipient", "#note"} <= {link["href"] for link in shown.all("a")}
    assert "Write one host" in shown.one("div", role="alert").text
    assert settle(sophea, kind="nonsense").status_code == 422
    assert settle(sophea, days="9999999").status_code == 422


def test_an_unknown_rule_or_item_is_not_there(sophea: Browser, item: str) -> None:
    sophea.page("/desk/hosts")

    assert sophea.post("/desk/hosts/L-XXXXXX/end").status_code == 404
    assert sophea.get("/desk/items/I-XXXXXX/hosting").status_code == 404


@pytest.mark.parametrize("who", ["kunthea", "lina", "admin", "audit"])
def test_people_without_a_case_role_see_no_host(desk: DeskSite, item: str, who: str) -> None:
    browser = desk.sign_in(who)

    for path in ("/desk/hosts", "/desk/hosts/new", f"/desk/items/{item}/hosting"):
        assert browser.get(path).status_code == 403
    for path in (f"/desk/items/{item}/hosting", f"/desk/items/{item}/hosting/look-up", "/desk/hosts/new"):
        assert browser.post(path).status_code == 403


def test_nobody_sees_hosts_without_signing_in(desk: DeskSite, item: str) -> None:
    assert desk.browser().get("/desk/hosts").status_code in {303, 401}
    assert desk.browser().get(f"/desk/items/{item}/hosting", htmx=True).status_code == 401
