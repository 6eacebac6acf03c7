"""Two hundred visitors in many languages, by a proxy and directly, with everything that goes wrong: nothing is left.

The real portal (public site, desk, worker, sweeper, queue server) says all it can say; then every byte it wrote, and
every byte its processes hold where others can read them, is searched in all dresses.
"""

import re
import signal
import socket
import sqlite3
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from os import kill
from pathlib import Path

import pytest

from tests.deploy.processes import wait_for
from tests.faults.portal import Portal
from tests.faults.reporter import Answer, Reporter
from tests.traces import search
from tests.traces.test_no_trace import Evidence, broken_front

MANY = 200
BY_PROXY, BY_PROXY_6, DIRECT = "203.0.113.", "2001:db8:ca75:", "127.203.113."
AGENT, REFERRER = "TapirPhone/47.11 (Marmoset)", "https://wombat-forum.example/came-from-here"
HOST, PATH = "narwhal-board.example", "ibex-path"
WORDS = {
    "Khmer": "ក្រុមសម្ងាត់បំផុត",
    "English": "kinkajou-told-me",
    "Vietnamese": "nhóm-bí-mật-nhất",
    "Thai": "กลุ่มลับที่สุด",
    "Chinese": "最秘密的群组名称",
    "Korean": "가장비밀스러운방",
    "Russian": "тайная-группа",
    "Arabic": "المجموعة-السرية",
}
CONTACT, SAFE = "capybara.contact@mail.example", "dugong-safe-time"
PROVOKED = {
    "broken part": "serval-fault",
    "too large": "pademelon-large",
    "too often": "okapi-often",
    "slow": "sloth-body",
    "hung up": "gecko-hung-up",
    "no form": "numbat-broken",
    "no page": "margay-page",
    "no code": "quoll-code",
    "foreign": "fossa-foreign",
    "file": "ocelot-file",
}
NEEDLES = {
    "address by a proxy": BY_PROXY,
    "IPv6 address by a proxy": BY_PROXY_6,
    "direct address": DIRECT,
    "agent": AGENT.partition("/")[0],
    "agent's system": "Marmoset",
    "referrer": "wombat-forum",
    "languages": "axolotl-tongue",
    "host": HOST.partition(".")[0],
    "path": PATH,
    "contact": CONTACT.partition("@")[0],
    "when it is safe": SAFE,
    **WORDS,
    **PROVOKED,
}
A_MOMENT = re.compile(rb"20\d\d-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,6})?")
A_FULL_HOUR = re.compile(rb".{11}\d\d:00:00(?:[.,]0{1,6})?", re.S)
FROM_VISITORS = {
    "front.sqlite3": {
        "inbox": ["received_at"],
        "receipts": ["received_at", "changed_at"],
        "message_copies": ["written_at"],
    },
    "desk.sqlite3": {
        "reports": ["received_at"],
        "help_requests": ["received_at"],
        "messages": ["written_at"],
        "unread_reports": ["received_at"],
    },
}


@dataclass
class Lived:
    """What was left, and what was answered."""

    evidence: Evidence = field(default_factory=Evidence)
    moments: dict[str, list[str]] = field(default_factory=dict)
    said_by_the_good: str = ""

    def note_moments(self, data_dir: Path, when: str) -> None:
        """Note every moment in a row that stems from a visitor."""
        for store, tables in FROM_VISITORS.items():
            with closing(sqlite3.connect(f"file:{data_dir / store}?mode=ro", uri=True)) as rows:
                for table, columns in tables.items():
                    for column in columns:
                        found = rows.execute(f"SELECT {column} FROM {table}").fetchall()  # noqa: S608 -- ours
                        self.moments[f"{table}.{column}, {when}"] = [str(moment) for (moment,) in found]


def visitor(portal: Portal, number: int) -> Reporter:
    """Return a visitor: two of three come by the proxy, one over IPv6 there; the others reach us directly."""
    headers = {"User-Agent": AGENT, "Referer": REFERRER, "Accept-Language": "km,x-axolotl-tongue;q=0.1"}
    by = {0: {}, 1: {"X-Forwarded-For": f"{BY_PROXY}{number}"}, 2: {"X-Forwarded-For": f"{BY_PROXY_6}{number:x}::7"}}
    return Reporter(portal.port, address=f"{DIRECT}{number}", headers=headers | by[number % 3])


