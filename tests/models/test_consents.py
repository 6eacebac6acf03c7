"""Consent and what leaves on it: what the database itself refuses, whatever our code may do."""

import itertools
from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from hotline import clock
from hotline.extensions import db
from hotline.models import CasePerson, Consent, Identification, Override, Referral, ServiceProvider, VictimCase
from hotline.rules import consents as rules
from hotline.rules.consents import Heard
from hotline.transactions import writing
from hotline.vocabulary import (
    CaseSource,
    ConsentAnswer,
    Language,
    Need,
    OverrideBasis,
    OverrideDecision,
    PersonPart,
    ReferralMeans,
    Voice,
)
from tests.models.test_gate import refused, write
from tests.services import police_steps, steps
from tests.stores import Stores

SHUT, FROZEN = "nobody has agreed to this", "this record is frozen"
SUSPECTED, UNHEARD, UNERASED = "a suspect is never asked", "this voice is not theirs", "its case is not erased"
NOW = {"noted_at": clock.now(), "asked_on": date(2026, 11, 20), "body": b"sealed"}
Pair = tuple[int, int]


def by() -> int:
    return steps.team()[0].id


def case(ref: str = "VC-1") -> int:
    known = {"source": CaseSource.TELEPHONE, "file": b"sealed", "opened_at": clock.now()}
    return write(insert(VictimCase).values(ref=ref, officer_id=by(), opened_by_id=by(), **known))


def person(case_id: int, part: PersonPart, **more: object) -> int:
    known = {"case_id": case_id, "part": part, "body": b"sealed", "added_at": clock.now(), "added_by_id": by()}
    return write(insert(CasePerson).values(known | more))


def service(ref: str = "SV-1") -> int:
    known = {"name": f"Quiet House {ref}", "changed_at": clock.now(), "language": Language.KM, "active": True}
    return write(insert(ServiceProvider).values(ref=ref, **known))


def unit() -> int:
    return police_steps.unit().id


def answer(case_id: int, person_id: int, voice: Voice, said: ConsentAnswer, **to: object):
    known = {"case_id": case_id, "person_id": person_id, "voice": voice, "answer": said, "noted_by_id": by()}
    return insert(Consent).values(NOW | known | to)


def override(case_id: int, basis: OverrideBasis = OverrideBasis.BEST_INTERESTS, **to: object):
    known = {"case_id": case_id, "basis": basis, "body": b"sealed", "decided_by_id": by(), "decided_at": clock.now()}
    return insert(Override).values(known | to)


def reviewed(override_id: int, decision: OverrideDecision, who: int | None = None):
    row = update(Override).where(Override.id == override_id)
    return row.values(decision=decision, reviewed_by_id=who or steps.team()[1].id, reviewed_at=clock.now())


def referral(case_id: int, provider_id: int, ref: str = "RF-1", **more: object):
    known = {"need": Need.SHELTER, "language": Language.KM, "package": b"sealed", "tries": 0, "drafted_by_id": by()}
    place = {"ref": ref, "case_id": case_id, "provider_id": provider_id, "status": "draft", "drafted_at": clock.now()}
    return insert(Referral).values(known | place | more)


def package(case_id: int, unit_id: int, ref: str = "VP-1"):
    known = {"language": Language.KM, "package": b"sealed", "drafted_by_id": by(), "drafted_at": clock.now()}
    return insert(Identification).values(ref=ref, case_id=case_id, unit_id=unit_id, status="draft", **known)


def sent(referral_id: int, override_id: int | None = None):
    told = {"status": "pending", "means": ReferralMeans.PRINTED, "sent_at": clock.now()}
    on = {"override_id": override_id} if override_id else {}
    return update(Referral).where(Referral.id == referral_id).values(told | on)


def queued(referral_id: int, **more: object):
    return update(Referral).where(Referral.id == referral_id).values({"queued_at": clock.now(), **more})


def handed_over(package_id: int, override_id: int | None = None):
    how = {"handed_by": "in_person", "handed_to": b"sealed", "handed_over_by_id": by(), "handed_over_at": clock.now()}
    row = update(Identification).where(Identification.id == package_id)
    return row.values(status="handed_over", override_id=override_id, **how)


