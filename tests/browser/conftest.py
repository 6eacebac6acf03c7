"""A real browser, and the whole portal as `make run` starts it, with a real mail server behind it."""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.open_site import OpenSite, serving
from tests.browser.tls_proxy import TlsProxy
from tests.deploy.processes import child_named, free_ports, wait_for
from tests.gateways.mail_server import MailServer, listening, make_certificate

ROOT = Path(__file__).parents[2]
FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
RUNNING: list[subprocess.Popen[bytes]] = []


def pytest_runtest_setup() -> None:
    _tell_sweepers(signal.SIGCONT)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Let portals that stay for the session rest while other tests follow: their rounds took a tenth of a core each."""
    if nextitem is None or nextitem.path.parent != item.path.parent:
        _tell_sweepers(signal.SIGSTOP)


def _tell_sweepers(what: signal.Signals) -> None:
    for portal in RUNNING:
        if sweeper := child_named(portal.pid, "hotline-sweeper"):
            os.kill(sweeper, what)


@dataclass(frozen=True)
class Portal:
    """The running portal: where its sites are, where its letters go, and who can sign in."""

    public: str
    desk: str
    data_dir: Path
    mail: MailServer

    def password(self, name: str) -> str:
        """Return the demo's password for `name`."""
        lines = (self.data_dir / "demo-sign-ins.txt").read_text()
        return dict(re.findall(r"^  (\w+)\s+(\S+)", lines, re.M))[name]


def sign_in(page: Page, portal: Portal, name: str) -> None:
    """Sign in at the desk's door."""
    page.goto(f"{portal.desk}/desk/sign-in")
    page.fill("#name", name)
    page.fill("#password", portal.password(name))
    page.click("main button")


def looks_lived_in(data_dir: Path) -> bool:
    """Whether the invented data stands and what follows from it is done."""
    with sqlite3.connect(f"file:{data_dir / 'desk.sqlite3'}?mode=ro", uri=True) as desk:
        (items,) = desk.execute("SELECT count(*) FROM items").fetchone()
        # some reporters are told on another day; the filling itself stands put off while somebody is at it
        filling = "job = 'hotline.jobs.demo.fill_desk'"
        (waiting,) = desk.execute(
            f"SELECT count(*) FROM outbox WHERE due_at <= datetime('now') OR {filling}"  # noqa: S608 - ours
        ).fetchone()
    return items > 0 and not waiting


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium-headless-shell") or shutil.which(
        "chromium"
    )  # the first draws no window, and is light
    assert program, (
        "Chromium is missing. Install it with: sudo apt-get install --no-install-recommends chromium-headless-shell"
    )
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield launched
        launched.close()


@contextmanager
def running(data_dir: Path, port: int, **settings: str) -> Iterator[None]:
    """Run the portal as `make run` does, on `port` and the next, once its invented data stands."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    own = {"PORT": str(port), "HOTLINE_DATA_DIR": str(data_dir), "HOTLINE_INBOX_DELAY": "0"}
    own |= {"HOTLINE_BREAK_AFTER": "240", "HOTLINE_EXPOSURE_LIMIT": "480"}  # a slow machine's minutes count in full
    said = data_dir.with_name("said.txt")
    with said.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.supervise"], cwd=ROOT, env=inherited | own | settings, stdout=out, stderr=out
        )
    try:
        wait_for(lambda: "Ctrl-C" in said.read_text() or process.poll() is not None, "the portal to greet")
        assert process.poll() is None, said.read_text()
        wait_for(lambda: looks_lived_in(data_dir), "the invented data")
        RUNNING.append(process)
        yield
    finally:
        if process in RUNNING:
            _tell_sweepers(signal.SIGCONT)
            RUNNING.remove(process)
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    data_dir = tmp_path_factory.mktemp("portal") / "data"
    port = free_ports()
    with listening() as mail, running(data_dir, port, HOTLINE_SMTP_URL=f"smtp://127.0.0.1:{mail.port}"):
        yield Portal(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}", data_dir, mail)


@pytest.fixture(scope="session")
def open_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSite]:
    """The public site in this process, at hand for tests; the reports of all tests stay in it."""
    with serving(tmp_path_factory.mktemp("open-site") / "data") as site:
        yield site


@pytest.fixture(scope="session")
def secure_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The portal as it stands on a server: two sites of TLS, behind a proxy that says where visitors come from."""
    data_dir = tmp_path_factory.mktemp("secure-portal") / "data"
    _, tls = make_certificate(data_dir.parent, "localhost")
    port = free_ports()
    with listening() as mail, TlsProxy(tls, port) as public, TlsProxy(tls, port + 1) as desk:
        settings = {
            "HOTLINE_PUBLIC_URL": public.address,
            "HOTLINE_DESK_URL": desk.address,
            "HOTLINE_TRUSTED_PROXIES": "1",
            "HOTLINE_SMTP_URL": f"smtp://127.0.0.1:{mail.port}",
        }
        with running(data_dir, port, **settings):
            yield Portal(public.address, desk.address, data_dir, mail)
