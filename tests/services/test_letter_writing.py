"""Letters written: several addresses in one, the way their recipient takes them, encrypted to its key, or typed in."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from hotline import clock
from hotline.config import settings
from hotline.errors import GateClosed, Refused
from hotline.extensions import db
from hotline.gateways.mail import Handed
from hotline.models import Item, Notice
from hotline.models.notice import NoticeItem
from hotline.models.online import OnlineCheck
from hotline.models.recipient import RecipientKey
from hotline.rules import web_forms
from hotline.rules.entries import Entry
from hotline.rules.hosting import Account, NetworkFacts
from hotline.services import (
    demo,
    directory,
    hosting,
    letter_writing,
    notice_approval,
    notice_drafting,
    notice_grounds,
    notice_grouping,
    notice_sending,
    notices,
    secrecy,
)
from hotline.transactions import writing
from hotline.vocabulary import (
    Channel,
    CheckMeans,
    CheckResult,
    Delivery,
    ItemStatus,
    KeyKind,
    Language,
    LawVerdict,
    LetterKey,
    NoticeStatus,
    Proxy,
    RecipientKind,
    TestAnswer,
)
from tests.gateways import locksmith
from tests.services import police_steps, steps
from tests.services.letter_steps import FORM, approve, reached

ON_ONE_HOST = tuple(f"https://img-board.example/t/{number}" for number in (1, 2, 3))
EARLY = datetime(2026, 3, 2, 5, tzinfo=UTC)
ELSEWHERE = "https://store-7.example/g/5521"
LEGAL_HERE = replace(demo.ILLEGAL, law=LawVerdict.NOT_ILLEGAL, sexual=TestAnswer.NO, doubt="A drawing.")


Agreed = Callable[[str, datetime], Item]


class Post:
    """A mailer that keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    def send(self, _sender: str, _mailbox: str, _message_id: str, message: bytes) -> Handed:
        self.messages.append(message)
        return Handed.ON


def with_key(public: str, kind: KeyKind = KeyKind.SMIME, **facts: object) -> RecipientKey:
    with writing():
        key = RecipientKey(
            recipient_id=steps.recipient().id,
            kind=kind,
            material=public,
            fingerprint="ab" * 20,
            added_at=clock.now(),
            **facts,
        )
        db.session.add(key)
    db.session.expire_all()
    return key


def draft(*about: Item, channel: Channel = Channel.HOST) -> Notice:
    first, also = about[0], about[1:]
    with writing():
        return notice_drafting.draft(
            first, steps.recipient(), channel=channel, language=Language.EN, by=steps.team()[0], also=also
        )


def deliver(notice: Notice) -> Post:
    post = Post()
    notice_sending.deliver(notice.id, mailer=post)
    db.session.rollback()
    db.session.expire_all()
    return post


def fate(notice_id: int) -> tuple[NoticeStatus, str | None]:
    notice = db.session.get_one(Notice, notice_id)
    return notice.status, notice.last_fault


@pytest.fixture
def openssl(tmp_path: Path) -> locksmith.Openssl:
    return locksmith.openssl(tmp_path)


# --- Several addresses in one letter


def test_one_letter_lists_all_that_were_chosen_each_with_its_verdict_and_its_report(office: Flask) -> None:
    about = [steps.looked_at_twice(url=url) for url in ON_ONE_HOST]

    notice = draft(*about)
    letter = notices.letter_of(notice)

    assert [line.item_id for line in notice.lines] == [one.id for one in about]
    assert letter.addresses == ON_ONE_HOST
    assert [json.loads(one)["url"] for one in letter.reports] == list(ON_ONE_HOST)
    assert len({json.loads(one)["report_id"] for one in letter.reports}) == len(ON_ONE_HOST)
    assert all(address.replace("https", "hxxps").replace("d.e", "d[.]e") in letter.text for address in ON_ONE_HOST)


def test_what_is_agreed_on_the_same_host_and_in_no_letter_yet_is_proposed(office: Flask) -> None:
    first, second, third = (steps.looked_at_twice(url=url) for url in ON_ONE_HOST)
    steps.looked_at_twice(url=ELSEWHERE)
    steps.looked_at_twice(LEGAL_HERE, url="https://img-board.example/t/9")
    draft(third)

    assert notice_grouping.candidates(first, channel=Channel.HOST, by=steps.team()[0]) == [second]