@pytest.fixture
def family(office: Flask) -> tuple[int, int, int, int]:
    """Return a case, its child, a guardian, and a service."""
    one = case()
    return one, person(one, PersonPart.CHILD), person(one, PersonPart.GUARDIAN), service()


def agree(family: tuple[int, int, int, int]) -> Pair:
    """Let child and guardian agree; return the numbers of their answers."""
    one, child, guardian, to = family
    yes = ConsentAnswer.AGREES
    return (
        write(answer(one, child, Voice.CHILD, yes, provider_id=to)),
        write(answer(one, guardian, Voice.GUARDIAN, yes, provider_id=to)),
    )


def combinations() -> Iterator[tuple[tuple[Voice, ConsentAnswer], ...]]:
    """Yield every set of answers that can stand at once, one of each voice."""
    both = (None, ConsentAnswer.AGREES, ConsentAnswer.DECLINES)
    for child, guardian, of_age in itertools.product((*both, ConsentAnswer.UNABLE), both, both):
        said = ((Voice.CHILD, child), (Voice.GUARDIAN, guardian), (Voice.SELF, of_age))
        yield tuple((voice, one) for voice, one in said if one is not None)


def lets(statement) -> bool:
    """Whether the database lets a statement pass; what it did is undone."""
    try:
        with db.session.begin_nested() as step:
            db.session.execute(statement)
            step.rollback()
    except IntegrityError as fault:
        if SHUT not in str(fault.orig):
            raise
        return False
    return True


@pytest.mark.parametrize("kind", ["service", "police"])
def test_rule_and_database_say_the_same_of_every_combination(office: Flask, kind: str) -> None:
    # The rules ask for more before something new is let go: a decision that nobody looked at in time lets nothing new
    # go (`Standing.waits_for_second`). The database knows no clock, and what was let go before goes on.
    to = {"provider_id": service()} if kind == "service" else {"unit_id": unit()}
    one = case()
    people = {
        Voice.CHILD: person(one, PersonPart.CHILD),
        Voice.SELF: person(one, PersonPart.CHILD),
        Voice.GUARDIAN: person(one, PersonPart.GUARDIAN),
    }
    thing = write(referral(one, to["provider_id"]) if kind == "service" else package(one, to["unit_id"]))
    leaves = sent if kind == "service" else handed_over
    decisions = {
        (basis, decision): write(override(one, basis, **to))
        for basis, decision in itertools.product(OverrideBasis, (None, *OverrideDecision))
    }
    for (_basis, decision), number in decisions.items():
        if decision is not None:
            write(reviewed(number, decision))
    differ, passed = [], 0

    with writing():
        for said in combinations():
            with db.session.begin_nested() as step:
                for voice, word in said:
                    db.session.execute(answer(one, people[voice], voice, word, **to))
                heard = [Heard(voice, word, frozenset(), clock.now()) for voice, word in said]
                found = {None: lets(leaves(thing))} | {key: lets(leaves(thing, at)) for key, at in decisions.items()}
                ruled = {None: rules.consented(heard)} | {key: rules.acts(*key) for key in decisions}
                differ += [(said, key) for key in found if found[key] is not ruled[key]]
                passed += sum(found.values())
                step.rollback()

    assert differ == []
    assert passed == 36 * 5 + 8  # four upheld and one danger now, whatever is said; eight sets of answers by themselves


def test_a_letter_is_not_even_queued_without_consent_and_leaves_with_it(family: tuple[int, int, int, int]) -> None:
    one, _child, _guardian, to = family
    letter = write(referral(one, to))
    refused(queued(letter), SHUT)
    refused(referral(one, to, "RF-2", queued_at=clock.now()), SHUT)
    refused(referral(one, to, "RF-3", status="pending", means="printed", sent_at=clock.now()), SHUT)
    agree(family)

    write(queued(letter))
    write(queued(letter, leased_until=clock.now()))
    write(sent(letter))


