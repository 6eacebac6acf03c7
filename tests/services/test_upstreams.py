"""Who stands above a recipient's network, as people note it: no circle, however long, and nobody twice."""

import itertools

import pytest
from flask import Flask

from hotline.errors import NotFound, Refused
from hotline.models import Recipient
from hotline.rules.entries import Entry
from hotline.services import audit, directory, upstreams
from hotline.transactions import writing
from hotline.vocabulary import Language, RecipientKind
from tests.services import steps

pytestmark = pytest.mark.usefixtures("office")


def entry(name: str, kind: RecipientKind = RecipientKind.HOSTING_PROVIDER) -> Recipient:
    with writing():
        return directory.enter(Entry(name, kind, f"abuse@{name}.example", "NL", Language.EN), by=steps.team()[0])


def stack(*entries: Recipient) -> None:
    """Let each stand above the one before."""
    for low, high in itertools.pairwise(entries):
        with writing():
            upstreams.add(low, high.ref, by=steps.team()[0])


def refused(low: Recipient, high: Recipient) -> str:
    with pytest.raises(Refused) as caught, writing():
        upstreams.add(low, high.ref, by=steps.team()[0])
    return caught.value.faults[0][1]


def test_the_nearest_come_first_and_not_beyond_where_anybody_knows_the_host(office: Flask) -> None:
    chain = [entry(f"net{number}") for number in range(8)]
    stack(*chain)

    assert upstreams.list_above(chain[:1]) == chain[1 : 1 + upstreams.FURTHEST]
    assert audit.count(f"recipient {chain[0].ref}", "noted who stands above it") == 1


def test_nobody_stands_above_himself_however_far_up_and_whoever_is_switched_off() -> None:
    chain = [entry(f"net{number}") for number in range(8)]
    stack(*chain)
    assert refused(chain[-1], chain[0]) == "circle"
    with writing():
        directory.switch(chain[1], on=False, by=steps.team()[0])

    assert refused(chain[2], chain[0]) == "circle"
    assert refused(chain[0], chain[0]) == "required"
    assert refused(chain[0], chain[1]) == "required"  # switched off
    assert refused(chain[2], chain[3]) == "taken"


@pytest.mark.parametrize("kind", [RecipientKind.CDN, RecipientKind.REGISTRAR, RecipientKind.POLICE])
def test_only_where_a_host_is_told_somebody_stands_above(kind: RecipientKind) -> None:
    low, high = entry("low", kind), entry("high")

    assert refused(low, high) == "required"
    assert upstreams.list_choices(low) == []


def test_who_was_taken_away_is_offered_no_more() -> None:
    low, high = entry("low"), entry("high")
    stack(low, high)
    number = upstreams.of(low)[0].id

    with writing():
        upstreams.remove(low, number, by=steps.team()[0])

    assert upstreams.list_above([low]) == []
    with pytest.raises(NotFound), writing():
        upstreams.remove(low, number, by=steps.team()[0])
