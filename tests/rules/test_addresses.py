import ipaddress
import re
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bench.worst_text import READ_UNITS
from hotline.rules import addresses
from hotline.rules.addresses import Address, AddressKind, Leftover, Problem, read

KHMER = "ខ្មែរ"


def only(text: str) -> Address:
    reading = read(text)
    assert reading.leftovers == ()
    (address,) = reading.found
    return address


def hrefs(text: str) -> list[str]:
    return [address.href for address in read(text).found]


def leftovers(text: str) -> list[str]:
    return [leftover.text for leftover in read(text).leftovers]


@pytest.mark.parametrize(
    ("typed", "href"),
    [
        ("https://A.Example:443/B?q=1#f", "https://a.example/B?q=1#f"),
        ("http://a.example:80", "http://a.example/"),
        ("https://a.example:8443/x", "https://a.example:8443/x"),
        ("https://a.example/a/../b/./c", "https://a.example/b/c"),
        ("https://a.example/%7e%zz/é?q='x", "https://a.example/%7e%zz/%C3%A9?q=%27x"),
        ("https://%61.example/", "https://a.example/"),
        ("https:/a.example/x", "https://a.example/x"),
        ("https:a.example/x", "https://a.example/x"),
        ("http:\\\\a.example\\x", "http://a.example/x"),
        ("https:////a.example/x", "https://a.example/x"),
        ("https://faß.example/", "https://xn--fa-hia.example/"),
        (f"https://{KHMER}.example/", "https://xn--j2e0cg3n2c.example/"),
        (f"https://a.example/{KHMER}", "https://a.example/%E1%9E%81%E1%9F%92%E1%9E%98%E1%9F%82%E1%9E%9A"),
        ("http://0xc0.0.0x2.1/", "http://192.0.2.1/"),
        ("http://3221225985/", "http://192.0.2.1/"),
        ("http://[2001:DB8:0::1]/x", "http://[2001:db8::1]/x"),
        ("https://a_b.example/", "https://a_b.example/"),
    ],
)
def test_read_parses_as_browsers_do(typed, href):
    assert only(typed).href == href


@pytest.mark.parametrize(
    ("typed", "href"),
    [
        ("hxxps://a.example/x", "https://a.example/x"),
        ("hXXp://a.example/x", "http://a.example/x"),
        ("h**ps://a.example", "https://a.example/"),
        ("https://a[.]example/x", "https://a.example/x"),
        ("https://a(.)example/x", "https://a.example/x"),
        ("https://a{.}example/x", "https://a.example/x"),
        ("https://a[dot]b(DOT)example/x", "https://a.b.example/x"),
        ("a [.] example/x", "https://a.example/x"),
        ("a [dot] example", "https://a.example/"),
        ("a[.example/x", "https://a.example/x"),
        ("https[:]//a.example/x", "https://a.example/x"),
        ("hxxp[://]a[.]example/x", "http://a.example/x"),
        ("hxxps:[/][/]a[.]example[/]x", "https://a.example/x"),
        ("hxxps://a[.]example[:]8080/x", "https://a.example:8080/x"),
        ("hxxps://a[.]example/x[.]php", "https://a.example/x.php"),
        ("http//a.example/x", "http://a.example/x"),
        ("ttps://a.example/x", "https://a.example/x"),
        ("//a.example/x", "https://a.example/x"),
        ("a.example/x", "https://a.example/x"),
        ("www.a.example", "https://www.a.example/"),
        ("a.example:8080/x", "https://a.example:8080/x"),
        ("a.example?x=1", "https://a.example/?x=1"),
        ("192.0.2.7", "https://192.0.2.7/"),
        ("192.0.2.7:81/x", "https://192.0.2.7:81/x"),
        ("xn--j2e0cg3n2c.xn--p1ai", "https://xn--j2e0cg3n2c.xn--p1ai/"),
        (f"{KHMER}.example", "https://xn--j2e0cg3n2c.example/"),
        ("https://១៩២.០.២.១:៨០៨០/x", "https://192.0.2.1:8080/x"),
        ("site១២.example/x", "https://site12.example/x"),
        ("https://a.example/១", "https://a.example/%E1%9F%A1"),
        ("https://ខ្មែរ១.example/", "https://xn--j2e0cg3n2cre.example/"),
        ("ｈｔｔｐｓ：／／ａ．ｅｘａｍｐｌｅ：８０８０／ｘ", "https://a.example:8080/x"),
        ("https://a。example/x", "https://a.example/x"),
        ("ht\u200btps://a.ex\u00adam\u200dple/\ufeffx\u200e", "https://a.example/x"),
    ],
)
def test_read_undoes_what_made_an_address_harmless(typed, href):
    assert only(typed).href == href