def test_an_item_that_needs_another_letter_or_may_not_leave_is_refused(office: Flask) -> None:
    good, new = steps.looked_at_twice(), steps.new_item(ON_ONE_HOST[1], nonce="new")
    elsewhere = steps.looked_at_twice(LEGAL_HERE, url=ELSEWHERE)

    for other in (new, elsewhere):
        with pytest.raises(Refused, match="also:other_letter"):
            draft(good, other)
    with pytest.raises(GateClosed):
        draft(new, good)


def test_nothing_is_listed_twice_to_one_recipient(office: Flask) -> None:
    first, second = (steps.looked_at_twice(url=url) for url in ON_ONE_HOST[:2])
    draft(first)

    with pytest.raises(Refused, match="recipient:has_one"):
        draft(second, first)


def test_one_of_several_that_no_longer_stands_stops_the_letter(office: Flask) -> None:
    first, second = (steps.looked_at_twice(url=url) for url in ON_ONE_HOST[:2])
    notice = approve(draft(first, second))
    with writing():
        db.session.execute(update(Item).where(Item.id == second.id).values(status=ItemStatus.HELD))

    post = deliver(notice)

    assert post.messages == []
    assert fate(notice.id) == (NoticeStatus.FAILED, "verdict")


def test_national_only_goes_plain_without_a_report(office: Flask) -> None:
    letter = notices.letter_of(draft(steps.looked_at_twice(demo.NATIONAL)))

    assert letter.reports == ()
    assert "baseline" not in letter.text


# --- The envelope that programs read


def test_a_recipient_with_programs_gets_one_address_in_the_envelope_they_read(office: Flask) -> None:
    reached(delivery=Delivery.XARF)
    about = [steps.looked_at_twice(url=url) for url in ON_ONE_HOST[:2]]

    with pytest.raises(Refused, match="also:one_each"):
        draft(*about)
    [message] = deliver(approve(draft(about[0]))).messages

    parsed = message_from_bytes(message, policy=policy.default)
    assert parsed.get_content_type() == "multipart/report"
    assert [part.get_content_type() for part in parsed.iter_parts()] == [
        "text/plain",
        "message/feedback-report",
        "application/json",
        "text/plain",
    ]


def test_what_programs_have_no_word_for_goes_to_people(office: Flask) -> None:
    reached(delivery=Delivery.XARF)

    notice = draft(steps.looked_at_twice(demo.NATIONAL))

    assert notice.delivery is Delivery.EMAIL
    assert not notices.letter_of(notice).for_programs


@pytest.mark.parametrize("delivery", [Delivery.API, Delivery.ICCAM, Delivery.NONE, Delivery.WEB_FORM, Delivery.PORTAL])
def test_a_way_that_is_not_built_or_leads_nowhere_is_refused(office: Flask, delivery: Delivery) -> None:
    reached(delivery=delivery)

    with pytest.raises(Refused, match="recipient:no_way"):
        draft(steps.looked_at_twice())


# --- Encrypted


def test_a_letter_is_encrypted_to_its_recipients_key_and_each_copy_is_the_same(office: Flask, openssl) -> None:
    key = with_key(openssl.public)
    notice = approve(draft(steps.looked_at_twice()))
    letter = notices.letter_of(notice)

    [message] = deliver(notice).messages

    parsed = message_from_bytes(message, policy=policy.default)
    inner = message_from_bytes(openssl.open(message), policy=policy.default)
    notice = db.session.get_one(Notice, notice.id)
    lease = notice_sending.Lease(2, notice.message_id, notice.letter, notice.approved_at, letter.mailbox)
    assert notice.key_id == key.id
    assert parsed["Subject"] == f"Confidential message [{notice.ref}]"
    assert inner["Subject"].strip() == letter.subject  # a long one begins on the next line
    assert notice_sending._on_the_wire(lease)[3] == message


