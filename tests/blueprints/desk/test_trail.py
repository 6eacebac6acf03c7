"""The audit trail as an auditor reads it, through the desk."""

import csv
import io
import json

import pytest
from sqlalchemy import select, text, update

from hotline.extensions import db
from hotline.models import AuditEntry
from hotline.services import audit, staff, trail
from hotline.transactions import writing
from hotline.vocabulary import Role
from tests import page
from tests.blueprints.desk.desk_site import Browser, DeskSite

TRAIL = "/desk/audit"


@pytest.fixture
def auditor(desk: DeskSite) -> Browser:
    return desk.sign_in("audit")


def deed(desk: DeskSite, name: str, action: str, record: str, **details: str) -> None:
    with desk.app.app_context(), writing():
        audit.record(staff.get_by_name(name), action, record, **details)


def last(desk: DeskSite) -> AuditEntry:
    with desk.app.app_context():
        found = db.session.scalar(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))
        assert found is not None
        return found


def test_who_did_what_is_shown_newest_first_and_reading_it_is_an_entry_itself(desk: DeskSite, auditor: Browser) -> None:
    deed(desk, "rith", "claimed", "item K-AAAAAA")
    deed(desk, "rith", "handed in", "item K-AAAAAA", inhope_class="illegal")

    shown = auditor.page(TRAIL)

    rows = [" ".join(one.text.split()) for one in shown.all("tr")[1:]]
    assert "handed in" in rows[0]
    assert "inhope_class: illegal" in rows[0]
    assert "claimed" in rows[1]
    newest = last(desk)
    assert (newest.action, newest.record) == (trail.READ, trail.RECORD)


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("actor=A-02", {"item K-AAAAAA"}),
        ("record=item+K-BBBBBB", {"item K-BBBBBB"}),
        ("record=k-bbbbbb", {"item K-BBBBBB"}),
        ("record=%25", set()),
        ("since=2199-01-01", set()),
        ("until=2000-01-01", set()),
    ],
)
def test_the_trail_is_filtered_by_the_address(desk: DeskSite, auditor: Browser, query: str, seen: set[str]) -> None:
    with desk.app.app_context():
        numbers = {one.name: one.number for one in staff.list_staff()}
    deed(desk, "rith", "claimed", "item K-AAAAAA")
    deed(desk, "vanna", "claimed", "item K-BBBBBB")

    shown = auditor.page(f"{TRAIL}?{query.replace('A-02', numbers['rith'])}")

    links = {one.text for one in shown.all("a") if one.text.startswith("item ")}
    assert links == seen
    assert ("Nothing in the trail is like that" in shown.text) is (not seen)


def test_what_is_typed_wrongly_is_said_and_stays(auditor: Browser) -> None:
    for query, field in (
        ("since=yesterday", "since"),
        ("since=2026-11-27&until=2026-11-26", "until"),
        ("before=x", "before"),
    ):
        answer = auditor.get(f"{TRAIL}?record=item+K-AAAAAA&{query}")
        shown = page.read_desk(answer)
        assert answer.status_code == 422
        assert list(shown.errors) == [field]
        assert shown.value("record") == "item K-AAAAAA"
    back = auditor.get(f"{TRAIL}/trail.csv?since=yesterday&record=item+K-AAAAAA")
    assert (back.status_code, back.location) == (302, f"{TRAIL}?actor=&record=item+K-AAAAAA&since=yesterday&until=")


def test_a_long_trail_goes_on_where_a_page_ends(
    desk: DeskSite, auditor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "SHOWN", 3)
    for number in range(5):
        deed(desk, "rith", "claimed", f"item K-{number}")

    first = auditor.page(f"{TRAIL}?actor=&record=")
    onward = next(one["href"] for one in first.all("a") if one.text == "Older entries")
    second = auditor.page(onward)

    assert "K-4" in first.text
    assert "K-1" not in first.text
    assert "K-1" in second.text


def test_erased_details_stand_out_and_the_chain_holds(desk: DeskSite, auditor: Browser) -> None:
    deed(desk, "rith", "claimed", "item K-AAAAAA", reason="words")
    with desk.app.app_context(), writing():
        db.session.execute(update(AuditEntry).where(AuditEntry.action == "claimed").values(details=None, salt=None))

    shown = auditor.page(f"{TRAIL}?record=item+K-AAAAAA")

    assert "Erased" in shown.text
    assert "The newest entry follows from the one before it." in shown.text


def test_an_entry_that_was_written_over_is_told(desk: DeskSite, auditor: Browser) -> None:
    auditor.page(TRAIL)
    with desk.app.app_context(), writing():
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entries'"
        for name in db.session.scalars(text(triggers)).all():
            db.session.execute(text(f"DROP TRIGGER {name}"))
        newest = select(AuditEntry.id).order_by(AuditEntry.id.desc()).limit(1).scalar_subquery()
        db.session.execute(update(AuditEntry).where(AuditEntry.id == newest).values(actor="A-99"))
        assert trail.chain().is_whole is False


@pytest.mark.parametrize("role", [Role.ANALYST, Role.VICTIM_SUPPORT, Role.LIAISON, Role.ADMIN])
def test_whoever_has_another_role_too_is_not_told_what_is_not_theirs(desk: DeskSite, role: Role) -> None:
    with desk.app.app_context(), writing():
        staff.change_roles(staff.get_by_name("audit"), (Role.AUDITOR, role), by=staff.get_by_name("admin"))
    deed(desk, "rith", "saw it gone", "item K-AAAAAA", inhope_class="illegal")
    deed(desk, "rith", "named a possible abuser", "case VC-AAAAAA")
    deed(desk, "admin", "closed an account", "staff A-77", reason="left")
    browser = desk.sign_in("audit")

    seen = browser.page(TRAIL).text + browser.get(f"{TRAIL}/trail.csv").text

    assert "illegal" not in seen
    assert "left" not in seen.replace("left out", "")
    assert "closed an account" in seen
    is_at_work = role in trail.AT_WORK
    assert ("saw it gone" in seen) is not is_at_work
    assert ("named a possible abuser" in seen) is not is_at_work


def test_what_somebody_pasted_does_not_stay_in_the_trail(desk: DeskSite, auditor: Browser) -> None:
    auditor.page(f"{TRAIL}?record=https://img-board.example/t/1")
    assert json.loads(last(desk).details or "{}") == {"about": trail.UNKNOWN}

    deed(desk, "rith", "claimed", "item K-AAAAAA")
    auditor.page(f"{TRAIL}?record=k-aaaaaa&since=2026-01-01")
    assert json.loads(last(desk).details or "{}") == {"about": "k-aaaaaa", "since": "2026-01-01"}


def test_a_file_that_is_cut_says_so(desk: DeskSite, auditor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "MOST_IN_FILE", 2)

    rows = list(csv.reader(io.StringIO(auditor.get(f"{TRAIL}/trail.csv").text)))

    assert len(rows) == 4
    assert rows[-1][3].startswith("older entries are left out")


def test_the_file_has_what_the_page_has_and_no_formula(desk: DeskSite, auditor: Browser) -> None:
    deed(desk, "rith", "claimed", "item K-AAAAAA", reason="=1+1")

    answer = auditor.get(f"{TRAIL}/trail.csv?record=item+K-AAAAAA")

    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["number", "at", "actor", "action", "record", "details"]
    assert rows[1][3:5] == ["claimed", "item K-AAAAAA"]
    assert not any(cell.startswith("=") for row in rows for cell in row)
    newest = last(desk)
    assert (newest.action, json.loads(newest.details or "{}")) == (trail.TAKEN, {"about": "item K-AAAAAA"})
