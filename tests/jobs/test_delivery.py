"""An approved notice goes out, whatever breaks on the way: real queue server, worker, sweeper and mail server."""

import time

import pytest
from sqlalchemy import select

from hotline.extensions import db
from hotline.gateways.mail import Handed, MailFault, SmtpMailer
from hotline.models import AuditEntry, Notice
from hotline.services import notice_sending
from hotline.vocabulary import NoticeStatus
from tests.deploy.processes import wait_for
from tests.gateways.mail_server import HANG, MailServer
from tests.jobs.office import Office
from tests.jobs.stack import Stack

SENT, QUEUED = NoticeStatus.SENT, NoticeStatus.QUEUED
ADDRESS = "https://img-board.example/t/1"


def wait_until_sent(office: Office, notice_id: int) -> None:
    wait_for(lambda: office.has(notice_id, SENT), "the notice to be sent")


def test_the_worker_sends_what_was_approved_as_soon_as_it_was(office: Office, stack: Stack, sink: MailServer):
    stack.start("queue", "worker")
    wait_for(stack.has_worker, "the worker")

    notice_id = office.approved_notice(ADDRESS)

    wait_until_sent(office, notice_id)
    assert sink.message_ids() == [office.notice(notice_id).message_id]
    wait_for(lambda: not office.tasks(), "the outbox to be empty")
    assert stack.said("worker") == ""


def test_worker_and_sweeper_work_and_stop_when_started_by_their_own_commands(office, stack: Stack, sink: MailServer):
    stack.start("queue", "worker", "sweeper", by_command=True)
    wait_for(stack.has_worker, "the worker")
    office.report(ADDRESS)
    [ref] = wait_for(office.decide_new, "the sweeper to open the inbox")
    notice_id = office.draft(ref)
    office.approve(notice_id)

    wait_until_sent(office, notice_id)

    assert sink.message_ids() == [office.notice(notice_id).message_id]
    assert {stack.stop(name) for name in ("worker", "sweeper")} <= {0, -15}
    assert stack.said("worker") + stack.said("sweeper") == ""


def test_without_queue_server_the_sweeper_sends_it(office: Office, stack: Stack, sink: MailServer):
    notice_id = office.approved_notice(ADDRESS)
    assert office.has(notice_id, QUEUED)

    stack.start("sweeper")

    wait_until_sent(office, notice_id)
    assert sink.message_ids() == [office.notice(notice_id).message_id]


def test_a_queue_that_was_wiped_is_filled_again_by_the_sweeper(office: Office, stack: Stack, sink: MailServer):
    stack.start("queue")
    notice_id = office.approved_notice(ADDRESS)
    assert stack.queue().llen("rq:queue:hotline") > 0
    stack.queue().flushall()
    office.let_time_pass()

    stack.start("worker", "sweeper")

    wait_until_sent(office, notice_id)
    assert sink.message_ids() == [office.notice(notice_id).message_id]


def test_a_worker_that_never_works_is_stood_in_for_by_the_sweeper(office: Office, stack: Stack, sink: MailServer):
    stack.start("queue", "sweeper")
    notice_id = office.approved_notice(ADDRESS)

    def came_round() -> bool:
        office.let_time_pass()
        return office.has(notice_id, SENT)

    wait_for(came_round, "the sweeper to lose patience")
    assert set(sink.message_ids()) == {office.notice(notice_id).message_id}


def test_a_mail_server_that_was_away_gets_the_letter_later(office: Office, stack: Stack, sink: MailServer):
    stack.start("queue", "worker", "sweeper")
    wait_for(stack.has_worker, "the worker")
    sink.stop()
    notice_id = office.approved_notice(ADDRESS)
    wait_for(lambda: office.notice(notice_id).last_fault == "connect", "the fault to be noted")

    sink.start()
    assert sink.letters == []
    assert office.notice(notice_id).leased_until is None
    office.let_time_pass()

    wait_until_sent(office, notice_id)
    assert sink.message_ids() == [office.notice(notice_id).message_id]
    assert office.notice(notice_id).last_fault is None


