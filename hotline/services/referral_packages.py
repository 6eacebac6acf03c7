"""What a service is told: gathered from the file by what consent allows, sealed, and encrypted to the service's key."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from hotline import clock, jurisdiction
from hotline.errors import Refused
from hotline.gateways import encryption
from hotline.gateways.encryption import CannotEncrypt
from hotline.models.referral import Referral
from hotline.models.service_provider import ServiceProvider
from hotline.models.staff import Staff
from hotline.models.victim_case import VictimCase
from hotline.rules import confidential, letter_texts, person_names, referral_letters, referrals, victim_files
from hotline.rules.anonymity import Leak, LeakKind
from hotline.rules.letter_texts import Text
from hotline.rules.referral_letters import File
from hotline.rules.referrals import Package, Sender
from hotline.services import case_files, letter_templates, secrecy, service_providers
from hotline.vocabulary import Language, Need, PersonPart, Share, WayOut

PACKAGE, WORDS = "referral.package", "referral.words"


@dataclass(frozen=True, slots=True)
class Faults:
    """What must not leave of a package: the fields with a name or number of a suspect, those that name one of us.

    `unagreed` are those that name the child where the name is not told.
    """

    suspects: tuple[str, ...]
    ours: tuple[str, ...]
    unagreed: tuple[str, ...]
    unsure: tuple[Leak, ...]  # in the officer's words: people of the case, mailboxes and numbers: may be meant


def gather(
    one: VictimCase,
    provider: ServiceProvider,
    *,
    ref: str,
    need: Need,
    allowed: Iterable[Share],
    left_out: Iterable[Share],
    words: str,
    use_until: date,
    language: Language,
    person: str,
) -> Package:
    """Return what is told of a case today. `person` is the number of whoever answers for it."""
    place, today, kept_back = jurisdiction.current(), jurisdiction.today(), tuple(left_out)
    file = case_files.opened(one)
    return Package(
        reference=ref,
        service=service_providers.name_of(provider, language),
        need=need,
        sender=Sender(
            name=place.brand(language),
            country=place.country_name(language),
            phone=place.hotline_phone.international,
            person=person,
        ),
        told=victim_files.shared(file, referrals.shares(allowed, kept_back), today),
        words=words,
        use_until=use_until.isoformat(),
        written_on=today.isoformat(),
        left_out=tuple(share for share in Share if share in kept_back),
    )


def seal(package: Package) -> bytes:
    """Seal a package. Nothing else of a referral says what is in it."""
    return case_files.seal(PACKAGE, referrals.written(package))


def unseal(referral: Referral) -> Package:
    """Open a package as it was written. Raises KeyMissing or Unreadable."""
    return referrals.read(case_files.unseal(PACKAGE, referral.package))


def faults_of(package: Package, one: VictimCase) -> Faults:
    """Return what must not leave. Whoever calls has the read of the case on record, or is about to change it."""
    people = case_files.people(one)
    file = case_files.opened(one)
    suspects = [person for row, person in people if row.is_suspect]
    numbered = referrals.numbered_in(package, [person.phone for person in suspects])
    others = [file.name, *file.other_names.split(","), *(person.name for row, person in people if not row.is_suspect)]
    named = referrals.named_in(package, [person.name for person in suspects], others)
    childs = [file.name, *file.other_names.split(",")]
    around = [person.name for row, person in people if not row.is_suspect and row.part is not PersonPart.CHILD]
    texts = {"words": package.words, **package.told}
    leaks = secrecy.leaks_in_words(package.words)
    others_named = [
        Leak(LeakKind.NAME, name) for name in around if referrals.names_child(package.words, [name], childs)
    ]
    return Faults(
        suspects=tuple(key for key in texts if key in named or key in numbered),
        ours=tuple(key for key, text in texts.items() if _names_one_of_us(text, others)),
        unagreed=referrals.child_named_in(package, childs, around),
        unsure=(*others_named, *(leak for leak in leaks if not leak.is_ours)),
    )


def require_clean(package: Package, one: VictimCase) -> None:
    """Raise Refused where a suspect or one of us is named: (field, `suspect` or `staff`), `told:` before the file's.

    The check is counted. Only inside `writing()`.
    """
    found = faults_of(package, one)
    secrecy.note(WayOut.REFERRAL, is_hit=bool(found.ours))
    wrong = [(_field(key), "suspect") for key in found.suspects]
    wrong += [(_field(key), "staff") for key in found.ours if key not in found.suspects]
    if wrong:
        raise Refused(*wrong)


def has_key(provider: ServiceProvider) -> bool:
    """Whether something can be encrypted to a service's key now."""
    return provider.key_material is not None and confidential.is_usable(
        expires_at=provider.key_expires_at, withdrawn_at=None, now=clock.now()
    )


