"""Requests for help from the form to victim support: moved unopened, taken once, told to whoever asked."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from hotline import vault
from hotline.errors import KeyMissing, NotFound, WrongState
from hotline.extensions import db
from hotline.jobs import rows
from hotline.models import Inbox, Item, Report, Staff, UnreadReport
from hotline.models.help_request import HelpRequest
from hotline.models.message import Message
from hotline.services import (
    demo_requests,
    help_requests,
    intake,
    message_copies,
    messages,
    queue,
    receipts,
    staff,
)
from hotline.services.help_requests import Asked, Reach
from hotline.transactions import apart, front_engine, writing
from hotline.vault import Lock
from hotline.vocabulary import Concern, ForWhom, HelpStatus, InboxKind, Language, ReportStatus
from tests.services import steps

ASKED = Asked(ForWhom.SELF, "quiet words", False, "by message", Language.KM)


def ask(nonce: str = "one", contact: str = "@someone") -> str:
    return help_requests.take(ASKED, contact, nonce=nonce)


def arrived(nonce: str = "one", contact: str = "@someone") -> tuple[str, HelpRequest]:
    code = ask(nonce, contact)
    intake.open_inbox()
    return code, db.session.scalars(select(HelpRequest).order_by(HelpRequest.id.desc())).first()


def helper() -> Staff:
    return staff.get_by_name("kunthea")


def another_helper() -> Staff:
    with writing():
        return staff.add("bopha", "a long enough password", ["victim_support"], language=Language.EN, by=None)


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def give_care_key(app: Flask) -> None:
    """Let this process open what only the desk of victim support can."""
    keys_dir = app.extensions["hotline.settings"].keys_dir
    ring = vault.load(keys_dir, private=[Lock.CASE, Lock.CARE], public_secrets=False, blinds=True)
    app.extensions["hotline.keyring"].halves = ring.halves


def test_the_office_moves_a_request_and_cannot_open_it(office: Flask) -> None:
    _, request = arrived()

    assert steps.waiting() == []
    assert (count(Report), count(Item), count(UnreadReport)) == (0, 0, 0)
    for purpose, blob in ((help_requests.BODY, request.body), (help_requests.CONTACT, request.contact)):
        with pytest.raises(KeyMissing):
            vault.keyring().open(purpose, blob, lock=Lock.CARE)
    opened = help_requests.read(request, by=helper())
    assert (opened.asked, opened.reach, opened.contact) == (None, Reach.UNREADABLE, "")


def test_a_request_moved_twice_is_one(office: Flask) -> None:
    ask()
    (row,) = steps.waiting()

    intake.move(row)
    intake.move(row)

    assert count(HelpRequest) == 1


def test_victim_support_opens_it_whole(office: Flask) -> None:
    _, request = arrived()
    give_care_key(office)

    opened = help_requests.read(request, by=helper())

    assert (opened.asked, opened.reach, opened.contact) == (ASKED, Reach.CONTACT, "@someone")


def test_what_is_no_request_is_kept_and_said(office: Flask) -> None:
    give_care_key(office)
    _, request = arrived()
    for body in (b"\x01rubbish", vault.keyring().seal(help_requests.BODY, "[]", lock=Lock.CARE), request.contact):
        with writing():
            request.body = body

        assert help_requests.read(request, by=helper()).asked is None
        assert help_requests.list_requests(by=helper()).rows[0].language is None


def test_a_contact_is_forgotten_at_its_owners_wish(office: Flask) -> None:
    code, request = arrived()
    give_care_key(office)
    tag = receipts.vault.receipt_of(vault.keyring().public, code).tag
    with apart(front_engine()) as session:
        session.add(
            Inbox(
                id=b"f" * 16, receipt_tag=tag, kind=InboxKind.FORGET_CONTACT, body=b"", received_at=request.received_at
            )
        )

    intake.open_inbox()
    db.session.expire_all()

    opened = help_requests.read(request, by=helper())
    assert (request.contact, opened.reach, opened.contact) == (None, Reach.FORGOTTEN, "")
    assert opened.asked == ASKED


def test_the_person_sees_coarsely_how_far_it_is(office: Flask) -> None:
    code, request = arrived()
    ref, seen = request.ref, []
    for deed in (help_requests.claim, help_requests.hand_back, help_requests.claim, help_requests.close):
        with writing():
            deed(help_requests.get(ref, by=helper()), by=helper())
        rows.work_off()
        seen.append(receipts.find(code).status)

    assert seen == [ReportStatus.CHECKING, ReportStatus.CHECKING, ReportStatus.CHECKING, ReportStatus.CLOSED]


def test_telling_it_twice_or_late_changes_nothing(office: Flask) -> None:
    code, request = arrived()
    with writing():
        help_requests.claim(request, by=helper())
        help_requests.close(request, by=helper())
    for _ in range(2):
        with writing():
            help_requests.move_on([request.id])
    with writing():
        help_requests.reopen(request, by=helper())
    with writing():
        help_requests.move_on([request.id])

    assert receipts.find(code).status is ReportStatus.CLOSED


def test_two_people_cannot_take_the_same_request(office: Flask) -> None:
    _, request = arrived()
    second = another_helper()
    with writing():
        help_requests.claim(request, by=helper())

    for deed in (help_requests.claim, help_requests.hand_back, help_requests.close, help_requests.reopen):
        with pytest.raises(WrongState), writing():
            deed(request, by=second)

    assert (request.status, request.taken_by_id) == (HelpStatus.TAKEN, helper().id)


def test_a_closed_request_can_be_taken_up_by_anybody_of_victim_support(office: Flask) -> None:
    _, request = arrived()
    second = another_helper()
    with writing():
        help_requests.claim(request, by=helper())
        help_requests.close(request, by=helper())

    with writing():
        help_requests.reopen(request, by=second)

    assert (request.status, request.taken_by_id, request.closed_at) == (HelpStatus.TAKEN, second.id, None)


def test_what_is_in_the_hands_of_somebody_whose_account_is_closed_is_free_again(office: Flask) -> None:
    _, request = arrived()
    with writing():
        help_requests.claim(request, by=helper())
    with writing():
        staff.disable(helper(), by=staff.get_by_name("admin"))

    assert (request.status, request.taken_by_id) == (HelpStatus.NEW, None)


@pytest.mark.parametrize("name", ["sophea", "admin"])
def test_nobody_else_sees_anything_of_it(office: Flask, name: str) -> None:
    code, request = arrived()
    message_copies.write(code, "are you there?", nonce="two")
    intake.open_inbox()
    stranger = staff.get_by_name(name)
    deeds = [
        lambda: help_requests.get(request.ref, by=stranger),
        lambda: help_requests.list_requests(by=stranger),
        lambda: help_requests.counts(by=stranger),
        lambda: help_requests.read(request, by=stranger),
        lambda: help_requests.claim(request, by=stranger),
        lambda: help_requests.reopen(request, by=stranger),
        lambda: messages.read(request.receipt_tag, Concern.HELP, "x", by=stranger),
    ]

    for deed in deeds:
        with pytest.raises(NotFound):
            deed()

    assert messages.count_waiting(by=stranger) == 0
    if name == "sophea":
        assert messages.list_waiting(by=stranger) == []
        assert not any(queue.counts(by=stranger).values())
        assert messages.read(request.receipt_tag, Concern.REPORT, "x", by=stranger) == []


def test_the_list_begins_with_what_is_new_and_is_read_page_by_page(office: Flask) -> None:
    requests = [arrived(str(number))[1] for number in range(5)]
    with writing():
        for request in requests[:2]:
            help_requests.claim(request, by=helper())
        help_requests.close(requests[0], by=helper())
    expected = [one.ref for one in (requests[2], requests[3], requests[4], requests[1])]

    seen, after = [], ""
    while True:
        page = help_requests.list_requests(by=helper(), after=after, limit=3)
        seen += [row.request.ref for row in page.rows]
        after = page.next
        if not after:
            break

    assert seen == expected
    closed = help_requests.list_requests(by=helper(), closed=True)
    assert ([row.request.ref for row in closed.rows], closed.next) == ([requests[0].ref], "")


def test_who_wrote_comes_after_the_new_ones_and_in_one_list_alone_even_when_closed(office: Flask) -> None:
    arrivals = [arrived(str(number)) for number in range(6)]
    requests = [request for _, request in arrivals]
    with writing():
        for request in requests[:5]:
            help_requests.claim(request, by=helper())
        for request in requests[:2]:
            help_requests.close(request, by=helper())
    for number in (1, 3):
        message_copies.write(arrivals[number][0], "are you there?", nonce=f"message {number}")
    intake.open_inbox()
    expected = [requests[number].ref for number in (5, 1, 3, 2, 4)]

    seen: list[help_requests.RequestRow] = []
    while len(seen) < 6:
        page = help_requests.list_requests(by=helper(), after=seen[-1].request.ref if seen else "", limit=1)
        seen += page.rows
        if not page.next:
            break

    assert [row.request.ref for row in seen] == expected
    assert [row.is_back for row in seen] == [False, True, False, False, False]
    closed = help_requests.list_requests(by=helper(), closed=True).rows
    assert [row.request.ref for row in closed] == [requests[0].ref]
    assert not closed[0].is_back


def test_closed_requests_are_read_page_by_page_latest_first(office: Flask) -> None:
    requests = [arrived(str(number))[1] for number in range(3)]
    with writing():
        for request in requests:
            help_requests.claim(request, by=helper())
            help_requests.close(request, by=helper())

    first = help_requests.list_requests(by=helper(), closed=True, limit=2)
    second = help_requests.list_requests(by=helper(), closed=True, limit=2, after=first.next)

    refs = [row.request.ref for page in (first, second) for row in page.rows]
    assert refs == [request.ref for request in reversed(requests)]
    assert second.next == ""


def test_a_message_brings_a_closed_request_back_among_the_open_ones(office: Flask) -> None:
    code, request = arrived()
    with writing():
        help_requests.claim(request, by=helper())
        help_requests.close(request, by=helper())
    assert help_requests.list_requests(by=helper()).rows == []

    message_copies.write(code, "I need you again", nonce="two")
    intake.open_inbox()

    (row,) = help_requests.list_requests(by=helper()).rows
    counts = help_requests.counts(by=helper())
    assert (row.request.ref, row.waiting) == (request.ref, 1)
    assert (counts.new, counts.mine, counts.written, counts.waiting) == (0, 0, 1, 1)


def test_what_waits_is_counted_once_for_each_request(office: Flask) -> None:
    code, _ = arrived("one")
    arrived("two")
    for number in range(3):
        message_copies.write(code, f"words {number}", nonce=str(number))
    intake.open_inbox()

    counts = help_requests.counts(by=helper())

    assert (counts.new, counts.mine, counts.written, counts.waiting) == (2, 0, 1, 2)


def test_invented_requests_look_lived_in_and_are_made_once(office: Flask) -> None:
    for _ in range(2):
        demo_requests.fill()
    rows.work_off()
    give_care_key(office)

    listed = help_requests.list_requests(by=helper()).rows
    assert [row.request.status for row in listed] == [HelpStatus.NEW, HelpStatus.NEW, HelpStatus.TAKEN]
    assert {row.language for row in listed} == {Language.KM, Language.EN}
    taken = listed[-1].request
    talk = messages.read(taken.receipt_tag, Concern.HELP, "x", by=helper())
    assert [one.waits for one in talk] == [False, False, True]
    assert all(one.text for one in talk)
    assert db.session.scalars(select(Message.staff_id).where(Message.staff_id.is_not(None))).all() == [helper().id]
