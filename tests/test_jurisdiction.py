"""One country's facts."""

from pathlib import Path

import pytest

from hotline import jurisdiction
from hotline.errors import SettingsError
from hotline.vocabulary import Language


def test_the_hotline_is_reached_from_home_and_from_abroad() -> None:
    phone = jurisdiction.load("kh").hotline_phone

    assert (phone.number, phone.tel_href, phone.international) == (
        "092 311 511",
        "tel:+85592311511",
        "+855 92 311 511",
    )


def test_every_name_and_text_is_there_in_both_languages() -> None:
    pack = jurisdiction.load("kh")

    for lang in Language:
        assert pack.brand(lang)
        assert pack.country_name(lang)
        assert pack.law_title(lang)
        assert pack.law_note(lang)
        assert all(line.name(lang) for line in (pack.hotline_phone, *pack.helplines))


@pytest.mark.parametrize("days", ["0", "true", "3651"])
def test_how_long_visitors_are_kept_is_a_number_of_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: str
) -> None:
    for one in jurisdiction.FOLDER.glob("kh*.toml"):
        text = one.read_text("utf-8")
        (tmp_path / one.name.replace("kh", "xx", 1)).write_text(
            text.replace("kept_days = 365", f"kept_days = {days}"), "utf-8"
        )
    monkeypatch.setattr(jurisdiction, "FOLDER", tmp_path)

    with pytest.raises(SettingsError, match="visitors_kept_days"):
        jurisdiction.load("xx")