def test_read_leaves_brackets_in_a_path_that_nobody_defanged():
    assert only("https://a.example/x[.]y").href == "https://a.example/x[.]y"


@pytest.mark.parametrize(
    "typed",
    [
        "'{}'", '"{}"', "`{}`", "<{}>", "({})", "[{}]", "{{{}}}", "“{}”", "«{}»", "「{}」", "*{}*",
        "{}.", "{},", "{};", "{}:", "{}!", "{}?", "{}…", "{}។", "{}៖", "({}).", "{}?!", "{}”.",
        "- {}", "-{}", "• {}", "* {}", "1. {}", "1) {}", "1){}", "១. {}", "(2) {}", "a) {}", "  {}  ", "\t{}", "> {}",
    ],
)  # fmt: skip
def test_read_trims_what_stands_around_an_address(typed):
    assert only(typed.format("https://a.example/x")).href == "https://a.example/x"


@pytest.mark.parametrize("typed", ["https://a.example/A_(b)", "(https://a.example/A_(b))", "https://a.example/A_(b)."])
def test_read_keeps_a_bracket_the_address_opened(typed):
    assert only(typed).href == "https://a.example/A_(b)"


def test_read_keeps_numbering_and_punctuation_in_what_was_typed():
    assert only("1. <https://a.example/x>,").raw == "1. <https://a.example/x"
    assert only("- hxxps://a[.]example/x.").raw == "- hxxps://a[.]example/x."


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("https://a.example/x https://b.example/y", ["https://a.example/x", "https://b.example/y"]),
        ("https://a.example/x,https://b.example/y", ["https://a.example/x", "https://b.example/y"]),
        ("https://a.example/x;http://b.example/y", ["https://a.example/x", "http://b.example/y"]),
        ("https://a.example/x, www.b.example", ["https://a.example/x", "https://www.b.example/"]),
        ("https://a.example/x,www.b.example", ["https://a.example/x", "https://www.b.example/"]),
        ("https://a.example/xhttps://b.example/y", ["https://a.example/x", "https://b.example/y"]),
        ("https://a.examplehttps://b.example/y", ["https://a.example/", "https://b.example/y"]),
        ("hxxps://a[.]example/xhxxps://b[.]example/y", ["https://a.example/x", "https://b.example/y"]),
        ("https://a.example/x)(https://b.example/y", ["https://a.example/x", "https://b.example/y"]),
        ("https://a.example/x|https://b.example/y", ["https://a.example/x", "https://b.example/y"]),
        ("a.example,b.example;c.example", ["https://a.example/", "https://b.example/", "https://c.example/"]),
        ("https://a.example,b.example", ["https://a.example/", "https://b.example/"]),
        ("https://a.example/maps/@11.5,104.9,15z", ["https://a.example/maps/@11.5,104.9,15z"]),
        ("https://a.example/x\r\nhttps://b.example\rc.example", [
            "https://a.example/x", "https://b.example/", "https://c.example/",
        ]),
    ],
)  # fmt: skip
def test_read_finds_several_addresses(typed, expected):
    assert hrefs(typed) == expected
    assert leftovers(typed) == []


