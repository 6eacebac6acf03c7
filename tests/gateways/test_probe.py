"""One HEAD request through the proxy, of which one line is read: asked of a real proxy and a real web server."""

import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline.gateways import probe as gateway
from hotline.gateways.probe import HttpProbe, ProbeFault
from hotline.rules import online
from tests.gateways import proxy_server
from tests.gateways.iccam_server import certificates
from tests.gateways.proxy_server import Proxy, WebServer

PAGE = "http://img-board.example/t/1?page=2"
SAFE_PAGE = "https://img-board.example/t/1"
STATUS_LINE = b"HTTP/1.1 404 Not Found\r\n"


@pytest.fixture
def both() -> Iterator[tuple[WebServer, Proxy]]:
    with proxy_server.web_and_proxy() as running:
        yield running


@pytest.fixture
def web(both: tuple[WebServer, Proxy]) -> WebServer:
    return both[0]


@pytest.fixture
def proxy(both: tuple[WebServer, Proxy]) -> Proxy:
    return both[1]


@pytest.fixture
def probe(proxy: Proxy) -> HttpProbe:
    return HttpProbe(proxy.url, longest=2)


def fault_of(probe: HttpProbe, href: str = PAGE) -> str:
    with pytest.raises(ProbeFault) as caught:
        probe.head(href)
    assert "example" not in str(caught.value)
    return caught.value.code


def answers(web: WebServer, status: str, *more: str, body: bytes = b"") -> None:
    web.answer = "\r\n".join([f"HTTP/1.1 {status}", *more, "", ""]).encode() + body


@pytest.mark.parametrize("status", [200, 204, 301, 403, 404, 410, 429, 451, 500, 503])
def test_the_status_is_told(web: WebServer, probe: HttpProbe, status: int) -> None:
    answers(web, f"{status} Whatever It Says")

    assert probe.head(PAGE).status == status


def test_one_head_request_says_nothing_of_us(web: WebServer, proxy: Proxy, probe: HttpProbe) -> None:
    probe.head(PAGE)

    assert (web.connections, len(web.asked)) == (1, 1)
    lines = web.asked[0].split("\r\n")
    assert lines[0] == "HEAD /t/1?page=2 HTTP/1.1"
    names = {line.partition(":")[0] for line in lines[1:] if line}
    assert names == {"Host", "User-Agent", "Accept", "Connection"}
    assert "User-Agent: Mozilla/5.0 (compatible)" in lines
    assert proxy.named == [PAGE]


@pytest.mark.parametrize("length", [10, 8_000_000])
def test_a_body_that_comes_all_the_same_is_not_read(
    web: WebServer, proxy: Proxy, probe: HttpProbe, length: int
) -> None:
    answers(web, "404 Not Found", f"Content-Length: {length}", body=b"x" * length)

    found = probe.head(PAGE)

    assert found == (404, len(STATUS_LINE))
    assert proxy.over.wait(5)
    assert (
        proxy.relayed < 4_000_000
    )  # what lies in the buffers of both machines; the line is cut, nobody takes the rest


