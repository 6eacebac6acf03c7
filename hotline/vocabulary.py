"""The domain's words, one enum a list. Values are what the database, the forms and the address bar carry."""

from enum import IntEnum, StrEnum


class Surface(StrEnum):
    """Which doors a process opens."""

    PUBLIC = "public"
    DESK = "desk"
    ALL = "all"
    OFFICE = "office"  # no doors: flask commands, worker and sweeper


class Language(StrEnum):
    """Languages the portal speaks."""

    KM = "km"
    EN = "en"


class Category(StrEnum):
    """What a reporter says they saw."""

    CSAM = "csam"
    SEXTORTION = "sextortion"
    LIVE_STREAM = "live_stream"
    GROOMING = "grooming"
    OTHER = "other"


class Seen(StrEnum):
    """When the reporter saw it."""

    TODAY = "today"
    WEEK = "week"
    OLDER = "older"
    UNSURE = "unsure"


class Danger(StrEnum):
    """Whether the reporter thinks a child is in danger now."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class Concern(StrEnum):
    """What a receipt code stands for: a report of addresses, or a request for help."""

    REPORT = "report"
    HELP = "help"


class InboxKind(StrEnum):
    """What the public site left in the inbox."""

    REPORT = "report"
    HELP = "help"
    MESSAGE = "message"
    FORGET_CONTACT = "forget_contact"


class Author(StrEnum):
    """Who wrote a message."""

    REPORTER = "reporter"
    HOTLINE = "hotline"


class ForWhom(StrEnum):
    """For whom help is asked."""

    SELF = "self"
    CHILD = "child"
    OTHER = "other"


class HelpStatus(StrEnum):
    """What became of a request for help at the desk."""

    NEW = "new"
    TAKEN = "taken"
    CLOSED = "closed"


class Figure(StrEnum):
    """What is counted, as it happens, for the public statistics. What its parts are stands beside each."""

    REPORTS = "reports"  # by category
    ADDRESSES = "addresses"  # new | known
    ASSESSED = "assessed"  # by INHOPE class, once agreed
    LAW = "law"  # illegal | not_illegal, once agreed
    NOTICES = "notices"  # sent, by channel
    CLOSED = "closed"  # items by outcome
    HELP = "help"  # requests for help
    REMOVAL = "removal"  # by time until it was gone, of a frozen year


class TextKey(StrEnum):
    """A text that staff write for the public site."""

    NOTICE = "notice"  # the line above the first page
    RECEIVED = "received"  # what a follow-up says at each status
    CHECKING = "checking"
    ACTION_TAKEN = "action_taken"
    CLOSED = "closed"
    HELP_RECEIVED = "help_received"  # the same for a request for help
    HELP_CHECKING = "help_checking"
    HELP_CLOSED = "help_closed"


class ReportStatus(StrEnum):
    """How far a report is, as its reporter sees it. Order matters: it only moves forward."""

    RECEIVED = "received"
    CHECKING = "checking"
    ACTION_TAKEN = "action_taken"
    CLOSED = "closed"


class ItemStatus(StrEnum):
    """Where one reported address stands."""

    NEW = "new"
    ASSESSING = "assessing"
    IN_REVIEW = "in_review"
    DISPUTED = "disputed"
    DECIDED = "decided"
    HELD = "held"
    ACTING = "acting"
    MONITORING = "monitoring"
    CLOSED = "closed"


class ItemOutcome(StrEnum):
    """How a closed item ended."""

    REMOVED = "removed"
    UNAVAILABLE = "unavailable"
    MOVED = "moved"
    NOT_ILLEGAL = "not_illegal"
    OUTSIDE_REMIT = "outside_remit"
    WITHDRAWN = "withdrawn"


class Urgency(IntEnum):
    """How soon an item needs a person; 1 is a child in danger. Ascending order is the queue's order."""

    P1 = 1
    P2 = 2
    P3 = 3
    P4 = 4


class InhopeClass(StrEnum):
    """The international axis of a verdict (INHOPE classification)."""

    BASELINE = "baseline"
    NATIONAL = "national"
    NOT_ILLEGAL = "not_illegal"
    INACCESSIBLE = "inaccessible"
    OUTSIDE_REMIT = "outside_remit"


class LawVerdict(StrEnum):
    """The national axis of a verdict, apart from the international one."""

    ILLEGAL = "illegal"
    NOT_ILLEGAL = "not_illegal"
    ADVISER = "adviser"  # the legal adviser is to be asked


class TestAnswer(StrEnum):
    """Answer to one question of the legal test."""

    __test__ = False  # not a test class, whatever its name

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class Conduct(StrEnum):
    """What was done with the material, for the legal test."""

    DISTRIBUTED = "distributed"
    PRODUCED = "produced"
    KEPT_TO_SHARE = "kept_to_share"


class AgeGroup(StrEnum):
    """Age a child appears to be (ICCAM age group)."""

    INFANT = "infant"
    PRE_PUBESCENT = "pre_pubescent"
    PUBESCENT = "pubescent"
    NOT_DETERMINED = "not_determined"


class Gender(StrEnum):
    """Gender of the child or children shown (ICCAM gender)."""

    FEMALE = "female"
    MALE = "male"
    BOTH = "both"
    NOT_DETERMINED = "not_determined"


