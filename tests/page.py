"""A page as a browser would find it, held to the rules of the house.

`read(response)` parses an answer and raises AssertionError with every rule it breaks; the page it returns answers
questions: its title, its fields, its links, its text.
"""

import base64
import hashlib
import itertools
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from werkzeug.test import TestResponse

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
UNLABELLED = {"hidden", "submit", "button", "reset", "image"}
SCRIPTS = {"/site.js", "/proof.js", "/phone.js"}


@dataclass(eq=False)
class Element:
    """One element: its name, attributes, parent, and the text of everything inside."""

    tag: str
    attrs: dict[str, str]
    parent: "Element | None"
    pieces: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.attrs[name]

    def get(self, name: str, default: str = "") -> str:
        return self.attrs.get(name, default)

    @property
    def text(self) -> str:
        return " ".join("".join(self.pieces).split())

    @property
    def raw_text(self) -> str:
        return "".join(self.pieces)

    @property
    def classes(self) -> list[str]:
        return self.get("class").split()

    def within(self, tag: str) -> "Element | None":
        """Return the nearest element of that name around this one."""
        above = self.parent
        while above and above.tag != tag:
            above = above.parent
        return above


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.open: list[Element] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self.open[-1] if self.open else None)
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1].tag != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1].tag if self.open else 'nothing'}")
            while self.open and self.open[-1].tag != tag:
                self.open.pop()
        if self.open:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        labels = [element for element in self.open if "lab" in element.classes]
        for element in labels or self.open:  # a cell's label shows on narrow screens only, where column heads do not
            element.pieces.append(data)