@pytest.mark.parametrize(
    "typed",
    [
        "https://web.archive.example/web/2020/https://b.example/",
        "https://proxy.example/https://b.example/x",
        "https://a.example/?u=https://b.example/y",
        "https://a.example/?x=1&https://b.example/y",
        "https://a.example/share?text=look%20https://b.example/y",
        "https://a.example/x#https://b.example/y",
        "https://a.example/cache:https://b.example/y",
        "https://a.example/q?https://b.example/y",
    ],
)
def test_read_leaves_an_address_that_another_one_carries(typed):
    assert hrefs(typed) == [typed]
    assert hrefs(typed.removeprefix("https://")) == [typed]


def test_read_splits_after_a_carried_address_too():
    assert hrefs("https://a.example/?u=https://b.example/yhttps://c.example") == [
        "https://a.example/?u=https://b.example/y",
        "https://c.example/",
    ]


@pytest.mark.parametrize(
    ("typed", "href", "rest"),
    [
        ("look at https://a.example/x please", "https://a.example/x", ["look at", "please"]),
        ("Link:a.example/x", "https://a.example/x", ["Link:"]),
        ("URL:https://a.example/x", "https://a.example/x", ["URL:"]),
        ("view-source:https://a.example/x", "https://a.example/x", ["view-source:"]),
        ("[see](https://a.example/x)", "https://a.example/x", ["[see]("]),
        ('<a href="https://a.example/x">go</a>', "https://a.example/x", ["a href=", "go</a"]),
        ("សូមមើលhttps://a.example/x។នៅទីនេះ", "https://a.example/x", ["សូមមើល", "នៅទីនេះ"]),
        ("តំណ៖https://a.example/x", "https://a.example/x", ["តំណ"]),
        ("មើលwww.a.exampleនៅទីនេះ", "https://www.a.example/", ["មើល", "នៅទីនេះ"]),
        ("មើល\u200bhttps://a.example/x\u200bនៅ\u200bទីនេះ", "https://a.example/x", ["មើល", "នៅ\u200bទីនេះ"]),
        ("https://a.example/ 😡", "https://a.example/", ["😡"]),
        ("https://a.example/x -- https://a.example/x", "https://a.example/x", []),
    ],
)
def test_read_keeps_the_words_around_an_address(typed, href, rest):
    assert hrefs(typed) == [href]
    assert leftovers(typed) == rest


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("telegram", Problem.NOT_AN_ADDRESS),
        ("@name", Problem.NOT_AN_ADDRESS),
        ("someone@mail.example", Problem.NOT_AN_ADDRESS),
        ("someone[at]mail", Problem.NOT_AN_ADDRESS),
        ("photo.jpg", Problem.NOT_AN_ADDRESS),
        ("IMG_2024.01.MP4", Problem.NOT_AN_ADDRESS),
        ("they said.Then he left", Problem.NOT_AN_ADDRESS),
        ("e.g. 3.14 on 12.05.2025 at 11.30", Problem.NOT_AN_ADDRESS),
        ("yes,no and/or http/1.1", Problem.NOT_AN_ADDRESS),
        ("https://", Problem.NOT_AN_ADDRESS),
        ("http://:80", Problem.NOT_AN_ADDRESS),
        ("https://a..example/", Problem.NOT_AN_ADDRESS),
        ("http://999.1.2.3/", Problem.NOT_AN_ADDRESS),
        ("https://a.example:99999/", Problem.NOT_AN_ADDRESS),
        ("https://a^b.example/", Problem.NOT_AN_ADDRESS),
        (f"សូម{KHMER}", Problem.NOT_AN_ADDRESS),
        ("javascript:alert(1)", Problem.SCRIPT),
        ("JavaScript:location='https://a.example'", Problem.SCRIPT),
        ("vbscript:x", Problem.SCRIPT),
        ("file:///C:/x.jpg", Problem.LOCAL_FILE),
        ("C:\\Users\\x.jpg", Problem.LOCAL_FILE),
        ("\\\\nas\\share", Problem.LOCAL_FILE),
        ("/storage/emulated/0/DCIM/x.jpg", Problem.LOCAL_FILE),
        ("content://media/external/1", Problem.LOCAL_FILE),
        ("data:image/png;base64,AAAA", Problem.PICTURE),
        ("data:,hello", Problem.PICTURE),
        ("mailto:someone@mail.example", Problem.OTHER_SCHEME),
        ("tel:012345678", Problem.OTHER_SCHEME),
        ("tg://resolve?domain=x", Problem.OTHER_SCHEME),
        ("ftp://a.example/x", Problem.OTHER_SCHEME),
        ("http://127.0.0.1/", Problem.PRIVATE),
        ("http://0x7f.1/", Problem.PRIVATE),
        ("http://2130706433/", Problem.PRIVATE),
        ("http://127.1", Problem.PRIVATE),
        ("0x7f.1", Problem.PRIVATE),
        ("192.168.1.1", Problem.PRIVATE),
        ("http://១២៧.០.០.១/", Problem.PRIVATE),
        ("http://10.0.0.1:8080/x", Problem.PRIVATE),
        ("http://100.64.0.1/", Problem.PRIVATE),
        ("http://169.254.169.254/latest", Problem.PRIVATE),
        ("http://224.0.0.1/", Problem.PRIVATE),
        ("http://0.0.0.0/", Problem.PRIVATE),
        ("http://[::1]/", Problem.PRIVATE),
        ("http://[::]/", Problem.PRIVATE),
        ("http://[fe80::1]/", Problem.PRIVATE),
        ("http://[fd00::1]/", Problem.PRIVATE),
        ("http://[::ffff:127.0.0.1]/", Problem.PRIVATE),
        ("localhost", Problem.PRIVATE),
        ("localhost:3000/x", Problem.PRIVATE),
        ("http://LOCALHOST./x", Problem.PRIVATE),
        ("http://x.localhost/", Problem.PRIVATE),
        ("http://intranet/x", Problem.PRIVATE),
        ("http://nas.local/", Problem.PRIVATE),
        ("db.internal/x", Problem.PRIVATE),
        ("http://router.lan/", Problem.PRIVATE),
        ("https://a.example/" + "x" * 8_175, Problem.TOO_LONG),
        ("a.example/" + "x" * 8_183, Problem.TOO_LONG),
    ],
)
def test_read_says_why_a_text_is_no_address(typed, reason):
    reading = read(typed)

    assert reading.found == ()
    assert reading.leftovers == (Leftover(1, typed, reason),)


