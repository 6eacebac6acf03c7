"""What the clocks of the code of practice are about: the reference of each thing, and the page that shows it.

A part of the portal whose things have such clocks adds one line to `NAMES`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.models.consultation import ActionPoint, Consultation
from hotline.models.contact_point import InhopeNotice
from hotline.models.imagery import ImageryEvent, Photograph, Publication
from hotline.models.incident import Incident, IncidentAction
from hotline.models.practice import Official, StandingDuty
from hotline.models.protocol import ProtocolDocument, ProtocolVersion, Reading
from hotline.models.recipient import Recipient, RecipientKey
from hotline.models.service_provider import ServiceProvider
from hotline.models.staff import Staff
from hotline.models.stakeholder import Agreement
from hotline.models.training import Training
from hotline.vocabulary import Duty, Role, Subject


@dataclass(frozen=True, slots=True)
class Names:
    """How things of one kind are named.

    `query` yields (id, reference) and is narrowed to some ids of its first column. `endpoint` is the view that shows
    one, and `field` what its address calls the reference, or a third column where it asks for something else. `owner`
    is the column that says whose it is, where the thing itself says so: it follows when its clock is given to somebody
    else, in the rows that `follows` names: where None, those with an owner (an organisation's stays an organisation's).
    `is_personal`: nobody else can do it for them. `keepers` are the roles that can do it, where those are fewer than
    keep duties, or the thing has an owner and is not for everybody.
    """

    query: Select[*tuple[Any, ...]]
    endpoint: str
    field: str = "ref"
    owner: Any = None
    follows: Any = None
    is_personal: bool = False
    keepers: tuple[Role, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """One thing: what kind it is, its reference, and where it is shown, as (view, values of its address)."""

    subject: Subject
    ref: str
    endpoint: str
    values: Mapping[str, str]


NAMES: dict[Subject, Names] = {
    Subject.STANDING_DUTY: Names(select(StandingDuty.id, StandingDuty.key), "desk.duties.show_duty", "key"),
    Subject.RECIPIENT_KEY: Names(
        select(RecipientKey.id, Recipient.ref).join(Recipient, Recipient.id == RecipientKey.recipient_id),
        "desk.directory.show_entry",
    ),
    Subject.INHOPE_NOTICE: Names(select(InhopeNotice.id, InhopeNotice.ref), "desk.contact_point.show_notice"),
    Subject.INCIDENT: Names(
        select(Incident.id, Incident.ref),
        "desk.incidents.show_incident",
        owner=Incident.lead_id,
        follows=Incident.closed_at.is_(None),  # a closed one stays as it is
        keepers=(Role.LIAISON, Role.MANAGER, Role.ADMIN),
    ),
    Subject.INCIDENT_ACTION: Names(
        select(IncidentAction.id, Incident.ref, IncidentAction.id).join(IncidentAction.incident),
        "desk.incidents.show_action",
        "action_id",
        owner=IncidentAction.owner_id,
    ),
    Subject.CONSULTATION: Names(
        select(Consultation.id, Consultation.ref), "desk.consultation_records.show_consultation"
    ),
    Subject.ACTION_POINT: Names(
        select(ActionPoint.id, Consultation.ref, ActionPoint.id).join(ActionPoint.consultation),
        "desk.action_points.show_point",
        "number",
        owner=ActionPoint.owner_id,
    ),
    Subject.AGREEMENT: Names(
        select(Agreement.id, Agreement.ref), "desk.agreements.show_agreement", owner=Agreement.owner_id
    ),
    Subject.READING: Names(
        select(Reading.id, ProtocolDocument.ref).join(Reading.version).join(ProtocolVersion.document),
        "desk.protocols.show_document",
        is_personal=True,
    ),
    Subject.TRAINING: Names(
        select(Training.id, Staff.number).join(Training.staff), "desk.trainings.show_person", "number", is_personal=True
    ),
    Subject.PUBLICATION: Names(
        select(Publication.id, Publication.ref, ImageryEvent.ref).join(Publication.photograph).join(Photograph.event),
        "desk.imagery.show_event",
        keepers=(Role.LIAISON, Role.MANAGER),
    ),
    Subject.SERVICE_KEY: Names(select(ServiceProvider.id, ServiceProvider.ref), "desk.service_providers.show_service"),
    Subject.OFFICIAL_KEY: Names(select(Official.id, Official.part), "desk.officials.show_officials", "part"),
}

# The view where the record of a duty that comes round again is written, which shows that it was done
RECORDED: dict[Duty, str] = {
    Duty.TEST_CONTACT: "desk.contact_point.show_contact",
    Duty.CONSULT: "desk.consultations.show_consultations",
    Duty.RESTORE_TEST: "desk.protocols.show_restoring",
    Duty.REVIEW_ACCESS: "desk.access_reviews.show_access",
}


def named(those: Iterable[Clock]) -> dict[tuple[Subject, int], Named]:
    """Return what each of some clocks is about, by (subject, id); nothing of what no part of the portal names."""
    ids: dict[Subject, set[int]] = defaultdict(set)
    for one in those:
        ids[one.subject].add(one.subject_id)
    found: dict[tuple[Subject, int], Named] = {}
    for subject, wanted in ids.items():
        if how := NAMES.get(subject):
            narrowed = how.query.where(how.query.selected_columns[0].in_(wanted))
            for subject_id, ref, *asked in db.session.execute(narrowed):
                values = {how.field: str(asked[0] if asked else ref)}
                found[subject, subject_id] = Named(subject, str(ref), how.endpoint, values)
    return found
