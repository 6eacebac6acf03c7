"""Invented stakeholders, consultations that were held and one that is planned, actions, agreements and feedback."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import select

from hotline import jurisdiction
from hotline.extensions import db
from hotline.models.consultation import Consultation
from hotline.models.staff import Staff
from hotline.models.stakeholder import Organisation
from hotline.rules.consultations import Plan, Present
from hotline.rules.stakeholders import AgreementEntry, OrganisationEntry, PersonEntry
from hotline.services import (
    action_points,
    agreements,
    consultation_feedback,
    consultation_records,
    consultations,
    duties,
    staff,
    stakeholders,
)
from hotline.transactions import writing
from hotline.vocabulary import (
    ConsultationPart,
    ConsultationWay,
    ContactConsent,
    Language,
    OrganisationKind,
    PointState,
    Sector,
)

ORGANISATIONS = (  # name, name in Khmer, sector, kind
    ("Example Council for Children", "ក្រុមប្រឹក្សាកុមារគំរូ", Sector.GOVERNMENT, OrganisationKind.AUTHORITY),
    ("Example Cyber Unit", "អង្គភាពបច្ចេកវិទ្យាគំរូ", Sector.LAW_ENFORCEMENT, OrganisationKind.POLICE),
    ("Example Mobile One", "ក្រុមហ៊ុនទូរសព្ទគំរូទី១", Sector.INDUSTRY, OrganisationKind.PROVIDER),
    ("Example Mobile Two", "ក្រុមហ៊ុនទូរសព្ទគំរូទី២", Sector.INDUSTRY, OrganisationKind.PROVIDER),
    ("Example Child Support", "ជំនួយកុមារគំរូ", Sector.CHILD_WELFARE, OrganisationKind.SERVICE),
    ("Example Teachers’ Network", "បណ្តាញគ្រូបង្រៀនគំរូ", Sector.OTHERS, OrganisationKind.SCHOOL),
)
HELD = (  # how many days ago, title, who came (by place above)
    (65, "Reports from schools", (0,)),
    (30, "How reports reach the unit", (1,)),
    (88, "Answers to notices", (2, 3)),
    (51, "Referrals and waiting times", (4,)),
)
FEEDBACK = (
    (
        Sector.INDUSTRY,
        {
            "said_en": "Companies asked for one contact and one form of notice.",
            "said_km": "ក្រុមហ៊ុនស្នើសុំឱ្យមានអ្នកទំនាក់ទំនងតែម្នាក់ និងទម្រង់សេចក្តីជូនដំណឹងតែមួយ។",
            "did_en": "Every notice has the same form now, and names one telephone number.",
            "did_km": "ឥឡូវនេះ សេចក្តីជូនដំណឹងទាំងអស់មានទម្រង់ដូចគ្នា និងមានលេខទូរសព្ទតែមួយ។",
        },
    ),
    (
        Sector.CHILD_WELFARE,
        {
            "said_en": "Services asked to hear sooner whether a family agreed.",
            "said_km": "សេវាស្នើសុំឱ្យដឹងឆាប់ជាងមុន ថាតើគ្រួសារយល់ព្រមឬទេ។",
            "did_en": "Consent is asked before the first letter is written.",
            "did_km": "យើងសុំការយល់ព្រម មុនសរសេរលិខិតដំបូង។",
        },
    ),
)


def fill() -> None:
    """Add them once. Nothing where nobody may keep them, or any organisation stands there."""
    people = [one for one in staff.list_staff() if one.active and one.has(*duties.GIVERS)]
    duties.sweep()
    with writing():
        if len(people) < 2 or db.session.scalar(select(Organisation.id).limit(1)) is not None:
            return
        keeper, second = people[:2]
        found = [_organisation(*one, by=keeper) for one in ORGANISATIONS]
        held = [_held(days, title, [found[place] for place in came], by=keeper) for days, title, came in HELD]
        _record(held[0], found[0], by=keeper)
        _plan(_morning(2), "Notices and how they arrive", found[2:4], by=keeper)
        _agree(found, by=keeper)
        _feedback(keeper, second)


def _organisation(name: str, name_km: str, sector: Sector, kind: OrganisationKind, *, by: Staff) -> Organisation:
    added = stakeholders.enter(OrganisationEntry(name, name_km, sector, kind, "", ""), by=by)
    since = jurisdiction.today() - timedelta(days=200)
    entry = PersonEntry("A. Example", "Focal point", "focal@partner.example", "", since, ContactConsent.MAIL)
    stakeholders.add_person(added, entry, by=by)
    return added


def _plan(at: datetime, title: str, invited: Sequence[Organisation], *, by: Staff) -> Consultation:
    refs = tuple(one.ref for one in invited)
    wanted = Plan(title, at, ConsultationWay.MEETING, "Meeting room", "What works, what does not", Language.EN, refs)
    return consultations.plan(wanted, lead=by.number, by=by)


def _morning(days_ahead: int) -> datetime:
    on = jurisdiction.today() + timedelta(days=days_ahead)
    return datetime.combine(on, time(9, 30), jurisdiction.current().zone)


def _held(days: int, title: str, came: Sequence[Organisation], *, by: Staff) -> Consultation:
    at = _morning(-days)
    one = _plan(at, title, came, by=by)
    present = [Present(each.ref, tuple(stakeholders.ids_of(each)), 1) for each in came]
    consultations.hold(one, at, present, version=one.version, by=by)
    consultation_records.write(one, ConsultationPart.MINUTES, "We went through the last quarter together.", by=by)
    return one


def _record(one: Consultation, organisation: Organisation, *, by: Staff) -> None:
    view = "They would like figures by province."
    consultation_records.write(one, ConsultationPart.VIEW, view, organisation=organisation.ref, by=by)
    consultation_records.write(one, ConsultationPart.DECISION, "Figures are given once a quarter.", by=by)
    soon = jurisdiction.today() + timedelta(days=12)
    action_points.add(one, "Send the figures of the last quarter.", owner=by.number, due_on=soon, by=by)
    done = action_points.add(one, "Name a second contact.", owner=organisation.ref, due_on=soon, by=by)
    action_points.end(done, PointState.DONE, "", by=by)
    consultation_records.close(one, by=by)


def _agree(found: Sequence[Organisation], *, by: Staff) -> None:
    today = jurisdiction.today()
    for organisation, days_ahead in ((found[1], 40), (found[4], 500)):
        entry = AgreementEntry(
            f"Working together: {organisation.name}",
            "Binder 2",
            (organisation.ref,),
            today - timedelta(days=300),
            today + timedelta(days=days_ahead),
            None,
        )
        agreements.enter(entry, owner=by.number, by=by)


def _feedback(keeper: Staff, second: Staff) -> None:
    year = jurisdiction.today().year
    for number, (sector, texts) in enumerate(FEEDBACK):
        written = consultation_feedback.write(year - (number == 0), sector, texts, by=keeper)
        if number == 0:
            consultation_feedback.approve(written, version=written.version, by=second)
            consultation_feedback.publish(year - 1, by=second)
