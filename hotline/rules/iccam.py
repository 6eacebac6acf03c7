"""What a finding is in ICCAM's codes, version 3 of its interface, as far as public sources tell them.

There is no public specification: the codes are those that other hotlines' connectors send (ADR 0017). What ICCAM has no
code for is refused with a reason, for a person to settle; nothing is sent as something that it is not.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from hotline.rules.findings import Findings
from hotline.vocabulary import (
    AgeGroup,
    ContentType,
    Extent,
    Gender,
    IccamAction,
    IccamStep,
    InhopeClass,
    Payment,
    Reason,
    SiteType,
    YesNo,
)

Code = int | bool

CLASSIFICATION = "classification"
AGE = "ageCategorization"
GENDER = "genderCategorization"
VIRTUAL = "virtualContentCategorization"
USER_GENERATED = "userGeneratedContentCategorization"
CHILD_MODELLING = "childModelingCategorization"
SITE_TYPE = "sourceUrlSiteType"
COMMERCIALITY = "sourceUrlCommerciality"
PAYMENT_METHODS = "sourceUrlPaymentMethods"
CONTENT_TYPE = "contentType"
ACTION, REASON_ID, REASON_TEXT = "actionType", "reasonId", "reasonText"

NOT_ILLEGAL, UNAVAILABLE = 6, 4  # actions, not classes; the only two that take a reason
YES_OR_NO: Mapping[StrEnum, Code] = {YesNo.YES: True, YesNo.NO: False}
CODES: Mapping[str, Mapping[StrEnum, Code]] = {
    CLASSIFICATION: {InhopeClass.BASELINE: 1, InhopeClass.NATIONAL: 2, InhopeClass.OUTSIDE_REMIT: 4},  # 4: ignore
    ACTION: {InhopeClass.NOT_ILLEGAL: NOT_ILLEGAL, InhopeClass.INACCESSIBLE: UNAVAILABLE},
    AGE: {
        AgeGroup.NOT_DETERMINED: 1,
        AgeGroup.INFANT: 2,
        AgeGroup.PRE_PUBESCENT: 3,
        AgeGroup.PUBESCENT: 4,
    },
    GENDER: {Gender.NOT_DETERMINED: 1, Gender.FEMALE: 2, Gender.MALE: 3, Gender.BOTH: 4},
    VIRTUAL: {Extent.FULLY: True, Extent.NO: False},
    USER_GENERATED: YES_OR_NO,
    CHILD_MODELLING: YES_OR_NO,
    SITE_TYPE: {
        SiteType.WEBSITE: 2,
        SiteType.FILE_HOST: 3,
        SiteType.IMAGE_STORE: 4,
        SiteType.IMAGE_BOARD: 5,
        SiteType.FORUM: 6,
        SiteType.BANNER_SITE: 7,
        SiteType.LINK_SITE: 8,
        SiteType.SOCIAL_NETWORKING: 9,
        SiteType.REDIRECTOR: 10,
        SiteType.WEB_ARCHIVE: 11,
        SiteType.SEARCH_PROVIDER: 18,
        SiteType.IMAGE_HOST: 20,
        SiteType.BLOG: 22,
        SiteType.NOT_APPLICABLE: 24,
    },
    COMMERCIALITY: {YesNo.NOT_DETERMINED: 1, YesNo.YES: 2, YesNo.NO: 3},
    PAYMENT_METHODS: {
        Payment.NOT_DETERMINED: 1,
        Payment.AMEX: 2,
        Payment.DINERS: 3,
        Payment.MASTERCARD: 4,
        Payment.PAYPAL: 5,
        Payment.VISA: 6,
        Payment.WESTERN_UNION: 7,
        Payment.OTHER: 8,
        Payment.NONE: 9,
        Payment.SMS: 10,
        Payment.EMAIL: 11,
        Payment.LIBERTY_RESERVE: 12,
        Payment.BITCOIN: 13,
    },
    CONTENT_TYPE: {ContentType.MEDIA: 1, ContentType.WEBSITE: 2},
    REASON_ID: {
        Reason.OTHER: 1,
        Reason.CONTENT_NOT_FOUND: 2,
        Reason.REFERRER_UNKNOWN: 3,
        Reason.UNABLE_TO_ACCESS: 4,
        Reason.PASSWORD_PROTECTED: 5,
        Reason.ACCOUNT_DISABLED: 6,
        Reason.LEGALLY_UNABLE_TO_ACCESS: 7,
        Reason.LINK_EXPIRED: 8,
        Reason.SITE_DOWN: 9,
        Reason.TEMPORARILY_UNAVAILABLE: 10,
        Reason.PREMIUM_ACCOUNT_NECESSARY: 11,
        Reason.MISSING_PARTS: 12,
        Reason.REMOVED_BEFORE_ASSESSMENT: 13,
        Reason.ADULT_PORNOGRAPHY: 14,
        Reason.NOT_SEXUALISED: 15,
        Reason.BELOW_THRESHOLD: 16,
        Reason.TOO_SMALL: 17,
        Reason.VIRTUAL_MATERIAL: 18,
        Reason.LINKING_ONLY: 19,
        Reason.AGE_UNCLEAR: 20,
        Reason.AGE_OVER_THRESHOLD: 21,
    },
}
YES_OR_NO_ONLY = "ICCAM asks only yes or no: a person settles which"
NO_REASON = "ICCAM takes no reason for what it ignores"
REFUSED: Mapping[str, Mapping[StrEnum, str]] = {
    VIRTUAL: {Extent.ALTERED: YES_OR_NO_ONLY, Extent.NOT_DETERMINED: YES_OR_NO_ONLY},
    USER_GENERATED: {YesNo.NOT_DETERMINED: YES_OR_NO_ONLY},
    CHILD_MODELLING: {YesNo.NOT_DETERMINED: YES_OR_NO_ONLY},
    REASON_ID: dict.fromkeys(
        (Reason.ADULTS_ONLY, Reason.OTHER_HARM, Reason.NO_ADDRESS_OF_CONTENT, Reason.SPAM), NO_REASON
    ),
}


DIFFER = "the two looks differ: a person settles which"
QUESTIONS: Mapping[str, str] = {  # what each field is asked as in the form
    CLASSIFICATION: "inhope_class",
    ACTION: "inhope_class",
    REASON_ID: "reason",
    AGE: "age",
    GENDER: "gender",
    VIRTUAL: "ai",
    USER_GENERATED: "self_generated",
    CHILD_MODELLING: "child_modelling",
    SITE_TYPE: "site_type",
    COMMERCIALITY: "commercial",
    PAYMENT_METHODS: "payment",
    CONTENT_TYPE: "content_type",
}
TO_CONFIRM: Mapping[str, frozenset[StrEnum]] = {
    CLASSIFICATION: frozenset({InhopeClass.OUTSIDE_REMIT}),
    CONTENT_TYPE: frozenset(ContentType),
}
"""Words whose code no public source tells in so many words: that «ignore» is what we call outside our remit, and the
content types of version 3."""


class Coded(NamedTuple):
    """A finding in ICCAM's codes by field, and what has none by field, with the reason."""

    codes: Mapping[str, Code | tuple[Code, ...]]
    refused: Mapping[str, str]


