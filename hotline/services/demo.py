"""Invented data, so that every screen looks lived-in. Every host is a reserved name, every word is neutral."""

import os
import random
import secrets
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from sqlalchemy import select

from hotline import clock
from hotline.config import settings
from hotline.extensions import db
from hotline.models.item import Item
from hotline.models.staff import Staff
from hotline.rules.findings import Findings
from hotline.services import assessments, directory, intake, items, notices, staff
from hotline.services.submissions import Submission
from hotline.transactions import writing
from hotline.vocabulary import (
    AgeGroup,
    Category,
    Channel,
    Conduct,
    Confidence,
    Danger,
    Gender,
    InhopeClass,
    ItemStatus,
    Language,
    LawVerdict,
    Media,
    Reason,
    RecipientKind,
    Role,
    Seen,
    SiteType,
    TestAnswer,
)

PEOPLE = {
    "sophea": (Role.ANALYST, Role.REVIEWER),
    "dara": (Role.ANALYST, Role.REVIEWER, Role.LIAISON),
    "vanna": (Role.ANALYST, Role.REVIEWER, Role.MANAGER),
    "kunthea": (Role.VICTIM_SUPPORT,),
    "admin": (Role.ADMIN,),
}
HOSTS = ("img-board.example", "store-7.example", "social.example", "rooms.example", "pics.example", "files.example")
WORDS = ("", "Seen in a group chat.", "ខ្ញុំបានឃើញវានៅក្នុងក្រុមជជែក។", "The same link came twice.", "")
RECIPIENTS = (
    ("Example Hosting B.V.", RecipientKind.HOSTING_PROVIDER, "abuse@hosting.example", "NL", Language.EN),
    ("Example Cloud UAB", RecipientKind.HOSTING_PROVIDER, "abuse@cloud.example", "LT", Language.EN),
    ("Example Telecom Cambodia", RecipientKind.HOSTING_PROVIDER, "abuse@telecom.example", "KH", Language.KM),
)
YES = TestAnswer.YES
ILLEGAL = Findings(
    InhopeClass.BASELINE,
    LawVerdict.ILLEGAL,
    visible=YES,
    naked=YES,
    under_18=YES,
    sexual=YES,
    conduct=(Conduct.DISTRIBUTED,),
    age=AgeGroup.PRE_PUBESCENT,
    gender=Gender.FEMALE,
    media=Media.IMAGE,
    site_type=SiteType.IMAGE_BOARD,
    confidence=Confidence.HIGH,
)
GONE = Findings(InhopeClass.INACCESSIBLE, LawVerdict.NOT_ILLEGAL, reason=Reason.CONTENT_NOT_FOUND)


def people() -> Iterator[str]:
    """Make the demo's accounts with random passwords; yield the lines that tell them, saved to a 0600 file too."""
    lines = ["Demo sign-ins (invented people, random passwords, shown once):"]
    with writing():
        for name, roles in PEOPLE.items():
            password = secrets.token_urlsafe(12)
            added = staff.add(name, password, roles, language=Language.EN, by=None)
            lines.append(f"  {name:<8} {password}   {added.number}, {', '.join(roles)}")
        for one in RECIPIENTS:
            directory.add(*one)
    path = settings().data_dir / "demo-sign-ins.txt"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write("\n".join(lines) + "\n")
    yield from lines


def reports(count: int) -> None:
    """Add `count` invented reports, and carry some of them on: claimed, waiting for a second look, decided, noticed."""
    with writing():
        for number in range(count):
            intake.file_report(
                _submission(number),
                inbox_id=secrets.token_bytes(16),
                receipt_tag=secrets.token_bytes(32),
                received_at=clock.this_hour() - timedelta(hours=random.randrange(96)),  # noqa: S311 -- invented
            )
    with writing():
        _work()


def _submission(number: int) -> Submission:
    host = HOSTS[number % len(HOSTS)]
    return Submission(
        category=tuple(Category)[number % len(Category)],
        urls=f"https://{host}/t/{88000 + secrets.randbelow(2000)}",
        seen=tuple(Seen)[number % len(Seen)],
        details=WORDS[number % len(WORDS)],
        in_danger=Danger.YES if number % 17 == 0 else Danger.UNSURE,
        contact="someone@mail.example" if number % 9 == 0 else "",
        language=Language.KM if number % 3 else Language.EN,
    )


def _work() -> None:
    new = iter(db.session.scalars(select(Item).where(Item.status == ItemStatus.NEW).order_by(Item.id)).all())
    team = list(db.session.scalars(select(Staff).where(Staff.active).order_by(Staff.id)))
    reviewers = [one for one in team if one.has(Role.REVIEWER)]
    if len(reviewers) < 2:
        return
    first, second = reviewers[:2]
    for item in islice(new, 3):
        items.claim(item, by=first)
    for item in islice(new, 4):
        _look(item, ILLEGAL, by=second)
    for item in islice(new, 4):
        _look(item, ILLEGAL, by=first)
        _look_again(item, ILLEGAL, by=second)
    for item in islice(new, 2):
        _look(item, ILLEGAL, by=first)
        _look_again(item, GONE, by=second)
    _notices(first, second)


def _look(item: Item, found: Findings, *, by: Staff) -> None:
    items.claim(item, by=by)
    assessments.first_look(item, found, by=by)


def _look_again(item: Item, found: Findings, *, by: Staff) -> None:
    assessments.take_review(item, by=by)
    assessments.second_look(item, found, by=by)


def _notices(first: Staff, second: Staff) -> None:
    to = notices.recipients(Channel.HOST)
    decided = list(db.session.scalars(select(Item).where(Item.status == ItemStatus.DECIDED).order_by(Item.id)))
    for number, item in enumerate(decided[:3] if to else ()):
        recipient = to[number % len(to)]
        drafted = notices.draft(item, recipient, channel=Channel.HOST, language=recipient.language, by=first)
        if number == 0:
            notices.approve(drafted, by=second)
