"""No word of a victim's file lies open anywhere: the real portal, typed through its desk, every byte it wrote searched.

From a request for help to a referral that goes by mail, a package for the police, an export, and consent withdrawn;
refused forms and a download that is cut off among it.
"""

import html
import re
import socket
import struct
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from http.cookiejar import CookieJar
from http.cookies import SimpleCookie
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener
from zoneinfo import ZoneInfo

import pysequoia
import pytest
from redis import Redis
from sqlalchemy import select

from hotline.extensions import db
from hotline.models import Item, Referral
from hotline.models.help_request import HelpRequest
from hotline.rules.case_formats import Format
from hotline.services import directory, staff
from hotline.transactions import writing
from hotline.vocabulary import Language, Need, RecipientKind, Role
from tests.deploy.processes import wait_for
from tests.faults.portal import Portal
from tests.faults.reporter import Reporter
from tests.gateways.mail_server import MailServer, listening
from tests.jobs import stack
from tests.jobs.office import PASSWORD, SENDER, Office
from tests.traces import search
from tests.traces.test_no_trace import Evidence

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
VERSION = re.compile(r'name="version" value="(\d+)"')
MAILBOX = "care@quiet-service.example"
FILE = {
    name: f"quoll-{name.replace('_', '-')}"
    for name in ("code_name", "other_names", "nationality", "languages", "place", "school", "documents", "disability")
} | {
    "name": "សុខក្រសារ ស្រីពៅសត្វ",
    "story": "The numbat-story, in her own words.",
    "safe_when": "ក្រោយម៉ោងទីងមោង",
    "safe_number": "099-numbat-phone",
    "safe_answer": "okapi-answers",
    "safe_never": "never-to-the-gecko-house",
    "safety_plan": "goes-to-the-ibis-house",
}
WORDS = {
    name: f"{animal}-{name.replace('_', '-')}"
    for animal, names in {
        "tapir": ("person", "relation", "place_of_person", "notes_of_person", "suspect", "asked_for_help", "refused"),
        "serval": ("note", "met", "agreed", "risk", "shared", "with_whom", "known", "next", "answer", "action"),
        "dugong": ("consent", "capacity", "interpreter", "withheld", "withdrawn", "without", "gap", "outside"),
        "fossa": ("letter", "service_says", "appointment", "along", "feedback", "revoked", "told", "called"),
        "margay": ("link", "question", "police", "handed_to", "case_number", "wait", "wait_by", "police_says"),
    }.items()
    for name in names
}
NEEDLES = FILE | WORDS
ACROSS = {"question", "gap"}  # whoever wrote it reads it no more; for a gap its domain is shown alone


class Got(NamedTuple):
    """An answer of the desk, after all redirections."""

    status: int
    address: str
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


@dataclass
class Desk:
    """Somebody at the desk of a running portal, with cookies and no script."""

    portal: Portal
    jar: CookieJar = field(default_factory=CookieJar)
    token: str = ""
    pages: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.opener = build_opener(HTTPCookieProcessor(self.jar))

    def get(self, path: str) -> Got:
        return self._ask(path)

    def post(self, path: str, *, answers: int = 200, **fields: object) -> Got:
        """Send a form, with the token of the last page; what is not answered with `answers` fails the test."""
        body = urlencode({"csrf_token": self.token} | fields, doseq=True).encode()
        got = self._ask(path, body)
        assert got.status == answers, (path, got.status, re.findall(r'class="err[^>]*>(.{0,200})', got.text, re.S))
        return got

    def version(self, path: str) -> str:
        """Return the version that a page's forms show."""
        return VERSION.findall(self.get(path).text)[0]

    def _ask(self, path: str, body: bytes | None = None) -> Got:
        request = Request(f"http://127.0.0.1:{self.portal.port + 1}{path}", body)
        try:
            with self.opener.open(request, timeout=30) as answer:
                got = Got(answer.status, answer.geturl(), answer.read())
        except HTTPError as fault:
            with fault:
                got = Got(fault.code, fault.geturl(), fault.read())
        self.pages.append(got.text)
        if tokens := TOKEN.findall(got.text):
            self.token = html.unescape(tokens[0])
        return got


