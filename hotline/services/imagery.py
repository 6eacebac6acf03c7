"""Pictures of events, by reference: events, photographs, the people shown, and how they stand. No picture is kept.

Names and ways to reach people, children among them, are sealed. The liaison and managers open them, on record; admins,
whom nothing of a child's concerns, and auditors see counts.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Select, and_, exists, func, or_, select, update
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction, vault
from hotline.errors import Forbidden, KeyMissing, NotFound, Overtaken, Refused, Unreadable
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.models.imagery import ImageryEvent, PersonShown, Photograph, PictureConsent, Publication, Showing
from hotline.models.staff import Staff
from hotline.rules import imagery as rules
from hotline.rules.imagery import Answer, Known, Shown, Summary
from hotline.services import audit, duties, references
from hotline.vocabulary import EventHost, PictureAnswer, Role, Subject, Voice

READERS = duties.READERS
KEEPERS = (Role.LIAISON, Role.MANAGER)
PERSON = "imagery.person"
ADDED, CHANGED, READ = "noted an event", "changed an event", "read who is shown"
PHOTOGRAPH, PHOTOGRAPH_CHANGED = "noted a photograph", "changed a photograph"
NOBODY, SOMEBODY = "noted that nobody is shown", "noted that somebody may be shown"
PERSON_ADDED, PERSON_CHANGED = "noted somebody shown", "changed somebody shown"
MOST_LISTED, MOST_ON_CARD = 100, 5
COLUMNS: tuple[str, ...] = ("Event", "What", "Day", "Person", "Voice", "Answer", "Uses", "Language", "By")


@dataclass(frozen=True, slots=True)
class EventEntry:
    """An event as it was typed, checked by `judge_event`."""

    name_en: str
    name_km: str
    held_on: date
    place: str
    organiser: str
    host: EventHost


@dataclass(frozen=True, slots=True)
class Row:
    """One event in a list, and how the people shown stand today."""

    event: ImageryEvent
    summary: Summary


@dataclass(frozen=True, slots=True)
class Card:
    """The newest events as the page of clauses shows them, and how many publications are to be taken down."""

    rows: tuple[Row, ...]
    to_take_down: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody shown at one event. `number` counts from 1. `known` is None for who was forgotten, or may not see it."""

    row: PersonShown
    number: int
    known: Known | None
    shown: Shown


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the page of clauses says of clause 10. Counts of all events; people count once for each event.

    `agreed` + `declined` + `to_ask` = `people` (who was forgotten counts as declined). `not_cleared` are events where
    somebody has not agreed; `published` are publications that stand, `to_take_down` those of them whose clock runs,
    `late` those whose time for it is over. `asked_on` is when somebody was last asked, `next_due` when the first is to
    be down.
    """

    events: int
    not_cleared: int
    people: int
    agreed: int
    declined: int
    to_ask: int
    published: int
    to_take_down: int
    late: int
    asked_on: date | None
    next_due: datetime | None


def evidence() -> Evidence:
    """Return how pictures of events stand: counts and days only."""
    people = select(func.count()).select_from(PersonShown)
    agreed = db.session.scalar(people.where(_agrees())) or 0
    declined = db.session.scalar(people.where(_declines())) or 0
    all_of_them = db.session.scalar(people) or 0
    not_cleared = select(PersonShown.event_id).where(~_agrees()).distinct()
    running = and_(Clock.subject == Subject.PUBLICATION, Clock.ended_at.is_(None))
    clocks = select(func.count(), func.count(Clock.breached_at), func.min(Clock.due_at)).where(running)
    to_take_down, late, next_due = db.session.execute(clocks).one()
    return Evidence(
        events=db.session.scalar(select(func.count()).select_from(ImageryEvent)) or 0,
        not_cleared=db.session.scalar(select(func.count()).select_from(not_cleared.subquery())) or 0,
        people=all_of_them,
        agreed=agreed,
        declined=declined,
        to_ask=all_of_them - agreed - declined,
        published=db.session.scalar(
            select(func.count()).select_from(Publication).where(Publication.taken_down_at.is_(None))
        )
        or 0,
        to_take_down=to_take_down,
        late=late,
        asked_on=db.session.scalar(select(func.max(PictureConsent.asked_on))),
        next_due=next_due,
    )


def records(since: datetime, until: datetime, *, by: Staff) -> Iterator[tuple[str, ...]]:
    """Yield what was answered, withdrawn, published and taken down in a period, as `COLUMNS`, by when it was noted.

    Nobody shown is named: they go by a number that is theirs through all events. Of staff their number stands.
    """
    if not by.has(*READERS):
        raise Forbidden("how the code of practice is kept is for others")
    numbers = {one.id: one.number for one in db.session.scalars(select(Staff))}
    found = [
        *_answered(since, until, numbers),
        *_ended(since, until, numbers),
        *_published(since, until, numbers),
        *_taken_down(since, until, numbers),
    ]
    for _moment, row in sorted(found, key=lambda one: one[0]):
        yield row


def card() -> Card:
    """Return the newest events for the page of clauses. Nothing is opened."""
    running = select(func.count()).select_from(Clock)
    waits = running.where(Clock.subject == Subject.PUBLICATION, Clock.ended_at.is_(None))
    return Card(tuple(list_events(most=MOST_ON_CARD)), db.session.scalar(waits) or 0)


def list_events(*, most: int = MOST_LISTED, before: ImageryEvent | None = None) -> list[Row]:
    """Return events with how their people stand, the newest first; those after `before` in this order."""
    query = select(ImageryEvent).order_by(ImageryEvent.held_on.desc(), ImageryEvent.id.desc())
    if before is not None:
        earlier = and_(ImageryEvent.held_on == before.held_on, ImageryEvent.id < before.id)
        query = query.where(or_(ImageryEvent.held_on < before.held_on, earlier))
    events = list(db.session.scalars(query.limit(most)))
    people = shown_of(select(PersonShown).where(PersonShown.event_id.in_([one.id for one in events])))
    by_event: dict[int, list[Shown]] = defaultdict(list)
    for row, shown in people.values():
        by_event[row.event_id].append(shown)
    return [Row(one, rules.summary(by_event[one.id], jurisdiction.today())) for one in events]


def find(ref: str) -> ImageryEvent | None:
    """Return the event `ref`; None where there is none."""
    return db.session.scalar(select(ImageryEvent).where(ImageryEvent.ref == ref))


def get(ref: str, *, by: Staff) -> ImageryEvent:
    """Return the event `ref`. Raises NotFound, also for people who may not see how the code of practice is kept."""
    found = find(ref)
    if found is None or not by.has(*READERS):
        raise NotFound(f"no event {ref}")
    return found


def get_photograph(event: ImageryEvent, number: int) -> Photograph:
    """Return a photograph of an event by its id. Raises NotFound."""
    found = db.session.get(Photograph, number)
    if found is None or found.event_id != event.id:
        raise NotFound(f"no photograph {number} in {event.ref}")
    return found


def get_person(event: ImageryEvent, number: int) -> PersonShown:
    """Return somebody shown at an event by their id. Raises NotFound."""
    found = db.session.get(PersonShown, number)
    if found is None or found.event_id != event.id:
        raise NotFound(f"nobody {number} in {event.ref}")
    return found


def photographs(event: ImageryEvent) -> list[Photograph]:
    """Return the photographs of an event by their reference."""
    query = select(Photograph).where(Photograph.event_id == event.id)
    return list(db.session.scalars(query.order_by(Photograph.reference, Photograph.id)))


def people(event: ImageryEvent, *, by: Staff) -> list[Person]:
    """Return everybody shown at an event, as they were noted. Who keeps the pictures sees names, on record."""
    may_see = by.has(*KEEPERS)
    found = shown_of(select(PersonShown).where(PersonShown.event_id == event.id))
    if may_see and found:
        audit.record_read(by, READ, subject(event), people=len(found))
    return [
        Person(row, number, _opened(row) if may_see else None, shown)
        for number, (row, shown) in enumerate(found.values(), start=1)
    ]


def showings(photograph_ids: Collection[int]) -> dict[int, list[Showing]]:
    """Return by photograph who is shown on it now, as they were noted."""
    found: dict[int, list[Showing]] = defaultdict(list)
    query = select(Showing).where(Showing.photograph_id.in_(photograph_ids), Showing.struck_at.is_(None))
    for one in db.session.scalars(query.order_by(Showing.id)) if photograph_ids else ():
        found[one.photograph_id].append(one)
    return found


def shown_of(which: Select[PersonShown]) -> dict[int, tuple[PersonShown, Shown]]:
    """Return by id the people a query names, with the answers of theirs that stand, in the order they were noted."""
    rows = list(db.session.scalars(which.order_by(PersonShown.id)))
    answers: dict[int, list[Answer]] = defaultdict(list)
    ids = [one.id for one in rows]
    query = select(PictureConsent).where(PictureConsent.person_id.in_(ids), PictureConsent.ended_at.is_(None))
    for one in db.session.scalars(query) if ids else ():
        scopes = frozenset(rules.parted(one.scopes))
        answers[one.person_id].append(Answer(one.voice, one.answer, scopes, one.asked_on, one.expires_on))
    return {
        row.id: (row, Shown(row.is_child, tuple(answers[row.id]), is_forgotten=row.forgotten_at is not None))
        for row in rows
    }


def judge_event(
    *, name_en: str, name_km: str, held_on: date | None, place: str, organiser: str, host: str
) -> EventEntry:
    """Return an event as it can be stored. Raises Refused with all that is wrong."""
    typed = {"name_en": name_en, "name_km": name_km, "place": place, "organiser": organiser}
    judged = {field: rules.judge_line(words, rules.LONGEST_NAME) for field, words in typed.items()}
    wrong = [(field, code) for field, (_text, code) in judged.items() if code]
    chosen = next((one for one in EventHost if one == host), None)
    if held_on is None:
        wrong.append(("held_on", "required"))
    if chosen is None:
        wrong.append(("host", "required"))
    if wrong or held_on is None or chosen is None:
        raise Refused(*wrong)
    return EventEntry(held_on=held_on, host=chosen, **{field: text for field, (text, _code) in judged.items()})


def add(entry: EventEntry, *, by: Staff) -> ImageryEvent:
    """Note an event at which pictures were, or will be, taken. Raises Forbidden for who does not keep the pictures."""
    require_keeper(by)
    added = ImageryEvent(
        ref=references.draw(ImageryEvent.ref, "EV"), made_at=clock.now(), made_by_id=by.id, **_columns(entry)
    )
    db.session.add(added)
    db.session.flush()
    audit.record(by, ADDED, subject(added))
    return added


def change(event: ImageryEvent, entry: EventEntry, *, version: int, by: Staff) -> None:
    """Write an event anew. Raises Overtaken where it was changed since `version`, Forbidden as `add`."""
    require_keeper(by)
    fresh = update(ImageryEvent).where(ImageryEvent.id == event.id, ImageryEvent.version == version)
    done: CursorResult[Any] = db.session.execute(  # type: ignore[assignment]
        fresh.values(**_columns(entry), version=version + 1)
    )
    if done.rowcount == 0:
        raise Overtaken(f"{event.ref} was changed meanwhile")
    db.session.refresh(event)
    audit.record(by, CHANGED, subject(event))


def add_photograph(event: ImageryEvent, reference: str, description: str, *, by: Staff) -> Photograph:
    """Note a photograph by its reference. Raises Refused, also for a reference that stands already; Forbidden."""
    require_keeper(by)
    known = _photograph_words(event, reference, description)
    added = Photograph(event_id=event.id, noted_at=clock.now(), noted_by_id=by.id, **known)
    db.session.add(added)
    db.session.flush()
    audit.record(by, PHOTOGRAPH, subject(event), photograph=added.id)
    return added


def change_photograph(photograph: Photograph, reference: str, description: str, *, by: Staff) -> None:
    """Write anew what a photograph is known by. Raises Refused (`reference`, `published`) once it was published."""
    require_keeper(by)
    published = select(Publication.id).where(Publication.photograph_id == photograph.id).limit(1)
    if db.session.scalar(published) is not None:
        raise Refused(("reference", "published"))
    known = _photograph_words(photograph.event, reference, description, own=photograph.id)
    photograph.reference, photograph.description = known["reference"], known["description"]
    audit.record(by, PHOTOGRAPH_CHANGED, subject(photograph.event), photograph=photograph.id)


def add_person(event: ImageryEvent, known: Known, *, is_child: bool, by: Staff) -> PersonShown:
    """Note somebody who is shown. Raises Refused with all that is wrong; Forbidden."""
    require_keeper(by)
    kept, wrong = rules.judge_person(known, is_child=is_child)
    if wrong:
        raise Refused(*wrong)
    added = PersonShown(
        event_id=event.id, is_child=is_child, body=_sealed(kept), noted_at=clock.now(), noted_by_id=by.id
    )
    db.session.add(added)
    db.session.flush()
    audit.record(by, PERSON_ADDED, subject(event), person=added.id, child=is_child)
    return added


def write_person(person: PersonShown, known: Known, *, is_child: bool, version: int, by: Staff) -> None:
    """Write anew what is known of somebody. Answers of who turns out to be a child, or none, are ended by who calls.

    Raises Refused, or Overtaken where it was changed since `version`.
    """
    require_keeper(by)
    kept, wrong = rules.judge_person(known, is_child=is_child)
    if wrong:
        raise Refused(*wrong)
    fresh = update(PersonShown).where(
        PersonShown.id == person.id, PersonShown.version == version, PersonShown.forgotten_at.is_(None)
    )
    done: CursorResult[Any] = db.session.execute(  # type: ignore[assignment]
        fresh.values(body=_sealed(kept), is_child=is_child, version=version + 1)
    )
    if done.rowcount == 0:
        raise Overtaken(f"person {person.id} was changed meanwhile")
    db.session.refresh(person)
    audit.record(by, PERSON_CHANGED, subject(person.event), person=person.id, child=is_child)


def name_of(row: PersonShown, *, by: Staff) -> Known | None:
    """Open what is known of one person, on record. None for who was forgotten, may not see it, or does not open."""
    if row.body is None or not by.has(*KEEPERS):
        return None
    audit.record_read(by, READ, subject(row.event), person=row.id)
    return _opened(row)


def require_keeper(by: Staff) -> None:
    """Raise Forbidden for people who do not keep the pictures of events."""
    if not by.has(*KEEPERS):
        raise Forbidden("pictures of events are kept by others")


def subject(event: ImageryEvent) -> str:
    """Return the name of an event in the audit trail."""
    return f"imagery event {event.ref}"


def _columns(entry: EventEntry) -> dict[str, Any]:
    names = ("name_en", "name_km", "held_on", "place", "organiser", "host")
    return {name: getattr(entry, name) for name in names}


def _photograph_words(
    event: ImageryEvent, reference: str, description: str, *, own: int | None = None
) -> dict[str, str]:
    name, name_fault = rules.judge_line(reference, rules.LONGEST_LINE)
    words, words_fault = rules.judge_line(description, rules.LONGEST_LINE)
    taken = select(Photograph.id).where(Photograph.event_id == event.id, Photograph.reference == name)
    found = db.session.scalar(taken)
    if not name_fault and found is not None and found != own:
        name_fault = "taken"
    if wrong := [one for one in (("reference", name_fault), ("description", words_fault)) if one[1]]:
        raise Refused(*wrong)
    return {"reference": name, "description": words}


def _sealed(known: Known) -> bytes:
    return vault.keyring().seal(PERSON, rules.written(known))


def _opened(row: PersonShown) -> Known | None:
    try:
        return rules.read(vault.keyring().open(PERSON, row.body)) if row.body is not None else None
    except (KeyMissing, Unreadable):
        return None


def _agrees() -> ColumnElement[bool]:
    """Whether somebody agrees today in every voice that counts, whatever the use: as `rules.stand` says."""
    own, guardian = _says(PictureAnswer.AGREES, guardian=False), _says(PictureAnswer.AGREES, guardian=True)
    return and_(PersonShown.forgotten_at.is_(None), own, or_(~PersonShown.is_child, guardian))


def _declines() -> ColumnElement[bool]:
    says_no = exists().where(
        PictureConsent.person_id == PersonShown.id,
        PictureConsent.ended_at.is_(None),
        PictureConsent.answer == PictureAnswer.DECLINES,
    )
    return or_(PersonShown.forgotten_at.is_not(None), says_no)


def _says(answer: PictureAnswer, *, guardian: bool) -> ColumnElement[bool]:
    today = jurisdiction.today()
    return exists().where(
        PictureConsent.person_id == PersonShown.id,
        PictureConsent.ended_at.is_(None),
        PictureConsent.answer == answer,
        (PictureConsent.voice == Voice.GUARDIAN) if guardian else (PictureConsent.voice != Voice.GUARDIAN),
        or_(PictureConsent.expires_on.is_(None), PictureConsent.expires_on >= today),
    )


Noted = tuple[datetime, tuple[str, ...]]


def _answered(since: datetime, until: datetime, numbers: dict[int, str]) -> Iterator[Noted]:
    made = PictureConsent.noted_at >= since, PictureConsent.noted_at < until
    for one in _consents(*made):
        about = (str(one.voice), str(one.answer), one.scopes, one.language, numbers[one.asked_by_id])
        yield one.noted_at, (*_who(one, "asked"), *about)


def _ended(since: datetime, until: datetime, numbers: dict[int, str]) -> Iterator[Noted]:
    for one in _consents(PictureConsent.ended_at >= since, PictureConsent.ended_at < until):
        by = numbers[one.ended_by_id] if one.ended_by_id is not None else ""
        ref, _what, _day, person = _who(one, "")
        assert one.ended_at is not None
        about = (str(one.voice), str(one.answer), one.scopes, one.language, by)
        yield one.ended_at, (ref, str(one.ended_how), _day_of(one.ended_at), person, *about)


def _consents(*which: ColumnElement[bool]) -> Sequence[PictureConsent]:
    with_event = joinedload(PictureConsent.person).joinedload(PersonShown.event)
    return db.session.scalars(select(PictureConsent).where(*which).options(with_event)).all()


def _who(one: PictureConsent, what: str) -> tuple[str, str, str, str]:
    return one.person.event.ref, what, one.asked_on.isoformat(), f"{one.person_id}"


def _published(since: datetime, until: datetime, numbers: dict[int, str]) -> Iterator[Noted]:
    for one in _publications(Publication.noted_at >= since, Publication.noted_at < until):
        by = numbers[one.noted_by_id]
        day = one.published_on.isoformat()
        yield one.noted_at, (one.photograph.event.ref, f"published {one.ref}", day, "", "", "", one.scope, "", by)


def _taken_down(since: datetime, until: datetime, numbers: dict[int, str]) -> Iterator[Noted]:
    for one in _publications(Publication.taken_down_at >= since, Publication.taken_down_at < until):
        assert one.taken_down_at is not None
        assert one.taken_down_by_id is not None
        by, day = numbers[one.taken_down_by_id], _day_of(one.taken_down_at)
        what = f"taken down {one.ref}"
        yield one.taken_down_at, (one.photograph.event.ref, what, day, "", "", "", one.scope, "", by)


def _publications(*which: ColumnElement[bool]) -> Sequence[Publication]:
    with_event = joinedload(Publication.photograph).joinedload(Photograph.event)
    return db.session.scalars(select(Publication).where(*which).options(with_event)).all()


def _day_of(moment: datetime) -> str:
    return moment.astimezone(jurisdiction.current().zone).date().isoformat()
