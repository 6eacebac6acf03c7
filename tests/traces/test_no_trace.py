"""No trace of who reported, and no clear text of what: the real portal, everything it wrote searched as raw bytes."""

import resource
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email import message_from_string, policy
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import select

from hotline import vault
from hotline.extensions import db
from hotline.gateways import mail
from hotline.models import Item, Report
from hotline.models.help_request import HelpRequest
from hotline.services import items
from hotline.vocabulary import Language, NoticeStatus
from tests.deploy.processes import descendants, wait_for
from tests.faults.portal import Portal
from tests.faults.reporter import Reporter
from tests.gateways.mail_server import MailServer, listening
from tests.jobs import stack
from tests.jobs.office import SENDER, Office
from tests.traces import search

PEER, FORWARDED, AGENT = "127.7.7.7", "203.0.113.177", "TapirPhone/47.11 (Marmoset; km)"
HEADERS = {
    "User-Agent": AGENT,
    "X-Forwarded-For": FORWARDED,
    "X-Real-IP": FORWARDED,
    "Forwarded": f"for={FORWARDED}",
    "Referer": "https://wombat-forum.example/came-from-here",
    "Accept-Language": "km-KH,x-axolotl-tongue;q=0.1",
}
HOST, KHMER_HOST = "narwhal-board", "ហាងលាក់លៀម"
ADDRESS = f"https://quokkauser:pangolinpass@{HOST}.example/ibex-path/vicuna?okapi=tamarin#gecko-mark"
KHMER_ADDRESS = f"https://{KHMER_HOST}.example/ផ្លូវសម្ងាត់?ស្វែងរក=ពាក្យពិសេស"
WORDS = {"en": "Kinkajou told me in the meerkat group.", "km": "ខ្ញុំឃើញរឿងនេះនៅក្នុងក្រុមសម្ងាត់បំផុត។"}
NEEDLES = {
    "peer": PEER,
    "forwarded address": FORWARDED,
    "agent": "TapirPhone",
    "agent's system": "Marmoset",
    "referrer": "wombat-forum",
    "languages": "axolotl-tongue",
    "user of an address": "quokkauser",
    "password of an address": "pangolinpass",
    "host": HOST,
    "Khmer host": KHMER_HOST,
    "path": "ibex-path",
    "end of path": "vicuna",
    "query": "tamarin",
    "fragment": "gecko-mark",
    "Khmer path": "ផ្លូវសម្ងាត់",
    "Khmer query": "ពាក្យពិសេស",
    "words": "Kinkajou",
    "more words": "meerkat group",
    "Khmer words": "ក្រុមសម្ងាត់បំផុត",
    "line without an address": "echidna-line",
    "contact": "capybara.contact",
    "Khmer contact": "ទូរស័ព្ទលាក់",
    "words of a request for help": "hoatzin-asks",
    "how to reach whoever asked": "fennec.reach",
    "when that is safe": "dugong-safe",
    "refused": "ocelot-refused",
    "too large": "pademelon-large",
    "broken off by a fault": "serval-fault",
    "stored nowhere": "tenrec-nowhere",
    "asked for in a path": "margay-page",
    "broken request": "numbat-broken",
    "foreign post": "fossa-foreign",
}


@dataclass
class Evidence:
    """Everything that was left anywhere, by where it was found."""

    left: dict[str, bytes] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)

    def gather(self, portal: Portal, when: str) -> None:
        """Take every file, every log, the queue server's memory, and what the kernel tells of each process."""
        with Redis(unix_socket_path=str(portal.data_dir / "queue.sock")) as queue:
            self.left[f"queue server, {when}"] = stack.dump(queue)
        for pid in [portal.process.pid, *descendants(portal.process.pid)]:
            for name in ("environ", "cmdline", "comm"):
                self.left[f"process {pid} {name}, {when}"] = Path(f"/proc/{pid}/{name}").read_bytes()
        self.gather_files(portal, when)

    def gather_files(self, portal: Portal, when: str) -> None:
        """Take every file of the data folder, and the log."""
        for path in [*portal.data_dir.rglob("*"), portal.log]:
            if path.is_file():
                self.left[f"{path.name}, {when}"] = path.read_bytes()


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """Live through everything once."""
    data_dir = tmp_path_factory.mktemp("traces") / "data"
    evidence = Evidence()
    with listening() as sink:
        portal = Portal(data_dir, HOTLINE_LOG_LEVEL="DEBUG", HOTLINE_MAIL_FROM=SENDER)
        try:
            live_through_kept_letters(portal, evidence)
        finally:
            assert portal.stop() == 0
        smtp = f"smtp://127.0.0.1:{sink.port}"
        portal = Portal(data_dir, HOTLINE_LOG_LEVEL="DEBUG", HOTLINE_MAIL_FROM=SENDER, HOTLINE_SMTP_URL=smtp)
        try:
            live_through_smtp(portal, sink, evidence)
        finally:
            assert portal.stop() == 0
        evidence.gather_files(portal, "after the stop")
    return evidence


