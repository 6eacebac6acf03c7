"""Answers about services that several tests need. Their tests ask for the fixture `support`."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import update

from hotline import clock, jurisdiction
from hotline.extensions import db
from hotline.models import CasePerson, Clock, Referral, ServiceProvider, VictimCase
from hotline.rules.consents import Said
from hotline.rules.service_entries import ServiceEntry
from hotline.services import consents, service_providers
from hotline.services.consents import To, Typed
from hotline.transactions import writing
from hotline.vocabulary import ConsentAnswer, Duty, Language, Need, PersonPart, ReferralStatus, Share
from tests.services import case_steps

SHARES = (Share.NAME, Share.AGE, Share.NEED)


class Family(NamedTuple):
    """A case, the child and a guardian, and a service."""

    one: VictimCase
    child: CasePerson
    guardian: CasePerson
    to: ServiceProvider


def service(name: str = "Quiet House") -> ServiceProvider:
    """Add a service to the directory."""
    entry = ServiceEntry(name, "ផ្ទះស្ងប់", (Need.SHELTER,), (), None, None, "", "", Language.KM, "", "", "", "")
    with writing():
        return service_providers.enter(entry, by=case_steps.officer())


def family(**known: str) -> Family:
    """Open a case with a child, a guardian, and a service they may be asked about."""
    one = case_steps.a_case(**known)
    child = case_steps.somebody(one, "Chan Sreyneang", part=PersonPart.CHILD)
    return Family(one, child, case_steps.somebody(one), service())


def typed(
    person: CasePerson | int,
    answer: ConsentAnswer = ConsentAnswer.AGREES,
    *,
    shares: tuple[Share, ...] = SHARES,
    **said: str,
) -> Typed:
    """Return an answer as a form brings it; `said` are more of its words."""
    words = Said(**{"words": "quiet words", "language": "Khmer", "capacity": "says it back", "shares": shares} | said)
    number = person if isinstance(person, int) else person.id
    today = jurisdiction.today()
    return Typed(number, answer, words, today, today + timedelta(days=30))


def says(
    one: VictimCase,
    person: CasePerson,
    to: To,
    answer: ConsentAnswer = ConsentAnswer.AGREES,
    *,
    shares: tuple[Share, ...] = SHARES,
    **said: str,
) -> list[Referral]:
    """Write down what somebody says; return the letters that stop."""
    with writing():
        return consents.record(one, to, typed(person, answer, shares=shares, **said), by=one.officer)


def all_agree(found: Family) -> None:
    """Let child and guardian agree."""
    says(found.one, found.child, found.to)
    says(found.one, found.guardian, found.to)


def second_person_is_late() -> None:
    """Let the time run out in which a second person looks at decisions without consent."""
    ran_out = clock.now() - timedelta(minutes=1)
    with writing():
        db.session.execute(update(Clock).where(Clock.duty == Duty.REVIEW_OVERRIDE).values(due_at=ran_out))


def letter(found: Family, ref: str = "RF-1", **more: object) -> Referral:
    """Draft a letter to the service, without a package anybody could read; `more` are columns set afterwards."""
    with writing():
        made = Referral(
            ref=ref,
            case_id=found.one.id,
            provider_id=found.to.id,
            need=Need.SHELTER,
            status=ReferralStatus.DRAFT,
            language=Language.KM,
            package=b"sealed",
            drafted_by_id=found.one.officer_id,
            drafted_at=clock.now(),
        )
        db.session.add(made)
        db.session.flush()
        for name, value in more.items():
            setattr(made, name, value)
    return made