@pytest.mark.parametrize("change", [{"withdrawn_at": True}, {"expires_at": True}], ids=["withdrawn", "expired"])
def test_a_key_that_no_longer_holds_stops_the_letter_and_says_so(office: Flask, openssl, change) -> None:
    key_id = with_key(openssl.public).id
    notice = approve(draft(steps.looked_at_twice()))
    past = clock.now() - timedelta(minutes=1)
    with writing():
        db.session.execute(update(RecipientKey).where(RecipientKey.id == key_id).values(dict.fromkeys(change, past)))

    post = deliver(notice)

    assert post.messages == []
    assert fate(notice.id) == (NoticeStatus.FAILED, "key")
    with pytest.raises(Refused, match="try-again:key"), writing():
        notice_approval.try_again(db.session.get_one(Notice, notice.id), by=steps.team()[1])


def test_a_draft_whose_key_was_withdrawn_is_not_approved(office: Flask, openssl) -> None:
    with_key(openssl.public)
    notice = draft(steps.looked_at_twice())
    with writing():
        db.session.execute(update(RecipientKey).values(withdrawn_at=clock.now()))

    with pytest.raises(Refused, match="approve:key"):
        approve(notice)


def test_a_host_whose_only_key_has_expired_gets_no_plain_letter_unnoticed(office: Flask, openssl) -> None:
    with_key(openssl.public, expires_at=clock.now() - timedelta(days=1))

    with pytest.raises(Refused, match="recipient:key"):
        draft(steps.looked_at_twice())


def test_a_host_whose_key_a_person_withdrew_gets_it_plain(office: Flask, openssl) -> None:
    with_key(openssl.public, withdrawn_at=clock.now())

    assert draft(steps.looked_at_twice()).key_id is None


def test_a_key_that_takes_no_letter_is_said(office: Flask) -> None:
    with_key("nonsense")

    with pytest.raises(Refused, match="recipient:key"):
        draft(steps.looked_at_twice())


@pytest.mark.parametrize("channel", [Channel.PARTNER, Channel.POLICE])
def test_police_and_partners_get_nothing_plain_by_rule_and_by_database(office: Flask, channel: Channel) -> None:
    item = steps.looked_at_twice()
    kind = RecipientKind.POLICE if channel is Channel.POLICE else RecipientKind.PARTNER_HOTLINE
    recipient, by = reached(kind=kind), steps.team()[0]
    words = {"channel": channel, "language": Language.EN, "ref": "N-1", "message_id": "<n-1@hotline.example>", "by": by}

    listed = [letter_writing.Listed(item, notice_grounds.agreed(item))]
    with pytest.raises(Refused, match="recipient:no_key"):
        letter_writing.write(LetterKey.POLICE, listed, recipient, **words)
    notice = draft_by_force(item, channel)
    with pytest.raises(IntegrityError, match="encrypted"), writing():
        db.session.execute(
            update(Notice).where(Notice.id == notice).values(status=NoticeStatus.QUEUED, approved_by_id=by.id)
        )


def draft_by_force(item: Item, channel: Channel) -> int:
    """Write a draft that no service would write."""
    with writing():
        notice = Notice(
            ref="N-FORCED",
            recipient=steps.recipient(),
            channel=channel,
            language=Language.EN,
            template="police_report",
            letter=b"sealed",
            message_id="<forced@hotline.example>",
            drafted_by=steps.team()[0],
            drafted_at=clock.now(),
        )
        db.session.add(notice)
        db.session.flush()
        verdict = notice_grounds.agreed(item)
        line = {"notice_id": notice.id, "item_id": item.id, "verdict_id": verdict.id, "channel": channel}
        db.session.add(NoticeItem(inhope_class=verdict.inhope_class, law=verdict.law, in_danger=item.in_danger, **line))
    return notice.id


# --- Typed into a form, and the link to answer


def test_a_form_that_takes_one_host_gets_one_host(office: Flask) -> None:
    about = [steps.looked_at_twice(url=url) for url in (ON_ONE_HOST[0], ELSEWHERE)]
    reached(delivery=Delivery.WEB_FORM, form_url=f"https://abuse.{web_forms.CLOUDFLARE}/form")

    with pytest.raises(Refused, match="also:one_host"):
        draft(*about)