def report(portal: Portal, number: int, words: str, lang: str) -> Answer:
    reporter = visitor(portal, number)
    urls = f"https://{HOST}/{PATH}/{number}?q={words}\n{words}"
    said = {"details": words, "contact": CONTACT, "in_danger": "unsure"}
    return reporter.send(reporter.form(lang), urls, lang=lang, **said)


def ask_for_help(portal: Portal, number: int, words: str, lang: str) -> Answer:
    reporter = visitor(portal, number)
    token = reporter.get(f"/{lang}/help").token
    said = {"what": words, "contact": CONTACT, "safe_contact": SAFE, "for_whom": "child"}
    return reporter.post(f"/{lang}/help", {"csrf_token": token, "website": ""} | said)


def report_and_write(portal: Portal, number: int, words: str, lang: str) -> Answer:
    """Report, come back with the code and leave a message; return the receipt."""
    answer = report(portal, number, words, lang)
    reporter = visitor(portal, number)
    token = reporter.get(f"/{lang}/follow-up").token
    said = {"csrf_token": token, "code": answer.code or "", "action": "message", "message": words}
    written = reporter.post(f"/{lang}/follow-up", said)
    assert (written.status, words in written.text) == (200, True)
    return answer


WAYS = (report, report, ask_for_help, report, report_and_write)


def visit(portal: Portal, number: int) -> str:
    """Let one visitor come; return the receipt code."""
    words = list(WORDS.values())[number % len(WORDS)]
    answer = WAYS[number % len(WAYS)](portal, number, words, ("km", "en")[number % 2])
    assert answer.code, answer.status
    return answer.code


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """Live through all of it once."""
    lived = Lived()
    data_dir = tmp_path_factory.mktemp("many-visitors") / "data"
    portal = Portal(data_dir, HOTLINE_LOG_LEVEL="DEBUG", HOTLINE_TRUSTED_PROXIES="1")
    try:
        with asleep(portal, "hotline-sweeper"), ThreadPoolExecutor(4) as crowd:
            quiet = len(portal.said())
            codes = list(crowd.map(lambda number: visit(portal, number), range(MANY)))
            lived.said_by_the_good = portal.said()[quiet:]
            lived.note_moments(data_dir, "just sent")
            lived.evidence.gather(portal, "just sent")
        assert len(set(codes)) == MANY
        lived.evidence.codes.update(codes)
        provoke(portal)
        wait_for(lambda: in_the_inbox(data_dir) == 0, "the inbox to be opened")
        lived.note_moments(data_dir, "opened")
        lived.evidence.gather(portal, "opened")
    finally:
        assert portal.stop() == 0
    lived.evidence.gather_files(portal, "after the stop")
    return lived


@contextmanager
def asleep(portal: Portal, part: str) -> Iterator[None]:
    """Freeze a part, so that what comes in stays where it is."""
    pids = portal.living()[part]
    for pid in pids:
        kill(pid, signal.SIGSTOP)
    yield
    for pid in pids:
        kill(pid, signal.SIGCONT)


def in_the_inbox(data_dir: Path) -> int:
    with closing(sqlite3.connect(f"file:{data_dir / 'front.sqlite3'}?mode=ro", uri=True)) as front:
        return int(front.execute("SELECT count(*) FROM inbox").fetchone()[0])


def provoke(portal: Portal) -> None:
    """Everything that goes wrong, each with a mark of its own."""
    marks = {name: {"details": mark, "contact": mark, "what": mark} for name, mark in PROVOKED.items()}
    urls = {name: f"https://{mark}.example/{mark}" for name, mark in PROVOKED.items()}

    def send(name: str, number: int = 201, token: str | None = None, **more: str) -> int:
        reporter = visitor(portal, number)
        token = reporter.form("en") if token is None else token
        return reporter.send(token, urls[name], lang="en", **marks[name] | more).status

    with broken_front(portal):
        assert send("broken part") == 500
    assert send("too large", details=PROVOKED["too large"] * 6_000) == 413
    assert send("no form", token=PROVOKED["no form"]) == 422
    often = [send("too often", 202) for _ in range(21)]
    assert often[-1] == 429
    guesser = visitor(portal, 203)
    assert guesser.get(f"/en/{PROVOKED['no page']}?q={PROVOKED['no page']}").status == 404
    token = guesser.get("/en/follow-up").token
    assert guesser.post("/en/follow-up", {"csrf_token": token, "code": PROVOKED["no code"]}).status == 422
    raw(portal, f"POST /en/report HTTP/1.1\r\nOrigin: https://{PROVOKED['foreign']}.example", body_of("foreign"))
    raw(
        portal,
        file_form(),
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="ocelot-file"\r\n\r\nocelot-file',
    )
    raw(portal, f"GET /{PROVOKED['no form']} HTTX\r\nX-Mark: {PROVOKED['no form']}", b"")
    raw(portal, f"GET /{PROVOKED['no page']}/%ff%00\x7f HTTP/1.1", b"")
    raw(portal, "POST /en/report HTTP/1.1\r\nX-Forwarded-For: 203.0.113.9, quoll-code", body_of("no code"))
    for step in (1, 7):
        raw(portal, "POST /km/help HTTP/1.1", body_of("slow"), step=step)
    for path in ("report", "help", "follow-up"):
        hang_up(portal, f"POST /km/{path} HTTP/1.1", body_of("hung up"))
        hang_up(portal, f"GET /km/{path}?q={PROVOKED['hung up']} HTTP/1.1", b"")
    wait_for(lambda: visitor(portal, 204).get("/km/").status == 200, "the site to be well after all that")


