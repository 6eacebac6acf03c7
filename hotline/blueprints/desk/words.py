"""The domain's words as people at the desk read them, and moments as they say them."""

from datetime import date, datetime, timedelta
from enum import Enum

from babel.dates import get_timezone_location
from flask_babel import format_date, format_datetime, format_decimal, gettext, ngettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _in

from hotline import clock, i18n, jurisdiction
from hotline.blueprints.desk import practice_words, victim_words
from hotline.rules import waiting
from hotline.services.queue import MOST_COUNTED
from hotline.vocabulary import (
    AgeGroup,
    Agreement,
    Answer,
    AppealDecision,
    Asked,
    Category,
    Channel,
    Conduct,
    Confidence,
    ContactPlace,
    ContentType,
    CorrectionReason,
    Danger,
    DeclineReason,
    Delivery,
    Direction,
    Duty,
    ExchangeKind,
    ExchangeMeans,
    ExchangeStatus,
    Extent,
    ForWhom,
    Gender,
    HandedBy,
    HelpStatus,
    HoldReason,
    HostKind,
    HostRuleKind,
    IccamAction,
    IccamState,
    IccamStep,
    InhopeClass,
    ItemOutcome,
    ItemStatus,
    KeyKind,
    LabelSection,
    Language,
    LawVerdict,
    LetterKey,
    LineResult,
    LookupState,
    MailMark,
    MailResult,
    Mark,
    Media,
    NoticeKind,
    NoticeStatus,
    Pace,
    PauseReason,
    Payment,
    PoliceStatus,
    Reason,
    RecipientKind,
    RecipientSource,
    ReplyKind,
    ReportSource,
    Role,
    Seen,
    SiteType,
    TestAnswer,
    TextKey,
    Theme,
    UploadState,
    Urgency,
    YesNo,
)

