"""What letters say, version by version: the first came with the portal, the team writes the next. None is changed.

One person writes a version, and it counts once another has agreed to it. Who did is in the trail of that letter, and
nowhere else; a version from before two people were asked for has no word there that it was handed in, and counts.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from pathlib import Path

from sqlalchemy import Select, select

from hotline import clock, jurisdiction
from hotline.config import settings
from hotline.errors import Forbidden, NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.gateways.mail import PLAIN, Mailer, MailFault
from hotline.models.audit import AuditEntry
from hotline.models.letter_template import LetterTemplate
from hotline.models.staff import Staff
from hotline.rules import addresses, letter_recipients, letter_texts, letters
from hotline.rules.letter_recipients import Addressed
from hotline.rules.letter_texts import Text
from hotline.rules.letters import Letter
from hotline.services import audit, clock_rules, secrecy
from hotline.vocabulary import Duty, Language, LetterKey, Pace, Role, WayOut

WRITERS = (Role.REVIEWER, Role.MANAGER)
FOLDER = Path(__file__).parent.parent / "templates" / "letters"
FIRST = 1
HANDED_IN, AGREED = "handed in new words", "agreed to new words"  # in a letter's trail
INVENTED_WORDS = {
    Language.EN: "The page shows it only to visitors whose browser is set to Khmer.",
    Language.KM: "ទំព័រនេះបង្ហាញវាតែដល់អ្នកដែលកម្មវិធីរុករករបស់ខ្លួនកំណត់ជាភាសាខ្មែរប៉ុណ្ណោះ។",
}
INVENTED = ("https://img-board.example/t/1?page=2", "https://store-7.example/g/5521")


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one letter. `row_id`, `made_at` and `made_by` are None or empty for the one that came with it.

    `counts_from` is when it came into force: None for that one, and while it `waits` for a second person. `agreed_by`
    is the number of whoever that was.
    """

    letter: LetterKey
    language: Language
    version: int
    text: Text
    row_id: int | None = None
    reason: str = ""
    made_at: datetime | None = None
    made_by: str = ""
    counts_from: datetime | None = None
    agreed_by: str = ""
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """A letter about invented addresses, as it is written to one sort of recipient; None: to all of them alike."""

    to: Addressed | None
    letter: Letter


def in_force(letter: LetterKey, language: Language) -> Version:
    """Return the version that letters are written from now."""
    return next(one for one in history(letter, language) if not one.waits)


def newest(letter: LetterKey, language: Language) -> Version:
    """Return the newest version, which may wait for a second person. An older one that waited counts no more."""
    return history(letter, language)[0]


def list_waiting() -> list[Version]:
    """Return the versions that wait for a second person."""
    every = (newest(letter, language) for letter in letter_texts.WRITTEN for language in Language)
    return [one for one in every if one.waits]


def list_in_force() -> list[Version]:
    """Return the version in force, in every language, of every letter that something is written from."""
    return [in_force(letter, language) for letter in letter_texts.WRITTEN for language in Language]


def history(letter: LetterKey, language: Language) -> list[Version]:
    """Return every version of one letter, the newest first."""
    rows = db.session.scalars(_rows(letter, language)).all()
    trail = _trail(letter, language) if rows else {}
    return [*(_version(row, trail) for row in rows), _built_in(letter, language)]


def get(letter: LetterKey, language: Language, version: int) -> Version:
    """Return one version. Raises NotFound for a number that nobody has given."""
    found = next((one for one in history(letter, language) if one.version == version), None)
    if found is None:
        raise NotFound(f"no version {version} of {letter}.{language}")
    return found


