"""Whatever is killed and whenever: no receipt without its report, no report twice, no approved letter lost.

`FAULT_KILLS` says how many kills (50), `FAULT_SEED` which ones.
"""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline import vault
from hotline.extensions import db
from hotline.models import AuditEntry, Inbox, Item, Mention, Notice, ReceiptRow, Report, UnreadReport
from hotline.services import audit, items
from hotline.transactions import front_engine
from hotline.vocabulary import NoticeStatus
from tests.deploy.processes import descendants, is_running, wait_for
from tests.faults.portal import Portal
from tests.faults.reporter import TROUBLE, Reporter
from tests.gateways.mail_server import MailServer, listening
from tests.jobs.office import FIRST, SECOND, SENDER, Office

KILLS = int(os.environ.get("FAULT_KILLS", "50"))
SEED = int(os.environ.get("FAULT_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
REPORTERS = 3


class Crowd:
    """People who report without pause, each form pressed again until a receipt shows."""

    def __init__(self, port: int) -> None:
        self.receipts: dict[str, set[str]] = {}
        self.troubles: Counter[str] = Counter()
        self._port = port
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._report, args=(number,)) for number in range(REPORTERS)]

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let everybody finish what they are at."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _report(self, thread: int) -> None:
        number = 0
        while not self._over.is_set():
            number += 1
            url = f"https://host-{thread}.example/t/{number}"
            self.receipts[url] = self._press(Reporter(self._port), url, times=2 if number % 10 == 0 else 1)
            time.sleep(0.02)

    def _press(self, reporter: Reporter, url: str, *, times: int) -> set[str]:
        """Send one form until a receipt shows, so many times: whoever presses again must get the same receipt."""
        token = self._until_there(reporter.form)
        return {self._until_there(lambda: reporter.send(token, url).code) for _ in range(times)}

    def _until_there(self, step: Callable[[], str | None]) -> str:
        for _ in range(600):
            try:
                if found := step():
                    return found
                self.troubles["refused"] += 1
            except (*TROUBLE, IndexError) as exc:
                self.troubles[type(exc).__name__] += 1
            time.sleep(0.1)
        raise AssertionError("the public site did not come back")


