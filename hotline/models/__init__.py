"""Tables, one record a file. They know no service; importing this package registers them all."""

from sqlalchemy.orm import configure_mappers

from hotline.models.assessment import Assessment, ThirdLook, Verdict
from hotline.models.audit import AuditEntry
from hotline.models.care import Break, CareSettings, CounsellingSession, ExposureDay, Handover, HandoverRead
from hotline.models.case_link import CaseLink, LinkErasure, LinkMessage
from hotline.models.case_note import CaseNote
from hotline.models.clock import Clock, ClockRule
from hotline.models.consent import Consent, Override
from hotline.models.consultation import (
    ActionPoint,
    Attendance,
    Consultation,
    ConsultationFeedback,
    ConsultationMove,
    ConsultationWords,
    Invitation,
    PublishedFeedback,
)
from hotline.models.contact_point import ContactPoint, InhopeNotice, SecrecyCheck
from hotline.models.criteria import AgreementTally, Criteria, Draft, JudgedBy, UcsLabel
from hotline.models.digest import Digest
from hotline.models.exchange import (
    Exchange,
    ExchangeCall,
    ExchangeDoor,
    ExchangeInbound,
    ExchangeMessage,
    ExchangeNonce,
    ExchangeOutbound,
    ExchangePartner,
)
from hotline.models.figure import PublishedFigure, Tally
from hotline.models.help_request import HelpRequest
from hotline.models.hold import Hold
from hotline.models.hosting import HostLookup, HostRule
from hotline.models.iccam import IccamEntry, IccamRecord
from hotline.models.identification import Identification, IdentificationLink
from hotline.models.imagery import (
    ImageryEvent,
    PersonShown,
    Photograph,
    PictureConsent,
    Publication,
    Showing,
)
from hotline.models.incident import (
    Heartbeat,
    Incident,
    IncidentAction,
    IncidentCall,
    IncidentEntry,
    IncidentLetter,
)
from hotline.models.intake import MailArrival, MailSender, Upload, UploadLine
from hotline.models.item import Item, ItemNote, Mention, Merge, MergedMention, Step
from hotline.models.letter_template import LetterTemplate
from hotline.models.message import Message, MessageCopy
from hotline.models.needs_assessment import NeedFound, NeedsAssessment, PlanAction, QuestionSet
from hotline.models.notice import Notice, NoticeItem
from hotline.models.online import Ending, OnlineCheck, Watch, WatchSwitch
from hotline.models.outside_decision import OutsideDecision
from hotline.models.police_report import PoliceReport, PoliceReportItem
from hotline.models.practice import (
    CalendarFeed,
    ClauseText,
    DutyMark,
    DutyOwner,
    Official,
    StaffReach,
    StandingDuty,
)
from hotline.models.protocol import NetworkPeriod, ProtocolDocument, ProtocolVersion, Reading, RestoreTest
from hotline.models.public_text import PublicText
from hotline.models.recipient import Recipient, RecipientChange, RecipientKey, RecipientMark, RecipientUpstream
from hotline.models.referral import Referral, ServiceGap
from hotline.models.reply import Appeal, Reply, ReplyInbound
from hotline.models.report import Contact, Inbox, Origin, ReceiptRow, Report, UnreadReport
from hotline.models.report_term import PublishedTerm, ReportTerm
from hotline.models.room import RoomCorrection, RoomEntry, RoomPermit
from hotline.models.saved_filter import SavedFilter
from hotline.models.second_factor import FactorRule, RecoveryCode, SecondFactor
from hotline.models.service_provider import ProviderNeed, ServiceProvider
from hotline.models.session import DeskSession, SignInCount
from hotline.models.staff import Staff, StaffRole
from hotline.models.stakeholder import Agreement, AgreementParty, Organisation, OrganisationPerson
from hotline.models.statistic import StatisticCell, StatisticMark, StatisticPart, YearFreeze
from hotline.models.training import AccessReview, AccessReviewLine, Training
from hotline.models.victim_case import (
    CaseAccess,
    CaseClosure,
    CaseErasure,
    CaseName,
    CasePerson,
    CaseStepDone,
    CaseTally,
    RetentionPolicy,
    VictimCase,
)

