"""Reading public keys: what real tools made is taken, and what nothing can be encrypted to is refused."""

import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pysequoia
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from hotline import clock
from hotline.gateways import keys
from hotline.gateways.keys import KeyFault
from hotline.vocabulary import KeyKind

MAILBOX = "desk@partner.example"


def certificate(
    *,
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | None = None,
    since: datetime | None = None,
    days: int = 90,
    signs_only: bool = False,
) -> str:
    private = private or rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Partner desk")])
    since = since or clock.now() - timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(MAILBOX)]), critical=False)
    )
    if signs_only:
        usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
        made = made.add_extension(usage, critical=True)
    return made.sign(private, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def gpg_key(home: Path, *, expires: str = "1y", revoked: bool = False) -> str:
    """Return a key that GnuPG made."""
    home.mkdir(mode=0o700)

    def run(*words: str, typed: str = "") -> str:
        command = ["gpg", "--homedir", str(home), "--batch", "--pinentry-mode", "loopback", "--passphrase", "", *words]
        return subprocess.run(command, input=typed, capture_output=True, text=True, check=True).stdout

    run("--quick-generate-key", MAILBOX, "rsa2048", "default", expires)
    lines = run("--with-colons", "--list-keys").splitlines()
    fingerprint = next(line.split(":")[9] for line in lines if line.startswith("fpr"))
    run("--quick-add-key", fingerprint, "rsa2048", "encr", expires)
    if revoked:
        shown = (home / "openpgp-revocs.d" / f"{fingerprint}.rev").read_text()
        run("--import", typed=shown.replace(":-----BEGIN", "-----BEGIN"))
    return run("--armor", "--export", fingerprint)


def fault(kind: KeyKind, material: str) -> str:
    with pytest.raises(KeyFault) as refused:
        keys.read(kind, material)
    return refused.value.code


def test_a_key_that_gnupg_made_is_read(tmp_path: Path) -> None:
    found = keys.read(KeyKind.OPENPGP, gpg_key(tmp_path / "home"))

    assert (found.names, len(found.fingerprint)) == ((MAILBOX,), 40)
    assert found.fingerprint == found.fingerprint.lower()
    assert found.expires_at is not None
    assert timedelta(days=360) < found.expires_at - clock.now() < timedelta(days=370)
    assert keys.read(KeyKind.OPENPGP, found.material).fingerprint == found.fingerprint


def test_a_key_that_gnupg_revoked_is_refused(tmp_path: Path) -> None:
    assert fault(KeyKind.OPENPGP, gpg_key(tmp_path / "home", revoked=True)) == "revoked"


def test_an_expired_key_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    material = gpg_key(tmp_path / "home", expires="1d")
    later = clock.now() + timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert fault(KeyKind.OPENPGP, material) == "expired"


def test_two_keys_at_once_and_a_private_one_are_refused(tmp_path: Path) -> None:
    one, two = (pysequoia.Tsk.generate(f"{name}@partner.example") for name in "ab")
    public = [str(each.extract_certificate()) for each in (one, two)]

    assert fault(KeyKind.OPENPGP, "\n".join(public)) in {"several", "unreadable"}
    assert (
        fault(KeyKind.OPENPGP, "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n-----END PGP PRIVATE KEY BLOCK-----")
        == "secret"
    )


def test_a_certificate_is_read() -> None:
    found = keys.read(KeyKind.SMIME, certificate())

    assert found.names == ("CN=Partner desk", MAILBOX)
    assert (len(found.fingerprint), found.expires_at is not None) == (64, True)
    assert found.material.startswith("-----BEGIN CERTIFICATE-----")


def test_certificates_that_nothing_can_be_encrypted_to_are_refused() -> None:
    now = clock.now()

    assert fault(KeyKind.SMIME, certificate(since=now - timedelta(days=100))) == "expired"
    assert fault(KeyKind.SMIME, certificate(since=now + timedelta(days=1))) == "early"
    assert fault(KeyKind.SMIME, certificate(signs_only=True)) == "unusable"
    assert fault(KeyKind.SMIME, certificate(private=ec.generate_private_key(ec.SECP256R1()))) == "unusable"
    short = rsa.generate_private_key(65537, 1024)  # noqa: S505 -- that it is too short is the point
    assert fault(KeyKind.SMIME, certificate(private=short)) == "weak"
    assert fault(KeyKind.SMIME, certificate() + certificate()) == "several"


@pytest.mark.parametrize("kind", KeyKind)
@pytest.mark.parametrize(
    ("material", "code"),
    [
        ("", "length"),
        ("  \n ", "length"),
        ("x" * 40_001, "length"),
        ("quiet words", "unreadable"),
        ("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----", "unreadable"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "unreadable"),
        ("\ud800", "unreadable"),
    ],
)
def test_what_is_no_key_is_refused(kind: KeyKind, material: str, code: str) -> None:
    assert fault(kind, material) == code
