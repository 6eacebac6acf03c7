"""Invented endings of the last weeks, so that statistics show something, and two addresses somebody has to look at."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from hotline import clock
from hotline.extensions import db
from hotline.models.item import Item
from hotline.models.online import Ending, OnlineCheck
from hotline.models.staff import Staff
from hotline.rules.findings import Findings
from hotline.services import assessments, care, claims, intake, items, online, staff, telling
from hotline.services.submissions import Submission
from hotline.transactions import writing
from hotline.vocabulary import Category, CheckMeans, CheckResult, ItemOutcome, Language, Role

REMOVED, MOVED, UNAVAILABLE = ItemOutcome.REMOVED, ItemOutcome.MOVED, ItemOutcome.UNAVAILABLE
HOUR = timedelta(hours=1)
ENDED = (  # reported so many hours ago, its country, hours until a host was told, from then until it was gone, and how
    (760, "NL", 5, 9, REMOVED),
    (700, "US", 7, 22, REMOVED),
    (610, "NL", 3, 60, REMOVED),
    (560, "LT", 9, 150, REMOVED),
    (500, "US", 4, 30, MOVED),
    (420, "NL", 6, 16, REMOVED),
    (300, None, 8, 70, UNAVAILABLE),
    (200, "SG", 5, 40, REMOVED),
)
TO_LOOK_AT = 2


def fill(found: Findings) -> None:
    """Let two people agree on `found` about some invented addresses, and end most of them."""
    people = [one for one in staff.list_staff() if one.active and one.has(Role.REVIEWER)][:2]
    with writing():
        started = db.session.scalar(select(Ending.id).limit(1)) is not None
        if len(people) < 2 or started or any(care.day_of(one).why_light for one in people):
            return
        for number, (hours_ago, country, to_host, gone, outcome) in enumerate(ENDED):
            item = _decided(number, hours_ago, found, people)
            item.country = country
            _end(item, to_host, gone, outcome, by=people[0])
        for number in range(TO_LOOK_AT):
            item = _decided(len(ENDED) + number, 48 + number, found, people)
            telling.act_on([item.id])
            db.session.refresh(item)
            online.seen(item, (CheckResult.GONE, CheckResult.UP)[number % 2], by=people[1])


def _decided(number: int, hours_ago: int, found: Findings, people: Sequence[Staff]) -> Item:
    first, second = people
    intake.file_report(
        Submission(Category.CSAM, f"https://album.example/v/{71000 + number}", None, "", None, "", Language.EN),
        inbox_id=secrets.token_bytes(16),
        receipt_tag=secrets.token_bytes(32),
        received_at=clock.this_hour() - hours_ago * HOUR,
    )
    item = db.session.scalars(select(Item).order_by(Item.id.desc()).limit(1)).one()
    claims.claim(item, by=first)
    assessments.first_look(item, found, by=first)
    assessments.take_review(item, by=second)
    assessments.second_look(item, found, by=second)
    return item


def _end(item: Item, to_host: int, gone: int, outcome: ItemOutcome, *, by: Staff) -> None:
    received = item.opened_at + HOUR
    gone_at = received + (to_host + gone) * HOUR
    for at in (gone_at, gone_at + 8 * HOUR):
        db.session.add(
            OnlineCheck(
                item_id=item.id,
                means=CheckMeans.PERSON,
                result=CheckResult.GONE,
                checked_by_id=by.id,
                checked_at=at,
            )
        )
        db.session.flush()
    db.session.add(
        Ending(
            item_id=item.id,
            outcome=outcome,
            received_at=received,
            to_police_at=received + 2 * HOUR,
            to_host_at=received + to_host * HOUR,
            removed_at=gone_at,
            country=item.country,
            ended_at=gone_at + 8 * HOUR,
            ended_by_id=by.id,
        )
    )
    items.close(item, outcome, by=by)
