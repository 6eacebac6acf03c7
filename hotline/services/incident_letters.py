"""Telling officials of an incident: a letter drafted from the record, edited and read by a person, sent with its proof
kept; or a telephone call, with whom, when and by whom.

A letter that comes back or is refused has told nobody: the clock goes on. A letter of a drill never leaves.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from babel.dates import format_datetime
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction, outbox, vault
from hotline.config import settings
from hotline.errors import KeyMissing, NotFound, Overtaken, Refused, Unreadable, WrongState
from hotline.extensions import db
from hotline.gateways import encryption, mail
from hotline.gateways.encryption import CannotEncrypt
from hotline.gateways.mail import Handed, Mailer, MailFault
from hotline.models.incident import Incident, IncidentCall, IncidentLetter
from hotline.models.practice import Official
from hotline.models.staff import Staff
from hotline.rules import incidents as rules
from hotline.rules import letter_texts, letters
from hotline.rules.anonymity import Leak
from hotline.rules.letter_texts import Text
from hotline.services import audit, incidents, letter_templates, mailing, officials, secrecy
from hotline.services.incidents import subject
from hotline.services.mailing import Lease
from hotline.transactions import writing
from hotline.vocabulary import IncidentEntryKind, IncidentLetterState, KeyKind, Language, OfficialPart, WayOut

DELIVER = "hotline.jobs.incidents.deliver_incident_letter"
TEMPLATE = "incident_notice"
LETTER, CALL, PROOF = "incident.letter", "incident.call", "incident.proof"
LONGEST_PAUSE = timedelta(minutes=30)
MOST_TRIES = 20
NO_SERVER, OTHER_ENTRY, UNREADABLE, BOUNCED = "no_server", "entry", "unreadable", "bounced"
NAMES_US = "names_us"  # of somebody of whom it was not known when it was sent
DOUBTED = "may have arrived"
CHANGED, OLDER_CAME_BACK = "changed a letter", "an earlier form came back"
TAKEN = "250"  # what a mail server says when it has taken a letter (RFC 5321)
EDITED = (IncidentLetterState.DRAFT, IncidentLetterState.FAILED)  # nothing of it has left, as far as we know
NOT_CALLED_SENT = (*EDITED, IncidentLetterState.QUEUED)


@dataclass(frozen=True, slots=True)
class Words:
    """A letter, opened. The mailbox is empty until it goes.

    Where its official has a key, `encrypted` is what leaves, encrypted once to the key of this fingerprint, and
    `outside` the subject that anybody may read.
    """

    mailbox: str
    subject: str
    text: str
    kind: str = ""
    encrypted: str = ""
    outside: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A telephone call, opened."""

    call: IncidentCall
    whom: str
    words: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What is kept of a letter that was sent: the mail server's answer, and the whole message as it left."""

    answer: str
    message: str


def draft(one: Incident, part: str, language: str, *, by: Staff) -> IncidentLetter:
    """Write a letter to an official from what is on record. No name of ours is put into it.

    Raises Forbidden, WrongState where it is closed, Refused (`part` or `language`, code).
    """
    incidents.require_keeper(by)
    incidents.require_tellable(one)
    wrong = []
    if part not in set(OfficialPart):
        wrong.append(("part", "required"))
    if language not in set(Language):
        wrong.append(("language", "required"))
    if wrong:
        raise Refused(*wrong)
    to, tongue = OfficialPart(part), Language(language)
    text = _drafted(one, to, tongue, by=by)
    added = IncidentLetter(
        incident_id=one.id,
        part=to,
        language=tongue,
        body=_sealed(Words("", text.subject, text.body)),
        written_at=clock.now(),
        written_by_id=by.id,
    )
    db.session.add(added)
    db.session.flush()
    audit.record(by, "drafted a letter", subject(one), letter=added.id, part=to)
    return added


def get(one: Incident, letter_id: int) -> IncidentLetter:
    """Return a letter about an incident. Raises NotFound."""
    found = db.session.get(IncidentLetter, letter_id)
    if found is None or found.incident_id != one.id:
        raise NotFound(f"no letter {letter_id} about {one.ref}")
    return found


def of(one: Incident) -> list[IncidentLetter]:
    """Return the letters about an incident, in the order they were drafted."""
    query = select(IncidentLetter).where(IncidentLetter.incident_id == one.id).order_by(IncidentLetter.id)
    return list(db.session.scalars(query.options(joinedload(IncidentLetter.sent_by))))


