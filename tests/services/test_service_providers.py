"""The directory of services: entered, changed with a version, verified, seeded with its doubts; who may see it."""

from dataclasses import replace
from datetime import timedelta

import pysequoia
import pytest
from flask import Flask

from hotline import jurisdiction
from hotline.errors import NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models.staff import Staff
from hotline.rules.service_entries import ServiceEntry
from hotline.services import audit, service_providers, staff
from hotline.transactions import writing
from hotline.vocabulary import KeyKind, Language, Need, RecipientSource, Role
from tests.services import steps

ENTRY = ServiceEntry(
    "Quiet House",
    "ផ្ទះស្ងប់",
    (Need.SHELTER, Need.SAFETY),
    ("KH-12",),
    6,
    17,
    "",
    "",
    Language.KM,
    "in@quiet.example",
    "",
    "",
    "",
)


@pytest.fixture
def officer(office: Flask) -> Staff:
    with writing():
        return staff.add("nita", "a long enough password", (Role.VICTIM_SUPPORT,), language=Language.EN, by=None)


def entered(officer: Staff, entry: ServiceEntry = ENTRY) -> str:
    with writing():
        return service_providers.enter(entry, by=officer).ref


def test_only_victim_support_and_managers_see_the_directory(officer: Staff) -> None:
    ref, analyst = entered(officer), steps.team()[0]

    assert service_providers.get(ref, by=officer).needs == (Need.SHELTER, Need.SAFETY)
    with pytest.raises(NotFound):
        service_providers.get(ref, by=analyst)
    with pytest.raises(NotFound):
        service_providers.list_all(by=analyst)


def test_a_name_stands_once_however_it_is_written(officer: Staff) -> None:
    entered(officer)

    with pytest.raises(Refused) as refusal, writing():
        service_providers.enter(replace(ENTRY, name="QUIET house"), by=officer)

    assert refusal.value.faults == (("name", "taken"),)


def test_reached_otherwise_it_has_to_be_verified_anew(officer: Staff) -> None:
    ref = entered(officer)
    with writing():
        service_providers.verify(service_providers.get(ref, by=officer), by=officer)
    with writing():
        one = service_providers.get(ref, by=officer)
        assert service_providers.change(one, replace(ENTRY, capacity="3 beds"), version=one.version, by=officer)
        assert one.verified_on == jurisdiction.today()
    with writing():
        one = service_providers.get(ref, by=officer)
        assert service_providers.change(
            one, replace(ENTRY, mailbox="new@quiet.example"), version=one.version, by=officer
        )

    assert service_providers.get(ref, by=officer).verified_on is None
    assert [entry.action for entry in audit.history(f"service {ref}")] == [
        "added a service",
        "verified a service",
        "changed a service",
        "changed a service",
    ]


def test_two_who_change_at_once_do_not_overwrite_each_other(officer: Staff) -> None:
    ref = entered(officer)
    with writing():
        one = service_providers.get(ref, by=officer)
        service_providers.change(one, replace(ENTRY, takes="girls"), version=1, by=officer)

    with pytest.raises(Overtaken), writing():
        service_providers.change(service_providers.get(ref, by=officer), ENTRY, version=1, by=officer)

    db.session.expire_all()
    assert service_providers.get(ref, by=officer).takes == "girls"


def test_what_changes_nothing_leaves_no_trace(officer: Staff) -> None:
    ref = entered(officer)

    with writing():
        assert not service_providers.change(service_providers.get(ref, by=officer), ENTRY, version=1, by=officer)

    assert len(audit.history(f"service {ref}")) == 1


def test_services_that_fit_come_with_those_verified_lately_first(officer: Staff) -> None:
    old, new = entered(officer), entered(officer, replace(ENTRY, name="Other House"))
    entered(officer, replace(ENTRY, name="Far House", provinces=("KH-17",)))
    off = entered(officer, replace(ENTRY, name="Closed House"))
    with writing():
        service_providers.verify(service_providers.get(new, by=officer), by=officer)
        service_providers.switch(service_providers.get(off, by=officer), on=False, by=officer)
        service_providers.get(old, by=officer).verified_on = jurisdiction.today() - timedelta(days=400)

    found = service_providers.list_fitting(Need.SHELTER, "KH-12", 9, by=officer)

    assert [(one.provider.ref, one.is_stale) for one in found] == [(new, False), (old, True)]
    assert service_providers.list_fitting(Need.LEGAL, "KH-12", 9, by=officer) == []


def test_a_key_is_put_and_taken_away(officer: Staff) -> None:
    ref, key = entered(officer), pysequoia.Tsk.generate("in@quiet.example").extract_certificate()
    with writing():
        service_providers.put_key(service_providers.get(ref, by=officer), "openpgp", str(key), by=officer)
    assert service_providers.get(ref, by=officer).key_kind is KeyKind.OPENPGP

    with pytest.raises(Refused), writing():
        service_providers.put_key(service_providers.get(ref, by=officer), "openpgp", "no key", by=officer)
    with writing():
        service_providers.take_key(service_providers.get(ref, by=officer), by=officer)

    assert service_providers.get(ref, by=officer).key_material is None
    with pytest.raises(WrongState), writing():
        service_providers.take_key(service_providers.get(ref, by=officer), by=officer)


def test_the_seed_comes_once_unverified_with_its_doubts(officer: Staff) -> None:
    with writing():
        added = service_providers.seed()

    assert len(added) == len(jurisdiction.current().helpers)
    for one in added:
        assert (one.verified_on, one.mailbox, one.source) == (None, "", RecipientSource.SEED)
        assert one.doubt
        assert service_providers.doubt_of(one, Language.KM) not in {"", one.doubt}
    with writing():
        assert service_providers.seed() == []


def test_the_seed_leaves_what_people_entered_themselves(officer: Staff) -> None:
    own = jurisdiction.current().helpers[0].names[Language.EN]
    ref = entered(officer, replace(ENTRY, name=own))

    with writing():
        added = service_providers.seed()

    assert own not in {one.name for one in added}
    assert service_providers.get(ref, by=officer).mailbox == ENTRY.mailbox


def test_every_province_has_a_name_in_both_languages(office: Flask) -> None:
    found = jurisdiction.current().provinces

    assert len(found) == 25
    assert all(names[lang] for names in found.values() for lang in Language)