class Desk:
    """Two people who look, agree, draft and approve without pause."""

    def __init__(self, office: Office) -> None:
        self.approved: dict[int, str] = {}
        self.fault: BaseException | None = None
        self._office = office
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> "Desk":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Finish the letter in hand."""
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        try:
            while not self._over.is_set():
                for ref in self._office.decide_new(most=3):
                    notice_id = self._office.draft(ref)
                    self._office.approve(notice_id)
                    self.approved[notice_id] = self._office.notice(notice_id).message_id
                time.sleep(0.02)
        except BaseException as exc:  # told by the test: a thread's own end is silent
            self.fault = exc


@pytest.fixture
def sink() -> Iterator[MailServer]:
    with listening() as server:
        server.pause = 0.03  # so that kills fall between a letter and its answer too
        yield server


@pytest.fixture
def portal(tmp_path: Path, sink: MailServer) -> Iterator[Portal]:
    smtp = f"smtp://127.0.0.1:{sink.port}"
    portal = Portal(tmp_path / "data", HOTLINE_SMTP_URL=smtp, HOTLINE_MAIL_FROM=SENDER)
    yield portal
    portal.stop()


@pytest.mark.faults
def test_nothing_is_lost_and_nothing_doubled(portal: Portal, sink: MailServer, capsys: pytest.CaptureFixture[str]):
    with capsys.disabled():
        print(f"\n{KILLS} kills, FAULT_SEED={SEED}", flush=True)
    for name in (FIRST, SECOND):
        roles = ("--role", "analyst", "--role", "reviewer")
        portal.flask("staff", "add", name, *roles, feed="seven quiet lamps on a shelf\n" * 2)
    office = Office(portal.data_dir, HOTLINE_REDIS_URL=f"unix://{portal.data_dir}/queue.sock")
    office.add_provider()

    with Crowd(portal.port) as crowd, Desk(office) as desk:
        killed = kill_at_random(portal, random.Random(SEED))
        wait_for(portal.is_whole, "every part to be back")
        wait_for(lambda: desk.approved or desk.fault, "a letter, where the machine was too slow for one till now")
    assert desk.fault is None, repr(desk.fault)
    wait_for(lambda: inbox_is_empty(office), "the inbox to be opened")
    wait_for(lambda: all_sent(office, desk.approved), "every approved letter to be sent")

    with capsys.disabled():
        copies = len(sink.letters) - len(set(sink.message_ids()))
        print(f"killed: {dict(killed)}; tries that failed: {dict(crowd.troubles)}")
        print(f"receipts: {len(crowd.receipts)}; letters: {len(desk.approved)}, copies: {copies}", flush=True)
    assert sum(killed.values()) == KILLS
    assert crowd.receipts
    assert desk.approved
    assert_every_receipt_became_one_report(office, crowd)
    assert_every_letter_arrived_under_one_message_id(office, sink, desk)
    assert_the_audit_trail_holds(office, desk)
    family = descendants(portal.process.pid)
    assert portal.stop() == 0
    assert not any(is_running(pid) for pid in family)


def kill_at_random(portal: Portal, chance: random.Random) -> Counter[str]:
    """Kill parts of the portal, living ones only, until there were enough."""
    killed: Counter[str] = Counter()
    while sum(killed.values()) < KILLS:
        time.sleep(chance.uniform(0.02, 0.5))
        living = portal.living()
        if living:
            part = chance.choice(sorted(living))
            with suppress(ProcessLookupError):
                os.kill(chance.choice(living[part]), signal.SIGKILL)
                killed[part] += 1
    return killed


def inbox_is_empty(office: Office) -> bool:
    with office.here(), Session(front_engine()) as session:
        return session.scalar(select(func.count()).select_from(Inbox)) == 0


def all_sent(office: Office, approved: dict[int, str]) -> bool:
    office.let_time_pass()
    time.sleep(1)  # longer than sending takes, so that no lease is cut off again and again
    with office.here():
        sent = set(db.session.scalars(select(Notice.id).where(Notice.status == NoticeStatus.SENT)))
    return set(approved) <= sent


def assert_every_receipt_became_one_report(office: Office, crowd: Crowd) -> None:
    with office.here():
        keys = vault.keyring().public
        assert keys is not None
        reports = Counter(db.session.scalars(select(Report.receipt_tag)))
        named = dict(db.session.execute(select(Report.receipt_tag, Item).join(Mention.report).join(Mention.item)).all())
        addresses = Counter(items.address_of(item) for item in db.session.scalars(select(Item)))
        with Session(front_engine()) as session:
            tags = set(session.scalars(select(ReceiptRow.tag)))
        assert set(reports.values()) == {1}
        assert set(addresses.values()) == {1}
        assert db.session.scalar(select(func.max(Item.report_count))) == 1
        assert db.session.scalar(select(func.count()).select_from(UnreadReport)) == 0
        for url, codes in crowd.receipts.items():
            assert len(codes) == 1, url
            tag = vault.receipt_of(keys, codes.pop()).tag
            assert tag in tags, url
            assert items.address_of(named[tag]) == url
        assert len(tags) == len(reports)


def assert_every_letter_arrived_under_one_message_id(office: Office, sink: MailServer, desk: Desk) -> None:
    arrived: dict[str, set[str]] = {}
    for letter in sink.letters:
        ref = letter.message["Subject"].rpartition("[")[2].rstrip("]")
        arrived.setdefault(ref, set()).add(letter.message_id)
    for notice_id, message_id in desk.approved.items():
        assert arrived.pop(office.notice(notice_id).ref) == {message_id}
    assert not arrived


def assert_the_audit_trail_holds(office: Office, desk: Desk) -> None:
    with office.here():
        count, broken = audit.verify()
        sent = Counter(db.session.scalars(select(AuditEntry.record).where(AuditEntry.action == "sent")))
    assert broken is None
    assert count > 0
    assert len(sent) == len(desk.approved)
    assert set(sent.values()) == {1}