def calls(one: Incident) -> list[Call]:
    """Return the telephone calls about an incident, oldest first."""
    query = select(IncidentCall).where(IncidentCall.incident_id == one.id).order_by(IncidentCall.id)
    found = db.session.scalars(query.options(joinedload(IncidentCall.called_by))).all()
    return [Call(each, **_read(CALL, each.body, {"whom": "", "words": ""})) for each in found]


def words_of(letter: IncidentLetter) -> Words:
    """Open a letter. Raises KeyMissing or Unreadable."""
    return Words(**json.loads(vault.keyring().open(LETTER, letter.body)))


def read(letter: IncidentLetter, *, by: Staff) -> Words:
    """Open a letter for somebody; that is on record. Raises KeyMissing or Unreadable."""
    audit.record_read(by, "read a letter", subject(letter.incident), letter=letter.id)
    return words_of(letter)


def proof_of(letter: IncidentLetter, *, by: Staff) -> Proof:
    """Open what proves that a letter was sent; that is on record. Raises NotFound where nothing does."""
    if letter.proof is None:
        raise NotFound(f"nothing proves letter {letter.id}")
    audit.record_read(by, "read the proof", subject(letter.incident), letter=letter.id)
    return Proof(**json.loads(vault.keyring().open(PROOF, letter.proof)))


def in_doubt(one: Incident) -> frozenset[int]:
    """Return the ids of letters that nobody calls sent, of which an earlier try may have arrived all the same.

    No other try, and no change of its words, undoes that.
    """
    tried = {noted["letter"] for noted in audit.details_of(subject(one), DOUBTED)}
    letters_tried = [each for each in of(one) if each.id in tried] if tried else []
    return frozenset(each.id for each in letters_tried if each.status in NOT_CALLED_SENT)


def leaks_in(words: Words) -> tuple[Leak, ...]:
    """Return what in a letter points at one of us: a second person has to let it go."""
    return secrecy.leaks_in_words(f"{words.subject}\n{words.text}")


def save(letter: IncidentLetter, subject_line: str, text: str, *, version: int, by: Staff) -> None:
    """Change a letter that has not left. Whoever was asked to let it go is asked anew.

    Raises Forbidden, WrongState where it has left or is on its way, Overtaken, Refused (`subject` or `text`, code).
    """
    incidents.require_keeper(by)
    _require_edited(letter, version)
    line, wrong = rules.judge_words("subject", " ".join(subject_line.split()), rules.LONGEST_SUBJECT)
    body, more = rules.judge_words("text", text, rules.LONGEST_LETTER)
    if faults := [*wrong, *more]:
        raise Refused(*faults)
    before = {"went_as": mark} if (mark := _mark(letter)) else {}
    letter.body = _sealed(Words("", line, body))
    letter.asked_by_id = letter.message_id = None
    letter.written_at, letter.written_by_id = clock.now(), by.id
    letter.version += 1
    audit.record(by, CHANGED, subject(letter.incident), letter=letter.id, **before)


def send(letter: IncidentLetter, *, version: int, has_read: bool, by: Staff) -> IncidentLetterState:
    """Send a letter that a person has read; of a drill, show that it would go. Returns how far it is.

    It goes encrypted where its official has a key, and not at all where that has expired: then a person finds out,
    rather than a letter going plain. What points at one of us stays a draft until somebody sends it who did not write
    it. Raises Forbidden, WrongState, Overtaken, Refused (`send`, code) where nobody is entered, has no mailbox, a key
    takes nothing, or the second person is the first.
    """
    incidents.require_keeper(by)
    incidents.require_tellable(letter.incident)
    _require_edited(letter, version)
    words, to = words_of(letter), officials.current(letter.part)
    if wrong := _send_faults(to, has_read=has_read):
        raise Refused(*wrong)
    assert to is not None
    leaks = leaks_in(words)
    if letter.asked_by_id is None or not leaks:  # what was found when somebody was asked is counted already
        secrecy.count(WayOut.INCIDENT, leaks)
    if leaks:
        if by.id == letter.written_by_id:
            if letter.asked_by_id is not None:
                raise Refused(("send", "second_person"))
            letter.asked_by_id, letter.version = by.id, letter.version + 1
            audit.record(by, "asked a second person", subject(letter.incident), letter=letter.id, found=len(leaks))
            return letter.status
        letter.second_id = by.id  # two people have read it
        secrecy.let_go(WayOut.INCIDENT)
        audit.record(by, "let go", subject(letter.incident), letter=letter.id, found=len(leaks))
    now = clock.now()
    letter.message_id = letter.message_id or mailing.message_id(letter.incident.ref)
    going = Words(officials.reached(to).mailbox, words.subject, words.text)
    letter.body = _sealed(going if to.key_kind is None else _encrypted(going, to, letter))
    letter.sent_by_id, letter.queued_at, letter.tries, letter.last_fault = by.id, now, 0, None
    letter.leased_until, letter.version = None, letter.version + 1
    if letter.incident.is_drill:
        db.session.flush()  # its words freeze with its state
        letter.status = IncidentLetterState.PLAYED
        incidents.follow(letter.incident, letter.part)
        audit.record(by, "played a letter", subject(letter.incident), letter=letter.id)
        return letter.status
    letter.status = IncidentLetterState.QUEUED
    db.session.flush()
    audit.record(by, "sent a letter", subject(letter.incident), letter=letter.id, part=letter.part)
    outbox.put(db.session(), DELIVER, letter.id)
    return letter.status