def test_a_withdrawal_between_queueing_and_sending_stops_the_letter(family: tuple[int, int, int, int]) -> None:
    one, _child, _guardian, to = family
    letter = write(referral(one, to))
    first, _second = agree(family)
    write(queued(letter))
    write(update(Consent).where(Consent.id == first).values(ended_at=clock.now(), ended_by_id=by(), withdrawn=True))

    refused(queued(letter, leased_until=clock.now()), SHUT)
    refused(sent(letter), SHUT)
    write(update(Referral).values(queued_at=None, letter=None, leased_until=None))
    refused(queued(letter), SHUT)


@pytest.mark.parametrize("other", ["case", "service"])
def test_what_was_agreed_for_one_case_and_one_service_counts_for_no_other(
    family: tuple[int, int, int, int], other: str
) -> None:
    agree(family)
    one, to = (case("VC-2"), family[3]) if other == "case" else (family[0], service("SV-2"))

    refused(sent(write(referral(one, to))), SHUT)
    decided = write(override(family[0], OverrideBasis.DANGER_NOW, provider_id=family[3]))
    refused(sent(write(referral(one, to, "RF-2")), decided), SHUT)


def test_consent_for_a_service_is_none_for_the_police(family: tuple[int, int, int, int]) -> None:
    agree(family)

    refused(handed_over(write(package(family[0], unit()))), SHUT)


def test_what_the_police_have_is_a_fact_and_its_mark_stays(family: tuple[int, int, int, int]) -> None:
    one, child, _guardian, _to = family
    unit_id = unit()
    first, second = write(package(one, unit_id)), write(package(one, unit_id, "VP-2"))

    refused(handed_over(first), SHUT)
    refused(handed_over(first).values(although="ended_since"), SHUT)  # nobody has ever agreed to it
    refused(handed_over(first).values(although="not_then", status="closed"), SHUT)
    write(handed_over(first).values(although="not_then"))
    refused(update(Identification).where(Identification.id == first).values(although=None), FROZEN)
    yes = write(answer(one, child, Voice.SELF, ConsentAnswer.AGREES, unit_id=unit_id))
    write(update(Consent).where(Consent.id == yes).values(ended_at=clock.now(), ended_by_id=by(), withdrawn=True))
    write(update(Identification).where(Identification.id == second).values(status="withdrawn"))
    refused(handed_over(second), SHUT)
    write(handed_over(second).values(although="ended_since"))


def test_a_suspect_is_never_asked_and_nobody_is_named_so_while_an_answer_stands(
    family: tuple[int, int, int, int],
) -> None:
    one, _child, guardian, to = family
    suspect = person(one, PersonPart.GUARDIAN, is_suspect=True)
    refused(answer(one, suspect, Voice.GUARDIAN, ConsentAnswer.AGREES, provider_id=to), SUSPECTED)
    _first, second = agree(family)
    named = update(CasePerson).where(CasePerson.id == guardian)

    refused(named.values(is_suspect=True), SUSPECTED)
    refused(named.values(part=PersonPart.CHILD), SUSPECTED)
    write(update(Consent).where(Consent.id == second).values(ended_at=clock.now(), ended_by_id=by()))
    write(named.values(is_suspect=True))


@pytest.mark.parametrize(
    ("part", "voice"),
    [
        (PersonPart.CHILD, Voice.GUARDIAN),
        (PersonPart.GUARDIAN, Voice.CHILD),
        (PersonPart.GUARDIAN, Voice.SELF),
        (PersonPart.OTHER, Voice.SELF),
    ],
)
def test_nobody_answers_in_a_voice_that_is_not_theirs(
    family: tuple[int, int, int, int], part: PersonPart, voice: Voice
) -> None:
    somebody = person(family[0], part)

    refused(answer(family[0], somebody, voice, ConsentAnswer.AGREES, provider_id=family[3]), UNHEARD)


def test_nobody_of_another_case_answers(family: tuple[int, int, int, int]) -> None:
    other = person(case("VC-2"), PersonPart.CHILD)

    refused(answer(family[0], other, Voice.CHILD, ConsentAnswer.AGREES, provider_id=family[3]), UNHEARD)


def test_only_a_child_is_unable_to_say_and_an_answer_is_about_one_recipient(
    family: tuple[int, int, int, int],
) -> None:
    one, child, guardian, to = family

    refused(answer(one, guardian, Voice.GUARDIAN, ConsentAnswer.UNABLE, provider_id=to), "unable")
    refused(answer(one, child, Voice.CHILD, ConsentAnswer.AGREES), "one_recipient")
    refused(answer(one, child, Voice.CHILD, ConsentAnswer.AGREES, provider_id=to, unit_id=unit()), "one_recipient")