def sign_in(portal: Portal, name: str) -> Desk:
    desk = Desk(portal)
    desk.get("/desk/sign-in")
    desk.post("/desk/sign-in", name=name, password=PASSWORD)
    return desk


def last(got: Got) -> str:
    """Return the reference or number at the end of an address."""
    return got.address.partition("?")[0].partition("#")[0].rpartition("/")[2]


@dataclass
class Lived:
    """What is left of all of it, and what was handed out as a file."""

    evidence: Evidence = field(default_factory=Evidence)
    exports: dict[str, bytes] = field(default_factory=dict)
    shown: str = ""  # what the officer read on pages: the words were there


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """Live through everything once."""
    folder = tmp_path_factory.mktemp("victim-files")
    lived, aside = Lived(), folder / "aside"  # where whatever makes a file for a moment makes it
    aside.mkdir()
    with listening() as mail:
        smtp = f"smtp://127.0.0.1:{mail.port}"
        settings = {"HOTLINE_LOG_LEVEL": "DEBUG", "HOTLINE_MAIL_FROM": SENDER, "HOTLINE_SMTP_URL": smtp}
        portal = Portal(folder / "data", TMPDIR=str(aside), **settings)
        try:
            live(portal, mail, lived)
            lived.evidence.gather(portal, "at the end")
        finally:
            assert portal.stop() == 0
        lived.evidence.gather_files(portal, "after the stop")
        lived.evidence.left |= {f"aside: {path.name}": path.read_bytes() for path in aside.rglob("*") if path.is_file()}
        for number, taken in enumerate(mail.letters):
            lived.exports[f"letter {number}"] = taken.content
    return lived


def test_every_word_was_typed_and_is_shown_to_the_officer(lived: Lived) -> None:
    assert [name for name, word in NEEDLES.items() if word not in lived.shown and name not in ACROSS] == []


def test_everything_that_could_hold_a_word_is_there(lived: Lived) -> None:
    names = {where.partition(",")[0] for where in lived.evidence.left}

    assert {"desk.sqlite3", "desk.sqlite3-wal", "front.sqlite3", "data.log"} <= names
    assert any(name.startswith("queue server") for name in names)
    assert {"export", "cut off", "figures", "letter 0"} <= lived.exports.keys()
    assert b"BEGIN PGP MESSAGE" in lived.exports["letter 0"]
    assert lived.exports["figures"].count(b"\n") > 1
    assert search.find({"name": FILE["name"]}, lived.exports["figures"] + FILE["name"].encode())


def test_no_name_and_no_word_lies_open_anywhere_in_any_dress(lived: Lived) -> None:
    left = lived.evidence.left | lived.exports
    found = {where: words for where, held in left.items() if (words := search.find(NEEDLES, held))}

    assert found == {}


def today() -> date:
    """Return the day by the calendar of the country, as the desk reads what is typed."""
    return datetime.now(ZoneInfo("Asia/Phnom_Penh")).date()


def live(portal: Portal, mail: MailServer, lived: Lived) -> None:
    """Go the whole way, as the people at the desk do."""
    office = Office(portal.data_dir, HOTLINE_REDIS_URL=f"unix://{portal.data_dir}/queue.sock")
    settle_in(office)
    request, item = ask_for_help(portal, office), an_item(office)
    officer = sign_in(portal, "kunthea")
    service = enter_service(officer)
    case = open_case(officer, request)
    people = add_people(officer, case)
    write_down(officer, case)
    for person in people[:2]:
        agree(officer, case, service, person)
    refer(officer, case, service, mail, office)
    lived.exports |= hand_out(officer, case, service)
    tell_police(portal, officer, item)
    officer.get(f"/desk/victims/cases/{case}/print?lang=en")
    with Redis(unix_socket_path=str(portal.data_dir / "queue.sock")) as queue:
        lived.evidence.left["queue server, before consent was withdrawn"] = stack.dump(queue)
    take_back(officer, case, service, office)
    lived.shown = html.unescape("\n".join(officer.pages))


