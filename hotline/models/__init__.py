"""Tables, one record a file. They know no service; importing this package registers them all."""

from sqlalchemy.orm import configure_mappers

from hotline.models.assessment import Assessment, ThirdLook, Verdict
from hotline.models.audit import AuditEntry
from hotline.models.care import Break, CareSettings, CounsellingSession, ExposureDay, Handover, HandoverRead
from hotline.models.clock import Clock, ClockRule
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
from hotline.models.intake import MailArrival, MailSender, Upload, UploadLine
from hotline.models.item import Item, ItemNote, Mention, Merge, MergedMention, Step
from hotline.models.letter_template import LetterTemplate
from hotline.models.message import Message, MessageCopy
from hotline.models.notice import Notice, NoticeItem
from hotline.models.online import Ending, OnlineCheck, Watch, WatchSwitch
from hotline.models.police_report import PoliceReport, PoliceReportItem
from hotline.models.public_text import PublicText
from hotline.models.recipient import Recipient, RecipientChange, RecipientKey, RecipientMark
from hotline.models.reply import Appeal, Reply, ReplyInbound
from hotline.models.report import Contact, Inbox, Origin, ReceiptRow, Report, UnreadReport
from hotline.models.saved_filter import SavedFilter
from hotline.models.session import DeskSession, SignInCount
from hotline.models.staff import Staff, StaffRole

configure_mappers()  # now, not at the first question: the processes are forks of one, and so share what it takes

__all__ = [
    "AgreementTally",
    "Appeal",
    "Assessment",
    "AuditEntry",
    "Break",
    "CareSettings",
    "Clock",
    "ClockRule",
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
    "Inbox",
    "Item",
    "ItemNote",
    "JudgedBy",
    "LetterTemplate",
    "MailArrival",
    "MailSender",
    "Mention",
    "Merge",
    "MergedMention",
    "Message",
    "MessageCopy",
    "Notice",
    "NoticeItem",
    "OnlineCheck",
    "Origin",
    "PoliceReport",
    "PoliceReportItem",
    "PublicText",
    "PublishedFigure",
    "ReceiptRow",
    "Recipient",
    "RecipientChange",
    "RecipientKey",
    "RecipientMark",
    "Reply",
    "ReplyInbound",
    "Report",
    "SavedFilter",
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
    "Watch",
    "WatchSwitch",
]
