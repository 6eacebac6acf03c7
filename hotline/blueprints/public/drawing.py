"""Drawing public pages: what every one of them needs, and the stock of those that are drawn only once."""

from collections.abc import Callable
from typing import Any, cast

from flask import current_app, g, render_template, request
from markupsafe import Markup

from hotline import i18n, jurisdiction
from hotline.blueprints.public import style, visitor
from hotline.blueprints.public.stencils import Stencil, Stock
from hotline.config import settings

STOCK = "hotline.public_pages"


def draw(template: str, **context: Any) -> str:
    """Draw `template` in the language of this request.

    `twin` (this page in the other language) and `back` (where a choice made on it leads back to) may be given; by
    default they are this path's.
    """
    lang = i18n.chosen()
    other = i18n.other(lang)
    context.setdefault("twin", f"/{other}{request.path[3:]}")
    context.setdefault("back", request.path)
    somebody = visitor.current()
    return render_template(
        template,
        lang=lang,
        other=other,
        endonyms=i18n.ENDONYMS,
        place=jurisdiction.current(),
        exit_url=settings().exit_url,
        visitor=somebody,
        asks=visitor.is_asked(somebody),
        style=Markup(style.sheet()),  # noqa: S704 -- our own file, and the policy header holds its hash
        **context,
    )


def stock(key: object, draw_once: Callable[[], Stencil]) -> Stencil:
    """Return the stencil for `key` in this language and as this visitor sees it, drawing it the first time.

    That makes at most four of each page and language: with the cookie notice, and without it in three text sizes. A
    page that shows more of a visitor's choices has them in its own key.
    """
    pages = cast(Stock, current_app.extensions[STOCK])
    somebody = visitor.current()
    return pages.get((g.lang, key, visitor.is_asked(somebody), somebody.size), draw_once)
