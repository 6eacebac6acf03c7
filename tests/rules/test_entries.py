"""What an entry of the directory must say."""

import pytest

from hotline.gateways import mail
from hotline.rules import entries
from hotline.rules.entries import Entry
from hotline.vocabulary import Language, RecipientKind

GOOD = {
    "name": "Example Hosting B.V.",
    "kind": "hosting_provider",
    "mailbox": "abuse@hosting.example",
    "country": "NL",
    "language": "en",
}


def test_a_good_entry_is_tidied() -> None:
    judged = entries.judge(
        **GOOD | {"name": "  Example \n Hosting ", "mailbox": " abuse@hosting.example ", "country": "nl"}
    )

    assert judged == Entry(
        "Example Hosting", RecipientKind.HOSTING_PROVIDER, "abuse@hosting.example", "NL", Language.EN
    )


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "x", "length"),
        ("name", "x" * 121, "length"),
        ("kind", "", "required"),
        ("kind", "neighbour", "required"),
        ("country", "", "required"),
        ("country", "EU", "required"),
        ("country", "ZZ", "required"),
        ("country", "NLD", "required"),
        ("language", "fr", "required"),
        *(
            ("mailbox", wrong, "not_plain")
            for wrong in ("", "abuse", "a@b", "a@b.example, c@d.example", "<a@b.example>")
        ),
        *(
            ("phone", wrong, "form")
            for wrong in (
                "023 000 000",
                "+0",
                "+855 23 000 000 ext 7",
                "+855-23-000000",
                "(+855) 23000000",
                "++85523000000",
                "12",
                "+1" + "0" * 15,
                "+855 23 000 000; +855 23 000 001",
                "tel:+85523000000",
                "+855 23 000 000\u202e",
                "\u0661\u0662\u0663",
            )
        ),
        *(
            ("mailbox", wrong, "not_plain")
            for wrong in ("a@b.example\nBcc: c@d.example", "a b@c.example", "a@-b.example")
        ),
    ],
)
def test_what_is_wrong_is_named(field: str, value: str, code: str) -> None:
    assert entries.judge(**GOOD | {field: value}) == ((field, code),)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        (" +855  00 000 011 ", "+855 00 000 011"),
        ("+85500000011", "+85500000011"),
        ("+៨៥៥ ០០ ០០០ ០១១", "+855 00 000 011"),
        ("000", "000"),
    ],
)
def test_a_number_is_kept_as_it_was_typed(typed: str, kept: str) -> None:
    judged = entries.judge(**GOOD | {"phone": typed})

    assert isinstance(judged, Entry)
    assert judged.phone == kept


@pytest.mark.parametrize("mailbox", ["abuse@hosting.example", "a.b+c@xn--h28h.example", "x@sub.domain.xn--p1ai"])
def test_what_the_directory_takes_the_mail_gateway_takes(mailbox: str) -> None:
    assert isinstance(entries.judge(**GOOD | {"mailbox": mailbox}), Entry)
    assert mail.PLAIN.fullmatch(mailbox)


def test_every_country_has_a_name_in_each_language() -> None:
    english, khmer = (entries.countries(language) for language in (Language.EN, Language.KM))

    assert len(english) == 249
    assert set(english) == set(khmer)
    assert (english["KH"], khmer["KH"]) == ("Cambodia", "កម្ពុជា")
    assert list(english.values()) == sorted(english.values())