class Media(StrEnum):
    """Kind of material at the address."""

    IMAGE = "image"
    VIDEO = "video"
    LIVE = "live"
    TEXT = "text"
    DRAWN = "drawn"


class SiteType(StrEnum):
    """INHOPE site types; ICCAM no longer takes «not determined»."""

    WEBSITE = "website"
    FILE_HOST = "file_host"
    IMAGE_STORE = "image_store"
    IMAGE_BOARD = "image_board"
    FORUM = "forum"
    BANNER_SITE = "banner_site"
    LINK_SITE = "link_site"
    SOCIAL_NETWORKING = "social_networking"
    REDIRECTOR = "redirector"
    WEB_ARCHIVE = "web_archive"
    SEARCH_PROVIDER = "search_provider"
    IMAGE_HOST = "image_host"
    BLOG = "blog"
    NOT_APPLICABLE = "not_applicable"


class Extent(StrEnum):
    """How far something is computer-generated."""

    NO = "no"
    ALTERED = "altered"
    FULLY = "fully"
    NOT_DETERMINED = "not_determined"


class YesNo(StrEnum):
    """Yes, no, or not to be told from what is there."""

    YES = "yes"
    NO = "no"
    NOT_DETERMINED = "not_determined"


class Confidence(StrEnum):
    """How sure an assessor is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Reason(StrEnum):
    """Why something is not illegal or could not be reached (ICCAM action reasons), or is not for a hotline."""

    CONTENT_NOT_FOUND = "content_not_found"
    UNABLE_TO_ACCESS = "unable_to_access"
    PASSWORD_PROTECTED = "password_protected"  # noqa: S105 -- a code, not a password
    ACCOUNT_DISABLED = "account_disabled"
    LEGALLY_UNABLE_TO_ACCESS = "legally_unable_to_access"
    LINK_EXPIRED = "link_expired"
    SITE_DOWN = "site_down"
    TEMPORARILY_UNAVAILABLE = "temporarily_unavailable"
    PREMIUM_ACCOUNT_NECESSARY = "premium_account_necessary"
    REMOVED_BEFORE_ASSESSMENT = "removed_before_assessment"
    ADULT_PORNOGRAPHY = "adult_pornography"
    NOT_SEXUALISED = "not_sexualised"
    BELOW_THRESHOLD = "below_threshold"
    TOO_SMALL = "too_small"
    VIRTUAL_MATERIAL = "virtual_material"
    LINKING_ONLY = "linking_only"
    AGE_UNCLEAR = "age_unclear"
    AGE_OVER_THRESHOLD = "age_over_threshold"
    REFERRER_UNKNOWN = "referrer_unknown"
    MISSING_PARTS = "missing_parts"
    ADULTS_ONLY = "adults_only"  # from here on: why it is outside the remit
    OTHER_HARM = "other_harm"
    NO_ADDRESS_OF_CONTENT = "no_address_of_content"
    SPAM = "spam"
    OTHER = "other"


class Channel(StrEnum):
    """To whom something may go once two people agree."""

    HOST = "host"
    PARTNER = "partner"
    POLICE = "police"


class RecipientKind(StrEnum):
    """What kind of organisation a recipient is."""

    HOSTING_PROVIDER = "hosting_provider"
    PLATFORM = "platform"
    CDN = "cdn"
    REGISTRAR = "registrar"
    PARTNER_HOTLINE = "partner_hotline"
    POLICE = "police"
    INHOPE = "inhope"


class Delivery(StrEnum):
    """How something reaches a recipient."""

    EMAIL = "email"
    XARF = "xarf"  # by e-mail, in the envelope that abuse desks' programs read
    WEB_FORM = "web_form"  # a person fills in the recipient's own form
    API = "api"
    ICCAM = "iccam"
    PORTAL = "portal"  # a person signs in to the recipient's portal
    NONE = "none"  # nobody takes anything there


class RecipientSource(StrEnum):
    """Where an entry of the directory comes from."""

    PERSON = "person"
    RDAP = "rdap"  # a registry names it; a person has to approve it
    SEED = "seed"  # it came with the portal, with its doubts


class Mark(StrEnum):
    """By what a recipient is recognised in what the look-ups of a host found."""

    ASN = "asn"
    NETWORK = "network"  # its name, as the registry has it
    DOMAIN = "domain"  # addresses under it are the recipient's own
    MAILBOX = "mailbox"  # an abuse contact that the registry names


class KeyKind(StrEnum):
    """What a recipient's key is for."""

    OPENPGP = "openpgp"
    SMIME = "smime"


class NoticeKind(StrEnum):
    """What a notice is among those about its addresses."""

    FIRST = "first"
    REMINDER = "reminder"
    ESCALATION = "escalation"  # to somebody who stands above a recipient that did nothing
    RETRACTION = "retraction"  # an earlier notice was wrong; it lists no address
    SUPPLEMENT = "supplement"  # tells a recipient more that asked for it


class LetterKey(StrEnum):
    """Which letter a template is of."""

    HOST = "notice_host"
    HOST_NO_LAW = "notice_host_no_law"  # baseline, but not illegal in this country: no line about its law
    REMINDER = "reminder"
    ESCALATION = "escalation"
    PARTNER = "notice_partner"
    POLICE = "police_report"
    RETRACTION = "retraction"
    SUPPLEMENT = "supplement"


