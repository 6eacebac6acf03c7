"""The way of an address, on its page and where a letter is begun."""

from hotline import clock
from hotline.rules.hosting import Account, NetworkFacts
from hotline.services import directory, hosting
from hotline.transactions import writing
from hotline.vocabulary import Language, Mark, Proxy, RecipientKind
from tests import page
from tests.blueprints.desk.desk_site import DeskSite

HOST = "img-board.example"


def decided(desk: DeskSite, *, country: str = "NL") -> tuple[str, str]:
    """Return an item whose host a registry places with the second recipient, and that recipient."""
    ref = desk.decided(f"https://{HOST}/t/1")
    facts = NetworkFacts(clock.now().isoformat(), "198.51.100.9", org="Example Cloud", country=country)
    with desk.context(), writing():
        hosting.keep(desk.item(ref), Account(networks=(facts,), proxy=Proxy.NONE))
        cloud = next(one for one in directory.list_entries() if one.mailbox == "abuse@cloud.example")
        directory.add_mark(cloud, Mark.NETWORK, "Example Cloud", by=desk.person("lina"))
        return ref, cloud.ref


def test_the_way_of_a_decided_item_stands_on_its_page_with_its_reasons(desk: DeskSite) -> None:
    ref, cloud = decided(desk)

    shown = desk.sign_in("sophea").page(f"/desk/items/{ref}")

    card = shown.by_id(f"item-route-{ref}")
    assert "It hosts the address, so it can take it down." in card.text
    assert "Example Cloud UAB" in card.text
    assert "Never the site’s owner" in card.text
    assert "no partner hotline" in card.text.casefold()
    assert [one["href"] for one in shown.all("a") if one.get("href").endswith(cloud)] == [f"/desk/directory/{cloud}"]


def test_while_people_still_look_nothing_is_said_of_a_way(desk: DeskSite) -> None:
    ref = desk.report(f"https://{HOST}/t/1")[-1]

    assert "To whom it goes" not in desk.sign_in("sophea").page(f"/desk/items/{ref}").text


def test_a_letter_begins_with_whom_the_way_leads_to(desk: DeskSite) -> None:
    ref, cloud = decided(desk)
    browser = desk.sign_in("sophea")

    shown = browser.page(f"/desk/notices/new?item={ref}")

    assert [one["value"] for one in shown.all("input", name="recipient") if "checked" in one.attrs] == [cloud]
    assert "To whom it goes" in shown.text
    refused = page.read_desk(browser.post(f"/desk/notices/new?item={ref}", item=ref, recipient="D-222222"))
    assert [one for one in refused.all("input", name="recipient") if "checked" in one.attrs] == []


def test_hosted_here_no_host_is_chosen_before_the_police(desk: DeskSite) -> None:
    ref, cloud = decided(desk, country="KH")

    shown = desk.sign_in("sophea").page(f"/desk/notices/new?item={ref}")

    checked = [one["value"] for one in shown.all("input", name="recipient") if "checked" in one.attrs]
    assert cloud not in checked
    assert "the police come first" in shown.text


def test_a_doubt_and_a_missing_verification_stand_beside_a_name(desk: DeskSite) -> None:
    ref, _cloud = decided(desk)
    with desk.context(), writing():
        unit = directory.add("Unit", RecipientKind.POLICE, "unit@police.example", "KH", Language.KM)
        unit.doubt = "To confirm: everything."

    card = desk.sign_in("sophea").page(f"/desk/items/{ref}").by_id(f"item-route-{ref}")

    assert "Not verified yet" in card.text
    assert "To confirm" in card.text
