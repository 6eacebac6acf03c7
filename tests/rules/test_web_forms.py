"""What goes into a recipient's own form."""

import pytest

from hotline.rules import web_forms
from hotline.rules.web_forms import CLOUDFLARE, Contact

US = Contact("Internet Hotline", "notices@hotline.example", "KH")
ADDRESSES = ("https://img-board.example/t/1", "https://img-board.example/t/2")


def fields(form_url: str, text: str = "What it is about.") -> list[tuple[str, str]]:
    found = web_forms.fields(form_url, addresses=ADDRESSES, text=text, contact=US, ref="N-4X7PQM")
    return [(one.name, one.value) for one in found]


def test_cloudflares_fields_are_named_as_its_form_names_them_and_the_owner_is_not_told() -> None:
    found = dict(fields(f"https://abuse.{CLOUDFLARE}/csam"))

    assert found["act"] == "abuse_children"
    assert found["urls"] == "\n".join(ADDRESSES)
    assert (found["owner_notification"], found["ncmec_notification"]) == ("none", "send")
    assert found["email"] == found["email2"] == US.mailbox
    assert found["justification"] == "What it is about."


def test_the_justification_is_no_longer_than_the_form_takes() -> None:
    assert len(dict(fields(f"https://{CLOUDFLARE}/", "x" * 9000))["justification"]) == 5000


def test_another_form_gets_its_parts_without_names() -> None:
    assert [value for _name, value in fields("https://platform.example/report")] == [
        "\n".join(ADDRESSES),
        "What it is about.",
        "Internet Hotline",
        "notices@hotline.example",
        "N-4X7PQM",
    ]


@pytest.mark.parametrize(
    "form_url", ["https://cloudflare.com.example/x", "https://notcloudflare.example/", "", "nonsense"]
)
def test_what_only_looks_like_cloudflare_is_not(form_url: str) -> None:
    assert not web_forms.takes_one_host(form_url)
