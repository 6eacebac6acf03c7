"""Pictures of events: who agreed, what was published, and the clock by which a picture comes down again."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from hotline import clock, jurisdiction, transactions
from hotline.errors import Forbidden, GateClosed, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models import AuditEntry, Clock, ImageryEvent, PersonShown, Photograph, Publication, Staff
from hotline.rules.imagery import Cleared, Known
from hotline.services import demo_imagery, duties, imagery, imagery_consents, publications, staff
from hotline.services.imagery import EventEntry
from hotline.services.imagery_consents import Typed
from hotline.transactions import writing
from hotline.vocabulary import ClockEnd, Duty, EventHost, Language, PictureAnswer, PictureScope, Role, Subject, Voice

WEBSITE, PRESS = PictureScope.WEBSITE, PictureScope.PRESS
AGREES, DECLINES = PictureAnswer.AGREES, PictureAnswer.DECLINES
HELD_ON = date(2026, 1, 10)
ENTRY = EventEntry("Meeting", "កិច្ចប្រជុំ", HELD_ON, "Phnom Penh", "The hotline", EventHost.OURS)


@pytest.fixture
def keeper(office: Flask) -> Staff:
    with writing():
        return staff.add("lina", "a long enough password", (Role.LIAISON,), language=Language.EN, by=None)


@pytest.fixture
def group(keeper: Staff) -> Photograph:
    """A photograph of a meeting, on which one person is shown who was not asked yet."""
    with writing():
        event = imagery.add(ENTRY, by=keeper)
        picture = imagery.add_photograph(event, "DSC_1.jpg", "group on the stairs", by=keeper)
        publications.show(
            picture, imagery.add_person(event, Known("A guest", "desk"), is_child=False, by=keeper), by=keeper
        )
    return picture


def guest() -> PersonShown:
    return db.session.scalars(select(PersonShown).order_by(PersonShown.id)).first()


def answered(
    person: PersonShown,
    keeper: Staff,
    *scopes: PictureScope,
    voice: Voice = Voice.SELF,
    no: bool = False,
    until: date | None = None,
) -> list[Publication]:
    typed = Typed(voice, DECLINES if no else AGREES, scopes, "Khmer", keeper.number, HELD_ON, until, "binder 3")
    with writing():
        return imagery_consents.record(person, typed, seen=imagery_consents.newest(person), by=keeper)


def published(picture: Photograph, keeper: Staff, scope: PictureScope = WEBSITE) -> Publication:
    with writing():
        return publications.publish(picture, scope, "news page", jurisdiction.today(), by=keeper)


def running(one: Publication) -> Clock | None:
    query = select(Clock).where(Clock.subject == Subject.PUBLICATION, Clock.subject_id == one.id)
    return db.session.scalar(query.where(Clock.ended_at.is_(None)))


def test_nothing_is_published_before_everybody_agreed_to_that_use(group: Photograph, keeper: Staff) -> None:
    with pytest.raises(GateClosed):
        published(group, keeper)
    answered(guest(), keeper, PRESS)
    with pytest.raises(GateClosed):
        published(group, keeper)
    answered(guest(), keeper, WEBSITE)

    one = published(group, keeper)

    assert running(one) is None
    assert publications.picture(group).scopes == (WEBSITE,)


def test_taken_back_it_has_to_come_down_and_nothing_new_is_published(group: Photograph, keeper: Staff) -> None:
    answered(guest(), keeper, WEBSITE)
    one = published(group, keeper)
    with writing():
        consent = imagery_consents.answers(guest(), by=keeper)[0].row
        assert imagery_consents.withdraw(consent, by=keeper) == [one]

    its_clock = running(one)
    assert its_clock is not None
    assert (its_clock.duty, its_clock.owner_id) == (Duty.TAKE_DOWN_PICTURE, keeper.id)
    assert publications.count_owned(by=keeper) == 1
    with pytest.raises(GateClosed):
        published(group, keeper)
    with pytest.raises(WrongState), writing():
        imagery_consents.withdraw(consent, by=keeper)
    with writing():
        publications.take_down(one, "a newspaper; asked to remove it", by=keeper)

    assert its_clock.ending is ClockEnd.MET
    assert one.copies == "a newspaper; asked to remove it"
    with pytest.raises(WrongState), writing():
        publications.take_down(one, "", by=keeper)


def test_who_agrees_again_before_it_is_down_ends_the_clock(group: Photograph, keeper: Staff) -> None:
    answered(guest(), keeper, WEBSITE)
    one = published(group, keeper)

    assert answered(guest(), keeper, no=True) == [one]
    assert answered(guest(), keeper, no=True) == []  # it runs already
    its_clock = running(one)
    assert answered(guest(), keeper, WEBSITE, PRESS) == []
    assert its_clock is not None
    assert its_clock.ending is ClockEnd.VOID


def test_an_agreement_over_its_last_day_starts_the_clock_on_the_day_after(
    group: Photograph, keeper: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = jurisdiction.today()
    answered(guest(), keeper, WEBSITE, until=last)
    one = published(group, keeper)
    imagery_consents.sweep()
    assert running(one) is None

    monkeypatch.setattr(jurisdiction, "today", lambda: last + timedelta(days=1))
    imagery_consents.sweep()

    assert running(one) is not None
    assert publications.picture(group).scopes == ()


def test_somebody_found_on_a_published_picture_starts_the_clock_and_taken_off_ends_it(
    group: Photograph, keeper: Staff
) -> None:
    answered(guest(), keeper, WEBSITE)
    one = published(group, keeper)
    with writing():
        other = imagery.add_person(group.event, Known("Another", "desk"), is_child=False, by=keeper)
        assert publications.show(group, other, by=keeper) == [one]
    assert running(one) is not None

    first, second = imagery.showings([group.id])[group.id]
    with writing():
        assert publications.strike(second, "mistake", by=keeper) == []
    assert running(one) is None
    with writing():
        assert publications.strike(first, "mistake", by=keeper) == [one]  # nobody is left, and nobody said so
    still = running(one)
    with pytest.raises(Refused), writing():
        duties.pause(still, "other", by=keeper)
    admin = staff.get_by_name("admin")
    assert (duties.may_own(still, admin), duties.may_own(still, keeper)) == (False, True)


def test_of_a_child_the_guardian_agrees_as_well_and_who_turns_out_one_is_asked_anew(
    group: Photograph, keeper: Staff
) -> None:
    answered(guest(), keeper, WEBSITE)
    one, person = published(group, keeper), guest()
    with writing():
        known = Known("A pupil", "", "the aunt, at the school")
        down = imagery_consents.change_person(person, known, is_child=True, version=person.version, by=keeper)
    assert down == [one]
    with pytest.raises(Refused):
        answered(person, keeper, WEBSITE)

    answered(person, keeper, WEBSITE, voice=Voice.CHILD)
    assert running(one) is not None
    answered(person, keeper, WEBSITE, voice=Voice.GUARDIAN)

    assert running(one) is None


def test_who_is_forgotten_leaves_counts_and_no_word(
    group: Photograph, keeper: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered(guest(), keeper, WEBSITE)
    one, emptied = published(group, keeper), []
    monkeypatch.setattr(transactions, "leave_no_trace", lambda: emptied.append(guest().body))
    with writing():
        assert imagery_consents.forget(guest(), by=keeper) == [one]
        assert emptied == []
    assert emptied == [None]  # once it is committed

    assert imagery.name_of(guest(), by=keeper) is None
    (answer,) = imagery_consents.answers(guest(), by=keeper)
    assert (answer.evidence, answer.row.evidence, answer.scopes) == ("", None, (WEBSITE,))
    assert imagery.evidence().declined == 1
    with pytest.raises(WrongState), writing():
        imagery_consents.forget(guest(), by=keeper)


def test_names_are_sealed_opened_on_record_and_never_for_an_auditor_or_admin(group: Photograph, keeper: Staff) -> None:
    with writing():
        auditor = staff.add("audit", "a long enough password", (Role.AUDITOR,), language=Language.EN, by=None)

    assert [one.known for one in imagery.people(group.event, by=auditor)] == [None]
    admin = staff.get_by_name("admin")
    assert [one.known for one in imagery.people(group.event, by=admin)] == [None]
    assert imagery.name_of(guest(), by=admin) is None
    assert imagery.people(group.event, by=keeper)[0].known == Known("A guest", "desk")
    assert b"A guest" not in (guest().body or b"")
    db.session.rollback()  # a read is on record in a transaction of its own
    reads = db.session.scalars(select(AuditEntry).where(AuditEntry.action == imagery.READ)).all()
    assert [(one.actor, one.record) for one in reads] == [(keeper.number, f"imagery event {group.event.ref}")]
    with pytest.raises(Forbidden), writing():
        imagery.add(ENTRY, by=auditor)


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"scopes": ()}, ("scopes", "required")),
        ({"language": ""}, ("language", "required")),
        ({"evidence": ""}, ("evidence", "required")),
        ({"evidence": "at img-board.example"}, ("evidence", "address")),
        ({"asked_by": "A-999"}, ("asked_by", "required")),
        ({"asked_on": date(2999, 1, 1)}, ("asked_on", "ahead")),
        ({"expires_on": date(2026, 2, 1)}, ("expires_on", "past")),
        ({"voice": Voice.GUARDIAN}, ("voice", "required")),
    ],
)
def test_an_answer_says_all_that_it_must(
    group: Photograph, keeper: Staff, typed: dict[str, object], fault: tuple[str, str]
) -> None:
    whole = {"voice": Voice.SELF, "answer": AGREES, "scopes": (WEBSITE,), "language": "Khmer", "evidence": "binder 3"}
    whole |= {"asked_by": keeper.number, "asked_on": HELD_ON, "expires_on": None}

    with pytest.raises(Refused) as refusal, writing():
        imagery_consents.record(guest(), Typed(**whole | typed), seen=0, by=keeper)

    assert refusal.value.faults == (fault,)


def test_two_who_write_at_once_do_not_overwrite_each_other(group: Photograph, keeper: Staff) -> None:
    person, event = guest(), group.event
    answered(person, keeper, no=True)
    typed = Typed(Voice.SELF, AGREES, (WEBSITE,), "Khmer", keeper.number, HELD_ON, None, "binder 3")

    with pytest.raises(Overtaken), writing():
        imagery_consents.record(person, typed, seen=0, by=keeper)
    with pytest.raises(Overtaken), writing():
        imagery.change(event, ENTRY, version=event.version - 1, by=keeper)
    with pytest.raises(Overtaken), writing():
        imagery_consents.change_person(person, Known("x", "y"), is_child=False, version=person.version - 1, by=keeper)
    with pytest.raises(Refused), writing():
        imagery.add_photograph(event, "DSC_1.jpg", "another", by=keeper)


def test_the_evidence_and_the_records_count_and_name_nobody(keeper: Staff) -> None:
    began = clock.now() - timedelta(minutes=1)
    demo_imagery.fill()
    demo_imagery.fill()  # once is enough

    found = imagery.evidence()
    rows = list(imagery.records(began, began + timedelta(hours=1), by=keeper))

    assert (found.events, found.not_cleared, found.people, found.agreed, found.to_ask) == (2, 1, 10, 9, 1)
    assert (found.published, found.to_take_down, found.late) == (2, 1, 0)
    assert [row.summary.cleared for row in imagery.card().rows] == [Cleared.TO_ASK, Cleared.YES]
    assert all(len(row) == len(imagery.COLUMNS) for row in rows)
    assert len([row for row in rows if row[1] == "asked"]) == 10
    assert "Guest" not in str(rows)
    assert db.session.scalar(select(ImageryEvent.id).where(ImageryEvent.ref == rows[0][0])) is not None
