"""Loading the table of labels from a file, as an admin does."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select

from hotline.extensions import db
from hotline.models import AuditEntry
from hotline.services import labels

TABLE = 'section,code,name,definition,version\ndemographic,d1,"A name, with a comma",What it means,1\n'


@pytest.fixture
def commands(office: Flask) -> FlaskCliRunner:
    return office.test_cli_runner()


def test_there_are_none_until_a_table_is_loaded_and_what_is_listed_can_be_loaded(
    commands: FlaskCliRunner, tmp_path: Path
) -> None:
    table = tmp_path / "labels.csv"
    table.write_bytes(b"\xef\xbb\xbf" + TABLE.encode())
    before = written()

    empty = commands.invoke(args=["labels", "list"])
    loaded = commands.invoke(args=["labels", "import", str(table)])
    listed = commands.invoke(args=["labels", "list"])

    assert empty.output == TABLE.partition("\n")[0] + "\n"
    assert (loaded.exit_code, loaded.output) == (0, "1 loaded.\n")
    assert listed.output == TABLE
    assert written()[len(before) :] == ["loaded labels"]


def written() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"code,name\n", "The first line names the columns"),
        (TABLE.encode().replace(b"demographic", b"other"), "Some section is none of these"),
        ("section,ឈ្មោះ".encode("utf-16"), "The table is not UTF-8"),
    ],
)
def test_a_table_that_cannot_be_taken_is_refused_in_words_and_whole(
    commands: FlaskCliRunner, data: bytes, said: str
) -> None:
    answer = commands.invoke(args=["labels", "import", "-"], input=data)

    assert answer.exit_code == 1
    assert said in answer.output
    assert labels.current().count == 0
