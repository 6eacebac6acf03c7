"""What stakeholders said in a year and what we did about it: written for the public, read by two people, published."""

from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, joinedload

from hotline import clock, jurisdiction
from hotline.errors import Forbidden, NotFound, Overtaken, Refused, StorageFull, WrongState
from hotline.extensions import db
from hotline.models.consultation import ConsultationFeedback, PublishedFeedback
from hotline.models.staff import Staff
from hotline.rules import stakeholders as rules
from hotline.services import audit, duties, secrecy
from hotline.transactions import apart, front_engine, writing
from hotline.vocabulary import Language, Sector, WayOut

READERS, KEEPERS = duties.READERS, duties.KEEPERS
PUBLISHERS = duties.GIVERS
LONGEST = 1_500
TEXTS = ("said_en", "said_km", "did_en", "did_km")
FIRST_YEAR = 2000


@dataclass(frozen=True, slots=True)
class Told:
    """What the public reads of one sector in one year."""

    year: int
    sector: Sector
    said: dict[Language, str]
    did: dict[Language, str]


def list_year(year: int, *, by: Staff) -> list[ConsultationFeedback]:
    """Return all that was written for a year, by sector. Raises NotFound for people who may not see it."""
    if not by.has(*READERS) or not FIRST_YEAR <= year <= jurisdiction.today().year:
        raise NotFound(f"no feedback of {year}")
    query = select(ConsultationFeedback).where(ConsultationFeedback.year == year).order_by(ConsultationFeedback.id)
    loads = (joinedload(ConsultationFeedback.written_by), joinedload(ConsultationFeedback.approved_by))
    order = list(Sector)
    return sorted(db.session.scalars(query.options(*loads)), key=lambda one: (order.index(one.sector), one.id))


def get(year: int, number: int, *, by: Staff) -> ConsultationFeedback:
    """Return one text of a year. Raises NotFound, also for people who may not see it."""
    found = db.session.get(ConsultationFeedback, number)
    if found is None or found.year != year or not by.has(*READERS):
        raise NotFound(f"no feedback {number} of {year}")
    return found


def write(year: int, sector: str, texts: dict[str, str], *, by: Staff) -> ConsultationFeedback:
    """Write what a sector said in a year and what was done, in both languages. Another person has to approve it."""
    _require(by)
    list_year(year, by=by)  # a year there can be something to say about
    told = _judged(sector, texts)
    added = ConsultationFeedback(year=year, sector=Sector(sector), written_at=clock.now(), written_by_id=by.id, **told)
    db.session.add(added)
    db.session.flush()
    audit.record(by, "wrote feedback", subject(added))
    return added


def change(one: ConsultationFeedback, sector: str, texts: dict[str, str], *, version: int, by: Staff) -> None:
    """Change a text that nobody has approved; whoever does is then its writer. Raises Overtaken, WrongState."""
    _require(by)
    _require_unread(one)
    if one.version != version:
        raise Overtaken("the text was changed meanwhile")
    told = _judged(sector, texts)
    for name, text in told.items():
        setattr(one, name, text)
    one.sector, one.version = Sector(sector), one.version + 1
    one.written_at, one.written_by_id = clock.now(), by.id
    db.session.flush()
    audit.record(by, "changed feedback", subject(one))


def discard(one: ConsultationFeedback, *, by: Staff) -> None:
    """Throw a text away that nobody has approved."""
    _require(by)
    _require_unread(one)
    audit.record(by, "discarded feedback", subject(one))
    db.session.delete(one)
    db.session.flush()


def approve(one: ConsultationFeedback, *, version: int, by: Staff) -> None:
    """Say as a second person that a text may be published, as it was shown in `version`.

    Raises Refused (`approve`, `same_person`) for its writer, and for words that name one of us by now, who may have
    come after they were written; Overtaken where it was changed since.
    """
    _require(by)
    _require_unread(one)
    if one.written_by_id == by.id:
        raise Refused(("approve", "same_person"))
    if one.version != version:
        raise Overtaken("the text was changed meanwhile")
    _judged(one.sector, {name: getattr(one, name) for name in TEXTS})
    one.approved_at, one.approved_by_id = clock.now(), by.id
    db.session.flush()
    audit.record(by, "approved feedback", subject(one))


def withdraw(one: ConsultationFeedback, *, by: Staff) -> None:
    """Take an approved text back, also from the public page.

    It may stand there though the desk does not know: publishing may have been cut off between the two stores.
    """
    _require_publisher(by)
    if one.approved_at is None or one.withdrawn_at is not None:
        raise WrongState("there is nothing to take back")
    one.withdrawn_at = clock.now()
    db.session.flush()
    audit.record(by, "withdrew feedback", subject(one))
    _show(one.year)


