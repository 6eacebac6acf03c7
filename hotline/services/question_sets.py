"""Versions of what victim support asks in a needs assessment. A version is never changed: the next one follows it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction
from hotline.errors import Forbidden, NotFound, Overtaken, Refused
from hotline.extensions import db
from hotline.models.needs_assessment import QuestionSet
from hotline.models.staff import Staff
from hotline.rules import needs
from hotline.rules.needs import Questions
from hotline.services import audit
from hotline.vocabulary import Need, Role

FIRST = 0  # the version that comes with the portal, in the jurisdiction's file


@dataclass(frozen=True, slots=True)
class Version:
    """One version as people read it. `made_at` is None for the one that came with the portal."""

    version: int
    questions: Questions
    reason: str = ""
    made_at: datetime | None = None
    made_by: str = ""

    def asks(self, need: Need) -> int:
        """Return how many questions it asks about one domain."""
        return len(self.questions.get(need, ()))


def in_force() -> Version:
    """Return the version that a new assessment is made by."""
    return list_all()[0]


def get(version: int) -> Version:
    """Return one version. Raises NotFound for a number that nobody has given."""
    if version == FIRST:
        return _built_in()
    row = db.session.get(QuestionSet, version)
    if row is None:
        raise NotFound(f"no version {version} of the questions")
    return _version(row)


def list_all() -> list[Version]:
    """Return every version, the newest first."""
    query = select(QuestionSet).order_by(QuestionSet.version.desc()).options(joinedload(QuestionSet.made_by))
    return [*(_version(row) for row in db.session.scalars(query)), _built_in()]


def publish(questions: Questions, reason: str, *, based_on: int | None, by: Staff) -> Version:
    """Put a new version in force. `based_on` is the version that was shown when it was written.

    Raises Refused by field, also where nothing differs (`reason`, "nothing_new"); Overtaken where a newer version has
    come into force meanwhile.
    """
    if not by.has(Role.MANAGER):
        raise Forbidden("a manager writes the questions")
    if wrong := needs.reason_faults(reason):
        raise Refused(*wrong)
    last = in_force()
    if last.version != based_on:
        raise Overtaken(f"version {last.version} of the questions is newer")
    if not needs.changes(last.questions, questions):
        raise Refused(("reason", "nothing_new"))
    row = QuestionSet(
        version=last.version + 1,
        body=needs.kept_questions(questions),
        reason=reason.strip(),
        made_by=by,
        made_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    audit.record(by, "put questions in force", f"questions {row.version}")
    return _version(row)


def _version(row: QuestionSet) -> Version:
    return Version(row.version, needs.asked(row.body), row.reason, row.made_at, row.made_by.name)


def _built_in() -> Version:
    return Version(FIRST, {Need(need): asked for need, asked in jurisdiction.current().questions.items()})
