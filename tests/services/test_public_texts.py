"""The notice line: who may not write what, where it is kept, and what the audit trail says of it."""

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from hotline.errors import Refused, StorageFull
from hotline.extensions import db
from hotline.models import AuditEntry, PublicText
from hotline.services import audit, public_texts, staff
from hotline.transactions import apart, front_engine, writing
from hotline.vocabulary import Language, Role, TextKey

CLOSED = "Our telephone is closed on 9 November"


@pytest.fixture
def commands(office: Flask) -> FlaskCliRunner:
    return office.test_cli_runner()


def stored() -> list[str]:
    with apart(front_engine()) as session:
        return list(session.scalars(select(PublicText.text)))


def last_entry() -> AuditEntry:
    return db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).all()[0]


def test_each_language_has_a_line_of_its_own(office: Flask) -> None:
    with writing():
        public_texts.write(TextKey.NOTICE, CLOSED, Language.EN, by=None)
        public_texts.write(TextKey.NOTICE, "ទូរស័ព្ទយើងបិទ", Language.KM, by=None)

    assert public_texts.find(TextKey.NOTICE, Language.EN) == CLOSED
    assert public_texts.find(TextKey.NOTICE, Language.KM) == "ទូរស័ព្ទយើងបិទ"


def test_a_new_line_takes_the_place_of_the_old(office: Flask) -> None:
    for line in ("Old", CLOSED):
        with writing():
            public_texts.write(TextKey.NOTICE, line, Language.EN, by=None)

    assert stored() == [CLOSED]


def test_a_cleared_line_is_gone_and_clearing_again_does_no_harm(office: Flask) -> None:
    with writing():
        public_texts.write(TextKey.NOTICE, CLOSED, Language.EN, by=None)
    for _ in range(2):
        with writing():
            public_texts.clear(TextKey.NOTICE, Language.EN, by=None)

    assert public_texts.find(TextKey.NOTICE, Language.EN) is None
    assert stored() == []


def test_a_line_is_kept_as_typed_and_cleaned_when_it_is_read(office: Flask) -> None:
    with writing():
        public_texts.write(TextKey.NOTICE, " <b>Q & A</b> ", Language.EN, by=None)

    assert stored() == ["<b>Q & A</b>"]
    assert public_texts.find(TextKey.NOTICE, Language.EN) == "Q & A"


@pytest.mark.parametrize(
    ("line", "code"), [("", "required"), (" \n", "required"), ("<p></p>", "required"), ("x" * 301, "too_long")]
)
def test_a_line_that_would_not_show_or_not_fit_is_refused(office: Flask, line: str, code: str) -> None:
    with pytest.raises(Refused) as refusal, writing():
        public_texts.write(TextKey.NOTICE, line, Language.EN, by=None)

    assert refusal.value.faults == (("text", code),)
    assert stored() == []


def test_the_longest_line_fits_in_khmer_too(office: Flask) -> None:
    with writing():
        public_texts.write(TextKey.NOTICE, "ក" * 300, Language.KM, by=None)

    assert public_texts.find(TextKey.NOTICE, Language.KM) == "ក" * 300


def test_the_store_itself_refuses_a_longer_line(office: Flask) -> None:
    with writing():
        public_texts.write(TextKey.NOTICE, CLOSED, Language.EN, by=None)

    with pytest.raises(IntegrityError, match="short"), apart(front_engine()) as session:
        session.execute(text("UPDATE public_texts SET text = :text"), {"text": "x" * 301})


def test_the_audit_trail_names_the_person_and_never_the_words(office: Flask) -> None:
    with writing():
        person = staff.add("A newcomer", "a long pass phrase", [Role.MANAGER], language=Language.EN, by=None)
        public_texts.write(TextKey.NOTICE, CLOSED, Language.EN, by=person)

    entry = last_entry()
    assert (entry.actor, entry.action, entry.record) == (person.number, "changed", "public text notice")
    assert "telephone" not in (entry.details or "")
    assert audit.verify()[1] is None


def test_a_line_that_cannot_be_audited_is_not_shown(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise StorageFull("the desk's store cannot be written")

    monkeypatch.setattr(audit, "record", full)

    with pytest.raises(StorageFull), writing():
        public_texts.write(TextKey.NOTICE, CLOSED, Language.EN, by=None)
    assert stored() == []


def test_a_store_that_cannot_be_read_says_so(office: Flask) -> None:
    with apart(front_engine()) as session:
        session.execute(text("DROP TABLE public_texts"))

    with pytest.raises(StorageFull):
        public_texts.find(TextKey.NOTICE, Language.EN)


def test_an_operator_sets_shows_and_clears_the_line(commands: FlaskCliRunner) -> None:
    assert commands.invoke(args=["notice", "set", "--lang", "en", CLOSED]).exit_code == 0
    shown = commands.invoke(args=["notice", "show"])
    assert shown.output == f"km: (none)\nen: {CLOSED}\n"

    assert commands.invoke(args=["notice", "clear"]).exit_code == 0
    assert commands.invoke(args=["notice", "show"]).output == "km: (none)\nen: (none)\n"


def test_clearing_one_language_leaves_the_other(commands: FlaskCliRunner) -> None:
    for lang in ("km", "en"):
        commands.invoke(args=["notice", "set", "--lang", lang, CLOSED])

    commands.invoke(args=["notice", "clear", "--lang", "km"])

    assert commands.invoke(args=["notice", "show"]).output == f"km: (none)\nen: {CLOSED}\n"


def test_a_refused_line_is_one_plain_message(commands: FlaskCliRunner) -> None:
    answer = commands.invoke(args=["notice", "set", "--lang", "en", "x" * 301])

    assert answer.exit_code == 1
    assert "Traceback" not in answer.output
    assert "too_long" in answer.output
