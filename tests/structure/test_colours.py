"""The dark scheme changes colours and nothing else, so that whoever looks at both need look at the rest once."""

import re

import pytest

from tests.structure.markup import HOTLINE

SPOKEN = [*HOTLINE.glob("templates/**/*.*"), *HOTLINE.glob("static/**/*.js"), *HOTLINE.glob("static/**/*.svg")]
SHEETS = sorted((HOTLINE / "static").glob("*.css"))
DARK = re.compile(r"@media[^{]*prefers-color-scheme[^{]*\{((?:[^{}]|\{[^{}]*\})*)\}")
COLOUR = r"#[0-9a-f]{3,8}"
KRAMA = rf"(?:linear-gradient\(90deg, {COLOUR} 50%, #0000 0\)|linear-gradient\({COLOUR} 50%, #0000 0\)) 0 0/8px 8px"


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_the_dark_scheme_is_other_colours(sheet) -> None:
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.S)
    blocks = DARK.findall(text)
    assert text.count("prefers-color-scheme") == len(blocks)
    assert "light-dark(" not in text

    for block in blocks:
        [(chosen, inside)] = re.findall(r"([^{}]+)\{([^{}]*)\}", block)
        assert chosen.strip() == ":root"
        for line in filter(None, map(str.strip, inside.split(";"))):
            name, _, value = (part.strip() for part in line.partition(":"))
            assert name.startswith("--")
            assert all(re.fullmatch(rf"{COLOUR}|{KRAMA}", one) for one in re.split(r",\s*(?![^(]*\))", value)), line


def test_nothing_but_sheets_asks_which_scheme_it_is() -> None:
    asks = re.compile(r"prefers-color-scheme|matchMedia")

    assert len(SPOKEN) > 100
    assert [one.name for one in SPOKEN if one.is_file() and asks.search(one.read_text(encoding="utf-8"))] == []