class NoticeStatus(StrEnum):
    """What became of a notice."""

    DRAFT = "draft"
    APPROVED = "approved"
    QUEUED = "queued"
    SENT = "sent"
    ANSWERED = "answered"
    BOUNCED = "bounced"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class Role(StrEnum):
    """What a person at the desk may do."""

    ANALYST = "analyst"
    REVIEWER = "reviewer"
    VICTIM_SUPPORT = "victim_support"
    LIAISON = "liaison"
    MANAGER = "manager"
    ADMIN = "admin"
    AUDITOR = "auditor"
    COUNSELLOR = "counsellor"  # sees how long people were with hard material, and nothing else


class HostKind(StrEnum):
    """What kind of thing an address points at, by its host alone."""

    SITE = "site"
    IP_LITERAL = "ip_literal"
    ONION = "onion"
    IDN = "idn"
    SHORT_LINK = "short_link"


class LookupState(StrEnum):
    """What became of looking up who hosts something."""

    WAITING = "waiting"
    FOUND = "found"
    PARTLY = "partly"  # some of it was found; the evidence says what was not
    FAILED = "failed"


class Proxy(StrEnum):
    """Whether what answers for a host stands before the host itself."""

    NONE = "none"
    CDN = "cdn"
    UNKNOWN = "unknown"


class HostRuleKind(StrEnum):
    """What people have settled about a host. None of them is ever a verdict."""

    PROVIDER = "provider"  # who hosts it is known
    PROXY = "proxy"  # it stands before others: it is not the host
    NOT_OURS = "not_ours"  # reports of it belong elsewhere
    NOT_PROXY = "not_proxy"  # it looks as if it stood before others, and hosts what it shows


class MergeCause(StrEnum):
    """What spoke for two items showing the same."""

    PATH = "path"  # the same page, another query behind it
    TYPED = "typed"  # one report names both in the same words
    SEEN = "seen"  # nothing that the portal sees: a person found it


class Duty(StrEnum):
    """What has to be done within a time."""

    ACKNOWLEDGE = "acknowledge"  # a person takes up a reported address
    ASSESS = "assess"  # the first look is handed in
    SECOND_LOOK = "second_look"
    SETTLE = "settle"  # looks that differ come to an agreed result
    ANSWER_REPORTER = "answer_reporter"
    NOTIFY = "notify"  # what two people agreed on leaves
    REMOVE = "remove"  # a host takes the material down
    POLICE_ANSWER = "police_answer"  # a unit acknowledges a police report
    REVIEW_HOLD = "review_hold"  # whether the police still ask to wait
    PARTNER_ANSWER = "partner_answer"  # a partner hotline accepts what was handed to it
    CHECK_ONLINE = "check_online"  # a person looks whether an address is gone
    APPEAL = "appeal"  # somebody who was not involved decides
    FIRST_CONTACT = "first_contact"  # somebody speaks with the child or the family
    ASSESS_NEEDS = "assess_needs"
    PLAN_HELP = "plan_help"  # the needs become a plan
    REVIEW_CASE = "review_case"  # whether the plan still fits
    SERVICE_ANSWER = "service_answer"  # a service says whether it takes a referral
    ASK_AGAIN = "ask_again"  # whether a child or guardian still agrees
    REVIEW_OVERRIDE = "review_override"  # a second person looks at what was decided without consent
    IDENTIFY = "identify"  # the police say what they found out about a victim
    TELL_DPO = "tell_dpo"  # the data protection officer hears of an incident
    TELL_SECRETARIAT = "tell_secretariat"  # the INHOPE secretariat hears of a serious interruption
    ANSWER_INHOPE = "answer_inhope"  # a notice from INHOPE is answered
    TEST_CONTACT = "test_contact"  # a test reaches the point of contact
    CONSULT = "consult"  # a sector of stakeholders is heard
    HOLD_MEETING = "hold_meeting"  # a planned consultation is held, and put on record
    DO_ACTION = "do_action"  # what was agreed after an incident or a consultation is done
    RENEW_AGREEMENT = "renew_agreement"
    RENEW_KEY = "renew_key"  # a key that letters are encrypted to is followed by another
    RESTORE_TEST = "restore_test"  # a backup is restored, to see that it can be
    REVIEW_ACCESS = "review_access"  # somebody looks who may open what, and who may enter
    CHECK_CLAUSE = "check_clause"  # the owner of a clause looks whether it is kept
    READ_PROTOCOL = "read_protocol"  # a person reads a version of the security protocol, and says so
    RENEW_TRAINING = "renew_training"  # a training or a vetting is repeated before it expires
    TAKE_DOWN_PICTURE = "take_down_picture"  # a picture somebody no longer agrees to goes