@pytest.mark.parametrize(
    "typed",
    [
        "https://exa mple.example/a b c",
        "https://exa mple.example",
        "https://exa mp le.example/a",
        "hxxps://exa mple[.]example/a",
        "https://exa mple [.] example/a",
        "https://exa\u00a0mple.example/a",
        "https://exa,mple.example/a",
        "https://exa|mple.example/a",
        'https://exa"mple.example/a',
        "https://exa<mple.example/a",
        "https://ex%20a mple.example/a",
        "https://a^b.exa mple.example/a",
        "https://ខ្ញុំ mple.example/a",
        "https://www. a.example/x",
    ],
)
def test_read_makes_no_address_of_the_remains_of_a_broken_host(typed):
    reading = read(typed)

    assert reading.found == ()
    assert [leftover.text for leftover in reading.leftovers] == [typed]


@pytest.mark.parametrize(
    ("typed", "href"),
    [
        ("https://exa mple.example/a good.example/b", "https://good.example/b"),
        ("https://exa mple.example/a and https://good.example/b", "https://good.example/b"),
        ("https://exa, good.example/b", "https://good.example/b"),
        ("'https://intranet' good.example/b", "https://good.example/b"),
        ("https://intranet - good.example/b", "https://good.example/b"),
        ("https://intranet/ good.example/b", "https://good.example/b"),
        ("https://localhost good.example/b", "https://good.example/b"),
        ("http://192.168.0.1 good.example/b", "https://good.example/b"),
        ("https:// good.example/b", "https://good.example/b"),
        ("https://exa mple.example/a\ngood.example/b", "https://good.example/b"),
    ],
)
def test_read_finds_the_address_that_stands_apart_from_a_broken_host(typed, href):
    assert hrefs(typed) == [href]


def test_read_takes_an_address_of_the_greatest_length():
    assert len(only("https://a.example/" + "x" * 8_174).href) == addresses.MAX_LENGTH
    assert only("a.example/" + "x" * 8_182)


