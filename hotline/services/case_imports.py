"""A case that another organisation refers to us from its own program, pasted as text: read, shown, and opened.

Nothing is stored before somebody opens the case. What was not understood is kept with it as notes, word for word.
"""

from dataclasses import replace

from sqlalchemy import select

from hotline import jurisdiction
from hotline.errors import Refused
from hotline.extensions import db
from hotline.models.staff import Staff
from hotline.models.victim_case import CaseName, VictimCase
from hotline.rules import case_imports as rules
from hotline.rules import refs
from hotline.rules.case_imports import ELSEWHERE, Arrived
from hotline.rules.submissions import clean
from hotline.rules.victim_files import MOST_WORDS, Note
from hotline.services import audit, case_files, case_notes, case_people, victim_cases
from hotline.vocabulary import CaseSource, CaseStatus, NoteKind, Risk

IMPORTED = "taken in from elsewhere"


def read(text: str, *, by: Staff) -> Arrived:
    """Return what was understood of a text, and what not. Raises Refused (`text`, code), NotFound for other roles."""
    case_files.require(by)
    return rules.read(text, jurisdiction.current().provinces)


def find_known(arrived: Arrived) -> VictimCase | None:
    """Return the case that bears one of the same numbers already, whoever's it is; None where there is none.

    A case of ours that comes back is found by its own reference.
    """
    numbers = arrived.file.outside_ids
    own = numbers.get(ELSEWHERE, "")
    stands = select(VictimCase).where(VictimCase.status != CaseStatus.ERASED)
    if refs.is_one(own, "VC") and (ours := db.session.scalar(stands.where(VictimCase.ref == own))):
        return ours
    marks = [victim_cases.outside_mark(system, number) for system, number in numbers.items()]
    same = select(CaseName.case_id).where(CaseName.name_index.in_(marks))
    return db.session.scalar(stands.where(VictimCase.id.in_(same)).order_by(VictimCase.id).limit(1))


def open_case(text: str, code_name: str, *, by: Staff) -> VictimCase:
    """Open a case from a text, in the hands of `by`. Its risk is high where nobody said.

    Raises Refused with all that is wrong; (`text`, `known`) where the case is here already: see `find_known`.
    """
    arrived = read(text, by=by)
    if find_known(arrived) is not None:
        raise Refused(("text", "known"))
    file = replace(arrived.file, code_name=clean(code_name).text.strip())
    one = victim_cases.open_case(CaseSource.REFERRAL_IN, file, risk=arrived.risk or Risk.HIGH, by=by)
    for each in arrived.relatives:
        case_people.add(one, each.part, each.person, by=by)
    for words in _notes(arrived):
        case_notes.write(one, NoteKind.NOTE, Note(said=words), by=by)
    audit.record(
        by,
        IMPORTED,
        case_files.subject(one),
        format=arrived.format,
        understood=len(arrived.understood),
        kept=len(arrived.kept),
        left_behind=len(arrived.left_behind),
    )
    return one


def _notes(arrived: Arrived) -> list[str]:
    """Return what was kept and which needs were named as texts that fit a note each."""
    lines = [f"{name}: {said}" for name, said in arrived.kept]
    if arrived.needs:
        lines.insert(0, f"needs: {', '.join(arrived.needs)}")
    texts, room = [""], MOST_WORDS
    for line in lines:
        for part in (line[start : start + room] for start in range(0, len(line), room)):
            if len(texts[-1]) + len(part) + 1 > room:
                texts.append("")
            texts[-1] = f"{texts[-1]}\n{part}" if texts[-1] else part
    return [text for text in texts if text]
