"""A desk for tests, and people who sign in to it with a browser."""

import secrets
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from hotline import clock, create_app
from hotline.extensions import db
from hotline.models import Item, Staff
from hotline.rules.findings import Findings
from hotline.services import assessments, claims, demo, directory, disputes, intake, staff
from hotline.services.submissions import Submission
from hotline.transactions import writing
from hotline.vocabulary import Category, Danger, Language, Role, Surface
from tests import page, ready_made, stores
from tests.page import Page

PASSWORD = "a long enough password"
PEOPLE = {
    "sophea": (Role.ANALYST, Role.REVIEWER),
    "dara": (Role.ANALYST, Role.REVIEWER),
    "vanna": (Role.ANALYST, Role.REVIEWER, Role.MANAGER),
    "rith": (Role.ANALYST,),
    "kunthea": (Role.VICTIM_SUPPORT,),
    "lina": (Role.LIAISON,),
    "admin": (Role.ADMIN,),
    "audit": (Role.AUDITOR,),
}
ILLEGAL, GONE = demo.ILLEGAL, demo.GONE


def environ(data_dir: Path, **more: str) -> dict[str, str]:
    return {"HOTLINE_DATA_DIR": str(data_dir), "HOTLINE_INBOX_DELAY": "0", **more}


def lay(data_dir: Path) -> None:
    """Leave keys, tables, people and a directory in `data_dir`."""
    ready_made.copy(_made, data_dir)


def _made(data_dir: Path) -> None:
    ready_made.tables(data_dir)
    office = create_app(Surface.OFFICE, environ(data_dir))
    with office.app_context(), writing():
        for name, roles in PEOPLE.items():
            staff.add(name, PASSWORD, roles, language=Language.EN, by=None, must_change=False)
        for one in demo.RECIPIENTS:
            directory.add(*one)
    stores.dispose(office)


class Browser:
    """Somebody's browser at the desk. Every page it opens is held to the rules of the house."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = ""

    def get(self, path: str, *, htmx: bool = False, **kwargs: object) -> TestResponse:
        """Open a page, or a part of one, and remember its form token."""
        return self._seen(self.client.get(path, headers=_headers(htmx), **kwargs), htmx)

    def page(self, path: str) -> Page:
        """Open a page that must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, f"{path} answered {answer.status_code}"
        return page.read_desk(answer)

    def post(self, path: str, *, htmx: bool = False, **fields: object) -> TestResponse:
        """Send a form with the token of the last page."""
        data = {"csrf_token": self.token, **fields}
        return self._seen(self.client.post(path, data=data, headers=_headers(htmx)), htmx)

    def _seen(self, answer: TestResponse, part: bool) -> TestResponse:
        if answer.mimetype == "text/html" and answer.get_data() and answer.status_code not in {301, 302, 303}:
            shown = Page(answer.get_data(as_text=True)) if part else page.read_desk(answer)
            tokens = [field["value"] for field in shown.all("input", name="csrf_token")]
            self.token = tokens[0] if tokens else self.token
        return answer


class DeskSite:
    """A desk with people, and what they have to work on."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def context(self) -> AbstractContextManager[object]:
        return self.app.app_context()

    def browser(self) -> Browser:
        """Return the browser of somebody who is not signed in."""
        return Browser(self.app.test_client())

    def sign_in(self, name: str) -> Browser:
        """Return the browser of somebody who is."""
        browser = self.browser()
        browser.get("/desk/sign-in")
        answer = browser.post("/desk/sign-in", name=name, password=PASSWORD)
        assert answer.status_code == 303, answer.status_code
        browser.get("/desk/me/password")  # the page that is quickest to draw: it has the session's token
        return browser

    def report(
        self,
        *urls: str,
        category: Category = Category.CSAM,
        details: str = "",
        in_danger: Danger | None = None,
        contact: str = "",
        language: Language = Language.EN,
        hours_ago: int = 2,
    ) -> list[str]:
        """File a report that names `urls`; return the references of all items, oldest first."""
        said = Submission(category, "\n".join(urls), None, details, in_danger, contact, language)
        with self.context(), writing():
            intake.file_report(
                said,
                inbox_id=secrets.token_bytes(16),
                receipt_tag=secrets.token_bytes(32),
                received_at=clock.this_hour() - timedelta(hours=hours_ago),
            )
        with self.context():
            return list(db.session.scalars(select(Item.ref).order_by(Item.id)))

    def look(self, ref: str, found: Findings, *, by: str) -> None:
        """Claim an item and hand in a first look."""
        with self.context(), writing():
            person, item = self.person(by), self.item(ref)
            claims.claim(item, by=person)
            assessments.first_look(item, found, by=person)

    def look_again(self, ref: str, found: Findings, *, by: str) -> bool:
        """Take and hand in a second look; return whether the two agree."""
        with self.context(), writing():
            person, item = self.person(by), self.item(ref)
            assessments.take_review(item, by=person)
            return assessments.second_look(item, found, by=person)

    def third_in_hand(self, ref: str, *, by: str) -> None:
        """Let who gave the first look ask a third person, and somebody take the look."""
        with self.context(), writing():
            item = self.item(ref)
            disputes.ask(item, by=item.assessor)
            disputes.take(item, by=self.person(by))

    def decided(self, url: str = "https://img-board.example/t/1") -> str:
        """Return the reference of an item that two people found illegal."""
        ref = self.report(url)[-1]
        self.look(ref, ILLEGAL, by="sophea")
        assert self.look_again(ref, ILLEGAL, by="dara")
        return ref

    def item(self, ref: str) -> Item:
        """Return an item; only within `context()`."""
        return db.session.scalars(select(Item).where(Item.ref == ref)).one()

    def person(self, name: str) -> Staff:
        """Return a person; only within `context()`."""
        return staff.get_by_name(name)


def _headers(htmx: bool) -> dict[str, str]:
    return {"Accept-Language": "en"} | ({"HX-Request": "true"} if htmx else {})
