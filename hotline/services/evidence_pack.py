"""The evidence pack: what shows how the code of practice was kept in a period, as one archive for a quality reviewer.

It holds references, days, states and counts. People are numbers, and there are no addresses, no names of children and
no words of anybody; so it may be handed to a reviewer. The list of hashes lets anybody see that nothing was changed.
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta

from hotline import jurisdiction
from hotline.errors import NotFound, Refused
from hotline.models.staff import Staff
from hotline.rules.lists import neutral
from hotline.services import (
    access_reviews,
    audit,
    consultations,
    contact_points,
    duties,
    duty_records,
    imagery,
    incidents,
    inhope_notices,
    networks,
    protocols,
    restore_tests,
    room_entries,
    secrecy,
    trainings,
    year_freezes,
)

LONGEST = timedelta(days=3 * 366)
# what people wrote in their own words, and where the room is reached from: it stays here
STAYS = {"access-reviews": {"reason"}, "restore-tests": {"what"}, "trainings": {"name"}, "networks": {"networks"}}
HASHES = "SHA256SUMS"
BEGINNING = (1980, 1, 1, 0, 0, 0)  # of ZIP's time: the same records give the same bytes
Records = Callable[..., Iterator[tuple[str, ...]]]
PARTS: dict[str, tuple[tuple[str, ...], Records]] = {
    "incidents": (incidents.COLUMNS, incidents.records),
    "contact-points": (contact_points.COLUMNS, contact_points.records),
    "inhope-notices": (inhope_notices.COLUMNS, inhope_notices.records),
    "consultations": (consultations.COLUMNS, consultations.records),
    "security-protocol": (protocols.COLUMNS, protocols.records),
    "secure-room": (room_entries.COLUMNS, room_entries.records),
    "access-reviews": (access_reviews.COLUMNS, access_reviews.records),
    "trainings": (trainings.COLUMNS, trainings.records),
    "restore-tests": (restore_tests.COLUMNS, restore_tests.records),
    "networks": (networks.COLUMNS, networks.records),
    "year-freezes": (year_freezes.COLUMNS, year_freezes.records),
    "imagery": (imagery.COLUMNS, imagery.records),
    "confidentiality": (secrecy.COLUMNS, secrecy.records),
    "duties": (duty_records.COLUMNS, duty_records.records),
}


def period(first: date | None, last: date | None) -> tuple[datetime, datetime]:
    """Return from when until when a period of whole days lasts, in the country's own time.

    Raises Refused((field, code), ...) for days that are missing, in the wrong order, or too far apart.
    """
    wrong = [(field, "required") for field, day in (("since", first), ("until", last)) if day is None]
    if first is not None and last is not None:
        last = min(last, jurisdiction.today())
        wrong += [("until", "before")] if last < first else [("until", "too_long")] if last - first > LONGEST else []
    if wrong or first is None or last is None:
        raise Refused(*wrong)
    zone = jurisdiction.current().zone
    return datetime.combine(first, time(), zone), datetime.combine(last + timedelta(days=1), time(), zone)


def rows(since: datetime, until: datetime, *, by: Staff) -> dict[str, list[tuple[str, ...]]]:
    """Return the rows of each part, those of its columns first. Raises NotFound for people who may not see them."""
    if not by.has(*duties.READERS):
        raise NotFound("no evidence")
    return {name: _leaving(name, columns, records(since, until, by=by)) for name, (columns, records) in PARTS.items()}


def pack(found: Mapping[str, list[tuple[str, ...]]], pages: Mapping[str, str], *, by: Staff) -> bytes:
    """Return a ZIP archive of the rows as CSV, of pages by their file name, and the list of hashes. It is on record."""
    files = {f"{name}.csv": _as_csv(lines) for name, lines in found.items()}
    files |= {name: page.encode() for name, page in pages.items()}
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    listed = "".join(f"{digest}  {name}\n" for name, digest in sums.items()).encode()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in sorted((files | {HASHES: listed}).items()):
            bundle.writestr(zipfile.ZipInfo(name, BEGINNING), content, zipfile.ZIP_DEFLATED)
    digest = hashlib.sha256(listed).hexdigest()
    audit.record_read(by, "took evidence pack", "code of practice", files=len(files), digest=digest)
    return archive.getvalue()


def _leaving(name: str, columns: tuple[str, ...], found: Iterator[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return rows without the columns that stay here, those that leave named first."""
    leaves = [place for place, column in enumerate(columns) if column not in STAYS.get(name, ())]
    return [tuple(row[place] for place in leaves) for row in (columns, *found)]


def _as_csv(lines: list[tuple[str, ...]]) -> bytes:
    """Return rows as CSV that a spreadsheet opens as UTF-8 and takes for text, never for a formula."""
    told = io.StringIO()
    csv.writer(told, lineterminator="\r\n").writerows([neutral(cell) for cell in line] for line in lines)
    return told.getvalue().encode("utf-8-sig")