def test_a_needle_in_any_of_it_would_be_found(evidence: Evidence):
    for where, bytes_left in evidence.left.items():
        assert search.find({"host": HOST}, bytes_left + HOST.encode() + bytes_left), where


def test_everything_that_could_hold_a_trace_is_there(evidence: Evidence):
    names = {where.partition(",")[0] for where in evidence.left}

    assert {"front.sqlite3", "front.sqlite3-wal", "desk.sqlite3", "desk.sqlite3-wal", "data.log"} <= names
    assert any(name.endswith(".sealed") for name in names)
    assert sum(name.startswith("process") for name in names) >= 3 * 6
    assert b"answering a visitor failed" in evidence.left["data.log, after the stop"]
    assert b"storing a report failed" in evidence.left["data.log, after the stop"]


def test_no_trace_is_left_anywhere_in_any_dress(evidence: Evidence):
    needles = NEEDLES | {f"receipt {number}": code for number, code in enumerate(sorted(evidence.codes))}
    found = {where: traces for where, left in evidence.left.items() if (traces := search.find(needles, left))}

    assert found == {}


def live_through_kept_letters(portal: Portal, evidence: Evidence) -> None:
    """Reports in both languages and in every way that goes wrong; two looks; a letter kept as a sealed file."""
    office = Office(portal.data_dir, HOTLINE_REDIS_URL=f"unix://{portal.data_dir}/queue.sock")
    office.settle_in()
    codes = [report(portal, lang) for lang in Language]
    evidence.codes.update(
        part for code in codes for part in (code, " ".join(code[at : at + 4] for at in (0, 4, 8, 12)))
    )
    ask_for_help(portal)
    evidence.gather(portal, "just reported")
    come_back(portal, codes[0])
    be_refused(portal)
    meet_faults(portal)
    wait_for(lambda: len(decided(office)) == 2, "both addresses to be looked at twice")
    wait_for(lambda: requests_for_help(office) == 1, "the request for help to come to the desk")
    first, other = decided(office)
    office.hand_to_police(first.ref, other.ref)
    notice_id = office.draft(first.ref)
    office.approve(notice_id)
    wait_for(lambda: office.is_kept(notice_id), "the letter to be kept")
    with office.here():
        [kept] = mail.kept_letters(portal.data_dir / "letters", vault.keyring()).values()
        opened = {items.address_of(item) for item in decided(office)}
        told = [vault.keyring().open("report.details", one.details) for one in db.session.scalars(select(Report))]
    attached, _report = message_from_string(kept, policy=policy.default).iter_attachments()
    assert attached.get_content().strip() in opened
    assert any(HOST in address for address in opened)
    assert set(told) == set(WORDS.values())
    evidence.gather(portal, "letter kept")


def live_through_smtp(portal: Portal, sink: MailServer, evidence: Evidence) -> None:
    """A letter by SMTP, after a mail server that repeats to us what it should not."""
    office = Office(portal.data_dir, HOTLINE_REDIS_URL=f"unix://{portal.data_dir}/queue.sock")
    item = decided(office)[-1]
    sink.replies["DATA"] = f"451 I will not have {HOST} with vicuna in it now"
    notice_id = office.draft(item.ref, language=Language.KM)
    office.approve(notice_id)
    wait_for(lambda: office.notice(notice_id).last_fault == "451", "the fault to be noted")
    sink.replies.clear()

    def came_round() -> bool:
        office.let_time_pass()
        return office.has(notice_id, NoticeStatus.SENT)

    wait_for(came_round, "the letter to be sent")
    assert sink.letters
    evidence.gather(portal, "letter sent")


def visitor(portal: Portal, **more: str) -> Reporter:
    return Reporter(portal.port, address=PEER, headers=HEADERS | more)