def coded(found: Findings) -> Coded:
    """Return a finding as ICCAM takes it. What was not answered is left out."""
    codes: dict[str, Code | tuple[Code, ...]] = {}
    refused: dict[str, str] = {}
    for field, word in _words(found).items():
        if word is None:
            continue
        if word in CODES[field]:
            codes[field] = CODES[field][word]
        else:
            refused[field] = REFUSED[field][word]
    if found.payment:
        codes[PAYMENT_METHODS] = tuple(sorted(CODES[PAYMENT_METHODS][one] for one in found.payment))
    return Coded(codes, refused)


class Line(NamedTuple):
    """One answer that a verdict rests on, in ICCAM's codes. `refused` says why it has none; then `code` is None."""

    field: str
    answers: tuple[StrEnum, ...]
    code: Code | tuple[Code, ...] | None
    refused: str
    is_to_confirm: bool

    @property
    def question(self) -> str:
        """Return the form's field that was answered."""
        return QUESTIONS[self.field]


def agreed(one: Findings, other: Findings) -> tuple[Line, ...]:
    """Return what two looks that agree come to in ICCAM's codes, field by field. What nobody answered is left out.

    They agree on the class and the law alone: where they differ in the rest, or only one has answered, no code is
    given.
    """
    first, second = _answers(one), _answers(other)
    fields = (field for field in QUESTIONS if first.get(field) or second.get(field))
    return tuple(_line(field, first.get(field, ()), second.get(field, ())) for field in fields)


def _line(field: str, first: tuple[StrEnum, ...], second: tuple[StrEnum, ...]) -> Line:
    answers = tuple(dict.fromkeys(first + second))
    if set(first) != set(second):
        return Line(field, answers, None, DIFFER, is_to_confirm=False)
    codes = tuple(sorted(CODES[field][one] for one in answers if one in CODES[field]))
    if not codes:
        return Line(field, answers, None, REFUSED[field][answers[0]], is_to_confirm=False)
    is_to_confirm = not TO_CONFIRM.get(field, frozenset()).isdisjoint(answers)
    return Line(field, answers, codes if field == PAYMENT_METHODS else codes[0], "", is_to_confirm)


