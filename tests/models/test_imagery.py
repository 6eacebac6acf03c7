"""Pictures of events: what the database itself refuses, whatever our code may do."""

import itertools
from collections.abc import Sequence
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from hotline import clock
from hotline.extensions import db
from hotline.models import ImageryEvent, PersonShown, Photograph, PictureConsent, Publication, Showing
from hotline.rules import imagery as rules
from hotline.rules.imagery import Answer, Shown
from hotline.transactions import writing
from hotline.vocabulary import AnswerEnd, EventHost, PictureAnswer, PictureScope, ShownEnd, Voice
from tests.models.test_gate import refused, write
from tests.services import steps
from tests.stores import Stores

SHUT, FROZEN = "not everybody shown has agreed to this", "this record is frozen"
DAY, BEFORE, AFTER = date(2026, 11, 20), date(2026, 11, 19), date(2026, 11, 21)
WEBSITE, PRESS = PictureScope.WEBSITE, PictureScope.PRESS
AGREES, DECLINES = PictureAnswer.AGREES, PictureAnswer.DECLINES
Said = tuple[PictureAnswer, tuple[PictureScope, ...], date, date | None, bool]
SAID: tuple[Said | None, ...] = (  # answer, uses, asked on, last day, ended
    None,
    (DECLINES, (), DAY, None, False),
    (AGREES, (WEBSITE, PRESS), DAY, DAY, False),
    (AGREES, (PRESS,), BEFORE, None, False),
    (AGREES, (WEBSITE,), BEFORE, BEFORE, False),
    (AGREES, (WEBSITE,), AFTER, None, False),
    (AGREES, (WEBSITE,), DAY, None, True),
)


def noted() -> dict[str, object]:
    return {"noted_at": clock.now(), "noted_by_id": steps.team()[0].id}


def event(ref: str = "EV-1") -> int:
    known = {"name_en": "a", "name_km": "ក", "held_on": BEFORE, "place": "b", "organiser": "c", "host": EventHost.OURS}
    return write(insert(ImageryEvent).values(ref=ref, made_at=clock.now(), made_by_id=steps.team()[0].id, **known))


def photograph(event_id: int, reference: str = "1", **more: object) -> int:
    return write(insert(Photograph).values(event_id=event_id, reference=reference, description="d", **noted(), **more))


def person(event_id: int, *, is_child: bool = False) -> int:
    return write(insert(PersonShown).values(event_id=event_id, is_child=is_child, body=b"sealed", **noted()))


def showing(photograph_id: int, person_id: int):  # type: ignore[no-untyped-def]
    return insert(Showing).values(photograph_id=photograph_id, person_id=person_id, **noted())


def answer(person_id: int, voice: Voice, **more: object):  # type: ignore[no-untyped-def]
    known = {"answer": AGREES, "scopes": "website", "language": "km", "asked_on": DAY, "evidence": b"sealed"}
    return insert(PictureConsent).values(
        person_id=person_id, voice=voice, asked_by_id=steps.team()[0].id, **noted(), **known | more
    )


def publication(photograph_id: int, ref: str = "PU-1", **more: object):  # type: ignore[no-untyped-def]
    known = {"scope": WEBSITE, "place": "news", "published_on": DAY}
    return insert(Publication).values(ref=ref, photograph_id=photograph_id, **noted(), **known | more)


def holds(statement) -> bool:  # type: ignore[no-untyped-def]
    """Write a statement, and return whether the database let it; nothing but consent may keep it from that."""
    try:
        with db.session.begin_nested():
            db.session.execute(statement)
    except IntegrityError as fault:
        if SHUT not in str(fault.orig):
            raise
        return False
    return True


def in_this_state(
    event_id: int, number: int, answers: Sequence[Said | None], *, is_child: bool
) -> tuple[int, tuple[Answer, ...]]:
    """Put down a photograph of somebody who answered so, in the open transaction; return it, and what stands."""
    by, heard = noted(), []
    words = {"event_id": event_id, "reference": f"p{number}", "description": "d"}
    picture = put(insert(Photograph).values(**words, **by))
    somebody = put(insert(PersonShown).values(event_id=event_id, is_child=is_child, body=b"sealed", **by))
    put(insert(Showing).values(photograph_id=picture, person_id=somebody, **by))
    for voice, said in zip(rules.voices(is_child=is_child), answers, strict=True):
        if said is None:
            continue
        how, uses, asked_on, until, is_over = said
        ended = {"ended_at": clock.now(), "ended_how": AnswerEnd.WITHDRAWN} if is_over else {}
        known = {"answer": how, "scopes": rules.joined(uses), "asked_on": asked_on, "expires_on": until}
        put(answer(somebody, voice, **known, **ended))
        if not is_over:
            heard.append(Answer(voice, how, frozenset(uses), asked_on, until))
    return picture, tuple(heard)


def put(statement) -> int:  # type: ignore[no-untyped-def]
    return db.session.execute(statement).inserted_primary_key[0]