def settle_in(office: Office) -> None:
    office.settle_in()
    with office.here(), writing():
        for name in ("kunthea", "bopha"):
            staff.add(name, PASSWORD, [Role.VICTIM_SUPPORT], language=Language.EN, by=None, must_change=False)
        staff.add("rith", PASSWORD, [Role.ANALYST], language=Language.EN, by=None, must_change=False)
        directory.add("Example Cyber Unit", RecipientKind.POLICE, "desk@police.example", "KH", Language.EN)


def an_item(office: Office) -> str:
    """Return the reference of an item that an analyst may hand something over of."""
    office.report("https://img-board.example/t/1")

    def look() -> str:
        with office.here():
            return db.session.scalar(select(Item.ref).limit(1)) or ""

    return wait_for(look, "the item")


def ask_for_help(portal: Portal, office: Office) -> str:
    """Ask for help; return the reference of the request."""
    reporter = Reporter(portal.port)
    said = {"what": WORDS["asked_for_help"], "contact": FILE["safe_number"], "safe_contact": FILE["safe_when"]}
    assert reporter.post("/km/help", {"csrf_token": reporter.get("/km/help").token, "website": ""} | said).code

    def look() -> str:
        with office.here():
            return db.session.scalar(select(HelpRequest.ref).limit(1)) or ""

    return wait_for(look, "the request for help")


def enter_service(officer: Desk) -> str:
    """Enter a service that letters are encrypted to; return its reference."""
    officer.get("/desk/victims/services/new")
    needs = [Need.PSYCHOSOCIAL, Need.SAFETY]
    ref = last(
        officer.post(
            "/desk/victims/services/new", name="Example Quiet Service", needs=needs, language="en", mailbox=MAILBOX
        )
    )
    key = str(pysequoia.Tsk.generate(MAILBOX).extract_certificate())
    officer.post(f"/desk/victims/services/{ref}/key", key_kind="openpgp", material=key)
    officer.post(f"/desk/victims/services/{ref}/verify")
    return ref


def open_case(officer: Desk, request: str) -> str:
    """Open a case from a request, at the second try; return its reference."""
    officer.get(f"/desk/victims/{request}")
    typed = {"request": request, "risk": "1", **FILE, "age": "13"}
    officer.post("/desk/victims/cases/new", answers=422, **typed | {"age": WORDS["refused"]})
    case = last(officer.post("/desk/victims/cases/new", **typed))
    for name in (FILE["name"], FILE["name"].split()[1]):
        assert case in officer.post("/desk/victims/cases/find", q=name).text
    return case


def add_people(officer: Desk, case: str) -> list[str]:
    """Add the child, a guardian and a possible abuser; return their numbers."""
    added = (
        {"part": "child", "name": FILE["name"]},
        {
            "part": "guardian",
            "name": WORDS["person"],
            "relation": WORDS["relation"],
            "place": WORDS["place_of_person"],
            "notes": WORDS["notes_of_person"],
            "phone": FILE["safe_number"],
        },
        {"part": "family", "name": WORDS["suspect"], "suspect": "yes"},
    )
    found: list[str] = []
    for fields in added:
        page = officer.post(f"/desk/victims/cases/{case}/people/new", **fields).text
        found += [one for one in re.findall(rf"/cases/{case}/people/(\d+)\"", page) if one not in found]
    officer.post(f"/desk/victims/cases/{case}/contact", contact=found[1])
    file = f"/desk/victims/cases/{case}/file"  # somebody was named as possible abuser: it is asked anew what is safe
    officer.post(file, **FILE | {"age": "13"}, safe_asked="yes", version=officer.version(file))
    return found