@pytest.mark.parametrize("host", ["192.0.2.1", "198.51.100.9", "203.0.113.255", "[2001:db8::1]", "[::ffff:192.0.2.1]"])
def test_read_takes_documentation_addresses_for_public_ones(host):
    assert only(f"http://{host}/").kind is AddressKind.IP


@pytest.mark.parametrize(
    ("typed", "kind", "host", "shown"),
    [
        ("https://A.example./", AddressKind.WEB, "a.example", "a.example"),
        ("http://192.0.2.1", AddressKind.IP, "192.0.2.1", "192.0.2.1"),
        ("http://[2001:db8::1]:81", AddressKind.IP, "[2001:db8::1]", "[2001:db8::1]"),
        (f"http://www.{KHMER}.example", AddressKind.IDN, "www.xn--j2e0cg3n2c.example", f"www.{KHMER}.example"),
        ("https://xn--a.example", AddressKind.IDN, "xn--a.example", "xn--a.example"),
        (f"http://{'a' * 56}.onion/x", AddressKind.ONION, f"{'a' * 56}.onion", f"{'a' * 56}.onion"),
    ],
)
def test_address_tells_its_kind_and_host(typed, kind, host, shown):
    address = only(typed)

    assert (address.kind, address.host, address.host_display) == (kind, host, shown)


@pytest.mark.parametrize(
    ("typed", "href", "credentials"),
    [
        ("https://me:s3cret@a.example/x", "https://a.example/x", "me:s3cret"),
        ("https://me@a.example/", "https://a.example/", "me"),
        ("https://:p@a.example/", "https://a.example/", ":p"),
        ("https://b.example@a.example/b.example@", "https://a.example/b.example@", "b.example"),
        ("https://m@il:p@a.example/", "https://a.example/", "m%40il:p"),
        ("https://@a.example/", "https://a.example/", None),
        ("https://a.example/@me", "https://a.example/@me", None),
    ],
)
def test_credentials_are_cut_off_and_kept_apart(typed, href, credentials):
    address = only(typed)

    assert (address.href, address.credentials) == (href, credentials)
    assert address.canonical == only(href).canonical


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("http://a.example/x", "https://a.example/x"),
        ("https://a.example", "https://a.example"),
        ("https://a.example/", "https://a.example"),
        ("https://a.example/?", "https://a.example"),
        ("https://a.example/x/", "https://a.example/x/"),
        ("https://A.EXAMPLE.:443/x", "https://a.example/x"),
        ("http://a.example:443/x", "https://a.example/x"),
        ("https://a.example:8443/x", "https://a.example:8443/x"),
        ("https://www.a.example/x", "https://www.a.example/x"),
        ("https://a.example/x#top", "https://a.example/x"),
        ("https://a.example/x?#", "https://a.example/x"),
        ("https://a.example/#!/photo/1", "https://a.example#!/photo/1"),
        ("https://a.example/#/photo/1", "https://a.example#/photo/1"),
        ("https://a.example/x?b=2&a=1&b=3", "https://a.example/x?b=2&a=1&b=3"),
        ("https://a.example/x?utm_source=q&id=7&UTM_Medium=r&fbclid=1", "https://a.example/x?id=7"),
        ("https://a.example/x?fbclid=1", "https://a.example/x"),
        ("https://a.example/x?gclid=1&&igshid=2&mc_eid=3&a", "https://a.example/x?a"),
        ("https://a.example/x?si=1&ref=2", "https://a.example/x?si=1&ref=2"),
        ("https://a.example/%E1%9E%81", "https://a.example/%E1%9E%81"),
        ("https://a.example/%e1", "https://a.example/%e1"),
    ],
)
def test_canonical_form(typed, canonical):
    assert only(typed).canonical == canonical


