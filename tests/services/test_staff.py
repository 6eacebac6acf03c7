"""People's names at the desk: found however they are typed, on both kinds of store."""

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from hotline import clock
from hotline.errors import Refused
from hotline.extensions import db
from hotline.models import AuditEntry, SignInCount
from hotline.services import audit, schema, staff
from hotline.transactions import writing
from hotline.vocabulary import Language, Role

PASSWORD = "seven quiet lamps on a shelf"


def add(name: str) -> str:
    with writing():
        return staff.add(name, PASSWORD, [Role.ANALYST], language=Language.EN, by=None).number


@pytest.mark.parametrize("typed", ["Élise", "élise", "ÉLISE", "E\u0301lise", "Éli\u200bse"])
def test_a_person_signs_in_however_the_name_is_typed(office: Flask, typed: str) -> None:
    number = add("Élise")

    assert staff.authenticate(typed, PASSWORD).number == number


@pytest.mark.parametrize("again", ["Élise", "ÉLISE", "E\u0301lise"])
def test_a_name_is_given_once_however_it_is_typed(office: Flask, again: str) -> None:
    add("Élise")

    with pytest.raises(Refused, match="name:taken"):
        add(again)


@pytest.mark.parametrize("name", ["", "a", "\u200b\u200b\u200b", "a" * 61])
def test_a_name_that_nobody_can_read_or_write_down_is_refused(office: Flask, name: str) -> None:
    with pytest.raises(Refused, match="name:length"):
        add(name)


@pytest.mark.parametrize("typed", ["a\0b", "\0", "\ud800"])
def test_what_no_database_can_hold_is_nobodys_name(office: Flask, typed: str) -> None:
    with pytest.raises(Refused, match="name:wrong"):
        staff.authenticate(typed, "x")


def test_failures_count_for_a_name_however_it_is_typed(office: Flask) -> None:
    add("Élise")
    for typed in ("Élise", "élise", "ÉLISE", "E\u0301lise", "Éli\u200bse"):
        with pytest.raises(Refused, match="name:wrong"):
            staff.authenticate(typed, "wrong")

    db.session.rollback()  # see what was counted meanwhile
    assert db.session.scalars(select(SignInCount.failures)).all() == [5]


def refused(name: str) -> None:
    with pytest.raises(Refused, match="name:wrong"):
        staff.authenticate(name, "wrong")


def test_names_that_nobody_has_are_noted_once_an_hour_with_how_many_they_were(
    office: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = add("Élise")
    now = clock.now()
    for one in range(50):
        refused(f"made up {one}")
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=1, minutes=1))
    refused("made up at last")
    refused("Élise")

    db.session.rollback()
    noted = audit.of_action("staff unknown", "sign-in failed")
    assert [json.loads(one.details)["failures"] for one in noted] == [1, 50]
    assert db.session.scalar(select(AuditEntry.record).order_by(AuditEntry.id.desc()).limit(1)) == f"staff {number}"
    assert audit.verify()[1] is None


def test_what_failed_is_forgotten_a_day_after_the_last_time(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    add("Élise")
    began = clock.now()
    for name in ("made up", "another", "Élise", "Élise"):
        refused(name)
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(hours=23))
    refused("another")
    staff.forget_failures()
    assert failures() == [0, 1, 2, 2]

    monkeypatch.setattr(clock, "now", lambda: began + timedelta(hours=25))
    staff.forget_failures()

    assert failures() == [0, 2]  # that of the names together, and the one that was tried in the evening
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(hours=49))
    staff.forget_failures()
    assert failures() == [0]


def failures() -> list[int]:
    db.session.rollback()
    return sorted(db.session.scalars(select(SignInCount.failures)))


def test_two_people_of_one_key_from_before_are_told_apart_by_number(bare_office: Flask) -> None:
    schema.run("desk", "upgrade", "0006")
    with db.engine.begin() as connection:
        for name, number in (("Élise", "A-01"), ("élise", "A-02"), ("Dara", "A-03")):
            connection.execute(
                text(
                    "INSERT INTO staff (name, number, password_hash, language, active, created_at)"
                    " VALUES (:name, :number, :hash, 'en', true, '2026-01-01')"
                ),
                {"name": name, "number": number, "hash": staff.HASHER.hash(PASSWORD)},
            )
    schema.upgrade()

    assert [(one.name, one.name_key) for one in staff.list_staff()] == [
        ("Élise", "élise"),
        ("élise A-02", "élise a-02"),
        ("Dara", "dara"),
    ]
    assert staff.authenticate("ÉLISE a-02", PASSWORD).number == "A-02"
