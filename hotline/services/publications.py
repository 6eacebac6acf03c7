"""Where pictures of events were published, who is shown on them, and the clock by which one comes down again.

A publication is put down only where everybody shown agreed before, for that use; the database holds the same. Whatever
makes it so no more (an agreement taken back or over its day, somebody found on the picture who was not asked) starts
the clock; it ends once the picture is down, or everybody agrees again.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction
from hotline.errors import GateClosed, NotFound, Refused, WrongState
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.models.imagery import ImageryEvent, PersonShown, Photograph, Publication, Showing
from hotline.models.staff import Staff
from hotline.rules import imagery as rules
from hotline.rules.imagery import Lacks, Shown
from hotline.services import audit, duties, imagery, references
from hotline.services.duties import Thing
from hotline.vocabulary import Duty, PictureScope, ShownEnd, Subject, Voice

SHOWN, STRUCK = "noted who is on a photograph", "took somebody off a photograph"
PUBLISHED, TAKEN_DOWN = "published a photograph", "took a publication down"
TO_TAKE_DOWN, MAY_STAY = "has to be taken down", "may stay"


@dataclass(frozen=True, slots=True)
class Picture:
    """A photograph with who is shown on it, where it may be published today, and what was published.

    `clocks` are those that run, by publication.
    """

    photograph: Photograph
    showings: tuple[Showing, ...]
    shown: tuple[Shown, ...]  # in the same order
    scopes: tuple[PictureScope, ...]
    publications: tuple[Publication, ...]
    clocks: dict[int, Clock]

    @property
    def may_be_published(self) -> bool:
        """Whether there is any use for which it may be published today."""
        return bool(self.scopes)

    def lacking(self, scope: PictureScope, on: date) -> list[tuple[PersonShown, Voice, Lacks]]:
        """Return what keeps it from one use on a day: of whom, in whose voice, and why."""
        return [
            (showing.person, voice, why)
            for showing, shown in zip(self.showings, self.shown, strict=True)
            for voice, why in rules.lacking(shown, scope, on)
        ]


def pictures(photographs: Sequence[Photograph]) -> list[Picture]:
    """Return photographs with all that is known of them, in the order given."""
    ids = [one.id for one in photographs]
    shown, published = _shown_on(ids), _published(ids)
    clocks = duties.running(Subject.PUBLICATION, [one.id for those in published.values() for one in those])
    today = jurisdiction.today()
    found = []
    for photograph in photographs:
        on_it, out = shown[photograph.id], published[photograph.id]
        people = tuple(one for _showing, one in on_it)
        found.append(
            Picture(
                photograph,
                tuple(showing for showing, _one in on_it),
                people,
                rules.agreed_scopes(people, today) if people or photograph.nobody_shown else (),
                tuple(out),
                {one.id: clocks[one.id] for one in out if one.id in clocks},
            )
        )
    return found


def picture(photograph: Photograph) -> Picture:
    """Return one photograph with all that is known of it."""
    return pictures([photograph])[0]


def count_owned(*, by: Staff) -> int:
    """Return how many publications somebody answers for have to be taken down."""
    owned = (Clock.owner_id == by.id, Clock.ended_at.is_(None), Clock.subject == Subject.PUBLICATION)
    return db.session.scalar(select(func.count()).select_from(Clock).where(*owned)) or 0


def get(event: ImageryEvent, ref: str) -> Publication:
    """Return a publication of a photograph of an event. Raises NotFound."""
    query = select(Publication).join(Photograph).where(Publication.ref == ref, Photograph.event_id == event.id)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(f"no publication {ref} in {event.ref}")
    return found


def get_showing(photograph: Photograph, number: int) -> Showing:
    """Return that somebody is shown on a photograph, by its id. Raises NotFound."""
    found = db.session.get(Showing, number)
    if found is None or found.photograph_id != photograph.id or found.struck_at is not None:
        raise NotFound(f"no showing {number} on photograph {photograph.id}")
    return found


def places(ids: Collection[int]) -> dict[int, tuple[str, str, int]]:
    """Return by publication its reference, that of its event, and the id of its photograph: where its page is."""
    query = (
        select(Publication.id, Publication.ref, ImageryEvent.ref, Photograph.id)
        .join(Photograph, Photograph.id == Publication.photograph_id)
        .join(ImageryEvent, ImageryEvent.id == Photograph.event_id)
        .where(Publication.id.in_(ids))
    )
    rows = db.session.execute(query).all() if ids else ()
    return {number: (ref, event_ref, photograph_id) for number, ref, event_ref, photograph_id in rows}


def show(photograph: Photograph, person: PersonShown, *, by: Staff) -> list[Publication]:
    """Note that somebody is on a photograph. Returns the publications that have to come down since they did not agree.

    Raises WrongState where they are on it already, or were forgotten.
    """
    imagery.require_keeper(by)
    is_on = select(Showing.id).where(
        Showing.photograph_id == photograph.id, Showing.person_id == person.id, Showing.struck_at.is_(None)
    )
    if person.forgotten_at is not None or db.session.scalar(is_on) is not None:
        raise WrongState(f"person {person.id} is noted already, or was forgotten")
    db.session.add(Showing(photograph_id=photograph.id, person_id=person.id, noted_at=clock.now(), noted_by_id=by.id))
    photograph.nobody_shown = False
    db.session.flush()
    audit.record(by, SHOWN, imagery.subject(photograph.event), photograph=photograph.id, person=person.id)
    return follow([photograph.id], by=by)


def strike(showing: Showing, why: str, *, by: Staff) -> list[Publication]:
    """Note that somebody is not on a photograph after all, or can be recognised no more. Raises Refused (`why`).

    Returns what has to come down: where nobody is left, nobody says that nobody is shown.
    """
    imagery.require_keeper(by)
    chosen = next((one for one in ShownEnd if one == why), None)
    if chosen is None:
        raise Refused(("why", "required"))
    showing.struck_at, showing.struck_why, showing.struck_by_id = clock.now(), chosen, by.id
    db.session.flush()
    event = showing.photograph.event
    audit.record(by, STRUCK, imagery.subject(event), photograph=showing.photograph_id, person=showing.person_id)
    return follow([showing.photograph_id], by=by)


def say_nobody(photograph: Photograph, *, is_so: bool, by: Staff) -> list[Publication]:
    """Note that nobody on a photograph can be recognised, or take that back. Returns what has to come down.

    Raises WrongState where somebody is noted on it.
    """
    imagery.require_keeper(by)
    if is_so and imagery.showings([photograph.id])[photograph.id]:
        raise WrongState(f"somebody is shown on photograph {photograph.id}")
    if photograph.nobody_shown == is_so:
        return []
    photograph.nobody_shown = is_so
    db.session.flush()
    what = imagery.NOBODY if is_so else imagery.SOMEBODY
    audit.record(by, what, imagery.subject(photograph.event), photograph=photograph.id)
    return follow([photograph.id], by=by)


def publish(
    photograph: Photograph, scope: PictureScope | None, place: str, published_on: date | None, *, by: Staff
) -> Publication:
    """Put down that a photograph was published, today or on a day before.

    Raises Refused by field, GateClosed where somebody shown had not agreed to this use by that day.
    """
    imagery.require_keeper(by)
    where, fault = rules.judge_line(place, rules.LONGEST_LINE, may_be_address=True)
    wrong = rules.publication_faults(scope, published_on, held_on=photograph.event.held_on, today=jurisdiction.today())
    if fault:
        wrong = (*wrong, ("place", fault))
    if wrong or scope is None or published_on is None:
        raise Refused(*wrong)
    people = [one for _showing, one in _shown_on([photograph.id])[photograph.id]]
    if not rules.may_publish(people, scope, published_on, nobody_shown=photograph.nobody_shown):
        raise GateClosed(f"not everybody on photograph {photograph.id} agreed to this")
    added = Publication(
        ref=references.draw(Publication.ref, "PU"),
        photograph_id=photograph.id,
        scope=scope,
        place=where,
        published_on=published_on,
        noted_at=clock.now(),
        noted_by_id=by.id,
    )
    db.session.add(added)
    db.session.flush()
    audit.record(by, PUBLISHED, imagery.subject(photograph.event), publication=added.ref, scope=scope)
    follow([photograph.id], by=by)
    return added


def take_down(publication: Publication, copies: str, *, by: Staff) -> None:
    """Note that a publication is down. `copies` says in words where else the picture may still be, or is empty.

    Raises WrongState where it is down already, Refused (`copies`, code).
    """
    imagery.require_keeper(by)
    if publication.taken_down_at is not None:
        raise WrongState(f"{publication.ref} is down already")
    said, fault = rules.judge_line(copies, rules.LONGEST_WORDS, required=False)
    if fault:
        raise Refused(("copies", fault))
    publication.copies = said
    publication.taken_down_at, publication.taken_down_by_id = clock.now(), by.id
    duties.met(_of(publication), Duty.TAKE_DOWN_PICTURE)
    db.session.flush()
    event = publication.photograph.event
    audit.record(by, TAKEN_DOWN, imagery.subject(event), publication=publication.ref, copies=bool(said))


def follow_people(person_ids: Collection[int], *, by: Staff | None) -> list[Publication]:
    """Look anew at all that shows some people, after what they agree to has changed. Returns as `follow`."""
    query = select(Showing.photograph_id).where(Showing.person_id.in_(person_ids), Showing.struck_at.is_(None))
    return follow(db.session.scalars(query.distinct()).all() if person_ids else (), by=by)


def follow(photograph_ids: Collection[int], *, by: Staff | None) -> list[Publication]:
    """Start the clock of each publication of some photographs that may not stay, and end it where it may.

    Returns those that have to come down and did not have to before. `by` is None where the portal does it.
    """
    today, found = jurisdiction.today(), []
    shown, published = _shown_on(photograph_ids), _published(photograph_ids)
    out = [one for those in published.values() for one in those if one.taken_down_at is None]
    running = duties.running(Subject.PUBLICATION, [one.id for one in out])
    for one in out:
        people = [somebody for _showing, somebody in shown[one.photograph_id]]
        stays = rules.may_publish(people, one.scope, today, nobody_shown=one.photograph.nobody_shown)
        if stays == (one.id not in running):
            continue
        if stays:
            duties.void(_of(one), Duty.TAKE_DOWN_PICTURE)
        else:
            duties.begin(_of(one), Duty.TAKE_DOWN_PICTURE, owner_id=_owner(one))
            found.append(one)
        event = one.photograph.event
        audit.record(by, MAY_STAY if stays else TO_TAKE_DOWN, imagery.subject(event), publication=one.ref)
    return found


def _owner(publication: Publication) -> int | None:
    """Return who answers for taking it down: whoever put it down as published, while they can."""
    person = publication.noted_by
    return person.id if person.active and person.has(*imagery.KEEPERS) else None


def _of(publication: Publication) -> Thing:
    return Thing(Subject.PUBLICATION, publication.id)


def _shown_on(photograph_ids: Iterable[int]) -> dict[int, list[tuple[Showing, Shown]]]:
    ids = list(photograph_ids)
    showings = imagery.showings(ids)
    person_ids = {one.person_id for those in showings.values() for one in those}
    people = imagery.shown_of(select(PersonShown).where(PersonShown.id.in_(person_ids)))
    return {number: [(one, people[one.person_id][1]) for one in showings.get(number, ())] for number in ids}


def _published(photograph_ids: Iterable[int]) -> dict[int, list[Publication]]:
    found: dict[int, list[Publication]] = {number: [] for number in photograph_ids}
    query = select(Publication).where(Publication.photograph_id.in_(found)).order_by(Publication.id.desc())
    with_all = (
        joinedload(Publication.photograph).joinedload(Photograph.event),
        joinedload(Publication.noted_by),
        joinedload(Publication.taken_down_by),
    )
    for one in db.session.scalars(query.options(*with_all)) if found else ():
        found[one.photograph_id].append(one)
    return found
