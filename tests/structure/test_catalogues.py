"""Every message in Khmer and in English: present, complete, with the same gaps, and compiled as it stands."""

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "hotline" / "translations"
LANGUAGES = ("km", "en")
KEYWORDS = DEFAULT_KEYWORDS | {"_in": ((1, "c"), 2), "_later": None}
GAP = re.compile(r"%\((\w+)\)[sd]|%[sd]")


@cache
def catalogue(language: str) -> Catalog:
    with _file(language, "po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


@cache
def used() -> dict[tuple[str | None, ...], str]:
    """Return every message of code and templates (context, words, plural), and a place where it is used."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = {}
    walk = extract_from_dir(str(ROOT), methods, options, keywords=KEYWORDS, directory_filter=_is_ours)
    for name, line, message, _, context in walk:
        found[(context, *message) if isinstance(message, tuple) else (context, message)] = f"{name}:{line}"
    return found


def _is_ours(folder: str) -> bool:
    """Whether messages can be in a folder; those of tools need not be walked through."""
    relative = os.path.relpath(folder, ROOT)
    return relative == "." or relative.split(os.sep)[0] == "hotline"


def _file(language: str, kind: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / f"messages.{kind}"


def messages(language: str) -> Iterator[Message]:
    return (message for message in catalogue(language) if message.id)


def words(found: str | tuple[str, ...] | list[str]) -> list[str]:
    return [found] if isinstance(found, str) else list(found)


def gaps(text: str) -> set[str]:
    return {found[0] for found in GAP.finditer(text)}


def test_messages_are_found() -> None:
    assert len(used()) > 100
    assert any(place.startswith("hotline/templates/public/") for place in used().values())
    assert any(place.endswith(".py") or ".py:" in place for place in used().values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_that_is_used_is_in_the_catalogue(language: str) -> None:
    known = catalogue(language)

    missing = {place: said[1] for said, place in used().items() if known.get(said[1], said[0]) is None}
    flattened = {place: said for said, place in used().items() if len(said) == 3 and not _is_plural(said, known)}

    assert missing == {}
    assert flattened == {}


def _is_plural(said: tuple[str | None, ...], known: Catalog) -> bool:
    found = known.get(said[1], said[0])
    return found is not None and found.id == said[1:]


def test_both_catalogues_hold_the_same_messages() -> None:
    khmer, english = ({str(message.id) for message in messages(language)} for language in LANGUAGES)

    assert khmer == english


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_is_left_empty_or_unsure(language: str) -> None:
    faults = [
        message.id
        for message in messages(language)
        if message.fuzzy or not all(text.strip() for text in words(message.string))
    ]

    assert faults == []


def test_khmer_is_khmer() -> None:
    """A message whose Khmer is its English word for word was forgotten, unless there is nothing in it to translate."""
    same = [
        message.id
        for message in messages("km")
        if message.string == message.id and re.search(r"[A-Za-z]{4}", GAP.sub("", str(message.id)))
    ]

    assert same == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_has_the_gaps_of_its_message(language: str) -> None:
    faults = {}
    for message in messages(language):
        wanted = [gaps(text) for text in words(message.id)]
        for form, text in enumerate(words(message.string)):
            allowed = wanted[min(form, len(wanted) - 1)] if language == "en" else wanted[-1]
            if gaps(text) != allowed:
                faults[str(message.id)] = text

    assert faults == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_stands_in_the_catalogue(language: str) -> None:
    compiled_file = _file(language, "mo")
    assert compiled_file.exists(), "make check compiles the catalogues"
    with compiled_file.open("rb") as file:
        compiled = {one_of(message): words(message.string) for message in read_mo(file) if message.id}

    assert compiled == {one_of(message): words(message.string) for message in messages(language)}


def one_of(message: Message) -> tuple[str, ...]:
    """Return what names a message: its context too (bytes in a compiled file), since «Yes» may mean two things."""
    context = message.context or ""
    return (context.decode() if isinstance(context, bytes) else context, *words(message.id))
