"""What the police are told of a victim: kept, read again, and what of it leaves."""

import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest

from hotline.rules import identifications as rules
from hotline.rules.identifications import Named, Package, Sender
from hotline.vocabulary import HandedBy, PersonPart, Share

TODAY = date(2026, 11, 3)
NOW = datetime(2026, 11, 3, 8, tzinfo=UTC)
PACKAGE = Package(
    reference="VP-234567",
    unit="Example Unit",
    sender=Sender("Hotline", "Cambodia", "+855 23 000 000", "A-04"),
    told={"name": "Chan Sreyneang", "age": "15"},
    named=(
        Named(7, PersonPart.FAMILY, is_suspect=True, name="Sok Dara", relation="uncle"),
        Named(8, PersonPart.GUARDIAN, is_suspect=False, name="the aunt"),
    ),
    words="quiet words",
    links=("L-234567",),
    written_on="2026-11-03",
    shares=(Share.NAME, Share.AGE, Share.STORY),
    people_chosen=(7, 8, 9),
)


def test_a_package_is_read_as_it_was_written() -> None:
    assert rules.read(rules.written(PACKAGE)) == PACKAGE


def test_what_is_ours_does_not_leave() -> None:
    told = json.loads(rules.leaving(PACKAGE))

    assert not {"shares", "people_chosen"} & told.keys()
    assert all("number" not in one for one in told["named"])
    assert (told["links"], told["named"][0]["name"], told["named"][0]["is_suspect"]) == (["L-234567"], "Sok Dara", True)


def test_the_archive_holds_it_for_machines_and_for_people() -> None:
    file = zipfile.ZipFile(io.BytesIO(rules.archive(PACKAGE, "for people\n")))

    assert set(file.namelist()) == {"victim.json", "victim.txt", "SHA256SUMS"}
    assert file.read("victim.txt") == b"for people\n"
    assert rules.archive(PACKAGE, "x") == rules.archive(PACKAGE, "x")


@pytest.mark.parametrize(
    ("allowed", "is_suspect", "may"),
    [
        ((Share.STORY,), True, True),
        ((Share.FAMILY,), True, False),
        ((Share.FAMILY,), False, True),
        ((Share.STORY,), False, False),
        ((), True, False),
    ],
)
def test_people_are_named_as_far_as_was_agreed(allowed: tuple[Share, ...], is_suspect: bool, may: bool) -> None:
    assert rules.may_name(allowed, is_suspect=is_suspect) is may


@pytest.mark.parametrize(
    ("means", "at", "has_key", "fault"),
    [
        ("", NOW, True, ("handed_by", "required")),
        (HandedBy.ENCRYPTED_MAIL, NOW, False, ("handed_by", "no_key")),
        (HandedBy.IN_PERSON, None, False, ("at", "unknown")),
        (HandedBy.IN_PERSON, NOW + timedelta(minutes=1), False, ("at", "future")),
        (HandedBy.IN_PERSON, NOW - timedelta(days=1), False, ("at", "early")),
        (HandedBy.PORTAL, NOW, False, None),
    ],
)
def test_handing_over_is_judged(means: str, at: datetime | None, has_key: bool, fault: tuple[str, str] | None) -> None:
    since = NOW - timedelta(hours=1)

    assert rules.hand_over_faults(means, at, has_key=has_key, now=NOW, since=since) == ((fault,) if fault else ())


@pytest.mark.parametrize(
    ("until", "is_wrong"),
    [(None, True), (TODAY, True), (TODAY + timedelta(days=1), False), (TODAY + timedelta(days=91), True)],
)
def test_a_wait_ends_on_a_day_that_is_not_far(until: date | None, is_wrong: bool) -> None:
    assert bool(rules.hold_faults(until, TODAY)) is is_wrong


@pytest.mark.parametrize(
    ("found", "on", "fields"),
    [
        ("identified", TODAY, []),
        ("", TODAY, ["found"]),
        ("identified", None, ["found_on"]),
        ("identified", TODAY + timedelta(days=1), ["found_on"]),
        ("identified", TODAY - timedelta(days=2), ["found_on"]),
    ],
)
def test_what_was_found_has_a_day_since_the_police_know(found: str, on: date | None, fields: list[str]) -> None:
    wrong = rules.found_faults(found, on, today=TODAY, since=TODAY - timedelta(days=1))

    assert [field for field, _code in wrong] == fields
