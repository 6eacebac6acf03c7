"""Whether a picture may be published: everybody shown, in every voice that counts, for that use, by that day."""

from datetime import date

import pytest

from hotline.rules import imagery as rules
from hotline.rules.imagery import Answer, Cleared, Known, Lacks, Shown, Stand
from hotline.vocabulary import PictureAnswer, PictureScope, Voice

DAY = date(2026, 11, 20)
WEBSITE, PRESS = PictureScope.WEBSITE, PictureScope.PRESS
AGREES, DECLINES = PictureAnswer.AGREES, PictureAnswer.DECLINES


def said(
    voice: Voice = Voice.SELF, *scopes: PictureScope, on: date = DAY, until: date | None = None, no: bool = False
) -> Answer:
    return Answer(voice, DECLINES if no else AGREES, frozenset(scopes), on, until)


YES = Shown(False, (said(Voice.SELF, WEBSITE),))
CHILD = (said(Voice.CHILD, WEBSITE), said(Voice.GUARDIAN, WEBSITE))


@pytest.mark.parametrize(
    ("shown", "lacks", "stand"),
    [
        (YES, [], Stand.AGREES),
        (Shown(False), [Lacks.NOT_ASKED], Stand.TO_ASK),
        (Shown(False, (said(no=True),)), [Lacks.DECLINES], Stand.DECLINES),
        (Shown(False, (said(Voice.SELF, PRESS),)), [Lacks.OTHER_USE], Stand.AGREES),
        (Shown(False, (said(Voice.SELF, WEBSITE, until=DAY),)), [], Stand.AGREES),
        (Shown(False, (said(Voice.SELF, WEBSITE, until=date(2026, 11, 19)),)), [Lacks.EXPIRED], Stand.TO_ASK),
        (Shown(False, (said(Voice.SELF, WEBSITE, on=date(2026, 11, 21)),)), [Lacks.LATER], Stand.TO_ASK),
        (Shown(False, (said(Voice.SELF, WEBSITE),), is_forgotten=True), [Lacks.FORGOTTEN], Stand.DECLINES),
        (Shown(True, CHILD), [], Stand.AGREES),
        (Shown(True, CHILD[:1]), [Lacks.NOT_ASKED], Stand.TO_ASK),
        (Shown(True, (CHILD[0], said(Voice.GUARDIAN, no=True))), [Lacks.DECLINES], Stand.DECLINES),
        (Shown(True, (said(Voice.CHILD, no=True), CHILD[1])), [Lacks.DECLINES], Stand.DECLINES),
    ],
)
def test_what_is_missing_of_one_person(shown: Shown, lacks: list[Lacks], stand: Stand) -> None:
    assert [why for _voice, why in rules.lacking(shown, WEBSITE, DAY)] == lacks
    assert rules.may_publish([shown, YES], WEBSITE, DAY, nobody_shown=False) is not bool(lacks)
    assert rules.stand(shown, DAY) is stand


def test_a_picture_of_nobody_is_published_only_where_somebody_looked() -> None:
    assert not rules.may_publish([], WEBSITE, DAY, nobody_shown=False)
    assert rules.may_publish([], WEBSITE, DAY, nobody_shown=True)


@pytest.mark.parametrize(
    ("people", "cleared", "scopes"),
    [
        ([], Cleared.NOBODY, ()),
        ([YES, YES], Cleared.YES, (WEBSITE,)),
        ([YES, Shown(False)], Cleared.TO_ASK, ()),
        ([YES, Shown(False), Shown(False, (said(no=True),))], Cleared.DECLINED, ()),
        ([YES, Shown(False, (said(Voice.SELF, PRESS),))], Cleared.APART, ()),
    ],
)
def test_how_an_event_stands(people: list[Shown], cleared: Cleared, scopes: tuple[PictureScope, ...]) -> None:
    found = rules.summary(people, DAY)

    assert (found.cleared, found.scopes, found.people) == (cleared, scopes, len(people))
    assert found.agreed + found.to_ask + found.declined == len(people)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("DSC_0412.jpg", ""),
        ("  ", "required"),
        ("seen at img-board.example", "address"),
        ("data:image/png;base64," + "A" * 2_000, "picture"),
        ("x" * 201, "too_long"),
    ],
)
def test_words_hold_no_address_and_no_file(typed: str, code: str) -> None:
    assert rules.judge_line(typed, rules.LONGEST_LINE)[1] == code


def test_of_a_child_the_guardian_is_asked_for_and_of_nobody_else_kept() -> None:
    assert rules.judge_person(Known("a pupil"), is_child=True)[1] == (("guardian", "required"),)
    assert rules.judge_person(Known("a guest", "a@guest.example", "x"), is_child=False) == (
        Known("a guest", "a@guest.example"),
        (),
    )


def test_what_was_sealed_is_read_back() -> None:
    known = Known("ឈ្មោះ", "a@guest.example", "")

    assert rules.read(rules.written(known)) == known
    assert rules.parted(rules.joined({PRESS, WEBSITE})) == (WEBSITE, PRESS)