def test_canonical_form_drops_a_sharers_mark_where_it_is_known():
    host, (mark, *_) = next(iter(addresses.TRACKING_AT.items()))

    assert only(f"https://{host}/x?{mark}=1&v=2").canonical == f"https://{host}/x?v=2"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://a.example/p/1?igsh=WHOSE&fbclid=WHOSE", "https://a.example/p/1"),
        ("https://a.example/p?id=7&IGSH=WHOSE&lang=km", "https://a.example/p?id=7&lang=km"),
        ("https://a.example/?utm_source=chat&q=%20a+b", "https://a.example/?q=%20a+b"),
        ("https://www.tiktok.com/@x/video/7?_r=1&_t=WHOSE&lang=km", "https://www.tiktok.com/@x/video/7?lang=km"),
        ("https://m.facebook.com/p/1?__cft__[0]=W&__tn__=W&v=2", "https://m.facebook.com/p/1?v=2"),
        ("https://m.facebook.com/p/1?__cft__%5B0%5D=W&v=2", "https://m.facebook.com/p/1?v=2"),
        ("https://youtu.be/abc?si=WHOSE&t=30", "https://youtu.be/abc?t=30"),
        ("https://x.com/u/status/1?s=20&t=WHOSE", "https://x.com/u/status/1"),
        ("https://a.example/watch?t=30&s=2&si=3", "https://a.example/watch?t=30&s=2&si=3"),
        ("https://notx.com/1?t=30", "https://notx.com/1?t=30"),
        ("https://a.example/x#:~:text=what%20was%20marked", "https://a.example/x"),
        ("https://a.example/x#part:~:text=marked", "https://a.example/x#part"),
        ("https://a.example/x#fbclid=WHOSE", "https://a.example/x"),
        ("https://a.example/#/photo/1?fbclid=WHOSE&page=2", "https://a.example/#/photo/1?page=2"),
        ("https://a.example/#!photo?utm_source=chat", "https://a.example/#!photo"),
        ("http://me:secret@A.example/x?fbclid=WHOSE", "http://a.example/x"),
    ],
)
def test_what_is_kept_of_an_address_does_not_tell_its_host_whose_link_it_was(typed, kept):
    assert addresses.parse(typed).kept == kept


@pytest.mark.parametrize(
    "href",
    [
        "https://files.example/file/AbC#the-key_that-opens-it",  # of a file host that keeps its key in the fragment
        "https://files.example/#!AbC!the-key",
        "https://app.example/#/album/7?photo=2&lang=km",
        "https://app.example/#!/album/7",
        "https://a.example/x?b=2&&a=1&b=3&empty=&flag#part-2",
        "http://a.example:8080/x?",
        "https://a.example/x?next=https%3A%2F%2Fb.example%2F%3Fid%3D1",
        "https://a.example/x?list[]=1&list[]=2",
        "https://store.example/o?utm_source=mail&X-Amz-Signature=5f&X-Amz-Date=1",
        "https://a.example/x?utm_term=7&signature=5f",
    ],
)
def test_what_is_kept_of_an_address_still_leads_to_the_same_content(href):
    assert addresses.parse(href).kept == href


def test_a_signed_address_is_compared_without_the_marks_it_must_keep():
    one, two = (addresses.parse(f"https://a.example/x?sig=5f&utm_term={who}") for who in ("me", "you"))

    assert one.canonical == two.canonical == "https://a.example/x?sig=5f"


def test_a_route_is_compared_without_the_marks_in_it():
    assert only("https://a.example/#/x?fbclid=1").canonical == only("https://a.example/#/x").canonical


def test_path_key_is_the_canonical_form_without_query():
    assert only("http://a.example:8080/x?y=1#top").path_key == "https://a.example:8080/x"
    assert only("http://a.example/x?y=1#!z").path_key == "https://a.example/x#!z"


def test_read_joins_what_is_the_same_address():
    reading = read("https://a.example/x\nlook http://A.example/x?utm_source=z#y\nHXXP://a.example/x")

    (address,) = reading.found
    assert (address.raw, address.line) == ("https://a.example/x", 1)
    assert address.typed_again == ("http://A.example/x?utm_source=z#y", "HXXP://a.example/x")
    assert reading.leftovers == (Leftover(2, "look", Problem.NOT_AN_ADDRESS),)