@pytest.fixture
def shown(office: Flask) -> tuple[int, int, int]:
    """An event, a photograph, and somebody shown on it."""
    one = event()
    picture, somebody = photograph(one), person(one)
    write(showing(picture, somebody))
    return one, picture, somebody


def test_the_rule_and_the_database_say_the_same(office: Flask) -> None:
    one, differ, published = event(), [], 0
    cases = [(False, (first,)) for first in SAID]
    cases += [(True, pair) for pair in itertools.product(SAID, repeat=2)]
    with writing():
        for number, (is_child, answers) in enumerate(cases):
            picture, heard = in_this_state(one, number, answers, is_child=is_child)
            allowed = rules.may_publish([Shown(is_child, heard)], WEBSITE, DAY, nobody_shown=False)
            held = holds(publication(picture, f"PU-{number}"))
            published += held
            if held is not allowed:
                differ.append((is_child, answers, allowed))

    assert differ == []
    assert published == 2  # the one answer that is enough; and of a child both


def test_a_picture_of_nobody_waits_until_somebody_looked(office: Flask) -> None:
    one = event()
    picture = photograph(one)

    refused(publication(picture), SHUT)
    write(update(Photograph).values(nobody_shown=True))
    write(publication(picture))


def test_one_more_who_has_not_agreed_shuts_it_and_one_struck_out_opens_it(shown: tuple[int, int, int]) -> None:
    one, picture, somebody = shown
    write(answer(somebody, Voice.SELF))
    other = person(one)
    row = write(showing(picture, other))

    refused(publication(picture), SHUT)
    struck = {"struck_at": clock.now(), "struck_why": ShownEnd.MISTAKE, "struck_by_id": steps.team()[0].id}
    write(update(Showing).where(Showing.id == row).values(**struck))
    write(publication(picture))
    refused(update(Showing).where(Showing.id == row).values(struck_at=None, struck_why=None, struck_by_id=None), FROZEN)


def test_nobody_answers_in_a_voice_that_is_not_theirs_or_is_shown_elsewhere(shown: tuple[int, int, int]) -> None:
    one, picture, somebody = shown
    child, other = person(one, is_child=True), person(event("EV-2"))

    refused(answer(somebody, Voice.GUARDIAN), "this voice is not theirs")
    refused(answer(child, Voice.SELF), "this voice is not theirs")
    refused(showing(picture, other), "this is of another event")
    write(answer(somebody, Voice.SELF))
    refused(update(PersonShown).where(PersonShown.id == somebody).values(is_child=True), "an answer of theirs stands")


def test_what_was_answered_and_published_is_never_changed(shown: tuple[int, int, int]) -> None:
    _one, picture, somebody = shown
    write(answer(somebody, Voice.SELF))
    write(publication(picture))
    fixed = {
        PictureConsent: {
            "scopes": "press",
            "answer": DECLINES,
            "asked_on": BEFORE,
            "expires_on": AFTER,
            "evidence": None,
        },
        Publication: {"scope": PRESS, "place": "x", "published_on": BEFORE, "photograph_id": 9},
        Photograph: {"reference": "2", "description": "x", "event_id": 9},
        Showing: {"person_id": 9, "photograph_id": 9},
    }

    for model, columns in fixed.items():
        for column, value in columns.items():
            refused(update(model).values({column: value}), FROZEN)
    write(update(Publication).values(taken_down_at=clock.now(), taken_down_by_id=steps.team()[0].id))
    refused(update(Publication).values(taken_down_at=None, taken_down_by_id=None), FROZEN)
    write(update(PictureConsent).values(ended_at=clock.now(), ended_how=AnswerEnd.WITHDRAWN))
    refused(update(PictureConsent).values(ended_at=None, ended_how=None), FROZEN)


def test_who_is_forgotten_leaves_no_word_and_no_answer_that_stands(shown: tuple[int, int, int]) -> None:
    _one, _picture, somebody = shown
    write(answer(somebody, Voice.SELF))
    forgotten = update(PersonShown).values(body=None, forgotten_at=clock.now())

    refused(forgotten, "an answer of theirs stands")
    write(update(PictureConsent).values(ended_at=clock.now(), ended_how=AnswerEnd.WITHDRAWN))
    write(forgotten)
    write(update(PictureConsent).values(evidence=None))
    refused(update(PersonShown).values(body=b"again", forgotten_at=None), FROZEN)
    refused(answer(somebody, Voice.SELF), "this voice is not theirs")


@pytest.mark.parametrize("model", [ImageryEvent, Photograph, PersonShown, Showing, PictureConsent, Publication])
def test_nothing_is_deleted_nor_put_in_the_place_of_another(
    shown: tuple[int, int, int], stores: Stores, model: type
) -> None:
    write(answer(shown[2], Voice.SELF))
    write(publication(shown[1]))
    table = model.__table__
    again = insert(table).from_select(table.columns.keys(), select(table)).prefix_with("OR REPLACE")

    refused(delete(model), FROZEN)
    with pytest.raises(Exception, match="frozen"):
        write({"sqlite": again, "postgresql": text(f"TRUNCATE {table.name} CASCADE")}[stores.engine])