def body_of(name: str) -> bytes:
    return f"urls=https://{PROVOKED[name]}.example/&details={PROVOKED[name]}&what={PROVOKED[name]}".encode()


def file_form() -> str:
    return "POST /en/report HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x"


def head_of(first: str, body: bytes, length: int) -> bytes:
    lines = [first, "Host: 127.0.0.1", f"User-Agent: {AGENT}", f"Referer: {REFERRER}", "Connection: close"]
    if body:
        lines.append(f"Content-Length: {length}")
        lines += [] if "Content-Type" in first else ["Content-Type: application/x-www-form-urlencoded"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def raw(portal: Portal, first: str, body: bytes, *, step: int = 65_536) -> None:
    """Send a request as it is, its body in pieces of `step` bytes; read whatever is answered."""
    with socket.create_connection(("127.0.0.1", portal.port), timeout=60, source_address=(f"{DIRECT}205", 0)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.sendall(head_of(first, body, len(body)))
        for at in range(0, len(body), step):
            line.sendall(body[at : at + step])
        assert line.recv(12).startswith(b"HTTP/1.1 4")


def hang_up(portal: Portal, first: str, body: bytes) -> None:
    """Break a connection off: in the middle of a body, or before the answer can be written."""
    with socket.create_connection(("127.0.0.1", portal.port), timeout=60, source_address=(f"{DIRECT}206", 0)) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, no farewell
        line.sendall(head_of(first, body, len(body) + 1000) + body)


def test_no_trace_of_any_visitor_is_left_in_any_dress(lived: Lived) -> None:
    needles = NEEDLES | {f"receipt {number}": code for number, code in enumerate(islice(lived.evidence.codes, 5))}
    found = {where: traces for where, left in lived.evidence.left.items() if (traces := search.find(needles, left))}

    assert found == {}


def test_everything_was_looked_at(lived: Lived) -> None:
    names = {where.partition(",")[0] for where in lived.evidence.left}

    assert {"front.sqlite3", "front.sqlite3-wal", "desk.sqlite3", "desk.sqlite3-wal", "data.log"} <= names
    assert {"queue server"} <= names
    assert sum(name.startswith("process") for name in names) >= 3 * 6
    assert b"answering a visitor failed" in lived.evidence.left["data.log, after the stop"]
    for where, left in lived.evidence.left.items():
        assert search.find({"planted": WORDS["Khmer"]}, left + WORDS["Khmer"].encode()), where


def test_good_visits_leave_no_line(lived: Lived) -> None:
    assert lived.said_by_the_good == ""


def test_no_moment_of_a_visit_is_kept_but_its_hour(lived: Lived) -> None:
    fine = {where: [one for one in kept if ":00:00" not in one] for where, kept in lived.moments.items()}

    assert {where: found for where, found in fine.items() if found} == {}
    assert len(lived.moments["receipts.received_at, just sent"]) == MANY
    assert len(lived.moments["inbox.received_at, just sent"]) == MANY * 6 // 5
    assert len(lived.moments["help_requests.received_at, opened"]) == MANY // 5


def test_no_finer_moment_stands_in_the_raw_bytes_of_the_front_store(lived: Lived) -> None:
    stores = {where: left for where, left in lived.evidence.left.items() if where.startswith("front.sqlite3")}
    fine = {
        where: [one for one in A_MOMENT.findall(left) if not A_FULL_HOUR.fullmatch(one)]
        for where, left in stores.items()
    }

    assert {where: found for where, found in fine.items() if found} == {}
