"""What a service is told, and what may become of a referral."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from hotline.rules import letter_texts, referral_letters, referrals
from hotline.rules.referrals import Package, Sender
from hotline.services import letter_templates
from hotline.vocabulary import KeyKind, Language, Need, ReferralStatus, Share

TODAY = date(2026, 11, 26)
PACKAGE = Package(
    reference="RF-234567",
    service="Example Legal Aid",
    need=Need.LEGAL,
    sender=Sender("The Hotline", "Cambodia", "+855 23 000 000", "1234"),
    told={
        "name": "Chan Sreyneang",
        "age": "15",
        "sex": "female",
        "province": "KH-12",
        "safe_never": "the child's phone",
    },
    words="Please see her this week.",
    use_until="2026-12-26",
    written_on="2026-11-26",
    left_out=(Share.STORY,),
)
MOVES = {
    ReferralStatus.DRAFT: {"pending", "revoked"},
    ReferralStatus.PENDING: {"accepted", "rejected", "revoked"},
    ReferralStatus.ACCEPTED: {"in_progress", "done", "rejected", "revoked"},
    ReferralStatus.IN_PROGRESS: {"done", "rejected", "revoked"},
    ReferralStatus.DONE: set(),
    ReferralStatus.REJECTED: set(),
    ReferralStatus.REVOKED: set(),
}


def template(name: str, language: Language) -> letter_texts.Text:
    return letter_texts.read((letter_templates.FOLDER / f"{name}.{language}.txt").read_text(encoding="utf-8"))


@pytest.mark.parametrize("now", ReferralStatus)
def test_a_referral_moves_by_the_table(now: ReferralStatus) -> None:
    assert {str(to) for to in ReferralStatus if referrals.may_move(now, to)} == MOVES[now]


def test_a_package_is_read_as_it_was_written() -> None:
    assert referrals.read(referrals.written(PACKAGE)) == PACKAGE


def test_words_are_read_as_they_were_written() -> None:
    words = referrals.with_line(
        referrals.Words(handed_to="the post"), referrals.Line("2026-11-26", "1234", "called", "ok")
    )

    assert referrals.read_words(referrals.written_words(words)) == words


def test_the_need_is_told_whatever_is_left_out() -> None:
    assert referrals.shares(set(Share), {Share.NEED, Share.STORY, Share.HEALTH, Share.FAMILY}) == (
        Share.NAME,
        Share.AGE,
        Share.SEX,
        Share.PLACE,
        Share.CONTACT,
        Share.NEED,
    )


def test_what_is_withheld_is_all_that_is_not_told() -> None:
    assert referrals.withheld(PACKAGE) == (Share.STORY, Share.HEALTH, Share.FAMILY)


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("He is called Sok Dara.", "Sok Dara", True),
        ("He is called DARA, SOK!", "Sok Dara", True),
        ("Her uncle (dara) knows the place", "Sok Dara", True),
        ("Her family name is Sok", "Sok Dara", False),  # the child's name too
        ("Daraline is her friend", "Sok Dara", False),
        ("ក្មេងថាសុខដារ៉ាគំរាមកំហែង", "សុខ ដារ៉ា", True),
        ("ក្មេងថា ដារ៉ា\u200bគំរាម", "សុខ ដារ៉ា", True),
        ("សុខភាពរបស់ក្មេងល្អ", "សុខ ដារ៉ា", False),
        ("Jose went away", "José", True),
        ("anything", "", False),
        ("anything", "?", False),
    ],
)
def test_a_name_is_found_however_it_is_written(text: str, name: str, found: bool) -> None:
    assert referrals.names(text, name, {"sok", "sreyneang", "សុខ"}) is found


def test_a_suspect_is_found_in_words_and_in_the_file() -> None:
    package = replace(PACKAGE, words="Never call Dara.", told={"story": "Dara did it", "name": "Sok Srey"})

    assert referrals.named_in(package, ["Sok Dara"], ["Sok Srey"]) == ("words", "story")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Sreyneang likes to draw.", ("words",)),
        ("ស្រីនាងចូលចិត្តគូរ", ("words",)),
        ("Her aunt Sok Chantha knows.", ()),  # the family's name by itself is the aunt's too
        ("Help the child.", ()),
    ],
)
def test_a_child_is_found_where_the_name_is_not_told(words: str, found: tuple[str, ...]) -> None:
    names, around = ["Sok Sreyneang", "ស្រីនាង", "the child"], ["Sok Chantha"]
    untold, told = replace(PACKAGE, words=words, told={}), replace(PACKAGE, words=words, told={"name": "Sok Sreyneang"})

    assert referrals.child_named_in(untold, names, around) == found
    assert referrals.child_named_in(told, names, around) == ()


@pytest.mark.parametrize(
    ("words", "until", "faults"),
    [
        ("Please help.", TODAY + timedelta(days=30), ()),
        (" ", TODAY + timedelta(days=30), (("words", "missing"),)),
        ("x" * 4_001, TODAY + timedelta(days=30), (("words", "too_long"),)),
        ("see data:image/png;base64," + "A" * 400, TODAY + timedelta(days=30), (("words", "picture"),)),
        ("Please help.", None, (("use_until", "range"),)),
        ("Please help.", TODAY, (("use_until", "range"),)),
        ("Please help.", TODAY + timedelta(days=181), (("use_until", "range"),)),
    ],
)
def test_a_draft_needs_words_and_a_last_day(words: str, until: date | None, faults: tuple[object, ...]) -> None:
    assert referrals.judge_draft(words, until, TODAY)[1] == faults


def test_a_rejection_needs_a_reason() -> None:
    assert referrals.answer_faults("rejected", "", ReferralStatus.PENDING) == (("reason", "required"),)
    assert referrals.answer_faults("done", "", ReferralStatus.PENDING) == (("status", "required"),)
    assert referrals.answer_faults("accepted", "", ReferralStatus.PENDING) == ()


# --- Papers


@pytest.mark.parametrize("language", Language)
def test_what_a_service_reads_holds_all_that_is_told_and_no_empty_line(language: Language) -> None:
    text = referral_letters.package_text(
        template("referral", language), PACKAGE, language, province="Phnom Penh", day="26/11", until="26/12"
    )

    said = ("Chan Sreyneang", "15", "Phnom Penh", "the child's phone", PACKAGE.words, "26/12", "RF-234567", "1234")
    assert [one for one in said if one not in text.body] == []
    assert referral_letters.VOICEMAIL[language] in text.body
    assert "{" not in text.body
    assert "KH-12" not in text.body
    assert referral_letters.SEXES[language]["female"] in text.body


def test_where_nothing_may_be_told_the_paper_says_only_what_was_typed() -> None:
    bare = replace(PACKAGE, told={})

    text = referral_letters.package_text(
        template("referral", Language.EN), bare, Language.EN, province="", day="26/11", until="26/12"
    )

    assert "About the person" not in text.body
    assert "voicemail" not in text.body


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", ["referral_cover", "referral_revoked"])
def test_what_lies_open_tells_nothing_of_the_person(name: str, language: Language) -> None:
    text = (
        referral_letters.cover_text(template(name, language), PACKAGE)
        if name == "referral_cover"
        else referral_letters.revoked_text(template(name, language), PACKAGE, "26/11")
    )

    told = (*PACKAGE.told.values(), PACKAGE.words, "The Hotline", "legal")
    assert [one for one in told if one in text.body] == []
    assert "{" not in text.body
    assert "1234" in text.body


def test_the_subject_of_a_mail_says_nothing() -> None:
    assert [template("referral_cover", one).subject for one in (Language.EN, Language.KM)] == ["Message", "សារ"]


def test_a_file_is_named_by_its_reference_alone() -> None:
    names = [referral_letters.named(b"", kind, ref="RF-234567").name for kind in KeyKind]

    assert names == ["RF-234567.txt.asc", "RF-234567.eml"]