def call(one: Incident, part: str, whom: str, words: str, called_at: datetime | None, *, by: Staff) -> None:
    """Note that an official was told by telephone: the clock ends at that moment, or at what told them before.

    Raises Forbidden, WrongState where it is closed, Refused (`part`, `whom`, `said` or `called_at`, code).
    """
    incidents.require_keeper(by)
    incidents.require_tellable(one)
    now = clock.now()
    at = called_at or now
    name, wrong = rules.judge_words("whom", whom, rules.LONGEST_LINE)
    text, more = rules.judge_words("said", words, rules.LONGEST) if words.strip() else ("", ())
    faults = [*wrong, *more, *rules.moment_faults("called_at", at, now=now, since=incidents.counts_from(one))]
    if part not in set(OfficialPart):
        faults.insert(0, ("part", "required"))
    if faults:
        raise Refused(*faults)
    at = min(at, now)
    body = json.dumps({"whom": name, "words": text}, ensure_ascii=False)
    db.session.add(
        IncidentCall(
            incident_id=one.id,
            part=OfficialPart(part),
            body=vault.keyring().seal(CALL, body),
            called_at=at,
            noted_at=now,
            called_by_id=by.id,
        )
    )
    incidents.follow(one, OfficialPart(part))
    audit.record(by, "told by telephone", subject(one), part=part)


def deliver(letter_id: int, *, mailer: Mailer) -> None:
    """Mail one letter: claim and commit, send outside any transaction, record and commit. Safe to run twice."""
    with writing():
        lease = _lease(letter_id)
    if lease is None:
        return
    handed = mailing.send(lease, mailer=mailer, record_fault=partial(_record_fault, letter_id, lease))
    if handed is None:
        return
    with writing():
        if handed is Handed.KEPT:  # there is no mail server, and nothing has gone
            _fail(letter_id, NO_SERVER)
        else:
            _record_sent(letter_id, lease)
    if handed is Handed.KEPT:  # the letter stands in its incident: no copy of it has to lie among those about items
        mail.forget_kept(settings().data_dir / "letters", lease.message_id)


def leave_to_people() -> int:
    """Give letters that wait back to people, as ones that may have arrived: after a restore nobody knows.

    Returns how many.
    """
    waiting = select(IncidentLetter).where(IncidentLetter.status == IncidentLetterState.QUEUED)
    found = db.session.scalars(waiting.order_by(IncidentLetter.id)).all()
    for letter in found:
        _keep_doubt(letter)
        _fail(letter.id, mail.UNCONFIRMED)
    return len(found)


def note_bounce(message_ids: Sequence[str], code: str) -> bool:
    """Note that a letter came back, by the part of its Message-ID before the @. Returns whether it is one of ours.

    Where nothing else told the official, the clock goes on. What comes back of a letter that was changed since a try
    that may have arrived says nothing about its newer words: that is only put on record, once.
    """
    for one in message_ids:
        query = select(IncidentLetter).join(Incident).where(Incident.ref == one.partition(".")[0].upper())
        letters_about = db.session.scalars(query).all()
        letter = next((each for each in letters_about if _mark(each) == one.lower()), None)
        if letter is None and any(_note_older(each, one.lower(), code) for each in letters_about):
            return True
        if letter is None:
            continue
        if letter.status is IncidentLetterState.SENT:
            letter.status, letter.last_fault = IncidentLetterState.BOUNCED, BOUNCED
            incidents.follow(letter.incident, letter.part)
            audit.record(None, "a letter came back", subject(letter.incident), letter=letter.id, code=code)
        return True
    return False


def _drafted(one: Incident, part: OfficialPart, language: Language, *, by: Staff) -> Text:
    template = letter_texts.read((letter_templates.FOLDER / f"{TEMPLATE}.{language}.txt").read_text(encoding="utf-8"))
    return letter_texts.fill(template, _values(one, part, language, by=by))


