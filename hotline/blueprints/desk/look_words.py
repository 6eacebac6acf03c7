"""Who gave which look, round by round, as people at the desk read it."""

from flask_babel import gettext as _

from hotline.blueprints.desk import findings_form
from hotline.rules.agreement import Kind, Round


def given(kind: Kind, name: str, when: str) -> str:
    """Say as which look somebody gave one, and when."""
    said = {"name": name, "when": when}
    return {
        Kind.FIRST: _("First look: %(name)s, %(when)s", **said),
        Kind.SECOND: _("Second look: %(name)s, %(when)s", **said),
        Kind.AGAIN: _("Looked again: %(name)s, %(when)s", **said),
        Kind.THIRD: _("Third look: %(name)s, %(when)s", **said),
        Kind.FURTHER: _("Another person’s look: %(name)s, %(when)s", **said),
    }[kind]


def heading(one: Round, *, is_past: bool) -> str:
    """Name a round; one before people began anew says so."""
    if is_past:
        return {
            Round.FIRST: _("First round, before people began anew"),
            Round.TALK: _("After talking, before people began anew"),
            Round.THIRD: _("Third person, before people began anew"),
        }[one]
    return {Round.FIRST: _("First round"), Round.TALK: _("After talking"), Round.THIRD: _("Third person")}[one]


def questions(names: list[str]) -> str:
    """Name questions one after another."""
    return ", ".join(findings_form.question(name) for name in names)
