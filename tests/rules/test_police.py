"""What the police get, and what may become of a report: pure, by table."""

import hashlib
import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest

from hotline.rules import police
from hotline.rules.police import Contact, Evidence, Listed, Look, Package, Told
from hotline.vocabulary import PoliceStatus

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
LOOK = Look("A-01", NOW.isoformat(), "baseline", "illegal")
EVIDENCE = Evidence(NOW.isoformat(), "lookups", ("192.0.2.80",), "Example Telecom", abuse=("abuse@telecom.example",))
CALM = Listed(
    "I-222222",
    "https://a.example/1?q=ក",
    False,
    "csam",
    NOW.isoformat(),
    NOW.isoformat(),
    "baseline",
    "illegal",
    (LOOK, LOOK),
    EVIDENCE,
    (Told("Example Hosting", NOW.isoformat()),),
)
PRESSING = Listed(
    "I-333333", "https://b.example/2", True, "csam", NOW.isoformat(), NOW.isoformat(), "baseline", "illegal", (), None
)
PACKAGE = Package(
    "P-222222",
    "Example Unit",
    Contact("Hotline", "KH", "+855 1", "desk@hotline.example"),
    {"title": {"en": "Law"}, "doubt": {"en": "To confirm."}, "version": "2026-11"},
    police.in_order([CALM, PRESSING]),
    added="One line.",
)


def test_what_is_written_is_read_as_it_was() -> None:
    assert police.read(police.written(PACKAGE)) == PACKAGE


def test_danger_stands_first_and_the_rest_as_it_came() -> None:
    assert [one.reference for one in police.in_order([CALM, PRESSING, CALM])] == ["I-333333", "I-222222", "I-222222"]
    assert json.loads(police.written(PACKAGE))["child_in_danger"] is True


TEXTS = {"report.km.txt": "សម្រាប់មនុស្ស\n"}


def test_the_archive_names_the_sum_of_each_file_and_is_the_same_each_time() -> None:
    body = police.archive(PACKAGE, TEXTS)

    with zipfile.ZipFile(io.BytesIO(body)) as file:
        sums = dict(line.split("  ")[::-1] for line in file.read("SHA256SUMS").decode().splitlines())
        assert sums == {
            name: hashlib.sha256(file.read(name)).hexdigest()
            for name in ("report.km.txt", "report.json", "addresses.txt")
        }
        assert file.read("addresses.txt").decode() == "https://b.example/2\nhttps://a.example/1?q=ក\n"
    assert police.archive(PACKAGE, TEXTS) == body


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", ()),
        (" I-222222,i-333333\nI-222222;\t", ("I-222222", "I-333333")),
        ("nonsense I-222222", ("NONSENSE", "I-222222")),
    ],
)
def test_references_are_read_as_people_type_them(typed: str, found: tuple[str, ...]) -> None:
    assert police.refs_in(typed) == found


@pytest.mark.parametrize(
    ("refs", "added", "named", "faults"),
    [
        (("I-222222",), "", "", ()),
        (("I-222222",), "x" * 4_000, "x" * 1_000, ()),
        ((), "", "", (("items", "required"),)),
        (("X",), "", "", (("items", "unknown"),)),
        (tuple(f"I-{n:06}" for n in range(51)), "", "", (("items", "too_many"),)),
        (("I-222222",), "x" * 4_001, "x" * 1_001, (("added", "too_long"), ("named", "too_long"))),
    ],
)
def test_what_is_wrong_with_a_draft(refs, added, named, faults) -> None:
    assert police.draft_faults(refs, added=added, named=named) == faults


@pytest.mark.parametrize(
    ("to", "minutes", "faults"),
    [
        ("Officer", 0, ()),
        ("", 0, (("handed_to", "required"),)),
        ("x" * 201, 0, (("handed_to", "too_long"),)),
        ("Officer", None, (("at", "unknown"),)),
        ("Officer", 1, (("at", "future"),)),
        ("Officer", -61, (("at", "early"),)),
    ],
)
def test_what_is_wrong_with_a_handing_over(to, minutes, faults) -> None:
    at = None if minutes is None else NOW + timedelta(minutes=minutes)

    assert (
        police.hand_over_faults(to, at, now=NOW, approved_at=NOW - timedelta(hours=1) + timedelta(minutes=1)) == faults
    )


@pytest.mark.parametrize(
    ("identified", "safeguarded", "note", "faults"),
    [
        (0, 0, "", ()),
        (None, 1, "", (("identified", "number"),)),
        (1, 100_001, "", (("safeguarded", "number"),)),
        (1, 1, "x" * 4_001, (("note", "too_long"),)),
    ],
)
def test_what_is_wrong_with_feedback(identified, safeguarded, note, faults) -> None:
    assert police.feedback_faults(identified, safeguarded, note) == faults


@pytest.mark.parametrize(("days", "is_good"), [(None, False), (0, False), (1, True), (90, True), (91, False)])
def test_the_police_are_asked_again_on_a_day_ahead(days: int | None, is_good: bool) -> None:
    today = date(2026, 11, 26)
    day = None if days is None else today + timedelta(days=days)

    assert (police.review_faults(day, today) == ()) is is_good


def test_every_status_says_where_it_leads() -> None:
    assert set(police.MOVES) == set(PoliceStatus)
    assert not police.MOVES[PoliceStatus.CLOSED] | police.MOVES[PoliceStatus.WITHDRAWN]
