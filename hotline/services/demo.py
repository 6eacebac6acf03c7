"""Invented data, so that every screen looks lived-in. Every host is a reserved name, every word is neutral."""

import os
import random
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice

from sqlalchemy import exists, select

from hotline import clock, outbox
from hotline.config import settings
from hotline.extensions import db
from hotline.models.item import Item
from hotline.models.notice import NoticeItem
from hotline.models.staff import Staff
from hotline.rules.findings import Findings
from hotline.services import (
    assessments,
    care,
    claims,
    demo_answers,
    demo_assessment,
    demo_care,
    demo_cases,
    demo_clocks,
    demo_contact,
    demo_directory,
    demo_duties,
    demo_exchange,
    demo_figures,
    demo_follow_ups,
    demo_hosting,
    demo_imagery,
    demo_incidents,
    demo_intake,
    demo_item,
    demo_letters,
    demo_mail,
    demo_online,
    demo_police,
    demo_requests,
    demo_security,
    demo_stakeholders,
    demo_statistics,
    demo_talk,
    directory,
    disputes,
    intake,
    notice_approval,
    notice_drafting,
    police_first,
    routing,
    staff,
)
from hotline.services.submissions import Submission
from hotline.transactions import writing
from hotline.vocabulary import (
    AgeGroup,
    Category,
    Channel,
    Conduct,
    Confidence,
    Danger,
    Delivery,
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

FILL = "hotline.jobs.demo.fill_desk"
PEOPLE = {
    "sophea": (Role.ANALYST, Role.REVIEWER),
    "dara": (Role.ANALYST, Role.REVIEWER, Role.LIAISON),
    "vanna": (Role.ANALYST, Role.REVIEWER, Role.MANAGER),
    "kunthea": (Role.VICTIM_SUPPORT,),
    "admin": (Role.ADMIN,),
    "chantha": (Role.COUNSELLOR,),
}
PLACES = (  # host, and how its addresses look
    ("img-board.example", "t/{n}/page-2"),
    ("store-7.example", "g/{n}"),
    ("social.example", "@user{n}/post/{n}"),
    ("rooms.example", "room/{n}?lang=km"),
    ("pics.example", "i/{n}.html"),
    ("files.example", "d/{n}/index"),
    ("chat.example", "invite/{n}"),
    ("blog.example", "2026/11/{n}"),
)
WORDS = (
    "",
    "Seen in a group chat. I did not open it again.",
    "ខ្ញុំបានឃើញវានៅក្នុងក្រុមជជែក។ ខ្ញុំមិនបានបើកវាម្តងទៀតទេ។",
    "The same link came twice from two accounts.",
    "មានគេផ្ញើតំណនេះមកខ្ញុំ ហើយសុំលុយ។",
    "It asks for money before it shows more.",
)
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
NATIONAL = replace(ILLEGAL, inhope_class=InhopeClass.NATIONAL, age=AgeGroup.PUBESCENT, confidence=Confidence.MEDIUM)
GONE = Findings(InhopeClass.INACCESSIBLE, LawVerdict.NOT_ILLEGAL, reason=Reason.CONTENT_NOT_FOUND)

DOUBTFUL = replace(ILLEGAL, law=LawVerdict.ADVISER, sexual=TestAnswer.UNSURE, note="The drawing leaves it open.")


def people() -> Iterator[str]:
    """Make the demo's accounts with random passwords; yield the lines that tell them, saved to a 0600 file too."""
    lines = ["Demo sign-ins (invented people, random passwords, shown once):"]
    with writing():
        for name, roles in PEOPLE.items():
            password = secrets.token_urlsafe(12)
            added = staff.add(name, password, roles, language=Language.EN, by=None, must_change=False)
            lines.append(f"  {name:<8} {password}   {added.number}, {', '.join(roles)}")
        for one in RECIPIENTS:
            entry = directory.add(*one)
            if one is not RECIPIENTS[-1]:  # one mailbox is left for a person to verify: no letter to it is approved
                directory.verify(entry, by=staff.get_by_name("dara"))
    path = settings().data_dir / "demo-sign-ins.txt"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write("\n".join(lines) + "\n")
    yield from lines


def later(count: int) -> None:
    """Leave word that `reports` is to be called once the portal runs: the first page must not wait for it."""
    outbox.put(db.session(), FILL, count)


def reports(count: int) -> None:
    """Add `count` invented addresses, some named by several people, and carry some of them on through the desk."""
    chance = random.Random(count)  # noqa: S311 -- invented, and the same each time
    demo_requests.fill()
    with writing():
        outbox.done(db.session(), FILL, count)
        for number in range(count):
            url = _address(number, chance)
            for voice in range(1 + (number % 5 == 0) * chance.randrange(1, 4)):
                _file(_submission(number + voice, url, chance), hours_ago=chance.randrange(1, 96))
        demo_clocks.spread()
    demo_directory.fill()
    demo_hosting.fill()
    with writing():
        _work()
    demo_intake.fill()
    demo_talk.fill()
    demo_item.fill()
    demo_assessment.fill()
    demo_figures.fill()
    demo_police.fill()
    demo_online.fill(ILLEGAL)
    demo_exchange.fill()
    demo_answers.fill(ILLEGAL)
    demo_mail.fill()
    demo_follow_ups.fill()
    demo_clocks.fill()
    demo_stakeholders.fill()
    demo_cases.fill()
    demo_care.fill()
    demo_incidents.fill()
    demo_duties.fill()
    demo_contact.fill()
    demo_imagery.fill()
    demo_security.fill()
    demo_statistics.fill()


def _file(submission: Submission, *, hours_ago: int) -> None:
    intake.file_report(
        submission,
        inbox_id=secrets.token_bytes(16),
        receipt_tag=secrets.token_bytes(32),
        received_at=clock.this_hour() - timedelta(hours=hours_ago),
    )


def _address(number: int, chance: random.Random) -> str:
    host, path = PLACES[number % len(PLACES)]
    return f"https://{host}/{path.format(n=88000 + number * 7 + chance.randrange(7))}"


def _submission(number: int, url: str, chance: random.Random) -> Submission:
    spoken = (url, url.replace("https://", "hxxps://"), f"{url}?utm_source=chat", f"link: {url}")
    words = chance.choice(WORDS)
    return Submission(
        category=chance.choice((Category.CSAM, Category.CSAM, *Category)),
        urls=chance.choice(spoken) + ("\nthe account is called sunny_day" if number % 11 == 0 else ""),
        seen=chance.choice(tuple(Seen)),
        details=words,
        in_danger=Danger.YES if number % 17 == 0 else chance.choice((None, Danger.NO, Danger.UNSURE)),
        contact="someone@mail.example" if number % 9 == 0 else "",
        language=Language.EN if words.isascii() and words else Language.KM,
    )


def _work() -> None:
    """Do a few days' work: some items in hand, some waiting for a second look, some differing, decided or closed."""
    fresh = select(Item).where(Item.status == ItemStatus.NEW).order_by(Item.urgency.desc(), Item.id)
    new = iter(db.session.scalars(fresh).all())
    reviewers = [one for one in staff.list_staff() if one.active and one.has(Role.REVIEWER)]
    if len(reviewers) < 3 or care.day_of(reviewers[0]).why_light:  # past the cut-off hour nobody takes an item
        return
    first, second, third = reviewers[:3]
    for person, most in ((first, 3), (second, 2)):
        for item in islice(new, max(most - claims.count_first_looks(by=person), 0)):  # a demo before has left them some
            claims.claim(item, by=person)
    looks = ((ILLEGAL, second), (ILLEGAL, third), (DOUBTFUL, second), (ILLEGAL, first))
    for (found, looker), item in zip(looks, new, strict=False):
        _look(item, found, by=looker)
    for item in islice(new, 4):
        _look(item, ILLEGAL, by=first)
        _look_again(item, ILLEGAL, by=second)
    disputed = list(islice(new, 2))
    for item in disputed:
        _look(item, ILLEGAL, by=first)
        _look_again(item, NATIONAL, by=third)
    for item in disputed[:1]:
        disputes.ask(item, by=third)
    for item in islice(new, 4):
        _look(item, GONE, by=third)
    _notices(first, second)
    demo_letters.fill(first, second)


def _look(item: Item, found: Findings, *, by: Staff) -> None:
    claims.claim(item, by=by)
    assessments.first_look(item, found, by=by)


def _look_again(item: Item, found: Findings, *, by: Staff) -> None:
    assessments.take_review(item, by=by)
    assessments.second_look(item, found, by=by)


def _notices(first: Staff, second: Staff) -> None:
    to = [one for one in notice_drafting.recipients(Channel.HOST) if one.delivery is Delivery.EMAIL]
    unwritten = ~exists().where(NoticeItem.item_id == Item.id)
    found = db.session.scalars(select(Item).where(Item.status == ItemStatus.DECIDED, unwritten).order_by(Item.id))
    decided = [item for item in found if not police_first.waits(item, Channel.HOST)]
    for number, item in enumerate(decided[:3] if to else ()):
        guide = routing.guide(item)
        led = guide.first({Channel.HOST: {one.ref for one in to}}) if guide else ""
        recipient = next((one for one in to if one.ref == led), to[number % len(to)])
        drafted = notice_drafting.draft(item, recipient, channel=Channel.HOST, language=recipient.language, by=first)
        if number == 0:
            notice_approval.approve(drafted, by=second)