def _answers(found: Findings) -> dict[str, tuple[StrEnum, ...]]:
    single: dict[str, tuple[StrEnum, ...]] = {field: (word,) for field, word in _words(found).items() if word}
    return single | {PAYMENT_METHODS: found.payment}


def _words(found: Findings) -> dict[str, StrEnum | None]:
    is_action = found.inhope_class in CODES[ACTION]
    return {
        ACTION if is_action else CLASSIFICATION: found.inhope_class,
        REASON_ID: found.reason,
        AGE: found.age,
        GENDER: found.gender,
        VIRTUAL: found.ai,
        USER_GENERATED: found.self_generated,
        CHILD_MODELLING: found.child_modelling,
        SITE_TYPE: found.site_type,
        COMMERCIALITY: found.commercial,
        CONTENT_TYPE: found.content_type,
    }


# --- What ICCAM is told, and in which order ---------------------------------------------------------------------------

REPORT, ASSESSMENT = "report", "assessment"
ASSESSED = (CLASSIFICATION, AGE, GENDER, VIRTUAL, USER_GENERATED, CHILD_MODELLING)
REPORT_FIELDS = (SITE_TYPE, COMMERCIALITY, PAYMENT_METHODS)
ACTIONS: Mapping[IccamAction, tuple[str, int | None]] = {  # our word: ICCAM's name, and its code
    IccamAction.REPORTED_TO_LEA: ("ReportedToLEA", 1),
    IccamAction.REPORTED_TO_ISP: ("ReportedToISP", 2),
    IccamAction.REMOVED: ("Removed", 3),
    IccamAction.UNAVAILABLE: ("Unavailable", UNAVAILABLE),
    IccamAction.MOVED: ("Moved", None),  # no action there: hosting and assigned country are changed instead
    IccamAction.NOT_ILLEGAL: ("NotIllegal", NOT_ILLEGAL),
}
WITH_REASON = {IccamAction.UNAVAILABLE, IccamAction.NOT_ILLEGAL}
REASON_NAMES: Mapping[int, str] = {
    1: "Other",
    2: "ContentNotFound",
    3: "ReferrerNotKnownOrIncorrect",
    4: "UnableToAccess",
    5: "PasswordProtected",
    6: "AccountDisabled",
    7: "LegallyUnableToAccess",
    8: "LinkExpired",
    9: "Error404NotFoundOrSiteDown",
    10: "Error503OrContentTemporarilyUnavailable",
    11: "PremiumAccountNecessary",
    12: "MissingPartsToOpenFile",
    13: "ContentRemovedBeforeAssessment",
    14: "AdultPornography",
    15: "NudismOrNotSexualized",
    16: "DoesNotMeetThresholdForIllegality",
    17: "ImagesTooSmall",
    18: "VirtualMaterial",
    19: "LinkingOrLinklistsNotIllegal",
    20: "AgeUnclearOrNotAssessable",
    21: "AgeOverNationalThreshold",
}
PLACES = {IccamStep.REPORT: 0, IccamStep.ASSESSMENT: 10, IccamStep.FIELD: 20, IccamStep.ACTION: 100}
MOST_NUMBER = 2_147_483_647
TO_SETTLE = None  # a code that a person has to choose: ours has no counterpart there


class Hosting(NamedTuple):
    """Who hosts an address, as far as anybody knows: empty where nobody does."""

    country: str = ""  # ISO 3166
    ip: str = ""
    isp: str = ""  # the network's name
    organisation: str = ""


class Planned(NamedTuple):
    """One step that ICCAM is to be told. `code` maps ICCAM's fields to codes; None where a person has to settle one."""

    step: IccamStep
    field: str
    place: int
    code: Mapping[str, Any]


def plan(lines: Iterable[Line], *, is_there: bool) -> tuple[Planned, ...]:
    """Return the steps for what two looks agree on, in the order ICCAM asks for, actions apart.

    `is_there`: ICCAM has the report. What was not answered is left out; a person settles what has no code there, what
    the two looks differ in, and whose code is to confirm.
    """
    codes = {one.field: TO_SETTLE if one.is_to_confirm else one.code for one in lines}
    steps = (
        [] if is_there else [Planned(IccamStep.REPORT, REPORT, PLACES[IccamStep.REPORT], _some(codes, CONTENT_TYPE))]
    )
    if CLASSIFICATION in codes:
        place = PLACES[IccamStep.ASSESSMENT]
        steps.append(Planned(IccamStep.ASSESSMENT, ASSESSMENT, place, _some(codes, *ASSESSED)))
    fields = [name for name in REPORT_FIELDS if name in codes]
    steps += [
        Planned(IccamStep.FIELD, name, PLACES[IccamStep.FIELD] + place, {name: codes[name]})
        for place, name in enumerate(fields)
    ]
    return tuple(steps)


