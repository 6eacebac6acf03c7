"""The security protocol: its documents in versions, a second person who approves each, and who has read which.

Whoever holds one of a version's roles is asked to read it when it comes into force, when they join, and when they get
such a role: `sweep` sees to that, so that no way in is forgotten.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import joinedload, load_only

from hotline import clock, jurisdiction
from hotline.errors import Forbidden, NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models.protocol import ProtocolDocument, ProtocolVersion, Reading
from hotline.models.staff import Staff
from hotline.rules import protocols as rules
from hotline.rules.protocols import Draft
from hotline.services import audit, duties, references
from hotline.services.duties import Thing
from hotline.transactions import writing
from hotline.vocabulary import Duty, Language, Subject

SUBJECT = Subject.READING
COLUMNS = ("at", "what", "document", "version", "person")
FIELDS = ("number", *rules.TEXTS)
# what is loaded of a version where its texts are not needed
_SLIM = (
    *("document_id", "number", "title_en", "title_km", "roles", "in_force_on"),
    *("approved_at", "approved_by_id", "written_at", "written_by_id", "version"),
)
_UNREAD = (Reading.read_at.is_(None), Reading.ended_at.is_(None))


@dataclass(frozen=True, slots=True)
class DocumentEvidence:
    """One document in force: its version, and how many open accounts are asked to read it, have, and are late.

    As a sentence: "8 of 8 signed version 3.1".
    """

    ref: str
    title_en: str
    title_km: str
    number: str
    in_force_on: date
    asked: int
    read: int
    late: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows that there is a security protocol: its documents in force, and drafts that wait for somebody."""

    documents: tuple[DocumentEvidence, ...]
    drafts: int


@dataclass(frozen=True, slots=True)
class Standing:
    """One document: the version in force, the one that follows on its day, and the draft; each None where none is.

    `asked` and `read` count the readings of the version in force by open accounts, `late` those not read in time.
    """

    document: ProtocolDocument
    in_force: ProtocolVersion | None
    ahead: ProtocolVersion | None
    draft: ProtocolVersion | None
    asked: int = 0
    read: int = 0
    late: int = 0

    @property
    def newest(self) -> ProtocolVersion:
        """The version by whose title the document goes."""
        found = self.in_force or self.ahead or self.draft
        assert found is not None, "a document begins with a draft, and a draft stays or is approved"
        return found


@dataclass(frozen=True, slots=True)
class _Step:
    """What has to be done about one person's reading of one version: ask (again), or ask no more."""

    version_id: int
    staff_id: int
    reading: Reading | None
    asks: bool


def title(version: ProtocolVersion, language: Language) -> str:
    """Return what a version is called in a language."""
    return version.title_km if language is Language.KM else version.title_en


def body(version: ProtocolVersion, language: Language) -> str:
    """Return what a version says in a language."""
    return version.body_km if language is Language.KM else version.body_en


def changes(version: ProtocolVersion, language: Language) -> str:
    """Return what is new in a version, in a language."""
    return version.changes_km if language is Language.KM else version.changes_en


def list_documents(*, by: Staff) -> list[Standing]:
    """Return all documents, those that hold first, in the order they were begun. Raises NotFound for other people."""
    _require_reader(by)
    return _standings()


def get(ref: str, *, by: Staff) -> Standing:
    """Return how a document stands. Raises NotFound, also for people who may not see how the protocol is kept."""
    found = next((one for one in list_documents(by=by) if one.document.ref == ref), None)
    if found is None:
        raise NotFound(f"no document {ref}")
    return found


def versions(document: ProtocolDocument) -> list[ProtocolVersion]:
    """Return the versions of a document, newest first."""
    query = select(ProtocolVersion).where(ProtocolVersion.document_id == document.id)
    people = joinedload(ProtocolVersion.written_by), joinedload(ProtocolVersion.approved_by)
    return list(db.session.scalars(query.order_by(ProtocolVersion.id.desc()).options(*people)))


def version(document: ProtocolDocument, number: str) -> ProtocolVersion:
    """Return one version of a document, old ones too. Raises NotFound."""
    found = next((one for one in versions(document) if one.number == number), None)
    if found is None:
        raise NotFound(f"no version {number} of {document.ref}")
    return found