def test_read_numbers_lines_as_the_person_sees_them():
    reading = read("\r\nhttps://a.example\r\n\r\nword\rhttps://b.example")

    assert [address.line for address in reading.found] == [2, 5]
    assert [leftover.line for leftover in reading.leftovers] == [4]


@pytest.mark.parametrize("typed", ["", " \n\t\r\n", "...", "-- \u200b", "()", "។៖"])
def test_read_finds_nothing_in_bare_punctuation(typed):
    assert read(typed) == addresses.Reading((), ())


def test_parse_takes_an_address_as_it_is():
    assert addresses.parse("https://a.example/x.").href == "https://a.example/x."
    assert addresses.parse("hxxps://a.example") is Problem.NOT_AN_ADDRESS
    assert addresses.parse("javascript:x") is Problem.NOT_AN_ADDRESS
    assert addresses.parse("https://a.example/" + "x" * 9_000) is Problem.TOO_LONG


# --- Shown harmlessly ---


@pytest.mark.parametrize(
    ("href", "parts"),
    [
        ("https://img-board.example/t/1?q=a.b", ("hxxps://", "img-board[.]example", "/t/1?q=a.b")),
        ("http://a.b.example:8080/", ("hxxp://", "a[.]b[.]example", ":8080/")),
        ("http://192.0.2.1/", ("hxxp://", "192[.]0[.]2[.]1", "/")),
        ("http://[2001:db8::1]:81/x", ("hxxp://", "[2001:db8::1]", ":81/x")),
        ("https://me:p@a.example/x", ("hxxps://", "a[.]example", "/x")),
        ("https://a.example/web/https://b.example/", ("hxxps://", "a[.]example", "/web/hxxps://b.example/")),
        ("https://a.example", ("hxxps://", "a[.]example", "")),
        ("javascript:a.b", ("", "", "javascript[:]a[.]b")),
        ("", ("", "", "")),
    ],
)
def test_split_defanged(href, parts):
    assert addresses.split_defanged(href) == parts
    assert addresses.defang(href) == "".join(parts)


def test_defang_host():
    assert addresses.defang_host("www.a.example") == "www[.]a[.]example"


# --- Whatever is typed ---

HOSTS = ("a.example", "B.example.", "192.0.2.1", "[2001:db8::1]", "a[.]example", f"{KHMER}.example", "localhost", "x")
FRAGMENTS = st.sampled_from(
    ["http", "https", "hxxps", "://", "[:]//", ":", "/", "?", "#", "&", "=", "@", ",", ";", ".", "[.]", "(dot)", " ",
     "\n", "\r\n", "www.", "data:", "javascript:", "C:\\", "utm_source=1", "%20", "%", "(", ")", "[", "]", "{", "<",
     ">", '"', "។", "\u200b", "\u2028", "\x00", "\ud800", "😀", "１", "．", "១", KHMER, "1.", "-", "x", "photo.jpg",
     "mailto:", *HOSTS]
)  # fmt: skip
TYPED = st.one_of(st.text(), st.lists(FRAGMENTS, max_size=14).map("".join))
PATHS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PAIRS = st.sampled_from(["fbclid=1", "utm_x", "sig=1", "/x", "!", "?", "a=b", "", ":~:text=a"])
QUERIES = st.one_of(PATHS, st.lists(st.one_of(PAIRS, PATHS), max_size=4).map("&".join))
HREFS = st.builds(
    "{}://{}{}/{}?{}#{}".format, st.sampled_from(["http", "https"]), st.sampled_from(HOSTS[:4]),
    st.sampled_from(["", ":80", ":443", ":8080"]), PATHS, QUERIES, QUERIES,
)  # fmt: skip


@settings(max_examples=1_000, deadline=None)
@given(TYPED)
@example("a,b;c|https://a.example/x\u200bក")
@example("xhttps://a.example/1 1. https://a.example/1#y")
@example("http:..")
@example("http://../1 https://a.example/1")
def test_read_loses_nothing_of_any_text_and_doubles_nothing(text):
    reading = read(text)

    kept = [leftover.text for leftover in reading.leftovers]
    for address in reading.found:
        kept += [address.raw, *address.typed_again]
    assert all(piece in text for piece in kept)
    assert Counter(filter(str.isalnum, "".join(kept))) == Counter(filter(str.isalnum, text))


