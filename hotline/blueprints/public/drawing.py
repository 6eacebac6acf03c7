"""Drawing public pages: what every one of them needs, and the stock of those that are drawn only once."""

from collections.abc import Callable
from typing import Any, cast

from flask import current_app, g, render_template, request
from markupsafe import Markup

from hotline import i18n, jurisdiction
from hotline.blueprints.public import style
from hotline.blueprints.public.stencils import Stencil, Stock
from hotline.config import settings

STOCK = "hotline.public_pages"


def draw(template: str, **context: Any) -> str:
    """Draw `template` in the language of this request. `twin` may be given; by default it is this path's twin."""
    lang = i18n.chosen()
    other = i18n.other(lang)
    context.setdefault("twin", f"/{other}{request.path[3:]}")
    return render_template(
        template,
        lang=lang,
        other=other,
        endonyms=i18n.ENDONYMS,
        place=jurisdiction.current(),
        exit_url=settings().exit_url,
        style=Markup(style.sheet()),  # noqa: S704 -- our own file, and the policy header holds its hash
        **context,
    )


def stock(key: object, draw_once: Callable[[], Stencil]) -> Stencil:
    """Return this language's stencil for `key`, drawing it the first time."""
    pages = cast(Stock, current_app.extensions[STOCK])
    return pages.get((g.lang, key), draw_once)
