"""XARF: what we send is held against the schemas as they are published; what has no word there is not sent."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from hotline.rules import xarf
from hotline.rules.findings import Findings
from hotline.rules.xarf import Agreed, Network, Sender
from hotline.vocabulary import AgeGroup, ContactPlace, InhopeClass, LawVerdict, Media, Theme

PUBLISHED = Path(__file__).parent.parent / "fixtures" / "xarf"
US = Sender("Internet Hotline", "notices@hotline.example")
AT = datetime(2026, 11, 10, 2, 40, tzinfo=UTC)
NUMBER = "0f5a1c1e-9c44-4a0e-9a57-0d5d8d5b6c11"
LOOK = Findings(InhopeClass.BASELINE, LawVerdict.ILLEGAL, media=Media.IMAGE, age=AgeGroup.PUBESCENT)


def validator(kind: str) -> Draft202012Validator:
    schemas = [json.loads(path.read_text()) for path in PUBLISHED.rglob("*.json")]
    registry = Registry().with_resources((one["$id"], Resource.from_contents(one)) for one in schemas)
    schema = json.loads((PUBLISHED / "types" / f"content-{kind}.json").read_text())
    return Draft202012Validator(schema, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER)


def report(address: str = "https://img-board.example/t/1", looks=(LOOK, LOOK), network=None, **changes: object):
    facts = {"address": address, "inhope_class": InhopeClass.BASELINE, "looks": looks, "at": AT} | changes
    found = xarf.report(Agreed(**facts), sender=US, network=network or Network(), number=NUMBER, ref="N-4X7PQM")
    return json.loads(found) if found else None


@pytest.mark.parametrize(
    "address",
    [
        "https://img-board.example/t/1?page=2#top",
        "http://198.51.100.77:8080/x",
        "https://[2001:db8::7]/x",
        "https://xn--e1afmkfd.example/a",
        "https://under_score.example/a|b?c=[d]^e`{f}",
        "http://" + "a" * 56 + ".example/x",
    ],
)
@pytest.mark.parametrize(
    "network", [Network(), Network("198.51.100.77", 64511, "EXAMPLE-NET", "NL"), Network("2001:db8::7", None, "", "kh")]
)
def test_baseline_is_csam_as_the_schema_wants_it(address: str, network: Network) -> None:
    found = report(address, network=network)

    validator("csam").validate(found)
    assert (found["type"], found["classification"], found["detection_method"]) == ("csam", "baseline", "manual_review")
    assert found["reporter"] == found["sender"]
    assert "evidence" not in found


@pytest.mark.parametrize("theme", [Theme.SEXTORTION, Theme.GROOMING])
@pytest.mark.parametrize("place", [None, *ContactPlace])
@pytest.mark.parametrize("age", [None, *AgeGroup])
def test_what_goes_on_beside_an_image_is_csem(theme: Theme, place: ContactPlace | None, age: AgeGroup | None) -> None:
    look = replace(LOOK, inhope_class=InhopeClass.NATIONAL, themes=(theme,), contact_place=place, age=age)

    found = report(looks=(look, look), inhope_class=InhopeClass.NATIONAL)

    validator("csem").validate(found)
    assert found["exploitation_type"] == theme


@pytest.mark.parametrize("inhope_class", sorted(set(InhopeClass) - {InhopeClass.BASELINE}))
def test_what_is_illegal_by_national_law_alone_has_no_report(inhope_class: InhopeClass) -> None:
    look = replace(LOOK, inhope_class=inhope_class, themes=(Theme.LIVE_STREAM,))

    assert report(looks=(look, look), inhope_class=inhope_class) is None


def test_a_theme_that_only_one_of_the_two_saw_makes_no_report() -> None:
    first, second = replace(LOOK, themes=(Theme.GROOMING,)), LOOK

    assert report(looks=(first, second), inhope_class=InhopeClass.NATIONAL) is None


@pytest.mark.parametrize("media", [None, *Media])
def test_the_kind_of_material_is_said_where_both_looks_say_the_same(media: Media | None) -> None:
    alike = report(looks=(replace(LOOK, media=media), replace(LOOK, media=media)))
    unlike = report(looks=(replace(LOOK, media=media), replace(LOOK, media=Media.TEXT)))

    validator("csam").validate(alike)
    assert ("media_type" in alike) == (media is not None)
    assert ("media_type" in unlike) == (media is Media.TEXT)


def test_baseline_is_never_said_of_anything_else() -> None:
    schema = validator("csam")

    assert not schema.is_valid(report() | {"classification": "national"})


def test_a_host_that_the_schema_takes_for_no_domain_is_left_out() -> None:
    assert "domain" not in report("https://xn--e1afmkfd.example/a")
    assert "domain" not in report("https://198.51.100.77/a")
    assert report("https://img-board.example/a")["domain"] == "img-board.example"
