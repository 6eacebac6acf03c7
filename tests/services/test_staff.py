"""People's names at the desk: found however they are typed, on both kinds of store."""

import pytest
from flask import Flask
from sqlalchemy import select, text

from hotline.errors import Refused
from hotline.extensions import db
from hotline.models import SignInCount
from hotline.services import schema, staff
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
