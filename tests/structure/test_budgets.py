"""How heavy the style sheets may be, minified."""

from hotline.blueprints.public import style
from tests.structure.markup import HOTLINE

DESK = HOTLINE / "static" / "desk.css"


def test_the_public_style_sheet_keeps_to_six_kilobytes() -> None:
    assert len(style.sheet().encode()) <= 6 * 1024


def test_the_style_sheet_of_the_desk_keeps_to_twenty_kilobytes() -> None:
    assert len(style.minify(DESK.read_text(encoding="utf-8")).encode()) <= 20 * 1024
