"""From report to closed, very many addresses, while mail fails and parts are killed: nothing lost, nothing doubled.

`FAULT_ITEMS` says how many addresses (40; `make faults`: 1,000), `FAULT_SEED` which faults.
"""

import asyncio
import os
import random
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import cast

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session as Store

from hotline import clock
from hotline.extensions import db
from hotline.models import AuditEntry, Clock, Ending, Inbox, Item, Notice, Reply, ReplyInbound
from hotline.services import audit, online, staff, takedowns
from hotline.transactions import front_engine, writing
from hotline.vocabulary import (
    Answer,
    CheckResult,
    Duty,
    ItemOutcome,
    ItemStatus,
    NoticeKind,
    NoticeStatus,
    Subject,
)
from tests.deploy.processes import wait_for
from tests.faults.portal import Portal
from tests.faults.reporter import TROUBLE, Reporter
from tests.gateways.mail_server import MailServer, Taken
from tests.jobs.office import FIRST, SECOND, SENDER, Office

ITEMS = int(os.environ.get("FAULT_ITEMS", "40"))
SEED = int(os.environ.get("FAULT_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
IN_ONE_REPORT = 5
# What letters name is a site that is not there: everybody knocks at loopback.
SETTINGS = {"HOTLINE_PUBLIC_URL": "https://hotline.example", "HOTLINE_LOOKUPS": "off"}
LINK = re.compile(r"/reply/N-\w{6}\S+")
SAYS = (*(Answer.REMOVED,) * 6, None, None, Answer.NEED_MORE, Answer.REFUSED)  # what hosts say, one after the other
TAKE, REFUSE, DROP = "take", "refuse", "drop after it was taken"


class MoodyServer(MailServer):
    """Takes each letter in the end. At its first try it may refuse it, or take it and hang up without a word."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.moods: Counter[str] = Counter()
        self._chance = chance
        self._met: set[str] = set()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a letter, or do not."""
        assert isinstance(envelope.content, bytes)
        found = message_from_bytes(envelope.content, policy=policy.default)["Message-ID"]
        mood = TAKE if found in self._met else self._chance.choices((TAKE, REFUSE, DROP), (80, 12, 8))[0]
        self._met.add(found)
        self.moods[mood] += 1
        if mood == REFUSE:
            return "451 try again later"
        self.letters.append(
            Taken(session.host_name or "", encrypted=False, mailboxes=(*envelope.rcpt_tos,), content=envelope.content)
        )
        if mood == DROP:
            assert server.transport is not None
            cast(asyncio.Transport, server.transport).abort()
            await asyncio.Event().wait()
        return "250 OK"


@pytest.fixture
def sink() -> Iterator[MoodyServer]:
    server = MoodyServer(random.Random(SEED))
    server.start()
    yield server
    server.close()


@pytest.fixture
def portal(tmp_path: Path, sink: MoodyServer) -> Iterator[Portal]:
    mail = {"HOTLINE_SMTP_URL": f"smtp://127.0.0.1:{sink.port}", "HOTLINE_MAIL_FROM": SENDER}
    portal = Portal(tmp_path / "data", **mail, **SETTINGS)
    yield portal
    portal.stop()


@contextmanager
def killing(portal: Portal, chance: random.Random) -> Iterator[Counter[str]]:
    """Kill a part of the portal every second or so for the length of the block."""
    killed: Counter[str] = Counter()
    over = threading.Event()

    def kill() -> None:
        while not over.wait(chance.uniform(0.5, 2.0)):
            living = portal.living()
            if living:
                part = chance.choice(sorted(living))
                with suppress(ProcessLookupError):
                    os.kill(chance.choice(living[part]), signal.SIGKILL)
                    killed[part] += 1

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


@pytest.mark.faults
def test_from_report_to_closed(portal: Portal, sink: MoodyServer, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{ITEMS} addresses, FAULT_SEED={SEED}", flush=True)
    for name in (FIRST, SECOND):
        roles = ("--role", "analyst", "--role", "reviewer")
        portal.flask("staff", "add", name, *roles, feed="seven quiet lamps on a shelf\n" * 2)
    office = Office(portal.data_dir, HOTLINE_REDIS_URL=f"unix://{portal.data_dir}/queue.sock", **SETTINGS)
    office.add_provider()
    urls = [f"https://host-{number % 40}.example/t/{number}" for number in range(ITEMS)]

    with killing(portal, random.Random(SEED)) as killed:
        report_all(portal.port, urls)
        wait_long(lambda: is_empty(Inbox, office), "the inbox to be opened")
        approve_all(office)
        wait_long(lambda: all_gone(office), "every letter to be sent")
        said = answer_all(portal.port, sink.letters)
        wait_long(lambda: is_empty(ReplyInbound, office), "answers to come to the desk")
        let_time_run_out(office)
        wait_long(lambda: count_reminders(office) == said[None], "silent hosts to be reminded")
        wait_long(lambda: all_gone(office), "every reminder to be sent")
        close_all(office)
    wait_for(portal.is_whole, "every part to be back")

    with capsys.disabled():
        copies = len(sink.letters) - len(set(sink.message_ids()))
        print(f"killed: {dict(killed)}; mail: {dict(sink.moods)}, copies: {copies}; hosts: {dict(said)}", flush=True)
    assert sum(killed.values()) > 3
    assert sink.moods[REFUSE]
    assert sink.moods[DROP]
    with office.here():
        assert_each_address_was_closed_once(urls)
        assert_letters_and_answers_are_there_once(sink, said)
        assert_the_statistics_add_up()
        assert audit.verify()[1] is None


def wait_long(look: Callable[[], object], what: str) -> None:
    """Look again and again until it is so."""
    over = time.monotonic() + 120 + ITEMS
    while not look():
        assert time.monotonic() < over, f"waited in vain for: {what}"
        time.sleep(0.2)


def report_all(port: int, urls: Sequence[str]) -> None:
    """Report all addresses, a few in each report, each form sent again until its receipt shows."""

    def report(some: Sequence[str]) -> None:
        reporter = Reporter(port)
        token = until_there(reporter.form)
        until_there(lambda: reporter.send(token, "\n".join(some)).code)

    portions = [urls[begin : begin + IN_ONE_REPORT] for begin in range(0, len(urls), IN_ONE_REPORT)]
    with ThreadPoolExecutor(3) as people:
        list(people.map(report, portions))


def approve_all(office: Office) -> None:
    """Let two people look at everything and agree, draft and approve."""
    while decided := office.decide_new(most=20):
        for ref in decided:
            office.approve(office.draft(ref))


def answer_all(port: int, letters: Sequence[Taken]) -> Counter[Answer | None]:
    """Let each host answer by the link in its letter, some by pressing twice. Returns what they said."""
    links = []
    for taken in {taken.message_id: taken for taken in letters}.values():
        body = taken.message.get_body(("plain",))
        assert body is not None
        links.append(LINK.findall(body.get_content())[0])

    def answer(number: int) -> Answer | None:
        link, word = links[number], SAYS[number % len(SAYS)]
        if word is None:
            return None
        host = Reporter(port)
        token = until_there(lambda: host.get(link).token)
        fields = dict.fromkeys(("when", "whose", "website"), "") | {"csrf_token": token, "answer": str(word)}
        for _ in range(2 if number % 7 == 0 else 1):
            until_there(lambda: host.post(link, fields | {"words": "Seen to."}).status == 303 or None)
        return word

    with ThreadPoolExecutor(3) as hosts:
        return Counter(hosts.map(answer, range(len(links))))


def until_there(step: Callable[[], object]) -> str:
    """Try again until the site answers well."""
    for _ in range(600):
        with suppress(*TROUBLE, IndexError):
            if found := step():
                return cast(str, found)
        time.sleep(0.1)
    raise AssertionError("the public site did not come back")


def let_time_run_out(office: Office) -> None:
    """Let the time be over that hosts have, and no hour be quiet: none is where a child is in danger."""
    past = clock.now() - timedelta(minutes=1)
    runs = (Clock.duty == Duty.REMOVE, Clock.ended_at.is_(None), Clock.paused_at.is_(None))
    with office.here(), writing():
        db.session.execute(
            update(Clock).where(Clock.subject == Subject.NOTICE, *runs).values(due_at=past, next_at=past)
        )
        db.session.execute(update(Item).values(in_danger=True))


def all_gone(office: Office) -> bool:
    """Let pauses, leases and quiet hours be over; whether every letter has gone."""
    office.let_time_pass()
    with office.here():
        with writing():
            db.session.execute(update(Notice).where(Notice.not_before.is_not(None)).values(not_before=clock.now()))
        time.sleep(1)  # longer than sending takes, so that no lease is cut off again and again
        on_its_way = Notice.status.in_([NoticeStatus.DRAFT, NoticeStatus.QUEUED])
        letters = db.session.scalar(select(func.count()).select_from(Notice)) or 0
        return letters >= ITEMS and not db.session.scalar(select(func.count()).select_from(Notice).where(on_its_way))


def count_reminders(office: Office) -> int:
    """Let pauses be over, and count the reminders that were written."""
    office.let_time_pass()
    time.sleep(1)
    with office.here():
        reminders = select(func.count()).select_from(Notice).where(Notice.kind == NoticeKind.REMINDER)
        return db.session.scalar(reminders) or 0


def is_empty(table: type[Inbox] | type[ReplyInbound], office: Office) -> bool:
    with office.here(), Store(front_engine()) as session:
        return session.scalar(select(func.count()).select_from(table)) == 0


def close_all(office: Office) -> None:
    """Let two people look whether everything is gone, and close it; a ninth was still there at the first look."""
    with office.here():
        first, second = staff.get_by_name(FIRST), staff.get_by_name(SECOND)
        ids = db.session.scalars(select(Item.id).order_by(Item.id)).all()
        for number, item_id in enumerate(ids):
            outcome = ItemOutcome.UNAVAILABLE if number % 11 == 0 else ItemOutcome.REMOVED
            with writing():
                item = db.session.get_one(Item, item_id)
                if number % 9 == 0:
                    online.seen(item, CheckResult.UP, by=first)
                online.seen(item, CheckResult.GONE, by=first)
            with writing():
                online.close(item, outcome, "The host says so, and it was looked at.", by=second)


def assert_each_address_was_closed_once(urls: Sequence[str]) -> None:
    assert db.session.scalar(select(func.count()).select_from(Item)) == len(urls)
    assert set(db.session.scalars(select(Item.status))) == {ItemStatus.CLOSED}
    endings = db.session.scalars(select(Ending)).all()
    assert Counter(one.item_id for one in endings) == dict.fromkeys(db.session.scalars(select(Item.id)), 1)
    for one in endings:
        assert one.to_host_at is not None
        assert one.removed_at is not None
        assert one.to_host_at <= one.removed_at <= one.ended_at
        assert one.undone_at is None
    always = (Subject.MESSAGE, Subject.STANDING_DUTY)  # not about addresses
    running = select(func.count()).select_from(Clock).where(Clock.subject.not_in(always), Clock.ended_at.is_(None))
    assert db.session.scalar(running) == 0


def assert_letters_and_answers_are_there_once(sink: MoodyServer, said: Counter[Answer | None]) -> None:
    arrived: dict[str, set[str]] = {}
    for letter in sink.letters:
        ref = letter.message["Subject"].rpartition("[")[2].rstrip("]")
        arrived.setdefault(ref, set()).add(letter.message_id)
    notices = db.session.scalars(select(Notice)).all()
    assert {one.ref: {one.message_id} for one in notices} == arrived
    assert Counter(one.kind for one in notices) == {NoticeKind.FIRST: ITEMS, NoticeKind.REMINDER: said[None]}
    sent = Counter(db.session.scalars(select(AuditEntry.record).where(AuditEntry.action == "sent")))
    assert sent == {f"notice {one.ref}": 1 for one in notices}
    replies = db.session.scalars(select(Reply)).all()
    assert Counter(one.answer for one in replies) == Counter({word: count for word, count in said.items() if word})
    assert set(Counter(one.notice_id for one in replies).values()) == {1}


def assert_the_statistics_add_up() -> None:
    by = staff.get_by_name(FIRST)
    newest, *_ = months = takedowns.months()
    found = takedowns.over(months[-1], newest, by=by)
    assert found.whole
    assert sum(found.every_closing.values()) == ITEMS
    assert found.every_closing[ItemOutcome.UNAVAILABLE] == len(range(0, ITEMS, 11))
    assert sum(found.digest.outcomes.values()) == ITEMS