class Subject(StrEnum):
    """What a clock runs for."""

    ITEM = "item"
    MESSAGE = "message"
    NOTICE = "notice"
    POLICE_REPORT = "police_report"
    HOLD = "hold"
    EXCHANGE = "exchange"
    APPEAL = "appeal"
    VICTIM_CASE = "victim_case"
    REFERRAL = "referral"
    CONSENT = "consent"
    OVERRIDE = "override"
    IDENTIFICATION = "identification"
    INCIDENT = "incident"
    INCIDENT_ACTION = "incident_action"
    INHOPE_NOTICE = "inhope_notice"
    STANDING_DUTY = "standing_duty"
    CONSULTATION = "consultation"
    ACTION_POINT = "action_point"
    AGREEMENT = "agreement"
    RECIPIENT_KEY = "recipient_key"
    SERVICE_KEY = "service_key"  # of a service that helps children and families
    OFFICIAL_KEY = "official_key"  # of somebody outside whom the code of practice names
    READING = "reading"  # of a version of the security protocol by one person
    TRAINING = "training"
    PUBLICATION = "publication"  # of a picture


class Pace(StrEnum):
    """Which time a limit counts."""

    WALL = "wall"  # every hour
    WORKING = "working"  # hours of working days, of the country


class ClockEnd(StrEnum):
    """How a clock ended."""

    MET = "met"
    MISSED = "missed"  # done, but after the limit
    VOID = "void"  # nothing was left to do


class PauseReason(StrEnum):
    """Why a clock stands still."""

    POLICE = "police"
    ADVISER = "adviser"
    PARTNER = "partner"
    UNREACHABLE = "unreachable"
    OTHER = "other"


class ReportSource(StrEnum):
    """How a report came that did not come through the public form."""

    TELEPHONE = "telephone"
    EMAIL = "email"
    IN_PERSON = "in_person"
    PARTNER = "partner"
    POLICE = "police"
    UPLOAD = "upload"
    MAILBOX = "mailbox"


class UploadState(StrEnum):
    """How far the lines of an uploaded list are."""

    ARRIVING = "arriving"  # not all of the file is stored yet
    WAITING = "waiting"
    DONE = "done"
    STOPPED = "stopped"


class LineResult(StrEnum):
    """What became of one line of a list."""

    NEW = "new"
    KNOWN = "known"
    REPEATED = "repeated"  # the same address stands further up in the list
    NO_ADDRESS = "no_address"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"  # addresses in one line
    UNREADABLE = "unreadable"  # a text nobody foresaw


class MailResult(StrEnum):
    """What became of a letter in the mailbox for reports."""

    TAKEN = "taken"
    NO_ADDRESS = "no_address"
    UNKNOWN_SENDER = "unknown_sender"
    FORGED = "forged"  # our own mail server could not confirm whom it is from
    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"
    AUTOMATIC = "automatic"  # no person wrote it: an automatic answer, a bounce, a mailing list
    ANSWER = "answer"  # to a notice of ours


class PoliceStatus(StrEnum):
    """How far a police report is."""

    DRAFT = "draft"
    APPROVED = "approved"
    HANDED_OVER = "handed_over"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class HandedBy(StrEnum):
    """How a police report reached its unit."""

    ENCRYPTED_MAIL = "encrypted_mail"
    IN_PERSON = "in_person"  # printed, or on a medium
    PORTAL = "portal"


class HoldReason(StrEnum):
    """Why nothing may leave about an item for now."""

    POLICE_ASK = "police_ask"
    POLICE_FIRST = "police_first"  # by rule: it is hosted in this country


class CheckMeans(StrEnum):
    """How somebody found out whether an address can still be reached."""

    PERSON = "person"
    HEAD = "head"  # one HTTP request without a body
    DNS = "dns"


class CheckResult(StrEnum):
    """Whether an address can still be reached."""

    UP = "up"
    GONE = "gone"
    UNSURE = "unsure"  # a person has to look


class ReplyKind(StrEnum):
    """What came back on a notice."""

    FORM = "form"  # through the reply page
    MAIL = "mail"
    BOUNCE = "bounce"
    OUT_OF_OFFICE = "out_of_office"
    BY_HAND = "by_hand"  # somebody of the team was told


class MailMark(StrEnum):
    """What whoever reads an answer by mail should know about it. A reply's `code` holds them, with spaces between."""

    UNCONFIRMED = "unconfirmed"  # our own mail server could not confirm whom it is from
    STRANGER = "stranger"  # it does not come from the recipient's domain
    PROGRAM = "program"  # perhaps nobody wrote it, such as what a ticket system says
    ENCRYPTED = "encrypted"  # it cannot be read here
    ATTACHED = "attached"  # something is attached, which is not kept
    CUT = "cut"  # it goes on


class Answer(StrEnum):
    """What a recipient says about the addresses of a notice."""

    REMOVED = "removed"
    NOT_OURS = "not_ours"
    NEED_MORE = "need_more"
    REFUSED = "refused"
    APPEAL = "appeal"
    OTHER = "other"


class AppealDecision(StrEnum):
    """What somebody who was not involved decided about an appeal."""

    STANDS = "stands"
    WITHDRAWN = "withdrawn"


class Direction(StrEnum):
    """Which way something is handed over between hotlines."""

    OUT = "out"
    IN = "in"


class ExchangeStatus(StrEnum):
    """How far a handing-over between hotlines is."""

    DRAFT = "draft"  # of ours: a second person has not let it go yet
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    DONE = "done"  # the partner says what became of it
    WITHDRAWN = "withdrawn"