@settings(max_examples=400, deadline=None)
@given(HREFS)
@example("http://a.example:443/?&utm_source=1#/x")
@example("http://a.example/?#fbclid=1&?&fbclid=1")
@example("http://a.example/#fbclid=1?x=1")
def test_canonical_form_of_a_canonical_form_is_itself(typed):
    address = addresses.parse(typed)
    if isinstance(address, Problem):
        return
    for form in (address.canonical, address.path_key):
        again = addresses.parse(form)
        assert isinstance(again, Address)
        assert again.canonical == form
    assert addresses.parse(address.href).href == address.href
    kept = addresses.parse(address.kept)
    assert (kept.kept, kept.href, kept.canonical) == (address.kept, address.kept, address.canonical)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://a.example/x.html, twice", "see hxxps://a[.]example/x[.]html, twice"),
        ("HTTP://A.example", "hxxP://A[.]example"),
        ("ftp://f.example and mailto:b@a.example", "ftp[:]//f[.]example and mailto[:]b@a[.]example"),
        ("www.a.example", "www[.]a[.]example"),
        ("hxxps://a[.]example/1", "hxxps://a[.]example/1"),
        ("A name. And another: 10:30, 3.5", "A name. And another: 10:30, 3.5"),
        ("2.5, (1.5) and 3.5% of 4.5. 192.0.2.1", "2.5, (1.5) and 3.5% of 4.5. 192[.]0[.]2[.]1"),
        ("1.2/x 1.2:80 a1.2 1.2b 1.2.3 @1.2", "1[.]2/x 1[.]2:80 a1[.]2 1[.]2b 1[.]2[.]3 @1[.]2"),
        ("ពាក្យ។", "ពាក្យ។"),
    ],
)
def test_nothing_in_a_text_can_be_clicked_once_it_is_defanged(text, shown):
    assert addresses.defang_text(text) == shown
    assert addresses.defang_text(shown) == shown


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(["http://a.example", "https://www.b.example:8080", "http://192.0.2.1", "https://[2001:db8::1]:81"]),
    st.from_regex(
        r"/([a-z0-9_.-]{1,6}/)?(web/https://b\.example/)?[a-z0-9]*(\?[a-z]{1,3}=[a-z0-9.]+)?(#[a-z]+)?", fullmatch=True
    ),
)
def test_a_defanged_address_is_read_as_what_it_was(site, rest):
    href = addresses.parse(site + rest).href
    shown = addresses.defang(href)

    assert not re.search(r"https?:", shown)
    assert only(shown.rstrip(".")).href == href.rstrip(".")


@pytest.mark.parametrize("unit", READ_UNITS)
def test_read_gets_through_the_worst_text(unit):
    text = (unit * 65_536)[:65_536]

    reading = read(text)

    assert [addresses.parse(address.href).href for address in reading.found] == [one.href for one in reading.found]


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("64:ff9b::a00:1", False),  # NAT64 to 10.0.0.1
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::a9fe:a9fe", False),  # to 169.254.169.254
        ("64:ff9b:1::a00:1", False),  # NAT64 of a network's own
        ("2002:7f00:1::", False),  # 6to4 to 127.0.0.1
        ("2002:c0a8:101::1", False),
        ("::7f00:1", False),  # IPv4-compatible
        ("::ffff:0:7f00:1", False),  # IPv4-translated
        ("::ffff:a00:1", False),
        ("fec0::1", False),  # site-local
        ("5f00::1", False),
        ("64:ff9b::c633:6401", True),  # to 198.51.100.1
        ("2002:c633:6401::1", True),
        ("2001:db8::1", True),
    ],
)
def test_an_address_that_leads_to_a_network_of_ours_is_nobodys_on_the_net(address: str, public: bool) -> None:
    assert addresses.is_public(ipaddress.ip_address(address)) is public
    assert (addresses.parse(f"http://[{address}]/") is Problem.PRIVATE) is not public
