"""Templates as a browser would see their markup, with Jinja's expressions kept as they stand in the source."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

HOTLINE = Path(__file__).parents[2] / "hotline"
FOLDER = HOTLINE / "templates"
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
_COMMENT = re.compile(r"\{#.*?#\}", re.S)
_MACRO = re.compile(r"\{%-?\s*macro\b.*?\{%-?\s*endmacro\s*-?%\}", re.S)
_STATEMENT = re.compile(r"\{%.*?%\}", re.S)
_EXPRESSION = re.compile(r"\{\{.*?\}\}", re.S)
_MARK = re.compile("\ue000(\\d+)\ue001")


@dataclass
class Element:
    """One start tag: its name, its attributes as written, and how many elements it stands in."""

    tag: str
    attrs: dict[str, str]
    depth: int


@dataclass
class Template:
    """One template file."""

    path: Path
    source: str = ""
    elements: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.source = self.path.read_text(encoding="utf-8")
        self.elements = _read(self.source)

    @property
    def name(self) -> str:
        """Its name as Flask knows it."""
        return self.path.relative_to(FOLDER).as_posix()

    @property
    def is_partial(self) -> bool:
        """Whether it is a part of pages."""
        return self.path.name.startswith("_")

    def roots(self) -> list[Element]:
        """Return the elements that stand in no other, macros apart."""
        return [element for element in _read(_MACRO.sub("", self.source)) if element.depth == 0]


def every(folder: str = "") -> list[Template]:
    """Return all HTML templates below `folder`, in order."""
    return [Template(path) for path in sorted((FOLDER / folder).rglob("*.html"))]


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, self.depth))
        self.depth += tag not in VOID

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, self.depth))

    def handle_endtag(self, tag: str) -> None:
        self.depth -= 1


def _read(source: str) -> list[Element]:
    spoken: list[str] = []

    def hide(found: re.Match[str]) -> str:
        spoken.append(found[0])
        return f"\ue000{len(spoken) - 1}\ue001"

    plain = _STATEMENT.sub(" ", _EXPRESSION.sub(hide, _COMMENT.sub("", source)))
    parser = _Parser()
    parser.feed(plain)
    parser.close()
    for element in parser.elements:
        element.attrs = {
            name: _MARK.sub(lambda mark: spoken[int(mark[1])], value) for name, value in element.attrs.items()
        }
    return parser.elements
