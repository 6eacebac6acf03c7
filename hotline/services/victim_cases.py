"""Victim cases: opened from wherever word of a child comes, their file, their steps and their risk."""

from dataclasses import replace

from sqlalchemy import CursorResult, delete, insert, select, update
from sqlalchemy.orm import joinedload

from hotline import clock, jurisdiction, vault
from hotline.errors import NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models.case_link import CaseLink
from hotline.models.case_note import CaseNote
from hotline.models.clock import Clock
from hotline.models.help_request import HelpRequest
from hotline.models.staff import Staff
from hotline.models.victim_case import CaseName, CaseStepDone, VictimCase
from hotline.rules import case_work, free_text, person_names, victim_files
from hotline.rules.victim_files import CaseFile, Note
from hotline.services import audit, case_figures, case_files, clocks, help_requests, references, referral_sending
from hotline.services.referral_sending import Effects
from hotline.vault import Blind
from hotline.vocabulary import (
    CaseFigure,
    CaseSource,
    CaseStatus,
    CaseStep,
    Duty,
    HelpStatus,
    NoteKind,
    Risk,
    Role,
    Subject,
)

NOTE = "case.note"
OPENED, CHANGED, MOVED, RISK, PRINTED = "opened case", "changed file", "began step", "changed risk", "printed"
POINTED_OUT = "pointed out by its name"
MOST_ALIKE = 5


def open_case(
    source: CaseSource,
    file: CaseFile,
    *,
    by: Staff,
    risk: Risk = Risk.HIGH,
    help_request: HelpRequest | None = None,
    link: CaseLink | None = None,
) -> VictimCase:
    """Open a case with what is known, in the hands of `by`. Its clocks begin.

    Raises Refused with all that is wrong with the file, WrongState where a request or a link has a case already, or
    somebody else has the request in hand.
    """
    case_files.require(by)
    file = victim_files.tidy(file)
    _check(file)
    if help_request is not None:
        _take_request(help_request, by)
    now = clock.now()
    one = VictimCase(
        ref=references.draw(VictimCase.ref, "VC"),
        source=source,
        help_request_id=help_request.id if help_request else None,
        status=CaseStatus.OPEN,
        step=CaseStep.REGISTRATION,
        risk=risk,
        officer_id=by.id,
        file=case_files.seal(case_files.FILE, victim_files.written(file)),
        version=1,
        opened_at=now,
        opened_by_id=by.id,
    )
    db.session.add(one)
    db.session.flush()
    db.session.add(CaseStepDone(case_id=one.id, step=one.step, begun_at=now))
    _name(one, file)
    if link is not None:
        _tie(link, one, by)
    clocks.start(one, Duty.FIRST_CONTACT, at=now)
    case_figures.count(CaseFigure.OPENED, source)
    audit.record(by, OPENED, case_files.subject(one), source=source)
    return one


def of_request(request: HelpRequest, *, by: Staff) -> VictimCase | None:
    """Return the case that was opened from a request for help, whoever's it is; None where there is none."""
    case_files.require(by)
    found = select(VictimCase).where(VictimCase.help_request_id == request.id).options(joinedload(VictimCase.officer))
    return db.session.scalar(found)


def change_file(one: VictimCase, file: CaseFile, *, version: int, is_safe_asked: bool = False, by: Staff) -> Effects:
    """Write the file of a case anew. `version` is the one the form showed. Returns what follows for referrals.

    `is_safe_asked`: somebody says that how it is safe was asked anew since a possible abuser was named. Raises
    Refused with all that is wrong with it, Overtaken where somebody has changed it since: nothing is lost then.
    """
    before = case_files.opened(one)
    file = victim_files.tidy(replace(file, outside_ids={**before.outside_ids, **file.outside_ids}))
    _check(file)
    fresh = update(VictimCase).where(VictimCase.id == one.id, VictimCase.version == version)
    sealed = case_files.seal(case_files.FILE, victim_files.written(file))
    done: CursorResult[object] = db.session.execute(  # type: ignore[assignment]
        fresh.values(file=sealed, version=version + 1)
    )
    if done.rowcount == 0:
        raise Overtaken(f"the file of {one.ref} was changed meanwhile")
    db.session.refresh(one)
    _name(one, file)
    changed = {name for name in CaseFile.__slots__ if getattr(before, name) != getattr(file, name)}
    if is_safe_asked:
        one.ask_safe_anew = False
    audit.record(by, CHANGED, case_files.subject(one), version=one.version, fields=len(changed))
    return referral_sending.after_change(one, is_safe_changed=bool(changed & victim_files.SAFE), by=by)


