"""The connector to ICCAM against a stand-in: who is let in, what a fault means, what is never done twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline.gateways.iccam import IccamClient, IccamFault
from tests.gateways.iccam_server import IccamServer, certificates, iccam_server

URL = "https://img-board.example/t/1"
REPORT = {
    "reportingAnalystName": "A-01",
    "hotlineReceivedDate": "2026-11-26T03:00:00Z",
    "hotlineReference": "I-222222",
    "urls": [{"urlString": URL, "hotlineReference": "I-222222", "isSourceUrl": True}],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("certificates")
    certificates(made)
    return made


@pytest.fixture
def server(folder: Path) -> Iterator[IccamServer]:
    with iccam_server(folder) as running:
        yield running


def client_of(
    server: IccamServer, folder: Path, *, name: str = "client", url: str = "", longest: float = 10
) -> IccamClient:
    cert, key = str(folder / f"{name}.pem"), str(folder / f"{name}.key")
    return IccamClient(url or server.url, cert, key, authority=str(folder / "ca.pem"), longest=longest)


@pytest.fixture
def client(server: IccamServer, folder: Path) -> IccamClient:
    return client_of(server, folder)


def fault_of(deed) -> tuple[str, bool]:
    with pytest.raises(IccamFault) as caught:
        deed()
    return caught.value.code, caught.value.permanent


def test_a_report_is_made_assessed_and_acted_on_under_one_bearer(server: IccamServer, client: IccamClient) -> None:
    report_no, content_no = client.report(REPORT, URL)
    client.assess(content_no, {"assessingAnalystName": "A-01", "classification": 1})
    client.set_field(report_no, "sourceUrlSiteType", 5)
    client.act(content_no, {"actionType": 2, "actioningAnalystName": "A-01"})
    client.move(content_no, "NL")

    assert [what for what, _, _ in server.told] == [
        "report",
        "assessment",
        "field",
        "actions",
        "url/hosting",
        "assigned-country",
    ]
    assert server.told[2] == ("field", "site-type", {"sourceUrlSiteType": 5})
    assert server.told[4][1] == "newCountryCode=NL"
    assert (server.signed_in, server.refreshed) == (1, 0)


def test_a_bearer_that_ends_soon_is_changed(server: IccamServer, client: IccamClient) -> None:
    server.lives = 30
    report_no, content_no = client.report(REPORT, URL)
    client.assess(content_no, {"classification": 1})

    assert (server.signed_in, server.refreshed) == (1, 2)  # making a report is two calls
    assert report_no


def test_a_bearer_that_ended_early_costs_one_try(server: IccamServer, client: IccamClient) -> None:
    _, content_no = client.report(REPORT, URL)
    server.bearers.clear()

    assert fault_of(lambda: client.assess(content_no, {"classification": 1})) == ("no_entry", False)
    client.assess(content_no, {"classification": 1})

    assert server.signed_in == 2


def test_without_our_certificate_or_with_a_wrong_password_nobody_is_let_in(server: IccamServer, folder: Path) -> None:
    other = folder / "other"
    if not other.exists():
        other.mkdir()
        certificates(other)
    stranger = IccamClient(
        server.url, str(other / "client.pem"), str(other / "client.key"), authority=str(folder / "ca.pem")
    )
    wrong = client_of(server, folder, url=server.url.replace("p%40ss", "guess"))

    assert fault_of(lambda: stranger.report(REPORT, URL))[1] is False
    assert fault_of(lambda: wrong.report(REPORT, URL)) == ("no_entry", False)
    assert server.told == []


def test_a_server_with_another_certificate_is_not_believed(server: IccamServer, folder: Path) -> None:
    other = folder / "another"
    other.mkdir(exist_ok=True)
    certificates(other)
    client = IccamClient(
        server.url, str(folder / "client.pem"), str(folder / "client.key"), authority=str(other / "ca.pem")
    )

    assert fault_of(lambda: client.report(REPORT, URL)) == ("unreached", False)


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        (["lost"], ("uncertain", True)),
        (["no json"], ("uncertain", True)),
        (["huge"], ("uncertain", True)),
        (["500"], ("uncertain", True)),
        (["404"], ("refused", True)),
        (["", "500"], ("uncertain", True)),  # made, and its numbers could not be read back
        (["", "lost"], ("uncertain", True)),
    ],
)
def test_a_report_whose_answer_is_lost_is_never_called_undone(
    server: IccamServer, client: IccamClient, answers: list[str], fault: tuple[str, bool]
) -> None:
    server.next_answers = answers

    assert fault_of(lambda: client.report(REPORT, URL)) == fault


def test_a_field_may_be_set_again(server: IccamServer, client: IccamClient) -> None:
    report_no, content_no = client.report(REPORT, URL)
    client.assess(content_no, {"classification": 1})
    server.next_answers = ["lost"]

    assert fault_of(lambda: client.set_field(report_no, "sourceUrlSiteType", 5)) == ("away", False)


def test_who_hangs_is_cut_off(server: IccamServer, folder: Path) -> None:
    client = client_of(server, folder, longest=0.5)
    server.next_answers = ["hangs"]

    assert fault_of(lambda: client.report(REPORT, URL)) == ("uncertain", True)


def test_nobody_there_is_a_reason_to_try_again(server: IccamServer, folder: Path) -> None:
    client = client_of(server, folder)
    server.stop()

    assert fault_of(lambda: client.report(REPORT, URL)) == ("unreached", False)


def test_the_stand_in_holds_the_order(server: IccamServer, client: IccamClient) -> None:
    report_no, content_no = client.report(REPORT, URL)

    assert fault_of(lambda: client.act(content_no, {"actionType": 3})) == ("refused", True)
    assert fault_of(lambda: client.set_field(report_no, "sourceUrlSiteType", 5)) == ("refused", True)
    assert fault_of(lambda: client.report(REPORT, URL)) == ("refused", True)
