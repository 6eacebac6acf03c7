"""What may be typed of consultations and stakeholders, and which sectors a consultation meets."""

from datetime import UTC, date, datetime, timedelta

import pytest

from hotline.rules import consultations as rules
from hotline.rules import stakeholders
from hotline.rules.consultations import Present
from hotline.vocabulary import ConsultationPart, ConsultationState, Sector

NOW, TODAY = datetime(2026, 11, 26, 9, tzinfo=UTC), date(2026, 11, 26)
PLAN = {"title": "Talk", "way": "online", "place": "", "agenda": "", "language": "km", "invited": ["OR-1"]}
PERSON = {"name": "Sok", "office": "", "mailbox": "", "phone": "", "contact_since": None, "contact_by": ""}
AGREEMENT = {"title": "MoU", "paper": "A1", "parties": ["OR-1"], "expires_on": None, "review_on": None}


@pytest.mark.parametrize(
    ("last", "met"),
    [
        ({}, (Sector.GOVERNMENT, Sector.OTHERS)),
        ({Sector.GOVERNMENT: NOW - timedelta(days=1)}, (Sector.GOVERNMENT, Sector.OTHERS)),
        ({Sector.GOVERNMENT: NOW}, (Sector.OTHERS,)),
        ({Sector.GOVERNMENT: NOW, Sector.OTHERS: NOW + timedelta(1)}, ()),
        ({Sector.INDUSTRY: NOW + timedelta(1)}, (Sector.GOVERNMENT, Sector.OTHERS)),
    ],
)
def test_a_sector_is_met_by_who_came_unless_it_was_met_later(
    last: dict[Sector, datetime], met: tuple[Sector, ...]
) -> None:
    assert rules.newly_met([Sector.OTHERS, Sector.GOVERNMENT, Sector.OTHERS], last, NOW) == met


@pytest.mark.parametrize(
    ("held_at", "others", "faults"),
    [
        (NOW, 1, ()),
        (None, 1, (("held_on", "required"),)),
        (NOW + timedelta(minutes=1), 1, (("held_on", "ahead"),)),
        (NOW - timedelta(days=400), 1, (("held_on", "far"),)),
        (NOW, 0, (("present", "required"),)),
        (NOW, -1, (("present", "number"),)),
        (NOW, 1000, (("present", "number"),)),
    ],
)
def test_how_it_was_held(held_at: datetime | None, others: int, faults: tuple[tuple[str, str], ...]) -> None:
    assert rules.held_faults(held_at, [Present("OR-1", (), others)], NOW) == faults


@pytest.mark.parametrize(
    ("state", "parts"),
    [
        (ConsultationState.PLANNED, set()),
        (ConsultationState.HELD, {ConsultationPart.VIEW, ConsultationPart.DECISION, ConsultationPart.MINUTES}),
        (ConsultationState.CLOSED, {ConsultationPart.ADDITION}),
        (ConsultationState.CANCELLED, set()),
    ],
)
def test_what_is_written_in_which_state(state: ConsultationState, parts: set[ConsultationPart]) -> None:
    assert set(rules.parts_open(state)) == parts


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"title": "a"}, ("title", "length")),
        ({"title": "https://img-board.example/t/1"}, ("title", "address")),
        ({"place": "hxxps://meet.example/abc"}, ("place", "address")),
        ({"agenda": "x" * 2_001}, ("agenda", "too_long")),
        ({"invited": []}, ("invited", "required")),
        ({"starts_at": None}, ("starts_on", "required")),
        ({"starts_at": NOW + timedelta(days=1_000)}, ("starts_on", "far")),
    ],
)
def test_a_plan_that_is_wrong(change: dict[str, object], fault: tuple[str, str]) -> None:
    assert rules.judge_plan(**(PLAN | {"starts_at": NOW, "now": NOW} | change)) == (fault,)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"mailbox": "two@x.example, three@x.example"}, ("mailbox", "form")),
        ({"contact_by": "mail"}, ("contact_since", "required")),
        ({"contact_since": TODAY}, ("contact_by", "required")),
        ({"contact_by": "mail", "contact_since": TODAY + timedelta(1)}, ("contact_since", "ahead")),
    ],
)
def test_a_person_is_contacted_only_with_a_consent_that_has_a_day(
    change: dict[str, object], fault: tuple[str, str]
) -> None:
    assert stakeholders.judge_person(**(PERSON | {"today": TODAY} | change)) == (fault,)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"expires_on": TODAY}, ("expires_on", "order")),
        ({"signed_on": TODAY + timedelta(1)}, ("signed_on", "ahead")),
        ({"signed_on": None}, ("signed_on", "required")),
        ({"paper": ""}, ("paper", "required")),
    ],
)
def test_an_agreement_that_is_wrong(change: dict[str, object], fault: tuple[str, str]) -> None:
    assert stakeholders.judge_agreement(**(AGREEMENT | {"signed_on": TODAY, "today": TODAY} | change)) == (fault,)