class ExchangeMeans(StrEnum):
    """How something is handed over between hotlines."""

    INTERFACE = "interface"  # signed JSON, at /exchange/v1
    ENCRYPTED_MAIL = "encrypted_mail"
    ICCAM = "iccam"
    BY_HAND = "by_hand"


class ExchangeKind(StrEnum):
    """What a message between hotlines is."""

    OFFER = "offer"
    RECEIVED = "received"  # how the hotline that was offered something calls it, and how far it is there
    STATUS = "status"  # accepted, declined or done
    WITHDRAWN = "withdrawn"
    PROBLEM = "problem"  # a message that means nothing here


class DeclineReason(StrEnum):
    """Why a hotline does not take what another offers."""

    HOSTED_ELSEWHERE = "hosted_elsewhere"
    NOT_ILLEGAL_HERE = "not_illegal_here"
    NOT_REACHABLE = "not_reachable"
    WITH_POLICE = "with_police"
    OTHER = "other"


class IccamAction(StrEnum):
    """What was done about something that is in ICCAM."""

    REPORTED_TO_LEA = "reported_to_lea"
    REPORTED_TO_ISP = "reported_to_isp"
    REMOVED = "removed"
    UNAVAILABLE = "unavailable"
    MOVED = "moved"
    NOT_ILLEGAL = "not_illegal"


class IccamStep(StrEnum):
    """What ICCAM has to be told of an item, in this order."""

    REPORT = "report"
    ASSESSMENT = "assessment"
    FIELD = "field"
    ACTION = "action"


class IccamState(StrEnum):
    """How far one step is told to ICCAM."""

    DUE = "due"
    RECORDED = "recorded"  # a person has typed it in there
    SENT = "sent"
    FAILED = "failed"


class Theme(StrEnum):
    """What goes on beside, or without, an image."""

    SEXTORTION = "sextortion"
    LIVE_STREAM = "live_stream"
    GROOMING = "grooming"


class Asked(StrEnum):
    """What is asked of a child."""

    IMAGES = "images"
    MONEY = "money"
    MEETING = "meeting"
    OTHER = "other"


class ContactPlace(StrEnum):
    """Where somebody is in contact with a child: the kind of place, never its name."""

    SOCIAL_NETWORK = "social_network"
    MESSENGER = "messenger"
    GAME = "game"
    LIVE_PLATFORM = "live_platform"
    DATING = "dating"
    FORUM = "forum"
    PHONE_OR_MAIL = "phone_or_mail"
    OTHER = "other"
    NOT_DETERMINED = "not_determined"


class Payment(StrEnum):
    """How access is paid for (ICCAM payment methods)."""

    AMEX = "amex"
    DINERS = "diners"
    MASTERCARD = "mastercard"
    PAYPAL = "paypal"
    VISA = "visa"
    WESTERN_UNION = "western_union"
    SMS = "sms"
    EMAIL = "email"
    LIBERTY_RESERVE = "liberty_reserve"
    BITCOIN = "bitcoin"
    OTHER = "other"
    NONE = "none"
    NOT_DETERMINED = "not_determined"


class ContentType(StrEnum):
    """What an address leads to (ICCAM content type)."""

    MEDIA = "media"  # the picture or film itself
    WEBSITE = "website"  # a page that shows it


class Agreement(StrEnum):
    """How far two people agree over many looks, in words."""

    TOO_FEW = "too_few"
    ALL_ALIKE = "all_alike"  # everybody always answered the same: there is nothing to tell agreement from chance by
    NONE = "none"
    SLIGHT = "slight"
    FAIR = "fair"
    MODERATE = "moderate"
    GOOD = "good"
    ALMOST_FULL = "almost_full"


class CorrectionReason(StrEnum):
    """Why people look anew at what was settled."""

    MISTAKE = "mistake"
    NEW_FACTS = "new_facts"
    CRITERIA_CHANGED = "criteria_changed"
    PARTNER_DIFFERS = "partner_differs"
    APPEAL = "appeal"


class LabelSection(StrEnum):
    """Sections of the INHOPE Universal Classification Schema."""

    CATEGORISATION = "categorisation"
    INVESTIGATIVE = "investigative"
    DEMOGRAPHIC = "demographic"


class CaseSource(StrEnum):
    """From where a victim case was opened."""

    REPORT = "report"  # a reporter's words name a child; they reached victim support across the wall
    ITEM = "item"
    HELP_REQUEST = "help_request"
    TELEPHONE = "telephone"
    REFERRAL_IN = "referral_in"  # another organisation refers the child to us


class CaseStatus(StrEnum):
    """Whether a victim case is worked on."""

    OPEN = "open"
    CLOSED = "closed"
    TRANSFERRED = "transferred"  # another organisation goes on with it
    DUPLICATE = "duplicate"
    ERASED = "erased"  # its file is gone; a certificate says when and by what policy


class CaseStep(StrEnum):
    """The six steps of case management (Inter-Agency Guidelines, 2014), in their order."""

    REGISTRATION = "registration"  # identification and registration
    ASSESSMENT = "assessment"
    PLAN = "plan"
    IMPLEMENTATION = "implementation"
    REVIEW = "review"  # follow-up and review
    CLOSURE = "closure"


class Risk(IntEnum):
    """How great the risk to a child is. Stands where clocks ask for urgency; ascending order is that of the list."""

    HIGH = 1
    MEDIUM = 2
    LOW = 3
    NO_ACTION = 4  # nothing has to be done


