"""axe, let loose on a page as it stands in a browser."""

from typing import Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

Scheme = Literal["light", "dark"]

SCHEMES: tuple[Scheme, ...] = ("light", "dark")
EVERYTHING = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]  # all that the other scheme can change: `structure/test_colours.py`
# What it found right it would tell as well, each element by a selector: half its time, and most of the way to here.
RUN = """([rules]) => axe.run(document, { runOnly: rules, resultTypes: ["violations"] }).then(found =>
    found.violations.map(one => one.nodes.map(node => `${one.id} at ${node.target}`)).flat())"""


def faults(page: Page, rules: list[str] = EVERYTHING) -> list[str]:
    """Return what axe finds on the page: the rule, and where."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return [f"{page.url}: {one}" for one in page.evaluate(RUN, [rules])]


def faults_in_both(page: Page) -> list[str]:
    """Return what axe finds on the page in the light, and then in the dark, which it is left in no longer."""
    found = []
    for scheme, rules in zip(SCHEMES, (EVERYTHING, COLOURS), strict=True):
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}, {one}" for one in faults(page, rules)]
    page.emulate_media(color_scheme=SCHEMES[0])
    return found
