"""What ICCAM is told: planned from what two people found, in its order, each once, by hand or by the connector."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from hotline import clock
from hotline.errors import Forbidden, GateClosed, Refused, WrongState
from hotline.extensions import db
from hotline.gateways.iccam import IccamFault
from hotline.models import IccamEntry, IccamRecord, Item, PoliceReport
from hotline.rules import iccam as rule
from hotline.rules.hosting import Account, NetworkFacts
from hotline.services import assessments, claims, demo, hosting, iccam, items, police, staff
from hotline.transactions import writing
from hotline.vocabulary import (
    AgeGroup,
    ContentType,
    Extent,
    HandedBy,
    IccamAction,
    IccamState,
    IccamStep,
    ItemOutcome,
    ItemStatus,
    SiteType,
    YesNo,
)
from tests.services import police_steps, steps

NOW = "2026-11-26T10:00:00+00:00"
SETTLED = replace(
    demo.ILLEGAL,
    ai=Extent.NO,
    self_generated=YesNo.NO,
    child_modelling=YesNo.YES,
    commercial=YesNo.NO,
    site_type=SiteType.BLOG,
)


class Told:
    """A twin of the connector that remembers, and fails as a test wants."""

    def __init__(self, *faults: IccamFault | None) -> None:
        self.said: list[tuple[str, object]] = []
        self.faults = list(faults)

    def _hear(self, what: str, facts: object) -> None:
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        self.said.append((what, facts))

    def report(self, body, address):
        self._hear("report", body)
        return 4711, 47110

    def assess(self, content_no, body):
        self._hear("assess", (content_no, body))

    def set_field(self, report_no, field, code):
        self._hear(field, (report_no, code))

    def act(self, content_no, body):
        self._hear("act", (content_no, body))

    def move(self, content_no, country):
        self._hear("move", (content_no, country))


@pytest.fixture
def item(office: Flask) -> Item:
    return steps.looked_at_twice(SETTLED)


def begun(item: Item) -> IccamRecord:
    with writing():
        return iccam.begin(item, "", "", by=steps.team()[0])


def fields(item: Item) -> list[tuple[str, str, IccamState]]:
    db.session.rollback()
    return [(one.step, one.field, one.state) for one in iccam.get(item).entries]


def test_the_steps_stand_in_the_order_that_iccam_asks_for(item: Item) -> None:
    begun(item)

    due = IccamState.DUE
    assert fields(item) == [
        ("report", "report", due),
        ("assessment", "assessment", due),
        ("field", "sourceUrlSiteType", due),
        ("field", "sourceUrlCommerciality", due),
    ]
    assessment = iccam.get(item).entries[1]
    assert iccam.code_of(assessment) == {
        "classification": 1,
        "ageCategorization": 3,
        "genderCategorization": 2,
        "virtualContentCategorization": False,
        "userGeneratedContentCategorization": False,
        "childModelingCategorization": True,
    }
    with pytest.raises(WrongState):
        begun(item)


def test_what_a_person_types_in_follows_the_order(item: Item) -> None:
    first = steps.team()[0]
    entries = begun(item).entries
    with pytest.raises(WrongState), writing():
        iccam.record_typed(item, entries[1], "", "", by=first)
    for wrong in (("", ""), ("4711", ""), ("x", "1"), ("0x10", "5"), ("-1", "4"), ("99999999999", "4")):
        with pytest.raises(Refused), writing():
            iccam.record_typed(item, iccam.get(item).entries[0], *wrong, by=first)

    for number in range(len(iccam.get(item).entries)):
        with writing():
            iccam.record_typed(item, iccam.get(item).entries[number], "4711", "47110", by=first)

    assert {state for _, _, state in fields(item)} == {IccamState.RECORDED}
    assert (iccam.get(item).report_no, iccam.get(item).content_no) == (4711, 47110)
    with pytest.raises(WrongState), writing():
        iccam.record_typed(item, iccam.get(item).entries[2], "", "", by=first)


def test_the_database_holds_the_order_too(item: Item) -> None:
    begun(item)
    entries = {one.field: one.id for one in iccam.get(item).entries}
    done = {"state": IccamState.SENT, "done_at": clock.now()}

    def change(field: str, **values: object) -> None:
        with writing():
            db.session.execute(update(IccamEntry).where(IccamEntry.id == entries[field]).values(**values))

    for field in ("assessment", "sourceUrlSiteType"):
        with pytest.raises(IntegrityError):
            change(field, **done)
    with pytest.raises(IntegrityError):
        change("report", state=IccamState.SENT)  # without a time
    change("report", **done)
    with pytest.raises(IntegrityError):
        change("report", state=IccamState.DUE, done_at=None)
    with pytest.raises(IntegrityError):
        change("assessment", inhope_class="not_illegal")
    for field in ("assessment", "sourceUrlSiteType", "sourceUrlCommerciality"):
        change(field, **done)
    with writing():
        acted = iccam.add_action(item, "removed", "", by=steps.team()[0])
        entries["Removed"] = acted.id
    change("Removed", **done)
    copied = iccam.get(item).entries[2]
    late = IccamEntry(
        item_id=item.id,
        verdict_id=copied.verdict_id,
        inhope_class=copied.inhope_class,
        law=copied.law,
        step=IccamStep.FIELD,
        field="sourceUrlPaymentMethods",
        place=29,
        code=copied.code,
        state=IccamState.DUE,
        due_at=clock.now(),
    )
    with pytest.raises(IntegrityError), writing():
        db.session.add(late)


def test_an_action_stands_once_and_with_a_reason_where_it_has_one(item: Item) -> None:
    begun(item)
    first = steps.team()[0]
    with writing():
        gone = iccam.add_action(item, "unavailable", "link_expired", by=first)
        isp = iccam.add_action(item, "reported_to_isp", "", by=first)

    assert iccam.code_of(gone) == {"actionType": 4, "reasonId": 8, "reasonText": "LinkExpired"}
    assert iccam.code_of(isp) == {"actionType": 2}
    assert gone.place < isp.place
    for wrong, fault in (
        (("unavailable", "link_expired"), "taken"),
        (("not_illegal", ""), "required"),
        (("x", ""), "required"),
    ):
        with pytest.raises(Refused, match=fault), writing():
            iccam.add_action(item, *wrong, by=first)
    assert len(rule.REASON_NAMES) == len(rule.reasons(IccamAction.NOT_ILLEGAL)) == 21


def test_the_block_is_in_iccams_fields_and_bears_no_name(item: Item) -> None:
    first = steps.team()[0]
    begun(item)
    with writing():
        iccam.add_action(item, "removed", "", by=first)
    with writing():
        text = iccam.companion(item, by=first)

    lines = text.splitlines()
    assert lines[0] == f"reportingAnalystName: {first.number}"
    assert lines[2] == f"hotlineReference: {item.ref}"
    assert "  urlString: https://img-board.example/t/1" in lines
    assert "  virtualContentCategorization: false" in lines
    assert (
        text.index("sourceUrlSiteType: 22")
        < text.index("urlString")
        < text.index("classification: 1")
        < text.index("actionType: 3")
    )
    assert first.name not in text
    assert items.times_shown_live(item) == 1


def test_what_has_no_code_is_a_question_for_a_person(office: Flask) -> None:
    item = steps.looked_at_twice(replace(SETTLED, ai=Extent.ALTERED))
    begun(item)
    with writing():
        text = iccam.companion(item, by=steps.team()[0])

    assert "  virtualContentCategorization: ?" in text.splitlines()
    told = Told()
    iccam.send_steps(item.id, client=told)
    assert [what for what, _ in told.said] == ["report"]
    assert [(one.state, one.fault) for one in iccam.get(item).entries][1] == (IccamState.FAILED, "unsettled")


def test_nothing_begins_before_two_people_agreed_or_for_what_iccam_may_not_be_told(office: Flask) -> None:
    fresh = steps.new_item("https://store-7.example/g/2", nonce="two")
    with pytest.raises(GateClosed):
        begun(fresh)
    held = steps.looked_at_twice(SETTLED)
    with writing():
        held.status = ItemStatus.HELD
    with pytest.raises(GateClosed):
        begun(held)


def test_the_connector_tells_each_step_once(item: Item) -> None:
    begun(item)
    with writing():
        iccam.add_action(item, "reported_to_isp", "", by=steps.team()[0])
    told = Told()

    iccam.send_steps(item.id, client=told)
    iccam.send_steps(item.id, client=told)

    assert [what for what, _ in told.said] == ["report", "assess", "sourceUrlSiteType", "sourceUrlCommerciality", "act"]
    assert told.said[1][1][0] == 47110
    assert told.said[2][1] == (4711, 22)
    assert {state for _, _, state in fields(item)} == {IccamState.SENT}
    assert "sophea" not in json.dumps([facts for _, facts in told.said]).lower()


def test_a_fault_that_passes_is_tried_again_and_one_that_may_have_worked_waits_for_a_person(item: Item) -> None:
    begun(item)
    told = Told(IccamFault("unreached", permanent=False), IccamFault("uncertain", permanent=True))

    iccam.send_steps(item.id, client=told)
    assert fields(item)[0][2] is IccamState.DUE
    iccam.send_steps(item.id, client=told)
    assert fields(item)[0][2] is IccamState.FAILED
    iccam.send_steps(item.id, client=told)
    assert told.said == []

    entry = iccam.get(item).entries[0]
    assert entry.fault == "uncertain"
    with writing():  # a person has looked: it is there
        iccam.record_typed(item, iccam.get(item).entries[0], "4711", "47110", by=steps.team()[0])
    iccam.send_steps(item.id, client=told)
    assert [what for what, _ in told.said][:1] == ["assess"]


def test_a_step_in_hand_is_nobody_elses_and_one_never_finished_waits_for_a_person(
    item: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(item)
    with writing():
        db.session.execute(update(IccamEntry).where(IccamEntry.step == IccamStep.REPORT).values(taken_at=clock.now()))
    told = Told()
    iccam.send_steps(item.id, client=told)
    assert (told.said, fields(item)[0][2]) == ([], IccamState.DUE)
    with pytest.raises(WrongState), writing():
        iccam.record_typed(item, iccam.get(item).entries[0], "1", "2", by=steps.team()[0])

    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    iccam.send_steps(item.id, client=told)

    assert (told.said, fields(item)[0][2]) == ([], IccamState.FAILED)


def test_held_is_held_for_iccam_too(item: Item) -> None:
    begun(item)
    with writing():
        db.session.execute(update(Item).values(status=ItemStatus.HELD))
    told = Told()

    iccam.send_steps(item.id, client=told)

    assert told.said == []


@pytest.mark.parametrize("status", [ItemStatus.HELD, ItemStatus.ASSESSING, ItemStatus.IN_REVIEW, ItemStatus.CLOSED])
def test_nothing_goes_and_no_address_is_shown_while_nothing_may_leave(item: Item, status: ItemStatus) -> None:
    begun(item)
    first = steps.team()[0]
    with writing():
        db.session.execute(update(Item).values(status=status))
    told = Told()

    iccam.send_steps(item.id, client=told)
    with pytest.raises(GateClosed), writing():
        iccam.companion(item, by=first)

    assert told.said == []
    assert items.times_shown_live(item) == 0
    with writing():  # what a person has typed in can be noted all the same
        iccam.record_typed(item, iccam.get(item).entries[0], "4711", "47110", by=first)
    assert fields(item)[0][2] is IccamState.RECORDED


def test_what_is_held_after_it_was_taken_is_not_told(item: Item, monkeypatch: pytest.MonkeyPatch) -> None:
    begun(item)
    take = iccam._take

    def take_and_hold(item_id: int) -> int | None:
        taken = take(item_id)
        db.session.execute(update(Item).values(status=ItemStatus.HELD))
        return taken

    monkeypatch.setattr(iccam, "_take", take_and_hold)
    told = Told()
    iccam.send_steps(item.id, client=told)

    assert (told.said, fields(item)[0][2]) == ([], IccamState.DUE)
    assert iccam.get(item).entries[0].taken_at is None


def test_what_two_people_saw_differently_is_a_question_for_a_person(office: Flask) -> None:
    item = steps.new_item()
    first, second, _ = steps.team()
    with writing():
        claims.claim(item, by=first)
        assessments.first_look(item, SETTLED, by=first)
    with writing():
        assessments.take_review(item, by=second)
        found = replace(SETTLED, age=AgeGroup.INFANT, site_type=SiteType.FORUM)
        assert assessments.second_look(item, found, by=second)
    begun(item)

    codes = {name: code for one in iccam.get(item).entries for name, code in iccam.code_of(one).items()}

    assert (codes["ageCategorization"], codes["sourceUrlSiteType"]) == (None, None)
    assert codes["genderCategorization"] == 2
    told = Told()
    iccam.send_steps(item.id, client=told)
    assert [what for what, _ in told.said] == ["report"]


def test_a_code_that_is_to_confirm_is_a_question_for_a_person(office: Flask) -> None:
    item = steps.looked_at_twice(replace(SETTLED, content_type=ContentType.MEDIA))
    begun(item)
    told = Told()

    iccam.send_steps(item.id, client=told)

    assert told.said == []
    assert fields(item)[0][2] is IccamState.FAILED


def test_only_a_reviewer_sends_and_only_where_the_connector_is_on(item: Item) -> None:
    begun(item)
    with pytest.raises(WrongState), writing():
        iccam.send(item, by=steps.team()[0])
    with pytest.raises(Forbidden), writing():
        iccam.send(item, by=staff.get_by_name("kunthea"))


ACCOUNT = Account(
    networks=(
        NetworkFacts(
            NOW, "198.51.100.7", name="EXAMPLE-NET", org="Example Hosting B.V.", country="NL", systems=(64511,)
        ),
    )
)


def test_the_report_says_who_hosts_it_by_iccams_fields(item: Item) -> None:
    begun(item)
    with writing():
        hosting.keep(item, ACCOUNT)
        item.country = "NL"
    told = Told()

    iccam.send_steps(item.id, client=told)

    (url,) = told.said[0][1]["urls"]
    assert {name: value for name, value in url.items() if name.startswith("hosting")} == {
        "hostingCountryCode": "NL",
        "hostingIpAddress": "198.51.100.7",
        "hostingIsp": "EXAMPLE-NET",
        "hostingOrganization": {"organizationName": "Example Hosting B.V."},
    }
    assert "memo" not in url


def test_the_block_says_who_hosts_it_and_leaves_the_memo_to_a_person(item: Item) -> None:
    begun(item)
    with writing():
        hosting.keep(item, ACCOUNT)
    with writing():
        block = iccam.companion(item, by=steps.team()[0]).splitlines()

    assert "  hostingIpAddress: 198.51.100.7" in block
    assert "  hostingIsp: EXAMPLE-NET" in block
    assert "  hostingOrganization: organizationName: Example Hosting B.V." in block
    assert [line for line in block if "memo" in line] == ["memo:", "  memo:"]


def test_an_address_that_was_looked_up_long_ago_is_not_named(item: Item) -> None:
    begun(item)
    with writing():
        hosting.keep(item, ACCOUNT, hours_ago=48)
    with writing():
        block = iccam.companion(item, by=steps.team()[0])

    assert "198.51.100.7" not in block
    assert "  hostingIsp: EXAMPLE-NET" in block


def test_where_nobody_knows_who_hosts_it_nothing_is_said_of_that(item: Item) -> None:
    begun(item)
    told = Told()

    iccam.send_steps(item.id, client=told)

    (url,) = told.said[0][1]["urls"]
    assert not [name for name in url if name.startswith("hosting")]


def test_iccam_is_told_of_the_police_only_once_a_report_was_handed_over(item: Item) -> None:
    begun(item)
    police_steps.approved(item)
    with pytest.raises(Refused, match="action:police"), writing():
        iccam.add_action(item, "reported_to_lea", "", by=steps.team()[0])
    assert not iccam.may_add(item, IccamAction.REPORTED_TO_LEA)
    with writing():
        report = db.session.scalars(select(PoliceReport)).one()
        police.hand_over(report, HandedBy.IN_PERSON, "Officer at the desk", clock.now(), by=steps.team()[0])

    with writing():
        assert iccam.add_action(item, "reported_to_lea", "", by=steps.team()[0]).field == "ReportedToLEA"


def test_what_was_handed_to_the_police_is_suggested(item: Item) -> None:
    begun(item)
    police_steps.approved(item)
    assert iccam.suggested(item) == []
    with writing():
        report = db.session.scalars(select(PoliceReport)).one()
        police.hand_over(report, HandedBy.IN_PERSON, "Officer at the desk", clock.now(), by=steps.team()[0])

    assert iccam.suggested(item) == [IccamAction.REPORTED_TO_LEA]


def test_what_came_from_iccam_is_assessed_and_acted_on_but_not_reported_again(item: Item) -> None:
    first = steps.team()[0]
    with writing():
        iccam.begin(item, "815", "8150", by=first)
    with writing():
        items.close(item, ItemOutcome.REMOVED, by=first)

    assert fields(item)[0][0] == "assessment"
    assert iccam.get(item).came_from_there
    assert iccam.suggested(item) == [IccamAction.REMOVED]
    assert db.session.scalars(select(IccamEntry.step)).all().count(IccamStep.REPORT) == 0


def test_a_step_is_tried_for_days_from_its_first_try_not_from_when_it_was_planned(
    item: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(item)
    now = clock.now()
    told = Told(*(IccamFault("unreached", permanent=False) for _ in range(3)))

    for days, state in ((7, IccamState.DUE), (9, IccamState.DUE), (11, IccamState.FAILED)):
        monkeypatch.setattr(clock, "now", lambda days=days: now + timedelta(days=days))
        iccam.send_steps(item.id, client=told)
        assert fields(item)[0][2] is state

    entry = iccam.get(item).entries[0]
    monkeypatch.setattr(iccam, "is_on", lambda: True)
    with writing():
        iccam.try_again(item, db.session.get(IccamEntry, entry.id), by=steps.team()[1])
    told.faults = [IccamFault("unreached", permanent=False)]
    iccam.send_steps(item.id, client=told)
    assert fields(item)[0][2] is IccamState.DUE


def test_how_a_closed_item_ended_is_told_and_nothing_else_of_it(item: Item) -> None:
    begun(item)
    told = Told()
    iccam.send_steps(item.id, client=told)
    closed = {"status": ItemStatus.CLOSED, "outcome": ItemOutcome.REMOVED}
    with writing():
        db.session.execute(update(Item).values(**closed))
    with writing():
        iccam.add_action(db.session.get(Item, item.id), "removed", "", by=steps.team()[0])

    iccam.send_steps(item.id, client=told)

    assert [what for what, _ in told.said][-1] == "act"
    assert {state for _, _, state in fields(item)} == {IccamState.SENT}


def test_what_was_withdrawn_is_not_told_by_the_connector(item: Item) -> None:
    begun(item)
    told = Told()
    iccam.send_steps(item.id, client=told)
    with writing():
        iccam.add_action(db.session.get(Item, item.id), "removed", "", by=steps.team()[0])
        db.session.execute(update(Item).values(status=ItemStatus.CLOSED, outcome=ItemOutcome.WITHDRAWN))

    iccam.send_steps(item.id, client=told)

    assert fields(item)[-1][2] is IccamState.DUE
