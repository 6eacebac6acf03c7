"""The seed's clauses one by one: each has its row, its evidence, and its way to go red."""

import csv
import hashlib
import io
import zipfile
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from hotline import clock, jurisdiction
from hotline.errors import Forbidden, NotFound, Overtaken, Refused
from hotline.extensions import db
from hotline.models.practice import ClauseText
from hotline.models.staff import Staff
from hotline.services import clauses, duties, evidence_pack, incidents, staff
from hotline.services.duties import Thing
from hotline.transactions import writing
from hotline.vocabulary import Clause, ClauseState, Duty, Language, Role, Subject

# how the published text of the code begins each of its clauses
SEED = {
    Clause.LAW: "Hotlines must act within the law",
    Clause.COOPERATION: "Hotlines shall cooperate with each other",
    Clause.CONTACT_POINT: "Hotlines must provide INHOPE with a point of contact",
    Clause.SECURITY_PROTOCOL: "Hotlines must have a security protocol",
    Clause.SECURE_ROOM: "The rooms in which the hotline work takes place",
    Clause.EXPOSURE: "Staff not dealing with hotline work",
    Clause.EXCHANGE_POLICY: "Every INHOPE Member Hotline must comply fully",
    Clause.INTERRUPTION: "Member hotlines that take part in ICCAM must, without undue delay",
    Clause.OFFICER_TOLD: "In case of suspicion of breaches",
    Clause.IMAGERY: "Imagery taken at INHOPE events needs prior consent",
    Clause.CONFIDENTIALITY: "Personal data of the hotline analysts",
    Clause.CONSULTATION: "INHOPE requires that members regularly consult",
}
LATE = {  # one duty of a clause that is over its limit turns it red
    Clause.CONTACT_POINT: (Subject.INHOPE_NOTICE, Duty.ANSWER_INHOPE),
    Clause.SECURITY_PROTOCOL: (Subject.READING, Duty.READ_PROTOCOL),
    Clause.EXPOSURE: (Subject.TRAINING, Duty.RENEW_TRAINING),
    Clause.INTERRUPTION: (Subject.INCIDENT, Duty.TELL_SECRETARIAT),
    Clause.OFFICER_TOLD: (Subject.INCIDENT, Duty.TELL_DPO),
    Clause.IMAGERY: (Subject.PUBLICATION, Duty.TAKE_DOWN_PICTURE),
}
LATE_STANDING = {Clause.SECURE_ROOM: "review_access", Clause.CONSULTATION: "consult.industry"}


@pytest.fixture
def boss(office: Flask) -> Staff:
    """A manager; every standing duty has a clock."""
    duties.sweep()
    return db.session.scalars(select(Staff).where(Staff.name == "vanna")).one()


def row(clause: Clause, by: Staff) -> clauses.Row:
    return clauses.get(clause, by=by)


def quiet(monkeypatch: pytest.MonkeyPatch, clause: Clause) -> None:
    """Let the records say nothing that presses: what is left are clocks, owner and wording."""
    monkeypatch.setitem(clauses.rules.CHECKS, clause, ())


def test_each_clause_of_the_published_code_has_its_row_in_both_languages(boss: Staff) -> None:
    rows = clauses.list_rows(by=boss)

    assert [one.clause for one in rows] == list(SEED)
    assert [one.number for one in rows] == list(range(1, 13))
    for one in rows:
        assert one.wording.text_en.startswith(SEED[one.clause])
        assert any("\u1780" <= letter <= "\u17b3" for letter in one.wording.text_km)
        assert one.facts
        assert one.clocks.next_due is not None


