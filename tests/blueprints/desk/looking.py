"""What the tests of items and second looks share: findings easily told apart, and a form filled in with one."""

from dataclasses import replace

from hotline.rules.findings import Findings
from hotline.vocabulary import InhopeClass, LawVerdict, TestAnswer
from tests.blueprints.desk.desk_site import ILLEGAL

SECRET = "only the first person knows this"
ADDRESS = "https://img-board.example/t/1?page=2"
HIDDEN = replace(ILLEGAL, note=SECRET)
NATIONAL = replace(ILLEGAL, inhope_class=InhopeClass.NATIONAL, note="it looked older to me")
TO_ASK = replace(ILLEGAL, law=LawVerdict.ADVISER, under_18=TestAnswer.UNSURE, note="is it under 18?")


def filled(found: Findings) -> dict[str, object]:
    """Return the form's fields as a browser sends them for `found`."""
    fields = {name: getattr(found, name) for name in Findings.__slots__}
    several = {name: [str(one) for one in value] for name, value in fields.items() if isinstance(value, tuple)}
    return several | {name: str(value) for name, value in fields.items() if value and name not in several}