class Page:
    """A parsed page of the portal."""

    def __init__(self, html: str) -> None:
        parser = _Parser()
        parser.feed(html)
        parser.close()
        self.html = html
        self.elements = parser.elements
        self.markup_faults = parser.faults + [f"<{element.tag}> is never closed" for element in parser.open]

    def all(self, tag: str, **attrs: str) -> list[Element]:
        """Return the elements of that name whose attributes have these values (`class_` and `for_` by underscore)."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attrs.items()}
        return [
            element
            for element in self.elements
            if element.tag == tag and all(element.get(name) == value for name, value in wanted.items())
        ]

    def one(self, tag: str, **attrs: str) -> Element:
        """Return the only such element."""
        found = self.all(tag, **attrs)
        assert len(found) == 1, f"{len(found)} elements {tag} {attrs}"
        return found[0]

    def by_id(self, name: str) -> Element:
        """Return the element with that id."""
        found = [element for element in self.elements if element.get("id") == name]
        assert found, f"nothing has the id {name}"
        return found[0]

    @property
    def lang(self) -> str:
        return self.one("html").get("lang")

    @property
    def title(self) -> str:
        return self.all("title")[0].text

    @property
    def heading(self) -> str:
        return self.one("h1").text

    @property
    def text(self) -> str:
        return self.one("body").text

    @property
    def token(self) -> str:
        """Return the form token of the page."""
        return next(element for element in self.all("input", name="csrf_token"))["value"]

    @property
    def errors(self) -> dict[str, str]:
        """Return the lines of the error summary: the id each leads to, and its words."""
        box = [element for element in self.elements if "errors" in element.classes]
        lines = [link for link in self.all("a") if box and link.within("div") is box[0]]
        return {link["href"].removeprefix("#"): link.text for link in lines}

    def value(self, name: str) -> str:
        """Return what a field holds: a text field's value, a text area's text, the chosen radio button."""
        for area in self.all("textarea", name=name):
            return area.raw_text.removeprefix("\n")
        fields = self.all("input", name=name)
        assert fields, f"no field is called {name}"
        if fields[0].get("type") in {"radio", "checkbox"}:
            return next((box["value"] for box in fields if "checked" in box.attrs), "")
        return fields[0].get("value")


def read(response: TestResponse) -> Page:
    """Parse an answer and hold it to the rules every page of the portal keeps."""
    assert response.mimetype == "text/html", response.mimetype
    page = Page(response.get_data(as_text=True))
    faults = [fault for rule in RULES for fault in rule(page)]
    assert not faults, "\n".join(faults)
    return page


def read_public(response: TestResponse) -> Page:
    """Parse an answer of the public site, and hold it to the rules its visitors rely on."""
    page = read(response)
    faults = (
        _has_a_way_out(page) + _loads_nothing(page) + _carries_its_style(page, response) + _leaves_no_trace(response)
    )
    assert not faults, "\n".join(faults)
    return page


def read_desk(response: TestResponse) -> Page:
    """Parse an answer of the desk, and hold it to what protects the people at it."""
    page = read(response)
    faults = _stays_in_the_house(page) + _forms_carry_a_token(page) + _leaves_no_trace(response)
    faults += _cells_bear_the_name_of_their_column(page)
    assert not faults, "\n".join(faults)
    return page


def _is_well_formed(page: Page) -> list[str]:
    return page.markup_faults


def _has_one_heading(page: Page) -> list[str]:
    count = len(page.all("h1"))
    return [] if count == 1 else [f"{count} h1 headings"]


def _has_language_and_title(page: Page) -> list[str]:
    faults = [] if page.lang in {"km", "en"} else [f"html lang is {page.lang!r}"]
    return faults if page.title else [*faults, "no title"]


def _headings_step_down(page: Page) -> list[str]:
    levels = [int(element.tag[1]) for element in page.elements if re.fullmatch("h[1-6]", element.tag)]
    return [f"h{a} is followed by h{b}" for a, b in itertools.pairwise(levels) if b > a + 1]


def _ids_are_unique(page: Page) -> list[str]:
    ids = [element["id"] for element in page.elements if "id" in element.attrs]
    return [f"the id {name} is used {ids.count(name)} times" for name in sorted(set(ids)) if ids.count(name) > 1]


def _references_lead_somewhere(page: Page) -> list[str]:
    ids = {element.get("id") for element in page.elements}
    faults = []
    for element in page.elements:
        targets = [element.get("for"), element.get("form"), *element.get("aria-describedby").split()]
        targets += element.get("aria-labelledby").split()
        if element.tag == "a" and re.fullmatch("#.+", element.get("href")):
            targets.append(element["href"][1:])
        faults += [f"{element.tag} refers to the missing id {name}" for name in targets if name and name not in ids]
    return faults


def _fields_are_labelled(page: Page) -> list[str]:
    labelled = {label.get("for") for label in page.all("label")}
    fields = [e for e in page.elements if e.tag in {"input", "textarea", "select"} and e.get("type") not in UNLABELLED]
    return [
        f"the field {element.get('name')} has no label"
        for element in fields
        if element.get("id") not in labelled and not element.within("label") and not element.get("aria-label")
    ]


def _choices_have_a_legend(page: Page) -> list[str]:
    legends = [legend.parent for legend in page.all("legend")]
    return [
        f"the choice {radio.get('name')} stands in no fieldset with a legend"
        for radio in page.all("input", type="radio")
        if radio.within("fieldset") not in legends
    ]


def _links_and_buttons_say_something(page: Page) -> list[str]:
    return [
        f"an empty {element.tag}"
        for element in page.elements
        if element.tag in {"a", "button"} and not element.text and not element.get("aria-label")
        if "hidden" not in element.attrs
    ]


def _nothing_inline(page: Page) -> list[str]:
    faults = [f"{e.tag} has the style attribute" for e in page.elements if "style" in e.attrs]
    handlers = ((e.tag, name) for e in page.elements for name in e.attrs if re.match(r"on[a-z]+$|hx-on", name))
    faults += [f"{tag} has the handler {name}" for tag, name in handlers]
    faults += ["an inline script" for script in page.all("script") if "src" not in script.attrs]
    return faults + ["a link runs a program" for link in page.all("a") if link.get("href").startswith("javascript:")]


def _forms_post_somewhere(page: Page) -> list[str]:
    return ["a form names no method" for form in page.all("form") if form.get("method") not in {"post", "get"}]


RULES = (
    _is_well_formed,
    _has_one_heading,
    _has_language_and_title,
    _headings_step_down,
    _ids_are_unique,
    _references_lead_somewhere,
    _fields_are_labelled,
    _choices_have_a_legend,
    _links_and_buttons_say_something,
    _nothing_inline,
    _forms_post_somewhere,
)


def _has_a_way_out(page: Page) -> list[str]:
    out = page.all("a", class_="exit")
    if len(out) != 1:
        return [f"{len(out)} links to leave the site"]
    hidden = out[0].within("header") and "noreferrer" in out[0].get("rel")
    return [] if hidden else ["the way out tells where it was used"]


def _loads_nothing(page: Page) -> list[str]:
    """Find whatever a page loads beside the scripts of the site, which it never waits for."""
    loading = [e for e in page.elements if e.tag in {"script", "img", "iframe", "video", "audio", "object", "link"}]
    return [f"the page loads something: {element.tag}" for element in loading if not _is_deferred(element)]


def _is_deferred(element: Element) -> bool:
    if element.tag == "link":
        return (element.get("rel"), element.get("href")) == ("icon", "data:,")
    return element.tag == "script" and element.get("src") in SCRIPTS and "defer" in element.attrs


def _carries_its_style(page: Page, response: TestResponse) -> list[str]:
    policy = response.headers.get("Content-Security-Policy", "")
    digest = hashlib.sha256(page.one("style").raw_text.encode()).digest()
    source = f"'sha256-{base64.b64encode(digest).decode()}'"
    return [] if source in policy else [f"the policy does not allow the style on the page ({source}): {policy}"]


def _leaves_no_trace(response: TestResponse) -> list[str]:
    wanted = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
    sent = {name: response.headers.get(name) for name in wanted}
    return [f"{name} is {value}" for name, value in sent.items() if value != wanted[name]]


def _stays_in_the_house(page: Page) -> list[str]:
    """Find links and loads that lead anywhere but to the portal itself, and any picture at all."""
    shown = (element.tag for element in page.elements if element.tag in {"img", "iframe", "video", "audio", "object"})
    faults = [f"the page shows something: {tag}" for tag in shown]
    for element in page.elements:
        for name in ("href", "src", "action", "formaction", "hx-get", "hx-post"):
            leads = element.get(name, "#")
            is_call = element.tag == "a" and re.fullmatch(r"tel:\+?\d{3,15}", leads)
            if not leads.startswith(("/desk/", "/desk?", "/static/", "#", "?")) and leads != "/desk" and not is_call:
                faults.append(f"{element.tag} {name} leads to {leads}")
    return faults


def _forms_carry_a_token(page: Page) -> list[str]:
    forms = [form for form in page.all("form") if form.get("method") == "post"]
    with_token = [field.within("form") for field in page.all("input", name="csrf_token")]
    return [f"the form to {form.get('action')} has no token" for form in forms if form not in with_token]


def _cells_bear_the_name_of_their_column(page: Page) -> list[str]:
    """Find cells that a narrow screen, where rows are blocks, shows without what stands at the head of their column.

    What leads a row's own heading needs none, nor what has no visible name at the head, nor what is empty.
    """
    labels = {label.parent: label.text for label in page.elements if "lab" in label.classes}
    hidden = {element.parent for element in page.elements if element.tag == "span" and "vh" in element.classes}
    faults = []
    for table in page.all("table"):
        heads = [head for head in page.all("th", scope="col") if head.within("table") is table]
        for row in [row for row in page.all("tr") if row.within("tbody") and row.within("table") is table]:
            cells = [cell for cell in page.elements if cell.parent is row]
            if len(cells) != len(heads):
                continue  # one that spans columns says for itself what it is
            titles = [place for place, cell in enumerate(cells) if cell.tag == "th"]
            for head, cell in list(zip(heads, cells, strict=True))[titles[0] + 1 if titles else 0 :]:
                if cell.text and head not in hidden and labels.get(cell) != head.text:
                    faults.append(f"a cell under {head.text!r} is labelled {labels.get(cell)!r}")
    return faults
