"""The gate: the table of channels, and that the database holds the same one."""

import itertools
import sqlite3

import pytest

from hotline.models.notice import GATE
from hotline.rules import gate
from hotline.vocabulary import Channel, CorrectionReason, InhopeClass, LawVerdict

HOST, PARTNER, POLICE = Channel.HOST, Channel.PARTNER, Channel.POLICE
TABLE = {
    (InhopeClass.BASELINE, LawVerdict.ILLEGAL): {HOST, PARTNER, POLICE},
    (InhopeClass.BASELINE, LawVerdict.NOT_ILLEGAL): {HOST, PARTNER, POLICE},
    (InhopeClass.BASELINE, LawVerdict.ADVISER): {HOST, PARTNER, POLICE},
    (InhopeClass.NATIONAL, LawVerdict.ILLEGAL): {HOST, PARTNER, POLICE},
    (InhopeClass.NATIONAL, LawVerdict.NOT_ILLEGAL): {PARTNER, POLICE},
    (InhopeClass.NATIONAL, LawVerdict.ADVISER): {PARTNER, POLICE},
    (InhopeClass.NOT_ILLEGAL, LawVerdict.ILLEGAL): {HOST, POLICE},
    (InhopeClass.INACCESSIBLE, LawVerdict.ILLEGAL): {HOST, POLICE},
    (InhopeClass.OUTSIDE_REMIT, LawVerdict.ILLEGAL): {HOST, POLICE},
}
CHECKED = {
    "needs_another": "second_person",
    "mailbox_is_current": "mailbox",
    "mailbox_is_verified": "unverified",
    "addresses_are_exact": "addresses",
}
EVERY = list(itertools.product(InhopeClass, LawVerdict))


@pytest.mark.parametrize(("inhope_class", "law"), EVERY)
def test_a_verdict_opens_what_the_table_says(inhope_class: InhopeClass, law: LawVerdict) -> None:
    assert set(gate.channels(inhope_class, law, in_danger=False)) == TABLE.get((inhope_class, law), set())


@pytest.mark.parametrize(("inhope_class", "law"), EVERY)
def test_a_child_in_danger_opens_the_police_too_and_nothing_else(inhope_class: InhopeClass, law: LawVerdict) -> None:
    assert set(gate.channels(inhope_class, law, in_danger=True)) == TABLE.get((inhope_class, law), set()) | {POLICE}


@pytest.mark.parametrize("in_danger", [True, False])
@pytest.mark.parametrize(("inhope_class", "law"), EVERY)
def test_whatever_opens_a_channel_needs_two_people(inhope_class: InhopeClass, law: LawVerdict, in_danger: bool) -> None:
    if gate.channels(inhope_class, law, in_danger=in_danger):
        assert gate.needs_two(inhope_class, law, in_danger=in_danger)


@pytest.mark.parametrize("in_danger", [True, False])
@pytest.mark.parametrize(("inhope_class", "law"), EVERY)
def test_the_database_holds_the_same_table(inhope_class: InhopeClass, law: LawVerdict, in_danger: bool) -> None:
    words = "? AS channel, ? AS inhope_class, ? AS law, ? AS in_danger"
    query = f"SELECT ({GATE}) FROM (SELECT {words})"  # noqa: S608 -- our own words

    with sqlite3.connect(":memory:") as database:
        opened = {one for one in Channel if database.execute(query, (one, inhope_class, law, in_danger)).fetchone()[0]}

    assert opened == set(gate.channels(inhope_class, law, in_danger=in_danger))


def test_a_letter_to_a_host_names_our_law_only_where_our_law_is_broken() -> None:
    assert gate.letter(HOST, LawVerdict.ILLEGAL) == "notice_host"
    assert gate.letter(HOST, LawVerdict.NOT_ILLEGAL) == "notice_host_no_law"
    assert gate.letter(HOST, LawVerdict.ADVISER) == "notice_host_no_law"


@pytest.mark.parametrize("law", LawVerdict)
def test_a_partner_gets_its_own_letter_that_nobody_drafts_by_hand_and_police_get_none(law: LawVerdict) -> None:
    assert gate.letter(PARTNER, law) == "notice_partner"
    assert gate.letter(POLICE, law) is None
    assert gate.DRAFTED == (HOST,)


@pytest.mark.parametrize("values", list(itertools.product((False, True), repeat=4)))
def test_the_first_thing_wrong_with_a_letter_keeps_it_from_going(values: tuple[bool, ...]) -> None:
    facts = dict(zip(CHECKED, values, strict=True))
    wrong = [CHECKED[name] for name, is_so in facts.items() if is_so is (name == "needs_another")]

    assert gate.hindrance(**facts) == (wrong[0] if wrong else None)


def test_a_letter_is_closed_while_any_of_its_items_is_corrected() -> None:
    assert not gate.is_closed([])
    assert not gate.is_closed([None, None])
    assert gate.is_closed([None, CorrectionReason.MISTAKE])
