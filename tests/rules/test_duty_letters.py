"""Mail of duties: when it is written, and that it says duties, references and days, and nothing else."""

import email
from datetime import UTC, datetime
from email import policy

import pytest

from hotline.rules import duty_letters
from hotline.rules.clocks import OF_PRACTICE
from hotline.rules.duty_letters import Line
from hotline.vocabulary import Clause, Duty, Language, OfficialPart, Sector


@pytest.mark.parametrize("language", list(Language))
def test_every_duty_and_sector_has_a_name_in_each_language(language: Language) -> None:
    assert set(duty_letters.NAMES[language]) == OF_PRACTICE
    assert set(duty_letters.SECTORS[language]) == set(Sector)
    assert set(duty_letters.OFFICES[language]) == set(OfficialPart)
    assert set(duty_letters.NUMBERS[language]) == set(duty_letters.NUMBERS[Language.EN])
    assert set(duty_letters.WORDS[language]) == set(duty_letters.WORDS[Language.EN])


@pytest.mark.parametrize(
    ("duty", "key", "title"),
    [
        (Duty.TELL_DPO, "IN-234567", "IN-234567: Tell the data protection officer"),
        (Duty.CONSULT, "consult.industry", "Consult a sector: internet industry"),
        (Duty.CHECK_CLAUSE, f"check_clause.{Clause.IMAGERY}", "Look at a clause again: clause 10"),
        (Duty.RESTORE_TEST, "restore_test", "Restore a backup as a test"),
        (Duty.RENEW_KEY, "", "Ask for a new key"),
        (Duty.RENEW_KEY, "dpo", "Ask for a new key: data protection officer"),
    ],
)
def test_a_title_is_the_duty_and_its_reference(duty: Duty, key: str, title: str) -> None:
    assert duty_letters.title(duty, key, Language.EN) == title


@pytest.mark.parametrize(
    ("day", "hour", "is_written"),
    [(26, 6, False), (26, 7, True), (26, 11, True), (26, 12, False), (27, 8, True), (28, 8, False), (29, 8, False)],
)
def test_mail_is_written_on_the_mornings_of_monday_to_friday(day: int, hour: int, is_written: bool) -> None:
    assert duty_letters.is_morning(datetime(2026, 11, day, hour)) is is_written


@pytest.mark.parametrize("language", list(Language))
def test_a_mail_reads_back_as_it_was_meant(language: Language) -> None:
    line = Line(duty_letters.title(Duty.TELL_DPO, "IN-234567", language), "27 November 2026", is_late=True)
    subject, text = duty_letters.duties_text([line], language, day="26 November 2026")
    how = {"message_id": "<duties.a-02.20261126@hotline.example>", "sender": "office@hotline.example"}
    raw = duty_letters.mail(subject, text, mailbox="dara@mail.example", at=datetime(2026, 11, 26, 3, tzinfo=UTC), **how)

    read = email.message_from_bytes(raw, policy=policy.default)
    assert raw.isascii()
    assert (str(read["Subject"]), read.get_content().replace("\r\n", "\n")) == (subject, text)
    assert line.title in text
    assert (str(read["To"]), str(read["Message-ID"])) == ("dara@mail.example", how["message_id"])


def test_the_week_is_told_in_numbers_that_stop() -> None:
    _, text = duty_letters.week_text({"received": 3, "late": 1000}, Language.EN, day="26 November 2026", most=999)

    assert "Items received: 3\n" in text
    assert "Duties late now: 999+\n" in text
    assert "Taken down" not in text