def faults_of(file: CaseFile) -> tuple[tuple[str, str], ...]:
    """Return (field, code) for all that is wrong with a file."""
    pasted = [one for one in case_work.word_faults(file) if one[1] == "picture"]
    provinces, today = jurisdiction.current().provinces, jurisdiction.today()
    return tuple(dict([*victim_files.file_faults(file, provinces=provinces, today=today), *pasted]).items())


def advance(one: VictimCase, step: CaseStep, *, by: Staff) -> None:
    """Let a case stand at another step, further on or back; the clocks go with it. Raises WrongState for its own."""
    case_files.require_open(one)
    if step is one.step:
        raise WrongState(f"case {one.ref} stands there already")
    now, moved = clock.now(), case_work.move(one.step, step)
    undone = update(CaseStepDone).where(CaseStepDone.case_id == one.id, CaseStepDone.done_at.is_(None))
    db.session.execute(undone.values(done_at=now, done_by_id=by.id))
    db.session.add(CaseStepDone(case_id=one.id, step=step, begun_at=now))
    one.step = step
    if moved.done:
        clocks.met(one, moved.done)
    if moved.void:
        clocks.void(one, moved.void)
    if moved.begun:
        clocks.start(one, moved.begun)
    audit.record(by, MOVED, case_files.subject(one), step=step)


def change_risk(one: VictimCase, risk: Risk, reason: str, *, by: Staff) -> None:
    """Say how great the risk to the child is, and why. A greater one shortens what runs.

    Raises Refused without a reason, or where nothing changes.
    """
    case_files.require_open(one)
    said, fault = free_text.judge(reason, case_work.MOST_REASON)
    wrong = [("risk", "same")] if risk == one.risk else []
    if fault:
        wrong.append(("reason", fault))
    if wrong:
        raise Refused(*wrong)
    before, now = one.risk, clock.now()
    one.risk = risk
    body = case_files.seal(NOTE, victim_files.written(Note(said=said)))
    db.session.add(
        CaseNote(case_id=one.id, kind=NoteKind.NOTE, body=body, happened_at=now, written_at=now, written_by_id=by.id)
    )
    db.session.flush()
    if risk < before:
        clocks.risk_rose(one)
    audit.record(by, RISK, case_files.subject(one), before=before, after=int(risk))


def list_steps(one: VictimCase) -> list[CaseStepDone]:
    """Return the steps of a case in the order they began."""
    steps = select(CaseStepDone).where(CaseStepDone.case_id == one.id).options(joinedload(CaseStepDone.done_by))
    return list(db.session.scalars(steps.order_by(CaseStepDone.id)))


def list_clocks(one: VictimCase) -> list[Clock]:
    """Return the clocks that run for a case itself, the one that runs out first before the others."""
    running = select(Clock).where(Clock.subject == Subject.VICTIM_CASE, Clock.subject_id == one.id)
    return list(db.session.scalars(running.where(Clock.ended_at.is_(None)).order_by(Clock.due_at, Clock.id)))


