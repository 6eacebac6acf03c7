"""The reverse proxy's settings, tried with a real nginx before real sites: TLS, headers, and no trace of a visitor."""

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest

from hotline.security import HSTS
from tests.blueprints.desk import desk_site
from tests.deploy.processes import free_ports, wait_for
from tests.gateways.mail_server import make_certificate
from tests.page import Page

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / "deploy" / "nginx.conf"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
ONION = "hotlineexamplehotlineexamplehotlineexamplehotlineexample.onion"
SECRET = "secret-words-of-a-reporter"
AROUND = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log {folder}/access.log;
    gzip on;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/unused;
    uwsgi_temp_path {folder}/unused;
    scgi_temp_path {folder}/unused;
{sites}
}}
"""

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed (on Debian: nginx-light)")


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    text: str


@dataclass
class Visitor:
    """Somebody's connection to one of the proxy's doors, and the cookies it was given."""

    port: int
    host: str
    tls: bool = True
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, *, form: dict[str, str] | None = None, **headers: str) -> Answer:
        """Send one request and read its answer."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        if self.tls:
            trusting = ssl._create_unverified_context()  # noqa: S323 -- a test's certificate
            line.connect()
            line.sock = trusting.wrap_socket(line.sock, server_hostname=self.host)
        sent = {"Host": self.host, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if form is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        body = None if form is None else urlencode(form)
        line.request("GET" if form is None else "POST", path, body, sent | headers)
        got = line.getresponse()
        text = got.read().decode("utf-8", "replace")
        for cookie in got.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        line.close()
        return Answer(got.status, got.headers, text)

    def send(self, path: str, **fields: str) -> Answer:
        """Open the form at `path` and send it."""
        return self.ask(path, form={"csrf_token": Page(self.ask(path).text).token, **fields})


@dataclass(frozen=True)
class Proxy:
    """A running proxy: its folder, and the ports of its doors."""

    folder: Path
    plain: int
    secure: int
    onion: int

    def public(self) -> Visitor:
        return Visitor(self.secure, "hotline.example")

    def desk(self) -> Visitor:
        return Visitor(self.secure, "desk.hotline.example")

    def by_onion(self) -> Visitor:
        return Visitor(self.onion, ONION, tls=False)


@contextmanager
def running(*command: str, cwd: Path = ROOT, environ: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=cwd, env=os.environ | environ, stdout=out, stderr=out)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder, data = tmp_path_factory.mktemp("nginx"), tmp_path_factory.mktemp("data")
    desk_site.lay(data)
    plain, sites = free_ports(), free_ports()
    found = Proxy(folder, plain, plain + 1, free_ports())
    settings = desk_site.environ(
        data,
        HOTLINE_PUBLIC_URL="https://hotline.example",
        HOTLINE_DESK_URL="https://desk.hotline.example",
        HOTLINE_DESK_NETWORKS="127.0.0.0/8",
        HOTLINE_ONION_URL=f"http://{ONION}",
        HOTLINE_TRUSTED_PROXIES="1",
        HOTLINE_BRAKE="0",  # then a network is refused at its share
    )
    _write(found, sites)
    with ExitStack() as stack:
        for at, app in enumerate(("app:public", "app:desk")):
            gunicorn = (sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn_settings.py")
            command = (*gunicorn, "-b", f"127.0.0.1:{sites + at}", app)
            stack.enter_context(running(*command, environ=settings, log=data / f"{app}.log"))
        log = folder / "said.log"
        command = (str(NGINX), "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(folder / "nginx.conf"))
        server = stack.enter_context(running(*command, cwd=folder, environ={}, log=log))
        wait_for(lambda: server.poll() is not None or _answers(found), "the proxy and both sites")
        assert server.poll() is None, log.read_text()
        for name in ("bodies", "answers"):
            (folder / name).chmod(0)  # whatever it would put on its disk now fails
        yield found


def _write(proxy: Proxy, sites: int) -> None:
    """Write the settings as somebody would who installs them: with names, certificates, networks and ports put in."""
    text = SETTINGS.read_text()
    for name in ("hotline.example", "desk.hotline.example"):
        own = proxy.folder / name
        own.mkdir()
        make_certificate(own, name)
        text = text.replace(f"/etc/ssl/hotline/{name}.pem", f"{own}/server.pem")
        text = text.replace(f"/etc/ssl/hotline/{name}.key", f"{own}/server.key")
    places = {
        "listen 80": f"listen 127.0.0.1:{proxy.plain}",
        "listen 443": f"listen 127.0.0.1:{proxy.secure}",
        "listen 127.0.0.1:8080": f"listen 127.0.0.1:{proxy.onion}",
        "127.0.0.1:8000": f"127.0.0.1:{sites}",
        "127.0.0.1:8001": f"127.0.0.1:{sites + 1}",
        "allow 192.0.2.0/24": "allow 127.0.0.1",
    }
    for there, here in places.items():
        assert there in text
        text = text.replace(there, here)
    (proxy.folder / "nginx.conf").write_text(AROUND.format(folder=proxy.folder, sites=text))


def _answers(proxy: Proxy) -> bool:
    try:
        return proxy.public().ask("/healthz").status == proxy.desk().ask("/healthz").status == 200
    except OSError:
        return False


def test_a_report_goes_through_and_leaves_no_trace_in_the_proxy(proxy: Proxy) -> None:
    visitor = proxy.public()
    typed = {"category": "csam", "urls": f"https://page.example/{SECRET}", "details": SECRET + " more" * 8000}

    too_much = visitor.send("/en/report", **typed, padding="x" * 100_000)
    stored = visitor.send("/en/report", **typed | {"details": SECRET})
    receipt = visitor.ask("/en/report/receipt")

    assert (too_much.status, Page(too_much.text).heading) == (413, "That was too much at once")
    assert (stored.status, stored.headers["Location"], receipt.status) == (303, "/en/report/receipt", 200)
    assert "__Host-receipt" in visitor.cookies
    assert receipt.headers["Strict-Transport-Security"]
    left = b"".join(path.read_bytes() for path in proxy.folder.glob("*.log"))
    assert SECRET.encode() not in left
    assert b"/en/report" not in left


def test_the_proxys_own_answers_bind_a_browser_to_tls_too(proxy: Proxy) -> None:
    own = proxy.public().ask("/en/report", form={"details": "x" * 1_200_000})  # more than nginx lets through

    assert (own.status, own.headers.get_all("Strict-Transport-Security")) == (413, [HSTS])
    assert proxy.public().ask("/en/").headers.get_all("Strict-Transport-Security") == [HSTS]
    assert proxy.desk().ask("/desk/sign-in").headers.get_all("Strict-Transport-Security") == [HSTS]


def test_a_partners_program_without_tls_is_refused_and_a_person_is_led_to_it(proxy: Proxy) -> None:
    visitor = Visitor(proxy.plain, "hotline.example", tls=False)

    assert visitor.ask("/exchange/v1/openapi.json").status == 403
    assert visitor.ask("/en/").headers["Location"] == "https://hotline.example/en/"


def test_what_a_visitor_says_of_where_it_comes_from_passes_no_limit(proxy: Proxy) -> None:
    forged = [{"X-Forwarded-For": f"198.51.100.{n}", "X-Real-IP": f"198.51.100.{n}"} for n in range(90)]

    statuses = [proxy.public().ask("/km/report", form={}, **headers).status for headers in forged]

    assert statuses[-1] == 429


def test_the_onions_visitors_are_known_by_their_door_alone(proxy: Proxy) -> None:
    forged = {"X-Forwarded-For": "198.51.100.7", "Forwarded": "for=198.51.100.7"}

    assert {proxy.by_onion().ask("/en/report", form={}, **forged).status for _ in range(90)} == {422}
    shown = proxy.by_onion().ask("/en/report")
    assert shown.status == 200
    assert "Strict-Transport-Security" not in shown.headers


def test_whether_the_stores_take_work_is_told_on_the_machine_alone(proxy: Proxy) -> None:
    for door in (proxy.public(), proxy.desk(), proxy.by_onion()):
        assert door.ask("/readyz").status == 404
        assert door.ask("/healthz").status == 200  # pages ask it while they wait for us


def test_a_name_that_is_not_ours_gets_no_answer(proxy: Proxy) -> None:
    with pytest.raises(ssl.SSLError):
        Visitor(proxy.secure, ONION).ask("/")
    with pytest.raises((OSError, http.client.HTTPException)):
        proxy.public().ask("/en/", Host=ONION)
    with pytest.raises((OSError, http.client.HTTPException)):
        Visitor(proxy.plain, ONION, tls=False).ask("/en/")


def test_whoever_comes_without_tls_is_sent_to_it(proxy: Proxy) -> None:
    answer = Visitor(proxy.plain, "hotline.example", tls=False).ask("/km/report")

    assert (answer.status, answer.headers["Location"]) == (301, "https://hotline.example/km/report")


def test_while_the_public_site_is_stopped_visitors_read_a_telephone_number(tmp_path: Path) -> None:
    plain = free_ports()
    found = Proxy(tmp_path, plain, plain + 1, free_ports())
    _write(found, free_ports())
    command = (str(NGINX), "-e", str(tmp_path / "error.log"), "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"))
    with running(*command, cwd=tmp_path, environ={}, log=tmp_path / "said.log"):
        wait_for(lambda: _listens(found.secure), "the proxy")

        told = [found.public().ask("/km/"), found.public().ask("/en/report", form={"urls": SECRET})]
        by_onion = found.by_onion().ask("/km/")

    assert [(one.status, "092 311 511" in one.text) for one in (*told, by_onion)] == [(503, True)] * 3
    assert told[0].headers["Cache-Control"] == "no-store"
    assert SECRET.encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("*.log"))


def _listens(port: int) -> bool:
    with closing(socket.socket()) as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def test_people_sign_in_and_out_at_the_desk(proxy: Proxy) -> None:
    person = proxy.desk()

    inside = person.send("/desk/sign-in", name="sophea", password=desk_site.PASSWORD)
    today = person.ask("/desk/")
    outside = person.ask("/desk/sign-out", form={"csrf_token": Page(today.text).token})

    assert (inside.status, inside.headers["Location"], today.status) == (303, "/desk/", 200)
    assert (outside.status, outside.headers["Location"]) == (303, "/desk/sign-in")
    assert person.ask("/desk/").status == 303


def test_the_desk_is_for_the_secure_room_only() -> None:
    desk = SETTINGS.read_text().partition("server_name desk.hotline.example")[2].partition("\n}")[0]

    assert re.search(r"^\s+allow [^;]+;.*\n\s+deny all;", desk, re.M)