def test_what_is_received_is_the_status_line_alone(
    web: WebServer, probe: HttpProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(web, "404 Not Found", "X-Words: these words are not read", body=b"nor is this")
    received = []
    real = gateway._Reader._byte

    def byte(reader: gateway._Reader) -> bytes:
        received.append(real(reader))
        return received[-1]

    monkeypatch.setattr(gateway._Reader, "_byte", byte)
    probe.head(PAGE)

    assert b"".join(received) == STATUS_LINE


def test_no_redirect_is_followed_also_not_to_loopback(web: WebServer, proxy: Proxy, probe: HttpProbe) -> None:
    with proxy_server.web_and_proxy() as (inner, _):
        answers(web, "302 Found", f"Location: http://127.0.0.1:{inner.port}/secret", "Set-Cookie: a=b")

        assert probe.head(PAGE).status == 302

        assert inner.connections == 0
    assert (web.connections, proxy.connections) == (1, 1)


def test_huge_heads_are_not_read(web: WebServer, proxy: Proxy, probe: HttpProbe) -> None:
    answers(web, "410 Gone", *[f"X-Much-{number}: {'y' * 1000}" for number in range(5000)])

    assert probe.head(PAGE).read == len("HTTP/1.1 410 Gone\r\n")


def test_interim_answers_are_passed_over(web: WebServer, probe: HttpProbe) -> None:
    web.answer = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + STATUS_LINE + b"\r\n"

    assert probe.head(PAGE).status == 404


@pytest.mark.parametrize(
    "answer",
    [
        b"x" * 100_000,
        b"HTTP/1.1 99 Too Low\r\n",
        b"HTTP/9.9 404 Whatever\r\n",
        b"SSH-2.0-OpenSSH_9\r\n",
        b"\r\n\r\n",
        b"HTTP/1.1 103 Early\r\n" + b"X: y\r\n" * 5000,
    ],
)
def test_what_is_no_answer_is_garbled(web: WebServer, probe: HttpProbe, answer: bytes) -> None:
    web.answer = answer

    assert fault_of(probe) == online.GARBLED


def test_a_host_that_hangs_up_does_not_answer(web: WebServer, probe: HttpProbe) -> None:
    web.answer = b"HTTP/1.1 40"

    assert fault_of(probe) == online.NO_ANSWER


def test_a_host_that_drips_is_cut_off(web: WebServer, proxy: Proxy) -> None:
    def drip(line: socket.socket) -> None:
        for byte in b"HTTP/1.1 404 " + b"z" * 100:
            line.sendall(bytes([byte]))
            time.sleep(0.1)

    web.answer, began = drip, time.monotonic()

    assert fault_of(HttpProbe(proxy.url, longest=0.5)) == online.SLOW
    assert time.monotonic() - began < 2


def test_a_proxy_that_says_nothing_is_cut_off(proxy: Proxy) -> None:
    proxy.silent, began = True, time.monotonic()

    assert fault_of(HttpProbe(proxy.url, longest=0.5)) == online.SLOW
    assert time.monotonic() - began < 2


def test_a_proxy_that_is_away_is_said_and_nobody_else_is_asked(web: WebServer, proxy: Proxy, probe: HttpProbe) -> None:
    proxy.stop()

    assert fault_of(probe) == online.PROXY_AWAY
    assert web.connections == 0


def test_only_the_proxy_is_connected_to_and_no_name_is_looked_up(
    web: WebServer, proxy: Proxy, probe: HttpProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected, looked_up = [], []
    connect, look_up = socket.create_connection, socket.getaddrinfo

    def record_connect(place: tuple[str, int], *more: object, **named: object) -> socket.socket:
        connected.append(place)
        return connect(place, *more, **named)

    def record_name(host: str, *more: object, **named: object) -> object:
        looked_up.append(host)
        return look_up(host, *more, **named)

    monkeypatch.setattr(gateway.socket, "create_connection", record_connect)
    monkeypatch.setattr(socket, "getaddrinfo", record_name)
    probe.head(PAGE)

    assert connected[0] == ("127.0.0.1", proxy.port)
    assert set(looked_up) == {"127.0.0.1"}
    assert {host for host, _port in connected} == {"127.0.0.1"}


@pytest.mark.parametrize(
    ("href", "code"),
    [
        ("http://127.0.0.1/t/1", online.PRIVATE),
        ("http://10.0.0.7/t/1", online.PRIVATE),
        ("http://[::1]/t/1", online.PRIVATE),
        ("http://[::ffff:127.0.0.1]/t/1", online.PRIVATE),
        ("http://169.254.169.254/latest", online.PRIVATE),
        ("http://localhost/t/1", online.PRIVATE),
        ("http://2130706433/t/1", online.PRIVATE),
        ("http://desk.internal/t/1", online.PRIVATE),
        ("http://" + "a" * 56 + ".onion/t/1", online.ONION),
        ("ftp://img-board.example/t/1", online.NOT_WEB),
    ],
)
def test_what_no_program_may_look_at_is_not_asked_for(
    web: WebServer, proxy: Proxy, probe: HttpProbe, href: str, code: str
) -> None:
    assert fault_of(probe, href) == code
    assert (web.connections, proxy.connections) == (0, 0)


def test_odd_paths_stay_one_line(web: WebServer, probe: HttpProbe) -> None:
    probe.head("http://img-board.example/a b/ទំព័រ?q=ok%0d%0aX: y&z={1}")

    lines = web.asked[0].split("\r\n")
    assert lines[0].count(" ") == 2
    assert len([line for line in lines if line]) == 5


def test_a_proxy_with_a_password_gets_it_and_the_host_does_not(web: WebServer, proxy: Proxy) -> None:
    with_entry = HttpProbe(f"http://desk:p%40ss@127.0.0.1:{proxy.port}", longest=2)

    with_entry.head(PAGE)

    assert "Proxy-Authorization: Basic ZGVzazpwQHNz" in proxy.heads[0]


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[tuple[WebServer, Proxy, ssl.SSLContext]]:
    certificates(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    trusting = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
    trusting.check_hostname = False  # the test's certificate is for loopback
    with proxy_server.web_and_proxy(server) as (web, proxy):
        yield web, proxy, trusting


def test_https_goes_through_a_tunnel(tls_server: tuple[WebServer, Proxy, ssl.SSLContext]) -> None:
    web, proxy, trusting = tls_server
    answers(web, "410 Gone", body=b"a body")

    found = HttpProbe(f"http://desk:secret@127.0.0.1:{proxy.port}", longest=4, tls=trusting).head(SAFE_PAGE)

    assert found == (410, len("HTTP/1.1 410 Gone\r\n"))
    assert proxy.named == ["img-board.example:443"]
    assert "Proxy-Authorization" in proxy.heads[0]
    assert "Proxy-Authorization" not in web.asked[0]
    assert web.asked[0].startswith("HEAD /t/1 HTTP/1.1\r\nHost: img-board.example\r\n")


def test_a_wrong_certificate_says_nothing_of_the_page(tls_server: tuple[WebServer, Proxy, ssl.SSLContext]) -> None:
    web, proxy, _ = tls_server

    assert fault_of(HttpProbe(proxy.url, longest=4), SAFE_PAGE) == online.TLS
    assert web.asked == []


@pytest.mark.parametrize(("status", "code"), [("403 No", "no_answer"), ("502 No", "no_answer"), ("407 Who", "proxy")])
def test_a_proxy_that_leads_nowhere_is_no_answer(proxy: Proxy, probe: HttpProbe, status: str, code: str) -> None:
    proxy.refuses = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()

    assert fault_of(probe, SAFE_PAGE) == code


def test_a_proxy_that_asks_who_we_are_tells_nothing_of_a_page_without_tls(proxy: Proxy, probe: HttpProbe) -> None:
    proxy.refuses = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"

    assert fault_of(probe, PAGE) == online.PROXY_AWAY
