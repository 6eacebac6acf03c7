"""The pages that only say something."""

from flask import Blueprint, Response

from hotline.blueprints.public import drawing, feedback, kept, visitor
from hotline.blueprints.public.stencils import Stencil

bp = Blueprint("pages", __name__)


@bp.get("/privacy")
def show_privacy() -> Response:
    """Show what is kept and what is not."""
    read = kept.current()
    return drawing.stock(("privacy", read), lambda: Stencil(drawing.draw("public/privacy.html", kept=read))).answer()


@bp.get("/how-we-work")
def show_how_we_work() -> Response:
    """Show what happens with a report, and what we cannot do."""
    return _show("how_we_work")


@bp.get("/code-of-practice")
def show_code_of_practice() -> Response:
    """Show what INHOPE's code asks of a hotline, and how this one keeps it."""
    read = feedback.current()
    return drawing.stock(("code_of_practice", read.number), lambda: Stencil(_draw_code_of_practice(read))).answer()


@bp.get("/contact")
def show_contact() -> Response:
    """Show which door is whose: everyone, industry, partner hotlines, INHOPE, the press."""
    return _show("contact")


@bp.get("/accessibility")
def show_accessibility() -> Response:
    """Show what works for whom, and what does not yet."""
    return _show("accessibility", visitor.current().accepted)  # its form for the text size says whether it asks


@bp.get("/about")
def show_about() -> Response:
    """Show who runs this, and what the website does and does not do."""
    return _show("about")


@bp.get("/find-link")
def show_find_link() -> Response:
    """Show how to copy a link, app by app."""
    return _show("find_link")


@bp.get("/safety")
def show_safety() -> Response:
    """Show how to leave fewer traces on a phone."""
    return _show("safety")


def _draw_code_of_practice(read: feedback.Reading) -> str:
    return drawing.draw("public/code_of_practice.html", feedback=read, sector=feedback.sector)


def _show(name: str, *seen: object) -> Response:
    return drawing.stock((name, *seen), lambda: Stencil(drawing.draw(f"public/{name}.html"))).answer()