def text_of(package: Package, language: Language) -> Text:
    """Return the package as a service reads it, in its language."""
    known = jurisdiction.current().provinces.get(package.told.get("province", ""), {})
    return referral_letters.package_text(
        _template(referral_letters.PACKAGE, language),
        package,
        language,
        province=known.get(language, ""),
        day=_day(package.written_on, language),
        until=_day(package.use_until, language),
    )


def revoked_text(package: Package, language: Language) -> Text:
    """Return what asks a service to destroy a package: to be encrypted, or read out on the telephone."""
    today = _day(jurisdiction.today().isoformat(), language)
    return referral_letters.revoked_text(_template(referral_letters.REVOKED, language), package, today)


def cover(package: Package, language: Language) -> Text:
    """Return the open words around an encrypted package."""
    return referral_letters.cover_text(_template(referral_letters.COVER, language), package)


def encrypted(text: Text, provider: ServiceProvider, *, ref: str) -> File:
    """Encrypt a text to a service's own key. Raises Refused (`means`, `no_key` or `bad_key`)."""
    if not has_key(provider) or provider.key_kind is None or provider.key_material is None:
        raise Refused(("means", "no_key"))
    part = referral_letters.to_encrypt(text, provider.key_kind, ref=ref)
    try:
        body = encryption.encrypt(provider.key_kind, provider.key_material, part)
    except CannotEncrypt as fault:
        raise Refused(("means", "bad_key")) from fault
    return referral_letters.file_of(body, provider.key_kind, ref=ref)


def words_of(referral: Referral) -> referrals.Words:
    """Open what is known of a referral since it went. Raises KeyMissing or Unreadable."""
    return referrals.read_words(case_files.unseal(WORDS, referral.words)) if referral.words else referrals.Words()


def keep_words(referral: Referral, words: referrals.Words) -> None:
    """Seal what is known of a referral since it went."""
    referral.words = case_files.seal(WORDS, referrals.written_words(words))


def add_line(referral: Referral, what: str, words: str, *, by: Staff) -> None:
    """Add one line to what is known of a referral since it went."""
    line = referrals.Line(clock.now().isoformat(), by.number, what, words)
    keep_words(referral, referrals.with_line(words_of(referral), line))


def _names_one_of_us(text: str, others: Iterable[str]) -> bool:
    """Whether a text bears the name of one of us that is nobody's of the case (many people share a name), or a mailbox
    or number of ours.
    """
    own = {word for name in others for word in person_names.spellings(name)}
    found = [leak for leak in secrecy.leaks_in_words(text) if leak.is_ours]
    return any(leak.kind is not LeakKind.NAME or own.isdisjoint(person_names.words(leak.found)) for leak in found)


def _field(key: str) -> str:
    return key if key == "words" else f"told:{key}"


def _day(iso: str, language: Language) -> str:
    return format_date(referral_letters.day_of(iso), "d MMMM y", locale=language)


def _template(name: str, language: Language) -> Text:
    return letter_texts.read((letter_templates.FOLDER / f"{name}.{language}.txt").read_text(encoding="utf-8"))