WORDS: dict[type[Enum], dict[Enum, object]] = (
    victim_words.WORDS
    | practice_words.WORDS
    | {
        Category: {
            Category.CSAM: _("Abuse material"),
            Category.SEXTORTION: _("Sextortion"),
            Category.LIVE_STREAM: _("Live stream"),
            Category.GROOMING: _("Grooming"),
            Category.OTHER: _in("category", "Other"),
        },
        ItemStatus: {
            ItemStatus.NEW: _in("item", "New"),
            ItemStatus.ASSESSING: _("Assessing"),
            ItemStatus.IN_REVIEW: _("Second look"),
            ItemStatus.DISPUTED: _("The looks differ"),
            ItemStatus.DECIDED: _("Decided"),
            ItemStatus.HELD: _("Police hold"),
            ItemStatus.ACTING: _("Acted on"),  # the police, a partner hotline or a host was told: its page says who
            ItemStatus.MONITORING: _("Watching"),
            ItemStatus.CLOSED: _in("item", "Closed"),
        },
        HostKind: {
            HostKind.SITE: _("Site"),
            HostKind.IP_LITERAL: _("IP address"),
            HostKind.ONION: _("Onion service"),
            HostKind.IDN: _("International name"),
            HostKind.SHORT_LINK: _("Short link"),
        },
        LookupState: {
            LookupState.WAITING: _("Being looked up"),
            LookupState.FOUND: _("Found"),
            LookupState.PARTLY: _("Partly found"),
            LookupState.FAILED: _("Nothing found"),
        },
        HostRuleKind: {
            HostRuleKind.PROVIDER: _("Its provider is known"),
            HostRuleKind.PROXY: _("It stands before others"),
            HostRuleKind.NOT_OURS: _("It is not ours"),
            HostRuleKind.NOT_PROXY: _("It is no proxy, although it looks like one"),
        },
        ItemOutcome: {
            ItemOutcome.REMOVED: _("Removed"),
            ItemOutcome.UNAVAILABLE: _("Unavailable"),
            ItemOutcome.MOVED: _("Moved elsewhere"),
            ItemOutcome.NOT_ILLEGAL: _("Not illegal"),
            ItemOutcome.OUTSIDE_REMIT: _("Outside our remit"),
            ItemOutcome.WITHDRAWN: _("Withdrawn"),
        },
        Urgency: {
            Urgency.P1: _("Child in danger"),
            Urgency.P2: _in("urgency", "Today"),
            Urgency.P3: _("This week"),
            Urgency.P4: _("When calm"),
        },
        InhopeClass: {
            InhopeClass.BASELINE: _("Baseline"),
            InhopeClass.NATIONAL: _("National"),
            InhopeClass.NOT_ILLEGAL: _("Not illegal"),
            InhopeClass.INACCESSIBLE: _("Inaccessible"),
            InhopeClass.OUTSIDE_REMIT: _("Outside our remit"),
        },
        LawVerdict: {
            LawVerdict.ILLEGAL: _("Illegal"),
            LawVerdict.NOT_ILLEGAL: _("Not illegal"),
            LawVerdict.ADVISER: _("Ask the legal adviser"),
        },
        ReplyKind: {
            ReplyKind.FORM: _("Through the page for answers"),
            ReplyKind.MAIL: _("Mail"),
            ReplyKind.BOUNCE: _("Came back: not delivered"),
            ReplyKind.OUT_OF_OFFICE: _("Automatic: out of office"),
            ReplyKind.BY_HAND: _("Told to one of us"),
        },
        Answer: {
            Answer.REMOVED: _in("answer", "It is removed"),
            Answer.NOT_OURS: _in("answer", "It is not theirs"),
            Answer.NEED_MORE: _in("answer", "They need more from us"),
            Answer.REFUSED: _in("answer", "They do not remove it"),
            Answer.APPEAL: _in("answer", "They say we are wrong"),
            Answer.OTHER: _in("answer", "Something else"),
        },
        AppealDecision: {
            AppealDecision.STANDS: _("The verdict stands"),
            AppealDecision.WITHDRAWN: _("The verdict is withdrawn"),
        },
        TestAnswer: {
            TestAnswer.YES: _in("answer", "Yes"),
            TestAnswer.NO: _in("answer", "No"),
            TestAnswer.UNSURE: _("Not sure"),
        },
        Conduct: {
            Conduct.DISTRIBUTED: _("Distributed"),
            Conduct.PRODUCED: _("Produced"),
            Conduct.KEPT_TO_SHARE: _("Kept to share"),
        },
        AgeGroup: {
            AgeGroup.INFANT: _("0–2"),
            AgeGroup.PRE_PUBESCENT: _("3–13"),
            AgeGroup.PUBESCENT: _("14–17"),
            AgeGroup.NOT_DETERMINED: _("Cannot tell"),
        },
        Gender: {
            Gender.FEMALE: _("Girl"),
            Gender.MALE: _("Boy"),
            Gender.BOTH: _in("gender", "Both"),
            Gender.NOT_DETERMINED: _("Cannot tell"),
        },
        Media: {
            Media.IMAGE: _("Image"),
            Media.VIDEO: _("Video"),
            Media.LIVE: _in("media", "Live"),
            Media.TEXT: _("Text"),
            Media.DRAWN: _("Drawn"),
        },
        SiteType: {
            SiteType.WEBSITE: _("Website"),
            SiteType.FILE_HOST: _("File host"),
            SiteType.IMAGE_STORE: _("Image store"),
            SiteType.IMAGE_BOARD: _("Image board"),
            SiteType.FORUM: _("Forum"),
            SiteType.BANNER_SITE: _("Banner site"),
            SiteType.LINK_SITE: _("Link site"),
            SiteType.SOCIAL_NETWORKING: _("Social networking"),
            SiteType.REDIRECTOR: _("Redirector"),
            SiteType.WEB_ARCHIVE: _("Web archive"),
            SiteType.SEARCH_PROVIDER: _("Search provider"),
            SiteType.IMAGE_HOST: _("Image host"),
            SiteType.BLOG: _("Blog"),
            SiteType.NOT_APPLICABLE: _("Not applicable"),
        },
        Extent: {
            Extent.NO: _in("answer", "No"),
            Extent.ALTERED: _("Altered"),
            Extent.FULLY: _("Fully"),
            Extent.NOT_DETERMINED: _("Cannot tell"),
        },
        YesNo: {
            YesNo.YES: _in("answer", "Yes"),
            YesNo.NO: _in("answer", "No"),
            YesNo.NOT_DETERMINED: _("Cannot tell"),
        },
        Confidence: {
            Confidence.LOW: _("Low"),
            Confidence.MEDIUM: _("Medium"),
            Confidence.HIGH: _("High"),
        },
        Reason: {
            Reason.CONTENT_NOT_FOUND: _("Content not found"),
            Reason.UNABLE_TO_ACCESS: _("Unable to access"),
            Reason.PASSWORD_PROTECTED: _("Password protected"),
            Reason.ACCOUNT_DISABLED: _("Account disabled"),
            Reason.LEGALLY_UNABLE_TO_ACCESS: _("Legally unable to access"),
            Reason.LINK_EXPIRED: _("Link expired"),
            Reason.SITE_DOWN: _("Site down"),
            Reason.TEMPORARILY_UNAVAILABLE: _("Temporarily unavailable"),
            Reason.PREMIUM_ACCOUNT_NECESSARY: _("Paid account necessary"),
            Reason.REMOVED_BEFORE_ASSESSMENT: _("Removed before assessment"),
            Reason.ADULT_PORNOGRAPHY: _("Adult pornography"),
            Reason.NOT_SEXUALISED: _("Nudism, not sexualised"),
            Reason.BELOW_THRESHOLD: _("Below the threshold"),
            Reason.TOO_SMALL: _("Too small to tell"),
            Reason.VIRTUAL_MATERIAL: _("Virtual material"),
            Reason.LINKING_ONLY: _("Only links"),
            Reason.AGE_UNCLEAR: _("Age unclear"),
            Reason.AGE_OVER_THRESHOLD: _("Older than the law's threshold"),
            Reason.REFERRER_UNKNOWN: _("Where it was linked from is not known"),
            Reason.MISSING_PARTS: _("Parts of the file are missing"),
            Reason.ADULTS_ONLY: _("About adults only"),
            Reason.OTHER_HARM: _("Another crime or harm"),
            Reason.NO_ADDRESS_OF_CONTENT: _("A private chat or account, not open to anybody"),
            Reason.SPAM: _("Spam, or nothing that could be meant"),
            Reason.OTHER: _in("reason", "Other"),
        },
        Theme: {
            Theme.SEXTORTION: _("Sextortion"),
            Theme.LIVE_STREAM: _("Live stream"),
            Theme.GROOMING: _("Grooming"),
        },
        Asked: {
            Asked.IMAGES: _in("asked", "Images"),
            Asked.MONEY: _in("asked", "Money"),
            Asked.MEETING: _in("asked", "A meeting"),
            Asked.OTHER: _in("asked", "Something else"),
        },
        Agreement: {
            Agreement.TOO_FEW: _("Too few to say"),
            Agreement.ALL_ALIKE: _("Always the same answer, so nothing to compare"),
            Agreement.NONE: _("No better than chance"),
            Agreement.SLIGHT: _("Slight"),
            Agreement.FAIR: _("Fair"),
            Agreement.MODERATE: _("Moderate"),
            Agreement.GOOD: _("Good"),
            Agreement.ALMOST_FULL: _("Almost full"),
        },
        ContactPlace: {
            ContactPlace.SOCIAL_NETWORK: _("Social network"),
            ContactPlace.MESSENGER: _("Messages or group chat"),
            ContactPlace.GAME: _("Game"),
            ContactPlace.LIVE_PLATFORM: _("Live platform"),
            ContactPlace.DATING: _("Dating"),
            ContactPlace.FORUM: _("Forum"),
            ContactPlace.PHONE_OR_MAIL: _("Telephone or email"),
            ContactPlace.OTHER: _in("place", "Other"),
            ContactPlace.NOT_DETERMINED: _("Cannot tell"),
        },
        Payment: {
            Payment.AMEX: "American Express",
            Payment.DINERS: "Diners",
            Payment.MASTERCARD: "Mastercard",
            Payment.PAYPAL: "PayPal",
            Payment.VISA: "Visa",
            Payment.WESTERN_UNION: "Western Union",
            Payment.SMS: _("SMS"),
            Payment.EMAIL: _in("payment", "Email"),
            Payment.LIBERTY_RESERVE: "Liberty Reserve",
            Payment.BITCOIN: "Bitcoin",
            Payment.OTHER: _in("payment", "Other"),
            Payment.NONE: _in("payment", "None"),
            Payment.NOT_DETERMINED: _("Cannot tell"),
        },
        ContentType: {
            ContentType.MEDIA: _("The file itself"),
            ContentType.WEBSITE: _("A page"),
        },
        CorrectionReason: {
            CorrectionReason.MISTAKE: _("A mistake was made"),
            CorrectionReason.NEW_FACTS: _("There are new facts"),
            CorrectionReason.CRITERIA_CHANGED: _("The law or the criteria changed"),
            CorrectionReason.PARTNER_DIFFERS: _("A partner hotline or the police sees it otherwise"),
            CorrectionReason.APPEAL: _("Somebody objected to a letter"),
        },
        LabelSection: {
            LabelSection.CATEGORISATION: _("Categorisation"),
            LabelSection.INVESTIGATIVE: _("Investigation"),
            LabelSection.DEMOGRAPHIC: _("Demography"),
        },
        Channel: {
            Channel.HOST: _("Hosting provider"),
            Channel.PARTNER: _("Partner hotline"),
            Channel.POLICE: _("Police"),
        },
        RecipientKind: {
            RecipientKind.HOSTING_PROVIDER: _("Hosting provider"),
            RecipientKind.PLATFORM: _("Platform"),
            RecipientKind.CDN: _("Content delivery network"),
            RecipientKind.REGISTRAR: _("Registrar"),
            RecipientKind.PARTNER_HOTLINE: _("Partner hotline"),
            RecipientKind.POLICE: _("Police"),
            RecipientKind.INHOPE: "INHOPE",
        },
        Delivery: {
            Delivery.EMAIL: _("By e-mail"),
            Delivery.XARF: _("By e-mail, for its programs (XARF)"),
            Delivery.WEB_FORM: _("By its own form"),
            Delivery.API: _("By its interface for programs"),
            Delivery.ICCAM: _("By ICCAM"),
            Delivery.PORTAL: _("By its portal"),
            Delivery.NONE: _("No way is known"),
        },
        RecipientSource: {
            RecipientSource.PERSON: _("A person added it"),
            RecipientSource.RDAP: _("A registry named it"),
            RecipientSource.SEED: _("It came with the portal"),
        },
        Mark: {
            Mark.ASN: _("Number of its network (AS)"),
            Mark.NETWORK: _("Name of its network"),
            Mark.DOMAIN: _("Domain of its own"),
            Mark.MAILBOX: _("Abuse mailbox in the registries"),
        },
        Direction: {
            Direction.OUT: _("To them"),
            Direction.IN: _("To us"),
        },
        ExchangeStatus: {
            ExchangeStatus.DRAFT: _("Draft"),
            ExchangeStatus.OFFERED: _("Offered"),
            ExchangeStatus.ACCEPTED: _in("exchange", "Accepted"),
            ExchangeStatus.DECLINED: _in("exchange", "Declined"),
            ExchangeStatus.DONE: _in("exchange", "Done"),
            ExchangeStatus.WITHDRAWN: _in("exchange", "Taken back"),
        },
        ExchangeKind: {
            ExchangeKind.OFFER: _in("exchange", "Offer"),
            ExchangeKind.RECEIVED: _in("exchange", "We have it"),
            ExchangeKind.STATUS: _in("exchange", "Answer"),
            ExchangeKind.WITHDRAWN: _in("exchange", "Taken back"),
            ExchangeKind.PROBLEM: _in("exchange", "It means nothing here"),
        },
        ExchangeMeans: {
            ExchangeMeans.INTERFACE: _("Through the interface"),
            ExchangeMeans.ENCRYPTED_MAIL: _("By encrypted mail"),
            ExchangeMeans.ICCAM: _("By ICCAM"),
            ExchangeMeans.BY_HAND: _("By hand"),
        },
        DeclineReason: {
            DeclineReason.HOSTED_ELSEWHERE: _("It is hosted in another country"),
            DeclineReason.NOT_ILLEGAL_HERE: _("It is not illegal there"),
            DeclineReason.NOT_REACHABLE: _("It cannot be reached"),
            DeclineReason.WITH_POLICE: _("The police have it in hand"),
            DeclineReason.OTHER: _("Another reason"),
        },
        IccamStep: {
            IccamStep.REPORT: _in("iccam", "Report"),
            IccamStep.ASSESSMENT: _in("iccam", "Assessment"),
            IccamStep.FIELD: _in("iccam", "Field of the report"),
            IccamStep.ACTION: _in("iccam", "Action"),
        },
        IccamState: {
            IccamState.DUE: _in("iccam", "Due"),
            IccamState.RECORDED: _("Typed in"),
            IccamState.SENT: _("Sent"),
            IccamState.FAILED: _in("iccam", "Failed"),
        },
        IccamAction: {
            IccamAction.REPORTED_TO_LEA: _("Reported to the police"),
            IccamAction.REPORTED_TO_ISP: _("Reported to the host"),
            IccamAction.REMOVED: _("Removed"),
            IccamAction.UNAVAILABLE: _("Not reachable"),
            IccamAction.MOVED: _("Moved to another host"),
            IccamAction.NOT_ILLEGAL: _("Not illegal"),
        },
        KeyKind: {
            KeyKind.OPENPGP: "OpenPGP",
            KeyKind.SMIME: "S/MIME",
        },
        LetterKey: {
            LetterKey.HOST: _("Notice to a host"),
            LetterKey.HOST_NO_LAW: _("Notice to a host, without the national law"),
            LetterKey.REMINDER: _("Reminder"),
            LetterKey.ESCALATION: _("To who stands above a host"),
            LetterKey.PARTNER: _("Letter to a partner hotline"),
            LetterKey.POLICE: _("Letter to the police"),
            LetterKey.RETRACTION: _("A notice taken back"),
            LetterKey.SUPPLEMENT: _("Answer to who asks for more"),
        },
        NoticeKind: {
            NoticeKind.FIRST: _("First letter"),
            NoticeKind.REMINDER: _in("letter", "Reminder"),
            NoticeKind.ESCALATION: _("To somebody who stands above"),
            NoticeKind.RETRACTION: _("Takes an earlier letter back"),
            NoticeKind.SUPPLEMENT: _("Tells them more"),
        },
        NoticeStatus: {
            NoticeStatus.DRAFT: _("Draft"),
            NoticeStatus.APPROVED: _("Approved"),
            NoticeStatus.QUEUED: _("On its way"),
            NoticeStatus.SENT: _("Sent"),
            NoticeStatus.ANSWERED: _("Answered"),
            NoticeStatus.BOUNCED: _("Came back"),
            NoticeStatus.FAILED: _("Not sent"),
            NoticeStatus.WITHDRAWN: _("Withdrawn"),
        },
        Role: {
            Role.ANALYST: _("Analyst"),
            Role.REVIEWER: _("Reviewer"),
            Role.VICTIM_SUPPORT: _("Victim support"),
            Role.LIAISON: _("Liaison"),
            Role.MANAGER: _("Manager"),
            Role.ADMIN: _("Admin"),
            Role.AUDITOR: _("Auditor"),
            Role.COUNSELLOR: _("Counsellor"),
        },
        Seen: {
            Seen.TODAY: _("Saw it today"),
            Seen.WEEK: _("Saw it this week"),
            Seen.OLDER: _("Saw it earlier"),
            Seen.UNSURE: _("Not sure when"),
        },
        Danger: {
            Danger.YES: _("Child in danger"),
            Danger.NO: _("No danger now"),
            Danger.UNSURE: _("Not sure about danger"),
        },
        Language: {
            Language.KM: _("Khmer"),
            Language.EN: _("English"),
        },
        ForWhom: {
            ForWhom.SELF: _("For the person who asks"),
            ForWhom.CHILD: _("For a child they know"),
            ForWhom.OTHER: _("For somebody else"),
        },
        Duty: {
            Duty.ACKNOWLEDGE: _("Take it up"),
            Duty.ASSESS: _("First look"),
            Duty.SECOND_LOOK: _("Second look"),
            Duty.SETTLE: _("Settle what differs"),
            Duty.ANSWER_REPORTER: _("Answer a reporter"),
            Duty.NOTIFY: _("Tell whoever can act"),
            Duty.REMOVE: _("The host takes it down"),
            Duty.POLICE_ANSWER: _("The police answer"),
            Duty.REVIEW_HOLD: _("Ask the police about a hold"),
            Duty.PARTNER_ANSWER: _("A partner hotline answers"),
            Duty.CHECK_ONLINE: _("See whether it is gone"),
            Duty.APPEAL: _("Decide an objection"),
            Duty.FIRST_CONTACT: _("Speak with child or family"),
            Duty.ASSESS_NEEDS: _("Assess the needs"),
            Duty.PLAN_HELP: _("Make the plan"),
            Duty.REVIEW_CASE: _("Look at the case again"),
            Duty.SERVICE_ANSWER: _("A service answers"),
            Duty.ASK_AGAIN: _("Ask for consent again"),
            Duty.REVIEW_OVERRIDE: _("Second word without consent"),
            Duty.IDENTIFY: _("The police say what they found out"),
        }
        | practice_words.DUTIES,
        PoliceStatus: {
            PoliceStatus.DRAFT: _("Draft"),
            PoliceStatus.APPROVED: _("Approved"),
            PoliceStatus.HANDED_OVER: _("Handed over"),
            PoliceStatus.ACKNOWLEDGED: _("With the police"),
            PoliceStatus.CLOSED: _in("report", "Closed"),
            PoliceStatus.WITHDRAWN: _("Withdrawn"),
        },
        HandedBy: {
            HandedBy.ENCRYPTED_MAIL: _("By encrypted mail"),
            HandedBy.IN_PERSON: _("In person"),
            HandedBy.PORTAL: _("Through a portal"),
        },
        HoldReason: {
            HoldReason.POLICE_ASK: _("The police asked us to wait"),
            HoldReason.POLICE_FIRST: _("By rule: it is hosted in our own country"),
        },
        Pace: {
            Pace.WALL: _("Every hour counts"),
            Pace.WORKING: _("Working time counts"),
        },
        PauseReason: {
            PauseReason.POLICE: _("The police asked us to wait"),
            PauseReason.ADVISER: _("The legal adviser was asked"),
            PauseReason.PARTNER: _("A partner was asked"),
            PauseReason.UNREACHABLE: _("It cannot be reached at the moment"),
            PauseReason.OTHER: _in("reason", "Other"),
        },
        HelpStatus: {
            HelpStatus.NEW: _in("request", "New"),
            HelpStatus.TAKEN: _in("request", "Taken"),
            HelpStatus.CLOSED: _in("request", "Closed"),
        },
        ReportSource: {
            ReportSource.TELEPHONE: _("Telephone"),
            ReportSource.EMAIL: _("E-mail"),
            ReportSource.IN_PERSON: _("In person"),
            ReportSource.PARTNER: _("Partner"),
            ReportSource.POLICE: _("Police"),
            ReportSource.UPLOAD: _in("source", "Somebody else"),
            ReportSource.MAILBOX: _in("source", "Somebody else, by mail"),
        },
        UploadState: {
            UploadState.ARRIVING: _in("list", "Not all there"),
            UploadState.WAITING: _in("list", "Being worked off"),
            UploadState.DONE: _in("list", "Done"),
            UploadState.STOPPED: _in("list", "Stopped"),
        },
        LineResult: {
            LineResult.NEW: _in("line", "New"),
            LineResult.KNOWN: _in("line", "Known already"),
            LineResult.REPEATED: _in("line", "Further up in the list"),
            LineResult.NO_ADDRESS: _in("line", "No address"),
            LineResult.TOO_LONG: _in("line", "Too long"),
            LineResult.TOO_MANY: _in("line", "Too many addresses"),
            LineResult.UNREADABLE: _in("line", "Could not be read"),
        },
        MailResult: {
            MailResult.TAKEN: _in("letter", "Taken"),
            MailResult.NO_ADDRESS: _in("letter", "No address in it"),
            MailResult.UNKNOWN_SENDER: _in("letter", "Sender not known"),
            MailResult.FORGED: _in("letter", "Sender not confirmed"),
            MailResult.TOO_LARGE: _in("letter", "Too large"),
            MailResult.UNREADABLE: _in("letter", "Could not be read"),
            MailResult.AUTOMATIC: _in("letter", "Written by a program"),
            MailResult.ANSWER: _in("letter", "Answer to a notice"),
        },
        MailMark: {
            MailMark.UNCONFIRMED: _in("answer", "Sender not confirmed by our mail server"),
            MailMark.STRANGER: _in("answer", "Not from the recipient’s domain"),
            MailMark.PROGRAM: _in("answer", "Perhaps written by a program"),
            MailMark.ENCRYPTED: _in("answer", "Encrypted, cannot be read here"),
            MailMark.ATTACHED: _in("answer", "Something is attached that is not kept here"),
            MailMark.CUT: _in("answer", "Only its beginning is kept here"),
        },
    }
)
TONES: dict[Enum, str] = (
    victim_words.TONES
    | practice_words.TONES
    | {
        ItemStatus.ASSESSING: "info",
        ItemStatus.IN_REVIEW: "held",
        ItemStatus.DISPUTED: "due",
        ItemStatus.DECIDED: "due",
        ItemStatus.HELD: "held",
        ItemStatus.ACTING: "info",
        ItemStatus.MONITORING: "info",
        NoticeStatus.DRAFT: "due",
        ExchangeStatus.DRAFT: "due",
        ExchangeStatus.OFFERED: "info",
        ExchangeStatus.ACCEPTED: "info",
        ExchangeStatus.DECLINED: "due",
        ExchangeStatus.DONE: "done",
        IccamState.DUE: "due",
        IccamState.RECORDED: "done",
        IccamState.SENT: "done",
        IccamState.FAILED: "due",
        PoliceStatus.HANDED_OVER: "info",
        PoliceStatus.ACKNOWLEDGED: "done",
        NoticeStatus.QUEUED: "info",
        NoticeStatus.SENT: "done",
        NoticeStatus.ANSWERED: "done",
        NoticeStatus.BOUNCED: "due",
        NoticeStatus.FAILED: "due",
        HelpStatus.NEW: "due",
        HelpStatus.TAKEN: "info",
        LookupState.FOUND: "done",
        LookupState.PARTLY: "due",
        LookupState.FAILED: "due",
        UploadState.ARRIVING: "due",
        UploadState.WAITING: "info",
        UploadState.DONE: "done",
        LineResult.NEW: "info",
        LineResult.NO_ADDRESS: "due",
        LineResult.TOO_LONG: "due",
        LineResult.TOO_MANY: "due",
        LineResult.UNREADABLE: "due",
        MailResult.TAKEN: "done",
        MailResult.ANSWER: "done",
        MailResult.FORGED: "due",
        MailResult.TOO_LARGE: "due",
        MailResult.UNREADABLE: "due",
    }
)