def start(draft: Draft, *, by: Staff) -> ProtocolVersion:
    """Begin a document with the draft of its first version. Raises Refused for what is wrong with it."""
    _require_keeper(by)
    kept = _judged(draft, others=())
    document = ProtocolDocument(
        ref=references.draw(ProtocolDocument.ref, "SP"),
        made_at=clock.now(),
        made_by_id=by.id,
    )
    db.session.add(document)
    db.session.flush()
    return _add(document, kept, by=by)


def propose(standing: Standing, draft: Draft, *, by: Staff) -> ProtocolVersion:
    """Draft the next version of a document. Raises Refused, WrongState where one is drafted already or it ended."""
    _require_keeper(by)
    if standing.document.ended_at or standing.draft:
        raise WrongState(f"{standing.document.ref} ended, or has a draft")
    return _add(standing.document, _judged(draft, others=versions(standing.document)), by=by)


def change(drafted: ProtocolVersion, draft: Draft, *, version: int, by: Staff) -> None:
    """Change a draft. Whoever changed it last is not who approves it.

    Raises Overtaken where somebody changed it since `version` was shown, WrongState where it is approved, Refused.
    """
    _require_keeper(by)
    _require_draft(drafted)
    if drafted.version != version:
        raise Overtaken(f"the draft of {drafted.document.ref} was changed meanwhile")
    others = [one for one in versions(drafted.document) if one.id != drafted.id]
    _fill(drafted, _judged(draft, others=others), by=by)
    drafted.version += 1
    audit.record(by, "changed a draft", subject(drafted.document), version=drafted.number)


def approve(drafted: ProtocolVersion, *, version: int, by: Staff) -> None:
    """Stand behind a draft as its second person: it comes into force on its day, today if that has passed.

    Raises Overtaken where it was changed since `version` was shown, WrongState, Forbidden for who wrote it.
    """
    _require_keeper(by)
    _require_draft(drafted)
    if drafted.version != version:
        raise Overtaken(f"the draft of {drafted.document.ref} was changed meanwhile")
    if not may_approve(drafted, by=by):
        raise Forbidden("another person approves what one wrote")
    drafted.in_force_on = max(drafted.in_force_on, jurisdiction.today())
    drafted.approved_at, drafted.approved_by_id = clock.now(), by.id
    db.session.flush()
    audit.record(by, "approved a version", subject(drafted.document), version=drafted.number)
    _settle()


def may_approve(drafted: ProtocolVersion, *, by: Staff) -> bool:
    """Whether a person may stand behind a draft."""
    return drafted.approved_at is None and drafted.written_by_id != by.id and by.has(*duties.KEEPERS)


def retire(standing: Standing, *, by: Staff) -> None:
    """Let a document hold no more: nobody is asked to read it, and what was read stays on record."""
    _require_keeper(by)
    if standing.document.ended_at:
        raise WrongState(f"{standing.document.ref} ended already")
    standing.document.ended_at, standing.document.ended_by_id = clock.now(), by.id
    db.session.flush()
    audit.record(by, "ended a document", subject(standing.document))
    _settle()


def list_readings(found: ProtocolVersion) -> list[Reading]:
    """Return who was asked to read a version: those who have not first, then by number."""
    query = select(Reading).where(Reading.version_id == found.id).options(joinedload(Reading.staff))
    return sorted(
        db.session.scalars(query), key=lambda one: (one.read_at is not None, one.ended_at is not None, one.staff_id)
    )


def list_mine(person: Staff) -> list[Reading]:
    """Return what a person is asked to read or has read of what holds, unread first."""
    query = select(Reading).where(Reading.staff_id == person.id, Reading.ended_at.is_(None))
    whole = joinedload(Reading.version).joinedload(ProtocolVersion.document)
    found = db.session.scalars(query.options(whole)).all()
    return sorted(found, key=lambda one: (one.read_at is not None, one.id if one.read_at is None else -one.id))


def count_mine(person: Staff) -> int:
    """Return how many versions wait for a person to read them."""
    query = select(func.count()).select_from(Reading).where(Reading.staff_id == person.id, *_UNREAD)
    return db.session.scalar(query) or 0


