"""Decisions without consent: by name, looked at by a second person, and ended where they are not upheld."""

import pytest
from flask import Flask
from sqlalchemy import select

from hotline import clock
from hotline.errors import NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models import AuditEntry, Override, Staff
from hotline.rules.consents import Reason
from hotline.services import case_files, clocks, consents, overrides, staff
from hotline.transactions import writing
from hotline.vocabulary import (
    ClockEnd,
    ConsentAnswer,
    Duty,
    Language,
    OverrideBasis,
    OverrideDecision,
    ReferralMeans,
    ReferralStatus,
    Role,
    Share,
)
from tests.services import case_steps, consent_steps, steps
from tests.services.consent_steps import Family, all_agree, letter, says

WHY = Reason("It cannot wait until a guardian is found.", (Share.AGE, Share.NEED))
DANGER, BEST = OverrideBasis.DANGER_NOW, OverrideBasis.BEST_INTERESTS


@pytest.fixture
def found(support: Flask) -> Family:
    return consent_steps.family()


def boss() -> Staff:
    known = db.session.scalar(select(Staff).where(Staff.name == "boss"))
    if known is None:
        with writing():
            known = staff.add("boss", case_steps.PASSWORD, (Role.MANAGER,), language=Language.EN, by=None)
    return known


def decide(found: Family, basis: OverrideBasis = BEST, reason: Reason = WHY, *, weighed: bool = False) -> Override:
    with writing():
        return overrides.decide(found.one, found.to, basis, reason, is_weighed=weighed, by=found.one.officer)


def review(decision: Override, *, upheld: bool, by: Staff | None = None) -> list[object]:
    who = by or boss()
    with writing():
        return overrides.review(decision, upheld=upheld, by=who)


def test_a_decision_acts_once_a_second_person_has_upheld_it(found: Family) -> None:
    decision = decide(found)
    assert not consents.standing(found.one, found.to).may_go

    review(decision, upheld=True)

    stands = consents.standing(found.one, found.to)
    assert (stands.may_go, stands.by_consent, stands.without.id) == (True, False, decision.id)
    assert stands.shares == {Share.NEED, Share.AGE}


def test_a_danger_now_acts_at_once_and_is_looked_at_afterwards(found: Family) -> None:
    decision = decide(found, DANGER)

    assert consents.standing(found.one, found.to).may_go
    assert clocks.newest_of(decision, Duty.REVIEW_OVERRIDE).ended_at is None
    review(decision, upheld=True)
    assert clocks.newest_of(decision, Duty.REVIEW_OVERRIDE).ending is ClockEnd.MET


def test_what_was_not_upheld_stops_and_what_has_left_is_named(found: Family) -> None:
    decision = decide(found, DANGER)
    queued = letter(found, override_id=decision.id, letter=b"sealed", queued_at=clock.now())
    letter(
        found,
        "RF-2",
        override_id=decision.id,
        means=ReferralMeans.PRINTED,
        sent_at=clock.now(),
        status=ReferralStatus.PENDING,
    )

    stopped = review(decision, upheld=False)

    db.session.refresh(queued)
    assert ([one.ref for one in stopped], queued.queued_at, queued.letter) == (["RF-1"], None, None)
    shown = consents.towards(found.one, found.to)
    assert [one.ref for one in shown.left] == ["RF-2"]
    assert [one.row.id for one in shown.not_upheld] == [decision.id]
    assert consents.sent_on(decision) == ["RF-2"]
    assert not shown.standing.may_go


def test_what_was_not_upheld_before_it_acted_needs_no_alarm(found: Family) -> None:
    review(decide(found), upheld=False)

    assert consents.towards(found.one, found.to).not_upheld == ()


def test_nobody_looks_at_their_own_decision_and_nobody_twice(found: Family) -> None:
    decision = decide(found)
    with pytest.raises(Refused, match="decision:same_person"):
        review(decision, upheld=True, by=found.one.officer)
    review(decision, upheld=True)

    with pytest.raises(WrongState):
        review(decision, upheld=False)
    assert decision.decision is OverrideDecision.UPHELD


