"""The worker as a process: it outlives the queue server, stops when told, and tells the queue nothing at all."""

from pathlib import Path

import pytest
from rq import Queue
from rq.serializers import JSONSerializer

from hotline import outbox
from hotline.extensions import db
from hotline.services.telling import MOVE_REPORTS_ON
from hotline.transactions import writing
from hotline.vocabulary import NoticeStatus
from tests.deploy.processes import wait_for
from tests.gateways.mail_server import HANG, MailServer
from tests.jobs.office import FIRST, MAILBOX, Office
from tests.jobs.stack import Stack

ADDRESS = "https://secret-host.example/secret-path"


@pytest.fixture
def working(stack: Stack) -> Stack:
    stack.start("queue", "worker")
    wait_for(stack.has_worker, "the worker")
    return stack


def test_the_worker_outlives_the_queue_server_and_works_on_when_it_is_back(office, working, sink: MailServer):
    working.kill("queue")
    wait_for(lambda: "rror" in working.said("worker"), "the worker to notice")
    working.start("queue")
    wait_for(working.has_worker, "the worker to come back")

    notice_id = office.approved_notice(ADDRESS)

    wait_for(lambda: office.has(notice_id, NoticeStatus.SENT), "the notice to be sent")
    assert working.is_running("worker")


def test_the_worker_outlives_a_queue_server_that_dies_during_a_job(office, working, sink: MailServer):
    sink.replies["DATA"] = HANG
    office.approved_notice(ADDRESS)
    wait_for(lambda: sink.letters, "the letter to be on its way")
    working.kill("queue")
    sink.replies.clear()
    sink.hang_up()
    working.start("queue")
    wait_for(working.has_worker, "the worker to come back")

    assert working.is_running("worker")


def test_the_worker_waits_for_a_queue_server_that_is_not_there_yet(stack: Stack):
    stack.start("worker")
    wait_for(lambda: "waiting for work failed" in stack.said("worker"), "the worker to try")

    stack.start("queue")

    wait_for(stack.has_worker, "the worker to find it")


@pytest.mark.parametrize("queue_server", ["there", "away"])
def test_an_idle_worker_stops_when_told(working: Stack, queue_server: str):
    if queue_server == "away":
        working.kill("queue")
        wait_for(lambda: "rror" in working.said("worker"), "the worker to notice")

    _stops(working, "worker")


def test_a_worker_that_never_found_its_queue_server_stops_when_told(stack: Stack):
    stack.start("worker")
    wait_for(lambda: "waiting for work failed" in stack.said("worker"), "the worker to try")

    _stops(stack, "worker")


def test_a_busy_worker_finishes_its_letter_before_it_stops(office, working, sink: MailServer):
    sink.replies["DATA"] = HANG
    notice_id = office.approved_notice(ADDRESS)
    wait_for(lambda: sink.letters, "the letter to be on its way")
    working.ask_to_stop("worker")
    working.kill("queue")
    sink.hang_up()

    assert working.wait_for_end("worker") == 0
    assert office.notice(notice_id).last_fault == "unconfirmed"
    assert office.notice(notice_id).leased_until is None


def test_a_sweeper_stops_when_told(stack: Stack, office: Office, sink: MailServer):
    stack.start("sweeper")
    notice_id = office.approved_notice(ADDRESS)
    wait_for(lambda: office.has(notice_id, NoticeStatus.SENT), "the sweeper to work")

    _stops(stack, "sweeper")


def test_the_queue_server_learns_nothing_even_where_work_fails(office: Office, working: Stack):
    notice_id = office.approved_notice(ADDRESS)
    wait_for(lambda: office.has(notice_id, NoticeStatus.SENT), "the notice to be sent")
    _let_errors_tell(office, f"{ADDRESS} {MAILBOX}")
    with office.here(), writing():
        outbox.put(db.session(), MOVE_REPORTS_ON, 1)
    wait_for(lambda: "move_reports_on failed: " in working.said("worker"), "the job to fail")

    held = working.dump()

    for clear in ("secret-host", "secret-path", "example", MAILBOX, FIRST, "Error", "Traceback"):
        assert clear.encode() not in held
    assert "secret" not in working.said("worker")


def test_the_worker_runs_no_job_but_ours(office: Office, working: Stack, tmp_path: Path):
    proof = tmp_path / "proof"
    queue = Queue("hotline", connection=working.queue(), serializer=JSONSerializer)
    for job, *arguments in (("os.mkdir", str(proof)), ("hotline.jobs.rows.work_off", 1.0)):
        queue.enqueue(job, *arguments, failure_ttl=3600)
    wait_for(lambda: working.said("worker").count("none of ours") == 2, "the worker to refuse both")

    notice_id = office.approved_notice(ADDRESS)

    wait_for(lambda: office.has(notice_id, NoticeStatus.SENT), "the worker to go on")
    wait_for(lambda: queue.count == 0, "the queue to be empty")
    assert not proof.exists()


def test_one_hint_stands_for_all_that_waits(office: Office, stack: Stack, sink: MailServer):
    stack.start("queue")
    sent = [office.approved_notice(f"{ADDRESS}/{number}") for number in range(5)]
    assert stack.queue().llen("rq:queue:hotline") == 1

    stack.start("worker")

    wait_for(lambda: all(office.has(notice_id, NoticeStatus.SENT) for notice_id in sent), "all to be sent")


def test_approving_waits_for_no_queue_server(office: Office, stack: Stack):
    stack.start("queue")
    office.report(ADDRESS)
    office.open_inbox()
    [ref] = office.decide_new()
    notice_id = office.draft(ref)
    stack.pause("queue")

    office.approve(notice_id)

    assert office.has(notice_id, NoticeStatus.QUEUED)


def _let_errors_tell(office: Office, text: str) -> None:
    """Let every change of a report fail with an error that says what it should not."""
    with office.here(), writing():
        trigger = f"CREATE TRIGGER telltale BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, '{text}'); END"
        db.session.connection().exec_driver_sql(trigger)


def _stops(stack: Stack, name: str) -> None:
    code = stack.stop(name)
    assert code in {0, -15}
    assert "Traceback" not in stack.said(name)