def count_drafts(*, by: Staff) -> int:
    """Return how many drafts a person may approve."""
    if not by.has(*duties.KEEPERS):
        return 0
    drafts = (ProtocolVersion.approved_at.is_(None), ProtocolVersion.written_by_id != by.id)
    return db.session.scalar(select(func.count()).select_from(ProtocolVersion).where(*drafts)) or 0


def get_mine(reading_id: int, person: Staff) -> Reading:
    """Return a person's own reading. Raises NotFound, also for those of others."""
    found = db.session.get(Reading, reading_id)
    if found is None or found.staff_id != person.id:
        raise NotFound(f"no reading {reading_id}")
    return found


def confirm(reading: Reading, *, by: Staff) -> None:
    """Note that a person has read a version. Said twice it was said once. Raises NotFound for others' readings.

    Raises WrongState where nobody asks for it any more: a newer version is in force.
    """
    if reading.staff_id != by.id:
        raise NotFound(f"no reading {reading.id}")
    if reading.read_at:
        return
    if reading.ended_at:
        raise WrongState(f"reading {reading.id} is asked for no more")
    reading.read_at = clock.now()
    duties.met(_of(reading), Duty.READ_PROTOCOL)
    audit.record(by, "read a version", subject(reading.version.document), version=reading.version.number)


def sweep() -> None:
    """Ask whoever has to read what is in force now, and ask nobody else any more."""
    if _steps():  # nearly always none: nobody has to wait for a round that writes nothing
        with writing():
            _settle()


def evidence() -> Evidence:
    """Return what shows that there is a security protocol, and that people know it."""
    found = [one for one in _standings() if one.document.ended_at is None]
    documents = tuple(
        DocumentEvidence(
            one.document.ref,
            one.in_force.title_en,
            one.in_force.title_km,
            one.in_force.number,
            one.in_force.in_force_on,
            one.asked,
            one.read,
            one.late,
        )
        for one in found
        if one.in_force
    )
    return Evidence(documents, sum(one.draft is not None for one in found))


def records(since: datetime, until: datetime, *, by: Staff) -> Iterator[tuple[str, ...]]:
    """Yield the versions approved and the readings confirmed in a period, in the order of time. See `COLUMNS`."""
    _require_reader(by)
    approved = select(ProtocolVersion).where(ProtocolVersion.approved_at >= since, ProtocolVersion.approved_at < until)
    read = select(Reading).where(Reading.read_at >= since, Reading.read_at < until)
    rows = [
        (one.approved_at, "approved", one.document.ref, one.number, one.approved_by.number)
        for one in db.session.scalars(approved)
        if one.approved_at and one.approved_by
    ]
    rows += [
        (one.read_at, "read", one.version.document.ref, one.version.number, one.staff.number)
        for one in db.session.scalars(read)
        if one.read_at
    ]
    for at, *words in sorted(rows):
        yield (at.isoformat(timespec="seconds"), *words)


def subject(document: ProtocolDocument) -> str:
    """Return the name of a document in the audit trail."""
    return f"document {document.ref}"


def _of(reading: Reading) -> Thing:
    return Thing(Subject.READING, reading.id)


def _standings() -> list[Standing]:
    documents = db.session.scalars(select(ProtocolDocument).order_by(ProtocolDocument.id)).all()
    people = joinedload(ProtocolVersion.written_by)
    slim = load_only(*(getattr(ProtocolVersion, name) for name in _SLIM))
    found = db.session.scalars(select(ProtocolVersion).order_by(ProtocolVersion.id).options(slim, people)).all()
    today = jurisdiction.today()
    counts = _counts([one.id for one in _in_force(found, today).values()])
    standings = [_standing(one, [each for each in found if each.document_id == one.id], counts) for one in documents]
    return sorted(standings, key=lambda one: one.document.ended_at is not None)


def _standing(
    document: ProtocolDocument, found: list[ProtocolVersion], counts: dict[int, tuple[int, int, int]]
) -> Standing:
    today = jurisdiction.today()
    in_force = _in_force(found, today).get(document.id)
    ahead = [one for one in found if one.approved_at and one.in_force_on > today]
    draft = next((one for one in found if one.approved_at is None), None)
    asked = counts.get(in_force.id, (0, 0, 0)) if in_force and document.ended_at is None else (0, 0, 0)
    return Standing(document, in_force, min(ahead, key=_order, default=None), draft, *asked)


