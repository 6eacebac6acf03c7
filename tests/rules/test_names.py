"""When two names are the same person's."""

import pytest

from hotline.rules import names


@pytest.mark.parametrize(
    "typed",
    [
        "Élise Sok",
        "élise sok",
        "ÉLISE SOK",
        "E\u0301lise Sok",
        "  Élise   Sok ",
        "Ｅ\u0301lise\u3000Sok",
        "Éli\u200bse Sok",
    ],
)
def test_a_name_is_found_however_it_is_typed(typed: str) -> None:
    assert names.key(typed) == "élise sok"


@pytest.mark.parametrize(("one", "other"), [("STRASSE", "straße"), ("ΣΟΦΟΣ", "σοφος"), ("សុភា", "សុ\u200bភា")])
def test_the_same_in_other_scripts(one: str, other: str) -> None:
    assert names.key(one) == names.key(other)


@pytest.mark.parametrize(("one", "other"), [("Elise", "Élise"), ("Sok", "Sokha"), ("សុខ", "សុខា")])
def test_names_that_differ_stay_apart(one: str, other: str) -> None:
    assert names.key(one) != names.key(other)


def test_a_key_is_its_own_key() -> None:
    assert names.key(names.key("Ⅻ ÉLISE ŉ")) == names.key("Ⅻ ÉLISE ŉ")
