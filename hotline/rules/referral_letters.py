"""The papers of a referral: what goes to a service, what lies open around it, and what takes it back. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from hotline.rules import letter_texts, letters
from hotline.rules.letter_texts import Text
from hotline.rules.letters import AS_WRITTEN, PLAIN, Letter
from hotline.rules.referrals import Package
from hotline.vocabulary import KeyKind, Language, Need

COVER, PACKAGE, REVOKED = "referral_cover", "referral", "referral_revoked"
CONTACT = ("safe_when", "safe_number", "safe_answer", "safe_never")
ABOUT = {Language.EN: "About the person", Language.KM: "អំពីបុគ្គលនោះ"}
REACH = {Language.EN: "How to reach them safely", Language.KM: "របៀបទាក់ទងពួកគេដោយសុវត្ថិភាព"}
VOICEMAIL = {
    Language.EN: "Never leave a message on voicemail.",
    Language.KM: "សូមកុំទុកសារជាសំឡេងជាដាច់ខាត។",
}
SEXES = {
    Language.EN: {"female": "female", "male": "male", "other": "other"},
    Language.KM: {"female": "ស្រី", "male": "ប្រុស", "other": "ផ្សេងទៀត"},
}
NEEDS: Mapping[Language, Mapping[Need, str]] = {
    Language.EN: {
        Need.SAFETY: "safety",
        Need.HEALTH: "health",
        Need.PSYCHOSOCIAL: "emotional health",
        Need.LEGAL: "legal protection",
        Need.SHELTER: "shelter",
        Need.EDUCATION: "education",
        Need.FAMILY: "family and care",
        Need.LIVELIHOOD: "livelihood",
        Need.DOCUMENTS: "documents",
        Need.ONLINE: "safety online",
    },
    Language.KM: {
        Need.SAFETY: "សុវត្ថិភាព",
        Need.HEALTH: "សុខភាព",
        Need.PSYCHOSOCIAL: "សុខភាពផ្លូវចិត្ត",
        Need.LEGAL: "ការការពារផ្លូវច្បាប់",
        Need.SHELTER: "ទីជម្រក",
        Need.EDUCATION: "ការអប់រំ",
        Need.FAMILY: "គ្រួសារ និងការថែទាំ",
        Need.LIVELIHOOD: "ការចិញ្ចឹមជីវិត",
        Need.DOCUMENTS: "ឯកសារ",
        Need.ONLINE: "សុវត្ថិភាពលើអ៊ីនធឺណិត",
    },
}


@dataclass(frozen=True, slots=True)
class File:
    """Something encrypted that a person opens with a key of their own: its name, its type, and its bytes."""

    name: str
    kind: str
    body: bytes


def package_text(template: Text, package: Package, language: Language, *, province: str, day: str, until: str) -> Text:
    """Return what a service reads. `province` is its name, `day` and `until` are days as the language says them."""
    told = dict(package.told)
    sex, code = told.get("sex", ""), told.get("province", "")
    reach = any(told.get(name) for name in CONTACT)
    values = {
        **told,
        **_always(package, day),
        "need": NEEDS[language][package.need],
        "words": package.words,
        "sex": SEXES[language].get(sex, sex),
        "province": province or code,
        "use_until": until,
        "about": ABOUT[language] if set(told) - set(CONTACT) else "",
        "contact": REACH[language] if reach else "",
        "voicemail": VOICEMAIL[language] if reach else "",
    }
    return letter_texts.fill(template, values)


def revoked_text(template: Text, package: Package, day: str) -> Text:
    """Return what asks a service to destroy a package. It tells nothing of what stood in it."""
    return letter_texts.fill(template, _always(package, day))


def cover_text(template: Text, package: Package) -> Text:
    """Return the open words around a package: no name of ours, none of theirs, nothing of what it is about."""
    return letter_texts.fill(template, _open(package))


def to_encrypt(text: Text, kind: KeyKind, *, ref: str) -> bytes:
    """Return what is encrypted: the text itself, or the part of a mail for programs that open nothing else."""
    if kind is KeyKind.OPENPGP:
        return text.body.encode()
    return letters.inside(Letter("", text.subject, text.body, ()), message_id=ref)


def file_of(encrypted: str, kind: KeyKind, *, ref: str) -> File:
    """Return what was encrypted as a file: `.asc` for OpenPGP, and a message of its own for S/MIME."""
    if kind is KeyKind.OPENPGP:
        return named(encrypted.encode("ascii"), kind, ref=ref)
    part = EmailMessage(policy=AS_WRITTEN)
    part["Subject"], part["MIME-Version"] = ref, "1.0"
    part["Content-Type"] = 'application/pkcs7-mime; smime-type="enveloped-data"; name="smime.p7m"'
    part["Content-Transfer-Encoding"] = "base64"
    part["Content-Disposition"] = 'attachment; filename="smime.p7m"'
    part.set_payload(encrypted)
    return named(part.as_bytes(), kind, ref=ref)


def named(body: bytes, kind: KeyKind, *, ref: str) -> File:
    """Return such a file, made before, by its name."""
    if kind is KeyKind.OPENPGP:
        return File(f"{ref}.txt.asc", "application/pgp-encrypted", body)
    return File(f"{ref}.eml", "message/rfc822", body)


def mail(cover: Text, file: File, *, message_id: str, sender: str, mailbox: str, at: datetime) -> bytes:
    """Return the whole message (RFC 5322, ASCII): the cover, and the file that only the service opens.

    The same arguments give the same bytes. Nobody is named as its sender.
    """
    message = EmailMessage(policy=AS_WRITTEN)
    for name, value in (("From", Address("", addr_spec=sender)), ("To", mailbox), ("Subject", cover.subject)):
        message[name] = PLAIN.header_store_parse(name, value)[1]  # encodes what is not ASCII, refuses a line break
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message["MIME-Version"] = "1.0"
    message.make_mixed()
    text = EmailMessage(policy=AS_WRITTEN)
    text.set_content(cover.body)
    del text["MIME-Version"]  # belongs to the whole
    message.attach(text)
    message.attach(_attached(file))
    message.set_boundary(f"=={hashlib.blake2b(message_id.encode(), digest_size=16).hexdigest()}==")
    return message.as_bytes()


def day_of(iso: str) -> date:
    """Return a day of a package."""
    return date.fromisoformat(iso)


def _attached(file: File) -> EmailMessage:
    part = EmailMessage(policy=AS_WRITTEN)
    is_message = file.kind == "message/rfc822"
    part["Content-Type"] = f'{file.kind if is_message else "application/octet-stream"}; name="{file.name}"'
    part["Content-Disposition"] = f'attachment; filename="{file.name}"'
    if is_message:
        part.set_payload([message_from_bytes(file.body, policy=AS_WRITTEN)])
    else:
        part.set_payload(file.body.decode("ascii").replace("\r\n", "\n"))
    return part


def _always(package: Package, day: str) -> dict[str, str]:
    named = {"service": package.service, "brand": package.sender.name, "country": package.sender.country}
    return {**_open(package), **named, "written_on": day}


def _open(package: Package) -> dict[str, str]:
    return {"ref": package.reference, "phone": package.sender.phone, "staff": package.sender.person}
