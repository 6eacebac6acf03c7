"""What every template keeps to: nothing unescaped, nothing inline, no live address, and parts that say who they are."""

import re

import pytest

from tests.structure import markup
from tests.structure.markup import Template

EVERY = markup.every()
DESK = [one for one in EVERY if not one.name.startswith(("public/", "errors/public"))]
PARTIALS = [one for one in markup.every("desk") if one.is_partial]
UNESCAPED = re.compile(r"\|\s*(safe|forceescape)\b|autoescape\s+false|\bMarkup\b")
LEADS_SOMEWHERE = ("href", "src", "action", "formaction", "data", "poster", "srcset", "ping", "manifest")
HTMX_LEADS = ("hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete", "hx-push-url", "hx-replace-url")
OURS = re.compile(r"(true$|#|\?|/desk\b|/\{\{ lang \}\}/|/static/|\{\{ (url_for|asset)\()")
NAMED = re.compile(r"\{\{ (\w[\w.]*) \}\}$")
OURS_BY_NAME = {
    "style_beside": "the style sheet beside the page of an evidence pack, in the same archive",
    "entry.href": "the menu, made by url_for in blueprints/desk/menu.py",
    "back": "the page of a form, made by url_for in blueprints/places.py",
    "trouble.href": "the way out of a fault, made by url_for in blueprints/desk/faults.py",
    "advice.href": "where an answer leads, made by url_for in blueprints/desk/reply_words.py",
    "next_page": "the list's own address, made by url_for in the view",
    "dials": "a telephone number of the directory, in digits (macros/desk.html)",
    "place.hotline_phone.tel_href": "a telephone number of the jurisdiction pack",
}
TITLE = re.compile(r"\{% block title %\}(.*?)\{% endblock %\}", re.S)
SETS = r"\{{% set {name} = (.*?) %\}}"
SAYS_WHO = re.compile(r"([\w.]+)\.(?:name|reach|guardian|visitor)\b")
NAMED_IN_CLEAR = {"person", "recipient", "partner.recipient"}  # one of us, or an office: no store seals those
OF_VICTIMS = re.compile(
    r"macros/cases|desk/(case_\w+|consents|identifications|needs|overrides|plan|referrals|service_providers|victim_cases)/"
)
CUT = re.compile(r"<textarea\b[^>]*\bmaxlength")
INLINE_STYLE = {"public/base.html": "the public style sheet, allowed by its hash"}


def names(templates: list[Template]) -> list[str]:
    return [template.name for template in templates]


def test_there_are_templates_to_look_at() -> None:
    assert len(EVERY) > 10
    assert any(element.attrs.get("href") for template in EVERY for element in template.elements)


@pytest.mark.parametrize("template", EVERY, ids=names(EVERY))
def test_nothing_is_marked_safe(template: Template) -> None:
    assert UNESCAPED.findall(template.source) == []


@pytest.mark.parametrize("template", EVERY, ids=names(EVERY))
def test_no_style_script_or_handler_stands_in_the_page(template: Template) -> None:
    faults = [
        f"<{element.tag} {name}>"
        for element in template.elements
        for name in element.attrs
        if name == "style" or re.match(r"(on|hx-on)", name) or name in {"hx-vals", "hx-vars", "srcdoc"}
    ]
    faults += [f"<{one.tag}>" for one in template.elements if one.tag == "script" and "src" not in one.attrs]
    if template.name not in INLINE_STYLE:
        faults += [f"<{element.tag}>" for element in template.elements if element.tag == "style"]

    assert faults == []


def test_no_title_says_a_sealed_name() -> None:
    """A title stays in the browser's history, and in the name of a file that somebody saves."""
    found = {one.name: SAYS_WHO.findall(_title(one)) for one in DESK}

    assert {name: whose for name, whose in found.items() if set(whose) - NAMED_IN_CLEAR} == {}


def _title(template: Template) -> str:
    """Return what stands in the title, with what is set in the same template put in its place."""
    said = " ".join(TITLE.findall(template.source))
    for name in set(re.findall(r"\b[a-z_]+\b", said)):
        said += " ".join(re.findall(SETS.format(name=name), template.source))
    return said


@pytest.mark.parametrize("template", EVERY, ids=names(EVERY))
def test_no_page_holds_a_picture_frame_or_other_thing_from_elsewhere(template: Template) -> None:
    foreign = {"iframe", "frame", "object", "embed", "video", "audio", "img", "base", "applet", "portal"}

    assert [element.tag for element in template.elements if element.tag in foreign] == []


@pytest.mark.parametrize("template", DESK, ids=names(DESK))
def test_the_desk_leads_nowhere_but_to_itself(template: Template) -> None:
    leads = [
        element.attrs[name]
        for element in template.elements
        for name in LEADS_SOMEWHERE + HTMX_LEADS
        if name in element.attrs
    ]

    assert [lead for lead in leads if not _is_ours(lead, template)] == []


def _is_ours(lead: str, template: Template) -> bool:
    if OURS.match(lead):
        return True
    named = NAMED.match(lead)
    if named is None:
        return False
    name = re.escape(named[1])
    made_here = rf"\{{% set {name} = (url_for\(|[^%]* if [^%]*url_for\()|\{{% with [^%]*\b{name} = url_for\("
    return named[1] in OURS_BY_NAME or bool(re.search(made_here, template.source)) or _is_given(named[1], template)


def _is_given(name: str, template: Template) -> bool:
    """Whether every template that includes this part sets `name` by url_for before it does."""
    givers = [one for one in EVERY if template.is_partial and template.name in one.source and one is not template]
    return bool(givers) and all(re.search(rf"\b{name} = [^%]*url_for\(|\b{name} = \"\"", one.source) for one in givers)


def test_no_browser_cuts_what_is_written_of_a_child() -> None:
    """What is too long comes back whole, with what is wrong with it; `maxlength` silently cuts what is pasted."""
    found = {one.name: bool(CUT.search(one.source)) for one in EVERY if OF_VICTIMS.match(one.name)}

    assert len(found) > 40
    assert [name for name, is_cut in found.items() if is_cut] == []


@pytest.mark.parametrize("partial", PARTIALS, ids=names(PARTIALS))
def test_a_part_begins_by_saying_what_it_needs_and_who_it_is(partial: Template) -> None:
    begin, _, _ = partial.source.partition("#}")

    assert begin.startswith("{# ")
    assert "Needs:" in begin
    assert f"({partial.name})" in begin


@pytest.mark.parametrize("partial", PARTIALS, ids=names(PARTIALS))
def test_a_part_has_one_root_that_can_be_swapped(partial: Template) -> None:
    roots = partial.roots()

    assert len({root.attrs.get("id") for root in roots}) == 1, [(root.tag, root.attrs.get("id")) for root in roots]
    assert roots[0].attrs.get("id")
