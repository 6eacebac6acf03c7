"""A referral that was let go reaches its service through a real worker, which holds nothing that opens it."""

import json
from collections.abc import Iterator

import pytest

from hotline import vault
from hotline.extensions import db
from hotline.models.referral import Referral
from hotline.vault import Lock
from hotline.vocabulary import ReferralMeans, ReferralStatus
from tests.deploy.processes import wait_for
from tests.gateways import locksmith
from tests.gateways.locksmith import Gpg
from tests.gateways.mail_server import MailServer
from tests.jobs.office import Office
from tests.jobs.stack import Stack
from tests.services import case_steps, referral_steps


@pytest.fixture(scope="module")
def gpg() -> Iterator[Gpg]:
    with locksmith.gpg() as found:
        yield found


def let_go(office: Office, gpg: Gpg, sink: MailServer) -> int:
    """Go the whole way to a referral that waits for the worker, as the desk does; return its id."""
    keys = office.app.extensions["hotline.settings"].keys_dir
    desk = vault.load(keys, private=[Lock.CARE], public_secrets=False, blinds=False)
    office.app.extensions["hotline.keyring"].halves |= desk.halves
    referral_steps.mails(office.app, f"smtp://127.0.0.1:{sink.port}")
    with office.here():
        one, to = case_steps.a_case(by=case_steps.officer()), referral_steps.a_service(key=gpg.public)
        referral_steps.agreed(one, to)
        return referral_steps.let_go(referral_steps.drafted(one, to), ReferralMeans.ENCRYPTED_MAIL).id


def status(office: Office, referral_id: int) -> ReferralStatus:
    with office.here():
        return db.session.get_one(Referral, referral_id).status


@pytest.mark.parametrize("parts", [("queue", "worker"), ("sweeper",)])
def test_a_referral_goes_by_the_worker_or_without_a_queue_by_the_sweeper(
    office: Office, stack: Stack, sink: MailServer, gpg: Gpg, parts: tuple[str, ...]
) -> None:
    stack.start(*parts)
    if "worker" in parts:
        wait_for(stack.has_worker, "the worker")

    referral_id = let_go(office, gpg, sink)

    wait_for(lambda: status(office, referral_id) is ReferralStatus.PENDING, "the referral to be sent")
    [taken] = sink.letters
    [_cover, attached] = taken.message.iter_parts()
    assert "Chan Sreyneang" in gpg.open(attached.get_payload(decode=True)).decode()
    wait_for(lambda: not office.tasks(), "the outbox to be empty")
    assert "worker" not in parts or stack.said("worker") == ""


def test_nothing_of_a_referral_lies_open_on_disk_or_in_the_queue(
    office: Office, stack: Stack, sink: MailServer, gpg: Gpg
) -> None:
    stack.start("queue")

    let_go(office, gpg, sink)

    files = [one for one in stack.data_dir.rglob("*") if one.is_file()]
    open_words = (b"Sreyneang", b"Please see her this week")
    assert files
    assert [one.name for one in files for word in open_words if word in one.read_bytes()] == []
    assert not any(word in stack.dump() for word in open_words)
    assert "deliver_referral" in json.dumps([job for job, *_ in office.tasks()])
