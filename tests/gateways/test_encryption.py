"""Letters that are encrypted, opened by the programs their recipients use."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

import pytest

from hotline.gateways import encryption
from hotline.gateways.encryption import CannotEncrypt
from hotline.rules import letters
from hotline.rules.letters import Letter
from hotline.vocabulary import KeyKind
from tests.gateways import locksmith
from tests.gateways.locksmith import Gpg, Openssl

SUBJECT, TEXT = "URGENT: please remove [N-4X7PQM]", "Dear team,\n\nសូមគោរព\n"
ADDRESSES = ("https://img-board.example/t/1?a=b", "https://img-board.example/" + "long/" * 300)
PLAIN = Letter("desk@police.example", SUBJECT, TEXT, ADDRESSES, reports=('{"a": 1}', '{"b": 2}'))
MESSAGE_ID = "<n-1.0123456789abcdef@hotline.example>"


@pytest.fixture(scope="module")
def gpg() -> Iterator[Gpg]:
    with locksmith.gpg() as made:
        yield made


@pytest.fixture(scope="module")
def openssl(tmp_path_factory: pytest.TempPathFactory) -> Openssl:
    return locksmith.openssl(tmp_path_factory.mktemp("openssl"))


def sealed(kind: KeyKind, material: str, letter: Letter = PLAIN) -> Letter:
    inside = letters.inside(letter, message_id=MESSAGE_ID)
    facts = {name: getattr(letter, name) for name in Letter.__slots__}
    encrypted = encryption.encrypt(kind, material, inside)
    return Letter(**facts | {"kind": kind, "encrypted": encrypted, "outside": "Confidential message [N-4X7PQM]"})


def on_the_wire(letter: Letter) -> bytes:
    at = parsedate_to_datetime("Tue, 24 Nov 2026 10:00:00 +0000")
    sender = {"sender": "notices@hotline.example", "sender_name": "Internet Hotline"}
    return letters.message(letter, message_id=MESSAGE_ID, at=at, **sender)


def parsed(wire: bytes) -> EmailMessage:
    return message_from_bytes(wire, policy=policy.default)


def is_whole(inner: EmailMessage) -> bool:
    addresses, first, second = inner.iter_attachments()
    assert inner["Subject"] == SUBJECT
    assert inner.get_body(("plain",)).get_content().split() == TEXT.split()
    assert addresses.get_content().split() == list(ADDRESSES)
    return (first.get_filename(), second.get_filename()) == ("xarf-1.json", "xarf-2.json")


def test_gpg_opens_what_is_encrypted_to_its_key_and_the_real_subject_is_inside(gpg: Gpg) -> None:
    wire = on_the_wire(sealed(KeyKind.OPENPGP, gpg.public))
    message = parsed(wire)
    version, encrypted = message.iter_parts()

    assert message.get_content_type() == "multipart/encrypted"
    assert message.get_param("protocol") == "application/pgp-encrypted"
    assert (version.get_content_type(), version.get_payload(decode=True).split()) == (
        "application/pgp-encrypted",
        [b"Version:", b"1"],
    )
    assert message["Subject"] == "Confidential message [N-4X7PQM]"
    assert is_whole(parsed(gpg.open(encrypted.get_payload(decode=True))))


def test_openssl_opens_what_is_encrypted_to_its_certificate(openssl: Openssl) -> None:
    wire = on_the_wire(sealed(KeyKind.SMIME, openssl.public))
    message = parsed(wire)

    assert message.get_content_type() == "application/pkcs7-mime"
    assert message.get_param("smime-type") == "enveloped-data"
    assert message["Subject"] == "Confidential message [N-4X7PQM]"
    assert is_whole(parsed(openssl.open(wire)))


@pytest.mark.parametrize("kind", KeyKind)
def test_nothing_of_the_letter_stands_outside(kind: KeyKind, gpg: Gpg, openssl: Openssl) -> None:
    public = gpg.public if kind is KeyKind.OPENPGP else openssl.public
    wire = on_the_wire(sealed(kind, public))

    assert wire.isascii()
    assert max(map(len, wire.split(b"\r\n"))) <= 998
    for words in (b"URGENT", b"img-board", b"Dear team"):
        assert words not in wire


@pytest.mark.parametrize("kind", KeyKind)
def test_a_letter_encrypted_once_is_the_same_to_the_byte_each_time(kind: KeyKind, gpg: Gpg, openssl: Openssl) -> None:
    letter = sealed(kind, gpg.public if kind is KeyKind.OPENPGP else openssl.public)

    assert on_the_wire(letter) == on_the_wire(letter)
    assert encryption.encrypt(kind, gpg.public if kind is KeyKind.OPENPGP else openssl.public, b"x") != letter.encrypted


@pytest.mark.parametrize("kind", KeyKind)
@pytest.mark.parametrize("material", ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_key_takes_no_letter(kind: KeyKind, material: str) -> None:
    with pytest.raises(CannotEncrypt):
        encryption.encrypt(kind, material, b"x")


def test_the_envelope_for_programs_has_the_parts_they_look_for_and_the_addresses_last() -> None:
    letter = Letter("abuse@cloud.example", SUBJECT, TEXT, ADDRESSES[:1], reports=('{"a": 1}',), for_programs=True)
    wire = on_the_wire(letter)
    message = parsed(wire)
    text, about, report, addresses = message.iter_parts()

    assert (message.get_content_type(), message.get_param("report-type")) == ("multipart/report", "feedback-report")
    assert text.get_content_type() == "text/plain"
    assert about.get_content_type() == "message/feedback-report"
    assert b"Feedback-Type: xarf\r\nUser-Agent: hotline-portal/1\r\nVersion: 1\r\n" in wire
    assert (report.get_content_type(), report.get_param("name")) == ("application/json", "xarf.json")
    assert report.get_payload(decode=True) == b'{"a": 1}'
    assert addresses.get_filename() == "addresses.txt"
    assert b"\n" not in wire.replace(b"\r\n", b"")
