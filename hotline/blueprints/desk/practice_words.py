"""The words of the code of practice as its people read them. `words` takes them in; pages ask there."""

from enum import Enum

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _in

from hotline.blueprints.desk import contact_words, imagery_words
from hotline.vocabulary import (
    AccessVerdict,
    AgreementState,
    Clause,
    ClauseState,
    ConsultationPart,
    ConsultationState,
    ConsultationWay,
    ContactConsent,
    Duty,
    IncidentEntryKind,
    IncidentKind,
    IncidentLetterState,
    OfficialPart,
    OrganisationKind,
    PointState,
    Pulse,
    RoleClash,
    Sector,
    TrainingKind,
)

DUTIES: dict[Enum, object] = {
    Duty.TELL_DPO: _("Tell the data protection officer"),
    Duty.TELL_SECRETARIAT: _("Tell the INHOPE secretariat"),
    Duty.ANSWER_INHOPE: _("Answer a notice from INHOPE"),
    Duty.TEST_CONTACT: _("Test the point of contact"),
    Duty.CONSULT: _("Consult a sector"),
    Duty.HOLD_MEETING: _("Hold a planned consultation"),
    Duty.DO_ACTION: _("Do what was agreed"),
    Duty.RENEW_AGREEMENT: _("Renew an agreement"),
    Duty.RENEW_KEY: _("Ask for a new key"),
    Duty.RESTORE_TEST: _("Restore a backup as a test"),
    Duty.REVIEW_ACCESS: _("Look who has access"),
    Duty.CHECK_CLAUSE: _("Look at a clause again"),
    Duty.READ_PROTOCOL: _("Read the security protocol"),
    Duty.RENEW_TRAINING: _("Repeat a training or a vetting"),
    Duty.TAKE_DOWN_PICTURE: _("Take a picture down"),
}
WORDS: dict[type[Enum], dict[Enum, object]] = (
    imagery_words.WORDS
    | contact_words.WORDS
    | {
        Sector: {
            Sector.GOVERNMENT: _("Government"),
            Sector.LAW_ENFORCEMENT: _("Law enforcement"),
            Sector.INDUSTRY: _("Internet industry"),
            Sector.CHILD_WELFARE: _("Child welfare"),
            Sector.OTHERS: _("Others"),
        },
        Clause: {
            Clause.LAW: _("Act within the law of the country"),
            Clause.COOPERATION: _("Cooperate and exchange reports with other hotlines"),
            Clause.CONTACT_POINT: _("Give INHOPE a point of contact"),
            Clause.SECURITY_PROTOCOL: _("Keep a security protocol"),
            Clause.SECURE_ROOM: _("Keep the rooms secure"),
            Clause.EXPOSURE: _("Keep hotline material from everybody else"),
            Clause.EXCHANGE_POLICY: _("Follow the best practice policy on exchange"),
            Clause.INTERRUPTION: _("Tell the INHOPE secretariat about a serious interruption"),
            Clause.OFFICER_TOLD: _("Tell the data protection officer within 24 hours"),
            Clause.IMAGERY: _("Ask before pictures of events are published"),
            Clause.CONFIDENTIALITY: _("Keep names and addresses of analysts confidential"),
            Clause.CONSULTATION: _("Consult the stakeholders regularly"),
        },
        ClauseState: {
            ClauseState.IN_PLACE: _("In place"),
            ClauseState.DUE_SOON: _("Due soon"),
            ClauseState.NOBODYS: _in("clause", "Nobody’s"),
            ClauseState.MISSED: _("Missed"),
            ClauseState.TO_CLARIFY: _("To clarify"),
        },
        IncidentKind: {
            IncidentKind.BREACH: _("Suspected breach of data security"),
            IncidentKind.LOGIN: _("ICCAM login lost, stolen or known to others"),
            IncidentKind.IRREGULARITY: _("Irregularity in processing URLs within ICCAM"),
            IncidentKind.INTERRUPTION: _("Serious interruption of operations"),
            IncidentKind.OTHER: _("Another incident"),
        },
        IncidentEntryKind: {
            IncidentEntryKind.NOTE: _("Note"),
            IncidentEntryKind.CONTAINMENT: _("Containment"),
            IncidentEntryKind.CAUSE: _("Cause"),
            IncidentEntryKind.LESSON: _("Lesson"),
            IncidentEntryKind.STOPPED: _("It stopped"),
            IncidentEntryKind.BACK: _("It goes on again"),
        },
        IncidentLetterState: {
            IncidentLetterState.DRAFT: _("Draft"),
            IncidentLetterState.QUEUED: _("On its way"),
            IncidentLetterState.SENT: _("Sent"),
            IncidentLetterState.FAILED: _("Not sent"),
            IncidentLetterState.BOUNCED: _("Came back"),
            IncidentLetterState.PLAYED: _("Drill: not sent"),
        },
        Pulse: {
            Pulse.INTAKE: _("Intake of reports"),
            Pulse.DELIVERY: _("Delivery of what leaves"),
        },
        OfficialPart: {
            OfficialPart.DPO: _("Data protection officer"),
            OfficialPart.SECRETARIAT: _("INHOPE secretariat"),
        },
        OrganisationKind: {
            OrganisationKind.MINISTRY: _("Ministry"),
            OrganisationKind.AUTHORITY: _("Authority or council"),
            OrganisationKind.POLICE: _("Unit of the police"),
            OrganisationKind.PROVIDER: _("Provider of access or hosting"),
            OrganisationKind.PLATFORM: _("Platform"),
            OrganisationKind.SERVICE: _("Service for children and families"),
            OrganisationKind.CIVIL_SOCIETY: _("Civil society"),
            OrganisationKind.SCHOOL: _("School or university"),
            OrganisationKind.OTHER: _("Another organisation"),
        },
        ContactConsent: {
            ContactConsent.SPOKEN: _("They told us"),
            ContactConsent.MAIL: _("They wrote us a mail"),
            ContactConsent.PAPER: _("They signed a paper"),
        },
        ConsultationWay: {
            ConsultationWay.MEETING: _("Meeting"),
            ConsultationWay.ONLINE: _("Online meeting"),
            ConsultationWay.TELEPHONE: _("By telephone"),
            ConsultationWay.LETTER: _("By letter"),
        },
        ConsultationState: {
            ConsultationState.PLANNED: _in("consultation", "Planned"),
            ConsultationState.HELD: _in("consultation", "Held, record open"),
            ConsultationState.CLOSED: _in("consultation", "On record"),
            ConsultationState.CANCELLED: _in("consultation", "Cancelled"),
        },
        ConsultationPart: {
            ConsultationPart.VIEW: _in("consultation", "View"),
            ConsultationPart.DECISION: _in("consultation", "Decision"),
            ConsultationPart.MINUTES: _in("consultation", "Minutes"),
            ConsultationPart.ADDITION: _in("consultation", "Added later"),
        },
        PointState: {
            PointState.OPEN: _in("action", "To do"),
            PointState.DONE: _in("action", "Done"),
            PointState.DROPPED: _in("action", "Dropped"),
        },
        AgreementState: {
            AgreementState.IN_FORCE: _in("agreement", "In force"),
            AgreementState.RENEWED: _in("agreement", "Renewed"),
            AgreementState.ENDED: _in("agreement", "Ended"),
        },
        TrainingKind: {
            TrainingKind.VETTING: _("Vetting"),
            TrainingKind.CORE: _("INHOPE training for analysts"),
            TrainingKind.SECURITY: _("Training in security"),
            TrainingKind.SAFEGUARDING: _("Training in protecting children"),
            TrainingKind.WELFARE: _("Training in staying well"),
            TrainingKind.OTHER: _("Another training"),
        },
        AccessVerdict: {
            AccessVerdict.STAYS: _in("access", "Stays"),
            AccessVerdict.CHANGE: _in("access", "To change"),
        },
        RoleClash: {
            RoleClash.ANALYST_AND_VICTIM_SUPPORT: _("Sees reported addresses and victims’ files"),
            RoleClash.COUNSELLOR_AND_OTHERS: _("Counsels people they work with or lead"),
            RoleClash.ADMIN_AND_CASES: _("Keeps accounts and sees cases"),
        },
    }
)
TONES: dict[Enum, str] = (
    imagery_words.TONES
    | contact_words.TONES
    | {
        ConsultationState.PLANNED: "info",
        ConsultationState.HELD: "due",
        ConsultationState.CLOSED: "done",
        PointState.OPEN: "info",
        PointState.DONE: "done",
        AgreementState.IN_FORCE: "done",
        AccessVerdict.STAYS: "done",
        AccessVerdict.CHANGE: "due",
        ClauseState.IN_PLACE: "done",
        ClauseState.DUE_SOON: "due",
        ClauseState.NOBODYS: "due",
        ClauseState.MISSED: "alert",
        ClauseState.TO_CLARIFY: "held",
        IncidentLetterState.DRAFT: "due",
        IncidentLetterState.QUEUED: "info",
        IncidentLetterState.SENT: "done",
        IncidentLetterState.FAILED: "alert",
        IncidentLetterState.BOUNCED: "alert",
        IncidentLetterState.PLAYED: "held",
    }
)
