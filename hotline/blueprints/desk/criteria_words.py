"""What the texts of the criteria are called, and what to do about what is wrong with one."""

from flask_babel import gettext as _

from hotline.blueprints.desk import findings_form, words
from hotline.rules import criteria, labels
from hotline.vocabulary import InhopeClass, Language, Theme


def part(name: str) -> str:
    """Return the name of a group of texts: what the form asks there."""
    return findings_form.question(name)


def group(name: str) -> str:
    """Return the heading of some parts that stand together."""
    return {
        "classes": _("Classes and reasons"),
        "law": _("The law and its test"),
        "shown": _("What is shown, and where"),
        "themes": _("Sextortion, live stream, grooming"),
    }[name]


def key(name: str) -> str:
    """Return what one text is for."""
    field, _dot, kind = name.partition(".")
    if kind == "question":
        return _("The question itself")
    if kind == "help":
        return _("What it means")
    return words.of(InhopeClass(kind) if field == "inhope_class" else Theme(kind))


def say(field: str, code: str) -> str:
    """Return what to do about a fault."""
    if field == "reason":
        return {
            "required": _("Say why there is a new version."),
            "too_long": _("Shorten the reason to %(most)s characters.", most=criteria.LONGEST_REASON),
            "nothing_new": _("Nothing differs from the version in force: change a text first."),
        }[code]
    name, _dash, language = field.rpartition("-")
    names = {one.replace(".", "-"): one for one in criteria.KEYS}
    about = f"{part(names[name].partition('.')[0])}, {key(names[name])} ({words.of(Language(language))})"
    if code == "required":
        return _("The form cannot ask without it: %(about)s.", about=about)
    return _("Shorten to %(most)s characters: %(about)s.", most=criteria.LONGEST, about=about)


def say_labels(field: str, code: str) -> str:
    """Return what to do about a table of labels."""
    return {
        "no_table": _("This is no CSV table: look at its quotation marks."),
        "columns": _("The first line names the columns: section, code, name, definition, version."),
        "empty": _("There is no label in it."),
        "too_many": _("Load %(most)s labels at most at once.", most=labels.MOST),
        "cells": _("Some line has more or fewer cells than there are columns."),
        "too_long": _("Some cell has more than %(most)s characters.", most=labels.LONGEST),
        "section": _("Some section is none of these: categorisation, investigative, demographic."),
        "code": _("Each line needs code, name and version, without the sign “|”."),
        "versions": _("All lines bear the same version."),
        "twice": _("Some code stands twice in its section."),
        "loaded_already": _("This version is loaded already."),
    }[code]
