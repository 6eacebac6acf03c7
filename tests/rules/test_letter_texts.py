"""Texts of letters: what came with the portal can be used, places are a closed list, and filling in runs nothing."""

from pathlib import Path

import pytest

import hotline
from hotline.rules import letter_texts
from hotline.rules.letter_texts import Text
from hotline.vocabulary import Language, LetterKey

FOLDER = Path(hotline.__file__).parent / "templates" / "letters"
LISTED = f"{letter_texts.BEGIN}\n{{addresses}}\n{letter_texts.END}"
REST = "{finding} {law} {ref}"
GOOD = Text("No. {ref}", f"Dear team,\n\n{LISTED}\n\n{REST}\n")
HOST = LetterKey.HOST


def shipped(letter: LetterKey, language: Language) -> Text:
    return letter_texts.read((FOLDER / f"{letter}.{language}.txt").read_text())


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("letter", LetterKey)
def test_every_letter_comes_with_the_portal_and_keeps_its_own_rules(letter: LetterKey, language: Language) -> None:
    text = shipped(letter, language)

    assert letter_texts.faults(letter, text, "came with the portal") == ()
    assert letter_texts.clean(text) == text
    assert all("{key_link}" in line for line in text.body.split("\n") if "PGP" in line)  # where there is none: no line


@pytest.mark.parametrize("letter", LetterKey)
def test_both_languages_have_the_same_places(letter: LetterKey) -> None:
    places = [set(letter_texts.PLACE.findall(shipped(letter, language).body)) for language in Language]

    assert places[0] == places[1]


def test_a_good_text_is_taken() -> None:
    assert letter_texts.faults(HOST, GOOD, "why") == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (Text("", GOOD.body), ("subject", "required")),
        (Text("x" * 201 + "{ref}", GOOD.body), ("subject", "too_long")),
        (Text("No number", GOOD.body), ("subject", "missing:ref")),
        (Text("{ref} {addresses}", GOOD.body), ("subject", "unknown:addresses")),
        (Text("{ref} {", GOOD.body), ("subject", "brace")),
        (Text("{ref}", ""), ("body", "required")),
        (Text("{ref}", "x" * 12_001 + GOOD.body), ("body", "too_long")),
        (Text("{ref}", "{addresses}\n{finding}{law}{ref}{password}"), ("body", "unknown:password")),
        (Text("{ref}", "{addresses}\n{finding}{law}{ref}{ ref }"), ("body", "unknown: ref ")),
        (Text("{ref}", "{addresses}\n{finding}{law}{ref}{{ config }}"), ("body", "unknown: config ")),
        (Text("{ref}", "{addresses}\n{finding}{law}{ref} {% if %}"), ("body", "unknown:% if %")),
        (Text("{ref}", "{addresses}\n{finding}{law}{ref}{0.__class__}"), ("body", "unknown:0.__class__")),
        (Text("{ref}", "{addresses}\n{finding}{law}{ref} }"), ("body", "brace")),
        (Text("{ref}", "{finding}{law}{ref}"), ("body", "missing:addresses")),
        (Text("{ref}", "See {addresses}\n{finding}{law}{ref}"), ("body", "alone")),
        (Text("{ref}", f"{{addresses}}\n{REST}"), ("body", "marks")),
        (Text("{ref}", f"{letter_texts.BEGIN}\n{{addresses}}\n{REST}"), ("body", "marks")),
        (Text("{ref}", f"{{addresses}}\n{letter_texts.END}\n{REST}"), ("body", "marks")),
        (Text("{ref}", f"{letter_texts.END}\n{{addresses}}\n{letter_texts.BEGIN}\n{REST}"), ("body", "marks")),
        (Text("{ref}", f"{LISTED}\n{LISTED}\n{REST}"), ("body", "marks")),
        (Text("{ref}", f"{letter_texts.BEGIN}\n{letter_texts.END}\n{{addresses}}\n{REST}"), ("body", "marks")),
        (Text("{ref}", f"{letter_texts.BEGIN}\nSee:\n{{addresses}}\n{letter_texts.END}\n{REST}"), ("body", "marks")),
    ],
)
def test_what_is_wrong_with_a_text_is_said(text: Text, fault: tuple[str, str]) -> None:
    assert fault in letter_texts.faults(HOST, text, "why")


def test_a_new_version_needs_its_reason() -> None:
    assert letter_texts.faults(HOST, GOOD, " ") == (("reason", "required"),)
    assert letter_texts.faults(HOST, GOOD, "x" * 501) == (("reason", "too_long"),)


def test_a_letter_that_takes_one_back_lists_no_address() -> None:
    text = Text("{ref}", "{earlier}{ref}\n{addresses}\n")

    assert letter_texts.faults(LetterKey.RETRACTION, text, "why") == (("body", "unknown:addresses"),)


def test_a_value_is_put_in_as_it_is() -> None:
    filled = letter_texts.fill(Text("{ref}", "{recipient}\n"), {"ref": "N-1", "recipient": "{ref} {{ 7 * 7 }} %s \\1"})

    assert filled == Text("N-1", "{ref} {{ 7 * 7 }} %s \\1\n")


def test_a_line_whose_places_stay_empty_is_left_out_and_several_lines_keep_their_indent() -> None:
    text = Text("", "  Network   {network}\n  Law       {law}\nEnd {ref} {network}\n")

    assert (
        letter_texts.fill(text, {"law": "one\ntwo", "ref": "N-1"}).body
        == "  Law       one\n            two\nEnd N-1 \n"
    )