configure_mappers()  # now, not at the first question: the processes are forks of one, and so share what it takes

__all__ = [
    "AccessReview",
    "AccessReviewLine",
    "ActionPoint",
    "Agreement",
    "AgreementParty",
    "AgreementTally",
    "Appeal",
    "Assessment",
    "Attendance",
    "AuditEntry",
    "Break",
    "CalendarFeed",
    "CareSettings",
    "CaseAccess",
    "CaseClosure",
    "CaseErasure",
    "CaseLink",
    "CaseName",
    "CaseNote",
    "CasePerson",
    "CaseStepDone",
    "CaseTally",
    "ClauseText",
    "Clock",
    "ClockRule",
    "Consent",
    "Consultation",
    "ConsultationFeedback",
    "ConsultationMove",
    "ConsultationWords",
    "Contact",
    "ContactPoint",
    "CounsellingSession",
    "Criteria",
    "DeskSession",
    "Digest",
    "Draft",
    "DutyMark",
    "DutyOwner",
    "Ending",
    "Exchange",
    "ExchangeCall",
    "ExchangeDoor",
    "ExchangeInbound",
    "ExchangeMessage",
    "ExchangeNonce",
    "ExchangeOutbound",
    "ExchangePartner",
    "ExposureDay",
    "FactorRule",
    "Handover",
    "HandoverRead",
    "Heartbeat",
    "HelpRequest",
    "Hold",
    "HostLookup",
    "HostRule",
    "IccamEntry",
    "IccamRecord",
    "Identification",
    "IdentificationLink",
    "ImageryEvent",
    "Inbox",
    "Incident",
    "IncidentAction",
    "IncidentCall",
    "IncidentEntry",
    "IncidentLetter",
    "InhopeNotice",
    "Invitation",
    "Item",
    "ItemNote",
    "JudgedBy",
    "LetterTemplate",
    "LinkErasure",
    "LinkMessage",
    "MailArrival",
    "MailSender",
    "Mention",
    "Merge",
    "MergedMention",
    "Message",
    "MessageCopy",
    "NeedFound",
    "NeedsAssessment",
    "NetworkPeriod",
    "Notice",
    "NoticeItem",
    "Official",
    "OnlineCheck",
    "Organisation",
    "OrganisationPerson",
    "Origin",
    "OutsideDecision",
    "Override",
    "PersonShown",
    "Photograph",
    "PictureConsent",
    "PlanAction",
    "PoliceReport",
    "PoliceReportItem",
    "ProtocolDocument",
    "ProtocolVersion",
    "ProviderNeed",
    "PublicText",
    "Publication",
    "PublishedFeedback",
    "PublishedFigure",
    "PublishedTerm",
    "QuestionSet",
    "Reading",
    "ReceiptRow",
    "Recipient",
    "RecipientChange",
    "RecipientKey",
    "RecipientMark",
    "RecipientUpstream",
    "RecoveryCode",
    "Referral",
    "Reply",
    "ReplyInbound",
    "Report",
    "ReportTerm",
    "RestoreTest",
    "RetentionPolicy",
    "RoomCorrection",
    "RoomEntry",
    "RoomPermit",
    "SavedFilter",
    "SecondFactor",
    "SecrecyCheck",
    "ServiceGap",
    "ServiceProvider",
    "Showing",
    "SignInCount",
    "Staff",
    "StaffReach",
    "StaffRole",
    "StandingDuty",
    "StatisticCell",
    "StatisticMark",
    "StatisticPart",
    "Step",
    "Tally",
    "ThirdLook",
    "Training",
    "UcsLabel",
    "UnreadReport",
    "Upload",
    "UploadLine",
    "Verdict",
    "VictimCase",
    "Watch",
    "WatchSwitch",
    "YearFreeze",
]
