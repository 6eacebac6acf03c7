"""Steps of the main job that several tests take, and people doing things at the same moment."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from flask import Flask
from sqlalchemy import select

from hotline.extensions import db
from hotline.models import Inbox, Item, Recipient, Staff
from hotline.rules.findings import Findings
from hotline.services import assessments, claims, demo, intake, submissions
from hotline.transactions import apart, front_engine, writing
from hotline.vocabulary import Category, Language


def report(urls: str, nonce: str = "one", *, details: str = "quiet words", contact: str = "") -> str:
    """Send a report and return its code."""
    sent = submissions.Submission(Category.CSAM, urls, None, details, None, contact, Language.EN)
    return submissions.take(sent, nonce=nonce)


def waiting() -> list[Inbox]:
    """Return what stands in the inbox."""
    with apart(front_engine()) as session:
        session.expire_on_commit = False
        return list(session.scalars(select(Inbox).order_by(Inbox.id)))


def team() -> tuple[Staff, Staff, Staff]:
    """Return the demo's three reviewers."""
    first, second, third = db.session.scalars(select(Staff).order_by(Staff.id).limit(3))
    return first, second, third


def recipient() -> Recipient:
    """Return somebody who may get a letter."""
    return db.session.scalars(select(Recipient).order_by(Recipient.id)).first()


def new_item(url: str = "https://img-board.example/t/1", nonce: str = "one") -> Item:
    """Report an address and return its item."""
    report(url, nonce)
    intake.open_inbox()
    return db.session.scalars(select(Item).order_by(Item.id.desc())).first()


def looked_at_twice(found: Findings = demo.ILLEGAL, url: str = "https://img-board.example/t/1") -> Item:
    """Report an address and let two people find the same."""
    item = new_item(url, nonce=url)
    first, second, _ = team()
    with writing():
        claims.claim(item, by=first)
        assessments.first_look(item, found, by=first)
    with writing():
        assessments.take_review(item, by=second)
        assert assessments.second_look(item, found, by=second)
    return item


def together(app: Flask, deeds: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do all `deeds` at the same moment, each in a thread of its own; return what each returned, or raised."""
    db.session.rollback()  # the test's own view of the store must not be older than what they do
    start = Barrier(len(deeds))

    def do(deed: Callable[[], Any]) -> Any:
        with app.app_context():
            start.wait()
            try:
                return deed()
            except Exception as exc:  # an outcome like any other; the test says which it wants
                return exc

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(do, deeds))