def test_an_old_hint_does_not_cut_the_pause_short(office: Office, stack: Stack, sink: MailServer):
    sink.stop()
    notice_id = office.approved_notice(ADDRESS)
    mailer = SmtpMailer(f"smtp://127.0.0.1:{sink.port}")
    with office.here():
        notice_sending.deliver(notice_id, mailer=mailer)
        sink.start()
        notice_sending.deliver(notice_id, mailer=mailer)

    assert sink.letters == []
    assert office.notice(notice_id).attempts == 1


def test_a_worker_killed_while_the_answer_is_awaited_sends_again_under_the_same_message_id(
    office: Office, stack: Stack, sink: MailServer
):
    sink.replies["DATA"] = HANG
    stack.start("queue", "worker")
    wait_for(stack.has_worker, "the worker")
    notice_id = office.approved_notice(ADDRESS)
    wait_for(lambda: sink.letters, "the letter to be on its way")
    stack.kill("worker")
    sink.replies.clear()

    stack.start("worker", "sweeper")
    wait_for(stack.has_worker, "the next worker")
    assert office.has(notice_id, QUEUED)
    assert office.notice(notice_id).leased_until is not None
    office.let_time_pass()

    wait_until_sent(office, notice_id)
    assert len(sink.letters) == 2
    assert sink.letters[0].content == sink.letters[1].content
    assert sink.message_ids()[0] == office.notice(notice_id).message_id


def test_nobody_sends_a_letter_that_another_is_sending(office: Office, stack: Stack, sink: MailServer):
    sink.replies["DATA"] = HANG
    stack.start("queue", "worker")
    wait_for(stack.has_worker, "the worker")
    notice_id = office.approved_notice(ADDRESS)
    wait_for(lambda: sink.letters, "the letter to be on its way")
    lease = office.notice(notice_id).leased_until

    stack.kill("queue")
    office.let_others_take_rows()
    stack.start("sweeper")
    wait_for(lambda: all(due == lease for _, record, due in office.tasks() if record == notice_id), "the sweeper's try")

    assert len(sink.letters) == 1
    assert office.notice(notice_id).attempts == 1


class Overtaken:
    """A mailer so slow that its lease ends and another sends the letter, whose own try then ends as the test says."""

    def __init__(self, office: Office, faster: SmtpMailer, end: MailFault | None) -> None:
        self._office, self._faster, self._end = office, faster, end

    def send(self, *wire: object) -> Handed:
        self._office.let_time_pass()
        with self._office.here():
            [(notice_id,)] = db.session.execute(select(Notice.id)).all()
            notice_sending.deliver(notice_id, mailer=self._faster)
        if self._end:
            raise self._end
        return Handed.ON


@pytest.mark.parametrize("end", [None, MailFault("550", permanent=True), MailFault("connect", permanent=False)])
def test_a_try_that_was_overtaken_changes_nothing_about_a_letter_that_went(office: Office, sink: MailServer, end):
    notice_id = office.approved_notice(ADDRESS)
    slow = Overtaken(office, SmtpMailer(f"smtp://127.0.0.1:{sink.port}"), end)

    with office.here():
        notice_sending.deliver(notice_id, mailer=slow)
        told = db.session.scalars(select(AuditEntry.action).where(AuditEntry.action.in_(["sent", "failed"]))).all()

    assert told == ["sent"]
    assert office.has(notice_id, SENT)
    assert office.notice(notice_id).last_fault is None


def test_letters_in_both_ways_of_sending_never_hold_up_the_others(office: Office, stack: Stack, sink: MailServer):
    stack.start("queue", "worker", "sweeper")
    sent = []
    for number in range(12):
        sent.append(office.approved_notice(f"https://img-board.example/t/{number}"))
        if number == 4:
            stack.kill("queue")
        if number == 8:
            stack.start("queue")
    wait_for(stack.has_worker, "the worker to be back")

    def all_gone() -> bool:
        office.let_time_pass()
        time.sleep(0.2)  # longer than one letter takes, so that no lease is cut off again and again
        return all(office.has(notice_id, SENT) for notice_id in sent)

    wait_for(all_gone, "all letters")
    assert set(sink.message_ids()) == {office.notice(notice_id).message_id for notice_id in sent}