class Need(StrEnum):
    """Domains of a needs assessment."""

    SAFETY = "safety"
    HEALTH = "health"
    PSYCHOSOCIAL = "psychosocial"
    LEGAL = "legal"
    SHELTER = "shelter"
    EDUCATION = "education"
    FAMILY = "family"
    LIVELIHOOD = "livelihood"
    DOCUMENTS = "documents"
    ONLINE = "online"  # what still stands on the internet; no address is shown here


class NeedLevel(StrEnum):
    """How great the need is in one domain."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NONE = "none"
    UNKNOWN = "unknown"  # nobody has asked yet, or could


class PersonPart(StrEnum):
    """What a person is in a victim case."""

    CHILD = "child"  # the victim; also one who is of age by now
    GUARDIAN = "guardian"
    FAMILY = "family"
    TRUSTED = "trusted"  # somebody the child trusts
    PROFESSIONAL = "professional"
    OTHER = "other"


class AgeBand(StrEnum):
    """How old a victim is, as coarse as statistics need it."""

    UNDER_6 = "under_6"
    FROM_6 = "from_6"  # 6 to 11
    FROM_12 = "from_12"  # 12 to 14
    FROM_15 = "from_15"  # 15 to 17
    ADULT = "adult"
    UNKNOWN = "unknown"


class ActionState(StrEnum):
    """How far one action of a plan is."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class AssessmentState(StrEnum):
    """How far a needs assessment is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"  # the second person asks for more


class Voice(StrEnum):
    """In whose voice somebody agrees or declines."""

    CHILD = "child"  # assent
    GUARDIAN = "guardian"  # consent
    SELF = "self"  # a victim who is of age


class ConsentAnswer(StrEnum):
    """What somebody says when asked whether something may be told to a service."""

    AGREES = "agrees"
    DECLINES = "declines"
    UNABLE = "unable"  # a child who cannot say yet, such as a very young one; the note says why


class OverrideBasis(StrEnum):
    """Why something is told although consent is missing: a named decision, which a second person looks at."""

    DANGER_NOW = "danger_now"  # acts at once; the second person looks within a day
    NO_SAFE_GUARDIAN = "no_safe_guardian"
    LEGAL_DUTY = "legal_duty"
    BEST_INTERESTS = "best_interests"


class OverrideDecision(StrEnum):
    """What the second person says of a decision made without consent."""

    UPHELD = "upheld"
    ENDED = "ended"


class ReferralStatus(StrEnum):
    """How far a referral to a service is."""

    DRAFT = "draft"
    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    REVOKED = "revoked"


class ReferralMeans(StrEnum):
    """How a referral reaches its service. Never by open mail."""

    ENCRYPTED_MAIL = "encrypted_mail"
    ENCRYPTED_FILE = "encrypted_file"  # downloaded, and brought or sent the way the service asks for
    PRINTED = "printed"


class RejectReason(StrEnum):
    """Why a service does not take a referral, or is not given after all."""

    NO_PLACE = "no_place"
    NOT_FOR_THEM = "not_for_them"  # age, province or kind of need
    DECLINED_BY_CHILD = "declined_by_child"
    ALREADY_RECEIVED = "already_received"
    UNREACHABLE = "unreachable"
    OTHER = "other"


class RevokeReason(StrEnum):
    """Why we take a referral back."""

    CONSENT_WITHDRAWN = "consent_withdrawn"
    NOT_SAFE = "not_safe"
    OTHER_SERVICE = "other_service"
    MISTAKE = "mistake"


class NoteKind(StrEnum):
    """What a note in a victim case is about."""

    NOTE = "note"
    CONTACT = "contact"  # somebody was spoken with
    SAFETY = "safety"  # the safety plan was looked at
    CONFERENCE = "conference"  # who met, and what was agreed
    SUPERVISION = "supervision"


class CaseOutcome(StrEnum):
    """How a victim case ended, as its closure says."""

    NEEDS_MET = "needs_met"
    MOVED_ON = "moved_on"  # another organisation goes on with it
    DECLINED = "declined"  # child or family want no more help
    OUT_OF_REACH = "out_of_reach"
    OF_AGE = "of_age"
    OTHER = "other"


class IdentificationStatus(StrEnum):
    """How far what was told to the police about a victim is."""

    DRAFT = "draft"
    HANDED_OVER = "handed_over"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Although(StrEnum):
    """Why it stands out that the police were told of a victim."""

    ENDED_SINCE = "ended_since"  # it might be handed over then, and not any more when that was noted
    NOT_THEN = "not_then"  # it might not be handed over then, or not to whoever took it


class Found(StrEnum):
    """What the police found out about a victim."""

    IDENTIFIED = "identified"
    SAFEGUARDED = "safeguarded"
    NOT_IDENTIFIED = "not_identified"
    KNOWN_BEFORE = "known_before"
    NO_ANSWER = "no_answer"


class Share(StrEnum):
    """What of a child's file may be told to one service. A referral holds nothing else."""

    NAME = "name"
    AGE = "age"
    SEX = "sex"
    PLACE = "place"
    CONTACT = "contact"  # with the rules for safe contact, always
    NEED = "need"  # what help is asked for; without it there is no referral
    STORY = "story"
    HEALTH = "health"
    FAMILY = "family"