def list_alike(one: VictimCase, file: CaseFile, *, by: Staff) -> list[VictimCase]:
    """Return other cases in which a child bears the same whole name, so that nobody is asked twice by two people.

    What was said to be a duplicate, one of the other, is left out: that stands on the page already.
    One word alone is no sign of anything: there is nothing to find then. That a case was pointed out goes into the
    audit trail first, each time: a name that somebody typed tells that there is a case, and whose.
    """
    whole = [name for name in _names(file) if len(person_names.spellings(name)) > 1]
    if not whole:
        return []
    marks = [_mark(person_names.asked(name)) for name in whole]
    same = select(CaseName.case_id).where(CaseName.name_index.in_(marks), CaseName.case_id != one.id)
    query = select(VictimCase).where(VictimCase.id.in_(same), VictimCase.status != CaseStatus.ERASED)
    query = query.where(VictimCase.duplicate_of_id.is_distinct_from(one.id))
    if one.duplicate_of_id is not None:
        query = query.where(VictimCase.id != one.duplicate_of_id)
    query = query.options(joinedload(VictimCase.officer)).order_by(VictimCase.id.desc()).limit(MOST_ALIKE)
    found = list(db.session.scalars(query))
    for each in found:
        audit.record_read(by, POINTED_OUT, case_files.subject(each), beside=one.ref)
    return found


def print_file(one: VictimCase, *, by: Staff) -> CaseFile:
    """Open a whole file for paper; that it was printed goes into the audit trail first. Raises as `case_files.read`."""
    audit.record_read(by, PRINTED, case_files.subject(one), version=one.version)
    return case_files.opened(one)


def get_managed(ref: str, *, by: Staff) -> VictimCase:
    """Return a case that is worked on, for a manager (never its file) or whoever may open it. Raises NotFound."""
    if by.has(Role.MANAGER):
        query = select(VictimCase).where(VictimCase.ref == ref, VictimCase.status == CaseStatus.OPEN)
        if (found := db.session.scalar(query)) is None:
            raise NotFound(f"no open case {ref}")
        return found
    return case_files.get_open(ref, by=by)


def mark_of(name: str) -> bytes:
    """Return the blind index by which a case is looked for by a name somebody typed."""
    return _mark(person_names.asked(name))


def outside_mark(system: str, number: str) -> bytes:
    """Return the blind index by which a case is found by its number in another organisation's program."""
    return _mark(f"{system}:{number}")


def _check(file: CaseFile) -> None:
    if wrong := faults_of(file):
        raise Refused(*wrong)


def _take_request(request: HelpRequest, by: Staff) -> None:
    """Have a request in hand before a case is opened from it; one case a request."""
    if db.session.scalar(select(VictimCase.id).where(VictimCase.help_request_id == request.id)) is not None:
        raise WrongState(f"request {request.ref} has a case already")
    if request.status is HelpStatus.NEW:
        help_requests.claim(request, by=by)
    elif request.status is HelpStatus.TAKEN and request.taken_by_id != by.id:
        raise WrongState(f"request {request.ref} is in somebody else's hands")


def _tie(link: CaseLink, one: VictimCase, by: Staff) -> None:
    if link.case_id is not None:
        raise WrongState(f"link {link.ref} has a case already")
    link.case_id = one.id
    if link.taken_at is None:
        link.taken_at, link.taken_by_id = clock.now(), by.id


def _name(one: VictimCase, file: CaseFile) -> None:
    """Keep by which names a case is found: those of the child, what the team calls it, and its numbers elsewhere."""
    marks = {_mark(text) for name in (file.code_name, *_names(file)) for text in person_names.spellings(name)}
    marks |= {outside_mark(system, number) for system, number in file.outside_ids.items()}
    db.session.execute(delete(CaseName).where(CaseName.case_id == one.id))
    if marks:
        db.session.execute(insert(CaseName), [{"case_id": one.id, "name_index": mark} for mark in sorted(marks)])


def _names(file: CaseFile) -> list[str]:
    others = file.other_names.replace(";", ",").replace("\n", ",").split(",")
    return [name for name in (file.name, *others) if name.strip()]


def _mark(text: str) -> bytes:
    return vault.keyring().blind(Blind.NAME, text)
