"""One country's facts."""

import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import holidays
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


@pytest.mark.parametrize("country", ["KH", "TH", "AX", "GB"])  # AX builds upon another country
def test_public_holidays_are_those_of_the_package(country: str) -> None:
    office = jurisdiction.load("kh").office

    reckoned = replace(office, country=country, also_free=frozenset(), not_free=frozenset())

    year = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    assert [day for day in year if reckoned.is_holiday(day)] == sorted(holidays.country_holidays(country, years=2026))


def test_a_country_that_the_package_does_not_know_is_said() -> None:
    office = replace(jurisdiction.load("kh").office, country="XX")

    with pytest.raises(SettingsError, match="no country XX"):
        office.lists_holidays(2026)


def test_the_holidays_of_one_country_load_no_other() -> None:
    """Each process that reckons with working days would hold 8 MB more."""
    script = (
        "import sys\n"
        "from hotline import jurisdiction\n"
        "assert jurisdiction.load('kh').office.lists_holidays(2026)\n"
        "print('holidays.countries' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
