"""What assessors judge by, as texts with versions: which texts there are, what makes a good version, what changed."""

import difflib
import re
from collections.abc import Mapping
from typing import NamedTuple

from hotline.vocabulary import InhopeClass, Language, Theme

LONGEST = 1200  # characters of one text in one language
LONGEST_REASON = 500
QUESTIONS = (
    "visible",
    "naked",
    "under_18",
    "sexual",
)  # of the national test: their wording is the law's, so it may change
EXPLAINED = (
    "reason",
    "age",
    "site_type",
    "content_type",
    "ai",
    "self_generated",
    "child_modelling",
    "payment",
    "themes",
)
PARTS: Mapping[str, tuple[str, ...]] = {  # by the field of the form that each text stands at
    "inhope_class": tuple(f"inhope_class.{one}" for one in InhopeClass),
    "law": ("law.help",),
    **{name: (f"{name}.question", f"{name}.help") for name in QUESTIONS},
    "conduct": ("conduct.help",),
    **{name: (f"{name}.help",) for name in EXPLAINED if name != "themes"},
    "themes": ("themes.help", *(f"themes.{one}" for one in Theme)),
}
GROUPS: Mapping[str, tuple[str, ...]] = {  # the parts as pages show them, a few together
    "classes": ("inhope_class", "reason"),
    "law": ("law", *QUESTIONS, "conduct"),
    "shown": tuple(name for name in EXPLAINED if name not in {"reason", "themes"}),
    "themes": ("themes",),
}
KEYS = tuple(key for keys in PARTS.values() for key in keys)
NEEDED = tuple(f"{name}.question" for name in QUESTIONS)  # in every language: the form cannot ask without them

Texts = Mapping[str, Mapping[str, str]]  # key to language to text


class Change(NamedTuple):
    """One text of a version that reads otherwise than in the version before, in runs of (how, words).

    How is `same`, `gone` or `new`.
    """

    key: str
    language: Language
    runs: tuple[tuple[str, str], ...]


def faults(texts: Texts, reason: str) -> tuple[tuple[str, str], ...]:
    """Return what keeps a version from being put in force, as (field, code). A field is `<key>-<language>`."""
    found = [
        (field_of(key, language), "too_long")
        for key in KEYS
        for language in Language
        if len(text_of(texts, key, language)) > LONGEST
    ]
    found += [
        (field_of(key, language), "required")
        for key in NEEDED
        for language in Language
        if not text_of(texts, key, language)
    ]
    if not reason.strip():
        found.append(("reason", "required"))
    if len(reason) > LONGEST_REASON:
        found.append(("reason", "too_long"))
    return tuple(found)


def field_of(key: str, language: Language) -> str:
    """Return the name of the form's field for one text in one language."""
    return f"{key.replace('.', '-')}-{language}"


def text_of(texts: Texts, key: str, language: str) -> str:
    """Return one text in one language; empty where there is none."""
    return texts.get(key, {}).get(language, "")


def changes(before: Texts, after: Texts) -> tuple[Change, ...]:
    """Return what reads otherwise in `after`, in the form's order."""
    pairs = ((key, one, text_of(before, key, one), text_of(after, key, one)) for key in KEYS for one in Language)
    return tuple(Change(key, one, _runs(old, new)) for key, one, old, new in pairs if old != new)


def _runs(old: str, new: str) -> tuple[tuple[str, str], ...]:
    """Return two texts woven into one, word by word."""
    left, right = re.findall(r"\S+\s*", old), re.findall(r"\S+\s*", new)
    found: list[tuple[str, str]] = []
    for how, left_from, left_to, right_from, right_to in difflib.SequenceMatcher(a=left, b=right).get_opcodes():
        if how == "equal":
            found.append(("same", "".join(right[right_from:right_to])))
            continue
        found += [("gone", "".join(left[left_from:left_to])), ("new", "".join(right[right_from:right_to]))]
    return tuple((how, words) for how, words in found if words)