def _values(one: Incident, part: OfficialPart, language: Language, *, by: Staff) -> Mapping[str, str]:
    place = jurisdiction.current()
    what = incidents.opened(incidents.BODY, one.body) or (rules.STOPPED[language][one.pulse] if one.pulse else "")
    done = [
        f"{_when(entry.happened_at, language)}: {words}"
        for entry in incidents.entries(one)
        if entry.kind is IncidentEntryKind.CONTAINMENT and (words := incidents.opened(incidents.ENTRY, entry.body))
    ]
    is_late = rules.is_late(one.noticed_at, one.recorded_at)
    return {
        "ref": one.ref,
        "brand": place.brand(language),
        "phone": place.hotline_phone.international,
        "staff": by.number,
        "to": rules.TO_WHOM[language][part],
        "kind": rules.KIND_NAMES[language][one.kind],
        "noticed": _when(one.noticed_at, language),
        "recorded": _when(one.recorded_at, language) if is_late else "",
        "stopped": _when(one.stopped_at, language),
        "back": _when(one.back_at, language),
        "contained": _when(one.contained_at, language),
        "what": what,
        "done": "\n".join(done) or rules.NOTHING_YET[language],
    }


def _when(at: datetime | None, language: Language) -> str:
    if at is None:
        return ""
    return format_datetime(at, "d MMMM y, HH:mm ZZZZ", tzinfo=jurisdiction.current().zone, locale=language)


def _send_faults(to: Official | None, *, has_read: bool) -> list[tuple[str, str]]:
    wrong = []
    if not has_read:
        wrong.append(("has_read", "required"))
    if to is None:
        wrong.append(("send", "nobody"))
    elif not officials.reached(to).mailbox:
        wrong.append(("send", "no_mailbox"))
    elif to.key_kind is not None and not officials.has_key(to):
        wrong.append(("send", "key"))
    return wrong


def _encrypted(words: Words, to: Official, letter: IncidentLetter) -> Words:
    """Encrypt a letter, once: what is kept is what goes, each time it is tried. Raises Refused (`send`, `key`)."""
    assert to.key_kind is not None
    assert to.key_material is not None
    assert letter.message_id is not None
    inside = letters.inside(_letter(words), message_id=letter.message_id)
    try:
        encrypted = encryption.encrypt(to.key_kind, to.key_material, inside)
    except CannotEncrypt as fault:
        raise Refused(("send", "key")) from fault
    outside = letter_texts.neutral_subject(letter.language, letter.incident.ref)
    return replace(words, kind=to.key_kind, encrypted=encrypted, outside=outside, fingerprint=to.key_fingerprint or "")


def _letter(words: Words) -> letters.Letter:
    return letters.Letter(
        words.mailbox,
        words.subject,
        words.text,
        (),
        kind=KeyKind(words.kind) if words.kind else None,
        encrypted=words.encrypted,
        outside=words.outside,
    )


def _is_still_for(words: Words, to: Official | None) -> bool:
    """Whether who is in office now is reached as a letter was written: at that mailbox, with that key or none."""
    if to is None or officials.reached(to).mailbox != words.mailbox:
        return False
    return (to.key_fingerprint or "") == words.fingerprint and (to.key_kind is None or officials.has_key(to))


def _require_edited(letter: IncidentLetter, version: int) -> None:
    if letter.status not in EDITED:
        raise WrongState(f"letter {letter.id} is no draft")
    if letter.version != version:
        raise Overtaken(f"letter {letter.id} was changed meanwhile")


def _mark(letter: IncidentLetter) -> str:
    """Return the part of a letter's Message-ID before the @; empty while it has none."""
    return (letter.message_id or "").strip("<").partition("@")[0].lower()


def _note_older(letter: IncidentLetter, mark: str, code: str) -> bool:
    """Note that a letter came back as it went before it was changed. Returns whether it ever went under this mark."""
    about, is_it = subject(letter.incident), {"letter": letter.id, "went_as": mark}
    if not any(is_it.items() <= noted.items() for noted in audit.details_of(about, CHANGED)):
        return False
    if not any(is_it.items() <= noted.items() for noted in audit.details_of(about, OLDER_CAME_BACK)):
        audit.record(None, OLDER_CAME_BACK, about, letter=letter.id, went_as=mark, code=code)
    return True


def _sealed(words: Words) -> bytes:
    return vault.keyring().seal(LETTER, json.dumps(asdict(words), ensure_ascii=False))


def _read(purpose: str, sealed: bytes, otherwise: dict[str, str]) -> dict[str, str]:
    text = incidents.opened(purpose, sealed)
    return dict(json.loads(text)) if text is not None else otherwise


