"""The card about an item's host in a browser: look-ups on, against a resolver and a registry on this machine."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from hotline.services.demo import PLACES
from tests.browser.axe import faults, faults_in_both
from tests.browser.conftest import Portal, running, sign_in
from tests.deploy.processes import free_ports
from tests.gateways.dns_server import dns_server
from tests.gateways.mail_server import listening
from tests.gateways.rdap_server import RdapServer, network, person, rdap_server, says

ANSWERS = 60_000  # milliseconds: registries are asked at a pace


@dataclass(frozen=True)
class Asking:
    """A portal whose look-ups are on, and the registry it asks."""

    portal: Portal
    registry: RdapServer


def settle(registry: RdapServer, name: str) -> None:
    """Let every address be in one network."""
    abuse = person("abuse", "Desk", "abuse@hosting.example")
    for number, (host, _) in enumerate(PLACES):
        registry.pages[f"/ip/198.51.100.{number + 1}"] = says(network(name, "NL", abuse))
        registry.pages[f"/domain/{host}"] = says({"entities": [person("registrar", "Example Names")]})


def make_old(data_dir: Path) -> None:
    """Let every look have been an hour ago: nobody may look again within a minute."""
    with sqlite3.connect(data_dir / "desk.sqlite3", timeout=20) as desk:
        desk.execute(
            "UPDATE host_lookups SET asked_at = strftime('%Y-%m-%d %H:%M:%f', asked_at, '-1 hour') || '000'"
            " WHERE state <> 'waiting'"
        )


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    folder = tmp_path_factory.mktemp("asking")
    port = free_ports()
    with dns_server() as resolver, rdap_server() as registry, listening() as mail:
        for number, (host, _) in enumerate(PLACES):
            resolver.zone[(host, "A")] = [f"198.51.100.{number + 1}"]
        settle(registry, "EXAMPLE-NET")
        settings = {
            "HOTLINE_DNS_SERVERS": f"127.0.0.1:{resolver.port}",
            "HOTLINE_RDAP_BOOTSTRAP": str(registry.bootstrap(folder / "bootstrap")),
        }
        data_dir: Path = folder / "data"
        with running(data_dir, port, **settings):
            public, desk = (f"http://127.0.0.1:{port + one}" for one in (0, 1))
            yield Asking(Portal(public, desk, data_dir, mail), registry)


def open_an_item(page: Page, portal: Portal) -> str:
    """Sign in and open an item; return its reference."""
    sign_in(page, portal, "sophea")
    page.goto(f"{portal.desk}/desk/items")
    leads = page.locator('#items-rows a[href*="/desk/items/I-"]').first.get_attribute("href") or ""
    found = re.search(r"I-[A-Z0-9]{6}", leads)
    assert found, page.content()
    page.goto(f"{portal.desk}/desk/items/{found[0]}")
    page.wait_for_selector(f"#item-hosting-{found[0]}")
    return found[0]


@pytest.mark.browser
def test_a_look_is_asked_for_by_keyboard_and_comes_by_itself(browser: Browser, asking: Asking) -> None:
    context = browser.new_context(viewport={"width": 1366, "height": 900}, locale="en")
    page = context.new_page()
    ref = open_an_item(page, asking.portal)
    card = page.locator(f"#item-hosting-{ref}")
    expect(card).to_contain_text("-NET", timeout=ANSWERS)
    settle(asking.registry, "OTHER-NET")
    make_old(asking.portal.data_dir)

    page.locator(f"#look-up-{ref}").focus()
    page.keyboard.press("Enter")

    expect(card).to_contain_text("OTHER-NET", timeout=ANSWERS)
    expect(card).to_contain_text("abuse@hosting.example")
    expect(card).to_contain_text("Somebody else hosts it now")
    page.locator(f"#look-up-{ref}").press("Enter")
    expect(card.get_by_role("alert")).to_contain_text("less than a minute ago")
    assert faults_in_both(page) == []
    card.get_by_role("link", name="See record").click()
    expect(page.locator("h1")).to_have_text(f"Hosting of {ref}")
    assert faults(page) == []
    context.close()


@pytest.mark.browser
def test_without_script_and_on_a_phone_hosts_are_noted_and_settled(browser: Browser, asking: Asking) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False, locale="en")
    page = context.new_page()
    ref = open_an_item(page, asking.portal)
    page.goto(f"{asking.portal.desk}/desk/items/{ref}/hosting")
    page.get_by_label("Provider or network").fill("Example Noted Hosting")
    page.get_by_label("Country").select_option("KH")
    page.get_by_role("button", name="Save").click()

    expect(page.locator(f"#item-hosting-{ref}")).to_contain_text("Example Noted Hosting")

    page.goto(f"{asking.portal.desk}/desk/hosts/new")
    page.get_by_label("Host", exact=True).fill("phone-made.example")
    page.get_by_label("It is not ours").check()
    page.get_by_label("Why").fill("their own team takes reports")
    page.get_by_role("button", name="Settle it").click()
    expect(page.locator("main")).to_contain_text("phone-made[.]example")
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1366])
def test_the_pages_about_hosts_fit_and_axe_finds_nothing(browser: Browser, asking: Asking, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="en")
    page = context.new_page()
    ref = open_an_item(page, asking.portal)
    for path in ("/desk/hosts", "/desk/hosts/new", f"/desk/items/{ref}/hosting"):
        page.goto(f"{asking.portal.desk}{path}")
        assert faults_in_both(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1"), path
    context.close()