def test_the_child_who_says_no_is_weighed_first(found: Family) -> None:
    says(found.one, found.child, found.to, ConsentAnswer.DECLINES)
    with pytest.raises(Refused, match="weighed:weighed"):
        decide(found)

    assert decide(found, weighed=True).decision is None


def test_a_refusal_after_it_was_upheld_stops_what_rests_on_it_but_not_a_danger_now(found: Family) -> None:
    best, danger = decide(found), decide(found, DANGER)
    review(best, upheld=True)
    letter(found, override_id=best.id, letter=b"sealed", queued_at=clock.now())
    letter(found, "RF-2", override_id=danger.id, letter=b"sealed", queued_at=clock.now())

    stopped = says(found.one, found.child, found.to, ConsentAnswer.DECLINES)

    assert [one.ref for one in stopped] == ["RF-1"]
    shown = consents.towards(found.one, found.to)
    assert [one.row.id for one in shown.decisions if one.is_unweighed] == [best.id]
    assert shown.standing.without.id == danger.id


def test_where_everybody_agrees_nothing_is_decided_without_them(found: Family) -> None:
    all_agree(found)

    with pytest.raises(WrongState):
        decide(found)


@pytest.mark.parametrize("name", ["Sreyneang", "Sok"])
def test_a_reason_names_nobody_of_the_file(found: Family, name: str) -> None:
    case_steps.somebody(found.one, "Sok Dara")
    with pytest.raises(Refused, match="reason:names"):
        decide(found, reason=Reason(f"{name} is not safe tonight", WHY.shares))


def test_a_person_noted_by_what_they_are_to_the_child_is_no_name(found: Family) -> None:
    assert decide(found, reason=Reason("The aunt cannot be asked tonight.", WHY.shares)).id


def test_the_reason_is_sealed_and_every_read_is_on_record(found: Family) -> None:
    decision, manager = decide(found), boss()
    assert b"guardian" not in decision.body

    assert overrides.read(decision, by=manager) == WHY

    db.session.rollback()  # the read was recorded apart from this view of the store
    last = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (last.action, last.record, last.actor) == (overrides.READ, case_files.subject(found.one), manager.number)


def test_who_sees_a_decision(found: Family) -> None:
    decision = decide(found)
    stranger = case_steps.officer("bopha")
    assert overrides.get(decision.id, by=boss()) is decision
    assert overrides.get(decision.id, by=found.one.officer) is decision
    assert [one.row for one in overrides.list_waiting(by=boss())] == [decision]
    assert overrides.list_waiting(by=stranger) == []

    for who in (stranger, steps.team()[0]):
        with pytest.raises(NotFound):
            overrides.get(decision.id, by=who)
    with pytest.raises(NotFound):
        overrides.get(decision.id + 1, by=boss())


def test_what_waits_for_somebody_is_never_their_own(found: Family) -> None:
    decision = decide(found)
    counted = [overrides.count_waiting(by=who) for who in (boss(), found.one.officer, case_steps.officer("bopha"))]
    assert counted == [1, 0, 0]

    review(decision, upheld=False)

    assert overrides.count_waiting(by=boss()) == 0
    assert overrides.list_reviewed(by=boss()) == [decision]
    assert not overrides.may_open(decision, by=boss())
    assert overrides.may_open(decision, by=found.one.officer)


def test_a_draft_may_go_on_a_decision_and_what_left_on_consent_is_named_all_the_same(found: Family) -> None:
    all_agree(found)
    letter(found, "RF-2", means=ReferralMeans.PRINTED, sent_at=clock.now(), status=ReferralStatus.PENDING)
    says(found.one, found.child, found.to, ConsentAnswer.DECLINES)
    letter(found)
    assert [one.ref for one in consents.towards(found.one, found.to).stopped] == ["RF-1"]

    decide(found, DANGER, weighed=True)

    shown = consents.towards(found.one, found.to)
    assert (shown.stopped, [one.ref for one in shown.left]) == ((), ["RF-2"])
