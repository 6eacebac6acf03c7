"""What this browser's cookies say about who reads: decided about cookies or not, text size, remembered language."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from flask import request

from hotline.blueprints.public import cookies
from hotline.vocabulary import Language

W = TypeVar("W", bound=StrEnum)

SHOWN_ONCE = {"public.receipt.show_receipt"}  # nothing leads back there, and nothing may draw the eye from the code
_FILLED_IN = {"public.report.show_form", "public.help.show_help", "public.followup.show_code_form", "reply.show_form"}
_ASKS_NOTHING = SHOWN_ONCE | _FILLED_IN | {"public.choices.show_cookies"}  # the last is the choice itself
_MARK = f"{cookies.CHOICE.name}="
_READS = {"GET", "HEAD"}
_FOR_READING = {None, "navigate"}  # old browsers say nothing


class Choice(StrEnum):
    """What somebody chose about cookies."""

    NEEDED = "needed"
    ALL = "all"


class Size(StrEnum):
    """How large text is set; all but the first are classes of the style sheet."""

    NORMAL = "normal"
    LARGE = "large"
    LARGEST = "largest"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at a browser. `size` and `language` count only beside an acceptance: they end with the consent."""

    choice: Choice | None = None
    size: Size = Size.NORMAL
    language: Language | None = None

    @property
    def accepted(self) -> bool:
        """Whether this browser may remember things."""
        return self.choice is Choice.ALL


STRANGER = Visitor()


def current() -> Visitor:
    """Return who sent this request, as far as their choices go."""
    if _MARK not in request.environ.get("HTTP_COOKIE", ""):
        return STRANGER  # nearly everybody: their cookies need not be taken apart
    choice = _read(cookies.CHOICE, Choice)
    if choice is not Choice.ALL:
        return Visitor(choice)
    return Visitor(choice, _read(cookies.SIZE, Size) or Size.NORMAL, _read(cookies.LANGUAGE, Language))


def is_asked(somebody: Visitor) -> bool:
    """Whether the page of this request shows the cookie notice.

    A page with a form to fill in never does, nor an answer to one: pressing a button of the notice would lose what was
    typed, or a code. Nor does a page that a script fetches, such as the copy of the help page that is kept for days
    without a network.
    """
    if somebody.choice is not None or request.method not in _READS or request.endpoint in _ASKS_NOTHING:
        return False
    return request.environ.get("HTTP_SEC_FETCH_MODE") in _FOR_READING


def _read(kind: cookies.Kind, words: type[W]) -> W | None:
    value = cookies.value(kind)
    return words(value) if value in set(words) else None