def publish(year: int, *, by: Staff) -> int:
    """Publish all that two people have read of a year. Returns how many texts the public reads of it now.

    Raises Refused (`publish`, `nothing`) where there is nothing new, and (`text-<id>`, `names_us_now`) for each in
    which one of us is named by now: who is found in what two people have read may have come since.
    """
    _require_publisher(by)
    fresh = [one for one in list_year(year, by=by) if _may_be_read(one) and one.published_at is None]
    if not fresh:
        raise Refused(("publish", "nothing"))
    named = [one for one in fresh if secrecy.check_names(WayOut.PUBLICATION, *(getattr(one, name) for name in TEXTS))]
    if named:
        raise Refused(*((f"text-{one.id}", "names_us_now") for one in named))
    for one in fresh:
        one.published_at = clock.now()
    db.session.flush()
    audit.record(by, "published feedback", f"feedback {year}", texts=len(fresh))
    return _show(year)


def sweep() -> None:
    """Put before the public what is published, wherever the two stores differ: one was lost, or work was cut off."""
    if not _years_that_differ():
        return  # nearly always: nobody has to wait for a round that writes nothing
    with writing():
        for year in _years_that_differ():
            _show(year)


def list_published() -> tuple[Told, ...]:
    """Return what the public may read, the newest year first. Raises StorageFull when it cannot be read."""
    order = (PublishedFeedback.year.desc(), PublishedFeedback.place)
    try:
        with Session(front_engine()) as session:
            return tuple(_told(row) for row in session.scalars(select(PublishedFeedback).order_by(*order)))
    except SQLAlchemyError as exc:
        raise StorageFull("the front store cannot be read") from exc


def subject(one: ConsultationFeedback) -> str:
    """Return the name of a text in the audit trail."""
    return f"feedback {one.year}/{one.id}"


def _show(year: int) -> int:
    """Put what is published of a year before the public, as a whole."""
    rows = _published(year).get(year, [])
    with apart(front_engine()) as session:
        session.execute(delete(PublishedFeedback).where(PublishedFeedback.year == year))
        if rows:
            session.execute(insert(PublishedFeedback), rows)
    return len(rows)


def _published(year: int | None = None) -> dict[int, list[dict[str, object]]]:
    """Return the rows that the public has to read, by year; of one year where it is named."""
    query = select(ConsultationFeedback).where(
        ConsultationFeedback.published_at.is_not(None), ConsultationFeedback.withdrawn_at.is_(None)
    )
    query = query if year is None else query.where(ConsultationFeedback.year == year)
    order, found = list(Sector), dict[int, list[dict[str, object]]]()
    for one in sorted(db.session.scalars(query), key=lambda one: (order.index(one.sector), one.id)):
        rows = found.setdefault(one.year, [])
        texts = {name: getattr(one, name) for name in TEXTS}
        rows.append({"year": one.year, "place": len(rows) + 1, "sector": one.sector} | texts)
    return found


def _years_that_differ() -> list[int]:
    """Return the years of which the public reads something else than the desk has published."""
    ours, theirs = _published(), dict[int, list[dict[str, object]]]()
    names = ("year", "place", "sector", *TEXTS)
    with Session(front_engine()) as session:
        for row in session.scalars(select(PublishedFeedback).order_by(PublishedFeedback.place)):
            theirs.setdefault(row.year, []).append({name: getattr(row, name) for name in names})
    return sorted(year for year in {*ours, *theirs} if ours.get(year) != theirs.get(year))


def _told(row: PublishedFeedback) -> Told:
    return Told(
        row.year,
        row.sector,
        {Language.EN: row.said_en, Language.KM: row.said_km},
        {Language.EN: row.did_en, Language.KM: row.did_km},
    )


def _may_be_read(one: ConsultationFeedback) -> bool:
    return one.approved_at is not None and one.withdrawn_at is None


def _judged(sector: str, texts: dict[str, str]) -> dict[str, str]:
    told = {name: rules.text(texts.get(name, "")) for name in TEXTS}
    faults = [("sector", "required")] if sector not in set(Sector) else []
    for name, words in told.items():
        fault = rules.fault_in(words, LONGEST, required=True)
        if fault is None and secrecy.check_names(WayOut.PUBLICATION, words):
            fault = "names_us"
        if fault:
            faults.append((name, fault))
    if faults:
        raise Refused(*faults)
    return told


def _require_unread(one: ConsultationFeedback) -> None:
    if one.approved_at is not None:
        raise WrongState("two people have read this text")


def _require(by: Staff) -> None:
    if not by.has(*KEEPERS):
        raise Forbidden("feedback is written by others")


def _require_publisher(by: Staff) -> None:
    if not by.has(*PUBLISHERS):
        raise Forbidden("the liaison or a manager publishes")
