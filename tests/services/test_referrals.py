"""Referrals: drafted with what may be told, let go behind consent, mailed, handed over, answered, taken back."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from hotline import clock, jurisdiction
from hotline.errors import GateClosed, NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.gateways.mail import Handed, MailFault, SmtpMailer
from hotline.models import AuditEntry, Clock, Staff
from hotline.models.consent import Consent
from hotline.models.referral import Referral, ServiceGap
from hotline.models.service_provider import ServiceProvider
from hotline.models.victim_case import CasePerson, CaseTally, VictimCase
from hotline.outbox import Task
from hotline.rules import victim_files
from hotline.rules.consents import Reason
from hotline.services import (
    audit,
    case_files,
    case_people,
    consents,
    mailbox,
    overrides,
    referral_answers,
    referral_packages,
    referral_sending,
    referrals,
    service_gaps,
    service_providers,
    victim_cases,
)
from hotline.services.referrals import Shown
from hotline.transactions import OPEN, writing
from hotline.vocabulary import (
    CaseFigure,
    ClockEnd,
    ConsentAnswer,
    Duty,
    KeyKind,
    Language,
    Need,
    OverrideBasis,
    PersonPart,
    ReferralMeans,
    ReferralStatus,
    RevokeReason,
    Share,
    Voice,
)
from tests.gateways import imap_server, locksmith, mail_server
from tests.gateways.locksmith import Gpg
from tests.gateways.mail_server import MailServer
from tests.services import case_steps, consent_steps, referral_steps, steps
from tests.services.test_mailbox import letter, set_mailbox

MAIL, FILE, PRINTED = ReferralMeans.ENCRYPTED_MAIL, ReferralMeans.ENCRYPTED_FILE, ReferralMeans.PRINTED
REVOKED, PENDING, DRAFT = ReferralStatus.REVOKED, ReferralStatus.PENDING, ReferralStatus.DRAFT


@pytest.fixture(scope="module")
def gpg() -> Iterator[Gpg]:
    with locksmith.gpg() as found:
        yield found


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server.listening() as found:
        yield found


class Mailer:
    """Takes letters, and does before that what a test wants."""

    def __init__(self, *faults: MailFault, first: Callable[[], object] = lambda: None) -> None:
        self.ids: list[str] = []
        self._faults, self._first = list(faults), first

    def send(self, sender: str, mailbox: str, message_id: str, message: bytes) -> Handed:
        self.ids.append(message_id)
        self._first()
        if self._faults:
            raise self._faults.pop(0)
        return Handed.ON


def ready(*, key: str = "", **known: object) -> tuple[VictimCase, ServiceProvider]:
    """Open a case, and let those who decide agree that a service is told."""
    file = {"safe_number": str(known.pop("safe_number"))} if "safe_number" in known else {}
    one, to = case_steps.a_case(**file), referral_steps.a_service(key=key, **known)
    referral_steps.agreed(one, to)
    return one, to


def mailed(app: Flask, gpg: Gpg, url: str = "smtp://127.0.0.1:9") -> Referral:
    """Let a referral go by mail."""
    referral_steps.mails(app, url)
    return referral_steps.let_go(referral_steps.drafted(*ready(key=gpg.public)), MAIL)


def handed_over() -> Referral:
    """Let a referral go on paper and hand it over."""
    referral = referral_steps.let_go(referral_steps.drafted(*ready()))
    with writing():
        referral_sending.hand_over(referral, "the lawyer", clock.now(), by=referral.case.officer)
    return referral


def again(referral: Referral) -> Referral:
    """Read a referral anew."""
    if not db.session().info.get(OPEN):
        db.session.rollback()  # what was read before may be older than what others wrote
    db.session.refresh(referral)
    return referral


def marked_unheard(person: CasePerson) -> None:
    """Mark somebody as possible abuser as if whoever did had forgotten to stop letters."""
    with writing():
        db.session.execute(update(CasePerson).where(CasePerson.id == person.id).values(is_suspect=True))


def let_come_due() -> None:
    with writing():
        db.session.execute(update(Task).values(due_at=clock.now() - timedelta(seconds=1)))
        db.session.execute(
            update(Referral)
            .values(leased_until=clock.now() - timedelta(seconds=1))
            .where(Referral.leased_until.is_not(None))
        )


def tally(figure: CaseFigure) -> dict[str, int]:
    return {row.part: row.count for row in db.session.scalars(select(CaseTally).where(CaseTally.figure == figure))}


# --- What is told


def test_a_service_is_told_what_everybody_agreed_to_and_nothing_else(support: Flask) -> None:
    one, to = ready()

    referral = referral_steps.drafted(one, to)

    package = referrals.read(referral, by=one.officer).package
    assert set(package.told) == {"name", "age", "safe_when", "safe_number", "safe_answer", "safe_never"}
    assert package.words == referral_steps.WORDS
    everything = referral_packages.text_of(package, Language.EN).body
    assert [word for word in ("quiet words", "KH-12", "female", "Lotus", one.officer.name) if word in everything] == []
    assert one.officer.number in everything


def test_what_is_left_out_is_not_told(support: Flask) -> None:
    referral = referral_steps.drafted(*ready(), left_out=(Share.CONTACT, Share.NEED))

    package = referral_packages.unseal(referral)
    assert set(package.told) == {"name", "age"}


def test_before_anybody_agrees_nothing_of_the_file_is_told(support: Flask) -> None:
    referral = referral_steps.drafted(case_steps.a_case(), referral_steps.a_service())

    assert referral_packages.unseal(referral).told == {}


def test_nothing_of_a_package_stands_open_in_the_database(support: Flask) -> None:
    handed_over()

    rows = str(db.session.execute(text("SELECT * FROM referrals")).all())
    trail = str(db.session.execute(text("SELECT * FROM audit_entries")).all())
    assert [word for word in ("Sreyneang", "this week", "the lawyer") if word in rows + trail] == []


@pytest.mark.parametrize("words", ["Never call Sok Dara.", "Her uncle dara knows.", "SOK, Dara"])
def test_a_suspect_is_named_to_no_service(support: Flask, words: str) -> None:
    one, to = ready()
    case_steps.somebody(one, "Sok Dara", part=PersonPart.FAMILY, suspect=True)

    with pytest.raises(Refused) as refused:
        referral_steps.drafted(one, to, words=words)

    assert refused.value.faults == (("words", "suspect"),)


@pytest.mark.parametrize("words", ["Sreyneang likes to draw.", "See Sreyneang Chan."])
def test_words_that_name_the_child_do_not_leave_where_the_name_is_not_told(support: Flask, words: str) -> None:
    one, to = case_steps.a_case(), referral_steps.a_service()
    referral_steps.agreed(one, to, shares=(Share.AGE, Share.NEED))
    referral = referral_steps.drafted(one, to, words=words)

    with pytest.raises(Refused) as refused:
        referral_steps.let_go(referral)
    for person in referral_steps.asked(one):
        referral_steps.answer(one, to, person, shares=(Share.NAME, Share.NEED))
    again_told = referral_steps.let_go(referral_steps.drafted(one, to, words=words))

    assert refused.value.faults == (("send", "named"),)
    assert referrals.is_let_go(again_told)


def test_a_child_named_in_the_file_since_stops_words_that_hold_the_name(support: Flask) -> None:
    one, to = case_steps.a_case(name=""), referral_steps.a_service()
    referral_steps.agreed(one, to, shares=(Share.AGE, Share.NEED))
    referral = referral_steps.let_go(referral_steps.drafted(one, to, words="Sreyneang likes to draw."))

    with writing():
        file = replace(case_files.opened(one), name="Chan Sreyneang")
        effects = victim_cases.change_file(one, file, version=one.version, by=one.officer)

    assert effects.stopped == (referral,)
    assert not referrals.is_let_go(again(referral))


def test_somebody_of_the_case_in_the_words_is_looked_at_first(support: Flask) -> None:
    one, to = ready()
    case_steps.somebody(one, "Sok Chantha")
    for person in referral_steps.asked(one):
        referral_steps.answer(one, to, person)
    referral = referral_steps.drafted(one, to, words="Chantha brings her.")

    with pytest.raises(Refused) as refused:
        referral_steps.let_go(referral)
    with writing():
        referral_sending.let_go(referral, PRINTED, version=referral.version, meant=True, by=one.officer)

    assert refused.value.faults == (("meant", "required"),)
    assert referrals.is_let_go(again(referral))


def test_a_suspect_who_stands_in_the_file_keeps_that_part_here(support: Flask) -> None:
    one, to = case_steps.a_case(safe_never="Dara must not hear of it"), referral_steps.a_service()
    referral_steps.agreed(one, to)
    case_steps.somebody(one, "Sok Dara", part=PersonPart.FAMILY, suspect=True)

    with pytest.raises(Refused) as refused:
        referral_steps.drafted(one, to)

    assert refused.value.faults == (("told:safe_never", "suspect"),)
    assert referral_steps.drafted(one, to, left_out=(Share.CONTACT,)).ref


def test_one_of_us_is_named_to_no_service(support: Flask) -> None:
    one, to = ready()
    named = steps.team()[0].name

    with pytest.raises(Refused) as refused:
        referral_steps.drafted(one, to, words=f"Ask for {named} at our desk.")

    assert refused.value.faults == (("words", "staff"),)


def test_a_child_may_have_the_name_of_one_of_us(support: Flask) -> None:
    one, to = case_steps.a_case(name=f"Chan {steps.team()[0].name}"), referral_steps.a_service()
    referral_steps.agreed(one, to)

    assert referral_packages.unseal(referral_steps.drafted(one, to)).told["name"].startswith("Chan")


def test_a_service_must_fit_the_need_and_be_in_use(support: Flask) -> None:
    one, to = case_steps.a_case(), referral_steps.a_service(needs=(Need.HEALTH,))

    with pytest.raises(Refused, match="provider"):
        referral_steps.drafted(one, to)


def test_services_that_fit_come_with_how_consent_stands(support: Flask) -> None:
    one, to = ready()
    referral_steps.a_service("Another", verified=False)
    referral_steps.a_service("Far away", provinces=("KH-1",))

    found = referrals.offers(one, Need.LEGAL, by=one.officer)

    mine = [(each.provider.name, each.standing.may_go, each.fitting.is_stale) for each in found]
    assert (to.name, True, False) in mine
    assert ("Another", False, True) in mine
    assert "Far away" not in [name for name, *_ in mine]


def test_two_who_write_a_draft_anew_see_each_other(support: Flask) -> None:
    referral = referral_steps.drafted(*ready())
    shown, until = referral.version, jurisdiction.today() + timedelta(days=5)
    with writing():
        referrals.change(
            referral, words="First.", use_until=until, left_out=(), version=shown, by=referral.case.officer
        )

    with pytest.raises(Overtaken), writing():
        referrals.change(
            referral, words="Second.", use_until=until, left_out=(), version=shown, by=referral.case.officer
        )

    assert referral_packages.unseal(again(referral)).words == "First."


def test_a_referral_is_there_only_for_who_may_open_its_case(support: Flask) -> None:
    referral = referral_steps.drafted(*ready())
    analyst, other = steps.team()[0], case_steps.officer("bopha")

    for person in (analyst, other):
        with pytest.raises(NotFound):
            referrals.get(referral.ref, by=person)
    with pytest.raises(NotFound):
        referrals.list_page(Shown.DRAFTS, by=analyst)
    assert referrals.list_page(Shown.DRAFTS, by=other).rows == []
    assert [row.referral.ref for row in referrals.list_page(Shown.DRAFTS, by=referral.case.officer).rows] == [
        referral.ref
    ]


# --- Behind consent


@pytest.mark.parametrize("means", [MAIL, FILE, PRINTED])
def test_without_consent_nothing_goes_by_any_means(support: Flask, gpg: Gpg, means: ReferralMeans) -> None:
    referral_steps.mails(support)
    referral = referral_steps.drafted(case_steps.a_case(), referral_steps.a_service(key=gpg.public))

    with pytest.raises(GateClosed):
        referral_steps.let_go(referral, means)

    assert again(referral).queued_at is None


def test_the_database_refuses_what_the_service_would_let_through(support: Flask) -> None:
    referral = referral_steps.drafted(case_steps.a_case(), referral_steps.a_service())

    for change in ({"queued_at": clock.now()}, {"status": PENDING, "means": PRINTED, "sent_at": clock.now()}):
        with pytest.raises(IntegrityError), writing():
            db.session.execute(update(Referral).where(Referral.id == referral.id).values(**change))


def test_what_was_agreed_to_less_goes_only_once_it_is_written_anew(support: Flask) -> None:
    one, to = ready()
    referral = referral_steps.drafted(one, to)
    referral_steps.agreed(one, to, shares=(Share.AGE, Share.NEED))

    with pytest.raises(Refused) as refused:
        referral_steps.let_go(referral)
    with writing():
        until = jurisdiction.today() + timedelta(days=5)
        referrals.change(referral, words="New.", use_until=until, left_out=(), version=referral.version, by=one.officer)

    assert refused.value.faults == (("send", "anew"),)
    assert set(referral_packages.unseal(referral_steps.let_go(referral)).told) == {"age"}


def test_consent_taken_back_stops_what_waits_to_be_handed_over(support: Flask) -> None:
    one, to = ready()
    referral = referral_steps.let_go(referral_steps.drafted(one, to))
    referral_steps.taken_back(one, referral_steps.asked(one)[0])

    with pytest.raises((GateClosed, WrongState)), writing():
        referral_sending.hand_over(again(referral), "the lawyer", clock.now(), by=one.officer)

    assert again(referral).status is DRAFT


def test_what_is_with_a_service_is_looked_at_on_the_day_consent_is_taken_back(support: Flask) -> None:
    referral = handed_over()
    one = referral.case
    assert not referral_answers.rests_on_nothing(referral)
    assert referrals.list_page(Shown.DUE, by=one.officer).rows == []

    referral_steps.taken_back(one, referral_steps.asked(one)[0])

    assert [row.referral for row in referrals.list_page(Shown.DUE, by=one.officer).rows] == [referral]
    assert referral_answers.rests_on_nothing(again(referral))


@pytest.mark.parametrize("deed", ["taken back", "held back"])
def test_a_letter_that_is_stopped_is_not_said_to_be_tried_again(support: Flask, gpg: Gpg, deed: str) -> None:
    referral = mailed(support, gpg)
    referral_sending.deliver(referral.id, mailer=Mailer(MailFault("connect", permanent=False)))
    assert again(referral).last_fault == "connect"

    if deed == "taken back":
        referral_steps.taken_back(referral.case, referral_steps.asked(referral.case)[0])
    else:
        with writing():
            referral_sending.hold_back(referral, by=referral.case.officer)

    assert again(referral).last_fault is None


def test_paper_that_was_handed_over_all_the_same_is_taken_back(support: Flask) -> None:
    one, to = ready()
    referral = referral_steps.let_go(referral_steps.drafted(one, to))
    referral_steps.taken_back(one, referral_steps.asked(one)[0])

    with writing():
        referral_answers.revoke(again(referral), RevokeReason.CONSENT_WITHDRAWN, "", was_given=True, by=one.officer)

    found = again(referral)
    assert (found.status, found.sent_at is not None) == (REVOKED, True)
    assert referral_answers.must_be_told(found)


def test_an_unchecked_service_gets_nothing(support: Flask) -> None:
    referral = referral_steps.drafted(*ready(verified=False))

    with pytest.raises(Refused) as refused:
        referral_steps.let_go(referral)

    assert refused.value.faults == (("send", "unverified"),)


@pytest.mark.parametrize(
    ("means", "code"), [(MAIL, "no_key"), (FILE, "no_key"), ("", "required"), ("open_mail", "required")]
)
def test_what_cannot_be_encrypted_is_printed_or_not_sent(support: Flask, means: str, code: str) -> None:
    referral_steps.mails(support)
    referral = referral_steps.drafted(*ready())

    with pytest.raises(Refused) as refused:
        referral_sending.let_go(referral, means, version=referral.version, by=referral.case.officer)

    assert refused.value.faults == (("means", code),)


def test_without_a_mail_server_nothing_is_queued(support: Flask, gpg: Gpg) -> None:
    referral = referral_steps.drafted(*ready(key=gpg.public))

    with pytest.raises(Refused) as refused:
        referral_steps.let_go(referral, MAIL)

    assert refused.value.faults == (("means", "no_server"),)


def test_a_number_that_is_not_ours_is_looked_at_first(support: Flask) -> None:
    one, to = ready()
    referral = referral_steps.drafted(one, to, words="Call the school: 012 999 888 77.")

    with pytest.raises(Refused) as refused:
        referral_steps.let_go(referral)
    with writing():
        referral_sending.let_go(referral, PRINTED, version=referral.version, meant=True, by=one.officer)

    assert refused.value.faults == (("meant", "required"),)
    assert referrals.is_let_go(again(referral))


def test_somebody_named_as_possible_abuser_since_is_looked_for_again(support: Flask) -> None:
    one, to = ready()
    referral = referral_steps.drafted(one, to, words="Her uncle Vuthy brings her.", left_out=(Share.CONTACT,))
    case_steps.somebody(one, "Sok Vuthy", part=PersonPart.FAMILY, suspect=True)

    with pytest.raises(Refused) as refused:
        referral_steps.let_go(referral)

    assert refused.value.faults == (("words", "suspect"),)


def test_what_was_let_go_is_not_changed_until_it_is_held_back(support: Flask) -> None:
    referral = referral_steps.let_go(referral_steps.drafted(*ready()))
    until = jurisdiction.today() + timedelta(days=5)
    how = {"words": "Other.", "use_until": until, "left_out": (), "by": referral.case.officer}

    with pytest.raises(WrongState):
        referrals.change(referral, version=referral.version, **how)
    with pytest.raises(IntegrityError), writing():
        db.session.execute(update(Referral).where(Referral.id == referral.id).values(package=b"other"))
    with writing():
        referral_sending.hold_back(again(referral), by=case_steps.officer())
    found = again(referral)
    with writing():
        referrals.change(found, version=found.version, **(how | {"by": case_steps.officer()}))

    assert referral_packages.unseal(again(referral)).words == "Other."


# --- By mail


def test_a_real_mail_server_gets_what_only_the_service_opens(support: Flask, gpg: Gpg, server: MailServer) -> None:
    url = f"smtp://127.0.0.1:{server.port}"
    referral = mailed(support, gpg, url)
    assert "Sreyneang" not in (referral.letter or b"").decode()

    referral_sending.deliver(referral.id, mailer=SmtpMailer(url))
    referral_sending.deliver(referral.id, mailer=SmtpMailer(url))

    found = again(referral)
    assert (found.status, found.letter, found.queued_at) == (PENDING, None, None)
    [taken] = server.letters
    message = taken.message
    assert isinstance(message, EmailMessage)
    assert (taken.message_id, taken.mailboxes) == (found.message_id, (referral_steps.MAILBOX,))
    assert (message["Subject"], message["From"].addresses[0].display_name) == ("Message", "")
    cover, attached = message.iter_parts()
    for word in ("Sreyneang", "this week", "legal", "otline", case_steps.officer().name):
        assert word not in cover.get_content()
    assert case_steps.officer().number in cover.get_content()
    assert attached.get_filename() == f"{found.ref}.txt.asc"
    inside = gpg.open(attached.get_payload(decode=True)).decode()
    assert inside == referral_packages.text_of(referral_packages.unseal(found), Language.EN).body
    assert "Chan Sreyneang" in inside


def test_what_was_sent_starts_the_clock_and_counts_once(support: Flask, gpg: Gpg) -> None:
    referral = mailed(support, gpg)
    mailer = Mailer()

    referral_sending.deliver(referral.id, mailer=mailer)
    referral_sending.deliver(referral.id, mailer=mailer)

    found = again(referral)
    assert referrals.answer_due(found) is not None
    assert found.check_again_on is not None
    assert tally(CaseFigure.REFERRED) == {"legal": 1}
    assert (len(mailer.ids), db.session.scalars(select(Task)).all()) == (1, [])


def test_a_letter_is_tried_again_under_its_one_message_id(support: Flask, gpg: Gpg) -> None:
    referral = mailed(support, gpg)
    mailer = Mailer(MailFault("450", permanent=False))

    referral_sending.deliver(referral.id, mailer=mailer)
    waits = again(referral)
    assert (waits.status, waits.last_fault) == (DRAFT, "450")
    referral_sending.deliver(referral.id, mailer=mailer)  # too early
    let_come_due()
    referral_sending.deliver(referral.id, mailer=mailer)

    assert again(referral).status is PENDING
    assert mailer.ids == [waits.message_id] * 2


def test_a_letter_refused_for_good_is_a_draft_again_and_says_why(support: Flask, gpg: Gpg) -> None:
    referral = mailed(support, gpg)

    referral_sending.deliver(referral.id, mailer=Mailer(MailFault("550", permanent=True)))

    found = again(referral)
    assert (found.status, found.queued_at, found.letter, found.last_fault) == (DRAFT, None, None, "550")
    assert [row.referral.id for row in referrals.list_page(Shown.DUE, by=found.case.officer).rows] == [found.id]


def test_consent_taken_back_before_the_worker_comes_stops_the_letter(support: Flask, gpg: Gpg) -> None:
    referral = mailed(support, gpg)
    one = referral.case
    referral_steps.taken_back(one, referral_steps.asked(one)[0])
    mailer = Mailer()

    referral_sending.deliver(referral.id, mailer=mailer)

    assert mailer.ids == []
    assert again(referral).status is DRAFT


def test_the_database_asks_for_consent_when_the_worker_takes_a_letter_up(support: Flask, gpg: Gpg) -> None:
    referral = mailed(support, gpg)
    with writing():  # as if whoever ended it had forgotten to stop letters
        ended = update(Consent).where(Consent.voice == Voice.GUARDIAN)
        db.session.execute(ended.values(ended_at=clock.now(), ended_by_id=referral.case.officer_id))
    mailer = Mailer()

    referral_sending.deliver(referral.id, mailer=mailer)

    found = again(referral)
    assert (mailer.ids, found.status, found.queued_at, found.last_fault) == ([], DRAFT, None, "consent")


def test_a_letter_that_leaves_while_consent_is_taken_back_is_taken_back(support: Flask, gpg: Gpg) -> None:
    referral = mailed(support, gpg)
    number, person_id = referral.case.id, referral_steps.asked(referral.case)[0].id

    def change_of_mind() -> None:
        one = db.session.get_one(VictimCase, number)
        referral_steps.taken_back(one, case_people.get(one, person_id))

    referral_sending.deliver(referral.id, mailer=Mailer(first=change_of_mind))

    found = again(referral)
    assert (found.status, found.revoke_reason) == (REVOKED, RevokeReason.CONSENT_WITHDRAWN)
    assert referral_answers.must_be_told(found)


def test_a_service_whose_entry_changed_gets_no_letter_written_before(support: Flask, gpg: Gpg) -> None:
    referral = mailed(support, gpg)
    with writing():
        service_providers.take_key(referral.provider, by=case_steps.officer())
    mailer = Mailer()

    referral_sending.deliver(referral.id, mailer=mailer)

    assert (mailer.ids, again(referral).last_fault) == ([], "entry")


def test_what_is_only_kept_here_has_gone_to_nobody(support: Flask, gpg: Gpg) -> None:
    referral = mailed(support, gpg)

    referral_sending.deliver(referral.id, mailer=support.extensions["hotline.mailer"])

    assert (again(referral).status, again(referral).last_fault) == (DRAFT, "no_server")


def test_a_mail_that_comes_back_is_shown(support: Flask, gpg: Gpg) -> None:
    referral = mailed(support, gpg)
    referral_sending.deliver(referral.id, mailer=Mailer())
    ours = (again(referral).message_id or "").strip("<").partition("@")[0]

    with writing():
        assert not referral_sending.note_bounce(["rf-234567.0123456789abcdef"], "5.1.1")
        assert referral_sending.note_bounce([ours], "5.1.1")

    found = again(referral)
    assert (found.last_fault, found.status) == ("bounced", PENDING)
    assert referrals.count(Shown.DUE, by=found.case.officer) == 1


def test_a_bounce_in_our_mailbox_is_noted_at_its_referral(support: Flask, gpg: Gpg) -> None:
    referral = mailed(support, gpg)
    referral_sending.deliver(referral.id, mailer=Mailer())
    with imap_server.own_server() as (url, held):
        set_mailbox(support, url)
        body = "--b\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.host.example\n\n"
        body += f"Final-Recipient: rfc822; {referral_steps.MAILBOX}\nAction: failed\nStatus: 5.1.1\n--b\n"
        body += f"Content-Type: message/rfc822\n\nMessage-ID: {again(referral).message_id}\n\nwords\n--b--\n"
        kind = 'multipart/report; report-type=delivery-status; boundary="b"'
        sender = "MAILER-DAEMON@mx.host.example"
        held.letters = {1: letter(body, sender=sender, confirmed="", more="Return-Path: <>", kind=kind)}

        mailbox.poll()

    assert again(referral).last_fault == "bounced"
    assert audit.count(f"referral {referral.ref}", referral_sending.CAME_BACK) == 1


# --- As a file, and on paper


def test_a_certificate_is_encrypted_to_as_well(support: Flask, tmp_path: Path, server: MailServer) -> None:
    theirs, url = locksmith.openssl(tmp_path), f"smtp://127.0.0.1:{server.port}"
    referral_steps.mails(support, url)
    referral = referral_steps.let_go(referral_steps.drafted(*ready(key=theirs.public)), MAIL)

    referral_sending.deliver(referral.id, mailer=SmtpMailer(url))

    assert again(referral).last_fault is None
    [taken] = server.letters
    cover, attached = taken.message.iter_parts()
    assert referral.ref in cover.get_content()
    assert attached.get_filename() == f"{referral.ref}.eml"
    inner = attached.get_content().as_bytes()
    assert "Chan Sreyneang" in message_from_bytes(theirs.open(inner), policy=policy.default).get_body().get_content()


def test_the_file_opens_with_the_key_of_the_service_alone(support: Flask, gpg: Gpg) -> None:
    referral = referral_steps.let_go(referral_steps.drafted(*ready(key=gpg.public)), FILE)

    with writing():
        file = referral_sending.take_file(again(referral), by=case_steps.officer())

    assert file.name == f"{referral.ref}.txt.asc"
    assert b"Sreyneang" not in file.body
    assert "Chan Sreyneang" in gpg.open(file.body).decode()
    assert audit.count(f"referral {referral.ref}", referral_sending.TOOK_FILE) == 1


def test_paper_is_opened_on_record(support: Flask) -> None:
    referral = referral_steps.let_go(referral_steps.drafted(*ready()))

    package = referral_sending.printed(referral, by=referral.case.officer)

    db.session.rollback()
    assert package.told["name"] == "Chan Sreyneang"
    assert audit.count(f"referral {referral.ref}", referral_sending.PRINTED) == 1


def test_paper_that_names_somebody_suspected_since_is_opened_no_more(support: Flask) -> None:
    one, to = ready()
    referral = referral_steps.let_go(referral_steps.drafted(one, to, words="Her uncle Vuthy brings her."))
    marked_unheard(case_steps.somebody(one, "Sok Vuthy", part=PersonPart.FAMILY))

    with pytest.raises(Refused, match="send:suspect"):
        referral_sending.printed(again(referral), by=one.officer)


def test_what_names_somebody_suspected_since_is_handed_to_nobody(support: Flask) -> None:
    one, to = ready()
    referral = referral_steps.let_go(referral_steps.drafted(one, to, words="Her uncle Vuthy brings her."))
    marked_unheard(case_steps.somebody(one, "Sok Vuthy", part=PersonPart.FAMILY))

    with pytest.raises(Refused, match="handed_to:suspect"):
        referral_sending.hand_over(again(referral), "the lawyer", clock.now(), by=one.officer)


def test_a_number_of_a_suspect_goes_to_no_service(support: Flask) -> None:
    one, to = ready(safe_number="+855 12 000 999")
    case_steps.somebody(one, "Sok Dara", part=PersonPart.FAMILY, suspect=True)

    with pytest.raises(Refused) as refused:
        referral_steps.drafted(one, to, words="Call 012-000-999 in the morning.")

    assert refused.value.faults == (("words", "suspect"), ("told:safe_number", "suspect"))


def test_how_it_is_safe_is_asked_anew_before_a_service_is_told(support: Flask) -> None:
    one, to = ready()
    referral = referral_steps.drafted(one, to)
    case_steps.somebody(one, "Sok Dara", part=PersonPart.FAMILY, suspect=True)

    with pytest.raises(Refused, match="send:unsafe"):
        referral_steps.let_go(referral)
    with writing():
        victim_cases.change_file(one, case_steps.FILE, version=one.version, is_safe_asked=True, by=one.officer)

    assert referrals.is_let_go(referral_steps.let_go(referral))


@pytest.mark.parametrize("means", [FILE, PRINTED])
def test_what_was_let_go_before_the_entry_changed_is_not_taken_along(
    support: Flask, gpg: Gpg, means: ReferralMeans
) -> None:
    referral = referral_steps.let_go(referral_steps.drafted(*ready(key=gpg.public)), means)
    take = referral_sending.take_file if means is FILE else referral_sending.printed
    with writing():
        service_providers.take_key(referral.provider, by=case_steps.officer())
        referral.provider.key_kind, referral.provider.key_material = KeyKind.OPENPGP, gpg.public

    with pytest.raises(Refused, match="send:entry"):
        take(again(referral), by=case_steps.officer())
    with writing():
        referral.provider.active = False
    with pytest.raises(Refused, match="send:inactive"):
        take(again(referral), by=case_steps.officer())


def test_a_file_that_says_something_else_holds_back_what_was_let_go(support: Flask) -> None:
    one, to = ready()
    paper = referral_steps.let_go(referral_steps.drafted(one, to))
    same = referral_steps.let_go(referral_steps.drafted(one, to, left_out=(Share.CONTACT,)))

    with writing():
        file = replace(case_steps.FILE, safe_number="012 333 444", school="another")
        effects = victim_cases.change_file(one, file, version=one.version, by=one.officer)

    assert [letter.ref for letter in effects.stopped] == [paper.ref]
    assert (referrals.is_let_go(again(paper)), referrals.is_let_go(again(same))) == (False, True)
    assert consents.towards(again(paper).case, paper.provider).maybe_gone == (paper,)
    assert again(paper).means is PRINTED


def test_a_service_that_knows_the_old_way_to_reach_them_has_to_be_called(support: Flask) -> None:
    referral = handed_over()
    one = referral.case

    with writing():
        file = replace(case_steps.FILE, school="another")
        assert victim_cases.change_file(one, file, version=one.version, by=one.officer).to_call == ()
    with writing():
        file = replace(file, safe_number="012 333 444")
        effects = victim_cases.change_file(one, file, version=one.version, by=one.officer)

    assert effects.to_call == (referral,)


def test_a_child_that_turns_out_to_be_of_age_stops_a_mail(support: Flask, gpg: Gpg) -> None:
    referral = mailed(support, gpg)
    one, mailer = referral.case, Mailer()

    with writing():
        file = replace(case_steps.FILE, born_on="2001-05-30")
        effects = victim_cases.change_file(one, file, version=one.version, by=one.officer)
    referral_sending.deliver(referral.id, mailer=mailer)

    assert [letter.ref for letter in effects.stopped] == [referral.ref]
    assert (mailer.ids, again(referral).status) == ([], DRAFT)


def test_what_says_something_else_than_the_file_is_neither_printed_nor_handed_over(support: Flask) -> None:
    one, to = ready()
    referral = referral_steps.let_go(referral_steps.drafted(one, to))
    with writing():  # as if whoever changed it had forgotten to stop letters
        other = replace(case_steps.FILE, safe_number="012 333 444")
        one.file = case_files.seal(case_files.FILE, victim_files.written(other))

    with pytest.raises(Refused, match="send:anew"):
        referral_sending.printed(again(referral), by=one.officer)
    with pytest.raises(Refused, match="handed_to:anew"):
        referral_sending.hand_over(again(referral), "the lawyer", clock.now(), by=one.officer)


def test_a_page_says_that_somebody_was_to_be_asked_again(support: Flask) -> None:
    one, to = ready()
    referral = referral_steps.drafted(one, to)
    package, by = referral_packages.unseal(referral), one.officer
    assert referral_sending.checks_of(referral, package, by=by).ask_again_by is None
    day = jurisdiction.today() - timedelta(days=1)
    with writing():
        db.session.execute(update(Consent).where(Consent.voice == Voice.CHILD).values(ask_again_on=day))

    assert referral_sending.checks_of(referral, package, by=by).ask_again_by == day
    assert referrals.is_let_go(referral_steps.let_go(referral))


def test_nothing_new_goes_on_a_decision_that_nobody_looked_at_in_time(support: Flask) -> None:
    one, to = case_steps.a_case(), referral_steps.a_service()
    with writing():
        reason = Reason(words="danger at home", shares=(Share.NAME, Share.NEED))
        overrides.decide(one, to, OverrideBasis.DANGER_NOW, reason, is_weighed=True, by=one.officer)
    before, after = (referral_steps.let_go(referral_steps.drafted(one, to)), referral_steps.drafted(one, to))
    consent_steps.second_person_is_late()

    with pytest.raises(Refused) as refused:
        referral_steps.let_go(again(after))

    assert refused.value.faults == (("send", "unreviewed"),)
    assert referral_sending.printed(again(before), by=one.officer).told["name"] == "Chan Sreyneang"


def test_what_was_handed_over_is_waited_for(support: Flask) -> None:
    found = again(handed_over())

    assert (found.status, found.sent_by_id, found.queued_at) == (PENDING, found.case.officer_id, None)
    assert referral_packages.words_of(found).handed_to == "the lawyer"
    assert tally(CaseFigure.REFERRED) == {"legal": 1}


def test_nothing_is_handed_over_that_lies_ahead_or_to_nobody(support: Flask) -> None:
    referral = referral_steps.let_go(referral_steps.drafted(*ready()))

    with pytest.raises(Refused) as refused:
        referral_sending.hand_over(referral, " ", clock.now() + timedelta(hours=1), by=referral.case.officer)

    assert set(refused.value.faults) == {("handed_to", "missing"), ("at", "future")}


# --- What becomes of it


def answered(referral: Referral, status: ReferralStatus, reason: str = "", said: str = "") -> None:
    with writing():
        referral_answers.answer(
            referral,
            status,
            reason,
            said,
            version=referral.version,
            by=db.session.get_one(Staff, referral.case.officer_id),
        )


def test_an_answer_ends_the_clock_and_is_counted(support: Flask) -> None:
    referral = handed_over()

    answered(referral, ReferralStatus.ACCEPTED, said="come on Monday")
    answered(referral, ReferralStatus.IN_PROGRESS)
    answered(referral, ReferralStatus.DONE)

    found = again(referral)
    [ended] = db.session.scalars(select(Clock).where(Clock.duty == Duty.SERVICE_ANSWER)).all()
    assert (ended.ending, found.ended_at is not None, found.check_again_on) == (ClockEnd.MET, True, None)
    assert tally(CaseFigure.ANSWERED) == {"accepted": 1, "in_progress": 1, "done": 1}
    assert referral_packages.words_of(found).lines[0].words == "come on Monday"


def test_a_service_that_does_not_take_it_says_why(support: Flask) -> None:
    referral = handed_over()

    with pytest.raises(Refused, match="reason"):
        answered(referral, ReferralStatus.REJECTED)
    answered(again(referral), ReferralStatus.REJECTED, "no_place")

    assert again(referral).reject_reason == "no_place"


def test_an_answer_to_what_another_has_answered_is_overtaken(support: Flask) -> None:
    referral = handed_over()
    version, by = referral.version, referral.case.officer
    answered(referral, ReferralStatus.ACCEPTED)

    with pytest.raises(Overtaken), writing():
        referral_answers.answer(referral, "in_progress", "", "", version=version, by=by)


def test_an_appointment_says_when_where_and_with_whom(support: Flask) -> None:
    referral = handed_over()
    at = clock.now() + timedelta(days=2)

    with writing():
        referral_answers.appoint(
            referral, at, "the clinic", "the aunt", version=referral.version, by=referral.case.officer
        )

    found = again(referral)
    words = referral_packages.words_of(found)
    assert (words.place, words.along, words.handed_to) == ("the clinic", "the aunt", "the lawyer")
    assert abs(found.appointment_at - at) < timedelta(seconds=1)


def test_a_referral_is_due_when_its_day_has_come(support: Flask) -> None:
    referral = handed_over()
    by, today = referral.case.officer, jurisdiction.today()
    assert referrals.count(Shown.DUE, by=by) == 0

    with writing():
        referral_answers.look_again(referral, today, "called, no answer", by=by)
    with pytest.raises(Refused, match="check_again_on"):
        referral_answers.look_again(referral, today - timedelta(days=1), "", by=by)

    assert referrals.count(Shown.DUE, by=case_steps.officer()) == 1


def test_an_answer_that_is_late_is_due(support: Flask) -> None:
    referral = handed_over()
    with writing():
        db.session.execute(update(Clock).where(Clock.duty == Duty.SERVICE_ANSWER).values(due_at=clock.now()))

    assert referrals.count(Shown.DUE, by=case_steps.officer()) == 1
    assert again(referral).status is PENDING


def test_what_is_taken_back_is_told_to_the_service(support: Flask, gpg: Gpg) -> None:
    one, to = ready(key=gpg.public)
    referral = referral_steps.let_go(referral_steps.drafted(one, to), FILE)
    with writing():
        referral_sending.hand_over(referral, "the lawyer", clock.now(), by=one.officer)
    with writing():
        referral_answers.revoke(referral, RevokeReason.NOT_SAFE, "the address is known", by=case_steps.officer())
    assert referrals.count(Shown.DUE, by=case_steps.officer()) == 1

    with writing():
        file = referral_answers.take_revoked_file(again(referral), by=case_steps.officer())
    with writing():
        referral_answers.note_told(again(referral), "the lawyer shredded it", by=case_steps.officer())

    said = gpg.open(file.body).decode()
    assert "Destroy" in said
    assert "Sreyneang" not in said
    found = again(referral)
    [ended] = db.session.scalars(select(Clock).where(Clock.duty == Duty.SERVICE_ANSWER)).all()
    assert (referral_answers.must_be_told(found), ended.ending) == (False, ClockEnd.VOID)
    assert referrals.count(Shown.DUE, by=case_steps.officer()) == 0


def test_a_draft_that_is_taken_back_has_told_nobody(support: Flask) -> None:
    referral = referral_steps.drafted(*ready())

    with writing():
        referral_answers.revoke(referral, RevokeReason.MISTAKE, "", by=referral.case.officer)

    found = again(referral)
    assert (found.status, found.sent_at, referral_answers.must_be_told(found)) == (REVOKED, None, False)
    assert tally(CaseFigure.ANSWERED) == {}


def test_what_has_ended_goes_no_further(support: Flask) -> None:
    referral = handed_over()
    answered(referral, ReferralStatus.REJECTED, "no_place")

    for deed in (
        lambda: referral_answers.revoke(referral, RevokeReason.MISTAKE, "", by=case_steps.officer()),
        lambda: referral_answers.look_again(referral, jurisdiction.today(), "", by=case_steps.officer()),
    ):
        with pytest.raises(WrongState):
            deed()


def test_the_list_goes_page_by_page(support: Flask) -> None:
    one, to = ready()
    refs = [referral_steps.drafted(one, to).ref for _ in range(3)]

    first = referrals.list_page(Shown.DRAFTS, by=one.officer, limit=2)
    second = referrals.list_page(Shown.DRAFTS, by=one.officer, after=first.next, limit=2)

    assert [row.referral.ref for row in (*first.rows, *second.rows)] == refs
    assert second.next == ""
    with pytest.raises(Refused):
        referrals.list_page(Shown.DRAFTS, by=one.officer, after="x")


# --- Where no service is there


def test_a_missing_service_is_noted_and_counted(support: Flask) -> None:
    one = case_steps.a_case()

    with writing():
        gap = service_gaps.note(one, Need.SHELTER, "no bed in the whole province", by=one.officer)

    assert tally(CaseFigure.GAP) == {"shelter": 1}
    assert (gap.province, b"bed" in gap.body) == ("KH-12", False)
    assert [(each.gap, each.words) for each in referrals.card(one).gaps] == [(gap, "no bed in the whole province")]
    with writing():
        service_gaps.close(one, gap.id, by=case_steps.officer())
    assert referrals.card(one).gaps == []
    assert db.session.scalars(select(ServiceGap)).one().closed_at is not None


def test_the_trail_holds_codes_and_no_words(support: Flask) -> None:
    referral = handed_over()
    answered(referral, ReferralStatus.ACCEPTED, said="quiet answer")

    told = [
        entry.details for entry in db.session.scalars(select(AuditEntry)) if entry.record == f"referral {referral.ref}"
    ]
    assert {key for one in told for key in json.loads(one or "{}")} <= {"need", "means", "key", "status"}


def test_a_childs_no_keeps_a_referral_here(support: Flask) -> None:
    one, to = ready()
    referral = referral_steps.drafted(one, to)
    child = referral_steps.asked(one)[0]
    referral_steps.answer(one, to, child, ConsentAnswer.DECLINES)

    with pytest.raises(GateClosed):
        referral_steps.let_go(referral)