def test_one_answer_of_a_person_stands(family: tuple[int, int, int, int]) -> None:
    one, child, _guardian, to = family
    agree(family)
    again = answer(one, child, Voice.CHILD, ConsentAnswer.DECLINES, provider_id=to)

    refused(again, "frozen" if db.engine.dialect.name == "sqlite" else "ix_consents_provider")
    write(update(Consent).where(Consent.person_id == child).values(ended_at=clock.now(), ended_by_id=by()))
    write(again)


def test_an_answer_is_frozen_ends_once_and_stays(family: tuple[int, int, int, int]) -> None:
    first, _second = agree(family)
    mine = update(Consent).where(Consent.id == first)
    later = {"voice": "self", "answer": "declines", "body": b"other", "asked_on": date(2026, 11, 21)}
    placed = {"case_id": family[0], "person_id": family[2], "provider_id": None, "unit_id": 1, "noted_by_id": by()}

    for column, value in {**later, **placed, "noted_at": clock.now()}.items():
        refused(mine.values({column: value}), FROZEN)
    write(mine.values(ended_at=clock.now(), ended_by_id=by(), withdrawn=True))
    refused(mine.values(ended_at=None, ended_by_id=None), FROZEN)
    refused(mine.values(withdrawn=False), FROZEN)
    refused(delete(Consent), UNERASED)


def test_a_decision_is_looked_at_once_by_another_and_never_changed(family: tuple[int, int, int, int]) -> None:
    one, to = family[0], family[3]
    upheld = {"decision": "upheld", "reviewed_by_id": steps.team()[1].id, "reviewed_at": clock.now()}
    refused(override(one, provider_id=to, **upheld), FROZEN)
    decided = write(override(one, provider_id=to))

    refused(reviewed(decided, OverrideDecision.UPHELD, by()), "two_people")
    for column, value in {"basis": "danger_now", "body": b"other", "decided_at": clock.now()}.items():
        refused(update(Override).values({column: value}), FROZEN)
    write(reviewed(decided, OverrideDecision.ENDED))
    refused(reviewed(decided, OverrideDecision.UPHELD), FROZEN)
    refused(delete(Override), UNERASED)


def test_what_left_is_never_changed_nor_a_draft_again(family: tuple[int, int, int, int]) -> None:
    one, to = family[0], family[3]
    agree(family)
    letter = write(referral(one, to))
    write(sent(letter))

    for column, value in {"package": b"other", "need": "legal", "language": "en", "override_id": 1}.items():
        refused(update(Referral).values({column: value}), FROZEN)
    refused(update(Referral).values(status="draft"), FROZEN)
    refused(delete(Referral), UNERASED)
    write(update(Referral).values(status="revoked", revoke_reason="consent_withdrawn"))
    refused(update(Referral).values(status="pending"), FROZEN)


@pytest.mark.parametrize("model", [Consent, Override, Referral])
def test_no_row_is_put_in_the_place_of_another(family: tuple[int, int, int, int], stores: Stores, model: type) -> None:
    agree(family)
    write(override(family[0], provider_id=family[3]))
    write(referral(family[0], family[3]))
    table = model.__table__
    again = insert(table).from_select(table.columns.keys(), select(table)).prefix_with("OR REPLACE")
    replace = {"sqlite": again, "postgresql": text(f"TRUNCATE {table.name} CASCADE")}

    with pytest.raises(Exception, match=r"frozen|agreed"):
        write(replace[stores.engine])


def test_nobody_replaces_a_standing_answer_by_a_newer_one(family: tuple[int, int, int, int], stores: Stores) -> None:
    first, _second = agree(family)
    if stores.engine == "sqlite":
        one, child, _guardian, to = family
        newer = answer(one, child, Voice.CHILD, ConsentAnswer.DECLINES, provider_id=to).prefix_with("OR REPLACE")
        refused(newer, FROZEN)

    assert db.session.scalar(select(Consent.answer).where(Consent.id == first)) is ConsentAnswer.AGREES