TEXT_PLACES = {
    TextKey.NOTICE: _("The notice line above the first page"),
    TextKey.RECEIVED: _("Follow-up: the report is received"),
    TextKey.CHECKING: _("Follow-up: the report is being checked"),
    TextKey.ACTION_TAKEN: _("Follow-up: action was taken"),
    TextKey.CLOSED: _("Follow-up: the report is closed"),
    TextKey.HELP_RECEIVED: _("Follow-up: the request for help is received"),
    TextKey.HELP_CHECKING: _("Follow-up: somebody is with the request for help"),
    TextKey.HELP_CLOSED: _("Follow-up: the request for help is closed"),
}


def of(one: Enum) -> str:
    """Return a word of the domain as people read it."""
    return str(WORDS[type(one)][one])


def text_place(key: TextKey) -> str:
    """Return where the public reads a text."""
    return str(TEXT_PLACES[key])


def tone(one: Enum) -> str:
    """Return the tone of a state's pill: `info`, `due`, `held`, `done` or none."""
    return TONES.get(one, "")


def moment(at: datetime) -> str:
    """Return a moment: the time alone for today, else day and time."""
    same_day = format_date(at, "yyyyMMdd") == format_date(clock.now(), "yyyyMMdd")
    return str(format_datetime(at, "HH:mm" if same_day else "d MMM, HH:mm"))