def _order(version: ProtocolVersion) -> tuple[date, int]:
    return version.in_force_on, version.id


def _in_force(found: Iterable[ProtocolVersion], today: date) -> dict[int, ProtocolVersion]:
    """Return the version in force of each document, by its id: of those whose day has come, the last."""
    begun = [one for one in found if one.approved_at and one.in_force_on <= today]
    return {one.document_id: one for one in sorted(begun, key=_order)}


def _counts(version_ids: list[int]) -> dict[int, tuple[int, int, int]]:
    """Return of each version how many open accounts are asked to read it, have, and are late."""
    query = select(Reading).join(Reading.staff).where(Reading.version_id.in_(version_ids), Staff.active)
    found = db.session.scalars(query.where(Reading.ended_at.is_(None))).all()
    running = duties.running(Subject.READING, [one.id for one in found if one.read_at is None])
    now = clock.now()
    counts: dict[int, tuple[int, int, int]] = {}
    for one in found:
        asked, read, late = counts.get(one.version_id, (0, 0, 0))
        is_late = one.id in running and running[one.id].due_at < now
        counts[one.version_id] = asked + 1, read + (one.read_at is not None), late + is_late
    return counts


def _steps() -> list[_Step]:
    """Return what has to be done so that everybody is asked who has to read something, and nobody else."""
    slim = load_only(*(getattr(ProtocolVersion, name) for name in _SLIM))
    query = select(ProtocolVersion).join(ProtocolVersion.document).options(slim)
    alive = db.session.scalars(query.where(ProtocolDocument.ended_at.is_(None))).all()
    in_force = list(_in_force(alive, jurisdiction.today()).values())
    people = db.session.scalars(select(Staff).where(Staff.active)).all()
    wanted = {(one.id, person.id) for one in in_force for person in people if person.has(*one.for_roles)}
    asked_for = or_(Reading.version_id.in_([one.id for one in in_force]), and_(*_UNREAD))
    known = {(one.version_id, one.staff_id): one for one in db.session.scalars(select(Reading).where(asked_for))}
    asks = [
        _Step(*pair, known.get(pair), asks=True)
        for pair in sorted(wanted)
        if pair not in known or (known[pair].read_at is None and known[pair].ended_at is not None)
    ]
    return asks + [
        _Step(*pair, one, asks=False)
        for pair, one in known.items()
        if pair not in wanted and one.read_at is None and one.ended_at is None
    ]


def _settle() -> None:
    now = clock.now()
    for step in _steps():
        reading = step.reading
        if not step.asks and reading is not None:
            reading.ended_at = now
            duties.void(_of(reading))
            continue
        if reading is None:
            reading = Reading(version_id=step.version_id, staff_id=step.staff_id, asked_at=now)
            db.session.add(reading)
        reading.ended_at = None
        db.session.flush()
        duties.begin(_of(reading), Duty.READ_PROTOCOL, owner_id=step.staff_id)


def _add(document: ProtocolDocument, draft: Draft, *, by: Staff) -> ProtocolVersion:
    added = ProtocolVersion(document=document)
    _fill(added, draft, by=by)
    db.session.add(added)
    db.session.flush()
    audit.record(by, "drafted a version", subject(document), version=added.number)
    return added


def _fill(version: ProtocolVersion, draft: Draft, *, by: Staff) -> None:
    for name in FIELDS:
        setattr(version, name, getattr(draft, name))
    assert draft.in_force_on is not None, "a judged draft has its day"
    version.in_force_on = draft.in_force_on
    version.roles = " ".join(sorted(draft.roles))
    version.written_at, version.written_by_id = clock.now(), by.id


def _judged(draft: Draft, *, others: Iterable[ProtocolVersion]) -> Draft:
    kept, faults = rules.judge(draft, numbers=[one.number for one in others])
    if faults:
        raise Refused(*faults)
    return kept


def _require_draft(version: ProtocolVersion) -> None:
    if version.approved_at:
        raise WrongState(f"version {version.number} of {version.document.ref} is approved")


def _require_keeper(by: Staff) -> None:
    if not by.has(*duties.KEEPERS):
        raise Forbidden("others keep the security protocol")


def _require_reader(by: Staff) -> None:
    if not by.has(*duties.READERS):
        raise NotFound("no security protocol")
