"""What letters say to whom: every sort of recipient in both languages, and how long it has."""

from datetime import timedelta

import pytest

from hotline.rules import letter_recipients
from hotline.rules.letter_recipients import Addressed
from hotline.vocabulary import Language, Pace, RecipientKind

EN, KM, WALL, WORKING = Language.EN, Language.KM, Pace.WALL, Pace.WORKING
OFFICE = timedelta(hours=9)


@pytest.mark.parametrize("language", Language)
def test_every_sort_of_recipient_reads_words_of_its_own_and_no_place_is_left(language: Language) -> None:
    said = [letter_recipients.values(language, to, time="24") for to in Addressed]

    assert all("{" not in words for one in said for words in one.values())
    assert all(one.keys() == {"time", *letter_recipients.PLACES} for one in said)
    assert len({one["where"] for one in said}) == len(Addressed)
    assert all("24" in one["ask"] for one in said)


@pytest.mark.parametrize("to", Addressed)
def test_at_home_nobody_is_told_of_the_hotline_of_another_country(to: Addressed) -> None:
    for language, hotline in ((EN, "hotline"), (KM, "ហតឡាយ")):
        abroad = letter_recipients.values(language, to, time="24")
        at_home = letter_recipients.values(language, to, time="24", at_home=True)

        assert hotline in abroad["others"]
        assert hotline not in at_home["others"]
        assert "{" not in at_home["others"]
        assert abroad | {"others": ""} == at_home | {"others": ""}


def test_those_who_are_named_stand_in_one_sentence() -> None:
    def said(to: Addressed, *, at_home: bool) -> str:
        return " ".join(letter_recipients.values(EN, to, time="24", at_home=at_home)["others"].split())

    assert said(Addressed.HOST, at_home=False).endswith(
        ": whoever connects your network, the registrar of the name, or the hotline of the country that hosts them."
    )
    assert said(Addressed.HOST, at_home=True).endswith(": whoever connects your network, or the registrar of the name.")
    assert said(Addressed.REGISTRAR, at_home=True).endswith(": whoever hosts them.")


@pytest.mark.parametrize(
    ("kind", "is_upstream", "to"),
    [
        (RecipientKind.HOSTING_PROVIDER, False, Addressed.HOST),
        (RecipientKind.HOSTING_PROVIDER, True, Addressed.UPSTREAM),
        (RecipientKind.PLATFORM, False, Addressed.PLATFORM),
        (RecipientKind.CDN, False, Addressed.CDN),
        (RecipientKind.REGISTRAR, False, Addressed.REGISTRAR),
    ],
)
def test_as_what_somebody_is_written_to(kind: RecipientKind, is_upstream: bool, to: Addressed) -> None:
    assert letter_recipients.addressed(kind, is_upstream=is_upstream) is to


@pytest.mark.parametrize(
    ("language", "length", "pace", "said"),
    [
        (EN, timedelta(hours=24), WALL, "24 hours"),
        (EN, timedelta(hours=1), WALL, "1 hour"),
        (EN, timedelta(days=3), WALL, "3 days"),
        (EN, timedelta(minutes=90), WALL, "90 minutes"),
        (EN, OFFICE, WORKING, "1 working day"),
        (KM, timedelta(hours=24), WALL, "២៤ ម៉ោង"),
        (KM, 2 * OFFICE, WORKING, "២ ថ្ងៃធ្វើការ"),
    ],
)
def test_how_long_they_have_is_said_in_the_letters_language(
    language: Language, length: timedelta, pace: Pace, said: str
) -> None:
    assert letter_recipients.time(language, length, pace, OFFICE) == said