def hour(at: datetime) -> str:
    """Return the day and hour of what came from the public, of which no finer time is kept. `at` begins the hour."""
    start, end = (str(format_datetime(one, "HH:mm")) for one in (at, at + timedelta(hours=1)))
    return str(gettext("%(day)s, between %(start)s and %(end)s", day=format_date(at, "d MMM"), start=start, end=end))


def full_moment(at: datetime) -> str:
    """Return a moment with its day, year and zone, for what is printed or leaves this screen."""
    return str(format_datetime(at, "d MMMM y, HH:mm ZZZZ"))


def day(on: date) -> str:
    """Return a day with its year."""
    return str(format_date(on, "d MMMM y"))


def day_and_place(at: datetime) -> str:
    """Return a moment as the first page begins: weekday, day, time, and the city by whose clock it is."""
    zone = jurisdiction.current().zone
    city = get_timezone_location(zone, i18n.chosen(), return_city=True)
    return str(
        gettext("%(day)s, %(time)s in %(city)s", day=format_date(at, "EEEE d MMMM y"), time=clock_time(at), city=city)
    )


def brief_day(on: date) -> str:
    """Return a day in a narrow place: day and month, and the year where it is not this one."""
    this_year = format_date(on, "y") == format_date(clock.now(), "y")
    return str(format_date(on, "d MMM" if this_year else "d MMM y"))


def clock_time(at: datetime) -> str:
    """Return the time of day alone."""
    return str(format_datetime(at, "HH:mm"))


def short_day(on: date) -> str:
    """Return a day of this week or one near: its weekday, day and month."""
    return str(format_date(on, "EEE d MMM"))


def ago(hour: datetime) -> str:
    """Return how long something has waited that came in an hour: under 1 hour, then whole hours, then whole days."""
    hours = waiting.hours(hour, clock.now())
    if hours >= 24:
        return str(ngettext("%(num)s day", "%(num)s days", hours // 24))
    return str(ngettext("%(num)s hour", "%(num)s hours", hours)) if hours else str(gettext("under 1 hour"))


def capped(number: int) -> str:
    """Return a count; one that stopped counting says so: 1,000+."""
    return f"{format_decimal(MOST_COUNTED)}+" if number > MOST_COUNTED else str(format_decimal(number))


def law(inhope_class: InhopeClass, verdict: LawVerdict) -> str:
    """Return what was found of the law; of what nobody could see, that nothing was seen."""
    unseen = inhope_class is InhopeClass.INACCESSIBLE and verdict is LawVerdict.NOT_ILLEGAL
    return str(gettext("Nothing seen, so nothing found")) if unseen else of(verdict)
