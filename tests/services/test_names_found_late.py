"""Whatever waits here is looked through once more when it leaves: somebody may have entered a name since."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from hotline import clock, jurisdiction
from hotline.errors import GateClosed, Refused
from hotline.extensions import db
from hotline.gateways.mail import Handed
from hotline.models.contact_point import SecrecyCheck
from hotline.rules.reach import Reach
from hotline.services import (
    consultation_feedback,
    consultation_records,
    incident_letters,
    incidents,
    inhope_notices,
    notice_approval,
    notice_drafting,
    notice_sending,
    notices,
    officials,
    police,
    referral_sending,
    secrecy,
    staff_reach,
)
from hotline.services.officials import OfficialEntry
from hotline.transactions import writing
from hotline.vocabulary import (
    Channel,
    IncidentKind,
    IncidentLetterState,
    InhopeNoticeState,
    Language,
    NoticeStatus,
    OfficialPart,
    ReferralMeans,
    SecrecyResult,
)
from tests.gateways import locksmith
from tests.services import case_steps, police_steps, referral_steps, steps

NAME = "Bopha Rath"
TEXTS = {"said_en": f"Thank {NAME}.", "said_km": "ក្រដាសតិច។", "did_en": "One form.", "did_km": "ទម្រង់មួយ។"}


class Post:
    """A mailer that takes whatever it gets."""

    def __init__(self) -> None:
        self.letters = 0

    def send(self, *_: object) -> Handed:
        self.letters += 1
        return Handed.ON


def enters(name: str = NAME) -> None:
    """Let one of us enter a full name, now."""
    with writing():
        staff_reach.enter(steps.team()[0], Reach((name,), (), ()), wants_mail=False)


def results() -> list[SecrecyResult]:
    db.session.rollback()  # some are counted apart
    return [one.result for one in db.session.query(SecrecyCheck).order_by(SecrecyCheck.id)]


def test_only_who_came_after_the_last_look_is_found(office: Flask) -> None:
    before = clock.now()
    enters()

    found = secrecy.come_since(before, f"Ask Rath, Bopha, or {steps.team()[1].name}; call 012 345 678.")

    assert [leak.is_ours for leak in found] == [True]
    assert secrecy.came_since(before)
    assert secrecy.come_since(clock.now(), NAME) == ()
    assert not secrecy.came_since(clock.now())


def test_what_is_looked_for_by_now_moves_only_with_other_names_mailboxes_or_numbers(office: Flask) -> None:
    person, reach = steps.team()[0], Reach((NAME,), ("bopha@home.example",), ())
    with writing():
        staff_reach.enter(person, reach, wants_mail=False)
    entered = clock.now()

    with writing():
        staff_reach.enter(person, reach, wants_mail=True)
    assert staff_reach.wants_mail(person)
    assert not secrecy.came_since(entered)

    with writing():
        staff_reach.enter(person, replace(reach, phones=("099 345 678",)), wants_mail=True)
    assert secrecy.came_since(entered)


def test_a_letter_fails_in_the_workers_hands_and_its_drafter_cannot_let_it_go_again(office: Flask) -> None:
    item, (first, second, _) = steps.looked_at_twice(), steps.team()
    with writing():
        notice = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)
        notice_approval.approve(notice, by=second)
    two_words = re.search(r"\b([a-z]{4,}) ([a-z]{4,})\b", notices.letter_of(notice).text)
    assert two_words is not None
    enters(two_words[0])
    post = Post()
    notice_sending.deliver(notice.id, mailer=post)
    db.session.refresh(notice)

    assert (post.letters, notice.status, notice.last_fault) == (0, NoticeStatus.FAILED, notice_sending.NAMES_US)
    assert not notices.may_have_arrived(notice)
    with pytest.raises(Refused, match="try-again:second_person"), writing():
        notice_approval.try_again(notice, by=first)
    with writing():
        notice_approval.try_again(notice, by=second)
    notice_sending.deliver(notice.id, mailer=post)
    assert post.letters == 1
    assert results()[-2:] == [SecrecyResult.HIT, SecrecyResult.LET_GO]


def test_a_police_report_is_neither_printed_nor_taken_along(office: Flask) -> None:
    item = steps.looked_at_twice()
    report = police_steps.drafted(item, added=f"Ask {NAME}.")
    with writing():
        police.approve(report, seen=police.version(report), by=steps.team()[1])
    assert police.hindrance(report) is None
    enters()

    assert police.hindrance(report) == "names_us"
    with pytest.raises(GateClosed):
        police.printed(report, by=steps.team()[0])


def test_a_package_on_paper_stays_and_one_by_mail_is_let_go_anew(support: Flask) -> None:
    referral_steps.mails(support)
    with locksmith.gpg() as gpg:
        one, service = case_steps.a_case(), referral_steps.a_service(key=gpg.public)
        referral_steps.agreed(one, service)
        by_mail = referral_steps.let_go(referral_steps.drafted(one, service), ReferralMeans.ENCRYPTED_MAIL)
        on_paper = referral_steps.let_go(referral_steps.drafted(one, service, words=f"Ask {NAME}."))
        enters()

        with pytest.raises(Refused, match="send:names_us"):
            referral_sending.printed(on_paper, by=one.officer)
        post = Post()
        referral_sending.deliver(by_mail.id, mailer=post)
        db.session.refresh(by_mail)
        assert (post.letters, by_mail.last_fault) == (0, referral_sending.NEW_NAMES)
        referral_steps.let_go(by_mail, ReferralMeans.ENCRYPTED_MAIL)
        referral_sending.deliver(by_mail.id, mailer=post)
        assert post.letters == 1


def test_a_letter_about_an_incident_is_given_back_and_goes_by_a_second_person(office: Flask) -> None:
    _, first, second = steps.team()
    with writing():
        officials.enter(OfficialPart.DPO, OfficialEntry("Example", "dpo@law.example", "", None), version=0, by=first)
        one = incidents.record(
            IncidentKind.IRREGULARITY, f"{NAME} saw it.", clock.now(), is_drill=False, lead=first, by=first
        )
        letter = incident_letters.draft(one, OfficialPart.DPO, "en", by=first)
        incident_letters.send(letter, version=1, has_read=True, by=first)
    enters()
    post = Post()
    incident_letters.deliver(letter.id, mailer=post)
    db.session.refresh(letter)
    assert (post.letters, letter.status, letter.last_fault) == (0, IncidentLetterState.FAILED, "names_us")

    with writing():
        incident_letters.send(letter, version=letter.version, has_read=True, by=second)
    incident_letters.deliver(letter.id, mailer=post)
    assert post.letters == 1


def test_a_letter_that_may_have_arrived_says_so_whatever_follows(office: Flask) -> None:
    _, first, _ = steps.team()
    with writing():
        officials.enter(OfficialPart.DPO, OfficialEntry("Example", "dpo@law.example", "", None), version=0, by=first)
        one = incidents.record(IncidentKind.IRREGULARITY, "Seen.", clock.now(), is_drill=False, lead=first, by=first)
        letter = incident_letters.draft(one, OfficialPart.DPO, "en", by=first)
        incident_letters.save(letter, "It", f"{NAME} saw it.", version=1, by=first)
        incident_letters.send(letter, version=2, has_read=True, by=first)
        assert incident_letters.in_doubt(one) == frozenset()
        letter.leased_until, letter.tries = clock.now() - timedelta(hours=1), 1  # a worker was killed while sending
    enters()
    incident_letters.deliver(letter.id, mailer=Post())
    db.session.refresh(letter)
    assert letter.last_fault == "names_us"
    with writing():
        incident_letters.save(letter, "It", "One of us saw it.", version=letter.version, by=first)
        incident_letters.send(letter, version=letter.version, has_read=True, by=first)
        assert incident_letters.in_doubt(one) == {letter.id}

    incident_letters.deliver(letter.id, mailer=Post())
    assert incident_letters.in_doubt(one) == frozenset()


def test_an_answer_to_inhope_that_was_let_go_waits_anew(office: Flask) -> None:
    _, liaison, manager = steps.team()
    with writing():
        notice = inhope_notices.record(received_at=clock.now(), way="email", subject="Form", text="?", by=liaison)
        inhope_notices.draft(notice, f"Ask {NAME} or {liaison.name}.", "email", version=1, by=liaison)
        inhope_notices.let_go(notice, version=2, by=manager)
    enters()

    with pytest.raises(Refused, match="sent:second_person"), writing():
        inhope_notices.note_sent(notice, clock.now(), version=3, by=liaison)
    with writing():
        inhope_notices.let_go(notice, version=3, by=manager)
        inhope_notices.note_sent(notice, clock.now(), version=4, by=liaison)
    assert notice.state is InhopeNoticeState.ANSWERED


def test_minutes_bear_our_numbers_in_the_places_of_names_that_came_since(office: Flask) -> None:
    words = ("Dr Rath, Bopha (ប៊ុនធឿន) said: bopha.r (at) home.example, +855 99 345 678.", "So it was agreed.")
    assert consultation_records.on_paper(words) == ({word: word for word in words}, ())
    reach = Reach((NAME, "សុខ ប៊ុនធឿន"), ("bopha.r@home.example",), ("099 345 678",))
    person, other = steps.team()[:2]
    with writing():
        staff_reach.enter(person, reach, wants_mail=False)

    last = f"Ask {NAME} or សុខប៊ុនធឿន, and {NAME.upper()}."
    paper, stood = consultation_records.on_paper((*words, last, f"Bopha {other.name} Rath"))

    number = person.number
    assert paper[last] == f"Ask {number} or {number}, and {number}."
    assert paper[words[1]] == words[1]
    assert paper[words[0]].startswith(f"Dr {number} (ប៊ុនធឿន) said: {number}, +")
    assert stood[0].found == "Rath, Bopha"
    assert not any(secrecy.names_one_of_us(text) for text in paper.values())
    assert results() == [SecrecyResult.CLEAN, SecrecyResult.HIT]


def test_what_two_people_have_read_is_not_published_with_a_name(office: Flask) -> None:
    _, liaison, manager = steps.team()
    year = jurisdiction.today().year
    with writing():
        one = consultation_feedback.write(year, "industry", TEXTS, by=liaison)
        consultation_feedback.approve(one, version=1, by=manager)
    enters()

    with pytest.raises(Refused, match=f"text-{one.id}:names_us_now"), writing():
        consultation_feedback.publish(year, by=manager)
