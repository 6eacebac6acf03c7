"""The search itself: what is planted is found, in every dress, and what is not there is not."""

import base64
import json
import os
import quopri
import zlib
from email.message import EmailMessage
from urllib.parse import quote, quote_plus, urlencode

import pytest

from tests.traces import search

WORDS = {"latin": "Quokka told us & more", "khmer": "ពាក្យសម្ងាត់ពិសេស", "label": "ហាងលាក់"}
NOISE = os.urandom(3000)


def mail(text: str, cte: str) -> bytes:
    message = EmailMessage()
    message.set_content(f"{'padding ' * 9}{text} {'padding ' * 20}\n", cte=cte)
    return message.as_bytes()


DRESSES = {
    "plain": lambda text: text.encode(),
    "plain, in capitals": lambda text: text.upper().encode(),
    "UTF-16, little": lambda text: text.encode("utf-16-le"),
    "UTF-16, big": lambda text: text.encode("utf-16-be"),
    "percent-encoded": lambda text: quote(text).encode(),
    "percent-encoded, small": lambda text: quote(text, safe="").lower().encode(),
    "form": lambda text: urlencode({"details": f"a {text} b"}).encode(),
    "form value": lambda text: quote_plus(text).encode(),
    "hex": lambda text: text.encode().hex().encode(),
    "HEX": lambda text: text.encode().hex().upper().encode(),
    "JSON": lambda text: json.dumps([text]).encode(),
    "base64, 0": lambda text: base64.b64encode(text.encode()),
    "base64, 1": lambda text: base64.b64encode(b"x" + text.encode() + b"yz"),
    "base64, 2": lambda text: base64.b64encode(b"xy" + text.encode() + b"z"),
    "base64 for addresses": lambda text: base64.urlsafe_b64encode(b"xy" + text.encode() + b"z"),
    "base64 in lines": lambda text: base64.encodebytes(b"p" * 50 + text.encode() + b"p" * 50),
    "base64 mail": lambda text: mail(text, "base64"),
    "quoted-printable": lambda text: quopri.encodestring(text.encode()),
    "quoted-printable mail": lambda text: mail(text, "quoted-printable"),
    "Python's own notation": lambda text: repr(text).encode(),
}


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("dress", DRESSES)
def test_a_planted_needle_is_found_in_every_dress(dress: str, word: str):
    planted = NOISE + DRESSES[dress](WORDS[word]) + NOISE

    assert search.find({"needle": WORDS[word]}, planted)


def test_an_international_name_is_found_as_the_network_writes_it():
    planted = NOISE + b"https://" + "ហាងលាក់.example".encode("idna") + b"/" + NOISE

    assert search.find({"needle": "ហាងលាក់"}, planted) == ["needle: punycode"]


def test_what_is_packed_is_unpacked():
    packed = base64.b64encode(zlib.compress(b"Quokka told us"))

    assert b"Quokka" in search.unpacked(packed)


@pytest.mark.parametrize("word", WORDS)
def test_nothing_is_found_where_nothing_is(word: str):
    assert search.find({"needle": WORDS[word]}, NOISE * 300 + "Quokka sold us, ពាក្យ, xn--e1a".encode()) == []
