"""Whoever is refused at the desk is on record: a sign-in that failed, a door that is shut, a foreign form."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import connect

import pytest
from sqlalchemy import select

from hotline import extensions
from hotline.extensions import db
from hotline.models import AuditEntry
from hotline.services import audit
from tests.blueprints.desk.desk_site import DeskSite

TYPED = "narwhal lighthouse"


def newest(desk: DeskSite) -> tuple[str, str, str, str | None]:
    """Return who, what, to which record and the details of the newest entry."""
    with desk.context():
        last = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        return last.actor, last.action, last.record, last.details


@pytest.mark.parametrize(("name", "account", "noted"), [("sophea", "staff A-01", 2), (TYPED, "staff unknown", 1)])
def test_a_sign_in_that_failed_is_on_record_without_what_was_typed(
    desk: DeskSite, name: str, account: str, noted: int
) -> None:
    browser = desk.browser()
    browser.get("/desk/sign-in")
    for _ in range(2):
        browser.post("/desk/sign-in", name=name, password=TYPED)

    assert newest(desk) == ("system", "sign-in failed", account, f'{{"failures": {noted}}}')
    with desk.context():
        told = [str(column) for row in db.session.execute(select(AuditEntry.__table__)) for column in row]
        assert not [column for column in told if TYPED in column]
        assert audit.verify()[1] is None


def test_a_door_that_is_shut_to_ones_role_is_on_record(desk: DeskSite) -> None:
    assert desk.sign_in("rith").get("/desk/admin").status_code == 403

    assert newest(desk) == ("A-04", "was refused", "view desk.admin.show_accounts", '{"why": "role"}')


@pytest.mark.parametrize("changes", [False, True])
def test_a_record_that_is_not_there_or_not_theirs_is_on_record(desk: DeskSite, changes: bool) -> None:
    rith = desk.sign_in("rith")

    answer = rith.post("/desk/items/I-222222/claim") if changes else rith.get("/desk/items/I-222222")

    assert answer.status_code == 404
    view = "desk.queue.claim_item" if changes else "desk.items.show_item"
    assert newest(desk) == ("A-04", "was refused", f"view {view}", '{"why": "not_there"}')


def test_a_form_from_another_site_is_on_record(desk: DeskSite) -> None:
    rith = desk.sign_in("rith")
    form = {"csrf_token": rith.token, "language": "km"}

    answer = rith.client.post("/desk/me/language", data=form, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 400
    assert newest(desk) == ("A-04", "was refused", "view desk.me.choose_language", '{"why": "site"}')


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    holder = connect(folder / "desk.sqlite3", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    yield
    holder.execute("ROLLBACK")
    holder.close()


def test_a_door_stays_shut_while_nothing_can_be_recorded(
    desk: DeskSite, desk_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rith = desk.sign_in("rith")
    monkeypatch.setattr(extensions, "PATIENCE", 0)

    with locked(desk_dir):
        assert rith.get("/desk/admin").status_code == 403
