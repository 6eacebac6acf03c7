"""Incidents: told in time or late, by letter or by telephone; drills; and rounds that stop."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from hotline import clock
from hotline.config import settings
from hotline.errors import Forbidden, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.gateways import mail
from hotline.gateways.mail import Handed, MailFault
from hotline.models.clock import Clock
from hotline.models.incident import Incident, IncidentAction, IncidentLetter
from hotline.models.staff import Staff
from hotline.outbox import Task
from hotline.rules import mail_answers
from hotline.services import (
    audit,
    demo_incidents,
    duties,
    expiring_keys,
    heartbeats,
    incident_letters,
    incidents,
    kept_letters,
    officials,
    staff,
)
from hotline.services.duties import Thing
from hotline.services.officials import OfficialEntry
from hotline.transactions import writing
from hotline.vocabulary import (
    ClockEnd,
    Duty,
    IncidentEntryKind,
    IncidentKind,
    IncidentLetterState,
    OfficialPart,
    Pulse,
    Subject,
)
from tests.gateways import locksmith
from tests.services import steps

NINE = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DPO, MAILBOX = OfficialPart.DPO, "dpo@law.example"
DRAFT, SENT, FAILED = IncidentLetterState.DRAFT, IncidentLetterState.SENT, IncidentLetterState.FAILED
WORDS = "One record was sent to the wrong partner hotline."

Wait = Callable[[timedelta], None]


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Wait:
    """Let time pass; it begins on a Tuesday at nine."""
    at = [NINE]

    def pass_(time: timedelta) -> None:
        at[0] += time

    monkeypatch.setattr(clock, "now", lambda: at[0])
    return pass_


class Mailer:
    """Takes letters, unless it has a fault for one."""

    def __init__(self, *faults: BaseException) -> None:
        self.letters: list[tuple[str, str, bytes]] = []
        self.faults = list(faults)

    def send(self, sender: str, mailbox: str, message_id: str, message: bytes) -> Handed:
        self.letters.append((mailbox, message_id, message))
        if self.faults:
            raise self.faults.pop(0)
        return Handed.ON


def keepers() -> tuple[Staff, Staff]:
    """Return two people who keep the code of practice: a liaison and a manager."""
    _, liaison, manager = steps.team()
    return liaison, manager


def recorded(kind: IncidentKind = IncidentKind.IRREGULARITY, *, ago: timedelta = timedelta(), drill: bool = False):
    by = keepers()[0]
    with writing():
        return incidents.record(kind, WORDS, clock.now() - ago, is_drill=drill, lead=by, by=by)


def office_holder(mailbox: str = MAILBOX, part: OfficialPart = DPO) -> None:
    now = officials.current(part)
    with writing():
        officials.enter(
            part, OfficialEntry("Example", mailbox, "023 000 001", None), version=now.id if now else 0, by=keepers()[0]
        )


def drafted(one: Incident) -> IncidentLetter:
    with writing():
        return incident_letters.draft(one, DPO, "en", by=keepers()[0])


def sent(one: Incident) -> IncidentLetter:
    office_holder()
    letter = drafted(one)
    with writing():
        incident_letters.send(letter, version=letter.version, has_read=True, by=keepers()[0])
    return letter


def came_back(letter: IncidentLetter) -> None:
    with writing():
        assert incident_letters.note_bounce([(letter.message_id or "").strip("<>").partition("@")[0]], "5.1.1")


def learnt_from(one: Incident) -> None:
    by = keepers()[0]
    with writing():
        incidents.write(one, "containment", "The record was deleted there.", None, contains=True, by=by)
        incidents.write(one, "lesson", "Two people look at the recipient.", None, contains=False, by=by)


def its_clock(one: Incident) -> Clock:
    db.session.expire_all()
    return duties.of(incidents.thing(one))[-1]


def test_time_counts_from_noticing_however_late_it_was_recorded(office: Flask, wait: Wait) -> None:
    one = recorded(ago=20 * HOUR)

    running = its_clock(one)

    assert (running.duty, running.due_at) == (Duty.TELL_DPO, NINE + 4 * HOUR)
    assert running.owner_id == keepers()[0].id
    assert incidents.rows_of([one])[0].clock == running
    with pytest.raises(Refused) as refusal, writing():
        incidents.record("login", WORDS, NINE + HOUR, is_drill=False, lead=None, by=keepers()[0])
    assert refusal.value.faults == (("noticed_at", "ahead"),)


def test_a_call_in_time_is_in_time_however_late_it_is_noted(office: Flask, wait: Wait) -> None:
    one, by = recorded(), keepers()[0]
    wait(30 * HOUR)

    with writing():
        incident_letters.call(one, DPO, "Her deputy", "", NINE + 5 * HOUR, by=by)

    ended = its_clock(one)
    assert (ended.ending, ended.ended_at, one.dpo_told_at) == (ClockEnd.MET, NINE + 5 * HOUR, NINE + 5 * HOUR)
    assert [call.whom for call in incident_letters.calls(one)] == ["Her deputy"]
    late = recorded(ago=25 * HOUR)
    with writing():
        incident_letters.call(late, DPO, "Her deputy", "", None, by=by)
    found = incidents.evidence()
    assert (found.dpo_in_time, found.dpo_late, found.untold) == (1, 1, 0)
    assert (found.dpo_shortest, found.dpo_longest) == (5 * HOUR, 25 * HOUR)


def test_a_letter_is_drafted_without_names_sent_once_and_its_proof_kept(office: Flask, wait: Wait) -> None:
    one, mailer, by = recorded(ago=2 * HOUR), Mailer(), keepers()[0]
    letter = sent(one)
    words = incident_letters.words_of(letter)
    assert one.ref in words.subject
    assert WORDS in words.text
    assert by.number in words.text
    assert by.name not in words.text

    incident_letters.deliver(letter.id, mailer=mailer)
    incident_letters.deliver(letter.id, mailer=mailer)

    [(mailbox, message_id, message)] = mailer.letters
    db.session.refresh(letter)
    assert (mailbox, message_id, letter.status) == (MAILBOX, letter.message_id, SENT)
    assert its_clock(one).ending is ClockEnd.MET
    assert one.dpo_told_at == clock.now()
    proof = incident_letters.proof_of(letter, by=by)
    assert (proof.answer, proof.message.encode()) == ("250", message)
    db.session.rollback()  # the read is on record in a transaction of its own
    assert audit.count(incidents.subject(one), "read the proof") == 1
    assert db.session.scalars(select(Task).where(Task.job == incident_letters.DELIVER)).all() == []
    for change in ("SET sent_at = NULL", "SET status = 'draft'", "SET id = 99"):
        with pytest.raises(DatabaseError), writing():
            db.session.execute(text(f"UPDATE incident_letters {change}"))


def test_a_worker_that_is_killed_leaves_a_letter_that_goes_under_the_same_id(office: Flask, wait: Wait) -> None:
    letter, killed = sent(recorded()), Mailer(SystemExit())
    with pytest.raises(SystemExit):
        incident_letters.deliver(letter.id, mailer=killed)
    wait(timedelta(minutes=16))
    mailer = Mailer()

    incident_letters.deliver(letter.id, mailer=mailer)

    assert [one[1:] for one in mailer.letters] == [one[1:] for one in killed.letters]


def test_a_letter_that_comes_back_lets_the_clock_go_on_until_somebody_calls(office: Flask, wait: Wait) -> None:
    one = recorded()
    letter = sent(one)
    incident_letters.deliver(letter.id, mailer=Mailer())
    ours = (letter.message_id or "").strip("<>").partition("@")[0]

    with writing():
        assert incident_letters.note_bounce([ours], "5.1.1")
        assert not incident_letters.note_bounce(["in-234567.0123456789abcdef"], "5.1.1")

    running = its_clock(one)
    assert (running.ended_at, running.due_at, one.dpo_told_at) == (None, NINE + 24 * HOUR, None)
    [row] = incidents.rows_of([one])
    assert (row.is_troubled, row.clock, incidents.list_troubled()) == (True, running, [one])
    with writing():
        incident_letters.call(one, DPO, "The officer", "", None, by=keepers()[0])
    assert incidents.rows_of([one]) == [incidents.Row(one, None, False)]


def test_what_comes_back_of_a_letter_that_was_changed_since_is_known_and_says_nothing_of_its_newer_words(
    office: Flask, wait: Wait
) -> None:
    letter, by = sent(recorded()), keepers()[0]
    incident_letters.deliver(letter.id, mailer=Mailer(MailFault("unconfirmed", permanent=True)))
    db.session.refresh(letter)
    older = (letter.message_id or "").strip("<>").partition("@")[0]
    with writing():
        incident_letters.save(letter, "Notice", "Other words.", version=letter.version, by=by)
        incident_letters.send(letter, version=letter.version, has_read=True, by=by)

    with writing():
        assert incident_letters.note_bounce([older.upper()], "5.1.1")
        assert incident_letters.note_bounce([older], "5.1.1")
        assert not incident_letters.note_bounce([f"{older[:-1]}g"], "5.1.1")

    assert audit.count(incidents.subject(letter.incident), incident_letters.OLDER_CAME_BACK) == 1
    incident_letters.deliver(letter.id, mailer=Mailer())
    db.session.refresh(letter)
    assert letter.status is SENT


def test_an_incident_does_not_close_over_a_letter_on_its_way_and_what_leaves_after_is_no_loop(
    office: Flask, wait: Wait
) -> None:
    one, by = recorded(IncidentKind.OTHER), keepers()[0]
    letter = sent(one)
    learnt_from(one)
    with pytest.raises(Refused) as refusal, writing():
        incidents.close(one, by=by)
    assert refusal.value.faults == (("close", "queued"),)
    with writing():  # as one that was closed beside it would be
        db.session.execute(text("UPDATE incidents SET closed_at = recorded_at, closed_by_id = lead_id"))
    db.session.expire_all()

    incident_letters.deliver(letter.id, mailer=Mailer())

    db.session.refresh(letter)
    assert (letter.status, letter.proof is None) == (SENT, False)


def test_a_letter_that_breaks_off_each_time_is_given_back_to_people(office: Flask, wait: Wait) -> None:
    letter = sent(recorded())
    with writing():
        letter.tries = incident_letters.MOST_TRIES
    mailer = Mailer()

    incident_letters.deliver(letter.id, mailer=mailer)

    db.session.refresh(letter)
    assert (mailer.letters, letter.status, letter.last_fault) == ([], FAILED, "unconfirmed")


def test_a_letter_that_comes_back_after_closing_lets_the_clock_go_on_and_can_be_made_good(
    office: Flask, wait: Wait
) -> None:
    one, by = recorded(), keepers()[0]
    letter = sent(one)
    incident_letters.deliver(letter.id, mailer=Mailer())
    learnt_from(one)
    with writing():
        incidents.close(one, by=by)
    wait(HOUR)

    came_back(letter)

    running, found = its_clock(one), incidents.evidence()
    assert (running.ended_at, incidents.list_troubled(), found.untold) == (None, [one], 1)
    assert (found.dpo_in_time, found.dpo_longest) == (0, None)
    assert [line[6] for line in incidents.records(NINE - HOUR, NINE + HOUR, by=by)] == [""]
    with writing():
        incident_letters.call(one, DPO, "The officer", "", None, by=by)
    assert (its_clock(one).ended_at, incidents.list_troubled()) == (NINE + HOUR, [])
    with pytest.raises(WrongState), writing():
        incident_letters.call(one, DPO, "The officer", "", None, by=by)


def test_when_a_letter_comes_back_it_is_the_call_after_it_that_told_and_too_late(office: Flask, wait: Wait) -> None:
    one = recorded()
    letter = sent(one)
    incident_letters.deliver(letter.id, mailer=Mailer())
    wait(30 * HOUR)
    with writing():
        incident_letters.call(one, DPO, "The officer", "", None, by=keepers()[0])
    assert (its_clock(one).ending, one.dpo_told_at) == (ClockEnd.MET, NINE)

    came_back(letter)

    ended = its_clock(one)
    assert (ended.ending, ended.ended_at, one.dpo_told_at) == (ClockEnd.MISSED, NINE + 30 * HOUR, NINE + 30 * HOUR)


def test_without_a_mail_server_no_copy_of_a_letter_lies_among_those_about_items(office: Flask, wait: Wait) -> None:
    letter, mailer = sent(recorded()), office.extensions["hotline.mailer"]
    mailer.send("a@hotline.example", MAILBOX, letter.message_id, b"Subject: as one of before\r\n\r\n")
    assert kept_letters.list_newest() == []

    incident_letters.deliver(letter.id, mailer=mailer)

    db.session.refresh(letter)
    assert (letter.last_fault, mail.kept_names(settings().data_dir / "letters")) == ("no_server", [])


def test_a_letter_that_is_refused_tells_nobody_and_can_be_sent_again(office: Flask, wait: Wait) -> None:
    one = recorded()
    letter = sent(one)
    incident_letters.deliver(letter.id, mailer=Mailer(MailFault("550", permanent=True)))
    db.session.refresh(letter)
    assert (letter.status, letter.last_fault, its_clock(one).ended_at) == (FAILED, "550", None)
    office_holder("new@law.example")

    with writing():
        incident_letters.send(letter, version=letter.version, has_read=True, by=keepers()[1])
    mailer = Mailer()
    incident_letters.deliver(letter.id, mailer=mailer)

    assert [mailbox for mailbox, *_ in mailer.letters] == ["new@law.example"]


def test_a_letter_that_points_at_one_of_us_needs_a_second_person(office: Flask, wait: Wait) -> None:
    office_holder()
    (first, second), letter = keepers(), drafted(recorded())
    with writing():
        incident_letters.save(letter, "Notice", f"Ask {second.name.capitalize()}.", version=1, by=first)
    with pytest.raises(Overtaken), writing():
        incident_letters.save(letter, "Notice", "Mine.", version=1, by=second)

    with writing():
        state = incident_letters.send(letter, version=letter.version, has_read=True, by=first)
    assert (state, letter.asked_by_id) == (DRAFT, first.id)
    with pytest.raises(Refused) as refusal, writing():
        incident_letters.send(letter, version=letter.version, has_read=True, by=first)
    assert refusal.value.faults == (("send", "second_person"),)
    with writing():
        incident_letters.send(letter, version=letter.version, has_read=True, by=second)

    assert (letter.status, letter.second_id) == (IncidentLetterState.QUEUED, second.id)
    other = drafted(recorded())
    with writing():
        incident_letters.save(other, "Notice", f"Ask {second.name.capitalize()}.", version=1, by=first)
        assert incident_letters.send(other, version=2, has_read=True, by=second) is IncidentLetterState.QUEUED


def test_a_letter_is_encrypted_once_to_its_officials_key_and_not_sent_plain_when_that_is_gone(
    office: Flask, wait: Wait
) -> None:
    office_holder()
    by = keepers()[0]
    with locksmith.gpg() as gpg:
        with writing():
            held = officials.current(DPO)
            officials.put_key(held, "openpgp", gpg.public, version=held.id, by=by)
        office_holder()  # entered anew at the same mailbox: the key stays
        letter, mailer = drafted(recorded()), Mailer(MailFault("450", permanent=False))
        with writing():
            incident_letters.send(letter, version=letter.version, has_read=True, by=by)
        incident_letters.deliver(letter.id, mailer=mailer)
        wait(HOUR)
        incident_letters.deliver(letter.id, mailer=mailer)
        (_, _, first), (_, _, second) = mailer.letters
        assert first == second
        mail = message_from_bytes(first, policy=policy.default)
        assert mail["Subject"] == f"Confidential message [{letter.incident.ref}]"
        _, sealed = mail.iter_parts()
        assert WORDS in gpg.open(sealed.get_payload(decode=True)).decode()
        assert WORDS.encode() not in first

        other = drafted(recorded())
        with writing():
            incident_letters.send(other, version=other.version, has_read=True, by=by)
            held = officials.current(DPO)
            officials.take_key(held, held.key_fingerprint, by=by)
        incident_letters.deliver(other.id, mailer=mailer)
        db.session.refresh(other)
        assert (other.status, other.last_fault, len(mailer.letters)) == (FAILED, incident_letters.OTHER_ENTRY, 2)


def test_no_letter_goes_plain_to_an_official_whose_key_has_expired_and_the_key_has_a_clock(
    office: Flask, wait: Wait
) -> None:
    office_holder()
    letter, held = drafted(recorded()), officials.current(DPO)
    with locksmith.gpg() as gpg, writing():
        officials.put_key(held, "openpgp", gpg.public, version=held.id, by=keepers()[0])
        held.key_expires_at = clock.now() + HOUR
    expiring_keys.sweep()
    assert [one.due_at for one in duties.of(Thing(Subject.OFFICIAL_KEY, held.id))] == [held.key_expires_at]
    wait(2 * HOUR)

    with pytest.raises(Refused, match="send:key"), writing():
        incident_letters.send(letter, version=letter.version, has_read=True, by=keepers()[0])
    with writing():
        officials.take_key(held, held.key_fingerprint, by=keepers()[0])
    expiring_keys.sweep()
    assert duties.of(Thing(Subject.OFFICIAL_KEY, held.id))[-1].ending is ClockEnd.MISSED


def test_a_key_stays_with_a_mailbox_in_whatever_case_and_falls_with_it(office: Flask) -> None:
    office_holder()
    held = officials.current(DPO)
    with locksmith.gpg() as gpg, writing():
        officials.put_key(held, "openpgp", gpg.public, version=held.id, by=keepers()[0])
    told = []
    for mailbox in (MAILBOX.upper(), "elsewhere@law.example", "further@law.example"):
        office_holder(mailbox)
        now = officials.current(DPO)
        told.append((officials.has_key(now), officials.dropped_key(now)))

    assert told == [(True, False), (False, True), (False, False)]


def test_a_key_is_neither_put_nor_taken_away_by_a_page_that_shows_another(office: Flask) -> None:
    office_holder()
    before = officials.current(DPO).id
    office_holder()
    held = officials.current(DPO)

    with locksmith.gpg() as gpg:
        with pytest.raises(Overtaken), writing():
            officials.put_key(held, "openpgp", gpg.public, version=before, by=keepers()[0])
        with writing():
            officials.put_key(held, "openpgp", gpg.public, version=held.id, by=keepers()[0])
    with pytest.raises(Overtaken), writing():
        officials.take_key(held, "0123", by=keepers()[0])

    assert officials.has_key(held)


def test_where_nobody_is_entered_an_incident_is_recorded_all_the_same(office: Flask, wait: Wait) -> None:
    letter = drafted(recorded())

    with pytest.raises(Refused) as refusal, writing():
        incident_letters.send(letter, version=letter.version, has_read=False, by=keepers()[0])

    assert refusal.value.faults == (("has_read", "required"), ("send", "nobody"))


def test_a_drill_counts_nowhere_and_its_letter_never_leaves(office: Flask, wait: Wait) -> None:
    one = recorded(drill=True)
    running = its_clock(one)
    assert (running.ending, running.due_at) == (ClockEnd.VOID, NINE + 24 * HOUR)
    assert incidents.deadline(one) == running

    letter = sent(one)

    assert letter.status is IncidentLetterState.PLAYED
    assert incidents.untold(one) == ()
    assert db.session.scalars(select(Task).where(Task.job == incident_letters.DELIVER)).all() == []
    assert incidents.evidence() == incidents.Evidence(0, 0, 0, 0, 0, None, None, None, None)
    with pytest.raises(DatabaseError), writing():
        db.session.execute(text("UPDATE incident_letters SET status = 'queued'"))


def test_an_incident_closes_once_it_is_learnt_from_and_stays_as_it_is(office: Flask, wait: Wait) -> None:
    one, (by, manager) = recorded(IncidentKind.OTHER), keepers()
    with pytest.raises(Refused), writing():
        incidents.close(one, by=by)

    with writing():
        incidents.write(one, "containment", "The record was deleted there.", None, contains=True, by=by)
        incidents.write(one, "lesson", "Two people look at the recipient.", None, contains=False, by=by)
        incidents.close(one, by=by)

    assert [entry.kind for entry in incidents.entries(one)] == [
        IncidentEntryKind.CONTAINMENT,
        IncidentEntryKind.LESSON,
    ]
    with pytest.raises(WrongState), writing():
        incidents.give(one, manager, by=by)
    for change in (
        "UPDATE incidents SET id = 99",
        "UPDATE incidents SET lead_id = NULL",
        "UPDATE incident_entries SET happened_at = written_at",
    ):
        with pytest.raises(DatabaseError), writing():
            db.session.execute(text(change))
    assert [line[:3] for line in incidents.records(NINE - HOUR, NINE + HOUR, by=by)] == [(one.ref, "other", "no")]


def test_what_turns_out_to_be_something_else_is_told_to_whom_it_concerns(office: Flask, wait: Wait) -> None:
    one, by = recorded(IncidentKind.OTHER, ago=HOUR), keepers()[0]
    assert duties.of(incidents.thing(one)) == []

    with writing():
        incidents.call_it(one, "breach", "Somebody had the file.", by=by)

    assert its_clock(one).due_at == NINE + 23 * HOUR
    with writing():
        incidents.call_it(one, "other", "It was never open.", by=by)
    assert its_clock(one).ending is ClockEnd.VOID
    late = recorded(ago=25 * HOUR)
    with writing():
        incidents.call_it(late, "other", "It was never open.", by=by)
    assert its_clock(late).ending is ClockEnd.MISSED
    assert its_clock(recorded(ago=25 * HOUR, drill=True)).ending is ClockEnd.VOID


def test_an_action_is_its_owners_and_one_of_a_closed_account_goes_to_another(office: Flask, wait: Wait) -> None:
    one, by, analyst = recorded(), keepers()[0], steps.team()[0]
    with writing():
        action = incidents.add_action(one, "Ask for a new login.", analyst, NINE.date(), by=by)
    assert incidents.today(analyst).actions == [action]
    running = duties.running(Subject.INCIDENT_ACTION, [action.id])[action.id]
    assert (running.duty, running.owner_id) == (Duty.DO_ACTION, analyst.id)

    with writing():
        staff.disable(analyst, by=None)
        incidents.hand_action(action, by, by=by)
        incidents.did(action, by=by)

    assert db.session.get(IncidentAction, action.id).done_by_id == by.id
    with pytest.raises(Forbidden), writing():
        incidents.give(one, by, by=analyst)


def beats(*pulses: Pulse) -> None:
    for pulse in pulses or tuple(Pulse):
        heartbeats.beat(pulse)


def its_incidents() -> list[Incident]:
    db.session.expire_all()
    return list(db.session.scalars(select(Incident).order_by(Incident.id)))


def test_a_quiet_night_is_no_interruption_and_neither_is_a_clock_set_back(office: Flask, wait: Wait) -> None:
    for _ in range(5):
        beats()
        wait(timedelta(minutes=55))
    wait(-10 * HOUR)
    beats()
    heartbeats.look()

    assert its_incidents() == []


def test_rounds_that_stop_are_one_incident_that_the_desk_notices(office: Flask, wait: Wait) -> None:
    beats()
    wait(61 * timedelta(minutes=1))
    beats(Pulse.DELIVERY)  # also late, and says so itself

    heartbeats.look()
    wait(HOUR / 30)
    heartbeats.look()

    delivery, intake = its_incidents()
    assert (delivery.pulse, delivery.stopped_at, delivery.back_at) == (Pulse.DELIVERY, NINE, NINE + 61 * HOUR / 60)
    assert (intake.pulse, intake.stopped_at, intake.back_at, intake.lead_id) == (Pulse.INTAKE, NINE, None, None)
    assert its_clock(intake).duty is Duty.TELL_SECRETARIAT


def test_beats_end_an_interruption_and_another_stop_goes_on_in_the_same_incident(office: Flask, wait: Wait) -> None:
    beats(Pulse.INTAKE)
    wait(2 * HOUR)
    heartbeats.look()
    beats(Pulse.INTAKE)
    [one] = its_incidents()
    assert (one.back_at, one.contained_at) == (clock.now(), clock.now())
    with writing():
        incident_letters.call(one, OfficialPart.SECRETARIAT, "The office", "", None, by=keepers()[0])
    assert incidents.untold(one) == ()
    wait(3 * HOUR)

    beats(Pulse.INTAKE)

    [one] = its_incidents()
    assert (one.stopped_at, one.back_at) == (NINE + 2 * HOUR, NINE + 5 * HOUR)
    assert incidents.untold(one) == (OfficialPart.SECRETARIAT,)
    kinds = [entry.kind for entry in incidents.entries(one)]
    assert kinds == [IncidentEntryKind.STOPPED, IncidentEntryKind.BACK] * 2
    found = incidents.evidence()
    assert (found.open, found.last_interruption_at, found.last_interruption_told_after) == (1, NINE + 2 * HOUR, None)


def test_what_told_of_one_stop_tells_of_no_other(office: Flask, wait: Wait) -> None:
    part, by = OfficialPart.SECRETARIAT, keepers()[0]
    office_holder(part=part)
    beats(Pulse.INTAKE)
    wait(2 * HOUR)
    heartbeats.look()
    [one] = its_incidents()
    with writing():
        first, late = (incident_letters.draft(one, part, "en", by=by) for _ in range(2))
        for each in (first, late):
            incident_letters.send(each, version=1, has_read=True, by=by)
    incident_letters.deliver(first.id, mailer=Mailer())
    beats(Pulse.INTAKE)
    wait(2 * HOUR)
    heartbeats.look()
    assert its_incidents() == [one]

    incident_letters.deliver(late.id, mailer=Mailer())
    with pytest.raises(Refused) as refusal, writing():
        incident_letters.call(one, part, "The office", "", NINE + 3 * HOUR, by=by)
    assert refusal.value.faults == (("called_at", "early"),)
    assert incidents.untold(one) == (part,)
    with writing():
        second = incident_letters.draft(one, part, "en", by=by)
        incident_letters.send(second, version=1, has_read=True, by=by)
    incident_letters.deliver(second.id, mailer=Mailer())
    assert incidents.untold(one) == ()
    came_back(second)
    assert incidents.untold(one) == (part,)
    assert its_clock(one).ended_at is None


def test_a_stop_that_was_named_otherwise_takes_in_no_other_and_its_clock_counts_from_noticing(
    office: Flask, wait: Wait
) -> None:
    by = keepers()[0]
    beats(Pulse.INTAKE)
    wait(2 * HOUR)
    heartbeats.look()
    [one] = its_incidents()
    wait(HOUR)
    with writing():
        incidents.call_it(one, "breach", "Somebody switched it off.", by=by)
    assert (its_clock(one).duty, its_clock(one).started_at) == (Duty.TELL_DPO, NINE + 2 * HOUR)
    heartbeats.look()
    assert its_incidents() == [one]  # it stands still, whatever it is
    beats(Pulse.INTAKE)
    wait(2 * HOUR)
    heartbeats.look()

    one, two = its_incidents()
    assert (two.kind, incidents.untold(two)) == (IncidentKind.INTERRUPTION, (OfficialPart.SECRETARIAT,))
    with pytest.raises(Refused) as refusal, writing():
        incidents.call_it(one, "interruption", "It was one.", by=by)
    assert refusal.value.faults == (("kind", "stopped_again"),)


def test_who_leads_follows_its_clock_and_a_closed_account_gets_no_new_one(office: Flask, wait: Wait) -> None:
    one, (by, manager) = recorded(), keepers()
    with writing():
        duties.hand_over(its_clock(one), manager, by=by)
    db.session.refresh(one)
    assert one.lead_id == manager.id
    assert not duties.may_own(its_clock(one), steps.team()[0])
    with writing():
        staff.disable(manager, by=None)
        incidents.call_it(one, "interruption", "It stopped us.", by=by)

    assert (its_clock(one).duty, its_clock(one).owner_id) == (Duty.TELL_SECRETARIAT, None)


def test_what_came_back_of_ours_is_known_by_its_message_id(office: Flask) -> None:
    ours = "in-234567.0123456789abcdef"
    body = "--b\r\n\r\nSorry.\r\n--b\r\n"
    body += "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.law.example\r\n\r\n"
    body += f"Final-Recipient: rfc822; {MAILBOX}\r\nAction: failed\r\nStatus: 5.1.1\r\n--b\r\n"
    body += f"Content-Type: message/rfc822\r\n\r\nMessage-ID: <{ours}@hotline.example>\r\n\r\nwords\r\n--b--\r\n"
    head = "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.law.example\r\nMIME-Version: 1.0\r\n"
    head += 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'

    found = mail_answers.read((head + body).encode())

    assert (found.ids, found.code) == ((ours,), "5.1.1")


def test_the_demo_has_incidents_once(office: Flask) -> None:
    demo_incidents.fill()
    demo_incidents.fill()

    found = incidents.evidence()
    assert (len(its_incidents()), found.open, found.untold) == (4, 1, 1)
    assert found.last_interruption_told_after == timedelta(minutes=35)