def _lease(letter_id: int) -> Lease | None:
    """Take a letter for `LEASE`; None where it does not wait, another has it, or it cannot go any more.

    A lease that was left behind is that of a worker who was killed: nobody can know whether the letter has gone.
    """
    before = db.session.get(IncidentLetter, letter_id, populate_existing=True)
    was_broken_off = before is not None and before.leased_until is not None
    letter, is_taken = mailing.claim(
        IncidentLetter, letter_id, DELIVER, IncidentLetter.status == IncidentLetterState.QUEUED
    )
    if letter is None or not is_taken:
        _settle(letter_id, letter)
        return None
    assert letter.message_id is not None
    assert letter.queued_at is not None
    if was_broken_off:
        _keep_doubt(letter)
    if letter.tries > MOST_TRIES:  # whatever breaks off each try must not send it for ever
        _keep_doubt(letter)
        _fail(letter_id, mail.UNCONFIRMED)
        return None
    try:
        words = words_of(letter)
    except (KeyMissing, Unreadable):
        _fail(letter_id, UNREADABLE)
        return None
    if not _is_still_for(words, officials.current(letter.part)):
        _fail(letter_id, OTHER_ENTRY)
        return None
    if found := secrecy.come_since(letter.queued_at, words.subject, words.text):
        secrecy.count(WayOut.INCIDENT, found)
        _fail(letter_id, NAMES_US)
        return None
    message = letters.message(
        _letter(words),
        message_id=letter.message_id,
        sender=settings().mail_from,
        sender_name=jurisdiction.current().brand(Language.EN),
        at=letter.queued_at,
    )
    return Lease(letter.tries, letter.message_id, words.mailbox, message)


def _settle(letter_id: int, letter: IncidentLetter | None) -> None:
    """Take away the row of a letter that needs no sending, or put it off while another sends it."""
    if letter is None or letter.status is not IncidentLetterState.QUEUED:
        outbox.done(db.session(), DELIVER, letter_id)
    elif letter.leased_until is not None and letter.leased_until > clock.now():
        outbox.later(db.session(), DELIVER, letter_id, due_at=letter.leased_until)


def _record_sent(letter_id: int, lease: Lease) -> None:
    """Note that a letter has left, once, with what proves it."""
    outbox.done(db.session(), DELIVER, letter_id)
    letter = db.session.get_one(IncidentLetter, letter_id, populate_existing=True)
    if letter.status is not IncidentLetterState.QUEUED or letter.message_id != lease.message_id:
        return
    now = clock.now()
    proof = json.dumps({"answer": TAKEN, "message": lease.message.decode("ascii")})
    letter.proof, letter.sent_at = vault.keyring().seal(PROOF, proof), now
    letter.leased_until = letter.last_fault = None
    db.session.flush()  # what proves it freezes with its state
    letter.status = IncidentLetterState.SENT
    db.session.flush()
    incidents.follow(letter.incident, letter.part)
    audit.record(None, "a letter left", subject(letter.incident), letter=letter.id)


def _record_fault(letter_id: int, lease: Lease, fault: MailFault) -> None:
    """Note why a letter did not leave, and when to try again."""
    letter = db.session.get_one(IncidentLetter, letter_id, populate_existing=True)
    if letter.status is not IncidentLetterState.QUEUED or letter.tries != lease.attempt:
        return
    if fault.code == mail.UNCONFIRMED:
        _keep_doubt(letter)
    if fault.permanent or letter.tries >= MOST_TRIES:
        _fail(letter_id, fault.code)
        return
    letter.leased_until, letter.last_fault = None, fault.code
    mailing.put_off(DELIVER, letter_id, tries=letter.tries, longest=LONGEST_PAUSE)


def _keep_doubt(letter: IncidentLetter) -> None:
    """Keep on record, once, that a letter may have arrived: other words, and another fault, may follow."""
    if letter.id not in in_doubt(letter.incident):
        audit.record(None, DOUBTED, subject(letter.incident), letter=letter.id)


def _fail(letter_id: int, code: str) -> None:
    """Give a letter that does not go back to people, and say why. The clock goes on: nobody was told."""
    outbox.done(db.session(), DELIVER, letter_id)
    letter = db.session.get_one(IncidentLetter, letter_id, populate_existing=True)
    letter.status, letter.last_fault, letter.leased_until = IncidentLetterState.FAILED, code, None
    letter.asked_by_id = letter.second_id = None  # a letter that goes anew is let go anew
    letter.version += 1
    db.session.flush()
    audit.record(None, "a letter failed", subject(letter.incident), letter=letter.id, code=code)