def test_the_clause_that_is_cut_off_is_to_clarify(boss: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    found = row(Clause.EXCHANGE_POLICY, boss)

    assert found.state is ClauseState.TO_CLARIFY
    assert "stops in mid-sentence" in found.wording.doubt
    with writing():
        clauses.reword(
            found.clause,
            text_en="All of it.",
            text_km="ទាំងអស់។",
            doubt="",
            reason="asked",
            seen=found.wording.id,
            by=boss,
        )
        duties.give(found.standing, boss, by=boss)
    assert row(Clause.EXCHANGE_POLICY, boss).state is ClauseState.IN_PLACE


@pytest.mark.parametrize("clause", list(Clause))
def test_each_clause_has_its_way_to_go_red(boss: Staff, clause: Clause, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet(monkeypatch, clause)
    past = clock.now() - timedelta(days=1)
    with writing():
        duties.give(row(clause, boss).standing, boss, by=boss)
    before = row(clause, boss).state
    assert before is (ClauseState.TO_CLARIFY if clause is Clause.EXCHANGE_POLICY else ClauseState.IN_PLACE)

    with writing():
        if clause in LATE:
            subject, duty = LATE[clause]
            duties.begin(Thing(subject, 4_000_000), duty, owner_id=boss.id, due=past)
        else:
            one = duties.get(LATE_STANDING.get(clause, f"check_clause.{clause}"), by=boss)
            duties.fall_due(Thing(Subject.STANDING_DUTY, one.id), one.duty, past)

    found = row(clause, boss)
    assert (found.state, found.clocks.late) == (ClauseState.MISSED, 1)


def test_a_clause_nobody_owns_says_so(boss: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet(monkeypatch, Clause.LAW)
    assert row(Clause.LAW, boss).state is ClauseState.NOBODYS
    with writing():
        other = staff.add("rith", "a long enough password", (Role.LIAISON,), language=Language.EN, by=None)
        duties.give(row(Clause.LAW, boss).standing, other, by=boss)
    assert row(Clause.LAW, boss).state is ClauseState.IN_PLACE

    with writing():
        staff.disable(other, by=boss)

    assert row(Clause.LAW, boss).state is ClauseState.NOBODYS
    assert row(Clause.LAW, boss).standing.owner is None


def test_a_partner_that_is_silent_and_a_duty_that_stands_still_are_said(boss: Staff) -> None:
    with writing():
        thing = Thing(Subject.EXCHANGE, 4_000_000)
        duties.begin(thing, Duty.PARTNER_ANSWER, owner_id=None, due=clock.now() - timedelta(days=1))
        duties.pause(duties.clock_of(duties.get("review_access", by=boss)), "police", by=boss)

    assert row(Clause.COOPERATION, boss).facts["silent"] == 1
    assert "partners_silent" in {one.code for one in row(Clause.COOPERATION, boss).checks}
    assert row(Clause.SECURE_ROOM, boss).clocks.paused == 1


def test_a_test_that_failed_later_counts_though_it_was_noted_first(boss: Staff) -> None:
    with writing():
        one = duties.get("test_contact", by=boss)
        duties.mark(one, worked=False, note="no answer", done_at=None, by=boss)
        duties.mark(one, worked=True, note="", done_at=clock.now() - timedelta(days=7), by=boss)

    assert row(Clause.CONTACT_POINT, boss).facts["test_worked"] is False


def test_no_clause_bears_a_name_of_ours(boss: Staff) -> None:
    seen = row(Clause.LAW, boss).wording.id
    with pytest.raises(Refused) as refused, writing():
        clauses.reword(Clause.LAW, text_en="Ask vanna.", text_km="ក", doubt="", reason="r", seen=seen, by=boss)
    assert refused.value.faults == (("text_en", "ours"),)


def test_what_the_records_lack_turns_a_clause_red(boss: Staff) -> None:
    codes = {one.clause: {check.code for check in one.checks} for one in clauses.list_rows(by=boss)}

    assert {"no_contact", "never_tested"} <= codes[Clause.CONTACT_POINT]
    assert "never_beaten" in codes[Clause.INTERRUPTION]
    assert "sectors_never_met" in codes[Clause.CONSULTATION]
    assert "not_vetted" in codes[Clause.EXPOSURE]
    assert "no_document" in codes[Clause.SECURITY_PROTOCOL]
    assert "no_officer" in codes[Clause.OFFICER_TOLD]
    assert "nobody_entered" in codes[Clause.CONFIDENTIALITY]
    assert "never_reviewed" in codes[Clause.SECURE_ROOM]


def test_an_incident_that_must_be_told_presses_at_once(boss: Staff) -> None:
    with writing():
        incidents.record("breach", "A paper was lost.", clock.now(), is_drill=False, lead=boss, by=boss)

    assert row(Clause.OFFICER_TOLD, boss).facts["waiting"] == 1
    assert row(Clause.INTERRUPTION, boss).facts["waiting"] == 0
    assert "to_tell" in {one.code for one in row(Clause.OFFICER_TOLD, boss).checks}


def test_a_wording_is_kept_for_ever_and_only_the_newest_is_followed(boss: Staff) -> None:
    first = row(Clause.LAW, boss).wording
    with pytest.raises(Refused), writing():
        clauses.reword(Clause.LAW, text_en="", text_km="", doubt="", reason="", seen=first.id, by=boss)
    with writing():
        clauses.reword(
            Clause.LAW,
            text_en="Act within the law.",
            text_km="ធ្វើតាមច្បាប់។",
            doubt="",
            reason="short",
            seen=first.id,
            by=boss,
        )
    with pytest.raises(Overtaken), writing():
        clauses.reword(Clause.LAW, text_en="Mine.", text_km="ខ្ញុំ។", doubt="", reason="late", seen=first.id, by=boss)

    assert [one.text_en for one in clauses.wordings(Clause.LAW)] == ["Act within the law.", first.text_en]
    with pytest.raises(DBAPIError), writing():
        db.session.execute(update(ClauseText).values(text_en="Another."))


def test_who_may_not_see_or_word_a_clause(boss: Staff) -> None:
    analyst = db.session.scalars(select(Staff).where(Staff.name == "sophea")).one()
    admin = db.session.scalars(select(Staff).where(Staff.name == "admin")).one()

    with pytest.raises(NotFound):
        clauses.list_rows(by=analyst)
    with pytest.raises(NotFound):
        clauses.get("nothing", by=boss)
    with pytest.raises(Forbidden), writing():
        clauses.reword(Clause.LAW, text_en="a", text_km="ខ", doubt="", reason="r", seen=1, by=admin)


def test_the_pack_holds_every_part_with_its_hash(boss: Staff) -> None:
    with writing():
        one = duties.get("restore_test", by=boss)
        duties.give(one, boss, by=boss)
        duties.mark(one, worked=True, note="the whole of it", done_at=None, by=boss)
    today = jurisdiction.today()

    since, until = evidence_pack.period(today, today)
    bundle = evidence_pack.pack(evidence_pack.rows(since, until, by=boss), {"index.html": "<p>one</p>"}, by=boss)

    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    listed = dict(line.split("  ")[::-1] for line in files.pop(evidence_pack.HASHES).decode().splitlines())
    assert listed == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    assert {f"{name}.csv" for name in evidence_pack.PARTS} | {"index.html"} == set(files)
    restored = list(csv.reader(io.StringIO(files["restore-tests.csv"].decode("utf-8-sig"))))
    assert [len(line) for line in restored] == [4, 4]
    done = list(csv.reader(io.StringIO(files["duties.csv"].decode("utf-8-sig"))))
    assert [(line[1], line[4], line[5]) for line in done[1:]] == [("restore_test", "met", boss.number)]
    everything = b"".join(files.values()).decode("utf-8")
    assert "the whole of it" not in everything  # what somebody wrote in their own words stays here
    assert not [one.name for one in staff.list_staff() if one.name in everything]


@pytest.mark.parametrize(
    ("first", "last", "wrong"),
    [
        (None, None, (("since", "required"), ("until", "required"))),
        (date(2026, 2, 1), date(2026, 1, 1), (("until", "before"),)),
        (date(2020, 1, 1), date(2026, 1, 1), (("until", "too_long"),)),
    ],
)
def test_a_period_of_the_pack_has_an_order_and_an_end(
    boss: Staff, first: date | None, last: date | None, wrong: tuple[tuple[str, str], ...]
) -> None:
    with pytest.raises(Refused) as refused:
        evidence_pack.period(first, last)
    assert refused.value.faults == wrong