def test_what_is_typed_into_a_form_breaks_no_sentence(office: Flask) -> None:
    reached(delivery=Delivery.WEB_FORM, form_url=FORM)

    words = notices.letter_of(draft(steps.looked_at_twice())).text

    assert "Illegal in Cambodia: " in words
    assert [line for line in words.split("\n")[0].split(". ") if line.startswith("Illegal in Cambodia: ")]
    assert words.split("\n")[1] == ""


# --- When somebody last saw it


@pytest.fixture
def agreed(office: Flask, monkeypatch: pytest.MonkeyPatch) -> Agreed:
    """Let two people agree on an address at a moment, and write from a moment later on."""

    def agree(url: str, at: datetime) -> Item:
        monkeypatch.setattr(clock, "now", lambda: at)
        item = steps.looked_at_twice(url=url)
        monkeypatch.setattr(clock, "now", lambda: EARLY + timedelta(days=5))
        return item

    return agree


def still_there(item: Item, at: datetime, *, by_person: bool = True) -> None:
    means, person = (CheckMeans.PERSON, steps.team()[0]) if by_person else (CheckMeans.HEAD, None)
    with writing():
        db.session.add(OnlineCheck(item=item, means=means, result=CheckResult.UP, checked_by=person, checked_at=at))


def test_a_letter_says_one_time_where_all_were_seen_at_the_same(agreed: Agreed) -> None:
    about = [agreed(url, EARLY) for url in ON_ONE_HOST]

    assert "  Looked at    2026-03-02 05:00 UTC\n" in notices.letter_of(draft(*about)).text


def test_where_they_differ_a_letter_says_from_when_to_when_and_each_report_its_own(agreed: Agreed) -> None:
    about = [agreed(url, EARLY + place * timedelta(days=1)) for place, url in enumerate(ON_ONE_HOST)]

    letter = notices.letter_of(draft(*about))

    assert "  Looked at    between 2026-03-02 05:00 UTC and 2026-03-04 05:00 UTC\n" in letter.text
    assert [json.loads(one)["verified_at"][:10] for one in letter.reports] == ["2026-03-02", "2026-03-03", "2026-03-04"]


def test_a_letter_says_when_a_person_last_saw_it_there_and_not_what_a_program_found(agreed: Agreed) -> None:
    item = agreed(ELSEWHERE, EARLY)
    still_there(item, EARLY + timedelta(hours=30))
    still_there(item, EARLY + timedelta(hours=40), by_person=False)

    letter = notices.letter_of(draft(item))

    assert "  Looked at    2026-03-03 11:00 UTC\n" in letter.text
    assert json.loads(letter.reports[0])["verified_at"].startswith("2026-03-03T11:00")


@pytest.mark.parametrize("way", [{"delivery": Delivery.EMAIL}, {"delivery": Delivery.WEB_FORM, "form_url": FORM}])
def test_the_link_to_answer_is_taken_for_nobodys_telephone(office: Flask, way: dict[str, object]) -> None:
    office.extensions["hotline.settings"] = replace(settings(), reply_url="https://hotline.example")
    reached(**way)
    about = [steps.looked_at_twice(url=url) for url in ON_ONE_HOST]

    for item in about:  # the mark of each differs
        letter = notices.letter_of(draft(item))
        assert "https://hotline.example/reply/N-" in letter.text
        assert secrecy.leaks_in(letter) == ()


# --- To whom it is written


HOTLINE_THERE = "hotline of the country that hosts them"


def hosted_in(item: Item, country: str) -> Item:
    facts = NetworkFacts(clock.this_hour().isoformat(), "198.51.100.9", name="Fresh Hosting", country=country)
    with writing():
        hosting.keep(item, Account(networks=(facts,), proxy=Proxy.NONE))
    return item


@pytest.mark.parametrize(("country", "is_named"), [("KH", False), ("NL", True), ("", True)])
def test_a_host_at_home_does_not_hear_of_our_own_hotline_as_of_another(
    office: Flask, country: str, is_named: bool
) -> None:
    item = hosted_in(steps.looked_at_twice(), country)

    words = " ".join(notices.letter_of(draft(item)).text.split())

    assert "we may turn to others who can act" in words
    assert (HOTLINE_THERE in words) is is_named