def action(word: IccamAction, reason: Reason | None, *, earlier: int) -> Planned:
    """Return an action as a step behind `earlier` others. Raises ValueError for a reason too many, or missing."""
    name, code = ACTIONS[word]
    wants = word in WITH_REASON
    if wants != (reason is not None):
        raise ValueError("only what is unavailable or not illegal has a reason, and both have one")
    codes: dict[str, Any] = {} if code is None else {ACTION: code}
    if reason is not None:
        number = CODES[REASON_ID][reason]  # KeyError, which is none of ours, for what ICCAM has no reason for
        codes |= {REASON_ID: number, REASON_TEXT: REASON_NAMES[int(number)]}
    return Planned(IccamStep.ACTION, name, PLACES[IccamStep.ACTION] + earlier, codes)


def reasons(word: IccamAction) -> tuple[Reason, ...]:
    """Return the reasons that ICCAM takes for an action, in the order of its codes; none where it takes none."""
    known = CODES[REASON_ID]
    return tuple(sorted((Reason(one) for one in known), key=lambda one: known[one])) if word in WITH_REASON else ()


def is_settled(code: Mapping[str, Any]) -> bool:
    """Whether every field of a step has a code."""
    return TO_SETTLE not in code.values()


def url_fields(address: str, reference: str, hosting: Hosting) -> dict[str, Any]:
    """Return what a report says of one address beside its codes, by ICCAM's fields; empty where nobody knows it.

    Their names are UNVERIFIED, like the codes: they are those that other hotlines' connectors send. `memo` is left to a
    person: nothing that somebody wrote here goes there by itself.
    """
    return {
        "urlString": address,
        "hotlineReference": reference,
        "hostingCountryCode": hosting.country,
        "hostingIpAddress": hosting.ip,
        "hostingIsp": hosting.isp,
        "hostingOrganization": {"organizationName": hosting.organisation} if hosting.organisation else "",
        "isSourceUrl": True,
        "memo": "",
    }


def block(
    planned: Iterable[Planned], *, analyst: str, reference: str, address: str, hosting: Hosting, received: datetime
) -> str:
    """Return the text that a person copies into ICCAM: its fields, in its order and its spelling, one a line.

    `analyst` is a number of staff, never a name. What a person has to choose there has a question mark.
    """
    steps = {one.field: one for one in planned}
    report = steps[REPORT].code if REPORT in steps else {}
    lines: list[tuple[str, Any]] = []
    if REPORT in steps:
        lines += [
            ("reportingAnalystName", analyst),
            ("hotlineReceivedDate", f"{received:%Y-%m-%dT%H:%M:%SZ}"),
            ("hotlineReference", reference),
            ("memo", ""),
        ]
    lines += [(name, steps[name].code[name]) for name in REPORT_FIELDS if name in steps]
    if REPORT in steps:
        lines += [
            ("urls", ""),
            *((f"  {name}", value) for name, value in url_fields(address, reference, hosting).items()),
            *((f"  {name}", code) for name, code in report.items()),
        ]
    if ASSESSMENT in steps:
        lines += [("assessment", ""), ("  assessingAnalystName", analyst)]
        lines += [(f"  {name}", code) for name, code in steps[ASSESSMENT].code.items()]
    for one in planned:
        if one.step is IccamStep.ACTION:
            lines += [(f"action {one.field}", ""), ("  actioningAnalystName", analyst)]
            lines += [(f"  {name}", code) for name, code in one.code.items()]
    return "".join(f"{name}: {_written(code)}".rstrip() + "\n" for name, code in lines)


def number(text: str) -> int | None:
    """Return a number of ICCAM that somebody typed; None where it is none."""
    plain = text.strip()
    return (
        int(plain)
        if plain.isascii() and plain.isdecimal() and 0 < len(plain) <= 10 and int(plain) <= MOST_NUMBER
        else None
    )


def _some(codes: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: codes[name] for name in names if name in codes}


def _written(code: Any) -> str:
    if code is TO_SETTLE:
        return "?"
    if isinstance(code, bool):
        return "true" if code else "false"
    if isinstance(code, dict):
        return ", ".join(f"{name}: {value}" for name, value in code.items())
    return ", ".join(map(str, code)) if isinstance(code, (tuple, list)) else str(code)
