"""An invented security protocol: documents, a week of the secure room, trainings, a review, a restore test."""

from datetime import timedelta

from sqlalchemy import select

from hotline import clock, jurisdiction
from hotline.extensions import db
from hotline.models.protocol import ProtocolDocument, Reading
from hotline.models.room import RoomPermit
from hotline.models.staff import Staff
from hotline.rules.protocols import Draft
from hotline.rules.trainings import Said
from hotline.services import access_reviews, networks, protocols, restore_tests, room_entries, staff, trainings
from hotline.services.room_entries import Coming
from hotline.transactions import writing
from hotline.vocabulary import AccessVerdict, Role, TrainingKind

DATA = (
    "Handling of sensitive data",
    "ការប្រើប្រាស់ទិន្នន័យរសើប",
    "# At the desk\n\nLock the screen whenever you leave it, also for a minute.\n\n"
    "Never take a photograph of a screen. Telephones stay in the locker outside the room.\n\n"
    "# Passwords\n\nNobody else knows yours. "
    "If you think that somebody does, change it and tell the admin at once.",
    "# នៅតុធ្វើការ\n\nចាក់សោអេក្រង់ជានិច្ច នៅពេលអ្នកចេញឆ្ងាយ ទោះបីតែមួយនាទីក៏ដោយ។\n\nកុំថតរូបអេក្រង់។ ទូរសព្ទត្រូវទុកក្នុងទូចាក់សោនៅក្រៅបន្ទប់។\n\n"
    "# ពាក្យសម្ងាត់\n\nមិនត្រូវឱ្យអ្នកដទៃដឹងពាក្យសម្ងាត់របស់អ្នកឡើយ។ បើអ្នកគិតថាមានគេដឹង សូមប្តូរវា ហើយប្រាប់អ្នកគ្រប់គ្រងប្រព័ន្ធភ្លាម។",
)
ROOM = (
    "The secure room",
    "បន្ទប់សុវត្ថិភាព",
    "# Who may enter\n\nWhoever is on the list. Everybody else comes with one of us, who stays with them.\n\n"
    "# Each time\n\nNote when you come and when you leave.",
    "# អ្នកណាអាចចូល\n\nអ្នកដែលមានឈ្មោះក្នុងបញ្ជី។ អ្នកផ្សេងទៀតត្រូវមានម្នាក់ក្នុងចំណោមយើងនៅជាមួយ។\n\n"
    "# រាល់ពេល\n\nសូមកត់ត្រាពេលអ្នកចូល និងពេលអ្នកចេញ។",
)
AT_THE_DESK = (Role.ANALYST, Role.REVIEWER, Role.VICTIM_SUPPORT, Role.ADMIN)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def fill() -> None:
    """Make what shows how a security protocol is kept. Done once, it is not done again."""
    networks.note()
    people = {one.name: one for one in staff.list_staff() if one.active}
    admin, manager = people.get("admin"), people.get("vanna")
    with writing():
        if admin is None or manager is None or db.session.scalar(select(ProtocolDocument.id).limit(1)):
            return
        _documents(admin, manager)
        _trainings(people, admin, manager)
        _room(people, admin, manager)
        accounts = access_reviews.list_accounts(by=admin)
        said = {one.person.number: access_reviews.Said(AccessVerdict.STAYS, seen=one.seen) for one in accounts}
        access_reviews.finish(said, note="Every account was looked at with the manager.", by=admin)
        restore_tests.record(
            what="Both stores of the night before, on the spare machine; the figures agreed.",
            minutes=38,
            worked=True,
            done_at=clock.now() - 20 * DAY,
            by=admin,
        )


def _documents(admin: Staff, manager: Staff) -> None:
    today = jurisdiction.today()
    for texts in (DATA, ROOM):
        first = Draft("3.0", *texts, "First version in the portal", "កំណែដំបូងក្នុងប្រព័ន្ធ", AT_THE_DESK, today)
        version = protocols.start(first, by=admin)
        protocols.approve(version, version=1, by=manager)
        readers = db.session.scalars(select(Reading).where(Reading.version_id == version.id)).all()
        for reading in readers[: -1 if texts is ROOM else None]:
            protocols.confirm(reading, by=reading.staff)
    standing = protocols.get(version.document.ref, by=admin)
    news = "Telephones stay outside as well.", "ទូរសព្ទក៏ត្រូវទុកនៅក្រៅដែរ។"
    protocols.propose(standing, Draft("3.1", *ROOM, *news, AT_THE_DESK, today + 7 * DAY), by=admin)


def _trainings(people: dict[str, Staff], admin: Staff, manager: Staff) -> None:
    today = jurisdiction.today()
    for place, person in enumerate(people.values()):
        by = manager if person is admin else admin
        done = today - (200 + 70 * place) * DAY
        vetting = Said(TrainingKind.VETTING, f"Police record, folder {place + 1}", done, done + 548 * DAY)
        trainings.enter(person, vetting, by=by)
        if person.has(Role.ANALYST):
            trainings.enter(person, Said(TrainingKind.CORE, "Basic course", done, None), by=by)


def _room(people: dict[str, Staff], admin: Staff, manager: Staff) -> None:
    now = clock.now()
    for person in people.values():
        if person.has(*AT_THE_DESK):
            given = manager if person is admin else admin
            db.session.add(RoomPermit(staff_id=person.id, since_at=now - 90 * DAY, given_by_id=given.id))
    db.session.flush()
    for days in range(5, 0, -1):
        for name in ("sophea", "dara"):
            if name in people:
                came = now - days * DAY
                entry = room_entries.come_in(Coming(people[name], "", None, "First looks", came), by=people[name])
                room_entries.leave(entry, came + 4 * HOUR, by=people[name])
    came = now - 2 * DAY
    visit = room_entries.come_in(Coming(None, "Invented Technician", admin, "Repair of the cooling", came), by=admin)
    room_entries.leave(visit, came + HOUR, by=admin)
