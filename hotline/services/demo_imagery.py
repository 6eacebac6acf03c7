"""Invented events with pictures: one that everybody agreed to, one where somebody still has to be asked."""

from datetime import timedelta

from sqlalchemy import select

from hotline import jurisdiction
from hotline.extensions import db
from hotline.models.imagery import ImageryEvent, PersonShown
from hotline.models.staff import Staff
from hotline.rules.imagery import Known
from hotline.services import imagery, imagery_consents, publications, staff
from hotline.services.imagery import EventEntry
from hotline.services.imagery_consents import Typed
from hotline.transactions import writing
from hotline.vocabulary import EventHost, PictureAnswer, PictureScope, Voice

AGREES = PictureAnswer.AGREES
EVERYWHERE = tuple(PictureScope)
MEETING = ("Annual meeting of INHOPE", "កិច្ចប្រជុំប្រចាំឆ្នាំរបស់ INHOPE", "Lisbon", "INHOPE")
TRAINING = ("Training for analysts", "វគ្គបណ្តុះបណ្តាលអ្នកវិភាគ", "Phnom Penh", "The hotline")
AT_MEETING = (
    "Guest in the first row",
    "Speaker of the morning",
    "Head of a partner hotline",
    "Moderator",
    "Host",
    "Guest",
)
AT_TRAINING = ("Trainer", "Interpreter", "Volunteer at the door", "Guest from the ministry")


def fill() -> None:
    """Make two events, with photographs by name, people shown and their answers. Done once."""
    keeper = next((one for one in staff.list_staff() if one.active and one.has(*imagery.KEEPERS)), None)
    if keeper is None or db.session.scalar(select(ImageryEvent.id).limit(1)) is not None:
        return
    with writing():
        _meeting(keeper)
        _training(keeper)


def _meeting(keeper: Staff) -> None:
    event = _event(MEETING, 190, EventHost.INHOPE, keeper)
    shown = [_person(event, name, keeper) for name in AT_MEETING]
    for person in shown:
        _answer(person, AGREES, EVERYWHERE, 188, keeper)
    group = imagery.add_photograph(event, "2026-05-album, 14", "group on the stairs", by=keeper)
    for person in shown:
        publications.show(group, person, by=keeper)
    day = jurisdiction.today() - timedelta(days=180)
    publications.publish(group, PictureScope.WEBSITE, "News page of May", day, by=keeper)
    hall = imagery.add_photograph(event, "2026-05-album, 15", "empty hall before the opening", by=keeper)
    publications.say_nobody(hall, is_so=True, by=keeper)


def _training(keeper: Staff) -> None:
    event = _event(TRAINING, 70, EventHost.OURS, keeper)
    shown = [_person(event, name, keeper) for name in AT_TRAINING]
    for person in shown[:2]:
        _answer(person, AGREES, (PictureScope.INTERNAL, PictureScope.WEBSITE), 68, keeper)
    _answer(shown[2], AGREES, (PictureScope.WEBSITE, PictureScope.SOCIAL_MEDIA), 68, keeper)
    table = imagery.add_photograph(event, "DSC_0412.jpg", "three people at a table", by=keeper)
    for person in shown[:3]:
        publications.show(table, person, by=keeper)
    publications.publish(
        table, PictureScope.WEBSITE, "Report of the training", jurisdiction.today() - timedelta(days=60), by=keeper
    )
    whole = imagery.add_photograph(event, "DSC_0415.jpg", "everybody in the garden", by=keeper)
    for person in shown:
        publications.show(whole, person, by=keeper)
    _answer(shown[0], AGREES, (PictureScope.INTERNAL,), 0, keeper)  # thought better of it: what is out comes down


def _event(words: tuple[str, str, str, str], days_ago: int, host: EventHost, keeper: Staff) -> ImageryEvent:
    name_en, name_km, place, organiser = words
    held_on = jurisdiction.today() - timedelta(days=days_ago)
    return imagery.add(EventEntry(name_en, name_km, held_on, place, organiser, host), by=keeper)


def _person(event: ImageryEvent, name: str, keeper: Staff) -> PersonShown:
    return imagery.add_person(event, Known(name, "at the organiser"), is_child=False, by=keeper)


def _answer(
    person: PersonShown, answer: PictureAnswer, scopes: tuple[PictureScope, ...], days_ago: int, keeper: Staff
) -> None:
    asked_on = jurisdiction.today() - timedelta(days=days_ago)
    typed = Typed(Voice.SELF, answer, scopes, "English", keeper.number, asked_on, None, "binder 3")
    imagery_consents.record(person, typed, seen=imagery_consents.newest(person), by=keeper)
