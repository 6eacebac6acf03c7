"""One country's facts."""

from hotline import jurisdiction
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
