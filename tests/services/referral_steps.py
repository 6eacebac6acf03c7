"""Services, agreements and referrals that tests need. They ask for an app that holds the key of victim files."""

import dataclasses
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from hotline import jurisdiction
from hotline.extensions import db
from hotline.models.consent import Consent
from hotline.models.referral import Referral
from hotline.models.service_provider import ServiceProvider
from hotline.models.victim_case import CasePerson, VictimCase
from hotline.rules.consents import Said
from hotline.rules.service_entries import ServiceEntry
from hotline.services import consents, referral_sending, referrals, service_providers
from hotline.services.consents import Typed
from hotline.transactions import writing
from hotline.vocabulary import ConsentAnswer, KeyKind, Language, Need, PersonPart, ReferralMeans, Share
from tests.services import case_steps

WORDS = "Please see her this week."
MAILBOX = "care@legal-aid.example"
SHARES = (Share.NAME, Share.AGE, Share.CONTACT, Share.NEED)


def a_service(
    name: str = "Example Legal Aid", *, key: str = "", verified: bool = True, **known: object
) -> ServiceProvider:
    """Enter a service that helps with legal protection, checked today, unless `known` says otherwise."""
    entry = ServiceEntry(
        **{
            "name": name,
            "name_km": "",
            "needs": (Need.LEGAL,),
            "provinces": (),
            "age_from": None,
            "age_to": None,
            "takes": "",
            "capacity": "",
            "language": Language.EN,
            "mailbox": MAILBOX,
            "phone": "023 000 000",
            "place": "",
            "doubt": "",
            **known,
        }
    )
    by = case_steps.officer()
    with writing():
        added = service_providers.enter(entry, by=by)
        if key:
            service_providers.put_key(added, KeyKind.SMIME if "CERTIFICATE" in key else KeyKind.OPENPGP, key, by=by)
        if verified:
            service_providers.verify(added, by=by)
    return added


def agreed(one: VictimCase, to: ServiceProvider, *, shares: tuple[Share, ...] = SHARES) -> list[CasePerson]:
    """Let a guardian and the child agree that a service is told; return the two, added where they are not there."""
    people = asked(one) or [
        case_steps.somebody(one, "the child", part=PersonPart.CHILD),
        case_steps.somebody(one, "the aunt"),
    ]
    for person in people:
        answer(one, to, person, shares=shares)
    return people


def asked(one: VictimCase) -> list[CasePerson]:
    """Return the child and the guardians of a case, the child first."""
    parts = (PersonPart.CHILD, PersonPart.GUARDIAN)
    mine = select(CasePerson).where(CasePerson.case_id == one.id, CasePerson.part.in_(parts), ~CasePerson.is_suspect)
    return list(db.session.scalars(mine.order_by(CasePerson.id)))


def answer(
    one: VictimCase,
    to: ServiceProvider,
    person: CasePerson,
    said: ConsentAnswer = ConsentAnswer.AGREES,
    *,
    shares: tuple[Share, ...] = SHARES,
) -> None:
    """Note what somebody answers about a service."""
    today = jurisdiction.today()
    typed = Typed(
        person_id=person.id,
        answer=said,
        said=Said(words="yes", language="Khmer", shares=shares),
        asked_on=today,
        ask_again_on=today + timedelta(days=30),
    )
    with writing():
        consents.record(one, to, typed, by=one.officer)


def taken_back(one: VictimCase, person: CasePerson) -> None:
    """Let somebody take their agreement back."""
    with writing():
        row = db.session.query(Consent).filter_by(case_id=one.id, person_id=person.id, ended_at=None).one()
        consents.withdraw(row, "no more", by=one.officer)


def drafted(
    one: VictimCase, to: ServiceProvider, *, words: str = WORDS, left_out: tuple[Share, ...] = (), days: int = 30
) -> Referral:
    """Draft a referral for legal protection."""
    with writing():
        return referrals.draft(
            one,
            Need.LEGAL,
            to.ref,
            words=words,
            use_until=jurisdiction.today() + timedelta(days=days),
            language=Language.EN,
            left_out=left_out,
            by=one.officer,
        )


def let_go(referral: Referral, means: ReferralMeans = ReferralMeans.PRINTED) -> Referral:
    """Let a draft go."""
    with writing():
        referral_sending.let_go(referral, means, version=referral.version, by=referral.case.officer)
    return referral


def mails(app: Flask, url: str = "smtp://127.0.0.1:9") -> None:
    """Let the portal have a mail server."""
    found = app.extensions["hotline.settings"]
    app.extensions["hotline.settings"] = dataclasses.replace(found, smtp_url=url)