def write_down(officer: Desk, case: str) -> None:
    """Notes, a conference, risk, sharing, needs, a plan, a gap."""
    at = f"/desk/victims/cases/{case}"
    officer.post(f"{at}/notes", kind="contact", said=WORDS["note"])
    officer.post(f"{at}/notes", kind="conference", people=WORDS["met"], decisions=WORDS["agreed"])
    officer.post(f"{at}/risk", risk="2", reason=WORDS["risk"])
    number = re.findall(r'<option value="([^"]+)"[^>]*>\s*bopha', officer.get(f"{at}/access").text)
    officer.post(f"{at}/access", person=number[0] if number else "", reason=WORDS["shared"])
    sheet = f"{at}/needs/{last(officer.post(f'{at}/needs'))}"
    officer.post(
        f"{sheet}/about",
        with_whom=WORDS["with_whom"],
        assessed_on=today().isoformat(),
        version=officer.version(sheet),
    )
    domain = f"{sheet}/{Need.SAFETY}"
    said = {"level": "high", "known": WORDS["known"], "next": WORDS["next"], "answer-0": WORDS["answer"]}
    officer.post(domain, version=officer.version(domain), **said)
    officer.get(domain)
    owner = re.findall(r'<option value="([^"]+)"[^>]*>\s*kunthea', officer.get(f"{at}/plan/new").text)[0]
    officer.post(f"{at}/plan/new", need="safety", what=WORDS["action"], outside=WORDS["outside"], owner=owner)
    officer.post(f"{at}/refer/gap", need="education", gap=WORDS["gap"])


def agree(officer: Desk, case: str, to: str, person: str) -> None:
    """Write down that somebody agrees that somebody is told."""
    at = f"/desk/victims/cases/{case}/consents/{to}"
    seen = re.findall(r'name="seen" value="(\d+)"', officer.get(at).text)[0]
    officer.post(
        at,
        person=person,
        answer="agrees",
        words=WORDS["consent"],
        shares=["name", "age", "place", "contact", "need", "story", "health"],
        withheld_from=WORDS["withheld"],
        withheld_why="fear_of_harm",
        capacity=WORDS["capacity"],
        language="Khmer",
        interpreter=WORDS["interpreter"],
        asked_on=today().isoformat(),
        ask_again_on=(today() + timedelta(days=60)).isoformat(),
        seen=seen,
    )


def refer(officer: Desk, case: str, service: str, mail: MailServer, office: Office) -> None:
    """Refer the child by encrypted mail, and note what the service says."""
    until = (today() + timedelta(days=60)).isoformat()
    officer.get(f"/desk/victims/cases/{case}/refer?need=psychosocial")
    made = officer.post(
        f"/desk/victims/cases/{case}/refer",
        need="psychosocial",
        provider=service,
        words=WORDS["letter"],
        use_until=until,
        language="km",
    )
    at = f"/desk/victims/referrals/{last(made)}"
    mail.replies["DATA"] = "451 not now"
    officer.post(f"{at}/go", means="encrypted_mail", version=officer.version(at))
    wait_for(lambda: referral(office).last_fault or mail.letters, "the fault to be noted")
    mail.replies.clear()
    let_time_pass(office)
    wait_for(lambda: referral(office).status == "pending", "the referral to be sent")
    officer.post(f"{at}/answer", status="accepted", reason="", said=WORDS["service_says"], version=officer.version(at))
    when = f"{today() + timedelta(days=4)}T09:00"
    officer.post(
        f"{at}/appointment",
        appointment_at=when,
        place=WORDS["appointment"],
        along=WORDS["along"],
        version=officer.version(at),
    )
    officer.post(f"{at}/look", called=WORDS["called"], check_again_on=until)
    officer.post(f"{at}/feedback", feedback=WORDS["feedback"])


def referral(office: Office) -> Referral:
    with office.here():
        found = db.session.scalars(select(Referral)).one()
        db.session.expunge(found)
        return found


def let_time_pass(office: Office) -> None:
    """Let the next try of every letter be due now."""
    with office.here():
        office.let_time_pass()


def hand_out(officer: Desk, case: str, service: str) -> dict[str, bytes]:
    """Take an export, cut another off half-way, hang up on a third before its answer, and take the figures."""
    at = f"/desk/victims/cases/{case}/export"
    officer.get(f"{at}?to={service}&format={Format.PRIMERO}")
    whole = officer.post(at, to=service, format=Format.PRIMERO).body
    body = urlencode({"csrf_token": officer.token, "to": service, "format": Format.OSCAR}).encode()
    half = cut_off(officer, at, body)
    cut_off(officer, at, body, waits=False)
    wait_for(lambda: count_taken(officer, at) == 3, "the third to be made for nobody")
    return {"export": whole, "cut off": half, "figures": officer.get(FIGURES).body}