def test_of_addresses_at_home_and_abroad_the_hotline_there_is_named(office: Flask) -> None:
    at_home = hosted_in(steps.looked_at_twice(), "KH")
    abroad = hosted_in(steps.looked_at_twice(url=ELSEWHERE), "NL")

    words = " ".join(notices.letter_of(draft(at_home, abroad)).text.split())

    assert HOTLINE_THERE in words


def test_who_stands_above_a_host_at_home_does_not_hear_of_our_own_hotline_either(office: Flask) -> None:
    item = hosted_in(steps.looked_at_twice(), "KH")
    first = steps.team()[0]
    police_steps.handed_over(item)  # hosted here, they come first
    root = approve(draft(item))
    with writing():
        notice_sending._record_sent(root.id)
    db.session.expire_all()
    to = next(one for one in notice_drafting.recipients(Channel.HOST) if one != steps.recipient())
    with writing():
        reminder = notice_drafting.draft_reminder(root, [item], by=first, actor=first)
        raised = notice_drafting.draft_escalation(root, to, [item], by=first, is_upstream=True)

    for letter in (reminder, raised):
        words = " ".join(notices.letter_of(letter).text.split())
        assert "the registrar of the name" in words
        assert HOTLINE_THERE not in words


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (RecipientKind.HOSTING_PROVIDER, "Pages on your network show"),
        (RecipientKind.PLATFORM, "Pages on your service show"),
        (RecipientKind.CDN, "Tell us within 24 hours who hosts these addresses, and pass this notice on"),
        (RecipientKind.REGISTRAR, "take the names out of service, within 24 hours."),
    ],
)
def test_a_letter_says_what_its_recipient_can_do(office: Flask, kind: RecipientKind, says: str) -> None:
    item = steps.looked_at_twice()
    reached(kind=kind)

    said = " ".join(notices.letter_of(draft(item)).text.split())

    assert says in said
    assert ("on your network" in said) == (kind is RecipientKind.HOSTING_PROVIDER)


def test_who_carries_a_network_is_not_told_that_it_hosts_it(office: Flask) -> None:
    root = draft(steps.looked_at_twice())
    approve(root)
    deliver(root)
    by = steps.team()[0]
    with writing():
        entry = Entry("Carrier", RecipientKind.HOSTING_PROVIDER, "abuse@carrier.example", "NL", Language.EN)
        carrier = directory.enter(entry, by=by)
        root = db.session.get_one(Notice, root.id)
        about = [line.item for line in root.lines]
        raised = notice_drafting.draft_escalation(root, carrier, about, by=by, is_upstream=True)

    said = notices.letter_of(raised).text

    assert "these pages are\nin a network that you connect or gave addresses to.\n" in said
    assert "your network" not in said


def test_a_letter_promises_a_reminder_only_where_one_goes_by_itself(office: Flask) -> None:
    kept = notices.letter_of(draft(steps.looked_at_twice())).text
    office.extensions["hotline.settings"] = replace(settings(), smtp_url="smtp://127.0.0.1:9")
    mailed = notices.letter_of(draft(steps.looked_at_twice(url=ELSEWHERE))).text

    promise = "If we do not know after 24 hours that they are gone, we remind you once.\n"
    assert (promise in kept, promise in mailed) == (False, True)
    assert "What we do next" in kept


def test_a_letter_names_our_key_where_there_is_one(office: Flask) -> None:
    without = draft(steps.looked_at_twice())
    fingerprint = " ".join(["0123"] * 10)
    ours = replace(settings(), openpgp_fingerprint=fingerprint, openpgp_url="https://hotline.example/key.asc")
    office.extensions["hotline.settings"] = ours
    named = notices.letter_of(draft(steps.looked_at_twice(url=ELSEWHERE)))

    assert "PGP" not in notices.letter_of(without).text
    assert f"OpenPGP key: https://hotline.example/key.asc\nIts fingerprint: {fingerprint}\n" in named.text
    assert secrecy.leaks_in(named) == ()  # its digits are nobody's telephone number