class CaseFigure(StrEnum):
    """What is counted of victim cases, by quarter, with nobody in it. What its parts are stands beside each."""

    OPENED = "opened"  # by source
    AGE = "age"  # by age band, at the end
    NEED = "need"  # by domain, found high or medium in an approved assessment
    REFERRED = "referred"  # by domain, sent
    ANSWERED = "answered"  # by what became of a referral
    GAP = "gap"  # by domain: no service was there
    FIRST_CONTACT = "first_contact"  # by how long it took
    OUTCOME = "outcome"  # by how cases ended
    FOUND = "found"  # by what the police found out
    ERASED = "erased"  # by why


class Sector(StrEnum):
    """Sectors of stakeholders that are consulted regularly (INHOPE code of practice)."""

    GOVERNMENT = "government"
    LAW_ENFORCEMENT = "law_enforcement"
    INDUSTRY = "industry"
    CHILD_WELFARE = "child_welfare"
    OTHERS = "others"


class Clause(StrEnum):
    """Clauses of INHOPE's code of practice, as the hotline publishes them, in their order."""

    LAW = "law"
    COOPERATION = "cooperation"
    CONTACT_POINT = "contact_point"
    SECURITY_PROTOCOL = "security_protocol"
    SECURE_ROOM = "secure_room"
    EXPOSURE = "exposure"  # staff who do no hotline work see no hotline material
    EXCHANGE_POLICY = "exchange_policy"  # cut off in the published text
    INTERRUPTION = "interruption"
    OFFICER_TOLD = "officer_told"  # the data protection officer, within 24 hours
    IMAGERY = "imagery"
    CONFIDENTIALITY = "confidentiality"
    CONSULTATION = "consultation"


class ClauseState(StrEnum):
    """How a clause stands."""

    IN_PLACE = "in_place"
    DUE_SOON = "due_soon"
    NOBODYS = "nobodys"  # nobody answers for it; nothing else presses
    MISSED = "missed"
    TO_CLARIFY = "to_clarify"


class OfficialPart(StrEnum):
    """Outsiders whom the code of practice names."""

    DPO = "dpo"  # the data protection officer
    SECRETARIAT = "secretariat"  # of INHOPE


class TrainingKind(StrEnum):
    """What a person at the desk was trained in, or how they were looked at before they began."""

    VETTING = "vetting"
    CORE = "core"  # INHOPE's training for analysts
    SECURITY = "security"
    SAFEGUARDING = "safeguarding"  # of children
    WELFARE = "welfare"  # how people who do this work stay well
    OTHER = "other"


class AccessVerdict(StrEnum):
    """What a review of access says of one account."""

    STAYS = "stays"
    CHANGE = "change"


class RoleClash(StrEnum):
    """Roles that one person must not hold together."""

    ANALYST_AND_VICTIM_SUPPORT = "analyst_and_victim_support"
    COUNSELLOR_AND_OTHERS = "counsellor_and_others"
    ADMIN_AND_CASES = "admin_and_cases"


class OrganisationKind(StrEnum):
    """What sort of organisation a stakeholder is."""

    MINISTRY = "ministry"
    AUTHORITY = "authority"
    POLICE = "police"
    PROVIDER = "provider"  # of access or hosting
    PLATFORM = "platform"
    SERVICE = "service"  # for children and families
    CIVIL_SOCIETY = "civil_society"
    SCHOOL = "school"
    OTHER = "other"


class ContactConsent(StrEnum):
    """How a person of an organisation said that we may write to them."""

    SPOKEN = "spoken"
    MAIL = "mail"
    PAPER = "paper"


class ConsultationWay(StrEnum):
    """How stakeholders are consulted."""

    MEETING = "meeting"
    ONLINE = "online"
    TELEPHONE = "telephone"
    LETTER = "letter"


class ConsultationState(StrEnum):
    """How a consultation stands. Once it is closed or cancelled nothing of it is changed any more."""

    PLANNED = "planned"
    HELD = "held"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class ConsultationPart(StrEnum):
    """Of what a consultation's record is made."""

    VIEW = "view"  # of an organisation
    DECISION = "decision"
    MINUTES = "minutes"
    ADDITION = "addition"  # written after the record was closed


