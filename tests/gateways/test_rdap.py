"""What registries say, asked of a real server that is slow, huge, no registry, or leads elsewhere."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline.errors import SettingsError
from hotline.gateways import rdap
from hotline.gateways.rdap import OWN_BOOTSTRAP, Bootstrap, RdapClient, RdapFault
from tests.gateways import rdap_server as server_kinds
from tests.gateways.rdap_server import RdapServer, leads_to, network, rdap_server, says

PATH = "/ip/198.51.100.42"


@pytest.fixture
def server() -> Iterator[RdapServer]:
    with rdap_server() as running:
        yield running


@pytest.fixture
def client(server: RdapServer, tmp_path: Path) -> RdapClient:
    return RdapClient(Bootstrap.from_folder(server.bootstrap(tmp_path / "bootstrap")), pace=0, longest=0.8)


def fault_of(client: RdapClient, address: str = "198.51.100.42") -> str:
    with pytest.raises(RdapFault) as caught:
        client.of_address(address)
    assert address not in str(caught.value)
    return caught.value.code


def test_of_address_gives_what_the_registry_says(server: RdapServer, client: RdapClient) -> None:
    server.pages[PATH] = says(network("EXAMPLE-NET"))

    said = client.of_address("198.51.100.42")

    assert said.facts["name"] == "EXAMPLE-NET"
    assert said.server == "127.0.0.1"
    assert len(said.digest) == 64


def test_of_range_asks_the_registry_which_network_holds_all_of_it(server: RdapServer, client: RdapClient) -> None:
    server.pages["/ip/198.51.100.0/23"] = says(network("WIDE-NET"))

    assert client.of_range("198.51.100.0/23").facts["name"] == "WIDE-NET"
    assert server.asked == ["/ip/198.51.100.0/23"]


def test_of_range_asks_nobody_where_no_registry_has_all_of_it(tmp_path: Path, server: RdapServer) -> None:
    folder = server.bootstrap(tmp_path / "bootstrap")
    (folder / "ipv4.json").write_text(json.dumps({"services": [[["198.51.100.0/24"], [server.url]]]}))
    client = RdapClient(Bootstrap.from_folder(folder), pace=0, longest=0.8)

    with pytest.raises(RdapFault, match="no_server"):
        client.of_range("198.51.100.0/23")
    assert server.asked == []


def test_of_domain_asks_the_registry_of_the_last_label(server: RdapServer, client: RdapClient) -> None:
    server.pages["/domain/site.example"] = says({"ldhName": "site.example"})

    assert client.of_domain("site.example").facts == {"ldhName": "site.example"}
    with pytest.raises(RdapFault, match="no_server"):
        client.of_domain("site.test")
    assert server.asked == ["/domain/site.example"]


def test_of_address_cuts_a_slow_registry_off(server: RdapServer, client: RdapClient) -> None:
    server.pages[PATH] = server_kinds.drips
    began = time.monotonic()

    assert fault_of(client) == rdap.SLOW
    assert time.monotonic() - began < 3


def test_of_address_reads_no_more_than_the_cap(server: RdapServer, client: RdapClient) -> None:
    server.pages[PATH] = server_kinds.floods

    assert fault_of(client) == rdap.HUGE


@pytest.mark.parametrize("body", [b"<html>", b"[1, 2]", b"", b"\xff\xfe", b"[" * 100_000])
def test_of_address_takes_only_a_json_object(server: RdapServer, client: RdapClient, body: bytes) -> None:
    server.pages[PATH] = says(body)

    assert fault_of(client) == rdap.NOT_JSON


def test_of_address_takes_no_page(server: RdapServer, client: RdapClient) -> None:
    server.pages[PATH] = says({"name": "X"}, kind="text/html")

    assert fault_of(client) == rdap.NOT_JSON


@pytest.mark.parametrize(
    ("status", "code"), [(404, rdap.UNKNOWN), (429, rdap.BUSY), (400, rdap.REFUSED), (503, rdap.AWAY)]
)
def test_of_address_says_how_a_registry_declined(
    server: RdapServer, client: RdapClient, status: int, code: str
) -> None:
    server.pages[PATH] = says({}, status=status)

    assert fault_of(client) == code


def test_of_address_follows_a_redirect_to_another_registry(server: RdapServer, tmp_path: Path) -> None:
    with rdap_server() as other:
        folder = server.bootstrap(tmp_path / "bootstrap")
        (folder / "dns.json").write_text(json.dumps({"services": [[["test"], [other.url]]]}))
        server.pages[PATH] = leads_to(f"{other.url}ip/198.51.100.42")
        other.pages[PATH] = says(network("OTHER-NET"))

        said = RdapClient(Bootstrap.from_folder(folder), pace=0).of_address("198.51.100.42")

    assert said.facts["name"] == "OTHER-NET"


def test_of_address_never_follows_to_a_host_that_is_no_registry(client: RdapClient, server: RdapServer) -> None:
    with rdap_server() as inside:
        server.pages[PATH] = leads_to(f"{inside.url}admin")

        assert fault_of(client) == rdap.ELSEWHERE
        assert inside.asked == []


@pytest.mark.parametrize(
    "url",
    ["http://localhost/", "https://127.0.0.1/", "file:///etc/passwd", "http://user@{place}/ip/1", "//[", "gopher://x"],
)
def test_of_address_never_follows_anywhere_odd(server: RdapServer, client: RdapClient, url: str) -> None:
    server.pages[PATH] = leads_to(url.format(place=server.url.split("/")[2]))

    assert fault_of(client) in {rdap.ELSEWHERE, rdap.AWAY}
    assert server.asked == [PATH]


def test_of_address_ends_redirects(server: RdapServer, client: RdapClient) -> None:
    server.pages[PATH] = leads_to(PATH)

    assert fault_of(client) == rdap.ELSEWHERE
    assert len(server.asked) == 1 + rdap.MOST_REDIRECTS


def test_a_registry_whose_name_leads_into_our_own_network_is_not_asked(
    tmp_path: Path, server: RdapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = server.bootstrap(tmp_path / "bootstrap")
    (folder / "ipv4.json").write_text(json.dumps({"services": [[["0.0.0.0/0"], ["https://rdap.example/"]]]}))
    monkeypatch.setattr(rdap.socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("127.0.0.1", 443))])

    assert fault_of(RdapClient(Bootstrap.from_folder(folder), pace=0)) == rdap.ELSEWHERE
    assert server.asked == []


def test_a_registry_is_asked_at_a_pace(server: RdapServer, tmp_path: Path) -> None:
    client = RdapClient(Bootstrap.from_folder(server.bootstrap(tmp_path / "bootstrap")), pace=0.2)
    server.pages[PATH] = says(network())
    began = time.monotonic()

    for _ in range(3):
        client.of_address("198.51.100.42")

    assert time.monotonic() - began >= 0.4


def test_a_registry_with_too_long_a_queue_is_left_for_later(server: RdapServer, tmp_path: Path) -> None:
    client = RdapClient(Bootstrap.from_folder(server.bootstrap(tmp_path / "bootstrap")), pace=60)
    server.pages[PATH] = says(network())
    client.of_address("198.51.100.42")

    assert fault_of(client) == rdap.BUSY


def test_our_own_bootstrap_knows_a_registry_for_every_block_and_only_over_tls() -> None:
    bootstrap = Bootstrap.from_folder(OWN_BOOTSTRAP)

    assert {scheme for scheme, *_ in bootstrap.hosts} == {"https"}
    assert len([net for net, _ in bootstrap.networks if net.version == 4]) == 221
    assert {"rdap.apnic.net", "rdap.arin.net", "rdap.db.ripe.net", "rdap.lacnic.net", "rdap.afrinic.net"} <= {
        host for _, host, _ in bootstrap.hosts
    }


def test_plain_http_is_left_out_of_a_bootstrap_unless_it_is_this_machine(tmp_path: Path, server: RdapServer) -> None:
    folder = server.bootstrap(tmp_path / "bootstrap")
    (folder / "dns.json").write_text(json.dumps({"services": [[["test"], ["http://rdap.example/"]]]}))

    assert Bootstrap.from_folder(folder).names == {}


@pytest.mark.parametrize(
    "text", ["", "{}", '{"services": [["a"]]}', '{"services": [[["x/8"], ["https://a.example/"]]]}']
)
def test_a_broken_bootstrap_is_named_in_one_line(tmp_path: Path, server: RdapServer, text: str) -> None:
    folder = server.bootstrap(tmp_path / "bootstrap")
    (folder / "ipv4.json").write_text(text)

    with pytest.raises(SettingsError, match="HOTLINE_RDAP_BOOTSTRAP"):
        Bootstrap.from_folder(folder)
