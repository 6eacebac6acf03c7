"""Tables, one record a file. They know no service; importing this package registers them all."""

from sqlalchemy.orm import configure_mappers

from hotline.models.assessment import Assessment, ThirdLook, Verdict
from hotline.models.audit import AuditEntry
from hotline.models.care import Break, CareSettings, CounsellingSession, ExposureDay, Handover, HandoverRead
from hotline.models.case_link import CaseLink, LinkMessage
from hotline.models.case_note import CaseNote
from hotline.models.clock import Clock, ClockRule
from hotline.models.consent import Consent, Override
from hotline.models.criteria import AgreementTally, Criteria, Draft, JudgedBy, UcsLabel
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
from hotline.models.intake import MailArrival, MailSender, Upload, UploadLine
from hotline.models.item import Item, ItemNote, Mention, Merge, MergedMention, Step
from hotline.models.letter_template import LetterTemplate
from hotline.models.message import Message, MessageCopy
from hotline.models.needs_assessment import NeedFound, NeedsAssessment, PlanAction, QuestionSet
from hotline.models.notice import Notice, NoticeItem
from hotline.models.online import Ending, OnlineCheck, Watch, WatchSwitch
from hotline.models.outside_decision import OutsideDecision
from hotline.models.police_report import PoliceReport, PoliceReportItem
from hotline.models.public_text import PublicText
from hotline.models.recipient import Recipient, RecipientChange, RecipientKey, RecipientMark
from hotline.models.referral import Referral, ServiceGap
from hotline.models.reply import Appeal, Reply, ReplyInbound
from hotline.models.report import Contact, Inbox, Origin, ReceiptRow, Report, UnreadReport
from hotline.models.saved_filter import SavedFilter
from hotline.models.service_provider import ProviderNeed, ServiceProvider
from hotline.models.session import DeskSession, SignInCount
from hotline.models.staff import Staff, StaffRole
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
    "AgreementTally",
    "Appeal",
    "Assessment",
    "AuditEntry",
    "Break",
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
    "Clock",
    "ClockRule",
    "Consent",
    "Contact",
    "CounsellingSession",
    "Criteria",
    "DeskSession",
    "Draft",
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
    "Handover",
    "HandoverRead",
    "HelpRequest",
    "Hold",
    "HostLookup",
    "HostRule",
    "IccamEntry",
    "IccamRecord",
    "Identification",
    "IdentificationLink",
    "Inbox",
    "Item",
    "ItemNote",
    "JudgedBy",
    "LetterTemplate",
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
    "Notice",
    "NoticeItem",
    "OnlineCheck",
    "Origin",
    "OutsideDecision",
    "Override",
    "PlanAction",
    "PoliceReport",
    "PoliceReportItem",
    "ProviderNeed",
    "PublicText",
    "PublishedFigure",
    "QuestionSet",
    "ReceiptRow",
    "Recipient",
    "RecipientChange",
    "RecipientKey",
    "RecipientMark",
    "Referral",
    "Reply",
    "ReplyInbound",
    "Report",
    "RetentionPolicy",
    "SavedFilter",
    "ServiceGap",
    "ServiceProvider",
    "SignInCount",
    "Staff",
    "StaffRole",
    "Step",
    "Tally",
    "ThirdLook",
    "UcsLabel",
    "UnreadReport",
    "Upload",
    "UploadLine",
    "Verdict",
    "VictimCase",
    "Watch",
    "WatchSwitch",
]