class PointState(StrEnum):
    """How an action point stands."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class AgreementState(StrEnum):
    """How an agreement stands."""

    IN_FORCE = "in_force"
    RENEWED = "renewed"  # another one followed it
    ENDED = "ended"


class EventHost(StrEnum):
    """Whose event it was that pictures were taken at."""

    OURS = "ours"
    INHOPE = "inhope"


class PictureScope(StrEnum):
    """Where a picture of an event may be shown."""

    INTERNAL = "internal"  # to the team and its partners, nowhere public
    WEBSITE = "website"
    SOCIAL_MEDIA = "social_media"
    PRINT = "print"
    PRESS = "press"


class PictureAnswer(StrEnum):
    """What somebody says when asked whether a picture that shows them may be published."""

    AGREES = "agrees"
    DECLINES = "declines"


class AnswerEnd(StrEnum):
    """Why an answer about pictures stands no more."""

    REPLACED = "replaced"  # by a newer one
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class ShownEnd(StrEnum):
    """Why somebody counts no more as shown on a picture."""

    MISTAKE = "mistake"  # it is somebody else
    UNRECOGNISABLE = "unrecognisable"  # the picture was changed


class ContactWay(StrEnum):
    """How a notice from INHOPE came."""

    EMAIL = "email"
    PHONE = "phone"
    LETTER = "letter"
    PORTAL = "portal"
    IN_PERSON = "in_person"


class AnswerWay(StrEnum):
    """How an answer to INHOPE goes."""

    EMAIL = "email"
    PHONE = "phone"
    LETTER = "letter"
    PORTAL = "portal"
    IN_PERSON = "in_person"


class InhopeNoticeState(StrEnum):
    """How a notice from INHOPE stands."""

    WAITING = "waiting"
    DRAFTED = "drafted"  # its answer is written, and did not go yet
    ANSWERED = "answered"
    NO_ANSWER = "no_answer"  # none is needed


class WayOut(StrEnum):
    """Ways by which words leave the team. Each is checked for what points at a member of staff."""

    LETTER = "letter"  # to hosts, platforms and networks, by mail or typed into a form
    PARTNER = "partner"  # to other hotlines: letters, and words beside an answer
    ICCAM = "iccam"
    POLICE = "police"  # reports of addresses, and letters
    IDENTIFICATION = "identification"  # what the police are told of a victim
    REFERRAL = "referral"
    CASE_EXPORT = "case_export"
    REPORTER = "reporter"  # messages to reporters
    HELP = "help"  # messages to people who ask for help
    PUBLIC_TEXT = "public_text"
    TEMPLATE = "template"  # what letters say
    INHOPE = "inhope"  # answers to notices
    INCIDENT = "incident"  # to the data protection officer and the secretariat
    MINUTES = "minutes"  # of consultations
    PUBLICATION = "publication"  # words beside pictures, in reports and on pages
    EXPORT = "export"  # tables and packs with words of staff in them


class SecrecyResult(StrEnum):
    """What came of a check of words that are about to leave."""

    CLEAN = "clean"
    HIT = "hit"
    LET_GO = "let_go"  # a second person found that it may go all the same


class IncidentKind(StrEnum):
    """What an incident is about. Who has to be told follows from it (`rules/incidents.py`)."""

    BREACH = "breach"  # a breach of the rules that keep data safe is suspected
    LOGIN = "login"  # login data for ICCAM is lost, stolen, or known to others
    IRREGULARITY = "irregularity"  # in processing addresses within ICCAM
    INTERRUPTION = "interruption"  # of operations, a serious one
    OTHER = "other"


class IncidentEntryKind(StrEnum):
    """What a line in the timeline of an incident says."""

    NOTE = "note"
    CONTAINMENT = "containment"  # what was done so that it gets no worse
    CAUSE = "cause"
    LESSON = "lesson"
    STOPPED = "stopped"  # written by the portal: rounds of its own went through no more
    BACK = "back"  # written by the portal: they go through again


class IncidentLetterState(StrEnum):
    """How far a letter about an incident is."""

    DRAFT = "draft"
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"
    PLAYED = "played"  # of a drill: it would have left now, and never does


class Pulse(StrEnum):
    """What goes round by itself, and whose stopping is an interruption of operations."""

    INTAKE = "intake"  # the inbox is opened
    DELIVERY = "delivery"  # what has to leave is handed out


class Statistic(StrEnum):
    """What is rolled up month by month. What its parts are stands beside each."""

    RECEIVED = "received"  # new | known: each time an address is reported
    SETTLED = "settled"  # addresses by INHOPE class, or `open`
    LAW = "law"  # addresses by what the law of the country says
    AGE = "age"  # from here on of illegal addresses
    GENDER = "gender"
    SITE_TYPE = "site_type"
    COMMERCIAL = "commercial"
    COUNTRY = "country"  # ISO 3166, or empty
    TO_POLICE = "to_police"  # by band
    TO_HOST = "to_host"
    REMOVAL = "removal"
    WORK = "work"  # what was done, in the month it was


class Way(StrEnum):
    """How reports reach the hotline, as its statistics tell them apart."""

    PUBLIC = "public"  # the form on the public site
    PARTNER = "partner"  # a partner hotline
    OTHER = "other"


class Band(StrEnum):
    """How long something took, in the bands that hotlines report."""

    SAME_DAY = "same_day"  # of the country's calendar
    ONE_DAY = "one_day"
    THREE_DAYS = "three_days"
    SEVEN_DAYS = "seven_days"
    FOUR_WEEKS = "four_weeks"
    LONGER = "longer"
    OPEN = "open"  # it has not happened: still up, or nobody was told
    NOT_TOLD = "not_told"  # nobody was told whose time could be taken


class Work(StrEnum):
    """What people did about addresses."""

    LOOK = "look"  # somebody handed in what they found
    TOLD_POLICE = "told_police"
    TOLD_HOST = "told_host"
    TOLD_PARTNER = "told_partner"
    CLOSED = "closed"  # after it was acted on


class DigestKind(StrEnum):
    """What a mail to one of us tells."""

    DUTIES = "duties"  # what they answer for that is late or due soon
    WEEK = "week"  # to a manager: the week in numbers
