"""Versions of what assessors judge by. A version is never changed: the next one follows it, with its reason."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from hotline import clock, jurisdiction
from hotline.errors import Forbidden, NotFound, Overtaken, Refused
from hotline.extensions import db
from hotline.models.assessment import Assessment
from hotline.models.criteria import Criteria, JudgedBy
from hotline.models.staff import Staff
from hotline.rules import criteria
from hotline.rules.criteria import Texts
from hotline.services import audit
from hotline.vocabulary import Role

FIRST = "1"  # the version that comes with the portal; it becomes a row with the first finding that is made by it


@dataclass(frozen=True, slots=True)
class Version:
    """One version as people read it. `made_at` is None for the built-in one while nobody has judged by it."""

    version: str
    texts: Texts
    reason: str = ""
    made_at: datetime | None = None
    made_by: str = ""

    def text(self, key: str, language: str) -> str:
        """Return one text; in English where this language has none."""
        return criteria.text_of(self.texts, key, language) or criteria.text_of(self.texts, key, "en")


def in_force() -> Version:
    """Return the version that the form shows now."""
    row = _latest()
    return _version(row) if row else _built_in()


def shown(version: str) -> Version:
    """Return the version that a form was drawn with; the one in force for none, and for what is no version."""
    return next((one for one in list_all() if one.version == version), None) or in_force() if version else in_force()


def get(version: str) -> Version:
    """Return one version. Raises NotFound for a number that nobody has given."""
    return next((one for one in list_all() if one.version == version), None) or _missing(version)


def list_all() -> list[Version]:
    """Return every version, the newest first."""
    rows = db.session.scalars(select(Criteria).order_by(Criteria.id.desc())).all()
    return [_version(row) for row in rows] or [_built_in()]


def publish(texts: Texts, reason: str, *, based_on: str, by: Staff) -> Version:
    """Put a new version in force. `based_on` is the version that was shown when it was written.

    Raises Refused by field, also where nothing differs (`reason`, "nothing_new"); Overtaken where a newer version has
    come into force meanwhile.
    """
    if not by.has(Role.MANAGER):
        raise Forbidden("a manager writes the criteria")
    if wrong := criteria.faults(texts, reason):
        raise Refused(*wrong)
    last = row_of("")
    if last.version != based_on:
        raise Overtaken(f"version {last.version} of the criteria is newer")
    if not criteria.changes(_version(last).texts, texts):
        raise Refused(("reason", "nothing_new"))
    row = _add(str(int(last.version) + 1), texts, reason.strip(), by=by)
    audit.record(by, "put criteria in force", f"criteria {row.version}")
    return _version(row)


def row_of(version: str) -> Criteria:
    """Return the row of a version that somebody judges by; the one in force for none. Inside a transaction that writes.

    Raises Refused for a number that nobody has given.
    """
    row = _latest()
    if row is None:
        row = _add(FIRST, _built_in().texts, "", by=None)
    if version in {"", row.version}:
        return row
    older = db.session.scalar(select(Criteria).where(Criteria.version == version))
    if older is None:
        raise Refused(("criteria", "unknown"))
    return older


def judged_by(assessments: Iterable[Assessment]) -> dict[int, str]:
    """Return by which version findings were made, by the finding's id. Those from before there were any have none."""
    ids = [one.id for one in assessments]
    query = select(JudgedBy.assessment_id, Criteria.version).join(Criteria, Criteria.id == JudgedBy.criteria_id)
    rows = db.session.execute(query.where(JudgedBy.assessment_id.in_(ids))).all()
    return {look_id: str(version) for look_id, version in rows}


def _add(version: str, texts: Texts, reason: str, *, by: Staff | None) -> Criteria:
    kept = {key: dict(texts.get(key, {})) for key in criteria.KEYS}
    body = json.dumps(kept, ensure_ascii=False)
    row = Criteria(version=version, body=body, made_at=clock.now(), made_by=by, reason=reason)
    db.session.add(row)
    db.session.flush()
    return row


def _latest() -> Criteria | None:
    return db.session.scalar(select(Criteria).order_by(Criteria.id.desc()).limit(1))


def _version(row: Criteria) -> Version:
    made_by = row.made_by.name if row.made_by else ""
    return Version(row.version, json.loads(row.body), row.reason, row.made_at, made_by)


def _built_in() -> Version:
    return Version(FIRST, jurisdiction.current().criteria)


def _missing(version: str) -> Version:
    raise NotFound(f"no version {version} of the criteria")
