"""Choosing a language, and what is left for a native speaker to read."""

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from flask import Flask

from hotline import i18n
from hotline.vocabulary import Language


@pytest.fixture
def catalogue(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Catalog(locale="km")
    made.add("Thank you", "សូមអរគុណ", user_comments=["native-review"])
    made.add(("%(num)s link", "%(num)s links"), ("តំណ %(num)s",), user_comments=["native-review"], context="count")
    made.add("Send", "ផ្ញើ")
    folder = tmp_path / "km" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.po").open("wb") as file:
        write_po(file, made)
    monkeypatch.setattr(i18n, "CATALOGUES", tmp_path)


@pytest.mark.usefixtures("catalogue")
def test_what_nobody_has_read_is_listed_and_what_somebody_has_is_not() -> None:
    assert i18n.list_unread(Language.KM) == [
        ("", "Thank you", "សូមអរគុណ"),
        ("count", "%(num)s link", "តំណ %(num)s"),
    ]


@pytest.mark.usefixtures("catalogue")
def test_the_command_lists_it_with_its_english(bare_office: Flask) -> None:
    said = bare_office.test_cli_runner().invoke(args=["translations", "review"])

    assert said.exit_code == 0
    assert said.output.splitlines() == [
        "Thank you",
        "    សូមអរគុណ",
        "[count] %(num)s link",
        "    តំណ %(num)s",
        "2 to read. Take the comment 'native-review' away from what has been read.",
    ]
