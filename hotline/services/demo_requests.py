"""Invented requests for help, and what was written since: neutral words, no one's name, sealed as real ones are."""

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select

from hotline import clock, vault
from hotline.extensions import db
from hotline.models.help_request import HelpRequest
from hotline.models.report import Inbox
from hotline.models.staff import Staff
from hotline.services import demo_talk, help_requests, staff
from hotline.services.help_requests import Asked
from hotline.transactions import writing
from hotline.vault import Lock
from hotline.vocabulary import Concern, ForWhom, InboxKind, Language, Role


class Story(NamedTuple):
    """One request, how to reach whoever sent it, and the messages since: the person's and ours in turn."""

    asked: Asked
    contact: str
    hours_ago: int
    talk: tuple[str, ...] = ()


STORIES = (
    Story(
        Asked(
            ForWhom.SELF,
            "មានគេគំរាមថានឹងផ្ញើរូបរបស់ខ្ញុំទៅមិត្តភក្តិ។ ខ្ញុំភ័យ ហើយមិនហ៊ានប្រាប់ម៉ាក់ទេ។ ខ្ញុំចង់និយាយជាមួយនរណាម្នាក់។",
            code_only=True,
            safe_contact="កុំឱ្យអ្នកណានៅផ្ទះដឹង។",
            language=Language.KM,
        ),
        "",
        hours_ago=26,
        talk=(
            "សួស្តី! មានអ្នកណាអានទេ?",
            "សួស្តី! យើងបានអានហើយ។ អ្នកមិនបានធ្វើអ្វីខុសទេ។ កុំបង់លុយ ហើយកុំលុបការជជែក។ តើពេលណាអ្នកសរសេរមកយើងបានដោយសុវត្ថិភាព?",
            "នៅពេលល្ងាច ក្រោយម៉ោង ៥។",
        ),
    ),
    Story(
        Asked(
            ForWhom.CHILD,
            "A pupil in my class told me that somebody online keeps asking her for pictures. I believe her. "
            "What should I do, and can somebody talk with her family?",
            code_only=False,
            safe_contact="Please write, do not call. Only after 17:00. Her uncle must not know.",
            language=Language.EN,
        ),
        "a.teacher@mail.example",
        hours_ago=5,
    ),
    Story(
        Asked(
            ForWhom.OTHER,
            "ក្មេងប្រុសជិតខាងរបស់ខ្ញុំឈប់ទៅសាលា បន្ទាប់ពីមានគេដាក់រូបគាត់លើអ៊ីនធឺណិត។ តើមានអ្នកណាអាចជួយគ្រួសារគាត់ទេ?",
            code_only=False,
            safe_contact="",
            language=Language.KM,
        ),
        "Telegram: neighbour_example",
        hours_ago=2,
    ),
)


def fill() -> None:
    """Add the requests, unless there are some; whoever of victim support is there has one in hand and has answered."""
    if db.session.scalar(select(HelpRequest.id).limit(1)) is not None:
        return
    helper = next((one for one in staff.list_staff() if one.active and one.has(Role.VICTIM_SUPPORT)), None)
    for story in STORIES:
        received = clock.this_hour() - timedelta(hours=story.hours_ago)
        tag = demo_talk.receipt(Concern.HELP, received)
        with writing():
            help_requests.arrive(_request(story, tag, received))
            for number, text in enumerate(story.talk if helper else ()):
                by, at = helper if number % 2 else None, received + timedelta(hours=number)
                demo_talk.say(tag, Concern.HELP, text, by=by, at=at)
            if helper and story.talk:
                _take(tag, helper)


def _take(tag: bytes, helper: Staff) -> None:
    request = db.session.scalars(select(HelpRequest).where(HelpRequest.receipt_tag == tag)).one()
    help_requests.claim(request, by=helper)


def _request(story: Story, tag: bytes, received: datetime) -> Inbox:
    contact = vault.keyring().seal(help_requests.CONTACT, story.contact, lock=Lock.CARE) if story.contact else None
    return Inbox(
        id=secrets.token_bytes(16),
        receipt_tag=tag,
        kind=InboxKind.HELP,
        body=help_requests.sealed(story.asked),
        contact=contact,
        received_at=received,
    )