FIGURES = "/desk/victims/statistics.csv"


def cut_off(officer: Desk, path: str, body: bytes, *, waits: bool = True) -> bytes:
    """Ask for a download, read its head and a little more (or nothing) and hang up; return what came."""
    cookies = SimpleCookie({one.name: str(one.value) for one in officer.jar}).output(header="", sep=";").strip()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{officer.portal.port + 1}\r\nCookie: {cookies}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", officer.portal.port + 1), timeout=30) as line:
        line.sendall(head.encode() + body)
        came = b""
        while waits and b"\r\n\r\n" not in came:
            came += line.recv(200)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # hang up at once
    if waits:
        assert came.startswith(b"HTTP/1.1 200"), came
        head_of, _blank, part = came.partition(b"\r\n\r\n")
        assert len(part) < int(re.findall(rb"(?i)content-length: (\d+)", head_of)[0])
    return came


def count_taken(officer: Desk, at: str) -> int:
    """Return how often a case was taken along, as the page of its exports says."""
    return officer.get(at).text.partition('id="earlier-h"')[2].partition("</ul>")[0].count("<li>")


def tell_police(portal: Portal, officer: Desk, item: str) -> None:
    """Hand something over from an item, open a case from it, tell the police, and note what comes back."""
    analyst = sign_in(portal, "rith")
    analyst.get(f"/desk/support/new?item={item}")
    analyst.post(f"/desk/support/new?item={item}", item=item, note=WORDS["link"], in_danger="yes")
    inbox = officer.get("/desk/victims/links").text
    link = re.findall(r"/desk/victims/links/(L-\w+)", inbox)[0]
    officer.get(f"/desk/victims/links/{link}")
    case = last(officer.post(f"/desk/victims/links/{link}/open", code_name=FILE["code_name"], risk="1"))
    officer.post(f"/desk/victims/links/{link}/write", text=WORDS["question"])
    at = f"/desk/victims/cases/{case}"
    people = add_people(officer, case)
    unit = re.findall(r'<option value="(D-\w+)"', officer.get(f"{at}/police").text)[0]
    why = {"basis": "danger_now", "reason": WORDS["without"], "shares": ["name", "need", "story"]}
    officer.post(f"{at}/consents/{unit}/without", **why)
    officer.get("/desk/victims/overrides/1")
    made = officer.post(
        f"{at}/police",
        unit=unit,
        chosen="yes",
        shares=["name", "story"],
        people=[people[2]],
        links=[link],
        words=WORDS["police"],
        language="en",
    )
    told = f"/desk/victims/police/{last(made)}"
    paper = officer.get(f"{told}/print?lang=en")
    assert paper.status == 200
    officer.post(
        f"{told}/hand-over",
        handed_by="in_person",
        handed_to=WORDS["handed_to"],
        at="",
        version=officer.version(told),
    )
    officer.post(f"{told}/acknowledge", case_number=WORDS["case_number"])
    until = (today() + timedelta(days=9)).isoformat()
    officer.post(f"{told}/wait", hold_until=until, hold_words=WORDS["wait"], hold_by=WORDS["wait_by"])
    found = {"found": "safeguarded", "found_on": today().isoformat(), "feedback": WORDS["police_says"]}
    officer.post(f"{told}/found", **found)


def take_back(officer: Desk, case: str, service: str, office: Office) -> None:
    """Let the child take it back; take the referral back, and tell the service."""
    at = f"/desk/victims/cases/{case}/consents/{service}"
    number = re.findall(r"/consents/[\w-]+/(\d+)/withdraw", officer.get(at).text)[0]
    officer.post(f"{at}/{number}/withdraw", taken_back=WORDS["withdrawn"])
    letter = f"/desk/victims/referrals/{referral(office).ref}"
    officer.post(f"{letter}/revoke", revoke_reason="consent_withdrawn", revoke_words=WORDS["revoked"])
    officer.post(f"{letter}/told", told=WORDS["told"])
