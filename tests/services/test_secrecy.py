"""What people entered about themselves is found in whatever leaves; what was refused is counted too."""

import time

import pytest
from flask import Flask

from hotline.errors import Refused
from hotline.extensions import db
from hotline.models import SecrecyCheck
from hotline.rules.reach import Reach
from hotline.services import public_texts, secrecy, staff_reach
from hotline.transactions import writing
from hotline.vocabulary import Language, SecrecyResult, TextKey, WayOut
from tests.services import steps

REACH = Reach(("Keo Bopha Rath", "ចាន់ សុខា"), ("bopha.rath@home.example",), ("+855 12 345 678",))


def test_what_a_person_enters_is_looked_for_at_once_and_no_more_when_it_is_taken_away(office: Flask) -> None:
    person = steps.team()[0]
    assert secrecy.leaks_in_words("Rath Bopha") == ()
    with writing():
        staff_reach.enter(person, REACH, wants_mail=False)

    assert [leak.is_ours for leak in secrecy.leaks_in_words("rath, bopha: ០១២ ៣៤៥ ៦៧៨")] == [True, True]
    assert secrecy.evidence().entered == 1

    with writing():
        staff_reach.enter(person, Reach(), wants_mail=False)
    assert secrecy.leaks_in_words("Rath Bopha") == ()


def test_a_mailbox_that_a_letter_may_hold_is_ours_too_where_somebody_entered_it(office: Flask) -> None:
    with writing():
        staff_reach.enter(steps.team()[0], Reach((), REACH.mailboxes, ()), wants_mail=False)

    assert len(secrecy.leaks_in_words(REACH.mailboxes[0])) == 1
    assert secrecy.leaks_in_words(REACH.mailboxes[0], mailboxes=("Bopha.Rath@home.example",)) == ()
    assert secrecy.evidence().entered == 0  # a mailbox alone is nobody's name


def test_it_is_opened_once_for_many_texts(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with writing():
        staff_reach.enter(steps.team()[0], REACH, wants_mail=False)
    opened, real = [], staff_reach.everybody
    monkeypatch.setattr(staff_reach, "everybody", lambda: opened.append(1) or real())

    for _ in range(3):
        assert secrecy.names_one_of_us("bopha rath")
    assert opened == [1]
    later = time.monotonic() + secrecy.LONGEST_KEPT + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert secrecy.names_one_of_us("bopha rath")

    assert opened == [1, 1]


def test_what_is_refused_is_counted_all_the_same(office: Flask) -> None:
    person = steps.team()[0]
    with pytest.raises(Refused), writing():
        public_texts.save(TextKey.NOTICE, {Language.EN: f"Ask {person.name}"}, by=person)
    with writing():
        public_texts.save(TextKey.NOTICE, {Language.EN: "We read every report."}, by=person)

    found = db.session.query(SecrecyCheck.way, SecrecyCheck.result).order_by(SecrecyCheck.id).all()
    assert found == [(WayOut.PUBLIC_TEXT, SecrecyResult.HIT), (WayOut.PUBLIC_TEXT, SecrecyResult.CLEAN)]
    (tally,) = secrecy.tallies(secrecy.evidence().since, secrecy.jurisdiction.today().replace(year=2999))
    assert (tally.checked, tally.hits, tally.let_go) == (2, 1, 0)