def report(portal: Portal, lang: Language) -> str:
    """Report one address, in one language with a browser that keeps cookies; return the receipt code."""
    urls = {"en": f"{ADDRESS}\nechidna-line without any address", "km": KHMER_ADDRESS}[lang]
    contact = {"en": "capybara.contact@mail.example", "km": "ទូរស័ព្ទលាក់ 099 000 111"}[lang]
    reporter = visitor(portal)
    said = {"details": WORDS[lang], "contact": contact, "seen": "today", "in_danger": "yes"}
    answer = reporter.send(reporter.form(lang), urls, lang=lang, **said)
    assert answer.status == 200
    assert answer.code
    return answer.code


def ask_for_help(portal: Portal) -> None:
    """Ask for help without an address."""
    reporter = visitor(portal)
    said = {"what": "hoatzin-asks", "contact": "fennec.reach@mail.example", "safe_contact": "dugong-safe"}
    answer = reporter.post("/km/help", {"csrf_token": reporter.get("/km/help").token, "website": ""} | said)
    assert answer.code


def come_back(portal: Portal, code: str) -> None:
    """Ask how far a report is, rightly and wrongly."""
    reporter = visitor(portal)
    for typed in (code, "0000 0000 0000 0000", "margay-page"):
        token = reporter.get("/en/follow-up").token
        reporter.post("/en/follow-up", {"csrf_token": token, "code": typed})


def be_refused(portal: Portal) -> None:
    """Everything the site says no to."""
    reporter = visitor(portal)
    token = reporter.form()
    status = {
        "no address": reporter.send(token, "ocelot-refused is not one").status,
        "no category": reporter.send(token, ADDRESS, category="", details="ocelot-refused").status,
        "too large": reporter.send(token, ADDRESS, details="pademelon-large " * 5000).status,
        "no token": reporter.send("ocelot-refused", ADDRESS, details="ocelot-refused").status,
        "foreign": visitor(portal, Origin="https://fossa-foreign.example").send(token, ADDRESS).status,
        "missing": reporter.get("/en/margay-page?q=margay-page").status,
    }
    assert status == {
        "no address": 422,
        "no category": 422,
        "too large": 413,
        "no token": 422,
        "foreign": 422,
        "missing": 404,
    }
    with socket.create_connection(("127.0.0.1", portal.port), timeout=60, source_address=(PEER, 0)) as line:
        line.sendall(b"GET /km/numbat-broken HTTX\r\nUser-Agent: TapirPhone numbat-broken\r\n\r\n")
        assert line.recv(12) == b"HTTP/1.1 400"


def meet_faults(portal: Portal) -> None:
    """A fault of ours while a report is stored, and a disk that is full."""
    log, ahead = portal.log.stat().st_size, (portal.data_dir / "front.sqlite3-wal").stat().st_size
    room_for_the_log_only = log + 8192
    assert ahead > room_for_the_log_only
    with broken_front(portal):
        assert report_in_vain(portal, "serval-fault") == 500
    with little_room(portal, room_for_the_log_only):
        assert report_in_vain(portal, "tenrec-nowhere") == 503


def report_in_vain(portal: Portal, words: str) -> int:
    """Send a report that will not be taken; return the status."""
    reporter = visitor(portal)
    said = {"details": words, "contact": words}
    answer = reporter.send(reporter.form("en"), f"https://{words}.example/{words}", lang="en", **said)
    assert answer.code is None
    return answer.status


@contextmanager
def broken_front(portal: Portal) -> Iterator[None]:
    """Let the front store fail in a way nobody foresaw."""
    trap = "CREATE TRIGGER trap BEFORE INSERT ON inbox BEGIN SELECT zeroblob(3000000000); END"
    with closing(sqlite3.connect(portal.data_dir / "front.sqlite3", timeout=30, isolation_level=None)) as front:
        front.execute(trap)
        yield
        front.execute("DROP TRIGGER trap")


@contextmanager
def little_room(portal: Portal, size: int) -> Iterator[None]:
    """Let the public site write no file beyond `size` bytes."""
    for limit in (size, resource.RLIM_INFINITY):
        for pid in portal.living()["hotline-public"]:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        if limit == size:
            yield


def requests_for_help(office: Office) -> int:
    """Return how many requests for help have come to the desk."""
    with office.here():
        return len(db.session.scalars(select(HelpRequest.id)).all())


def decided(office: Office) -> list[Item]:
    """Let two people look at whatever is new; return what they agreed on, in order."""
    office.decide_new()
    with office.here():
        return list(db.session.scalars(select(Item).where(Item.status.in_(["decided", "acting"])).order_by(Item.id)))
