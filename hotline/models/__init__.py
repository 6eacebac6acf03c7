"""Tables, one record a file. They know no service; importing this package registers them all."""

from hotline.models.assessment import Assessment, Verdict
from hotline.models.audit import AuditEntry
from hotline.models.figure import PublishedFigure, Tally
from hotline.models.help_request import HelpRequest
from hotline.models.item import Item, Mention, Step
from hotline.models.message import Message, MessageCopy
from hotline.models.notice import Notice, NoticeItem
from hotline.models.public_text import PublicText
from hotline.models.recipient import Recipient
from hotline.models.report import Contact, Inbox, ReceiptRow, Report, UnreadReport
from hotline.models.session import DeskSession, SignInCount
from hotline.models.staff import Staff, StaffRole

__all__ = [
    "Assessment",
    "AuditEntry",
    "Contact",
    "DeskSession",
    "HelpRequest",
    "Inbox",
    "Item",
    "Mention",
    "Message",
    "MessageCopy",
    "Notice",
    "NoticeItem",
    "PublicText",
    "PublishedFigure",
    "ReceiptRow",
    "Recipient",
    "Report",
    "SignInCount",
    "Staff",
    "StaffRole",
    "Step",
    "Tally",
    "UnreadReport",
    "Verdict",
]
