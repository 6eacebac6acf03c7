"""Whether an answer asks a reporter for something that says who they are, or for a picture. In English and Khmer.

Nobody has to say who they are here, and nobody may send pictures. A sentence that says so («you need not tell us
your name») is no question. A «not» lets pass only what it stands next to, with nothing between but words of telling
and giving: «do not hesitate to tell us your name» asks. The check knows words, not meanings: it holds an answer back
and says why, and a person decides.
"""

import re
import unicodedata
from collections.abc import Collection
from functools import cache
from importlib import import_module
from typing import NamedTuple

from hotline.rules.asking_words import WORDS, Asked


class Found(NamedTuple):
    """One thing that is asked for, and the words that ask for it, as they stand in the answer."""

    kind: Asked
    words: str

    @property
    def mark(self) -> str:
        """What a form says of it, so that somebody who means it means these words and no others."""
        return f"{self.kind} {self.words}"


_SENTENCE = re.compile(r"([^.!?;:\n។៕៖]+)([.!?;:\n។៕៖]*)")


@cache
def _asks() -> dict[Asked, re.Pattern[str]]:
    """Return what asks for each kind of thing. Made at the first question: only who answers people needs it."""
    return {kind: re.compile("|".join(words), re.IGNORECASE) for kind, words in WORDS.items()}


def find(text: str) -> tuple[Found, ...]:
    """Return what `text` seems to ask its reader for, each kind once, in the order of `Asked`."""
    sentences = [(one[1], "?" in one[2]) for one in _SENTENCE.finditer(_plain(text)) if one[1].strip()]
    found = {}
    for kind, words in _asks().items():
        for sentence, asked in sentences:
            hit = next((one for one in words.finditer(sentence) if not _is_excused(sentence, one, kind, asked)), None)
            if hit:
                found[kind] = Found(kind, hit[0].strip())
                break
    return tuple(found[kind] for kind in Asked if kind in found)


def are_meant(found: Collection[Found], marks: Collection[str]) -> bool:
    """Whether each of what was found is among the `marks` of what somebody was shown and said is meant."""
    return all(one.mark in marks for one in found)


def _is_excused(sentence: str, hit: re.Match[str], kind: Asked, asked: bool) -> bool:
    return bool(import_module("hotline.rules.asking_excuses").is_excused(sentence, hit, kind, asked))


def _plain(text: str) -> str:
    """Return the text in one form of writing, without signs that nobody sees, with straight apostrophes."""
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    return re.sub(r"[ \t\u00a0]+", " ", seen.replace("’", "'"))