def publish(letter: LetterKey, language: Language, text: Text, reason: str, *, based_on: int, by: Staff) -> Version:
    """Hand in a new version. It counts once another person has agreed to it (`agree`).

    Raises Refused by field, also where nothing differs or a member of staff is named; Overtaken where a newer version
    than `based_on` was handed in meanwhile.
    """
    _refuse_others(by)
    written = letter_texts.clean(text)
    if wrong := letter_texts.faults(letter, written, reason):
        raise Refused(*wrong)
    _refuse_our_names(written, partial(secrecy.check_names, WayOut.TEMPLATE))
    last = newest(letter, language)
    if last.version != based_on:
        raise Overtaken(f"version {last.version} of {letter}.{language} is newer")
    if last.text == written:
        raise Refused(("body", "nothing_new"))
    row = LetterTemplate(
        letter=letter,
        language=language,
        version=last.version + 1,
        subject=written.subject,
        body=written.body,
        reason=reason.strip(),
        made_by=by,
        made_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    audit.record(by, HANDED_IN, _subject(letter, language), version=row.version)
    return newest(letter, language)


def may_agree(version: Version, *, by: Staff) -> bool:
    """Whether this person may let a version count: it waits, is the newest, and somebody else wrote it."""
    is_newest = version.version == newest(version.letter, version.language).version
    return version.waits and is_newest and by.has(*WRITERS) and _author_of(version) != by.id


def agree(version: Version, *, by: Staff) -> None:
    """Put a version in force that another person wrote. Letters that are drafted already keep what they say.

    Raises Refused (`agree`, code): `second_person` for who wrote it, `names_us` where one of us stands in it by now.
    Raises WrongState where it does not wait, Overtaken where another was handed in since.
    """
    _refuse_others(by)
    if version.version != newest(version.letter, version.language).version:
        raise Overtaken(f"version {version.version} of {version.letter}.{version.language} is not the newest")
    if not version.waits:
        raise WrongState(f"version {version.version} of {version.letter}.{version.language} does not wait")
    if _author_of(version) == by.id:
        raise Refused(("agree", "second_person"))
    if any(secrecy.names_one_of_us(words) for words in (version.text.subject, version.text.body)):
        raise Refused(("agree", "names_us"))
    audit.record(by, AGREED, _subject(version.letter, version.language), version=version.version)


def preview(letter: LetterKey, language: Language, text: Text, *, by: Staff) -> tuple[Preview, ...]:
    """Return a letter as `text` would write it, about invented addresses, to nobody. Raises Refused as `publish`.

    Where it says something else to one sort of recipient than to another: once for each.
    """
    _refuse_others(by)
    written = letter_texts.clean(text)
    if wrong := letter_texts.faults(letter, written, "preview"):
        raise Refused(*wrong)
    listed = INVENTED if letter is not LetterKey.RETRACTION else ()
    values, time = _invented(letter, language, by=by), time_to_act(language)
    filled = {
        to: letter_texts.fill(written, values | letter_recipients.values(language, to, time=time))
        for to in letter_recipients.of(letter)
    }
    shown = {to: Letter("", text.subject, text.body, listed) for to, text in filled.items()}
    if len(set(shown.values())) == 1:
        return (Preview(None, shown[Addressed.HOST]),)
    return tuple(Preview(to, one) for to, one in shown.items())


def send_test(
    letter: LetterKey, language: Language, text: Text, *, mailbox: str, by: Staff, mailer: Mailer | None
) -> None:
    """Send what `preview` shows to a mailbox of our own. Outside any transaction; the trail tells it.

    One person alone sends nothing to anybody else. Raises Refused (`mailbox`, code) for what is no mailbox of ours and
    for what the mail server said, and as `publish` for words that may not leave.
    """
    shown = preview(letter, language, text, by=by)[0].letter
    _refuse_our_names(letter_texts.clean(text), secrecy.names_one_of_us)  # to ourselves: not counted
    if not PLAIN.fullmatch(mailbox.strip()):
        raise Refused(("mailbox", "wrong"))
    if mailbox.strip().rpartition("@")[2].lower() != settings().mail_from.rpartition("@")[2].lower():
        raise Refused(("mailbox", "not_ours"))
    if mailer is None:
        raise Refused(("mailbox", "no_server"))
    sender = settings().mail_from
    message_id = f"<t-{secrets.token_hex(12)}@{sender.partition('@')[2]}>"
    wire = letters.message(
        Letter(mailbox.strip(), f"TEST: {shown.subject}", shown.text, shown.addresses),
        message_id=message_id,
        sender=sender,
        sender_name=jurisdiction.current().brand(Language.EN),
        at=clock.now(),
    )
    audit.record_read(by, "sent a test", _subject(letter, language))
    try:
        mailer.send(sender, mailbox.strip(), message_id, wire)
    except MailFault as fault:
        raise Refused(("mailbox", "not_taken")) from fault


def _invented(letter: LetterKey, language: Language, *, by: Staff) -> dict[str, str]:
    place = jurisdiction.current()
    return {
        "ref": "N-EXAMPLE",
        "recipient": "Example Hosting B.V.",
        "brand": place.brand(language),
        "country": place.country_name(language),
        "phone": place.hotline_phone.international,
        "staff": by.number,
        "addresses": "\n".join(addresses.defang(one) for one in INVENTED),
        "count": str(len(INVENTED)),
        "finding": letter_texts.finding(language, baseline=True),
        "law": letter_texts.law(language, country=place.country_name(language), title=place.law_title(language)),
        "network": "198.51.100.77, AS64511 Example Hosting B.V., NL",
        "seen": "2026-11-10 02:40 UTC",
        "earlier": "N-EARLIER",
        "earlier_sent": "2026-11-09",
        "earlier_recipient": "Example Cloud UAB",
        "reply_link": "https://hotline.example/reply/N-EXAMPLE",
        "which": letter_texts.which(language, place=2, count=3),
        "words": letter_texts.typed(language, INVENTED_WORDS[language]),
        "remind": letter_recipients.remind(language, time=time_to_act(language)),
        **our_key(),
    }


def time_to_act(language: Language) -> str:
    """Return how long a host has until it is reminded, as the rules in force say, in a letter's language."""
    limit = clock_rules.rule_for(Duty.REMOVE, None).limit
    return letter_recipients.time(language, limit.length, limit.pace, clock_rules.day_of(Pace.WORKING))


def our_key() -> dict[str, str]:
    """Return what letters name of our own OpenPGP key, by the place it fills; nothing where we have none."""
    return {"key_link": settings().openpgp_url, "fingerprint": settings().openpgp_fingerprint}


def _refuse_others(by: Staff) -> None:
    if not by.has(*WRITERS):
        raise Forbidden("a reviewer or a manager writes letters")


def _refuse_our_names(text: Text, names: Callable[[str], bool]) -> None:
    for field, words in (("subject", text.subject), ("body", text.body)):
        if names(words):
            raise Refused((field, "names_us"))


def _rows(letter: LetterKey, language: Language) -> Select[LetterTemplate]:
    query = select(LetterTemplate).where(LetterTemplate.letter == letter, LetterTemplate.language == language)
    return query.order_by(LetterTemplate.version.desc())


def _subject(letter: LetterKey, language: Language) -> str:
    return f"letter {letter}.{language}"


def _author_of(version: Version) -> int | None:
    row = db.session.get(LetterTemplate, version.row_id) if version.row_id is not None else None
    return row.made_by_id if row is not None else None


def _trail(letter: LetterKey, language: Language) -> dict[int, AuditEntry]:
    """Return by version what was done last about those that were handed in: that, or that somebody agreed."""
    entries = audit.of_action(_subject(letter, language), HANDED_IN, AGREED)
    return {json.loads(one.details or "{}").get("version", 0): one for one in entries}


def _version(row: LetterTemplate, trail: Mapping[int, AuditEntry]) -> Version:
    done = trail.get(row.version)
    waits = done is not None and done.action == HANDED_IN
    return Version(
        row.letter,
        row.language,
        row.version,
        Text(row.subject, row.body),
        row_id=row.id,
        reason=row.reason,
        made_at=row.made_at,
        made_by=row.made_by.name,
        counts_from=None if waits else done.at if done is not None else row.made_at,
        agreed_by="" if waits or done is None else done.actor,
        waits=waits,
    )


@cache
def _built_in(letter: LetterKey, language: Language) -> Version:
    return Version(letter, language, FIRST, letter_texts.read((FOLDER / f"{letter}.{language}.txt").read_text("utf-8")))
